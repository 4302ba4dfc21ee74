# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: progress
type: stdout
author: wellarchitected.aws contributors (@wellarchitected)
short_description: Show how far each cell is, what changes, and at the end where the time went
version_added: 0.1.0
description:
  - Prints what P(ansible.builtin.default#callback) prints, and besides, how far the run is and what it has done.
    A cell is a host of the inventory, and a layer is a role.
  - On a terminal, a live view stays below all other output. It has one line for each cell with its layer, how many
    tasks of the play are done, for how long it has been working, which task runs, and if that takes long, for how long.
  - Without a terminal, a line is printed for each layer that is done in a cell, with its time, tasks and changes.
  - At the end comes a table of the layers with the changes, the time and the API calls of each, followed by the slowest
    tasks. Cells work side by side, so a layer's time is that of the cell where it took longest.
  - The table shows the resources of each cell, too, where the play asked for them with
    M(wellarchitected.aws.estate_info) for everything, that is to say without
    O(wellarchitected.aws.estate_info#module:gather) and O(wellarchitected.aws.estate_info#module:needs). The number of
    changes stands behind the plus sign, in check mode of those that would be made.
  - API calls are known of tasks that run with P(wellarchitected.aws.warm#connection).
  - With O(display_ok_hosts=false), a change is one line that names its cell, layer and task, and its diff stands below.
    So changes can be told apart when cells do not run in step, as with the strategies V(free) and V(host_pinned).
    With O(display_ok_hosts=true), or with C(-v), everything is printed as P(ansible.builtin.default#callback) does.
  - What M(ansible.builtin.debug) says is always printed, and of a task that is repeated (C(until)), the C(msg) of each
    try.
  - Errors and warnings are always printed, also the warnings of tasks and items that are not shown otherwise.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as C(stdout_callback) in the configuration
options:
  live:
    description:
      - V(auto) shows the live view when the output goes to a terminal that can show it, and the play has nothing to ask
        there (C(--step), or the task debugger).
      - V(never) prints plain lines instead, as without a terminal.
      - Choose V(never) with a connection plugin that asks on the terminal by itself, as ssh does about an unknown host.
    type: str
    choices: [auto, never]
    default: auto
    env:
      - name: ANSIBLE_PROGRESS_LIVE
    ini:
      - section: callback_progress
        key: live
  slowest:
    description: How many of the slowest tasks are listed at the end.
    type: int
    default: 10
    env:
      - name: ANSIBLE_PROGRESS_SLOWEST
    ini:
      - section: callback_progress
        key: slowest
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible import constants as C
from ansible import context
from ansible.errors import AnsibleError
from ansible.playbook.block import Block
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback.default import CallbackModule as Default
from ansible.utils.color import stringc
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.live_view import LiveView, fits
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.progress import (
    Cell,
    Record,
    Work,
    changes_in,
    columns_of,
    duration,
    pad,
    plural,
    view,
)

COUNTING_MODULE = "wellarchitected.aws.estate_info"
SAYING_MODULE = "ansible.builtin.debug"
VALIDATION = "ansible.builtin.validate_argument_spec"  # comes with every role, and is no work on a layer
CALLS_FILE = "warm-calls"  # written by the connection plugin warm, in the folder of the run


def tasks_in(blocks) -> Iterator:
    """The tasks that a host comes to in these blocks, if nothing fails."""
    for entry in blocks:
        if isinstance(entry, Block):
            yield from tasks_in([*entry.block, *entry.always])
        elif not entry.implicit and entry.action not in C._ACTION_META:
            yield entry


def entries_in(data) -> int:
    """How many tasks a file of tasks has, as it is written."""
    return sum(
        entries_in([*entry["block"], *entry.get("always", [])]) if "block" in entry else 1 for entry in data or []
    )


def layer_of(task) -> str:
    """The layer that a task belongs to, or nothing."""
    return task._role.get_name(include_role_fqcn=False) if task._role else ""


class CallbackModule(Default):
    """Prints what the default callback prints, and adds how far the run is."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "wellarchitected.aws.progress"

    def __init__(self):
        super().__init__()
        self._started = time.monotonic()
        self._record = Record()
        self._order: list[str] = []  # of the cells, as the inventory has it
        self._layers: list[str] = []  # as the playbook has them
        self._cells: dict[str, Cell] = {}  # of the play that runs
        self._layer_columns = 0
        self._names: dict[str, str] = {}  # of tasks, as they are after templating
        self._check_mode = False
        self._destroys = False
        self._knows_estate = False
        self._live = False
        self._view = LiveView(self._display, self._lines)

    def set_options(self, task_keys=None, var_options=None, direct=None):
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        if self._display.verbosity:
            self._plugin_options["display_ok_hosts"] = True

    # What the run is doing

    def v2_playbook_on_start(self, playbook):
        self._started, self._record, self._cells = time.monotonic(), Record(), {}
        self._order, self._layers = [], []
        self._destroys = Path(playbook._file_name).name == "destroy.yml"
        self._knows_estate = False
        super().v2_playbook_on_start(playbook)

    def v2_playbook_on_vars_prompt(self, *args, **kwargs):
        self._view.hide()

    def v2_playbook_on_play_start(self, play):
        self._leave_layers()
        self._check_mode = bool(play.check_mode)
        try:
            variables = play.get_variable_manager().get_vars(play=play)
            tasks = list(tasks_in(block.filter_tagged_tasks(variables) for block in play.compile()))
        except AnsibleError:  # said by Ansible itself when it does the same, which it does right after this
            tasks = []
        names = [host.name for host in play.get_variable_manager()._inventory.get_hosts(play.hosts, order=play.order)]
        self._order += [name for name in names if name not in self._order]
        self._layers += list(map(layer_of, tasks))
        self._layer_columns = max((columns_of(layer_of(task)) for task in tasks), default=0)
        asks = context.CLIARGS.get("step") or C.ENABLE_TASK_DEBUGGER or any(task.debugger for task in tasks)
        self._live = (
            self.get_option("live") == "auto"
            and fits(sys.stdout)
            and not asks
            and play.strategy not in ("debug", "ansible.builtin.debug")
        )
        with self._display._lock:  # held by the live view while it reads this
            self._cells = {name: Cell(name, len(tasks)) for name in names}
        super().v2_playbook_on_play_start(play)
        if self._live:
            self._view.show()
        else:
            self._view.hide()

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._names[task._uuid] = task.name or task.action
        super().v2_playbook_on_task_start(task, is_conditional)

    def v2_playbook_on_handler_task_start(self, task):
        self._names[task._uuid] = task.name or task.action
        super().v2_playbook_on_handler_task_start(task)

    def v2_runner_on_start(self, host, task):
        cell, layer = self._cells[host.name], layer_of(task)
        self._record.layer_of[task._uuid] = layer
        if layer != cell.layer:
            self._leave_layer(cell)
        with self._display._lock:
            cell.begin(self._names[task._uuid], layer, time.monotonic())
        super().v2_runner_on_start(host, task)

    def v2_playbook_on_include(self, included_file):
        if included_file._is_role:
            come = sum(1 for _task in tasks_in(self._play.roles[-1]._task_blocks))
        else:
            loader = self._play.get_loader()
            come = entries_in(loader.load_from_file(included_file._filename, trusted_as_template=True))
        with self._display._lock:
            for host in included_file._hosts:
                self._cells[host.name].total += come
        super().v2_playbook_on_include(included_file)

    # What came of it

    def v2_runner_on_failed(self, result, ignore_errors=False):
        with self._ending(result, trouble="" if ignore_errors else "failed"):
            super().v2_runner_on_failed(result, ignore_errors)

    def v2_runner_on_unreachable(self, result):
        with self._ending(result, trouble="" if result.task.ignore_unreachable else "unreachable"):
            super().v2_runner_on_unreachable(result)

    def v2_runner_on_skipped(self, result):
        with self._ending(result, skipped=True):
            if not self.get_option("display_skipped_hosts"):
                self._handle_warnings(result.result)
            super().v2_runner_on_skipped(result)

    def v2_runner_item_on_skipped(self, result):
        if not self.get_option("display_skipped_hosts"):
            self._handle_warnings(result.result)
        super().v2_runner_item_on_skipped(result)

    def v2_runner_on_ok(self, result):
        answer, task = result.result, result.task
        if task.resolved_action == COUNTING_MODULE:
            self._knows_estate = True
            if not (task.args.get("gather") or task.args.get("needs")):
                self._record.counted(result.host.name, answer.get("resources_by_layer", {}))
        with self._ending(result):
            if self.get_option("display_ok_hosts"):
                super().v2_runner_on_ok(result)
            elif task.resolved_action == SAYING_MODULE and not answer.get("changed"):
                said = answer.get("msg", "")
                for line in said if isinstance(said, list) else [said]:
                    self._display.display(f"{self.host_label(result)}: {line}")
            elif not isinstance(task, TaskInclude):
                # The items of a loop have said themselves what they changed.
                self._say_change(result, said=bool(task.loop and "results" in answer))

    def v2_runner_item_on_ok(self, result):
        if self.get_option("display_ok_hosts"):
            super().v2_runner_item_on_ok(result)
        elif not isinstance(result.task, TaskInclude):
            self._say_change(result, item=f" => (item={self._get_item_label(result.result)})")

    def v2_runner_retry(self, result):
        """A module that says what it waits for is quoted; of others, the default callback says that they failed."""
        answer, cell = result.result, self._cells[result.host.name]
        if answer.get("failed") or not answer.get("msg"):
            super().v2_runner_retry(result)
            return
        self._display.display(f"waiting: [{self.host_label(result)}] {cell.title}: {answer['msg']}")

    def v2_on_file_diff(self, result):
        if self.get_option("display_ok_hosts"):
            super().v2_on_file_diff(result)

    def _say_change(self, result, item="", said=False):
        """Say what changed in one line, with its diff below; of what did not change, only the warnings."""
        answer = result.result
        if not answer.get("changed") or said:
            self._handle_warnings(answer)
            return
        self._handle_warnings_and_exception(result)
        diff = self._get_diff(answer["diff"]) if answer.get("diff") and result.task.diff else ""
        self._clean_results(answer, result.task.action)
        details = f" => {self._dump_results(answer)}" if self._run_is_verbose(result) else ""
        title = self._cells[result.host.name].title
        self._display.display(f"changed: [{self.host_label(result)}] {title}{item}{details}", color=C.COLOR_CHANGED)
        if diff:
            self._display.display(diff)

    @contextmanager
    def _ending(self, result, trouble="", skipped=False):
        """A task ends in a cell. The result is read before it is printed, which takes it to pieces."""
        task, cell = result.task, self._cells[result.host.name]
        began, changes = cell.task_began is not None, changes_in(result.result)
        if began:  # what nobody began is a meta task
            with self._display._lock:
                seconds = cell.end(time.monotonic(), trouble)
                if task.run_once and self._play.strategy in ("linear", "ansible.builtin.linear"):
                    for other in self._cells.values():
                        if other is not cell:
                            other.pass_one()
            self._record.took(cell.title, cell.name, seconds)
            is_work = task.resolved_action != VALIDATION and not isinstance(task, TaskInclude)
            if is_work and not skipped:
                cell.stretch.add(seconds, changes)
                self._record.done(cell.layer, cell.name, seconds, changes)
        yield
        if began and cell.finished:
            self._leave_layer(cell)

    # What is shown of it

    def _lines(self, columns, rows):
        """The lines of the live view."""
        now = time.monotonic()
        return [self._coloured(text, cell) for text, cell in view(list(self._cells.values()), now, columns, rows)]

    @staticmethod
    def _coloured(text, cell):
        if cell and cell.trouble:
            return stringc(text, C.COLOR_ERROR)
        return stringc(text, C.COLOR_OK) if cell and cell.finished else text

    def _leave_layer(self, cell):
        """Without the live view, say what was done of the layer that a cell leaves."""
        if cell.layer and cell.stretch.tasks and not self._live:
            name = pad(cell.name, max(map(columns_of, self._cells)))
            layer = pad(cell.layer, self._layer_columns)
            trouble = f", {cell.trouble}" if cell.trouble else ""
            self._display.display(
                f"{name}  {layer}  {duration(cell.stretch.seconds):>10}"
                f"  {plural(cell.stretch.tasks, 'task')}, {plural(cell.stretch.changes, 'change')}{trouble}"
            )
        cell.stretch = Work()

    def _leave_layers(self):
        for cell in self._cells.values():
            self._leave_layer(cell)

    def v2_playbook_on_stats(self, stats):
        self._view.close()
        self._leave_layers()
        super().v2_playbook_on_stats(stats)
        for line in self._report(stats):
            self._display.display(line)

    def _report(self, stats) -> list[str]:
        """The lines at the end of the run."""
        record, failed = self._record, []
        for cell in sorted(stats.processed):
            numbers = stats.summarize(cell)
            if numbers["failures"] or numbers["unreachable"]:
                failed.append(cell)
        record.cells.sort(key=self._order.index)
        record.layers.sort(key=self._places(record.layers).get)
        calls = self._calls()
        lines = []
        if record.layers:
            lines += [*record.layer_table(calls, self._display.columns if fits(sys.stdout) else None), ""]
        if slowest := record.slowest_tasks(self.get_option("slowest")):
            lines += ["The slowest tasks:", *slowest, ""]
        counted = f"{plural(sum(record.resources.values()), 'resource')}, " if record.resources else ""
        made = plural(record.changes(), "change") + (" would be made" if self._check_mode else "")
        where = plural(len(stats.processed), "cell")
        asked = f"{plural(calls.total(), 'API call')}, " if calls is not None else ""
        lines.append(f"{counted}{made} in {where}, {asked}{duration(time.monotonic() - self._started)}.")
        if advice := self._advice(failed):
            lines.append(f"Next: {advice}")
        return lines

    def _places(self, layers: list[str]) -> dict[str, int]:
        """Where layers stand in the playbook; one that was included or only counted stands behind the one before it."""
        places, place = {}, 0
        for layer in layers:
            place = places[layer] = self._layers.index(layer) if layer in self._layers else place
        return places

    def _calls(self):
        try:
            with open(Path(C.DEFAULT_LOCAL_TMP, CALLS_FILE), encoding="ascii") as lines:
                return self._record.api_calls(lines)
        except FileNotFoundError:
            return None

    def _advice(self, failed):
        if failed:
            return (
                f"mend what failed in {', '.join(failed)} (above), and run the same again; it goes on where it stopped."
            )
        if self._check_mode:
            changes = self._record.changes()
            return "run the same without --check to make these changes." if changes else "nothing, all is as described."
        if not self._knows_estate:
            return ""
        if self._destroys:
            return "build it again with `make site`, which takes the keys back, or let them expire."
        return "change the description in group_vars/all/, and see with `make plan` what that would do."
