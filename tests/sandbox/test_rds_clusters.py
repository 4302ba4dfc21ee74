# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Aurora's clusters: what waits, who replicates whom, whose password it is, and endpoints of one's own."""

import datetime
import json

import pytest

CLUSTER = {"DBClusterIdentifier": "data"}
NEW = {**CLUSTER, "Engine": "aurora-mysql", "MasterUsername": "owner", "MasterUserPassword": "correct-horse"}
INSTANCE = {"DBInstanceClass": "db.r6g.large", "Engine": "aurora-mysql"}
MYSQL = {
    "DBInstanceIdentifier": "old",
    "DBInstanceClass": "db.t4g.medium",
    "Engine": "mysql",
    "EngineVersion": "8.0.42",
    "AllocatedStorage": 20,
    "MasterUsername": "owner",
    "MasterUserPassword": "correct-horse",
    "DBName": "shop",
}


@pytest.fixture
def rds(client):
    return client("rds")


def describe(rds, name="data"):
    return rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


def instance(rds, name):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def test_a_new_cluster_is_as_aws_tells_it(rds, client, refused):
    key = client("kms").create_key()["KeyMetadata"]
    windows = {"PreferredMaintenanceWindow": "Sun:18:00-Sun:19:00", "PreferredBackupWindow": "17:00-18:00"}
    scaling = {"MinCapacity": 0, "MaxCapacity": 4.5}
    rds.create_db_cluster(
        **NEW,
        **windows,
        EngineVersion="8.0",
        KmsKeyId=key["KeyId"],
        StorageEncrypted=True,
        StorageType="aurora-iopt1",
        ServerlessV2ScalingConfiguration=scaling,
        EnableIAMDatabaseAuthentication=True,
    )
    cluster = describe(rds)
    assert cluster["EngineVersion"] == "8.0.mysql_aurora.3.08.2"
    assert cluster["DBClusterParameterGroup"] == "default.aurora-mysql8.0"
    assert cluster["KmsKeyId"] == key["Arn"]
    assert cluster["StorageType"] == "aurora-iopt1"
    assert cluster["PreferredMaintenanceWindow"] == "sun:18:00-sun:19:00"
    assert cluster["ServerlessV2ScalingConfiguration"] == {**scaling, "SecondsUntilAutoPause": 300}
    assert cluster["IAMDatabaseAuthenticationEnabled"]
    assert len(cluster["VpcSecurityGroups"]) == 1
    rds.modify_db_cluster(**CLUSTER, StorageType="aurora")
    assert "StorageType" not in describe(rds)
    with refused("DBClusterAlreadyExistsFault"):
        rds.create_db_cluster(**NEW)
    other = {**NEW, "DBClusterIdentifier": "other"}
    for wrong, code in (
        ({"DBSubnetGroupName": "none"}, "DBSubnetGroupNotFoundFault"),
        ({"DBClusterParameterGroupName": "none"}, "DBClusterParameterGroupNotFound"),
        ({"EngineVersion": "8.0.mysql_aurora.3"}, "InvalidParameterCombination"),
        ({"ManageMasterUserPassword": True}, "InvalidParameterCombination"),
    ):
        with refused(code):
            rds.create_db_cluster(**other, **wrong)
    rds.create_db_cluster(**other)
    assert {"KmsKeyId", "StorageType"}.isdisjoint(describe(rds, "other"))


def test_versions(rds):
    versions = rds.describe_db_engine_versions(Engine="aurora-mysql", EngineVersion="8.0.mysql_aurora.3.04")
    assert [version["EngineVersion"][-6:] for version in versions["DBEngineVersions"]] == [
        f"3.04.{patch}" for patch in range(5)
    ]
    (default,) = rds.describe_db_engine_versions(Engine="mysql", DefaultOnly=True)["DBEngineVersions"]
    assert default["DBParameterGroupFamily"] == "mysql8.0"


def test_some_changes_wait(rds, refused):
    rds.create_db_cluster(**NEW, EngineVersion="8.0.mysql_aurora.3.08.0")
    rds.modify_db_cluster(
        **CLUSTER,
        EngineVersion="8.0.mysql_aurora.3.08.2",
        EnableIAMDatabaseAuthentication=True,
        DeletionProtection=True,
        CloudwatchLogsExportConfiguration={"EnableLogTypes": ["error", "audit"]},
    )
    cluster = describe(rds)
    assert cluster["DeletionProtection"]
    assert cluster["EnabledCloudwatchLogsExports"] == ["audit", "error"]
    assert (cluster["EngineVersion"][-6:], cluster["IAMDatabaseAuthenticationEnabled"]) == ("3.08.0", False)
    assert cluster["PendingModifiedValues"] == {
        "EngineVersion": "8.0.mysql_aurora.3.08.2",
        "IAMDatabaseAuthenticationEnabled": True,
    }
    logs = {"EnableLogTypes": ["slowquery"], "DisableLogTypes": ["error"]}
    rds.modify_db_cluster(**CLUSTER, EnableIAMDatabaseAuthentication=False, CloudwatchLogsExportConfiguration=logs)
    assert describe(rds)["EnabledCloudwatchLogsExports"] == ["audit", "slowquery"]
    assert describe(rds)["PendingModifiedValues"].keys() == {"EngineVersion"}
    rds.modify_db_cluster(**CLUSTER, EngineVersion="8.0.mysql_aurora.3.08.2", ApplyImmediately=True)
    assert describe(rds)["EngineVersion"] == "8.0.mysql_aurora.3.08.2"
    assert not describe(rds).get("PendingModifiedValues")
    for version in ("8.0.mysql_aurora.3.08.1", "5.7.mysql_aurora.2.12.5", "9"):
        with refused("InvalidParameterCombination"):
            rds.modify_db_cluster(**CLUSTER, EngineVersion=version)


def test_the_managed_password(rds, client, refused):
    rds.create_db_cluster(**{**NEW, "MasterUserPassword": "", "ManageMasterUserPassword": True})
    secret = describe(rds)["MasterUserSecret"]
    assert secret["SecretStatus"] == "active"
    assert ":secret:rds!cluster-" in secret["SecretArn"]
    assert ":key/" in secret["KmsKeyId"]
    secrets = client("secretsmanager")
    value = json.loads(secrets.get_secret_value(SecretId=secret["SecretArn"])["SecretString"])
    assert value["username"] == "owner"
    assert len(value["password"]) == 28
    assert secrets.describe_secret(SecretId=secret["SecretArn"])["OwningService"] == "rds"
    with refused("InvalidParameterCombination"):
        rds.modify_db_cluster(**CLUSTER, MasterUserPassword="battery-staple")
    with refused("InvalidParameterValue"):
        rds.modify_db_cluster(**CLUSTER, ManageMasterUserPassword=False, MasterUserPassword="battery staple")
    with refused("InvalidParameterCombination"):
        rds.modify_db_cluster(**CLUSTER, ManageMasterUserPassword=False)
    rds.modify_db_cluster(**CLUSTER, ManageMasterUserPassword=False, MasterUserPassword="battery-staple")
    assert "MasterUserSecret" not in describe(rds)


def test_a_replica_of_an_instance_and_its_promotion(rds, refused):
    source = rds.create_db_instance(**MYSQL, BackupRetentionPeriod=0)["DBInstance"]["DBInstanceArn"]
    new = {"Engine": "aurora-mysql", "ReplicationSourceIdentifier": source}
    with refused("InvalidDBInstanceState"):
        rds.create_db_cluster(**CLUSTER, **new)
    rds.modify_db_instance(DBInstanceIdentifier="old", BackupRetentionPeriod=7, ApplyImmediately=True)
    rds.create_db_cluster(**CLUSTER, **new)
    replica = describe(rds)
    assert (replica["MasterUsername"], replica["DatabaseName"]) == ("owner", "shop")
    assert replica["ReplicationSourceIdentifier"] == source
    assert instance(rds, "old")["ReadReplicaDBClusterIdentifiers"] == ["data"]
    with refused("InvalidDBInstanceState") as error:
        rds.create_db_cluster(DBClusterIdentifier="second", **new)
    assert "only one" in str(error.value)
    for users, code in (
        ({"MasterUsername": "owner"}, "InvalidParameterCombination"),
        ({"ManageMasterUserPassword": False}, "InvalidParameterValue"),
    ):
        with refused(code):
            rds.create_db_cluster(DBClusterIdentifier="second", **new, **users)
    with refused("InvalidParameterValue"):
        rds.modify_db_cluster(**CLUSTER, ManageMasterUserPassword=True)
    with refused("DBInstanceNotFound"):
        rds.create_db_cluster(**{**new, "DBClusterIdentifier": "b", "ReplicationSourceIdentifier": f"{source}er"})
    rds.promote_read_replica_db_cluster(**CLUSTER)
    assert "ReplicationSourceIdentifier" not in describe(rds)
    assert not instance(rds, "old").get("ReadReplicaDBClusterIdentifiers")
    with refused("InvalidDBClusterStateFault"):
        rds.promote_read_replica_db_cluster(**CLUSTER)
    with refused("DBClusterNotFoundFault"):
        rds.promote_read_replica_db_cluster(DBClusterIdentifier="none")


def test_a_replica_in_another_region_whose_source_goes(rds, client):
    arn = rds.create_db_cluster(**NEW)["DBCluster"]["DBClusterArn"]
    there = client("rds", "eu-west-1")
    there.create_db_cluster(DBClusterIdentifier="copy", Engine="aurora-mysql", ReplicationSourceIdentifier=arn)
    assert describe(rds)["ReadReplicaIdentifiers"] == [describe(there, "copy")["DBClusterArn"]]
    rds.delete_db_cluster(**CLUSTER, SkipFinalSnapshot=True)
    there.promote_read_replica_db_cluster(DBClusterIdentifier="copy")
    assert describe(there, "copy")["Status"] == "available"


def test_the_last_instance_stays_while_clusters_replicate(rds, refused):
    arn = rds.create_db_cluster(**NEW)["DBCluster"]["DBClusterArn"]
    copy = {"DBClusterIdentifier": "copy"}
    rds.create_db_cluster(**copy, Engine="aurora-mysql", ReplicationSourceIdentifier=arn)
    for cluster, name in ((CLUSTER, "one"), (CLUSTER, "two"), (copy, "three")):
        rds.create_db_instance(**cluster, **INSTANCE, DBInstanceIdentifier=name)
    rds.delete_db_instance(DBInstanceIdentifier="one")
    for name in ("two", "three"):
        with refused("InvalidDBClusterStateFault"):
            rds.delete_db_instance(DBInstanceIdentifier=name)
    rds.promote_read_replica_db_cluster(**copy)
    for name in ("two", "three"):
        rds.delete_db_instance(DBInstanceIdentifier=name)


def test_a_managed_password_is_not_replicated(rds, refused):
    managed = {**NEW, "ManageMasterUserPassword": True}
    del managed["MasterUserPassword"]
    arn = rds.create_db_cluster(**managed)["DBCluster"]["DBClusterArn"]
    with refused("InvalidParameterValue"):
        rds.create_db_cluster(DBClusterIdentifier="copy", Engine="aurora-mysql", ReplicationSourceIdentifier=arn)


def test_the_promotion_of_an_instance(rds, refused):
    rds.create_db_instance(**MYSQL, BackupRetentionPeriod=7)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="old")
    assert instance(rds, "old")["ReadReplicaDBInstanceIdentifiers"] == ["copy"]
    rds.promote_read_replica(DBInstanceIdentifier="copy", BackupRetentionPeriod=3)
    copy = instance(rds, "copy")
    assert "ReadReplicaSourceDBInstanceIdentifier" not in copy
    assert copy["BackupRetentionPeriod"] == 3
    assert not instance(rds, "old").get("ReadReplicaDBInstanceIdentifiers")
    with refused("InvalidDBInstanceState"):
        rds.promote_read_replica(DBInstanceIdentifier="old")
    with refused("DBInstanceNotFound"):
        rds.promote_read_replica(DBInstanceIdentifier="none")


def test_members_are_where_their_cluster_is(rds, client):
    ec2 = client("ec2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
    rds.create_db_subnet_group(DBSubnetGroupName="data", DBSubnetGroupDescription="data", SubnetIds=subnets)
    rds.create_db_cluster(**NEW, DBSubnetGroupName="data", EnableCloudwatchLogsExports=["error"])
    for name, tier in (("one", 1), ("two", 0)):
        rds.create_db_instance(**CLUSTER, **INSTANCE, DBInstanceIdentifier=name, PromotionTier=tier)
    one = instance(rds, "one")
    assert one["DBSubnetGroup"]["DBSubnetGroupName"] == "data"
    assert one["EnabledCloudwatchLogsExports"] == ["error"]
    told = [
        (member["DBInstanceIdentifier"], member["IsClusterWriter"], member["PromotionTier"])
        for member in describe(rds)["DBClusterMembers"]
    ]
    assert told == [("one", True, 1), ("two", False, 0)]


def test_snapshots(rds, refused):
    rds.create_db_cluster(**{**NEW, "MasterUserPassword": "", "ManageMasterUserPassword": True}, DatabaseName="shop")
    with refused("InvalidParameterCombination"):
        rds.delete_db_cluster(**CLUSTER)
    assert rds.delete_db_cluster(**CLUSTER, FinalDBSnapshotIdentifier="last")["DBCluster"]["Status"] == "deleting"
    rds.restore_db_cluster_from_snapshot(**CLUSTER, SnapshotIdentifier="last", Engine="aurora-mysql", Port=3307)
    restored = describe(rds)
    assert (restored["MasterUsername"], restored["DatabaseName"], restored["Port"]) == ("owner", "shop", 3307)
    assert "MasterUserSecret" not in restored

    rds.create_db_instance(**MYSQL)
    arn = rds.create_db_snapshot(DBInstanceIdentifier="old", DBSnapshotIdentifier="old")["DBSnapshot"]["DBSnapshotArn"]
    rds.restore_db_cluster_from_snapshot(DBClusterIdentifier="new", SnapshotIdentifier=arn, Engine="aurora-mysql")
    assert describe(rds, "new")["EngineVersion"] == "8.0.mysql_aurora.3.08.2"


def test_endpoints_of_ones_own(rds, refused):
    rds.create_db_cluster(**NEW)
    for name in ("one", "two"):
        rds.create_db_instance(**CLUSTER, **INSTANCE, DBInstanceIdentifier=name)
    endpoint = {"DBClusterEndpointIdentifier": "reports"}
    tags = [{"Key": "Environment", "Value": "test"}]
    made = rds.create_db_cluster_endpoint(
        **CLUSTER, **endpoint, EndpointType="READER", StaticMembers=["two"], Tags=tags
    )
    assert made["EndpointType"] == "CUSTOM"
    assert rds.list_tags_for_resource(ResourceName=made["DBClusterEndpointArn"])["TagList"] == tags
    assert describe(rds)["CustomEndpoints"] == [made["Endpoint"]]
    listed = rds.describe_db_cluster_endpoints(**CLUSTER)["DBClusterEndpoints"]
    assert [told["EndpointType"] for told in listed] == ["WRITER", "READER", "CUSTOM"]
    changed = rds.modify_db_cluster_endpoint(**endpoint, EndpointType="ANY", StaticMembers=["one", "two"])
    assert (changed["CustomEndpointType"], changed["StaticMembers"]) == ("ANY", ["one", "two"])
    with refused("DBInstanceNotFound"):
        rds.modify_db_cluster_endpoint(**endpoint, ExcludedMembers=["three"])
    with refused("DBClusterEndpointAlreadyExistsFault"):
        rds.create_db_cluster_endpoint(**CLUSTER, **endpoint, EndpointType="ANY")
    rds.delete_db_cluster_endpoint(**endpoint)
    assert rds.describe_db_cluster_endpoints(**endpoint)["DBClusterEndpoints"] == []
    with refused("DBClusterEndpointNotFoundFault"):
        rds.delete_db_cluster_endpoint(**endpoint)


def test_the_lag_of_a_replica_of_an_instance_shrinks(sandbox, rds, client):
    def lags():
        now = datetime.datetime.now(datetime.UTC)
        return [
            point["Maximum"]
            for point in client("cloudwatch").get_metric_statistics(
                Namespace="AWS/RDS",
                MetricName="AuroraBinlogReplicaLag",
                Dimensions=[{"Name": "DBInstanceIdentifier", "Value": "data-1"}],
                StartTime=now - datetime.timedelta(minutes=5),
                EndTime=now,
                Period=60,
                Statistics=["Maximum"],
            )["Datapoints"]
        ]

    rds.create_db_instance(**MYSQL, BackupRetentionPeriod=7)
    source = instance(rds, "old")["DBInstanceArn"]
    rds.create_db_cluster(**CLUSTER, Engine="aurora-mysql", ReplicationSourceIdentifier=source)
    sandbox.clock(1)
    try:
        rds.create_db_instance(**CLUSTER, **INSTANCE, DBInstanceIdentifier="data-1")
        assert lags() == []
        sandbox.clock(0)
        assert lags() == [0]
        rds.promote_read_replica_db_cluster(**CLUSTER)
        assert lags() == []
    finally:
        sandbox.clock(0)
