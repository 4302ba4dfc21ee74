# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""SQS: a queue takes messages from other services, if its policy and its key let them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import Queue, sqs_backends

from sandbox.delivery import Message, Sender, Undelivered, target
from sandbox.operations import mend
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
