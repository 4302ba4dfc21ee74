# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The tags of what is tagged by its ARN, as RDS and ElastiCache have it: clients of either do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)


def list_tags(client: Any, arn: str) -> dict[str, str]:
    return boto3_tag_list_to_ansible_dict(client.list_tags_for_resource(ResourceName=arn)["TagList"])


def change_tags(client: Any, arn: str, current: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Make the tags of a resource exactly those wanted."""
    to_set, to_remove = compare_aws_tags(current, wanted)
    if to_remove:
        client.remove_tags_from_resource(ResourceName=arn, TagKeys=to_remove)
    if to_set:
        client.add_tags_to_resource(ResourceName=arn, Tags=ansible_dict_to_boto3_tag_list(to_set))
