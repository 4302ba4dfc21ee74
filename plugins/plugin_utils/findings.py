# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which findings of GuardDuty, Security Hub and Inspector are said, and on which topic: the rules of EventBridge.

Pure functions. What is said of each source is a dictionary: the topic's severity, and the least severity of a finding
that goes there. A finding goes to one topic, the one with the highest severity that it reaches.

The shapes of the events: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html,
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html and
https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

TOPICS = ("information", "warning", "critical")
LABELS = ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")
# Each source: what it is called, what its severities are in their order (None for numbers), and the name that its
# findings have as a product in Security Hub.
SOURCES = {
    "guardduty": ("GuardDuty", None, "guardduty"),
    "inspector": ("Inspector", LABELS, "inspector"),
    "security_hub": ("Security Hub", LABELS, None),
}


def rank(source: str, severity: Any) -> float:
    """A severity as a number; ValueError for one that the source does not know."""
    labels = SOURCES[source][1]
    return float(severity) if labels is None else labels.index(str(severity))


def bands(said: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Each topic with its least severity and the one from which the next topic takes over, or None."""
    ordered = [(topic, said[topic]) for topic in TOPICS if said.get(topic) not in (None, "")]
    return [(topic, least, after) for (topic, least), (_next, after) in pairwise([*ordered, ("", None)])]


def out_of_order(source: str, said: dict[str, Any]) -> list[tuple[str, str]]:
    """The neighbouring topics of which the graver one does not begin at a higher severity."""
    found = bands(said)
    return [
        (topic, graver)
        for (topic, least, after), (graver, _least, _after) in pairwise(found)
        if rank(source, after) <= rank(source, least)
    ]


def _severities(source: str, least: Any, below: Any) -> list[Any]:
    """What EventBridge is to match, from one severity up and below another one."""
    labels = SOURCES[source][1]
    if labels is None:
        limit = [] if below is None else ["<", _number(below)]
        return [{"numeric": [">=", _number(least), *limit]}]
    return list(labels[labels.index(least) : None if below is None else labels.index(below)])


def _number(value: Any) -> float | int:
    return int(value) if float(value).is_integer() else float(value)


def _guardduty(severities: list[Any], **_where: Any) -> dict[str, Any]:
    return {
        "source": ["aws.guardduty"],
        "detail-type": ["GuardDuty Finding"],
        "detail": {"severity": severities},
    }


def _inspector(severities: list[Any], **_where: Any) -> dict[str, Any]:
    return {
        "source": ["aws.inspector2"],
        "detail-type": ["Inspector2 Finding"],
        "detail": {"severity": severities, "status": ["ACTIVE"]},
    }


def _security_hub(severities: list[Any], region: str, partition: str, others: list[str]) -> dict[str, Any]:
    """Without what its source says itself, nor what another region says: where findings are aggregated, they come, too.

    https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-integration-types.html
    """
    finding = {
        "RecordState": ["ACTIVE"],
        "Region": [region],
        "Severity": {"Label": severities},
        "Workflow": {"Status": ["NEW"]},
        # Findings that are no control's have no compliance.
        "Compliance": {"Status": [{"exists": False}, {"anything-but": ["PASSED"]}]},
    }
    if others:
        products = [f"arn:{partition}:securityhub:{region}::product/aws/{other}" for other in others]
        finding["ProductArn"] = [{"anything-but": products}]
    return {
        "source": ["aws.securityhub"],
        "detail-type": ["Security Hub Findings - Imported"],
        "detail": {"findings": finding},
    }


_PATTERNS = {"guardduty": _guardduty, "inspector": _inspector, "security_hub": _security_hub}


def finding_rules(said: dict[str, dict[str, Any]], region: str, partition: str = "aws") -> list[dict[str, Any]]:
    """The rules that pass findings on: ``component``, ``source``, ``topic``, ``description``, ``event_pattern``.

    ``said`` has what is said of each source; a source that is not in it, or of which nothing is said, has no rule.
    """
    others = [SOURCES[source][2] for source in SOURCES if said.get(source) and SOURCES[source][2]]
    rules = []
    for source in sorted(said):
        for topic, least, below in bands(said[source]):
            severities = _severities(source, least, below)
            limit = "" if below is None else f" below {below}"
            rules.append(
                {
                    "component": f"findings-{source.replace('_', '-')}-{topic}",
                    "source": source,
                    "topic": topic,
                    "description": f"Findings of {SOURCES[source][0]} from {least} up{limit} to the topic {topic}",
                    "event_pattern": _PATTERNS[source](severities, region=region, partition=partition, others=others),
                }
            )
    return rules
