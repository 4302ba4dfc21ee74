# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules.events_rule import (
    RETRY_DEFAULTS,
    Rule,
    normal,
    raise_failed,
    read,
    read_target,
    rule_to_api,
    target_changes,
    to_api,
)
from botocore.exceptions import ClientError

TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:example"
QUEUE = "arn:aws:sqs:ap-northeast-1:123456789012:example"
BUS = "arn:aws:events:ap-northeast-1:123456789012:event-bus/example"
DESCRIBED = {
    "Name": "example",
    "Arn": "arn:aws:events:ap-northeast-1:123456789012:rule/example",
    "EventBusName": "default",
    "State": "ENABLED",
}
TARGETS = [
    {"Id": "a", "Arn": TOPIC},
    {"Id": "a", "Arn": TOPIC, "RoleArn": "role", "InputPath": "$.detail", "DeadLetterConfig": {"Arn": QUEUE}},
    {"Id": "a", "Arn": TOPIC, "Input": '{"a": 1, "b": [true]}'},
    {"Id": "a", "Arn": TOPIC, "InputTransformer": {"InputPathsMap": {"x": "$.x"}, "InputTemplate": '"It is <x>."'}},
    {"Id": "a", "Arn": TOPIC, "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}},
]


def rule(purge_targets=True, **params):
    nothing = dict.fromkeys(("description", "event_pattern", "schedule_expression", "enabled", "targets", "tags"))
    options = {"name": "example", "event_bus_name": "default", "purge_tags": True, "purge_targets": purge_targets}
    return Rule({**nothing, **options, **params}, events=None)


@pytest.mark.parametrize("target", TARGETS)
def test_targets_are_written_as_they_were_read(target):
    assert to_api(read_target(target), {}) == target


def test_what_is_not_known_of_a_target_stays_while_it_is_the_same():
    found = {"Id": "a", "Arn": TOPIC, "InputPath": "$.detail", "SqsParameters": {"MessageGroupId": "x"}}
    wanted = normal({"id": "a", "arn": TOPIC})
    assert to_api(wanted, found) == {"Id": "a", "Arn": TOPIC, "SqsParameters": {"MessageGroupId": "x"}}
    assert to_api({**wanted, "arn": QUEUE}, found) == {"Id": "a", "Arn": QUEUE}


def test_normal_fills_in_what_is_not_given():
    assert normal(
        {"id": "a", "arn": TOPIC, "input": '{"b":1,  "a":2}', "retry_policy": {"maximum_retry_attempts": 3}}
    ) == {
        "id": "a",
        "arn": TOPIC,
        "role_arn": "",
        "input": '{"a": 2, "b": 1}',
        "input_path": "",
        "input_transformer": {},
        "dead_letter_arn": "",
        "retry_policy": {**RETRY_DEFAULTS, "maximum_retry_attempts": 3},
    }


def test_input_has_to_be_json():
    with pytest.raises(AnsibleAWSError, match="input of the target a is not valid JSON"):
        normal({"id": "a", "arn": TOPIC, "input": "hello"})


@pytest.mark.parametrize(("purge", "ids"), [(True, ["b", "c"]), (False, ["a", "b", "c"])])
def test_targets_that_are_not_listed(purge, ids):
    current = {"tags": {}, "targets": [normal({"id": "a", "arn": TOPIC}), normal({"id": "b", "arn": TOPIC})]}
    wanted = rule(purge, targets=[{"id": "c", "arn": TOPIC}, {"id": "b", "arn": QUEUE}]).wanted(current)["targets"]
    assert [target["id"] for target in wanted] == ids
    assert wanted[-2]["arn"] == QUEUE


def test_target_changes():
    a, b, c = (normal({"id": name, "arn": TOPIC}) for name in "abc")
    changed = {**b, "arn": QUEUE}
    assert target_changes([a, b], [changed, c]) == ([changed, c], ["a"])
    assert target_changes([a, b], [a, b]) == ([], [])


def test_a_bus_loses_its_role_only_when_it_is_removed_before():
    bus, topic = ({**normal({"id": name, "arn": arn}), "role_arn": "role"} for name, arn in (("a", BUS), ("b", TOPIC)))
    wanted = [{**bus, "role_arn": ""}, {**topic, "role_arn": ""}]
    assert target_changes([bus, topic], wanted) == (wanted, ["a"])


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"description": "x"}, "event_pattern or a schedule_expression"),
        ({"event_pattern": {"source": ["x"]}, "targets": [{"id": "a", "arn": TOPIC}] * 2}, "same id"),
        ({"schedule_expression": "rate(1 day)", "event_bus_name": "x"}, "bus default alone"),
        ({"event_pattern": {"source": ["x"]}, "event_bus_name": BUS}, None),
    ],
)
def test_refusals_of_a_new_rule(params, said):
    resource = rule(**params)
    refusal = resource.refusal(resource.blank(), resource.changes(resource.blank()))
    assert (said in refusal) if said else refusal is None


def test_rules_of_services_are_left_alone():
    resource = rule(event_pattern={"source": ["x"]})
    resource.described = {"ManagedBy": "config.amazonaws.com"}
    current = read(DESCRIBED, [], {})
    assert "config.amazonaws.com's own" in resource.refusal(current, resource.changes(current))
    assert "cannot be deleted" in resource.deletion_refusal(current)


@pytest.mark.parametrize(
    ("enabled", "before", "after"),
    [
        (True, None, "ENABLED"),
        (True, "DISABLED", "ENABLED"),
        (True, "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
        (False, "ENABLED", "DISABLED"),
    ],
)
def test_the_state_of_a_rule(enabled, before, after):
    state = {"description": "", "event_pattern": {}, "schedule_expression": "rate(1 day)", "enabled": enabled}
    described = {"State": before, "RoleArn": "role"} if before else {}
    kept = {"RoleArn": "role"} if before else {}
    assert rule_to_api(state, described) == {"State": after, "ScheduleExpression": "rate(1 day)", **kept}


def test_nulls_of_a_pattern_are_kept():
    pattern = {"detail": {"error": [None]}}
    assert rule(event_pattern=pattern).given["event_pattern"] == pattern


def test_what_is_refused_of_single_targets_is_an_error():
    entry = {"TargetId": "a", "ErrorCode": "ConcurrentModificationException", "ErrorMessage": "Busy."}
    with pytest.raises(ClientError, match="a: Busy") as raised:
        raise_failed({"FailedEntryCount": 1, "FailedEntries": [entry]}, "PutTargets")
    assert raised.value.response["Error"]["Code"] == "ConcurrentModificationException"
    raise_failed({"FailedEntryCount": 0, "FailedEntries": []}, "PutTargets")
