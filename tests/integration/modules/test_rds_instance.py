# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import REGION, Story, Teller

NAME = "data"
PASSWORD = "correct-horse-battery"
MYSQL = {
    "engine": "mysql",
    "engine_version": "8.0",
    "db_instance_class": "db.t4g.medium",
    "allocated_storage": 100,
    "master_username": "owner",
    "manage_master_user_password": True,
}
MEMBER = {"db_cluster_identifier": "data", "engine": "aurora-mysql", "db_instance_class": "db.r7g.large"}
# What AWS chooses for a new instance.
CHOSEN = frozenset(
    {
        "arn",
        "auto_minor_version_upgrade",
        "availability_zone",
        "backup_retention_period",
        "ca_certificate_identifier",
        "copy_tags_to_snapshot",
        "db_parameter_group_name",
        "db_subnet_group_name",
        "dbi_resource_id",
        "deletion_protection",
        "enable_iam_database_authentication",
        "enable_performance_insights",
        "endpoint",
        "iops",
        "kms_key_id",
        "master_user_secret",
        "master_user_secret_kms_key_id",
        "monitoring_interval",
        "multi_az",
        "option_group_name",
        "performance_insights_kms_key_id",
        "performance_insights_retention_period",
        "port",
        "preferred_backup_window",
        "preferred_maintenance_window",
        "publicly_accessible",
        "replica_mode",
        "storage_encrypted",
        "storage_throughput",
        "storage_type",
        "vpc_security_group_ids",
    }
)


def describe(sandbox, name=NAME):
    return sandbox.client("rds", REGION).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def create_cluster(sandbox):
    sandbox.client("rds", REGION).create_db_cluster(
        DBClusterIdentifier="data", Engine="aurora-mysql", MasterUsername="owner", MasterUserPassword=PASSWORD
    )


def create_group(sandbox, family="mysql8.0"):
    sandbox.client("rds", REGION).create_db_parameter_group(
        DBParameterGroupName="example", DBParameterGroupFamily=family, Description="Test"
    )


def test_story_of_an_instance_of_its_own(modules, sandbox):
    def drift(sandbox):
        rds = sandbox.client("rds", REGION)
        rds.modify_db_instance(DBInstanceIdentifier=NAME, BackupRetentionPeriod=3, DeletionProtection=False)

    key = sandbox.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
    modules.tell(
        Story(
            module="rds_instance",
            returns="instance",
            identity={"db_instance_identifier": NAME, "apply_immediately": True},
            present={
                **MYSQL,
                "storage_type": "gp3",
                "max_allocated_storage": 500,
                "storage_encrypted": True,
                "kms_key_id": key,
                "master_user_secret_kms_key_id": key,
                "db_name": "shop",
                "port": 3307,
                "backup_retention_period": 7,
                "preferred_backup_window": "17:00-17:30",
                "preferred_maintenance_window": "Sun:18:00-Sun:18:30",
                "enabled_cloudwatch_logs_exports": ["slowquery", "error"],
                "publicly_accessible": False,
                "deletion_protection": True,
                "tags": {"Number": 1},
            },
            changes=(
                {"allocated_storage": 200, "max_allocated_storage": 0, "tags": {"Environment": "test"}},
                {"enabled_cloudwatch_logs_exports": ["error", "general"], "multi_az": True, "port": 3306},
                {"deletion_protection": True, "engine_version": "8.0.42", "db_instance_class": "db.r7g.large"},
            ),
            drift=drift,
            absent=None,
            unpredictable=CHOSEN,
        )
    )
    found = describe(sandbox)
    assert (found["AllocatedStorage"], found["MultiAZ"], found["KmsKeyId"]) == (200, True, key)
    assert sorted(found["EnabledCloudwatchLogsExports"]) == ["error", "general"]
    assert (found["BackupRetentionPeriod"], found["DeletionProtection"]) == (7, True)
    assert found["MasterUserSecret"]["KmsKeyId"] == key


def test_story_of_a_member_of_a_cluster(modules, sandbox):
    create_cluster(sandbox)
    create_group(sandbox, "aurora-mysql8.0")
    role = "arn:aws:iam::123456789012:role/monitoring"
    key = sandbox.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]

    def drift(sandbox):
        rds = sandbox.client("rds", REGION)
        rds.modify_db_instance(DBInstanceIdentifier="data-1", PromotionTier=15)

    insights = {"enable_performance_insights": True, "performance_insights_kms_key_id": key}
    modules.tell(
        Story(
            module="rds_instance",
            returns="instance",
            identity={"db_instance_identifier": "Data-1"},
            present={
                **MEMBER,
                "promotion_tier": 1,
                "db_parameter_group_name": "example",
                "publicly_accessible": False,
                "auto_minor_version_upgrade": True,
                "copy_tags_to_snapshot": True,
                **insights,
                "performance_insights_retention_period": 31,
                "tags": {"Number": 1},
            },
            changes=(
                {"promotion_tier": 0, "tags": {"Environment": "test"}},
                {"monitoring_interval": 60, "monitoring_role_arn": role, "performance_insights_retention_period": 62},
            ),
            drift=drift,
            # The storage is the cluster's.
            unpredictable=CHOSEN
            | {"allocated_storage", "db_name", "engine_version", "max_allocated_storage", "master_username"},
        )
    )


def test_a_replica(modules, sandbox):
    own = {**MYSQL, "manage_master_user_password": False, "master_user_password": PASSWORD}
    modules.run("rds_instance", db_instance_identifier=NAME, **own)
    create_group(sandbox)
    replica = {
        "db_instance_identifier": "replica",
        "source_db_instance_identifier": NAME,
        "backup_retention_period": 7,
        "db_parameter_group_name": "example",
    }
    created = modules.run("rds_instance", **replica, tags={"a": "b"})["instance"]
    assert created["source_db_instance_identifier"] == NAME
    # The creation of a replica does not take these.
    assert (created["backup_retention_period"], created["db_parameter_group_name"]) == (7, "example")
    assert describe(sandbox)["ReadReplicaDBInstanceIdentifiers"] == ["replica"]
    assert not modules.run("rds_instance", **replica)["changed"]
    arn = describe(sandbox)["DBInstanceArn"]
    abroad = {"db_instance_identifier": "replica", "source_db_instance_identifier": arn, "source_region": REGION}
    for changed in (True, False):
        assert modules.run("rds_instance", region="us-west-2", **abroad)["changed"] is changed
    modules.run("rds_instance", region="us-west-2", db_instance_identifier="replica", state="absent")
    modules.run("rds_instance", db_instance_identifier="replica", state="absent")
    refused = modules.attempt("rds_instance", db_instance_identifier=NAME, source_db_instance_identifier="other")
    assert "is no read replica, or no longer" in refused["msg"]


def test_what_waits_is_asked_for_once(modules, sandbox):
    instance = {"db_instance_identifier": NAME, **MYSQL}
    modules.run("rds_instance", **instance)
    larger = {**instance, "db_instance_class": "db.r7g.large", "deletion_protection": True}
    changed = modules.run("rds_instance", **larger)
    assert changed["instance"]["pending_modified_values"] == {"db_instance_class": "db.r7g.large"}
    assert "has pending changes: db_instance_class db.r7g.large" in changed["warnings"][0]
    assert describe(sandbox)["DBInstanceClass"] == "db.t4g.medium"
    assert describe(sandbox)["DeletionProtection"]
    for check in (True, False):
        repeated = modules.run("rds_instance", check, **larger)
        assert not repeated["changed"]
        assert "warnings" not in repeated
    # It can be taken back, and it can be had now.
    assert modules.run("rds_instance", **instance)["instance"]["pending_modified_values"] == {}
    modules.run("rds_instance", **larger)
    applied = modules.run("rds_instance", **larger, apply_immediately=True)
    assert (applied["changed"], applied["instance"]["pending_modified_values"]) == (True, {})
    assert describe(sandbox)["DBInstanceClass"] == "db.r7g.large"


def test_parameters_that_wait_for_a_reboot(modules, sandbox):
    create_group(sandbox)
    instance = {"db_instance_identifier": NAME, **MYSQL}
    modules.run("rds_instance", **instance)
    changed = modules.run("rds_instance", **instance, db_parameter_group_name="example")
    assert changed["instance"]["pending_reboot"]
    assert "has parameters that take effect only when it is rebooted" in changed["warnings"][0]
    repeated = modules.run("rds_instance", **instance, db_parameter_group_name="example")
    assert not repeated["changed"]
    assert "reboot_if_pending: true" in repeated["warnings"][0]
    for check in (True, False):
        rebooted = modules.run("rds_instance", check, **instance, reboot_if_pending=True)
        assert rebooted["changed"]
        assert not rebooted["instance"]["pending_reboot"]
    assert describe(sandbox)["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    assert not modules.run("rds_instance", **instance, reboot_if_pending=True)["changed"]
    # In one go.
    modules.run("rds_instance", **instance, db_parameter_group_name="default.mysql8.0", reboot_if_pending=True)
    assert describe(sandbox)["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"


def test_storage_that_has_grown_by_itself(modules, sandbox):
    instance = {"db_instance_identifier": NAME, **MYSQL, "storage_type": "gp3", "max_allocated_storage": 1000}
    modules.run("rds_instance", **instance)
    sandbox.client("rds", REGION).modify_db_instance(
        DBInstanceIdentifier=NAME, AllocatedStorage=450, Iops=12000, ApplyImmediately=True
    )
    assert not modules.run("rds_instance", **instance)["changed"]
    modules.run("rds_instance", **{**instance, "allocated_storage": 600}, apply_immediately=True)
    found = describe(sandbox)
    assert (found["AllocatedStorage"], found["Iops"], found["StorageThroughput"]) == (600, 12000, 125)


def test_a_password_of_one_s_own(modules, sandbox):
    own = {**MYSQL, "manage_master_user_password": False}
    created = modules.run("rds_instance", db_instance_identifier=NAME, **own, master_user_password=PASSWORD)
    managed = modules.run("rds_instance", db_instance_identifier=NAME, **MYSQL)
    assert describe(sandbox)["MasterUserSecret"]["SecretArn"] == managed["instance"]["master_user_secret"]["secret_arn"]
    refused = modules.attempt("rds_instance", db_instance_identifier=NAME, **own)
    assert "needs a master_user_password" in refused["msg"]
    ended = modules.run("rds_instance", db_instance_identifier=NAME, **own, master_user_password=PASSWORD)
    assert "MasterUserSecret" not in describe(sandbox)
    assert PASSWORD not in json.dumps([created, managed, refused, ended])


def test_a_password_in_a_secret(modules, sandbox, told_passwords):
    """It is set when it is another one than the tag remembers, and is not said anywhere."""
    secret = {"name": "data", "username": "owner", "length": 41}
    modules.run("secretsmanager_generated_secret", check=True, **secret)
    instance = {"db_instance_identifier": NAME, **MYSQL, "tags": {"a": "b"}}
    own = {**instance, "manage_master_user_password": None, "master_user_password_secret_id": "data"}
    missing = modules.attempt("rds_instance", **own)
    assert "There is no secret data that has a value" in missing["msg"]
    assert modules.run("rds_instance", True, **own)["instance"]["tags"]["MasterPasswordVersion"] == "not made yet"
    modules.run("secretsmanager_generated_secret", **secret)

    def held():
        found = sandbox.client("secretsmanager", REGION).get_secret_value(SecretId="data", VersionStage="AWSCURRENT")
        assert json.loads(found["SecretString"])["username"] == "owner"
        return json.loads(found["SecretString"])["password"], found["VersionId"]

    first, version = held()
    assert len(first) == 41
    created = modules.run("rds_instance", **own)
    assert (told_passwords(), created["instance"]["tags"]) == ([first], {"a": "b", "MasterPasswordVersion": version})
    assert not created["instance"]["manage_master_user_password"]
    assert not modules.run("rds_instance", **own)["changed"]
    # Another version of the secret.
    for step in ("begin", "switch", "finish"):
        modules.run("secretsmanager_generated_secret", **secret, rotation=step)
    second, newer = held()
    foretold = modules.run("rds_instance", True, **own)
    rotated = modules.run("rds_instance", **own)
    assert told_passwords() == [first, second]
    assert foretold["instance"]["tags"] == rotated["instance"]["tags"] == {"a": "b", "MasterPasswordVersion": newer}
    assert not modules.run("rds_instance", **own)["changed"]
    # To one that RDS manages, and back.
    modules.run("rds_instance", **instance)
    assert "MasterUserSecret" in describe(sandbox)
    back = modules.run("rds_instance", **own)
    assert told_passwords() == [first, second, second]
    assert "MasterUserSecret" not in describe(sandbox)
    assert not modules.run("rds_instance", **own)["changed"]
    both = modules.attempt("rds_instance", **{**own, "manage_master_user_password": True})
    assert "Give either manage_master_user_password: true or" in both["msg"]
    replica = {"db_instance_identifier": "replica", "source_db_instance_identifier": NAME}
    refused = modules.attempt("rds_instance", **replica, master_user_password_secret_id="data")
    assert "is a read replica, whose passwords are its source's" in refused["msg"]
    said = json.dumps([missing, created, foretold, rotated, back, both, refused])
    assert first not in said
    assert second not in said


def test_deletion(modules, sandbox):
    absent = {"db_instance_identifier": NAME, "state": "absent"}
    modules.run("rds_instance", db_instance_identifier=NAME, **MYSQL, deletion_protection=True)
    for check in (True, False):
        assert "is protected from deletion" in modules.attempt("rds_instance", check, **absent)["msg"]
    modules.run("rds_instance", db_instance_identifier=NAME, deletion_protection=False)
    assert "Give one of them" in modules.attempt("rds_instance", **absent)["msg"]
    assert modules.run("rds_instance", **absent, final_db_snapshot_identifier="last")["changed"]
    assert not modules.run("rds_instance", **absent)["changed"]
    snapshots = sandbox.client("rds", REGION).describe_db_snapshots(DBSnapshotIdentifier="last")["DBSnapshots"]
    assert len(snapshots) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "A new instance needs engine and db_instance_class and allocated_storage and master_username"),
        ({**MYSQL, "manage_master_user_password": None}, "needs manage_master_user_password: true, or"),
        ({**MEMBER, "allocated_storage": 100, "multi_az": True}, "to which allocated_storage, multi_az belongs"),
        ({"source_db_instance_identifier": "a", "source_region": "us-west-2"}, "but must be an ARN"),
    ],
)
def test_refused(modules, arguments, said):
    assert said in modules.attempt("rds_instance", True, db_instance_identifier=NAME, **arguments)["msg"]


def test_it_takes_its_time(sandbox):
    """An instance that was only begun is waited for by the next run, which then has nothing to do."""
    modules = Teller(sandbox, hurry=120)
    instance = {"db_instance_identifier": NAME, **MYSQL, "port": 3307}
    assert modules.run("rds_instance", **instance, wait=False)["instance"]["status"] == "creating"
    assert not modules.run("rds_instance", True, **instance)["changed"]
    ready = modules.run("rds_instance", **instance)
    assert (ready["changed"], ready["instance"]["status"]) == (False, "available")
    larger = {**instance, "db_instance_class": "db.r7g.large", "apply_immediately": True}
    assert modules.run("rds_instance", **larger, wait=False)["instance"]["status"] == "modifying"
    changed = modules.run("rds_instance", **larger, backup_retention_period=2)
    assert (changed["changed"], changed["instance"]["status"]) == (True, "available")
    absent = {"db_instance_identifier": NAME, "state": "absent", "skip_final_snapshot": True}
    modules.run("rds_instance", **absent, wait=False)
    assert "is being deleted" in modules.attempt("rds_instance", **instance)["msg"]
    modules.run("rds_instance", **absent)
    assert sandbox.client("rds", REGION).describe_db_instances()["DBInstances"] == []
