# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""RDS's instances: what waits, what waits for a reboot, and whose replica is whose."""

import json

import pytest

NAME = {"DBInstanceIdentifier": "data"}
NEW = {
    **NAME,
    "DBInstanceClass": "db.t4g.medium",
    "Engine": "mysql",
    "AllocatedStorage": 100,
    "MasterUsername": "owner",
    "MasterUserPassword": "correct-horse",
}
REPLICA = {"DBInstanceIdentifier": "replica"}
GROUP = {"DBParameterGroupName": "example"}


@pytest.fixture
def rds(client):
    return client("rds")


def describe(rds, name="data"):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def create_group(rds):
    rds.create_db_parameter_group(**GROUP, DBParameterGroupFamily="mysql8.0", Description="Test")


def test_a_new_instance_is_as_aws_tells_it(client, rds, refused):
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    rds.create_db_instance(
        **NEW,
        EngineVersion="8.0",
        StorageType="gp3",
        MaxAllocatedStorage=500,
        StorageEncrypted=True,
        EnablePerformanceInsights=True,
        PerformanceInsightsKMSKeyId=key,
    )
    rds.create_db_instance(**{**NEW, "DBInstanceIdentifier": "other"})
    instance, other = describe(rds), describe(rds, "other")
    assert instance["EngineVersion"] == "8.0.42"
    assert (instance["Iops"], instance["StorageThroughput"], instance["MaxAllocatedStorage"]) == (3000, 125, 500)
    assert instance["KmsKeyId"].startswith("arn:aws:kms:")
    assert instance["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"
    assert instance["PerformanceInsightsEnabled"]
    assert (instance["PerformanceInsightsKMSKeyId"], instance["PerformanceInsightsRetentionPeriod"]) == (key, 7)
    assert instance["DBParameterGroups"] == [
        {"DBParameterGroupName": "default.mysql8.0", "ParameterApplyStatus": "in-sync"}
    ]
    assert instance["DBSubnetGroup"]["DBSubnetGroupName"] == "default"
    assert instance["DBSubnetGroup"]["Subnets"]
    assert instance["DbiResourceId"] != other["DbiResourceId"]
    assert "MasterUserSecret" not in instance
    for wrong, code in (
        ({"StorageType": "gp3", "Iops": 4000}, "InvalidParameterCombination"),
        ({"MonitoringInterval": 60}, "InvalidParameterCombination"),
        ({"ManageMasterUserPassword": True}, "InvalidParameterCombination"),
        ({"EngineVersion": "8.0.1"}, "InvalidParameterCombination"),
        ({"DBSubnetGroupName": "none"}, "DBSubnetGroupNotFoundFault"),
    ):
        with refused(code):
            rds.create_db_instance(**{**NEW, "DBInstanceIdentifier": "third"}, **wrong)


def test_what_waits_and_what_does_not(rds):
    rds.create_db_instance(**NEW)
    rds.modify_db_instance(
        **NAME, DBInstanceClass="db.r7g.large", MultiAZ=True, DeletionProtection=True, CopyTagsToSnapshot=True
    )
    instance = describe(rds)
    assert (instance["DBInstanceClass"], instance["MultiAZ"]) == ("db.t4g.medium", False)
    assert (instance["DeletionProtection"], instance["CopyTagsToSnapshot"]) == (True, True)
    assert instance["PendingModifiedValues"] == {"DBInstanceClass": "db.r7g.large", "MultiAZ": True}
    rds.modify_db_instance(**NAME, DBInstanceClass="db.t4g.medium")
    assert describe(rds)["PendingModifiedValues"] == {"MultiAZ": True}
    rds.modify_db_instance(**NAME, EngineVersion="8.0.41", ApplyImmediately=True)
    instance = describe(rds)
    assert (instance["MultiAZ"], instance["EngineVersion"]) == (True, "8.0.41")
    assert instance.get("PendingModifiedValues", {}) == {}


def test_storage_grows(rds, refused):
    rds.create_db_instance(**NEW, StorageType="gp2")
    with refused("InvalidParameterCombination"):
        rds.modify_db_instance(**NAME, AllocatedStorage=50)
    rds.modify_db_instance(**NAME, AllocatedStorage=105, StorageType="gp3", ApplyImmediately=True)
    instance = describe(rds)
    assert (instance["AllocatedStorage"], instance["Iops"], instance["StorageThroughput"]) == (110, 3000, 125)
    with refused("InvalidParameterCombination"):
        rds.modify_db_instance(**NAME, AllocatedStorage=150, Iops=4000)
    rds.modify_db_instance(**NAME, AllocatedStorage=500, Iops=13000, StorageThroughput=600, ApplyImmediately=True)
    with refused("InvalidParameterCombination"):
        rds.modify_db_instance(**NAME, Iops=14000)
    instance = describe(rds)
    assert (instance["AllocatedStorage"], instance["Iops"], instance["StorageThroughput"]) == (500, 13000, 600)


def test_parameters_that_wait_for_a_reboot(rds):
    rds.create_db_instance(**NEW)
    create_group(rds)

    def status():
        (group,) = describe(rds)["DBParameterGroups"]
        return group["DBParameterGroupName"], group["ParameterApplyStatus"]

    rds.modify_db_instance(**NAME, **GROUP)
    assert status() == ("example", "pending-reboot")
    rds.reboot_db_instance(**NAME)
    assert status() == ("example", "in-sync")
    change = {"ParameterName": "slow_query_log", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(**GROUP, Parameters=[change])
    assert status() == ("example", "in-sync")
    change = {"ParameterName": "performance_schema", "ParameterValue": "1", "ApplyMethod": "pending-reboot"}
    rds.modify_db_parameter_group(**GROUP, Parameters=[change])
    assert status() == ("example", "pending-reboot")


def test_a_cluster_s_parameters_wait_for_a_reboot(rds):
    cluster = {"DBClusterIdentifier": "data"}
    group = {"DBClusterParameterGroupName": "example"}
    rds.create_db_cluster_parameter_group(**group, DBParameterGroupFamily="aurora-mysql8.0", Description="Test")
    owner = {"MasterUsername": "owner", "MasterUserPassword": "correct-horse"}
    rds.create_db_cluster(**cluster, **group, Engine="aurora-mysql", **owner)
    rds.create_db_instance(**cluster, **NAME, Engine="aurora-mysql", DBInstanceClass="db.r7g.large")
    instance = describe(rds)
    assert instance["DBParameterGroups"][0]["DBParameterGroupName"] == "default.aurora-mysql8.0"
    change = {"ParameterName": "binlog_format", "ParameterValue": "ROW", "ApplyMethod": "pending-reboot"}
    rds.modify_db_cluster_parameter_group(**group, Parameters=[change])

    def status():
        return rds.describe_db_clusters(**cluster)["DBClusters"][0]["DBClusterMembers"][0]

    assert status()["DBClusterParameterGroupStatus"] == "pending-reboot"
    assert describe(rds)["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    rds.reboot_db_instance(**NAME)
    assert status()["DBClusterParameterGroupStatus"] == "in-sync"


def test_a_password_that_rds_manages(client, rds, refused):
    told = {name: value for name, value in NEW.items() if name != "MasterUserPassword"}
    created = rds.create_db_instance(**told, ManageMasterUserPassword=True)["DBInstance"]
    secret = created["MasterUserSecret"]
    assert ":secret:rds!db-" in secret["SecretArn"]
    value = client("secretsmanager").get_secret_value(SecretId=secret["SecretArn"])["SecretString"]
    assert json.loads(value)["username"] == "owner"
    with refused("InvalidParameterCombination"):
        rds.modify_db_instance(**NAME, ManageMasterUserPassword=False)
    rds.modify_db_instance(**NAME, ManageMasterUserPassword=False, MasterUserPassword="correct-horse")
    assert "MasterUserSecret" not in describe(rds)
    rds.modify_db_instance(**NAME, ManageMasterUserPassword=True)
    assert describe(rds)["MasterUserSecret"]["SecretArn"] != secret["SecretArn"]
    with refused("InvalidParameterValue"):
        rds.create_db_instance_read_replica(**REPLICA, SourceDBInstanceIdentifier="data")


@pytest.mark.parametrize("password", ["short12", "x" * 42, "has a space", "at@example.com", "caf\u00e9-con-leche"])
def test_passwords_that_rds_does_not_take(rds, refused, password):
    with refused("InvalidParameterValue"):
        rds.create_db_instance(**{**NEW, "MasterUserPassword": password})


def test_replicas(client, rds, refused):
    create_group(rds)
    rds.create_db_instance(**NEW, **GROUP, Tags=[{"Key": "a", "Value": "b"}], DeletionProtection=True)
    with refused("InvalidParameterCombination"):
        rds.create_db_instance_read_replica(**REPLICA, **GROUP, SourceDBInstanceIdentifier="data")
    rds.create_db_instance_read_replica(**REPLICA, SourceDBInstanceIdentifier="data")
    source, replica = describe(rds), describe(rds, "replica")
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == "data"
    assert source["ReadReplicaDBInstanceIdentifiers"] == ["replica"]
    assert replica["DBParameterGroups"][0]["DBParameterGroupName"] == "example"
    assert (replica["DeletionProtection"], replica["BackupRetentionPeriod"], replica["TagList"]) == (False, 0, [])
    assert replica["DbiResourceId"] != source["DbiResourceId"]
    abroad = client("rds", "us-west-2")
    abroad.create_db_instance_read_replica(**REPLICA, SourceDBInstanceIdentifier=source["DBInstanceArn"])
    there = describe(abroad, "replica")
    assert there["ReadReplicaSourceDBInstanceIdentifier"] == source["DBInstanceArn"]
    assert there["DBParameterGroups"][0]["DBParameterGroupName"] == "default.mysql8.0"
    assert there["DBSubnetGroup"]["VpcId"] != source["DBSubnetGroup"]["VpcId"]
    assert describe(rds)["ReadReplicaDBInstanceIdentifiers"] == ["replica", there["DBInstanceArn"]]
    with refused("InvalidDBInstanceState"):
        rds.create_db_instance_read_replica(DBInstanceIdentifier="third", SourceDBInstanceIdentifier="replica")
    abroad.delete_db_instance(**REPLICA, SkipFinalSnapshot=True)
    assert describe(rds)["ReadReplicaDBInstanceIdentifiers"] == ["replica"]
    rds.modify_db_instance(**NAME, DeletionProtection=False)
    rds.delete_db_instance(**NAME, SkipFinalSnapshot=True)
    assert "ReadReplicaSourceDBInstanceIdentifier" not in describe(rds, "replica")


def test_a_last_snapshot(rds, refused):
    rds.create_db_instance(**NEW)
    with refused("InvalidParameterCombination"):
        rds.delete_db_instance(**NAME)
    rds.delete_db_instance(**NAME, FinalDBSnapshotIdentifier="last")
    assert rds.describe_db_snapshots(DBSnapshotIdentifier="last")["DBSnapshots"][0]["DBInstanceIdentifier"] == "data"


def test_a_group_of_subnets_that_was_changed_is_still_there(client):
    ec2, rds = client("ec2"), client("rds")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"] for number in range(3)
    ]
    group = {"DBSubnetGroupName": "data", "DBSubnetGroupDescription": "Data"}
    rds.create_db_subnet_group(**group, SubnetIds=subnets[:2])
    rds.modify_db_subnet_group(**group, SubnetIds=subnets)
    (found,) = rds.describe_db_subnet_groups(DBSubnetGroupName="data")["DBSubnetGroups"]
    assert sorted(subnet["SubnetIdentifier"] for subnet in found["Subnets"]) == sorted(subnets)
