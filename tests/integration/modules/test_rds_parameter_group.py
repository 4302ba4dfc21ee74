# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

NAME = "example"


def test_story_of_a_cluster_group(modules):
    def drift(sandbox):
        parameters = [{"ParameterName": "time_zone", "ParameterValue": "UTC", "ApplyMethod": "immediate"}]
        sandbox.client("rds", REGION).modify_db_cluster_parameter_group(
            DBClusterParameterGroupName=NAME, Parameters=parameters
        )

    audit = {"server_audit_logging": True, "server_audit_events": ["CONNECT", "QUERY_DCL"]}
    modules.tell(
        Story(
            module="rds_parameter_group",
            returns="parameter_group",
            identity={"name": NAME, "type": "cluster"},
            present={
                "family": "aurora-mysql8.0",
                "description": "Test",
                "parameters": {"require_secure_transport": True, "binlog_format": "row", **audit},
                "tags": {"Number": 1},
            },
            changes=(
                {"parameters": {"require_secure_transport": "ON", "slow_query_log": 1, "long_query_time": 0.5}},
                {"tags": {"Environment": "test"}, "parameters": {}},
            ),
            drift=drift,
            unpredictable=frozenset({"arn"}),
        )
    )


def set_parameters(sandbox):
    rds = sandbox.client("rds", REGION)
    found = rds.describe_db_parameters(DBParameterGroupName=NAME, Source="user")["Parameters"]
    return {entry["ParameterName"]: (entry["ParameterValue"], entry["ApplyMethod"]) for entry in found}


def test_an_instance_group(modules, sandbox):
    """Values in every spelling, and more of them than one request takes."""
    arguments = {"name": "Example", "type": "instance", "family": "mysql8.0", "purge_parameters": False}
    parameters = {
        "require_secure_transport": True,
        "general_log": "ON",
        "log_output": "file",
        "max_connections": "{DBInstanceClassMemory/12582880}",
        "innodb_buffer_pool_size": "{DBInstanceClassMemory*1/2}",
        "performance_schema": 1,
        "sync_binlog": 1,
        **dict.fromkeys(("autocommit", "innodb_print_all_deadlocks", "innodb_strict_mode", "slow_query_log"), True),
        **dict.fromkeys(("local_infile", "log_queries_not_using_indexes", "innodb_file_per_table"), False),
        **dict.fromkeys(("connect_timeout", "interactive_timeout", "wait_timeout", "net_read_timeout"), 60),
        **dict.fromkeys(("innodb_read_io_threads", "innodb_write_io_threads"), 8),
        "character_set_server": "utf8mb4",
        "collation_server": "utf8mb4_0900_ai_ci",
        "time_zone": "Asia/Tokyo",
        "long_query_time": "1.5",
    }
    created = modules.run("rds_parameter_group", **arguments, parameters=parameters)
    assert created["needs_reboot"] == []
    found = set_parameters(sandbox)
    # max_connections and sync_binlog have these values already.
    assert found.keys() == parameters.keys() - {"max_connections", "sync_binlog"}
    assert found["require_secure_transport"] == ("1", "immediate")
    assert found["log_output"] == ("FILE", "immediate")
    assert found["performance_schema"] == ("1", "pending-reboot")
    assert found["innodb_buffer_pool_size"] == ("{DBInstanceClassMemory*1/2}", "immediate")
    assert not modules.run("rds_parameter_group", **arguments, parameters=parameters)["changed"]

    changed = {"performance_schema": False, "wait_timeout": 61}
    for check in (True, False):
        answer = modules.run("rds_parameter_group", check, **arguments, parameters=changed)
        assert (answer["changed"], answer["needs_reboot"]) == (True, ["performance_schema"])
    assert len(set_parameters(sandbox)) == len(found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "needs family"),
        ({"family": "mysql8.0", "parameters": {"slow_query_logs": 1}}, "Did you mean slow_query_log?"),
        ({"family": "mysql8.0", "parameters": {"port": 3307}}, "port cannot be changed"),
        ({"family": "mysql8.0", "parameters": {"binlog_format": "ROWS"}}, "Did you mean ROW?"),
        (
            {"family": "aurora-mysql8.0", "parameters": {"server_audit_logging": 1}},
            "Groups of the type cluster have more",
        ),
    ],
)
def test_refused(modules, arguments, said):
    assert said in modules.attempt("rds_parameter_group", True, name=NAME, type="instance", **arguments)["msg"]


def test_a_group_in_use_is_not_deleted(modules, sandbox):
    group = {"name": NAME, "type": "instance"}
    modules.run("rds_parameter_group", **group, family="mysql8.0")
    sandbox.client("rds", REGION).create_db_instance(
        DBInstanceIdentifier="data",
        DBInstanceClass="db.t4g.medium",
        Engine="mysql",
        EngineVersion="8.0.42",
        DBParameterGroupName=NAME,
    )
    refused = modules.attempt("rds_parameter_group", **group, state="absent", wait_timeout=1)
    assert "still members of this parameter group" in refused["msg"]
