# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Comparing what AWS normalises: KMS keys and policy documents."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies


def same_kms_key(current: str | None, wanted: str | None) -> bool:
    """Whether two names mean the same KMS key or alias, each a bare name (a key's id, alias/...) or an ARN.

    An alias never equals a key: which key it points to is known to KMS alone.
    """
    return _kms_name(current) == _kms_name(wanted)


def _kms_name(name: str | None) -> str | None:
    resource = name.split(":", 5)[-1] if name and name.startswith("arn:") else name
    return resource.removeprefix("key/") if resource else resource


def same_policy(current: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether two policy documents, of which {} is none, mean the same."""
    if not current or not wanted:
        return current == wanted
    return not compare_policies(current, wanted)


def parse_policy(text: str, option: str) -> dict[str, Any]:
    """The policy document in an option of type json; an empty text is {}, no policy.

    Raises AnsibleAWSError, naming the option, when it is not a JSON object.
    """
    try:
        document = json.loads(text or "{}")
    except ValueError as error:
        raise AnsibleAWSError(message=f"{option} is not valid JSON: {error}.") from error
    if not isinstance(document, dict):
        raise AnsibleAWSError(message=f"{option} must be a policy document, a dictionary; it is {document!r}.")
    return document
