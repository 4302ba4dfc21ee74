#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: config_rule
version_added: "0.1.0"
short_description: Manage a rule of AWS Config
description:
  - Creates, changes and deletes a rule that says whether resources comply. It is one of those that AWS manages, or a
    Lambda function. A configuration recorder (M(wellarchitected.aws.config_recorder)) has to be there.
  - Follows U(https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_components.html).
  - M(community.aws.config_rule) (11.2) does nothing in check mode, has no tags, and shows no difference.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The rule's name.
    type: str
    required: true
  state:
    description:
      - V(present) makes the rule exist as described; what is not given stays as it is.
      - V(absent) deletes it with its results, and waits until it is gone. A rule with a remediation is refused; delete
        that first (M(wellarchitected.aws.config_remediation)).
    type: str
    choices: [present, absent]
    default: present
  description:
    description:
      - What it is for; an empty text for nothing.
    type: str
  source:
    description:
      - What evaluates it, stated whole. A new rule needs one.
    type: dict
    suboptions:
      owner:
        description:
          - V(AWS) for a managed rule, V(CUSTOM_LAMBDA) for a function.
        type: str
        choices: [AWS, CUSTOM_LAMBDA]
        default: AWS
      identifier:
        description:
          - The identifier of a managed rule, such as V(INCOMING_SSH_DISABLED), or the ARN of a function. The
            identifiers are listed at
            U(https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html).
        type: str
        required: true
      details:
        description:
          - When a function is called. A managed rule has none.
        type: list
        elements: dict
        default: []
        suboptions:
          message_type:
            description:
              - What it is called for.
            type: str
            choices:
              - ConfigurationItemChangeNotification
              - ConfigurationSnapshotDeliveryCompleted
              - OversizedConfigurationItemChangeNotification
              - ScheduledNotification
            required: true
          maximum_execution_frequency:
            description:
              - How often it is called for V(ScheduledNotification); once a day when not given.
            type: str
            choices: [One_Hour, Three_Hours, Six_Hours, Twelve_Hours, TwentyFour_Hours]
  scope:
    description:
      - Which resources it is about, stated whole; V({}) for all that its source is about.
    type: dict
    suboptions:
      compliance_resource_types:
        description:
          - Resources of these types, such as V(AWS::EC2::SecurityGroup); in any order.
        type: list
        elements: str
      compliance_resource_id:
        description:
          - The one resource with this ID, of the one type that is given.
        type: str
      tag_key:
        description:
          - Resources with this tag.
        type: str
      tag_value:
        description:
          - Resources whose tag has this value.
        type: str
  input_parameters:
    description:
      - Parameters of the rule by their names, stated whole. AWS Config takes texts alone, and what is no text becomes
        one; a list is separated by commas.
    type: dict
  maximum_execution_frequency:
    description:
      - How often a rule that is evaluated periodically is.
    type: str
    choices: [One_Hour, Three_Hours, Six_Hours, Twelve_Hours, TwentyFour_Hours]
  wait_timeout:
    description:
      - For how many seconds to wait until a deleted rule is gone.
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
- name: Find security groups that let the world connect to databases
  wellarchitected.aws.config_rule:
    name: example-common-ports
    description: Nobody reaches databases from the Internet
    source:
      identifier: RESTRICTED_INCOMING_TRAFFIC
    scope:
      compliance_resource_types: ["AWS::EC2::SecurityGroup"]
    input_parameters:
      blockedPort1: 3306
      blockedPort2: 5432
    tags:
      Environment: production

- name: Delete the rule
  wellarchitected.aws.config_rule:
    name: example-common-ports
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
      sample: example-common-ports
    arn:
      description: Its ARN; V(null) in check mode for a rule that would be created.
      type: str
      sample: arn:aws:config:ap-northeast-1:123456789012:config-rule/config-rule-abc123
    description:
      description: What it is for.
      type: str
      sample: Nobody reaches databases from the Internet
    source:
      description: What evaluates it.
      type: dict
      contains:
        owner:
          description: C(AWS), C(CUSTOM_LAMBDA) or C(CUSTOM_POLICY).
          type: str
          sample: AWS
        identifier:
          description: The identifier of a managed rule, or the ARN of a function.
          type: str
          sample: RESTRICTED_INCOMING_TRAFFIC
        details:
          description: When a function is called.
          type: list
          elements: dict
          contains:
            message_type:
              description: What it is called for.
              type: str
              sample: ScheduledNotification
            maximum_execution_frequency:
              description: How often, or V(null).
              type: str
              sample: TwentyFour_Hours
    scope:
      description: Which resources it is about, with only what is set; empty for all that its source is about.
      type: dict
      sample:
        compliance_resource_types: ["AWS::EC2::SecurityGroup"]
    input_parameters:
      description: Its parameters, as texts.
      type: dict
      sample:
        blockedPort1: "3306"
    maximum_execution_frequency:
      description: How often it is evaluated if that is periodically; empty when that is not set.
      type: str
      sample: TwentyFour_Hours
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import json
import time

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.transformation import scrub_none_parameters
from ansible_collections.wellarchitected.aws.plugins.module_utils.config import (
    FREQUENCIES,
    ConfigErrorHandler,
    ConfigResource,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import given

PUT = ("description", "source", "scope", "input_parameters", "maximum_execution_frequency")
SCOPE = {
    "compliance_resource_types": "ComplianceResourceTypes",
    "compliance_resource_id": "ComplianceResourceId",
    "tag_key": "TagKey",
    "tag_value": "TagValue",
}
DEFAULT_FREQUENCY = "TwentyFour_Hours"
POLL_SECONDS = 5


class Rule(ConfigResource):
    what = "rule"
    put = PUT

    def __init__(self, params, config):
        super().__init__(normal(given(params, (*PUT, "tags"))), params, config)
        self.wait_timeout = params["wait_timeout"]

    def find(self):
        rule = self._describe()
        # What is being deleted is as good as gone; until it is, AWS Config refuses another one.
        if rule is None or rule["ConfigRuleState"].startswith("DELETING"):
            return None
        return read(rule, self._list_tags(rule["ConfigRuleArn"]))

    def blank(self):
        return {
            "name": self.name,
            "arn": None,
            "description": "",
            "source": {},
            "scope": {},
            "input_parameters": {},
            "maximum_execution_frequency": "",
            "tags": {},
        }

    def refusal(self, current, changes):
        if not current["source"] and "source" not in changes:
            return f"source is not given, but the new rule {self.name} needs something that evaluates it."
        scope = changes.get("scope", {})
        if "compliance_resource_id" in scope and len(scope.get("compliance_resource_types", [])) != 1:
            return "scope has compliance_resource_id, so compliance_resource_types has to be the one type it is of."
        if "tag_value" in scope and "tag_key" not in scope:
            return "scope has tag_value, but no tag_key."
        if "tag_key" in scope and "compliance_resource_types" in scope:
            return "scope has tag_key and compliance_resource_types, but a rule is about one or the other."
        return None

    @ConfigErrorHandler.deletion_error_handler("delete the rule {self.name}")
    @retry_on("ResourceInUseException")
    def delete(self, current):
        # AWS Config says ResourceInUseException to that, too. Check mode does not come here: the remediation may well
        # be gone by the time.
        if self._remediations():
            raise AnsibleAWSError(
                message=f"The rule {self.name} has a remediation, and AWS Config deletes no such rule. Delete that "
                "first, by config_remediation with state: absent."
            )
        self.config.delete_config_rule(ConfigRuleName=self.name)
        deadline = time.monotonic() + self.wait_timeout
        while self._describe() is not None:
            if time.monotonic() >= deadline:
                raise AnsibleAWSError(
                    message=f"The rule {self.name} is being deleted, but is still there after {self.wait_timeout} s."
                )
            time.sleep(POLL_SECONDS)

    @ConfigErrorHandler.list_error_handler("find the rule {self.name}")
    def _describe(self):
        return self.config.describe_config_rules(ConfigRuleNames=[self.name])["ConfigRules"][0]

    @ConfigErrorHandler.list_error_handler("find the remediation of the rule {self.name}", [])
    def _remediations(self):
        found = self.config.describe_remediation_configurations(ConfigRuleNames=[self.name])
        return found["RemediationConfigurations"]

    # While it is being evaluated, or one of its name deleted, it cannot be changed.
    @ConfigErrorHandler.common_error_handler("set the rule {self.name}")
    @retry_on("ResourceInUseException")
    def _put(self, state, **more):
        self.config.put_config_rule(ConfigRule=request(state), **more)


def normal(fields):
    """What is given, as AWS Config answers it."""
    if "scope" in fields:
        fields["scope"] = read_scope({SCOPE[name]: value for name, value in fields["scope"].items() if value})
    if "input_parameters" in fields:
        fields["input_parameters"] = {name: text(value) for name, value in fields["input_parameters"].items()}
    if "source" in fields:
        details = [scrub_none_parameters(detail) for detail in fields["source"]["details"]]
        fields["source"] = {**fields["source"], "details": [normal_detail(**detail) for detail in details]}
    return fields


def normal_detail(message_type, maximum_execution_frequency=None):
    """When a function is called. AWS Config adds how often, where that matters."""
    if message_type == "ScheduledNotification":
        maximum_execution_frequency = maximum_execution_frequency or DEFAULT_FREQUENCY
    return {"message_type": message_type, "maximum_execution_frequency": maximum_execution_frequency}


def text(value):
    """A parameter's value as a text."""
    if isinstance(value, list):
        return ",".join(map(text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def request(state):
    """A state as the API takes it."""
    source = {"Owner": state["source"]["owner"], "SourceIdentifier": state["source"]["identifier"]}
    if state["source"]["details"]:
        source["SourceDetails"] = [
            scrub_none_parameters(
                {
                    "EventSource": "aws.config",
                    "MessageType": detail["message_type"],
                    "MaximumExecutionFrequency": detail["maximum_execution_frequency"],
                }
            )
            for detail in state["source"]["details"]
        ]
    rule = {"ConfigRuleName": state["name"], "Description": state["description"], "Source": source}
    if state["scope"]:
        rule["Scope"] = {SCOPE[name]: value for name, value in state["scope"].items()}
    if state["input_parameters"]:
        rule["InputParameters"] = json.dumps(state["input_parameters"])
    if state["maximum_execution_frequency"]:
        rule["MaximumExecutionFrequency"] = state["maximum_execution_frequency"]
    return rule


def read(rule, tags):
    """A rule as AWS Config describes it, as a state."""
    source = rule["Source"]
    return {
        "name": rule["ConfigRuleName"],
        "arn": rule["ConfigRuleArn"],
        "description": rule.get("Description", ""),
        "source": {
            "owner": source["Owner"],
            "identifier": source.get("SourceIdentifier", ""),
            "details": [
                normal_detail(detail["MessageType"], detail.get("MaximumExecutionFrequency"))
                for detail in source.get("SourceDetails", [])
            ],
        },
        "scope": read_scope(rule.get("Scope", {})),
        "input_parameters": {
            name: text(value) for name, value in json.loads(rule.get("InputParameters") or "{}").items()
        },
        "maximum_execution_frequency": rule.get("MaximumExecutionFrequency", ""),
        "tags": tags,
    }


def read_scope(scope):
    """A scope with only what is set, and types in order."""
    read = {name: scope[member] for name, member in SCOPE.items() if scope.get(member)}
    if "compliance_resource_types" in read:
        read["compliance_resource_types"] = sorted(read["compliance_resource_types"])
    return read


def main():
    frequency = {"type": "str", "choices": FREQUENCIES}
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": {"type": "str"},
            "source": {
                "type": "dict",
                "options": {
                    "owner": {"type": "str", "choices": ["AWS", "CUSTOM_LAMBDA"], "default": "AWS"},
                    "identifier": {"type": "str", "required": True},
                    "details": {
                        "type": "list",
                        "elements": "dict",
                        "default": [],
                        "options": {
                            "message_type": {
                                "type": "str",
                                "choices": [
                                    "ConfigurationItemChangeNotification",
                                    "ConfigurationSnapshotDeliveryCompleted",
                                    "OversizedConfigurationItemChangeNotification",
                                    "ScheduledNotification",
                                ],
                                "required": True,
                            },
                            "maximum_execution_frequency": frequency,
                        },
                    },
                },
            },
            "scope": {
                "type": "dict",
                "options": {
                    "compliance_resource_types": {"type": "list", "elements": "str"},
                    "compliance_resource_id": {"type": "str"},
                    "tag_key": {"type": "str", "no_log": False},
                    "tag_value": {"type": "str"},
                },
            },
            "input_parameters": {"type": "dict"},
            "maximum_execution_frequency": frequency,
            "wait_timeout": {"type": "int", "default": 300},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "rule", lambda: Rule(module.params, client(module, "config")))


if __name__ == "__main__":
    main()
