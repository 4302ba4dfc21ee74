# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ElastiCache: parameter groups, with the parameters that people change.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html says what a parameter is by default,
and what it can be. The table holds some of them, not all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.errors import ServiceError
from sandbox.operations import Request, operation
from sandbox.services.elasticache import page

FAMILIES = ("redis6.x", "redis7", "valkey7", "valkey8")


@dataclass(frozen=True)
class Parameter:
    """A parameter: its default, what it may be (words, or a range of numbers), and whether it can be changed."""

    default: str
    allowed: str = ""
    kind: str = "integer"
    modifiable: bool = True
    change: str = "immediate"

    def refuses(self, value: str) -> bool:
        if self.kind == "integer":
            least, _, most = self.allowed.partition("-")
            return not value.isdigit() or not int(least or 0) <= int(value) <= int(most or 2**63)
        return bool(self.allowed) and value not in self.allowed.split(",")


_POLICIES = "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction"
_PARAMETERS = {
    "activedefrag": Parameter("no", "yes,no", "string"),
    "activerehashing": Parameter("yes", "yes,no", "string", change="requires-reboot"),
    "client-output-buffer-limit-pubsub-hard-limit": Parameter("33554432", "0-"),
    "client-output-buffer-limit-pubsub-soft-limit": Parameter("8388608", "0-"),
    "client-output-buffer-limit-pubsub-soft-seconds": Parameter("60", "0-"),
    "close-on-replica-write": Parameter("yes", "yes,no", "string"),
    "cluster-enabled": Parameter("no", "yes,no", "string", change="requires-reboot"),
    "databases": Parameter("16", "1-1200000", change="requires-reboot"),
    "hll-sparse-max-bytes": Parameter("3000", "1-16000"),
    "lazyfree-lazy-eviction": Parameter("no", "yes,no", "string"),
    "lazyfree-lazy-expire": Parameter("no", "yes,no", "string"),
    "lfu-decay-time": Parameter("1", "0-"),
    "lfu-log-factor": Parameter("10", "1-"),
    "list-compress-depth": Parameter("0", "0-"),
    "lua-time-limit": Parameter("5000", "5000", modifiable=False),
    "maxclients": Parameter("65000", "1-65000", modifiable=False),
    "maxmemory-policy": Parameter("volatile-lru", _POLICIES, "string"),
    "maxmemory-samples": Parameter("3", "1-"),
    "min-replicas-max-lag": Parameter("10", "0-"),
    "min-replicas-to-write": Parameter("0", "0-"),
    "notify-keyspace-events": Parameter("", "", "string"),
    "repl-backlog-size": Parameter("1048576", "16384-"),
    "repl-backlog-ttl": Parameter("3600", "0-"),
    "reserved-memory-percent": Parameter("25", "0-100"),
    "set-max-intset-entries": Parameter("512", "0-"),
    "slowlog-log-slower-than": Parameter("10000", "0-"),
    "slowlog-max-len": Parameter("128", "0-"),
    "stream-node-max-bytes": Parameter("4096", "0-"),
    "stream-node-max-entries": Parameter("100", "0-"),
    "tcp-keepalive": Parameter("300", "0-"),
    "timeout": Parameter("0", "0-"),
}


def _parameters(family: str) -> dict[str, Parameter]:
    """What is new with Valkey 8: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html"""
    if family == "valkey8":
        return {**_PARAMETERS, "repl-backlog-size": Parameter("10485760", "16384-")}
    return _PARAMETERS


def _groups(request: Request) -> dict[str, dict[str, Any]]:
    return request.state.setdefault("parameter_groups", {})


def _default(request: Request, name: str) -> dict[str, Any] | None:
    """A group of AWS's own, of which there are two for each family."""
    family = name.removeprefix("default.").removesuffix(".cluster.on")
    if not name.startswith("default.") or family not in FAMILIES:
        return None
    values = {"cluster-enabled": "yes"} if name.endswith(".cluster.on") else {}
    return _group(request, name, family, f"Default parameter group for {family}", values)


def _group(request: Request, name: str, family: str, description: str, values: dict[str, str]) -> dict[str, Any]:
    return {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": family,
        "Description": description,
        "IsGlobal": False,
        "ARN": f"arn:{request.partition}:elasticache:{request.region}:{request.account}:parametergroup:{name}",
        "set": values,
    }


def _find(request: Request) -> dict[str, Any]:
    name = request.params["CacheParameterGroupName"].lower()
    group = _groups(request).get(name) or _default(request, name)
    if group is None:
        raise ServiceError("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return group


def _find_own(request: Request) -> dict[str, Any]:
    group = _find(request)
    if group["CacheParameterGroupName"] not in _groups(request):
        message = f"The parameter group {group['CacheParameterGroupName']} is a default one, which cannot be changed."
        raise ServiceError("InvalidParameterValue", message)
    return group


def _described(group: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name != "set"}


@operation("elasticache", "CreateCacheParameterGroup")
def create_cache_parameter_group(request: Request) -> dict[str, Any]:
    name, family = request.params["CacheParameterGroupName"].lower(), request.params["CacheParameterGroupFamily"]
    if name in _groups(request) or _default(request, name):
        raise ServiceError("CacheParameterGroupAlreadyExists", f"CacheParameterGroup {name} already exists.")
    if family not in FAMILIES:
        raise ServiceError("InvalidParameterValue", f"CacheParameterGroupFamily {family} is not a valid family.")
    group = _group(request, name, family, request.params["Description"], {})
    _groups(request)[name] = group
    request.backend.tagging_service.tag_resource(group["ARN"], request.params.get("Tags", []))
    return {"CacheParameterGroup": _described(group)}


@operation("elasticache", "DescribeCacheParameterGroups")
def describe_cache_parameter_groups(request: Request) -> dict[str, Any]:
    if request.params.get("CacheParameterGroupName"):
        groups = [_find(request)]
    else:
        names = [f"default.{family}{end}" for family in FAMILIES for end in ("", ".cluster.on")]
        groups = [_default(request, name) for name in names] + list(_groups(request).values())
    return page(request, [_described(group) for group in groups], "CacheParameterGroups")


def _listed(family: str, values: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "ParameterName": name,
            "ParameterValue": values.get(name, parameter.default),
            "Source": "user" if name in values else "system",
            "DataType": parameter.kind,
            "AllowedValues": parameter.allowed,
            "IsModifiable": parameter.modifiable,
            "MinimumEngineVersion": "6.0.5",
            "ChangeType": parameter.change,
        }
        for name, parameter in _parameters(family).items()
    ]


@operation("elasticache", "DescribeCacheParameters")
def describe_cache_parameters(request: Request) -> dict[str, Any]:
    group = _find(request)
    source = request.params.get("Source")
    parameters = _listed(group["CacheParameterGroupFamily"], group["set"])
    return page(request, [each for each in parameters if source in (None, each["Source"])], "Parameters")


@operation("elasticache", "DescribeEngineDefaultParameters")
def describe_engine_default_parameters(request: Request) -> dict[str, Any]:
    family = request.params["CacheParameterGroupFamily"]
    if family not in FAMILIES:
        raise ServiceError("InvalidParameterValue", f"CacheParameterGroupFamily {family} is not a valid family.")
    defaults = page(request, _listed(family, {}), "Parameters")
    return {"EngineDefaults": {"CacheParameterGroupFamily": family, **defaults}}


def _check_named(request: Request, group: dict[str, Any]) -> list[dict[str, str]]:
    """At most 20 parameters in one request: see ParameterNameValues of ModifyCacheParameterGroup."""
    told = request.params.get("ParameterNameValues", [])
    if not 1 <= len(told) <= 20:
        raise ServiceError("InvalidParameterValue", "ParameterNameValues must have 1 to 20 parameters.")
    known = _parameters(group["CacheParameterGroupFamily"])
    for each in told:
        parameter = known.get(each["ParameterName"])
        if parameter is None or not parameter.modifiable:
            message = f"The parameter {each['ParameterName']} cannot be modified."
            raise ServiceError("InvalidParameterValue", message)
    return told


@operation("elasticache", "ModifyCacheParameterGroup")
def modify_cache_parameter_group(request: Request) -> dict[str, Any]:
    group = _find_own(request)
    known = _parameters(group["CacheParameterGroupFamily"])
    told = _check_named(request, group)
    for each in told:
        if known[each["ParameterName"]].refuses(each.get("ParameterValue", "")):
            message = f"The parameter {each['ParameterName']} cannot be {each.get('ParameterValue')}."
            raise ServiceError("InvalidParameterValue", message)
    group["set"] |= {each["ParameterName"]: each.get("ParameterValue", "") for each in told}
    return {"CacheParameterGroupName": group["CacheParameterGroupName"]}


@operation("elasticache", "ResetCacheParameterGroup")
def reset_cache_parameter_group(request: Request) -> dict[str, Any]:
    group = _find_own(request)
    if request.params.get("ResetAllParameters"):
        group["set"].clear()
    else:
        for each in _check_named(request, group):
            group["set"].pop(each["ParameterName"], None)
    return {"CacheParameterGroupName": group["CacheParameterGroupName"]}


@operation("elasticache", "DeleteCacheParameterGroup")
def delete_cache_parameter_group(request: Request) -> dict[str, Any]:
    group = _find_own(request)
    name = group["CacheParameterGroupName"]
    users = request.backend.replication_groups.values()
    if any(user.hidden["CacheParameterGroupName"] == name for user in users):
        message = f"The parameter group {name} is in use by a replication group."
        raise ServiceError("InvalidCacheParameterGroupState", message)
    request.backend.tagging_service.delete_all_tags_for_resource(group["ARN"])
    del _groups(request)[name]
    return {}
