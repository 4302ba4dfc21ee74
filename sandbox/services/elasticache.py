# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ElastiCache: replication groups with their members, clusters on their own, engines and tags.

What AWS does stands in the API reference, under the operation that a function here is named after:
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/
Users, parameters and subnet groups are in files of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.elasticache.models import CacheCluster, ElastiCacheBackend

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import Request, mend, operation, states

_SHALLOW = "moto's groups have no members that can be described, and few of their attributes can be changed."

# What is offered, the version that then runs, and the family of its parameter groups:
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html
_ENGINES = {
    "redis": {"6.2": ("6.2.6", "redis6.x"), "7.0": ("7.0.7", "redis7"), "7.1": ("7.1.0", "redis7")},
    "valkey": {"7.2": ("7.2.6", "valkey7"), "8.0": ("8.0.1", "valkey8"), "8.1": ("8.1.0", "valkey8")},
}
_SLOTS = 16384
# What changes only once the nodes have been replaced or restarted.
_SLOW = {
    "AuthTokenEnabled",
    "CacheNodeType",
    "ClusterMode",
    "Engine",
    "EngineVersion",
    "TransitEncryptionEnabled",
    "TransitEncryptionMode",
    "UserGroupIds",
}
# Of these, what waits for the maintenance window unless it is to be applied immediately.
_IN_WINDOW = {"CacheNodeType", "EngineVersion"}


class Group:
    """A replication group: what AWS tells of it (told), and what it tells of its members only (hidden).

    shards are the members of each node group by its id, the primary first.
    """

    def __init__(self, arn: str, told: dict[str, Any], hidden: dict[str, Any], zones: list[str]):
        self.arn = arn
        self.told = told
        self.hidden = hidden
        self.zones = zones
        self.status = "available"
        self.shards: dict[str, list[dict[str, str]]] = {}
        self.pending: dict[str, Any] = {}
        self.waiting: dict[str, Any] = {}

    # What moto reads when it makes a snapshot.

    @property
    def node_groups(self) -> list[str]:
        return list(self.shards)

    @property
    def replication_group_id(self) -> str:
        return self.told["ReplicationGroupId"]

    @property
    def description(self) -> str:
        return self.told["Description"]

    @property
    def engine(self) -> str:
        return self.told["Engine"]

    @property
    def cache_node_type(self) -> str:
        return self.told["CacheNodeType"]

    @property
    def members(self) -> list[dict[str, str]]:
        return [member for members in self.shards.values() for member in members]

    @property
    def sharded(self) -> bool:
        return self.told["ClusterEnabled"]

    def resize(self, shard: str, count: int) -> None:
        """Give a node group so many members; the newest replicas go first."""
        members = self.shards.setdefault(shard, [])
        del members[count:]
        while len(members) < count:
            number = len(members) + 1
            middle = f"-{shard}" if self.sharded else ""
            zone = self.zones[(len(self.members)) % len(self.zones)]
            members.append({"CacheClusterId": f"{self.replication_group_id}{middle}-{number:03}", "zone": zone})

    def domain(self) -> str:
        region = self.arn.split(":")[3]
        return f"{self.replication_group_id}.a1b2c3.{{}}{_short(region)}.cache.amazonaws.com"


def _short(region: str) -> str:
    """ap-northeast-1 is apne1 in the names of nodes."""
    first, direction, number = region.rsplit("-", 2)
    for word in ("north", "south", "east", "west", "central"):
        direction = direction.replace(word, word[0])
    return f"{first.replace('-', '')}{direction}{number}"


def _endpoint(group: Group, role: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html"""
    plain = {"master": ".ng.0001.", "replica": "-ro.ng.0001.", "clustercfg": ".clustercfg."}
    if group.told["TransitEncryptionEnabled"]:
        address = f"{role}.{group.domain().format('')}"
    else:
        name, code, rest = group.domain().format("").split(".", 2)
        suffix, _, middle = plain[role].partition(".")
        address = f"{name}{suffix}.{code}.{middle}{rest}"
    return {"Address": address, "Port": group.hidden["Port"]}


def _node_endpoint(group: Group, member: dict[str, str]) -> dict[str, Any]:
    _, rest = group.domain().format("").split(".", 1)
    return {"Address": f"{member['CacheClusterId']}.{rest}", "Port": group.hidden["Port"]}


def _described(group: Group) -> dict[str, Any]:
    count = len(group.shards)
    node_groups = []
    for index, (shard, members) in enumerate(sorted(group.shards.items())):
        nodes = [
            {
                "CacheClusterId": member["CacheClusterId"],
                "CacheNodeId": "0001",
                "PreferredAvailabilityZone": member["zone"],
            }
            for member in members
        ]
        node_group = {"NodeGroupId": shard, "Status": group.status, "NodeGroupMembers": nodes}
        if group.sharded:
            node_group["Slots"] = f"{index * _SLOTS // count}-{(index + 1) * _SLOTS // count - 1}"
        else:
            for number, (node, member) in enumerate(zip(nodes, members, strict=True)):
                node["CurrentRole"] = "replica" if number else "primary"
                node["ReadEndpoint"] = _node_endpoint(group, member)
            if group.status != "creating":
                node_group |= {
                    "PrimaryEndpoint": _endpoint(group, "master"),
                    "ReaderEndpoint": _endpoint(group, "replica"),
                }
        node_groups.append(node_group)
    answer = {
        **group.told,
        "Status": group.status,
        "PendingModifiedValues": group.pending,
        "MemberClusters": [member["CacheClusterId"] for member in group.members],
        "NodeGroups": node_groups,
        "ARN": group.arn,
    }
    if group.sharded and group.status != "creating":
        answer["ConfigurationEndpoint"] = _endpoint(group, "clustercfg")
    return answer


def _member(group: Group, member: dict[str, str], nodes: bool) -> dict[str, Any]:
    """A member, as DescribeCacheClusters tells it."""
    told, hidden = group.told, group.hidden
    answer = {
        "CacheClusterId": member["CacheClusterId"],
        "ReplicationGroupId": group.replication_group_id,
        "CacheNodeType": told["CacheNodeType"],
        "Engine": told["Engine"],
        "EngineVersion": hidden["EngineVersion"],
        "CacheClusterStatus": group.status,
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": member["zone"],
        "CacheClusterCreateTime": told["ReplicationGroupCreateTime"],
        "PreferredMaintenanceWindow": hidden["PreferredMaintenanceWindow"],
        "PendingModifiedValues": dict(group.waiting),
        "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": hidden["CacheParameterGroupName"],
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        },
        "CacheSubnetGroupName": hidden["CacheSubnetGroupName"],
        "AutoMinorVersionUpgrade": told["AutoMinorVersionUpgrade"],
        "SecurityGroups": [{"SecurityGroupId": name, "Status": "active"} for name in hidden["SecurityGroupIds"]],
        "SnapshotRetentionLimit": told["SnapshotRetentionLimit"],
        "SnapshotWindow": told["SnapshotWindow"],
        "AuthTokenEnabled": told["AuthTokenEnabled"],
        "TransitEncryptionEnabled": told["TransitEncryptionEnabled"],
        "AtRestEncryptionEnabled": told["AtRestEncryptionEnabled"],
        "ARN": group.arn.replace(
            f":replicationgroup:{group.replication_group_id}", f":cluster:{member['CacheClusterId']}"
        ),
        "ReplicationGroupLogDeliveryEnabled": bool(told["LogDeliveryConfigurations"]),
        "LogDeliveryConfigurations": told["LogDeliveryConfigurations"],
    }
    if hidden["NotificationTopicArn"]:
        answer["NotificationConfiguration"] = {
            "TopicArn": hidden["NotificationTopicArn"],
            "TopicStatus": hidden["NotificationTopicStatus"],
        }
    if nodes:
        answer["CacheNodes"] = [
            {
                "CacheNodeId": "0001",
                "CacheNodeStatus": group.status,
                "CacheNodeCreateTime": told["ReplicationGroupCreateTime"],
                "ParameterGroupStatus": "in-sync",
                "CustomerAvailabilityZone": member["zone"],
                **({} if group.status == "creating" else {"Endpoint": _node_endpoint(group, member)}),
            }
        ]
    return answer


def page(request: Request, items: list[Any], member: str) -> dict[str, Any]:
    """A page of an answer: MaxRecords of the items, from Marker on."""
    start = int(request.params.get("Marker") or 0)
    end = start + request.params.get("MaxRecords", 100)
    return {member: items[start:end], **({"Marker": str(end)} if end < len(items) else {})}


# Replication groups


def _find(request: Request) -> Group:
    name = request.params["ReplicationGroupId"].lower()
    group = request.backend.replication_groups.get(name)
    if group is None:
        raise ServiceError("ReplicationGroupNotFoundFault", f"Replication group {name} not found.")
    return group


def _find_available(request: Request) -> Group:
    group = _find(request)
    if group.status != "available":
        message = f"Replication group {group.replication_group_id} has status {group.status}, which is not valid."
        raise ServiceError("InvalidReplicationGroupState", message)
    return group


def _version(engine: str, wanted: str | None) -> tuple[str, str]:
    offered = _ENGINES.get(engine)
    if offered is None:
        raise ServiceError("InvalidParameterValue", f"Invalid cache engine: {engine}.")
    for name, (version, family) in reversed(offered.items()):
        if wanted in (None, name, version):
            return version, family
    raise ServiceError("InvalidParameterCombination", f"Cannot find version {wanted} for {engine}.")


def _parameter_group(request: Request, name: str | None, family: str, sharded: bool) -> str:
    """The parameter group, which has to be of the engine's family; the family's default unless named."""
    if name is None:
        return f"default.{family}.cluster.on" if sharded else f"default.{family}"
    own = request.state.get("parameter_groups", {}).get(name.lower())
    defaults = {f"default.{family}", f"default.{family}.cluster.on"}
    if own is None and not name.startswith("default."):
        raise ServiceError("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    if name not in defaults and (own is None or own["CacheParameterGroupFamily"] != family):
        message = f"Expected a parameter group of family {family} but found {name}."
        raise ServiceError("InvalidParameterCombination", message)
    return name.lower() if own else name


def _check_user_groups(request: Request, told: dict[str, Any]) -> None:
    for name in told["UserGroupIds"]:
        group = request.state.get("user_groups", {}).get(name)
        if group is None:
            raise ServiceError("UserGroupNotFound", f"User group {name} not found.")
        if told["Engine"] == "redis" and group["Engine"] != "redis":
            message = f"The user group {name} of {group['Engine']} cannot be used with redis."
            raise ServiceError("InvalidParameterCombination", message)
    if (told["UserGroupIds"] or told["AuthTokenEnabled"]) and not told["TransitEncryptionEnabled"]:
        message = "In-transit encryption must be enabled to use an AUTH token or user groups."
        raise ServiceError("InvalidParameterCombination", message)


def _check_failover(group: Group) -> None:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html"""
    failover = group.told["AutomaticFailover"] == "enabled"
    if failover and not group.sharded and len(group.members) < 2:
        message = "Replication group must have at least one replica to enable automatic failover."
        raise ServiceError("InvalidParameterCombination", message)
    if group.told["MultiAZ"] == "enabled" and (not failover or len(group.members) < 2):
        message = "Multi-AZ needs automatic failover and at least one replica."
        raise ServiceError("InvalidParameterCombination", message)


def _logs(current: list[dict[str, Any]], told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The log deliveries, of which there is one for each type of log."""
    by_type = {delivery["LogType"]: delivery for delivery in current}
    for delivery in told:
        if delivery.get("Enabled", True):
            shown = {name: value for name, value in delivery.items() if name != "Enabled"}
            by_type[delivery["LogType"]] = {**shown, "Status": "active"}
        else:
            by_type.pop(delivery["LogType"], None)
    return list(by_type.values())


@operation("elasticache", "CreateReplicationGroup", instead_of_moto=_SHALLOW)
def create_replication_group(request: Request) -> dict[str, Any]:
    params = request.params
    name = params["ReplicationGroupId"].lower()
    if name in request.backend.replication_groups:
        raise ServiceError("ReplicationGroupAlreadyExists", f"Replication group {name} already exists.")
    engine = params.get("Engine", "redis").lower()
    version, family = _version(engine, params.get("EngineVersion"))
    parameters = params.get("CacheParameterGroupName")
    sharded = (
        params.get("NumNodeGroups", 1) > 1
        or params.get("ClusterMode") == "enabled"
        or _cluster_enabled(request, parameters)
    )
    if params.get("ClusterMode") == "compatible":
        raise ServiceError("InvalidParameterValue", "Cluster mode compatible is for existing replication groups.")
    if sharded and params.get("NumCacheClusters", 1) > 1:
        message = "Use ReplicasPerNodeGroup instead of NumCacheClusters with cluster mode enabled."
        raise ServiceError("InvalidParameterCombination", message)
    if sharded and params.get("AutomaticFailoverEnabled") is False:
        message = "Automatic failover must be enabled with cluster mode enabled."
        raise ServiceError("InvalidParameterCombination", message)
    token = params.get("AuthToken")
    if token is not None and not 16 <= len(token) <= 128:
        raise ServiceError("InvalidParameterValue", "The AUTH token must have 16 to 128 characters.")
    at_rest = params.get("AtRestEncryptionEnabled", engine == "valkey")
    told = {
        "ReplicationGroupId": name,
        "Description": params["ReplicationGroupDescription"],
        "GlobalReplicationGroupInfo": {},
        "AutomaticFailover": "enabled" if sharded or params.get("AutomaticFailoverEnabled") else "disabled",
        "MultiAZ": "enabled" if params.get("MultiAZEnabled") else "disabled",
        "SnapshotRetentionLimit": params.get("SnapshotRetentionLimit", 0),
        "SnapshotWindow": params.get("SnapshotWindow", "05:00-06:00"),
        "ClusterEnabled": sharded,
        "ClusterMode": "enabled" if sharded else "disabled",
        "CacheNodeType": params.get("CacheNodeType", "cache.t4g.micro"),
        "AuthTokenEnabled": token is not None,
        "TransitEncryptionEnabled": params.get("TransitEncryptionEnabled", False),
        "AtRestEncryptionEnabled": at_rest,
        "UserGroupIds": params.get("UserGroupIds", []),
        "LogDeliveryConfigurations": _logs([], params.get("LogDeliveryConfigurations", [])),
        "ReplicationGroupCreateTime": datetime.now(UTC),
        "DataTiering": "disabled",
        "AutoMinorVersionUpgrade": params.get("AutoMinorVersionUpgrade", True),
        "NetworkType": params.get("NetworkType", "ipv4"),
        "IpDiscovery": params.get("IpDiscovery", "ipv4"),
        "Engine": engine,
    }
    if told["TransitEncryptionEnabled"]:
        told["TransitEncryptionMode"] = params.get("TransitEncryptionMode", "required")
    if token is not None:
        told["AuthTokenLastModifiedDate"] = datetime.now(UTC)
    if params.get("KmsKeyId"):
        if not at_rest:
            raise ServiceError("InvalidParameterCombination", "KmsKeyId needs encryption at rest.")
        told["KmsKeyId"] = params["KmsKeyId"]
    subnet_group, zones = _subnet_group(request, params.get("CacheSubnetGroupName"))
    hidden = {
        "EngineVersion": version,
        "CacheParameterGroupName": _parameter_group(request, parameters, family, sharded),
        "CacheSubnetGroupName": subnet_group,
        "SecurityGroupIds": params.get("SecurityGroupIds", []),
        "PreferredMaintenanceWindow": params.get("PreferredMaintenanceWindow", "sun:23:00-mon:01:30").lower(),
        "NotificationTopicArn": params.get("NotificationTopicArn"),
        "NotificationTopicStatus": "active",
        "Port": params.get("Port", 6379),
    }
    arn = f"arn:{request.partition}:elasticache:{request.region}:{request.account}:replicationgroup:{name}"
    group = Group(arn, told, hidden, params.get("PreferredCacheClusterAZs") or zones)
    _check_user_groups(request, told)
    members = params.get("ReplicasPerNodeGroup", 0) + 1 if sharded else params.get("NumCacheClusters")
    for number in range(params.get("NumNodeGroups", 1)):
        group.resize(f"{number + 1:04}", members or params.get("ReplicasPerNodeGroup", 0) + 1)
    _check_failover(group)
    request.backend.replication_groups[name] = group
    request.backend.tagging_service.tag_resource(arn, params.get("Tags", []))
    CLOCK.turn(group, "status", "creating", "available", "replication_group.creation")
    return {"ReplicationGroup": _described(group)}


def _cluster_enabled(request: Request, name: str | None) -> bool:
    if name is None:
        return False
    own = request.state.get("parameter_groups", {}).get(name.lower())
    return own["set"].get("cluster-enabled") == "yes" if own else name.endswith(".cluster.on")


def _subnet_group(request: Request, name: str | None) -> tuple[str, list[str]]:
    """The subnet group's name, and the zones that its members are spread over."""
    if name is None:
        zones = request.backend_of("ec2").describe_availability_zones()
        return "default", sorted(zone.name for zone in zones)[:3]
    group = request.backend.cache_subnet_groups.get(name)
    if group is None:
        raise ServiceError("CacheSubnetGroupNotFoundFault", f"Cache Subnet Group {name} does not exist.")
    subnets = request.backend_of("ec2").describe_subnets(subnet_ids=group.subnet_ids)
    return name, sorted({subnet.availability_zone for subnet in subnets})


@operation("elasticache", "DescribeReplicationGroups", instead_of_moto=_SHALLOW)
def describe_replication_groups(request: Request) -> dict[str, Any]:
    named = request.params.get("ReplicationGroupId")
    groups = [_find(request)] if named else list(request.backend.replication_groups.values())
    return page(request, [_described(group) for group in groups], "ReplicationGroups")


@operation("elasticache", "ModifyReplicationGroup", instead_of_moto=_SHALLOW)
def modify_replication_group(request: Request) -> dict[str, Any]:
    params = request.params
    group = _find_available(request)
    if not params.keys() - {"ReplicationGroupId", "ApplyImmediately"}:
        raise ServiceError("InvalidParameterCombination", "No modifications were requested.")
    after = Group(group.arn, dict(group.told), dict(group.hidden), group.zones)
    after.shards = group.shards
    told, hidden = after.told, after.hidden
    for parameter, member in {
        "ReplicationGroupDescription": "Description",
        **{name: name for name in ("SnapshotRetentionLimit", "SnapshotWindow", "AutoMinorVersionUpgrade")},
        **{name: name for name in ("IpDiscovery", "CacheNodeType", "Engine", "TransitEncryptionEnabled")},
        **{name: name for name in ("TransitEncryptionMode", "ClusterMode", "SnapshottingClusterId")},
    }.items():
        if parameter in params:
            told[member] = params[parameter]
    for name in ("SecurityGroupIds", "NotificationTopicArn", "NotificationTopicStatus"):
        if name in params:
            hidden[name] = params[name]
    if "NotificationTopicArn" in params:
        hidden["NotificationTopicStatus"] = params.get("NotificationTopicStatus", "active")
    if "PreferredMaintenanceWindow" in params:
        hidden["PreferredMaintenanceWindow"] = params["PreferredMaintenanceWindow"].lower()
    for parameter, member in {"AutomaticFailoverEnabled": "AutomaticFailover", "MultiAZEnabled": "MultiAZ"}.items():
        if parameter in params:
            told[member] = "enabled" if params[parameter] else "disabled"
    if "LogDeliveryConfigurations" in params:
        told["LogDeliveryConfigurations"] = _logs(
            told["LogDeliveryConfigurations"], params["LogDeliveryConfigurations"]
        )
    _change_encryption(group, told)
    _change_access(request, group, told)
    _change_cluster_mode(group, told)
    _change_engine(request, group, after)
    if group.sharded and told["AutomaticFailover"] == "disabled":
        message = "Automatic failover must be enabled with cluster mode enabled."
        raise ServiceError("InvalidParameterCombination", message)
    _check_failover(after)
    # What waited is forgotten once something else is told.
    for name in _IN_WINDOW & params.keys():
        group.waiting.pop(name, None)
    _apply(group, after, params.get("ApplyImmediately", False))
    return {"ReplicationGroup": _described(group)}


def _change_encryption(group: Group, told: dict[str, Any]) -> None:
    """Encryption in transit comes and goes by way of the mode preferred.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption-enable.html
    """
    before, mode = group.told["TransitEncryptionEnabled"], group.told.get("TransitEncryptionMode")
    if told["TransitEncryptionEnabled"] and not before:
        told.setdefault("TransitEncryptionMode", "required")
        if told["TransitEncryptionMode"] != "preferred":
            message = "To enable in-transit encryption, the mode must be preferred first."
            raise ServiceError("InvalidParameterCombination", message)
    elif before and not told["TransitEncryptionEnabled"]:
        if mode != "preferred":
            message = "To disable in-transit encryption, the mode must be preferred first."
            raise ServiceError("InvalidParameterCombination", message)
        told.pop("TransitEncryptionMode")


def _change_access(request: Request, group: Group, told: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html#auth-modifyng-token"""
    params = request.params
    token, strategy = params.get("AuthToken"), params.get("AuthTokenUpdateStrategy")
    if token is not None and not 16 <= len(token) <= 128:
        raise ServiceError("InvalidParameterValue", "The AUTH token must have 16 to 128 characters.")
    if (token is None) != (strategy in (None, "DELETE")):
        message = "AuthToken and AuthTokenUpdateStrategy go together."
        raise ServiceError("InvalidParameterCombination", message)
    if strategy:
        told["AuthTokenEnabled"] = strategy != "DELETE"
        told["AuthTokenLastModifiedDate"] = datetime.now(UTC)
    removed = set(params.get("UserGroupIdsToRemove", []))
    if params.get("RemoveUserGroups"):
        removed = set(group.told["UserGroupIds"])
    kept = [name for name in group.told["UserGroupIds"] if name not in removed]
    told["UserGroupIds"] = kept + [name for name in params.get("UserGroupIdsToAdd", []) if name not in kept]
    if len(told["UserGroupIds"]) > 1:
        raise ServiceError("InvalidParameterCombination", "A replication group has one user group at most.")
    _check_user_groups(request, told)


def _change_cluster_mode(group: Group, told: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/modify-cluster-mode.html"""
    before, after = group.told["ClusterMode"], told["ClusterMode"]
    ways = {("disabled", "compatible"), ("compatible", "enabled"), ("compatible", "disabled")}
    if before != after and (before, after) not in ways:
        message = f"Cluster mode cannot be changed from {before} to {after}."
        raise ServiceError("InvalidParameterCombination", message)


def _change_engine(request: Request, group: Group, after: Group) -> None:
    params = request.params
    engine = after.told["Engine"] = after.told["Engine"].lower()
    current = group.hidden["EngineVersion"]
    wanted = params.get("EngineVersion", None if engine != group.engine else current)
    version, family = _version(engine, wanted)
    if (group.engine, engine) == ("valkey", "redis") or _number(version) < _number(current):
        message = f"{group.engine} {current} cannot be changed to {engine} {version}."
        raise ServiceError("InvalidParameterCombination", message)
    after.hidden["EngineVersion"] = version
    name = params.get("CacheParameterGroupName")
    if name is None and after.hidden["CacheParameterGroupName"].startswith("default."):
        after.hidden["CacheParameterGroupName"] = _parameter_group(request, None, family, group.sharded)
    else:
        name = name or after.hidden["CacheParameterGroupName"]
        after.hidden["CacheParameterGroupName"] = _parameter_group(request, name, family, group.sharded)


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _apply(group: Group, after: Group, immediately: bool) -> None:
    """What is slow takes its time, or waits for the maintenance window; the rest is there."""
    before = {**group.told, **group.hidden}
    wanted = {**after.told, **after.hidden}
    changed = {name for name in wanted if before.get(name) != wanted[name]}
    changed |= {name for name in before if name not in wanted}
    if immediately:
        late = {**group.waiting}
        group.waiting = {}
    else:
        late = {}
        group.waiting |= {name: wanted[name] for name in _IN_WINDOW & changed}
        changed -= _IN_WINDOW
        if "EngineVersion" in group.waiting:
            changed -= {"Engine", "CacheParameterGroupName"}
    slow = {name: wanted.get(name) for name in changed & _SLOW}
    slow = {**late, **slow}
    for name in changed - slow.keys():
        (group.told if name in after.told or name in group.told else group.hidden)[name] = wanted[name]
    if not changed and not slow:
        return

    shown = ("TransitEncryptionEnabled", "TransitEncryptionMode", "ClusterMode")
    group.pending = {name: slow[name] for name in shown if slow.get(name) is not None}
    if "UserGroupIds" in slow:
        group.pending["UserGroups"] = {
            "UserGroupIdsToAdd": [name for name in slow["UserGroupIds"] if name not in before["UserGroupIds"]],
            "UserGroupIdsToRemove": [name for name in before["UserGroupIds"] if name not in slow["UserGroupIds"]],
        }
    # Members tell what becomes of them; it is no longer waiting.
    group.waiting |= {name: slow[name] for name in _IN_WINDOW if name in slow}

    def finish() -> None:
        for name, value in slow.items():
            place = group.hidden if name in group.hidden else group.told
            if value is None:
                place.pop(name, None)
            else:
                place[name] = value
            group.waiting.pop(name, None)
        group.pending = {}

    CLOCK.later("replication_group.modification", finish)
    CLOCK.turn(group, "status", "modifying", "available", "replication_group.modification")


@operation("elasticache", "IncreaseReplicaCount")
def increase_replica_count(request: Request) -> dict[str, Any]:
    return _scale(request, lambda before, after: after > before, "greater")


@operation("elasticache", "DecreaseReplicaCount")
def decrease_replica_count(request: Request) -> dict[str, Any]:
    return _scale(request, lambda before, after: after < before, "less")


def _scale(request: Request, allowed: Callable[[int, int], bool], word: str) -> dict[str, Any]:
    params = request.params
    group = _find_available(request)
    _refuse_later(params)
    each = {config["NodeGroupId"]: config["NewReplicaCount"] for config in params.get("ReplicaConfiguration", [])}
    wanted = each or dict.fromkeys(group.shards, params.get("NewReplicaCount"))
    for shard, count in wanted.items():
        if shard not in group.shards or count is None:
            message = "NewReplicaCount or ReplicaConfiguration, of existing node groups, is required."
            raise ServiceError("InvalidParameterCombination", message)
        if not 0 <= count <= 5:
            raise ServiceError("InvalidParameterValue", "A node group has 0 to 5 replicas.")
        if not allowed(len(group.shards[shard]) - 1, count):
            raise ServiceError("InvalidParameterValue", f"The replica count of {shard} must become {word}.")
        least = 1 if group.told["MultiAZ"] == "enabled" else int(not group.sharded)
        if count < least and group.told["AutomaticFailover"] == "enabled":
            message = "The last replica cannot be removed while automatic failover or Multi-AZ is enabled."
            raise ServiceError("InvalidParameterCombination", message)

    def finish() -> None:
        for shard, count in wanted.items():
            group.resize(shard, count + 1)

    CLOCK.later("replication_group.scaling", finish)
    CLOCK.turn(group, "status", "modifying", "available", "replication_group.scaling")
    return {"ReplicationGroup": _described(group)}


def _refuse_later(params: dict[str, Any]) -> None:
    if not params["ApplyImmediately"]:
        raise ServiceError("InvalidParameterValue", "ApplyImmediately must be true.")


@operation("elasticache", "ModifyReplicationGroupShardConfiguration")
def modify_replication_group_shard_configuration(request: Request) -> dict[str, Any]:
    params = request.params
    group = _find_available(request)
    _refuse_later(params)
    count = params["NodeGroupCount"]
    if not group.sharded:
        raise ServiceError("InvalidParameterValue", "Shards need cluster mode enabled.")
    if count == len(group.shards):
        raise ServiceError("InvalidParameterValue", f"The replication group has {count} node groups already.")
    removed = set(params.get("NodeGroupsToRemove", []))
    if params.get("NodeGroupsToRetain"):
        removed = group.shards.keys() - set(params["NodeGroupsToRetain"])
    if count < len(group.shards) and (not removed <= group.shards.keys() or len(group.shards) - len(removed) != count):
        message = "NodeGroupsToRemove or NodeGroupsToRetain must leave as many node groups as NodeGroupCount says."
        raise ServiceError("InvalidParameterCombination", message)
    size = max(len(members) for members in group.shards.values())

    def finish() -> None:
        for shard in removed:
            del group.shards[shard]
        number = 0
        while len(group.shards) < count:
            number += 1
            if f"{number:04}" not in group.shards:
                group.resize(f"{number:04}", size)

    CLOCK.later("replication_group.scaling", finish)
    CLOCK.turn(group, "status", "modifying", "available", "replication_group.scaling")
    group.pending = (
        {} if group.status == "available" else {"Resharding": {"SlotMigration": {"ProgressPercentage": 0.0}}}
    )
    CLOCK.later("replication_group.scaling", lambda: setattr(group, "pending", {}))
    return {"ReplicationGroup": _described(group)}


@operation("elasticache", "DeleteReplicationGroup", instead_of_moto=_SHALLOW)
def delete_replication_group(request: Request) -> dict[str, Any]:
    """A group can be deleted while it is available; its last snapshot comes first."""
    backend = request.backend
    group = _find_available(request)
    name = group.replication_group_id
    if request.params.get("RetainPrimaryCluster"):
        raise ServiceError("InvalidParameterCombination", "The sandbox cannot retain a primary cluster.")
    final = request.params.get("FinalSnapshotIdentifier")
    if final:
        backend.create_snapshot(final, name, None, group.told.get("KmsKeyId"), None)
    backend.tagging_service.delete_all_tags_for_resource(group.arn)
    group.status = "deleting"
    CLOCK.linger(backend.replication_groups, name, group, "replication_group.deletion")
    return {"ReplicationGroup": _described(group)}


# Clusters


@mend(ElastiCacheBackend, "create_cache_cluster")
def create_cache_cluster(original: Callable, self: Any, *args: Any, **kwargs: Any) -> CacheCluster:
    cluster = original(self, *args, **kwargs)
    CLOCK.turn(cluster, "cache_cluster_status", "creating", "available", "cache_cluster.creation")
    return cluster


@mend(ElastiCacheBackend, "delete_cache_cluster")
def delete_cache_cluster(original: Callable, self: Any, cache_cluster_id: str) -> CacheCluster:
    """A deleted cluster is gone in the end; in moto it is being deleted for ever."""
    cluster = self.cache_clusters.get(cache_cluster_id)
    if cluster and cluster.cache_cluster_status != "available":
        message = f"Cache cluster {cache_cluster_id} has status {cluster.cache_cluster_status}, not available."
        raise ServiceError("InvalidCacheClusterState", message)
    original(self, cache_cluster_id)
    CLOCK.linger(self.cache_clusters, cache_cluster_id, cluster, "cache_cluster.deletion")
    return cluster


# What a cluster on its own is told by moto's attributes, and what of it can be changed.
_OF_CLUSTERS = {
    "CacheClusterId": "cache_cluster_id",
    "CacheNodeType": "cache_node_type",
    "Engine": "engine",
    "EngineVersion": "engine_version",
    "CacheClusterStatus": "cache_cluster_status",
    "PreferredAvailabilityZone": "preferred_availability_zone",
    "CacheClusterCreateTime": "cache_cluster_create_time",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "CacheSubnetGroupName": "cache_subnet_group_name",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "SnapshotWindow": "snapshot_window",
    "AuthTokenEnabled": "auth_token_enabled",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
    "ARN": "arn",
}
_CHANGEABLE = (
    "CacheNodeType",
    "EngineVersion",
    "PreferredMaintenanceWindow",
    "AutoMinorVersionUpgrade",
    "SnapshotRetentionLimit",
    "SnapshotWindow",
)


def _cluster(cluster: CacheCluster, nodes: bool) -> dict[str, Any]:
    told = {member: getattr(cluster, attribute, None) for member, attribute in _OF_CLUSTERS.items()}
    count = getattr(cluster, "num_cache_nodes", 1)
    answer = {
        **{member: value for member, value in told.items() if value is not None},
        "NumCacheNodes": count,
        "PendingModifiedValues": {},
        "SecurityGroups": [{"SecurityGroupId": name, "Status": "active"} for name in cluster.security_group_ids],
    }
    if cluster.cache_parameter_group_name:
        answer["CacheParameterGroup"] = {
            "CacheParameterGroupName": cluster.cache_parameter_group_name,
            "ParameterApplyStatus": "in-sync",
        }
    if nodes:
        short = _short(cluster.arn.split(":")[3])
        answer["CacheNodes"] = [
            {
                "CacheNodeId": f"{number:04}",
                "CacheNodeStatus": cluster.cache_cluster_status,
                "Endpoint": {
                    "Address": f"{cluster.cache_cluster_id}.a1b2c3.{number:04}.{short}.cache.amazonaws.com",
                    "Port": cluster.port,
                },
                "ParameterGroupStatus": "in-sync",
            }
            for number in range(1, count + 1)
        ]
    return answer


@operation("elasticache", "DescribeCacheClusters", instead_of_moto="Its clusters have no nodes, its groups no members.")
def describe_cache_clusters(request: Request) -> dict[str, Any]:
    nodes = request.params.get("ShowCacheNodeInfo", False)
    clusters = [_cluster(cluster, nodes) for cluster in request.backend.cache_clusters.values()]
    if not request.params.get("ShowCacheClustersNotInReplicationGroups"):
        groups = request.backend.replication_groups.values()
        clusters += [_member(group, member, nodes) for group in groups for member in group.members]
    named = request.params.get("CacheClusterId")
    if named:
        clusters = [cluster for cluster in clusters if cluster["CacheClusterId"] == named.lower()]
        if not clusters:
            raise ServiceError("CacheClusterNotFound", f"CacheCluster not found: {named}")
    return page(request, clusters, "CacheClusters")


@operation("elasticache", "ModifyCacheCluster")
def modify_cache_cluster(request: Request) -> dict[str, Any]:
    params = request.params
    name = params["CacheClusterId"].lower()
    groups = request.backend.replication_groups.values()
    if any(member["CacheClusterId"] == name for group in groups for member in group.members):
        message = "The cache cluster belongs to a replication group; modify that."
        raise ServiceError("InvalidParameterCombination", message)
    cluster = request.backend.cache_clusters.get(name)
    if cluster is None:
        raise ServiceError("CacheClusterNotFound", f"CacheCluster not found: {name}")
    if cluster.cache_cluster_status != "available":
        message = f"Cache cluster {name} has status {cluster.cache_cluster_status}, not available."
        raise ServiceError("InvalidCacheClusterState", message)
    for member in _CHANGEABLE:
        if member in params:
            setattr(cluster, _OF_CLUSTERS[member], params[member])
    for member, attribute in {
        "SecurityGroupIds": "security_group_ids",
        "CacheParameterGroupName": "cache_parameter_group_name",
        "NumCacheNodes": "num_cache_nodes",
    }.items():
        if member in params:
            setattr(cluster, attribute, params[member])
    return {"CacheCluster": _cluster(cluster, nodes=False)}


@operation("elasticache", "DescribeCacheEngineVersions")
def describe_cache_engine_versions(request: Request) -> dict[str, Any]:
    params = request.params
    versions = [
        {
            "Engine": engine,
            "EngineVersion": name,
            "CacheParameterGroupFamily": family,
            "CacheEngineDescription": engine.capitalize(),
            "CacheEngineVersionDescription": f"{engine} version {version}",
        }
        for engine, offered in _ENGINES.items()
        for name, (version, family) in offered.items()
        if params.get("Engine", engine) == engine
        and params.get("EngineVersion", name) == name
        and params.get("CacheParameterGroupFamily", family) == family
    ]
    return page(request, versions, "CacheEngineVersions")


# Tags


def _taggable(backend: ElastiCacheBackend, own: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The ARN of everything that can have tags, and its state."""
    for group in backend.replication_groups.values():
        yield group.arn, group.status
        yield from ((_member(group, member, nodes=False)["ARN"], group.status) for member in group.members)
    for resources in (backend.cache_clusters, backend.cache_subnet_groups, backend.snapshots):
        yield from ((resource.arn, "available") for resource in resources.values())
    for kind in ("parameter_groups", "users", "user_groups"):
        yield from ((resource["ARN"], "available") for resource in own.get(kind, {}).values())


_NOBODY = "There is nothing of this ARN, or it is not available."
_MISSING = {
    "cluster": ServiceError("CacheClusterNotFound", _NOBODY),
    "parametergroup": ServiceError("CacheParameterGroupNotFound", _NOBODY),
    "replicationgroup": ServiceError("ReplicationGroupNotFoundFault", _NOBODY),
    "snapshot": ServiceError("SnapshotNotFoundFault", _NOBODY),
    "subnetgroup": ServiceError("CacheSubnetGroupNotFoundFault", _NOBODY),
    "user": ServiceError("UserNotFound", _NOBODY),
    "usergroup": ServiceError("UserGroupNotFound", _NOBODY),
}


def _tagged(request: Request) -> str:
    """The ARN of a request, of something that is there, and available."""
    arn = request.params["ResourceName"]
    kind = arn.split(":")[5] if arn.count(":") == 6 else None
    if kind not in _MISSING:
        raise ServiceError("InvalidARN", f"ARN {arn} is invalid.")
    state = dict(_taggable(request.backend, request.state)).get(arn)
    if state is None:
        raise _MISSING[kind]
    if state != "available":
        raise ServiceError("InvalidReplicationGroupState", f"{arn} has status {state}, not available.")
    return arn


_TAGS = "moto knows nothing of what is tagged, neither whether it is there nor whether it is available."


@operation("elasticache", "ListTagsForResource", instead_of_moto=_TAGS)
def list_tags_for_resource(request: Request) -> dict[str, Any]:
    """Tags of what is not available cannot be listed."""
    arn = _tagged(request)
    return {"TagList": request.backend.tagging_service.list_tags_for_resource(arn)["Tags"]}


@operation("elasticache", "AddTagsToResource", instead_of_moto=_TAGS)
def add_tags_to_resource(request: Request) -> dict[str, Any]:
    request.backend.tagging_service.tag_resource(_tagged(request), request.params["Tags"])
    return list_tags_for_resource(request)


@operation("elasticache", "RemoveTagsFromResource", instead_of_moto=_TAGS)
def remove_tags_from_resource(request: Request) -> dict[str, Any]:
    request.backend.tagging_service.untag_resource_using_names(_tagged(request), request.params["TagKeys"])
    return list_tags_for_resource(request)


@mend(ElastiCacheBackend, "iter_tagged_resources")
def tagged_resources(original: Callable, self: ElastiCacheBackend) -> Iterator[TaggedResource]:
    """Kinds of resources are called as in their ARNs."""
    own = states("elasticache")[self.account_id][self.region_name].values
    for arn, _ in _taggable(self, own):
        tags = self.tagging_service.get_tag_dict_for_resource(arn)
        yield TaggedResource(arn, tags, f"elasticache:{arn.split(':')[5]}")
