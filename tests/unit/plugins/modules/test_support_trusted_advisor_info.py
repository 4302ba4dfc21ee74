# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules.support_trusted_advisor_info import (
    dollars,
    read,
    read_resource,
    region_of,
)

CHECK = {"id": "a", "name": "Idle", "category": "cost_optimizing", "metadata": ["Region", "Name", "Reason"]}


@pytest.mark.parametrize(
    ("text", "number"), [("$1,234.50", 1234.5), ("$0.00", 0.0), ("18", 18.0), ("", None), (None, None), ("n/a", None)]
)
def test_dollars(text, number):
    assert dollars(text) == number


@pytest.mark.parametrize(
    "column", ["Estimated Monthly Savings", "Estimated Monthly Savings (On Demand)", "Monthly Storage Cost"]
)
def test_a_resource_has_the_columns_of_its_check(column):
    resource = {"resourceId": "1", "status": "warning", "metadata": ["eu-west-1", "db", None, "$54.00"]}
    assert read_resource(["Region/AZ", "DB Instance Name", "Tag", column], resource) == {
        "resource_id": "1",
        "status": "warning",
        "region": "eu-west-1",
        "monthly_cost": 54.0,
        "details": {"Region/AZ": "eu-west-1", "DB Instance Name": "db", column: "$54.00"},
    }


def test_what_is_excluded_or_fine_is_not_flagged():
    resource = {"resourceId": "1", "status": "error", "region": "x", "metadata": []}
    flagged = [{**resource, "isSuppressed": True}, {**resource, "status": "ok"}, resource]
    assert len(read(CHECK, {"status": "error", "timestamp": "t"}, flagged)["flagged_resources"]) == 1


def test_a_check_that_has_not_been_made():
    state = read(CHECK, {}, [])
    assert (state["status"], state["timestamp"], state["estimated_monthly_savings"]) == ("not_available", "", 0.0)


@pytest.mark.parametrize(
    ("region", "advisor"),
    [
        ("ap-northeast-1", "us-east-1"),
        (None, "us-east-1"),
        ("cn-north-1", "cn-north-1"),
        ("us-gov-east-1", "us-gov-west-1"),
    ],
)
def test_where_it_is(region, advisor):
    assert region_of(region) == advisor
