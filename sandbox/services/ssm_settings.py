# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Service settings of Systems Manager, with their defaults.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetServiceSetting.html
"""

from __future__ import annotations

import datetime
from typing import Any

from sandbox.errors import ServiceError
from sandbox.operations import Request, operation

_NONE = "$None"
_DEFAULTS = {
    "/ssm/appmanager/appmanager-enabled": "True",
    "/ssm/automation/customer-script-log-destination": _NONE,
    "/ssm/automation/customer-script-log-group-name": "/aws/ssm/automation/executeScript",
    "/ssm/documents/console/public-sharing-permission": "Enable",
    "/ssm/managed-instance/activation-tier": "standard",
    "/ssm/managed-instance/default-ec2-instance-management-role": _NONE,
    "/ssm/opsinsights/opscenter": "Disabled",
    "/ssm/parameter-store/default-parameter-tier": "Standard",
    "/ssm/parameter-store/high-throughput-enabled": "false",
}


def _id(request: Request) -> str:
    """The ID of a setting, which may be told as an ARN."""
    told = request.params["SettingId"]
    setting_id = "/" + told.partition(":servicesetting/")[2] if told.startswith("arn:") else told
    if setting_id not in _DEFAULTS:
        raise ServiceError("ServiceSettingNotFound", f"Service setting {told} is not found.")
    return setting_id


def _setting(request: Request) -> dict[str, Any]:
    setting_id = _id(request)
    chosen = request.state.get("settings", {}).get(setting_id)
    value, when = chosen or (_DEFAULTS[setting_id], datetime.datetime.fromtimestamp(0, datetime.UTC))
    return {
        "SettingId": setting_id,
        "SettingValue": value,
        "LastModifiedDate": when,
        "LastModifiedUser": f"arn:{request.partition}:iam::{request.account}:root" if chosen else "System",
        "ARN": f"arn:{request.partition}:ssm:{request.region}:{request.account}:servicesetting{setting_id}",
        "Status": "Customized" if chosen else "Default",
    }


@operation("ssm", "GetServiceSetting")
def get_service_setting(request: Request) -> dict[str, Any]:
    return {"ServiceSetting": _setting(request)}


@operation("ssm", "UpdateServiceSetting")
def update_service_setting(request: Request) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC)
    request.state.setdefault("settings", {})[_id(request)] = (request.params["SettingValue"], now)
    return {}


@operation("ssm", "ResetServiceSetting")
def reset_service_setting(request: Request) -> dict[str, Any]:
    request.state.get("settings", {}).pop(_id(request), None)
    return {"ServiceSetting": _setting(request)}
