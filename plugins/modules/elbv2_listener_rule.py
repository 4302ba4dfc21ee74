#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elbv2_listener_rule
version_added: "0.1.0"
short_description: Manage a rule of a listener of an Application Load Balancer
description:
  - Creates, changes and deletes a rule, which says what becomes of the requests that meet its conditions.
  - The values of headers may be secret, as where a distribution shows by one that a request came through it. They are
    never shown; the diff and the answer hold the beginning of a value's SHA-256 hash instead.
  - Transformations of a rule stay as they are. One that asks who the user is cannot be described here.
  - Follows U(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  listener_arn:
    description:
      - ARN of the listener.
    type: str
    required: true
  priority:
    description:
      - The rule's place, V(1) to V(50000); the lowest is looked at first. It is what the rule is known by.
    type: int
    required: true
  state:
    description:
      - V(present) makes the rule exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  conditions:
    description:
      - What a request has to be, in all respects that are given. Stated whole. Required for a new rule.
      - Patterns may contain V(*) for any letters and V(?) for any one.
    type: dict
    suboptions:
      host_header:
        description: Its host fits one of these patterns.
        type: list
        elements: str
      path_pattern:
        description: Its path fits one of these patterns.
        type: list
        elements: str
      http_request_method:
        description: Its method is one of these.
        type: list
        elements: str
      source_ip:
        description: It comes from one of these ranges, in CIDR notation.
        type: list
        elements: str
      http_header:
        description: Its headers are all as described here.
        type: list
        elements: dict
        suboptions:
          name:
            description: The header's name. Upper and lower case are the same.
            type: str
            required: true
          values:
            description: The header fits one of these patterns.
            type: list
            elements: str
            required: true
      query_string:
        description: Its query has one of these pairs.
        type: list
        elements: dict
        suboptions:
          key:
            description: The key; any when not given.
            type: str
          value:
            description: A pattern that the value fits.
            type: str
            required: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.elbv2_action
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let in what comes through CloudFront, by the present secret and the last one
  wellarchitected.aws.elbv2_listener_rule:
    listener_arn: "{{ listener_arn }}"
    priority: 1
    conditions:
      http_header:
        - name: X-Origin-Secret
          values: ["{{ secret }}", "{{ last_secret }}"]
    action:
      forward:
        target_groups:
          - arn: "{{ target_group_arn }}"

- name: Say that the old address is no more
  wellarchitected.aws.elbv2_listener_rule:
    listener_arn: "{{ listener_arn }}"
    priority: 10
    conditions:
      host_header: [old.example.com]
    action:
      fixed_response:
        status_code: "410"
        message_body: Please use www.example.com.

- name: Delete a rule
  wellarchitected.aws.elbv2_listener_rule:
    listener_arn: "{{ listener_arn }}"
    priority: 10
    state: absent
"""

RETURN = r"""
listener_rule:
  description: The rule as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    arn:
      description: Its ARN; in check mode without a value for a rule that would be created.
      type: str
      sample: >-
        arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener-rule/app/example/1234567890abcdef/1234567890abcdef/1234567890abcdef
    listener_arn:
      description: ARN of its listener.
      type: str
      sample: >-
        arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener/app/example/1234567890abcdef/1234567890abcdef
    priority:
      description: Its place.
      type: int
      sample: 1
    conditions:
      description:
        - What a request has to be, those respects that count. A header's values are shown by the first 16 digits of
          their SHA-256 hashes.
        - C(other) stands for what cannot be described here, such as regular expressions.
      type: dict
      sample:
        http_header:
          - name: x-origin-secret
            values: ["sha256:2bb80d537b1da3e3"]
    action:
      description: What becomes of the request; empty for what cannot be described here.
      type: dict
      sample:
        forward:
          target_groups:
            - arn: arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/example/1234567890abcdef
              weight: 1
          stickiness_seconds: 0
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import hashlib

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.wellarchitected.aws.plugins.module_utils.elbv2 import (
    ACTION_OPTION,
    ElbErrorHandler,
    change_tags,
    list_tags,
    normalise_action,
    read_action,
    write_action,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# The conditions that are lists of patterns: what the API calls the field, and what holds its values.
PATTERNS = {
    "host_header": ("host-header", "HostHeaderConfig"),
    "path_pattern": ("path-pattern", "PathPatternConfig"),
    "http_request_method": ("http-request-method", "HttpRequestMethodConfig"),
    "source_ip": ("source-ip", "SourceIpConfig"),
}
OPTIONS = {field: option for option, (field, config) in PATTERNS.items()}


class ListenerRule(Resource):
    def __init__(self, params, elb):
        # The conditions with their secrets stay here; what is compared and shown has hashes instead.
        self.conditions = normalise_conditions(given(params, ("conditions",)).get("conditions", {}))
        fields = given(params, ("action", "tags"))
        if params["conditions"] is not None:
            fields["conditions"] = hide(self.conditions)
        if "action" in fields:
            fields["action"] = normalise_action(fields["action"])
        super().__init__(fields, params["purge_tags"])
        self.elb = elb
        self.listener_arn = params["listener_arn"]
        self.priority = params["priority"]

    def find(self):
        rule = self._describe()
        if rule is None:
            return None
        return {
            "arn": rule["RuleArn"],
            "listener_arn": self.listener_arn,
            "priority": self.priority,
            "conditions": hide(read_conditions(rule["Conditions"])),
            "action": read_action(rule["Actions"]),
            "tags": self._list_tags(rule["RuleArn"]),
        }

    def blank(self):
        return {
            "arn": None,
            "listener_arn": self.listener_arn,
            "priority": self.priority,
            "conditions": {},
            "action": {},
            "tags": {},
        }

    def refusal(self, current, changes):
        if self.given.get("conditions") == {}:
            return f"conditions is empty, but the rule {self.priority} needs one condition or more."
        missing = [field for field in ("conditions", "action") if current["arn"] is None and field not in changes]
        if missing:
            return f"There is no rule {self.priority} yet, and a new one needs {' and '.join(missing)}."
        return None

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})

    def update(self, current, changes):
        arguments = {}
        if "conditions" in changes:
            arguments["Conditions"] = write_conditions(self.conditions)
        if "action" in changes:
            arguments["Actions"] = write_action(changes["action"])
        if arguments:
            self._modify(current["arn"], arguments)
        if "tags" in changes:
            change_tags(self.elb, current["arn"], current["tags"], changes["tags"])

    @ElbErrorHandler.list_error_handler("find the rule {self.priority} of {self.listener_arn}")
    def _describe(self):
        pages = self.elb.get_paginator("describe_rules").paginate(ListenerArn=self.listener_arn)
        rules = (rule for page in pages for rule in page["Rules"])
        return next((rule for rule in rules if rule["Priority"] == str(self.priority)), None)

    @ElbErrorHandler.list_error_handler("list the tags of the rule {self.priority} of {self.listener_arn}", {})
    def _list_tags(self, arn):
        return list_tags(self.elb, arn)

    @ElbErrorHandler.common_error_handler("create the rule {self.priority} of {self.listener_arn}")
    def _create(self, state):
        tags = {"Tags": ansible_dict_to_boto3_tag_list(state["tags"])} if state["tags"] else {}
        self.elb.create_rule(
            ListenerArn=self.listener_arn,
            Priority=self.priority,
            Conditions=write_conditions(self.conditions),
            Actions=write_action(state["action"]),
            **tags,
        )

    @ElbErrorHandler.common_error_handler("change the rule {self.priority} of {self.listener_arn}")
    def _modify(self, arn, arguments):
        self.elb.modify_rule(RuleArn=arn, **arguments)

    @ElbErrorHandler.deletion_error_handler("delete the rule {self.priority} of {self.listener_arn}")
    def delete(self, current):
        self.elb.delete_rule(RuleArn=current["arn"])


def normalise_conditions(conditions):
    """The conditions that say something, their values in one order, the names of headers in lower case."""
    normal = {option: sorted(set(conditions[option])) for option in PATTERNS if conditions.get(option)}
    if conditions.get("http_header"):
        normal["http_header"] = sorted(
            (
                {"name": item["name"].lower(), "values": sorted(set(item["values"]))}
                for item in conditions["http_header"]
            ),
            key=lambda item: (item["name"], item["values"]),
        )
    if conditions.get("query_string"):
        pairs = [{"key": item.get("key"), "value": item["value"]} for item in conditions["query_string"]]
        normal["query_string"] = sorted(pairs, key=lambda item: (item["key"] or "", item["value"]))
    if conditions.get("other"):
        normal["other"] = True
    return normal


def hide(conditions):
    """Conditions that can be shown: each value of a header is its hash."""

    def digest(value):
        return f"sha256:{hashlib.sha256(value.encode()).hexdigest()[:16]}"

    if "http_header" not in conditions:
        return conditions
    hidden = [
        {"name": item["name"], "values": sorted(digest(value) for value in item["values"])}
        for item in conditions["http_header"]
    ]
    return {**conditions, "http_header": hidden}


def read_conditions(conditions):
    """The conditions of the API in the form of the option; other stands for what the option cannot say."""
    found = {"http_header": [], "query_string": []}
    for condition in conditions:
        field = condition["Field"]
        config = next((value for name, value in condition.items() if name.endswith("Config")), {})
        values = config.get("Values") or condition.get("Values")
        # Two conditions on one field have to hold both, which a list of values cannot say.
        if not values or OPTIONS.get(field) in found or (field == "query-string" and found["query_string"]):
            found["other"] = True
        elif field in OPTIONS:
            found[OPTIONS[field]] = values
        elif field == "http-header":
            found["http_header"].append({"name": config["HttpHeaderName"], "values": values})
        elif field == "query-string":
            found["query_string"] = [{"key": item.get("Key"), "value": item["Value"]} for item in values]
        else:
            found["other"] = True
    return normalise_conditions(found)


def write_conditions(conditions):
    """The conditions of the API that say this."""
    written = [
        {"Field": field, config: {"Values": conditions[option]}}
        for option, (field, config) in PATTERNS.items()
        if option in conditions
    ]
    for header in conditions.get("http_header", []):
        config = {"HttpHeaderName": header["name"], "Values": header["values"]}
        written.append({"Field": "http-header", "HttpHeaderConfig": config})
    if "query_string" in conditions:
        pairs = [
            {**({"Key": item["key"]} if item["key"] else {}), "Value": item["value"]}
            for item in conditions["query_string"]
        ]
        written.append({"Field": "query-string", "QueryStringConfig": {"Values": pairs}})
    return written


def main():
    header = {
        "name": {"type": "str", "required": True},
        "values": {"type": "list", "elements": "str", "required": True, "no_log": True},
    }
    pair = {"key": {"type": "str", "no_log": False}, "value": {"type": "str", "required": True}}
    module = AnsibleAWSModule(
        argument_spec={
            "listener_arn": {"type": "str", "required": True},
            "priority": {"type": "int", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "conditions": {
                "type": "dict",
                "options": {
                    **{option: {"type": "list", "elements": "str"} for option in PATTERNS},
                    "http_header": {"type": "list", "elements": "dict", "options": header},
                    "query_string": {"type": "list", "elements": "dict", "options": pair},
                },
            },
            "action": ACTION_OPTION,
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "listener_rule", lambda: ListenerRule(module.params, client(module, "elbv2")))


if __name__ == "__main__":
    main()
