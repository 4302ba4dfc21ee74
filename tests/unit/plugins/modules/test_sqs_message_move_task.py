# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import sqs_message_move_task as module

ARN = "arn:aws:sqs:ap-northeast-1:123456789012:example-undelivered"


class Queue:
    """SQS with some messages in a queue, and tasks that are as the test says, one at each look."""

    def __init__(self, messages, *tasks):
        self.messages, self.tasks, self.started = messages, list(tasks), []

    def list_message_move_tasks(self, **_):
        return {"Results": self.tasks.pop(0)}

    def get_queue_url(self, **parameters):
        assert parameters == {"QueueName": "example-undelivered", "QueueOwnerAWSAccountId": "123456789012"}
        return {"QueueUrl": "url"}

    def get_queue_attributes(self, **_):
        return {"Attributes": {"ApproximateNumberOfMessages": str(self.messages)}}

    def start_message_move_task(self, **parameters):
        self.started.append(parameters)


def task(status, moved=0, **more):
    return [{"Status": status, "ApproximateNumberOfMessagesMoved": moved, **more}]


@pytest.fixture
def mover(monkeypatch):
    monkeypatch.setattr(module, "DELAY", 0)

    def make(queue, **params):
        nothing = {"destination_arn": None, "max_number_of_messages_per_second": None, "wait_timeout": 60}
        return module.Mover({"source_arn": ARN, **nothing, **params}, queue)

    return make


def test_what_is_said_of_the_move_is_said_to_sqs(mover):
    queue = Queue(2, [], task("RUNNING"), task("COMPLETED", 2))
    assert mover(queue, destination_arn="other", max_number_of_messages_per_second=5).move(False, True) == (2, 2)
    assert queue.started == [{"SourceArn": ARN, "DestinationArn": "other", "MaxNumberOfMessagesPerSecond": 5}]


def test_another_move_is_waited_for_and_an_empty_queue_left_alone(mover):
    queue = Queue(0, task("RUNNING"), task("COMPLETED", 7))
    assert mover(queue).move(False, True) == (0, 0)
    assert queue.started == queue.tasks == []


def test_a_move_that_fails_is_an_error(mover):
    queue = Queue(3, [], task("FAILED", 1, FailureReason="CouldNotDetermineMessageSource"))
    with pytest.raises(AnsibleAWSError, match="FAILED after 1 of them: CouldNotDetermineMessageSource"):
        mover(queue).move(False, True)


def test_it_is_not_waited_for_ever(mover):
    with pytest.raises(AnsibleAWSError, match="still moving"):
        mover(Queue(3, task("RUNNING")), wait_timeout=0).move(False, True)


def test_nothing_is_started_in_check_mode(mover):
    queue = Queue(3)
    assert mover(queue).move(True, True) == (3, 0)
    assert queue.started == []
