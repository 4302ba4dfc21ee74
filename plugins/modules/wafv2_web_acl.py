#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wafv2_web_acl
version_added: "0.1.0"
short_description: Manage an AWS WAF web ACL
description:
  - Creates, changes and deletes a web ACL, whose rules say which web requests reach what it protects.
  - Rules, actions and bodies are given in AWS's own structure, in which members may be named as AWS names them
    (C(IPSetReferenceStatement)) or in snake case (C(ip_set_reference_statement)). Where only one member is given and
    there is nothing in it, its name is enough, as in C(action=block) for C(action.block={}).
  - What is not given stays as it is, also what this module knows nothing of.
  - Follows U(https://docs.aws.amazon.com/waf/latest/developerguide/web-acl.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The web ACL's name, unique within its scope.
    type: str
    required: true
  scope:
    description:
      - V(REGIONAL) for load balancers, APIs and the like, V(CLOUDFRONT) for distributions. A web ACL for CloudFront is
        managed in the region V(us-east-1).
    type: str
    choices: [REGIONAL, CLOUDFRONT]
    default: REGIONAL
  state:
    description:
      - V(present) makes the web ACL exist as described, V(absent) deletes it. One that protects something is not
        deleted.
    type: str
    choices: [present, absent]
    default: present
  description:
    description:
      - What it is for, of three characters or more; an empty text for none.
    type: str
  default_action:
    description:
      - What happens to a request that no rule allows or blocks, V(allow) or V(block), or a C(DefaultAction) with more
        to say. Required for a new web ACL.
      - See U(https://docs.aws.amazon.com/waf/latest/APIReference/API_DefaultAction.html).
    type: raw
  rules:
    description:
      - The rules, each a C(Rule) of U(https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html). Stated whole;
        V([]) for none.
      - A rule without a C(priority) has that of its place in the list, from 0.
      - A rule without a C(visibility_config) has metrics and samples under its own name.
    type: list
    elements: dict
  visibility_config:
    description:
      - How requests to which the default action applies are counted and shown. What is not given stays as it is.
    type: dict
    suboptions:
      cloud_watch_metrics_enabled:
        description: Whether CloudWatch has metrics of them; of a new web ACL V(true).
        type: bool
      sampled_requests_enabled:
        description: Whether the console shows samples of them; of a new web ACL V(true).
        type: bool
      metric_name:
        description: The name of the metrics; of a new web ACL its own.
        type: str
  custom_response_bodies:
    description:
      - The bodies that actions answer with, by the key that an action names. Each has a C(content_type) (V(TEXT_PLAIN),
        V(TEXT_HTML) or V(APPLICATION_JSON)) and a C(content). Stated whole; V({}) for none.
    type: dict
  captcha_immunity_time:
    description:
      - For how many seconds a solved CAPTCHA holds, 60 to 259200; of a new web ACL V(300).
    type: int
  challenge_immunity_time:
    description:
      - For how many seconds a passed challenge holds, 300 to 259200; of a new web ACL V(300).
    type: int
  token_domains:
    description:
      - The domains whose tokens are accepted, besides that of what is protected. Stated whole; V([]) for no other.
    type: list
    elements: str
  association_config:
    description:
      - How much of a body is inspected, as an C(AssociationConfig) of
        U(https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociationConfig.html). Stated whole; V({}) for AWS's
        own limits.
    type: dict
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Protect the load balancers of a region
  wellarchitected.aws.wafv2_web_acl:
    name: example
    default_action: allow
    rules:
      - name: office
        action: allow
        statement:
          ip_set_reference_statement:
            arn: "{{ office_ip_set_arn }}"
      - name: rate
        action: block
        statement:
          rate_based_statement:
            limit: 2000
            aggregate_key_type: IP
      - name: countries
        action:
          block:
            custom_response:
              response_code: 451
              custom_response_body_key: elsewhere
        statement:
          not_statement:
            statement:
              geo_match_statement:
                country_codes: [JP, US]
      - name: common
        override_action: none
        statement:
          managed_rule_group_statement:
            vendor_name: AWS
            name: AWSManagedRulesCommonRuleSet
            rule_action_overrides:
              - name: SizeRestrictions_BODY
                action_to_use: count
    custom_response_bodies:
      elsewhere:
        content_type: TEXT_PLAIN
        content: Not available in your country.
    tags:
      Environment: production

# The region has to be us-east-1.
- name: Try a managed rule group in front of CloudFront, without blocking anything
  wellarchitected.aws.wafv2_web_acl:
    name: example
    scope: CLOUDFRONT
    default_action: allow
    rules:
      - name: known-bad-inputs
        override_action: count
        statement:
          managed_rule_group_statement:
            vendor_name: AWS
            name: AWSManagedRulesKnownBadInputsRuleSet

- name: Delete a web ACL
  wellarchitected.aws.wafv2_web_acl:
    name: example
    state: absent
"""

RETURN = r"""
web_acl:
  description: The web ACL as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example
    scope:
      description: V(REGIONAL) or V(CLOUDFRONT).
      type: str
      sample: REGIONAL
    id:
      description: Its id; in check mode without a value for a web ACL that would be created.
      type: str
      sample: 1234abcd-12ab-34cd-56ef-1234567890ab
    arn:
      description: Its ARN; in check mode without a value for a web ACL that would be created.
      type: str
      sample: >-
        arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/example/1234abcd-12ab-34cd-56ef-1234567890ab
    label_namespace:
      description: What the labels of its rules begin with; in check mode without a value for a new one.
      type: str
      sample: "awswaf:123456789012:webacl:example:"
    capacity:
      description: The web ACL capacity units that its rules use; without a value where check mode changes the rules.
      type: int
      sample: 726
    managed_by_firewall_manager:
      description: Whether AWS Firewall Manager has made it, and is alone to delete it.
      type: bool
      sample: false
    description:
      description: What it is for; empty for nothing.
      type: str
      sample: ""
    default_action:
      description: What happens to other requests, in AWS's structure and snake case.
      type: dict
      sample:
        allow: {}
    rules:
      description: The rules, ordered by priority, in AWS's structure and snake case, without what AWS fills in.
      type: list
      elements: dict
      sample:
        - name: rate
          priority: 0
          action:
            block: {}
          statement:
            rate_based_statement:
              limit: 2000
              aggregate_key_type: IP
          visibility_config:
            sampled_requests_enabled: true
            cloud_watch_metrics_enabled: true
            metric_name: rate
    visibility_config:
      description: How requests to which the default action applies are counted and shown.
      type: dict
      sample:
        sampled_requests_enabled: true
        cloud_watch_metrics_enabled: true
        metric_name: example
    custom_response_bodies:
      description: The bodies that actions answer with.
      type: dict
      sample: {}
    captcha_immunity_time:
      description: For how many seconds a solved CAPTCHA holds.
      type: int
      sample: 300
    challenge_immunity_time:
      description: For how many seconds a passed challenge holds.
      type: int
      sample: 300
    token_domains:
      description: The other domains whose tokens are accepted.
      type: list
      elements: str
      sample: []
    association_config:
      description: How much of a body is inspected; empty for AWS's own limits.
      type: dict
      sample: {}
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.shapes import from_api, snake_name, to_api
from ansible_collections.wellarchitected.aws.plugins.module_utils.wafv2 import (
    ASSOCIATED,
    CHANGED_MEANWHILE,
    NOT_YET_KNOWN,
    WafErrorHandler,
    change_tags,
    find_by_name,
    list_tags,
    require_region_of_cloudfront,
)

# The fields that UpdateWebACL takes, and what it calls them.
MEMBERS = {
    "description": "Description",
    "default_action": "DefaultAction",
    "rules": "Rules",
    "visibility_config": "VisibilityConfig",
    "custom_response_bodies": "CustomResponseBodies",
    "captcha_immunity_time": "CaptchaConfig",
    "challenge_immunity_time": "ChallengeConfig",
    "token_domains": "TokenDomains",
    "association_config": "AssociationConfig",
}
IMMUNITY_TIMES = ("captcha_immunity_time", "challenge_immunity_time")
FIELDS = (*MEMBERS, "tags")
# What the API fills in where nothing is said, by the shapes of its reference.
DEFAULTS = {
    "AWSManagedRulesAntiDDoSRuleSet": {"SensitivityToBlock": "LOW"},
    "AWSManagedRulesBotControlRuleSet": {"EnableMachineLearning": True},
    "Body": {"OversizeHandling": "CONTINUE"},
    "ClientSideAction": {"Sensitivity": "HIGH"},
    "JsonBody": {"OversizeHandling": "CONTINUE"},
    "RateBasedStatement": {"EvaluationWindowSec": 300},
    "SqliMatchStatement": {"SensitivityLevel": "LOW"},
}
# Lists in which the order means nothing, by their shapes, and what to put them in order by.
SORT_KEYS = {
    "CookieNames": str,
    "CountryCodes": str,
    "ExcludedRules": lambda rule: rule["Name"],
    "HeaderNames": str,
    "Labels": lambda label: label["Name"],
    "RuleActionOverrides": lambda override: override["Name"],
    "Rules": lambda rule: rule["Priority"],
    "TextTransformations": lambda transformation: transformation["Priority"],
    "TokenDomains": str,
}


class WebACL(Resource):
    partial = frozenset({"visibility_config"})

    def __init__(self, params, waf):
        self.shapes = waf.meta.service_model.operation_model("UpdateWebACL").input_shape.members
        super().__init__(given_fields(params, self.shapes), params["purge_tags"])
        self.waf = waf
        self.name = params["name"]
        self.scope = params["scope"]

    def find(self):
        answer = self._get()
        if answer is None:
            return None
        web_acl = answer["WebACL"]
        return read(web_acl, self.scope, self._list_tags(web_acl["ARN"]), self.shapes)

    def blank(self):
        return {
            "name": self.name,
            "scope": self.scope,
            "id": None,
            "arn": None,
            "label_namespace": None,
            "capacity": None,
            "managed_by_firewall_manager": False,
            "description": "",
            "default_action": None,
            "rules": [],
            "visibility_config": visibility(self.name),
            "custom_response_bodies": {},
            "captcha_immunity_time": 300,
            "challenge_immunity_time": 300,
            "token_domains": [],
            "association_config": {},
            "tags": {},
        }

    def refusal(self, current, changes):
        if not {**current, **changes}["default_action"]:
            return f"There is no web ACL {self.name} ({self.scope}) yet, and a new one needs a default_action."
        return None

    def deletion_refusal(self, current):
        if current["managed_by_firewall_manager"]:
            return f"The web ACL {self.name} is managed by AWS Firewall Manager, which is alone to delete it."
        protected = self._list_protected(current["arn"]) if self.scope == "REGIONAL" else []
        return still_protects(self.name, protected) if protected else None

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})

    def update(self, current, changes):
        members = {field: value for field, value in changes.items() if field in MEMBERS}
        if members:
            self._update(write(members, self.shapes))
        if "tags" in changes:
            change_tags(self.waf, current["arn"], current["tags"], changes["tags"])

    @WafErrorHandler.deletion_error_handler("delete the web ACL {self.name}")
    def delete(self, current):
        try:
            self._delete()
        except is_boto3_error_code(ASSOCIATED) as error:
            raise AnsibleAWSError(message=still_protects(self.name, [])) from error

    @WafErrorHandler.list_error_handler("find the web ACL {self.name}")
    def _get(self):
        summary = find_by_name(self.waf.list_web_acls, "WebACLs", self.name, self.scope)
        return self.waf.get_web_acl(Name=self.name, Scope=self.scope, Id=summary["Id"]) if summary else None

    @WafErrorHandler.list_error_handler("list the tags of the web ACL {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.waf, arn)

    @WafErrorHandler.list_error_handler("list what the web ACL {self.name} protects", [])
    def _list_protected(self, arn):
        operation = self.waf.meta.service_model.operation_model("ListResourcesForWebACL")
        return [
            resource
            for kind in operation.input_shape.members["ResourceType"].enum
            for resource in self.waf.list_resources_for_web_acl(WebACLArn=arn, ResourceType=kind)["ResourceArns"]
        ]

    @WafErrorHandler.common_error_handler("create the web ACL {self.name}")
    @retry_on(*NOT_YET_KNOWN)
    def _create(self, state):
        members = only_said(write(state, self.shapes))
        tags = {"Tags": ansible_dict_to_boto3_tag_list(state["tags"])} if state["tags"] else {}
        self.waf.create_web_acl(Name=self.name, Scope=self.scope, **members, **tags)

    @WafErrorHandler.common_error_handler("change the web ACL {self.name}")
    @retry_on(*NOT_YET_KNOWN, CHANGED_MEANWHILE)
    def _update(self, members):
        # UpdateWebACL replaces all that there is: what is not to be changed is told again, as it is at this moment.
        answer = self._get()
        kept = {name: value for name, value in answer["WebACL"].items() if name in self.shapes.keys() - {"Name", "Id"}}
        self.waf.update_web_acl(**only_said({**kept, **members}), **self._identity(answer))

    @retry_on(CHANGED_MEANWHILE, ASSOCIATED)
    def _delete(self):
        # What has just been taken off, or deleted, counts for some seconds more.
        answer = self._get()
        if answer:
            self.waf.delete_web_acl(**self._identity(answer))

    def _identity(self, answer):
        web_acl = answer["WebACL"]
        return {"Name": self.name, "Scope": self.scope, "Id": web_acl["Id"], "LockToken": answer["LockToken"]}


def still_protects(name, resources):
    what = f" ({', '.join(resources)})" if resources else ""
    return f"The web ACL {name} still protects something{what}. Take it off first: AWS does not delete it before."


def only_said(members):
    """The members that say something; an empty description is answered by WAF, but not taken."""
    return {name: value for name, value in members.items() if value not in (None, "")}


def visibility(name):
    return {"sampled_requests_enabled": True, "cloud_watch_metrics_enabled": True, "metric_name": name}


def given_fields(params, shapes):
    """The options that the user gave, in the form in which WebACL.find answers them."""
    fields = given(params, FIELDS)
    if "rules" in fields:
        fields["rules"] = [complete_rule(rule, position) for position, rule in enumerate(fields["rules"])]
    for field in ("default_action", "rules", "custom_response_bodies", "token_domains", "association_config"):
        if field in fields:
            shape = shapes[MEMBERS[field]]
            fields[field] = from_api(shape, normalise(shape, to_api(shape, fields[field], field)))
    for member in ("name", "priority"):
        refuse_doubles([rule[member] for rule in fields.get("rules", [])], member)
    return fields


def complete_rule(rule, position):
    """A rule with what it may leave out."""
    spelled = {snake_name(member) for member in rule}
    defaults = {"priority": position}
    if "name" in spelled:
        defaults["visibility_config"] = visibility(rule.get("name", rule.get("Name")))
    return {**{member: value for member, value in defaults.items() if member not in spelled}, **rule}


def refuse_doubles(values, member):
    double = next((value for value in values if values.count(value) > 1), None)
    if double is not None:
        raise AnsibleAWSError(message=f"Several rules have the {member} {double}, but each needs one of its own.")


def normalise(shape, value):
    """A value of the API in the one form that can be compared: without its defaults and empty lists, lists in order."""
    if shape.type_name == "structure":
        defaults = DEFAULTS.get(shape.name, {})
        members = {name: normalise(member, value[name]) for name, member in shape.members.items() if name in value}
        return {name: member for name, member in members.items() if member != [] and member != defaults.get(name, [])}
    if shape.type_name == "list":
        items = [normalise(shape.member, item) for item in value]
        return sorted(items, key=SORT_KEYS[shape.name]) if shape.name in SORT_KEYS else items
    if shape.type_name == "map":
        return {key: normalise(shape.value, entry) for key, entry in value.items()}
    return value


def read(web_acl, scope, tags, shapes):
    """A web ACL as WAF has it, and its tags, as a state."""

    def member(field, default):
        name = MEMBERS[field]
        value = web_acl.get(name)
        return from_api(shapes[name], normalise(shapes[name], value)) if value else default

    def immunity_time(field):
        return web_acl.get(MEMBERS[field], {}).get("ImmunityTimeProperty", {}).get("ImmunityTime", 300)

    return {
        "name": web_acl["Name"],
        "scope": scope,
        "id": web_acl["Id"],
        "arn": web_acl["ARN"],
        "label_namespace": web_acl.get("LabelNamespace"),
        "capacity": web_acl.get("Capacity"),
        "managed_by_firewall_manager": web_acl.get("ManagedByFirewallManager", False),
        "description": web_acl.get("Description", ""),
        "default_action": member("default_action", None),
        "rules": member("rules", []),
        "visibility_config": member("visibility_config", {}),
        "custom_response_bodies": member("custom_response_bodies", {}),
        **{field: immunity_time(field) for field in IMMUNITY_TIMES},
        "token_domains": member("token_domains", []),
        "association_config": member("association_config", {}),
        "tags": tags,
    }


def write(fields, shapes):
    """The members of the API that these fields are; without a value where there is to be none."""
    members = {}
    for field, name in MEMBERS.items():
        if field in IMMUNITY_TIMES and field in fields:
            members[name] = {"ImmunityTimeProperty": {"ImmunityTime": fields[field]}}
        elif field in fields:
            members[name] = to_api(shapes[name], fields[field], field) or None
    return members


def build(params, waf):
    if params["scope"] == "CLOUDFRONT":
        require_region_of_cloudfront(waf, f"The web ACL {params['name']}")
    return WebACL(params, waf)


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "scope": {"type": "str", "choices": ["REGIONAL", "CLOUDFRONT"], "default": "REGIONAL"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": {"type": "str"},
            "default_action": {"type": "raw"},
            "rules": {"type": "list", "elements": "dict"},
            "visibility_config": {
                "type": "dict",
                "options": {
                    "cloud_watch_metrics_enabled": {"type": "bool"},
                    "sampled_requests_enabled": {"type": "bool"},
                    "metric_name": {"type": "str"},
                },
            },
            "custom_response_bodies": {"type": "dict"},
            "captcha_immunity_time": {"type": "int"},
            "challenge_immunity_time": {"type": "int"},
            "token_domains": {"type": "list", "elements": "str", "no_log": False},
            "association_config": {"type": "dict"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "web_acl", lambda: build(module.params, client(module, "wafv2")))


if __name__ == "__main__":
    main()
