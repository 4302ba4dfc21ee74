# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ELB (v2): what moto lets through or loses."""

import pytest


@pytest.fixture
def elb(client):
    return client("elbv2")


@pytest.fixture
def subnets(client):
    return [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]


def test_all_attributes_are_told(elb, subnets):
    (balancer,) = elb.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]

    def attributes():
        found = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        return {attribute["Key"]: attribute["Value"] for attribute in found}

    before = attributes()
    assert len(before) == 22
    assert before["access_logs.s3.enabled"] == "false"
    assert before["routing.http.desync_mitigation_mode"] == "defensive"
    assert before["load_balancing.cross_zone.enabled"] == "true"
    key = "health_check_logs.s3.enabled"
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": "true"}])
    assert attributes() == {**before, key: "true"}


def test_a_network_load_balancer_has_other_attributes(elb, subnets):
    (balancer,) = elb.create_load_balancer(Name="web", Type="network", Subnets=subnets)["LoadBalancers"]
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])["Attributes"]
    found = {attribute["Key"]: attribute["Value"] for attribute in attributes}
    assert found["load_balancing.cross_zone.enabled"] == "false"
    assert "routing.http2.enabled" not in found
