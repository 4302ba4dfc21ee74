# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of AWS WAF (v2) have in common."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

# What is for CloudFront lives in this region's API, and nowhere else.
CLOUDFRONT_REGION = "us-east-1"
# WAF takes from seconds to minutes until all of it knows of something new.
NOT_YET_KNOWN = ("WAFUnavailableEntityException", "WAFNonexistentItemException")
# Somebody else changed the resource between our reading and our writing.
CHANGED_MEANWHILE = "WAFOptimisticLockException"


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
