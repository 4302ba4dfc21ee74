# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Slack's stand-in: it takes what Slack takes, fails on order, and shows what it received."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest

from sandbox import SandboxError
from sandbox.cli import main
from sandbox.process import SLACK_SECRET
from sandbox.slack import checked
from sandbox.slack_page import mrkdwn, page

from .conftest import OPENER, ROOT, SAMPLES, post


def get(own, action):
    with OPENER.open(f"{own.endpoint}/_sandbox/slack{action}", timeout=10) as answer:
        return answer.read().decode()


def section(text="text", kind="mrkdwn", **more):
    return {"type": "section", "text": {"type": kind, "text": text, **more}}


def header(text):
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def test_a_message_is_taken_and_shown(own):
    message = {"attachments": [{"color": "#e01e5a", "fallback": "HIGH", "blocks": [header("It is <high>"), section()]}]}
    status, _, said = post(own.slack_webhook, message)
    assert (status, said) == (200, "ok")
    (entry,) = own.slack_received()
    assert (entry["status"], entry["answer"], entry["problems"]) == (200, "ok", [])
    assert entry["message"] == message
    assert entry["webhook"] == "T00000000/B00000000"
    shown = get(own, "")
    assert "It is &lt;high&gt;" in shown
    assert "background: #e01e5a" in shown
    # A webhook's last part is a secret.
    assert SLACK_SECRET not in shown + get(own, "/messages")


def test_a_reset_forgets(own):
    post(own.slack_webhook, {"text": "x"})
    own.slack_orders("error", times=2)
    own.reset()
    assert own.slack_received() == []
    assert post(own.slack_webhook, {"text": "x"})[0] == 200


@pytest.mark.parametrize("path", ["services/T1/B1", "services/T1/B1/secret/more", "services/x/B1/secret"])
def test_a_webhook_that_does_not_exist(own, path):
    assert post(f"{own.endpoint}/_sandbox/slack/{path}", {"text": "x"})[::2] == (404, "no_service")


def test_throttled_three_times_then_broken_then_taken(own):
    own.slack_orders("throttle", times=3, retry_after=7)
    assert [order["kind"] for order in own.slack_orders("error")] == ["throttle", "error"]
    answers = [post(own.slack_webhook, {"text": "x"}) for _ in range(5)]
    assert [(status, said) for status, _, said in answers] == [
        *[(429, "rate_limited")] * 3,
        (500, "rollup_error"),
        (200, "ok"),
    ]
    assert answers[0][1]["Retry-After"] == "7"
    assert [entry["status"] for entry in own.slack_received()] == [429, 429, 429, 500, 200]
    assert "1 message, 4 not taken" in get(own, "")


def test_a_webhook_that_is_gone(own):
    own.slack_orders("gone")
    assert post(own.slack_webhook, {"text": "x"})[::2] == (404, "no_service")


def test_no_answer_at_all(own):
    own.slack_orders("silence")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError, urllib.error.URLError)):
        post(own.slack_webhook, {"text": "x"})
    assert [entry["status"] for entry in own.slack_received()] == [0]
    assert "was not answered" in get(own, "")


def test_a_long_silence_holds_up_nobody_else(own):
    own.slack_orders("silence", seconds=1)
    failed = []

    def wait():
        try:
            post(own.slack_webhook, {"text": "x"})
        except OSError:
            failed.append(time.monotonic())

    started = time.monotonic()
    thread = threading.Thread(target=wait)
    thread.start()
    while json.loads(get(own, "/orders")):
        time.sleep(0.02)
    assert post(own.slack_webhook, {"text": "y"})[0] == 200
    assert time.monotonic() - started < 1
    thread.join()
    assert len(failed) == 1
    assert failed[0] - started >= 1


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"kind": "explode"}, "Slack can 'throttle'"),
        ({"kind": "error", "times": 0}, "times is 1 or more"),
        ({"kind": "error", "never": 1}, "never"),
    ],
)
def test_an_order_that_makes_no_sense(own, order, reason):
    with pytest.raises(SandboxError, match=reason):
        own.slack_orders(**order)


def test_orders_can_be_cleared(own):
    own.slack_orders("error", times=5)
    assert own.slack_orders() == []


def test_there_is_nothing_else(own):
    with pytest.raises(urllib.error.HTTPError) as error:
        get(own, "/other")
    with error.value:
        assert error.value.code == 404
    assert post(own.slack_webhook.replace("services", "messages"), {"text": "x"})[0] == 404


TEXT = {"type": "mrkdwn", "text": "x"}


@pytest.mark.parametrize(
    "message",
    [
        {"text": "x"},
        {"blocks": [header("x" * 150), section("x" * 3000), {"type": "divider", "block_id": "b"}]},
        {"blocks": [{"type": "section", "fields": [{**TEXT, "text": "x" * 200}] * 10}]},
        {
            "blocks": [
                {"type": "context", "elements": [TEXT] * 9 + [{"type": "image", "image_url": "u", "alt_text": "a"}]}
            ]
        },
        {"blocks": [{"type": "divider"}] * 50},
        {"blocks": [{"type": "rich_text", "elements": []}]},
        {"attachments": [{"color": "good", "text": "x"}] * 100},
        {"attachments": [{"color": "#ABCDEF", "blocks": [section(verbatim=True)] * 20}]},
    ],
)
def test_what_slack_takes(message):
    assert checked(json.dumps(message).encode())[1:] == ("", [])


@pytest.mark.parametrize(
    ("message", "word", "problem"),
    [
        (b"{", "invalid_payload", "not JSON"),
        (b"[]", "invalid_payload", "not an object"),
        ({"text": 3}, "invalid_payload", "not a text"),
        ({}, "no_text", "neither"),
        ({"text": ""}, "no_text", "neither"),
        ({"attachments": [{"text": "x"}] * 101}, "too_many_attachments", "101 attachments, the limit is 100"),
        ({"attachments": {}, "text": "x"}, "invalid_attachments", "not a list"),
        ({"attachments": ["x"]}, "invalid_attachments", "not an object"),
        ({"attachments": [{"color": "red", "text": "x"}]}, "invalid_attachments", "'red'"),
        ({"attachments": [{"color": "good"}]}, "invalid_attachments", "says nothing"),
        ({"attachments": [{"blocks": [section()] * 21}]}, "invalid_attachments", "21 items, the limit is 20"),
        ({"attachments": [{"blocks": [header("x" * 151)]}]}, "invalid_attachments", "151 characters, the limit is 150"),
        ({"attachments": [{"blocks": [section()] * 20}] * 3}, "invalid_blocks", "60 blocks in all"),
        ({"blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long", "are too many"),
        ({"blocks": {}, "text": "x"}, "invalid_blocks", "not a list"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks", "51 items, the limit is 50"),
        ({"blocks": ["x"]}, "invalid_blocks", "not a block with a type"),
        ({"blocks": [{"type": "banner"}]}, "invalid_blocks", "'banner'"),
        ({"blocks": [{"type": "text"}]}, "invalid_blocks", "'text'"),
        ({"blocks": [{"type": "divider", "block_id": "b"}] * 2}, "invalid_blocks", "twice"),
        ({"blocks": [{"type": "divider", "block_id": "b" * 256}]}, "invalid_blocks", "255"),
        ({"blocks": [section("x" * 3001)]}, "invalid_blocks", "blocks[0].text.text has 3001 characters"),
        ({"blocks": [section("")]}, "invalid_blocks", "is empty"),
        ({"blocks": [section(emoji=True)]}, "invalid_blocks", "emoji is for plain_text"),
        ({"blocks": [section(kind="plain_text", verbatim=True)]}, "invalid_blocks", "verbatim is for mrkdwn"),
        ({"blocks": [{"type": "header", "text": TEXT}]}, "invalid_blocks", "of the type plain_text"),
        ({"blocks": [{"type": "section"}]}, "invalid_blocks", "neither text nor fields"),
        ({"blocks": [{"type": "section", "fields": [TEXT] * 11}]}, "invalid_blocks", "11 items, the limit is 10"),
        ({"blocks": [{"type": "section", "fields": [{**TEXT, "text": "x" * 2001}]}]}, "invalid_blocks", "2001"),
        ({"blocks": [{"type": "context", "elements": [TEXT] * 11}]}, "invalid_blocks", "11 items"),
        ({"blocks": [{"type": "context", "elements": []}]}, "invalid_blocks", "0 items"),
        ({"blocks": [{"type": "image", "image_url": "u"}]}, "invalid_blocks", "alt_text"),
        ({"blocks": [{"type": "actions", "elements": [{}] * 26}]}, "invalid_blocks", "26 items"),
    ],
)
def test_what_slack_refuses(message, word, problem):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    _, said, problems = checked(body)
    assert said == word
    assert any(problem in each for each in problems), problems


def test_a_refusal_says_why_on_the_page(own):
    assert post(own.slack_webhook, {"blocks": [header("x" * 151)]})[::2] == (400, "invalid_blocks")
    assert "blocks[0].text.text has 151 characters, the limit is 150." in get(own, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a &lt;b&gt; &amp;amp; "c"', "a &lt;b&gt; &amp;amp; &quot;c&quot;"),
        ("<script>alert(1)</script>", "<b>@script</b>alert(1)<b>@/script</b>"),
        ("*bold* and _it_ ~no~ `x`", "<b>bold</b> and <i>it</i> <s>no</s> <code>x</code>"),
        ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
        ("*a*\nb", "<b>a</b><br>b"),
        (
            "<https://example.com/?a=1&amp;b=_2_|*x*>",
            '<a href="https://example.com/?a=1&amp;b=_2_" rel="noreferrer"><b>x</b></a>',
        ),
        ("<javascript:alert(1)|x>", "<b>@x</b>"),
        ("<!date^1777864364^{date_num}|x>", '<time datetime="2026-05-04T03:12:44+00:00">04 May 2026, 03:12 UTC</time>'),
        ("a```{\n *x* &lt;```b", "a<pre>{\n *x* &lt;</pre>b"),
    ],
)
def test_slacks_markup(text, expected):
    assert mrkdwn(text) == expected


def test_the_page_of_nothing():
    assert "Nothing has been posted yet." in page([])


@pytest.fixture
def typed(own, capsys):
    """Runs python -m sandbox: its exit code, and the lines that it printed."""

    def run(*arguments):
        code = main([*arguments, "--port", str(own.port)])
        said = capsys.readouterr()
        return code, (said.out + said.err).splitlines()

    return run


def test_the_command_slack(own, typed):
    where = [f"Page: {own.endpoint}/_sandbox/slack", f"Webhook: {own.slack_webhook}"]
    assert typed("slack") == (0, [*where, "Nothing has been posted yet."])
    _, lines = typed("slack", "throttle", "--times", "3", "--retry-after", "2")
    assert lines == [*where, "To come: throttle, 3 times", "Nothing has been posted yet."]
    typed("slack", "clear")
    post(own.slack_webhook, {"text": "It works\nin two lines"})
    own.slack_orders("silence")
    with pytest.raises(OSError):
        post(own.slack_webhook, {"attachments": [{"fallback": "Gone"}]})
    _, lines = typed("slack", "--json")
    first, second = json.loads("\n".join(lines))
    taken, lost = f"{first['time']}  200 ok  It works", f"{second['time']}  no answer  Gone"
    assert typed("slack") == (0, [*where, taken, lost])


def test_the_command_event(typed):
    kinds = [path.stem for path in SAMPLES]
    assert typed("event") == (0, kinds)
    _, lines = typed("event", "guardduty")
    assert json.loads("\n".join(lines))["source"] == "aws.guardduty"
    said = f"There is no event 'earthquake'. There are: {', '.join(kinds)}."
    assert typed("event", "earthquake") == (1, [said])


def test_the_command_event_sends(own, typed):
    assert typed("event", "health", "--send") == (0, ["On the default bus of us-east-1. Rules that match it: none."])
    own.client("events").put_rule(Name="main-health", EventPattern='{"source": ["aws.health"]}')
    assert typed("event", "health", "--send")[1][0].endswith("Rules that match it: main-health.")
    assert typed("event", "alarm", "--send") == (
        1,
        ["Say with --topic which topic of us-east-1 it is to arrive on. There are: none."],
    )
    arn = own.client("sns", "eu-central-1").create_topic(Name="alerts")["TopicArn"]
    for topic in ((), ("--topic", "alerts"), ("--topic", arn)):
        assert typed("event", "alarm", "--send", "--region", "eu-central-1", *topic) == (0, [f"Published on {arn}."])


class Context:
    """A Lambda context with some seconds left."""

    def __init__(self, seconds=20):
        self.end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self):
        return (self.end - time.monotonic()) * 1000


class TestTheFunction:
    """The function of the role `notification`, with the sandbox's SSM and DynamoDB, posts to the stand-in."""

    @pytest.fixture
    def container(self, own, monkeypatch):
        """Makes a handler as a fresh container of Lambda has it."""
        monkeypatch.syspath_prepend(str(ROOT / "roles" / "notification" / "files"))
        for name in [name for name in sys.modules if name == "slack" or name.startswith("slack.")]:
            monkeypatch.delitem(sys.modules, name)
        from slack.function import Function
        from slack.memory import Table
        from slack.webhook import Webhook

        own.client("ssm").put_parameter(Name="/main/slack", Value=own.slack_webhook, Type="SecureString")
        own.client("dynamodb").create_table(
            TableName="memory",
            KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

        def make(**environment):
            environment = {"WEBHOOK_PARAMETER": "/main/slack", **environment}
            return Function(environment, Webhook(environment, own.client), Table(own.client("dynamodb"), "memory"))

        return make

    def test_every_sample_arrives_once(self, own, container):
        events = [json.loads(path.read_text(encoding="utf-8")) for path in SAMPLES]
        first, second = container(), container()
        for event in events:
            first.handle(event, Context())
            second.handle(event, Context())
        received = own.slack_received()
        assert [entry["answer"] for entry in received] == ["ok"] * len(received)
        # One backup job is reported in two ways.
        assert len(received) == len(events) - 1
        assert f"{len(received)} messages" in get(own, "")

    def test_trouble_on_the_way(self, own, container):
        event = json.loads(SAMPLES[0].read_text(encoding="utf-8"))
        own.slack_orders("throttle", times=3, retry_after=0)
        own.slack_orders("error")
        container().handle(event, Context())
        assert [entry["status"] for entry in own.slack_received()] == [429, 429, 429, 500, 200]

    def test_what_is_not_delivered_is_said_by_the_retry(self, own, container, capsys):
        event = json.loads(SAMPLES[0].read_text(encoding="utf-8"))
        own.slack_orders("gone")
        with pytest.raises(Exception, match="HTTP 404 no_service") as error:
            container().handle(event, Context())
        container().handle(event, Context())
        container().handle(event, Context())
        assert [entry["status"] for entry in own.slack_received()] == [404, 200]
        assert SLACK_SECRET not in capsys.readouterr().out + str(error.value)

    def test_a_finding_changes_and_comes_back(self, own, container):
        event = json.loads((ROOT / "sandbox/events/guardduty.json").read_text(encoding="utf-8"))
        for number, archived in enumerate([False, False, True, False]):
            event["id"] = f"e-{number}"
            event["detail"]["service"]["archived"] = archived
            container().handle(event, Context())
        said = [entry["message"]["attachments"][0]["fallback"].partition(":")[0] for entry in own.slack_received()]
        assert said == ["HIGH", "RESOLVED", "HIGH"]

    def test_as_lambda_calls_it(self, own, container):
        environment = {**own.environment, "WEBHOOK_PARAMETER": "/main/slack", "MEMORY_TABLE": "memory"}
        code = "import json, sys; from slack.function import handler; print(handler(json.load(sys.stdin), None))"
        event = (ROOT / "sandbox/events/guardduty.json").read_text(encoding="utf-8")
        for outcome in ("delivered", "duplicate"):
            run = subprocess.run(
                [sys.executable, "-c", code],
                cwd=ROOT / "roles/notification/files",
                env={**os.environ, **environment},
                input=event,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert run.returncode == 0, run.stderr
            line, answer = run.stdout.splitlines()
            assert (json.loads(line)["outcome"], answer) == (outcome, "None")
        assert len(own.slack_received()) == 1

    def test_a_claim_in_the_table(self, own, container):
        memory = container()._memory
        assert memory.claim("n", "high", "one", until=100, now=50)
        assert memory.claim("n", "high", "one", until=100, now=50)
        assert not memory.claim("n", "high", "two", until=100, now=50)
        assert memory.claim("n", "low", "two", until=100, now=50)
        memory.release("n", "one")
        assert not memory.claim("n", "low", "one", until=100, now=50)
        memory.release("n", "two")
        assert memory.claim("n", "low", "one", until=100, now=50)
        memory.keep("n", "one", until=200)
        memory.release("n", "one")
        assert not memory.claim("n", "low", "one", until=300, now=199)
        assert memory.claim("n", "low", "one", until=300, now=200)

    def test_notes_and_counts_in_the_table(self, container):
        memory = container()._memory
        assert not memory.noted("r" * 5000, now=50)
        memory.note("r" * 5000, until=100)
        assert memory.noted("r" * 5000, now=99)
        assert not memory.noted("r" * 5000, now=100)
        assert [memory.count("c", until=100) for _ in range(3)] == [1, 2, 3]
