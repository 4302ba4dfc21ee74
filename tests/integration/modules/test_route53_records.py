# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import Story

MODULE = "route53_records"
BALANCER = {"dns_name": "Web-1.Example.com", "hosted_zone_id": "Z14GRHDCWA56QT", "evaluate_target_health": True}
SINGLE = {"name": "origin.example.com", "type": "A", "alias": BALANCER}
PAIR = [
    {**SINGLE, "set_identifier": "primary", "failover": "PRIMARY"},
    {**SINGLE, "set_identifier": "recovery", "failover": "SECONDARY"},
]
CAA = {"name": "Example.com.", "type": "CAA", "values": ['0 issue "amazon.com"', '0 issue "amazontrust.com"']}


@pytest.fixture
def zone_id(sandbox):
    zone = sandbox.client("route53").create_hosted_zone(Name="example.com", CallerReference="example")["HostedZone"]
    return zone["Id"].rpartition("/")[2]


def upsert(sandbox, zone_id, **record):
    change = {"Action": "UPSERT", "ResourceRecordSet": record}
    sandbox.client("route53").change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": [change]})


def test_story(modules, zone_id):
    def drift(sandbox):
        upsert(sandbox, zone_id, Name="example.com", Type="CAA", TTL=60, ResourceRecords=[{"Value": '0 issue ";"'}])

    modules.tell(
        Story(
            module=MODULE,
            returns="zone",
            identity={"hosted_zone_id": zone_id, "records": [CAA, SINGLE]},
            present={},
            # The health check of a record, and then one for each of two sites instead.
            changes=({"records": [{**CAA, "ttl": 60}, SINGLE]}, {"records": [CAA, *PAIR]}),
            drift=drift,
        )
    )


def test_other_records_stay(modules, sandbox, zone_id):
    values = [{"Value": '"mine"'}]
    upsert(sandbox, zone_id, Name="mine.example.com", Type="TXT", TTL=60, ResourceRecords=values)
    modules.run(MODULE, hosted_zone_id=zone_id, records=[CAA], wait=True)
    modules.run(MODULE, hosted_zone_id=f"/hostedzone/{zone_id}", records=[CAA], state="absent")
    records = sandbox.client("route53").list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    assert {record["Type"] for record in records} == {"NS", "SOA", "TXT"}


def test_all_is_one_change(modules, sandbox, zone_id):
    before = len(sandbox.requests())
    modules.run(MODULE, hosted_zone_id=zone_id, records=[CAA, *PAIR])
    writes = [request["operation"] for request in sandbox.requests()[before:] if request["write"]]
    assert writes == ["ChangeResourceRecordSets"]


def test_a_zone_that_is_not_there_yet(modules):
    given = {"hosted_zone_id": "Z00000000000000000000", "records": [CAA]}
    assert modules.run(MODULE, check=True, **given)["changed"]
    assert "There is no hosted zone Z00000000000000000000" in modules.attempt(MODULE, **given)["msg"]
    assert not modules.run(MODULE, check=True, **given, state="absent")["changed"]


def test_refused(modules, zone_id):
    answer = modules.attempt(MODULE, hosted_zone_id=zone_id, records=[{"name": "example.com", "type": "A"}])
    assert "The record A example.com needs either values or an alias" in answer["msg"]
