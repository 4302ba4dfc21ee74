# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which command lines run a pipelined Python module, and nothing else."""

from __future__ import annotations

import shlex
import sys

import pytest
from ansible_collections.wellarchitected.aws.plugins.connection.warm import PythonCommand
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.warm import server

PYTHON = "/opt/my env/bin/python3.13"


@pytest.mark.parametrize("shell", ["/bin/sh", "/usr/bin/bash", "dash"])
@pytest.mark.parametrize("suffix", ["", " && sleep 0"])
@pytest.mark.parametrize("variables", [{}, {"A": "1"}, {"A": "", "B_2": "it's $HOME `id`\n*"}])
def test_lines_that_ansible_writes_are_understood(shell, suffix, variables):
    words = [f"{name}={shlex.quote(value)}" for name, value in variables.items()] + [shlex.quote(PYTHON)]
    line = f"{shell} -c {shlex.quote(' '.join(words) + suffix)}"
    command = PythonCommand.parse(line)
    assert (command.shell, command.interpreter, command.assignments) == (shell, PYTHON, variables)
    assert command.line(shlex.quote(PYTHON)) == line
    assert shlex.split(command.line("env"))[2] == " ".join([*words[:-1], "env"]) + suffix


@pytest.mark.parametrize(
    "line",
    [
        "",
        "'",
        "/bin/sh -c",
        "/bin/sh -c ''",
        "/bin/sh -x -c /usr/bin/python3",
        "/bin/zsh -c /usr/bin/python3",
        "/usr/bin/python3",
        "/bin/sh -c python3",
        "/bin/sh -c /usr/bin/perl",
        "/bin/sh -c '/usr/bin/python3 module.py'",
        "/bin/sh -c '/usr/bin/python3 && sleep 1'",
        "/bin/sh -c '/usr/bin/python3; id'",
        "/bin/sh -c '/usr/bin/python3 > /tmp/python3'",
        "/bin/sh -c 'A=$B /usr/bin/python3'",
        "/bin/sh -c 'A=`id` /usr/bin/python3'",
        "/bin/sh -c 'A=~ /usr/bin/python3'",
        "/bin/sh -c 'A=\"b\" /usr/bin/python3'",
        "/bin/sh -c '2A=b /usr/bin/python3'",
        "/bin/sh -c 'A.B=c /usr/bin/python3'",
        "/bin/sh -c 'A=1 A=2 /usr/bin/python3'",
        "/bin/sh -c ' /usr/bin/python3'",
        "/bin/sh -c 'sudo /usr/bin/python3'",
        "sudo -u nobody /bin/sh -c /usr/bin/python3",
        "/bin/sh -c /usr/bin/python3 extra",
    ],
)
def test_every_other_line_is_left_to_the_shell(line):
    assert PythonCommand.parse(line) is None


def test_an_older_python_says_what_it_takes(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 11, 9))
    with pytest.raises(SystemExit, match=r"needs Python 3\.12 or newer"):
        server.main(0, 0, {})
