# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""RDS: parameter groups."""

import pytest

CLUSTER = {"DBClusterParameterGroupName": "example"}
INSTANCE = {"DBParameterGroupName": "example"}


@pytest.fixture
def rds(client):
    rds = client("rds")
    rds.create_db_cluster_parameter_group(**CLUSTER, DBParameterGroupFamily="aurora-mysql8.0", Description="Test")
    rds.create_db_parameter_group(**INSTANCE, DBParameterGroupFamily="mysql8.0", Description="Test")
    return rds


@pytest.fixture
def listed(rds):
    def listed(**arguments):
        if "DBClusterParameterGroupName" in arguments:
            found = rds.describe_db_cluster_parameters(**arguments)["Parameters"]
        else:
            found = rds.describe_db_parameters(**arguments)["Parameters"]
        return {entry["ParameterName"]: entry for entry in found}

    return listed


def change(name, value=None, method="immediate"):
    members = {"ParameterName": name, "ApplyMethod": method}
    return {**members, "ParameterValue": value} if value else members


def test_what_can_be_set(rds, listed):
    instance, cluster = listed(**INSTANCE), listed(**CLUSTER)
    assert instance["require_secure_transport"]["AllowedValues"] == "0,1"
    assert cluster["require_secure_transport"]["AllowedValues"] == "ON,OFF"
    assert (instance["binlog_format"]["ApplyType"], cluster["binlog_format"]["ApplyType"]) == ("dynamic", "static")
    assert "ParameterValue" not in instance["slow_query_log"]
    assert instance["slow_query_log"]["Source"] == "engine-default"
    assert instance["max_connections"]["ParameterValue"] == "{DBInstanceClassMemory/12582880}"
    defaults = rds.describe_engine_default_parameters(DBParameterGroupFamily="aurora-mysql8.0")["EngineDefaults"]
    assert "server_audit_logging" not in {entry["ParameterName"] for entry in defaults["Parameters"]}
    defaults = rds.describe_engine_default_cluster_parameters(DBParameterGroupFamily="aurora-mysql8.0")
    assert {entry["ParameterName"] for entry in defaults["EngineDefaults"]["Parameters"]} == cluster.keys()


def test_pages(rds, listed):
    pages = rds.get_paginator("describe_db_parameters").paginate(**INSTANCE, PaginationConfig={"PageSize": 20})
    pages = list(pages)
    assert len(pages) == 3
    assert {entry["ParameterName"] for page in pages for entry in page["Parameters"]} == listed(**INSTANCE).keys()


def test_set_and_reset(rds, listed):
    changes = [change("slow_query_log", "1"), change("performance_schema", "1", "pending-reboot")]
    rds.modify_db_parameter_group(**INSTANCE, Parameters=changes)
    assert {name: entry["ParameterValue"] for name, entry in listed(**INSTANCE, Source="user").items()} == {
        "slow_query_log": "1",
        "performance_schema": "1",
    }
    rds.reset_db_parameter_group(**INSTANCE, Parameters=[change("slow_query_log")])
    assert listed(**INSTANCE, Source="user").keys() == {"performance_schema"}
    rds.modify_db_cluster_parameter_group(**CLUSTER, Parameters=[change("require_secure_transport", "ON")])
    assert listed(**CLUSTER, Source="user").keys() == {"require_secure_transport"}
    rds.reset_db_cluster_parameter_group(**CLUSTER, ResetAllParameters=True)
    assert listed(**CLUSTER, Source="user") == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ([change("no_such_thing", "1")], "InvalidParameterValue"),
        ([change("basedir", "/tmp")], "InvalidParameterValue"),
        ([change("performance_schema", "1")], "InvalidParameterCombination"),
        ([change("slow_query_log", "1")] * 21, "InvalidParameterValue"),
    ],
)
def test_changes_that_are_refused(rds, refused, changes, code):
    with refused(code):
        rds.modify_db_parameter_group(**INSTANCE, Parameters=changes)


def test_what_is_not_there(rds, refused):
    instance, cluster = {"DBParameterGroupName": "missing"}, {"DBClusterParameterGroupName": "missing"}
    for call, name in (
        (rds.describe_db_parameter_groups, instance),
        (rds.describe_db_parameters, instance),
        (rds.delete_db_parameter_group, instance),
        (rds.describe_db_cluster_parameter_groups, cluster),
        (rds.describe_db_cluster_parameters, cluster),
        (rds.delete_db_cluster_parameter_group, cluster),
    ):
        with refused("DBParameterGroupNotFound"):
            call(**name)


def test_what_is_in_use_is_not_deleted(rds, refused):
    rds.create_db_instance(
        DBInstanceIdentifier="data", DBInstanceClass="db.t4g.medium", Engine="mysql", EngineVersion="8.0.42", **INSTANCE
    )
    with refused("InvalidDBParameterGroupState"):
        rds.delete_db_parameter_group(**INSTANCE)
    rds.create_db_cluster(
        DBClusterIdentifier="data",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="not-a-secret",
        **CLUSTER,
    )
    with refused("InvalidDBParameterGroupState"):
        rds.delete_db_cluster_parameter_group(**CLUSTER)
