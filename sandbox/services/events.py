# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EventBridge: rules deliver to topics, queues, functions and buses that let them.

What cannot be delivered goes to the target's dead-letter queue at once: the reasons that there are here, no right and
no such resource, are those for which AWS does not try again, so that a RetryPolicy has nothing to do.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import functools
import json
import re
import uuid
from collections.abc import Callable
from typing import Any

from moto.events.models import UNDEFINED, EventPattern, EventsBackend, Rule, events_backends

from sandbox import policies
from sandbox.delivery import Message, Sender, Undelivered, send, takes, target
from sandbox.operations import mend

_VARIABLE = re.compile(r"<([^<>]+)>")
_STEP = re.compile(r"\.([\w/-]+|\*)|\[(\d+|\*)\]|\['([^']*)'\]")


# What AWS's services raise


def emit(account: str, region: str, event: dict[str, Any], bus: str = "default") -> list[str]:
    """Put an event on a bus as a service does; the names of the rules that match it."""
    now = datetime.datetime.now(datetime.UTC)
    whole = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "account": account,
        "time": now.timestamp(),
        "region": region,
        "resources": [],
        **event,
        "ingestion-time": now.timestamp(),
    }
    rules = events_backends[account][region].event_buses[bus].rules.values()
    return [rule.name for rule in rules if rule.send_to_targets(whole)]


@target("events")
def emit_for(sender: Sender, arn: str, message: Message) -> None:
    """A bus gets the event that the message is, if it is the sender's own, or its policy lets the sender's account."""
    _, partition, _, region, account, resource = arn.split(":")
    bus = events_backends[account][region].event_buses.get(resource.partition("/")[2])
    if bus is None:
        raise Undelivered("NO_RESOURCE", f"There is no event bus {arn}.")
    root = f"arn:{partition}:iam::{sender.account}:root"
    if sender.account != account and not policies.allows(bus.policy, root, "events:PutEvents", arn, {}):
        raise Undelivered("NO_PERMISSIONS", f"The policy of {arn} does not let {sender.account} put events there.")
    emit(account, region, json.loads(message.text), bus.name)


@mend(EventsBackend, "put_events")
def put_events(original: Callable, self: EventsBackend, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Only AWS's services are sources whose name begins with aws and a dot."""
    refused = {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    return [
        refused if str(event.get("Source", "")).startswith("aws.") else original(self, [event])[0] for event in events
    ]


# Matching


@mend(EventPattern, "matches_event")
def matches_event(original: Callable, self: EventPattern, event: dict[str, Any]) -> bool:
    """Of a list of objects, one has to match; a rule without a pattern, which has a schedule, matches nothing.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pattern-arrays.html
    """
    pattern = self.get_pattern()
    return bool(pattern) and _matches(self, pattern, json.loads(json.dumps(event)))


def _matches(matcher: EventPattern, pattern: dict[str, Any], value: Any) -> bool:
    if isinstance(value, list):
        return any(_matches(matcher, pattern, each) for each in value)
    known = value if isinstance(value, dict) else {}
    return all(_matches_member(matcher, known, name, wanted) for name, wanted in pattern.items())


def _matches_member(matcher: EventPattern, known: dict[str, Any], name: str, wanted: Any) -> bool:
    if name == "$or":
        return any(_matches(matcher, choice, known) for choice in wanted)
    if isinstance(wanted, dict):
        return _matches(matcher, wanted, known.get(name, {}))
    return matcher._does_item_match_filters(known.get(name, UNDEFINED), wanted)


# Delivering


@mend(Rule, "send_to_targets")
def send_to_targets(original: Callable, self: Rule, event: dict[str, Any], transform_input: bool = True) -> bool:
    """Whether the rule is on and matches; logs, archives and API destinations are left to moto."""
    if self.state == "DISABLED" or not self.event_pattern.matches_event(_as_sent(event)):
        return False
    others = copy.copy(self)
    others.targets = [each for each in self.targets if not _is_ours(each)]
    # moto does so for any other kind of target.
    with contextlib.suppress(NotImplementedError):
        original(others, event, transform_input)
    sender = Sender(arn=self.arn, account=self.account_id, service="events.amazonaws.com")
    whole = json.dumps(_as_sent(event))
    for each in filter(_is_ours, self.targets):
        text = _input(self, each, event)
        message = Message(text, group=each.get("SqsParameters", {}).get("MessageGroupId"))
        dead = each.get("DeadLetterConfig", {}).get("Arn")
        send(
            sender,
            each["Arn"],
            message,
            functools.partial(_dead_letter, self, each["Arn"], dead, whole) if dead else None,
        )
    return True


def _is_ours(each: dict[str, Any]) -> bool:
    arn = each["Arn"]
    return takes(arn) and (":events:" not in arn or ":event-bus/" in arn)


def _as_sent(event: dict[str, Any]) -> dict[str, Any]:
    """The event as its targets get it."""
    members = {name: value for name, value in event.items() if name != "ingestion-time"}
    return {**members, "time": _time(event["time"])}


def _time(value: Any) -> str:
    if isinstance(value, int | float):
        value = datetime.datetime.fromtimestamp(value, datetime.UTC)
    return value if isinstance(value, str) else f"{value:%Y-%m-%dT%H:%M:%SZ}"


def _dead_letter(rule: Rule, arn: str, queue: str, event: str, undelivered: Undelivered) -> tuple[str, Message]:
    attributes = {
        "RULE_ARN": ("String", rule.arn),
        "TARGET_ARN": ("String", arn),
        "ERROR_CODE": ("String", undelivered.code),
        "ERROR_MESSAGE": ("String", str(undelivered)),
    }
    return queue, Message(event, None, attributes)


# Input. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html


def _input(rule: Rule, each: dict[str, Any], event: dict[str, Any]) -> str:
    """What a target gets: the event, a part of it, something made of it, or something else."""
    sent = _as_sent(event)
    if each.get("Input"):
        return each["Input"]
    if each.get("InputPath"):
        return json.dumps(at_path(sent, each["InputPath"]))
    transformer = each.get("InputTransformer")
    if not transformer:
        return json.dumps(sent)
    values = {name: at_path(sent, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    values["aws.events.rule-arn"] = rule.arn
    values["aws.events.rule-name"] = rule.name
    values["aws.events.event"] = {name: value for name, value in sent.items() if name != "detail"}
    values["aws.events.event.json"] = sent
    values["aws.events.event.ingestion-time"] = _time(event["ingestion-time"])
    return transformed(transformer["InputTemplate"], values)


def at_path(value: Any, path: str) -> Any:
    """What is at a JSON path; None where there is nothing."""
    found, several = [value], False
    for name, index, quoted in _STEP.findall(path.removeprefix("$")):
        several = several or "*" in (name, index)
        found = [below for each in found for below in _below(each, name or quoted, index)]
    return found if several else next(iter(found), None)


def _below(value: Any, name: str, index: str) -> list[Any]:
    if "*" in (name, index):
        return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if index:
        return value[int(index) : int(index) + 1] if isinstance(value, list) else []
    return [value[name]] if isinstance(value, dict) and name in value else []


def transformed(template: str, values: dict[str, Any]) -> str:
    """Fill in the variables: as JSON, or within a quoted string as text; one that found nothing is empty."""

    def fill(match: re.Match[str]) -> str:
        if match.group(1) not in values:
            return match.group()
        value = values[match.group(1)]
        before = template[: match.start()]
        quoted = len(re.findall(r'(?<!\\)"', before)) % 2 == 1
        if value is None:
            return "" if quoted else '""'
        if not quoted:
            return json.dumps(value)
        return json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]

    return _VARIABLE.sub(fill, template)
