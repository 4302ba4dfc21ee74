# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import datetime

import pytest

pytest.importorskip("botocore")

from ansible_collections.wellarchitected.aws.plugins.modules.cloudwatch_metric_info import normal, request, sentence

NOW = datetime.datetime(2026, 11, 28, 16, 0, tzinfo=datetime.UTC)
PARAMS = {
    "namespace": "AWS/RDS",
    "metric_name": "AuroraBinlogReplicaLag",
    "dimensions": {"Role": "WRITER", "DBClusterIdentifier": "shop"},
    "statistic": "Maximum",
    "period": 60,
    "seconds": 120,
}


def point(minutes, value):
    return {"Timestamp": NOW - datetime.timedelta(minutes=minutes), "Maximum": value, "Unit": "Seconds"}


def test_request():
    assert request(PARAMS, NOW) == {
        "Namespace": "AWS/RDS",
        "MetricName": "AuroraBinlogReplicaLag",
        "Dimensions": [{"Name": "DBClusterIdentifier", "Value": "shop"}, {"Name": "Role", "Value": "WRITER"}],
        "Statistics": ["Maximum"],
        "Period": 60,
        "StartTime": NOW - datetime.timedelta(seconds=120),
        "EndTime": NOW,
    }


def test_datapoints_are_in_order_and_none_is_older_than_asked_for():
    found = normal([point(0, 1.0), point(3, 9.0), point(1, 5.0)], "Maximum", NOW - datetime.timedelta(minutes=2))
    assert [datapoint["value"] for datapoint in found] == [5.0, 1.0]
    assert found[-1] == {"timestamp": "2026-11-28T16:00:00+00:00", "unit": "Seconds", "value": 1.0}


@pytest.mark.parametrize(
    ("dimensions", "latest", "expected"),
    [
        ({"DBClusterIdentifier": "shop"}, {"value": 12.0, "unit": "Seconds"}, "Lag of shop is 12 Seconds"),
        ({}, {"value": 0.5, "unit": "Count"}, "Lag is 0.5 Count"),
        ({"DBClusterIdentifier": "shop"}, None, "Lag of shop is not known of the last 120 seconds"),
    ],
)
def test_sentence(dimensions, latest, expected):
    assert sentence({**PARAMS, "metric_name": "Lag", "dimensions": dimensions}, latest) == expected
