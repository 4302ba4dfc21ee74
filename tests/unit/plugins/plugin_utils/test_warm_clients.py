# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is got ready before the first task, where hosts are reached by Session Manager."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.warm import clients, server


def play(connection, hosts=("i-0123456789abcdef0",)):
    """A play on hosts that have this connection."""
    manager = SimpleNamespace(
        _inventory=SimpleNamespace(get_hosts=lambda pattern: list(hosts)),
        get_vars=lambda play, host: {"ansible_connection": connection} if connection else {},
    )
    return SimpleNamespace(hosts="hosts", connection="ssh", get_variable_manager=lambda: manager)


@pytest.fixture
def installed(monkeypatch):
    """How often models were made ready."""
    calls = []

    def install(cache):
        calls.append(cache)

    monkeypatch.setattr(clients, "_ready", False)
    monkeypatch.setattr(server.ModelCache, "install", install)
    return calls


def test_models_are_read_once_for_hosts_of_session_manager(installed):
    clients.get_ready(play("amazon.aws.aws_ssm"))
    clients.get_ready(play("amazon.aws.aws_ssm"))
    assert len(installed) == 1


@pytest.mark.parametrize("connection", ["ansible.builtin.local", "wellarchitected.aws.warm", None])
def test_nothing_is_done_for_others(installed, connection):
    clients.get_ready(play(connection))
    clients.get_ready(play("amazon.aws.aws_ssm", hosts=()))
    assert installed == []
