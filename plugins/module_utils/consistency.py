# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Retrying what only time mends: a service that has not yet heard of something new, or is busy with a change."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.cloud import CloudRetry
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

# Stands for errors that have no code of their own: an IAM role that is seconds old is unknown to other services.
UNKNOWN_ROLE = "UnknownRole"
# S3 about a policy's principal; EC2 about a role that it is to assume.
_MESSAGES = ("invalid principal", "unable to assume given iam role")


class _Retry(AWSRetry):
    # Nothing but the codes that are asked for: throttling and the like are retried by the client already.
    found = staticmethod(CloudRetry.found)

    @staticmethod
    def status_code_from_exception(error):
        message = error.response["Error"].get("Message", "").lower()
        if any(known in message for known in _MESSAGES):
            return UNKNOWN_ROLE
        return AWSRetry.status_code_from_exception(error)


def retry_on(*codes: str):
    """A decorator that calls again, for about half a minute, on these error codes, of which UNKNOWN_ROLE is one."""
    return _Retry.jittered_backoff(retries=6, delay=3, max_delay=12, catch_extra_error_codes=codes)
