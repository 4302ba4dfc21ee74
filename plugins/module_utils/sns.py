# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of Amazon SNS have in common."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler


class SnsErrorHandler(AWSErrorHandler):
    """Decorators for the functions that call SNS; what is not there is not an error of a read."""

    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["NotFound", "ResourceNotFound"])
