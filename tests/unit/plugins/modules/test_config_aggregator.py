# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import config_aggregator as module

ARN = "arn:aws:config:ap-northeast-1:123456789012:config-aggregator/config-aggregator-abc123"
ACCOUNTS = {"account_ids": ["123456789012"], "aws_regions": ["ap-northeast-1"]}
ORGANIZATION = {"role_arn": "arn:aws:iam::123456789012:role/example", "aws_regions": []}


@pytest.mark.parametrize(
    ("accounts", "organization", "regions"),
    [
        (ACCOUNTS, {}, {"AwsRegions": ["ap-northeast-1"]}),
        ({**ACCOUNTS, "aws_regions": []}, {}, {"AllAwsRegions": True}),
        ({}, ORGANIZATION, {"AllAwsRegions": True}),
    ],
)
def test_what_is_read_is_what_was_requested(accounts, organization, regions):
    state = {
        "name": "example",
        "arn": ARN,
        "account_source": accounts,
        "organization_source": organization,
        "tags": {},
    }
    request = module.request(state)
    source = request.get("OrganizationAggregationSource") or request["AccountAggregationSources"][0]
    assert regions.items() <= source.items()
    assert module.read({**request, "ConfigurationAggregatorArn": ARN}, {}) == state


def test_one_source_takes_the_place_of_the_other():
    assert module.normal({"organization_source": ORGANIZATION}) == {
        "organization_source": ORGANIZATION,
        "account_source": {},
    }
    normal = module.normal({"account_source": {"account_ids": ["2", "1"], "aws_regions": ["b", "a"]}})
    assert normal["account_source"] == {"account_ids": ["1", "2"], "aws_regions": ["a", "b"]}
    assert module.normal({"tags": {}}) == {"tags": {}}
