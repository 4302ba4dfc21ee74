# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import botocore.session
import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import rds_cluster

KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = "arn:aws:rds:ap-northeast-1:123456789012:cluster:shop"
SOURCE = "arn:aws:rds:ap-northeast-1:123456789012:db:old"
CLUSTER = {
    "DBClusterIdentifier": "shop",
    "DBClusterArn": ARN,
    "DbClusterResourceId": "cluster-ABC",
    "ClusterCreateTime": datetime(2026, 11, 28, tzinfo=UTC),
    "Status": "available",
    "Endpoint": "shop.cluster-abc.ap-northeast-1.rds.amazonaws.com",
    "ReaderEndpoint": "shop.cluster-ro-abc.ap-northeast-1.rds.amazonaws.com",
    "HostedZoneId": "Z1",
    "AvailabilityZones": ["ap-northeast-1c", "ap-northeast-1a"],
    "MultiAZ": True,
    "DBClusterMembers": [
        {"DBInstanceIdentifier": "two", "IsClusterWriter": False, "PromotionTier": 1},
        {
            "DBInstanceIdentifier": "one",
            "IsClusterWriter": True,
            "PromotionTier": 0,
            "DBClusterParameterGroupStatus": "pending-reboot",
        },
    ],
    "Engine": "aurora-mysql",
    "EngineVersion": "8.0.mysql_aurora.3.08.0",
    "DatabaseName": "shop",
    "MasterUsername": "owner",
    "MasterUserSecret": {"SecretArn": "arn:secret", "KmsKeyId": KEY, "SecretStatus": "active"},
    "DBSubnetGroup": "data",
    "VpcSecurityGroups": [
        {"VpcSecurityGroupId": "sg-2", "Status": "active"},
        {"VpcSecurityGroupId": "sg-1", "Status": "adding"},
        {"VpcSecurityGroupId": "sg-0", "Status": "removing"},
    ],
    "StorageEncrypted": True,
    "KmsKeyId": KEY,
    "Port": 3306,
    "DBClusterParameterGroup": "data",
    "BackupRetentionPeriod": 7,
    "PreferredBackupWindow": "17:00-18:00",
    "PreferredMaintenanceWindow": "sun:18:00-sun:19:00",
    "DeletionProtection": True,
    "CopyTagsToSnapshot": True,
    "IAMDatabaseAuthenticationEnabled": True,
    "EnabledCloudwatchLogsExports": ["error", "audit"],
    "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 8.0},
    "TagList": [{"Key": "a", "Value": "b"}],
}
STATE = {
    "db_cluster_identifier": "shop",
    "db_cluster_arn": ARN,
    "db_cluster_resource_id": "cluster-ABC",
    "cluster_create_time": "2026-11-28T00:00:00+00:00",
    "status": "available",
    "endpoint": "shop.cluster-abc.ap-northeast-1.rds.amazonaws.com",
    "reader_endpoint": "shop.cluster-ro-abc.ap-northeast-1.rds.amazonaws.com",
    "custom_endpoints": [],
    "hosted_zone_id": "Z1",
    "availability_zones": ["ap-northeast-1a", "ap-northeast-1c"],
    "multi_az": True,
    "members": [
        {
            "db_instance_identifier": "one",
            "is_cluster_writer": True,
            "promotion_tier": 0,
            "db_cluster_parameter_group_status": "pending-reboot",
        },
        {
            "db_instance_identifier": "two",
            "is_cluster_writer": False,
            "promotion_tier": 1,
            "db_cluster_parameter_group_status": None,
        },
    ],
    "engine": "aurora-mysql",
    "engine_version": "8.0.mysql_aurora.3.08.0",
    "database_name": "shop",
    "master_username": "owner",
    "manage_master_user_password": True,
    "master_user_secret": {"secret_arn": "arn:secret", "kms_key_id": KEY, "secret_status": "active"},
    "db_subnet_group_name": "data",
    "vpc_security_group_ids": ["sg-1", "sg-2"],
    "storage_encrypted": True,
    "kms_key_id": KEY,
    "storage_type": "aurora",
    "port": 3306,
    "db_cluster_parameter_group_name": "data",
    "backup_retention_period": 7,
    "preferred_backup_window": "17:00-18:00",
    "preferred_maintenance_window": "sun:18:00-sun:19:00",
    "backtrack_window": 0,
    "deletion_protection": True,
    "copy_tags_to_snapshot": True,
    "enable_iam_database_authentication": True,
    "enabled_cloudwatch_logs_exports": ["audit", "error"],
    "serverless_v2_scaling_configuration": {"min_capacity": 0.5, "max_capacity": 8.0},
    "replication_source_identifier": None,
    "read_replica_identifiers": [],
    "pending_modified_values": {},
    "tags": {"a": "b"},
}


class Versions:
    """An RDS that offers two versions."""

    def get_paginator(self, name):
        return self

    def paginate(self, Engine):
        versions = ("8.0.mysql_aurora.3.08.0", "8.0.mysql_aurora.3.10.1", "8.0.mysql_aurora.3.10.0")
        return [{"DBEngineVersions": [{"EngineVersion": version} for version in versions]}]


def params(**given):
    options = (*rds_cluster.FIELDS, "replication_source_identifier", "source_region", "snapshot_identifier")
    options += ("master_user_password", "master_user_secret_kms_key_id", "final_snapshot_identifier")
    flags = ("force_update_password", "allow_major_version_upgrade", "apply_immediately", "skip_final_snapshot")
    return {
        **dict.fromkeys(options),
        **dict.fromkeys(flags, False),
        "db_cluster_identifier": "shop",
        "state": "present",
        "purge_tags": True,
        "wait": True,
        "wait_timeout": 60,
        **given,
    }


def cluster(**given):
    return rds_cluster.Cluster(params(**given), Versions())


def test_read():
    assert rds_cluster.read(CLUSTER) == STATE
    assert set(cluster().blank()) == set(STATE)


def test_what_is_given_is_as_rds_answers_it():
    given = rds_cluster.given_fields(
        params(
            preferred_maintenance_window="Sun:18:00-Sun:19:00",
            vpc_security_group_ids=["sg-2", "sg-1", "sg-2"],
            enabled_cloudwatch_logs_exports=["error", "audit"],
            db_subnet_group_name="Data",
        )
    )
    assert given == {field: STATE[field] for field in given}


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({"engine_version": "8.0", "kms_key_id": KEY.rpartition("/")[2]}, {}),
        ({"kms_key_id": "alias/data"}, {}),
        ({"engine_version": "8.0.mysql_aurora.3.10", "apply_immediately": True}, "engine_version"),
        (
            {"engine_version": "8.0.mysql_aurora.3.10"},
            {"pending_modified_values": {"engine_version": "8.0.mysql_aurora.3.10.1"}},
        ),
        (
            {"enable_iam_database_authentication": False, "port": 3307},
            {"port": 3307, "pending_modified_values": {"enable_iam_database_authentication": False}},
        ),
        ({"serverless_v2_scaling_configuration": {"max_capacity": 8, "min_capacity": None}}, {}),
        (
            {"serverless_v2_scaling_configuration": {"max_capacity": 9}},
            {"serverless_v2_scaling_configuration": {"min_capacity": 0.5, "max_capacity": 9}},
        ),
        ({"replication_source_identifier": SOURCE}, {}),
        ({"force_update_password": True}, {"master_user_password": "set anew"}),
        ({"master_user_password": "correct-horse"}, {}),
    ],
)
def test_changes(given, changes):
    if changes == "engine_version":
        changes = {"engine_version": "8.0.mysql_aurora.3.10.1"}
    assert cluster(**given).changes(STATE) == changes


PENDING = {**STATE, "pending_modified_values": {"engine_version": "8.0.mysql_aurora.3.10.1"}}


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({}, {}),
        ({"port": 3307}, {"port": 3307}),
        ({"apply_immediately": True}, {"engine_version": "8.0.mysql_aurora.3.10.1", "pending_modified_values": {}}),
    ],
)
def test_what_waits_is_done_unless_it_is_to_wait_no_longer(given, changes):
    wanted = {"engine_version": "8.0.mysql_aurora.3.10", **given}
    assert cluster(**wanted).changes(PENDING) == changes
    # While the cluster is at it, it is left alone.
    assert "engine_version" not in cluster(**wanted).changes({**PENDING, "status": "upgrading"})


def test_what_waits_can_be_taken_back():
    waiting = {**STATE, "pending_modified_values": {"enable_iam_database_authentication": False}}
    taken_back = cluster(enable_iam_database_authentication=True)
    assert taken_back.changes(waiting) == {"pending_modified_values": {}}


def test_a_pause_goes_with_a_minimum_of_nothing():
    pausing = {"min_capacity": 0.0, "max_capacity": 8.0, "seconds_until_auto_pause": 300}
    state = {**STATE, "serverless_v2_scaling_configuration": pausing}
    changes = cluster(serverless_v2_scaling_configuration={"min_capacity": 1}).changes(state)
    assert changes["serverless_v2_scaling_configuration"] == {"min_capacity": 1, "max_capacity": 8.0}
    wrong = cluster(serverless_v2_scaling_configuration={"seconds_until_auto_pause": 600})
    assert "goes with a min_capacity of 0" in wrong.refusal(STATE, wrong.changes(STATE))


def test_the_users_of_a_replica_are_those_of_its_source():
    replica = {**STATE, "replication_source_identifier": SOURCE, "manage_master_user_password": False}
    given = {"manage_master_user_password": True, "master_username": "other", "database_name": "other"}
    assert cluster(**given).changes(replica) == {}
    promoted = {**replica, "replication_source_identifier": None}
    assert cluster(**given).changes(promoted).keys() == given.keys()
    assert "database_name" not in cluster(**given).changes({**promoted, "database_name": None})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"master_username": "root"}, "has the master_username owner, which cannot be changed to root"),
        ({"engine_version": "5.7.mysql_aurora.2.12.5"}, None),
        ({"manage_master_user_password": False}, "needs a master_user_password"),
        ({"master_user_secret_kms_key_id": KEY.replace("1234", "4321")}, "which AWS does not change"),
        ({"force_update_password": True}, "needs a master_user_password"),
        ({"force_update_password": True, "master_user_password": "correct-horse"}, "a password that RDS manages"),
    ],
)
def test_refusals(given, said):
    if said is None:
        with pytest.raises(rds_cluster.AnsibleAWSError, match="AWS offers no version 5"):
            cluster(**given).changes(STATE)
        return
    wanted = cluster(**given)
    assert said in wanted.refusal(STATE, wanted.changes(STATE))


def test_versions_that_are_refused():
    older = {**STATE, "engine_version": "5.7.mysql_aurora.2.12.5"}
    wanted = cluster(engine_version="8.0")
    assert "is a major upgrade" in wanted.refusal(older, wanted.changes(older))
    allowed = cluster(engine_version="8.0", allow_major_version_upgrade=True, apply_immediately=True)
    changes = allowed.changes(older)
    assert allowed.refusal(older, changes) is None
    assert rds_cluster.modification(older, changes, allowed.params) == {
        "EngineVersion": "8.0.mysql_aurora.3.10.1",
        "AllowMajorVersionUpgrade": True,
    }
    newer = {**STATE, "engine_version": "8.0.mysql_aurora.3.11.0"}
    wanted = cluster(engine_version="8.0.mysql_aurora.3.10.1")
    assert "AWS does not go back" in wanted.refusal(newer, wanted.changes(newer))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"status": "deleting"}, "is being deleted"),
        ({"replication_source_identifier": SOURCE}, "cannot turn to arn:aws:rds:ap-northeast-1:123456789012:db:new"),
    ],
)
def test_states_that_are_refused(given, said):
    state = {**STATE, **given}
    wanted = cluster(replication_source_identifier=SOURCE.replace("old", "new"))
    assert said in wanted.refusal(state, wanted.changes(state))


@pytest.mark.parametrize(
    ("state", "given", "said"),
    [
        ({}, {}, "is protected from deletion"),
        ({"deletion_protection": False, "members": []}, {}, "name it with final_snapshot_identifier"),
        ({"deletion_protection": False, "members": []}, {"skip_final_snapshot": True}, None),
        ({"status": "deleting"}, {}, None),
    ],
)
def test_deletion_refusals(state, given, said):
    refusal = cluster(state="absent", **given).deletion_refusal({**STATE, **state})
    assert refusal is None if said is None else said in refusal


WANTED = {field: STATE[field] for field in rds_cluster.FIELDS}
MODEL = botocore.session.get_session().get_service_model("rds")


@pytest.mark.parametrize(
    ("given", "call", "operation", "has", "lacks"),
    [
        (
            {"master_user_secret_kms_key_id": KEY},
            "create_db_cluster",
            "CreateDBCluster",
            {"ManageMasterUserPassword": True, "MasterUserSecretKmsKeyId": KEY, "MasterUsername": "owner"},
            {"MasterUserPassword", "SourceRegion"},
        ),
        (
            {"replication_source_identifier": SOURCE, "source_region": "us-east-1"},
            "create_db_cluster",
            "CreateDBCluster",
            {"ReplicationSourceIdentifier": SOURCE, "SourceRegion": "us-east-1", "BackupRetentionPeriod": 7},
            {"MasterUsername", "ManageMasterUserPassword", "MasterUserPassword", "DatabaseName"},
        ),
        (
            {"snapshot_identifier": "last"},
            "restore_db_cluster_from_snapshot",
            "RestoreDBClusterFromSnapshot",
            {"SnapshotIdentifier": "last", "EnableCloudwatchLogsExports": ["audit", "error"], "KmsKeyId": KEY},
            {"MasterUsername", "StorageEncrypted", "PreferredMaintenanceWindow"},
        ),
    ],
)
def test_creation(given, call, operation, has, lacks):
    made_by, arguments = rds_cluster.creation(WANTED, params(**given))
    assert made_by == call
    assert arguments.keys() <= MODEL.operation_model(operation).input_shape.members.keys()
    assert {member: arguments[member] for member in has} == has
    assert lacks.isdisjoint(arguments)


def test_a_password_is_set():
    wanted = {**WANTED, "manage_master_user_password": False}
    arguments = rds_cluster.creation(wanted, params(master_user_password="correct-horse"))[1]
    assert arguments["MasterUserPassword"] == "correct-horse"
    unmanaged = {"manage_master_user_password": False}
    assert rds_cluster.modification(STATE, unmanaged, params(master_user_password="correct-horse")) == {
        "ManageMasterUserPassword": False,
        "MasterUserPassword": "correct-horse",
    }


def test_modification():
    differences = {
        **{field: STATE[field] for field in rds_cluster.CHANGEABLE},
        "enabled_cloudwatch_logs_exports": ["slowquery", "error"],
        "serverless_v2_scaling_configuration": {"min_capacity": 1, "max_capacity": 8.0},
        "manage_master_user_password": True,
    }
    members = rds_cluster.modification(STATE, differences, params())
    assert members.keys() <= MODEL.operation_model("ModifyDBCluster").input_shape.members.keys()
    assert members["CloudwatchLogsExportConfiguration"] == {
        "EnableLogTypes": ["slowquery"],
        "DisableLogTypes": ["audit"],
    }
    assert members["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 1, "MaxCapacity": 8.0}
    assert rds_cluster.modification(STATE, {"tags": {}}, params()) == {}


@pytest.mark.parametrize(
    ("state", "ready"),
    [
        (STATE, True),
        ({**STATE, "status": "creating"}, False),
        ({**STATE, "master_user_secret": {"secret_status": "creating"}}, False),
        ({**STATE, "master_user_secret": {}}, True),
        (None, False),
    ],
)
def test_is_ready(state, ready):
    assert rds_cluster.is_ready(state) is ready


@pytest.mark.parametrize(
    ("pending", "sent", "apply_immediately", "made"),
    [
        ({}, {"engine_version"}, True, True),
        ({"engine_version": "b"}, {"engine_version"}, True, False),
        ({"engine_version": "b"}, {"engine_version"}, False, True),
        ({"enabled_cloudwatch_logs_exports": []}, {"enabled_cloudwatch_logs_exports"}, False, False),
        ({"engine_version": "b"}, {"port"}, True, True),
    ],
)
def test_is_made(pending, sent, apply_immediately, made):
    state = {**STATE, "pending_modified_values": pending}
    assert rds_cluster.is_made(state, dict.fromkeys(sent), apply_immediately) is made


class Sources:
    """An RDS whose only instance, and whose only cluster, have a status."""

    meta = SimpleNamespace(region_name="ap-northeast-1")

    def __init__(self, status):
        self.status = status

    def describe_db_instances(self, DBInstanceIdentifier):
        return {"DBInstances": [{"DBInstanceStatus": self.status}]}

    def describe_db_clusters(self, DBClusterIdentifier):
        return {"DBClusters": [{"Status": self.status}]}


@pytest.mark.parametrize(
    ("source", "status", "idle"),
    [
        (SOURCE, "available", True),
        (SOURCE, "backing-up", False),
        (ARN, "available", True),
        (ARN, "modifying", False),
        # Nobody looks into another region.
        (SOURCE.replace("ap-northeast-1", "eu-west-1"), "available", False),
        (None, "modifying", True),
    ],
)
def test_whether_the_source_keeps_a_new_cluster_waiting(source, status, idle):
    new = rds_cluster.Cluster(params(replication_source_identifier=source), Sources(status))
    assert new._source_is_idle() is idle
