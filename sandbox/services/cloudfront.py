# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""CloudFront: whole configurations are kept, with a version that changes and deletions have to name.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.cloudfront.models import random_id

from sandbox.errors import ServiceError
from sandbox.operations import Request, operation

_PAGE = 100


@dataclass
class _Versioned:
    """Something with a configuration, whose every change has an ETag of its own."""

    config: dict[str, Any]
    id: str = field(default_factory=random_id)
    etag: str = field(default_factory=random_id)

    def replace(self, config: dict[str, Any]) -> None:
        self.config = config
        self.etag = random_id()


def _check_version(request: Request, etag: str) -> None:
    given = request.params.get("IfMatch")
    if not given:
        message = "The If-Match version is missing or not valid for the resource."
        raise ServiceError("InvalidIfMatchVersion", message)
    if given != etag:
        message = "The request failed because it didn't meet the preconditions in one or more request-header fields."
        raise ServiceError("PreconditionFailed", message)


def _page(request: Request, found: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """One page of a list, whose marker is where the next one begins."""
    start, size = int(request.params.get("Marker") or 0), int(request.params.get("MaxItems") or _PAGE)
    items = found[start : start + size]
    next_marker = {"NextMarker": str(start + size)} if start + size < len(found) else {}
    return {"MaxItems": size, "Quantity": len(items), **({"Items": items} if items else {}), **next_marker, **more}


def _whole_page(request: Request, found: list[dict[str, Any]]) -> dict[str, Any]:
    """The same for the lists that repeat the marker, and say whether there is more."""
    page = _page(request, found, Marker=request.params.get("Marker") or "")
    return {**page, "IsTruncated": "NextMarker" in page}


# Origin access controls


def _controls(request: Request) -> dict[str, _Versioned]:
    return request.global_state.setdefault("origin_access_controls", {})


def _control(request: Request) -> _Versioned:
    try:
        return _controls(request)[request.params["Id"]]
    except KeyError:
        message = "The specified origin access control does not exist."
        raise ServiceError("NoSuchOriginAccessControl", message) from None


def _check_control_name(request: Request, own_id: str | None = None) -> None:
    name = request.params["OriginAccessControlConfig"]["Name"]
    if any(control.config["Name"] == name and control.id != own_id for control in _controls(request).values()):
        message = "An origin access control with the same parameters already exists."
        raise ServiceError("OriginAccessControlAlreadyExists", message)


def _told(control: _Versioned) -> dict[str, Any]:
    return {
        "OriginAccessControl": {"Id": control.id, "OriginAccessControlConfig": control.config},
        "ETag": control.etag,
    }


@operation("cloudfront", "CreateOriginAccessControl", instead_of_moto="It takes a name twice.")
def create_origin_access_control(request: Request) -> dict[str, Any]:
    _check_control_name(request)
    control = _Versioned({"Description": "", **request.params["OriginAccessControlConfig"]})
    _controls(request)[control.id] = control
    return _told(control)


@operation("cloudfront", "GetOriginAccessControl", instead_of_moto="Ours are not its own.")
def get_origin_access_control(request: Request) -> dict[str, Any]:
    return _told(_control(request))


@operation("cloudfront", "UpdateOriginAccessControl", instead_of_moto="It does not look at the version.")
def update_origin_access_control(request: Request) -> dict[str, Any]:
    control = _control(request)
    _check_version(request, control.etag)
    _check_control_name(request, control.id)
    control.replace({"Description": "", **request.params["OriginAccessControlConfig"]})
    return _told(control)


@operation("cloudfront", "DeleteOriginAccessControl", instead_of_moto="It does not look at the version.")
def delete_origin_access_control(request: Request) -> None:
    control = _control(request)
    _check_version(request, control.etag)
    del _controls(request)[control.id]


@operation("cloudfront", "ListOriginAccessControls", instead_of_moto="It answers everything on every page.")
def list_origin_access_controls(request: Request) -> dict[str, Any]:
    found = [{"Id": control.id, **control.config} for control in _controls(request).values()]
    return {"OriginAccessControlList": _whole_page(request, found)}


# Policies. AWS's own are there in every account, and may be used but not changed.

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
# ids, names and minimum TTLs
_CACHE_POLICIES = (
    ("2e54312d-136d-493c-8eb9-b001f22f67d2", "Amplify", 2),
    ("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "CachingDisabled", 0),
    ("658327ea-f89d-4fab-a63d-7e88639e58f6", "CachingOptimized", 1),
    ("b2884449-e4de-46a7-ac36-70bc7f1ddd6d", "CachingOptimizedForUncompressedObjects", 1),
    ("08627262-05a9-4f76-9ded-b50ca2e3a84f", "Elemental-MediaPackage", 0),
    ("83da9c7e-98b4-4e11-a168-04f0df8e2c65", "UseOriginCacheControlHeaders", 0),
    ("4cc15a8a-d715-48a4-82b8-cc0b614638fe", "UseOriginCacheControlHeaders-QueryStrings", 0),
)
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
# ids, names and which headers, cookies and query strings are passed on
_ORIGIN_REQUEST_POLICIES = (
    ("216adef6-5c7f-47e4-b989-5492eafa07d3", "AllViewer", "allViewer", "all", "all"),
    (
        "33f36d7e-f396-46d9-90e0-52428a34d9dc",
        "AllViewerAndCloudFrontHeaders-2022-06",
        "allViewerAndWhitelistCloudFront",
        "all",
        "all",
    ),
    ("b689b0a8-53d0-40ab-baf2-68738e2966ac", "AllViewerExceptHostHeader", "allExcept", "all", "all"),
    ("59781a5b-3903-41f3-afcb-af62929ccde1", "CORS-CustomOrigin", "whitelist", "none", "none"),
    ("88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", "CORS-S3Origin", "whitelist", "none", "none"),
    ("775133bc-15f2-49f9-abea-afb2e0bf67d2", "Elemental-MediaTailor-PersonalizedManifests", "whitelist", "none", "all"),
    ("bf0718e1-ba1e-49d1-88b1-f726733018ae", "HostHeaderOnly", "whitelist", "none", "none"),
    ("acba4595-bd28-49b8-b9fe-13317c0390fa", "UserAgentRefererHeaders", "whitelist", "none", "none"),
)
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
_RESPONSE_HEADERS_POLICIES = (
    ("e61eb60c-9c35-4d20-a928-2b84e02af89c", "CORS-and-SecurityHeadersPolicy"),
    ("5cc3b908-e619-4b99-88e5-2cf7f45965bd", "CORS-With-Preflight"),
    ("eaab4381-ed33-4a86-88ca-d9558dc6cd63", "CORS-with-preflight-and-SecurityHeadersPolicy"),
    ("67f7725c-6f97-4210-82d7-5512b31e9d03", "SecurityHeadersPolicy"),
    ("60669652-455b-4ae9-85a4-c4c02393f86c", "SimpleCORS"),
)
_WRITTEN_AT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def _policy_page(request: Request, kind: str, managed: list[dict[str, Any]], custom: list[dict[str, Any]]) -> Any:
    """One page of the policies of a kind, each under the kind's name, with AWS's own first."""
    wanted = request.params.get("Type")
    found = [
        {"Type": origin, kind: {"LastModifiedTime": _WRITTEN_AT, **policy}}
        for origin, policies in (("managed", managed), ("custom", custom))
        if wanted in (None, origin)
        for policy in policies
    ]
    return {f"{kind}List": _page(request, found)}


@operation("cloudfront", "ListCachePolicies")
def list_cache_policies(request: Request) -> dict[str, Any]:
    managed = [
        {"Id": policy_id, "CachePolicyConfig": {"Name": f"Managed-{name}", "MinTTL": ttl}}
        for policy_id, name, ttl in _CACHE_POLICIES
    ]
    return _policy_page(request, "CachePolicy", managed, [])


@operation("cloudfront", "ListOriginRequestPolicies")
def list_origin_request_policies(request: Request) -> dict[str, Any]:
    managed = [
        {
            "Id": policy_id,
            "OriginRequestPolicyConfig": {
                "Name": f"Managed-{name}",
                "HeadersConfig": {"HeaderBehavior": headers},
                "CookiesConfig": {"CookieBehavior": cookies},
                "QueryStringsConfig": {"QueryStringBehavior": query_strings},
            },
        }
        for policy_id, name, headers, cookies, query_strings in _ORIGIN_REQUEST_POLICIES
    ]
    return _policy_page(request, "OriginRequestPolicy", managed, [])


# Response headers policies


def _headers_policies(request: Request) -> dict[str, _Versioned]:
    return request.global_state.setdefault("response_headers_policies", {})


def _headers_policy(request: Request) -> _Versioned:
    try:
        return _headers_policies(request)[request.params["Id"]]
    except KeyError:
        message = "The specified response headers policy does not exist."
        raise ServiceError("NoSuchResponseHeadersPolicy", message) from None


def _checked_headers_config(request: Request, own_id: str | None = None) -> dict[str, Any]:
    config = request.params["ResponseHeadersPolicyConfig"]
    _check_quantities(config)
    others = (policy for policy in _headers_policies(request).values() if policy.id != own_id)
    if any(policy.config["Name"] == config["Name"] for policy in others):
        message = "A response headers policy with this name already exists."
        raise ServiceError("ResponseHeadersPolicyAlreadyExists", message)
    protection = config.get("SecurityHeadersConfig", {}).get("XSSProtection", {})
    if protection.get("ModeBlock") and protection.get("ReportUri"):
        raise ServiceError("InvalidArgument", "You cannot specify a ReportUri when ModeBlock is true.")
    return config


def _check_quantities(value: Any) -> None:
    """A list and the number of its items come together, and have to agree."""
    if isinstance(value, dict):
        if "Quantity" in value and value["Quantity"] != len(value.get("Items", [])):
            message = "The value of Quantity and the size of Items don't match."
            raise ServiceError("InconsistentQuantities", message)
        for member in value.values():
            _check_quantities(member)
    elif isinstance(value, list):
        for item in value:
            _check_quantities(item)


def _as_headers_policy(policy: _Versioned) -> dict[str, Any]:
    return {"Id": policy.id, "ResponseHeadersPolicyConfig": policy.config, "LastModifiedTime": _WRITTEN_AT}


@operation("cloudfront", "CreateResponseHeadersPolicy")
def create_response_headers_policy(request: Request) -> dict[str, Any]:
    policy = _Versioned(_checked_headers_config(request), id=str(uuid.uuid4()))
    _headers_policies(request)[policy.id] = policy
    return {"ResponseHeadersPolicy": _as_headers_policy(policy), "ETag": policy.etag}


@operation("cloudfront", "GetResponseHeadersPolicy")
def get_response_headers_policy(request: Request) -> dict[str, Any]:
    policy = _headers_policy(request)
    return {"ResponseHeadersPolicy": _as_headers_policy(policy), "ETag": policy.etag}


@operation("cloudfront", "UpdateResponseHeadersPolicy")
def update_response_headers_policy(request: Request) -> dict[str, Any]:
    policy = _headers_policy(request)
    _check_version(request, policy.etag)
    policy.replace(_checked_headers_config(request, policy.id))
    return {"ResponseHeadersPolicy": _as_headers_policy(policy), "ETag": policy.etag}


@operation("cloudfront", "DeleteResponseHeadersPolicy")
def delete_response_headers_policy(request: Request) -> None:
    policy = _headers_policy(request)
    _check_version(request, policy.etag)
    del _headers_policies(request)[policy.id]


@operation("cloudfront", "ListResponseHeadersPolicies")
def list_response_headers_policies(request: Request) -> dict[str, Any]:
    managed = [
        {"Id": policy_id, "ResponseHeadersPolicyConfig": {"Name": f"Managed-{name}"}}
        for policy_id, name in _RESPONSE_HEADERS_POLICIES
    ]
    custom = [_as_headers_policy(policy) for policy in _headers_policies(request).values()]
    return _policy_page(request, "ResponseHeadersPolicy", managed, custom)
