#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: s3_bucket
version_added: "0.1.0"
short_description: Manage an Amazon S3 bucket as a whole
description:
  - Creates, changes and deletes a general purpose bucket. One task states all of it, from versioning and encryption to
    lifecycle, logging and replication, in check mode and with a diff too.
  - A bucket of another account is refused, even where its policy lets these credentials in.
  - An option that is not given is left as it is in AWS. An option that is given empty, V({}) or V([]), is removed.
  - Follows U(https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingBucket.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The bucket's name, unique among all AWS accounts of a partition.
    type: str
    required: true
  state:
    description:
      - V(present) makes the bucket exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  versioning:
    description:
      - Whether S3 keeps the older versions of an object. Once enabled it can be suspended, never removed.
    type: str
    choices: [enabled, suspended]
  encryption:
    description:
      - How S3 encrypts new objects that say nothing about it themselves. Stated whole.
      - Encryption cannot be switched off; a new bucket has V(sse-s3).
    type: dict
    suboptions:
      type:
        description:
          - V(sse-s3) uses keys of S3's own, V(sse-kms) a KMS key, V(dsse-kms) two layers with a KMS key.
        type: str
        choices: [sse-s3, sse-kms, dsse-kms]
        required: true
      kms_key_id:
        description:
          - The KMS key's ARN, id or alias. Without it the key is the one that AWS manages, C(aws/s3).
          - S3 looks up an id or alias in the account of who makes a request, so an ARN is the safest.
        type: str
      bucket_key:
        description:
          - Whether a bucket key stands between KMS and the objects, which saves most of the calls to KMS.
          - Only for V(sse-kms), where it is V(true) when not given.
        type: bool
      blocked_types:
        description:
          - Kinds of encryption that requests may not choose themselves; V([NONE]) blocks none.
          - When not given, what is blocked stays as it is.
        type: list
        elements: str
        choices: [NONE, SSE-C]
  object_ownership:
    description:
      - Who owns the objects. V(BucketOwnerEnforced) also disables access control lists; a new bucket has it.
    type: str
    choices: [BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter]
  public_access_block:
    description:
      - The four barriers against public access. One that is not given stays as it is; a new bucket has them all.
    type: dict
    suboptions:
      block_public_acls:
        description: Refuse access control lists that make the bucket or its objects public.
        type: bool
      ignore_public_acls:
        description: Disregard the access control lists that already make something public.
        type: bool
      block_public_policy:
        description: Refuse a bucket policy that makes the bucket public.
        type: bool
      restrict_public_buckets:
        description: While a policy makes the bucket public, let in AWS services and the bucket's own account only.
        type: bool
  policy:
    description:
      - The bucket policy. It is compared by meaning, so the order of statements and actions does not matter.
    type: json
  lifecycle_rules:
    description:
      - All lifecycle rules of the bucket.
    type: list
    elements: dict
    suboptions:
      id:
        description: The rule's name, unique in the bucket, 255 characters at most.
        type: str
        required: true
      status:
        description: Whether the rule is followed.
        type: str
        choices: [enabled, disabled]
        default: enabled
      prefix:
        description: The rule is for objects whose keys begin with this; empty for all.
        type: str
        default: ""
      tags:
        description: The rule is for objects that have all of these tags.
        type: dict
        default: {}
      object_size_greater_than:
        description: The rule is for objects larger than this many bytes.
        type: int
      object_size_less_than:
        description: The rule is for objects smaller than this many bytes.
        type: int
      expiration:
        description: When objects are deleted, or in a versioned bucket become noncurrent.
        type: dict
        suboptions:
          days:
            description: Days after the object's creation.
            type: int
          date:
            description: A date, such as V(2030-01-31), at midnight UTC.
            type: str
          expired_object_delete_marker:
            description: Remove delete markers that have no older version left.
            type: bool
      transitions:
        description: When objects move to another storage class.
        type: list
        elements: dict
        suboptions:
          days:
            description: Days after the object's creation.
            type: int
          date:
            description: A date, such as V(2030-01-31), at midnight UTC.
            type: str
          storage_class:
            description: The storage class to move to.
            type: str
            choices: [STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, DEEP_ARCHIVE]
            required: true
      noncurrent_version_expiration:
        description: When older versions are deleted.
        type: dict
        suboptions:
          noncurrent_days:
            description: Days after the version was replaced.
            type: int
          newer_noncurrent_versions:
            description: How many noncurrent versions, the newest ones, are kept all the same; 1 to 100.
            type: int
      noncurrent_version_transitions:
        description: When older versions move to another storage class.
        type: list
        elements: dict
        suboptions:
          noncurrent_days:
            description: Days after the version was replaced.
            type: int
          newer_noncurrent_versions:
            description: How many noncurrent versions, the newest ones, stay where they are; 1 to 100.
            type: int
          storage_class:
            description: The storage class to move to.
            type: str
            choices: [STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, DEEP_ARCHIVE]
            required: true
      abort_incomplete_multipart_upload_days:
        description: Days after which a multipart upload that was never completed is thrown away.
        type: int
  logging:
    description:
      - Where S3 delivers the server access logs. Stated whole; V({}) ends logging.
    type: dict
    suboptions:
      target_bucket:
        description:
          - The bucket that takes the logs, in the same region and account. Its policy must let
            C(logging.s3.amazonaws.com) put objects.
          - Required, except where O(logging) is V({}).
        type: str
      target_prefix:
        description: What the logs' keys begin with; empty when not given.
        type: str
      partition_date_source:
        description:
          - Puts account, region, bucket and a date into the logs' keys, which Athena can then partition by. The date is
            the events' (V(EventTime)) or the delivery's (V(DeliveryTime)).
          - When not given, the logs' keys are a plain prefix and a timestamp.
        type: str
        choices: [EventTime, DeliveryTime]
  object_lock:
    description:
      - Keeps object versions from being deleted or overwritten. It needs versioning and cannot be switched off again.
    type: dict
    suboptions:
      enabled:
        description: Whether the bucket can lock objects.
        type: bool
        required: true
      default_retention:
        description:
          - How long a new version is locked when its request does not say. Stated whole; V({}) for no default.
        type: dict
        suboptions:
          mode:
            description: In V(GOVERNANCE) mode those with the permission can still delete, in V(COMPLIANCE) mode nobody.
            type: str
            choices: [GOVERNANCE, COMPLIANCE]
          days:
            description: The retention in days; or else give O(object_lock.default_retention.years).
            type: int
          years:
            description: The retention in years; or else give O(object_lock.default_retention.days).
            type: int
  replication:
    description:
      - Copies new objects to other buckets. Both sides need versioning. Stated whole; V({}) ends replication.
    type: dict
    suboptions:
      role:
        description:
          - ARN of the IAM role that S3 takes to replicate. Required, except where O(replication) is V({}).
        type: str
      rules:
        description: What goes where. Required, except where O(replication) is V({}).
        type: list
        elements: dict
        suboptions:
          id:
            description: The rule's name, unique in the bucket, 255 characters at most.
            type: str
            required: true
          status:
            description: Whether the rule is followed.
            type: str
            choices: [enabled, disabled]
            default: enabled
          priority:
            description: Of several rules for one object and one destination, the highest wins. Unique in the bucket.
            type: int
            default: 0
          prefix:
            description: The rule is for objects whose keys begin with this; empty for all.
            type: str
            default: ""
          tags:
            description: The rule is for objects that have all of these tags.
            type: dict
            default: {}
          delete_marker_replication:
            description: Whether delete markers are replicated. S3 refuses it together with O(replication.rules[].tags).
            type: bool
            default: false
          existing_object_replication:
            description: Whether objects that are older than the rule are replicated too.
            type: bool
            default: false
          replica_modifications:
            description: Whether changes to a replica's metadata are replicated back.
            type: bool
            default: false
          sse_kms_encrypted_objects:
            description:
              - Whether objects encrypted with KMS are replicated. It needs
                O(replication.rules[].destination.replica_kms_key_id).
            type: bool
            default: false
          destination:
            description: Where the copies go.
            type: dict
            required: true
            suboptions:
              bucket:
                description: ARN of the bucket.
                type: str
                required: true
              account:
                description: The account that owns the bucket, where it is another one.
                type: str
              owner_override:
                description:
                  - Whether the copies belong to the destination's account. It needs
                    O(replication.rules[].destination.account).
                type: bool
                default: false
              storage_class:
                description: The copies' storage class; the originals' when not given.
                type: str
                choices:
                  - STANDARD
                  - STANDARD_IA
                  - ONEZONE_IA
                  - INTELLIGENT_TIERING
                  - GLACIER_IR
                  - GLACIER
                  - DEEP_ARCHIVE
              replica_kms_key_id:
                description: ARN of the KMS key, in the destination's region, that encrypts the copies.
                type: str
              replication_time_control:
                description: Whether S3 commits itself to replicate within 15 minutes, and reports metrics about it.
                type: bool
                default: false
              metrics:
                description:
                  - Whether S3 reports replication metrics. O(replication.rules[].destination.replication_time_control)
                    implies it.
                type: bool
                default: false
  event_bridge:
    description:
      - Whether S3 sends the bucket's events to EventBridge. Other notifications stay as they are.
    type: bool
  force:
    description:
      - With O(state=absent), delete what is in the bucket first, in all its versions, and abort unfinished uploads.
      - Without it a bucket that holds objects is not deleted.
    type: bool
    default: false
  bypass_governance_retention:
    description:
      - With O(force=true), delete also what object lock retains in V(GOVERNANCE) mode. It needs the permission
        C(s3:BypassGovernanceRetention).
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: A versioned bucket, encrypted with the estate's key
  wellarchitected.aws.s3_bucket:
    name: example-artifacts
    versioning: enabled
    encryption:
      type: sse-kms
      kms_key_id: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    tags:
      Environment: production

- name: A bucket for logs that move to cheaper storage and expire
  wellarchitected.aws.s3_bucket:
    name: example-logs
    lifecycle_rules:
      - id: logs
        transitions:
          - days: 30
            storage_class: STANDARD_IA
          - days: 90
            storage_class: GLACIER_IR
        expiration:
          days: 400
        noncurrent_version_expiration:
          noncurrent_days: 30
        abort_incomplete_multipart_upload_days: 7

- name: Deliver access logs, partitioned for Athena
  wellarchitected.aws.s3_bucket:
    name: example-artifacts
    logging:
      target_bucket: example-logs
      target_prefix: s3/
      partition_date_source: EventTime

- name: Replicate everything to the recovery region
  wellarchitected.aws.s3_bucket:
    name: example-artifacts
    replication:
      role: arn:aws:iam::123456789012:role/example-replication
      rules:
        - id: everything
          delete_marker_replication: true
          destination:
            bucket: arn:aws:s3:::example-artifacts-osaka

- name: End replication and remove all lifecycle rules
  wellarchitected.aws.s3_bucket:
    name: example-artifacts
    replication: {}
    lifecycle_rules: []

- name: Delete the bucket with all that is in it
  wellarchitected.aws.s3_bucket:
    name: example-artifacts
    state: absent
    force: true
"""

RETURN = r"""
bucket:
  description:
    - The bucket as it is, or in check mode as it would be; empty when it is absent.
    - It has the shape of the options, so that one bucket's answer can describe another.
  returned: success
  type: dict
  contains:
    name:
      description: The bucket's name.
      type: str
      sample: example-artifacts
    arn:
      description: The bucket's ARN.
      type: str
      sample: arn:aws:s3:::example-artifacts
    region:
      description: The region that the bucket is in.
      type: str
      sample: ap-northeast-1
    versioning:
      description: V(enabled), V(suspended), or V(disabled) when it never was enabled.
      type: str
      sample: enabled
    encryption:
      description: The default encryption.
      type: dict
      sample:
        type: sse-kms
        kms_key_id: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
        bucket_key: true
    object_ownership:
      description: Who owns the objects.
      type: str
      sample: BucketOwnerEnforced
    public_access_block:
      description: The four barriers against public access.
      type: dict
      sample:
        block_public_acls: true
        ignore_public_acls: true
        block_public_policy: true
        restrict_public_buckets: true
    policy:
      description: The bucket policy; empty when there is none.
      type: dict
      sample: {"Version": "2012-10-17", "Statement": []}
    lifecycle_rules:
      description: The lifecycle rules, sorted by id, without what is empty.
      type: list
      elements: dict
      sample:
        - id: logs
          status: enabled
          expiration:
            days: 400
    logging:
      description: Where access logs go; empty when nowhere.
      type: dict
      sample:
        target_bucket: example-logs
        target_prefix: s3/
        partition_date_source: EventTime
    object_lock:
      description: Whether objects can be locked, and the default retention.
      type: dict
      sample:
        enabled: true
        default_retention:
          mode: GOVERNANCE
          days: 30
    replication:
      description: The replication role and rules; empty when nothing is replicated.
      type: dict
      sample:
        role: arn:aws:iam::123456789012:role/example-replication
        rules:
          - id: everything
            status: enabled
    event_bridge:
      description: Whether events go to EventBridge.
      type: bool
      sample: false
    tags:
      description: The bucket's tags.
      type: dict
      sample:
        Environment: production
"""

from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import parse_policy, same_policy
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_ROLE, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, own_account, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.s3_bucket import (
    ASPECTS,
    ENCRYPTION_TYPES,
    PUBLIC_ACCESS_BLOCKS,
    normalise_encryption,
    normalise_lifecycle_rules,
    normalise_replication,
    same_encryption,
    write_event_bridge,
)

FIELDS = (*(aspect.field for aspect in ASPECTS), "event_bridge")


class S3ErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["404", "NoSuchBucket", "NoSuchUpload"])


class Bucket(Resource):
    partial = frozenset({"public_access_block", "object_lock"})
    same = MappingProxyType({"policy": same_policy, "encryption": same_encryption})

    def __init__(self, client, params, region, account_id):
        super().__init__(given_fields(params), params["purge_tags"])
        self.client = client
        self.account_id = account_id
        self.name = params["name"]
        self.region = region
        self.force = params["force"]
        self.bypass_governance_retention = params["bypass_governance_retention"]
        self.notifications = {}

    def identity(self):
        return {
            "name": self.name,
            "arn": f"arn:{self.client.meta.partition}:s3:::{self.name}",
            "region": self.region,
        }

    def blank(self):
        """What AWS gives a new bucket since April 2023; one with object lock is born with versioning."""
        return {
            **self.identity(),
            "versioning": "enabled" if self._is_to_lock() else "disabled",
            "object_lock": {"enabled": False, "default_retention": {}},
            "encryption": {"type": "sse-s3"},
            "object_ownership": "BucketOwnerEnforced",
            "public_access_block": dict.fromkeys(PUBLIC_ACCESS_BLOCKS, True),
            "policy": {},
            "lifecycle_rules": [],
            "logging": {},
            "replication": {},
            "event_bridge": False,
            "tags": {},
        }

    def find(self):
        head = self._head()
        if head is None:
            return None
        region = head.get("BucketRegion", self.region)
        if region != self.region:
            raise AnsibleAWSError(
                message=f"The bucket {self.name} exists in {region}, but this task is for {self.region}. A bucket "
                "cannot move: set region to where it is, or choose another name."
            )
        # Each setting is a request of its own, and a dozen round trips side by side take as long as one.
        with ThreadPoolExecutor(max_workers=len(FIELDS)) as pool:
            values = pool.map(self._read, ASPECTS)
            notifications = pool.submit(self._read_notifications)
            state = self.identity() | {aspect.field: value for aspect, value in zip(ASPECTS, values, strict=True)}
            self.notifications = notifications.result()
        return {**state, "event_bridge": "EventBridgeConfiguration" in self.notifications}

    def wanted(self, current):
        fields = super().wanted(current)
        blocked = current["encryption"].get("blocked_types")
        if "encryption" in fields and blocked:
            fields["encryption"] = {"blocked_types": blocked, **fields["encryption"]}
        return fields

    def refusal(self, current, changes):
        after = {**current, **changes}
        lock = after["object_lock"]
        if current["object_lock"]["enabled"] and not lock["enabled"]:
            return f"object_lock.enabled is false, but the bucket {self.name} has object lock, which AWS cannot remove."
        if lock["default_retention"] and not lock["enabled"]:
            return "object_lock.default_retention needs object_lock.enabled to be true."
        if lock["enabled"] and after["versioning"] != "enabled":
            return f"object_lock of the bucket {self.name} needs versioning to be enabled."
        if after["replication"] and after["versioning"] != "enabled":
            return f"replication of the bucket {self.name} needs versioning to be enabled."
        return None

    def create(self):
        arguments = {}
        # us-east-1 is the API's default, and may not be named.
        if self.region != "us-east-1":
            arguments["CreateBucketConfiguration"] = {"LocationConstraint": self.region}
        if self._is_to_lock():
            arguments["ObjectLockEnabledForBucket"] = True
        self._create(arguments)

    def update(self, current, changes):
        # What is taken away goes first: versioning, for example, cannot be suspended under a replication.
        for aspect in sorted(ASPECTS, key=lambda aspect: bool(changes.get(aspect.field))):
            if aspect.field in changes:
                self._write(aspect, changes[aspect.field])
        if "event_bridge" in changes:
            self._write_event_bridge(changes["event_bridge"])

    def deletion_refusal(self, current):
        if self.force or not self._list_versions(1):
            return None
        return f"The bucket {self.name} holds objects. Empty it first, or set force to true to delete them all with it."

    def delete(self, current):
        if self.force:
            self._delete_versions()
            self._abort_uploads()
        self._delete()

    def _is_to_lock(self):
        return self.given.get("object_lock", {}).get("enabled", False)

    @S3ErrorHandler.common_error_handler("find the bucket {self.name}")
    def _head(self):
        try:
            return self.client.head_bucket(Bucket=self.name)
        except is_boto3_error_code(["404", "NoSuchBucket"]):
            return None
        except is_boto3_error_code(["403", "AccessDenied"]) as error:
            raise AnsibleAWSError(message=taken(self.name, self.account_id)) from error

    @S3ErrorHandler.common_error_handler("read {aspect.field} of the bucket {self.name}")
    def _read(self, aspect):
        try:
            answer = getattr(self.client, aspect.get)(Bucket=self.name)
        except is_boto3_error_code(aspect.missing):
            answer = {}
        return aspect.read(answer)

    @S3ErrorHandler.common_error_handler("read event_bridge of the bucket {self.name}")
    def _read_notifications(self):
        return self.client.get_bucket_notification_configuration(Bucket=self.name)

    @S3ErrorHandler.common_error_handler("create the bucket {self.name}")
    def _create(self, arguments):
        try:
            self.client.create_bucket(Bucket=self.name, **arguments)
        except is_boto3_error_code("BucketAlreadyExists") as error:
            raise AnsibleAWSError(message=taken(self.name, self.account_id)) from error
        self.client.get_waiter("bucket_exists").wait(Bucket=self.name, WaiterConfig={"Delay": 2, "MaxAttempts": 60})

    @S3ErrorHandler.common_error_handler("set {aspect.field} of the bucket {self.name}")
    @retry_on(UNKNOWN_ROLE, "OperationAborted", "NoSuchBucket")
    def _write(self, aspect, value):
        if aspect.delete and not value:
            getattr(self.client, aspect.delete)(Bucket=self.name)
        else:
            getattr(self.client, aspect.put)(Bucket=self.name, **aspect.write(value))

    @S3ErrorHandler.common_error_handler("set event_bridge of the bucket {self.name}")
    def _write_event_bridge(self, enabled):
        self.client.put_bucket_notification_configuration(
            Bucket=self.name, **write_event_bridge(enabled, self.notifications)
        )

    @S3ErrorHandler.list_error_handler("list what is in the bucket {self.name}", [])
    def _list_versions(self, limit):
        page = self.client.list_object_versions(Bucket=self.name, MaxKeys=limit)
        return [
            {"Key": version["Key"], "VersionId": version["VersionId"]}
            for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        ]

    @S3ErrorHandler.deletion_error_handler("empty the bucket {self.name}")
    def _delete_versions(self):
        bypass = {"BypassGovernanceRetention": True} if self.bypass_governance_retention else {}
        # As many as one call deletes; the next ones are then the first.
        while versions := self._list_versions(1000):
            answer = self.client.delete_objects(Bucket=self.name, Delete={"Objects": versions, "Quiet": True}, **bypass)
            raise_undeleted(self.name, answer.get("Errors", []))

    @S3ErrorHandler.deletion_error_handler("abort the uploads to the bucket {self.name}")
    def _abort_uploads(self):
        for page in self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.name):
            for upload in page.get("Uploads", []):
                self.client.abort_multipart_upload(Bucket=self.name, Key=upload["Key"], UploadId=upload["UploadId"])

    @S3ErrorHandler.deletion_error_handler("delete the bucket {self.name}")
    def _delete(self):
        self.client.delete_bucket(Bucket=self.name)
        self.client.get_waiter("bucket_not_exists").wait(Bucket=self.name, WaiterConfig={"Delay": 2, "MaxAttempts": 60})


def expect_owner(s3, account_id):
    """Let S3 refuse every request about a bucket that another account owns.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    """

    def add(params, model, **_event):
        if "ExpectedBucketOwner" in model.input_shape.members:
            params["ExpectedBucketOwner"] = account_id

    s3.meta.events.register("provide-client-params.s3", add)
    return s3


def taken(name, account_id):
    return (
        f"The bucket name {name} is taken. Either another account than {account_id} has it, and its buckets are not "
        "managed from here, whatever their policies allow: choose another name, or credentials of that account. Or "
        f"{account_id} itself has it, and this identity lacks the permission s3:ListBucket on it."
    )


def raise_undeleted(name, errors):
    """Raise when S3 kept some objects; the first of them stands for all."""
    if errors:
        first = errors[0]
        raise AnsibleAWSError(
            message=f"{len(errors)} objects of the bucket {name} cannot be deleted, the first is {first.get('Key')}: "
            f"{first.get('Message') or first.get('Code')}. Objects under retention need bypass_governance_retention."
        )


def given_fields(params):
    """The options that the user gave, in the form in which Bucket.find answers them.

    Raises AnsibleAWSError, naming the option, when one is incomplete.
    """
    fields = given(params, FIELDS)
    if "encryption" in fields:
        encryption = fields["encryption"]
        default = {"bucket_key": True} if encryption["type"] == "sse-kms" else {}
        fields["encryption"] = normalise_encryption({**default, **encryption})
    if "policy" in fields:
        fields["policy"] = parse_policy(fields["policy"], "policy")
    if "lifecycle_rules" in fields:
        fields["lifecycle_rules"] = normalise_lifecycle_rules(fields["lifecycle_rules"])
    if fields.get("logging"):
        require(fields["logging"], "logging", "target_bucket")
        fields["logging"].setdefault("target_prefix", "")
    if fields.get("replication"):
        require(fields["replication"], "replication", "role", "rules")
        if not fields["replication"]["rules"]:
            raise AnsibleAWSError(message="replication.rules is empty; give {} for replication to end it.")
        fields["replication"] = normalise_replication(fields["replication"])
    retention = fields.get("object_lock", {}).get("default_retention")
    if retention:
        require(retention, "object_lock.default_retention", "mode")
        if ("days" in retention) == ("years" in retention):
            raise AnsibleAWSError(message="object_lock.default_retention needs either days or years.")
    return fields


def require(value, option, *names):
    missing = [name for name in names if name not in value]
    if missing:
        raise AnsibleAWSError(message=f"{option} needs {' and '.join(missing)}; give {{}} to remove it.")


def argument_spec():
    ageing = {"days": {"type": "int"}, "date": {"type": "str"}}
    noncurrent = {"noncurrent_days": {"type": "int"}, "newer_noncurrent_versions": {"type": "int"}}
    storage_classes = ["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"]
    storage_class = {"type": "str", "choices": storage_classes, "required": True}
    rule = {
        "id": {"type": "str", "required": True},
        "status": {"type": "str", "choices": ["enabled", "disabled"], "default": "enabled"},
        "prefix": {"type": "str", "default": ""},
        "tags": {"type": "dict", "default": {}},
    }
    lifecycle_rule = {
        **rule,
        "object_size_greater_than": {"type": "int"},
        "object_size_less_than": {"type": "int"},
        "expiration": {"type": "dict", "options": {**ageing, "expired_object_delete_marker": {"type": "bool"}}},
        "transitions": {"type": "list", "elements": "dict", "options": {**ageing, "storage_class": storage_class}},
        "noncurrent_version_expiration": {"type": "dict", "options": noncurrent},
        "noncurrent_version_transitions": {
            "type": "list",
            "elements": "dict",
            "options": {**noncurrent, "storage_class": storage_class},
        },
        "abort_incomplete_multipart_upload_days": {"type": "int"},
    }
    no = {"type": "bool", "default": False}
    destination = {
        "bucket": {"type": "str", "required": True},
        "account": {"type": "str"},
        "owner_override": no,
        "storage_class": {"type": "str", "choices": ["STANDARD", *storage_classes]},
        "replica_kms_key_id": {"type": "str"},
        "replication_time_control": no,
        "metrics": no,
    }
    replication_rule = {
        **rule,
        "priority": {"type": "int", "default": 0},
        "delete_marker_replication": no,
        "existing_object_replication": no,
        "replica_modifications": no,
        "sse_kms_encrypted_objects": no,
        "destination": {"type": "dict", "required": True, "options": destination},
    }
    retention = {
        "mode": {"type": "str", "choices": ["GOVERNANCE", "COMPLIANCE"]},
        "days": {"type": "int"},
        "years": {"type": "int"},
    }
    encryption = {
        "type": {"type": "str", "choices": list(ENCRYPTION_TYPES), "required": True},
        "kms_key_id": {"type": "str"},
        "bucket_key": {"type": "bool"},
        "blocked_types": {"type": "list", "elements": "str", "choices": ["NONE", "SSE-C"]},
    }
    logging = {
        "target_bucket": {"type": "str"},
        "target_prefix": {"type": "str"},
        "partition_date_source": {"type": "str", "choices": ["EventTime", "DeliveryTime"]},
    }
    return {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "versioning": {"type": "str", "choices": ["enabled", "suspended"]},
        "encryption": {"type": "dict", "options": encryption},
        "object_ownership": {
            "type": "str",
            "choices": ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"],
        },
        "public_access_block": {"type": "dict", "options": {name: {"type": "bool"} for name in PUBLIC_ACCESS_BLOCKS}},
        "policy": {"type": "json"},
        "lifecycle_rules": {"type": "list", "elements": "dict", "options": lifecycle_rule},
        "logging": {"type": "dict", "options": logging},
        "object_lock": {
            "type": "dict",
            "options": {
                "enabled": {"type": "bool", "required": True},
                "default_retention": {"type": "dict", "options": retention},
            },
        },
        "replication": {
            "type": "dict",
            "options": {
                "role": {"type": "str"},
                "rules": {"type": "list", "elements": "dict", "options": replication_rule},
            },
        },
        "event_bridge": {"type": "bool"},
        "tags": {"type": "dict", "aliases": ["resource_tags"]},
        "purge_tags": {"type": "bool", "default": True},
        "force": no,
        "bypass_governance_retention": no,
    }


def main():
    module = AnsibleAWSModule(argument_spec=argument_spec(), supports_check_mode=True)

    def build():
        account_id = own_account(client(module, "sts"))
        return Bucket(expect_owner(client(module, "s3"), account_id), module.params, module.region, account_id)

    run(module, "bucket", build)


if __name__ == "__main__":
    main()
