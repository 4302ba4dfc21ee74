# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What Trusted Advisor has found, as a report for people. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# The columns that say which resource it is, or else what is wrong, the best first.
_NAMES = (
    "Instance ID",
    "DB Instance Name",
    "Load Balancer Name",
    "Volume ID",
    "IP Address",
    "Security Group ID",
    "Bucket Name",
    "Snapshot ID",
    "IAM User",
    "Trail Name",
    "Reason",
)
_MARKS = {"error": "ERROR", "warning": "WARN"}


def report(answer: dict[str, Any]) -> list[str]:
    """The lines of a report of what the module support_trusted_advisor_info answered."""
    if not answer["subscribed"]:
        return [answer["reason"]]
    return [*_waste(answer["checks"]), "", *_security(answer["checks"])]


def summary(answer: dict[str, Any]) -> str:
    """The same in two sentences."""
    if not answer["subscribed"]:
        return answer["reason"]
    idle, checks = _idle(answer["checks"]), _unsafe(answer["checks"])
    verb = "costs" if len(idle) == 1 else "cost"
    return (
        f"Trusted Advisor finds {_count(len(idle), 'idle or underused resource')}, which {verb} "
        f"${_total(answer['checks']):,.2f} a month. {_count(len(checks), 'check')} of security "
        f"{'is' if len(checks) == 1 else 'are'} not fine{': ' if checks else ''}"
        f"{', '.join(check['name'] for check in checks)}."
    )


def _waste(checks: list[dict[str, Any]]) -> Iterator[str]:
    rows = [
        (check["name"], resource["region"], _name(resource), _money(resource["monthly_cost"]))
        for check, resource in _idle(checks)
    ]
    if not rows:
        yield "Nothing is idle or underused."
        return
    yield "Idle or underused, and what it costs a month:"
    yield from _table([*rows, ("together", "", "", _money(_total(checks)))])


def _security(checks: list[dict[str, Any]]) -> Iterator[str]:
    found = _unsafe(checks)
    known = [check for check in checks if check["category"] == "security" and check["status"] != "not_available"]
    if not found:
        yield "Every check of security is fine." if known else "No check of security has been made."
        return
    yield f"Of {_count(len(known), 'check')} of security {len(found)} are not fine:"
    rows = []
    for check in found:
        flagged = check["flagged_resources"] or [{"region": "", "details": {}}]
        rows += [
            (_MARKS[resource.get("status", check["status"])], check["name"], resource["region"], _name(resource))
            for resource in flagged
        ]
    yield from _table(rows)


def _idle(checks: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    costs = [check for check in checks if check["category"] == "cost_optimizing"]
    pairs = [(check, resource) for check in costs for resource in check["flagged_resources"]]
    return sorted(pairs, key=lambda pair: -(pair[1]["monthly_cost"] or 0))


def _unsafe(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is wrong before what only may be."""
    found = [check for check in checks if check["category"] == "security" and check["status"] in _MARKS]
    return sorted(found, key=lambda check: (check["status"], check["name"]))


def _total(checks: list[dict[str, Any]]) -> float:
    """What all checks say; a check whose resources say more than it does itself counts by them."""
    return sum(
        max(
            check["estimated_monthly_savings"],
            sum(resource["monthly_cost"] or 0 for resource in check["flagged_resources"]),
        )
        for check in checks
        if check["category"] == "cost_optimizing"
    )


def _name(resource: dict[str, Any]) -> str:
    details = resource["details"]
    # Its ID is mostly a hash that says nothing.
    return next((details[name] for name in _NAMES if details.get(name)), "")


def _money(cost: float | None) -> str:
    return "?" if cost is None else f"${cost:,.2f}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Columns as wide as they have to be; amounts at the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if cell.startswith(("$", "?")) else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ]
        yield f"  {'  '.join(cells)}".rstrip()
