# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import boto3
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import rds_instance
from botocore.stub import Stubber

KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SECRET = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:rds!db-0123-abcdef"
DESCRIPTION = {
    "DBInstanceIdentifier": "data",
    "DBInstanceArn": "arn:aws:rds:ap-northeast-1:123456789012:db:data",
    "DbiResourceId": "db-ABC",
    "DBInstanceStatus": "available",
    "DBInstanceClass": "db.t4g.medium",
    "Engine": "mysql",
    "EngineVersion": "8.0.41",
    "AllocatedStorage": 100,
    "MaxAllocatedStorage": 500,
    "StorageType": "gp3",
    "Iops": 3000,
    "StorageThroughput": 125,
    "StorageEncrypted": True,
    "KmsKeyId": KEY,
    "MultiAZ": False,
    "AvailabilityZone": "ap-northeast-1a",
    "DBName": "shop",
    "MasterUsername": "owner",
    "MasterUserSecret": {"SecretArn": SECRET, "SecretStatus": "active", "KmsKeyId": KEY},
    "Endpoint": {"Address": "data.example.com", "Port": 3306, "HostedZoneId": "Z1"},
    "DBSubnetGroup": {"DBSubnetGroupName": "example"},
    "DBParameterGroups": [{"DBParameterGroupName": "example", "ParameterApplyStatus": "in-sync"}],
    "OptionGroupMemberships": [{"OptionGroupName": "default:mysql-8-0", "Status": "in-sync"}],
    "VpcSecurityGroups": [
        {"VpcSecurityGroupId": "sg-2", "Status": "active"},
        {"VpcSecurityGroupId": "sg-1", "Status": "adding"},
        {"VpcSecurityGroupId": "sg-0", "Status": "removing"},
    ],
    "IAMDatabaseAuthenticationEnabled": True,
    "PerformanceInsightsEnabled": True,
    "PerformanceInsightsKMSKeyId": KEY,
    "PerformanceInsightsRetentionPeriod": 7,
    "EnabledCloudwatchLogsExports": ["slowquery", "error"],
    "BackupRetentionPeriod": 7,
    "PreferredBackupWindow": "17:00-17:30",
    "PreferredMaintenanceWindow": "sun:18:00-sun:18:30",
    "AutoMinorVersionUpgrade": True,
    "CopyTagsToSnapshot": True,
    "DeletionProtection": False,
    "MonitoringInterval": 60,
    "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring",
    "PubliclyAccessible": False,
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "PendingModifiedValues": {},
    "ReadReplicaDBInstanceIdentifiers": ["replica"],
    "ReadReplicaDBClusterIdentifiers": ["cluster"],
    "TagList": [{"Key": "a", "Value": "b"}],
}
STATE = rds_instance.read(DESCRIPTION)
OPTIONS = {
    **dict.fromkeys((*rds_instance.FIELDS, "source_region", "master_user_password", "final_db_snapshot_identifier")),
    **dict.fromkeys(("allow_major_version_upgrade", "apply_immediately", "reboot_if_pending"), False),
    "skip_final_snapshot": False,
    "delete_automated_backups": True,
    "db_instance_identifier": "Data",
    "state": "present",
    "purge_tags": True,
    "wait": False,
    "wait_timeout": 1,
}


@pytest.fixture
def rds():
    client = boto3.client("rds", region_name="ap-northeast-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        client.stub = stub
        yield client


def instance(client=None, **given):
    return rds_instance.Instance({**OPTIONS, **given}, client, False)


def test_read():
    assert STATE["endpoint"] == {"address": "data.example.com", "port": 3306, "hosted_zone_id": "Z1"}
    assert (STATE["port"], STATE["db_subnet_group_name"], STATE["option_group_name"]) == (
        3306,
        "example",
        "default:mysql-8-0",
    )
    assert STATE["vpc_security_group_ids"] == ["sg-1", "sg-2"]
    assert STATE["enabled_cloudwatch_logs_exports"] == ["error", "slowquery"]
    assert STATE["read_replica_identifiers"] == ["replica", "cluster"]
    assert STATE["master_user_secret"] == {"secret_arn": SECRET, "secret_status": "active", "kms_key_id": KEY}
    assert (STATE["manage_master_user_password"], STATE["master_user_secret_kms_key_id"]) == (True, KEY)
    assert (STATE["enable_iam_database_authentication"], STATE["enable_performance_insights"]) == (True, True)
    assert (STATE["pending_modified_values"], STATE["pending_reboot"]) == ({}, False)
    assert STATE["tags"] == {"a": "b"}


def test_the_state_has_every_field():
    fields = {*rds_instance.FIELDS, *instance().blank()}
    assert STATE.keys() == fields == instance().blank().keys()


def test_read_what_is_not_there():
    bare = rds_instance.read(
        {name: DESCRIPTION[name] for name in ("DBInstanceIdentifier", "DBInstanceArn", "DBInstanceStatus")}
    )
    assert (bare["endpoint"], bare["port"], bare["max_allocated_storage"]) == ({}, None, 0)
    assert (bare["db_cluster_identifier"], bare["source_db_instance_identifier"]) == ("", "")
    assert bare["manage_master_user_password"] is False


@pytest.mark.parametrize(("own", "cluster"), [("pending-reboot", False), ("in-sync", True)])
def test_a_reboot_is_needed(own, cluster):
    groups = [{"DBParameterGroupName": "example", "ParameterApplyStatus": own}]
    state = rds_instance.read({**DESCRIPTION, "DBParameterGroups": groups}, cluster)
    assert state["pending_reboot"]
    assert "reboot_if_pending: true" in rds_instance.reboot_warning("The instance data", state)
    assert rds_instance.reboot_warning("The instance data", STATE) is None
    assert rds_instance.reboot_warning("The instance data", None) is None


def test_an_option_group_that_comes():
    memberships = [
        {"OptionGroupName": "old", "Status": "in-sync"},
        {"OptionGroupName": "new", "Status": "pending-maintenance-apply"},
    ]
    assert rds_instance.read_option_group(memberships) == "new"
    assert rds_instance.read_option_group([]) is None


PENDING = {"pending_modified_values": {"db_instance_class": "db.r7g.large"}}


@pytest.mark.parametrize(
    ("current", "given", "changes"),
    [
        ({}, {}, {}),
        ({}, {"db_instance_class": "db.r7g.large"}, {"db_instance_class": "db.r7g.large"}),
        (PENDING, {"db_instance_class": "db.r7g.large"}, {}),
        (PENDING, {"db_instance_class": "db.t4g.medium"}, {"db_instance_class": "db.t4g.medium"}),
        (
            PENDING,
            {"db_instance_class": "db.r7g.large", "apply_immediately": True},
            {"db_instance_class": "db.r7g.large"},
        ),
        ({**PENDING, "status": "modifying"}, {"db_instance_class": "db.r7g.large", "apply_immediately": True}, {}),
        ({}, {"engine_version": "8.0"}, {}),
        ({}, {"engine_version": "8.0.40"}, {}),
        ({}, {"allocated_storage": 50}, {}),
        (
            {},
            {"allocated_storage": 50, "max_allocated_storage": 0},
            {"allocated_storage": 50, "max_allocated_storage": 0},
        ),
        ({}, {"allocated_storage": 150}, {"allocated_storage": 150}),
        ({}, {"kms_key_id": KEY.rpartition("/")[2]}, {}),
        ({}, {"kms_key_id": "alias/example"}, {}),
        ({}, {"preferred_maintenance_window": "Sun:18:00-Sun:18:30"}, {}),
        (
            {},
            {"vpc_security_group_ids": ["sg-2", "sg-1"], "enabled_cloudwatch_logs_exports": ["error", "slowquery"]},
            {},
        ),
        ({"status": "creating", "port": None}, {"port": 3306, "wait": True}, {}),
        ({"status": "creating"}, {"backup_retention_period": 1, "tags": {}}, {"tags": {}}),
        (
            {"enable_performance_insights": False, "performance_insights_retention_period": None},
            {"performance_insights_retention_period": 7, "performance_insights_kms_key_id": KEY},
            {},
        ),
        (
            {"monitoring_interval": 0, "monitoring_role_arn": None},
            {"monitoring_interval": 0, "monitoring_role_arn": "role"},
            {},
        ),
        (
            {"manage_master_user_password": False, "master_user_secret_kms_key_id": None},
            {"master_user_secret_kms_key_id": KEY},
            {},
        ),
        ({"pending_reboot": True}, {"reboot_if_pending": True}, {"pending_reboot": False}),
        ({"pending_reboot": True}, {}, {}),
        ({"source_db_instance_identifier": "main"}, {"source_db_instance_identifier": "arn:aws:rds:x:1:db:Main"}, {}),
    ],
)
def test_changes(current, given, changes):
    assert instance(**given).changes({**STATE, **current}) == changes


@pytest.mark.parametrize(
    ("current", "given", "said"),
    [
        ({"status": "deleting"}, {"multi_az": True}, "is being deleted"),
        ({}, {"engine": "postgres"}, "has mysql as engine, and AWS cannot change it to postgres"),
        (
            {"max_allocated_storage": 0},
            {"allocated_storage": 50},
            "AWS cannot shrink it to 50. Give allocated_storage: 100.",
        ),
        ({}, {"allocated_storage": 105}, "grows by a tenth at least. Give allocated_storage: 110 or more."),
        ({}, {"source_db_instance_identifier": "main"}, "is no read replica, or no longer"),
        ({}, {"manage_master_user_password": False}, "needs a master_user_password"),
        ({}, {"master_user_secret_kms_key_id": "other"}, "AWS cannot change it. Let the password be managed anew"),
        ({}, {"performance_insights_kms_key_id": "other"}, "Take performance_insights_kms_key_id out"),
        ({"db_cluster_identifier": "data"}, {"multi_az": True}, "to which multi_az belongs"),
        ({"engine_version": "8.4.5"}, {"engine_version": "8.0.42"}, "does not go back to 8.0.42"),
        ({}, {"engine_version": "8.4.5"}, "8.4.5 is a major upgrade"),
        ({}, {"allocated_storage": 110}, None),
        ({}, {"engine_version": "8.4.5", "allow_major_version_upgrade": True}, None),
        ({}, {"engine_version": "8.0.42"}, None),
        ({}, {"manage_master_user_password": False, "master_user_password": "x"}, None),
    ],
)
def test_refusal(monkeypatch, current, given, said):
    monkeypatch.setattr(rds_instance, "newest_version", lambda client, engine, beginning: beginning)
    resource = instance(**given)
    current = {**STATE, **current}
    changes = resource.changes(current)
    assert changes
    refusal = resource.refusal(current, changes)
    assert refusal is None if said is None else said in refusal


NEW = {"engine": "mysql", "db_instance_class": "x", "allocated_storage": 20, "master_username": "owner"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"engine": "mysql"}, "needs db_instance_class and allocated_storage and master_username"),
        (NEW, "needs manage_master_user_password: true"),
        ({**NEW, "manage_master_user_password": True}, None),
        ({**NEW, "master_user_password": "x"}, None),
        ({"engine": "aurora-mysql", "db_cluster_identifier": "a"}, "needs db_instance_class"),
        ({"engine": "aurora-mysql", "db_cluster_identifier": "a", "db_instance_class": "x"}, None),
        ({"source_db_instance_identifier": "a"}, None),
        ({"source_db_instance_identifier": "a", "source_region": "us-west-2"}, "must be an ARN"),
    ],
)
def test_refused_creation(given, said):
    refusal = rds_instance.refused_creation({**OPTIONS, **given})
    assert refusal is None if said is None else said in refusal


@pytest.mark.parametrize(
    ("current", "options", "said"),
    [
        ({"deletion_protection": True}, {"skip_final_snapshot": True}, "is protected from deletion"),
        ({}, {}, "Give one of them"),
        ({}, {"skip_final_snapshot": True, "final_db_snapshot_identifier": "last"}, "Give one of them"),
        ({}, {"skip_final_snapshot": True}, None),
        ({}, {"final_db_snapshot_identifier": "last"}, None),
        ({"status": "deleting"}, {}, None),
        ({"db_cluster_identifier": "data"}, {}, None),
        ({"source_db_instance_identifier": "main"}, {}, None),
    ],
)
def test_deletion_refusal(current, options, said):
    refusal = instance(**options).deletion_refusal({**STATE, **current})
    assert refusal is None if said is None else said in refusal


@pytest.mark.parametrize(
    ("current", "options", "arguments"),
    [
        ({"db_cluster_identifier": "data"}, {}, {"SkipFinalSnapshot": True}),
        (
            {"source_db_instance_identifier": "main"},
            {"delete_automated_backups": False},
            {"DeleteAutomatedBackups": False, "SkipFinalSnapshot": True},
        ),
        (
            {},
            {"final_db_snapshot_identifier": "last"},
            {"DeleteAutomatedBackups": True, "SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": "last"},
        ),
    ],
)
def test_deletion(current, options, arguments):
    assert rds_instance.deletion({**STATE, **current}, {**OPTIONS, **options}) == arguments


@pytest.mark.parametrize(
    ("current", "changes", "arguments"),
    [
        ({}, {"tags": {}}, {}),
        ({}, {"port": 3307, "multi_az": True}, {"DBPortNumber": 3307, "MultiAZ": True}),
        # Small gp3 storage has IOPS, but takes none.
        ({}, {"allocated_storage": 200}, {"AllocatedStorage": 200}),
        ({}, {"allocated_storage": 400}, {"AllocatedStorage": 400, "Iops": 3000, "StorageThroughput": 125}),
        (
            {"storage_type": "io1", "storage_throughput": None},
            {"iops": 5000},
            {"AllocatedStorage": 100, "Iops": 5000},
        ),
        ({"storage_type": "gp2"}, {"storage_type": "gp3"}, {"AllocatedStorage": 100, "StorageType": "gp3"}),
        ({}, {"max_allocated_storage": 0}, {"MaxAllocatedStorage": 100}),
        (
            {},
            {"monitoring_interval": 30},
            {"MonitoringInterval": 30, "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring"},
        ),
        ({}, {"monitoring_interval": 0}, {"MonitoringInterval": 0}),
        ({}, {"enable_performance_insights": False}, {"EnablePerformanceInsights": False}),
        (
            {"enable_performance_insights": False, "performance_insights_retention_period": None},
            {"enable_performance_insights": True, "performance_insights_kms_key_id": KEY},
            {"EnablePerformanceInsights": True, "PerformanceInsightsKMSKeyId": KEY},
        ),
        (
            {},
            {"enabled_cloudwatch_logs_exports": ["error", "general"]},
            {
                "CloudwatchLogsExportConfiguration": {
                    "EnableLogTypes": ["general"],
                    "DisableLogTypes": ["slowquery"],
                }
            },
        ),
        ({}, {"engine_version": "8.0.42"}, {"EngineVersion": "8.0.42", "AllowMajorVersionUpgrade": False}),
        (
            {},
            {"manage_master_user_password": False},
            {"ManageMasterUserPassword": False, "MasterUserPassword": "secret"},
        ),
        ({}, {"pending_reboot": False}, {}),
    ],
)
def test_modification(current, changes, arguments):
    resource = instance(master_user_password="secret")
    if arguments:
        arguments["ApplyImmediately"] = False
    assert resource.modification({**STATE, **current}, changes) == arguments


def test_creation_of_a_replica_takes_what_it_takes(rds):
    rds.stub.add_response(
        "create_db_instance_read_replica",
        {},
        {"DBInstanceIdentifier": "data", "SourceDBInstanceIdentifier": "main", "MultiAZ": True, "Tags": []},
    )
    instance(rds, source_db_instance_identifier="main", multi_az=True, backup_retention_period=7).create()


def test_creation(rds):
    versions = {"DBEngineVersions": [{"EngineVersion": "8.0.41"}, {"EngineVersion": "8.0.42"}]}
    rds.stub.add_response("describe_db_engine_versions", versions)
    told = {"AllocatedStorage": 20, "DBInstanceClass": "x", "Engine": "mysql", "MasterUsername": "owner", "Port": 3307}
    rds.stub.add_response(
        "create_db_instance",
        {},
        {
            **told,
            "DBInstanceIdentifier": "data",
            "EngineVersion": "8.0.42",
            "EnableCloudwatchLogsExports": ["error"],
            "MasterUserPassword": "secret",
            "Tags": [{"Key": "Number", "Value": "1"}],
        },
    )
    given = {"port": 3307, "enabled_cloudwatch_logs_exports": ["error"], "engine_version": "8.0", "tags": {"Number": 1}}
    instance(rds, **NEW, **given, max_allocated_storage=0, master_user_password="secret").create()


def test_a_failed_state_that_a_change_mends(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    resource = instance()
    states = iter([{**STATE, "status": "storage-full"}, {**STATE, "status": "modifying"}, STATE])
    resource._look = lambda: next(states)
    resource.wait_timeout = 60
    assert resource._wait_for(rds_instance.is_settled, despite="storage-full") == STATE
    resource._look = lambda: {**STATE, "status": "storage-full"}
    with pytest.raises(AnsibleAWSError, match="its status is storage-full"):
        resource._wait_for(rds_instance.is_settled, despite="available")


@pytest.mark.parametrize(
    ("source", "local"),
    [
        (None, False),
        ("data", True),
        ("arn:aws:rds:ap-northeast-1:123456789012:db:data", True),
        ("arn:aws:rds:us-west-2:123456789012:db:data", False),
    ],
)
def test_a_replica_in_the_region_of_its_source(source, local):
    given = {"source_db_instance_identifier": source} if source else {}
    assert rds_instance.is_local_replica(given, "ap-northeast-1") is local
