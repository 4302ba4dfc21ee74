# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2: launch templates and their versions.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-launch-template-versions.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.exceptions import InvalidLaunchTemplateIdNotFound
from moto.ec2.models import EC2Backend
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion

from sandbox.operations import mend


@mend(EC2Backend, "describe_launch_templates")
def describe_launch_templates(
    original: Callable, self: Any, template_names: Any = None, template_ids: Any = None, filters: Any = None
) -> list[LaunchTemplate]:
    """An unknown identifier is an error, as an unknown name is."""
    for template_id in template_ids or []:
        if template_id not in self.launch_templates:
            raise InvalidLaunchTemplateIdNotFound(template_id)
    return original(self, template_names, template_ids, filters)


@mend(LaunchTemplate, "create_version")
def create_version(
    original: Callable, self: LaunchTemplate, data: dict[str, Any], description: str
) -> LaunchTemplateVersion:
    """The template's own tags are none of what it launches, and moto mixes them."""
    if "TagSpecifications" in data:
        kept = [item for item in data["TagSpecifications"] if item["ResourceType"] != "launch-template"]
        data = {name: value for name, value in data.items() if name != "TagSpecifications"}
        data |= {"TagSpecifications": kept} if kept else {}
    return original(self, data, description)
