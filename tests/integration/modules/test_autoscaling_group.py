# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import threading
import time

import pytest

from .conftest import REGION, Story

MODULE = "autoscaling_group"
HOOK = {"name": "launching", "transition": "autoscaling:EC2_INSTANCE_LAUNCHING", "heartbeat_timeout": 300}
# The ids of instances and refreshes, and how far a refresh is, are AWS's to say.
UNPREDICTABLE = frozenset({"arn", "instance_refresh"})


@pytest.fixture
def ec2(sandbox):
    return sandbox.client("ec2", REGION)


@pytest.fixture
def scaling(sandbox):
    return sandbox.client("autoscaling", REGION)


@pytest.fixture
def subnets(ec2):
    return [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]


@pytest.fixture
def new_version(ec2):
    """Makes a version of the launch template, the first one with the template, and answers its number."""
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    name = "example-web"

    def make():
        data = {"ImageId": image, "InstanceType": "t3.micro"}
        if not ec2.describe_launch_templates()["LaunchTemplates"]:
            ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
            return "1"
        answer = ec2.create_launch_template_version(LaunchTemplateName=name, LaunchTemplateData=data)
        return str(answer["LaunchTemplateVersion"]["VersionNumber"])

    make()
    return make


@pytest.fixture
def group(new_version, subnets):
    return {
        "name": "example-web",
        "launch_template": {"launch_template_name": "example-web", "version": "1"},
        "min_size": 2,
        "max_size": 4,
        "subnet_ids": subnets,
    }


@pytest.fixture
def target_groups(sandbox, ec2):
    elb = sandbox.client("elbv2", REGION)
    vpc_id = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = [elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc_id) for name in ("blue", "green")]
    return [answer["TargetGroups"][0]["TargetGroupArn"] for answer in made]


def instances(scaling):
    return scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"]


def test_story(modules, group, new_version, subnets, target_groups):
    version = new_version()

    def drift(sandbox):
        scaling = sandbox.client("autoscaling", REGION)
        scaling.update_auto_scaling_group(
            AutoScalingGroupName="example-web", HealthCheckType="EC2", MaxSize=3, VPCZoneIdentifier=subnets[0]
        )
        scaling.detach_load_balancer_target_groups(
            AutoScalingGroupName="example-web", TargetGroupARNs=target_groups[1:]
        )
        scaling.put_lifecycle_hook(
            AutoScalingGroupName="example-web", LifecycleHookName="launching", HeartbeatTimeout=60
        )

    modules.tell(
        Story(
            module=MODULE,
            returns="auto_scaling_group",
            identity={"name": "example-web"},
            present={
                **group,
                "target_group_arns": target_groups[:1],
                "health_check_type": "ELB",
                "health_check_grace_period": 300,
                "enabled_metrics": ["GroupMinSize", "GroupInServiceInstances"],
                "lifecycle_hooks": [
                    HOOK,
                    {**HOOK, "name": "ending", "transition": "autoscaling:EC2_INSTANCE_TERMINATING"},
                ],
                "tags": {"Environment": "test"},
            },
            changes=(
                {"launch_template": {"launch_template_name": "example-web", "version": version}},
                {"min_size": 3},
                {"desired_capacity": 4},
                {"subnet_ids": subnets[:1]},
                {"subnet_ids": subnets, "target_group_arns": target_groups},
                {
                    "termination_policies": ["OldestLaunchTemplate", "Default"],
                    "default_cooldown": 60,
                    "default_instance_warmup": 0,
                    "capacity_rebalance": True,
                    "max_instance_lifetime": 604800,
                    "new_instances_protected_from_scale_in": True,
                },
                {"default_instance_warmup": -1, "max_instance_lifetime": 0},
                {"enabled_metrics": ["GroupMinSize", "GroupMaxSize"]},
                {"lifecycle_hooks": [{**HOOK, "default_result": "CONTINUE", "notification_metadata": "web"}]},
                {"lifecycle_hooks": [{**HOOK, "default_result": "CONTINUE"}]},
                {"warm_pool": {"min_size": 1}},
                {"warm_pool": {"pool_state": "Running", "reuse_on_scale_in": True}},
                {"warm_pool": {}},
                {"tags": {"Environment": "changed", "Number": 1}},
                {"propagate_at_launch": False},
            ),
            drift=drift,
            unpredictable=UNPREDICTABLE,
        )
    )


def test_story_of_mixed_instances(modules, group, ec2, sandbox):
    arm = {"launch_template_name": "example-arm"}
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.create_launch_template(LaunchTemplateName="example-arm", LaunchTemplateData={"ImageId": image})

    def drift(sandbox):
        sandbox.client("autoscaling", REGION).update_auto_scaling_group(
            AutoScalingGroupName="example-web",
            LaunchTemplate={"LaunchTemplateName": "example-web", "Version": "1"},
        )

    modules.tell(
        Story(
            module=MODULE,
            returns="auto_scaling_group",
            identity={"name": "example-web"},
            present={
                **group,
                "mixed_instances_policy": {
                    "overrides": [
                        {"instance_type": "t3.small"},
                        {"instance_type": "t4g.small", "launch_template": arm},
                    ],
                    "instances_distribution": {"on_demand_base_capacity": 1},
                },
            },
            changes=(
                {
                    "mixed_instances_policy": {
                        "instances_distribution": {
                            "on_demand_percentage_above_base_capacity": 50,
                            "spot_allocation_strategy": "price-capacity-optimized",
                        }
                    }
                },
                {"mixed_instances_policy": {"overrides": [{"instance_type": "t3.small", "weighted_capacity": 1}]}},
                {"mixed_instances_policy": {}},
                {"mixed_instances_policy": {"overrides": [{"instance_type": "t3.small"}]}},
            ),
            drift=drift,
            unpredictable=UNPREDICTABLE,
        )
    )


def test_story_of_instance_refreshes(modules, group, new_version):
    versions = [new_version() for _ in range(2)]
    template = group["launch_template"]

    def drift(sandbox):
        new_version()

    modules.tell(
        Story(
            module=MODULE,
            returns="auto_scaling_group",
            identity={"name": "example-web"},
            present={**group, "instance_refresh": {"min_healthy_percentage": 50}},
            changes=(
                {"launch_template": {**template, "version": versions[0]}},
                {
                    "launch_template": {**template, "version": versions[1]},
                    "max_size": 6,
                    "instance_refresh": {"auto_rollback": True, "skip_matching": True},
                },
                {"launch_template": {**template, "version": "$Latest"}, "instance_refresh": {}},
            ),
            # A new version is one more reason to replace the instances, though the group stays as it is.
            drift=drift,
            unpredictable=UNPREDICTABLE,
        )
    )


def test_sizes_that_scaling_policies_own(modules, group, scaling):
    modules.run(MODULE, **group)
    scaling.set_desired_capacity(AutoScalingGroupName="example-web", DesiredCapacity=4)
    assert not modules.run(MODULE, **group)["changed"]
    smaller = modules.run(MODULE, **{**group, "max_size": 3})["auto_scaling_group"]
    assert (smaller["max_size"], smaller["desired_capacity"]) == (3, 3)


def test_target_groups_of_others(modules, group, scaling, target_groups):
    mine = {**group, "target_group_arns": target_groups[:1], "purge_target_groups": False}
    modules.run(MODULE, **mine)
    scaling.attach_load_balancer_target_groups(AutoScalingGroupName="example-web", TargetGroupARNs=target_groups[1:])
    assert not modules.run(MODULE, **mine)["changed"]
    purged = modules.run(MODULE, **{**mine, "purge_target_groups": True})
    assert purged["auto_scaling_group"]["target_group_arns"] == target_groups[:1]


def test_tags_reach_the_instances(modules, group, scaling, ec2):
    modules.run(MODULE, **group, tags={"Environment": "test"})
    scaling.create_or_update_tags(
        Tags=[
            {
                "ResourceId": "example-web",
                "ResourceType": "auto-scaling-group",
                "Key": "Other",
                "Value": "kept",
                "PropagateAtLaunch": False,
            }
        ]
    )
    kept = modules.run(MODULE, **group, tags={"Number": 1}, purge_tags=False)["auto_scaling_group"]
    assert kept["tags"] == {"Environment": "test", "Other": "kept", "Number": "1"}
    assert kept["propagated_tags"] == ["Environment", "Number"]
    found = ec2.describe_tags(Filters=[{"Name": "resource-type", "Values": ["instance"]}])["Tags"]
    assert {tag["Value"] for tag in found if tag["Key"] == "Environment"} == {"test"}


def test_foretold_with_what_is_not_there_yet(modules, group):
    absent = {"launch_template": {"launch_template_id": "lt-00000000000000000"}, "subnet_ids": ["subnet-0"]}
    foretold = modules.run(MODULE, check=True, **{**group, **absent}, instance_refresh={})
    assert foretold["auto_scaling_group"]["launch_template"] == {
        "launch_template_id": "lt-00000000000000000",
        "launch_template_name": None,
        "version": "$Default",
    }


@pytest.fixture
def slow(sandbox):
    """Lets the sandbox be as slow as AWS, and answers a function that makes all arrive after a moment."""
    sandbox.clock(1)
    timers = []

    def arrive_soon():
        timers.append(threading.Timer(2, lambda: sandbox.clock(0)))
        timers[-1].start()

    yield arrive_soon
    for timer in timers:
        timer.join()
    sandbox.clock(0)


def test_waits_for_the_instances(modules, group, scaling, slow):
    modules.run(MODULE, **group)
    assert {instance["LifecycleState"] for instance in instances(scaling)} == {"Pending"}
    slow()
    assert not modules.run(MODULE, name="example-web", wait=True)["changed"]
    assert {instance["LifecycleState"] for instance in instances(scaling)} == {"InService"}


def test_waits_no_longer_than_asked(modules, group, slow):
    answer = modules.attempt(MODULE, **group, wait=True, wait_timeout=1)
    assert "Timeout trying to see the Auto Scaling group example-web in_service" in answer["msg"]


def test_one_instance_refresh_after_the_other(modules, sandbox, group, scaling, new_version, slow):
    sandbox.clock(0)
    modules.run(MODULE, **group)
    sandbox.clock(1)
    second, third = (
        {**group, "launch_template": {**group["launch_template"], "version": new_version()}, "instance_refresh": {}}
        for _ in range(2)
    )
    started = modules.run(MODULE, **second)
    assert started["auto_scaling_group"]["launch_template"]["version"] == "2"
    assert started["auto_scaling_group"]["instance_refresh"]["status"] == "InProgress"
    # It is on its way: there is nothing more to do, and nothing to foretell.
    for check in (True, False):
        assert not modules.run(MODULE, check=check, **second)["changed"]
    for check in (True, False):
        assert "An instance refresh of example-web is InProgress, 0 %" in modules.attempt(MODULE, check, **third)["msg"]
    slow()
    waited = modules.run(MODULE, **third, wait=True)["auto_scaling_group"]
    assert waited["instance_refresh"]["status"] == "Successful"
    assert {instance["LaunchTemplate"]["Version"] for instance in instances(scaling)} == {"3"}


def test_an_instance_refresh_that_fails_is_told_and_started_again(modules, sandbox, group, scaling, new_version, slow):
    sandbox.clock(0)
    modules.run(MODULE, **group)
    sandbox.clock(1)
    second = {
        **group,
        "launch_template": {**group["launch_template"], "version": new_version()},
        "instance_refresh": {},
    }
    modules.run(MODULE, **second)

    def cancel():
        time.sleep(2)
        scaling.cancel_instance_refresh(AutoScalingGroupName="example-web")

    canceller = threading.Thread(target=cancel)
    canceller.start()
    answer = modules.attempt(MODULE, **second, wait=True)
    canceller.join()
    assert "The instance refresh of example-web is Cancelled: Cancelled due to user request." in answer["msg"]
    sandbox.clock(0)
    again = modules.run(MODULE, **second)
    assert again["changed"]
    assert len(again["diff"]["before"]["outdated_instances"]) == 2


def test_deleted_in_order_or_by_force(modules, group, scaling):
    protected = {"new_instances_protected_from_scale_in": True, "warm_pool": {"min_size": 1}}
    for force_delete in (True, False):
        modules.run(MODULE, **group, **protected)
        assert modules.run(MODULE, name="example-web", state="absent", force_delete=force_delete)["changed"]
        assert not scaling.describe_auto_scaling_groups()["AutoScalingGroups"]


def test_deleted_with_who_is_on_standby_and_told_of_it_before(modules, group, scaling):
    modules.run(MODULE, **group)
    modules.run("autoscaling_group_maintenance", name="example-web")
    scaling.enter_standby(
        AutoScalingGroupName="example-web",
        InstanceIds=[instances(scaling)[0]["InstanceId"]],
        ShouldDecrementDesiredCapacity=True,
    )
    answer = modules.run(MODULE, name="example-web", tags={"Environment": "test"})
    assert "run it again, which puts the group right" in answer["warnings"][0]
    [found] = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert {tag["Key"] for tag in found["Tags"]} == {"Environment", "Maintenance"}
    assert modules.run(MODULE, name="example-web", state="absent")["changed"]
    assert not scaling.describe_auto_scaling_groups()["AutoScalingGroups"]


def test_a_group_that_is_being_deleted(modules, group, scaling, slow):
    modules.run(MODULE, **group)
    scaling.delete_auto_scaling_group(AutoScalingGroupName="example-web", ForceDelete=True)
    assert "is being deleted" in modules.attempt(MODULE, **{**group, "max_size": 5})["msg"]
    slow()
    assert modules.run(MODULE, name="example-web", state="absent")["changed"]
    assert not scaling.describe_auto_scaling_groups()["AutoScalingGroups"]


def test_refused(modules, group):
    assert (
        "To create it, give min_size, subnet_ids"
        in modules.attempt(MODULE, **{**group, "min_size": None, "subnet_ids": None})["msg"]
    )
    assert (
        "mixed_instances_policy needs overrides"
        in modules.attempt(
            MODULE, **group, mixed_instances_policy={"instances_distribution": {"on_demand_base_capacity": 1}}
        )["msg"]
    )
    modules.run(MODULE, **group)
    latest = {**group, "launch_template": {"launch_template_name": "example-web", "version": "$Latest"}}
    assert (
        "AWS rolls back only between versions that are numbers"
        in modules.attempt(MODULE, **latest, instance_refresh={"auto_rollback": True})["msg"]
    )
