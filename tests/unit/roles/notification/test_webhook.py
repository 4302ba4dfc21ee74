# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Delivery: what is tried again, what is not, and that the URL is told to nobody."""

from __future__ import annotations

import email.message
import io
import json
import socket
import traceback
import urllib.error
from email.utils import format_datetime

import pytest
from slack.notice import moment
from slack.webhook import NotDelivered, Webhook

SECRET = "nobody-may-read-this"
URL = f"https://hooks.example.com/services/T0/B0/{SECRET}"


class Clock:
    """A call's time, which passes only where somebody sleeps."""

    def __init__(self, seconds=60.0):
        self.left = seconds
        self.slept = []

    def remaining(self):
        return self.left

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.left -= seconds


class Slack:
    """Answers in turn: a status, a status with headers, a text with a status, or an error that is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def open(self, request, timeout):
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, said, headers = answer
        message = email.message.Message()
        for name, value in headers.items():
            message[name] = value
        body = io.BytesIO(said.encode())
        if status >= 300:
            raise urllib.error.HTTPError(request.full_url, status, f"said of {request.full_url}", message, body)
        body.status, body.headers = status, message
        return body


def answer(status, said="", **headers):
    return status, said, {name.replace("_", "-"): value for name, value in headers.items()}


OK = answer(200, "ok")


class Secrets:
    """SSM and Secrets Manager with the URL."""

    def __init__(self, value=URL):
        self.value = value
        self.read = 0

    def __call__(self, service):
        self.service = service
        return self

    def get_parameter(self, Name, WithDecryption):
        assert (Name, WithDecryption, self.service) == ("/main/slack", True, "ssm")
        self.read += 1
        return {"Parameter": {"Value": self.value}}

    def get_secret_value(self, SecretId):
        assert (SecretId, self.service) == ("main-slack", "secretsmanager")
        self.read += 1
        return {"SecretString": self.value}


def webhook(slack, clock, secrets=None, **environment):
    environment = environment or {"WEBHOOK_PARAMETER": "/main/slack"}
    return Webhook(environment, secrets or Secrets(), slack, clock.sleep)


def failure(slack, seconds=60.0, secrets=None):
    """What is raised, and that nothing of it tells the URL, however it is printed."""
    with pytest.raises(NotDelivered) as raised:
        webhook(slack, Clock(seconds), secrets).post({}, Clock(seconds).remaining)
    error = raised.value
    printed = "".join(traceback.format_exception(error)) + repr(error)
    while error:
        printed += repr(error.args)
        error = error.__context__
    assert SECRET not in printed
    assert "hooks.example.com" not in printed
    return str(raised.value)


def test_a_message_is_posted_as_json():
    slack = Slack(OK)
    assert webhook(slack, Clock()).post({"text": "é"}, Clock().remaining) == 1
    (request,) = slack.requests
    assert (request.full_url, request.get_method()) == (URL, "POST")
    assert json.loads(request.data) == {"text": "é"}
    assert request.headers["Content-type"] == "application/json; charset=utf-8"


def test_three_times_429_then_500_then_it_arrives_once():
    slack, clock = Slack(*[answer(429, "rate_limited", Retry_After="3")] * 3, answer(500, "rollup_error"), OK), Clock()
    assert webhook(slack, clock).post({}, clock.remaining) == 5
    assert clock.slept[:3] == [3.0, 3.0, 3.0]
    assert 0.75 <= clock.slept[3] <= 1
    assert slack.answers == []


@pytest.mark.parametrize(
    "trouble",
    [
        urllib.error.URLError(ConnectionRefusedError(f"to {URL}")),
        urllib.error.URLError(f"unknown: {URL}"),
        TimeoutError(URL),
        ConnectionResetError(URL),
        socket.gaierror(URL),
        answer(502, f"<html>{URL}"),
    ],
)
def test_trouble_on_the_way_is_tried_again(trouble):
    clock = Clock()
    assert webhook(Slack(trouble, OK), clock).post({}, clock.remaining) == 2
    assert len(clock.slept) == 1
    failure(Slack(trouble), seconds=2.5)


def test_retry_after_may_be_a_date():
    later = format_datetime(moment("2020-01-01T00:00:00Z"))
    clock = Clock()
    webhook(Slack(answer(429, Retry_After=later), OK), clock).post({}, clock.remaining)
    assert clock.slept == [0.0]


def test_it_waits_longer_each_time_and_never_past_the_end():
    clock = Clock(60)
    slack = Slack(*[answer(503)] * 20)
    with pytest.raises(NotDelivered, match=r"^Slack did not take it in [67] attempts: HTTP 503$"):
        webhook(slack, clock).post({}, clock.remaining)
    assert clock.slept[:5] == sorted(clock.slept[:5])
    assert clock.left > 0


def test_a_wait_that_does_not_fit_is_not_begun():
    said = failure(Slack(answer(429, "rate_limited", Retry_After="120")))
    assert said == "Slack did not take it in 1 attempts: HTTP 429 rate_limited"


def test_no_time_at_all():
    assert failure(Slack(), seconds=1.0) == "No time was left to send it."


@pytest.mark.parametrize(
    ("status", "word"), [(400, "invalid_payload"), (400, "invalid_attachments"), (403, "action_prohibited")]
)
def test_what_slack_refuses_is_not_tried_again(status, word):
    assert failure(Slack(answer(status, word))) == f"Slack refused it: HTTP {status} {word}"


def test_a_redirect_is_not_followed():
    assert failure(Slack(answer(302, "", Location="https://example.com"))) == "Slack refused it: HTTP 302"


def test_an_answer_that_repeats_the_url_is_not_passed_on():
    assert failure(Slack(answer(404, f"No such page: {URL}"))) == "Slack refused it: HTTP 404"


def test_a_webhook_that_was_replaced_is_read_anew():
    secrets, clock = Secrets(), Clock()
    slack = Slack(OK, answer(404, "no_service"), OK)
    hook = webhook(slack, clock, secrets)
    hook.post({}, clock.remaining)
    secrets.value = f"{URL}2"
    hook.post({}, clock.remaining)
    assert slack.requests[-1].full_url == f"{URL}2"
    assert secrets.read == 2


def test_a_webhook_that_is_gone():
    secrets, clock = Secrets(), Clock()
    hook = webhook(Slack(OK, answer(404, "no_service"), answer(404, "no_service")), clock, secrets)
    hook.post({}, clock.remaining)
    for _attempt in range(2):
        with pytest.raises(NotDelivered, match="HTTP 404 no_service"):
            hook.post({}, clock.remaining)


@pytest.mark.parametrize(
    ("environment", "value"),
    [
        ({"WEBHOOK_PARAMETER": "/main/slack"}, f" {URL}\n"),
        ({"WEBHOOK_SECRET": "main-slack"}, URL),
        ({"WEBHOOK_SECRET": "main-slack"}, json.dumps({"url": URL})),
    ],
)
def test_the_url_is_read_once(environment, value):
    secrets, clock, slack = Secrets(value), Clock(), Slack(OK, OK)
    hook = webhook(slack, clock, secrets, **environment)
    hook.post({}, clock.remaining)
    hook.post({}, clock.remaining)
    assert [request.full_url for request in slack.requests] == [URL, URL]
    assert secrets.read == 1


@pytest.mark.parametrize(
    "value",
    [f"file:///{SECRET}", f"http://hooks.example.com/{SECRET}", f"https://hooks.example.com/é{SECRET}", "", "{", "{}"],
)
def test_what_is_no_webhook_is_not_opened(value):
    assert failure(Slack(), secrets=Secrets(value)) == "What /main/slack holds is not the URL of a webhook."


@pytest.mark.parametrize("environment", [{"OTHER": "x"}, {"WEBHOOK_PARAMETER": "/a", "WEBHOOK_SECRET": "b"}])
def test_one_place_for_the_url(environment):
    with pytest.raises(NotDelivered, match="Set either WEBHOOK_PARAMETER or WEBHOOK_SECRET"):
        webhook(Slack(), Clock(), **environment).post({}, Clock().remaining)
