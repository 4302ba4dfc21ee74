# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The cache of an estate, read back from the API, described otherwise, taken away.

The tests of this module follow one another on one estate, which has only the layers that the cache stands on.
"""

from __future__ import annotations

import json

import pytest

from .conftest import BOTH_WORDS, TOKYO, client, key_of

LAYERS = "encryption,identity,network,security_groups,cache"
NAME = "shop-sandbox-cache"
PATH = "/shop-sandbox/application/cache"
CELLS = ("--limit", "virginia,tokyo")
ALONE = ("--tags", "cache", "--skip-tags", "always", "--limit", "tokyo")


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it."""
    if not any(request["operation"] == "CreateReplicationGroup" for request in estate.writes()):
        estate.run("--tags", LAYERS, *CELLS, described())
    return estate


def cache_of(estate) -> dict:
    """The one replication group."""
    (group,) = client(estate, "elasticache").describe_replication_groups()["ReplicationGroups"]
    return group


def user_of(estate) -> dict:
    (user,) = client(estate, "elasticache").describe_users(UserId=NAME)["Users"]
    return user


def node_of(estate) -> dict:
    """What only its nodes tell."""
    (cluster,) = client(estate, "elasticache").describe_cache_clusters(CacheClusterId=f"{NAME}-001")["CacheClusters"]
    return cluster


def connection_data_of(estate) -> dict[str, str]:
    parameters = client(estate, "ssm").get_parameters_by_path(Path=PATH, WithDecryption=True)["Parameters"]
    assert {parameter["Type"] for parameter in parameters} <= {"SecureString"}
    return {parameter["Name"].rpartition("/")[2]: parameter["Value"] for parameter in parameters}


def set_by_us(estate) -> dict[str, str]:
    """The engine's parameters that are not as AWS has them."""
    elasticache = client(estate, "elasticache")
    found = elasticache.describe_cache_parameters(CacheParameterGroupName=f"{NAME}-valkey8", Source="user")
    return {parameter["ParameterName"]: parameter["ParameterValue"] for parameter in found["Parameters"]}


def test_the_password_is_nowhere(estate, described, watched):
    estate.run("--tags", LAYERS.removesuffix(",cache"), *CELLS, described())
    # Only this layer knows it, and Ansible is slow when it is made to keep everything.
    told = watched(*ALONE, "-vvv", described())
    secret = client(estate, "secretsmanager").get_secret_value(SecretId=NAME)
    assert len(secret["SecretString"]) >= 16
    assert any(NAME in text for text in told)
    assert not any(secret["SecretString"] in text for text in told)


def test_rows_s13_and_s14_it_is_encrypted_on_the_wire_and_at_rest(built):
    cache = cache_of(built)
    assert (cache["TransitEncryptionEnabled"], cache["TransitEncryptionMode"]) == (True, "required")
    assert (cache["AtRestEncryptionEnabled"], cache["KmsKeyId"]) == (True, key_of(built, "database"))
    policy = client(built, "kms").get_key_policy(KeyId=key_of(built, "database"))["Policy"]
    # AWS asks for both: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html
    assert {f"{service}.{TOKYO}.amazonaws.com" in policy for service in ("elasticache", "dax")} == {True}


def test_row_p5_a_primary_and_a_replica_in_zones_of_their_own(built):
    cache, node = cache_of(built), node_of(built)
    assert (cache["Engine"], cache["ClusterMode"], cache["CacheNodeType"]) == ("valkey", "disabled", "cache.t4g.small")
    assert (cache["AutomaticFailover"], cache["MultiAZ"]) == ("enabled", "enabled")
    (shard,) = cache["NodeGroups"]
    assert {member["PreferredAvailabilityZone"] for member in shard["NodeGroupMembers"]} == {f"{TOKYO}a", f"{TOKYO}c"}
    assert (cache["SnapshotRetentionLimit"], cache["SnapshotWindow"]) == (1, "16:00-17:00")
    assert node["PreferredMaintenanceWindow"] == "sun:18:00-sun:19:00"
    assert set_by_us(built) == {"maxmemory-policy": "allkeys-lru"}
    assert node["CacheParameterGroup"]["CacheParameterGroupName"] == f"{NAME}-valkey8"
    groups = client(built, "elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=NAME)["CacheSubnetGroups"]
    subnets = [subnet["SubnetIdentifier"] for group in groups for subnet in group["Subnets"]]
    found = client(built, "ec2").describe_subnets(SubnetIds=subnets)["Subnets"]
    names = {tag["Value"] for subnet in found for tag in subnet["Tags"] if tag["Key"] == "Name"}
    assert names == {"shop-sandbox-data-a", "shop-sandbox-data-c"}
    (security_group,) = node["SecurityGroups"]
    groups = client(built, "ec2").describe_security_groups(GroupIds=[security_group["SecurityGroupId"]])
    assert groups["SecurityGroups"][0]["GroupName"] == NAME


def test_row_o1_it_is_logged(built):
    logs = {
        delivery["LogType"]: delivery["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"]
        for delivery in cache_of(built)["LogDeliveryConfigurations"]
    }
    assert logs == {log: f"/aws/elasticache/{NAME}/{log}" for log in ("engine-log", "slow-log")}
    groups = client(built, "logs").describe_log_groups(logGroupNamePrefix="/aws/elasticache/")["logGroups"]
    found = {group["logGroupName"]: (group["retentionInDays"], group["kmsKeyId"]) for group in groups}
    assert found == dict.fromkeys(logs.values(), (90, key_of(built, "logs")))


def test_row_s17_the_application_finds_it_and_its_password_and_nobody_else_gets_in(built):
    secret = client(built, "secretsmanager").describe_secret(SecretId=NAME)
    (shard,) = cache_of(built)["NodeGroups"]
    assert connection_data_of(built) == {
        "host": shard["PrimaryEndpoint"]["Address"],
        "reader_host": shard["ReaderEndpoint"]["Address"],
        "port": "6379",
        "user": NAME,
        "secret": secret["ARN"],
    }
    assert secret["KmsKeyId"] == key_of(built, "parameters")
    (group,) = client(built, "elasticache").describe_user_groups(UserGroupId=NAME)["UserGroups"]
    assert (group["Engine"], group["UserIds"], group["ReplicationGroups"]) == ("valkey", [NAME], [NAME])
    assert user_of(built)["Authentication"] == {"Type": "password", "PasswordCount": 1}
    policies = built.sandbox.client("iam").list_policies(Scope="Local")["Policies"]
    (web,) = [policy for policy in policies if policy["PolicyName"] == "shop-sandbox-web"]
    version = {"PolicyArn": web["Arn"], "VersionId": web["DefaultVersionId"]}
    document = built.sandbox.client("iam").get_policy_version(**version)["PolicyVersion"]["Document"]
    statements = {statement["Sid"]: statement for statement in document["Statement"]}
    assert statements["ReadTheCachesPassword"]["Resource"].endswith(f":secret:{NAME}-??????")
    assert statements["LogInToTheCache"]["Resource"].endswith(f":*:{NAME}")


def test_the_password_is_changed_without_an_outage(built, described):
    secretsmanager = client(built, "secretsmanager")

    def held(label: str) -> str:
        return secretsmanager.get_secret_value(SecretId=NAME, VersionStage=label)["SecretString"]

    def rotate(*arguments: str):
        alone = ("--skip-tags", "always", "--limit", "tokyo", *arguments, described())
        return built.run(*alone, playbook="playbooks/rotate_cache_password.yml")

    def told() -> list[str]:
        return [request["operation"] for request in built.writes()[writes:]]

    first, writes = held("AWSCURRENT"), len(built.writes())
    run = rotate()
    assert "-e rotate_step=finish" in run.output
    assert (held("AWSPREVIOUS"), user_of(built)["Authentication"]["PasswordCount"]) == (first, 2)
    second = held("AWSCURRENT")
    assert not {first, second} & set(run.output.split())
    # The cache takes the new one before anybody is told of it.
    assert told()[:3] == ["PutSecretValue", "ModifyUser", "UpdateSecretVersionStage"]
    # Before the last one is forgotten, there is no third one; and the layer leaves both alone.
    rotate()
    assert (held("AWSCURRENT"), held("AWSPREVIOUS")) == (second, first)
    assert built.run(*ALONE, described()).touched == set()
    rotate("-e", "rotate_step=finish")
    assert (held("AWSCURRENT"), user_of(built)["Authentication"]["PasswordCount"]) == (second, 1)
    stages = secretsmanager.describe_secret(SecretId=NAME)["VersionIdsToStages"]
    assert [label for labels in stages.values() for label in labels] == ["AWSCURRENT"]


def test_described_otherwise_it_changes_that_and_nothing_else(built, described):
    topic = client(built, "sns").create_topic(Name="notification")["TopicArn"]
    variables = {
        "cache_replicas": 2,
        "cache_authentication": "iam",
        "cache_access": "on ~shop:* -@all +@read +@write",
        "cache_events_topic_arn": topic,
        "cache_logs": ["slow-log"],
        "cache_log_retention_days": 400,
        "cache_parameters": {"maxmemory-policy": "volatile-lru", "timeout": 300},
        "cache_snapshot_retention_days": 0,
        "cache_slow_command_milliseconds": 20,
    }
    changed = (*ALONE, described(**variables))
    expected = {
        ("Keep the log groups", f"/aws/elasticache/{NAME}/slow-log"),
        ("Keep the parameters", ""),
        ("Keep the application's user", ""),
        ("Start the cache", ""),
        ("Tell the application of no secret", ""),
        ("Delete the password", ""),
    }
    assert built.run("--check", *changed).touched == expected
    assert built.run(*changed).touched == expected
    assert built.run(*changed).touched == set()
    cache = cache_of(built)
    assert (len(cache["MemberClusters"]), cache["SnapshotRetentionLimit"]) == (3, 0)
    assert [delivery["LogType"] for delivery in cache["LogDeliveryConfigurations"]] == ["slow-log"]
    assert node_of(built)["NotificationConfiguration"]["TopicArn"] == topic
    assert set_by_us(built) == {
        "maxmemory-policy": "volatile-lru",
        "timeout": "300",
        "slowlog-log-slower-than": "20000",
    }
    user = user_of(built)
    assert (user["Authentication"]["Type"], user["AccessString"]) == ("iam", variables["cache_access"])
    assert connection_data_of(built).keys() == {"host", "reader_host", "port", "user"}
    assert client(built, "secretsmanager").list_secrets()["SecretList"] == []


@pytest.mark.parametrize("variables", [{"cache_engine": "redis"}, {"cache_shards": 2}], ids=str)
def test_what_it_cannot_become_is_refused_before_anything_is_touched(built, described, variables):
    writes = len(built.writes())
    run = built.attempt(*ALONE, described(**variables))
    assert run.returncode != 0
    assert f"The cache {NAME} is one of valkey without cluster mode." in run.output
    assert len(built.writes()) == writes


def test_it_is_taken_away_and_nothing_else_is(built, described):
    run = built.attempt("--tags", "network", *CELLS, *BOTH_WORDS, described(), playbook="playbooks/destroy.yml")
    assert "The layer cache stands on" in run.output
    # It has no snapshots by now, and so is no data.
    word = BOTH_WORDS[:2]
    built.run("--tags", "cache", *CELLS, *word, described(), playbook="playbooks/destroy.yml")
    elasticache = client(built, "elasticache")
    assert elasticache.describe_replication_groups()["ReplicationGroups"] == []
    assert [user["UserId"] for user in elasticache.describe_users()["Users"]] == ["default"]
    assert elasticache.describe_user_groups()["UserGroups"] == []
    assert elasticache.describe_snapshots()["Snapshots"] == []
    assert NAME not in json.dumps(elasticache.describe_cache_parameter_groups()["CacheParameterGroups"])
    groups = elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"]
    assert not [group for group in groups if group["CacheSubnetGroupName"] == NAME]
    assert connection_data_of(built) == {}
    assert client(built, "logs").describe_log_groups(logGroupNamePrefix="/aws/elasticache/")["logGroups"] == []
    assert len(client(built, "ec2").describe_subnets(Filters=[{"Name": "tag:Estate", "Values": ["shop"]}])["Subnets"])


def test_redis_oss_with_shards_keeps_those_out_who_give_no_name(built, described):
    variables = {"cache_engine": "redis", "cache_shards": 2}
    redis = (*ALONE, described(**variables))
    built.run(*redis)
    assert built.run(*redis).touched == set()
    cache = cache_of(built)
    assert (cache["Engine"], cache["ClusterMode"], len(cache["NodeGroups"])) == ("redis", "enabled", 2)
    assert len(cache["MemberClusters"]) == 4
    endpoint = cache["ConfigurationEndpoint"]["Address"]
    found = connection_data_of(built)
    assert found["host"] == found["reader_host"] == endpoint
    (user,) = client(built, "elasticache").describe_users(UserId="shop-sandbox-nobody")["Users"]
    assert (user["UserName"], user["AccessString"].split()[0]) == ("default", "off")
    run = built.attempt("--tags", "cache", *CELLS, *BOTH_WORDS[:2], described(), playbook="playbooks/destroy.yml")
    assert f"the cache {NAME}" in run.output
    last = described(**variables, cache_final_snapshot=True)
    built.run("--tags", "cache", *CELLS, *BOTH_WORDS, last, playbook="playbooks/destroy.yml")
    (snapshot,) = client(built, "elasticache").describe_snapshots()["Snapshots"]
    assert snapshot["SnapshotName"].startswith(f"{NAME}-20")
    assert [user["UserId"] for user in client(built, "elasticache").describe_users()["Users"]] == ["default"]
    assert client(built, "secretsmanager").list_secrets()["SecretList"] == []
