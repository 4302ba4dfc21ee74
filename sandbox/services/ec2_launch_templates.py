# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2: launch templates and their versions.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-launch-template-versions.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidLaunchTemplateIdNotFound, InvalidLaunchTemplateVersionNotFound
from moto.ec2.models import EC2Backend
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.utils import parse_user_data

from sandbox.operations import Request, mend
from sandbox.services.ec2 import ec2_operation


@mend(EC2Backend, "describe_launch_templates")
def describe_launch_templates(
    original: Callable, self: Any, template_names: Any = None, template_ids: Any = None, filters: Any = None
) -> list[LaunchTemplate]:
    """An unknown identifier is an error, as an unknown name is, and the tags are those that there are now.

    moto shows the tags that a template was made with, whatever CreateTags and DeleteTags do to it:
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html.
    """
    for template_id in template_ids or []:
        if template_id not in self.launch_templates:
            raise InvalidLaunchTemplateIdNotFound(template_id)
    templates = original(self, template_names, template_ids, filters)
    for template in templates:
        template.tags = template.get_tags()
    return templates


@mend(LaunchTemplate, "create_version")
def create_version(
    original: Callable, self: LaunchTemplate, data: dict[str, Any], description: str
) -> LaunchTemplateVersion:
    """The template's own tags are none of what it launches, and any version may have user data."""
    data = {name: value for name, value in data.items() if value is not None}
    if "TagSpecifications" in data:
        data["TagSpecifications"] = [
            item for item in data["TagSpecifications"] if item["ResourceType"] != "launch-template"
        ]
        if not data["TagSpecifications"]:
            del data["TagSpecifications"]
    if isinstance(data.get("UserData"), str):
        data["UserData"] = parse_user_data(data["UserData"])
    return original(self, data, description)


@mend(LaunchTemplates, "create_launch_template_version")
def create_launch_template_version(original: Callable, self: LaunchTemplates) -> ActionResult:
    """A new version has what its source version has, but for what is given.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
    """
    source = self._get_param("SourceVersion")
    inherited = {}
    if source:
        backend, template_id = self.ec2_backend, self._get_param("LaunchTemplateId")
        name = self._get_param("LaunchTemplateName")
        template = (
            backend.get_launch_template(template_id) if template_id else backend.get_launch_template_by_name(name)
        )
        inherited = template.get_version(source).data
    result = original(self)
    created = result.result["LaunchTemplateVersion"]
    version = self.ec2_backend.get_launch_template(created["LaunchTemplateId"]).get_version(created["VersionNumber"])
    version.data = created["LaunchTemplateData"] = {**inherited, **version.data}
    return result


@ec2_operation("DeleteLaunchTemplateVersions")
def delete_launch_template_versions(request: Request) -> dict[str, Any]:
    """Versions are numbers, which are never used again; the default one stays."""
    params, backend = request.params, request.backend
    if "LaunchTemplateId" in params:
        template = backend.get_launch_template(params["LaunchTemplateId"])
    else:
        template = backend.get_launch_template_by_name(params["LaunchTemplateName"])
    named = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name}
    deleted, kept = [], []
    for number in map(int, params["Versions"]):
        item = {**named, "VersionNumber": number}
        found = number <= len(template.versions) and not hasattr(template.versions[number - 1], "deleted")
        if found and number != template.default_version_number:
            template.versions[number - 1].deleted = True
            deleted.append(item)
        else:
            code = "unexpectedError" if found else "launchTemplateVersionDoesNotExist"
            message = "The default version cannot be deleted." if found else "The version does not exist."
            kept.append({**item, "ResponseError": {"Code": code, "Message": message}})
    return {
        "SuccessfullyDeletedLaunchTemplateVersions": deleted,
        "UnsuccessfullyDeletedLaunchTemplateVersions": kept,
    }


@mend(EC2Backend, "describe_launch_template_versions")
def describe_launch_template_versions(
    original: Callable, self: Any, *args: Any, **kwargs: Any
) -> list[tuple[LaunchTemplate, LaunchTemplateVersion]]:
    """Versions that were deleted are not shown."""
    return [pair for pair in original(self, *args, **kwargs) if not hasattr(pair[1], "deleted")]


@mend(LaunchTemplate, "get_version")
def get_version(original: Callable, self: LaunchTemplate, number: Any) -> LaunchTemplateVersion:
    version = original(self, number)
    if hasattr(version, "deleted"):
        raise InvalidLaunchTemplateVersionNotFound(template_id=self.id, version=number)
    return version


@mend(LaunchTemplate, "latest_version")
def latest_version(original: Callable, self: LaunchTemplate) -> LaunchTemplateVersion:
    """The newest of those that are left."""
    return next(version for version in reversed(self.versions) if not hasattr(version, "deleted"))
