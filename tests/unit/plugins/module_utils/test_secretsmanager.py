# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import boto3
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils.secretsmanager import NOT_MADE_YET, find_password
from botocore.stub import Stubber

VERSION = "0" * 32


def secrets(text):
    """A client of Secrets Manager that knows one secret, or none."""
    client = boto3.client("secretsmanager", "ap-northeast-1", aws_access_key_id="test", aws_secret_access_key="test")
    stubber = Stubber(client)
    asked = {"SecretId": "shop", "VersionStage": "AWSCURRENT"}
    if text is None:
        stubber.add_client_error("get_secret_value", "ResourceNotFoundException", expected_params=asked)
    else:
        stubber.add_response("get_secret_value", {"SecretString": text, "VersionId": VERSION}, asked)
    stubber.activate()
    return client


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("swordfish", "swordfish"),
        ('{"username": "owner", "password": "swordfish"}', "swordfish"),
        # A password that happens to be JSON.
        ("12345678", "12345678"),
    ],
)
def test_the_password_in_a_secret(text, password):
    assert find_password(secrets(text), "shop", False) == (password, VERSION)


def test_a_secret_without_a_password():
    assert find_password(secrets(None), "shop", True) == (NOT_MADE_YET, NOT_MADE_YET)
    with pytest.raises(AnsibleAWSError, match="There is no secret shop that has a value"):
        find_password(secrets(None), "shop", False)
    with pytest.raises(AnsibleAWSError, match="an object of JSON without a password"):
        find_password(secrets('{"username": "owner"}'), "shop", False)
