# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""CloudWatch: the metrics that AWS's own services put there, as far as somebody waits for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.operations import LET_MOTO_ANSWER, Request, operation
from sandbox.services.rds_clusters import replica_lag

_STATISTICS = ("Average", "Maximum", "Minimum", "Sum")


def _lag(request: Request, dimensions: dict[str, str]) -> float | None:
    """AuroraBinlogReplicaLag of a cluster, or of the one whose writer an instance is."""
    backend = request.backend_of("rds")
    name = dimensions.get("DBClusterIdentifier")
    for cluster in backend.clusters.values():
        members = {instance.db_instance_identifier for instance in cluster.members}
        if cluster.db_cluster_identifier == name or dimensions.get("DBInstanceIdentifier") in members:
            return replica_lag(cluster)
    return None


@operation("cloudwatch", "GetMetricStatistics", instead_of_moto="It has no metrics but those that somebody puts there.")
def get_metric_statistics(request: Request) -> dict[str, Any]:
    """One datapoint a minute, of which the last one is told.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
    """
    params = request.params
    if (params["Namespace"], params["MetricName"]) != ("AWS/RDS", "AuroraBinlogReplicaLag"):
        return LET_MOTO_ANSWER
    lag = _lag(request, {dimension["Name"]: dimension["Value"] for dimension in params.get("Dimensions", [])})
    minute = min(_utc(params["EndTime"]), datetime.now(UTC)).replace(second=0, microsecond=0)
    points = [minute] if lag is not None and minute >= _utc(params["StartTime"]) else []
    values = {statistic: lag for statistic in params.get("Statistics", []) if statistic in _STATISTICS}
    datapoints = [{"Timestamp": point, "Unit": "Seconds", **values} for point in points]
    return {"Label": params["MetricName"], "Datapoints": datapoints}


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
