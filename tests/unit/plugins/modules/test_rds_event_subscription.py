# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import rds_event_subscription
from botocore.exceptions import ClientError

TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:operators"
DESCRIPTION = {
    "CustSubscriptionId": "example",
    "EventSubscriptionArn": "arn:aws:rds:ap-northeast-1:123456789012:es:example",
    "Status": "active",
    "SnsTopicArn": TOPIC,
    "SourceType": "db-cluster",
    "EventCategoriesList": ["failure", "failover"],
    "SourceIdsList": ["two", "one"],
    "Enabled": True,
}
STATE = rds_event_subscription.read(DESCRIPTION, {"a": "b"})


def test_read_what_was_written():
    assert {
        "subscription_name": "example",
        "arn": DESCRIPTION["EventSubscriptionArn"],
        "status": "active",
        "sns_topic_arn": TOPIC,
        "source_type": "db-cluster",
        "event_categories": ["failover", "failure"],
        "source_ids": ["one", "two"],
        "enabled": True,
        "tags": {"a": "b"},
    } == STATE
    assert rds_event_subscription.creation(STATE) == {
        "SnsTopicArn": TOPIC,
        "SourceType": "db-cluster",
        "EventCategories": ["failover", "failure"],
        "SourceIds": ["one", "two"],
        "Enabled": True,
        "Tags": [{"Key": "a", "Value": "b"}],
    }


def test_everything_is_left_unsaid():
    everything = {member: DESCRIPTION[member] for member in DESCRIPTION if "Source" not in member}
    state = rds_event_subscription.read({**everything, "EventCategoriesList": []}, {})
    assert (state["source_type"], state["event_categories"], state["source_ids"]) == ("", [], [])
    assert rds_event_subscription.creation(state) == {"SnsTopicArn": TOPIC, "Enabled": True, "Tags": []}


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({"enabled": False, "tags": {}}, {"Enabled": False}),
        (
            {"event_categories": ["deletion"]},
            {"EventCategories": ["deletion"], "SourceType": "db-cluster"},
        ),
        (
            {"source_type": "db-instance"},
            {"EventCategories": ["failover", "failure"], "SourceType": "db-instance"},
        ),
    ],
)
def test_categories_and_their_type_go_together(changes, arguments):
    assert rds_event_subscription.modification(STATE, changes) == arguments


@pytest.mark.parametrize(
    ("categories", "said"),
    [
        (["failover"], None),
        (["failovr"], "the type db-cluster has no category 'failovr'. Did you mean failover?"),
        (["x"], "the type db-cluster has no category 'x'. It has: failover, failure."),
    ],
)
def test_unknown_category(categories, said):
    state = {**STATE, "event_categories": categories}
    sentence = rds_event_subscription.unknown_category(state, ["failure", "failover"])
    assert sentence == (f"event_categories: {said}" if said else None)


class Rds:
    """RDS with one subscription; what is called is kept."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda **arguments: self.calls.append((name, arguments.get("SourceIdentifier")))

    def describe_event_categories(self, SourceType):
        return {"EventCategoriesMapList": [{"SourceType": SourceType, "EventCategories": ["failover", "failure"]}]}


def subscription(client=None, **given):
    options = dict.fromkeys(("sns_topic_arn", "source_type", "event_categories", "source_ids", "enabled", "tags"))
    params = {"subscription_name": "example", "purge_tags": True, "wait": False, "wait_timeout": 1}
    return rds_event_subscription.EventSubscription({**params, **options, **given}, client or Rds())


ADD, REMOVE = "add_source_identifier_to_subscription", "remove_source_identifier_from_subscription"


@pytest.mark.parametrize(
    ("changes", "calls"),
    [
        ({"source_ids": ["two", "three"]}, [(ADD, "three"), (REMOVE, "one")]),
        (
            {"source_ids": ["three"], "source_type": "db-instance"},
            [(REMOVE, "one"), (REMOVE, "two"), ("modify_event_subscription", None), (ADD, "three")],
        ),
    ],
)
def test_sources_are_exchanged_in_an_order(changes, calls):
    client = Rds()
    subscription(client).update(STATE, changes)
    assert client.calls == calls


def test_a_source_that_has_left_by_itself():
    class Emptied(Rds):
        def remove_source_identifier_from_subscription(self, **arguments):
            raise ClientError({"Error": {"Code": "SourceNotFound"}}, "RemoveSourceIdentifierFromSubscription")

    subscription(Emptied()).update(STATE, {"source_ids": ["two"]})


@pytest.mark.parametrize(
    ("current", "given", "said"),
    [
        ({}, {"enabled": False}, None),
        ({}, {"source_ids": ["TWO", "One"]}, None),
        ({"status": "deleting"}, {"enabled": False}, "is being deleted"),
        ({"sns_topic_arn": None}, {"enabled": False}, "A new event subscription needs sns_topic_arn"),
        ({"source_type": ""}, {"event_categories": ["failover"]}, "event_categories needs source_type"),
        (
            {"source_type": "", "event_categories": []},
            {"source_ids": ["x"]},
            "source_ids needs source_type",
        ),
        ({}, {"event_categories": []}, "cannot take the event categories of the subscription example back"),
        ({}, {"source_type": "db-instance"}, "The source_ids of the event subscription example (one, two) are of"),
        ({}, {"event_categories": ["failure", "Failove"]}, "Did you mean failover?"),
    ],
)
def test_refusal(current, given, said):
    resource = subscription(**given)
    current = {**STATE, **current}
    refusal = resource.refusal(current, resource.changes(current))
    assert refusal is None if said is None else said in refusal


@pytest.mark.parametrize("status", rds_event_subscription.SILENT)
def test_silence_is_explained(status):
    assert "The event subscription example tells nothing" in rds_event_subscription.silence({**STATE, "status": status})
    assert rds_event_subscription.silence(STATE) is None
    assert rds_event_subscription.silence(None) is None
