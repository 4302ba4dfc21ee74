# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""All that is on a sandbox, to be compared with what was there at another time."""

from __future__ import annotations

from typing import Any

from sandbox import Sandbox

REGIONS = ("us-east-1", "ap-northeast-1", "ap-northeast-3")


def hub_of(securityhub: Any) -> str | None:
    """The region's Security Hub, if it is on."""
    try:
        return securityhub.describe_hub()["HubArn"]
    except (securityhub.exceptions.InvalidAccessException, securityhub.exceptions.ResourceNotFoundException):
        return None


def scans_of(inspector2: Any) -> dict[str, str]:
    """Which scans of Inspector are on or off."""
    account = inspector2.batch_get_account_status()["accounts"][0]
    return {scan: state["status"] for scan, state in account["resourceState"].items()}


def everything(sandbox: Sandbox) -> dict:
    """What there is, over every API that the layers use, without what merely differs from one time to the next."""
    found: dict = {}
    for region in REGIONS:
        ec2, kms, logs = (sandbox.client(service, region=region) for service in ("ec2", "kms", "logs"))
        for operation, key in (
            ("describe_vpcs", "Vpcs"),
            ("describe_subnets", "Subnets"),
            ("describe_route_tables", "RouteTables"),
            ("describe_network_acls", "NetworkAcls"),
            ("describe_security_groups", "SecurityGroups"),
            ("describe_internet_gateways", "InternetGateways"),
            ("describe_addresses", "Addresses"),
            ("describe_dhcp_options", "DhcpOptions"),
            ("describe_flow_logs", "FlowLogs"),
            ("describe_network_interfaces", "NetworkInterfaces"),
        ):
            found[region, key] = getattr(ec2, operation)()[key]
        found[region, "NatGateways"] = [
            gateway for gateway in ec2.describe_nat_gateways()["NatGateways"] if gateway["State"] != "deleted"
        ]
        found[region, "VpcEndpoints"] = [
            endpoint for endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"] if endpoint["State"] != "deleted"
        ]
        found[region, "EbsEncryption"] = ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
        found[region, "EbsKey"] = "shop-sandbox" in str(ec2.get_ebs_default_kms_key_id()["KmsKeyId"])
        found[region, "MetadataDefaults"] = ec2.get_instance_metadata_defaults().get("AccountLevel", {})
        found[region, "ImageSharing"] = ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"]
        found[region, "SnapshotSharing"] = ec2.get_snapshot_block_public_access_state()["State"]
        # A key is never gone at once: it can be taken back until its deletion is due.
        found[region, "Keys"] = [
            key["KeyId"]
            for key in kms.list_keys()["Keys"]
            if kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] != "PendingDeletion"
            and kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyManager"] == "CUSTOMER"
        ]
        found[region, "LogGroups"] = logs.describe_log_groups()["logGroups"]
        found[region, "Trails"] = sandbox.client("cloudtrail", region=region).describe_trails()["trailList"]
        found[region, "Analyzers"] = sandbox.client("accessanalyzer", region=region).list_analyzers()["analyzers"]
        found[region, "Certificates"] = sandbox.client("acm", region=region).list_certificates()[
            "CertificateSummaryList"
        ]
        found[region, "Alarms"] = sandbox.client("cloudwatch", region=region).describe_alarms()["MetricAlarms"]
        elbv2 = sandbox.client("elbv2", region=region)
        found[region, "LoadBalancers"] = elbv2.describe_load_balancers()["LoadBalancers"]
        found[region, "TargetGroups"] = elbv2.describe_target_groups()["TargetGroups"]
        found[region, "LaunchTemplates"] = ec2.describe_launch_templates()["LaunchTemplates"]
        found[region, "Instances"] = [
            instance["InstanceId"]
            for reservation in ec2.describe_instances()["Reservations"]
            for instance in reservation["Instances"]
            if instance["State"]["Name"] != "terminated"
        ]
        found[region, "ScalingGroups"] = sandbox.client("autoscaling", region=region).describe_auto_scaling_groups()[
            "AutoScalingGroups"
        ]
        found[region, "Secrets"] = sandbox.client("secretsmanager", region=region).list_secrets()["SecretList"]
        rds = sandbox.client("rds", region=region)
        # What they tell of their backups is another time each time.
        found[region, "DatabaseClusters"] = [
            cluster["DBClusterIdentifier"] for cluster in rds.describe_db_clusters()["DBClusters"]
        ]
        found[region, "Databases"] = [
            instance["DBInstanceIdentifier"] for instance in rds.describe_db_instances()["DBInstances"]
        ]
        found[region, "DatabaseSubnets"] = rds.describe_db_subnet_groups()["DBSubnetGroups"]
        found[region, "DatabaseParameters"] = [
            group
            for group in rds.describe_db_parameter_groups()["DBParameterGroups"]
            + rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]
            if "shop" in str(group)
        ]
        elasticache = sandbox.client("elasticache", region=region)
        found[region, "Caches"] = elasticache.describe_replication_groups()["ReplicationGroups"]
        found[region, "CacheSubnets"] = elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"]
        found[region, "CacheUsers"] = elasticache.describe_users()["Users"]
        found[region, "CacheUserGroups"] = elasticache.describe_user_groups()["UserGroups"]
        found[region, "Parameters"] = [
            parameter["Name"]
            for page in sandbox.client("ssm", region=region).get_paginator("describe_parameters").paginate()
            for parameter in page["Parameters"]
            if not parameter["Name"].startswith("/aws/")
        ]
        own = [{"Key": "Owner", "Values": ["Self"]}]
        found[region, "Documents"] = sandbox.client("ssm", region=region).list_documents(Filters=own)[
            "DocumentIdentifiers"
        ]
        config = sandbox.client("config", region=region)
        found[region, "Recorders"] = config.describe_configuration_recorders()["ConfigurationRecorders"]
        found[region, "DeliveryChannels"] = config.describe_delivery_channels()["DeliveryChannels"]
        found[region, "ConfigRules"] = config.describe_config_rules()["ConfigRules"]
        found[region, "Aggregators"] = config.describe_configuration_aggregators()["ConfigurationAggregators"]
        found[region, "Authorizations"] = config.describe_aggregation_authorizations()["AggregationAuthorizations"]
        found[region, "EventRules"] = sandbox.client("events", region=region).list_rules()["Rules"]
        found[region, "Detectors"] = sandbox.client("guardduty", region=region).list_detectors()["DetectorIds"]
        found[region, "Hub"] = hub_of(sandbox.client("securityhub", region=region))
        found[region, "Inspector"] = scans_of(sandbox.client("inspector2", region=region))
        found[region, "Topics"] = sandbox.client("sns", region=region).list_topics()["Topics"]
        found[region, "Queues"] = sandbox.client("sqs", region=region).list_queues().get("QueueUrls", [])
        awslambda = sandbox.client("lambda", region=region)
        found[region, "Functions"] = [function["FunctionName"] for function in awslambda.list_functions()["Functions"]]
        found[region, "Mappings"] = awslambda.list_event_source_mappings()["EventSourceMappings"]
        found[region, "Tables"] = sandbox.client("dynamodb", region=region).list_tables()["TableNames"]
        wafv2 = sandbox.client("wafv2", region=region)
        for scope in ("REGIONAL", "CLOUDFRONT") if region == "us-east-1" else ("REGIONAL",):
            found[region, scope, "WebACLs"] = wafv2.list_web_acls(Scope=scope)["WebACLs"]
            found[region, scope, "IPSets"] = wafv2.list_ip_sets(Scope=scope)["IPSets"]
        found[region, "Streams"] = sandbox.client("firehose", region=region).list_delivery_streams()[
            "DeliveryStreamNames"
        ]
    cloudfront = sandbox.client("cloudfront", region="us-east-1")
    found["Distributions"] = cloudfront.list_distributions()["DistributionList"].get("Items", [])
    found["HeadersPolicies"] = cloudfront.list_response_headers_policies(Type="custom")[
        "ResponseHeadersPolicyList"
    ].get("Items", [])
    found["HostedZones"] = sandbox.client("route53", region="us-east-1").list_hosted_zones()["HostedZones"]
    iam = sandbox.client("iam", region="us-east-1")
    found["Roles"] = iam.list_roles()["Roles"]
    found["Policies"] = iam.list_policies(Scope="Local")["Policies"]
    found["InstanceProfiles"] = iam.list_instance_profiles()["InstanceProfiles"]

    try:
        found["PasswordPolicy"] = iam.get_account_password_policy()["PasswordPolicy"]
    except iam.exceptions.NoSuchEntityException:
        found["PasswordPolicy"] = None
    found["Buckets"] = sandbox.client("s3", region="us-east-1").list_buckets()["Buckets"]
    return found
