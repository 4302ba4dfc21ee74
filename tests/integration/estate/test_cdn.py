# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""CloudFront in front of an estate: read back from the API, described otherwise, changed behind its back, taken away.

The tests of this module follow one another on one estate, which has only the layers that the distribution stands on.
"""

from __future__ import annotations

import json

import pytest

from .conftest import BOTH_WORDS, TOKYO

LAYERS = "encryption,identity,storage,network,dns,certificates,static_content,security_groups,load_balancer,waf,cdn"
OSAKA = "ap-northeast-3"


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it."""
    if not estate.writes():
        estate.memory["build"] = estate.run("--tags", LAYERS, "--diff", described())
    return estate


@pytest.fixture
def cloudfront(estate):
    return estate.sandbox.client("cloudfront", region="us-east-1")


def distribution_of(cloudfront) -> dict:
    """The one distribution that there is."""
    (summary,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    return cloudfront.get_distribution(Id=summary["Id"])["Distribution"]


def secret_of(sandbox, region: str) -> str:
    client = sandbox.client("secretsmanager", region=region)
    return client.get_secret_value(SecretId="shop-sandbox-origin-header", VersionStage="AWSCURRENT")["SecretString"]


def test_the_layer_alone_changes_nothing_and_what_reads_the_buckets_stays(built, described):
    assert built.run("--tags", "cdn,static_content", described()).changes == set()


def by_id(config: dict, member: str) -> dict[str, dict]:
    return {item["Id"]: item for item in config[member]["Items"]}


def test_viewers_are_served_safely(built, cloudfront):
    found = distribution_of(cloudfront)
    config = found["DistributionConfig"]
    assert (found["Status"], config["Enabled"], config["Comment"]) == ("Deployed", True, "shop-sandbox: site")
    assert sorted(config["Aliases"]["Items"]) == ["shop.example.com", "www.shop.example.com"]
    assert (config["HttpVersion"], config["IsIPV6Enabled"]) == ("http2and3", True)
    assert config["PriceClass"] == "PriceClass_200"
    certificate = config["ViewerCertificate"]
    assert (certificate["MinimumProtocolVersion"], certificate["SSLSupportMethod"]) == ("TLSv1.2_2021", "sni-only")
    acm = built.sandbox.client("acm", region="us-east-1")
    (issued,) = acm.list_certificates()["CertificateSummaryList"]
    assert certificate["ACMCertificateArn"] == issued["CertificateArn"]
    (web_acl,) = built.sandbox.client("wafv2", region="us-east-1").list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    assert config["WebACLId"] == web_acl["ARN"]
    assert config["Restrictions"]["GeoRestriction"]["RestrictionType"] == "none"
    behaviors = [config["DefaultCacheBehavior"], *config["CacheBehaviors"]["Items"]]
    assert {behavior["ViewerProtocolPolicy"] for behavior in behaviors} == {"redirect-to-https"}
    assert all(behavior["Compress"] for behavior in behaviors)
    tags = cloudfront.list_tags_for_resource(Resource=found["ARN"])["Tags"]["Items"]
    assert {"Key": "Layer", "Value": "cdn"} in tags


def test_the_site_is_asked_with_the_secrets_of_both_cells_over_tls(built, cloudfront):
    config = distribution_of(cloudfront)["DistributionConfig"]
    origins = by_id(config, "Origins")
    secrets = {f"x-origin-verify-{region}": secret_of(built.sandbox, region) for region in (TOKYO, OSAKA)}
    for name, domain, shown in (
        ("site", "origin.shop.example.com", secrets.keys()),
        ("recovery-site", "origin-recovery.shop.example.com", {f"x-origin-verify-{OSAKA}"}),
    ):
        headers = origins[name]["CustomHeaders"]["Items"]
        assert {header["HeaderName"].lower(): header["HeaderValue"] for header in headers} == {
            header: secrets[header] for header in shown
        }
        assert origins[name]["DomainName"] == domain
        custom = origins[name]["CustomOriginConfig"]
        assert (custom["OriginProtocolPolicy"], custom["OriginSslProtocols"]["Items"]) == ("https-only", ["TLSv1.2"])
    default = config["DefaultCacheBehavior"]
    assert (default["TargetOriginId"], default["AllowedMethods"]["Quantity"]) == ("site", 7)
    assert default["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # CachingDisabled
    assert default["OriginRequestPolicyId"] == "216adef6-5c7f-47e4-b989-5492eafa07d3"  # AllViewer


def test_what_fails_is_asked_elsewhere_and_then_sorry_is_said(built, cloudfront):
    config = distribution_of(cloudfront)["DistributionConfig"]
    groups = by_id(config, "OriginGroups")
    members = {name: [member["OriginId"] for member in group["Members"]["Items"]] for name, group in groups.items()}
    assert members == {
        "site-with-failover": ["site", "recovery-site"],
        "static-with-failover": ["static-primary", "static-recovery"],
    }
    failures = {tuple(group["FailoverCriteria"]["StatusCodes"]["Items"]) for group in groups.values()}
    assert failures == {(500, 502, 503, 504)}
    responses = config["CustomErrorResponses"]["Items"]
    assert {response["ErrorCode"] for response in responses} == {500, 502, 503, 504}
    assert {(page["ResponsePagePath"], page["ResponseCode"], page["ErrorCachingMinTTL"]) for page in responses} == {
        ("/errors/sorry.html", "503", 10)
    }


def test_static_files_are_read_by_this_distribution_only(built, cloudfront):
    found = distribution_of(cloudfront)
    config = found["DistributionConfig"]
    behaviors = {behavior["PathPattern"]: behavior for behavior in config["CacheBehaviors"]["Items"]}
    assert list(behaviors) == ["/static/*", "/errors/*"]
    for behavior in behaviors.values():
        assert behavior["TargetOriginId"] == "static-with-failover"
        assert sorted(behavior["AllowedMethods"]["Items"]) == ["GET", "HEAD"]
        assert behavior["CachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"  # CachingOptimized
        assert "OriginRequestPolicyId" not in behavior
    (control,) = cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Items"]
    for origin, region in (("static-primary", TOKYO), ("static-recovery", OSAKA)):
        bucket = f"shop-sandbox-static-123456789012-{region}"
        assert by_id(config, "Origins")[origin]["DomainName"] == f"{bucket}.s3.{region}.amazonaws.com"
        assert by_id(config, "Origins")[origin]["OriginAccessControlId"] == control["Id"]
        policy = json.loads(built.sandbox.client("s3", region=region).get_bucket_policy(Bucket=bucket)["Policy"])
        (allowed,) = (statement for statement in policy["Statement"] if statement["Effect"] == "Allow")
        assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert allowed["Action"] in ("s3:GetObject", ["s3:GetObject"])
        assert allowed["Condition"] == {"StringEquals": {"aws:SourceArn": found["ARN"]}}


def test_browsers_are_told_to_be_careful(built, cloudfront):
    (summary,) = cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]["Items"]
    policy = summary["ResponseHeadersPolicy"]
    config = policy["ResponseHeadersPolicyConfig"]
    headers = config["SecurityHeadersConfig"]
    assert config["Name"] == "shop-sandbox-site"
    transport = headers["StrictTransportSecurity"]
    assert (transport["AccessControlMaxAgeSec"], transport["IncludeSubdomains"]) == (31536000, True)
    assert headers["ContentTypeOptions"]["Override"]
    assert headers["FrameOptions"]["FrameOption"] == "SAMEORIGIN"
    assert headers["ReferrerPolicy"]["ReferrerPolicy"] == "strict-origin-when-cross-origin"
    assert not headers["XSSProtection"]["Protection"]
    distribution = distribution_of(cloudfront)["DistributionConfig"]
    behaviors = [distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"]["Items"]]
    assert {behavior["ResponseHeadersPolicyId"] for behavior in behaviors} == {policy["Id"]}


def test_requests_are_logged_to_a_bucket_that_cloudfront_can_write_to(built, cloudfront):
    logging = distribution_of(cloudfront)["DistributionConfig"]["Logging"]
    bucket = "shop-sandbox-cdn-logs-123456789012-us-east-1"
    assert (logging["Enabled"], logging["Bucket"]) == (True, f"{bucket}.s3.amazonaws.com")
    assert not logging["IncludeCookies"]
    s3 = built.sandbox.client("s3", region="us-east-1")
    (rule,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rule["ObjectOwnership"] == "BucketOwnerPreferred"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    statements = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in [statement["Condition"] for statement in statements]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert 400 in [rule.get("Expiration", {}).get("Days") for rule in rules]


CHANGES = {
    "countries": ({"cdn_countries": {"blocked": ["FR"]}}, {("Start the distribution", "")}),
    "another version of TLS": ({"cdn_minimum_tls": "TLSv1.2_2025"}, {("Start the distribution", "")}),
    "a page of our own": ({"cdn_error_pages": [404]}, {("Start the distribution", "")}),
    "a path that is only read": (
        {"cdn_behaviors": [{"path": "/catalog/*", "cache_policy": "UseOriginCacheControlHeaders"}]},
        {("Start the distribution", "")},
    ),
    "another policy for contents": (
        {"cdn_content_security_policy": "default-src 'self'", "cdn_permissions_policy": "camera=()"},
        {("Keep the headers that make browsers careful", "")},
    ),
    "logs for longer": ({"cdn_log_retention_days": 800}, {("Keep the bucket of access logs", "")}),
}


def test_changes_of_the_description_change_that_and_nothing_else_and_back(built, described, cloudfront):
    variables = {name: value for values, _touched in CHANGES.values() for name, value in values.items()}
    expected = set().union(*(touched for _values, touched in CHANGES.values()))
    alone = ("--tags", "cdn", "--skip-tags", "always", described(**variables))
    assert built.run("--check", *alone).touched == expected
    assert built.run(*alone).touched == expected
    config = distribution_of(cloudfront)["DistributionConfig"]
    assert config["Restrictions"]["GeoRestriction"]["Items"] == ["FR"]
    assert config["CacheBehaviors"]["Items"][0]["TargetOriginId"] == "site-with-failover"
    assert {"/errors/404.html"} <= {page["ResponsePagePath"] for page in config["CustomErrorResponses"]["Items"]}
    assert built.run(*alone).touched == set()
    assert built.run("--tags", "cdn", "--skip-tags", "always", described()).touched == expected


def test_what_was_changed_behind_its_back_is_put_back_without_showing_a_secret(built, described, cloudfront):
    found = distribution_of(cloudfront)
    config = found["DistributionConfig"]
    config["PriceClass"] = "PriceClass_100"
    config["Comment"] = "Ours"
    by_id(config, "Origins")["site"]["CustomHeaders"]["Items"][0]["HeaderValue"] = "not the secret"
    etag = cloudfront.get_distribution_config(Id=found["Id"])["ETag"]
    cloudfront.update_distribution(Id=found["Id"], IfMatch=etag, DistributionConfig=config)
    cloudfront.untag_resource(Resource=found["ARN"], TagKeys={"Items": ["Name", "Owner"]})
    run = built.run("--tags", "cdn", "--diff", "-vvv", "--limit", "virginia", described())
    assert "PriceClass_100" in run.output
    for region in (TOKYO, OSAKA):
        assert secret_of(built.sandbox, region) not in run.output
    config = distribution_of(cloudfront)["DistributionConfig"]
    assert (config["PriceClass"], config["Comment"]) == ("PriceClass_200", "shop-sandbox: site")
    headers = by_id(config, "Origins")["site"]["CustomHeaders"]["Items"]
    assert {header["HeaderValue"] for header in headers} == {
        secret_of(built.sandbox, TOKYO),
        secret_of(built.sandbox, OSAKA),
    }


def test_the_secret_is_rotated_through_the_distribution(built, described, cloudfront):
    rotate = "playbooks/rotate_origin_header.yml"
    refused = built.attempt("--limit", "tokyo", described(), playbook=rotate)
    assert refused.returncode != 0
    assert "add the group global to --limit" in refused.output
    before, first = len(built.writes()), secret_of(built.sandbox, TOKYO)
    built.run("--limit", "tokyo,virginia", described(), playbook=rotate)
    second = secret_of(built.sandbox, TOKYO)
    assert first != second
    order = [request["operation"] for request in built.writes()[before:]]
    assert order == [
        "PutSecretValue",  # a new value
        "ModifyRule",  # is let in, too,
        "UpdateSecretVersionStage",  # before it is the one to send,
        "UpdateSecretVersionStage",  # and no longer the one that waits,
        "UpdateDistribution",  # and sent from everywhere,
        "UpdateSecretVersionStage",  # and the old one is forgotten
        "ModifyRule",  # and no longer let in.
    ]
    headers = by_id(distribution_of(cloudfront)["DistributionConfig"], "Origins")["site"]["CustomHeaders"]["Items"]
    assert second in {header["HeaderValue"] for header in headers}


def test_cloudfront_forgets_what_was_uploaded_and_nothing_else(built, described, cloudfront, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "logo.svg").write_text("<svg/>")
    given = described(static_content_folder=str(folder))
    for _again in range(2):
        built.run(given, "--skip-tags", "always", playbook="playbooks/upload_static.yml")
    distribution = distribution_of(cloudfront)["Id"]
    (summary,) = cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"]["Items"]
    batch = cloudfront.get_invalidation(DistributionId=distribution, Id=summary["Id"])["Invalidation"]
    assert batch["InvalidationBatch"]["Paths"]["Items"] == ["/static/logo.svg"]


def test_shield_protects_it_where_it_is_subscribed_to(built, described, cloudfront):
    shield = built.sandbox.client("shield", region="us-east-1")
    alone = ("--tags", "cdn", "--skip-tags", "always", "--limit", "virginia", described(cdn_shield_advanced=True))
    refused = built.attempt("--check", *alone)
    assert refused.returncode != 0
    assert "no subscription to Shield Advanced" in refused.output
    shield.create_subscription()
    assert built.run(*alone).touched == {("Keep the protection against floods of requests", "")}
    (protection,) = shield.list_protections()["Protections"]
    assert protection["ResourceArn"] == distribution_of(cloudfront)["ARN"]
    assert built.run(*alone).touched == set()


def test_nothing_is_taken_away_that_the_distribution_stands_on(built, described):
    run = built.attempt("--tags", "waf", *BOTH_WORDS, described(), playbook="playbooks/destroy.yml")
    assert run.returncode != 0
    assert "Nothing was touched. The layer cdn stands on" in run.output
    assert not run.changes


def test_it_is_disabled_and_deleted_and_nothing_else_is(built, described, cloudfront):
    before = len(built.writes())
    built.run("--tags", "cdn", *BOTH_WORDS, described(), playbook="playbooks/destroy.yml")
    written = [request["operation"] for request in built.writes()[before:]]
    assert written.index("UpdateDistribution") < written.index("DeleteDistribution")
    assert not cloudfront.list_distributions()["DistributionList"].get("Items")
    assert not cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"].get("Items")
    assert not built.sandbox.client("shield", region="us-east-1").list_protections()["Protections"]
    s3 = built.sandbox.client("s3", region=TOKYO)
    names = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    static = f"shop-sandbox-static-123456789012-{TOKYO}"
    assert static in names
    assert not [name for name in names if "-cdn-logs-" in name]
    assert "cloudfront" not in s3.get_bucket_policy(Bucket=static)["Policy"]
