# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""CloudWatch Logs: what moto lacks in log groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogGroup

from sandbox.errors import ServiceError
from sandbox.operations import LET_MOTO_ANSWER, Request, after_moto, mend, operation
from sandbox.services.kms import key_for_service

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_RETENTION_DAYS = {
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
}


def _group(request: Request, name: str) -> LogGroup:
    """A log group by its name or ARN."""
    name = name.removesuffix(":*").rpartition(":log-group:")[2]
    try:
        return request.backend.groups[name]
    except KeyError:
        raise ResourceNotFoundException() from None


# Encryption. The key's policy has to let the service of the region in:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html


def _check_key(request: Request, name: str) -> None:
    key_id = request.params.get("kmsKeyId")
    if key_id is None:
        return
    group = f"arn:{request.partition}:logs:{request.region}:{request.account}:log-group:{name}"
    context = {
        "kms:EncryptionContext:aws:logs:arn": group,
        "aws:SourceArn": group,
        "aws:SourceAccount": request.account,
    }
    service = f"logs.{request.region}.amazonaws.com"
    if not key_id.startswith("arn:"):
        message = f"The specified KMS Key Id could not be found. '{name}'"
        raise ServiceError("InvalidParameterException", message)
    if key_for_service(request.account, request.region, key_id, service, context) is None:
        message = f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{group}'"
        raise ServiceError("InvalidParameterException", message)


def _group_to_encrypt(request: Request) -> LogGroup:
    name = request.params.get("logGroupName") or request.params.get("resourceIdentifier")
    if name is None:
        raise ServiceError("InvalidParameterException", "Either logGroupName or resourceIdentifier is required.")
    return _group(request, name)


@operation("logs", "AssociateKmsKey")
def associate_kms_key(request: Request) -> None:
    group = _group_to_encrypt(request)
    _check_key(request, group.name)
    group.kms_key_id = request.params["kmsKeyId"]


@operation("logs", "DisassociateKmsKey")
def disassociate_kms_key(request: Request) -> None:
    _group_to_encrypt(request).kms_key_id = None


# Creation, deletion, and protection against it


@operation("logs", "CreateLogGroup", instead_of_moto="It does not look at the key.")
def create_log_group(request: Request) -> Any:
    _check_key(request, request.params["logGroupName"])
    return LET_MOTO_ANSWER


@after_moto("logs", "CreateLogGroup")
def keep_class_and_protection(request: Request) -> None:
    group = _group(request, request.params["logGroupName"])
    group.log_group_class = request.params.get("logGroupClass", "STANDARD")
    if group.log_group_class == "DELIVERY":
        group.set_retention_policy(2)
    group.protected = request.params.get("deletionProtectionEnabled", False)


@mend(LogGroup, "to_describe_dict")
def to_describe_dict(original: Callable, self: LogGroup) -> dict[str, Any]:
    return {
        **original(self),
        "logGroupClass": getattr(self, "log_group_class", "STANDARD"),
        "deletionProtectionEnabled": getattr(self, "protected", False),
    }


@operation("logs", "PutLogGroupDeletionProtection")
def put_log_group_deletion_protection(request: Request) -> None:
    group = _group(request, request.params["logGroupIdentifier"])
    group.protected = request.params["deletionProtectionEnabled"]


@operation("logs", "DeleteLogGroup", instead_of_moto="It does not know of protection.")
def delete_log_group(request: Request) -> Any:
    name = request.params["logGroupName"]
    if getattr(_group(request, name), "protected", False):
        message = "Cannot delete log group with deletion protection enabled. Disable deletion protection first."
        raise ServiceError("ValidationException", message)
    return LET_MOTO_ANSWER


# Retention


def _refuse_for_delivery(request: Request) -> None:
    """AWS keeps the events of this class for two days, and answers with a code that its model does not list."""
    if getattr(_group(request, request.params["logGroupName"]), "log_group_class", None) == "DELIVERY":
        raise ServiceError("ValidationException", "This operation is not supported for Delivery log class")


@operation("logs", "PutRetentionPolicy", instead_of_moto="It takes any number of days, for every class.")
def put_retention_policy(request: Request) -> Any:
    _refuse_for_delivery(request)
    days = request.params["retentionInDays"]
    if days not in _RETENTION_DAYS:
        allowed = ", ".join(map(str, sorted(_RETENTION_DAYS)))
        message = (
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{allowed}]"
        )
        raise ServiceError("InvalidParameterException", message)
    return LET_MOTO_ANSWER


@operation("logs", "DeleteRetentionPolicy", instead_of_moto="It does so for every class.")
def delete_retention_policy(request: Request) -> Any:
    _refuse_for_delivery(request)
    return LET_MOTO_ANSWER
