#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cloudtrail_event_selectors
version_added: "0.1.0"
short_description: Manage which events a CloudTrail trail records
description:
  - Sets the event selectors and the Insights selectors of a trail. The trail itself is made with
    M(amazon.aws.cloudtrail); a new one records all management events, and no data events.
  - An option that is not given is left as it is. There is no C(state), since a trail always has event selectors.
  - Follows U(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  trail:
    description:
      - The trail's name, in its home region, or its ARN.
    type: str
    required: true
  event_selectors:
    description:
      - Basic event selectors, 1 to 5. Stated whole; they replace advanced ones.
    type: list
    elements: dict
    suboptions:
      read_write_type:
        description: Which events, by what they do.
        type: str
        choices: [All, ReadOnly, WriteOnly]
        default: All
      include_management_events:
        description: Whether management events are recorded.
        type: bool
        default: true
      exclude_management_event_sources:
        description: Services whose management events are not recorded.
        type: list
        elements: str
        choices: [kms.amazonaws.com, rdsdata.amazonaws.com]
        default: []
      data_resources:
        description: Resources whose data events are recorded.
        type: list
        elements: dict
        default: []
        suboptions:
          type:
            description: The kind of resource.
            type: str
            choices: ["AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"]
            required: true
          values:
            description:
              - Their ARNs, or what these begin with. V(arn:aws:s3) stands for all buckets, and
                V(arn:aws:s3:::example-logs/) for all objects in one.
            type: list
            elements: str
            required: true
  advanced_event_selectors:
    description:
      - Advanced event selectors. Stated whole; they replace basic ones.
    type: list
    elements: dict
    suboptions:
      name:
        description: What the selector is for.
        type: str
        default: ""
      field_selectors:
        description: An event is recorded when all of these conditions hold. One of them is for C(eventCategory).
        type: list
        elements: dict
        required: true
        suboptions:
          field:
            description: The event's field, such as V(eventCategory), V(resources.type), V(eventName) or V(readOnly).
            type: str
            required: true
          equals:
            description: It is one of these values.
            type: list
            elements: str
          not_equals:
            description: It is none of these values.
            type: list
            elements: str
          starts_with:
            description: It begins with one of these values.
            type: list
            elements: str
          not_starts_with:
            description: It begins with none of these values.
            type: list
            elements: str
          ends_with:
            description: It ends with one of these values.
            type: list
            elements: str
          not_ends_with:
            description: It ends with none of these values.
            type: list
            elements: str
  insight_selectors:
    description:
      - What CloudTrail Insights looks at to find unusual activity. Stated whole; V([]) switches Insights off.
    type: list
    elements: dict
    suboptions:
      insight_type:
        description: Unusual numbers of calls, or of errors.
        type: str
        choices: [ApiCallRateInsight, ApiErrorRateInsight]
        required: true
      event_categories:
        description: The kinds of events that are looked at.
        type: list
        elements: str
        choices: [Management, Data]
        default: [Management]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Record management events, and who touches the objects of one bucket
  wellarchitected.aws.cloudtrail_event_selectors:
    trail: example
    event_selectors:
      - data_resources:
          - type: AWS::S3::Object
            values:
              - arn:aws:s3:::example-artifacts/

- name: Record management events but those of KMS, and the invocations of every Lambda function
  wellarchitected.aws.cloudtrail_event_selectors:
    trail: example
    advanced_event_selectors:
      - name: Management events
        field_selectors:
          - field: eventCategory
            equals: [Management]
          - field: eventSource
            not_equals: [kms.amazonaws.com]
      - name: Lambda
        field_selectors:
          - field: eventCategory
            equals: [Data]
          - field: resources.type
            equals: ["AWS::Lambda::Function"]

- name: Look for unusual numbers of calls
  wellarchitected.aws.cloudtrail_event_selectors:
    trail: example
    insight_selectors:
      - insight_type: ApiCallRateInsight
"""

RETURN = r"""
selectors:
  description: The trail's selectors as they are, or in check mode as they would be, each list in a fixed order.
  returned: success
  type: dict
  contains:
    event_selectors:
      description: The basic event selectors; empty where the trail has advanced ones.
      type: list
      elements: dict
      sample:
        - read_write_type: All
          include_management_events: true
          exclude_management_event_sources: []
          data_resources: []
    advanced_event_selectors:
      description: The advanced event selectors; empty where the trail has basic ones.
      type: list
      elements: dict
      sample: []
    insight_selectors:
      description: The Insights selectors; empty where Insights is off.
      type: list
      elements: dict
      sample:
        - insight_type: ApiCallRateInsight
          event_categories: [Management]
"""

import json

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict, snake_dict_to_camel_dict
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Setting, given

FIELDS = ("event_selectors", "advanced_event_selectors", "insight_selectors")
# What the API leaves out of an answer, or CloudTrail takes when nothing is said.
DEFAULTS = {
    "event_selectors": {
        "read_write_type": "All",
        "include_management_events": True,
        "exclude_management_event_sources": [],
        "data_resources": [],
    },
    "advanced_event_selectors": {"name": ""},
    "insight_selectors": {"event_categories": ["Management"]},
}


class TrailErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("TrailNotFoundException")


class Selectors(Setting):
    def __init__(self, trail, fields, client):
        super().__init__(fields)
        self.trail = trail
        self.client = client

    @TrailErrorHandler.list_error_handler("read the event selectors of the trail {self.trail}")
    def find(self):
        answer = self.client.get_event_selectors(TrailName=self.trail)
        try:
            answer |= self.client.get_insight_selectors(TrailName=self.trail)
        except is_boto3_error_code("InsightNotEnabledException"):
            pass
        return read(answer)

    def blank(self):
        return read({"EventSelectors": [{}]})

    def create(self):
        raise AnsibleAWSError(
            message=f"There is no trail {self.trail} in this region. Create it first, or correct the option trail."
        )

    def wanted(self, current):
        fields = super().wanted(current)
        # A trail has selectors of one kind; to put one kind is to remove the other.
        if "event_selectors" in fields:
            fields["advanced_event_selectors"] = []
        elif "advanced_event_selectors" in fields:
            fields["event_selectors"] = []
        return fields

    @TrailErrorHandler.common_error_handler("set the event selectors of the trail {self.trail}")
    def update(self, current, changes):
        if changes.get("event_selectors"):
            self.client.put_event_selectors(TrailName=self.trail, EventSelectors=write(changes["event_selectors"]))
        if changes.get("advanced_event_selectors"):
            self.client.put_event_selectors(
                TrailName=self.trail, AdvancedEventSelectors=write(changes["advanced_event_selectors"])
            )
        if "insight_selectors" in changes:
            self.client.put_insight_selectors(
                TrailName=self.trail, InsightSelectors=write(changes["insight_selectors"])
            )


def read(answer):
    """The API's selectors as a state; what an answer leaves out is filled in."""
    snake = camel_dict_to_snake_dict(answer)
    return {
        field: normalise([{**DEFAULTS[field], **selector} for selector in snake.get(field, [])]) for field in FIELDS
    }


def normalise(value):
    """The same value with every list in one order, since order means nothing in selectors."""
    if isinstance(value, dict):
        return {key: normalise(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((normalise(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def write(selectors):
    """Selectors as the API takes them, without what is empty, or the default that older SDKs have no name for."""
    left_out = ("", [], DEFAULTS["insight_selectors"]["event_categories"])
    return [
        snake_dict_to_camel_dict(
            {key: value for key, value in selector.items() if value not in left_out}, capitalize_first=True
        )
        for selector in selectors
    ]


def build(params, client):
    for field in ("event_selectors", "advanced_event_selectors"):
        if params[field] == []:
            raise AnsibleAWSError(message=f"{field} is empty, but a trail cannot be without event selectors.")
    return Selectors(params["trail"], normalise(given(params, FIELDS)), client)


def main():
    strings = {"type": "list", "elements": "str"}
    event_selector = {
        "read_write_type": {"type": "str", "choices": ["All", "ReadOnly", "WriteOnly"], "default": "All"},
        "include_management_events": {"type": "bool", "default": True},
        "exclude_management_event_sources": {
            **strings,
            "choices": ["kms.amazonaws.com", "rdsdata.amazonaws.com"],
            "default": [],
        },
        "data_resources": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "type": {
                    "type": "str",
                    "choices": ["AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"],
                    "required": True,
                },
                "values": {**strings, "required": True},
            },
        },
    }
    comparisons = ("equals", "not_equals", "starts_with", "not_starts_with", "ends_with", "not_ends_with")
    field_selector = {"field": {"type": "str", "required": True}, **dict.fromkeys(comparisons, strings)}
    advanced_event_selector = {
        "name": {"type": "str", "default": ""},
        "field_selectors": {"type": "list", "elements": "dict", "required": True, "options": field_selector},
    }
    insight_selector = {
        "insight_type": {"type": "str", "choices": ["ApiCallRateInsight", "ApiErrorRateInsight"], "required": True},
        "event_categories": {**strings, "choices": ["Management", "Data"], "default": ["Management"]},
    }
    module = AnsibleAWSModule(
        argument_spec={
            "trail": {"type": "str", "required": True},
            "event_selectors": {"type": "list", "elements": "dict", "options": event_selector},
            "advanced_event_selectors": {"type": "list", "elements": "dict", "options": advanced_event_selector},
            "insight_selectors": {"type": "list", "elements": "dict", "options": insight_selector},
        },
        mutually_exclusive=[("event_selectors", "advanced_event_selectors")],
        supports_check_mode=True,
    )
    run(module, "selectors", lambda: build(module.params, client(module, "cloudtrail")))


if __name__ == "__main__":
    main()
