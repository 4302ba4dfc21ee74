#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ssm_patch_state_info
version_added: "0.1.0"
short_description: Read how hosts stand with their patches
description:
  - Answers how many patches each host has, lacks, and could not install, as its last scan or installation by Patch
    Manager found, and on request which.
  - A host of which Patch Manager knows nothing yet is answered as one that has not been scanned.
  - Follows U(https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-compliance-states.html).
  - Neither amazon.aws nor community.aws has a module for it.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  instance_ids:
    description:
      - The hosts that are read, by the IDs of managed nodes. When neither this nor O(patch_group) is given, every
        managed node is read.
    type: list
    elements: str
  patch_group:
    description:
      - The patch group whose hosts are read. Those of it that have not been scanned are not known by it.
    type: str
  patches:
    description:
      - Whether to read the patches of each host that are in one of O(patch_states), with a request for every host.
    type: bool
    default: false
  patch_states:
    description:
      - Which patches are read.
    type: list
    elements: str
    choices:
      - AVAILABLE_SECURITY_UPDATE
      - FAILED
      - INSTALLED
      - INSTALLED_OTHER
      - INSTALLED_PENDING_REBOOT
      - INSTALLED_REJECTED
      - MISSING
      - NOT_APPLICABLE
    default: [MISSING, FAILED]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Changes nothing.
    support: full
"""

EXAMPLES = r"""
- name: Read what production's hosts lack
  wellarchitected.aws.ssm_patch_state_info:
    patch_group: production
    patches: true
  register: patching

- name: Say which hosts are not as they should be
  ansible.builtin.debug:
    msg: "{{ item.instance_id }}: {{ item.missing_count }} missing, {{ item.severities }}"
  loop: "{{ patching.instances | rejectattr('compliant') }}"
"""

RETURN = r"""
instances:
  description: The hosts, by their IDs.
  returned: success
  type: list
  elements: dict
  contains:
    instance_id:
      description: ID of the managed node.
      type: str
      sample: i-0123456789abcdef0
    scanned:
      description: Whether Patch Manager knows anything of it. Where it does not, everything else is empty, V(null) or
        0.
      type: bool
      sample: true
    compliant:
      description: Whether it has been scanned, lacks no patch, has none that failed or waits for a restart, and none
        that was rejected.
      type: bool
      sample: false
    patch_group:
      description: Its patch group; an empty text for none.
      type: str
      sample: production
    baseline_id:
      description: ID of the baseline that it was held against.
      type: str
      sample: pb-0123456789abcdef0
    operation:
      description: What was done last, V(Scan) or V(Install); an empty text for nothing.
      type: str
      sample: Scan
    operation_start_time:
      description: When that began, in UTC.
      type: str
      sample: "2026-05-04T03:12:40+00:00"
    operation_end_time:
      description: When that ended, in UTC.
      type: str
      sample: "2026-05-04T03:13:20+00:00"
    installed_count:
      description: How many patches of the baseline it has.
      type: int
      sample: 120
    installed_other_count:
      description: How many it has that the baseline does not ask for.
      type: int
      sample: 3
    installed_pending_reboot_count:
      description: How many wait for a restart.
      type: int
      sample: 0
    installed_rejected_count:
      description: How many it has that the baseline rejects.
      type: int
      sample: 0
    missing_count:
      description: How many it lacks.
      type: int
      sample: 2
    failed_count:
      description: How many could not be installed.
      type: int
      sample: 0
    not_applicable_count:
      description: How many of the baseline are not for it.
      type: int
      sample: 0
    critical_non_compliant_count:
      description: How many that the baseline calls critical it lacks.
      type: int
      sample: 1
    security_non_compliant_count:
      description: How many that are for security it lacks.
      type: int
      sample: 2
    other_non_compliant_count:
      description: How many others it lacks.
      type: int
      sample: 0
    severities:
      description: How many of RV(instances[].patches) there are of each severity. Only with O(patches).
      type: dict
      sample:
        Critical: 1
        Important: 1
    patches:
      description: Its patches in one of O(patch_states), by their titles. Only with O(patches).
      type: list
      elements: dict
      contains:
        title:
          description: What it is.
          type: str
          sample: openssl
        kb_id:
          description: Its ID, or name and version.
          type: str
          sample: openssl.amd64
        classification:
          description: What kind of patch it is.
          type: str
          sample: Security
        severity:
          description: How severe it is, in the words of the operating system.
          type: str
          sample: Important
        state:
          description: How it stands.
          type: str
          sample: MISSING
        cve_ids:
          description: The vulnerabilities that it is for.
          type: list
          elements: str
          sample: [CVE-2026-12345]
"""

from collections import Counter

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import aws_errors, client
from ansible_collections.wellarchitected.aws.plugins.module_utils.ssm import SsmErrorHandler

# As many hosts as one request takes.
MOST_IDS = 50
COUNTS = {
    "installed_count": "InstalledCount",
    "installed_other_count": "InstalledOtherCount",
    "installed_pending_reboot_count": "InstalledPendingRebootCount",
    "installed_rejected_count": "InstalledRejectedCount",
    "missing_count": "MissingCount",
    "failed_count": "FailedCount",
    "not_applicable_count": "NotApplicableCount",
    "critical_non_compliant_count": "CriticalNonCompliantCount",
    "security_non_compliant_count": "SecurityNonCompliantCount",
    "other_non_compliant_count": "OtherNonCompliantCount",
}
TEXTS = {"patch_group": "PatchGroup", "baseline_id": "BaselineId", "operation": "Operation"}
# What no host has that is as its baseline wants it.
# https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-compliance-states.html
BAD = ("missing_count", "failed_count", "installed_pending_reboot_count", "installed_rejected_count")


class Reader:
    def __init__(self, ssm):
        self.ssm = ssm

    @SsmErrorHandler.common_error_handler("list the managed nodes")
    def all_ids(self):
        pages = self.ssm.get_paginator("describe_instance_information").paginate()
        return [each["InstanceId"] for page in pages for each in page["InstanceInformationList"]]

    @SsmErrorHandler.common_error_handler("read how the hosts of {group} stand with their patches")
    def of_group(self, group):
        pages = self.ssm.get_paginator("describe_instance_patch_states_for_patch_group").paginate(PatchGroup=group)
        return [state for page in pages for state in page["InstancePatchStates"]]

    @SsmErrorHandler.common_error_handler("read how hosts stand with their patches")
    def of_ids(self, ids):
        """The states of hosts; of one that has not been scanned, no more than its ID."""
        known = {each: {"InstanceId": each} for each in ids}
        paginator = self.ssm.get_paginator("describe_instance_patch_states")
        for start in range(0, len(ids), MOST_IDS):
            for page in paginator.paginate(InstanceIds=ids[start : start + MOST_IDS]):
                known.update({state["InstanceId"]: state for state in page["InstancePatchStates"]})
        return list(known.values())

    @SsmErrorHandler.common_error_handler("read the patches of {instance_id}")
    def patches(self, instance_id, states):
        filters = [{"Key": "State", "Values": states}]
        pages = self.ssm.get_paginator("describe_instance_patches").paginate(InstanceId=instance_id, Filters=filters)
        return sorted((read_patch(each) for page in pages for each in page["Patches"]), key=lambda each: each["title"])


def read(state):
    """A host's state as Patch Manager answers it, or but its ID."""
    scanned = "Operation" in state
    host = {
        "instance_id": state["InstanceId"],
        "scanned": scanned,
        **{name: state.get(member, "") for name, member in TEXTS.items()},
        **{name: state.get(member, 0) for name, member in COUNTS.items()},
    }
    for name, member in (("operation_start_time", "OperationStartTime"), ("operation_end_time", "OperationEndTime")):
        host[name] = state[member].isoformat() if member in state else ""
    return {**host, "compliant": scanned and not any(host[name] for name in BAD)}


def read_patch(patch):
    return {
        "title": patch["Title"],
        "kb_id": patch["KBId"],
        "classification": patch["Classification"],
        "severity": patch["Severity"],
        "state": patch["State"],
        "cve_ids": [each.strip() for each in patch.get("CVEIds", "").split(",") if each.strip()],
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "instance_ids": {"type": "list", "elements": "str"},
            "patch_group": {"type": "str"},
            "patches": {"type": "bool", "default": False},
            "patch_states": {
                "type": "list",
                "elements": "str",
                "choices": [
                    "AVAILABLE_SECURITY_UPDATE",
                    "FAILED",
                    "INSTALLED",
                    "INSTALLED_OTHER",
                    "INSTALLED_PENDING_REBOOT",
                    "INSTALLED_REJECTED",
                    "MISSING",
                    "NOT_APPLICABLE",
                ],
                "default": ["MISSING", "FAILED"],
            },
        },
        mutually_exclusive=[("instance_ids", "patch_group")],
        supports_check_mode=True,
    )
    params = module.params
    with aws_errors(module):
        reader = Reader(client(module, "ssm"))
        if params["patch_group"]:
            states = reader.of_group(params["patch_group"])
        else:
            ids = params["instance_ids"]
            states = reader.of_ids(reader.all_ids() if ids is None else ids)
        instances = sorted(map(read, states), key=lambda each: each["instance_id"])
        if params["patches"]:
            for instance in instances:
                found = reader.patches(instance["instance_id"], params["patch_states"]) if instance["scanned"] else []
                instance["patches"] = found
                instance["severities"] = dict(Counter(each["severity"] for each in found))
    module.exit_json(changed=False, instances=instances)


if __name__ == "__main__":
    main()
