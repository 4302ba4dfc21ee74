# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

MODULE = "autoscaling_group_maintenance"
NAME = {"AutoScalingGroupName": "example"}


@pytest.fixture
def scaling(sandbox):
    ec2, scaling = (sandbox.client(service, REGION) for service in ("ec2", "autoscaling"))
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    data = {"ImageId": image, "InstanceType": "t3.micro"}
    ec2.create_launch_template(LaunchTemplateName="example", LaunchTemplateData=data)
    scaling.create_auto_scaling_group(
        **NAME,
        LaunchTemplate={"LaunchTemplateName": "example"},
        MinSize=3,
        MaxSize=4,
        AvailabilityZones=[f"{REGION}a"],
        Tags=[{"Key": "Environment", "Value": "test", "PropagateAtLaunch": True}],
    )
    return scaling


def described(scaling):
    [group] = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    return {name: group[name] for name in ("MinSize", "DesiredCapacity", "SuspendedProcesses", "Tags")}


def test_story(modules, scaling):
    before = described(scaling)

    def drift(sandbox):
        scaling.resume_processes(**NAME, ScalingProcesses=["AZRebalance"])

    modules.tell(
        Story(
            module=MODULE,
            returns="maintenance",
            identity={"name": "example"},
            present={},
            changes=({"instances": 2}, {"instances": 4}, {"instances": 1}),
            drift=drift,
        )
    )
    assert described(scaling) == before


def test_what_is_put_back_is_what_was_not_so_before(modules, scaling):
    scaling.suspend_processes(**NAME, ScalingProcesses=["AZRebalance"])
    suspended = described(scaling)["SuspendedProcesses"]
    modules.run(MODULE, name="example", instances=2)
    [first, *_] = scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"]
    scaling.enter_standby(**NAME, InstanceIds=[first["InstanceId"]], ShouldDecrementDesiredCapacity=True)
    modules.run(MODULE, name="example", state="absent")
    after = described(scaling)
    # One is missing, and AWS launches it.
    assert (after["MinSize"], after["DesiredCapacity"]) == (3, 3)
    assert after["SuspendedProcesses"] == suspended
    modules.run(MODULE, name="example", instances=2)
    scaling.update_auto_scaling_group(**NAME, MinSize=4, DesiredCapacity=4)
    modules.run(MODULE, name="example", state="absent")
    assert described(scaling)["MinSize"] == 4


def test_not_while_the_instances_are_replaced(modules, sandbox, scaling):
    sandbox.clock(1)
    scaling.start_instance_refresh(**NAME)
    refused = modules.attempt(MODULE, name="example", check=True)
    assert "An instance refresh of example is InProgress" in refused["msg"]
    missing = modules.attempt(MODULE, name="other")
    assert "There is no Auto Scaling group other" in missing["msg"]
