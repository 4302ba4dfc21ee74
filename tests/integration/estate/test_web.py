# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The web tier: what stands in front of the servers, read back from the API, described otherwise, taken away.

The tests of this module follow one another on one estate, which has no layers but those that the web tier stands on.
"""

from __future__ import annotations

import pytest

LAYERS = ("encryption", "identity", "storage", "network", "security_groups", "load_balancer", "waf")
TOKYO = "ap-northeast-1"
# Where each web ACL is: its scope in the API, and the region of its cell.
WEB_ACLS = [("CLOUDFRONT", "us-east-1"), ("REGIONAL", TOKYO), ("REGIONAL", "ap-northeast-3")]
BALANCED = (TOKYO, "ap-northeast-3")
WORD = ("-e", "destroy_estate=shop-sandbox")


@pytest.fixture
def certificates(estate):
    """The input that says which certificate the load balancer of each cell shows."""
    if "certificates" not in estate.memory:
        acms = {region: estate.sandbox.client("acm", region=region) for region in BALANCED}
        estate.memory["certificates"] = {
            region: acm.request_certificate(DomainName="origin.example.com", ValidationMethod="DNS")["CertificateArn"]
            for region, acm in acms.items()
        }
    arns = estate.memory["certificates"]
    return {"load_balancer_certificate_arn": f"{{{{ {arns!r}.get(cell_region, '') }}}}"}


@pytest.fixture
def described(estate, certificates, tmp_path):
    """Describes the estate of this module, by what differs from the description."""
    return lambda **variables: estate.described(tmp_path, **certificates, **variables)


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it."""
    if not any(request["operation"] == "CreateKey" for request in estate.writes()):
        estate.run("--tags", ",".join(LAYERS), described())
    return estate


def test_the_plan_of_an_empty_account_is_printed_and_touches_nothing(estate, described):
    arguments = ("--check", "--diff", "--tags", ",".join(LAYERS), described())
    before = len(estate.writes())
    run = estate.run(*arguments)
    assert {change.layer for change in run.changes} == set(LAYERS)
    assert len(estate.writes()) == before


@pytest.mark.parametrize("layer", ["load_balancer", "waf"])
def test_every_layer_runs_alone_and_changes_nothing(built, described, layer):
    assert built.run("--tags", layer, described()).changes == set()
    assert built.run("--check", "--tags", layer, described()).changes == set()


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


def web_of(sandbox, region: str) -> dict:
    """The load balancer of a region with all that belongs to it."""
    elb = sandbox.client("elbv2", region=region)
    (balancer,) = elb.describe_load_balancers(Names=["shop-sandbox-web"])["LoadBalancers"]
    (group,) = elb.describe_target_groups(Names=["shop-sandbox-web"])["TargetGroups"]
    arn = balancer["LoadBalancerArn"]
    listeners = {listener["Port"]: listener for listener in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]}
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {
        "balancer": balancer,
        "group": group,
        "listeners": listeners,
        "attributes": {attribute["Key"]: attribute["Value"] for attribute in attributes},
        "rules": elb.describe_rules(ListenerArn=listeners[443]["ListenerArn"])["Rules"],
    }


def secrets_let_in(sandbox, region: str) -> list[str]:
    """The values of the header that let a request in; there is one rule for them, and a last one for all others."""
    rule, last = web_of(sandbox, region)["rules"]
    assert last["IsDefault"] and last["Actions"][0]["Type"] == "fixed-response"
    (condition,) = rule["Conditions"]
    assert condition["HttpHeaderConfig"]["HttpHeaderName"].lower() == f"x-origin-verify-{region}"
    return condition["HttpHeaderConfig"]["Values"]


@pytest.mark.parametrize("region", BALANCED)
def test_row_s5_what_does_not_come_through_cloudfront_is_refused(built, region):
    web = web_of(built.sandbox, region)
    http, https = web["listeners"][80], web["listeners"][443]
    assert http["DefaultActions"][0]["RedirectConfig"]["Protocol"] == "HTTPS"
    assert https["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert https["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "403"
    secretsmanager, kms = (built.sandbox.client(service, region=region) for service in ("secretsmanager", "kms"))
    secret = secretsmanager.describe_secret(SecretId="shop-sandbox-origin-header")
    assert secret["KmsKeyId"] == kms.describe_key(KeyId="alias/shop-sandbox-parameters")["KeyMetadata"]["Arn"]
    value = secretsmanager.get_secret_value(SecretId="shop-sandbox-origin-header")["SecretString"]
    assert secrets_let_in(built.sandbox, region) == [value]
    forward = web["rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"]
    assert [target["TargetGroupArn"] for target in forward] == [web["group"]["TargetGroupArn"]]


@pytest.mark.parametrize("region", BALANCED)
def test_row_r2_the_load_balancer_stands_in_every_zone_protected_and_logged(built, region):
    web = web_of(built.sandbox, region)
    assert web["balancer"]["State"]["Code"] == "active"
    assert len(web["balancer"]["AvailabilityZones"]) == 2
    bucket = f"shop-sandbox-logs-123456789012-{region}"
    expected = {
        "deletion_protection.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        **{f"{log}_logs.s3.enabled": "true" for log in ("access", "connection")},
        **{f"{log}_logs.s3.bucket": bucket for log in ("access", "connection")},
        **{f"{log}_logs.s3.prefix": "load-balancer" for log in ("access", "connection")},
    }
    assert expected.items() <= web["attributes"].items()
    policy = built.sandbox.client("s3", region=region).get_bucket_policy(Bucket=bucket)["Policy"]
    assert "logdelivery.elasticloadbalancing.amazonaws.com" in policy
    assert web["group"]["HealthCheckPath"] == "/"


@pytest.mark.parametrize("region", BALANCED)
def test_row_s7_the_web_acl_protects_the_load_balancer(built, region):
    wafv2 = built.sandbox.client("wafv2", region=region)
    arn = web_of(built.sandbox, region)["balancer"]["LoadBalancerArn"]
    assert wafv2.get_web_acl_for_resource(ResourceArn=arn)["WebACL"]["Name"] == "shop-sandbox-regional"


def test_the_secret_is_never_shown(built, described):
    value = secrets_let_in(built.sandbox, TOKYO)[0]
    rule = web_of(built.sandbox, TOKYO)["rules"][0]
    header = {"HttpHeaderName": "X-Other", "Values": ["theirs"]}
    built.sandbox.client("elbv2", region=TOKYO).modify_rule(
        RuleArn=rule["RuleArn"], Conditions=[{"Field": "http-header", "HttpHeaderConfig": header}]
    )
    arguments = ("--tags", "load_balancer", "--limit", "tokyo", "--diff", "-vvv", described())
    for check in (["--check"], []):
        run = built.run(*arguments, *check)
        assert len(run.changes) == 1
        assert value not in run.output
    assert secrets_let_in(built.sandbox, TOKYO) == [value]


def test_the_secret_is_rotated_without_an_outage(built, described):
    first = secrets_let_in(built.sandbox, TOKYO)
    before = len(built.writes())
    run = built.run("--limit", "tokyo", described(), playbook="playbooks/rotate_origin_header.yml")
    (second,) = secrets_let_in(built.sandbox, TOKYO)
    assert [second] != first
    assert second not in run.output
    order = [request["operation"] for request in built.writes()[before:]]
    assert order == [
        "PutSecretValue",  # a new value
        "ModifyRule",  # is let in, too,
        "UpdateSecretVersionStage",  # before it is the one to send,
        "UpdateSecretVersionStage",
        "UpdateSecretVersionStage",  # and the old one is forgotten
        "ModifyRule",  # and no longer let in.
    ]
    assert built.run("--tags", "load_balancer", described()).changes == set()


DESCRIPTIONS = {
    "a server is left faster": (
        {"load_balancer_deregistration_delay_seconds": 30},
        ["--limit", "osaka", "--tags", "load_balancer"],
        {("Keep the target group", "")},
    ),
    "clients stay with a server": (
        {"load_balancer_stickiness_seconds": 3600},
        ["--limit", "tokyo", "--tags", "load_balancer"],
        {("Keep the target group", "")},
    ),
    "another policy for TLS": (
        {"load_balancer_tls_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"},
        ["--limit", "osaka", "--tags", "load_balancer"],
        # The delay goes back, since this description does not have it.
        {("Keep the target group", ""), ("Let in nobody, unless a rule says so", "")},
    ),
    "connections are not logged": (
        {"load_balancer_connection_logs": False, "load_balancer_stickiness_seconds": 3600},
        ["--limit", "tokyo", "--tags", "load_balancer"],
        {("Start the load balancer", "")},
    ),
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
def test_a_change_of_the_description_changes_that_and_nothing_else(built, described, variables, scope, expected):
    # What runs always, preflight and the summary, is left out to save time.
    arguments = (*scope, "--skip-tags", "always", described(**variables))
    assert built.run("--check", *arguments).touched == expected
    assert built.run(*arguments).touched == expected
    assert built.run(*arguments).touched == set()


def test_nothing_is_taken_away_that_the_web_tier_stands_on(built, described):
    for tags, layer in (("network,security_groups", "load_balancer"), ("identity", "waf")):
        run = built.attempt("--tags", tags, *WORD, described(), playbook="playbooks/destroy.yml")
        assert run.returncode != 0
        assert f"Nothing was touched. The layer {layer} stands on" in run.output


def test_it_is_taken_away_and_nothing_else_is(built, described):
    built.run("--tags", "load_balancer,waf", *WORD, described(), playbook="playbooks/destroy.yml")
    for region in BALANCED:
        elb, secretsmanager = (built.sandbox.client(service, region=region) for service in ("elbv2", "secretsmanager"))
        assert elb.describe_load_balancers()["LoadBalancers"] == elb.describe_target_groups()["TargetGroups"] == []
        assert secretsmanager.list_secrets()["SecretList"] == []
    for scope, region in WEB_ACLS:
        wafv2, firehose = (built.sandbox.client(service, region=region) for service in ("wafv2", "firehose"))
        assert wafv2.list_web_acls(Scope=scope)["WebACLs"] == wafv2.list_ip_sets(Scope=scope)["IPSets"] == []
        assert firehose.list_delivery_streams()["DeliveryStreamNames"] == []
    assert built.sandbox.client("s3", region=TOKYO).list_buckets()["Buckets"]
