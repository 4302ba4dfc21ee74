# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""RDS: event subscriptions."""

import pytest

NAME = {"SubscriptionName": "example"}


@pytest.fixture
def rds(client):
    return client("rds")


@pytest.fixture
def topic(client):
    return client("sns").create_topic(Name="operators")["TopicArn"]


@pytest.fixture
def describe(rds):
    return lambda: rds.describe_event_subscriptions(**NAME)["EventSubscriptionsList"][0]


def create_group(rds, name):
    rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily="mysql8.0", Description="Test")


def test_a_new_subscription_tells_everything(client, rds, topic, describe):
    created = rds.create_event_subscription(**NAME, SnsTopicArn=topic)["EventSubscription"]
    assert created["EventSubscriptionArn"].endswith(":es:example")
    found = describe()
    assert found["CustomerAwsId"] == client.account
    assert found["SubscriptionCreationTime"]
    assert (found["Status"], found["Enabled"], found["SourceIdsList"]) == ("active", True, [])
    assert "SourceType" not in found


def test_what_is_not_there_is_refused(rds, topic, refused):
    with refused("SNSTopicArnNotFound"):
        rds.create_event_subscription(**NAME, SnsTopicArn=f"{topic}-not")
    with refused("SourceNotFound"):
        rds.create_event_subscription(**NAME, SnsTopicArn=topic, SourceType="db-parameter-group", SourceIds=["example"])
    with refused("SubscriptionCategoryNotFound"):
        rds.create_event_subscription(
            **NAME, SnsTopicArn=topic, SourceType="db-cluster", EventCategories=["low storage"]
        )
    for arguments in ({"EventCategories": ["creation"]}, {"SourceIds": ["example"]}):
        with refused("InvalidParameterCombination"):
            rds.create_event_subscription(**NAME, SnsTopicArn=topic, **arguments)
    with refused("SubscriptionNotFound"):
        rds.modify_event_subscription(**NAME, Enabled=False)


def test_changes(client, rds, topic, describe, refused):
    create_group(rds, "one")
    create_group(rds, "two")
    groups = {"SourceType": "db-parameter-group", "SourceIds": ["one"]}
    rds.create_event_subscription(**NAME, SnsTopicArn=topic, **groups, Enabled=False)
    rds.add_source_identifier_to_subscription(**NAME, SourceIdentifier="two")
    rds.remove_source_identifier_from_subscription(**NAME, SourceIdentifier="one")
    assert describe()["SourceIdsList"] == ["two"]
    for call in (rds.add_source_identifier_to_subscription, rds.remove_source_identifier_from_subscription):
        with refused("SourceNotFound"):
            call(**NAME, SourceIdentifier="three")
    with refused("InvalidParameterCombination"):
        rds.modify_event_subscription(**NAME, EventCategories=["configuration change"])
    other = client("sns").create_topic(Name="other")["TopicArn"]
    rds.modify_event_subscription(
        **NAME,
        SnsTopicArn=other,
        SourceType="db-parameter-group",
        EventCategories=["configuration change"],
        Enabled=True,
    )
    found = describe()
    assert (found["SnsTopicArn"], found["EventCategoriesList"], found["Enabled"]) == (
        other,
        ["configuration change"],
        True,
    )


def test_categories(rds, refused):
    listed = rds.describe_event_categories(SourceType="db-cluster-snapshot")["EventCategoriesMapList"]
    assert [(entry["SourceType"], sorted(entry["EventCategories"])) for entry in listed] == [
        ("db-cluster-snapshot", ["backup", "notification"])
    ]
    assert len(rds.describe_event_categories()["EventCategoriesMapList"]) == 9
    with refused("InvalidParameterValue"):
        rds.describe_event_categories(SourceType="castle")
