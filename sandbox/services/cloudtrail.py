# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""CloudTrail: what moto has wrong in trails.

What a trail needs: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
and https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudtrail.models import CloudTrailBackend, Trail, cloudtrail_backends
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends

from sandbox import policies
from sandbox.errors import ServiceError
from sandbox.operations import Request, mend, operation
from sandbox.services.kms import key_for_service

_SERVICE = "cloudtrail.amazonaws.com"

_DEFAULT_SELECTOR = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}


@mend(Trail, "__init__")
def new_trail(original: Callable, self: Trail, *args: Any, **kwargs: Any) -> None:
    """A trail records management events, and what it writes to has to let it."""
    original(self, *args, **kwargs)
    self.event_selectors = [_DEFAULT_SELECTOR]
    _check_targets(self)


@mend(Trail, "update")
def update(original: Callable, self: Trail, **changes: Any) -> None:
    """A change that cannot work leaves the trail as it was."""
    before = dict(vars(self))
    original(self, **changes)
    try:
        self.check_bucket_exists()
        self.check_topic_exists()
        _check_targets(self)
    except Exception:
        vars(self).update(before)
        raise


def _check_targets(trail: Trail) -> None:
    _check_bucket(trail)
    _check_log_group(trail)
    if trail.kms_key_id:
        context = {
            "aws:SourceArn": trail.arn,
            "aws:SourceAccount": trail.account_id,
            "kms:EncryptionContext:aws:cloudtrail:arn": trail.arn,
        }
        key = key_for_service(trail.account_id, trail.region_name, trail.kms_key_id, _SERVICE, context)
        if key is None:
            message = f"Insufficient permissions to access S3 bucket {trail.bucket_name} or KMS key {trail.kms_key_id}."
            raise ServiceError("InsufficientEncryptionPolicyException", message)
        trail.kms_key_id = key.arn


def _check_bucket(trail: Trail) -> None:
    bucket = s3_backends[trail.account_id][trail.partition].get_bucket(trail.bucket_name)
    prefix = f"{trail.s3_key_prefix}/" if trail.s3_key_prefix else ""
    context = {
        "aws:SourceArn": trail.arn,
        "aws:SourceAccount": trail.account_id,
        "s3:x-amz-acl": "bucket-owner-full-control",
    }
    needed = {
        "s3:GetBucketAcl": bucket.arn,
        "s3:PutObject": f"{bucket.arn}/{prefix}AWSLogs/{trail.account_id}/CloudTrail/x",
    }
    if not all(policies.allows(bucket.policy, _SERVICE, action, arn, context) for action, arn in needed.items()):
        message = f"Incorrect S3 bucket policy is detected for bucket: {trail.bucket_name}"
        raise ServiceError("InsufficientS3BucketPolicyException", message)


def _check_log_group(trail: Trail) -> None:
    if not trail.cw_log_group_arn and not trail.cw_role_arn:
        return
    group = (trail.cw_log_group_arn or "").removesuffix(":*").rpartition(":log-group:")[2]
    if group not in logs_backends[trail.account_id][trail.region_name].groups:
        message = "CloudTrail cannot validate the specified log group ARN."
        raise ServiceError("InvalidCloudWatchLogsLogGroupArnException", message)
    roles = iam_backends[trail.account_id][trail.partition].roles.values()
    if not any(role.arn == trail.cw_role_arn for role in roles):
        message = "CloudTrail cannot validate the specified role ARN."
        raise ServiceError("InvalidCloudWatchLogsRoleArnException", message)


@mend(CloudTrailBackend, "create_trail")
def create_trail(original: Callable, self: CloudTrailBackend, name: str, *args: Any, **kwargs: Any) -> Trail:
    """A name is taken once."""
    if name in self.trails:
        raise ServiceError(
            "TrailAlreadyExistsException", f"Trail {name} already exists for customer: {self.account_id}"
        )
    return original(self, name, *args, **kwargs)


@mend(CloudTrailBackend, "get_trail")
def get_trail(original: Callable, self: CloudTrailBackend, name_or_arn: str) -> Trail:
    """An ARN names a trail of another region too."""
    if name_or_arn.startswith("arn:"):
        home = name_or_arn.split(":")[3]
        return original(cloudtrail_backends[self.account_id][home], name_or_arn)
    return original(self, name_or_arn)


@mend(CloudTrailBackend, "delete_trail")
def delete_trail(original: Callable, self: CloudTrailBackend, name: str) -> None:
    """An ARN will do, a trail that is not there is an error, and its tags go with it."""
    trail = self.get_trail(name)
    if trail.region_name != self.region_name:
        message = f"Trail {trail.arn} can only be changed in its home region, {trail.region_name}."
        raise ServiceError("InvalidHomeRegionException", message)
    original(self, trail.trail_name)
    self.tagging_service.delete_all_tags_for_resource(trail.arn)


@mend(Trail, "description")
def description(original: Callable, self: Trail, include_region: bool = False) -> dict[str, Any]:
    """Where the home region is told, so is whether there are selectors; elsewhere it is not."""
    told = original(self, include_region)
    flags = {
        "HasCustomEventSelectors": self.event_selectors != [_DEFAULT_SELECTOR],
        "HasInsightSelectors": bool(self.insight_selectors),
    }
    return {**told, **flags} if include_region else {name: told[name] for name in told if name not in flags}


@operation("cloudtrail", "GetTrail", instead_of_moto="It leaves out the home region.")
def describe_trail(request: Request) -> dict[str, Any]:
    return {"Trail": request.backend.get_trail(request.params["Name"]).description(include_region=True)}


# Selectors: of event selectors and advanced ones the last given are in force.


@mend(Trail, "put_event_selectors")
def put_event_selectors(original: Callable, self: Trail, event_selectors: Any, advanced_event_selectors: Any) -> None:
    self.event_selectors = event_selectors or []
    self.advanced_event_selectors = advanced_event_selectors or []


@mend(Trail, "put_insight_selectors")
def put_insight_selectors(original: Callable, self: Trail, insight_selectors: list[dict[str, str]]) -> None:
    self.insight_selectors = insight_selectors


def _trail(request: Request) -> Trail:
    return request.backend.get_trail(request.params["TrailName"])


@operation("cloudtrail", "GetEventSelectors", instead_of_moto="It answers both kinds of selectors, one of them empty.")
def get_event_selectors(request: Request) -> dict[str, Any]:
    trail = _trail(request)
    kinds = {"EventSelectors": trail.event_selectors, "AdvancedEventSelectors": trail.advanced_event_selectors}
    return {"TrailARN": trail.arn, **{name: selectors for name, selectors in kinds.items() if selectors}}


@operation("cloudtrail", "GetInsightSelectors", instead_of_moto="It has no error for a trail without.")
def get_insight_selectors(request: Request) -> dict[str, Any]:
    trail = _trail(request)
    if not trail.insight_selectors:
        message = f"Trail {trail.arn} does not have Insights enabled."
        raise ServiceError("InsightNotEnabledException", message)
    return {"TrailARN": trail.arn, "InsightSelectors": trail.insight_selectors}
