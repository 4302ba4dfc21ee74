# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What KMS answers, where moto lacks it or has it wrong."""

import datetime
import json

import pytest


@pytest.fixture
def kms(client):
    return client("kms", "ap-northeast-1")


@pytest.fixture
def key(kms):
    return kms.create_key(Description="Database", Tags=[{"TagKey": "Name", "TagValue": "db"}])["KeyMetadata"]["KeyId"]


def test_key_policy(kms, client, key, refused):
    root = {"AWS": f"arn:aws:iam::{client.account}:root"}
    default = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    assert default["Statement"][0]["Principal"] == root
    statements = [{"Sid": "all", "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}]
    policy = {"Version": "2012-10-17", "Statement": statements}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    assert json.loads(kms.get_key_policy(KeyId=key)["Policy"]) == policy
    with refused("MalformedPolicyDocumentException"):
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy="{")
    with refused("MalformedPolicyDocumentException"):
        kms.create_key(Policy="not json")


def test_aliases(kms, key, refused):
    kms.create_alias(AliasName="alias/database", TargetKeyId=key)
    with refused("AlreadyExistsException"):
        kms.create_alias(AliasName="alias/database", TargetKeyId=key)
    assert kms.describe_key(KeyId="alias/database")["KeyMetadata"]["KeyId"] == key
    aliases = kms.list_aliases(KeyId=key)["Aliases"]
    assert [(alias["AliasName"], alias["TargetKeyId"]) for alias in aliases] == [("alias/database", key)]
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName="alias/database", TargetKeyId=other)
    assert kms.describe_key(KeyId="alias/database")["KeyMetadata"]["KeyId"] == other
    kms.delete_alias(AliasName="alias/database")
    with refused("NotFoundException"):
        kms.describe_key(KeyId="alias/database")
    with refused("NotFoundException"):
        kms.delete_alias(AliasName="alias/database")
    with refused("NotAuthorizedException"):
        kms.create_alias(AliasName="alias/aws/mine", TargetKeyId=key)


def test_rotation(kms, key):
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 180)
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365
    kms.disable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False


def test_a_key_waits_for_its_deletion(kms, key, refused):
    answer = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert answer["KeyState"] == "PendingDeletion"
    assert answer["PendingWindowInDays"] == 7
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingDeletion", False)
    assert (metadata["DeletionDate"] - datetime.datetime.now(datetime.UTC)).days in (6, 7)
    for operation, more in {
        "enable_key_rotation": {},
        "enable_key": {},
        "disable_key": {},
        "create_alias": {"AliasName": "alias/x"},
        "schedule_key_deletion": {},
        "tag_resource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
        "update_key_description": {"Description": "x"},
    }.items():
        with refused("KMSInvalidStateException"):
            name = "TargetKeyId" if operation == "create_alias" else "KeyId"
            getattr(kms, operation)(**{name: key}, **more)
    kms.cancel_key_deletion(KeyId=key)
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Disabled", False)
    assert "DeletionDate" not in metadata
    kms.enable_key(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    with refused("KMSInvalidStateException"):
        kms.cancel_key_deletion(KeyId=key)


def test_tags(kms, key):
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "1"}])
    kms.untag_resource(KeyId=key, TagKeys=["Name"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "a", "TagValue": "1"}]


def test_grants_are_not_counted(kms, key, sandbox):
    grantee = "arn:aws:iam::123456789012:role/x"
    kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Decrypt"])
    answer = kms.list_grants(KeyId=key)
    assert [grant["GranteePrincipal"] for grant in answer["Grants"]] == [grantee]
    assert not [row for row in sandbox.status()["questionable"] if row["operation"] == "ListGrants"]


def test_a_key_that_is_not_there(kms, refused):
    with refused("NotFoundException"):
        kms.describe_key(KeyId="1234abcd-12ab-34cd-56ef-1234567890ab")


def test_a_key_is_disabled_enabled_deleted_and_taken_back_by_its_arn(sandbox):
    kms = sandbox.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]

    def state() -> str:
        return kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"]

    kms.disable_key(KeyId=arn)
    assert state() == "Disabled"
    kms.enable_key(KeyId=arn)
    assert state() == "Enabled"
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    assert state() == "PendingDeletion"
    kms.cancel_key_deletion(KeyId=arn)
    assert state() == "Disabled"
