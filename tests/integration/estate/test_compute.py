# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The servers of an estate, read back from the API, described otherwise, changed behind its back, taken away.

The tests of this module follow one another on one estate, which has only the layers that servers stand on.
"""

from __future__ import annotations

import base64
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from .conftest import SMALL_NETWORK, TOKYO, client

LAYERS = ("encryption", "identity", "storage", "network", "security_groups", "load_balancer", "compute")
OSAKA = "ap-northeast-3"
REGIONS = (TOKYO, OSAKA)
WEB = "shop-sandbox-web"
WORD = ("-e", "destroy_estate=shop-sandbox")
# In the primary cell one server stands alone.
JOBS = {"jobs": {"zone": "a", "instance_type": "t3.small", "volume": {"size_gib": 30}, "reboot": True}}
SERVERS = {"compute_instances": f"{{{{ {JOBS!r} if cell_region == '{TOKYO}' else {{}} }}}}"}


@pytest.fixture
def described(estate, tmp_path):
    """The argument that describes the estate of these tests, with what else it should say."""
    if "certificates" not in estate.memory:
        estate.memory["certificates"] = {
            region: estate.sandbox.client("acm", region=region).request_certificate(DomainName="origin.example.com")[
                "CertificateArn"
            ]
            for region in REGIONS
        }
    certificate = {"load_balancer_certificate_arn": f"{{{{ {estate.memory['certificates']!r}.get(cell_region, '') }}}}"}
    return lambda **variables: estate.described(tmp_path, **{**SMALL_NETWORK, **certificate, **SERVERS, **variables})


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it."""
    if not any(request["operation"] == "CreateAutoScalingGroup" for request in estate.writes()):
        estate.run("--tags", ",".join(LAYERS), described())
    return estate


def group_of(estate, region: str = TOKYO) -> dict:
    """The one Auto Scaling group of a region."""
    (group,) = client(estate, "autoscaling", region).describe_auto_scaling_groups()["AutoScalingGroups"]
    return group


def default_version(estate, name: str = WEB, region: str = TOKYO) -> dict:
    """The default version of a launch template."""
    (version,) = client(estate, "ec2", region).describe_launch_template_versions(
        LaunchTemplateName=name, Versions=["$Default"]
    )["LaunchTemplateVersions"]
    return version


def user_data(estate) -> str:
    """What the web servers run when they start."""
    return base64.b64decode(default_version(estate)["LaunchTemplateData"]["UserData"]).decode()


def instances_of(estate, name: str) -> list[dict]:
    """The instances of this name that are not on their way out."""
    filters = [
        {"Name": "tag:Name", "Values": [name]},
        {"Name": "instance-state-name", "Values": ["pending", "running", "stopped"]},
    ]
    reservations = client(estate, "ec2").describe_instances(Filters=filters)["Reservations"]
    return [instance for reservation in reservations for instance in reservation["Instances"]]


def subnets_of(estate, region: str) -> set[str]:
    """The ids of the private subnets."""
    filters = [{"Name": "tag:Name", "Values": ["shop-sandbox-private-*"]}]
    subnets = client(estate, "ec2", region).describe_subnets(Filters=filters)["Subnets"]
    return {subnet["SubnetId"] for subnet in subnets}


def test_alone_it_changes_nothing(built, described):
    assert built.run("--tags", "compute", described()).changes == set()


@pytest.mark.parametrize(
    ("name", "region", "size"), [(WEB, TOKYO, 20), (WEB, OSAKA, 20), ("shop-sandbox-jobs", TOKYO, 30)]
)
def test_rows_s5_and_s15_servers_have_no_key_imdsv2_and_encrypted_volumes(built, name, region, size):
    version = default_version(built, name, region)
    data = version["LaunchTemplateData"]
    assert "KeyName" not in data
    assert data["MetadataOptions"] == {
        "HttpEndpoint": "enabled",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
    }
    assert data["Monitoring"] == {"Enabled": True}
    key = client(built, "kms", region).describe_key(KeyId="alias/shop-sandbox-storage")["KeyMetadata"]["Arn"]
    (device,) = data["BlockDeviceMappings"]
    assert device["DeviceName"] == "/dev/xvda"
    expected = {"VolumeType": "gp3", "VolumeSize": size, "Encrypted": True, "KmsKeyId": key}
    assert expected.items() <= device["Ebs"].items()
    assert data["IamInstanceProfile"]["Arn"].endswith(":instance-profile/shop-sandbox/shop-sandbox-web")
    groups = client(built, "ec2", region).describe_security_groups(GroupIds=data["SecurityGroupIds"])["SecurityGroups"]
    assert [group["GroupName"] for group in groups] == ["shop-sandbox-web"]
    for item in data["TagSpecifications"]:
        tags = {tag["Key"]: tag["Value"] for tag in item["Tags"]}
        assert (tags["Name"], tags["Layer"], tags["Estate"]) == (name, "compute", "shop")
    assert {item["ResourceType"] for item in data["TagSpecifications"]} == {"instance", "network-interface", "volume"}
    parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    assert data["ImageId"] == client(built, "ssm", region).get_parameter(Name=parameter)["Parameter"]["Value"]


def test_the_storage_key_lets_volumes_be_made_by_whoever_may_use_ec2(built):
    """Auto Scaling's service-linked role, too."""
    kms = client(built, "kms")
    key = kms.describe_key(KeyId="alias/shop-sandbox-storage")["KeyMetadata"]["KeyId"]
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    for needed in ("kms:CreateGrant", "kms:GrantIsForAWSResource", "ec2.ap-northeast-1.amazonaws.com"):
        assert needed in policy
    assert '"AWS":"*"' in policy.replace(" ", "")


@pytest.mark.parametrize(("region", "sizes"), [(TOKYO, (2, 4, 2)), (OSAKA, (0, 0, 0))])
def test_row_r3_servers_in_every_zone_and_none_where_the_cell_only_waits(built, region, sizes):
    group = group_of(built, region)
    assert (group["MinSize"], group["MaxSize"], group["DesiredCapacity"]) == sizes
    assert group["AutoScalingGroupName"] == WEB
    assert set(group["VPCZoneIdentifier"].split(",")) == subnets_of(built, region)
    # A number, because a failed refresh can be rolled back from one number to another only.
    assert group["LaunchTemplate"]["Version"] == str(default_version(built, region=region)["VersionNumber"])
    assert group["TerminationPolicies"] == ["OldestLaunchTemplate", "Default"]
    assert {tag["Key"] for tag in group["Tags"] if tag["PropagateAtLaunch"]} >= {"Name", "Estate", "Layer"}
    assert {instance["LifecycleState"] for instance in group["Instances"]} <= {"InService"}
    assert len({instance["AvailabilityZone"] for instance in group["Instances"]}) == min(2, sizes[2])
    policies = client(built, "autoscaling", region).describe_policies(AutoScalingGroupName=WEB)["ScalingPolicies"]
    targets = {policy["PolicyName"]: policy["TargetTrackingConfiguration"] for policy in policies}
    assert {name: target["TargetValue"] for name, target in targets.items()} == {"cpu": 50, "requests": 1000}
    elbv2 = client(built, "elbv2", region)
    balancer = elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"].partition("loadbalancer/")[2]
    target_group = elbv2.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"].rpartition(":")[2]
    metric = targets["requests"]["PredefinedMetricSpecification"]
    assert metric == {
        "PredefinedMetricType": "ALBRequestCountPerTarget",
        "ResourceLabel": f"{balancer}/{target_group}",
    }


def test_row_r4_the_load_balancer_finds_sick_servers(built):
    group = group_of(built)
    target_group = client(built, "elbv2").describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]
    assert (group["HealthCheckType"], group["HealthCheckGracePeriod"]) == ("ELB", 600)
    assert group["TargetGroupARNs"] == [target_group]
    health = client(built, "elbv2").describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
    assert {target["Target"]["Id"] for target in health} == {item["InstanceId"] for item in group["Instances"]}


def test_row_r5_a_server_that_stands_alone_is_recovered(built):
    (instance,) = instances_of(built, "shop-sandbox-jobs")
    assert instance["InstanceType"] == "t3.small"
    assert instance["SubnetId"] in subnets_of(built, TOKYO)
    alarms = client(built, "cloudwatch").describe_alarms(AlarmNamePrefix="shop-sandbox-jobs")["MetricAlarms"]
    found = {
        alarm["AlarmName"]: (alarm["MetricName"], alarm["AlarmActions"], alarm["EvaluationPeriods"]) for alarm in alarms
    }
    automate = "arn:aws:automate:ap-northeast-1:ec2"
    assert found == {
        "shop-sandbox-jobs-recover": ("StatusCheckFailed_System", [f"{automate}:recover"], 2),
        "shop-sandbox-jobs-reboot": ("StatusCheckFailed_Instance", [f"{automate}:reboot"], 3),
    }
    assert all(alarm["Dimensions"] == [{"Name": "InstanceId", "Value": instance["InstanceId"]}] for alarm in alarms)


def test_a_server_without_an_application_answers_health_checks(built, tmp_path):
    """Its user data is run here, in other folders and on another port, with a systemctl that does nothing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    (tmp_path / "systemctl").symlink_to("/bin/true")
    script = user_data(built)
    for folder in ("/var/www/placeholder", "/etc/systemd/system"):
        script = script.replace(folder, str(tmp_path))
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(["sh"], input=script, text=True, check=True, env={**os.environ, "PATH": path})
    unit = (tmp_path / "placeholder.service").read_text()
    program, *arguments = re.search("ExecStart=(.*)", unit)[1].split()
    assert (program, arguments[-1]) == ("/usr/bin/python3", "80")
    with subprocess.Popen([sys.executable, *arguments[:-1], "--bind", "127.0.0.1", port]) as server:
        try:
            assert page_of(f"http://127.0.0.1:{port}/health") == "ok\n"
        finally:
            server.terminate()


def page_of(url: str) -> str:
    """What a server that is only starting answers in the end."""
    for _attempt in range(100):
        try:
            with urllib.request.urlopen(url) as page:
                return page.read().decode()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer.")


MIXED = {"overrides": [{"instance_type": "t3.small"}, {"instance_type": "t3a.small"}], "on_demand_percent": 50}
MORNING = {"name": "morning", "recurrence": "0 8 * * 1-5", "time_zone": "Asia/Tokyo", "min_size": 3}
TEMPLATE = ("Keep the launch templates", "web")
GROUP = ("Keep the group of web servers", "")

# What is described otherwise, and what that is to touch.
CHANGES = {
    "another type": ({"compute_instance_type": "t3.small"}, {TEMPLATE, GROUP}),
    "an image of our own": ({"compute_image": {"golden": True}}, {TEMPLATE, GROUP}),
    "user data": ({"compute_user_data": "#!/bin/sh\necho ready\n"}, {TEMPLATE, GROUP}),
    "more servers": ({"compute_sizes": {"min": 2, "max": 6, "desired": 3}}, {GROUP}),
    "Spot Instances": ({"compute_mixed_instances": MIXED}, {GROUP}),
    "a warm pool": ({"compute_warm_pool": {"min_size": 1}}, {GROUP}),
    "a lifecycle hook": (
        {
            "compute_lifecycle_hooks": [
                {"name": "drain", "transition": "autoscaling:EC2_INSTANCE_TERMINATING", "heartbeat_timeout": 300}
            ]
        },
        {GROUP},
    ),
    "busier processors": ({"compute_cpu_target_percent": 60}, {("Keep the scaling policies", "cpu")}),
    "requests do not count": ({"compute_requests_target": 0}, {("Keep the scaling policies", "requests")}),
    "another server alone": (
        {"compute_instances": SERVERS["compute_instances"].replace("t3.small", "t3.medium").replace("True", "False")},
        {
            ("Keep the launch templates", "jobs"),
            ("Keep the servers that stand alone", "jobs"),
            ("Let alarms reboot those that want it when they do not answer", "jobs"),
        },
    ),
}
GOLDEN = {"shop-sandbox-web-2": "web", "shop-sandbox-jobs-1": "jobs"}


def test_a_change_of_the_description_changes_that_and_nothing_else(built, described):
    ec2 = client(built, "ec2")
    image = default_version(built)["LaunchTemplateData"]["ImageId"]
    ours = {name: ec2.copy_image(Name=name, SourceImageId=image, SourceRegion=TOKYO)["ImageId"] for name in GOLDEN}
    before = group_of(built)
    variables = {name: value for given, _ in CHANGES.values() for name, value in given.items()}
    expected = set().union(*(touched for _, touched in CHANGES.values()))
    # What runs always, preflight and the summary, is left out to save time.
    alone = ("--tags", "compute", "--limit", "tokyo", "--skip-tags", "always")
    arguments = (*alone, described(**variables))
    planned = built.run("--check", "--diff", *arguments)
    assert planned.touched == expected
    assert '"instance_type": "t3.small"' in planned.output
    assert built.run(*arguments).touched == expected
    assert built.run(*arguments).touched == set()

    data = default_version(built)["LaunchTemplateData"]
    assert (data["ImageId"], data["InstanceType"]) == (ours["shop-sandbox-web-2"], "t3.small")
    assert user_data(built) == "#!/bin/sh\necho ready\n"
    group = group_of(built)
    assert (group["MaxSize"], group["DesiredCapacity"]) == (6, 3)
    distribution = group["MixedInstancesPolicy"]["InstancesDistribution"]
    assert distribution["OnDemandPercentageAboveBaseCapacity"] == 50
    assert group["CapacityRebalance"]
    assert group["WarmPoolConfiguration"]["MinSize"] == 1
    # The new image is rolled out, and would be rolled back.
    scaling = client(built, "autoscaling")
    refresh = scaling.describe_instance_refreshes(AutoScalingGroupName=WEB)["InstanceRefreshes"][0]
    assert (refresh["Status"], refresh["Preferences"]["AutoRollback"]) == ("Successful", True)
    assert {item["InstanceId"] for item in group["Instances"]}.isdisjoint(
        item["InstanceId"] for item in before["Instances"]
    )
    policies = scaling.describe_policies(AutoScalingGroupName=WEB)["ScalingPolicies"]
    assert [policy["PolicyName"] for policy in policies] == ["cpu"]
    (instance,) = instances_of(built, "shop-sandbox-jobs")
    assert instance["InstanceType"] == "t3.medium"

    # What is no longer described goes away, and the size is the schedule's from now on.
    back = (*alone, described(compute_schedules=[MORNING]))
    assert built.run(*back).touched == expected | {("Keep the schedules", "")}
    assert "placeholder.service" in user_data(built)
    assert "MixedInstancesPolicy" not in group_of(built)
    scaling.update_auto_scaling_group(AutoScalingGroupName=WEB, MinSize=3, DesiredCapacity=3)
    assert built.run(*back).touched == set()
    assert group_of(built)["MinSize"] == 3


def test_drift_is_seen_and_put_back(built, described):
    ec2, scaling, cloudwatch = (client(built, service) for service in ("ec2", "autoscaling", "cloudwatch"))
    made = ec2.create_launch_template_version(
        LaunchTemplateName=WEB,
        SourceVersion="$Default",
        LaunchTemplateData={"MetadataOptions": {"HttpTokens": "optional"}, "KeyName": "theirs"},
    )["LaunchTemplateVersion"]["VersionNumber"]
    ec2.modify_launch_template(LaunchTemplateName=WEB, DefaultVersion=str(made))
    scaling.update_auto_scaling_group(AutoScalingGroupName=WEB, HealthCheckType="EC2", MaxSize=9)
    scaling.delete_policy(AutoScalingGroupName=WEB, PolicyName="requests")
    scaling.put_scheduled_update_group_action(
        AutoScalingGroupName=WEB, ScheduledActionName="theirs", Recurrence="0 0 * * *", MaxSize=9
    )
    (instance,) = instances_of(built, "shop-sandbox-jobs")
    ec2.stop_instances(InstanceIds=[instance["InstanceId"]])
    cloudwatch.delete_alarms(AlarmNames=["shop-sandbox-jobs-recover"])
    expected = {
        TEMPLATE,
        GROUP,
        ("Keep the scaling policies", "requests"),
        ("Keep the schedules", ""),
        ("Keep the servers that stand alone", "jobs"),
        ("Let alarms recover them when AWS's own hardware fails", "jobs"),
    }
    arguments = ("--tags", "compute", "--limit", "tokyo", "--skip-tags", "always", described())
    seen = built.run("--check", "--diff", *arguments)
    assert seen.touched == expected
    assert '"key_name": "theirs"' in seen.output
    assert built.run(*arguments).touched == expected
    assert built.run(*arguments).touched == set()
    assert "KeyName" not in default_version(built)["LaunchTemplateData"]
    assert group_of(built)["MaxSize"] == 4


def test_servers_that_stand_alone_are_data_and_what_all_stand_on_stays(built, described):
    below = built.attempt("--tags", "load_balancer", *WORD, described(), playbook="playbooks/destroy.yml")
    assert "Nothing was touched. The layer compute stands on" in below.output
    data = built.attempt("--tags", "compute", *WORD, described(), playbook="playbooks/destroy.yml")
    assert "In tokyo this would delete data: the server jobs." in data.output
    assert below.returncode != 0 and data.returncode != 0
    assert instances_of(built, "shop-sandbox-jobs")


def test_it_is_taken_away_and_nothing_else_is(built, described):
    arguments = ("--tags", "compute", *WORD, "-e", "destroy_data=data", described())
    built.run(*arguments, playbook="playbooks/destroy.yml")
    for region in REGIONS:
        assert client(built, "autoscaling", region).describe_auto_scaling_groups()["AutoScalingGroups"] == []
        assert client(built, "ec2", region).describe_launch_templates()["LaunchTemplates"] == []
        assert client(built, "cloudwatch", region).describe_alarms()["MetricAlarms"] == []
        assert client(built, "elbv2", region).describe_load_balancers()["LoadBalancers"]
    assert instances_of(built, WEB) == instances_of(built, "shop-sandbox-jobs") == []
