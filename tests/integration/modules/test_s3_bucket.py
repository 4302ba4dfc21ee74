# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import REGION, Story

NAME = "example-artifacts"
TLS_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}


LOG_DELIVERY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::example-logs/*",
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    ],
}


def test_story(modules):
    modules.run("s3_bucket", name="example-logs", policy=LOG_DELIVERY)

    def drift(sandbox):
        s3 = sandbox.client("s3", REGION)
        s3.put_public_access_block(
            Bucket=NAME, PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True}
        )
        s3.delete_bucket_policy(Bucket=NAME)
        s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Suspended"})
        s3.delete_bucket_tagging(Bucket=NAME)

    modules.tell(
        Story(
            module="s3_bucket",
            returns="bucket",
            identity={"name": NAME},
            present={
                "versioning": "enabled",
                "encryption": {"type": "sse-kms", "kms_key_id": "alias/example"},
                "object_ownership": "BucketOwnerEnforced",
                "public_access_block": {
                    "block_public_acls": True,
                    "ignore_public_acls": True,
                    "block_public_policy": True,
                    "restrict_public_buckets": True,
                },
                "policy": TLS_ONLY,
                "lifecycle_rules": [
                    {
                        "id": "all",
                        "transitions": [
                            {"days": 90, "storage_class": "GLACIER"},
                            {"days": 30, "storage_class": "STANDARD_IA"},
                        ],
                        "expiration": {"days": 365},
                        "noncurrent_version_transitions": [{"noncurrent_days": 30, "storage_class": "STANDARD_IA"}],
                        "noncurrent_version_expiration": {"noncurrent_days": 90, "newer_noncurrent_versions": 3},
                        "abort_incomplete_multipart_upload_days": 7,
                    },
                    {"id": "a", "status": "disabled", "prefix": "tmp/", "tags": {"a": "b"}, "expiration": {"days": 1}},
                ],
                "logging": {
                    "target_bucket": "example-logs",
                    "target_prefix": "s3/",
                    "partition_date_source": "EventTime",
                },
                "event_bridge": True,
                "tags": {"Environment": "test", "Number": 1},
            },
            changes=(
                {"encryption": {"type": "sse-s3"}},
                {"lifecycle_rules": [], "tags": {"Environment": "changed"}},
                {"logging": {}, "event_bridge": False},
                {"tags": {}},
                {"tags": {"Environment": "again"}},
            ),
            drift=drift,
        )
    )


def test_story_of_object_lock_and_replication(modules):
    target = modules.run("s3_bucket", region="ap-northeast-3", name="example-replica", versioning="enabled")["bucket"]
    rule = {"id": "all", "priority": 1, "destination": {"bucket": target["arn"]}}
    encrypted = {
        **rule,
        "prefix": "data/",
        "sse_kms_encrypted_objects": True,
        "delete_marker_replication": True,
        "destination": {
            "bucket": target["arn"],
            "storage_class": "STANDARD_IA",
            "replica_kms_key_id": "arn:aws:kms:ap-northeast-3:123456789012:alias/example",
            "replication_time_control": True,
        },
    }
    role = "arn:aws:iam::123456789012:role/example-replication"
    modules.tell(
        Story(
            module="s3_bucket",
            returns="bucket",
            identity={"name": NAME},
            present={
                "versioning": "enabled",
                "object_lock": {"enabled": True, "default_retention": {"mode": "GOVERNANCE", "days": 3}},
                "replication": {"role": role, "rules": [rule]},
            },
            changes=(
                {"replication": {"role": role, "rules": [encrypted, {**rule, "id": "b", "priority": 2}]}},
                {"object_lock": {"enabled": True, "default_retention": {"mode": "COMPLIANCE", "years": 1}}},
                {"object_lock": {"enabled": True, "default_retention": {}}},
                {"replication": {}},
                {"tags": {"Environment": "test"}},
            ),
            drift=lambda sandbox: sandbox.client("s3", REGION).delete_bucket_tagging(Bucket=NAME),
        )
    )


def test_defaults_of_a_new_bucket(modules):
    foretold = modules.run("s3_bucket", check=True, name=NAME)["bucket"]
    assert modules.run("s3_bucket", name=NAME)["bucket"] == foretold


def test_us_east_1_is_not_named(modules):
    assert modules.run("s3_bucket", region="us-east-1", name=NAME)["bucket"]["region"] == "us-east-1"


def test_what_is_not_given_stays(modules):
    modules.run("s3_bucket", name=NAME, versioning="enabled", policy=TLS_ONLY, tags={"a": "b"}, event_bridge=True)
    answer = modules.run("s3_bucket", name=NAME, public_access_block={"block_public_acls": False})
    assert answer["changed"]
    assert answer["bucket"]["public_access_block"] == {
        "block_public_acls": False,
        "ignore_public_acls": True,
        "block_public_policy": True,
        "restrict_public_buckets": True,
    }
    again = modules.run("s3_bucket", name=NAME)
    assert not again["changed"]
    assert again["bucket"]["versioning"] == "enabled"
    assert again["bucket"]["policy"] == TLS_ONLY
    assert again["bucket"]["tags"] == {"a": "b"}
    assert again["bucket"]["event_bridge"]


def test_tags_are_kept_without_purging(modules):
    modules.run("s3_bucket", name=NAME, tags={"a": "b"})
    answer = modules.run("s3_bucket", name=NAME, tags={"c": "d"}, purge_tags=False)
    assert answer["bucket"]["tags"] == {"a": "b", "c": "d"}


def test_event_bridge_leaves_other_notifications(modules, sandbox):
    modules.run("s3_bucket", name=NAME)
    queue = sandbox.client("sqs", REGION).create_queue(QueueName="example")["QueueUrl"]
    arn = sandbox.client("sqs", REGION).get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    s3 = sandbox.client("s3", REGION)
    s3.put_bucket_notification_configuration(
        Bucket=NAME,
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arn["Attributes"]["QueueArn"], "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    for enabled in (True, False):
        assert modules.run("s3_bucket", name=NAME, event_bridge=enabled)["changed"]
        assert s3.get_bucket_notification_configuration(Bucket=NAME)["QueueConfigurations"]


@pytest.mark.parametrize("check", [True, False])
def test_a_bucket_with_objects_is_kept(modules, sandbox, check):
    modules.run("s3_bucket", name=NAME, versioning="enabled")
    s3 = sandbox.client("s3", REGION)
    s3.put_object(Bucket=NAME, Key="a", Body=b"")
    # Seen from ListObjects the bucket is empty now; a version and a delete marker remain.
    s3.delete_object(Bucket=NAME, Key="a")
    assert "set force to true" in modules.attempt("s3_bucket", check, name=NAME, state="absent")["msg"]
    assert modules.run("s3_bucket", check, name=NAME, state="absent", force=True)["changed"]
    assert len(s3.list_buckets()["Buckets"]) == (1 if check else 0)


def test_force_deletes_pages_of_versions_and_uploads(modules, sandbox):
    modules.run("s3_bucket", name=NAME, versioning="enabled")
    s3 = sandbox.client("s3", REGION)
    for number in range(510):
        s3.put_object(Bucket=NAME, Key=f"{number}", Body=b"")
        s3.delete_object(Bucket=NAME, Key=f"{number}")
    s3.create_multipart_upload(Bucket=NAME, Key="upload")
    modules.run("s3_bucket", name=NAME, state="absent", force=True)
    assert not s3.list_buckets()["Buckets"]


def test_a_bucket_in_another_region(modules):
    modules.run("s3_bucket", name=NAME)
    for state in ("present", "absent"):
        answer = modules.attempt("s3_bucket", region="ap-northeast-3", name=NAME, state=state)
        assert f"exists in {REGION}, but this task is for ap-northeast-3" in answer["msg"]


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_bucket_of_another_account(modules, sandbox, state):
    theirs = sandbox.client("s3", "us-east-1", account="111122223333")
    theirs.create_bucket(Bucket=NAME)
    welcome = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"],
    }
    theirs.put_bucket_policy(Bucket=NAME, Policy=json.dumps({"Version": "2012-10-17", "Statement": [welcome]}))
    before = len(sandbox.requests())
    for check in (True, False):
        answer = modules.attempt("s3_bucket", check, region="us-east-1", name=NAME, state=state, force=True)
        assert "Either another account than 123456789012 has it" in answer["msg"]
    assert not any(request["write"] for request in sandbox.requests()[before:])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"policy": "{"}, "policy is not valid JSON"),
        ({"policy": "[]"}, "policy must be a policy document"),
        ({"logging": {"target_prefix": "a/"}}, "logging needs target_bucket"),
        ({"replication": {"role": "r"}}, "replication needs rules"),
        ({"replication": {"role": "r", "rules": []}}, "replication.rules is empty"),
        (
            {"object_lock": {"enabled": True, "default_retention": {"mode": "GOVERNANCE"}}},
            "needs either days or years",
        ),
        (
            {"object_lock": {"enabled": False, "default_retention": {"mode": "GOVERNANCE", "days": 1}}},
            "needs object_lock.enabled",
        ),
        ({"object_lock": {"enabled": True}, "versioning": "suspended"}, "needs versioning to be enabled"),
    ],
)
def test_refused(modules, sandbox, arguments, said):
    for check in (True, False):
        assert said in modules.attempt("s3_bucket", check, name=NAME, **arguments)["msg"]
    assert not sandbox.client("s3", REGION).list_buckets()["Buckets"]


def test_object_lock_cannot_be_removed(modules):
    foretold = modules.run("s3_bucket", check=True, name=NAME, object_lock={"enabled": True})["bucket"]
    assert modules.run("s3_bucket", name=NAME, object_lock={"enabled": True})["bucket"] == foretold
    answer = modules.attempt("s3_bucket", check=True, name=NAME, object_lock={"enabled": False})
    assert "which AWS cannot remove" in answer["msg"]
