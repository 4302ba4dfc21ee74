# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Teller

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


@pytest.fixture
def rds(sandbox):
    return sandbox.client("rds", REGION)


@pytest.fixture
def source(rds):
    """ARN of an instance with a replica that is an instance, and with one that is a cluster."""
    arn = rds.create_db_instance(**MYSQL)["DBInstance"]["DBInstanceArn"]
    rds.create_db_instance_read_replica(DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="old")
    rds.create_db_cluster(DBClusterIdentifier="shop", Engine="aurora-mysql", ReplicationSourceIdentifier=arn)
    return arn


def writes(sandbox):
    return sum(request["write"] for request in sandbox.requests())


def test_a_cluster(modules, sandbox, rds, source):
    arguments = {"db_cluster_identifier": "Shop"}
    before = writes(sandbox)
    foretold = modules.run("rds_promotion", check=True, **arguments)
    assert writes(sandbox) == before
    assert foretold["diff"]["before"]["replication_source_identifier"] == source
    done = modules.run("rds_promotion", **arguments)
    assert (foretold["changed"], done["changed"]) == (True, True)
    assert foretold["database"] == done["database"]
    assert "warnings" not in done
    (cluster,) = rds.describe_db_clusters(DBClusterIdentifier="shop")["DBClusters"]
    assert "ReplicationSourceIdentifier" not in cluster
    for check in (True, False):
        before = writes(sandbox)
        assert not modules.run("rds_promotion", check, **arguments)["changed"]
        assert writes(sandbox) == before


def test_an_instance(modules, rds, source):
    arguments = {
        "db_instance_identifier": "copy",
        "backup_retention_period": 3,
        "preferred_backup_window": "17:00-18:00",
    }
    foretold = modules.run("rds_promotion", check=True, **arguments)
    done = modules.run("rds_promotion", **arguments)
    assert foretold["database"] == done["database"]
    (copy,) = rds.describe_db_instances(DBInstanceIdentifier="copy")["DBInstances"]
    assert (copy["BackupRetentionPeriod"], copy["PreferredBackupWindow"]) == (3, "17:00-18:00")
    assert not modules.run("rds_promotion", **arguments)["changed"]


@pytest.mark.parametrize("check", [True, False])
def test_refused(modules, rds, source, check):
    instance = {"DBInstanceClass": "db.r6g.large", "Engine": "aurora-mysql"}
    rds.create_db_instance(DBClusterIdentifier="shop", DBInstanceIdentifier="writer", **instance)
    for arguments, said in (
        ({"db_instance_identifier": "old"}, "is itself replicated by copy, shop. Give the name of a replica"),
        ({"db_instance_identifier": "writer"}, "Give db_cluster_identifier: shop in its place"),
        ({"db_instance_identifier": "none"}, "There is no instance none here"),
        ({"db_cluster_identifier": "none"}, "There is no cluster none here"),
    ):
        assert said in modules.attempt("rds_promotion", check, **arguments)["msg"]
    assert not modules.run("rds_promotion", check, db_instance_identifier="old", allow_master=True)["changed"]


def test_it_takes_its_time(sandbox):
    modules, rds = Teller(sandbox, hurry=60), sandbox.client("rds", REGION)
    login = {"MasterUsername": "owner", "MasterUserPassword": "correct-horse"}
    arn = rds.create_db_cluster(DBClusterIdentifier="first", Engine="aurora-mysql", **login)["DBCluster"]
    replica = {"Engine": "aurora-mysql", "ReplicationSourceIdentifier": arn["DBClusterArn"]}
    rds.create_db_cluster(DBClusterIdentifier="shop", **replica)
    # The replica is still being created.
    asked = modules.run("rds_promotion", db_cluster_identifier="shop", wait=False, waits=True)
    assert (asked["changed"], asked["database"]["status"]) == (True, "promoting")
    assert "warnings" not in asked
    done = modules.run("rds_promotion", db_cluster_identifier="shop")["database"]
    assert (done["status"], done["replication_source_identifier"]) == ("available", None)
