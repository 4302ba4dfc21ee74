# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs of small playbooks, as a person sees them: on a terminal, which pyte plays, or in a pipe."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ANSIBLE_PLAYBOOK = str(Path(sys.executable).with_name("ansible-playbook"))
TIME_LIMIT_SECONDS = 120
# What a person types reaches a run as it does from a shell: Ctrl-C as a signal.
TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
# A line of the live view: how many tasks of the play are done, of how many.
OF_VIEW = re.compile(r"^\S+ .*?(\d+)/(\d+) ")


class Terminal:
    """A run on a terminal of its own: what it shows at any moment, and all that it ever showed."""

    def __init__(self, command: list[str], environment: dict[str, str], columns: int, rows: int) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=20000, ratio=0.5)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.status: int | None = None
        self._terminal, of_run = pty.openpty()
        self.resize(columns, rows)
        self._process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, *command],
            cwd=ROOT, env=environment, stdin=of_run, stdout=of_run, stderr=of_run, start_new_session=True,
        )  # fmt: skip
        os.close(of_run)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._terminal, keys.encode())

    def read(self, until: Callable[[Terminal], bool] = lambda terminal: False) -> Terminal:
        """Read on until something is to be seen, or until the run ends."""
        end = time.monotonic() + TIME_LIMIT_SECONDS
        while not until(self):
            assert time.monotonic() < end, "\n".join(self.shown)
            if not select.select([self._terminal], [], [], 0.1)[0]:
                continue
            try:
                # In pieces as small as this, what a person could see in between is seen, too.
                said = os.read(self._terminal, 256)
            except OSError:  # Linux says so when the other side is closed
                said = b""
            if not said:
                self.status = self._process.wait()
                break
            self.raw += said
            self._stream.feed(said)
        return self

    def close(self) -> None:
        """End the run, if it has not ended."""
        if self.status is None:
            self._process.kill()
            self._process.wait()
        os.close(self._terminal)

    @property
    def shown(self) -> list[str]:
        """The lines on the screen."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def view(self) -> list[str]:
        """The lines of the live view on the screen."""
        return [line for line in self.shown if OF_VIEW.match(line + " ")]

    @property
    def lines(self) -> list[str]:
        """All lines, those that went off the screen, too."""
        columns = range(self.screen.columns)
        gone = ["".join(line[column].data for column in columns).rstrip() for line in self.screen.history.top]
        return [*gone, *self.shown]


class Runs:
    """Starts runs with three cells, or as many as are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.terminals: list[Terminal] = []

    def command(self, playbook: str, *arguments: str, cells: list[str], **variables: object) -> list[str]:
        hosts = dict.fromkeys(cells)
        of_all = {"ansible_connection": "counted", "ansible_python_interpreter": sys.executable}
        inventory = {"all": {"hosts": hosts, "vars": {**of_all, **variables}}}
        path = self.folder / "hosts.json"
        path.write_text(json.dumps(inventory))
        return [ANSIBLE_PLAYBOOK, "-i", str(path), str(HERE / playbook), *arguments]

    def environment(self, **settings: str) -> dict[str, str]:
        config = self.folder / "ansible.cfg"
        config.write_text("[defaults]\nforks = 10\n")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            inherited.pop(name, None)
        return {
            **inherited,
            "TERM": "xterm-256color",
            "ANSIBLE_CONFIG": str(config),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
            "ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection_plugins"),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_STDOUT_CALLBACK": "wellarchitected.aws.progress",
            "ANSIBLE_DISPLAY_OK_HOSTS": "false",
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
            **settings,
        }

    def on_terminal(
        self, playbook: str, *arguments: str, columns=100, rows=24, cells=("tokyo", "osaka", "virginia"), settings=None,
        **variables,
    ) -> Terminal:  # fmt: skip
        """Start a run on a terminal."""
        command = self.command(playbook, *arguments, cells=cells, **variables)
        terminal = Terminal(command, self.environment(**(settings or {})), columns, rows)
        self.terminals.append(terminal)
        return terminal

    def in_pipe(
        self, playbook: str, *arguments: str, cells=("tokyo", "osaka", "virginia"), settings=None, **variables
    ) -> tuple[int, list[str]]:
        """Run without a terminal; answers the exit status and the lines."""
        done = subprocess.run(
            self.command(playbook, *arguments, cells=cells, **variables),
            cwd=ROOT, env=self.environment(**(settings or {})), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False, timeout=TIME_LIMIT_SECONDS,
        )  # fmt: skip
        return done.returncode, [line.rstrip() for line in done.stdout.splitlines()]


@pytest.fixture
def runs(tmp_path):
    made = Runs(tmp_path)
    yield made
    for terminal in made.terminals:
        terminal.close()
