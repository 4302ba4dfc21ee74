# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import jmespath
import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils import autoscaling

LT = {"launch_template_id": "lt-1", "launch_template_name": "web", "version": "1"}
FOUND = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "LatestVersionNumber": 3, "DefaultVersionNumber": 2}
GROUP = {
    "AutoScalingGroupName": "example",
    "AutoScalingGroupARN": "arn",
    "MinSize": 1,
    "MaxSize": 2,
    "DesiredCapacity": 1,
    "HealthCheckType": "ELB, EBS",
    "VPCZoneIdentifier": "subnet-b, subnet-a",
    "DefaultCooldown": 300,
}
HOOK = {
    "name": "example",
    "transition": "autoscaling:EC2_INSTANCE_LAUNCHING",
    "heartbeat_timeout": 60,
    "default_result": "ABANDON",
    "notification_target_arn": "",
    "role_arn": "",
    "notification_metadata": "",
}


def test_what_aws_leaves_out_has_the_value_for_none():
    state = autoscaling.read_group(GROUP, None)
    new = autoscaling.new_group("example", {})
    same = ("launch_template", "default_instance_warmup", "max_instance_lifetime", "warm_pool", "enabled_metrics")
    assert {name: state[name] for name in same} == {name: new[name] for name in same}
    assert state.keys() == new.keys()
    assert state["subnet_ids"] == ["subnet-a", "subnet-b"]
    assert state["health_check_type"] == ["EBS", "EC2", "ELB"]


def test_given_options_are_brought_into_the_form_of_a_state():
    fields = {
        "subnet_ids": ["b", "a", "b"],
        "health_check_type": ["ELB"],
        "lifecycle_hooks": [{"name": "b"}, {"name": "a"}],
    }
    assert autoscaling.normalised(fields) == {
        "subnet_ids": ["a", "b"],
        "health_check_type": ["EC2", "ELB"],
        "lifecycle_hooks": [{"name": "a"}, {"name": "b"}],
    }


@pytest.mark.parametrize(("kinds", "written"), [(["EC2"], "EC2"), (["EBS", "EC2", "ELB"], "EBS,ELB")])
def test_ec2_is_named_where_there_is_nothing_else(kinds, written):
    assert autoscaling.settings({"health_check_type": kinds}, {}) == {"HealthCheckType": written}


@pytest.mark.parametrize(
    ("changes", "fields", "capacity"),
    [
        ({"min_size": 3}, {}, 3),
        ({"max_size": 1}, {}, 1),
        ({"max_size": 5}, {}, None),
        ({"default_cooldown": 1}, {}, None),
        ({"min_size": 3}, {"desired_capacity": 4}, None),
    ],
)
def test_new_bounds_move_the_desired_capacity(changes, fields, capacity):
    current = {"min_size": 1, "max_size": 4, "desired_capacity": 2}
    autoscaling.keep_within_bounds(current, changes, fields)
    assert changes.get("desired_capacity") == capacity


@pytest.mark.parametrize("fields", [{"min_size": 1}, {"max_size": 1}, {"min_size": 1, "max_size": 2}])
def test_a_new_group_has_no_capacity_to_move(fields):
    changes = dict(fields)
    autoscaling.keep_within_bounds(autoscaling.new_group("example", fields), changes, fields)
    assert changes == fields


@pytest.mark.parametrize(
    ("fields", "found", "expected"),
    [
        ({"launch_template_id": "lt-1"}, FOUND, LT),
        ({"launch_template_name": "web"}, FOUND, LT),
        ({"launch_template_name": "web", "version": "$Latest"}, FOUND, {**LT, "version": "$Latest"}),
        (
            {"launch_template_id": "lt-2"},
            {"LaunchTemplateId": "lt-2", "LaunchTemplateName": "other"},
            {"launch_template_id": "lt-2", "launch_template_name": "other", "version": "$Default"},
        ),
        (
            {"launch_template_id": "lt-2", "version": "1"},
            None,
            {"launch_template_id": "lt-2", "launch_template_name": None, "version": "1"},
        ),
    ],
)
def test_wanted_template(fields, found, expected):
    assert autoscaling.wanted_template(LT, fields, found) == expected


@pytest.mark.parametrize(
    ("version", "found", "number"),
    [("$Latest", FOUND, "3"), ("$Default", FOUND, "2"), ("1", FOUND, "1"), ("$Latest", None, None)],
)
def test_version_that_is_meant(version, found, number):
    assert autoscaling.resolved({**LT, "version": version}, found)[1] == number


def test_template_is_written_by_its_id_if_that_is_known():
    assert autoscaling.write_template(LT) == {"LaunchTemplateId": "lt-1", "Version": "1"}
    named = {"launch_template_id": None, "launch_template_name": "web", "version": "1"}
    assert autoscaling.write_template(named) == {"LaunchTemplateName": "web", "Version": "1"}


def test_a_policy_round_trip_keeps_what_there_is_no_option_for():
    members = {
        "MixedInstancesPolicy": {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": "1"},
                "Overrides": [
                    {
                        "InstanceType": "t3.small",
                        "WeightedCapacity": "2",
                        "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-2", "Version": "$Latest"},
                    },
                    {"InstanceRequirements": {"TotalLocalStorageGB": {"Min": 1}}},
                ],
            },
            "InstancesDistribution": {
                "OnDemandAllocationStrategy": "prioritized",
                "OnDemandBaseCapacity": 1,
                "OnDemandPercentageAboveBaseCapacity": 0,
                "SpotAllocationStrategy": "lowest-price",
                "SpotInstancePools": 3,
                "SpotMaxPrice": "",
            },
        }
    }
    assert autoscaling.write_configuration(autoscaling.read_configuration(members)) == members


def test_the_part_of_a_policy_that_is_not_given_stays():
    current = autoscaling.wanted_policy({}, {"overrides": [{"instance_type": "t3.small"}]}, None)
    assert current["instances_distribution"]["spot_instance_pools"] == 2
    given = {"instances_distribution": {"spot_allocation_strategy": "capacity-optimized"}}
    wanted = autoscaling.wanted_policy(current, given, None)
    assert wanted["overrides"] == current["overrides"]
    # AWS refuses a number of pools with this strategy.
    assert "spot_instance_pools" not in wanted["instances_distribution"]
    assert autoscaling.wanted_policy(current, {}, None) == {}


def test_an_overriding_template_is_completed():
    given = {"overrides": [{"instance_type": "t4g.small", "launch_template": {"launch_template_name": "web"}}]}
    wanted = autoscaling.wanted_policy({}, given, lambda template: FOUND)
    assert wanted["overrides"][0]["launch_template"] == {**LT, "version": "$Default"}


def test_hooks():
    members = {"LifecycleHookName": "example", "LifecycleTransition": HOOK["transition"], "HeartbeatTimeout": 60}
    members["DefaultResult"] = "ABANDON"
    assert autoscaling.write_hook(HOOK) == members
    assert autoscaling.read_hook({**members, "GlobalTimeout": 6000}) == HOOK


@pytest.mark.parametrize(("before", "lost"), [(None, False), (HOOK, False), ({**HOOK, "role_arn": "arn"}, True)])
def test_a_hook_that_loses_a_text(before, lost):
    assert autoscaling.loses_text(before, HOOK) is lost


@pytest.mark.parametrize("pool", [None, {"PoolState": "Stopped", "Status": "PendingDelete"}])
def test_no_warm_pool(pool):
    assert autoscaling.read_warm_pool(pool) == {}


def test_warm_pool():
    assert autoscaling.read_warm_pool({"PoolState": "Stopped"}) == autoscaling.NEW_WARM_POOL
    members = autoscaling.write_warm_pool({**autoscaling.NEW_WARM_POOL, "min_size": 2, "reuse_on_scale_in": True})
    assert autoscaling.read_warm_pool(members) == {
        **autoscaling.NEW_WARM_POOL,
        "min_size": 2,
        "reuse_on_scale_in": True,
    }


def test_tags():
    current = {"tags": {"a": "1", "b": "2", "c": "3"}, "propagated_tags": ["a", "c"]}
    tags = {"a": "1", "b": "4", "c": "3"}
    assert autoscaling.propagated_tags(current, tags, ["b"], True) == ["a", "b", "c"]
    assert autoscaling.propagated_tags(current, tags, ["a"], False) == ["c"]
    after = {"tags": {"a": "1", "b": "4"}, "propagated_tags": ["b"]}
    tag = {"ResourceId": "example", "ResourceType": "auto-scaling-group"}
    assert autoscaling.changed_tags("example", current, after) == (
        [
            {**tag, "Key": "a", "Value": "1", "PropagateAtLaunch": False},
            {**tag, "Key": "b", "Value": "4", "PropagateAtLaunch": True},
        ],
        [{**tag, "Key": "c"}],
    )


def instance(state="InService", version="1", **members):
    template = {"LaunchTemplateId": "lt-1", "Version": version}
    return {"InstanceId": "i-1", "LifecycleState": state, "LaunchTemplate": template, **members}


@pytest.mark.parametrize(
    ("found", "outdated"),
    [
        (instance(), True),
        (instance(version="2"), False),
        (instance("Pending:Wait"), True),
        (instance("Terminating"), False),
        (instance("Standby"), False),
        (instance(ProtectedFromScaleIn=True), False),
        ({"InstanceId": "i-1", "LifecycleState": "InService", "LaunchConfigurationName": "old"}, True),
    ],
)
def test_outdated_instances(found, outdated):
    preferences = {"scale_in_protected_instances": "Ignore"}
    assert autoscaling.outdated_instances([found], {("lt-1", "2")}, preferences) == (["i-1"] if outdated else [])
    assert autoscaling.outdated_instances([found], {("lt-1", None)}, preferences) == []


def test_preferences():
    given = {"min_healthy_percentage": 90, "auto_rollback": None, "alarms": ["errors"]}
    assert autoscaling.write_preferences(given) == {
        "MinHealthyPercentage": 90,
        "AlarmSpecification": {"Alarms": ["errors"]},
    }
    assert autoscaling.write_preferences({"skip_matching": None}) == {}


def test_a_failed_refresh_is_told_with_its_reason():
    refresh = {"InstanceRefreshId": "1", "Status": "Failed", "StatusReason": "The image does not start."}
    said = autoscaling.refresh_failed("example", autoscaling.read_refresh(refresh))
    assert said.startswith("The instance refresh of example is Failed: The image does not start. (1).")


def reached(end, *instances, **members):
    (acceptor,) = autoscaling.GroupWaiters()._waiter_model_data[end]["acceptors"]
    groups = [{"DesiredCapacity": 2, "Instances": list(instances), **members}]
    return jmespath.search(acceptor["argument"], {"AutoScalingGroups": groups})


HEALTHY = {"LifecycleState": "InService", "HealthStatus": "Healthy"}


@pytest.mark.parametrize(
    ("instances", "expected"),
    [
        ([], False),
        ([HEALTHY], False),
        ([HEALTHY, {**HEALTHY, "LifecycleState": "Pending"}], False),
        ([HEALTHY, {**HEALTHY, "HealthStatus": "Unhealthy"}], False),
        ([HEALTHY, HEALTHY], True),
        ([{**HEALTHY, "WeightedCapacity": "2"}], True),
    ],
)
def test_in_service(instances, expected):
    assert reached("in_service", *instances) is expected


def test_empty():
    assert reached("empty") is True
    assert reached("empty", HEALTHY) is False
    assert reached("empty", WarmPoolConfiguration={"Status": "PendingDelete"}) is False


def test_how_a_group_was_is_read_from_its_tag():
    group = {**GROUP, "SuspendedProcesses": [{"ProcessName": "Launch"}]}
    assert autoscaling.read_maintenance(group) is None
    value = autoscaling.write_maintenance(autoscaling.new_maintenance({**group, "MinSize": 3}))
    assert value == "min_size=3 resume=AZRebalance"
    tagged = {**group, "Tags": [{**autoscaling.maintenance_tag("example"), "Value": value}]}
    assert autoscaling.read_maintenance(tagged) == {
        "min_size": 1,
        "min_size_before": 3,
        "suspended_processes": ["AZRebalance"],
        "suspended_now": ["Launch"],
    }
    assert autoscaling.read_maintenance({**tagged, "MinSize": 4})["min_size_before"] == 4
    # What somebody else has written there harms nobody.
    tagged["Tags"][0]["Value"] = "next week"
    assert autoscaling.read_maintenance(tagged)["min_size_before"] == 1
