# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story, Teller

NAME = "web"


def find_subnets(sandbox):
    return [subnet["SubnetId"] for subnet in sandbox.client("ec2", REGION).describe_subnets()["Subnets"]]


@pytest.fixture
def subnets(sandbox):
    return find_subnets(sandbox)


@pytest.fixture
def groups(sandbox):
    ec2 = sandbox.client("ec2", REGION)
    vpc_id = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    return [ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc_id)["GroupId"] for name in "ab"]


def change_behind_our_back(sandbox):
    elb = sandbox.client("elbv2", REGION)
    arn = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    attribute = {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "false"}
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[attribute])


def test_story(modules, subnets, groups):
    attributes = {"routing.http.drop_invalid_header_fields.enabled": True, "idle_timeout.timeout_seconds": 30}
    modules.tell(
        Story(
            module="elbv2_load_balancer",
            returns="load_balancer",
            identity={"name": NAME},
            present={
                "subnet_ids": subnets[:2],
                "security_group_ids": groups[:1],
                "attributes": attributes,
                "tags": {"Number": 1},
            },
            changes=(
                {"subnet_ids": subnets},
                {"security_group_ids": groups[::-1]},
                {"attributes": {**attributes, "routing.http.desync_mitigation_mode": "strictest"}},
                {"tags": {"Environment": "test"}},
            ),
            drift=change_behind_our_back,
            unpredictable=frozenset({"arn", "dns_name", "canonical_hosted_zone_id", "vpc_id", "attributes"}),
        )
    )


def test_attributes_are_foretold_where_there_is_a_load_balancer(modules, subnets):
    modules.run("elbv2_load_balancer", name=NAME, subnet_ids=subnets[:2])
    attributes = {"idle_timeout.timeout_seconds": 30}
    foretold = modules.run("elbv2_load_balancer", check=True, name=NAME, attributes=attributes)
    assert modules.run("elbv2_load_balancer", name=NAME, attributes=attributes)["diff"] == foretold["diff"]


def test_one_that_is_protected_is_not_deleted(modules, subnets):
    arguments = {"name": NAME, "subnet_ids": subnets[:2]}
    modules.run("elbv2_load_balancer", **arguments, attributes={"deletion_protection.enabled": True})
    for check in (True, False):
        answer = modules.attempt("elbv2_load_balancer", check, name=NAME, state="absent")
        assert "is protected against deletion. If it is to go, first set its attribute" in answer["msg"]
    modules.run("elbv2_load_balancer", **arguments, attributes={"deletion_protection.enabled": False})
    assert modules.run("elbv2_load_balancer", name=NAME, state="absent")["changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"name": "new"}, "A new load balancer needs subnet_ids."),
        ({"scheme": "internal"}, "is internet-facing, and AWS cannot make it internal"),
        (
            {"attributes": {"idle_timeout": 5}},
            "Did you mean idle_timeout.timeout_seconds?",
        ),
    ],
)
def test_refused(modules, subnets, arguments, said):
    modules.run("elbv2_load_balancer", name=NAME, subnet_ids=subnets[:2])
    assert said in modules.attempt("elbv2_load_balancer", check=True, **{"name": NAME, **arguments})["msg"]


def test_another_type_is_left_alone(modules, sandbox, subnets):
    sandbox.client("elbv2", REGION).create_load_balancer(Name=NAME, Type="network", Subnets=subnets[:2])
    answer = modules.attempt("elbv2_load_balancer", name=NAME, tags={"a": "b"})
    assert "The load balancer web is of type network" in answer["msg"]


def test_it_takes_its_time(sandbox):
    modules = Teller(sandbox, hurry=60)
    arguments = {"name": NAME, "subnet_ids": find_subnets(sandbox)[:2]}
    created = modules.run("elbv2_load_balancer", **arguments, wait=False)
    assert created["load_balancer"]["state"] == "provisioning"
    modules.run("elbv2_load_balancer", name=NAME, state="absent")
    assert modules.run("elbv2_load_balancer", **arguments)["load_balancer"]["state"] == "active"
