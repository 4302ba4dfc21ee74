# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""RDS: event subscriptions, which moto can create and delete, but neither change nor check.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateEventSubscription.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.moto_api._internal import mock_random
from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue
from moto.rds.models import EventSubscription, RDSBackend
from moto.sns import sns_backends

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import Request, mend, operation

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html and its like for Aurora; what
# `aws rds describe-event-categories` answers in the examples of the AWS CLI is older, and less. Of zero-etl no page was
# at hand.
CATEGORIES = {
    "blue-green-deployment": ("creation", "deletion", "failure", "notification"),
    "custom-engine-version": ("failure",),
    "db-cluster": (
        "configuration change",
        "creation",
        "deletion",
        "failover",
        "failure",
        "global failover",
        "maintenance",
        "notification",
    ),
    "db-cluster-snapshot": ("backup", "notification"),
    "db-instance": (
        "availability",
        "backtrack",
        "backup",
        "configuration change",
        "creation",
        "deletion",
        "failover",
        "failure",
        "low storage",
        "maintenance",
        "notification",
        "read replica",
        "recovery",
        "restoration",
        "security",
        "security patching",
    ),
    "db-parameter-group": ("configuration change",),
    "db-proxy": ("configuration change", "creation", "deletion", "failure"),
    "db-security-group": ("configuration change", "failure"),
    "db-snapshot": ("creation", "deletion", "notification", "restoration"),
}

# Where moto keeps the sources of a type; a subscription to parameter groups is to either kind of them.
_SOURCES = {
    "db-cluster": ("clusters",),
    "db-cluster-snapshot": ("cluster_snapshots",),
    "db-instance": ("databases",),
    "db-parameter-group": ("db_parameter_groups", "db_cluster_parameter_groups"),
    "db-proxy": ("db_proxies",),
    "db-security-group": ("security_groups",),
    "db-snapshot": ("database_snapshots",),
}


def _check(
    backend: RDSBackend, source_type: str | None, categories: list[str], sources: list[str], topic: str | None
) -> None:
    if topic and topic not in sns_backends[backend.account_id][backend.region_name].topics:
        raise ServiceError("SNSTopicArnNotFound", f"SNS topic {topic} does not exist.")
    if source_type and source_type not in CATEGORIES:
        raise InvalidParameterValue(f"The source type {source_type} is not valid.")
    # The words of AWS: https://github.com/hashicorp/terraform-provider-aws/issues/1817
    if not source_type and categories:
        raise InvalidParameterCombination("If SourceType is null, Categories must also be null.")
    if not source_type and sources:
        raise InvalidParameterCombination("If SourceType is null, SourceIds must also be null.")
    for category in categories:
        if category not in CATEGORIES[source_type]:
            raise ServiceError("SubscriptionCategoryNotFound", f"The source type {source_type} has no {category}.")
    for source in sources:
        _check_source(backend, source_type, source)


def _check_source(backend: RDSBackend, source_type: str, source: str) -> None:
    if not any(source in getattr(backend, collection) for collection in _SOURCES.get(source_type, ())):
        raise ServiceError("SourceNotFound", f"Could not find source: {source}")


def _subscription(request: Request) -> EventSubscription:
    name = request.params["SubscriptionName"]
    subscription = request.backend.event_subscriptions.get(name)
    if subscription is None:
        raise ServiceError("SubscriptionNotFound", f"Event Subscription {name} not found.")
    return subscription


@mend(RDSBackend, "create_event_subscription")
def create_event_subscription(original: Callable, self: RDSBackend, kwargs: Any) -> EventSubscription:
    """A subscription is on unless it is told otherwise, and takes only what exists."""
    _check(
        self,
        kwargs.get("source_type"),
        kwargs.get("event_categories") or [],
        kwargs.get("source_ids") or [],
        kwargs["sns_topic_arn"],
    )
    subscription = original(self, kwargs)
    subscription.enabled = kwargs.get("enabled", True)
    subscription.customer_aws_id = self.account_id
    subscription.subscription_creation_time = f"{subscription.created_at:%Y-%m-%d %H:%M:%S.%f}"[:-3]
    CLOCK.turn(subscription, "status", "creating", "active", "event_subscription.creation")
    return subscription


@mend(RDSBackend, "delete_event_subscription")
def delete_event_subscription(original: Callable, self: RDSBackend, subscription_name: str) -> EventSubscription:
    known = self.event_subscriptions.get(subscription_name)
    if known and known.status in ("creating", "modifying", "deleting"):
        raise ServiceError("InvalidEventSubscriptionState", f"The event subscription is {known.status}.")
    subscription = original(self, subscription_name)
    subscription.status = "deleting"
    CLOCK.linger(self.event_subscriptions, subscription_name, subscription, "event_subscription.deletion")
    return subscription


@operation("rds", "ModifyEventSubscription")
def modify_event_subscription(request: Request) -> dict[str, Any]:
    """What is not given stays; categories are not given without their type."""
    subscription, params = _subscription(request), request.params
    source_type = params.get("SourceType")
    categories = params.get("EventCategories") or []
    _check(request.backend, source_type, categories, [], params.get("SnsTopicArn"))
    if source_type:
        subscription.source_type = source_type
    if categories:
        subscription.event_categories = categories
    if params.get("SnsTopicArn"):
        subscription.sns_topic_arn = params["SnsTopicArn"]
    if "Enabled" in params:
        subscription.enabled = params["Enabled"]
    CLOCK.turn(subscription, "status", "modifying", "active", "event_subscription.modification")
    return {"EventSubscription": _answer(subscription)}


@operation("rds", "AddSourceIdentifierToSubscription")
def add_source_identifier_to_subscription(request: Request) -> dict[str, Any]:
    subscription, source = _subscription(request), request.params["SourceIdentifier"]
    _check_source(request.backend, subscription.source_type, source)
    if source not in subscription.source_ids:
        subscription.source_ids = [*subscription.source_ids, source]
    CLOCK.turn(subscription, "status", "modifying", "active", "event_subscription.modification")
    return {"EventSubscription": _answer(subscription)}


@operation("rds", "RemoveSourceIdentifierFromSubscription")
def remove_source_identifier_from_subscription(request: Request) -> dict[str, Any]:
    subscription, source = _subscription(request), request.params["SourceIdentifier"]
    if source not in subscription.source_ids:
        raise ServiceError("SourceNotFound", f"Could not find source: {source}")
    subscription.source_ids = [known for known in subscription.source_ids if known != source]
    CLOCK.turn(subscription, "status", "modifying", "active", "event_subscription.modification")
    return {"EventSubscription": _answer(subscription)}


@operation("rds", "DescribeEventCategories")
def describe_event_categories(request: Request) -> dict[str, Any]:
    """The categories of a type, or of all, in no order that one could rely on."""
    wanted = request.params.get("SourceType")
    if wanted and wanted not in CATEGORIES:
        raise InvalidParameterValue(f"The source type {wanted} is not valid.")
    listed = [
        {"SourceType": source_type, "EventCategories": mock_random.sample(categories, len(categories))}
        for source_type, categories in CATEGORIES.items()
        if wanted in (None, source_type)
    ]
    return {"EventCategoriesMapList": listed}


def _answer(subscription: EventSubscription) -> dict[str, Any]:
    return {
        "CustomerAwsId": subscription.customer_aws_id,
        "CustSubscriptionId": subscription.subscription_name,
        "SnsTopicArn": subscription.sns_topic_arn,
        "Status": subscription.status,
        "SubscriptionCreationTime": subscription.subscription_creation_time,
        "SourceType": subscription.source_type,
        "SourceIdsList": subscription.source_ids,
        "EventCategoriesList": subscription.event_categories,
        "Enabled": subscription.enabled,
        "EventSubscriptionArn": subscription.arn,
    }
