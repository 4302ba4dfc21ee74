# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

FORBIDDEN = {"fixed_response": {"status_code": "403", "message_body": "Forbidden"}}
REDIRECT = {"redirect": {"protocol": "HTTPS", "port": "443"}}
POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"


@pytest.fixture
def balancer(sandbox):
    subnets = [subnet["SubnetId"] for subnet in sandbox.client("ec2", REGION).describe_subnets()["Subnets"][:2]]
    created = sandbox.client("elbv2", REGION).create_load_balancer(Name="web", Subnets=subnets)
    return created["LoadBalancers"][0]["LoadBalancerArn"]


@pytest.fixture
def certificates(sandbox):
    acm = sandbox.client("acm", REGION)
    return [acm.request_certificate(DomainName=f"{name}.example.com")["CertificateArn"] for name in ("a", "b")]


def change_behind_our_back(sandbox, **changes):
    elb = sandbox.client("elbv2", REGION)
    balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    arn = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
    elb.modify_listener(ListenerArn=arn, **changes)


def test_story_of_https(modules, balancer, certificates):
    first, second = certificates
    modules.tell(
        Story(
            module="elbv2_listener",
            returns="listener",
            identity={"load_balancer_arn": balancer, "port": 443},
            present={
                "protocol": "HTTPS",
                "certificate_arn": first,
                "ssl_policy": POLICY,
                "action": FORBIDDEN,
                "tags": {"Number": 1},
            },
            changes=(
                {"certificate_arn": second},
                {"ssl_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"},
                {"action": {"fixed_response": {"status_code": "503"}}},
                {"tags": {"Environment": "test"}},
            ),
            drift=lambda sandbox: change_behind_our_back(sandbox, SslPolicy="ELBSecurityPolicy-2016-08"),
            unpredictable=frozenset({"arn"}),
        )
    )


def test_story_of_http(modules, balancer):
    action = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]
    modules.tell(
        Story(
            module="elbv2_listener",
            returns="listener",
            identity={"load_balancer_arn": balancer, "port": 80},
            present={"protocol": "HTTP", "action": REDIRECT},
            changes=({"action": FORBIDDEN},),
            drift=lambda sandbox: change_behind_our_back(sandbox, DefaultActions=action),
            unpredictable=frozenset({"arn"}),
        )
    )


def test_a_load_balancer_that_is_still_to_come(modules):
    arn = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:loadbalancer/app/web/0000000000000000"
    arguments = {"load_balancer_arn": arn, "port": 80}
    assert modules.run("elbv2_listener", check=True, **arguments, protocol="HTTP", action=REDIRECT)["changed"]
    assert not modules.run("elbv2_listener", **arguments, state="absent")["changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "Nothing listens to port 80 yet, and a new listener needs protocol and action"),
        ({"protocol": "HTTPS", "action": FORBIDDEN}, "needs a certificate_arn, because its protocol is HTTPS"),
        ({"protocol": "HTTP", "action": FORBIDDEN, "ssl_policy": POLICY}, "ssl_policy is for the protocol HTTPS"),
    ],
)
def test_refused(modules, balancer, arguments, said):
    arguments = {"load_balancer_arn": balancer, "port": 80, **arguments}
    assert said in modules.attempt("elbv2_listener", check=True, **arguments)["msg"]
