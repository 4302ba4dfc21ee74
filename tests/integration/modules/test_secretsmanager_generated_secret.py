# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

MODULE = "secretsmanager_generated_secret"
SECRET = {"name": "origin-header"}


@pytest.fixture
def key(sandbox):
    return sandbox.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]


def change_behind_our_back(sandbox):
    secretsmanager = sandbox.client("secretsmanager", REGION)
    secretsmanager.update_secret(SecretId="origin-header", Description="mine")
    secretsmanager.untag_resource(SecretId="origin-header", TagKeys=["Environment"])


def test_story(modules, key):
    modules.tell(
        Story(
            module=MODULE,
            returns="secret",
            identity=SECRET,
            present={"description": "First", "tags": {"Number": 1}},
            changes=({"description": "Second"}, {"kms_key_id": key}, {"tags": {"Environment": "test"}}),
            drift=change_behind_our_back,
            absent={"recovery_window_days": 0},
            unpredictable=frozenset({"arn"}),
        )
    )


def test_rotation(modules):
    first = modules.run(MODULE, **SECRET)["secret_values"]["current"]
    assert len(first) == 43

    foretold = modules.run(MODULE, check=True, **SECRET, rotation="begin")
    assert (foretold["changed"], foretold["secret_values"]) == (True, {"current": first, "pending": "not made yet"})
    begun = modules.run(MODULE, **SECRET, rotation="begin")["secret_values"]
    second = begun["pending"]
    assert begun["current"] == first != second
    repeated = modules.run(MODULE, **SECRET, rotation="begin")
    assert (repeated["changed"], repeated["secret_values"]) == (False, begun)

    switched = {"current": second, "previous": first}
    assert modules.run(MODULE, check=True, **SECRET, rotation="switch")["secret_values"] == switched
    assert modules.run(MODULE, **SECRET, rotation="switch")["secret_values"] == switched
    for step in ("switch", "begin"):
        repeated = modules.run(MODULE, **SECRET, rotation=step)
        assert (repeated["changed"], repeated["secret_values"]) == (False, switched)

    finished = modules.run(MODULE, **SECRET, rotation="finish")
    assert (finished["changed"], finished["secret_values"]) == (True, {"current": second})
    assert not modules.run(MODULE, **SECRET, rotation="finish")["changed"]
    assert second not in str({**finished, "secret_values": {}})


def test_a_secret_that_is_scheduled_for_deletion_is_taken_back(modules):
    first = modules.run(MODULE, **SECRET)["secret_values"]
    modules.run(MODULE, **SECRET, state="absent")
    assert not modules.run(MODULE, **SECRET, state="absent")["changed"]
    again = modules.run(MODULE, **SECRET, description="Back")
    assert again["secret_values"] == first
    assert again["secret"]["description"] == "Back"
