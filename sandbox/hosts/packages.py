# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Amazon's agents for hosts, as far as a host without Amazon's network can have them.

The packages have the names, paths, users, units, control scripts and answers of the real ones; what is in them is
written here, in shell and Python, and talks to nobody but the sandbox. ``served`` says at which of Amazon's addresses
which of them is found, signed as Amazon signs its own, with keys that are made on the spot.

Nothing here needs root, dpkg or gpg, and nothing here knows the rest of the sandbox.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tarfile
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SSM_AGENT = "amazon-ssm-agent"
CLOUDWATCH_AGENT = "amazon-cloudwatch-agent"

# What the download hosts call the latest, and what images are born with, as Amazon's own images lag behind.
LATEST = {SSM_AGENT: "3.3.4624.0", CLOUDWATCH_AGENT: "1.300073.2b1889"}
OLDER = {SSM_AGENT: "3.3.3270.0", CLOUDWATCH_AGENT: "1.300064.1b1344"}
REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3"),
    *("ap-south-1", "ap-south-2", "ap-east-1", "me-south-1", "me-central-1", "af-south-1", "il-central-1"),
)
ARCHITECTURES = ("amd64", "arm64")
# Everything made here has one date, so that the same input is the same file.
MADE_AT = 1_767_225_600


@dataclass(frozen=True)
class Package:
    """What a package holds: files by their path, those of them that dpkg may not overwrite, and its scripts."""

    description: str
    maintainer: str
    files: dict[str, tuple[int, str]]
    directories: tuple[str, ...] = ()
    conffiles: tuple[str, ...] = ()
    scripts: dict[str, str] = field(default_factory=dict)


def deb(directory: Path, name: str, version: str) -> Path:
    """Build the package of an agent in its version, and say where it lies. It is the same file each time."""
    package = _PACKAGES[name](version)
    control = {
        "control": (
            0o644,
            f"Package: {name}\nArchitecture: all\nVersion: {version}-1\nSection: admin\nPriority: optional\n"
            f"Maintainer: {package.maintainer}\nDescription: {package.description}\n",
        ),
        "conffiles": (0o644, "".join(f"{path}\n" for path in package.conffiles)),
        **{script: (0o755, text) for script, text in package.scripts.items()},
    }
    members = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": _tar(control),
        "data.tar.gz": _tar(
            {path.lstrip("/"): content for path, content in package.files.items()}, package.directories
        ),
    }
    path = directory / f"{name}_{version}-1_all.deb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_ar(members))
    return path


def served(directory: Path, regions: Iterable[str] = REGIONS) -> dict[tuple[str, str], Path]:
    """Say what Amazon's download hosts answer: the file for each host and path.

    Addresses as in https://docs.aws.amazon.com/systems-manager/latest/userguide/verify-agent-signature.html and
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/verify-CloudWatch-Agent-Package-Signature.html
    """
    answers: dict[tuple[str, str], Path] = {}
    for host, root, name in _places(regions):
        answers |= {(host, f"{root}/{path}"): file for path, file in _tree(directory, name).items()}
    return answers


def public_key(directory: Path, name: str) -> Path:
    """Say where the public key of an agent's packages lies, as Amazon publishes it: ASCII-armoured."""
    path = directory / "keys" / f"{name}.gpg"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_signer(directory, name).armoured())
    return path


def fingerprint(directory: Path, name: str) -> str:
    """Say which key signs an agent's packages, as 40 hexadecimal digits."""
    return _signer(directory, name).fingerprint.hex().upper()


def _places(regions: Iterable[str]) -> list[tuple[str, str, str]]:
    places = [
        ("s3.amazonaws.com", "/ec2-downloads-windows/SSMAgent", SSM_AGENT),
        ("s3.amazonaws.com", "/amazoncloudwatch-agent", CLOUDWATCH_AGENT),
        ("amazoncloudwatch-agent.s3.amazonaws.com", "", CLOUDWATCH_AGENT),
    ]
    for region in regions:
        places += [
            (f"s3.{region}.amazonaws.com", f"/amazon-ssm-{region}", SSM_AGENT),
            (f"s3.{region}.amazonaws.com", f"/amazoncloudwatch-agent-{region}", CLOUDWATCH_AGENT),
            (f"amazoncloudwatch-agent-{region}.s3.{region}.amazonaws.com", "", CLOUDWATCH_AGENT),
        ]
    return places


def _tree(directory: Path, name: str) -> dict[str, Path]:
    """The files of one agent, by their path below its bucket or prefix."""
    signer = _signer(directory, name)
    files: dict[str, Path] = {}
    version_file = directory / f"{name}.version"
    version_file.write_text(LATEST[name])
    if name == SSM_AGENT:
        files["latest/VERSION"] = version_file
        folders = [("{version}/debian_" + architecture) for architecture in ARCHITECTURES]
    else:
        files["info/latest/CWAGENT_VERSION"] = version_file
        files["assets/amazon-cloudwatch-agent.gpg"] = public_key(directory, name)
        folders = [f"{system}/{arch}/{{version}}" for system in ("debian", "ubuntu") for arch in ARCHITECTURES]
    for version in (OLDER[name], LATEST[name]):
        package = deb(directory, name, version)
        signature = Path(f"{package}.sig")
        signature.write_bytes(signer.detached(package.read_bytes()))
        for folder in folders:
            for called in [version] + (["latest"] if version == LATEST[name] else []):
                place = f"{folder.format(version=called)}/{name}.deb"
                files |= {place: package, f"{place}.sig": signature}
    return files


# An OpenPGP key and its signatures (RFC 4880): RSA, version 4, SHA-256.


class Signer:
    """A signing key, and what is published of it."""

    def __init__(self, key: rsa.RSAPrivateKey, user: str) -> None:
        numbers = key.public_key().public_numbers()
        self._key = key
        self._user = user.encode()
        self._body = b"\x04" + MADE_AT.to_bytes(4, "big") + b"\x01" + _mpi(numbers.n) + _mpi(numbers.e)
        self._hashed_key = b"\x99" + len(self._body).to_bytes(2, "big") + self._body
        self.fingerprint = hashlib.sha1(self._hashed_key, usedforsecurity=False).digest()

    def detached(self, data: bytes) -> bytes:
        """Sign a document."""
        return self._signature(0x00, data)

    def armoured(self) -> str:
        """The public key, with its user and the signature that binds them, as gpg exports it."""
        bound = self._hashed_key + b"\xb4" + len(self._user).to_bytes(4, "big") + self._user
        # The flags say that the key certifies and signs.
        self_signature = self._signature(0x13, bound, _subpacket(27, b"\x03"))
        packets = _packet(6, self._body) + _packet(13, self._user) + self_signature
        block = "PGP PUBLIC KEY BLOCK-----"
        lines = textwrap.wrap(base64.b64encode(packets).decode(), 64)
        checksum = base64.b64encode(_crc24(packets)).decode()
        return "\n".join([f"-----BEGIN {block}", "", *lines, f"={checksum}", f"-----END {block}", ""])

    def _signature(self, kind: int, data: bytes, flags: bytes = b"") -> bytes:
        hashed = _subpacket(2, MADE_AT.to_bytes(4, "big")) + flags + _subpacket(33, b"\x04" + self.fingerprint)
        head = bytes([4, kind, 1, 8]) + len(hashed).to_bytes(2, "big") + hashed
        signed = data + head + b"\x04\xff" + len(head).to_bytes(4, "big")
        number = int.from_bytes(self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256()), "big")
        issuer = _subpacket(16, self.fingerprint[-8:])
        start = hashlib.sha256(signed).digest()[:2]
        return _packet(2, head + len(issuer).to_bytes(2, "big") + issuer + start + _mpi(number))


def _signer(directory: Path, name: str) -> Signer:
    path = directory / "keys" / f"{name}.pem"
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    users = {
        SSM_AGENT: "SSM Agent of the sandbox <ssm-agent@example.com>",
        CLOUDWATCH_AGENT: "CloudWatch Agent of the sandbox",
    }
    return Signer(key, users[name])


def _packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4, "big") + body


def _subpacket(kind: int, body: bytes) -> bytes:
    return bytes([len(body) + 1, kind]) + body


def _mpi(number: int) -> bytes:
    return number.bit_length().to_bytes(2, "big") + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _crc24(data: bytes) -> bytes:
    remainder = 0xB704CE
    for byte in data:
        remainder ^= byte << 16
        for _ in range(8):
            remainder <<= 1
            if remainder & 0x1000000:
                remainder ^= 0x1864CFB
    return remainder.to_bytes(3, "big")


# The archives.


def _tar(files: dict[str, tuple[int, str]], directories: Iterable[str] = ()) -> bytes:
    """A tar of files and of all folders above them: dpkg makes no folder that is not in it."""
    files = {path.lstrip("/"): content for path, content in files.items()}
    folders = {directory.lstrip("/") for directory in directories}
    folders |= {str(parent) for path in [*files, *folders] for parent in Path(path).parents if str(parent) != "."}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for folder in sorted(folders):
            tar.addfile(_entry(f"./{folder}", 0o755, tarfile.DIRTYPE))
        for path, (mode, text) in sorted(files.items()):
            content = text.encode()
            entry = _entry(f"./{path}", mode, tarfile.REGTYPE)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=MADE_AT)


def _entry(name: str, mode: int, kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.type, entry.mtime = mode, kind, MADE_AT
    entry.uname = entry.gname = "root"
    return entry


def _ar(members: dict[str, bytes]) -> bytes:
    archive = b"!<arch>\n"
    for name, content in members.items():
        archive += f"{name:<16}{MADE_AT:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode()
        archive += content + b"\n" * (len(content) % 2)
    return archive


# The agents. The real packages' units, users, paths and scripts are those of the repositories aws/amazon-ssm-agent
# (packaging/ubuntu) and aws/amazon-cloudwatch-agent (packaging/debian, packaging/dependencies).


def _ssm_agent(version: str) -> Package:
    return Package(
        description="Amazon SSM Agent for managing EC2 Instances using the SSM APIs (the sandbox's stand-in).",
        maintainer="wellarchitected.aws sandbox <sandbox@example.com>",
        files={
            "/usr/bin/amazon-ssm-agent": (0o755, _SSM_AGENT.replace("@VERSION@", version)),
            "/usr/bin/ssm-agent-worker": (0o755, _SSM_AGENT_WORKER),
            "/usr/bin/ssm-session-worker": (0o755, _SSM_SESSION_WORKER),
            "/usr/bin/ssm-cli": (0o755, _SSM_CLI.replace("@VERSION@", version)),
            "/etc/amazon/ssm/amazon-ssm-agent.json.template": (0o644, _SSM_CONFIGURATION),
            "/etc/amazon/ssm/seelog.xml.template": (0o644, "<seelog/>\n"),
            "/lib/systemd/system/amazon-ssm-agent.service": (0o644, _SSM_UNIT),
        },
        directories=("/var/lib/amazon/ssm", "/var/log/amazon/ssm"),
        conffiles=("/lib/systemd/system/amazon-ssm-agent.service",),
        scripts={"preinst": _SSM_STOP, "postinst": _SSM_START, "prerm": _SSM_REMOVE},
    )


# Its main process keeps a worker, as the real one does, and takes it along when it is stopped.
_SSM_AGENT = """\
#!/bin/sh
case "${1:-}" in
-version | --version)
    echo "SSM Agent version: @VERSION@"
    exit 0
    ;;
esac
log=/var/log/amazon/ssm/amazon-ssm-agent.log
echo "$(date -u '+%F %T') INFO [amazon-ssm-agent] amazon-ssm-agent - v@VERSION@" >>"$log"
/usr/bin/ssm-agent-worker &
worker=$!
trap 'kill "$worker"; echo "$(date -u "+%F %T") INFO [amazon-ssm-agent] Stopping Core Agent" >>"$log"; exit 0' TERM INT
wait "$worker"
"""

_SSM_AGENT_WORKER = """\
#!/bin/sh
# The sandbox hands its sessions and commands to the machine itself; there is nothing to poll for.
exec sleep infinity
"""

# What runs a session: it makes the user when the first session starts, as the real agent does, and is that user then.
# https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-getting-started-ssm-user-permissions.html
_SSM_SESSION_WORKER = """\
#!/bin/sh
# ssm-session-worker [--as USER] [COMMAND [ARGUMENT ...]]: a session, which is a shell unless a command is named
set -eu
user=ssm-user
if [ "${1:-}" = --as ]; then
    user=$2
    shift 2
fi
if [ "$user" = ssm-user ]; then
    id "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/sh "$user"
    rules=/etc/sudoers.d/ssm-agent-users
    if [ -d /etc/sudoers.d ] && ! [ -e "$rules" ]; then
        (umask 0337 && printf '# User rules for ssm-user\\nssm-user ALL=(ALL) NOPASSWD:ALL\\n' >"$rules")
    fi
elif ! id "$user" >/dev/null 2>&1; then
    echo "failed to start pty since RunAs user $user does not exist" >&2
    exit 1
fi
[ $# -gt 0 ] || set -- sh
cd /usr/bin
exec setpriv --reuid "$user" --regid "$user" --init-groups \\
    env "HOME=$(getent passwd "$user" | cut -d: -f6)" "USER=$user" "LOGNAME=$user" "$@"
"""

_SSM_CLI = """\
#!/bin/sh
# Of the real one's commands, the one that people use.
if [ "${1:-}" != get-instance-information ]; then
    echo "usage: ssm-cli get-instance-information" >&2
    exit 1
fi
metadata=http://169.254.169.254/latest
token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token")
ask() { curl -fsS -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/$1"; }
printf '{"instance-id":"%s","region":"%s","release-version":"%s"}\\n' \\
    "$(ask instance-id)" "$(ask placement/region)" '@VERSION@'
"""

_SSM_CONFIGURATION = """\
{
    "Profile": {"ShareCreds": true},
    "Mds": {"CommandWorkersLimit": 5, "StopTimeoutMillis": 20000},
    "Ssm": {"Endpoint": "", "HealthFrequencyMinutes": 5},
    "Mgs": {"Region": "", "Endpoint": "", "StopTimeoutMillis": 20000, "SessionWorkersLimit": 1000}
}
"""

# KillMode=process is what lets running sessions outlive the agent.
_SSM_UNIT = """\
[Unit]
Description=Amazon SSM Agent
Wants=network-online.target
After=network-online.target
ConditionFileIsExecutable=/usr/bin/amazon-ssm-agent

[Service]
Type=simple
WorkingDirectory=/usr/bin/
ExecStart=/usr/bin/amazon-ssm-agent
KillMode=process
Restart=always
RestartPreventExitStatus=194
RestartSec=90

[Install]
WantedBy=multi-user.target
"""

_SSM_STOP = """\
#!/bin/sh
if [ -d /run/systemd/system ]; then
    systemctl stop amazon-ssm-agent 2>/dev/null
    systemctl daemon-reload
fi
exit 0
"""

# An image is put together without systemd: there the unit is enabled, and starts when the machine does.
_SSM_START = """\
#!/bin/sh
if command -v systemctl >/dev/null; then
    systemctl enable amazon-ssm-agent
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl start amazon-ssm-agent
fi
exit 0
"""

_SSM_REMOVE = """\
#!/bin/sh
if [ -d /run/systemd/system ]; then
    systemctl stop amazon-ssm-agent
    systemctl disable amazon-ssm-agent
    systemctl daemon-reload
fi
exit 0
"""


def _cloudwatch_agent(version: str) -> Package:
    home = "/opt/aws/amazon-cloudwatch-agent"
    programs = {
        "amazon-cloudwatch-agent": _CWA,
        "amazon-cloudwatch-agent-ctl": _CWA_CTL,
        "start-amazon-cloudwatch-agent": _CWA_START,
        "config-downloader": _CWA_DOWNLOADER,
        "config-translator": _CWA_TRANSLATOR,
    }
    return Package(
        description="Amazon CloudWatch Agent (the sandbox's stand-in)",
        maintainer="wellarchitected.aws sandbox <sandbox@example.com>",
        files={
            **{f"{home}/bin/{name}": (0o755, text) for name, text in programs.items()},
            f"{home}/bin/CWAGENT_VERSION": (0o644, f"{version}\n"),
            f"{home}/etc/common-config.toml": (0o644, _CWA_COMMON),
            "/etc/systemd/system/amazon-cloudwatch-agent.service": (0o644, _CWA_UNIT),
        },
        directories=(f"{home}/etc/amazon-cloudwatch-agent.d", f"{home}/logs", f"{home}/var"),
        conffiles=(f"{home}/etc/common-config.toml",),
        scripts={"preinst": _CWA_PREINST, "postinst": _CWA_POSTINST, "prerm": _CWA_PRERM},
    )


_CWA_PREINST = """\
#!/bin/sh
if [ "$1" = upgrade ] && [ -d /run/systemd/system ]; then
    systemctl stop amazon-cloudwatch-agent
fi
getent group cwagent >/dev/null || groupadd -r cwagent
id cwagent >/dev/null 2>&1 ||
    useradd -r -M -d /home/cwagent -g cwagent -c 'Cloudwatch Agent' -s /usr/sbin/nologin cwagent
exit 0
"""

_CWA_POSTINST = """\
#!/bin/sh
chown -R cwagent:cwagent /opt/aws/amazon-cloudwatch-agent/logs /opt/aws/amazon-cloudwatch-agent/var
exit 0
"""

_CWA_PRERM = """\
#!/bin/sh
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl stop amazon-cloudwatch-agent
    systemctl disable amazon-cloudwatch-agent
    systemctl daemon-reload
fi
exit 0
"""

_CWA_COMMON = """\
# What all parts of the agent share: credentials, proxy, certificates.
# [proxy]
#    http_proxy = "{http_url}"
#    https_proxy = "{https_url}"
"""

_CWA_UNIT = """\
[Unit]
Description=Amazon CloudWatch Agent
After=network.target

[Service]
Type=simple
ExecStart=/opt/aws/amazon-cloudwatch-agent/bin/start-amazon-cloudwatch-agent
KillMode=process
Restart=on-failure
RestartSec=60s

[Install]
WantedBy=multi-user.target
"""

_CWA = """\
#!/bin/sh
# It collects nothing. It runs as long as its configuration can be read, and says so in its log.
home=/opt/aws/amazon-cloudwatch-agent
config=$home/etc/amazon-cloudwatch-agent.toml
test=
while [ $# -gt 0 ]; do
    case $1 in
    -version | --version)
        echo "CWAgent/$(cat "$home/bin/CWAGENT_VERSION") (sandbox)"
        exit 0
        ;;
    -schematest) test=1 ;;
    -config)
        config=$2
        shift
        ;;
    esac
    shift
done
if ! grep -q '^\\[agent\\]' "$config"; then
    echo "E! Error parsing $config: there is no [agent]" >&2
    exit 1
fi
[ -z "$test" ] || exit 0
log=$home/logs/amazon-cloudwatch-agent.log
echo "$(date -u +%FT%TZ) I! Starting AmazonCloudWatchAgent CWAgent/$(cat "$home/bin/CWAGENT_VERSION")" >>"$log"
exec sleep infinity
"""

# The real one translates what it finds anew before it starts, and runs as the user that the configuration names.
_CWA_START = """\
#!/bin/sh
set -e
home=/opt/aws/amazon-cloudwatch-agent
toml=$home/etc/amazon-cloudwatch-agent.toml
"$home/bin/config-translator" --input-dir "$home/etc/amazon-cloudwatch-agent.d" --output "$toml" --multi-config remove
user=$(sed -n 's/^# run_as_user = //p' "$toml")
chown "${user:-root}" "$home/logs"/* 2>/dev/null || true
if [ -n "$user" ] && [ "$user" != root ]; then
    exec setpriv --reuid "$user" --regid "$user" --init-groups "$home/bin/amazon-cloudwatch-agent" -config "$toml"
fi
exec "$home/bin/amazon-cloudwatch-agent" -config "$toml"
"""

_CWA_CTL = """\
#!/bin/sh
# The control script: its actions, options, files and answers are those of Amazon's.
set -eu
home=/opt/aws/amazon-cloudwatch-agent
toml=$home/etc/amazon-cloudwatch-agent.toml
directory=$home/etc/amazon-cloudwatch-agent.d
unit=amazon-cloudwatch-agent.service
usage() {
    echo "usage: amazon-cloudwatch-agent-ctl -a stop|start|status|fetch-config|append-config|remove-config" \\
        "[-m ec2|onPremise|auto] [-c default|all|ssm:<parameter-store-name>|file:<file-path>] [-s]" >&2
    exit 1
}
run_status() { if systemctl is-active --quiet "$unit"; then echo running; else echo stopped; fi; }
start_time() {
    pid=$(systemctl show -p MainPID --value "$unit")
    [ "${pid:-0}" = 0 ] || TZ=UTC date -Isec -d "$(TZ=UTC ps -o lstart= "$pid")"
}
agent_status() {
    configured=configured
    [ -f "$toml" ] || configured='not configured'
    printf '{\\n  "status": "%s",\\n  "starttime": "%s",\\n  "configstatus": "%s",\\n  "version": "%s"\\n}\\n' \\
        "$(run_status)" "$(start_time)" "$configured" "$(cat "$home/bin/CWAGENT_VERSION")"
}
agent_stop() {
    if [ "$(run_status)" = stopped ]; then
        echo 'amazon-cloudwatch-agent has already been stopped'
    else
        systemctl stop "$unit"
    fi
}
agent_start() {
    if [ "$(run_status)" = running ]; then
        echo 'amazon-cloudwatch-agent has already been started'
        return
    fi
    if ! [ -f "$toml" ]; then
        echo 'amazon-cloudwatch-agent is not configured. Applying its default configuration.'
        configure default default
    fi
    systemctl daemon-reload
    systemctl enable "$unit"
    systemctl restart "$unit"
}
configure() {
    if [ "$1" = all ]; then
        [ "$2" = remove ] || usage
        rm -rf "$directory"/*
    else
        "$home/bin/config-downloader" --output-dir "$directory" --download-source "$1" --multi-config "$2"
    fi
    if [ -z "$(ls "$directory")" ]; then
        echo 'all amazon-cloudwatch-agent configurations have been removed'
        rm -f "$toml"
        return
    fi
    echo 'Start configuration validation...'
    "$home/bin/config-translator" --input-dir "$directory" --output "$toml" --multi-config "$2"
    if ! "$home/bin/amazon-cloudwatch-agent" -schematest -config "$toml"; then
        echo 'Configuration validation second phase failed'
        exit 1
    fi
    echo 'Configuration validation succeeded'
    chmod ug+rw "$toml"
    # What was fetched lies beside what was there before, and takes its place only now that it is known to be good.
    for file in "$directory"/*; do
        case $file in
        *.tmp) mv -f "$file" "${file%.tmp}.new" ;;
        *) [ "$2" != default ] || rm -f "$file" ;;
        esac
    done
    for file in "$directory"/*.new; do
        [ ! -e "$file" ] || mv -f "$file" "${file%.new}"
    done
}
action= location=default restart= mode=ec2
while getopts ':hsa:c:m:l:' option; do
    case $option in
    s) restart=1 ;;
    a) action=$OPTARG ;;
    c) location=$OPTARG ;;
    m) mode=$OPTARG ;;
    l) ;;
    *) usage ;;
    esac
done
case $mode in ec2 | onPremise | auto) ;; *) usage ;; esac
case $action in
stop) agent_stop ;;
start) agent_start ;;
status) agent_status ;;
fetch-config) configure "$location" default ;;
append-config) configure "$location" append ;;
remove-config) configure "$location" remove ;;
*) usage ;;
esac
if [ -n "$restart" ]; then
    agent_stop
    agent_start
fi
"""

_CWA_DOWNLOADER = """\
#!/usr/bin/python3
\"\"\"Fetch a configuration, and put it beside the others under the real one's name for it, with the suffix .tmp.\"\"\"
import argparse
import json
import os
import subprocess
import sys
import urllib.request

METADATA = "http://169.254.169.254/latest/"


def metadata(path, method="GET", **headers):
    headers = {"X-aws-ec2-metadata-token" + name: value for name, value in headers.items()}
    request = urllib.request.Request(METADATA + path, method=method, headers=headers)
    return urllib.request.urlopen(request, timeout=5).read().decode()


def parameter(name):
    token = metadata("api/token", "PUT", **{"-ttl-seconds": "60"})
    region = metadata("meta-data/placement/region", **{"": token})
    role = metadata("meta-data/iam/security-credentials/", **{"": token}).split()[0]
    credentials = json.loads(metadata("meta-data/iam/security-credentials/" + role, **{"": token}))
    curl = [
        "curl", "-sS", "--aws-sigv4", "aws:amz:%s:ssm" % region, "--config", "-",
        "-H", "Content-Type: application/x-amz-json-1.1", "-H", "X-Amz-Target: AmazonSSM.GetParameter",
        "-d", json.dumps({"Name": name, "WithDecryption": True}),
        os.environ.get("AWS_ENDPOINT_URL", "https://ssm.%s.amazonaws.com" % region),
    ]
    secrets = 'user = "%s:%s"\\nheader = "X-Amz-Security-Token: %s"\\n' % (
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["Token"]
    )
    answer = subprocess.run(curl, input=secrets, capture_output=True, text=True, check=True).stdout
    found = json.loads(answer)
    if "Parameter" not in found:
        raise ValueError("Error in retrieving parameter store content: " + answer)
    return found["Parameter"]["Value"]


def main():
    parser = argparse.ArgumentParser()
    for option in ("output-dir", "download-source", "mode", "config", "multi-config"):
        parser.add_argument("--" + option)
    options = parser.parse_args()
    kind, _, name = options.download_source.partition(":")
    escaped = name
    for character in "/ :":
        escaped = escaped.replace(character, "_")
    if kind == "file":
        escaped = os.path.basename(name)
    called = "default" if kind == "default" else kind + "_" + escaped
    place = os.path.join(options.output_dir, called)
    if options.multi_config == "remove":
        os.remove(place)
        print("Successfully removed the config file " + place)
        return
    if kind == "default":
        content = json.dumps({"metrics": {"metrics_collected": {"mem": {"measurement": ["mem_used_percent"]}}}})
    elif kind == "ssm":
        content = parameter(name)
    elif kind == "file":
        with open(name) as source:
            content = source.read()
    else:
        raise ValueError("Location type %s is not supported." % kind)
    os.makedirs(options.output_dir, exist_ok=True)
    with open(place + ".tmp", "w") as target:
        target.write(content)
    print("Successfully fetched the config and saved in %s.tmp" % place)


try:
    main()
except Exception as error:
    print("E! Fail to fetch/remove json config: %s\\nFail to fetch the config!" % error)
    sys.exit(1)
"""

_CWA_TRANSLATOR = """\
#!/usr/bin/python3
\"\"\"Merge the configurations of a directory into the agent's own form, or say why they cannot be used.\"\"\"
import argparse
import json
import os
import sys

SECTIONS = {"agent", "metrics", "logs", "traces", "csm"}


def merge(path, one, other):
    for key, value in other.items():
        if key not in one or one[key] == value:
            one[key] = value
        elif isinstance(one[key], dict) and isinstance(value, dict):
            merge(path + key + "/", one[key], value)
        elif isinstance(one[key], list) and isinstance(value, list):
            one[key] = one[key] + [item for item in value if item not in one[key]]
        else:
            raise ValueError("Different values are specified for %s%s" % (path, key))


def tables(path, value):
    scalars = {key: item for key, item in value.items() if not isinstance(item, dict)}
    yield "\\n[%s]" % path
    for key, item in sorted(scalars.items()):
        yield "  %s = %s" % (json.dumps(key), json.dumps(item))
    for key, item in sorted(value.items()):
        if isinstance(item, dict):
            yield from tables("%s.%s" % (path, json.dumps(key)), item)


def main():
    parser = argparse.ArgumentParser()
    for option in ("input", "input-dir", "output", "mode", "config", "multi-config"):
        parser.add_argument("--" + option)
    options = parser.parse_args()
    merged = {}
    for name in sorted(os.listdir(options.input_dir)):
        fetched = name.endswith(".tmp")
        if (options.multi_config == "default" and not fetched) or (options.multi_config == "remove" and fetched):
            continue
        path = os.path.join(options.input_dir, name)
        print("Reading json config file path: %s ..." % path)
        with open(path) as source:
            content = json.load(source)
        if not isinstance(content, dict) or not SECTIONS & set(content):
            raise ValueError("Under path : / | Error : none of %s is in it" % ", ".join(sorted(SECTIONS)))
        merge("/", merged, content)
    print("Valid Json input schema.")
    lines = ["# Made of the configurations in %s" % options.input_dir]
    if merged.get("agent", {}).get("run_as_user"):
        lines.append("# run_as_user = " + merged["agent"]["run_as_user"])
    for section, value in sorted({"agent": {}, **merged}.items()):
        lines += tables(section, value)
    with open(options.output, "w") as target:
        target.write("\\n".join(lines) + "\\n")
    print("Configuration validation first phase succeeded")


try:
    main()
except Exception as error:
    print("E! %s\\nConfiguration validation first phase failed. The json input is not valid." % error)
    sys.exit(1)
"""

_PACKAGES = {SSM_AGENT: _ssm_agent, CLOUDWATCH_AGENT: _cloudwatch_agent}
