# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Firehose: roles and states are looked at, and a destination keeps all that it was told.

What AWS does stands in the API reference, under the operation that a function here is named after:
https://docs.aws.amazon.com/firehose/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.utils import get_service_model
from moto.firehose.models import DeliveryStream, FirehoseBackend
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends

from sandbox import policies
from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import mend

# What a destination has unless told otherwise, and always tells:
# https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationDescription.html
_S3_DEFAULTS = {
    "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
    "CompressionFormat": "UNCOMPRESSED",
    "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
    "CloudWatchLoggingOptions": {"Enabled": False},
}


@mend(FirehoseBackend, "create_delivery_stream")
def create_delivery_stream(original: Callable, self: Any, *args: Any, **kwargs: Any) -> str:
    arn = original(self, *args, **kwargs)
    stream = self.delivery_streams[arn.rpartition("/")[2]]
    (destination,) = stream.destinations
    try:
        _check_destination(self, _told(destination))
        wanted = _encryption(self, stream.delivery_stream_encryption_configuration)
    except ServiceError:
        del self.delivery_streams[stream.delivery_stream_name]
        raise
    _complete(destination)
    stream.delivery_stream_encryption_configuration = {**wanted, "Status": "ENABLED" if wanted else "DISABLED"}
    CLOCK.turn(stream, "delivery_stream_status", "CREATING", "ACTIVE", "firehose_stream.creation")
    return arn


def _told(destination: dict[str, Any]) -> dict[str, Any]:
    return destination.get("ExtendedS3") or destination.get("S3") or {}


def _check_destination(backend: Any, told: dict[str, Any]) -> None:
    """The role must be there, and trust Firehose; of the buffering hints, one does not go without the other.

    https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
    https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html
    """
    if 0 < len(told.get("BufferingHints", {})) < 2:
        message = "BufferingHints needs both SizeInMBs and IntervalInSeconds, or neither."
        raise ServiceError("InvalidArgumentException", message)
    arn = told.get("RoleARN")
    if arn is None:
        return
    roles = iam_backends[backend.account_id][backend.partition].roles.values()
    trust = next((role.assume_role_policy_document for role in roles if role.arn == arn), None)
    context = {"sts:ExternalId": backend.account_id, "aws:SourceAccount": backend.account_id}
    if not policies.allows(trust, "firehose.amazonaws.com", "sts:AssumeRole", arn, context):
        message = f"Firehose is unable to assume role {arn}. Please check the role provided."
        raise ServiceError("InvalidArgumentException", message)


def _complete(destination: dict[str, Any]) -> None:
    """Add what a destination in S3 has by default, and tell it in the older form, too, as far as that one goes."""
    if "ExtendedS3" in destination:
        extended = destination["ExtendedS3"] = {**_S3_DEFAULTS, "S3BackupMode": "Disabled", **destination["ExtendedS3"]}
        older = get_service_model("firehose").shape_for("S3DestinationDescription").members
        destination["S3"] = {name: value for name, value in extended.items() if name in older}
    elif "S3" in destination:
        destination["S3"] = {**_S3_DEFAULTS, **destination["S3"]}


@mend(FirehoseBackend, "update_destination")
def update_destination(original: Callable, self: Any, delivery_stream_name: str, *args: Any, **kwargs: Any) -> None:
    """What is not told stays, in the older form of the answer, too, where moto loses it."""
    stream = self.delivery_streams.get(delivery_stream_name)
    if stream is None:
        return original(self, delivery_stream_name, *args, **kwargs)
    _refuse_unless_active(self, stream)
    # After the version and the destination's id come the updates of S3 in its older form and its newer one.
    for told in args[2:4]:
        _check_destination(self, told or {})
    original(self, delivery_stream_name, *args, **kwargs)
    for destination in stream.destinations:
        _complete(destination)
    return None


def _refuse_unless_active(backend: Any, stream: DeliveryStream) -> None:
    if stream.delivery_stream_status != "ACTIVE":
        message = f"Firehose {stream.delivery_stream_name} under account {backend.account_id} is not active."
        raise ServiceError("ResourceInUseException", message)


def _encryption(backend: Any, told: dict[str, Any] | None) -> dict[str, Any]:
    """What was told of the encryption, if it can be.

    https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeliveryStreamEncryptionConfigurationInput.html
    """
    if not told:
        return {}
    if told["KeyType"] == "CUSTOMER_MANAGED_CMK":
        if "KeyARN" not in told:
            raise ServiceError("InvalidArgumentException", "KeyARN is required for the key type CUSTOMER_MANAGED_CMK.")
        arn = told["KeyARN"]
        key = kms_backends[backend.account_id][backend.region_name].keys.get(arn.rpartition("/")[2])
        if key is None or key.arn != arn or key.key_state != "Enabled":
            raise ServiceError("InvalidKMSResourceException", f"Firehose cannot use the KMS key {arn}.")
    return dict(told)


def _turn_encryption(backend: Any, name: str, wanted: dict[str, Any], passing: str, final: str) -> None:
    stream = backend.delivery_streams[name]
    _refuse_unless_active(backend, stream)
    encryption = stream.delivery_stream_encryption_configuration = {**wanted, "Status": passing}
    CLOCK.later("firehose_stream.encryption", lambda: encryption.update(Status=final))


@mend(FirehoseBackend, "start_delivery_stream_encryption")
def start_delivery_stream_encryption(
    original: Callable, self: Any, stream_name: str, encryption_config: dict[str, Any]
) -> None:
    if stream_name not in self.delivery_streams:
        return original(self, stream_name, encryption_config)
    wanted = _encryption(self, encryption_config or {"KeyType": "AWS_OWNED_CMK"})
    return _turn_encryption(self, stream_name, wanted, "ENABLING", "ENABLED")


@mend(FirehoseBackend, "stop_delivery_stream_encryption")
def stop_delivery_stream_encryption(original: Callable, self: Any, stream_name: str) -> None:
    if stream_name not in self.delivery_streams:
        return original(self, stream_name)
    return _turn_encryption(self, stream_name, {}, "DISABLING", "DISABLED")


@mend(FirehoseBackend, "delete_delivery_stream")
def delete_delivery_stream(original: Callable, self: Any, delivery_stream_name: str) -> None:
    """A stream that is being created cannot be deleted; one that is being deleted can, which changes nothing."""
    stream = self.delivery_streams.get(delivery_stream_name)
    if stream and stream.delivery_stream_status == "CREATING":
        message = f"Firehose {delivery_stream_name} under account {self.account_id} is being created."
        raise ServiceError("ResourceInUseException", message)
    if stream and stream.delivery_stream_status == "DELETING":
        return
    original(self, delivery_stream_name)
    CLOCK.linger(self.delivery_streams, delivery_stream_name, stream, "firehose_stream.deletion")
