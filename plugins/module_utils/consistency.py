# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Retrying what fails only because AWS has not yet heard of what was just created."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

_UNKNOWN_PRINCIPAL = "UnknownPrincipal"


class _PrincipalRetry(AWSRetry):
    @staticmethod
    def status_code_from_exception(error):
        if "invalid principal" in error.response["Error"].get("Message", "").lower():
            return _UNKNOWN_PRINCIPAL
        return AWSRetry.status_code_from_exception(error)


def retry_policy_write(*extra_codes: str):
    """A decorator for calls that write a policy: a role that it names may be seconds old, and still unknown here.

    Gives up after about half a minute. extra_codes are further error codes to retry on.
    """
    return _PrincipalRetry.jittered_backoff(
        retries=6, delay=3, max_delay=12, catch_extra_error_codes=[_UNKNOWN_PRINCIPAL, *extra_codes]
    )
