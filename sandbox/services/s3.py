# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""S3: what moto lacks, drops or has wrong in the configuration of a bucket.

What S3 does stands in the API reference, under the operation that a function here is named after:
https://docs.aws.amazon.com/AmazonS3/latest/API/
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.utils import get_service_model
from moto.s3 import exceptions
from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend, s3_backends
from moto.s3.responses import S3Response
from moto.s3.utils import bucket_policy_is_public

from sandbox import policies
from sandbox.errors import ServiceError
from sandbox.operations import LET_MOTO_ANSWER, Request, after_moto, mend, nobody_has, operation

# moto takes a request for a part of a bucket that it does not know for one for the bucket itself: it would list, make
# or even delete the bucket. These are the parts that it knows.
_KNOWN_PARTS = {
    "accelerate",
    "acl",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "legal-hold",
    "lifecycle",
    "list-type",
    "location",
    "logging",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "restore",
    "retention",
    "select",
    "select-type",
    "tagging",
    "uploads",
    "versioning",
    "versions",
    "website",
}

for _name in get_service_model("s3").operation_names:
    if set(get_service_model("s3").operation_model(_name).http_trait.query_args) - _KNOWN_PARTS:
        nobody_has("s3", _name)


def _expect_owner(bucket: str, owner: str | None) -> None:
    """Refuse a request that expects another owner of the bucket than it has.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    """
    if owner and bucket in s3_backends.bucket_accounts and s3_backends.bucket_accounts[bucket][1] != owner:
        raise ServiceError("AccessDenied", "Access Denied", http_status=403)


@mend(S3Response, "_bucket_response")
def bucket_response(original: Callable, self: S3Response, request: Any, full_url: str) -> Any:
    """moto does not read whose a bucket is expected to be."""
    _expect_owner(self.bucket_name, request.headers.get("x-amz-expected-bucket-owner"))
    return original(self, request, full_url)


@mend(S3Response, "_key_response")
def key_response(original: Callable, self: S3Response, request: Any, full_url: str) -> Any:
    """The same for the requests about objects."""
    _expect_owner(self.bucket_name, request.headers.get("x-amz-expected-bucket-owner"))
    return original(self, request, full_url)


def _bucket(request: Request) -> FakeBucket:
    _expect_owner(request.params["Bucket"], request.params.get("ExpectedBucketOwner"))
    return request.backend.get_bucket(request.params["Bucket"])


def _kept(bucket: FakeBucket) -> dict[str, Any]:
    """What we keep with a bucket, as it was given."""
    return vars(bucket).setdefault("kept_by_sandbox", {})


# A new bucket is encrypted by S3 (since January 2023), blocks public access and has no ACLs (since April 2023).
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html


def _default_encryption() -> dict[str, Any]:
    return {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}}


@mend(FakeBucket, "__init__")
def new_bucket(original: Callable, self: FakeBucket, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.encryption = _default_encryption()
    self.public_access_block = PublicAccessBlock(True, True, True, True)
    self.ownership_rule = "BucketOwnerEnforced"


@mend(S3Backend, "delete_bucket_encryption")
def delete_bucket_encryption(original: Callable, self: S3Backend, bucket_name: str) -> None:
    """Without a configuration of its own a bucket has the default one."""
    self.get_bucket(bucket_name).encryption = _default_encryption()


@mend(S3Backend, "put_bucket_acl")
def put_bucket_acl(original: Callable, self: S3Backend, bucket_name: str, acl: Any) -> None:
    """Where the bucket's owner owns all objects, ACLs are off."""
    if self.get_bucket(bucket_name).ownership_rule == "BucketOwnerEnforced":
        raise ServiceError("AccessControlListNotSupported", "The bucket does not allow ACLs")
    original(self, bucket_name, acl)


# Policies


@mend(S3Backend, "put_bucket_policy")
def put_bucket_policy(original: Callable, self: S3Backend, bucket_name: str, policy: bytes) -> None:
    """A policy has to be JSON about this bucket, and must not be public where public policies are blocked.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    bucket = self.get_bucket(bucket_name)
    try:
        statements = json.loads(policy)["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        raise ServiceError("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'") from error
    for statement in statements if isinstance(statements, list) else [statements]:
        resources = statement.get("Resource", bucket.arn)
        for resource in resources if isinstance(resources, list) else [resources]:
            if resource != bucket.arn and not resource.startswith(f"{bucket.arn}/"):
                raise ServiceError("MalformedPolicy", "Policy has invalid resource")
    blocked = bucket.public_access_block and bucket.public_access_block.block_public_policy
    if blocked and bucket_policy_is_public(policy):
        message = "Access Denied: public policies are blocked by the BlockPublicPolicy block public access setting."
        raise ServiceError("AccessDenied", message, http_status=403)
    original(self, bucket_name, policy)


@mend(FakeBucket, "get_permission")
def get_permission(original: Callable, self: FakeBucket, action: str, resource: str) -> Any:
    """moto enforces policies without regard to conditions, so that a policy "deny all without TLS" denied all."""
    policy = self.policy
    if policy is None:
        return original(self, action, resource)
    document = json.loads(policy)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    unconditional = [statement for statement in statements if "Condition" not in statement]
    self.policy = json.dumps({**document, "Statement": unconditional}).encode()
    try:
        return original(self, action, resource)
    finally:
        self.policy = policy


# Versions and object lock


@mend(S3Backend, "put_bucket_versioning")
def put_bucket_versioning(original: Callable, self: S3Backend, bucket_name: str, status: str) -> None:
    """Object lock needs versions."""
    if status == "Suspended" and self.get_bucket(bucket_name).object_lock_enabled:
        message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
        raise ServiceError("InvalidBucketState", message, http_status=409)
    original(self, bucket_name, status)


@operation(
    "s3", "PutObjectLockConfiguration", instead_of_moto="It refuses a bucket with objects, as S3 did until 2023."
)
def put_object_lock_configuration(request: Request) -> dict[str, Any]:
    bucket, configuration = _bucket(request), request.params.get("ObjectLockConfiguration", {})
    if not bucket.is_versioned:
        message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        raise ServiceError("InvalidBucketState", message, http_status=409)
    if configuration.get("ObjectLockEnabled") != "Enabled":
        raise exceptions.MalformedXML()
    retention = configuration.get("Rule", {}).get("DefaultRetention", {})
    if retention and (("Days" in retention) == ("Years" in retention) or "Mode" not in retention):
        raise exceptions.MalformedXML()
    bucket.object_lock_enabled = True
    bucket.default_lock_mode = retention.get("Mode")
    bucket.default_lock_days = retention.get("Days", 0)
    bucket.default_lock_years = retention.get("Years", 0)
    return {}


@operation("s3", "GetObjectLockConfiguration", instead_of_moto="It answers days and years, one of them 0.")
def get_object_lock_configuration(request: Request) -> dict[str, Any]:
    bucket = _bucket(request)
    if not bucket.object_lock_enabled:
        raise exceptions.ObjectLockConfigurationNotFoundError()
    configuration: dict[str, Any] = {"ObjectLockEnabled": "Enabled"}
    if bucket.default_lock_mode:
        periods = {"Days": bucket.default_lock_days, "Years": bucket.default_lock_years}
        period = {name: count for name, count in periods.items() if count}
        configuration["Rule"] = {"DefaultRetention": {"Mode": bucket.default_lock_mode, **period}}
    return {"ObjectLockConfiguration": configuration}


# Configurations of which moto keeps a part


@after_moto("s3", "PutBucketLifecycleConfiguration")
def keep_lifecycle(request: Request) -> None:
    _kept(_bucket(request))["lifecycle"] = {
        "Rules": request.params.get("LifecycleConfiguration", {}).get("Rules", []),
        "TransitionDefaultMinimumObjectSize": request.params.get(
            "TransitionDefaultMinimumObjectSize", "all_storage_classes_128K"
        ),
    }


@operation("s3", "GetBucketLifecycleConfiguration", instead_of_moto="It drops sizes, and counts of versions to keep.")
def get_bucket_lifecycle_configuration(request: Request) -> Any:
    bucket = _bucket(request)
    return _kept(bucket).get("lifecycle", LET_MOTO_ANSWER) if bucket.rules else LET_MOTO_ANSWER


@after_moto("s3", "PutBucketLogging")
def keep_logging(request: Request) -> None:
    _kept(_bucket(request))["logging"] = request.params["BucketLoggingStatus"]


@operation("s3", "GetBucketLogging", instead_of_moto="It drops the format of the objects' keys.")
def get_bucket_logging(request: Request) -> Any:
    return _kept(_bucket(request)).get("logging", LET_MOTO_ANSWER)


@mend(FakeBucket, "set_logging")
def set_logging(
    original: Callable, self: FakeBucket, logging_config: dict[str, Any] | None, backend: S3Backend
) -> None:
    """The policy of the target may let the logging service in; if it does not, moto looks at the ACL.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """
    target = backend.buckets.get(logging_config["TargetBucket"]) if logging_config else None
    if target is None or target.region_name != self.region_name:
        original(self, logging_config, backend)
        return
    log = f"{target.arn}/{logging_config.get('TargetPrefix') or ''}2026-11-23-00-00-00-0123456789ABCDEF"
    context = {"aws:SourceArn": self.arn, "aws:SourceAccount": self.account_id}
    if policies.allows(target.policy, "logging.s3.amazonaws.com", "s3:PutObject", log, context):
        self.logging = logging_config
    else:
        original(self, logging_config, backend)


@mend(FakeBucket, "_log_permissions_enabled_policy")
def log_permissions_enabled_policy(original: Callable, **_: Any) -> bool:
    """The policy has been looked at; moto understands neither lists nor patterns nor conditions."""
    return False


@after_moto("s3", "PutBucketNotificationConfiguration")
def keep_notification(request: Request) -> None:
    _kept(_bucket(request))["notification"] = request.params["NotificationConfiguration"]


@operation("s3", "GetBucketNotificationConfiguration", instead_of_moto="It drops filters.")
def get_bucket_notification_configuration(request: Request) -> Any:
    return _kept(_bucket(request)).get("notification", LET_MOTO_ANSWER)


@operation("s3", "PutBucketReplication", instead_of_moto="It keeps a part, and does not look at the destination.")
def put_bucket_replication(request: Request) -> dict[str, Any]:
    bucket, configuration = _bucket(request), request.params["ReplicationConfiguration"]
    if not bucket.is_versioned:
        message = "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
        raise ServiceError("InvalidRequest", message)
    for rule in configuration["Rules"]:
        name = rule["Destination"]["Bucket"].rpartition(":")[2]
        try:
            destination = request.backend.get_bucket(name)
        except exceptions.MissingBucket:
            raise ServiceError("InvalidRequest", "Destination bucket must exist.") from None
        if not destination.is_versioned:
            raise ServiceError("InvalidRequest", "Destination bucket must have versioning enabled.")
    _kept(bucket)["replication"] = configuration
    return {}


@operation("s3", "GetBucketReplication", instead_of_moto="It answers a part of what was given.")
def get_bucket_replication(request: Request) -> dict[str, Any]:
    bucket = _bucket(request)
    configuration = _kept(bucket).get("replication")
    if configuration is None:
        raise exceptions.ReplicationConfigurationNotFoundError(bucket.name)
    return {"ReplicationConfiguration": configuration}


@operation("s3", "DeleteBucketReplication", instead_of_moto="It does not know of ours.")
def delete_bucket_replication(request: Request) -> None:
    _kept(_bucket(request)).pop("replication", None)


# Who pays


@operation("s3", "GetBucketRequestPayment")
def get_bucket_request_payment(request: Request) -> dict[str, Any]:
    return {"Payer": _bucket(request).payer}


@operation("s3", "PutBucketRequestPayment")
def put_bucket_request_payment(request: Request) -> None:
    _bucket(request).payer = request.params["RequestPaymentConfiguration"]["Payer"]


# Configurations of which a bucket may have many, each with an identifier


def _many(kind: str, why_not_moto: str | None) -> None:
    """Register the operations for one kind of configuration, such as metrics."""
    member = f"{kind}Configuration"

    def configurations(request: Request) -> dict[str, Any]:
        return _kept(_bucket(request)).setdefault(kind, {})

    def configuration(request: Request) -> dict[str, Any]:
        try:
            return configurations(request)[request.params["Id"]]
        except KeyError:
            message = "The specified configuration does not exist."
            raise ServiceError("NoSuchConfiguration", message, http_status=404) from None

    @operation("s3", f"PutBucket{kind}Configuration", why_not_moto)
    def put(request: Request) -> None:
        configurations(request)[request.params["Id"]] = request.params[member]

    @operation("s3", f"GetBucket{kind}Configuration", why_not_moto)
    def get(request: Request) -> dict[str, Any]:
        return {member: configuration(request)}

    @operation("s3", f"ListBucket{kind}Configurations", why_not_moto)
    def list_all(request: Request) -> dict[str, Any]:
        kept = configurations(request)
        return {"IsTruncated": False, f"{member}List": [kept[name] for name in sorted(kept)]}

    @operation("s3", f"DeleteBucket{kind}Configuration", why_not_moto)
    def delete(request: Request) -> None:
        configuration(request)
        del configurations(request)[request.params["Id"]]


_many("Analytics", None)
_many("IntelligentTiering", None)
_many("Inventory", "It deletes the bucket with its inventory, and has no error as S3 has.")
_many("Metrics", None)
