# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: golden_image_uses
short_description: What uses which images
version_added: 0.1.0
description:
  - Says of images what launches from them, or runs by them, so that none of these is deregistered.
positional: _input, instances, launch_configurations, parameters
options:
  _input:
    description: The launch templates with all their versions, as M(amazon.aws.ec2_launch_template_info) answers them.
    type: list
    elements: dict
    required: true
  instances:
    description: The instances, as M(amazon.aws.ec2_instance_info) answers them.
    type: list
    elements: dict
    default: []
  launch_configurations:
    description: The launch configurations, as M(community.aws.autoscaling_launch_config_info) answers them.
    type: list
    elements: dict
    default: []
  parameters:
    description: Names of parameters of Systems Manager, with the ids that they hold.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show what uses images
  ansible.builtin.debug:
    msg: "{{ templates.launch_templates | wellarchitected.aws.golden_image_uses(servers.instances) }}"
  # => ami-0123456789abcdef0: version 3 of the launch template shop-production-web
"""

RETURN = r"""
_value:
  description: What uses an image, in words, by the image's id.
  type: dict
"""

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.golden_images import uses


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"golden_image_uses": uses}
