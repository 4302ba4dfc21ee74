#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: logs_log_group
version_added: "0.1.0"
short_description: Manage a log group of CloudWatch Logs
description:
  - Creates, changes and deletes a log group, with its retention, its encryption and its protection against deletion.
  - Follows U(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html).
  - M(amazon.aws.cloudwatchlogs_log_group) (11.4) never changes the key of a log group that exists, changes its
    retention in check mode too, shows no difference, and deletes the log group when the retention is a period that AWS
    allows but the module does not know, such as 1096 days.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The log group's name.
    type: str
    required: true
  state:
    description:
      - V(present) makes the log group exist as described; what is not given stays as it is.
      - V(absent) deletes it with all its log events, unless it is protected against deletion.
    type: str
    choices: [present, absent]
    default: present
  retention_in_days:
    description:
      - For how many days log events are kept; V(0) is forever, as in a new log group for which nothing is said.
      - It cannot be set on a log group of class V(DELIVERY), nor changed where a policy of the account holds it.
    type: int
    choices:
      [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
  kms_key_id:
    description:
      - ARN of the symmetric KMS key, not of an alias, that encrypts what is logged from now on; an empty string for
        CloudWatch Logs' own encryption. The key's policy has to let CloudWatch Logs use it.
      - What was logged before stays encrypted as it was, so an earlier key has to live as long as that is kept.
    type: str
  log_group_class:
    description:
      - Which features the log group has, and at which price. It cannot be changed afterwards. A new log group is
        V(STANDARD) when not given.
      - See U(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html).
    type: str
    choices: [STANDARD, INFREQUENT_ACCESS, ESSENTIALS, DELIVERY]
  deletion_protection_enabled:
    description:
      - Whether nobody can delete the log group until this is V(false). Needs botocore 1.41.3 or newer.
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Keep the application's log for a year, encrypted
  wellarchitected.aws.logs_log_group:
    name: /example/application
    retention_in_days: 365
    kms_key_id: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    deletion_protection_enabled: true
    tags:
      Environment: production

- name: Keep it forever
  wellarchitected.aws.logs_log_group:
    name: /example/application
    retention_in_days: 0

- name: Delete it with all its log events
  wellarchitected.aws.logs_log_group:
    name: /example/application
    state: absent
"""

RETURN = r"""
log_group:
  description: The log group as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: /example/application
    arn:
      description:
        - Its ARN, without the C(:*) that IAM policies and CloudTrail want at its end.
        - In check mode without a value for a log group that would be created.
      type: str
      sample: arn:aws:logs:ap-northeast-1:123456789012:log-group:/example/application
    retention_in_days:
      description: For how many days log events are kept; V(0) is forever.
      type: int
      sample: 365
    retention_policy_name:
      description: Name of the account's policy that holds the retention; no value where none does.
      type: str
      sample: example
    kms_key_id:
      description: ARN of the KMS key that encrypts; empty for CloudWatch Logs' own encryption.
      type: str
      sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    log_group_class:
      description: One of the values of O(log_group_class).
      type: str
      sample: STANDARD
    deletion_protection_enabled:
      description: Whether it is protected against deletion; V(false) also with a botocore that is too old to tell.
      type: bool
      sample: true
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_KEY, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.logs import LogsErrorHandler
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html; 0 is no policy.
RETENTION_DAYS = [
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
]
# What AWS gives a log group of class DELIVERY and lets nobody change.
DELIVERY_RETENTION_DAYS = 2
FIELDS = ("retention_in_days", "kms_key_id", "log_group_class", "deletion_protection_enabled", "tags")
# The fields that the creating call takes, as the API calls them.
CREATED_WITH = {
    "kms_key_id": "kmsKeyId",
    "log_group_class": "logGroupClass",
    "deletion_protection_enabled": "deletionProtectionEnabled",
    "tags": "tags",
}


class LogGroup(Resource):
    def __init__(self, params, client):
        super().__init__(given(params, FIELDS), params["purge_tags"])
        self.client = client
        self.name = params["name"]

    def find(self):
        group = self._describe()
        if group is None:
            return None
        arn = group["arn"].removesuffix(":*")
        return {
            "name": self.name,
            "arn": arn,
            "retention_in_days": group.get("retentionInDays", 0),
            "retention_policy_name": group.get("retentionPolicyName"),
            "kms_key_id": group.get("kmsKeyId", ""),
            "log_group_class": group.get("logGroupClass", "STANDARD"),
            "deletion_protection_enabled": group.get("deletionProtectionEnabled", False),
            "tags": self._list_tags(arn),
        }

    def blank(self):
        kind = self.given.get("log_group_class", "STANDARD")
        return {
            "name": self.name,
            "arn": None,
            "retention_in_days": DELIVERY_RETENTION_DAYS if kind == "DELIVERY" else 0,
            "retention_policy_name": None,
            "kms_key_id": "",
            "log_group_class": kind,
            "deletion_protection_enabled": False,
            "tags": {},
        }

    def refusal(self, current, changes):
        if "log_group_class" in changes:
            return (
                f"The log group {self.name} is of class {current['log_group_class']}, and AWS cannot make it "
                f"{changes['log_group_class']}. Choose another name, or delete it first."
            )
        if "retention_in_days" in changes and current["log_group_class"] == "DELIVERY":
            return (
                f"retention_in_days is {changes['retention_in_days']}, but AWS keeps the events of a log group of "
                f"class DELIVERY for {DELIVERY_RETENTION_DAYS} days, always. Leave retention_in_days out."
            )
        if "retention_in_days" in changes and current["retention_policy_name"]:
            days = current["retention_in_days"]
            return (
                f"The retention of the log group {self.name} cannot be changed here, because the account's policy "
                f"{current['retention_policy_name']} keeps its events {f'for {days} days' if days else 'forever'}. "
                "Change that policy, or leave retention_in_days out."
            )
        if changes.get("kms_key_id") and ":key/" not in changes["kms_key_id"]:
            return f"kms_key_id is {changes['kms_key_id']}. Give the ARN of the key itself, not its id or an alias."
        return None

    def deletion_refusal(self, current):
        if not current["deletion_protection_enabled"]:
            return None
        return (
            f"The log group {self.name} is protected against deletion. If its log events are to be lost, first set "
            "deletion_protection_enabled to false."
        )

    def update(self, current, changes):
        if "retention_in_days" in changes:
            self._set_retention(changes["retention_in_days"])
        if "kms_key_id" in changes:
            self._set_key(changes["kms_key_id"])
        if "deletion_protection_enabled" in changes:
            self._set_protection(changes["deletion_protection_enabled"])
        if "tags" in changes:
            self._set_tags(current["arn"], current["tags"], changes["tags"])

    @LogsErrorHandler.list_error_handler("find the log group {self.name}")
    def _describe(self):
        pages = self.client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=self.name)
        groups = (group for page in pages for group in page["logGroups"])
        return next((group for group in groups if group["logGroupName"] == self.name), None)

    @LogsErrorHandler.list_error_handler("list the tags of the log group {self.name}", {})
    def _list_tags(self, arn):
        return self.client.list_tags_for_resource(resourceArn=arn)["tags"]

    @LogsErrorHandler.common_error_handler("create the log group {self.name}")
    @retry_on(UNKNOWN_KEY, "OperationAbortedException")
    def create(self):
        wanted = self.wanted(self.blank())
        arguments = {member: wanted[field] for field, member in CREATED_WITH.items() if wanted.get(field)}
        self.client.create_log_group(logGroupName=self.name, **arguments)

    @LogsErrorHandler.common_error_handler("set the retention of the log group {self.name}")
    @retry_on("OperationAbortedException")
    def _set_retention(self, days):
        if days:
            self.client.put_retention_policy(logGroupName=self.name, retentionInDays=days)
        else:
            self.client.delete_retention_policy(logGroupName=self.name)

    @LogsErrorHandler.common_error_handler("set the key of the log group {self.name}")
    @retry_on(UNKNOWN_KEY, "OperationAbortedException")
    def _set_key(self, kms_key_id):
        if kms_key_id:
            self.client.associate_kms_key(logGroupName=self.name, kmsKeyId=kms_key_id)
        else:
            self.client.disassociate_kms_key(logGroupName=self.name)

    @LogsErrorHandler.common_error_handler("set the deletion protection of the log group {self.name}")
    @retry_on("OperationAbortedException")
    def _set_protection(self, enabled):
        self.client.put_log_group_deletion_protection(logGroupIdentifier=self.name, deletionProtectionEnabled=enabled)

    @LogsErrorHandler.common_error_handler("tag the log group {self.name}")
    def _set_tags(self, arn, current, wanted):
        change_resource_tags(self.client, current, wanted, resourceArn=arn)

    @LogsErrorHandler.deletion_error_handler("delete the log group {self.name}")
    @retry_on("OperationAbortedException")
    def delete(self, current):
        self.client.delete_log_group(logGroupName=self.name)


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "retention_in_days": {"type": "int", "choices": RETENTION_DAYS},
            "kms_key_id": {"type": "str"},
            "log_group_class": {"type": "str", "choices": ["STANDARD", "INFREQUENT_ACCESS", "ESSENTIALS", "DELIVERY"]},
            "deletion_protection_enabled": {"type": "bool"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    if module.params["deletion_protection_enabled"] is not None:
        module.require_botocore_at_least("1.41.3", reason="to set deletion_protection_enabled")
    run(module, "log_group", lambda: LogGroup(module.params, client(module, "logs")))


if __name__ == "__main__":
    main()
