# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Machines: one for each running instance, from its launch to its end.

`sandbox.hosts.boot` is the process that a machine hangs on. What is written in it stays in a directory of its own over
an image that all share; an image that is made of an instance is a copy of that directory, over the same image.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.delivery import LOCK

if TYPE_CHECKING:
    from moto.ec2.models.instances import Instance

    from sandbox.hosts.network import Network

_BOOT = Path(__file__).with_name("boot.py")
_FIRST = """\
cat > /run/user-data <<'END OF USER DATA'
{script}
END OF USER DATA
chmod 700 /run/user-data && exec /run/user-data 2>&1 >/dev/null
"""
_AGENT_UNIT = "system.slice/amazon-ssm-agent.service"
# https://www.freedesktop.org/software/systemd/man/latest/systemd.html#Signals
_POWER_OFF, _REBOOT = signal.SIGRTMIN + 4, signal.SIGRTMIN + 5
# In seconds: to boot, to shut down, and for somebody who waits for either.
_PATIENCE = 60.0
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}


@dataclass(frozen=True)
class Completed:
    """How a script went in a machine; the return code is that of its shell."""

    returncode: int
    stdout: str
    stderr: str


class Machine:
    """The machine of an instance, which is there while that is not terminated, and up while it runs."""

    def __init__(
        self, instance: Instance, account: str, region: str, distribution: str, layers: list[Path], directory: Path
    ):
        self.instance = instance
        self.instance_id: str = instance.id
        self.account = account
        self.region = region
        self.distribution = distribution
        self.layers = layers
        self.directory = directory
        # The process of its systemd, or 0 while it is down.
        self.leader = 0
        # Whether it has run its user data, which it does once.
        self.told = False
        self._process: subprocess.Popen[str] | None = None
        self._listening: socket.socket | None = None

    @property
    def address(self) -> str:
        return str(self.instance.private_ip)

    @property
    def platform(self) -> dict[str, str]:
        from sandbox.hosts.images import DISTRIBUTIONS

        named = {"ComputerName": self.instance.private_dns_name, "IPAddress": self.address}
        return {**DISTRIBUTIONS[self.distribution].platform, **named}

    @property
    def is_up(self) -> bool:
        return bool(self.leader)

    @property
    def is_shutting_down(self) -> bool:
        """Whether its systemd says that nobody may log in any more; or not yet, just after it has booted."""
        return not self.leader or Path(f"/proc/{self.leader}/root/run/nologin").exists()

    @property
    def upper(self) -> Path:
        """What is written in it."""
        return self.directory / "upper"

    @property
    def cgroup(self) -> Path:
        return _ours() / self.instance_id

    def boot(self, network: Network, port: int, on_up: Callable[[], None]) -> None:
        """Boot, and keep ``leader`` up to date until it is powered off; ``on_up`` is told of each boot."""
        from sandbox.hosts.images import root

        for name in ("upper", "work", "root"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        interface = f"v{self.instance_id[-8:]}"
        subnet = self.instance.ec2_backend.get_subnet(self.instance.subnet_id).cidr_block
        beside, inside = network.connect(interface, self.address, subnet)
        order = {
            "lower": [str(each) for each in (*self.layers, root(self.distribution))],
            "upper": str(self.upper),
            "work": str(self.directory / "work"),
            "root": str(self.directory / "root"),
            "cgroup": str(self.cgroup),
            "hostname": self._hostname,
            "network": [*beside, [*beside[0][:2], "ip", "link", "set", interface, "up"]],
            "inside": inside,
        }
        with (self.directory / "boot.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_BOOT), json.dumps(order)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        threading.Thread(target=self._follow, args=(self._process, network, port, on_up), daemon=True).start()

    @property
    def _hostname(self) -> str:
        return f"ip-{self.address.replace('.', '-')}"

    def name(self) -> None:
        """Write its own names where it finds them when it boots for the first time."""
        name = self.instance.private_dns_name
        for path, content in {
            "hostname": f"{self._hostname}\n",
            "hosts": f"127.0.0.1 localhost\n::1 localhost\n{self.address} {name} {self._hostname}\n",
            "resolv.conf": f"nameserver 169.254.169.253\nsearch {name.partition('.')[2]}\n",
        }.items():
            (self.upper / "etc").mkdir(parents=True, exist_ok=True)
            (self.upper / "etc" / path).write_text(content)

    def _follow(self, process: subprocess.Popen[str], network: Network, port: int, on_up: Callable[[], None]) -> None:
        assert process.stdout
        for line in process.stdout:
            what, _, pid = line.strip().partition(" ")
            if what == "network":
                self._listening = network.listen(int(pid), port)
            else:
                self.leader = int(pid)
                threading.Thread(target=on_up, daemon=True).start()
        self.leader = 0
        process.wait()
        with LOCK:
            # Somebody may have shut it down from within.
            if self.instance._state.name == "running":
                self.instance._state.name = "stopped"
        if self._listening:
            with contextlib.suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()

    def wait_until_up(self) -> None:
        """Wait until systemd has started what it has to; TimeoutError when it does not."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if self.run("systemctl is-system-running", 10).stdout.strip() in ("running", "degraded"):
                return
            time.sleep(0.1)
        raise TimeoutError(f"{self.instance_id} did not boot in {_PATIENCE:g} s.")

    def reboot(self) -> None:
        self._tell(_REBOOT)

    def reboot_and_wait(self) -> None:
        """Reboot, and wait until its agent runs again; TimeoutError when it does not."""
        before = self.leader
        self.reboot()
        deadline = time.monotonic() + _PATIENCE
        while self.leader == before or not self.has_agent:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.instance_id} did not reboot in {_PATIENCE:g} s.")
            time.sleep(0.1)

    def power_off(self) -> None:
        """Shut down in order, or else at once."""
        self._tell(_POWER_OFF)
        if self._process:
            try:
                self._process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self.end()

    def _tell(self, what: int) -> None:
        """What a virtual machine is told by its power button; a system that is just booting would not hear it."""
        with contextlib.suppress(TimeoutError):
            self.wait_until_up()
        # To process 0 would be to all of ours.
        with contextlib.suppress(ProcessLookupError):
            if self.leader:
                os.kill(self.leader, what)

    def end(self) -> None:
        """Be gone at once."""
        if self._process:
            assert self._process.stdin
            self._process.stdin.close()
            self._process.wait()
        for cgroup in sorted(self.cgroup.rglob("*"), reverse=True):
            if cgroup.is_dir():
                _remove_cgroup(cgroup)
        _remove_cgroup(self.cgroup)

    def command(self, *command: str) -> list[str]:
        """The command that runs another one in this machine as root, in the control group of the SSM agent."""
        group = self.cgroup / _AGENT_UNIT
        enter = ["nsenter", f"--target={self.leader}", "--all", "--root", "--wd", *command]
        # Where what the real agent starts is, too.
        return ["sh", "-c", 'echo 0 2>/dev/null > "$0/cgroup.procs"; exec "$@"', str(group), *enter]

    def run(self, script: str, timeout: float) -> Completed:
        """Run a script of sh as root, and wait; it is killed, with all it has started, when it takes too long."""
        if not self.leader:
            return Completed(255, "", f"{self.instance_id} is down.")
        process = subprocess.Popen(
            self.command("sh", "-c", script),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=_ENVIRONMENT,
            start_new_session=True,
        )
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            stdout, stderr = process.communicate()
            return Completed(124, stdout, f"{stderr}It took longer than {timeout:g} s.\n")
        return Completed(process.returncode, stdout, stderr)

    def write(self, path: str, content: bytes) -> Completed:
        """Write a file for root alone, and the folders that it is in."""
        if not self.leader:
            return Completed(255, "", f"{self.instance_id} is down.")
        script = 'umask 077 && mkdir -p "$(dirname "$0")" && cat > "$0"'
        done = subprocess.run(
            self.command("sh", "-c", script, path), input=content, capture_output=True, env=_ENVIRONMENT, check=False
        )
        return Completed(done.returncode, "", done.stderr.decode(errors="replace"))

    @property
    def has_agent(self) -> bool:
        """Whether the SSM agent runs, and people may log in; far quicker than asking the machine."""
        if self.is_shutting_down:
            return False
        try:
            processes = (self.cgroup / _AGENT_UNIT / "cgroup.procs").read_text().split()
            return any(Path("/proc", each, "comm").read_text().startswith("amazon-ssm-agen") for each in processes)
        except OSError:
            return False

    def agent_version(self) -> str | None:
        """The version of the SSM agent that runs in it, or None while none does."""
        said = self.run("systemctl is-active --quiet amazon-ssm-agent && amazon-ssm-agent -version", 10).stdout
        return said.rpartition(" ")[2].strip() or None


class Hosts:
    """The machines of this sandbox."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Have none, and make none: those of the process that forked are not ours."""
        self._machines: dict[str, Machine] = {}
        # What images that were made of instances have over their distribution's: layers, the uppermost first.
        self._layers: dict[str, tuple[str, list[Path]]] = {}
        self._downloads: dict[tuple[str, str], Path] = {}
        self._network: Network | None = None

    @property
    def enabled(self) -> bool:
        return self._network is not None

    @property
    def network(self) -> Network:
        assert self._network
        return self._network

    def start(self, port: int, home: Path, accept: Callable[[socket.socket, Any], None]) -> None:
        """Make a machine of every instance from now on; ``accept`` answers what they ask AWS."""
        from sandbox.hosts import images
        from sandbox.hosts.metadata import Metadata
        from sandbox.hosts.network import Network

        self._downloads = images.downloads()
        self._port = port
        self._home = home / "hosts"
        self._network = Network(self._home, accept, Metadata)

    def launch(self, instance: Instance, account: str, region: str) -> None:
        """Make the machine of an instance, and boot it; in the background."""
        distribution, layers = self._layers.get(instance.image_id) or (_distribution(instance), [])
        machine = Machine(instance, account, region, distribution, layers, self._home / instance.id)
        self._machines[instance.id] = machine
        machine.name()
        machine.boot(self.network, self._port, lambda: self._has_booted(machine))

    def start_again(self, instance: Instance) -> None:
        """Boot the machine of an instance that was stopped."""
        machine = self._machines[instance.id]
        machine.boot(self.network, self._port, lambda: self._has_booted(machine))

    def stop(self, instance: Instance, stopped: Callable[[], None]) -> None:
        """Shut the machine of an instance down, in the background, and say then that it is."""

        def stop() -> None:
            self._machines[instance.id].power_off()
            with LOCK:
                stopped()

        _in_background(stop)

    def reboot(self, instance: Instance) -> None:
        _in_background(self._machines[instance.id].reboot)

    def terminate(self, instance: Instance) -> None:
        """End the machine of an instance, with all that was written in it."""
        machine = self._machines.pop(instance.id, None)

        def terminate() -> None:
            machine.end()
            shutil.rmtree(machine.directory, ignore_errors=True)

        if machine:
            _in_background(terminate)

    def forget(self) -> None:
        """End all of them, and forget the images that were made of them, and their sessions."""
        for machine in list(self._machines.values()):
            machine.end()
            shutil.rmtree(machine.directory, ignore_errors=True)
        self._machines.clear()
        self._layers.clear()
        if self.enabled:
            from sandbox.hosts.sessions import SESSIONS

            SESSIONS.forget()
            _remove_cgroup(_ours())
            shutil.rmtree(self._home / "images", ignore_errors=True)

    def keep(self, instance_id: str, image_id: str) -> None:
        """Make an image of what was written in an instance's machine, if it has one."""
        machine = self._machines.get(instance_id)
        if machine is None:
            return
        layer = self._home / "images" / image_id
        layer.parent.mkdir(parents=True, exist_ok=True)
        # With the marks by which an overlay says that something was removed.
        subprocess.run(["cp", "--archive", str(machine.upper), str(layer)], check=True)
        self._layers[image_id] = (machine.distribution, [layer, *machine.layers])

    def copy_image(self, image_id: str, copy_id: str) -> None:
        """Let a copy have what an image has."""
        if image_id in self._layers:
            self._layers[copy_id] = self._layers[image_id]

    def download(self, host: str, path: str) -> Path | None:
        """What Amazon's hosts for downloads answer."""
        return self._downloads.get((host, path))

    def find(self, account: str, region: str, instance_id: str) -> Machine | None:
        """The machine of an instance that runs."""
        machine = self._machines.get(instance_id)
        if machine and machine.is_up and (machine.account, machine.region) == (account, region):
            return machine
        return None

    def all(self, account: str, region: str) -> list[Machine]:
        """Those that run."""
        return [each for each in list(self._machines.values()) if self.find(account, region, each.instance_id)]

    def at(self, address: str) -> Machine | None:
        """The one that has an address."""
        return next((each for each in list(self._machines.values()) if each.address == address), None)

    def by_id(self, instance_id: str) -> Machine | None:
        """The machine of an instance, whether it runs or not."""
        return self._machines.get(instance_id)

    def _has_booted(self, machine: Machine) -> None:
        """What cloud-init does at the first boot, and Systems Manager at every one."""
        from sandbox.hosts.metadata import user_data
        from sandbox.services.ssm_associations import node_appeared

        machine.wait_until_up()
        script = user_data(machine.instance)
        if script.startswith("#!") and not machine.told:
            machine.told = True
            said = machine.run(_FIRST.format(script=script), _PATIENCE).stderr
            (machine.directory / "user-data.log").write_text(said)
        with LOCK:
            node_appeared(machine.account, machine.region, machine.instance_id)


HOSTS = Hosts()


def _distribution(instance: Instance) -> str:
    """What the name of an instance's image says; Debian for an image that there is no machine of, as Amazon Linux."""
    images = instance.ec2_backend.describe_images(filters={"image-id": instance.image_id})
    return "ubuntu" if images and "ubuntu" in f"{images[0].name} {images[0].description}".lower() else "debian"


def _in_background(function: Callable[[], None]) -> None:
    threading.Thread(target=function, daemon=True).start()


def _ours() -> Path:
    """The control group of this sandbox's machines, in the unified hierarchy."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place) / f"wellarchitected-{os.getpid()}"
    raise FileNotFoundError("There is no unified hierarchy of control groups.")


def _remove_cgroup(cgroup: Path) -> None:
    # What has just been killed may be there for a moment, and then it stays, empty.
    with contextlib.suppress(OSError):
        cgroup.rmdir()
