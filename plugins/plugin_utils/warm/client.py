# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks the warm interpreter of this run to run a program, and starts one where there is none."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
from pathlib import Path

from ..run_server import Gone, RunServer

SERVER = Path(__file__).with_name("server.py")


class Cold(Exception):
    """The program was not begun, and is to be run the ordinary way. The text says why."""


class WarmInterpreter(RunServer):
    """The server of this run for one interpreter.

    :param interpreter: absolute path of a Python
    :param run_folder: the private folder of this ``ansible-playbook`` run, removed with it
    :param through_shell: runs a command line as the program would be run; answers exit status, stdout and stderr
    :param settings: ``idle``, ``cache``, ``cache_size`` and ``preload``, as the server takes them
    """

    def __init__(self, interpreter, run_folder, through_shell, settings):
        super().__init__("warm", interpreter, run_folder, settings)
        self.through_shell = through_shell

    def run(self, program, *, cwd=None, assignments=None, task=""):
        """Runs a program (Python source in bytes) as ``interpreter < program`` would run.

        :param cwd: the working directory; this process's own when not given
        :param assignments: variables set for this program alone
        :param task: the task's id, by which the file ``warm-calls`` in the run's folder says how many requests to AWS
            its module sent
        :returns: exit status (negative for a signal), stdout and stderr in bytes. The status is None where it is not
            known, since the process that waits for the program was killed.
        :raises Cold: the program was not begun
        :raises Unavailable: nor will another one be in this run
        """
        with contextlib.ExitStack() as stack:
            request = stack.enter_context(open(os.memfd_create("request"), "w+b"))
            request.write(self.head(assignments or {}, task) + program)
            request.seek(0)
            folder = os.open(cwd or ".", os.O_PATH | os.O_DIRECTORY)
            stack.callback(os.close, folder)
            stdout, stdout_end = (stack.enter_context(open(*end)) for end in zip(os.pipe(), ("rb", "wb"), strict=True))
            stderr, stderr_end = (stack.enter_context(open(*end)) for end in zip(os.pipe(), ("rb", "wb"), strict=True))
            connection = stack.enter_context(
                self.connect([request.fileno(), stdout_end.fileno(), stderr_end.fileno(), folder])
            )
            stdout_end.close()
            stderr_end.close()
            connection.settimeout(None)
            try:
                try:
                    connection.send(b"go")
                except OSError as error:
                    raise Cold(f"the process that was to run it has ended: {error}") from error
                return collect(connection, stdout, stderr)
            except BaseException:
                # A task that timed out: Ansible leaves its module running.
                with contextlib.suppress(OSError):
                    connection.send(b"leave")
                raise

    def head(self, assignments, task):
        head = {
            "environment": dict(os.environ),
            "assignments": assignments,
            "umask": current_umask(),
            "report": (str(self.socket.with_name("warm-calls")), task),
        }
        return json.dumps(head).encode() + b"\n"

    def greet(self, connection, descriptors):
        socket.send_fds(connection, [b"run"], descriptors)
        answer = connection.recv(4096)
        if answer.startswith(b"cold "):
            raise Cold(answer.removeprefix(b"cold ").decode())
        if answer != b"ready":
            raise Gone("its server ended before it took the task")

    def program(self, listener, owner):
        settings = {**self.settings, "added": self.added_by_shell(), "environment": dict(os.environ)}
        return SERVER.read_bytes() + f"\nmain({listener}, {owner}, {settings!r})\n".encode()

    def added_by_shell(self):
        """What the shell that runs the program adds to its environment; PWD, which differs by task, is left out."""
        _status, output, _errors = self.through_shell("env -0")
        variables = dict(entry.split("=", 1) for entry in os.fsdecode(output).split("\0") if entry)
        variables.pop("PWD", None)
        if variables.get("_") != os.environ.get("_"):
            variables["_"] = self.interpreter
        return {name: value for name, value in variables.items() if os.environ.get(name) != value}


def current_umask():
    with open("/proc/self/status") as status:
        return int(next(line.split()[1] for line in status if line.startswith("Umask:")), 8)


def collect(connection, stdout, stderr):
    """Reads what a program prints until all who hold its streams have closed them, and waits for its end."""
    received = {stdout: bytearray(), stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in received:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            for key, _events in selector.select():
                chunk = os.read(key.fd, 1 << 20)
                if chunk:
                    received[key.fileobj] += chunk
                else:
                    selector.unregister(key.fileobj)
    try:
        answer = connection.recv(16)
    except OSError:
        answer = b""
    return (int(answer) if answer else None), bytes(received[stdout]), bytes(received[stderr])
