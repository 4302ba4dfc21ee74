# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Patch Manager: baselines, patch groups and the default baseline of each operating system.

moto keeps no defaults, changes no baseline, and takes no group from one.

https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-patch-baselines.html
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable
from typing import Any

from moto.ssm.exceptions import InvalidResourceId
from moto.ssm.models import SimpleSystemManagerBackend
from moto.utilities.utils import load_resource

from sandbox.errors import ServiceError
from sandbox.operations import Request, mend, operation, states

_NOT_MOTO = "moto's baselines cannot be changed, and it has none of AWS's own"
_SETTINGS = (
    "GlobalFilters",
    "ApprovalRules",
    "ApprovedPatches",
    "ApprovedPatchesComplianceLevel",
    "ApprovedPatchesEnableNonSecurity",
    "RejectedPatches",
    "RejectedPatchesAction",
    "Description",
    "Sources",
    "AvailableSecurityUpdatesComplianceStatus",
)
# The names of AWS's own baselines, by operating system.
_AWS_NAMES = {
    "ALMA_LINUX": "AWS-AlmaLinuxDefaultPatchBaseline",
    "AMAZON_LINUX": "AWS-AmazonLinuxDefaultPatchBaseline",
    "AMAZON_LINUX_2": "AWS-AmazonLinux2DefaultPatchBaseline",
    "AMAZON_LINUX_2022": "AWS-AmazonLinux2022DefaultPatchBaseline",
    "AMAZON_LINUX_2023": "AWS-AmazonLinux2023DefaultPatchBaseline",
    "CENTOS": "AWS-CentOSDefaultPatchBaseline",
    "DEBIAN": "AWS-DebianDefaultPatchBaseline",
    "MACOS": "AWS-MacOSDefaultPatchBaseline",
    "ORACLE_LINUX": "AWS-OracleLinuxDefaultPatchBaseline",
    "RASPBIAN": "AWS-RaspbianDefaultPatchBaseline",
    "REDHAT_ENTERPRISE_LINUX": "AWS-RedHatDefaultPatchBaseline",
    "ROCKY_LINUX": "AWS-RockyLinuxDefaultPatchBaseline",
    "SUSE": "AWS-SuseDefaultPatchBaseline",
    "UBUNTU": "AWS-UbuntuDefaultPatchBaseline",
    "WINDOWS": "AWS-DefaultPatchBaseline",
}
_DPKG = ("DEBIAN", "UBUNTU", "RASPBIAN")
# https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-predefined-and-custom-patch-baselines.html
_DPKG_RULE = {
    "PatchFilterGroup": {
        "PatchFilters": [
            {"Key": "PRODUCT", "Values": ["*"]},
            {"Key": "PRIORITY", "Values": ["Required", "Important", "Standard", "Optional", "Extra"]},
        ]
    },
    "ComplianceLevel": "UNSPECIFIED",
    "ApproveAfterDays": 0,
    "EnableNonSecurity": False,
}
_OTHER_RULE = {
    "PatchFilterGroup": {
        "PatchFilters": [
            {"Key": "CLASSIFICATION", "Values": ["Security"]},
            {"Key": "SEVERITY", "Values": ["Critical", "Important"]},
        ]
    },
    "ComplianceLevel": "UNSPECIFIED",
    "ApproveAfterDays": 7,
    "EnableNonSecurity": False,
}


def _own(account: str, region: str) -> dict[str, dict[str, Any]]:
    """The account's own baselines, by their IDs."""
    return states("ssm")[account][region].values.setdefault("baselines", {})


def _aws(region: str) -> dict[str, dict[str, Any]]:
    """AWS's own baselines, by their IDs, which are ARNs."""
    ids = load_resource("ssm/resources/default_baselines.json").get(region, {})
    return {
        baseline_id: _complete(
            {
                "BaselineId": baseline_id,
                "Name": _AWS_NAMES[system],
                "OperatingSystem": system,
                "Description": f"Default Patch Baseline for {system} Provided by AWS.",
                "ApprovalRules": {"PatchRules": [_DPKG_RULE if system in _DPKG else _OTHER_RULE]},
            }
        )
        for system, baseline_id in ids.items()
    }


def _complete(baseline: dict[str, Any]) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC)
    return {
        "GlobalFilters": {"PatchFilters": []},
        "ApprovalRules": {"PatchRules": []},
        "ApprovedPatches": [],
        "ApprovedPatchesComplianceLevel": "UNSPECIFIED",
        "ApprovedPatchesEnableNonSecurity": False,
        "RejectedPatches": [],
        "RejectedPatchesAction": "ALLOW_AS_DEPENDENCY",
        "Sources": [],
        "CreatedDate": now,
        "ModifiedDate": now,
        **baseline,
    }


def _groups(account: str, region: str) -> dict[tuple[str, str], str]:
    """The IDs of the baselines of patch groups, by group and operating system."""
    return states("ssm")[account][region].values.setdefault("patch_groups", {})


def _default(account: str, region: str, system: str) -> str:
    chosen = states("ssm")[account][region].values.setdefault("default_baselines", {})
    return chosen.get(system) or next(
        each["BaselineId"] for each in _aws(region).values() if each["OperatingSystem"] == system
    )


def baseline_for(account: str, region: str, group: str, system: str) -> dict[str, Any]:
    """The baseline that a host of a patch group, or of none, has."""
    baseline_id = _groups(account, region).get((group, system)) or _default(account, region, system)
    return {**_aws(region), **_own(account, region)}[baseline_id]


def _find(request: Request, own: bool = False) -> dict[str, Any]:
    baseline_id = request.params["BaselineId"]
    known = _own(request.account, request.region)
    found = known.get(baseline_id) or (None if own else _aws(request.region).get(baseline_id))
    if found is None:
        raise ServiceError("DoesNotExistException", f"Patch baseline {baseline_id} does not exist.")
    return found


def _set(baseline: dict[str, Any], given: dict[str, Any]) -> None:
    for rule in given.get("ApprovalRules", {}).get("PatchRules", []):
        if ("ApproveAfterDays" in rule) == ("ApproveUntilDate" in rule):
            message = "Exactly one of ApproveAfterDays and ApproveUntilDate has to be given in a patch rule."
            raise ServiceError("ValidationException", message)
        rule.setdefault("ComplianceLevel", "UNSPECIFIED")
        rule.setdefault("EnableNonSecurity", False)
    baseline.update({name: given[name] for name in _SETTINGS if name in given})
    baseline["ModifiedDate"] = datetime.datetime.now(datetime.UTC)


@operation("ssm", "CreatePatchBaseline", instead_of_moto=_NOT_MOTO)
def create_patch_baseline(request: Request) -> dict[str, Any]:
    given = request.params
    baseline_id = f"pb-0{secrets.token_hex(8)}"
    system = given.get("OperatingSystem", "WINDOWS")
    baseline = _complete({"BaselineId": baseline_id, "Name": given["Name"], "OperatingSystem": system})
    _set(baseline, given)
    _own(request.account, request.region)[baseline_id] = baseline
    tags = {each["Key"]: each["Value"] for each in given.get("Tags", [])}
    request.backend.add_tags_to_resource("PatchBaseline", baseline_id, tags)
    return {"BaselineId": baseline_id}


@operation("ssm", "UpdatePatchBaseline")
def update_patch_baseline(request: Request) -> dict[str, Any]:
    """What is not given stays; with ``Replace`` it gets its default."""
    given = request.params
    baseline = _find(request, own=True)
    if given.get("Replace"):
        kept = {name: baseline[name] for name in ("BaselineId", "Name", "OperatingSystem", "CreatedDate")}
        baseline.clear()
        baseline.update(_complete(kept))
    _set(baseline, given)
    baseline["Name"] = given.get("Name", baseline["Name"])
    return dict(baseline)


@operation("ssm", "GetPatchBaseline")
def get_patch_baseline(request: Request) -> dict[str, Any]:
    baseline = _find(request)
    groups = _groups(request.account, request.region)
    using = sorted(group for (group, _), each in groups.items() if each == baseline["BaselineId"])
    return {**baseline, "PatchGroups": using}


def _identity(request: Request, baseline: dict[str, Any]) -> dict[str, Any]:
    default = _default(request.account, request.region, baseline["OperatingSystem"]) == baseline["BaselineId"]
    identity = {
        "BaselineId": baseline["BaselineId"],
        "BaselineName": baseline["Name"],
        "OperatingSystem": baseline["OperatingSystem"],
        "DefaultBaseline": default,
    }
    described = {"BaselineDescription": baseline["Description"]} if "Description" in baseline else {}
    return {**identity, **described}


@operation("ssm", "DescribePatchBaselines", instead_of_moto=_NOT_MOTO)
def describe_patch_baselines(request: Request) -> dict[str, Any]:
    own, aws = _own(request.account, request.region), _aws(request.region)
    found = [*aws.values(), *own.values()]
    holds: dict[str, Callable[[dict[str, Any], str], bool]] = {
        "NAME_PREFIX": lambda each, value: each["Name"].startswith(value),
        "OPERATING_SYSTEM": lambda each, value: each["OperatingSystem"] == value,
        "OWNER": lambda each, value: each["BaselineId"] in {"AWS": aws, "Self": own, "All": {**own, **aws}}[value],
    }
    for wanted in request.params.get("Filters", []):
        hold = holds[wanted["Key"]]
        found = [each for each in found if any(hold(each, value) for value in wanted["Values"])]
    return {"BaselineIdentities": [_identity(request, each) for each in found]}


@operation("ssm", "DeletePatchBaseline", instead_of_moto=_NOT_MOTO)
def delete_patch_baseline(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeletePatchBaseline.html"""
    baseline_id = request.params["BaselineId"]
    own = _own(request.account, request.region)
    if baseline_id in _groups(request.account, request.region).values():
        message = f"Patch baseline {baseline_id} is registered for a patch group."
        raise ServiceError("ResourceInUseException", message)
    if (
        baseline_id in own
        and _default(request.account, request.region, own[baseline_id]["OperatingSystem"]) == baseline_id
    ):
        raise ServiceError("ResourceInUseException", f"Patch baseline {baseline_id} is the default one.")
    own.pop(baseline_id, None)
    return {"BaselineId": baseline_id}


@operation("ssm", "GetDefaultPatchBaseline")
def get_default_patch_baseline(request: Request) -> dict[str, Any]:
    system = request.params.get("OperatingSystem", "WINDOWS")
    return {"BaselineId": _default(request.account, request.region, system), "OperatingSystem": system}


@operation("ssm", "RegisterDefaultPatchBaseline")
def register_default_patch_baseline(request: Request) -> dict[str, Any]:
    baseline = _find(request)
    chosen = request.state.setdefault("default_baselines", {})
    chosen[baseline["OperatingSystem"]] = baseline["BaselineId"]
    return {"BaselineId": baseline["BaselineId"]}


@operation("ssm", "RegisterPatchBaselineForPatchGroup", instead_of_moto=_NOT_MOTO)
def register_patch_baseline_for_patch_group(request: Request) -> dict[str, Any]:
    baseline, group = _find(request), request.params["PatchGroup"]
    groups, key = _groups(request.account, request.region), (group, baseline["OperatingSystem"])
    if key in groups:
        message = (
            f"Patch Group baseline already registered for {group} and operating system {baseline['OperatingSystem']}."
        )
        raise ServiceError("AlreadyExistsException", message)
    groups[key] = baseline["BaselineId"]
    return {"BaselineId": baseline["BaselineId"], "PatchGroup": group}


@operation("ssm", "DeregisterPatchBaselineForPatchGroup", instead_of_moto=_NOT_MOTO)
def deregister_patch_baseline_for_patch_group(request: Request) -> dict[str, Any]:
    baseline_id, group = request.params["BaselineId"], request.params["PatchGroup"]
    groups = _groups(request.account, request.region)
    for key in [key for key, each in groups.items() if key[0] == group and each == baseline_id]:
        del groups[key]
    return {"BaselineId": baseline_id, "PatchGroup": group}


@operation("ssm", "GetPatchBaselineForPatchGroup", instead_of_moto=_NOT_MOTO)
def get_patch_baseline_for_patch_group(request: Request) -> dict[str, Any]:
    group, system = request.params["PatchGroup"], request.params.get("OperatingSystem", "WINDOWS")
    baseline = baseline_for(request.account, request.region, group, system)
    return {"BaselineId": baseline["BaselineId"], "PatchGroup": group, "OperatingSystem": system}


@operation("ssm", "DescribePatchGroups")
def describe_patch_groups(request: Request) -> dict[str, Any]:
    known = {**_aws(request.region), **_own(request.account, request.region)}
    wanted = {each["Key"]: each["Values"] for each in request.params.get("Filters", [])}
    mappings = [
        {"PatchGroup": group, "BaselineIdentity": _identity(request, known[baseline_id])}
        for (group, system), baseline_id in _groups(request.account, request.region).items()
        if system in wanted.get("OPERATING_SYSTEM", [system])
        and group.startswith(tuple(wanted.get("NAME_PREFIX", [group])))
    ]
    return {"Mappings": mappings}


@mend(SimpleSystemManagerBackend, "_validate_resource_type_and_id")
def find_tagged(original: Callable, self: SimpleSystemManagerBackend, resource_type: str, resource_id: str) -> str:
    """moto refuses tags of everything but parameters, documents and windows of its own."""
    kept = {"PatchBaseline": "baselines", "MaintenanceWindow": "windows", "Association": "associations"}
    if resource_type not in kept:
        return original(self, resource_type, resource_id)
    if resource_id not in states("ssm")[self.account_id][self.region_name].values.get(kept[resource_type], {}):
        raise InvalidResourceId()
    return resource_id
