# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A stand-in for Slack's incoming webhook: it takes what Slack would take, and shows it on a page.

POST ``/_sandbox/slack/services/T…/B…/…`` is the webhook, GET ``/_sandbox/slack`` the page, GET
``/_sandbox/slack/messages`` the same as JSON, and ``/_sandbox/slack/orders`` is where it is told to fail.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors and
https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import datetime
import json
import re
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.errors import Response
from sandbox.slack_page import page

# The last part of a webhook's path is the secret, and is not kept.
_SERVICE = re.compile(r"services/(T[A-Z0-9]+/B[A-Z0-9]+)/[A-Za-z0-9]+")

BLOCKS = 50
ATTACHMENTS = 100
HEADER_CHARACTERS = 150
TEXT_CHARACTERS = 3000
FIELDS = 10
FIELD_CHARACTERS = 2000
CONTEXT_ELEMENTS = 10
ACTION_ELEMENTS = 25
BLOCK_ID_CHARACTERS = 255
# Not in the reference, but measured: https://github.com/slackapi/bolt-js/issues/2509 and
# https://github.com/slackapi/bolt-python/issues/914
BLOCKS_CHARACTERS = 13200
BLOCKS_OF_AN_ATTACHMENT = 20
# What is posted without being looked at in detail.
_OTHER_BLOCKS = ("file", "markdown", "rich_text", "table", "video")


@dataclass
class Order:
    """What the webhook does with the next ``times`` requests instead of taking them.

    ``throttle`` answers 429 with ``retry_after`` seconds, ``error`` 500, ``gone`` 404 no_service, and ``silence``
    closes the connection without a word after ``seconds``.
    """

    kind: str
    times: int = 1
    retry_after: int = 1
    seconds: float = 0

    def __post_init__(self) -> None:
        if self.kind not in ("throttle", "error", "gone", "silence"):
            raise ValueError(
                f"Slack can 'throttle', make an 'error', be 'gone' or in 'silence', but not {self.kind!r}."
            )
        numbers = (self.times, self.retry_after, self.seconds)
        if not all(isinstance(number, int | float) and number >= 0 for number in numbers) or self.times < 1:
            raise ValueError("times is 1 or more, retry_after and seconds are 0 or more.")

    def answer(self) -> Response:
        if self.kind == "throttle":
            status, headers, content = _said(429, "rate_limited")
            return status, {**headers, "Retry-After": str(self.retry_after)}, content
        if self.kind == "silence":
            time.sleep(self.seconds)
            # The server drops a connection that breaks, and does not answer.
            raise ConnectionAbortedError
        return _said(500, "rollup_error") if self.kind == "error" else _said(404, "no_service")


class Slack:
    """The webhook, what it received, and what it was told to do."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._received: list[dict[str, Any]] = []
        self._orders: list[Order] = []

    def reset(self) -> None:
        with self._lock:
            self._received.clear()
            self._orders.clear()

    def control(self, method: str, action: str, body: bytes) -> Response | None:
        """Answer a request to ``/_sandbox/slack``; None when there is no such thing."""
        if action.startswith("services/"):
            return self._post(action, body) if method == "POST" else _said(405, "")
        if (method, action) == ("GET", ""):
            return 200, {"Content-Type": "text/html; charset=utf-8"}, page(self.received()).encode()
        if (method, action) == ("GET", "messages"):
            return _json(self.received())
        if action == "orders" and method in ("GET", "POST", "DELETE"):
            order = Order(**json.loads(body)) if method == "POST" else None
            with self._lock:
                if method == "DELETE":
                    self._orders.clear()
                elif order:
                    self._orders.append(order)
                return _json([asdict(each) for each in self._orders])
        return None

    def received(self) -> list[dict[str, Any]]:
        """Every request, oldest first: ``time``, ``webhook``, ``status``, ``answer``, ``problems`` and ``message``."""
        with self._lock:
            return list(self._received)

    def _post(self, action: str, body: bytes) -> Response:
        entry: dict[str, Any] = {"time": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")}
        found = _SERVICE.fullmatch(action)
        entry["webhook"] = found.group(1) if found else ""
        message, word, problems = checked(body)
        order = self._next_order()
        try:
            if not found:
                response = _said(404, "no_service")
            elif order:
                response = order.answer()
            else:
                response = _said(400, word) if word else _said(200, "ok")
        except ConnectionAbortedError:
            response = (0, {}, b"")
        shown = problems if response[0] == 400 else []
        entry.update(status=response[0], answer=response[2].decode(), problems=shown, message=message)
        with self._lock:
            self._received.append(entry)
        if not response[0]:
            raise ConnectionAbortedError
        return response

    def _next_order(self) -> Order | None:
        with self._lock:
            if not self._orders:
                return None
            order = self._orders[0]
            order.times -= 1
            if not order.times:
                self._orders.pop(0)
            return order


def checked(body: bytes) -> tuple[Any, str, list[str]]:
    """A message, Slack's word for what is wrong with it, or "", and why in sentences."""
    try:
        message = json.loads(body)
    except ValueError:
        return None, "invalid_payload", ["The body is not JSON."]
    if not isinstance(message, dict):
        return message, "invalid_payload", ["The body is not an object."]
    if not isinstance(message.get("text", ""), str):
        return message, "invalid_payload", ["text is not a text."]
    blocks, attachments = message.get("blocks", []), message.get("attachments", [])
    if not message.get("text") and not blocks and not attachments:
        return message, "no_text", ["There is neither text, nor blocks, nor attachments."]
    if not isinstance(attachments, list):
        return message, "invalid_attachments", ["attachments is not a list."]
    if len(attachments) > ATTACHMENTS:
        return (
            message,
            "too_many_attachments",
            [f"There are {len(attachments)} attachments, the limit is {ATTACHMENTS}."],
        )
    problems = Checker().blocks("blocks", blocks, BLOCKS)
    if problems:
        return message, "invalid_blocks", problems
    for number, attachment in enumerate(attachments):
        problems += _attachment(f"attachments[{number}]", attachment)
    if problems:
        return message, "invalid_attachments", problems
    every = [*blocks, *(block for attachment in attachments for block in attachment.get("blocks", []))]
    if len(every) > BLOCKS:
        return message, "invalid_blocks", [f"There are {len(every)} blocks in all, the limit is {BLOCKS}."]
    length = len(json.dumps(every, ensure_ascii=False)) if every else 0
    if length > BLOCKS_CHARACTERS:
        return (
            message,
            "msg_blocks_too_long",
            [f"The blocks have {length} characters, {BLOCKS_CHARACTERS} are too many."],
        )
    return message, "", []


def _attachment(path: str, attachment: Any) -> list[str]:
    if not isinstance(attachment, dict):
        return [f"{path} is not an object."]
    color = attachment.get("color", "good")
    problems = []
    if not isinstance(color, str) or not re.fullmatch(r"good|warning|danger|#?[0-9a-fA-F]{6}", color):
        problems.append(f"{path}.color is {color!r}, and not a colour such as #36a64f.")
    if not any(attachment.get(name) for name in ("blocks", "text", "fallback", "title", "fields", "pretext")):
        problems.append(f"{path} says nothing.")
    return problems + Checker().blocks(f"{path}.blocks", attachment.get("blocks", []), BLOCKS_OF_AN_ATTACHMENT)


class Checker:
    """Holds blocks against the reference, and collects what is wrong."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._ids: set[str] = set()

    def blocks(self, path: str, blocks: Any, limit: int) -> list[str]:
        if self._counted(path, blocks, limit, least=0):
            for number, block in enumerate(blocks):
                self._block(f"{path}[{number}]", block)
        return self.problems

    def _block(self, path: str, block: Any) -> None:
        kind = block.get("type") if isinstance(block, dict) else None
        if not isinstance(kind, str):
            self.problems.append(f"{path} is not a block with a type.")
            return
        name = block.get("block_id")
        if name is not None:
            if not isinstance(name, str) or len(name) > BLOCK_ID_CHARACTERS:
                self.problems.append(f"{path}.block_id is not a text of up to {BLOCK_ID_CHARACTERS} characters.")
            elif name in self._ids:
                self.problems.append(f"{path}.block_id stands there twice.")
            else:
                self._ids.add(name)
        check = (
            getattr(self, f"_{kind}", None) if kind in ("header", "section", "context", "image", "actions") else None
        )
        if check:
            check(path, block)
        elif kind != "divider" and kind not in _OTHER_BLOCKS:
            self.problems.append(f"{path} has the type {kind!r}, which no message has.")

    def _header(self, path: str, block: dict[str, Any]) -> None:
        self._text(f"{path}.text", block.get("text"), HEADER_CHARACTERS, ("plain_text",))

    def _section(self, path: str, block: dict[str, Any]) -> None:
        if "text" not in block and "fields" not in block:
            self.problems.append(f"{path} has neither text nor fields.")
        if "text" in block:
            self._text(f"{path}.text", block["text"], TEXT_CHARACTERS)
        if "fields" in block and self._counted(f"{path}.fields", block["fields"], FIELDS):
            for number, field in enumerate(block["fields"]):
                self._text(f"{path}.fields[{number}]", field, FIELD_CHARACTERS)

    def _context(self, path: str, block: dict[str, Any]) -> None:
        if self._counted(f"{path}.elements", block.get("elements"), CONTEXT_ELEMENTS):
            for number, element in enumerate(block["elements"]):
                if isinstance(element, dict) and element.get("type") == "image":
                    self._image(f"{path}.elements[{number}]", element)
                else:
                    self._text(f"{path}.elements[{number}]", element, TEXT_CHARACTERS)

    def _image(self, path: str, block: dict[str, Any]) -> None:
        self._length(f"{path}.alt_text", block.get("alt_text"), 2000)
        if "slack_file" not in block:
            self._length(f"{path}.image_url", block.get("image_url"), 3000)

    def _actions(self, path: str, block: dict[str, Any]) -> None:
        self._counted(f"{path}.elements", block.get("elements"), ACTION_ELEMENTS)

    def _text(self, path: str, text: Any, limit: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> None:
        if not isinstance(text, dict) or text.get("type") not in kinds:
            self.problems.append(f"{path} is not a text object of the type {' or '.join(kinds)}.")
            return
        if "emoji" in text and text["type"] != "plain_text":
            self.problems.append(f"{path}.emoji is for plain_text alone.")
        if "verbatim" in text and text["type"] != "mrkdwn":
            self.problems.append(f"{path}.verbatim is for mrkdwn alone.")
        self._length(f"{path}.text", text.get("text"), limit)

    def _length(self, path: str, text: Any, limit: int) -> None:
        if not isinstance(text, str) or not text:
            self.problems.append(f"{path} is empty, or not a text.")
        elif len(text) > limit:
            self.problems.append(f"{path} has {len(text)} characters, the limit is {limit}.")

    def _counted(self, path: str, items: Any, limit: int, least: int = 1) -> bool:
        if not isinstance(items, list):
            self.problems.append(f"{path} is not a list.")
        elif not least <= len(items) <= limit:
            self.problems.append(f"{path} has {len(items)} items, the limit is {limit}.")
        else:
            return True
        return False


def _said(status: int, word: str) -> Response:
    return status, {"Content-Type": "text/plain; charset=utf-8"}, word.encode()


def _json(value: Any) -> Response:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()
