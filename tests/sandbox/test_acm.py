# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What Certificate Manager answers, where moto has it wrong."""

import pytest

REGION = "ap-northeast-1"


@pytest.fixture
def acm(client):
    return client("acm", REGION)


def request(acm, *names, **arguments):
    others = {"SubjectAlternativeNames": list(names[1:])} if names[1:] else {}
    return acm.request_certificate(DomainName=names[0], ValidationMethod="DNS", **others, **arguments)["CertificateArn"]


def describe(acm, arn):
    return acm.describe_certificate(CertificateArn=arn)["Certificate"]


def records(acm, arn):
    return [option["ResourceRecord"] for option in describe(acm, arn)["DomainValidationOptions"]]


def test_what_was_asked_for_is_answered(acm):
    arn = request(acm, "example.com", "www.example.com", "*.example.com", KeyAlgorithm="EC_prime256v1")
    certificate = describe(acm, arn)
    assert certificate["SubjectAlternativeNames"] == ["example.com", "www.example.com", "*.example.com"]
    assert certificate["KeyAlgorithm"] == "EC-prime256v1"
    assert certificate["Status"] == "PENDING_VALIDATION"
    assert not {"IssuedAt", "NotAfter", "Serial"} & certificate.keys()


def test_each_name_has_its_record_and_shares_it_with_its_wildcard(acm, sandbox):
    arn = request(acm, "example.com", "www.example.com", "*.example.com")
    apex, www, wildcard = records(acm, arn)
    assert apex == wildcard != www
    assert www["Name"].endswith(".www.example.com.")
    other = sandbox.client("acm", REGION, "200000000000")
    assert records(other, request(other, "example.com")) != [apex]


def test_issued_once_every_record_is_in_a_public_zone(client, acm, publish):
    arn = request(acm, "example.com", "www.example.com")
    first, second = records(acm, arn)
    publish(client("route53", "us-east-1"), first)
    vpc = client("ec2", REGION).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    publish(
        client("route53", "us-east-1"),
        second,
        VPC={"VPCRegion": REGION, "VPCId": vpc},
        HostedZoneConfig={"Comment": "", "PrivateZone": True},
    )
    certificate = describe(acm, arn)
    assert certificate["Status"] == "PENDING_VALIDATION"
    statuses = [option["ValidationStatus"] for option in certificate["DomainValidationOptions"]]
    assert statuses == ["SUCCESS", "PENDING_VALIDATION"]
    publish(client("route53", "us-east-1"), {**second, "Name": second["Name"].rstrip(".")})
    certificate = describe(acm, arn)
    assert certificate["Status"] == "ISSUED"
    assert {"IssuedAt", "NotAfter", "Serial"} <= certificate.keys()


def test_a_record_with_another_value_shows_nothing(client, acm, publish):
    arn = request(acm, "example.com")
    publish(client("route53", "us-east-1"), {**records(acm, arn)[0], "Value": "_other.acm-validations.aws."})
    assert describe(acm, arn)["Status"] == "PENDING_VALIDATION"


def test_lists_certificates_with_other_keys_only_if_asked(acm):
    rsa, ec = request(acm, "example.com"), request(acm, "example.com", KeyAlgorithm="EC_secp384r1")

    def listed(**arguments):
        found = acm.list_certificates(**arguments)["CertificateSummaryList"]
        return [summary["CertificateArn"] for summary in found]

    assert listed() == [rsa]
    assert listed(Includes={"keyTypes": ["EC_secp384r1"]}) == [ec]
    both = {"keyTypes": ["RSA_2048", "EC_secp384r1"]}
    assert listed(Includes=both, SortBy="CREATED_AT", SortOrder="DESCENDING") == [ec, rsa]
    assert listed(Includes=both, CertificateStatuses=["ISSUED"]) == []


def test_lists_certificates_page_by_page(acm, sandbox):
    arns = [request(acm, f"{number}.example.com", f"www{number}.example.com") for number in range(3)]
    pages = list(acm.get_paginator("list_certificates").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["CertificateSummaryList"]) for page in pages] == [2, 1]
    summaries = [summary for page in pages for summary in page["CertificateSummaryList"]]
    assert [summary["CertificateArn"] for summary in summaries] == arns
    assert summaries[0]["SubjectAlternativeNameSummaries"] == ["0.example.com", "www0.example.com"]
    assert not [row for row in sandbox.status()["questionable"] if row["service"] == "acm"]


def test_a_certificate_that_a_load_balancer_uses_is_kept(client, acm, refused):
    arn = request(acm, "example.com")
    ec2, elb = client("ec2", REGION), client("elbv2", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for number, zone in enumerate("ac")
    ]
    balancer = elb.create_load_balancer(Name="example", Subnets=[subnet["SubnetId"] for subnet in subnets])
    balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"][0]["ListenerArn"]
    assert describe(acm, arn)["InUseBy"] == [balancer]
    with refused("ResourceInUseException"):
        acm.delete_certificate(CertificateArn=arn)
    elb.delete_listener(ListenerArn=listener)
    acm.delete_certificate(CertificateArn=arn)
    with refused("ResourceNotFoundException"):
        describe(acm, arn)


def test_too_many_names(acm, refused):
    with refused("LimitExceededException"):
        request(acm, *(f"{number}.example.com" for number in range(11)))
