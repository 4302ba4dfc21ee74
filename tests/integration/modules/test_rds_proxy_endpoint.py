# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

NAME = {"db_proxy_endpoint_name": "shop-reads"}


@pytest.fixture
def prepared(sandbox):
    """Subnets and security groups, and a proxy in them."""
    ec2, rds = sandbox.client("ec2", REGION), sandbox.client("rds", REGION)
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    subnets = sorted(subnet["SubnetId"] for subnet in found)[:2]
    groups = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc["VpcId"])["GroupId"]
        for name in ("a", "b")
    ]
    rds.create_db_proxy(
        DBProxyName="shop",
        EngineFamily="MYSQL",
        Auth=[{"SecretArn": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:owner"}],
        RoleArn="arn:aws:iam::123456789012:role/shop-proxy",
        VpcSubnetIds=subnets,
    )
    return rds, subnets, groups


def test_story(modules, prepared):
    rds, subnets, groups = prepared

    def drift(sandbox):
        rds.modify_db_proxy_endpoint(DBProxyEndpointName="shop-reads", VpcSecurityGroupIds=groups)

    modules.tell(
        Story(
            module="rds_proxy_endpoint",
            returns="endpoint",
            identity={"db_proxy_endpoint_name": "Shop-Reads"},
            present={
                "db_proxy_name": "shop",
                "target_role": "READ_ONLY",
                "vpc_subnet_ids": subnets,
                "vpc_security_group_ids": groups,
                "tags": {"Number": 1},
            },
            changes=({"vpc_security_group_ids": groups[:1], "tags": {}},),
            drift=drift,
            unpredictable=frozenset({"address", "arn", "vpc_id"}),
        )
    )


@pytest.mark.parametrize("check", [True, False])
def test_refused(modules, prepared, check):
    _, subnets, _ = prepared
    refused = modules.attempt("rds_proxy_endpoint", check, **NAME)
    assert "needs db_proxy_name and vpc_subnet_ids" in refused["msg"]
    modules.run("rds_proxy_endpoint", **NAME, db_proxy_name="shop", vpc_subnet_ids=subnets)
    refused = modules.attempt("rds_proxy_endpoint", check, **NAME, target_role="READ_ONLY")
    assert "has the target_role READ_WRITE, which AWS does not change to READ_ONLY" in refused["msg"]
