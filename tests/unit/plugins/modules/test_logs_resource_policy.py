# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

from ansible_collections.wellarchitected.aws.plugins.modules.logs_resource_policy import ResourcePolicy

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:example"
POLICY = {"Version": "2012-10-17", "Statement": []}


class Logs:
    """CloudWatch Logs with the policy of one log group, of which moto knows nothing."""

    def __init__(self):
        self.policies = []
        self.calls = []

    def get_paginator(self, operation):
        assert operation == "describe_resource_policies"
        return self

    def paginate(self, **scope):
        assert scope == {"resourceArn": ARN, "policyScope": "RESOURCE"}
        return [{"resourcePolicies": self.policies}]

    def put_resource_policy(self, **arguments):
        self.calls.append(arguments)
        self.policies = [{"policyDocument": arguments["policyDocument"], "revisionId": str(len(self.calls))}]

    def delete_resource_policy(self, **arguments):
        self.calls.append(arguments)
        self.policies = []


def test_a_log_groups_policy_is_written_over_the_revision_that_was_read():
    logs = Logs()
    policy = ResourcePolicy({"policy_name": None, "resource_arn": ARN, "policy_document": json.dumps(POLICY)}, logs)
    assert policy.find() is None
    policy.create()
    assert policy.find() == {"policy_name": None, "resource_arn": ARN, "policy_document": POLICY}
    policy.update({}, {"policy_document": {}})
    policy.find()
    policy.delete({})
    assert [call.get("expectedRevisionId") for call in logs.calls] == [None, "1", "2"]
    assert {call["resourceArn"] for call in logs.calls} == {ARN}
