# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import botocore.exceptions
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules.autoscaling_group import FIELDS, Group

PREFERENCES = {"auto_rollback": None, "scale_in_protected_instances": None}
PARAMS = {
    **dict.fromkeys(FIELDS),
    "state": "present",
    "name": "example",
    "instance_refresh": None,
    "propagate_at_launch": True,
    "purge_target_groups": True,
    "force_delete": False,
    "wait": False,
    "wait_timeout": 1,
    "purge_tags": True,
}
TEMPLATE = {
    "LaunchTemplateId": "lt-1",
    "LaunchTemplateName": "web",
    "LatestVersionNumber": 2,
    "DefaultVersionNumber": 1,
}


def described(**members):
    return {
        "AutoScalingGroupName": "example",
        "AutoScalingGroupARN": "arn",
        "LaunchTemplate": {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "Version": "1"},
        "MinSize": 1,
        "MaxSize": 2,
        "DesiredCapacity": 1,
        "HealthCheckType": "EC2",
        "DefaultCooldown": 300,
        "Instances": [
            {
                "InstanceId": "i-1",
                "LifecycleState": "InService",
                "HealthStatus": "Healthy",
                "ProtectedFromScaleIn": False,
                "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "1"},
            }
        ],
        **members,
    }


class Scaling:
    """Auto Scaling with one group and these instance refreshes and activities."""

    def __init__(self, group=None, refreshes=(), activities=()):
        self.group = group or described()
        self.refreshes = list(refreshes)
        self.activities = list(activities)

    def describe_auto_scaling_groups(self, AutoScalingGroupNames):
        return {"AutoScalingGroups": [self.group]}

    def describe_instance_refreshes(self, AutoScalingGroupName):
        return {"InstanceRefreshes": self.refreshes}

    def describe_scaling_activities(self, AutoScalingGroupName):
        return {"Activities": self.activities}

    def start_instance_refresh(self, **arguments):
        answer = {"Error": {"Code": "InstanceRefreshInProgress", "Message": "already in progress"}}
        raise botocore.exceptions.ClientError(answer, "StartInstanceRefresh")


class Ec2:
    def describe_launch_templates(self, **arguments):
        return {"LaunchTemplates": [TEMPLATE]}


def group(scaling=None, **params):
    return Group({**PARAMS, **params}, scaling or Scaling(), Ec2())


def refresh(status, version="2", **members):
    desired = {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": version}}
    return {"InstanceRefreshId": "1", "Status": status, "DesiredConfiguration": desired, **members}


def template(version):
    return {"launch_template_id": "lt-1", "launch_template_name": None, "version": version}


def test_no_refreshes_are_read_unless_they_are_asked_for():
    assert "outdated_instances" not in group(launch_template=template("2")).find()


@pytest.mark.parametrize(("version", "outdated"), [("1", []), ("2", ["i-1"]), ("$Latest", ["i-1"]), ("$Default", [])])
def test_outdated_instances(version, outdated):
    resource = group(launch_template=template(version), instance_refresh=PREFERENCES)
    assert resource.find()["outdated_instances"] == outdated


@pytest.mark.parametrize("status", ["Pending", "InProgress", "Baking"])
def test_a_running_refresh_brings_its_configuration(status):
    resource = group(Scaling(refreshes=[refresh(status)]), launch_template=template("2"), instance_refresh=PREFERENCES)
    state = resource.find()
    assert state["launch_template"]["version"] == "2"
    assert resource.changes(state) == {}


@pytest.mark.parametrize("status", ["Cancelling", "RollbackInProgress"])
def test_a_refresh_that_is_taken_back_brings_nothing(status):
    resource = group(Scaling(refreshes=[refresh(status)]), launch_template=template("2"), instance_refresh=PREFERENCES)
    assert resource.changes(resource.find()).keys() == {"outdated_instances", "instance_refresh"}


@pytest.mark.parametrize("status", ["Failed", "Cancelled", "RollbackSuccessful", "RollbackFailed"])
def test_after_a_failed_refresh_there_is_as_much_to_do_as_before(status):
    resource = group(Scaling(refreshes=[refresh(status)]), launch_template=template("2"), instance_refresh=PREFERENCES)
    changes = resource.changes(resource.find())
    assert changes.keys() == {"launch_template", "outdated_instances", "instance_refresh"}
    assert resource.refusal(resource.find(), changes) is None


def test_a_refresh_to_something_else_is_told():
    running = refresh("InProgress", "3", PercentageComplete=40)
    resource = group(Scaling(refreshes=[running]), launch_template=template("2"), instance_refresh=PREFERENCES)
    state = resource.find()
    said = resource.refusal(state, resource.changes(state))
    assert said.startswith("An instance refresh of example is InProgress, 40 % of it done (1)")


def test_a_refresh_that_began_meanwhile_is_told():
    scaling = Scaling()
    resource = group(scaling, launch_template=template("2"), instance_refresh=PREFERENCES)
    state = resource.find()
    scaling.refreshes = [refresh("Pending", "3")]
    with pytest.raises(AnsibleAWSError, match="An instance refresh of example is Pending, 0 %"):
        resource.update(state, resource.changes(state))


def test_without_a_refresh_a_new_version_changes_the_group_alone():
    resource = group(launch_template=template("2"))
    assert resource.changes(resource.find()).keys() == {"launch_template"}


def test_why_instances_do_not_come_into_service(monkeypatch):
    activities = [{"StatusCode": "Failed", "StatusMessage": "The image does not exist. Launching failed."}]
    resource = group(Scaling(activities=activities), wait=True)

    def wait(end):
        raise AnsibleAWSError(message="Timeout")

    monkeypatch.setattr(resource, "_wait", wait)
    with pytest.raises(AnsibleAWSError, match=r"instances in service\. The image does not exist"):
        resource.find()


def test_a_deletion_neither_waits_for_instances_nor_reads_refreshes():
    resource = group(state="absent", wait=True, instance_refresh=PREFERENCES)
    assert (resource.wait, resource.refresh) == (False, None)


def test_what_a_new_group_needs():
    resource = group(min_size=1)
    assert resource.refusal(resource.blank(), {}).endswith("give launch_template, max_size, subnet_ids.")
