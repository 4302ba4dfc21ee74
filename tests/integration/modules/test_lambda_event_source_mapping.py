# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import REGION, Story

QUEUE = f"arn:aws:sqs:{REGION}:123456789012:example"


@pytest.fixture
def function(modules, sandbox, function_role, function_source):
    sandbox.client("sqs", REGION).create_queue(QueueName="example")
    # Lambda reads the queue as the function's role, and makes no mapping before that may.
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": QUEUE}}
    sandbox.client("iam").put_role_policy(RoleName="example", PolicyName="queue", PolicyDocument=json.dumps(policy))
    code = {"source_paths": [str(function_source)], "runtime": "python3.13", "handler": "report.main.handler"}
    return modules.run("lambda_function", name="example", role=function_role, **code)["function"]["name"]


def change_behind_its_back(sandbox):
    awslambda = sandbox.client("lambda", REGION)
    (mapping,) = awslambda.list_event_source_mappings(FunctionName="example")["EventSourceMappings"]
    awslambda.update_event_source_mapping(UUID=mapping["UUID"], BatchSize=7, Enabled=True)


def test_story(modules, function):
    modules.tell(
        Story(
            module="lambda_event_source_mapping",
            returns="event_source_mapping",
            identity={"function_name": function, "event_source_arn": QUEUE},
            present={
                "batch_size": 100,
                "maximum_batching_window_in_seconds": 10,
                "function_response_types": ["ReportBatchItemFailures"],
                "maximum_concurrency": 2,
                "enabled": True,
                "tags": {"Environment": "test", "Owner": "web"},
            },
            changes=(
                {"batch_size": 10, "maximum_batching_window_in_seconds": 0},
                {"function_response_types": [], "maximum_concurrency": 0},
                {"enabled": False, "tags": {"Environment": "changed"}},
            ),
            drift=change_behind_its_back,
            unpredictable=frozenset({"uuid", "arn"}),
        )
    )


def test_batches_without_a_window_are_small(modules, function):
    said = modules.attempt(
        "lambda_event_source_mapping", function_name=function, event_source_arn=QUEUE, batch_size=100
    )
    assert "maximum_batching_window_in_seconds" in said["msg"]
