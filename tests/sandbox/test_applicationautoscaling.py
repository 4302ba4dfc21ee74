# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Application Auto Scaling: what moto does otherwise."""

import pytest

CLUSTER = {
    "ServiceNamespace": "rds",
    "ResourceId": "cluster:data",
    "ScalableDimension": "rds:cluster:ReadReplicaCount",
}
CPU = {
    "TargetValue": 60.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "RDSReaderAverageCPUUtilization"},
}


@pytest.fixture
def scaling(client):
    client("rds").create_db_cluster(
        DBClusterIdentifier="data", Engine="aurora-mysql", MasterUsername="admin", MasterUserPassword="0123456789"
    )
    return client("application-autoscaling")


def put(scaling, name="cpu", **arguments):
    return scaling.put_scaling_policy(
        **CLUSTER,
        PolicyName=name,
        **{"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": CPU, **arguments},
    )


def test_targets(scaling, refused):
    with refused("ValidationException"):
        scaling.register_scalable_target(**CLUSTER, MinCapacity=1)
    with refused("ValidationException"):
        scaling.register_scalable_target(**{**CLUSTER, "ResourceId": "cluster:other"}, MinCapacity=1, MaxCapacity=2)
    with refused("ValidationException"):
        scaling.register_scalable_target(**{**CLUSTER, "ServiceNamespace": "ecs"}, MinCapacity=1, MaxCapacity=2)
    scaling.register_scalable_target(**CLUSTER, MinCapacity=1, MaxCapacity=2, Tags={"a": "b"})
    scaling.register_scalable_target(**CLUSTER, SuspendedState={"ScheduledScalingSuspended": True})
    scaling.register_scalable_target(**CLUSTER, MaxCapacity=5)
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="rds")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 5)
    assert target["RoleARN"].endswith("AWSServiceRoleForApplicationAutoScaling_RDSCluster")
    assert target["SuspendedState"] == {
        "DynamicScalingInSuspended": False,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": True,
    }
    with refused("ValidationException"):
        scaling.register_scalable_target(**CLUSTER, MinCapacity=6)
    with refused("ValidationException") as error:
        scaling.register_scalable_target(**CLUSTER, Tags={"a": "c"})
    assert "use the TagResource API" in str(error.value)


def test_tags(scaling, refused):
    arn = scaling.register_scalable_target(**CLUSTER, MinCapacity=1, MaxCapacity=2, Tags={"a": "b"})[
        "ScalableTargetARN"
    ]
    scaling.tag_resource(ResourceARN=arn, Tags={"c": "d"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"c": "d"}
    scaling.deregister_scalable_target(**CLUSTER)
    with refused("ResourceNotFoundException"):
        scaling.list_tags_for_resource(ResourceARN=arn)


def test_policies_need_their_target_and_go_with_it(client, scaling, refused):
    with refused("ObjectNotFoundException"):
        put(scaling)
    scaling.register_scalable_target(**CLUSTER, MinCapacity=1, MaxCapacity=2)
    arn = put(scaling)["PolicyARN"]
    assert put(scaling)["PolicyARN"] == arn
    alarms = client("cloudwatch").describe_alarms
    assert {alarm["MetricName"] for alarm in alarms()["MetricAlarms"]} == {"CPUUtilization"}
    assert len(alarms()["MetricAlarms"]) == 2
    for wrong in (
        {"name": "again"},
        {"PolicyType": "StepScaling"},
        {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 1.0}},
    ):
        with refused("ValidationException"):
            put(scaling, **wrong)
    scaling.deregister_scalable_target(**CLUSTER)
    assert scaling.describe_scaling_policies(ServiceNamespace="rds")["ScalingPolicies"] == []
    assert alarms()["MetricAlarms"] == []
    with refused("ObjectNotFoundException"):
        scaling.deregister_scalable_target(**CLUSTER)
    with refused("ObjectNotFoundException"):
        scaling.delete_scaling_policy(**CLUSTER, PolicyName="cpu")


def test_pages(scaling):
    scaling.register_scalable_target(**CLUSTER, MinCapacity=1, MaxCapacity=2)
    steps = {"AdjustmentType": "ExactCapacity", "StepAdjustments": [{"ScalingAdjustment": 1}]}
    for name in ("a", "b", "c"):
        scaling.put_scaling_policy(
            **CLUSTER, PolicyName=name, PolicyType="StepScaling", StepScalingPolicyConfiguration=steps
        )
    pages = scaling.get_paginator("describe_scaling_policies").paginate(
        ServiceNamespace="rds", PaginationConfig={"PageSize": 2}
    )
    assert [[policy["PolicyName"] for policy in page["ScalingPolicies"]] for page in pages] == [["a", "b"], ["c"]]
