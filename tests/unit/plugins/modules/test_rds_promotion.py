# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import rds_promotion

CLUSTER = {
    "DBClusterIdentifier": "shop",
    "DBClusterArn": "arn:aws:rds:ap-northeast-1:123456789012:cluster:shop",
    "Status": "available",
    "Endpoint": "shop.cluster-abc.ap-northeast-1.rds.amazonaws.com",
    "Port": 3306,
    "ReplicationSourceIdentifier": "arn:aws:rds:ap-northeast-1:123456789012:db:old",
}
INSTANCE = {
    "DBInstanceIdentifier": "old",
    "DBInstanceArn": "arn:aws:rds:ap-northeast-1:123456789012:db:old",
    "DBInstanceStatus": "available",
    "Endpoint": {"Address": "old.abc.ap-northeast-1.rds.amazonaws.com", "Port": 3306},
    "ReadReplicaDBInstanceIdentifiers": ["copy"],
    "ReadReplicaDBClusterIdentifiers": ["shop"],
}
REPLICA = rds_promotion.read_cluster(CLUSTER)
SOURCE = rds_promotion.read_instance(INSTANCE)
ALONE = {**SOURCE, "replicas": []}


def promotion(**params):
    given = {"db_cluster_identifier": None, "db_instance_identifier": "old", "allow_master": False, "wait": True}
    return rds_promotion.Promotion({**given, "wait_timeout": 60, **params}, None)


def test_read():
    assert REPLICA["replication_source_identifier"] == CLUSTER["ReplicationSourceIdentifier"]
    assert REPLICA["replicas"] == []
    assert SOURCE["replication_source_identifier"] is None
    assert SOURCE["replicas"] == ["copy", "shop"]
    copy = rds_promotion.read_instance({**INSTANCE, "ReadReplicaSourceDBInstanceIdentifier": "first"})
    assert copy["replication_source_identifier"] == "first"
    assert copy.keys() == REPLICA.keys()


@pytest.mark.parametrize(
    ("state", "params", "changes"),
    [
        (REPLICA, {}, {"replication_source_identifier": None}),
        # In the middle of a chain.
        ({**REPLICA, "replicas": ["other"]}, {}, {"replication_source_identifier": None}),
        (ALONE, {}, {}),
        (SOURCE, {"allow_master": True}, {}),
    ],
)
def test_what_is_promoted(state, params, changes):
    wanted = promotion(**params)
    assert wanted.changes(state) == changes
    assert wanted.refusal(state, changes) is None


def test_a_source_is_refused():
    wanted = promotion()
    assert "is itself replicated by copy, shop" in wanted.refusal(SOURCE, wanted.changes(SOURCE))


@pytest.mark.parametrize(
    ("params", "arguments"),
    [
        ({"backup_retention_period": None, "preferred_backup_window": None}, {}),
        (
            {"backup_retention_period": 0, "preferred_backup_window": "17:00-18:00"},
            {"BackupRetentionPeriod": 0, "PreferredBackupWindow": "17:00-18:00"},
        ),
    ],
)
def test_backups(params, arguments):
    assert rds_promotion.backups(params) == arguments


@pytest.mark.parametrize(
    ("state", "promoted"),
    [
        (REPLICA, False),
        (ALONE, True),
        ({**ALONE, "status": "backing-up"}, True),
        ({**ALONE, "status": "rebooting"}, False),
    ],
)
def test_is_promoted(state, promoted):
    assert rds_promotion.is_promoted(state) is promoted
