# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of Security Hub have in common."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code, is_boto3_error_message
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler


def is_missing_or_off():
    """What to except where something of Security Hub may not be there, nor Security Hub itself."""
    # The code of the second, InvalidAccessException, also stands for what is not allowed.
    return (
        is_boto3_error_code("ResourceNotFoundException"),
        is_boto3_error_message("is not subscribed to AWS Security Hub"),
    )


class SecurityHubErrorHandler(AWSErrorHandler):
    """Knows what a region without Security Hub is answered, too."""

    @classmethod
    def _is_missing(cls):
        return is_missing_or_off()
