# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.flows import (
    FlowError,
    check_flows,
    is_anywhere,
    is_range,
    ports_of,
    rules_of_groups,
)

GROUPS = {"load-balancer": "", "web": "", "database": ""}
PEERS = {
    "cloudfront": {"prefix_list": "com.amazonaws.global.cloudfront.origin-facing"},
    "endpoints": {"group": "endpoints"},
    "internet": {"cidr": "0.0.0.0/0"},
    "internet6": {"cidr": "::/0"},
    "office": {"cidr": "192.0.2.0/24"},
}
IDS = {"load-balancer": "sg-1", "web": "sg-2", "database": "sg-3", "endpoints": "sg-4"}
LISTS = {"com.amazonaws.global.cloudfront.origin-facing": "pl-1"}


@pytest.mark.parametrize(
    ("port", "ports"), [(443, (443, 443)), ("443", (443, 443)), ("8000-8010", (8000, 8010)), ("1-65535", (1, 65535))]
)
def test_ports(port, ports):
    assert ports_of({"port": port}) == ports


@pytest.mark.parametrize("port", [0, 65536, "http", "", "80-", "-80", "90-80", "80-90-100"])
def test_what_is_no_port(port):
    with pytest.raises(FlowError, match="is neither a port"):
        ports_of({"port": port})


@pytest.mark.parametrize(
    ("cidr", "a_range", "anywhere"),
    [
        ("0.0.0.0/0", True, True),
        ("::/0", True, True),
        ("0::0/0", True, True),
        ("0.0.0.0/0.0.0.0", True, True),
        ("192.0.2.0/24", True, False),
        ("192.0.2.1", True, False),
        ("192.0.2.1/24", False, False),
        ("office", False, False),
    ],
)
def test_ranges(cidr, a_range, anywhere):
    assert is_range(cidr) is a_range
    assert is_anywhere(cidr) is anywhere


def test_a_peer_without_addresses_is_not_anywhere():
    assert not is_anywhere(None)


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        ({"from": "web", "to": "cache", "port": 6379}, "names 'cache', which is neither a group nor a peer"),
        ({"from": "office", "to": "cloudfront", "port": 443}, "has no security group of the table at either end"),
        ({"from": "internet", "to": "web", "port": 80}, "the whole internet (0.0.0.0/0)"),
        ({"from": "web", "to": "internet6", "port": 80}, "the whole internet (::/0)"),
        ({"from": "office", "to": "web", "port": 0}, "flow 1 (office to web): 0 is neither a port"),
    ],
)
def test_wrong_flow(flow, said):
    (problem,) = check_flows([flow], GROUPS, PEERS)
    assert said in problem
    with pytest.raises(FlowError) as error:
        rules_of_groups([flow], GROUPS, PEERS, IDS, LISTS)
    assert str(error.value) == problem


def test_open_to_the_world_on_purpose():
    assert not check_flows([{"from": "internet", "to": "web", "port": 80, "public": True}], GROUPS, PEERS)


def test_a_flow_is_let_out_and_in():
    rules = rules_of_groups([{"from": "load-balancer", "to": "web", "port": 80}], GROUPS, PEERS, IDS, LISTS)
    rule = {"proto": "tcp", "from_port": 80, "to_port": 80, "rule_desc": "load-balancer to web"}
    assert rules == {
        "load-balancer": {"ingress": [], "egress": [{**rule, "group_id": "sg-2"}]},
        "web": {"ingress": [{**rule, "group_id": "sg-1"}], "egress": []},
        "database": {"ingress": [], "egress": []},
    }


@pytest.mark.parametrize(
    ("peer", "target"),
    [
        ("cloudfront", {"ip_prefix": "pl-1"}),
        ("endpoints", {"group_id": "sg-4"}),
        ("office", {"cidr_ip": "192.0.2.0/24"}),
        ("internet6", {"cidr_ipv6": "::/0"}),
    ],
)
def test_kinds_of_peers(peer, target):
    flow = {"from": peer, "to": "web", "port": "8000-8010", "protocol": "udp", "description": "Why", "public": True}
    rules = rules_of_groups([flow], GROUPS, PEERS, IDS, LISTS)
    assert rules["web"]["ingress"] == [
        {"proto": "udp", "from_port": 8000, "to_port": 8010, "rule_desc": "Why", **target}
    ]
    assert not rules["web"]["egress"]


@pytest.mark.parametrize(
    ("peer", "said"),
    [
        ("cloudfront", "AWS has no prefix list com.amazonaws.global.cloudfront.origin-facing here"),
        ("endpoints", "AWS has no security group endpoints here"),
    ],
)
def test_what_aws_does_not_have(peer, said):
    with pytest.raises(FlowError, match=said):
        rules_of_groups([{"from": "web", "to": peer, "port": 443}], GROUPS, PEERS, {"web": "sg-2"}, {})


def test_a_group_may_talk_to_itself():
    rules = rules_of_groups([{"from": "web", "to": "web", "port": 80}], GROUPS, PEERS, IDS, LISTS)
    assert rules["web"]["ingress"] == rules["web"]["egress"]
    assert rules["web"]["ingress"][0]["group_id"] == "sg-2"
