# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import parse_policy, same_kms_key, same_policy

KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd"


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        (KEY, KEY, True),
        (KEY, "1234abcd", True),
        ("1234abcd", KEY, True),
        (KEY, "5678abcd", False),
        ("arn:aws:kms:ap-northeast-1:123456789012:alias/example", "alias/example", True),
        (KEY, "alias/example", False),
        ("alias/1234abcd", "1234abcd", False),
        (None, None, True),
        (KEY, None, False),
        (None, KEY, False),
    ],
)
def test_same_kms_key(current, wanted, same):
    assert same_kms_key(current, wanted) is same


def policy(**statement):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", **statement}]}


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        ({}, {}, True),
        ({}, policy(), False),
        (policy(), {}, False),
        (policy(), policy(), True),
        (policy(), policy(Action=["s3:*"]), True),
        (policy(Action=["a:x", "a:y"]), policy(Action=["a:y", "a:x"]), True),
        (policy(Principal="*"), policy(Principal={"AWS": "*"}), True),
        (policy(), policy(Effect="Deny"), False),
    ],
)
def test_same_policy(current, wanted, same):
    assert same_policy(current, wanted) is same


@pytest.mark.parametrize(("text", "document"), [("", {}), ("{}", {}), ('{"Version": "1"}', {"Version": "1"})])
def test_parse_policy(text, document):
    assert parse_policy(text, "policy") == document


@pytest.mark.parametrize(("text", "said"), [("{", "policy is not valid JSON"), ("[]", "a dictionary; it is \\[\\]")])
def test_not_a_policy(text, said):
    with pytest.raises(AnsibleAWSError, match=said):
        parse_policy(text, "policy")
