# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import datetime

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


def test_the_bucket_of_static_files_is_of_its_own_layer(find):
    names = [f"shop-production-{component}-{ACCOUNT}-{REGION}" for component in ("logs", "static")]
    listed = ("list_buckets", {"Buckets": [{"Name": name} for name in names]}, {"Prefix": "shop-production-"})
    found = find("buckets", listed)["buckets"]
    assert {component: bucket["layer"] for component, bucket in found.items()} == {
        "logs": "storage",
        "static": "static_content",
    }


def test_origin_access_controls(find):
    def control(name):
        config = {"Description": "", "SigningProtocol": "sigv4", "SigningBehavior": "always"}
        return {"Id": f"E{name}", "Name": name, "OriginAccessControlOriginType": "s3", **config}

    listed = {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": 2}
    items = [control("shop-production-static"), control("shop-staging-static")]
    answer = ("list_origin_access_controls", {"OriginAccessControlList": {**listed, "Items": items}})
    found = find("origin_access_controls", answer)["origin_access_controls"]
    assert {component: control["id"] for component, control in found.items()} == {"static": "Eshop-production-static"}
    nothing = ("list_origin_access_controls", {"OriginAccessControlList": {**listed, "Quantity": 0}})
    assert find("origin_access_controls", nothing) == {"origin_access_controls": {}}


def distribution(number, comment):
    """What CloudFront lists of a distribution."""
    nothing = {"Quantity": 0}
    return {
        "Id": f"E{number}",
        "ARN": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E{number}",
        "Status": "InProgress",
        "LastModifiedTime": datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC),
        "DomainName": f"d{number}.cloudfront.net",
        "Aliases": {"Quantity": 1, "Items": ["shop.example.com"]},
        "Origins": {"Quantity": 1, "Items": [{"Id": "site", "DomainName": "origin.shop.example.com"}]},
        "DefaultCacheBehavior": {"TargetOriginId": "site", "ViewerProtocolPolicy": "https-only"},
        "CacheBehaviors": nothing,
        "CustomErrorResponses": nothing,
        "Comment": comment,
        "PriceClass": "PriceClass_All",
        "Enabled": True,
        "ViewerCertificate": {},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "WebACLId": "",
        "HttpVersion": "http2",
        "IsIPV6Enabled": True,
        "Staging": False,
    }


def listed_distributions(*summaries):
    page = {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(summaries)}
    return "list_distributions", {"DistributionList": {**page, "Items": list(summaries)}}


def test_distributions_by_their_comment_without_asking_for_tags(find):
    answer = listed_distributions(distribution(1, "shop-staging: site"), distribution(2, "shop-production: site"))
    assert find("distributions", answer)["distributions"] == {
        "site": {
            "layer": "cdn",
            "component": "site",
            "name": "site",
            "id": "E2",
            "arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E2",
            "domain_name": "d2.cloudfront.net",
            "aliases": ["shop.example.com"],
            "state": "InProgress",
            "enabled": True,
        }
    }


def test_distributions_by_their_tags_when_the_comment_was_changed(find):
    answers = [
        listed_distributions(distribution(1, ""), distribution(2, "Ours")),
        ("list_tags_for_resource", {"Tags": {"Items": [{"Key": "Estate", "Value": "shop"}]}}),
        ("list_tags_for_resource", {"Tags": {"Items": tags(Component="site")}}),
    ]
    assert find("distributions", *answers)["distributions"]["site"]["id"] == "E2"


def test_response_headers_policies(find):
    def listed(name, **more):
        policy = {"Id": name, "LastModifiedTime": datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)}
        item = {"Type": "custom", "ResponseHeadersPolicy": {**policy, "ResponseHeadersPolicyConfig": {"Name": name}}}
        page = {"MaxItems": 1, "Quantity": 1, "Items": [item], **more}
        return "list_response_headers_policies", {"ResponseHeadersPolicyList": page}

    answers = [listed("other", NextMarker="2"), listed("shop-production-site")]
    found = find("response_headers_policies", *answers)["response_headers_policies"]
    assert {component: policy["id"] for component, policy in found.items()} == {"site": "shop-production-site"}


def test_secrets_by_the_whole_beginning_of_their_name(find):
    arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:example-a1b2c3"
    # The filter of Secrets Manager does not look at the case of letters.
    names = ("shop-production-origin-header", "Shop-production-other")
    answer = {"SecretList": [{"Name": name, "ARN": arn} for name in names]}
    asked = {"Filters": [{"Key": "name", "Values": ["shop-production-"]}]}
    assert find("secrets", ("list_secrets", answer, asked))["secrets"].keys() == {"origin-header"}


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


@pytest.mark.parametrize(
    "component, layer",
    [("cloudtrail", "account_baseline"), ("patching", "patching"), ("sessions", "session_access")],
)
def test_a_log_group_counts_with_the_layer_that_keeps_it(find, component, layer):
    name = f"/shop-production/{component}"
    group = {"logGroupName": name, "arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"}
    found = find("log_groups", ("describe_log_groups", {"logGroups": [group]}))["log_groups"]
    assert found[component]["layer"] == layer


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


def zone(number, name="shop.example.com.", comment="", private=False):
    config = {"PrivateZone": private, **({"Comment": comment} if comment else {})}
    return {"Id": f"/hostedzone/Z{number}", "Name": name, "CallerReference": str(number), "Config": config}


def listed_zones(*zones, tagged=()):
    """The hosted zones of the account, and the tags of those that have any: by number."""
    sets = [
        {"ResourceType": "hostedzone", "ResourceId": f"Z{number}", "Tags": zone_tags}
        for number, zone_tags in dict(tagged).items()
    ]
    return [
        ("list_hosted_zones", {"HostedZones": list(zones), "Marker": "", "IsTruncated": False, "MaxItems": "100"}),
        (
            "list_tags_for_resources",
            {"ResourceTagSets": sets},
            {"ResourceType": "hostedzone", "ResourceIds": [found["Id"].rpartition("/")[2] for found in zones]},
        ),
    ]


def test_public_zone_by_its_tags_or_its_comment(find):
    detail = (
        "get_hosted_zone",
        {
            "HostedZone": zone(2),
            "DelegationSet": {"NameServers": ["ns-1.example.net", "ns-2.example.net"]},
        },
        {"Id": "Z2"},
    )
    foreign = {1: [{"Key": "Estate", "Value": "shop"}, {"Key": "Environment", "Value": "staging"}]}
    by_tags = listed_zones(zone(1), zone(2), zone(3, private=True), tagged={**foreign, 2: tags(), 3: tags()})
    by_comment = listed_zones(
        zone(1, comment="shop-production: x"), zone(2, comment="shop-production: x"), tagged=foreign
    )
    for answers in (by_tags, by_comment):
        found = find("dns.zone", *answers, detail)["dns"]["zone"]
        assert found["id"] == "Z2"
        assert found["name"] == "shop.example.com"
        assert found["name_servers"] == ["ns-1.example.net", "ns-2.example.net"]
    assert find("dns.zone", *listed_zones(zone(1), tagged=foreign))["dns"]["zone"] is None


def test_private_zone_with_its_vpcs(find):
    detail = (
        "get_hosted_zone",
        {"HostedZone": zone(3, private=True), "VPCs": [{"VPCRegion": REGION, "VPCId": "vpc-1"}]},
        {"Id": "Z3"},
    )
    answers = listed_zones(zone(2), zone(3, private=True), tagged={2: tags(), 3: tags()})
    assert find("dns.private_zone", *answers, detail)["dns"]["private_zone"]["vpc_ids"] == ["vpc-1"]


def test_tags_of_many_zones_are_asked_for_ten_at_a_time(find):
    zones = [zone(number) for number in range(11)]
    pages = [[f"Z{number}" for number in range(10)], ["Z10"]]
    asked = [
        ("list_tags_for_resources", {"ResourceTagSets": []}, {"ResourceType": "hostedzone", "ResourceIds": ids})
        for ids in pages
    ]
    assert find("dns.zone", listed_zones(*zones)[0], *asked)["dns"]["zone"] is None


def test_health_checks_by_their_name(find):
    config = {"Type": "HTTPS"}
    checks = [
        {"Id": check_id, "CallerReference": check_id, "HealthCheckConfig": config, "HealthCheckVersion": 1}
        for check_id in ("1", "2", "3")
    ]
    names = {"1": "shop-production-primary-text-30s", "2": "another", "3": "shop-production-recovery-text-30s"}
    tagged = [
        {"ResourceType": "healthcheck", "ResourceId": check_id, "Tags": [{"Key": "Name", "Value": name}]}
        for check_id, name in names.items()
    ]
    tagged[2]["Tags"].append({"Key": "Environment", "Value": "staging"})
    found = find(
        "health_checks",
        ("list_health_checks", {"HealthChecks": checks, "Marker": "", "IsTruncated": False, "MaxItems": "100"}),
        (
            "list_tags_for_resources",
            {"ResourceTagSets": tagged},
            {"ResourceType": "healthcheck", "ResourceIds": ["1", "2", "3"]},
        ),
    )["health_checks"]
    assert {component: check["id"] for component, check in found.items()} == {"primary-text-30s": "1"}


def test_all_hosted_zones_of_the_account(find):
    zones = find("hosted_zones", listed_zones(zone(1), zone(2, private=True))[0])["hosted_zones"]
    assert zones == [
        {"id": "Z1", "name": "shop.example.com", "private": False},
        {"id": "Z2", "name": "shop.example.com", "private": True},
    ]


def listed_certificates(*certificates):
    """The certificates of the account and region, each a number, what kind it is, when it was made, and its tags."""
    summaries, tagged = [], []
    for number, kind, year, own_tags in certificates:
        arn = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/{number}"
        date = datetime.datetime(year, 1, 1, tzinfo=datetime.UTC)
        dates = {"ImportedAt": date} if kind == "IMPORTED" else {"CreatedAt": date}
        status = "PENDING_VALIDATION" if number == 9 else "ISSUED"
        summaries.append(
            {"CertificateArn": arn, "DomainName": "shop.example.com", "Status": status, "Type": kind, **dates}
        )
        tagged.append(
            (year, kind, ("list_tags_for_certificate", {"Tags": own_tags} if own_tags else {}, {"CertificateArn": arn}))
        )
    tagged.sort(key=lambda entry: (entry[1] == "IMPORTED", entry[0]), reverse=True)
    expected = {"CertificateStatuses": ["PENDING_VALIDATION", "ISSUED"], "Includes": {"keyTypes": ANY}}
    return [("list_certificates", {"CertificateSummaryList": summaries}, expected), *(entry[2] for entry in tagged)]


def test_certificates_the_imported_one_first_then_the_newest(find):
    own, foreign = tags(Component="site"), [{"Key": "Estate", "Value": "shop"}, {"Key": "Environment", "Value": "x"}]
    answers = listed_certificates(
        (1, "AMAZON_ISSUED", 2028, own),
        (9, "AMAZON_ISSUED", 2030, own),
        (3, "AMAZON_ISSUED", 2031, foreign),
        (4, "AMAZON_ISSUED", 2032, []),
    )
    found = find("certificates", *answers)["certificates"]
    assert {component: certificate["arn"][-1] for component, certificate in found.items()} == {
        "site": "9",
        "site-1": "1",
    }
    assert found["site"]["state"] == "PENDING_VALIDATION"
    assert not found["site"]["imported"]
    answers = listed_certificates((2, "AMAZON_ISSUED", 2030, own), (1, "IMPORTED", 2020, own))
    found = find("certificates", *answers)["certificates"]
    assert found["site"]["arn"].endswith("/1")
    assert found["site"]["imported"]


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
        ("dns.zone", {"layer": "dns", "id": f"Z{'0' * 20}", "name_servers": []}),
        ("dns.private_zone", {"component": "private-zone", "vpc_ids": []}),
        ("origin_access_controls.static", {"name": "shop-production-static", "id": f"E{'0' * 13}"}),
        (
            "distributions.site",
            {"component": "site", "state": "Deployed", "domain_name": f"d{'0' * 13}.cloudfront.net"},
        ),
        ("response_headers_policies.site", {"name": "shop-production-site"}),
        ("buckets.static", {"component": "static", "name": f"shop-production-static-{ACCOUNT}-{REGION}"}),
        ("certificates.site", {"component": "site", "state": "ISSUED"}),
        ("trail", {"arn": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/shop-production"}),
        ("analyzer", {"name": "shop-production", "layer": "account_baseline"}),
    ],
)
def test_what_is_planned(path, facts):
    kind, rest = KINDS.of_path(path)
    planned = kind.placeholder(SCOPE, rest)
    assert planned.keys() >= {"layer", "component", "name"}
    assert planned["layer"] == (kind.layer if path != "buckets.static" else "static_content")
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


def web_acl(name, where="regional"):
    arn = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:{where}/webacl/{name}/1234"
    return {"Name": name, "Id": "1234", "Description": "Example", "LockToken": "1234", "ARN": arn}


def test_web_acls_of_all_pages(find):
    asked = {"Scope": "REGIONAL", "Limit": 100}
    ours, others = web_acl("shop-production-regional"), web_acl("shop-production2-regional")
    found = find(
        "web_acls",
        ("list_web_acls", {"WebACLs": [others], "NextMarker": "more"}, asked),
        ("list_web_acls", {"WebACLs": [ours, web_acl("shop-production-regionally")]}, {**asked, "NextMarker": "more"}),
    )["web_acls"]
    assert found == {
        "regional": {
            "layer": "waf",
            "component": "regional",
            "name": "shop-production-regional",
            "id": "1234",
            "arn": ours["ARN"],
            "scope": "REGIONAL",
        }
    }


def test_what_is_for_cloudfront_is_found_where_it_is_kept():
    (kind,) = KINDS.select(["ip_sets"])
    scope = Scope("shop", "production", ACCOUNT, "aws", "us-east-1")
    client = boto3.client("wafv2", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    name = "shop-production-cloudfront-blocked-ipv4"
    with Stubber(client) as stubber:
        stubber.add_response("list_ip_sets", {"IPSets": []}, {"Scope": "REGIONAL", "Limit": 100})
        answer = {"IPSets": [web_acl(name, "global")]}
        stubber.add_response("list_ip_sets", answer, {"Scope": "CLOUDFRONT", "Limit": 100})
        found = discover([kind], scope, {"wafv2": client})["ip_sets"]
        stubber.assert_no_pending_responses()
    assert found["cloudfront-blocked-ipv4"]["scope"] == "CLOUDFRONT"


def test_streams_of_logs_that_do_not_go(find):
    def described(name, status):
        stream = {
            "DeliveryStreamName": name,
            "DeliveryStreamARN": f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/{name}",
            "DeliveryStreamStatus": status,
            "DeliveryStreamType": "DirectPut",
            "VersionId": "1",
            "Destinations": [],
            "HasMoreDestinations": False,
        }
        return "describe_delivery_stream", {"DeliveryStreamDescription": stream}, {"DeliveryStreamName": name}

    regional, old, other = "aws-waf-logs-shop-production-regional", "aws-waf-logs-shop-production-old", "other"
    found = find(
        "delivery_streams",
        ("list_delivery_streams", {"DeliveryStreamNames": [regional], "HasMoreDeliveryStreams": True}, {}),
        described(regional, "CREATING"),
        (
            "list_delivery_streams",
            {"DeliveryStreamNames": [old, other], "HasMoreDeliveryStreams": False},
            {"ExclusiveStartDeliveryStreamName": regional},
        ),
        described(old, "DELETING"),
    )["delivery_streams"]
    assert found.keys() == {"regional"}
    assert found["regional"]["state"] == "CREATING"


def elb_arn(resource):
    return f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{resource}"


def test_load_balancers_and_target_groups(find):
    balancers = [
        {
            "LoadBalancerName": name,
            "LoadBalancerArn": elb_arn(f"loadbalancer/app/{name}/1234"),
            "DNSName": "web.example.com",
            "CanonicalHostedZoneId": "Z1234",
            "State": {"Code": "provisioning"},
        }
        for name in ("shop-production-web", "shop-production2-web")
    ]
    assert find("load_balancers", ("describe_load_balancers", {"LoadBalancers": balancers}))["load_balancers"] == {
        "web": {
            "layer": "load_balancer",
            "component": "web",
            "name": "shop-production-web",
            "arn": balancers[0]["LoadBalancerArn"],
            "full_name": "app/shop-production-web/1234",
            "dns_name": "web.example.com",
            "zone_id": "Z1234",
            "state": "provisioning",
        }
    }
    arn = elb_arn("targetgroup/shop-production-web/1234")
    group = {"TargetGroupName": "shop-production-web", "TargetGroupArn": arn}
    found = find("target_groups", ("describe_target_groups", {"TargetGroups": [group]}))["target_groups"]
    assert found["web"]["full_name"] == "targetgroup/shop-production-web/1234"


@pytest.mark.parametrize("name", ["load_balancers", "target_groups"])
def test_what_is_planned_of_load_balancers_has_what_is_found(name):
    kind, rest = KINDS.of_path(f"{name}.web")
    planned = kind.placeholder(SCOPE, rest)
    assert planned["name"] == "shop-production-web"
    assert planned["full_name"].endswith("shop-production-web/0000000000000000")


def test_launch_templates(find):
    template = {
        "LaunchTemplateId": "lt-1",
        "LaunchTemplateName": "shop-production-web",
        "DefaultVersionNumber": 3,
        "LatestVersionNumber": 4,
    }
    filters = [{"Name": "launch-template-name", "Values": ["shop-production-*"]}]
    answer = ("describe_launch_templates", {"LaunchTemplates": [template]}, {"Filters": filters})
    assert find("launch_templates", answer)["launch_templates"] == {
        "web": {
            "layer": "compute",
            "component": "web",
            "name": "shop-production-web",
            "id": "lt-1",
            "default_version": 3,
        }
    }


def test_scaling_groups(find):
    groups = [
        {
            "AutoScalingGroupName": name,
            "AutoScalingGroupARN": f"arn:{name}",
            "MinSize": 2,
            "MaxSize": 4,
            "DesiredCapacity": 3,
            "DefaultCooldown": 300,
            "AvailabilityZones": [],
            "HealthCheckType": "ELB",
            "CreatedTime": datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC),
        }
        for name in ("shop-production-web", "shop-production2-web")
    ]
    assert find("scaling_groups", ("describe_auto_scaling_groups", {"AutoScalingGroups": groups}))[
        "scaling_groups"
    ] == {
        "web": {
            "layer": "compute",
            "component": "web",
            "name": "shop-production-web",
            "arn": "arn:shop-production-web",
            "min_size": 2,
            "max_size": 4,
            "desired_capacity": 3,
        }
    }


def test_instances_of_groups_do_not_count(find):
    def instance(number, **given):
        return {"InstanceId": f"i-{number}", "State": {"Name": "stopped"}, "Tags": tags(**given)}

    states = {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}
    tagged = [
        instance(1, Name="shop-production-jobs", Layer="compute", Component="jobs"),
        instance(2, **{"aws:autoscaling:groupName": "shop-production-web"}),
    ]
    named = [instance(3, Name="shop-production-other"), instance(4, Estate="theirs")]
    found = find(
        "instances",
        (
            "describe_instances",
            {"Reservations": [{"Instances": tagged}]},
            {"Filters": [*SCOPE.tag_filters, states]},
        ),
        (
            "describe_instances",
            {"Reservations": [{"Instances": [item]} for item in named]},
            {"Filters": [*SCOPE.name_filter, states]},
        ),
    )["instances"]
    assert {component: resource["id"] for component, resource in found.items()} == {"jobs": "i-1", "other": "i-3"}
    assert found["jobs"]["state"] == "stopped"


@pytest.mark.parametrize("name", ["launch_templates", "scaling_groups", "instances"])
def test_what_is_planned_of_servers_has_the_name_that_they_get(name):
    kind, rest = KINDS.of_path(f"{name}.web")
    planned = kind.placeholder(SCOPE, rest)
    assert (planned["layer"], planned["name"]) == ("compute", "shop-production-web")
    assert {"id", "arn"} & planned.keys()


def test_golden_images(find):
    image = {
        "ImageId": "ami-1",
        "Name": "shop-production-web-20300101-000000",
        "State": "available",
        "CreationDate": "2030-01-01T00:00:00.000Z",
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "snap-1"}}, {"VirtualName": "a"}],
        "Tags": [{"Key": "InputHash", "Value": "0f"}, {"Key": "aws:example", "Value": "of AWS"}],
    }
    asked = {
        "Owners": ["self"],
        "Filters": [
            *SCOPE.tag_filters,
            {"Name": "name", "Values": ["shop-production-*"]},
            {"Name": "tag:Layer", "Values": ["golden_image"]},
        ],
    }
    assert find("golden_images", ("describe_images", {"Images": [image]}, asked))["golden_images"] == {
        "web-20300101-000000": {
            "layer": "golden_image",
            "component": "web-20300101-000000",
            "name": "shop-production-web-20300101-000000",
            "id": "ami-1",
            "state": "available",
            "created": "2030-01-01T00:00:00.000Z",
            "input_hash": "0f",
            "snapshot_ids": ["snap-1"],
            "tags": {"InputHash": "0f"},
        }
    }


def test_golden_image_parameters(find):
    answer = {"Parameters": [{"Name": "/shop-production/golden-image/web", "Value": "ami-1"}]}
    asked = {"Path": "/shop-production/golden-image"}
    assert find("golden_image_parameters", ("get_parameters_by_path", answer, asked))["golden_image_parameters"] == {
        "web": {
            "layer": "golden_image",
            "component": "web",
            "name": "/shop-production/golden-image/web",
            "arn": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop-production/golden-image/web",
            "image_id": "ami-1",
        }
    }


@pytest.mark.parametrize("name", ["golden_images", "golden_image_parameters"])
def test_what_is_planned_of_golden_images_is_like_what_is_found(name, find):
    kind, rest = KINDS.of_path(f"{name}.web")
    planned = kind.placeholder(SCOPE, rest)
    assert (planned["layer"], planned["component"]) == ("golden_image", "web")
    assert planned["name"] in ("shop-production-web", "/shop-production/golden-image/web")


@pytest.mark.parametrize("writer", ["shop-production-database-2", None])
def test_database_clusters(find, writer):
    def cluster(name, **given):
        members = [
            {"DBInstanceIdentifier": f"{name}-2", "IsClusterWriter": bool(writer)},
            {"DBInstanceIdentifier": f"{name}-1", "IsClusterWriter": False},
        ]
        arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{name}"
        return {
            "DBClusterIdentifier": name,
            "DBClusterArn": arn,
            "Status": "creating",
            "DeletionProtection": True,
            "DBClusterMembers": members,
            **given,
        }

    told = {
        "Endpoint": "writer.example.com",
        "ReaderEndpoint": "reader.example.com",
        "Port": 3306,
        "MasterUserSecret": {"SecretArn": "secret"},
        "ReplicationSourceIdentifier": "source",
        "TagList": [{"Key": "MigrationRollback", "Value": "kept"}, {"Key": "MasterPasswordVersion", "Value": "1"}],
    }
    # What has just been started has no endpoints yet.
    clusters = [cluster("shop-production-database", **told), cluster("shop-production-new"), cluster("shop-prod-other")]
    found = find("database_clusters", ("describe_db_clusters", {"DBClusters": clusters}))["database_clusters"]
    assert found.keys() == {"database", "new"}
    assert found["database"] == {
        "layer": "database",
        "component": "database",
        "name": "shop-production-database",
        "arn": clusters[0]["DBClusterArn"],
        "endpoint": "writer.example.com",
        "reader_endpoint": "reader.example.com",
        "port": 3306,
        "state": "creating",
        "deletion_protection": True,
        "secret_arn": "secret",
        "members": [f"shop-production-database-{number}" for number in ((1, 2) if writer else (2, 1))],
        "writer": writer,
        "replicates": "source",
        "rolled_back": "kept",
        "password_version": "1",
    }
    fields = ("endpoint", "secret_arn", "replicates", "rolled_back", "password_version")
    assert [found["new"][field] for field in fields] == [None] * 5


def test_database_instances(find):
    def instance(name, **given):
        return {
            "DBInstanceIdentifier": name,
            "DBInstanceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}",
            "DBInstanceStatus": "available",
            "DeletionProtection": False,
            **given,
        }

    instances = [
        instance("shop-production-database-1", Endpoint={"Address": "db.example.com", "Port": 3306}),
        instance("shop-production-database-2", DBClusterIdentifier="shop-production-database"),
        instance("shop-production2-database-1"),
    ]
    found = find("database_instances", ("describe_db_instances", {"DBInstances": instances}))["database_instances"]
    assert {component: (each["endpoint"], each["cluster"]) for component, each in found.items()} == {
        "database-1": ("db.example.com", None),
        "database-2": (None, "shop-production-database"),
    }
    assert found["database-1"]["port"] == 3306
    assert found["database-1"]["state"] == "available"


def test_database_proxies(find):
    def proxy(name, status="available"):
        arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:db-proxy:prx-{name}"
        return {"DBProxyName": name, "DBProxyArn": arn, "Status": status, "Endpoint": f"{name}.example.com"}

    proxies = [proxy("shop-production-database"), proxy("shop-production-old", "deleting"), proxy("shop-production2-a")]
    found = find("database_proxies", ("describe_db_proxies", {"DBProxies": proxies}))["database_proxies"]
    assert {component: each["endpoint"] for component, each in found.items()} == {
        "database": "shop-production-database.example.com"
    }


def cache(name, **given):
    arn = f"arn:aws:elasticache:{REGION}:{ACCOUNT}:replicationgroup:{name}"
    return {"ReplicationGroupId": name, "ARN": arn, "Status": "available", **given}


def endpoint(word):
    return {"Address": f"{word}.example.com", "Port": 6379}


def test_caches(find):
    shards = [{"PrimaryEndpoint": endpoint("master"), "ReaderEndpoint": endpoint("replica")}]
    groups = [
        cache("shop-production-cache", Engine="redis", NodeGroups=shards, SnapshotRetentionLimit=7),
        cache("shop-production-sharded", ClusterEnabled=True, ConfigurationEndpoint=endpoint("all"), NodeGroups=[{}]),
        cache("shop-production-new", Status="creating"),
        cache("shop-production2-cache"),
    ]
    found = find("caches", ("describe_replication_groups", {"ReplicationGroups": groups}))["caches"]
    assert found.keys() == {"cache", "sharded", "new"}
    assert found["cache"] == {
        "layer": "cache",
        "component": "cache",
        "name": "shop-production-cache",
        "arn": groups[0]["ARN"],
        "engine": "redis",
        "endpoint": "master.example.com",
        "reader_endpoint": "replica.example.com",
        "port": 6379,
        "sharded": False,
        "snapshot_days": 7,
        "state": "available",
    }
    assert found["sharded"]["endpoint"] == found["sharded"]["reader_endpoint"] == "all.example.com"
    assert (found["new"]["endpoint"], found["new"]["state"]) == (None, "creating")


@pytest.mark.parametrize(
    ("path", "layer", "known"),
    [
        ("database_clusters.database", "database", {"endpoint", "reader_endpoint", "port", "secret_arn", "writer"}),
        ("database_instances.database-1", "database", {"endpoint", "port", "secret_arn", "cluster"}),
        ("caches.cache", "cache", {"endpoint", "reader_endpoint", "port", "engine", "sharded", "snapshot_days"}),
        ("secrets.cache", "cache", {"arn"}),
        ("secrets.origin-header", "load_balancer", {"arn"}),
    ],
)
def test_what_is_planned_of_the_data_tier_has_what_is_found(path, layer, known):
    kind, rest = KINDS.of_path(path)
    planned = kind.placeholder(SCOPE, rest)
    assert (planned["layer"], planned["name"]) == (layer, f"shop-production-{rest[0]}")
    assert known <= planned.keys()
    assert planned.get("state") == kind.ready_state


def test_topics_are_those_of_the_estates_severities(find):
    begin = "arn:aws:sns:ap-northeast-1:123456789012:shop-production"
    names = (f"{begin}-critical", f"{begin}2-warning", f"{begin}-orders", f"{begin}-information")
    topics = {"Topics": [{"TopicArn": name} for name in names]}
    found = find("topics", ("list_topics", topics))["topics"]
    assert {severity: topic["arn"] for severity, topic in found.items()} == {
        "critical": names[0],
        "information": names[3],
    }
    assert found["critical"]["name"] == "shop-production-critical"


def test_only_e_mail_that_is_confirmed_counts(find):
    arn = "arn:aws:sns:ap-northeast-1:123456789012:shop-production-critical"
    subscriptions = [
        {"Protocol": "email", "Endpoint": "one@example.com", "SubscriptionArn": f"{arn}:1"},
        {"Protocol": "email", "Endpoint": "two@example.com", "SubscriptionArn": "PendingConfirmation"},
        {"Protocol": "email", "Endpoint": "three@example.com", "SubscriptionArn": "Deleted"},
        {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:example", "SubscriptionArn": f"{arn}:4"},
    ]
    answers = (
        ("list_topics", {"Topics": [{"TopicArn": arn}]}),
        ("list_subscriptions_by_topic", {"Subscriptions": subscriptions}),
    )
    assert find("topic_emails", *answers)["topic_emails"] == ["critical one@example.com"]


def test_event_rules_are_those_of_the_topics(find):
    rules = [{"Name": f"shop-production-notification-{name}"} for name in ("health", "advice")]
    assert find("event_rules", ("list_rules", {"Rules": rules}))["event_rules"] == ["advice", "health"]


@pytest.mark.parametrize("names", [[], ["/shop-production/notification/webhook"]])
def test_webhook(find, names):
    answer = {"Parameters": [{"Name": name} for name in names]}
    assert find("webhook", ("describe_parameters", answer))["webhook"] == (names[0] if names else None)


def test_config_rules_are_asked_25_at_a_time(find):
    arn = "arn:aws:config:example"
    names = [f"shop-production-rule{number:02}" for number in range(26)]
    rules = [{"ConfigRuleName": name, "ConfigRuleArn": arn, "Source": {"Owner": "AWS"}} for name in names]
    others = [
        {"ConfigRuleName": "securityhub-rule", "ConfigRuleArn": arn, "Source": {"Owner": "AWS"}},
        {
            "ConfigRuleName": "shop-production-gone",
            "ConfigRuleArn": arn,
            "ConfigRuleState": "DELETING",
            "Source": {"Owner": "AWS"},
        },
    ]
    remediation = {"ConfigRuleName": names[25], "TargetType": "SSM_DOCUMENT", "TargetId": "close"}
    operation = "describe_remediation_configurations"
    found = find(
        "config_rules",
        ("describe_config_rules", {"ConfigRules": rules + others}),
        (operation, {"RemediationConfigurations": []}, {"ConfigRuleNames": names[:25]}),
        (operation, {"RemediationConfigurations": [remediation]}, {"ConfigRuleNames": names[25:]}),
    )["config_rules"]
    assert len(found) == 26
    assert [component for component, rule in found.items() if rule["mended"]] == ["rule25"]
    assert found["rule00"]["name"] == names[0]


@pytest.mark.parametrize(
    ("name", "own", "foreign"), [(None, None, None), ("shop-production", True, None), ("default", None, "default")]
)
def test_config_recorders_are_told_apart_by_their_name(find, name, own, foreign):
    listed = ("describe_configuration_recorders", {"ConfigurationRecorders": [{"name": name}] if name else []})
    status = ("describe_configuration_recorder_status", {"ConfigurationRecordersStatus": [{"recording": True}]})
    found = find("config_recorder", listed, *([status] if own else []))["config_recorder"]
    assert (found and found["recording"]) is own
    assert find("foreign_config_recorder", listed)["foreign_config_recorder"] == foreign


@pytest.mark.parametrize(
    ("tags", "own", "foreign"),
    [
        (TAGS, ["preferences", "ansible"], None),
        ({}, ["ansible"], "SSM-SessionManagerRunShell"),
        ({**TAGS, "Environment": "staging"}, ["ansible"], "SSM-SessionManagerRunShell"),
    ],
)
def test_preferences_of_sessions_are_told_apart_by_their_tags(find, tags, own, foreign):
    documents = [
        {"Name": "SSM-SessionManagerRunShell", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]},
        {"Name": "shop-production-ansible"},
        {"Name": "shop-staging-ansible"},
    ]
    listed = ("list_documents", {"DocumentIdentifiers": documents})
    assert list(find("session_documents", listed)["session_documents"]) == own
    assert find("foreign_session_preferences", listed)["foreign_session_preferences"] == foreign


@pytest.mark.parametrize("owned", [True, False])
def test_a_detector_is_the_estates_by_its_tags(find, owned):
    detector = {
        "Status": "ENABLED",
        "ServiceRole": f"arn:aws:iam::{ACCOUNT}:role/example",
        "Tags": TAGS if owned else {"Estate": "shop", "Environment": "staging"},
    }
    answers = (("list_detectors", {"DetectorIds": ["12ab"]}), ("get_detector", detector, {"DetectorId": "12ab"}))
    found = find("detector", *answers)["detector"]
    assert found["id"] == "12ab"
    assert found.get("layer") == ("threat_detection" if owned else None)


def test_no_detector(find):
    assert find("detector", ("list_detectors", {"DetectorIds": []}))["detector"] is None


@pytest.mark.parametrize("owned", [True, False])
def test_a_hub_is_the_estates_by_its_tags(find, owned):
    arn = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default"
    answers = (("describe_hub", {"HubArn": arn}), ("list_tags_for_resource", {"Tags": TAGS if owned else {}}))
    found = find("security_hub", *answers)["security_hub"]
    assert found["arn"] == arn
    assert found.get("layer") == ("threat_detection" if owned else None)


def test_inspector(find):
    states = {"ec2": "ENABLED", "ecr": "DISABLED", "lambda": "ENABLING", "lambdaCode": "DISABLING"}
    told = {
        scan: {"status": status, "errorCode": "ALREADY_ENABLED", "errorMessage": "none"}
        for scan, status in states.items()
    }
    account = {"accountId": ACCOUNT, "state": told["ec2"], "resourceState": told}
    assert find("inspector", ("batch_get_account_status", {"accounts": [account]}))["inspector"] == ["ec2", "lambda"]


def test_rules_remember_what_the_estate_switched_on(find):
    names = ("findings-guardduty-critical", "findings-inspector-critical", "findings-inspector-warning")
    rules = [{"Name": f"shop-production-{name}", "Arn": f"arn:{name}"} for name in names]
    found = find(
        "finding_rules",
        ("list_rules", {"Rules": rules}, {"NamePrefix": "shop-production-findings-"}),
        ("list_tags_for_resource", {"Tags": tags(SwitchedOn="ec2 lambda")}, {"ResourceARN": "arn:" + names[1]}),
        ("list_tags_for_resource", {"Tags": tags()}, {"ResourceARN": "arn:" + names[2]}),
    )["finding_rules"]
    assert found.keys() == set(names)
    assert [found[name].get("switched_on") for name in names] == [None, ["ec2", "lambda"], []]


def test_patch_baselines_and_windows_are_the_estates_by_their_names(find):
    filters = [{"Key": "OWNER", "Values": ["Self"]}, {"Key": "NAME_PREFIX", "Values": ["shop-production-patching-"]}]
    baseline = {"BaselineId": "pb-0123456789abcdef0", "BaselineName": "shop-production-patching-debian"}
    answer = ("describe_patch_baselines", {"BaselineIdentities": [baseline]}, {"Filters": filters})
    (found,) = find("patch_baselines", answer)["patch_baselines"].values()
    assert (found["component"], found["id"]) == ("debian", "pb-0123456789abcdef0")
    windows = [
        {"WindowId": f"mw-0123456789abcdef{number}", "Name": name}
        for number, name in enumerate(("shop-production-patching-scan", "example"))
    ]
    found = find("patch_windows", ("describe_maintenance_windows", {"WindowIdentities": windows}))["patch_windows"]
    assert found.keys() == {"scan"}


def test_command_documents_are_the_layers_by_their_names_and_tags(find):
    def document(name, layer):
        return {"Name": name, "Tags": [{"Key": "Layer", "Value": layer}] if layer else []}

    listed = [
        document("shop-production-restart-host", "maintenance"),
        document("shop-production-other", "compliance"),
        document("shop-production-untagged", None),
        document("shop-staging-restart-host", "maintenance"),
    ]
    found = find("command_documents", ("list_documents", {"DocumentIdentifiers": listed}))["command_documents"]
    assert {component: each["name"] for component, each in found.items()} == {
        "restart-host": "shop-production-restart-host"
    }
