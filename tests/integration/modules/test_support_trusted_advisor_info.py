# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from .conftest import REGION


def test_what_is_idle_is_answered_with_its_cost(modules, sandbox):
    sandbox.client("ec2", REGION).create_volume(AvailabilityZone=f"{REGION}a", Size=100, VolumeType="gp3")
    answer = modules.run("support_trusted_advisor_info", categories=["cost_optimizing"])
    assert (answer["subscribed"], answer["reason"], answer["changed"]) == (True, "", False)
    assert {check["category"] for check in answer["checks"]} == {"cost_optimizing"}
    (flagging,) = [check for check in answer["checks"] if check["flagged_resources"]]
    assert (flagging["name"], flagging["estimated_monthly_savings"]) == ("Underutilized Amazon EBS Volumes", 8.0)
    (volume,) = flagging["flagged_resources"]
    assert (volume["region"], volume["monthly_cost"], volume["status"]) == (REGION, 8.0, "warning")
    assert volume["details"]["Volume Size"] == "100"


def test_checks_are_made_anew_when_asked_for(modules, sandbox):
    modules.run("support_trusted_advisor_info", check=True, refresh=True)
    asked = {request["operation"] for request in sandbox.requests() if request["service"] == "support"}
    assert "RefreshTrustedAdvisorCheck" not in asked
    modules.run("support_trusted_advisor_info", refresh=True)
    asked = {request["operation"] for request in sandbox.requests() if request["service"] == "support"}
    assert {"RefreshTrustedAdvisorCheck", "DescribeTrustedAdvisorCheckRefreshStatuses"} <= asked


def test_an_account_without_a_plan_is_told_so(modules, sandbox):
    iam = sandbox.client("iam", account="210987654321")
    iam.create_user(UserName="example")
    key = iam.create_access_key(UserName="example")["AccessKey"]
    credentials = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
    answer = modules.run("support_trusted_advisor_info", **credentials)
    assert (answer["subscribed"], answer["checks"]) == (False, [])
    assert "support plan of Business or more" in answer["reason"]
