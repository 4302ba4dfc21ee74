# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import elasticache_user as module


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        ("on ~* +@all", "on  ~*  +@all", True),
        ("on ~* +@all", "+@all ~* on", True),
        ("on ~* +@all", "on allkeys allcommands", True),
        ("on ~* &* +@all", "on ~* +@all", True),
        ("on ~* &* +@all", "on ~* allchannels +@all", True),
        ("on ~* &news:* +@all", "on ~* &* +@all", False),
        ("on ~* +@all", "on ~* &* +@all", False),
        ("off -@all", "off", True),
        ("on ~a:* ~b:* -@all +get", "on ~b:* ~a:* +GET", True),
        ("on ~a:* -@all +get", "on ~A:* +get", False),
        ("on ~* +@all -get", "on ~* -get +@all", False),
        ("on ~* +@all", "off ~* +@all", False),
        (None, "off", False),
    ],
)
def test_same_access(current, wanted, same):
    assert module.same_access(current, wanted) is same


@pytest.mark.parametrize(("kind", "read"), [("no-password", "no-password-required"), ("iam", "iam")])
def test_read(kind, read):
    user = {
        "UserId": "shop",
        "ARN": "arn",
        "Status": "active",
        "UserName": "shop",
        "Engine": "REDIS",
        "AccessString": "off",
        "Authentication": {"Type": kind},
        "UserGroupIds": ["b", "a"],
    }
    state = module.read(user, {})
    assert (state["authentication_type"], state["engine"], state["user_group_ids"]) == (read, "redis", ["a", "b"])


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({"tags": {}}, {}),
        ({"engine": "valkey", "access_string": "off"}, {"Engine": "valkey", "AccessString": "off"}),
        ({"passwords": "renewed"}, {"AuthenticationMode": {"Type": "password", "Passwords": ["secret"]}}),
        ({"authentication_type": "iam"}, {"AuthenticationMode": {"Type": "iam"}}),
    ],
)
def test_modification(changes, arguments):
    assert module.modification(changes, ["secret"]) == arguments
