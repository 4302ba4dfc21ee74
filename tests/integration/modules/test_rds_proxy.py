# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story, Teller

NAME = {"db_proxy_name": "shop"}
ROLE = "arn:aws:iam::123456789012:role/shop-proxy"
SECRET = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:"
POOL = {"max_connections_percent": 80, "session_pinning_filters": ["EXCLUDE_VARIABLE_SETS"]}


def prepare(sandbox):
    """A cluster, an instance, and what a proxy to them is told."""
    ec2, rds = sandbox.client("ec2", REGION), sandbox.client("rds", REGION)
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    login = {"MasterUsername": "owner", "ManageMasterUserPassword": True}
    kind = {"DBInstanceClass": "db.r6g.large"}
    rds.create_db_cluster(DBClusterIdentifier="shop", Engine="aurora-mysql", **login)
    for name in ("one", "two"):
        rds.create_db_instance(DBClusterIdentifier="shop", DBInstanceIdentifier=name, Engine="aurora-mysql", **kind)
    rds.create_db_instance(DBInstanceIdentifier="alone", Engine="mysql", AllocatedStorage=20, **login, **kind)
    present = {
        "engine_family": "MYSQL",
        "auth": [{"secret_arn": f"{SECRET}owner", "description": "the owner"}],
        "role_arn": ROLE,
        "vpc_subnet_ids": sorted(subnet["SubnetId"] for subnet in subnets)[:2],
    }
    return rds, vpc["VpcId"], present


@pytest.fixture
def prepared(sandbox):
    return prepare(sandbox)


def target_names(rds):
    return [target["RdsResourceId"] for target in rds.describe_db_proxy_targets(DBProxyName="shop")["Targets"]]


def test_story(modules, sandbox, prepared):
    rds, vpc, present = prepared
    groups = [
        sandbox.client("ec2", REGION).create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("a", "b")
    ]

    def drift(sandbox):
        rds.modify_db_proxy(DBProxyName="shop", IdleClientTimeout=60, DebugLogging=True)
        rds.deregister_db_proxy_targets(DBProxyName="shop", DBInstanceIdentifiers=["alone"])

    modules.tell(
        Story(
            module="rds_proxy",
            returns="proxy",
            identity={"db_proxy_name": "Shop"},
            present={
                **present,
                "vpc_security_group_ids": groups,
                "require_tls": True,
                "connection_pool_config": POOL,
                "db_cluster_identifier": "Shop",
                "tags": {"Number": 1},
            },
            changes=(
                {"idle_client_timeout": 600, "debug_logging": False, "vpc_security_group_ids": groups[:1], "tags": {}},
                {"connection_pool_config": {"max_connections_percent": 30, "init_query": "SET NAMES utf8mb4"}},
                {"auth": [*present["auth"], {"secret_arn": f"{SECRET}reader", "iam_auth": "REQUIRED"}]},
                {"db_cluster_identifier": None, "db_instance_identifier": "alone"},
            ),
            drift=drift,
            unpredictable=frozenset({"auth", "created_date", "db_proxy_arn", "endpoint", "vpc_id"}),
        )
    )


def test_what_is_not_given_stays(modules, prepared):
    rds, _, present = prepared
    modules.run("rds_proxy", **NAME, **present, connection_pool_config=POOL, db_cluster_identifier="shop")
    assert target_names(rds) == ["shop", "one", "two"]
    changed = modules.run("rds_proxy", **NAME, require_tls=True, connection_pool_config={"init_query": "SET @a=1"})
    assert changed["changed"]
    (proxy,) = rds.describe_db_proxies(DBProxyName="shop")["DBProxies"]
    assert (proxy["RequireTLS"], proxy["Auth"][0]["Description"]) == (True, "the owner")
    (group,) = rds.describe_db_proxy_target_groups(DBProxyName="shop")["TargetGroups"]
    assert group["ConnectionPoolConfig"] == {
        "MaxConnectionsPercent": 80,
        "MaxIdleConnectionsPercent": 50,
        "ConnectionBorrowTimeout": 120,
        "SessionPinningFilters": ["EXCLUDE_VARIABLE_SETS"],
        "InitQuery": "SET @a=1",
    }
    assert target_names(rds) == ["shop", "one", "two"]
    modules.run("rds_proxy", **NAME, db_cluster_identifier="")
    assert target_names(rds) == []


@pytest.mark.parametrize("check", [True, False])
def test_refused(modules, prepared, check):
    _, _, present = prepared
    refused = modules.attempt("rds_proxy", check, **NAME, engine_family="MYSQL")
    assert "needs auth and role_arn and vpc_subnet_ids" in refused["msg"]
    refused = modules.attempt("rds_proxy", check, **NAME, connection_pool_config={"max_connections_percent": 0})
    assert "max_connections_percent is 0; it has to be 1 to 100" in refused["msg"]
    modules.run("rds_proxy", **NAME, **present)
    refused = modules.attempt("rds_proxy", check, **NAME, engine_family="POSTGRESQL")
    assert "has the engine_family MYSQL, which AWS does not change to POSTGRESQL" in refused["msg"]
    refused = modules.attempt("rds_proxy", check, **NAME, vpc_subnet_ids=["subnet-1"])
    assert "which AWS does not change to subnet-1" in refused["msg"]


def test_it_takes_its_time(sandbox):
    modules = Teller(sandbox, hurry=200)
    rds, _, present = prepare(sandbox)
    # The cluster's instances are still being created.
    made = modules.run("rds_proxy", **NAME, **present, db_cluster_identifier="shop")
    assert made["proxy"]["status"] == "available"
    health = [
        target.get("TargetHealth", {}).get("State")
        for target in rds.describe_db_proxy_targets(DBProxyName="shop")["Targets"]
    ]
    assert health == [None, "AVAILABLE", "AVAILABLE"]
    modules.run("rds_proxy", **NAME, idle_client_timeout=60, wait=False)
    modules.run("rds_proxy", **NAME, state="absent")
    assert rds.describe_db_proxies()["DBProxies"] == []
