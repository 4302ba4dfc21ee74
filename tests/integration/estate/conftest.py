# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Running the collection's playbooks against a sandbox, as people do, and reading what they said."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import pickle
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.hosts import requirements

from .content import everything

ROOT = Path(__file__).resolve().parents[3]
CHANGED = re.compile(
    r"^changed: \[(?P<cell>[^]]+)\] (?P<layer>\w+) : (?P<task>.*?)(?: => \(item=(?P<item>.*)\))?$", re.MULTILINE
)

TOKYO = "ap-northeast-1"
# What destroys an estate with its data.
BOTH_WORDS = ("-e", "destroy_estate=shop-sandbox", "-e", "destroy_data=data")
# Of the network only what other layers stand on, so that tests that are not about it are quick.
SMALL_NETWORK = {"network_nat": "none", "network_interface_endpoints": [], "network_flow_logs": False}


@dataclass(frozen=True, order=True)
class Change:
    """A change that a run made or would make: in which layer and cell, by which task, to which item of its loop."""

    layer: str
    cell: str
    task: str
    item: str = ""


@dataclass(frozen=True)
class Run:
    """What a run of a playbook said."""

    returncode: int
    output: str

    @property
    def changes(self) -> set[Change]:
        """All changes that the run reported."""
        return {Change(**change.groupdict(default="")) for change in CHANGED.finditer(self.output)}

    @property
    def touched(self) -> set[tuple[str, str]]:
        """The tasks that changed something, with the items they changed it on: whatever the cell."""
        return {(change.task, change.item) for change in self.changes}


class Estate:
    """An estate on a sandbox of its own, and the commands that people run on it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.memory: dict[str, object] = {}  # what a test leaves for a later one to know

    def start(
        self, *arguments: str, playbook: str = "site.yml", settings: dict[str, str] | None = None
    ) -> subprocess.Popen:
        """Start a run of a playbook, with more variables of the environment, and do not wait for it."""
        command = [
            Path(sys.executable).with_name("ansible-playbook"),
            "-i",
            "inventories/sandbox",
            playbook,
            *arguments,
        ]
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env={
                **os.environ,
                "SANDBOX_PORT": self.sandbox.endpoint.rpartition(":")[2],
                "ANSIBLE_NOCOLOR": "1",
                # Where nothing runs there are no hosts to ask for, which takes a second.
                **({} if self.sandbox.has_hosts else {"ANSIBLE_INVENTORY_IGNORE_REGEX": r"\.aws_ec2\.yml$"}),
                **(settings or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def attempt(self, *arguments: str, playbook: str = "site.yml") -> Run:
        """Run a playbook to its end, a bad one too."""
        process = self.start(*arguments, playbook=playbook)
        output, _ = process.communicate(timeout=600)
        return Run(process.returncode, output)

    def run(self, *arguments: str, playbook: str = "site.yml") -> Run:
        """Run a playbook to its end, which must be a good one."""
        run = self.attempt(*arguments, playbook=playbook)
        assert run.returncode == 0, run.output
        return run

    def described(self, folder: Path, **variables: object) -> str:
        """The argument that lets variables differ from the description."""
        path = folder / "description.json"
        path.write_text(json.dumps(variables))
        return f"-e@{path}"

    def writes(self) -> list[dict]:
        """The requests so far that were to write something."""
        return [request for request in self.sandbox.requests() if request["write"]]


def commands() -> set[str]:
    """What all processes were called with."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.add(path.read_text(errors="replace"))
        except OSError:
            continue  # It has ended.
    return found


def text_of(path: Path) -> str:
    """What is in a file; nothing when it is another run's, which has ended and taken it away."""
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""


@pytest.fixture
def watched(estate: Estate, tmp_path: Path) -> Iterator[Callable[..., list[str]]]:
    """Runs a playbook with all that Ansible can be made to say and to keep, while somebody looks at what runs.

    It answers all that could be seen: commands, the output, logs, caches, temporary files. With ``keep=False``, files
    with what modules are called with are gone when they have ended, as they are unless somebody looks for a fault.
    """
    log, facts, output = (tmp_path / name for name in ("ansible.log", "facts", "output"))
    # Ansible makes sockets in it, whose paths cannot be long.
    temporary = Path(tempfile.mkdtemp(prefix="seen-", dir="/tmp"))
    settings = {
        "ANSIBLE_LOG_PATH": str(log),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(facts),
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.posix.jsonl",
        "TMPDIR": str(temporary),
    }

    def watch(*arguments: str, keep: bool = True) -> list[str]:
        process = estate.start(*arguments, settings={**settings, "ANSIBLE_KEEP_REMOTE_FILES": str(int(keep))})
        seen = set()
        with output.open("w") as stream:
            while process.poll() is None:
                seen.update(commands())
                stream.write(process.stdout.readline())
            stream.write(process.stdout.read())
        assert process.returncode == 0, output.read_text()
        places = (tmp_path.rglob("*"), temporary.rglob("*"), Path.home().glob(".ansible/tmp/**/*"))
        kept = [path for path in itertools.chain(*places) if path.is_file()]
        assert {log, output} <= set(kept)
        assert any("ansible-playbook" in command for command in seen)
        return [*seen, *(text for text in map(text_of, kept) if text)]

    yield watch
    shutil.rmtree(temporary)


def copy_of_the_whole(folder: Path, owned: ExitStack) -> Sandbox:
    """A sandbox, not started yet, with the whole estate, which is built once for all of pytest's processes.

    A file in ``folder`` has the port of the sandbox that it was built on, and another one has what was there before.
    Whoever built it has it in ``owned``, and it is built again for who comes after that.
    """
    with (folder / "whole").open("a+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        port = stream.read()
        if not port or not listens(int(port)):
            sandbox = owned.enter_context(Sandbox())
            (folder / "empty").write_bytes(pickle.dumps(everything(sandbox)))
            Estate(sandbox).run()
            refuse_nothing(sandbox)
            stream.truncate(0)
            stream.write(str(sandbox.port))
            port = sandbox.port
    return Sandbox(copy_of=int(port))


def listens(port: int) -> bool:
    """Whether a sandbox is up on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def refuse_nothing(*sandboxes: Sandbox) -> None:
    """Fail when AWS would not even have looked at a request."""
    refused = [sandbox.status()["refused"] for sandbox in sandboxes]
    assert not any(refused), f"AWS would have refused these requests: {refused}"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all of pytest's processes."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def estates(shared: Path) -> Iterator[Callable[[str, bool], Estate]]:
    """Makes an estate of a test module, of which nothing is built, or the whole, when it is first asked for.

    It stays until the session ends: a fixture of the module would be gone as soon as pytest-xdist runs a test of
    another module in between.
    """
    with ExitStack() as stack:
        made: dict[tuple[str, bool], Estate] = {}

        def estate_of(module: str, whole: bool) -> Estate:
            if (module, whole) not in made:
                sandbox = copy_of_the_whole(shared, stack) if whole else Sandbox()
                made[module, whole] = Estate(stack.enter_context(sandbox))
            return made[module, whole]

        yield estate_of
        refuse_nothing(*(estate.sandbox for estate in made.values()))


@pytest.fixture
def estate(estates: Callable[[str, bool], Estate], request: pytest.FixtureRequest) -> Estate:
    """The estate of this test module, of which nothing is built at first; what a test does to it, later ones find."""
    return estates(request.module.__name__, False)


@pytest.fixture
def built(estates: Callable[[str, bool], Estate], request: pytest.FixtureRequest) -> Estate:
    """The whole estate, as described, in a copy of this test module; what a test does to it, later ones find."""
    return estates(request.module.__name__, True)


@pytest.fixture
def empty(built: Estate, shared: Path) -> dict:
    """What there was before the whole estate was built."""
    return pickle.loads((shared / "empty").read_bytes())


@pytest.fixture
def described(estate: Estate, tmp_path: Path) -> Callable[..., str]:
    """The argument that describes an estate with a small network, with what else it should say."""
    return lambda **variables: estate.described(tmp_path, **{**SMALL_NETWORK, **variables})


@pytest.fixture(scope="module")
def machines() -> Iterator[Estate]:
    """An estate whose instances run; the tests of this module follow one another on it."""
    reason = requirements.unavailable()
    if reason:
        pytest.skip(f"not run: {reason}")
    with Sandbox(hosts=True) as sandbox:
        yield Estate(sandbox)
        refuse_nothing(sandbox)


def client(estate: Estate, service: str, region: str = TOKYO) -> Any:
    """A client of boto3 for what the estate has in the cell of a region."""
    return estate.sandbox.client(service, region=region)


def key_of(estate: Estate, purpose: str) -> str:
    """The ARN of the key of a purpose in the primary cell."""
    return client(estate, "kms").describe_key(KeyId=f"alias/shop-sandbox-{purpose}")["KeyMetadata"]["Arn"]
