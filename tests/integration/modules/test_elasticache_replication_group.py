# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils import elasticache

from .conftest import REGION, Story, Teller

MODULE = "elasticache_replication_group"
NAME = "example"
SMALL = {"description": "sessions", "cache_node_type": "cache.t4g.small"}
TOKEN = "a-secret-that-nobody-may-see"
CHOSEN = {
    "arn",
    "cache_parameter_group_name",
    "cache_subnet_group_name",
    "configuration_endpoint",
    "engine_version",
    "kms_key_id",
    "members",
    "preferred_maintenance_window",
    "primary_endpoint",
    "reader_endpoint",
    "snapshot_window",
}


@pytest.fixture
def cache(sandbox):
    return sandbox.client("elasticache", REGION)


def describe(cache):
    return cache.describe_replication_groups(ReplicationGroupId=NAME)["ReplicationGroups"][0]


def members(cache):
    found = cache.describe_cache_clusters()["CacheClusters"]
    return [cluster for cluster in found if cluster.get("ReplicationGroupId") == NAME]


def test_story(modules, sandbox, cache):
    subnets = sandbox.client("ec2", REGION).describe_subnets()["Subnets"]
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="example",
        CacheSubnetGroupDescription="d",
        SubnetIds=[subnet["SubnetId"] for subnet in subnets],
    )
    cache.create_user(
        UserId="app", UserName="app", Engine="valkey", AccessString="on ~* +@all", Passwords=["0123456789abcdef"]
    )
    cache.create_user_group(UserGroupId="app", Engine="valkey", UserIds=["app"])
    slow_log = {"log_type": "slow-log", "destination": "/example/slow"}

    def drift(sandbox):
        cache.modify_replication_group(
            ReplicationGroupId=NAME,
            SecurityGroupIds=["sg-1"],
            LogDeliveryConfigurations=[{"LogType": "slow-log", "Enabled": False}],
        )

    modules.tell(
        Story(
            module=MODULE,
            returns="replication_group",
            identity={"replication_group_id": "Example", "apply_immediately": True},
            present={
                **SMALL,
                "engine_version": "8.0",
                "num_cache_clusters": 2,
                "automatic_failover_enabled": True,
                "multi_az_enabled": True,
                "cache_subnet_group_name": "example",
                "security_group_ids": ["sg-2", "sg-1"],
                "transit_encryption_enabled": True,
                "kms_key_id": "1234abcd-12ab-34cd-56ef-1234567890ab",
                "preferred_maintenance_window": "Sun:18:00-Sun:19:00",
                "snapshot_retention_limit": 7,
                "notification_topic_arn": "arn:aws:sns:ap-northeast-1:123456789012:example",
                "log_delivery_configurations": [slow_log],
                "tags": {"Number": 1},
            },
            changes=(
                {"tags": {"Environment": "test"}},
                {"num_cache_clusters": 3},
                {
                    "user_group_ids": ["app"],
                    "notification_topic_arn": "",
                    "log_delivery_configurations": [
                        slow_log,
                        {
                            "log_type": "engine-log",
                            "destination_type": "kinesis-firehose",
                            "destination": "example",
                            "log_format": "text",
                        },
                    ],
                },
                {
                    "cache_node_type": "cache.m7g.large",
                    "num_cache_clusters": 1,
                    "automatic_failover_enabled": False,
                    "multi_az_enabled": False,
                    "user_group_ids": [],
                },
            ),
            drift=drift,
            unpredictable=frozenset(CHOSEN),
        )
    )
    assert cache.describe_replication_groups()["ReplicationGroups"] == []


def test_shards(modules, cache):
    arguments = {"replication_group_id": NAME, "cluster_mode": "enabled", **SMALL}
    sizes = {"num_node_groups": 2, "replicas_per_node_group": 1}
    answer = modules.run(MODULE, **arguments, **sizes, engine="redis", engine_version="7")
    assert answer["replication_group"]["configuration_endpoint"]["port"] == 6379
    assert answer["replication_group"]["engine_version"] == "7.1.0"
    assert not modules.run(MODULE, **arguments, **sizes, engine_version="7.1")["changed"]
    sizes = {"num_node_groups": 3, "replicas_per_node_group": 2}
    modules.run(MODULE, **arguments, **sizes)
    assert [len(shard["NodeGroupMembers"]) for shard in describe(cache)["NodeGroups"]] == [3, 3, 3]
    # Somebody gives a shard another number of replicas.
    cache.decrease_replica_count(
        ReplicationGroupId=NAME,
        ReplicaConfiguration=[{"NodeGroupId": "0002", "NewReplicaCount": 0}],
        ApplyImmediately=True,
    )
    answer = modules.run(MODULE, **arguments, num_node_groups=2, replicas_per_node_group=1)
    assert [shard["NodeGroupId"] for shard in describe(cache)["NodeGroups"]] == ["0001", "0002"]
    assert len(members(cache)) == answer["replication_group"]["num_cache_clusters"] == 4
    assert not modules.run(MODULE, **arguments, num_node_groups=2, replicas_per_node_group=1)["changed"]


def test_what_waits_for_the_window(modules, cache):
    """A change that waits is told and no difference, until it is wanted at once."""
    arguments = {"replication_group_id": NAME, **SMALL, "engine_version": "7.2"}
    modules.run(MODULE, **arguments)
    arguments |= {"cache_node_type": "cache.m7g.large", "engine_version": "8"}
    answer = modules.run(MODULE, **arguments)
    assert answer["changed"]
    assert answer["replication_group"]["cache_node_type"] == "cache.t4g.small"
    pending = {"cache_node_type": "cache.m7g.large", "engine_version": "8.1.0"}
    assert answer["replication_group"]["pending_modified_values"] == pending
    for check in (True, False):
        assert not modules.run(MODULE, check, **arguments)["changed"]
    # Somebody thinks better of it, and again.
    for node_type in ("cache.t4g.small", "cache.m7g.large"):
        assert modules.run(MODULE, **{**arguments, "cache_node_type": node_type})["changed"]
    answer = modules.run(MODULE, **arguments, apply_immediately=True)
    assert answer["changed"]
    assert answer["replication_group"]["pending_modified_values"] == {}
    assert members(cache)[0]["EngineVersion"] == "8.1.0"
    assert not modules.run(MODULE, **arguments, apply_immediately=True)["changed"]


def test_token(modules, cache):
    arguments = {"replication_group_id": NAME, **SMALL, "transit_encryption_enabled": True}
    modules.run(MODULE, **arguments)
    refused = modules.attempt(MODULE, **arguments, auth_token=TOKEN)
    assert "give auth_token_update_strategy: ROTATE" in refused["msg"]
    for strategy in ("ROTATE", "SET"):
        answer = modules.run(MODULE, **arguments, auth_token=TOKEN, auth_token_update_strategy=strategy)
        assert answer["changed"]
        assert TOKEN not in json.dumps(answer)
    assert describe(cache)["AuthTokenEnabled"]
    assert not modules.run(MODULE, **arguments, auth_token=TOKEN)["changed"]
    assert modules.run(MODULE, **arguments, auth_token_update_strategy="DELETE")["changed"]
    assert not describe(cache)["AuthTokenEnabled"]
    assert not modules.run(MODULE, **arguments, auth_token_update_strategy="DELETE")["changed"]


def test_two_steps(modules, cache):
    """Encryption in transit and cluster mode come by way of a state that allows both."""
    arguments = {"replication_group_id": NAME, **SMALL, "num_cache_clusters": 2, "automatic_failover_enabled": True}
    modules.run(MODULE, **arguments)
    arguments = {**arguments, "transit_encryption_enabled": True}
    assert "in two steps" in modules.attempt(MODULE, **arguments)["msg"]
    modules.run(MODULE, **arguments, transit_encryption_mode="preferred")
    assert modules.run(MODULE, **arguments, transit_encryption_mode="required")["changed"]
    assert describe(cache)["TransitEncryptionMode"] == "required"
    assert "in two steps" in modules.attempt(MODULE, **arguments, cluster_mode="enabled")["msg"]
    modules.run(MODULE, **arguments, cluster_mode="compatible")
    assert describe(cache)["ClusterMode"] == "compatible"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "needs description and cache_node_type"),
        ({**SMALL, "num_node_groups": 1}, "num_node_groups needs cluster_mode: enabled"),
        ({**SMALL, "cluster_mode": "enabled", "num_cache_clusters": 2}, "give num_node_groups and replicas_per"),
        ({**SMALL, "automatic_failover_enabled": True}, "num_cache_clusters must be 2 at least"),
        ({**SMALL, "num_cache_clusters": 2, "multi_az_enabled": True}, "needs automatic_failover_enabled"),
        ({**SMALL, "auth_token": TOKEN}, "auth_token needs transit_encryption_enabled"),
        ({**SMALL, "auth_token": "short"}, "must have 16 to 128 characters"),
        ({**SMALL, "kms_key_id": "alias/example"}, "not of an alias"),
    ],
)
def test_refused_when_new(modules, arguments, said):
    assert said in modules.attempt(MODULE, check=True, replication_group_id=NAME, **arguments)["msg"]


def test_refused_when_there(modules, cache):
    modules.run(MODULE, replication_group_id=NAME, **SMALL, engine_version="8.0")
    for arguments, said in (
        ({"port": 6380}, "port of the replication group example is 6379, and AWS cannot make it 6380"),
        ({"at_rest_encryption_enabled": False}, "AWS cannot make it False"),
        ({"engine": "redis"}, "AWS cannot make Redis OSS of Valkey"),
        ({"engine_version": "7"}, "runs 8.0.1, and AWS cannot go back to 7"),
    ):
        assert said in modules.attempt(MODULE, replication_group_id=NAME, **arguments)["msg"]
    snapshot = {"final_snapshot_identifier": "last", "state": "absent"}
    modules.run(MODULE, replication_group_id=NAME, **snapshot)
    assert cache.describe_snapshots()["Snapshots"][0]["SnapshotName"] == "last"


def test_it_takes_its_time(sandbox, monkeypatch):
    """A group that is on its way is waited for before it is changed, and gone when the module says so."""
    monkeypatch.setattr(elasticache, "PAUSE", 0.2)
    modules, cache = Teller(sandbox, hurry=1200), sandbox.client("elasticache", REGION)
    arguments = {"replication_group_id": NAME, **SMALL, "port": 6380, "tags": {"a": "b"}}
    created = modules.run(MODULE, **arguments, wait=False)["replication_group"]
    assert (created["status"], created["tags"]) == ("creating", None)
    assert not modules.run(MODULE, **arguments, wait=False)["changed"]
    changed = modules.run(MODULE, **arguments, num_cache_clusters=2)["replication_group"]
    assert (changed["status"], changed["num_cache_clusters"], changed["tags"]) == ("available", 2, {"a": "b"})
    upgrade = {"cache_node_type": "cache.m7g.large", "apply_immediately": True}
    begun = modules.run(MODULE, **{**arguments, **upgrade}, wait=False)["replication_group"]
    assert (begun["status"], begun["pending_modified_values"]) == (
        "modifying",
        {"cache_node_type": "cache.m7g.large"},
    )
    assert not modules.run(MODULE, **{**arguments, **upgrade}, wait=False)["changed"]
    modules.run(MODULE, replication_group_id=NAME, state="absent", wait=False, waits=True)
    assert describe(cache)["Status"] == "deleting"
    assert "is being deleted" in modules.attempt(MODULE, **arguments, wait=False)["msg"]
    modules.run(MODULE, replication_group_id=NAME, state="absent")
    assert cache.describe_replication_groups()["ReplicationGroups"] == []
