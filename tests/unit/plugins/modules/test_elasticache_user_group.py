# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import elasticache_user_group as module


def test_read_with_what_is_on_its_way():
    group = {
        "UserGroupId": "shop",
        "ARN": "arn",
        "Status": "modifying",
        "Engine": "valkey",
        "UserIds": ["b", "a"],
        "PendingChanges": {"UserIdsToAdd": ["c"], "UserIdsToRemove": ["b"]},
        "ReplicationGroups": ["sessions"],
        "ServerlessCaches": ["carts"],
    }
    state = module.read(group, {"a": "b"})
    assert (state["user_ids"], state["used_by"]) == (["a", "c"], ["carts", "sessions"])


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({"tags": {}}, {}),
        ({"engine": "redis"}, {"Engine": "redis"}),
        ({"user_ids": ["b"]}, {"UserIdsToAdd": ["b"], "UserIdsToRemove": ["a"]}),
        ({"user_ids": []}, {"UserIdsToRemove": ["a"]}),
    ],
)
def test_modification(changes, arguments):
    assert module.modification({"user_ids": ["a"]}, changes) == arguments
