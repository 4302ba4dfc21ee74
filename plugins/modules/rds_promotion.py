#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rds_promotion
version_added: "0.1.0"
short_description: Promote a read replica of Amazon RDS to a database of its own
description:
  - Ends the replication of an Aurora cluster that is a read replica, of an RDS instance or of another cluster, or of an
    RDS instance that is a read replica. It can then be written to. There is no way back.
  - What replicates nothing is left as it is, so that a repeated run changes nothing. AWS does not remember what was a
    replica once, so that the same holds for a database that never was one.
  - What others replicate, while it replicates nothing itself, is refused, since that is more likely the name of the
    source than that of a replica.
  - What the source has written and the replica has not yet received is lost to the replica. Stop writing to the source,
    and wait until its lag is zero, before you promote; unless the source is lost already.
  - Follows U(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Replication.CrossRegion.Promote.html)
    and U(https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.Promote.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  db_cluster_identifier:
    description: The name of the cluster.
    type: str
    aliases: [cluster_id]
  db_instance_identifier:
    description: The name of the RDS instance. Instances of Aurora are promoted with their cluster.
    type: str
    aliases: [instance_id]
  backup_retention_period:
    description:
      - For how many days backups of an instance are kept once it is promoted, up to V(35); V(1) unless given, and V(0)
        for no backups. What replicates nothing any more is not changed.
    type: int
  preferred_backup_window:
    description: When backups of an instance are made each day once it is promoted, in UTC, such as V(17:00-18:00).
    type: str
    aliases: [backup_window]
  allow_master:
    description:
      - Whether what replicates nothing, and has replicas itself, is left as it is like any other, and not refused. For
        a promoted database that has got replicas by now.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until the database replicates nothing any more and is available again.
      - A replica that is busy with something else, such as a backup, is waited for in any case. What is promoted
        already is not waited for.
    type: bool
    default: true
  wait_timeout:
    description: How many seconds to wait at most, each time.
    type: int
    default: 3600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Move to Aurora for good, now that nothing is written to the old instance any more
  wellarchitected.aws.rds_promotion:
    db_cluster_identifier: shop

- name: Go on with the replica, as its source is lost
  wellarchitected.aws.rds_promotion:
    db_instance_identifier: shop-osaka
    backup_retention_period: 14
    preferred_backup_window: 17:00-18:00
"""

RETURN = r"""
database:
  description: The cluster or the instance as it is, or in check mode as it would be.
  returned: success
  type: dict
  contains:
    arn:
      description: Its ARN.
      type: str
      sample: arn:aws:rds:ap-northeast-1:123456789012:cluster:shop
    endpoint:
      description: Its address; of a cluster, that of the writer.
      type: str
      sample: shop.cluster-abcdefghijkl.ap-northeast-1.rds.amazonaws.com
    identifier:
      description: Its name.
      type: str
      sample: shop
    kind:
      description: V(cluster) or V(instance).
      type: str
      sample: cluster
    port:
      description: Its port.
      type: int
      sample: 3306
    replicas:
      description: What replicates it, by the names or ARNs that AWS tells.
      type: list
      elements: str
      sample: []
    replication_source_identifier:
      description: What it replicates, by the name or ARN that AWS tells; without a value for nothing.
      type: str
      sample: null
    status:
      description: Its state, such as V(available) or V(promoting).
      type: str
      sample: available
"""

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.rds import (
    USABLE,
    RdsErrorHandler,
    normal_window,
    patiently,
    wait_until,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Setting


class Promotion(Setting):
    def __init__(self, params, rds):
        super().__init__({"replication_source_identifier": None})
        self.rds = rds
        self.params = params
        self.kind = "cluster" if params["db_cluster_identifier"] else "instance"
        self.name = (params["db_cluster_identifier"] or params["db_instance_identifier"]).lower()
        self.wait = params["wait"]
        self.wait_timeout = params["wait_timeout"]
        self.was_asked_for = False

    def find(self):
        if self.kind == "cluster":
            cluster = self._describe_cluster()
            return read_cluster(cluster) if cluster else None
        instance = self._describe_instance()
        cluster = instance and instance.get("DBClusterIdentifier")
        if cluster:
            raise AnsibleAWSError(
                message=f"The instance {self.name} is promoted with its cluster. Give db_cluster_identifier: {cluster} "
                "in its place."
            )
        return read_instance(instance) if instance else None

    def blank(self):
        return {"arn": None, "replication_source_identifier": None, "replicas": []}

    def changes(self, current):
        if self.was_asked_for:
            # Nothing else is expected of it, and without a wait not even that it is over.
            return super().changes(current) if self.wait else {}
        changes = super().changes(current)
        is_source = bool(current["replicas"]) and not changes
        return {"replicas": []} if is_source and not self.params["allow_master"] else changes

    def refusal(self, current, changes):
        if current["arn"] is None:
            return f"There is no {self.kind} {self.name} here to promote. Look at the name, the region and the account."
        if "replicas" in changes:
            return (
                f"The {self.kind} {self.name} replicates nothing, and is itself replicated by "
                f"{', '.join(current['replicas'])}. Give the name of a replica; or, if this one was promoted before, "
                "allow_master: true."
            )
        return None

    def update(self, current, changes):
        self._promote()
        self.was_asked_for = True
        if self.wait:
            wait_until(self.find, is_promoted, self.wait_timeout, f"the {self.kind} {self.name} to be promoted")

    @RdsErrorHandler.list_error_handler("find the cluster {self.name}")
    def _describe_cluster(self):
        clusters = self.rds.describe_db_clusters(DBClusterIdentifier=self.name)["DBClusters"]
        return clusters[0] if clusters else None

    @RdsErrorHandler.list_error_handler("find the instance {self.name}")
    def _describe_instance(self):
        instances = self.rds.describe_db_instances(DBInstanceIdentifier=self.name)["DBInstances"]
        return instances[0] if instances else None

    @RdsErrorHandler.common_error_handler("promote the {self.kind} {self.name}")
    def _promote(self):
        def promote():
            # Somebody else may have promoted it while this waited.
            state = self.find()
            if not state["replication_source_identifier"] or state["status"] == "promoting":
                return
            if self.kind == "cluster":
                self.rds.promote_read_replica_db_cluster(DBClusterIdentifier=self.name)
            else:
                self.rds.promote_read_replica(DBInstanceIdentifier=self.name, **backups(self.params))

        patiently(promote, self.wait_timeout, is_idle=lambda: self.find()["status"] == "available")


def backups(params):
    """The arguments that say how a promoted instance is backed up."""
    period, window = params["backup_retention_period"], params["preferred_backup_window"]
    return {
        **({} if period is None else {"BackupRetentionPeriod": period}),
        **({} if window is None else {"PreferredBackupWindow": normal_window(window)}),
    }


def read_cluster(cluster):
    """A cluster as RDS describes it, as a state."""
    return {
        "kind": "cluster",
        "identifier": cluster["DBClusterIdentifier"],
        "arn": cluster["DBClusterArn"],
        "status": cluster["Status"],
        "endpoint": cluster.get("Endpoint"),
        "port": cluster.get("Port"),
        "replication_source_identifier": cluster.get("ReplicationSourceIdentifier") or None,
        "replicas": sorted(cluster.get("ReadReplicaIdentifiers", [])),
    }


def read_instance(instance):
    """An RDS instance as RDS describes it, as a state."""
    endpoint = instance.get("Endpoint", {})
    sources = ("ReadReplicaSourceDBInstanceIdentifier", "ReadReplicaSourceDBClusterIdentifier")
    replicas = ("ReadReplicaDBInstanceIdentifiers", "ReadReplicaDBClusterIdentifiers")
    return {
        "kind": "instance",
        "identifier": instance["DBInstanceIdentifier"],
        "arn": instance["DBInstanceArn"],
        "status": instance["DBInstanceStatus"],
        "endpoint": endpoint.get("Address"),
        "port": endpoint.get("Port"),
        "replication_source_identifier": next((instance[member] for member in sources if instance.get(member)), None),
        "replicas": sorted(replica for member in replicas for replica in instance.get(member, [])),
    }


def is_promoted(state):
    return state["replication_source_identifier"] is None and state["status"] in USABLE


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "db_cluster_identifier": {"type": "str", "aliases": ["cluster_id"]},
            "db_instance_identifier": {"type": "str", "aliases": ["instance_id"]},
            "backup_retention_period": {"type": "int"},
            "preferred_backup_window": {"type": "str", "aliases": ["backup_window"]},
            "allow_master": {"type": "bool", "default": False},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 3600},
        },
        mutually_exclusive=[
            ("db_cluster_identifier", "db_instance_identifier"),
            ("db_cluster_identifier", "backup_retention_period"),
            ("db_cluster_identifier", "preferred_backup_window"),
        ],
        required_one_of=[("db_cluster_identifier", "db_instance_identifier")],
        supports_check_mode=True,
    )
    run(module, "database", lambda: Promotion(module.params, client(module, "rds")))


if __name__ == "__main__":
    main()
