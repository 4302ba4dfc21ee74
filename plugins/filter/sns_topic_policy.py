# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: sns_topic_policy
short_description: The policy of a topic of the estate
version_added: 0.1.0
description:
  - Lets the named services publish for this account, and whoever IAM lets, and nobody without TLS.
options:
  _input:
    description: The name of the topic.
    type: str
    required: true
  publishers:
    description:
      - The services that may publish, of C(backup), C(budgets), C(cloudwatch), C(events), C(rds_events).
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - wellarchitected.aws.policy
seealso:
  - name: Example cases for Amazon SNS access control
    description: How services are let in.
    link: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
"""

EXAMPLES = r"""
- name: A topic for alarms
  wellarchitected.aws.sns_topic:
    name: shop-production-critical
    policy: >-
      {{ 'shop-production-critical' | wellarchitected.aws.sns_topic_policy(
           publishers=['cloudwatch'], account_id='123456789012', region='us-east-1') }}
"""

RETURN = r"""
_value:
  description: The policy document.
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.policies import Cell, PolicyError, topic_policy


def sns_topic_policy(topic, account_id, region, publishers=(), partition="aws"):
    """Answers the policy document of a topic."""
    try:
        return topic_policy(Cell(account_id, region, partition), topic, list(publishers))
    except PolicyError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"sns_topic_policy": sns_topic_policy}
