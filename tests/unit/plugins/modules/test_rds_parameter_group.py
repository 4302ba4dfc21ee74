# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import rds_parameter_group


def entry(name="x", allowed="", kind="string", apply="dynamic", **members):
    known = {"ParameterName": name, "DataType": kind, "ApplyType": apply, "IsModifiable": True, **members}
    return {**known, "AllowedValues": allowed} if allowed else known


@pytest.mark.parametrize(
    ("known", "value", "text"),
    [
        (entry(allowed="0,1", kind="boolean"), True, "1"),
        (entry(allowed="0,1", kind="boolean"), "ON", "1"),
        (entry(allowed="0,1", kind="boolean"), 0, "0"),
        (entry(allowed="ON,OFF"), True, "ON"),
        (entry(allowed="ON,OFF"), "off", "OFF"),
        (entry(allowed="ON,OFF"), 1, "ON"),
        (entry(allowed="on,off"), False, "off"),
        (entry(allowed="OFF,OFF_PERMISSIVE,ON_PERMISSIVE,ON"), True, "ON"),
        (entry(allowed="ROW,STATEMENT,MIXED"), "row", "ROW"),
        (entry(allowed="0,1,{TrueIfReplica}"), "{TrueIfReplica}", "{TrueIfReplica}"),
        (entry(allowed="Africa/Cairo,Asia/Tokyo"), "asia/tokyo", "Asia/Tokyo"),
        (entry(allowed="0-2", kind="integer"), 1, "1"),
        (entry(allowed="0,1,2", kind="integer"), 2, "2"),
        (
            entry(allowed="1-100000", kind="integer"),
            "{DBInstanceClassMemory/12582880}",
            "{DBInstanceClassMemory/12582880}",
        ),
        (entry(allowed="0-31536000", kind="float"), 0.5, "0.5"),
        (entry(allowed="CONNECT,QUERY,TABLE", kind="list"), ["CONNECT", "QUERY"], "CONNECT,QUERY"),
        (entry(), "a,b", "a,b"),
        (entry(), "", ""),
    ],
)
def test_values_as_rds_takes_them(known, value, text):
    assert rds_parameter_group.normalised(known, value) == text


@pytest.mark.parametrize(
    ("known", "value", "said"),
    [
        (entry(allowed="ROW,STATEMENT,MIXED"), "ROWS", "x does not take 'ROWS'. Did you mean ROW?"),
        (entry(allowed="ROW,STATEMENT,MIXED"), True, "x does not take True. It takes: ROW, STATEMENT, MIXED."),
    ],
)
def test_values_that_are_refused(known, value, said):
    with pytest.raises(AnsibleAWSError, match=said):
        rds_parameter_group.normalised(known, value)


@pytest.mark.parametrize(
    ("current", "value", "same"),
    [
        ("1", True, True),
        ("ON", True, True),
        ("OFF", False, True),
        ("1", False, False),
        ("10", 10, True),
        ("10.0", 10, True),
        ("0.500000", 0.5, True),
        ("10", "11", False),
        ("CONNECT,QUERY", ["CONNECT", "QUERY"], True),
        ("utf8mb4", "utf8mb4", True),
        ("utf8mb4", "latin1", False),
    ],
)
def test_plainly_same(current, value, same):
    assert rds_parameter_group.plainly_same(current, value) is same


GROUP = {"type": "instance", "family": "aurora-mysql8.0"}
KNOWN = {
    "slow_query_log": entry("slow_query_log", "0,1", "boolean"),
    "sync_binlog": entry("sync_binlog", "0-4294967295", "integer", ParameterValue="1"),
    "time_zone": entry("time_zone", "Asia/Tokyo,UTC"),
}


@pytest.mark.parametrize(
    ("before", "parameters", "merged"),
    [
        ({}, {"slow_query_log": True}, {"slow_query_log": "1"}),
        ({"slow_query_log": "0"}, {"slow_query_log": True}, {"slow_query_log": "1"}),
        # What has the value by default is not set, what is set to it stays set.
        ({}, {"sync_binlog": 1}, {}),
        ({"sync_binlog": "1"}, {"sync_binlog": 1}, {"sync_binlog": "1"}),
        ({"sync_binlog": "5"}, {"sync_binlog": 1}, {"sync_binlog": "1"}),
    ],
)
def test_merge(before, parameters, merged):
    assert rds_parameter_group.merge(before, parameters, KNOWN, GROUP) == merged


@pytest.mark.parametrize(
    ("name", "group", "said"),
    [
        ("time_zon", GROUP, "has no time_zon. Did you mean time_zone?"),
        ("server_audit_logging", GROUP, "Groups of the type cluster have more parameters."),
        ("abc", {"type": "instance", "family": "mysql8.0"}, "type instance and mysql8.0 has no abc.$"),
    ],
)
def test_unknown_parameters(name, group, said):
    with pytest.raises(AnsibleAWSError, match=said):
        rds_parameter_group.merge({}, {name: "1"}, KNOWN, group)


def test_dynamic_at_once_and_static_at_the_next_boot():
    assert rds_parameter_group.parameter(entry("a"), "1") == {
        "ParameterName": "a",
        "ApplyMethod": "immediate",
        "ParameterValue": "1",
    }
    assert rds_parameter_group.parameter(entry("a", apply="static")) == {
        "ParameterName": "a",
        "ApplyMethod": "pending-reboot",
    }


def test_twenty_at_once():
    assert [len(batch) for batch in rds_parameter_group.batches(list(range(41)))] == [20, 20, 1]
    assert rds_parameter_group.batches([]) == []


def group(**given):
    options = dict.fromkeys(("family", "description", "parameters", "tags"))
    params = {"name": "Example", "type": "cluster", "purge_parameters": True, "purge_tags": True, "wait_timeout": 1}
    resource = rds_parameter_group.ParameterGroup({**params, **options, **given}, None)
    resource._known = KNOWN
    return resource


STATE = {
    "name": "example",
    "type": "cluster",
    "arn": "arn:aws:rds:ap-northeast-1:123456789012:cluster-pg:example",
    "family": "aurora-mysql8.0",
    "description": "Example",
    "parameters": {"slow_query_log": "1", "time_zone": "UTC"},
    "tags": {},
}


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({}, {}),
        ({"parameters": {"slow_query_log": True, "time_zone": "UTC"}}, {}),
        ({"parameters": {"slow_query_log": True}}, {"parameters": {"slow_query_log": "1"}}),
        ({"parameters": {"slow_query_log": True}, "purge_parameters": False}, {}),
        ({"parameters": {}}, {"parameters": {}}),
        (
            {"parameters": {"time_zone": "Asia/Tokyo"}, "purge_parameters": False},
            {"parameters": {"slow_query_log": "1", "time_zone": "Asia/Tokyo"}},
        ),
    ],
)
def test_changes(given, changes):
    assert group(**given).changes(STATE) == changes


@pytest.mark.parametrize(
    ("current", "given", "said"),
    [
        ({}, {"parameters": {}}, None),
        ({"family": None}, {}, "needs family"),
        ({}, {"family": "mysql8.0"}, "The family of the parameter group example is 'aurora-mysql8.0', and AWS cannot"),
        ({}, {"description": "Another"}, "The description of the parameter group example is 'Example'"),
        ({}, {"name": "default.aurora-mysql8.0", "parameters": {}}, "which cannot be changed"),
    ],
)
def test_refusal(current, given, said):
    resource = group(**given)
    current = {**STATE, **current}
    refusal = resource.refusal(current, resource.changes(current))
    assert refusal is None if said is None else said in refusal


def test_what_cannot_be_changed(monkeypatch):
    resource = group(parameters={"time_zone": "UTC"})
    monkeypatch.setitem(KNOWN, "slow_query_log", entry("slow_query_log", IsModifiable=False))
    assert "slow_query_log cannot be changed" in resource.refusal(STATE, resource.changes(STATE))


def test_needs_reboot():
    resource = group()
    resource._known = {"a": entry("a"), "b": entry("b", apply="static"), "c": entry("c", apply="static")}
    before, after = {**STATE, "parameters": {"b": "1", "a": "1"}}, {**STATE, "parameters": {"a": "2", "c": "1"}}
    assert resource.needs_reboot(before, after) == ["b", "c"]
    assert resource.needs_reboot(None, after) == []
    assert resource.needs_reboot(before, None) == []
