# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What CloudTrail, CloudWatch Logs and the Resource Groups Tagging API answer, where moto lacks it or has it wrong."""

import json

import pytest

REGION = "ap-northeast-1"


@pytest.fixture
def logs(client):
    return client("logs", REGION)


@pytest.fixture
def cloudtrail(client):
    return client("cloudtrail", REGION)


@pytest.fixture
def bucket(client):
    name = f"trail-{client.account}"
    s3 = client("s3", REGION)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:GetBucketAcl",
            "Resource": f"arn:aws:s3:::{name}",
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{name}/AWSLogs/{client.account}/*",
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ]
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    return name


def create_key(client, service, region=REGION):
    """A key that a service may use, as the service's guide wants its policy."""
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{client.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            "Resource": "*",
            "Condition": {"StringLike": {"aws:SourceArn": f"arn:aws:*:{region}:{client.account}:*"}},
        },
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return client("kms", region).create_key(Policy=policy)["KeyMetadata"]["Arn"]


def test_a_trail_needs_a_bucket_that_lets_it_write(cloudtrail, client, refused):
    with refused("S3BucketDoesNotExistException"):
        cloudtrail.create_trail(Name="trail", S3BucketName="there-is-no-such-bucket")
    name = f"closed-{client.account}"
    client("s3", REGION).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    with refused("InsufficientS3BucketPolicyException"):
        cloudtrail.create_trail(Name="trail", S3BucketName=name)
    with refused("InvalidTrailNameException"):
        cloudtrail.create_trail(Name="a", S3BucketName=name)


def test_a_trail_of_all_regions(cloudtrail, client, bucket, logs, refused):
    logs.create_log_group(logGroupName="trail")
    group = f"arn:aws:logs:{REGION}:{client.account}:log-group:trail:*"
    trust = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = client("iam", "us-east-1").create_role(RoleName="trail", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    wanted = {
        "S3BucketName": bucket,
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": True,
        "KmsKeyId": create_key(client, "cloudtrail.amazonaws.com"),
        "CloudWatchLogsLogGroupArn": group,
        "CloudWatchLogsRoleArn": role,
    }
    for wrong, error in {
        "KmsKeyId": "InsufficientEncryptionPolicyException",
        "CloudWatchLogsLogGroupArn": "InvalidCloudWatchLogsLogGroupArnException",
        "CloudWatchLogsRoleArn": "InvalidCloudWatchLogsRoleArnException",
    }.items():
        with refused(error):
            cloudtrail.create_trail(Name="trail", **{**wanted, wrong: f"{wanted[wrong][:-4]}xxxx"})
    created = cloudtrail.create_trail(
        Name="trail", EnableLogFileValidation=True, TagsList=[{"Key": "Name", "Value": "trail"}], **wanted
    )
    assert {name: created[name] for name in wanted} == wanted
    assert created["LogFileValidationEnabled"] is True
    arn = created["TrailARN"]
    with refused("TrailAlreadyExistsException"):
        cloudtrail.create_trail(Name="trail", S3BucketName=bucket)
    assert cloudtrail.get_trail_status(Name="trail")["IsLogging"] is False
    cloudtrail.start_logging(Name=arn)
    assert cloudtrail.get_trail_status(Name=arn)["IsLogging"] is True
    elsewhere = client("cloudtrail", "us-east-1")
    (shadow,) = elsewhere.describe_trails()["trailList"]
    assert (shadow["TrailARN"], shadow["HomeRegion"]) == (arn, REGION)
    assert elsewhere.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert elsewhere.get_trail_status(Name=arn)["IsLogging"] is True
    updated = cloudtrail.update_trail(Name="trail", EnableLogFileValidation=False, IsMultiRegionTrail=True)
    assert updated["LogFileValidationEnabled"] is False
    assert {name: updated[name] for name in wanted} == wanted
    (tags,) = cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert tags["TagsList"] == [{"Key": "Name", "Value": "trail"}]
    cloudtrail.add_tags(ResourceId=arn, TagsList=[{"Key": "a", "Value": "b"}])
    cloudtrail.remove_tags(ResourceId=arn, TagsList=[{"Key": "Name"}])
    (tags,) = cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert tags["TagsList"] == [{"Key": "a", "Value": "b"}]
    cloudtrail.stop_logging(Name="trail")
    cloudtrail.delete_trail(Name=arn)
    with refused("TrailNotFoundException"):
        cloudtrail.get_trail(Name="trail")
    with refused("TrailNotFoundException"):
        cloudtrail.delete_trail(Name="trail")
    assert elsewhere.describe_trails()["trailList"] == []


def test_what_a_trail_records(cloudtrail, client, bucket, refused):
    arn = cloudtrail.create_trail(Name="trail", S3BucketName=bucket, IsMultiRegionTrail=True)["TrailARN"]
    default = cloudtrail.get_event_selectors(TrailName="trail")
    (selector,) = default["EventSelectors"]
    assert (selector["ReadWriteType"], selector["IncludeManagementEvents"]) == ("All", True)
    selectors = [
        {
            "ReadWriteType": "WriteOnly",
            "IncludeManagementEvents": True,
            "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
            "ExcludeManagementEventSources": ["kms.amazonaws.com"],
        }
    ]
    cloudtrail.put_event_selectors(TrailName="trail", EventSelectors=selectors)
    assert cloudtrail.get_event_selectors(TrailName=arn)["EventSelectors"] == selectors
    assert client("cloudtrail", "us-east-1").get_event_selectors(TrailName=arn)["EventSelectors"] == selectors
    advanced = [
        {
            "Name": "Management events",
            "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
        },
        {
            "Name": "S3",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                {"Field": "resources.ARN", "NotStartsWith": [f"arn:aws:s3:::{bucket}/"]},
            ],
        },
    ]
    cloudtrail.put_event_selectors(TrailName="trail", AdvancedEventSelectors=advanced)
    read = cloudtrail.get_event_selectors(TrailName="trail")
    assert read["AdvancedEventSelectors"] == advanced
    assert "EventSelectors" not in read
    with refused("InsightNotEnabledException"):
        cloudtrail.get_insight_selectors(TrailName="trail")
    insights = [{"InsightType": "ApiCallRateInsight"}]
    cloudtrail.put_insight_selectors(TrailName="trail", InsightSelectors=insights)
    assert cloudtrail.get_insight_selectors(TrailName="trail")["InsightSelectors"] == insights
    trail = cloudtrail.get_trail(Name="trail")["Trail"]
    assert (trail["HasCustomEventSelectors"], trail["HasInsightSelectors"]) == (True, True)


def test_a_log_group(logs, client, refused):
    key = create_key(client, f"logs.{REGION}.amazonaws.com")
    with refused("InvalidParameterException"):
        logs.create_log_group(logGroupName="/estate/app", kmsKeyId=create_key(client, "logs.eu-west-1.amazonaws.com"))
    logs.create_log_group(logGroupName="/estate/app", kmsKeyId=key, tags={"Name": "app"})
    with refused("ResourceAlreadyExistsException"):
        logs.create_log_group(logGroupName="/estate/app")

    def described():
        (group,) = logs.describe_log_groups(logGroupNamePrefix="/estate/app")["logGroups"]
        return group

    assert described()["kmsKeyId"] == key
    assert "retentionInDays" not in described()
    logs.disassociate_kms_key(logGroupName="/estate/app")
    assert "kmsKeyId" not in described()
    logs.associate_kms_key(logGroupName="/estate/app", kmsKeyId=key)
    assert described()["kmsKeyId"] == key
    with refused("ResourceNotFoundException"):
        logs.associate_kms_key(logGroupName="/not/there", kmsKeyId=key)
    with refused("InvalidParameterException"):
        logs.associate_kms_key(logGroupName="/estate/app", kmsKeyId=key.rpartition("/")[2])
    logs.put_retention_policy(logGroupName="/estate/app", retentionInDays=365)
    assert described()["retentionInDays"] == 365
    with refused("InvalidParameterException"):
        logs.put_retention_policy(logGroupName="/estate/app", retentionInDays=8)
    logs.delete_retention_policy(logGroupName="/estate/app")
    assert "retentionInDays" not in described()
    arn = described()["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"a": "b"})
    logs.untag_resource(resourceArn=arn, tagKeys=["Name"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
    logs.delete_log_group(logGroupName="/estate/app")
    with refused("ResourceNotFoundException"):
        logs.delete_log_group(logGroupName="/estate/app")


def test_a_protected_log_group_stays(logs, refused):
    logs.create_log_group(logGroupName="kept", deletionProtectionEnabled=True)
    assert logs.describe_log_groups()["logGroups"][0]["deletionProtectionEnabled"] is True
    with refused("ValidationException"):
        logs.delete_log_group(logGroupName="kept")
    logs.put_log_group_deletion_protection(logGroupIdentifier="kept", deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName="kept")
    assert logs.describe_log_groups()["logGroups"] == []


def test_the_class_for_delivery_has_its_own_retention(logs, refused):
    logs.create_log_group(logGroupName="delivery", logGroupClass="DELIVERY")
    (group,) = logs.describe_log_groups()["logGroups"]
    assert (group["logGroupClass"], group["retentionInDays"]) == ("DELIVERY", 2)
    with refused("ValidationException"):
        logs.put_retention_policy(logGroupName="delivery", retentionInDays=7)
    with refused("ValidationException"):
        logs.delete_retention_policy(logGroupName="delivery")


def test_resource_policies(logs, refused):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "logs:PutLogEvents",
        "Resource": "*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    logs.put_resource_policy(policyName="delivery", policyDocument=document)
    (policy,) = logs.describe_resource_policies()["resourcePolicies"]
    assert (policy["policyName"], json.loads(policy["policyDocument"])) == ("delivery", json.loads(document))
    logs.delete_resource_policy(policyName="delivery")
    assert logs.describe_resource_policies()["resourcePolicies"] == []
    with refused("ResourceNotFoundException"):
        logs.delete_resource_policy(policyName="delivery")


def test_resources_are_found_by_their_tags(client, bucket, cloudtrail, logs):
    tags = {"estate": "x"}
    pairs = [{"Key": "estate", "Value": "x"}]
    ec2, kms = client("ec2", REGION), client("kms", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    options = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": ["example.com"]}])
    options = options["DhcpOptions"]["DhcpOptionsId"]
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway")[
        "VpcEndpoint"
    ]["VpcEndpointId"]
    log = ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc],
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=f"arn:aws:s3:::{bucket}",
    )["FlowLogIds"][0]
    group = ec2.create_security_group(GroupName="x", Description="x", VpcId=vpc)["GroupId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    internet = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.create_tags(
        Resources=[vpc, subnet, address, gateway, acl, options, endpoint, log, group, table, internet], Tags=pairs
    )
    key = kms.create_key(Tags=[{"TagKey": "estate", "TagValue": "x"}])["KeyMetadata"]["Arn"]
    client("s3", REGION).put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": pairs})
    logs.create_log_group(logGroupName="x", tags=tags)
    trail = cloudtrail.create_trail(Name="trail", S3BucketName=bucket, TagsList=pairs)["TrailARN"]
    analyzer = client("accessanalyzer", REGION).create_analyzer(analyzerName="x", type="ACCOUNT", tags=tags)["arn"]
    ec2_arn = f"arn:aws:ec2:{REGION}:{client.account}"
    expected = {
        f"{ec2_arn}:vpc/{vpc}",
        f"{ec2_arn}:subnet/{subnet}",
        f"{ec2_arn}:elastic-ip/{address}",
        f"{ec2_arn}:natgateway/{gateway}",
        f"{ec2_arn}:network-acl/{acl}",
        f"{ec2_arn}:dhcp-options/{options}",
        f"{ec2_arn}:vpc-endpoint/{endpoint}",
        f"{ec2_arn}:vpc-flow-log/{log}",
        f"{ec2_arn}:security-group/{group}",
        f"{ec2_arn}:route-table/{table}",
        f"{ec2_arn}:internet-gateway/{internet}",
        f"arn:aws:s3:::{bucket}",
        f"arn:aws:logs:{REGION}:{client.account}:log-group:x",
        key,
        trail,
        analyzer,
    }
    tagging = client("resourcegroupstaggingapi", REGION)
    found = tagging.get_resources(TagFilters=[{"Key": "estate", "Values": ["x"]}])["ResourceTagMappingList"]
    assert {item["ResourceARN"] for item in found} == expected
    assert all(item["Tags"] == pairs for item in found)
    found = tagging.get_resources(ResourceTypeFilters=["ec2:natgateway", "cloudtrail:trail"])
    assert {item["ResourceARN"] for item in found["ResourceTagMappingList"]} == {
        f"{ec2_arn}:natgateway/{gateway}",
        trail,
    }
