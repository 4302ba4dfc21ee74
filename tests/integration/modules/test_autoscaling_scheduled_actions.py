# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

MODULE = "autoscaling_scheduled_actions"
MORNING = {"name": "morning", "recurrence": "0 8 * * 1-5", "time_zone": "Asia/Tokyo", "min_size": 2, "max_size": 6}
EVENING = {"name": "evening", "recurrence": "0 20 * * 1-5", "desired_capacity": 0}


@pytest.fixture
def scaling(sandbox):
    """The client, and two Auto Scaling groups without instances."""
    ec2, scaling = (sandbox.client(service, REGION) for service in ("ec2", "autoscaling"))
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.create_launch_template(LaunchTemplateName="example", LaunchTemplateData={"ImageId": image})
    for name in ("web", "workers"):
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate={"LaunchTemplateName": "example"},
            MinSize=0,
            MaxSize=9,
            AvailabilityZones=[f"{REGION}a"],
        )
    return scaling


def test_story(modules, scaling):
    def drift(sandbox):
        sandbox.client("autoscaling", REGION).put_scheduled_update_group_action(
            AutoScalingGroupName="web",
            ScheduledActionName="theirs",
            Recurrence="0 0 * * *",
            EndTime="2030-01-01T00:00:00Z",
            MaxSize=1,
        )

    modules.tell(
        Story(
            module=MODULE,
            returns="scheduled_actions",
            identity={"auto_scaling_group_name": "web"},
            present={"actions": [MORNING, EVENING]},
            changes=(
                {"actions": [EVENING, {**MORNING, "min_size": 3}]},
                # What is not given any more is gone, not only as it was.
                {"actions": [EVENING, {name: value for name, value in MORNING.items() if name != "max_size"}]},
                {"actions": []},
                {"actions": [{**EVENING, "time_zone": "Europe/Paris"}]},
            ),
            drift=drift,
            absent=None,
        )
    )
    (left,) = scaling.describe_scheduled_actions(AutoScalingGroupName="web")["ScheduledUpdateGroupActions"]
    assert (left["ScheduledActionName"], left["DesiredCapacity"], left["TimeZone"]) == ("evening", 0, "Europe/Paris")
    assert "MinSize" not in left


def test_actions_of_another_group_stay(modules, scaling):
    for group in ("web", "workers"):
        modules.run(MODULE, auto_scaling_group_name=group, actions=[MORNING])
    modules.run(MODULE, auto_scaling_group_name="web", actions=[])
    (left,) = scaling.describe_scheduled_actions()["ScheduledUpdateGroupActions"]
    assert left["AutoScalingGroupName"] == "workers"


def test_a_group_that_is_only_planned(modules, sandbox):
    arguments = {"auto_scaling_group_name": "web", "actions": [MORNING]}
    foretold = modules.run(MODULE, check=True, **arguments)
    assert foretold["scheduled_actions"]["actions"] == [{**MORNING, "desired_capacity": None}]
    assert "'web' not found" in modules.attempt(MODULE, **arguments)["msg"]


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ([MORNING, MORNING], "morning more than once"),
        ([{"name": "a", "recurrence": "0 0 * * *"}], "The action a (actions) changes nothing"),
    ],
)
def test_refused(modules, sandbox, actions, said):
    assert said in modules.attempt(MODULE, auto_scaling_group_name="web", actions=actions)["msg"]
