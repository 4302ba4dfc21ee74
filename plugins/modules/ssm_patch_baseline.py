#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ssm_patch_baseline
version_added: "0.1.0"
short_description: Manage a patch baseline of AWS Systems Manager
description:
  - Creates, changes and deletes a patch baseline, which says what patches an operating system is to have, registers it
    for patch groups, and makes it the default of its operating system.
  - AWS lets several baselines have one name. Where more than one of the account's own has it, the module refuses to
    choose.
  - Follows U(https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-patch-baselines.html).
  - Neither amazon.aws nor community.aws has a module for it that knows patch groups, sources and tags.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The baseline's name, of 3 to 128 letters, digits, dots, dashes and underscores.
    type: str
    required: true
  state:
    description:
      - V(present) makes the baseline exist as described; what is not given stays as it is.
      - V(absent) takes it from its patch groups, makes AWS's own baseline the default where this one is, and deletes
        it.
    type: str
    choices: [present, absent]
    default: present
  operating_system:
    description:
      - What it is for, which cannot be changed. A new baseline needs it.
    type: str
    choices:
      - ALMA_LINUX
      - AMAZON_LINUX
      - AMAZON_LINUX_2
      - AMAZON_LINUX_2022
      - AMAZON_LINUX_2023
      - CENTOS
      - DEBIAN
      - MACOS
      - ORACLE_LINUX
      - RASPBIAN
      - REDHAT_ENTERPRISE_LINUX
      - ROCKY_LINUX
      - SUSE
      - UBUNTU
      - WINDOWS
  description:
    description:
      - What it is for in words, of up to 1024 letters. AWS cannot make it empty again.
    type: str
  approval_rules:
    description:
      - Up to ten rules, each of which approves the patches that pass all of its filters. Stated whole; an empty list
        leaves none.
    type: list
    elements: dict
    suboptions:
      filters:
        description:
          - What patches the rule is about, as lists of values by AWS's names of their properties, such as C(PRODUCT),
            C(CLASSIFICATION), C(SEVERITY), C(SECTION) and C(PRIORITY). C(*) is any value. Which properties and values
            an operating system has is told by C(aws ssm describe-patch-properties).
        type: dict
        required: true
      approve_after_days:
        description:
          - How many days after its release a patch is approved, V(0) to V(360). When neither this nor
            O(approval_rules[].approve_until_date) is given, it is V(0). AWS supports no other value for Debian and
            Ubuntu, whose repositories do not tell when a patch was released.
        type: int
      approve_until_date:
        description:
          - Up to which day of release (V(2026-12-31)) patches are approved. Not together with
            O(approval_rules[].approve_after_days).
        type: str
      compliance_level:
        description:
          - How bad it is when a patch that this rule approves is missing.
        type: str
        choices: [CRITICAL, HIGH, MEDIUM, LOW, INFORMATIONAL, UNSPECIFIED]
        default: UNSPECIFIED
      enable_non_security:
        description:
          - Whether patches that are not for security are approved too. For Linux only.
        type: bool
        default: false
  global_filters:
    description:
      - Which patches are looked at at all, as O(approval_rules[].filters). Stated whole; V({}) is all.
    type: dict
  approved_patches:
    description:
      - Names of patches or packages that are approved in any case, in the form that the operating system's package
        manager has in
        U(https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-approved-rejected-package-name-formats.html). Stated whole; an empty list leaves none.
    type: list
    elements: str
  approved_patches_compliance_level:
    description:
      - How bad it is when one of O(approved_patches) is missing.
    type: str
    choices: [CRITICAL, HIGH, MEDIUM, LOW, INFORMATIONAL, UNSPECIFIED]
  approved_patches_enable_non_security:
    description:
      - Whether O(approved_patches) includes patches that are not for security. For Linux only.
    type: bool
  rejected_patches:
    description:
      - Names of patches or packages that are never approved, as O(approved_patches). Stated whole; an empty list
        leaves none.
    type: list
    elements: str
  rejected_patches_action:
    description:
      - What becomes of rejected patches. V(ALLOW_AS_DEPENDENCY) installs one that an approved one needs; V(BLOCK)
        none.
    type: str
    choices: [ALLOW_AS_DEPENDENCY, BLOCK]
  sources:
    description:
      - Repositories from which patches come instead of those that the hosts have. For Linux only. Stated whole; an
        empty list leaves none.
    type: list
    elements: dict
    suboptions:
      name:
        description: The repository's name, of 3 to 50 letters, digits, dots, dashes and underscores.
        type: str
        required: true
      products:
        description: Versions of the operating system that it is for, such as V(Debian12).
        type: list
        elements: str
        required: true
      configuration:
        description: The lines with which the package manager knows it, of up to 1024 letters.
        type: str
        required: true
  patch_groups:
    description:
      - The patch groups that use this baseline. A host is in the group that its tag C(PatchGroup), or C(Patch Group),
        names; C(PatchGroup) is needed where tags are allowed in instance metadata. A group has one baseline for each
        operating system; the module does not take it from another one, but says which has it.
    type: list
    elements: str
  purge_patch_groups:
    description:
      - Whether the baseline is taken from patch groups that O(patch_groups) does not name. Without O(patch_groups)
        none is touched.
    type: bool
    default: true
  default:
    description:
      - Whether it is the default baseline of its operating system, which hosts without a patch group have, and those
        whose group has no baseline. V(false) makes AWS's own baseline the default where this one is.
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Approve security updates of Debian, for production
  wellarchitected.aws.ssm_patch_baseline:
    name: example-debian
    operating_system: DEBIAN
    description: Security updates at once, the rest by hand
    approval_rules:
      - filters:
          PRODUCT: ["*"]
          PRIORITY: [Required, Important, Standard]
        compliance_level: CRITICAL
    rejected_patches: [example-agent]
    rejected_patches_action: BLOCK
    patch_groups: [production]
    tags:
      Environment: production

- name: Approve updates of Amazon Linux a week after they were released, by default
  wellarchitected.aws.ssm_patch_baseline:
    name: example-al2023
    operating_system: AMAZON_LINUX_2023
    approval_rules:
      - filters:
          CLASSIFICATION: [Security]
          SEVERITY: [Critical, Important]
        approve_after_days: 7
        compliance_level: HIGH
    default: true

- name: Delete the baseline; its groups get the default one
  wellarchitected.aws.ssm_patch_baseline:
    name: example-debian
    state: absent
"""

RETURN = r"""
patch_baseline:
  description: The baseline as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    baseline_id:
      description: Its ID; V(null) in check mode for one that AWS would choose.
      type: str
      sample: pb-0123456789abcdef0
    name:
      description: Its name.
      type: str
      sample: example-debian
    operating_system:
      description: What it is for.
      type: str
      sample: DEBIAN
    description:
      description: What it is for in words; an empty text for nothing.
      type: str
      sample: Security updates at once, the rest by hand
    approval_rules:
      description: Its rules.
      type: list
      elements: dict
      contains:
        filters:
          description: What patches the rule is about.
          type: dict
          sample:
            PRIORITY: [Required, Important]
        approve_after_days:
          description: How many days after its release a patch is approved. Only where the rule counts days.
          type: int
          sample: 7
        approve_until_date:
          description: Up to which day of release patches are approved. Only where the rule has such a day.
          type: str
          sample: "2026-12-31"
        compliance_level:
          description: How bad it is when such a patch is missing.
          type: str
          sample: CRITICAL
        enable_non_security:
          description: Whether patches that are not for security are approved too.
          type: bool
          sample: false
    global_filters:
      description: Which patches are looked at at all; empty for all.
      type: dict
      sample: {}
    approved_patches:
      description: Patches that are approved in any case.
      type: list
      elements: str
      sample: []
    approved_patches_compliance_level:
      description: How bad it is when one of these is missing.
      type: str
      sample: UNSPECIFIED
    approved_patches_enable_non_security:
      description: Whether these include patches that are not for security.
      type: bool
      sample: false
    rejected_patches:
      description: Patches that are never approved.
      type: list
      elements: str
      sample: [example-agent]
    rejected_patches_action:
      description: What becomes of these.
      type: str
      sample: BLOCK
    sources:
      description: Repositories from which patches come instead of those that the hosts have.
      type: list
      elements: dict
      contains:
        name:
          description: The repository's name.
          type: str
          sample: example
        products:
          description: Versions of the operating system that it is for.
          type: list
          elements: str
          sample: [Debian12]
        configuration:
          description: The lines with which the package manager knows it.
          type: str
          sample: deb https://example.com/debian stable main
    patch_groups:
      description: The patch groups that use it, in the order of the alphabet.
      type: list
      elements: str
      sample: [production]
    default:
      description: Whether it is the default baseline of its operating system.
      type: bool
      sample: false
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule


def main():
    module = AnsibleAWSModule(argument_spec={'name': {'type': 'str', 'required': True}, 'state': {'type': 'str', 'choices': ['present', 'absent'], 'default': 'present'}, 'operating_system': {'type': 'str', 'choices': ['ALMA_LINUX', 'AMAZON_LINUX', 'AMAZON_LINUX_2', 'AMAZON_LINUX_2022', 'AMAZON_LINUX_2023', 'CENTOS', 'DEBIAN', 'MACOS', 'ORACLE_LINUX', 'RASPBIAN', 'REDHAT_ENTERPRISE_LINUX', 'ROCKY_LINUX', 'SUSE', 'UBUNTU', 'WINDOWS']}, 'description': {'type': 'str'}, 'approval_rules': {'type': 'list', 'elements': 'dict', 'options': {'filters': {'type': 'dict', 'required': True}, 'approve_after_days': {'type': 'int'}, 'approve_until_date': {'type': 'str'}, 'compliance_level': {'type': 'str', 'choices': ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL', 'UNSPECIFIED'], 'default': 'UNSPECIFIED'}, 'enable_non_security': {'type': 'bool', 'default': False}}}, 'global_filters': {'type': 'dict'}, 'approved_patches': {'type': 'list', 'elements': 'str'}, 'approved_patches_compliance_level': {'type': 'str', 'choices': ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL', 'UNSPECIFIED']}, 'approved_patches_enable_non_security': {'type': 'bool'}, 'rejected_patches': {'type': 'list', 'elements': 'str'}, 'rejected_patches_action': {'type': 'str', 'choices': ['ALLOW_AS_DEPENDENCY', 'BLOCK']}, 'sources': {'type': 'list', 'elements': 'dict', 'options': {'name': {'type': 'str', 'required': True}, 'products': {'type': 'list', 'elements': 'str', 'required': True}, 'configuration': {'type': 'str', 'required': True}}}, 'patch_groups': {'type': 'list', 'elements': 'str'}, 'purge_patch_groups': {'type': 'bool', 'default': True}, 'default': {'type': 'bool'}, 'tags': {'type': 'dict', 'aliases': ['resource_tags']}, 'purge_tags': {'type': 'bool', 'default': True}},supports_check_mode=True)
    module.fail_json(msg="Only the documentation of this module is here so far.")


if __name__ == "__main__":
    main()
