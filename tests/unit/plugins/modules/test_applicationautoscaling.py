# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import applicationautoscaling_policy as policy
from ansible_collections.wellarchitected.aws.plugins.modules import applicationautoscaling_scalable_target as target

TRACKING = {
    "target_value": 60.0,
    "scale_in_cooldown": 900,
    "disable_scale_in": False,
    "predefined_metric_specification": {"predefined_metric_type": "RDSReaderAverageCPUUtilization"},
}
TRACKING_MEMBERS = {
    "TargetValue": 60.0,
    "ScaleInCooldown": 900,
    "DisableScaleIn": False,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "RDSReaderAverageCPUUtilization"},
}
QUEUE = {
    "target_value": 5.0,
    "disable_scale_in": True,
    "customized_metric_specification": {
        "metric_name": "Queue",
        "namespace": "Example",
        "statistic": "Sum",
        "dimensions": {"Name": "a"},
    },
}
QUEUE_MEMBERS = {
    "TargetValue": 5.0,
    "DisableScaleIn": True,
    "CustomizedMetricSpecification": {
        "MetricName": "Queue",
        "Namespace": "Example",
        "Statistic": "Sum",
        "Dimensions": [{"Name": "Name", "Value": "a"}],
    },
}
STEPS = {
    "adjustment_type": "ChangeInCapacity",
    "metric_aggregation_type": "Average",
    "step_adjustments": [{"metric_interval_lower_bound": 0.0, "scaling_adjustment": 2}],
}
STEPS_MEMBERS = {
    "AdjustmentType": "ChangeInCapacity",
    "MetricAggregationType": "Average",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 2}],
}


@pytest.mark.parametrize(("state", "members"), [(TRACKING, TRACKING_MEMBERS), (QUEUE, QUEUE_MEMBERS)])
def test_tracking(state, members):
    assert policy.read_tracking(members) == state
    fields = {"target_tracking_configuration": state, "step_scaling_configuration": {}}
    assert policy.configuration(fields, {}) == {"TargetTrackingScalingPolicyConfiguration": members}


def test_steps():
    assert policy.read_steps(STEPS_MEMBERS) == STEPS
    fields = {"target_tracking_configuration": {}, "step_scaling_configuration": STEPS}
    assert policy.configuration(fields, {}) == {"StepScalingPolicyConfiguration": STEPS_MEMBERS}


def test_a_calculated_metric_stays():
    told = {"TargetValue": 1.0, "CustomizedMetricSpecification": {"Metrics": [{"Id": "m1", "Expression": "m2 / m3"}]}}
    state = policy.read_tracking(told)
    assert state == {"target_value": 1.0, "disable_scale_in": False}
    assert policy.refused_metric(state, told) is None
    fields = {"target_tracking_configuration": {**state, "target_value": 2.0}, "step_scaling_configuration": {}}
    config = policy.configuration(fields, told)["TargetTrackingScalingPolicyConfiguration"]
    assert config["CustomizedMetricSpecification"] == told["CustomizedMetricSpecification"]
    assert config["TargetValue"] == 2.0


@pytest.mark.parametrize(
    ("tracking", "said"),
    [
        ({}, None),
        (TRACKING, None),
        ({"target_value": 1}, "needs predefined_metric_specification or customized_metric_specification"),
        ({**TRACKING, **QUEUE}, "not both"),
    ],
)
def test_refused_metric(tracking, said):
    refusal = policy.refused_metric(tracking, {})
    assert refusal is None if said is None else said in refusal


@pytest.mark.parametrize(
    ("fields", "members"),
    [
        ({"tags": {}}, {}),
        ({"min_capacity": 0, "role_arn": None}, {"MinCapacity": 0}),
        (
            {"suspended_state": {**dict.fromkeys(target.SUSPENDED, False), "scheduled_scaling_suspended": True}},
            {
                "SuspendedState": {
                    "DynamicScalingInSuspended": False,
                    "DynamicScalingOutSuspended": False,
                    "ScheduledScalingSuspended": True,
                }
            },
        ),
    ],
)
def test_members_of_a_target(fields, members):
    assert target.members(fields) == members
