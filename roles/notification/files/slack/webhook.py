# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The webhook's URL, which is a secret, and a POST to it.

Who has the URL can post: it stands in no log, no exception, and no answer. urllib's errors may carry it, so that they
are turned into our own outside of the block that caught them, where Python would chain them.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
"""

from __future__ import annotations

import http.client
import json
import random
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

ATTEMPT_SECONDS = 10.0
# What a call keeps for itself, to say that it failed.
RESERVE_SECONDS = 2.0
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0


class NotDelivered(Exception):
    """Slack did not take a message; the text says why, and never to which URL."""


class Refused(NotDelivered):
    """Slack answered that it will not take it; `gone` means that the webhook itself is the reason."""

    def __init__(self, text: str, gone: bool):
        super().__init__(text)
        self.gone = gone


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows nobody: a redirect would take the message elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Webhook:
    """The incoming webhook; its URL is read when it is first needed, and kept."""

    def __init__(
        self,
        environment: Mapping[str, str],
        client: Callable[[str], Any],
        opener: Any = None,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._environment = environment
        self._client = client
        self._opener = opener or urllib.request.build_opener(_Stays)
        self._sleep = sleep
        self._url = ""

    def post(self, message: dict[str, Any], remaining: Callable[[], float]) -> int:
        """Deliver a message within the seconds that remain; the number of attempts, or NotDelivered."""
        cached = bool(self._url)
        try:
            return self._post(message, remaining)
        except Refused as error:
            if not error.gone:
                raise
            # Perhaps it was replaced since it was read. If not, the next call looks again.
            old, self._url = self._url, ""
            new = self._read() if cached else old
            if new == old:
                raise
        self._url = new
        return self._post(message, remaining)

    def _post(self, message: dict[str, Any], remaining: Callable[[], float]) -> int:
        self._url = self._url or self._read()
        data = json.dumps(message, ensure_ascii=False).encode()
        attempt = untold = 0
        while True:
            attempt += 1
            seconds = remaining() - RESERVE_SECONDS
            if seconds <= 0:
                raise NotDelivered("No time was left to send it.")
            status, headers, said = self._send(data, min(ATTEMPT_SECONDS, seconds))
            if 200 <= status < 300:
                return attempt
            if status and status != 429 and status < 500:
                # 404 is no_service and its like, 403 invalid_token, 410 channel_is_archived.
                raise Refused(f"Slack refused it: HTTP {status} {said}".rstrip(), gone=status in (403, 404, 410))
            wait = _asked(headers)
            if wait is None:
                untold += 1
                wait = _backoff(untold)
            if remaining() - RESERVE_SECONDS <= wait:
                reason = f"HTTP {status} {said}".rstrip() if status else said
                raise NotDelivered(f"Slack did not take it in {attempt} attempts: {reason}")
            self._sleep(wait)

    def _send(self, data: bytes, timeout: float) -> tuple[int, Any, str]:
        """One attempt: status, headers, and Slack's word; status 0 and what went wrong when there was no answer."""
        request = urllib.request.Request(self._url, data, {"Content-Type": "application/json; charset=utf-8"})
        try:
            with self._opener.open(request, timeout=timeout) as answer:
                return answer.status, answer.headers, self._clean(answer.read(200))
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, self._clean(_body(error))
        except urllib.error.URLError as error:
            kind = type(error.reason).__name__ if isinstance(error.reason, Exception) else "no connection"
            return 0, {}, kind
        except (OSError, http.client.HTTPException) as error:
            return 0, {}, type(error).__name__

    def _clean(self, body: bytes) -> str:
        """Slack's word, such as invalid_payload. An answer of anything else may repeat the URL."""
        text = body.decode("utf-8", "replace").strip()
        return text if re.fullmatch(r"[a-z0-9_]{1,60}", text) and text not in self._url else ""

    def _read(self) -> str:
        """The URL from where the environment says."""
        parameter = self._environment.get("WEBHOOK_PARAMETER", "")
        secret = self._environment.get("WEBHOOK_SECRET", "")
        if bool(parameter) == bool(secret):
            raise NotDelivered("Set either WEBHOOK_PARAMETER or WEBHOOK_SECRET.")
        if parameter:
            answer = self._client("ssm").get_parameter(Name=parameter, WithDecryption=True)
            value = answer["Parameter"]["Value"]
        else:
            value = self._client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        url = _url_in(value)
        if not url:
            raise NotDelivered(f"What {parameter or secret} holds is not the URL of a webhook.")
        return url


def _url_in(value: str) -> str:
    """The URL, alone or as the member ``url`` of JSON; "" when it is none that may be opened."""
    value = value.strip()
    if value.startswith("{"):
        try:
            value = str(json.loads(value).get("url", "")).strip()
        except ValueError:
            return ""
    # Without TLS only on this machine, where the tests are.
    return value if re.fullmatch(r"https://[!-~]+|http://127\.0\.0\.1(:\d+)?/[!-~]+", value) else ""


def _body(error: urllib.error.HTTPError) -> bytes:
    try:
        return error.read(200)
    except (OSError, http.client.HTTPException):
        return b""


def _asked(headers: Any) -> float | None:
    """Seconds until the next attempt, as Retry-After says them, or the date; None when it does not."""
    asked = (headers.get("Retry-After") or "").strip()
    if asked.isdigit():
        return float(asked)
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time()) if asked else None
    except (ValueError, TypeError):
        return None


def _backoff(times: int) -> float:
    """Seconds until the next attempt: twice as long each time, a little at random."""
    return min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (times - 1)) * random.uniform(0.75, 1.0)
