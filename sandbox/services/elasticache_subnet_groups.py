# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ElastiCache: subnet groups are of subnets that there are, can be changed, and go once nobody uses them.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SubnetGroups.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.elasticache.models import CacheSubnetGroup

from sandbox.errors import ServiceError
from sandbox.operations import LET_MOTO_ANSWER, Request, mend, operation


@mend(CacheSubnetGroup, "__init__")
def subnet_group(original: Callable, self: CacheSubnetGroup, *args: Any, **kwargs: Any) -> None:
    """A subnet tells its zone; in moto it is lost on the way."""
    original(self, *args, **kwargs)
    for subnet in self.subnets:
        subnet["subnet_availability_zone"] = {"Name": subnet["subnet_availability_zone"]}


@operation("elasticache", "CreateCacheSubnetGroup", instead_of_moto="moto takes subnets that are not there.")
def create_cache_subnet_group(request: Request) -> dict[str, Any]:
    _check_subnets(request)
    return LET_MOTO_ANSWER


def _check_subnets(request: Request) -> None:
    known = {subnet.id: subnet.vpc_id for subnet in request.backend_of("ec2").describe_subnets()}
    wanted = request.params.get("SubnetIds", [])
    for name in wanted:
        if name not in known:
            raise ServiceError("InvalidSubnet", f"The subnet ID {name} does not exist.")
    if len({known[name] for name in wanted}) > 1:
        raise ServiceError("InvalidSubnet", "The subnets are not in the same VPC.")


def _find(request: Request) -> CacheSubnetGroup:
    name = request.params["CacheSubnetGroupName"].lower()
    group = request.backend.cache_subnet_groups.get(name)
    if group is None:
        raise ServiceError("CacheSubnetGroupNotFoundFault", f"Cache Subnet Group {name} does not exist.")
    return group


@operation("elasticache", "ModifyCacheSubnetGroup")
def modify_cache_subnet_group(request: Request) -> dict[str, Any]:
    """A subnet stays while there are nodes in it."""
    group = _find(request)
    _check_subnets(request)
    changed = CacheSubnetGroup(
        request.account,
        request.region,
        group.cache_subnet_group_name,
        request.params.get("CacheSubnetGroupDescription", group.cache_subnet_group_description),
        request.params.get("SubnetIds", group.subnet_ids),
        group.tags,
    )
    used = {member["zone"] for user in _users_of(request, group) for member in user.members}
    if used - {subnet["subnet_availability_zone"]["Name"] for subnet in changed.subnets}:
        raise ServiceError("SubnetInUse", "A subnet is in use and cannot be removed.")
    request.backend.cache_subnet_groups[group.cache_subnet_group_name] = changed
    subnets = [
        {
            "SubnetIdentifier": subnet["subnet_identifier"],
            "SubnetAvailabilityZone": subnet["subnet_availability_zone"],
        }
        for subnet in changed.subnets
    ]
    return {
        "CacheSubnetGroup": {
            "CacheSubnetGroupName": changed.cache_subnet_group_name,
            "CacheSubnetGroupDescription": changed.cache_subnet_group_description,
            "VpcId": changed.vpc_id,
            "Subnets": subnets,
            "ARN": changed.arn,
        }
    }


def _users_of(request: Request, group: CacheSubnetGroup) -> list[Any]:
    return [
        user
        for user in request.backend.replication_groups.values()
        if user.hidden["CacheSubnetGroupName"] == group.cache_subnet_group_name
    ]


@operation("elasticache", "DeleteCacheSubnetGroup")
def delete_cache_subnet_group(request: Request) -> dict[str, Any]:
    group = _find(request)
    if _users_of(request, group):
        message = f"Cache subnet group {group.cache_subnet_group_name} is currently in use by a cache cluster."
        raise ServiceError("CacheSubnetGroupInUse", message)
    request.backend.tagging_service.delete_all_tags_for_resource(group.arn)
    del request.backend.cache_subnet_groups[group.cache_subnet_group_name]
    return {}
