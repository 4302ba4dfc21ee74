# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ElastiCache: groups with members, parameters, subnet groups, users, and tags."""

import pytest

GROUP = {"ReplicationGroupId": "sessions"}
NEW = {**GROUP, "ReplicationGroupDescription": "sessions", "Engine": "valkey"}
SLOW_LOG = {
    "LogType": "slow-log",
    "DestinationType": "cloudwatch-logs",
    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "slow"}},
    "LogFormat": "json",
}


@pytest.fixture
def cache(client):
    return client("elasticache")


@pytest.fixture
def describe(cache):
    return lambda: cache.describe_replication_groups(**GROUP)["ReplicationGroups"][0]


@pytest.fixture
def member(cache):
    return lambda: cache.describe_cache_clusters(CacheClusterId="sessions-001", ShowCacheNodeInfo=True)[
        "CacheClusters"
    ][0]


def modify(cache, **changes):
    return cache.modify_replication_group(**GROUP, ApplyImmediately=True, **changes)


# Replication groups


def test_members(cache, describe, member, refused):
    cache.create_replication_group(
        **{**NEW, "ReplicationGroupId": "Sessions"},
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
        SecurityGroupIds=["sg-1"],
        TransitEncryptionEnabled=True,
        NotificationTopicArn="arn:aws:sns:ap-northeast-1:123456789012:cache",
    )
    group = describe()
    assert group["MemberClusters"] == ["sessions-001", "sessions-002"]
    shard = group["NodeGroups"][0]
    assert shard["PrimaryEndpoint"] == {"Address": "master.sessions.a1b2c3.apne1.cache.amazonaws.com", "Port": 6379}
    assert shard["ReaderEndpoint"]["Address"].startswith("replica.sessions.")
    assert [node["CurrentRole"] for node in shard["NodeGroupMembers"]] == ["primary", "replica"]
    assert (group["AtRestEncryptionEnabled"], group["TransitEncryptionMode"]) == (True, "required")
    cluster = member()
    assert (cluster["EngineVersion"], cluster["CacheNodes"][0]["Endpoint"]["Port"]) == ("8.1.0", 6379)
    assert cluster["SecurityGroups"] == [{"SecurityGroupId": "sg-1", "Status": "active"}]
    assert cluster["CacheParameterGroup"]["CacheParameterGroupName"] == "default.valkey8"
    assert cluster["NotificationConfiguration"]["TopicStatus"] == "active"
    alone = cache.describe_cache_clusters(ShowCacheClustersNotInReplicationGroups=True)["CacheClusters"]
    assert alone == []
    with refused("InvalidParameterCombination"):
        cache.modify_cache_cluster(CacheClusterId="sessions-001", EngineVersion="8.1")
    with refused("ReplicationGroupAlreadyExists"):
        cache.create_replication_group(**NEW)


def test_endpoints_without_encryption(cache, describe):
    cache.create_replication_group(**NEW)
    shard = describe()["NodeGroups"][0]
    assert shard["PrimaryEndpoint"]["Address"] == "sessions.a1b2c3.ng.0001.apne1.cache.amazonaws.com"
    assert shard["ReaderEndpoint"]["Address"] == "sessions-ro.a1b2c3.ng.0001.apne1.cache.amazonaws.com"


def test_shards(cache, describe, refused):
    cache.create_replication_group(**NEW, NumNodeGroups=2, ReplicasPerNodeGroup=1)
    group = describe()
    assert group["ConfigurationEndpoint"]["Address"] == "sessions.a1b2c3.clustercfg.apne1.cache.amazonaws.com"
    assert [shard["Slots"] for shard in group["NodeGroups"]] == ["0-8191", "8192-16383"]
    assert group["MemberClusters"][0] == "sessions-0001-001"
    reshard = cache.modify_replication_group_shard_configuration
    reshard(**GROUP, NodeGroupCount=3, ApplyImmediately=True)
    assert [len(shard["NodeGroupMembers"]) for shard in describe()["NodeGroups"]] == [2, 2, 2]
    for code, wrong in (
        ("InvalidParameterCombination", {"NodeGroupCount": 1}),
        ("InvalidParameterCombination", {"NodeGroupCount": 1, "NodeGroupsToRemove": ["0001"]}),
        ("InvalidParameterValue", {"NodeGroupCount": 3}),
        ("InvalidParameterValue", {"NodeGroupCount": 4, "ApplyImmediately": False}),
    ):
        with refused(code):
            reshard(**GROUP, **{"ApplyImmediately": True, **wrong})
    reshard(**GROUP, NodeGroupCount=1, NodeGroupsToRetain=["0002"], ApplyImmediately=True)
    assert [shard["Slots"] for shard in describe()["NodeGroups"]] == ["0-16383"]


def test_replicas(cache, describe, refused):
    cache.create_replication_group(**NEW)
    cache.increase_replica_count(**GROUP, NewReplicaCount=2, ApplyImmediately=True)
    assert len(describe()["MemberClusters"]) == 3
    modify(cache, AutomaticFailoverEnabled=True, MultiAZEnabled=True)
    for code, call, count in (
        ("InvalidParameterValue", cache.increase_replica_count, 1),
        ("InvalidParameterValue", cache.increase_replica_count, 6),
        ("InvalidParameterValue", cache.decrease_replica_count, 2),
        ("InvalidParameterCombination", cache.decrease_replica_count, 0),
    ):
        with refused(code):
            call(**GROUP, NewReplicaCount=count, ApplyImmediately=True)
    with refused("InvalidParameterCombination"):
        modify(cache, AutomaticFailoverEnabled=False)
    modify(cache, AutomaticFailoverEnabled=False, MultiAZEnabled=False)
    cache.decrease_replica_count(**GROUP, NewReplicaCount=0, ApplyImmediately=True)
    with refused("InvalidParameterCombination"):
        modify(cache, AutomaticFailoverEnabled=True)


def test_changes(cache, describe, member, refused):
    cache.create_replication_group(
        **NEW, EngineVersion="8.0", LogDeliveryConfigurations=[{**SLOW_LOG, "Enabled": True}]
    )
    assert describe()["LogDeliveryConfigurations"] == [{**SLOW_LOG, "Status": "active"}]
    cache.modify_replication_group(**GROUP, CacheNodeType="cache.m7g.large", ReplicationGroupDescription="carts")
    assert (describe()["Description"], describe()["CacheNodeType"]) == ("carts", "cache.t4g.micro")
    assert member()["PendingModifiedValues"] == {"CacheNodeType": "cache.m7g.large"}
    modify(
        cache,
        EngineVersion="8.1",
        PreferredMaintenanceWindow="Sun:01:00-Sun:02:00",
        NotificationTopicStatus="inactive",
        LogDeliveryConfigurations=[{"LogType": "slow-log", "Enabled": False}],
    )
    assert (describe()["CacheNodeType"], describe()["LogDeliveryConfigurations"]) == ("cache.m7g.large", [])
    assert (member()["EngineVersion"], member()["PendingModifiedValues"]) == ("8.1.0", {})
    assert member()["PreferredMaintenanceWindow"] == "sun:01:00-sun:02:00"
    for code, wrong in (
        ("InvalidParameterCombination", {}),
        ("InvalidParameterCombination", {"EngineVersion": "8.0"}),
        ("InvalidParameterCombination", {"Engine": "redis", "EngineVersion": "7.1"}),
        ("InvalidParameterCombination", {"CacheParameterGroupName": "default.redis7"}),
        ("CacheParameterGroupNotFound", {"CacheParameterGroupName": "other"}),
        ("InvalidParameterCombination", {"ClusterMode": "enabled"}),
        ("InvalidParameterCombination", {"TransitEncryptionEnabled": True}),
    ):
        with refused(code):
            modify(cache, **wrong)


def test_from_redis_to_valkey(cache, describe, member):
    cache.create_replication_group(**{**NEW, "Engine": "redis"}, EngineVersion="7.1")
    modify(cache, Engine="valkey", EngineVersion="8.0")
    assert (describe()["Engine"], member()["EngineVersion"]) == ("valkey", "8.0.1")
    assert member()["CacheParameterGroup"]["CacheParameterGroupName"] == "default.valkey8"


def test_encryption_in_transit_in_two_steps(cache, describe, refused):
    cache.create_replication_group(**NEW)
    modify(cache, TransitEncryptionEnabled=True, TransitEncryptionMode="preferred")
    modify(cache, TransitEncryptionMode="required")
    with refused("InvalidParameterCombination"):
        modify(cache, TransitEncryptionEnabled=False)
    modify(cache, TransitEncryptionMode="preferred")
    modify(cache, TransitEncryptionEnabled=False)
    assert "TransitEncryptionMode" not in describe()


def test_access(cache, describe, refused):
    token = "0123456789abcdef"
    with refused("InvalidParameterCombination"):
        cache.create_replication_group(**NEW, AuthToken=token)
    with refused("UserGroupNotFound"):
        cache.create_replication_group(**NEW, UserGroupIds=["app"], TransitEncryptionEnabled=True)
    cache.create_replication_group(**NEW, AuthToken=token, TransitEncryptionEnabled=True)
    with refused("InvalidParameterCombination"):
        modify(cache, AuthToken=token)
    with refused("InvalidParameterValue"):
        modify(cache, AuthToken="short", AuthTokenUpdateStrategy="SET")
    modify(cache, AuthToken=token, AuthTokenUpdateStrategy="ROTATE")
    cache.create_user_group(UserGroupId="app", Engine="redis", UserIds=["default"])
    modify(cache, AuthTokenUpdateStrategy="DELETE", UserGroupIdsToAdd=["app"])
    assert (describe()["AuthTokenEnabled"], describe()["UserGroupIds"]) == (False, ["app"])
    assert cache.describe_user_groups()["UserGroups"][0]["ReplicationGroups"] == ["sessions"]
    with refused("InvalidUserGroupState"):
        cache.delete_user_group(UserGroupId="app")
    modify(cache, RemoveUserGroups=True)
    cache.delete_user_group(UserGroupId="app")


def test_last_snapshot(cache, refused):
    cache.create_replication_group(**NEW)
    cache.create_snapshot(ReplicationGroupId="sessions", SnapshotName="first")
    with refused("SnapshotAlreadyExistsFault"):
        cache.delete_replication_group(**GROUP, FinalSnapshotIdentifier="first")
    cache.delete_replication_group(**GROUP, FinalSnapshotIdentifier="last")
    snapshots = cache.describe_snapshots()["Snapshots"]
    assert [snapshot["SnapshotName"] for snapshot in snapshots] == ["first", "last"]
    with refused("ReplicationGroupNotFoundFault"):
        cache.delete_replication_group(**GROUP)


def test_a_cluster_on_its_own(cache):
    cache.create_cache_cluster(
        CacheClusterId="own", Engine="memcached", CacheNodeType="cache.t3.micro", NumCacheNodes=2
    )
    cache.modify_cache_cluster(CacheClusterId="own", CacheNodeType="cache.t3.small", NumCacheNodes=3)
    (cluster,) = cache.describe_cache_clusters(ShowCacheNodeInfo=True)["CacheClusters"]
    assert cluster["CacheNodeType"] == "cache.t3.small"
    assert [node["CacheNodeId"] for node in cluster["CacheNodes"]] == ["0001", "0002", "0003"]


def test_engine_versions(cache):
    pages = cache.get_paginator("describe_cache_engine_versions").paginate(
        Engine="valkey", PaginationConfig={"PageSize": 2}
    )
    versions = [version["EngineVersion"] for page in pages for version in page["CacheEngineVersions"]]
    assert versions == ["7.2", "8.0", "8.1"]


# Subnet groups


def test_subnet_groups(client, cache, refused):
    ec2 = client("ec2")
    subnets = sorted(ec2.describe_subnets()["Subnets"], key=lambda subnet: subnet["AvailabilityZone"])
    subnets = [subnet["SubnetId"] for subnet in subnets]
    name = {"CacheSubnetGroupName": "data"}
    with refused("InvalidSubnet"):
        cache.create_cache_subnet_group(**name, CacheSubnetGroupDescription="d", SubnetIds=["subnet-0"])
    cache.create_cache_subnet_group(**name, CacheSubnetGroupDescription="d", SubnetIds=subnets[:2])
    (group,) = cache.describe_cache_subnet_groups()["CacheSubnetGroups"]
    assert group["Subnets"][0]["SubnetAvailabilityZone"] == {"Name": "ap-northeast-1a"}
    cache.modify_cache_subnet_group(**name, CacheSubnetGroupDescription="other")
    cache.create_replication_group(**NEW, **name)
    cache.modify_cache_subnet_group(**name, SubnetIds=subnets[:1])
    with refused("SubnetInUse"):
        cache.modify_cache_subnet_group(**name, SubnetIds=subnets[1:])
    with refused("CacheSubnetGroupInUse"):
        cache.delete_cache_subnet_group(**name)
    cache.delete_replication_group(**GROUP)
    cache.delete_cache_subnet_group(**name)
    with refused("CacheSubnetGroupNotFoundFault"):
        cache.delete_cache_subnet_group(**name)


# Parameters


def test_parameter_groups(cache, refused):
    name = {"CacheParameterGroupName": "own"}
    with refused("InvalidParameterValue"):
        cache.create_cache_parameter_group(**name, CacheParameterGroupFamily="valkey", Description="d")
    cache.create_cache_parameter_group(**name, CacheParameterGroupFamily="valkey8", Description="d")

    def put(**values):
        told = [{"ParameterName": key.replace("_", "-"), "ParameterValue": value} for key, value in values.items()]
        cache.modify_cache_parameter_group(**name, ParameterNameValues=told)

    def user():
        parameters = cache.describe_cache_parameters(**name, Source="user")["Parameters"]
        return {parameter["ParameterName"]: parameter["ParameterValue"] for parameter in parameters}

    put(timeout="60", maxmemory_policy="allkeys-lru")
    assert user() == {"timeout": "60", "maxmemory-policy": "allkeys-lru"}
    for wrong in ({"timeout": "-1"}, {"maxmemory_policy": "none"}, {"maxclients": "1"}, {"castle": "1"}):
        with refused("InvalidParameterValue"):
            put(**wrong)
    with refused("InvalidParameterValue"):
        cache.modify_cache_parameter_group(
            **name, ParameterNameValues=[{"ParameterName": "timeout", "ParameterValue": "1"}] * 21
        )
    cache.reset_cache_parameter_group(**name, ParameterNameValues=[{"ParameterName": "timeout"}])
    assert user() == {"maxmemory-policy": "allkeys-lru"}
    cache.reset_cache_parameter_group(**name, ResetAllParameters=True)
    assert user() == {}
    cache.create_replication_group(**NEW, **name)
    with refused("InvalidCacheParameterGroupState"):
        cache.delete_cache_parameter_group(**name)
    cache.delete_replication_group(**GROUP)
    cache.delete_cache_parameter_group(**name)
    with refused("CacheParameterGroupNotFound"):
        cache.describe_cache_parameters(**name)


def test_default_parameter_groups(cache, refused):
    groups = cache.describe_cache_parameter_groups()["CacheParameterGroups"]
    assert {"default.valkey8", "default.redis7.cluster.on"} <= {group["CacheParameterGroupName"] for group in groups}
    sharded = cache.describe_cache_parameters(CacheParameterGroupName="default.valkey8.cluster.on", Source="user")
    assert sharded["Parameters"][0]["ParameterName"] == "cluster-enabled"
    with refused("InvalidParameterValue"):
        cache.delete_cache_parameter_group(CacheParameterGroupName="default.valkey8")
    defaults = cache.describe_engine_default_parameters(CacheParameterGroupFamily="valkey8", MaxRecords=20)
    assert len(defaults["EngineDefaults"]["Parameters"]) == 20
    assert defaults["EngineDefaults"]["Marker"]


# Users


def test_users(cache, refused):
    def create(name, **more):
        arguments = {"UserId": name, "UserName": name, "Engine": "valkey", "AccessString": "off", **more}
        return cache.create_user(**arguments)

    iam = {"AuthenticationMode": {"Type": "iam"}}
    create("app", **iam)
    for code, wrong in (
        ("UserAlreadyExists", iam),
        ("InvalidParameterCombination", {"UserId": "a"}),
        ("InvalidParameterCombination", {"UserId": "a", "NoPasswordRequired": True}),
        ("InvalidParameterCombination", {"UserId": "a", "UserName": "b", **iam}),
        ("InvalidParameterValue", {"UserId": "a", "Passwords": ["short"]}),
        ("InvalidParameterValue", {"UserId": "a", "UserName": "a", "AccessString": "on >secret", **iam}),
    ):
        with refused(code):
            create("app", **wrong)
    cache.modify_user(UserId="app", AppendAccessString="+get", Passwords=["0123456789abcdef"])
    user = cache.describe_users(UserId="app")["Users"][0]
    assert (user["AccessString"], user["Authentication"]) == ("off +get", {"Type": "password", "PasswordCount": 1})
    with refused("InvalidParameterValue"):
        cache.modify_user(UserId="default", AccessString="off")
    create("nobody", UserName="default", Passwords=["0123456789abcdef"])
    with refused("DefaultUserRequired"):
        cache.create_user_group(UserGroupId="apps", Engine="redis", UserIds=["app"])
    with refused("InvalidParameterValue"):
        cache.create_user_group(UserGroupId="apps", Engine="valkey", UserIds=["default"])
    cache.create_user_group(UserGroupId="apps", Engine="redis", UserIds=["app", "nobody"])
    with refused("DuplicateUserName"):
        cache.modify_user_group(UserGroupId="apps", UserIdsToAdd=["default"])
    with refused("DefaultUserAssociatedToUserGroup"):
        cache.delete_user(UserId="nobody")
    assert cache.describe_users(UserId="app")["Users"][0]["UserGroupIds"] == ["apps"]
    cache.delete_user(UserId="app")
    assert cache.describe_user_groups()["UserGroups"][0]["UserIds"] == ["nobody"]
    with refused("InvalidParameterCombination"):
        cache.modify_user_group(UserGroupId="apps")
    with refused("UserGroupNotFound"):
        cache.delete_user_group(UserGroupId="other")
    with refused("UserNotFound"):
        cache.delete_user(UserId="app")


# Tags


def test_tags(client, cache, refused):
    arn = cache.create_replication_group(**NEW, Tags=[{"Key": "a", "Value": "b"}])["ReplicationGroup"]["ARN"]
    cache.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "c", "Value": "d"}])
    assert cache.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])["TagList"] == [{"Key": "c", "Value": "d"}]
    found = client("resourcegroupstaggingapi").get_resources(ResourceTypeFilters=["elasticache:replicationgroup"])
    assert [resource["ResourceARN"] for resource in found["ResourceTagMappingList"]] == [arn]
    assert cache.list_tags_for_resource(ResourceName=arn.replace("replicationgroup:sessions", "cluster:sessions-001"))
    cache.delete_replication_group(**GROUP)
    for code, wrong in (
        ("ReplicationGroupNotFoundFault", arn),
        ("UserNotFound", arn.replace("replicationgroup", "user")),
        ("InvalidARN", "arn:aws:elasticache"),
        ("InvalidARN", arn.replace("replicationgroup", "castle")),
    ):
        with refused(code):
            cache.list_tags_for_resource(ResourceName=wrong)
