# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import time
from typing import Any

import botocore.exceptions
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import ensure_present
from ansible_collections.wellarchitected.aws.plugins.modules.logs_log_group import FIELDS, LogGroup

ARN = "arn:aws:logs:ap-northeast-1:123456789012:log-group:example"
KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/example"


class Logs:
    """CloudWatch Logs with these pages of log groups, whose key it does not know for the first `unknown` requests."""

    def __init__(self, *pages: list[dict[str, Any]], unknown: int = 0) -> None:
        self.pages = pages
        self.unknown = unknown
        self.created: list[dict[str, Any]] = []

    def get_paginator(self, operation):
        assert operation == "describe_log_groups"
        return self

    def paginate(self, logGroupNamePrefix):
        for page in self.pages:
            yield {"logGroups": [group for group in page if group["logGroupName"].startswith(logGroupNamePrefix)]}

    def list_tags_for_resource(self, resourceArn):
        return {"tags": {"arn": resourceArn}}

    def create_log_group(self, **arguments):
        if self.unknown:
            self.unknown -= 1
            error = {"Code": "InvalidParameterException", "Message": "The specified KMS Key Id could not be found."}
            raise botocore.exceptions.ClientError({"Error": error}, "CreateLogGroup")
        self.created.append(arguments)


def described(name="example", **members):
    return {"logGroupName": name, "arn": f"{ARN}:*", **members}


def log_group(logs, **params):
    return LogGroup({"name": "example", "purge_tags": True, **dict.fromkeys(FIELDS), **params}, logs)


def test_found_among_groups_whose_names_begin_alike():
    logs = Logs([described("example-2", retentionInDays=7)], [described(retentionInDays=30)])
    assert log_group(logs).find()["retention_in_days"] == 30


def test_no_group_but_those_whose_names_begin_alike():
    assert log_group(Logs([described("example-2")])).find() is None


def test_what_aws_does_not_say():
    assert log_group(Logs([described()])).find() == {
        "name": "example",
        "arn": ARN,
        "retention_in_days": 0,
        "retention_policy_name": None,
        "kms_key_id": "",
        "log_group_class": "STANDARD",
        "deletion_protection_enabled": False,
        "tags": {"arn": ARN},
    }


def test_created_with_what_is_given_and_not_empty():
    logs = Logs()
    log_group(logs, retention_in_days=30, kms_key_id="", deletion_protection_enabled=False, tags={}).create()
    log_group(
        logs, kms_key_id=KEY, log_group_class="STANDARD", deletion_protection_enabled=True, tags={"a": 1}
    ).create()
    assert logs.created == [
        {"logGroupName": "example"},
        {
            "logGroupName": "example",
            "kmsKeyId": KEY,
            "logGroupClass": "STANDARD",
            "deletionProtectionEnabled": True,
            "tags": {"a": "1"},
        },
    ]


def test_a_new_key_is_waited_for(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    logs = Logs(unknown=2)
    log_group(logs, kms_key_id=KEY).create()
    assert len(logs.created) == 1


@pytest.mark.parametrize(
    ("members", "said"),
    [({"retentionInDays": 30}, "policy example keeps its events for 30 days"), ({}, "keeps its events forever")],
)
def test_a_retention_that_the_accounts_policy_holds(members, said):
    logs = Logs([described(retentionPolicyName="example", **members)])
    with pytest.raises(AnsibleAWSError, match=said):
        ensure_present(log_group(logs, retention_in_days=7))
    held = members.get("retentionInDays", 0)
    assert not ensure_present(log_group(logs, retention_in_days=held)).changed
