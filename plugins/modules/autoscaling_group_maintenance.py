#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: autoscaling_group_maintenance
version_added: "0.1.0"
short_description: Let some instances of an Auto Scaling group be put on standby
description:
  - Lowers the least size of a group, so that some of its instances can be put on standby with no others launched in
    their place, and suspends the process C(AZRebalance), which would launch and terminate others meanwhile. Afterwards
    it puts both back as they were.
  - How they were is kept in the tag C(Maintenance) of the group before anything is changed, so that whoever comes after
    a run that was killed puts it back, too.
  - It is refused while an instance refresh replaces the instances.
  - Follows U(https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html).
  - Neither amazon.aws nor community.aws has a module for it; M(amazon.aws.autoscaling_instance) puts instances on
    standby.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The name of the group.
    type: str
    required: true
  instances:
    description:
      - How many instances are to be put on standby at a time. The least size is lower by as many, and never below 0.
    type: int
    default: 1
  state:
    description:
      - V(absent) puts back what was lowered and suspended. A least size that has been raised meanwhile stays. Where it
        is more than there are instances in service, AWS launches others.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Says what would be done, and does nothing.
    support: full
  diff_mode:
    description: Shows the sizes and the processes.
    support: full
"""

EXAMPLES = r"""
- name: Let one server be put on standby
  wellarchitected.aws.autoscaling_group_maintenance:
    name: example-web

- name: Put it on standby
  amazon.aws.autoscaling_instance:
    group_name: example-web
    instance_ids: [i-0123456789abcdef0]
    state: standby
    decrement_desired_capacity: true

- name: Put the group back as it was
  wellarchitected.aws.autoscaling_group_maintenance:
    name: example-web
    state: absent
"""

RETURN = r"""
maintenance:
  description: How the group is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    min_size:
      description: Its least size now.
      type: int
      sample: 1
    min_size_before:
      description: Its least size before, and afterwards.
      type: int
      sample: 2
    suspended_processes:
      description: The processes that are suspended for as long as it lasts, and were not before.
      type: list
      elements: str
      sample: [AZRebalance]
    suspended_now:
      description: All processes that are suspended, sorted.
      type: list
      elements: str
      sample: [AZRebalance]
auto_scaling_group:
  description: What else there is to know of the group.
  returned: success
  type: dict
  contains:
    target_group_arns:
      description: ARNs of its target groups, sorted.
      type: list
      elements: str
      sample: [arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/example-web/0123456789abcdef]
"""

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils import autoscaling
from ansible_collections.wellarchitected.aws.plugins.module_utils.autoscaling import (
    ACTIVE_REFRESH,
    AutoScalingErrorHandler,
    retry_on_contention,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource


class Maintenance(Resource):
    def __init__(self, params, scaling):
        super().__init__({})
        self.name = params["name"]
        self.instances = params["instances"]
        self.scaling = scaling
        self.group = {}

    def find(self):
        groups = self._describe()
        if not groups:
            raise AnsibleAWSError(message=f"There is no Auto Scaling group {self.name} (name).")
        self.group = groups[0]
        return autoscaling.read_maintenance(self.group)

    def blank(self):
        return autoscaling.new_maintenance(self.group)

    def wanted(self, current):
        return {
            "min_size": max(0, current["min_size_before"] - self.instances),
            "suspended_now": sorted({*current["suspended_now"], *current["suspended_processes"]}),
        }

    def refusal(self, current, changes):
        active = [each for each in self._describe_refreshes() if each["Status"] in ACTIVE_REFRESH]
        return autoscaling.refresh_in_the_way(self.name, active[0]) if active else None

    @AutoScalingErrorHandler.common_error_handler("note in a tag how the Auto Scaling group {self.name} was")
    @retry_on_contention
    def create(self):
        value = autoscaling.write_maintenance(self.blank())
        tag = autoscaling.maintenance_tag(self.name)
        self.scaling.create_or_update_tags(Tags=[{**tag, "Value": value, "PropagateAtLaunch": False}])

    def update(self, current, changes):
        if "suspended_now" in changes:
            self._suspend(current["suspended_processes"])
        if "min_size" in changes:
            self._resize({"MinSize": changes["min_size"]})

    def delete(self, current):
        before = current["min_size_before"]
        if current["min_size"] < before:
            desired = {"DesiredCapacity": before} if self.group["DesiredCapacity"] < before else {}
            self._resize({"MinSize": before, **desired})
        if current["suspended_processes"]:
            self._resume(current["suspended_processes"])
        self._forget()

    def beside(self, outcome, check_mode):
        return {"auto_scaling_group": {"target_group_arns": sorted(self.group.get("TargetGroupARNs", []))}}

    # The calls

    @AutoScalingErrorHandler.common_error_handler("read the Auto Scaling group {self.name}")
    def _describe(self):
        return self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])["AutoScalingGroups"]

    @AutoScalingErrorHandler.common_error_handler("read the instance refreshes of {self.name}")
    def _describe_refreshes(self):
        answer = self.scaling.describe_instance_refreshes(AutoScalingGroupName=self.name, MaxRecords=1)
        return answer["InstanceRefreshes"]

    @AutoScalingErrorHandler.common_error_handler("change the sizes of the Auto Scaling group {self.name}")
    @retry_on_contention
    def _resize(self, sizes):
        self.scaling.update_auto_scaling_group(AutoScalingGroupName=self.name, **sizes)

    @AutoScalingErrorHandler.common_error_handler("suspend processes of the Auto Scaling group {self.name}")
    @retry_on_contention
    def _suspend(self, processes):
        self.scaling.suspend_processes(AutoScalingGroupName=self.name, ScalingProcesses=processes)

    @AutoScalingErrorHandler.common_error_handler("resume processes of the Auto Scaling group {self.name}")
    @retry_on_contention
    def _resume(self, processes):
        self.scaling.resume_processes(AutoScalingGroupName=self.name, ScalingProcesses=processes)

    @AutoScalingErrorHandler.common_error_handler("untag the Auto Scaling group {self.name}")
    @retry_on_contention
    def _forget(self):
        self.scaling.delete_tags(Tags=[autoscaling.maintenance_tag(self.name)])


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "instances": {"type": "int", "default": 1},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    run(module, "maintenance", lambda: Maintenance(module.params, client(module, "autoscaling")))


if __name__ == "__main__":
    main()
