# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils.rds import same_proxy_subnets
from ansible_collections.wellarchitected.aws.plugins.modules import rds_proxy_endpoint

ENDPOINT = {
    "DBProxyEndpointName": "reads",
    "DBProxyEndpointArn": "arn:aws:rds:ap-northeast-1:123456789012:db-proxy-endpoint:prx-endpoint-1",
    "DBProxyName": "shop",
    "Status": "available",
    "VpcId": "vpc-1",
    "VpcSubnetIds": ["subnet-2", "subnet-1"],
    "VpcSecurityGroupIds": ["sg-1"],
    "Endpoint": "reads.endpoint.proxy-abc.ap-northeast-1.rds.amazonaws.com",
    "TargetRole": "READ_ONLY",
}
STATE = {
    "db_proxy_endpoint_name": "reads",
    "arn": ENDPOINT["DBProxyEndpointArn"],
    "address": ENDPOINT["Endpoint"],
    "status": "available",
    "vpc_id": "vpc-1",
    "db_proxy_name": "shop",
    "target_role": "READ_ONLY",
    "vpc_subnet_ids": ["subnet-1", "subnet-2"],
    "vpc_security_group_ids": ["sg-1"],
    "tags": {},
}


def test_read():
    assert rds_proxy_endpoint.read(ENDPOINT, {}) == STATE


def test_given():
    given = {**dict.fromkeys(rds_proxy_endpoint.FIELDS), "db_proxy_name": "Shop", "vpc_subnet_ids": ["b", "a"]}
    assert rds_proxy_endpoint.given_fields(given) == {"db_proxy_name": "shop", "vpc_subnet_ids": ["a", "b"]}


def test_creation():
    assert rds_proxy_endpoint.creation({**STATE, "vpc_security_group_ids": [], "tags": {"a": "b"}}) == {
        "DBProxyName": "shop",
        "TargetRole": "READ_ONLY",
        "VpcSubnetIds": ["subnet-1", "subnet-2"],
        "Tags": [{"Key": "a", "Value": "b"}],
    }


@pytest.mark.parametrize(
    ("current", "same"),
    [(["a", "b"], True), (["a"], True), ([], False), (["a", "c"], False)],
)
def test_subnets_that_aws_leaves_out_are_no_difference(current, same):
    assert same_proxy_subnets(current, ["a", "b"]) is same
