# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from .conftest import REGION

SHOP = {"estate": "shop", "environment": "test", "needs": ["network.vpc"], "wait_timeout": 0}


def test_what_is_there_is_found(modules, sandbox):
    ec2 = sandbox.client("ec2", REGION)
    for environment in ("test", "other"):
        tags = {"Estate": "shop", "Environment": environment, "Layer": "network", "Component": "vpc"}
        ec2.create_vpc(
            CidrBlock="10.0.0.0/16",
            TagSpecifications=[
                {
                    "ResourceType": "vpc",
                    "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
                }
            ],
        )
    ours = ec2.describe_vpcs(Filters=[{"Name": "tag:Environment", "Values": ["test"]}])["Vpcs"][0]["VpcId"]
    answer = modules.run("estate_info", **SHOP)
    assert answer["estate"]["network"]["vpc"]["id"] == ours
    assert answer["planned"] == []


def test_what_is_missing_is_planned_in_check_mode_alone(modules):
    assert modules.run("estate_info", check=True, **SHOP)["planned"] == ["network.vpc"]
    failed = modules.attempt("estate_info", **SHOP)
    assert failed["missing"] == ["network.vpc"]
    assert "network" in failed["msg"]


def test_what_takes_minutes_is_waited_for(modules, sandbox):
    ec2 = sandbox.client("ec2", REGION)
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    tags = {"Estate": "shop", "Environment": "test", "Layer": "network", "Component": "nat-a"}
    sandbox.clock(1)
    ec2.create_nat_gateway(
        SubnetId=subnet,
        AllocationId=ec2.allocate_address(Domain="vpc")["AllocationId"],
        TagSpecifications=[
            {"ResourceType": "natgateway", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        ],
    )
    needed = {**SHOP, "needs": ["network.nat_gateways.nat-a"]}
    planned = modules.run("estate_info", check=True, **needed)
    assert planned["estate"]["network"]["nat_gateways"]["nat-a"]["state"] == "pending"
    failed = modules.attempt("estate_info", ready_timeout=0, **needed)
    assert failed["pending"] == ["network.nat_gateways.nat-a"]
    sandbox.clock(60)
    answer = modules.run("estate_info", ready_timeout=60, **needed)
    assert answer["estate"]["network"]["nat_gateways"]["nat-a"]["state"] == "available"
