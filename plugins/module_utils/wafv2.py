# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of AWS WAF (v2) have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    boto3_tag_list_to_ansible_dict,
)

from .arn_tags import change_resource_tags

# What is for CloudFront lives in this region's API, and nowhere else.
CLOUDFRONT_REGION = "us-east-1"
# WAF takes from seconds to minutes until all of it knows of something new.
NOT_YET_KNOWN = ("WAFUnavailableEntityException", "WAFNonexistentItemException")
# Somebody else changed the resource between our reading and our writing.
CHANGED_MEANWHILE = "WAFOptimisticLockException"
# Something still refers to what is to be deleted.
ASSOCIATED = "WAFAssociatedItemException"


class WafErrorHandler(AWSErrorHandler):
    """Decorators for the functions that call WAF; what is not there is not an error of a read."""

    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("WAFNonexistentItemException")


def require_region_of_cloudfront(waf: Any, what: str) -> None:
    """Raise AnsibleAWSError when a client of another region is to manage something for CloudFront."""
    region = waf.meta.region_name
    if region != CLOUDFRONT_REGION:
        raise AnsibleAWSError(
            message=f"{what} is for CloudFront, which AWS WAF manages in {CLOUDFRONT_REGION} only. Set region to "
            f"{CLOUDFRONT_REGION}; it is {region}."
        )


def list_all(list_page: Callable[..., dict[str, Any]], member: str, scope: str) -> Iterator[dict[str, Any]]:
    """The summaries that an operation lists under member, page by page."""
    # botocore has no paginators for WAF.
    arguments = {"Scope": scope, "Limit": 100}
    while True:
        page = list_page(**arguments)
        yield from page[member]
        if not page.get("NextMarker"):
            return
        arguments["NextMarker"] = page["NextMarker"]


def find_by_name(list_page: Callable[..., dict[str, Any]], member: str, name: str, scope: str) -> dict[str, Any] | None:
    """The summary of the one resource of this name, which an operation lists under member; None when there is none."""
    return next((summary for summary in list_all(list_page, member, scope) if summary["Name"] == name), None)


def list_tags(waf: Any, arn: str) -> dict[str, str]:
    tags, arguments = [], {"ResourceARN": arn, "Limit": 100}
    while True:
        page = waf.list_tags_for_resource(**arguments)
        tags += page.get("TagInfoForResource", {}).get("TagList", [])
        if not page.get("NextMarker"):
            return boto3_tag_list_to_ansible_dict(tags)
        arguments["NextMarker"] = page["NextMarker"]


@WafErrorHandler.common_error_handler("tag {arn}")
def change_tags(waf: Any, arn: str, current: dict[str, str], wanted: dict[str, str]) -> None:
    """Make the tags of a resource exactly those wanted."""
    change_resource_tags(waf, current, wanted, ResourceARN=arn)
