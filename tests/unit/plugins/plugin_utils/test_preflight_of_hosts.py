# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Wrong inputs of host roles, and what preflight says of each."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import trust_as_template
from ansible_collections.wellarchitected.aws.plugins.action.preflight import ActionModule

HOSTS = ("i-1", "i-2", "i-3")
# What a dynamic inventory says of a host, some of it like inputs of the estate's layers.
FOUND = {"network_interfaces": [], "security_groups": [], "tags": {"Name": "web"}}


class Preflight(ActionModule):
    """The action plugin, without the connection that it has no use for."""

    def __init__(self):
        self._task = SimpleNamespace(args={"playbook": "hosts"}, action="preflight", async_val=0, check_mode=False)
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
        super().__init__(self._task, connection, None, DataLoader(), None, None)


@pytest.fixture(scope="module")
def preflight():
    action = Preflight()

    def problems(inputs, tags=("all",)):
        """What is wrong with the inputs that hosts have, by host."""
        given = {
            host: {
                **FOUND,
                "inventory_hostname": host,
                **{
                    name: trust_as_template(value) if isinstance(value, str) else value
                    for name, value in inputs.get(host, {}).items()
                },
            }
            for host in HOSTS
        }
        result = action.run(
            task_vars={
                "groups": {"hosts": list(HOSTS)},
                "ansible_play_hosts_all": list(HOSTS),
                "hostvars": SimpleNamespace(raw_get=given.get),
                "ansible_run_tags": list(tags),
            }
        )
        return result["problems"]

    return problems


def everywhere(**inputs):
    return dict.fromkeys(HOSTS, inputs)


def test_defaults_are_right(preflight):
    assert preflight({}) == []


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (
            {"host_time_synk_ipv6": True},
            "host_time_synk_ipv6 is not an input of any layer. Did you mean host_time_sync_ipv6?",
        ),
        (
            {"host_baseline_sssh": True},
            "host_baseline_sssh is not an input of the layer host_baseline. Did you mean host_baseline_ssh?",
        ),
        ({"host_baseline_ssh": "no"}, "host_baseline_ssh is the text 'no', and must be true or false."),
        ({"host_baseline_reboot": "4 am"}, "host_baseline_reboot is '4 am'; it has to be like 04:00, or nothing."),
        ({"host_baseline_journal_size": "1 GB"}, "host_baseline_journal_size is '1 GB'; it has to be like 500M."),
        ({"host_baseline_time_zone": "../etc"}, "host_baseline_time_zone is '../etc'; it has to be like Asia/Tokyo."),
        (
            {"host_time_sync_extra_sources": ["ntp.example.com"]},
            "host_time_sync_extra_sources[0] is 'ntp.example.com'; it has to begin with server, pool, peer",
        ),
        (
            {"host_ssm_agent_version": "newest"},
            "host_ssm_agent_version is 'newest'; it has to be latest, or a version such as 3.3.4624.0.",
        ),
        (
            {"host_cloudwatch_agent_fingerprints": ["9376 16F3"]},
            "host_cloudwatch_agent_fingerprints[0] is '9376 16F3', which has not 40 hexadecimal digits.",
        ),
        (
            {"host_cloudwatch_agent_metrics": {"mem": {"measurement": ["used_percnt"]}}},
            "host_cloudwatch_agent_metrics.mem.measurement[0] is 'used_percnt', which the agent does not measure. "
            "Did you mean used_percent?",
        ),
        (
            {"host_cloudwatch_agent_parameter": "a b"},
            "host_cloudwatch_agent_parameter is 'a b', which is no name of a parameter.",
        ),
        (
            {
                "host_cloudwatch_agent_parameter": "AmazonCloudWatch-hosts",
                "host_cloudwatch_agent_extra_log_files": [{"file_path": f"/var/log/{n}"} for n in range(99)],
            },
            "The configuration of the CloudWatch Agent has 1",
        ),
    ],
)
def test_one_mistake(preflight, inputs, said):
    problems = preflight(everywhere(**inputs))
    assert len(problems) == 1
    assert problems[0].startswith(said)


def test_a_wrong_type_does_not_hide_another_mistake(preflight):
    metrics = {"memm": {"measurement": ["used"]}, "disk": {"measurement": ["usd"]}}
    problems = preflight(everywhere(host_cloudwatch_agent_metrics=metrics))
    assert [problem.split(" ")[0] for problem in problems] == [
        "host_cloudwatch_agent_metrics.memm",
        "host_cloudwatch_agent_metrics.disk.measurement[0]",
    ]


def test_hosts_that_are_alike_are_looked_at_once(preflight):
    wrong = {"host_baseline_journal_size": "much"}
    problem = "host_baseline_journal_size is 'much'; it has to be like 500M."
    assert preflight({"i-2": wrong, "i-3": wrong}) == [f"{problem} [i-2]"]


def test_only_what_runs_is_looked_at(preflight):
    assert preflight(everywhere(host_baseline_journal_size="much"), tags=["host_time_sync"]) == []
