# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: golden_image_hash
short_description: A hash of all that goes into a golden image
version_added: 0.1.0
description:
  - Answers 64 hexadecimal digits that are the same as long as all that goes into an image is, whatever the order of
    keys. An image that has them in a tag need not be made again.
  - The order of lists counts, as that of commands does.
options:
  _input:
    description:
      - All that goes into the image, such as its base image, the checksums of roles
        (P(wellarchitected.aws.role_checksums#lookup)) and the values of their inputs.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the hash
  ansible.builtin.debug:
    msg: "{{ {'base': 'ami-0123456789abcdef0', 'commands': ['dnf install -y httpd']}
             | wellarchitected.aws.golden_image_hash }}"
"""

RETURN = r"""
_value:
  description: The hash.
  type: str
"""

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.golden_images import input_hash


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"golden_image_hash": input_hash}
