# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import rds_proxy
from botocore.exceptions import ClientError

PROXY = {
    "DBProxyName": "shop",
    "DBProxyArn": "arn:aws:rds:ap-northeast-1:123456789012:db-proxy:prx-1",
    "Status": "available",
    "EngineFamily": "MYSQL",
    "VpcId": "vpc-1",
    "VpcSecurityGroupIds": ["sg-2", "sg-1"],
    "VpcSubnetIds": ["subnet-2", "subnet-1"],
    "Auth": [{"AuthScheme": "SECRETS", "SecretArn": "b", "IAMAuth": "REQUIRED"}, {"SecretArn": "a"}],
    "RoleArn": "role",
    "Endpoint": "shop.proxy-abc.ap-northeast-1.rds.amazonaws.com",
    "RequireTLS": True,
    "IdleClientTimeout": 1800,
    "DebugLogging": False,
}
WRITER = {
    "RdsResourceId": "shop-1",
    "Type": "RDS_INSTANCE",
    "TrackedClusterId": "shop",
    "Role": "READ_WRITE",
    "TargetHealth": {"State": "AVAILABLE"},
}
READER = {**WRITER, "RdsResourceId": "shop-2", "Role": "READ_ONLY"}
CLUSTER = {"RdsResourceId": "shop", "Type": "TRACKED_CLUSTER"}
ALONE = {"RdsResourceId": "alone", "Type": "RDS_INSTANCE", "TargetHealth": {"State": "AVAILABLE"}}


def test_read():
    state = rds_proxy.read(PROXY, {"MaxConnectionsPercent": 90}, [CLUSTER, WRITER, READER], {"a": "b"})
    assert state == {
        "db_proxy_name": "shop",
        "db_proxy_arn": PROXY["DBProxyArn"],
        "created_date": None,
        "status": "available",
        "endpoint": PROXY["Endpoint"],
        "vpc_id": "vpc-1",
        "engine_family": "MYSQL",
        "auth": [
            {"secret_arn": "a", "description": "", "iam_auth": "DISABLED", "client_password_auth_type": None},
            {"secret_arn": "b", "description": "", "iam_auth": "REQUIRED", "client_password_auth_type": None},
        ],
        "role_arn": "role",
        "vpc_subnet_ids": ["subnet-1", "subnet-2"],
        "vpc_security_group_ids": ["sg-1", "sg-2"],
        "require_tls": True,
        "idle_client_timeout": 1800,
        "debug_logging": False,
        "connection_pool_config": {
            "max_connections_percent": 90,
            "max_idle_connections_percent": None,
            "connection_borrow_timeout": None,
            "session_pinning_filters": [],
            "init_query": "",
        },
        "db_cluster_identifier": "shop",
        "db_instance_identifier": "",
        "tags": {"a": "b"},
    }


@pytest.mark.parametrize(
    ("params", "given"),
    [
        ({}, {}),
        ({"vpc_subnet_ids": ["b", "a", "b"]}, {"vpc_subnet_ids": ["a", "b"]}),
        ({"db_cluster_identifier": "Shop"}, {"db_cluster_identifier": "shop", "db_instance_identifier": ""}),
        ({"db_instance_identifier": ""}, {"db_cluster_identifier": "", "db_instance_identifier": ""}),
    ],
)
def test_given(params, given):
    assert rds_proxy.given_fields({**dict.fromkeys(rds_proxy.FIELDS), **params}) == given


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, None),
        ({"idle_client_timeout": 28800, "connection_pool_config": {"connection_borrow_timeout": 0}}, None),
        ({"idle_client_timeout": 0}, "idle_client_timeout is 0; it has to be 1 to 28800."),
        (
            {"connection_pool_config": {"max_connections_percent": 50, "max_idle_connections_percent": 60}},
            "max_idle_connections_percent is 60, which is more than the max_connections_percent of 50.",
        ),
    ],
)
def test_wrong_number(fields, words):
    assert rds_proxy.wrong_number(fields) == words


@pytest.mark.parametrize(
    ("pool", "fields", "idle"),
    [
        ((80, 50), {"max_connections_percent"}, 50),
        ((40, 50), {"max_connections_percent"}, 20),
        ((40, 5), {"max_connections_percent", "max_idle_connections_percent"}, 5),
        ((40, None), {"max_connections_percent"}, 20),
        ((None, None), {"init_query"}, None),
    ],
)
def test_what_may_be_idle_is_no_more_than_there_may_be(pool, fields, idle):
    whole = dict(zip(("max_connections_percent", "max_idle_connections_percent"), pool, strict=True))
    assert rds_proxy.whole_pool(whole, fields)["max_idle_connections_percent"] == idle


def test_secrets_keep_what_is_not_given_of_them():
    secret = {
        "secret_arn": "b",
        "description": "x",
        "iam_auth": "REQUIRED",
        "client_password_auth_type": "POSTGRES_MD5",
    }
    wanted = [{"secret_arn": "b", "description": "y"}, {"secret_arn": "a"}]
    new = {"secret_arn": "a", "description": "", "iam_auth": "DISABLED", "client_password_auth_type": None}
    assert rds_proxy.whole_auth([secret], wanted) == [new, {**secret, "description": "y"}]
    assert rds_proxy.write_auth([new]) == [{"AuthScheme": "SECRETS", "SecretArn": "a", "IAMAuth": "DISABLED"}]


@pytest.mark.parametrize(
    ("targets", "reached"),
    [
        ([], False),
        ([CLUSTER], False),
        ([CLUSTER, READER], False),
        ([CLUSTER, WRITER, READER], True),
        ([CLUSTER, {**WRITER, "TargetHealth": {"State": "REGISTERING"}}, READER], False),
        ([ALONE], True),
    ],
)
def test_it_is_reached_where_it_can_write(targets, reached):
    assert rds_proxy.is_reached(targets) is reached


def test_why_it_is_unreached():
    health = {"State": "UNAVAILABLE", "Reason": "AUTH_FAILURE", "Description": "No secret"}
    words = rds_proxy.why_unreached([CLUSTER, {**WRITER, "TargetHealth": health}, READER])
    assert words.startswith(" shop-1: UNAVAILABLE, AUTH_FAILURE, No secret. Look at the security groups")
    assert rds_proxy.why_unreached([]) == ""


@pytest.mark.parametrize(
    ("targets", "cluster", "instance"),
    [([], "", ""), ([CLUSTER, WRITER], "shop", ""), ([ALONE], "", "alone")],
)
def test_target(targets, cluster, instance):
    assert rds_proxy.target_of(targets, "TRACKED_CLUSTER") == cluster
    assert rds_proxy.target_of(targets, "RDS_INSTANCE") == instance


def test_creation():
    wanted = {
        "engine_family": "MYSQL",
        "vpc_subnet_ids": ["a"],
        "auth": [],
        "require_tls": False,
        "connection_pool_config": {},
        "db_cluster_identifier": "shop",
        "tags": {"a": "b"},
    }
    assert rds_proxy.creation(wanted) == {
        "EngineFamily": "MYSQL",
        "VpcSubnetIds": ["a"],
        "Auth": [],
        "RequireTLS": False,
        "Tags": [{"Key": "a", "Value": "b"}],
    }


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({"tags": {}, "connection_pool_config": {}, "db_cluster_identifier": ""}, {}),
        (
            {"idle_client_timeout": 60, "vpc_security_group_ids": ["a"]},
            {"IdleClientTimeout": 60, "SecurityGroups": ["a"]},
        ),
    ],
)
def test_modification(changes, arguments):
    assert rds_proxy.modification(changes) == arguments


def test_a_proxy_that_is_made_or_deleted_need_not_tell_of_its_targets():
    def ask(code):
        raise ClientError({"Error": {"Code": code}}, "DescribeDBProxyTargets")

    assert rds_proxy.if_settled(lambda: [1]) == [1]
    assert rds_proxy.if_settled(lambda: ask("InvalidDBProxyStateFault")) == []
    with pytest.raises(ClientError):
        rds_proxy.if_settled(lambda: ask("AccessDenied"))
