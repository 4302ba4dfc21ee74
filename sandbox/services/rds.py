# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""RDS: instances take their time, and make changes when AWS does; clusters are in rds_clusters.py.

What AWS does stands in the API reference, under the operation that a function here is named after:
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/
What can be done in which state:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue
from moto.rds.models import DBCluster, DBInstance, DBInstanceClustered, RDSBackend, rds_backends

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import mend
from sandbox.services import rds_clusters

_UNREADY = ("creating", "modifying", "rebooting", "deleting")

# Changes for which RDS moves or restarts the instance.
_SLOW_CHANGES = {"allocated_storage", "db_instance_class", "engine_version", "iops", "multi_az", "storage_type"}

# Changes that wait for the maintenance window unless they are to be made at once, and what they are called while they
# wait: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
_WAITING = {
    "allocated_storage": "AllocatedStorage",
    "ca_certificate_identifier": "CACertificateIdentifier",
    "db_instance_class": "DBInstanceClass",
    "db_subnet_group_name": "DBSubnetGroupName",
    "enable_iam_database_authentication": "IAMDatabaseAuthenticationEnabled",
    "engine_version": "EngineVersion",
    "iops": "Iops",
    "multi_az": "MultiAZ",
    "storage_throughput": "StorageThroughput",
    "storage_type": "StorageType",
}
_STORAGE = ("allocated_storage", "iops", "storage_throughput", "storage_type")

# The certificate authority of new instances: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/
# UsingWithRDS.SSL.html
_AUTHORITY = "rds-ca-rsa2048-g1"

# From which size gp3 storage can be told IOPS and throughput, and what it has by default, below and from there:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage
_GP3_THRESHOLD = 400
_GP3_SMALL, _GP3_LARGE = (3000, 125), (12000, 500)


def _kind(instance: DBInstance) -> str:
    return "aurora_instance" if isinstance(instance, DBInstanceClustered) else "rds_instance"


def _refuse_unready_instance(backend: Any, name: str, *states: str) -> None:
    instance = backend.databases.get(name)
    if instance and instance.status in states:
        message = f"Instance {name} is {instance.status}, so that this cannot be done with it."
        raise ServiceError("InvalidDBInstanceState", message)


# What an instance tells


@mend(DBInstance, "endpoint")
def endpoint(original: Callable, self: DBInstance) -> dict[str, Any] | None:
    """An instance that is being created has no address yet."""
    return None if self.status == "creating" else original(self)


@mend(DBInstance, "default_db_parameter_group_details")
def default_db_parameter_group_details(original: Callable, self: DBInstance) -> tuple[str, str]:
    """The default group is that of the first two numbers of the version, of Aurora's as of MySQL's."""
    if "mysql" not in self.engine:
        return original(self)
    family = f"{self.engine}{'.'.join(self.engine_version.split('.')[:2])}"
    return family, f"default.{family}"


@mend(DBInstance, "db_parameter_group_status_list")
def db_parameter_group_status_list(original: Callable, self: DBInstance) -> list[dict[str, Any]]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBParameterGroupStatus.html"""
    status = "pending-reboot" if self.parameters_wait else "in-sync"
    return [
        {"DBParameterGroupName": group.name, "ParameterApplyStatus": status} for group in self.db_parameter_groups()
    ]


# Whether parameters wait until the instance is rebooted: its own, and its cluster's.
DBInstance.parameters_wait = False
DBInstance.cluster_parameters_wait = False


@mend(DBCluster, "db_cluster_members")
def db_cluster_members(original: Callable, self: DBCluster) -> list[dict[str, Any]]:
    """Each member tells whether it runs with the cluster's parameters as they are."""
    waiting = {instance.db_instance_identifier for instance in self.members if instance.cluster_parameters_wait}
    return [
        {**member, "DBClusterParameterGroupStatus": "pending-reboot"}
        if member["DBInstanceIdentifier"] in waiting
        else member
        for member in original(self)
    ]


@mend(DBInstance, "db_subnet_group_name")
def db_subnet_group_name(original: Callable, self: DBInstance) -> str | None:
    return self._db_subnet_group_name


# Creation


def _check_storage(engine: str, told: dict[str, Any], size: int | None) -> None:
    """The words of AWS: https://github.com/hashicorp/terraform-provider-aws/issues/28160"""
    small = told.get("storage_type") == "gp3" and engine == "mysql" and size and size < _GP3_THRESHOLD
    if small and (told.get("iops") or told.get("storage_throughput")):
        raise InvalidParameterCombination(
            f"You can't specify IOPS or storage throughput for engine {engine} and a storage size less than"
            f" {_GP3_THRESHOLD}."
        )


def _check_groups(backend: Any, told: dict[str, Any]) -> None:
    subnets = told.get("db_subnet_group_name")
    if subnets and subnets != "default" and subnets not in backend.subnet_groups:
        raise ServiceError("DBSubnetGroupNotFoundFault", f"DB subnet group '{subnets}' does not exist.")


def _default_subnet_group(backend: Any) -> str | None:
    """The group that AWS makes of the default VPC's subnets when an instance is told none; None without such a VPC.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    """
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    vpc = ec2.default_vpc
    subnets = [subnet for subnet in ec2.describe_subnets() if vpc and subnet.vpc_id == vpc.id]
    if not subnets:
        return None
    if "default" not in backend.subnet_groups:
        backend.create_subnet_group("default", "default", subnets, [])
    return "default"


def _check_monitoring(told: dict[str, Any], instance: DBInstance | None = None) -> None:
    interval = told.get("monitoring_interval", getattr(instance, "monitoring_interval", 0))
    if interval and not told.get("monitoring_role_arn"):
        raise InvalidParameterCombination(
            "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."
        )


def _insights(backend: Any, told: dict[str, Any]) -> dict[str, Any]:
    """The members of Performance Insights: its data are always encrypted, and kept for a week."""
    if not told.get("enable_performance_insights"):
        return dict.fromkeys(_INSIGHTS)
    return {
        "performance_insights_enabled": True,
        "performance_insights_kms_key_id": backend._validate_kms_key(
            told.get("performance_insights_kms_key_id") or "alias/aws/rds"
        ),
        "performance_insights_retention_period": told.get("performance_insights_retention_period") or 7,
    }


_INSIGHTS = (
    "performance_insights_enabled",
    "performance_insights_kms_key_id",
    "performance_insights_retention_period",
)


def _resource_id() -> str:
    return f"db-{''.join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(26))}"


def _settle_gp3(instance: DBInstance) -> None:
    """gp3 storage has IOPS and throughput, whether they were told or not."""
    if instance.storage_type != "gp3":
        return
    iops, throughput = _GP3_SMALL if instance.allocated_storage < _GP3_THRESHOLD else _GP3_LARGE
    instance.iops = instance.iops or iops
    instance.storage_throughput = instance.storage_throughput or throughput


@mend(RDSBackend, "create_db_instance")
def create_db_instance(original: Callable, self: Any, db_kwargs: dict[str, Any]) -> DBInstance:
    told = {name: value for name, value in dict(db_kwargs).items() if value is not None}
    for window in ("preferred_maintenance_window", "preferred_backup_window"):
        if told.get(window):
            told[window] = told[window].lower()
    _check_groups(self, told)
    _check_monitoring(told)
    told.setdefault("ca_certificate_identifier", _AUTHORITY)
    cluster = self.clusters.get(told.get("db_cluster_identifier", ""))
    if "db_subnet_group_name" not in told and (not cluster or cluster.db_subnet_group_name not in self.subnet_groups):
        told["db_subnet_group_name"] = _default_subnet_group(self)
    alone = not told.get("db_cluster_identifier")
    if alone:
        if told.get("manage_master_user_password") and told.get("master_user_password"):
            message = "You can't specify MasterUserPassword with ManageMasterUserPassword."
            raise InvalidParameterCombination(message)
        rds_clusters.check_characters(told)
        _check_storage(told["engine"], told, told.get("allocated_storage"))
        if told["engine"] == "mysql":
            told["engine_version"] = rds_clusters._known_version("mysql", told.get("engine_version"))
        if told.get("kms_key_id") or told.get("storage_encrypted"):
            told["kms_key_id"] = self._validate_kms_key(told.get("kms_key_id") or "alias/aws/rds")
            told["storage_encrypted"] = True
    instance = original(self, told)
    instance.dbi_resource_id = _resource_id()
    instance.pending_modified_values = {}
    for name, value in _insights(self, told).items():
        setattr(instance, name, value)
    if alone:
        _settle_gp3(instance)
    CLOCK.turn(instance, "status", "creating", "available", f"{_kind(instance)}.creation")
    if not alone:
        rds_clusters.start_replication(instance.cluster)
    return instance


@mend(RDSBackend, "create_db_instance_read_replica")
def create_db_instance_read_replica(original: Callable, self: Any, db_kwargs: dict[str, Any]) -> DBInstance:
    """A replica is an instance of its own: moto's shares with its source what AWS's does not.

    Sources whose password RDS manages have none: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/
    rds-secrets-manager.html#rds-secrets-manager-limitations
    """
    told = {name: value for name, value in dict(db_kwargs).items() if value is not None}
    source = self.find_db_from_id(told["source_db_instance_identifier"])
    _refuse_unready_instance(source.backend, source.db_instance_identifier, *_UNREADY)
    if not source.backup_retention_period:
        message = "Automated backups are not enabled for this database instance."
        raise ServiceError("InvalidDBInstanceState", message)
    if source.manage_master_user_password:
        raise InvalidParameterValue(
            f"Creating read replicas for source instance with engine {source.engine} where ManageMasterUserPassword is "
            "enabled is not supported."
        )
    if told["db_instance_identifier"] in self.databases:
        raise ServiceError("DBInstanceAlreadyExists", "DB instance already exists")
    abroad = source.backend is not self
    if not abroad and source.engine == "mysql" and told.get("db_parameter_group_name"):
        # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html
        raise InvalidParameterCombination(
            "A parameter group can't be specified during Read Replica creation for the following DB engine: mysql"
        )
    if abroad and ":" not in told["source_db_instance_identifier"]:
        raise InvalidParameterCombination("The source of a replica in another region is told by its ARN.")
    if abroad and source.storage_encrypted and not told.get("kms_key_id"):
        raise InvalidParameterCombination("A KmsKeyId is needed for an encrypted replica in another region.")
    _check_groups(self, told)
    _check_monitoring(told)
    own = {
        "backup_retention_period": 0,
        "deletion_protection": False,
        "enable_iam_database_authentication": False,
        "enabled_cloudwatch_logs_exports": told.pop("enable_cloudwatch_logs_exports", []),
        "manage_master_user_password": False,
        "monitoring_interval": 0,
        "monitoring_role_arn": None,
        "multi_az": False,
        "pending_modified_values": {},
        "parameters_wait": False,
        "tags": told.pop("tags", []),
        "dbi_resource_id": _resource_id(),
        **_insights(self, told),
    }
    for name in ("enable_performance_insights", "performance_insights_kms_key_id"):
        told.pop(name, None)
    # moto looks for the group where the source is.
    subnets = told.pop("db_subnet_group_name", None)
    if abroad:
        # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html
        subnets = subnets or _default_subnet_group(self)
        own |= {"db_parameter_group_name": None, "db_subnet_group": None}
        own["vpc_security_group_ids"] = rds_clusters._default_security_group(self, subnets)
        own["availability_zone"] = f"{self.region_name}a"
    if told.get("kms_key_id"):
        told["kms_key_id"] = self._validate_kms_key(told["kms_key_id"])
    name = source.db_instance_arn if abroad else source.db_instance_identifier
    replica = original(self, {**own, **told, "source_db_instance_identifier": told["source_db_instance_identifier"]})
    for attribute, value in own.items():
        if attribute not in told:
            setattr(replica, attribute, value)
    if subnets:
        replica.db_subnet_group_name = subnets
    replica.source_db_instance_identifier = name
    CLOCK.turn(replica, "status", "creating", "available", f"{_kind(replica)}.creation")
    return replica


@mend(DBInstance, "remove_replica")
def remove_replica(original: Callable, self: DBInstance, replica: DBInstance) -> None:
    """A source knows its replicas in other regions by their ARNs."""
    own = replica.db_instance_identifier if replica.region == self.region else replica.db_instance_arn
    self.replicas = [known for known in self.replicas if known != own]


# Change


def _changes(instance: DBInstance, told: dict[str, Any]) -> dict[str, Any]:
    """What of the changes that can wait is told."""
    return {name: told.pop(name) for name in _WAITING if name in told}


def _check_size(instance: DBInstance, told: dict[str, Any]) -> None:
    """Storage grows by a tenth at least: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/
    USER_PIOPS.ModifyingExisting.html. The words: https://github.com/hashicorp/terraform-provider-aws/issues/33512
    """
    size = told.get("allocated_storage")
    if size and size < instance.allocated_storage:
        raise InvalidParameterCombination(f"Requested storage size ({size}) cannot be decreased.")
    if size and size > instance.allocated_storage:
        told["allocated_storage"] = max(size, -(-instance.allocated_storage * 11 // 10))
    after = {name: told.get(name, getattr(instance, name)) for name in _STORAGE}
    _check_storage(instance.engine, {**told, "storage_type": after["storage_type"]}, after["allocated_storage"])
    small = after["storage_type"] == "gp3" and after["allocated_storage"] < _GP3_THRESHOLD
    has_iops = after["storage_type"] in ("gp3", "io1", "io2") and not small
    if has_iops and {"allocated_storage", "iops"} & told.keys() and not {"allocated_storage", "iops"} <= told.keys():
        raise InvalidParameterCombination(
            "You must specify both the storage size and iops when modifying the storage size or iops on a DB instance"
            " that has iops."
        )


def _check_password(instance: DBInstance, told: dict[str, Any]) -> None:
    managed = told.get("manage_master_user_password")
    rds_clusters.check_characters(told)
    if managed is False and not told.get("master_user_password"):
        raise InvalidParameterCombination("A MasterUserPassword is needed when it is no longer managed.")
    if (instance.manage_master_user_password or managed) and managed is not False and told.get("master_user_password"):
        raise InvalidParameterCombination("You can't specify MasterUserPassword with ManageMasterUserPassword.")
    if managed and instance.manage_master_user_password:
        told.pop("manage_master_user_password")


@mend(RDSBackend, "modify_db_instance")
def modify_db_instance(
    original: Callable, self: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]
) -> DBInstance:
    """Only an instance that is ready can be changed, and larger changes keep it busy when they are made at once.

    What can wait, waits for the maintenance window unless it is to be made at once, which takes all that waits along.
    moto applies everything.
    """
    _refuse_unready_instance(self, db_instance_identifier, *_UNREADY)
    instance = self.describe_db_instances(db_instance_identifier)[0]
    told = {name: value for name, value in dict(db_kwargs).items() if value is not None}
    at_once = told.pop("apply_immediately", False)
    if "db_port_number" in told:
        told["port"] = told.pop("db_port_number")
    _check_groups(self, told)
    if {"monitoring_interval", "monitoring_role_arn"} & told.keys():
        _check_monitoring(told, instance)
    if isinstance(instance, DBInstanceClustered):
        _refuse_what_is_the_clusters(told)
    else:
        _check_size(instance, told)
        _check_password(instance, told)
        version = told.get("engine_version")
        if instance.engine == "mysql" and version:
            told["engine_version"] = rds_clusters._known_version("mysql", version)
    if "enable_performance_insights" in told:
        for name, value in _insights(self, {**_told_insights(instance), **told}).items():
            setattr(instance, name, value)
    elif told.get("performance_insights_retention_period"):
        instance.performance_insights_retention_period = told["performance_insights_retention_period"]
    for name in ("enable_performance_insights", "performance_insights_kms_key_id"):
        told.pop(name, None)
    told.pop("performance_insights_retention_period", None)
    if told.get("db_parameter_group_name") not in (None, instance.db_parameter_groups()[0].name):
        instance.parameters_wait = True
    waiting = _changes(instance, told)
    original(self, db_instance_identifier, told)
    _change_or_wait(instance, waiting, at_once)
    return instance


def _refuse_what_is_the_clusters(told: dict[str, Any]) -> None:
    of_cluster = {"allocated_storage", "backup_retention_period", "engine_version", "storage_type", "multi_az"}
    if of_cluster & told.keys():
        raise InvalidParameterCombination("This is set for the cluster, with ModifyDBCluster.")


def _told_insights(instance: DBInstance) -> dict[str, Any]:
    known = {name: getattr(instance, name, None) for name in _INSIGHTS[1:]}
    return {name: value for name, value in known.items() if value}


def _change_or_wait(instance: DBInstance, changes: dict[str, Any], at_once: bool) -> None:
    pending = dict(instance.pending_modified_values)
    for name, value in changes.items():
        pending.pop(_WAITING[name], None)
        if value != getattr(instance, name):
            pending[_WAITING[name]] = value
    slow = False
    if at_once:
        attributes = {member: name for name, member in _WAITING.items()}
        slow = any(attributes[member] in _SLOW_CHANGES for member in pending)
        # The type first: throughput belongs to gp3 alone.
        for member in sorted(pending, key=lambda member: member != "StorageType"):
            setattr(instance, attributes[member], pending[member])
        pending = {}
        if not isinstance(instance, DBInstanceClustered):
            _settle_gp3(instance)
    instance.pending_modified_values = pending
    if slow and instance.status == "available":
        CLOCK.turn(instance, "status", "modifying", "available", "rds_instance.modification")


@mend(RDSBackend, "create_db_snapshot")
def create_db_snapshot(original: Callable, self: Any, db_instance_identifier: str, *args: Any, **kwargs: Any) -> Any:
    _refuse_unready_instance(self, db_instance_identifier, *_UNREADY)
    return original(self, db_instance_identifier, *args, **kwargs)


@mend(RDSBackend, "reboot_db_instance")
def reboot_db_instance(original: Callable, self: Any, db_instance_identifier: str) -> DBInstance:
    """It runs with its parameters, and its cluster's, as they are from then on."""
    _refuse_unready_instance(self, db_instance_identifier, *_UNREADY)
    instance = original(self, db_instance_identifier)
    instance.parameters_wait = instance.cluster_parameters_wait = False
    CLOCK.turn(instance, "status", "rebooting", "available", "rds_instance.reboot")
    return instance


@mend(RDSBackend, "modify_db_subnet_group")
def modify_db_subnet_group(original: Callable, self: Any, subnet_name: str, *args: Any) -> Any:
    """A group that was changed is still there; moto takes it out."""
    group = original(self, subnet_name, *args)
    self.subnet_groups[subnet_name] = group
    return group


@mend(RDSBackend, "delete_db_instance")
def delete_db_instance(original: Callable, self: Any, db_instance_identifier: str, **options: Any) -> DBInstance:
    """An instance of its own goes with a last snapshot or expressly without; its replicas go on without it."""
    _refuse_unready_instance(self, db_instance_identifier, "deleting")
    instance = self.databases.get(db_instance_identifier)
    snapshot, skip = options.get("final_db_snapshot_identifier"), options.get("skip_final_snapshot")
    if instance and not isinstance(instance, DBInstanceClustered):
        if snapshot and (skip or instance.is_replica):
            raise InvalidParameterCombination("FinalDBSnapshotIdentifier cannot be specified here.")
        if not snapshot and not skip:
            raise InvalidParameterCombination(
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
            )
    elif instance and snapshot:
        message = "FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance"
        raise InvalidParameterCombination(message)
    instance = original(self, db_instance_identifier, **options)
    _release_replicas(instance)
    CLOCK.linger(self.databases, db_instance_identifier, instance, f"{_kind(instance)}.deletion")
    return instance


def _release_replicas(instance: DBInstance) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html says that they become instances."""
    for name in instance.replicas:
        backend = rds_backends[instance.account_id][name.split(":")[3]] if ":" in name else instance.backend
        replica = backend.databases.get(name.rpartition(":")[2])
        if replica:
            replica.is_replica, replica.source_db_instance_identifier = False, None
