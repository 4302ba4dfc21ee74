# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of AWS Config have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, State

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


class ConfigResource(Resource):
    """What AWS Config keeps under a name, with tags, and takes as a whole, by the method ``_put`` of a subclass.

    what: what it is called in sentences, before its name, such as "rule". put: the fields that are put, all at once.
    """

    what: str
    put: tuple[str, ...]

    def __init__(self, fields: State, params: Mapping[str, Any], config: Any, name: str | None = None) -> None:
        super().__init__(fields, params["purge_tags"])
        self.config = config
        self.name = name or params["name"]

    def create(self) -> None:
        wanted = self.wanted(self.blank())
        self._put({**self.blank(), **wanted}, Tags=ansible_dict_to_boto3_tag_list(wanted.get("tags", {})))

    def update(self, current: State, changes: State) -> None:
        if not changes.keys().isdisjoint(self.put):
            self._put({**current, **changes})
        if "tags" in changes:
            self._change_tags(current, changes["tags"])

    @ConfigErrorHandler.list_error_handler("list the tags of the {self.what} {self.name}", {})
    def _list_tags(self, arn: str) -> dict[str, str]:
        return boto3_tag_list_to_ansible_dict(self.config.list_tags_for_resource(ResourceArn=arn)["Tags"])

    @ConfigErrorHandler.common_error_handler("tag the {self.what} {self.name}")
    def _change_tags(self, current: State, wanted: dict[str, str]) -> None:
        change_resource_tags(self.config, current["tags"], wanted, ResourceArn=current["arn"])


def taken_refusal(what: str, name: str, others: Iterable[str], region: str) -> str | None:
    """Why there cannot be another recorder or delivery channel; None where there is none."""
    other = next(iter(others), None)
    if other is None:
        return None
    return (
        f"An account has one {what} in a region, and in {region} that is {other}, which somebody else may need. To "
        f"manage that one, say name: {other}. To have {name} instead, delete it first."
    )
