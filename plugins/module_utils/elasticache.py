# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of ElastiCache have in common: errors and waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

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
