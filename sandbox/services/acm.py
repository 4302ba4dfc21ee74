# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ACM: a certificate is issued some time after its request, as if its records were in the DNS by then.

https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from moto import settings
from moto.acm.models import AWSCertificateManagerBackend

from sandbox.clock import CLOCK
from sandbox.operations import mend

# moto issues a certificate after a minute of ours, whatever the clock says.
settings.ACM_VALIDATION_WAIT = math.inf


@mend(AWSCertificateManagerBackend, "request_certificate")
def request_certificate(original: Callable, self: Any, *args: Any, **kwargs: Any) -> str:
    arn = original(self, *args, **kwargs)
    certificate = self._certificates[arn]
    if certificate.status == "PENDING_VALIDATION":
        CLOCK.turn(certificate, "status", "PENDING_VALIDATION", "ISSUED", "certificate.validation")
    return arn
