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
  - Neither amazon.aws nor community.aws has a module for it.
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
        manager has. Stated whole; an empty list leaves none.
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
    list_tags,
    only_one,
    to_conditions,
)

# What UpdatePatchBaseline writes, by the options.
MEMBERS = {
    "description": "Description",
    "approval_rules": "ApprovalRules",
    "global_filters": "GlobalFilters",
    "approved_patches": "ApprovedPatches",
    "approved_patches_compliance_level": "ApprovedPatchesComplianceLevel",
    "approved_patches_enable_non_security": "ApprovedPatchesEnableNonSecurity",
    "rejected_patches": "RejectedPatches",
    "rejected_patches_action": "RejectedPatchesAction",
    "sources": "Sources",
}
FIELDS = (*MEMBERS, "operating_system", "patch_groups", "default", "tags")


class PatchBaseline(Resource):
    def __init__(self, params, ssm):
        super().__init__(normal(given(params, FIELDS)), params["purge_tags"])
        self.ssm = ssm
        self.name = params["name"]
        self.purge_patch_groups = params["purge_patch_groups"]
        # Whose baselines the wanted patch groups have, by the groups.
        self.taken = {}

    def find(self):
        identity = self._identity()
        if identity is None:
            return None
        baseline_id = identity["BaselineId"]
        baseline = self._get(baseline_id)
        if baseline is None:
            return None
        if "patch_groups" in self.given:
            groups = self._groups(baseline["OperatingSystem"])
            self.taken = {group: each for group, each in groups.items() if each["BaselineId"] != baseline_id}
        return read(
            baseline,
            sorted(baseline.get("PatchGroups", [])),
            identity["DefaultBaseline"],
            list_tags(self.ssm, "PatchBaseline", baseline_id),
        )

    def blank(self):
        return {
            "baseline_id": None,
            "name": self.name,
            "operating_system": None,
            "description": "",
            "approval_rules": [],
            "global_filters": {},
            "approved_patches": [],
            "approved_patches_compliance_level": "UNSPECIFIED",
            "approved_patches_enable_non_security": False,
            "rejected_patches": [],
            "rejected_patches_action": "ALLOW_AS_DEPENDENCY",
            "sources": [],
            "patch_groups": [],
            "default": False,
            "tags": {},
        }

    def wanted(self, current):
        fields = super().wanted(current)
        if "patch_groups" in fields:
            kept = [] if self.purge_patch_groups else current["patch_groups"]
            fields["patch_groups"] = sorted({*kept, *fields["patch_groups"]})
        return fields

    def refusal(self, current, changes):
        if current["baseline_id"] is None:
            if "operating_system" not in changes:
                return f"operating_system is not given, but the new patch baseline {self.name} needs one."
            self.taken = self._groups(changes["operating_system"]) if changes.get("patch_groups") else {}
        elif "operating_system" in changes:
            return (
                f"The patch baseline {self.name} is for {current['operating_system']}, and AWS cannot make it one for "
                f"{changes['operating_system']}. Choose another name, or delete it first."
            )
        if changes.get("description") == "" and current["description"]:
            return f"AWS cannot empty the description of the patch baseline {self.name}. Give it another one."
        taken = [group for group in changes.get("patch_groups", []) if group in self.taken]
        if taken:
            owner = self.taken[taken[0]]
            return (
                f"The patch group {taken[0]} has the baseline {owner.get('BaselineName', '')} ({owner['BaselineId']}) "
                "for this operating system. Take it from that one first."
            )
        return None

    @SsmErrorHandler.common_error_handler("create the patch baseline {self.name}")
    def create(self):
        # All that is told apart later is told at once, so that no patch is approved or rejected meanwhile.
        wanted = self.wanted(self.blank())
        members = {member: write(field, wanted[field]) for field, member in MEMBERS.items() if field in wanted}
        if not members.get("Description"):
            members.pop("Description", None)
        self.ssm.create_patch_baseline(
            Name=self.name,
            OperatingSystem=wanted["operating_system"],
            Tags=ansible_dict_to_boto3_tag_list(wanted.get("tags", {})),
            **members,
        )

    def update(self, current, changes):
        baseline_id = current["baseline_id"]
        members = {member: write(field, changes[field]) for field, member in MEMBERS.items() if field in changes}
        if members:
            self._update(baseline_id, members)
        if "patch_groups" in changes:
            for group in sorted(set(current["patch_groups"]) - set(changes["patch_groups"])):
                self._deregister(baseline_id, group)
            for group in sorted(set(changes["patch_groups"]) - set(current["patch_groups"])):
                self._register(baseline_id, group)
        if "default" in changes:
            self._make_default(baseline_id if changes["default"] else self._aws_own(current["operating_system"]))
        if "tags" in changes:
            change_tags(self.ssm, "PatchBaseline", baseline_id, current["tags"], changes["tags"])

    def delete(self, current):
        for group in current["patch_groups"]:
            self._deregister(current["baseline_id"], group)
        if current["default"]:
            self._make_default(self._aws_own(current["operating_system"]))
        self._delete(current["baseline_id"])

    @SsmErrorHandler.common_error_handler("find the patch baseline {self.name}")
    def _identity(self):
        filters = [{"Key": "OWNER", "Values": ["Self"]}, {"Key": "NAME_PREFIX", "Values": [self.name]}]
        pages = self.ssm.get_paginator("describe_patch_baselines").paginate(Filters=filters)
        found = [each for page in pages for each in page["BaselineIdentities"] if each["BaselineName"] == self.name]
        return only_one(found, f"the patch baseline {self.name}", [each["BaselineId"] for each in found])

    @SsmErrorHandler.list_error_handler("read the patch baseline {self.name}")
    def _get(self, baseline_id):
        return self.ssm.get_patch_baseline(BaselineId=baseline_id)

    @SsmErrorHandler.common_error_handler("list the patch groups")
    def _groups(self, operating_system):
        """The baselines of the patch groups of an operating system, by the groups."""
        mappings = [
            mapping
            for page in self.ssm.get_paginator("describe_patch_groups").paginate()
            for mapping in page["Mappings"]
        ]
        return {
            each["PatchGroup"]: each["BaselineIdentity"]
            for each in mappings
            if each["BaselineIdentity"]["OperatingSystem"] == operating_system
        }

    @SsmErrorHandler.common_error_handler("find AWS's own patch baseline for {operating_system}")
    def _aws_own(self, operating_system):
        filters = [{"Key": "OWNER", "Values": ["AWS"]}, {"Key": "OPERATING_SYSTEM", "Values": [operating_system]}]
        pages = self.ssm.get_paginator("describe_patch_baselines").paginate(Filters=filters)
        # Of Windows AWS has more than one; the default one is called so.
        for identity in (identity for page in pages for identity in page["BaselineIdentities"]):
            if "Default" in identity["BaselineName"]:
                return identity["BaselineId"]
        raise AnsibleAWSError(
            message=f"AWS has no default patch baseline of its own for {operating_system}. Make another one of "
            "yours the default first."
        )

    @SsmErrorHandler.common_error_handler("change the patch baseline {self.name}")
    def _update(self, baseline_id, members):
        self.ssm.update_patch_baseline(BaselineId=baseline_id, **members)

    @SsmErrorHandler.common_error_handler("give the patch group {group} the baseline {self.name}")
    def _register(self, baseline_id, group):
        self.ssm.register_patch_baseline_for_patch_group(BaselineId=baseline_id, PatchGroup=group)

    @SsmErrorHandler.deletion_error_handler("take the baseline {self.name} from the patch group {group}")
    def _deregister(self, baseline_id, group):
        self.ssm.deregister_patch_baseline_for_patch_group(BaselineId=baseline_id, PatchGroup=group)

    @SsmErrorHandler.common_error_handler("set the default patch baseline")
    def _make_default(self, baseline_id):
        self.ssm.register_default_patch_baseline(BaselineId=baseline_id)

    @SsmErrorHandler.deletion_error_handler("delete the patch baseline {self.name}")
    @retry_on("ResourceInUseException")
    def _delete(self, baseline_id):
        self.ssm.delete_patch_baseline(BaselineId=baseline_id)


def normal(fields):
    """What is given, as it is read."""
    if "approval_rules" in fields:
        fields["approval_rules"] = [
            normal_rule(rule, f"approval_rules[{index}]") for index, rule in enumerate(fields["approval_rules"])
        ]
    if "global_filters" in fields:
        fields["global_filters"] = conditions(fields["global_filters"], "global_filters")
    for field in ("approved_patches", "rejected_patches", "patch_groups"):
        if field in fields:
            fields[field] = sorted(set(fields[field]))
    return fields


def normal_rule(rule, path):
    """A rule that is given, as it is read."""
    if "approve_after_days" in rule and "approve_until_date" in rule:
        raise AnsibleAWSError(message=f"{path} has both approve_after_days and approve_until_date. Give one of them.")
    when = {} if "approve_until_date" in rule else {"approve_after_days": rule.get("approve_after_days", 0)}
    return {**rule, **when, "filters": conditions(rule["filters"], f"{path}.filters")}


def write(field, value):
    """The value of a field as the API takes it."""
    if field == "approval_rules":
        return {"PatchRules": [write_rule(rule) for rule in value]}
    if field == "global_filters":
        return {"PatchFilters": to_conditions(value)}
    if field == "sources":
        return [
            {"Name": each["name"], "Products": each["products"], "Configuration": each["configuration"]}
            for each in value
        ]
    return value


def write_rule(rule):
    members = {
        "PatchFilterGroup": {"PatchFilters": to_conditions(rule["filters"])},
        "ComplianceLevel": rule["compliance_level"],
        "EnableNonSecurity": rule["enable_non_security"],
        "ApproveAfterDays": rule.get("approve_after_days"),
        "ApproveUntilDate": rule.get("approve_until_date"),
    }
    return {member: value for member, value in members.items() if value is not None}


def read_rule(rule):
    # AWS answers the one that it was given.
    when = {
        "approve_after_days": rule.get("ApproveAfterDays"),
        "approve_until_date": rule.get("ApproveUntilDate"),
    }
    return {
        "filters": from_conditions(rule["PatchFilterGroup"]["PatchFilters"]),
        **{name: value for name, value in when.items() if value is not None},
        "compliance_level": rule.get("ComplianceLevel", "UNSPECIFIED"),
        "enable_non_security": rule.get("EnableNonSecurity", False),
    }


def read(baseline, patch_groups, default, tags):
    """A baseline as Systems Manager answers it, and what it does not say there, as a state."""
    return {
        "baseline_id": baseline["BaselineId"],
        "name": baseline["Name"],
        "operating_system": baseline["OperatingSystem"],
        "description": baseline.get("Description", ""),
        "approval_rules": [read_rule(rule) for rule in baseline.get("ApprovalRules", {}).get("PatchRules", [])],
        "global_filters": from_conditions(baseline.get("GlobalFilters", {}).get("PatchFilters")),
        "approved_patches": sorted(baseline.get("ApprovedPatches", [])),
        "approved_patches_compliance_level": baseline.get("ApprovedPatchesComplianceLevel", "UNSPECIFIED"),
        "approved_patches_enable_non_security": baseline.get("ApprovedPatchesEnableNonSecurity", False),
        "rejected_patches": sorted(baseline.get("RejectedPatches", [])),
        "rejected_patches_action": baseline.get("RejectedPatchesAction", "ALLOW_AS_DEPENDENCY"),
        "sources": [
            {"name": each["Name"], "products": each["Products"], "configuration": each["Configuration"]}
            for each in baseline.get("Sources", [])
        ],
        "patch_groups": patch_groups,
        "default": default,
        "tags": tags,
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "operating_system": {
                "type": "str",
                "choices": [
                    "ALMA_LINUX",
                    "AMAZON_LINUX",
                    "AMAZON_LINUX_2",
                    "AMAZON_LINUX_2022",
                    "AMAZON_LINUX_2023",
                    "CENTOS",
                    "DEBIAN",
                    "MACOS",
                    "ORACLE_LINUX",
                    "RASPBIAN",
                    "REDHAT_ENTERPRISE_LINUX",
                    "ROCKY_LINUX",
                    "SUSE",
                    "UBUNTU",
                    "WINDOWS",
                ],
            },
            "description": {"type": "str"},
            "approval_rules": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "filters": {"type": "dict", "required": True},
                    "approve_after_days": {"type": "int"},
                    "approve_until_date": {"type": "str"},
                    "compliance_level": {
                        "type": "str",
                        "choices": ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNSPECIFIED"],
                        "default": "UNSPECIFIED",
                    },
                    "enable_non_security": {"type": "bool", "default": False},
                },
            },
            "global_filters": {"type": "dict"},
            "approved_patches": {"type": "list", "elements": "str"},
            "approved_patches_compliance_level": {
                "type": "str",
                "choices": ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNSPECIFIED"],
            },
            "approved_patches_enable_non_security": {"type": "bool"},
            "rejected_patches": {"type": "list", "elements": "str"},
            "rejected_patches_action": {"type": "str", "choices": ["ALLOW_AS_DEPENDENCY", "BLOCK"]},
            "sources": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str", "required": True},
                    "products": {"type": "list", "elements": "str", "required": True},
                    "configuration": {"type": "str", "required": True},
                },
            },
            "patch_groups": {"type": "list", "elements": "str"},
            "purge_patch_groups": {"type": "bool", "default": True},
            "default": {"type": "bool"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "patch_baseline", lambda: PatchBaseline(module.params, client(module, "ssm")))


if __name__ == "__main__":
    main()
