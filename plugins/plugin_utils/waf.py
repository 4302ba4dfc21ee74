# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The rules of the estate's web ACLs, from what its description says of each.

Pure functions. What comes first decides first: addresses, countries, how often, and then AWS's managed rule groups,
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Rule = dict[str, Any]

# The managed rule groups by what the description calls them, in order.
MANAGED_GROUPS = {
    "ip_reputation": "AWSManagedRulesAmazonIpReputationList",
    "anonymous_ip": "AWSManagedRulesAnonymousIpList",
    "common": "AWSManagedRulesCommonRuleSet",
    "known_bad_inputs": "AWSManagedRulesKnownBadInputsRuleSet",
    "sql_injection": "AWSManagedRulesSQLiRuleSet",
}
# They look at the address that the connection comes from, and at no header. Behind CloudFront that is CloudFront's.
BY_SOURCE_ADDRESS = ("ip_reputation", "anonymous_ip")
# A rule keeps its place when another one is turned off.
ORDER = ("allowed_addresses", "blocked_addresses", "countries", "rate_limit", *MANAGED_GROUPS)
ADDRESS_VERSIONS = ("ipv4", "ipv6")
CLIENT_HEADER = "X-Forwarded-For"


def web_acl_rules(
    rules: Mapping[str, Mapping[str, Any]], ip_sets: Mapping[str, str], behind_cloudfront: bool
) -> list[Rule]:
    """The rules of a web ACL, each with its priority, as AWS structures them.

    ``rules`` is the input of the layer with all its options. ``ip_sets`` are the ARNs of the IP sets by name
    (``allowed-ipv4``). ``behind_cloudfront`` says that requests come through CloudFront, so that the client's address
    stands in a header.
    """
    made = []
    for number, name in enumerate(ORDER, 1):
        rule = rules[name]
        if rule["mode"] == "none" or (behind_cloudfront and name in BY_SOURCE_ADDRESS):
            continue
        if name in MANAGED_GROUPS:
            decision = {"override_action": "count" if rule["mode"] == "count" else "none"}
            statement = _managed_group(MANAGED_GROUPS[name], rule["counted_rules"])
        else:
            decision = {"action": rule["mode"]}
            statement = _statement(name, rule, ip_sets, behind_cloudfront)
        if statement:
            made.append({"name": name.replace("_", "-"), "priority": 10 * number, **decision, "statement": statement})
    return made


def _statement(name: str, rule: Mapping[str, Any], ip_sets: Mapping[str, str], behind_cloudfront: bool) -> Rule | None:
    if name == "rate_limit":
        return _rate_limit(rule, behind_cloudfront)
    if name == "countries":
        return _countries(rule, behind_cloudfront)
    return _in_ip_sets(name.removesuffix("_addresses"), ip_sets, behind_cloudfront)


def _managed_group(group: str, counted: list[str]) -> Rule:
    overrides = [{"name": rule, "action_to_use": "count"} for rule in counted]
    more = {"rule_action_overrides": overrides} if overrides else {}
    return {"managed_rule_group_statement": {"vendor_name": "AWS", "name": group, **more}}


def _in_ip_sets(name: str, ip_sets: Mapping[str, str], behind_cloudfront: bool) -> Rule:
    # The last address is the one that CloudFront has seen itself; all before it is what the client claims.
    position = {"position": "LAST"}
    statements = [
        {
            "ip_set_reference_statement": {
                "arn": ip_sets[f"{name}-{version}"],
                **_from_header("ip_set_forwarded_ip_config", behind_cloudfront, position),
            }
        }
        for version in ADDRESS_VERSIONS
    ]
    return {"or_statement": {"statements": statements}}


def _countries(rule: Mapping[str, Any], behind_cloudfront: bool) -> Rule | None:
    codes = rule["only"] or rule["never"]
    if not codes:
        return None
    statement = {
        "geo_match_statement": {
            "country_codes": sorted(codes),
            **_from_header("forwarded_ip_config", behind_cloudfront),
        }
    }
    return {"not_statement": {"statement": statement}} if rule["only"] else statement


def _rate_limit(rule: Mapping[str, Any], behind_cloudfront: bool) -> Rule:
    return {
        "rate_based_statement": {
            "limit": rule["requests"],
            "evaluation_window_sec": rule["seconds"],
            "aggregate_key_type": "FORWARDED_IP" if behind_cloudfront else "IP",
            **_from_header("forwarded_ip_config", behind_cloudfront),
        }
    }


def _from_header(member: str, behind_cloudfront: bool, more: Rule | None = None) -> Rule:
    """https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-forwarded-ip-address.html"""
    if not behind_cloudfront:
        return {}
    # A header without a valid address decides nothing: the web ACL of CloudFront has seen the real one.
    return {member: {"header_name": CLIENT_HEADER, "fallback_behavior": "NO_MATCH", **(more or {})}}
