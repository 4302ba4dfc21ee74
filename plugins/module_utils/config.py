# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of AWS Config have in common."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler

FREQUENCIES = ["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"]


class ConfigErrorHandler(AWSErrorHandler):
    """Decorators for the functions that call AWS Config; what is not there is not an error of a read."""

    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(
            [
                "NoSuchConfigRuleException",
                "NoSuchConfigurationAggregatorException",
                "NoSuchConfigurationRecorderException",
                "NoSuchDeliveryChannelException",
                "NoSuchRemediationConfigurationException",
                "ResourceNotFoundException",
            ]
        )


def taken_refusal(what: str, name: str, others: Iterable[str], region: str) -> str | None:
    """Why there cannot be another recorder or delivery channel; None where there is none."""
    other = next(iter(others), None)
    if other is None:
        return None
    return (
        f"An account has one {what} in a region, and in {region} that is {other}, which somebody else may need. To "
        f"manage that one, say name: {other}. To have {name} instead, delete it first."
    )
