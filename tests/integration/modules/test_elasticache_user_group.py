# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ansible_collections.wellarchitected.aws.plugins.module_utils import elasticache

from .conftest import REGION, Story, Teller

MODULE = "elasticache_user_group"


def create_users(sandbox):
    cache = sandbox.client("elasticache", REGION)
    for name in ("a", "b", "c"):
        cache.create_user(
            UserId=name, UserName=name, Engine="valkey", AccessString="off", AuthenticationMode={"Type": "iam"}
        )
    return cache


def test_story(modules, sandbox):
    cache = create_users(sandbox)

    modules.tell(
        Story(
            module=MODULE,
            returns="user_group",
            identity={"user_group_id": "Shop"},
            present={"user_ids": ["b", "a"], "tags": {"Number": 1}},
            changes=(
                {"tags": {"Environment": "test"}},
                {"user_ids": ["a", "c"]},
                {"user_ids": ["a", "c", "default"], "engine": "redis"},
            ),
            drift=lambda sandbox: cache.modify_user_group(UserGroupId="shop", UserIdsToRemove=["a"]),
            unpredictable=frozenset({"arn"}),
        )
    )


def test_refused(modules, sandbox):
    cache = create_users(sandbox)
    refused = modules.attempt(MODULE, user_group_id="shop", user_ids=["a"], engine="redis")
    assert "needs to contain a user with the user name default" in refused["msg"]
    modules.run(MODULE, user_group_id="shop", user_ids=["a"])
    cache.create_replication_group(
        ReplicationGroupId="sessions",
        ReplicationGroupDescription="d",
        Engine="valkey",
        TransitEncryptionEnabled=True,
        UserGroupIds=["shop"],
    )
    for check in (True, False):
        refused = modules.attempt(MODULE, check, user_group_id="shop", state="absent")
        assert "is still the one of sessions. Give it another one" in refused["msg"]


def test_it_takes_its_time(sandbox, monkeypatch):
    monkeypatch.setattr(elasticache, "PAUSE", 0.1)
    modules = Teller(sandbox, hurry=120)
    create_users(sandbox)
    created = modules.run(MODULE, user_group_id="shop", user_ids=["a"], wait=False)
    assert created["user_group"]["status"] == "creating"
    changed = modules.run(MODULE, user_group_id="shop", user_ids=["b"], wait=False, waits=True)
    assert (changed["user_group"]["status"], changed["user_group"]["user_ids"]) == ("modifying", ["b"])
    assert not modules.run(MODULE, user_group_id="shop", user_ids=["b"], wait=False)["changed"]
    assert modules.run(MODULE, user_group_id="shop", user_ids=["c"])["user_group"]["status"] == "active"
    modules.run(MODULE, user_group_id="shop", state="absent", wait=False)
    assert "is being deleted" in modules.attempt(MODULE, user_group_id="shop", user_ids=["a"])["msg"]
    modules.run(MODULE, user_group_id="shop", state="absent")
    assert sandbox.client("elasticache", REGION).describe_user_groups()["UserGroups"] == []
