# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: sqs_queue_policy
short_description: The policy of a queue of the estate
version_added: 0.1.0
description:
  - Lets the named topics and rules of the account deliver, and whoever IAM lets use the queue, and nobody without TLS.
options:
  _input:
    description: The name of the queue.
    type: str
    required: true
  topics:
    description:
      - The names of the topics.
    type: list
    elements: str
    default: []
  rules:
    description:
      - The names of the rules of EventBridge, which may have wildcards.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - wellarchitected.aws.policy
seealso:
  - name: Subscribing an Amazon SQS queue to an Amazon SNS topic
    description: How a topic is let in.
    link: https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
"""

EXAMPLES = r"""
- name: A queue behind a topic
  community.aws.sqs_queue:
    name: shop-production-notification
    policy: >-
      {{ 'shop-production-notification' | wellarchitected.aws.sqs_queue_policy(
           topics=['shop-production-critical'], account_id='123456789012', region='us-east-1') }}
"""

RETURN = r"""
_value:
  description: The policy document.
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.policies import Cell, PolicyError, queue_policy


def sqs_queue_policy(queue, account_id, region, topics=(), rules=(), partition="aws"):
    """Answers the policy document of a queue."""
    try:
        return queue_policy(Cell(account_id, region, partition), queue, list(topics), list(rules))
    except PolicyError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"sqs_queue_policy": sqs_queue_policy}
