# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.callback.progress import entries_in


@pytest.mark.parametrize(
    ("file", "count"),
    [
        (None, 0),
        ([{"debug": {}}, {"debug": {}}], 2),
        ([{"block": [{"debug": {}}, {"block": [{"debug": {}}]}], "rescue": [{"debug": {}}]}], 2),
        ([{"block": [{"debug": {}}], "always": [{"debug": {}}, {"debug": {}}]}, {"debug": {}}], 4),
    ],
)
def test_entries(file, count):
    assert entries_in(file) == count
