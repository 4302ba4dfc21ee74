# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    # What plugins/module_utils/reconcile.py does for every module that changes something.
    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Foretells what a run would change. What AWS chooses, such as an id, has no value then.
    support: full
  diff_mode:
    description: Answers the resource before and after.
    support: full
"""
