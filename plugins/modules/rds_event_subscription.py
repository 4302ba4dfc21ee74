#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rds_event_subscription
version_added: "0.1.0"
short_description: Manage a subscription to the events of Amazon RDS and Aurora
description:
  - Creates, changes and deletes an event subscription, by which RDS tells an SNS topic what happens to instances,
    clusters, snapshots, parameter groups and proxies.
  - Follows U(https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  subscription_name:
    description:
      - The subscription's name, unique in the region.
    type: str
    required: true
    aliases: [name]
  state:
    description:
      - V(present) makes the subscription exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  sns_topic_arn:
    description:
      - ARN of the topic that is told, not a FIFO topic. Required for a new subscription.
      - The topic's policy must let V(events.rds.amazonaws.com) publish, and so must the policy of the KMS key of an
        encrypted topic. What RDS is not yet allowed is tried again for half a minute.
    type: str
  source_type:
    description:
      - The kind of resource whose events are told; a new subscription without it tells the events of all kinds.
      - It can be changed, but not be taken away again.
    type: str
    choices:
      - blue-green-deployment
      - custom-engine-version
      - db-cluster
      - db-cluster-snapshot
      - db-instance
      - db-parameter-group
      - db-proxy
      - db-security-group
      - db-snapshot
      - zero-etl
  event_categories:
    description:
      - The categories of events that are told, such as V(failover); a new subscription without them tells those of all
        categories. Stated whole.
      - Each kind of resource has categories of its own, so that a O(source_type) is needed.
        C(aws rds describe-event-categories) lists them.
      - AWS has no way back from some categories to all of them but to delete the subscription and create it anew, or to
        name all.
    type: list
    elements: str
  source_ids:
    description:
      - The names of the resources, all of the O(source_type), whose events are told; an empty list for those of all
        resources of that kind. Stated whole.
      - They must exist. What is deleted afterwards leaves the subscription by itself.
    type: list
    elements: str
  enabled:
    description:
      - Whether events are told at present; of a new subscription V(true).
    type: bool
  wait:
    description:
      - Whether to wait until the subscription is active, changed, or gone.
      - One that is still being created or changed is waited for in any case before it is changed or deleted.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most, each time.
    type: int
    default: 600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Tell the operators when a cluster fails over or fails
  wellarchitected.aws.rds_event_subscription:
    subscription_name: example-clusters
    sns_topic_arn: arn:aws:sns:ap-northeast-1:123456789012:example-operators
    source_type: db-cluster
    event_categories: [failover, failure, maintenance, notification]
    tags:
      Environment: production

- name: Tell them of everything that happens to two instances
  wellarchitected.aws.rds_event_subscription:
    subscription_name: example-instances
    sns_topic_arn: arn:aws:sns:ap-northeast-1:123456789012:example-operators
    source_type: db-instance
    source_ids: [example-1, example-2]

- name: Be quiet during maintenance
  wellarchitected.aws.rds_event_subscription:
    subscription_name: example-clusters
    enabled: false

- name: Delete the subscription
  wellarchitected.aws.rds_event_subscription:
    subscription_name: example-clusters
    state: absent
"""

RETURN = r"""
event_subscription:
  description: The subscription as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    subscription_name:
      description: Its name.
      type: str
      sample: example-clusters
    arn:
      description: Its ARN; in check mode without a value for a subscription that would be created.
      type: str
      sample: arn:aws:rds:ap-northeast-1:123456789012:es:example-clusters
    status:
      description:
        - V(active), V(creating), V(modifying) or V(deleting).
        - V(no-permission), V(topic-not-exist) or V(all-sources-deleted) when nothing is told any more; a warning says
          so, too.
      type: str
      sample: active
    sns_topic_arn:
      description: ARN of the topic.
      type: str
      sample: arn:aws:sns:ap-northeast-1:123456789012:example-operators
    source_type:
      description: The kind of resource; empty for all kinds.
      type: str
      sample: db-cluster
    event_categories:
      description: The categories, sorted; empty for all categories.
      type: list
      elements: str
      sample: [failover, failure, maintenance, notification]
    source_ids:
      description: The names of the resources, sorted; empty for all of the kind.
      type: list
      elements: str
      sample: []
    enabled:
      description: Whether events are told at present.
      type: bool
      sample: true
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import list_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.hints import did_you_mean
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.rds import (
    RdsErrorHandler,
    change_tags,
    patiently,
    wait_until,
    write_tags,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

SOURCE_TYPES = [
    "blue-green-deployment",
    "custom-engine-version",
    "db-cluster",
    "db-cluster-snapshot",
    "db-instance",
    "db-parameter-group",
    "db-proxy",
    "db-security-group",
    "db-snapshot",
    "zero-etl",
]
FIELDS = ("sns_topic_arn", "source_type", "event_categories", "source_ids", "enabled", "tags")
# What ModifyEventSubscription takes, by field.
MODIFIABLE = {
    "sns_topic_arn": "SnsTopicArn",
    "source_type": "SourceType",
    "event_categories": "EventCategories",
    "enabled": "Enabled",
}
BUSY = ("creating", "modifying")
# Why nothing is told, by status.
SILENT = {
    "no-permission": "RDS may not publish to {sns_topic_arn}: see the topic's policy, and that of its KMS key",
    "topic-not-exist": "the topic {sns_topic_arn} does not exist: create it, or give another sns_topic_arn",
    "all-sources-deleted": "all of its source_ids have been deleted: give others",
}


class EventSubscription(Resource):
    def __init__(self, params, client):
        fields = given(params, FIELDS)
        for field in ("event_categories", "source_ids"):
            if field in fields:
                # RDS stores names in lower case.
                fields[field] = sorted({value.lower() for value in fields[field]})
        super().__init__(fields, params["purge_tags"])
        self.client = client
        self.name = params["subscription_name"]
        self.wait = params["wait"]
        self.wait_timeout = params["wait_timeout"]

    def find(self):
        description = self._describe()
        return read(description, self._list_tags(description["EventSubscriptionArn"])) if description else None

    def blank(self):
        return {
            "subscription_name": self.name,
            "arn": None,
            "status": "active",
            "sns_topic_arn": None,
            "source_type": "",
            "event_categories": [],
            "source_ids": [],
            "enabled": True,
            "tags": {},
        }

    def remarks(self, outcome):
        return (silence(outcome.after),)

    def refusal(self, current, changes):
        after = {**current, **changes}
        if current["status"] == "deleting":
            return f"The event subscription {self.name} is being deleted. Run this again when it is gone, in a minute."
        if not after["sns_topic_arn"]:
            return "A new event subscription needs sns_topic_arn."
        for field in ("event_categories", "source_ids"):
            if after[field] and not after["source_type"]:
                return f"{field} needs source_type, the kind of resource that they belong to."
        if current["event_categories"] and not after["event_categories"]:
            return (
                f"AWS cannot take the event categories of the subscription {self.name} back to all of them. Name all "
                "of them in event_categories, or delete the subscription first (state: absent)."
            )
        if current["source_ids"] and "source_type" in changes and "source_ids" not in self.given:
            return (
                f"The source_ids of the event subscription {self.name} ({', '.join(current['source_ids'])}) are of the "
                f"type {current['source_type']}. Give source_ids together with the new source_type; [] for all."
            )
        if after["event_categories"] and changes.keys() & {"event_categories", "source_type"}:
            return unknown_category(after, self._list_categories(after["source_type"]))
        return None

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})
        if self.wait:
            self._wait_until_settled()

    def update(self, current, changes):
        if current["status"] in BUSY and changes.keys() - {"tags"}:
            self._wait_until_settled()
        to_add, to_remove = set(), set()
        if "source_ids" in changes:
            to_add = set(changes["source_ids"]) - set(current["source_ids"])
            to_remove = set(current["source_ids"]) - set(changes["source_ids"])
        if "source_type" in changes:
            # Sources of the former type have no place in a subscription of another.
            self._remove_sources(to_remove)
            self._modify(modification(current, changes))
            self._add_sources(to_add)
        else:
            # Without any source it would tell the events of all of them meanwhile.
            self._add_sources(to_add)
            self._remove_sources(to_remove)
            if changes.keys() & MODIFIABLE.keys():
                self._modify(modification(current, changes))
        if "tags" in changes:
            change_tags(self.client, current["arn"], current["tags"], changes["tags"])
        if self.wait and changes.keys() - {"tags"}:
            self._wait_until_settled()

    def delete(self, current):
        if current["status"] in BUSY:
            self._wait_until_settled()
        if current["status"] != "deleting":
            self._delete()
        if self.wait:
            wait_until(
                self.find,
                lambda state: state is None,
                self.wait_timeout,
                f"the event subscription {self.name} to be gone",
            )

    @RdsErrorHandler.list_error_handler("find the event subscription {self.name}")
    def _describe(self):
        pages = self.client.get_paginator("describe_event_subscriptions").paginate(SubscriptionName=self.name)
        return next(iter(pages.build_full_result()["EventSubscriptionsList"]), None)

    @RdsErrorHandler.list_error_handler("list the tags of the event subscription {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.client, arn)

    @RdsErrorHandler.common_error_handler("list the event categories of the type {source_type}")
    def _list_categories(self, source_type):
        listed = self.client.describe_event_categories(SourceType=source_type)["EventCategoriesMapList"]
        return [category for entry in listed for category in entry["EventCategories"]]

    @RdsErrorHandler.common_error_handler("create the event subscription {self.name}")
    @retry_on("SNSNoAuthorization")
    def _create(self, state):
        self.client.create_event_subscription(SubscriptionName=self.name, **creation(state))

    @RdsErrorHandler.common_error_handler("change the event subscription {self.name}")
    @retry_on("SNSNoAuthorization")
    def _modify(self, arguments):
        self.client.modify_event_subscription(SubscriptionName=self.name, **arguments)

    @RdsErrorHandler.common_error_handler("add sources to the event subscription {self.name}")
    def _add_sources(self, names):
        for name in sorted(names):
            self.client.add_source_identifier_to_subscription(SubscriptionName=self.name, SourceIdentifier=name)

    @RdsErrorHandler.common_error_handler("remove sources from the event subscription {self.name}")
    def _remove_sources(self, names):
        for name in sorted(names):
            try:
                self.client.remove_source_identifier_from_subscription(
                    SubscriptionName=self.name, SourceIdentifier=name
                )
            except is_boto3_error_code("SourceNotFound"):
                # The source was deleted meanwhile, and has left by itself.
                pass

    @RdsErrorHandler.deletion_error_handler("delete the event subscription {self.name}")
    def _delete(self):
        patiently(
            lambda: self.client.delete_event_subscription(SubscriptionName=self.name),
            self.wait_timeout,
            ["InvalidEventSubscriptionState"],
        )

    def _wait_until_settled(self):
        # What was created a moment ago may not be shown yet.
        wait_until(
            self.find,
            lambda state: state and state["status"] not in BUSY,
            self.wait_timeout,
            f"the event subscription {self.name} to be active",
        )


def read(description, tags):
    """A subscription as RDS describes it, and its tags, as a state."""
    return {
        "subscription_name": description["CustSubscriptionId"],
        "arn": description["EventSubscriptionArn"],
        "status": description["Status"],
        "sns_topic_arn": description["SnsTopicArn"],
        "source_type": description.get("SourceType") or "",
        "event_categories": sorted(description.get("EventCategoriesList", [])),
        "source_ids": sorted(description.get("SourceIdsList", [])),
        "enabled": description["Enabled"],
        "tags": tags,
    }


def creation(state):
    """The arguments, besides the name, that create a subscription of this state."""
    members = {**MODIFIABLE, "source_ids": "SourceIds"}
    arguments = {member: state[field] for field, member in members.items() if state[field] not in ("", [])}
    return {**arguments, "Tags": write_tags(state["tags"])}


def modification(current, changes):
    """The arguments of ModifyEventSubscription, besides the name, that make these changes."""
    after = {**current, **changes}
    fields = changes.keys() & MODIFIABLE.keys()
    if fields & {"source_type", "event_categories"}:
        # AWS takes no categories without the type that they belong to.
        fields |= {"source_type", "event_categories"}
    return {MODIFIABLE[field]: after[field] for field in sorted(fields) if after[field] not in ("", [])}


def unknown_category(state, known):
    """A sentence on the first category that the state's type does not have; None when it has them all."""
    for category in state["event_categories"]:
        if category not in known:
            hint = did_you_mean(category, known) or f" It has: {', '.join(sorted(known))}."
            return f"event_categories: the type {state['source_type']} has no category '{category}'.{hint}"
    return None


def silence(state):
    """A sentence on why a subscription tells nothing; None when it does, or does not exist."""
    reason = SILENT.get((state or {}).get("status"))
    if not reason:
        return None
    return f"The event subscription {state['subscription_name']} tells nothing: {reason.format(**state)}."


def main():
    text = {"type": "str"}
    module = AnsibleAWSModule(
        argument_spec={
            "subscription_name": {"type": "str", "required": True, "aliases": ["name"]},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "sns_topic_arn": text,
            "source_type": {"type": "str", "choices": SOURCE_TYPES},
            "event_categories": {"type": "list", "elements": "str"},
            "source_ids": {"type": "list", "elements": "str"},
            "enabled": {"type": "bool"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 600},
        },
        supports_check_mode=True,
    )
    run(module, "event_subscription", lambda: EventSubscription(module.params, client(module, "rds")))


if __name__ == "__main__":
    main()
