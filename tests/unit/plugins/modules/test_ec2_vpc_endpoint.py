# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import boto3
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import ec2_vpc_endpoint as module
from botocore.stub import Stubber

ID = "vpce-0123456789abcdef0"
DESCRIBED = {
    "VpcEndpointId": ID,
    "VpcEndpointType": "Interface",
    "VpcId": "vpc-1",
    "ServiceName": "com.amazonaws.ap-northeast-1.ssm",
    "State": "available",
    "PolicyDocument": json.dumps(module.DEFAULT_POLICY),
    "SubnetIds": ["subnet-b", "subnet-a"],
    "Groups": [{"GroupId": "sg-1", "GroupName": "one"}],
    "PrivateDnsEnabled": True,
    "IpAddressType": "dualstack",
    "Tags": [{"Key": "Environment", "Value": "test"}],
}
STATE = {
    "id": ID,
    "vpc_id": "vpc-1",
    "service": "com.amazonaws.ap-northeast-1.ssm",
    "type": "Interface",
    "state": "available",
    "route_table_ids": [],
    "subnet_ids": ["subnet-a", "subnet-b"],
    "security_group_ids": ["sg-1"],
    "private_dns_enabled": True,
    "ip_address_type": "dualstack",
    "policy": module.DEFAULT_POLICY,
    "tags": {"Environment": "test"},
}
PARAMS = dict.fromkeys(["vpc_endpoint_id", *module.FIELDS]) | {"purge_tags": True, "wait": True, "wait_timeout": 3}


@pytest.fixture
def ec2():
    client = boto3.client("ec2", "ap-northeast-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(client) as stubber:
        client.stubber = stubber
        yield client
        stubber.assert_no_pending_responses()


def endpoint(ec2, **options):
    return module.Endpoint({**PARAMS, **options}, ec2)


def answer(ec2, *states):
    for state in states:
        ec2.stubber.add_response("describe_vpc_endpoints", {"VpcEndpoints": [{**DESCRIBED, "State": state}]})


def test_read():
    assert module.read(DESCRIBED) == STATE


def test_read_what_has_no_policy():
    described = {
        "VpcEndpointId": ID,
        "VpcEndpointType": "GatewayLoadBalancer",
        "VpcId": "vpc-1",
        "ServiceName": "example",
    }
    state = module.read({**described, "State": "PendingAcceptance"})
    assert state["state"] == "pendingAcceptance"
    assert state["policy"] == {}
    assert state["ip_address_type"] == "ipv4"


def test_given_fields():
    given = module.given_fields({**PARAMS, "subnet_ids": ["b", "a", "b"], "policy": "{}", "route_table_ids": []})
    assert given == {"subnet_ids": ["a", "b"], "policy": module.DEFAULT_POLICY, "route_table_ids": []}


def test_creation():
    fields = {
        "vpc_id": "vpc-1",
        "service": "example",
        "type": "Interface",
        "route_table_ids": [],
        "subnet_ids": ["subnet-a"],
        "private_dns_enabled": False,
        "policy": {"Statement": []},
        "tags": {"Environment": "test"},
    }
    assert module.creation(fields) == {
        "VpcId": "vpc-1",
        "ServiceName": "example",
        "VpcEndpointType": "Interface",
        "SubnetIds": ["subnet-a"],
        "PrivateDnsEnabled": False,
        "PolicyDocument": '{"Statement": []}',
        "TagSpecifications": [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Environment", "Value": "test"}]}],
    }


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({"subnet_ids": ["subnet-b", "subnet-c"]}, {"AddSubnetIds": ["subnet-c"], "RemoveSubnetIds": ["subnet-a"]}),
        ({"security_group_ids": ["sg-1", "sg-2"]}, {"AddSecurityGroupIds": ["sg-2"]}),
        ({"route_table_ids": ["rtb-1"]}, {"AddRouteTableIds": ["rtb-1"]}),
        ({"private_dns_enabled": False}, {"PrivateDnsEnabled": False}),
        ({"ip_address_type": "ipv4", "tags": {}}, {"IpAddressType": "ipv4"}),
        ({"policy": {"Statement": []}}, {"PolicyDocument": '{"Statement": []}'}),
    ],
)
def test_modification(changes, arguments):
    assert module.modification(STATE, changes) == {"VpcEndpointId": ID, **arguments}


def test_tags_alone_are_no_modification():
    assert module.modification(STATE, {"tags": {}}) == {}


def test_default_policy_without_its_version_is_the_same(ec2):
    current = {**STATE, "policy": {"Statement": module.DEFAULT_POLICY["Statement"]}}
    assert not endpoint(ec2, policy="{}").changes(current)


@pytest.mark.parametrize("state", ["deleting", "deleted", "Deleting"])
def test_what_is_being_deleted_does_not_count(ec2, state):
    answer(ec2, state)
    assert endpoint(ec2, vpc_id="vpc-1", service="example").find() is None


def test_found_by_what_identifies_it(ec2):
    filters = [
        {"Name": "vpc-id", "Values": ["vpc-1"]},
        {"Name": "service-name", "Values": ["example"]},
        {"Name": "vpc-endpoint-type", "Values": ["Interface"]},
    ]
    ec2.stubber.add_response("describe_vpc_endpoints", {"VpcEndpoints": [DESCRIBED]}, {"Filters": filters})
    assert endpoint(ec2, vpc_id="vpc-1", service="example", type="Interface").find() == STATE


@pytest.mark.parametrize("state", module.BROKEN)
def test_what_aws_gave_up_is_refused(ec2, state):
    current = {**STATE, "state": state}
    unchanged = endpoint(ec2, vpc_endpoint_id=ID)
    assert f"is {state}. Delete it first" in unchanged.refusal(current, unchanged.changes(current))


def test_subnet_of_a_gateway_load_balancer_endpoint_stays(ec2):
    changed = endpoint(ec2, vpc_endpoint_id=ID, subnet_ids=["subnet-c"])
    current = {**STATE, "type": "GatewayLoadBalancer", "subnet_ids": ["subnet-a"]}
    assert "cannot be changed" in changed.refusal(current, changed.changes(current))
    assert changed.refusal({**current, "id": None, "subnet_ids": []}, {"subnet_ids": ["subnet-c"]}) is None


@pytest.mark.parametrize("state", ["available", "Available", "pendingAcceptance"])
def test_creation_waits_until_it_is_settled(ec2, monkeypatch, state):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ec2.stubber.add_response("create_vpc_endpoint", {"VpcEndpoint": {"VpcEndpointId": ID}})
    ec2.stubber.add_client_error("describe_vpc_endpoints", "InvalidVpcEndpointId.NotFound")
    answer(ec2, "pending", "Pending", state, state)
    endpoint(ec2, vpc_id="vpc-1", service="example").create()


def test_creation_that_fails_is_told(ec2):
    ec2.stubber.add_response("create_vpc_endpoint", {"VpcEndpoint": {"VpcEndpointId": ID}})
    answer(ec2, "failed", "failed")
    with pytest.raises(AnsibleAWSError, match=f"{ID} of .* is failed"):
        endpoint(ec2, vpc_id="vpc-1", service="example").create()


def test_creation_does_not_wait_for_ever(ec2, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ec2.stubber.add_response("create_vpc_endpoint", {"VpcEndpoint": {"VpcEndpointId": ID}})
    answer(ec2, *["pending"] * 4)
    with pytest.raises(AnsibleAWSError, match=f"Timeout trying to see the VPC endpoint {ID} become settled"):
        endpoint(ec2, vpc_id="vpc-1", service="example", wait_timeout=3).create()


def test_creation_need_not_wait(ec2):
    ec2.stubber.add_response("create_vpc_endpoint", {"VpcEndpoint": {"VpcEndpointId": ID}})
    endpoint(ec2, vpc_id="vpc-1", service="example", wait=False).create()


def test_deletion_waits_until_it_is_gone(ec2, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ec2.stubber.add_response("delete_vpc_endpoints", {"Unsuccessful": []})
    answer(ec2, "deleting", "deleting")
    ec2.stubber.add_client_error("describe_vpc_endpoints", "InvalidVpcEndpointId.NotFound")
    endpoint(ec2, vpc_endpoint_id=ID).delete(STATE)


def test_deletion_ends_with_the_state_deleted(ec2):
    ec2.stubber.add_response("delete_vpc_endpoints", {"Unsuccessful": []})
    answer(ec2, "deleted")
    endpoint(ec2, vpc_endpoint_id=ID).delete(STATE)


def test_deletion_that_is_refused_is_told():
    def unsuccessful(code):
        return {"Unsuccessful": [{"ResourceId": ID, "Error": {"Code": code, "Message": "It is managed by a service"}}]}

    with pytest.raises(AnsibleAWSError, match=rf"{ID}: It is managed by a service \(InvalidParameter\)"):
        module.raise_undeleted(unsuccessful("InvalidParameter"))
    module.raise_undeleted(unsuccessful("InvalidVpcEndpoint.NotFound"))
