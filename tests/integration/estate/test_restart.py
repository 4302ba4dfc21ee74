# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Restarting the machines of the estate, batch by batch, out of their target group meanwhile.

They really restart, so that this needs root and namespaces; where those are not to be had, nothing here is run.
"""

from __future__ import annotations

import json
import os
import signal

import pytest

from .conftest import SMALL_NETWORK, Estate, client
from .test_hosts import LAYERS, on, running

RESTART = "playbooks/restart_hosts.yml"
WEB = ("--limit", "component_web")
STARTED = "cut -d' ' -f22 /proc/1/stat"
# What the load balancer asks, after a restart, too.
WEB_SERVER = """\
#!/bin/sh
mkdir -p /srv/web && touch /srv/web/health
cat > /etc/systemd/system/web.service <<'END'
[Service]
ExecStart=/usr/bin/python3 -m http.server 80 --directory /srv/web
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload && systemctl enable --now web
"""


@pytest.fixture(scope="module")
def machines(machines, tmp_path_factory) -> Estate:
    """The estate with two web servers; the tests of this module follow one another on it."""
    description = machines.described(tmp_path_factory.mktemp("restart"), compute_user_data=WEB_SERVER, **SMALL_NETWORK)
    machines.memory["description"] = description
    machines.run("--tags", LAYERS, "--limit", "virginia,tokyo", description)
    running(machines)
    return machines


def group(estate: Estate) -> dict:
    """The Auto Scaling group, without what changes by itself."""
    [found] = client(estate, "autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    members = ("MinSize", "DesiredCapacity", "MaxSize", "SuspendedProcesses", "Tags")
    states = {each["InstanceId"]: each["LifecycleState"] for each in found["Instances"]}
    return {**{name: found[name] for name in members}, "states": states}


def started(estate: Estate) -> dict[str, str]:
    """When each host was started, by its first process."""
    return {host: on(estate, host, STARTED) for host in running(estate)}


def moves(estate: Estate, count: int) -> list[str]:
    """The last moves of hosts into standby and out of it, in their order."""
    wanted = ("EnterStandby", "ExitStandby")
    found = [each["operation"] for each in estate.sandbox.requests() if each["operation"] in wanted]
    return found[-count:]


def test_check_mode_says_which_hosts_and_in_which_batches(machines):
    before, writes = group(machines), len(machines.writes())
    output = machines.run("--check", *WEB, playbook=RESTART).output
    for host in before["states"]:
        assert f"Would be restarted at once: {host} (1 of 2 hosts)" in output
    assert "(2 of 2 hosts)" in machines.run("--check", *WEB, "-e", "restart_at_once=100%", playbook=RESTART).output
    assert len(machines.writes()) == writes


def test_one_after_the_other_is_restarted(machines):
    before, since = group(machines), started(machines)
    output = machines.run(*WEB, playbook=RESTART).output
    hosts = sorted(before["states"])
    assert f"Restarted: {', '.join(hosts)}. Failed: none. Not touched: none." in output
    after = started(machines)
    assert after.keys() == since.keys()
    assert all(after[host] != since[host] for host in hosts)
    # Never are both out.
    assert moves(machines, 4) == ["EnterStandby", "ExitStandby"] * 2
    assert group(machines) == before
    again = machines.run("--tags", "compute", "--limit", "tokyo", machines.memory["description"])
    assert not again.changes


def test_what_was_killed_in_the_middle_is_put_right_by_the_next_run(machines):
    before = group(machines)
    process = machines.start(*WEB, playbook=RESTART)
    for line in process.stdout:
        if "on standby" in line:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    killed = group(machines)
    assert killed["MinSize"] < before["MinSize"] and killed["SuspendedProcesses"]
    machines.run(*WEB, playbook=RESTART)
    assert group(machines) == before


def test_it_stops_at_the_first_batch_that_fails_and_goes_on_from_there(machines):
    before, since = group(machines), started(machines)
    first, last = sorted(before["states"])
    # Three, of which the failing one is neither the first nor the only one.
    failing = json.dumps({"restart_check": [f"[ $AWS_SSM_INSTANCE_ID != {last} ] || {{ echo unwell >&2; exit 1; }}"]})
    run = machines.attempt(*WEB, "-e", failing, playbook=RESTART)
    assert run.returncode != 0
    assert f"Restarted: {first}. Failed: {last}. Not touched: none." in run.output
    assert "unwell" in run.output and "it is on standby in shop-sandbox-web" in run.output
    stopped = group(machines)
    assert stopped["states"].pop(last) == "Standby"
    # Another one has come in its place.
    assert list(stopped["states"].values()) == ["InService"] * 2
    assert {**stopped, "states": 0} == {**before, "states": 0}

    running(machines)
    run = machines.attempt(*WEB, "-e", failing, playbook=RESTART)
    others = sorted(stopped["states"])
    assert f"Restarted: none. Failed: {last}. Not touched: {', '.join(others)}." in run.output
    assert started(machines)[first] != since[first]

    output = machines.run(*WEB, "-e", "restart_at_once=2", playbook=RESTART).output
    assert "Failed: none. Not touched: none." in output
    well = group(machines)
    assert set(well["states"].values()) == {"InService"}
    assert (well["MinSize"], well["SuspendedProcesses"], well["Tags"]) == (2, [], before["Tags"])


def test_nothing_is_restarted_while_the_group_replaces_them(machines):
    since = started(machines)
    machines.sandbox.clock(1)
    try:
        client(machines, "autoscaling").start_instance_refresh(AutoScalingGroupName="shop-sandbox-web")
        run = machines.attempt(*WEB, playbook=RESTART)
        client(machines, "autoscaling").cancel_instance_refresh(AutoScalingGroupName="shop-sandbox-web")
    finally:
        machines.sandbox.clock(0)
    assert run.returncode != 0 and "An instance refresh of shop-sandbox-web is InProgress" in run.output
    assert started(machines) == since
