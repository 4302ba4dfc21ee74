# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

FILTERS = sorted(path.stem for path in Path(__file__).parents[4].glob("plugins/filter/[!_]*.py"))
CELL = {"account_id": "123456789012", "region": "ap-northeast-1"}
CONTEXT = {
    "name": "shop",
    "environment": "production",
    "owner": "platform",
    "cost_center": 1000,
    "tags": {"Project": "storefront", "Owner": "somebody else", 1: 2},
}


def filter_of(name):
    module = importlib.import_module(f"ansible_collections.wellarchitected.aws.plugins.filter.{name}")
    return module.FilterModule().filters()[name]


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_goes_by_the_name_of_its_file(name):
    assert callable(filter_of(name))


def test_estate_tags():
    assert filter_of("estate_tags")(CONTEXT, "network", "public-a") == {
        "Name": "shop-production-public-a",
        "Estate": "shop",
        "Environment": "production",
        "Layer": "network",
        "Component": "public-a",
        "Owner": "platform",
        "CostCenter": "1000",
        "ManagedBy": "wellarchitected.aws",
        "Project": "storefront",
        "1": "2",
    }


def test_estate_tags_without_further_ones():
    assert "Project" not in filter_of("estate_tags")({**CONTEXT, "tags": None}, "network", "vpc")


def test_subnet_plan():
    assert [subnet["component"] for subnet in filter_of("subnet_plan")("10.0.0.0/16", ["a"])] == [
        "public-a",
        "private-a",
        "data-a",
    ]


def test_network_acl_rules():
    rules = filter_of("network_acl_rules")("data", ["10.0.0.0/16"], [{"tier": "private", "cidr": "10.0.64.0/20"}])
    assert rules["ingress"] == [[100, "all", "allow", "10.0.64.0/20", None, None, None, None]]


class TestRouteTables:
    SUBNETS = (
        {"component": "public-a", "tier": "public", "zone": "a"},
        {"component": "public-c", "tier": "public", "zone": "c"},
        {"component": "private-a", "tier": "private", "zone": "a"},
        {"component": "private-c", "tier": "private", "zone": "c"},
        {"component": "data-a", "tier": "data", "zone": "a"},
        {"component": "data-c", "tier": "data", "zone": "c"},
    )

    def plan(self, **nat_gateways):
        return {
            table["component"]: table for table in filter_of("route_table_plan")(self.SUBNETS, "igw-1", nat_gateways)
        }

    def test_public_and_data_have_one_table_each(self):
        plan = self.plan()
        assert plan["public"]["subnets"] == ["public-a", "public-c"]
        assert plan["public"]["routes"] == [{"dest": "0.0.0.0/0", "gateway_id": "igw-1"}]
        assert plan["data"] == {"component": "data", "subnets": ["data-a", "data-c"], "routes": []}

    @pytest.mark.parametrize(
        ("nat_gateways", "gateways"),
        [
            ({}, {"private-a": None, "private-c": None}),
            ({"a": "nat-1"}, {"private-a": "nat-1", "private-c": "nat-1"}),
            ({"a": "nat-1", "c": "nat-2"}, {"private-a": "nat-1", "private-c": "nat-2"}),
        ],
        ids=["none", "single", "one per zone"],
    )
    def test_private_subnets_lead_to_nat(self, nat_gateways, gateways):
        plan = self.plan(**nat_gateways)
        for component, gateway in gateways.items():
            assert plan[component]["subnets"] == [component]
            assert [route["gateway_id"] for route in plan[component]["routes"]] == ([gateway] if gateway else [])


@pytest.mark.parametrize(
    ("name", "arguments", "options", "sids"),
    [
        (
            "kms_key_policy",
            [{"via": ["rds"], "services": None}],
            CELL,
            ["AdministrationByTheAccount", "UseThroughServices", "GrantsToServices"],
        ),
        ("s3_bucket_policy", ["example"], {**CELL, "estate": "shop"}, ["DenyPlainHttp", "DenyOldTls"]),
        (
            "sns_topic_policy",
            ["example"],
            {**CELL, "publishers": ["cloudwatch"]},
            ["DenyPlainHttp", "PublishForThisAccount"],
        ),
        ("sqs_queue_policy", ["example"], CELL, ["DenyPlainHttp"]),
        ("sqs_queue_policy", ["example"], {**CELL, "topics": ["critical"]}, ["DenyPlainHttp", "DeliverFromTopics"]),
        ("sqs_queue_policy", ["example"], {**CELL, "rules": ["shop-*"]}, ["DenyPlainHttp", "DeliverFromRules"]),
    ],
)
def test_policies(name, arguments, options, sids):
    policy = filter_of(name)(*arguments, **options)
    assert [statement["Sid"] for statement in policy["Statement"]] == sids


def test_trust_policy():
    trust = {"principals": ["root"], "conditions": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    (statement,) = filter_of("iam_trust_policy")(trust, partition="aws-cn", **CELL)["Statement"]
    assert statement["Principal"] == {"AWS": ["arn:aws-cn:iam::123456789012:root"]}
    assert statement["Condition"] == trust["conditions"]


@pytest.mark.parametrize("sites", [("primary",), ("primary", "recovery")])
def test_site_records(sites):
    records = filter_of("site_records")(
        {site: {"dns_name": f"{site}.elb.example.com", "zone_id": f"Z{site}"} for site in sites},
        origin="origin.example.com",
        sites={site: f"origin-{site}.example.com" for site in sites},
        health_checks={site: f"check of {site}" for site in sites},
        distribution={"domain_name": "d1.cloudfront.net", "aliases": ["example.com"]},
    )
    origin = [record for record in records if record["name"] == "origin.example.com"]
    assert [record["alias"]["dns_name"] for record in origin] == [f"{site}.elb.example.com" for site in sites]
    # Alone, a site has nothing to fail over to.
    assert [record.get("failover") for record in origin] == (["PRIMARY", "SECONDARY"] if len(sites) > 1 else [None])
    assert [record.get("health_check_id") for record in origin] == (
        [f"check of {site}" for site in sites] if len(sites) > 1 else [None]
    )
    assert {record["type"] for record in records if record["name"] == "example.com"} == {"A", "AAAA"}
    assert {f"origin-{site}.example.com" for site in sites} <= {record["name"] for record in records}


def test_security_group_rules():
    rules = filter_of("security_group_rules")(
        [{"from": "web", "to": "web", "port": 80}], groups={"web": ""}, peers={}, group_ids={"web": "sg-1"}
    )
    assert rules["web"]["egress"][0]["group_id"] == "sg-1"


@pytest.mark.parametrize(
    ("name", "arguments", "options", "said"),
    [
        ("subnet_plan", ["10.0.0.0/25", ["a"]], {}, "is too small"),
        ("network_acl_rules", ["pubic", [], []], {}, "There is no tier 'pubic'. There are: public, private, data."),
        ("kms_key_policy", [{"services": ["sqs"]}], CELL, "called 'sqs'"),
        ("s3_bucket_policy", ["example"], {**CELL, "estate": "shop", "deliveries": ["waf"]}, "called 'waf'"),
        ("iam_trust_policy", [{}], CELL, "give one of the two"),
        ("sns_topic_policy", ["example"], {**CELL, "publishers": ["sms"]}, "publishes to topics called 'sms'"),
        (
            "security_group_rules",
            [[{"from": "web", "to": "cache", "port": 80}]],
            {"groups": {"web": ""}, "peers": {}, "group_ids": {}},
            "names 'cache'",
        ),
    ],
)
def test_what_is_wrong_is_said_to_the_user(name, arguments, options, said):
    with pytest.raises(AnsibleFilterError) as error:
        filter_of(name)(*arguments, **options)
    assert said in str(error.value)
