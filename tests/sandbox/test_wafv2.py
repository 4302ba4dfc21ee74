# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS WAF: what moto lets through or loses."""

import pytest

DESTINATION = "arn:aws:firehose:ap-northeast-1:123456789012:deliverystream/aws-waf-logs-test"


def visibility(name="test"):
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


@pytest.fixture
def waf(client):
    return client("wafv2")


@pytest.fixture
def web_acl(waf):
    """Create a web ACL, and answer its summary."""

    def create(scope="REGIONAL", **members):
        arguments = {"Name": "test", "DefaultAction": {"Allow": {}}, "VisibilityConfig": visibility(), **members}
        return waf.create_web_acl(Scope=scope, **arguments)["Summary"]

    return create


@pytest.mark.parametrize("scope", ["REGIONAL", "CLOUDFRONT"])
def test_logging(client, scope, refused):
    waf = client("wafv2", "us-east-1")
    arn = waf.create_web_acl(Name="test", Scope=scope, DefaultAction={"Allow": {}}, VisibilityConfig=visibility())[
        "Summary"
    ]["ARN"]
    configuration = {
        "ResourceArn": arn,
        "LogDestinationConfigs": [DESTINATION],
        "RedactedFields": [{"SingleHeader": {"Name": "cookie"}}, {"Method": {}}],
    }
    waf.put_logging_configuration(LoggingConfiguration=configuration)
    found = waf.get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"]
    assert found == {**configuration, "ManagedByFirewallManager": False}
    waf.delete_logging_configuration(ResourceArn=arn)
    with refused("WAFNonexistentItemException"):
        waf.get_logging_configuration(ResourceArn=arn)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        (
            "WAFNonexistentItemException",
            {"ResourceArn": "arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/missing/1"},
        ),
        ("WAFInvalidParameterException", {"LogDestinationConfigs": ["arn:aws:s3:::example-logs"]}),
        ("WAFInvalidParameterException", {"RedactedFields": [{"Body": {}}]}),
        ("WAFInvalidParameterException", {"RedactedFields": [{"Method": {}, "UriPath": {}}]}),
        ("WAFLimitsExceededException", {"LogDestinationConfigs": [DESTINATION, f"{DESTINATION}2"]}),
    ],
)
def test_what_cannot_be_logged(waf, web_acl, refused, code, wrong):
    configuration = {"ResourceArn": web_acl()["ARN"], "LogDestinationConfigs": [DESTINATION], **wrong}
    with refused(code):
        waf.put_logging_configuration(LoggingConfiguration=configuration)


def rule(name="rule", priority=0, **members):
    geo = {"GeoMatchStatement": {"CountryCodes": ["JP"]}}
    members = {"Statement": geo, "Action": {"Count": {}}, **members}
    return {"Name": name, "Priority": priority, "VisibilityConfig": visibility(name), **members}


MISSING = "arn:aws:wafv2:ap-northeast-1:123456789012:regional/ipset/missing/1"
GROUP = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}


@pytest.mark.parametrize(
    ("code", "rules"),
    [
        ("WAFNonexistentItemException", [rule(Statement={"IPSetReferenceStatement": {"ARN": MISSING}})]),
        (
            "WAFNonexistentItemException",
            [rule(Statement={"NotStatement": {"Statement": {"IPSetReferenceStatement": {"ARN": MISSING}}}})],
        ),
        ("WAFInvalidParameterException", [rule(), rule("other")]),
        ("WAFInvalidParameterException", [rule(), rule(priority=1)]),
        ("WAFInvalidParameterException", [rule(Statement=GROUP)]),
        ("WAFInvalidParameterException", [rule(OverrideAction={"Count": {}})]),
    ],
)
def test_rules_that_cannot_be(web_acl, refused, code, rules):
    with refused(code):
        web_acl(Rules=rules)


def test_an_update_replaces_all(waf, web_acl):
    rate = {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}}
    created = web_acl(Rules=[rule(Statement=rate)], TokenDomains=["example.com"], Description="before")
    identity = {"Name": "test", "Scope": "REGIONAL", "Id": created["Id"]}
    before = waf.get_web_acl(**identity)["WebACL"]
    assert before["Rules"][0]["Statement"]["RateBasedStatement"]["EvaluationWindowSec"] == 300
    waf.update_web_acl(
        **identity, LockToken=created["LockToken"], DefaultAction={"Block": {}}, VisibilityConfig=visibility()
    )
    after = waf.get_web_acl(**identity)["WebACL"]
    assert after["DefaultAction"] == {"Block": {}}
    assert after["Rules"] == []
    assert not after.get("TokenDomains")
    assert not after.get("Description")


def test_a_name_is_taken_once_in_a_scope(client, refused):
    waf = client("wafv2", "us-east-1")
    arguments = {"Name": "test", "DefaultAction": {"Allow": {}}, "VisibilityConfig": visibility()}
    for scope in ("REGIONAL", "CLOUDFRONT"):
        waf.create_web_acl(Scope=scope, **arguments)
        with refused("WAFDuplicateItemException"):
            waf.create_web_acl(Scope=scope, **arguments)


@pytest.fixture
def balancer(client):
    """Create a load balancer, and answer its ARN."""
    ec2 = client("ec2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
    return client("elbv2").create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]


def test_what_a_web_acl_protects(waf, web_acl, balancer, refused):
    first, second = web_acl(), web_acl(Name="second")
    for chosen in (first, second):
        waf.associate_web_acl(WebACLArn=chosen["ARN"], ResourceArn=balancer)
        assert waf.get_web_acl_for_resource(ResourceArn=balancer)["WebACL"]["ARN"] == chosen["ARN"]
    assert waf.list_resources_for_web_acl(WebACLArn=first["ARN"])["ResourceArns"] == []
    assert waf.list_resources_for_web_acl(WebACLArn=second["ARN"])["ResourceArns"] == [balancer]
    others = waf.list_resources_for_web_acl(WebACLArn=second["ARN"], ResourceType="API_GATEWAY")
    assert others["ResourceArns"] == []
    identity = {"Name": "second", "Scope": "REGIONAL", "Id": second["Id"], "LockToken": second["LockToken"]}
    with refused("WAFAssociatedItemException"):
        waf.delete_web_acl(**identity)
    waf.disassociate_web_acl(ResourceArn=balancer)
    assert "WebACL" not in waf.get_web_acl_for_resource(ResourceArn=balancer)
    waf.delete_web_acl(**identity)
    with refused("WAFNonexistentItemException"):
        waf.list_resources_for_web_acl(WebACLArn=second["ARN"])


def test_only_what_is_there_is_protected(waf, web_acl, balancer, refused):
    missing = f"{balancer[:-1]}x"
    with refused("WAFNonexistentItemException"):
        waf.associate_web_acl(WebACLArn=web_acl()["ARN"], ResourceArn=missing)
    with refused("WAFNonexistentItemException"):
        waf.get_web_acl_for_resource(ResourceArn=missing)


def test_a_distribution_has_its_web_acl_from_cloudfront(client, balancer, refused):
    waf = client("wafv2", "us-east-1")
    web_acl = waf.create_web_acl(
        Name="test", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=visibility()
    )["Summary"]
    with refused("WAFInvalidParameterException"):
        waf.associate_web_acl(WebACLArn=web_acl["ARN"], ResourceArn=balancer)
    origin = {"Id": "x", "DomainName": "example.com", "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443}}
    origin["CustomOriginConfig"]["OriginProtocolPolicy"] = "https-only"
    client("cloudfront", "us-east-1").create_distribution(
        DistributionConfig={
            "CallerReference": "x",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "x",
                "ViewerProtocolPolicy": "https-only",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            },
            "WebACLId": web_acl["ARN"],
        }
    )
    with refused("WAFAssociatedItemException"):
        waf.delete_web_acl(Name="test", Scope="CLOUDFRONT", Id=web_acl["Id"], LockToken=web_acl["LockToken"])


@pytest.fixture
def ip_set(waf):
    def create(addresses=("192.0.2.0/24",), version="IPV4"):
        return waf.create_ip_set(
            Name="office", Scope="REGIONAL", Description="before", IPAddressVersion=version, Addresses=addresses
        )["Summary"]

    return create


@pytest.mark.parametrize(
    ("version", "address"),
    [("IPV4", "192.0.2.1"), ("IPV4", "192.0.2.1/24"), ("IPV4", "0.0.0.0/0"), ("IPV4", "2001:db8::/32"), ("IPV6", "x")],
)
def test_what_is_no_range(ip_set, refused, version, address):
    with refused("WAFInvalidParameterException"):
        ip_set([address], version)


def test_an_ip_set(waf, web_acl, ip_set, refused):
    summary = ip_set()
    identity = {"Name": "office", "Scope": "REGIONAL", "Id": summary["Id"]}
    with refused("WAFDuplicateItemException"):
        ip_set()
    with refused("WAFInvalidParameterException"):
        waf.update_ip_set(**identity, LockToken=summary["LockToken"], Addresses=["x"])
    token = waf.update_ip_set(**identity, LockToken=summary["LockToken"], Addresses=[])["NextLockToken"]
    found = waf.get_ip_set(**identity)["IPSet"]
    assert (found["Addresses"], found["Description"]) == ([], "")
    nested = {"NotStatement": {"Statement": {"IPSetReferenceStatement": {"ARN": summary["ARN"]}}}}
    created = web_acl(Rules=[rule(Statement=nested)])
    with refused("WAFAssociatedItemException"):
        waf.delete_ip_set(**identity, LockToken=token)
    waf.delete_web_acl(Name="test", Scope="REGIONAL", Id=created["Id"], LockToken=created["LockToken"])
    waf.delete_ip_set(**identity, LockToken=token)
    with refused("WAFNonexistentItemException"):
        waf.delete_ip_set(**identity, LockToken=token)
