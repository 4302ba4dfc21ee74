#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: accessanalyzer_analyzer
version_added: "0.1.0"
short_description: Manage an analyzer of IAM Access Analyzer
description:
  - Creates, changes and deletes an analyzer. It finds out what outsiders can reach (external access), what nobody uses
    (unused access), or who inside can reach what matters (internal access).
  - Follows U(https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The analyzer's name.
    type: str
    required: true
  state:
    description:
      - V(present) makes the analyzer exist as described, V(absent) deletes it, with its archive rules and findings.
    type: str
    choices: [present, absent]
    default: present
  type:
    description:
      - What it looks for, and whether in the account or in the whole organization. It cannot be changed afterwards.
      - An organization's analyzer belongs into its management account, or into that of its delegated administrator.
    type: str
    choices:
      - account
      - organization
      - account_unused_access
      - organization_unused_access
      - account_internal_access
      - organization_internal_access
    default: account
  unused_access:
    description:
      - What an unused access analyzer looks at. What is not given stays as it is.
    type: dict
    suboptions:
      age:
        description: Days without use, 1 to 365, after which access counts as unused; of a new analyzer V(90).
        type: int
      exclusions:
        description: What is left out of the analysis. Stated whole; V([]) for nothing.
        type: list
        elements: dict
        suboptions:
          account_ids:
            description: Accounts of the organization whose users and roles are left out.
            type: list
            elements: str
          resource_tags:
            description: Users and roles with one of these sets of tags are left out.
            type: list
            elements: dict
  internal_access:
    description:
      - What an internal access analyzer looks at.
    type: dict
    suboptions:
      inclusions:
        description: The resources that it analyses; each entry narrows by all that it says.
        type: list
        elements: dict
        suboptions:
          account_ids:
            description: The accounts that own the resources.
            type: list
            elements: str
          resource_types:
            description: The resources' types, such as V(AWS::S3::Bucket).
            type: list
            elements: str
          resource_arns:
            description: The resources' ARNs.
            type: list
            elements: str
  archive_rules:
    description:
      - Rules that archive new findings by themselves. Stated whole; V([]) removes them all.
    type: list
    elements: dict
    suboptions:
      name:
        description: The rule's name, unique within the analyzer.
        type: str
        required: true
      filter:
        description: A finding is archived when all of these conditions hold.
        type: list
        elements: dict
        required: true
        suboptions:
          key:
            description:
              - Which property of a finding is looked at, such as V(principal.AWS) or V(resourceType). See
                U(https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-filter-keys.html).
            type: str
            required: true
          eq:
            description: It is one of these values.
            type: list
            elements: str
          neq:
            description: It is none of these values.
            type: list
            elements: str
          contains:
            description: It contains one of these values.
            type: list
            elements: str
          exists:
            description: Whether the finding has the property at all.
            type: bool
  wait:
    description:
      - Whether to wait until a new analyzer is active.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most.
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
- name: Find what outsiders can reach in this region
  wellarchitected.aws.accessanalyzer_analyzer:
    name: example
    tags:
      Environment: production

- name: Find what nobody has used for half a year
  wellarchitected.aws.accessanalyzer_analyzer:
    name: example-unused
    type: account_unused_access
    unused_access:
      age: 180

- name: Archive findings about a partner's account
  wellarchitected.aws.accessanalyzer_analyzer:
    name: example
    archive_rules:
      - name: partner
        filter:
          - key: principal.AWS
            contains: ["123456789012"]
          - key: isPublic
            eq: ["false"]
"""

RETURN = r"""
analyzer:
  description: The analyzer as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example
    arn:
      description: Its ARN; in check mode without a value for an analyzer that would be created.
      type: str
      sample: arn:aws:access-analyzer:ap-northeast-1:123456789012:analyzer/example
    type:
      description: One of the values of O(type).
      type: str
      sample: account
    status:
      description: V(ACTIVE), V(CREATING), V(DISABLED) or V(FAILED).
      type: str
      sample: ACTIVE
    unused_access:
      description: What an unused access analyzer looks at; empty for other types.
      type: dict
      sample:
        age: 90
        exclusions: []
    internal_access:
      description: What an internal access analyzer looks at; empty for other types.
      type: dict
      sample: {}
    archive_rules:
      description: The archive rules, sorted by name.
      type: list
      elements: dict
      sample:
        - name: partner
          filter:
            - key: isPublic
              eq: ["false"]
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

TYPES = [
    "account",
    "organization",
    "account_unused_access",
    "organization_unused_access",
    "account_internal_access",
    "organization_internal_access",
]
FIELDS = ("type", "unused_access", "internal_access", "archive_rules", "tags")
# The members of exclusions and inclusions, as options and as the API calls them.
RULE_MEMBERS = {
    "account_ids": "accountIds",
    "resource_tags": "resourceTags",
    "resource_types": "resourceTypes",
    "resource_arns": "resourceArns",
}
COMPARISONS = ("eq", "neq", "contains", "exists")


class AnalyzerErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("ResourceNotFoundException")


class AnalyzerWaiters(BaseWaiterFactory):
    @property
    def _waiter_model_data(self):
        return {
            "analyzer_active": {
                "operation": "GetAnalyzer",
                "delay": 5,
                "maxAttempts": 60,
                "acceptors": [
                    {"state": state, "matcher": "path", "argument": "analyzer.status", "expected": status}
                    for state, status in (
                        ("success", "ACTIVE"),
                        ("retry", "CREATING"),
                        ("failure", "DISABLED"),
                        ("failure", "FAILED"),
                    )
                ]
                + [{"state": "retry", "matcher": "error", "expected": "ResourceNotFoundException"}],
            }
        }


class Analyzer(Resource):
    partial = frozenset({"unused_access", "internal_access"})

    def __init__(self, params, client):
        super().__init__(given_fields(params), params["purge_tags"])
        self.client = client
        self.name = params["name"]
        self.wait_timeout = params["wait_timeout"] if params["wait"] else None

    def find(self):
        analyzer = self._get()
        return read(analyzer, self._list_archive_rules()) if analyzer else None

    def blank(self):
        kind = self.given["type"]
        return {
            "name": self.name,
            "arn": None,
            "type": kind,
            "status": "ACTIVE",
            "unused_access": {"age": 90, "exclusions": []} if kind.endswith("unused_access") else {},
            "internal_access": {"inclusions": []} if kind.endswith("internal_access") else {},
            "archive_rules": [],
            "tags": {},
        }

    def refusal(self, current, changes):
        after = {**current, **changes}
        if "type" in changes:
            return (
                f"The analyzer {self.name} is of type {current['type']}, and AWS cannot make it {changes['type']}. "
                "Choose another name, or delete it first."
            )
        for option in ("unused_access", "internal_access"):
            if after[option] and not after["type"].endswith(option):
                return f"{option} is given, but the analyzer {self.name} is of type {after['type']}."
        return None

    def create(self):
        state = {**self.blank(), **self.wanted(self.blank())}
        self._create(state)
        if self.wait_timeout is not None:
            self._wait()

    def update(self, current, changes):
        if changes.keys() & {"unused_access", "internal_access"}:
            self._set_configuration({**current, **changes})
        if "archive_rules" in changes:
            self._set_archive_rules(by_name(current["archive_rules"]), by_name(changes["archive_rules"]))
        if "tags" in changes:
            self._set_tags(current["arn"], current["tags"], changes["tags"])

    @AnalyzerErrorHandler.list_error_handler("find the analyzer {self.name}")
    def _get(self):
        return self.client.get_analyzer(analyzerName=self.name)["analyzer"]

    @AnalyzerErrorHandler.list_error_handler("list the archive rules of the analyzer {self.name}", [])
    def _list_archive_rules(self):
        pages = self.client.get_paginator("list_archive_rules").paginate(analyzerName=self.name)
        return [rule for page in pages for rule in page["archiveRules"]]

    @AnalyzerErrorHandler.common_error_handler("create the analyzer {self.name}")
    def _create(self, state):
        arguments = {
            "archiveRules": [write_archive_rule(rule) for rule in state["archive_rules"]],
            "tags": state["tags"],
        }
        configuration = write_configuration(state)
        if configuration:
            arguments["configuration"] = configuration
        self.client.create_analyzer(analyzerName=self.name, type=state["type"].upper(), **arguments)

    @AnalyzerErrorHandler.common_error_handler("see the analyzer {self.name} become active")
    def _wait(self):
        waiter = AnalyzerWaiters().get_waiter(self.client, "analyzer_active")
        waiter.wait(analyzerName=self.name, WaiterConfig=custom_waiter_config(self.wait_timeout))

    @AnalyzerErrorHandler.common_error_handler("change the analyzer {self.name}")
    def _set_configuration(self, state):
        self.client.update_analyzer(analyzerName=self.name, configuration=write_configuration(state))

    @AnalyzerErrorHandler.common_error_handler("set the archive rules of the analyzer {self.name}")
    def _set_archive_rules(self, current, wanted):
        for name in current.keys() - wanted.keys():
            self.client.delete_archive_rule(analyzerName=self.name, ruleName=name)
        for name, rule in wanted.items():
            if name not in current:
                self.client.create_archive_rule(analyzerName=self.name, **write_archive_rule(rule))
            elif rule != current[name]:
                self.client.update_archive_rule(analyzerName=self.name, **write_archive_rule(rule))

    @AnalyzerErrorHandler.common_error_handler("tag the analyzer {self.name}")
    def _set_tags(self, arn, current, wanted):
        change_resource_tags(self.client, current, wanted, resourceArn=arn)

    @AnalyzerErrorHandler.deletion_error_handler("delete the analyzer {self.name}")
    def delete(self, current):
        self.client.delete_analyzer(analyzerName=self.name)


def by_name(rules):
    return {rule["name"]: rule for rule in rules}


def given_fields(params):
    """The options that the user gave, in the form in which Analyzer.find answers them."""
    fields = given(params, FIELDS)
    if "archive_rules" in fields:
        fields["archive_rules"] = sorted(
            map(normalise_archive_rule, fields["archive_rules"]), key=lambda rule: rule["name"]
        )
    return fields


def normalise_archive_rule(rule):
    """A rule with its conditions in one order."""
    return {"name": rule["name"], "filter": sorted(rule["filter"], key=lambda condition: condition["key"])}


def read(analyzer, archive_rules):
    """An analyzer and its archive rules, as the API has them, as a state."""
    configuration = analyzer.get("configuration") or {}
    unused, internal = configuration.get("unusedAccess"), configuration.get("internalAccess")
    rules = [
        {"name": rule["ruleName"], "filter": [{"key": key, **criterion} for key, criterion in rule["filter"].items()]}
        for rule in archive_rules
    ]
    kind = analyzer["type"].lower()
    return {
        "name": analyzer["name"],
        "arn": analyzer["arn"],
        "type": kind,
        "status": analyzer["status"],
        "unused_access": (
            {"age": unused["unusedAccessAge"], "exclusions": read_rule(unused, "exclusions")} if unused else {}
        ),
        "internal_access": (
            {"inclusions": read_rule(internal or {}, "inclusions")} if kind.endswith("internal_access") else {}
        ),
        "archive_rules": sorted(map(normalise_archive_rule, rules), key=lambda rule: rule["name"]),
        "tags": analyzer.get("tags", {}),
    }


def read_rule(access, members):
    options = {member: option for option, member in RULE_MEMBERS.items()}
    rules = access.get("analysisRule", {}).get(members, [])
    return [{options[member]: value for member, value in rule.items()} for rule in rules]


def write_configuration(state):
    """The configuration that an analyzer of this state has; None for external access."""

    def write_rule(access, members):
        rules = access.get(members, [])
        return {
            "analysisRule": {members: [{RULE_MEMBERS[name]: value for name, value in rule.items()} for rule in rules]}
        }

    unused, internal = state["unused_access"], state["internal_access"]
    if unused:
        return {"unusedAccess": {"unusedAccessAge": unused["age"], **write_rule(unused, "exclusions")}}
    if internal:
        return {"internalAccess": write_rule(internal, "inclusions")}
    return None


def write_archive_rule(rule):
    conditions = {
        condition["key"]: {name: condition[name] for name in COMPARISONS if name in condition}
        for condition in rule["filter"]
    }
    return {"ruleName": rule["name"], "filter": conditions}


def main():
    strings = {"type": "list", "elements": "str"}
    exclusion = {"account_ids": strings, "resource_tags": {"type": "list", "elements": "dict"}}
    inclusion = {"account_ids": strings, "resource_types": strings, "resource_arns": strings}
    condition = {
        "key": {"type": "str", "required": True, "no_log": False},
        "eq": strings,
        "neq": strings,
        "contains": strings,
        "exists": {"type": "bool"},
    }
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "type": {"type": "str", "choices": TYPES, "default": "account"},
            "unused_access": {
                "type": "dict",
                "options": {
                    "age": {"type": "int"},
                    "exclusions": {"type": "list", "elements": "dict", "options": exclusion},
                },
            },
            "internal_access": {
                "type": "dict",
                "options": {"inclusions": {"type": "list", "elements": "dict", "options": inclusion}},
            },
            "archive_rules": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str", "required": True},
                    "filter": {"type": "list", "elements": "dict", "required": True, "options": condition},
                },
            },
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 300},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "analyzer", lambda: Analyzer(module.params, client(module, "accessanalyzer")))


if __name__ == "__main__":
    main()
