# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story


def change_behind_our_back(sandbox):
    waf = sandbox.client("wafv2", REGION)
    (summary,) = waf.list_ip_sets(Scope="REGIONAL")["IPSets"]
    identity = {"Name": summary["Name"], "Scope": "REGIONAL", "Id": summary["Id"]}
    waf.update_ip_set(**identity, LockToken=summary["LockToken"], Addresses=[], Description="somebody else")


@pytest.mark.parametrize(
    ("version", "first", "second"),
    [
        ("IPV4", ["198.51.100.7", "192.0.2.0/24"], ["203.0.113.0/24"]),
        ("IPV6", ["2001:0DB8:0:0::/64", "2001:db8:1::1"], ["2001:db8:2::/48"]),
    ],
)
def test_story(modules, version, first, second):
    modules.tell(
        Story(
            module="wafv2_ip_set",
            returns="ip_set",
            identity={"name": "office"},
            present={"ip_address_version": version, "addresses": first, "tags": {"Number": 1}},
            changes=(
                {"addresses": second},
                {"description": "The office"},
                {"tags": {"Environment": "test"}},
                {"addresses": []},
                {"addresses": first, "description": ""},
            ),
            drift=change_behind_our_back,
            unpredictable=frozenset({"id", "arn"}),
        )
    )


def test_what_is_not_given_stays(modules):
    modules.run("wafv2_ip_set", name="office", description="The office", addresses=["192.0.2.0/24"])
    changed = modules.run("wafv2_ip_set", name="office", addresses=["192.0.2.0/25"])
    assert changed["ip_set"]["description"] == "The office"


def test_for_cloudfront(modules):
    arguments = {"name": "office", "scope": "CLOUDFRONT", "addresses": ["192.0.2.0/24"], "region": "us-east-1"}
    assert ":global/ipset/office/" in modules.run("wafv2_ip_set", **arguments)["ip_set"]["arn"]
    assert not modules.run("wafv2_ip_set", **arguments)["changed"]
    elsewhere = modules.attempt("wafv2_ip_set", **{**arguments, "region": REGION})
    assert "is for CloudFront, which AWS WAF manages in us-east-1 only" in elsewhere["msg"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"addresses": ["192.0.2.1/24"]}, "192.0.2.1/24 has host bits set"),
        ({"addresses": ["example.com"]}, "'example.com' does not appear to be an IPv4 or IPv6 network"),
        ({"addresses": ["2001:db8::/32"]}, "2001:db8::/32 (addresses) does not belong into the IP set office"),
        ({"ip_address_version": "IPV6"}, "holds IPV4, and AWS cannot make it hold IPV6"),
    ],
)
def test_refused(modules, arguments, said):
    modules.run("wafv2_ip_set", name="office")
    assert said in modules.attempt("wafv2_ip_set", check=True, name="office", **arguments)["msg"]
