# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Trusted Advisor, as AWS Support tells of it: some checks look at what there is, all the others find everything fine.

The account that the sandbox begins with has a support plan of Business; every other one has the basic plan that a new
account has, with which AWS Support answers nothing. It answers in us-east-1 alone.

https://docs.aws.amazon.com/awssupport/latest/user/trusted-advisor-check-reference.html
"""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

from moto.backends import get_backend
from moto.ec2.models import ec2_backends
from moto.elb.models import elb_backends
from moto.support.models import ADVISOR_CHECKS, SupportBackend

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import Request, mend, operation
from sandbox.process import DEFAULT_ACCOUNT

# A resource that is flagged: its status, its region, and the values of the check's columns.
Flag = tuple[str, str, list[str | None]]

_CHECKS = {check["id"]: check for check in ADVISOR_CHECKS["checks"]}
# https://docs.aws.amazon.com/awssupport/latest/user/security-checks.html: red, and green; all other ports are yellow.
_BAD_PORTS = frozenset({20, 21, 1433, 1434, 3306, 3389, 4333, 5432, 5500})
_GOOD_PORTS = frozenset({80, 25, 443, 465})
# US dollars a month and GiB, of the types that volumes have, in us-east-1: https://aws.amazon.com/ebs/pricing/
_VOLUME_COST = {"gp2": 0.10, "gp3": 0.08, "io1": 0.125, "io2": 0.125, "st1": 0.045, "sc1": 0.015, "standard": 0.05}
# A classic load balancer in us-east-1, as the reference says it.
_BALANCER_COST = 18.00
# An address that is not in use: $0.005 an hour, https://aws.amazon.com/vpc/pricing/
_ADDRESS_COST = 3.60


@operation("support", "DescribeTrustedAdvisorChecks", instead_of_moto="It knows neither plans nor regions.")
def describe_trusted_advisor_checks(request: Request) -> dict[str, Any]:
    _answered(request)
    return {"checks": list(_CHECKS.values())}


@operation("support", "DescribeTrustedAdvisorCheckSummaries")
def describe_trusted_advisor_check_summaries(request: Request) -> dict[str, Any]:
    _answered(request)
    found = [_result(request, check_id) for check_id in request.params["checkIds"]]
    return {
        "summaries": [
            {
                **{name: value for name, value in result.items() if name != "flaggedResources"},
                "hasFlaggedResources": bool(result["flaggedResources"]),
            }
            for result in found
        ]
    }


@operation("support", "DescribeTrustedAdvisorCheckResult")
def describe_trusted_advisor_check_result(request: Request) -> dict[str, Any]:
    _answered(request)
    return {"result": _result(request, request.params["checkId"])}


@operation("support", "RefreshTrustedAdvisorCheck", instead_of_moto="Its checks change their state when one looks.")
def refresh_trusted_advisor_check(request: Request) -> dict[str, Any]:
    _answered(request)
    check_id = _known(request.params["checkId"])
    statuses = request.state.setdefault("refreshes", {})
    if statuses.get(check_id) not in ("enqueued", "processing"):
        statuses[check_id] = "enqueued"
        CLOCK.later("advisor_check.refresh", lambda: statuses.update({check_id: "success"}))
    return {"status": _refresh_status(request, check_id)}


@operation("support", "DescribeTrustedAdvisorCheckRefreshStatuses")
def describe_trusted_advisor_check_refresh_statuses(request: Request) -> dict[str, Any]:
    _answered(request)
    return {"statuses": [_refresh_status(request, _known(check_id)) for check_id in request.params["checkIds"]]}


def _refresh_status(request: Request, check_id: str) -> dict[str, Any]:
    status = request.state.get("refreshes", {}).get(check_id, "none")
    return {"checkId": check_id, "status": status, "millisUntilNextRefreshable": 0 if status == "none" else 300_000}


def _for_plans(original: Callable, self: SupportBackend, *args: Any, **kwargs: Any) -> Any:
    _check_plan(self.account_id)
    return original(self, *args, **kwargs)


for _name in ("create_case", "describe_cases", "resolve_case"):
    mend(SupportBackend, _name)(_for_plans)


def _answered(request: Request) -> None:
    _check_plan(request.account)
    if request.region != "us-east-1":
        raise NotImplementedError(f"Trusted Advisor is not in {request.region}.")


def _check_plan(account: str) -> None:
    if account != DEFAULT_ACCOUNT:
        message = "Amazon Web Services Premium Support Subscription is required to use this service."
        raise ServiceError("SubscriptionRequiredException", message)


def _known(check_id: str) -> str:
    if check_id not in _CHECKS:
        raise ServiceError("InvalidParameterValueException", f"Unknown ID: {check_id}")
    return check_id


def _result(request: Request, check_id: str) -> dict[str, Any]:
    check = _CHECKS[_known(check_id)]
    find, cost = _FINDERS.get(check_id, (lambda account: iter(()), 0.0))
    flags = list(find(request.account))
    flagged = [flag for flag in flags if flag[0] != "ok"]
    costs = [_cost(check["metadata"], values) or cost for _, _, values in flagged]
    savings = {"estimatedMonthlySavings": sum(costs), "estimatedPercentMonthlySavings": 0.0}
    statuses = {status for status, _, _ in flagged}
    return {
        "checkId": check_id,
        "timestamp": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "status": next((status for status in ("error", "warning") if status in statuses), "ok"),
        "resourcesSummary": {
            "resourcesProcessed": len(flags),
            "resourcesFlagged": len(flagged),
            "resourcesIgnored": 0,
            "resourcesSuppressed": 0,
        },
        "categorySpecificSummary": {"costOptimizing": savings} if check["category"] == "cost_optimizing" else {},
        "flaggedResources": [
            {
                "status": status,
                "region": region,
                "resourceId": hashlib.sha256(f"{check_id} {values}".encode()).hexdigest()[:40],
                "isSuppressed": False,
                "metadata": values,
            }
            for status, region, values in flagged
        ],
    }


def _cost(columns: list[str], values: list[str | None]) -> float:
    named = dict(zip(columns, values, strict=True))
    said = named.get("Estimated Monthly Savings") or named.get("Monthly Storage Cost") or "0"
    return float(said.strip("$"))


# What checks look at


def _regions(backends: Any, account: str) -> Iterator[tuple[str, Any]]:
    """The regions in which an account has been, and what moto knows of them."""
    yield from dict(backends[account]).items()


def _idle_load_balancers(account: str) -> Iterator[Flag]:
    for region, backend in _regions(elb_backends, account):
        for balancer in backend.load_balancers.values():
            idle = not balancer.instance_ids
            values = [region, balancer.name, "No active back-end instances", f"${_BALANCER_COST:.2f}"]
            yield "warning" if idle else "ok", region, values


def _unattached_volumes(account: str) -> Iterator[Flag]:
    for region, backend in _regions(ec2_backends, account):
        for volume in backend.volumes.values():
            name = next((tag["value"] for tag in volume.get_tags() if tag["key"] == "Name"), None)
            cost = f"${int(volume.size) * _VOLUME_COST.get(volume.volume_type, 0.10):.2f}"
            values = [region, volume.id, name, volume.volume_type, str(volume.size), cost, None, None, None]
            yield "warning" if volume.attachment is None else "ok", region, values


def _unassociated_addresses(account: str) -> Iterator[Flag]:
    for region, backend in _regions(ec2_backends, account):
        for address in backend.addresses:
            used = address.instance or address.eni or address.association_id
            yield "ok" if used else "warning", region, [region, address.public_ip]


def _open_ports(account: str) -> Iterator[Flag]:
    """Ports that are open to the world, but for those that are meant to be."""
    for region, group, rule in _ingress(account):
        if not _world(rule) or rule.from_port is None:
            continue
        ports = set(range(rule.from_port, rule.to_port + 1))
        status = "error" if ports & _BAD_PORTS else "ok" if ports <= _GOOD_PORTS else "warning"
        told = f"{rule.from_port}" if rule.from_port == rule.to_port else f"{rule.from_port}-{rule.to_port}"
        yield status, region, [region, group.name, _group_id(group), rule.ip_protocol, _COLORS[status], told]


def _open_groups(account: str) -> Iterator[Flag]:
    """The same for any port but those of web and mail."""
    for region, group, rule in _ingress(account):
        if _world(rule) and rule.from_port not in _GOOD_PORTS:
            port = "" if rule.from_port is None else str(rule.from_port)
            values = [region, group.name, _group_id(group), rule.ip_protocol, port, "Red", "0.0.0.0/0"]
            yield "error", region, values


_COLORS = {"error": "Red", "warning": "Yellow", "ok": "Green"}


def _ingress(account: str) -> Iterator[tuple[str, Any, Any]]:
    for region, backend in _regions(ec2_backends, account):
        for groups in backend.groups.values():
            for group in groups.values():
                for rule in group.ingress_rules:
                    yield region, group, rule


def _world(rule: Any) -> bool:
    block = rule.ip_range.get("CidrIp")
    return bool(block) and ipaddress.ip_network(block, strict=False).prefixlen == 0


def _group_id(group: Any) -> str:
    return f"{group.id} ({group.vpc_id})" if group.vpc_id else group.id


def _password_policy(account: str) -> Iterator[Flag]:
    policy = get_backend("iam")[account]["aws"].account_password_policy
    if policy is None:
        yield "warning", "", [None, None, None, None, None, "Yellow", "Password policy is not enabled"]


# By the ID of a check: what finds its resources, and what one costs that has no column for it.
_FINDERS: dict[str, tuple[Callable[[str], Iterator[Flag]], float]] = {
    "hjLMh88uM8": (_idle_load_balancers, 0.0),
    "DAvU99Dc4C": (_unattached_volumes, 0.0),
    "Z4AUBRNSmz": (_unassociated_addresses, _ADDRESS_COST),
    "HCP4007jGY": (_open_ports, 0.0),
    "1iG5NDGVre": (_open_groups, 0.0),
    "Yw2K9puPzl": (_password_policy, 0.0),
}
