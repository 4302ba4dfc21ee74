# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Retrying what only time mends: a service that has not yet heard of something new, or is busy with a change."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.cloud import CloudRetry
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

# These stand for errors that have no code of their own: an IAM role that is seconds old is unknown to other services,
UNKNOWN_ROLE = "UnknownRole"
# and so is a KMS key, or the policy that lets the service use it.
UNKNOWN_KEY = "UnknownKey"
# as is the policy of a bucket,
UNKNOWN_POLICY = "UnknownPolicy"
# to CloudFront a certificate that was issued just now,
UNKNOWN_CERTIFICATE = "UnknownCertificate"
# and to Auto Scaling an instance profile.
UNKNOWN_INSTANCE_PROFILE = "UnknownInstanceProfile"
_MESSAGES = {
    # S3 about a policy's principal
    "invalid principal": UNKNOWN_ROLE,
    # EC2 about a role that it is to assume
    "unable to assume given iam role": UNKNOWN_ROLE,
    # Firehose, in the first seconds and a little later
    "firehose is unable to assume role": UNKNOWN_ROLE,
    "the provided iam role associated with firehose": UNKNOWN_ROLE,
    # RDS about the role of Enhanced Monitoring
    "iam role arn value is invalid or does not include the required permissions": UNKNOWN_ROLE,
    # Lambda about the role of a function, and about what it may do with a queue
    "cannot be assumed by lambda": UNKNOWN_ROLE,
    "the function execution role does not have permissions": UNKNOWN_ROLE,
    # EventBridge about the role with which it is to call a target
    "cannot be assumed by principal 'events.amazonaws.com'": UNKNOWN_ROLE,
    # ELB about the bucket that it is to log to
    "access denied for bucket": UNKNOWN_POLICY,
    # GuardDuty about the bucket and the key that it is to export to
    "the guardduty service principal does not have permission": UNKNOWN_POLICY,
    # CloudWatch Logs, which goes on "could not be found" or "does not exist or is not allowed to be used"
    "the specified kms key": UNKNOWN_KEY,
    # Auto Scaling about a launch template
    "invalid iam instance profile": UNKNOWN_INSTANCE_PROFILE,
    # CloudFront
    "the specified ssl certificate doesn't exist": UNKNOWN_CERTIFICATE,
}


class _Retry(AWSRetry):
    # Nothing but the codes that are asked for: throttling and the like are retried by the client already.
    found = staticmethod(CloudRetry.found)

    @staticmethod
    def status_code_from_exception(error):
        message = error.response["Error"].get("Message", "").lower()
        named = (code for known, code in _MESSAGES.items() if known in message)
        return next(named, AWSRetry.status_code_from_exception(error))


def retry_on(*codes: str):
    """A decorator that calls again, for about half a minute, on these error codes or UNKNOWN_ names."""
    return _Retry.jittered_backoff(retries=6, delay=3, max_delay=12, catch_extra_error_codes=codes)
