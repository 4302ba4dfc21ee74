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


def test_only_tls_has_a_security_policy(client, elb, subnets):
    (balancer,) = elb.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"]
    certificate = client("acm").request_certificate(DomainName="www.example.com")["CertificateArn"]
    action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}

    def listener(**members):
        arguments = {"LoadBalancerArn": balancer["LoadBalancerArn"], "DefaultActions": [action], **members}
        return elb.create_listener(**arguments)["Listeners"][0]

    assert "SslPolicy" not in listener(Protocol="HTTP", Port=80)
    secure = listener(Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": certificate}])
    assert secure["SslPolicy"] == "ELBSecurityPolicy-2016-08"


@pytest.fixture
def target_group(client, elb):
    vpc = client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]

    def create(protocol="HTTP", **members):
        (group,) = elb.create_target_group(Name="web", Protocol=protocol, Port=80, VpcId=vpc, **members)["TargetGroups"]
        return group

    return create


@pytest.mark.parametrize(
    ("given", "path", "matcher"),
    [
        ({"protocol": "HTTP"}, "/", {"HttpCode": "200"}),
        ({"protocol": "HTTPS"}, "/", {"HttpCode": "200"}),
        ({"protocol": "HTTPS", "ProtocolVersion": "GRPC"}, "/AWS.ALB/healthcheck", {"GrpcCode": "12"}),
    ],
)
def test_how_targets_are_asked_for_their_health(target_group, given, path, matcher):
    group = target_group(**given)
    assert (group["HealthCheckProtocol"], group["HealthCheckPath"], group["Matcher"]) == ("HTTP", path, matcher)


def test_the_codes_of_grpc(elb, target_group):
    group = target_group(ProtocolVersion="GRPC")
    elb.modify_target_group(TargetGroupArn=group["TargetGroupArn"], Matcher={"GrpcCode": "0-99"})
    assert elb.describe_target_groups()["TargetGroups"][0]["Matcher"] == {"GrpcCode": "0-99"}


def test_the_attributes_of_a_target_group(elb, target_group, refused):
    arn = target_group()["TargetGroupArn"]

    def set_to(**attributes):
        pairs = [{"Key": key.replace("__", "."), "Value": value} for key, value in attributes.items()]
        elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=pairs)

    found = elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    assert len(found) == 14
    with refused("ValidationError"):
        set_to(stickines__enabled="true")
    with refused("InvalidConfigurationRequest"):
        set_to(load_balancing__algorithm__anomaly_mitigation="on")
    set_to(load_balancing__algorithm__type="weighted_random", load_balancing__algorithm__anomaly_mitigation="on")
