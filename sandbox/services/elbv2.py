# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ELB (v2): a load balancer takes its time to become active, and tells all attributes, as a target group does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeListener, FakeLoadBalancer, FakeTargetGroup

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.hosts import HOSTS
from sandbox.operations import Request, after_moto, mend

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


# Listeners


@mend(ELBv2Backend, "create_listener")
def create_listener(original: Callable, self: Any, *args: Any, **kwargs: Any) -> FakeListener:
    """Only one for TLS has a security policy.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html
    """
    listener = original(self, *args, **kwargs)
    if listener.protocol not in ("HTTPS", "TLS"):
        listener.ssl_policy = None
    return listener


# Target groups

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
_OF_HTTP_TARGETS = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "stickiness.enabled": "false",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.type": "lb_cookie",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}


@mend(ELBv2Backend, "create_target_group")
def create_target_group(original: Callable, self: Any, name: str, **given: Any) -> FakeTargetGroup:
    """It has all attributes of its kind, and is asked for its health by HTTP, as gRPC does where it speaks that.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    if given.get("protocol") in ("HTTP", "HTTPS"):
        given["healthcheck_protocol"] = given.get("healthcheck_protocol") or "HTTP"
        if given.get("protocol_version") == "GRPC":
            given["healthcheck_path"] = given.get("healthcheck_path") or "/AWS.ALB/healthcheck"
            given["matcher"] = given.get("matcher") or {"GrpcCode": "12"}
    group = original(self, name, **given)
    if group.protocol in ("HTTP", "HTTPS"):
        group.attributes = dict(_OF_HTTP_TARGETS)
    return group


@mend(ELBv2Backend, "modify_target_group_attributes")
def modify_target_group_attributes(original: Callable, self: Any, arn: str, attributes: dict[str, Any]) -> None:
    """Refuse what a group for HTTP does not have, and the anomalies of an algorithm that does not look at them."""
    group = self.target_groups.get(arn)
    if group and group.protocol in ("HTTP", "HTTPS"):
        for key in attributes.keys() - group.attributes.keys():
            raise ServiceError("ValidationError", f"Target group attribute key '{key}' is not recognized")
        after = {**group.attributes, **attributes}
        mitigated = after["load_balancing.algorithm.anomaly_mitigation"] == "on"
        if mitigated and after["load_balancing.algorithm.type"] != "weighted_random":
            message = "Anomaly mitigation needs the algorithm weighted_random"
            raise ServiceError("InvalidConfigurationRequest", message)
    original(self, arn, attributes)


@after_moto("elbv2", "ModifyTargetGroup")
def keep_grpc_codes(request: Request) -> None:
    codes = request.params.get("Matcher", {}).get("GrpcCode")
    if codes:
        request.backend.target_groups[request.params["TargetGroupArn"]].matcher = {"GrpcCode": codes}


@mend(FakeTargetGroup, "__init__")
def begin_without_targets(original: Callable, self: FakeTargetGroup, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    # Targets that are not checked yet, and those that still have connections, each by its identifier.
    self.unchecked: dict[str, Any] = {}
    self.draining: dict[str, Any] = {}


@mend(FakeTargetGroup, "register")
def register(original: Callable, self: FakeTargetGroup, targets: list[dict[str, Any]]) -> None:
    """A new target has to pass a check first."""
    new = [target["Id"] for target in targets if target["Id"] not in self.targets]
    original(self, targets)
    for target_id in new:
        self.draining.pop(target_id, None)
        interval = float(self.health_check_interval_seconds)
        CLOCK.later("target.registration", _for_a_while(self.unchecked, target_id), interval)


@mend(FakeTargetGroup, "deregister")
def deregister(original: Callable, self: FakeTargetGroup, targets: list[dict[str, Any]]) -> None:
    """A target is drained for as long as the group's attribute says, whether it has connections or not."""
    original(self, targets)
    delay = float(self.attributes["deregistration_delay.timeout_seconds"])
    for target in targets:
        self.unchecked.pop(target["Id"], None)
        CLOCK.later("target.deregistration", _for_a_while(self.draining, target["Id"]), delay)


def _for_a_while(states: dict[str, Any], target_id: str) -> Callable[[], None]:
    """Note that a target is in a state, and answer what takes it out, unless it has been in there anew since."""
    mark = states[target_id] = object()

    def finish() -> None:
        if states.get(target_id) is mark:
            del states[target_id]

    return finish


@mend(ELBv2Backend, "describe_target_health")
def describe_target_health(
    original: Callable, self: ELBv2Backend, target_group_arn: str, targets: list[dict[str, Any]]
) -> list[FakeHealthStatus]:
    """Those that are being drained are told of, too."""
    group = self.target_groups.get(target_group_arn)
    if not targets and group and group.draining:
        targets = [*group.targets.values(), *(group.deregistered_targets[target_id] for target_id in group.draining)]
    return original(self, target_group_arn, targets)


@mend(FakeTargetGroup, "health_for")
def health_for(original: Callable, self: FakeTargetGroup, target: dict[str, Any], *args: Any) -> FakeHealthStatus:
    """A machine is asked, as the group's health check says, by HTTP alone; in moto whatever is registered is healthy.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
    """
    health = original(self, target, *args)
    if target["Id"] in self.draining:
        health.status, health.reason = "draining", "Target.DeregistrationInProgress"
        health.description = "Target deregistration is in progress"
        return health
    if target["Id"] in self.unchecked and health.status == "healthy":
        health.status, health.reason = "initial", "Elb.RegistrationInProgress"
        health.description = "Target registration is in progress"
        return health
    machine = HOSTS.by_id(target["Id"])
    if machine is None or health.status != "healthy":
        return health
    asked = self.health_check_port
    port = int(health.port if asked in (None, "traffic-port") else asked)
    status = HOSTS.network.ask(machine.address, port, self.health_check_path or "/") if machine.is_up else 0
    if status in _codes((self.matcher or {}).get("HttpCode") or "200"):
        return health
    health.status = "unhealthy"
    health.reason = "Target.ResponseCodeMismatch" if status else "Target.FailedHealthChecks"
    health.description = f"Health checks failed with these codes: [{status}]" if status else "Health checks failed"
    return health


def _codes(matcher: str) -> set[int]:
    """All that a matcher such as ``200,300-399`` takes."""
    codes: set[int] = set()
    for part in matcher.split(","):
        first, _, last = part.partition("-")
        codes.update(range(int(first), int(last or first) + 1))
    return codes
