# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The reading of policies."""

import json

import pytest

from sandbox import policies

GROUP = "arn:aws:logs:ap-northeast-1:123456789012:log-group:app"
CONTEXT = {"aws:SourceArn": GROUP, "aws:SourceAccount": "123456789012"}


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


def test_what_a_role_may():
    def document(effect="Allow", **statement):
        return json.dumps({"Statement": {"Effect": effect, "Resource": "*", **statement}})

    send = document(Action=["sqs:Send*"], Resource="arn:aws:sqs:*:*:main-*")
    asked = ("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:main-dead")
    assert policies.role_allows([send], *asked)
    assert not policies.role_allows([], *asked)
    assert not policies.role_allows([send], "sqs:DeleteMessage", asked[1])
    assert not policies.role_allows([send], asked[0], "arn:aws:sqs:eu-central-1:123456789012:other")
    assert not policies.role_allows([send, document("Deny", NotAction="logs:*")], *asked)
    assert policies.role_allows([send, document("Deny", NotAction="sqs:*")], *asked)


@pytest.mark.parametrize(("context", "expected"), [(None, False), ({"s3:ResourceAccount": "1"}, True)])
def test_what_is_known_of_a_request_counts_for_a_role(context, expected):
    document = _policy(Condition={"StringEquals": {"s3:ResourceAccount": "1"}})
    key = "arn:aws:kms:ap-northeast-1:123456789012:key/x"
    assert policies.role_allows([json.dumps(document)], "kms:Encrypt", key, context) is expected
