# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Connections, local and warm, used as a worker of Ansible uses them."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import ansible.constants as C
import pytest
import yaml
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

COLLECTIONS = Path(__file__).resolve().parents[3] / ".collections"
WARM = "wellarchitected.aws.warm"


class Run:
    """A run of Ansible: its folder, and the ways to run a program in it."""

    def __init__(self, folder, **options):
        self.folder = folder
        self.options = {"ansible_warm_cache_dir": str(folder / "cache"), **options}

    def execute(self, connection, program, environment="", interpreter=sys.executable):
        """Answers exit status, stdout and stderr of a program that comes as a pipelined module does."""
        line = f"/bin/sh -c {shlex.quote(f'{environment}{interpreter}')}"
        plugin = warm_connection() if connection == WARM else connection_loader.get(connection, PlayContext())
        plugin.set_options(var_options=self.options if connection == WARM else {})
        plugin.cwd = os.getcwd()
        with mock.patch.object(C, "DEFAULT_LOCAL_TMP", str(self.folder)):
            return plugin.exec_command(line, in_data=program.encode())

    def warm(self, program, **more):
        return self.execute(WARM, program, **more)

    def local(self, program, **more):
        return self.execute("local", program, **more)

    def worker(self, program):
        """Starts a process that runs a program warm, and whose end is the end of the run."""
        arguments = str(self.folder), self.options, program
        script = f"import runpy; runpy.run_path({__file__!r})['work'](*{arguments!r})"
        return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def processes(self):
        """Answers this run's servers and keepers, whose words go to its folder: their ids, each with its parent's."""
        parents = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(process / "fd" / "2").startswith(f"{self.folder}/warm-"):
                    parents[int(process.name)] = int((process / "stat").read_text().split()[3])
        return parents

    def servers(self):
        parents = self.processes()
        return [process for process, parent in parents.items() if parent not in parents]

    def end(self):
        """Kills the servers that were started from here, and no keeper: one that outlives its server has no parent."""
        for process, parent in self.processes().items():
            if parent == os.getpid():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)


def warm_connection():
    """Answers the plugin as Ansible's loader would, which cannot where other tests have imported the collections."""
    module = importlib.import_module("ansible_collections.wellarchitected.aws.plugins.connection.warm")
    C.config.initialize_plugin_configuration_definitions(
        "connection", WARM, yaml.safe_load(module.DOCUMENTATION)["options"]
    )
    connection = module.Connection(PlayContext())
    connection._load_name = WARM
    return connection


def work(folder, options, program):
    """What `Run.worker` does in its process."""
    sys.path.insert(0, str(COLLECTIONS))
    print(Run(Path(folder), **options).warm(program), flush=True)


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def _plain_python():
    with pytest.MonkeyPatch.context() as patch:
        # With these Python behaves otherwise than where most people run it.
        for name in ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def new_run(_plain_python, tmp_path):
    """Makes runs with options of the test's choice."""
    runs = []

    def make(**options):
        folder = tmp_path / f"run{len(runs)}"
        folder.mkdir(mode=0o700)
        runs.append(Run(folder, **options))
        return runs[-1]

    yield make
    for run in runs:
        run.end()


@pytest.fixture
def run(new_run):
    return new_run()


@pytest.fixture(scope="module")
def shared_run(_plain_python, tmp_path_factory):
    """One run, and so one server, for a table of programs."""
    run = Run(tmp_path_factory.mktemp("run"))
    yield run
    run.end()


@pytest.fixture
def until():
    return wait_until


def run_playbook(folder, hosts, *arguments, **variables):
    """Runs a playbook with an inventory of these hosts; what it keeps goes to `folder`."""
    inventory = {"all": {"hosts": hosts, "vars": {"folder": str(folder), **variables}}}
    (folder / "hosts.json").write_text(json.dumps(inventory))
    (folder / "ansible.cfg").touch()
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join([str(folder / "collections"), str(COLLECTIONS)]),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_WARM_CACHE_DIR": str(folder / "cache"),
        "ANSIBLE_NOCOLOR": "1",
    }
    return subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(folder / "hosts.json"), *arguments],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture
def play():
    return run_playbook
