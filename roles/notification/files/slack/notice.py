# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a person has to know of one event, whoever reported it."""

from __future__ import annotations

import datetime
import email.utils
import enum
from dataclasses import dataclass


class Severity(enum.IntEnum):
    """How bad it is; a greater one is worse."""

    RESOLVED = 0
    INFORMATION = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5

    @property
    def word(self) -> str:
        return self.name.lower()

    @property
    def color(self) -> str:
        return _COLORS[self]

    @property
    def symbol(self) -> str:
        return _SYMBOLS[self]


_COLORS = {
    Severity.CRITICAL: "#8b0a1a",
    Severity.HIGH: "#e01e5a",
    Severity.MEDIUM: "#ecb22e",
    Severity.LOW: "#36c5f0",
    Severity.INFORMATION: "#8d949e",
    Severity.RESOLVED: "#2eb67d",
}
_SYMBOLS = {
    Severity.CRITICAL: "🟥",
    Severity.HIGH: "🔴",
    Severity.MEDIUM: "🟡",
    Severity.LOW: "🔵",
    Severity.INFORMATION: "⚪",
    Severity.RESOLVED: "🟢",
}


@dataclass(frozen=True)
class Notice:
    """One thing that happened.

    ``identity`` is the same for all reports of the same thing, ``state`` what is new in this one: a notice with both of
    an earlier one says nothing new. ``since`` and ``until`` are times as AWS wrote them. All texts are plain, as they
    came.
    """

    source: str
    severity: Severity
    title: str
    identity: str
    state: str = ""
    what: str = ""
    account: str = ""
    region: str = ""
    resource: str = ""
    link: str = ""
    since: str = ""
    until: str = ""
    advice: str = ""
    # Something to read on, and what it is.
    more: tuple[str, str] = ("", "")
    facts: tuple[tuple[str, str], ...] = ()
    # The text is data, to be shown in its lines.
    verbatim: bool = False


def moment(text: str) -> datetime.datetime | None:
    """A time in any of the forms that AWS uses; None for another one. Without a zone it is UTC."""
    text = text.strip()
    for read in (datetime.datetime.fromisoformat, email.utils.parsedate_to_datetime, _american):
        try:
            time = read(text)
        except (ValueError, TypeError):
            continue
        return time.replace(tzinfo=time.tzinfo or datetime.UTC).astimezone(datetime.UTC)
    return None


def _american(text: str) -> datetime.datetime:
    # Java writes a narrow space before AM and PM.
    return datetime.datetime.strptime(text.replace("\u202f", " "), "%b %d, %Y, %I:%M:%S %p")


def second(text: str) -> str:
    """A time to the second in one form, so that the same moment in two reports is the same."""
    time = moment(text)
    return f"{time:%Y-%m-%dT%H:%M:%SZ}" if time else text
