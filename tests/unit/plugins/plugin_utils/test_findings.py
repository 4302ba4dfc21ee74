# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.findings import finding_rules, out_of_order

REGION = "ap-northeast-1"
LABELS = {"warning": "HIGH", "critical": "CRITICAL"}


def severities(said, source):
    """Of each topic, what a rule's pattern says of the severity."""
    found = {}
    for rule in finding_rules({source: said}, REGION):
        detail = rule["event_pattern"]["detail"]
        found[rule["topic"]] = detail["findings"]["Severity"]["Label"] if "findings" in detail else detail["severity"]
    return found


@pytest.mark.parametrize(
    ("source", "said", "expected"),
    [
        ("guardduty", {}, {}),
        ("guardduty", {"critical": None, "warning": 4}, {"warning": [{"numeric": [">=", 4]}]}),
        (
            "guardduty",
            {"critical": 7.0, "warning": 4.5, "information": 1},
            {
                "information": [{"numeric": [">=", 1, "<", 4.5]}],
                "warning": [{"numeric": [">=", 4.5, "<", 7]}],
                "critical": [{"numeric": [">=", 7]}],
            },
        ),
        ("inspector", LABELS, {"warning": ["HIGH"], "critical": ["CRITICAL"]}),
        ("inspector", {"critical": "HIGH"}, {"critical": ["HIGH", "CRITICAL"]}),
        (
            "security_hub",
            {"information": "LOW", "critical": "CRITICAL"},
            {"information": ["LOW", "MEDIUM", "HIGH"], "critical": ["CRITICAL"]},
        ),
    ],
)
def test_a_severity_is_said_on_one_topic(source, said, expected):
    assert severities(said, source) == expected


@pytest.mark.parametrize(
    ("said", "excluded"),
    [
        ({"security_hub": LABELS}, None),
        ({"security_hub": LABELS, "guardduty": {}, "inspector": LABELS}, ["inspector"]),
        ({"security_hub": LABELS, "guardduty": {"critical": 7}, "inspector": LABELS}, ["guardduty", "inspector"]),
    ],
)
def test_security_hub_does_not_repeat_what_others_say_themselves(said, excluded):
    rule = next(rule for rule in finding_rules(said, REGION) if rule["source"] == "security_hub")
    finding = rule["event_pattern"]["detail"]["findings"]
    arns = [f"arn:aws:securityhub:{REGION}::product/aws/{name}" for name in excluded or ()]
    assert finding.get("ProductArn") == ([{"anything-but": arns}] if excluded else None)
    assert finding["Region"] == [REGION]


def test_rules_are_named_and_described():
    names = [rule["component"] for rule in finding_rules({"security_hub": LABELS, "guardduty": {"warning": 4}}, REGION)]
    assert names == ["findings-guardduty-warning", "findings-security-hub-warning", "findings-security-hub-critical"]
    rules = finding_rules({"guardduty": {"warning": 4, "critical": 7}}, REGION)
    assert rules[0]["description"] == "Findings of GuardDuty from 4 up below 7 to the topic warning"


@pytest.mark.parametrize(
    ("source", "said", "expected"),
    [
        ("guardduty", {"warning": 4, "critical": 7}, []),
        ("guardduty", {"information": 1, "critical": 1.0}, [("information", "critical")]),
        ("inspector", {"information": "HIGH", "warning": "LOW", "critical": "CRITICAL"}, [("information", "warning")]),
    ],
)
def test_topics_that_are_out_of_order(source, said, expected):
    assert out_of_order(source, said) == expected
