# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

NAME = "test"
COMMON = {
    "name": "common",
    "override_action": "none",
    "statement": {
        "managed_rule_group_statement": {
            "vendor_name": "AWS",
            "name": "AWSManagedRulesCommonRuleSet",
            "rule_action_overrides": [
                {"name": "SizeRestrictions_BODY", "action_to_use": "count"},
                {"name": "NoUserAgent_HEADER", "action_to_use": {"block": {}}},
            ],
        }
    },
}
COUNTRIES = {
    "name": "countries",
    "action": {"block": {"custom_response": {"response_code": 451, "custom_response_body_key": "elsewhere"}}},
    "statement": {"not_statement": {"statement": {"geo_match_statement": {"country_codes": ["US", "JP"]}}}},
}
RATE = {
    "name": "rate",
    "action": "block",
    "statement": {"rate_based_statement": {"limit": 2000, "aggregate_key_type": "IP"}},
}
# As the console shows it.
ADMIN = {
    "Name": "admin",
    "Action": {"Count": {}},
    "RuleLabels": [{"Name": "admin"}],
    "VisibilityConfig": {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": True, "MetricName": "admin"},
    "Statement": {
        "AndStatement": {
            "Statements": [
                {
                    "ByteMatchStatement": {
                        "SearchString": "/admin",
                        "FieldToMatch": {"UriPath": {}},
                        "TextTransformations": [
                            {"Priority": 1, "Type": "URL_DECODE"},
                            {"Priority": 0, "Type": "LOWERCASE"},
                        ],
                        "PositionalConstraint": "STARTS_WITH",
                    }
                },
                {
                    "SizeConstraintStatement": {
                        "FieldToMatch": {"Body": {}},
                        "ComparisonOperator": "GT",
                        "Size": "100",
                        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
                    }
                },
            ]
        }
    },
}


def create_ip_set(sandbox, region=REGION, scope="REGIONAL"):
    waf = sandbox.client("wafv2", region)
    answer = waf.create_ip_set(Name="office", Scope=scope, IPAddressVersion="IPV4", Addresses=["192.0.2.0/24"])
    return answer["Summary"]["ARN"]


def office(arn):
    return {"name": "office", "action": "allow", "statement": {"ip_set_reference_statement": {"arn": arn}}}


def change_behind_our_back(sandbox, region=REGION, scope="REGIONAL", **members):
    waf = sandbox.client("wafv2", region)
    (summary,) = waf.list_web_acls(Scope=scope)["WebACLs"]
    identity = {"Name": NAME, "Scope": scope, "Id": summary["Id"]}
    answer = waf.get_web_acl(**identity)
    kept = {name: answer["WebACL"][name] for name in ("DefaultAction", "Rules", "VisibilityConfig")}
    waf.update_web_acl(**identity, LockToken=answer["LockToken"], **{**kept, **members})


@pytest.mark.parametrize(("scope", "region"), [("REGIONAL", REGION), ("CLOUDFRONT", "us-east-1")])
def test_story(modules, sandbox, scope, region, monkeypatch):
    arn = create_ip_set(sandbox, region, scope)
    bodies = {"elsewhere": {"content_type": "TEXT_PLAIN", "content": "Elsewhere"}}
    # A story is told in one region.
    run = modules.attempt
    monkeypatch.setattr(
        modules, "attempt", lambda module, check=False, _=REGION, **given: run(module, check, region, **given)
    )
    rules = [office(arn), RATE, COUNTRIES, COMMON, ADMIN]
    modules.tell(
        Story(
            module="wafv2_web_acl",
            returns="web_acl",
            identity={"name": NAME, "scope": scope},
            present={
                "default_action": "allow",
                "rules": rules,
                "custom_response_bodies": bodies,
                "token_domains": ["example.org", "example.com"],
                "tags": {"Environment": "test"},
            },
            changes=(
                {"tags": {"Number": 1}},
                {"default_action": {"Block": {}}, "description": "What it is for"},
                {"rules": [office(arn), RATE, COUNTRIES, {**COMMON, "override_action": "count"}, ADMIN]},
                {"rules": [RATE, office(arn), COUNTRIES, COMMON]},
                {"visibility_config": {"sampled_requests_enabled": False}},
                {"captcha_immunity_time": 600, "challenge_immunity_time": 900},
                {"association_config": {"request_body": {"API_GATEWAY": {"default_size_inspection_limit": "KB_32"}}}},
                {"association_config": {}, "description": "", "token_domains": []},
                {"rules": [], "custom_response_bodies": {}},
                {"rules": rules, "custom_response_bodies": bodies},
            ),
            drift=lambda sandbox: change_behind_our_back(sandbox, region, scope, Rules=[], TokenDomains=["a.example"]),
            unpredictable=frozenset({"id", "arn", "label_namespace", "capacity"}),
        )
    )


def test_what_is_not_given_stays(modules, sandbox):
    """What others have set in the meantime, such as the token domains, goes into the update."""
    arguments = {"name": NAME, "default_action": "allow", "rules": [RATE], "token_domains": ["example.com"]}
    modules.run("wafv2_web_acl", **arguments)
    change_behind_our_back(sandbox, TokenDomains=["example.org"])
    changed = modules.run("wafv2_web_acl", name=NAME, rules=[])
    assert changed["web_acl"]["token_domains"] == ["example.org"]
    assert changed["web_acl"]["rules"] == []


def test_one_that_protects_something_is_not_deleted(modules, sandbox):
    arn = modules.run("wafv2_web_acl", name=NAME, default_action="allow")["web_acl"]["arn"]
    subnets = [subnet["SubnetId"] for subnet in sandbox.client("ec2", REGION).describe_subnets()["Subnets"][:2]]
    created = sandbox.client("elbv2", REGION).create_load_balancer(Name="web", Subnets=subnets)
    balancer = created["LoadBalancers"][0]["LoadBalancerArn"]
    waf = sandbox.client("wafv2", REGION)
    waf.associate_web_acl(WebACLArn=arn, ResourceArn=balancer)
    for check in (True, False):
        answer = modules.attempt("wafv2_web_acl", check, name=NAME, state="absent")
        assert f"still protects something ({balancer}). Take it off first" in answer["msg"]
    waf.disassociate_web_acl(ResourceArn=balancer)
    assert modules.run("wafv2_web_acl", name=NAME, state="absent")["changed"]


def test_many_web_acls(modules, sandbox):
    waf = sandbox.client("wafv2", REGION)
    visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "test"}
    for number in range(101):
        waf.create_web_acl(
            Name=f"a{number:03}", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility
        )
    assert modules.run("wafv2_web_acl", name="a100")["web_acl"]["name"] == "a100"
    assert not modules.run("wafv2_web_acl", name="a100")["changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "a new one needs a default_action"),
        ({"default_action": "deny"}, "default_action has no member deny"),
        ({"scope": "CLOUDFRONT"}, "is for CloudFront, which AWS WAF manages in us-east-1 only"),
        ({"rules": [{"name": "a", "statment": {}}]}, "rules[0] has no member statment. Did you mean statement?"),
        ({"rules": [{"statement": RATE["statement"]}]}, "rules[0] needs name and visibility_config"),
        ({"rules": [RATE, {**RATE, "priority": 5}]}, "Several rules have the name rate"),
        ({"rules": [{**RATE, "priority": 1}, COUNTRIES]}, "Several rules have the priority 1"),
        (
            {"rules": [{**RATE, "statement": {"rate_based_statement": {"limit": "many", "aggregate_key_type": "IP"}}}]},
            "rules[0].statement.rate_based_statement.limit is 'many', but must be a whole number",
        ),
    ],
)
def test_refused(modules, arguments, said):
    assert said in modules.attempt("wafv2_web_acl", check=True, name=NAME, **arguments)["msg"]
