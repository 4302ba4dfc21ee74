# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ansible_collections.wellarchitected.aws.plugins.modules import route53_zone


def test_read_a_private_zone():
    answer = {
        "HostedZone": {
            "Id": "/hostedzone/Z1",
            "Name": "example.internal.",
            "Config": {"PrivateZone": True},
            "ResourceRecordSetCount": 3,
        },
        "VPCs": [
            {"VPCId": "vpc-2", "VPCRegion": "ap-northeast-1"},
            {"VPCId": "vpc-1", "VPCRegion": "ap-northeast-3"},
        ],
    }
    assert route53_zone.read(answer, {"Owner": "platform"}) == {
        "hosted_zone_id": "Z1",
        "name": "example.internal",
        "private": True,
        "vpcs": [{"id": "vpc-1", "region": "ap-northeast-3"}, {"id": "vpc-2", "region": "ap-northeast-1"}],
        "comment": "",
        "name_servers": [],
        "record_count": 3,
        "tags": {"Owner": "platform"},
    }


def test_a_zones_own_records_go_with_it_and_those_of_others_before():
    own = [{"Name": "example.com.", "Type": kind} for kind in ("NS", "SOA")]
    others = [{"Name": "sub.example.com.", "Type": "NS"}, {"Name": "example.com.", "Type": "CAA"}]
    assert route53_zone.deletable([*own, *others], "example.com") == others
