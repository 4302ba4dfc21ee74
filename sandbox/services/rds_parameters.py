# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""RDS: parameter groups, of which moto knows neither what there is to set nor what is not there.

Some forty of the hundreds of parameters of MySQL 8 and Aurora MySQL 3; groups of other families have none. Which of
them are a cluster's, and which can be changed: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/
AuroraMySQL.Reference.ParameterGroups.html. Which are dynamic, and their ranges:
https://dev.mysql.com/doc/refman/8.0/en/server-system-variable-reference.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue
from moto.rds.models import DBClusterParameterGroup, DBParameterGroup, RDSBackend

from sandbox.errors import ServiceError
from sandbox.operations import Request, mend, operation

_SWITCH = "0,1"
_CHARACTER_SETS = "ascii,binary,latin1,sjis,ucs2,ujis,utf16,utf32,utf8,utf8mb3,utf8mb4"
_ZONES = "Africa/Cairo,America/New_York,Asia/Tokyo,Europe/Berlin,Europe/London,UTC,US/Pacific"
_SIZE = "5242880-18446744073709551615"
_SECONDS = "1-31536000"


@dataclass(frozen=True)
class Known:
    """A parameter as AWS lists it; value is what the engine's default group says, if it says anything."""

    name: str
    kind: str
    apply: str
    allowed: str
    value: str | None = None
    modifiable: bool = True


# In groups of MySQL's instances, of Aurora's instances, and of Aurora's clusters, which have these, too.
_COMMON = (
    Known("allow-suspicious-udfs", "boolean", "static", _SWITCH, modifiable=False),
    Known("autocommit", "boolean", "dynamic", _SWITCH),
    Known("basedir", "string", "static", "", "/rdsdbbin/mysql", modifiable=False),
    Known("connect_timeout", "integer", "dynamic", "2-31536000"),
    Known("general_log", "boolean", "dynamic", _SWITCH),
    Known("innodb_buffer_pool_size", "integer", "dynamic", _SIZE, "{DBInstanceClassMemory*3/4}"),
    Known("innodb_lock_wait_timeout", "integer", "dynamic", "1-1073741824"),
    Known("innodb_print_all_deadlocks", "boolean", "dynamic", _SWITCH),
    Known("innodb_read_io_threads", "integer", "static", "1-64"),
    Known("innodb_strict_mode", "boolean", "dynamic", _SWITCH),
    Known("innodb_write_io_threads", "integer", "static", "1-64"),
    Known("interactive_timeout", "integer", "dynamic", _SECONDS),
    Known("local_infile", "boolean", "dynamic", _SWITCH),
    Known("log_bin_trust_function_creators", "boolean", "dynamic", _SWITCH),
    Known("log_queries_not_using_indexes", "boolean", "dynamic", _SWITCH),
    Known("long_query_time", "float", "dynamic", "0-31536000"),
    Known("max_allowed_packet", "integer", "dynamic", "1024-1073741824"),
    Known("max_connect_errors", "integer", "dynamic", "1-9223372036854775807"),
    Known("net_read_timeout", "integer", "dynamic", _SECONDS),
    Known("performance_schema", "boolean", "static", _SWITCH),
    Known("port", "integer", "static", "", "{EndPointPort}", modifiable=False),
    Known("slow_query_log", "boolean", "dynamic", _SWITCH),
    Known("sql_mode", "list", "dynamic", "ANSI_QUOTES,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES"),
    Known("table_open_cache", "integer", "dynamic", "1-524288"),
    Known("thread_cache_size", "integer", "dynamic", "0-16384"),
    Known("wait_timeout", "integer", "dynamic", _SECONDS),
)
_MYSQL = (
    Known("binlog_format", "string", "dynamic", "ROW,STATEMENT,MIXED", "MIXED"),
    Known("binlog_row_image", "string", "dynamic", "full,minimal,noblob"),
    Known("character_set_client", "string", "dynamic", _CHARACTER_SETS),
    Known("character_set_server", "string", "dynamic", _CHARACTER_SETS),
    Known("collation_server", "string", "dynamic", ""),
    Known("event_scheduler", "string", "dynamic", "ON,OFF"),
    Known("gtid-mode", "string", "static", "OFF,OFF_PERMISSIVE,ON_PERMISSIVE,ON", "OFF_PERMISSIVE"),
    Known("innodb_file_per_table", "boolean", "dynamic", _SWITCH, "1"),
    Known("innodb_flush_log_at_trx_commit", "integer", "dynamic", "0-2", "1"),
    Known("log_output", "string", "dynamic", "TABLE,FILE,NONE", "TABLE"),
    Known("lower_case_table_names", "integer", "static", "0,1"),
    Known("max_connections", "integer", "dynamic", "1-100000", "{DBInstanceClassMemory/12582880}"),
    Known("read_only", "string", "dynamic", "0,1,{TrueIfReplica}", "{TrueIfReplica}"),
    # An instance says 0 and 1, a cluster OFF and ON: https://github.com/prowler-cloud/prowler/pull/4116
    Known("require_secure_transport", "boolean", "dynamic", _SWITCH, "0"),
    Known("sync_binlog", "integer", "dynamic", "0-4294967295", "1"),
    Known("time_zone", "string", "dynamic", _ZONES),
    Known("tls_version", "list", "static", "TLSv1.2,TLSv1.3"),
)
_AURORA_INSTANCE = (
    Known("log_output", "string", "dynamic", "TABLE,FILE,NONE", "FILE"),
    Known(
        "max_connections",
        "integer",
        "dynamic",
        "1-16000",
        "GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/8187281408)*1000})",
    ),
)
_AURORA_CLUSTER = (
    *_AURORA_INSTANCE,
    Known("aurora_load_from_s3_role", "string", "dynamic", ""),
    Known("binlog_format", "string", "static", "ROW,STATEMENT,MIXED,OFF", "OFF"),
    Known("binlog_row_image", "string", "dynamic", "full,minimal,noblob"),
    Known("character_set_client", "string", "dynamic", _CHARACTER_SETS),
    Known("character_set_server", "string", "dynamic", _CHARACTER_SETS),
    Known("collation_server", "string", "dynamic", ""),
    Known("innodb_file_per_table", "boolean", "dynamic", _SWITCH, "1"),
    Known("innodb_flush_log_at_trx_commit", "integer", "dynamic", "0-2", "1"),
    Known("lower_case_table_names", "integer", "static", "0,1"),
    Known("require_secure_transport", "string", "dynamic", "ON,OFF", "OFF"),
    Known("server_audit_events", "list", "dynamic", "CONNECT,QUERY,QUERY_DCL,QUERY_DDL,QUERY_DML,TABLE"),
    Known("server_audit_excl_users", "string", "dynamic", ""),
    Known("server_audit_incl_users", "string", "dynamic", ""),
    Known("server_audit_logging", "boolean", "dynamic", _SWITCH, "0"),
    Known("server_audit_logs_upload", "boolean", "dynamic", _SWITCH, "0"),
    Known("time_zone", "string", "dynamic", _ZONES),
    Known("tls_version", "list", "static", "TLSv1.2,TLSv1.3"),
)
_TABLES = {
    ("mysql8.0", False): (*_COMMON, *_MYSQL),
    ("mysql8.4", False): (*_COMMON, *_MYSQL),
    ("aurora-mysql8.0", False): (*_COMMON, *_AURORA_INSTANCE),
    ("aurora-mysql8.0", True): (*_COMMON, *_AURORA_CLUSTER),
}
PARAMETERS = {
    key: {known.name: known for known in sorted(table, key=lambda known: known.name)} for key, table in _TABLES.items()
}
# A page of parameters, and how many parameters one request may change.
_PAGE, _AT_ONCE = 100, 20

Group = DBParameterGroup | DBClusterParameterGroup


def _family(group: Group) -> tuple[str, bool]:
    if isinstance(group, DBClusterParameterGroup):
        return group.db_parameter_group_family, True
    return group.family, False


def _table(group: Group) -> dict[str, Known]:
    return PARAMETERS.get(_family(group), {})


def _entry(known: Known, is_set: dict[str, Any] | None = None) -> dict[str, Any]:
    entry = {
        "ParameterName": known.name,
        "Description": f"The parameter {known.name}",
        "Source": "engine-default" if known.value is None else "system",
        "ApplyType": known.apply,
        "DataType": known.kind,
        "IsModifiable": known.modifiable,
        "ApplyMethod": "pending-reboot",
    }
    if known.allowed:
        entry["AllowedValues"] = known.allowed
    if known.value is not None:
        entry["ParameterValue"] = known.value
    if is_set:
        entry |= {"Source": "user", **is_set}
    return entry


def _listed(group: Group, request: Request) -> dict[str, Any]:
    table = _table(group)
    entries = [_entry(known, group.parameters.get(name)) for name, known in table.items()]
    # What another tool has put into a group of a family that has no table here.
    entries += [
        _entry(Known(name, "string", "dynamic", ""), is_set)
        for name, is_set in group.parameters.items()
        if name not in table
    ]
    source = request.params.get("Source")
    return _page([entry for entry in entries if source in (None, entry["Source"])], request)


def _page(entries: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    start, size = int(request.params.get("Marker") or 0), request.params.get("MaxRecords") or _PAGE
    more = {"Marker": str(start + size)} if start + size < len(entries) else {}
    return {"Parameters": entries[start : start + size], **more}


def _group(request: Request) -> Group:
    name = request.params.get("DBClusterParameterGroupName")
    groups = request.backend.db_cluster_parameter_groups if name else request.backend.db_parameter_groups
    name = name or request.params["DBParameterGroupName"]
    if name not in groups:
        raise ServiceError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)
    return groups[name]


@operation("rds", "DescribeDBParameters", instead_of_moto="It lists only what has been set, on one page.")
def describe_db_parameters(request: Request) -> dict[str, Any]:
    return _listed(_group(request), request)


@operation("rds", "DescribeDBClusterParameters", instead_of_moto="It lists only what has been set, on one page.")
def describe_db_cluster_parameters(request: Request) -> dict[str, Any]:
    return _listed(_group(request), request)


def _defaults(request: Request, of_clusters: bool) -> dict[str, Any]:
    family = request.params["DBParameterGroupFamily"]
    table = PARAMETERS.get((family, of_clusters), {})
    return {"EngineDefaults": {"DBParameterGroupFamily": family, **_page([*map(_entry, table.values())], request)}}


@operation("rds", "DescribeEngineDefaultParameters")
def describe_engine_default_parameters(request: Request) -> dict[str, Any]:
    return _defaults(request, of_clusters=False)


@operation("rds", "DescribeEngineDefaultClusterParameters")
def describe_engine_default_cluster_parameters(request: Request) -> dict[str, Any]:
    return _defaults(request, of_clusters=True)


@mend(RDSBackend, "describe_db_parameter_groups")
def describe_db_parameter_groups(
    original: Callable, self: RDSBackend, db_parameter_group_kwargs: dict[str, Any]
) -> list[DBParameterGroup]:
    name = db_parameter_group_kwargs.get("db_parameter_group_name")
    if name and name not in self.db_parameter_groups:
        raise ServiceError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)
    return [self.db_parameter_groups[name]] if name else original(self, db_parameter_group_kwargs)


@mend(RDSBackend, "describe_db_cluster_parameter_groups")
def describe_db_cluster_parameter_groups(
    original: Callable, self: RDSBackend, group_name: str
) -> list[DBClusterParameterGroup]:
    if group_name and group_name not in self.db_cluster_parameter_groups:
        raise ServiceError("DBParameterGroupNotFound", f"DBClusterParameterGroup not found: {group_name}", 404)
    return original(self, group_name)


def _check_changes(group: Group, changes: list[dict[str, Any]]) -> None:
    """What AWS says of static and unknown parameters, and of its own groups, is known from issues of Terraform's."""
    if group.name.startswith("default."):
        raise InvalidParameterValue("Cannot modify a default parameter group.")
    if len(changes) > _AT_ONCE:
        raise InvalidParameterValue(f"At most {_AT_ONCE} parameters can be changed at once.")
    table = _table(group)
    for change in changes:
        known = table.get(change["ParameterName"])
        if known is None and table:
            raise InvalidParameterValue(f"Could not find parameter with name: {change['ParameterName']}")
        if known and not known.modifiable:
            raise InvalidParameterValue(f"The parameter {known.name} cannot be modified.")
        if known and known.apply == "static" and change.get("ApplyMethod") == "immediate":
            raise InvalidParameterCombination("cannot use immediate apply method for static parameter")


def _wait_for_reboot(backend: RDSBackend, group: Group, changes: list[dict[str, Any]]) -> None:
    """The instances that use a group need a reboot when what was changed in it waits for one."""
    if all(change.get("ApplyMethod") == "immediate" for change in changes):
        return
    for instance in backend.databases.values():
        cluster = getattr(instance, "cluster", None)
        if group in instance.db_parameter_groups():
            instance.parameters_wait = True
        elif cluster and (cluster.parameter_group or "").lower() == group.name and _family(group)[1]:
            instance.cluster_parameters_wait = True


@mend(RDSBackend, "modify_db_parameter_group")
def modify_db_parameter_group(
    original: Callable, self: RDSBackend, db_parameter_group_name: str, db_parameter_group_parameters: Any
) -> DBParameterGroup:
    group, changes = self.db_parameter_groups.get(db_parameter_group_name), list(db_parameter_group_parameters)
    if group:
        _check_changes(group, changes)
        _wait_for_reboot(self, group, changes)
    return original(self, db_parameter_group_name, changes)


@mend(RDSBackend, "modify_db_cluster_parameter_group")
def modify_db_cluster_parameter_group(
    original: Callable,
    self: RDSBackend,
    db_cluster_parameter_group_name: str,
    db_cluster_parameter_group_parameters: Any,
) -> DBClusterParameterGroup:
    group = self.db_cluster_parameter_groups.get(db_cluster_parameter_group_name)
    changes = list(db_cluster_parameter_group_parameters)
    if group:
        _check_changes(group, changes)
        _wait_for_reboot(self, group, changes)
    return original(self, db_cluster_parameter_group_name, changes)


def _reset(request: Request) -> Group:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ResetDBParameterGroup.html"""
    group, params = _group(request), request.params
    changes = params.get("Parameters") or []
    if params.get("ResetAllParameters"):
        if changes:
            raise InvalidParameterCombination("ResetAllParameters cannot be used with a list of parameters.")
        table = _table(group)
        changes = [
            {
                "ParameterName": name,
                "ApplyMethod": "pending-reboot" if name in table and table[name].apply == "static" else "immediate",
            }
            for name in group.parameters
        ]
    else:
        _check_changes(group, changes)
    for change in changes:
        group.parameters.pop(change["ParameterName"], None)
    _wait_for_reboot(request.backend, group, changes)
    return group


@operation("rds", "ResetDBParameterGroup")
def reset_db_parameter_group(request: Request) -> dict[str, Any]:
    return {"DBParameterGroupName": _reset(request).name}


@operation("rds", "ResetDBClusterParameterGroup")
def reset_db_cluster_parameter_group(request: Request) -> dict[str, Any]:
    return {"DBClusterParameterGroupName": _reset(request).name}


@mend(RDSBackend, "delete_db_parameter_group")
def delete_db_parameter_group(original: Callable, self: RDSBackend, db_parameter_group_name: str) -> DBParameterGroup:
    group = self.db_parameter_groups.get(db_parameter_group_name)
    if group and any(group in instance.db_parameter_groups() for instance in self.databases.values()):
        message = "One or more database instances are still members of this parameter group, so it cannot be deleted"
        raise ServiceError("InvalidDBParameterGroupState", message)
    return original(self, db_parameter_group_name)


@mend(RDSBackend, "delete_db_cluster_parameter_group")
def delete_db_cluster_parameter_group(
    original: Callable, self: RDSBackend, db_cluster_parameter_group_name: str
) -> None:
    name = db_cluster_parameter_group_name.lower()
    if any((cluster.parameter_group or "").lower() == name for cluster in self.clusters.values()):
        message = "One or more database clusters are still members of this parameter group, so it cannot be deleted"
        raise ServiceError("InvalidDBParameterGroupState", message)
    original(self, db_cluster_parameter_group_name)
