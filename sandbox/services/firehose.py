# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Firehose: a stream takes its time to become active, and to go.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeleteDeliveryStream.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.firehose.models import FirehoseBackend

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import mend

# What a destination has unless told otherwise, and always tells:
# https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationDescription.html
_S3_DEFAULTS = {
    "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
    "CompressionFormat": "UNCOMPRESSED",
    "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
}


@mend(FirehoseBackend, "create_delivery_stream")
def create_delivery_stream(original: Callable, self: Any, *args: Any, **kwargs: Any) -> str:
    arn = original(self, *args, **kwargs)
    stream = self.delivery_streams[arn.rpartition("/")[2]]
    (destination,) = stream.destinations
    for kind in {"S3", "ExtendedS3"} & set(destination):
        destination[kind] = {**_S3_DEFAULTS, **destination[kind]}
    CLOCK.turn(stream, "delivery_stream_status", "CREATING", "ACTIVE", "firehose_stream.creation")
    return arn


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
