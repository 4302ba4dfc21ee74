# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import wafv2_logging_configuration
from botocore.exceptions import ClientError

ARN = "arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/test/1"
STREAM = "arn:aws:firehose:ap-northeast-1:123456789012:deliverystream/aws-waf-logs-test"
STATE = {
    "web_acl_arn": ARN,
    "log_destination": STREAM,
    "redacted_fields": {
        "single_header": ["authorization", "cookie"],
        "method": False,
        "query_string": True,
        "uri_path": False,
    },
    "logging_filter": {
        "default_behavior": "DROP",
        "filters": [{"behavior": "KEEP", "requirement": "MEETS_ANY", "actions": ["BLOCK"], "labels": ["a", "b"]}],
    },
    "managed_by_firewall_manager": False,
}
CONFIGURATION = {
    "ResourceArn": ARN,
    "LogDestinationConfigs": [STREAM],
    "RedactedFields": [
        {"SingleHeader": {"Name": "authorization"}},
        {"SingleHeader": {"Name": "cookie"}},
        {"QueryString": {}},
    ],
    "LoggingFilter": {
        "DefaultBehavior": "DROP",
        "Filters": [
            {
                "Behavior": "KEEP",
                "Requirement": "MEETS_ANY",
                "Conditions": [
                    {"ActionCondition": {"Action": "BLOCK"}},
                    {"LabelNameCondition": {"LabelName": "a"}},
                    {"LabelNameCondition": {"LabelName": "b"}},
                ],
            }
        ],
    },
}


def test_write():
    assert wafv2_logging_configuration.write(STATE) == CONFIGURATION


def test_read():
    assert wafv2_logging_configuration.read(CONFIGURATION) == STATE


def test_read_in_another_order():
    """WAF promises no order, but for the filters, and says a log group's ARN as it likes."""
    group = "arn:aws:logs:ap-northeast-1:123456789012:log-group:aws-waf-logs-test"
    (item,) = CONFIGURATION["LoggingFilter"]["Filters"]
    configuration = {
        "ResourceArn": ARN,
        "LogDestinationConfigs": [f"{group}:*"],
        "RedactedFields": CONFIGURATION["RedactedFields"][::-1],
        "LoggingFilter": {"DefaultBehavior": "DROP", "Filters": [{**item, "Conditions": item["Conditions"][::-1]}]},
    }
    assert wafv2_logging_configuration.read(configuration) == {**STATE, "log_destination": group}


def test_read_the_least():
    state = wafv2_logging_configuration.read({"ResourceArn": ARN, "LogDestinationConfigs": [STREAM]})
    assert (state["redacted_fields"], state["logging_filter"]) == ({}, {})


def test_headers_have_no_case():
    fields = wafv2_logging_configuration.normalise_fields({"single_header": ["Cookie", "cookie"]})
    assert fields["single_header"] == ["cookie"]


@pytest.mark.parametrize(
    ("destination", "name"),
    [
        (STREAM, "aws-waf-logs-test"),
        ("arn:aws:logs:ap-northeast-1:123456789012:log-group:aws-waf-logs-a/b", "aws-waf-logs-a/b"),
        ("arn:aws:s3:::aws-waf-logs-test/folder", "aws-waf-logs-test/folder"),
        ("aws-waf-logs-test", "aws-waf-logs-test"),
    ],
)
def test_name_of(destination, name):
    assert wafv2_logging_configuration.name_of(destination) == name


class Waf:
    """WAF that is busy with its role when it is asked first."""

    def __init__(self):
        self.calls = []

    def put_logging_configuration(self, LoggingConfiguration):
        self.calls.append(LoggingConfiguration)
        if len(self.calls) == 1:
            raise ClientError({"Error": {"Code": "WAFServiceLinkedRoleErrorException"}}, "PutLoggingConfiguration")


def configuration(waf, **given):
    options = dict.fromkeys(wafv2_logging_configuration.FIELDS)
    return wafv2_logging_configuration.LoggingConfiguration({"web_acl_arn": ARN, **options, **given}, waf)


def test_a_locked_role_is_waited_for(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    waf = Waf()
    configuration(waf, log_destination=STREAM).create()
    assert len(waf.calls) == 2


def test_what_firewall_manager_manages_is_left_to_it():
    current = {**STATE, "managed_by_firewall_manager": True}
    resource = configuration(None)
    assert "managed by AWS Firewall Manager" in resource.refusal(current, {})
    assert "managed by AWS Firewall Manager" in resource.deletion_refusal(current)
    assert resource.deletion_refusal(STATE) is None
