# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: kms_key_policy
short_description: The policy of a KMS key of the estate
version_added: 0.1.0
description:
  - The account administers the key and may not use it directly. Use is for the named services alone, each with the
    conditions that keep a confused deputy out, but for EventBridge, which does not say for whom it uses a key.
options:
  _input:
    description:
      - What the key is for. C(via) lists the services through which principals of the account may use it (C(rds),
        C(ec2)); C(callers) is C(iam) when IAM decides which principals, or C(account) for all of them; C(contexts)
        lists keys of an encryption context with which principals whom IAM lets may use it themselves; C(services)
        lists services that act on their own (C(backup), C(budgets), C(cloudfront), C(cloudtrail), C(cloudwatch),
        C(events), C(guardduty), C(logs), C(rds_events), C(s3), C(sns)).
    type: dict
    required: true
extends_documentation_fragment:
  - wellarchitected.aws.policy
seealso:
  - name: Key policies in AWS KMS
    description: How a key's policy works.
    link: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
"""

EXAMPLES = r"""
- name: A key for databases
  amazon.aws.kms_key:
    alias: shop-production-database
    policy: >-
      {{ {'via': ['rds']} | wellarchitected.aws.kms_key_policy(account_id='123456789012', region='ap-northeast-1') }}
"""

RETURN = r"""
_value:
  description: The policy document.
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.policies import Cell, PolicyError, key_policy


def kms_key_policy(purpose, account_id, region, partition="aws"):
    """Answers the policy document of a key with the given purpose."""
    try:
        return key_policy(
            Cell(account_id, region, partition),
            via=purpose.get("via") or [],
            services=purpose.get("services") or [],
            callers=purpose.get("callers") or "iam",
            contexts=purpose.get("contexts") or [],
        )
    except PolicyError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"kms_key_policy": kms_key_policy}
