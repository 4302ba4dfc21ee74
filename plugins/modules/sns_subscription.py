#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sns_subscription
version_added: "0.1.0"
short_description: Manage a subscription to a topic of Amazon SNS
description:
  - Subscribes one endpoint, such as an e-mail address, a queue or a function, to a topic, or ends its subscription.
    Other subscriptions of the topic are left alone.
  - A person has to confirm an e-mail address, by the link in the message that SNS sends. Until then the subscription
    is pending, and the module sends nobody a second message.
  - Follows U(https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html).
  - M(community.aws.sns_topic) (11.2) manages subscriptions together with their topic only.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  topic_arn:
    description:
      - ARN of the topic.
    type: str
    required: true
  protocol:
    description:
      - How messages are delivered.
    type: str
    choices: [application, email, email-json, firehose, http, https, lambda, sms, sqs]
    required: true
  endpoint:
    description:
      - Where messages are delivered to, an address or an ARN, as the protocol has it.
    type: str
    required: true
  state:
    description:
      - V(present) makes the subscription exist as described; what is not given stays as it is. V(absent) ends it.
      - One that is pending cannot be ended; SNS forgets it by itself after some days.
    type: str
    choices: [present, absent]
    default: present
  raw_message_delivery:
    description:
      - Whether a queue, a stream or a web address gets the message alone, without SNS's envelope. AWS has V(false)
        for a new subscription.
    type: bool
  dead_letter_target_arn:
    description:
      - ARN of the queue, in the same account and region, that takes what cannot be delivered; an empty text for none.
        The queue's policy has to let SNS send to it.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Deliver to a queue
  wellarchitected.aws.sns_subscription:
    topic_arn: arn:aws:sns:ap-northeast-1:123456789012:example-critical
    protocol: sqs
    endpoint: arn:aws:sqs:ap-northeast-1:123456789012:example

- name: Tell the operators by e-mail
  wellarchitected.aws.sns_subscription:
    topic_arn: arn:aws:sns:ap-northeast-1:123456789012:example-critical
    protocol: email
    endpoint: operators@example.com

- name: Tell them no longer
  wellarchitected.aws.sns_subscription:
    topic_arn: arn:aws:sns:ap-northeast-1:123456789012:example-critical
    protocol: email
    endpoint: operators@example.com
    state: absent
"""

RETURN = r"""
subscription:
  description: The subscription as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    subscription_arn:
      description: Its ARN; no value while it is pending, and in check mode for one that would be made.
      type: str
      sample: arn:aws:sns:ap-northeast-1:123456789012:example-critical:12345678-1234-1234-1234-123456789012
    topic_arn:
      description: ARN of the topic.
      type: str
      sample: arn:aws:sns:ap-northeast-1:123456789012:example-critical
    protocol:
      description: How messages are delivered.
      type: str
      sample: sqs
    endpoint:
      description: Where messages are delivered to.
      type: str
      sample: arn:aws:sqs:ap-northeast-1:123456789012:example
    pending:
      description: Whether it has yet to be confirmed by who is at the endpoint.
      type: bool
      sample: false
    raw_message_delivery:
      description: Whether messages come without SNS's envelope. Of a pending one, what was given.
      type: bool
      sample: false
    dead_letter_target_arn:
      description:
        - ARN of the queue that takes what cannot be delivered; empty for none. Of a pending one, what was given.
      type: str
      sample: ""
"""

import json

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.sns import SnsErrorHandler

IDENTITY = ("topic_arn", "protocol", "endpoint")
FIELDS = ("raw_message_delivery", "dead_letter_target_arn")
# What stands where an ARN should: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
PENDING = "PendingConfirmation"
DELETED = "Deleted"


class Subscription(Resource):
    def __init__(self, params, sns):
        super().__init__(given(params, FIELDS))
        self.sns = sns
        self.identity = {name: params[name] for name in IDENTITY}
        self.topic_arn, self.protocol, self.endpoint = self.identity.values()
        self.is_to_go = params["state"] == "absent"

    def find(self):
        found = [each for each in self._subscriptions() or [] if self._is_it(each)]
        if not found:
            return None
        arn = found[0]["SubscriptionArn"]
        if arn == PENDING:
            # Nobody can read or end it.
            return None if self.is_to_go else {**self.blank(), **self.given, "pending": True}
        attributes = self._attributes(arn)
        return {**self.identity, **read(arn, attributes)} if attributes else None

    def blank(self):
        return {
            "subscription_arn": None,
            **self.identity,
            "pending": False,
            "raw_message_delivery": False,
            "dead_letter_target_arn": "",
        }

    @SnsErrorHandler.common_error_handler("subscribe {self.endpoint} to {self.topic_arn}")
    def create(self):
        attributes = {name: value for name, value in to_attributes(self.given).items() if value}
        self.sns.subscribe(
            TopicArn=self.topic_arn, Protocol=self.protocol, Endpoint=self.endpoint, Attributes=attributes
        )

    def update(self, current, changes):
        for name, value in to_attributes(changes).items():
            self._set(current["subscription_arn"], name, value)

    @SnsErrorHandler.deletion_error_handler("end the subscription of {self.endpoint} to {self.topic_arn}")
    def delete(self, current):
        self.sns.unsubscribe(SubscriptionArn=current["subscription_arn"])

    def _is_it(self, subscription):
        return (
            subscription["Protocol"] == self.protocol
            and subscription["Endpoint"] == self.endpoint
            and subscription["SubscriptionArn"] != DELETED
        )

    @SnsErrorHandler.list_error_handler("list the subscriptions to {self.topic_arn}", [])
    def _subscriptions(self):
        pages = self.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self.topic_arn)
        return [subscription for page in pages for subscription in page["Subscriptions"]]

    @SnsErrorHandler.list_error_handler("read the subscription of {self.endpoint} to {self.topic_arn}")
    def _attributes(self, arn):
        return self.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]

    @SnsErrorHandler.common_error_handler("set {name} of the subscription of {self.endpoint} to {self.topic_arn}")
    def _set(self, arn, name, value):
        self.sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)


def to_attributes(fields):
    """Fields as SNS takes them: an empty redrive policy is none."""
    attributes = {}
    if "raw_message_delivery" in fields:
        attributes["RawMessageDelivery"] = str(fields["raw_message_delivery"]).lower()
    if "dead_letter_target_arn" in fields:
        arn = fields["dead_letter_target_arn"]
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn}) if arn else ""
    return attributes


def read(arn, attributes):
    """What SNS tells of a subscription that is confirmed."""
    redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
    return {
        "subscription_arn": arn,
        "pending": attributes.get("PendingConfirmation") == "true",
        "raw_message_delivery": attributes.get("RawMessageDelivery") == "true",
        "dead_letter_target_arn": redrive.get("deadLetterTargetArn", ""),
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "topic_arn": {"type": "str", "required": True},
            "protocol": {
                "type": "str",
                "choices": ["application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"],
                "required": True,
            },
            "endpoint": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "raw_message_delivery": {"type": "bool"},
            "dead_letter_target_arn": {"type": "str"},
        },
        supports_check_mode=True,
    )
    run(module, "subscription", lambda: Subscription(module.params, client(module, "sns")))


if __name__ == "__main__":
    main()
