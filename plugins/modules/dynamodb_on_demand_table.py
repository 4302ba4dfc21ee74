#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dynamodb_on_demand_table
version_added: "0.1.0"
short_description: Manage a table of Amazon DynamoDB that is paid by request
description:
  - Creates, changes and deletes a table with a key, whose capacity nobody has to plan. Indexes, streams and replicas
    are not managed here.
  - Follows U(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html).
  - M(community.aws.dynamodb_table) (11.2) can neither encrypt a table by a key of one's own nor let items expire.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The table's name.
    type: str
    required: true
  state:
    description:
      - V(present) makes the table exist as described; what is not given stays as it is.
      - V(absent) deletes it with all its items, unless it is protected against deletion.
    type: str
    choices: [present, absent]
    default: present
  hash_key_name:
    description:
      - The attribute, a text, by which items are found. Required for a new table. It cannot be changed afterwards.
    type: str
  time_to_live_attribute:
    description:
      - The attribute, a number, with the second, counted from 1970, after which DynamoDB deletes an item; an empty text
        when items stay. To change it to another attribute takes AWS an hour, in which it refuses a second change.
    type: str
  kms_key_arn:
    description:
      - ARN of the symmetric KMS key, not of an alias, that encrypts the table; an empty text for DynamoDB's own, which
        costs nothing.
    type: str
  deletion_protection_enabled:
    description:
      - Whether nobody can delete the table until this is V(false).
    type: bool
  wait_timeout:
    description:
      - How many seconds to wait, each time, until DynamoDB is ready with what was created, changed or deleted.
    type: int
    default: 600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Keep a table of what was done, for as long as each item says
  wellarchitected.aws.dynamodb_on_demand_table:
    name: example-memory
    hash_key_name: key
    time_to_live_attribute: until
    kms_key_arn: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    tags:
      Environment: production

- name: Delete it with all its items
  wellarchitected.aws.dynamodb_on_demand_table:
    name: example-memory
    state: absent
"""

RETURN = r"""
table:
  description: The table as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-memory
    arn:
      description: Its ARN; in check mode without a value for a table that would be created.
      type: str
      sample: arn:aws:dynamodb:ap-northeast-1:123456789012:table/example-memory
    hash_key_name:
      description: The attribute by which items are found.
      type: str
      sample: key
    time_to_live_attribute:
      description: The attribute with the second after which an item is deleted; empty when items stay.
      type: str
      sample: until
    kms_key_arn:
      description: ARN of the key that encrypts it; empty for DynamoDB's own.
      type: str
      sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    deletion_protection_enabled:
      description: Whether nobody can delete it.
      type: bool
      sample: false
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import time

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

FIELDS = ("hash_key_name", "time_to_live_attribute", "kms_key_arn", "deletion_protection_enabled", "tags")
BUSY = "ResourceInUseException"
GOING = "DELETING"
DELAY = 2


class TableErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("ResourceNotFoundException")


class Table(Resource):
    def __init__(self, params, dynamodb):
        super().__init__(given(params, FIELDS), params["purge_tags"])
        self.dynamodb = dynamodb
        self.name = params["name"]
        self.wait_timeout = params["wait_timeout"]

    def find(self):
        table = self._describe()
        if table is None or table["TableStatus"] == GOING:
            return None
        arn = table["TableArn"]
        return {**read(table), "time_to_live_attribute": self._time_to_live(), "tags": self._list_tags(arn)}

    def blank(self):
        return {
            "name": self.name,
            "arn": None,
            "hash_key_name": None,
            "time_to_live_attribute": "",
            "kms_key_arn": "",
            "deletion_protection_enabled": False,
            "tags": {},
        }

    def refusal(self, current, changes):
        if not {**current, **changes}["hash_key_name"]:
            return f"There is no table {self.name} yet. To create it, give hash_key_name."
        if "hash_key_name" in changes and current["hash_key_name"]:
            return (
                f"The table {self.name} has the key {current['hash_key_name']}, and AWS cannot make it "
                f"{changes['hash_key_name']}. Choose another name, or delete it first."
            )
        if changes.get("kms_key_arn") and ":key/" not in changes["kms_key_arn"]:
            return f"kms_key_arn is {changes['kms_key_arn']}. Give the ARN of the key itself, not its id or an alias."
        return None

    def deletion_refusal(self, current):
        if not current["deletion_protection_enabled"]:
            return None
        return (
            f"The table {self.name} is protected against deletion. If its items are to be lost, first set "
            "deletion_protection_enabled to false."
        )

    def create(self):
        # The one before it has to be gone.
        self._wait(lambda table: table is None or table["TableStatus"] != GOING)
        self._create({**self.blank(), **self.wanted(self.blank())})
        self._wait(is_ready)

    def update(self, current, changes):
        members = {}
        if "kms_key_arn" in changes:
            members["SSESpecification"] = encryption(changes["kms_key_arn"])
        if "deletion_protection_enabled" in changes:
            members["DeletionProtectionEnabled"] = changes["deletion_protection_enabled"]
        if members:
            self._update(members)
            self._wait(is_ready)
        if "time_to_live_attribute" in changes:
            before, after = current["time_to_live_attribute"], changes["time_to_live_attribute"]
            self._set_time_to_live(after or before, bool(after))
        if "tags" in changes:
            self._change_tags(current["arn"], current["tags"], changes["tags"])

    def delete(self, current):
        self._delete()
        self._wait(lambda table: table is None)

    def _wait(self, done):
        until = time.monotonic() + self.wait_timeout
        while not done(self._describe()):
            if time.monotonic() >= until:
                raise AnsibleAWSError(
                    message=f"DynamoDB is not ready with the table {self.name} after {self.wait_timeout} s."
                )
            time.sleep(DELAY)

    @TableErrorHandler.list_error_handler("find the table {self.name}")
    def _describe(self):
        return self.dynamodb.describe_table(TableName=self.name)["Table"]

    @TableErrorHandler.list_error_handler("read how long the items of {self.name} stay", "")
    def _time_to_live(self):
        found = self.dynamodb.describe_time_to_live(TableName=self.name)["TimeToLiveDescription"]
        is_on = found.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
        return found.get("AttributeName", "") if is_on else ""

    @TableErrorHandler.list_error_handler("list the tags of the table {self.name}", {})
    def _list_tags(self, arn):
        pages = self.dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
        return boto3_tag_list_to_ansible_dict([tag for page in pages for tag in page["Tags"]])

    @TableErrorHandler.common_error_handler("create the table {self.name}")
    def _create(self, state):
        members = {"SSESpecification": encryption(state["kms_key_arn"])} if state["kms_key_arn"] else {}
        self.dynamodb.create_table(
            TableName=self.name,
            AttributeDefinitions=[{"AttributeName": state["hash_key_name"], "AttributeType": "S"}],
            KeySchema=[{"AttributeName": state["hash_key_name"], "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=state["deletion_protection_enabled"],
            Tags=ansible_dict_to_boto3_tag_list(state["tags"]),
            **members,
        )

    @TableErrorHandler.common_error_handler("change the table {self.name}")
    @retry_on(BUSY)
    def _update(self, members):
        self.dynamodb.update_table(TableName=self.name, **members)

    @TableErrorHandler.common_error_handler("set how long the items of {self.name} stay")
    @retry_on(BUSY)
    def _set_time_to_live(self, attribute, enabled):
        self.dynamodb.update_time_to_live(
            TableName=self.name, TimeToLiveSpecification={"AttributeName": attribute, "Enabled": enabled}
        )

    @TableErrorHandler.common_error_handler("tag the table {self.name}")
    @retry_on(BUSY)
    def _change_tags(self, arn, current, wanted):
        change_resource_tags(self.dynamodb, current, wanted, ResourceArn=arn)

    @TableErrorHandler.deletion_error_handler("delete the table {self.name}")
    @retry_on(BUSY)
    def _delete(self):
        self.dynamodb.delete_table(TableName=self.name)


def encryption(kms_key_arn):
    """The encryption by a key, or by DynamoDB's own."""
    if kms_key_arn:
        return {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": kms_key_arn}
    return {"Enabled": False}


def is_ready(table):
    """Whether a table is there, and its encryption is not on the way from one key to another."""
    return (
        table is not None
        and table["TableStatus"] == "ACTIVE"
        and table.get("SSEDescription", {}).get("Status", "ENABLED") in ("ENABLED", "DISABLED")
    )


def read(table):
    """A table as DynamoDB describes it, as a state without what it tells elsewhere."""
    sse = table.get("SSEDescription", {})
    return {
        "name": table["TableName"],
        "arn": table["TableArn"],
        "hash_key_name": next(key["AttributeName"] for key in table["KeySchema"] if key["KeyType"] == "HASH"),
        "kms_key_arn": sse.get("KMSMasterKeyArn", "") if sse.get("Status") in ("ENABLED", "UPDATING") else "",
        "deletion_protection_enabled": table.get("DeletionProtectionEnabled", False),
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "hash_key_name": {"type": "str"},
            "time_to_live_attribute": {"type": "str"},
            "kms_key_arn": {"type": "str", "no_log": False},
            "deletion_protection_enabled": {"type": "bool"},
            "wait_timeout": {"type": "int", "default": 600},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "table", lambda: Table(module.params, client(module, "dynamodb")))


if __name__ == "__main__":
    main()
