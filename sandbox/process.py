# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Starting, asking and stopping the server process; nothing here needs moto."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from sandbox.clock import speed_of

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 5566
DEFAULT_REGION = "us-east-1"
DEFAULT_ACCOUNT = "123456789012"
# What AWS sends, as it documents it: https://docs.aws.amazon.com/eventbridge/latest/ref/events.html
EVENTS = Path(__file__).parent / "events"
START_TIMEOUT = 60.0
# The part of the webhook of Slack's stand-in that must not be seen in logs and messages.
SLACK_SECRET = "SecretOfTheSandboxesSlack"
_NEEDED_PACKAGES = {"moto": "moto[server]", "botocore": "boto3", "flask": "moto[server]", "regex": "regex"}


class SandboxError(Exception):
    """Something that the person at the keyboard has to know, as a sentence."""


def sample_event(kind: str) -> dict[str, Any]:
    """A sample of `sandbox/events`."""
    return json.loads((EVENTS / f"{kind}.json").read_text(encoding="utf-8"))


class Server:
    """The server of one port: its process, its directory, and its control API."""

    def __init__(self, port: int, home: Path):
        self.port = port
        self.home = home

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def start(self, clock: Any = None, hosts: bool = False) -> bool:
        """Start the server and wait until it answers; False when it was up already.

        ``clock`` is how many times faster than AWS it runs; unless given, what SANDBOX_CLOCK says, or at once.
        ``hosts`` lets instances of EC2 be machines that run, for which images are made, which takes a minute once.
        """
        speed = _speed(os.environ.get("SANDBOX_CLOCK") or 0 if clock is None else clock)
        missing = sorted({needed for name, needed in _NEEDED_PACKAGES.items() if not importlib.util.find_spec(name)})
        if missing:
            raise SandboxError(
                f"{sys.executable} lacks {', '.join(missing)}. Run 'make setup', then use .venv/bin/python."
            )
        status = self._status_or_none()
        if self._is_ours(status):
            if hosts and not status["hosts"]:
                message = "The sandbox is up without machines. Stop it first: python -m sandbox down"
                raise SandboxError(f"{message}{'' if self.port == DEFAULT_PORT else f' --port {self.port}'}")
            if clock is not None:
                self.set_clock(clock)
            return False
        if hosts:
            _prepare_hosts()
        self._prepare(status)
        environment = {**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "PYTHONPATH": _with_root()}
        environment.pop("MOTO_ACCOUNT_ID", None)
        command = [sys.executable, "-m", "sandbox", "serve", "--port", str(self.port)]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=self.home,
                env={
                    **environment,
                    "SANDBOX_HOME": str(self.home),
                    "SANDBOX_CLOCK": str(speed),
                    "SANDBOX_HOSTS": "yes" if hosts else "",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_up(process.pid)
        return True

    def start_as_copy_of(self, port: int) -> None:
        """Start the server with all that is built on the one of another port, which goes on.

        SandboxError if that one is not up, or this one is.
        """
        self._prepare(self._status_or_none())
        pid = Server(port, self.home).ask("POST", "copy", {"port": self.port, "home": str(self.home)})["pid"]
        self._wait_until_up(pid)

    def stop(self) -> bool:
        """Stop the server and remove its directory; False when nothing was up."""
        pid = self._pid()
        if pid is not None:
            _end(pid)
        shutil.rmtree(self.home, ignore_errors=True)
        return pid is not None

    def status(self) -> dict[str, Any]:
        """The summary of `sandbox.journal.Journal`; ``pid``, ``home``, ``clock``, ``faults``, and ``hosts``, a bool."""
        return self.ask("GET", "status")

    def clock(self) -> float:
        """How many times faster than AWS the server runs; 0 is at once."""
        return self.ask("GET", "clock")["speed"]

    def set_clock(self, speed: Any) -> None:
        """Let the server run so many times faster than AWS, with what is on its way, too."""
        self.ask("POST", "clock", {"speed": _speed(speed)})

    def send_event(
        self, kind: str | dict[str, Any], account: str, region: str, topic: str | None = None
    ) -> dict[str, Any]:
        """Raise a sample event, or one that is given whole; `sandbox.samples.send` says where it goes."""
        sample = kind if isinstance(kind, dict) else sample_event(kind)
        return self.ask("POST", "events", {"sample": sample, "account": account, "region": region, "topic": topic})

    @property
    def slack_page(self) -> str:
        """Where a browser sees what was posted to Slack's stand-in."""
        return f"{self.endpoint}/_sandbox/slack"

    @property
    def slack_webhook(self) -> str:
        """An incoming webhook of Slack's stand-in."""
        return f"{self.slack_page}/services/T00000000/B00000000/{SLACK_SECRET}"

    def ask(self, method: str, action: str, body: Any = None, timeout: float = 30) -> Any:
        """Call the control API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/{action}", data, method=method)
        try:
            with _opener().open(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SandboxError(json.load(error)["error"]) from error
        except (OSError, ValueError) as error:
            message = f"No sandbox answers on port {self.port}. Start it with 'python -m sandbox up'."
            raise SandboxError(message) from error

    def environment(self) -> dict[str, str]:
        """The variables that send any AWS tool to this sandbox, and nowhere else."""
        nowhere = str(self.home / "no-aws-configuration")
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "no-secret-at-all",
            "AWS_REGION": DEFAULT_REGION,
            "AWS_DEFAULT_REGION": DEFAULT_REGION,
            "AWS_CONFIG_FILE": nowhere,
            "AWS_SHARED_CREDENTIALS_FILE": nowhere,
            "AWS_EC2_METADATA_DISABLED": "true",
            # A host such as sync-127.0.0.1 does not resolve. S3 Control puts the account there all the same, and needs
            # the sandbox as its HTTP proxy.
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            **{name: ",".join(filter(None, ["127.0.0.1", os.environ.get(name)])) for name in ("NO_PROXY", "no_proxy")},
        }

    def _status_or_none(self) -> dict[str, Any] | None:
        try:
            return self.ask("GET", "status", timeout=3)
        except SandboxError:
            return None

    def _is_ours(self, status: dict[str, Any] | None) -> bool:
        return bool(status) and status.get("home") == str(self.home)

    def _pid(self) -> int | None:
        """The process of our server, if there is one."""
        status = self._status_or_none()
        return status["pid"] if self._is_ours(status) else None

    def _prepare(self, status: dict[str, Any] | None) -> None:
        """Make the directory, if the port is free."""
        self._refuse_taken_port(status)
        self._prepare_home()

    def _refuse_taken_port(self, status: dict[str, Any] | None) -> None:
        if status and "home" in status:
            raise SandboxError(
                f"Port {self.port} is taken by another sandbox, the one of {status['home']}."
                " Stop it there, or choose another port with --port or SANDBOX_PORT."
            )
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except PermissionError as error:
                raise SandboxError(f"You may not listen on port {self.port}. Choose one above 1023.") from error
            except OSError as error:
                raise SandboxError(
                    f"Port {self.port} is taken by another program. Choose another with --port or SANDBOX_PORT."
                ) from error

    def _prepare_home(self) -> None:
        try:
            # What an interrupted server left behind is of no use.
            shutil.rmtree(self.home, ignore_errors=True)
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.log.touch(mode=0o600)
        except OSError as error:
            raise SandboxError(
                f"The directory {self.home} cannot be made: {error.strerror}. Set SANDBOX_HOME to one that can."
            ) from error

    def _wait_until_up(self, pid: int) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self._is_ours(self._status_or_none()):
            alive = _runs(pid)
            if alive and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            reason = "did not answer in time" if alive else "died at start-up"
            _end(pid)
            lines = self.log.read_text(errors="replace").splitlines()[-15:]
            shutil.rmtree(self.home, ignore_errors=True)
            raise SandboxError(f"The server {reason}. Its last words:\n" + "\n".join(f"  {line}" for line in lines))


@functools.cache
def _opener() -> urllib.request.OpenerDirector:
    """What asks the control API; made once, as it reads the certificates of the machine, of which it needs none."""
    # The empty handler keeps loopback away from a proxy of the environment.
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def default_home(port: int) -> Path:
    """The directory of a sandbox: ``.sandbox/<port>`` in the repository, or what SANDBOX_HOME says."""
    return Path(os.environ.get("SANDBOX_HOME") or ROOT / ".sandbox" / str(port)).absolute()


class Sandbox:
    """A sandbox for a test: a process and a directory of its own, on a free port.

    ``with Sandbox() as sandbox: sandbox.client("ec2").describe_vpcs()``

    ``clock`` is how many times faster than AWS it runs; unless given, what SANDBOX_CLOCK says, or at once.
    ``copy_of`` is the port of a sandbox all of whose resources it begins with. With ``hosts`` its instances of EC2 run.
    """

    def __init__(self, clock: float | None = None, copy_of: int | None = None, hosts: bool = False) -> None:
        self._clock = clock
        self.has_hosts = hosts
        self._copy_of = copy_of
        self._directory = Path(tempfile.mkdtemp(prefix="sandbox-"))
        self._server = Server(_free_port(), self._directory / "home")

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        if self._copy_of is None:
            self._server.start(self._clock, self.has_hosts)
        else:
            self._server.start_as_copy_of(self._copy_of)
            if self._clock is not None:
                self.clock(self._clock)

    def copy(self) -> Sandbox:
        """Another sandbox on a port of its own, not started yet, which begins with all that is built on this one.

        ``with sandbox.copy() as copy:``. Its log is empty, it has no faults, and its clock runs as this one's.
        """
        return Sandbox(copy_of=self.port)

    def stop(self) -> None:
        """Stop the server; `start` makes another one on the same port, as this one was at first."""
        self._server.stop()
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def endpoint(self) -> str:
        return self._server.endpoint

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def home(self) -> Path:
        return self._server.home

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables for a process that is to use this sandbox."""
        return self._server.environment()

    def client(
        self,
        service: str,
        region: str = DEFAULT_REGION,
        account: str | None = None,
        credentials: tuple[str, ...] = ("sandbox", "sandbox"),
        **config: Any,
    ) -> Any:
        """A boto3 client, for another account than 123456789012 if ``account`` is given.

        ``credentials`` are the key's id, the key, and a session token if there is one. It does not retry, unless
        ``config``, which is botocore's, says so.
        """
        from botocore.config import Config

        # The server is its own proxy: the names that S3 Control makes of an account and a host need not resolve then.
        config = {"proxies": {"http": self.endpoint}, "retries": {"total_max_attempts": 1}, **config}
        with _making_clients:
            client = _session(*credentials).client(
                service, region_name=region, endpoint_url=self.endpoint, config=Config(**config)
            )
        if account:

            def add_account(request: Any, **_: Any) -> None:
                request.headers["x-moto-account-id"] = account

            client.meta.events.register("before-sign.*.*", add_account)
        return client

    def requests(self) -> list[dict[str, Any]]:
        """The log, oldest entry first; `sandbox.journal.Journal` says what an entry has."""
        return [json.loads(line) for line in (self.home / "requests.jsonl").read_text().splitlines()]

    def status(self) -> dict[str, Any]:
        return self._server.status()

    def reset(self) -> None:
        """Empty the state, the log, the counts, the faults, and what Slack's stand-in received."""
        self._server.ask("POST", "reset")

    def send_event(
        self,
        kind: str | dict[str, Any],
        account: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
        topic: str | None = None,
    ) -> dict[str, Any]:
        """Raise a sample of `sandbox/events`, or one like it, as its service does; `sandbox.samples.send` says more."""
        return self._server.send_event(kind, account, region, topic)

    def open_window(self, window_id: str, region: str = DEFAULT_REGION, account: str = DEFAULT_ACCOUNT) -> str:
        """Open a maintenance window of Systems Manager now, whatever its schedule; the ID of the execution."""
        opened = self._server.ask(
            "POST", "maintenance-window", {"account": account, "region": region, "window_id": window_id}
        )
        return opened["execution"]

    def settle(self, timeout: float = 120) -> None:
        """Wait until what has been published and invoked has arrived; with a clock, what is due by now.

        SandboxError when it takes longer.
        """
        answer = self._server.ask("POST", "settle", {"timeout": timeout}, timeout=timeout + 10)
        if not answer["settled"]:
            raise SandboxError(f"After {timeout:g} s something is still on its way.")

    def clock(self, speed: float) -> None:
        """Run so many times faster than AWS from now on, or at once at 0."""
        self._server.set_clock(speed)

    def faults(self, kind: str | None = None, **rule: Any) -> list[dict[str, Any]]:
        """Add a rule (see `sandbox.faults.Fault`) and list all of them; without a kind, clear them."""
        if kind is None:
            return self._server.ask("DELETE", "faults")
        return self._server.ask("POST", "faults", {"kind": kind, **rule})

    @property
    def slack_webhook(self) -> str:
        """The URL of an incoming webhook of Slack's stand-in."""
        return self._server.slack_webhook

    def slack_received(self) -> list[dict[str, Any]]:
        """What was posted to it, oldest first; `sandbox.slack.Slack.received` says what an entry has."""
        return self._server.ask("GET", "slack/messages")

    def slack_orders(self, kind: str | None = None, **order: Any) -> list[dict[str, Any]]:
        """Let it fail (see `sandbox.slack.Order`), and list what it is to do; without a kind, clear that."""
        if kind is None:
            return self._server.ask("DELETE", "slack/orders")
        return self._server.ask("POST", "slack/orders", {"kind": kind, **order})


# A session keeps the models that it has read, which takes longest, but must not make two clients at a time.
_making_clients = threading.Lock()


@functools.cache
def _session(*credentials: str) -> Any:
    import boto3

    return boto3.session.Session(*credentials)


def _prepare_hosts() -> None:
    # What it needs is needed for machines alone.
    from sandbox.hosts import images
    from sandbox.hosts.requirements import unavailable

    reason = unavailable()
    if reason:
        raise SandboxError(reason)
    images.prepare(lambda said: print(said, file=sys.stderr, flush=True))


def _speed(value: Any) -> float:
    try:
        return speed_of(value)
    except ValueError as error:
        raise SandboxError(str(error)) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _with_root() -> str:
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


def _end(pid: int) -> None:
    """Ask a process to end, and end it when it does not."""
    for wanted, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, wanted)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not _runs(pid):
                return
            time.sleep(0.02)


def _runs(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        # Our own child has to be collected, or it stays in the table as a zombie.
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
