# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION


@pytest.fixture
def office(sandbox):
    entries = [{"Cidr": f"192.0.2.{host}/32", "Description": f"Desk {host}"} for host in range(120)]
    prefix_list = sandbox.client("ec2", REGION).create_managed_prefix_list(
        PrefixListName="office",
        AddressFamily="IPv4",
        MaxEntries=200,
        Entries=entries[:100],
        TagSpecifications=[{"ResourceType": "prefix-list", "Tags": [{"Key": "Environment", "Value": "test"}]}],
    )["PrefixList"]
    sandbox.client("ec2", REGION).modify_managed_prefix_list(
        PrefixListId=prefix_list["PrefixListId"], PrefixListName="office", CurrentVersion=1, AddEntries=entries[100:]
    )
    return prefix_list["PrefixListId"]


def test_cloudfront(modules):
    answer = modules.run("ec2_managed_prefix_list_info", name="com.amazonaws.global.cloudfront.origin-facing")
    assert [found["owner_id"] for found in answer["prefix_lists"]] == ["AWS"]
    assert "entries" not in answer["prefix_lists"][0]
    assert not answer["changed"]


def test_entries_of_all_pages(modules, office):
    found = modules.run("ec2_managed_prefix_list_info", name="office", entries=True)["prefix_lists"]
    assert [item["prefix_list_id"] for item in found] == [office]
    assert len(found[0]["entries"]) == 120
    assert found[0]["entries"][0] == {"cidr": "192.0.2.0/32", "description": "Desk 0"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"tags": {"Environment": "test"}}, ["office"]),
        ({"tags": {"Environment": "other"}}, []),
        ({"owner_id": "123456789012"}, ["office"]),
        ({"name": "nothing"}, []),
    ],
)
def test_found(modules, office, wanted, found):
    answer = modules.run("ec2_managed_prefix_list_info", **wanted)
    assert [item["prefix_list_name"] for item in answer["prefix_lists"]] == found
