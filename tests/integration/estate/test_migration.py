# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An RDS MySQL instance moves to the estate's Aurora cluster, step by step, back, and at last for good.

The tests of this module follow one another on one estate, which has only the layers that the database stands on.
"""

from __future__ import annotations

import pytest

from .conftest import BOTH_WORDS, SMALL_NETWORK, client

LAYERS = "encryption,identity,network,security_groups"
NAME = "shop-sandbox-database"
SOURCE = "shop-mysql"
PATH = "/shop-sandbox/application/database"
QUICK = {"migrate_source": SOURCE, "migrate_settle_seconds": 0, "migrate_poll_seconds": 1, "database_readers": 0}
TOLD = {
    ("Tell the application where the database is", item) for item in ("host", "reader_host", "port", "name", "user")
}


@pytest.fixture
def described(estate, tmp_path):
    return lambda **variables: estate.described(tmp_path, **{**SMALL_NETWORK, **QUICK, **variables})


@pytest.fixture
def step(built, described):
    """Takes one step, which is to succeed, or else to be refused with this sentence."""

    def take(name: str, *arguments: str, refused: str = "", confirm: bool = True, **variables: object):
        variables |= {"migrate_step": name, "migrate_confirm": "shop-sandbox" if confirm else ""}
        alone = ("--skip-tags", "always", "--limit", "tokyo", *arguments, described(**variables))
        if not refused:
            return built.run(*alone, playbook="playbooks/migrate_database.yml")
        before = len(built.writes())
        run = built.attempt(*alone, playbook="playbooks/migrate_database.yml")
        assert run.returncode != 0
        assert refused in run.output
        assert built.writes()[before:] == []
        return run

    return take


def create_source(estate, name: str, **more: object) -> None:
    password = {} if more.get("ManageMasterUserPassword") else {"MasterUserPassword": "correct-horse"}
    told = {"EngineVersion": "8.0.42", "BackupRetentionPeriod": 7, **password, **more}
    client(estate, "rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.medium",
        Engine="mysql",
        AllocatedStorage=50,
        MasterUsername="owner",
        DBName="shop",
        **told,
    )


@pytest.fixture
def built(estate, described):
    """The estate and the instance that is to move, made by the first test that needs them."""
    if not any(request["operation"] == "CreateVpc" for request in estate.writes()):
        estate.run("--tags", LAYERS, "--limit", "virginia,tokyo", described())
        client(estate, "rds").create_db_parameter_group(
            DBParameterGroupName=SOURCE, DBParameterGroupFamily="mysql8.0", Description="The old one's"
        )
        create_source(estate, SOURCE, DBParameterGroupName=SOURCE, DeletionProtection=True)
    return estate


def cluster_of(estate) -> dict:
    (cluster,) = client(estate, "rds").describe_db_clusters()["DBClusters"]
    return cluster


def source_of(estate) -> dict:
    (source,) = client(estate, "rds").describe_db_instances(DBInstanceIdentifier=SOURCE)["DBInstances"]
    return source


def is_read_only(estate) -> bool:
    pages = client(estate, "rds").get_paginator("describe_db_parameters").paginate(DBParameterGroupName=SOURCE)
    (found,) = [p for page in pages for p in page["Parameters"] if p["ParameterName"] == "read_only"]
    return found["ParameterValue"] == "1"


def told(estate) -> dict[str, str]:
    parameters = client(estate, "ssm").get_parameters_by_path(Path=PATH, WithDecryption=True)["Parameters"]
    return {parameter["Name"].rpartition("/")[2]: parameter["Value"] for parameter in parameters}


def test_what_aws_would_not_replicate_is_told_before_anything_is_done(built, step):
    create_source(built, "managed", ManageMasterUserPassword=True, EngineVersion="8.4.5", BackupRetentionPeriod=0)
    run = step("prepare", refused="RDS manages its master password", migrate_source="managed")
    assert "It runs MySQL 8.4.5" in run.output
    assert "It has no automated backups" in run.output
    assert "default.mysql8.4 is a parameter group of AWS's own" in run.output
    client(built, "rds").delete_db_instance(DBInstanceIdentifier="managed", SkipFinalSnapshot=True)
    before = len(built.writes())
    run = step("prepare")
    assert built.writes()[before:] == []
    assert "shop-mysql: mysql 8.0.42, db.t4g.medium, 50 GiB" in run.output
    assert "engine <> 'InnoDB'" in run.output


def test_a_replica_is_made_and_catches_up(built, step):
    step("replicate", refused="Run the query of the step prepare")
    built.sandbox.clock(60)
    step("replicate", migrate_innodb_checked=True)
    built.sandbox.clock(1)
    assert cluster_of(built)["ReplicationSourceIdentifier"] == source_of(built)["DBInstanceArn"]
    assert "MasterUserSecret" not in cluster_of(built)
    assert told(built) == {}
    step("cutover", refused="AuroraBinlogReplicaLag of shop-sandbox-database-1 is ")
    soon = {"migrate_timeout_seconds": 2, "migrate_poll_seconds": 1}
    late = step("watch", refused="After 2 seconds AuroraBinlogReplicaLag", **soon)
    assert "waiting: [tokyo] database : Read by how much the replica is behind" in late.output
    # What AWS refuses is said at once, and in its own words.
    built.sandbox.faults("error", every=1, operation="GetMetricStatistics")
    denied = step("watch", refused="GetMetricStatistics")
    built.sandbox.faults()
    assert "waiting:" not in denied.output
    built.sandbox.clock(100)
    run = step("watch")
    assert "waiting: [tokyo] database : Read by how much the replica is behind: AuroraBinlogReplicaLag" in run.output
    assert "AuroraBinlogReplicaLag of shop-sandbox-database-1 is 0 Seconds" in run.output
    built.sandbox.clock(0)


def test_before_the_promotion_the_way_back_costs_nothing(built, step):
    assert ("Promote the copy, without which AWS does not delete its last instance", "") in step("rollback").touched
    rds = client(built, "rds")
    assert rds.describe_db_clusters()["DBClusters"] == []
    assert [found["DBInstanceIdentifier"] for found in rds.describe_db_instances()["DBInstances"]] == [SOURCE]
    assert rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"] == []
    assert step("rollback").touched == set()
    step("replicate", migrate_innodb_checked=True)
    assert step("replicate", migrate_innodb_checked=True).touched == set()


def test_the_layer_watches_a_replica_and_leaves_it_alone(built, described):
    layer = ("--tags", "database", "--skip-tags", "always", "--limit", "tokyo", described())
    assert {task for task, _ in built.run(*layer).touched} == {"Watch the instances"}
    assert told(built) == {}


def test_the_cutover_moves_the_application(built, step):
    step("cutover", refused="-e migrate_confirm=shop-sandbox", confirm=False)
    before = len(built.writes())
    plan = step("cutover", "--check")
    assert built.writes()[before:] == []
    assert {("Let nobody write to the instance", ""), ("Promote the replica", "")} == plan.touched
    assert step("cutover").touched == plan.touched | TOLD
    cluster = cluster_of(built)
    assert not cluster.get("ReplicationSourceIdentifier")
    assert is_read_only(built)
    expected = {"host": cluster["Endpoint"], "reader_host": cluster["ReaderEndpoint"]}
    assert told(built) == {**expected, "port": "3306", "name": "shop", "user": "owner"}
    assert step("cutover").touched == set()


def test_after_the_promotion_the_way_back_is_open_and_honest(built, described, step):
    run = step("rollback")
    assert "is in shop-sandbox-database alone, and the application loses it" in run.output
    # Nor does the layer lead the application to what the instance is ahead of.
    built.run("--tags", "database", "--skip-tags", "always", "--limit", "tokyo", described())
    assert told(built)["host"] == source_of(built)["Endpoint"]["Address"]
    assert not is_read_only(built)
    step("cutover", refused="has not got what was written since then")
    step("rollback", migrate_discard=True)
    rds = client(built, "rds")
    assert rds.describe_db_clusters()["DBClusters"] == []
    (snapshot,) = rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    assert snapshot["DBClusterSnapshotIdentifier"].startswith(f"{NAME}-20")


def test_an_interrupted_cutover_goes_on_and_is_finished(built, described, step):
    step("replicate", migrate_innodb_checked=True)
    rds = client(built, "rds")
    read_only = {"ParameterName": "read_only", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName=SOURCE, Parameters=[read_only])
    rds.promote_read_replica_db_cluster(DBClusterIdentifier=NAME)
    step("finish", refused="The application is not told to use shop-sandbox-database")
    assert {item for _, item in step("cutover").touched} == {"host", "reader_host"}
    step("finish")
    assert [found["DBInstanceIdentifier"] for found in rds.describe_db_instances()["DBInstances"]] == [f"{NAME}-1"]
    (snapshot,) = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    assert snapshot["DBSnapshotIdentifier"].startswith(f"{SOURCE}-last-20")
    cluster = cluster_of(built)
    assert told(built)["host"] == cluster["Endpoint"]
    assert told(built)["secret"] == cluster["MasterUserSecret"]["SecretArn"]
    assert step("finish").touched == set()
    run = built.run("--tags", "database", "--skip-tags", "always", "--limit", "tokyo", described())
    assert run.touched == set()


def test_who_can_stop_restores_a_snapshot(built, described, step):
    """From nothing but the snapshot that is left, with a password that RDS does not manage."""
    destroy = ("--tags", "database", "--limit", "virginia,tokyo", *BOTH_WORDS, described())
    built.run(*destroy, playbook="playbooks/destroy.yml")
    rds = client(built, "rds")
    snapshots = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    (arn,) = [found["DBSnapshotArn"] for found in snapshots if found["DBInstanceIdentifier"] == SOURCE]
    generated = {"migrate_source": "", "database_password": "generated"}
    step("restore", refused="Say from which snapshot", **generated)
    run = step("restore", migrate_snapshot=arn, **generated)
    assert "which is in the secret shop-sandbox-database" in run.output
    secret = client(built, "secretsmanager").describe_secret(SecretId=NAME)
    assert told(built)["host"] == cluster_of(built)["Endpoint"]
    assert told(built)["secret"] == secret["ARN"]
    (version,) = secret["VersionIdsToStages"]
    assert {"Key": "MasterPasswordVersion", "Value": version} in cluster_of(built)["TagList"]
    layer = ("--tags", "database", "--skip-tags", "always", "--limit", "tokyo")
    assert built.run(*layer, described(database_password="generated")).touched == set()
