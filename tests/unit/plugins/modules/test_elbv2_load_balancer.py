# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ansible_collections.wellarchitected.aws.plugins.module_utils import elbv2
from ansible_collections.wellarchitected.aws.plugins.modules import elbv2_load_balancer

BALANCER = {
    "LoadBalancerName": "web",
    "LoadBalancerArn": "arn",
    "DNSName": "web.example.com",
    "CanonicalHostedZoneId": "Z1",
    "VpcId": "vpc-1",
    "State": {"Code": "active"},
    "Type": "application",
    "Scheme": "internal",
    "AvailabilityZones": [{"SubnetId": "subnet-2"}, {"SubnetId": "subnet-1"}],
    "SecurityGroups": ["sg-2", "sg-1"],
    "IpAddressType": "ipv4",
}


def load_balancer(**given):
    params = {"name": "web", "purge_tags": True, "wait": False, "wait_timeout": 1}
    return elbv2_load_balancer.LoadBalancer({**params, **dict.fromkeys(elbv2_load_balancer.FIELDS), **given}, None)


def test_read():
    assert elbv2_load_balancer.read(BALANCER, {"a.b": "c"}, {"d": "e"}) == {
        "name": "web",
        "arn": "arn",
        "dns_name": "web.example.com",
        "canonical_hosted_zone_id": "Z1",
        "vpc_id": "vpc-1",
        "state": "active",
        "type": "application",
        "scheme": "internal",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_ids": ["sg-1", "sg-2"],
        "ip_address_type": "ipv4",
        "attributes": {"a.b": "c"},
        "tags": {"d": "e"},
    }


def test_order_and_spelling_mean_nothing():
    current = elbv2_load_balancer.read(BALANCER, {"a.b": "true"}, {})
    same = load_balancer(
        subnet_ids=["subnet-2", "subnet-1", "subnet-1"], security_group_ids=["sg-2", "sg-1"], attributes={"a.b": True}
    )
    assert same.changes(current) == {}


def test_one_that_failed():
    current = elbv2_load_balancer.read({**BALANCER, "State": {"Code": "failed"}}, {}, {})
    assert "could not be set up by AWS" in load_balancer().refusal(current, {"tags": {}})


def test_unknown_attribute():
    known = {"a.b.c": "1"}
    assert elbv2.unknown_attribute("It", known, known) is None
    assert elbv2.unknown_attribute("It", known, {"a.b": "1"}) == "It has no attribute a.b. Did you mean a.b.c?"
    assert elbv2.unknown_attribute("It", known, {"xyz": "1"}) == "It has no attribute xyz."


def test_attributes_to_write():
    assert elbv2.write_attributes({"b": "2", "a": "1"}) == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    assert elbv2.differences({"a": 1, "b": 2}, {"a": 1, "b": 3}) == {"b": 3}
