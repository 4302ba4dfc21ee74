# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ELB (v2): a load balancer takes its time to become active, and tells all of its attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer

from sandbox.clock import CLOCK
from sandbox.operations import mend

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
_ATTRIBUTES = {
    "access_logs.s3.bucket": "",
    "access_logs.s3.enabled": "false",
    "access_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
_ATTRIBUTES_OF_APPLICATION = {
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.prefix": "",
    "health_check_logs.s3.bucket": "",
    "health_check_logs.s3.enabled": "false",
    "health_check_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
}
FakeLoadBalancer.VALID_ATTRS |= _ATTRIBUTES.keys() | _ATTRIBUTES_OF_APPLICATION.keys()


@mend(ELBv2Backend, "create_load_balancer")
def create_load_balancer(original: Callable, self: Any, *args: Any, **kwargs: Any) -> FakeLoadBalancer:
    balancer = original(self, *args, **kwargs)
    of_kind = _ATTRIBUTES_OF_APPLICATION if balancer.type == "application" else {}
    balancer.attrs = {**balancer.attrs, **_ATTRIBUTES, **of_kind}
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
