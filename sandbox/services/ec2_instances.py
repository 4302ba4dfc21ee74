# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2: instances take their time to start and to end, and are machines that run where `sandbox.hosts` makes them.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.autoscaling.models import AutoScalingBackend
from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance, InstanceState, MetadataOptions

from sandbox.clock import CLOCK
from sandbox.hosts import HOSTS
from sandbox.operations import mend

_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}

# The code follows the name, whatever moto assigns beside it.
InstanceState.code = property(lambda state: _CODES[state.name], lambda state, code: None)


@mend(EC2Backend, "run_instances")
def run_instances(original: Callable, self: Any, *args: Any, **kwargs: Any) -> Any:
    """The interface that EC2 makes by itself goes with its instance; moto keeps it.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html
    """
    reservation = original(self, *args, **kwargs)
    for instance in reservation.instances:
        if not kwargs.get("nics"):
            instance.nics[0].delete_on_termination = True
        # What Auto Scaling launches is in us-east-1 for moto, wherever it is.
        instance.region_name = self.region_name
        profile = kwargs.get("iam_instance_profile_name"), kwargs.get("iam_instance_profile_arn")
        if not any(profile):
            profile = _apply_template(self, instance)
        elif instance is reservation.instances[0]:
            # The one instance to which moto gives it, after this.
            profile = None, None
        if any(profile):
            self.associate_iam_instance_profile(instance.id, *profile)
        CLOCK.turn(instance._state, "name", "pending", "running", "ec2_instance.creation")
        if HOSTS.enabled:
            HOSTS.launch(instance, self.account_id, self.region_name)
    return reservation


def _apply_template(backend: Any, instance: Instance) -> tuple[str | None, str | None]:
    """Let what a launch template says of metadata hold, which moto forgets, and answer the profile's name and ARN."""
    made_by = {
        tag["key"]: tag["value"] for tag in instance.get_tags() if tag["key"].startswith("aws:ec2launchtemplate:")
    }
    if not made_by:
        return None, None
    template = backend.get_launch_template(made_by["aws:ec2launchtemplate:id"])
    data = template.get_version(made_by["aws:ec2launchtemplate:version"]).data
    if data.get("MetadataOptions"):
        instance.metadata_options = MetadataOptions(data["MetadataOptions"])
    profile = data.get("IamInstanceProfile", {})
    return profile.get("Name"), profile.get("Arn")


@mend(Instance, "start")
def start(original: Callable, self: Instance) -> InstanceState:
    previous = original(self)
    if previous.name == "stopped":
        CLOCK.turn(self._state, "name", "pending", "running", "ec2_instance.creation")
        if HOSTS.enabled:
            HOSTS.start_again(self)
    return previous


@mend(Instance, "stop")
def stop(original: Callable, self: Instance) -> InstanceState:
    """A machine shuts down in order first."""
    previous = original(self)
    if HOSTS.enabled and previous.name == "running":
        self._state.name = "stopping"
        HOSTS.stop(self, lambda: _stopped(self))
    return previous


def _stopped(instance: Instance) -> None:
    if instance._state.name == "stopping":
        instance._state.name = "stopped"


@mend(Instance, "reboot")
def reboot(original: Callable, self: Instance) -> None:
    original(self)
    if HOSTS.enabled:
        HOSTS.reboot(self)


@mend(Instance, "terminate")
def terminate(original: Callable, self: Any) -> InstanceState:
    previous = original(self)
    for interface in self.nics.values():
        # What is gone cannot be deleted when the instance is terminated once more.
        interface.delete_on_termination = False
    if previous.name != "terminated":
        HOSTS.terminate(self)
        CLOCK.turn(self._state, "name", "shutting-down", "terminated", "ec2_instance.deletion")
    return previous


@mend(AutoScalingBackend, "update_attached_target_groups")
def update_attached_target_groups(original: Callable, self: Any, group_name: str) -> None:
    """A group registers its instances once they run and are in service; a target group takes no others.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
    """

    def register() -> None:
        if group_name in self.autoscaling_groups:
            self.update_attached_target_groups(group_name)

    group = self.autoscaling_groups[group_name]
    members = group.instance_states
    if any(member.instance.state == "pending" for member in members):
        CLOCK.later("ec2_instance.creation", register)
        return
    group.instance_states = [member for member in members if member.lifecycle_state == "InService"]
    try:
        original(self, group_name)
    finally:
        group.instance_states = members
