# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What was said already: in a DynamoDB table, which all containers share, or in this container alone.

An item has a ``key``, a ``state``, an ``owner`` (the record that claimed it), a ``phase`` (``sending`` or ``sent``),
and ``until``, the second it counts to; DynamoDB takes it away some time after that, so that the time is looked at, too.
"""

from __future__ import annotations

import hashlib
from typing import Any

SENDING, SENT = "sending", "sent"


class Memory:
    """In this container alone: enough for a single one, and for tests."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, Any]] = {}

    def claim(self, key: str, state: str, owner: str, until: int, now: int) -> bool:
        """Take a notice for sending; False when it was said in this state, or another record is about to say it."""
        self._items = {name: each for name, each in self._items.items() if each["until"] > now}
        item = self._items.get(key)
        known = item and item["state"] == state
        if known and not (item["owner"] == owner and item["phase"] == SENDING):
            return False
        self._items[key] = {"state": state, "owner": owner, "phase": SENDING, "until": until}
        return True

    def keep(self, key: str, owner: str, until: int) -> None:
        """The notice was sent: remember it, unless another record has claimed it for a newer state."""
        item = self._items.get(key)
        if item and item["owner"] == owner:
            item.update(phase=SENT, until=until)

    def release(self, key: str, owner: str) -> None:
        """The notice was not sent: the claim is taken back."""
        item = self._items.get(key)
        if item and item["owner"] == owner and item["phase"] == SENDING:
            del self._items[key]

    def note(self, key: str, until: int) -> None:
        """Remember a thing."""
        self._items[key] = {"until": until}

    def noted(self, key: str, now: int) -> bool:
        """Whether a thing is remembered."""
        return key in self._items and self._items[key]["until"] > now

    def count(self, key: str, until: int) -> int:
        """Count one more of a thing, and say how many there are."""
        item = self._items.setdefault(key, {"count": 0, "until": until})
        item["count"] += 1
        return item["count"]


class Table:
    """In a DynamoDB table. `Memory` says what each function means."""

    def __init__(self, client: Any, name: str):
        self._client = client
        self._name = name

    def claim(self, key: str, state: str, owner: str, until: int, now: int) -> bool:
        condition = (
            "attribute_not_exists(#key) OR #until <= :now OR #state <> :state OR (#owner = :owner AND #phase = :phase)"
        )
        item = {
            "key": _text(_name(key)),
            "state": _text(state),
            "owner": _text(owner),
            "phase": _text(SENDING),
            "until": _number(until),
        }
        values = {
            ":now": _number(now),
            ":state": _text(state),
            ":owner": _text(owner),
            ":phase": _text(SENDING),
        }
        return self._conditional(
            self._client.put_item,
            Item=item,
            ConditionExpression=condition,
            ExpressionAttributeNames={f"#{name}": name for name in ("key", "until", "state", "owner", "phase")},
            ExpressionAttributeValues=values,
        )

    def keep(self, key: str, owner: str, until: int) -> None:
        self._conditional(
            self._client.update_item,
            Key={"key": _text(_name(key))},
            UpdateExpression="SET #phase = :phase, #until = :until",
            ConditionExpression="#owner = :owner",
            ExpressionAttributeNames={f"#{name}": name for name in ("phase", "until", "owner")},
            ExpressionAttributeValues={":phase": _text(SENT), ":until": _number(until), ":owner": _text(owner)},
        )

    def release(self, key: str, owner: str) -> None:
        self._conditional(
            self._client.delete_item,
            Key={"key": _text(_name(key))},
            ConditionExpression="#owner = :owner AND #phase = :phase",
            ExpressionAttributeNames={f"#{name}": name for name in ("owner", "phase")},
            ExpressionAttributeValues={":owner": _text(owner), ":phase": _text(SENDING)},
        )

    def note(self, key: str, until: int) -> None:
        self._client.put_item(TableName=self._name, Item={"key": _text(_name(key)), "until": _number(until)})

    def noted(self, key: str, now: int) -> bool:
        answer = self._client.get_item(TableName=self._name, Key={"key": _text(_name(key))}, ConsistentRead=True)
        return int(answer.get("Item", {}).get("until", {"N": "0"})["N"]) > now

    def count(self, key: str, until: int) -> int:
        answer = self._client.update_item(
            TableName=self._name,
            Key={"key": _text(_name(key))},
            UpdateExpression="ADD #count :one SET #until = :until",
            ExpressionAttributeNames={"#count": "count", "#until": "until"},
            ExpressionAttributeValues={":one": _number(1), ":until": _number(until)},
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"]["count"]["N"])

    def _conditional(self, call: Any, **parameters: Any) -> bool:
        try:
            call(TableName=self._name, **parameters)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _name(key: str) -> str:
    """A key of no more than DynamoDB takes (2048 bytes), and still to be read; a long one ends with its hash."""
    if len(key.encode()) <= 1000:
        return key
    return f"{key[:200]} {hashlib.sha256(key.encode()).hexdigest()}"


def _text(value: str) -> dict[str, str]:
    return {"S": value}


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}
