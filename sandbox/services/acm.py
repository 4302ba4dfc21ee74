# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Certificate Manager: a certificate is issued once its validation records are in the DNS, and kept while it is used.

https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from moto.acm.models import CertBundle
from moto.cloudfront.models import cloudfront_backends
from moto.core.utils import utcnow
from moto.elbv2.models import elbv2_backends
from moto.route53.models import route53_backends
from moto.utilities.utils import get_partition

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import LET_MOTO_ANSWER, Request, mend, operation

# https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html: unless AWS is asked for more.
_NAMES = 10
# What ListCertificates answers unless it is told which keys:
# https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html
_LISTED_KEYS = ["RSA_1024", "RSA_2048"]
# What only a certificate that was issued has.
_OF_ISSUED = ("IssuedAt", "Issuer", "NotAfter", "NotBefore", "Serial", "SignatureAlgorithm")


@operation("acm", "RequestCertificate", instead_of_moto="It forgets the key's algorithm and the order of the names.")
def request_certificate(request: Request) -> dict[str, Any]:
    params = request.params
    names = list(dict.fromkeys([params["DomainName"], *params.get("SubjectAlternativeNames", [])]))
    if len(names) > _NAMES:
        raise ServiceError("LimitExceededException", f"A certificate cannot have more than {_NAMES} domain names.")
    arn = request.backend.request_certificate(
        params["DomainName"],
        params.get("IdempotencyToken"),
        names,
        params.get("Tags"),
        params.get("CertificateAuthorityArn"),
        params.get("Options"),
    )
    certificate = request.backend.get_certificate(arn)
    certificate.sans = names
    certificate.key_algorithm = params.get("KeyAlgorithm", "RSA_2048")
    return {"CertificateArn": arn}


# Validation


def _record(certificate: CertBundle, name: str) -> dict[str, str]:
    """The record that shows an account to own a name, the same for a name and for the wildcard below it."""
    domain = name.removeprefix("*.")
    digests = [
        hashlib.md5(f"{certificate.arn.split(':')[4]} {domain} {part}".encode(), usedforsecurity=False).hexdigest()
        for part in ("name", "value")
    ]
    return {
        "Name": f"_{digests[0]}.{domain}.",
        "Type": "CNAME",
        "Value": f"_{digests[1]}.xlfgrmvvlj.acm-validations.aws.",
    }


def _is_in_dns(record: dict[str, str]) -> bool:
    """Whether any public hosted zone of the sandbox, of whatever account, has the record."""
    return any(
        (found.name.rstrip("."), found.type) == (record["Name"].rstrip("."), record["Type"])
        and [value.rstrip(".") for value in found.records] == [record["Value"].rstrip(".")]
        for account in list(route53_backends.values())
        for backend in list(account.values())
        for zone in backend.zones.values()
        if not zone.private_zone
        for found in zone.rrsets
    )


@mend(CertBundle, "check")
def check(original: Callable, self: CertBundle) -> None:
    """It is issued a while after all its records are in the DNS, not just after a minute."""
    if self.type != "AMAZON_ISSUED" or self.status != "PENDING_VALIDATION":
        original(self)
    elif not hasattr(self, "seen_in_dns") and all(_is_in_dns(_record(self, name)) for name in self.sans):
        self.seen_in_dns = True
        CLOCK.later("certificate.validation", functools.partial(_issue, self))


def _issue(certificate: CertBundle) -> None:
    certificate.status = "ISSUED"
    certificate.issued_at = utcnow()


# Who uses it


def _users(arn: str) -> Iterator[str]:
    """The ARNs of what uses a certificate now; moto's own list holds listeners, and never forgets one."""
    _, _, _, region, account, _ = arn.split(":", 5)
    for balancer in elbv2_backends[account][region].load_balancers.values():
        if any(arn in listener.certificates for listener in balancer.listeners.values()):
            yield balancer.arn
    for distribution in cloudfront_backends[account][get_partition(region)].distributions.values():
        if distribution.config["ViewerCertificate"].get("ACMCertificateArn") == arn:
            yield distribution.arn


@operation("acm", "DeleteCertificate", instead_of_moto="It does not look who uses it.")
def delete_certificate(request: Request) -> Any:
    certificate = request.backend.get_certificate(request.params["CertificateArn"])
    if any(_users(certificate.arn)):
        message = f"Certificate {certificate.arn} in account {request.account} is in use."
        raise ServiceError("ResourceInUseException", message)
    return LET_MOTO_ANSWER


# Reading


@mend(CertBundle, "describe")
def describe(original: Callable, self: CertBundle) -> dict[str, Any]:
    """What AWS made has names in order, records of its own, and the key that was asked for."""
    detail = original(self)["Certificate"]
    detail["InUseBy"] = sorted(_users(self.arn))
    # AWS writes it so, whatever its model says: https://docs.aws.amazon.com/cli/latest/reference/acm/describe-certificate.html
    detail["KeyAlgorithm"] = getattr(self, "key_algorithm", detail["KeyAlgorithm"]).replace("_", "-", 1)
    if self.type == "AMAZON_ISSUED":
        issued = self.status == "ISSUED"
        detail["DomainValidationOptions"] = [_validation(self, name, issued) for name in self.sans]
        detail["RenewalEligibility"] = "ELIGIBLE" if issued and detail["InUseBy"] else "INELIGIBLE"
        detail = {name: value for name, value in detail.items() if issued or name not in _OF_ISSUED}
    return {"Certificate": detail}


def _validation(certificate: CertBundle, name: str, issued: bool) -> dict[str, Any]:
    record = _record(certificate, name)
    return {
        "DomainName": name,
        "ValidationDomain": name,
        "ValidationStatus": "SUCCESS" if issued or _is_in_dns(record) else "PENDING_VALIDATION",
        "ValidationMethod": "DNS",
        "ResourceRecord": record,
    }


@operation("acm", "ListCertificates", instead_of_moto="It lists every key, on one page, without the other names.")
def list_certificates(request: Request) -> dict[str, Any]:
    params = request.params
    includes = params.get("Includes", {})
    found = []
    for arn in request.backend._certificates:
        certificate = request.backend.get_certificate(arn)
        export = certificate.cert_options["Export"]
        if (
            certificate.status in params.get("CertificateStatuses", [certificate.status])
            and _key(certificate) in includes.get("keyTypes", _LISTED_KEYS)
            and export == includes.get("exportOption", export)
        ):
            found.append(certificate)
    found.sort(key=lambda certificate: certificate.created_at, reverse=params.get("SortOrder") == "DESCENDING")
    start, size = int(params.get("NextToken", 0)), params.get("MaxItems", 1000)
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {"CertificateSummaryList": [_summary(certificate) for certificate in found[start : start + size]], **more}


def _key(certificate: CertBundle) -> str:
    return certificate.describe()["Certificate"]["KeyAlgorithm"].replace("-", "_", 1)


def _summary(certificate: CertBundle) -> dict[str, Any]:
    detail = certificate.describe()["Certificate"]
    dates = {"CreatedAt", "ImportedAt", "IssuedAt", "NotAfter", "NotBefore"}
    same = {"CertificateArn", "DomainName", "KeyAlgorithm", "RenewalEligibility", "Status", "Type", *dates}
    return {
        **{name: value for name, value in detail.items() if name in same},
        "SubjectAlternativeNameSummaries": certificate.sans,
        "HasAdditionalSubjectAlternativeNames": False,
        "ExportOption": certificate.cert_options["Export"],
        "InUse": bool(detail["InUseBy"]),
        "Exported": False,
    }
