# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a run is doing and what it has done, and how that reads: without a terminal, and without a clock."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

LONG_WAIT_SECONDS = 5
GAP = "  "
# So much of a task's name is worth more than to see the layer and the time, too.
TASK_COLUMNS = 24


@dataclass
class Work:
    """What was done: in how many seconds, by how many tasks, with how many changes."""

    seconds: float = 0.0
    tasks: int = 0
    changes: int = 0

    def add(self, seconds: float, changes: int) -> None:
        """Count one more task."""
        self.seconds += seconds
        self.tasks += 1
        self.changes += changes


@dataclass
class Cell:
    """Where a cell is in the play that runs."""

    name: str
    total: int
    done: int = 0
    layer: str = ""
    task: str = ""  # what runs, or what ran last
    task_began: float | None = None  # none while no task runs
    began: float | None = None
    ended: float | None = None
    trouble: str = ""  # "failed" or "unreachable"
    stretch: Work = field(default_factory=Work)  # the work since it came to this layer

    def begin(self, task: str, layer: str, now: float) -> None:
        """A task begins."""
        if layer != self.layer:
            self.layer, self.stretch = layer, Work()
        self.task, self.task_began = one_line(task), now
        self.began = now if self.began is None else self.began
        self.ended, self.trouble = None, ""

    def end(self, now: float, trouble: str = "") -> float:
        """The task has ended; answers after how many seconds."""
        seconds = now - (now if self.task_began is None else self.task_began)
        self.task_began, self.trouble, self.ended = None, trouble, now
        self.pass_one()
        return seconds

    def pass_one(self) -> None:
        """One more task is behind it. The total is an estimate, and corrected by what really came."""
        self.done += 1
        self.total = max(self.total, self.done)

    @property
    def title(self) -> str:
        """The task that runs or ran last, with its layer."""
        return f"{self.layer} : {self.task}" if self.layer else self.task

    @property
    def finished(self) -> bool:
        """Whether nothing more is to be expected of it in this play."""
        return self.task_began is None and self.done >= self.total

    def state(self, now: float) -> tuple[str, str]:
        """What it does, in words, and how long it has been waiting for that, if that is long."""
        if self.trouble:
            return f"{self.trouble}: {self.task}", ""
        if self.task_began is not None:
            waited = now - self.task_began
            return self.task, duration(waited) if waited >= LONG_WAIT_SECONDS else ""
        if self.finished:
            return "done", ""
        if self.ended is None:
            return "waiting", ""
        # Between two tasks of its own it keeps the name of the first: what changes twice in a second cannot be read.
        return (self.task if now - self.ended < 1 else "waiting for others"), ""

    def elapsed(self, now: float) -> str:
        """How long it has been working on this play."""
        if self.began is None:
            return ""
        over = self.ended is not None and (self.finished or self.trouble)
        return duration((self.ended if over else now) - self.began)


class Record:
    """What a run has done so far, by layer and cell."""

    def __init__(self) -> None:
        self.layers: list[str] = []
        self.cells: list[str] = []
        self.work: dict[tuple[str, str], Work] = {}
        self.resources: dict[tuple[str, str], int] = {}
        self.layer_of: dict[str, str] = {}  # of each task, by its id
        self.slowest: dict[str, tuple[float, str]] = {}  # of each task: seconds, and the cell

    def done(self, layer: str, cell: str, seconds: float, changes: int) -> None:
        """A task has done its work in a cell. Without a layer it counts in all, but has no line in the table."""
        if layer:
            self._note(layer, cell)
        self.work.setdefault((layer, cell), Work()).add(seconds, changes)

    def took(self, task: str, cell: str, seconds: float) -> None:
        """A task ended in a cell. Of a task that ran in many, the slowest counts."""
        self.slowest[task] = max(self.slowest.get(task, (0.0, cell)), (seconds, cell))

    def counted(self, cell: str, resources: dict[str, int]) -> None:
        """The resources of a cell were counted, by layer."""
        for layer, count in resources.items():
            self._note(layer, cell)
            self.resources[layer, cell] = count

    def _note(self, layer: str, cell: str) -> None:
        for known, name in ((self.layers, layer), (self.cells, cell)):
            if name not in known:
                known.append(name)

    def changes(self) -> int:
        """How many changes there were in all."""
        return sum(work.changes for work in self.work.values())

    def layer_table(self, calls: Counter[str] | None, width: int | None) -> list[str]:
        """The lines of the table: resources by layer and cell with the changes, and what each layer took."""
        columns = {cell: {layer: self._entry(layer, cell) for layer in self.layers} for cell in self.cells}
        of_layer = {layer: [self.work.get((layer, cell), Work()) for cell in self.cells] for layer in self.layers}
        columns["changes"] = {layer: str(sum(work.changes for work in works)) for layer, works in of_layer.items()}
        # Cells work side by side: a layer takes as long as the cell that it takes longest in.
        columns["time"] = {layer: duration(max(work.seconds for work in works)) for layer, works in of_layer.items()}
        if calls is not None:
            columns["API calls"] = {layer: str(calls[layer]) for layer in self.layers}
        return table("layer", self.layers, columns, width)

    def _entry(self, layer: str, cell: str) -> str:
        count, changed = self.resources.get((layer, cell)), self.work.get((layer, cell), Work()).changes
        shown = "-" if count is None else str(count)
        if not changed:
            return shown
        return f"{shown} (+{changed})" if self.resources else f"+{changed}"

    def slowest_tasks(self, limit: int) -> list[str]:
        """The lines of the slowest tasks, the slowest first. What takes no time is not slow."""
        slow = [(taken, cell, task) for task, (taken, cell) in self.slowest.items() if taken >= 0.05]
        slow = sorted(slow, key=lambda entry: -entry[0])[:limit]
        width = max((len(duration(taken, tenths=True)) for taken, _cell, _task in slow), default=0)
        return [f"{duration(taken, tenths=True):>{width}}{GAP}{task} ({cell})" for taken, cell, task in slow]

    def api_calls(self, lines: Iterable[str]) -> Counter[str]:
        """The API calls of each layer, and under the empty name those of tasks that belong to none.

        The lines are those that the connection plugin warm writes: a task's id, and the calls that it made.
        """
        calls: Counter[str] = Counter()
        for line in lines:
            task_id, count = line.split()
            calls[self.layer_of.get(task_id, "")] += int(count)
        return calls


def changes_in(result: dict) -> int:
    """How many changes a task's result stands for: one for each changed item of a loop."""
    if isinstance(result.get("results"), list):
        return sum(bool(item.get("changed")) for item in result["results"])
    return int(bool(result.get("changed")))


def duration(seconds: float, tenths: bool = False) -> str:
    """A duration for people: ``8 s``, ``2 min 5 s``; below ten seconds with tenths, if they are asked for."""
    if tenths and seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def plural(count: int, word: str) -> str:
    """A number with its noun."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def table(heading: str, rows: list[str], columns: dict[str, dict[str, str]], width: int | None = None) -> list[str]:
    """The lines of a table. Columns that do not fit into the width follow below, in a table of their own."""
    first = max(map(columns_of, [heading, *rows]))
    groups: list[dict[str, int]] = []
    taken = 0
    for name, entries in columns.items():
        needed = max(columns_of(text) for text in [name, *(entries[row] for row in rows)])
        taken += len(GAP) + needed
        if not groups or (width and taken > width):
            groups.append({})
            taken = first + len(GAP) + needed
        groups[-1][name] = needed
    lines = []
    for group in groups:
        lines += [""] if lines else []
        for title, texts in [(heading, {name: name for name in group}), *((row, None) for row in rows)]:
            cells = [pad(texts[name] if texts else columns[name][title], group[name], right=True) for name in group]
            lines.append(GAP.join([pad(title, first), *cells]).rstrip())
    return lines


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes: those of East Asia are wide, and marks stand on their letter."""
    return sum(
        0 if unicodedata.category(sign) in ("Mn", "Me", "Cf") else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )


def pad(text: str, columns: int, right: bool = False) -> str:
    """The text in so many columns, at their left or their right."""
    blanks = " " * (columns - columns_of(text))
    return blanks + text if right else text + blanks


def cut(text: str, columns: int) -> str:
    """As much of a text as fits. Dots stand for what is missing."""
    if columns_of(text) <= columns:
        return text
    dots = "..."[: max(columns, 0)]
    while columns_of(text) > max(columns - len(dots), 0):
        text = text[:-1]
    return text.rstrip() + dots


def one_line(text: str) -> str:
    """The text without line breaks, and without what steers a terminal."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def view(cells: list[Cell], now: float, columns: int, lines: int) -> list[tuple[str, Cell | None]]:
    """The lines of the live view with their cells. The last line says how many cells have no line of their own."""
    shown = cells
    if len(cells) > lines:
        # Those that failed and those that work stay in sight.
        order = sorted(cells, key=lambda cell: (not cell.trouble, cell.task_began is None))
        chosen = {cell.name for cell in order[: max(lines - 1, 0)]}
        shown = [cell for cell in cells if cell.name in chosen]
    name = max((columns_of(cell.name) for cell in shown), default=0)
    layer = max((columns_of(cell.layer) for cell in shown), default=0)
    count = max((len(str(cell.total)) for cell in shown), default=0)
    elapsed = max((len(cell.elapsed(now)) for cell in shown), default=0)
    name = min(name, columns // 3)
    room = columns - name - 2 * count - 1 - 2 * len(GAP)
    # On a narrow terminal, the time and then the layer give way to the name of the task.
    with_layer = bool(layer) and room - layer - len(GAP) >= TASK_COLUMNS
    room -= (layer + len(GAP)) * with_layer
    with_elapsed = bool(elapsed) and room - elapsed - len(GAP) >= TASK_COLUMNS
    room -= (elapsed + len(GAP)) * with_elapsed
    result: list[tuple[str, Cell | None]] = []
    for cell in shown:
        doing, waited = cell.state(now)
        tail = f" ({waited})" if waited else ""
        parts = [
            pad(cut(cell.name, name), name),
            *([pad(cell.layer, layer)] if with_layer else []),
            f"{cell.done:>{count}}/{cell.total:<{count}}",
            *([cell.elapsed(now).rjust(elapsed)] if with_elapsed else []),
            cut(doing, room - len(tail)) + tail,
        ]
        result.append((cut(GAP.join(parts), columns), cell))
    if lines > 0 and len(shown) < len(cells):
        result.append((cut(f"and {plural(len(cells) - len(shown), 'more cell')}", columns), None))
    return result
