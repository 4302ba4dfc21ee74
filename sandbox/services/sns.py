# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""SNS: a topic delivers to queues and functions that let it, and takes what other services may publish.

https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html and
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from moto.sns.models import Subscription, Topic, sns_backends

from sandbox.delivery import Message, Sender, Undelivered, send, takes, target
from sandbox.operations import mend
from sandbox.services.iam import check_permission
from sandbox.services.kms import check_key

_SUBJECT_CHARACTERS = 100


@target("sns")
def publish_for(sender: Sender, arn: str, message: Message) -> str:
    """Publish for a service, if the topic's policy and key let it, or for a role; the answer is the message's id."""
    topic = find_topic(arn)
    check_permission(sender, "sns:Publish", arn, topic.policy, "publish to")
    _, _, _, region, account, _ = arn.split(":")
    check_key(sender, account, region, topic.kms_master_key_id, arn)
    attributes = {name: {"Type": kind, "Value": value} for name, (kind, value) in message.attributes.items()}
    subject = message.subject and message.subject[:_SUBJECT_CHARACTERS]
    return topic.publish(message.text, subject=subject, message_attributes=attributes, group_id=message.group)


def find_topic(arn: str) -> Topic:
    _, _, _, region, account, _ = arn.split(":")
    topic = sns_backends[account][region].topics.get(arn)
    if topic is None:
        raise Undelivered("NO_RESOURCE", f"There is no topic {arn}.")
    return topic


@mend(Subscription, "publish")
def publish(
    original: Callable,
    self: Subscription,
    message: str,
    message_id: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    group_id: str | None = None,
    deduplication_id: str | None = None,
    message_structure: str | None = None,
) -> None:
    """To queues and functions it is delivered later, by what is allowed; what cannot be, goes to the dead letters."""
    if self.protocol not in ("sqs", "lambda") or not takes(self.endpoint):
        original(self, message, message_id, subject, message_attributes, group_id, deduplication_id, message_structure)
        return
    if self._filter_policy_matcher and not self._filter_policy_matcher.matches(message_attributes, message):
        return
    if message_structure == "json":
        message = self._parse_message_structure(message, self.protocol)
    notification = self.get_post_data(message, message_id, subject, message_attributes)
    envelope = Message(json.dumps(notification, indent=2), group=group_id, deduplication=deduplication_id)
    if self.protocol == "lambda":
        sent = Message(json.dumps(_event(self, notification)))
    elif _is_true(self.attributes.get("RawMessageDelivery")):
        attributes = {name: (value["Type"], value["Value"]) for name, value in (message_attributes or {}).items()}
        sent = envelope = Message(message, None, attributes, group_id, deduplication_id)
    else:
        sent = envelope

    def dead_letter(undelivered: Undelivered) -> tuple[str, Message]:
        codes = {"NO_RESOURCE": "404", "NO_PERMISSIONS": "403"}
        attributes = {
            "RequestID": ("String", message_id),
            "ErrorCode": ("String", codes.get(undelivered.code, "400")),
            "ErrorMessage": ("String", str(undelivered)),
        }
        return json.loads(self.attributes["RedrivePolicy"])["deadLetterTargetArn"], Message(
            envelope.text, None, {**envelope.attributes, **attributes}, group_id, deduplication_id
        )

    sender = Sender(arn=self.topic.arn, account=self.topic.account_id, service="sns.amazonaws.com")
    send(sender, self.endpoint, sent, dead_letter if self.attributes.get("RedrivePolicy") else None)


def _event(subscription: Subscription, notification: dict[str, Any]) -> dict[str, Any]:
    """What a function gets has a few names of its own."""
    names = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}
    sns = {names.get(name, name): value for name, value in notification.items()}
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription.arn}
    return {"Records": [{**record, "Sns": {"Subject": None, "MessageAttributes": {}, **sns}}]}


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


@mend(Subscription, "get_post_data")
def get_post_data(original: Callable, self: Subscription, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """The link to unsubscribe is to this subscription."""
    notification = original(self, *args, **kwargs)
    region = self.topic.sns_backend.region_name
    link = f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={self.arn}"
    return {**notification, "UnsubscribeURL": link}


@mend(Subscription, "private_key")
def private_key(original: Callable, self: Subscription) -> Any:
    """One key signs for all, as making one takes as long as twenty calls."""
    return _signing_key(original)


@functools.cache
def _signing_key(make: Callable) -> Any:
    return make(None)
