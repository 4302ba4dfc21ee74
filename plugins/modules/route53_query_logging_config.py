#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: route53_query_logging_config
version_added: "0.1.0"
short_description: Manage the query logging of a public hosted zone
description:
  - Lets Route 53 write the DNS queries for a public hosted zone to a CloudWatch Logs log group. A zone has one.
  - The log group has to be in us-east-1 and of the zone's account, and a resource policy has to let
    C(route53.amazonaws.com) write to it; see M(wellarchitected.aws.logs_resource_policy).
  - AWS cannot change the log group. Another one takes the place of the first, and queries between the two are lost.
  - Follows U(https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the zone's queries be logged, V(absent) ends it.
    type: str
    choices: [present, absent]
    default: present
  hosted_zone_id:
    description:
      - The id of the hosted zone, with or without C(/hostedzone/) in front.
    type: str
    required: true
  log_group_arn:
    description:
      - ARN of the log group in us-east-1. Required with O(state=present).
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Log the queries for a zone
  wellarchitected.aws.route53_query_logging_config:
    hosted_zone_id: Z0123456789ABCDEFGHIJ
    log_group_arn: arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com

- name: Log them no more
  wellarchitected.aws.route53_query_logging_config:
    hosted_zone_id: Z0123456789ABCDEFGHIJ
    state: absent
"""

RETURN = r"""
query_logging_config:
  description: The query logging as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    query_logging_config_id:
      description: Its id; without a value in check mode where it would be another one.
      type: str
      sample: 01234567-89ab-cdef-0123-456789abcdef
    hosted_zone_id:
      description: The id of the hosted zone.
      type: str
      sample: Z0123456789ABCDEFGHIJ
    log_group_arn:
      description: ARN of the log group.
      type: str
      sample: arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource
from ansible_collections.wellarchitected.aws.plugins.module_utils.route53 import (
    Route53ErrorHandler,
    retry_on_prior_request,
)


class QueryLogging(Resource):
    def __init__(self, params, route53):
        arn = params["log_group_arn"]
        super().__init__({"log_group_arn": arn.removesuffix(":*")} if arn else {})
        self.zone_id = params["hosted_zone_id"].removeprefix("/hostedzone/")
        self.route53 = route53

    @Route53ErrorHandler.list_error_handler("find the query logging of the hosted zone {self.zone_id}")
    def find(self):
        # The configuration that is asked for, or none: there is one for each zone.
        found = self.route53.list_query_logging_configs(HostedZoneId=self.zone_id)["QueryLoggingConfigs"]
        return read(found[0]) if found else None

    def blank(self):
        return {"query_logging_config_id": None, "hosted_zone_id": self.zone_id, "log_group_arn": None}

    def changes(self, current):
        changes = super().changes(current)
        if changes and current["query_logging_config_id"]:
            # The diff says by it that it will be another one.
            changes["query_logging_config_id"] = None
        return changes

    def refusal(self, current, changes):
        arn = changes["log_group_arn"]
        if arn.split(":")[2:4] != ["logs", "us-east-1"]:
            return f"log_group_arn is {arn}, but must be the ARN of a log group in us-east-1."
        return None

    def create(self):
        self._create(self.given["log_group_arn"])

    def update(self, current, changes):
        self._delete(current["query_logging_config_id"])
        self._create(changes["log_group_arn"])

    def delete(self, current):
        self._delete(current["query_logging_config_id"])

    @Route53ErrorHandler.common_error_handler("log the queries for the hosted zone {self.zone_id}")
    def _create(self, arn):
        try:
            self._put(arn)
        except is_boto3_error_code("InsufficientCloudWatchLogsResourcePolicy") as error:
            raise AnsibleAWSError(
                message=f"Route 53 may not write to {arn} (log_group_arn). Let a resource policy of CloudWatch Logs in "
                "us-east-1 allow route53.amazonaws.com to call logs:CreateLogStream and logs:PutLogEvents there.",
                exception=error,
            ) from error

    # A resource policy or a log group that is seconds old is not seen yet.
    @retry_on(
        "ConcurrentModification",
        "InsufficientCloudWatchLogsResourcePolicy",
        "NoSuchCloudWatchLogsLogGroup",
        "PriorRequestNotComplete",
    )
    def _put(self, arn):
        self.route53.create_query_logging_config(HostedZoneId=self.zone_id, CloudWatchLogsLogGroupArn=arn)

    @Route53ErrorHandler.deletion_error_handler("end the query logging of the hosted zone {self.zone_id}")
    @retry_on_prior_request
    def _delete(self, config_id):
        self.route53.delete_query_logging_config(Id=config_id)


def read(config):
    """A query logging configuration as Route 53 lists it, as a state."""
    return {
        "query_logging_config_id": config["Id"],
        "hosted_zone_id": config["HostedZoneId"].removeprefix("/hostedzone/"),
        # CloudWatch Logs ends the ARN of a log group in :*, sometimes.
        "log_group_arn": config["CloudWatchLogsLogGroupArn"].removesuffix(":*"),
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "hosted_zone_id": {"type": "str", "required": True},
            "log_group_arn": {"type": "str"},
        },
        required_if=[("state", "present", ["log_group_arn"])],
        supports_check_mode=True,
    )
    run(module, "query_logging_config", lambda: QueryLogging(module.params, client(module, "route53")))


if __name__ == "__main__":
    main()
