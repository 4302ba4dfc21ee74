# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""RDS: Aurora's clusters take their time, are replicas of what they are told, and make changes when AWS does.

What AWS does stands in the API reference, under the operation that a function here is named after:
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/
What can be done in which state:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue
from moto.rds.models import (
    DBCluster,
    DBInstance,
    DBInstanceClustered,
    MasterUserSecret,
    RDSBackend,
    RDSBaseModel,
    rds_backends,
)
from moto.rds.responses import RDSResponse

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import Request, mend, operation

_UNREADY = ("creating", "modifying", "upgrading", "promoting", "deleting")

# Some of the versions that AWS offers, oldest first, and which of them a new one gets:
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/AuroraMySQL.Updates.30Updates.html
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/AuroraMySQL.Updates.20Updates.html
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html
_VERSIONS = {
    "aurora-mysql": [
        *(f"5.7.mysql_aurora.2.{version}" for version in ("12.0", "12.4", "12.5")),
        *(f"8.0.mysql_aurora.3.{version}" for version in ("04.0", "04.1", "04.2", "04.3", "04.4", "05.2", "06.0")),
        *(f"8.0.mysql_aurora.3.{version}" for version in ("06.1", "07.0", "07.1", "08.0", "08.1", "08.2", "09.0")),
        *(f"8.0.mysql_aurora.3.{version}" for version in ("10.0", "10.1")),
    ],
    "mysql": ["8.0.35", "8.0.36", "8.0.37", "8.0.39", "8.0.40", "8.0.41", "8.0.42", "8.4.3", "8.4.4", "8.4.5"],
}
_DEFAULTS = {"aurora-mysql": "8.0.mysql_aurora.3.08.2", "mysql": "8.0.42"}

# Of a master password of MySQL and of Aurora.
_LONGEST_PASSWORD = 41

# Of the changes of a cluster, those that wait for the maintenance window unless they are to be made at once, as far as
# AWS says it, and what they are called while they wait:
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html
_WAITING = {"engine_version": "EngineVersion", "iam_auth": "IAMDatabaseAuthenticationEnabled"}


def _refuse_unready_cluster(backend: Any, name: str, *states: str) -> None:
    cluster = backend.clusters.get(name)
    if cluster and cluster.status in states:
        message = f"Cluster {name} is {cluster.status}, so that this cannot be done with it."
        raise ServiceError("InvalidDBClusterStateFault", message)


def _cluster(backend: Any, name: str) -> DBCluster:
    cluster = backend.clusters.get(name.rpartition(":")[2])
    if cluster is None:
        raise ServiceError("DBClusterNotFoundFault", f"DBCluster {name} not found.")
    return cluster


# Versions


def _major(version: str) -> str:
    return ".".join(version.split(".")[:2])


@operation("rds", "DescribeDBEngineVersions")
def describe_db_engine_versions(request: Request) -> dict[str, Any]:
    """The versions of the engines that this file knows, without what they can do."""
    params = request.params
    engines = [params["Engine"]] if "Engine" in params else list(_VERSIONS)
    versions = [
        {
            "Engine": engine,
            "EngineVersion": version,
            "DBParameterGroupFamily": f"{engine}{_major(version)}",
            "Status": "available",
        }
        for engine in engines
        for version in _VERSIONS.get(engine, [])
        if f"{version}.".startswith(f"{params.get('EngineVersion', version)}.")
        and (not params.get("DefaultOnly") or version == _DEFAULTS[engine])
    ]
    return {"DBEngineVersions": versions}


def _known_version(engine: str, version: str | None) -> str | None:
    """The version that a name means: of the beginning of a version, 8.0 and 5.7 are taken, for the default."""
    if engine not in _VERSIONS or version in _VERSIONS[engine]:
        return version
    if version is None:
        return _DEFAULTS[engine]
    if version in ("5.7", "8.0", "8.4"):
        of_major = [known for known in _VERSIONS[engine] if _major(known) == version]
        if of_major:
            return _DEFAULTS[engine] if _DEFAULTS[engine] in of_major else of_major[-1]
    raise InvalidParameterCombination(f"Cannot find version {version} for {engine}")


def check_characters(told: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html says which it can have."""
    password = told.get("master_user_password")
    if not password:
        return
    wrong = "The parameter MasterUserPassword is not a valid password"
    if not 8 <= len(password) <= _LONGEST_PASSWORD:
        raise InvalidParameterValue(f"{wrong} because its length is not 8 to {_LONGEST_PASSWORD} characters.")
    if not (password.isascii() and password.isprintable()) or set(password) & set('/@" '):
        raise InvalidParameterValue(
            f"{wrong}. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."
        )


# Clusters


@mend(DBCluster, "status")
def cluster_status(original: Callable, self: DBCluster) -> str:
    """The clock says when a cluster is available; in moto, it is when somebody looks for the second time."""
    return self._status


@mend(DBCluster, "_members")
def members(original: Callable, self: DBCluster) -> list[DBInstanceClustered]:
    """Instances that are being deleted keep nobody from deleting their cluster."""
    return [instance for instance in original(self) if instance.status != "deleting"]


def _key(backend: Any, told: dict[str, Any]) -> str | None:
    """The ARN of the key that encrypts the storage; the name of the account's own unless another is told."""
    if told.get("kms_key_id"):
        return backend._validate_kms_key(told["kms_key_id"])
    return backend._validate_kms_key("alias/aws/rds") if told.get("storage_encrypted") else None


def _default_security_group(backend: Any, subnet_group: str | None) -> list[str]:
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    group = backend.subnet_groups.get(subnet_group or "default")
    vpc = group.vpc_id if group else getattr(ec2.default_vpc, "id", None)
    default = ec2.get_default_security_group(vpc) if vpc else None
    return [default.id] if default else []


def _check_groups(backend: Any, told: dict[str, Any]) -> None:
    """The groups that a cluster is told must be there."""
    parameters, subnets = told.get("db_cluster_parameter_group_name"), told.get("db_subnet_group_name")
    if parameters and not parameters.startswith("default.") and parameters not in backend.db_cluster_parameter_groups:
        message = f"DBClusterParameterGroup not found: {parameters}"
        raise ServiceError("DBClusterParameterGroupNotFound", message)
    if subnets and subnets != "default" and subnets not in backend.subnet_groups:
        raise ServiceError("DBSubnetGroupNotFoundFault", f"DB subnet group '{subnets}' does not exist.")


def _normalise(told: dict[str, Any]) -> None:
    for window in ("preferred_maintenance_window", "preferred_backup_window"):
        if told.get(window):
            told[window] = told[window].lower()


def _serverless(told: Any) -> dict[str, Any] | None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ServerlessV2ScalingConfiguration.html"""
    if not told:
        return None
    told = {name: told[name] for name in ("MinCapacity", "MaxCapacity", "SecondsUntilAutoPause") if name in told}
    if {"MinCapacity", "MaxCapacity"} - told.keys():
        raise InvalidParameterCombination("Set MinCapacity and MaxCapacity of ServerlessV2ScalingConfiguration.")
    if told["MinCapacity"] == 0:
        return {"SecondsUntilAutoPause": 300, **told}
    if "SecondsUntilAutoPause" in told:
        raise InvalidParameterCombination("SecondsUntilAutoPause goes with a MinCapacity of 0.")
    return told


@mend(RDSBackend, "create_db_cluster")
def create_db_cluster(original: Callable, self: Any, kwargs: dict[str, Any]) -> DBCluster:
    """A cluster, be it new, a replica, or restored: its source tells who its master user is."""
    told = {name: value for name, value in dict(kwargs).items() if value is not None}
    name = told["db_cluster_identifier"]
    if name in self.clusters:
        raise ServiceError("DBClusterAlreadyExistsFault", f"DB Cluster already exists: {name}")
    if told.get("manage_master_user_password") and told.get("master_user_password"):
        message = "You can't specify MasterUserPassword with ManageMasterUserPassword."
        raise InvalidParameterCombination(message)
    check_characters(told)
    _check_groups(self, told)
    _normalise(told)
    arn = told.pop("replication_source_identifier", None)
    source = _source(self, arn) if arn else None
    if source:
        _refuse_users_of_a_replica(told)
        _check_source(source)
        told = {**_from_source(source), **told}
    aurora = told["engine"].startswith("aurora")
    # moto knows no storage of Aurora's; AWS tells it only where it is not the usual one.
    storage_type = told.pop("storage_type", None) if aurora else None
    serverless = _serverless(told.pop("serverless_v2_scaling_configuration", None))
    told["engine_version"] = version = _known_version(told["engine"], told.get("engine_version"))
    told["kms_key_id"] = key = _key(self, told)
    told["storage_encrypted"] = bool(key)
    told["vpc_security_group_ids"] = told.get("vpc_security_group_ids") or _default_security_group(
        self, told.get("db_subnet_group_name")
    )
    if version:
        told.setdefault("db_cluster_parameter_group_name", f"default.{told['engine']}{_major(version)}")
    cluster = original(self, told)
    cluster.kms_key_id = key
    if aurora:
        cluster.storage_type = storage_type if storage_type != "aurora" else None
    cluster.serverless_v2_scaling_configuration = serverless
    cluster.pending_modified_values = {}
    if source:
        _replicate(cluster, source)
    CLOCK.turn(cluster, "status", "creating", "available", "aurora_cluster.creation")
    return cluster


@mend(RDSBackend, "modify_db_cluster")
def modify_db_cluster(original: Callable, self: Any, kwargs: dict[str, Any]) -> DBCluster:
    """What is not to be applied at once waits, as far as it can; moto applies all of it, or forgets it."""
    told = {name: value for name, value in dict(kwargs).items() if value is not None}
    name = told["db_cluster_identifier"]
    cluster = _cluster(self, name)
    _refuse_unready_cluster(self, name, *_UNREADY)
    check_characters(told)
    _check_groups(self, told)
    _normalise(told)
    at_once = told.pop("apply_immediately", False)
    if told.get("manage_master_user_password") is False and not told.get("master_user_password"):
        raise InvalidParameterCombination("A MasterUserPassword is needed when it is no longer managed.")
    if cluster.replication_source_identifier:
        _refuse_users_of_a_replica(told)
    managed = told.get("manage_master_user_password", cluster.manage_master_user_password)
    if managed and told.get("master_user_password"):
        raise InvalidParameterCombination("You can't specify MasterUserPassword with ManageMasterUserPassword.")
    if managed and cluster.manage_master_user_password:
        told.pop("manage_master_user_password", None)
    waiting = {"engine_version": told.pop("engine_version", None)}
    waiting["iam_auth"] = told.pop("enable_iam_database_authentication", None)
    _check_upgrade(cluster, waiting["engine_version"], told.pop("allow_major_version_upgrade", False))
    logs = told.pop("cloudwatch_logs_export_configuration", None) or {}
    if "serverless_v2_scaling_configuration" in told:
        told["serverless_v2_scaling_configuration"] = _serverless(told["serverless_v2_scaling_configuration"])
    original(self, told)
    if cluster.storage_type == "aurora":
        cluster.storage_type = None
    exports = set(cluster.enabled_cloudwatch_logs_exports)
    exports = (exports | set(logs.get("EnableLogTypes", []))) - set(logs.get("DisableLogTypes", []))
    cluster.enabled_cloudwatch_logs_exports = sorted(exports)
    _change_or_wait(cluster, waiting, at_once)
    return cluster


def _check_upgrade(cluster: DBCluster, version: str | None, major_too: bool) -> None:
    if version is None:
        return
    _known_version(cluster.engine, version)
    if _major(version) != _major(cluster.engine_version) and not major_too:
        message = "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
        raise InvalidParameterCombination(message)
    known = _VERSIONS.get(cluster.engine, [])
    if cluster.engine_version in known and known.index(version) < known.index(cluster.engine_version):
        raise InvalidParameterCombination(f"Cannot upgrade {cluster.engine} from {cluster.engine_version} to {version}")


def _change_or_wait(cluster: DBCluster, changes: dict[str, Any], at_once: bool) -> None:
    pending = dict(cluster.pending_modified_values)
    for attribute, value in changes.items():
        if value is None:
            continue
        pending.pop(_WAITING[attribute], None)
        if value == getattr(cluster, attribute):
            continue
        if not at_once:
            pending[_WAITING[attribute]] = value
            continue
        setattr(cluster, attribute, value)
        if attribute == "engine_version":
            CLOCK.turn(cluster, "status", "upgrading", "available", "aurora_cluster.upgrade")
    cluster.pending_modified_values = pending


@mend(RDSResponse, "delete_db_cluster")
def ask_for_a_final_snapshot(original: Callable, self: RDSResponse) -> Any:
    if bool(self.params.get("SkipFinalSnapshot")) == bool(self.params.get("FinalDBSnapshotIdentifier")):
        raise InvalidParameterCombination("Give FinalDBSnapshotIdentifier, unless SkipFinalSnapshot is true.")
    return original(self)


@mend(RDSBackend, "delete_db_cluster")
def delete_db_cluster(original: Callable, self: Any, cluster_identifier: str, *args: Any, **kwargs: Any) -> DBCluster:
    _refuse_unready_cluster(self, cluster_identifier, "deleting")
    cluster = original(self, cluster_identifier, *args, **kwargs)
    _forget_replica(cluster)
    # Its automated snapshots go with it.
    for snapshot in [snapshot for snapshot in self.cluster_snapshots.values() if snapshot.cluster.arn == cluster.arn]:
        if snapshot.snapshot_type == "automated":
            del self.cluster_snapshots[snapshot.db_cluster_snapshot_identifier]
    for endpoint in [endpoint for endpoint in _endpoints(self).values() if endpoint.cluster is cluster]:
        del _endpoints(self)[endpoint.name]
    cluster.status = "deleting"
    CLOCK.linger(self.clusters, cluster_identifier, cluster, "aurora_cluster.deletion")
    return cluster


@mend(RDSBackend, "restore_db_cluster_from_snapshot")
def restore_db_cluster_from_snapshot(
    original: Callable, self: Any, from_snapshot_id: str, overrides: dict[str, Any]
) -> DBCluster:
    """From a cluster's snapshot, or from an RDS instance's, which goes by its ARN; moto knows the former alone.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterFromSnapshot.html
    """
    told = {name: value for name, value in dict(overrides).items() if value is not None}
    del told["snapshot_identifier"]
    if ":snapshot:" in from_snapshot_id:
        source = self.get_db_snapshot(from_snapshot_id).database
    else:
        source = self.get_db_cluster_snapshot(from_snapshot_id).cluster
    kept = {**_from_source(source), "backup_retention_period": source.backup_retention_period}
    if source.engine == told["engine"]:
        kept["engine_version"] = source.engine_version
    return self.create_db_cluster({**kept, **told})


# Replicas


def _source(backend: Any, arn: str) -> DBCluster | DBInstance:
    """What a cluster is to be a replica of: an instance of RDS, or another cluster, perhaps in another region."""
    parts = arn.split(":")
    region, kind, name = (parts[3], parts[5], parts[6]) if len(parts) == 7 else (backend.region_name, "cluster", arn)
    there = rds_backends[backend.account_id][region]
    if kind == "cluster":
        return _cluster(there, name)
    instance = there.databases.get(name)
    if instance is None:
        raise ServiceError("DBInstanceNotFound", f"DBInstance {name} not found.")
    return instance


def _from_source(source: DBCluster | DBInstance) -> dict[str, Any]:
    """What a copy has of its source, and is not told."""
    name = source.database_name if isinstance(source, DBCluster) else source.db_name
    kept = {"master_username": source.master_username, "master_user_password": secrets.token_urlsafe(16)}
    if name:
        kept["database_name"] = name
    if source.storage_encrypted:
        kept["storage_encrypted"] = True
        kept["kms_key_id"] = source.kms_key_id
    return kept


def _check_source(source: DBCluster | DBInstance) -> None:
    """What a source needs to have a cluster as its replica.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Migrating.RDSMySQL.Replica.html
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-limitations
    """
    if source.manage_master_user_password:
        message = (
            f"Creating read replicas for source instance with engine {source.engine} where ManageMasterUserPassword is "
            "enabled is not supported."
        )
        raise InvalidParameterValue(message)
    if isinstance(source, DBCluster):
        return
    reason = None
    if source.status != "available":
        reason = f"is {source.status}"
    elif not source.backup_retention_period:
        reason = "has no automated backups, which replication needs"
    elif getattr(source, "read_replica_db_cluster_identifiers", []):
        reason = "has an Aurora read replica already, and can have only one"
    if reason:
        raise ServiceError("InvalidDBInstanceState", f"DB instance {source.db_instance_identifier} {reason}.")


def _refuse_users_of_a_replica(told: dict[str, Any]) -> None:
    """Its users are those of its source, and a secret is not even to be declined.

    https://github.com/hashicorp/terraform-provider-aws/issues/40188 and
    https://github.com/cloudposse/terraform-aws-rds-cluster/pull/119 have AWS's answers.
    """
    if "manage_master_user_password" in told:
        raise InvalidParameterValue("ManageMasterUserPassword isn't supported for read replica")
    if "master_username" in told:
        raise InvalidParameterCombination("Cannot specify user name for instance cluster replication cluster")


def _replicate(cluster: DBCluster, source: DBCluster | DBInstance) -> None:
    """Let both tell of each other."""
    cluster.replication_source_identifier = source.arn
    if isinstance(source, DBCluster):
        source.read_replica_identifiers = [*source.read_replica_identifiers, cluster.db_cluster_arn]
    else:
        source.read_replica_db_cluster_identifiers = [cluster.db_cluster_identifier]


# When the replication of an RDS instance began, by the clock.
DBCluster.replicates_since = None


def start_replication(cluster: DBCluster) -> None:
    """With its first instance, a cluster begins to catch up with what was written while it was made."""
    if ":db:" not in (cluster.replication_source_identifier or "") or len(cluster.members) != 1:
        return

    def start() -> None:
        cluster.replicates_since = CLOCK.now()

    CLOCK.later("aurora_instance.creation", start)


def replica_lag(cluster: DBCluster) -> float | None:
    """By how many seconds a cluster is behind the RDS instance that it replicates; None when it replicates none."""
    if not cluster.replication_source_identifier or cluster.replicates_since is None:
        return None
    return CLOCK.left("aurora_replica.catching_up", cluster.replicates_since)


def _forget_replica(cluster: DBCluster) -> None:
    """A replica that is none any more is not told of by its source either, if that is still there."""
    arn, cluster.replication_source_identifier = cluster.replication_source_identifier, None
    if not arn:
        return
    try:
        source = _source(cluster.backend, arn)
    except ServiceError:
        return
    if isinstance(source, DBCluster):
        replicas = source.read_replica_identifiers
        source.read_replica_identifiers = [replica for replica in replicas if replica != cluster.db_cluster_arn]
    else:
        source.read_replica_db_cluster_identifiers = []


@mend(RDSBackend, "promote_read_replica_db_cluster")
def promote_read_replica_db_cluster(original: Callable, self: Any, db_cluster_identifier: str) -> DBCluster:
    """It takes its time; until then it is a replica. moto knows replicas of clusters alone."""
    cluster = _cluster(self, db_cluster_identifier)
    _refuse_unready_cluster(self, db_cluster_identifier, *_UNREADY)
    if not cluster.replication_source_identifier:
        message = f"DB Cluster {db_cluster_identifier} is not a read replica."
        raise ServiceError("InvalidDBClusterStateFault", message)

    def finish() -> None:
        _forget_replica(cluster)
        cluster.status = "available"

    cluster.status = "promoting"
    CLOCK.later("aurora_cluster.promotion", finish)
    return cluster


@mend(RDSBackend, "promote_read_replica")
def promote_read_replica(original: Callable, self: Any, db_kwargs: dict[str, Any]) -> DBInstance:
    """It takes its time, and replicates nothing in the end; moto's goes on to tell its source."""
    name = db_kwargs["db_instance_identifier"]
    instance = self.databases.get(name)
    if instance is None:
        raise ServiceError("DBInstanceNotFound", f"DBInstance {name} not found.")
    if not instance.source_db_instance_identifier:
        raise ServiceError("InvalidDBInstanceState", f"DB Instance {name} is not a read replica.")
    if instance.status != "available":
        raise ServiceError("InvalidDBInstanceState", f"Instance {name} is {instance.status}.")
    original(self, {**db_kwargs, "backup_retention_period": db_kwargs.get("backup_retention_period", 1)})

    def finish() -> None:
        source = instance.source_db_instance_identifier.rpartition(":")[2]
        for backend in rds_backends[self.account_id].values():
            there = backend.databases.get(source)
            if there:
                own = (instance.db_instance_identifier, instance.db_instance_arn)
                there.replicas = [replica for replica in there.replicas if replica not in own]
        instance.source_db_instance_identifier = None
        instance.status = "available"

    instance.status = "modifying"
    CLOCK.later("rds_instance.promotion", finish)
    return instance


# Endpoints of one's own


class ClusterEndpoint(RDSBaseModel):
    resource_type = "cluster-endpoint"

    def __init__(self, backend: Any, cluster: DBCluster, name: str, tags: list[dict[str, str]] | None):
        super().__init__(backend)
        self.cluster = cluster
        self.name = name
        self.tags = tags
        self.status = "available"
        self.unique_id = f"cluster-endpoint-{secrets.token_hex(13).upper()}"
        self.kind = "ANY"
        self.static_members: list[str] = []
        self.excluded_members: list[str] = []

    @property
    def resource_id(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return f"{self.name}.cluster-custom-{self.cluster.url_identifier}.{self.region}.rds.amazonaws.com"

    def change(self, params: dict[str, Any]) -> None:
        """What is told; the members that are named must be the cluster's."""
        members = {instance.db_instance_identifier for instance in self.cluster.members}
        for name in (*params.get("StaticMembers", []), *params.get("ExcludedMembers", [])):
            if name not in members:
                raise ServiceError("DBInstanceNotFound", f"DBInstance {name} not found in the cluster.")
        self.kind = params.get("EndpointType", self.kind)
        self.static_members = params.get("StaticMembers", self.static_members)
        self.excluded_members = params.get("ExcludedMembers", self.excluded_members)

    def describe(self) -> dict[str, Any]:
        return {
            "DBClusterEndpointIdentifier": self.name,
            "DBClusterIdentifier": self.cluster.db_cluster_identifier,
            "DBClusterEndpointResourceIdentifier": self.unique_id,
            "Endpoint": self.address,
            "Status": self.status,
            "EndpointType": "CUSTOM",
            "CustomEndpointType": self.kind,
            "StaticMembers": self.static_members,
            "ExcludedMembers": self.excluded_members,
            "DBClusterEndpointArn": self.arn,
        }


def _endpoints(backend: Any) -> dict[str, ClusterEndpoint]:
    return backend.resource_map.setdefault(ClusterEndpoint, {})


def _endpoint(request: Request) -> ClusterEndpoint:
    name = request.params["DBClusterEndpointIdentifier"].lower()
    endpoint = _endpoints(request.backend).get(name)
    if endpoint is None:
        raise ServiceError("DBClusterEndpointNotFoundFault", f"The DB cluster endpoint {name} doesn't exist.")
    return endpoint


def _custom_endpoints(cluster: DBCluster) -> list[str]:
    return [endpoint.address for endpoint in _endpoints(cluster.backend).values() if endpoint.cluster is cluster]


DBCluster.custom_endpoints = property(_custom_endpoints)


@operation("rds", "CreateDBClusterEndpoint")
def create_db_cluster_endpoint(request: Request) -> dict[str, Any]:
    params, backend = request.params, request.backend
    name = params["DBClusterEndpointIdentifier"].lower()
    cluster = _cluster(backend, params["DBClusterIdentifier"])
    _refuse_unready_cluster(backend, cluster.db_cluster_identifier, "creating", "deleting")
    if name in _endpoints(backend):
        raise ServiceError("DBClusterEndpointAlreadyExistsFault", f"There is an endpoint {name} already.")
    endpoint = ClusterEndpoint(backend, cluster, name, params.get("Tags"))
    endpoint.change(params)
    _endpoints(backend)[name] = endpoint
    CLOCK.turn(endpoint, "status", "creating", "available", "cluster_endpoint.creation")
    return endpoint.describe()


@operation("rds", "DescribeDBClusterEndpoints")
def describe_db_cluster_endpoints(request: Request) -> dict[str, Any]:
    """Without a name, a cluster's own two endpoints are told, too."""
    params, backend = request.params, request.backend
    wanted, name = params.get("DBClusterIdentifier"), params.get("DBClusterEndpointIdentifier")
    clusters = [_cluster(backend, wanted)] if wanted else list(backend.clusters.values())
    custom = [endpoint.describe() for endpoint in _endpoints(backend).values() if endpoint.cluster in clusters]
    own = [
        {
            "DBClusterIdentifier": cluster.db_cluster_identifier,
            "Endpoint": address,
            "Status": cluster.status if cluster.status == "creating" else "available",
            "EndpointType": kind,
        }
        for cluster in clusters
        for kind, address in (("WRITER", cluster.endpoint), ("READER", cluster.reader_endpoint))
    ]
    if name:
        found = [endpoint for endpoint in custom if endpoint["DBClusterEndpointIdentifier"] == name.lower()]
        return {"DBClusterEndpoints": found}
    return {"DBClusterEndpoints": [*own, *custom]}


@operation("rds", "ModifyDBClusterEndpoint")
def modify_db_cluster_endpoint(request: Request) -> dict[str, Any]:
    endpoint = _endpoint(request)
    _refuse_unready_endpoint(endpoint)
    endpoint.change(request.params)
    CLOCK.turn(endpoint, "status", "modifying", "available", "cluster_endpoint.modification")
    return endpoint.describe()


@operation("rds", "DeleteDBClusterEndpoint")
def delete_db_cluster_endpoint(request: Request) -> dict[str, Any]:
    endpoint, endpoints = _endpoint(request), _endpoints(request.backend)
    _refuse_unready_endpoint(endpoint)
    endpoint.status = "deleting"
    described = endpoint.describe()
    del endpoints[endpoint.name]
    CLOCK.linger(endpoints, endpoint.name, endpoint, "cluster_endpoint.deletion")
    return described


def _refuse_unready_endpoint(endpoint: ClusterEndpoint) -> None:
    if endpoint.status != "available":
        message = f"The endpoint {endpoint.name} is {endpoint.status}."
        raise ServiceError("InvalidDBClusterEndpointStateFault", message)


@mend(RDSBackend, "_get_resource_for_tagging")
def resource_for_tagging(original: Callable, self: Any, arn: str) -> Any:
    endpoint = _endpoints(self).get(arn.rpartition(":")[2]) if ":cluster-endpoint:" in arn else None
    return endpoint or original(self, arn)


# Instances of clusters


@mend(DBInstanceClustered, "__init__")
def create_member(original: Callable, self: Any, db_cluster_identifier: str, *args: Any, **kwargs: Any) -> None:
    """An instance is in its cluster's subnets unless it is told others, which AWS lets nobody do."""
    backend = kwargs.get("backend") or args[0]
    cluster = backend.clusters.get(db_cluster_identifier)
    if cluster and cluster.db_subnet_group_name in backend.subnet_groups:
        kwargs.setdefault("db_subnet_group_name", cluster.db_subnet_group_name)
    original(self, db_cluster_identifier, *args, **kwargs)


@mend(RDSBackend, "delete_db_instance")
def delete_member(original: Callable, self: Any, db_instance_identifier: str, **options: Any) -> DBInstance:
    """The last instance stays as long as its cluster replicates another one, or is replicated.

    https://github.com/hashicorp/terraform-provider-aws/pull/40409 and
    https://github.com/hashicorp/terraform-provider-aws/issues/26234 have AWS's answers.
    """
    instance = self.databases.get(db_instance_identifier)
    if isinstance(instance, DBInstanceClustered) and instance.cluster.members == [instance]:
        if instance.cluster.replication_source_identifier:
            message = (
                "Cannot delete the last instance of the read replica DB cluster. Promote the DB cluster to a standalone"
                " DB cluster in order to delete it."
            )
            raise ServiceError("InvalidDBClusterStateFault", message)
        if instance.cluster.read_replica_identifiers:
            message = (
                "Cannot delete the last instance of the master cluster. Delete the replica cluster before deleting the"
                " last master cluster instance."
            )
            raise ServiceError("InvalidDBClusterStateFault", message)
    return original(self, db_instance_identifier, **options)


# moto's instances keep log exports of their own, where Aurora's have those of their cluster:
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Integrating.CloudWatch.html
DBInstanceClustered.enabled_cloudwatch_logs_exports = property(
    lambda self: self.cluster.enabled_cloudwatch_logs_exports if hasattr(self, "cluster") else [],
    lambda self, value: None,
)


# The secret of the master user


@mend(MasterUserSecret, "secret_status")
def secret_status(original: Callable, self: MasterUserSecret) -> str:
    """The clock says when the secret is ready: with what it belongs to."""
    resource = self.resource
    return "creating" if resource.status == "creating" else "active"


@mend(MasterUserSecret, "_generate_secret_string")
def secret_string(original: Callable, self: MasterUserSecret) -> str:
    """A password that nobody knows; in moto everybody does.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html
    """
    return json.dumps({"username": self.resource.master_username, "password": secrets.token_urlsafe(21)})
