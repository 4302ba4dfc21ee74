# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2: instances take their time to start and to end.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.autoscaling.models import AutoScalingBackend
from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance, InstanceState

from sandbox.clock import CLOCK
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
        CLOCK.turn(instance._state, "name", "pending", "running", "ec2_instance.creation")
    return reservation


@mend(Instance, "terminate")
def terminate(original: Callable, self: Any) -> InstanceState:
    previous = original(self)
    for interface in self.nics.values():
        # What is gone cannot be deleted when the instance is terminated once more.
        interface.delete_on_termination = False
    if previous.name != "terminated":
        CLOCK.turn(self._state, "name", "shutting-down", "terminated", "ec2_instance.deletion")
    return previous


@mend(AutoScalingBackend, "update_attached_target_groups")
def update_attached_target_groups(original: Callable, self: Any, group_name: str) -> None:
    """A group registers its instances once they run; a target group takes no others.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
    """

    def register() -> None:
        if group_name in self.autoscaling_groups:
            self.update_attached_target_groups(group_name)

    members = self.autoscaling_groups[group_name].instance_states
    if any(member.instance.state == "pending" for member in members):
        CLOCK.later("ec2_instance.creation", register)
    else:
        original(self, group_name)
