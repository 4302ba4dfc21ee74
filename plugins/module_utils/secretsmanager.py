# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What modules have in common that read Secrets Manager, so that no password is in an argument or a variable."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

# What stands for a value that is only planned.
NOT_MADE_YET = "not made yet"


class SecretErrorHandler(AWSErrorHandler):
    """Decorators for the functions that call Secrets Manager."""

    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("ResourceNotFoundException")


class Value(NamedTuple):
    """One value of a secret, and the id of the version that it is."""

    text: str
    version: str


@SecretErrorHandler.list_error_handler("read the secret {secret_id}")
def find_value(secretsmanager: Any, secret_id: str, label: str = "AWSCURRENT") -> Value | None:
    """The value of a secret that has this label; None when there is no such secret or value."""
    found = secretsmanager.get_secret_value(SecretId=secret_id, VersionStage=label)
    return Value(found.get("SecretString", ""), found["VersionId"])


def no_value(secret_id: str) -> AnsibleAWSError:
    """What is raised where a secret has to have a value."""
    return AnsibleAWSError(message=f"There is no secret {secret_id} that has a value. Make it first.")


def find_password(secretsmanager: Any, secret_id: str, check_mode: bool) -> Value:
    """The password that a secret holds now; in check mode it may be still to be made.

    The secret's text is the password, or, as in the secrets of RDS, an object of JSON that has one.
    """
    value = find_value(secretsmanager, secret_id)
    if value is None and check_mode:
        return Value(NOT_MADE_YET, NOT_MADE_YET)
    if value is None:
        raise no_value(secret_id)
    try:
        read = json.loads(value.text)
    except ValueError:
        return value
    if not isinstance(read, dict):
        return value
    if not isinstance(read.get("password"), str):
        raise AnsibleAWSError(message=f"The secret {secret_id} is an object of JSON without a password.")
    return Value(read["password"], value.version)
