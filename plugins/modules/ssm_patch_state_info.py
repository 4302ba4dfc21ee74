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

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule


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
        supports_check_mode=True,
    )
    module.fail_json(msg="Only the documentation of this module is here so far.")


if __name__ == "__main__":
    main()
