# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

MISSING = f"arn:aws:acm:{REGION}:123456789012:certificate/12345678-1234-1234-1234-123456789012"
NAMES = {"domain_name": "example.com", "subject_alternative_names": ["www.example.com", "*.example.com"]}


def publish(sandbox, records):
    route53 = sandbox.client("route53", "us-east-1")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="example")["HostedZone"]
    changes = [
        {
            "Action": "UPSERT",
            "ResourceRecordSet": {
                "Name": record["name"],
                "Type": record["type"],
                "TTL": 60,
                "ResourceRecords": [{"Value": value} for value in record["values"]],
            },
        }
        for record in records
    ]
    route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch={"Changes": changes})


def test_story(modules):
    def drift(sandbox):
        acm = sandbox.client("acm", REGION)
        (summary,) = acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})["CertificateSummaryList"]
        arn = summary["CertificateArn"]
        acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "Owner", "Value": "somebody"}])

    modules.tell(
        Story(
            module="acm_public_certificate",
            returns="certificate",
            identity=NAMES,
            present={"key_algorithm": "EC_prime256v1", "tags": {"Estate": "shop"}},
            changes=({"tags": {"Estate": "shop", "Number": 1}}, {"tags": {"Estate": "other"}}),
            drift=drift,
            unpredictable=frozenset({"certificate_arn", "validation_records"}),
        )
    )


def test_issued_once_its_records_are_published(modules, sandbox):
    requested = modules.run("acm_public_certificate", **NAMES)["certificate"]
    assert requested["status"] == "PENDING_VALIDATION"
    # The domain and its wildcard have one record in common.
    assert [record["type"] for record in requested["validation_records"]] == ["CNAME", "CNAME"]

    waited = modules.attempt("acm_public_certificate", **NAMES, wait=True, wait_timeout=1)
    assert "not issued within 1 s" in waited["msg"]
    assert all(record["name"] in waited["msg"] for record in requested["validation_records"])

    publish(sandbox, requested["validation_records"])
    issued = modules.run("acm_public_certificate", **NAMES, wait=True)
    assert not issued["changed"]
    assert issued["certificate"] == {**requested, "status": "ISSUED"}


def test_other_names_are_another_certificate(modules):
    first = modules.run("acm_public_certificate", domain_name="example.com")["certificate"]
    second = modules.run("acm_public_certificate", **NAMES)
    assert second["changed"]
    assert second["certificate"]["certificate_arn"] != first["certificate_arn"]
    again = modules.run("acm_public_certificate", domain_name="EXAMPLE.com", subject_alternative_names=["example.com"])
    assert again["certificate"] == first
    assert not again["changed"]


def test_owners_are_told_apart_by_tags(modules):
    def run(estate, **arguments):
        tags = {"Estate": estate, "Color": "red"}
        return modules.run(
            "acm_public_certificate", domain_name="example.com", tags=tags, match_tags=["Estate"], **arguments
        )

    shop, blog = run("shop")["certificate"], run("blog")["certificate"]
    assert shop["certificate_arn"] != blog["certificate_arn"]
    assert not run("shop")["changed"]
    assert run("blog", state="absent")["changed"]
    assert not run("blog", state="absent")["changed"]
    assert run("shop", state="absent")["changed"]


def test_by_arn(modules):
    requested = modules.run("acm_public_certificate", **NAMES, tags={"Estate": "shop"})["certificate"]
    by_arn = {"certificate_arn": requested["certificate_arn"]}
    assert modules.run("acm_public_certificate", **by_arn)["certificate"] == requested
    tagged = modules.run("acm_public_certificate", **by_arn, tags={"Estate": "blog"})
    assert tagged["certificate"] == {**requested, "tags": {"Estate": "blog"}}
    for change in (
        {"domain_name": "example.org"},
        {"subject_alternative_names": []},
        {"key_algorithm": "EC_secp384r1"},
    ):
        assert "AWS cannot change" in modules.attempt("acm_public_certificate", **by_arn, **change)["msg"]
    assert modules.run("acm_public_certificate", **by_arn, state="absent")["changed"]


def test_kept_while_it_is_used(modules, sandbox):
    certificate = modules.run("acm_public_certificate", domain_name="example.com")["certificate"]
    arn = certificate["certificate_arn"]
    ec2, elb = sandbox.client("ec2", REGION), sandbox.client("elbv2", REGION)
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    balancer = elb.create_load_balancer(Name="example", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"][0]["ListenerArn"]
    refused = modules.attempt("acm_public_certificate", certificate_arn=arn, state="absent")
    assert f"still used by {balancer}" in refused["msg"]
    waited = modules.attempt("acm_public_certificate", certificate_arn=arn, state="absent", wait=True, wait_timeout=1)
    assert "Timeout" in waited["msg"]
    elb.delete_listener(ListenerArn=listener)
    assert modules.run("acm_public_certificate", certificate_arn=arn, state="absent", wait=True)["changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"certificate_arn": MISSING}, f"There is no certificate {MISSING}"),
        ({"domain_name": "example.com", "match_tags": ["Estate"]}, "match_tags names Estate, but tags does not"),
    ],
)
def test_refused(modules, arguments, said):
    assert said in modules.attempt("acm_public_certificate", **arguments)["msg"]
