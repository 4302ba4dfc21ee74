# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import rds_cluster_endpoint

ENDPOINT = {
    "DBClusterEndpointIdentifier": "reports",
    "DBClusterIdentifier": "shop",
    "DBClusterEndpointResourceIdentifier": "cluster-endpoint-ABC",
    "Endpoint": "reports.cluster-custom-abc.ap-northeast-1.rds.amazonaws.com",
    "Status": "available",
    "EndpointType": "CUSTOM",
    "CustomEndpointType": "ANY",
    "StaticMembers": ["two", "one"],
    "ExcludedMembers": [],
    "DBClusterEndpointArn": "arn:aws:rds:ap-northeast-1:123456789012:cluster-endpoint:reports",
}
STATE = {
    "db_cluster_endpoint_identifier": "reports",
    "db_cluster_endpoint_resource_identifier": "cluster-endpoint-ABC",
    "arn": ENDPOINT["DBClusterEndpointArn"],
    "address": ENDPOINT["Endpoint"],
    "status": "available",
    "db_cluster_identifier": "shop",
    "endpoint_type": "ANY",
    "static_members": ["one", "two"],
    "excluded_members": [],
    "tags": {"a": "b"},
}


def test_read():
    assert rds_cluster_endpoint.read(ENDPOINT, {"a": "b"}) == STATE


@pytest.mark.parametrize(
    ("params", "given"),
    [
        ({}, {}),
        ({"db_cluster_identifier": "Shop"}, {"db_cluster_identifier": "shop"}),
        ({"static_members": ["B", "a"]}, {"static_members": ["a", "b"], "excluded_members": []}),
        ({"excluded_members": ["a"]}, {"static_members": [], "excluded_members": ["a"]}),
        ({"excluded_members": []}, {"static_members": [], "excluded_members": []}),
    ],
)
def test_given(params, given):
    assert rds_cluster_endpoint.given_fields({**dict.fromkeys(rds_cluster_endpoint.FIELDS), **params}) == given


def test_creation():
    assert rds_cluster_endpoint.creation(STATE) == {
        "DBClusterIdentifier": "shop",
        "EndpointType": "ANY",
        "StaticMembers": ["one", "two"],
        "Tags": [{"Key": "a", "Value": "b"}],
    }


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({"tags": {}}, {}),
        ({"endpoint_type": "READER"}, {"EndpointType": "READER"}),
        ({"static_members": ["one"]}, {"StaticMembers": ["one"], "ExcludedMembers": []}),
        (
            {"static_members": [], "excluded_members": ["two"]},
            {"StaticMembers": [], "ExcludedMembers": ["two"]},
        ),
    ],
)
def test_modification(changes, arguments):
    assert rds_cluster_endpoint.modification(STATE, changes) == arguments
