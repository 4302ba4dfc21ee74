# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import ssm_maintenance_window as window

TASK = {"name": "scan", "task_type": "RUN_COMMAND", "task_arn": "AWS-RunPatchBaseline"}


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        ({"lambda": {}}, "only for tasks of the type LAMBDA"),
        ({"target_names": ["a"], "targets": {"InstanceIds": ["i-12345678"]}}, "both target_names and targets"),
    ],
)
def test_a_task_of_two_minds(task, sentence):
    with pytest.raises(AnsibleAWSError, match=sentence):
        window.normal_task({**TASK, **task})


def test_names_are_told_once():
    with pytest.raises(AnsibleAWSError, match="scan more than once"):
        window.normal({"tasks": [TASK, TASK]})


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        ({}, "on no hosts"),
        ({"target_names": ["production"]}, "needs max_concurrency and max_errors"),
        ({"target_names": ["prodution"]}, "did you mean|Did you mean"),
        ({"task_type": "LAMBDA"}, None),
    ],
)
def test_what_aws_would_refuse(task, sentence):
    merged = window.merged_task(None, window.normal_task({**TASK, **task}))
    refusal = window.task_refusal(merged, ["production"])
    if sentence is None:
        assert refusal is None
    else:
        assert any(each in refusal for each in sentence.split("|"))


@pytest.mark.parametrize("kind", window.PLACES)
def test_how_a_task_runs_is_read_as_it_is_written(kind):
    options = {name: {"a": ["b"]} if name == "parameters" else name for name in window.PLACES[kind]}
    assert window.read_invocation(window.write_invocation(options, window.PLACES[kind]), window.PLACES[kind]) == options


def test_what_is_empty_is_taken_away():
    current = window.merged_task(
        None, window.normal_task({**TASK, "run_command": {"comment": "a", "timeout_seconds": 60}})
    )
    after = window.merged_task(current, window.normal_task({**TASK, "run_command": {"comment": ""}}))
    assert after["run_command"] == {"timeout_seconds": 60}


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        ("2026-12-01T00:00Z", "2026-12-01T00:00:00Z", True),
        ("2026-12-01T00:00:00+09:00", "2026-11-30T15:00:00Z", True),
        ("2026-12-01T00:00Z", "2026-12-02T00:00Z", False),
        ("", "2026-12-02T00:00Z", False),
        ("", "", True),
    ],
)
def test_the_same_moment(current, wanted, same):
    assert window.same_moment(current, wanted) is same


def test_the_text_of_json_may_be_written_otherwise():
    task = {**TASK, "task_type": "LAMBDA", "lambda": {"payload": '{"a":1}'}}
    current = window.merged_task(None, task)
    assert window.merged_task(current, {**task, "lambda": {"payload": '{ "a": 1 }'}}) == current
