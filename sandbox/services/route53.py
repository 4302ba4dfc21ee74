# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Route 53: records, health checks with all that they are made of, and query logging that is let in.

https://docs.aws.amazon.com/Route53/latest/APIReference/
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from moto.logs.models import logs_backends
from moto.route53.exceptions import ResourceRecordAlreadyExists
from moto.route53.models import FakeZone, QueryLoggingConfig, Route53Backend

from sandbox import policies
from sandbox.errors import ServiceError
from sandbox.operations import Request, mend, operation

_WHY = "It drops alarms and resets, and forgets regions with every change."
# What an endpoint's check has unless it is told otherwise.
_PORTS = {"HTTP": 80, "HTTP_STR_MATCH": 80, "HTTPS": 443, "HTTPS_STR_MATCH": 443}
_OF_ENDPOINTS = {"RequestInterval": 30, "FailureThreshold": 3, "MeasureLatency": False}
# Each type's own members: https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
_NEEDED = {"CALCULATED": ("ChildHealthChecks", "HealthThreshold"), "CLOUDWATCH_METRIC": ("AlarmIdentifier",)}
_ENDPOINT_ONLY = ("IPAddress", "Port", "ResourcePath", "FullyQualifiedDomainName", "SearchString", "Regions")


def _checks(request: Request) -> dict[str, dict[str, Any]]:
    return request.global_state.setdefault("health_checks", {})


def _check(request: Request) -> dict[str, Any]:
    check_id = request.params["HealthCheckId"]
    if check_id not in _checks(request):
        raise ServiceError("NoSuchHealthCheck", f"A health check with id {check_id} does not exist.")
    return _checks(request)[check_id]


def _refuse(config: dict[str, Any]) -> None:
    kind = config["Type"]
    needed = _NEEDED.get(kind, ())
    missing = [name for name in needed if name not in config]
    if not needed:
        if not config.get("IPAddress") and not config.get("FullyQualifiedDomainName"):
            missing.append("IPAddress or FullyQualifiedDomainName")
        if "Port" not in config:
            missing.append("Port")
        if kind.endswith("_STR_MATCH") and not config.get("SearchString"):
            missing.append("SearchString")
    elif any(name in config for name in _ENDPOINT_ONLY):
        raise ServiceError("InvalidInput", f"Invalid parameter: a {kind} health check has no endpoint.")
    if missing:
        raise ServiceError("InvalidInput", f"Invalid parameter: {kind} requires {', '.join(missing)}")


@operation("route53", "CreateHealthCheck", instead_of_moto=_WHY)
def create_health_check(request: Request) -> dict[str, Any]:
    given, reference = request.params["HealthCheckConfig"], request.params["CallerReference"]
    for check in _checks(request).values():
        if check["CallerReference"] == reference:
            message = "A health check with this caller reference, but other settings, exists already."
            raise ServiceError("HealthCheckAlreadyExists", message)
    kind = given["Type"]
    config = {"Inverted": False, "Disabled": False, **given}
    if kind not in _NEEDED:
        # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_health_check
        config = {**_OF_ENDPOINTS, "EnableSNI": kind == "HTTPS", **config}
        if kind in _PORTS:
            config.setdefault("Port", _PORTS[kind])
    _refuse(config)
    check = {
        "Id": str(uuid.uuid4()),
        "CallerReference": reference,
        "HealthCheckConfig": config,
        "HealthCheckVersion": 1,
    }
    _checks(request)[check["Id"]] = check
    return {
        "HealthCheck": check,
        "Location": f"https://route53.amazonaws.com/2013-04-01/healthcheck/{check['Id']}",
    }


@operation("route53", "UpdateHealthCheck", instead_of_moto=_WHY)
def update_health_check(request: Request) -> dict[str, Any]:
    params = dict(request.params)
    check = _check(request)
    del params["HealthCheckId"]
    version = params.pop("HealthCheckVersion", check["HealthCheckVersion"])
    if version != check["HealthCheckVersion"]:
        message = "The value of HealthCheckVersion in the request is not the current one."
        raise ServiceError("HealthCheckVersionMismatch", message)
    reset = params.pop("ResetElements", [])
    kept = {name: value for name, value in check["HealthCheckConfig"].items() if name not in reset}
    config = {**kept, **params}
    _refuse(config)
    check["HealthCheckConfig"] = config
    check["HealthCheckVersion"] += 1
    return {"HealthCheck": check}


@operation("route53", "GetHealthCheck", instead_of_moto=_WHY)
def get_health_check(request: Request) -> dict[str, Any]:
    return {"HealthCheck": _check(request)}


@operation("route53", "DeleteHealthCheck", instead_of_moto=_WHY)
def delete_health_check(request: Request) -> dict[str, Any]:
    del _checks(request)[_check(request)["Id"]]
    return {}


@operation("route53", "ListHealthChecks", instead_of_moto=_WHY)
def list_health_checks(request: Request) -> dict[str, Any]:
    size, found = int(request.params.get("MaxItems", 100)), sorted(_checks(request))
    marker = request.params.get("Marker", "")
    found = [check_id for check_id in found if check_id >= marker]
    more = {"NextMarker": found[size]} if len(found) > size else {}
    return {
        "HealthChecks": [_checks(request)[check_id] for check_id in found[:size]],
        "Marker": marker,
        "IsTruncated": bool(more),
        "MaxItems": str(size),
        **more,
    }


# Query logging: https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateQueryLoggingConfig.html


@operation(
    "route53", "CreateQueryLoggingConfig", instead_of_moto="It looks at no policy, and insists on :* at the end."
)
def create_query_logging_config(request: Request) -> Any:
    arn = request.params["CloudWatchLogsLogGroupArn"].removesuffix(":*")
    region = arn.split(":")[3] if arn.startswith("arn:") and arn.count(":") == 6 else None
    if region != "us-east-1":
        raise ServiceError("InvalidInput", "The ARN for the CloudWatch Logs log group is invalid")
    zone = request.backend.get_hosted_zone(request.params["HostedZoneId"])
    logs = logs_backends[request.account][region]
    context = {
        "aws:SourceAccount": request.account,
        "aws:SourceArn": f"arn:{request.partition}:route53:::hostedzone/{zone.id.removeprefix('/hostedzone/')}",
    }
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        if not any(
            policies.allows(policy.policy_document, "route53.amazonaws.com", action, resource, context)
            for policy in logs.resource_policies.values()
            for resource in (arn, f"{arn}:log-stream:example")
        ):
            message = "The resource policy that you're using for Route 53 query logging doesn't grant Route 53"
            message += " sufficient permission to create a log stream in the specified log group."
            raise ServiceError("InsufficientCloudWatchLogsResourcePolicy", message)
    if not any(group.arn.removesuffix(":*") == arn for group in logs.groups.values()):
        message = "The specified CloudWatch Logs log group doesn't exist."
        raise ServiceError("NoSuchCloudWatchLogsLogGroup", message, 404)
    config = request.backend.create_query_logging_config(zone.resource_id, f"{arn}:*")
    config.cloud_watch_logs_log_group_arn = request.params["CloudWatchLogsLogGroupArn"]
    return {"QueryLoggingConfig": _shown(config), "Location": config.location}


@operation("route53", "ListQueryLoggingConfigs", instead_of_moto="It finds no zone, and shows those of all zones.")
def list_query_logging_configs(request: Request) -> dict[str, Any]:
    found = list(request.backend.query_logging_configs.values())
    if "HostedZoneId" in request.params:
        zone = request.backend.get_hosted_zone(request.params["HostedZoneId"])
        found = [config for config in found if config.hosted_zone_id == zone.resource_id]
    start, size = int(request.params.get("NextToken", 0)), int(request.params.get("MaxResults", 100))
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {"QueryLoggingConfigs": [_shown(config) for config in found[start : start + size]], **more}


def _shown(config: QueryLoggingConfig) -> dict[str, str]:
    return {
        "Id": config.id,
        "HostedZoneId": config.hosted_zone_id.removeprefix("/hostedzone/"),
        "CloudWatchLogsLogGroupArn": config.cloud_watch_logs_log_group_arn,
    }


# Records: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html


@mend(Route53Backend, "change_resource_record_sets")
def change_resource_record_sets(
    original: Callable, self: Route53Backend, zoneid: str, change_list: list[dict[str, Any]]
) -> None:
    """moto refuses to create what was created before, if any record at all comes after it, and nothing else."""
    zone = self.get_hosted_zone(zoneid)
    for change in change_list:
        if change["Action"] == "CREATE":
            record = change["ResourceRecordSet"]
            if _is_there(zone, record):
                raise ResourceRecordAlreadyExists(name=f"{record['Name'].rstrip('.')}.", _type=record["Type"])
            while change in zone.rr_changes:
                zone.rr_changes.remove(change)
    original(self, zoneid, change_list)


def _is_there(zone: FakeZone, record: dict[str, Any]) -> bool:
    wanted = record["Name"].rstrip("."), record["Type"], record.get("SetIdentifier")
    return any((found.name.rstrip("."), found.type, found.set_identifier) == wanted for found in zone.rrsets)
