# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import REGION, Story

S3 = f"com.amazonaws.{REGION}.s3"
SSM = f"com.amazonaws.{REGION}.ssm"
OWN_ACCOUNT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}},
        }
    ],
}
FULL_ACCESS = {
    "Version": "2008-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
PLACEHOLDER = "vpc-00000000000000000"


@pytest.fixture
def ec2(sandbox):
    return sandbox.client("ec2", REGION)


@pytest.fixture
def vpc_id(ec2):
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    return vpc_id


@pytest.fixture
def subnet_ids(ec2, vpc_id):
    return [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for number, zone in enumerate("acd")
    ]


@pytest.fixture
def group_ids(ec2, vpc_id):
    return [ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc_id)["GroupId"] for name in ("a", "b")]


@pytest.fixture
def table_ids(ec2, vpc_id):
    return [ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"] for _ in range(2)]


def only_endpoint(ec2):
    (endpoint,) = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    return endpoint


def test_story_of_a_gateway(modules, ec2, vpc_id, table_ids):
    def drift(sandbox):
        endpoint = only_endpoint(ec2)
        ec2.modify_vpc_endpoint(
            VpcEndpointId=endpoint["VpcEndpointId"],
            RemoveRouteTableIds=table_ids[1:],
            PolicyDocument=json.dumps(OWN_ACCOUNT),
        )
        ec2.delete_tags(Resources=[endpoint["VpcEndpointId"]], Tags=[{"Key": "Environment"}])

    modules.tell(
        Story(
            module="ec2_vpc_endpoint",
            returns="vpc_endpoint",
            identity={"vpc_id": vpc_id, "service": S3},
            present={"type": "Gateway", "route_table_ids": table_ids[:1], "tags": {"Environment": "test", "Number": 1}},
            changes=(
                {"route_table_ids": list(reversed(table_ids))},
                {"policy": OWN_ACCOUNT},
                {"policy": {}, "tags": {"Environment": "changed"}},
            ),
            drift=drift,
            unpredictable=frozenset({"id"}),
        )
    )


def test_story_of_interfaces(modules, ec2, vpc_id, subnet_ids, group_ids):
    def drift(sandbox):
        ec2.modify_vpc_endpoint(
            VpcEndpointId=only_endpoint(ec2)["VpcEndpointId"],
            RemoveSubnetIds=subnet_ids[:1],
            AddSecurityGroupIds=group_ids[:1],
            PrivateDnsEnabled=False,
            ResetPolicy=True,
        )

    modules.tell(
        Story(
            module="ec2_vpc_endpoint",
            returns="vpc_endpoint",
            identity={"vpc_id": vpc_id, "service": SSM, "type": "Interface"},
            present={"subnet_ids": subnet_ids[:2], "security_group_ids": group_ids[:1], "policy": OWN_ACCOUNT},
            changes=(
                {"subnet_ids": subnet_ids},
                {"security_group_ids": group_ids[1:]},
                {"private_dns_enabled": True},
                {"subnet_ids": subnet_ids[:2], "tags": {"Environment": "test"}},
            ),
            drift=drift,
            unpredictable=frozenset({"id"}),
        )
    )


def test_interfaces_follow_their_endpoint(modules, ec2, vpc_id, subnet_ids, group_ids):
    arguments = {"vpc_id": vpc_id, "service": SSM, "type": "Interface", "security_group_ids": group_ids}
    modules.run("ec2_vpc_endpoint", **arguments, subnet_ids=subnet_ids)
    modules.run("ec2_vpc_endpoint", **arguments, subnet_ids=subnet_ids[:1])
    interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert [interface["SubnetId"] for interface in interfaces] == subnet_ids[:1]
    modules.run("ec2_vpc_endpoint", **arguments, state="absent")
    assert not ec2.describe_network_interfaces()["NetworkInterfaces"]


def test_by_id(modules, ec2, vpc_id, table_ids):
    created = modules.run("ec2_vpc_endpoint", vpc_id=vpc_id, service=S3)["vpc_endpoint"]
    assert created["type"] == "Gateway"
    assert created["policy"] == FULL_ACCESS
    changed = modules.run("ec2_vpc_endpoint", vpc_endpoint_id=created["id"], route_table_ids=table_ids)
    assert changed["vpc_endpoint"] == {**created, "route_table_ids": sorted(table_ids)}
    assert modules.run("ec2_vpc_endpoint", vpc_endpoint_id=created["id"], state="absent")["changed"]
    assert not ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert not modules.run("ec2_vpc_endpoint", vpc_endpoint_id=created["id"], state="absent")["changed"]
    gone = modules.attempt("ec2_vpc_endpoint", vpc_endpoint_id=created["id"], route_table_ids=[])
    assert created["id"] in gone["msg"]


def test_type_tells_endpoints_of_one_service_apart(modules, vpc_id, subnet_ids):
    gateway = modules.run("ec2_vpc_endpoint", vpc_id=vpc_id, service=S3, type="Gateway")["vpc_endpoint"]
    interface = modules.run("ec2_vpc_endpoint", vpc_id=vpc_id, service=S3, type="Interface", subnet_ids=subnet_ids)
    assert interface["vpc_endpoint"]["id"] != gateway["id"]
    answer = modules.attempt("ec2_vpc_endpoint", vpc_id=vpc_id, service=S3, private_dns_enabled=False)
    assert f"{gateway['id']} (Gateway)" in answer["msg"]
    assert not modules.run("ec2_vpc_endpoint", vpc_id=vpc_id, service=S3, type="Gateway")["changed"]


def test_foretold_in_a_vpc_that_is_not_there_yet(modules):
    answer = modules.run(
        "ec2_vpc_endpoint",
        check=True,
        vpc_id=PLACEHOLDER,
        service=SSM,
        type="Interface",
        subnet_ids=["subnet-00000000000000000"],
        security_group_ids=["sg-00000000000000000"],
        private_dns_enabled=True,
        policy=OWN_ACCOUNT,
    )
    assert answer["changed"]
    assert answer["diff"]["before"] == {}
    assert answer["vpc_endpoint"]["id"] is None
    assert answer["vpc_endpoint"]["policy"] == OWN_ACCOUNT


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"subnet_ids": ["subnet-0123456789abcdef0"]}, "subnet_ids is not for an endpoint of type Gateway"),
        ({"type": "GatewayLoadBalancer", "policy": OWN_ACCOUNT}, "only for Gateway and Interface"),
        ({"type": "Interface", "security_group_ids": []}, "security_group_ids is empty"),
        ({"policy": "[]"}, "policy must be a policy document"),
    ],
)
def test_refused(modules, vpc_id, arguments, said, check):
    answer = modules.attempt("ec2_vpc_endpoint", check, vpc_id=vpc_id, service=S3, **arguments)
    assert said in answer["msg"]


@pytest.mark.parametrize(
    "arguments",
    [{"service": SSM}, {"type": "Interface"}, {"vpc_id": PLACEHOLDER}],
    ids=lambda arguments: next(iter(arguments)),
)
def test_what_cannot_be_changed(modules, vpc_id, arguments):
    endpoint_id = modules.run("ec2_vpc_endpoint", vpc_id=vpc_id, service=S3)["vpc_endpoint"]["id"]
    answer = modules.attempt("ec2_vpc_endpoint", vpc_endpoint_id=endpoint_id, **arguments)
    ((option, value),) = arguments.items()
    assert f"{option} is {value}, but the endpoint {endpoint_id} has" in answer["msg"]
