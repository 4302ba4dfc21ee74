# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the sandbox was asked and how it answered: a log of JSON lines, and counts."""

from __future__ import annotations

import datetime
import json
import os
import threading
from collections import Counter
from pathlib import Path
from typing import Any

# Operations that only read, by the first word of their names.
READING_PREFIXES = (
    "BatchDescribe",
    "BatchGet",
    "Check",
    "Decode",
    "Describe",
    "Discover",
    "Estimate",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Poll",
    "Preview",
    "Query",
    "Scan",
    "Search",
    "Select",
    "Simulate",
    "Test",
    "Validate",
    "Verify",
)


def writes(operation: str | None) -> bool:
    """Whether an operation may change something; one that was not recognised may."""
    return operation is None or not operation.startswith(READING_PREFIXES)


class Journal:
    """Counts of calls by service and operation, and the log that they are counted from.

    An entry has: ``time`` (UTC, ISO 8601), ``account``, ``region``, ``service``, ``operation``, ``write``, ``outcome``
    (``ok``, ``refused``, ``error`` or ``fault``), ``status`` (HTTP), ``duration_ms``; where there is one, ``error``
    (its code); for a refused call ``message``; for an answer that the model does not allow ``questionable``.
    """

    def __init__(self, path: Path):
        self._lock = threading.Lock()
        self._stream = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8")
        self._clear()

    def _clear(self) -> None:
        self._calls: Counter[tuple[str, str, str]] = Counter()
        self._refused: dict[tuple[str, str, str, str], int] = {}
        self._questionable: dict[tuple[str, str, str], int] = {}

    def reset(self) -> None:
        with self._lock:
            self._stream.truncate(0)
            self._clear()

    def add(self, entry: dict[str, Any]) -> None:
        """Log one call; ``time`` and ``write`` are filled in here."""
        time = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        entry = {"time": time, "write": writes(entry["operation"]), **entry}
        service, operation = entry["service"] or "unknown", entry["operation"] or "unknown"
        with self._lock:
            self._calls[service, operation, entry["outcome"]] += 1
            if entry["outcome"] == "refused":
                _count(self._refused, (service, operation, entry["error"], entry["message"]))
            for sentence in entry.get("questionable", ()):
                _count(self._questionable, (service, operation, sentence))
            self._stream.write(json.dumps(entry) + "\n")
            self._stream.flush()

    def summary(self) -> dict[str, Any]:
        """Counts as plain data: ``calls``, ``outcomes``, ``services``, ``refused``, ``questionable``."""
        with self._lock:
            outcomes: Counter[str] = Counter()
            services: dict[str, dict[str, int]] = {}
            for (service, operation, outcome), count in sorted(self._calls.items()):
                outcomes[outcome] += count
                operations = services.setdefault(service, {})
                operations[operation] = operations.get(operation, 0) + count
            refused = ("service", "operation", "error", "message", "count")
            questionable = ("service", "operation", "problem", "count")
            return {
                "calls": sum(outcomes.values()),
                "outcomes": {name: outcomes[name] for name in ("ok", "refused", "error", "fault")},
                "services": services,
                "refused": _rows(refused, self._refused),
                "questionable": _rows(questionable, self._questionable),
            }


def _rows(names: tuple[str, ...], counts: dict[Any, int]) -> list[dict[str, Any]]:
    return [dict(zip(names, (*key, count), strict=True)) for key, count in counts.items()]


def _count(counts: dict[Any, int], key: Any) -> None:
    counts[key] = counts.get(key, 0) + 1
