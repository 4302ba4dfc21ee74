# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story


@pytest.fixture
def web_acls(modules):
    return [
        modules.run("wafv2_web_acl", name=name, default_action="allow")["web_acl"]["arn"]
        for name in ("first", "second")
    ]


@pytest.fixture
def balancer(sandbox):
    subnets = [subnet["SubnetId"] for subnet in sandbox.client("ec2", REGION).describe_subnets()["Subnets"][:2]]
    created = sandbox.client("elbv2", REGION).create_load_balancer(Name="web", Subnets=subnets)
    return created["LoadBalancers"][0]["LoadBalancerArn"]


def test_story(modules, web_acls, balancer):
    first, second = web_acls
    modules.tell(
        Story(
            module="wafv2_web_acl_association",
            returns="association",
            identity={"resource_arn": balancer},
            present={"web_acl_arn": first},
            changes=({"web_acl_arn": second},),
            drift=lambda sandbox: sandbox.client("wafv2", REGION).disassociate_web_acl(ResourceArn=balancer),
        )
    )


def test_another_web_acl_is_left_on(modules, web_acls, balancer):
    first, second = web_acls
    modules.run("wafv2_web_acl_association", resource_arn=balancer, web_acl_arn=first)
    arguments = {"resource_arn": balancer, "state": "absent"}
    assert not modules.run("wafv2_web_acl_association", **arguments, web_acl_arn=second)["changed"]
    assert modules.run("wafv2_web_acl_association", **arguments, web_acl_arn=first)["changed"]


def test_what_is_still_to_come(modules):
    arn = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:loadbalancer/app/web/0000000000000000"
    web_acl = f"arn:aws:wafv2:{REGION}:123456789012:regional/webacl/test/00000000-0000-0000-0000-000000000000"
    arguments = {"resource_arn": arn, "web_acl_arn": web_acl}
    assert modules.run("wafv2_web_acl_association", check=True, **arguments)["changed"]
    assert not modules.run("wafv2_web_acl_association", resource_arn=arn, state="absent")["changed"]


def test_refused(modules):
    assert "web_acl_arn" in modules.attempt("wafv2_web_acl_association", resource_arn="arn")["msg"]
