# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Retrying what fails only because AWS has not yet heard of what was just created."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

_UNKNOWN_ROLE = "UnknownRole"
# S3 and others about a policy's principal; EC2 about a role that it is to assume.
_MESSAGES = ("invalid principal", "unable to assume given iam role")


class _RoleRetry(AWSRetry):
    @staticmethod
    def status_code_from_exception(error):
        message = error.response["Error"].get("Message", "").lower()
        if any(known in message for known in _MESSAGES):
            return _UNKNOWN_ROLE
        return AWSRetry.status_code_from_exception(error)


def retry_unknown_role(*extra_codes: str):
    """A decorator for calls that name an IAM role, which may be seconds old and still unknown to the service.

    Gives up after about half a minute. extra_codes are further error codes to retry on.
    """
    return _RoleRetry.jittered_backoff(
        retries=6, delay=3, max_delay=12, catch_extra_error_codes=[_UNKNOWN_ROLE, *extra_codes]
    )
