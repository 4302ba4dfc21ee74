# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of EC2 Auto Scaling have in common, and how a group is read, compared and written.

States are in the vocabulary of autoscaling_group's options; what AWS shows as missing has the option's value for none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict, snake_dict_to_camel_dict
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory

from .consistency import UNKNOWN_INSTANCE_PROFILE, retry_on
from .reconcile import State

Members = dict[str, Any]

# An instance refresh of any other status has ended.
ACTIVE_REFRESH = ("Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking")
# What an instance refresh is before AWS has said anything about it.
NEW_REFRESH = {"instance_refresh_id": None, "status": "Pending", "percentage_complete": 0, "status_reason": None}
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnableMetricsCollection.html
METRICS = [
    "GroupAndWarmPoolDesiredCapacity",
    "GroupAndWarmPoolTotalCapacity",
    "GroupDesiredCapacity",
    "GroupInServiceCapacity",
    "GroupInServiceInstances",
    "GroupMaxSize",
    "GroupMinSize",
    "GroupPendingCapacity",
    "GroupPendingInstances",
    "GroupStandbyCapacity",
    "GroupStandbyInstances",
    "GroupTerminatingCapacity",
    "GroupTerminatingInstances",
    "GroupTotalCapacity",
    "GroupTotalInstances",
    "WarmPoolDesiredCapacity",
    "WarmPoolPendingCapacity",
    "WarmPoolTerminatingCapacity",
    "WarmPoolTotalCapacity",
    "WarmPoolWarmedCapacity",
]
TRANSITIONS = ["autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"]
NEW_WARM_POOL = {
    "min_size": 0,
    "max_group_prepared_capacity": -1,
    "pool_state": "Stopped",
    "reuse_on_scale_in": False,
}
NEW_DISTRIBUTION = {
    "on_demand_allocation_strategy": "prioritized",
    "on_demand_base_capacity": 0,
    "on_demand_percentage_above_base_capacity": 100,
    "spot_allocation_strategy": "lowest-price",
    "spot_max_price": "",
}
_HOOK_MEMBERS = {
    "name": "LifecycleHookName",
    "transition": "LifecycleTransition",
    "heartbeat_timeout": "HeartbeatTimeout",
    "default_result": "DefaultResult",
    "notification_target_arn": "NotificationTargetARN",
    "role_arn": "RoleARN",
    "notification_metadata": "NotificationMetadata",
}

# How a group was before its instances are put on standby, in words that any tag may have.
_MAINTENANCE_TAG = "Maintenance"
_SUSPENDED_IN_MAINTENANCE = ["AZRebalance"]

# AWS works on another change of the same group, or the instance profile of its launch template is seconds old.
retry_on_contention = retry_on("ResourceContention", UNKNOWN_INSTANCE_PROFILE)


class AutoScalingErrorHandler(AWSErrorHandler):
    """Decorators for the functions that call EC2 Auto Scaling."""


class GroupWaiters(BaseWaiterFactory):
    @property
    def _waiter_model_data(self):
        healthy = "Instances[?LifecycleState == 'InService' && HealthStatus == 'Healthy']"
        capacity = f"sum(AutoScalingGroups[0].{healthy}.to_number(WeightedCapacity || '1'))"
        groups = {
            "in_service": f"{capacity} >= AutoScalingGroups[0].DesiredCapacity",
            "empty": "!(AutoScalingGroups[0].Instances) && !(AutoScalingGroups[0].WarmPoolConfiguration)",
            "deleted": "length(AutoScalingGroups) == `0`",
        }
        refresh = {
            "Successful": "success",
            **dict.fromkeys(("Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"), "failure"),
        }
        status = "InstanceRefreshes[0].Status"
        return {
            **{
                name: _waiter("DescribeAutoScalingGroups", [("success", reached, True)])
                for name, reached in groups.items()
            },
            "refresh_successful": _waiter(
                "DescribeInstanceRefreshes", [(state, status, end) for end, state in refresh.items()]
            ),
            "refresh_ended": _waiter("DescribeInstanceRefreshes", [("success", status, end) for end in refresh]),
        }


def _waiter(operation: str, ends: list[tuple[str, str, Any]]) -> Members:
    return {
        "operation": operation,
        "delay": 10,
        "maxAttempts": 180,
        "acceptors": [
            {"state": state, "matcher": "path", "argument": argument, "expected": expected}
            for state, argument, expected in ends
        ],
    }


# Groups


def normalised(fields: State) -> State:
    """The given options of a group, in the form in which read_group answers them."""
    fields = dict(fields)
    for field in ("subnet_ids", "target_group_arns", "enabled_metrics"):
        if field in fields:
            fields[field] = sorted(set(fields[field]))
    if "health_check_type" in fields:
        # EC2's own checks cannot be switched off.
        fields["health_check_type"] = sorted({"EC2", *fields["health_check_type"]})
    if "lifecycle_hooks" in fields:
        fields["lifecycle_hooks"] = sorted(fields["lifecycle_hooks"], key=lambda hook: hook["name"])
    return fields


def new_group(name: str, fields: State) -> State:
    """The state of a new group of which nothing but what AWS has to know of it is said."""
    return {
        "name": name,
        "arn": None,
        "status": None,
        "launch_template": {},
        "mixed_instances_policy": {},
        "min_size": None,
        "max_size": None,
        "desired_capacity": fields.get("min_size"),
        "subnet_ids": [],
        "target_group_arns": [],
        "health_check_type": ["EC2"],
        "health_check_grace_period": 0,
        "termination_policies": ["Default"],
        "default_cooldown": 300,
        "default_instance_warmup": -1,
        "capacity_rebalance": False,
        "max_instance_lifetime": 0,
        "new_instances_protected_from_scale_in": False,
        "enabled_metrics": [],
        "warm_pool": {},
        "tags": {},
        "propagated_tags": [],
        **({"lifecycle_hooks": []} if "lifecycle_hooks" in fields else {}),
        **({"outdated_instances": [], "instance_refresh": None} if "outdated_instances" in fields else {}),
    }


def read_group(group: Members, hooks: list[Members] | None) -> State:
    """A group as AWS describes it, and its lifecycle hooks where they are asked for, as a state."""
    # How the group was before its instances are put on standby stays there until that is over.
    tags = [tag for tag in group.get("Tags", []) if tag["Key"] != _MAINTENANCE_TAG]
    return {
        "name": group["AutoScalingGroupName"],
        "arn": group["AutoScalingGroupARN"],
        "status": group.get("Status"),
        **read_configuration(group),
        "min_size": group["MinSize"],
        "max_size": group["MaxSize"],
        "desired_capacity": group["DesiredCapacity"],
        "subnet_ids": sorted(filter(None, group.get("VPCZoneIdentifier", "").replace(" ", "").split(","))),
        "target_group_arns": sorted(group.get("TargetGroupARNs", [])),
        "health_check_type": sorted({"EC2", *group["HealthCheckType"].replace(" ", "").split(",")}),
        "health_check_grace_period": group.get("HealthCheckGracePeriod", 0),
        "termination_policies": group.get("TerminationPolicies", []),
        "default_cooldown": group["DefaultCooldown"],
        "default_instance_warmup": group.get("DefaultInstanceWarmup", -1),
        "capacity_rebalance": group.get("CapacityRebalance", False),
        "max_instance_lifetime": group.get("MaxInstanceLifetime", 0),
        "new_instances_protected_from_scale_in": group.get("NewInstancesProtectedFromScaleIn", False),
        "enabled_metrics": sorted(metric["Metric"] for metric in group.get("EnabledMetrics", [])),
        "warm_pool": read_warm_pool(group.get("WarmPoolConfiguration")),
        "tags": {tag["Key"]: tag.get("Value", "") for tag in tags},
        "propagated_tags": sorted(tag["Key"] for tag in tags if tag.get("PropagateAtLaunch")),
        **({} if hooks is None else {"lifecycle_hooks": sorted(map(read_hook, hooks), key=lambda hook: hook["name"])}),
    }


def keep_within_bounds(current: State, changes: State, fields: State) -> None:
    """Add to the changes what new bounds make of a desired capacity that is not given."""
    # A new group begins with its least size.
    new = current["max_size"] is None
    if new or "desired_capacity" in fields or not changes.keys() & {"min_size", "max_size"}:
        return
    after = {**current, **changes}
    bounded = max(after["min_size"], min(current["desired_capacity"], after["max_size"]))
    if bounded != current["desired_capacity"]:
        changes["desired_capacity"] = bounded


def settings(fields: State, members: Mapping[str, str]) -> Members:
    """The members of a request for these fields; others are left out."""
    written = {member: fields[field] for field, member in members.items() if field in fields}
    if "subnet_ids" in fields:
        written["VPCZoneIdentifier"] = ",".join(fields["subnet_ids"])
    if "health_check_type" in fields:
        # EC2 is only named where there is nothing else.
        written["HealthCheckType"] = ",".join(
            [name for name in fields["health_check_type"] if name != "EC2"] or ["EC2"]
        )
    return written


# Launch templates


def read_configuration(members: Members) -> State:
    """What instances are launched from: of a group, or of an instance refresh's desired configuration."""
    policy = members.get("MixedInstancesPolicy")
    if not policy:
        return {
            "launch_template": read_template(members.get("LaunchTemplate")),
            "mixed_instances_policy": {},
        }
    return {
        "launch_template": read_template(policy["LaunchTemplate"]["LaunchTemplateSpecification"]),
        "mixed_instances_policy": {
            "overrides": [_read_override(item) for item in policy["LaunchTemplate"].get("Overrides", [])],
            "instances_distribution": _distribution(camel_dict_to_snake_dict(policy.get("InstancesDistribution", {}))),
        },
    }


def write_configuration(state: State) -> Members:
    """The members of a request for what instances are launched from."""
    template = write_template(state["launch_template"])
    policy = state["mixed_instances_policy"]
    if not policy:
        return {"LaunchTemplate": template}
    distribution = snake_dict_to_camel_dict(policy["instances_distribution"], capitalize_first=True)
    return {
        "MixedInstancesPolicy": {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": template,
                "Overrides": [_write_override(override) for override in policy["overrides"]],
            },
            "InstancesDistribution": distribution,
        }
    }


def read_template(specification: Members | None) -> State:
    """AWS shows no version where none was given, and then means the default one."""
    if not specification:
        return {}
    return {
        "launch_template_id": specification.get("LaunchTemplateId"),
        "launch_template_name": specification.get("LaunchTemplateName"),
        "version": specification.get("Version", "$Default"),
    }


def write_template(template: State) -> Members:
    named = {"LaunchTemplateId": template.get("launch_template_id")}
    if not named["LaunchTemplateId"]:
        named = {"LaunchTemplateName": template.get("launch_template_name")}
    return {**named, "Version": template.get("version", "$Default")}


def template_key(template: State) -> tuple[str, str]:
    """By which argument of DescribeLaunchTemplates, and which value of it, a launch template is found."""
    if template.get("launch_template_id"):
        return "LaunchTemplateIds", template["launch_template_id"]
    return "LaunchTemplateNames", template["launch_template_name"]


def wanted_template(current: State, fields: State, template: Members | None) -> State:
    """The launch template that a group shall have, of which `fields` are given and EC2 describes `template`."""
    found = template or {}
    wanted = {
        "launch_template_id": found.get("LaunchTemplateId", fields.get("launch_template_id")),
        "launch_template_name": found.get("LaunchTemplateName", fields.get("launch_template_name")),
    }
    same = all(current.get(name) == value for name, value in wanted.items() if value)
    return {**wanted, "version": fields.get("version") or (current.get("version") if same else None) or "$Default"}


def completed(configuration: State, find: Callable[[State], Members | None]) -> State:
    """A configuration with the ids and the names of its launch templates; a refresh may show what it was given."""
    template, policy = configuration["launch_template"], configuration["mixed_instances_policy"]
    if policy:
        overrides = [_wanted_override(override, [], find) for override in policy["overrides"]]
        policy = {**policy, "overrides": overrides}
    return {"launch_template": wanted_template({}, template, find(template)), "mixed_instances_policy": policy}


def resolved(template: State, found: Members | None) -> tuple[str | None, str | None]:
    """The id and the number of the version that a launch template stands for now, as far as EC2 knows it."""
    found = found or {}
    version = template.get("version", "$Default")
    numbers = {"$Latest": found.get("LatestVersionNumber"), "$Default": found.get("DefaultVersionNumber")}
    number = numbers.get(version, version)
    return found.get("LaunchTemplateId"), None if number is None else str(number)


# Mixed instances policies


def _read_override(item: Members) -> State:
    """An override; what there is no option for is kept as AWS writes it."""
    override = dict(item)
    state = {}
    if "InstanceType" in override:
        state["instance_type"] = override.pop("InstanceType")
    if "WeightedCapacity" in override:
        state["weighted_capacity"] = int(override.pop("WeightedCapacity"))
    if "LaunchTemplateSpecification" in override:
        state["launch_template"] = read_template(override.pop("LaunchTemplateSpecification"))
    return {**state, **override}


def _write_override(override: State) -> Members:
    item = dict(override)
    members = {}
    if "instance_type" in item:
        members["InstanceType"] = item.pop("instance_type")
    if "weighted_capacity" in item:
        members["WeightedCapacity"] = str(item.pop("weighted_capacity"))
    if "launch_template" in item:
        members["LaunchTemplateSpecification"] = write_template(item.pop("launch_template"))
    return {**members, **item}


def _distribution(given: State) -> State:
    distribution = {**NEW_DISTRIBUTION, **given}
    # Other strategies choose the pools themselves, and refuse a number of them.
    pools = distribution.pop("spot_instance_pools", 2)
    if distribution["spot_allocation_strategy"] == "lowest-price":
        distribution["spot_instance_pools"] = pools
    return distribution


def wanted_policy(current: State, fields: State, find: Callable[[State], Members | None]) -> State:
    """The mixed instances policy that a group shall have, of which `fields` are given; find knows launch templates."""
    if not fields:
        return {}
    before = current.get("overrides", [])
    overrides = (
        [_wanted_override(override, before, find) for override in fields["overrides"]]
        if "overrides" in fields
        else before
    )
    distribution = {**current.get("instances_distribution", {}), **fields.get("instances_distribution", {})}
    return {"overrides": overrides, "instances_distribution": _distribution(distribution)}


def _wanted_override(override: State, before: list[State], find: Callable[[State], Members | None]) -> State:
    template = override.get("launch_template")
    if not template:
        return override
    same_type = (
        item.get("launch_template", {}) for item in before if item.get("instance_type") == override["instance_type"]
    )
    return {**override, "launch_template": wanted_template(next(same_type, {}), template, find(template))}


# Lifecycle hooks and warm pools


def read_hook(hook: Members) -> State:
    return {field: hook.get(member, "") for field, member in _HOOK_MEMBERS.items()}


def write_hook(hook: State) -> Members:
    return {member: hook[field] for field, member in _HOOK_MEMBERS.items() if hook[field] != ""}


def loses_text(before: State | None, hook: State) -> bool:
    """Whether a hook that is changed so has to be made anew, as AWS takes no empty text for a change."""
    return before is not None and any(before[field] and hook[field] == "" for field in _HOOK_MEMBERS)


def read_warm_pool(pool: Members | None) -> State:
    if not pool or pool.get("Status") == "PendingDelete":
        return {}
    return {
        "min_size": pool.get("MinSize", 0),
        "max_group_prepared_capacity": pool.get("MaxGroupPreparedCapacity", -1),
        "pool_state": pool["PoolState"],
        "reuse_on_scale_in": pool.get("InstanceReusePolicy", {}).get("ReuseOnScaleIn", False),
    }


def write_warm_pool(pool: State) -> Members:
    return {
        "MinSize": pool["min_size"],
        "MaxGroupPreparedCapacity": pool["max_group_prepared_capacity"],
        "PoolState": pool["pool_state"],
        "InstanceReusePolicy": {"ReuseOnScaleIn": pool["reuse_on_scale_in"]},
    }


# Tags


def propagated_tags(current: State, tags: Mapping[str, str], fields: Iterable[str], propagate: bool) -> list[str]:
    """The names of those of the group's tags that instances get, when it is said of the given ones."""
    return sorted(key for key in tags if (propagate if key in fields else key in current["propagated_tags"]))


def write_tags(name: str, tags: Mapping[str, str], propagated: Iterable[str]) -> list[Members]:
    return [{**_tag(name, key), "Value": value, "PropagateAtLaunch": key in propagated} for key, value in tags.items()]


def changed_tags(name: str, current: State, after: State) -> tuple[list[Members], list[Members]]:
    """The tags to set and those to remove."""
    before = write_tags(name, current["tags"], current["propagated_tags"])
    wanted = write_tags(name, after["tags"], after["propagated_tags"])
    removed = [_tag(name, key) for key in current["tags"] if key not in after["tags"]]
    return [tag for tag in wanted if tag not in before], removed


def _tag(name: str, key: str) -> Members:
    return {"ResourceId": name, "ResourceType": "auto-scaling-group", "Key": key}


# Instance refreshes


def outdated_instances(
    instances: Iterable[Members], templates: set[tuple[str | None, str | None]], preferences: State
) -> list[str]:
    """The ids of the instances of another launch template and version than these; none while EC2 does not know one."""
    if any(None in template for template in templates):
        return []
    return sorted(
        instance["InstanceId"]
        for instance in instances
        if instance["LifecycleState"].startswith(("Pending", "InService"))
        and not (instance.get("ProtectedFromScaleIn") and preferences["scale_in_protected_instances"] == "Ignore")
        and _launched_from(instance) not in templates
    )


def _launched_from(instance: Members) -> tuple[str | None, str | None]:
    template = instance.get("LaunchTemplate", {})
    return template.get("LaunchTemplateId"), template.get("Version")


def read_refresh(refresh: Members | None) -> State | None:
    if refresh is None:
        return None
    return {
        "instance_refresh_id": refresh["InstanceRefreshId"],
        "status": refresh["Status"],
        "percentage_complete": refresh.get("PercentageComplete", 0),
        "status_reason": refresh.get("StatusReason"),
    }


def write_preferences(preferences: State) -> Members:
    """The preferences of an instance refresh; AWS has defaults for those that are not given."""
    members = {name: value for name, value in preferences.items() if value is not None}
    alarms = members.pop("alarms", None)
    written = snake_dict_to_camel_dict(members, capitalize_first=True)
    return written if alarms is None else {**written, "AlarmSpecification": {"Alarms": alarms}}


def refresh_in_progress(name: str, refresh: State) -> str:
    """A sentence that says why no instance refresh can be started now."""
    return (
        f"An instance refresh of {name} is {refresh['status']}, {refresh['percentage_complete']} % of it done "
        f"({refresh['instance_refresh_id']}), to something else than what is wanted now. Run this again when it has "
        "ended, set wait to true, or cancel it."
    )


def refresh_failed(name: str, refresh: State) -> str:
    """A sentence that says what became of an instance refresh that was waited for."""
    reason = f": {refresh['status_reason']}" if refresh["status_reason"] else ""
    return (
        f"The instance refresh of {name} is {refresh['status']}{reason} ({refresh['instance_refresh_id']}). The "
        "group's activities say what failed. Mend it, and run this again, which starts another one."
    )


# Maintenance


def maintenance_tag(name: str) -> Members:
    """The tag of a group that says how it was, without its value."""
    return _tag(name, _MAINTENANCE_TAG)


def write_maintenance(state: State) -> str:
    """The tag's value: the least size that the group had, and the processes that are to be resumed."""
    resumed = (f"resume={process}" for process in state["suspended_processes"])
    return " ".join([f"min_size={state['min_size_before']}", *resumed])


def read_maintenance(group: Members) -> State | None:
    """What is lowered and suspended in a group that AWS describes; None when nothing is."""
    values = [tag.get("Value", "") for tag in group.get("Tags", []) if tag["Key"] == _MAINTENANCE_TAG]
    if not values:
        return None
    words = [word.partition("=")[::2] for word in values[0].split()]
    before = [int(value) for key, value in words if key == "min_size" and value.isdigit()]
    return {
        **new_maintenance(group),
        # Who has raised it meanwhile meant it.
        "min_size_before": max([group["MinSize"], *before]),
        "suspended_processes": [value for key, value in words if key == "resume"],
    }


def new_maintenance(group: Members) -> State:
    """A group of which nothing is lowered or suspended yet, and what is to be suspended."""
    suspended = sorted(each["ProcessName"] for each in group.get("SuspendedProcesses", []))
    return {
        "min_size": group["MinSize"],
        "min_size_before": group["MinSize"],
        "suspended_processes": [process for process in _SUSPENDED_IN_MAINTENANCE if process not in suspended],
        "suspended_now": suspended,
    }


def in_maintenance(name: str) -> str:
    """A sentence that says that instances of a group are put on standby, or that this was never finished."""
    return (
        f"Instances of {name} are being put on standby, or that was broken off: its tag {_MAINTENANCE_TAG} says how "
        "the group was. Unless playbooks/restart_hosts.yml is running, run it again, which puts the group right."
    )


def refresh_in_the_way(name: str, refresh: Members) -> str:
    """A sentence that says why instances cannot be put on standby now."""
    return (
        f"An instance refresh of {name} is {refresh['Status']}, {refresh.get('PercentageComplete', 0)} % of it done "
        f"({refresh['InstanceRefreshId']}): it replaces the instances anyway. Run this again when it has ended, or "
        "cancel it."
    )
