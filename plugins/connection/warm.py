# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: warm
author: wellarchitected.aws contributors (@wellarchitected)
short_description: Run modules on the control node from a Python that is already warm
version_added: 0.1.0
description:
  - Does what P(ansible.builtin.local#connection) does, in a fraction of the time for modules that talk to AWS.
    Most of what such a task costs is not its API call. It is starting Python, importing boto3, compiling the module's
    source, and parsing AWS's service models. Here that is done once.
  - The first task starts a server, one for each interpreter, which ends with the C(ansible-playbook) run. Every module
    runs in a process of its own, forked from the server, so nothing leaks from one task to the next.
  - Python modules are run warm when they are pipelined. Everything else runs exactly as with
    P(ansible.builtin.local#connection), that is to say commands, file transfers, modules in other languages,
    asynchronous tasks, and tasks with C(become).
  - A task that sets C(HOME), the locale, or another variable that Python reads as it starts runs that way, too.
  - When packages are installed for the interpreter during a run, the next task gets a new server, which finds them.
  - Runs warm on Linux with Python 3.12 or newer. Elsewhere all tasks run as with P(ansible.builtin.local#connection),
    and a warning says so.
options:
  warm_enabled:
    description: Whether to run modules warm. When V(false), this plugin is P(ansible.builtin.local#connection).
    type: bool
    default: true
    env:
      - name: ANSIBLE_WARM_ENABLED
    ini:
      - section: warm_connection
        key: enabled
    vars:
      - name: ansible_warm_enabled
  warm_idle_seconds:
    description: After how many seconds without a task a server ends. The next task starts another.
    type: int
    default: 900
    env:
      - name: ANSIBLE_WARM_IDLE_SECONDS
    ini:
      - section: warm_connection
        key: idle_seconds
    vars:
      - name: ansible_warm_idle_seconds
  warm_cache_dir:
    description:
      - Where compiled code and the payloads of modules are kept for later runs. Nobody else may be able to write there,
        or it is not used.
    type: path
    default: ~/.ansible/warm
    env:
      - name: ANSIBLE_WARM_CACHE_DIR
    ini:
      - section: warm_connection
        key: cache_dir
    vars:
      - name: ansible_warm_cache_dir
  warm_cache_megabytes:
    description: How large O(warm_cache_dir) may be when a run begins. What was used longest ago is removed first.
    type: int
    default: 128
    env:
      - name: ANSIBLE_WARM_CACHE_MEGABYTES
    ini:
      - section: warm_connection
        key: cache_megabytes
    vars:
      - name: ansible_warm_cache_megabytes
  warm_preload:
    description:
      - Python modules that a server imports as it starts. Those that are not installed are passed over.
      - Importing them must not start a thread or open a connection.
    type: list
    elements: str
    default:
      [argparse, base64, boto3, boto3.s3.transfer, botocore.config, concurrent.futures, ctypes, dataclasses, datetime,
       distro, encodings.cp437, encodings.idna, gettext, ipaddress, packaging.version, pkgutil, runpy, shutil,
       stringprep, subprocess, syslog, tempfile, typing_extensions, uuid, zipfile]
    env:
      - name: ANSIBLE_WARM_PRELOAD
    ini:
      - section: warm_connection
        key: preload
    vars:
      - name: ansible_warm_preload
  pipelining:
    description: Only pipelined modules run warm, so this is on unless it is switched off.
    type: bool
    default: true
    env:
      - name: ANSIBLE_PIPELINING
    ini:
      - section: defaults
        key: pipelining
      - section: connection
        key: pipelining
    vars:
      - name: ansible_pipelining
  become_success_timeout:
    description: How many seconds to wait for C(become) to succeed.
    type: int
    default: 10
    vars:
      - name: ansible_local_become_success_timeout
  become_strip_preamble:
    description: Whether to remove what C(become) prints from a command's output.
    type: bool
    default: true
    vars:
      - name: ansible_local_become_strip_preamble
notes:
  - The remote user is ignored; modules run as the user who runs Ansible.
seealso:
  - plugin: ansible.builtin.local
    plugin_type: connection
"""

EXAMPLES = r"""
- name: Read ten buckets fast
  hosts: localhost
  connection: wellarchitected.aws.warm
  tasks:
    - name: Look at each bucket
      amazon.aws.s3_bucket_info:
        name: "example-{{ item }}"
      loop: "{{ range(10) | list }}"

# In an inventory, for every play:
# all:
#   vars:
#     ansible_connection: wellarchitected.aws.warm
#     ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""

import contextlib
import functools
import os
import re
import shlex
import signal
import sys

import ansible.constants as C
from ansible.plugins.connection.local import Connection as LocalConnection
from ansible.utils.display import Display

from ..plugin_utils.run_server import Unavailable
from ..plugin_utils.warm.client import Cold, WarmInterpreter
from ..plugin_utils.warm.payloads import Payloads

display = Display()

ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=", re.ASCII)
PYTHON = re.compile(r"/.*/python[0-9.]*")
# Shells that run nothing of the user's before the command, as zsh does.
SHELLS = ("sh", "dash", "bash")
# Newer releases of ansible-core leave this out.
SUFFIX = " && sleep 0"


class PythonCommand:
    """A shell command that does nothing but run Python on its standard input.

    :ivar assignments: the variables that the command sets
    :ivar interpreter: absolute path of the Python
    """

    def __init__(self, shell, assignments, interpreter, suffix):
        self.shell = shell
        self.assignments = assignments
        self.interpreter = interpreter
        self.suffix = suffix

    @classmethod
    def parse(cls, line):
        """Answers the command, or None where a command line is anything else, however slightly."""
        try:
            shell, option, script = shlex.split(line)
            words = shlex.split(script.removesuffix(SUFFIX))
        except ValueError:
            return None
        if option != "-c" or not words or not PYTHON.fullmatch(words[-1]) or os.path.basename(shell) not in SHELLS:
            return None
        if not all(ASSIGNMENT.match(word) for word in words[:-1]):
            return None
        assignments = dict(word.split("=", 1) for word in words[:-1])
        command = cls(shell, assignments, words[-1], SUFFIX if script.endswith(SUFFIX) else "")
        return command if command.line(shlex.quote(command.interpreter)) == line else None

    def line(self, instead):
        """The command line with another command in the place of the interpreter."""
        assignments = "".join(f"{name}={shlex.quote(value)} " for name, value in self.assignments.items())
        return f"{self.shell} -c {shlex.quote(assignments + instead + self.suffix)}"


class Connection(LocalConnection):
    """Runs pipelined Python modules in forks of a warm interpreter, and all else as its base does."""

    # `transport` stays "local": by it ansible-core knows to run commands from the playbook's directory.

    def __init__(self, *args, task_uuid="", **kwargs):
        super().__init__(*args, task_uuid=task_uuid, **kwargs)
        self.task = task_uuid

    def set_options(self, task_keys=None, var_options=None, direct=None):
        """Takes the options; called for each task before Ansible builds the payload of its module."""
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        if self.get_option("warm_enabled"):
            with contextlib.suppress(OSError):
                self._payloads().offer()

    def _payloads(self):
        return Payloads(self.get_option("warm_cache_dir"), C.DEFAULT_LOCAL_TMP)

    def exec_command(self, cmd, in_data=None, sudoable=True):
        """Runs a command on this machine; answers exit status, stdout and stderr, the latter two in bytes."""
        command = PythonCommand.parse(cmd) if in_data and self.get_option("warm_enabled") else None
        if command is None or "BASH_ENV" in os.environ:
            return super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        with contextlib.suppress(OSError):
            self._payloads().keep()
        through_shell = functools.partial(self._through_shell, command)
        try:
            status, stdout, stderr = self._warm(command.interpreter, through_shell).run(
                in_data, cwd=self.cwd, assignments=command.assignments, task=self.task
            )
        except Unavailable as reason:
            display.warning(f"Modules run without a warm interpreter, and so more slowly: {reason}")
            return super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        except Cold as reason:
            display.vvv(f"Not run warm: {reason}", host=self._play_context.remote_addr)
            return super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        if status is None:
            status = -signal.SIGKILL
        if status < 0:
            # Shells differ in what they say of a command that was killed.
            number = -status
            status, _stdout, words = through_shell(f"/bin/sh -c 'ulimit -c 0; kill -{number} $$'")
            # A signal that we ignore, as what runs in the background does SIGINT, does not kill the shell either.
            status = status or 128 + number
            stderr += words
        return status, stdout, stderr

    def _through_shell(self, command, instead):
        return super().exec_command(command.line(instead), sudoable=False)

    def _warm(self, interpreter, through_shell):
        if sys.platform != "linux":
            raise Unavailable("it needs Linux, since forking is not safe here. Set ansible_warm_enabled to false.")
        if not self._connected:
            self._connect()
        settings = {
            "idle": self.get_option("warm_idle_seconds"),
            "cache": self.get_option("warm_cache_dir"),
            "cache_size": self.get_option("warm_cache_megabytes") * 1024 * 1024,
            "preload": list(self.get_option("warm_preload")),
        }
        return WarmInterpreter(interpreter, C.DEFAULT_LOCAL_TMP, through_shell, settings)
