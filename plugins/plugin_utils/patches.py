# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How hosts stand with their patches, as a report for people. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# The words of all operating systems, the gravest first; what has another one comes after them.
_SEVERITIES = (
    *("Critical", "Important", "High", "Moderate", "Medium"),
    *("Required", "Standard", "Low", "Optional", "Extra"),
)
_COLUMNS = ("host", "name", "patch group", "missing", "failed", "pending reboot", "last scan")


def report(states: Iterable[dict[str, Any]], instances: Iterable[dict[str, Any]]) -> list[str]:
    """The lines of a report of what modules answered of hosts: ssm_patch_state_info and ec2_instance_info.

    Those that are not as they should be come first, the worst before the others.
    """
    tags = {instance["instance_id"]: instance.get("tags") or {} for instance in instances}
    hosts = [{**state, **_tagged(tags.get(state["instance_id"], {}))} for state in states]
    ordered = sorted(hosts, key=lambda host: (host["compliant"], not host["scanned"], _weight(host), host["name"]))
    if not ordered:
        return ["There are no hosts."]
    return [*_table([_COLUMNS, *map(_row, ordered)]), "", *_severities(ordered), _summary(ordered)]


def _tagged(tags: dict[str, str]) -> dict[str, str]:
    """Its name, and the patch group that it is in before it was ever scanned, too."""
    return {"name": tags.get("Name", ""), "patch_group": tags.get("PatchGroup") or tags.get("Patch Group", "")}


def _weight(host: dict[str, Any]) -> tuple[int, ...]:
    columns = ("critical_non_compliant_count", "failed_count", "missing_count", "installed_pending_reboot_count")
    return tuple(-host[column] for column in columns)


def _row(host: dict[str, Any]) -> tuple[str, ...]:
    known = (host["instance_id"], host["name"], host["patch_group"])
    if not host["scanned"]:
        return (*known, "?", "?", "?", "never")
    counts = (host[f"{each}_count"] for each in ("missing", "failed", "installed_pending_reboot"))
    return (*known, *map(str, counts), _minute(host["operation_end_time"] or host["operation_start_time"]))


def _minute(time: str | None) -> str:
    return (time or "")[:16].replace("T", " ")


def _severities(hosts: list[dict[str, Any]]) -> list[str]:
    """Of each host that lacks patches how many of each severity."""
    found = {severity for host in hosts for severity in host.get("severities", {})}
    if not found:
        return []
    known = [severity for severity in _SEVERITIES if severity in found]
    columns = [*known, *sorted(found.difference(known))]
    rows = [
        (host["instance_id"], *(str(host["severities"].get(severity, 0)) for severity in columns))
        for host in hosts
        if host.get("severities")
    ]
    return [
        "Missing or failed, by severity:",
        *_table([("host", *(severity or "unknown" for severity in columns)), *rows]),
        "",
    ]


def _summary(hosts: list[dict[str, Any]]) -> str:
    compliant = sum(host["compliant"] for host in hosts)
    never = sum(not host["scanned"] for host in hosts)
    said = f"Of {len(hosts)} hosts {compliant} {'has' if compliant == 1 else 'have'} all patches"
    return f"{said}; {never} {'was' if never == 1 else 'were'} never scanned." if never else f"{said}."


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    """Columns as wide as they have to be; numbers at the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    numbers = [all(cell.isdigit() or cell == "?" for cell in column[1:]) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numbers, strict=True)
        ).rstrip()
        for row in rows
    ]
