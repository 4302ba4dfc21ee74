# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How one service of AWS hands something to another: later, in order, and only if it may.

`DELIVERIES` does what is to be done after the request that led to it, in a thread of its own. `send` delivers a
`Message` to the target of an ARN as a `Sender`, or, if that cannot be, to a dead-letter queue. What can be a target
is said by ``@target`` in the files of the services.
"""

from __future__ import annotations

import contextlib
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# moto's backends are plain dictionaries, so that calls at the same time would stumble over each other. Whoever looks
# at them holds this lock, once.
LOCK = threading.RLock()


class Forgotten(Exception):
    """The sandbox has been reset in the meantime."""


class Deliveries:
    """What is to be delivered, and the thread that does it, which is there as soon as there is something.

    Everything here is done by somebody who holds `LOCK`; `add` takes it where nobody does.
    """

    def __init__(self) -> None:
        self._generation = 0
        self.begin()

    def begin(self) -> None:
        """Have nothing to deliver, and no thread: a fork has none but the one that forked."""
        self._due: deque[Callable[[], None]] = deque()
        self._thread: threading.Thread | None = None
        self._busy = False
        self._changed = threading.Condition(LOCK)

    def add(self, job: Callable[[], None]) -> None:
        with LOCK:
            self._due.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="deliveries", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def settle(self, timeout: float) -> bool:
        """Wait until all is delivered; False when that takes longer."""
        return self._changed.wait_for(lambda: not self._due and not self._busy, timeout)

    def forget(self) -> None:
        """Deliver nothing of what is due, and leave undone the rest of what is being delivered."""
        self._due.clear()
        self._generation += 1

    @contextlib.contextmanager
    def unlocked(self) -> Iterator[None]:
        """Let the others go on for a while; `Forgotten` afterwards if there has been a reset."""
        generation = self._generation
        LOCK.release()
        try:
            yield
        finally:
            LOCK.acquire()
        if generation != self._generation:
            raise Forgotten

    def _work(self) -> None:
        with LOCK:
            while True:
                self._changed.wait_for(lambda: self._due)
                self._busy = True
                try:
                    self._due.popleft()()
                except Forgotten:
                    pass
                except Exception:
                    # It is nobody's answer, and the next delivery is not to suffer from it.
                    traceback.print_exc()
                self._busy = False
                self._changed.notify_all()


DELIVERIES = Deliveries()


@dataclass(frozen=True)
class Sender:
    """Who delivers: a service of AWS for a resource (``arn``), or else, where it acts as a role, that ``role``.

    A service may do what the target's policy lets it; a role, what its own policies let it. ``context`` holds further
    condition keys that the service sends.
    """

    arn: str
    account: str
    service: str = ""
    role: str = ""
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def conditions(self) -> dict[str, str]:
        return {"aws:SourceArn": self.arn, "aws:SourceAccount": self.account, **self.context}


@dataclass(frozen=True)
class Message:
    """What is delivered: a queue's message, what is published on a topic, or a function's event.

    ``attributes`` are message attributes, each a type and a value.
    """

    text: str
    subject: str | None = None
    attributes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    group: str | None = None
    deduplication: str | None = None


class Undelivered(Exception):
    """Why something cannot be delivered, by one of EventBridge's codes and in a sentence.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


Target = Callable[[Sender, str, Message], Any]

_targets: dict[str, Target] = {}


def target(service: str) -> Callable[[Target], Target]:
    """Register the function that delivers to an ARN of a service, or raises `Undelivered`."""

    def register(function: Target) -> Target:
        _targets[service] = function
        return function

    return register


def takes(arn: str) -> bool:
    """Whether something can be delivered to an ARN."""
    return _service(arn) in _targets


def deliver(sender: Sender, arn: str, message: Message) -> Any:
    """Deliver at once, or raise `Undelivered`; the answer is the target's."""
    if not takes(arn):
        raise Undelivered("SDK_CLIENT_ERROR", f"The sandbox delivers nothing to {arn}.")
    return _targets[_service(arn)](sender, arn, message)


def send(
    sender: Sender, arn: str, message: Message, on_failure: Callable[[Undelivered], tuple[str, Message]] | None = None
) -> None:
    """Deliver later; ``on_failure`` names the dead-letter queue, and what it gets."""

    def job() -> None:
        try:
            deliver(sender, arn, message)
        except Undelivered as undelivered:
            print(f"{sender.arn} to {arn}: {undelivered}", flush=True)
            if on_failure:
                send(sender, *on_failure(undelivered))

    DELIVERIES.add(job)


def _service(arn: str) -> str:
    return arn.split(":")[2] if arn.count(":") >= 5 else ""
