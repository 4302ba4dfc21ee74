# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of Route 53 have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)

from .consistency import retry_on

# The resources whose tags one call reads.
_TAGS_AT_ONCE = 10

# Route 53 makes one change after the other.
retry_on_prior_request = retry_on("PriorRequestNotComplete", "ConcurrentModification")


class Route53ErrorHandler(AWSErrorHandler):
    """Decorators for the functions that call Route 53; what is not there is not an error of a read or a deletion."""

    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["NoSuchHealthCheck", "NoSuchHostedZone", "NoSuchQueryLoggingConfig"])


@Route53ErrorHandler.common_error_handler("read the tags of the {kind}s")
def tags_of(route53: Any, kind: str, ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """The tags of the healthchecks or hostedzones with these ids, by id."""
    ids = list(ids)
    tags = {}
    for start in range(0, len(ids), _TAGS_AT_ONCE):
        answer = route53.list_tags_for_resources(ResourceType=kind, ResourceIds=ids[start : start + _TAGS_AT_ONCE])
        for tag_set in answer["ResourceTagSets"]:
            tags[tag_set["ResourceId"]] = boto3_tag_list_to_ansible_dict(tag_set.get("Tags", []))
    return tags


@Route53ErrorHandler.common_error_handler("tag the {kind} {resource_id}")
@retry_on_prior_request
def change_tags(
    route53: Any, kind: str, resource_id: str, current: Mapping[str, str], wanted: Mapping[str, str]
) -> None:
    """Make the tags of a healthcheck or a hostedzone exactly those wanted."""
    to_set, to_remove = compare_aws_tags(current, wanted)
    changes = {"AddTags": ansible_dict_to_boto3_tag_list(to_set), "RemoveTagKeys": list(to_remove)}
    given = {name: value for name, value in changes.items() if value}
    if given:
        route53.change_tags_for_resource(ResourceType=kind, ResourceId=resource_id, **given)
