# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""SQS: a queue takes messages from other services, if its policy and its key let them, and gives back what failed."""

from __future__ import annotations

import base64
import functools
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import Queue, sqs_backends

from sandbox.clock import CLOCK
from sandbox.delivery import Message, Sender, Undelivered, target
from sandbox.errors import ServiceError
from sandbox.operations import Request, mend, operation
from sandbox.services.cloudwatch import look_later
from sandbox.services.iam import check_permission
from sandbox.services.kms import check_key


@target("sqs")
def send_to_queue(sender: Sender, arn: str, message: Message) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"""
    _, _, _, region, account, name = arn.split(":")
    backend = sqs_backends[account][region]
    try:
        queue = backend.get_queue(name)
    except QueueDoesNotExist as error:
        raise Undelivered("NO_RESOURCE", f"There is no queue {arn}.") from error
    check_permission(sender, "sqs:SendMessage", arn, queue.policy, "send to")
    check_key(sender, account, region, queue.kms_master_key_id, arn)
    attributes = {
        key: {"DataType": kind, "BinaryValue" if kind.startswith("Binary") else "StringValue": value}
        for key, (kind, value) in message.attributes.items()
    }
    backend.send_message(
        name,
        message.text,
        message_attributes=attributes,
        group_id=message.group,
        deduplication_id=message.deduplication,
        validate_group_id=False,
    )


@mend(Queue, "_set_attributes")
def _set_attributes(original: Callable, self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
    """What is not said stays as it is, the policy too.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    """
    policy = getattr(self, "policy", None)
    original(self, attributes if "Policy" in attributes else {**attributes, "Policy": policy}, now)


# Moving messages back from a dead-letter queue
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html

_RUNNING = ("RUNNING", "CANCELLING")


@operation("sqs", "StartMessageMoveTask")
def start_message_move_task(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html"""
    params = request.params
    source = _queue(request, params["SourceArn"])
    sources = request.backend.list_dead_letter_source_queues(source.name)
    if not sources:
        raise _refused("Source queue must be configured as a Dead Letter Queue.")
    destination = _queue(request, params["DestinationArn"]) if "DestinationArn" in params else sources[0]
    tasks = _tasks(request, source.queue_arn)
    if any(task["Status"] in _RUNNING for task in tasks):
        raise _refused(
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
        )
    handle = json.dumps({"taskId": str(uuid.uuid4()), "sourceArn": source.queue_arn})
    task = {
        **params,
        "TaskHandle": base64.b64encode(handle.encode()).decode(),
        "Status": "RUNNING",
        "ApproximateNumberOfMessagesMoved": 0,
        "ApproximateNumberOfMessagesToMove": len(source.messages),
        "StartedTimestamp": int(time.time() * 1000),
    }
    tasks.insert(0, task)
    CLOCK.later("message_move.completion", functools.partial(_move, request, source, destination, task))
    return {"TaskHandle": task["TaskHandle"]}


@operation("sqs", "ListMessageMoveTasks")
def list_message_move_tasks(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html"""
    source = _queue(request, request.params["SourceArn"])
    told = _tasks(request, source.queue_arn)[: request.params.get("MaxResults", 1)]
    # Only what can still be cancelled has a handle.
    return {
        "Results": [
            {name: value for name, value in task.items() if name != "TaskHandle" or task["Status"] == "RUNNING"}
            for task in told
        ]
    }


@operation("sqs", "CancelMessageMoveTask")
def cancel_message_move_task(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CancelMessageMoveTask.html"""
    every = [task for tasks in request.state.values() for task in tasks]
    task = next((task for task in every if task["TaskHandle"] == request.params["TaskHandle"]), None)
    if task is None or task["Status"] != "RUNNING":
        raise ServiceError("ResourceNotFoundException", "Task does not exist.", 404)
    task["Status"] = "CANCELLED"
    return {"ApproximateNumberOfMessagesMoved": task["ApproximateNumberOfMessagesMoved"]}


def _move(request: Request, source: Queue, destination: Queue, task: dict[str, Any]) -> None:
    """What is there by now goes to the other queue as new messages."""
    queues = request.backend.queues
    if task["Status"] != "RUNNING" or queues.get(source.name) is not source:
        return
    if queues.get(destination.name) is not destination:
        task.update(Status="FAILED", FailureReason="AWS.SimpleQueueService.NonExistentQueue")
        return
    for message in list(source.messages):
        source._messages.remove(message)
        source.pending_messages.discard(message)
        request.backend.send_message(
            destination.name,
            message.body,
            message_attributes=message.message_attributes,
            group_id=message.group_id,
            deduplication_id=message.deduplication_id,
            validate_group_id=False,
        )
        task["ApproximateNumberOfMessagesMoved"] += 1
    task["Status"] = "COMPLETED"
    look_later(source)


def _queue(request: Request, arn: str) -> Queue:
    try:
        return request.backend.get_queue(arn.rpartition(":")[2])
    except QueueDoesNotExist as error:
        message = "The resource that you specified for the SourceArn parameter doesn't exist."
        raise ServiceError("ResourceNotFoundException", message, 404) from error


def _tasks(request: Request, arn: str) -> list[dict[str, Any]]:
    return request.state.setdefault(arn, [])


def _refused(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValue", message)
