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
    """An error of AWS's, with a code that the service's model lists; further members of its shape by keyword."""

    def __init__(self, code: str, message: str, **members: Any):
        super().__init__(code, message)
        for name, value in members.items():
            setattr(self, name, value)


def serialized(call: Call, result: Any, status: int | None = None) -> Response:
    """Write a result or an error as the call's protocol does; ``status`` overrides the model's HTTP status."""
    request_id = str(uuid.uuid4())
    serializer = get_serializer_class(call.service, call.protocol)(call.operation, SerializationContext(request_id))
    answer = serializer.serialize(result)
    body = answer["body"]
    headers = {**answer["headers"], "x-amzn-RequestId": request_id, "x-amz-request-id": request_id}
    return status or answer["status_code"], headers, body if isinstance(body, bytes) else body.encode()
