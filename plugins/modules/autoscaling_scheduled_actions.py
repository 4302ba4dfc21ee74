#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: autoscaling_scheduled_actions
version_added: "0.1.0"
short_description: Manage all scheduled actions of an EC2 Auto Scaling group
description:
  - Keeps the recurring actions that give an Auto Scaling group another size at a time of the day, the week or the year.
    Others are deleted.
  - community.aws has autoscaling_scheduled_action, which writes on every run, and has no diff.
  - Follows U(https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  auto_scaling_group_name:
    description:
      - The name of the Auto Scaling group.
    type: str
    required: true
    aliases: [asg_name]
  actions:
    description:
      - All scheduled actions of the group; an empty list for none.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name of the action.
        type: str
        required: true
      recurrence:
        description:
          - When it happens, as minute, hour, day of the month, month and day of the week in the syntax of cron.
        type: str
        required: true
      time_zone:
        description: The time zone of O(actions[].recurrence), by its name in the IANA database.
        type: str
        default: UTC
      min_size:
        description: The least number of instances from then on; as it is when not given.
        type: int
      max_size:
        description: The largest number of instances from then on; as it is when not given.
        type: int
      desired_capacity:
        description: The number of instances then, which scaling policies go on from.
        type: int
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Have more servers on weekdays
  wellarchitected.aws.autoscaling_scheduled_actions:
    auto_scaling_group_name: example-web
    actions:
      - name: morning
        recurrence: 0 8 * * 1-5
        time_zone: Asia/Tokyo
        min_size: 4
      - name: evening
        recurrence: 0 20 * * 1-5
        time_zone: Asia/Tokyo
        min_size: 2

- name: Let policies alone scale the group
  wellarchitected.aws.autoscaling_scheduled_actions:
    auto_scaling_group_name: example-web
    actions: []
"""

RETURN = r"""
scheduled_actions:
  description: The scheduled actions as they are, or in check mode as they would be.
  returned: success
  type: dict
  contains:
    actions:
      description:
        - The actions, by name, in the shape of the option; what is not said is null. Where somebody gave an action an
          end, its C(end_time) is shown, too.
      type: list
      elements: dict
      sample:
        - name: morning
          recurrence: 0 8 * * 1-5
          time_zone: Asia/Tokyo
          min_size: 4
          max_size: null
          desired_capacity: null
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_message
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.autoscaling import (
    AutoScalingErrorHandler,
    retry_on_contention,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Setting

MEMBERS = {
    "name": "ScheduledActionName",
    "recurrence": "Recurrence",
    "time_zone": "TimeZone",
    "min_size": "MinSize",
    "max_size": "MaxSize",
    "desired_capacity": "DesiredCapacity",
}


class MissingGroupErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        # Every mistake is a ValidationError.
        return is_boto3_error_message("not found")


class ScheduledActions(Setting):
    def __init__(self, group_name, actions, scaling):
        super().__init__({"actions": sorted(actions, key=lambda action: action["name"])})
        self.group_name = group_name
        self.scaling = scaling

    def find(self):
        """A group that is only planned has none, which is all that check mode has to know."""
        return {"actions": sorted(map(read, self._describe()), key=lambda action: action["name"])}

    def update(self, current, changes):
        before = {action["name"]: action for action in current["actions"]}
        wanted = {action["name"]: action for action in changes["actions"]}
        for name, action in before.items():
            if name not in wanted or loses_something(action, wanted[name]):
                self._delete(name)
        for name, action in wanted.items():
            if action != before.get(name):
                self._put(name, action)

    @MissingGroupErrorHandler.list_error_handler("find the scheduled actions of {self.group_name}", [])
    def _describe(self):
        pages = self.scaling.get_paginator("describe_scheduled_actions").paginate(AutoScalingGroupName=self.group_name)
        return [action for page in pages for action in page["ScheduledUpdateGroupActions"]]

    @AutoScalingErrorHandler.deletion_error_handler("delete the scheduled action {name}")
    @retry_on_contention
    def _delete(self, name):
        self.scaling.delete_scheduled_action(AutoScalingGroupName=self.group_name, ScheduledActionName=name)

    @AutoScalingErrorHandler.common_error_handler("set the scheduled action {name}")
    @retry_on_contention
    def _put(self, name, action):
        self.scaling.put_scheduled_update_group_action(AutoScalingGroupName=self.group_name, **write(action))


def read(action):
    """An action as AWS shows it, as a state. Its StartTime is left out: AWS shows there when it happens next."""
    state = {option: action.get(member) for option, member in MEMBERS.items()}
    state["time_zone"] = state["time_zone"] or "UTC"
    if action.get("EndTime"):
        state["end_time"] = action["EndTime"].isoformat()
    return state


def write(action):
    return {member: action[option] for option, member in MEMBERS.items() if action[option] is not None}


def loses_something(before, wanted):
    """Whether an action has to be made anew, as AWS keeps what a change says nothing of."""
    return any(value is not None and wanted.get(option) is None for option, value in before.items())


def build(params, scaling):
    actions = [{option: action[option] for option in MEMBERS} for action in params["actions"]]
    names = [action["name"] for action in actions]
    for action in actions:
        if names.count(action["name"]) > 1:
            raise AnsibleAWSError(message=f"actions has {action['name']} more than once.")
        if all(action[size] is None for size in ("min_size", "max_size", "desired_capacity")):
            raise AnsibleAWSError(
                message=f"The action {action['name']} (actions) changes nothing. Give it min_size, max_size or "
                "desired_capacity."
            )
    return ScheduledActions(params["auto_scaling_group_name"], actions, scaling)


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "auto_scaling_group_name": {"type": "str", "required": True, "aliases": ["asg_name"]},
            "actions": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "recurrence": {"type": "str", "required": True},
                    "time_zone": {"type": "str", "default": "UTC"},
                    "min_size": {"type": "int"},
                    "max_size": {"type": "int"},
                    "desired_capacity": {"type": "int"},
                },
            },
        },
        supports_check_mode=True,
    )
    run(module, "scheduled_actions", lambda: build(module.params, client(module, "autoscaling")))


if __name__ == "__main__":
    main()
