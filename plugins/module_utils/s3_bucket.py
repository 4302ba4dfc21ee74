# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An S3 bucket's settings, translated between the options of the s3_bucket module and S3's API. Pure functions only.

Each pair reads S3's answer into the module's vocabulary and writes it back into the API's arguments.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict, snake_dict_to_camel_dict
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.amazon.aws.plugins.module_utils.transformation import scrub_none_parameters

from .compare import same_kms_key

Value = dict[str, Any]

ENCRYPTION_TYPES = {"sse-s3": "AES256", "sse-kms": "aws:kms", "dsse-kms": "aws:kms:dsse"}
PUBLIC_ACCESS_BLOCKS = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")


@dataclass(frozen=True)
class Aspect:
    """One setting of a bucket: which calls read, write and remove it, and how it is translated.

    get, put, delete: the client's methods; delete is None where put writes an empty value too.
    read: S3's answer -> value. write: value -> arguments of put. missing: the error code that means "not set".
    """

    field: str
    get: str
    put: str
    read: Callable[[Value], Any]
    write: Callable[[Any], Value]
    missing: str = ""
    delete: str | None = None


def read_encryption(answer: Value) -> Value:
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    if not rules:
        return {"type": "sse-s3"}
    default = rules[0]["ApplyServerSideEncryptionByDefault"]
    types = {algorithm: name for name, algorithm in ENCRYPTION_TYPES.items()}
    return normalise_encryption(
        {
            "type": types.get(default["SSEAlgorithm"], default["SSEAlgorithm"]),
            "kms_key_id": default.get("KMSMasterKeyID"),
            "bucket_key": rules[0].get("BucketKeyEnabled", False),
            "blocked_types": rules[0].get("BlockedEncryptionTypes", {}).get("EncryptionType"),
        }
    )


def normalise_encryption(encryption: Value) -> Value:
    """Without what the type of encryption does not have: only KMS has a key, only sse-kms a bucket key."""
    of_type = {"sse-s3": (), "dsse-kms": ("kms_key_id",)}.get(encryption["type"], ("kms_key_id", "bucket_key"))
    keep = ("type", "blocked_types", *of_type)
    return {key: value for key, value in encryption.items() if key in keep and value is not None}


def same_encryption(current: Value, wanted: Value) -> bool:
    def without_key(encryption):
        return {key: value for key, value in encryption.items() if key != "kms_key_id"}

    return without_key(current) == without_key(wanted) and same_kms_key(
        current.get("kms_key_id"), wanted.get("kms_key_id")
    )


def write_encryption(encryption: Value) -> Value:
    default = {"SSEAlgorithm": ENCRYPTION_TYPES[encryption["type"]], "KMSMasterKeyID": encryption.get("kms_key_id")}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": encryption.get("bucket_key")}
    if "blocked_types" in encryption:
        rule["BlockedEncryptionTypes"] = {"EncryptionType": encryption["blocked_types"]}
    return {"ServerSideEncryptionConfiguration": {"Rules": [scrub_none_parameters(rule)]}}


def read_object_ownership(answer: Value) -> str:
    # A bucket without controls is older than they are: objects belong to who wrote them.
    rules = answer.get("OwnershipControls", {}).get("Rules", [])
    return rules[0]["ObjectOwnership"] if rules else "ObjectWriter"


def read_public_access_block(answer: Value) -> Value:
    blocks = camel_dict_to_snake_dict(answer.get("PublicAccessBlockConfiguration", {}))
    return {name: blocks.get(name, False) for name in PUBLIC_ACCESS_BLOCKS}


def write_public_access_block(blocks: Value) -> Value:
    return {"PublicAccessBlockConfiguration": snake_dict_to_camel_dict(blocks, capitalize_first=True)}


def _read_filter(rule: Value) -> Value:
    """A rule's filter, flat; S3 nests it under And when it has several conditions."""
    conditions = rule.get("Filter") or {"Prefix": rule.get("Prefix", "")}
    conditions = {**conditions, **conditions.get("And", {})}
    tags = [conditions["Tag"]] if "Tag" in conditions else conditions.get("Tags", [])
    return {
        "prefix": conditions.get("Prefix", ""),
        "tags": boto3_tag_list_to_ansible_dict(tags),
        "object_size_greater_than": conditions.get("ObjectSizeGreaterThan"),
        "object_size_less_than": conditions.get("ObjectSizeLessThan"),
    }


def _write_filter(rule: Value) -> Value:
    tags = ansible_dict_to_boto3_tag_list(rule.get("tags", {}))
    sizes = {
        name: rule[option]
        for name, option in (
            ("ObjectSizeGreaterThan", "object_size_greater_than"),
            ("ObjectSizeLessThan", "object_size_less_than"),
        )
        if option in rule
    }
    prefix = {"Prefix": rule["prefix"]} if rule.get("prefix") else {}
    if len(prefix) + len(tags) + len(sizes) > 1:
        return {"And": {**prefix, **({"Tags": tags} if tags else {}), **sizes}}
    return {**({"Tag": tags[0]} if tags else {}), **sizes} or {"Prefix": rule.get("prefix", "")}


def normalise_lifecycle_rules(rules: list[Value]) -> list[Value]:
    """Rules and their transitions in one order, without what is null or empty, since S3 keeps neither."""
    normalised = []
    for rule in rules:
        filled = {key: value for key, value in scrub_none_parameters(rule).items() if value not in ({}, [])}
        for transitions in ("transitions", "noncurrent_version_transitions"):
            if transitions in filled:
                filled[transitions] = sorted(filled[transitions], key=lambda transition: sorted(transition.items()))
        normalised.append(filled)
    return sorted(normalised, key=lambda rule: rule["id"])


def read_lifecycle_rules(answer: Value) -> list[Value]:
    def read(rule):
        expiration = rule.get("Expiration", {})
        # S3 answers false beside a number of days, though it was never said.
        marker = expiration.get("ExpiredObjectDeleteMarker") or None
        abort = rule.get("AbortIncompleteMultipartUpload", {})
        return {
            "id": rule["ID"],
            "status": rule["Status"].lower(),
            **_read_filter(rule),
            "expiration": scrub_none_parameters(
                {
                    "days": expiration.get("Days"),
                    "date": _read_date(expiration.get("Date")),
                    "expired_object_delete_marker": marker,
                }
            ),
            "transitions": [
                {**camel_dict_to_snake_dict(item), "date": _read_date(item.get("Date"))}
                for item in rule.get("Transitions", [])
            ],
            "noncurrent_version_expiration": camel_dict_to_snake_dict(rule.get("NoncurrentVersionExpiration", {})),
            "noncurrent_version_transitions": [
                camel_dict_to_snake_dict(item) for item in rule.get("NoncurrentVersionTransitions", [])
            ],
            "abort_incomplete_multipart_upload_days": abort.get("DaysAfterInitiation"),
        }

    return normalise_lifecycle_rules([read(rule) for rule in answer.get("Rules", [])])


def write_lifecycle_rules(rules: list[Value]) -> Value:
    def camel(value):
        return snake_dict_to_camel_dict(value, capitalize_first=True)

    def write(rule):
        written = {"ID": rule["id"], "Status": rule["status"].capitalize(), "Filter": _write_filter(rule)}
        if "expiration" in rule:
            written["Expiration"] = _with_date(camel(rule["expiration"]))
        if "transitions" in rule:
            written["Transitions"] = [_with_date(camel(item)) for item in rule["transitions"]]
        if "noncurrent_version_expiration" in rule:
            written["NoncurrentVersionExpiration"] = camel(rule["noncurrent_version_expiration"])
        if "noncurrent_version_transitions" in rule:
            written["NoncurrentVersionTransitions"] = [camel(item) for item in rule["noncurrent_version_transitions"]]
        if "abort_incomplete_multipart_upload_days" in rule:
            days = rule["abort_incomplete_multipart_upload_days"]
            written["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
        return written

    return {"LifecycleConfiguration": {"Rules": [write(rule) for rule in rules]}}


def _read_date(date: datetime | None) -> str | None:
    return date.strftime("%Y-%m-%d") if date else None


def _with_date(item: Value) -> Value:
    if "Date" not in item:
        return item
    return {**item, "Date": datetime.strptime(item["Date"], "%Y-%m-%d").replace(tzinfo=UTC)}


def read_logging(answer: Value) -> Value:
    enabled = answer.get("LoggingEnabled")
    if not enabled:
        return {}
    partitioned = enabled.get("TargetObjectKeyFormat", {}).get("PartitionedPrefix")
    logging = {"target_bucket": enabled["TargetBucket"], "target_prefix": enabled.get("TargetPrefix", "")}
    if partitioned:
        logging["partition_date_source"] = partitioned["PartitionDateSource"]
    return logging


def write_logging(logging: Value) -> Value:
    if not logging:
        return {"BucketLoggingStatus": {}}
    enabled = {"TargetBucket": logging["target_bucket"], "TargetPrefix": logging["target_prefix"]}
    if "partition_date_source" in logging:
        source = {"PartitionDateSource": logging["partition_date_source"]}
        enabled["TargetObjectKeyFormat"] = {"PartitionedPrefix": source}
    return {"BucketLoggingStatus": {"LoggingEnabled": enabled}}


def read_object_lock(answer: Value) -> Value:
    lock = answer.get("ObjectLockConfiguration", {})
    if not lock:
        return {"enabled": False, "default_retention": {}}
    retention = camel_dict_to_snake_dict(lock.get("Rule", {}).get("DefaultRetention", {}))
    return {"enabled": True, "default_retention": {key: value for key, value in retention.items() if value}}


def write_object_lock(lock: Value) -> Value:
    configuration = {"ObjectLockEnabled": "Enabled"}
    if lock["default_retention"]:
        retention = snake_dict_to_camel_dict(lock["default_retention"], capitalize_first=True)
        configuration["Rule"] = {"DefaultRetention": retention}
    return {"ObjectLockConfiguration": configuration}


def normalise_replication(replication: Value) -> Value:
    """Rules in the order of their ids, without what is null or empty."""
    if not replication:
        return {}

    def normalise(rule):
        filled = {key: value for key, value in scrub_none_parameters(rule).items() if value != {}}
        # Replication time control does not go without metrics.
        if filled["destination"]["replication_time_control"]:
            filled["destination"]["metrics"] = True
        return filled

    rules = [normalise(rule) for rule in replication["rules"]]
    return {"role": replication["role"], "rules": sorted(rules, key=lambda rule: rule["id"])}


def read_replication(answer: Value) -> Value:
    def enabled(setting):
        return (setting or {}).get("Status") == "Enabled"

    def read(rule):
        destination = rule["Destination"]
        selection = rule.get("SourceSelectionCriteria", {})
        conditions = _read_filter(rule)
        return {
            "id": rule["ID"],
            "status": rule["Status"].lower(),
            "priority": rule.get("Priority", 0),
            "prefix": conditions["prefix"],
            "tags": conditions["tags"],
            "delete_marker_replication": enabled(rule.get("DeleteMarkerReplication")),
            "existing_object_replication": enabled(rule.get("ExistingObjectReplication")),
            "replica_modifications": enabled(selection.get("ReplicaModifications")),
            "sse_kms_encrypted_objects": enabled(selection.get("SseKmsEncryptedObjects")),
            "destination": {
                "bucket": destination["Bucket"],
                "account": destination.get("Account"),
                "owner_override": bool(destination.get("AccessControlTranslation")),
                "storage_class": destination.get("StorageClass"),
                "replica_kms_key_id": destination.get("EncryptionConfiguration", {}).get("ReplicaKmsKeyID"),
                "replication_time_control": enabled(destination.get("ReplicationTime")),
                "metrics": enabled(destination.get("Metrics")),
            },
        }

    configuration = answer.get("ReplicationConfiguration")
    if not configuration:
        return {}
    return normalise_replication(
        {"role": configuration["Role"], "rules": [read(rule) for rule in configuration["Rules"]]}
    )


def write_replication(replication: Value) -> Value:
    def status(enabled):
        return {"Status": "Enabled" if enabled else "Disabled"}

    def write_destination(destination):
        written = {
            "Bucket": destination["bucket"],
            "Account": destination.get("account"),
            "StorageClass": destination.get("storage_class"),
        }
        if destination["owner_override"]:
            written["AccessControlTranslation"] = {"Owner": "Destination"}
        if "replica_kms_key_id" in destination:
            written["EncryptionConfiguration"] = {"ReplicaKmsKeyID": destination["replica_kms_key_id"]}
        # S3 has replication time control in one size, 15 minutes, and requires metrics with it.
        if destination["replication_time_control"]:
            written["ReplicationTime"] = {**status(True), "Time": {"Minutes": 15}}
            written["Metrics"] = {**status(True), "EventThreshold": {"Minutes": 15}}
        elif destination["metrics"]:
            written["Metrics"] = status(True)
        return scrub_none_parameters(written)

    def write(rule):
        written = {
            "ID": rule["id"],
            "Status": rule["status"].capitalize(),
            "Priority": rule["priority"],
            "Filter": _write_filter(rule),
            "DeleteMarkerReplication": status(rule["delete_marker_replication"]),
            "Destination": write_destination(rule["destination"]),
        }
        selection = {
            name: status(True)
            for name, option in (
                ("SseKmsEncryptedObjects", "sse_kms_encrypted_objects"),
                ("ReplicaModifications", "replica_modifications"),
            )
            if rule[option]
        }
        if selection:
            written["SourceSelectionCriteria"] = selection
        if rule["existing_object_replication"]:
            written["ExistingObjectReplication"] = status(True)
        return written

    rules = [write(rule) for rule in replication["rules"]]
    return {"ReplicationConfiguration": {"Role": replication["role"], "Rules": rules}}


def write_event_bridge(enabled: bool, notifications: Value) -> Value:
    """The arguments that switch EventBridge on or off and keep the other notifications as they are."""
    kept = {key: value for key, value in notifications.items() if key.endswith("Configurations")}
    return {"NotificationConfiguration": {**kept, **({"EventBridgeConfiguration": {}} if enabled else {})}}


# In the order in which they are written: replication and object lock need versioning, and a public access block has
# to be loosened before the policy that it would refuse.
ASPECTS = (
    Aspect(
        "versioning",
        get="get_bucket_versioning",
        put="put_bucket_versioning",
        read=lambda answer: answer.get("Status", "Disabled").lower(),
        write=lambda value: {"VersioningConfiguration": {"Status": value.capitalize()}},
    ),
    Aspect(
        "object_lock",
        get="get_object_lock_configuration",
        put="put_object_lock_configuration",
        read=read_object_lock,
        write=write_object_lock,
        missing="ObjectLockConfigurationNotFoundError",
    ),
    Aspect(
        "encryption",
        get="get_bucket_encryption",
        put="put_bucket_encryption",
        read=read_encryption,
        write=write_encryption,
        missing="ServerSideEncryptionConfigurationNotFoundError",
    ),
    Aspect(
        "object_ownership",
        get="get_bucket_ownership_controls",
        put="put_bucket_ownership_controls",
        read=read_object_ownership,
        write=lambda value: {"OwnershipControls": {"Rules": [{"ObjectOwnership": value}]}},
        missing="OwnershipControlsNotFoundError",
    ),
    Aspect(
        "public_access_block",
        get="get_public_access_block",
        put="put_public_access_block",
        read=read_public_access_block,
        write=write_public_access_block,
        missing="NoSuchPublicAccessBlockConfiguration",
    ),
    Aspect(
        "policy",
        get="get_bucket_policy",
        put="put_bucket_policy",
        read=lambda answer: json.loads(answer.get("Policy", "{}")),
        write=lambda value: {"Policy": json.dumps(value)},
        missing="NoSuchBucketPolicy",
        delete="delete_bucket_policy",
    ),
    Aspect(
        "lifecycle_rules",
        get="get_bucket_lifecycle_configuration",
        put="put_bucket_lifecycle_configuration",
        read=read_lifecycle_rules,
        write=write_lifecycle_rules,
        missing="NoSuchLifecycleConfiguration",
        delete="delete_bucket_lifecycle",
    ),
    Aspect(
        "logging",
        get="get_bucket_logging",
        put="put_bucket_logging",
        read=read_logging,
        write=write_logging,
    ),
    Aspect(
        "replication",
        get="get_bucket_replication",
        put="put_bucket_replication",
        read=read_replication,
        write=write_replication,
        missing="ReplicationConfigurationNotFoundError",
        delete="delete_bucket_replication",
    ),
    Aspect(
        "tags",
        get="get_bucket_tagging",
        put="put_bucket_tagging",
        read=lambda answer: boto3_tag_list_to_ansible_dict(answer.get("TagSet", [])),
        write=lambda value: {"Tagging": {"TagSet": ansible_dict_to_boto3_tag_list(value)}},
        missing="NoSuchTagSet",
        delete="delete_bucket_tagging",
    ),
)
