#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wafv2_logging_configuration
version_added: "0.1.0"
short_description: Manage the logging of an AWS WAF web ACL
description:
  - Says where a web ACL logs the requests that it inspects, which of them, and what is kept out of the log.
  - Follows U(https://docs.aws.amazon.com/waf/latest/developerguide/logging.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  web_acl_arn:
    description:
      - ARN of the web ACL. One for CloudFront is managed in the region V(us-east-1).
    type: str
    required: true
  state:
    description:
      - V(present) makes the web ACL log as described, V(absent) makes it log nothing.
    type: str
    choices: [present, absent]
    default: present
  log_destination:
    description:
      - ARN of the Firehose stream, of the CloudWatch Logs log group or of the S3 bucket, whose name begins with
        V(aws-waf-logs-). Required where the web ACL does not log yet.
      - AWS WAF lets itself in; it makes a service-linked role for a stream, and a resource policy for a log group or a
        bucket.
    type: str
  redacted_fields:
    description:
      - What is kept out of the log. Stated whole; V({}) for nothing.
      - A rule that looks at such a part of the request logs C(REDACTED) instead of it.
    type: dict
    suboptions:
      single_header:
        description: The values of these headers. Upper and lower case are the same.
        type: list
        elements: str
        default: []
      method:
        description: The request's method.
        type: bool
        default: false
      query_string:
        description: What follows the question mark in the URL.
        type: bool
        default: false
      uri_path:
        description: The path in the URL.
        type: bool
        default: false
  logging_filter:
    description:
      - Which requests are logged. Stated whole; V({}) for all of them.
    type: dict
    suboptions:
      default_behavior:
        description: What becomes of a request that no filter is about. Required with O(logging_filter.filters).
        type: str
        choices: [KEEP, DROP]
      filters:
        description: The filters, in order.
        type: list
        elements: dict
        suboptions:
          behavior:
            description: Whether the requests that the filter is about are logged.
            type: str
            choices: [KEEP, DROP]
            required: true
          requirement:
            description: Whether all conditions have to be met, or any of them.
            type: str
            choices: [MEETS_ALL, MEETS_ANY]
            default: MEETS_ANY
          actions:
            description:
              - Conditions, each met where a rule took this action. V(EXCLUDED_AS_COUNT) is taken by a rule that is
                excluded from its rule group, and only counts.
            type: list
            elements: str
            choices: [ALLOW, BLOCK, COUNT, CAPTCHA, CHALLENGE, EXCLUDED_AS_COUNT]
          labels:
            description: Conditions, each met where a rule put this label, by its full name, on the request.
            type: list
            elements: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Log what is blocked or counted, without cookies and credentials
  wellarchitected.aws.wafv2_logging_configuration:
    web_acl_arn: "{{ web_acl_arn }}"
    log_destination: arn:aws:firehose:ap-northeast-1:123456789012:deliverystream/aws-waf-logs-example
    redacted_fields:
      single_header: [authorization, cookie]
    logging_filter:
      default_behavior: DROP
      filters:
        - behavior: KEEP
          actions: [BLOCK, COUNT]

- name: Log everything that the bot control has not verified
  wellarchitected.aws.wafv2_logging_configuration:
    web_acl_arn: "{{ web_acl_arn }}"
    logging_filter:
      default_behavior: KEEP
      filters:
        - behavior: DROP
          labels: ["awswaf:managed:aws:bot-control:bot:verified"]

- name: Log nothing
  wellarchitected.aws.wafv2_logging_configuration:
    web_acl_arn: "{{ web_acl_arn }}"
    state: absent
"""

RETURN = r"""
logging_configuration:
  description: How the web ACL logs, or in check mode how it would; empty when it does not.
  returned: success
  type: dict
  contains:
    web_acl_arn:
      description: ARN of the web ACL.
      type: str
      sample: >-
        arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/example/1234abcd-12ab-34cd-56ef-1234567890ab
    log_destination:
      description: ARN of the destination.
      type: str
      sample: arn:aws:firehose:ap-northeast-1:123456789012:deliverystream/aws-waf-logs-example
    redacted_fields:
      description: What is kept out of the log; empty for nothing.
      type: dict
      sample:
        single_header: [authorization, cookie]
        method: false
        query_string: false
        uri_path: false
    logging_filter:
      description: Which requests are logged; empty for all of them.
      type: dict
      sample:
        default_behavior: DROP
        filters:
          - behavior: KEEP
            requirement: MEETS_ANY
            actions: [BLOCK, COUNT]
            labels: []
    managed_by_firewall_manager:
      description: Whether AWS Firewall Manager has made it, and is alone to change it.
      type: bool
      sample: false
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.wafv2 import (
    CHANGED_MEANWHILE,
    NOT_YET_KNOWN,
    WafErrorHandler,
    require_region_of_cloudfront,
)

PREFIX = "aws-waf-logs-"
# The parts of a request that can be redacted as a whole, as the API calls them.
PARTS = {"method": "Method", "query_string": "QueryString", "uri_path": "UriPath"}
FIELDS = ("log_destination", "redacted_fields", "logging_filter")
# WAF locks the role that it shares with Firehose for some 20 seconds after each logging configuration.
LOCKED_ROLE = "WAFServiceLinkedRoleErrorException"


class LoggingConfiguration(Resource):
    def __init__(self, params, waf):
        super().__init__(given_fields(params))
        self.arn = params["web_acl_arn"]
        self.waf = waf

    def find(self):
        configuration = self._get()
        return read(configuration) if configuration else None

    def blank(self):
        return {
            "web_acl_arn": self.arn,
            "log_destination": None,
            "redacted_fields": {},
            "logging_filter": {},
            "managed_by_firewall_manager": False,
        }

    def refusal(self, current, changes):
        if current["managed_by_firewall_manager"]:
            return f"The logging of {self.arn} is managed by AWS Firewall Manager, which is alone to change it."
        destination = {**current, **changes}["log_destination"]
        if not destination:
            return f"{self.arn} does not log yet, and so needs a log_destination."
        if not name_of(destination).startswith(PREFIX):
            return f"log_destination is {destination}, but AWS WAF logs only to something named {PREFIX}..."
        return None

    def deletion_refusal(self, current):
        return self.refusal(current, {})

    def create(self):
        self._put({**self.blank(), **self.given})

    def update(self, current, changes):
        self._put({**current, **changes})

    @WafErrorHandler.list_error_handler("find the logging configuration of {self.arn}")
    def _get(self):
        return self.waf.get_logging_configuration(ResourceArn=self.arn)["LoggingConfiguration"]

    @WafErrorHandler.common_error_handler("set the logging configuration of {self.arn}")
    @retry_on(*NOT_YET_KNOWN, CHANGED_MEANWHILE, LOCKED_ROLE)
    def _put(self, state):
        self.waf.put_logging_configuration(LoggingConfiguration=write(state))

    @WafErrorHandler.deletion_error_handler("delete the logging configuration of {self.arn}")
    @retry_on(CHANGED_MEANWHILE)
    def delete(self, current):
        self.waf.delete_logging_configuration(ResourceArn=self.arn)


def name_of(destination):
    """The name of a stream or a log group, or of a bucket with the folder that follows it; an ARN is given."""
    return destination.split(":", 5)[-1].removeprefix("deliverystream/").removeprefix("log-group:")


def given_fields(params):
    """The options that the user gave, in the form in which LoggingConfiguration.find answers them."""
    fields = given(params, FIELDS)
    if "log_destination" in fields:
        fields["log_destination"] = fields["log_destination"].removesuffix(":*")
    if "redacted_fields" in fields:
        fields["redacted_fields"] = normalise_fields(fields["redacted_fields"])
    if "logging_filter" in fields:
        fields["logging_filter"] = normalise_filter(fields["logging_filter"])
    return fields


def normalise_fields(redacted):
    """Headers in one order and in lower case, as WAF has them; nothing where nothing is redacted."""
    headers = sorted({name.lower() for name in redacted.get("single_header", [])})
    fields = {"single_header": headers, **{part: redacted.get(part, False) for part in PARTS}}
    return fields if any(fields.values()) else {}


def normalise_filter(logging_filter):
    """The conditions of each filter in one order. The filters keep theirs."""
    if not logging_filter:
        return {}
    return {
        "default_behavior": logging_filter["default_behavior"],
        "filters": [
            {
                "behavior": condition["behavior"],
                "requirement": condition["requirement"],
                "actions": sorted(condition.get("actions", [])),
                "labels": sorted(condition.get("labels", [])),
            }
            for condition in logging_filter["filters"]
        ],
    }


def read(configuration):
    """A logging configuration as WAF has it, as a state."""
    redacted = configuration.get("RedactedFields", [])
    return {
        "web_acl_arn": configuration["ResourceArn"],
        "log_destination": configuration["LogDestinationConfigs"][0].removesuffix(":*"),
        "redacted_fields": normalise_fields(
            {
                "single_header": [field["SingleHeader"]["Name"] for field in redacted if "SingleHeader" in field],
                **{part: any(member in field for field in redacted) for part, member in PARTS.items()},
            }
        ),
        "logging_filter": read_filter(configuration.get("LoggingFilter")),
        "managed_by_firewall_manager": configuration.get("ManagedByFirewallManager", False),
    }


def read_filter(logging_filter):
    if not logging_filter:
        return {}

    def named(conditions, kind, member):
        return [condition[kind][member] for condition in conditions if kind in condition]

    return normalise_filter(
        {
            "default_behavior": logging_filter["DefaultBehavior"],
            "filters": [
                {
                    "behavior": item["Behavior"],
                    "requirement": item["Requirement"],
                    "actions": named(item["Conditions"], "ActionCondition", "Action"),
                    "labels": named(item["Conditions"], "LabelNameCondition", "LabelName"),
                }
                for item in logging_filter["Filters"]
            ],
        }
    )


def write(state):
    """The logging configuration that is of this state."""
    redacted = state["redacted_fields"]
    configuration = {
        "ResourceArn": state["web_acl_arn"],
        "LogDestinationConfigs": [state["log_destination"]],
        "RedactedFields": [
            *({"SingleHeader": {"Name": name}} for name in redacted.get("single_header", [])),
            *({member: {}} for part, member in PARTS.items() if redacted.get(part)),
        ],
    }
    logging_filter = state["logging_filter"]
    if logging_filter:
        configuration["LoggingFilter"] = {
            "DefaultBehavior": logging_filter["default_behavior"],
            "Filters": [
                {
                    "Behavior": item["behavior"],
                    "Requirement": item["requirement"],
                    "Conditions": [
                        *({"ActionCondition": {"Action": action}} for action in item["actions"]),
                        *({"LabelNameCondition": {"LabelName": label}} for label in item["labels"]),
                    ],
                }
                for item in logging_filter["filters"]
            ],
        }
    return configuration


def build(params, waf):
    if ":global/" in params["web_acl_arn"]:
        require_region_of_cloudfront(waf, f"web_acl_arn {params['web_acl_arn']}")
    return LoggingConfiguration(params, waf)


def main():
    behavior = {"type": "str", "choices": ["KEEP", "DROP"]}
    actions = ["ALLOW", "BLOCK", "COUNT", "CAPTCHA", "CHALLENGE", "EXCLUDED_AS_COUNT"]
    module = AnsibleAWSModule(
        argument_spec={
            "web_acl_arn": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "log_destination": {"type": "str"},
            "redacted_fields": {
                "type": "dict",
                "options": {
                    "single_header": {"type": "list", "elements": "str", "default": []},
                    **{part: {"type": "bool", "default": False} for part in PARTS},
                },
            },
            "logging_filter": {
                "type": "dict",
                "options": {
                    "default_behavior": behavior,
                    "filters": {
                        "type": "list",
                        "elements": "dict",
                        "options": {
                            "behavior": {**behavior, "required": True},
                            "requirement": {
                                "type": "str",
                                "choices": ["MEETS_ALL", "MEETS_ANY"],
                                "default": "MEETS_ANY",
                            },
                            "actions": {"type": "list", "elements": "str", "choices": actions},
                            "labels": {"type": "list", "elements": "str"},
                        },
                        "required_one_of": [("actions", "labels")],
                    },
                },
                "required_together": [("default_behavior", "filters")],
            },
        },
        supports_check_mode=True,
    )
    run(module, "logging_configuration", lambda: build(module.params, client(module, "wafv2")))


if __name__ == "__main__":
    main()
