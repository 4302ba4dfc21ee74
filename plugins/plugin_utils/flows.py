# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Security group rules from a table of who talks to whom."""

from __future__ import annotations

from ipaddress import ip_network


class FlowError(ValueError):
    """The table of flows does not hold together; the message is a sentence for people."""


def ports_of(flow: dict) -> tuple[int, int]:
    """The first and the last port of a flow whose ``port`` is a number or a range such as ``8000-8010``."""
    first, dash, last = str(flow["port"]).partition("-")
    try:
        ports = (int(first), int(last if dash else first))
    except ValueError:
        ports = (0, 0)
    if not 1 <= ports[0] <= ports[1] <= 65535:
        raise FlowError(f"{flow['port']!r} is neither a port from 1 to 65535 nor a range such as 8000-8010.")
    return ports


def is_range(cidr: str) -> bool:
    """Whether this is a block of IPv4 or IPv6 addresses."""
    try:
        return bool(ip_network(cidr))
    except ValueError:
        return False


def is_anywhere(cidr: str | None) -> bool:
    """Whether these are all addresses there are, however they are written."""
    return cidr is not None and is_range(cidr) and ip_network(cidr).prefixlen == 0


def check_flows(flows: list[dict], groups: dict, peers: dict) -> list[str]:
    """What is wrong with a table of flows, as sentences; an empty list when nothing is.

    ``groups`` are the security groups by name, ``peers`` what else can stand at an end of a flow, each with one of
    ``cidr``, ``prefix_list`` and ``group``.
    """
    problems = []
    for number, flow in enumerate(flows, 1):
        where = f"flow {number} ({flow.get('from')} to {flow.get('to')})"
        ends = [flow.get("from"), flow.get("to")]
        for end in ends:
            if end not in groups and end not in peers:
                known = ", ".join(sorted([*groups, *peers]))
                problems.append(f"{where} names {end!r}, which is neither a group nor a peer. There are: {known}.")
        if not any(end in groups for end in ends):
            problems.append(f"{where} has no security group of the table at either end.")
        open_ends = [end for end in ends if is_anywhere(peers.get(end, {}).get("cidr"))]
        if open_ends and not flow.get("public"):
            problems.append(
                f"{where} opens a group to the whole internet ({peers[open_ends[0]]['cidr']}). "
                "Say `public: true` beside it if that is meant."
            )
        try:
            ports_of(flow)
        except FlowError as error:
            problems.append(f"{where}: {error}")
    return problems


def rules_of_groups(
    flows: list[dict], groups: dict, peers: dict, group_ids: dict[str, str], prefix_lists: dict[str, str]
) -> dict[str, dict[str, list[dict]]]:
    """The rules of each group as ``amazon.aws.ec2_security_group`` takes them: ``{group: {ingress, egress}}``.

    Every flow makes the egress rule of the group that it leaves and the ingress rule of the group that it enters, so
    that both directions are equally narrow. ``group_ids`` are ids by group name, ``prefix_lists`` ids by list name.
    """
    problems = check_flows(flows, groups, peers)
    if problems:
        raise FlowError(" ".join(problems))

    def target(end: str) -> dict:
        peer = {"group": end} if end in groups else peers[end]
        if "cidr" in peer:
            return {"cidr_ipv6" if ":" in peer["cidr"] else "cidr_ip": peer["cidr"]}
        kind, name, ids = (
            ("ip_prefix", peer["prefix_list"], prefix_lists)
            if "prefix_list" in peer
            else ("group_id", peer["group"], group_ids)
        )
        if name not in ids:
            raise FlowError(f"AWS has no {'prefix list' if kind == 'ip_prefix' else 'security group'} {name} here.")
        return {kind: ids[name]}

    rules = {group: {"ingress": [], "egress": []} for group in groups}
    for flow in flows:
        first, last = ports_of(flow)
        for group, direction, other in ((flow["from"], "egress", flow["to"]), (flow["to"], "ingress", flow["from"])):
            if group in groups:
                rule = {"proto": flow.get("protocol") or "tcp", "from_port": first, "to_port": last}
                description = flow.get("description") or f"{flow['from']} to {flow['to']}"
                rules[group][direction].append({**rule, **target(other), "rule_desc": description})
    return rules
