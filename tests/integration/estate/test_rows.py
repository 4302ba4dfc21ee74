# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the mission promises, read back from the API of an estate that was built once.

Tests are named after the rows of the mission.
"""

from __future__ import annotations

import json
import re
import urllib.request
import urllib.response

import pytest

from . import judge
from .conftest import TOKYO

LAYERS = (
    "encryption",
    "identity",
    "storage",
    "account_baseline",
    "network",
    "notification",
    "compliance",
    "dns",
    "certificates",
    "static_content",
    "security_groups",
    "database",
    "cache",
    "load_balancer",
    "session_access",
    "compute",
    "threat_detection",
    "patching",
    "maintenance",
    "waf",
    "cdn",
    "routing",
)
REGIONS = ("us-east-1", TOKYO, "ap-northeast-3")
# Where each web ACL is: its scope in the API, and the region of its cell.
WEB_ACLS = [("CLOUDFRONT", "us-east-1"), ("REGIONAL", TOKYO), ("REGIONAL", "ap-northeast-3")]
BALANCED = (TOKYO, "ap-northeast-3")
OWN_TAGS = {"Name", "Estate", "Environment", "Layer", "Component", "Owner", "CostCenter", "ManagedBy"}


@pytest.fixture
def route53(built):
    return built.sandbox.client("route53", region="us-east-1")


def network_of(sandbox, region: str = TOKYO) -> dict:
    """The estate's VPC and what is in it, by kind."""
    ec2 = sandbox.client("ec2", region=region)
    vpc = by_name(ec2.describe_vpcs()["Vpcs"], "vpc")
    inside = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    return {
        "vpc": vpc,
        "subnets": ec2.describe_subnets(Filters=inside)["Subnets"],
        "tables": ec2.describe_route_tables(Filters=inside)["RouteTables"],
        "groups": ec2.describe_security_groups(Filters=inside)["SecurityGroups"],
        "endpoints": ec2.describe_vpc_endpoints(Filters=inside)["VpcEndpoints"],
        "acls": ec2.describe_network_acls(Filters=inside)["NetworkAcls"],
        "gateways": ec2.describe_nat_gateways(Filters=inside)["NatGateways"],
    }


def by_name(resources: list[dict], name: str) -> dict:
    """The resource of EC2 with this name."""
    return next(
        resource
        for resource in resources
        for tag in resource.get("Tags", [])
        if tag == {"Key": "Name", "Value": f"shop-sandbox-{name}"}
    )


def named(resource: dict) -> str:
    """The end of a resource's name, or an empty string when it has none of the estate's."""
    tags = {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}
    return tags.get("Name", "").removeprefix("shop-sandbox-")


def ways_out(table: dict) -> set[str]:
    """Where the default route of a route table leads: nat, igw, or nowhere."""
    targets = [
        route.get("NatGatewayId") or route.get("GatewayId") or ""
        for route in table["Routes"]
        if route.get("DestinationCidrBlock") == "0.0.0.0/0"
    ]
    return {target.partition("-")[0] for target in targets}


def test_row_s2_three_tiers_in_every_zone_and_no_way_out_for_data(built):
    network = network_of(built.sandbox)
    assert sorted(map(named, network["subnets"])) == [
        f"{tier}-{zone}" for tier in ("data", "private", "public") for zone in ("a", "c")
    ]
    ways = {named(table): ways_out(table) for table in network["tables"] if named(table)}
    assert ways == {"public": {"igw"}, "data": set(), "private-a": {"nat"}, "private-c": {"nat"}}
    data_acl = next(acl for acl in network["acls"] if named(acl) == "data")
    allowed = {entry["CidrBlock"] for entry in data_acl["Entries"] if entry["RuleAction"] == "allow"}
    assert allowed == {"10.10.64.0/20", "10.10.80.0/20", "10.10.128.0/20", "10.10.144.0/20"}


def test_row_s3_aws_is_reached_without_the_internet(built):
    network = network_of(built.sandbox)
    services = {endpoint["ServiceName"].rpartition(".")[2]: endpoint for endpoint in network["endpoints"]}
    assert {"s3", "dynamodb", "ssm", "ssmmessages", "ec2messages", "kms", "logs"} <= set(services)
    tables = {table["RouteTableId"] for table in network["tables"] if named(table)}
    assert set(services["s3"]["RouteTableIds"]) == tables
    assert services["ssm"]["PrivateDnsEnabled"]
    assert "aws:PrincipalAccount" in services["ssm"]["PolicyDocument"]
    assert [gateway["State"] for gateway in network["gateways"]] == ["available"]


def test_row_s4_groups_name_each_other_and_nobody_is_open(built):
    groups = {group["GroupName"]: group for group in network_of(built.sandbox)["groups"]}
    ids = {group["GroupId"]: name.removeprefix("shop-sandbox-") for name, group in groups.items()}
    assert groups["default"]["IpPermissions"] == groups["default"]["IpPermissionsEgress"] == []
    web = groups["shop-sandbox-web"]
    entering = {
        (ids[pair["GroupId"]], rule["FromPort"]) for rule in web["IpPermissions"] for pair in rule["UserIdGroupPairs"]
    }
    assert entering == {("load-balancer", 80)}
    leaving = {
        (ids[pair["GroupId"]], rule["FromPort"])
        for rule in web["IpPermissionsEgress"]
        for pair in rule["UserIdGroupPairs"]
    }
    assert leaving == {("database", 3306), ("cache", 6379), ("endpoints", 443)}
    everything = [rule for group in groups.values() for rule in group["IpPermissions"] + group["IpPermissionsEgress"]]
    assert not [block for rule in everything for block in rule["IpRanges"] if block["CidrIp"] == "0.0.0.0/0"]
    assert groups["shop-sandbox-load-balancer"]["IpPermissions"][0]["PrefixListIds"]


@pytest.mark.parametrize("region", REGIONS)
def test_row_s6_what_is_opened_to_the_world_is_closed_again(built, region):
    ec2 = built.sandbox.client("ec2", region=region)
    world = {"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    group = ec2.create_security_group(GroupName="opened", Description="Somebody is in a hurry")["GroupId"]
    opened = [{**world, "FromPort": port, "ToPort": port} for port in (22, 443, 3389)]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=opened)
    built.sandbox.settle()
    (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert [rule["FromPort"] for rule in found["IpPermissions"]] == [443]
    ec2.delete_security_group(GroupId=group)


@pytest.mark.parametrize("region", REGIONS)
def test_row_s15_new_volumes_are_encrypted_with_the_estates_key(built, region):
    ec2, kms = (built.sandbox.client(service, region=region) for service in ("ec2", "kms"))
    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    key = kms.describe_key(KeyId="alias/shop-sandbox-storage")["KeyMetadata"]
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] in (key["Arn"], key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]


@pytest.mark.parametrize("region", BALANCED)
def test_rows_s5_o16_sessions_are_encrypted_and_logged_twice(built, region):
    ssm, kms = (built.sandbox.client(service, region=region) for service in ("ssm", "kms"))
    keys = {
        name: kms.describe_key(KeyId=f"alias/shop-sandbox-{name}")["KeyMetadata"]["Arn"]
        for name in ("logs", "sessions")
    }
    for name, key in (("SSM-SessionManagerRunShell", keys["sessions"]), ("shop-sandbox-ansible", "")):
        inputs = json.loads(ssm.get_document(Name=name)["Content"])["inputs"]
        assert inputs["kmsKeyId"] == key
        assert inputs["s3BucketName"] == f"shop-sandbox-logs-123456789012-{region}"
        assert inputs["cloudWatchLogGroupName"] == "/shop-sandbox/sessions"
        assert inputs["s3EncryptionEnabled"] and inputs["cloudWatchEncryptionEnabled"]
    logs = built.sandbox.client("logs", region=region)
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/shop-sandbox/sessions")["logGroups"]
    assert group["kmsKeyId"] == keys["logs"]


def test_row_s16_roles_of_least_privilege_and_no_users(built):
    iam = built.sandbox.client("iam", region="us-east-1")
    roles = iam.list_roles(PathPrefix="/shop-sandbox/")["Roles"]
    assert len(roles) == 11
    assert iam.list_users()["Users"] == []
    for role in roles:
        for attached in iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]:
            assert "FullAccess" not in attached["PolicyName"] and "Administrator" not in attached["PolicyName"]
    for policy in iam.list_policies(Scope="Local", PathPrefix="/shop-sandbox/")["Policies"]:
        document = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        for statement in document["PolicyVersion"]["Document"]["Statement"]:
            assert "*" not in statement["Action"]
            # What only looks at instances and sessions cannot be allowed for some of them alone.
            looks = all(re.match("(ec2|ssm):(Describe|GetConnectionStatus)", each) for each in statement["Action"])
            assert looks or statement["Resource"] != "*"
    trusts = {role["RoleName"]: json.dumps(role["AssumeRolePolicyDocument"]) for role in roles}
    for name in ("config", "database-monitoring"):
        assert "aws:SourceAccount" in trusts[f"shop-sandbox-{name}"]
    assert "aws:MultiFactorAuthPresent" in trusts["shop-sandbox-support"]
    assert iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 14
    for region in REGIONS:
        analyzers = built.sandbox.client("accessanalyzer", region=region).list_analyzers()["analyzers"]
        assert [analyzer["status"] for analyzer in analyzers] == ["ACTIVE"]


@pytest.mark.parametrize("region", REGIONS)
def test_row_r1_buckets_are_versioned_closed_and_refuse_plain_http(built, region):
    s3 = built.sandbox.client("s3", region=region)
    for name in ("logs", "artifacts"):
        bucket = f"shop-sandbox-{name}-123456789012-{region}"
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
        policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        denied = [statement["Condition"] for statement in policy["Statement"] if statement["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denied
        assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


@pytest.mark.parametrize("region", REGIONS)
def test_rows_o6_and_o8_what_aws_says_of_itself_is_passed_on(built, region):
    events = built.sandbox.client("events", region=region)
    told = {}
    for rule in events.list_rules(NamePrefix="shop-sandbox-notification-")["Rules"]:
        (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        pattern = json.loads(rule["EventPattern"])
        for category in pattern["detail"].get("eventTypeCategory", [""]):
            told[pattern["source"][0], category] = target["Arn"].rpartition("-")[2]
    assert (
        told.items()
        >= {
            ("aws.health", "issue"): "critical",
            ("aws.health", "scheduledChange"): "warning",
            ("aws.health", "accountNotification"): "information",
            ("aws.backup", ""): "warning",
            ("aws.codepipeline", ""): "warning",
        }.items()
    )
    assert (("aws.trustedadvisor", "") in told) == (region == "us-east-1")


def test_row_o7_what_happens_to_the_database_is_told(built):
    subscriptions = built.sandbox.client("rds", region=TOKYO).describe_event_subscriptions()["EventSubscriptionsList"]
    assert {each["SourceType"] for each in subscriptions} >= {"db-cluster", "db-instance"}
    assert {each["SnsTopicArn"].rpartition(":")[2] for each in subscriptions} == {"shop-sandbox-warning"}


@pytest.mark.parametrize("region", REGIONS[1:])
def test_row_o12_flow_logs_go_to_the_log_bucket_as_parquet(built, region):
    (log,) = built.sandbox.client("ec2", region=region).describe_flow_logs()["FlowLogs"]
    assert log["LogDestination"] == f"arn:aws:s3:::shop-sandbox-logs-123456789012-{region}/flow-logs/"
    assert log["DestinationOptions"] == {
        "FileFormat": "parquet",
        "HiveCompatiblePartitions": True,
        "PerHourPartition": True,
    }


@pytest.mark.parametrize("region", REGIONS)
def test_row_c1_everything_carries_the_tags(built, region):
    tagging = built.sandbox.client("resourcegroupstaggingapi", region=region)
    pages = tagging.get_paginator("get_resources").paginate(TagFilters=[{"Key": "Estate", "Values": ["shop"]}])
    resources = pages.build_full_result()["ResourceTagMappingList"]
    kinds = {resource["ResourceARN"].split(":")[2] for resource in resources}
    assert {"kms", "s3"} <= kinds
    assert region == "us-east-1" or "ec2" in kinds
    for resource in resources:
        assert {tag["Key"] for tag in resource["Tags"]} >= OWN_TAGS, resource["ResourceARN"]


def zones(route53) -> dict[str, dict]:
    """The hosted zones by name."""
    return {zone["Name"]: zone for zone in route53.list_hosted_zones()["HostedZones"]}


def records(route53, zone: str = "shop.example.com.") -> dict[tuple[str, str], list[dict]]:
    """The record sets of a zone, by name and type."""
    found: dict[tuple[str, str], list[dict]] = {}
    for record in route53.list_resource_record_sets(HostedZoneId=zones(route53)[zone]["Id"])["ResourceRecordSets"]:
        found.setdefault((record["Name"], record["Type"]), []).append(record)
    return found


def values(record_sets: list[dict]) -> list[str]:
    """The values of the one record set, sorted."""
    (record,) = record_sets
    return sorted(value["Value"] for value in record["ResourceRecords"])


def test_row_s1_the_zone_says_who_may_issue_certificates(built, route53):
    zone = zones(route53)["shop.example.com."]
    assert not zone["Config"]["PrivateZone"]
    tags = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone["Id"].rpartition("/")[2])
    assert {"Key": "Layer", "Value": "dns"} in tags["ResourceTagSet"]["Tags"]
    assert values(records(route53)["shop.example.com.", "CAA"]) == ['0 issue "amazon.com"', '0 issue "amazontrust.com"']


def test_the_vpc_of_the_primary_cell_has_names_of_its_own(built, route53):
    zone = route53.get_hosted_zone(Id=zones(route53)["sandbox.internal."]["Id"])
    assert zone["HostedZone"]["Config"]["PrivateZone"]
    vpcs = built.sandbox.client("ec2", region=TOKYO).describe_vpcs(
        Filters=[{"Name": "tag:Name", "Values": ["shop-sandbox-vpc"]}]
    )["Vpcs"]
    assert zone["VPCs"] == [{"VPCRegion": TOKYO, "VPCId": vpcs[0]["VpcId"]}]


def test_queries_for_the_zone_are_logged(built, route53):
    zone = zones(route53)["shop.example.com."]["Id"]
    (config,) = route53.list_query_logging_configs(HostedZoneId=zone)["QueryLoggingConfigs"]
    logs = built.sandbox.client("logs", region="us-east-1")
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/shop-sandbox/dns-queries")["logGroups"]
    assert config["CloudWatchLogsLogGroupArn"].removesuffix(":*") == group["arn"].removesuffix(":*")
    assert group["retentionInDays"] == 90
    assert "kmsKeyId" in group


@pytest.mark.parametrize("site", ["primary", "recovery"])
def test_row_r6_each_site_is_looked_at_from_several_regions(built, route53, site):
    checks = {
        tag["Value"]: check["HealthCheckConfig"]
        for check in route53.list_health_checks()["HealthChecks"]
        for tag in route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId=check["Id"])["ResourceTagSet"][
            "Tags"
        ]
        if tag["Key"] == "Name"
    }
    check = checks[f"shop-sandbox-{site}-text-30s"]
    assert (check["Type"], check["SearchString"], check["ResourcePath"]) == ("HTTPS_STR_MATCH", "ok", "/health")
    assert (check["FullyQualifiedDomainName"], check["Port"]) == (f"origin-{site}.shop.example.com", 443)
    assert (check["EnableSNI"], check["Inverted"], check["Disabled"]) == (True, False, False)
    assert sorted(check["Regions"]) == ["ap-northeast-1", "eu-west-1", "us-east-1"]


def test_row_r7_the_origin_fails_over_to_the_recovery_site(built, route53):
    found = {record["Failover"]: record for record in records(route53)["origin.shop.example.com.", "A"]}
    assert set(found) == {"PRIMARY", "SECONDARY"}
    checks = {
        check["Id"]: check["HealthCheckConfig"]["FullyQualifiedDomainName"]
        for check in route53.list_health_checks()["HealthChecks"]
    }
    for failover, site, region in (("PRIMARY", "primary", TOKYO), ("SECONDARY", "recovery", BALANCED[1])):
        balancer = web_of(built.sandbox, region)["balancer"]
        record = found[failover]
        assert checks[record["HealthCheckId"]] == f"origin-{site}.shop.example.com"
        (own,) = records(route53)[f"origin-{site}.shop.example.com.", "A"]
        for target, evaluates in ((record["AliasTarget"], True), (own["AliasTarget"], False)):
            assert target["DNSName"].rstrip(".") == balancer["DNSName"].lower()
            assert target["HostedZoneId"] == balancer["CanonicalHostedZoneId"]
            assert target["EvaluateTargetHealth"] == evaluates


def test_visitors_are_led_to_cloudfront(built, route53):
    cloudfront = built.sandbox.client("cloudfront", region="us-east-1")
    (distribution,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    for name in ("shop.example.com.", "www.shop.example.com."):
        for kind in ("A", "AAAA"):
            (record,) = records(route53)[name, kind]
            assert record["AliasTarget"]["DNSName"].rstrip(".") == distribution["DomainName"]
            assert record["AliasTarget"]["HostedZoneId"] == "Z2FDTNDATAQYW2"


@pytest.mark.parametrize("region", BALANCED)
def test_route_53_gets_to_the_load_balancer_by_a_group_of_its_own(built, region):
    groups = {named(group): group for group in network_of(built.sandbox, region)["groups"]}
    ids = set(web_of(built.sandbox, region)["balancer"]["SecurityGroups"])
    assert ids == {groups[name]["GroupId"] for name in ("load-balancer", "load-balancer-health")}
    ec2 = built.sandbox.client("ec2", region=region)
    lists = {found["PrefixListId"]: found["PrefixListName"] for found in ec2.describe_prefix_lists()["PrefixLists"]}
    (rule,) = groups["load-balancer-health"]["IpPermissions"]
    assert [lists[found["PrefixListId"]] for found in rule["PrefixListIds"]] == [
        f"com.amazonaws.{region}.route53-healthchecks"
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_row_s1_every_cell_has_a_certificate_that_is_issued_and_watched(built, route53, region):
    acm = built.sandbox.client("acm", region=region)
    (listed,) = acm.list_certificates()["CertificateSummaryList"]
    certificate = acm.describe_certificate(CertificateArn=listed["CertificateArn"])["Certificate"]
    assert certificate["Status"] == "ISSUED"
    assert set(certificate["SubjectAlternativeNames"]) == {"shop.example.com", "*.shop.example.com"}
    record = certificate["DomainValidationOptions"][0]["ResourceRecord"]
    assert values(records(route53)[record["Name"], "CNAME"]) == [record["Value"]]
    alarms = built.sandbox.client("cloudwatch", region=region).describe_alarms()["MetricAlarms"]
    (alarm,) = [alarm for alarm in alarms if alarm["MetricName"] == "DaysToExpiry"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/CertificateManager", "DaysToExpiry")
    assert alarm["Dimensions"] == [{"Name": "CertificateArn", "Value": listed["CertificateArn"]}]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 30)


def static_bucket(region: str = TOKYO) -> str:
    return f"shop-sandbox-static-123456789012-{region}"


def fetched(sandbox, key: str) -> urllib.response.addinfourl:
    """What a plain HTTP request with a signature in its address gets of the bucket of static files."""
    s3 = sandbox.client("s3", region=TOKYO)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": static_bucket(), "Key": key})
    return urllib.request.urlopen(url)


@pytest.mark.parametrize("page", ["sorry", "403", "404", "500"])
def test_row_r8_the_pages_are_served_as_what_they_are(built, page):
    with fetched(built.sandbox, f"errors/{page}.html") as answer:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        text = answer.read().decode()
    assert text.startswith("<!DOCTYPE html>")
    assert 'lang="en"' in text and 'lang="ja"' in text
    assert "shop.example.com" in text
    assert not re.findall(r"(?:src|url|@import|<link|<script)\s*[=(]?", text)


@pytest.mark.parametrize("region", REGIONS[1:])
def test_row_r1_the_bucket_of_static_files_is_closed_and_forgets(built, region):
    s3 = built.sandbox.client("s3", region=region)
    bucket = static_bucket(region)
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    statements = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in [statement["Condition"] for statement in statements]
    (allowed,) = (statement for statement in statements if statement["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    cloudfront = built.sandbox.client("cloudfront", region="us-east-1")
    (distribution,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    assert distribution["ARN"] in str(allowed["Condition"])
    logging = s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]
    assert logging["TargetBucket"] == f"shop-sandbox-logs-123456789012-{region}"


def test_row_s9_cloudfront_signs_what_it_asks_the_buckets_for(built):
    cloudfront = built.sandbox.client("cloudfront", region="us-east-1")
    (control,) = cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Items"]
    assert control["Name"] == "shop-sandbox-static"
    assert (control["OriginAccessControlOriginType"], control["SigningBehavior"]) == ("s3", "always")


def web_acl_of(sandbox, scope: str, region: str) -> dict:
    """The one web ACL of a scope and region."""
    wafv2 = sandbox.client("wafv2", region=region)
    (summary,) = wafv2.list_web_acls(Scope=scope)["WebACLs"]
    return wafv2.get_web_acl(Name=summary["Name"], Scope=scope, Id=summary["Id"])["WebACL"]


@pytest.mark.parametrize(("scope", "region"), WEB_ACLS)
def test_row_s12_attacks_are_kept_out(built, scope, region):
    web_acl = web_acl_of(built.sandbox, scope, region)
    assert web_acl["Name"] == f"shop-sandbox-{scope.lower()}"
    rules = {rule["Name"]: rule for rule in web_acl["Rules"]}
    groups = {
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]: rule["OverrideAction"]
        for rule in rules.values()
        if "ManagedRuleGroupStatement" in rule["Statement"]
    }
    expected = {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet"}
    if scope == "CLOUDFRONT":
        expected |= {"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesAnonymousIpList"}
    assert groups.keys() == expected
    assert all(action == {"None": {}} for action in groups.values())
    assert rules["rate-limit"]["Action"] == {"Block": {}}
    assert rules["rate-limit"]["Statement"]["RateBasedStatement"]["Limit"] == 2000
    assert (rules["allowed-addresses"]["Action"], rules["blocked-addresses"]["Action"]) == (
        {"Allow": {}},
        {"Block": {}},
    )
    assert all(rule["VisibilityConfig"]["CloudWatchMetricsEnabled"] for rule in rules.values())


@pytest.mark.parametrize(("scope", "region"), WEB_ACLS)
def test_row_o21_what_is_kept_out_is_logged_without_secrets(built, scope, region):
    wafv2, firehose = (built.sandbox.client(service, region=region) for service in ("wafv2", "firehose"))
    arn = web_acl_of(built.sandbox, scope, region)["ARN"]
    logging = wafv2.get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"]
    redacted = {field["SingleHeader"]["Name"] for field in logging["RedactedFields"]}
    assert redacted == {"authorization", "cookie"}
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
    (kept,) = logging["LoggingFilter"]["Filters"]
    actions = {condition["ActionCondition"]["Action"] for condition in kept["Conditions"]}
    assert (kept["Behavior"], actions) == ("KEEP", {"BLOCK", "COUNT", "EXCLUDED_AS_COUNT"})
    name = f"aws-waf-logs-shop-sandbox-{scope.lower()}"
    assert [destination.rpartition("/")[2] for destination in logging["LogDestinationConfigs"]] == [name]
    stream = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
    assert stream["DeliveryStreamStatus"] == "ACTIVE"
    assert stream["DeliveryStreamEncryptionConfiguration"]["Status"] == "ENABLED"
    destination = stream["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert destination["BucketARN"] == f"arn:aws:s3:::shop-sandbox-logs-123456789012-{region}"
    assert destination["Prefix"].startswith(f"waf/{scope.lower()}/")
    assert destination["RoleARN"] == "arn:aws:iam::123456789012:role/shop-sandbox/shop-sandbox-waf-logs"


def web_of(sandbox, region: str) -> dict:
    """The load balancer of a region with all that belongs to it."""
    elb = sandbox.client("elbv2", region=region)
    (balancer,) = elb.describe_load_balancers(Names=["shop-sandbox-web"])["LoadBalancers"]
    (group,) = elb.describe_target_groups(Names=["shop-sandbox-web"])["TargetGroups"]
    arn = balancer["LoadBalancerArn"]
    listeners = {listener["Port"]: listener for listener in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]}
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {
        "balancer": balancer,
        "group": group,
        "listeners": listeners,
        "attributes": {attribute["Key"]: attribute["Value"] for attribute in attributes},
        "rules": elb.describe_rules(ListenerArn=listeners[443]["ListenerArn"])["Rules"],
    }


@pytest.mark.parametrize("region", BALANCED)
def test_row_s9_what_does_not_come_through_cloudfront_is_refused(built, region):
    web = web_of(built.sandbox, region)
    http, https = web["listeners"][80], web["listeners"][443]
    assert http["DefaultActions"][0]["RedirectConfig"]["Protocol"] == "HTTPS"
    assert https["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert https["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "403"
    secretsmanager, kms = (built.sandbox.client(service, region=region) for service in ("secretsmanager", "kms"))
    secret = secretsmanager.describe_secret(SecretId="shop-sandbox-origin-header")
    assert secret["KmsKeyId"] == kms.describe_key(KeyId="alias/shop-sandbox-parameters")["KeyMetadata"]["Arn"]
    value = secretsmanager.get_secret_value(SecretId="shop-sandbox-origin-header")["SecretString"]
    by_secret, by_checker, refused = web["rules"]
    (condition,) = by_secret["Conditions"]
    header = condition["HttpHeaderConfig"]
    assert (header["HttpHeaderName"].lower(), header["Values"]) == (f"x-origin-verify-{region}", [value])
    checked = {condition["Field"]: condition for condition in by_checker["Conditions"]}
    assert checked["path-pattern"]["PathPatternConfig"]["Values"] == ["/health"]
    checker = checked["http-header"]["HttpHeaderConfig"]
    assert checker["HttpHeaderName"].lower() == "user-agent"
    assert checker["Values"] == ["Amazon-Route53-Health-Check-Service*"]
    for rule in (by_secret, by_checker):
        forward = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
        assert [target["TargetGroupArn"] for target in forward] == [web["group"]["TargetGroupArn"]]
    assert refused["IsDefault"] and refused["Actions"][0]["FixedResponseConfig"]["StatusCode"] == "403"


@pytest.mark.parametrize("region", BALANCED)
def test_rows_r2_and_o14_the_load_balancer_stands_in_every_zone_protected_and_logged(built, region):
    web = web_of(built.sandbox, region)
    assert web["balancer"]["State"]["Code"] == "active"
    assert len(web["balancer"]["AvailabilityZones"]) == 2
    bucket = f"shop-sandbox-logs-123456789012-{region}"
    expected = {
        "deletion_protection.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        **{f"{log}_logs.s3.enabled": "true" for log in ("access", "connection")},
        **{f"{log}_logs.s3.bucket": bucket for log in ("access", "connection")},
        **{f"{log}_logs.s3.prefix": "load-balancer" for log in ("access", "connection")},
    }
    assert expected.items() <= web["attributes"].items()
    policy = built.sandbox.client("s3", region=region).get_bucket_policy(Bucket=bucket)["Policy"]
    assert "logdelivery.elasticloadbalancing.amazonaws.com" in policy
    assert web["group"]["HealthCheckPath"] == "/health"


@pytest.mark.parametrize("region", BALANCED)
def test_row_s12_the_web_acl_protects_the_load_balancer(built, region):
    wafv2 = built.sandbox.client("wafv2", region=region)
    arn = web_of(built.sandbox, region)["balancer"]["LoadBalancerArn"]
    assert wafv2.get_web_acl_for_resource(ResourceArn=arn)["WebACL"]["Name"] == "shop-sandbox-regional"


@pytest.mark.parametrize("region", REGIONS)
def test_an_independent_judge_finds_no_fault(built, region):
    client = built.sandbox.client
    found = [
        *judge.policies_of_resources(client, region),
        *judge.security_groups(client("ec2", region=region)),
        *judge.event_rules(client("events", region=region)),
        *judge.web_acls(client("wafv2", region=region), "CLOUDFRONT" if region == "us-east-1" else "REGIONAL"),
        *(judge.policies_of_iam(client("iam", region=region)) if region == "us-east-1" else ()),
    ]
    assert len(found) > 10
    assert judge.faults(found) == []


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::IAM::ManagedPolicy", {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "s3:Get"}]}}),
        ("AWS::WAFv2::WebACL", {"Scope": "REGIONAL", "DefaultAction": {"Deny": {}}, "VisibilityConfig": {}}),
        ("AWS::EC2::SecurityGroup", {"GroupDescription": "Web", "SecurityGroupIngress": [{"CidrIp": "192.0.2.0/24"}]}),
    ],
)
def test_the_judge_does_find_faults(kind, properties):
    assert judge.faults([(kind, properties)])


@pytest.mark.parametrize("region", REGIONS)
def test_rows_s10_o9_o11_inspector_security_hub_and_guardduty_are_on_everywhere(built, region):
    inspector, hub, guardduty = (
        built.sandbox.client(service, region=region) for service in ("inspector2", "securityhub", "guardduty")
    )
    (account,) = inspector.batch_get_account_status()["accounts"]
    assert {account["resourceState"][scan]["status"] for scan in ("ec2", "ecr", "lambda")} == {"ENABLED"}
    standards = {each["StandardsArn"].split("/")[1] for each in hub.get_enabled_standards()["StandardsSubscriptions"]}
    assert standards == {"aws-foundational-security-best-practices", "cis-aws-foundations-benchmark"}
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    assert guardduty.get_detector(DetectorId=detector)["Status"] == "ENABLED"


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("kind", ["guardduty", "inspector", "security_hub"])
def test_rows_s11_o10_o11_findings_go_to_the_topic_that_slack_is_behind(built, region, kind):
    (rule,) = built.sandbox.send_event(kind, region=region)["rules"]
    (target,) = built.sandbox.client("events", region=region).list_targets_by_rule(Rule=rule)["Targets"]
    topics = {topic["TopicArn"] for topic in built.sandbox.client("sns", region=region).list_topics()["Topics"]}
    assert target["Arn"] in topics


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_runs_alone(built, layer):
    assert built.run("--tags", layer).changes == set()
