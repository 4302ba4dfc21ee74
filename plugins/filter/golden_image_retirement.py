# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: golden_image_retirement
short_description: Which golden images can go
version_added: 0.1.0
description:
  - Of the images that are available one can go only when it is neither among the newest O(keep) nor younger than
    O(keep_days) days, and when nothing uses it.
options:
  _input:
    description: The images, each with C(id), C(state) and C(created), as EC2 says the time.
    type: list
    elements: dict
    required: true
  keep:
    description: How many of the newest are kept, however old they are.
    type: int
    required: true
  keep_days:
    description: For how many days every image is kept, however many there are.
    type: int
    required: true
  now:
    description: The present time, in ISO 8601 with its offset from UTC.
    type: str
    required: true
  in_use:
    description: >-
      The images that something uses, by id, with what does, as P(wellarchitected.aws.golden_image_uses#filter) answers.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show which images can go
  ansible.builtin.debug:
    msg: "{{ (images | wellarchitected.aws.golden_image_retirement(keep=3, keep_days=90, now=present_time)).retired }}"
"""

RETURN = r"""
_value:
  description:
    - C(retired), the images that can go, and C(in_use), those that could if nothing used them, with C(used_by). Both
      have the newest first.
  type: dict
"""

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.golden_images import retirement


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"golden_image_retirement": retirement}
