# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What AWS-RunPatchBaseline does: apt is asked in the machine, and held against the baseline that is in force for it.

https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager-compliance-states.html
"""

from __future__ import annotations

import datetime
import fnmatch
import re
import shlex
from typing import Any

from sandbox.delivery import DELIVERIES
from sandbox.operations import Request, operation, states
from sandbox.services import ssm_nodes
from sandbox.services.ssm_patching import baseline_for

_SYSTEMS = {"Debian": "DEBIAN", "Ubuntu": "UBUNTU"}
_INSTALLED = (
    r"dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${Priority}\t${Section}\n'"
)
_UPGRADES = "apt-get update -qq >&2; LC_ALL=C apt-get --simulate dist-upgrade"
# Inst libssl3 [3.0.11-1] (3.0.14-1 Debian-Security:12/stable-security [amd64])
_INST = re.compile(r"^Inst (\S+) \[\S+\] \((\S+) (.*) \[\S+\]\)")
_SECONDS = 1800


def patch(account: str, region: str, machine: Any, operation_name: str, reboot_option: str) -> tuple[int, str, str]:
    """Scan or install, and report; the exit code, and what was said. The lock is let go while the machine works."""
    started = datetime.datetime.now(datetime.UTC)
    name = machine.platform["PlatformName"]
    system = next((each for word, each in _SYSTEMS.items() if word in name), None)
    if system is None:
        return 1, "", f"The sandbox does not patch {name}.\n"
    tags = ssm_nodes.tags(account, region, machine.instance_id)
    group = tags.get("PatchGroup") or tags.get("Patch Group") or ""
    baseline = baseline_for(account, region, group, system)
    said = ""
    with DELIVERIES.unlocked():
        packages = _packages(machine)
        upgrades = machine.run(_UPGRADES, _SECONDS)
        if upgrades.returncode:
            return 1, "", f"apt cannot say what there is: {upgrades.stderr}"
        found = _judged(baseline, packages, upgrades.stdout)
        if operation_name == "Install":
            said = _install(machine, [each for each in found if each["State"] == "MISSING"], reboot_option)
    _report(account, region, machine.instance_id, group, baseline, operation_name, reboot_option, found, started)
    counted = {state: sum(each["State"] == state for each in found) for state in sorted({p["State"] for p in found})}
    summary = "".join(f"{state}: {count}\n" for state, count in counted.items())
    if operation_name == "Install" and reboot_option == "RebootIfNeeded":
        with DELIVERIES.unlocked():
            if _needs_reboot(machine):
                machine.reboot()
    failed = any(each["State"] == "FAILED" for each in found)
    return int(failed), f"{said}Baseline {baseline['Name']} ({baseline['BaselineId']})\n{summary}", ""


def _packages(machine: Any) -> dict[str, dict[str, str]]:
    names = ("Status", "Package", "Version", "Architecture", "Priority", "Section")
    lines = machine.run(_INSTALLED, 60).stdout.splitlines()
    rows = [dict(zip(names, line.split("\t"), strict=True)) for line in lines if line.count("\t") == len(names) - 1]
    return {row["Package"]: row for row in rows if row["Status"] == "installed"}


def _judged(baseline: dict[str, Any], packages: dict[str, dict[str, str]], simulated: str) -> list[dict[str, Any]]:
    """Every package with its state: what is installed, and what is missing of what the baseline approves."""
    upgrades = {match[1]: match for match in map(_INST.match, simulated.splitlines()) if match}
    found = []
    for name, row in packages.items():
        match = upgrades.get(name)
        security = bool(match and "security" in match[3].lower())
        rejected = _named(baseline["RejectedPatches"], row, match)
        rule = _rule(baseline, row, security or match is None)
        approved = not rejected and (rule is not None or _named(baseline["ApprovedPatches"], row, match))
        if match and approved:
            state = "MISSING"
        elif rejected and not match and baseline["RejectedPatchesAction"] == "BLOCK":
            state = "INSTALLED_REJECTED"
        elif approved:
            state = "INSTALLED"
        else:
            state = "INSTALLED_OTHER"
        level = rule["ComplianceLevel"] if rule else baseline["ApprovedPatchesComplianceLevel"]
        found.append(
            {
                "Title": f"{name}.{row['Architecture']}:{match[2] if match else row['Version']}",
                "KBId": f"{name}.{row['Architecture']}",
                "Classification": "Security" if security else "",
                "Severity": row["Priority"].capitalize(),
                "State": state,
                "InstalledTime": datetime.datetime.fromtimestamp(0, datetime.UTC),
                "package": name,
                "version": match[2] if match else row["Version"],
                "level": level,
                "security": security,
            }
        )
    return found


def _rule(baseline: dict[str, Any], row: dict[str, str], security: bool) -> dict[str, Any] | None:
    """The first rule of a baseline that approves a package."""
    properties = {"PRIORITY": row["Priority"], "SECTION": row["Section"]}
    for rule in baseline["ApprovalRules"]["PatchRules"]:
        filters = rule["PatchFilterGroup"]["PatchFilters"]
        passes = all(
            "*" in each["Values"]
            or each["Key"] not in properties
            or properties[each["Key"]].lower() in [value.lower() for value in each["Values"]]
            for each in filters
        )
        if passes and (security or rule["EnableNonSecurity"]):
            return rule
    return None


def _named(patterns: list[str], row: dict[str, str], match: re.Match[str] | None) -> bool:
    name = row["Package"]
    known = (name, f"{name}.{row['Architecture']}", f"{name}:{match[2] if match else row['Version']}")
    return any(fnmatch.fnmatch(each, pattern) for each in known for pattern in patterns)


def _install(machine: Any, missing: list[dict[str, Any]], reboot_option: str) -> str:
    def install(patches: list[dict[str, Any]]) -> Any:
        packages = " ".join(shlex.quote(f"{each['package']}={each['version']}") for each in patches)
        options = "-y -q -o Dpkg::Options::=--force-confold --only-upgrade"
        return machine.run(f"DEBIAN_FRONTEND=noninteractive apt-get install {options} {packages}", _SECONDS)

    said = ""
    # All at once is far quicker; which one fails is seen one by one.
    together = bool(missing) and install(missing).returncode == 0
    for each in missing:
        done = None if together else install([each])
        failed = done is not None and done.returncode
        each["State"] = "FAILED" if failed else "INSTALLED"
        each["InstalledTime"] = datetime.datetime.now(datetime.UTC)
        said += done.stderr if failed else f"Installed {each['Title']}\n"
    if reboot_option == "NoReboot" and missing and _needs_reboot(machine):
        for each in missing:
            if each["State"] == "INSTALLED":
                each["State"] = "INSTALLED_PENDING_REBOOT"
    return said


def _needs_reboot(machine: Any) -> bool:
    return machine.run("test -e /run/reboot-required", 10).returncode == 0


def _report(
    account: str,
    region: str,
    instance_id: str,
    group: str,
    baseline: dict[str, Any],
    operation_name: str,
    reboot_option: str,
    found: list[dict[str, Any]],
    started: datetime.datetime,
) -> None:
    lacking = [each for each in found if each["State"] in ("MISSING", "FAILED", "INSTALLED_REJECTED")]
    critical = [each for each in lacking if each["level"] == "CRITICAL"]
    security = [each for each in lacking if each["security"] and each not in critical]

    def count(state: str) -> int:
        return sum(each["State"] == state for each in found)

    state = {
        "InstanceId": instance_id,
        "PatchGroup": group,
        "BaselineId": baseline["BaselineId"],
        "InstalledCount": count("INSTALLED"),
        "InstalledOtherCount": count("INSTALLED_OTHER"),
        "InstalledPendingRebootCount": count("INSTALLED_PENDING_REBOOT"),
        "InstalledRejectedCount": count("INSTALLED_REJECTED"),
        "MissingCount": count("MISSING"),
        "FailedCount": count("FAILED"),
        "NotApplicableCount": 0,
        "OperationStartTime": started,
        "OperationEndTime": datetime.datetime.now(datetime.UTC),
        "Operation": operation_name,
        "RebootOption": reboot_option,
        "CriticalNonCompliantCount": len(critical),
        "SecurityNonCompliantCount": len(security),
        "OtherNonCompliantCount": len(lacking) - len(critical) - len(security),
    }
    hidden = ("package", "version", "level", "security")
    patches = [{name: value for name, value in each.items() if name not in hidden} for each in found]
    states("ssm")[account][region].values.setdefault("patch_states", {})[instance_id] = (state, patches)


@operation("ssm", "DescribeInstancePatchStates")
def describe_instance_patch_states(request: Request) -> dict[str, Any]:
    known = request.state.get("patch_states", {})
    return {"InstancePatchStates": [known[each][0] for each in request.params["InstanceIds"] if each in known]}


@operation("ssm", "DescribeInstancePatchStatesForPatchGroup")
def describe_instance_patch_states_for_patch_group(request: Request) -> dict[str, Any]:
    known = request.state.get("patch_states", {}).values()
    return {"InstancePatchStates": [each for each, _ in known if each["PatchGroup"] == request.params["PatchGroup"]]}


@operation("ssm", "DescribeInstancePatches")
def describe_instance_patches(request: Request) -> dict[str, Any]:
    """Of the filters those on the state, the severity and the classification are understood."""
    _, patches = request.state.get("patch_states", {}).get(request.params["InstanceId"], ({}, []))
    for wanted in request.params.get("Filters", []):
        patches = [each for each in patches if each.get(wanted["Key"]) in wanted["Values"]]
    return {"Patches": patches}
