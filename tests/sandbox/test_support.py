# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Trusted Advisor looks at what there is, and tells accounts with a support plan alone."""

import pytest

CHECKS = {
    "hjLMh88uM8": "Idle Load Balancers",
    "Qch7DwouX1": "Low Utilization Amazon EC2 Instances",
    "Z4AUBRNSmz": "Unassociated Elastic IP Addresses",
    "DAvU99Dc4C": "Underutilized Amazon EBS Volumes",
    "Ti39halfu8": "Amazon RDS Idle DB Instances",
    "HCP4007jGY": "Security Groups - Specific Ports Unrestricted",
}


@pytest.fixture
def support(own):
    return own.client("support", "us-east-1")


def result(support, check_id):
    return support.describe_trusted_advisor_check_result(checkId=check_id)["result"]


def test_checks_have_names_and_columns(support):
    checks = {check["id"]: check for check in support.describe_trusted_advisor_checks(language="en")["checks"]}
    assert {check_id: checks[check_id]["name"] for check_id in CHECKS} == CHECKS
    assert checks["DAvU99Dc4C"]["metadata"][5] == "Monthly Storage Cost"


def test_what_is_idle_is_flagged_with_its_cost(own, support):
    ec2 = own.client("ec2", "ap-northeast-1")
    address = ec2.allocate_address(Domain="vpc")["PublicIp"]
    ec2.create_volume(AvailabilityZone="ap-northeast-1a", Size=100, VolumeType="gp3")
    addresses, volumes = result(support, "Z4AUBRNSmz"), result(support, "DAvU99Dc4C")
    assert [each["metadata"] for each in addresses["flaggedResources"]] == [["ap-northeast-1", address]]
    assert volumes["flaggedResources"][0]["metadata"][5] == "$8.00"
    assert volumes["categorySpecificSummary"]["costOptimizing"]["estimatedMonthlySavings"] == 8.0
    summaries = support.describe_trusted_advisor_check_summaries(checkIds=list(CHECKS))["summaries"]
    assert {each["checkId"]: each["status"] for each in summaries} == {
        **dict.fromkeys(CHECKS, "ok"),
        "Z4AUBRNSmz": "warning",
        "DAvU99Dc4C": "warning",
    }


def test_ports_that_are_open_to_the_world_are_red_or_yellow(own, support):
    ec2 = own.client("ec2", "ap-northeast-1")
    group = ec2.create_security_group(GroupName="open", Description="Open")["GroupId"]
    for port in (22, 443, 3306):
        world = [{"CidrIp": "0.0.0.0/0"}]
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": world}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    found = result(support, "HCP4007jGY")
    assert found["status"] == "error"
    assert {(each["metadata"][4], each["metadata"][5]) for each in found["flaggedResources"]} == {
        ("Yellow", "22"),
        ("Red", "3306"),
    }


def test_checks_are_made_anew(support):
    status = support.refresh_trusted_advisor_check(checkId="hjLMh88uM8")["status"]
    assert status["status"] == "success"
    (status,) = support.describe_trusted_advisor_check_refresh_statuses(checkIds=["hjLMh88uM8"])["statuses"]
    assert status["status"] == "success"


def test_a_new_account_has_no_plan(client, support, refused):
    with refused("SubscriptionRequiredException"):
        client("support", "us-east-1").describe_trusted_advisor_checks(language="en")
    with refused("InvalidParameterValueException"):
        result(support, "missing")
