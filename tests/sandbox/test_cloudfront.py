# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What CloudFront answers, where moto lacks it or has it wrong."""

import pytest


@pytest.fixture
def cloudfront(client):
    return client("cloudfront", "us-east-1")


def create_control(cloudfront, name="example"):
    config = {
        "Name": name,
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    return cloudfront.create_origin_access_control(OriginAccessControlConfig=config)


def test_origin_access_control(cloudfront, refused):
    created = create_control(cloudfront)
    control = created["OriginAccessControl"]
    with refused("OriginAccessControlAlreadyExists"):
        create_control(cloudfront)
    config = {**control["OriginAccessControlConfig"], "SigningBehavior": "never"}
    with refused("InvalidIfMatchVersion"):
        cloudfront.update_origin_access_control(Id=control["Id"], OriginAccessControlConfig=config)
    changed = cloudfront.update_origin_access_control(
        Id=control["Id"], IfMatch=created["ETag"], OriginAccessControlConfig=config
    )
    assert changed["ETag"] != created["ETag"]
    found = cloudfront.get_origin_access_control(Id=control["Id"])
    assert found["OriginAccessControl"]["OriginAccessControlConfig"] == config
    assert found["ETag"] == changed["ETag"]
    with refused("PreconditionFailed"):
        cloudfront.delete_origin_access_control(Id=control["Id"], IfMatch=created["ETag"])
    cloudfront.delete_origin_access_control(Id=control["Id"], IfMatch=changed["ETag"])
    with refused("NoSuchOriginAccessControl"):
        cloudfront.get_origin_access_control(Id=control["Id"])


def test_origin_access_controls_are_listed_page_by_page(cloudfront, sandbox):
    for name in ("a", "b", "c"):
        create_control(cloudfront, name)
    pages = [cloudfront.list_origin_access_controls(MaxItems="2")["OriginAccessControlList"]]
    pages.append(
        cloudfront.list_origin_access_controls(MaxItems="2", Marker=pages[0]["NextMarker"])["OriginAccessControlList"]
    )
    assert [[control["Name"] for control in page["Items"]] for page in pages] == [["a", "b"], ["c"]]
    assert [page["IsTruncated"] for page in pages] == [True, False]
    assert not [row for row in sandbox.status()["questionable"] if row["service"] == "cloudfront"]
