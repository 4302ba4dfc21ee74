# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import REGION, Teller

PREFIX = f"arn:aws:sqs:{REGION}:123456789012"
DEAD = f"{PREFIX}:example-undelivered"


@pytest.fixture
def sqs(sandbox):
    sqs = sandbox.client("sqs", REGION)
    sqs.create_queue(QueueName="example-undelivered")
    redrive = json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": 5})
    sqs.create_queue(QueueName="example", Attributes={"RedrivePolicy": redrive})
    return sqs


def url_of(sqs, name):
    return sqs.get_queue_url(QueueName=name)["QueueUrl"]


def put(sqs, *texts):
    for text in texts:
        sqs.send_message(QueueUrl=url_of(sqs, "example-undelivered"), MessageBody=text)


def bodies(sqs, name):
    received = sqs.receive_message(QueueUrl=url_of(sqs, name), MaxNumberOfMessages=10)
    return sorted(message["Body"] for message in received.get("Messages", []))


def test_messages_are_moved_once(modules, sqs):
    assert modules.run("sqs_message_move_task", source_arn=DEAD) == {
        **modules.run("sqs_message_move_task", check=True, source_arn=DEAD),
        "changed": False,
        "messages_to_move": 0,
        "messages_moved": 0,
    }
    put(sqs, "one", "two")
    foretold = modules.run("sqs_message_move_task", check=True, source_arn=DEAD)
    assert (foretold["changed"], foretold["messages_to_move"], foretold["messages_moved"]) == (True, 2, 0)
    moved = modules.run("sqs_message_move_task", source_arn=DEAD, max_number_of_messages_per_second=10)
    assert (moved["changed"], moved["messages_to_move"], moved["messages_moved"]) == (True, 2, 2)
    assert not modules.run("sqs_message_move_task", source_arn=DEAD)["changed"]
    assert bodies(sqs, "example") == ["one", "two"]
    assert bodies(sqs, "example-undelivered") == []


def test_to_another_queue_while_it_takes_its_time(sandbox, sqs):
    other = sqs.create_queue(QueueName="other")["QueueUrl"]
    modules = Teller(sandbox, hurry=60)
    put(sqs, "one")
    started = modules.run("sqs_message_move_task", source_arn=DEAD, destination_arn=f"{PREFIX}:other", wait=False)
    assert (started["changed"], started["messages_to_move"], started["messages_moved"]) == (True, 1, 0)
    # It waits for the first, which leaves nothing for a second.
    assert not modules.run("sqs_message_move_task", source_arn=DEAD)["changed"]
    assert (
        sqs.get_queue_attributes(QueueUrl=other, AttributeNames=["All"])["Attributes"]["ApproximateNumberOfMessages"]
        == "1"
    )


def test_what_cannot_be_moved_is_said(modules, sqs):
    sqs.create_queue(QueueName="plain")
    sqs.send_message(QueueUrl=url_of(sqs, "plain"), MessageBody="one")
    said = modules.attempt("sqs_message_move_task", source_arn=f"{PREFIX}:plain")
    assert "must be configured as a Dead Letter Queue" in said["msg"]
    said = modules.attempt("sqs_message_move_task", source_arn="example-undelivered")
    assert said["msg"] == "source_arn is example-undelivered, and not the ARN of a queue."
