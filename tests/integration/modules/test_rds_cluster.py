# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story, Teller

NAME = "shop"
NEW = {
    "engine": "aurora-mysql",
    "engine_version": "8.0.mysql_aurora.3.08.0",
    "master_username": "owner",
    "manage_master_user_password": True,
}
CHOSEN = frozenset(
    {
        "availability_zones",
        "cluster_create_time",
        "db_cluster_arn",
        "db_cluster_resource_id",
        "endpoint",
        "hosted_zone_id",
        "master_user_secret",
        "reader_endpoint",
    }
)
MYSQL = {
    "DBInstanceIdentifier": "old",
    "DBInstanceClass": "db.t4g.medium",
    "Engine": "mysql",
    "EngineVersion": "8.0.42",
    "AllocatedStorage": 20,
    "BackupRetentionPeriod": 7,
    "MasterUsername": "owner",
    "MasterUserPassword": "correct-horse",
}
PASSWORD = "battery-staple-21"


@pytest.fixture
def rds(sandbox):
    return sandbox.client("rds", REGION)


def describe(rds, name=NAME):
    return rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


def test_story(modules, sandbox, rds):
    ec2 = sandbox.client("ec2", REGION)
    subnets = ec2.describe_subnets()["Subnets"]
    rds.create_db_subnet_group(
        DBSubnetGroupName="data",
        DBSubnetGroupDescription="data",
        SubnetIds=[subnet["SubnetId"] for subnet in subnets],
    )
    groups = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=subnets[0]["VpcId"])["GroupId"]
        for name in ("one", "two")
    ]
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="data", DBParameterGroupFamily="aurora-mysql8.0", Description="data"
    )
    key = sandbox.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]

    def drift(sandbox):
        rds.modify_db_cluster(DBClusterIdentifier=NAME, BackupRetentionPeriod=1, CopyTagsToSnapshot=False)

    modules.tell(
        Story(
            module="rds_cluster",
            returns="cluster",
            identity={"db_cluster_identifier": "Shop"},
            present={
                **NEW,
                "database_name": "shop",
                "master_user_secret_kms_key_id": key,
                "db_subnet_group_name": "data",
                "vpc_security_group_ids": groups,
                "kms_key_id": key,
                "storage_encrypted": True,
                "db_cluster_parameter_group_name": "data",
                "backup_retention_period": 7,
                "preferred_backup_window": "17:00-18:00",
                "preferred_maintenance_window": "Sun:18:00-Sun:19:00",
                "copy_tags_to_snapshot": True,
                "enable_iam_database_authentication": True,
                "enabled_cloudwatch_logs_exports": ["slowquery", "error"],
                "serverless_v2_scaling_configuration": {"min_capacity": 0.5, "max_capacity": 8},
                "deletion_protection": True,
                "tags": {"Number": 1},
            },
            changes=(
                {
                    "deletion_protection": False,
                    "vpc_security_group_ids": groups[:1],
                    "enabled_cloudwatch_logs_exports": ["audit", "error"],
                    "serverless_v2_scaling_configuration": {"min_capacity": 1},
                    "storage_type": "aurora-iopt1",
                    "port": 3307,
                    "tags": {"Environment": "test"},
                },
            ),
            drift=drift,
            absent={"final_snapshot_identifier": "shop-last"},
            unpredictable=CHOSEN,
        )
    )
    (snapshot,) = rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="shop-last")["DBClusterSnapshots"]
    assert snapshot["MasterUsername"] == "owner"


def test_what_waits_for_the_window(modules, rds):
    cluster = {"db_cluster_identifier": NAME}
    modules.run("rds_cluster", **cluster, **NEW)
    wanted = {"engine_version": "8.0.mysql_aurora.3.08.2", "enable_iam_database_authentication": True}
    foretold = modules.run("rds_cluster", check=True, **cluster, **wanted)
    done = modules.run("rds_cluster", **cluster, **wanted)
    assert foretold["cluster"] == done["cluster"]
    assert done["cluster"]["pending_modified_values"] == wanted
    assert done["cluster"]["engine_version"] == "8.0.mysql_aurora.3.08.0"
    assert "engine_version 8.0.mysql_aurora.3.08.2" in done["warnings"][0]
    again = modules.run("rds_cluster", **cluster, **wanted)
    assert not again["changed"]
    assert "warnings" not in again
    # One of the two is taken back, the other one applied.
    modules.run("rds_cluster", **cluster, enable_iam_database_authentication=False)
    assert describe(rds)["PendingModifiedValues"] == {"EngineVersion": "8.0.mysql_aurora.3.08.2"}
    at_once = {**cluster, "engine_version": "8.0.mysql_aurora.3.08", "apply_immediately": True}
    foretold = modules.run("rds_cluster", check=True, **at_once)
    done = modules.run("rds_cluster", **at_once)
    assert foretold["cluster"] == done["cluster"]
    assert done["cluster"]["pending_modified_values"] == {}
    assert describe(rds)["EngineVersion"] == "8.0.mysql_aurora.3.08.2"
    assert not modules.run("rds_cluster", **{**at_once, "engine_version": "8.0"})["changed"]


def test_passwords(modules, rds):
    cluster = {"db_cluster_identifier": NAME}
    answers = [
        modules.run("rds_cluster", **cluster, **{**NEW, "manage_master_user_password": False}, password=PASSWORD)
    ]
    assert not modules.run("rds_cluster", **cluster, password="another-one-22")["changed"]
    forced = {**cluster, "password": PASSWORD, "force_update_password": True}
    answers += [modules.run("rds_cluster", check=True, **forced), modules.run("rds_cluster", **forced)]
    assert answers[1]["cluster"] == answers[2]["cluster"]
    assert answers[2]["changed"]
    managed = modules.run("rds_cluster", **cluster, manage_master_user_password=True)["cluster"]
    assert managed["master_user_secret"]["secret_status"] == "active"
    unmanaged = {**cluster, "manage_master_user_password": False}
    assert "needs a master_user_password" in modules.attempt("rds_cluster", **unmanaged)["msg"]
    answers.append(modules.run("rds_cluster", **unmanaged, password=PASSWORD))
    assert "MasterUserSecret" not in describe(rds)
    for answer in answers:
        assert PASSWORD not in str(answer)


def test_a_password_in_a_secret(modules, sandbox, rds, told_passwords):
    """It is set when it is another one than the tag remembers, and never while the cluster replicates."""
    secretsmanager = sandbox.client("secretsmanager", REGION)
    version = secretsmanager.create_secret(Name="data", SecretString=PASSWORD)["VersionId"]
    arn = rds.create_db_instance(**MYSQL)["DBInstance"]["DBInstanceArn"]
    cluster = {
        "db_cluster_identifier": NAME,
        "engine": "aurora-mysql",
        "replication_source_identifier": arn,
        "master_user_password_secret_id": "data",
        "tags": {"a": "b"},
    }
    replica = modules.run("rds_cluster", **cluster)
    # The instance alone was told one.
    assert (replica["cluster"]["tags"], told_passwords()) == ({"a": "b"}, [MYSQL["MasterUserPassword"]])
    assert not modules.run("rds_cluster", **cluster)["changed"]
    rds.promote_read_replica_db_cluster(DBClusterIdentifier=NAME)
    foretold = modules.run("rds_cluster", check=True, **cluster)
    promoted = modules.run("rds_cluster", **cluster)
    assert foretold["cluster"] == promoted["cluster"]
    assert promoted["cluster"]["tags"] == {"a": "b", "MasterPasswordVersion": version}
    assert told_passwords()[1:] == [PASSWORD]
    # A snapshot has a password of its own time.
    rds.create_db_cluster_snapshot(DBClusterIdentifier=NAME, DBClusterSnapshotIdentifier="snapshot")
    restored = {**cluster, "db_cluster_identifier": "other", "snapshot_identifier": "snapshot"}
    del restored["replication_source_identifier"]
    tags = modules.run("rds_cluster", **restored)["cluster"]["tags"]
    assert (tags["MasterPasswordVersion"], told_passwords()[1:]) == (version, [PASSWORD] * 2)
    assert not modules.run("rds_cluster", **restored)["changed"]
    secretsmanager.put_secret_value(SecretId="data", SecretString='has "a" quotation mark')
    refused = modules.attempt("rds_cluster", **cluster)
    assert "The password in the secret data has a character that RDS does not take" in refused["msg"]
    assert PASSWORD not in str([replica, foretold, promoted, refused])


def test_a_replica_of_an_instance(modules, rds):
    arn = rds.create_db_instance(**MYSQL)["DBInstance"]["DBInstanceArn"]
    arguments = {**NEW, "db_cluster_identifier": NAME, "replication_source_identifier": arn, "database_name": "ignored"}
    arguments["engine_version"] = "8.0"
    foretold = modules.run("rds_cluster", check=True, **arguments)
    done = modules.run("rds_cluster", **arguments)
    assert foretold["cluster"]["replication_source_identifier"] == arn
    assert done["cluster"]["replication_source_identifier"] == arn
    assert done["cluster"]["engine_version"] == "8.0.mysql_aurora.3.10.1"
    assert not modules.run("rds_cluster", **arguments)["changed"]
    other = modules.attempt("rds_cluster", **{**arguments, "replication_source_identifier": f"{arn}er"})
    assert f"replicates {arn} already" in other["msg"]
    rds.promote_read_replica_db_cluster(DBClusterIdentifier=NAME)
    # Now its users are its own.
    assert modules.run("rds_cluster", **arguments)["cluster"]["manage_master_user_password"]
    assert not modules.run("rds_cluster", **arguments)["changed"]


def test_a_replica_in_another_region(modules, sandbox):
    key = sandbox.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
    new = {**NEW, "manage_master_user_password": False, "master_user_password": PASSWORD}
    first = modules.run("rds_cluster", db_cluster_identifier=NAME, **new, storage_encrypted=True, kms_key_id=key)
    other = sandbox.client("kms", "eu-west-1").create_key()["KeyMetadata"]["Arn"]
    arguments = {
        "db_cluster_identifier": NAME,
        "engine": "aurora-mysql",
        "replication_source_identifier": first["cluster"]["db_cluster_arn"],
        "source_region": REGION,
        "kms_key_id": other,
        "region": "eu-west-1",
    }
    replica = modules.run("rds_cluster", **arguments)["cluster"]
    assert (replica["kms_key_id"], replica["storage_encrypted"]) == (other, True)
    assert replica["replication_source_identifier"] == first["cluster"]["db_cluster_arn"]
    assert not modules.run("rds_cluster", **arguments)["changed"]


def test_restored(modules, rds):
    modules.run("rds_cluster", db_cluster_identifier="first", **NEW)
    rds.create_db_cluster_snapshot(DBClusterIdentifier="first", DBClusterSnapshotIdentifier="first")
    arguments = {
        **NEW,
        "db_cluster_identifier": NAME,
        "snapshot_identifier": "first",
        "backup_retention_period": 9,
        "preferred_maintenance_window": "mon:01:00-mon:02:00",
        "tags": {"Environment": "test"},
    }
    assert modules.run("rds_cluster", **arguments)["cluster"]["backup_retention_period"] == 9
    assert describe(rds)["MasterUserSecret"]["SecretStatus"] == "active"
    assert not modules.run("rds_cluster", **arguments)["changed"]
    third = {**arguments, "db_cluster_identifier": "third", "manage_master_user_password": False}
    with_password = modules.run("rds_cluster", **third, password=PASSWORD)
    assert with_password["cluster"]["master_user_password"] == "set anew"
    assert not modules.run("rds_cluster", **third, password=PASSWORD)["changed"]
    unnamed = {**arguments, "db_cluster_identifier": "second", "database_name": "other"}
    assert modules.run("rds_cluster", **unnamed)["cluster"]["database_name"] is None
    assert not modules.run("rds_cluster", **unnamed)["changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "a new one needs engine"),
        ({"engine": "aurora-mysql"}, "needs master_username"),
        ({"engine": "aurora-mysql", "master_username": "owner"}, "needs manage_master_user_password: true, or"),
        ({**NEW, "master_user_password": PASSWORD}, "not both"),
        ({**NEW, "engine_version": "9"}, "AWS offers no version 9 of aurora-mysql; the newest are"),
        ({**NEW, "serverless_v2_scaling_configuration": {"min_capacity": 1}}, "needs max_capacity"),
    ],
)
def test_refused_when_new(modules, arguments, said):
    assert said in modules.attempt("rds_cluster", check=True, db_cluster_identifier=NAME, **arguments)["msg"]


def test_refused(modules, rds, sandbox):
    cluster = {"db_cluster_identifier": NAME}
    modules.run("rds_cluster", **cluster, **NEW, deletion_protection=True)
    member = {"DBInstanceClass": "db.r6g.large", "Engine": "aurora-mysql"}
    rds.create_db_instance(DBClusterIdentifier=NAME, DBInstanceIdentifier="writer", **member)
    key = sandbox.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
    for arguments, said in (
        ({"engine": "aurora-postgresql"}, "has the engine aurora-mysql, which cannot be changed"),
        ({"storage_encrypted": True}, "Restore a snapshot"),
        ({"engine_version": "8.0.mysql_aurora.3.07.1"}, "AWS does not go back to 8.0.mysql_aurora.3.07.1"),
        ({"master_user_secret_kms_key_id": key}, "which AWS does not change"),
        ({"force_update_password": True, "password": PASSWORD}, "has a password that RDS manages"),
        ({"state": "absent", "skip_final_snapshot": True}, "is protected from deletion"),
    ):
        assert said in modules.attempt("rds_cluster", **cluster, **arguments)["msg"]
    modules.run("rds_cluster", **cluster, deletion_protection=False)
    absent = {**cluster, "state": "absent"}
    assert "still has instances: writer" in modules.attempt("rds_cluster", check=True, **absent)["msg"]
    rds.delete_db_instance(DBInstanceIdentifier="writer", SkipFinalSnapshot=True)
    assert "name it with final_snapshot_identifier" in modules.attempt("rds_cluster", **absent)["msg"]
    assert describe(rds)["Status"] == "available"


def test_it_takes_its_time(sandbox):
    """A cluster that is on its way is waited for before it is changed, and gone when the module says so."""
    modules, rds = Teller(sandbox, hurry=60), sandbox.client("rds", REGION)
    cluster = {"db_cluster_identifier": NAME}
    made = modules.run("rds_cluster", **cluster, **NEW, wait=False)["cluster"]
    assert (made["status"], made["master_user_secret"]["secret_status"]) == ("creating", "creating")
    assert not modules.run("rds_cluster", **cluster, **NEW)["changed"]
    changed = modules.run("rds_cluster", **cluster, backup_retention_period=5)["cluster"]
    assert (changed["status"], changed["master_user_secret"]["secret_status"]) == ("available", "active")
    absent = {**cluster, "state": "absent", "skip_final_snapshot": True}
    assert modules.run("rds_cluster", **absent, wait=False)["changed"]
    assert describe(rds)["Status"] == "deleting"
    assert not modules.run("rds_cluster", **absent, wait=False)["changed"]
    assert "is being deleted" in modules.attempt("rds_cluster", **cluster, **NEW)["msg"]
    modules.run("rds_cluster", **absent)
    assert rds.describe_db_clusters()["DBClusters"] == []
