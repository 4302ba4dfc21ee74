# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""CloudFront: a distribution and each of its changes take their time to reach all edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.acm.models import acm_backends
from moto.cloudfront.models import CloudFrontBackend, Distribution

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import mend

# moto's own transitions know one time for each model, and forget that a distribution was changed.
Distribution.status = None


def _deploy(distribution: Distribution) -> None:
    CLOCK.turn(distribution, "status", "InProgress", "Deployed", "distribution.deployment")


@mend(CloudFrontBackend, "create_distribution_with_tags")
def create_distribution(original: Callable, self: Any, distribution_config: dict[str, Any], tags: Any) -> Any:
    _refuse_pending_certificate(self, distribution_config)
    answer = original(self, distribution_config, tags)
    _deploy(answer[0])
    return answer


@mend(CloudFrontBackend, "update_distribution")
def update_distribution(original: Callable, self: Any, dist_config: dict[str, Any], _id: str, if_match: bool) -> Any:
    _refuse_pending_certificate(self, dist_config)
    answer = original(self, dist_config, _id, if_match)
    _deploy(answer[0])
    return answer


def _refuse_pending_certificate(backend: Any, config: dict[str, Any]) -> None:
    """A certificate has to be issued before a distribution can present it.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
    """
    arn = (config.get("ViewerCertificate") or {}).get("ACMCertificateArn")
    certificate = acm_backends[backend.account_id]["us-east-1"]._certificates.get(arn)
    if certificate and certificate.status == "PENDING_VALIDATION":
        message = "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't"
        raise ServiceError("InvalidViewerCertificate", f"{message} include a valid certificate chain.")


@mend(CloudFrontBackend, "delete_distribution")
def delete_distribution(original: Callable, self: Any, distribution_id: str, if_match: bool) -> None:
    """A distribution has to be disabled, and every edge has to know it.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToDeleteDistribution.html
    """
    distribution = self.distributions.get(distribution_id)
    if distribution and if_match and (distribution.Enabled or distribution.status == "InProgress"):
        message = "The distribution you are trying to delete has not been disabled."
        raise ServiceError("DistributionNotDisabled", message)
    original(self, distribution_id, if_match)
