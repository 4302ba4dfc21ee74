# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""GuardDuty: features of a detector, which moto keeps as they were sent, and where findings are exported to, and tags.

https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from moto.guardduty.models import Detector
from moto.s3.models import s3_backends

from sandbox import policies
from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import Request, operation
from sandbox.services.kms import key_for_service

_SERVICE = "guardduty.amazonaws.com"
_FOUNDATION = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
# The optional features, with what can be configured of them besides. Runtime monitoring alone is off in a new detector.
_FEATURES: dict[str, tuple[str, ...]] = {
    "S3_DATA_EVENTS": (),
    "EKS_AUDIT_LOGS": (),
    "EBS_MALWARE_PROTECTION": (),
    "RDS_LOGIN_EVENTS": (),
    "EKS_RUNTIME_MONITORING": ("EKS_ADDON_MANAGEMENT",),
    "LAMBDA_NETWORK_LOGS": (),
    "RUNTIME_MONITORING": ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"),
}
_OFF_AT_FIRST = ("RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _bad(message: str) -> ServiceError:
    return ServiceError("BadRequestException", message, Type="InvalidInputException")


def _invalid() -> ServiceError:
    return _bad("The request is rejected because an invalid or out-of-range value is specified as an input parameter.")


# Detectors


def _detector(request: Request) -> Detector:
    try:
        return request.backend.detectors[request.params["DetectorId"]]
    except KeyError:
        message = "The request is rejected because the input detectorId is not owned by the current account."
        raise _bad(message) from None


def _feature(name: str) -> dict[str, Any]:
    feature: dict[str, Any] = {"Name": name, "Status": "DISABLED" if name in _OFF_AT_FIRST else "ENABLED"}
    feature["UpdatedAt"] = _now()
    if _FEATURES.get(name):
        feature["AdditionalConfiguration"] = [
            {"Name": more, "Status": "DISABLED", "UpdatedAt": _now()} for more in _FEATURES[name]
        ]
    return feature


def _configure(detector: Detector, told: list[dict[str, Any]]) -> None:
    """Change the features that are told of, and leave the others."""
    names = {each.get("Name") for each in told}
    if not names <= _FEATURES.keys() or names >= set(_OFF_AT_FIRST):
        raise _invalid()
    known = {feature["Name"]: feature for feature in detector.features}
    for each in told:
        feature = known[each["Name"]]
        feature.update(Status=each["Status"], UpdatedAt=_now())
        more = {one["Name"]: one for one in feature.get("AdditionalConfiguration", [])}
        for one in each.get("AdditionalConfiguration", []):
            if one["Name"] not in more:
                raise _invalid()
            more[one["Name"]].update(Status=one["Status"], UpdatedAt=_now())


@operation("guardduty", "CreateDetector", instead_of_moto="moto lets an account have many, and knows no features")
def create_detector(request: Request) -> dict[str, Any]:
    backend, params = request.backend, request.params
    if backend.detectors:
        raise _bad("The request is rejected because a detector already exists for the current account.")
    names = [*_FOUNDATION, *_FEATURES]
    frequency = params.get("FindingPublishingFrequency", "SIX_HOURS")
    detector = Detector(
        account_id=request.account,
        region_name=request.region,
        created_at=_now(),
        finding_publish_freq=frequency,
        enabled=params["Enable"],
        datasources={},
        tags=params.get("Tags", {}),
        features=[_feature(name) for name in names],
    )
    _configure(detector, params.get("Features", []))
    backend.detectors[detector.id] = detector
    return {"DetectorId": detector.id}


@operation("guardduty", "GetDetector", instead_of_moto="moto shows the features as they were sent")
def get_detector(request: Request) -> dict[str, Any]:
    detector = _detector(request)
    return {
        "CreatedAt": f"{detector.created_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "FindingPublishingFrequency": detector.finding_publish_freq,
        "ServiceRole": detector.service_role,
        "Status": "ENABLED" if detector.enabled else "DISABLED",
        "UpdatedAt": f"{detector.updated_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "Tags": detector.tags,
        "Features": detector.features,
    }


@operation("guardduty", "UpdateDetector", instead_of_moto="moto forgets the features that it is not told of")
def update_detector(request: Request) -> dict[str, Any]:
    detector, params = _detector(request), request.params
    _configure(detector, params.get("Features", []))
    detector.update(params.get("Enable"), params.get("FindingPublishingFrequency"), None, None)
    detector.updated_at = _now()
    return {}


@operation("guardduty", "DeleteDetector", instead_of_moto="moto deletes what is not there, and no destination with it")
def delete_detector(request: Request) -> dict[str, Any]:
    detector = _detector(request)
    del request.backend.detectors[detector.id]
    request.state.pop(detector.id, None)
    return {}


# Tags


def _tags(request: Request) -> dict[str, str]:
    kind, _, name = request.params["ResourceArn"].split(":", 5)[-1].partition("/")
    if kind != "detector" or name not in request.backend.detectors:
        raise _invalid()
    return request.backend.detectors[name].tags


@operation("guardduty", "ListTagsForResource")
def list_tags_for_resource(request: Request) -> dict[str, Any]:
    return {"Tags": _tags(request)}


@operation("guardduty", "TagResource")
def tag_resource(request: Request) -> dict[str, Any]:
    _tags(request).update(request.params["Tags"])
    return {}


@operation("guardduty", "UntagResource")
def untag_resource(request: Request) -> dict[str, Any]:
    for key in request.params["TagKeys"]:
        _tags(request).pop(key, None)
    return {}


# Where findings are exported to


def _destinations(request: Request) -> dict[str, dict[str, Any]]:
    return request.state.setdefault(_detector(request).id, {})


def _destination(request: Request) -> dict[str, Any]:
    try:
        return _destinations(request)[request.params["DestinationId"]]
    except KeyError:
        message = "The request is rejected because the one or more input parameters have invalid values."
        raise _bad(message) from None


def _check(request: Request, properties: dict[str, Any]) -> None:
    """The bucket and the key have to let GuardDuty, and a prefix has to be there as a folder.

    https://github.com/aws/aws-cli/issues/10483
    """
    name, _, prefix = properties.get("DestinationArn", "").rpartition(":")[2].partition("/")
    bucket = s3_backends[request.account][request.partition].buckets.get(name)
    if bucket is None:
        raise _bad("The request failed because the resource specified in the destinationArn parameter does not exist.")
    prefix = f"{prefix.rstrip('/')}/" if prefix else ""
    if prefix and prefix not in bucket.keys:
        raise _bad("The request failed because the resource folder does not exist.")
    detector = f"arn:{request.partition}:guardduty:{request.region}:{request.account}:detector/"
    context = {"aws:SourceArn": detector + request.params["DetectorId"], "aws:SourceAccount": request.account}
    # It tries with an object of its own right there.
    needed = {"s3:GetBucketLocation": bucket.arn, "s3:PutObject": f"{bucket.arn}/{prefix}x"}
    allowed = all(policies.allows(bucket.policy, _SERVICE, action, arn, context) for action, arn in needed.items())
    key = properties.get("KmsKeyArn", "")
    if not allowed or not key_for_service(request.account, request.region, key, _SERVICE, context):
        raise _bad(
            "The request failed because the GuardDuty service principal does not have permission to the KMS key or the "
            "resource specified by the destinationArn parameter."
        )


@operation("guardduty", "CreatePublishingDestination")
def create_publishing_destination(request: Request) -> dict[str, Any]:
    destinations, properties = _destinations(request), request.params["DestinationProperties"]
    if destinations:
        raise _bad("The request is rejected because a publishing destination already exists.")
    _check(request, properties)
    identifier = uuid.uuid4().hex
    destinations[identifier] = destination = {
        "DestinationId": identifier,
        "DestinationType": request.params["DestinationType"],
        "DestinationProperties": properties,
        "PublishingFailureStartTimestamp": 0,
        "Status": "PENDING_VERIFICATION",
    }
    CLOCK.later("publishing_destination.verification", lambda: destination.update(Status="PUBLISHING"))
    return {"DestinationId": identifier}


@operation("guardduty", "DescribePublishingDestination")
def describe_publishing_destination(request: Request) -> dict[str, Any]:
    return _destination(request)


@operation("guardduty", "ListPublishingDestinations")
def list_publishing_destinations(request: Request) -> dict[str, Any]:
    members = ("DestinationId", "DestinationType", "Status")
    return {
        "Destinations": [{name: each[name] for name in members} for each in _destinations(request).values()],
    }


@operation("guardduty", "UpdatePublishingDestination")
def update_publishing_destination(request: Request) -> dict[str, Any]:
    destination = _destination(request)
    properties = {**destination["DestinationProperties"], **request.params.get("DestinationProperties", {})}
    _check(request, properties)
    destination["DestinationProperties"] = properties
    return {}


@operation("guardduty", "DeletePublishingDestination")
def delete_publishing_destination(request: Request) -> dict[str, Any]:
    del _destinations(request)[_destination(request)["DestinationId"]]
    return {}
