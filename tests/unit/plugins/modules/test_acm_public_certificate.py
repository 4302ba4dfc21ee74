# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import jmespath
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import acm_public_certificate
from ansible_collections.wellarchitected.aws.plugins.modules.acm_public_certificate import Certificate

ARN = "arn:aws:acm:us-east-1:123456789012:certificate/"
PARAMS = {
    "certificate_arn": None,
    "domain_name": "example.com",
    "subject_alternative_names": None,
    "key_algorithm": None,
    "match_tags": [],
    "tags": None,
    "purge_tags": True,
    "wait": False,
    "wait_timeout": 60,
}


def validation(name, **members):
    record = {"Name": f"_1.{name.removeprefix('*.')}.", "Type": "CNAME", "Value": "_2.acm-validations.aws."}
    return {"DomainName": name, "ValidationMethod": "DNS", "ResourceRecord": record, **members}


def certificate(number=1, names=("example.com",), **members):
    return {
        "CertificateArn": f"{ARN}{number}",
        "DomainName": names[0],
        "SubjectAlternativeNames": list(names),
        "KeyAlgorithm": "RSA-2048",
        "Status": "ISSUED",
        "Type": "AMAZON_ISSUED",
        "DomainValidationOptions": [validation(name) for name in names],
        **members,
    }


class Acm:
    """Certificate Manager with these certificates, listed one on a page."""

    def __init__(self, *certificates, tags=None):
        self.certificates = {item["CertificateArn"]: item for item in certificates}
        self.tags = tags or {}
        self.listed_with = None

    def get_paginator(self, operation):
        assert operation == "list_certificates"
        return self

    def paginate(self, **arguments):
        self.listed_with = arguments
        return ({"CertificateSummaryList": [item]} for item in self.certificates.values())

    def describe_certificate(self, CertificateArn):
        return {"Certificate": self.certificates[CertificateArn]}

    def list_tags_for_certificate(self, CertificateArn):
        tags = self.tags.get(CertificateArn, {})
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def find(acm, **params):
    state = Certificate({**PARAMS, **params}, acm).find()
    return state and state["certificate_arn"].removeprefix(ARN)


def test_read():
    names = ("example.com", "www.example.com", "*.example.com")
    tags = [{"Key": "Estate", "Value": "shop"}]
    assert acm_public_certificate.read(certificate(names=names, InUseBy=["b", "a"]), tags) == {
        "certificate_arn": f"{ARN}1",
        "domain_name": "example.com",
        "subject_alternative_names": ["*.example.com", "www.example.com"],
        "key_algorithm": "RSA_2048",
        "status": "ISSUED",
        "failure_reason": None,
        "validation_method": "DNS",
        "validation_records": [
            {"name": "_1.example.com.", "type": "CNAME", "values": ["_2.acm-validations.aws."]},
            {"name": "_1.www.example.com.", "type": "CNAME", "values": ["_2.acm-validations.aws."]},
        ],
        "in_use_by": ["a", "b"],
        "tags": {"Estate": "shop"},
    }


@pytest.mark.parametrize("options", [{}, {"DomainValidationOptions": [{"DomainName": "example.com"}]}])
def test_read_before_there_are_records(options):
    new = {name: value for name, value in certificate().items() if name != "DomainValidationOptions"}
    state = acm_public_certificate.read({**new, **options}, [])
    assert state["validation_records"] == []
    assert state["validation_method"] == "DNS"


def test_found_among_others():
    acm = Acm(
        certificate(1, ["example.org"]),
        certificate(2, ["example.com", "www.example.com"]),
        certificate(3, ["Example.com"]),
        certificate(4, Type="IMPORTED"),
        certificate(5, ManagedBy="CLOUDFRONT"),
        certificate(6, DomainValidationOptions=[{"DomainName": "example.com", "ValidationMethod": "EMAIL"}]),
    )
    assert find(acm) == "3"
    assert find(acm, subject_alternative_names=["WWW.example.com", "example.com"]) == "2"
    assert find(acm, subject_alternative_names=["mail.example.com"]) is None


def test_only_living_certificates_with_the_wanted_keys_are_asked_for():
    acm = Acm()
    find(acm)
    assert acm.listed_with["CertificateStatuses"] == ["PENDING_VALIDATION", "ISSUED"]
    assert acm.listed_with["Includes"] == {"keyTypes": ["RSA_2048", "EC_prime256v1", "EC_secp384r1"]}
    find(acm, key_algorithm="EC_secp384r1")
    assert acm.listed_with["Includes"] == {"keyTypes": ["EC_secp384r1"]}


def test_of_several_an_issued_one_then_the_newest():
    pending = {"Status": "PENDING_VALIDATION"}
    assert find(Acm(certificate(3, **pending), certificate(2), certificate(1))) == "2"
    assert find(Acm(certificate(3, **pending), certificate(1, **pending))) == "3"


def test_known_by_tags():
    acm = Acm(certificate(1), certificate(2), tags={f"{ARN}1": {"Estate": "shop"}, f"{ARN}2": {"Estate": "1"}})
    assert find(acm, tags={"Estate": 1, "Color": "red"}, match_tags=["Estate"]) == "2"
    assert find(acm, tags={"Estate": "blog"}, match_tags=["Estate"]) is None


def test_request():
    fields = {"domain_name": "example.com", "subject_alternative_names": ["www.example.com"], "tags": {"Number": 1}}
    arguments = acm_public_certificate.request(fields)
    assert len(arguments.pop("IdempotencyToken")) == 32
    assert arguments == {
        "DomainName": "example.com",
        "ValidationMethod": "DNS",
        "SubjectAlternativeNames": ["www.example.com"],
        "Tags": [{"Key": "Number", "Value": "1"}],
    }


def test_request_for_one_name():
    arguments = acm_public_certificate.request({"domain_name": "example.com", "subject_alternative_names": []})
    assert arguments.keys() == {"DomainName", "ValidationMethod", "IdempotencyToken"}


@pytest.mark.parametrize("status", ["FAILED", "EXPIRED", "VALIDATION_TIMED_OUT", "REVOKED", "INACTIVE"])
def test_one_that_aws_has_given_up(status):
    acm = Acm(certificate(Status=status, FailureReason="CAA_ERROR"))
    params = {**PARAMS, "certificate_arn": f"{ARN}1", "domain_name": None}
    with pytest.raises(AnsibleAWSError, match=rf"is {status} \(CAA_ERROR\)"):
        Certificate(params, acm, "records").find()
    assert Certificate(params, acm).find()["status"] == status


def reached(end, found):
    model = acm_public_certificate.CertificateWaiters()._waiter_model_data[end]
    return jmespath.search(model["acceptors"][0]["argument"], {"Certificate": found})


PENDING = {"Status": "PENDING_VALIDATION", "SubjectAlternativeNames": ["example.com", "www.example.com"]}
BOTH = [validation("example.com"), validation("www.example.com")]


@pytest.mark.parametrize(
    ("end", "found", "expected"),
    [
        ("records", PENDING, False),
        ("records", {**PENDING, "DomainValidationOptions": [{"DomainName": "example.com"}]}, False),
        ("records", {**PENDING, "DomainValidationOptions": BOTH[:1]}, False),
        ("records", {**PENDING, "DomainValidationOptions": [BOTH[0], {"DomainName": "www.example.com"}]}, False),
        ("records", {**PENDING, "DomainValidationOptions": BOTH}, True),
        ("records", {"Status": "FAILED"}, True),
        ("validated", PENDING, False),
        ("validated", {"Status": "ISSUED"}, True),
        ("validated", {"Status": "VALIDATION_TIMED_OUT"}, True),
        ("unused", {"Status": "ISSUED"}, True),
        ("unused", {"Status": "ISSUED", "InUseBy": []}, True),
        ("unused", {"Status": "ISSUED", "InUseBy": ["arn"]}, False),
    ],
)
def test_what_is_waited_for(end, found, expected):
    assert reached(end, found) is expected
