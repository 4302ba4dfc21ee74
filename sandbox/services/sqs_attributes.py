# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""SQS: what moto has wrong in the attributes of a queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.sqs.models import Queue

from sandbox.operations import mend


@mend(Queue, "_set_attributes")
def _set_attributes(original: Callable, self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
    """What is not said stays as it is, the policy too.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    """
    policy = getattr(self, "policy", None)
    original(self, attributes if "Policy" in attributes else {**attributes, "Policy": policy}, now)
