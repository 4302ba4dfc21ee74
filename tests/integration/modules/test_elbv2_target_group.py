# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story


@pytest.fixture
def vpc_id(sandbox):
    return sandbox.client("ec2", REGION).describe_vpcs()["Vpcs"][0]["VpcId"]


def change_behind_our_back(sandbox):
    elb = sandbox.client("elbv2", REGION)
    arn = elb.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]
    elb.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/elsewhere")
    attribute = {"Key": "deregistration_delay.timeout_seconds", "Value": "5"}
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[attribute])


def test_story(modules, vpc_id):
    modules.tell(
        Story(
            module="elbv2_target_group",
            returns="target_group",
            identity={"name": "web"},
            present={
                "protocol": "HTTP",
                "port": 8080,
                "vpc_id": vpc_id,
                "health_check": {"path": "/health", "interval_seconds": 15},
                "attributes": {"deregistration_delay.timeout_seconds": 60, "stickiness.enabled": True},
                "tags": {"Number": 1},
            },
            changes=(
                {"health_check": {"path": "/health", "matcher": "200-299", "port": 8081, "unhealthy_threshold": 3}},
                {
                    "attributes": {
                        "deregistration_delay.timeout_seconds": 60,
                        "load_balancing.algorithm.type": "weighted_random",
                        "load_balancing.algorithm.anomaly_mitigation": "on",
                    }
                },
                {"tags": {"Environment": "test"}},
            ),
            drift=change_behind_our_back,
            unpredictable=frozenset({"arn", "attributes"}),
        )
    )


def test_story_of_grpc(modules, vpc_id):
    modules.tell(
        Story(
            module="elbv2_target_group",
            returns="target_group",
            identity={"name": "grpc"},
            present={
                "protocol": "HTTPS",
                "protocol_version": "GRPC",
                "port": 50051,
                "vpc_id": vpc_id,
                "target_type": "ip",
            },
            changes=({"health_check": {"matcher": "0-99", "path": "/health.v1/Check"}},),
            drift=lambda sandbox: change_behind_our_back(sandbox),
            unpredictable=frozenset({"arn", "attributes"}),
        )
    )


def test_attributes_are_foretold_where_there_is_a_target_group(modules, vpc_id):
    arguments = {"name": "web", "protocol": "HTTP", "port": 80, "vpc_id": vpc_id}
    modules.run("elbv2_target_group", **arguments)
    attributes = {"stickiness.enabled": True, "slow_start.duration_seconds": 30}
    foretold = modules.run("elbv2_target_group", check=True, name="web", attributes=attributes)
    done = modules.run("elbv2_target_group", name="web", attributes=attributes)
    assert foretold["target_group"] == done["target_group"]
    assert done["target_group"]["attributes"]["slow_start.duration_seconds"] == "30"


def test_targets_are_left_alone(modules, sandbox, vpc_id):
    arguments = {"name": "web", "protocol": "HTTP", "port": 80, "vpc_id": vpc_id, "target_type": "ip"}
    arn = modules.run("elbv2_target_group", **arguments)["target_group"]["arn"]
    elb = sandbox.client("elbv2", REGION)
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": "192.0.2.1"}])
    modules.run("elbv2_target_group", **arguments, health_check={"path": "/health"})
    (health,) = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert health["Target"]["Id"] == "192.0.2.1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"port": 81}, "port of the target group web is 80, and AWS cannot make it 81"),
        ({"protocol": "HTTPS"}, "protocol of the target group web is HTTP"),
        ({"target_type": "ip"}, "target_type of the target group web is instance"),
        ({"vpc_id": "vpc-0123456789abcdef0"}, "vpc_id of the target group web is vpc-"),
        (
            {"attributes": {"stickines.enabled": True}},
            "has no attribute stickines.enabled. Did you mean stickiness.enabled?",
        ),
        ({"name": "new"}, "A new target group needs protocol, port, vpc_id."),
    ],
)
def test_refused(modules, vpc_id, arguments, said):
    modules.run("elbv2_target_group", name="web", protocol="HTTP", port=80, vpc_id=vpc_id)
    assert said in modules.attempt("elbv2_target_group", check=True, **{"name": "web", **arguments})["msg"]
