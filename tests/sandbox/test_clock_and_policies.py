# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The clock, and the reading of policies."""

import json

import pytest

from sandbox import Sandbox, policies
from sandbox.clock import Transition

GROUP = "arn:aws:logs:ap-northeast-1:123456789012:log-group:app"
CONTEXT = {"aws:SourceArn": GROUP, "aws:SourceAccount": "123456789012"}


def test_a_transition_takes_its_time(monkeypatch):
    moment = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: moment)
    assert Transition("pending", "available", 90).state == "available"
    monkeypatch.setenv("SANDBOX_CLOCK", "0.1")
    transition = Transition("pending", "available", 90)
    assert transition.state == "pending"
    moment += 8.9
    assert transition.state == "pending"
    moment += 0.2
    assert transition.state == "available"


def test_a_nat_gateway_is_waited_for(monkeypatch):
    monkeypatch.setenv("SANDBOX_CLOCK", "0.01")
    with Sandbox() as sandbox:
        ec2 = sandbox.client("ec2")
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
        gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocation)["NatGateway"]
        assert gateway["State"] == "pending"
        waiter = ec2.get_waiter("nat_gateway_available")
        waiter.wait(NatGatewayIds=[gateway["NatGatewayId"]], WaiterConfig={"Delay": 0.2, "MaxAttempts": 20})
        states = {
            entry["operation"]: entry["outcome"] for entry in sandbox.requests() if "NatGateway" in entry["operation"]
        }
        assert states == {"CreateNatGateway": "ok", "DescribeNatGateways": "ok"}


def _policy(**more):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logs.ap-northeast-1.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:GenerateDataKey*"],
        "Resource": "*",
        **more,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, True),
        ({"Principal": "*"}, True),
        ({"Principal": {"Service": ["x.amazonaws.com", "logs.ap-northeast-1.amazonaws.com"]}}, True),
        ({"Principal": {"Service": "logs.eu-west-1.amazonaws.com"}}, False),
        ({"Action": "kms:*"}, True),
        ({"Action": "KMS:generatedatakey"}, True),
        ({"Action": "kms:Decrypt"}, False),
        ({"Resource": "arn:aws:kms:*:*:key/[x]"}, False),
        ({"Effect": "Deny"}, False),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}, True),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": ["1", "123456789012"]}}}, True),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}, False),
        ({"Condition": {"StringNotEquals": {"aws:SourceAccount": "1"}}}, True),
        ({"Condition": {"ArnLike": {"AWS:sourcearn": "arn:aws:logs:*:123456789012:log-group:*"}}}, True),
        ({"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:logs:*:1:*"}}}, False),
        ({"Condition": {"StringEquals": {"aws:SourceOrgID": "o-1"}}}, False),
        ({"Condition": {"StringEqualsIfExists": {"aws:SourceOrgID": "o-1"}}}, True),
        ({"Condition": {"StringNotEquals": {"aws:SourceOrgID": "o-1"}}}, True),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Condition": {"NumericLessThan": {"aws:SourceAccount": "1"}}}, False),
    ],
)
def test_what_a_policy_allows_a_service(more, expected):
    policy = json.dumps(_policy(**more))
    key = "arn:aws:kms:ap-northeast-1:123456789012:key/x"
    service = "logs.ap-northeast-1.amazonaws.com"
    assert policies.allows(policy, service, "kms:GenerateDataKey", key, CONTEXT) is expected


def test_a_denial_wins_and_no_policy_allows_nothing():
    document = _policy()
    service = "logs.ap-northeast-1.amazonaws.com"
    assert policies.allows(json.dumps(document), service, "kms:Encrypt", "x", CONTEXT)
    denial = {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    tls_only = {**denial, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    document["Statement"].append(tls_only)
    assert policies.allows(json.dumps(document), service, "kms:Encrypt", "x", CONTEXT)
    document["Statement"].append(denial)
    assert not policies.allows(json.dumps(document), service, "kms:Encrypt", "x", CONTEXT)
    assert not policies.allows(None, service, "kms:Encrypt", "x", CONTEXT)
