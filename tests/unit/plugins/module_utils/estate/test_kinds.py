# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import boto3
import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils.estate.discovery import Scope, discover
from ansible_collections.wellarchitected.aws.plugins.module_utils.estate.kinds import KINDS
from botocore.stub import ANY, Stubber

ACCOUNT, REGION = "123456789012", "ap-northeast-1"
SCOPE = Scope("shop", "production", ACCOUNT, "aws", REGION)
TAGS = {"Estate": "shop", "Environment": "production"}
ZEROS = "0" * 17


def tags(**given):
    return [{"Key": key, "Value": value} for key, value in {**TAGS, **given}.items()]


@pytest.fixture
def find():
    """Find one kind with the answers that AWS gives, one after the other, each an operation and its answer."""
    stubbers = []

    def find(name, *answers):
        (kind,) = KINDS.select([name])
        client = boto3.client(kind.service, REGION, aws_access_key_id="test", aws_secret_access_key="test")
        stubber = Stubber(client)
        stubbers.append(stubber)
        for operation, answer, *expected in answers:
            stubber.add_response(operation, answer, *expected)
        stubber.activate()
        return discover([kind], SCOPE, {kind.service: client})

    yield find
    for stubber in stubbers:
        stubber.assert_no_pending_responses()


def by_tags_and_by_name(operation, list_key, tagged, named, filter_key="Filters"):
    """What EC2 answers when it is asked for the estate's tags, and then for its names."""
    return [
        (operation, {list_key: tagged}, {filter_key: SCOPE.tag_filters}),
        (operation, {list_key: named}, {filter_key: SCOPE.name_filter}),
    ]


def test_found_by_tags_or_by_name_and_once(find):
    def subnet(number, **given):
        return {
            "SubnetId": f"subnet-{number}",
            "CidrBlock": f"10.0.{number}.0/24",
            "AvailabilityZone": "ap-northeast-1a",
            "Tags": tags(**given),
        }

    both = subnet(1, Name="shop-production-public-a", Component="public-a", Layer="network")
    renamed = subnet(2, Name="mine", Component="private-a")
    untagged = {**subnet(3), "Tags": [{"Key": "Name", "Value": "shop-production-data-a"}]}
    found = find(
        "network.subnets", *by_tags_and_by_name("describe_subnets", "Subnets", [both, renamed], [both, untagged])
    )
    assert found["network"]["subnets"] == {
        "public-a": {
            "layer": "network",
            "component": "public-a",
            "name": "shop-production-public-a",
            "id": "subnet-1",
            "cidr": "10.0.1.0/24",
            "zone": "ap-northeast-1a",
        },
        "private-a": {
            "layer": "network",
            "component": "private-a",
            "name": "mine",
            "id": "subnet-2",
            "cidr": "10.0.2.0/24",
            "zone": "ap-northeast-1a",
        },
        "data-a": {
            "layer": "network",
            "component": "data-a",
            "name": "shop-production-data-a",
            "id": "subnet-3",
            "cidr": "10.0.3.0/24",
            "zone": "ap-northeast-1a",
        },
    }


def test_what_an_estate_has_one_of(find):
    vpc = {
        "VpcId": "vpc-1",
        "CidrBlock": "10.0.0.0/16",
        "DhcpOptionsId": "dopt-1",
        "CidrBlockAssociationSet": [
            {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
            {"CidrBlock": "10.1.0.0/16", "CidrBlockState": {"State": "associating"}},
            {"CidrBlock": "10.2.0.0/16", "CidrBlockState": {"State": "disassociated"}},
        ],
        "Tags": tags(Component="vpc"),
    }
    found = find("network.vpc", *by_tags_and_by_name("describe_vpcs", "Vpcs", [vpc], []))["network"]["vpc"]
    assert found["id"] == "vpc-1"
    assert found["cidrs"] == ["10.0.0.0/16", "10.1.0.0/16"]
    assert found["dhcp_options_id"] == "dopt-1"


def test_nothing_there(find):
    assert find("network.vpc", *by_tags_and_by_name("describe_vpcs", "Vpcs", [], [])) == {"network": {"vpc": None}}
    answers = by_tags_and_by_name("describe_subnets", "Subnets", [], [])
    assert find("network.subnets", *answers) == {"network": {"subnets": {}}}


def test_nat_gateways_that_fail_or_go_do_not_count(find):
    gateways = [
        {
            "NatGatewayId": f"nat-{state}",
            "State": state,
            "SubnetId": "subnet-1",
            "NatGatewayAddresses": [{"AllocationId": "eipalloc-1"}, {"PrivateIp": "10.0.0.1"}],
            "Tags": tags(Component=state),
        }
        for state in ("pending", "available", "deleting", "deleted", "failed")
    ]
    answers = by_tags_and_by_name("describe_nat_gateways", "NatGateways", gateways, [], filter_key="Filter")
    found = find("network.nat_gateways", *answers)["network"]["nat_gateways"]
    assert found.keys() == {"pending", "available"}
    assert found["available"]["allocation_ids"] == ["eipalloc-1"]


def test_endpoints_that_go_do_not_count(find):
    endpoints = [
        {
            "VpcEndpointId": f"vpce-{state}",
            "VpcEndpointType": "Gateway",
            "VpcId": "vpc-1",
            "ServiceName": "com.amazonaws.ap-northeast-1.s3",
            "State": state,
            "Tags": tags(Component=state),
        }
        for state in ("available", "deleting", "Deleted")
    ]
    answers = by_tags_and_by_name("describe_vpc_endpoints", "VpcEndpoints", endpoints, [])
    assert find("network.endpoints", *answers)["network"]["endpoints"].keys() == {"available"}


def test_all_pages_are_read(find):
    def page(number, token=None, **more):
        group = {
            "GroupId": f"sg-{number}",
            "GroupName": str(number),
            "Description": "Example",
            "VpcId": "vpc-1",
            "Tags": tags(Component=str(number)),
        }
        expected = {"Filters": ANY, "NextToken": token} if token else {"Filters": ANY}
        return "describe_security_groups", {"SecurityGroups": [group], **more}, expected

    nothing = ("describe_security_groups", {"SecurityGroups": []})
    found = find("security_groups", page(1, NextToken="more"), page(2, token="more"), nothing)
    assert found["security_groups"].keys() == {"1", "2"}


def test_zones(find):
    zones = [
        {"ZoneName": f"{REGION}{letter}", "State": state}
        for letter, state in (("c", "available"), ("a", "available"), ("d", "unavailable"))
    ]
    answer = ("describe_availability_zones", {"AvailabilityZones": zones})
    assert find("zones", answer) == {"zones": [f"{REGION}a", f"{REGION}c"]}


def test_keys(find):
    def described(key_id, state):
        key = {"KeyId": key_id, "Arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id}", "KeyState": state}
        return ("describe_key", {"KeyMetadata": key}, {"KeyId": key_id})

    aliases = [
        {"AliasName": "alias/shop-production-logs", "TargetKeyId": "key-1"},
        {"AliasName": "alias/shop-production-old", "TargetKeyId": "key-2"},
        {"AliasName": "alias/shop-production-empty"},
        {"AliasName": "alias/shop-staging-logs", "TargetKeyId": "key-3"},
        {"AliasName": "alias/aws/s3", "TargetKeyId": "key-4"},
    ]
    listed = ("list_aliases", {"Aliases": aliases})
    assert find("keys", listed, described("key-1", "Enabled"), described("key-2", "PendingDeletion")) == {
        "keys": {
            "logs": {
                "layer": "encryption",
                "component": "logs",
                "name": "logs",
                "id": "key-1",
                "arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/key-1",
                "alias": "alias/shop-production-logs",
                "state": "Enabled",
            }
        }
    }


BUCKETS = [
    f"shop-production-logs-{ACCOUNT}-{REGION}",
    f"shop-production-web-assets-{ACCOUNT}-{REGION}",
    f"shop-production-logs-{ACCOUNT}-us-east-1",
    f"shop-production-logs-111122223333-{REGION}",
    "shop-production-other",
]
LISTED = ("list_buckets", {"Buckets": [{"Name": name} for name in BUCKETS]}, {"Prefix": "shop-production-"})


def test_buckets_of_the_account_and_region(find):
    found = find("buckets", LISTED)["buckets"]
    assert {component: bucket["name"] for component, bucket in found.items()} == {
        "logs": BUCKETS[0],
        "web-assets": BUCKETS[1],
    }
    assert found["logs"]["arn"] == f"arn:aws:s3:::{BUCKETS[0]}"


def test_filled_buckets(find):
    answers = [
        ("list_object_versions", {"DeleteMarkers": [{"Key": "a"}]}, {"Bucket": BUCKETS[0], "MaxKeys": 1}),
        ("list_object_versions", {}, {"Bucket": BUCKETS[1], "MaxKeys": 1}),
    ]
    assert find("filled_buckets", LISTED, *answers) == {"filled_buckets": ["logs"]}


def test_roles(find):
    arn = f"arn:aws:iam::{ACCOUNT}:role/shop-production/shop-production-web"
    role = {
        "RoleName": "shop-production-web",
        "Arn": arn,
        "Path": "/shop-production/",
        "RoleId": "AROAEXAMPLEEXAMPLE00",
        "CreateDate": "2030-01-01",
    }
    found = find("roles", ("list_roles", {"Roles": [role]}, {"PathPrefix": "/shop-production/"}))
    assert found == {
        "roles": {"web": {"layer": "identity", "component": "web", "name": "shop-production-web", "arn": arn}}
    }


def test_log_groups(find):
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/shop-production/cloudtrail"
    group = {"logGroupName": "/shop-production/cloudtrail", "arn": f"{arn}:*"}
    found = find("log_groups", ("describe_log_groups", {"logGroups": [group]}))["log_groups"]
    assert found["cloudtrail"]["arn"] == arn


def test_trail(find):
    def trail(name):
        return {"Name": name, "TrailARN": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}", "S3BucketName": "logs"}

    answer = (
        "describe_trails",
        {"trailList": [trail("other"), trail("shop-production")]},
        {"includeShadowTrails": False},
    )
    assert find("trail", answer)["trail"]["arn"].endswith("trail/shop-production")
    assert find("trail", ("describe_trails", {"trailList": [trail("other")]})) == {"trail": None}


def test_analyzer(find):
    def analyzer(name):
        arn = f"arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/{name}"
        return {"name": name, "arn": arn, "type": "ACCOUNT", "status": "ACTIVE", "createdAt": "2030-01-01"}

    found = find("analyzer", ("list_analyzers", {"analyzers": [analyzer("other"), analyzer("shop-production")]}))
    assert found["analyzer"]["name"] == "shop-production"
    assert find("analyzer", ("list_analyzers", {"analyzers": []})) == {"analyzer": None}


@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("network.vpc", {"layer": "network", "id": f"vpc-{ZEROS}", "cidrs": []}),
        ("network.subnets.public-a", {"component": "public-a", "id": f"subnet-{ZEROS}", "cidr": None}),
        ("network.nat_gateways.nat-a", {"component": "nat-a", "id": f"nat-{ZEROS}"}),
        ("security_groups.web", {"layer": "security_groups", "component": "web", "id": f"sg-{ZEROS}"}),
        ("keys.logs", {"component": "logs", "alias": "alias/shop-production-logs"}),
        ("buckets.logs", {"component": "logs", "name": f"shop-production-logs-{ACCOUNT}-{REGION}"}),
        ("roles.web", {"arn": f"arn:aws:iam::{ACCOUNT}:role/shop-production/shop-production-web"}),
        ("policies.web", {"arn": f"arn:aws:iam::{ACCOUNT}:policy/shop-production/shop-production-web"}),
        ("instance_profiles.web", {"name": "shop-production-web"}),
        ("log_groups.cloudtrail", {"name": "/shop-production/cloudtrail"}),
        ("trail", {"arn": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/shop-production"}),
        ("analyzer", {"name": "shop-production", "layer": "account_baseline"}),
    ],
)
def test_what_is_planned(path, facts):
    kind, rest = KINDS.of_path(path)
    planned = kind.placeholder(SCOPE, rest)
    assert planned.keys() >= {"layer", "component", "name"}
    assert planned["layer"] == kind.layer
    assert facts.items() <= planned.items()


@pytest.mark.parametrize("name", KINDS.names)
def test_every_kind_can_be_planned(name):
    kind, _rest = KINDS.of_path(name)
    assert kind.placeholder(SCOPE, ["example"])
    assert kind.placeholder(SCOPE, [])


def test_placeholder_has_what_is_found(find):
    """A role that reads a fact of a resource can read it of its placeholder, too."""
    facts = {
        "network.vpc": ("describe_vpcs", "Vpcs", {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}),
        "network.subnets": (
            "describe_subnets",
            "Subnets",
            {"SubnetId": "subnet-1", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": f"{REGION}a"},
        ),
    }
    for name, (operation, list_key, raw) in facts.items():
        raw = {**raw, "Tags": tags(Component="x")}
        found = find(name, *by_tags_and_by_name(operation, list_key, [raw], []))["network"][name.split(".")[1]]
        kind, _rest = KINDS.of_path(name)
        assert kind.placeholder(SCOPE, ["x"]).keys() == (found.get("x") or found).keys()
