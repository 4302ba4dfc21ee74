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


# Distributions

NO_CACHE = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ORIGIN = {
    "Id": "a",
    "DomainName": "origin.example.com",
    "CustomOriginConfig": {
        "HTTPPort": 80,
        "HTTPSPort": 443,
        "OriginProtocolPolicy": "https-only",
        "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
    },
}
BUCKET = {"Id": "b", "DomainName": "b.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
BEHAVIOR = {"TargetOriginId": "a", "ViewerProtocolPolicy": "https-only", "CachePolicyId": NO_CACHE}


def listed(*items):
    return {"Quantity": len(items), "Items": list(items)}


def distribution_config(reference="1", **members):
    return {
        "CallerReference": reference,
        "Origins": listed(ORIGIN, BUCKET),
        "DefaultCacheBehavior": BEHAVIOR,
        "Comment": "",
        "Enabled": True,
        **members,
    }


def create(cloudfront, *arguments, **members):
    config = distribution_config(*arguments, **members)
    return cloudfront.create_distribution(DistributionConfig=config)["Distribution"]


def update(cloudfront, distribution_id, **members):
    found = cloudfront.get_distribution_config(Id=distribution_id)
    config = {**found["DistributionConfig"], **members}
    return cloudfront.update_distribution(Id=distribution_id, IfMatch=found["ETag"], DistributionConfig=config)


def remove(cloudfront, distribution_id):
    etag = update(cloudfront, distribution_id, Enabled=False)["ETag"]
    cloudfront.delete_distribution(Id=distribution_id, IfMatch=etag)


def group(*members):
    codes = {"StatusCodes": listed(500)}
    return {"Id": "g", "FailoverCriteria": codes, "Members": listed(*({"OriginId": member} for member in members))}


def test_everything_that_a_distribution_was_given_is_kept(cloudfront, sandbox):
    control = create_control(cloudfront)["OriginAccessControl"]["Id"]
    bucket = {**BUCKET, "OriginAccessControlId": control}
    created = create(
        cloudfront,
        Origins=listed(ORIGIN, bucket),
        OriginGroups=listed(group("a", "b")),
        CacheBehaviors=listed({**BEHAVIOR, "PathPattern": "/b", "TargetOriginId": "g"}),
        HttpVersion="http2and3",
    )
    config = cloudfront.get_distribution(Id=created["Id"])["Distribution"]["DistributionConfig"]
    assert config["HttpVersion"] == "http2and3"
    assert config["OriginGroups"] == listed(group("a", "b"))
    assert config["CacheBehaviors"]["Items"][0]["TargetOriginId"] == "g"
    found = config["Origins"]["Items"][1]
    assert found["OriginAccessControlId"] == control
    assert found["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    (summary,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    assert summary["Origins"] == config["Origins"]
    assert not [row for row in sandbox.status()["questionable"] if row["service"] == "cloudfront"]


def test_what_cloudfront_adds(cloudfront):
    config = create(cloudfront, CustomErrorResponses=listed({"ErrorCode": 404}))["DistributionConfig"]
    assert config["Logging"] == {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}
    assert config["ViewerCertificate"]["CloudFrontDefaultCertificate"] is True
    assert config["DefaultCacheBehavior"]["AllowedMethods"]["CachedMethods"]["Items"] == ["HEAD", "GET"]
    assert config["Origins"]["Items"][0]["ConnectionAttempts"] == 3
    assert config["Origins"]["Items"][0]["CustomOriginConfig"]["OriginReadTimeout"] == 30
    assert config["CustomErrorResponses"]["Items"][0]["ErrorCachingMinTTL"] == 10


def test_a_distribution_is_changed_by_its_version(cloudfront, refused):
    created = create(cloudfront)
    before = cloudfront.get_distribution_config(Id=created["Id"])
    changed = update(cloudfront, created["Id"], Comment="x")
    assert changed["ETag"] != before["ETag"]
    arguments = {"Id": created["Id"], "DistributionConfig": before["DistributionConfig"]}
    with refused("InvalidIfMatchVersion"):
        cloudfront.update_distribution(**arguments)
    with refused("PreconditionFailed"):
        cloudfront.update_distribution(**arguments, IfMatch=before["ETag"])
    with refused("IllegalUpdate"):
        update(cloudfront, created["Id"], CallerReference="2")


@pytest.mark.parametrize("missing", ["Aliases", "DefaultRootObject", "Logging", "WebACLId"])
def test_an_update_says_everything(cloudfront, refused, missing):
    created = create(cloudfront)
    found = cloudfront.get_distribution_config(Id=created["Id"])
    config = {name: value for name, value in found["DistributionConfig"].items() if name != missing}
    with refused("IllegalUpdate") as error:
        cloudfront.update_distribution(Id=created["Id"], IfMatch=found["ETag"], DistributionConfig=config)
    assert missing in str(error.value)


@pytest.mark.parametrize(
    "members", [{"Origins": listed(ORIGIN)}, {"CacheBehaviors": listed({**BEHAVIOR, "PathPattern": "/a"})}]
)
def test_an_update_says_everything_of_its_parts(cloudfront, refused, members):
    created = create(cloudfront)
    with refused("IllegalUpdate"):
        update(cloudfront, created["Id"], **members)


def test_a_distribution_is_disabled_before_it_is_deleted(cloudfront, refused):
    created = create(cloudfront)
    etag = cloudfront.get_distribution(Id=created["Id"])["ETag"]
    with refused("InvalidIfMatchVersion"):
        cloudfront.delete_distribution(Id=created["Id"])
    with refused("PreconditionFailed"):
        cloudfront.delete_distribution(Id=created["Id"], IfMatch="other")
    with refused("DistributionNotDisabled"):
        cloudfront.delete_distribution(Id=created["Id"], IfMatch=etag)
    remove(cloudfront, created["Id"])
    for operation in (cloudfront.get_distribution, cloudfront.get_distribution_config):
        with refused("NoSuchDistribution"):
            operation(Id=created["Id"])


def test_what_a_distribution_uses_is_kept(cloudfront, refused):
    control = create_control(cloudfront)
    policy = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=headers_config())
    control_id, policy_id = control["OriginAccessControl"]["Id"], policy["ResponseHeadersPolicy"]["Id"]
    created = create(
        cloudfront,
        Origins=listed(ORIGIN, {**BUCKET, "OriginAccessControlId": control_id}),
        DefaultCacheBehavior={**BEHAVIOR, "ResponseHeadersPolicyId": policy_id},
    )
    with refused("OriginAccessControlInUse"):
        cloudfront.delete_origin_access_control(Id=control_id, IfMatch=control["ETag"])
    with refused("ResponseHeadersPolicyInUse"):
        cloudfront.delete_response_headers_policy(Id=policy_id, IfMatch=policy["ETag"])
    remove(cloudfront, created["Id"])
    cloudfront.delete_origin_access_control(Id=control_id, IfMatch=control["ETag"])
    cloudfront.delete_response_headers_policy(Id=policy_id, IfMatch=policy["ETag"])


def test_tags_of_a_distribution(client, cloudfront):
    tags = [{"Key": "Name", "Value": "example"}]
    arn = cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": distribution_config(), "Tags": {"Items": tags}}
    )["Distribution"]["ARN"]
    cloudfront.tag_resource(Resource=arn, Tags={"Items": [{"Key": "a", "Value": "b"}]})
    cloudfront.untag_resource(Resource=arn, TagKeys={"Items": ["Name"]})
    assert cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"] == [{"Key": "a", "Value": "b"}]
    tagging = client("resourcegroupstaggingapi", "us-east-1")
    found = tagging.get_resources(ResourceTypeFilters=["cloudfront:distribution"])["ResourceTagMappingList"]
    assert [resource["ResourceARN"] for resource in found] == [arn]


def test_invalidations_go_on(cloudfront):
    created = create(cloudfront)
    batch = {"Paths": listed("/*"), "CallerReference": "1"}
    made = cloudfront.create_invalidation(DistributionId=created["Id"], InvalidationBatch=batch)["Invalidation"]
    found = cloudfront.list_invalidations(DistributionId=created["Id"])["InvalidationList"]
    assert [item["Id"] for item in found["Items"]] == [made["Id"]]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"Origins": {"Quantity": 2, "Items": [ORIGIN]}}, "InconsistentQuantities"),
        ({"Comment": "x" * 129}, "InvalidArgument"),
        ({"DefaultCacheBehavior": {**BEHAVIOR, "TargetOriginId": "x"}}, "NoSuchOrigin"),
        ({"OriginGroups": listed(group("a", "x"))}, "NoSuchOrigin"),
        ({"Origins": listed(ORIGIN, {**BUCKET, "OriginAccessControlId": "E1"})}, "InvalidOriginAccessControl"),
        ({"Origins": listed(ORIGIN, {**BUCKET, "DomainName": "b.example.com"})}, "InvalidArgument"),
        ({"Origins": listed({"Id": "a", "DomainName": "a.example.com"})}, "InvalidOrigin"),
        ({"DefaultCacheBehavior": {**BEHAVIOR, "CachePolicyId": "x"}}, "NoSuchCachePolicy"),
        ({"DefaultCacheBehavior": {**BEHAVIOR, "CachePolicyId": ""}}, "InvalidArgument"),
        ({"DefaultCacheBehavior": {**BEHAVIOR, "OriginRequestPolicyId": "x"}}, "NoSuchOriginRequestPolicy"),
        ({"DefaultCacheBehavior": {**BEHAVIOR, "ResponseHeadersPolicyId": "x"}}, "NoSuchResponseHeadersPolicy"),
        ({"DefaultCacheBehavior": {**BEHAVIOR, "AllowedMethods": listed("GET", "POST")}}, "InvalidArgument"),
        ({"Aliases": listed("www.example.com")}, "InvalidViewerCertificate"),
        ({"WebACLId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/1"}, "InvalidWebACLId"),
        (
            {"Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": "x.s3.amazonaws.com", "Prefix": ""}},
            "InvalidArgument",
        ),
    ],
)
def test_a_distribution_that_does_not_fit(cloudfront, refused, members, code):
    with refused(code):
        create(cloudfront, **members)


def test_an_update_is_held_to_the_same(cloudfront, refused):
    created = create(cloudfront)
    with refused("NoSuchOrigin"):
        update(cloudfront, created["Id"], OriginGroups=listed(group("a", "x")))


def test_a_caller_reference_is_taken_once(cloudfront, refused):
    created = create(cloudfront, "1")
    with refused("DistributionAlreadyExists") as error:
        create(cloudfront, "1")
    assert created["Id"] in str(error.value)


def issued(client, *names, region="us-east-1"):
    acm, route53 = client("acm", region), client("route53", "us-east-1")
    arn = acm.request_certificate(DomainName=names[0], SubjectAlternativeNames=list(names), ValidationMethod="DNS")[
        "CertificateArn"
    ]
    zone = route53.create_hosted_zone(Name="example.com", CallerReference=arn[-8:])["HostedZone"]["Id"]
    for option in acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]:
        record = option["ResourceRecord"]
        values = {"TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
        changed = {"Name": record["Name"], "Type": "CNAME", **values}
        changes = [{"Action": "UPSERT", "ResourceRecordSet": changed}]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return arn


def viewer_certificate(arn):
    return {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"}


def test_certificate_and_aliases(client, cloudfront, refused):
    domain = f"{client.account}.example.com"
    arn = issued(client, f"*.{domain}")
    elsewhere = issued(client, f"*.{domain}", region="ap-northeast-1")
    pending = client("acm", "us-east-1").request_certificate(DomainName=f"other.{domain}")["CertificateArn"]
    for unfit in (elsewhere, pending):
        with refused("InvalidViewerCertificate"):
            create(cloudfront, ViewerCertificate=viewer_certificate(unfit))
    with refused("InvalidViewerCertificate"):
        create(cloudfront, ViewerCertificate=viewer_certificate(arn), Aliases=listed(domain))
    aliases = listed(f"www.{domain}")
    created = create(cloudfront, ViewerCertificate=viewer_certificate(arn), Aliases=aliases)
    assert created["DistributionConfig"]["ViewerCertificate"]["CertificateSource"] == "acm"
    with refused("CNAMEAlreadyExists"):
        create(cloudfront, "2", ViewerCertificate=viewer_certificate(arn), Aliases=aliases)
    update(cloudfront, created["Id"], Comment="The name is its own")
    acm = client("acm", "us-east-1")
    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"] == [created["ARN"]]
    with refused("ResourceInUseException"):
        acm.delete_certificate(CertificateArn=arn)
    remove(cloudfront, created["Id"])
    acm.delete_certificate(CertificateArn=arn)


def test_logs_go_where_access_control_lists_are_allowed(client, cloudfront, refused):
    s3 = client("s3", "us-east-1")
    name = f"logs-{client.account}"
    s3.create_bucket(Bucket=name)
    logging = {"Enabled": True, "IncludeCookies": False, "Bucket": f"{name}.s3.amazonaws.com", "Prefix": ""}
    with refused("InvalidArgument") as error:
        create(cloudfront, Logging=logging)
    assert "does not enable ACL access" in str(error.value)
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=rules)
    created = create(cloudfront, Logging=logging)
    assert created["DistributionConfig"]["Logging"] == logging
    update(cloudfront, created["Id"], Comment="Logged")
    grants = s3.get_bucket_acl(Bucket=name)["Grants"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL", "FULL_CONTROL"]
    assert grants[1]["Grantee"]["ID"].startswith("c4c1ede6")  # CloudFront's own user


def test_distributions_are_listed_page_by_page(cloudfront):
    for number in range(3):
        create(cloudfront, str(number))
    pages = list(cloudfront.get_paginator("list_distributions").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["DistributionList"]["Items"]) for page in pages] == [2, 1]
