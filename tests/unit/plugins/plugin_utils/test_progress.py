# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.progress import (
    Cell,
    Record,
    changes_in,
    columns_of,
    cut,
    duration,
    one_line,
    pad,
    plural,
    table,
    view,
)


@pytest.mark.parametrize(
    ("result", "count"),
    [
        ({"changed": True}, 1),
        ({"changed": False}, 0),
        ({}, 0),
        ({"changed": True, "results": [{"changed": True}, {"changed": False}, {}, {"changed": True}]}, 2),
        ({"changed": True, "results": "of a query"}, 1),
        ({"results": []}, 0),
    ],
)
def test_changes(result, count):
    assert changes_in(result) == count


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (8.2, "8 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (3600, "60 min 0 s")]
)
def test_duration(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize(("seconds", "said"), [(0.44, "0.4 s"), (9.94, "9.9 s"), (9.96, "10 s"), (125, "2 min 5 s")])
def test_duration_with_tenths(seconds, said):
    assert duration(seconds, tenths=True) == said


@pytest.mark.parametrize(("count", "said"), [(0, "0 changes"), (1, "1 change"), (2, "2 changes")])
def test_plural(count, said):
    assert plural(count, "change") == said


@pytest.mark.parametrize(
    ("text", "columns"), [("", 0), ("tokyo", 5), ("東京", 4), ("e\u0301", 1), ("\u200bx", 1), ("🚀", 2)]
)
def test_columns(text, columns):
    assert columns_of(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("Keep the VPC", 12, "Keep the VPC"),
        ("Keep the VPC", 11, "Keep the..."),
        ("Keep the VPC", 3, "..."),
        ("Keep the VPC", 1, "."),
        ("Keep the VPC", 0, ""),
        ("Keep the VPC", -4, ""),
        ("東京と大阪", 8, "東京..."),
    ],
)
def test_cut(text, columns, shown):
    assert cut(text, columns) == shown
    assert columns_of(cut(text, columns)) <= max(columns, 0)


def test_pad():
    assert (pad("東京", 6), pad("東京", 6, right=True)) == ("東京  ", "  東京")


def test_one_line():
    assert one_line("Keep \x1b[2J the\n  VPC\t") == "Keep [2J the VPC"


def test_table():
    columns = {"virginia": {"network": "-", "dns": "7"}, "東京": {"network": "27 (+3)", "dns": "9"}}
    assert table("layer", ["network", "dns"], columns) == [
        "layer    virginia     東京",
        "network         -  27 (+3)",
        "dns             7        9",
    ]


def test_table_goes_on_below_where_it_does_not_fit():
    columns = {cell: {"dns": "1"} for cell in ("virginia", "tokyo", "osaka")}
    assert table("layer", ["dns"], columns, width=24) == [
        "layer  virginia  tokyo",
        "dns           1      1",
        "",
        "layer  osaka",
        "dns        1",
    ]
    assert len(table("layer", ["dns"], columns, width=5)) == 8


def recorded():
    record = Record()
    record.done("network", "tokyo", 12.2, 3)
    record.done("network", "tokyo", 30, 0)
    record.done("network", "osaka", 8, 1)
    record.done("", "osaka", 3, 2)
    record.layer_of = {"a": "network", "b": "dns", "c": ""}
    return record


def test_layers_without_resources():
    assert recorded().layer_table(None, None) == [
        "layer    tokyo  osaka  changes  time",
        "network     +3     +1        4  42 s",
    ]
    assert recorded().changes() == 6


def test_layers_with_resources_and_api_calls():
    record = recorded()
    record.counted("osaka", {"network": 9, "dns": 1})
    calls = record.api_calls(["a 10\n", "b 2\n", "a 5\n", "c 1\n", "unknown 4\n"])
    assert record.layer_table(calls, None) == [
        "layer     tokyo   osaka  changes  time  API calls",
        "network  - (+3)  9 (+1)        4  42 s         15",
        "dns           -       1        0   0 s          2",
    ]
    assert calls.total() == 22


def test_slowest_tasks():
    record = Record()
    record.took("network : Wait", "tokyo", 70)
    record.took("network : Wait", "osaka", 80.4)
    record.took("dns : Keep the zone", "tokyo", 1.23)
    record.took("dns : Keep the records", "tokyo", 2)
    record.took("Skip", "tokyo", 0.01)
    assert record.slowest_tasks(2) == [
        "1 min 20 s  network : Wait (osaka)",
        "     2.0 s  dns : Keep the records (tokyo)",
    ]
    assert len(record.slowest_tasks(10)) == 3
    assert Record().slowest_tasks(10) == []


def cells():
    """Tokyo waits, osaka is between two tasks, virginia is done, and Kyoto failed."""
    tokyo, osaka, virginia, kyoto = (Cell(name, 31) for name in ("tokyo", "osaka", "virginia", "京都"))
    tokyo.begin("Create the gateways", "network", 100)
    tokyo.end(110)
    tokyo.begin("Wait for the NAT gateways of all zones", "network", 110)
    osaka.begin("Create the gateways", "network", 100)
    osaka.end(110)
    virginia.total = 1
    virginia.begin("Keep the trail", "account_baseline", 100)
    virginia.end(161)
    kyoto.begin("Keep the VPC", "network", 100)
    kyoto.end(120, "failed")
    return [tokyo, osaka, virginia, kyoto]


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        (
            200,
            [
                "tokyo     network            1/31  1 min 40 s  Wait for the NAT gateways of all zones (1 min 30 s)",
                "osaka     network            1/31  1 min 40 s  waiting for others",
                "virginia  account_baseline   1/1    1 min 1 s  done",
                "京都      network            1/31        20 s  failed: Keep the VPC",
            ],
        ),
        (
            80,
            [
                "tokyo     network            1/31  1 min 40 s  Wait for the NAT... (1 min 30 s)",
                "osaka     network            1/31  1 min 40 s  waiting for others",
                "virginia  account_baseline   1/1    1 min 1 s  done",
                "京都      network            1/31        20 s  failed: Keep the VPC",
            ],
        ),
        (
            60,
            [
                "tokyo     network            1/31  Wait for... (1 min 30 s)",
                "osaka     network            1/31  waiting for others",
                "virginia  account_baseline   1/1   done",
                "京都      network            1/31  failed: Keep the VPC",
            ],
        ),
        (
            40,
            [
                "tokyo      1/31  Wait fo... (1 min 30 s)",
                "osaka      1/31  waiting for others",
                "virginia   1/1   done",
                "京都       1/31  failed: Keep the VPC",
            ],
        ),
    ],
)
def test_view(columns, lines):
    shown = view(cells(), 200, columns, 10)
    assert [line for line, _cell in shown] == lines
    assert max(columns_of(line) for line, _cell in shown) <= columns


@pytest.mark.parametrize("columns", range(1, 120))
def test_view_never_is_wider_than_the_terminal(columns):
    assert max(columns_of(line) for line, _cell in view(cells(), 200, columns, 10)) <= columns


@pytest.mark.parametrize(
    ("lines", "names"), [(4, ["tokyo", "osaka", "virginia", "京都"]), (3, ["tokyo", "京都"]), (2, ["京都"]), (1, [])]
)
def test_view_keeps_in_sight_what_failed_and_what_works(lines, names):
    shown = view(cells(), 200, 80, lines)
    assert [cell.name for _line, cell in shown if cell] == names
    assert len(shown) == lines
    if len(names) < 4:
        assert shown[-1] == (f"and {4 - len(names)} more cells", None)


def test_view_without_room():
    assert view(cells(), 200, 80, 0) == []
    assert view([], 200, 80, 10) == []


def test_a_total_is_corrected_and_never_exceeded():
    cell = Cell("tokyo", 1)
    for second in range(3):
        cell.begin("Keep", "dns", second)
        assert not cell.finished
        cell.end(second + 0.5)
        assert cell.finished
        assert cell.done <= cell.total
    assert cell.done == 3


def test_a_rescued_cell_goes_on():
    cell = Cell("tokyo", 2)
    cell.begin("Keep", "dns", 0)
    assert cell.end(1, "failed") == 1
    assert cell.state(2) == ("failed: Keep", "")
    cell.begin("Mend", "dns", 2)
    assert cell.state(3) == ("Mend", "")


def test_a_new_layer_begins_with_no_work():
    cell = Cell("tokyo", 2)
    cell.begin("Keep", "dns", 0)
    cell.stretch.add(1, 1)
    cell.begin("Keep", "network", 2)
    assert (cell.stretch.tasks, cell.title) == (0, "network : Keep")


def test_a_cell_before_its_first_task():
    assert [line for line, _cell in view([Cell("tokyo", 9)], 0, 80, 5)] == ["tokyo  0/9  waiting"]
