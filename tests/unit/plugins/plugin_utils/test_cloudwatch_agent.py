# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The configuration of the CloudWatch Agent: what inputs make, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.wellarchitected.aws.plugins.filter.cloudwatch_agent_configuration import (
    cloudwatch_agent_configuration,
)
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.cloudwatch_agent import (
    ConfigurationError,
    configuration,
    merged,
)

DEFAULTS = Path(__file__).parents[4] / "roles/host_cloudwatch_agent/defaults/main.yml"
MEMORY = {"metrics": {"mem": {"measurement": ["mem_used_percent"]}}}
LOGS = {"log_group": "/hosts", "log_files": [{"file_path": "/var/log/messages"}]}


def wrong(inputs):
    """What is said of inputs that make no configuration."""
    with pytest.raises(ConfigurationError) as raised:
        configuration(inputs)
    return raised.value.problems


def test_the_roles_defaults_make_a_configuration():
    defaults = yaml.safe_load(DEFAULTS.read_text())
    made = configuration({name.removeprefix("host_cloudwatch_agent_"): value for name, value in defaults.items()})
    assert set(made["metrics"]["metrics_collected"]) == {"cpu", "disk", "mem", "net", "processes", "procstat", "swap"}
    assert made["metrics"]["append_dimensions"]["InstanceId"] == "${aws:InstanceId}"
    files = made["logs"]["logs_collected"]["files"]["collect_list"]
    assert files[0] == {
        "file_path": "/var/log/messages",
        "log_group_name": "/hosts",
        "log_stream_name": "{instance_id}/messages",
        "retention_in_days": 90,
    }


def test_what_is_left_out_is_not_in_it():
    made = configuration({**MEMORY, "processes": [], "log_files": [], "dimensions": []})
    assert made == {
        "agent": {"metrics_collection_interval": 60, "run_as_user": "root"},
        "metrics": {
            "namespace": "CWAgent",
            "metrics_collected": {"mem": {"measurement": ["mem_used_percent"]}},
        },
    }


def test_a_section_can_be_taken_out_and_another_one_put_in():
    inputs = {"metrics": {"mem": {}, "swap": {"measurement": ["used"]}}, "extra_metrics": {"statsd": {}}}
    assert set(configuration(inputs)["metrics"]["metrics_collected"]) == {"swap", "statsd"}


def test_an_entry_of_a_log_says_it_otherwise():
    entry = {"file_path": "/a", "log_group_name": "b", "log_stream_name": "c", "retention_in_days": 7}
    made = configuration({**LOGS, "log_files": [entry], "log_retention_days": 90})
    assert made["logs"]["logs_collected"]["files"]["collect_list"] == [entry]


def test_what_is_laid_over_holds():
    made = configuration({**MEMORY, "extra_configuration": {"agent": {"debug": True}, "metrics": {"namespace": "x"}}})
    assert made["agent"]["debug"] is True
    assert made["metrics"]["namespace"] == "x"
    assert made["metrics"]["metrics_collected"]
    assert merged({"a": [1]}, {"a": [2]}) == {"a": [2]}


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "It collects neither metrics nor logs; give one of them at least."),
        (
            {"metrics": {"mem": {"measurement": ["used_percnt"]}}},
            "metrics.mem.measurement[0] is 'used_percnt', which the agent does not measure. Did you mean used_percent?",
        ),
        (
            {"metrics": {"mem": {"measurement": [{"name": "mem_usedpercent"}]}}},
            "metrics.mem.measurement[0] is 'mem_usedpercent', which the agent does not measure. Did you mean "
            "used_percent?",
        ),
        (
            {**MEMORY, "processes": [{"exe": "nginx", "measurement": ["pid_cont"]}]},
            "processes[0].measurement[0] is 'pid_cont', which the agent does not measure. Did you mean pid_count?",
        ),
        ({**MEMORY, "processes": [{"measurement": ["pid"]}]}, "processes[0] needs one of: pid_file, exe, pattern."),
        ({**MEMORY, "interval": 0}, "interval is 0, and must be 1 or more."),
        ({**LOGS, "log_files": [{"file_path": "/a", "retention": 3}]}, "log_files[0].retention is not known there."),
        ({**LOGS, "log_files": [{}]}, "log_files[0].file_path is missing."),
        ({**LOGS, "log_group": ""}, "log_files[0].log_group_name is missing, and there is no log_group for all"),
        ({**LOGS, "log_retention_days": 42}, "log_retention_days is 42, and must be one of: -1, 1, 3,"),
        (
            {**LOGS, "log_group": "/hosts/{instance}"},
            "log_files[0].log_group_name has {instance}, which the agent does not fill in. Did you mean instance_id?",
        ),
        (
            {**LOGS, "log_files": [{"file_path": "/a/x.log"}, {"file_path": "/b/x.log"}]},
            "log_files[1] writes to the same stream as log_files[0]; give it a log_stream_name of its own.",
        ),
        ({**MEMORY, "dimensions": ["Instance"]}, "dimensions.Instance is no dimension that the agent adds."),
        ({**MEMORY, "extra_configuration": {"tracs": {}}}, "extra_configuration.tracs is no section of the agent's."),
        ({**MEMORY, "extra_configuration": {"agent": {"debgu": True}}}, "extra_configuration.agent.debgu is no option"),
        ({"metrics": {"memm": {}}, **LOGS}, "metrics.memm is no section of the agent's."),
        ({"metrics": {"disk": {"measurement": ["used"], "resource": ["/"]}}}, "metrics.disk.resource is no option"),
    ],
)
def test_one_mistake(inputs, said):
    problems = wrong(inputs)
    assert len(problems) == 1
    assert problems[0].startswith(said)


def test_all_mistakes_are_told_at_once_by_the_names_of_the_inputs():
    inputs = {"metrics": {"mem": {"measurement": ["usd"]}}, "interval": "often"}
    with pytest.raises(AnsibleFilterError) as raised:
        cloudwatch_agent_configuration(inputs, prefix="host_cloudwatch_agent_")
    assert "  - host_cloudwatch_agent_interval is 'often', and must be a whole number." in str(raised.value)
    assert "  - host_cloudwatch_agent_metrics.mem.measurement[0] is 'usd'" in str(raised.value)
