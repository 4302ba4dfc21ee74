# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The handler: once each, nothing lost, bursts together."""

from __future__ import annotations

import json

import pytest
from slack.function import Function
from slack.memory import Memory
from slack.webhook import NotDelivered


class Context:
    """A Lambda context with half a minute left."""

    def get_remaining_time_in_millis(self):
        return 30000


class Webhook:
    """Takes every message, but those whose text has a word in `broken`."""

    def __init__(self):
        self.messages = []
        self.broken = []

    def post(self, message, remaining):
        text = json.dumps(message, ensure_ascii=False)
        if any(word in text for word in self.broken):
            raise NotDelivered("Slack refused it: HTTP 400 invalid_payload")
        self.messages.append(text)
        return 1


class Broken:
    """A memory that cannot be reached."""

    def __getattr__(self, name):
        def fail(*_):
            raise ConnectionError("no table")

        return fail


class World:
    def __init__(self, memory=None, **environment):
        self.time = 1000000.0
        self.webhook = Webhook()
        self.memory = memory or Memory()
        self.environment = environment
        self.function = self.container()

    def container(self):
        return Function(self.environment, self.webhook, self.memory, lambda: self.time)

    def call(self, event):
        return self.function.handle(event, Context())

    @property
    def said(self):
        return len(self.webhook.messages)


@pytest.fixture
def world():
    return World()


def finding(name, severity=8, event="e-1", archived=False):
    detail = {
        "id": name,
        "arn": f"arn:aws:guardduty:eu-west-1:123456789012:detector/d/finding/{name}",
        "type": "Recon:EC2/Portscan",
        "title": f"Finding {name}",
        "severity": severity,
        "service": {"archived": archived},
    }
    return {
        "id": event,
        "source": "aws.guardduty",
        "detail-type": "GuardDuty Finding",
        "account": "123456789012",
        "region": "eu-west-1",
        "detail": detail,
    }


def sns(*events):
    topic = "arn:aws:sns:eu-west-1:123456789012:alerts-high"
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "Sns": {"MessageId": f"m-{each['id']}", "TopicArn": topic, "Message": json.dumps(each)},
            }
            for each in events
        ]
    }


def sqs(*events):
    return {
        "Records": [
            {"eventSource": "aws:sqs", "messageId": f"q-{each['id']}", "body": json.dumps(each)} for each in events
        ]
    }


def die(message, remaining):
    raise SystemExit


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_finding_is_said_once_in_a_window(world):
    world.call(finding("a", event="e-1"))
    world.call(finding("a", event="e-2"))
    assert world.said == 1
    world.time += 86401
    world.call(finding("a", event="e-3"))
    assert world.said == 2


def test_a_finding_that_grows_worse_ends_or_comes_back_is_news(world):
    world.call(finding("a", event="e-1"))
    world.call(finding("a", event="e-2", severity=9))
    world.call(finding("a", event="e-3", archived=True))
    world.call(finding("a", event="e-4"))
    assert world.said == 4


def test_the_same_event_again_is_nothing_new_whatever_came_since(world):
    events = [finding("a", event="e-1"), finding("a", event="e-2", archived=True)]
    for event in events * 2:
        world.call(event)
    assert world.said == 2


def test_a_window_of_its_own():
    world = World(WINDOW_SECONDS="60")
    world.call(finding("a", event="e-1"))
    world.time += 61
    world.call(finding("a", event="e-2"))
    assert world.said == 2


def test_what_was_not_delivered_raises_and_is_said_when_it_is_tried_again(world):
    world.webhook.broken = ["Finding a"]
    with pytest.raises(
        NotDelivered, match=r"^Of 1 new notices 1 were not delivered\. Slack refused it: HTTP 400 invalid_payload"
    ):
        world.call(finding("a"))
    world.webhook.broken = []
    world.call(finding("a"))
    assert world.said == 1


def test_a_secret_that_cannot_be_read_is_a_failure_too(world):
    def fail(message, remaining):
        raise KeyError("/main/slack")

    world.webhook.post = fail
    with pytest.raises(NotDelivered, match="/main/slack"):
        world.call(finding("a"))
    del world.webhook.post
    world.call(finding("a"))
    assert world.said == 1


def test_of_several_records_only_the_failed_ones_are_sent_again(world):
    events = sns(finding("a", event="1"), finding("b", event="2"), finding("c", event="3"))
    world.webhook.broken = ["Finding b"]
    for _attempt in range(2):
        with pytest.raises(NotDelivered):
            world.call(events)
    assert world.said == 2
    world.webhook.broken = []
    world.call(events)
    assert world.said == 3
    assert "Finding b" in world.webhook.messages[-1]


def test_sqs_is_told_what_failed(world):
    world.webhook.broken = ["Finding b"]
    events = sqs(finding("a", event="1"), finding("b", event="2"))
    assert world.call(events) == {"batchItemFailures": [{"itemIdentifier": "q-2"}]}
    world.webhook.broken = []
    assert world.call(events) == {"batchItemFailures": []}
    assert world.said == 2


def test_a_call_that_died_is_made_up_for_by_its_own_retry(world):
    world.webhook.post = die
    with pytest.raises(SystemExit):
        world.call(finding("a", event="e-1"))
    del world.webhook.post
    # Another record leaves it to the one that has claimed it, until that one's time is over.
    world.call(finding("a", event="e-2"))
    assert world.said == 0
    world.call(finding("a", event="e-1"))
    assert world.said == 1


def test_a_claim_ends_with_the_call_that_made_it(world):
    world.webhook.post = die
    with pytest.raises(SystemExit):
        world.call(finding("a", event="e-1"))
    del world.webhook.post
    world.time += 32
    world.call(finding("a", event="e-2"))
    assert world.said == 1


def test_without_its_memory_it_says_all(capsys):
    world = World(memory=Broken())
    world.call(finding("a"))
    world.call(finding("a"))
    assert world.said == 2
    assert {"level": "warning", "outcome": "memory", "reason": "ConnectionError: no table"} in lines(capsys)


def test_all_containers_share_what_was_said(world):
    world.call(finding("a", event="e-1"))
    world.function = world.container()
    world.call(finding("a", event="e-2"))
    assert world.said == 1


def test_a_burst_in_one_call_is_one_list(world):
    world.call(sqs(*(finding(f"f{number}", event=str(number)) for number in range(6))))
    assert world.said == 1
    assert "6 notices from GuardDuty" in world.webhook.messages[0]
    assert all(f"Finding f{number}" in world.webhook.messages[0] for number in range(6))


def test_a_list_that_fails_fails_for_all_of_its_records(world):
    world.webhook.broken = ["GuardDuty"]
    events = sqs(*(finding(f"f{number}", event=str(number)) for number in range(6)))
    assert len(world.call(events)["batchItemFailures"]) == 6
    world.webhook.broken = []
    assert world.call(events) == {"batchItemFailures": []}
    assert world.said == 1


def test_a_few_in_one_call_are_messages_of_their_own(world):
    world.call(sqs(*(finding(f"f{number}", event=str(number)) for number in range(5))))
    assert world.said == 5


def test_many_in_a_minute_shrink_to_lines_and_none_is_lost():
    world = World(MINUTE_LIMIT="3")
    for number in range(6):
        world.call(finding(f"f{number}", event=str(number)))
    assert ["What to do" in text for text in world.webhook.messages] == [True] * 3 + [False] * 3
    assert all(f"Finding f{number}" in text for number, text in enumerate(world.webhook.messages))
    world.time += 60
    world.call(finding("later", event="later"))
    assert "What to do" in world.webhook.messages[-1]


def test_one_line_of_log_for_each_notice(world, capsys):
    world.call(finding("a", event="e-1"))
    world.call(finding("a", event="e-2"))
    world.webhook.broken = ["Finding b"]
    with pytest.raises(NotDelivered):
        world.call(finding("b", event="e-3"))
    delivered, duplicate, failed = lines(capsys)
    assert delivered == {
        "level": "info",
        "outcome": "delivered",
        "record": "e-1",
        "source": "GuardDuty",
        "severity": "high",
        "title": "Finding a",
        "identity": "finding arn:aws:guardduty:eu-west-1:123456789012:detector/d/finding/a",
        "account": "123456789012",
        "region": "eu-west-1",
        "attempts": 1,
        "together": 1,
    }
    assert (duplicate["outcome"], duplicate["record"]) == ("duplicate", "e-2")
    assert failed["reason"] == "NotDelivered: Slack refused it: HTTP 400 invalid_payload"


def test_what_cannot_be_read_is_said_and_logged(world, capsys):
    event = finding("a")
    del event["detail"]["id"]
    world.call(event)
    assert world.said == 1
    assert lines(capsys)[0]["outcome"] == "unreadable"


@pytest.mark.parametrize("event", ["text", None, [], {}, {"Records": []}, {"Records": [{"eventSource": "aws:s3"}]}])
def test_any_call_at_all(world, event):
    world.call(event)
    assert world.said == (0 if event == {"Records": []} else 1)
