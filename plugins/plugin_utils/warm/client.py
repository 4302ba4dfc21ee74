# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks the warm interpreter of this run to run a program, and starts one where there is none."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import multiprocessing
import os
import selectors
import socket
import subprocess
from pathlib import Path

SERVER = Path(__file__).with_name("server.py")
# Longer than a start takes on a busy machine; after it the run goes on without.
READY_SECONDS = 60
BACKLOG = 1024


class Cold(Exception):
    """The program was not begun, and is to be run the ordinary way. The text says why."""


class Unavailable(Cold):
    """This run has no warm interpreter, and will not have one. The text says why."""


class Gone(Exception):
    """There is no server, or it ended before it took the program."""


class WarmInterpreter:
    """The server of this run for one interpreter.

    :param interpreter: absolute path of a Python
    :param run_folder: the private folder of this ``ansible-playbook`` run, removed with it
    :param through_shell: runs a command line as the program would be run; answers exit status, stdout and stderr
    :param settings: ``idle``, ``cache``, ``cache_size`` and ``preload``, as the server takes them
    """

    def __init__(self, interpreter, run_folder, through_shell, settings):
        self.interpreter = interpreter
        self.through_shell = through_shell
        self.settings = settings
        name = hashlib.sha256(json.dumps([interpreter, settings], sort_keys=True).encode()).hexdigest()[:16]
        self.socket = Path(run_folder, f"warm-{name}")
        self.lock = self.socket.with_suffix(".lock")
        self.log = self.socket.with_suffix(".log")
        self.unavailable = self.socket.with_suffix(".off")

    def run(self, program, *, cwd=None, assignments=None, task=""):
        """Runs a program (Python source in bytes) as ``interpreter < program`` would run.

        :param cwd: the working directory; this process's own when not given
        :param assignments: variables set for this program alone
        :param task: the task's id, by which the file ``warm-calls`` in the run's folder says how many requests to AWS
            its module sent
        :returns: exit status (negative for a signal), stdout and stderr in bytes. The status is None where it is not
            known, since the process that waits for the program was killed.
        :raises Cold: the program was not begun
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

    def connect(self, descriptors):
        """Answers a connection to a process that is ready to run the program."""
        if self.unavailable.exists():
            raise Unavailable(self.unavailable.read_text())
        # There may be none, or one that ends since packages have changed, and the next may have changed them itself:
        # Python writes bytecode beside what it imports.
        for _attempt in range(3):
            tried = stamp(self.socket)
            try:
                return self.ask(descriptors)
            except Gone:
                self.start(tried)
        try:
            return self.ask(descriptors)
        except Gone as error:
            said = self.log.read_text(errors="replace").strip().splitlines()
            raise self.give_up(said[-1] if said else str(error)) from error

    def ask(self, descriptors):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.settimeout(READY_SECONDS)
            with address(self.socket) as path:
                connection.connect(path)
            socket.send_fds(connection, [b"run"], descriptors)
            answer = connection.recv(4096)
        except TimeoutError as error:
            connection.close()
            raise self.give_up(f"its server did not answer in {READY_SECONDS} seconds") from error
        except OSError as error:
            connection.close()
            raise Gone(str(error)) from error
        if answer == b"ready":
            return connection
        connection.close()
        if answer.startswith(b"cold "):
            raise Cold(answer.removeprefix(b"cold ").decode())
        raise Gone("its server ended before it took the task")

    def start(self, tried):
        """Starts a server, unless somebody did since the socket looked as ``tried``."""
        with open(self.lock, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if stamp(self.socket) != tried:
                return
            unheard = self.socket.with_suffix(".new")
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
                    unheard.unlink(missing_ok=True)
                    with address(unheard) as path:
                        listener.bind(path)
                    listener.listen(BACKLOG)
                    # Whoever finds the socket can connect to it, though the server may still be warming up.
                    unheard.replace(self.socket)
                    self.spawn(listener.fileno())
            except OSError as error:
                raise self.give_up(str(error)) from error

    def spawn(self, listener):
        owner = os.pidfd_open(owner_pid())
        try:
            settings = {**self.settings, "added": self.added_by_shell(), "environment": dict(os.environ)}
            with open(self.log, "wb") as log:
                server = subprocess.Popen(
                    [self.interpreter],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                    cwd="/",
                    pass_fds=(listener, owner),
                    start_new_session=True,
                )
            with server.stdin, contextlib.suppress(BrokenPipeError):
                server.stdin.write(SERVER.read_bytes() + f"\nmain({listener}, {owner}, {settings!r})\n".encode())
        finally:
            os.close(owner)

    def added_by_shell(self):
        """What the shell that runs the program adds to its environment; PWD, which differs by task, is left out."""
        _status, output, _errors = self.through_shell("env -0")
        variables = dict(entry.split("=", 1) for entry in os.fsdecode(output).split("\0") if entry)
        variables.pop("PWD", None)
        if variables.get("_") != os.environ.get("_"):
            variables["_"] = self.interpreter
        return {name: value for name, value in variables.items() if os.environ.get(name) != value}

    def give_up(self, reason):
        """Remembers for the rest of the run that it goes on without, and answers the error to raise."""
        self.unavailable.write_text(reason)
        return Unavailable(reason)


def owner_pid():
    """The ``ansible-playbook`` process: tasks run in its children."""
    parent = multiprocessing.parent_process()
    return parent.pid if parent else os.getpid()


def current_umask():
    with open("/proc/self/status") as status:
        return int(next(line.split()[1] for line in status if line.startswith("Umask:")), 8)


@contextlib.contextmanager
def address(path):
    """A name for a socket that is short enough, however deep its folder lies."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def stamp(path):
    """What tells one socket from the next of the same name."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_ctime_ns


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
