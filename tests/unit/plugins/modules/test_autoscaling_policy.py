# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ansible_collections.wellarchitected.aws.plugins.modules import autoscaling_policy

POLICY = {"PolicyName": "cpu", "AutoScalingGroupName": "web", "PolicyARN": "arn"}
CPU = {"predefined_metric_specification": {"predefined_metric_type": "ASGAverageCPUUtilization"}}
QUEUE = {"metric_name": "Backlog", "namespace": "Example", "statistic": "Sum", "dimensions": {"b": 1, "a": "2"}}


def tracking(**members):
    return {**POLICY, "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": members}


def test_read_target_tracking():
    metric = {"PredefinedMetricType": "ASGAverageCPUUtilization"}
    state = autoscaling_policy.read(tracking(PredefinedMetricSpecification=metric, TargetValue=50.0))
    assert state["target_tracking_configuration"] == {**CPU, "target_value": 50.0, "disable_scale_in": False}
    assert (state["estimated_instance_warmup"], state["enabled"]) == (-1, True)


def test_a_customized_metric_keeps_the_case_of_its_dimensions():
    custom = {**QUEUE, "dimensions": {"b": "1", "a": "2"}}
    configuration = {"customized_metric_specification": custom, "target_value": 1.0}
    written = autoscaling_policy.write_tracking(configuration)
    assert written["CustomizedMetricSpecification"]["Dimensions"] == [
        {"Name": "a", "Value": "2"},
        {"Name": "b", "Value": "1"},
    ]
    read = autoscaling_policy.read_tracking(written)
    assert read["customized_metric_specification"]["dimensions"] == {"a": "2", "b": "1"}


def test_metric_math_is_left_as_it_is():
    custom = {"Metrics": [{"Id": "m1", "Expression": "1"}]}
    state = autoscaling_policy.read_tracking({"CustomizedMetricSpecification": custom, "TargetValue": 1.0})
    assert autoscaling_policy.write_tracking(state)["CustomizedMetricSpecification"] == custom


def test_another_metric_takes_the_place_of_the_first():
    current = {**CPU, "target_value": 50.0, "disable_scale_in": True}
    wanted = autoscaling_policy.wanted_tracking(current, {"customized_metric_specification": QUEUE})
    assert wanted == {"customized_metric_specification": QUEUE, "target_value": 50.0, "disable_scale_in": True}
    assert autoscaling_policy.wanted_tracking(current, {"target_value": 60.0}) == {**current, "target_value": 60.0}


def test_steps():
    steps = [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 3},
    ]
    members = {
        "PolicyType": "StepScaling",
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": steps,
        "MetricAggregationType": "Average",
        "EstimatedInstanceWarmup": 0,
        "Enabled": False,
    }
    assert autoscaling_policy.write(autoscaling_policy.read({**POLICY, **members})) == members


def test_given_dimensions_are_texts():
    fields = {"target_tracking_configuration": {"customized_metric_specification": QUEUE}, "enabled": True}
    read = autoscaling_policy.normalised(fields)["target_tracking_configuration"]["customized_metric_specification"]
    assert read["dimensions"] == {"a": "2", "b": "1"}
    assert autoscaling_policy.normalised({"enabled": True}) == {"enabled": True}
