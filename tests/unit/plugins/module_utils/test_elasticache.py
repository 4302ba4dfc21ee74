# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils import elasticache
from botocore.exceptions import ClientError


@pytest.fixture
def clock(monkeypatch):
    """The time passes only when somebody sleeps."""
    now = [0.0]
    monkeypatch.setattr(elasticache.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(elasticache.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def failing(code, times):
    """A call that fails so many times, and then answers how often it was called."""
    calls = []

    def call():
        calls.append(code)
        if len(calls) <= times:
            raise ClientError({"Error": {"Code": code}}, "ModifyReplicationGroup")
        return len(calls)

    return call


@pytest.mark.parametrize("code", elasticache.BUSY)
def test_what_is_busy_is_called_again(clock, code):
    assert elasticache.call_once_free(failing(code, 3), 60) == 4
    assert clock[0] == 3 * elasticache.PAUSE


def test_not_for_ever(clock):
    with pytest.raises(ClientError, match="InvalidReplicationGroupState"):
        elasticache.call_once_free(failing("InvalidReplicationGroupState", 100), 60)
    assert clock[0] == 60


def test_another_error_is_an_error_at_once(clock):
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        elasticache.call_once_free(failing("InvalidParameterValue", 1), 60)
    assert clock[0] == 0


def test_wait_until(clock):
    found = iter(["creating", "creating", "available"])
    assert elasticache.wait_until(lambda: next(found), lambda state: state == "available", 60, "x") == "available"
    assert clock[0] == 2 * elasticache.PAUSE


def test_wait_until_the_time_is_over(clock):
    with pytest.raises(AnsibleAWSError, match=r"Timeout: after 60 s the group is not yet available\."):
        elasticache.wait_until(lambda: None, bool, 60, "the group is not yet available")
    assert clock[0] == 60
