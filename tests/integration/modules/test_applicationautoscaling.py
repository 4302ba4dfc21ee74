# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

TARGET = "applicationautoscaling_scalable_target"
POLICY = "applicationautoscaling_policy"
READERS = {
    "service_namespace": "rds",
    "resource_id": "cluster:example",
    "scalable_dimension": "rds:cluster:ReadReplicaCount",
}
ASKED = {
    "ServiceNamespace": "rds",
    "ResourceId": "cluster:example",
    "ScalableDimension": "rds:cluster:ReadReplicaCount",
}
CPU = {"predefined_metric_specification": {"predefined_metric_type": "RDSReaderAverageCPUUtilization"}}


@pytest.fixture
def scaling(sandbox):
    rds = sandbox.client("rds", REGION)
    rds.create_db_cluster(
        DBClusterIdentifier="example", Engine="aurora-mysql", MasterUsername="admin", MasterUserPassword="0123456789"
    )
    return sandbox.client("application-autoscaling", REGION)


@pytest.fixture
def target(scaling):
    scaling.register_scalable_target(**ASKED, MinCapacity=1, MaxCapacity=2)


def test_target_story(modules, scaling):
    modules.tell(
        Story(
            module=TARGET,
            returns="scalable_target",
            identity=READERS,
            present={"min_capacity": 1, "max_capacity": 5, "tags": {"Number": 1}},
            changes=(
                {"tags": {"Environment": "test"}},
                {"max_capacity": 8, "suspended_state": {"dynamic_scaling_in_suspended": True}},
                {"suspended_state": {"scheduled_scaling_suspended": True}, "tags": {}},
            ),
            drift=lambda sandbox: scaling.register_scalable_target(**ASKED, MinCapacity=3),
            unpredictable=frozenset({"arn", "role_arn"}),
        )
    )
    assert scaling.describe_scalable_targets(ServiceNamespace="rds")["ScalableTargets"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"min_capacity": 1}, "needs max_capacity"),
        ({"min_capacity": 3, "max_capacity": 2}, "min_capacity, 3, exceeds max_capacity, 2"),
        ({"service_namespace": "rdss"}, "which Application Auto Scaling does not know. Did you mean rds?"),
        ({"scalable_dimension": "rds:cluster:ReadReplicas"}, "Did you mean rds:cluster:ReadReplicaCount?"),
    ],
)
def test_target_refused(modules, arguments, said):
    assert said in modules.attempt(TARGET, check=True, **{**READERS, **arguments})["msg"]


def test_target_with_a_service_linked_role(modules, target):
    refused = modules.attempt(TARGET, **READERS, role_arn="arn:aws:iam::123456789012:role/example")
    assert "is scaled by the service-linked role" in refused["msg"]


def test_policy_story(modules, scaling, target):
    def drift(sandbox):
        policy = scaling.describe_scaling_policies(ServiceNamespace="rds")["ScalingPolicies"][0]
        config = {**policy["TargetTrackingScalingPolicyConfiguration"], "TargetValue": 10.0}
        scaling.put_scaling_policy(
            **ASKED,
            PolicyName="readers",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=config,
        )

    queue = {"metric_name": "Queue", "namespace": "Example", "statistic": "Sum", "dimensions": {"Name": "a"}}
    modules.tell(
        Story(
            module=POLICY,
            returns="policy",
            identity={"policy_name": "readers", **READERS},
            present={"target_tracking_configuration": {"target_value": 60, **CPU, "scale_in_cooldown": 900}},
            changes=(
                {"target_tracking_configuration": {"target_value": 50, "disable_scale_in": True}},
                {"target_tracking_configuration": {"target_value": 5, "customized_metric_specification": queue}},
                {"target_tracking_configuration": {"target_value": 40, **CPU}},
            ),
            drift=drift,
            unpredictable=frozenset({"policy_arn", "alarms"}),
        )
    )


def test_step_story(modules, scaling, target):
    step = {"metric_interval_lower_bound": 0, "scaling_adjustment": 1}

    def drift(sandbox):
        policy = scaling.describe_scaling_policies(ServiceNamespace="rds")["ScalingPolicies"][0]
        config = {**policy["StepScalingPolicyConfiguration"], "Cooldown": 1}
        scaling.put_scaling_policy(
            **ASKED, PolicyName="rush", PolicyType="StepScaling", StepScalingPolicyConfiguration=config
        )

    modules.tell(
        Story(
            module=POLICY,
            returns="policy",
            identity={"policy_name": "rush", **READERS},
            present={
                "step_scaling_configuration": {
                    "adjustment_type": "ChangeInCapacity",
                    "cooldown": 60,
                    "step_adjustments": [step],
                }
            },
            changes=(
                {
                    "step_scaling_configuration": {
                        "cooldown": 120,
                        "step_adjustments": [
                            {**step, "metric_interval_upper_bound": 10},
                            {"metric_interval_lower_bound": 10, "scaling_adjustment": 2},
                        ],
                    }
                },
            ),
            drift=drift,
            unpredictable=frozenset({"policy_arn"}),
        )
    )


def test_policies_go_with_their_target(modules, scaling, target, sandbox):
    tracking = {"target_value": 60, **CPU}
    answer = modules.run(POLICY, policy_name="readers", **READERS, target_tracking_configuration=tracking)
    alarms = sandbox.client("cloudwatch", REGION).describe_alarms
    assert sorted(alarm["AlarmName"] for alarm in alarms()["MetricAlarms"]) == answer["policy"]["alarms"]
    modules.run(TARGET, **READERS, state="absent")
    assert alarms()["MetricAlarms"] == []
    assert not modules.run(POLICY, policy_name="readers", **READERS, state="absent")["changed"]
    refused = modules.attempt(POLICY, policy_name="readers", **READERS, target_tracking_configuration=tracking)
    assert "No scalable target registered" in refused["msg"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "needs either target_tracking_configuration or step_scaling_configuration"),
        ({"target_tracking_configuration": CPU}, "needs target_value"),
        ({"target_tracking_configuration": {"target_value": 1}}, "needs predefined_metric_specification or customized"),
        (
            {
                "target_tracking_configuration": {
                    "target_value": 1,
                    "predefined_metric_specification": {"predefined_metric_type": "RDSReaderCPUUtilization"},
                }
            },
            "Did you mean RDSReaderAverageCPUUtilization?",
        ),
        ({"step_scaling_configuration": {"cooldown": 1}}, "needs adjustment_type and step_adjustments"),
    ],
)
def test_policy_refused(modules, arguments, said):
    assert said in modules.attempt(POLICY, check=True, policy_name="readers", **READERS, **arguments)["msg"]


def test_policy_of_another_type(modules, scaling, target):
    tracking = {"target_value": 60, **CPU}
    modules.run(POLICY, policy_name="readers", **READERS, target_tracking_configuration=tracking)
    steps = {"adjustment_type": "ExactCapacity", "step_adjustments": [{"scaling_adjustment": 1}]}
    refused = modules.attempt(POLICY, policy_name="readers", **READERS, step_scaling_configuration=steps)
    assert "is one of TargetTrackingScaling, and step_scaling_configuration is for StepScaling" in refused["msg"]
