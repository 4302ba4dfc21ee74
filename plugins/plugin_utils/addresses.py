# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How a VPC's addresses are cut into subnets, and which of them may talk to each other."""

from __future__ import annotations

from ipaddress import IPv4Network

TIERS = ("public", "private", "data")
PARTS = 4  # of the VPC for tiers, and of a tier for zones
SMALLEST_SUBNET = 28  # https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html


class AddressError(ValueError):
    """Addresses do not fit; the message is a sentence for people."""


def network(cidr: str) -> IPv4Network:
    """A CIDR block, or an error that says what is wrong with it."""
    try:
        block = IPv4Network(cidr)
    except ValueError as error:
        raise AddressError(f"{cidr!r} is not an IPv4 CIDR block such as 10.0.0.0/16: {error}.") from error
    if str(block) != cidr:
        raise AddressError(f"{cidr!r} is not written as a CIDR block; as one it is {block}.")
    return block


def subnet_plan(cidr: str, zones: list[str], overrides: dict[str, list[str]] | None = None) -> list[dict]:
    """The subnets of a VPC: one for each tier and zone.

    The block is cut into four, one part for each tier and one in reserve; each part into four again, for up to four
    zones. A zone that is added at the end of ``zones`` therefore moves no other subnet. ``overrides`` gives the blocks
    of a tier, in the order of the zones.

    Answers a list of ``component`` (``public-a``), ``tier``, ``zone`` (the letter) and ``cidr``.
    """
    overrides = overrides or {}
    if len(zones) > PARTS and set(TIERS) - set(overrides):
        raise AddressError(f"A VPC has room for {PARTS} zones, and {len(zones)} are wanted: {', '.join(zones)}.")
    block = network(cidr)
    if block.prefixlen + 4 > SMALLEST_SUBNET and set(TIERS) - set(overrides):
        raise AddressError(
            f"{cidr} is too small: a subnet would be smaller than /{SMALLEST_SUBNET}. Take a /24 or larger."
        )
    plan = []
    for index, tier in enumerate(TIERS):
        if tier in overrides:
            blocks = [str(network(item)) for item in overrides[tier]]
            if len(blocks) < len(zones):
                raise AddressError(
                    f"The tier {tier} has too few blocks of its own: {len(blocks)} for {len(zones)} zones."
                )
        else:
            blocks = [str(part) for part in list(block.subnets(2))[index].subnets(2)]
        plan += [
            {"component": f"{tier}-{zone}", "tier": tier, "zone": zone, "cidr": part}
            for zone, part in zip(zones, blocks, strict=False)
        ]
    return plan


ANYWHERE = "0.0.0.0/0"
EPHEMERAL_PORTS = (1024, 65535)


def network_acl_rules(tier: str, vpc_cidrs: list[str], plan: list[dict]) -> dict[str, list[list]]:
    """The rules of a tier's network ACL, as ``ingress`` and ``egress`` lists for ``amazon.aws.ec2_vpc_nacl``.

    Network ACLs know no connections, so answers are let in on the ephemeral ports. ``public`` takes HTTP and HTTPS from
    anywhere, ``private`` nothing but answers from outside the VPC, ``data`` talks to ``private`` and itself alone.

    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
    """

    def allow(number: int, cidr: str, protocol: str = "all", ports: tuple | None = None) -> list:
        return [number, protocol, "allow", cidr, None, None, *(ports or (None, None))]

    if tier == "data":
        neighbours = [subnet["cidr"] for subnet in plan if subnet["tier"] in ("private", "data")]
        rules = [allow(number, cidr) for number, cidr in enumerate(neighbours, 100)]
        return {"ingress": rules, "egress": rules}
    inside = [allow(number, cidr) for number, cidr in enumerate(vpc_cidrs, 100)]
    answers = [allow(number, ANYWHERE, protocol, EPHEMERAL_PORTS) for number, protocol in ((200, "tcp"), (201, "udp"))]
    web = [allow(number, ANYWHERE, "tcp", (port, port)) for number, port in ((300, 80), (301, 443))]
    return {"ingress": inside + answers + (web if tier == "public" else []), "egress": [allow(100, ANYWHERE)]}
