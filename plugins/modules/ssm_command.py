#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ssm_command
version_added: "0.1.0"
short_description: Run a command on hosts through AWS Systems Manager
description:
  - Sends a document, or lines of shell, to hosts by Run Command, waits until they have run, and answers what each host
    said. It fails when a host did, with the hosts that failed and the last line of each.
  - Nothing has to be reachable; the hosts need the agent of Systems Manager, and a role that lets it work.
  - Each run sends a new command. V(changed) is true when it went to a host, or in check mode would go to one, since
    nobody but its author knows what it changes; O(read_only) says that it changes nothing.
  - Follows U(https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command.html).
  - Neither amazon.aws nor community.aws has a module for it.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  commands:
    description:
      - Lines of shell, run as root as one script. Its exit code is the one of the last line, unless it says C(set -e).
        Only for a document that has a parameter of this name, such as C(AWS-RunShellScript).
    type: list
    elements: str
  document_name:
    description:
      - The document that is run, by its name, or, where it belongs to another account, its ARN.
    type: str
    default: AWS-RunShellScript
  document_version:
    description:
      - Which version of it, a number, V($DEFAULT) or V($LATEST). AWS takes V($DEFAULT) when it is not given.
    type: str
  parameters:
    description:
      - What the document is given, by the names of its parameters, each a text or a list of texts.
    type: dict
  working_directory:
    description:
      - The directory in which the lines run, for a document with the parameter C(workingDirectory).
    type: path
  execution_timeout:
    description:
      - After how many seconds a host ends what it runs, for a document with the parameter C(executionTimeout). AWS
        takes 3600 when it is not given.
    type: int
  instance_ids:
    description:
      - The hosts, by the IDs of up to 50 managed nodes. Either this or O(targets).
    type: list
    elements: str
  targets:
    description:
      - The hosts, up to five conditions of which all must hold, as lists of values by AWS's names, such as
        C(tag:Environment), C(tag-key), C(InstanceIds), C(resource-groups:Name). Whoever is a managed node then is sent
        the command.
    type: dict
  allow_no_hosts:
    description:
      - Whether it is all right when nobody is sent the command. Without it, that is a failure.
    type: bool
    default: false
  timeout_seconds:
    description:
      - For how many seconds AWS tries to reach a host, V(30) to V(2592000). AWS takes 3600 when it is not given.
    type: int
  comment:
    description:
      - What it is for in words, of up to 100 letters.
    type: str
  max_concurrency:
    description:
      - On how many hosts, or on what part of them (V(10%)), it runs at a time. AWS takes V(50) when it is not given.
    type: str
  max_errors:
    description:
      - After how many failed hosts, or what part of them (V(10%)), it goes to no more hosts. AWS takes V(0) when it is
        not given.
    type: str
  output_s3_bucket_name:
    description:
      - A bucket that keeps what the hosts say in whole. AWS answers the first 24,000 characters of it, and 8,000 of
        the errors. The hosts' role has to allow it.
    type: str
  output_s3_key_prefix:
    description:
      - What the names of the objects in the bucket begin with.
    type: str
  cloud_watch_log_group_name:
    description:
      - A log group of Amazon CloudWatch that keeps what the hosts say. The hosts' role has to allow it.
    type: str
  notification:
    description:
      - Of what a topic of Amazon SNS is told.
    type: dict
    suboptions:
      notification_arn:
        description: ARN of the topic.
        type: str
        required: true
      notification_events:
        description: What it is told of.
        type: list
        elements: str
        choices: [All, InProgress, Success, TimedOut, Cancelled, Failed]
        default: [Failed, TimedOut, Cancelled]
      notification_type:
        description: Whether it is told of the command as a whole, or of each host.
        type: str
        choices: [Command, Invocation]
        default: Command
      service_role_arn:
        description: ARN of the role with which Systems Manager publishes on the topic.
        type: str
        required: true
  read_only:
    description:
      - Whether the command changes nothing on the hosts, so that V(changed) is false. In check mode it is not sent
        either.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until all hosts have run it. Without it, nobody learns how it went.
    type: bool
    default: true
  wait_timeout:
    description:
      - For how many seconds to wait at most. What is still running then is not cancelled.
    type: int
    default: 3600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description:
      - Sends nothing, and answers the hosts to which it would go. Those of C(resource-groups:) are not known before,
        and a warning says so.
    support: full
  diff_mode:
    description: Something is run, nothing is described.
    support: none
"""

EXAMPLES = r"""
- name: See how full the disks of production are
  wellarchitected.aws.ssm_command:
    commands:
      - df -h
    targets:
      tag:Environment: [production]
    read_only: true
  register: disks

- name: Restart a service, on one host after the other, and stop at the first failure
  wellarchitected.aws.ssm_command:
    commands:
      - set -e
      - systemctl restart example
      - systemctl is-active example
    targets:
      tag:Environment: [production]
      tag:Tier: [application]
    max_concurrency: "1"
    max_errors: "0"
    execution_timeout: 120

- name: Look for missing patches on two hosts
  wellarchitected.aws.ssm_command:
    document_name: AWS-RunPatchBaseline
    parameters:
      Operation: Scan
    instance_ids: [i-0123456789abcdef0, i-0123456789abcdef1]
    output_s3_bucket_name: example-hosts
    output_s3_key_prefix: patching
"""

RETURN = r"""
command:
  description: The command; in check mode, its IDs and times are V(null).
  returned: success, and failure once it was sent
  type: dict
  contains:
    command_id:
      description: Its ID.
      type: str
      sample: 12345678-1234-1234-1234-123456789012
    document_name:
      description: The document that is run.
      type: str
      sample: AWS-RunShellScript
    status:
      description: Where it stands, such as V(Success), V(Failed), V(InProgress); V(null) in check mode.
      type: str
      sample: Success
    status_details:
      description: The same in more detail, such as V(NoInstancesInTag), V(DeliveryTimedOut); V(null) in check mode.
      type: str
      sample: Success
    target_count:
      description: To how many hosts it goes.
      type: int
      sample: 2
    completed_count:
      description: On how many of them it has ended.
      type: int
      sample: 2
    error_count:
      description: On how many of them it has failed.
      type: int
      sample: 0
hosts:
  description: The hosts, by their IDs. In check mode, only their IDs, names, and a status of V(null).
  returned: success, and failure once it was sent
  type: list
  elements: dict
  contains:
    instance_id:
      description: ID of the managed node.
      type: str
      sample: i-0123456789abcdef0
    instance_name:
      description: Its name, as AWS knows it; an empty text for none.
      type: str
      sample: ip-10-0-0-5
    status:
      description: How it went there.
      type: str
      sample: Success
    status_details:
      description: The same in more detail.
      type: str
      sample: Success
    response_code:
      description: The exit code; -1 where nothing has ended.
      type: int
      sample: 0
    standard_output:
      description: What was said there, of which AWS answers the first 24,000 characters.
      type: str
      sample: "Filesystem      Size  Used Avail Use% Mounted on"
    standard_error:
      description: What was said there of errors, of which AWS answers the first 8,000 characters.
      type: str
      sample: ""
    standard_output_url:
      description: Where the bucket keeps all of it; an empty text without a bucket.
      type: str
      sample: ""
    standard_error_url:
      description: Where the bucket keeps all that was said of errors; an empty text without a bucket.
      type: str
      sample: ""
"""

import time

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_ROLE, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import aws_errors, client
from ansible_collections.wellarchitected.aws.plugins.module_utils.ssm import (
    SsmErrorHandler,
    conditions,
    last_line,
    texts,
    to_conditions,
)

# https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
GOING_ON = ("Pending", "InProgress", "Cancelling", "Delayed")
FIRST_PAUSE = 1
LONGEST_PAUSE = 10
# Of so many hosts that failed the last line is told.
MOST_TOLD = 10
MEMBERS = {
    "document_name": "DocumentName",
    "document_version": "DocumentVersion",
    "instance_ids": "InstanceIds",
    "timeout_seconds": "TimeoutSeconds",
    "comment": "Comment",
    "max_concurrency": "MaxConcurrency",
    "max_errors": "MaxErrors",
    "output_s3_bucket_name": "OutputS3BucketName",
    "output_s3_key_prefix": "OutputS3KeyPrefix",
}


class Runner:
    def __init__(self, ssm):
        self.ssm = ssm

    @SsmErrorHandler.common_error_handler("list the managed nodes")
    def foretell(self, params):
        """The hosts to which a command would go; those of resource groups are not known."""
        wanted = conditions(params["targets"], "targets")
        if params["instance_ids"]:
            wanted = {"InstanceIds": params["instance_ids"]}
        if wanted.get("InstanceIds") == ["*"]:
            del wanted["InstanceIds"]
        pages = self.ssm.get_paginator("describe_instance_information").paginate(Filters=to_conditions(wanted))
        found = [each for page in pages for each in page["InstanceInformationList"]]
        return [
            {"instance_id": each["InstanceId"], "instance_name": each.get("ComputerName", ""), "status": None}
            for each in sorted(found, key=lambda each: each["InstanceId"])
        ]

    @SsmErrorHandler.common_error_handler("send the command")
    @retry_on(UNKNOWN_ROLE)
    def send(self, request):
        return self.ssm.send_command(**request)["Command"]

    def wait(self, command, timeout):
        """The command once it has ended on all hosts."""
        until, pause = time.monotonic() + timeout, FIRST_PAUSE
        while True:
            found = self._get(command["CommandId"])
            if found and found["Status"] not in GOING_ON:
                return found
            if time.monotonic() >= until:
                command = found or command
                raise AnsibleAWSError(
                    message=f"The command {command['CommandId']} is still {command['Status']} after {timeout} s, on "
                    f"{command['CompletedCount']} of {command['TargetCount']} hosts it has ended. It goes on there."
                )
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    @SsmErrorHandler.common_error_handler("see how the command goes")
    @retry_on("InvalidCommandId")
    def _get(self, command_id):
        # It is not known at once.
        return next(iter(self.ssm.list_commands(CommandId=command_id)["Commands"]), None)

    @SsmErrorHandler.common_error_handler("read what the hosts said")
    def hosts(self, command_id):
        pages = self.ssm.get_paginator("list_command_invocations").paginate(CommandId=command_id, Details=True)
        found = [self._host(each) for page in pages for each in page["CommandInvocations"]]
        return sorted(found, key=lambda host: host["instance_id"])

    def _host(self, invocation):
        identity = {"CommandId": invocation["CommandId"], "InstanceId": invocation["InstanceId"]}
        steps = [self._step(identity, plugin["Name"]) for plugin in invocation.get("CommandPlugins", [])]
        return read_host(invocation, steps)

    @retry_on("InvocationDoesNotExist")
    def _step(self, identity, name):
        return self.ssm.get_command_invocation(**identity, PluginName=name)


def request_of(params):
    """The command in the members of SendCommand."""
    request = {member: params[option] for option, member in MEMBERS.items() if params[option] is not None}
    if params["targets"]:
        request["Targets"] = to_conditions(conditions(params["targets"], "targets"))
    parameters = texts(params["parameters"], "parameters")
    for name, option in (
        ("commands", "commands"),
        ("workingDirectory", "working_directory"),
        ("executionTimeout", "execution_timeout"),
    ):
        if params[option] is not None:
            if name in parameters:
                raise AnsibleAWSError(message=f"{option} and parameters.{name} are the same. Give one of them.")
            parameters.update(texts({name: params[option]}, option))
    if parameters:
        request["Parameters"] = parameters
    if params["cloud_watch_log_group_name"]:
        request["CloudWatchOutputConfig"] = {
            "CloudWatchOutputEnabled": True,
            "CloudWatchLogGroupName": params["cloud_watch_log_group_name"],
        }
    told = params["notification"]
    if told:
        request["ServiceRoleArn"] = told["service_role_arn"]
        request["NotificationConfig"] = {
            "NotificationArn": told["notification_arn"],
            "NotificationEvents": told["notification_events"],
            "NotificationType": told["notification_type"],
        }
    return request


def read(command):
    return {
        "command_id": command["CommandId"],
        "document_name": command["DocumentName"],
        "status": command["Status"],
        "status_details": command.get("StatusDetails", ""),
        "target_count": command.get("TargetCount", 0),
        "completed_count": command.get("CompletedCount", 0),
        "error_count": command.get("ErrorCount", 0),
    }


def read_host(invocation, steps):
    """A host as its invocation says, and the steps that ran there."""
    # What failed says more than what came last.
    failed = [step for step in steps if step["ResponseCode"] not in (0, -1)]
    telling = (failed or steps[-1:] or [{"ResponseCode": -1}])[0]
    return {
        "instance_id": invocation["InstanceId"],
        "instance_name": invocation.get("InstanceName", ""),
        "status": invocation["Status"],
        "status_details": invocation.get("StatusDetails", ""),
        "response_code": telling["ResponseCode"],
        "standard_output": "".join(step.get("StandardOutputContent", "") for step in steps),
        "standard_error": "".join(step.get("StandardErrorContent", "") for step in steps),
        "standard_output_url": telling.get("StandardOutputUrl", ""),
        "standard_error_url": telling.get("StandardErrorUrl", ""),
    }


def complaint(command, hosts):
    """Why a command has failed, as a sentence; None when it has not."""
    failed = [host for host in hosts if host["status"] != "Success"]
    if command["status"] == "Success" and not failed:
        return None
    told = [
        f"{host['instance_id']} ({host['status_details']}, exit code {host['response_code']}): "
        f"{last_line(host['standard_error']) or last_line(host['standard_output']) or 'it said nothing'}"
        for host in failed[:MOST_TOLD]
    ]
    more = [f"and {len(failed) - MOST_TOLD} more"] if len(failed) > MOST_TOLD else []
    return (
        f"The command {command['command_id']} ended as {command['status_details'] or command['status']}; it failed on "
        f"{len(failed)} of {command['target_count']} hosts. {'; '.join([*told, *more])}"
    ).strip()


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "commands": {"type": "list", "elements": "str"},
            "document_name": {"type": "str", "default": "AWS-RunShellScript"},
            "document_version": {"type": "str"},
            "parameters": {"type": "dict"},
            "working_directory": {"type": "path"},
            "execution_timeout": {"type": "int"},
            "instance_ids": {"type": "list", "elements": "str"},
            "targets": {"type": "dict"},
            "allow_no_hosts": {"type": "bool", "default": False},
            "timeout_seconds": {"type": "int"},
            "comment": {"type": "str"},
            "max_concurrency": {"type": "str"},
            "max_errors": {"type": "str"},
            "output_s3_bucket_name": {"type": "str"},
            "output_s3_key_prefix": {"type": "str", "no_log": False},
            "cloud_watch_log_group_name": {"type": "str"},
            "notification": {
                "type": "dict",
                "options": {
                    "notification_arn": {"type": "str", "required": True},
                    "notification_events": {
                        "type": "list",
                        "elements": "str",
                        "choices": ["All", "InProgress", "Success", "TimedOut", "Cancelled", "Failed"],
                        "default": ["Failed", "TimedOut", "Cancelled"],
                    },
                    "notification_type": {"type": "str", "choices": ["Command", "Invocation"], "default": "Command"},
                    "service_role_arn": {"type": "str", "required": True},
                },
            },
            "read_only": {"type": "bool", "default": False},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 3600},
        },
        mutually_exclusive=[("instance_ids", "targets")],
        required_one_of=[("instance_ids", "targets")],
        supports_check_mode=True,
    )
    params = module.params
    nobody = "No host is sent the command: no managed node is one of instance_ids or targets."
    answer = {}
    with aws_errors(module):
        runner = Runner(client(module, "ssm"))
        request = request_of(params)
        if module.check_mode:
            blank = {"command_id": None, "document_name": params["document_name"]}
            answer = {
                "command": {**blank, "status": None, "status_details": None, "completed_count": 0, "error_count": 0},
                "hosts": [],
            }
            if any(key.startswith("resource-groups:") for key in params["targets"] or {}):
                module.warn("Which hosts resource groups hold is known to AWS alone, so that none are foretold.")
                module.exit_json(changed=not params["read_only"], **answer)
            hosts = answer["hosts"] = runner.foretell(params)
            answer["command"]["target_count"] = len(hosts)
            missing = sorted(set(params["instance_ids"] or []) - {host["instance_id"] for host in hosts})
            if missing:
                module.fail_json(
                    msg=f"These of instance_ids are no managed nodes now: {', '.join(missing)}. Is the agent running, "
                    "and does its role let it tell of itself?",
                    **answer,
                )
            if not hosts and not params["allow_no_hosts"]:
                module.fail_json(msg=nobody, changed=False, **answer)
            module.exit_json(changed=bool(hosts) and not params["read_only"], **answer)
        sent = runner.send(request)
        if not params["wait"]:
            module.exit_json(changed=not params["read_only"], command=read(sent), hosts=[])
        answer = {"command": read(runner.wait(sent, params["wait_timeout"])), "hosts": runner.hosts(sent["CommandId"])}
    answer["changed"] = bool(answer["command"]["target_count"]) and not params["read_only"]
    if not answer["command"]["target_count"] and not params["allow_no_hosts"]:
        module.fail_json(msg=nobody, **answer)
    failure = complaint(answer["command"], answer["hosts"])
    if failure:
        module.fail_json(msg=failure, **answer)
    module.exit_json(**answer)


if __name__ == "__main__":
    main()
