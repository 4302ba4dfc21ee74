# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS WAF: what moto lets through or loses."""

import pytest

DESTINATION = "arn:aws:firehose:ap-northeast-1:123456789012:deliverystream/aws-waf-logs-test"


def visibility(name="test"):
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


@pytest.fixture
def waf(client):
    return client("wafv2")


@pytest.fixture
def web_acl(waf):
    """Create a web ACL, and answer its summary."""

    def create(scope="REGIONAL", **members):
        arguments = {"Name": "test", "DefaultAction": {"Allow": {}}, "VisibilityConfig": visibility(), **members}
        return waf.create_web_acl(Scope=scope, **arguments)["Summary"]

    return create


@pytest.mark.parametrize("scope", ["REGIONAL", "CLOUDFRONT"])
def test_logging(client, scope, refused):
    waf = client("wafv2", "us-east-1")
    arn = waf.create_web_acl(Name="test", Scope=scope, DefaultAction={"Allow": {}}, VisibilityConfig=visibility())[
        "Summary"
    ]["ARN"]
    configuration = {
        "ResourceArn": arn,
        "LogDestinationConfigs": [DESTINATION],
        "RedactedFields": [{"SingleHeader": {"Name": "cookie"}}, {"Method": {}}],
    }
    waf.put_logging_configuration(LoggingConfiguration=configuration)
    found = waf.get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"]
    assert found == {**configuration, "ManagedByFirewallManager": False}
    waf.delete_logging_configuration(ResourceArn=arn)
    with refused("WAFNonexistentItemException"):
        waf.get_logging_configuration(ResourceArn=arn)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        (
            "WAFNonexistentItemException",
            {"ResourceArn": "arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/missing/1"},
        ),
        ("WAFInvalidParameterException", {"LogDestinationConfigs": ["arn:aws:s3:::example-logs"]}),
        ("WAFInvalidParameterException", {"RedactedFields": [{"Body": {}}]}),
        ("WAFInvalidParameterException", {"RedactedFields": [{"Method": {}, "UriPath": {}}]}),
        ("WAFLimitsExceededException", {"LogDestinationConfigs": [DESTINATION, f"{DESTINATION}2"]}),
    ],
)
def test_what_cannot_be_logged(waf, web_acl, refused, code, wrong):
    configuration = {"ResourceArn": web_acl()["ARN"], "LogDestinationConfigs": [DESTINATION], **wrong}
    with refused(code):
        waf.put_logging_configuration(LoggingConfiguration=configuration)
