# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import datetime

import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils.s3_bucket import (
    ASPECTS,
    normalise_encryption,
    normalise_lifecycle_rules,
    normalise_replication,
    read_encryption,
    read_lifecycle_rules,
    read_logging,
    read_object_lock,
    read_public_access_block,
    read_replication,
    same_encryption,
    write_encryption,
    write_event_bridge,
    write_lifecycle_rules,
    write_logging,
    write_object_lock,
    write_replication,
)

KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd"


@pytest.mark.parametrize(
    "encryption",
    [
        {"type": "sse-s3"},
        {"type": "sse-s3", "blocked_types": ["SSE-C"]},
        {"type": "sse-kms", "bucket_key": True},
        {"type": "sse-kms", "bucket_key": False, "kms_key_id": KEY},
        {"type": "dsse-kms", "kms_key_id": KEY},
    ],
)
def test_encryption_there_and_back(encryption):
    assert read_encryption(write_encryption(encryption)) == encryption


def test_encryption_of_which_s3_knows_more_than_we():
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:new"}}
    read = read_encryption({"ServerSideEncryptionConfiguration": {"Rules": [rule]}})
    assert read == {"type": "aws:new", "bucket_key": False}


def test_a_type_of_encryption_has_only_its_own_settings():
    everything = {"kms_key_id": KEY, "bucket_key": True, "blocked_types": None}
    assert normalise_encryption({"type": "sse-s3", **everything}) == {"type": "sse-s3"}
    assert normalise_encryption({"type": "dsse-kms", **everything}) == {"type": "dsse-kms", "kms_key_id": KEY}


@pytest.mark.parametrize(
    ("change", "same"), [({}, True), ({"kms_key_id": "1234abcd"}, True), ({"bucket_key": False}, False)]
)
def test_same_encryption(change, same):
    encryption = {"type": "sse-kms", "kms_key_id": KEY, "bucket_key": True}
    assert same_encryption(encryption, {**encryption, **change}) is same


def test_public_access_block_is_complete():
    read = read_public_access_block({"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}})
    assert read.pop("block_public_acls")
    assert not any(read.values())
    assert len(read) == 3


@pytest.mark.parametrize(
    "rule",
    [
        {"expiration": {"days": 1}},
        {"expiration": {"date": "2030-01-31"}, "status": "disabled"},
        {"expiration": {"expired_object_delete_marker": True}, "prefix": "a/"},
        {"tags": {"a": "b"}, "abort_incomplete_multipart_upload_days": 7},
        {"tags": {"a": "b", "c": "d"}, "expiration": {"days": 1}},
        {"prefix": "a/", "tags": {"a": "b"}, "expiration": {"days": 1}},
        {"object_size_greater_than": 10, "object_size_less_than": 20, "expiration": {"days": 1}},
        {"object_size_greater_than": 10, "prefix": "a/", "expiration": {"days": 1}},
        {"transitions": [{"days": 1, "storage_class": "GLACIER_IR"}, {"days": 9, "storage_class": "DEEP_ARCHIVE"}]},
        {"transitions": [{"date": "2030-01-31", "storage_class": "GLACIER"}]},
        {
            "noncurrent_version_expiration": {"noncurrent_days": 9, "newer_noncurrent_versions": 2},
            "noncurrent_version_transitions": [{"noncurrent_days": 1, "storage_class": "STANDARD_IA"}],
        },
    ],
)
def test_lifecycle_rule_there_and_back(rule):
    rules = normalise_lifecycle_rules([{"id": "a", "status": "enabled", "prefix": "", **rule}])
    written = write_lifecycle_rules(rules)["LifecycleConfiguration"]
    assert read_lifecycle_rules(written) == rules


def test_lifecycle_filter_is_as_flat_as_s3_wants_it():
    def written(**rule):
        rules = normalise_lifecycle_rules([{"id": "a", "status": "enabled", "prefix": "", **rule}])
        return write_lifecycle_rules(rules)["LifecycleConfiguration"]["Rules"][0]["Filter"]

    assert written() == {"Prefix": ""}
    assert written(prefix="a/") == {"Prefix": "a/"}
    assert written(tags={"a": "b"}) == {"Tag": {"Key": "a", "Value": "b"}}
    assert written(object_size_less_than=1) == {"ObjectSizeLessThan": 1}
    assert written(prefix="a/", object_size_less_than=1) == {"And": {"Prefix": "a/", "ObjectSizeLessThan": 1}}


def test_lifecycle_as_s3_answers_it():
    """An old rule without a filter, false beside days, and a date with hours."""
    date = datetime.datetime(2030, 1, 31, tzinfo=datetime.UTC)
    answer = [
        {"ID": "b", "Prefix": "a/", "Status": "Enabled", "Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": False}},
        {"ID": "a", "Filter": {}, "Status": "Disabled", "Expiration": {"Date": date}},
    ]
    assert read_lifecycle_rules({"Rules": answer}) == [
        {"id": "a", "status": "disabled", "prefix": "", "expiration": {"date": "2030-01-31"}},
        {"id": "b", "status": "enabled", "prefix": "a/", "expiration": {"days": 1}},
    ]


@pytest.mark.parametrize(
    "logging",
    [
        {},
        {"target_bucket": "logs", "target_prefix": ""},
        {"target_bucket": "logs", "target_prefix": "s3/", "partition_date_source": "EventTime"},
    ],
)
def test_logging_there_and_back(logging):
    assert read_logging(write_logging(logging)["BucketLoggingStatus"]) == logging


@pytest.mark.parametrize("retention", [{}, {"mode": "GOVERNANCE", "days": 1}, {"mode": "COMPLIANCE", "years": 1}])
def test_object_lock_there_and_back(retention):
    lock = {"enabled": True, "default_retention": retention}
    assert read_object_lock(write_object_lock(lock)) == lock


RULE = {
    "id": "a",
    "status": "enabled",
    "priority": 0,
    "prefix": "",
    "delete_marker_replication": False,
    "existing_object_replication": False,
    "replica_modifications": False,
    "sse_kms_encrypted_objects": False,
    "destination": {
        "bucket": "arn:aws:s3:::replica",
        "owner_override": False,
        "replication_time_control": False,
        "metrics": False,
    },
}


@pytest.mark.parametrize(
    ("rule", "destination"),
    [
        ({}, {}),
        ({"prefix": "a/", "tags": {"a": "b"}, "priority": 7, "status": "disabled"}, {}),
        ({"sse_kms_encrypted_objects": True, "replica_modifications": True}, {"replica_kms_key_id": KEY}),
        ({"delete_marker_replication": True, "existing_object_replication": True}, {"metrics": True}),
        ({}, {"account": "111122223333", "owner_override": True, "storage_class": "GLACIER"}),
        ({}, {"replication_time_control": True}),
    ],
)
def test_replication_there_and_back(rule, destination):
    rule = {**RULE, **rule, "destination": {**RULE["destination"], **destination}}
    replication = normalise_replication({"role": "arn:aws:iam::123456789012:role/r", "rules": [rule]})
    assert read_replication(write_replication(replication)) == replication


def test_no_replication():
    assert read_replication({}) == normalise_replication({}) == {}


@pytest.mark.parametrize("enabled", [True, False])
def test_event_bridge_keeps_other_notifications(enabled):
    answer = {"ResponseMetadata": {}, "EventBridgeConfiguration": {}, "TopicConfigurations": [1]}
    written = write_event_bridge(enabled, answer)["NotificationConfiguration"]
    assert written.pop("TopicConfigurations") == [1]
    assert written == ({"EventBridgeConfiguration": {}} if enabled else {})


def test_every_aspect_names_methods_that_there_are():
    import boto3

    client = boto3.client("s3", region_name="us-east-1")
    for aspect in ASPECTS:
        for method in (aspect.get, aspect.put, aspect.delete):
            assert method is None or hasattr(client, method)
