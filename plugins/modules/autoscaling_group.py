#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: autoscaling_group
version_added: "0.1.0"
short_description: Manage an EC2 Auto Scaling group, and roll its launch template out
description:
  - Creates, changes and deletes an Auto Scaling group, which launches instances from a launch template.
  - With O(instance_refresh) the instances follow the launch template. Wherever one was launched from another template
    or version, an instance refresh replaces it.
  - Scaling policies own the size of the group. O(desired_capacity) is only compared, and only set, when it is given.
  - amazon.aws has a module of this name, which foretells a change on every run in check mode and starts no instance
    refresh.
  - Follows U(https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-groups.html) and
    U(https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the group exist as described. V(absent) deletes it and waits until it is gone.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The name of the group.
    type: str
    required: true
  launch_template:
    description:
      - What instances are launched from. Required of a new group.
    type: dict
    suboptions:
      launch_template_id:
        description: The id of the launch template. Give this or O(launch_template.launch_template_name).
        type: str
      launch_template_name:
        description: The name of the launch template.
        type: str
      version:
        description:
          - The number of its version, V($Latest) or V($Default); of another template than before V($Default) when not
            given.
        type: str
  mixed_instances_policy:
    description:
      - Several types of instances, and Spot Instances, in one group. C({}) takes the policy away.
      - What is not given stays as it is.
    type: dict
    suboptions:
      overrides:
        description:
          - The types of instances, in order of priority.
        type: list
        elements: dict
        suboptions:
          instance_type:
            description: The type.
            type: str
            required: true
          weighted_capacity:
            description: How many units of the group's capacity one such instance stands for, from 1 to 999.
            type: int
          launch_template:
            description: Another launch template for this type, for instance for another processor architecture.
            type: dict
            suboptions:
              launch_template_id:
                description: The id of the launch template.
                type: str
              launch_template_name:
                description: The name of the launch template.
                type: str
              version:
                description: The number of its version, V($Latest) or V($Default).
                type: str
      instances_distribution:
        description:
          - How capacity is divided between On-Demand and Spot Instances.
        type: dict
        suboptions:
          on_demand_allocation_strategy:
            description: Which type is launched first when it is paid for on demand.
            type: str
            choices: [lowest-price, prioritized]
          on_demand_base_capacity:
            description: The part of the capacity that is on demand in any case.
            type: int
          on_demand_percentage_above_base_capacity:
            description: How many percent of the rest are on demand.
            type: int
          spot_allocation_strategy:
            description: From which pools Spot Instances are launched.
            type: str
            choices: [capacity-optimized, capacity-optimized-prioritized, lowest-price, price-capacity-optimized]
          spot_instance_pools:
            description: The number of pools, from 1 to 20, with the strategy V(lowest-price).
            type: int
          spot_max_price:
            description: The most to pay for an hour of a Spot Instance, in US dollars. An empty text sets no limit.
            type: str
  min_size:
    description:
      - The least number of instances. Required of a new group.
    type: int
  max_size:
    description:
      - The largest number of instances. Required of a new group.
    type: int
  desired_capacity:
    description:
      - The number of instances now. When it is not given, a new group has O(min_size) instances, and another one keeps
        what it has, within O(min_size) and O(max_size).
    type: int
  subnet_ids:
    description:
      - The subnets, in one VPC, that instances are launched in. Required of a new group.
    type: list
    elements: str
    aliases: [vpc_zone_identifier]
  target_group_arns:
    description:
      - ARNs of the target groups of load balancers that instances are registered with.
    type: list
    elements: str
  purge_target_groups:
    description:
      - Whether target groups that are not in O(target_group_arns) are detached. Set it to V(false) where somebody else
        attaches some, too, as blue/green deployments do.
    type: bool
    default: true
  health_check_type:
    description:
      - What finds a sick instance, besides EC2's status checks, which always do.
    type: list
    elements: str
    choices: [EC2, EBS, ELB, VPC_LATTICE]
  health_check_grace_period:
    description:
      - The seconds that a new instance has before its health counts.
    type: int
    aliases: [health_check_period]
  termination_policies:
    description:
      - Which instances a shrinking group loses first, in order; names of policies, or ARNs of Lambda functions.
    type: list
    elements: str
  default_cooldown:
    description:
      - The seconds between the scaling activities of simple scaling policies.
    type: int
  default_instance_warmup:
    description:
      - The seconds until a new instance counts as warmed up, for scaling policies and instance refreshes; V(-1) for
        none of the group's own.
    type: int
  capacity_rebalance:
    description:
      - Whether a Spot Instance is replaced when it is likely to be interrupted, not only once it is.
    type: bool
  max_instance_lifetime:
    description:
      - The seconds after which an instance is replaced, at least 86400 (a day); V(0) for no limit.
    type: int
  new_instances_protected_from_scale_in:
    description:
      - Whether a shrinking group keeps the instances that it launches from now on.
    type: bool
    aliases: [protected_from_scale_in]
  enabled_metrics:
    description:
      - The metrics of the group that CloudWatch gets, every minute and without charge; an empty list for none.
    type: list
    elements: str
    choices:
      - GroupAndWarmPoolDesiredCapacity
      - GroupAndWarmPoolTotalCapacity
      - GroupDesiredCapacity
      - GroupInServiceCapacity
      - GroupInServiceInstances
      - GroupMaxSize
      - GroupMinSize
      - GroupPendingCapacity
      - GroupPendingInstances
      - GroupStandbyCapacity
      - GroupStandbyInstances
      - GroupTerminatingCapacity
      - GroupTerminatingInstances
      - GroupTotalCapacity
      - GroupTotalInstances
      - WarmPoolDesiredCapacity
      - WarmPoolPendingCapacity
      - WarmPoolTerminatingCapacity
      - WarmPoolTotalCapacity
      - WarmPoolWarmedCapacity
  lifecycle_hooks:
    description:
      - All lifecycle hooks of the group, which hold an instance until something is done; others are deleted.
      - A new group has them before its first instance.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name of the hook.
        type: str
        required: true
      transition:
        description: Which instances it holds.
        type: str
        choices: ["autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"]
        required: true
      heartbeat_timeout:
        description: The seconds, from 30 to 7200, that it holds an instance unless it is told otherwise.
        type: int
        default: 3600
      default_result:
        description: What becomes of the instance after that.
        type: str
        choices: [ABANDON, CONTINUE]
        default: ABANDON
      notification_target_arn:
        description: ARN of the SQS queue or SNS topic that is told. EventBridge is told in any case.
        type: str
        default: ""
      role_arn:
        description: ARN of the role that lets Auto Scaling tell the target.
        type: str
        default: ""
      notification_metadata:
        description: A text that it is told with.
        type: str
        default: ""
  warm_pool:
    description:
      - Instances that stand ready before they are needed; what is not given stays as it is. C({}) deletes the pool.
    type: dict
    suboptions:
      min_size:
        description: The least number of instances in the pool.
        type: int
      max_group_prepared_capacity:
        description: The largest number of instances in the pool and the group together; V(-1) for O(max_size).
        type: int
      pool_state:
        description: In which state instances wait.
        type: str
        choices: [Hibernated, Running, Stopped]
      reuse_on_scale_in:
        description: Whether instances return to the pool when the group shrinks.
        type: bool
  instance_refresh:
    description:
      - Replaces the instances that were launched from another launch template, or another version of it, than the one
        that they would be launched from now. V({}) does so with AWS's own preferences.
      - A new launch template or mixed instances policy is then given to the refresh, which gives it to the group when
        it succeeds, so that it can be rolled back.
      - While a refresh to the wanted template runs, nothing more is to be done. One that failed is started again. While
        one to something else runs, this fails and says so, or with O(wait) waits for its end.
    type: dict
    suboptions:
      min_healthy_percentage:
        description: How many percent of the desired capacity stay in service meanwhile; AWS's default is 90.
        type: int
      max_healthy_percentage:
        description:
          - Up to how many percent of the desired capacity there may be meanwhile, at most 100 more than
            O(instance_refresh.min_healthy_percentage), which it needs.
        type: int
      instance_warmup:
        description: The seconds after a replacement, unless they are O(default_instance_warmup).
        type: int
      checkpoint_percentages:
        description: After how many percent of replaced instances to pause, in ascending order, ending in 100.
        type: list
        elements: int
      checkpoint_delay:
        description: The seconds of each pause.
        type: int
      skip_matching:
        description: Whether instances are kept that match already; AWS's default is V(false).
        type: bool
      auto_rollback:
        description:
          - Whether the instances get the former launch template back when the refresh fails. The version of the launch
            template then has to be a number.
        type: bool
      scale_in_protected_instances:
        description: What becomes of instances that are protected from scaling in; AWS waits an hour for you by default.
        type: str
        choices: [Ignore, Refresh, Wait]
      standby_instances:
        description: What becomes of instances in standby; AWS waits an hour for you by default.
        type: str
        choices: [Ignore, Terminate, Wait]
      alarms:
        description: Names of CloudWatch alarms that make the refresh fail.
        type: list
        elements: str
      bake_time:
        description: The seconds at the end in which it still can fail.
        type: int
  propagate_at_launch:
    description:
      - Whether instances get the O(tags) when they are launched.
    type: bool
    default: true
  force_delete:
    description:
      - Whether O(state=absent) ends the instances at once. Otherwise the group is emptied first, so that connections
        are drained and lifecycle hooks are kept.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until as many instances as desired are healthy and in service, and an instance refresh has
        ended.
    type: bool
    default: false
  wait_timeout:
    description:
      - The longest time to wait for each of them, and for a deletion, in seconds.
    type: int
    default: 1800
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Run between two and six servers behind a load balancer, and replace those that it finds sick
  wellarchitected.aws.autoscaling_group:
    name: example-web
    launch_template:
      launch_template_name: example-web
      version: "3"
    min_size: 2
    max_size: 6
    subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    target_group_arns:
      - arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/example-web/0123456789abcdef
    health_check_type: ELB
    health_check_grace_period: 300
    instance_refresh:
      min_healthy_percentage: 100
      max_healthy_percentage: 150
      skip_matching: true
      auto_rollback: true
    tags:
      Environment: production

- name: Run cheap workers
  wellarchitected.aws.autoscaling_group:
    name: example-workers
    launch_template:
      launch_template_id: lt-0123456789abcdef0
      version: $Latest
    mixed_instances_policy:
      overrides:
        - instance_type: m7g.large
        - instance_type: m6g.large
      instances_distribution:
        on_demand_base_capacity: 1
        on_demand_percentage_above_base_capacity: 0
        spot_allocation_strategy: price-capacity-optimized
    capacity_rebalance: true
    min_size: 1
    max_size: 10
    subnet_ids: [subnet-0123456789abcdef0]

- name: Wait until the servers are in service
  wellarchitected.aws.autoscaling_group:
    name: example-web
    wait: true

- name: Delete the workers
  wellarchitected.aws.autoscaling_group:
    name: example-workers
    state: absent
"""

RETURN = r"""
auto_scaling_group:
  description: The group as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-web
    arn:
      description: Its ARN; without a value in check mode where it would be created.
      type: str
      sample: arn:aws:autoscaling:ap-northeast-1:123456789012:autoScalingGroup:0123:autoScalingGroupName/example-web
    status:
      description: Says that it is being deleted; null otherwise.
      type: str
      sample: Delete in progress
    launch_template:
      description:
        - What instances are launched from, or what a running instance refresh is bringing; empty when it is a launch
          configuration.
      type: dict
      sample:
        launch_template_id: lt-0123456789abcdef0
        launch_template_name: example-web
        version: "3"
    mixed_instances_policy:
      description: The policy, in the shape of the option; empty when there is none.
      type: dict
      sample:
        overrides:
          - instance_type: m7g.large
        instances_distribution:
          on_demand_base_capacity: 1
    min_size:
      description: The least number of instances.
      type: int
      sample: 2
    max_size:
      description: The largest number of instances.
      type: int
      sample: 6
    desired_capacity:
      description: The number of instances that it is to have now.
      type: int
      sample: 2
    subnet_ids:
      description: The subnets, sorted.
      type: list
      elements: str
      sample: [subnet-0123456789abcdef0]
    target_group_arns:
      description: ARNs of the target groups, sorted.
      type: list
      elements: str
      sample: [arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/example-web/0123456789abcdef]
    health_check_type:
      description: What finds a sick instance, sorted.
      type: list
      elements: str
      sample: [EC2, ELB]
    health_check_grace_period:
      description: The seconds that a new instance has before its health counts.
      type: int
      sample: 300
    termination_policies:
      description: Which instances a shrinking group loses first.
      type: list
      elements: str
      sample: [Default]
    default_cooldown:
      description: The seconds between the scaling activities of simple scaling policies.
      type: int
      sample: 300
    default_instance_warmup:
      description: The seconds until a new instance counts as warmed up; -1 for none of the group's own.
      type: int
      sample: 120
    capacity_rebalance:
      description: Whether a Spot Instance is replaced when it is likely to be interrupted.
      type: bool
      sample: false
    max_instance_lifetime:
      description: The seconds after which an instance is replaced; 0 for no limit.
      type: int
      sample: 0
    new_instances_protected_from_scale_in:
      description: Whether a shrinking group keeps the instances that it launches.
      type: bool
      sample: false
    enabled_metrics:
      description: The metrics that CloudWatch gets, sorted.
      type: list
      elements: str
      sample: [GroupInServiceInstances]
    lifecycle_hooks:
      description: Its lifecycle hooks in the shape of the option, by name; only where the option is given.
      type: list
      elements: dict
      sample: []
    warm_pool:
      description: Its warm pool in the shape of the option; empty when there is none.
      type: dict
      sample:
        min_size: 1
        max_group_prepared_capacity: -1
        pool_state: Stopped
        reuse_on_scale_in: false
    outdated_instances:
      description:
        - Ids of the instances of another launch template or version, unless an instance refresh is replacing them; only
          where O(instance_refresh) is given.
      type: list
      elements: str
      sample: []
    instance_refresh:
      description: The newest instance refresh; only where O(instance_refresh) is given, and null when there was none.
      type: dict
      sample:
        instance_refresh_id: 01234567-89ab-cdef-0123-456789abcdef
        status: InProgress
        percentage_complete: 50
        status_reason: Waiting for instances to warm up before continuing.
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
    propagated_tags:
      description: The names of the tags that instances get when they are launched, sorted.
      type: list
      elements: str
      sample: [Environment]
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.waiter import custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils import autoscaling
from ansible_collections.wellarchitected.aws.plugins.module_utils.autoscaling import (
    ACTIVE_REFRESH,
    AutoScalingErrorHandler,
    GroupWaiters,
    retry_on_contention,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# Options of AWS's own names and values, each a member of CreateAutoScalingGroup and UpdateAutoScalingGroup.
SETTINGS = {
    "min_size": "MinSize",
    "max_size": "MaxSize",
    "desired_capacity": "DesiredCapacity",
    "health_check_grace_period": "HealthCheckGracePeriod",
    "termination_policies": "TerminationPolicies",
    "default_cooldown": "DefaultCooldown",
    "default_instance_warmup": "DefaultInstanceWarmup",
    "capacity_rebalance": "CapacityRebalance",
    "max_instance_lifetime": "MaxInstanceLifetime",
    "new_instances_protected_from_scale_in": "NewInstancesProtectedFromScaleIn",
}
FIELDS = (
    *SETTINGS,
    "launch_template",
    "mixed_instances_policy",
    "subnet_ids",
    "target_group_arns",
    "health_check_type",
    "enabled_metrics",
    "lifecycle_hooks",
    "warm_pool",
    "tags",
)
REQUIRED = ("launch_template", "min_size", "max_size", "subnet_ids")
# What an instance refresh brings instead of an update.
CONFIGURATION = {"launch_template", "mixed_instances_policy"}
# The target groups that one call attaches or detaches.
TARGET_GROUPS_AT_ONCE = 10
# The instances whose protection one call takes away.
INSTANCES_AT_ONCE = 50
# How many seconds to wait before looking again.
POLL = 10


class LaunchTemplateErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        # In check mode a template may be no more than a name in the place of one.
        return is_boto3_error_code(
            [
                "InvalidLaunchTemplateId.Malformed",
                "InvalidLaunchTemplateId.NotFound",
                "InvalidLaunchTemplateName.NotFoundException",
            ]
        )


class Group(Resource):
    def __init__(self, params, scaling, ec2, check_mode=False):
        super().__init__(autoscaling.normalised(given(params, FIELDS)), params["purge_tags"])
        self.name = params["name"]
        self.purge_target_groups = params["purge_target_groups"]
        self.propagate = params["propagate_at_launch"]
        self.force_delete = params["force_delete"]
        present = params["state"] == "present"
        self.refresh = params["instance_refresh"] if present else None
        # find() waits for the instances once the group is as it is described.
        self.wait = params["wait"] and present and not check_mode
        self.wait_timeout = params["wait_timeout"]
        self.scaling = scaling
        self.ec2 = ec2
        self.templates = {}
        self.maintenance = None
        if self.refresh is not None:
            self.given["outdated_instances"] = []

    # Reading

    def find(self):
        state = self._read()
        if self.wait and state and not self.changes(state):
            self._wait_until_settled()
            state = self._read()
        return state

    def _read(self):
        group = self._describe()
        if group is None:
            return None
        hooks = self._describe_hooks() if "lifecycle_hooks" in self.given else None
        state = autoscaling.read_group(group, hooks)
        self.maintenance = autoscaling.read_maintenance(group)
        if self.refresh is not None and not state["status"]:
            self._read_refresh(state, group["Instances"])
        return state

    def _read_refresh(self, state, instances):
        refreshes = self._describe_refreshes()
        newest = refreshes[0] if refreshes else None
        running = newest if newest and newest["Status"] in ACTIVE_REFRESH else None
        if running and "DesiredConfiguration" in running:
            brought = autoscaling.read_configuration(running["DesiredConfiguration"])
            state.update(autoscaling.completed(brought, self._template))
        after = {**state, **{field: self.wanted(state)[field] for field in CONFIGURATION & self.given.keys()}}
        outdated = autoscaling.outdated_instances(instances, self._resolved(after), self.refresh)
        # A refresh that is being rolled back or cancelled brings nothing.
        on_its_way = running and running["Status"] in ("Pending", "InProgress", "Baking") and after == state
        state["outdated_instances"] = [] if on_its_way else outdated
        state["instance_refresh"] = autoscaling.read_refresh(newest)

    def _resolved(self, state):
        """The launch templates and versions that instances may be of: pairs of an id and a number."""
        overrides = (state["mixed_instances_policy"] or {}).get("overrides", [])
        used = [state["launch_template"], *(override.get("launch_template") for override in overrides)]
        return {autoscaling.resolved(template, self._template(template)) for template in used if template}

    def _template(self, specification):
        """The launch template that is meant, as EC2 describes it; None when there is none."""
        key = autoscaling.template_key(specification)
        if key not in self.templates:
            self.templates[key] = self._describe_template(*key)
        return self.templates[key]

    # Comparing

    def blank(self):
        return autoscaling.new_group(self.name, self.given)

    def wanted(self, current):
        fields = super().wanted(current)
        if "launch_template" in fields:
            template = self._template(fields["launch_template"])
            fields["launch_template"] = autoscaling.wanted_template(
                current["launch_template"], fields["launch_template"], template
            )
        if "mixed_instances_policy" in fields:
            fields["mixed_instances_policy"] = autoscaling.wanted_policy(
                current["mixed_instances_policy"], fields["mixed_instances_policy"], self._template
            )
        if "target_group_arns" in fields and not self.purge_target_groups:
            fields["target_group_arns"] = sorted({*current["target_group_arns"], *fields["target_group_arns"]})
        if fields.get("warm_pool"):
            fields["warm_pool"] = {**autoscaling.NEW_WARM_POOL, **current["warm_pool"], **fields["warm_pool"]}
        if "tags" in fields:
            fields["propagated_tags"] = autoscaling.propagated_tags(
                current, fields["tags"], self.given["tags"], self.propagate
            )
        return fields

    def changes(self, current):
        changes = super().changes(current)
        autoscaling.keep_within_bounds(current, changes, self.given)
        if self._replaces(current, changes):
            # The diff says by it that instances are replaced.
            changes["outdated_instances"] = []
            changes["instance_refresh"] = autoscaling.NEW_REFRESH
        return changes

    def _replaces(self, current, changes):
        """Whether these changes take an instance refresh."""
        if self.refresh is None or current["arn"] is None:
            return False
        return bool(changes.keys() & {*CONFIGURATION, "outdated_instances"})

    def refusal(self, current, changes):
        if current["arn"] is None:
            missing = [option for option in REQUIRED if option not in self.given]
            if missing:
                return (
                    f"There is no Auto Scaling group {self.name} (name) yet. To create it, give {', '.join(missing)}."
                )
        if current["status"]:
            return f"The Auto Scaling group {self.name} is being deleted. Run this again when it is gone."
        after = {**current, **changes}
        if after["mixed_instances_policy"] and not after["mixed_instances_policy"].get("overrides"):
            return "mixed_instances_policy needs overrides: the types of instances."
        if self._replaces(current, changes):
            return self._refresh_refusal(current, after)
        return None

    def remarks(self, outcome):
        if self.maintenance:
            yield autoscaling.in_maintenance(self.name)

    def _refresh_refusal(self, current, after):
        version = after["launch_template"].get("version", "")
        if self.refresh["auto_rollback"] and not version.isdigit():
            return (
                f"instance_refresh.auto_rollback is true, but launch_template.version is {version}. AWS rolls back "
                "only between versions that are numbers."
            )
        running = current["instance_refresh"]
        if is_active(running) and not self.wait:
            return autoscaling.refresh_in_progress(self.name, running)
        return None

    # Writing

    @AutoScalingErrorHandler.common_error_handler("create the Auto Scaling group {self.name}")
    @retry_on_contention
    def create(self):
        state = {**self.blank(), **self.wanted(self.blank())}
        arguments = {**autoscaling.settings(self.given, SETTINGS), **autoscaling.write_configuration(state)}
        if "target_group_arns" in self.given:
            arguments["TargetGroupARNs"] = self.given["target_group_arns"]
        if self.given.get("lifecycle_hooks"):
            arguments["LifecycleHookSpecificationList"] = [
                autoscaling.write_hook(hook) for hook in self.given["lifecycle_hooks"]
            ]
        tags = autoscaling.write_tags(self.name, state["tags"], state["propagated_tags"])
        self.scaling.create_auto_scaling_group(AutoScalingGroupName=self.name, Tags=tags, **arguments)

    def update(self, current, changes):
        after = {**current, **changes}
        refreshes = self._replaces(current, changes)
        if refreshes and is_active(current["instance_refresh"]):
            self._wait_for_refresh(current["instance_refresh"]["instance_refresh_id"], "refresh_ended")
        arguments = autoscaling.settings(changes, SETTINGS)
        if changes.keys() & CONFIGURATION and not refreshes:
            arguments |= autoscaling.write_configuration(after)
        if arguments:
            self._update(arguments)
        if "target_group_arns" in changes:
            self._change_target_groups(current["target_group_arns"], changes["target_group_arns"])
        if "enabled_metrics" in changes:
            self._change_metrics(current["enabled_metrics"], changes["enabled_metrics"])
        if "lifecycle_hooks" in changes:
            self._change_hooks(current["lifecycle_hooks"], changes["lifecycle_hooks"])
        if "warm_pool" in changes:
            self._change_warm_pool(changes["warm_pool"])
        if changes.keys() & {"tags", "propagated_tags"}:
            self._change_tags(current, after)
        if refreshes:
            self._start_refresh(after)

    def delete(self, current):
        if not current["status"]:
            if not self.force_delete:
                self._empty(current)
            self._delete()
        self._wait("deleted")

    def _empty(self, current):
        """End the instances as a shrinking group does. Protected ones would stay."""
        group = self._describe()
        protected = [item["InstanceId"] for item in group["Instances"] if item["ProtectedFromScaleIn"]]
        if protected:
            self._unprotect(protected)
        if current["warm_pool"]:
            self._change_warm_pool({})
        if group["Instances"] or current["desired_capacity"]:
            self._update({"MinSize": 0, "DesiredCapacity": 0})
        for item in group["Instances"]:
            # A shrinking group leaves them alone.
            if item["LifecycleState"] in ("EnteringStandby", "Standby"):
                self._terminate(item["InstanceId"])
        self._wait("empty")

    def _wait_until_settled(self):
        if self.refresh is not None:
            newest = next(iter(self._describe_refreshes()), None)
            if newest and newest["Status"] in ACTIVE_REFRESH:
                self._wait_for_refresh(newest["InstanceRefreshId"], "refresh_successful")
        try:
            self._wait("in_service")
        except AnsibleAWSError as error:
            failure = self._last_failure()
            if not failure:
                raise
            message = f"The Auto Scaling group {self.name} has not enough healthy instances in service. {failure}"
            raise AnsibleAWSError(message=message, exception=error.exception) from error

    def _wait_for_refresh(self, refresh_id, end):
        try:
            self._wait(end, InstanceRefreshIds=[refresh_id])
        except AnsibleAWSError as error:
            answer = getattr(error.exception, "last_response", {})
            refresh = autoscaling.read_refresh(next(iter(answer.get("InstanceRefreshes", [])), None))
            if refresh is None or refresh["status"] in ACTIVE_REFRESH:
                raise
            message = autoscaling.refresh_failed(self.name, refresh)
            raise AnsibleAWSError(message=message, exception=error.exception) from error

    # Calls

    @AutoScalingErrorHandler.common_error_handler("find the Auto Scaling group {self.name}")
    def _describe(self):
        groups = self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])["AutoScalingGroups"]
        return groups[0] if groups else None

    @AutoScalingErrorHandler.common_error_handler("read the lifecycle hooks of {self.name}")
    def _describe_hooks(self):
        return self.scaling.describe_lifecycle_hooks(AutoScalingGroupName=self.name)["LifecycleHooks"]

    @AutoScalingErrorHandler.common_error_handler("read the instance refreshes of {self.name}")
    def _describe_refreshes(self):
        """The newest instance refreshes, from the newest on."""
        return self.scaling.describe_instance_refreshes(AutoScalingGroupName=self.name)["InstanceRefreshes"]

    @LaunchTemplateErrorHandler.list_error_handler("find the launch template {name}")
    def _describe_template(self, argument, name):
        return self.ec2.describe_launch_templates(**{argument: [name]})["LaunchTemplates"][0]

    @AutoScalingErrorHandler.common_error_handler("read the activities of {self.name}")
    def _last_failure(self):
        """What AWS says about the newest activity, if it failed; None otherwise."""
        activities = self.scaling.describe_scaling_activities(AutoScalingGroupName=self.name)["Activities"]
        newest = activities[0] if activities else {}
        return newest.get("StatusMessage") if newest.get("StatusCode") == "Failed" else None

    @AutoScalingErrorHandler.common_error_handler("terminate {instance_id}, which is on standby in {self.name}")
    @retry_on_contention
    def _terminate(self, instance_id):
        self.scaling.terminate_instance_in_auto_scaling_group(
            InstanceId=instance_id, ShouldDecrementDesiredCapacity=False
        )

    @AutoScalingErrorHandler.common_error_handler("change the Auto Scaling group {self.name}")
    @retry_on_contention
    def _update(self, arguments):
        self.scaling.update_auto_scaling_group(AutoScalingGroupName=self.name, **arguments)

    @AutoScalingErrorHandler.common_error_handler("change the target groups of {self.name}")
    @retry_on_contention
    def _change_target_groups(self, current, wanted):
        for call, arns in (
            (self.scaling.attach_load_balancer_target_groups, [arn for arn in wanted if arn not in current]),
            (self.scaling.detach_load_balancer_target_groups, [arn for arn in current if arn not in wanted]),
        ):
            for start in range(0, len(arns), TARGET_GROUPS_AT_ONCE):
                some = arns[start : start + TARGET_GROUPS_AT_ONCE]
                call(AutoScalingGroupName=self.name, TargetGroupARNs=some)

    @AutoScalingErrorHandler.common_error_handler("change the metrics of {self.name}")
    @retry_on_contention
    def _change_metrics(self, current, wanted):
        enabled = [metric for metric in wanted if metric not in current]
        disabled = [metric for metric in current if metric not in wanted]
        if enabled:
            self.scaling.enable_metrics_collection(
                AutoScalingGroupName=self.name, Metrics=enabled, Granularity="1Minute"
            )
        if disabled:
            self.scaling.disable_metrics_collection(AutoScalingGroupName=self.name, Metrics=disabled)

    @AutoScalingErrorHandler.common_error_handler("change the lifecycle hooks of {self.name}")
    @retry_on_contention
    def _change_hooks(self, current, wanted):
        before = {hook["name"]: hook for hook in current}
        kept = {hook["name"] for hook in wanted if not autoscaling.loses_text(before.get(hook["name"]), hook)}
        for name in before.keys() - kept:
            self.scaling.delete_lifecycle_hook(AutoScalingGroupName=self.name, LifecycleHookName=name)
        for hook in wanted:
            if hook != before.get(hook["name"]):
                self.scaling.put_lifecycle_hook(AutoScalingGroupName=self.name, **autoscaling.write_hook(hook))

    @AutoScalingErrorHandler.common_error_handler("change the warm pool of {self.name}")
    @retry_on_contention
    def _change_warm_pool(self, pool):
        if pool:
            self.scaling.put_warm_pool(AutoScalingGroupName=self.name, **autoscaling.write_warm_pool(pool))
        else:
            # Its instances serve nobody, so that there is nothing to drain.
            self.scaling.delete_warm_pool(AutoScalingGroupName=self.name, ForceDelete=True)

    @AutoScalingErrorHandler.common_error_handler("tag the Auto Scaling group {self.name}")
    @retry_on_contention
    def _change_tags(self, current, after):
        to_set, to_remove = autoscaling.changed_tags(self.name, current, after)
        if to_remove:
            self.scaling.delete_tags(Tags=to_remove)
        if to_set:
            self.scaling.create_or_update_tags(Tags=to_set)

    @AutoScalingErrorHandler.common_error_handler("start an instance refresh of {self.name}")
    @retry_on_contention
    def _start_refresh(self, after):
        preferences = autoscaling.write_preferences(self.refresh)
        arguments = {"Preferences": preferences} if preferences else {}
        try:
            self.scaling.start_instance_refresh(
                AutoScalingGroupName=self.name, DesiredConfiguration=autoscaling.write_configuration(after), **arguments
            )
        except is_boto3_error_code("InstanceRefreshInProgress") as error:
            running = autoscaling.read_refresh(self._describe_refreshes()[0])
            raise AnsibleAWSError(
                message=autoscaling.refresh_in_progress(self.name, running), exception=error
            ) from error

    @AutoScalingErrorHandler.common_error_handler("let the Auto Scaling group {self.name} end its instances")
    def _unprotect(self, instance_ids):
        for start in range(0, len(instance_ids), INSTANCES_AT_ONCE):
            some = instance_ids[start : start + INSTANCES_AT_ONCE]
            self.scaling.set_instance_protection(
                AutoScalingGroupName=self.name, InstanceIds=some, ProtectedFromScaleIn=False
            )

    @AutoScalingErrorHandler.common_error_handler("delete the Auto Scaling group {self.name}")
    @retry_on("ResourceContention", "ResourceInUse", "ScalingActivityInProgress")
    def _delete(self):
        self.scaling.delete_auto_scaling_group(AutoScalingGroupName=self.name, ForceDelete=self.force_delete)

    @AutoScalingErrorHandler.common_error_handler("see the Auto Scaling group {self.name} {end}")
    def _wait(self, end, **arguments):
        named = {"AutoScalingGroupName": self.name} if arguments else {"AutoScalingGroupNames": [self.name]}
        waiter = GroupWaiters().get_waiter(self.scaling, end)
        waiter.wait(**named, **arguments, WaiterConfig=custom_waiter_config(self.wait_timeout, default_pause=POLL))


def is_active(refresh):
    """Whether an instance refresh, as a state has it, still runs."""
    return refresh is not None and refresh["status"] in ACTIVE_REFRESH


def main():
    template = {
        "launch_template_id": {"type": "str"},
        "launch_template_name": {"type": "str"},
        "version": {"type": "str"},
    }
    one_template = {
        "type": "dict",
        "options": template,
        "required_one_of": [("launch_template_id", "launch_template_name")],
        "mutually_exclusive": [("launch_template_id", "launch_template_name")],
    }
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "name": {"type": "str", "required": True},
            "launch_template": one_template,
            "mixed_instances_policy": {
                "type": "dict",
                "options": {
                    "overrides": {
                        "type": "list",
                        "elements": "dict",
                        "options": {
                            "instance_type": {"type": "str", "required": True},
                            "weighted_capacity": {"type": "int"},
                            "launch_template": one_template,
                        },
                    },
                    "instances_distribution": {
                        "type": "dict",
                        "options": {
                            "on_demand_allocation_strategy": {
                                "type": "str",
                                "choices": ["lowest-price", "prioritized"],
                            },
                            "on_demand_base_capacity": {"type": "int"},
                            "on_demand_percentage_above_base_capacity": {"type": "int"},
                            "spot_allocation_strategy": {
                                "type": "str",
                                "choices": [
                                    "capacity-optimized",
                                    "capacity-optimized-prioritized",
                                    "lowest-price",
                                    "price-capacity-optimized",
                                ],
                            },
                            "spot_instance_pools": {"type": "int"},
                            "spot_max_price": {"type": "str"},
                        },
                    },
                },
            },
            "min_size": {"type": "int"},
            "max_size": {"type": "int"},
            "desired_capacity": {"type": "int"},
            "subnet_ids": {"type": "list", "elements": "str", "aliases": ["vpc_zone_identifier"]},
            "target_group_arns": {"type": "list", "elements": "str"},
            "purge_target_groups": {"type": "bool", "default": True},
            "health_check_type": {"type": "list", "elements": "str", "choices": ["EC2", "EBS", "ELB", "VPC_LATTICE"]},
            "health_check_grace_period": {"type": "int", "aliases": ["health_check_period"]},
            "termination_policies": {"type": "list", "elements": "str"},
            "default_cooldown": {"type": "int"},
            "default_instance_warmup": {"type": "int"},
            "capacity_rebalance": {"type": "bool"},
            "max_instance_lifetime": {"type": "int"},
            "new_instances_protected_from_scale_in": {"type": "bool", "aliases": ["protected_from_scale_in"]},
            "enabled_metrics": {"type": "list", "elements": "str", "choices": autoscaling.METRICS},
            "lifecycle_hooks": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str", "required": True},
                    "transition": {"type": "str", "choices": autoscaling.TRANSITIONS, "required": True},
                    "heartbeat_timeout": {"type": "int", "default": 3600},
                    "default_result": {"type": "str", "choices": ["ABANDON", "CONTINUE"], "default": "ABANDON"},
                    "notification_target_arn": {"type": "str", "default": ""},
                    "role_arn": {"type": "str", "default": ""},
                    "notification_metadata": {"type": "str", "default": ""},
                },
            },
            "warm_pool": {
                "type": "dict",
                "options": {
                    "min_size": {"type": "int"},
                    "max_group_prepared_capacity": {"type": "int"},
                    "pool_state": {"type": "str", "choices": ["Hibernated", "Running", "Stopped"]},
                    "reuse_on_scale_in": {"type": "bool"},
                },
            },
            "instance_refresh": {
                "type": "dict",
                "options": {
                    "min_healthy_percentage": {"type": "int"},
                    "max_healthy_percentage": {"type": "int"},
                    "instance_warmup": {"type": "int"},
                    "checkpoint_percentages": {"type": "list", "elements": "int"},
                    "checkpoint_delay": {"type": "int"},
                    "skip_matching": {"type": "bool"},
                    "auto_rollback": {"type": "bool"},
                    "scale_in_protected_instances": {"type": "str", "choices": ["Ignore", "Refresh", "Wait"]},
                    "standby_instances": {"type": "str", "choices": ["Ignore", "Terminate", "Wait"]},
                    "alarms": {"type": "list", "elements": "str"},
                    "bake_time": {"type": "int"},
                },
            },
            "propagate_at_launch": {"type": "bool", "default": True},
            "force_delete": {"type": "bool", "default": False},
            "wait": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 1800},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(
        module,
        "auto_scaling_group",
        lambda: Group(module.params, client(module, "autoscaling"), client(module, "ec2"), module.check_mode),
    )


if __name__ == "__main__":
    main()
