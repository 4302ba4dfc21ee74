# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""KMS: what moto lacks or has wrong in the life of a key.

What a key can do in which state: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.kms import models, responses
from moto.kms.exceptions import NotAuthorizedException
from moto.kms.models import Key, KmsBackend, kms_backends

from sandbox import policies
from sandbox.delivery import Sender, Undelivered
from sandbox.errors import ServiceError
from sandbox.operations import LET_MOTO_ANSWER, Request, mend, operation

_DEFAULT_ROTATION_PERIOD = 365


def _key(request: Request) -> Key:
    """The key that a request is about, or moto's NotFoundException."""
    return request.backend.describe_key(request.params.get("KeyId") or request.params["TargetKeyId"])


# States


def _refuse(key: Key, *states: str) -> None:
    if key.key_state in states:
        if key.key_state == "Disabled":
            raise ServiceError("DisabledException", f"{key.arn} is disabled.")
        raise ServiceError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


def _not_while(name: str, *states: str) -> None:
    @operation("kms", name, instead_of_moto="It does not look at the key's state.")
    def check_state(request: Request) -> Any:
        _refuse(_key(request), *states)
        return LET_MOTO_ANSWER


for _name in (
    "CreateAlias",
    "DisableKey",
    "EnableKey",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
):
    _not_while(_name, "PendingDeletion")

for _name in ("CreateGrant", "DisableKeyRotation", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"):
    _not_while(_name, "PendingDeletion", "Disabled")


@operation(
    "kms", "ScheduleKeyDeletion", instead_of_moto="It does not tell the state, and takes a key that waits already."
)
def schedule_key_deletion(request: Request) -> dict[str, Any]:
    key = _key(request)
    _refuse(key, "PendingDeletion")
    days = request.params.get("PendingWindowInDays", 30)
    date = request.backend.schedule_key_deletion(key.id, days)
    return {"KeyId": key.arn, "DeletionDate": date, "KeyState": key.key_state, "PendingWindowInDays": days}


@operation("kms", "CancelKeyDeletion", instead_of_moto="It takes a key that does not wait for its deletion.")
def cancel_key_deletion(request: Request) -> dict[str, Any]:
    key = _key(request)
    if key.key_state != "PendingDeletion":
        raise ServiceError("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
    request.backend.cancel_key_deletion(key.id)
    return {"KeyId": key.arn}


# Rotation


@operation("kms", "EnableKeyRotation", instead_of_moto="It does not keep the period.")
def enable_key_rotation(request: Request) -> None:
    key = _key(request)
    _refuse(key, "PendingDeletion", "Disabled")
    if key.key_spec != "SYMMETRIC_DEFAULT":
        raise ServiceError("UnsupportedOperationException", f"{key.arn} is not a symmetric encryption key.")
    key.key_rotation_status = True
    key.rotation_period = request.params.get("RotationPeriodInDays", _DEFAULT_ROTATION_PERIOD)


@operation("kms", "GetKeyRotationStatus", instead_of_moto="It does not tell the period.")
def get_key_rotation_status(request: Request) -> dict[str, Any]:
    key = _key(request)
    # A key that waits for its deletion is not rotated.
    enabled = key.key_rotation_status and key.key_state != "PendingDeletion"
    status = {"KeyId": key.arn, "KeyRotationEnabled": enabled}
    if enabled:
        status["RotationPeriodInDays"] = getattr(key, "rotation_period", _DEFAULT_ROTATION_PERIOD)
    return status


@mend(models, "generate_private_key")
def generate_private_key(original: Callable, key_spec: str) -> Any:
    """A symmetric key has no private half; making one takes as long as fifty calls."""
    return None if key_spec == "SYMMETRIC_DEFAULT" else original(key_spec)


# Policies


def _refuse_malformed(policy: str | None) -> None:
    try:
        well_formed = policy is None or isinstance(json.loads(policy)["Statement"], list | dict)
    except (ValueError, KeyError, TypeError):
        well_formed = False
    if not well_formed:
        raise ServiceError("MalformedPolicyDocumentException", "Policy contains a statement that is not well-formed.")


@operation("kms", "CreateKey", instead_of_moto="It takes any policy.")
def create_key(request: Request) -> Any:
    _refuse_malformed(request.params.get("Policy"))
    return LET_MOTO_ANSWER


@operation("kms", "PutKeyPolicy", instead_of_moto="It takes any policy.")
def put_key_policy(request: Request) -> Any:
    _refuse_malformed(request.params["Policy"])
    return LET_MOTO_ANSWER


@mend(responses, "_assert_default_policy")
def assert_default_policy(original: Callable, policy_name: str | None) -> None:
    """The name of the policy need not be given."""
    if policy_name is not None:
        original(policy_name)


# Keys of AWS


def _by_arn_too(name: str) -> None:
    """Let an operation of a key take the key's ARN as well as its id, as all of KMS does.

    https://docs.aws.amazon.com/kms/latest/developerguide/find-cmk-id-arn.html
    """

    @mend(KmsBackend, name)
    def of_key(original: Callable, self: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
        return original(self, self.get_key_id(key_id), *args, **kwargs)


for _operation in ("enable_key", "disable_key", "cancel_key_deletion", "schedule_key_deletion"):
    _by_arn_too(_operation)


@mend(responses.KmsResponse, "_set_alias")
def set_alias(original: Callable, self: Any, update: bool = False) -> str:
    """Aliases that begin with aws/ are AWS's own."""
    if self._get_param("AliasName").startswith("alias/aws/"):
        raise NotAuthorizedException()
    return original(self, update)


@mend(KmsBackend, "create_alias")
def create_alias(original: Callable, self: Any, target_key_id: str, alias_name: str) -> Any:
    """The key behind alias/aws/…, which moto makes when a service needs it, is managed by AWS, and tells so."""
    answer = original(self, target_key_id, alias_name)
    if alias_name.startswith("alias/aws/"):
        self.keys[target_key_id].key_manager = "AWS"
    return answer


def key_for_service(
    account: str, region: str, key_id: str, service: str, context: dict[str, str], action: str = "kms:GenerateDataKey"
) -> Key | None:
    """The key by its id, ARN or alias, if it is there, enabled, and its policy lets the service use it."""
    backend = kms_backends[account][region]
    name = key_id.rpartition(":")[2].removeprefix("key/")
    key = backend.keys.get(backend.get_key_id_from_alias(name) if name.startswith("alias/") else name)
    usable = key and key.key_state == "Enabled" and policies.allows(key.policy, service, action, key.arn, context)
    return key if usable else None


@mend(responses.KmsResponse, "list_grants")
def list_grants(original: Callable, self: Any) -> str:
    """The answer has no count."""
    answer = json.loads(original(self))
    answer.pop("GrantCount", None)
    return json.dumps(answer)


def check_key(sender: Sender, account: str, region: str, key_id: str | None, arn: str) -> None:
    """`Undelivered` if the key of a topic or a queue does not let a service of AWS put something there.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    """
    if not key_id or sender.role:
        return
    for action in ("kms:GenerateDataKey", "kms:Decrypt"):
        if key_for_service(account, region, key_id, sender.service, sender.conditions, action) is None:
            raise Undelivered(
                "NO_PERMISSIONS",
                f"The key {key_id} of {arn} is not there, not enabled, or its policy does not let"
                f" {sender.service} for {sender.arn} use it with {action}.",
            )
