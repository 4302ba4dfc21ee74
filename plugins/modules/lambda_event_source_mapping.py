#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lambda_event_source_mapping
version_added: "0.1.0"
short_description: Manage what AWS Lambda takes from a queue for a function
description:
  - Creates, changes and deletes the event source mapping by which Lambda takes the messages of an SQS queue, in
    batches, and calls a function with them.
  - Follows U(https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
  - M(amazon.aws.lambda_event) (11.4) knows neither batching windows nor partial failures nor a limit of concurrency for
    queues.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  function_name:
    description:
      - Name of the function.
    type: str
    required: true
  event_source_arn:
    description:
      - ARN of the queue. A function has no more than one mapping of a queue, so the two tell which one is meant.
    type: str
    required: true
  state:
    description:
      - V(present) makes the mapping exist as described; what is not given stays as it is. V(absent) deletes it.
      - A role that may not yet read the queue is tried again for half a minute.
    type: str
    choices: [present, absent]
    default: present
  enabled:
    description:
      - Whether messages are taken; of a new mapping V(true).
    type: bool
  batch_size:
    description:
      - How many messages a call has at the most, 1 to 10000; a new mapping 10 when not given. More than 10 need a
        window of a second or more.
    type: int
  maximum_batching_window_in_seconds:
    description:
      - For how many seconds messages are gathered for a call, 0 to 300; a new mapping 0 when not given.
    type: int
  function_response_types:
    description:
      - V(ReportBatchItemFailures) when the function answers which messages of a batch failed, so that only those are
        tried again; an empty list when a call fails or succeeds as a whole. Stated whole.
    type: list
    elements: str
    choices: [ReportBatchItemFailures]
  maximum_concurrency:
    description:
      - How many calls this queue makes at a time, 2 to 1000; V(0) for as many as there may be.
    type: int
  wait_timeout:
    description:
      - How many seconds to wait, each time, until Lambda is ready with what was created, changed or deleted.
    type: int
    default: 300
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let a function read a queue, ten seconds' worth at a time
  wellarchitected.aws.lambda_event_source_mapping:
    function_name: example-report
    event_source_arn: arn:aws:sqs:ap-northeast-1:123456789012:example
    batch_size: 100
    maximum_batching_window_in_seconds: 10
    function_response_types: [ReportBatchItemFailures]
    maximum_concurrency: 2

- name: Take no messages for the time being
  wellarchitected.aws.lambda_event_source_mapping:
    function_name: example-report
    event_source_arn: arn:aws:sqs:ap-northeast-1:123456789012:example
    enabled: false

- name: Let it read the queue no more
  wellarchitected.aws.lambda_event_source_mapping:
    function_name: example-report
    event_source_arn: arn:aws:sqs:ap-northeast-1:123456789012:example
    state: absent
"""

RETURN = r"""
event_source_mapping:
  description: The mapping as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    uuid:
      description: Its ID; in check mode without a value for one that would be created.
      type: str
      sample: 12345678-1234-1234-1234-123456789012
    arn:
      description: Its ARN, likewise; no value where AWS does not tell it.
      type: str
      sample: arn:aws:lambda:ap-northeast-1:123456789012:event-source-mapping:12345678-1234-1234-1234-123456789012
    function_name:
      description: Name of the function.
      type: str
      sample: example-report
    event_source_arn:
      description: ARN of the queue.
      type: str
      sample: arn:aws:sqs:ap-northeast-1:123456789012:example
    enabled:
      description: Whether messages are taken.
      type: bool
      sample: true
    batch_size:
      description: How many messages a call has at the most.
      type: int
      sample: 100
    maximum_batching_window_in_seconds:
      description: For how many seconds messages are gathered.
      type: int
      sample: 10
    function_response_types:
      description: What the function answers.
      type: list
      elements: str
      sample: [ReportBatchItemFailures]
    maximum_concurrency:
      description: How many calls the queue makes at a time; V(0) for as many as there may be.
      type: int
      sample: 2
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import time

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.awslambda import LambdaErrorHandler
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_ROLE, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# As the API calls them.
MEMBERS = {
    "enabled": "Enabled",
    "batch_size": "BatchSize",
    "maximum_batching_window_in_seconds": "MaximumBatchingWindowInSeconds",
    "function_response_types": "FunctionResponseTypes",
    "maximum_concurrency": "ScalingConfig",
}
FIELDS = (*MEMBERS, "tags")
# https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
SETTLED = ("Enabled", "Disabled")
RUNNING = ("Creating", "Enabling", "Enabled", "Updating")
GOING = "Deleting"
DELAY = 2
BUSY = "ResourceInUseException"


class Mapping(Resource):
    def __init__(self, params, awslambda):
        super().__init__(given(params, FIELDS), params["purge_tags"])
        self.awslambda = awslambda
        self.function_name = params["function_name"]
        self.event_source_arn = params["event_source_arn"]
        self.wait_timeout = params["wait_timeout"]

    def find(self):
        mapping = self._find()
        if mapping is None or mapping["State"] == GOING:
            return None
        arn = mapping.get("EventSourceMappingArn")
        return {**self.blank(), **read(mapping), "tags": self._list_tags(arn) if arn else {}}

    def blank(self):
        return {
            "uuid": None,
            "arn": None,
            "function_name": self.function_name,
            "event_source_arn": self.event_source_arn,
            "enabled": True,
            "batch_size": 10,
            "maximum_batching_window_in_seconds": 0,
            "function_response_types": [],
            "maximum_concurrency": 0,
            "tags": {},
        }

    def refusal(self, current, changes):
        after = {**current, **changes}
        if after["batch_size"] > 10 and not after["maximum_batching_window_in_seconds"]:
            return (
                f"batch_size is {after['batch_size']}; more than 10 messages need a "
                "maximum_batching_window_in_seconds of 1 or more."
            )
        return None

    def create(self):
        # The one before it has to be gone.
        self._wait(lambda mapping: mapping is None or mapping["State"] != GOING)
        self._create()
        self._wait(lambda mapping: mapping is not None and mapping["State"] in SETTLED)

    def update(self, current, changes):
        members = to_api(changes)
        if members:
            self._update(current["uuid"], members)
            self._wait(lambda mapping: mapping is None or mapping["State"] in SETTLED)
        if "tags" in changes:
            self._change_tags(current["arn"], current["tags"], changes["tags"])

    def delete(self, current):
        self._delete(current["uuid"])
        self._wait(lambda mapping: mapping is None)

    def _wait(self, done):
        until = time.monotonic() + self.wait_timeout
        while not done(self._find()):
            if time.monotonic() >= until:
                raise AnsibleAWSError(
                    message=f"Lambda is not ready with {self.event_source_arn} after {self.wait_timeout} s."
                )
            time.sleep(DELAY)

    @LambdaErrorHandler.list_error_handler("find what {self.function_name} takes from {self.event_source_arn}")
    def _find(self):
        pages = self.awslambda.get_paginator("list_event_source_mappings").paginate(
            EventSourceArn=self.event_source_arn, FunctionName=self.function_name
        )
        mappings = [mapping for page in pages for mapping in page["EventSourceMappings"]]
        # While one goes, there may be another one already.
        return min(mappings, key=lambda mapping: mapping["State"] == GOING, default=None)

    @LambdaErrorHandler.list_error_handler("list the tags of the mapping of {self.event_source_arn}", {})
    def _list_tags(self, arn):
        return self.awslambda.list_tags(Resource=arn).get("Tags", {})

    @LambdaErrorHandler.common_error_handler("let {self.function_name} read {self.event_source_arn}")
    @retry_on(UNKNOWN_ROLE, BUSY)
    def _create(self):
        members = to_api({field: value for field, value in self.given.items() if value or field == "enabled"})
        if self.given.get("tags"):
            members["Tags"] = self.wanted(self.blank())["tags"]
        self.awslambda.create_event_source_mapping(
            FunctionName=self.function_name, EventSourceArn=self.event_source_arn, **members
        )

    @LambdaErrorHandler.common_error_handler("change how {self.function_name} reads {self.event_source_arn}")
    @retry_on(UNKNOWN_ROLE, BUSY)
    def _update(self, uuid, members):
        self.awslambda.update_event_source_mapping(UUID=uuid, **members)

    @LambdaErrorHandler.deletion_error_handler("let {self.function_name} read {self.event_source_arn} no more")
    @retry_on(BUSY)
    def _delete(self, uuid):
        self.awslambda.delete_event_source_mapping(UUID=uuid)

    @LambdaErrorHandler.common_error_handler("tag the mapping of {self.event_source_arn}")
    def _change_tags(self, arn, current, wanted):
        change_resource_tags(self.awslambda, current, wanted, Resource=arn)


def to_api(fields):
    """Fields as Lambda takes them: no limit of concurrency is an empty structure."""
    members = {MEMBERS[field]: value for field, value in fields.items() if field in MEMBERS}
    if "ScalingConfig" in members:
        number = members["ScalingConfig"]
        members["ScalingConfig"] = {"MaximumConcurrency": number} if number else {}
    return members


def read(mapping):
    """A mapping as Lambda describes it, as a state without tags."""
    return {
        "uuid": mapping["UUID"],
        "arn": mapping.get("EventSourceMappingArn"),
        "function_name": mapping["FunctionArn"].split(":")[6],
        "event_source_arn": mapping["EventSourceArn"],
        "enabled": mapping["State"] in RUNNING,
        "batch_size": mapping["BatchSize"],
        "maximum_batching_window_in_seconds": mapping.get("MaximumBatchingWindowInSeconds", 0),
        "function_response_types": mapping.get("FunctionResponseTypes") or [],
        "maximum_concurrency": (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency", 0),
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "function_name": {"type": "str", "required": True},
            "event_source_arn": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "enabled": {"type": "bool"},
            "batch_size": {"type": "int"},
            "maximum_batching_window_in_seconds": {"type": "int"},
            "function_response_types": {"type": "list", "elements": "str", "choices": ["ReportBatchItemFailures"]},
            "maximum_concurrency": {"type": "int"},
            "wait_timeout": {"type": "int", "default": 300},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "event_source_mapping", lambda: Mapping(module.params, client(module, "lambda")))


if __name__ == "__main__":
    main()
