#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: autoscaling_policy
version_added: "0.1.0"
short_description: Manage a scaling policy of an EC2 Auto Scaling group
description:
  - Creates, changes and deletes a policy that scales an Auto Scaling group by a metric. AWS makes the CloudWatch alarms
    of target tracking itself; those of step scaling are yours, with RV(policy.policy_arn) as their action.
  - A policy is identified by O(auto_scaling_group_name) and O(name). One of another O(policy_type) takes its place,
    whose ARN is another one.
  - community.aws has a module of this name, which is skipped in check mode, and deletes a policy of that name in
    whatever group it finds one.
  - Follows U(https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html) and
    U(https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the policy exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The name of the policy.
    type: str
    required: true
  auto_scaling_group_name:
    description:
      - The name of its Auto Scaling group.
    type: str
    required: true
    aliases: [asg_name]
  policy_type:
    description:
      - V(TargetTrackingScaling) keeps a metric near a value. V(StepScaling) does what an
        alarm's breach is worth.
      - Of a new policy V(TargetTrackingScaling) when not given.
    type: str
    choices: [TargetTrackingScaling, StepScaling]
  target_tracking_configuration:
    description:
      - The metric and the value to keep it near; of another policy what is not given stays as it is.
    type: dict
    suboptions:
      target_value:
        description: The value, in the metric's unit, such as percent or requests. Required of a new policy.
        type: float
      predefined_metric_specification:
        description:
          - One of AWS's metrics. A new policy needs this, or
            O(target_tracking_configuration.customized_metric_specification), and never both.
        type: dict
        suboptions:
          predefined_metric_type:
            description: The metric.
            type: str
            choices:
              - ALBRequestCountPerTarget
              - ASGAverageCPUUtilization
              - ASGAverageNetworkIn
              - ASGAverageNetworkOut
            required: true
          resource_label:
            description:
              - The load balancer and the target group whose requests count, as the ends of their ARNs
                (C(app/example/0123456789abcdef/targetgroup/example/0123456789abcdef)).
              - Required with V(ALBRequestCountPerTarget).
            type: str
      customized_metric_specification:
        description:
          - A metric of CloudWatch that goes up when there is more to do for each instance.
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
      disable_scale_in:
        description: Whether the policy only lets the group grow; V(false) for a new policy when not given.
        type: bool
  adjustment_type:
    description:
      - What O(step_adjustments[].scaling_adjustment) means. Required of a new policy for step scaling.
    type: str
    choices: [ChangeInCapacity, ExactCapacity, PercentChangeInCapacity]
  step_adjustments:
    description:
      - The steps, from the lowest on. Required of a new policy for step scaling.
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
  metric_aggregation_type:
    description:
      - How step scaling looks at several values of the metric; of a new policy V(Average) when not given.
    type: str
    choices: [Average, Maximum, Minimum]
  min_adjustment_magnitude:
    description:
      - By how many instances the group changes at least, with V(PercentChangeInCapacity).
    type: int
  estimated_instance_warmup:
    description:
      - The seconds until a new instance counts; V(-1) for what the group says, which AWS recommends.
    type: int
  enabled:
    description:
      - Whether the policy scales; of a new policy V(true) when not given.
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Keep the processors half busy
  wellarchitected.aws.autoscaling_policy:
    name: cpu
    auto_scaling_group_name: example-web
    target_tracking_configuration:
      predefined_metric_specification:
        predefined_metric_type: ASGAverageCPUUtilization
      target_value: 50

- name: Keep a server's share at 1000 requests a minute
  wellarchitected.aws.autoscaling_policy:
    name: requests
    auto_scaling_group_name: example-web
    target_tracking_configuration:
      predefined_metric_specification:
        predefined_metric_type: ALBRequestCountPerTarget
        resource_label: app/example/0123456789abcdef/targetgroup/example/0123456789abcdef
      target_value: 1000

- name: Add a server, or three when the queue is very long
  wellarchitected.aws.autoscaling_policy:
    name: queue
    auto_scaling_group_name: example-workers
    policy_type: StepScaling
    adjustment_type: ChangeInCapacity
    step_adjustments:
      - metric_interval_lower_bound: 0
        metric_interval_upper_bound: 1000
        scaling_adjustment: 1
      - metric_interval_lower_bound: 1000
        scaling_adjustment: 3

- name: Delete a policy
  wellarchitected.aws.autoscaling_policy:
    name: cpu
    auto_scaling_group_name: example-web
    state: absent
"""

RETURN = r"""
policy:
  description: The policy as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: cpu
    auto_scaling_group_name:
      description: The name of its group.
      type: str
      sample: example-web
    policy_arn:
      description: Its ARN; without a value in check mode where it would be created.
      type: str
      sample: >-
        arn:aws:autoscaling:ap-northeast-1:123456789012:scalingPolicy:0123:autoScalingGroupName/example-web:policyName/cpu
    policy_type:
      description: V(TargetTrackingScaling), V(StepScaling) or another type of AWS's.
      type: str
      sample: TargetTrackingScaling
    target_tracking_configuration:
      description: The metric and its value, in the shape of the option; empty with other types.
      type: dict
      sample:
        predefined_metric_specification:
          predefined_metric_type: ASGAverageCPUUtilization
        target_value: 50.0
        disable_scale_in: false
    adjustment_type:
      description: What an adjustment means; null with target tracking.
      type: str
      sample: ChangeInCapacity
    step_adjustments:
      description: The steps, in the shape of the option.
      type: list
      elements: dict
      sample: []
    metric_aggregation_type:
      description: How step scaling looks at several values; null with target tracking.
      type: str
      sample: Average
    min_adjustment_magnitude:
      description: By how many instances the group changes at least; null for no least number.
      type: int
      sample: 2
    estimated_instance_warmup:
      description: The seconds until a new instance counts; -1 for what the group says.
      type: int
      sample: -1
    enabled:
      description: Whether it scales.
      type: bool
      sample: true
"""

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict, snake_dict_to_camel_dict
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.autoscaling import retry_on_contention
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

TRACKING = "target_tracking_configuration"
METRICS = ("predefined_metric_specification", "customized_metric_specification")
# The options that are for step scaling only.
STEPS = ("adjustment_type", "step_adjustments", "metric_aggregation_type", "min_adjustment_magnitude")
FIELDS = ("policy_type", TRACKING, *STEPS, "estimated_instance_warmup", "enabled")


class PolicyErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        # What Auto Scaling says of a group, or a policy, that is not there.
        return is_boto3_error_code("ValidationError")


class Policy(Resource):
    def __init__(self, params, scaling):
        super().__init__(normalised(given(params, FIELDS)))
        self.name = params["name"]
        self.group = params["auto_scaling_group_name"]
        self.scaling = scaling

    @PolicyErrorHandler.list_error_handler("find the scaling policy {self.name}")
    def find(self):
        found = self.scaling.describe_policies(AutoScalingGroupName=self.group, PolicyNames=[self.name])
        return next(map(read, found["ScalingPolicies"]), None)

    def blank(self):
        steps = self.given.get("policy_type") == "StepScaling"
        return {
            "name": self.name,
            "auto_scaling_group_name": self.group,
            "policy_arn": None,
            "policy_type": self.given.get("policy_type", "TargetTrackingScaling"),
            TRACKING: {},
            "adjustment_type": None,
            "step_adjustments": [],
            "metric_aggregation_type": "Average" if steps else None,
            "min_adjustment_magnitude": None,
            "estimated_instance_warmup": -1,
            "enabled": True,
        }

    def wanted(self, current):
        fields = super().wanted(current)
        if TRACKING in fields:
            fields[TRACKING] = wanted_tracking(current[TRACKING], fields[TRACKING])
        return fields

    def changes(self, current):
        changes = super().changes(current)
        if current["policy_arn"] and "policy_type" in changes:
            # Nothing of the former policy is left.
            new = self.blank()
            return {**{name: value for name, value in new.items() if current[name] != value}, **self.wanted(new)}
        return changes

    def refusal(self, current, changes):
        after = {**current, **changes}
        steps = after["policy_type"] == "StepScaling"
        foreign = [name for name in ((TRACKING,) if steps else STEPS) if name in self.given]
        if foreign:
            return f"{', '.join(foreign)} cannot be given with a policy_type of {after['policy_type']}."
        if steps:
            missing = [name for name in ("adjustment_type", "step_adjustments") if not after[name]]
        else:
            tracking = after[TRACKING]
            missing = [] if "target_value" in tracking else [f"{TRACKING}.target_value"]
            if not any(metric in tracking for metric in METRICS):
                missing.append(f"{TRACKING}.{METRICS[0]} or {METRICS[1]}")
        if missing:
            return f"The scaling policy {self.name} lacks {' and '.join(missing)}."
        return None

    def create(self):
        self._put({**self.blank(), **self.wanted(self.blank())})

    def update(self, current, changes):
        if "policy_type" in changes:
            self._delete()
        self._put({**current, **changes})

    def delete(self, current):
        self._delete()

    @PolicyErrorHandler.common_error_handler("put the scaling policy {self.name} of {self.group}")
    @retry_on_contention
    def _put(self, state):
        self.scaling.put_scaling_policy(AutoScalingGroupName=self.group, PolicyName=self.name, **write(state))

    @PolicyErrorHandler.deletion_error_handler("delete the scaling policy {self.name} of {self.group}")
    @retry_on_contention
    def _delete(self):
        self.scaling.delete_policy(AutoScalingGroupName=self.group, PolicyName=self.name)


def normalised(fields):
    """The given options in the form in which read() answers them: CloudWatch's dimensions are texts."""
    custom = fields.get(TRACKING, {}).get("customized_metric_specification")
    if not custom:
        return fields
    custom = {**custom, "dimensions": {name: str(value) for name, value in custom["dimensions"].items()}}
    return {**fields, TRACKING: {**fields[TRACKING], "customized_metric_specification": custom}}


def wanted_tracking(current, fields):
    """The configuration of target tracking that a policy shall have, of which fields are given."""
    kept = current
    if any(metric in fields for metric in METRICS):
        kept = {name: value for name, value in current.items() if name not in METRICS}
    return {"disable_scale_in": False, **kept, **fields}


def read(policy):
    """A policy as Auto Scaling describes it, as a state."""
    return {
        "name": policy["PolicyName"],
        "auto_scaling_group_name": policy["AutoScalingGroupName"],
        "policy_arn": policy["PolicyARN"],
        "policy_type": policy["PolicyType"],
        TRACKING: read_tracking(policy.get("TargetTrackingConfiguration")),
        "adjustment_type": policy.get("AdjustmentType"),
        "step_adjustments": [camel_dict_to_snake_dict(step) for step in policy.get("StepAdjustments", [])],
        "metric_aggregation_type": policy.get("MetricAggregationType"),
        "min_adjustment_magnitude": policy.get("MinAdjustmentMagnitude"),
        "estimated_instance_warmup": policy.get("EstimatedInstanceWarmup", -1),
        "enabled": policy.get("Enabled", True),
    }


def read_tracking(configuration):
    if not configuration:
        return {}
    state = camel_dict_to_snake_dict({"DisableScaleIn": False, **configuration})
    custom = state.get("customized_metric_specification")
    if custom and "metric_name" in custom:
        custom["dimensions"] = {item["name"]: item["value"] for item in custom.get("dimensions", [])}
    return state


def write_tracking(state):
    custom = state.get("customized_metric_specification")
    if custom and "metric_name" in custom:
        dimensions = [{"name": name, "value": value} for name, value in sorted(custom["dimensions"].items())]
        state = {**state, "customized_metric_specification": {**custom, "dimensions": dimensions}}
    return snake_dict_to_camel_dict(state, capitalize_first=True)


def write(state):
    """The members of PutScalingPolicy for this state; it resets what is left out."""
    members = {"PolicyType": state["policy_type"], "Enabled": state["enabled"]}
    if state["estimated_instance_warmup"] != -1:
        members["EstimatedInstanceWarmup"] = state["estimated_instance_warmup"]
    if state["policy_type"] == "StepScaling":
        steps = {name: state[name] for name in STEPS if state[name] is not None}
        return {**members, **snake_dict_to_camel_dict(steps, capitalize_first=True)}
    return {**members, "TargetTrackingConfiguration": write_tracking(state[TRACKING])}


def main():
    predefined = {
        "predefined_metric_type": {
            "type": "str",
            "choices": [
                "ALBRequestCountPerTarget",
                "ASGAverageCPUUtilization",
                "ASGAverageNetworkIn",
                "ASGAverageNetworkOut",
            ],
            "required": True,
        },
        "resource_label": {"type": "str"},
    }
    customized = {
        "metric_name": {"type": "str", "required": True},
        "namespace": {"type": "str", "required": True},
        "statistic": {
            "type": "str",
            "choices": ["Average", "Maximum", "Minimum", "SampleCount", "Sum"],
            "required": True,
        },
        "dimensions": {"type": "dict", "default": {}},
        "unit": {"type": "str"},
    }
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "name": {"type": "str", "required": True},
            "auto_scaling_group_name": {"type": "str", "required": True, "aliases": ["asg_name"]},
            "policy_type": {"type": "str", "choices": ["TargetTrackingScaling", "StepScaling"]},
            TRACKING: {
                "type": "dict",
                "options": {
                    "target_value": {"type": "float"},
                    "predefined_metric_specification": {
                        "type": "dict",
                        "options": predefined,
                        "required_if": [("predefined_metric_type", "ALBRequestCountPerTarget", ["resource_label"])],
                    },
                    "customized_metric_specification": {"type": "dict", "options": customized},
                    "disable_scale_in": {"type": "bool"},
                },
                "mutually_exclusive": [METRICS],
            },
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
            "metric_aggregation_type": {"type": "str", "choices": ["Average", "Maximum", "Minimum"]},
            "min_adjustment_magnitude": {"type": "int"},
            "estimated_instance_warmup": {"type": "int"},
            "enabled": {"type": "bool"},
        },
        supports_check_mode=True,
    )
    run(module, "policy", lambda: Policy(module.params, client(module, "autoscaling")))


if __name__ == "__main__":
    main()
