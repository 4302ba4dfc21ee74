# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The life of an estate: built, repeated, run layer by layer, described otherwise, changed behind its back.

The tests of this module follow one another on one estate.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

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


def test_the_plan_of_an_empty_account_is_printed_and_touches_nothing(estate):
    run = estate.run("--check", "--diff")
    assert {change.layer for change in run.changes} == set(LAYERS)
    assert {change.cell for change in run.changes} == {"virginia", "tokyo", "osaka"}
    assert "would be made in 3 cells" in run.output
    assert estate.writes() == []


def test_the_second_run_changes_nothing_and_counts_what_there_is(built):
    run = built.run()
    assert run.changes == set()
    assert "identity                21      -      -" in run.output
    assert "0 changes in 3 cells" in run.output
    assert run.output.rstrip().splitlines()[-1].startswith("Next: change the description")


def by_name(resources: list[dict], name: str) -> dict:
    """The resource of EC2 with this name."""
    return next(
        resource
        for resource in resources
        for tag in resource.get("Tags", [])
        if tag == {"Key": "Name", "Value": f"shop-sandbox-{name}"}
    )


def open_a_group(sandbox) -> None:
    ec2 = sandbox.client("ec2", region=TOKYO)
    group = by_name(ec2.describe_security_groups()["SecurityGroups"], "web")
    # A port that the layer compliance does not close.
    ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"], IpProtocol="tcp", FromPort=8022, ToPort=8022, CidrIp="0.0.0.0/0"
    )


def take_a_tag_from_the_vpc(sandbox) -> None:
    ec2 = sandbox.client("ec2", region=TOKYO)
    vpc = by_name(ec2.describe_vpcs()["Vpcs"], "vpc")
    ec2.delete_tags(Resources=[vpc["VpcId"]], Tags=[{"Key": "Estate"}])


def rename_a_route_table(sandbox) -> None:
    ec2 = sandbox.client("ec2", region=TOKYO)
    table = by_name(ec2.describe_route_tables()["RouteTables"], "public")
    ec2.create_tags(Resources=[table["RouteTableId"]], Tags=[{"Key": "Name", "Value": "mine"}])


def remove_a_route(sandbox) -> None:
    ec2 = sandbox.client("ec2", region=TOKYO)
    table = by_name(ec2.describe_route_tables()["RouteTables"], "private-a")
    ec2.delete_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")


def leave_new_volumes_unencrypted(sandbox) -> None:
    sandbox.client("ec2", region=TOKYO).disable_ebs_encryption_by_default()


def weaken_the_bucket(sandbox) -> None:
    s3 = sandbox.client("s3", region=TOKYO)
    bucket = f"shop-sandbox-artifacts-123456789012-{TOKYO}"
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )


def let_anybody_use_the_key(sandbox) -> None:
    kms = sandbox.client("kms", region=TOKYO)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    key = kms.describe_key(KeyId="alias/shop-sandbox-logs")["KeyMetadata"]["KeyId"]
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))


def give_a_role_more(sandbox) -> None:
    iam = sandbox.client("iam", region="us-east-1")
    iam.attach_role_policy(RoleName="shop-sandbox-web", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def stop_the_trail(sandbox) -> None:
    sandbox.client("cloudtrail", region="us-east-1").stop_logging(Name="shop-sandbox")


def let_nobody_issue_certificates(sandbox) -> None:
    route53 = sandbox.client("route53", region="us-east-1")
    mine = {"Name": "mine.shop.example.com", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"mine"'}]}
    theirs = {"Name": "shop.example.com", "Type": "CAA", "TTL": 60, "ResourceRecords": [{"Value": '0 issue ";"'}]}
    changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for record in (mine, theirs)]
    route53.change_resource_record_sets(HostedZoneId=public_zone(route53), ChangeBatch={"Changes": changes})


def take_the_tags_from_the_zone(sandbox) -> None:
    route53 = sandbox.client("route53", region="us-east-1")
    route53.change_tags_for_resource(
        ResourceType="hostedzone",
        ResourceId=public_zone(route53).rpartition("/")[2],
        RemoveTagKeys=["Estate", "Environment"],
    )


def lead_the_origin_to_one_site(sandbox) -> None:
    route53 = sandbox.client("route53", region="us-east-1")
    zone = public_zone(route53)
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    (secondary,) = (record for record in records if record.get("Failover") == "SECONDARY")
    changes = [{"Action": "DELETE", "ResourceRecordSet": secondary}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def let_in_by_another_header(sandbox) -> None:
    elb = sandbox.client("elbv2", region=TOKYO)
    header = {"HttpHeaderName": "X-Other", "Values": ["theirs"]}
    conditions = [{"Field": "http-header", "HttpHeaderConfig": header}]
    elb.modify_rule(RuleArn=rule_of_the_secret(elb)["RuleArn"], Conditions=conditions)


def let_go_of_the_load_balancer(sandbox) -> None:
    arn = sandbox.client("elbv2", region=TOKYO).describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    sandbox.client("wafv2", region=TOKYO).disassociate_web_acl(ResourceArn=arn)


def public_zone(route53) -> str:
    """The id of the estate's public zone."""
    zones = {zone["Name"]: zone["Id"] for zone in route53.list_hosted_zones()["HostedZones"]}
    return zones["shop.example.com."]


def rule_of_the_secret(elb) -> dict:
    """The rule that lets in what shows the secret."""
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    (https,) = (listener for listener in listeners if listener["Port"] == 443)
    return elb.describe_rules(ListenerArn=https["ListenerArn"])["Rules"][0]


DRIFT: dict[Callable, tuple[str, str]] = {
    open_a_group: ("Keep the rules", "web"),
    take_a_tag_from_the_vpc: ("Keep the VPC", ""),
    rename_a_route_table: ("Keep the route tables", "public"),
    remove_a_route: ("Keep the route tables", "private-a"),
    leave_new_volumes_unencrypted: ("Encrypt every new volume with the estate's key", ""),
    weaken_the_bucket: ("Keep the buckets", "artifacts"),
    let_anybody_use_the_key: ("Keep a key for each purpose", "logs"),
    give_a_role_more: ("Keep the roles", "web"),
    stop_the_trail: ("Keep a trail of all that is done in the account", ""),
    let_nobody_issue_certificates: ("Say who may issue certificates", ""),
    take_the_tags_from_the_zone: ("Keep the public zone", ""),
    lead_the_origin_to_one_site: ("Lead the names to the sites, and visitors to CloudFront", ""),
    let_in_by_another_header: ("Let in what shows the secret, the last or the next one during a rotation", ""),
    let_go_of_the_load_balancer: ("Protect the load balancers that there are", "web"),
}


def test_what_was_changed_behind_its_back_is_shown_and_put_back(built):
    sandbox = built.sandbox
    elb, route53 = (sandbox.client(service, region=TOKYO) for service in ("elbv2", "route53"))
    secret = rule_of_the_secret(elb)["Conditions"][0]["HttpHeaderConfig"]["Values"][0]
    for change in DRIFT:
        change(sandbox)
    plan, run = built.run("--check", "--diff"), built.run("--diff", "-vvv")
    assert plan.touched == set(DRIFT.values())
    assert secret not in plan.output and secret not in run.output
    assert rule_of_the_secret(elb)["Conditions"][0]["HttpHeaderConfig"]["Values"] == [secret]
    records = route53.list_resource_record_sets(HostedZoneId=public_zone(route53))["ResourceRecordSets"]
    assert "mine.shop.example.com." in {record["Name"] for record in records}, "the records of others stay"


def items(task: str, cells: str, *names: str) -> set[tuple[str, str, str]]:
    """What a task changes in each of some cells: these items, or the one thing that it is about."""
    return {(cell, task, name) for cell in cells.split() for name in names or ("",)}


BOTH, ALL = "tokyo osaka", "virginia tokyo osaka"
GROUPS = {
    "web": "The web servers",
    "load-balancer": "The load balancer",
    "load-balancer-health": "The load balancer, which Route 53 looks at",
}
DATA = {"database": "The database", "cache": "The cache"}
# What is changed in the description, and what that changes in which cell; no two changes have anything in common.
DESCRIPTIONS = {
    "a zone is added": (
        {"network_zones": "{{ ['a', 'c', 'd'] if cell_region == 'ap-northeast-1' else ['a', 'b'] }}"},
        items("Keep the subnets", "tokyo", "public-d 10.10.32.0/20", "private-d 10.10.96.0/20", "data-d 10.10.160.0/20")
        | items("Keep the route tables", "tokyo", "public", "private-d", "data")
        | items("Keep the network ACL of each tier", "tokyo", "public", "private", "data")
        | items("Keep the gateway endpoints", "tokyo", "s3", "dynamodb")
        | items(
            *("Keep the interface endpoints", "tokyo", "ec2messages", "kms", "logs", "monitoring", "secretsmanager"),
            *("ssm", "ssmmessages", "sts"),
        )
        | items("Start the load balancer", "tokyo")
        | items("Keep the group of subnets", "tokyo")
        | items("Keep the group of web servers", "tokyo"),
    ),
    "addresses are widened": (
        {"network_secondary_cidrs": "{{ ['10.30.0.0/16'] if cell_region == 'ap-northeast-3' else [] }}"},
        items("Keep the VPC", "osaka")
        | items("Keep the network ACL of each tier", "osaka", "public", "private")
        | items("Keep the security group of the interface endpoints", "osaka"),
    ),
    # The primary cell's database and cache need their groups.
    "groups are no longer described": (
        {
            "security_groups_groups": f"{{{{ {GROUPS!r} if cell_region == 'ap-northeast-3' else {GROUPS | DATA!r} }}}}",
            "security_groups_flows": [{"from": "load-balancer", "to": "web", "port": 80}],
        },
        items("Keep the rules", BOTH, *GROUPS)
        | items("Keep the rules", "tokyo", *DATA)
        | items("Delete the groups that are no longer described", "osaka", *DATA),
    ),
    "logs are kept for longer": (
        {
            "storage_extra_buckets": {
                "logs": {
                    "deliveries": ["bucket_access", "cloudtrail", "config", "flow_logs", "guardduty", "load_balancer"],
                    "archive": True,
                    "retention_days": 800,
                }
            },
            "account_baseline_log_retention_days": 731,
            "dns_query_log_retention_days": 365,
        },
        items("Keep the buckets", ALL, "logs")
        | items("Keep the log group of the trail", "virginia")
        | items("Keep the log group of the queries", "virginia"),
    ),
    "pages are kept for longer": (
        {"static_content_page_cache": "public, max-age=600"},
        items("Keep the Sorry page and the error pages", BOTH, "sorry", "403", "404", "500"),
    ),
    "replaced files are kept for longer": (
        {"static_content_noncurrent_days": 90},
        items("Keep the bucket of static files", BOTH),
    ),
    "another certificate authority": (
        {"dns_certificate_authorities": ["amazon.com", "letsencrypt.org"]},
        items("Say who may issue certificates", "virginia"),
    ),
    "an earlier warning": (
        {"certificates_expiry_days": 45},
        items("Watch that the certificate is renewed in time", ALL),
    ),
    "a server is left faster, and clients stay with it": (
        {"load_balancer_deregistration_delay_seconds": 30, "load_balancer_stickiness_seconds": 3600},
        items("Keep the target group", BOTH),
    ),
    "another policy for TLS": (
        {"load_balancer_tls_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"},
        items("Let in nobody, unless a rule says so", BOTH),
    ),
    "a country is added, a rule only counts, and an address is kept out": (
        {
            "waf_rules": {
                "countries": {"only": ["JP", "US"]},
                "common": {"mode": "count"},
                "blocked_addresses": {"addresses": ["203.0.113.0/24"]},
            }
        },
        items("Keep the web ACLs", "virginia", "cloudfront")
        | items("Keep the web ACLs", BOTH, "regional")
        | items("Keep the IP sets", "virginia", "cloudfront-blocked-ipv4")
        | items("Keep the IP sets", BOTH, "regional-blocked-ipv4"),
    ),
    "attacks are no longer logged": (
        {"waf_logged_requests": "none"},
        {
            change
            for task in ("Log what the web ACLs see", "Delete the streams of logs that are no longer wanted")
            for change in items(task, "virginia", "cloudfront") | items(task, BOTH, "regional")
        },
    ),
    "sites are looked at from elsewhere": (
        {"routing_check_regions": ["eu-west-1", "us-east-1", "us-west-2"]},
        items("Look at the sites from several parts of the world", "virginia", "primary", "recovery"),
    ),
}


@pytest.fixture
def redescribed(built, tmp_path):
    """What the plan and the run of all changes at once said would change and did, and what another run still did."""
    if "redescribed" not in built.memory:
        given = {name: value for variables, _expected in DESCRIPTIONS.values() for name, value in variables.items()}
        description = built.described(tmp_path, **given)
        built.memory["redescribed"] = [
            {(change.cell, change.task, change.item) for change in built.run(*arguments, description).changes}
            for arguments in (("--check",), (), ())
        ]
    return built.memory["redescribed"]


@pytest.mark.parametrize("expected", [expected for _given, expected in DESCRIPTIONS.values()], ids=DESCRIPTIONS)
def test_a_change_of_the_description_is_planned_and_made(redescribed, expected):
    planned, made, _again = redescribed
    assert expected <= planned
    assert expected <= made


def test_changes_of_the_description_change_nothing_else(redescribed):
    planned, made, again = redescribed
    expected = [change for _given, changes in DESCRIPTIONS.values() for change in changes]
    assert len(expected) == len(set(expected))
    # Nor is there anything left of what was changed behind its back in the test before.
    assert planned == set(expected)
    assert made == set(expected)
    assert again == set()


def test_a_new_cost_center_is_a_new_tag(built, tmp_path):
    arguments = ("--limit", "osaka", "--tags", "encryption", "--skip-tags", "always")
    run = built.run(*arguments, built.described(tmp_path, estate_cost_center="2000"))
    keys = ("database", "storage", "objects", "logs", "backup", "notification", "parameters", "sessions")
    assert run.touched == {("Keep a key for each purpose", key) for key in keys}
