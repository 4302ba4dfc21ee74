# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: finding_rules
short_description: The rules that pass on findings of GuardDuty, Security Hub and Inspector
version_added: 0.1.0
description:
  - Answers the rules of EventBridge that say findings on the topics of the estate, from which severity up they are
    said.
  - A finding goes to one topic, the one with the highest severity that it reaches. What GuardDuty and Inspector find
    comes through Security Hub, too, and is said once, as is what Security Hub aggregates from another region.
options:
  _input:
    description:
      - For each source, C(guardduty), C(inspector) and C(security_hub), the least severity that is said on each topic,
        C(information), C(warning) and C(critical). GuardDuty's severities are numbers, the others' C(INFORMATIONAL),
        C(LOW), C(MEDIUM), C(HIGH) and C(CRITICAL).
    type: dict
    required: true
  region:
    description: The region of the rules.
    type: str
    required: true
  partition:
    description: The partition of the region.
    type: str
    default: aws
seealso:
  - name: Amazon EventBridge event patterns
    description: How a pattern matches an event.
    link: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
"""

EXAMPLES = r"""
- name: Say what is grave
  wellarchitected.aws.events_rule:
    name: "shop-production-{{ item.component }}"
    event_pattern: "{{ item.event_pattern }}"
    targets:
      - id: topic
        arn: "arn:aws:sns:us-east-1:123456789012:shop-production-{{ item.topic }}"
  loop: >-
    {{ {'guardduty': {'warning': 4, 'critical': 7}, 'security_hub': {'critical': 'CRITICAL'}}
       | wellarchitected.aws.finding_rules(region='us-east-1') }}
"""

RETURN = r"""
_value:
  description: The rules, each with C(component), C(source), C(topic), C(description) and C(event_pattern).
  type: list
  elements: dict
"""

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.findings import finding_rules


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"finding_rules": finding_rules}
