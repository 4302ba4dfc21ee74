# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Writes how long each task took on each host, one JSON object a line, to the file that BENCH_TIMES names."""

from __future__ import annotations

import json
import os
import time

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Enabled by being found: only `scripts/bench` points Ansible here."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_times"

    def __init__(self):
        super().__init__()
        self._started = {}
        self._file = open(os.environ["BENCH_TIMES"], "w", encoding="utf-8")  # noqa: SIM115 - for the life of the run

    def v2_runner_on_start(self, host, task):
        self._started[host.name, task._uuid] = time.monotonic()

    def _write(self, result):
        seconds = time.monotonic() - self._started[result.host.name, result.task._uuid]
        entry = {"host": result.host.name, "action": result.task.resolved_action, "seconds": seconds}
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_unreachable = v2_runner_on_skipped = _write
