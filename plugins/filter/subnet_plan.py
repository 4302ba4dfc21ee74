# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: subnet_plan
short_description: The subnets of a VPC, computed from one block of addresses
version_added: 0.1.0
description:
  - Cuts the block into four parts, one for each of the tiers C(public), C(private) and C(data) and one in reserve,
    and each part into four again, for up to four zones.
  - A zone that is added at the end moves no other subnet.
options:
  _input:
    description: The VPC's block, /24 or larger.
    type: str
    required: true
  zones:
    description: The letters of the availability zones.
    type: list
    elements: str
    required: true
  overrides:
    description: Blocks of a tier that are given and not computed, in the order of the zones.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: The subnets of two zones
  ansible.builtin.debug:
    msg: "{{ '10.10.0.0/16' | wellarchitected.aws.subnet_plan(zones=['a', 'c']) }}"
  # => component public-a in 10.10.0.0/20, public-c in 10.10.16.0/20, private-a in 10.10.64.0/20, …
"""

RETURN = r"""
_value:
  description: The subnets, each with C(component), C(tier), C(zone) and C(cidr).
  type: list
  elements: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.addresses import AddressError
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.addresses import subnet_plan as plan_subnets


def subnet_plan(cidr, zones, overrides=None):
    """Answers the subnets of a VPC."""
    try:
        return plan_subnets(cidr, zones, overrides)
    except AddressError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"subnet_plan": subnet_plan}
