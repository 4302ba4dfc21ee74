# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The process that a machine hangs on: python boot.py '<JSON>'.

It holds the machine's network namespace, boots systemd in namespaces of its own, and again when that reboots, and ends
when that powers off. When its standard input is closed, the machine is gone at once. On the standard output it says
``network <pid>`` once, and ``up <pid of systemd>`` at each boot. It needs nothing but Python's own library.

The JSON has ``lower`` (directories, the uppermost first), ``upper``, ``work``, ``root`` (empty directories), ``cgroup``
(a new directory's path in the unified hierarchy), ``hostname``, and the commands, lists of arguments, that make the
network: ``network`` beside its namespace, with ``{pid}`` for a process in it, and then ``inside``.

https://www.freedesktop.org/wiki/Software/systemd/ContainerInterface/
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
import select
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
# From linux/mount.h, linux/prctl.h and linux/capability.h.
_READ_ONLY, _NO_SUID, _NO_DEVICES, _NO_EXECUTION, _REMOUNT, _BIND = 1, 2, 4, 8, 32, 4096
_RECURSIVE, _PRIVATE, _DETACH = 16384, 1 << 18, 2
_DIE_WITH_PARENT, _DROP_CAPABILITY = 1, 24
# What reaches the machine that all of them share: its clock, modules, log, audit, and raw devices.
_DROPPED = {"module": 16, "rawio": 17, "time": 25, "audit_write": 29, "audit_control": 30, "syslog": 34}
_SPACES = os.CLONE_NEWNS | os.CLONE_NEWPID | os.CLONE_NEWUTS | os.CLONE_NEWIPC | os.CLONE_NEWCGROUP
_DEVICES = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}


def main(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # The command that makes the network has to be told who is in it, by those who are not.
    told, tell = os.pipe()
    made, make = os.pipe()
    holder = os.fork()
    if holder == 0:
        os.close(tell)
        os.close(made)
        os.read(told, 1)
        for command in order["network"]:
            subprocess.run([word.format(pid=os.getppid()) for word in command], check=True)
        os.write(make, b"1")
        os._exit(0)
    os.close(told)
    os.close(make)
    os.unshare(os.CLONE_NEWNET)
    os.write(tell, b"1")
    if not os.read(made, 1):
        sys.exit("The network could not be made.")
    os.waitpid(holder, 0)
    for command in order["inside"]:
        subprocess.run(command, check=True)
    print(f"network {os.getpid()}", flush=True)
    while _boot(order) == signal.SIGHUP:
        pass


def _boot(order: dict[str, Any]) -> int:
    """Boot once; the answer is the signal that the kernel ends systemd with: SIGHUP says reboot, SIGINT power off."""
    ended, end = os.pipe()
    between = os.fork()
    if between == 0:
        _die_with_parent()
        Path(order["cgroup"]).mkdir(parents=True, exist_ok=True)
        Path(order["cgroup"], "cgroup.procs").write_text("0")
        os.unshare(_SPACES)
        init = os.fork()
        if init == 0:
            _die_with_parent()
            os.setsid()
            _enter(order)
        print(f"up {init}", flush=True)
        _, status = os.waitpid(init, 0)
        os.write(end, bytes([os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0]))
        os._exit(0)
    os.close(end)
    # The end of the standard input is the end of the machine.
    ready, _, _ = select.select([ended, sys.stdin.fileno()], [], [])
    if ended not in ready:
        os._exit(0)
    answer = os.read(ended, 1)
    os.close(ended)
    os.waitpid(between, 0)
    return answer[0] if answer else 0


def _enter(order: dict[str, Any]) -> None:
    """Become systemd in a root of its own."""
    root = order["root"]
    _mount("none", "/", None, _RECURSIVE | _PRIVATE)
    lower = ":".join(order["lower"])
    _mount("overlay", root, "overlay", 0, f"lowerdir={lower},upperdir={order['upper']},workdir={order['work']}")
    os.chdir(root)
    _mount("proc", "proc", "proc", _NO_SUID | _NO_DEVICES | _NO_EXECUTION)
    # What is set here would be set for everybody.
    _mount("proc/sys", "proc/sys", None, _BIND)
    _mount("none", "proc/sys", None, _BIND | _REMOUNT | _READ_ONLY)
    _mount("sysfs", "sys", "sysfs", _READ_ONLY | _NO_SUID | _NO_DEVICES | _NO_EXECUTION)
    _mount("cgroup2", "sys/fs/cgroup", "cgroup2", _NO_SUID | _NO_DEVICES | _NO_EXECUTION)
    _mount("tmpfs", "dev", "tmpfs", _NO_SUID, "mode=755")
    for name, minor in _DEVICES.items():
        _device(f"dev/{name}", 1, minor)
    _device("dev/tty", 5, 0)
    for name, target in {"fd": "self/fd", "stdin": "self/fd/0", "stdout": "self/fd/1", "stderr": "self/fd/2"}.items():
        os.symlink(f"/proc/{target}", f"dev/{name}")
    for name in ("pts", "shm", "mqueue"):
        os.mkdir(f"dev/{name}")
    _mount("devpts", "dev/pts", "devpts", _NO_SUID | _NO_EXECUTION, "newinstance,ptmxmode=0666,mode=620,gid=5")
    os.symlink("pts/ptmx", "dev/ptmx")
    _mount("tmpfs", "dev/shm", "tmpfs", _NO_SUID | _NO_DEVICES, "mode=1777")
    _mount("mqueue", "dev/mqueue", "mqueue", _NO_SUID | _NO_DEVICES | _NO_EXECUTION)
    _mount("tmpfs", "run", "tmpfs", _NO_SUID | _NO_DEVICES, "mode=755")
    _checked(_LIBC.syscall(_PIVOT_ROOT[platform.machine()], b".", b"."), "pivot_root")
    _checked(_LIBC.umount2(b".", _DETACH), "umount")
    os.chdir("/")
    socket.sethostname(order["hostname"])
    for number in _DROPPED.values():
        _LIBC.prctl(_DROP_CAPABILITY, number, 0, 0, 0)
    nothing = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.umask(0o022)
    os.execve("/sbin/init", ["/sbin/init"], {"container": "sandbox", "PATH": os.defpath, "TERM": "dumb"})


def _mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    done = _LIBC.mount(source.encode(), target.encode(), kind and kind.encode(), flags, data.encode())
    _checked(done, f"mount of {target}")


def _device(path: str, major: int, minor: int) -> None:
    with contextlib.suppress(FileExistsError):
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(major, minor))
    os.chmod(path, 0o666)


def _die_with_parent() -> None:
    _LIBC.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def _checked(done: int, what: str) -> None:
    if done != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
