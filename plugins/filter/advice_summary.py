# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: advice_summary
short_description: What Trusted Advisor has found in two sentences
version_added: 0.1.0
description:
  - Says how many resources are idle, what they cost a month, and which security checks are not fine.
options:
  _input:
    description: What the module M(wellarchitected.aws.support_trusted_advisor_info) answered.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say what Trusted Advisor has found
  ansible.builtin.debug:
    msg: "{{ advice | wellarchitected.aws.advice_summary }}"
"""

RETURN = r"""
_value:
  description: The sentences.
  type: str
"""

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.advice import summary


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"advice_summary": summary}
