# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import accessanalyzer_analyzer as analyzer

ANSWER = {
    "name": "example",
    "arn": "arn:aws:access-analyzer:ap-northeast-1:123456789012:analyzer/example",
    "type": "ACCOUNT",
    "status": "ACTIVE",
}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("ACCOUNT_UNUSED_ACCESS", "unused_access", {"age": 90, "exclusions": [{"resource_tags": [{"a": "b"}]}]}),
        ("ORGANIZATION_UNUSED_ACCESS", "unused_access", {"age": 30, "exclusions": [{"account_ids": ["1"]}]}),
        ("ACCOUNT_INTERNAL_ACCESS", "internal_access", {"inclusions": [{"resource_types": ["AWS::S3::Bucket"]}]}),
    ],
)
def test_configuration_there_and_back(kind, field, value):
    state = {"unused_access": {}, "internal_access": {}, field: value}
    read = analyzer.read({**ANSWER, "type": kind, "configuration": analyzer.write_configuration(state)}, [])
    assert read[field] == value


def test_external_access_has_no_configuration():
    assert analyzer.write_configuration({"unused_access": {}, "internal_access": {}}) is None
    read = analyzer.read(ANSWER, [])
    assert read["unused_access"] == read["internal_access"] == {}


def test_archive_rule_there_and_back():
    rule = {"name": "a", "filter": [{"key": "error", "exists": False}, {"key": "isPublic", "eq": ["false"]}]}
    assert analyzer.read(ANSWER, [analyzer.write_archive_rule(rule)])["archive_rules"] == [rule]


def test_waiter():
    waiter = analyzer.AnalyzerWaiters()._waiter_model_data["analyzer_active"]
    states = {acceptor["expected"]: acceptor["state"] for acceptor in waiter["acceptors"]}
    assert states == {
        "ACTIVE": "success",
        "CREATING": "retry",
        "DISABLED": "failure",
        "FAILED": "failure",
        "ResourceNotFoundException": "retry",
    }
