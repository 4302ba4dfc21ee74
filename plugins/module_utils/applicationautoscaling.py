# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of Application Auto Scaling have in common: what is scaled, and errors."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .hints import did_you_mean

# The options that say what is scaled, by what the API calls them.
TARGET = {
    "service_namespace": "ServiceNamespace",
    "resource_id": "ResourceId",
    "scalable_dimension": "ScalableDimension",
}
TARGET_OPTIONS = {name: {"type": "str", "required": True} for name in TARGET}
# What AWS answers to a change while another one is being made.
BUSY = "ConcurrentUpdateException"


class ScalingErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("ObjectNotFoundException")


def target_of(scaling: Any, params: dict[str, Any]) -> dict[str, str]:
    """The arguments that say what is scaled.

    Raises AnsibleAWSError for a service or a dimension that the API does not know.
    """
    check_known(scaling, "ServiceNamespace", "service_namespace", params["service_namespace"])
    check_known(scaling, "ScalableDimension", "scalable_dimension", params["scalable_dimension"])
    return {member: params[name] for name, member in TARGET.items()}


def check_known(scaling: Any, shape: str, option: str, value: str) -> None:
    """Raise AnsibleAWSError unless the value is one that botocore's model of the API lists for the shape."""
    known = scaling.meta.service_model.shape_for(shape).enum
    if value not in known:
        hint = did_you_mean(value, known)
        raise AnsibleAWSError(message=f"{option} is {value}, which Application Auto Scaling does not know.{hint}")
