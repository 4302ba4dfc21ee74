# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Security Hub: its settings, standards with their controls, and aggregation, which moto lacks.

It checks nothing: there are never findings of its own. Of the standards and of their controls it knows some:
https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from moto.config.models import config_backends

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import Request, after_moto, operation

_FSBP = "aws-foundational-security-best-practices/v/1.0.0"
_CIS = tuple(f"cis-aws-foundations-benchmark/v/{version}" for version in ("1.4.0", "3.0.0", "5.0.0"))
_BY_DEFAULT = {_FSBP}
# Controls, with the standards that have them.
_CONTROLS = {
    "EC2.2": ("VPC default security groups should not allow inbound or outbound traffic", (_FSBP, *_CIS)),
    "EC2.8": ("EC2 instances should use Instance Metadata Service Version 2 (IMDSv2)", (_FSBP, *_CIS[1:])),
    "IAM.4": ("IAM root user access key should not exist", (_FSBP, *_CIS)),
    "IAM.6": ("Hardware MFA should be enabled for the root user", (_FSBP, *_CIS)),
    "Lambda.1": ("Lambda function policies should prohibit public access", (_FSBP,)),
    "S3.8": ("S3 general purpose buckets should block public access", (_FSBP, *_CIS[1:])),
    "S3.20": ("S3 general purpose buckets should have MFA delete enabled", _CIS),
}
_LARGEST_BATCH = 100
_MODES = ("ALL_REGIONS", "ALL_REGIONS_EXCEPT_SPECIFIED", "SPECIFIED_REGIONS", "NO_REGIONS")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _hub(request: Request) -> dict[str, Any]:
    """What we keep of the hub; it has to be on."""
    if not request.backend.enabled:
        message = f"Account {request.account} is not subscribed to AWS Security Hub"
        raise ServiceError("InvalidAccessException", message, Code="InvalidAccessException")
    return request.state.setdefault("hub", {"standards": {}, "associations": {}, "tags": {}})


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidInputException", message, Code="InvalidInputException")


def _missing(message: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", message, Code="ResourceNotFoundException")


# The hub


@operation("securityhub", "EnableSecurityHub", instead_of_moto="moto lets it be enabled twice, and knows no settings")
def enable_security_hub(request: Request) -> dict[str, Any]:
    backend, params = request.backend, request.params
    if backend.enabled:
        raise ServiceError("ResourceConflictException", "Account is already subscribed to Security Hub")
    backend.enable_security_hub(enable_default_standards=False, tags={})
    request.state.pop("hub", None)
    hub = _hub(request)
    hub["tags"] = params.get("Tags", {})
    hub["AutoEnableControls"] = True
    hub["ControlFindingGenerator"] = params.get("ControlFindingGenerator", "SECURITY_CONTROL")
    if params.get("EnableDefaultStandards", True):
        for standard in sorted(_BY_DEFAULT):
            _subscribe(request, _standard_arn(request, standard), {})
    return {}


def _hub_arn(request: Request) -> str:
    return f"arn:{request.partition}:securityhub:{request.region}:{request.account}:hub/default"


@operation("securityhub", "DescribeHub", instead_of_moto="moto does not tell of settings that were changed")
def describe_hub(request: Request) -> dict[str, Any]:
    hub = _hub(request)
    settings = ("AutoEnableControls", "ControlFindingGenerator")
    subscribed = f"{request.backend.enabled_at}"
    return {"HubArn": _hub_arn(request), "SubscribedAt": subscribed, **{name: hub[name] for name in settings}}


@operation("securityhub", "UpdateSecurityHubConfiguration")
def update_security_hub_configuration(request: Request) -> dict[str, Any]:
    _hub(request).update(request.params)
    return {}


@after_moto("securityhub", "DisableSecurityHub")
def disable_security_hub(request: Request) -> None:
    request.state.pop("hub", None)
    aggregator = request.global_state.get("aggregator")
    if aggregator and aggregator["FindingAggregationRegion"] == request.region:
        del request.global_state["aggregator"]


def _tags(request: Request) -> dict[str, str]:
    if request.params["ResourceArn"] != _hub_arn(request):
        raise _missing(f"No resource found for specified ARN {request.params['ResourceArn']}")
    return _hub(request)["tags"]


@operation("securityhub", "ListTagsForResource")
def list_tags_for_resource(request: Request) -> dict[str, Any]:
    return {"Tags": _tags(request)}


@operation("securityhub", "TagResource")
def tag_resource(request: Request) -> dict[str, Any]:
    _tags(request).update(request.params["Tags"])
    return {}


@operation("securityhub", "UntagResource")
def untag_resource(request: Request) -> dict[str, Any]:
    for key in request.params["TagKeys"]:
        _tags(request).pop(key, None)
    return {}


# Standards


def _standard_arn(request: Request, standard: str) -> str:
    return f"arn:{request.partition}:securityhub:{request.region}::standards/{standard}"


@operation("securityhub", "DescribeStandards")
def describe_standards(request: Request) -> dict[str, Any]:
    return {
        "Standards": [
            {"StandardsArn": _standard_arn(request, standard), "Name": standard, "EnabledByDefault": by_default}
            for standard, by_default in ((each, each in _BY_DEFAULT) for each in (_FSBP, *_CIS))
        ]
    }


def _records(request: Request) -> bool:
    recorders = config_backends[request.account][request.region].recorders.values()
    return any(recorder.status.recording for recorder in recorders)


def _subscribe(request: Request, arn: str, given: dict[str, str]) -> dict[str, Any]:
    name = arn.partition(":standards/")[2]
    if name not in (_FSBP, *_CIS) or arn != _standard_arn(request, name):
        raise _invalid(f"Invalid parameter 'StandardsArn': {arn}")
    standards = _hub(request)["standards"]
    subscription = f"arn:{request.partition}:securityhub:{request.region}:{request.account}:subscription/{name}"
    if name in standards and standards[name]["StandardsStatus"] == "DELETING":
        raise _invalid(f"The standard {arn} is being disabled.")
    if name not in standards:
        standards[name] = standard = {
            "StandardsArn": arn,
            "StandardsSubscriptionArn": subscription,
            "StandardsInput": given,
            "StandardsStatus": "PENDING",
            "StandardsControlsUpdatable": "NOT_READY_FOR_UPDATES",
        }
        CLOCK.later("security_standard.subscription", lambda: _subscribed(request, standard))
    return dict(standards[name])


def _subscribed(request: Request, standard: dict[str, Any]) -> None:
    if standard["StandardsStatus"] != "PENDING":
        return
    standard["StandardsControlsUpdatable"] = "READY_FOR_UPDATES"
    if _records(request):
        standard["StandardsStatus"] = "READY"
    else:
        standard["StandardsStatus"] = "INCOMPLETE"
        standard["StandardsStatusReason"] = {"StatusReasonCode": "NO_AVAILABLE_CONFIGURATION_RECORDER"}


@operation("securityhub", "GetEnabledStandards")
def get_enabled_standards(request: Request) -> dict[str, Any]:
    wanted = request.params.get("StandardsSubscriptionArns")
    standards = _hub(request)["standards"].values()
    return {
        "StandardsSubscriptions": [
            each for each in standards if not wanted or each["StandardsSubscriptionArn"] in wanted
        ]
    }


@operation("securityhub", "BatchEnableStandards")
def batch_enable_standards(request: Request) -> dict[str, Any]:
    _hub(request)
    wanted = request.params["StandardsSubscriptionRequests"]
    made = [_subscribe(request, each["StandardsArn"], each.get("StandardsInput", {})) for each in wanted]
    return {"StandardsSubscriptions": made}


@operation("securityhub", "BatchDisableStandards")
def batch_disable_standards(request: Request) -> dict[str, Any]:
    hub = _hub(request)
    standards = hub["standards"]
    gone = []
    for arn in request.params["StandardsSubscriptionArns"]:
        name = arn.partition(":subscription/")[2]
        if name not in standards:
            raise _invalid(f"Invalid parameter 'StandardsSubscriptionArns': {arn}")
        standard = standards[name]
        standard["StandardsStatus"] = "DELETING"
        gone.append(dict(standard))
        CLOCK.linger(standards, name, standard, "security_standard.removal")
        for key in [key for key in hub["associations"] if key[1] == standard["StandardsArn"]]:
            del hub["associations"][key]
    return {"StandardsSubscriptions": gone}


# Controls


def _has(request: Request, control: str, arn: str) -> bool:
    name = arn.partition(":standards/")[2]
    enabled = _hub(request)["standards"].get(name, {}).get("StandardsStatus") not in (None, "DELETING")
    return enabled and control in _CONTROLS and name in _CONTROLS[control][1]


def _association(request: Request, control: str, arn: str) -> dict[str, Any]:
    set_by_us = _hub(request)["associations"].get((control, arn), {"AssociationStatus": "ENABLED"})
    return {
        "StandardsArn": arn,
        "SecurityControlId": control,
        "SecurityControlArn": (
            f"arn:{request.partition}:securityhub:{request.region}:{request.account}:security-control/{control}"
        ),
        "StandardsControlTitle": _CONTROLS[control][0],
        **set_by_us,
    }


@operation("securityhub", "ListSecurityControlDefinitions")
def list_security_control_definitions(request: Request) -> dict[str, Any]:
    arn = request.params.get("StandardsArn", "")
    name = arn.partition(":standards/")[2]
    return {
        "SecurityControlDefinitions": [
            {
                "SecurityControlId": control,
                "Title": title,
                "Description": title,
                "RemediationUrl": f"https://docs.aws.amazon.com/console/securityhub/{control}/remediation",
                "SeverityRating": "HIGH",
                "CurrentRegionAvailability": "AVAILABLE",
            }
            for control, (title, standards) in _CONTROLS.items()
            if not arn or name in standards
        ]
    }


@operation("securityhub", "BatchGetStandardsControlAssociations")
def batch_get_standards_control_associations(request: Request) -> dict[str, Any]:
    _hub(request)
    wanted = request.params["StandardsControlAssociationIds"]
    if len(wanted) > _LARGEST_BATCH:
        raise _invalid("Invalid parameter 'StandardsControlAssociationIds'.")
    found, missing = [], []
    for each in wanted:
        control, arn = each["SecurityControlId"], each["StandardsArn"]
        if _has(request, control, arn):
            found.append(_association(request, control, arn))
        else:
            reason = f"The control {control} is not part of the standard {arn}"
            missing.append(
                {"StandardsControlAssociationId": each, "ErrorCode": "RESOURCE_NOT_FOUND", "ErrorReason": reason}
            )
    return {"StandardsControlAssociationDetails": found, "UnprocessedAssociations": missing}


@operation("securityhub", "BatchUpdateStandardsControlAssociations")
def batch_update_standards_control_associations(request: Request) -> dict[str, Any]:
    hub = _hub(request)
    updates = request.params["StandardsControlAssociationUpdates"]
    if len(updates) > _LARGEST_BATCH:
        raise _invalid("Invalid parameter 'StandardsControlAssociationUpdates'.")
    refused = []
    for update in updates:
        control, arn, status = update["SecurityControlId"], update["StandardsArn"], update["AssociationStatus"]
        reason = update.get("UpdatedReason")
        if not _has(request, control, arn) or (status == "DISABLED" and not reason):
            code = "INVALID_INPUT" if _has(request, control, arn) else "RESOURCE_NOT_FOUND"
            refused.append({"StandardsControlAssociationUpdate": update, "ErrorCode": code})
            continue
        hub["associations"][control, arn] = {"AssociationStatus": status, "UpdatedAt": _now()}
        if reason:
            hub["associations"][control, arn]["UpdatedReason"] = reason
    return {"UnprocessedAssociationUpdates": refused}


# Aggregation, of which an account has one. Its members are kept with what is the account's whatever the region.


def _aggregator(request: Request) -> dict[str, Any]:
    found = request.global_state.get("aggregator")
    if not found or found["FindingAggregatorArn"] != request.params["FindingAggregatorArn"]:
        raise _missing("The finding aggregator does not exist.")
    return found


def _at_home(request: Request) -> dict[str, Any]:
    found = _aggregator(request)
    if found["FindingAggregationRegion"] != request.region:
        message = "The finding aggregator can only be changed in its aggregation Region."
        raise ServiceError("InvalidAccessException", message, Code="InvalidAccessException")
    return found


def _linking(request: Request) -> dict[str, Any]:
    mode, regions = request.params["RegionLinkingMode"], request.params.get("Regions", [])
    named = mode in ("SPECIFIED_REGIONS", "ALL_REGIONS_EXCEPT_SPECIFIED")
    if named != bool(regions) or request.region in regions or mode not in _MODES:
        raise _invalid(f"Invalid RegionLinkingMode {mode} with Regions {regions}.")
    return {"RegionLinkingMode": mode, "Regions": regions}


@operation("securityhub", "CreateFindingAggregator")
def create_finding_aggregator(request: Request) -> dict[str, Any]:
    _hub(request)
    if "aggregator" in request.global_state:
        raise _invalid("A finding aggregator already exists.")
    arn = f"arn:{request.partition}:securityhub:{request.region}:{request.account}:finding-aggregator/{uuid.uuid4()}"
    request.global_state["aggregator"] = {
        "FindingAggregatorArn": arn,
        "FindingAggregationRegion": request.region,
        **_linking(request),
    }
    return request.global_state["aggregator"]


@operation("securityhub", "ListFindingAggregators")
def list_finding_aggregators(request: Request) -> dict[str, Any]:
    _hub(request)
    found = request.global_state.get("aggregator")
    return {"FindingAggregators": [{"FindingAggregatorArn": found["FindingAggregatorArn"]}] if found else []}


@operation("securityhub", "GetFindingAggregator")
def get_finding_aggregator(request: Request) -> dict[str, Any]:
    _hub(request)
    return _aggregator(request)


@operation("securityhub", "UpdateFindingAggregator")
def update_finding_aggregator(request: Request) -> dict[str, Any]:
    _hub(request)
    aggregator = _at_home(request)
    aggregator.update(_linking(request))
    return aggregator


@operation("securityhub", "DeleteFindingAggregator")
def delete_finding_aggregator(request: Request) -> dict[str, Any]:
    _hub(request)
    _at_home(request)
    del request.global_state["aggregator"]
    return {}
