# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Sessions of Session Manager: a shell on a terminal of its own in a machine, and what it showed, kept as it is to be.

The stand-in of the session-manager-plugin asks the control API for its session as if it became another protocol, and
has the terminal from then on: what it sends is typed, and what is shown there is what it gets.

https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-logging.html
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import hmac
import json
import os
import secrets
import select
import signal
import socket
import struct
import subprocess
import termios
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from sandbox.delivery import LOCK
from sandbox.hosts.machines import Machine
from sandbox.hosts.metadata import alias_of, may

PREFERENCES = "SSM-SessionManagerRunShell"
# asm-generic/ioctls.h: the number of a terminal, and the lock on it; termios has them from Python 3.13 on.
_TIOCGPTN, _TIOCSPTLCK = 0x80045430, 0x40045431
# What a log keeps of a session, in bytes.
_MOST = 10 << 20
_IDLE_MINUTES = 20
# How often, in seconds, a session looks at its machine while nothing is said.
_TICK = 0.5


@dataclass
class Session:
    """A session, and the ``inputs`` of its document, which say how it is."""

    machine: Machine
    document: str
    inputs: dict[str, Any]
    owner: str
    reason: str = ""
    id: str = field(default_factory=lambda: f"sandbox-{secrets.token_hex(9)[:17]}")
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    status: str = "Connecting"
    started: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    ended: datetime.datetime | None = None
    shown: bytearray = field(default_factory=bytearray)
    process: subprocess.Popen[bytes] | None = None
    is_over: bool = False

    def end(self) -> None:
        """End it also where its shell has not been started yet, or has not become the leader of its group."""
        self.is_over = True
        if self.process:
            # What runs in it is hung up on, too, whichever of its groups is in the foreground at the moment.
            for member in _members(self.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(member, signal.SIGHUP)
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                self.process.kill()


def _members(leader: int) -> list[int]:
    """The processes of a session of the kernel's, by who leads it: proc(5)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                found.append(int(process.name))
    return found


class Sessions:
    """The sessions of this sandbox by their IDs, the ended ones, too."""

    def __init__(self) -> None:
        self.all: dict[str, Session] = {}

    def forget(self) -> None:
        for session in self.all.values():
            session.end()
        self.all.clear()

    def attach(self, environ: dict[str, Any], session_id: str) -> None:
        """Give a connection the terminal of a session until either ends; it raises, as there is nothing to answer."""
        connection: socket.socket = environ["werkzeug.socket"]
        session = self.all.get(session_id)
        token = environ.get("HTTP_AUTHORIZATION", "")
        if session is None or session.status != "Connecting" or not hmac.compare_digest(token, session.token):
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            raise ConnectionAbortedError
        session.status = "Connected"
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        try:
            with LOCK:
                refusal = _refusal(session)
            if refusal:
                connection.sendall(refusal.encode() + b"\n")
            else:
                _run(session, connection)
                with LOCK:
                    _log(session)
        finally:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            session.status = "Terminated"
            session.ended = datetime.datetime.now(datetime.UTC)
        raise ConnectionAbortedError


SESSIONS = Sessions()


def _run(session: Session, connection: socket.socket) -> None:
    machine, inputs = session.machine, session.inputs
    user = inputs.get("runAsDefaultUser") if inputs.get("runAsEnabled") else "ssm-user"
    terminal = os.open(f"/proc/{machine.leader}/root/dev/pts/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    fcntl.ioctl(terminal, _TIOCSPTLCK, struct.pack("i", 0))
    (number,) = struct.unpack("I", fcntl.ioctl(terminal, _TIOCGPTN, struct.pack("I", 0)))
    # As wide as the real plugin says where there is no window.
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 300, 0, 0))
    shell = os.open(f"/proc/{machine.leader}/root/dev/pts/{number}", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    # As the user, in the directory that the real agent begins in.
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "sh", "-c", "cd /usr/bin && exec sh"]
    try:
        session.process = subprocess.Popen(
            ["setsid", "--ctty", *machine.command(*become)],
            stdin=shell,
            stdout=shell,
            stderr=shell,
            env={
                "PATH": os.defpath,
                "HOME": f"/home/{user}",
                "USER": str(user),
                "TERM": "xterm-256color",
                "LANG": "C.UTF-8",
            },
        )
    finally:
        os.close(shell)
    profile = (inputs.get("shellProfile") or {}).get("linux")
    if profile:
        os.write(terminal, f"{profile}\n".encode())
    try:
        _pump(session, connection, terminal, 60 * float(inputs.get("idleSessionTimeout") or _IDLE_MINUTES))
    finally:
        os.close(terminal)
        session.end()
        session.process.wait()


def _pump(session: Session, connection: socket.socket, terminal: int, idle: float) -> None:
    """Until the shell or the session ends, the other side leaves, or nothing is said for so many seconds."""
    limit = session.inputs.get("maxSessionDuration")
    end = time.monotonic() + 60 * float(limit) if limit else float("inf")
    quiet_since = time.monotonic()
    while not session.is_over and time.monotonic() < min(end, quiet_since + idle):
        ready, _, _ = select.select([connection, terminal], [], [], _TICK)
        if not ready:
            if session.machine.is_shutting_down:
                # A shell that is not told to would not go, and the machine would wait for it.
                return
            continue
        quiet_since = time.monotonic()
        try:
            if terminal in ready:
                shown = os.read(terminal, 65536)
                if len(session.shown) < _MOST:
                    session.shown += shown
                connection.sendall(shown)
            if connection in ready:
                typed = connection.recv(65536)
                if not typed:
                    return
                while typed:
                    typed = typed[os.write(terminal, typed) :]
        except OSError:
            # The shell has ended, or nobody listens any more.
            return


def _refusal(session: Session) -> str | None:
    """What the agent says when its preferences ask for more than there is."""
    machine, inputs = session.machine, session.inputs
    group, bucket = inputs.get("cloudWatchLogGroupName"), inputs.get("s3BucketName")
    kind = ""
    if group and inputs.get("cloudWatchEncryptionEnabled", True):
        found = logs_backends[machine.account][machine.region].groups.get(group)
        kind = "" if found and found.kms_key_id else "CloudWatch Logs log group"
    if bucket and inputs.get("s3EncryptionEnabled", True):
        buckets = s3_backends[machine.account][get_partition(machine.region)].buckets
        kind = kind if bucket in buckets and buckets[bucket].encryption else "Amazon S3 bucket"
    key = inputs.get("kmsKeyId")
    if kind:
        return f"The session cannot be started, because the {kind} that it is to be logged in is not encrypted."
    if key and not may(machine, "kms:Decrypt", key, {"kms:ResourceAliases": alias_of(machine, key)}):
        return f"The session cannot be encrypted, because the role of {machine.instance_id} may not use {key}."
    return None


def _log(session: Session) -> None:
    """Keep what was shown, as far as the role of the instance may."""
    machine, inputs = session.machine, session.inputs
    partition = get_partition(machine.region)
    text = session.shown.decode("utf-8", "replace").replace("\r\n", "\n")
    bucket, group = inputs.get("s3BucketName"), inputs.get("cloudWatchLogGroupName")
    key = "/".join(filter(None, [inputs.get("s3KeyPrefix", "").strip("/"), f"{session.id}.log"]))
    if bucket and may(machine, "s3:PutObject", f"arn:{partition}:s3:::{bucket}/{key}"):
        s3_backends[machine.account][partition].put_object(bucket, key, text.encode())
    arn = f"arn:{partition}:logs:{machine.region}:{machine.account}:log-group:{group}:log-stream:{session.id}"
    if group and may(machine, "logs:PutLogEvents", arn):
        logs = logs_backends[machine.account][machine.region]
        logs.create_log_stream(group, session.id)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": _entry(session, line)} for line in text.splitlines() if line]
        if events:
            logs.put_log_events(group, session.id, events)


def _entry(session: Session, line: str) -> str:
    """A line as it is streamed, with who sees it."""
    return json.dumps(
        {
            "eventVersion": "1.0",
            "eventTime": f"{session.started:%Y-%m-%dT%H:%M:%SZ}",
            "awsRegion": session.machine.region,
            "target": {"id": session.machine.instance_id},
            "userIdentity": {"arn": session.owner},
            "sessionId": session.id,
            "sessionData": [line],
        }
    )


def may_start(machine: Machine) -> bool:
    """Whether the agent is connected: it runs, and the instance's role lets it."""
    return machine.has_agent and may(machine, "ssmmessages:OpenDataChannel")


def session_of(machine: Machine, name: str | None, documents: Any, owner: str, reason: str) -> Session:
    """A new session by a document, or by the account's preferences; LookupError when there is no such document."""
    if name and name not in documents and name != PREFERENCES:
        raise LookupError(name)
    document = documents.get(name or PREFERENCES)
    inputs = document.get_default_version().content_json.get("inputs", {}) if document else {}
    session = Session(machine, name or PREFERENCES, inputs, owner, reason)
    SESSIONS.all[session.id] = session
    return session
