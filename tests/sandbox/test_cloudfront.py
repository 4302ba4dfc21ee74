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


@pytest.mark.parametrize(
    ("operation", "kind", "number", "name", "policy_id"),
    [
        ("list_cache_policies", "CachePolicy", 7, "CachingOptimized", "658327ea-f89d-4fab-a63d-7e88639e58f6"),
        ("list_origin_request_policies", "OriginRequestPolicy", 8, "AllViewer", "216adef6-5c7f-47e4-b989-5492eafa07d3"),
        (
            "list_response_headers_policies",
            "ResponseHeadersPolicy",
            5,
            "SecurityHeadersPolicy",
            "67f7725c-6f97-4210-82d7-5512b31e9d03",
        ),
    ],
)
def test_managed_policies(cloudfront, sandbox, operation, kind, number, name, policy_id):
    call = getattr(cloudfront, operation)
    found = call(Type="managed")[f"{kind}List"]["Items"]
    ids = {item[kind][f"{kind}Config"]["Name"]: item[kind]["Id"] for item in found}
    assert len(ids) == number
    assert ids[f"Managed-{name}"] == policy_id
    assert call(Type="custom")[f"{kind}List"]["Quantity"] == 0
    first = call(MaxItems="3")[f"{kind}List"]
    second = call(MaxItems="3", Marker=first["NextMarker"])[f"{kind}List"]
    assert first["Items"] + second["Items"] == found[:6]
    assert not [row for row in sandbox.status()["questionable"] if row["service"] == "cloudfront"]


def headers_config(name="example", **members):
    return {"Name": name, "SecurityHeadersConfig": {"ContentTypeOptions": {"Override": True}}, **members}


def test_response_headers_policy(cloudfront, refused, sandbox):
    created = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=headers_config())
    policy = created["ResponseHeadersPolicy"]
    with refused("ResponseHeadersPolicyAlreadyExists"):
        cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=headers_config())
    removed = {"Quantity": 1, "Items": [{"Header": "Server"}]}
    arguments = {"Id": policy["Id"], "ResponseHeadersPolicyConfig": headers_config(RemoveHeadersConfig=removed)}
    with refused("InvalidIfMatchVersion"):
        cloudfront.update_response_headers_policy(**arguments)
    changed = cloudfront.update_response_headers_policy(**arguments, IfMatch=created["ETag"])
    with refused("PreconditionFailed"):
        cloudfront.update_response_headers_policy(**arguments, IfMatch=created["ETag"])
    found = cloudfront.get_response_headers_policy(Id=policy["Id"])
    assert found["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]["RemoveHeadersConfig"] == removed
    listed = cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]["Items"]
    assert [item["ResponseHeadersPolicy"] for item in listed] == [found["ResponseHeadersPolicy"]]
    cloudfront.delete_response_headers_policy(Id=policy["Id"], IfMatch=changed["ETag"])
    with refused("NoSuchResponseHeadersPolicy"):
        cloudfront.get_response_headers_policy(Id=policy["Id"])
    assert not [row for row in sandbox.status()["questionable"] if row["service"] == "cloudfront"]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"RemoveHeadersConfig": {"Quantity": 2, "Items": [{"Header": "Server"}]}}, "InconsistentQuantities"),
        (
            {
                "SecurityHeadersConfig": {
                    "XSSProtection": {
                        "Override": True,
                        "Protection": True,
                        "ModeBlock": True,
                        "ReportUri": "https://example.com/",
                    }
                }
            },
            "InvalidArgument",
        ),
    ],
)
def test_response_headers_policy_that_does_not_fit(cloudfront, refused, members, code):
    with refused(code):
        cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=headers_config(**members))
