# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of EC2 resources have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    compare_aws_tags,
)


@AWSErrorHandler.common_error_handler("tag {resource_id}")
def change_tags(ec2: Any, resource_id: str, current: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Make the tags of an EC2 resource exactly those wanted."""
    to_set, to_remove = compare_aws_tags(current, wanted)
    if to_remove:
        ec2.delete_tags(Resources=[resource_id], Tags=[{"Key": key} for key in to_remove])
    if to_set:
        ec2.create_tags(Resources=[resource_id], Tags=ansible_dict_to_boto3_tag_list(to_set))
