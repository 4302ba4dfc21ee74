# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: summary
type: aggregate
short_description: Say at the end of a run what was built where, and what to do next
version_added: 0.1.0
description:
  - Prints a table of the layers and cells with the resources that each has and the changes that the run made, or in
    check mode would make, how long it took, and what to do next.
  - Counts resources where the play asked for them with M(wellarchitected.aws.estate_info) without
    O(wellarchitected.aws.estate_info#module:gather), as C(playbooks/summary.yml) does.
requirements:
  - enabled in C(callbacks_enabled)
"""

import time
from pathlib import Path

from ansible.plugins.callback import CallbackBase

COUNTING_MODULE = "wellarchitected.aws.estate_info"
VALIDATION = "ansible.builtin.validate_argument_spec"  # comes with every role, and is no work on a layer


def changes_in(result: dict) -> int:
    """How many changes a task's result stands for: one for each changed item of a loop."""
    if isinstance(result.get("results"), list):
        return sum(bool(item.get("changed")) for item in result["results"])
    return int(bool(result.get("changed")))


def duration(seconds: float) -> str:
    """A duration for people: ``8 s``, ``2 min 5 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def plural(count: int, word: str) -> str:
    """A number with its noun."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def table(layers: list[str], cells: list[str], resources: dict, changes: dict) -> list[str]:
    """The lines of the table: resources by layer and cell, with the changes behind a plus sign."""

    def entry(layer, cell):
        count, changed = resources.get((layer, cell)), changes.get((layer, cell), 0)
        shown = "-" if count is None else str(count)
        return f"{shown} (+{changed})" if changed else shown

    width = max([len(layer) for layer in layers] + [len("layer")])
    columns = {cell: max([len(cell)] + [len(entry(layer, cell)) for layer in layers]) for cell in cells}
    lines = ["  ".join(["layer".ljust(width), *(cell.rjust(columns[cell]) for cell in cells)])]
    lines += [
        "  ".join([layer.ljust(width), *(entry(layer, cell).rjust(columns[cell]) for cell in cells)])
        for layer in layers
    ]
    return [line.rstrip() for line in lines]


class CallbackModule(CallbackBase):
    """Collects results during the run and prints the summary at its end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "wellarchitected.aws.summary"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self):
        super().__init__()
        self._started = time.monotonic()
        self._layers: list[str] = []
        self._cells: list[str] = []
        self._order: list[str] = []  # of the cells, as the inventory has it
        self._changes: dict[tuple[str, str], int] = {}
        self._resources: dict[tuple[str, str], int] = {}
        self._check_mode = False
        self._destroys = False

    def v2_playbook_on_start(self, playbook):
        self._destroys = Path(playbook._file_name).name == "destroy.yml"

    def v2_playbook_on_play_start(self, play):
        self._check_mode = bool(play.check_mode)
        self._order += [host.name for host in play.get_variable_manager()._inventory.get_hosts(play.hosts)]

    def v2_runner_on_ok(self, result):
        cell, answer = result.host.name, result.result
        role = result.task._role
        if result.task.resolved_action == VALIDATION:
            return
        if role:
            layer = role.get_name(include_role_fqcn=False)
            self._note(layer, cell)
            key = (layer, cell)
            self._changes[key] = self._changes.get(key, 0) + changes_in(answer)
        elif result.task.resolved_action == COUNTING_MODULE and not result.task.args.get("gather"):
            counts = answer.get("resources_by_layer", {})
            for layer in counts:
                self._note(layer, cell)
            self._resources |= {(layer, cell): count for layer, count in counts.items()}

    def _note(self, layer, cell):
        for known, name in ((self._layers, layer), (self._cells, cell)):
            if name not in known:
                known.append(name)

    def v2_playbook_on_stats(self, stats):
        if not self._layers:
            return
        self._cells.sort(key=self._order.index)
        failed = [cell for cell in sorted(stats.processed) if stats.summarize(cell)["failures"]]
        total = sum(self._changes.values())
        lines = ["", *table(self._layers, self._cells, self._resources, self._changes), ""]
        made = plural(total, "change") + (" would be made" if self._check_mode else "")
        counted = f"{plural(sum(self._resources.values()), 'resource')}, " if self._resources else ""
        lines.append(
            f"{counted}{made} in {plural(len(self._cells), 'cell')}, {duration(time.monotonic() - self._started)}."
        )
        lines.append(f"Next: {self._advice(failed, total)}")
        for line in lines:
            self._display.display(line)

    def _advice(self, failed: list[str], total: int) -> str:
        if failed:
            return (
                f"mend what failed in {', '.join(failed)} (above), and run the same again; it goes on where it stopped."
            )
        if self._check_mode:
            return "run the same without --check to make these changes." if total else "nothing, all is as described."
        if self._destroys:
            return "build it again with `make site`, which takes the keys back, or let them expire."
        return "change the description in group_vars/all/, and see with `make plan` what that would do."
