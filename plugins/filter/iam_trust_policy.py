# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: iam_trust_policy
short_description: The trust policy of a role of the estate
version_added: 0.1.0
description:
  - Lets one service, or the named principals, assume a role, under conditions.
options:
  _input:
    description:
      - Who is trusted. Either C(service), the first part of a service's principal (C(ec2)), or C(principals), a list of
        ARNs in which C(root) stands for the account. C(conditions) are further conditions by operator.
    type: dict
    required: true
extends_documentation_fragment:
  - wellarchitected.aws.policy
seealso:
  - name: The confused deputy problem
    description: Why a trust in a service names the account or the resource it acts for.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

EXAMPLES = r"""
- name: A role for web instances
  amazon.aws.iam_role:
    name: shop-production-web
    assume_role_policy_document: >-
      {{ {'service': 'ec2'} | wellarchitected.aws.iam_trust_policy(account_id='123456789012', region='us-east-1') }}
"""

RETURN = r"""
_value:
  description: The policy document.
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.policies import Cell, PolicyError, trust_policy


def iam_trust_policy(trust, account_id, region, partition="aws"):
    """Answers the trust policy document of a role."""
    try:
        return trust_policy(
            Cell(account_id, region, partition),
            service=trust.get("service"),
            principals=trust.get("principals"),
            conditions=trust.get("conditions"),
        )
    except PolicyError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"iam_trust_policy": iam_trust_policy}
