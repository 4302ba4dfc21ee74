# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import time

import botocore.exceptions
import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import (
    UNKNOWN_CERTIFICATE,
    UNKNOWN_INSTANCE_PROFILE,
    UNKNOWN_KEY,
    UNKNOWN_POLICY,
    UNKNOWN_ROLE,
    retry_on,
)


def error(code, message=""):
    return botocore.exceptions.ClientError({"Error": {"Code": code, "Message": message}}, "PutBucketPolicy")


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [
        (error("MalformedPolicy", "Invalid principal in policy"), 2),
        (error("InvalidParameter", "Unable to assume given IAM role"), 2),
        (
            error(
                "InvalidParameterValue",
                "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING",
            ),
            2,
        ),
        (error("InvalidArgumentException", "Firehose is unable to assume role arn:aws:iam::123456789012:role/r."), 2),
        (
            error(
                "InvalidArgumentException",
                "The security token included in the request is invalid. Ensure that the provided IAM role associated "
                "with firehose is not deleted.",
            ),
            2,
        ),
        (error("InvalidParameterException", "The specified KMS Key Id could not be found."), 2),
        (error("AccessDeniedException", "The specified KMS key does not exist or is not allowed to be used"), 2),
        (
            error("InvalidViewerCertificate", "The specified SSL certificate doesn't exist, isn't in us-east-1"),
            2,
        ),
        (error("InvalidViewerCertificate", "To add an alternate domain name, you must attach a certificate."), 1),
        (error("InvalidConfigurationRequest", "Access Denied for bucket: example-logs. Please check"), 2),
        (
            error(
                "ValidationError",
                "You must use a valid fully-formed launch template. Value (example) for parameter "
                "iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
            ),
            2,
        ),
        (error("ValidationError", "You must use a valid fully-formed launch template."), 1),
        (error("OperationAborted"), 2),
        (error("MalformedPolicy", "Policy has invalid action"), 1),
        (error("AccessDenied"), 1),
        # The client has retried these already.
        (error("InternalError"), 1),
        (error("Throttling"), 1),
    ],
)
def test_retries_only_what_time_mends(monkeypatch, failure, attempts):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    seen = []

    @retry_on(
        *(UNKNOWN_ROLE, UNKNOWN_KEY, UNKNOWN_CERTIFICATE, UNKNOWN_POLICY, UNKNOWN_INSTANCE_PROFILE),
        "OperationAborted",
    )
    def call():
        seen.append(1)
        if len(seen) == 1:
            raise failure
        return "done"

    if attempts == 1:
        with pytest.raises(botocore.exceptions.ClientError):
            call()
    else:
        assert call() == "done"
    assert len(seen) == attempts
