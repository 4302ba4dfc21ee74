# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: advice_report
short_description: The report of what Trusted Advisor has found
version_added: 0.1.0
description:
  - Makes the lines of a report of idle resources, with what they cost a month, and of the security checks.
options:
  _input:
    description: What the module M(wellarchitected.aws.support_trusted_advisor_info) answered.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say what Trusted Advisor has found
  ansible.builtin.debug:
    msg: "{{ advice | wellarchitected.aws.advice_report }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
"""

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.advice import report


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"advice_report": report}
