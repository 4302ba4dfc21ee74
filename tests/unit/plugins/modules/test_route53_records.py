# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import route53_records
from ansible_collections.wellarchitected.aws.plugins.modules.route53_records import batch, fault, normalised

ALIAS = {"dns_name": "Web-1.Example.com.", "hosted_zone_id": "Z1", "evaluate_target_health": True}


def given(**record):
    return normalised({"name": "www.example.com", "type": "A", "ttl": 300, **record})


def test_what_is_written_is_read_back_the_same():
    for record in (
        given(values=["192.0.2.2", "192.0.2.1"]),
        given(alias=ALIAS, set_identifier="one", failover="PRIMARY", health_check_id="1"),
        given(name="*.Example.com.", values=["192.0.2.1"], set_identifier="one", weight=0),
    ):
        assert route53_records.read(route53_records.record_set(record)) == record


def test_an_asterisk_is_read_as_such():
    found = {"Name": "\\052.example.com.", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"a"'}]}
    assert route53_records.read(found)["name"] == "*.example.com"


def test_a_record_of_another_policy_differs_and_is_deleted_as_it_was_read():
    found = {"Name": "www.example.com.", "Type": "A", "TTL": 300, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    found |= {"SetIdentifier": "tokyo", "Region": "ap-northeast-1"}
    current = route53_records.read(found)
    (change,) = batch([current], [])
    assert change == {"Action": "DELETE", "ResourceRecordSet": {**found, "Name": "www.example.com"}}


def test_what_shares_a_name_is_exchanged_in_one_change():
    single = given(alias=ALIAS)
    pair = [given(alias=ALIAS, set_identifier=name, failover=name.upper()) for name in ("primary", "secondary")]
    assert [change["Action"] for change in batch([single], pair)] == ["DELETE", "UPSERT", "UPSERT"]
    assert batch(pair, pair) == []


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (given(), "The record A www.example.com needs either values or an alias"),
        (given(values=["192.0.2.1"], alias=ALIAS), "needs either values or an alias"),
        (given(values=["192.0.2.1"], weight=1), "The record A www.example.com needs a set_identifier"),
        (given(values=["192.0.2.1"]), None),
    ],
)
def test_what_is_wrong_with_a_record(record, sentence):
    assert sentence in fault(record) if sentence else fault(record) is None
