# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils import cloudfront_distribution as translate

CUSTOM_ORIGIN = {
    "Id": "application",
    "DomainName": "Origin.example.com",
    "OriginPath": "/v1",
    "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-Origin-Verify", "HeaderValue": "secret"}]},
    "CustomOriginConfig": {
        "HTTPPort": 80,
        "HTTPSPort": 8443,
        "OriginProtocolPolicy": "https-only",
        "OriginSslProtocols": {"Quantity": 2, "Items": ["TLSv1.2", "TLSv1.1"]},
        "OriginReadTimeout": 30,
        "OriginKeepaliveTimeout": 5,
        "IpAddressType": "dualstack",
    },
    "ConnectionAttempts": 3,
    "ConnectionTimeout": 10,
    "OriginShield": {"Enabled": True, "OriginShieldRegion": "us-west-2"},
    "OriginAccessControlId": "",
    "ResponseCompletionTimeout": 60,
}
BUCKET = {
    "Id": "assets",
    "DomainName": "assets.s3.amazonaws.com",
    "S3OriginConfig": {"OriginAccessIdentity": ""},
    "OriginShield": {"Enabled": False},
    "OriginAccessControlId": "E1",
}
BEHAVIOR = {
    "TargetOriginId": "application",
    "ViewerProtocolPolicy": "https-only",
    "AllowedMethods": {
        "Quantity": 2,
        "Items": ["HEAD", "GET"],
        "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
    },
    "Compress": True,
    "CachePolicyId": "c1",
    "FunctionAssociations": {"Quantity": 1, "Items": [{"FunctionARN": "f1", "EventType": "viewer-request"}]},
    "LambdaFunctionAssociations": {
        "Quantity": 1,
        "Items": [{"LambdaFunctionARN": "l1", "EventType": "origin-request"}],
    },
    "SmoothStreaming": False,
    "FieldLevelEncryptionId": "",
}


def passed_on(option, value, place):
    return f"{option}/{value}/{place}"


def test_read_a_minimal_distribution():
    """What only some distributions have is not needed."""
    config = {
        "Origins": {"Quantity": 1, "Items": [{"Id": "a", "DomainName": "a.s3.amazonaws.com", "S3OriginConfig": {}}]},
        "DefaultCacheBehavior": {"TargetOriginId": "a", "ViewerProtocolPolicy": "allow-all"},
        "Comment": "",
        "Enabled": True,
    }
    state = translate.read(
        {"Id": "E1", "ARN": "arn", "DomainName": "d1", "Status": "Deployed", "DistributionConfig": config}, {}
    )
    assert state["aliases"] == state["origin_groups"] == state["cache_behaviors"] == []
    assert state["viewer_certificate"] == translate.DEFAULT_CERTIFICATE
    assert state["logging"] == translate.NO_LOGGING
    assert state["origins"][0]["custom_origin"] == {}
    assert state["default_cache_behavior"]["allowed_methods"] == ["GET", "HEAD"]


def test_read_a_custom_origin():
    state = translate.read_origin(CUSTOM_ORIGIN)
    (header,) = state.pop("custom_headers")
    assert header["name"] == "x-origin-verify"
    assert "secret" not in header["value"]
    assert state == {
        "id": "application",
        "domain_name": "origin.example.com",
        "origin_path": "/v1",
        "custom_origin": {
            "protocol_policy": "https-only",
            "http_port": 80,
            "https_port": 8443,
            "ssl_protocols": ["TLSv1.1", "TLSv1.2"],
            "read_timeout": 30,
            "keepalive_timeout": 5,
        },
        "origin_access_control_id": "",
        "origin_shield_region": "us-west-2",
        "connection_attempts": 3,
        "connection_timeout": 10,
    }


def test_a_fingerprint_is_one_headers_only():
    seal = translate.sealed("a", "X-A", "secret")
    assert seal == translate.sealed("a", "x-a", "secret")
    others = [("b", "X-A", "secret"), ("a", "X-B", "secret"), ("a", "X-A", "Secret")]
    assert len({translate.sealed(*other)["value"] for other in others} | {seal["value"]}) == 4


def test_an_origin_is_written_over_what_is_there():
    state = translate.read_origin(CUSTOM_ORIGIN)
    written = translate.write_origin(CUSTOM_ORIGIN, {**state, "origin_shield_region": "", "origin_path": ""}, {})
    assert written["CustomHeaders"]["Items"] == [{"HeaderName": "x-origin-verify", "HeaderValue": "secret"}]
    assert written["CustomOriginConfig"]["IpAddressType"] == "dualstack"
    assert written["ResponseCompletionTimeout"] == 60
    assert written["OriginShield"] == {"Enabled": False}
    assert written["OriginPath"] == ""


def test_a_new_secret_is_written():
    secrets = {}
    given = {"id": "application", "custom_headers": [{"name": "X-Origin-Verify", "value": "other"}]}
    fields = translate.normalise({"origins": [given]}, secrets, passed_on)
    (state,) = translate.merge_origins([translate.read_origin(CUSTOM_ORIGIN)], fields["origins"])
    written = translate.write_origin(CUSTOM_ORIGIN, state, secrets)
    assert written["CustomHeaders"]["Items"] == [{"HeaderName": "x-origin-verify", "HeaderValue": "other"}]


@pytest.mark.parametrize(
    ("current", "change", "present"),
    [
        ({}, {}, {"S3OriginConfig": {"OriginAccessIdentity": ""}}),
        ({}, {"custom_origin": translate.NEW_CUSTOM_ORIGIN}, {"CustomOriginConfig": None}),
        (BUCKET, {"custom_origin": translate.NEW_CUSTOM_ORIGIN}, {"CustomOriginConfig": None}),
        ({"VpcOriginConfig": {"VpcOriginId": "v1"}}, {}, {"VpcOriginConfig": {"VpcOriginId": "v1"}}),
        (
            {"S3OriginConfig": {"OriginAccessIdentity": "old", "OriginReadTimeout": 9}},
            {},
            {"S3OriginConfig": {"OriginAccessIdentity": "old", "OriginReadTimeout": 9}},
        ),
        (
            {"S3OriginConfig": {"OriginAccessIdentity": "old", "OriginReadTimeout": 9}},
            {"origin_access_control_id": "E1"},
            {"S3OriginConfig": {"OriginAccessIdentity": "", "OriginReadTimeout": 9}},
        ),
    ],
)
def test_an_origin_is_of_one_kind(current, change, present):
    state = {**translate.NEW_ORIGIN, "id": "a", **change}
    written = translate.write_origin(current, state, {})
    kinds = {
        name: written[name] for name in written if name in ("S3OriginConfig", "CustomOriginConfig", "VpcOriginConfig")
    }
    assert kinds.keys() == present.keys()
    assert all(kinds[name] == value for name, value in present.items() if value is not None)


def test_what_a_new_origin_says_is_enough_for_an_update():
    written = translate.write_origin({}, {**translate.NEW_ORIGIN, "id": "a", "domain_name": "a.example.com"}, {})
    assert {"OriginPath", "CustomHeaders"} <= written.keys()


@pytest.mark.parametrize(
    ("given", "protocols"), [({}, ["TLSv1.2"]), ({"ssl_protocols": ["TLSv1.2", "TLSv1.1"]}, ["TLSv1.1", "TLSv1.2"])]
)
def test_a_new_custom_origin(given, protocols):
    fields = translate.normalise({"origins": [{"id": "a", "custom_origin": given}]}, {}, passed_on)
    (origin,) = translate.merge_origins([], fields["origins"])
    assert origin["custom_origin"] == {**translate.NEW_CUSTOM_ORIGIN, "ssl_protocols": protocols}


def test_a_behavior_is_written_as_it_is_read():
    state = translate.read_behavior(BEHAVIOR)
    assert state["cache_policy"] == "c1"
    assert state["origin_request_policy"] == ""
    written = translate.write_behavior(BEHAVIOR, state)
    assert translate.read_behavior(written) == state
    assert written["LambdaFunctionAssociations"] == BEHAVIOR["LambdaFunctionAssociations"]
    assert "OriginRequestPolicyId" not in written


def test_a_policy_is_taken_away():
    current = {**BEHAVIOR, "ResponseHeadersPolicyId": "r1"}
    state = {**translate.read_behavior(current), "response_headers_policy": ""}
    assert "ResponseHeadersPolicyId" not in translate.write_behavior(current, state)


def test_a_cache_policy_takes_the_place_of_what_was_before():
    old = {"ForwardedValues": {}, "MinTTL": 0, "DefaultTTL": 0, "MaxTTL": 0}
    current = {**{name: value for name, value in BEHAVIOR.items() if name != "CachePolicyId"}, **old}
    state = translate.read_behavior(current)
    assert old.keys() <= translate.write_behavior(current, state).keys()
    assert not old.keys() & translate.write_behavior(current, {**state, "cache_policy": "c1"}).keys()


def test_a_new_behavior_says_enough_for_an_update():
    written = translate.write_behaviors([], [{**translate.NEW_BEHAVIOR, "path_pattern": "/a", "cache_policy": "c1"}])
    (behavior,) = written["Items"]
    assert behavior.keys() >= {"PathPattern", "SmoothStreaming", "LambdaFunctionAssociations", "FieldLevelEncryptionId"}


def test_behaviors_keep_their_order_and_find_themselves_by_their_path():
    found = [{"path_pattern": path, **translate.read_behavior(BEHAVIOR)} for path in ("/a", "/b")]
    wanted = translate.merge_behaviors(found, [{"path_pattern": "/b", "compress": False}, {"path_pattern": "/a"}])
    assert wanted == [{**found[1], "compress": False}, found[0]]


def test_policies_are_looked_up_where_they_stand():
    given = {
        "default_cache_behavior": {"cache_policy": "A"},
        "cache_behaviors": [{"path_pattern": "/a", "origin_request_policy": "B"}],
    }
    fields = translate.normalise(given, {}, passed_on)
    assert fields["default_cache_behavior"]["cache_policy"] == "cache_policy/A/default_cache_behavior"
    assert fields["cache_behaviors"][0]["origin_request_policy"] == "origin_request_policy/B/cache_behaviors./a"


ACM = {
    "cloudfront_default_certificate": False,
    "acm_certificate_arn": "arn1",
    "minimum_protocol_version": "TLSv1.2_2019",
    "ssl_support_method": "vip",
}


@pytest.mark.parametrize(
    ("current", "given", "wanted"),
    [
        (ACM, {}, ACM),
        (ACM, {"acm_certificate_arn": "arn2"}, {**ACM, "acm_certificate_arn": "arn2"}),
        (ACM, {"cloudfront_default_certificate": True}, translate.DEFAULT_CERTIFICATE),
        (
            translate.DEFAULT_CERTIFICATE,
            {"acm_certificate_arn": "arn1"},
            {**translate.NEW_CERTIFICATE, "acm_certificate_arn": "arn1"},
        ),
    ],
)
def test_merge_certificate(current, given, wanted):
    assert translate.merge_certificate(current, given) == wanted


def test_certificates():
    default = {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1", "SSLSupportMethod": "vip"}
    assert translate.read_certificate(default) == translate.DEFAULT_CERTIFICATE
    assert translate.read_certificate(translate.write_certificate(default, ACM)) == ACM
    of_iam = {"IAMCertificateId": "i1", "MinimumProtocolVersion": "TLSv1", "SSLSupportMethod": "sni-only"}
    state = {**translate.read_certificate(of_iam), "minimum_protocol_version": "TLSv1.2_2021"}
    assert translate.write_certificate(of_iam, state) == {**of_iam, "MinimumProtocolVersion": "TLSv1.2_2021"}


@pytest.mark.parametrize(
    ("bucket", "domain_name"),
    [
        ("example-logs", "example-logs.s3.amazonaws.com"),
        ("logs.example.com", "logs.example.com.s3.amazonaws.com"),
        ("example-logs.s3.amazonaws.com", "example-logs.s3.amazonaws.com"),
    ],
)
def test_bucket_domain_name(bucket, domain_name):
    fields = translate.normalise({"logging": {"enabled": True, "bucket": bucket}}, {}, passed_on)
    logging = translate.merge_logging(translate.NO_LOGGING, fields["logging"])
    assert translate.read_logging(translate.write_logging(logging)) == {
        "enabled": True,
        "bucket": domain_name,
        "prefix": "",
        "include_cookies": False,
    }


def test_logging_switched_off_says_nothing_else():
    current = {"enabled": True, "bucket": "a", "prefix": "b", "include_cookies": True}
    assert translate.merge_logging(current, {"enabled": False, "prefix": "c"}) == translate.NO_LOGGING


def test_error_responses():
    fields = translate.normalise(
        {"custom_error_responses": [{"error_code": 503, "error_caching_min_ttl": 5}, {"error_code": 404}]},
        {},
        passed_on,
    )
    assert [response["error_code"] for response in fields["custom_error_responses"]] == [404, 503]
    written = translate.write_error_response(fields["custom_error_responses"][1])
    assert written == {"ErrorCode": 503, "ResponsePagePath": "", "ResponseCode": "", "ErrorCachingMinTTL": 5}
    assert translate.read_error_response(written) == fields["custom_error_responses"][1]
    page = {**written, "ResponsePagePath": "/sorry", "ResponseCode": "200"}
    assert translate.write_error_response(translate.read_error_response(page)) == page


def test_write_leaves_the_rest_alone():
    config = {"CallerReference": "1", "Staging": False, "Comment": "x", "Aliases": {"Quantity": 0}}
    written = translate.write(config, {"aliases": ["a"], "http_version": "http3", "tags": {"a": "b"}}, {})
    assert written == {**config, "Aliases": {"Quantity": 1, "Items": ["a"]}, "HttpVersion": "http3"}
