# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What EC2 Auto Scaling answers, where moto lacks it or has it wrong."""

import pytest

REGION = "ap-northeast-1"
HOOK = {"LifecycleHookName": "example", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}


@pytest.fixture
def ec2(client):
    return client("ec2", REGION)


@pytest.fixture
def scaling(client):
    return client("autoscaling", REGION)


@pytest.fixture
def image(ec2):
    return ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]


@pytest.fixture
def template(ec2, image):
    data = {"ImageId": image, "InstanceType": "t3.micro"}
    return ec2.create_launch_template(LaunchTemplateName="example", LaunchTemplateData=data)["LaunchTemplate"]


def new_version(ec2, template, image):
    ec2.create_launch_template_version(
        LaunchTemplateId=template["LaunchTemplateId"],
        LaunchTemplateData={"ImageId": image, "InstanceType": "t3.small"},
    )


def specification(template, version="1"):
    return {"LaunchTemplateId": template["LaunchTemplateId"], "Version": version}


@pytest.fixture
def create(scaling, template):
    def create(name="example", **arguments):
        defaults = {"MinSize": 1, "MaxSize": 3, "AvailabilityZones": [f"{REGION}a"]}
        if "MixedInstancesPolicy" not in arguments:
            defaults["LaunchTemplate"] = specification(template)
        scaling.create_auto_scaling_group(AutoScalingGroupName=name, **{**defaults, **arguments})
        return describe(scaling, name)

    return create


def describe(scaling, name="example"):
    found = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return found[0] if found else None


def test_settings_of_a_new_group(create):
    plain = create("plain")
    assert plain["HealthCheckGracePeriod"] == 0
    assert not {"DefaultInstanceWarmup", "MaxInstanceLifetime"} & plain.keys()
    group = create(DefaultInstanceWarmup=0, MaxInstanceLifetime=86400, CapacityRebalance=True)
    assert (group["DefaultInstanceWarmup"], group["MaxInstanceLifetime"]) == (0, 86400)
    assert group["CapacityRebalance"] is True


def test_settings_can_be_changed_and_taken_away(scaling, create):
    create(DefaultInstanceWarmup=60, MaxInstanceLifetime=86400)
    scaling.update_auto_scaling_group(
        AutoScalingGroupName="example",
        DefaultCooldown=60,
        TerminationPolicies=["OldestInstance"],
        CapacityRebalance=True,
        DefaultInstanceWarmup=-1,
        MaxInstanceLifetime=0,
    )
    group = describe(scaling)
    assert (group["DefaultCooldown"], group["TerminationPolicies"]) == (60, ["OldestInstance"])
    assert group["CapacityRebalance"] is True
    assert not {"DefaultInstanceWarmup", "MaxInstanceLifetime"} & group.keys()


def test_a_name_is_taken_once(create, refused):
    create()
    with refused("AlreadyExists"):
        create()


@pytest.mark.parametrize("sizes", [{"MinSize": 4}, {"DesiredCapacity": 4}, {"DesiredCapacity": 0}])
def test_impossible_sizes(create, scaling, refused, sizes):
    with refused("ValidationError"):
        create(**sizes)
    create()
    with refused("ValidationError"):
        scaling.update_auto_scaling_group(AutoScalingGroupName="example", **sizes)


def test_a_mixed_instances_policy_stays_until_it_is_replaced(scaling, create, template):
    policy = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": specification(template),
            "Overrides": [
                {"InstanceType": "t3.small"},
                {"InstanceType": "t3a.small", "LaunchTemplateSpecification": {"LaunchTemplateName": "example"}},
            ],
        },
        "InstancesDistribution": {"OnDemandBaseCapacity": 1},
    }
    assert "LaunchTemplate" not in create(MixedInstancesPolicy=policy)
    scaling.update_auto_scaling_group(AutoScalingGroupName="example", MaxSize=2)
    plain, with_template = describe(scaling)["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"]
    assert plain == {"InstanceType": "t3.small"}
    assert with_template["LaunchTemplateSpecification"]["LaunchTemplateId"] == template["LaunchTemplateId"]
    scaling.update_auto_scaling_group(AutoScalingGroupName="example", LaunchTemplate=specification(template))
    group = describe(scaling)
    assert "MixedInstancesPolicy" not in group
    assert group["LaunchTemplate"]["Version"] == "1"


def test_metrics(scaling, create, refused):
    create()

    def enabled():
        return {metric["Metric"] for metric in describe(scaling)["EnabledMetrics"]}

    def enable(*metrics):
        named = {"Metrics": list(metrics)} if metrics else {}
        scaling.enable_metrics_collection(AutoScalingGroupName="example", Granularity="1Minute", **named)

    enable("GroupMinSize")
    enable("GroupMaxSize", "GroupMinSize")
    assert enabled() == {"GroupMinSize", "GroupMaxSize"}
    scaling.disable_metrics_collection(AutoScalingGroupName="example", Metrics=["GroupMinSize"])
    assert enabled() == {"GroupMaxSize"}
    enable()
    assert len(enabled()) == 20
    scaling.disable_metrics_collection(AutoScalingGroupName="example")
    assert enabled() == set()
    with refused("ValidationError"):
        enable("GroupSize")


def test_lifecycle_hooks(scaling, create, refused):
    create(LifecycleHookSpecificationList=[{**HOOK, "HeartbeatTimeout": 60}])

    def hooks():
        return scaling.describe_lifecycle_hooks(AutoScalingGroupName="example")["LifecycleHooks"]

    assert hooks() == [
        {
            **HOOK,
            "AutoScalingGroupName": "example",
            "HeartbeatTimeout": 60,
            "GlobalTimeout": 6000,
            "DefaultResult": "ABANDON",
        }
    ]
    scaling.put_lifecycle_hook(AutoScalingGroupName="example", LifecycleHookName="example", DefaultResult="CONTINUE")
    assert (hooks()[0]["HeartbeatTimeout"], hooks()[0]["DefaultResult"]) == (60, "CONTINUE")
    with refused("ValidationError"):
        scaling.put_lifecycle_hook(AutoScalingGroupName="example", LifecycleHookName="other")
    with refused("ValidationError"):
        scaling.put_lifecycle_hook(AutoScalingGroupName="other", **HOOK)


def test_groups_have_their_own_policies(scaling, create, refused):
    tracking = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 1}
    policy = {"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": tracking}
    for name in ("first", "second"):
        create(name)
        scaling.put_scaling_policy(AutoScalingGroupName=name, **policy, Enabled=name == "first")

    def policies():
        found = scaling.describe_policies(PolicyNames=["cpu"])["ScalingPolicies"]
        return {policy["AutoScalingGroupName"]: policy for policy in found}

    assert policies()["first"]["TargetTrackingConfiguration"]["DisableScaleIn"] is False
    assert [policy["Enabled"] for policy in policies().values()] == [True, False]
    scaling.delete_policy(AutoScalingGroupName="second", PolicyName="cpu")
    assert list(policies()) == ["first"]
    with refused("ValidationError"):
        scaling.delete_policy(AutoScalingGroupName="second", PolicyName="cpu")
    with refused("ValidationError"):
        scaling.put_scaling_policy(AutoScalingGroupName="third", **policy)


def test_a_policy_is_executed_in_its_group(scaling, create):
    for name in ("first", "second"):
        create(name)
        scaling.put_scaling_policy(
            AutoScalingGroupName=name, PolicyName="out", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1
        )
    scaling.execute_policy(AutoScalingGroupName="first", PolicyName="out")
    assert [describe(scaling, name)["DesiredCapacity"] for name in ("first", "second")] == [2, 1]


def test_deleted_by_force_or_when_it_is_empty(scaling, create, refused):
    create("first")
    with refused("ResourceInUse"):
        scaling.delete_auto_scaling_group(AutoScalingGroupName="first")
    scaling.update_auto_scaling_group(AutoScalingGroupName="first", MinSize=0, DesiredCapacity=0)
    scaling.delete_auto_scaling_group(AutoScalingGroupName="first")
    create("second", LifecycleHookSpecificationList=[HOOK], NewInstancesProtectedFromScaleIn=True)
    scaling.delete_auto_scaling_group(AutoScalingGroupName="second", ForceDelete=True)
    assert describe(scaling, "first") is describe(scaling, "second") is None
    assert not scaling.describe_auto_scaling_instances()["AutoScalingInstances"]
    with refused("ValidationError"):
        scaling.delete_auto_scaling_group(AutoScalingGroupName="first")


def test_deletion_takes_its_time(sandbox, scaling, create, refused):
    create()
    sandbox.clock(1)
    try:
        scaling.delete_auto_scaling_group(AutoScalingGroupName="example", ForceDelete=True)
        assert describe(scaling)["Status"] == "Delete in progress"
        with refused("ValidationError"):
            scaling.update_auto_scaling_group(AutoScalingGroupName="example", MaxSize=2)
    finally:
        sandbox.clock(0)
    assert describe(scaling) is None


def test_instances_are_in_service_once_they_run(sandbox, scaling, create):
    sandbox.clock(1)
    try:
        assert [instance["LifecycleState"] for instance in create()["Instances"]] == ["Pending"]
        scaling.update_auto_scaling_group(AutoScalingGroupName="example", DesiredCapacity=2)
        assert len(describe(scaling)["Instances"]) == 2
    finally:
        sandbox.clock(0)
    assert {instance["LifecycleState"] for instance in describe(scaling)["Instances"]} == {"InService"}


def versions(group):
    return [instance["LaunchTemplate"]["Version"] for instance in group["Instances"]]


def test_instances_keep_the_version_that_they_were_launched_with(scaling, ec2, create, template, image):
    create(LaunchTemplate=specification(template, "$Latest"))
    new_version(ec2, template, image)
    scaling.update_auto_scaling_group(AutoScalingGroupName="example", DesiredCapacity=2)
    assert versions(describe(scaling)) == ["1", "2"]


def test_an_instance_refresh_replaces_what_does_not_match(scaling, ec2, create, template, image):
    create(DesiredCapacity=2)
    new_version(ec2, template, image)

    def refresh():
        return scaling.start_instance_refresh(
            AutoScalingGroupName="example",
            DesiredConfiguration={"LaunchTemplate": specification(template, "2")},
            Preferences={"SkipMatching": True, "AutoRollback": True},
        )["InstanceRefreshId"]

    first = refresh()
    group = describe(scaling)
    assert versions(group) == ["2", "2"]
    assert group["LaunchTemplate"]["Version"] == "2"
    second = refresh()
    assert describe(scaling)["Instances"] == group["Instances"]
    page = scaling.describe_instance_refreshes(AutoScalingGroupName="example", MaxRecords=1)
    rest = scaling.describe_instance_refreshes(AutoScalingGroupName="example", NextToken=page["NextToken"])
    assert "NextToken" not in rest
    found = [*page["InstanceRefreshes"], *rest["InstanceRefreshes"]]
    assert [refresh["InstanceRefreshId"] for refresh in found] == [second, first]
    assert {refresh["Status"] for refresh in found} == {"Successful"}


def test_one_instance_refresh_at_a_time(sandbox, scaling, create, refused):
    create()
    sandbox.clock(1)
    try:
        started = scaling.start_instance_refresh(AutoScalingGroupName="example")["InstanceRefreshId"]
        with refused("InstanceRefreshInProgress"):
            scaling.start_instance_refresh(AutoScalingGroupName="example")
        assert scaling.cancel_instance_refresh(AutoScalingGroupName="example")["InstanceRefreshId"] == started
    finally:
        sandbox.clock(0)
    (refresh,) = scaling.describe_instance_refreshes(AutoScalingGroupName="example")["InstanceRefreshes"]
    assert refresh["Status"] == "Cancelled"
    with refused("ActiveInstanceRefreshNotFound"):
        scaling.cancel_instance_refresh(AutoScalingGroupName="example")


@pytest.mark.parametrize("version", [None, "$Latest"])
def test_a_rollback_needs_a_numbered_version(scaling, create, template, refused, version):
    create()
    desired = {"DesiredConfiguration": {"LaunchTemplate": specification(template, version)}} if version else {}
    with refused("ValidationError"):
        scaling.start_instance_refresh(AutoScalingGroupName="example", Preferences={"AutoRollback": True}, **desired)


@pytest.mark.parametrize(
    "preferences", [{"MaxHealthyPercentage": 110}, {"MaxHealthyPercentage": 200, "MinHealthyPercentage": 90}]
)
def test_impossible_percentages(scaling, create, refused, preferences):
    create()
    with refused("ValidationError"):
        scaling.start_instance_refresh(AutoScalingGroupName="example", Preferences=preferences)


def test_nothing_is_doubted(sandbox):
    assert not [row for row in sandbox.status()["questionable"] if row["service"] == "autoscaling"]


def test_groups_have_their_own_scheduled_actions(scaling, create, refused):
    action = {"ScheduledActionName": "morning", "Recurrence": "0 8 * * *", "MinSize": 1}
    for name in ("example", "other"):
        with refused("ValidationError"):
            scaling.put_scheduled_update_group_action(AutoScalingGroupName=name, **action)
        create(name)
        scaling.put_scheduled_update_group_action(AutoScalingGroupName=name, **action)
    scaling.delete_scheduled_action(AutoScalingGroupName="example", ScheduledActionName="morning")
    (left,) = scaling.describe_scheduled_actions()["ScheduledUpdateGroupActions"]
    assert left["AutoScalingGroupName"] == "other"
    with refused("ValidationError"):
        scaling.delete_scheduled_action(AutoScalingGroupName="example", ScheduledActionName="morning")


def test_instances_are_divided_between_the_subnets(ec2, scaling, create):
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for number, zone in enumerate("ac")
    ]
    identifier = ",".join(subnet["SubnetId"] for subnet in subnets)
    create(AvailabilityZones=[], VPCZoneIdentifier=identifier, MinSize=3)
    scaling.update_auto_scaling_group(AutoScalingGroupName="example", MinSize=4, MaxSize=4)
    group = describe(scaling)
    zones = sorted(instance["AvailabilityZone"] for instance in group["Instances"])
    assert zones == [f"{REGION}a"] * 2 + [f"{REGION}c"] * 2
    assert group["VPCZoneIdentifier"] == identifier


def enter(scaling, *instance_ids, decrement=True):
    return scaling.enter_standby(
        AutoScalingGroupName="example", InstanceIds=instance_ids, ShouldDecrementDesiredCapacity=decrement
    )["Activities"]


def leave(scaling, *instance_ids):
    return scaling.exit_standby(AutoScalingGroupName="example", InstanceIds=instance_ids)["Activities"]


def states(scaling):
    return {each["InstanceId"]: each["LifecycleState"] for each in describe(scaling)["Instances"]}


def test_standby_is_within_the_sizes(scaling, create, refused):
    group = create(MinSize=2, MaxSize=2)
    first, second = (each["InstanceId"] for each in group["Instances"])
    with refused("ValidationError") as error:
        enter(scaling, first)
    assert "has min-size=2, max-size=2, and desired-size=2. To place into standby 1 instance" in str(error.value)
    scaling.update_auto_scaling_group(AutoScalingGroupName="example", MinSize=1)
    assert enter(scaling, first)[0]["AutoScalingGroupName"] == "example"
    assert (states(scaling)[first], describe(scaling)["DesiredCapacity"]) == ("Standby", 1)
    with refused("ValidationError"):
        enter(scaling, first)
    with refused("ValidationError"):
        leave(scaling, second)
    leave(scaling, first)
    assert (states(scaling)[first], describe(scaling)["DesiredCapacity"]) == ("InService", 2)


def test_another_one_is_launched_for_who_is_on_standby(scaling, create, refused):
    [first] = (each["InstanceId"] for each in create(MaxSize=1)["Instances"])
    enter(scaling, first, decrement=False)
    assert sorted(states(scaling).values()) == ["InService", "Standby"]
    with refused("ValidationError"):
        leave(scaling, first)
    # It is no candidate for scaling in.
    scaling.update_auto_scaling_group(AutoScalingGroupName="example", MinSize=0, DesiredCapacity=0)
    assert states(scaling) == {first: "Standby"}
    scaling.update_auto_scaling_group(AutoScalingGroupName="example", MinSize=1)
    assert sorted(states(scaling).values()) == ["InService", "Standby"]


def test_who_is_on_standby_is_drained_first(sandbox, client, ec2, scaling, create):
    elb = client("elbv2", REGION)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    arn = elb.create_target_group(Name="example", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    arn = arn["TargetGroupArn"]

    def health(*targets):
        found = elb.describe_target_health(TargetGroupArn=arn, Targets=[{"Id": each} for each in targets])
        return [each["TargetHealth"]["State"] for each in found["TargetHealthDescriptions"]]

    [first] = (each["InstanceId"] for each in create(MinSize=0, DesiredCapacity=1, TargetGroupARNs=[arn])["Instances"])
    assert health() == ["healthy"]
    sandbox.clock(1)
    try:
        enter(scaling, first)
        assert (states(scaling), health()) == ({first: "EnteringStandby"}, ["draining"])
    finally:
        sandbox.clock(0)
    assert (states(scaling), health(), health(first)) == ({first: "Standby"}, [], ["unused"])
    sandbox.clock(1)
    try:
        leave(scaling, first)
        assert (states(scaling), health()) == ({first: "Pending"}, [])
    finally:
        sandbox.clock(0)
    assert (states(scaling), health()) == ({first: "InService"}, ["healthy"])
