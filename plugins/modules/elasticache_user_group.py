#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elasticache_user_group
version_added: "0.1.0"
short_description: Manage an ElastiCache user group
description:
  - Creates, changes and deletes a group of users, which a replication group can be given for role-based access control.
  - Follows U(https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  user_group_id:
    description: The group's id. AWS makes it lowercase.
    type: str
    required: true
  state:
    description: V(present) makes the group exist as described, V(absent) deletes it, but not its users.
    type: str
    choices: [present, absent]
    default: present
  engine:
    description:
      - The engine; of a new group V(valkey). A cache of Valkey can have a group of either engine, one of Redis OSS only
        one of V(redis).
    type: str
    choices: [valkey, redis]
  user_ids:
    description:
      - The ids of the users. Stated whole. A group of V(redis) must have a user whose C(user_name) is V(default); every
        account has one whose id is V(default), too, who may do everything without a password.
    type: list
    elements: str
  wait:
    description: Whether to wait until the group is active, or gone.
    type: bool
    default: true
  wait_timeout:
    description: How many seconds to wait at most, each time.
    type: int
    default: 900
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Make a group of the users of an application
  wellarchitected.aws.elasticache_user_group:
    user_group_id: shop
    user_ids: [shop, shop-default]
    tags:
      Environment: production

- name: Delete the group
  wellarchitected.aws.elasticache_user_group:
    user_group_id: shop
    state: absent
"""

RETURN = r"""
user_group:
  description: The group as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    user_group_id:
      description: Its id.
      type: str
      sample: shop
    arn:
      description: Its ARN; in check mode without a value for a group that would be created.
      type: str
      sample: arn:aws:elasticache:ap-northeast-1:123456789012:usergroup:shop
    status:
      description: V(active), V(creating), V(modifying) or V(deleting).
      type: str
      sample: active
    engine:
      description: Its engine.
      type: str
      sample: valkey
    user_ids:
      description: The ids of its users, with those that are being added and without those that are being removed.
      type: list
      elements: str
      sample: [shop, shop-default]
    used_by:
      description: The replication groups and serverless caches that have it.
      type: list
      elements: str
      sample: [example]
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_tags, list_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.elasticache import (
    ElastiCacheErrorHandler,
    call_once_free,
    wait_until,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given


class UserGroup(Resource):
    def __init__(self, params, elasticache):
        super().__init__(given(params, ("engine", "user_ids", "tags")), params["purge_tags"])
        self.elasticache = elasticache
        self.name = params["user_group_id"].lower()
        self.wait = params["wait"]
        self.wait_timeout = params["wait_timeout"]
        if "user_ids" in self.given:
            self.given["user_ids"] = sorted({user.lower() for user in self.given["user_ids"]})

    def find(self):
        group = self._describe()
        return read(group, self._list_tags(group["ARN"])) if group else None

    def blank(self):
        return {
            "user_group_id": self.name,
            "arn": None,
            "status": "active",
            "engine": "valkey",
            "user_ids": [],
            "used_by": [],
            "tags": {},
        }

    def refusal(self, current, changes):
        if current["status"] == "deleting":
            return f"The user group {self.name} is being deleted. Run this again when it is gone, in a minute or two."
        return None

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})
        if self.wait:
            self._wait_for("active", lambda group: group and group["Status"] == "active")

    def update(self, current, changes):
        arguments = modification(current, changes)
        if arguments:
            self._modify(arguments)
            if self.wait:
                self._wait_for("changed", lambda group: group["Status"] == "active")
        if "tags" in changes:
            self._change_tags(current["arn"], current["tags"], changes["tags"])

    def deletion_refusal(self, current):
        if current["used_by"]:
            return (
                f"The user group {self.name} is still the one of {', '.join(current['used_by'])}. Give it another one, "
                "or delete it first: AWS does not delete the user group before."
            )
        return None

    def delete(self, current):
        if current["status"] != "deleting":
            self._delete()
        if self.wait:
            self._wait_for("gone", lambda group: group is None)

    def _wait_for(self, end, done):
        wait_until(self._describe, done, self.wait_timeout, f"the user group {self.name} is not yet {end}")

    @ElastiCacheErrorHandler.list_error_handler("find the user group {self.name}")
    def _describe(self):
        return self.elasticache.describe_user_groups(UserGroupId=self.name)["UserGroups"][0]

    @ElastiCacheErrorHandler.list_error_handler("list the tags of the user group {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.elasticache, arn)

    @ElastiCacheErrorHandler.common_error_handler("create the user group {self.name}")
    def _create(self, state):
        more = {"UserIds": state["user_ids"]} if state["user_ids"] else {}
        if state["tags"]:
            more["Tags"] = ansible_dict_to_boto3_tag_list(state["tags"])
        self.elasticache.create_user_group(UserGroupId=self.name, Engine=state["engine"], **more)

    @ElastiCacheErrorHandler.common_error_handler("change the user group {self.name}")
    def _modify(self, arguments):
        call_once_free(
            lambda: self.elasticache.modify_user_group(UserGroupId=self.name, **arguments), self.wait_timeout
        )

    @ElastiCacheErrorHandler.common_error_handler("tag the user group {self.name}")
    def _change_tags(self, arn, current, wanted):
        change_tags(self.elasticache, arn, current, wanted)

    @ElastiCacheErrorHandler.deletion_error_handler("delete the user group {self.name}")
    def _delete(self):
        call_once_free(lambda: self.elasticache.delete_user_group(UserGroupId=self.name), self.wait_timeout)


def read(group, tags):
    """A group as ElastiCache describes it, and its tags, as a state."""
    pending = group.get("PendingChanges", {})
    users = {*group.get("UserIds", []), *pending.get("UserIdsToAdd", [])} - set(pending.get("UserIdsToRemove", []))
    return {
        "user_group_id": group["UserGroupId"],
        "arn": group["ARN"],
        "status": group["Status"],
        "engine": group["Engine"].lower(),
        "user_ids": sorted(users),
        "used_by": sorted([*group.get("ReplicationGroups", []), *group.get("ServerlessCaches", [])]),
        "tags": tags,
    }


def modification(current, changes):
    """The arguments of ModifyUserGroup that bring the changes; tags go another way."""
    arguments = {"Engine": changes["engine"]} if "engine" in changes else {}
    if "user_ids" in changes:
        before, after = set(current["user_ids"]), set(changes["user_ids"])
        added, removed = sorted(after - before), sorted(before - after)
        arguments |= {"UserIdsToAdd": added} if added else {}
        arguments |= {"UserIdsToRemove": removed} if removed else {}
    return arguments


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "user_group_id": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "engine": {"type": "str", "choices": ["valkey", "redis"]},
            "user_ids": {"type": "list", "elements": "str"},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 900},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "user_group", lambda: UserGroup(module.params, client(module, "elasticache")))


if __name__ == "__main__":
    main()
