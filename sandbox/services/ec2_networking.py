# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2: what moto has wrong in VPCs, security groups, gateways, endpoints and flow logs.

What AWS does stands in the API reference, under the operation that a function here is named after:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable, Iterable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2 import utils
from moto.ec2.exceptions import (
    DependencyViolationError,
    EC2ClientError,
    FlowLogAlreadyExists,
    InvalidSecurityGroupNotFoundError,
)
from moto.ec2.models import EC2Backend
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.dhcp_options import DHCPOptionsSet
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.managed_prefixes import ManagedPrefixList, ManagedPrefixListBackend
from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.models.network_acls import NetworkAcl
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses import EC2Response

from sandbox.clock import CLOCK
from sandbox.operations import mend

Backend = EC2Backend


# Tags

# The types of the model's enum ResourceType, where moto has names of its own.
utils.EC2_PREFIX_TO_RESOURCE.update(
    {
        "eipalloc": "elastic-ip",
        "fl": "vpc-flow-log",
        "h": "dedicated-host",
        "nat": "natgateway",
        "pl": "prefix-list",
        "r": "instance",
        "sir": "spot-instances-request",
        "traf-mir-fil": "traffic-mirror-filter",
    }
)


@mend(TaggedEC2Resource, "get_tags")
def get_tags(original: Callable, self: Any) -> list[dict[str, str]]:
    """Look the tags up; moto searches all tags of the region with a regular expression, for every resource."""
    kind = utils.EC2_PREFIX_TO_RESOURCE.get(utils.get_prefix(self.id), "")
    tags = self.ec2_backend.tags.get(self.id, {})
    return [{"resource_id": self.id, "key": key, "value": tags[key], "resource_type": kind} for key in tags]


@mend(EC2Backend, "describe_tags")
def describe_tags(original: Callable, self: Backend, filters: Any = None) -> list[dict[str, str]]:
    """The tags of a resource end with it."""
    existing = _identifiers(self)
    return [tag for tag in original(self, filters) if tag["resource_id"] in existing]


def _identifiers(backend: Backend) -> set[str]:
    """The identifiers of all resources of a backend, wherever it keeps them."""
    found: set[str] = {address.allocation_id for address in backend.addresses}
    for collection in vars(backend).values():
        if isinstance(collection, dict) and collection is not backend.tags:
            for key, value in collection.items():
                # Subnets lie below their zone, groups below their VPC, key pairs under their names.
                found.update(value if isinstance(value, dict) else [key, getattr(value, "id", key)])
    for reservation in backend.reservations.values():
        found.update(instance.id for instance in reservation.instances)
    for groups in backend.groups.values():
        for group in groups.values():
            found.update(rule.id for rule in (*group.ingress_rules, *group.egress_rules))
    return found


@mend(EC2Response, "create_dhcp_options")
def create_dhcp_options(original: Callable, self: Any) -> ActionResult:
    """Keep the tags that are given with the options."""
    result = original(self)
    result.result["DhcpOptions"].add_tags(self._parse_tag_specification().get("dhcp-options", {}))
    return result


# DHCP options


@mend(DHCPOptionsSet, "get_filter_value")
def dhcp_options_filter_value(original: Callable, self: Any, filter_name: str, method_name: Any = None) -> Any:
    """Only the options that are set have a key."""
    if filter_name == "key":
        return [key for key, values in self._options.items() if values]
    return original(self, filter_name, method_name)


@mend(DHCPOptionsSet, "__init__")
def dhcp_options_set(original: Callable, self: Any, *args: Any, **kwargs: Any) -> None:
    """EC2 answers the options in this order, however they were given.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeDhcpOptions.html
    """
    original(self, *args, **kwargs)
    self._options = {key: self._options[key] for key in sorted(self._options, key=_DHCP_OPTIONS.index)}


_DHCP_OPTIONS = ["domain-name", "domain-name-servers", "ntp-servers", "netbios-name-servers", "netbios-node-type"]


# Network ACLs


@mend(NetworkAcl, "get_filter_value")
def network_acl_filter_value(original: Callable, self: Any, filter_name: str, method_name: Any = None) -> Any:
    """The filter network-acl-id, which moto lacks."""
    return self.id if filter_name == "network-acl-id" else original(self, filter_name, method_name)


# Prefix lists


def _cidrs(prefix_list: ManagedPrefixList) -> list[str]:
    entries = list(prefix_list.entries.values())
    return [entry["Cidr"] for entry in entries[-1]] if entries else []


# DescribePrefixLists answers the ranges with each list.
ManagedPrefixList.cidrs = property(_cidrs)


@mend(ManagedPrefixListBackend, "create_default_pls")
def create_default_pls(original: Callable, self: Any) -> None:
    """The addresses of Route 53's health checkers, which moto lacks; here one range of documentation addresses.

    https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
    """
    original(self)
    self._create_aws_managed_prefix_list(
        name=f"com.amazonaws.{self.region_name}.route53-healthchecks",
        address_family="IPv4",
        entries=[{"Cidr": "198.51.100.0/24", "Description": "default"}],
    )


# Security groups


def _answers_return(name: str) -> None:
    """Let an operation answer ``Return``, which tells that it succeeded.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsIngress.html
    """

    @mend(EC2Response, name)
    def with_return(original: Callable, self: Any) -> ActionResult:
        original(self)
        return ActionResult({"Return": True})


for _direction in ("ingress", "egress"):
    _answers_return(f"update_security_group_rule_descriptions_{_direction}")


@mend(SecurityGroupRule, "__init__")
def security_group_rule(original: Callable, self: Any, *args: Any, **kwargs: Any) -> None:
    """Keep the description of a rule for a prefix list, the last but two of the positional arguments."""
    original(self, *args, **kwargs)
    prefix_list = kwargs.get("prefix_list_id") or (args[7] if len(args) > 7 else None)
    self.prefix_list = prefix_list or {}


@mend(SecurityGroupRule, "description")
def security_group_rule_description(original: Callable, self: Any) -> str | None:
    """Every kind of rule may have one; moto has it for ranges of addresses."""
    targets = (self.ip_range, self.source_group, self.prefix_list)
    return next((target["Description"] for target in targets if target.get("Description")), None)


@mend(SecurityGroupRule, "__eq__")
def security_group_rules_are_equal(original: Callable, self: Any, other: Any) -> bool:
    """Two rules with the same protocol, ports and target are one, whatever their descriptions."""
    return _rule_key(self) == _rule_key(other)


def _rule_key(rule: Any) -> tuple[Any, ...]:
    group = rule.source_group.get("GroupId") or rule.source_group.get("GroupName")
    target = (rule.ip_range.get("CidrIp"), rule.ip_range.get("CidrIpv6"), group, rule.prefix_list_id)
    return (rule.ip_protocol, rule.from_port, rule.to_port, *target)


@mend(SecurityGroup, "_flattened_rules")
def flattened_rules(original: Callable, self: Any, rules: list[Any]) -> list[Any]:
    """DescribeSecurityGroups tells the descriptions of prefix lists too."""
    views = original(self, rules)
    described = {(*_rule_key(rule)[:3], rule.prefix_list_id): rule.prefix_list for rule in rules}
    for view in views:
        ports = (view.ip_protocol, view.from_port, view.to_port)
        view.prefix_list_ids = [described[(*ports, item["PrefixListId"])] for item in view.prefix_list_ids]
    return views


def _authorize(self: Any, authorize: Callable) -> ActionResult:
    """Add the rules of all permissions or, when one fails, none; answer all rules, not those of the last one."""
    self.error_on_dryrun()
    permissions = list(self._process_rules_from_querystring())
    name = permissions[0]["group_name_or_id"]
    group = self.ec2_backend.get_security_group_by_name_or_id(name)
    if group is None:
        raise InvalidSecurityGroupNotFoundError(name)
    before = copy.copy(group.ingress_rules), copy.copy(group.egress_rules)
    try:
        rules = [rule for permission in permissions for rule in authorize(**permission)[0]]
    except Exception:
        group.ingress_rules, group.egress_rules = before
        raise
    return ActionResult({"Return": True, "SecurityGroupRules": rules})


@mend(EC2Response, "authorize_security_group_ingress")
def authorize_security_group_ingress(original: Callable, self: Any) -> ActionResult:
    return _authorize(self, self.ec2_backend.authorize_security_group_ingress)


@mend(EC2Response, "authorize_security_group_egress")
def authorize_security_group_egress(original: Callable, self: Any) -> ActionResult:
    return _authorize(self, self.ec2_backend.authorize_security_group_egress)


@mend(EC2Backend, "delete_security_group")
def delete_security_group(
    original: Callable, self: Backend, name: str | None = None, group_id: str | None = None
) -> None:
    """A group that others refer to, or that an interface wears, stays, and so does a VPC's default group."""
    group = self.get_security_group_by_name_or_id(group_id or name)
    if group and group.name == "default":
        message = f'the specified group: "{group.id}" name: "default" cannot be deleted by a user'
        raise EC2ClientError("CannotDelete", message)
    if group and (_is_referred_to(self, group.id) or _is_worn(self, group.id)):
        raise DependencyViolationError(f"resource {group.id} has a dependent object")
    original(self, name, group_id)


def _is_referred_to(backend: Backend, group_id: str) -> bool:
    others = (group for groups in backend.groups.values() for group in groups.values() if group.id != group_id)
    rules = (rule for group in others for rule in (*group.ingress_rules, *group.egress_rules))
    return any(rule.source_group.get("GroupId") == group_id for rule in rules)


def _is_worn(backend: Backend, group_id: str) -> bool:
    return any(group_id == group.id for interface in _live_interfaces(backend) for group in interface.group_set)


# Network interfaces


@mend(EC2Backend, "create_network_interface")
def create_network_interface(original: Callable, self: Backend, *args: Any, **kwargs: Any) -> NetworkInterface:
    """A group that does not exist is an error; moto makes one up."""
    for group_id in kwargs.get("group_ids") or []:
        if self.get_security_group_from_id(group_id) is None:
            raise InvalidSecurityGroupNotFoundError(group_id)
    return original(self, *args, **kwargs)


def _live_interfaces(backend: Backend) -> list[NetworkInterface]:
    """The interfaces that are in use, or could be: not those of terminated instances."""
    return [
        interface
        for interface in backend.enis.values()
        if not (interface.instance and interface.instance._state.name == "terminated")
    ]


def _create_managed_interface(
    backend: Backend, kind: str, description: str, subnet_id: str, group_ids: list[str]
) -> NetworkInterface:
    """An interface that belongs to another resource, which AWS makes and removes."""
    address = utils.random_private_ip(backend.get_subnet(subnet_id).cidr_block)
    interface = backend.create_network_interface(
        backend.get_subnet(subnet_id), address, group_ids=group_ids, description=description
    )
    interface.interface_type = kind
    interface.requester_managed = True
    interface.status = "in-use"
    return interface


# VPCs


@mend(EC2Backend, "create_default_vpc")
def create_default_vpc(original: Callable, self: Backend) -> Any:
    """A default VPC has an internet gateway and a route to it.

    https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
    """
    vpc = original(self)
    gateway = self.create_internet_gateway()
    self.attach_internet_gateway(gateway.id, vpc.id)
    (main,) = [table for table in self.route_tables.values() if table.vpc_id == vpc.id and table.main_association_id]
    self.create_route(main.id, "0.0.0.0/0", gateway_id=gateway.id)
    return vpc


@mend(EC2Backend, "delete_vpc")
def delete_vpc(original: Callable, self: Backend, vpc_id: str) -> Any:
    """What came with the VPC goes with it; anything else in it keeps it. DHCP options outlive it."""
    vpc = self.get_vpc(vpc_id)
    groups, acls = self.groups[vpc_id], [acl for acl in self.network_acls.values() if acl.vpc_id == vpc_id]
    obstacles: list[Iterable[bool]] = [
        (interface.vpc_id == vpc_id for interface in _live_interfaces(self)),
        (gateway.vpc is vpc for gateway in self.internet_gateways.values()),
        (gateway.vpc_id == vpc_id for gateway in self.egress_only_internet_gateways.values()),
        (endpoint.vpc_id == vpc_id for endpoint in self.vpc_end_points.values()),
        (group.name != "default" for group in groups.values()),
        (not acl.default for acl in acls),
    ]
    if any(any(obstacle) for obstacle in obstacles):
        raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
    if vpc.dhcp_options:
        self.disassociate_dhcp_options(vpc)
    kept = dict(groups)
    groups.clear()
    try:
        deleted = original(self, vpc_id)
    except EC2ClientError:
        groups.update(kept)
        raise
    for acl in acls:
        del self.network_acls[acl.id]
    return deleted


@mend(EC2Backend, "delete_subnet")
def delete_subnet(original: Callable, self: Backend, subnet_id: str) -> Any:
    """Interfaces keep a subnet; its associations with a network ACL and a route table end with it."""
    self.get_subnet(subnet_id)
    if any(interface.subnet_id == subnet_id for interface in _live_interfaces(self)):
        raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    for acl in self.network_acls.values():
        acl._associations = {
            name: association for name, association in acl._associations.items() if association.subnet_id != subnet_id
        }
    for table in self.route_tables.values():
        table._associations = {name: target for name, target in table._associations.items() if target != subnet_id}
    return original(self, subnet_id)


@mend(EC2Response, "delete_route_table")
def delete_route_table(original: Callable, self: Any) -> Any:
    """The main route table goes with its VPC only."""
    table_id = self._get_param("RouteTableId")
    table = self.ec2_backend.route_tables.get(table_id)
    if table and table.main_association_id:
        raise DependencyViolationError(f"The routeTable '{table_id}' has dependencies and cannot be deleted.")
    return original(self)


@mend(EC2Backend, "detach_internet_gateway")
def detach_internet_gateway(original: Callable, self: Backend, internet_gateway_id: str, vpc_id: str) -> None:
    """Public addresses that are in use keep the gateway."""
    if any(interface.vpc_id == vpc_id and interface.public_ip for interface in _live_interfaces(self)):
        raise DependencyViolationError(
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before"
            " detaching the gateway."
        )
    original(self, internet_gateway_id, vpc_id)


# NAT gateways

# Names of filters that moto does not know as attributes.
NatGateway.nat_gateway_id = property(lambda gateway: gateway.id)


@mend(EC2Backend, "create_nat_gateway")
def create_nat_gateway(original: Callable, self: Backend, *args: Any, **kwargs: Any) -> NatGateway:
    """It takes a while, and fails in a VPC without an internet gateway; its interface is AWS's own."""
    gateway = original(self, *args, **kwargs)
    gateway._eni.interface_type = "nat_gateway"
    gateway._eni.requester_managed = True
    gateway._eni.status = "in-use"
    gateway._eni.description = f"Interface for NAT Gateway {gateway.id}"
    gateway._eni._group_set = []
    attached = any(other.vpc and other.vpc.id == gateway.vpc_id for other in self.internet_gateways.values())
    if gateway.connectivity_type == "private" or attached:
        CLOCK.turn(gateway, "state", "pending", "available", "nat_gateway.creation")
    else:
        gateway.failure_code = "Gateway.NotAttached"
        gateway.failure_message = f"Network {gateway.vpc_id} has no Internet gateway attached"
        CLOCK.turn(gateway, "state", "pending", "failed", "nat_gateway.creation")
        _release_nat_gateway(self, gateway)
    return gateway


@mend(EC2Backend, "delete_nat_gateway")
def delete_nat_gateway(original: Callable, self: Backend, nat_gateway_id: str) -> NatGateway:
    """Its interface goes and its address becomes free. It can still be described, for about an hour on AWS."""
    gateway = self.nat_gateways.get(nat_gateway_id)
    if gateway is None:
        raise _no_nat_gateway(nat_gateway_id)
    if gateway.state not in ("deleting", "deleted"):
        CLOCK.turn(gateway, "state", "deleting", "deleted", "nat_gateway.deletion")
        _release_nat_gateway(self, gateway)
    return gateway


@mend(EC2Backend, "create_route")
def create_route(original: Callable, self: Backend, route_table_id: str, *args: Any, **kwargs: Any) -> Any:
    """Routes know a NAT gateway only when it is ready: https://github.com/kubernetes/kops/pull/944."""
    wanted = kwargs.get("nat_gateway_id")
    if wanted and (wanted not in self.nat_gateways or self.nat_gateways[wanted].state == "pending"):
        raise EC2ClientError("InvalidNatGatewayID.NotFound", f"The natGateway ID '{wanted}' does not exist")
    return original(self, route_table_id, *args, **kwargs)


def _release_nat_gateway(backend: Backend, gateway: NatGateway) -> None:
    if backend.enis.pop(gateway._eni.id, None):
        for address in backend.addresses:
            if address.eni is gateway._eni:
                backend.disassociate_address(association_id=address.association_id)


def _no_nat_gateway(nat_gateway_id: str) -> EC2ClientError:
    return EC2ClientError("NatGatewayNotFound", f"The Nat Gateway {nat_gateway_id} was not found")


@mend(EC2Backend, "describe_nat_gateways")
def describe_nat_gateways(
    original: Callable, self: Backend, filters: Any, nat_gateway_ids: list[str] | None
) -> list[NatGateway]:
    """An unknown identifier is an error, and every filter counts; moto passes over those for tags."""
    for nat_gateway_id in nat_gateway_ids or []:
        if nat_gateway_id not in self.nat_gateways:
            raise _no_nat_gateway(nat_gateway_id)
    return utils.generic_filter(filters or {}, original(self, {}, nat_gateway_ids))


@mend(EC2Backend, "release_address")
def release_address(
    original: Callable, self: Backend, address: str | None = None, allocation_id: str | None = None
) -> None:
    """An address that is associated has to be disassociated first."""
    found = self.address_by_ip([address]) if address else self.address_by_allocation([allocation_id])
    if found[0].association_id:
        raise EC2ClientError("InvalidIPAddress.InUse", f"Address {found[0].public_ip} is in use.")
    original(self, address, allocation_id)


# VPC endpoints


def _is_interface(endpoint: VPCEndPoint) -> bool:
    return endpoint.vpc_endpoint_type == "Interface"


@mend(EC2Backend, "create_vpc_endpoint")
def create_vpc_endpoint(original: Callable, self: Backend, **given: Any) -> VPCEndPoint:
    """An interface endpoint has an interface in each subnet, which wears its groups, and may have private names.

    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    vpc = self.get_vpc(given["vpc_id"])
    kind = given["endpoint_type"] = given["endpoint_type"] or "Gateway"
    if kind != "Interface":
        return original(self, **{**given, "private_dns_enabled": False})
    if given["private_dns_enabled"]:
        _refuse_private_names(self, vpc, given["service_name"])
    groups = given["security_group_ids"] or [self.get_default_security_group(vpc.id).id]
    for group_id in groups:
        if self.get_security_group_from_id(group_id) is None:
            raise InvalidSecurityGroupNotFoundError(group_id)
    subnets = given["subnet_ids"]
    _refuse_subnets_in_one_zone(self, subnets)
    endpoint = original(self, **{**given, "subnet_ids": [], "security_group_ids": list(groups)})
    for subnet_id in subnets:
        _add_endpoint_subnet(self, endpoint, subnet_id)
    CLOCK.turn(endpoint, "state", "pending", "available", "interface_endpoint.creation")
    return endpoint


def _refuse_private_names(backend: Backend, vpc: Any, service_name: str) -> None:
    if not (str(vpc.enable_dns_support).lower() == "true" and str(vpc.enable_dns_hostnames).lower() == "true"):
        attributes = "both enableDnsSupport and enableDnsHostnames VPC attributes set to true"
        raise EC2ClientError("InvalidParameter", f"Enabling private DNS requires {attributes} for {vpc.id}")
    for endpoint in backend.vpc_end_points.values():
        if (endpoint.vpc_id, endpoint.service_name) == (vpc.id, service_name) and endpoint.private_dns_enabled:
            message = "private-dns-enabled cannot be set because there is already a conflicting DNS domain"
            raise EC2ClientError("InvalidParameter", f"{message} for {service_name} in the VPC {vpc.id}")


def _refuse_subnets_in_one_zone(backend: Backend, subnet_ids: list[str]) -> None:
    zones: set[str] = set()
    for subnet_id in subnet_ids:
        zone = backend.get_subnet(subnet_id).availability_zone
        if zone in zones:
            message = f"Found another VPC endpoint subnet in the availability zone of {subnet_id}"
            raise EC2ClientError("DuplicateSubnetsInSameZone", message)
        zones.add(zone)


def _add_endpoint_subnet(backend: Backend, endpoint: VPCEndPoint, subnet_id: str) -> None:
    description = f"VPC Endpoint Interface {endpoint.id}"
    interface = _create_managed_interface(backend, "vpc_endpoint", description, subnet_id, endpoint.security_group_ids)
    endpoint.subnet_ids.append(subnet_id)
    endpoint.network_interface_ids.append(interface.id)


@mend(EC2Response, "modify_vpc_endpoint")
def modify_vpc_endpoint(original: Callable, self: Any) -> ActionResult:
    """Interfaces and routes follow; private names and the default policy can be set."""
    backend = self.ec2_backend
    (endpoint,) = backend.describe_vpc_endpoints([self._get_param("VpcEndpointId")])
    added, removed = self._get_param("AddSubnetIds", []), set(self._get_param("RemoveSubnetIds", []))
    added = [subnet_id for subnet_id in added if subnet_id not in endpoint.subnet_ids]
    kept = [subnet_id for subnet_id in endpoint.subnet_ids or [] if subnet_id not in removed]
    _refuse_subnets_in_one_zone(backend, [*kept, *added])
    private_names = self._get_bool_param("PrivateDnsEnabled")
    if private_names and not endpoint.private_dns_enabled:
        _refuse_private_names(backend, backend.get_vpc(endpoint.vpc_id), endpoint.service_name)
    if private_names is not None:
        endpoint.private_dns_enabled = private_names
    reset = self._get_bool_param("ResetPolicy")
    policy = json.dumps(VPCEndPoint.DEFAULT_POLICY) if reset else self._get_param("PolicyDocument")
    endpoint.modify(
        policy,
        None,
        None,
        None,
        None,
        self._get_param("AddSecurityGroupIds", []),
        self._get_param("RemoveSecurityGroupIds", []),
    )
    for interface_id in list(endpoint.network_interface_ids):
        interface = backend.enis[interface_id]
        if interface.subnet_id in removed:
            endpoint.network_interface_ids.remove(interface_id)
            endpoint.subnet_ids.remove(interface.subnet_id)
            del backend.enis[interface_id]
        else:
            interface._group_set = [backend.get_security_group_from_id(name) for name in endpoint.security_group_ids]
    for subnet_id in added:
        _add_endpoint_subnet(backend, endpoint, subnet_id)
    for table_id in self._get_param("RemoveRouteTableIds", []):
        if table_id in endpoint.route_table_ids:
            endpoint.route_table_ids.remove(table_id)
            backend.delete_route(table_id, endpoint.destination_prefix_list_id)
    for table_id in self._get_param("AddRouteTableIds", []):
        if table_id not in endpoint.route_table_ids:
            destination = endpoint.destination_prefix_list_id
            backend.create_route(table_id, None, gateway_id=endpoint.id, destination_prefix_list_id=destination)
            endpoint.route_table_ids.append(table_id)
    return ActionResult({"Return": True})


@mend(EC2Response, "delete_vpc_endpoints")
def delete_vpc_endpoints(original: Callable, self: Any) -> ActionResult:
    """A deleted endpoint is gone, one with interfaces after a while; one that is not there is told in the answer."""
    backend = self.ec2_backend
    unsuccessful = []
    for endpoint_id in self._get_param("VpcEndpointIds", []):
        endpoint = backend.vpc_end_points.get(endpoint_id)
        if endpoint is None:
            message = f"The Vpc Endpoint Id '{endpoint_id}' does not exist"
            error = {"Code": "InvalidVpcEndpoint.NotFound", "Message": message}
            unsuccessful.append({"ResourceId": endpoint_id, "Error": error})
        elif not _is_interface(endpoint):
            _remove_endpoint(backend, endpoint_id)
        elif endpoint.state != "deleting":
            endpoint.state = "deleting"
            CLOCK.later("interface_endpoint.deletion", functools.partial(_remove_endpoint, backend, endpoint_id))
    return ActionResult({"Unsuccessful": unsuccessful})


def _remove_endpoint(backend: Backend, endpoint_id: str) -> None:
    backend.delete_vpc_endpoints([endpoint_id])
    del backend.vpc_end_points[endpoint_id]


# Flow logs


@mend(EC2Backend, "create_flow_logs")
def create_flow_logs(original: Callable, self: Backend, **given: Any) -> Any:
    """The destination may be a folder of a bucket; moto takes all of it for the bucket's name."""
    destination = given["log_destination"]
    if given["log_destination_type"] != "s3" or not destination:
        return original(self, **given)
    for resource_id in given["resource_ids"]:
        for log in self.flow_logs.values():
            if (log.resource_id, log.log_destination) == (resource_id, destination):
                raise FlowLogAlreadyExists()
    flow_logs, unsuccessful = original(self, **{**given, "log_destination": destination.partition("/")[0]})
    for log in flow_logs:
        log.log_destination = destination
    return flow_logs, unsuccessful


@mend(EC2Response, "create_flow_logs")
def create_flow_logs_with_options(original: Callable, self: Any) -> ActionResult:
    """Keep the format and the partitions of the files."""
    result = original(self)
    for flow_log_id in result.result["FlowLogIds"]:
        self.ec2_backend.flow_logs[flow_log_id].destination_options = self._get_param("DestinationOptions")
    return result


@mend(EC2Response, "delete_flow_logs")
def delete_flow_logs(original: Callable, self: Any) -> ActionResult:
    """The list of what failed is in the answer, though empty."""
    original(self)
    return ActionResult({"Unsuccessful": []})
