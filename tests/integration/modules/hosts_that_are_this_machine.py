# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A sandbox each host of which is this machine, whose apt says what tests want: its server, as a program.

python -m tests.integration.modules.hosts_that_are_this_machine <port> <home>
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import hosts, server

INSTALLED = "installed\tbash\t1\tamd64\trequired\tshells\ninstalled\topenssl\t1\tamd64\timportant\tutils\n"
UPGRADES = (
    "Inst openssl [1] (2 Debian-Security:12/stable-security [amd64])\nInst bash [1] (2 Debian:12.5/stable [amd64])"
)


@dataclass
class Machine:
    """What `sandbox.hosts` has of a machine, as far as Systems Manager looks at it."""

    instance: Any
    has_agent: bool = True

    @property
    def instance_id(self) -> str:
        return self.instance.id

    @property
    def platform(self) -> dict[str, str]:
        return {
            "PlatformType": "Linux",
            "PlatformName": "Debian GNU/Linux",
            "PlatformVersion": "12",
            "ComputerName": "example",
            "IPAddress": "192.0.2.5",
        }

    def agent_version(self) -> str:
        return "3.3.1611.0"

    def run(self, script: str, timeout: float) -> hosts.Completed:
        if "dpkg-query" in script:
            return hosts.Completed(0, INSTALLED, "")
        if "apt-get install" in script or "reboot-required" in script:
            return hosts.Completed(int("reboot" in script), "", "")
        if "apt-get" in script:
            return hosts.Completed(0, UPGRADES, "")
        try:
            done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired:
            return hosts.Completed(124, "", f"It took longer than {timeout:g} s.\n")
        return hosts.Completed(done.returncode, done.stdout, done.stderr)


class Hosts(type(hosts.HOSTS)):
    """Every instance of EC2 is a host."""

    def all(self, account: str, region: str) -> list[Machine]:
        from moto.ec2.models import ec2_backends

        reservations = ec2_backends[account][region].all_reservations()
        return [Machine(each) for reservation in reservations for each in reservation.instances]


if __name__ == "__main__":
    hosts.HOSTS = Hosts()
    server.serve(int(sys.argv[1]), Path(sys.argv[2]))
