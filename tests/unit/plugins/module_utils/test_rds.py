# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils import rds
from botocore.exceptions import ClientError


@pytest.fixture
def clock(monkeypatch):
    """The time, which passes only while somebody sleeps."""
    clock = SimpleNamespace(now=0.0, pauses=[])

    def sleep(seconds):
        clock.now += seconds
        clock.pauses.append(seconds)

    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    monkeypatch.setattr("time.sleep", sleep)
    return clock


def failing(*codes):
    """A function that fails with these codes, one after the other, and answers "done" then."""
    left = list(codes)

    def call():
        if left:
            raise ClientError({"Error": {"Code": left.pop(0)}}, "ModifyDBCluster")
        return "done"

    return call


def test_patience_with_what_is_busy(clock):
    busy = ["InvalidDBClusterStateFault", "InvalidDBInstanceState"] * 4
    assert rds.patiently(failing(*busy), timeout=600) == "done"
    assert clock.pauses == [1, 2, 4, 8, 15, 15, 15, 15]


def test_patience_ends_in_time(clock):
    with pytest.raises(ClientError, match="InvalidDBClusterStateFault"):
        rds.patiently(failing(*["InvalidDBClusterStateFault"] * 100), timeout=60)
    assert clock.now <= 60


def test_little_patience_with_what_is_idle(clock):
    with pytest.raises(ClientError):
        rds.patiently(failing(*["InvalidDBClusterStateFault"] * 100), timeout=3600, is_idle=lambda: True)
    assert clock.now <= rds.IDLE_PATIENCE
    idle = iter([True, True, *[False] * 20])
    busy = ["InvalidDBClusterStateFault"] * 20
    assert rds.patiently(failing(*busy), timeout=3600, is_idle=lambda: next(idle)) == "done"


def test_no_patience_with_other_errors(clock):
    with pytest.raises(ClientError, match="KMSKeyNotAccessibleFault"):
        rds.patiently(failing("KMSKeyNotAccessibleFault"), timeout=60)
    assert clock.pauses == []


def test_waiting(clock):
    states = iter([None, {"status": "creating"}, {"status": "available"}])
    seen = rds.wait_until(lambda: next(states), lambda state: state == {"status": "available"}, 60, "it to be there")
    assert seen == {"status": "available"}
    assert clock.pauses == [1, 2]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"status": "creating"}, "Waited 60 seconds for it to be there, which was not enough. Its status is creating."),
        (None, "Waited 60 seconds for it to be there, which was not enough."),
        ({"status": "incompatible-restore"}, "Waited in vain for it to be there: its status is incompatible-restore."),
    ],
)
def test_waiting_in_vain(clock, state, said):
    with pytest.raises(AnsibleAWSError) as error:
        rds.wait_until(lambda: state, lambda seen: False, 60, "it to be there")
    assert error.value.message == said
    assert clock.now <= 60


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        ("8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3.08.2", True),
        ("8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3", True),
        ("8.0.mysql_aurora.3.08.2", "8.0", True),
        ("8.0.mysql_aurora.3.10.0", "8.0.mysql_aurora.3.1", False),
        ("8.0.42", "8.0.4", False),
        (None, "8.0", False),
    ],
)
def test_same_version(current, wanted, same):
    assert rds.same_version(current, wanted) is same


def test_the_order_of_versions():
    versions = ["8.0.mysql_aurora.3.10.0", "8.0.mysql_aurora.3.04.4", "5.7.mysql_aurora.2.12.5"]
    assert sorted(versions, key=rds.version_number) == versions[::-1]


class Offers:
    def get_paginator(self, name):
        return self

    def paginate(self, Engine):
        versions = ("16.4", "16.4-limitless", "8.0.mysql_aurora.3.05.0", "8.0.mysql_aurora.3.05.0.1")
        return [{"DBEngineVersions": [{"EngineVersion": version}]} for version in versions]


@pytest.mark.parametrize(
    ("beginning", "newest"),
    [
        ("16", "16.4"),
        ("8.0.mysql_aurora.3.05.0", "8.0.mysql_aurora.3.05.0"),
        ("8.0", "8.0.mysql_aurora.3.05.0.1"),
    ],
)
def test_newest_version(beginning, newest):
    assert rds.newest_version(Offers(), "engine", beginning) == newest


def test_no_version():
    with pytest.raises(AnsibleAWSError, match=r"no version 17 of engine; the newest are .*16\.4"):
        rds.newest_version(Offers(), "engine", "17")


@pytest.mark.parametrize(
    ("version", "major"),
    [("8.0.mysql_aurora.3.08.2", "8.0"), ("8.4.5", "8.4"), ("16.4", "16"), ("9.6.24", "9.6"), ("8", "8")],
)
def test_major_version(version, major):
    assert rds.major_version(version) == major


@pytest.mark.parametrize(
    ("current", "wanted", "change"),
    [
        (["error"], ["audit", "slowquery"], {"EnableLogTypes": ["audit", "slowquery"], "DisableLogTypes": ["error"]}),
        ([], ["audit"], {"EnableLogTypes": ["audit"]}),
        (["audit"], [], {"DisableLogTypes": ["audit"]}),
        (["audit"], ["audit"], {}),
    ],
)
def test_log_exports_change(current, wanted, change):
    assert rds.log_exports_change(current, wanted) == change


def test_what_waits():
    description = {
        "EnabledCloudwatchLogsExports": ["error", "general"],
        "PendingModifiedValues": {
            "EngineVersion": "8.0.43",
            "MasterUserPassword": "****",
            "IAMDatabaseAuthenticationEnabled": False,
            "PendingCloudwatchLogsExports": {"LogTypesToEnable": ["audit"], "LogTypesToDisable": ["general"]},
        },
    }
    assert rds.read_pending(description) == {
        "engine_version": "8.0.43",
        "enable_iam_database_authentication": False,
        "enabled_cloudwatch_logs_exports": ["audit", "error"],
    }
    assert rds.read_pending({}) == {}


def test_what_waits_is_told():
    state = {
        "pending_modified_values": {"engine_version": "8.0.43"},
        "preferred_maintenance_window": "sun:18:00-sun:19:00",
    }
    said = rds.pending_warning("The cluster shop", state)
    assert said.startswith("The cluster shop has pending changes: engine_version 8.0.43.")
    assert "(sun:18:00-sun:19:00)" in said
    assert rds.pending_warning("The cluster shop", {**state, "pending_modified_values": {}}) is None
    assert rds.pending_warning("The cluster shop", None) is None


def test_windows():
    assert rds.same_window("sun:18:00-sun:19:00", "Sun:18:00-Sun:19:00 ")
    assert not rds.same_window(None, "sun:18:00-sun:19:00")


@pytest.mark.parametrize(
    ("password", "engine", "wrong"),
    [
        ("swordfish", "mysql", None),
        ("x" * 41, "aurora-mysql", None),
        ("x" * 42, "aurora-mysql", "has 42 characters; RDS takes 8 to 41"),
        ("x" * 42, "postgres", None),
        ("seven77", "", "has 7 characters"),
        *((f"swordfish{character}", "mysql", "has a character") for character in '/"@ \u00e9\n'),
        ("swordfish'", "mysql", None),
    ],
)
def test_passwords_that_rds_does_not_take(password, engine, wrong):
    said = rds.refused_password(password, engine)
    assert said is None if wrong is None else said.startswith(wrong)


@pytest.mark.parametrize(
    ("tags", "changed", "another"),
    [
        ({}, {}, False),
        ({rds.PASSWORD_TAG: "1"}, {"a": "b"}, False),
        ({rds.PASSWORD_TAG: "1"}, {rds.PASSWORD_TAG: "1", "a": "b"}, False),
        ({rds.PASSWORD_TAG: "1"}, {rds.PASSWORD_TAG: "2"}, True),
        ({}, {rds.PASSWORD_TAG: "1"}, True),
    ],
)
def test_the_tag_that_remembers_the_password(tags, changed, another):
    assert rds.is_another_password({"tags": tags}, {"tags": changed} if changed else {}) is another


def test_a_password_that_is_under_way():
    description = {"Status": "available", "PendingModifiedValues": {"MasterUserPassword": "****"}}
    assert rds.read_status(description, "Status") == "resetting-master-credentials"
    assert rds.read_status({"Status": "available", "PendingModifiedValues": {}}, "Status") == "available"
    assert rds.read_status({**description, "Status": "deleting"}, "Status") == "deleting"
