# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules.lambda_event_source_mapping import read, to_api

MAPPING = {
    "UUID": "12345678-1234-1234-1234-123456789012",
    "FunctionArn": "arn:aws:lambda:ap-northeast-1:123456789012:function:example",
    "EventSourceArn": "arn:aws:sqs:ap-northeast-1:123456789012:example",
    "BatchSize": 10,
    "State": "Enabled",
}


def test_read_of_one_for_which_little_was_said():
    state = read(MAPPING)
    assert (state["function_name"], state["enabled"], state["function_response_types"]) == ("example", True, [])
    assert (state["maximum_batching_window_in_seconds"], state["maximum_concurrency"], state["arn"]) == (0, 0, None)


@pytest.mark.parametrize(("state", "enabled"), [("Enabling", True), ("Disabling", False), ("Disabled", False)])
def test_what_is_on_its_way_counts(state, enabled):
    assert read({**MAPPING, "State": state})["enabled"] is enabled


@pytest.mark.parametrize(
    ("fields", "members"),
    [
        ({"enabled": False, "tags": {}}, {"Enabled": False}),
        ({"maximum_concurrency": 0}, {"ScalingConfig": {}}),
        ({"maximum_concurrency": 2}, {"ScalingConfig": {"MaximumConcurrency": 2}}),
        ({"function_response_types": []}, {"FunctionResponseTypes": []}),
    ],
)
def test_to_api(fields, members):
    assert to_api(fields) == members
