# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Where botocore's model is stricter than the service: what it would refuse and AWS takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ModelException:
    """A kind of problem (see `sandbox.validation.Problem`) that a shape's values may have, and why.

    With ``values`` only these are let through.
    """

    service: str
    shape: str
    kind: str
    reason: str
    values: frozenset[Any] | None = None


EXCEPTIONS = [
    ModelException(
        "s3",
        "BucketCannedACL",
        "enum",
        "A bucket for logs may have it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html",
        frozenset({"log-delivery-write"}),
    ),
]


def allowed(service: str, shape: str, kind: str, value: Any) -> bool:
    """Whether AWS takes a value that the model refuses."""
    return any(
        (exception.service, exception.shape, exception.kind) == (service, shape, kind)
        and (exception.values is None or value in exception.values)
        for exception in EXCEPTIONS
    )
