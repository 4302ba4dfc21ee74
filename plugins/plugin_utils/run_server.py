# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A process that serves the tasks of one run: started by the first task that needs it, it goes when the run does."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import multiprocessing
import os
import socket
import subprocess
from pathlib import Path

# Longer than a start takes on a busy machine; after it the run goes on without.
READY_SECONDS = 60
BACKLOG = 1024


class Unavailable(Exception):
    """This run has no such server, and will not have one. The text says why."""


class Gone(Exception):
    """There is no server, or it ended before it took the request."""


class RunServer:
    """A server of this run, which listens on a socket in the run's folder.

    What is derived from it says how a server is spoken to first (``greet``), and what it runs (``program``).

    :param kind: what the server is, as its socket is called
    :param interpreter: absolute path of the Python that it runs in
    :param run_folder: the private folder of this ``ansible-playbook`` run, removed with it
    :param settings: what tells it from other servers of this kind; can be written as JSON
    """

    def __init__(self, kind, interpreter, run_folder, settings):
        self.interpreter = interpreter
        self.settings = settings
        name = hashlib.sha256(json.dumps([interpreter, settings], sort_keys=True).encode()).hexdigest()[:16]
        self.socket = Path(run_folder, f"{kind}-{name}")
        self.lock = self.socket.with_suffix(".lock")
        self.log = self.socket.with_suffix(".log")
        self.unavailable = self.socket.with_suffix(".off")

    def greet(self, connection, *request):
        """Says the first word on a connection; raises Gone or OSError when the server did not take it."""
        raise NotImplementedError

    def program(self, listener, owner):
        """The source of the server in bytes, which gets two descriptors: its socket, and ``ansible-playbook``."""
        raise NotImplementedError

    def connect(self, *request):
        """Answers a connection to the server, greeted with the request.

        :raises Unavailable: there is no server to be had
        """
        if self.unavailable.exists():
            raise Unavailable(self.unavailable.read_text())
        # There may be none, or one that ends since packages have changed, and the next may have changed them itself:
        # Python writes bytecode beside what it imports.
        for _attempt in range(3):
            tried = stamp(self.socket)
            try:
                return self.ask(*request)
            except Gone:
                self.start(tried)
        try:
            return self.ask(*request)
        except Gone as error:
            said = self.log.read_text(errors="replace").strip().splitlines()
            raise self.give_up(said[-1] if said else str(error)) from error

    def ask(self, *request):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.settimeout(READY_SECONDS)
            with address(self.socket) as path:
                connection.connect(path)
            self.greet(connection, *request)
        except TimeoutError as error:
            connection.close()
            raise self.give_up(f"its server did not answer in {READY_SECONDS} seconds") from error
        except OSError as error:
            connection.close()
            raise Gone(str(error)) from error
        except BaseException:
            connection.close()
            raise
        return connection

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
                server.stdin.write(self.program(listener, owner))
        finally:
            os.close(owner)

    def give_up(self, reason):
        """Remembers for the rest of the run that it goes on without, and answers the error to raise."""
        self.unavailable.write_text(reason)
        return Unavailable(reason)


def owner_pid():
    """The ``ansible-playbook`` process: tasks run in its children."""
    parent = multiprocessing.parent_process()
    return parent.pid if parent else os.getpid()


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
