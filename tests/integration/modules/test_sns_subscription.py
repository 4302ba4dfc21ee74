# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

QUEUE = f"arn:aws:sqs:{REGION}:123456789012:example"


@pytest.fixture
def topic(sandbox):
    sqs = sandbox.client("sqs", REGION)
    for name in ("example", "example-undelivered"):
        sqs.create_queue(QueueName=name)
    return sandbox.client("sns", REGION).create_topic(Name="example-critical")["TopicArn"]


def test_story(modules, topic):
    def change_behind_its_back(sandbox):
        sns = sandbox.client("sns", REGION)
        (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        arn = subscription["SubscriptionArn"]
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="false")

    modules.tell(
        Story(
            module="sns_subscription",
            returns="subscription",
            identity={"topic_arn": topic, "protocol": "sqs", "endpoint": QUEUE},
            present={"raw_message_delivery": False, "dead_letter_target_arn": f"{QUEUE}-undelivered"},
            changes=({"raw_message_delivery": True}, {"dead_letter_target_arn": ""}),
            drift=change_behind_its_back,
            unpredictable=frozenset({"subscription_arn"}),
        )
    )


def test_others_of_the_topic_are_left_alone(modules, sandbox, topic):
    sns = sandbox.client("sns", REGION)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"{QUEUE}-undelivered")
    ours = {"topic_arn": topic, "protocol": "sqs", "endpoint": QUEUE}
    modules.run("sns_subscription", **ours)
    modules.run("sns_subscription", **ours, state="absent")
    (left,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert left["Endpoint"] == f"{QUEUE}-undelivered"


def test_a_topic_that_is_not_there_yet_can_be_subscribed_to_in_check_mode(modules):
    arn = f"arn:aws:sns:{REGION}:123456789012:planned"
    assert modules.run("sns_subscription", check=True, topic_arn=arn, protocol="sqs", endpoint=QUEUE)["changed"]
