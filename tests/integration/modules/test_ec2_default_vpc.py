# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION


@pytest.fixture
def ec2(sandbox):
    return sandbox.client("ec2", REGION)


def default_vpcs(ec2):
    return ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]


@pytest.mark.parametrize(("state", "left"), [("absent", 0), ("present", 1)])
def test_states(modules, ec2, state, left):
    if state == "present":
        modules.run("ec2_default_vpc", state="absent")
    before = len(default_vpcs(ec2))
    assert modules.run("ec2_default_vpc", check=True, state=state)["changed"]
    assert len(default_vpcs(ec2)) == before
    assert modules.run("ec2_default_vpc", state=state)["changed"]
    assert len(default_vpcs(ec2)) == left
    assert not modules.run("ec2_default_vpc", state=state)["changed"]
    assert not modules.run("ec2_default_vpc", check=True, state=state)["changed"]


def test_nothing_else_goes(modules, ec2):
    other = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=other, CidrBlock="10.0.0.0/24")
    modules.run("ec2_default_vpc", state="absent")
    assert [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]] == [other]
    assert len(ec2.describe_subnets()["Subnets"]) == 1
    assert not ec2.describe_internet_gateways()["InternetGateways"]


def test_tags(modules, ec2):
    tagged = modules.run("ec2_default_vpc", state="present", tags={"Environment": "test"})
    assert tagged["vpc"]["tags"] == {"Environment": "test"}
    assert not modules.run("ec2_default_vpc", state="present")["changed"]


@pytest.mark.parametrize("check", [True, False])
def test_refused_while_in_use(modules, ec2, check):
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    interface = ec2.create_network_interface(SubnetId=subnet, Description="database")["NetworkInterface"]
    answer = modules.attempt("ec2_default_vpc", check, state="absent")
    assert f"{interface['NetworkInterfaceId']} (database)" in answer["msg"]
    assert default_vpcs(ec2)
