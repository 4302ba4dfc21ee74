# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import elasticache_replication_group as module

SLOW_LOG = {
    "log_type": "slow-log",
    "destination_type": "cloudwatch-logs",
    "destination": "/example/slow",
    "log_format": "json",
}
SLOW_LOG_REQUEST = {
    "LogType": "slow-log",
    "DestinationType": "cloudwatch-logs",
    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "/example/slow"}},
    "LogFormat": "json",
}
GROUP = {
    "ReplicationGroupId": "example",
    "ARN": "arn:aws:elasticache:ap-northeast-1:123456789012:replicationgroup:example",
    "Status": "available",
    "Description": "sessions",
    "Engine": "valkey",
    "CacheNodeType": "cache.t4g.small",
    "ClusterEnabled": False,
    "MemberClusters": ["example-001", "example-002"],
    "NodeGroups": [
        {
            "NodeGroupId": "0001",
            "PrimaryEndpoint": {"Address": "master.example.com", "Port": 6380},
            "ReaderEndpoint": {"Address": "replica.example.com", "Port": 6380},
            "NodeGroupMembers": [
                {"CacheClusterId": "example-001", "CurrentRole": "primary"},
                {"CacheClusterId": "example-002", "CurrentRole": "replica"},
            ],
        }
    ],
    "AutomaticFailover": "enabling",
    "MultiAZ": "disabled",
    "LogDeliveryConfigurations": [{**SLOW_LOG_REQUEST, "Status": "active"}],
}
MEMBER = {"EngineVersion": "8.0.1", "SecurityGroups": [{"SecurityGroupId": "sg-2"}, {"SecurityGroupId": "sg-1"}]}


@pytest.mark.parametrize(
    ("current", "wanted", "is_within"),
    [
        ("8.0.1", "8", True),
        ("8.0.1", "8.0", True),
        ("8.0.1", "8.0.1", True),
        ("8.0.1", "8.1", False),
        ("8.10.0", "8.1", False),
        ("7.2.6", "8", False),
        (None, "8", False),
    ],
)
def test_within(current, wanted, is_within):
    assert module.within(current, wanted) is is_within


@pytest.mark.parametrize(
    ("wanted", "version"), [("8", "8.10"), ("8.1", "8.1"), ("7", "7.2"), ("9", "9"), ("8.1.0", "8.1.0")]
)
def test_newest(wanted, version):
    assert module.newest(["7.2", "8.0", "8.10", "8.1"], wanted) == version


def test_read():
    state = module.read(GROUP, MEMBER)
    assert state["security_group_ids"] == ["sg-1", "sg-2"]
    assert state["cluster_mode"] == "disabled"
    assert state["automatic_failover_enabled"] is True
    assert (state["num_cache_clusters"], state["num_node_groups"], state["replicas_per_node_group"]) == (2, 1, 1)
    assert state["primary_endpoint"] == {"address": "master.example.com", "port": 6380}
    assert state["port"] == 6380
    assert state["log_delivery_configurations"] == [SLOW_LOG]
    assert state["notification_topic_arn"] == ""
    assert state["members"][1]["role"] == "replica"


def test_read_without_members():
    state = module.read({**GROUP, "Status": "creating", "MemberClusters": [], "NodeGroups": []}, {})
    assert [state[field] for field in module.UNTOLD] == [None] * len(module.UNTOLD)


@pytest.mark.parametrize(("status", "topic"), [("active", "arn"), ("inactive", "")])
def test_read_topic(status, topic):
    member = {**MEMBER, "NotificationConfiguration": {"TopicArn": "arn", "TopicStatus": status}}
    assert module.read(GROUP, member)["notification_topic_arn"] == topic


def test_read_pending():
    firehose = {
        "LogType": "engine-log",
        "DestinationType": "kinesis-firehose",
        "DestinationDetails": {"KinesisFirehoseDetails": {"DeliveryStream": "example"}},
        "LogFormat": "text",
    }
    group = {
        **GROUP,
        "UserGroupIds": ["a", "b"],
        "PendingModifiedValues": {
            "AutomaticFailoverStatus": "disabled",
            "UserGroups": {"UserGroupIdsToAdd": ["c"], "UserGroupIdsToRemove": ["a"]},
            "LogDeliveryConfigurations": [firehose],
            "Resharding": {"SlotMigration": {"ProgressPercentage": 50.0}},
        },
    }
    member = {"PendingModifiedValues": {"EngineVersion": "8.1.0"}}
    pending = module.read_pending(group, member)
    assert [log["log_type"] for log in pending.pop("log_delivery_configurations")] == ["engine-log", "slow-log"]
    assert pending == {
        "engine_version": "8.1.0",
        "automatic_failover_enabled": False,
        "user_group_ids": ["b", "c"],
        "resharding_percentage": 50.0,
    }


@pytest.mark.parametrize(
    ("status", "immediately", "counts"),
    [("available", False, True), ("available", True, False), ("modifying", True, True)],
)
def test_what_waits_for_the_window_is_no_difference_unless_wanted_at_once(status, immediately, counts):
    current = {"status": status, "cache_node_type": "old", "pending_modified_values": {"cache_node_type": "new"}}
    assert module.expected(current, immediately)["cache_node_type"] == ("new" if counts else "old")


@pytest.mark.parametrize(
    ("current", "wanted", "requests"),
    [
        ([], [SLOW_LOG], [{**SLOW_LOG_REQUEST, "Enabled": True}]),
        ([SLOW_LOG], [SLOW_LOG], []),
        ([SLOW_LOG], [], [{"LogType": "slow-log", "Enabled": False}]),
        (
            [SLOW_LOG],
            [{**SLOW_LOG, "log_format": "text"}],
            [{**SLOW_LOG_REQUEST, "LogFormat": "text", "Enabled": True}],
        ),
    ],
)
def test_write_logs(current, wanted, requests):
    assert module.write_logs(current, wanted) == requests


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({"num_cache_clusters": 2, "tags": {}}, {}),
        ({"notification_topic_arn": ""}, {"NotificationTopicStatus": "inactive"}),
        (
            {"notification_topic_arn": "arn"},
            {"NotificationTopicArn": "arn", "NotificationTopicStatus": "active"},
        ),
        ({"user_group_ids": []}, {"RemoveUserGroups": True}),
        ({"user_group_ids": ["b"]}, {"UserGroupIdsToAdd": ["b"], "UserGroupIdsToRemove": ["a"]}),
        ({"engine": "valkey", "engine_version": "8"}, {"Engine": "valkey", "EngineVersion": "8"}),
    ],
)
def test_modification(changes, arguments):
    assert module.modification({"user_group_ids": ["a"]}, changes) == arguments


def test_creation():
    fields = {
        "description": "d",
        "cluster_mode": "compatible",
        "kms_key_id": "key",
        "user_group_ids": ["a"],
        "log_delivery_configurations": [SLOW_LOG],
        "notification_topic_arn": "",
    }
    state = {**module.new_group("example", fields), **fields, "tags": {"a": "b"}}
    assert module.creation(state, fields, "8.1", ["a", "b"], "token") == {
        "ReplicationGroupDescription": "d",
        "Engine": "valkey",
        "EngineVersion": "8.1",
        "KmsKeyId": "key",
        "AtRestEncryptionEnabled": True,
        "UserGroupIds": ["a"],
        "LogDeliveryConfigurations": [{**SLOW_LOG_REQUEST, "Enabled": True}],
        "Tags": [{"Key": "a", "Value": "b"}],
        "PreferredCacheClusterAZs": ["a", "b"],
        "AuthToken": "token",
    }


@pytest.mark.parametrize(
    ("fields", "sharded"),
    [
        ({}, False),
        ({"num_node_groups": 1}, False),
        ({"num_node_groups": 2}, True),
        ({"cluster_mode": "enabled"}, True),
        ({"cluster_mode": "compatible"}, False),
        ({"cache_parameter_group_name": "default.valkey8.cluster.on"}, True),
    ],
)
def test_is_sharded(fields, sharded):
    assert module.is_sharded(fields) is sharded


def test_sizes():
    members = [{"node_group_id": shard} for shard in ("0001", "0001", "0002", "0003", "0003", "0003")]
    more, less = module.replica_counts(members, 1)
    assert (more, less) == ({"0002": 1}, {"0003": 1})
    assert module.resized(more, True) == {"ReplicaConfiguration": [{"NodeGroupId": "0002", "NewReplicaCount": 1}]}
    assert module.resized({"0001": 2}, False) == {"NewReplicaCount": 2}
    assert module.shards(members, 4) == {"NodeGroupCount": 4}
    assert module.shards(members, 2) == {"NodeGroupCount": 2, "NodeGroupsToRetain": ["0001", "0002"]}


CURRENT = {
    "cluster_mode": "disabled",
    "transit_encryption_mode": None,
    "engine_version": "7.2.6",
    "port": 6379,
    **dict.fromkeys(("cache_subnet_group_name", "at_rest_encryption_enabled", "kms_key_id")),
}


@pytest.mark.parametrize(
    ("current", "changes", "said"),
    [
        ({}, {"port": 1}, "AWS cannot make it 1"),
        ({}, {"cluster_mode": "enabled"}, "Give cluster_mode: compatible first"),
        ({"cluster_mode": "enabled"}, {"cluster_mode": "disabled"}, "cannot turn the cluster mode"),
        ({}, {"engine": "redis", "engine_version": "7"}, "cannot make Redis OSS of Valkey"),
        ({}, {"engine": "valkey"}, "needs engine_version"),
        ({}, {"engine_version": "7.1"}, "cannot go back to 7.1"),
        ({}, {"engine_version": "6"}, "cannot go back to 6"),
        ({}, {"transit_encryption_enabled": True}, "preferred first, and required"),
        ({"transit_encryption_mode": "required"}, {"transit_encryption_enabled": False}, "off in two steps"),
    ],
)
def test_refused_change(current, changes, said):
    assert said in module.refused_change("example", {**CURRENT, **current}, changes)


@pytest.mark.parametrize(
    ("current", "changes"),
    [
        ({}, {"cluster_mode": "compatible"}),
        ({"cluster_mode": "compatible"}, {"cluster_mode": "enabled"}),
        ({}, {"engine_version": "8"}),
        ({}, {"engine": "valkey", "engine_version": "7.2"}),
        ({}, {"transit_encryption_enabled": True, "transit_encryption_mode": "preferred"}),
        ({"transit_encryption_mode": "preferred"}, {"transit_encryption_enabled": False}),
    ],
)
def test_not_refused_change(current, changes):
    assert module.refused_change("example", {**CURRENT, **current}, changes) is None
