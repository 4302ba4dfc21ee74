# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

MODULE = "securityhub_finding_aggregator"


@pytest.fixture
def securityhub(sandbox):
    clients = [sandbox.client("securityhub", region) for region in (REGION, "us-east-1")]
    for client in clients:
        client.enable_security_hub(EnableDefaultStandards=False)
    return clients[0]


def aggregator_of(securityhub):
    (found,) = securityhub.list_finding_aggregators()["FindingAggregators"]
    return securityhub.get_finding_aggregator(**found)


def test_story(modules, securityhub):
    def drift(_sandbox):
        arn = aggregator_of(securityhub)["FindingAggregatorArn"]
        securityhub.update_finding_aggregator(FindingAggregatorArn=arn, RegionLinkingMode="NO_REGIONS")

    modules.tell(
        Story(
            module=MODULE,
            returns="finding_aggregator",
            present={"regions": ["us-east-1", "ap-northeast-3"]},
            changes=(
                {"regions": ["us-east-1"]},
                {"region_linking_mode": "ALL_REGIONS", "regions": None},
                {"region_linking_mode": "ALL_REGIONS_EXCEPT_SPECIFIED", "regions": ["eu-west-1"]},
            ),
            drift=drift,
            unpredictable=frozenset({"arn"}),
        )
    )


def test_an_account_has_one_home_region(modules, securityhub):
    modules.run(MODULE, regions=["us-east-1"])
    for check in (True, False):
        for state in ("present", "absent"):
            refused = modules.attempt(
                MODULE, check=check, region="us-east-1", state=state, region_linking_mode="NO_REGIONS"
            )
            assert f"aggregates this account's findings in {REGION}" in refused["msg"]
    assert aggregator_of(securityhub)["Regions"] == ["us-east-1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"regions": [REGION]}, "which is the home region itself"),
        ({"region_linking_mode": "SPECIFIED_REGIONS"}, "region_linking_mode: SPECIFIED_REGIONS needs regions."),
        ({"region_linking_mode": "ALL_REGIONS", "regions": ["us-east-1"]}, "has no meaning with"),
    ],
)
def test_what_contradicts_itself_is_refused(modules, securityhub, arguments, message):
    assert message in modules.attempt(MODULE, **arguments)["msg"]
    assert securityhub.list_finding_aggregators()["FindingAggregators"] == []


def test_without_security_hub_there_is_nothing_to_aggregate(modules, sandbox):
    assert not modules.run(MODULE, state="absent")["changed"]
    assert modules.run(MODULE, check=True, regions=["us-east-1"])["changed"]
    assert "is not subscribed to AWS Security Hub" in modules.attempt(MODULE, regions=["us-east-1"])["msg"]
