# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: patch_report
short_description: The report of how hosts stand with their patches
version_added: 0.1.0
positional: instances
description:
  - Makes the lines of a table of hosts with what they lack, what failed, what waits for a restart, and when they were
    scanned last, and of another one by severity.
options:
  _input:
    description: The hosts that the module M(wellarchitected.aws.ssm_patch_state_info) answered as C(instances).
    type: list
    elements: dict
    required: true
  instances:
    description: The same hosts as the module M(amazon.aws.ec2_instance_info) answered them, which knows their tags.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Say how the hosts stand with their patches
  ansible.builtin.debug:
    msg: "{{ patching.instances | wellarchitected.aws.patch_report(hosts.instances) }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
"""

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.patches import report


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"patch_report": report}
