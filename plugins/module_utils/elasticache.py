# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of ElastiCache have in common: errors, tags, and waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)

# How often it is looked what has become of something that takes minutes.
PAUSE = 10

MISSING = (
    "CacheClusterNotFound",
    "CacheParameterGroupNotFound",
    "CacheSubnetGroupNotFoundFault",
    "ReplicationGroupNotFoundFault",
    "UserGroupNotFound",
    "UserNotFound",
)
# Something is not in the state that a change needs, because another change is under way.
BUSY = (
    "InvalidCacheClusterState",
    "InvalidCacheParameterGroupState",
    "InvalidReplicationGroupState",
    "InvalidUserGroupState",
    "InvalidUserState",
)


class ElastiCacheErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(MISSING)


def call_once_free(call: Callable[[], Any], timeout: float) -> Any:
    """Call, and as long as what it is about is busy with another change, call again, for so many seconds."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return call()
        except is_boto3_error_code(BUSY):
            if time.monotonic() >= deadline:
                raise
        time.sleep(PAUSE)


def wait_until(find: Callable[[], Any], done: Callable[[Any], bool], timeout: float, what: str) -> Any:
    """Find again and again until what is found is as it should be; what is the sentence's subject and verb."""
    deadline = time.monotonic() + timeout
    while True:
        found = find()
        if done(found):
            return found
        if time.monotonic() >= deadline:
            raise AnsibleAWSError(message=f"Timeout: after {timeout} s {what}.")
        time.sleep(PAUSE)


def list_tags(elasticache: Any, arn: str) -> dict[str, str]:
    return boto3_tag_list_to_ansible_dict(elasticache.list_tags_for_resource(ResourceName=arn)["TagList"])


def change_tags(elasticache: Any, arn: str, current: dict[str, str], wanted: dict[str, str]) -> None:
    to_set, to_remove = compare_aws_tags(current, wanted)
    if to_remove:
        elasticache.remove_tags_from_resource(ResourceName=arn, TagKeys=to_remove)
    if to_set:
        elasticache.add_tags_to_resource(ResourceName=arn, Tags=ansible_dict_to_boto3_tag_list(to_set))
