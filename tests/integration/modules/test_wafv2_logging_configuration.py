# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

STREAM = f"arn:aws:firehose:{REGION}:123456789012:deliverystream/aws-waf-logs-test"
GROUP = f"arn:aws:logs:{REGION}:123456789012:log-group:aws-waf-logs-test"


def create_web_acl(sandbox, scope="REGIONAL", region=REGION):
    waf = sandbox.client("wafv2", region)
    visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "test"}
    answer = waf.create_web_acl(Name="test", Scope=scope, DefaultAction={"Allow": {}}, VisibilityConfig=visibility)
    return answer["Summary"]["ARN"]


@pytest.fixture
def web_acl(sandbox):
    return create_web_acl(sandbox)


def test_story(modules, web_acl):
    def drift(sandbox):
        sandbox.client("wafv2", REGION).put_logging_configuration(
            LoggingConfiguration={"ResourceArn": web_acl, "LogDestinationConfigs": [STREAM]}
        )

    keep = {"behavior": "KEEP", "actions": ["COUNT", "BLOCK"]}
    drop = {"behavior": "DROP", "requirement": "MEETS_ALL", "actions": ["ALLOW"], "labels": ["awswaf:managed:x"]}
    modules.tell(
        Story(
            module="wafv2_logging_configuration",
            returns="logging_configuration",
            identity={"web_acl_arn": web_acl},
            present={"log_destination": STREAM},
            changes=(
                {"redacted_fields": {"single_header": ["Cookie", "authorization"], "query_string": True}},
                {"logging_filter": {"default_behavior": "DROP", "filters": [keep]}},
                {"logging_filter": {"default_behavior": "DROP", "filters": [keep, drop]}},
                {"logging_filter": {"default_behavior": "DROP", "filters": [drop, keep]}},
                {"logging_filter": {}},
                {"log_destination": f"{GROUP}:*"},
                {"redacted_fields": {}},
                {"redacted_fields": {"method": True, "uri_path": True}},
            ),
            drift=drift,
        )
    )


def test_what_is_not_given_stays(modules, web_acl):
    arguments = {"web_acl_arn": web_acl, "log_destination": STREAM, "redacted_fields": {"method": True}}
    modules.run("wafv2_logging_configuration", **arguments)
    moved = modules.run("wafv2_logging_configuration", web_acl_arn=web_acl, log_destination=GROUP)
    assert moved["logging_configuration"]["redacted_fields"]["method"]


def test_for_cloudfront(modules, sandbox):
    arguments = {"web_acl_arn": create_web_acl(sandbox, "CLOUDFRONT", "us-east-1"), "log_destination": STREAM}
    modules.run("wafv2_logging_configuration", region="us-east-1", **arguments)
    assert not modules.run("wafv2_logging_configuration", region="us-east-1", **arguments)["changed"]
    elsewhere = modules.attempt("wafv2_logging_configuration", **arguments)
    assert "is for CloudFront, which AWS WAF manages in us-east-1 only" in elsewhere["msg"]


def test_a_web_acl_that_is_still_to_come(modules):
    arn = f"arn:aws:wafv2:{REGION}:123456789012:regional/webacl/test/00000000-0000-0000-0000-000000000000"
    assert modules.run("wafv2_logging_configuration", check=True, web_acl_arn=arn, log_destination=STREAM)["changed"]
    assert not modules.run("wafv2_logging_configuration", web_acl_arn=arn, state="absent")["changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "does not log yet, and so needs a log_destination"),
        ({"log_destination": "arn:aws:s3:::example-logs"}, "only to something named aws-waf-logs-..."),
        ({"logging_filter": {"default_behavior": "KEEP"}}, "default_behavior, filters"),
        (
            {"logging_filter": {"default_behavior": "KEEP", "filters": [{"behavior": "DROP"}]}},
            "one of the following is required: actions, labels",
        ),
    ],
)
def test_refused(modules, web_acl, arguments, said):
    assert said in modules.attempt("wafv2_logging_configuration", check=True, web_acl_arn=web_acl, **arguments)["msg"]
