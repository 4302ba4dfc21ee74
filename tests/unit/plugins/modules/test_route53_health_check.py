# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import route53_health_check

REGIONS = route53_health_check.REGIONS


@pytest.mark.parametrize(
    ("kind", "port", "sni"),
    [("HTTP", 80, False), ("HTTPS", 443, True), ("HTTPS_STR_MATCH", 443, True), ("TCP", None, False)],
)
def test_a_new_endpoint(kind, port, sni):
    state = route53_health_check.new_health_check(kind)
    assert (state["port"], state["enable_sni"], state["failure_threshold"]) == (port, sni, 3)


@pytest.mark.parametrize(("given", "kept"), [(REGIONS, []), ([], []), (["b", "a", "b"], ["a", "b"])])
def test_all_regions_are_none_in_particular(given, kept):
    assert route53_health_check.some_regions(given) == kept


def test_read_an_endpoint():
    config = {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": "www.example.com",
        "Port": 443,
        "RequestInterval": 30,
        "FailureThreshold": 3,
        "MeasureLatency": False,
        "EnableSNI": True,
        "Inverted": False,
        "Disabled": False,
        # AWS shows these, too, sometimes.
        "HealthThreshold": 0,
        "ChildHealthChecks": [],
    }
    state = route53_health_check.read("1", config, {"1": {"Name": "example"}, "2": {}})
    new = route53_health_check.new_health_check("HTTPS")
    assert state == {
        **new,
        "health_check_id": "1",
        "type": "HTTPS",
        "fqdn": "www.example.com",
        "tags": {"Name": "example"},
    }


def test_read_an_alarm():
    alarm = {"Region": "ap-northeast-1", "Name": "example"}
    config = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": alarm, "FailureThreshold": 3, "EnableSNI": False}
    state = route53_health_check.read("1", config, {})
    assert state["alarm_identifier"] == {"region": "ap-northeast-1", "name": "example"}
    assert (state["failure_threshold"], state["enable_sni"]) == (None, None)


def test_what_is_taken_away_is_reset_by_its_name():
    changes = {"fqdn": "", "regions": [], "resource_path": "/", "inverted": False, "tags": {}}
    assert route53_health_check.update_arguments(changes) == {
        "ResourcePath": "/",
        "Inverted": False,
        "ResetElements": ["FullyQualifiedDomainName", "Regions"],
    }
    assert route53_health_check.update_arguments({"tags": {}}) == {}


def test_an_alarm_is_written_as_aws_names_it():
    changes = {"alarm_identifier": {"region": "ap-northeast-1", "name": "example"}}
    assert route53_health_check.update_arguments(changes) == {
        "AlarmIdentifier": {"Region": "ap-northeast-1", "Name": "example"}
    }


@pytest.mark.parametrize(
    ("kind", "given", "missing"),
    [
        ("HTTP", {}, ["ip_address or fqdn"]),
        ("HTTP", {"ip_address": "192.0.2.1"}, []),
        ("TCP", {"fqdn": "www.example.com"}, ["port"]),
        ("HTTPS_STR_MATCH", {"fqdn": "www.example.com"}, ["string_match"]),
        ("CALCULATED", {}, ["child_health_checks"]),
        ("CLOUDWATCH_METRIC", {"alarm_identifier": {"name": "a"}}, []),
    ],
)
def test_lacking(kind, given, missing):
    state = {**route53_health_check.new_health_check(kind), **given}
    assert route53_health_check.lacking(kind, state) == missing
