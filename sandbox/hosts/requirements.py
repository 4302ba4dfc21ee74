# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether this computer can run machines: python -m sandbox.hosts.requirements says why it cannot, or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_COMMANDS = {"ip": "iproute2", "nsenter": "util-linux", "setsid": "util-linux", "unshare": "util-linux"}
_BOOTSTRAP = {"dpkg-deb": "dpkg", "perl": "perl"}
# What boot.py does, in short: namespaces, an overlay, and two ends of a cable.
_TRIAL = """
mount -t tmpfs none /mnt && mkdir /mnt/l /mnt/u /mnt/w /mnt/m
mount -t overlay none /mnt/m -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w
mount -t proc proc /proc && mkdir /mnt/c && mount -t cgroup2 none /mnt/c
ip link add end0 type veth peer name end1 && ip link add bridge0 type bridge
"""


def unavailable() -> str | None:
    """Why machines cannot run here, as a sentence, or None."""
    if not sys.platform.startswith("linux"):
        return "Machines of the sandbox need Linux."
    if os.geteuid() != 0:
        return "Machines of the sandbox need root: start the sandbox with sudo, or without --hosts."
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    missing = {package for command, package in _COMMANDS.items() if not shutil.which(command, path=path)}
    if not shutil.which("mmdebstrap", path=path):
        missing |= {package for command, package in _BOOTSTRAP.items() if not shutil.which(command, path=path)}
        if not shutil.which("apt-get", path=path):
            missing.add("mmdebstrap")
    if missing:
        return f"Machines of the sandbox need the packages {', '.join(sorted(missing))}, which are not installed here."
    if not any(line.split()[2] == "cgroup2" for line in Path("/proc/mounts").read_text().splitlines()):
        return "Machines of the sandbox need control groups of version 2, which are not mounted here."
    spaces = ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--fork"]
    tried = subprocess.run([*spaces, "sh", "-ec", _TRIAL], capture_output=True, text=True)
    if tried.returncode:
        reason = tried.stderr.strip().rpartition("\n")[2] or "namespaces cannot be made"
        return f"Machines of the sandbox cannot run here: {reason.rstrip(chr(46))}."
    return None


if __name__ == "__main__":
    print(unavailable() or "")
