#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: logs_resource_policy
version_added: "0.1.0"
short_description: Manage a resource policy of CloudWatch Logs
description:
  - Lets AWS services write to log groups. A policy belongs to one log group, or to the region, which can have ten.
  - Follows
    U(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html#resource-policies).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the policy exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  policy_name:
    description:
      - The name of a policy of the region. Either this or O(resource_arn) is required.
    type: str
  resource_arn:
    description:
      - ARN of the log group that the policy is for.
    type: str
  policy_document:
    description:
      - What the policy says. Required with O(state=present). It is compared by meaning.
    type: json
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let Route 53 write its query logs
  wellarchitected.aws.logs_resource_policy:
    policy_name: route53-query-logs
    policy_document:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: route53.amazonaws.com
          Action:
            - logs:CreateLogStream
            - logs:PutLogEvents
          Resource: arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/*
          Condition:
            StringEquals:
              aws:SourceAccount: "123456789012"

- name: Remove it
  wellarchitected.aws.logs_resource_policy:
    policy_name: route53-query-logs
    state: absent
"""

RETURN = r"""
resource_policy:
  description: The policy as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    policy_name:
      description: The policy's name; no value for one of a log group.
      type: str
      sample: route53-query-logs
    resource_arn:
      description: ARN of the log group; no value for a policy of the region.
      type: str
      sample: arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com
    policy_document:
      description: What the policy says.
      type: dict
      sample: {"Version": "2012-10-17", "Statement": []}
"""

import json
from types import MappingProxyType

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import parse_policy, same_policy
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.logs import LogsErrorHandler
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
LIMIT = 10


class ResourcePolicy(Resource):
    same = MappingProxyType({"policy_document": same_policy})

    def __init__(self, params, client):
        super().__init__({"policy_document": parse_policy(params["policy_document"], "policy_document")})
        self.client = client
        self.policy_name = params["policy_name"]
        self.resource_arn = params["resource_arn"]
        self.title = self.policy_name or f"of {self.resource_arn}"
        self.others = []
        self.revision = None

    def find(self):
        found = None
        self.others = []
        for policy in self._list():
            if self.resource_arn or policy["policyName"] == self.policy_name:
                found = policy
            else:
                self.others.append(policy["policyName"])
        if found is None:
            return None
        self.revision = found.get("revisionId")
        return {**self.blank(), "policy_document": json.loads(found["policyDocument"])}

    def blank(self):
        return {"policy_name": self.policy_name, "resource_arn": self.resource_arn, "policy_document": {}}

    def refusal(self, current, changes):
        if self.policy_name and not current["policy_document"] and len(self.others) >= LIMIT:
            return (
                f"The region has {LIMIT} resource policies of CloudWatch Logs, which is the limit: "
                f"{', '.join(sorted(self.others))}. Delete one, or let one of them say what {self.policy_name} would."
            )
        return None

    def create(self):
        self._put(self.given["policy_document"])

    def update(self, current, changes):
        self._put(changes["policy_document"])

    def _identity(self):
        if self.policy_name:
            return {"policyName": self.policy_name}
        revision = {"expectedRevisionId": self.revision} if self.revision else {}
        return {"resourceArn": self.resource_arn, **revision}

    @LogsErrorHandler.list_error_handler("list the resource policies of CloudWatch Logs", [])
    def _list(self):
        scope = {"resourceArn": self.resource_arn, "policyScope": "RESOURCE"} if self.resource_arn else {}
        pages = self.client.get_paginator("describe_resource_policies").paginate(**scope)
        return [policy for page in pages for policy in page.get("resourcePolicies", [])]

    @LogsErrorHandler.common_error_handler("set the resource policy {self.title}")
    @retry_on("OperationAbortedException")
    def _put(self, document):
        self.client.put_resource_policy(**self._identity(), policyDocument=json.dumps(document))

    @LogsErrorHandler.deletion_error_handler("delete the resource policy {self.title}")
    @retry_on("OperationAbortedException")
    def delete(self, current):
        self.client.delete_resource_policy(**self._identity())


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "policy_name": {"type": "str"},
            "resource_arn": {"type": "str"},
            "policy_document": {"type": "json"},
        },
        required_one_of=[("policy_name", "resource_arn")],
        mutually_exclusive=[("policy_name", "resource_arn")],
        required_if=[("state", "present", ["policy_document"])],
        supports_check_mode=True,
    )
    run(module, "resource_policy", lambda: ResourcePolicy(module.params, client(module, "logs")))


if __name__ == "__main__":
    main()
