# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks the keeper of this run's sessions for one, and starts the keeper where there is none."""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import socket
import sys
from pathlib import Path

from ansible.errors import AnsibleConnectionFailure

from ..run_server import Gone, RunServer

SERVER = Path(__file__).with_name("server.py")


class SessionKeeper(RunServer):
    """The keeper of this run's sessions.

    :param run_folder: the private folder of this ``ansible-playbook`` run, removed with it
    :param idle_seconds: how long a session is kept that no task uses
    :param most: how many of them are kept
    """

    def __init__(self, run_folder, idle_seconds, most):
        super().__init__("sessions", sys.executable, run_folder, [idle_seconds, most])

    def greet(self, connection, wanted):
        connection.send(json.dumps(wanted).encode())
        if connection.recv(16) != b"ready":
            raise Gone("it ended before it took the task")
        connection.settimeout(None)

    def program(self, listener, owner):
        idle_seconds, most = self.settings
        return SERVER.read_bytes() + f"\nmain({listener}, {owner}, {idle_seconds}, {most})\n".encode()


class Keeping:
    """A task's connection to the keeper. Whatever fails there is an AnsibleConnectionFailure here.

    :param connection: what SessionKeeper.connect answers
    """

    def __init__(self, connection):
        self.connection = connection

    def session(self, executable, reuse):
        """A session, as PluginProcess: one that is kept, if it may be and there is one."""
        answer, descriptors = self.ask("session", executable=executable, reuse=reuse)
        return PluginProcess(answer["id"], answer["kept"], *descriptors)

    def upload(self, name, file):
        """Puts a file into the bucket; answers the URL where the host gets it."""
        return self.ask("upload", file, name=name)[0]["url"]

    def promise(self, name):
        """The URL to which the host uploads a file."""
        return self.ask("promise", name=name)[0]["url"]

    def download(self, name, file):
        """Gets what the host has uploaded."""
        self.ask("download", file, name=name)

    def forget(self, name):
        """Has a file deleted from the bucket, and does not wait for it."""
        self.say("forget", name=name)

    def keep(self):
        """Gives the session back."""
        self.say("keep")

    def drop(self):
        """Has all sessions like this one ended that are kept."""
        self.ask("drop")

    def close(self):
        """Leaves; a session that was not given back is ended."""
        self.connection.close()

    def ask(self, request, *files, **arguments):
        self.say(request, *files, **arguments)
        try:
            packet, descriptors, _flags, _address = socket.recv_fds(
                self.connection, 1 << 16, 4, socket.MSG_CMSG_CLOEXEC
            )
        except OSError as error:
            raise AnsibleConnectionFailure(f"The keeper of sessions cannot be asked: {error}") from error
        if not packet:
            raise AnsibleConnectionFailure("The keeper of sessions has ended.")
        answer = json.loads(packet)
        if "error" in answer:
            raise AnsibleConnectionFailure(answer["error"])
        return answer, descriptors

    def say(self, request, *files, **arguments):
        packet = json.dumps({"ask": request, **arguments}).encode()
        try:
            socket.send_fds(self.connection, [packet], [file.fileno() for file in files])
        except OSError as error:
            raise AnsibleConnectionFailure(f"The keeper of sessions cannot be asked: {error}") from error


class PluginProcess:
    """A session-manager-plugin that another process has started: what ProcessManager of amazon.aws needs of a Popen.

    :ivar id: the session's
    :ivar is_kept: whether an earlier task has used it, and made its terminal ready
    :ivar stdout: its terminal
    """

    def __init__(self, session_id, is_kept, stdin, terminal, stderr, handle):
        self.id = session_id
        self.is_kept = is_kept
        self.stdin = io.FileIO(stdin, "wb")
        self.stdout = io.FileIO(terminal, "rb")
        self.stderr = io.FileIO(stderr, "rb")
        self.handle = handle

    def poll(self):
        """None while it runs. How it has ended only its parent knows."""
        poller = select.poll()
        poller.register(self.handle, select.POLLIN)
        return 0 if poller.poll(0) else None

    def close(self):
        """Leaves its streams to the keeper."""
        for stream in (self.stdin, self.stdout, self.stderr):
            with contextlib.suppress(OSError):
                stream.close()
        os.close(self.handle)
