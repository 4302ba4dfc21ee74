#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: applicationautoscaling_policy
version_added: "0.1.0"
short_description: Manage a scaling policy of Application Auto Scaling
description:
  - Creates, changes and deletes a policy that scales a target by a metric. The target must be registered first, see
    M(wellarchitected.aws.applicationautoscaling_scalable_target).
  - AWS makes the CloudWatch alarms of target tracking itself; those of step scaling are yours, with
    RV(policy.policy_arn) as their action.
  - Unlike M(community.aws.application_autoscaling_policy), it takes every service that AWS scales, C(rds) among them.
  - Follows
    U(https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html) and
    U(https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-step-scaling-policies.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  policy_name:
    description: The policy's name, of which a target has one.
    type: str
    required: true
  service_namespace:
    description: The service, such as V(rds) or V(elasticache).
    type: str
    required: true
  resource_id:
    description: The resource, such as V(cluster:example) or V(replication-group/example).
    type: str
    required: true
  scalable_dimension:
    description: What of it is scaled, such as V(rds:cluster:ReadReplicaCount).
    type: str
    required: true
  state:
    description: V(present) makes the policy exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  target_tracking_configuration:
    description: The metric, and the value to keep it near. What is not given stays as it is.
    type: dict
    suboptions:
      target_value:
        description: The value, in the metric's unit, such as percent. Required of a new policy.
        type: float
      predefined_metric_specification:
        description:
          - One of AWS's metrics. A new policy needs this or
            O(target_tracking_configuration.customized_metric_specification), and never both.
        type: dict
        suboptions:
          predefined_metric_type:
            description:
              - The metric, such as V(RDSReaderAverageCPUUtilization) or V(RDSReaderAverageDatabaseConnections).
            type: str
            required: true
          resource_label:
            description: What of the metric counts, for V(ALBRequestCountPerTarget).
            type: str
      customized_metric_specification:
        description: A metric of CloudWatch that goes up when there is more to do.
        type: dict
        suboptions:
          metric_name:
            description: Its name.
            type: str
            required: true
          namespace:
            description: Its namespace.
            type: str
            required: true
          statistic:
            description: Its statistic.
            type: str
            choices: [Average, Maximum, Minimum, SampleCount, Sum]
            required: true
          dimensions:
            description: Its dimensions, names and values.
            type: dict
            default: {}
          unit:
            description: Its unit, where it has several.
            type: str
      scale_out_cooldown:
        description: For how many seconds a growth counts before the next one; what the service takes when not given.
        type: int
      scale_in_cooldown:
        description: How many seconds have to pass before it shrinks again; what the service takes when not given.
        type: int
      disable_scale_in:
        description: Whether the policy only lets the capacity grow; of a new policy V(false).
        type: bool
  step_scaling_configuration:
    description: What an alarm's breach is worth. What is not given stays as it is.
    type: dict
    suboptions:
      adjustment_type:
        description: What C(scaling_adjustment) means. Required of a new policy.
        type: str
        choices: [ChangeInCapacity, ExactCapacity, PercentChangeInCapacity]
      step_adjustments:
        description: The steps, from the lowest on. Stated whole. Required of a new policy.
        type: list
        elements: dict
        suboptions:
          metric_interval_lower_bound:
            description: By how much the metric at least exceeds the alarm's threshold; no bound when not given.
            type: float
          metric_interval_upper_bound:
            description: By how much the metric at most exceeds it; no bound when not given.
            type: float
          scaling_adjustment:
            description: By how much, or to what, the capacity changes.
            type: int
            required: true
      cooldown:
        description: How many seconds a change counts before the next one; what the service takes when not given.
        type: int
      metric_aggregation_type:
        description: How several values of the metric are looked at; AWS takes the average when not given.
        type: str
        choices: [Average, Maximum, Minimum]
      min_adjustment_magnitude:
        description: By how much the capacity changes at least, with V(PercentChangeInCapacity).
        type: int
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Keep the CPUs of an Aurora cluster's readers near 60 percent
  wellarchitected.aws.applicationautoscaling_policy:
    policy_name: readers-cpu
    service_namespace: rds
    resource_id: cluster:example
    scalable_dimension: rds:cluster:ReadReplicaCount
    target_tracking_configuration:
      target_value: 60
      predefined_metric_specification:
        predefined_metric_type: RDSReaderAverageCPUUtilization
      scale_out_cooldown: 300
      scale_in_cooldown: 900

- name: Add two readers when an alarm goes off
  wellarchitected.aws.applicationautoscaling_policy:
    policy_name: readers-rush
    service_namespace: rds
    resource_id: cluster:example
    scalable_dimension: rds:cluster:ReadReplicaCount
    step_scaling_configuration:
      adjustment_type: ChangeInCapacity
      step_adjustments:
        - metric_interval_lower_bound: 0
          scaling_adjustment: 2

- name: Delete the policy
  wellarchitected.aws.applicationautoscaling_policy:
    policy_name: readers-cpu
    service_namespace: rds
    resource_id: cluster:example
    scalable_dimension: rds:cluster:ReadReplicaCount
    state: absent
"""

RETURN = r"""
policy:
  description: The policy as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    policy_name:
      description: Its name.
      type: str
      sample: readers-cpu
    policy_arn:
      description: Its ARN; in check mode without a value for a policy that would be created.
      type: str
      sample: >-
        arn:aws:autoscaling:ap-northeast-1:123456789012:scalingPolicy:12345678-1234-1234-1234-123456789012:resource/rds/cluster:example:policyName/readers-cpu
    policy_type:
      description: V(TargetTrackingScaling), V(StepScaling) or V(PredictiveScaling).
      type: str
      sample: TargetTrackingScaling
    service_namespace:
      description: The service.
      type: str
      sample: rds
    resource_id:
      description: The resource.
      type: str
      sample: cluster:example
    scalable_dimension:
      description: What of it is scaled.
      type: str
      sample: rds:cluster:ReadReplicaCount
    target_tracking_configuration:
      description: As in the option; empty for another type.
      type: dict
      sample:
        target_value: 60.0
        predefined_metric_specification:
          predefined_metric_type: RDSReaderAverageCPUUtilization
        scale_out_cooldown: 300
        scale_in_cooldown: 900
        disable_scale_in: false
    step_scaling_configuration:
      description: As in the option; empty for another type.
      type: dict
      sample: {}
    alarms:
      description: The names of the CloudWatch alarms that AWS has made for it, or that call it.
      type: list
      elements: str
      sample: [TargetTracking-cluster:example-AlarmHigh-12345678-1234-1234-1234-123456789012]
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.applicationautoscaling import (
    BUSY,
    TARGET,
    TARGET_OPTIONS,
    ScalingErrorHandler,
    check_known,
    target_of,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# The two configurations: the policy's type, what the API calls it, and what a new policy must be told.
KINDS = {
    "target_tracking_configuration": (
        "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration",
        ("target_value",),
    ),
    "step_scaling_configuration": (
        "StepScaling",
        "StepScalingPolicyConfiguration",
        ("adjustment_type", "step_adjustments"),
    ),
}
TRACKING = {
    "target_value": "TargetValue",
    "scale_out_cooldown": "ScaleOutCooldown",
    "scale_in_cooldown": "ScaleInCooldown",
    "disable_scale_in": "DisableScaleIn",
}
METRICS = {
    "predefined_metric_specification": "PredefinedMetricSpecification",
    "customized_metric_specification": "CustomizedMetricSpecification",
}
PREDEFINED = {"predefined_metric_type": "PredefinedMetricType", "resource_label": "ResourceLabel"}
CUSTOMIZED = {"metric_name": "MetricName", "namespace": "Namespace", "statistic": "Statistic", "unit": "Unit"}
STEPS = {
    "adjustment_type": "AdjustmentType",
    "cooldown": "Cooldown",
    "metric_aggregation_type": "MetricAggregationType",
    "min_adjustment_magnitude": "MinAdjustmentMagnitude",
}
STEP = {
    "metric_interval_lower_bound": "MetricIntervalLowerBound",
    "metric_interval_upper_bound": "MetricIntervalUpperBound",
    "scaling_adjustment": "ScalingAdjustment",
}


class Policy(Resource):
    partial = frozenset(KINDS)

    def __init__(self, params, scaling):
        super().__init__(given(params, KINDS))
        self.scaling = scaling
        self.target = target_of(scaling, params)
        self.name = params["policy_name"]
        metric = self.given.get("target_tracking_configuration", {}).get("predefined_metric_specification")
        if metric:
            check_known(scaling, "MetricType", "predefined_metric_type", metric["predefined_metric_type"])
        # The configuration as AWS told it, for what there are no options for.
        self.told = {}

    def find(self):
        policy = self._describe()
        if policy is None:
            return None
        self.told = policy.get("TargetTrackingScalingPolicyConfiguration", {})
        return read(policy)

    def blank(self):
        return {
            "policy_name": self.name,
            "policy_arn": None,
            "policy_type": next((KINDS[kind][0] for kind in KINDS if kind in self.given), None),
            **{name: self.target[member] for name, member in TARGET.items()},
            "target_tracking_configuration": {"disable_scale_in": False}
            if "target_tracking_configuration" in self.given
            else {},
            "step_scaling_configuration": {"metric_aggregation_type": "Average"}
            if "step_scaling_configuration" in self.given
            else {},
            "alarms": [],
        }

    def wanted(self, current):
        fields = super().wanted(current)
        tracking = self.given.get("target_tracking_configuration", {})
        for one, other in (tuple(METRICS), tuple(METRICS)[::-1]):
            if one in tracking and other not in tracking:
                fields["target_tracking_configuration"].pop(other, None)
        return fields

    def refusal(self, current, changes):
        after = {**current, **changes}
        if current["policy_arn"] is None and len(self.given) != 1:
            return "A new policy needs either target_tracking_configuration or step_scaling_configuration."
        for kind, (policy_type, _member, needed) in KINDS.items():
            if kind not in self.given:
                continue
            if current["policy_type"] != policy_type:
                return (
                    f"The policy {self.name} is one of {current['policy_type']}, and {kind} is for {policy_type}. "
                    "Choose another name, or delete it first."
                )
            missing = [name for name in needed if name not in after[kind]]
            if missing:
                return f"{kind} of a new policy needs {' and '.join(missing)}."
        return refused_metric(after["target_tracking_configuration"], self.told)

    def create(self):
        self._put({**self.blank(), **self.wanted(self.blank())})

    def update(self, current, changes):
        self._put({**current, **changes})

    @ScalingErrorHandler.deletion_error_handler("delete the scaling policy {self.name}")
    @retry_on(BUSY)
    def delete(self, current):
        self.scaling.delete_scaling_policy(PolicyName=self.name, **self.target)

    @ScalingErrorHandler.common_error_handler("find the scaling policy {self.name}")
    def _describe(self):
        pages = self.scaling.get_paginator("describe_scaling_policies").paginate(PolicyNames=[self.name], **self.target)
        return next((policy for page in pages for policy in page["ScalingPolicies"]), None)

    @ScalingErrorHandler.common_error_handler("put the scaling policy {self.name}")
    @retry_on(BUSY)
    def _put(self, state):
        self.scaling.put_scaling_policy(
            PolicyName=self.name, PolicyType=state["policy_type"], **self.target, **configuration(state, self.told)
        )


def read(policy):
    """A policy as Application Auto Scaling describes it, as a state."""
    return {
        "policy_name": policy["PolicyName"],
        "policy_arn": policy["PolicyARN"],
        "policy_type": policy["PolicyType"],
        **{name: policy[member] for name, member in TARGET.items()},
        "target_tracking_configuration": read_tracking(policy.get("TargetTrackingScalingPolicyConfiguration")),
        "step_scaling_configuration": read_steps(policy.get("StepScalingPolicyConfiguration")),
        "alarms": sorted(alarm["AlarmName"] for alarm in policy.get("Alarms", [])),
    }


def told(members, names):
    return {name: members[member] for name, member in names.items() if members.get(member) is not None}


def read_tracking(config):
    if not config:
        return {}
    state = {"disable_scale_in": False, **told(config, TRACKING)}
    if "PredefinedMetricSpecification" in config:
        state["predefined_metric_specification"] = told(config["PredefinedMetricSpecification"], PREDEFINED)
    # A metric that is calculated has no name.
    if "MetricName" in config.get("CustomizedMetricSpecification", {}):
        metric = config["CustomizedMetricSpecification"]
        state["customized_metric_specification"] = {
            **told(metric, CUSTOMIZED),
            "dimensions": boto3_tag_list_to_ansible_dict(metric.get("Dimensions", []), "Name", "Value"),
        }
    return state


def read_steps(config):
    if not config:
        return {}
    return {
        "metric_aggregation_type": "Average",
        **told(config, STEPS),
        "step_adjustments": [told(step, STEP) for step in config.get("StepAdjustments", [])],
    }


def refused_metric(tracking, told):
    if not tracking:
        return None
    metrics = [name for name in METRICS if name in tracking]
    if len(metrics) > 1:
        return f"Target tracking has either {' or '.join(METRICS)}, not both."
    if not metrics and "CustomizedMetricSpecification" not in told:
        return f"Target tracking needs {' or '.join(METRICS)}."
    return None


def said(state, names):
    return {member: state[name] for name, member in names.items() if state.get(name) is not None}


def configuration(state, told):
    """The argument that says how the policy scales, which AWS takes as a whole."""
    tracking, steps = state["target_tracking_configuration"], state["step_scaling_configuration"]
    if steps:
        adjustments = [said(step, STEP) for step in steps["step_adjustments"]]
        return {"StepScalingPolicyConfiguration": {**said(steps, STEPS), "StepAdjustments": adjustments}}
    config = said(tracking, TRACKING)
    if "predefined_metric_specification" in tracking:
        config["PredefinedMetricSpecification"] = said(tracking["predefined_metric_specification"], PREDEFINED)
    elif "customized_metric_specification" in tracking:
        metric = tracking["customized_metric_specification"]
        config["CustomizedMetricSpecification"] = {
            **said(metric, CUSTOMIZED),
            "Dimensions": ansible_dict_to_boto3_tag_list(metric["dimensions"], "Name", "Value"),
        }
    else:
        config["CustomizedMetricSpecification"] = told["CustomizedMetricSpecification"]
    return {"TargetTrackingScalingPolicyConfiguration": config}


def main():
    text, number = {"type": "str"}, {"type": "int"}
    named = {"type": "str", "required": True}
    module = AnsibleAWSModule(
        argument_spec={
            "policy_name": named,
            **TARGET_OPTIONS,
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "target_tracking_configuration": {
                "type": "dict",
                "options": {
                    "target_value": {"type": "float"},
                    "predefined_metric_specification": {
                        "type": "dict",
                        "options": {"predefined_metric_type": named, "resource_label": text},
                    },
                    "customized_metric_specification": {
                        "type": "dict",
                        "options": {
                            "metric_name": named,
                            "namespace": named,
                            "statistic": {
                                **named,
                                "choices": ["Average", "Maximum", "Minimum", "SampleCount", "Sum"],
                            },
                            "dimensions": {"type": "dict", "default": {}},
                            "unit": text,
                        },
                    },
                    "scale_out_cooldown": number,
                    "scale_in_cooldown": number,
                    "disable_scale_in": {"type": "bool"},
                },
            },
            "step_scaling_configuration": {
                "type": "dict",
                "options": {
                    "adjustment_type": {
                        "type": "str",
                        "choices": ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"],
                    },
                    "step_adjustments": {
                        "type": "list",
                        "elements": "dict",
                        "options": {
                            "metric_interval_lower_bound": {"type": "float"},
                            "metric_interval_upper_bound": {"type": "float"},
                            "scaling_adjustment": {"type": "int", "required": True},
                        },
                    },
                    "cooldown": number,
                    "metric_aggregation_type": {"type": "str", "choices": ["Average", "Maximum", "Minimum"]},
                    "min_adjustment_magnitude": number,
                },
            },
        },
        mutually_exclusive=[tuple(KINDS)],
        supports_check_mode=True,
    )
    run(module, "policy", lambda: Policy(module.params, client(module, "application-autoscaling")))


if __name__ == "__main__":
    main()
