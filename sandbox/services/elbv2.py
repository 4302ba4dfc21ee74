# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ELB (v2): a load balancer takes its time to become active."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer

from sandbox.clock import CLOCK
from sandbox.operations import mend


@mend(ELBv2Backend, "create_load_balancer")
def create_load_balancer(original: Callable, self: Any, *args: Any, **kwargs: Any) -> FakeLoadBalancer:
    balancer = original(self, *args, **kwargs)
    balancer.provisioned = False
    CLOCK.later("load_balancer.creation", lambda: setattr(balancer, "provisioned", True))
    return balancer


@mend(FakeLoadBalancer, "activate")
def activate(original: Callable, self: Any) -> None:
    """In moto it is active as soon as somebody looks.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerState.html
    """
    if self.provisioned:
        original(self)
