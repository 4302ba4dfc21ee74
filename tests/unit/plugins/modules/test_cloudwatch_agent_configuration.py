# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""When the CloudWatch Agent gets a configuration, is started, or is left alone."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules.cloudwatch_agent_configuration import (
    Agent,
    AgentError,
    ensure,
    kept_as,
    shown,
    wanting,
)

WANTED = {"metrics": {"metrics_collected": {"mem": {"measurement": ["used"]}}}}
NAME = "file_wellarchitected.json"


@pytest.mark.parametrize(
    ("name", "parameter", "expected"),
    [
        ("hosts", None, "file_hosts.json"),
        ("hosts", "AmazonCloudWatch-hosts", "ssm_AmazonCloudWatch-hosts"),
        ("hosts", "/shop/agent", "ssm__shop_agent"),
    ],
)
def test_kept_as(name, parameter, expected):
    assert kept_as(name, parameter) == expected


@pytest.mark.parametrize(
    ("applied", "is_translated", "status", "is_enabled", "expected"),
    [
        ({NAME: WANTED}, True, "running", True, []),
        ({NAME: WANTED}, True, "stopped", True, ["start"]),
        ({NAME: WANTED}, True, "running", False, ["enable"]),
        ({NAME: WANTED}, False, "running", True, ["apply"]),
        ({NAME: {}}, True, "running", True, ["apply"]),
        ({NAME: WANTED, "default": {}}, True, "running", True, ["apply"]),
        ({}, False, "stopped", False, ["apply"]),
    ],
)
def test_wanting(applied, is_translated, status, is_enabled, expected):
    assert wanting(applied, {NAME: WANTED}, is_translated, {"status": status}, is_enabled) == expected


def test_shown():
    assert shown({}) == ""
    assert json.loads(shown({NAME: WANTED})) == WANTED
    assert set(json.loads(shown({NAME: WANTED, "default": {}}))) == {NAME, "default"}


class Host(Agent):
    """An agent whose control script is played; ``takes`` is what it makes of a configuration, ``dies`` at once."""

    def __init__(self, module, home, takes=None, dies=False):
        super().__init__(module, str(home))
        self.takes, self.dies, self.running, self.calls = takes, dies, False, []
        module.run_command = lambda command, **_options: (0, "enabled\n", "")
        module.atomic_move = lambda source, target: home.joinpath(source).rename(target)

    def control(self, action, *options):
        if action == "status":
            return json.dumps({"status": "running" if self.running else "stopped"})
        self.calls.append(action)
        if action == "fetch-config":
            source = options[options.index("-c") + 1].partition(":")[2]
            with open(source) as file:
                taken = self.takes or json.load(file)
            self._home("amazon-cloudwatch-agent.d", NAME).write_text(json.dumps(taken))
            self._home("amazon-cloudwatch-agent.toml").write_text("")
        self.running = not self.dies
        return ""

    def _home(self, *names):
        path = Path(self.home, "etc", *names)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


@pytest.fixture
def module():
    parameters = {
        "configuration": WANTED,
        "name": "wellarchitected",
        "parameter": None,
        "mode": "ec2",
        "wait_seconds": 0,
    }
    return SimpleNamespace(params=parameters, check_mode=False)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/amazon-cloudwatch-agent-ctl").write_text("")
    (tmp_path / "etc").mkdir()
    return tmp_path


def test_a_new_host_and_again(module, home):
    agent = Host(module, home)
    result = ensure(module, agent)
    assert result["changed"]
    assert result["status"]["status"] == "running"
    assert json.loads(result["diff"]["after"]) == WANTED
    assert not ensure(module, agent)["changed"]
    assert agent.calls == ["fetch-config"]


def test_an_agent_that_was_stopped_is_started(module, home):
    agent = Host(module, home)
    ensure(module, agent)
    agent.running = False
    result = ensure(module, agent)
    assert result["changed"]
    assert "diff" not in result
    assert agent.calls == ["fetch-config", "start"]


def test_check_mode_changes_nothing(module, home):
    module.check_mode = True
    agent = Host(module, home)
    result = ensure(module, agent)
    assert result["changed"]
    assert json.loads(result["diff"]["after"]) == WANTED
    assert not agent.calls


def test_check_mode_where_there_is_no_agent_yet(module, tmp_path):
    module.check_mode = True
    assert ensure(module, Host(module, tmp_path))["changed"]


def test_where_there_is_no_agent(module, tmp_path):
    with pytest.raises(AgentError, match="is not installed"):
        ensure(module, Host(module, tmp_path))


def test_an_agent_that_takes_something_else(module, home):
    with pytest.raises(AgentError, match="is not the configuration that it should have"):
        ensure(module, Host(module, home, takes={"agent": {}}))


def test_an_agent_that_does_not_go_on_running(module, home):
    with pytest.raises(AgentError, match="does not go on running"):
        ensure(module, Host(module, home, dies=True))


def test_what_cannot_be_read_is_replaced(module, home):
    agent = Host(module, home)
    agent._home("amazon-cloudwatch-agent.d", NAME).write_text("{")
    assert ensure(module, agent)["changed"]
    assert agent.applied() == {NAME: WANTED}
