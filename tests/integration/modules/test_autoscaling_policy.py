# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

MODULE = "autoscaling_policy"
CPU = {"predefined_metric_specification": {"predefined_metric_type": "ASGAverageCPUUtilization"}}
IDENTITY = {"name": "example", "auto_scaling_group_name": "web"}


@pytest.fixture
def scaling(sandbox):
    return sandbox.client("autoscaling", REGION)


@pytest.fixture
def groups(sandbox, scaling):
    """Two Auto Scaling groups without instances."""
    ec2 = sandbox.client("ec2", REGION)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.create_launch_template(LaunchTemplateName="example", LaunchTemplateData={"ImageId": image})
    for name in ("web", "workers"):
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate={"LaunchTemplateName": "example"},
            MinSize=0,
            MaxSize=1,
            AvailabilityZones=[f"{REGION}a"],
        )


def test_story_of_target_tracking(modules, groups):
    def drift(sandbox):
        sandbox.client("autoscaling", REGION).delete_policy(AutoScalingGroupName="web", PolicyName="example")

    modules.tell(
        Story(
            module=MODULE,
            returns="policy",
            identity=IDENTITY,
            present={"target_tracking_configuration": {**CPU, "target_value": 50}},
            changes=(
                {"target_tracking_configuration": {"target_value": 60.5}},
                {"target_tracking_configuration": {**CPU, "target_value": 50, "disable_scale_in": True}},
                {"estimated_instance_warmup": 0},
                {"estimated_instance_warmup": -1},
                {"enabled": False},
                {
                    "target_tracking_configuration": {
                        "predefined_metric_specification": {
                            "predefined_metric_type": "ALBRequestCountPerTarget",
                            "resource_label": "app/example/0123456789abcdef/targetgroup/example/0123456789abcdef",
                        },
                        "target_value": 1000,
                    }
                },
                {
                    "target_tracking_configuration": {
                        "customized_metric_specification": {
                            "metric_name": "Backlog",
                            "namespace": "Example",
                            "statistic": "Average",
                            "dimensions": {"Queue": "jobs", "Number": 1},
                        },
                        "target_value": 10,
                    }
                },
            ),
            drift=drift,
            unpredictable=frozenset({"policy_arn"}),
        )
    )


def test_story_of_step_scaling(modules, groups):
    def drift(sandbox):
        sandbox.client("autoscaling", REGION).put_scaling_policy(
            AutoScalingGroupName="web",
            PolicyName="example",
            PolicyType="StepScaling",
            AdjustmentType="ExactCapacity",
            StepAdjustments=[{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        )

    first = {"metric_interval_lower_bound": 0, "metric_interval_upper_bound": 10, "scaling_adjustment": 10}
    modules.tell(
        Story(
            module=MODULE,
            returns="policy",
            identity=IDENTITY,
            present={
                "policy_type": "StepScaling",
                "adjustment_type": "PercentChangeInCapacity",
                "step_adjustments": [first, {"metric_interval_lower_bound": 10, "scaling_adjustment": 30}],
            },
            changes=(
                {"min_adjustment_magnitude": 2, "metric_aggregation_type": "Maximum"},
                {"step_adjustments": [{"metric_interval_lower_bound": 0, "scaling_adjustment": 20}]},
            ),
            drift=drift,
            unpredictable=frozenset({"policy_arn"}),
        )
    )


def test_another_type_takes_its_place(modules, groups):
    modules.run(MODULE, **IDENTITY, target_tracking_configuration={**CPU, "target_value": 50})
    steps = {
        "policy_type": "StepScaling",
        "adjustment_type": "ChangeInCapacity",
        "step_adjustments": [{"metric_interval_lower_bound": 0, "scaling_adjustment": 1}],
    }
    foretold = modules.run(MODULE, check=True, **IDENTITY, **steps)
    assert foretold["policy"]["target_tracking_configuration"] == {}
    done = modules.run(MODULE, **IDENTITY, **steps)
    assert done["policy"] == {**foretold["policy"], "policy_arn": done["policy"]["policy_arn"]}
    assert not modules.run(MODULE, **IDENTITY, **steps)["changed"]


def test_the_policy_of_another_group_stays(modules, groups, scaling):
    for group in ("web", "workers"):
        arguments = {**IDENTITY, "auto_scaling_group_name": group}
        assert modules.run(MODULE, **arguments, target_tracking_configuration={**CPU, "target_value": 50})["changed"]
    assert modules.run(MODULE, **IDENTITY, state="absent")["changed"]
    assert [policy["AutoScalingGroupName"] for policy in scaling.describe_policies()["ScalingPolicies"]] == ["workers"]


def test_of_a_group_that_is_not_there_yet(modules):
    arguments = {**IDENTITY, "target_tracking_configuration": {**CPU, "target_value": 50}}
    assert modules.run(MODULE, check=True, **arguments)["changed"]
    assert "Group web not found" in modules.attempt(MODULE, **arguments)["msg"]
    assert not modules.run(MODULE, **IDENTITY, state="absent")["changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "lacks target_tracking_configuration.target_value and target_tracking_configuration.predefined_metric"),
        ({"policy_type": "StepScaling"}, "lacks adjustment_type and step_adjustments"),
        (
            {"adjustment_type": "ExactCapacity", "target_tracking_configuration": {**CPU, "target_value": 1}},
            "adjustment_type cannot be given with a policy_type of TargetTrackingScaling",
        ),
        (
            {
                "target_tracking_configuration": {
                    "predefined_metric_specification": {"predefined_metric_type": "ALBRequestCountPerTarget"}
                }
            },
            "resource_label",
        ),
    ],
)
def test_refused(modules, groups, arguments, said):
    assert said in modules.attempt(MODULE, **IDENTITY, **arguments)["msg"]
