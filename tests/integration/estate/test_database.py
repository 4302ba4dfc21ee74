# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The database of an estate, read back from the API, described otherwise, protected, taken away.

The tests of this module follow one another on one estate, which has only the layers that the database stands on.
"""

from __future__ import annotations

import json
import time

import pytest

from .conftest import BOTH_WORDS, TOKYO, client, key_of

LAYERS = "encryption,identity,network,security_groups,database"
NAME = "shop-sandbox-database"
PATH = "/shop-sandbox/application/database"
CELLS = ("--limit", "virginia,tokyo")
ALONE = ("--tags", "database", "--skip-tags", "always", "--limit", "tokyo")


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it."""
    if not any(request["operation"] == "CreateDBCluster" for request in estate.writes()):
        estate.run("--tags", LAYERS, *CELLS, described())
    return estate


def cluster_of(estate) -> dict:
    """The one cluster."""
    (cluster,) = client(estate, "rds").describe_db_clusters()["DBClusters"]
    return cluster


def instances_of(estate) -> dict[str, dict]:
    instances = client(estate, "rds").describe_db_instances()["DBInstances"]
    return {instance["DBInstanceIdentifier"]: instance for instance in instances}


def password_of(estate) -> str:
    """What only RDS and the application may know."""
    arn = cluster_of(estate)["MasterUserSecret"]["SecretArn"]
    return json.loads(client(estate, "secretsmanager").get_secret_value(SecretId=arn)["SecretString"])["password"]


def published_of(estate) -> dict[str, str]:
    """What the application is told."""
    parameters = client(estate, "ssm").get_parameters_by_path(Path=PATH, WithDecryption=True)["Parameters"]
    return {parameter["Name"].rpartition("/")[2]: parameter["Value"] for parameter in parameters}


def test_the_password_is_nowhere(estate, described, watched):
    estate.run("--tags", LAYERS.removesuffix(",database"), *CELLS, described())
    # Only this layer knows it, and Ansible is slow when it is made to keep everything.
    told = watched(*ALONE, "-vvv", described())
    password = password_of(estate)
    assert len(password) >= 8
    assert any(NAME in text for text in told)
    assert not any(password in text for text in told)
    assert password not in estate.run(*ALONE, "-vvv", described()).output


def test_rows_s13_and_s14_it_is_encrypted_on_the_wire_and_at_rest(built):
    cluster, rds = cluster_of(built), client(built, "rds")
    assert (cluster["Engine"], cluster["StorageEncrypted"]) == ("aurora-mysql", True)
    assert cluster["KmsKeyId"] == key_of(built, "database")
    assert cluster["CopyTagsToSnapshot"]
    set_by_us = rds.describe_db_cluster_parameters(DBClusterParameterGroupName=NAME, Source="user")["Parameters"]
    parameters = {parameter["ParameterName"]: parameter["ParameterValue"] for parameter in set_by_us}
    assert parameters["require_secure_transport"] == "ON"
    assert parameters["character_set_server"] == "utf8mb4"
    assert parameters["slow_query_log"] == "1"
    assert parameters["server_audit_logging"] == "1"
    for instance in instances_of(built).values():
        assert instance["PerformanceInsightsKMSKeyId"] == key_of(built, "database")
        assert instance["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"


def test_row_p3_a_writer_and_a_reader_in_zones_of_their_own(built):
    cluster, instances = cluster_of(built), instances_of(built)
    members = {
        member["DBInstanceIdentifier"]: (member["IsClusterWriter"], member["PromotionTier"])
        for member in cluster["DBClusterMembers"]
    }
    assert members == {f"{NAME}-1": (True, 0), f"{NAME}-2": (False, 1)}
    assert [instances[name]["AvailabilityZone"] for name in sorted(instances)] == [f"{TOKYO}a", f"{TOKYO}c"]
    assert not any(instance["PubliclyAccessible"] for instance in instances.values())
    (group,) = client(built, "rds").describe_db_subnet_groups(DBSubnetGroupName=NAME)["DBSubnetGroups"]
    subnets = {subnet["SubnetIdentifier"] for subnet in group["Subnets"]}
    found = client(built, "ec2").describe_subnets(SubnetIds=sorted(subnets))["Subnets"]
    names = {tag["Value"] for subnet in found for tag in subnet["Tags"] if tag["Key"] == "Name"}
    assert names == {"shop-sandbox-data-a", "shop-sandbox-data-c"}
    (security_group,) = cluster["VpcSecurityGroups"]
    groups = client(built, "ec2").describe_security_groups(GroupIds=[security_group["VpcSecurityGroupId"]])
    assert groups["SecurityGroups"][0]["GroupName"] == "shop-sandbox-database"


def test_rows_o1_and_o18_it_is_watched_and_logged(built):
    cluster = cluster_of(built)
    assert sorted(cluster["EnabledCloudwatchLogsExports"]) == ["audit", "error", "slowquery"]
    groups = client(built, "logs").describe_log_groups(logGroupNamePrefix=f"/aws/rds/cluster/{NAME}/")["logGroups"]
    found = {
        group["logGroupName"].rpartition("/")[2]: (group["retentionInDays"], group["kmsKeyId"]) for group in groups
    }
    assert found == dict.fromkeys(("audit", "error", "slowquery"), (90, key_of(built, "logs")))
    for instance in instances_of(built).values():
        assert (instance["MonitoringInterval"], instance["PerformanceInsightsRetentionPeriod"]) == (60, 7)
        assert instance["MonitoringRoleArn"].endswith("role/shop-sandbox/shop-sandbox-database-monitoring")
    alarms = client(built, "cloudwatch").describe_alarms(AlarmNamePrefix=f"{NAME}-2-")["MetricAlarms"]
    assert {
        alarm["AlarmName"].removeprefix(f"{NAME}-2-"): (
            alarm["MetricName"],
            alarm["ComparisonOperator"],
            alarm["Threshold"],
        )
        for alarm in alarms
    } == {
        "cpu": ("CPUUtilization", "GreaterThanThreshold", 80),
        "memory": ("FreeableMemory", "LessThanThreshold", 200 * 1024**2),
        "lag": ("AuroraReplicaLag", "GreaterThanThreshold", 10_000),
        "deadlocks": ("Deadlocks", "GreaterThanThreshold", 0.1),
        "storage": ("FreeLocalStorage", "LessThanThreshold", 5 * 1024**3),
    }
    assert all(alarm["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": f"{NAME}-2"}] for alarm in alarms)


def test_row_s17_the_application_finds_it_and_its_password(built):
    ssm = client(built, "ssm")
    parameters = ssm.get_parameters_by_path(Path=PATH, WithDecryption=True)["Parameters"]
    found = {parameter["Name"].rpartition("/")[2]: parameter["Value"] for parameter in parameters}
    cluster = cluster_of(built)
    assert found == {
        "host": cluster["Endpoint"],
        "reader_host": cluster["ReaderEndpoint"],
        "port": "3306",
        "name": "shop",
        "user": "owner",
        "secret": cluster["MasterUserSecret"]["SecretArn"],
    }
    assert {parameter["Type"] for parameter in parameters} == {"SecureString"}
    described = ssm.describe_parameters()["Parameters"]
    assert {parameter["KeyId"] for parameter in described} == {key_of(built, "parameters")}
    assert cluster["MasterUserSecret"]["KmsKeyId"] == key_of(built, "parameters")


SCALING = {"min": 1, "max": 5, "cpu_percent": 55}
WATCHED = ("cpu", "memory", "lag", "deadlocks", "storage")
MYSQL_ALARMS = ("cpu", "memory", "lag", "storage")
EVENTS = ("clusters", "cluster-snapshots", "instances", "parameters")
# What is described otherwise, and what that is to touch.
CHANGES = {
    "a reader more": ({"database_readers": 2}, {("Start the instances", f"{NAME}-3")}),
    "an alarm more": (
        {"database_alarms": {"connections": 400}},
        {("Watch the instances", f"{NAME}-{number} connections") for number in (1, 2, 3)},
    ),
    "backups for longer": ({"database_backup_retention_days": 21}, {("Start the cluster", "")}),
    "a parameter": ({"database_parameters": {"max_connections": 500}}, {("Keep the parameters of the cluster", "")}),
    "readers by the work that there is": (
        {"database_reader_scaling": SCALING},
        {
            ("Keep what more readers are made of", ""),
            ("Keep how many readers there are to the work that there is", "cpu"),
        },
    ),
    "an endpoint for reports": (
        {"database_endpoints": {"reports": {"instances": [2]}}},
        {("Keep the endpoints that lead to certain instances", "reports")},
    ),
    "slow queries sooner": ({"database_slow_query_seconds": 0.5}, {("Keep the parameters of the cluster", "")}),
    "logs for longer": (
        {"database_log_retention_days": 400},
        {("Keep the log groups", f"/aws/rds/cluster/{NAME}/{log}") for log in ("audit", "error", "slowquery")},
    ),
}


def test_growing_changes_that_and_nothing_else(built, described):
    sns = client(built, "sns")
    topic = sns.create_topic(Name="notification")["TopicArn"]
    publisher = {"Service": "events.rds.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": publisher, "Action": "sns:Publish", "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    variables = {name: value for values, _ in CHANGES.values() for name, value in values.items()}
    variables["database_events_topic_arn"] = topic
    expected = set().union(*(touched for _, touched in CHANGES.values()))
    expected |= {("Tell of what happens to the database", name) for name in EVENTS}
    expected |= {("Watch the instances", f"{NAME}-{number} {name}") for number in (1, 2, 3) for name in WATCHED}
    grown = (*ALONE, described(**variables))
    assert built.run("--check", *grown).touched == expected
    assert built.run(*grown).touched == expected
    assert built.run(*grown).touched == set()

    cluster, rds = cluster_of(built), client(built, "rds")
    assert len(cluster["DBClusterMembers"]) == 3
    assert cluster["BackupRetentionPeriod"] == 21
    scaling = client(built, "application-autoscaling")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="rds")["ScalableTargets"]
    assert (target["ResourceId"], target["MinCapacity"], target["MaxCapacity"]) == (f"cluster:{NAME}", 1, 5)
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="rds")["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 55
    endpoints = rds.describe_db_cluster_endpoints(DBClusterIdentifier=NAME)["DBClusterEndpoints"]
    (reports,) = [endpoint for endpoint in endpoints if endpoint["EndpointType"] == "CUSTOM"]
    assert reports["StaticMembers"] == [f"{NAME}-2"]
    subscriptions = rds.describe_event_subscriptions()["EventSubscriptionsList"]
    assert {
        subscription["CustSubscriptionId"].removeprefix(f"{NAME}-"): subscription["SourceIdsList"]
        for subscription in subscriptions
    } == {
        "clusters": [NAME],
        "cluster-snapshots": [],
        "instances": [f"{NAME}-{number}" for number in (1, 2, 3)],
        "parameters": [NAME],
    }

    # A reader that is not described any more goes, and readers are no longer added.
    shrunk = built.run(*ALONE, described(**{**variables, "database_readers": 1, "database_reader_scaling": {}}))
    assert shrunk.touched == {
        ("Delete the readers that are not described any more", f"{NAME}-3"),
        ("Keep what more readers are made of", ""),
        ("Tell of what happens to the database", "instances"),
    } | {
        ("Watch the readers no more that are not described any more", f"{NAME}-3 {name}")
        for name in (*WATCHED, "connections")
    }
    assert scaling.describe_scalable_targets(ServiceNamespace="rds")["ScalableTargets"] == []


def test_what_restarts_it_waits_for_the_window_unless_told_otherwise(built, described):
    class_of = {("Start the instances", f"{NAME}-{number}") for number in (1, 2)}
    larger = {"database_instance_class": "db.r7g.large"}
    run = built.run(*ALONE, described(**larger))
    assert class_of <= run.touched
    assert "db_instance_class db.r7g.large" in run.output
    assert {instance["DBInstanceClass"] for instance in instances_of(built).values()} == {"db.t4g.medium"}
    assert built.run(*ALONE, described(**larger)).touched.isdisjoint(class_of)
    assert class_of <= built.run(*ALONE, described(**larger, database_apply_immediately=True)).touched
    assert {instance["DBInstanceClass"] for instance in instances_of(built).values()} == {"db.r7g.large"}


def test_what_parameters_wait_for_is_said_and_done_when_asked_for(built, described):
    static = {"database_parameters": {"performance_schema": 1}, "database_instance_class": "db.r7g.large"}

    def states() -> set[str]:
        return {member["DBClusterParameterGroupStatus"] for member in cluster_of(built)["DBClusterMembers"]}

    assert built.run(*ALONE, described(**static)).touched == {("Keep the parameters of the cluster", "")}
    assert states() == {"pending-reboot"}
    waiting = built.run(*ALONE, described(**static))
    assert waiting.touched == set()
    assert "reboot" in waiting.output
    restart = (*ALONE, described(**static, database_restart=True))
    assert built.run(*restart).touched == {("Start the instances", f"{NAME}-{number}") for number in (1, 2)}
    assert states() == {"in-sync"}
    assert built.run(*restart).touched == set()


def test_protected_it_stays_with_all_that_it_stands_on(built, described):
    built.run(*ALONE, described(database_deletion_protection=True))
    writes = len(built.writes())
    run = built.attempt(
        "--tags", "database,network", *CELLS, *BOTH_WORDS, described(), playbook="playbooks/destroy.yml"
    )
    assert run.returncode != 0
    assert f"Nothing was touched. The database {NAME} in tokyo is protected" in run.output
    built.run(*ALONE, described())
    run = built.attempt("--tags", "network", *CELLS, *BOTH_WORDS, described(), playbook="playbooks/destroy.yml")
    assert "stands on" in run.output
    assert {request["operation"] for request in built.writes()[writes:]} <= {"ModifyDBCluster", "ModifyDBInstance"}


PROXY = {
    "database_proxy": {"connections_percent": 90},
    "security_groups_extra_groups": {"database-proxy": "The database's proxy"},
    "security_groups_extra_flows": [
        {"from": "web", "to": "database-proxy", "port": 3306},
        {"from": "database-proxy", "to": "database", "port": 3306},
    ],
}


def test_the_application_is_led_through_a_proxy_and_past_it_again(built, described):
    proxied, rds, ssm = (*ALONE, described(**PROXY)), client(built, "rds"), client(built, "ssm")

    def told() -> dict[str, str]:
        parameters = ssm.get_parameters_by_path(Path=PATH, WithDecryption=True)["Parameters"]
        return {parameter["Name"].rpartition("/")[2]: parameter["Value"] for parameter in parameters}

    past = told()
    built.run("--tags", "security_groups", *ALONE[2:], described(**PROXY))
    made = {
        ("Keep the proxy's log group", ""),
        ("Keep the proxy", ""),
        ("Keep the proxy's address of the readers", ""),
    }
    led = {("Tell the application where the database is", name) for name in ("host", "reader_host")}
    assert built.run("--check", *proxied).touched == made | led
    assert built.run(*proxied).touched == made | led
    assert built.run(*proxied).touched == set()

    cluster = cluster_of(built)
    (proxy,) = rds.describe_db_proxies()["DBProxies"]
    (secret,) = proxy["Auth"]
    assert (proxy["DBProxyName"], proxy["RequireTLS"], proxy["DebugLogging"]) == (NAME, True, False)
    assert (secret["SecretArn"], secret["IAMAuth"]) == (cluster["MasterUserSecret"]["SecretArn"], "DISABLED")
    assert proxy["RoleArn"].endswith("role/shop-sandbox/shop-sandbox-database-proxy")
    subnets = client(built, "ec2").describe_subnets(SubnetIds=proxy["VpcSubnetIds"])["Subnets"]
    assert {tag["Value"] for subnet in subnets for tag in subnet["Tags"] if tag["Key"] == "Name"} == {
        "shop-sandbox-data-a",
        "shop-sandbox-data-c",
    }
    (group,) = client(built, "ec2").describe_security_groups(GroupIds=proxy["VpcSecurityGroupIds"])["SecurityGroups"]
    assert group["GroupName"] == "shop-sandbox-database-proxy"
    assert [rule["FromPort"] for rule in (*group["IpPermissions"], *group["IpPermissionsEgress"])] == [3306, 3306]
    (pool,) = rds.describe_db_proxy_target_groups(DBProxyName=NAME)["TargetGroups"]
    assert pool["ConnectionPoolConfig"]["MaxConnectionsPercent"] == 90
    targets = rds.describe_db_proxy_targets(DBProxyName=NAME)["Targets"]
    assert [target["RdsResourceId"] for target in targets] == [NAME, f"{NAME}-1", f"{NAME}-2"]
    (readers,) = rds.describe_db_proxy_endpoints()["DBProxyEndpoints"]
    assert readers["TargetRole"] == "READ_ONLY"
    assert told() == {**past, "host": proxy["Endpoint"], "reader_host": readers["Endpoint"]}
    (log,) = client(built, "logs").describe_log_groups(logGroupNamePrefix="/aws/rds/proxy/")["logGroups"]
    assert (log["logGroupName"], log["retentionInDays"]) == (f"/aws/rds/proxy/{NAME}", 90)

    gone = {("Delete the proxy", ""), ("Delete the proxy's address of the readers", "")}
    assert built.run(*ALONE, described()).touched == gone | led
    assert told() == past
    # It is there when the database is taken away.
    built.run(*proxied)


def test_it_is_taken_away_with_a_last_snapshot_and_nothing_else_is(built, described):
    word = ("-e", "destroy_estate=shop-sandbox")
    run = built.attempt("--tags", "database", *CELLS, *word, described(), playbook="playbooks/destroy.yml")
    assert f"the database {NAME}" in run.output
    assert run.returncode != 0
    assert not run.changes
    snapshot = described(database_final_snapshot=True)
    run = built.run("--tags", "database", *CELLS, *BOTH_WORDS, snapshot, playbook="playbooks/destroy.yml")
    rds = client(built, "rds")
    for _ in range(100):
        if not rds.describe_db_clusters()["DBClusters"]:
            break
        time.sleep(0.1)
    assert rds.describe_db_clusters()["DBClusters"] == rds.describe_db_instances()["DBInstances"] == []
    (last,) = rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    assert last["DBClusterSnapshotIdentifier"].startswith(f"{NAME}-20")
    assert rds.describe_event_subscriptions()["EventSubscriptionsList"] == []
    assert rds.describe_db_proxies()["DBProxies"] == rds.describe_db_proxy_endpoints()["DBProxyEndpoints"] == []
    groups = rds.describe_db_parameter_groups()["DBParameterGroups"]
    groups += rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]
    assert not [group for group in groups if NAME in str(group)]
    assert not [group for group in rds.describe_db_subnet_groups()["DBSubnetGroups"] if NAME in str(group)]
    assert client(built, "cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert client(built, "ssm").get_parameters_by_path(Path=PATH)["Parameters"] == []
    assert client(built, "logs").describe_log_groups(logGroupNamePrefix="/aws/rds/")["logGroups"] == []
    assert client(built, "secretsmanager").list_secrets()["SecretList"] == []
    assert len(client(built, "ec2").describe_subnets(Filters=[{"Name": "tag:Estate", "Values": ["shop"]}])["Subnets"])


def test_mysql_on_a_single_instance(built, described):
    variables = {
        "database_engine": "mysql",
        "database_readers": 0,
        "database_storage": {"size_gib": 50, "max_size_gib": 200},
    }
    mysql = (*ALONE, described(**variables))
    built.run(*mysql)
    assert built.run(*mysql).touched == set()
    (instance,) = instances_of(built).values()
    assert (instance["Engine"], instance["MultiAZ"], instance["StorageEncrypted"]) == ("mysql", True, True)
    assert (instance["AllocatedStorage"], instance["MaxAllocatedStorage"]) == (50, 200)
    found = published_of(built)
    assert found["host"] == found["reader_host"] == instance["Endpoint"]["Address"]
    assert found["secret"] == instance["MasterUserSecret"]["SecretArn"]
    built.run("--tags", "database", *CELLS, *BOTH_WORDS, described(**variables), playbook="playbooks/destroy.yml")
    assert instances_of(built) == {}


def test_mysql_with_read_replicas_and_a_password_that_rds_does_not_manage(built, described, watched):
    variables = {"database_engine": "mysql", "database_password": "generated", "database_readers": 2}
    alone = (*ALONE, described(**variables))
    told = watched(*ALONE, "-vvv", described(**variables))
    secretsmanager = client(built, "secretsmanager")
    secret = secretsmanager.get_secret_value(SecretId=NAME, VersionStage="AWSCURRENT")
    held = json.loads(secret["SecretString"])
    assert (held["username"], len(held["password"])) == ("owner", 41)
    assert any(NAME in text for text in told)
    assert not any(held["password"] in text for text in told)
    assert built.run(*alone).touched == set()

    instances = instances_of(built)
    source = instances[f"{NAME}-1"]
    assert "MasterUserSecret" not in source
    assert {"Key": "MasterPasswordVersion", "Value": secret["VersionId"]} in source["TagList"]
    assert secretsmanager.describe_secret(SecretId=NAME)["KmsKeyId"] == key_of(built, "parameters")
    assert sorted(source["ReadReplicaDBInstanceIdentifiers"]) == [f"{NAME}-2", f"{NAME}-3"]
    for number, zone in ((2, "c"), (3, "a")):
        replica = instances[f"{NAME}-{number}"]
        assert replica["AvailabilityZone"] == f"{TOKYO}{zone}"
        assert replica["DBParameterGroups"] == source["DBParameterGroups"]
        assert replica["VpcSecurityGroups"] == source["VpcSecurityGroups"]
        assert sorted(replica["EnabledCloudwatchLogsExports"]) == ["error", "slowquery"]
    groups = client(built, "logs").describe_log_groups(logGroupNamePrefix=f"/aws/rds/instance/{NAME}-3/")["logGroups"]
    assert {group["kmsKeyId"] for group in groups} == {key_of(built, "logs")}
    (lag,) = client(built, "cloudwatch").describe_alarms(AlarmNames=[f"{NAME}-3-lag"])["MetricAlarms"]
    assert (lag["MetricName"], lag["Threshold"]) == ("ReplicaLag", 10)
    found = published_of(built)
    assert found["host"] == source["Endpoint"]["Address"]
    assert found["reader_host"] == instances[f"{NAME}-2"]["Endpoint"]["Address"]
    assert found["secret"] == secret["ARN"]

    # It can be changed, once the database has one.
    rotate = ("--skip-tags", "always", "--limit", "tokyo")
    run = built.run(*rotate, described(**variables), playbook="playbooks/rotate_database_password.yml")
    another = secretsmanager.get_secret_value(SecretId=NAME, VersionStage="AWSCURRENT")
    assert another["SecretString"] != secret["SecretString"]
    assert json.loads(another["SecretString"])["password"] not in run.output
    tag = {"Key": "MasterPasswordVersion", "Value": another["VersionId"]}
    assert tag in instances_of(built)[f"{NAME}-1"]["TagList"]

    # The one that is not described any more goes with what is about it.
    fewer = {**variables, "database_readers": 1}
    shrunk = built.run(*ALONE, described(**fewer))
    assert shrunk.touched == {
        ("Delete the readers that are not described any more", f"{NAME}-3"),
        *(("Watch the readers no more that are not described any more", f"{NAME}-3 {name}") for name in MYSQL_ALARMS),
        *(
            ("Delete the log groups of the readers that are not described any more", f"{NAME}-3 {log}")
            for log in ("error", "slowquery")
        ),
    }
    assert built.run(*ALONE, described(**fewer)).touched == set()


def test_the_password_is_left_to_rds_and_the_replicas_go_before_the_instance(built, described):
    variables = {"database_engine": "mysql", "database_readers": 0}
    built.run(*ALONE, described(**variables))
    (instance,) = instances_of(built).values()
    assert published_of(built)["secret"] == instance["MasterUserSecret"]["SecretArn"]
    assert published_of(built)["reader_host"] == instance["Endpoint"]["Address"]
    assert NAME not in {secret["Name"] for secret in client(built, "secretsmanager").list_secrets()["SecretList"]}
    assert built.run(*ALONE, described(**variables)).touched == set()
    # And back, with the password that was.
    variables = {**variables, "database_password": "generated", "database_readers": 1}
    built.run(*ALONE, described(**variables))
    assert published_of(built)["secret"].startswith(f"arn:aws:secretsmanager:{TOKYO}:123456789012:secret:{NAME}-")
    writes = len(built.writes())
    built.run("--tags", "database", *CELLS, *BOTH_WORDS, described(**variables), playbook="playbooks/destroy.yml")
    deleted = [request["operation"] for request in built.writes()[writes:]]
    assert deleted.count("DeleteDBInstance") == 2
    assert instances_of(built) == {}
    assert client(built, "logs").describe_log_groups(logGroupNamePrefix="/aws/rds/")["logGroups"] == []
    assert client(built, "secretsmanager").list_secrets()["SecretList"] == []
