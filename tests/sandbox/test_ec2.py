# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What EC2 answers, where moto lacks it or has it wrong."""

import pytest


@pytest.fixture
def ec2(client):
    return client("ec2")


@pytest.fixture
def vpc(ec2):
    return ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]


@pytest.fixture
def subnet(ec2, vpc):
    created = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/24", AvailabilityZone="ap-northeast-1a")
    return created["Subnet"]["SubnetId"]


@pytest.fixture
def group(ec2, vpc):
    return ec2.create_security_group(GroupName="web", Description="Web", VpcId=vpc)["GroupId"]


def test_ebs_default_key_is_the_managed_one_until_it_is_changed(ec2, client):
    managed = ec2.get_ebs_default_kms_key_id()["KmsKeyId"]
    key = client("kms").describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]
    assert managed == key["Arn"]
    assert key["KeyManager"] == "AWS"
    ours = client("kms").create_key()["KeyMetadata"]["Arn"]
    assert ec2.modify_ebs_default_kms_key_id(KmsKeyId=ours)["KmsKeyId"] == ours
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == ours
    assert ec2.reset_ebs_default_kms_key_id()["KmsKeyId"] == managed
    assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == managed


def test_instance_metadata_defaults_are_set_and_cleared_one_by_one(ec2, refused):
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"ManagedBy": "account"}
    assert ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)["Return"] is True
    ec2.modify_instance_metadata_defaults(HttpEndpoint="enabled")
    ec2.modify_instance_metadata_defaults(HttpPutResponseHopLimit=-1)
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {
        "HttpTokens": "required",
        "HttpEndpoint": "enabled",
        "ManagedBy": "account",
    }
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference")
    assert "HttpTokens" not in ec2.get_instance_metadata_defaults()["AccountLevel"]
    with refused("InvalidParameterValue"):
        ec2.modify_instance_metadata_defaults(HttpPutResponseHopLimit=65)


def test_block_public_access_for_images(ec2):
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
    ec2.disable_image_block_public_access()
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"


def test_block_public_access_for_snapshots(ec2, refused):
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    with refused("InvalidParameterValue"):
        ec2.enable_snapshot_block_public_access(State="unblocked")
    ec2.disable_snapshot_block_public_access()
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"


def test_serial_console_access_is_regional(ec2, client):
    ec2.enable_serial_console_access()
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is True
    assert client("ec2", "ap-northeast-3").get_serial_console_access_status()["SerialConsoleAccessEnabled"] is False
    ec2.disable_serial_console_access()
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is False


def test_dry_run(ec2, refused):
    with refused("DryRunOperation"):
        ec2.enable_serial_console_access(DryRun=True)
    assert ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"] is False


def test_prefix_lists_of_aws(ec2):
    regional = [f"com.amazonaws.ap-northeast-1.{service}" for service in ("s3", "route53-healthchecks")]
    names = ["com.amazonaws.global.cloudfront.origin-facing", *regional]
    for name in names:
        found = ec2.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [name]}])
        (prefix_list,) = found["PrefixLists"]
        assert prefix_list["OwnerId"] == "AWS"
        assert ec2.get_managed_prefix_list_entries(PrefixListId=prefix_list["PrefixListId"])["Entries"]
    found = ec2.describe_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": regional[:1]}])["PrefixLists"]
    assert [prefix_list["PrefixListName"] for prefix_list in found] == regional[:1]
    assert found[0]["Cidrs"]


def test_rules_of_a_prefix_list_and_of_a_group_keep_their_description(ec2, vpc, group):
    name = "com.amazonaws.global.cloudfront.origin-facing"
    found = ec2.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [name]}])
    prefix_list = found["PrefixLists"][0]["PrefixListId"]
    other = ec2.create_security_group(GroupName="lb", Description="Load balancer", VpcId=vpc)["GroupId"]
    permissions = [
        {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "PrefixListIds": [{"PrefixListId": prefix_list, "Description": "From CloudFront"}],
        },
        {
            "IpProtocol": "tcp",
            "FromPort": 8080,
            "ToPort": 8080,
            "UserIdGroupPairs": [{"GroupId": other, "Description": "From the load balancer"}],
        },
    ]
    answer = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=permissions)
    assert answer["Return"] is True
    assert {rule.get("PrefixListId") for rule in answer["SecurityGroupRules"]} == {prefix_list, None}
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    described = {rule["Description"]: rule for rule in rules if not rule["IsEgress"]}
    assert described["From CloudFront"]["PrefixListId"] == prefix_list
    assert described["From the load balancer"]["ReferencedGroupInfo"]["GroupId"] == other
    ingress = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    lists = [item for permission in ingress for item in permission["PrefixListIds"]]
    assert lists == [{"PrefixListId": prefix_list, "Description": "From CloudFront"}]
    answer = ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=permissions)
    assert answer["Return"] is True
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"] == []


def test_egress_rules_of_a_prefix_list(ec2, group):
    prefix_list = ec2.describe_prefix_lists()["PrefixLists"][0]["PrefixListId"]
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "PrefixListIds": [{"PrefixListId": prefix_list, "Description": "To S3"}],
    }
    assert ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[permission])["Return"] is True
    egress = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    lists = [item for permission in egress for item in permission["PrefixListIds"]]
    assert lists == [{"PrefixListId": prefix_list, "Description": "To S3"}]
    assert ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[permission])["Return"] is True


def test_a_rule_exists_once_whatever_its_description(ec2, group, refused):
    def permission(description):
        ranges = [{"CidrIp": "192.0.2.0/24", "Description": description}]
        return [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges}]

    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=permission("one"))
    with refused("InvalidPermission.Duplicate"):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=permission("two"))


def test_a_rule_is_tagged_and_revoked_by_its_id(ec2, group):
    answer = ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}],
        TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": [{"Key": "Name", "Value": "one"}]}],
    )
    (rule,) = answer["SecurityGroupRules"]
    assert rule["Tags"] == [{"Key": "Name", "Value": "one"}]
    answer = ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])
    assert answer["Return"] is True
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert [rule["IsEgress"] for rule in rules] == [True]


def test_flow_log_to_a_prefix_of_a_bucket(ec2, vpc, client, refused):
    bucket = f"flow-logs-{client.account}"
    with_prefix = f"arn:aws:s3:::{bucket}/vpc/"
    client("s3", "us-east-1").create_bucket(Bucket=bucket)
    wanted = {
        "LogDestinationType": "s3",
        "LogDestination": with_prefix,
        "TrafficType": "ALL",
        "MaxAggregationInterval": 60,
        "LogFormat": "${version} ${srcaddr} ${dstaddr}",
        "DestinationOptions": {
            "FileFormat": "parquet",
            "HiveCompatiblePartitions": True,
            "PerHourPartition": True,
        },
    }
    tags = [{"Key": "Name", "Value": "flow"}]
    answer = ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc],
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": tags}],
        **wanted,
    )
    assert answer["Unsuccessful"] == []
    (log,) = ec2.describe_flow_logs(FlowLogIds=answer["FlowLogIds"])["FlowLogs"]
    assert {name: log[name] for name in wanted} == wanted
    assert log["Tags"] == tags
    assert log["ResourceId"] == vpc
    assert log["FlowLogStatus"] == "ACTIVE"
    found = ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc]}])["FlowLogs"]
    assert [log["FlowLogId"] for log in found] == answer["FlowLogIds"]
    found = ec2.describe_flow_logs(Filters=[{"Name": "tag:Name", "Values": ["flow"]}])["FlowLogs"]
    assert [log["FlowLogId"] for log in found] == answer["FlowLogIds"]
    assert ec2.delete_flow_logs(FlowLogIds=answer["FlowLogIds"])["Unsuccessful"] == []
    assert ec2.describe_flow_logs()["FlowLogs"] == []


def test_dhcp_options_are_found_in_any_order(ec2):
    values = ["10.1.0.2", "169.254.169.253"]
    options = ec2.create_dhcp_options(
        DhcpConfigurations=[
            {"Key": "domain-name-servers", "Values": values},
            {"Key": "domain-name", "Values": ["example.com"]},
        ]
    )["DhcpOptions"]
    found = ec2.describe_dhcp_options(
        Filters=[{"Name": "key", "Values": ["domain-name"]}, {"Name": "value", "Values": ["example.com"]}]
    )
    assert [one["DhcpOptionsId"] for one in found["DhcpOptions"]] == [options["DhcpOptionsId"]]
    (servers,) = [one for one in options["DhcpConfigurations"] if one["Key"] == "domain-name-servers"]
    assert [value["Value"] for value in servers["Values"]] == values


def test_tags_tell_the_type_of_their_resource(ec2, subnet, vpc, group):
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.ap-northeast-1.s3", VpcEndpointType="Gateway"
    )["VpcEndpoint"]["VpcEndpointId"]
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    log = ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc],
        TrafficType="ALL",
        LogGroupName="flow",
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow",
    )["FlowLogIds"][0]
    kinds = {
        address: "elastic-ip",
        gateway: "natgateway",
        endpoint: "vpc-endpoint",
        acl: "network-acl",
        log: "vpc-flow-log",
        subnet: "subnet",
        vpc: "vpc",
        group: "security-group",
    }
    ec2.create_tags(Resources=list(kinds), Tags=[{"Key": "Name", "Value": "x"}])
    tags = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["Name"]}])["Tags"]
    assert {tag["ResourceId"]: tag["ResourceType"] for tag in tags} == kinds
    for resource, kind in kinds.items():
        found = ec2.describe_tags(Filters=[{"Name": "resource-type", "Values": [kind]}])["Tags"]
        assert [tag["ResourceId"] for tag in found] == [resource]


def test_tags_end_with_their_resource(ec2, vpc, group):
    tags = [{"Key": "Name", "Value": "x"}]
    specification = [{"ResourceType": "key-pair", "Tags": tags}]
    pair = ec2.create_key_pair(KeyName="x", TagSpecifications=specification)["KeyPairId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_tags(Resources=[vpc, group, address], Tags=tags)

    def tagged():
        return {tag["ResourceId"] for tag in ec2.describe_tags(Filters=[{"Name": "key", "Values": ["Name"]}])["Tags"]}

    assert tagged() == {pair, address, vpc, group}
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc)
    ec2.release_address(AllocationId=address)
    assert tagged() == {pair}


def test_a_vpc_takes_along_what_it_came_with(ec2):
    def left():
        return (
            len(ec2.describe_network_acls()["NetworkAcls"]),
            len(ec2.describe_route_tables()["RouteTables"]),
            len(ec2.describe_security_groups()["SecurityGroups"]),
        )

    before = left()
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    assert left() == tuple(count + 1 for count in before)
    ec2.delete_vpc(VpcId=vpc)
    assert left() == before


def test_the_default_vpc_can_be_removed_without_a_trace(ec2):
    (vpc,) = [one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"] if one["IsDefault"]]
    (gateway,) = ec2.describe_internet_gateways()["InternetGateways"]
    ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=vpc)
    assert ec2.describe_vpcs()["Vpcs"] == []
    assert ec2.describe_network_acls()["NetworkAcls"] == []
    assert ec2.describe_route_tables()["RouteTables"] == []
    assert ec2.describe_security_groups()["SecurityGroups"] == []


def _attach_internet_gateway(ec2, vpc):
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)


def _create_gateway_endpoint(ec2, vpc):
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.ap-northeast-1.s3", VpcEndpointType="Gateway")


@pytest.mark.parametrize(
    "depend",
    [
        lambda ec2, vpc: ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/24"),
        lambda ec2, vpc: ec2.create_security_group(GroupName="x", Description="x", VpcId=vpc),
        lambda ec2, vpc: ec2.create_route_table(VpcId=vpc),
        lambda ec2, vpc: ec2.create_network_acl(VpcId=vpc),
        _attach_internet_gateway,
        _create_gateway_endpoint,
    ],
    ids=["subnet", "security group", "route table", "network ACL", "internet gateway", "endpoint"],
)
def test_a_vpc_in_use_stays(ec2, vpc, depend, refused):
    depend(ec2, vpc)
    with refused("DependencyViolation"):
        ec2.delete_vpc(VpcId=vpc)


def test_a_security_group_in_use_stays(ec2, vpc, group, subnet, refused):
    other = ec2.create_security_group(GroupName="other", Description="x", VpcId=vpc)["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[permission])
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=group)
    ec2.revoke_security_group_ingress(GroupId=other, IpPermissions=[permission])
    interface = ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=group)
    ec2.delete_network_interface(NetworkInterfaceId=interface)
    # A group that allows itself is no obstacle.
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    ec2.delete_security_group(GroupId=group)
    with refused("CannotDelete"):
        (default,) = ec2.describe_security_groups(
            Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
        )["SecurityGroups"]
        ec2.delete_security_group(GroupId=default["GroupId"])


def test_a_nat_gateway_holds_its_subnet_and_address(ec2, vpc, subnet, refused):
    _attach_internet_gateway(ec2, vpc)
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocation)["NatGateway"]["NatGatewayId"]
    ec2.get_waiter("nat_gateway_available").wait(
        NatGatewayIds=[gateway], WaiterConfig={"Delay": 0.1, "MaxAttempts": 50}
    )
    (described,) = ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"]
    (address,) = described["NatGatewayAddresses"]
    assert address["AllocationId"] == allocation
    (interface,) = ec2.describe_network_interfaces(
        Filters=[{"Name": "network-interface-id", "Values": [address["NetworkInterfaceId"]]}]
    )["NetworkInterfaces"]
    assert interface["InterfaceType"] == "nat_gateway"
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=subnet)
    with refused("InvalidIPAddress.InUse"):
        ec2.release_address(AllocationId=allocation)
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[gateway], WaiterConfig={"Delay": 0.1, "MaxAttempts": 50})
    # A deleted gateway can still be seen for about an hour.
    (described,) = ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"]
    assert described["State"] == "deleted"
    ec2.release_address(AllocationId=allocation)
    ec2.delete_subnet(SubnetId=subnet)


def test_interface_endpoints_have_groups_dns_and_policy(ec2, vpc, subnet, group, refused):
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.ap-northeast-1.ssm",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        SecurityGroupIds=[group],
        PrivateDnsEnabled=True,
        TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "ssm"}]}],
    )["VpcEndpoint"]
    name = endpoint["VpcEndpointId"]
    assert [item["GroupId"] for item in endpoint["Groups"]] == [group]

    def described():
        return ec2.describe_vpc_endpoints(VpcEndpointIds=[name])["VpcEndpoints"][0]

    assert described()["PrivateDnsEnabled"] is True
    assert described()["SubnetIds"] == [subnet]
    assert described()["Tags"] == [{"Key": "Name", "Value": "ssm"}]
    assert len(described()["NetworkInterfaceIds"]) == 1
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=subnet)
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=group)
    other_subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24", AvailabilityZone="ap-northeast-1c")["Subnet"]
    other_group = ec2.create_security_group(GroupName="endpoint", Description="x", VpcId=vpc)["GroupId"]
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'
    ec2.modify_vpc_endpoint(
        VpcEndpointId=name,
        AddSubnetIds=[other_subnet["SubnetId"]],
        RemoveSubnetIds=[subnet],
        AddSecurityGroupIds=[other_group],
        RemoveSecurityGroupIds=[group],
        PolicyDocument=policy,
        PrivateDnsEnabled=False,
    )
    assert described()["SubnetIds"] == [other_subnet["SubnetId"]]
    assert [item["GroupId"] for item in described()["Groups"]] == [other_group]
    assert described()["PolicyDocument"] == policy
    assert described()["PrivateDnsEnabled"] is False
    ec2.modify_vpc_endpoint(VpcEndpointId=name, ResetPolicy=True)
    assert described()["PolicyDocument"] != policy
    ec2.delete_security_group(GroupId=group)
    ec2.delete_subnet(SubnetId=subnet)
    assert ec2.delete_vpc_endpoints(VpcEndpointIds=[name])["Unsuccessful"] == []
    assert ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["VpcEndpoints"] == []
    ec2.delete_security_group(GroupId=other_group)


def test_gateway_endpoints_follow_their_route_tables(ec2, vpc):
    first, second = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2))
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.ap-northeast-1.s3", VpcEndpointType="Gateway", RouteTableIds=[first]
    )["VpcEndpoint"]["VpcEndpointId"]

    def routes(table):
        (described,) = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
        return [route for route in described["Routes"] if route.get("GatewayId") == endpoint]

    assert len(routes(first)) == 1
    assert routes(first)[0]["DestinationPrefixListId"].startswith("pl-")
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[second], RemoveRouteTableIds=[first])
    assert (len(routes(first)), len(routes(second))) == (0, 1)
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert routes(second) == []


def test_an_endpoint_that_is_not_there_cannot_be_deleted(ec2):
    (unsuccessful,) = ec2.delete_vpc_endpoints(VpcEndpointIds=["vpce-0123456789abcdef0"])["Unsuccessful"]
    assert unsuccessful["ResourceId"] == "vpce-0123456789abcdef0"
    assert unsuccessful["Error"]["Code"] == "InvalidVpcEndpoint.NotFound"


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_changed_rule_description_is_confirmed(sandbox, direction):
    ec2 = sandbox.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName=f"described-{direction}", Description="d", VpcId=vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}

    def described(text: str) -> dict:
        ranges = [{"CidrIp": "192.0.2.0/24", "Description": text}]
        return {"GroupId": group, "IpPermissions": [{**rule, "IpRanges": ranges}]}

    getattr(ec2, f"authorize_security_group_{direction}")(**described("before"))
    update = getattr(ec2, f"update_security_group_rule_descriptions_{direction}")
    assert update(**described("after"))["Return"] is True


def test_the_interface_that_ec2_makes_goes_with_its_instance(ec2, subnet):
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    (instance,) = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"]
    interfaces = {"Filters": [{"Name": "subnet-id", "Values": [subnet]}]}
    (interface,) = ec2.describe_network_interfaces(**interfaces)["NetworkInterfaces"]
    assert interface["Attachment"]["DeleteOnTermination"]
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    assert ec2.describe_network_interfaces(**interfaces)["NetworkInterfaces"] == []


@pytest.fixture
def builder(ec2, client, subnet):
    """An instance with an encrypted volume, and the key that it is encrypted by."""
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]
    root = {"VolumeSize": 20, "VolumeType": "gp3", "Encrypted": True, "KmsKeyId": key, "DeleteOnTermination": True}
    (instance,) = ec2.run_instances(
        ImageId=image["ImageId"],
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        BlockDeviceMappings=[{"DeviceName": image["RootDeviceName"], "Ebs": root}],
    )["Instances"]
    return instance["InstanceId"], key


def specifications(**tags):
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": kind, "Tags": pairs} for kind in ("image", "snapshot")]


def test_an_image_is_like_the_volume_that_it_is_made_of(ec2, refused, builder):
    instance, key = builder
    made = ec2.create_image(InstanceId=instance, Name="example", TagSpecifications=specifications(Estate="shop"))
    (image,) = ec2.describe_images(ImageIds=[made["ImageId"]])["Images"]
    (mapping,) = image["BlockDeviceMappings"]
    assert mapping["Ebs"]["Encrypted"] and mapping["Ebs"]["VolumeSize"] == 20 and mapping["Ebs"]["VolumeType"] == "gp3"
    snapshot = mapping["Ebs"]["SnapshotId"]
    (found,) = ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"]
    assert found["Encrypted"] and found["KmsKeyId"] == key
    assert image["Tags"] == found["Tags"] == [{"Key": "Estate", "Value": "shop"}]
    with refused("InvalidAMIName.Duplicate"):
        ec2.create_image(InstanceId=instance, Name="example")
    with refused("InvalidSnapshot.InUse"):
        ec2.delete_snapshot(SnapshotId=snapshot)
    ec2.deregister_image(ImageId=made["ImageId"])
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    ec2.delete_snapshot(SnapshotId=snapshot)


def test_a_copy_of_an_image_is_encrypted_by_the_key_that_is_said(ec2, client, builder):
    instance, _key = builder
    made = ec2.create_image(InstanceId=instance, Name="example", TagSpecifications=specifications(Estate="shop"))
    elsewhere = client("ec2", region="ap-northeast-3")
    theirs = client("kms", region="ap-northeast-3").create_key()["KeyMetadata"]["Arn"]
    source = {"SourceImageId": made["ImageId"], "SourceRegion": "ap-northeast-1", "Name": "example"}
    copies = [
        elsewhere.copy_image(**source, Encrypted=True, KmsKeyId=theirs, TagSpecifications=specifications(Copy="1")),
        elsewhere.copy_image(**source, CopyImageTags=True),
    ]
    images = elsewhere.describe_images(ImageIds=[copy["ImageId"] for copy in copies])["Images"]
    snapshots = [
        elsewhere.describe_snapshots(SnapshotIds=[image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]])["Snapshots"][0]
        for image in images
    ]
    assert [image["Tags"] for image in images] == [
        [{"Key": "Copy", "Value": "1"}],
        [{"Key": "Estate", "Value": "shop"}],
    ]
    assert [image["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"] for image in images] == [20, 20]
    managed = client("kms", region="ap-northeast-3").describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]["Arn"]
    assert [snapshot["KmsKeyId"] for snapshot in snapshots] == [theirs, managed]
    answer = elsewhere.deregister_image(ImageId=copies[0]["ImageId"], DeleteAssociatedSnapshots=True)
    assert answer["DeleteSnapshotResults"] == [{"SnapshotId": snapshots[0]["SnapshotId"], "ReturnCode": "success"}]
    assert snapshots[0]["SnapshotId"] not in str(elsewhere.describe_snapshots(OwnerIds=["self"]))


def test_a_volume_is_as_the_image_says_where_nobody_says_otherwise(ec2, refused, builder, subnet):
    instance, key = builder
    image = ec2.create_image(InstanceId=instance, Name="example")["ImageId"]
    root = ec2.describe_images(ImageIds=[image])["Images"][0]["RootDeviceName"]

    def launch(**ebs):
        return ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet,
            BlockDeviceMappings=[{"DeviceName": root, "Ebs": ebs}],
        )["Instances"][0]["InstanceId"]

    found = {"Filters": [{"Name": "attachment.instance-id", "Values": [launch(VolumeType="gp3")]}]}
    (volume,) = ec2.describe_volumes(**found)["Volumes"]
    assert (volume["Size"], volume["Encrypted"], volume["KmsKeyId"]) == (20, True, key)
    with refused("InvalidBlockDeviceMapping"):
        launch(VolumeSize=10)
    ec2.deregister_image(ImageId=image)
    with refused("InvalidAMIID.Unavailable"):
        launch(VolumeSize=20)
