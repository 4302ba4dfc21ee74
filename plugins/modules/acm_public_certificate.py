#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: acm_public_certificate
version_added: "0.1.0"
short_description: Manage a public certificate of AWS Certificate Manager that DNS records validate
description:
  - Requests, tags and deletes a public certificate that AWS issues and renews for as long as its DNS validation records
    stand. M(community.aws.acm_certificate) imports certificates, but cannot request one.
  - A certificate is identified by its names, O(domain_name) with O(subject_alternative_names), and by O(key_algorithm)
    and O(match_tags) where they are given; or by O(certificate_arn). Only certificates that are issued or still being
    validated are found by their names. Of several, one that is issued goes before one that is not, then the newest.
  - AWS changes neither the names nor the key of a certificate. With other names this module requests another one, and
    leaves the old one as it is, since it may still be in use; delete that with O(state=absent) once nothing uses it.
  - Certificates for CloudFront have to be in the region C(us-east-1).
  - Every public certificate is recorded in a certificate transparency log; AWS no longer lets anybody opt out.
  - Follows U(https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the certificate exist, V(absent) deletes it.
      - AWS deletes no certificate that something uses, and hears only after some minutes that nothing does any more.
    type: str
    choices: [present, absent]
    default: present
  certificate_arn:
    description:
      - ARN of a certificate that exists. Then all other options are what it shall be.
    type: str
  domain_name:
    description:
      - The name that the certificate is for first of all, such as V(example.com) or V(*.example.com), 64 characters at
        most. Required, except with O(certificate_arn).
    type: str
  subject_alternative_names:
    description:
      - All other names that the certificate is for; none when not given, except with O(certificate_arn).
      - A wildcard covers one level and not the name itself, so V(*.example.com) does not cover V(example.com).
    type: list
    elements: str
  key_algorithm:
    description:
      - The certificate's key. When not given, a certificate with any key is found, and a new one has V(RSA_2048).
    type: str
    choices: [RSA_2048, EC_prime256v1, EC_secp384r1]
  match_tags:
    description:
      - Keys of O(tags) that a certificate must have already, with the same values, to be found by its names. With it,
        two owners can have certificates for the same names in one account.
    type: list
    elements: str
    default: []
  wait:
    description:
      - Whether to wait until the certificate is issued, which takes AWS some minutes once the validation records are in
        the public DNS. It is not by default, so that the records, and much else, can be made in between; run this
        again with V(true) where the certificate is needed.
      - Of a certificate to delete, whether to wait until nothing uses it any more.
    type: bool
    default: false
  wait_timeout:
    description:
      - The seconds to wait at most. AWS gives a request up after 72 hours.
    type: int
    default: 1800
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Request a certificate for a domain and all names right below it
  wellarchitected.aws.acm_public_certificate:
    domain_name: example.com
    subject_alternative_names:
      - "*.example.com"
    key_algorithm: EC_prime256v1
    tags:
      Estate: example
    match_tags:
      - Estate
  register: requested

- name: Show AWS that the domain is ours
  wellarchitected.aws.route53_records:
    hosted_zone_id: Z0123456789ABCDEFGHIJ
    records: "{{ requested.certificate.validation_records }}"

- name: Wait until the certificate is issued
  wellarchitected.aws.acm_public_certificate:
    certificate_arn: "{{ requested.certificate.certificate_arn }}"
    wait: true

- name: Delete a certificate
  wellarchitected.aws.acm_public_certificate:
    certificate_arn: arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012
    state: absent
"""

RETURN = r"""
certificate:
  description: The certificate as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    certificate_arn:
      description: Its ARN; in check mode without a value for a certificate that would be requested.
      type: str
      sample: arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012
    domain_name:
      description: The name that it is for first of all.
      type: str
      sample: example.com
    subject_alternative_names:
      description: All other names that it is for, sorted.
      type: list
      elements: str
      sample: ["*.example.com"]
    key_algorithm:
      description: Its key.
      type: str
      sample: EC_prime256v1
    status:
      description: V(PENDING_VALIDATION) or V(ISSUED); of a certificate that was deleted any status that AWS knows.
      type: str
      sample: ISSUED
    failure_reason:
      description: Why AWS did not issue it; without a value where it did, or still may.
      type: str
      sample: CAA_ERROR
    validation_method:
      description: How AWS finds out whose the names are; V(DNS), except of a certificate that was requested elsewhere.
      type: str
      sample: DNS
    validation_records:
      description:
        - The DNS records that show AWS whose the names are, each once, sorted by name, each with C(name), C(type) and
          its one value in C(values), as
          M(wellarchitected.aws.route53_records) takes them. They have to stay, because AWS looks at them again when it
          renews the certificate.
        - In check mode empty for a certificate that would be requested.
      type: list
      elements: dict
      sample:
        - name: _0123456789abcdef0123456789abcdef.example.com.
          type: CNAME
          values: [_fedcba9876543210fedcba9876543210.xlfgrmvvlj.acm-validations.aws.]
    in_use_by:
      description: ARNs of the load balancers, distributions and others that use it, sorted.
      type: list
      elements: str
      sample: [arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE12345]
    tags:
      description: Its tags.
      type: dict
      sample:
        Estate: example
"""

import uuid

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# The keys that AWS makes. Others are of imported certificates.
KEY_ALGORITHMS = ["RSA_2048", "EC_prime256v1", "EC_secp384r1"]
# A certificate of any other status is no good any more.
ALIVE = ["PENDING_VALIDATION", "ISSUED"]
# AWS knows the records some seconds after the request.
RECORDS_TIMEOUT = 60
FIELDS = ("domain_name", "subject_alternative_names", "key_algorithm", "tags")


class CertificateErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("ResourceNotFoundException")


class CertificateWaiters(BaseWaiterFactory):
    @property
    def _waiter_model_data(self):
        ends = {
            # A name's validation is shown before its record is.
            "records": (
                "Certificate.Status != 'PENDING_VALIDATION' || ("
                "length(Certificate.DomainValidationOptions || `[]`) > `0` && "
                "length(Certificate.DomainValidationOptions) >= length(Certificate.SubjectAlternativeNames || `[]`) && "
                "length(Certificate.DomainValidationOptions[?!ResourceRecord]) == `0`)",
                "retry",
            ),
            "validated": ("Certificate.Status != 'PENDING_VALIDATION'", "retry"),
            "unused": ("length(Certificate.InUseBy || `[]`) == `0`", "success"),
        }
        return {
            name: {
                "operation": "DescribeCertificate",
                "delay": 10,
                "maxAttempts": 180,
                "acceptors": [
                    {"state": "success", "matcher": "path", "argument": reached, "expected": True},
                    {"state": when_missing, "matcher": "error", "expected": "ResourceNotFoundException"},
                ],
            }
            for name, (reached, when_missing) in ends.items()
        }


class Certificate(Resource):
    def __init__(self, params, acm, wait_for=None):
        """wait_for says what find() waits for: the "records" that validate, or until it is "validated"; or nothing."""
        super().__init__(given_fields(params), params["purge_tags"])
        self.arn = params["certificate_arn"]
        self.own_tags = own_tags(params)
        self.wait_for = wait_for
        self.wait_until_unused = params["wait"]
        self.wait_timeout = params["wait_timeout"]
        self.acm = acm

    def find(self):
        state = self._describe(self.arn) if self.arn else self._search()
        if state is None or self.wait_for is None:
            return state
        self.arn = state["certificate_arn"]
        return self._settled(state)

    def blank(self):
        if self.arn:
            raise AnsibleAWSError(
                message=f"There is no certificate {self.arn} (certificate_arn) in this region. To request one, give "
                "domain_name instead."
            )
        return {
            "certificate_arn": None,
            "domain_name": self.given["domain_name"],
            "subject_alternative_names": [],
            "key_algorithm": "RSA_2048",
            "status": "PENDING_VALIDATION",
            "failure_reason": None,
            "validation_method": "DNS",
            "validation_records": [],
            "in_use_by": [],
            "tags": {},
        }

    def refusal(self, current, changes):
        if not current["certificate_arn"]:
            return None
        for field in ("domain_name", "subject_alternative_names", "key_algorithm"):
            if field in changes:
                return (
                    f"{field} is {shown(changes[field])}, but the certificate {current['certificate_arn']} has "
                    f"{shown(current[field])}, which AWS cannot change. Leave certificate_arn out to request another "
                    "certificate."
                )
        return None

    @CertificateErrorHandler.common_error_handler("request a certificate for {self.given[domain_name]}")
    def create(self):
        self.arn = self.acm.request_certificate(**request(self.given))["CertificateArn"]

    @CertificateErrorHandler.common_error_handler("tag the certificate {self.arn}")
    def update(self, current, changes):
        to_set, to_remove = compare_aws_tags(current["tags"], changes["tags"])
        arn = current["certificate_arn"]
        if to_remove:
            self.acm.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": key} for key in to_remove])
        if to_set:
            self.acm.add_tags_to_certificate(CertificateArn=arn, Tags=ansible_dict_to_boto3_tag_list(to_set))

    def delete(self, current):
        self.arn = current["certificate_arn"]
        if current["in_use_by"] and self.wait_until_unused:
            self._wait("unused", self.wait_timeout)
        self._delete()

    @CertificateErrorHandler.deletion_error_handler("delete the certificate {self.arn}")
    @retry_on("ConflictException")
    def _delete(self):
        try:
            self.acm.delete_certificate(CertificateArn=self.arn)
        except is_boto3_error_code("ResourceInUseException") as error:
            users = (self._describe(self.arn) or {}).get("in_use_by") or ["something"]
            raise AnsibleAWSError(
                message=f"The certificate {self.arn} is still used by {shown(users)}. Take it away from there first. "
                "Where that has just been done, AWS takes some minutes to hear of it: set wait to true.",
                exception=error,
            ) from error

    def _search(self):
        found = [state for state in map(self._describe, self._list()) if state]
        return best([state for state in found if self._is_meant(state)])

    def _is_meant(self, state):
        identity = {"subject_alternative_names": [], "validation_method": "DNS", **self.given, "tags": self.own_tags}
        found = {**state, "tags": {key: state["tags"].get(key) for key in self.own_tags}}
        return all(found[field] == value for field, value in identity.items())

    @CertificateErrorHandler.common_error_handler("list the certificates")
    def _list(self):
        """The ARNs of AWS's living certificates whose first name is the one that is wanted, newest first."""
        key = self.given.get("key_algorithm")
        # Unless it is told which keys, AWS lists certificates with RSA keys only.
        pages = self.acm.get_paginator("list_certificates").paginate(
            CertificateStatuses=ALIVE,
            Includes={"keyTypes": [key] if key else KEY_ALGORITHMS},
            SortBy="CREATED_AT",
            SortOrder="DESCENDING",
        )
        return [
            summary["CertificateArn"]
            for page in pages
            for summary in page["CertificateSummaryList"]
            if summary.get("DomainName", "").lower() == self.given["domain_name"]
            # Neither an imported one, nor one that CloudFront looks after for itself.
            and summary.get("Type") == "AMAZON_ISSUED"
            and "ManagedBy" not in summary
        ]

    @CertificateErrorHandler.list_error_handler("find the certificate {arn}")
    def _describe(self, arn):
        certificate = self.acm.describe_certificate(CertificateArn=arn)["Certificate"]
        tags = self.acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]
        return read(certificate, tags)

    def _settled(self, state):
        """The certificate once it has its records or is validated. Raises when AWS has given it up."""
        if state["status"] == "PENDING_VALIDATION":
            self._wait("records", RECORDS_TIMEOUT)
            if self.wait_for == "validated":
                self._wait_until_validated()
            state = self._describe(self.arn)
        if state and state["status"] not in ALIVE:
            reason = f" ({state['failure_reason']})" if state["failure_reason"] else ""
            raise AnsibleAWSError(
                message=f"The certificate {self.arn} for {state['domain_name']} is {state['status']}{reason}, for "
                "good. Mend the cause, and request another one by running this again without certificate_arn."
            )
        return state

    def _wait_until_validated(self):
        try:
            self._wait("validated", self.wait_timeout)
        except AnsibleAWSError as error:
            records = (self._describe(self.arn) or {}).get("validation_records", [])
            lines = "; ".join(f"{record['name']} {record['type']} {', '.join(record['values'])}" for record in records)
            raise AnsibleAWSError(
                message=f"The certificate {self.arn} was not issued within {self.wait_timeout} s. AWS issues it once "
                f"these records are in the public DNS: {lines}.",
                exception=error.exception,
            ) from error

    @CertificateErrorHandler.common_error_handler("see the certificate {self.arn} {end}")
    def _wait(self, end, timeout):
        waiter = CertificateWaiters().get_waiter(self.acm, end)
        pause = 2 if end == "records" else 10
        waiter.wait(CertificateArn=self.arn, WaiterConfig=custom_waiter_config(timeout, default_pause=pause))


def given_fields(params):
    """The options that the user gave, in the form in which Certificate.find answers them."""
    fields = given(params, FIELDS)
    if "domain_name" in fields:
        fields["domain_name"] = fields["domain_name"].lower()
    if "subject_alternative_names" in fields:
        fields["subject_alternative_names"] = other_names(
            fields["subject_alternative_names"], fields.get("domain_name")
        )
    return fields


def own_tags(params):
    """The tags by which a certificate is known. Raises AnsibleAWSError where they are not among the given ones."""
    tags = params["tags"] or {}
    missing = [key for key in params["match_tags"] if key not in tags]
    if missing:
        raise AnsibleAWSError(
            message=f"match_tags names {shown(missing)}, but tags does not. Give the value there, or leave it out."
        )
    return {key: str(tags[key]) for key in params["match_tags"]}


def other_names(names, domain_name):
    """The names but the first one, which AWS repeats among them, in one order. Letter case says nothing in DNS."""
    return sorted({name.lower() for name in names} - {domain_name})


def read(certificate, tags):
    """A certificate and its tags, as ACM has them, as a state."""
    domain_name = certificate["DomainName"].lower()
    validations = certificate.get("DomainValidationOptions", [])
    # A name and the wildcard below it have one record.
    records = {record["Name"]: record for record in (item.get("ResourceRecord") for item in validations) if record}
    return {
        "certificate_arn": certificate["CertificateArn"],
        "domain_name": domain_name,
        "subject_alternative_names": other_names(certificate.get("SubjectAlternativeNames", []), domain_name),
        # ACM answers RSA-2048, though its model says RSA_2048.
        "key_algorithm": certificate["KeyAlgorithm"].replace("-", "_", 1),
        "status": certificate["Status"],
        "failure_reason": certificate.get("FailureReason"),
        "validation_method": validations[0].get("ValidationMethod", "DNS") if validations else "DNS",
        "validation_records": [
            {"name": name, "type": record["Type"], "values": [record["Value"]]}
            for name, record in sorted(records.items())
        ],
        "in_use_by": sorted(certificate.get("InUseBy", [])),
        "tags": boto3_tag_list_to_ansible_dict(tags),
    }


def best(states):
    """Of certificates that would do, newest first, one that is issued, or else the newest; None where there is none."""
    return min(states, key=lambda state: state["status"] != "ISSUED", default=None)


def request(fields):
    """The arguments that request a certificate with these fields."""
    tags = {key: str(value) for key, value in fields.get("tags", {}).items()}
    optional = {
        "SubjectAlternativeNames": fields.get("subject_alternative_names"),
        "KeyAlgorithm": fields.get("key_algorithm"),
        "Tags": ansible_dict_to_boto3_tag_list(tags),
    }
    return {
        "DomainName": fields["domain_name"],
        "ValidationMethod": "DNS",
        # Should the answer be lost on its way, the request that botocore repeats is taken for the first one.
        "IdempotencyToken": uuid.uuid4().hex,
        **{name: value for name, value in optional.items() if value},
    }


def shown(value):
    return (", ".join(value) or "none") if isinstance(value, list) else value


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "certificate_arn": {"type": "str"},
            "domain_name": {"type": "str"},
            "subject_alternative_names": {"type": "list", "elements": "str"},
            "key_algorithm": {"type": "str", "choices": KEY_ALGORITHMS, "no_log": False},
            "match_tags": {"type": "list", "elements": "str", "default": []},
            "wait": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 1800},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        required_one_of=[("certificate_arn", "domain_name")],
        supports_check_mode=True,
    )
    wait_for = None
    if module.params["state"] == "present" and not module.check_mode:
        wait_for = "validated" if module.params["wait"] else "records"
    run(module, "certificate", lambda: Certificate(module.params, client(module, "acm"), wait_for))


if __name__ == "__main__":
    main()
