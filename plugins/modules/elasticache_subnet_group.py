#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elasticache_subnet_group
version_added: "0.1.0"
short_description: Manage an ElastiCache subnet group
description:
  - Creates, changes and deletes a subnet group. Besides what M(community.aws.elasticache_subnet_group) does, it sets
    tags, and answers what would be, in check mode and as a difference.
  - Follows U(https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SubnetGroups.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  cache_subnet_group_name:
    description: The group's name. AWS makes it lowercase.
    type: str
    required: true
  state:
    description: V(present) makes the group exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  description:
    description: What it is for. Required for a new group.
    type: str
  subnet_ids:
    description: The ids of the subnets, all of one VPC. Stated whole. Required for a new group.
    type: list
    elements: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let caches be in the data subnets
  wellarchitected.aws.elasticache_subnet_group:
    cache_subnet_group_name: example
    description: Data subnets
    subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    tags:
      Environment: production

- name: Delete the subnet group
  wellarchitected.aws.elasticache_subnet_group:
    cache_subnet_group_name: example
    state: absent
"""

RETURN = r"""
subnet_group:
  description: The group as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    cache_subnet_group_name:
      description: Its name.
      type: str
      sample: example
    arn:
      description: Its ARN; in check mode without a value for a group that would be created.
      type: str
      sample: arn:aws:elasticache:ap-northeast-1:123456789012:subnetgroup:example
    description:
      description: What it is for.
      type: str
      sample: Data subnets
    subnet_ids:
      description: The ids of its subnets.
      type: list
      elements: str
      sample: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    vpc_id:
      description: The subnets' VPC; in check mode without a value for a group that would be created.
      type: str
      sample: vpc-0123456789abcdef0
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
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_tags, list_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.elasticache import (
    ElastiCacheErrorHandler,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# As the API calls them.
MEMBERS = {"description": "CacheSubnetGroupDescription", "subnet_ids": "SubnetIds"}
IN_USE = "CacheSubnetGroupInUse"


class SubnetGroup(Resource):
    def __init__(self, params, elasticache):
        super().__init__(given(params, (*MEMBERS, "tags")), params["purge_tags"])
        self.elasticache = elasticache
        self.name = params["cache_subnet_group_name"].lower()
        if "subnet_ids" in self.given:
            self.given["subnet_ids"] = sorted(self.given["subnet_ids"])

    def find(self):
        group = self._describe()
        return read(group, self._list_tags(group["ARN"])) if group else None

    def blank(self):
        return {
            "cache_subnet_group_name": self.name,
            "arn": None,
            "description": None,
            "subnet_ids": [],
            "vpc_id": None,
            "tags": {},
        }

    def refusal(self, current, changes):
        after = {**current, **changes}
        missing = [field for field in MEMBERS if not after[field]]
        return f"A subnet group needs {' and '.join(missing)}." if missing else None

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})

    def update(self, current, changes):
        members = {member: changes[field] for field, member in MEMBERS.items() if field in changes}
        if members:
            self._modify(members)
        if "tags" in changes:
            self._change_tags(current["arn"], current["tags"], changes["tags"])

    @ElastiCacheErrorHandler.deletion_error_handler("delete the subnet group {self.name}")
    def delete(self, current):
        try:
            self._delete()
        except is_boto3_error_code(IN_USE) as error:
            message = f"A cache is still in the subnet group {self.name}. Delete the cache first."
            raise AnsibleAWSError(message=message) from error

    @ElastiCacheErrorHandler.list_error_handler("find the subnet group {self.name}")
    def _describe(self):
        groups = self.elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=self.name)
        return groups["CacheSubnetGroups"][0]

    @ElastiCacheErrorHandler.list_error_handler("list the tags of the subnet group {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.elasticache, arn)

    @ElastiCacheErrorHandler.common_error_handler("create the subnet group {self.name}")
    def _create(self, state):
        members = {member: state[field] for field, member in MEMBERS.items()}
        if state["tags"]:
            members["Tags"] = ansible_dict_to_boto3_tag_list(state["tags"])
        self.elasticache.create_cache_subnet_group(CacheSubnetGroupName=self.name, **members)

    @ElastiCacheErrorHandler.common_error_handler("change the subnet group {self.name}")
    def _modify(self, members):
        self.elasticache.modify_cache_subnet_group(CacheSubnetGroupName=self.name, **members)

    @ElastiCacheErrorHandler.common_error_handler("tag the subnet group {self.name}")
    def _change_tags(self, arn, current, wanted):
        change_tags(self.elasticache, arn, current, wanted)

    @retry_on(IN_USE)
    def _delete(self):
        # A cache that has just been deleted counts for some seconds more.
        self.elasticache.delete_cache_subnet_group(CacheSubnetGroupName=self.name)


def read(group, tags):
    """A group as ElastiCache describes it, and its tags, as a state."""
    return {
        "cache_subnet_group_name": group["CacheSubnetGroupName"],
        "arn": group["ARN"],
        "description": group["CacheSubnetGroupDescription"],
        "subnet_ids": sorted(subnet["SubnetIdentifier"] for subnet in group["Subnets"]),
        "vpc_id": group.get("VpcId"),
        "tags": tags,
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "cache_subnet_group_name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": {"type": "str"},
            "subnet_ids": {"type": "list", "elements": "str"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "subnet_group", lambda: SubnetGroup(module.params, client(module, "elasticache")))


if __name__ == "__main__":
    main()
