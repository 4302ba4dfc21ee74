# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The edge of an estate in less common cases: a folder to upload, a zone or a certificate of somebody else's.

The tests of this module follow one another on one estate, which has only the layers that they are about.
"""

from __future__ import annotations

import datetime
import urllib.request
import urllib.response

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .conftest import BOTH_WORDS, TOKYO

LAYERS = "encryption,storage,network,dns,certificates,static_content"
REGIONS = ("us-east-1", TOKYO, "ap-northeast-3")


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it."""
    if not estate.writes():
        estate.run("--tags", LAYERS, described())
    return estate


@pytest.fixture
def route53(estate):
    return estate.sandbox.client("route53", region="us-east-1")


def zones(route53) -> dict[str, dict]:
    """The hosted zones by name."""
    return {zone["Name"]: zone for zone in route53.list_hosted_zones()["HostedZones"]}


def records(route53, zone: str = "shop.example.com.") -> dict[tuple[str, str], list[str]]:
    """The values of a zone's records, by name and type."""
    sets = route53.list_resource_record_sets(HostedZoneId=zones(route53)[zone]["Id"])["ResourceRecordSets"]
    return {
        (record["Name"], record["Type"]): sorted(value["Value"] for value in record["ResourceRecords"])
        for record in sets
    }


def static_bucket(region: str = TOKYO) -> str:
    return f"shop-sandbox-static-123456789012-{region}"


def fetched(sandbox, key: str) -> urllib.response.addinfourl:
    """What a plain HTTP request with a signature in its address gets of the bucket of static files."""
    s3 = sandbox.client("s3", region=TOKYO)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": static_bucket(), "Key": key})
    return urllib.request.urlopen(url)


def test_a_folder_is_uploaded_and_what_changed_is_said(built, described, tmp_path):
    folder = tmp_path / "site"
    (folder / "img").mkdir(parents=True)
    (folder / "index.html").write_text("<p>Hello")
    (folder / "img" / "logo.svg").write_text("<svg/>")
    (folder / ".hidden").write_text("secret")
    given = described(static_content_folder=str(folder), static_content_purge=True)
    alone = ("--skip-tags", "always", "--limit", "tokyo", given)

    def upload(*arguments):
        return built.run(*alone, *arguments, playbook="playbooks/upload_static.yml")

    before = len(built.writes())
    assert ("Upload what differs", "") in upload("--check").touched
    assert len(built.writes()) == before
    run = upload()
    for path in ("/static/", "/static/index.html", "/static/img/logo.svg"):
        assert f'"{path}"' in run.output
    assert "hidden" not in run.output
    assert upload().changes == set()
    with fetched(built.sandbox, "static/img/logo.svg") as answer:
        assert answer.headers["Content-Type"] == "image/svg+xml"
        assert answer.headers["Cache-Control"] == "public, max-age=86400"

    (folder / "img" / "logo.svg").unlink()
    run = upload()
    assert '"/static/img/logo.svg"' in run.output
    assert "index.html" not in run.output
    with fetched(built.sandbox, "errors/sorry.html") as answer:
        assert answer.status == 200


def test_the_zone_of_another_domain_is_not_made_beside_the_first(built, described):
    arguments = ("--tags", "dns", "--skip-tags", "always", described(estate_domain="example.com"))
    run = built.attempt(*arguments, "--limit", "virginia")
    assert run.returncode != 0
    assert "estate_domain is example.com, and the public zone of the estate is shop.example.com." in run.output
    assert not run.changes


def import_certificate(acm) -> str:
    """The ARN of a certificate that is imported into Certificate Manager, as another authority would have made it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.example.com")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=90))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    imported = acm.import_certificate(
        Certificate=certificate.public_bytes(pem),
        PrivateKey=key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    return imported["CertificateArn"]


def test_an_imported_certificate_is_used_instead_and_let_go_of(built, described):
    acm = built.sandbox.client("acm", region="ap-northeast-3")
    arn = import_certificate(acm)
    alone = ("--tags", "certificates", "--limit", "osaka", "--skip-tags", "always")
    imported = described(certificates_imported_arns={"ap-northeast-3": arn})
    assert built.run(*alone, imported).touched == {
        ("Use the certificate that was imported", ""),
        ("Watch that the certificate is renewed in time", ""),
    }
    assert built.run(*alone, imported).changes == set()
    (alarm,) = built.sandbox.client("cloudwatch", region="ap-northeast-3").describe_alarms()["MetricAlarms"]
    assert alarm["Dimensions"] == [{"Name": "CertificateArn", "Value": arn}]

    assert ("Watch that the certificate is renewed in time", "") in built.run(*alone, described()).touched
    assert acm.list_tags_for_certificate(CertificateArn=arn).get("Tags", []) == []
    assert built.run(*alone, described()).changes == set()
    acm.delete_certificate(CertificateArn=arn)


def test_what_holds_data_and_what_others_stand_on_stays(built, described):
    for tags, words, sentence in (
        ("static_content", BOTH_WORDS[:2], "the bucket static"),
        ("dns", BOTH_WORDS[:2], "the zone shop.example.com with its records and name servers"),
        ("network", BOTH_WORDS, "The layer dns stands on network"),
    ):
        run = built.attempt("--tags", tags, *words, described(), playbook="playbooks/destroy.yml")
        assert run.returncode != 0
        assert sentence in run.output
        assert not run.changes


def test_the_edge_is_taken_away_alone(built, described, route53):
    edge = "static_content,certificates,dns"
    built.run("--tags", edge, *BOTH_WORDS, described(), playbook="playbooks/destroy.yml")
    names = {bucket["Name"] for bucket in built.sandbox.client("s3", region=TOKYO).list_buckets()["Buckets"]}
    assert not [name for name in names if "-static-" in name]
    assert f"shop-sandbox-logs-123456789012-{TOKYO}" in names
    controls = built.sandbox.client("cloudfront", region="us-east-1").list_origin_access_controls()
    assert not controls["OriginAccessControlList"].get("Items")
    for region in REGIONS:
        assert built.sandbox.client("acm", region=region).list_certificates()["CertificateSummaryList"] == []
        assert built.sandbox.client("cloudwatch", region=region).describe_alarms()["MetricAlarms"] == []
    logs = built.sandbox.client("logs", region="us-east-1")
    assert logs.describe_log_groups()["logGroups"] == logs.describe_resource_policies()["resourcePolicies"] == []
    assert zones(route53) == {}


def test_a_zone_of_somebody_else_is_refused_unless_it_is_to_be_adopted(built, described, route53):
    zone = route53.create_hosted_zone(Name="shop.example.com", CallerReference="theirs")["HostedZone"]["Id"]
    own = {"ResourceType": "hostedzone", "ResourceId": zone.rpartition("/")[2]}
    route53.change_tags_for_resource(**own, AddTags=[{"Key": "Theirs", "Value": "yes"}])
    alone = ("--tags", "dns", "--limit", "virginia", "--skip-tags", "always")
    refused = built.attempt(*alone, described())
    assert refused.returncode != 0
    assert "which is not the estate's" in refused.output
    assert not refused.changes
    route53.update_hosted_zone_comment(Id=zone, Comment="Theirs")

    adopting = described(dns_adopt_zone=True)
    assert ("Keep the public zone", "") in built.run(*alone, adopting).touched
    assert built.run(*alone, adopting).changes == set()
    assert ("shop.example.com.", "CAA") in records(route53)

    built.run("--tags", "dns", *BOTH_WORDS, adopting, playbook="playbooks/destroy.yml")
    assert route53.list_tags_for_resource(**own)["ResourceTagSet"]["Tags"] == [{"Key": "Theirs", "Value": "yes"}]
    assert zones(route53)["shop.example.com."]["Config"]["Comment"] == "Theirs"
    assert ("shop.example.com.", "CAA") not in records(route53)
