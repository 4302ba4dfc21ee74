# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils.config import taken_refusal
from ansible_collections.wellarchitected.aws.plugins.modules import config_recorder as module

GROUP, VPC = "AWS::EC2::SecurityGroup", "AWS::EC2::VPC"
ARN = "arn:aws:config:ap-northeast-1:123456789012:configuration-recorder/example/abc"


@pytest.mark.parametrize(
    ("group", "strategy", "types"),
    [
        # As AWS Config answered before there were strategies.
        ({"allSupported": True, "includeGlobalResourceTypes": True, "resourceTypes": []}, module.ALL, []),
        ({"allSupported": False, "resourceTypes": [VPC, GROUP]}, module.ONLY, [GROUP, VPC]),
        ({"exclusionByResourceTypes": {"resourceTypes": [VPC, GROUP]}}, module.BUT, [GROUP, VPC]),
        ({"recordingStrategy": {"useOnly": module.BUT}, "resourceTypes": []}, module.BUT, []),
        ({}, module.ALL, []),
    ],
)
def test_read_group(group, strategy, types):
    assert module.read_group(group) == {
        "recording_strategy": strategy,
        "resource_types": types,
        "include_global_resource_types": group.get("includeGlobalResourceTypes", False),
    }


@pytest.mark.parametrize(
    ("strategy", "types", "expected"),
    [
        (module.ALL, [], {"allSupported": True, "includeGlobalResourceTypes": False}),
        (module.ONLY, [GROUP], {"allSupported": False, "resourceTypes": [GROUP]}),
        (module.BUT, [GROUP], {"allSupported": False, "exclusionByResourceTypes": {"resourceTypes": [GROUP]}}),
    ],
)
def test_what_is_read_is_what_was_requested(strategy, types, expected):
    override = {"description": "", "resource_types": [GROUP], "recording_frequency": "CONTINUOUS"}
    state = {
        "name": "example",
        "arn": ARN,
        "role_arn": "arn:aws:iam::123456789012:role/example",
        "recording_group": {
            "recording_strategy": strategy,
            "resource_types": types,
            "include_global_resource_types": False,
        },
        "recording_mode": {"recording_frequency": "DAILY", "recording_mode_overrides": [override]},
        "recording": True,
        "tags": {},
    }
    request = module.request(state)
    assert request["recordingGroup"] == {**expected, "recordingStrategy": {"useOnly": strategy}}
    assert "description" not in request["recordingMode"]["recordingModeOverrides"][0]
    assert module.read({**request, "arn": ARN}, True, {}) == state


def test_types_are_given_in_any_order():
    fields = {
        "recording_group": {"resource_types": [VPC, GROUP]},
        "recording_mode": {"recording_mode_overrides": [{"resource_types": [VPC, GROUP]}]},
    }
    normal = module.normal(fields)
    assert normal["recording_group"]["resource_types"] == [GROUP, VPC]
    assert normal["recording_mode"]["recording_mode_overrides"][0]["resource_types"] == [GROUP, VPC]
    assert module.normal({}) == {}


def test_there_is_one_in_a_region():
    assert taken_refusal("delivery channel", "example", [], "ap-northeast-1") is None
    refusal = taken_refusal("delivery channel", "example", ["default"], "ap-northeast-1")
    assert "one delivery channel in a region, and in ap-northeast-1 that is default" in refusal
    assert "say name: default" in refusal
