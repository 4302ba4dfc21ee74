# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""RDS: Aurora's clusters take their time to become available, and to go.

What can be done in which state:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.rds.models import DBCluster, DBInstanceClustered, RDSBackend

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import mend

_UNREADY = ("creating", "modifying", "deleting")


def _refuse_unready_cluster(backend: Any, name: str, *states: str) -> None:
    cluster = backend.clusters.get(name)
    if cluster and cluster.status in states:
        message = f"Cluster {name} is {cluster.status}, so that this cannot be done with it."
        raise ServiceError("InvalidDBClusterStateFault", message)


@mend(DBCluster, "status")
def cluster_status(original: Callable, self: DBCluster) -> str:
    """The clock says when a cluster is available; in moto, it is when somebody looks for the second time."""
    return self._status


@mend(DBCluster, "_members")
def members(original: Callable, self: DBCluster) -> list[DBInstanceClustered]:
    """Instances that are being deleted keep nobody from deleting their cluster."""
    return [instance for instance in original(self) if instance.status != "deleting"]


@mend(RDSBackend, "create_db_cluster")
def create_db_cluster(original: Callable, self: Any, kwargs: dict[str, Any]) -> DBCluster:
    cluster = original(self, kwargs)
    CLOCK.turn(cluster, "status", "creating", "available", "aurora_cluster.creation")
    return cluster


@mend(RDSBackend, "modify_db_cluster")
def modify_db_cluster(original: Callable, self: Any, kwargs: dict[str, Any]) -> DBCluster:
    _refuse_unready_cluster(self, kwargs["db_cluster_identifier"], *_UNREADY)
    return original(self, kwargs)


@mend(RDSBackend, "delete_db_cluster")
def delete_db_cluster(original: Callable, self: Any, cluster_identifier: str, *args: Any, **kwargs: Any) -> DBCluster:
    _refuse_unready_cluster(self, cluster_identifier, "deleting")
    cluster = original(self, cluster_identifier, *args, **kwargs)
    cluster.status = "deleting"
    CLOCK.linger(self.clusters, cluster_identifier, cluster, "aurora_cluster.deletion")
    return cluster
