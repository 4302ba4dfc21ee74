# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The life of an estate: built, repeated, run layer by layer, described otherwise, changed behind its back.

The tests of this module follow one another on one estate.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

LAYERS = (
    "encryption",
    "identity",
    "storage",
    "account_baseline",
    "network",
    "dns",
    "certificates",
    "static_content",
    "security_groups",
    "load_balancer",
    "waf",
)
TOKYO = "ap-northeast-1"


@pytest.fixture
def built(estate):
    """The estate, built by the first test that needs it."""
    if not estate.writes():
        estate.run()
    return estate


def test_the_plan_of_an_empty_account_is_printed_and_touches_nothing(estate):
    run = estate.run("--check", "--diff")
    assert {change.layer for change in run.changes} == set(LAYERS)
    assert {change.cell for change in run.changes} == {"virginia", "tokyo", "osaka"}
    assert "would be made in 3 cells" in run.output
    assert estate.writes() == []


def test_the_second_run_changes_nothing_and_counts_what_there_is(built):
    run = built.run()
    assert run.changes == set()
    assert "identity                16      -      -" in run.output
    assert "0 changes in 3 cells" in run.output
    assert run.output.rstrip().splitlines()[-1].startswith("Next: change the description")


# What the mission promises, read back from the API: each test is named after its row.


OWN_TAGS = {"Name", "Estate", "Environment", "Layer", "Component", "Owner", "CostCenter", "ManagedBy"}
REGIONS = ("us-east-1", TOKYO, "ap-northeast-3")


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
def test_row_s15_new_volumes_are_encrypted_with_the_estates_key(built, region):
    ec2, kms = (built.sandbox.client(service, region=region) for service in ("ec2", "kms"))
    assert ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    key = kms.describe_key(KeyId="alias/shop-sandbox-storage")["KeyMetadata"]
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] in (key["Arn"], key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]


def test_row_s16_roles_of_least_privilege_and_no_users(built):
    iam = built.sandbox.client("iam", region="us-east-1")
    roles = iam.list_roles(PathPrefix="/shop-sandbox/")["Roles"]
    assert len(roles) == 9
    assert iam.list_users()["Users"] == []
    for role in roles:
        for attached in iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]:
            assert "FullAccess" not in attached["PolicyName"] and "Administrator" not in attached["PolicyName"]
    for policy in iam.list_policies(Scope="Local", PathPrefix="/shop-sandbox/")["Policies"]:
        document = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        for statement in document["PolicyVersion"]["Document"]["Statement"]:
            assert "*" not in statement["Action"] and statement["Resource"] != "*"
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
    ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"], IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
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
}


def test_what_was_changed_behind_its_back_is_shown_and_put_back(built):
    for change in DRIFT:
        change(built.sandbox)
    expected = set(DRIFT.values())
    assert built.run("--check", "--diff").touched == expected
    assert built.run().touched == expected


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_runs_alone(built, layer):
    assert built.run("--tags", layer).changes == set()


def test_the_plan_of_the_built_estate_is_empty(built):
    assert built.run("--check", "--diff").changes == set()


DESCRIPTIONS = {
    "a zone is added": (
        {"network_zones": ["a", "c", "d"]},
        ["--limit", "tokyo", "--tags", "network"],
        {
            ("Keep the subnets", "public-d 10.10.32.0/20"),
            ("Keep the subnets", "private-d 10.10.96.0/20"),
            ("Keep the subnets", "data-d 10.10.160.0/20"),
            ("Keep the route tables", "public"),
            ("Keep the route tables", "private-d"),
            ("Keep the route tables", "data"),
            ("Keep the network ACL of each tier", "public"),
            ("Keep the network ACL of each tier", "private"),
            ("Keep the network ACL of each tier", "data"),
            ("Keep the gateway endpoints", "s3"),
            ("Keep the gateway endpoints", "dynamodb"),
            *(
                ("Keep the interface endpoints", service)
                for service in (
                    "ec2messages",
                    "kms",
                    "logs",
                    "monitoring",
                    "secretsmanager",
                    "ssm",
                    "ssmmessages",
                    "sts",
                )
            ),
        },
    ),
    "addresses are widened": (
        {"network_secondary_cidrs": ["10.30.0.0/16"]},
        ["--limit", "osaka", "--tags", "network"],
        {
            ("Keep the VPC", ""),
            ("Keep the network ACL of each tier", "public"),
            ("Keep the network ACL of each tier", "private"),
            ("Keep the security group of the interface endpoints", ""),
        },
    ),
    "a port is closed": (
        {"security_groups_flows": [{"from": "web", "to": "database", "port": 3306}]},
        ["--limit", "osaka", "--tags", "security_groups"],
        {("Keep the rules", group) for group in ("load-balancer", "load-balancer-health", "web", "cache")},
    ),
    "a group is no longer described": (
        {
            "security_groups_groups": {
                "web": "The web servers",
                "load-balancer": "The load balancer",
                "load-balancer-health": "The load balancer, which Route 53 looks at",
            },
            "security_groups_flows": [{"from": "load-balancer", "to": "web", "port": 80}],
        },
        ["--limit", "osaka", "--tags", "security_groups"],
        {
            ("Keep the rules", "load-balancer"),
            ("Keep the rules", "load-balancer-health"),
            ("Keep the rules", "web"),
            ("Delete the groups that are no longer described", "database"),
            ("Delete the groups that are no longer described", "cache"),
        },
    ),
    "the cost center is renamed": (
        {"estate_cost_center": "2000"},
        ["--limit", "osaka", "--tags", "encryption"],
        {
            ("Keep a key for each purpose", key)
            for key in ("database", "storage", "objects", "logs", "backup", "notification", "parameters")
        },
    ),
    "logs are kept for longer": (
        {
            "storage_extra_buckets": {
                "logs": {
                    "deliveries": ["bucket_access", "cloudtrail", "flow_logs", "load_balancer"],
                    "archive": True,
                    "retention_days": 800,
                }
            },
            "account_baseline_log_retention_days": 731,
        },
        ["--limit", "virginia", "--tags", "storage,account_baseline"],
        {("Keep the buckets", "logs"), ("Keep the log group of the trail", "")},
    ),
}


@pytest.mark.parametrize(("variables", "scope", "expected"), DESCRIPTIONS.values(), ids=DESCRIPTIONS)
def test_a_change_of_the_description_changes_that_and_nothing_else(built, tmp_path, variables, scope, expected):
    # What runs always, preflight and the summary, is left out to save time.
    arguments = (*scope, "--skip-tags", "always", built.described(tmp_path, **variables))
    assert built.run("--check", *arguments).touched == expected
    assert built.run(*arguments).touched == expected
    assert built.run(*arguments).touched == set()
