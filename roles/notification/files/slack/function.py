# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The handler: what arrives by SNS, SQS or EventBridge is read, and what is new of it is said in Slack.

The package's docstring says what is guaranteed, and what can be set.
"""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import message
from .memory import Memory, Table
from .notice import Notice
from .readers import Frame, read
from .webhook import NotDelivered, Webhook

# A call without a context, in a test or at the command line, has so long.
SECONDS_WITHOUT_CONTEXT = 30.0
RETRIES = {"mode": "standard", "total_max_attempts": 2}


def handler(event: Any, context: Any) -> dict[str, Any] | None:
    """Lambda's entry: raises when something was not delivered, or names it, for SQS."""
    return _function().handle(event, context)


@dataclass(frozen=True)
class Record:
    """One thing that arrived; ``item`` is the id by which SQS is told that it failed."""

    id: str
    payload: Any
    frame: Frame
    item: str = ""


@dataclass
class Saying:
    """A notice that is to be said, and the record that brought it."""

    notice: Notice
    record: Record

    @property
    def key(self) -> str:
        return f"notice {self.notice.identity}"

    @property
    def note(self) -> str:
        return f"record {self.record.id} {self.notice.identity}"

    @property
    def owner(self) -> str:
        return self.record.id


class Function:
    """The function, with what it uses of the world."""

    def __init__(
        self,
        environment: Mapping[str, str],
        webhook: Webhook,
        memory: Memory | Table,
        now: Callable[[], float] = time.time,
    ):
        self._window = int(environment.get("WINDOW_SECONDS") or 86400)
        self._burst = int(environment.get("BURST_LIMIT") or 5)
        self._minute = int(environment.get("MINUTE_LIMIT") or 20)
        self._webhook = webhook
        self._memory = memory
        self._now = now

    def handle(self, event: Any, context: Any) -> dict[str, Any] | None:
        end = time.monotonic() + SECONDS_WITHOUT_CONTEXT

        def remaining() -> float:
            return context.get_remaining_time_in_millis() / 1000 if context else end - time.monotonic()

        records = list(unpack(event))
        sayings = self._claimed(records, remaining)
        failures: list[tuple[Record, str]] = []
        for messages in self._grouped(sayings).values():
            for said, form in messages:
                failures += self._say(said, form, remaining)
        items = list(dict.fromkeys(record.item for record, reason in failures))
        if any(record.item for record in records):
            return {"batchItemFailures": [{"itemIdentifier": item} for item in items]}
        if failures:
            raise NotDelivered(f"Of {len(sayings)} new notices {len(failures)} were not delivered. {failures[0][1]}")
        return None

    def _claimed(self, records: list[Record], remaining: Callable[[], float]) -> list[Saying]:
        """What is new of the records."""
        sayings = []
        for record in records:
            notices, stumbled = read(record.payload, record.frame)
            if stumbled:
                log("error", "unreadable", record=record.id, reason=stumbled)
            for notice in notices:
                saying = Saying(notice, record)
                if self._is_new(saying, remaining()):
                    sayings.append(saying)
                else:
                    self._log("info", "duplicate", saying)
        return sayings

    def _is_new(self, saying: Saying, seconds: float) -> bool:
        now = int(self._now())

        def ask() -> bool:
            if self._memory.noted(saying.note, now):
                return False
            return self._memory.claim(saying.key, saying.notice.state, saying.owner, now + int(seconds) + 1, now)

        return self._remember(ask, otherwise=True)

    def _grouped(self, sayings: list[Saying]) -> dict[str, list[tuple[list[Saying], dict[str, Any]]]]:
        """The messages of each source, each with what it says."""
        by_source: dict[str, list[Saying]] = {}
        for saying in sayings:
            by_source.setdefault(saying.notice.source, []).append(saying)
        return {source: self._messages(source, of_source) for source, of_source in by_source.items()}

    def _messages(self, source: str, sayings: list[Saying]) -> list[tuple[list[Saying], dict[str, Any]]]:
        if len(sayings) > self._burst:
            by_notice = {id(saying.notice): saying for saying in sayings}
            lists = message.several(source, [saying.notice for saying in sayings])
            return [([by_notice[id(notice)] for notice in part], form) for part, form in lists]
        return [([saying], self._form(saying.notice)) for saying in sayings]

    def _form(self, notice: Notice) -> dict[str, Any]:
        """All of it, or a line when there were many of its source in this minute."""
        minute = int(self._now()) // 60
        count = self._remember(
            lambda: self._memory.count(f"minute {minute} {notice.source}", (minute + 10) * 60), otherwise=0
        )
        return message.brief(notice) if count > self._minute else message.one(notice)

    def _say(
        self, sayings: list[Saying], form: dict[str, Any], remaining: Callable[[], float]
    ) -> list[tuple[Record, str]]:
        """Post one message; the records that it leaves undone, and why."""
        try:
            attempts = self._webhook.post(form, remaining)
        except Exception as error:
            # Of AWS, too: whatever it is, the claims are taken back, and the records are tried again.
            reason = f"{type(error).__name__}: {error}"
            for saying in sayings:
                self._remember(functools.partial(self._memory.release, saying.key, saying.owner), otherwise=None)
                self._log("error", "failed", saying, reason=reason)
            return [(saying.record, str(error)) for saying in sayings]
        for saying in sayings:
            self._remember(functools.partial(self._sent, saying), otherwise=None)
            self._log("info", "delivered", saying, attempts=attempts, together=len(sayings))
        return []

    def _sent(self, saying: Saying) -> None:
        until = int(self._now()) + self._window
        self._memory.note(saying.note, until)
        self._memory.keep(saying.key, saying.owner, until)

    def _remember(self, ask: Callable[[], Any], otherwise: Any) -> Any:
        """Ask the memory; without it, say a thing rather twice than never."""
        try:
            return ask()
        except Exception as error:
            log("warning", "memory", reason=f"{type(error).__name__}: {error}")
            return otherwise

    def _log(self, level: str, outcome: str, saying: Saying, **more: Any) -> None:
        notice = saying.notice
        log(
            level,
            outcome,
            record=saying.record.id,
            source=notice.source,
            severity=notice.severity.word,
            title=notice.title,
            identity=notice.identity,
            account=notice.account,
            region=notice.region,
            **more,
        )


def unpack(event: Any, item: str = "") -> Iterator[Record]:
    """The records of a call, whoever made it; what waited in a dead-letter queue holds the call that failed."""
    if not isinstance(event, dict):
        yield Record(str(event), event, Frame(str(event)), item)
    elif isinstance(event.get("Records"), list):
        for record in event["Records"]:
            if isinstance(record.get("Sns"), dict):
                yield _notification(record["Sns"], item)
            elif record.get("eventSource") == "aws:sqs":
                name = record["messageId"]
                body = _parsed(record["body"])
                yield from unpack(body, name) if isinstance(body, dict) else [Record(name, body, Frame(name), name)]
            else:
                yield Record(json.dumps(record, sort_keys=True), record, Frame(), item)
    elif isinstance(event.get("requestPayload"), dict):
        yield from unpack(event["requestPayload"], item)
    elif event.get("Type") == "Notification" and "Message" in event:
        yield _notification(event, item)
    else:
        name = str(event.get("id") or item or json.dumps(event, sort_keys=True))
        yield Record(name, event, Frame(name), item)


def _notification(sns: dict[str, Any], item: str) -> Record:
    name = sns.get("MessageId") or item
    attributes = sns.get("MessageAttributes") or {}
    frame = Frame(
        record=name,
        topic=sns.get("TopicArn") or "",
        subject=sns.get("Subject") or "",
        sent=sns.get("Timestamp") or "",
        attributes={key: str(value.get("Value", "")) for key, value in attributes.items()},
    )
    return Record(name, _parsed(sns["Message"]), frame, item)


def _parsed(text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, dict) else text


def log(level: str, outcome: str, **values: Any) -> None:
    """One line of JSON, which CloudWatch Logs can be asked about."""
    print(json.dumps({"level": level, "outcome": outcome, **values}, ensure_ascii=False), flush=True)


@functools.cache
def _function() -> Function:
    """One for a container: its clients, the URL and what it remembers are kept from call to call."""
    # Lambda has them, what tests the rest need not.
    import boto3
    from botocore.config import Config

    # AWS's own patience is minutes: a table that does not answer must not use up the call's time.
    client = functools.partial(boto3.client, config=Config(connect_timeout=2, read_timeout=3, retries=RETRIES))
    table = os.environ.get("MEMORY_TABLE")
    return Function(os.environ, Webhook(os.environ, client), Table(client("dynamodb"), table) if table else Memory())
