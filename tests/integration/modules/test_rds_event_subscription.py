# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story, Teller

NAME = "example"


def create_topic(sandbox, name="operators"):
    return sandbox.client("sns", REGION).create_topic(Name=name)["TopicArn"]


def create_group(sandbox, name):
    sandbox.client("rds", REGION).create_db_parameter_group(
        DBParameterGroupName=name, DBParameterGroupFamily="mysql8.0", Description="Test"
    )


def describe(sandbox):
    rds = sandbox.client("rds", REGION)
    return rds.describe_event_subscriptions(SubscriptionName=NAME)["EventSubscriptionsList"][0]


def test_story(modules, sandbox):
    for name in ("one", "two", "three"):
        create_group(sandbox, name)

    def drift(sandbox):
        rds = sandbox.client("rds", REGION)
        rds.modify_event_subscription(SubscriptionName=NAME, Enabled=False)

    modules.tell(
        Story(
            module="rds_event_subscription",
            returns="event_subscription",
            identity={"subscription_name": NAME},
            present={
                "sns_topic_arn": create_topic(sandbox),
                "source_type": "db-parameter-group",
                "source_ids": ["Two", "one"],
                "enabled": True,
                "tags": {"Number": 1},
            },
            changes=(
                {"source_ids": ["two", "three"], "tags": {"Environment": "test"}},
                {"event_categories": ["configuration change"], "sns_topic_arn": create_topic(sandbox, "other")},
                {"source_type": "db-cluster", "source_ids": [], "event_categories": ["failure", "failover"]},
            ),
            drift=drift,
            unpredictable=frozenset({"arn"}),
        )
    )


def test_read_back(modules, sandbox):
    topic = create_topic(sandbox)
    everything = modules.run("rds_event_subscription", subscription_name=NAME, sns_topic_arn=topic)
    assert everything["event_subscription"]["source_type"] == ""
    found = describe(sandbox)
    assert (found["SnsTopicArn"], found["Enabled"], found["SourceIdsList"]) == (topic, True, [])
    modules.run("rds_event_subscription", subscription_name=NAME, source_type="db-cluster", enabled=False)
    found = describe(sandbox)
    assert (found["SourceType"], found["Enabled"], found["EventCategoriesList"]) == ("db-cluster", False, [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "needs sns_topic_arn"),
        ({"event_categories": ["failover"]}, "event_categories needs source_type"),
        ({"source_type": "db-cluster", "event_categories": ["failovr"]}, "Did you mean failover?"),
    ],
)
def test_refused(modules, sandbox, arguments, said):
    topic = create_topic(sandbox) if arguments else None
    answer = modules.attempt("rds_event_subscription", True, subscription_name=NAME, sns_topic_arn=topic, **arguments)
    assert said in answer["msg"]


def test_it_takes_its_time(sandbox):
    modules = Teller(sandbox, hurry=60)
    arguments = {"subscription_name": NAME, "sns_topic_arn": create_topic(sandbox)}
    created = modules.run("rds_event_subscription", **arguments, wait=False)
    assert created["event_subscription"]["status"] == "creating"
    changed = modules.run("rds_event_subscription", **arguments, enabled=False)
    assert changed["event_subscription"]["status"] == "active"
    modules.run("rds_event_subscription", subscription_name=NAME, state="absent", wait=False)
    assert "is being deleted" in modules.attempt("rds_event_subscription", **arguments, enabled=True)["msg"]
    modules.run("rds_event_subscription", subscription_name=NAME, state="absent")
    assert sandbox.client("rds", REGION).describe_event_subscriptions()["EventSubscriptionsList"] == []
