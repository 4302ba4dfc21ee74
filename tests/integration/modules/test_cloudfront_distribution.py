# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import Story

CHOSEN_BY_AWS = frozenset({"id", "arn", "domain_name", "status"})
FUNCTION = "arn:aws:cloudfront::123456789012:function/example"
SECRET = "not-to-be-seen-anywhere"


def origin(**more):
    return {"id": "application", "domain_name": "origin.example.com", "custom_origin": {}, **more}


def simple(**more):
    """What the smallest distribution is made of."""
    behavior = {"target_origin_id": "application", "cache_policy": "CachingDisabled"}
    return {"name": "example", "origins": [origin()], "default_cache_behavior": behavior, **more}


@pytest.fixture
def cloudfront(sandbox):
    return sandbox.client("cloudfront", "us-east-1")


@pytest.fixture
def control(modules):
    return modules.run("cloudfront_origin_access_control", name="example")["origin_access_control"]["id"]


@pytest.fixture
def certificate(modules, sandbox):
    """The ARN of an issued certificate for example.com and what is right below it."""
    names = {"domain_name": "example.com", "subject_alternative_names": ["*.example.com"]}
    requested = modules.run("acm_public_certificate", region="us-east-1", **names)["certificate"]
    route53 = sandbox.client("route53", "us-east-1")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="example")["HostedZone"]["Id"]
    for record in requested["validation_records"]:
        values = {"TTL": 60, "ResourceRecords": [{"Value": record["values"][0]}]}
        changed = {"Name": record["name"], "Type": record["type"], **values}
        changes = [{"Action": "CREATE", "ResourceRecordSet": changed}]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return requested["certificate_arn"]


@pytest.fixture
def web_acl(sandbox):
    visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "example"}
    return sandbox.client("wafv2", "us-east-1").create_web_acl(
        Name="example", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=visibility
    )["Summary"]["ARN"]


@pytest.fixture
def log_bucket(modules):
    modules.run("s3_bucket", name="example-logs", object_ownership="BucketOwnerPreferred")
    return "example-logs"


def the_one(cloudfront):
    (summary,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    return summary


def change(cloudfront, **members):
    """Change the one distribution that there is behind the module's back."""
    found = cloudfront.get_distribution_config(Id=the_one(cloudfront)["Id"])
    config = {**found["DistributionConfig"], **members}
    cloudfront.update_distribution(Id=the_one(cloudfront)["Id"], IfMatch=found["ETag"], DistributionConfig=config)


def test_story(modules, control, certificate, web_acl, log_bucket):
    assets = {
        "id": "assets",
        "domain_name": "example-assets.s3.ap-northeast-1.amazonaws.com",
        "origin_access_control_id": control,
    }
    copy = {**assets, "id": "copy", "domain_name": "example-copy.s3.us-west-2.amazonaws.com"}
    application = origin(
        custom_origin={"protocol_policy": "https-only", "read_timeout": 60},
        custom_headers=[{"name": "X-Origin-Verify", "value": SECRET}, {"name": "X-A", "value": "value-of-a"}],
    )
    behavior = {
        "target_origin_id": "application",
        "allowed_methods": ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
        "cache_policy": "CachingDisabled",
        "origin_request_policy": "Managed-AllViewer",
        "response_headers_policy": "SecurityHeadersPolicy",
        "function_associations": [{"event_type": "viewer-request", "function_arn": FUNCTION}],
    }
    images = {
        "path_pattern": "/images/*",
        "target_origin_id": "assets-with-failover",
        "cache_policy": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    }
    styles = {**images, "path_pattern": "/styles/*", "viewer_protocol_policy": "https-only", "compress": False}
    modules.tell(
        Story(
            module="cloudfront_distribution",
            returns="distribution",
            identity={"name": "example"},
            present={
                "comment": "Example",
                "aliases": ["www.example.com", "Example.com"],
                "http_version": "http2and3",
                "price_class": "PriceClass_200",
                "default_root_object": "index.html",
                "web_acl_id": web_acl,
                "origins": [application, copy, assets],
                "origin_groups": [
                    {"id": "assets-with-failover", "origin_ids": ["assets", "copy"], "status_codes": [503, 500]}
                ],
                "default_cache_behavior": behavior,
                "cache_behaviors": [styles, images],
                "custom_error_responses": [
                    {"error_code": 503, "response_code": 503, "response_page_path": "/sorry.html"},
                    {"error_code": 404, "error_caching_min_ttl": 60},
                ],
                "geo_restriction": {"restriction_type": "whitelist", "locations": ["us", "JP"]},
                "viewer_certificate": {"acm_certificate_arn": certificate},
                "logging": {"bucket": log_bucket, "prefix": "cloudfront/"},
                "tags": {"Environment": "test"},
            },
            changes=(
                {"tags": {"Environment": "changed", "Number": 1}},
                {"cache_behaviors": [images, styles]},
                {"cache_behaviors": [{**images, "response_headers_policy": "SimpleCORS"}]},
                {"origin_groups": [], "origins": [application, assets], "cache_behaviors": []},
                {"origins": [{**application, "custom_headers": []}, {**assets, "origin_shield_region": "us-west-2"}]},
                {"default_cache_behavior": {**behavior, "function_associations": [], "origin_request_policy": ""}},
                {"viewer_certificate": {"minimum_protocol_version": "TLSv1.2_2025"}, "http_version": "http3"},
                {"aliases": [], "viewer_certificate": {"cloudfront_default_certificate": True}},
                {"logging": {"enabled": False}, "web_acl_id": "", "custom_error_responses": []},
                {"geo_restriction": {"restriction_type": "none"}, "enabled": False, "ipv6_enabled": False},
                {"enabled": True, "comment": "", "default_root_object": ""},
            ),
            drift=lambda sandbox: change(sandbox.client("cloudfront", "us-east-1"), Comment="Somebody was here"),
            unpredictable=CHOSEN_BY_AWS,
        )
    )


def test_what_is_not_given_stays(modules, cloudfront, control):
    assets = {
        "id": "assets",
        "domain_name": "example-assets.s3.ap-northeast-1.amazonaws.com",
        "origin_access_control_id": control,
    }
    headers = [{"name": "X-Origin-Verify", "value": SECRET}]
    before = modules.run(
        "cloudfront_distribution",
        **simple(origins=[origin(custom_headers=headers, connection_timeout=5), assets], http_version="http2and3"),
    )["distribution"]
    # Something that the module has no option for.
    config = cloudfront.get_distribution_config(Id=before["id"])["DistributionConfig"]
    signers = {"Enabled": True, "Quantity": 1, "Items": ["self"]}
    change(cloudfront, DefaultCacheBehavior={**config["DefaultCacheBehavior"], "TrustedSigners": signers})

    after = modules.run(
        "cloudfront_distribution",
        name="example",
        origins=[{"id": "application", "custom_origin": {"read_timeout": 45}}, {"id": "assets"}],
        default_cache_behavior={"compress": False},
    )["distribution"]
    application = before["origins"][0]
    application = {**application, "custom_origin": {**application["custom_origin"], "read_timeout": 45}}
    assert after == {
        **before,
        "origins": [application, before["origins"][1]],
        "default_cache_behavior": {**before["default_cache_behavior"], "compress": False},
    }
    config = cloudfront.get_distribution_config(Id=before["id"])["DistributionConfig"]
    assert config["DefaultCacheBehavior"]["TrustedSigners"] == signers
    assert config["Origins"]["Items"][0]["CustomHeaders"]["Items"][0]["HeaderValue"] == SECRET


def test_secrets_are_not_shown(modules, cloudfront):
    def run(name, value):
        headers = [{"name": name, "value": value}]
        return modules.run("cloudfront_distribution", **simple(origins=[origin(custom_headers=headers)]))

    first = run("X-Origin-Verify", SECRET)
    second = modules.run("cloudfront_distribution", name="example", comment="Other")
    rotated = run("x-origin-verify", "another-secret")
    for answer in (first, second, rotated):
        assert SECRET not in json.dumps(answer["diff"])
        assert "another-secret" not in json.dumps(answer["diff"])
    assert rotated["changed"]
    assert rotated["diff"]["before"] != rotated["diff"]["after"]
    (shown,) = rotated["distribution"]["origins"][0]["custom_headers"]
    assert shown["name"] == "x-origin-verify"
    config = cloudfront.get_distribution_config(Id=the_one(cloudfront)["Id"])["DistributionConfig"]
    assert config["Origins"]["Items"][0]["CustomHeaders"]["Items"][0]["HeaderValue"] == "another-secret"


def test_behaviors_older_than_cache_policies_go_on(modules, cloudfront):
    modules.run("cloudfront_distribution", **simple())
    config = cloudfront.get_distribution_config(Id=the_one(cloudfront)["Id"])["DistributionConfig"]
    old = {name: value for name, value in config["DefaultCacheBehavior"].items() if name != "CachePolicyId"}
    forwarded = {"QueryString": False, "Cookies": {"Forward": "none"}}
    change(cloudfront, DefaultCacheBehavior={**old, "ForwardedValues": forwarded, "MinTTL": 60})

    modules.run("cloudfront_distribution", name="example", default_cache_behavior={"compress": False})
    config = cloudfront.get_distribution_config(Id=the_one(cloudfront)["Id"])["DistributionConfig"]
    assert config["DefaultCacheBehavior"]["MinTTL"] == 60
    answer = modules.run("cloudfront_distribution", **simple())
    assert answer["changed"]
    config = cloudfront.get_distribution_config(Id=the_one(cloudfront)["Id"])["DistributionConfig"]
    assert "ForwardedValues" not in config["DefaultCacheBehavior"]


def test_by_id(modules, cloudfront):
    created = modules.run("cloudfront_distribution", **simple(tags={"Environment": "test"}))["distribution"]
    by_id = {"distribution_id": created["id"]}
    assert not modules.run("cloudfront_distribution", **by_id, **simple(name=None))["changed"]
    renamed = modules.run("cloudfront_distribution", **by_id, name="other")["distribution"]
    assert renamed["tags"] == {"Environment": "test", "Name": "other"}
    assert modules.run("cloudfront_distribution", **by_id, state="absent")["changed"]
    assert not modules.run("cloudfront_distribution", **by_id, state="absent")["changed"]
    assert "There is no distribution" in modules.attempt("cloudfront_distribution", **by_id, comment="x")["msg"]


def test_found_by_its_name_alone(modules, cloudfront):
    first = modules.run("cloudfront_distribution", **simple())["distribution"]
    second = modules.run("cloudfront_distribution", **simple(name="other"))["distribution"]
    assert first["id"] != second["id"]
    cloudfront.tag_resource(Resource=second["arn"], Tags={"Items": [{"Key": "Name", "Value": "example"}]})
    refused = modules.attempt("cloudfront_distribution", name="example", comment="x")
    assert "several distributions with the name example" in refused["msg"]
    assert first["id"] in refused["msg"]


def test_what_it_uses_is_kept(modules, control, certificate):
    bucket = {"id": "application", "domain_name": "a.s3.amazonaws.com", "origin_access_control_id": control}
    policy = modules.run("cloudfront_response_headers_policy", name="example", remove_headers=["Server"])
    policy = policy["response_headers_policy"]
    behavior = {**simple()["default_cache_behavior"], "response_headers_policy": policy["id"]}
    modules.run(
        "cloudfront_distribution",
        **simple(origins=[bucket], default_cache_behavior=behavior),
        viewer_certificate={"acm_certificate_arn": certificate},
    )
    certificate_of = {"certificate_arn": certificate, "region": "us-east-1"}
    assert "is still used by" in modules.attempt("acm_public_certificate", **certificate_of, state="absent")["msg"]
    for name in ("origin_access_control", "response_headers_policy"):
        assert "InUse" in modules.attempt(f"cloudfront_{name}", name="example", state="absent")["msg"]
    modules.run("cloudfront_distribution", name="example", state="absent")
    for name in ("origin_access_control", "response_headers_policy"):
        assert modules.run(f"cloudfront_{name}", name="example", state="absent")["changed"]
    assert modules.run("acm_public_certificate", **certificate_of, state="absent")["changed"]


def test_waits(modules):
    modules.run("cloudfront_distribution", **simple())
    waited = modules.run("cloudfront_distribution", name="example", wait=True)
    assert not waited["changed"]
    assert waited["distribution"]["status"] == "Deployed"


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"origins": None}, "origins is missing"),
        ({"default_cache_behavior": None}, "default_cache_behavior is missing"),
        ({"origins": [{"id": "application"}]}, "the new origin application without its domain_name"),
        (
            {"origin_groups": [{"id": "group", "origin_ids": ["application", "other"], "status_codes": [500]}]},
            "origin_groups.group.origin_ids has to name two of the origins application",
        ),
        (
            {"cache_behaviors": [{"path_pattern": "/a", "target_origin_id": "b", "cache_policy": "CachingDisabled"}]},
            "cache_behaviors./a.target_origin_id is b; give one of the origins and groups application",
        ),
        (
            {"default_cache_behavior": {"target_origin_id": "application"}},
            "default_cache_behavior.cache_policy is missing",
        ),
        (
            {"default_cache_behavior": {"target_origin_id": "application", "cache_policy": "CacheAll"}},
            "default_cache_behavior.cache_policy is CacheAll, which is neither",
        ),
        ({"logging": {"prefix": "a"}}, "logging.bucket is missing"),
    ],
)
def test_refused(modules, arguments, said, check):
    assert said in modules.attempt("cloudfront_distribution", check=check, **{**simple(), **arguments})["msg"]


def test_a_bucket_for_logs_needs_access_control_lists(modules, log_bucket):
    modules.run("s3_bucket", name="example-private")
    refused = modules.attempt("cloudfront_distribution", **simple(logging={"bucket": "example-private"}))
    assert "does not enable ACL access" in refused["msg"]
    assert modules.run("cloudfront_distribution", **simple(logging={"bucket": log_bucket}))["changed"]
