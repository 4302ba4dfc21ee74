# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the callback progress shows, on a terminal and without one."""

from __future__ import annotations

import re
from collections import Counter

import pytest

CELLS = ("tokyo", "osaka", "virginia")
DEFAULT = {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default"}
WIDE = {"columns": 400, "rows": 40}
CHANGED = re.compile(r"^changed: \[(?P<cell>\w+)\](?P<title> \w.*?)?(?P<item> => \(item=.*)?$")
BANNER = re.compile(r"^(?:TASK|RUNNING HANDLER) \[(?P<title>.*)\]$")
ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


def said(lines):
    """What a run said, however it was put: each change as cell, task and item, and every other line as it is."""
    found, task = Counter(), ""
    for line in lines:
        line = re.sub(r" \*+$", "", line)  # as many as the terminal is wide
        if banner := BANNER.match(line):
            task = banner["title"]
        elif change := CHANGED.match(line):
            found["changed", change["cell"], (change["title"] or task).strip(), change["item"]] += 1
        elif line.startswith("included: "):  # for one cell or for many, as they come
            what, _, cells = line.partition(" for ")
            found.update((what, cell) for cell in cells.split(", "))
        elif line:
            found[line] += 1
    return found


@pytest.mark.parametrize(
    ("strategy", "arguments"),
    [("linear", []), ("linear", ["--check", "--diff"]), ("free", ["--diff"]), ("ansible.builtin.host_pinned", [])],
)
def test_says_all_that_the_default_callback_says(runs, strategy, arguments):
    settings = {"ANSIBLE_STRATEGY": strategy}
    status, expected = runs.in_pipe("everything.yml", *arguments, settings=settings | DEFAULT)
    assert status == 2
    assert sum(count for line, count in said(expected).items() if line[0] == "changed") > 20
    piped, lines = runs.in_pipe("everything.yml", *arguments, settings=settings)
    terminal = runs.on_terminal("everything.yml", *arguments, settings=settings, **WIDE).read()
    assert (piped, terminal.status) == (2, 2)
    for shown in (lines, terminal.lines):
        assert said(expected) - said(shown) == Counter()


def test_names_cell_layer_and_task_of_a_change_before_its_diff(runs):
    _, lines = runs.in_pipe("everything.yml", "--diff", settings={"ANSIBLE_STRATEGY": "free"})
    for cell in CELLS:
        place = lines.index(f"changed: [{cell}] first : Change some of them => (item=another)")
        assert lines[place + 1 : place + 6] == ["--- before", "+++ after", "@@ -1 +1 @@", "-nothing", "+that"]


def test_says_warnings_of_what_it_does_not_show(runs):
    _, lines = runs.in_pipe("everything.yml")
    assert "[WARNING]: said by a task that did not change" in lines
    assert "[WARNING]: said by an item that did not change" in lines


def test_says_that_a_cell_is_not_to_be_reached(runs):
    # A temporary folder cannot be made there.
    settings = {"ANSIBLE_PIPELINING": "false", "ANSIBLE_REMOTE_TMP": "/proc/none"}
    status, lines = runs.in_pipe("modules.yml", cells=["tokyo"], settings=settings)
    assert status == 4
    assert any(line.startswith("fatal: [tokyo]: UNREACHABLE!") for line in lines)
    assert lines[-1].startswith("Next: mend what failed in tokyo (above)")


def test_lines_of_layers_without_a_terminal(runs):
    _, lines = runs.in_pipe("everything.yml")
    assert [re.sub(r" +\d+ s ", " N s ", line) for line in lines if line.startswith("osaka  ")][:3] == [
        "osaka     first N s  5 tasks, 4 changes",
        "osaka     included N s  1 task, 1 change",
        "osaka     second N s  7 tasks, 2 changes, failed",
    ]


def test_report(runs):
    _, lines = runs.in_pipe("everything.yml", settings={"ANSIBLE_PROGRESS_SLOWEST": "2"})
    report = [re.sub(r"[\d.]+ s\b", "N s", line) for line in lines[lines.index("The slowest tasks:") - 5 :]]
    assert [re.sub(" +", " ", line) for line in report[:5]] == [
        "layer tokyo osaka virginia changes time",
        "first +4 +4 +4 12 N s",
        "included +1 +1 +1 3 N s",
        "second +5 +2 +4 11 N s",
        "",
    ]
    assert all(re.fullmatch(r" *N s  \w+ : .* \((tokyo|osaka|virginia)\)", line) for line in report[6:8])
    assert report[8:] == [
        "",
        "26 changes in 3 cells, N s.",
        "Next: mend what failed in osaka (above), and run the same again; it goes on where it stopped.",
    ]


def test_api_calls(runs):
    _, lines = runs.in_pipe("modules.yml")
    assert re.search(r"^pinging .* 27$", "\n".join(lines), re.MULTILINE)
    assert lines[-1].startswith("0 changes in 3 cells, 27 API calls, ")


def test_without_api_calls_there_is_no_column_for_them(runs):
    _, lines = runs.in_pipe("modules.yml", cells=["tokyo"], ansible_connection="local")
    assert "API" not in "\n".join(lines)


@pytest.mark.parametrize("settings", [{"TERM": "dumb"}, {"ANSIBLE_PROGRESS_LIVE": "never"}])
def test_no_live_view_where_it_is_not_wanted(runs, settings):
    terminal = runs.on_terminal("waits.yml", settings=settings | {"NO_COLOR": "1"}, seconds=0).read()
    assert terminal.status == 0
    assert not ESCAPE.search(terminal.raw)


def test_colours(runs):
    colour = re.compile(rb"\x1b\[[0-9;]*m")
    assert colour.search(runs.on_terminal("waits.yml", seconds=0).read().raw)
    assert not colour.search(runs.on_terminal("waits.yml", seconds=0, settings={"NO_COLOR": "1"}).read().raw)
    _, lines = runs.in_pipe("waits.yml", seconds=0, settings={"ANSIBLE_FORCE_COLOR": "1"})
    assert colour.search("\n".join(lines).encode())


def test_verbose_is_what_the_default_callback_prints(runs):
    _, expected = runs.in_pipe("waits.yml", "-v", seconds=0, settings=DEFAULT | {"ANSIBLE_DISPLAY_OK_HOSTS": "true"})
    for arguments, settings in ((["-v"], {}), ([], {"ANSIBLE_DISPLAY_OK_HOSTS": "true"})):
        _, lines = runs.in_pipe("waits.yml", *arguments, seconds=0, settings=settings)
        # The details of a result are a matter of -v only.
        details = "" if arguments else r" =>.*"
        missing = {re.sub(details, "", line) if details else line for line in expected} - set(lines)
        assert {line for line in missing if not line.startswith("Using ")} == set()


@pytest.mark.parametrize("arguments", [["--list-tasks"], ["--syntax-check"], ["-vvvv"], ["--step"]])
def test_other_ways_to_run(runs, arguments):
    terminal = runs.on_terminal("waits.yml", *arguments, seconds=0, cells=["tokyo"], **WIDE)
    if arguments == ["--step"]:
        terminal.read(until=lambda terminal: any("(N)o/(y)es/(c)ontinue" in line for line in terminal.shown))
        assert not terminal.view
        terminal.type("c\n")
    assert terminal.read().status == 0


def test_live_view(runs):
    terminal = runs.on_terminal("waits.yml", seconds=8)
    terminal.read(until=lambda terminal: any("(5 s)" in line for line in terminal.view))
    drawn = terminal.raw.count(b"\x1b[3A")
    terminal.read(until=lambda terminal: any("(7 s)" in line for line in terminal.view))
    # It is drawn when it says something else, which here it does each second for the run, and each for the wait.
    assert terminal.raw.count(b"\x1b[3A") - drawn <= 5
    tokyo, osaka, virginia = terminal.view
    assert re.fullmatch(r"tokyo     1/3 +\d+ s  Wait for something slow \(7 s\)", tokyo)
    assert re.fullmatch(r"osaka     2/3 +\d+ s  waiting for others", osaka)
    assert virginia.startswith("virginia  2/3")
    # What was printed stands above it, with an empty line between.
    above = terminal.shown[: terminal.shown.index(tokyo)]
    assert above[-1] == ""
    assert above[-2].startswith("changed: [")
    assert terminal.screen.cursor.y == len(above) - 1
    assert terminal.read().status == 0
    assert terminal.view == []
    assert re.fullmatch(r"6 changes in 3 cells, \d+ s\.", [line for line in terminal.lines if line][-1])
    assert not any(re.search(r"\d/3", line) for line in terminal.lines)


def test_totals_grow_with_what_is_included_and_are_never_exceeded(runs):
    terminal = runs.on_terminal("everything.yml", settings={"ANSIBLE_STRATEGY": "free"}, **WIDE)
    totals = set()

    def note(terminal):
        for line in terminal.view:
            if numbers := re.search(r"(\d+)/(\d+) +\d+ s  \S", line):  # not one that is just being written
                done, total = map(int, numbers.groups())
                assert done <= total, line
                totals.add(total)
        return False

    terminal.read(until=note)
    assert {14, 16, 17} <= totals


def test_a_window_that_changes_its_size(runs):
    terminal = runs.on_terminal("waits.yml", seconds=8)
    terminal.read(until=lambda terminal: any("Wait for something slow" in line for line in terminal.view))
    for columns in (40, 25, 120):
        terminal.resize(columns, 10)
        terminal.read(until=lambda terminal, columns=columns: resized(terminal, columns))
    assert terminal.read().status == 0


def resized(terminal, columns):
    lines = terminal.view
    expected = {40: "tokyo     1/3  Wait for something slow", 25: "tokyo     1/3  Wait f...", 120: "tokyo     1/3   "}
    return len(lines) == 3 and lines[0].startswith(expected[columns]) and max(map(len, lines)) < columns


def test_more_cells_than_lines(runs):
    cells = [f"cell{number}" for number in range(30)]
    terminal = runs.on_terminal("waits.yml", rows=12, seconds=0, cells=[*cells, "tokyo"])
    terminal.read(until=lambda terminal: any("more cells" in line for line in terminal.shown))
    assert terminal.read().status == 0
    assert sum(line.startswith("changed: ") and "Be quick" in line for line in terminal.lines) == 31


def test_control_c(runs):
    terminal = runs.on_terminal("waits.yml", seconds=60)
    # Not earlier: at the moment in which Ansible forks, Ctrl-C can be lost, with its own callback as well.
    terminal.read(until=lambda terminal: any("(5 s)" in line for line in terminal.view))
    terminal.type("\x03")
    assert terminal.read().status not in (0, None)
    assert any("User interrupted execution" in line for line in terminal.lines)
    # Workers that are interrupted may write on the terminal by themselves, over a part of the view.
    assert not any(re.match(r"(tokyo|osaka|virginia) .*\d/3", line) for line in terminal.lines)


def test_nothing_is_in_the_way_of_a_question(runs):
    terminal = runs.on_terminal("asks.yml", cells=["tokyo"])
    terminal.read(until=lambda terminal: any(line.startswith("Say a word:") for line in terminal.shown))
    assert terminal.view == []
    terminal.type("one\n")
    terminal.read(until=lambda terminal: any(line.startswith("Say another one") for line in terminal.shown))
    terminal.type("two")
    terminal.read(until=lambda terminal: any(line.startswith("two") for line in terminal.shown))
    assert terminal.view == []
    terminal.type("\r")
    assert terminal.read().status == 2
    assert any("The words were one and two." in line for line in terminal.lines)


def test_very_many_forks_at_once(runs):
    cells = [f"cell{number}" for number in range(40)]
    terminal = runs.on_terminal("busy.yml", "--forks=40", cells=cells, **WIDE).read()
    assert terminal.status == 0
    assert sum(line.startswith("changed: ") for line in terminal.lines) == 40 * 6
    assert {f"[WARNING]: said in {cell}" for cell in cells} <= set(terminal.lines)
    assert any(line.startswith("240 changes in 40 cells, ") for line in terminal.lines)
