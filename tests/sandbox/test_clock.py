# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The clock: its table, its speeds, and what resources tell while they are on their way."""

import ast
import itertools
import json
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from sandbox import Sandbox
from sandbox.clock import DURATIONS, Clock, speed_of
from sandbox.process import SandboxError

SERVICES = Path(__file__).resolve().parents[2] / "sandbox" / "services"

# As slow as AWS while a test looks at what is on its way, and fast while it waits.
SLOW, FAST = 1, 2000

_numbers = itertools.count()


@pytest.fixture
def moment(monkeypatch):
    """The time, which stands still until a test moves it."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    return clock


def _turned(clock):
    resource = SimpleNamespace()
    clock.turn(resource, "state", "pending", "available", "nat_gateway.creation")
    return resource


# The table


def _names_in_use():
    """The strings that the services give the clock; what an f-string leaves open stands as *."""
    for path in SERVICES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(node, "func", None)
            if getattr(getattr(called, "value", None), "id", "") == "CLOCK" and node.args:
                name = node.args[0 if called.attr in ("later", "left") else -1]
                yield name.value if isinstance(name, ast.Constant) else f"*{name.values[-1].value}"


def test_every_row_is_used_and_every_use_has_a_row():
    plain = {name for name in _names_in_use() if not name.startswith("*")}
    patterns = {name[1:] for name in _names_in_use() if name.startswith("*")}
    assert patterns == {".creation", ".deletion"}
    by_kind = {f"{kind}{change}" for kind in ("rds_instance", "aurora_instance") for change in patterns}
    assert plain | by_kind == set(DURATIONS)


@pytest.mark.parametrize("name", DURATIONS)
def test_every_row_has_a_time_and_a_source(name):
    assert 0 < DURATIONS[name].seconds <= 1800
    assert len(DURATIONS[name].source) > 20


def test_a_name_that_is_not_in_the_table():
    for speed in (0, 60):
        with pytest.raises(LookupError, match=r"no duration 'castle\.creation'"):
            Clock(speed).later("castle.creation", lambda: None)


# Speeds


@pytest.mark.parametrize("value", ["-1", "fast", "nan", "inf", "", None])
def test_what_is_no_speed(value):
    with pytest.raises(ValueError, match=r"The clock cannot run at .* 0 for at once"):
        speed_of(value)


def test_at_once(moment):
    assert _turned(Clock()).state == "available"


def test_a_change_takes_its_part_of_the_time(moment):
    clock = Clock(60)
    resource = _turned(clock)
    moment.now += 1.9
    clock.run()
    assert resource.state == "pending"
    moment.now += 0.2
    clock.run()
    assert resource.state == "available"


def test_a_speed_counts_from_when_it_is_set(moment):
    clock = Clock(1)
    resource = _turned(clock)
    moment.now += 60
    clock.speed = 10
    moment.now += 5
    clock.run()
    assert resource.state == "pending"
    moment.now += 1.1
    clock.run()
    assert resource.state == "available"


def test_at_0_all_that_is_on_its_way_arrives_and_stays(moment):
    clock = Clock(1)
    resource = _turned(clock)
    clock.speed = 0
    assert resource.state == "available"
    clock.speed = 1
    assert resource.state == "available"


def test_changes_come_in_the_order_of_their_ends(moment):
    clock, done = Clock(1), []
    clock.later("nat_gateway.creation", lambda: done.append("slow"))
    clock.later("nat_gateway.deletion", lambda: done.append("quick"))
    moment.now += 1000
    clock.run()
    assert done == ["quick", "slow"]


def test_at_0_what_a_change_leads_to_comes_after_all_that_is_on_its_way(moment):
    clock, done = Clock(1), []
    clock.later("ec2_instance.creation", lambda: clock.later("ec2_instance.creation", lambda: done.append("led to")))
    clock.later("nat_gateway.creation", lambda: done.append("on its way"))
    clock.speed = 0
    assert done == ["on its way", "led to"]


def test_what_has_been_deleted_does_not_become_available(moment):
    clock = Clock(1)
    resource = _turned(clock)
    clock.turn(resource, "state", "deleting", "deleted", "nat_gateway.deletion")
    moment.now += 1000
    clock.run()
    assert resource.state == "deleted"


def test_what_lingers_does_not_take_its_successor_along(moment):
    clock, collection, new = Clock(1), {}, object()
    clock.linger(collection, "name", object(), "rds_instance.deletion")
    collection["name"] = new
    moment.now += 1000
    clock.run()
    assert collection == {"name": new}


def test_a_reset_forgets(moment):
    clock = Clock(1)
    resource = _turned(clock)
    clock.forget()
    moment.now += 1000
    clock.run()
    assert resource.state == "pending"


# Resources


@pytest.fixture(scope="module")
def server():
    with Sandbox(clock=SLOW) as sandbox:
        yield sandbox
        assert sandbox.status()["questionable"] == []


@pytest.fixture
def client(server):
    """Make boto3 clients for an account that no other test uses; the clock runs slowly."""
    account = str(300000000000 + next(_numbers))
    server.clock(SLOW)
    return lambda service: server.client(service, "us-east-1", account)


@pytest.fixture
def wait(server):
    """Let the clock run fast until a waiter of botocore's is content, or until a condition holds."""

    def until_it_is_so(client_or_condition, waiter=None, **names):
        server.clock(FAST)
        if waiter:
            client_or_condition.get_waiter(waiter).wait(**names, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600})
        else:
            deadline = time.monotonic() + 30
            while not client_or_condition():
                assert time.monotonic() < deadline
                time.sleep(0.05)
        server.clock(SLOW)

    return until_it_is_so


def _subnets(client):
    return [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]


def test_a_nat_gateway(client, refused, wait):
    ec2 = client("ec2")
    table = ec2.describe_route_tables()["RouteTables"][0]["RouteTableId"]
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=_subnets(client)[0], AllocationId=allocation)["NatGateway"]
    names = {"NatGatewayIds": [gateway["NatGatewayId"]]}
    assert gateway["State"] == "pending"
    route = {"RouteTableId": table, "DestinationCidrBlock": "192.0.2.0/24", "NatGatewayId": gateway["NatGatewayId"]}
    with refused("InvalidNatGatewayID.NotFound"):
        ec2.create_route(**route)
    wait(ec2, "nat_gateway_available", **names)
    ec2.create_route(**route)
    ec2.delete_nat_gateway(NatGatewayId=gateway["NatGatewayId"])
    assert ec2.describe_nat_gateways(**names)["NatGateways"][0]["State"] == "deleting"
    wait(ec2, "nat_gateway_deleted", **names)


def test_an_interface_endpoint_holds_its_group_until_it_is_gone(client, refused, wait):
    ec2 = client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="endpoint", Description="endpoint", VpcId=vpc)["GroupId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.ssm",
        VpcEndpointType="Interface",
        SubnetIds=_subnets(client),
        SecurityGroupIds=[group],
    )["VpcEndpoint"]
    name = endpoint["VpcEndpointId"]

    def states():
        return [found["State"] for found in ec2.describe_vpc_endpoints()["VpcEndpoints"]]

    assert endpoint["State"] == "pending"
    wait(lambda: states() == ["available"])
    for _ in range(2):
        assert ec2.delete_vpc_endpoints(VpcEndpointIds=[name])["Unsuccessful"] == []
        assert states() == ["deleting"]
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=group)
    wait(lambda: states() == [])
    ec2.delete_security_group(GroupId=group)


def test_a_gateway_endpoint_takes_no_time(client):
    ec2 = client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3")["VpcEndpoint"]
    assert endpoint["State"] == "available"
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
    assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []


def _image(ec2):
    return ec2.describe_images()["Images"][0]["ImageId"]


def test_an_instance(client, wait):
    ec2 = client("ec2")
    (instance,) = ec2.run_instances(ImageId=_image(ec2), MinCount=1, MaxCount=1)["Instances"]
    names = {"InstanceIds": [instance["InstanceId"]]}
    assert instance["State"] == {"Name": "pending", "Code": 0}
    wait(ec2, "instance_running", **names)

    def state():
        return ec2.describe_instances(**names)["Reservations"][0]["Instances"][0]["State"]

    assert state() == {"Name": "running", "Code": 16}
    ec2.stop_instances(**names)
    assert state() == {"Name": "stopped", "Code": 80}
    ec2.terminate_instances(**names)
    assert state() == {"Name": "shutting-down", "Code": 32}
    ec2.terminate_instances(**names)
    wait(ec2, "instance_terminated", **names)
    ec2.terminate_instances(**names)
    assert state() == {"Name": "terminated", "Code": 48}


def test_a_target_group_takes_running_instances(client, refused, wait):
    ec2, elb, scaling = client("ec2"), client("elbv2"), client("autoscaling")
    vpc, image = ec2.describe_vpcs()["Vpcs"][0]["VpcId"], _image(ec2)
    group = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    target_group = group["TargetGroupArn"]
    (instance,) = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"]
    with refused("InvalidTarget"):
        elb.register_targets(TargetGroupArn=target_group, Targets=[{"Id": instance["InstanceId"]}])
    scaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image, InstanceType="t3.micro")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="web",
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=_subnets(client)[0],
        TargetGroupARNs=[target_group],
    )

    def targets():
        return elb.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]

    assert targets() == []
    wait(lambda: len(targets()) == 1)


def test_a_load_balancer(client, wait):
    elb = client("elbv2")
    balancer = elb.create_load_balancer(Name="web", Subnets=_subnets(client))["LoadBalancers"][0]
    names = {"LoadBalancerArns": [balancer["LoadBalancerArn"]]}
    assert balancer["State"]["Code"] == "provisioning"
    assert elb.describe_load_balancers(**names)["LoadBalancers"][0]["State"]["Code"] == "provisioning"
    wait(elb, "load_balancer_available", **names)


INSTANCE = {
    "DBInstanceIdentifier": "data",
    "DBInstanceClass": "db.t3.micro",
    "Engine": "postgres",
    "AllocatedStorage": 20,
    "MasterUsername": "owner",
    "MasterUserPassword": "correct-horse",
}


def test_an_rds_instance(client, refused, wait):
    rds = client("rds")
    name = {"DBInstanceIdentifier": "data"}
    created = rds.create_db_instance(**INSTANCE)["DBInstance"]
    assert (created["DBInstanceStatus"], created.get("Endpoint")) == ("creating", None)
    with refused("InvalidDBInstanceState"):
        rds.modify_db_instance(**name, BackupRetentionPeriod=7)
    with refused("InvalidDBInstanceState"):
        rds.create_db_snapshot(**name, DBSnapshotIdentifier="early")
    with refused("InvalidDBInstanceState"):
        rds.create_db_instance_read_replica(DBInstanceIdentifier="replica", SourceDBInstanceIdentifier="data")
    with refused("InvalidDBInstanceState"):
        rds.reboot_db_instance(**name)
    wait(rds, "db_instance_available", **name)
    assert rds.describe_db_instances(**name)["DBInstances"][0]["Endpoint"]["Port"] == 5432

    later = rds.modify_db_instance(**name, BackupRetentionPeriod=7)["DBInstance"]
    assert later["DBInstanceStatus"] == "available"
    larger = rds.modify_db_instance(**name, DBInstanceClass="db.m5.large", ApplyImmediately=True)["DBInstance"]
    assert larger["DBInstanceStatus"] == "modifying"
    wait(rds, "db_instance_available", **name)

    replica = rds.create_db_instance_read_replica(DBInstanceIdentifier="replica", SourceDBInstanceIdentifier="data")
    assert replica["DBInstance"]["DBInstanceStatus"] == "creating"
    wait(rds, "db_instance_available", DBInstanceIdentifier="replica")

    deleted = rds.delete_db_instance(**name, SkipFinalSnapshot=True)["DBInstance"]
    assert deleted["DBInstanceStatus"] == "deleting"
    with refused("InvalidDBInstanceState"):
        rds.delete_db_instance(**name, SkipFinalSnapshot=True)
    wait(rds, "db_instance_deleted", **name)
    with refused("DBInstanceNotFound"):
        rds.describe_db_instances(**name)


def test_an_aurora_cluster_and_its_instance(client, refused, wait):
    rds = client("rds")
    cluster, instance = {"DBClusterIdentifier": "data"}, {"DBInstanceIdentifier": "writer"}
    created = rds.create_db_cluster(
        **cluster, Engine="aurora-postgresql", MasterUsername="owner", MasterUserPassword="correct-horse"
    )["DBCluster"]
    assert created["Status"] == "creating"
    with refused("InvalidDBClusterStateFault"):
        rds.modify_db_cluster(**cluster, BackupRetentionPeriod=7)
    made = rds.create_db_instance(**cluster, **instance, DBInstanceClass="db.r6g.large", Engine="aurora-postgresql")[
        "DBInstance"
    ]
    assert made["DBInstanceStatus"] == "creating"
    wait(rds, "db_cluster_available", **cluster)
    wait(rds, "db_instance_available", **instance)
    with refused("InvalidDBClusterStateFault"):
        rds.delete_db_cluster(**cluster, SkipFinalSnapshot=True)
    assert rds.delete_db_instance(**instance, SkipFinalSnapshot=True)["DBInstance"]["DBInstanceStatus"] == "deleting"
    assert rds.delete_db_cluster(**cluster, SkipFinalSnapshot=True)["DBCluster"]["Status"] == "deleting"
    wait(rds, "db_instance_deleted", **instance)
    wait(rds, "db_cluster_deleted", **cluster)


def test_a_replication_group(client, refused, wait):
    cache = client("elasticache")
    name = {"ReplicationGroupId": "sessions"}
    created = cache.create_replication_group(
        **name, ReplicationGroupDescription="sessions", Engine="redis", CacheNodeType="cache.t3.micro"
    )["ReplicationGroup"]
    assert created["Status"] == "creating"
    for refused_call in (cache.modify_replication_group, cache.delete_replication_group):
        with refused("InvalidReplicationGroupState"):
            refused_call(**name)
    wait(cache, "replication_group_available", **name)
    assert cache.delete_replication_group(**name)["ReplicationGroup"]["Status"] == "deleting"
    wait(cache, "replication_group_deleted", **name)


def test_a_cache_cluster(client, refused, wait):
    cache = client("elasticache")
    name = {"CacheClusterId": "sessions"}
    created = cache.create_cache_cluster(**name, Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1)[
        "CacheCluster"
    ]
    assert created["CacheClusterStatus"] == "creating"
    with refused("InvalidCacheClusterState"):
        cache.delete_cache_cluster(**name)
    wait(cache, "cache_cluster_available", **name)
    assert cache.delete_cache_cluster(**name)["CacheCluster"]["CacheClusterStatus"] == "deleting"
    wait(cache, "cache_cluster_deleted", **name)


def _distribution(certificate):
    return {
        "CallerReference": "site",
        "Comment": "site",
        "Enabled": True,
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "site",
                    "DomainName": "www.example.com",
                    "CustomOriginConfig": {
                        "HTTPPort": 80,
                        "HTTPSPort": 443,
                        "OriginProtocolPolicy": "https-only",
                        "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
                    },
                }
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "site",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        },
        "ViewerCertificate": {"ACMCertificateArn": certificate, "SSLSupportMethod": "sni-only"},
    }


def test_a_certificate_and_a_distribution(client, publish, refused, wait):
    acm, cloudfront = client("acm"), client("cloudfront")
    certificate = acm.request_certificate(DomainName="www.example.com", ValidationMethod="DNS")["CertificateArn"]
    described = acm.describe_certificate(CertificateArn=certificate)["Certificate"]
    assert described["Status"] == "PENDING_VALIDATION"
    assert described["DomainValidationOptions"][0]["ResourceRecord"]["Type"] == "CNAME"
    with refused("InvalidViewerCertificate"):
        cloudfront.create_distribution(DistributionConfig=_distribution(certificate))
    publish(client("route53"), described["DomainValidationOptions"][0]["ResourceRecord"])
    assert acm.describe_certificate(CertificateArn=certificate)["Certificate"]["Status"] == "PENDING_VALIDATION"
    # botocore's waiter is content with the records, before the certificate is issued.
    wait(lambda: acm.describe_certificate(CertificateArn=certificate)["Certificate"]["Status"] == "ISSUED")

    made = cloudfront.create_distribution(DistributionConfig=_distribution(certificate))
    name, tag = made["Distribution"]["Id"], {"IfMatch": made["ETag"]}
    assert made["Distribution"]["Status"] == "InProgress"
    wait(cloudfront, "distribution_deployed", Id=name)
    with refused("DistributionNotDisabled"):
        cloudfront.delete_distribution(Id=name, **tag)
    disabled = {**made["Distribution"]["DistributionConfig"], "Enabled": False}
    changed = cloudfront.update_distribution(Id=name, DistributionConfig=disabled, **tag)
    assert changed["Distribution"]["Status"] == "InProgress"
    tag = {"IfMatch": changed["ETag"]}
    with refused("DistributionNotDisabled"):
        cloudfront.delete_distribution(Id=name, **tag)
    wait(cloudfront, "distribution_deployed", Id=name)
    cloudfront.delete_distribution(Id=name, **tag)
    with refused("NoSuchDistribution"):
        cloudfront.get_distribution(Id=name)


def test_a_firehose_stream(client, refused, wait):
    firehose = client("firehose")
    name = {"DeliveryStreamName": "logs"}

    def status():
        return firehose.describe_delivery_stream(**name)["DeliveryStreamDescription"]["DeliveryStreamStatus"]

    def encryption():
        stream = firehose.describe_delivery_stream(**name)["DeliveryStreamDescription"]
        return stream["DeliveryStreamEncryptionConfiguration"]["Status"]

    statement = {"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": statement}
    role = client("iam").create_role(RoleName="firehose", AssumeRolePolicyDocument=json.dumps(trust))
    firehose.create_delivery_stream(
        **name,
        ExtendedS3DestinationConfiguration={"RoleARN": role["Role"]["Arn"], "BucketARN": "arn:aws:s3:::logs"},
    )
    assert status() == "CREATING"
    with refused("ResourceInUseException"):
        firehose.delete_delivery_stream(**name)
    with refused("ResourceInUseException"):
        firehose.start_delivery_stream_encryption(**name)
    wait(lambda: status() == "ACTIVE")
    firehose.start_delivery_stream_encryption(**name)
    assert encryption() == "ENABLING"
    wait(lambda: encryption() == "ENABLED")
    firehose.stop_delivery_stream_encryption(**name)
    assert encryption() == "DISABLING"
    wait(lambda: encryption() == "DISABLED")
    for _ in range(2):
        firehose.delete_delivery_stream(**name)
        assert status() == "DELETING"
    wait(lambda: firehose.list_delivery_streams()["DeliveryStreamNames"] == [])
    with refused("ResourceNotFoundException"):
        firehose.describe_delivery_stream(**name)


def test_a_running_sandbox_changes_its_speed(client, server, refused):
    server.clock(1)
    rds = client("rds")
    rds.create_db_instance(**INSTANCE)
    time.sleep(0.1)
    assert rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "creating"
    server.clock(0)
    assert rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "available"
    server.clock(1)
    assert rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "available"
    with pytest.raises(SandboxError, match="cannot run at -1"):
        server.clock(-1)
    assert server.status()["clock"] == 1


# At 0


def test_all_is_at_once_unless_asked_for(sandbox, publish):
    assert sandbox.status()["clock"] == 0
    account = "399999999999"
    rds, acm, cache = (sandbox.client(service, account=account) for service in ("rds", "acm", "elasticache"))
    instance = rds.create_db_instance(**INSTANCE)["DBInstance"]
    assert (instance["DBInstanceStatus"], instance["Endpoint"]["Port"]) == ("available", 5432)
    rds.delete_db_instance(DBInstanceIdentifier="data", SkipFinalSnapshot=True)
    assert rds.describe_db_instances()["DBInstances"] == []
    names = {
        "CertificateArn": acm.request_certificate(DomainName="www.example.com", ValidationMethod="DNS")[
            "CertificateArn"
        ]
    }
    validation = acm.describe_certificate(**names)["Certificate"]["DomainValidationOptions"][0]
    publish(sandbox.client("route53", account=account), validation["ResourceRecord"])
    assert acm.describe_certificate(**names)["Certificate"]["Status"] == "ISSUED"
    group = {"ReplicationGroupId": "sessions"}
    cache.create_replication_group(**group, ReplicationGroupDescription="sessions", CacheNodeType="cache.t3.micro")
    cache.delete_replication_group(**group)
    assert cache.describe_replication_groups()["ReplicationGroups"] == []


def test_the_environment_sets_the_speed_and_a_reset_keeps_it(monkeypatch):
    monkeypatch.setenv("SANDBOX_CLOCK", "60")
    with Sandbox() as sandbox:
        sandbox.reset()
        assert sandbox.status()["clock"] == 60


def test_a_bad_speed_in_the_environment(monkeypatch):
    monkeypatch.setenv("SANDBOX_CLOCK", "slow")
    with pytest.raises(SandboxError, match="cannot run at 'slow'"):
        Sandbox().start()
