# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

MODULE = "route53_zone"


@pytest.fixture
def route53(sandbox):
    return sandbox.client("route53")


@pytest.fixture
def vpcs(sandbox):
    """Two VPCs, as the module's options name them."""
    ec2 = sandbox.client("ec2", REGION)
    ids = [ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"] for number in (10, 20)]
    return [{"id": vpc_id, "region": REGION} for vpc_id in sorted(ids)]


def zones(route53):
    return {zone["Name"]: zone for zone in route53.list_hosted_zones()["HostedZones"]}


def add_record(route53, zone_id, name="www.example.com"):
    record = {"Name": name, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"text"'}]}
    change = {"Action": "CREATE", "ResourceRecordSet": record}
    route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": [change]})


def test_story_of_a_public_zone(modules):
    def drift(sandbox):
        route53 = sandbox.client("route53")
        route53.update_hosted_zone_comment(Id=zones(route53)["example.com."]["Id"], Comment="Mine")

    modules.tell(
        Story(
            module=MODULE,
            returns="zone",
            identity={"name": "Example.com."},
            present={"comment": "The shop", "tags": {"Owner": "platform"}},
            changes=({"comment": ""}, {"comment": "The other shop"}, {"tags": {"Owner": "shop"}}),
            drift=drift,
            unpredictable=frozenset({"hosted_zone_id", "name_servers"}),
        )
    )


def test_story_of_a_private_zone(modules, vpcs):
    def drift(sandbox):
        route53 = sandbox.client("route53")
        vpc = {"VPCId": vpcs[1]["id"], "VPCRegion": REGION}
        route53.associate_vpc_with_hosted_zone(HostedZoneId=zones(route53)["example.internal."]["Id"], VPC=vpc)

    modules.tell(
        Story(
            module=MODULE,
            returns="zone",
            identity={"name": "example.internal"},
            present={"vpcs": vpcs},
            changes=({"vpcs": vpcs[1:]}, {"vpcs": vpcs[:1]}),
            drift=drift,
            absent={"vpcs": vpcs[:1]},
            unpredictable=frozenset({"hosted_zone_id", "name_servers"}),
        )
    )


def test_what_is_not_given_stays(modules, route53):
    modules.run(MODULE, name="example.com", comment="The shop", tags={"Owner": "platform"})
    assert not modules.run(MODULE, name="example.com")["changed"]
    assert zones(route53)["example.com."]["Config"]["Comment"] == "The shop"


def test_a_public_and_a_private_zone_of_one_name_are_two(modules, route53, vpcs):
    public = modules.run(MODULE, name="example.com")["zone"]
    private = modules.run(MODULE, name="example.com", vpcs=vpcs)["zone"]
    assert public["hosted_zone_id"] != private["hosted_zone_id"]
    assert (public["private"], private["private"]) == (False, True)
    assert len(public["name_servers"]) == 4 and private["name_servers"] == []


def test_of_several_private_zones_it_is_the_one_of_the_vpc(modules, vpcs):
    first = modules.run(MODULE, name="example.internal", vpcs=vpcs[:1])["zone"]
    route53 = modules.sandbox.client("route53")
    route53.create_hosted_zone(
        Name="example.internal",
        CallerReference="second",
        VPC={"VPCId": vpcs[1]["id"], "VPCRegion": REGION},
        HostedZoneConfig={"PrivateZone": True},
    )
    again = modules.run(MODULE, name="example.internal", vpcs=vpcs[:1])
    assert (again["changed"], again["zone"]["hosted_zone_id"]) == (False, first["hosted_zone_id"])
    answer = modules.attempt(MODULE, name="example.internal", vpcs=vpcs)
    assert "There are 2 hosted zones example.internal" in answer["msg"]


def test_a_zone_with_records_is_deleted_by_force_only(modules, route53):
    zone_id = modules.run(MODULE, name="example.com")["zone"]["hosted_zone_id"]
    for name in ("www.example.com", "*.example.com"):
        add_record(route53, zone_id, name)
    answer = modules.attempt(MODULE, name="example.com", state="absent")
    assert "The zone example.com has 2 records besides its own" in answer["msg"]
    assert modules.run(MODULE, hosted_zone_id=zone_id, state="absent", force=True, check=True)["changed"]
    assert zones(route53)
    assert modules.run(MODULE, hosted_zone_id=f"/hostedzone/{zone_id}", state="absent", force=True)["changed"]
    assert zones(route53) == {}


def test_refused(modules, vpcs):
    zone_id = modules.run(MODULE, name="example.com")["zone"]["hosted_zone_id"]
    private_id = modules.run(MODULE, name="example.internal", vpcs=vpcs)["zone"]["hosted_zone_id"]
    for given, sentence in (
        (
            {"hosted_zone_id": zone_id, "name": "example.org", "comment": "x"},
            f"the hosted zone {zone_id} is example.com",
        ),
        ({"hosted_zone_id": zone_id, "vpcs": vpcs}, "example.com is a public zone, which cannot become a private one"),
        ({"hosted_zone_id": private_id, "vpcs": []}, "the private zone example.internal needs one VPC at least"),
        ({"hosted_zone_id": "Z00000000000000000000"}, "There is no hosted zone Z00000000000000000000"),
    ):
        assert sentence in modules.attempt(MODULE, **given)["msg"]
