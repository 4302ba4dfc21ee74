# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Notices become Slack messages: one attachment with the severity's colour, and blocks in it.

The text of a message that has only an attachment would stand above it; what a phone shows is the attachment's fallback.

https://docs.slack.dev/reference/block-kit/blocks and https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import batched
from typing import Any

from .notice import Notice, Severity, moment

HEADER_CHARACTERS = 150
TEXT_CHARACTERS = 3000
FIELDS = 10
FIELD_CHARACTERS = 2000
ELEMENTS = 10
# Slack says 50 blocks a message; of an attachment it refused 21 (https://github.com/slackapi/bolt-python/issues/914).
BLOCKS = 20
# Of 13200 characters in all Slack says that the blocks are too long (https://github.com/slackapi/bolt-js/issues/2509).
# One notice cannot come near: a header, two texts of a glance's length, ten fields.
GLANCE_CHARACTERS = 1200
FACT_CHARACTERS = 250
LINK_CHARACTERS = 1500
LINES = 16
LINES_A_TEXT = 4
MARK = "… (cut)"


def one(notice: Notice) -> dict[str, Any]:
    """A message that tells all of one notice."""
    blocks = [_header(f"{notice.severity.symbol} {notice.severity.word.upper()} · {notice.title}")]
    if notice.verbatim:
        shown = cut(notice.what.replace("```", "'''"), 2 * GLANCE_CHARACTERS)
        blocks.append(_section(f"```{shown}```"))
    elif notice.what:
        blocks.append(_section(cut(notice.what, GLANCE_CHARACTERS)))
    facts = [
        ("Resource", link(notice.resource, notice.link)),
        ("Where", _where(notice)),
        ("Since", time(notice.since)),
        ("Until", time(notice.until)),
        *((name, cut(value, FACT_CHARACTERS)) for name, value in notice.facts),
    ]
    fields = [_text(f"*{escape(name)}*\n{value}") for name, value in facts if value][:FIELDS]
    if fields:
        blocks.append({"type": "section", "fields": fields})
    if notice.advice:
        blocks.append(_section(f"*What to do*\n{cut(notice.advice, GLANCE_CHARACTERS)}"))
    more = link(*notice.more) if notice.more[1] and notice.more[1] != notice.link else ""
    blocks.append(_context([escape(notice.source), more]))
    return _message([notice], blocks, f"{notice.severity.word.upper()}: {notice.title}")


def brief(notice: Notice) -> dict[str, Any]:
    """A message of one line, for a time when there are many."""
    return _message(
        [notice], [_section(_line(notice, _where(notice)))], f"{notice.severity.word.upper()}: {notice.title}"
    )


def several(source: str, notices: list[Notice]) -> list[tuple[list[Notice], dict[str, Any]]]:
    """Messages that list notices of one source, the worst first, each with those that it lists."""
    ordered = sorted(notices, key=lambda notice: -notice.severity)
    parts = list(batched(ordered, LINES))
    messages = []
    for number, part in enumerate(parts, 1):
        said = f"{len(notices)} notices from {source}{f' ({number} of {len(parts)})' if len(parts) > 1 else ''}"
        worst = part[0].severity
        places = {_where(notice) for notice in part}
        lines = [_line(notice, _where(notice) if len(places) > 1 else "") for notice in part]
        texts = ["\n".join(some) for some in batched(lines, LINES_A_TEXT)]
        blocks = [_header(f"{worst.symbol} {worst.word.upper()} · {said}"), *map(_section, texts)]
        if len(places) == 1 and any(places):
            blocks.append(_context([*places]))
        messages.append((list(part), _message(part, blocks, f"{worst.word.upper()}: {said}")))
    return messages


def escape(text: str) -> str:
    """Without what Slack would take as a mention or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int, escaped: bool = True) -> str:
    """So much of a text that it is not longer when it is escaped, with a mark if that is not all."""
    form = escape if escaped else str
    text = text.strip()
    if len(form(text)) <= limit:
        return form(text)
    kept, length = [], 0
    for letter in map(form, text):
        length += len(letter)
        if length > limit - len(MARK):
            break
        kept.append(letter)
    return "".join(kept).rstrip() + MARK


def link(text: str, address: str) -> str:
    """A link in Slack's form; the text alone without an address."""
    text = cut(text, FACT_CHARACTERS)
    address = escape(address).replace("|", "%7C")
    return (
        f"<{address}|{text}>" if text and address.startswith("https://") and len(address) <= LINK_CHARACTERS else text
    )


def time(text: str) -> str:
    """A time, which Slack shows in the reader's zone."""
    found = moment(text) if text else None
    if found is None:
        return cut(text, FACT_CHARACTERS)
    return f"<!date^{int(found.timestamp())}^{{date_short_pretty}} {{time}}|{found:%Y-%m-%d %H:%M} UTC>"


def _where(notice: Notice) -> str:
    return " · ".join(cut(each, 30) for each in (notice.account, notice.region) if each)


def _line(notice: Notice, where: str) -> str:
    """A notice in a line of so few characters (750) that four of them are a text, and sixteen a message."""
    resource = [cut(notice.resource, 80)] if notice.resource and notice.resource not in notice.title else []
    address = notice.link if len(escape(notice.link)) <= 300 else ""
    title = link(notice.title if len(notice.title) <= 120 else f"{notice.title[:112]}{MARK}", address)
    words = [f"{notice.severity.symbol} *{notice.severity.word.upper()}* {title}", *resource, where]
    return " · ".join(filter(None, words))


def _message(notices: Iterable[Notice], blocks: list[dict[str, Any]], fallback: str) -> dict[str, Any]:
    worst: Severity = max(notice.severity for notice in notices)
    attachment = {"color": worst.color, "fallback": cut(fallback, TEXT_CHARACTERS), "blocks": blocks[:BLOCKS]}
    return {"attachments": [attachment]}


def _header(text: str) -> dict[str, Any]:
    # Plain text: nothing in it is a mention or a link, and an escape would be shown.
    text = cut(" ".join(text.split()), HEADER_CHARACTERS, escaped=False)
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _text(text: str) -> dict[str, Any]:
    # Verbatim: names with @ and # in front are no mentions.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _text(text)}


def _context(texts: list[str]) -> dict[str, Any]:
    return {"type": "context", "elements": [_text(text) for text in texts if text][:ELEMENTS]}
