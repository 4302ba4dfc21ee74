# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: network_acl_rules
short_description: The rules of the network ACL of a tier
version_added: 0.1.0
description:
  - Makes the rules that M(amazon.aws.ec2_vpc_nacl) takes. The tier C(public) takes HTTP and HTTPS from anywhere,
    C(private) nothing but answers from outside the VPC, and C(data) talks to C(private) and itself alone.
options:
  _input:
    description: The tier, one of C(public), C(private) and C(data).
    type: str
    required: true
  vpc_cidrs:
    description: All blocks of the VPC.
    type: list
    elements: str
    required: true
  subnets:
    description: The subnets of the VPC, as P(wellarchitected.aws.subnet_plan#filter) answers them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: What the data tier lets in
  ansible.builtin.debug:
    msg: "{{ ('data' | wellarchitected.aws.network_acl_rules(vpc_cidrs=['10.10.0.0/16'], subnets=plan)).ingress }}"
  vars:
    plan: "{{ '10.10.0.0/16' | wellarchitected.aws.subnet_plan(zones=['a', 'c']) }}"
"""

RETURN = r"""
_value:
  description: C(ingress) and C(egress), each a list of rules.
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.addresses import TIERS
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.addresses import network_acl_rules as rules_of_tier


def network_acl_rules(tier, vpc_cidrs, subnets):
    """Answers the rules of a tier's network ACL."""
    if tier not in TIERS:
        raise AnsibleFilterError(f"There is no tier {tier!r}. There are: {', '.join(TIERS)}.")
    return rules_of_tier(tier, vpc_cidrs, subnets)


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"network_acl_rules": network_acl_rules}
