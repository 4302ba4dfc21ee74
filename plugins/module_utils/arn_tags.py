# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The tags of what is tagged by its ARN: in one way by RDS and ElastiCache, and in another by most services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)


def list_tags(client: Any, arn: str) -> dict[str, str]:
    """The tags of a resource of RDS or ElastiCache."""
    return boto3_tag_list_to_ansible_dict(client.list_tags_for_resource(ResourceName=arn)["TagList"])


def change_tags(client: Any, arn: str, current: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Make the tags of a resource of RDS or ElastiCache exactly those wanted."""
    to_set, to_remove = compare_aws_tags(current, wanted)
    if to_remove:
        client.remove_tags_from_resource(ResourceName=arn, TagKeys=to_remove)
    if to_set:
        client.add_tags_to_resource(ResourceName=arn, Tags=ansible_dict_to_boto3_tag_list(to_set))


def change_resource_tags(client: Any, current: Mapping[str, str], wanted: Mapping[str, str], **resource: str) -> None:
    """Make the tags of a resource exactly those wanted, of a service that has TagResource and UntagResource.

    ``resource`` is the one member that says which it is, as the service calls it: ``ResourceArn=arn``. What the service
    calls tags, and whether they are a list or a map, is taken from its model.
    """
    members = client.meta.service_model.operation_model("TagResource").input_shape.members
    tags, keys = ("Tags", "TagKeys") if "Tags" in members else ("tags", "tagKeys")
    to_set, to_remove = compare_aws_tags(current, wanted)
    if to_remove:
        client.untag_resource(**resource, **{keys: to_remove})
    if to_set:
        as_map = members[tags].type_name == "map"
        client.tag_resource(**resource, **{tags: to_set if as_map else ansible_dict_to_boto3_tag_list(to_set)})
