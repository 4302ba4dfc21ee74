# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import wafv2_ip_set
from botocore.exceptions import ClientError

IP_SET = {
    "Name": "office",
    "Id": "1",
    "ARN": "arn:aws:wafv2:ap-northeast-1:123456789012:regional/ipset/office/1",
    "IPAddressVersion": "IPV4",
    "Addresses": ["198.51.100.0/24", "192.0.2.0/24"],
    "Description": "The office",
}


@pytest.mark.parametrize(
    ("addresses", "normal"),
    [
        ([], []),
        (["198.51.100.7", "192.0.2.0/24", "192.0.2.0/24"], ["192.0.2.0/24", "198.51.100.7/32"]),
        (["2001:0db8:0000:0000:0000:0000:0000:0000/32", "2001:DB8::1"], ["2001:db8::/32", "2001:db8::1/128"]),
        (["2001:db8::/32", "192.0.2.0/24"], ["192.0.2.0/24", "2001:db8::/32"]),
    ],
)
def test_normalise(addresses, normal):
    assert wafv2_ip_set.normalise(addresses) == normal


@pytest.mark.parametrize("address", ["192.0.2.1/24", "example.com", "192.0.2.0/33"])
def test_no_range(address):
    with pytest.raises(AnsibleAWSError, match="addresses: "):
        wafv2_ip_set.normalise([address])


def test_read():
    assert wafv2_ip_set.read(IP_SET, "REGIONAL", {"a": "b"}) == {
        "name": "office",
        "scope": "REGIONAL",
        "id": "1",
        "arn": IP_SET["ARN"],
        "description": "The office",
        "ip_address_version": "IPV4",
        "addresses": ["192.0.2.0/24", "198.51.100.0/24"],
        "tags": {"a": "b"},
    }


def test_write():
    assert wafv2_ip_set.write({"addresses": [], "description": ""}) == {"Addresses": []}


class Waf:
    """WAF with one IP set, which somebody else changes the moment before its first update."""

    def __init__(self, error=None):
        self.error = error
        self.token = 1
        self.calls = []

    def list_ip_sets(self, **arguments):
        return {"IPSets": [{"Name": "office", "Id": "1"}]}

    def get_ip_set(self, **arguments):
        return {"IPSet": IP_SET, "LockToken": str(self.token)}

    def _write(self, **arguments):
        self.calls.append(arguments)
        if self.error:
            raise ClientError({"Error": {"Code": self.error}}, "DeleteIPSet")
        if self.token == 1:
            self.token = 2
            raise ClientError({"Error": {"Code": "WAFOptimisticLockException"}}, "UpdateIPSet")

    update_ip_set = delete_ip_set = _write


@pytest.fixture
def ip_set(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    params = {"name": "office", "scope": "REGIONAL", "purge_tags": True, **dict.fromkeys(wafv2_ip_set.FIELDS)}
    return lambda waf: wafv2_ip_set.build(params, waf)


def test_an_update_comes_again_with_a_new_token(ip_set):
    waf = Waf()
    ip_set(waf).update({}, {"addresses": []})
    identity = {"Name": "office", "Scope": "REGIONAL", "Id": "1"}
    assert waf.calls == [
        {**identity, "LockToken": token, "Addresses": [], "Description": "The office"} for token in ("1", "2")
    ]


def test_what_rules_refer_to_is_not_deleted(ip_set):
    with pytest.raises(AnsibleAWSError, match="Rules still refer to the IP set office"):
        ip_set(Waf("WAFAssociatedItemException")).delete({})
