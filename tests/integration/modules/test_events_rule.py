# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import REGION, Story

TOPIC = f"arn:aws:sns:{REGION}:123456789012:example"
QUEUE = f"arn:aws:sqs:{REGION}:123456789012:example"
DEAD = f"arn:aws:sqs:{REGION}:123456789012:dead"
PATTERN = {"source": ["example.shop"], "detail": {"state": ["FAILED"], "amount": [{"numeric": [">", 5]}]}}
MADE = {
    "id": "queue",
    "arn": QUEUE,
    "input_transformer": {"input_paths_map": {"order": "$.detail.order"}, "input_template": '"<order> failed."'},
}


@pytest.fixture
def queues(sandbox):
    sqs = sandbox.client("sqs", REGION)
    for name in ("example", "dead"):
        policy = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": f"arn:aws:sqs:{REGION}:123456789012:{name}",
        }
        sqs.create_queue(
            QueueName=name, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": policy})}
        )
    return lambda name: [
        message["Body"]
        for message in sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"]).get("Messages", [])
    ]


def change_behind_its_back(sandbox):
    events = sandbox.client("events", REGION)
    events.disable_rule(Name="example")
    events.put_targets(Rule="example", Targets=[{"Id": "queue", "Arn": QUEUE}, {"Id": "other", "Arn": TOPIC}])


def test_story(modules):
    modules.tell(
        Story(
            module="events_rule",
            returns="rule",
            identity={"name": "example"},
            present={
                "description": "What failed in the shop",
                "event_pattern": PATTERN,
                "enabled": True,
                "targets": [{"id": "topic", "arn": TOPIC, "dead_letter_arn": DEAD}, MADE],
                "tags": {"Environment": "test", "Owner": "web"},
            },
            changes=(
                {"event_pattern": {"source": ["example.shop"]}, "tags": {"Environment": "changed"}},
                {"targets": [{**MADE, "retry_policy": {"maximum_retry_attempts": 3}}]},
                {"event_pattern": {}, "schedule_expression": "rate(5 minutes)"},
            ),
            drift=change_behind_its_back,
            unpredictable=frozenset({"arn"}),
        )
    )


def test_what_matches_is_passed_on_as_described(modules, sandbox, queues):
    targets = [MADE, {"id": "gone", "arn": f"{QUEUE}-missing", "dead_letter_arn": DEAD}]
    modules.run("events_rule", name="example", event_pattern=PATTERN, targets=targets)
    for amount in (3, 7):
        detail = json.dumps({"state": "FAILED", "amount": amount, "order": f"order-{amount}"})
        entry = {"Source": "example.shop", "DetailType": "Order", "Detail": detail}
        sandbox.client("events", REGION).put_events(Entries=[entry])
    sandbox.settle()
    assert queues("example") == ['"order-7 failed."']
    (undelivered,) = queues("dead")
    assert json.loads(undelivered)["detail"]["order"] == "order-7"


def test_on_a_bus_of_its_own(modules, sandbox):
    events = sandbox.client("events", REGION)
    bus = events.create_event_bus(Name="shop")["EventBusArn"]
    arguments = {"name": "example", "event_bus_name": bus, "event_pattern": PATTERN}
    created = modules.run("events_rule", **arguments, targets=[{"id": "topic", "arn": TOPIC}])
    assert created["rule"]["event_bus_name"] == "shop"
    modules.run("events_rule", **arguments, targets=[MADE], purge_targets=False)
    listed = events.list_targets_by_rule(Rule="example", EventBusName="shop")["Targets"]
    assert sorted(target["Id"] for target in listed) == ["queue", "topic"]
    assert events.list_rules()["Rules"] == []
    said = modules.attempt("events_rule", **arguments, schedule_expression="rate(1 day)")
    assert "bus default alone" in said["msg"]
    modules.run("events_rule", name="example", event_bus_name="shop", state="absent")
    assert events.list_rules(EventBusName="shop")["Rules"] == []
