# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The web tier: what stands in front of the servers, read back from the API, described otherwise, taken away.

The tests of this module follow one another on one estate, which has no layers but those that the web tier stands on.
"""

from __future__ import annotations

import pytest

LAYERS = ("encryption", "identity", "storage", "waf")
TOKYO = "ap-northeast-1"
# Where each web ACL is: its scope in the API, and the region of its cell.
WEB_ACLS = [("CLOUDFRONT", "us-east-1"), ("REGIONAL", TOKYO), ("REGIONAL", "ap-northeast-3")]
BOTH_WORDS = ("-e", "destroy_estate=shop-sandbox", "-e", "destroy_data=data")


@pytest.fixture
def built(estate):
    """The estate, built by the first test that needs it."""
    if not estate.writes():
        estate.run("--tags", ",".join(LAYERS))
    return estate


def test_the_plan_of_an_empty_account_is_printed_and_touches_nothing(estate):
    run = estate.run("--check", "--diff", "--tags", ",".join(LAYERS))
    assert {change.layer for change in run.changes} == set(LAYERS)
    assert estate.writes() == []


@pytest.mark.parametrize("layer", ["waf"])
def test_every_layer_runs_alone_and_changes_nothing(built, layer):
    assert built.run("--tags", layer).changes == set()
    assert built.run("--check", "--tags", layer).changes == set()


def web_acl_of(sandbox, scope: str, region: str) -> dict:
    """The one web ACL of a scope and region."""
    wafv2 = sandbox.client("wafv2", region=region)
    (summary,) = wafv2.list_web_acls(Scope=scope)["WebACLs"]
    return wafv2.get_web_acl(Name=summary["Name"], Scope=scope, Id=summary["Id"])["WebACL"]


@pytest.mark.parametrize(("scope", "region"), WEB_ACLS)
def test_row_s7_attacks_are_kept_out(built, scope, region):
    web_acl = web_acl_of(built.sandbox, scope, region)
    assert web_acl["Name"] == f"shop-sandbox-{scope.lower()}"
    rules = {rule["Name"]: rule for rule in web_acl["Rules"]}
    groups = {
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]: rule["OverrideAction"]
        for rule in rules.values()
        if "ManagedRuleGroupStatement" in rule["Statement"]
    }
    expected = {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet"}
    if scope == "CLOUDFRONT":
        expected |= {"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesAnonymousIpList"}
    assert groups.keys() == expected
    assert all(action == {"None": {}} for action in groups.values())
    assert rules["rate-limit"]["Action"] == {"Block": {}}
    assert rules["rate-limit"]["Statement"]["RateBasedStatement"]["Limit"] == 2000
    assert (rules["allowed-addresses"]["Action"], rules["blocked-addresses"]["Action"]) == (
        {"Allow": {}},
        {"Block": {}},
    )
    assert all(rule["VisibilityConfig"]["CloudWatchMetricsEnabled"] for rule in rules.values())


@pytest.mark.parametrize(("scope", "region"), WEB_ACLS)
def test_row_s7_what_is_kept_out_is_logged_without_secrets(built, scope, region):
    wafv2, firehose = (built.sandbox.client(service, region=region) for service in ("wafv2", "firehose"))
    arn = web_acl_of(built.sandbox, scope, region)["ARN"]
    logging = wafv2.get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"]
    redacted = {field["SingleHeader"]["Name"] for field in logging["RedactedFields"]}
    assert redacted == {"authorization", "cookie"}
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
    (kept,) = logging["LoggingFilter"]["Filters"]
    actions = {condition["ActionCondition"]["Action"] for condition in kept["Conditions"]}
    assert (kept["Behavior"], actions) == ("KEEP", {"BLOCK", "COUNT", "EXCLUDED_AS_COUNT"})
    name = f"aws-waf-logs-shop-sandbox-{scope.lower()}"
    assert [destination.rpartition("/")[2] for destination in logging["LogDestinationConfigs"]] == [name]
    stream = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
    assert stream["DeliveryStreamStatus"] == "ACTIVE"
    assert stream["DeliveryStreamEncryptionConfiguration"]["Status"] == "ENABLED"
    destination = stream["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert destination["BucketARN"] == f"arn:aws:s3:::shop-sandbox-logs-123456789012-{region}"
    assert destination["Prefix"].startswith(f"waf/{scope.lower()}/")
    assert destination["RoleARN"] == "arn:aws:iam::123456789012:role/shop-sandbox/shop-sandbox-waf-logs"


DESCRIPTIONS = {
    "a country is added": (
        {"waf_rules": {"countries": {"only": ["JP", "US"]}}},
        ["--limit", "tokyo", "--tags", "waf"],
        {("Keep the web ACLs", "regional")},
    ),
    "a rule only counts": (
        {"waf_rules": {"common": {"mode": "count"}}},
        ["--limit", "virginia", "--tags", "waf"],
        {("Keep the web ACLs", "cloudfront")},
    ),
    "an address is kept out": (
        {"waf_rules": {"blocked_addresses": {"addresses": ["203.0.113.0/24"]}}},
        ["--limit", "osaka", "--tags", "waf"],
        {("Keep the IP sets", "regional-blocked-ipv4")},
    ),
    "all requests are logged": (
        {"waf_logged_requests": "all"},
        ["--limit", "tokyo", "--tags", "waf"],
        # The country goes again, since this description has none.
        {("Keep the web ACLs", "regional"), ("Log what the web ACLs see", "regional")},
    ),
    "nothing is logged": (
        {"waf_logged_requests": "none"},
        ["--limit", "tokyo", "--tags", "waf"],
        {
            ("Log what the web ACLs see", "regional"),
            ("Delete the streams of logs that are no longer wanted", "regional"),
        },
    ),
}


@pytest.mark.parametrize(("variables", "scope", "expected"), DESCRIPTIONS.values(), ids=DESCRIPTIONS)
def test_a_change_of_the_description_changes_that_and_nothing_else(built, tmp_path, variables, scope, expected):
    # What runs always, preflight and the summary, is left out to save time.
    arguments = (*scope, "--skip-tags", "always", built.described(tmp_path, **variables))
    assert built.run("--check", *arguments).touched == expected
    assert built.run(*arguments).touched == expected
    assert built.run(*arguments).touched == set()


def test_it_is_taken_away_and_nothing_else_is(built):
    built.run("--tags", "waf", *BOTH_WORDS[:2], playbook="playbooks/destroy.yml")
    for scope, region in WEB_ACLS:
        wafv2, firehose = (built.sandbox.client(service, region=region) for service in ("wafv2", "firehose"))
        assert wafv2.list_web_acls(Scope=scope)["WebACLs"] == wafv2.list_ip_sets(Scope=scope)["IPSets"] == []
        assert firehose.list_delivery_streams()["DeliveryStreamNames"] == []
    assert built.sandbox.client("s3", region=TOKYO).list_buckets()["Buckets"]
