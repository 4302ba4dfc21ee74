# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import REGION, Story


@pytest.fixture
def keys(sandbox):
    """The ARNs of two keys that CloudWatch Logs may use."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{REGION}.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    kms = sandbox.client("kms", REGION)
    return [kms.create_key(Policy=policy)["KeyMetadata"]["Arn"] for _ in range(2)]


def change_behind_its_back(sandbox):
    logs = sandbox.client("logs", REGION)
    (group,) = logs.describe_log_groups(logGroupNamePrefix="example")["logGroups"]
    logs.delete_retention_policy(logGroupName="example")
    logs.disassociate_kms_key(logGroupName="example")
    logs.put_log_group_deletion_protection(logGroupIdentifier="example", deletionProtectionEnabled=True)
    logs.untag_resource(resourceArn=group["logGroupArn"], tagKeys=["Environment"])


def test_story(modules, keys):
    modules.tell(
        Story(
            module="logs_log_group",
            returns="log_group",
            identity={"name": "example"},
            present={
                "retention_in_days": 30,
                "kms_key_id": keys[0],
                "deletion_protection_enabled": True,
                "tags": {"Environment": "test", "Owner": "web"},
            },
            changes=(
                {"retention_in_days": 1096, "kms_key_id": keys[1]},
                {"retention_in_days": 0, "kms_key_id": ""},
                {"retention_in_days": 400, "kms_key_id": keys[0], "deletion_protection_enabled": False},
                {"tags": {"Environment": "changed"}},
            ),
            drift=change_behind_its_back,
            unpredictable=frozenset({"arn"}),
        )
    )


@pytest.mark.parametrize("kind", ["INFREQUENT_ACCESS", "DELIVERY"])
def test_story_of_a_class(modules, kind):
    modules.tell(
        Story(
            module="logs_log_group",
            returns="log_group",
            identity={"name": "example"},
            present={"log_group_class": kind},
            changes=({"tags": {"Environment": "test"}},),
            drift=lambda sandbox: sandbox.client("logs", REGION).delete_log_group(logGroupName="example"),
            unpredictable=frozenset({"arn"}),
        )
    )


def test_what_is_not_given_stays(modules, keys):
    before = modules.run(
        "logs_log_group",
        name="example",
        retention_in_days=30,
        kms_key_id=keys[0],
        log_group_class="INFREQUENT_ACCESS",
        deletion_protection_enabled=True,
        tags={"Environment": "test"},
    )["log_group"]
    after = modules.run("logs_log_group", name="example", retention_in_days=60)["log_group"]
    assert after == {**before, "retention_in_days": 60}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ({}, {"log_group_class": "DELIVERY"}, "of class STANDARD, and AWS cannot make it DELIVERY"),
        ({}, {"kms_key_id": "alias/example"}, "kms_key_id is alias/example"),
        ({"log_group_class": "DELIVERY"}, {"retention_in_days": 0}, "DELIVERY for 2 days"),
        ({"deletion_protection_enabled": True}, {"state": "absent"}, "protected against deletion"),
    ],
)
def test_refused(modules, first, then, said, check):
    modules.run("logs_log_group", name="example", **first)
    assert said in modules.attempt("logs_log_group", name="example", check=check, **then)["msg"]


def test_a_retention_is_refused_before_a_group_for_delivery_is_made(modules, sandbox):
    answer = modules.attempt("logs_log_group", name="example", log_group_class="DELIVERY", retention_in_days=7)
    assert "Leave retention_in_days out" in answer["msg"]
    assert sandbox.client("logs", REGION).describe_log_groups()["logGroups"] == []
