#!/usr/bin/python

# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# The work is done by the action plugin of the same name, on the control node.

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
version_added: 0.1.0
short_description: Check the whole description of an estate before anything is touched
description:
  - Checks, for all cells of the play and all layers that the run's tags let through, that every input has the right
    type and
    an allowed value, that every variable which begins like an input is one, that what names something else names
    something
    that is there, that networks do not overlap, and that the credentials lead to the account that the inventory says.
  - All that is wrong is reported at once, in sentences that name the variable and, where it is known, the file.
  - Meant to run once, with C(run_once). It reads the collection's playbooks and roles, and asks nobody.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  playbook:
    description:
      - Which playbook's description is checked, that of the V(estate), whose hosts are cells, or that of the V(hosts)
        which it has. Of hosts that have the same inputs only one is looked at.
    type: str
    choices: [estate, hosts]
    default: estate
  answers:
    description:
      - What M(wellarchitected.aws.estate_info) with O(wellarchitected.aws.estate_info#module:gather=[zones])
        answered, by cell.
      - The answer of a failed call is reported as a problem of its cell.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Changes nothing in any case.
    support: full
  diff_mode:
    description: Changes nothing.
    support: none
"""

EXAMPLES = r"""
- name: Check the description of all layers
  wellarchitected.aws.preflight:
    answers: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'discovery'))) }}"
  run_once: true

- name: Check the inputs of all host roles
  wellarchitected.aws.preflight:
    playbook: hosts
  run_once: true
"""

RETURN = r"""
problems:
  description: What is wrong, a sentence each.
  returned: always
  type: list
  elements: str
  sample:
    - "network_cidrr (group_vars/all/network.yml:2) is not an input of the layer network. Did you mean network_cidr?"
"""
