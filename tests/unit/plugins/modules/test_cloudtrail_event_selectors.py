# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import cloudtrail_event_selectors as selectors


def test_read_fills_in_what_is_left_out():
    state = selectors.read({"EventSelectors": [{}], "InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]})
    assert state["event_selectors"] == [selectors.DEFAULTS["event_selectors"]]
    assert state["advanced_event_selectors"] == []
    assert state["insight_selectors"] == [{"insight_type": "ApiCallRateInsight", "event_categories": ["Management"]}]


def test_write_and_read_back():
    written = [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": False,
            "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
        }
    ]
    state = selectors.read({"EventSelectors": written})
    assert selectors.write(state["event_selectors"]) == written


def test_one_kind_replaces_the_other():
    current = selectors.read({"EventSelectors": [{}]})
    advanced = [{"name": "", "field_selectors": [{"field": "eventCategory", "equals": ["Management"]}]}]
    changes = selectors.Selectors("example", {"advanced_event_selectors": advanced}, None).changes(current)
    assert changes == {"advanced_event_selectors": advanced, "event_selectors": []}


@pytest.mark.parametrize("field", ["event_selectors", "advanced_event_selectors"])
def test_a_trail_is_never_without(field):
    params = {"trail": "a", "event_selectors": None, "advanced_event_selectors": None, field: []}
    with pytest.raises(AnsibleAWSError, match=f"^{field} is empty"):
        selectors.build(params, None)
