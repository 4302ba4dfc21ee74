# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import config_remediation as module

STATE = {
    "config_rule_name": "ssh",
    "arn": None,
    "target_id": "close",
    "target_version": "",
    "resource_type": "AWS::EC2::SecurityGroup",
    "resource_id_parameter": "SecurityGroupId",
    "static_parameters": {"Ports": ["22"], "AutomationAssumeRole": ["arn:aws:iam::123456789012:role/example"]},
    "automatic": True,
    "maximum_automatic_attempts": 3,
    "retry_attempt_seconds": 600,
    "concurrent_execution_rate_percentage": 25,
    "error_percentage": None,
}


def test_what_is_read_is_what_was_requested():
    request = module.request(STATE)
    assert request["TargetType"] == "SSM_DOCUMENT"
    assert request["Parameters"]["SecurityGroupId"] == {"ResourceValue": {"Value": "RESOURCE_ID"}}
    assert request["ExecutionControls"] == {"SsmControls": {"ConcurrentExecutionRatePercentage": 25}}
    assert "TargetVersion" not in request
    assert module.read(request) == STATE


def test_without_controls_aws_has_its_own():
    state = {**STATE, "concurrent_execution_rate_percentage": None, "resource_id_parameter": ""}
    request = module.request(state)
    assert "ExecutionControls" not in request
    assert module.read(request) == state


@pytest.mark.parametrize(("value", "expected"), [(22, ["22"]), ("22", ["22"]), ([22, "23"], ["22", "23"]), ([], [])])
def test_a_parameter_is_a_list_of_texts(value, expected):
    assert module.normal({"static_parameters": {"Ports": value}}) == {"static_parameters": {"Ports": expected}}


def test_one_that_is_not_automatic():
    remediation = {"ConfigRuleName": "ssh", "TargetType": "SSM_DOCUMENT", "TargetId": "close"}
    read = module.read(remediation)
    assert (read["automatic"], read["maximum_automatic_attempts"], read["retry_attempt_seconds"]) == (False, 5, 60)
    assert (read["static_parameters"], read["resource_id_parameter"]) == ({}, "")
