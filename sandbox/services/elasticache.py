# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ElastiCache: replication groups and clusters take their time to become available, and to go.

https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.elasticache.models import CacheCluster, ElastiCacheBackend, ReplicationGroup

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import mend


@mend(ElastiCacheBackend, "create_replication_group")
def create_replication_group(original: Callable, self: Any, *args: Any, **kwargs: Any) -> ReplicationGroup:
    group = original(self, *args, **kwargs)
    CLOCK.turn(group, "status", "creating", "available", "replication_group.creation")
    return group


def _refuse_unavailable_group(backend: Any, name: str) -> None:
    group = backend.replication_groups.get(name)
    if group and group.status != "available":
        message = f"Replication group {name} has status {group.status} which is not valid for this operation."
        raise ServiceError("InvalidReplicationGroupState", message)


@mend(ElastiCacheBackend, "modify_replication_group")
def modify_replication_group(
    original: Callable, self: Any, replication_group_id: str, **changes: Any
) -> ReplicationGroup:
    _refuse_unavailable_group(self, replication_group_id)
    return original(self, replication_group_id, **changes)


@mend(ElastiCacheBackend, "delete_replication_group")
def delete_replication_group(
    original: Callable, self: Any, replication_group_id: str, retain_primary_cluster: bool | None
) -> ReplicationGroup:
    """A deleted group is gone in the end; in moto it is being deleted for ever."""
    _refuse_unavailable_group(self, replication_group_id)
    group = original(self, replication_group_id, retain_primary_cluster)
    CLOCK.linger(self.replication_groups, replication_group_id, group, "replication_group.deletion")
    return group


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
