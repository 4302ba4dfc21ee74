#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ssm_association
version_added: "0.1.0"
short_description: Manage an association of State Manager
description:
  - Creates, changes and deletes an association of AWS Systems Manager, which runs a document on hosts, when it is
    created or changed, when a host appears that it is for, and by a schedule.
  - AWS lets several associations have one name. Where more than one has it, the module refuses to choose.
  - Follows U(https://docs.aws.amazon.com/systems-manager/latest/userguide/state-manager-associations.html).
  - Neither amazon.aws nor community.aws has a module for it.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  association_name:
    description:
      - The association's name, of 3 to 128 letters, digits, dots, dashes and underscores, by which it is found.
    type: str
    required: true
  state:
    description:
      - V(present) makes the association exist as described; what is not given stays as it is.
      - V(absent) deletes it. What it has done to hosts stays.
    type: str
    choices: [present, absent]
    default: present
  document_name:
    description:
      - The document that it runs, by its name, or, where it belongs to another account, its ARN. A new association
        needs it.
    type: str
  document_version:
    description:
      - Which version of the document, a number, V($DEFAULT) or V($LATEST). AWS takes V($DEFAULT) for a new
        association.
    type: str
  parameters:
    description:
      - What the document is given, by the names of its parameters, each a text or a list of texts. Stated whole; V({})
        leaves it to the defaults.
    type: dict
  targets:
    description:
      - The hosts that it is for, up to five conditions of which all must hold, as lists of values by AWS's names,
        such as C(tag:PatchGroup), C(InstanceIds), C(resource-groups:Name), C(ParameterValues). C(InstanceIds) of V(*)
        is every managed node. Stated whole.
      - A new association needs it, unless it is for a runbook that has no target.
    type: dict
  schedule_expression:
    description:
      - When it runs, as V(rate(30 minutes)), V(cron(0 2 ? * SUN *)) or V(at(2026-12-24T18:00:00)), in UTC. An empty
        text leaves no schedule.
    type: str
  schedule_offset:
    description:
      - How many days after the day of the schedule it runs, 1 to 6. Only for schedules such as
        V(cron(0 0 ? * THU#2 *)).
    type: int
  apply_only_at_cron_interval:
    description:
      - Whether it runs by its schedule alone, and not when it is created or changed. Not for V(rate()).
    type: bool
  output_location:
    description:
      - The bucket that keeps what the hosts say. Stated whole; V({}) keeps nothing.
    type: dict
    suboptions:
      output_s3_bucket_name:
        description: The bucket's name.
        type: str
      output_s3_key_prefix:
        description: What the names of the objects begin with.
        type: str
      output_s3_region:
        description: The bucket's region.
        type: str
  max_concurrency:
    description:
      - On how many hosts, or on what part of them (V(10%)), it runs at a time.
    type: str
  max_errors:
    description:
      - After how many failed hosts, or what part of them (V(10%)), it goes to no more hosts.
    type: str
  compliance_severity:
    description:
      - How bad it is when it has failed.
    type: str
    choices: [CRITICAL, HIGH, MEDIUM, LOW, UNSPECIFIED]
  sync_compliance:
    description:
      - Whether compliance follows from the runs (V(AUTO)), or is put there by somebody (V(MANUAL)).
    type: str
    choices: [AUTO, MANUAL]
  calendar_names:
    description:
      - Change calendars, by their names or ARNs. It runs only while all of them are open. Stated whole.
    type: list
    elements: str
  automation_target_parameter_name:
    description:
      - For a runbook, the parameter that gets each target.
    type: str
  wait:
    description:
      - Whether to wait until the run that a creation or change leads to has ended, and to fail, with the hosts' own
        words, where it has. An association of O(apply_only_at_cron_interval) is not waited for. Nor is one that no
        host is for yet.
    type: bool
    default: false
  wait_timeout:
    description:
      - For how many seconds to wait at most.
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
- name: Keep the agents current
  wellarchitected.aws.ssm_association:
    association_name: example-agents
    document_name: AWS-UpdateSSMAgent
    targets:
      InstanceIds: ["*"]
    schedule_expression: rate(14 days)

- name: Collect what is installed on production's hosts
  wellarchitected.aws.ssm_association:
    association_name: example-inventory
    document_name: AWS-GatherSoftwareInventory
    parameters:
      applications: Enabled
      windowsUpdates: Disabled
    targets:
      tag:Environment: [production]
    schedule_expression: rate(12 hours)
    max_concurrency: "50"
    compliance_severity: LOW
    output_location:
      output_s3_bucket_name: example-hosts
      output_s3_key_prefix: inventory
    wait: true

- name: Delete the association
  wellarchitected.aws.ssm_association:
    association_name: example-agents
    state: absent
"""

RETURN = r"""
association:
  description: The association as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    association_id:
      description: Its ID; V(null) in check mode for one that AWS would choose.
      type: str
      sample: 12345678-1234-1234-1234-123456789012
    association_name:
      description: Its name.
      type: str
      sample: example-inventory
    document_name:
      description: The document that it runs.
      type: str
      sample: AWS-GatherSoftwareInventory
    document_version:
      description: Which version of it.
      type: str
      sample: $DEFAULT
    parameters:
      description: What the document is given, as lists of texts.
      type: dict
      sample:
        applications: [Enabled]
    targets:
      description: The hosts that it is for, as lists of values.
      type: dict
      sample:
        tag:Environment: [production]
    schedule_expression:
      description: When it runs; an empty text when it has no schedule.
      type: str
      sample: rate(12 hours)
    schedule_offset:
      description: How many days after the day of the schedule it runs; V(null) for on the day.
      type: int
      sample: 2
    apply_only_at_cron_interval:
      description: Whether it runs by its schedule alone.
      type: bool
      sample: false
    output_location:
      description: The bucket that keeps what the hosts say; empty for none.
      type: dict
      contains:
        output_s3_bucket_name:
          description: The bucket's name.
          type: str
          sample: example-hosts
        output_s3_key_prefix:
          description: What the names of the objects begin with.
          type: str
          sample: inventory
        output_s3_region:
          description: The bucket's region.
          type: str
          sample: ap-northeast-1
    max_concurrency:
      description: On how many hosts it runs at a time; an empty text for no limit of its own.
      type: str
      sample: "50"
    max_errors:
      description: After how many failed hosts it goes to no more hosts; an empty text for no limit of its own.
      type: str
      sample: "1"
    compliance_severity:
      description: How bad it is when it has failed.
      type: str
      sample: LOW
    sync_compliance:
      description: Whether compliance follows from the runs.
      type: str
      sample: AUTO
    calendar_names:
      description: Change calendars that have to be open.
      type: list
      elements: str
      sample: []
    automation_target_parameter_name:
      description: For a runbook, the parameter that gets each target; an empty text for none.
      type: str
      sample: ""
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
status:
  description:
    - How its latest run went, such as V(Success), V(Failed), V(Pending); an empty text in check mode, and when it has
      not run.
  returned: success
  type: str
  sample: Success
"""

import time

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.ssm import (
    SsmErrorHandler,
    change_tags,
    conditions,
    from_conditions,
    last_line,
    list_tags,
    only_one,
    texts,
    to_conditions,
)

# The members of an association whose values are those of the options, and what they are when there is none.
PLAIN = {
    "document_name": ("Name", None),
    "document_version": ("DocumentVersion", "$DEFAULT"),
    "schedule_expression": ("ScheduleExpression", ""),
    "schedule_offset": ("ScheduleOffset", None),
    "apply_only_at_cron_interval": ("ApplyOnlyAtCronInterval", False),
    "max_concurrency": ("MaxConcurrency", ""),
    "max_errors": ("MaxErrors", ""),
    "compliance_severity": ("ComplianceSeverity", "UNSPECIFIED"),
    "sync_compliance": ("SyncCompliance", "AUTO"),
    "calendar_names": ("CalendarNames", []),
    "automation_target_parameter_name": ("AutomationTargetParameterName", ""),
}
OUTPUT = {
    "output_s3_bucket_name": "OutputS3BucketName",
    "output_s3_key_prefix": "OutputS3KeyPrefix",
    "output_s3_region": "OutputS3Region",
}
FIELDS = (*PLAIN, "parameters", "targets", "output_location", "tags")
# What a run of an association is before it has ended.
GOING_ON = ("", "Pending", "InProgress")
POLL_SECONDS = 3
# Of so many hosts that failed the last line is told.
MOST_TOLD = 10


class Association(Resource):
    def __init__(self, params, ssm):
        super().__init__(normal(given(params, FIELDS)), params["purge_tags"])
        self.ssm = ssm
        self.name = params["association_name"]
        self.wait_timeout = params["wait_timeout"] if params["wait"] else 0

    def find(self):
        association = self._describe()
        if association is None:
            return None
        return read(association, list_tags(self.ssm, "Association", association["AssociationId"]))

    def blank(self):
        return {
            "association_id": None,
            "association_name": self.name,
            **{field: default for field, (_member, default) in PLAIN.items()},
            "parameters": {},
            "targets": {},
            "output_location": {},
            "tags": {},
        }

    def refusal(self, current, changes):
        after = {**current, **changes}
        if not after["document_name"]:
            return f"document_name is not given, but the new association {self.name} needs a document."
        if after["apply_only_at_cron_interval"] and not after["schedule_expression"].startswith(("cron(", "at(")):
            return (
                f"The association {self.name} is to run by its schedule alone (apply_only_at_cron_interval), for which "
                "schedule_expression has to be cron(...)."
            )
        return None

    @SsmErrorHandler.common_error_handler("create the association {self.name}")
    @retry_on("InvalidDocument")
    def create(self):
        wanted = {**self.blank(), **self.wanted(self.blank())}
        self.ssm.create_association(
            AssociationName=self.name, Tags=ansible_dict_to_boto3_tag_list(wanted["tags"]), **write(wanted)
        )

    def update(self, current, changes):
        if changes.keys() - {"tags"}:
            self._update(current["association_id"], write({**current, **changes}))
        if "tags" in changes:
            change_tags(self.ssm, "Association", current["association_id"], current["tags"], changes["tags"])

    @SsmErrorHandler.deletion_error_handler("delete the association {self.name}")
    def delete(self, current):
        self.ssm.delete_association(AssociationId=current["association_id"])

    def beside(self, outcome, check_mode):
        if check_mode or outcome.after is None:
            return {"status": ""}
        if outcome.changed and self.wait_timeout and not outcome.after["apply_only_at_cron_interval"]:
            return {"status": self._wait(outcome.after)}
        association = self._describe() or {}
        return {"status": association.get("Overview", {}).get("Status", "")}

    @SsmErrorHandler.common_error_handler("find the association {self.name}")
    def _id(self):
        filters = [{"key": "AssociationName", "value": self.name}]
        pages = self.ssm.get_paginator("list_associations").paginate(AssociationFilterList=filters)
        found = [
            each["AssociationId"]
            for page in pages
            for each in page["Associations"]
            if each.get("AssociationName") == self.name
        ]
        return only_one(found, f"the association {self.name}", found)

    def _describe(self):
        association_id = self._id()
        return self._get(association_id) if association_id else None

    @SsmErrorHandler.list_error_handler("read the association {self.name}")
    def _get(self, association_id):
        return self.ssm.describe_association(AssociationId=association_id)["AssociationDescription"]

    @SsmErrorHandler.common_error_handler("change the association {self.name}")
    @retry_on("TooManyUpdates", "InvalidDocument")
    def _update(self, association_id, members):
        # What is left out is taken away by this call, so that everything is told.
        self.ssm.update_association(AssociationId=association_id, AssociationName=self.name, **members)

    def _wait(self, state):
        """How the run of this state's version ended; a failure with what the hosts said."""
        association_id = state["association_id"]
        if not self._has_hosts(state["targets"]):
            return ""
        until = time.monotonic() + self.wait_timeout
        while True:
            version = self._get(association_id)["AssociationVersion"]
            execution = self._latest(association_id, version)
            status = execution.get("Status", "")
            if status == "Success":
                return status
            if status not in GOING_ON:
                raise AnsibleAWSError(message=self._complaint(execution))
            if time.monotonic() >= until:
                raise AnsibleAWSError(
                    message=f"The association {self.name} is there, but its run is still {status or 'to begin'} after "
                    f"{self.wait_timeout} s. It goes on."
                )
            time.sleep(POLL_SECONDS)

    @SsmErrorHandler.common_error_handler("see which hosts the association {self.name} is for")
    def _has_hosts(self, targets):
        filters = {key: values for key, values in targets.items() if key.startswith("tag") or key == "InstanceIds"}
        if len(filters) < len(targets):
            # Resource groups and the parameters of runbooks are known to AWS alone.
            return True
        if filters.get("InstanceIds") == ["*"]:
            del filters["InstanceIds"]
        pages = self.ssm.get_paginator("describe_instance_information").paginate(Filters=to_conditions(filters))
        return any(page["InstanceInformationList"] for page in pages)

    @SsmErrorHandler.common_error_handler("see how the association {self.name} ran")
    def _latest(self, association_id, version):
        """The latest run of a version; {} when there is none yet."""
        pages = self.ssm.get_paginator("describe_association_executions").paginate(AssociationId=association_id)
        runs = [each for page in pages for each in page["AssociationExecutions"]]
        of_version = [each for each in runs if each["AssociationVersion"] == version]
        return max(of_version, key=lambda each: each["CreatedTime"], default={})

    @SsmErrorHandler.common_error_handler("read how the association {self.name} failed")
    def _complaint(self, execution):
        identity = {"AssociationId": execution["AssociationId"], "ExecutionId": execution["ExecutionId"]}
        pages = self.ssm.get_paginator("describe_association_execution_targets").paginate(**identity)
        failed = [
            target
            for page in pages
            for target in page["AssociationExecutionTargets"]
            if target["Status"] not in ("Success", *GOING_ON)
        ]
        told = [f"{each['ResourceId']} ({each['Status']}): {self._words(each)}" for each in failed[:MOST_TOLD]]
        more = [f"and {len(failed) - MOST_TOLD} more"] if len(failed) > MOST_TOLD else []
        return (
            f"The association {self.name} is there, but its run ended as {execution['Status']}. "
            f"{'; '.join([*told, *more])}"
        ).strip()

    def _words(self, target):
        """The last line of what a host said."""
        source = target.get("OutputSource", {})
        if source.get("OutputSourceType") != "RunCommand":
            return "see the runbook's execution"
        pages = self.ssm.get_paginator("list_command_invocations").paginate(
            CommandId=source["OutputSourceId"], InstanceId=target["ResourceId"], Details=True
        )
        plugins = [
            plugin
            for page in pages
            for invocation in page["CommandInvocations"]
            for plugin in invocation["CommandPlugins"]
            if plugin["Status"] != "Success"
        ]
        return last_line("\n".join(plugin.get("Output", "") for plugin in plugins)) or "it said nothing"


def normal(fields):
    """What is given, as it is read."""
    if "parameters" in fields:
        fields["parameters"] = texts(fields["parameters"], "parameters")
    if "targets" in fields:
        fields["targets"] = conditions(fields["targets"], "targets")
    if "calendar_names" in fields:
        fields["calendar_names"] = sorted(fields["calendar_names"])
    return fields


def read(association, tags):
    """An association as Systems Manager answers it, and its tags, as a state."""
    location = association.get("OutputLocation", {}).get("S3Location", {})
    state = {field: association.get(member, default) for field, (member, default) in PLAIN.items()}
    return {
        "association_id": association["AssociationId"],
        "association_name": association["AssociationName"],
        **state,
        "calendar_names": sorted(state["calendar_names"]),
        # AWS answers 0 where there is none.
        "schedule_offset": state["schedule_offset"] or None,
        "parameters": association.get("Parameters", {}),
        "targets": from_conditions(association.get("Targets")),
        "output_location": {name: location[member] for name, member in OUTPUT.items() if location.get(member)},
        "tags": tags,
    }


def write(state):
    """The members of an association that say what it is to be."""
    members = {
        member: state[field] for field, (member, _default) in PLAIN.items() if state[field] not in ("", None, [])
    }
    location = {
        member: state["output_location"][name] for name, member in OUTPUT.items() if name in state["output_location"]
    }
    found = {
        **members,
        "Parameters": state["parameters"],
        "Targets": to_conditions(state["targets"]),
        "OutputLocation": {"S3Location": location} if location else None,
    }
    return {member: value for member, value in found.items() if value not in ({}, [], None)}


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "association_name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "document_name": {"type": "str"},
            "document_version": {"type": "str"},
            "parameters": {"type": "dict"},
            "targets": {"type": "dict"},
            "schedule_expression": {"type": "str"},
            "schedule_offset": {"type": "int"},
            "apply_only_at_cron_interval": {"type": "bool"},
            "output_location": {
                "type": "dict",
                "options": {
                    "output_s3_bucket_name": {"type": "str"},
                    "output_s3_key_prefix": {"type": "str", "no_log": False},
                    "output_s3_region": {"type": "str"},
                },
            },
            "max_concurrency": {"type": "str"},
            "max_errors": {"type": "str"},
            "compliance_severity": {"type": "str", "choices": ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED"]},
            "sync_compliance": {"type": "str", "choices": ["AUTO", "MANUAL"]},
            "calendar_names": {"type": "list", "elements": "str"},
            "automation_target_parameter_name": {"type": "str"},
            "wait": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 900},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "association", lambda: Association(module.params, client(module, "ssm")))


if __name__ == "__main__":
    main()
