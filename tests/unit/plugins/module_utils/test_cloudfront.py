# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ansible_collections.wellarchitected.aws.plugins.module_utils import cloudfront


def test_items_of_all_pages():
    pages = {
        None: {"Items": [{"Id": "1"}, {"Id": "2"}], "NextMarker": "2"},
        "2": {"Items": [{"Id": "3"}], "NextMarker": "3"},
        "3": {"Quantity": 0},
    }

    def call(Type, Marker=None):
        assert Type == "managed"
        return {"CachePolicyList": pages[Marker]}

    found = cloudfront.items(call, "CachePolicyList", Type="managed")
    assert [item["Id"] for item in found] == ["1", "2", "3"]


def test_quantified():
    assert cloudfront.quantified(iter("ab")) == {"Quantity": 2, "Items": ["a", "b"]}
    assert cloudfront.quantified([]) == {"Quantity": 0}
