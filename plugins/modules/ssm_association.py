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

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule


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
                    "output_s3_key_prefix": {"type": "str"},
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
    module.fail_json(msg="Only the documentation of this module is here so far.")


if __name__ == "__main__":
    main()
