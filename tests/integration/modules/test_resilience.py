# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a module does when AWS does not do as it should."""

from __future__ import annotations

import pytest

from .conftest import REGION

RULES = [{"id": "all", "expiration": {"days": 1}}]


@pytest.mark.parametrize(("kind", "rule"), [("throttle", {"every": 3}), ("error", {"every": 4}), ("error", {"at": 10})])
def test_throttling_and_server_errors_are_retried(modules, sandbox, kind, rule):
    sandbox.faults(kind, **rule)
    answer = modules.run("s3_bucket", name="example", versioning="enabled", lifecycle_rules=RULES, tags={"a": "b"})
    assert any(fault["raised"] for fault in sandbox.faults(kind, at=10**9))
    assert answer["bucket"]["tags"] == {"a": "b"}


def test_a_page_is_retried(modules, sandbox):
    sandbox.faults("throttle", every=2, operation="DescribeManagedPrefixLists")
    assert modules.run("ec2_managed_prefix_list_info")["prefix_lists"]


def test_what_fails_in_the_middle_is_completed_by_the_next_run(modules, sandbox):
    arguments = {"name": "example", "versioning": "enabled", "lifecycle_rules": RULES, "tags": {"a": "b"}}
    sandbox.faults("error", every=1, operation="PutBucketLifecycleConfiguration")
    # Without retries, so that the failure comes soon.
    failed = modules.attempt("s3_bucket", aws_config={"retries": {"total_max_attempts": 1}}, **arguments)
    assert failed["msg"].startswith("Failed to set lifecycle_rules of the bucket example: ")
    sandbox.faults()
    answer = modules.run("s3_bucket", **arguments)
    assert answer["changed"]
    assert [rule["id"] for rule in answer["bucket"]["lifecycle_rules"]] == ["all"]
    assert not modules.run("s3_bucket", **arguments)["changed"]
    assert sandbox.client("s3", REGION).get_bucket_tagging(Bucket="example")["TagSet"]
