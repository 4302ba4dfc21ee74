#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ssm_maintenance_window
version_added: "0.1.0"
short_description: Manage a maintenance window of AWS Systems Manager, with its targets and tasks
description:
  - Creates, changes and deletes a maintenance window, which runs tasks on hosts by a schedule, together with its
    targets and its tasks. Both are found by their names in the window, so that each needs one.
  - AWS lets several windows have one name. Where more than one has it, the module refuses to choose.
  - Follows U(https://docs.aws.amazon.com/systems-manager/latest/userguide/maintenance-windows.html).
  - Neither amazon.aws nor community.aws has a module for it.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The window's name, of 3 to 128 letters, digits, dots, dashes and underscores.
    type: str
    required: true
  state:
    description:
      - V(present) makes the window exist as described; what is not given stays as it is.
      - V(absent) deletes it with its targets and tasks. A task that is running goes on.
    type: str
    choices: [present, absent]
    default: present
  description:
    description:
      - What it is for in words, of up to 128 letters. An empty text for nothing.
    type: str
  schedule:
    description:
      - When it opens, as V(cron(0 3 ? * SUN *)), V(rate(7 days)) or V(at(2026-12-24T18:00:00)). A new window needs it.
    type: str
  schedule_timezone:
    description:
      - In which time zone of IANA the schedule is, such as V(Asia/Tokyo). It is UTC when it is not given. An empty
        text for UTC.
    type: str
  schedule_offset:
    description:
      - How many days after the day of the schedule it opens, 1 to 6, or V(0) for on the day. Only for V(cron()).
    type: int
  start_date:
    description:
      - From when on it opens, such as V(2026-12-01T00:00:00Z). An empty text for now.
    type: str
  end_date:
    description:
      - Until when it opens. An empty text for ever.
    type: str
  duration:
    description:
      - For how many hours it is open, 1 to 24. A new window needs it.
    type: int
  cutoff:
    description:
      - How many hours before it closes no more tasks are started, 0 to 23 and less than O(duration). It is V(0) for a
        new window for which it is not given.
    type: int
  allow_unassociated_targets:
    description:
      - Whether its tasks may run on hosts that are no targets of the window, which tasks with tags of their own
        need. It is V(false) for a new window for which it is not given.
    type: bool
  enabled:
    description:
      - Whether it opens. A new window does.
    type: bool
  targets:
    description:
      - The window's targets. Of one that is there, what is not given stays as it is.
    type: list
    elements: dict
    suboptions:
      name:
        description: The target's name, of 3 to 128 letters, digits, dots, dashes and underscores.
        type: str
        required: true
      description:
        description: What it is in words, of up to 128 letters.
        type: str
      resource_type:
        description: Whether it is of hosts or of resource groups. AWS cannot change it, so the target is registered
          anew.
        type: str
        choices: [INSTANCE, RESOURCE_GROUP]
        default: INSTANCE
      targets:
        description:
          - Up to five conditions of which all must hold, as lists of values by AWS's names, such as C(tag:PatchGroup),
            C(tag-key), C(InstanceIds), C(resource-groups:Name) and C(resource-groups:ResourceTypeFilters). Stated
            whole.
        type: dict
        required: true
      owner_information:
        description: What is told with events about its tasks, of up to 128 letters.
        type: str
  purge_targets:
    description:
      - Whether targets that O(targets) does not name are taken from the window. Without O(targets) none is touched.
        Targets without a name are purged as well.
    type: bool
    default: true
  tasks:
    description:
      - The window's tasks. Of one that is there, what is not given stays as it is.
    type: list
    elements: dict
    suboptions:
      name:
        description: The task's name, of 3 to 128 letters, digits, dots, dashes and underscores.
        type: str
        required: true
      description:
        description: What it does in words, of up to 128 letters.
        type: str
      task_type:
        description: What is run. AWS cannot change it, so the task is registered anew.
        type: str
        choices: [RUN_COMMAND, AUTOMATION, LAMBDA, STEP_FUNCTIONS]
        default: RUN_COMMAND
      task_arn:
        description:
          - The document's name, or the ARN of the function or state machine.
        type: str
        required: true
      target_names:
        description:
          - On which targets of the window it runs, by their names. Either this or O(tasks[].targets); with neither, a
            runbook, function or state machine runs once.
        type: list
        elements: str
      targets:
        description:
          - On which hosts it runs, as O(targets[].targets). The window has to have O(allow_unassociated_targets) for
            hosts that are no targets of it.
        type: dict
      service_role_arn:
        description:
          - ARN of the role with which Systems Manager runs it. AWS uses its service-linked role when it is not given.
        type: str
      priority:
        description:
          - Its place among the tasks of the window; the lowest is run first, those with the same at a time. V(0) for a
            new task for which it is not given.
        type: int
      max_concurrency:
        description:
          - On how many hosts, or on what part of them (V(10%)), it runs at a time. A task with targets needs it.
        type: str
      max_errors:
        description:
          - After how many failed hosts, or what part of them (V(10%)), it goes to no more hosts. A task with targets
            needs it.
        type: str
      cutoff_behavior:
        description:
          - What becomes of it when the cut-off comes. AWS takes V(CONTINUE_TASK) for a new task for which it is not
            given.
        type: str
        choices: [CONTINUE_TASK, CANCEL_TASK]
      run_command:
        description: How a command is run. Only for V(RUN_COMMAND).
        type: dict
        suboptions:
          parameters:
            description:
              - What the document is given, by the names of its parameters, each a text or a list of texts. Stated
                whole.
            type: dict
          comment:
            description: What it is for in words, of up to 100 letters.
            type: str
          document_version:
            description: Which version of the document, a number, V($DEFAULT) or V($LATEST).
            type: str
          document_hash:
            description: The hash that the document has to have.
            type: str
          document_hash_type:
            description: What hash that is.
            type: str
            choices: [Sha256, Sha1]
          timeout_seconds:
            description: For how many seconds AWS tries to reach a host.
            type: int
          output_s3_bucket_name:
            description: A bucket that keeps what the hosts say.
            type: str
          output_s3_key_prefix:
            description: What the names of the objects in the bucket begin with.
            type: str
          cloud_watch_output_enabled:
            description: Whether Amazon CloudWatch Logs keeps what the hosts say.
            type: bool
          cloud_watch_log_group_name:
            description: The log group that keeps it.
            type: str
          notification_arn:
            description: ARN of a topic of Amazon SNS that is told how the command goes.
            type: str
          notification_events:
            description: What it is told of.
            type: list
            elements: str
            choices: [All, InProgress, Success, TimedOut, Cancelled, Failed]
          notification_type:
            description: Whether it is told of the command as a whole, or of each host.
            type: str
            choices: [Command, Invocation]
          service_role_arn:
            description: ARN of the role with which Systems Manager publishes on the topic.
            type: str
      automation:
        description: How a runbook is run. Only for V(AUTOMATION).
        type: dict
        suboptions:
          parameters:
            description:
              - What the runbook is given, by the names of its parameters, each a text or a list of texts. Stated
                whole. C({{ RESOURCE_ID }}) is the host.
            type: dict
          document_version:
            description: Which version of the runbook.
            type: str
      lambda:
        description: How a function is called. Only for V(LAMBDA).
        type: dict
        suboptions:
          payload:
            description: What it is given, as JSON.
            type: str
          qualifier:
            description: Which version or alias of it.
            type: str
          client_context:
            description: What it is told of the caller.
            type: str
      step_functions:
        description: How a state machine is started. Only for V(STEP_FUNCTIONS).
        type: dict
        suboptions:
          input:
            description: What it is given, as JSON.
            type: str
          name:
            description: The name of the execution.
            type: str
  purge_tasks:
    description:
      - Whether tasks that O(tasks) does not name are taken from the window. Without O(tasks) none is touched. Tasks
        without a name are purged as well.
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
- name: Look for missing patches every night
  wellarchitected.aws.ssm_maintenance_window:
    name: example-scan
    schedule: cron(0 2 * * ? *)
    schedule_timezone: Asia/Tokyo
    duration: 2
    cutoff: 1
    targets:
      - name: production
        targets:
          tag:PatchGroup: [production]
    tasks:
      - name: scan
        task_arn: AWS-RunPatchBaseline
        target_names: [production]
        max_concurrency: 20%
        max_errors: 10%
        run_command:
          parameters:
            Operation: Scan
          output_s3_bucket_name: example-hosts
          output_s3_key_prefix: patching
          notification_arn: arn:aws:sns:ap-northeast-1:123456789012:example-hosts
          notification_events: [Failed, TimedOut]
          notification_type: Invocation
          service_role_arn: arn:aws:iam::123456789012:role/example-notify
    tags:
      Environment: production

- name: Close the window for now
  wellarchitected.aws.ssm_maintenance_window:
    name: example-scan
    enabled: false

- name: Delete the window
  wellarchitected.aws.ssm_maintenance_window:
    name: example-scan
    state: absent
"""

RETURN = r"""
maintenance_window:
  description: The window as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    window_id:
      description: Its ID; V(null) in check mode for one that AWS would choose.
      type: str
      sample: mw-0123456789abcdef0
    name:
      description: Its name.
      type: str
      sample: example-scan
    description:
      description: What it is for in words; an empty text for nothing.
      type: str
      sample: ""
    schedule:
      description: When it opens.
      type: str
      sample: cron(0 2 * * ? *)
    schedule_timezone:
      description: In which time zone that is; an empty text for UTC.
      type: str
      sample: Asia/Tokyo
    schedule_offset:
      description: How many days after the day of the schedule it opens.
      type: int
      sample: 0
    start_date:
      description: From when on it opens; an empty text for now.
      type: str
      sample: ""
    end_date:
      description: Until when it opens; an empty text for ever.
      type: str
      sample: ""
    duration:
      description: For how many hours it is open.
      type: int
      sample: 2
    cutoff:
      description: How many hours before it closes no more tasks are started.
      type: int
      sample: 1
    allow_unassociated_targets:
      description: Whether its tasks may run on hosts that are no targets of the window.
      type: bool
      sample: false
    enabled:
      description: Whether it opens.
      type: bool
      sample: true
    targets:
      description: Its targets, in the order of their names.
      type: list
      elements: dict
      contains:
        window_target_id:
          description: The target's ID; V(null) in check mode for one that AWS would choose.
          type: str
          sample: 12345678-1234-1234-1234-123456789012
        name:
          description: Its name; an empty text for none.
          type: str
          sample: production
        description:
          description: What it is in words; an empty text for nothing.
          type: str
          sample: ""
        resource_type:
          description: Whether it is of hosts or of resource groups.
          type: str
          sample: INSTANCE
        targets:
          description: The conditions, as lists of values.
          type: dict
          sample:
            tag:PatchGroup: [production]
        owner_information:
          description: What is told with events about its tasks; an empty text for nothing.
          type: str
          sample: ""
    tasks:
      description: Its tasks, in the order of their names.
      type: list
      elements: dict
      contains:
        window_task_id:
          description: The task's ID; V(null) in check mode for one that AWS would choose.
          type: str
          sample: 12345678-1234-1234-1234-123456789012
        name:
          description: Its name; an empty text for none.
          type: str
          sample: scan
        description:
          description: What it does in words; an empty text for nothing.
          type: str
          sample: ""
        task_type:
          description: What is run.
          type: str
          sample: RUN_COMMAND
        task_arn:
          description: The document's name, or the ARN of the function or state machine.
          type: str
          sample: AWS-RunPatchBaseline
        target_names:
          description: On which targets of the window it runs, in the order of their names; an ID where one has no
            name.
          type: list
          elements: str
          sample: [production]
        targets:
          description: On which hosts it runs, as lists of values.
          type: dict
          sample: {}
        service_role_arn:
          description: ARN of the role with which it runs; an empty text for AWS's own.
          type: str
          sample: ""
        priority:
          description: Its place among the tasks of the window.
          type: int
          sample: 0
        max_concurrency:
          description: On how many hosts it runs at a time; an empty text for no limit of its own.
          type: str
          sample: 20%
        max_errors:
          description: After how many failed hosts it goes to no more hosts; an empty text for no limit of its own.
          type: str
          sample: 10%
        cutoff_behavior:
          description: What becomes of it when the cut-off comes.
          type: str
          sample: CONTINUE_TASK
        run_command:
          description: How a command is run, in the terms of O(tasks[].run_command). Only of V(RUN_COMMAND).
          type: dict
          sample:
            parameters:
              Operation: [Scan]
        automation:
          description: How a runbook is run, in the terms of O(tasks[].automation). Only of V(AUTOMATION).
          type: dict
          sample: {}
        lambda:
          description: How a function is called, in the terms of O(tasks[].lambda). Only of V(LAMBDA).
          type: dict
          sample: {}
        step_functions:
          description: How a state machine is started, in the terms of O(tasks[].step_functions). Only of
            V(STEP_FUNCTIONS).
          type: dict
          sample: {}
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import datetime
import json
from typing import ClassVar

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_ROLE, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.hints import did_you_mean
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.ssm import (
    SsmErrorHandler,
    change_tags,
    conditions,
    from_conditions,
    list_tags,
    only_one,
    texts,
    to_conditions,
)

# What the window itself has, by the options.
MEMBERS = {
    "description": "Description",
    "schedule": "Schedule",
    "schedule_timezone": "ScheduleTimezone",
    "schedule_offset": "ScheduleOffset",
    "start_date": "StartDate",
    "end_date": "EndDate",
    "duration": "Duration",
    "cutoff": "Cutoff",
    "allow_unassociated_targets": "AllowUnassociatedTargets",
    "enabled": "Enabled",
}
# AWS takes no empty texts and no 0 for these; where they are left out, there is none.
LEFT_OUT = ("", 0, None)
OPTIONAL = ("description", "schedule_timezone", "schedule_offset", "start_date", "end_date")
TARGET_MEMBERS = {"name": "Name", "description": "Description", "owner_information": "OwnerInformation"}
TASK_MEMBERS = {
    "name": "Name",
    "description": "Description",
    "service_role_arn": "ServiceRoleArn",
    "max_concurrency": "MaxConcurrency",
    "max_errors": "MaxErrors",
}
# The option that says how a task is run, by the types of tasks, and the member that it is of the API.
INVOCATIONS = {
    "RUN_COMMAND": ("run_command", "RunCommand"),
    "AUTOMATION": ("automation", "Automation"),
    "LAMBDA": ("lambda", "Lambda"),
    "STEP_FUNCTIONS": ("step_functions", "StepFunctions"),
}
# Where each of its options is in that member.
PLACES = {
    "RUN_COMMAND": {
        "parameters": ("Parameters",),
        "comment": ("Comment",),
        "document_version": ("DocumentVersion",),
        "document_hash": ("DocumentHash",),
        "document_hash_type": ("DocumentHashType",),
        "timeout_seconds": ("TimeoutSeconds",),
        "output_s3_bucket_name": ("OutputS3BucketName",),
        "output_s3_key_prefix": ("OutputS3KeyPrefix",),
        "cloud_watch_output_enabled": ("CloudWatchOutputConfig", "CloudWatchOutputEnabled"),
        "cloud_watch_log_group_name": ("CloudWatchOutputConfig", "CloudWatchLogGroupName"),
        "notification_arn": ("NotificationConfig", "NotificationArn"),
        "notification_events": ("NotificationConfig", "NotificationEvents"),
        "notification_type": ("NotificationConfig", "NotificationType"),
        "service_role_arn": ("ServiceRoleArn",),
    },
    "AUTOMATION": {"parameters": ("Parameters",), "document_version": ("DocumentVersion",)},
    "LAMBDA": {"payload": ("Payload",), "qualifier": ("Qualifier",), "client_context": ("ClientContext",)},
    "STEP_FUNCTIONS": {"input": ("Input",), "name": ("Name",)},
}
WINDOW_TARGETS = "WindowTargetIds"


def same_moment(current, wanted):
    """Whether two times of ISO 8601 are the same, which AWS may answer without its seconds."""
    try:
        return datetime.datetime.fromisoformat(current) == datetime.datetime.fromisoformat(wanted)
    except ValueError:
        return current == wanted


class MaintenanceWindow(Resource):
    same: ClassVar = {
        "start_date": same_moment,
        "end_date": same_moment,
    }

    def __init__(self, params, ssm):
        super().__init__(normal(given(params, (*MEMBERS, "targets", "tasks", "tags"))), params["purge_tags"])
        self.ssm = ssm
        self.name = params["name"]
        self.purge = {"targets": params["purge_targets"], "tasks": params["purge_tasks"]}

    def find(self):
        window_id = self._window_id()
        window = self._get(window_id) if window_id else None
        if window is None:
            return None
        targets = sorted((read_target(each) for each in self._targets(window_id)), key=by_name)
        names = {each["window_target_id"]: each["name"] or each["window_target_id"] for each in targets}
        tasks = sorted((read_task(each, names) for each in self._tasks(window_id)), key=by_name)
        return {**read(window), "targets": targets, "tasks": tasks, "tags": self._tags(window_id)}

    def blank(self):
        return {
            "window_id": None,
            "name": self.name,
            "description": "",
            "schedule": "",
            "schedule_timezone": "",
            "schedule_offset": 0,
            "start_date": "",
            "end_date": "",
            "duration": None,
            "cutoff": 0,
            "allow_unassociated_targets": False,
            "enabled": True,
            "targets": [],
            "tasks": [],
            "tags": {},
        }

    def wanted(self, current):
        fields = super().wanted(current)
        for field, merge in (("targets", merged_target), ("tasks", merged_task)):
            if field in fields:
                fields[field] = merged(current[field], fields[field], merge, self.purge[field])
        return fields

    def refusal(self, current, changes):
        after = {**current, **changes}
        missing = [field for field in ("schedule", "duration") if not after[field]]
        if missing:
            return f"{' and '.join(missing)} must be given for the new maintenance window {self.name}."
        if after["cutoff"] >= after["duration"]:
            return (
                f"The maintenance window {self.name} would be open for {after['duration']} h and start no more tasks "
                f"{after['cutoff']} h before it closes, so that it starts none. Make cutoff less than duration."
            )
        names = [each["name"] for each in after["targets"]]
        return next(filter(None, (task_refusal(task, names) for task in after["tasks"])), None)

    @SsmErrorHandler.common_error_handler("create the maintenance window {self.name}")
    def create(self):
        wanted = {**self.blank(), **self.wanted(self.blank())}
        members = write(wanted)
        # A new window is enabled; that it is not to be is left to the update.
        members.pop("Enabled")
        self.ssm.create_maintenance_window(
            Name=self.name, Tags=ansible_dict_to_boto3_tag_list(wanted["tags"]), **members
        )

    def update(self, current, changes):
        window_id = current["window_id"]
        if changes.keys() & MEMBERS.keys():
            # What is left out is taken away then, which no other value does.
            self._update(window_id, write({**current, **changes}))
        if "targets" in changes:
            self._put_targets(window_id, current["targets"], changes["targets"])
        if "tasks" in changes:
            self._put_tasks(window_id, current["tasks"], changes["tasks"])
        for target in gone(current["targets"], changes.get("targets"), "window_target_id"):
            self._deregister_target(window_id, target["window_target_id"])
        if "tags" in changes:
            change_tags(self.ssm, "MaintenanceWindow", window_id, current["tags"], changes["tags"])

    @SsmErrorHandler.deletion_error_handler("delete the maintenance window {self.name}")
    def delete(self, current):
        self.ssm.delete_maintenance_window(WindowId=current["window_id"])

    def _put_targets(self, window_id, before, after):
        known = {each["window_target_id"]: each for each in before}
        for target in after:
            if target["window_target_id"] is None:
                self._register_target(window_id, target["name"], write_target(target, new=True))
            elif target != known[target["window_target_id"]]:
                self._update_target(window_id, target["window_target_id"], write_target(target))

    def _put_tasks(self, window_id, before, after):
        ids = {each["Name"]: each["WindowTargetId"] for each in self._targets(window_id) if each.get("Name")}
        known = {each["window_task_id"]: each for each in before}
        for task in gone(before, after, "window_task_id"):
            self._deregister_task(window_id, task["window_task_id"])
        for task in after:
            members = write_task(task, ids)
            if task["window_task_id"] is None:
                self._register_task(window_id, task["name"], {"TaskType": task["task_type"], **members})
            elif task != known[task["window_task_id"]]:
                self._update_task(window_id, task["window_task_id"], members)

    @SsmErrorHandler.common_error_handler("find the maintenance window {self.name}")
    def _window_id(self):
        filters = [{"Key": "Name", "Values": [self.name]}]
        pages = self.ssm.get_paginator("describe_maintenance_windows").paginate(Filters=filters)
        found = [each["WindowId"] for page in pages for each in page["WindowIdentities"] if each["Name"] == self.name]
        return only_one(found, f"the maintenance window {self.name}", found)

    @SsmErrorHandler.list_error_handler("read the maintenance window {self.name}")
    def _get(self, window_id):
        return self.ssm.get_maintenance_window(WindowId=window_id)

    @SsmErrorHandler.list_error_handler("list the targets of the maintenance window {self.name}", [])
    def _targets(self, window_id):
        pages = self.ssm.get_paginator("describe_maintenance_window_targets").paginate(WindowId=window_id)
        return [target for page in pages for target in page["Targets"]]

    @SsmErrorHandler.list_error_handler("list the tasks of the maintenance window {self.name}", [])
    def _tasks(self, window_id):
        # How a task is run is told of it alone.
        pages = self.ssm.get_paginator("describe_maintenance_window_tasks").paginate(WindowId=window_id)
        ids = [task["WindowTaskId"] for page in pages for task in page["Tasks"]]
        return [self.ssm.get_maintenance_window_task(WindowId=window_id, WindowTaskId=each) for each in ids]

    def _tags(self, window_id):
        return list_tags(self.ssm, "MaintenanceWindow", window_id)

    @SsmErrorHandler.common_error_handler("change the maintenance window {self.name}")
    def _update(self, window_id, members):
        self.ssm.update_maintenance_window(WindowId=window_id, Name=self.name, Replace=True, **members)

    @SsmErrorHandler.common_error_handler("register the target {name}")
    def _register_target(self, window_id, name, members):
        self.ssm.register_target_with_maintenance_window(WindowId=window_id, **members)

    @SsmErrorHandler.common_error_handler("change a target of the maintenance window {self.name}")
    def _update_target(self, window_id, target_id, members):
        self.ssm.update_maintenance_window_target(WindowId=window_id, WindowTargetId=target_id, Replace=True, **members)

    @SsmErrorHandler.deletion_error_handler("take a target from the maintenance window {self.name}")
    def _deregister_target(self, window_id, target_id):
        self.ssm.deregister_target_from_maintenance_window(WindowId=window_id, WindowTargetId=target_id)

    @SsmErrorHandler.common_error_handler("register the task {name}")
    @retry_on(UNKNOWN_ROLE)
    def _register_task(self, window_id, name, members):
        self.ssm.register_task_with_maintenance_window(WindowId=window_id, **members)

    @SsmErrorHandler.common_error_handler("change a task of the maintenance window {self.name}")
    @retry_on(UNKNOWN_ROLE)
    def _update_task(self, window_id, task_id, members):
        self.ssm.update_maintenance_window_task(WindowId=window_id, WindowTaskId=task_id, Replace=True, **members)

    @SsmErrorHandler.deletion_error_handler("take a task from the maintenance window {self.name}")
    def _deregister_task(self, window_id, task_id):
        self.ssm.deregister_task_from_maintenance_window(WindowId=window_id, WindowTaskId=task_id)


def by_name(each):
    return each["name"]


def normal(fields):
    """What is given, as it is read."""
    for field in ("targets", "tasks"):
        names = [each["name"] for each in fields.get(field, [])]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise AnsibleAWSError(message=f"{field} has {twice[0]} more than once; each needs a name of its own.")
    if "targets" in fields:
        fields["targets"] = [
            {**target, "targets": conditions(target["targets"], f"targets.{target['name']}.targets")}
            for target in fields["targets"]
        ]
    if "tasks" in fields:
        fields["tasks"] = [normal_task(task) for task in fields["tasks"]]
    return fields


def normal_task(task):
    """A task that is given, as it is read."""
    path = f"tasks.{task['name']}"
    for kind, (option, _member) in INVOCATIONS.items():
        if option in task and task["task_type"] != kind:
            raise AnsibleAWSError(
                message=f"{path}.{option} is only for tasks of the type {kind}, but this one is a {task['task_type']}."
            )
    if task.get("target_names") and task.get("targets"):
        raise AnsibleAWSError(message=f"{path} has both target_names and targets. Give one of them.")
    task = dict(task)
    # Whoever names targets of the window means no others, and the other way round.
    if "targets" in task:
        task["targets"] = conditions(task["targets"], f"{path}.targets")
        task.setdefault("target_names", [])
    if "target_names" in task:
        task["target_names"] = sorted(set(task["target_names"]))
        task.setdefault("targets", {})
    option = INVOCATIONS[task["task_type"]][0]
    if option in task and "parameters" in task[option]:
        task[option] = {**task[option], "parameters": texts(task[option]["parameters"], f"{path}.{option}.parameters")}
    return task


def merged(current, wanted, merge, purge):
    """What there is once wanted applies: everything of it, over what has its name, and what is not purged."""
    known = {each["name"]: each for each in current}
    names = {each["name"] for each in wanted}
    kept = [] if purge else [each for each in current if each["name"] not in names]
    return sorted([*kept, *(merge(known.get(each["name"]), each) for each in wanted)], key=by_name)


def merged_target(current, wanted):
    blank = {"window_target_id": None, "description": "", "owner_information": ""}
    if current and current["resource_type"] != wanted["resource_type"]:
        return {**blank, **current, **wanted, "window_target_id": None}
    return {**blank, **(current or {}), **wanted}


def merged_task(current, wanted):
    option = INVOCATIONS[wanted["task_type"]][0]
    if current and current["task_type"] != wanted["task_type"]:
        current = None
    blank = {
        "window_task_id": None,
        "description": "",
        "target_names": [],
        "targets": {},
        "service_role_arn": "",
        "priority": 0,
        "max_concurrency": "",
        "max_errors": "",
        "cutoff_behavior": "CONTINUE_TASK",
        option: {},
    }
    task = {**blank, **(current or {}), **wanted}
    how = {**(current or blank)[option], **wanted.get(option, {})}
    # An empty value is none, but for a document that is given nothing.
    task[option] = {name: value for name, value in how.items() if value not in ("", [], {}, False)}
    # AWS may answer the text of JSON in another way than it was given.
    for name in ("payload", "input"):
        if current and same_json(current[option].get(name), task[option].get(name)):
            task[option][name] = current[option][name]
    return task


def same_json(current, wanted):
    try:
        return current is not None and wanted is not None and json.loads(current) == json.loads(wanted)
    except ValueError:
        return False


def gone(before, after, identity):
    """Of what there was, what there shall be no more; after is None where nothing changes."""
    left = {each[identity] for each in before if after is None} | {each[identity] for each in after or []}
    return [each for each in before if each[identity] not in left]


def task_refusal(task, names):
    """Why a task cannot be so in a window with targets of these names, as a sentence; None when it can."""
    path = f"The task {task['name']}"
    for name in task["target_names"]:
        if name not in names:
            return f"{path} names the target {name}, which the window does not have.{did_you_mean(name, names)}"
    if not (task["target_names"] or task["targets"]):
        if task["task_type"] == "RUN_COMMAND":
            return f"{path} runs a command, but on no hosts. Give it target_names or targets."
        return None
    missing = [field for field in ("max_concurrency", "max_errors") if not task[field]]
    if missing:
        return f"{path} has targets, for which AWS needs {' and '.join(missing)}."
    return None


def read(window):
    """A window as Systems Manager answers it, without what it has of its own."""
    return {
        "window_id": window["WindowId"],
        "name": window["Name"],
        **{field: window.get(member, "") for field, member in MEMBERS.items()},
        "schedule_offset": window.get("ScheduleOffset", 0),
    }


def write(state):
    """The members of a window that say what it is to be."""
    return {
        member: state[field]
        for field, member in MEMBERS.items()
        if field not in OPTIONAL or state[field] not in LEFT_OUT
    }


def read_target(target):
    return {
        "window_target_id": target["WindowTargetId"],
        **{field: target.get(member) or "" for field, member in TARGET_MEMBERS.items()},
        "resource_type": target["ResourceType"],
        "targets": from_conditions(target["Targets"]),
    }


def write_target(target, new=False):
    members = {member: target[field] for field, member in TARGET_MEMBERS.items() if target[field]}
    kind = {"ResourceType": target["resource_type"]} if new else {}
    return {**members, **kind, "Targets": to_conditions(target["targets"])}


def read_task(task, names):
    """A task as Systems Manager answers it, with the names of the window's targets by their IDs."""
    targets = from_conditions(task.get("Targets"))
    ids = targets.pop(WINDOW_TARGETS, [])
    option, member = INVOCATIONS[task["TaskType"]]
    answered = task.get("TaskInvocationParameters", {}).get(member, {})
    return {
        "window_task_id": task["WindowTaskId"],
        **{field: task.get(name) or "" for field, name in TASK_MEMBERS.items()},
        "task_type": task["TaskType"],
        "task_arn": task["TaskArn"],
        "target_names": sorted(names.get(each, each) for each in ids),
        "targets": targets,
        "priority": task.get("Priority", 0),
        "cutoff_behavior": task.get("CutoffBehavior") or "CONTINUE_TASK",
        option: read_invocation(answered, PLACES[task["TaskType"]]),
    }


def read_invocation(answered, places):
    found = {}
    for option, path in places.items():
        value = answered
        for name in path:
            value = (value or {}).get(name)
        if hasattr(value, "read"):
            value = value.read()
        if isinstance(value, bytes):
            value = value.decode()
        if value not in (None, "", [], {}, False):
            found[option] = value
    return found


def write_task(task, ids):
    """The members of a task, with the IDs of the window's targets by their names."""
    members = {member: task[field] for field, member in TASK_MEMBERS.items() if task[field]}
    option, member = INVOCATIONS[task["task_type"]]
    how = write_invocation(task[option], PLACES[task["task_type"]])
    targets = to_conditions(task["targets"])
    if task["target_names"]:
        targets = [{"Key": WINDOW_TARGETS, "Values": [ids.get(name, name) for name in task["target_names"]]}]
    return {
        **members,
        "TaskArn": task["task_arn"],
        "Priority": task["priority"],
        "CutoffBehavior": task["cutoff_behavior"],
        **({"Targets": targets} if targets else {}),
        **({"TaskInvocationParameters": {member: how}} if how else {}),
    }


def write_invocation(options, places):
    members = {}
    for option, value in options.items():
        *outer, name = places[option]
        inner = members
        for each in outer:
            inner = inner.setdefault(each, {})
        inner[name] = value
    return members


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": {"type": "str"},
            "schedule": {"type": "str"},
            "schedule_timezone": {"type": "str"},
            "schedule_offset": {"type": "int"},
            "start_date": {"type": "str"},
            "end_date": {"type": "str"},
            "duration": {"type": "int"},
            "cutoff": {"type": "int"},
            "allow_unassociated_targets": {"type": "bool"},
            "enabled": {"type": "bool"},
            "targets": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str", "required": True},
                    "description": {"type": "str"},
                    "resource_type": {"type": "str", "choices": ["INSTANCE", "RESOURCE_GROUP"], "default": "INSTANCE"},
                    "targets": {"type": "dict", "required": True},
                    "owner_information": {"type": "str"},
                },
            },
            "purge_targets": {"type": "bool", "default": True},
            "tasks": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str", "required": True},
                    "description": {"type": "str"},
                    "task_type": {
                        "type": "str",
                        "choices": ["RUN_COMMAND", "AUTOMATION", "LAMBDA", "STEP_FUNCTIONS"],
                        "default": "RUN_COMMAND",
                    },
                    "task_arn": {"type": "str", "required": True},
                    "target_names": {"type": "list", "elements": "str"},
                    "targets": {"type": "dict"},
                    "service_role_arn": {"type": "str"},
                    "priority": {"type": "int"},
                    "max_concurrency": {"type": "str"},
                    "max_errors": {"type": "str"},
                    "cutoff_behavior": {"type": "str", "choices": ["CONTINUE_TASK", "CANCEL_TASK"]},
                    "run_command": {
                        "type": "dict",
                        "options": {
                            "parameters": {"type": "dict"},
                            "comment": {"type": "str"},
                            "document_version": {"type": "str"},
                            "document_hash": {"type": "str"},
                            "document_hash_type": {"type": "str", "choices": ["Sha256", "Sha1"]},
                            "timeout_seconds": {"type": "int"},
                            "output_s3_bucket_name": {"type": "str"},
                            "output_s3_key_prefix": {"type": "str", "no_log": False},
                            "cloud_watch_output_enabled": {"type": "bool"},
                            "cloud_watch_log_group_name": {"type": "str"},
                            "notification_arn": {"type": "str"},
                            "notification_events": {
                                "type": "list",
                                "elements": "str",
                                "choices": ["All", "InProgress", "Success", "TimedOut", "Cancelled", "Failed"],
                            },
                            "notification_type": {"type": "str", "choices": ["Command", "Invocation"]},
                            "service_role_arn": {"type": "str"},
                        },
                    },
                    "automation": {
                        "type": "dict",
                        "options": {"parameters": {"type": "dict"}, "document_version": {"type": "str"}},
                    },
                    "lambda": {
                        "type": "dict",
                        "options": {
                            "payload": {"type": "str"},
                            "qualifier": {"type": "str"},
                            "client_context": {"type": "str"},
                        },
                    },
                    "step_functions": {"type": "dict", "options": {"input": {"type": "str"}, "name": {"type": "str"}}},
                },
            },
            "purge_tasks": {"type": "bool", "default": True},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "maintenance_window", lambda: MaintenanceWindow(module.params, client(module, "ssm")))


if __name__ == "__main__":
    main()
