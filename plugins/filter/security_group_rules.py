# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: security_group_rules
short_description: The rules of security groups, from a table of who talks to whom
version_added: 0.1.0
description:
  - Every flow makes the egress rule of the group that it leaves and the ingress rule of the group that it enters, so
    that both directions are equally narrow.
  - A flow from or to the whole internet is refused unless it says C(public).
options:
  _input:
    description:
      - The flows, each with C(from), C(to) and C(port) (a number or a range), and optionally C(protocol) (V(tcp)
        when not given), C(description) and C(public).
    type: list
    elements: dict
    required: true
  groups:
    description: The security groups that rules are made for, by name.
    type: dict
    required: true
  peers:
    description: What else stands at an end of a flow, by name, each with one of C(cidr), C(prefix_list) and C(group).
    type: dict
    required: true
  group_ids:
    description: The ids of security groups by name.
    type: dict
    required: true
  prefix_lists:
    description: The ids of managed prefix lists by name.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: What the web servers let in and out
  ansible.builtin.debug:
    msg: >-
      {{ [{'from': 'load_balancer', 'to': 'web', 'port': 8080}]
         | wellarchitected.aws.security_group_rules(
             groups={'web': {}, 'load_balancer': {}}, peers={},
             group_ids={'web': 'sg-0123456789abcdef0', 'load_balancer': 'sg-0fedcba9876543210'}) }}
"""

RETURN = r"""
_value:
  description: The rules of each group, as C(ingress) and C(egress) lists for M(amazon.aws.ec2_security_group).
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.flows import FlowError, rules_of_groups


def security_group_rules(flows, groups, peers, group_ids, prefix_lists=None):
    """Answers the rules of each group."""
    try:
        return rules_of_groups(flows, groups, peers, group_ids, prefix_lists or {})
    except FlowError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"security_group_rules": security_group_rules}
