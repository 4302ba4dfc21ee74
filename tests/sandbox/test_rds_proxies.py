# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Proxies of RDS: what they are told, what they lead to, and what they refuse."""

import pytest

NAME = {"DBProxyName": "shop"}
SECRET = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:owner"
LOGIN = {"MasterUsername": "owner", "MasterUserPassword": "correct-horse"}
CLASS = {"DBInstanceClass": "db.r6g.large"}


@pytest.fixture
def rds(client):
    return client("rds")


@pytest.fixture
def subnets(client):
    ec2 = client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    return sorted(subnet["SubnetId"] for subnet in found)[:2]


@pytest.fixture
def new(subnets):
    return {
        **NAME,
        "EngineFamily": "MYSQL",
        "Auth": [{"SecretArn": SECRET}],
        "RoleArn": "arn:aws:iam::123456789012:role/shop-proxy",
        "VpcSubnetIds": subnets,
    }


@pytest.fixture
def databases(rds):
    rds.create_db_cluster(DBClusterIdentifier="data", Engine="aurora-mysql", **LOGIN)
    for name in ("one", "two"):
        instance = {"DBInstanceIdentifier": name, "Engine": "aurora-mysql"}
        rds.create_db_instance(DBClusterIdentifier="data", **instance, **CLASS)
    rds.create_db_instance(DBInstanceIdentifier="alone", Engine="mysql", AllocatedStorage=20, **LOGIN, **CLASS)


def test_a_new_proxy_is_as_aws_tells_it(rds, new, refused):
    rds.create_db_proxy(**new, Tags=[{"Key": "a", "Value": "b"}])
    (proxy,) = rds.describe_db_proxies(**NAME)["DBProxies"]
    (secret,) = proxy["Auth"]
    assert secret["AuthScheme"] == "SECRETS"
    assert secret["IAMAuth"] == "DISABLED"
    assert proxy["Endpoint"].startswith("shop.proxy-")
    assert (proxy["IdleClientTimeout"], proxy["RequireTLS"], proxy["DebugLogging"]) == (1800, False, False)
    assert proxy["VpcId"]
    assert len(proxy["VpcSecurityGroupIds"]) == 1
    assert rds.list_tags_for_resource(ResourceName=proxy["DBProxyArn"])["TagList"] == [{"Key": "a", "Value": "b"}]
    with refused("DBProxyAlreadyExistsFault"):
        rds.create_db_proxy(**new)
    rds.delete_db_proxy(**NAME)
    for call in (rds.describe_db_proxies, rds.describe_db_proxy_targets, rds.delete_db_proxy):
        with refused("DBProxyNotFoundFault"):
            call(**NAME)


def test_a_proxy_is_refused(rds, new, subnets, refused):
    for wrong in (subnets[:1], [*subnets, "subnet-00000000000000000"]):
        with refused("InvalidSubnet"):
            rds.create_db_proxy(**{**new, "VpcSubnetIds": wrong})
    with refused("InvalidParameterValue"):
        rds.create_db_proxy(**new, IdleClientTimeout=28801)
    with refused("InvalidParameterValue"):
        rds.create_db_proxy(**{**new, "Auth": [{"SecretArn": SECRET, "IAMAuth": "ENABLED"}]})


def test_a_proxy_is_changed(rds, new, refused):
    rds.create_db_proxy(**new)
    rds.modify_db_proxy(**NAME, RequireTLS=True, Auth=[{"SecretArn": SECRET, "IAMAuth": "REQUIRED"}])
    (proxy,) = rds.describe_db_proxies(**NAME)["DBProxies"]
    assert (proxy["RequireTLS"], proxy["Auth"][0]["IAMAuth"], proxy["IdleClientTimeout"]) == (True, "REQUIRED", 1800)
    with refused("InvalidParameterValue"):
        rds.modify_db_proxy(**NAME, SecurityGroups=["sg-00000000000000000"])


def test_the_connection_pool(rds, new, refused):
    rds.create_db_proxy(**new)

    def change(**config):
        rds.modify_db_proxy_target_group(**NAME, TargetGroupName="default", ConnectionPoolConfig=config)
        (group,) = rds.describe_db_proxy_target_groups(**NAME)["TargetGroups"]
        return {name: value for name, value in group["ConnectionPoolConfig"].items() if value != []}

    pool = {"MaxConnectionsPercent": 100, "MaxIdleConnectionsPercent": 50, "ConnectionBorrowTimeout": 120}
    assert change() == pool
    pool = {**pool, "MaxConnectionsPercent": 60, "MaxIdleConnectionsPercent": 30, "InitQuery": "SET @a=1"}
    assert change(MaxConnectionsPercent=60, InitQuery="SET @a=1") == pool
    assert change(MaxConnectionsPercent=60, MaxIdleConnectionsPercent=0) == {**pool, "MaxIdleConnectionsPercent": 0}
    with refused("InvalidParameterCombination"):
        change(MaxIdleConnectionsPercent=5)
    for wrong in (
        {"MaxConnectionsPercent": 50, "MaxIdleConnectionsPercent": 51},
        {"ConnectionBorrowTimeout": 301},
        {"SessionPinningFilters": ["EVERYTHING"]},
    ):
        with refused("InvalidParameterValue"):
            change(**wrong)
    with refused("DBProxyTargetGroupNotFoundFault"):
        rds.modify_db_proxy_target_group(**NAME, TargetGroupName="other")


def test_a_cluster_is_followed_with_its_instances(rds, new, databases, refused):
    rds.create_db_proxy(**new)
    rds.register_db_proxy_targets(**NAME, DBClusterIdentifiers=["data"])
    targets = rds.describe_db_proxy_targets(**NAME)["Targets"]
    assert [(each["RdsResourceId"], each["Type"], each.get("Role")) for each in targets] == [
        ("data", "TRACKED_CLUSTER", None),
        ("one", "RDS_INSTANCE", "READ_WRITE"),
        ("two", "RDS_INSTANCE", "READ_ONLY"),
    ]
    assert {each["TrackedClusterId"] for each in targets[1:]} == {"data"}
    with refused("DBProxyTargetAlreadyRegisteredFault"):
        rds.register_db_proxy_targets(**NAME, DBInstanceIdentifiers=["alone"])
    with refused("DBProxyTargetNotFoundFault"):
        rds.deregister_db_proxy_targets(**NAME, DBInstanceIdentifiers=["alone"])
    rds.deregister_db_proxy_targets(**NAME, DBClusterIdentifiers=["data"])
    with refused("DBInstanceNotFound"):
        rds.register_db_proxy_targets(**NAME, DBInstanceIdentifiers=["other"])
    with refused("DBClusterNotFoundFault"):
        rds.register_db_proxy_targets(**NAME, DBClusterIdentifiers=["other"])
    rds.register_db_proxy_targets(**NAME, DBInstanceIdentifiers=["alone"])
    (target,) = rds.describe_db_proxy_targets(**NAME)["Targets"]
    assert target["TargetHealth"] == {"State": "AVAILABLE"}
    assert target["Endpoint"].startswith("alone.")


def test_another_engine_is_refused(rds, new, databases, refused):
    rds.create_db_proxy(**{**new, "EngineFamily": "POSTGRESQL"})
    with refused("InvalidParameterValue"):
        rds.register_db_proxy_targets(**NAME, DBClusterIdentifiers=["data"])


def test_endpoints(rds, new, subnets, refused):
    rds.create_db_proxy(**new)
    reads = {"DBProxyEndpointName": "reads"}
    told = {**NAME, **reads, "VpcSubnetIds": subnets, "TargetRole": "READ_ONLY"}
    made = rds.create_db_proxy_endpoint(**told)["DBProxyEndpoint"]
    assert made["Endpoint"].startswith("reads.endpoint.proxy-")
    tags = [{"Key": "a", "Value": "b"}]
    rds.add_tags_to_resource(ResourceName=made["DBProxyEndpointArn"], Tags=tags)
    assert rds.list_tags_for_resource(ResourceName=made["DBProxyEndpointArn"])["TagList"] == tags
    with refused("DBProxyEndpointAlreadyExistsFault"):
        rds.create_db_proxy_endpoint(**told)
    (found,) = rds.describe_db_proxy_endpoints(**NAME)["DBProxyEndpoints"]
    assert (found["TargetRole"], found["Status"]) == ("READ_ONLY", "available")
    rds.delete_db_proxy_endpoint(**reads)
    with refused("DBProxyEndpointNotFoundFault"):
        rds.describe_db_proxy_endpoints(**reads)
    rds.create_db_proxy_endpoint(**told)
    rds.delete_db_proxy(**NAME)
    assert rds.describe_db_proxy_endpoints()["DBProxyEndpoints"] == []
