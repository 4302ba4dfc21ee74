# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS WAF (v2): what refers to something else is looked at, and an update replaces all that there was.

What AWS does stands in the API reference, under the operation that a function here is named after:
https://docs.aws.amazon.com/waf/latest/APIReference/
"""

from __future__ import annotations

import ipaddress
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from moto.cloudfront.models import cloudfront_backends
from moto.elbv2.models import elbv2_backends
from moto.utilities.utils import get_partition
from moto.wafv2.models import GLOBAL_REGION, FakeIPSet, FakeWebACL, WAFV2Backend, wafv2_backends

from sandbox.errors import ServiceError
from sandbox.operations import LET_MOTO_ANSWER, Request, mend, operation

# What the names of log destinations begin with:
# https://docs.aws.amazon.com/waf/latest/developerguide/logging-destinations.html
_LOGS = "aws-waf-logs-"


def _nonexistent() -> ServiceError:
    return ServiceError("WAFNonexistentItemException", "AWS WAF couldn't find the resource.")


def _invalid(field: str, parameter: str, reason: str) -> ServiceError:
    message = f"Error reason: {reason}, field: {field}, parameter: {parameter}"
    return ServiceError("WAFInvalidParameterException", message, Field=field, Parameter=parameter, Reason=reason)


def _backend(request: Request, arn: str) -> Any:
    """moto's memory of what has this ARN; what is for CloudFront has a memory of its own."""
    return wafv2_backends[request.account][GLOBAL_REGION if ":global/" in arn else request.region]


def _web_acl(request: Request, arn: str) -> FakeWebACL:
    web_acl = _backend(request, arn).wacls.get(arn)
    if web_acl is None:
        raise _nonexistent()
    return web_acl


# Web ACLs


def _statements(value: Any, name: str) -> Iterator[dict[str, Any]]:
    """All statements of one kind, however deep they nest."""
    if isinstance(value, list):
        for item in value:
            yield from _statements(item, name)
    elif isinstance(value, dict):
        for key, member in value.items():
            if key == name:
                yield member
            yield from _statements(member, name)


def _check_rules(backend: WAFV2Backend, rules: list[dict[str, Any]]) -> None:
    """What they refer to must be there, and each needs a name, a priority and the right kind of action of its own.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html
    """
    for member in ("Name", "Priority"):
        for value, times in Counter(rule[member] for rule in rules).items():
            if times > 1:
                raise _invalid("RULE", str(value), f"Several rules have this {member.lower()}")
    for rule in rules:
        of_group = {"ManagedRuleGroupStatement", "RuleGroupReferenceStatement"} & rule["Statement"].keys()
        if (rule.keys() & {"Action", "OverrideAction"}) != ({"OverrideAction"} if of_group else {"Action"}):
            reason = "A rule group goes with OverrideAction, any other statement with Action"
            raise _invalid("RULE", rule["Name"], reason)
    for statement in _statements(rules, "IPSetReferenceStatement"):
        if statement["ARN"] not in backend.ip_sets:
            raise _nonexistent()
    for statement in _statements(rules, "RateBasedStatement"):
        # https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
        statement.setdefault("EvaluationWindowSec", 300)


@mend(WAFV2Backend, "create_web_acl")
def create_web_acl(original: Callable, self: WAFV2Backend, name: str, *args: Any) -> FakeWebACL:
    if any(web_acl.name == name for web_acl in self.wacls.values()):
        raise ServiceError("WAFDuplicateItemException", f"There is a web ACL {name} already.")
    # After the name: visibility, default action, scope, description, tags, rules.
    _check_rules(self, args[5])
    return original(self, name, *args)


@mend(WAFV2Backend, "update_web_acl")
def update_web_acl(
    original: Callable,
    self: WAFV2Backend,
    name: str,
    _id: str,
    default_action: Any,
    rules: list[dict[str, Any]] | None,
    description: str | None,
    *args: Any,
) -> str:
    """What is not told is there no longer; moto keeps it."""
    _check_rules(self, rules or [])
    token = original(self, name, _id, default_action, rules, description, *args)
    web_acl = self.get_web_acl(None, name, _id)
    web_acl.description = description or ""
    if not rules:
        web_acl.rules = []
    # After visibility and lock token.
    (
        web_acl.custom_response_bodies,
        web_acl.captcha_config,
        web_acl.challenge_config,
        web_acl.token_domains,
        web_acl.association_config,
    ) = args[2:]
    return token


@mend(WAFV2Backend, "delete_web_acl")
def delete_web_acl(original: Callable, self: WAFV2Backend, *args: Any) -> None:
    """One that protects something is not deleted."""
    _, _, _id, _ = args
    for web_acl in self.wacls.values():
        if web_acl.id == _id and (web_acl.associated_resources or _distributions(self.account_id, web_acl.arn)):
            message = "AWS WAF couldn't perform the operation because your resource is associated with another one."
            raise ServiceError("WAFAssociatedItemException", message)
    original(self, *args)


def _distributions(account: str, arn: str) -> list[str]:
    """The CloudFront distributions that a web ACL protects."""
    partition = get_partition(arn.split(":")[3])
    distributions = cloudfront_backends[account][partition].distributions.values()
    return [found.arn for found in distributions if found.config.get("WebACLId") == arn]


# IP sets


@mend(WAFV2Backend, "create_ip_set")
def create_ip_set(
    original: Callable,
    self: WAFV2Backend,
    name: str,
    scope: str,
    description: str | None,
    version: str,
    addresses: list[str],
    tags: list[dict[str, str]] | None,
) -> FakeIPSet:
    if any(ip_set.name == name for ip_set in self.ip_sets.values()):
        raise ServiceError("WAFDuplicateItemException", f"There is an IP set {name} already.")
    _check_addresses(version, addresses)
    return _with_lock_token(original(self, name, scope, description, version, addresses, tags or []))


@mend(WAFV2Backend, "update_ip_set")
def update_ip_set(
    original: Callable,
    self: WAFV2Backend,
    name: str,
    scope: str,
    _id: str,
    description: str | None,
    addresses: list[str],
    lock_token: str,
) -> FakeIPSet:
    _check_addresses(self.get_ip_set(name, scope, _id).ip_address_version, addresses)
    return _with_lock_token(original(self, name, scope, _id, description or "", addresses, lock_token))


def _with_lock_token(ip_set: FakeIPSet) -> FakeIPSet:
    """A lock token is a whole UUID; that of moto's is a piece, which the model refuses."""
    ip_set.lock_token = str(uuid.uuid4())
    return ip_set


def _check_addresses(version: str, addresses: list[str]) -> None:
    """They are ranges of the set's version, of any size but /0.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_IPSet.html
    """
    for address in addresses:
        try:
            network = ipaddress.ip_network(address)
        except ValueError:
            network = None
        if "/" not in address or network is None or not network.prefixlen or f"IPV{network.version}" != version:
            raise _invalid("IP_ADDRESS", address, "The parameter contains formatting that is not valid.")


@mend(WAFV2Backend, "delete_ip_set")
def delete_ip_set(original: Callable, self: WAFV2Backend, name: str, scope: str, _id: str, lock_token: str) -> None:
    """One that rules refer to is not deleted."""
    arn = self.get_ip_set(name, scope, _id).arn
    for web_acl in self.wacls.values():
        rules = [rule.statement for rule in web_acl.rules]
        if any(statement["ARN"] == arn for statement in _statements(rules, "IPSetReferenceStatement")):
            message = "AWS WAF couldn't perform the operation because your resource is being used by another one."
            raise ServiceError("WAFAssociatedItemException", message)
    original(self, name, scope, _id, lock_token)


# What they protect


@operation("wafv2", "AssociateWebACL", instead_of_moto="It protects what is not there, and leaves the last web ACL on.")
def associate_web_acl(request: Request) -> Any:
    web_acl = _web_acl(request, request.params["WebACLArn"])
    arn = request.params["ResourceArn"]
    if ":global/" in web_acl.arn:
        raise _invalid("RESOURCE_ARN", arn, "CloudFront associates a distribution, AWS WAF does not")
    _check_resource(request, arn)
    request.backend.disassociate_web_acl(arn)
    return LET_MOTO_ANSWER


@operation("wafv2", "GetWebACLForResource", instead_of_moto="It does not mind when the resource is not there.")
def get_web_acl_for_resource(request: Request) -> Any:
    _check_resource(request, request.params["ResourceArn"])
    return LET_MOTO_ANSWER


def _check_resource(request: Request, arn: str) -> None:
    balancers = elbv2_backends[request.account][request.region].load_balancers
    if ":loadbalancer/" in arn and arn not in balancers:
        raise _nonexistent()


@operation("wafv2", "ListResourcesForWebACL")
def list_resources_for_web_acl(request: Request) -> dict[str, Any]:
    kinds = {"APPLICATION_LOAD_BALANCER": ":loadbalancer/app/", "API_GATEWAY": "::/restapis/"}
    kind = kinds.get(request.params.get("ResourceType", "APPLICATION_LOAD_BALANCER"))
    resources = _web_acl(request, request.params["WebACLArn"]).associated_resources
    return {"ResourceArns": [arn for arn in resources if kind and kind in arn]}


# Logging


@operation("wafv2", "PutLoggingConfiguration", instead_of_moto="It logs for any web ACL, and to any place.")
def put_logging_configuration(request: Request) -> Any:
    configuration = request.params["LoggingConfiguration"]
    _web_acl(request, configuration["ResourceArn"])
    if len(configuration["LogDestinationConfigs"]) > 1:
        raise ServiceError("WAFLimitsExceededException", "A web ACL has one log destination.")
    (destination,) = configuration["LogDestinationConfigs"]
    name = destination.split(":", 5)[-1].removeprefix("deliverystream/").removeprefix("log-group:")
    if not name.startswith(_LOGS):
        raise _invalid("LOG_DESTINATION", destination, f"The name doesn't begin with {_LOGS}")
    for field in configuration.get("RedactedFields", []):
        if len(field) != 1 or not field.keys() <= {"UriPath", "QueryString", "SingleHeader", "Method"}:
            raise _invalid("FIELD_TO_MATCH", "FieldToMatch", "You have specified a field that can't be redacted")
    return LET_MOTO_ANSWER
