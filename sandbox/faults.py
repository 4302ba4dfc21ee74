# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Faults on demand: throttling and internal errors, to test what fails in the middle."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.catalogue import Call
from sandbox.errors import ServiceError
from sandbox.journal import writes


@dataclass
class Fault:
    """A rule: which calls fail, and how.

    ``kind`` is ``throttle`` or ``error`` (an internal error, HTTP 500). Of the calls that match ``service``,
    ``operation`` and ``writes_only``, every n-th fails (``every``), or the n-th alone (``at``); counting starts with
    the rule. ``seen`` counts the calls that matched, ``raised`` those that failed.
    """

    kind: str
    every: int | None = None
    at: int | None = None
    service: str | None = None
    operation: str | None = None
    writes_only: bool = False
    seen: int = 0
    raised: int = 0

    def __post_init__(self) -> None:
        if self.kind not in ("throttle", "error"):
            raise ValueError(f"A fault is 'throttle' or 'error', not {self.kind!r}.")
        numbers = [number for number in (self.every, self.at) if number is not None]
        if len(numbers) != 1 or not isinstance(numbers[0], int) or numbers[0] < 1:
            raise ValueError("A fault needs either every=N or at=N, and N is 1 or more.")

    def strikes(self, call: Call) -> bool:
        if self.service not in (None, call.service) or self.operation not in (None, call.operation_name):
            return False
        if self.writes_only and not writes(call.operation_name):
            return False
        self.seen += 1
        struck = self.seen == self.at or (self.every is not None and self.seen % self.every == 0)
        self.raised += struck
        return struck


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []

    def add(self, **rule: Any) -> None:
        """Add a rule; ValueError or TypeError when it makes no sense."""
        fault = Fault(**rule)
        with self._lock:
            self._rules.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(rule) for rule in self._rules]

    def strike(self, call: Call) -> ServiceError | None:
        """The error, if this call is to fail."""
        with self._lock:
            struck = [rule for rule in self._rules if rule.strikes(call)]
        if not struck:
            return None
        return _throttled(call) if struck[0].kind == "throttle" else _internal(call)


def _throttled(call: Call) -> ServiceError:
    if call.service == "s3":
        return ServiceError("SlowDown", "Please reduce your request rate.", 503)
    if call.protocol == "ec2":
        return ServiceError("RequestLimitExceeded", "Request limit exceeded.", 503)
    if call.protocol in ("query", "rest-xml"):
        return ServiceError("Throttling", "Rate exceeded")
    listed = {shape.name for shape in call.operation.error_shapes}
    code = "TooManyRequestsException" if "TooManyRequestsException" in listed else "ThrottlingException"
    return ServiceError(code, "Rate exceeded", 429 if call.protocol == "rest-json" else 400)


def _internal(call: Call) -> ServiceError:
    code = {"query": "InternalFailure", "json": "InternalFailure", "rest-json": "InternalServerException"}
    return ServiceError(code.get(call.protocol, "InternalError"), "An internal error has occurred", 500)
