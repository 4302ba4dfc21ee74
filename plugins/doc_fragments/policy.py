# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """Where a policy stands: what the filters that make policies have in common."""

    DOCUMENTATION = r"""
options:
  account_id:
    description: The account that the policy stands in.
    type: str
    required: true
  region:
    description: The region that the policy stands in.
    type: str
    required: true
  partition:
    description: The partition of the account.
    type: str
    default: aws
"""
