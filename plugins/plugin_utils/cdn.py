# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which origins the estate's distribution has, and what it asks each of them for.

Pure functions. ``site`` is the application behind the load balancers, ``static`` the buckets of static files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Plan = dict[str, Any]

# What makes CloudFront ask the second origin of a group, and what it shows the Sorry page for.
FAILURES = [500, 502, 503, 504]
SORRY_PAGE, SORRY_CODE = "/errors/sorry.html", 503
ERROR_PAGES_PATH = "/errors/*"
READ = ["GET", "HEAD", "OPTIONS"]
ALL = [*READ, "PUT", "PATCH", "POST", "DELETE"]
ROLES_OF_BUCKETS = ("primary", "recovery")


def cdn_plan(inputs: Mapping[str, Any]) -> Plan:
    """The options of a distribution that depend on which cells there are, as the module takes them.

    ``inputs`` are those of the filter of this name.
    """
    origins, groups = _site_origins(inputs)
    static_origins, static_groups, static_target = _static_origins(inputs)
    has_recovery = bool(inputs["recovery_domain"])

    def behavior(origin: str, methods: str, cache_policy: str | None) -> Plan:
        answered = {"compress": True, "viewer_protocol_policy": "redirect-to-https"}
        answered["response_headers_policy"] = inputs["response_headers_policy"]
        if origin == "static":
            # Any other Host header than the bucket's would make the signature wrong.
            return {
                **answered,
                "target_origin_id": static_target,
                "allowed_methods": ["GET", "HEAD"],
                "cached_methods": ["GET", "HEAD"],
                "cache_policy": cache_policy or "CachingOptimized",
                "origin_request_policy": "",
            }
        # CloudFront lets no behavior write to a group: a write that failed might have been done.
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
        return {
            **answered,
            "target_origin_id": "site-with-failover" if methods == "read" and has_recovery else "site",
            "allowed_methods": READ if methods == "read" else ALL,
            "cached_methods": ["GET", "HEAD"],
            "cache_policy": cache_policy or inputs["cache_policy"],
            "origin_request_policy": inputs["origin_request_policy"],
        }

    described = [
        {
            "path_pattern": item["path"],
            **behavior(item.get("origin", "site"), item.get("methods", "read"), item.get("cache_policy")),
        }
        for item in inputs["behaviors"]
    ]
    own = [
        {"path_pattern": path, **behavior("static", "read", None)}
        for path in (*inputs["static_paths"], ERROR_PAGES_PATH)
    ]
    return {
        "origins": [*origins, *static_origins],
        "origin_groups": [*groups, *static_groups],
        "default_cache_behavior": behavior("site", inputs["methods"], None),
        # The first one whose path fits is taken: what the user says goes before.
        "cache_behaviors": [*described, *own],
        "custom_error_responses": _error_responses(inputs),
        "geo_restriction": _geo_restriction(inputs["countries"]),
    }


def _site_origins(inputs: Mapping[str, Any]) -> tuple[list[Plan], list[Plan]]:
    """The application by the name that leads to the site that is well, and the recovery site by its own name."""

    def origin(name: str, domain: str, headers: list[Mapping[str, str]]) -> Plan:
        return {
            "id": name,
            "domain_name": domain,
            "origin_access_control_id": "",
            "custom_origin": {
                "protocol_policy": "https-only",
                "ssl_protocols": ["TLSv1.2"],
                "read_timeout": inputs["read_timeout"],
                "keepalive_timeout": inputs["keepalive_timeout"],
            },
            "custom_headers": [{"name": header["name"], "value": header["value"]} for header in headers],
        }

    headers = inputs["headers"]
    origins = [origin("site", inputs["site_domain"], headers)]
    if not inputs["recovery_domain"]:
        return origins, []
    theirs = [header for header in headers if header["cell"] in inputs["recovery_cells"]]
    origins.append(origin("recovery-site", inputs["recovery_domain"], theirs))
    return origins, [_group("site-with-failover", ["site", "recovery-site"])]


def _static_origins(inputs: Mapping[str, Any]) -> tuple[list[Plan], list[Plan], str]:
    """The buckets of static files, their group if there are two, and what behaviors are to name."""
    origins = [
        {
            "id": f"static-{role}",
            "domain_name": domain,
            "origin_access_control_id": inputs["origin_access_control_id"],
            "custom_headers": [],
        }
        for role, domain in zip(ROLES_OF_BUCKETS, inputs["static_domains"], strict=False)
    ]
    names = [origin["id"] for origin in origins]
    if len(names) == 1:
        return origins, [], names[0]
    return origins, [_group("static-with-failover", names)], "static-with-failover"


def _group(name: str, origins: list[str]) -> Plan:
    return {"id": name, "origin_ids": origins, "status_codes": FAILURES}


def _error_responses(inputs: Mapping[str, Any]) -> list[Plan]:
    pages = dict.fromkeys(FAILURES, (SORRY_PAGE, SORRY_CODE))
    pages |= {code: (f"/errors/{code}.html", code) for code in inputs["error_pages"]}
    return [
        {
            "error_code": code,
            "response_page_path": page,
            "response_code": shown,
            "error_caching_min_ttl": inputs["sorry_seconds"],
        }
        for code, (page, shown) in pages.items()
    ]


def _geo_restriction(countries: Mapping[str, list[str]]) -> Plan:
    for name, restriction in (("allowed", "whitelist"), ("blocked", "blacklist")):
        if countries.get(name):
            return {"restriction_type": restriction, "locations": countries[name]}
    return {"restriction_type": "none", "locations": []}
