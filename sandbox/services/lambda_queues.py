# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Lambda reads queues: an event source mapping calls its function with what waits in a queue.

A batch is what is there, up to the batch size; nothing waits for a window, and filters are not looked at. What failed
is tried again at once if the queue has a dead-letter queue to end in, and otherwise when its visibility timeout is over
and something else arrives.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import EventSourceMapping, LambdaBackend, lambda_backends
from moto.sqs.models import Message, Queue, sqs_backends

from sandbox.delivery import DELIVERIES
from sandbox.errors import ServiceError
from sandbox.operations import mend
from sandbox.services.iam import role_allows
from sandbox.services.lambda_functions import run

_NEEDED = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")


@mend(LambdaBackend, "create_event_source_mapping")
def create_event_source_mapping(original: Callable, self: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
    """The function's role has to be allowed to read the queue; what waits there already is read, too."""
    arn = spec.get("EventSourceArn") or ""
    if ":sqs:" in arn:
        role = self.get_function(spec["FunctionName"]).role
        for needed in _NEEDED:
            if not role_allows(role, f"sqs:{needed}", arn):
                message = f"The provided execution role does not have permissions to call {needed} on SQS"
                raise ServiceError("InvalidParameterValueException", message)
    mapping = original(self, spec)
    _read_later(mapping)
    return mapping


@mend(LambdaBackend, "update_event_source_mapping")
def update_event_source_mapping(
    original: Callable, self: LambdaBackend, name: str, spec: dict[str, Any]
) -> EventSourceMapping | None:
    mapping = original(self, name, spec)
    if mapping:
        _read_later(mapping)
    return mapping


@mend(Queue, "add_message")
def add_message(original: Callable, self: Queue, message: Message) -> None:
    """moto would call the function before it goes on, and after its mapping was deleted."""
    mappings, self.lambda_event_source_mappings = self.lambda_event_source_mappings, {}
    try:
        original(self, message)
    finally:
        self.lambda_event_source_mappings = mappings
    for mapping in mappings.values():
        _read_later(mapping)


def _read_later(mapping: EventSourceMapping) -> None:
    if ":sqs:" in mapping.event_source_arn:
        DELIVERIES.add(functools.partial(_read, mapping))


def _read(mapping: EventSourceMapping) -> None:
    """Call the function with a batch, and read on while there is something."""
    lambdas = lambda_backends[mapping.account_id][mapping.region]
    queues = sqs_backends[mapping.account_id][mapping.region]
    name = mapping.event_source_arn.rpartition(":")[2]
    if (
        not mapping.enabled
        or lambdas.get_event_source_mapping(mapping.uuid) is not mapping
        or name not in queues.queues
    ):
        return
    try:
        function = lambdas.get_function(mapping.function_arn)
    except UnknownFunctionException:
        return
    if not all(role_allows(function.role, f"sqs:{needed}", mapping.event_source_arn) for needed in _NEEDED):
        return
    queue = queues.queues[name]
    messages = queues.receive_message(name, mapping.batch_size, 0, queue.visibility_timeout, ["All"])
    if not messages:
        return
    event = {"Records": [_record(mapping, message) for message in messages]}
    outcome, _ = run(function, json.dumps(event).encode(), str(uuid.uuid4()))
    failed = _failed(mapping, messages, outcome.error, outcome.payload)
    for message in messages:
        if message.id not in failed:
            queues.delete_message(name, message.receipt_handle)
        elif queue.redrive_policy:
            queues.change_message_visibility(name, message.receipt_handle, 0)
    _read_later(mapping)


def _failed(mapping: EventSourceMapping, messages: list[Message], error: str, payload: str) -> set[str]:
    """Which messages were not dealt with: all or none, or those that the function names, if it may."""
    every = {message.id for message in messages}
    if error:
        return every
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
        return set()
    answer = json.loads(payload)
    listed = (answer or {}).get("batchItemFailures") if isinstance(answer, dict | None) else None
    named = {item.get("itemIdentifier") for item in listed or []}
    # What names something else is taken for a failure of all.
    return named if named <= every else every


def _record(mapping: EventSourceMapping, message: Message) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event"""
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if message.group_id:
        attributes["MessageGroupId"] = message.group_id
    if message.deduplication_id:
        attributes["MessageDeduplicationId"] = message.deduplication_id
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {
            name: {
                "stringValue": value.get("StringValue"),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
            }
            for name, value in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping.event_source_arn,
        "awsRegion": mapping.region,
    }
