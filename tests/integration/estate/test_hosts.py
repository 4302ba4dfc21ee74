# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The machines of the estate, configured through Session Manager: what goes wrong on the way, and who joins later.

They really run, so that this needs root and namespaces; where those are not to be had, nothing here is run. That a
second run changes nothing is seen by the scenario `hosts` of molecule, too.
"""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest

from .conftest import SMALL_NETWORK, Estate, client

LAYERS = (
    "encryption,identity,storage,static_content,network,notification,dns,certificates,waf,security_groups,"
    "session_access,load_balancer,compute"
)
HOSTS = "playbooks/hosts.yml"
# A server of Ubuntu beside the two web servers, which are Debian.
BATCH = {"batch": {"zone": "a", "image": {"id": "ami-785db401"}}}
# What a host that was not reached, or did not get to its end, is told of in the last lines.
RECAP = re.compile(r"^(?P<host>i-\w+) +: .*changed=(?P<changed>\d+) .*failed=(?P<failed>\d+)", re.MULTILINE)


@pytest.fixture
def hosts(machines, tmp_path) -> list[str]:
    """The hosts that there are, which the first test builds."""
    if "built" not in machines.memory:
        small = machines.described(
            tmp_path,
            compute_instances=BATCH,
            **SMALL_NETWORK,
        )
        machines.run("--tags", LAYERS, "--limit", "virginia,tokyo", small)
        machines.memory["built"] = True
    return running(machines)


def running(estate: Estate) -> list[str]:
    """The hosts that can be reached, once all of those that run can."""
    ec2, ssm = client(estate, "ec2"), client(estate, "ssm")
    found = ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])["Reservations"]
    hosts = [instance["InstanceId"] for reservation in found for instance in reservation["Instances"]]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if all(ssm.get_connection_status(Target=host)["Status"] == "connected" for host in hosts):
            return sorted(hosts)
        time.sleep(0.2)
    raise AssertionError(f"Some of {hosts} cannot be reached.")


def on(estate: Estate, host: str, *lines: str) -> str:
    """What lines of shell print on a host, by Run Command."""
    ssm = client(estate, "ssm")
    command = ssm.send_command(
        InstanceIds=[host], DocumentName="AWS-RunShellScript", Parameters={"commands": list(lines)}
    )["Command"]["CommandId"]
    estate.sandbox.settle()
    answer = ssm.get_command_invocation(CommandId=command, InstanceId=host)
    assert answer["Status"] == "Success", answer
    return answer["StandardOutputContent"].strip()


def recap(output: str) -> dict[str, tuple[int, int]]:
    """How many changes and failures there were on each host."""
    return {found["host"]: (int(found["changed"]), int(found["failed"])) for found in RECAP.finditer(output)}


def test_what_was_killed_in_the_middle_converges(machines, hosts):
    """And then nothing changes any more, and every host is as it should be."""
    assert len(hosts) == 3
    process = machines.start(playbook=HOSTS)
    # As soon as a package is being installed, which is not the first thing that is done.
    for line in process.stdout:
        if "host_time_sync" in line:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    converged = recap(machines.run(playbook=HOSTS).output)
    assert sorted(converged) == hosts
    assert all(changed and not failed for changed, failed in converged.values())
    again = recap(machines.run(playbook=HOSTS).output)
    assert again == dict.fromkeys(hosts, (0, 0))
    machines.run(playbook="playbooks/verify_hosts.yml")


def test_the_hosts_say_so_themselves(machines, hosts):
    systems = set()
    for host in hosts:
        systems.add(on(machines, host, ". /etc/os-release; echo $ID"))
        assert re.search(r"^\^\* 169\.254\.169\.123 ", on(machines, host, "chronyc -n sources"), re.MULTILINE)
        agents = "systemctl is-active amazon-ssm-agent amazon-cloudwatch-agent"
        assert on(machines, host, agents).split() == ["active", "active"]
        assert ":22 " not in on(machines, host, "ss --listening --tcp --numeric")
        configuration = on(machines, host, "cat /opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.d/*")
        assert json.loads(configuration)["metrics"]["namespace"] == "shop-sandbox"
    assert systems == {"debian", "ubuntu"}


def test_a_host_that_is_down_fails_alone(machines, hosts):
    down, *others = hosts
    on(machines, down, "systemctl stop --no-block amazon-ssm-agent")
    run = machines.attempt(playbook=HOSTS)
    assert run.returncode != 0
    assert f"{down} is not connected" in run.output
    known = recap(run.output)
    assert [known[host] for host in others] == [(0, 0)] * len(others)
    client(machines, "ec2").reboot_instances(InstanceIds=[down])
    assert running(machines) == hosts


def test_who_joins_the_group_is_configured_with_no_file_changed(machines, hosts):
    client(machines, "autoscaling").set_desired_capacity(AutoScalingGroupName="shop-sandbox-web", DesiredCapacity=3)
    [new] = set(running(machines)) - set(hosts)
    known = recap(machines.run(playbook=HOSTS).output)
    assert known.pop(new)[0] > 0
    assert known == dict.fromkeys(hosts, (0, 0))
    assert on(machines, new, "systemctl is-active amazon-cloudwatch-agent") == "active"
