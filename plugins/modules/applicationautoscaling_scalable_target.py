#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: applicationautoscaling_scalable_target
version_added: "0.1.0"
short_description: Let Application Auto Scaling change the capacity of a resource
description:
  - Registers, changes and deregisters a scalable target, such as the readers of an Aurora cluster. What scales it is a
    policy, see M(wellarchitected.aws.applicationautoscaling_policy).
  - When a target is registered, AWS brings the resource's capacity between O(min_capacity) and O(max_capacity).
  - AWS makes the service-linked role of the service itself, where that has one.
  - Follows U(https://docs.aws.amazon.com/autoscaling/application/userguide/what-is-application-auto-scaling.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  service_namespace:
    description: The service, such as V(rds) or V(elasticache).
    type: str
    required: true
  resource_id:
    description: The resource, such as V(cluster:example) or V(replication-group/example).
    type: str
    required: true
  scalable_dimension:
    description: What of it is scaled, such as V(rds:cluster:ReadReplicaCount).
    type: str
    required: true
  state:
    description:
      - V(present) registers the target as described, V(absent) deregisters it, with its policies and scheduled actions.
        Its capacity stays as it is.
    type: str
    choices: [present, absent]
    default: present
  min_capacity:
    description: The least capacity. Required for a new target.
    type: int
  max_capacity:
    description: The greatest capacity. Required for a new target.
    type: int
  role_arn:
    description:
      - ARN of the role that scales, for services without a service-linked role, such as Amazon EMR. Others do not take
        it.
    type: str
  suspended_state:
    description: What does not scale for now. What is not given stays as it is; of a new target all scales.
    type: dict
    suboptions:
      dynamic_scaling_in_suspended:
        description: Whether policies do not reduce the capacity.
        type: bool
      dynamic_scaling_out_suspended:
        description: Whether policies do not raise the capacity.
        type: bool
      scheduled_scaling_suspended:
        description: Whether scheduled actions do nothing.
        type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let an Aurora cluster have between one and five readers
  wellarchitected.aws.applicationautoscaling_scalable_target:
    service_namespace: rds
    resource_id: cluster:example
    scalable_dimension: rds:cluster:ReadReplicaCount
    min_capacity: 1
    max_capacity: 5
    tags:
      Environment: production

- name: Let it not lose readers for now
  wellarchitected.aws.applicationautoscaling_scalable_target:
    service_namespace: rds
    resource_id: cluster:example
    scalable_dimension: rds:cluster:ReadReplicaCount
    suspended_state:
      dynamic_scaling_in_suspended: true

- name: Scale it no more
  wellarchitected.aws.applicationautoscaling_scalable_target:
    service_namespace: rds
    resource_id: cluster:example
    scalable_dimension: rds:cluster:ReadReplicaCount
    state: absent
"""

RETURN = r"""
scalable_target:
  description: The target as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    service_namespace:
      description: The service.
      type: str
      sample: rds
    resource_id:
      description: The resource.
      type: str
      sample: cluster:example
    scalable_dimension:
      description: What of it is scaled.
      type: str
      sample: rds:cluster:ReadReplicaCount
    arn:
      description: Its ARN; in check mode without a value for a target that would be registered.
      type: str
      sample: arn:aws:application-autoscaling:ap-northeast-1:123456789012:scalable-target/1234abcd56ab78cd901ef12345678
    min_capacity:
      description: The least capacity.
      type: int
      sample: 1
    max_capacity:
      description: The greatest capacity.
      type: int
      sample: 5
    role_arn:
      description: The role that scales; in check mode without a value where AWS makes it.
      type: str
      sample: >-
        arn:aws:iam::123456789012:role/aws-service-role/rds.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_RDSCluster
    suspended_state:
      description: What does not scale for now.
      type: dict
      contains:
        dynamic_scaling_in_suspended:
          description: Whether policies do not reduce the capacity.
          type: bool
          sample: false
        dynamic_scaling_out_suspended:
          description: Whether policies do not raise it.
          type: bool
          sample: false
        scheduled_scaling_suspended:
          description: Whether scheduled actions do nothing.
          type: bool
          sample: false
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.applicationautoscaling import (
    BUSY,
    TARGET,
    TARGET_OPTIONS,
    ScalingErrorHandler,
    target_of,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

PLAIN = {"min_capacity": "MinCapacity", "max_capacity": "MaxCapacity", "role_arn": "RoleARN"}
SUSPENDED = {
    "dynamic_scaling_in_suspended": "DynamicScalingInSuspended",
    "dynamic_scaling_out_suspended": "DynamicScalingOutSuspended",
    "scheduled_scaling_suspended": "ScheduledScalingSuspended",
}


class ScalableTarget(Resource):
    partial = frozenset({"suspended_state"})

    def __init__(self, params, scaling):
        super().__init__(given(params, (*PLAIN, "suspended_state", "tags")), params["purge_tags"])
        self.scaling = scaling
        self.target = target_of(scaling, params)
        self.name = params["resource_id"]

    def find(self):
        target = self._describe()
        return read(target, self._list_tags(target["ScalableTargetARN"])) if target else None

    def blank(self):
        return {
            **{name: self.target[member] for name, member in TARGET.items()},
            "arn": None,
            **dict.fromkeys(PLAIN),
            "suspended_state": dict.fromkeys(SUSPENDED, False),
            "tags": {},
        }

    def refusal(self, current, changes):
        after = {**current, **changes}
        missing = [name for name in ("min_capacity", "max_capacity") if after[name] is None]
        if missing:
            return f"A new scalable target needs {' and '.join(missing)}."
        if after["min_capacity"] > after["max_capacity"]:
            return f"min_capacity, {after['min_capacity']}, exceeds max_capacity, {after['max_capacity']}."
        if changes.get("role_arn") and "aws-service-role" in (current["role_arn"] or ""):
            return f"{self.name} is scaled by the service-linked role {current['role_arn']}. Leave role_arn out."
        return None

    def create(self):
        state = {**self.blank(), **self.wanted(self.blank())}
        self._register({**members(state), **({"Tags": state["tags"]} if state["tags"] else {})})

    def update(self, current, changes):
        arguments = members(changes)
        if arguments:
            self._register(arguments)
        if "tags" in changes:
            self._change_tags(current["arn"], current["tags"], changes["tags"])

    @ScalingErrorHandler.deletion_error_handler("deregister the scalable target {self.name}")
    @retry_on(BUSY)
    def delete(self, current):
        self.scaling.deregister_scalable_target(**self.target)

    @ScalingErrorHandler.common_error_handler("find the scalable target {self.name}")
    def _describe(self):
        pages = self.scaling.get_paginator("describe_scalable_targets").paginate(
            ServiceNamespace=self.target["ServiceNamespace"],
            ResourceIds=[self.target["ResourceId"]],
            ScalableDimension=self.target["ScalableDimension"],
        )
        return next((target for page in pages for target in page["ScalableTargets"]), None)

    @ScalingErrorHandler.common_error_handler("list the tags of the scalable target {self.name}")
    def _list_tags(self, arn):
        return self.scaling.list_tags_for_resource(ResourceARN=arn).get("Tags", {})

    @ScalingErrorHandler.common_error_handler("register the scalable target {self.name}")
    @retry_on(BUSY)
    def _register(self, arguments):
        self.scaling.register_scalable_target(**self.target, **arguments)

    @ScalingErrorHandler.common_error_handler("tag the scalable target {self.name}")
    def _change_tags(self, arn, current, wanted):
        change_resource_tags(self.scaling, current, wanted, ResourceARN=arn)


def read(target, tags):
    """A target as Application Auto Scaling describes it, and its tags, as a state."""
    suspended = target.get("SuspendedState", {})
    return {
        **{name: target[member] for name, member in TARGET.items()},
        "arn": target["ScalableTargetARN"],
        **{name: target[member] for name, member in PLAIN.items()},
        "suspended_state": {name: suspended.get(member, False) for name, member in SUSPENDED.items()},
        "tags": tags,
    }


def members(fields):
    """The arguments that say these fields, but for tags."""
    arguments = {member: fields[name] for name, member in PLAIN.items() if fields.get(name) is not None}
    if "suspended_state" in fields:
        state = fields["suspended_state"]
        arguments["SuspendedState"] = {member: state[name] for name, member in SUSPENDED.items()}
    return arguments


def main():
    module = AnsibleAWSModule(
        argument_spec={
            **TARGET_OPTIONS,
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "min_capacity": {"type": "int"},
            "max_capacity": {"type": "int"},
            "role_arn": {"type": "str"},
            "suspended_state": {"type": "dict", "options": {name: {"type": "bool"} for name in SUSPENDED}},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "scalable_target", lambda: ScalableTarget(module.params, client(module, "application-autoscaling")))


if __name__ == "__main__":
    main()
