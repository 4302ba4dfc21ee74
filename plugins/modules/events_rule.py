#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: events_rule
version_added: "0.1.0"
short_description: Manage a rule of Amazon EventBridge and its targets
description:
  - Creates, changes and deletes a rule, which passes on the events of a bus that match a pattern, or something on a
    schedule, to its targets.
  - Follows U(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html).
  - M(amazon.aws.cloudwatchevent_rule) (11.4) has no check mode, no tags, no other bus than V(default), and neither
    dead-letter queues nor retry policies of targets; what EventBridge refuses of the targets passes for success there.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The rule's name, of 1 to 64 letters, digits, dots, hyphens and underscores.
    type: str
    required: true
  event_bus_name:
    description:
      - Name or ARN of the bus whose events the rule looks at. It cannot be changed, as it tells which rule is meant.
    type: str
    default: default
  state:
    description:
      - V(present) makes the rule exist as described; what is not given stays as it is. V(absent) deletes it with its
        targets.
      - Rules that an AWS service manages for itself are left alone.
    type: str
    choices: [present, absent]
    default: present
  description:
    description:
      - What the rule is for, up to 512 characters.
    type: str
  event_pattern:
    description:
      - Which events match; an empty dictionary for none, in a rule that has a schedule.
      - Follows U(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html). A new rule needs
        this or O(schedule_expression).
    type: dict
  schedule_expression:
    description:
      - When something is passed on regardless of events, as V(rate(5 minutes)) or V(cron(0 20 * * ? *)) in UTC; an
        empty text for never. Only on the bus V(default).
    type: str
  enabled:
    description:
      - Whether the rule does anything; of a new rule V(true).
      - A rule that also looks at the management events that only read stays such a rule while it is enabled.
    type: bool
  targets:
    description:
      - What the events are passed on to. AWS lets a rule have five of them.
      - Each target is stated whole, but for what this module does not know, such as parameters of ECS tasks, which a
        target keeps as long as its ARN stays the same.
    type: list
    elements: dict
    suboptions:
      id:
        description:
          - What tells the target from the rule's others, of 1 to 64 letters, digits, dots, hyphens and underscores.
        type: str
        required: true
      arn:
        description:
          - ARN of the topic, queue, function, bus or whatever else gets the event.
        type: str
        required: true
      role_arn:
        description:
          - ARN of the role with which EventBridge calls the target. Topics, queues, functions and buses of the same
            account need none, but a policy of their own. A role that is only seconds old is tried again for half a
            minute.
        type: str
      input:
        description:
          - What the target gets instead of the event, as JSON.
        type: json
      input_path:
        description:
          - The part of the event that the target gets, as V($.detail).
        type: str
      input_transformer:
        description:
          - What the target gets is made of parts of the event.
          - Follows U(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html).
        type: dict
        suboptions:
          input_paths_map:
            description:
              - Names, and where in the event their values are, as V($.detail.state).
            type: dict
          input_template:
            description:
              - The text, in quotation marks, or the JSON that the target gets, with the names in angle brackets.
            type: json
            required: true
      dead_letter_arn:
        description:
          - ARN of the standard queue of the same region that gets the events that could not be passed on. Its policy
            must let V(events.amazonaws.com) send messages.
        type: str
      retry_policy:
        description:
          - For how long EventBridge tries again what the target could not take for the time being.
        type: dict
        suboptions:
          maximum_retry_attempts:
            description:
              - How many times, 0 to 185.
            type: int
            default: 185
          maximum_event_age_in_seconds:
            description:
              - For how many seconds, 60 to 86400.
            type: int
            default: 86400
  purge_targets:
    description:
      - Whether targets that O(targets) does not have are taken away. Without O(targets) none is touched.
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Say what happens to the account's resources on AWS's side
  wellarchitected.aws.events_rule:
    name: example-health
    description: Health events to the topic
    event_pattern:
      source: [aws.health]
    targets:
      - id: topic
        arn: arn:aws:sns:ap-northeast-1:123456789012:example-critical
        dead_letter_arn: arn:aws:sqs:ap-northeast-1:123456789012:example-undelivered

- name: Say which pipeline failed, in a sentence
  wellarchitected.aws.events_rule:
    name: example-pipeline
    event_pattern:
      source: [aws.codepipeline]
      detail-type: [CodePipeline Pipeline Execution State Change]
      detail:
        state: [FAILED]
    targets:
      - id: topic
        arn: arn:aws:sns:ap-northeast-1:123456789012:example-warning
        input_transformer:
          input_paths_map:
            pipeline: $.detail.pipeline
          input_template: '"The pipeline <pipeline> failed."'

- name: Call a function each night, but not for the time being
  wellarchitected.aws.events_rule:
    name: example-nightly
    schedule_expression: cron(0 18 * * ? *)
    enabled: false
    targets:
      - id: function
        arn: arn:aws:lambda:ap-northeast-1:123456789012:function:example
        input: {"task": "clean up"}
        retry_policy:
          maximum_retry_attempts: 3

- name: Delete a rule
  wellarchitected.aws.events_rule:
    name: example-health
    state: absent
"""

RETURN = r"""
rule:
  description: The rule as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-health
    arn:
      description: Its ARN; in check mode without a value for a rule that would be created.
      type: str
      sample: arn:aws:events:ap-northeast-1:123456789012:rule/example-health
    event_bus_name:
      description: Name of its bus.
      type: str
      sample: default
    description:
      description: What it is for.
      type: str
      sample: Health events to the topic
    event_pattern:
      description: Which events match; empty when there is only a schedule.
      type: dict
      sample:
        source: [aws.health]
    schedule_expression:
      description: When something is passed on; an empty text for never.
      type: str
      sample: rate(5 minutes)
    enabled:
      description: Whether it does anything.
      type: bool
      sample: true
    targets:
      description: What the events are passed on to, in the order of their IDs.
      type: list
      elements: dict
      contains:
        id:
          description: What tells the target from the others.
          type: str
          sample: topic
        arn:
          description: ARN of what gets the event.
          type: str
          sample: arn:aws:sns:ap-northeast-1:123456789012:example-critical
        role_arn:
          description: ARN of the role with which EventBridge calls it; an empty text for none.
          type: str
          sample: ""
        input:
          description: The JSON that it gets instead of the event; an empty text for none.
          type: str
          sample: ""
        input_path:
          description: The part of the event that it gets; an empty text for none.
          type: str
          sample: ""
        input_transformer:
          description: What is made of parts of the event; empty for nothing.
          type: dict
          contains:
            input_paths_map:
              description: Names, and where in the event their values are.
              type: dict
              sample:
                pipeline: $.detail.pipeline
            input_template:
              description: The text or JSON, with the names in angle brackets.
              type: str
              sample: '"The pipeline <pipeline> failed."'
        dead_letter_arn:
          description: ARN of the queue that gets what could not be passed on; an empty text for none.
          type: str
          sample: arn:aws:sqs:ap-northeast-1:123456789012:example-undelivered
        retry_policy:
          description: For how long EventBridge tries again.
          type: dict
          contains:
            maximum_retry_attempts:
              description: How many times.
              type: int
              sample: 185
            maximum_event_age_in_seconds:
              description: For how many seconds.
              type: int
              sample: 86400
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import contextlib
import itertools
import json

# AnsibleAWSModule reports it when there is none.
with contextlib.suppress(ImportError):
    import botocore.exceptions

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_ROLE, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

FIELDS = ("description", "event_pattern", "schedule_expression", "enabled", "targets", "tags")
# Of a target, what is one text: what the API calls it.
TEXTS = {"id": "Id", "arn": "Arn", "role_arn": "RoleArn", "input": "Input", "input_path": "InputPath"}
KNOWN = {*TEXTS.values(), "InputTransformer", "DeadLetterConfig", "RetryPolicy"}
INPUTS = ("input", "input_path", "input_transformer")
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
RETRY_DEFAULTS = {"maximum_retry_attempts": 185, "maximum_event_age_in_seconds": 86400}
RETRY_MEMBERS = {
    "maximum_retry_attempts": "MaximumRetryAttempts",
    "maximum_event_age_in_seconds": "MaximumEventAgeInSeconds",
}
# How many targets a request takes.
BATCH = 10
CONCURRENT = "ConcurrentModificationException"
# With which single targets are refused when there is too much to do at the time.
# https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html
BUSY = (CONCURRENT, "InternalException", "InternalFailure", "ThrottlingException", "ServiceUnavailable")


class EventsErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("ResourceNotFoundException")


class Rule(Resource):
    def __init__(self, params, events):
        super().__init__(given(params, FIELDS), params["purge_tags"])
        if "event_pattern" in self.given:
            # With its nulls, which match something.
            self.given["event_pattern"] = params["event_pattern"]
        if "targets" in self.given:
            self.given["targets"] = [normal(target) for target in self.given["targets"]]
        self.events = events
        self.name = params["name"]
        self.bus = params["event_bus_name"]
        self.purge_targets = params["purge_targets"]
        self.described = {}
        self.found_targets = {}

    def find(self):
        self.described = self._describe() or {}
        if not self.described:
            return None
        self.found_targets = {target["Id"]: target for target in self._list_targets()}
        return read(self.described, self.found_targets.values(), self._list_tags(self.described["Arn"]))

    def blank(self):
        return {
            "name": self.name,
            "arn": None,
            "event_bus_name": self.bus.rpartition("event-bus/")[2],
            "description": "",
            "event_pattern": {},
            "schedule_expression": "",
            "enabled": True,
            "targets": [],
            "tags": {},
        }

    def wanted(self, current):
        fields = super().wanted(current)
        if "targets" in fields:
            kept = [] if self.purge_targets else current["targets"]
            fields["targets"] = by_id([*kept, *fields["targets"]])
        return fields

    def refusal(self, current, changes):
        after = {**current, **changes}
        ids = [target["id"] for target in self.given.get("targets", [])]
        if len(ids) != len(set(ids)):
            return f"Two targets of the rule {self.name} have the same id. Each needs one of its own."
        if not after["event_pattern"] and not after["schedule_expression"]:
            return f"The rule {self.name} needs an event_pattern or a schedule_expression."
        if after["schedule_expression"] and after["event_bus_name"] != "default":
            return f"schedule_expression works on the bus default alone, and {self.name} is on {self.bus}."
        return self._managed("changed") if changes.keys() - {"tags"} else None

    def deletion_refusal(self, current):
        return self._managed("deleted")

    def _managed(self, verb):
        service = self.described.get("ManagedBy")
        return service and f"The rule {self.name} is {service}'s own, and cannot be {verb}. Choose another name."

    def create(self):
        self._put({**self.blank(), **self.wanted(self.blank())}, tags=self.given.get("tags"))

    def update(self, current, changes):
        if changes.keys() - {"targets", "tags"}:
            self._put({**current, **changes})
        if "targets" in changes:
            to_put, to_remove = target_changes(current["targets"], changes["targets"])
            for ids in batches(to_remove):
                self._remove_targets(ids)
            for targets in batches(to_put):
                self._put_targets([to_api(target, self.found_targets.get(target["id"], {})) for target in targets])
        if "tags" in changes:
            self._change_tags(current["arn"], current["tags"], changes["tags"])

    def delete(self, current):
        for ids in batches([target["id"] for target in current["targets"]]):
            self._remove_targets(ids)
        self._delete()

    @property
    def _rule(self):
        return {"Rule": self.name, "EventBusName": self.bus}

    @EventsErrorHandler.list_error_handler("find the rule {self.name}")
    def _describe(self):
        return self.events.describe_rule(Name=self.name, EventBusName=self.bus)

    @EventsErrorHandler.list_error_handler("list the targets of the rule {self.name}", [])
    def _list_targets(self):
        pages = self.events.get_paginator("list_targets_by_rule").paginate(**self._rule)
        return [target for page in pages for target in page["Targets"]]

    @EventsErrorHandler.list_error_handler("list the tags of the rule {self.name}", {})
    def _list_tags(self, arn):
        return boto3_tag_list_to_ansible_dict(self.events.list_tags_for_resource(ResourceARN=arn)["Tags"])

    @EventsErrorHandler.common_error_handler("write the rule {self.name}")
    @retry_on(CONCURRENT, UNKNOWN_ROLE)
    def _put(self, state, tags=None):
        tagged = {"Tags": ansible_dict_to_boto3_tag_list(tags)} if tags else {}
        self.events.put_rule(Name=self.name, EventBusName=self.bus, **rule_to_api(state, self.described), **tagged)

    @EventsErrorHandler.common_error_handler("set the targets of the rule {self.name}")
    @retry_on(*BUSY, UNKNOWN_ROLE)
    def _put_targets(self, targets):
        raise_failed(self.events.put_targets(**self._rule, Targets=targets), "PutTargets")

    @EventsErrorHandler.common_error_handler("take targets from the rule {self.name}")
    @retry_on(*BUSY)
    def _remove_targets(self, ids):
        raise_failed(self.events.remove_targets(**self._rule, Ids=ids), "RemoveTargets")

    @EventsErrorHandler.deletion_error_handler("delete the rule {self.name}")
    @retry_on(CONCURRENT)
    def _delete(self):
        self.events.delete_rule(Name=self.name, EventBusName=self.bus)

    @EventsErrorHandler.common_error_handler("tag the rule {self.name}")
    def _change_tags(self, arn, current, wanted):
        change_resource_tags(self.events, current, wanted, ResourceARN=arn)


def normal(target):
    """A target as the user gives it, with a value for whatever is not given."""
    transformer = target.get("input_transformer") or {}
    if transformer:
        transformer = {
            "input_paths_map": transformer.get("input_paths_map") or {},
            "input_template": transformer["input_template"].strip(),
        }
    policy = {name: value for name, value in (target.get("retry_policy") or {}).items() if value is not None}
    return {
        **{name: target.get(name) or "" for name in TEXTS},
        "input": _plain_json(target.get("input"), target["id"]),
        "input_transformer": transformer,
        "dead_letter_arn": target.get("dead_letter_arn") or "",
        "retry_policy": {**RETRY_DEFAULTS, **policy},
    }


def _plain_json(text, target_id):
    """JSON in the one form in which it is compared and sent."""
    try:
        return json.dumps(json.loads(text), sort_keys=True) if text else ""
    except ValueError as error:
        raise AnsibleAWSError(message=f"input of the target {target_id} is not valid JSON: {error}.") from error


def by_id(targets):
    """Targets in the order of their ids; of two with the same, the last."""
    known = {target["id"]: target for target in targets}
    return [known[name] for name in sorted(known)]


def read_target(target):
    """A target as EventBridge lists it, as a user would state it."""
    transformer, policy = target.get("InputTransformer"), target.get("RetryPolicy", {})
    return normal(
        {
            **{name: target.get(member) for name, member in TEXTS.items()},
            "input_transformer": transformer
            and {
                "input_paths_map": transformer.get("InputPathsMap"),
                "input_template": transformer["InputTemplate"],
            },
            "dead_letter_arn": target.get("DeadLetterConfig", {}).get("Arn"),
            "retry_policy": {name: policy.get(member) for name, member in RETRY_MEMBERS.items()},
        }
    )


def to_api(target, found):
    """A target as EventBridge takes it, which replaces the one found, of which it keeps what this module knows not."""
    kept = {name: value for name, value in found.items() if name not in KNOWN and found["Arn"] == target["arn"]}
    members = {**kept, **{member: target[name] for name, member in TEXTS.items() if target[name]}}
    if target["input_transformer"]:
        members["InputTransformer"] = {
            "InputPathsMap": target["input_transformer"]["input_paths_map"],
            "InputTemplate": target["input_transformer"]["input_template"],
        }
    if target["dead_letter_arn"]:
        members["DeadLetterConfig"] = {"Arn": target["dead_letter_arn"]}
    if target["retry_policy"] != RETRY_DEFAULTS:
        members["RetryPolicy"] = {member: target["retry_policy"][name] for name, member in RETRY_MEMBERS.items()}
    return members


def target_changes(current, wanted):
    """The targets to put, and then the ids of those to remove before that."""
    before = {target["id"]: target for target in current}
    to_put = [target for target in wanted if target != before.get(target["id"])]
    gone = [name for name in before if name not in {target["id"] for target in wanted}]
    # What is put over a target that is another account's bus leaves it its role.
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
    roleless = [
        target["id"]
        for target in to_put
        if not target["role_arn"] and before.get(target["id"], {}).get("role_arn") and ":event-bus/" in target["arn"]
    ]
    return to_put, gone + roleless


def batches(values):
    return itertools.batched(values, BATCH)


def raise_failed(answer, operation):
    """Raise what EventBridge says of single targets like any other error of its."""
    failed = answer.get("FailedEntries") or []
    if failed:
        said = "; ".join(f"{entry['TargetId']}: {entry.get('ErrorMessage', entry['ErrorCode'])}" for entry in failed)
        raise botocore.exceptions.ClientError({"Error": {"Code": failed[0]["ErrorCode"], "Message": said}}, operation)


def rule_to_api(state, described):
    """A rule as EventBridge takes it, which replaces all of the one described."""
    before = described.get("State", "DISABLED")
    members = {
        "State": (before if before != "DISABLED" else "ENABLED") if state["enabled"] else "DISABLED",
        "Description": state["description"],
        "EventPattern": json.dumps(state["event_pattern"]) if state["event_pattern"] else "",
        "ScheduleExpression": state["schedule_expression"],
        "RoleArn": described.get("RoleArn"),
    }
    return {member: value for member, value in members.items() if value}


def read(described, targets, tags):
    """A rule as EventBridge describes it, as a state."""
    return {
        "name": described["Name"],
        "arn": described["Arn"],
        "event_bus_name": described["EventBusName"],
        "description": described.get("Description", ""),
        "event_pattern": json.loads(described.get("EventPattern") or "{}"),
        "schedule_expression": described.get("ScheduleExpression", ""),
        "enabled": described["State"] != "DISABLED",
        "targets": by_id(read_target(target) for target in targets),
        "tags": tags,
    }


def main():
    transformer = {
        "input_paths_map": {"type": "dict"},
        "input_template": {"type": "json", "required": True},
    }
    target = {
        "id": {"type": "str", "required": True},
        "arn": {"type": "str", "required": True},
        "role_arn": {"type": "str"},
        "input": {"type": "json"},
        "input_path": {"type": "str"},
        "input_transformer": {"type": "dict", "options": transformer},
        "dead_letter_arn": {"type": "str"},
        "retry_policy": {
            "type": "dict",
            "options": {name: {"type": "int", "default": default} for name, default in RETRY_DEFAULTS.items()},
        },
    }
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "event_bus_name": {"type": "str", "default": "default"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": {"type": "str"},
            "event_pattern": {"type": "dict"},
            "schedule_expression": {"type": "str"},
            "enabled": {"type": "bool"},
            "targets": {"type": "list", "elements": "dict", "options": target, "mutually_exclusive": [INPUTS]},
            "purge_targets": {"type": "bool", "default": True},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "rule", lambda: Rule(module.params, client(module, "events")))


if __name__ == "__main__":
    main()
