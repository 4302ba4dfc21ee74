# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Errors as each protocol writes them."""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.serialize import SerializationContext, get_serializer_class

from sandbox.catalogue import Call

Response = tuple[int, dict[str, str], bytes]


class ServiceError(ServiceException):
    """An error of AWS's, with a code that the service's model lists; further members of its shape by keyword.

    ``http_status`` is for codes whose status the model does not tell; 400 unless given.
    """

    def __init__(self, code: str, message: str, http_status: int | None = None, **members: Any):
        super().__init__(code, message)
        self.http_status = http_status
        for name, value in members.items():
            setattr(self, name, value)


def serialized(call: Call, result: Any) -> Response:
    """Write a result or an error as the call's protocol does."""
    request_id = str(uuid.uuid4())
    serializer = get_serializer_class(call.service, call.protocol)(call.operation, SerializationContext(request_id))
    answer = serializer.serialize(result)
    body = answer["body"]
    headers = {**answer["headers"], "x-amzn-RequestId": request_id, "x-amz-request-id": request_id}
    status = getattr(result, "http_status", None) or _status_member(call, result) or answer["status_code"]
    return status, headers, body if isinstance(body, bytes) else body.encode()


def _status_member(call: Call, result: Any) -> int | None:
    """The HTTP status that a result tells in a member of its own, which moto's serializers do not look at."""
    shape = call.operation.output_shape
    for name, member in shape.members.items() if shape and isinstance(result, dict) else ():
        if member.serialization.get("location") == "statusCode":
            return result.get(name)
    return None
