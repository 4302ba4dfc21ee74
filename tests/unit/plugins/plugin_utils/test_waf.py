# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.waf import MANAGED_GROUPS, ORDER, web_acl_rules

ROLE = Path(__file__).parents[4] / "roles" / "waf"
DEFAULTS = yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8"))["__waf_default_rules"]
IP_SETS = {
    f"{what}-{version}": f"arn-{what}-{version}" for what in ("allowed", "blocked") for version in ("ipv4", "ipv6")
}


def rules(behind_cloudfront=False, **differences):
    described = {name: {**rule, **differences.get(name, {})} for name, rule in DEFAULTS.items()}
    return {rule["name"]: rule for rule in web_acl_rules(described, IP_SETS, behind_cloudfront)}


def test_the_defaults_are_those_that_are_documented():
    specification = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text(encoding="utf-8"))
    documented = specification["argument_specs"]["main"]["options"]["waf_rules"]["options"]
    assert {
        name: {option: spec["default"] for option, spec in rule["options"].items()} for name, rule in documented.items()
    } == DEFAULTS
    assert tuple(DEFAULTS) == ORDER


def test_every_rule_in_order():
    made = rules(countries={"only": ["JP"]})
    assert list(made) == [name.replace("_", "-") for name in ORDER]
    priorities = [rule["priority"] for rule in made.values()]
    assert priorities == sorted(set(priorities))


def test_a_rule_keeps_its_place_when_another_is_turned_off():
    fewer = rules(**{name: {"mode": "none"} for name in ORDER if name != "common"})
    assert fewer == {"common": rules()["common"]}


@pytest.mark.parametrize("name", MANAGED_GROUPS)
def test_a_managed_group_blocks_or_counts(name):
    key = name.replace("_", "-")
    assert rules(**{name: {"mode": "block"}})[key]["override_action"] == "none"
    assert rules(**{name: {"mode": "count"}})[key]["override_action"] == "count"
    statement = rules(**{name: {"counted_rules": ["One"]}})[key]["statement"]["managed_rule_group_statement"]
    assert statement["name"] == MANAGED_GROUPS[name]
    assert statement["rule_action_overrides"] == [{"name": "One", "action_to_use": "count"}]


def test_addresses():
    made = rules(blocked_addresses={"mode": "count"})
    assert (made["allowed-addresses"]["action"], made["blocked-addresses"]["action"]) == ("allow", "count")
    assert made["blocked-addresses"]["statement"]["or_statement"]["statements"] == [
        {"ip_set_reference_statement": {"arn": "arn-blocked-ipv4"}},
        {"ip_set_reference_statement": {"arn": "arn-blocked-ipv6"}},
    ]


def test_countries():
    assert "countries" not in rules()
    match = {"geo_match_statement": {"country_codes": ["JP", "US"]}}
    assert rules(countries={"never": ["US", "JP"]})["countries"]["statement"] == match
    assert rules(countries={"only": ["US", "JP"]})["countries"]["statement"] == {"not_statement": {"statement": match}}


def test_rate_limit():
    assert rules(rate_limit={"requests": 100, "seconds": 60})["rate-limit"]["statement"] == {
        "rate_based_statement": {"limit": 100, "evaluation_window_sec": 60, "aggregate_key_type": "IP"}
    }


def test_behind_cloudfront_the_address_of_the_client_stands_in_a_header():
    made = rules(behind_cloudfront=True, countries={"never": ["JP"]})
    header = {"header_name": "X-Forwarded-For", "fallback_behavior": "NO_MATCH"}
    rate = made["rate-limit"]["statement"]["rate_based_statement"]
    assert (rate["aggregate_key_type"], rate["forwarded_ip_config"]) == ("FORWARDED_IP", header)
    assert made["countries"]["statement"]["geo_match_statement"]["forwarded_ip_config"] == header
    for part in made["blocked-addresses"]["statement"]["or_statement"]["statements"]:
        config = part["ip_set_reference_statement"]["ip_set_forwarded_ip_config"]
        assert config == {**header, "position": "LAST"}
    assert made.keys().isdisjoint({"ip-reputation", "anonymous-ip"})
