# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ipaddress import ip_network

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.addresses import (
    AddressError,
    network,
    network_acl_rules,
    subnet_plan,
)


def blocks(plan):
    return {subnet["component"]: subnet["cidr"] for subnet in plan}


def test_subnets_of_two_zones():
    assert subnet_plan("10.10.0.0/16", ["a", "c"]) == [
        {"component": "public-a", "tier": "public", "zone": "a", "cidr": "10.10.0.0/20"},
        {"component": "public-c", "tier": "public", "zone": "c", "cidr": "10.10.16.0/20"},
        {"component": "private-a", "tier": "private", "zone": "a", "cidr": "10.10.64.0/20"},
        {"component": "private-c", "tier": "private", "zone": "c", "cidr": "10.10.80.0/20"},
        {"component": "data-a", "tier": "data", "zone": "a", "cidr": "10.10.128.0/20"},
        {"component": "data-c", "tier": "data", "zone": "c", "cidr": "10.10.144.0/20"},
    ]


def test_a_zone_at_the_end_moves_no_other_subnet():
    before, after = (blocks(subnet_plan("10.10.0.0/16", zones)) for zones in (["a", "c"], ["a", "c", "d"]))
    assert before.items() < after.items()
    assert after.keys() - before.keys() == {"public-d", "private-d", "data-d"}


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "10.0.0.0/24", "192.168.128.0/20"])
def test_subnets_lie_apart_inside_the_vpc(cidr):
    subnets = [ip_network(block) for block in blocks(subnet_plan(cidr, list("abcd"))).values()]
    assert len(subnets) == 12
    assert all(subnet.subnet_of(ip_network(cidr)) for subnet in subnets)
    assert not any(one.overlaps(other) for one in subnets for other in subnets if one is not other)
    assert max(subnet.prefixlen for subnet in subnets) <= 28


def test_blocks_of_a_tiers_own():
    plan = blocks(subnet_plan("10.0.0.0/16", ["a", "c"], {"data": ["10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24"]}))
    assert plan["data-a"] == "10.1.0.0/24"
    assert plan["data-c"] == "10.1.1.0/24"
    assert plan["public-a"] == "10.0.0.0/20"


def test_with_blocks_of_their_own_there_is_no_limit():
    own = {
        tier: [f"10.{number}.{zone}.0/28" for zone in range(5)]
        for number, tier in enumerate(("public", "private", "data"))
    }
    assert len(subnet_plan("10.0.0.0/28", list("abcde"), own)) == 15


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("10.0.0.0/25", ["a"]), "smaller than /28"),
        (("10.0.0.0/16", list("abcde")), "room for 4 zones, and 5 are wanted"),
        (
            ("10.0.0.0/16", ["a", "c"], {"data": ["10.1.0.0/24"]}),
            "The tier data has too few blocks of its own: 1 for 2",
        ),
        (("10.0.0.0/33", ["a"]), "is not an IPv4 CIDR block"),
        (("10.0.0.1/16", ["a"]), "has host bits set"),
    ],
)
def test_what_does_not_fit(arguments, said):
    with pytest.raises(AddressError, match=said):
        subnet_plan(*arguments)


@pytest.mark.parametrize("cidr", ["10.0.0.0", "10.0.0.0/255.255.0.0"])
def test_a_block_is_written_with_its_prefix(cidr):
    with pytest.raises(AddressError, match=r"as one it is 10\.0\.0\.0/"):
        network(cidr)


class TestNetworkAcls:
    """What lets packets through is found by trying; the rules are no more than their numbers in order."""

    CIDRS = ("10.10.0.0/16", "10.11.0.0/16")
    PLAN = subnet_plan("10.10.0.0/16", ["a", "c"])
    WORLD = "198.51.100.7/32"

    def allows(self, tier, direction, address, port, protocol="tcp"):
        for _number, rule_protocol, action, cidr, _icmp_type, _icmp_code, first, last in network_acl_rules(
            tier, list(self.CIDRS), self.PLAN
        )[direction]:
            if (
                ip_network(address).subnet_of(ip_network(cidr))
                and rule_protocol in ("all", protocol)
                and (first is None or first <= port <= last)
            ):
                return action == "allow"
        return False

    @pytest.mark.parametrize("tier", ["public", "private", "data"])
    def test_numbers_are_unique_in_each_direction(self, tier):
        for rules in network_acl_rules(tier, list(self.CIDRS), self.PLAN).values():
            numbers = [rule[0] for rule in rules]
            assert numbers == sorted(set(numbers))

    @pytest.mark.parametrize(
        ("tier", "address", "port", "allowed"),
        [
            ("public", WORLD, 443, True),
            ("public", WORLD, 80, True),
            ("public", WORLD, 22, False),
            ("public", WORLD, 50000, True),
            ("private", WORLD, 443, False),
            ("private", WORLD, 50000, True),
            ("private", "10.11.0.1/32", 22, True),
            ("data", WORLD, 50000, False),
            ("data", "10.10.0.1/32", 3306, False),
            ("data", "10.10.64.1/32", 3306, True),
            ("data", "10.10.144.1/32", 3306, True),
        ],
    )
    def test_ingress(self, tier, address, port, allowed):
        assert self.allows(tier, "ingress", address, port) is allowed

    @pytest.mark.parametrize(
        ("tier", "address", "allowed"),
        [("public", WORLD, True), ("private", WORLD, True), ("data", WORLD, False), ("data", "10.10.80.1/32", True)],
    )
    def test_egress(self, tier, address, allowed):
        assert self.allows(tier, "egress", address, 443) is allowed

    def test_answers_come_back_over_udp_too(self):
        assert self.allows("private", "ingress", self.WORLD, 50000, "udp")
        assert not self.allows("private", "ingress", self.WORLD, 53, "udp")
