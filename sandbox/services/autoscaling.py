# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2 Auto Scaling: groups keep all their settings, and replace their instances by an instance refresh.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/Welcome.html
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import (
    AutoScalingBackend,
    FakeAutoScalingGroup,
    FakeScalingPolicy,
    FakeScheduledAction,
    InstanceState,
    LifecycleHook,
)
from moto.ec2.models.launch_templates import LaunchTemplate

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import LET_MOTO_ANSWER, Request, after_moto, mend, operation

# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnableMetricsCollection.html
METRICS = [
    *(f"Group{name}Size" for name in ("Min", "Max")),
    "GroupDesiredCapacity",
    *(f"Group{state}Instances" for state in ("InService", "Pending", "Standby", "Terminating", "Total")),
    *(f"Group{state}Capacity" for state in ("InService", "Pending", "Standby", "Terminating", "Total")),
    *(f"WarmPool{state}Capacity" for state in ("Desired", "Warmed", "Pending", "Terminating", "Total")),
    *(f"GroupAndWarmPool{state}Capacity" for state in ("Desired", "Total")),
]
# An instance refresh of any other status has ended.
ACTIVE = ("Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking")


def group_of(request: Request) -> FakeAutoScalingGroup:
    """The group that a request names."""
    name = request.params["AutoScalingGroupName"]
    if name not in request.backend.autoscaling_groups:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    return request.backend.autoscaling_groups[name]


# Groups


@operation("autoscaling", "CreateAutoScalingGroup", instead_of_moto="It overwrites a group of the same name.")
def create_auto_scaling_group(request: Request) -> Any:
    params = request.params
    if params["AutoScalingGroupName"] in request.backend.autoscaling_groups:
        message = "AutoScalingGroup by this name already exists - A group with this name already exists"
        raise ServiceError("AlreadyExists", message)
    _refuse_capacity(params["MinSize"], params["MaxSize"], params.get("DesiredCapacity"))
    return LET_MOTO_ANSWER


def _refuse_capacity(smallest: int, largest: int, desired: int | None) -> None:
    if smallest > largest:
        raise ValidationError(f"Max bound, {largest}, must be greater than or equal to min bound, {smallest}")
    if desired is not None and not smallest <= desired <= largest:
        message = f"Desired capacity:{desired} must be between the specified min size:{smallest} and max size:{largest}"
        raise ValidationError(message)


@after_moto("autoscaling", "CreateAutoScalingGroup")
def keep_the_settings_of_a_new_group(request: Request) -> None:
    """moto drops some, takes a grace period of 0, AWS's default, for 300 s, and creates no hooks."""
    group = group_of(request)
    group.status = None
    _keep_settings(group, {"HealthCheckGracePeriod": 0, **request.params})
    for hook in request.params.get("LifecycleHookSpecificationList", []):
        _put_hook(request.backend, group.name, hook)


@operation("autoscaling", "UpdateAutoScalingGroup", instead_of_moto="It takes what is not to be set by a deletion.")
def update_auto_scaling_group(request: Request) -> Any:
    params = request.params
    group = group_of(request)
    if group.status:
        raise ValidationError("You cannot modify an AutoScalingGroup while it is pending delete")
    _refuse_capacity(
        params.get("MinSize", group.min_size), params.get("MaxSize", group.max_size), params.get("DesiredCapacity")
    )
    return LET_MOTO_ANSWER


@after_moto("autoscaling", "UpdateAutoScalingGroup")
def keep_the_settings_of_a_changed_group(request: Request) -> None:
    _keep_settings(group_of(request), request.params)


def _keep_settings(group: FakeAutoScalingGroup, params: dict[str, Any]) -> None:
    """Settings whose value for "none" is not shown, and those that moto forgets to change.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
    """
    for name, attribute, none in (
        ("DefaultInstanceWarmup", "default_instance_warmup", -1),
        ("MaxInstanceLifetime", "max_instance_lifetime", 0),
        ("DefaultCooldown", "default_cooldown", None),
        ("HealthCheckGracePeriod", "health_check_grace_period", None),
        ("TerminationPolicies", "termination_policies", None),
        ("CapacityRebalance", "capacity_rebalance", None),
    ):
        if name in params:
            setattr(group, attribute, None if params[name] == none else params[name])


@mend(FakeAutoScalingGroup, "update")
def update(original: Callable, self: FakeAutoScalingGroup, *args: Any, **settings: Any) -> None:
    """A mixed instances policy stays until another one, or a launch template alone, takes its place."""
    given = (settings["launch_template"], settings["launch_config_name"], settings["mixed_instances_policy"])
    if self.mixed_instances_policy and not any(given):
        settings["mixed_instances_policy"] = self.mixed_instances_policy
        # moto keeps it by name and identifier, and takes only one of them.
        del self.mixed_instances_policy["LaunchTemplate"]["LaunchTemplateSpecification"]["LaunchTemplateName"]
    smallest, desired = settings.get("min_size"), settings.get("desired_capacity")
    if smallest is not None and desired is None and smallest > (self.desired_capacity or 0):
        # moto counts those on standby, too.
        settings["desired_capacity"] = smallest
    original(self, *args, **settings)


@mend(FakeAutoScalingGroup, "_set_launch_configuration")
def set_launch_configuration(original: Callable, self: FakeAutoScalingGroup, *args: Any, **kwargs: Any) -> None:
    """Overrides show the name and the identifier of their launch templates, too, whichever was given."""
    original(self, *args, **kwargs)
    for override in (self.mixed_instances_policy or {}).get("LaunchTemplate", {}).get("Overrides", []):
        specification = override.get("LaunchTemplateSpecification")
        if specification:
            backend = self.ec2_backend
            template = (
                backend.get_launch_template(specification["LaunchTemplateId"])
                if "LaunchTemplateId" in specification
                else backend.get_launch_template_by_name(specification["LaunchTemplateName"])
            )
            specification.update(LaunchTemplateId=template.id, LaunchTemplateName=template.name)


@mend(FakeAutoScalingGroup, "launch_template")
def launch_template(original: Callable, self: FakeAutoScalingGroup) -> dict[str, Any] | None:
    """A group with a mixed instances policy shows its launch template there and nowhere else."""
    return None if self.mixed_instances_policy else original(self)


@operation("autoscaling", "DeleteAutoScalingGroup", instead_of_moto="It needs no force, and no time.")
def delete_auto_scaling_group(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html"""
    group, backend = group_of(request), request.backend
    if group.status:
        return {}
    if not request.params.get("ForceDelete") and (group.instance_states or group.warm_pool):
        message = "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s)"
        raise ServiceError("ResourceInUse", f"{message} still in the group.")
    for member in group.instance_states:
        member.protected_from_scale_in = False
    backend.delete_auto_scaling_group(group.name)
    _refreshes(backend).pop(group.name, None)
    for things in (backend.policies, backend.lifecycle_hooks, backend.scheduled_actions):
        for key, thing in list(things.items()):
            if thing.auto_scaling_group_name == group.name:
                del things[key]
    group.status = "Delete in progress"
    CLOCK.linger(backend.autoscaling_groups, group.name, group, "auto_scaling_group.deletion")
    return {}


# Instances


def _state_of(member: InstanceState) -> str:
    """An instance is in service once it runs."""
    stored = member.__dict__["lifecycle_state"]
    return "Pending" if stored == "InService" and member.instance.state == "pending" else stored


InstanceState.lifecycle_state = property(
    _state_of, lambda member, state: member.__dict__.__setitem__("lifecycle_state", state)
)


@mend(FakeAutoScalingGroup, "active_instances")
def active_instances(original: Callable, self: FakeAutoScalingGroup) -> list[InstanceState]:
    """Those that are on their way count, too."""
    return [member for member in self.instance_states if member.lifecycle_state in ("InService", "Pending")]


@mend(FakeAutoScalingGroup, "replace_autoscaling_group_instances")
def launch_where_there_are_fewest(
    original: Callable, self: FakeAutoScalingGroup, count_needed: int, propagated_tags: dict[str, str]
) -> None:
    """Instances are divided evenly between the subnets; moto launches all in the first one.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html
    """
    all_subnets = self.vpc_zone_identifier
    if not all_subnets:
        original(self, count_needed, propagated_tags)
        return
    try:
        for _ in range(count_needed):
            used = [member.instance.subnet_id for member in self.instance_states]
            self.vpc_zone_identifier = min(all_subnets.split(","), key=used.count)
            original(self, 1, propagated_tags)
    finally:
        self.vpc_zone_identifier = all_subnets


@mend(FakeAutoScalingGroup, "set_desired_capacity")
def set_desired_capacity(original: Callable, self: FakeAutoScalingGroup, new_capacity: int | None) -> None:
    """An instance on standby is none of those that are desired, and is not scaled in; moto may take it first."""
    aside = [member for member in self.instance_states if _is_aside(member)]
    self.instance_states = [member for member in self.instance_states if member not in aside]
    try:
        original(self, new_capacity)
    finally:
        self.instance_states = [*aside, *self.instance_states]


# Standby
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html


def _is_aside(member: InstanceState) -> bool:
    return member.lifecycle_state in ("EnteringStandby", "Standby")


def _members(request: Request, state: str) -> list[InstanceState]:
    """The instances that a request names, all of them in this state."""
    group = group_of(request)
    known = {member.instance_id: member for member in group.instance_states}
    for instance_id in request.params.get("InstanceIds", []):
        if instance_id not in known:
            raise ValidationError(f"The instance {instance_id} is not part of Auto Scaling group {group.name}.")
        if known[instance_id].lifecycle_state != state:
            raise ValidationError(f"The instance {instance_id} is not in {state}.")
    return [known[instance_id] for instance_id in request.params.get("InstanceIds", [])]


def _refuse_sizes(group: FakeAutoScalingGroup, what: str, count: int) -> None:
    sizes = f"min-size={group.min_size}, max-size={group.max_size}, and desired-size={group.desired_capacity}"
    instances = f"{count} instance{'s' if count > 1 else ''}"
    raise ValidationError(
        f"AutoScalingGroup {group.name} has {sizes}. To {what} {instances}, please update the AutoScalingGroup sizes "
        "appropriately."
    )


@operation("autoscaling", "EnterStandby", instead_of_moto="It leaves the sizes and the target groups out of account.")
def enter_standby(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnterStandby.html"""
    group, members = group_of(request), _members(request, "InService")
    before, decrement = group.desired_capacity, request.params["ShouldDecrementDesiredCapacity"]
    if decrement and before - len(members) < group.min_size:
        _refuse_sizes(group, "place into standby", len(members))
    delays = [_deregister(request, arn, members) for arn in group.target_group_arns]
    for member in members:
        CLOCK.later("standby.entry", _turn(member, "EnteringStandby", "Standby"), max(delays, default=None))
    group.set_desired_capacity(before - len(members) * decrement)
    cause = f", shrinking the capacity from {before} to {group.desired_capacity}" if decrement else ""
    return {"Activities": [_activity(group, member, "Moving EC2 instance to Standby", cause) for member in members]}


@operation("autoscaling", "ExitStandby", instead_of_moto="It takes what is not on standby, and exceeds the sizes.")
def exit_standby(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ExitStandby.html"""
    group, members = group_of(request), _members(request, "Standby")
    before = group.desired_capacity
    if before + len(members) > group.max_size:
        _refuse_sizes(group, "take out of standby", len(members))
    group.desired_capacity = before + len(members)
    for member in members:
        CLOCK.later("standby.exit", _turn(member, "Pending", "InService"))
    cause = f", increasing the capacity from {before} to {group.desired_capacity}"
    described = "Moving EC2 instance out of Standby"
    return {"Activities": [_activity(group, member, described, cause) for member in members]}


def _turn(member: InstanceState, before: str, after: str) -> Callable[[], None]:
    """Give an instance a state, and answer what gives it another one, with which it joins the target groups again."""
    member.lifecycle_state = before

    def finish() -> None:
        group = member.auto_scaling_group
        if member in group.instance_states and member.lifecycle_state == before:
            member.lifecycle_state = after
            group.autoscaling_backend.update_attached_target_groups(group.name)

    return finish


def _deregister(request: Request, arn: str, members: list[InstanceState]) -> float:
    """Take instances out of a target group, and say for how many seconds that drains them."""
    target_group = request.backend_of("elbv2").target_groups[arn]
    registered = [{"Id": member.instance_id} for member in members if member.instance_id in target_group.targets]
    target_group.deregister(registered)
    return float(target_group.attributes["deregistration_delay.timeout_seconds"]) if registered else 0.0


def _activity(group: FakeAutoScalingGroup, member: InstanceState, description: str, cause: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "ActivityId": str(uuid.uuid4()),
        "AutoScalingGroupName": group.name,
        "Description": f"{description}: {member.instance_id}",
        "Cause": f"At {now:%Y-%m-%dT%H:%M:%SZ} instance {member.instance_id} was moved in response to a user request"
        f"{cause}.",
        "StartTime": now,
        "StatusCode": "InProgress",
        "Progress": 50,
        "Details": "{}",
    }


# Launch templates


def _version(template: LaunchTemplate, version: str) -> str:
    names = {"$Latest": template.latest_version_number, "$Default": template.default_version_number}
    return str(names.get(version, version))


def _resolved(group: FakeAutoScalingGroup) -> dict[str, str] | None:
    """The launch template that new instances of a group are made by, with the number of its version."""
    template = group.ec2_launch_template
    if template is None:
        return None
    version = _version(template, group.launch_template_version)
    return {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "Version": version}


@mend(InstanceState, "__init__")
def remember_the_launch_template(original: Callable, self: InstanceState, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.launched_with = _resolved(self.auto_scaling_group)


@mend(InstanceState, "launch_template")
def launch_template_of_instance(original: Callable, self: InstanceState) -> dict[str, str] | None:
    """The version that it was launched with, not the one that is the default by now."""
    return self.launched_with


# Metrics


@operation("autoscaling", "EnableMetricsCollection", instead_of_moto="It disables all others.")
def enable_metrics_collection(request: Request) -> dict[str, Any]:
    group = group_of(request)
    group.metrics = [*group.metrics, *(name for name in _named(request) if name not in group.metrics)]
    return {}


@operation("autoscaling", "DisableMetricsCollection")
def disable_metrics_collection(request: Request) -> dict[str, Any]:
    group, disabled = group_of(request), _named(request)
    group.metrics = [name for name in group.metrics if name not in disabled]
    return {}


def _named(request: Request) -> list[str]:
    named = request.params.get("Metrics") or METRICS
    for name in named:
        if name not in METRICS:
            raise ValidationError(f"Metric name {name} is not valid")
    return named


# Lifecycle hooks


@operation("autoscaling", "PutLifecycleHook", instead_of_moto="It invents the role and the target.")
def put_lifecycle_hook(request: Request) -> dict[str, Any]:
    _put_hook(request.backend, group_of(request).name, request.params)
    return {}


def _put_hook(backend: AutoScalingBackend, group_name: str, params: dict[str, Any]) -> None:
    """Create a hook, or change what is given of one."""
    name = params["LifecycleHookName"]
    (hook,) = backend.describe_lifecycle_hooks(group_name, [name]) or [None]
    if hook is None:
        if "LifecycleTransition" not in params:
            raise ValidationError("LifecycleTransition is required to create a lifecycle hook")
        backend.create_lifecycle_hook(name, group_name, params["LifecycleTransition"], None, "")
        (hook,) = backend.describe_lifecycle_hooks(group_name, [name])
        hook.role_arn = hook.notification_target_arn = hook.notification_metadata = None
    for parameter, attribute in (
        ("LifecycleTransition", "lifecycle_transition"),
        ("HeartbeatTimeout", "heartbeat_timeout"),
        ("DefaultResult", "default_result"),
        ("RoleARN", "role_arn"),
        ("NotificationTargetARN", "notification_target_arn"),
        ("NotificationMetadata", "notification_metadata"),
    ):
        if parameter in params:
            setattr(hook, attribute, params[parameter])
    hook.global_timeout = min(100 * hook.heartbeat_timeout, 172800)


@operation("autoscaling", "DescribeLifecycleHooks", instead_of_moto="It shows hooks as they were invented.")
def describe_lifecycle_hooks(request: Request) -> dict[str, Any]:
    names = request.params.get("LifecycleHookNames")
    found = request.backend.describe_lifecycle_hooks(group_of(request).name, names)
    return {"LifecycleHooks": [_shown_hook(hook) for hook in found]}


def _shown_hook(hook: LifecycleHook) -> dict[str, Any]:
    members = {
        "LifecycleHookName": hook.name,
        "AutoScalingGroupName": hook.auto_scaling_group_name,
        "LifecycleTransition": hook.lifecycle_transition,
        "HeartbeatTimeout": hook.heartbeat_timeout,
        "GlobalTimeout": hook.global_timeout,
        "DefaultResult": hook.default_result,
        "RoleARN": hook.role_arn,
        # An empty one takes the target away.
        "NotificationTargetARN": hook.notification_target_arn or None,
        "NotificationMetadata": hook.notification_metadata,
    }
    return {name: value for name, value in members.items() if value is not None}


# Scaling policies


@mend(AutoScalingBackend, "put_scaling_policy")
def put_scaling_policy(original: Callable, self: AutoScalingBackend, **settings: Any) -> FakeScalingPolicy:
    """Two groups may each have a policy of the same name."""
    name, group_name = settings["name"], settings["as_name"]
    if group_name not in self.autoscaling_groups:
        raise ValidationError(f"Group {group_name} not found")
    tracking = settings["target_tracking_config"]
    if tracking:
        # What is not given is shown with its default.
        tracking.setdefault("DisableScaleIn", False)
    policy = original(self, **settings)
    policy.predictive_scaling_configuration = policy.predictive_scaling_configuration or None
    del self.policies[name]
    self.policies[f"{group_name}/{name}"] = policy
    return policy


@after_moto("autoscaling", "PutScalingPolicy")
def keep_whether_a_policy_is_enabled(request: Request) -> None:
    name = f"{request.params['AutoScalingGroupName']}/{request.params['PolicyName']}"
    request.backend.policies[name].enabled = request.params.get("Enabled", True)


@operation("autoscaling", "DeletePolicy", instead_of_moto="It deletes the policy of another group.")
def delete_policy(request: Request) -> dict[str, Any]:
    key, _ = _policy(request)
    del request.backend.policies[key]
    return {}


@operation("autoscaling", "ExecutePolicy", instead_of_moto="It executes the policy of another group.")
def execute_policy(request: Request) -> dict[str, Any]:
    _policy(request)[1].execute()
    return {}


def _policy(request: Request) -> tuple[str, FakeScalingPolicy]:
    """The policy that a request names, by its ARN or by its name and its group's."""
    name, group_name = request.params["PolicyName"], request.params.get("AutoScalingGroupName")
    for key, policy in request.backend.policies.items():
        if name == policy.arn or (policy.name == name and group_name in (None, policy.auto_scaling_group_name)):
            return key, policy
    raise ValidationError(f"Policy {name} not found")


# Scheduled actions


@mend(AutoScalingBackend, "put_scheduled_update_group_action")
def put_scheduled_update_group_action(
    original: Callable, self: AutoScalingBackend, name: str, *args: Any, **settings: Any
) -> FakeScheduledAction:
    """Two groups may each have an action of the same name, and none is for a group that is not there."""
    if name not in self.autoscaling_groups:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    action = original(self, name, *args, **settings)
    del self.scheduled_actions[action.scheduled_action_name]
    self.scheduled_actions[f"{name}/{action.scheduled_action_name}"] = action
    return action


@mend(AutoScalingBackend, "delete_scheduled_action")
def delete_scheduled_action(
    original: Callable, self: AutoScalingBackend, auto_scaling_group_name: str, scheduled_action_name: str
) -> None:
    """moto looks for the action by its name alone."""
    key = f"{auto_scaling_group_name}/{scheduled_action_name}"
    if key not in self.scheduled_actions:
        raise ValidationError("Scheduled action name not found")
    del self.scheduled_actions[key]


# Instance refresh


def _refreshes(backend: AutoScalingBackend) -> dict[str, list[dict[str, Any]]]:
    """The instance refreshes of each group, the newest first."""
    return backend.__dict__.setdefault("instance_refreshes", {})


def _active(backend: AutoScalingBackend, group_name: str) -> dict[str, Any] | None:
    found = _refreshes(backend).get(group_name, [])
    return next((refresh for refresh in found if refresh["Status"] in ACTIVE), None)


@operation("autoscaling", "StartInstanceRefresh")
def start_instance_refresh(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html"""
    params, backend, group = request.params, request.backend, group_of(request)
    if _active(backend, group.name):
        message = "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh."
        raise ServiceError("InstanceRefreshInProgress", message)
    preferences = params.get("Preferences", {})
    desired = params.get("DesiredConfiguration", {})
    if preferences.get("AutoRollback"):
        _refuse_rollback(group, desired)
    if "MaxHealthyPercentage" in preferences:
        lowest = preferences.get("MinHealthyPercentage")
        if lowest is None or preferences["MaxHealthyPercentage"] - lowest > 100:
            raise ValidationError("MinHealthyPercentage is needed, and at most 100 below MaxHealthyPercentage")
    refresh = {
        "InstanceRefreshId": str(uuid.uuid4()),
        "AutoScalingGroupName": group.name,
        "Status": "InProgress",
        "StartTime": datetime.now(UTC),
        "PercentageComplete": 0,
        "InstancesToUpdate": len(group.instance_states),
        "Strategy": params.get("Strategy", "Rolling"),
        "Preferences": {"MinHealthyPercentage": 90, "SkipMatching": False, "AutoRollback": False, **preferences},
        **({"DesiredConfiguration": desired} if desired else {}),
    }
    _refreshes(backend).setdefault(group.name, []).insert(0, refresh)
    CLOCK.later("instance_refresh.completion", functools.partial(_finish_refresh, backend, group, refresh))
    return {"InstanceRefreshId": refresh["InstanceRefreshId"]}


def _refuse_rollback(group: FakeAutoScalingGroup, desired: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html"""
    template = desired.get("LaunchTemplate") or desired.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get(
        "LaunchTemplateSpecification"
    )
    if not template:
        raise ValidationError("AutoRollback requires a DesiredConfiguration")
    if not all(version.isdigit() for version in (template.get("Version", "$Default"), group.launch_template_version)):
        raise ValidationError("AutoRollback is not supported with the launch template versions $Latest and $Default")


def _finish_refresh(backend: AutoScalingBackend, group: FakeAutoScalingGroup, refresh: dict[str, Any]) -> None:
    if refresh["Status"] != "InProgress" or group.status:
        return
    desired = refresh.get("DesiredConfiguration", {})
    if desired:
        policy = desired.get("MixedInstancesPolicy")
        group.mixed_instances_policy = policy
        group._set_launch_configuration("", desired.get("LaunchTemplate", {}), policy)
    skip = refresh["Preferences"]["SkipMatching"]
    replaced = [
        member
        for member in group.instance_states
        if not (skip and member.launched_with == _resolved(group)) and not member.protected_from_scale_in
    ]
    group.instance_states = [member for member in group.instance_states if member not in replaced]
    if replaced:
        backend.ec2_backend.terminate_instances([member.instance.id for member in replaced])
        group.replace_autoscaling_group_instances(len(replaced), group.get_propagated_tags())
        backend.update_attached_target_groups(group.name)
    refresh.update(Status="Successful", PercentageComplete=100, InstancesToUpdate=0, EndTime=datetime.now(UTC))


@operation("autoscaling", "DescribeInstanceRefreshes")
def describe_instance_refreshes(request: Request) -> dict[str, Any]:
    params = request.params
    wanted = params.get("InstanceRefreshIds")
    found = [
        refresh
        for refresh in _refreshes(request.backend).get(group_of(request).name, [])
        if not wanted or refresh["InstanceRefreshId"] in wanted
    ]
    start, size = int(params.get("NextToken", 0)), params.get("MaxRecords", 50)
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {"InstanceRefreshes": found[start : start + size], **more}


@operation("autoscaling", "CancelInstanceRefresh")
def cancel_instance_refresh(request: Request) -> dict[str, Any]:
    refresh = _active(request.backend, group_of(request).name)
    if refresh is None:
        raise ServiceError("ActiveInstanceRefreshNotFound", "No in progress or pending Instance Refresh found.")
    refresh.update(Status="Cancelled", EndTime=datetime.now(UTC), StatusReason="Cancelled due to user request.")
    return {"InstanceRefreshId": refresh["InstanceRefreshId"]}
