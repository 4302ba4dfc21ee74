# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The kinds of things that an estate can have: one function for each.

What EC2 knows is found by its tags ``Estate`` and ``Environment``, or else by a ``Name`` that begins with the estate's
own, so that whoever changes one of them behind our back only makes work for the next run, which puts it back. What
has a name that cannot change (keys by their alias, buckets, IAM, log groups) is found by that name.

Every resource that is answered is a dict with ``layer``, ``component`` (what it is within its layer, unique there),
``name`` and an ``id`` or ``arn``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from .discovery import Kinds, Scope

KINDS = Kinds()


@AWSRetry.jittered_backoff()
def _ask(client, operation: str, **parameters) -> dict:
    """The answer of a describe or list call, all its pages as one."""
    if client.can_paginate(operation):
        return client.get_paginator(operation).paginate(**parameters).build_full_result()
    return getattr(client, operation)(**parameters)


def _resource(layer: str, component: str, name: str | None = None, **facts) -> dict:
    """A resource as it is answered, found or planned."""
    return {"layer": layer, "component": component, "name": name or component, **facts}


def _by_component(resources: Iterable[dict]) -> dict[str, dict]:
    return {resource["component"]: resource for resource in resources}


# EC2: found by tags


def _owned(ec2, operation: str, list_key: str, id_key: str, scope: Scope) -> list[dict]:
    """The resources of EC2 that are the estate's by their tags or by their name."""
    filter_key = "Filter" if operation in ("describe_nat_gateways", "describe_flow_logs") else "Filters"
    found = {}
    for filters in (scope.tag_filters, scope.name_filter):
        for raw in _ask(ec2, operation, **{filter_key: filters})[list_key]:
            if scope.may_own(boto3_tag_list_to_ansible_dict(raw.get("Tags", []))):
                found.setdefault(raw[id_key], raw)
    return list(found.values())


def _ec2_kind(
    name: str,
    operation: str,
    list_key: str,
    id_key: str,
    id_prefix: str,
    single: bool = False,
    planned: dict | None = None,
    ready_state: str | None = None,
):
    """Registers a kind of EC2 resource; decorates the function that picks its facts from the raw answer.

    That function answers a dict of facts, or ``None`` for a resource that does not count (any more). The kind is
    answered as a dict by component, or, where an estate has a ``single`` one, as the resource itself or ``None``.
    """
    layer = name.split(".", 1)[0]

    def placeholder(scope: Scope, path: list[str]) -> dict:
        return _resource(layer, path[0] if path else name, id=f"{id_prefix}-{'0' * 17}", **(planned or {}))

    def decorate(facts: Callable[[dict], dict | None]):
        @KINDS.register(name, service="ec2", layer=layer, placeholder=placeholder, ready_state=ready_state)
        def find(ec2, scope: Scope):
            resources = []
            for raw in _owned(ec2, operation, list_key, id_key, scope):
                picked = facts(raw)
                if picked is not None:
                    tags = boto3_tag_list_to_ansible_dict(raw.get("Tags", []))
                    own_name = tags.get("Name", "")
                    component = tags.get("Component") or own_name.removeprefix(f"{scope.prefix}-")
                    owner = tags.get("Layer") or layer
                    resources.append(_resource(owner, component, own_name, id=raw[id_key], **picked))
            return (resources[0] if resources else None) if single else _by_component(resources)

        return facts

    return decorate


@_ec2_kind(
    "network.vpc", "describe_vpcs", "Vpcs", "VpcId", "vpc", single=True, planned={"cidrs": [], "dhcp_options_id": None}
)
def vpc_facts(vpc: dict) -> dict:
    """``cidrs``: all address blocks that are or become associated; ``dhcp_options_id``."""
    blocks = [
        block["CidrBlock"]
        for block in vpc.get("CidrBlockAssociationSet", [])
        if block.get("CidrBlockState", {}).get("State") in ("associating", "associated")
    ]
    return {"cidrs": blocks or [vpc["CidrBlock"]], "dhcp_options_id": vpc.get("DhcpOptionsId")}


@_ec2_kind("network.subnets", "describe_subnets", "Subnets", "SubnetId", "subnet", planned={"cidr": None, "zone": None})
def subnet_facts(subnet: dict) -> dict:
    """``cidr``, ``zone``. The component is the tier and the letter of the zone, such as ``public-a``."""
    return {"cidr": subnet["CidrBlock"], "zone": subnet["AvailabilityZone"]}


@_ec2_kind(
    "network.internet_gateway",
    "describe_internet_gateways",
    "InternetGateways",
    "InternetGatewayId",
    "igw",
    single=True,
)
def internet_gateway_facts(gateway: dict) -> dict:
    """``vpc_id``: the VPC it is attached to, or None."""
    attached = [attachment["VpcId"] for attachment in gateway.get("Attachments", [])]
    return {"vpc_id": attached[0] if attached else None}


@_ec2_kind(
    "network.nat_gateways",
    "describe_nat_gateways",
    "NatGateways",
    "NatGatewayId",
    "nat",
    planned={"state": "available"},
    ready_state="available",
)
def nat_gateway_facts(gateway: dict) -> dict | None:
    """``subnet_id``, ``state``, ``allocation_ids`` (of its addresses); those that fail or go do not count."""
    if gateway["State"] not in ("pending", "available"):
        return None
    addresses = [address["AllocationId"] for address in gateway["NatGatewayAddresses"] if "AllocationId" in address]
    return {"subnet_id": gateway["SubnetId"], "state": gateway["State"], "allocation_ids": addresses}


@_ec2_kind("network.elastic_ips", "describe_addresses", "Addresses", "AllocationId", "eipalloc")
def elastic_ip_facts(address: dict) -> dict:
    """``public_ip``, ``association_id`` (None while nothing uses it)."""
    return {"public_ip": address["PublicIp"], "association_id": address.get("AssociationId")}


@_ec2_kind("network.route_tables", "describe_route_tables", "RouteTables", "RouteTableId", "rtb")
def route_table_facts(table: dict) -> dict:
    """``vpc_id``."""
    return {"vpc_id": table["VpcId"]}


@_ec2_kind("network.network_acls", "describe_network_acls", "NetworkAcls", "NetworkAclId", "acl")
def network_acl_facts(acl: dict) -> dict:
    """``vpc_id``."""
    return {"vpc_id": acl["VpcId"]}


@_ec2_kind(
    "network.endpoints",
    "describe_vpc_endpoints",
    "VpcEndpoints",
    "VpcEndpointId",
    "vpce",
    planned={"state": "available"},
    ready_state="available",
)
def endpoint_facts(endpoint: dict) -> dict | None:
    """``service``, ``type``, ``state``; those that go do not count. The component is the service's short name."""
    if endpoint["State"].lower() in ("deleting", "deleted"):
        return None
    return {
        "service": endpoint["ServiceName"],
        "type": endpoint["VpcEndpointType"],
        "state": endpoint["State"],
        "vpc_id": endpoint["VpcId"],
    }


@_ec2_kind("network.dhcp_options", "describe_dhcp_options", "DhcpOptions", "DhcpOptionsId", "dopt", single=True)
def dhcp_options_facts(options: dict) -> dict:
    """Nothing but the id."""
    return {}


@_ec2_kind("network.flow_log", "describe_flow_logs", "FlowLogs", "FlowLogId", "fl", single=True)
def flow_log_facts(log: dict) -> dict:
    """``resource_id``, ``destination`` (the ARN of the bucket and its folder)."""
    return {"resource_id": log["ResourceId"], "destination": log.get("LogDestination")}


@_ec2_kind("security_groups", "describe_security_groups", "SecurityGroups", "GroupId", "sg")
def security_group_facts(group: dict) -> dict:
    """``group_name``, ``description``, ``vpc_id``."""
    return {"group_name": group["GroupName"], "description": group["Description"], "vpc_id": group["VpcId"]}


def _planned_zones(scope: Scope, path: list[str]) -> list[str]:
    return [f"{scope.region}{letter}" for letter in "abc"]


@KINDS.register("zones", service="ec2", layer="network", placeholder=_planned_zones)
def find_zones(ec2, scope: Scope) -> list[str]:
    """The names of the availability zones of the region that the account may use, sorted."""
    zones = _ask(
        ec2,
        "describe_availability_zones",
        Filters=[
            {"Name": "zone-type", "Values": ["availability-zone"]},
            {"Name": "opt-in-status", "Values": ["opt-in-not-required", "opted-in"]},
        ],
    )["AvailabilityZones"]
    return sorted(zone["ZoneName"] for zone in zones if zone["State"] == "available")


# Found by a name that cannot change


def _planned_key(scope: Scope, path: list[str]) -> dict:
    key_id = "00000000-0000-0000-0000-000000000000"
    component = path[0] if path else "key"
    return _resource(
        "encryption",
        component,
        id=key_id,
        arn=scope.arn("kms", f"key/{key_id}"),
        alias=f"alias/{scope.prefix}-{component}",
    )


@KINDS.register("keys", service="kms", layer="encryption", placeholder=_planned_key)
def find_keys(kms, scope: Scope) -> dict[str, dict]:
    """The KMS keys that are not on their way out, by component: ``id``, ``arn``, ``alias``, ``state``."""
    prefix = f"alias/{scope.prefix}-"
    keys = []
    for alias in _ask(kms, "list_aliases")["Aliases"]:
        if alias["AliasName"].startswith(prefix) and "TargetKeyId" in alias:
            key = _ask(kms, "describe_key", KeyId=alias["TargetKeyId"])["KeyMetadata"]
            if key["KeyState"] not in ("PendingDeletion", "PendingReplicaDeletion"):
                component = alias["AliasName"].removeprefix(prefix)
                facts = {"id": key["KeyId"], "arn": key["Arn"], "alias": alias["AliasName"], "state": key["KeyState"]}
                keys.append(_resource("encryption", component, **facts))
    return _by_component(keys)


def _bucket(scope: Scope, component: str) -> dict:
    name = f"{scope.prefix}-{component}-{scope.account_id}-{scope.region}"
    return _resource("storage", component, name, arn=f"arn:{scope.partition}:s3:::{name}")


def _planned_bucket(scope: Scope, path: list[str]) -> dict:
    return _bucket(scope, path[0] if path else "bucket")


@KINDS.register("buckets", service="s3", layer="storage", placeholder=_planned_bucket)
def find_buckets(s3, scope: Scope) -> dict[str, dict]:
    """The buckets of the region, by component: ``name``, ``arn``.

    A bucket's name is the estate's prefix, the component, the account and the region. That makes it unique in the
    world, and tells all there is to know without another call.
    """
    pattern = re.compile(rf"{re.escape(scope.prefix)}-(.+)-{scope.account_id}-{scope.region}")
    names = [bucket["Name"] for bucket in _ask(s3, "list_buckets", Prefix=f"{scope.prefix}-").get("Buckets", [])]
    return _by_component(_bucket(scope, match[1]) for match in map(pattern.fullmatch, names) if match)


@KINDS.register("filled_buckets", service="s3", layer="storage", placeholder=_planned_bucket, on_request=True)
def find_filled_buckets(s3, scope: Scope) -> list[str]:
    """The components of the buckets that hold anything, be it only an old version or a delete marker."""

    def holds_something(bucket: dict) -> bool:
        first = s3.list_object_versions(Bucket=bucket["name"], MaxKeys=1)
        return bool(first.get("Versions") or first.get("DeleteMarkers"))

    return sorted(component for component, bucket in find_buckets(s3, scope).items() if holds_something(bucket))


def _iam_kind(name: str, operation: str, list_key: str, name_key: str, resource_type: str, **parameters) -> None:
    """Registers a kind of IAM entity, found by the path that all of the estate's entities share."""

    def placeholder(scope: Scope, path: list[str]) -> dict:
        component = path[0] if path else name
        entity_name = f"{scope.prefix}-{component}"
        arn = scope.arn("iam", f"{resource_type}/{scope.prefix}/{entity_name}", region="")
        return _resource("identity", component, entity_name, arn=arn)

    @KINDS.register(name, service="iam", layer="identity", placeholder=placeholder, worldwide=True)
    def find(iam, scope: Scope) -> dict[str, dict]:
        entities = _ask(iam, operation, PathPrefix=f"/{scope.prefix}/", **parameters)[list_key]
        return _by_component(
            _resource(
                "identity", entity[name_key].removeprefix(f"{scope.prefix}-"), entity[name_key], arn=entity["Arn"]
            )
            for entity in entities
        )


_iam_kind("roles", "list_roles", "Roles", "RoleName", "role")
_iam_kind("policies", "list_policies", "Policies", "PolicyName", "policy", Scope="Local")
_iam_kind("instance_profiles", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName", "instance-profile")


def _planned_log_group(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "log"
    name = f"/{scope.prefix}/{component}"
    return _resource("account_baseline", component, name, arn=scope.arn("logs", f"log-group:{name}"))


@KINDS.register("log_groups", service="logs", layer="account_baseline", placeholder=_planned_log_group)
def find_log_groups(logs, scope: Scope) -> dict[str, dict]:
    """The log groups, by what follows ``/<estate>-<environment>/`` in the name: ``name``, ``arn`` without ``:*``."""
    prefix = f"/{scope.prefix}/"
    groups = _ask(logs, "describe_log_groups", logGroupNamePrefix=prefix)["logGroups"]
    return _by_component(
        _resource(
            "account_baseline",
            group["logGroupName"].removeprefix(prefix),
            group["logGroupName"],
            arn=group["arn"].removesuffix(":*"),
        )
        for group in groups
    )


def _planned_trail(scope: Scope, path: list[str]) -> dict:
    return _resource(
        "account_baseline", "trail", scope.prefix, arn=scope.arn("cloudtrail", f"trail/{scope.prefix}"), bucket=None
    )


@KINDS.register("trail", service="cloudtrail", layer="account_baseline", placeholder=_planned_trail)
def find_trail(cloudtrail, scope: Scope) -> dict | None:
    """The estate's CloudTrail trail in its home region, or None elsewhere: ``name``, ``arn``, ``bucket``."""
    for trail in _ask(cloudtrail, "describe_trails", includeShadowTrails=False)["trailList"]:
        if trail["Name"] == scope.prefix:
            return _resource(
                "account_baseline", "trail", trail["Name"], arn=trail["TrailARN"], bucket=trail["S3BucketName"]
            )
    return None


def _planned_analyzer(scope: Scope, path: list[str]) -> dict:
    arn = scope.arn("access-analyzer", f"analyzer/{scope.prefix}")
    return _resource("account_baseline", "analyzer", scope.prefix, arn=arn)


@KINDS.register("analyzer", service="accessanalyzer", layer="account_baseline", placeholder=_planned_analyzer)
def find_analyzer(accessanalyzer, scope: Scope) -> dict | None:
    """The estate's analyzer of IAM Access Analyzer, or None: ``name``, ``arn``."""
    for analyzer in _ask(accessanalyzer, "list_analyzers", type="ACCOUNT")["analyzers"]:
        if analyzer["name"] == scope.prefix:
            return _resource("account_baseline", "analyzer", analyzer["name"], arn=analyzer["arn"])
    return None
