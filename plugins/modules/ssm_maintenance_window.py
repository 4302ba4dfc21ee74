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

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule


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
                            "output_s3_key_prefix": {"type": "str"},
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
    module.fail_json(msg="Only the documentation of this module is here so far.")


if __name__ == "__main__":
    main()
