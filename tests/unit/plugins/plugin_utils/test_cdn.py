# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.filter.cdn_plan import FilterModule

INPUTS = {
    "site_domain": "origin.example.com",
    "recovery_domain": "",
    "headers": [{"cell": "tokyo", "name": "X-Tokyo", "value": "1"}, {"cell": "osaka", "name": "X-Osaka", "value": "2"}],
    "recovery_cells": ["osaka"],
    "static_domains": ["one.s3.ap-northeast-1.amazonaws.com"],
    "static_paths": ["/static/*"],
    "origin_access_control_id": "E1EXAMPLE12345",
    "response_headers_policy": "12345678-1234-1234-1234-123456789012",
    "methods": "all",
    "cache_policy": "CachingDisabled",
    "origin_request_policy": "AllViewer",
    "read_timeout": 30,
    "keepalive_timeout": 5,
    "behaviors": [],
    "sorry_seconds": 10,
    "error_pages": [],
    "countries": {},
}
RECOVERY = {
    "recovery_domain": "origin-recovery.example.com",
    "static_domains": [*INPUTS["static_domains"], "two.s3.ap-northeast-3.amazonaws.com"],
}


def plan(**inputs):
    return FilterModule().filters()["cdn_plan"]({**INPUTS, **inputs})


def test_without_a_recovery_site_there_are_no_groups():
    planned = plan(methods="read")
    assert [origin["id"] for origin in planned["origins"]] == ["site", "static-primary"]
    assert planned["origin_groups"] == []
    assert planned["default_cache_behavior"]["target_origin_id"] == "site"
    assert {behavior["target_origin_id"] for behavior in planned["cache_behaviors"]} == {"static-primary"}


@pytest.mark.parametrize(("methods", "target", "number"), [("all", "site", 7), ("read", "site-with-failover", 3)])
def test_only_what_reads_is_asked_of_the_recovery_site(methods, target, number):
    behavior = plan(**RECOVERY, methods=methods)["default_cache_behavior"]
    assert (behavior["target_origin_id"], len(behavior["allowed_methods"])) == (target, number)


def test_each_site_is_shown_what_it_may_know():
    origins = {origin["id"]: origin for origin in plan(**RECOVERY)["origins"]}
    shown = {name: [header["name"] for header in origin["custom_headers"]] for name, origin in origins.items()}
    assert shown == {
        "site": ["X-Tokyo", "X-Osaka"],
        "recovery-site": ["X-Osaka"],
        "static-primary": [],
        "static-recovery": [],
    }


def test_what_the_user_says_of_paths_goes_before():
    described = [{"path": "/api/*", "methods": "all"}, {"path": "/files/*", "origin": "static", "cache_policy": "mine"}]
    behaviors = plan(**RECOVERY, behaviors=described)["cache_behaviors"]
    assert [(behavior["path_pattern"], behavior["target_origin_id"]) for behavior in behaviors] == [
        ("/api/*", "site"),
        ("/files/*", "static-with-failover"),
        ("/static/*", "static-with-failover"),
        ("/errors/*", "static-with-failover"),
    ]
    assert [behavior["cache_policy"] for behavior in behaviors[:2]] == ["CachingDisabled", "mine"]
    assert {behavior["origin_request_policy"] for behavior in behaviors[1:]} == {""}


def test_error_pages_are_asked_for():
    responses = {page["error_code"]: page for page in plan(error_pages=[404])["custom_error_responses"]}
    assert responses.keys() == {404, 500, 502, 503, 504}
    assert (responses[404]["response_page_path"], responses[404]["response_code"]) == ("/errors/404.html", 404)
    assert (responses[500]["response_page_path"], responses[500]["response_code"]) == ("/errors/sorry.html", 503)


@pytest.mark.parametrize(
    ("countries", "restriction"),
    [
        ({}, ("none", [])),
        ({"allowed": [], "blocked": []}, ("none", [])),
        ({"allowed": ["JP"]}, ("whitelist", ["JP"])),
        ({"blocked": ["FR"]}, ("blacklist", ["FR"])),
    ],
)
def test_countries(countries, restriction):
    planned = plan(countries=countries)["geo_restriction"]
    assert (planned["restriction_type"], planned["locations"]) == restriction
