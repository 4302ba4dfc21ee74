# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of Systems Manager for hosts share: conditions, parameters, tags, and names that are not unique."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)


class SsmErrorHandler(AWSErrorHandler):
    """Decorators for the functions that call Systems Manager."""

    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["DoesNotExistException", "AssociationDoesNotExist", "InvalidResourceId"])


def texts(values: dict[str, Any] | None, option: str) -> dict[str, list[str]]:
    """What is given by names, each a text or a list of texts, as lists of texts."""
    return {name: _list(value, f"{option}.{name}") for name, value in (values or {}).items() if value is not None}


def _list(value: Any, path: str) -> list[str]:
    found = value if isinstance(value, (list, tuple)) else [value]
    wrong = next((each for each in found if each is None or isinstance(each, (dict, list))), "")
    if wrong != "":
        raise AnsibleAWSError(message=f"{path} holds {wrong!r}, but must be a text or a list of texts.")
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in found]


def conditions(values: dict[str, Any] | None, option: str) -> dict[str, list[str]]:
    """Conditions that are given, in the form of from_conditions()."""
    return {name: sorted(set(each)) for name, each in texts(values, option).items()}


def to_conditions(given: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Conditions as the API takes them."""
    return [{"Key": key, "Values": values} for key, values in given.items()]


def from_conditions(answered: list[dict[str, Any]] | None) -> dict[str, list[str]]:
    """Conditions by their keys; the order of the values of one means nothing."""
    return {each["Key"]: sorted(each["Values"]) for each in answered or []}


def only_one(found: list[Any], what: str, ids: list[str]) -> Any:
    """The one that has a name, None when none has; AnsibleAWSError when several have, whose IDs these are."""
    if len(found) > 1:
        raise AnsibleAWSError(
            message=f"{len(found)} have the name of {what}: {', '.join(sorted(ids))}. AWS allows that, but nobody can "
            "tell which is meant. Delete or rename the others."
        )
    return found[0] if found else None


@SsmErrorHandler.list_error_handler("list the tags of {resource_id}", {})
def list_tags(ssm: Any, resource_type: str, resource_id: str) -> dict[str, str]:
    tags = ssm.list_tags_for_resource(ResourceType=resource_type, ResourceId=resource_id)["TagList"]
    return boto3_tag_list_to_ansible_dict(tags)


@SsmErrorHandler.common_error_handler("tag {resource_id}")
def change_tags(ssm: Any, resource_type: str, resource_id: str, current: dict, wanted: dict) -> None:
    resource = {"ResourceType": resource_type, "ResourceId": resource_id}
    to_set, to_remove = compare_aws_tags(current, wanted)
    if to_remove:
        ssm.remove_tags_from_resource(**resource, TagKeys=to_remove)
    if to_set:
        ssm.add_tags_to_resource(**resource, Tags=ansible_dict_to_boto3_tag_list(to_set))


def last_line(text: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
