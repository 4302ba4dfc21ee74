# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import securityhub_finding_aggregator as module

ARN = "arn:aws:securityhub:ap-northeast-1:123456789012:finding-aggregator/1234"


def test_read():
    found = {"FindingAggregatorArn": ARN, "FindingAggregationRegion": "ap-northeast-1"}
    state = module.read({**found, "RegionLinkingMode": "SPECIFIED_REGIONS", "Regions": ["us-east-1", "eu-west-1"]})
    assert state == {
        "arn": ARN,
        "home_region": "ap-northeast-1",
        "region_linking_mode": "SPECIFIED_REGIONS",
        "regions": ["eu-west-1", "us-east-1"],
    }
    assert module.read({**found, "RegionLinkingMode": "ALL_REGIONS"})["regions"] == []


@pytest.mark.parametrize(
    ("mode", "regions"),
    [("SPECIFIED_REGIONS", ["us-east-1"]), ("ALL_REGIONS_EXCEPT_SPECIFIED", ["us-east-1"]), ("ALL_REGIONS", None)],
)
def test_regions_are_written_where_the_mode_speaks_of_them(mode, regions):
    state = {"region_linking_mode": mode, "regions": regions or ["left over"]}
    written = {"RegionLinkingMode": mode, "Regions": regions} if regions else {"RegionLinkingMode": mode}
    assert module.linking(state) == written
