# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import config_rule as module

GROUP, VPC = "AWS::EC2::SecurityGroup", "AWS::EC2::VPC"
ARN = "arn:aws:config:ap-northeast-1:123456789012:config-rule/config-rule-abc123"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(22, "22"), ("22", "22"), (True, "true"), ([22, 3389], "22,3389"), ([True, "x"], "true,x"), (1.5, "1.5")],
)
def test_a_parameter_is_a_text(value, expected):
    assert module.text(value) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"compliance_resource_types": [VPC, GROUP]}, {"compliance_resource_types": [GROUP, VPC]}),
        ({"compliance_resource_types": []}, {}),
        ({"tag_key": "Web"}, {"tag_key": "Web"}),
        ({}, {}),
    ],
)
def test_scope_as_it_is_answered(given, expected):
    assert module.normal({"scope": given}) == {"scope": expected}


@pytest.mark.parametrize(
    ("detail", "frequency"),
    [
        ({"message_type": "ScheduledNotification"}, "TwentyFour_Hours"),
        ({"message_type": "ScheduledNotification", "maximum_execution_frequency": "One_Hour"}, "One_Hour"),
        ({"message_type": "ConfigurationItemChangeNotification", "maximum_execution_frequency": None}, None),
    ],
)
def test_how_often_a_function_is_called_is_added(detail, frequency):
    source = {"owner": "CUSTOM_LAMBDA", "identifier": "arn:aws:lambda:example", "details": [detail]}
    (normal,) = module.normal({"source": source})["source"]["details"]
    assert normal["maximum_execution_frequency"] == frequency


def test_what_is_read_is_what_was_requested():
    state = {
        "name": "example",
        "arn": ARN,
        "description": "Closed",
        "source": {
            "owner": "CUSTOM_LAMBDA",
            "identifier": "arn:aws:lambda:example",
            "details": [{"message_type": "ScheduledNotification", "maximum_execution_frequency": "One_Hour"}],
        },
        "scope": {"compliance_resource_types": [GROUP]},
        "input_parameters": {"blockedPort1": "22"},
        "maximum_execution_frequency": "Six_Hours",
        "tags": {"Environment": "test"},
    }
    request = module.request(state)
    assert request["Source"]["SourceDetails"][0]["EventSource"] == "aws.config"
    assert module.read({**request, "ConfigRuleArn": ARN}, state["tags"]) == state


def test_the_least_rule():
    source = {"owner": "AWS", "identifier": "INCOMING_SSH_DISABLED", "details": []}
    nothing = {"scope": {}, "input_parameters": {}, "maximum_execution_frequency": ""}
    assert module.request({"name": "example", "description": "", "source": source, **nothing}) == {
        "ConfigRuleName": "example",
        "Description": "",
        "Source": {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"},
    }
