# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils import elbv2
from ansible_collections.wellarchitected.aws.plugins.modules import elbv2_target_group
from botocore.exceptions import ClientError

GROUP = {
    "TargetGroupName": "web",
    "TargetGroupArn": "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/web/1",
    "Protocol": "HTTP",
    "ProtocolVersion": "HTTP1",
    "Port": 80,
    "VpcId": "vpc-1",
    "TargetType": "instance",
    "IpAddressType": "ipv4",
    "HealthCheckEnabled": True,
    "HealthCheckProtocol": "HTTP",
    "HealthCheckPort": "traffic-port",
    "HealthCheckPath": "/",
    "HealthCheckIntervalSeconds": 30,
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 5,
    "UnhealthyThresholdCount": 2,
    "Matcher": {"HttpCode": "200"},
}


def test_read():
    state = elbv2_target_group.read(GROUP, {"stickiness.enabled": "false"}, {"a": "b"})
    assert state == {
        "name": "web",
        "arn": GROUP["TargetGroupArn"],
        "protocol": "HTTP",
        "protocol_version": "HTTP1",
        "port": 80,
        "vpc_id": "vpc-1",
        "target_type": "instance",
        "ip_address_type": "ipv4",
        "health_check": elbv2_target_group.HTTP_DEFAULTS,
        "attributes": {"stickiness.enabled": "false"},
        "tags": {"a": "b"},
    }


def test_read_a_group_of_functions():
    group = {"TargetGroupName": "f", "TargetGroupArn": "arn", "TargetType": "lambda", "HealthCheckEnabled": False}
    state = elbv2_target_group.read(group, {}, {})
    assert (state["protocol"], state["port"], state["health_check"]["enabled"]) == (None, None, False)


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false"), (60, "60"), ("on", "on"), ("", "")])
def test_attributes_are_texts(value, text):
    assert elbv2.as_attributes({"a": value}) == {"a": text}


@pytest.mark.parametrize(
    ("health_check", "version", "members"),
    [
        ({}, "HTTP1", {}),
        ({"path": "/a", "healthy_threshold": 3}, "HTTP1", {"HealthCheckPath": "/a", "HealthyThresholdCount": 3}),
        ({"matcher": "200"}, "HTTP2", {"Matcher": {"HttpCode": "200"}}),
        ({"matcher": "12"}, "GRPC", {"Matcher": {"GrpcCode": "12"}}),
        ({"enabled": False}, None, {"HealthCheckEnabled": False}),
    ],
)
def test_write_health_check(health_check, version, members):
    assert elbv2_target_group.write_health_check(health_check, version) == members


def test_creation_tells_only_what_is_given():
    given = {"protocol": "HTTP", "port": 80, "vpc_id": "vpc-1", "health_check": {"path": "/a"}}
    state = {"protocol_version": "HTTP1", "tags": {"a": "b"}}
    assert elbv2_target_group.creation(state, given) == {
        "Protocol": "HTTP",
        "Port": 80,
        "VpcId": "vpc-1",
        "HealthCheckPath": "/a",
        "Tags": [{"Key": "a", "Value": "b"}],
    }


class Elb:
    """ELB in which a listener uses the target group, for so many tries."""

    def __init__(self, tries):
        self.tries = tries

    def delete_target_group(self, TargetGroupArn):
        self.tries -= 1
        if self.tries >= 0:
            raise ClientError({"Error": {"Code": "ResourceInUse"}}, "DeleteTargetGroup")


@pytest.fixture
def group(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    params = {"name": "web", "purge_tags": True, **dict.fromkeys(elbv2_target_group.FIELDS)}
    return lambda elb, **given: elbv2_target_group.TargetGroup({**params, **given}, elb)


def test_a_listener_that_lets_go(group):
    elb = Elb(2)
    group(elb).delete({"arn": "arn"})
    assert elb.tries == -1


def test_a_listener_that_does_not_let_go(group):
    with pytest.raises(AnsibleAWSError, match="A listener still sends requests to the target group web"):
        group(Elb(100)).delete({"arn": "arn"})


def test_a_group_of_functions_needs_no_more(group):
    resource = group(None, target_type="lambda")
    assert resource.refusal(resource.blank(), resource.changes(resource.blank())) is None
