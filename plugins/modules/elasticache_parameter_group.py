#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elasticache_parameter_group
version_added: "0.1.0"
short_description: Manage an ElastiCache parameter group
description:
  - Creates, changes and deletes a parameter group for Valkey, Redis OSS or Memcached.
  - Some parameters take effect only when the nodes are restarted.
  - Follows U(https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  cache_parameter_group_name:
    description: The group's name. AWS makes it lowercase.
    type: str
    required: true
  state:
    description: V(present) makes the group exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  cache_parameter_group_family:
    description: The engine and its version, such as V(valkey8). Required for a new group. It cannot be changed.
    type: str
  description:
    description: What it is for. Required for a new group. It cannot be changed.
    type: str
  parameters:
    description:
      - The parameters' values by their names. C(true) and C(false) mean V(yes) and V(no).
      - One that has the wanted value by default is no difference.
    type: dict
  purge_parameters:
    description: Whether parameters that are not in O(parameters) get their defaults back, if O(parameters) is given.
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Evict the keys that were used least recently, and log what takes 5 ms or more
  wellarchitected.aws.elasticache_parameter_group:
    cache_parameter_group_name: example
    cache_parameter_group_family: valkey8
    description: Query results of the shop
    parameters:
      maxmemory-policy: allkeys-lru
      slowlog-log-slower-than: 5000
    tags:
      Environment: production

- name: Give all parameters their defaults back
  wellarchitected.aws.elasticache_parameter_group:
    cache_parameter_group_name: example
    parameters: {}

- name: Delete the parameter group
  wellarchitected.aws.elasticache_parameter_group:
    cache_parameter_group_name: example
    state: absent
"""

RETURN = r"""
parameter_group:
  description: The group as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    cache_parameter_group_name:
      description: Its name.
      type: str
      sample: example
    arn:
      description: Its ARN; in check mode without a value for a group that would be created.
      type: str
      sample: arn:aws:elasticache:ap-northeast-1:123456789012:parametergroup:example
    cache_parameter_group_family:
      description: Its engine and version.
      type: str
      sample: valkey8
    description:
      description: What it is for.
      type: str
      sample: Query results of the shop
    parameters:
      description: The parameters that have been set; all others have their defaults.
      type: dict
      sample:
        maxmemory-policy: allkeys-lru
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
from ansible_collections.wellarchitected.aws.plugins.module_utils.hints import did_you_mean
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

FIXED = ("cache_parameter_group_family", "description")
IN_USE = "InvalidCacheParameterGroupState"
# How many parameters AWS takes in one request.
BATCH = 20


class ParameterGroup(Resource):
    def __init__(self, params, elasticache):
        super().__init__(given(params, (*FIXED, "parameters", "tags")), params["purge_tags"])
        self.elasticache = elasticache
        self.name = params["cache_parameter_group_name"].lower()
        self.purge_parameters = params["purge_parameters"]
        if "parameters" in self.given:
            self.given["parameters"] = as_parameters(self.given["parameters"])
        # The family's parameters as AWS lists them, by their names.
        self.known = {}

    def find(self):
        group = self._describe()
        if group is None:
            return None
        self.known = self._list_parameters()
        return read(group, self.known, self._list_tags(group["ARN"]))

    def blank(self):
        family = self.given.get("cache_parameter_group_family")
        self.known = self._list_defaults(family) if family and self.given.get("parameters") else {}
        return {
            "cache_parameter_group_name": self.name,
            "arn": None,
            **dict.fromkeys(FIXED),
            "parameters": {},
            "tags": {},
        }

    def wanted(self, current):
        fields = super().wanted(current)
        if "parameters" in fields:
            fields["parameters"] = parameters_after(
                current["parameters"], fields["parameters"], self.known, self.purge_parameters
            )
        return fields

    def refusal(self, current, changes):
        if self.name.startswith("default."):
            return f"{self.name} is one of AWS's own parameter groups, which cannot be changed. Choose another name."
        if current["arn"] is None:
            missing = [field for field in FIXED if field not in self.given]
            if missing:
                return f"A new parameter group needs {' and '.join(missing)}."
        else:
            for field in FIXED:
                if field in changes:
                    return (
                        f"{field} of the parameter group {self.name} is {current[field]}, and AWS cannot make it "
                        f"{changes[field]}. Choose another name, or delete it first."
                    )
        family = {**current, **changes}["cache_parameter_group_family"]
        return refused_parameters(family, self.given.get("parameters", {}), self.known)

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})

    def update(self, current, changes):
        if "parameters" in changes:
            before, after = current["parameters"], changes["parameters"]
            for names in batches(before.keys() - after.keys()):
                self._reset([{"ParameterName": name} for name in names])
            for names in batches(name for name in after if before.get(name) != after[name]):
                self._set([{"ParameterName": name, "ParameterValue": after[name]} for name in names])
        if "tags" in changes:
            self._change_tags(current["arn"], current["tags"], changes["tags"])

    def deletion_refusal(self, current):
        return self.refusal(current, {}) if self.name.startswith("default.") else None

    @ElastiCacheErrorHandler.deletion_error_handler("delete the parameter group {self.name}")
    def delete(self, current):
        try:
            self._delete()
        except is_boto3_error_code(IN_USE) as error:
            message = (
                f"A cache still uses the parameter group {self.name}. Give it another one, or delete it first: AWS "
                "does not delete the parameter group before."
            )
            raise AnsibleAWSError(message=message) from error

    @ElastiCacheErrorHandler.list_error_handler("find the parameter group {self.name}")
    def _describe(self):
        groups = self.elasticache.describe_cache_parameter_groups(CacheParameterGroupName=self.name)
        return groups["CacheParameterGroups"][0]

    @ElastiCacheErrorHandler.common_error_handler("list the parameters of the parameter group {self.name}")
    def _list_parameters(self):
        paginator = self.elasticache.get_paginator("describe_cache_parameters")
        pages = paginator.paginate(CacheParameterGroupName=self.name)
        return {each["ParameterName"]: each for page in pages for each in page.get("Parameters", [])}

    @ElastiCacheErrorHandler.common_error_handler("list the parameters of the family {family}")
    def _list_defaults(self, family):
        paginator = self.elasticache.get_paginator("describe_engine_default_parameters")
        pages = paginator.paginate(CacheParameterGroupFamily=family)
        return {each["ParameterName"]: each for page in pages for each in page["EngineDefaults"].get("Parameters", [])}

    @ElastiCacheErrorHandler.list_error_handler("list the tags of the parameter group {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.elasticache, arn)

    @ElastiCacheErrorHandler.common_error_handler("create the parameter group {self.name}")
    def _create(self, state):
        tags = {"Tags": ansible_dict_to_boto3_tag_list(state["tags"])} if state["tags"] else {}
        self.elasticache.create_cache_parameter_group(
            CacheParameterGroupName=self.name,
            CacheParameterGroupFamily=state["cache_parameter_group_family"],
            Description=state["description"],
            **tags,
        )

    @ElastiCacheErrorHandler.common_error_handler("set parameters of the parameter group {self.name}")
    @retry_on(IN_USE)
    def _set(self, parameters):
        self.elasticache.modify_cache_parameter_group(CacheParameterGroupName=self.name, ParameterNameValues=parameters)

    @ElastiCacheErrorHandler.common_error_handler("reset parameters of the parameter group {self.name}")
    @retry_on(IN_USE)
    def _reset(self, parameters):
        self.elasticache.reset_cache_parameter_group(CacheParameterGroupName=self.name, ParameterNameValues=parameters)

    @ElastiCacheErrorHandler.common_error_handler("tag the parameter group {self.name}")
    def _change_tags(self, arn, current, wanted):
        change_tags(self.elasticache, arn, current, wanted)

    @retry_on(IN_USE)
    def _delete(self):
        # A cache that has just been deleted counts for some seconds more.
        self.elasticache.delete_cache_parameter_group(CacheParameterGroupName=self.name)


def as_parameters(parameters):
    """The values as AWS writes them: everything is a text, and flags are yes and no."""
    words = {True: "yes", False: "no"}
    return {name: words[value] if isinstance(value, bool) else str(value) for name, value in parameters.items()}


def read(group, parameters, tags):
    """A group as ElastiCache describes it, its parameters and its tags, as a state."""
    return {
        "cache_parameter_group_name": group["CacheParameterGroupName"],
        "arn": group["ARN"],
        "cache_parameter_group_family": group["CacheParameterGroupFamily"],
        "description": group["Description"],
        "parameters": {
            name: each.get("ParameterValue", "") for name, each in parameters.items() if each.get("Source") == "user"
        },
        "tags": tags,
    }


def parameters_after(current, wanted, known, purge):
    """The parameters that are set once wanted is applied; what is so by default need not be set."""
    needed = {
        name: value
        for name, value in wanted.items()
        if name in current or known.get(name, {}).get("ParameterValue", "") != value
    }
    return needed if purge else {**current, **needed}


def refused_parameters(family, wanted, known):
    for name in sorted(wanted):
        if name not in known:
            return f"{family} has no parameter {name}.{did_you_mean(name, known)}"
        if not known[name].get("IsModifiable", True) and known[name].get("ParameterValue") != wanted[name]:
            return f"AWS does not let the parameter {name} be changed; it is {known[name].get('ParameterValue')}."
    return None


def batches(names):
    names = sorted(names)
    return [names[start : start + BATCH] for start in range(0, len(names), BATCH)]


def main():
    text = {"type": "str"}
    module = AnsibleAWSModule(
        argument_spec={
            "cache_parameter_group_name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "cache_parameter_group_family": text,
            "description": text,
            "parameters": {"type": "dict"},
            "purge_parameters": {"type": "bool", "default": True},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "parameter_group", lambda: ParameterGroup(module.params, client(module, "elasticache")))


if __name__ == "__main__":
    main()
