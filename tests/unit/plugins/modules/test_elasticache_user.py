# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import boto3
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import elasticache_user as module
from botocore.stub import Stubber


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        ("on ~* +@all", "on  ~*  +@all", True),
        ("on ~* +@all", "+@all ~* on", True),
        ("on ~* +@all", "on allkeys allcommands", True),
        ("on ~* &* +@all", "on ~* +@all", True),
        ("on ~* &* +@all", "on ~* allchannels +@all", True),
        ("on ~* &news:* +@all", "on ~* &* +@all", False),
        ("on ~* +@all", "on ~* &* +@all", False),
        ("off -@all", "off", True),
        ("on ~a:* ~b:* -@all +get", "on ~b:* ~a:* +GET", True),
        ("on ~a:* -@all +get", "on ~A:* +get", False),
        ("on ~* +@all -get", "on ~* -get +@all", False),
        ("on ~* +@all", "off ~* +@all", False),
        (None, "off", False),
    ],
)
def test_same_access(current, wanted, same):
    assert module.same_access(current, wanted) is same


@pytest.mark.parametrize(("kind", "read"), [("no-password", "no-password-required"), ("iam", "iam")])
def test_read(kind, read):
    user = {
        "UserId": "shop",
        "ARN": "arn",
        "Status": "active",
        "UserName": "shop",
        "Engine": "REDIS",
        "AccessString": "off",
        "Authentication": {"Type": kind},
        "UserGroupIds": ["b", "a"],
    }
    state = module.read(user, {})
    assert (state["authentication_type"], state["engine"], state["user_group_ids"]) == (read, "redis", ["a", "b"])


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({"tags": {}}, {}),
        ({"engine": "valkey", "access_string": "off"}, {"Engine": "valkey", "AccessString": "off"}),
        ({"passwords": "renewed"}, {"AuthenticationMode": {"Type": "password", "Passwords": ["secret"]}}),
        ({"authentication_type": "iam"}, {"AuthenticationMode": {"Type": "iam"}}),
    ],
)
def test_modification(changes, arguments):
    assert module.modification(changes, ["secret"]) == arguments


def secrets(*answers):
    """A client of Secrets Manager that knows a secret's values by their labels."""
    client = boto3.client("secretsmanager", "ap-northeast-1", aws_access_key_id="test", aws_secret_access_key="test")
    stubber = Stubber(client)
    for label, value in zip(module.LABELS, answers, strict=True):
        asked = {"SecretId": "shop", "VersionStage": label}
        if value:
            stubber.add_response("get_secret_value", {"SecretString": value, "VersionId": "0" * 32}, asked)
        else:
            stubber.add_client_error("get_secret_value", "ResourceNotFoundException", expected_params=asked)
    stubber.activate()
    return client


@pytest.mark.parametrize(
    ("answers", "passwords"),
    [(("a", None, None), ["a"]), (("a", "b", None), ["a", "b"]), (("b", None, "a"), ["b", "a"])],
)
def test_secret_passwords(answers, passwords):
    assert module.secret_passwords(secrets(*answers), "shop", False) == passwords


def test_secret_that_is_only_planned():
    nothing = (None, None, None)
    (planned,) = module.secret_passwords(secrets(*nothing), "shop", True)
    assert 16 <= len(planned) <= 128
    with pytest.raises(AnsibleAWSError, match="There is no secret shop that has a value"):
        module.secret_passwords(secrets(*nothing), "shop", False)
