# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Application Auto Scaling: scalable targets, and policies that need one, and go with it.

What AWS does stands in the API reference, under the operation that a function here is named after:
https://docs.aws.amazon.com/autoscaling/application/APIReference/
Scheduled actions are left to moto.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from sandbox.errors import ServiceError
from sandbox.operations import Request, operation

_SERVICE = "application-autoscaling"
_DIFFERENT = "moto knows other namespaces, no tags, and policies without a target."

# The roles of services that have one of their own for it:
# https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
_ROLES = {
    "appstream:fleet": ("appstream", "AppStreamFleet"),
    "cassandra:table": ("cassandra", "CassandraTable"),
    "dynamodb:index": ("dynamodb", "DynamoDBTable"),
    "dynamodb:table": ("dynamodb", "DynamoDBTable"),
    "ec2:spot-fleet-request": ("ec2", "EC2SpotFleetRequest"),
    "ecs:service": ("ecs", "ECSService"),
    "elasticache:replication-group": ("elasticache", "ElastiCacheRG"),
    "kafka:broker-storage": ("kafka", "KafkaCluster"),
    "lambda:function": ("lambda", "LambdaConcurrency"),
    "neptune:cluster": ("neptune", "NeptuneCluster"),
    "rds:cluster": ("rds", "RDSCluster"),
    "sagemaker:variant": ("sagemaker", "SageMakerEndpoint"),
}
# What a resource's readers are measured by.
_READERS = {
    "RDSReaderAverageCPUUtilization": ("AWS/RDS", "CPUUtilization"),
    "RDSReaderAverageDatabaseConnections": ("AWS/RDS", "DatabaseConnections"),
}
_RESUMED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}


def _key(params: dict[str, Any]) -> tuple[str, str, str]:
    return params["ServiceNamespace"], params["ResourceId"], params["ScalableDimension"]


def _targets(request: Request) -> dict[tuple[str, str, str], dict[str, Any]]:
    return request.state.setdefault("targets", {})


def _policies(request: Request) -> dict[tuple[str, ...], dict[str, Any]]:
    return request.state.setdefault("policies", {})


def _page(request: Request, items: list[dict[str, Any]], member: str) -> dict[str, Any]:
    start = int(request.params.get("NextToken") or 0)
    end = start + request.params.get("MaxResults", 50)
    return {member: items[start:end], **({"NextToken": str(end)} if end < len(items) else {})}


def _find_target(request: Request) -> dict[str, Any]:
    target = _targets(request).get(_key(request.params))
    if target is None:
        namespace, resource, dimension = _key(request.params)
        message = (
            f"No scalable target registered for service namespace: {namespace}, resource ID: {resource}, scalable "
            f"dimension: {dimension}"
        )
        raise ServiceError("ObjectNotFoundException", message)
    return target


@operation(_SERVICE, "RegisterScalableTarget", instead_of_moto=_DIFFERENT)
def register_scalable_target(request: Request) -> dict[str, Any]:
    """What is not told stays; a new target needs its capacities, and only a new one can be tagged here."""
    params = request.params
    namespace, resource, dimension = key = _key(params)
    kind = ":".join(dimension.split(":")[:2])
    if dimension.split(":")[0] != namespace:
        message = "Unsupported service namespace, resource type or scalable dimension"
        raise ServiceError("ValidationException", message)
    if namespace == "rds":
        _check_cluster(request, resource)
    target = _targets(request).get(key)
    if target is None:
        if "MinCapacity" not in params or "MaxCapacity" not in params:
            raise ServiceError("ValidationException", "MinCapacity and MaxCapacity are required for a new target.")
        place = f"arn:{request.partition}:application-autoscaling:{request.region}:{request.account}"
        target = {
            "ServiceNamespace": namespace,
            "ResourceId": resource,
            "ScalableDimension": dimension,
            "RoleARN": _role(request, kind),
            "CreationTime": datetime.now(UTC),
            "SuspendedState": _RESUMED,
            "ScalableTargetARN": f"{place}:scalable-target/{uuid.uuid4().hex}",
        }
        request.state.setdefault("tags", {})[target["ScalableTargetARN"]] = dict(params.get("Tags", {}))
    elif params.get("Tags"):
        message = (
            "The scalable target that you tried to tag already exists. To update tags on an existing scalable target, "
            "use the TagResource API."
        )
        raise ServiceError("ValidationException", message)
    changed = {**target, **{name: params[name] for name in ("MinCapacity", "MaxCapacity") if name in params}}
    if "RoleARN" in params and kind not in _ROLES:
        changed["RoleARN"] = params["RoleARN"]
    changed["SuspendedState"] = {**target["SuspendedState"], **params.get("SuspendedState", {})}
    if changed["MinCapacity"] > changed["MaxCapacity"]:
        raise ServiceError("ValidationException", "Maximum capacity cannot be less than minimum capacity")
    _targets(request)[key] = changed
    return {"ScalableTargetARN": changed["ScalableTargetARN"]}


def _check_cluster(request: Request, resource: str) -> None:
    name = resource.removeprefix("cluster:")
    if resource == name or name not in request.backend_of("rds").clusters:
        raise ServiceError("ValidationException", f"DB cluster doesn't exist: {resource}")


def _role(request: Request, kind: str) -> str:
    """The service-linked role; services without one are told theirs."""
    if "RoleARN" in request.params and kind not in _ROLES:
        return request.params["RoleARN"]
    if kind not in _ROLES:
        raise ServiceError("ValidationException", f"{kind} needs RoleARN.")
    service, name = _ROLES[kind]
    path = f"{service}.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_{name}"
    return f"arn:{request.partition}:iam::{request.account}:role/aws-service-role/{path}"


@operation(_SERVICE, "DescribeScalableTargets", instead_of_moto=_DIFFERENT)
def describe_scalable_targets(request: Request) -> dict[str, Any]:
    params = request.params
    targets = [
        target
        for (namespace, resource, dimension), target in _targets(request).items()
        if namespace == params["ServiceNamespace"]
        and (not params.get("ResourceIds") or resource in params["ResourceIds"])
        and params.get("ScalableDimension", dimension) == dimension
    ]
    return _page(request, targets, "ScalableTargets")


@operation(_SERVICE, "DeregisterScalableTarget", instead_of_moto=_DIFFERENT)
def deregister_scalable_target(request: Request) -> dict[str, Any]:
    """Policies and scheduled actions go with their target."""
    target = _find_target(request)
    key = _key(request.params)
    for policy in [name for name in _policies(request) if name[:3] == key]:
        _remove_policy(request, policy)
    actions = request.backend.scheduled_actions
    actions[:] = [
        action for action in actions if (action.service_namespace, action.resource_id, action.scalable_dimension) != key
    ]
    request.state["tags"].pop(target["ScalableTargetARN"])
    del _targets(request)[key]
    return {}


@operation(_SERVICE, "PutScalingPolicy", instead_of_moto=_DIFFERENT)
def put_scaling_policy(request: Request) -> dict[str, Any]:
    """A configuration is told as a whole; there is one policy for each predefined metric."""
    params = request.params
    _find_target(request)
    key = (*_key(params), params["PolicyName"])
    before = _policies(request).get(key)
    kind = params.get("PolicyType") or (before["PolicyType"] if before else "StepScaling")
    if before and before["PolicyType"] != kind:
        raise ServiceError("ValidationException", "The type of a scaling policy cannot be changed.")
    member = f"{kind}PolicyConfiguration"
    if member not in params:
        raise ServiceError("ValidationException", f"{member} is required for the policy type {kind}.")
    config = params[member]
    if kind == "TargetTrackingScaling":
        _check_metric(request, key, config)
    place = f"{request.region}:{request.account}"
    arn = f"arn:{request.partition}:autoscaling:{place}:scalingPolicy:{uuid.uuid4()}:resource/"
    arn += f"{params['ServiceNamespace']}/{params['ResourceId']}:policyName/{params['PolicyName']}"
    policy = before or {
        **{name: params[name] for name in ("PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension")},
        "PolicyARN": arn,
        "PolicyType": kind,
        "Alarms": [],
        "CreationTime": datetime.now(UTC),
    }
    _policies(request)[key] = policy
    policy[member] = config
    if kind == "TargetTrackingScaling":
        _remove_alarms(request, policy)
        policy["Alarms"] = [_put_alarm(request, policy, end) for end in ("High", "Low")]
    return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}


def _check_metric(request: Request, key: tuple[str, ...], config: dict[str, Any]) -> None:
    if ("PredefinedMetricSpecification" in config) == ("CustomizedMetricSpecification" in config):
        raise ServiceError("ValidationException", "Exactly one metric specification is required.")
    metric = config.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    for other, policy in _policies(request).items():
        told = policy.get("TargetTrackingScalingPolicyConfiguration", {}).get("PredefinedMetricSpecification", {})
        if metric and other != key and other[:3] == key[:3] and told.get("PredefinedMetricType") == metric:
            message = "Only one TargetTrackingScaling policy for a given metric specification is allowed."
            raise ServiceError("ValidationException", message)


def _put_alarm(request: Request, policy: dict[str, Any], end: str) -> dict[str, str]:
    """AWS's own alarm of a policy.

    https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
    """
    config = policy["TargetTrackingScalingPolicyConfiguration"]
    own = config.get("CustomizedMetricSpecification", {})
    predefined = config.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    namespace, metric = _READERS.get(predefined, (own.get("Namespace", "AWS/Usage"), own.get("MetricName", predefined)))
    dimensions = own.get("Dimensions", [])
    if predefined in _READERS:
        cluster = policy["ResourceId"].removeprefix("cluster:")
        dimensions = [{"Name": "Role", "Value": "READER"}, {"Name": "DBClusterIdentifier", "Value": cluster}]
    alarm = request.backend_of("cloudwatch").put_metric_alarm(
        name=f"TargetTracking-{policy['ResourceId']}-Alarm{end}-{uuid.uuid4()}",
        namespace=namespace,
        metric_name=metric,
        comparison_operator="GreaterThanThreshold" if end == "High" else "LessThanThreshold",
        evaluation_periods=3 if end == "High" else 15,
        period=60,
        threshold=config["TargetValue"] * (1 if end == "High" else 0.9),
        statistic=own.get("Statistic", "Average"),
        description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}.",
        dimensions=dimensions,
        alarm_actions=[policy["PolicyARN"]],
    )
    return {"AlarmName": alarm.name, "AlarmARN": alarm.alarm_arn}


def _remove_alarms(request: Request, policy: dict[str, Any]) -> None:
    if policy["PolicyType"] == "TargetTrackingScaling":
        names = [alarm["AlarmName"] for alarm in policy["Alarms"]]
        request.backend_of("cloudwatch").delete_alarms(names)


def _remove_policy(request: Request, key: tuple[str, ...]) -> None:
    _remove_alarms(request, _policies(request)[key])
    del _policies(request)[key]


@operation(_SERVICE, "DescribeScalingPolicies", instead_of_moto=_DIFFERENT)
def describe_scaling_policies(request: Request) -> dict[str, Any]:
    params = request.params
    policies = [
        policy
        for (namespace, resource, dimension, name), policy in _policies(request).items()
        if namespace == params["ServiceNamespace"]
        and params.get("ResourceId", resource) == resource
        and params.get("ScalableDimension", dimension) == dimension
        and (not params.get("PolicyNames") or name in params["PolicyNames"])
    ]
    return _page(request, policies, "ScalingPolicies")


@operation(_SERVICE, "DeleteScalingPolicy", instead_of_moto=_DIFFERENT)
def delete_scaling_policy(request: Request) -> dict[str, Any]:
    key = (*_key(request.params), request.params["PolicyName"])
    if key not in _policies(request):
        raise ServiceError("ObjectNotFoundException", f"No scaling policy found of the name {key[-1]}.")
    _remove_policy(request, key)
    return {}


# Tags


def _tags(request: Request) -> dict[str, str]:
    arn = request.params["ResourceARN"]
    tags = request.state.get("tags", {}).get(arn)
    if tags is None:
        raise ServiceError("ResourceNotFoundException", f"Resource not found: {arn}", ResourceName=arn)
    return tags


@operation(_SERVICE, "ListTagsForResource")
def list_tags_for_resource(request: Request) -> dict[str, Any]:
    return {"Tags": _tags(request)}


@operation(_SERVICE, "TagResource")
def tag_resource(request: Request) -> dict[str, Any]:
    _tags(request).update(request.params["Tags"])
    return {}


@operation(_SERVICE, "UntagResource")
def untag_resource(request: Request) -> dict[str, Any]:
    for key in request.params["TagKeys"]:
        _tags(request).pop(key, None)
    return {}
