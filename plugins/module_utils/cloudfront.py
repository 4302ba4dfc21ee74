# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of CloudFront have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler

from .consistency import retry_on


class CloudFrontErrorHandler(AWSErrorHandler):
    """Decorators for the functions that call CloudFront; what is not there is not an error of a read or a deletion."""

    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(
            ["NoSuchDistribution", "NoSuchOriginAccessControl", "NoSuchResource", "NoSuchResponseHeadersPolicy"]
        )


# A change or deletion names the version that it is meant for. Functions that read that version first, and are then told
# that there is a newer one, are to be called again.
retry_on_newer_version = retry_on("PreconditionFailed", "InvalidIfMatchVersion")


def items(call: Callable[..., dict[str, Any]], member: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """All items of one of CloudFront's lists, whose member of the answer is named; boto3 has no paginator for some."""
    marker = {}
    while True:
        answer = call(**arguments, **marker)[member]
        yield from answer.get("Items", [])
        if not answer.get("NextMarker"):
            return
        marker = {"Marker": answer["NextMarker"]}


def quantified(values: Iterable[Any]) -> dict[str, Any]:
    """A list as CloudFront wants it, and answers it: with its length, and without items where there are none."""
    listed = list(values)
    return {"Quantity": len(listed), "Items": listed} if listed else {"Quantity": 0}
