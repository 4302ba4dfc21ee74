# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import REGION, Story

SECRET, LAST_SECRET = "correct-horse-battery", "staple-of-last-month"
FORBIDDEN = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}


@pytest.fixture
def elb(sandbox):
    return sandbox.client("elbv2", REGION)


@pytest.fixture
def target_group(sandbox, elb):
    vpc_id = sandbox.client("ec2", REGION).describe_vpcs()["Vpcs"][0]["VpcId"]
    created = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc_id)
    return created["TargetGroups"][0]["TargetGroupArn"]


@pytest.fixture
def listener(sandbox, elb):
    subnets = [subnet["SubnetId"] for subnet in sandbox.client("ec2", REGION).describe_subnets()["Subnets"][:2]]
    balancer = elb.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    created = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[FORBIDDEN])
    return created["Listeners"][0]["ListenerArn"]


def header(*values):
    return [{"name": "X-Origin-Secret", "values": list(values)}]


def change_behind_our_back(sandbox, listener):
    elb = sandbox.client("elbv2", REGION)
    arn = next(rule["RuleArn"] for rule in elb.describe_rules(ListenerArn=listener)["Rules"] if not rule["IsDefault"])
    config = {"HttpHeaderName": "X-Origin-Secret", "Values": ["of somebody else"]}
    elb.modify_rule(RuleArn=arn, Conditions=[{"Field": "http-header", "HttpHeaderConfig": config}])


def test_story(modules, listener, target_group):
    forward = {"forward": {"target_groups": [{"arn": target_group}]}}
    modules.tell(
        Story(
            module="elbv2_listener_rule",
            returns="listener_rule",
            identity={"listener_arn": listener, "priority": 1},
            present={"conditions": {"http_header": header(SECRET)}, "action": forward, "tags": {"Number": 1}},
            changes=(
                {"conditions": {"http_header": header(SECRET, LAST_SECRET)}},
                {
                    "conditions": {
                        "http_header": header(SECRET),
                        "path_pattern": ["/b/*", "/a/*"],
                        "http_request_method": ["GET"],
                        "source_ip": ["192.0.2.0/24"],
                        "query_string": [{"key": "a", "value": "b"}, {"value": "c"}],
                    }
                },
                {"action": {"redirect": {"protocol": "HTTPS", "port": "443"}}},
                {"action": {"fixed_response": {"status_code": "410", "message_body": "Gone"}}},
                {"action": forward, "tags": {"Environment": "test"}},
            ),
            drift=lambda sandbox: change_behind_our_back(sandbox, listener),
            unpredictable=frozenset({"arn"}),
        )
    )


def test_secrets_are_not_shown(modules, listener, target_group):
    """Neither the new one nor, which Ansible cannot know, the one that was there."""
    action = {"forward": {"target_groups": [{"arn": target_group}]}}
    arguments = {"listener_arn": listener, "priority": 1, "action": action}
    answers = [
        modules.run("elbv2_listener_rule", check, **arguments, conditions={"http_header": header(secret)})
        for secret, check in ((LAST_SECRET, True), (LAST_SECRET, False), (SECRET, True), (SECRET, False))
    ]
    answers.append(modules.run("elbv2_listener_rule", listener_arn=listener, priority=1, state="absent"))
    assert all(answer["changed"] for answer in answers)
    for secret in (SECRET, LAST_SECRET):
        assert secret not in json.dumps(answers)
    before, after = (answers[2]["diff"][side]["conditions"]["http_header"] for side in ("before", "after"))
    assert before != after


def test_a_listener_that_is_still_to_come(modules, target_group):
    arn = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:listener/app/web/0000000000000000/0000000000000000"
    arguments = {
        "conditions": {"path_pattern": ["/*"]},
        "action": {"forward": {"target_groups": [{"arn": target_group}]}},
    }
    assert modules.run("elbv2_listener_rule", check=True, listener_arn=arn, priority=1, **arguments)["changed"]
    assert not modules.run("elbv2_listener_rule", listener_arn=arn, priority=1, state="absent")["changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "a new one needs conditions and action"),
        ({"conditions": {"path_pattern": ["/*"]}}, "a new one needs action"),
        ({"conditions": {}}, "needs one condition or more"),
        ({"action": {"forward": {"target_groups": []}, "redirect": {}}}, "mutually exclusive"),
        ({"action": {}}, "one of the following is required"),
    ],
)
def test_refused(modules, listener, arguments, said):
    arguments = {"listener_arn": listener, "priority": 1, **arguments}
    assert said in modules.attempt("elbv2_listener_rule", check=True, **arguments)["msg"]
