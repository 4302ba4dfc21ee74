# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.callback.summary import changes_in, duration, plural, table


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


@pytest.mark.parametrize(("count", "said"), [(0, "0 changes"), (1, "1 change"), (2, "2 changes")])
def test_plural(count, said):
    assert plural(count, "change") == said


def test_table():
    resources = {("network", "tokyo"): 27, ("network", "osaka"): 9, ("encryption", "virginia"): 7}
    changes = {("network", "tokyo"): 3, ("encryption", "osaka"): 12}
    assert table(["encryption", "network"], ["virginia", "tokyo", "osaka"], resources, changes) == [
        "layer       virginia    tokyo    osaka",
        "encryption         7        -  - (+12)",
        "network            -  27 (+3)        9",
    ]


def test_table_of_short_names():
    assert table(["dns"], ["a"], {("dns", "a"): 1}, {}) == ["layer  a", "dns    1"]
