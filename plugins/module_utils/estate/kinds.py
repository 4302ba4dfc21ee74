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

import itertools
import re
from collections.abc import Callable, Iterable, Mapping

from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ..cloudfront import items
from ..rds import PASSWORD_TAG, USABLE
from ..securityhub import is_missing_or_off
from ..wafv2 import CLOUDFRONT_REGION, list_all
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


# Route 53: found by tags, or by the comment that begins with the estate's name

TAGGED_PER_CALL = 10  # https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListTagsForResources.html


def _owned_zones(route53, scope: Scope) -> list[tuple[dict, dict[str, str]]]:
    """The hosted zones that are the estate's, each with its tags."""
    zones = _ask(route53, "list_hosted_zones")["HostedZones"]
    ids = [_zone_id(zone) for zone in zones]
    tags = _tags_by_id(route53, "hostedzone", ids)
    owned = []
    for zone, zone_id in zip(zones, ids, strict=True):
        own_tags = tags.get(zone_id, {})
        is_tagged = {"Estate", "Environment"} <= own_tags.keys()
        is_named = zone["Config"].get("Comment", "").startswith(f"{scope.prefix}: ")
        if (is_tagged or is_named) and scope.may_own(own_tags):
            owned.append((zone, own_tags))
    return owned


def _tags_by_id(route53, kind: str, ids: list[str]) -> dict[str, dict[str, str]]:
    tags = {}
    for start in range(0, len(ids), TAGGED_PER_CALL):
        some = ids[start : start + TAGGED_PER_CALL]
        answer = _ask(route53, "list_tags_for_resources", ResourceType=kind, ResourceIds=some)
        for tagged in answer["ResourceTagSets"]:
            tags[tagged["ResourceId"]] = boto3_tag_list_to_ansible_dict(tagged.get("Tags", []))
    return tags


def _zone_id(zone: dict) -> str:
    return zone["Id"].rpartition("/")[2]


def _zone_kind(name: str, component: str, private: bool) -> None:
    """Registers the public or the private hosted zone of the estate."""

    def placeholder(scope: Scope, path: list[str]) -> dict:
        return _resource("dns", component, id=f"Z{'0' * 20}", name_servers=[], vpc_ids=[], tags={})

    @KINDS.register(name, service="route53", layer="dns", placeholder=placeholder, worldwide=True)
    def find(route53, scope: Scope) -> dict | None:
        for zone, tags in _owned_zones(route53, scope):
            if zone["Config"].get("PrivateZone", False) == private:
                detail = _ask(route53, "get_hosted_zone", Id=_zone_id(zone))
                return _resource(
                    "dns",
                    component,
                    zone["Name"].rstrip("."),
                    id=_zone_id(zone),
                    name_servers=detail.get("DelegationSet", {}).get("NameServers", []),
                    vpc_ids=[vpc["VPCId"] for vpc in detail.get("VPCs", [])],
                    tags=tags,
                )
        return None


_zone_kind("dns.zone", "zone", private=False)
_zone_kind("dns.private_zone", "private-zone", private=True)


def _planned_hosted_zone(scope: Scope, path: list[str]) -> list[dict]:
    return [{"id": f"Z{'0' * 20}", "name": path[0] if path else "zone", "private": False}]


@KINDS.register(
    "hosted_zones", service="route53", layer="dns", placeholder=_planned_hosted_zone, on_request=True, worldwide=True
)
def find_hosted_zones(route53, scope: Scope) -> list[dict]:
    """All hosted zones of the account, whosever they are: ``id``, ``name``, ``private``."""
    return [
        {
            "id": _zone_id(zone),
            "name": zone["Name"].rstrip("."),
            "private": zone["Config"].get("PrivateZone", False),
        }
        for zone in _ask(route53, "list_hosted_zones")["HostedZones"]
    ]


def _planned_health_check(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "primary"
    return _resource("routing", component, f"{scope.prefix}-{component}", id="00000000-0000-0000-0000-000000000000")


@KINDS.register("health_checks", service="route53", layer="routing", placeholder=_planned_health_check, worldwide=True)
def find_health_checks(route53, scope: Scope) -> dict[str, dict]:
    """The health checks, by what follows ``<estate>-<environment>-`` in the tag ``Name``: ``id``."""
    ids = [check["Id"] for check in _ask(route53, "list_health_checks")["HealthChecks"]]
    begin = f"{scope.prefix}-"
    return _by_component(
        _resource("routing", tags["Name"].removeprefix(begin), tags["Name"], id=check_id)
        for check_id, tags in _tags_by_id(route53, "healthcheck", ids).items()
        if tags.get("Name", "").startswith(begin) and scope.may_own(tags)
    )


# CloudFront: found by a name or a comment that begins with the estate's


def _planned_origin_access_control(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "static"
    return _resource("static_content", component, f"{scope.prefix}-{component}", id=f"E{'0' * 13}")


@KINDS.register(
    "origin_access_controls",
    service="cloudfront",
    layer="static_content",
    placeholder=_planned_origin_access_control,
    worldwide=True,
)
def find_origin_access_controls(cloudfront, scope: Scope) -> dict[str, dict]:
    """The origin access controls, by what follows ``<estate>-<environment>-`` in the name: ``name``, ``id``."""
    prefix = f"{scope.prefix}-"
    controls = _ask(cloudfront, "list_origin_access_controls").get("OriginAccessControlList", {}).get("Items", [])
    return _by_component(
        _resource("static_content", control["Name"].removeprefix(prefix), control["Name"], id=control["Id"])
        for control in controls
        if control["Name"].startswith(prefix)
    )


def _planned_distribution(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "site"
    distribution_id = f"E{'0' * 13}"
    return _resource(
        "cdn",
        component,
        id=distribution_id,
        arn=scope.arn("cloudfront", f"distribution/{distribution_id}", region=""),
        domain_name=f"d{'0' * 13}.cloudfront.net",
        aliases=[],
        state="Deployed",
        enabled=True,
    )


@KINDS.register(
    "distributions",
    service="cloudfront",
    layer="cdn",
    placeholder=_planned_distribution,
    worldwide=True,
    ready_state="deployed",
)
def find_distributions(cloudfront, scope: Scope) -> dict[str, dict]:
    """The distributions, by component: ``id``, ``arn``, ``domain_name``, ``aliases``, ``state``, ``enabled``.

    The comment is in the list already. Tags take a request for each distribution, of an API that allows few of them, so
    only those are asked for that no comment tells of.
    """
    begin = f"{scope.prefix}: "
    summaries = _ask(cloudfront, "list_distributions").get("DistributionList", {}).get("Items", [])
    found = [
        _distribution(summary, summary["Comment"].removeprefix(begin))
        for summary in summaries
        if summary["Comment"].startswith(begin)
    ]
    for summary in [] if found else summaries:
        answer = _ask(cloudfront, "list_tags_for_resource", Resource=summary["ARN"])
        tags = boto3_tag_list_to_ansible_dict(answer["Tags"].get("Items", []))
        if {"Estate", "Environment"} <= tags.keys() and scope.may_own(tags):
            found.append(_distribution(summary, tags.get("Component") or "site"))
    return _by_component(found)


def _distribution(summary: dict, component: str) -> dict:
    return _resource(
        "cdn",
        component,
        id=summary["Id"],
        arn=summary["ARN"],
        domain_name=summary["DomainName"],
        aliases=summary["Aliases"].get("Items", []),
        state=summary["Status"],
        enabled=summary["Enabled"],
    )


def _planned_headers_policy(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "site"
    return _resource("cdn", component, f"{scope.prefix}-{component}", id="00000000-0000-0000-0000-000000000000")


@KINDS.register(
    "response_headers_policies",
    service="cloudfront",
    layer="cdn",
    placeholder=_planned_headers_policy,
    worldwide=True,
)
def find_response_headers_policies(cloudfront, scope: Scope) -> dict[str, dict]:
    """The response headers policies, by what follows ``<estate>-<environment>-`` in the name: ``name``, ``id``."""
    prefix = f"{scope.prefix}-"
    policies = [
        summary["ResponseHeadersPolicy"]
        for summary in items(
            AWSRetry.jittered_backoff()(cloudfront.list_response_headers_policies),
            "ResponseHeadersPolicyList",
            Type="custom",
        )
    ]
    return _by_component(
        _resource("cdn", name.removeprefix(prefix), name, id=policy["Id"])
        for policy, name in ((policy, policy["ResponseHeadersPolicyConfig"]["Name"]) for policy in policies)
        if name.startswith(prefix)
    )


# Certificate Manager: found by tags

# Unless it is told which, it lists certificates with RSA keys of 1024 and 2048 bits only.
CERTIFICATE_KEYS = [
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
]


def _planned_certificate(scope: Scope, path: list[str]) -> dict:
    return _resource(
        "certificates",
        path[0] if path else "site",
        arn=scope.arn("acm", "certificate/00000000-0000-0000-0000-000000000000"),
        state="ISSUED",
        imported=False,
        tags={},
    )


@KINDS.register(
    "certificates", service="acm", layer="certificates", placeholder=_planned_certificate, ready_state="issued"
)
def find_certificates(acm, scope: Scope) -> dict[str, dict]:
    """The certificates that are issued or being validated, by component: ``arn``, ``state``, ``imported``, ``tags``.

    Of several with one component an imported one goes before those of AWS, and the newest before older ones, which are
    answered by component and id. The name is the domain's.
    """
    summaries = _ask(
        acm,
        "list_certificates",
        CertificateStatuses=["PENDING_VALIDATION", "ISSUED"],
        Includes={"keyTypes": CERTIFICATE_KEYS},
    )["CertificateSummaryList"]

    def rank(summary: dict) -> tuple:
        is_imported = summary["Type"] == "IMPORTED"
        return is_imported, summary.get("ImportedAt" if is_imported else "CreatedAt").timestamp()

    found = {}
    for summary in sorted(summaries, key=rank, reverse=True):
        arn = summary["CertificateArn"]
        tags = boto3_tag_list_to_ansible_dict(
            _ask(acm, "list_tags_for_certificate", CertificateArn=arn).get("Tags", [])
        )
        if {"Estate", "Environment"} <= tags.keys() and scope.may_own(tags):
            component = tags.get("Component") or summary["DomainName"]
            if component in found:
                component = f"{component}-{arn.rpartition('/')[2]}"
            found[component] = _resource(
                "certificates",
                component,
                summary["DomainName"],
                arn=arn,
                state=summary["Status"],
                imported=summary["Type"] == "IMPORTED",
                tags=tags,
            )
    return found


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


# Buckets that are not of the layer storage.
BUCKETS_OF_LAYERS = {"static": "static_content", "cdn-logs": "cdn"}


def _bucket(scope: Scope, component: str) -> dict:
    name = f"{scope.prefix}-{component}-{scope.account_id}-{scope.region}"
    return _resource(
        BUCKETS_OF_LAYERS.get(component, "storage"), component, name, arn=f"arn:{scope.partition}:s3:::{name}"
    )


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


# Those that another layer keeps than the account's baseline.
LOG_GROUPS_OF_LAYERS = {"patching": "patching", "sessions": "session_access"}


def _log_group(component: str, name: str, arn: str) -> dict:
    return _resource(LOG_GROUPS_OF_LAYERS.get(component, "account_baseline"), component, name, arn=arn)


def _planned_log_group(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "log"
    name = f"/{scope.prefix}/{component}"
    return _log_group(component, name, scope.arn("logs", f"log-group:{name}"))


@KINDS.register("log_groups", service="logs", layer="account_baseline", placeholder=_planned_log_group)
def find_log_groups(logs, scope: Scope) -> dict[str, dict]:
    """The log groups, by what follows ``/<estate>-<environment>/`` in the name: ``name``, ``arn`` without ``:*``."""
    prefix = f"/{scope.prefix}/"
    groups = _ask(logs, "describe_log_groups", logGroupNamePrefix=prefix)["logGroups"]
    return _by_component(
        _log_group(group["logGroupName"].removeprefix(prefix), group["logGroupName"], group["arn"].removesuffix(":*"))
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


# WAF: the web ACLs of a scope, and what they refer to


def _waf_kind(name: str, operation: str, list_key: str, resource_type: str) -> None:
    """Registers a kind of AWS WAF, whose names begin with the estate's prefix and then the scope in lower case.

    What is for CloudFront is found in the one region whose API has it.
    """

    def placeholder(scope: Scope, path: list[str]) -> dict:
        component = path[0] if path else "regional"
        where = "global" if component.startswith("cloudfront") else "regional"
        waf_id = "00000000-0000-0000-0000-000000000000"
        full_name = f"{scope.prefix}-{component}"
        arn = scope.arn("wafv2", f"{where}/{resource_type}/{full_name}/{waf_id}")
        return _resource("waf", component, full_name, id=waf_id, arn=arn, scope=_scope_of(component))

    @KINDS.register(name, service="wafv2", layer="waf", placeholder=placeholder)
    def find(wafv2, scope: Scope) -> dict[str, dict]:
        found = []
        for waf_scope in ("REGIONAL", "CLOUDFRONT") if scope.region == CLOUDFRONT_REGION else ("REGIONAL",):
            begin = f"{scope.prefix}-{waf_scope.lower()}"
            for summary in list_all(AWSRetry.jittered_backoff()(getattr(wafv2, operation)), list_key, waf_scope):
                if f"{summary['Name']}-".startswith(f"{begin}-"):
                    component = summary["Name"].removeprefix(f"{scope.prefix}-")
                    facts = {"id": summary["Id"], "arn": summary["ARN"], "scope": waf_scope}
                    found.append(_resource("waf", component, summary["Name"], **facts))
        return _by_component(found)


def _scope_of(component: str) -> str:
    return "CLOUDFRONT" if component.startswith("cloudfront") else "REGIONAL"


_waf_kind("web_acls", "list_web_acls", "WebACLs", "webacl")
_waf_kind("ip_sets", "list_ip_sets", "IPSets", "ipset")


def _log_stream_prefix(scope: Scope) -> str:
    """What the names of streams begin with that AWS WAF accepts."""
    return f"aws-waf-logs-{scope.prefix}-"


def _planned_delivery_stream(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "regional"
    name = f"{_log_stream_prefix(scope)}{component}"
    return _resource("waf", component, name, arn=scope.arn("firehose", f"deliverystream/{name}"), state="ACTIVE")


@KINDS.register(
    "delivery_streams", service="firehose", layer="waf", placeholder=_planned_delivery_stream, ready_state="active"
)
def find_delivery_streams(firehose, scope: Scope) -> dict[str, dict]:
    """The streams that carry the logs of web ACLs, by scope: ``arn``, ``state``; those that go do not count."""
    streams = []
    for name in _delivery_stream_names(firehose):
        if name.startswith(_log_stream_prefix(scope)):
            described = _ask(firehose, "describe_delivery_stream", DeliveryStreamName=name)
            stream = described["DeliveryStreamDescription"]
            if stream["DeliveryStreamStatus"] != "DELETING":
                component = name.removeprefix(_log_stream_prefix(scope))
                facts = {"arn": stream["DeliveryStreamARN"], "state": stream["DeliveryStreamStatus"]}
                streams.append(_resource("waf", component, name, **facts))
    return _by_component(streams)


def _delivery_stream_names(firehose) -> Iterable[str]:
    # botocore has no paginator for this one.
    arguments: dict = {}
    while True:
        page = _ask(firehose, "list_delivery_streams", **arguments)
        yield from page["DeliveryStreamNames"]
        if not page["HasMoreDeliveryStreams"]:
            return
        arguments = {"ExclusiveStartDeliveryStreamName": page["DeliveryStreamNames"][-1]}


# Load balancers: their names cannot change


def _elb_kind(name: str, operation: str, list_key: str, word: str, planned: dict, **more):
    """Registers a kind of ELB; decorates the function that picks its facts from the raw answer.

    ``word`` begins the last part of its ARN and the members of AWS's answer. ``full_name`` is what CloudWatch and
    Auto Scaling call it.
    """
    member = {"loadbalancer": "LoadBalancer", "targetgroup": "TargetGroup"}[word]

    def placeholder(scope: Scope, path: list[str]) -> dict:
        component = path[0] if path else "web"
        full_name = f"{scope.prefix}-{component}/{'0' * 16}"
        resource = f"loadbalancer/app/{full_name}" if word == "loadbalancer" else f"targetgroup/{full_name}"
        arn = scope.arn("elasticloadbalancing", resource)
        return _elb_resource(component, f"{scope.prefix}-{component}", arn, **planned)

    def decorate(facts: Callable[[dict], dict]):
        @KINDS.register(name, service="elbv2", layer="load_balancer", placeholder=placeholder, **more)
        def find(elbv2, scope: Scope) -> dict[str, dict]:
            begin = f"{scope.prefix}-"
            return _by_component(
                _elb_resource(
                    raw[f"{member}Name"].removeprefix(begin), raw[f"{member}Name"], raw[f"{member}Arn"], **facts(raw)
                )
                for raw in _ask(elbv2, operation)[list_key]
                if raw[f"{member}Name"].startswith(begin)
            )

        return facts

    return decorate


def _elb_resource(component: str, name: str, arn: str, **facts) -> dict:
    full_name = arn.rpartition(":")[2].removeprefix("loadbalancer/")
    return _resource("load_balancer", component, name, arn=arn, full_name=full_name, **facts)


@_elb_kind(
    "load_balancers",
    "describe_load_balancers",
    "LoadBalancers",
    "loadbalancer",
    {"dns_name": "planned.example.com", "zone_id": "Z00000000000000000000", "state": "active"},
    ready_state="active",
)
def load_balancer_facts(balancer: dict) -> dict:
    """``dns_name`` and ``zone_id`` (for alias records), ``state``."""
    return {
        "dns_name": balancer["DNSName"],
        "zone_id": balancer["CanonicalHostedZoneId"],
        "state": balancer["State"]["Code"],
    }


@_elb_kind("target_groups", "describe_target_groups", "TargetGroups", "targetgroup", {})
def target_group_facts(group: dict) -> dict:
    """Nothing but the ARN and the full name."""
    return {}


# Compute: launch templates and groups have names that cannot change, instances are found by tags


def _planned_launch_template(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "web"
    return _resource("compute", component, f"{scope.prefix}-{component}", id=f"lt-{'0' * 17}", default_version=1)


@KINDS.register("launch_templates", service="ec2", layer="compute", placeholder=_planned_launch_template)
def find_launch_templates(ec2, scope: Scope) -> dict[str, dict]:
    """The launch templates, by what follows the estate's prefix in the name: ``id``, ``default_version``."""
    prefix = f"{scope.prefix}-"
    filters = [{"Name": "launch-template-name", "Values": [f"{prefix}*"]}]
    return _by_component(
        _resource(
            "compute",
            template["LaunchTemplateName"].removeprefix(prefix),
            template["LaunchTemplateName"],
            id=template["LaunchTemplateId"],
            default_version=template["DefaultVersionNumber"],
        )
        for template in _ask(ec2, "describe_launch_templates", Filters=filters)["LaunchTemplates"]
    )


def _planned_scaling_group(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "web"
    name = f"{scope.prefix}-{component}"
    resource = f"autoScalingGroup:00000000-0000-0000-0000-000000000000:autoScalingGroupName/{name}"
    return _resource(
        "compute", component, name, arn=scope.arn("autoscaling", resource), min_size=0, max_size=0, desired_capacity=0
    )


@KINDS.register("scaling_groups", service="autoscaling", layer="compute", placeholder=_planned_scaling_group)
def find_scaling_groups(autoscaling, scope: Scope) -> dict[str, dict]:
    """The Auto Scaling groups: ``arn``, ``min_size``, ``max_size``, ``desired_capacity``.

    One that goes counts until it is gone: it still has instances.
    """
    prefix = f"{scope.prefix}-"
    return _by_component(
        _resource(
            "compute",
            group["AutoScalingGroupName"].removeprefix(prefix),
            group["AutoScalingGroupName"],
            arn=group["AutoScalingGroupARN"],
            min_size=group["MinSize"],
            max_size=group["MaxSize"],
            desired_capacity=group["DesiredCapacity"],
        )
        for group in _ask(autoscaling, "describe_auto_scaling_groups")["AutoScalingGroups"]
        if group["AutoScalingGroupName"].startswith(prefix)
    )


def _planned_instance(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "instance"
    return _resource("compute", component, f"{scope.prefix}-{component}", id=f"i-{'0' * 17}", state="running")


@KINDS.register("instances", service="ec2", layer="compute", placeholder=_planned_instance, ready_state="running")
def find_instances(ec2, scope: Scope) -> dict[str, dict]:
    """The instances that stand alone, by component: ``id``, ``state``.

    Those that are on their way out, or a group's, do not count.
    """
    states = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    found = {}
    for filters in (scope.tag_filters, scope.name_filter):
        for reservation in _ask(ec2, "describe_instances", Filters=[*filters, *states])["Reservations"]:
            for instance in reservation["Instances"]:
                tags = boto3_tag_list_to_ansible_dict(instance.get("Tags", []))
                if scope.may_own(tags) and "aws:autoscaling:groupName" not in tags:
                    own_name = tags.get("Name", "")
                    component = tags.get("Component") or own_name.removeprefix(f"{scope.prefix}-")
                    facts = {"id": instance["InstanceId"], "state": instance["State"]["Name"]}
                    found[component] = _resource(tags.get("Layer") or "compute", component, own_name, **facts)
    return found


# Golden images: found by a name that cannot change, and the tags of whoever made them: people may have others so called


def _planned_golden_image(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "web"
    facts = {"state": "available", "created": None, "input_hash": None, "snapshot_ids": [], "tags": {}}
    return _resource("golden_image", component, f"{scope.prefix}-{component}", id=f"ami-{'0' * 17}", **facts)


@KINDS.register("golden_images", service="ec2", layer="golden_image", placeholder=_planned_golden_image)
def find_golden_images(ec2, scope: Scope) -> dict[str, dict]:
    """The golden images: ``id``, ``state``, ``created``, ``input_hash``, ``snapshot_ids``, ``tags``."""
    filters = [
        *scope.tag_filters,
        {"Name": "name", "Values": [f"{scope.prefix}-*"]},
        {"Name": "tag:Layer", "Values": ["golden_image"]},
    ]
    images = []
    for image in _ask(ec2, "describe_images", Owners=["self"], Filters=filters)["Images"]:
        tags = boto3_tag_list_to_ansible_dict(image.get("Tags", []))
        disks = [mapping.get("Ebs", {}) for mapping in image.get("BlockDeviceMappings", [])]
        images.append(
            _resource(
                "golden_image",
                image["Name"].removeprefix(f"{scope.prefix}-"),
                image["Name"],
                id=image["ImageId"],
                state=image["State"],
                created=image["CreationDate"],
                input_hash=tags.get("InputHash"),
                snapshot_ids=[disk["SnapshotId"] for disk in disks if "SnapshotId" in disk],
                tags={key: value for key, value in tags.items() if not key.startswith("aws:")},
            )
        )
    return _by_component(images)


def _planned_golden_image_parameter(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "web"
    return _golden_image_parameter(scope, f"{_golden_image_path(scope)}/{component}", f"ami-{'0' * 17}")


def _golden_image_path(scope: Scope) -> str:
    return f"/{scope.prefix}/golden-image"


def _golden_image_parameter(scope: Scope, name: str, image_id: str) -> dict:
    arn = scope.arn("ssm", f"parameter{name}")
    return _resource("golden_image", name.rpartition("/")[2], name, arn=arn, image_id=image_id)


@KINDS.register(
    "golden_image_parameters", service="ssm", layer="golden_image", placeholder=_planned_golden_image_parameter
)
def find_golden_image_parameters(ssm, scope: Scope) -> dict[str, dict]:
    """The parameters that say which image is the present one, by what it is for: ``arn``, ``image_id``."""
    parameters = _ask(ssm, "get_parameters_by_path", Path=_golden_image_path(scope))["Parameters"]
    return _by_component(
        _golden_image_parameter(scope, parameter["Name"], parameter["Value"]) for parameter in parameters
    )


# Secrets Manager: found by a name that cannot change

# The layers of those that the load balancer's does not make.
SECRET_LAYERS = {"cache": "cache", "database": "database"}


def _planned_secret(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "origin-header"
    name = f"{scope.prefix}-{component}"
    # Secrets Manager ends an ARN with six characters of its own.
    return _secret(component, name, scope.arn("secretsmanager", f"secret:{name}-000000"))


def _secret(component: str, name: str, arn: str) -> dict:
    return _resource(SECRET_LAYERS.get(component, "load_balancer"), component, name, arn=arn)


@KINDS.register("secrets", service="secretsmanager", layer="load_balancer", placeholder=_planned_secret)
def find_secrets(secretsmanager, scope: Scope) -> dict[str, dict]:
    """The secrets that are not on their way out, by component: ``name``, ``arn``; never their values."""
    prefix = f"{scope.prefix}-"
    secrets = _ask(secretsmanager, "list_secrets", Filters=[{"Key": "name", "Values": [prefix]}])["SecretList"]
    return _by_component(
        _secret(secret["Name"].removeprefix(prefix), secret["Name"], secret["ARN"])
        for secret in secrets
        if secret["Name"].startswith(prefix)
    )


# RDS: found by a name that begins with the estate's


def _planned_database(kind: str, **facts) -> Callable[[Scope, list[str]], dict]:
    def placeholder(scope: Scope, path: list[str]) -> dict:
        component = path[0] if path else "database"
        name = f"{scope.prefix}-{component}"
        planned = {"endpoint": "planned.example.com", "port": 3306, "secret_arn": "planned", "state": "available"}
        planned["password_version"] = None
        return _resource("database", component, name, arn=scope.arn("rds", f"{kind}:{name}"), **planned, **facts)

    return placeholder


def _database(scope: Scope, name: str, arn: str, description: dict, **facts) -> dict:
    """What clusters and instances have in common: who may delete them, and where the master user's password is."""
    return _resource(
        "database",
        name.removeprefix(f"{scope.prefix}-"),
        name,
        arn=arn,
        deletion_protection=description["DeletionProtection"],
        secret_arn=description.get("MasterUserSecret", {}).get("SecretArn"),
        password_version=boto3_tag_list_to_ansible_dict(description.get("TagList", [])).get(PASSWORD_TAG),
        **facts,
    )


def _serving(status: str) -> str:
    return "available" if status in USABLE else status


@KINDS.register(
    "database_clusters",
    service="rds",
    layer="database",
    placeholder=_planned_database(
        "cluster", reader_endpoint="planned.example.com", members=[], replicates=None, rolled_back=None, writer=None
    ),
    ready_state="available",
)
def find_database_clusters(rds, scope: Scope) -> dict[str, dict]:
    """Aurora's clusters: ``endpoint``, ``reader_endpoint``, ``port``, ``state``, ``deletion_protection``.

    ``members`` are the names of its instances, those first that Auto Scaling made, and last the ``writer``, if there is
    one. ``secret_arn`` is that of the master user's password, when RDS manages it, and ``password_version`` the version
    of the secret of ours that it is, when the tag remembers one, or None. ``replicates`` is the ARN of what it is a
    replica of, or None. ``rolled_back`` is the value of the tag by which a migration says that nobody is to use it, or
    None.
    """
    clusters = _ask(rds, "describe_db_clusters")["DBClusters"]
    found = []
    for cluster in clusters:
        name = cluster["DBClusterIdentifier"]
        if name.startswith(f"{scope.prefix}-"):
            members = sorted(cluster["DBClusterMembers"], key=lambda member: member["IsClusterWriter"])
            writers = [member["DBInstanceIdentifier"] for member in members if member["IsClusterWriter"]]
            facts = {
                "endpoint": cluster.get("Endpoint"),
                "reader_endpoint": cluster.get("ReaderEndpoint"),
                "port": cluster.get("Port"),
                "state": _serving(cluster["Status"]),
                "members": [member["DBInstanceIdentifier"] for member in members],
                "replicates": cluster.get("ReplicationSourceIdentifier") or None,
                "rolled_back": boto3_tag_list_to_ansible_dict(cluster.get("TagList", [])).get("MigrationRollback"),
                "writer": writers[0] if writers else None,
            }
            found.append(_database(scope, name, cluster["DBClusterArn"], cluster, **facts))
    return _by_component(found)


@KINDS.register(
    "database_instances",
    service="rds",
    layer="database",
    placeholder=_planned_database("db", cluster=None, replicates=None),
    ready_state="available",
)
def find_database_instances(rds, scope: Scope) -> dict[str, dict]:
    """The instances: ``endpoint``, ``port``, ``state``, ``deletion_protection``, ``secret_arn``, ``password_version``.

    ``cluster`` is the name of the one that it is a part of, or None; ``replicates`` that of the instance whose replica
    it is, or None.
    """
    return _by_component(
        _database(
            scope,
            instance["DBInstanceIdentifier"],
            instance["DBInstanceArn"],
            instance,
            endpoint=instance.get("Endpoint", {}).get("Address"),
            port=instance.get("Endpoint", {}).get("Port"),
            state=_serving(instance["DBInstanceStatus"]),
            cluster=instance.get("DBClusterIdentifier"),
            replicates=instance.get("ReadReplicaSourceDBInstanceIdentifier") or None,
        )
        for instance in _ask(rds, "describe_db_instances")["DBInstances"]
        if instance["DBInstanceIdentifier"].startswith(f"{scope.prefix}-")
    )


@KINDS.register("database_proxies", service="rds", layer="database", placeholder=_planned_database("db-proxy"))
def find_database_proxies(rds, scope: Scope) -> dict[str, dict]:
    """The proxies that are not on their way out: ``endpoint``."""
    return _by_component(
        _resource(
            "database",
            proxy["DBProxyName"].removeprefix(f"{scope.prefix}-"),
            proxy["DBProxyName"],
            arn=proxy["DBProxyArn"],
            endpoint=proxy.get("Endpoint"),
        )
        for proxy in _ask(rds, "describe_db_proxies")["DBProxies"]
        if proxy["DBProxyName"].startswith(f"{scope.prefix}-") and proxy["Status"] != "deleting"
    )


@KINDS.register(
    "database_host",
    service="ssm",
    layer="database",
    placeholder=lambda scope, path: "planned.example.com",
    on_request=True,
)
def find_database_host(ssm, scope: Scope) -> str | None:
    """Where the application is told that the database is, or None."""
    name = f"/{scope.prefix}/application/database/host"
    found = _ask(ssm, "get_parameters", Names=[name], WithDecryption=True)["Parameters"]
    return found[0]["Value"] if found else None


# ElastiCache: found by a name that begins with the estate's


def _planned_cache(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "cache"
    name = f"{scope.prefix}-{component}"
    return _resource(
        "cache",
        component,
        name,
        arn=scope.arn("elasticache", f"replicationgroup:{name}"),
        engine="valkey",
        endpoint="planned.example.com",
        reader_endpoint="planned.example.com",
        port=6379,
        sharded=False,
        snapshot_days=0,
        state="available",
    )


@KINDS.register("caches", service="elasticache", layer="cache", placeholder=_planned_cache, ready_state="available")
def find_caches(elasticache, scope: Scope) -> dict[str, dict]:
    """The replication groups: ``engine``, ``endpoint``, ``reader_endpoint``, ``port``, ``state``.

    ``sharded`` is whether it is in cluster mode, where both endpoints are the one that tells clients of the shards.
    ``snapshot_days`` is for how many days its snapshots are kept.
    """
    prefix = f"{scope.prefix}-"
    found = []
    for group in _ask(elasticache, "describe_replication_groups")["ReplicationGroups"]:
        name = group["ReplicationGroupId"]
        if name.startswith(prefix):
            shard = (group.get("NodeGroups") or [{}])[0]
            writer = group.get("ConfigurationEndpoint") or shard.get("PrimaryEndpoint") or {}
            reader = shard.get("ReaderEndpoint") or writer
            facts = {
                "engine": group.get("Engine", "redis"),
                "endpoint": writer.get("Address"),
                "reader_endpoint": reader.get("Address"),
                "port": writer.get("Port"),
                "sharded": group.get("ClusterEnabled", False),
                "snapshot_days": group.get("SnapshotRetentionLimit", 0),
                "state": group["Status"],
            }
            found.append(_resource("cache", name.removeprefix(prefix), name, arn=group["ARN"], **facts))
    return _by_component(found)


# Notification: found by names that begin with the estate's

SEVERITIES = ("critical", "warning", "information")


def _planned_topic(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else SEVERITIES[0]
    name = f"{scope.prefix}-{component}"
    return _resource("notification", component, name, arn=scope.arn("sns", name))


@KINDS.register("topics", service="sns", layer="notification", placeholder=_planned_topic)
def find_topics(sns, scope: Scope) -> dict[str, dict]:
    """The topics that things are said to, by severity: ``arn``."""
    wanted = {scope.arn("sns", f"{scope.prefix}-{severity}"): severity for severity in SEVERITIES}
    arns = [topic["TopicArn"] for topic in _ask(sns, "list_topics")["Topics"]]
    return _by_component(
        _resource("notification", wanted[arn], f"{scope.prefix}-{wanted[arn]}", arn=arn)
        for arn in arns
        if arn in wanted
    )


@KINDS.register(
    "topic_emails",
    service="sns",
    layer="notification",
    placeholder=lambda scope, path: ["critical planned@example.com"],
    on_request=True,
)
def find_topic_emails(sns, scope: Scope) -> list[str]:
    """Who is told by e-mail and has confirmed it, each as the severity and the address with a space between."""
    return sorted(
        f"{severity} {subscription['Endpoint']}"
        for severity, topic in find_topics(sns, scope).items()
        for subscription in _ask(sns, "list_subscriptions_by_topic", TopicArn=topic["arn"])["Subscriptions"]
        if subscription["Protocol"] == "email" and subscription["SubscriptionArn"].startswith("arn:")
    )


@KINDS.register(
    "event_rules",
    service="events",
    layer="notification",
    placeholder=lambda scope, path: ["planned"],
    on_request=True,
)
def find_event_rules(events, scope: Scope) -> list[str]:
    """The names, without what they all begin with, of the rules that pass events on to the topics."""
    prefix = f"{scope.prefix}-notification-"
    return sorted(rule["Name"].removeprefix(prefix) for rule in _ask(events, "list_rules", NamePrefix=prefix)["Rules"])


def _webhook_name(scope: Scope) -> str:
    return f"/{scope.prefix}/notification/webhook"


@KINDS.register(
    "webhook",
    service="ssm",
    layer="notification",
    placeholder=lambda scope, path: _webhook_name(scope),
    on_request=True,
)
def find_webhook(ssm, scope: Scope) -> str | None:
    """The name of the secure parameter that has the URL of Slack's webhook, or None."""
    named = [{"Key": "Name", "Option": "Equals", "Values": [_webhook_name(scope)]}]
    found = _ask(ssm, "describe_parameters", ParameterFilters=named)["Parameters"]
    return found[0]["Name"] if found else None


# Sessions: found by their names, and the preferences, of which a region has one, by their tags

SESSION_PREFERENCES = "SSM-SessionManagerRunShell"


def _planned_session_document(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "preferences"
    name = SESSION_PREFERENCES if component == "preferences" else f"{scope.prefix}-{component}"
    return _resource("session_access", component, name, arn=scope.arn("ssm", f"document/{name}"))


def _session_documents(ssm, scope: Scope, *names: str) -> list[tuple[str, bool]]:
    """Those of the account's documents for sessions that have these names, each with whether the estate owns it."""
    filters = [{"Key": "Owner", "Values": ["Self"]}, {"Key": "DocumentType", "Values": ["Session"]}]
    listed = _ask(ssm, "list_documents", Filters=filters)["DocumentIdentifiers"]
    tags = {found["Name"]: boto3_tag_list_to_ansible_dict(found.get("Tags", [])) for found in listed}
    ours = (scope.estate, scope.environment)
    return [(name, (tags[name].get("Estate"), tags[name].get("Environment")) == ours) for name in names if name in tags]


@KINDS.register("session_documents", service="ssm", layer="session_access", placeholder=_planned_session_document)
def find_session_documents(ssm, scope: Scope) -> dict[str, dict]:
    """What says how sessions are, by component: ``preferences``, if they are the estate's, and ``ansible``: ``arn``."""
    components = {SESSION_PREFERENCES: "preferences", f"{scope.prefix}-ansible": "ansible"}
    return _by_component(
        _resource("session_access", components[name], name, arn=scope.arn("ssm", f"document/{name}"))
        for name, owned in _session_documents(ssm, scope, *components)
        if owned or name != SESSION_PREFERENCES
    )


@KINDS.register(
    "foreign_session_preferences",
    service="ssm",
    layer="session_access",
    placeholder=lambda scope, path: SESSION_PREFERENCES,
    on_request=True,
)
def find_foreign_session_preferences(ssm, scope: Scope) -> str | None:
    """The name of the region's preferences of Session Manager, if there are any that are not the estate's."""
    return next((name for name, owned in _session_documents(ssm, scope, SESSION_PREFERENCES) if not owned), None)


# Compliance: found by names that begin with the estate's


def _planned_rule(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "rule"
    name = f"{scope.prefix}-{component}"
    return _resource("compliance", component, name, arn=scope.arn("config", "config-rule/planned"), mended=False)


@KINDS.register("config_rules", service="config", layer="compliance", placeholder=_planned_rule)
def find_config_rules(config, scope: Scope) -> dict[str, dict]:
    """The rules of AWS Config: ``arn``, and ``mended``, whether what does not comply is mended."""
    prefix = f"{scope.prefix}-"
    rules = {
        rule["ConfigRuleName"]: rule
        for rule in _ask(config, "describe_config_rules")["ConfigRules"]
        if rule["ConfigRuleName"].startswith(prefix) and not rule.get("ConfigRuleState", "").startswith("DELETING")
    }
    mended = set()
    # It takes 25 names at a time.
    for names in itertools.batched(rules, 25):
        found = _ask(config, "describe_remediation_configurations", ConfigRuleNames=list(names))
        mended |= {remediation["ConfigRuleName"] for remediation in found["RemediationConfigurations"]}
    return _by_component(
        _resource("compliance", name.removeprefix(prefix), name, arn=rule["ConfigRuleArn"], mended=name in mended)
        for name, rule in rules.items()
    )


def _recorders(config, scope: Scope) -> list[dict]:
    return _ask(config, "describe_configuration_recorders")["ConfigurationRecorders"]


@KINDS.register(
    "config_recorder",
    service="config",
    layer="compliance",
    placeholder=lambda scope, path: _resource("compliance", "recorder", scope.prefix, arn=None, recording=True),
)
def find_config_recorder(config, scope: Scope) -> dict | None:
    """The region's recorder of AWS Config, if it is the estate's, which its name says: ``arn``, ``recording``."""
    found = [recorder for recorder in _recorders(config, scope) if recorder["name"] == scope.prefix]
    if not found:
        return None
    status = _ask(config, "describe_configuration_recorder_status", ConfigurationRecorderNames=[scope.prefix])
    recording = any(recorder["recording"] for recorder in status["ConfigurationRecordersStatus"])
    return _resource("compliance", "recorder", scope.prefix, arn=found[0].get("arn"), recording=recording)


@KINDS.register(
    "foreign_config_recorder",
    service="config",
    layer="compliance",
    placeholder=lambda scope, path: "default",
    on_request=True,
)
def find_foreign_config_recorder(config, scope: Scope) -> str | None:
    """The name of the region's recorder of AWS Config, of which there can be one, if it is not the estate's."""
    return next((name["name"] for name in _recorders(config, scope) if name["name"] != scope.prefix), None)


# Threat detection: of each service an account has one in a region, which may be somebody else's by its tags


def _detection(scope: Scope, component: str, tags: Mapping[str, str], **facts) -> dict:
    """What stands in this region: a resource of the estate's, or else what is known of it without a layer."""
    owned = (tags.get("Estate"), tags.get("Environment")) == (scope.estate, scope.environment)
    return _resource("threat_detection", component, f"{scope.prefix}-{component}", **facts) if owned else facts


def _planned_detection(component: str, **facts) -> Callable[[Scope, list[str]], dict]:
    return lambda scope, path: _resource("threat_detection", component, f"{scope.prefix}-{component}", **facts)


@KINDS.register(
    "detector", service="guardduty", layer="threat_detection", placeholder=_planned_detection("guardduty", id="0" * 32)
)
def find_detector(guardduty, scope: Scope) -> dict | None:
    """GuardDuty's detector: ``id``. Where it is not the estate's, it has no ``layer``."""
    ids = _ask(guardduty, "list_detectors")["DetectorIds"]
    if not ids:
        return None
    tags = _ask(guardduty, "get_detector", DetectorId=ids[0]).get("Tags", {})
    return _detection(scope, "guardduty", tags, id=ids[0])


@KINDS.register(
    "security_hub", service="securityhub", layer="threat_detection", placeholder=_planned_detection("security-hub")
)
def find_security_hub(securityhub, scope: Scope) -> dict | None:
    """The region's Security Hub: ``arn``. Where it is not the estate's, it has no ``layer``."""
    try:
        arn = _ask(securityhub, "describe_hub")["HubArn"]
    except is_missing_or_off():
        return None
    tags = _ask(securityhub, "list_tags_for_resource", ResourceArn=arn)["Tags"]
    return _detection(scope, "security-hub", tags, arn=arn)


@KINDS.register(
    "inspector",
    service="inspector2",
    layer="threat_detection",
    placeholder=lambda scope, path: ["ec2"],
    on_request=True,
)
def find_inspector(inspector2, scope: Scope) -> list[str]:
    """What Inspector scans, of ``ec2``, ``ecr``, ``lambda`` and ``lambda_code``, whoever switched it on."""
    accounts = _ask(inspector2, "batch_get_account_status")["accounts"]
    states = accounts[0]["resourceState"] if accounts else {}
    names = {"ec2": "ec2", "ecr": "ecr", "lambda": "lambda", "lambdaCode": "lambda_code"}
    on = ("ENABLED", "ENABLING")
    return sorted(names[scan] for scan, state in states.items() if scan in names and state["status"] in on)


# Inspector itself takes no tags, so that the estate's rules remember what of it the estate has switched on.
SWITCHED_ON_TAG = "SwitchedOn"


def _planned_finding_rule(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "findings"
    return _resource("threat_detection", component, f"{scope.prefix}-{component}")


@KINDS.register(
    "finding_rules",
    service="events",
    layer="threat_detection",
    placeholder=_planned_finding_rule,
)
def find_finding_rules(events, scope: Scope) -> dict[str, dict]:
    """The rules that pass on findings, by component, such as ``findings-guardduty-critical``: ``arn``.

    ``switched_on`` is what the estate has switched on of Inspector, as a rule of Inspector's findings remembers it.
    """
    found = _ask(events, "list_rules", NamePrefix=f"{scope.prefix}-findings-")["Rules"]
    rules = []
    for rule in found:
        component = rule["Name"].removeprefix(f"{scope.prefix}-")
        facts = {"arn": rule["Arn"]}
        if component.startswith("findings-inspector-"):
            tags = boto3_tag_list_to_ansible_dict(
                _ask(events, "list_tags_for_resource", ResourceARN=rule["Arn"])["Tags"]
            )
            facts["switched_on"] = tags.get(SWITCHED_ON_TAG, "").split()
        rules.append(_resource("threat_detection", component, rule["Name"], **facts))
    return _by_component(rules)


# Patching: found by names that begin with the estate's and the layer's, of which AWS lets there be several


def _planned_patching(id_prefix: str) -> Callable[[Scope, list[str]], dict]:
    def placeholder(scope: Scope, path: list[str]) -> dict:
        component = path[0] if path else "planned"
        return _resource("patching", component, f"{scope.prefix}-patching-{component}", id=f"{id_prefix}-{'0' * 17}")

    return placeholder


@KINDS.register("patch_baselines", service="ssm", layer="patching", placeholder=_planned_patching("pb"))
def find_patch_baselines(ssm, scope: Scope) -> dict[str, dict]:
    """The patch baselines, by operating system, in lower case: ``id``."""
    prefix = f"{scope.prefix}-patching-"
    filters = [{"Key": "OWNER", "Values": ["Self"]}, {"Key": "NAME_PREFIX", "Values": [prefix]}]
    return _by_component(
        _resource("patching", found["BaselineName"].removeprefix(prefix), found["BaselineName"], id=found["BaselineId"])
        for found in _ask(ssm, "describe_patch_baselines", Filters=filters)["BaselineIdentities"]
    )


@KINDS.register("patch_windows", service="ssm", layer="patching", placeholder=_planned_patching("mw"))
def find_patch_windows(ssm, scope: Scope) -> dict[str, dict]:
    """The maintenance windows in which hosts are scanned and patched: ``id``."""
    prefix = f"{scope.prefix}-patching-"
    return _by_component(
        _resource("patching", window["Name"].removeprefix(prefix), window["Name"], id=window["WindowId"])
        for window in _ask(ssm, "describe_maintenance_windows")["WindowIdentities"]
        if window["Name"].startswith(prefix)
    )


def _planned_association(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "planned"
    name = f"{scope.prefix}-maintenance-{component}"
    return _resource("maintenance", component, name, id="00000000-0000-0000-0000-000000000000")


@KINDS.register("associations", service="ssm", layer="maintenance", placeholder=_planned_association)
def find_associations(ssm, scope: Scope) -> dict[str, dict]:
    """The associations of State Manager, by what follows ``<estate>-<environment>-maintenance-``: ``id``."""
    prefix = f"{scope.prefix}-maintenance-"
    return _by_component(
        _resource("maintenance", name.removeprefix(prefix), name, id=found["AssociationId"])
        for found in _ask(ssm, "list_associations")["Associations"]
        if (name := found.get("AssociationName", "")).startswith(prefix)
    )


def _planned_command_document(scope: Scope, path: list[str]) -> dict:
    component = path[0] if path else "planned"
    return _resource("maintenance", component, f"{scope.prefix}-{component}")


@KINDS.register("command_documents", service="ssm", layer="maintenance", placeholder=_planned_command_document)
def find_command_documents(ssm, scope: Scope) -> dict[str, dict]:
    """The documents of Run Command that the layer keeps, by what follows ``<estate>-<environment>-``."""
    prefix = f"{scope.prefix}-"
    filters = [{"Key": "Owner", "Values": ["Self"]}, {"Key": "DocumentType", "Values": ["Command"]}]
    listed = _ask(ssm, "list_documents", Filters=filters)["DocumentIdentifiers"]
    return _by_component(
        _resource("maintenance", found["Name"].removeprefix(prefix), found["Name"])
        for found in listed
        if found["Name"].startswith(prefix)
        and boto3_tag_list_to_ansible_dict(found.get("Tags", [])).get("Layer") == "maintenance"
    )
