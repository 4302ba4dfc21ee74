# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""CloudFront: whole configurations are kept, with a version that changes and deletions have to name.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/
"""

from __future__ import annotations

import copy
import datetime
import itertools
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.acm.models import acm_backends
from moto.cloudfront.models import cloudfront_backends, random_id
from moto.s3.models import FakeGrant, FakeGrantee, s3_backends
from moto.wafv2.models import GLOBAL_REGION, wafv2_backends

from sandbox.clock import CLOCK
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
    if any(origin.get("OriginAccessControlId") == control.id for origin in _all_origins(request)):
        message = "Cannot delete the origin access control because it's in use by one or more distributions."
        raise ServiceError("OriginAccessControlInUse", message)
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
    if any(behavior.get("ResponseHeadersPolicyId") == policy.id for behavior in _all_behaviors(request)):
        message = "Cannot delete the response headers policy because it is attached to one or more cache behaviors."
        raise ServiceError("ResponseHeadersPolicyInUse", message)
    del _headers_policies(request)[policy.id]


@operation("cloudfront", "ListResponseHeadersPolicies")
def list_response_headers_policies(request: Request) -> dict[str, Any]:
    managed = [
        {"Id": policy_id, "ResponseHeadersPolicyConfig": {"Name": f"Managed-{name}"}}
        for policy_id, name in _RESPONSE_HEADERS_POLICIES
    ]
    custom = [_as_headers_policy(policy) for policy in _headers_policies(request).values()]
    return _policy_page(request, "ResponseHeadersPolicy", managed, custom)


# Distributions. They are kept where moto keeps its own, for its invalidations, and for its tagging API.


class _Distribution(_Versioned):
    def __init__(self, config: dict[str, Any], account: str, partition: str):
        super().__init__(config)
        self.distribution_id = self.id
        self.arn = f"arn:{partition}:cloudfront::{account}:distribution/{self.id}"
        self.domain_name = f"d{random_id(uppercase=False)}.cloudfront.net"
        self.last_modified_time = datetime.datetime.now(datetime.UTC)
        self.deploy()

    @property
    def location(self) -> str:
        return f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{self.id}"

    def replace(self, config: dict[str, Any]) -> None:
        super().replace(config)
        self.last_modified_time = datetime.datetime.now(datetime.UTC)
        self.deploy()

    def deploy(self) -> None:
        """All edges have to hear of it."""
        CLOCK.turn(self, "status", "InProgress", "Deployed", "distribution.deployment")

    def advance(self) -> None:
        """What moto calls before it looks at the status."""


def _distributions(request: Request) -> dict[str, _Distribution]:
    return request.backend.distributions


def _distribution(request: Request) -> _Distribution:
    try:
        return _distributions(request)[request.params["Id"]]
    except KeyError:
        raise ServiceError("NoSuchDistribution", "The specified distribution does not exist.") from None


def _items(listed: dict[str, Any] | None) -> list[Any]:
    return (listed or {}).get("Items", [])


def _behaviors(config: dict[str, Any]) -> list[dict[str, Any]]:
    return [config["DefaultCacheBehavior"], *_items(config.get("CacheBehaviors"))]


def _all_origins(request: Request) -> Iterator[dict[str, Any]]:
    return itertools.chain.from_iterable(_items(found.config["Origins"]) for found in _distributions(request).values())


def _all_behaviors(request: Request) -> Iterator[dict[str, Any]]:
    return itertools.chain.from_iterable(_behaviors(found.config) for found in _distributions(request).values())


# What CloudFront adds to what it is given

_NONE = {"Quantity": 0}
# The order in which CloudFront answers methods, whatever the order in which it got them.
_METHODS = ("HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH")
_DEFAULT_CERTIFICATE = {
    "CloudFrontDefaultCertificate": True,
    "SSLSupportMethod": "vip",
    "MinimumProtocolVersion": "TLSv1",
    "CertificateSource": "cloudfront",
}
_CONFIG_DEFAULTS = {
    "Aliases": _NONE,
    "DefaultRootObject": "",
    "OriginGroups": _NONE,
    "CacheBehaviors": _NONE,
    "CustomErrorResponses": _NONE,
    "Logging": {},
    "PriceClass": "PriceClass_All",
    "ViewerCertificate": _DEFAULT_CERTIFICATE,
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "WebACLId": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": False,
    "ContinuousDeploymentPolicyId": "",
    "Staging": False,
}
_ORIGIN_DEFAULTS = {
    "OriginPath": "",
    "CustomHeaders": _NONE,
    "ConnectionAttempts": 3,
    "ConnectionTimeout": 10,
    "OriginShield": {"Enabled": False},
    "OriginAccessControlId": "",
}
_CUSTOM_ORIGIN_DEFAULTS = {"OriginReadTimeout": 30, "OriginKeepaliveTimeout": 5}
_BEHAVIOR_DEFAULTS = {
    "TrustedSigners": {"Enabled": False, **_NONE},
    "TrustedKeyGroups": {"Enabled": False, **_NONE},
    "AllowedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
    "SmoothStreaming": False,
    "Compress": False,
    "LambdaFunctionAssociations": _NONE,
    "FunctionAssociations": _NONE,
    "FieldLevelEncryptionId": "",
}
_LOGGING_DEFAULTS = {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}


def _completed(given: dict[str, Any]) -> dict[str, Any]:
    config = copy.deepcopy({**_CONFIG_DEFAULTS, **given})
    config["Origins"]["Items"] = [_completed_origin(origin) for origin in config["Origins"]["Items"]]
    config["DefaultCacheBehavior"] = _completed_behavior(config["DefaultCacheBehavior"])
    if _items(config["CacheBehaviors"]):
        config["CacheBehaviors"]["Items"] = [_completed_behavior(item) for item in config["CacheBehaviors"]["Items"]]
    for response in _items(config["CustomErrorResponses"]):
        response.update({"ResponsePagePath": "", "ResponseCode": "", "ErrorCachingMinTTL": 10, **response})
    logging = {**_LOGGING_DEFAULTS, **config["Logging"]}
    config["Logging"] = logging if logging["Enabled"] else _LOGGING_DEFAULTS
    arn = config["ViewerCertificate"].get("ACMCertificateArn")
    if arn:
        config["ViewerCertificate"] |= {
            "CloudFrontDefaultCertificate": False,
            "Certificate": arn,
            "CertificateSource": "acm",
        }
    elif config["ViewerCertificate"].get("CloudFrontDefaultCertificate"):
        config["ViewerCertificate"] = _DEFAULT_CERTIFICATE
    return config


def _completed_origin(origin: dict[str, Any]) -> dict[str, Any]:
    custom = origin.get("CustomOriginConfig")
    completed = {"CustomOriginConfig": {**_CUSTOM_ORIGIN_DEFAULTS, **custom}} if custom else {}
    return {**_ORIGIN_DEFAULTS, **origin, **completed}


def _completed_behavior(behavior: dict[str, Any]) -> dict[str, Any]:
    completed = {**_BEHAVIOR_DEFAULTS, **behavior}
    allowed = completed["AllowedMethods"]
    cached = allowed.get("CachedMethods", {"Quantity": 2, "Items": ["HEAD", "GET"]})
    completed["AllowedMethods"] = {**_ordered(allowed), "CachedMethods": _ordered(cached)}
    return completed


def _ordered(methods: dict[str, Any]) -> dict[str, Any]:
    return {**methods, "Items": sorted(methods["Items"], key=_METHODS.index)}


# What CloudFront refuses


def _check(request: Request, config: dict[str, Any], own_id: str | None = None) -> None:
    _check_quantities(config)
    if len(config["Comment"]) > 128:
        raise ServiceError("InvalidArgument", "The parameter Comment is too long; it can have 128 characters.")
    for origin in config["Origins"]["Items"]:
        _check_origin(request, origin)
    _check_targets(config)
    for behavior in _behaviors(config):
        _check_policies(request, behavior)
        _check_methods(behavior)
    _check_aliases(config, own_id)
    _check_certificate(request, config)
    _check_web_acl(request, config)
    _use_log_bucket(request, config)


def _check_origin(request: Request, origin: dict[str, Any]) -> None:
    kinds = {"S3OriginConfig", "CustomOriginConfig", "VpcOriginConfig"} & origin.keys()
    if len(kinds) != 1:
        message = "The origin must have exactly one of S3OriginConfig, CustomOriginConfig and VpcOriginConfig."
        raise ServiceError("InvalidOrigin", message)
    if kinds == {"S3OriginConfig"} and not re.fullmatch(r".+\.s3[.-].*amazonaws\.com(\.cn)?", origin["DomainName"]):
        message = "The parameter Origin DomainName does not refer to a valid S3 bucket."
        raise ServiceError("InvalidArgument", message)
    control = origin.get("OriginAccessControlId")
    if control and control not in _controls(request):
        raise ServiceError("InvalidOriginAccessControl", "The origin access control is not valid.")


def _check_targets(config: dict[str, Any]) -> None:
    origins = {origin["Id"] for origin in config["Origins"]["Items"]}
    groups = _items(config.get("OriginGroups"))
    members = {member["OriginId"] for group in groups for member in group["Members"]["Items"]}
    targets = {behavior["TargetOriginId"] for behavior in _behaviors(config)}
    if not members <= origins or not targets <= origins | {group["Id"] for group in groups}:
        raise ServiceError("NoSuchOrigin", "One or more of your origins or origin groups do not exist.")


def _check_policies(request: Request, behavior: dict[str, Any]) -> None:
    cache = behavior.get("CachePolicyId")
    if bool(cache) == ("ForwardedValues" in behavior):
        message = "A cache behavior must include either a CachePolicyId or ForwardedValues."
        raise ServiceError("InvalidArgument", message)
    if cache and cache not in {policy[0] for policy in _CACHE_POLICIES}:
        raise ServiceError("NoSuchCachePolicy", "The specified cache policy does not exist.")
    origin_request = behavior.get("OriginRequestPolicyId")
    if origin_request and origin_request not in {policy[0] for policy in _ORIGIN_REQUEST_POLICIES}:
        raise ServiceError("NoSuchOriginRequestPolicy", "The specified origin request policy does not exist.")
    headers = behavior.get("ResponseHeadersPolicyId")
    if (
        headers
        and headers not in {policy[0] for policy in _RESPONSE_HEADERS_POLICIES} | _headers_policies(request).keys()
    ):
        raise ServiceError("NoSuchResponseHeadersPolicy", "The specified response headers policy does not exist.")


def _check_methods(behavior: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_AllowedMethods.html"""
    allowed = behavior.get("AllowedMethods")
    if not allowed:
        return
    few = [{"GET", "HEAD"}, {"GET", "HEAD", "OPTIONS"}]
    cached = set(_items(allowed.get("CachedMethods", {"Items": ["GET", "HEAD"]})))
    if set(allowed["Items"]) not in [*few, set(_METHODS)] or cached not in few:
        raise ServiceError("InvalidArgument", "The parameter AllowedMethods is not one of the sets that are supported.")


def _check_aliases(config: dict[str, Any], own_id: str | None) -> None:
    """A name belongs to one distribution, whatever the account."""
    aliases = {alias.lower() for alias in _items(config.get("Aliases"))}
    for regions in list(cloudfront_backends.values()):
        for backend in list(regions.values()):
            for found in backend.distributions.values():
                if found.id != own_id and aliases & {alias.lower() for alias in _items(found.config["Aliases"])}:
                    message = "One or more of the CNAMEs you provided are already associated with a different resource."
                    raise ServiceError("CNAMEAlreadyExists", message)


def _check_certificate(request: Request, config: dict[str, Any]) -> None:
    aliases = _items(config.get("Aliases"))
    arn = config.get("ViewerCertificate", {}).get("ACMCertificateArn")
    if not arn:
        if aliases and not config.get("ViewerCertificate", {}).get("IAMCertificateId"):
            message = (
                "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted "
                "certificate that validates your authorization to use the domain name."
            )
            raise ServiceError("InvalidViewerCertificate", message)
        return
    backend = acm_backends[request.account]["us-east-1"]
    certificate = backend._certificates.get(arn)
    if certificate:
        certificate.check()
    if not certificate or certificate.status != "ISSUED":
        message = (
            "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a "
            "valid certificate chain."
        )
        raise ServiceError("InvalidViewerCertificate", message)
    if not all(_covers(certificate.sans, alias) for alias in aliases):
        message = (
            "The certificate that is attached to your distribution doesn't cover the alternate domain name (CNAME) "
            "that you're trying to add."
        )
        raise ServiceError("InvalidViewerCertificate", message)


def _covers(names: list[str], alias: str) -> bool:
    return alias in names or f"*.{alias.partition('.')[2]}" in names


def _check_web_acl(request: Request, config: dict[str, Any]) -> None:
    arn = config.get("WebACLId")
    if arn and arn not in wafv2_backends[request.account][GLOBAL_REGION].wacls:
        raise ServiceError("InvalidWebACLId", "Web ACL is not accessible by the requester.")


# The canonical user awslogsdelivery, by which CloudFront writes standard logs.
_LOG_DELIVERY = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"


def _use_log_bucket(request: Request, config: dict[str, Any]) -> None:
    """CloudFront writes its standard logs by the bucket's access control list, into which it puts itself.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
    """
    logging = config.get("Logging", {})
    if not logging.get("Enabled"):
        return
    name = re.sub(r"\.s3\..*amazonaws\.com(\.cn)?$", "", logging.get("Bucket", ""))
    bucket = s3_backends[request.account][request.partition].buckets.get(name)
    if not bucket or name == logging["Bucket"]:
        raise ServiceError("InvalidArgument", "The parameter Logging Bucket does not refer to a valid S3 bucket.")
    if bucket.ownership_rule == "BucketOwnerEnforced":
        message = (
            f"The S3 bucket that you specified for CloudFront logs does not enable ACL access: {logging['Bucket']}"
        )
        raise ServiceError("InvalidArgument", message)
    granted = [grantee.id for grant in bucket.acl.grants for grantee in grant.grantees]
    if _LOG_DELIVERY not in granted:
        bucket.acl.grants.append(FakeGrant([FakeGrantee(grantee_id=_LOG_DELIVERY)], ["FULL_CONTROL"]))


# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-overview-required-fields.html
_REQUIRED_FOR_UPDATES = (
    *("Aliases", "CacheBehaviors", "CustomErrorResponses", "DefaultRootObject", "HttpVersion", "Logging"),
    *("PriceClass", "Restrictions", "ViewerCertificate", "WebACLId"),
)
_REQUIRED_OF_BEHAVIORS = (
    *("AllowedMethods", "Compress", "FieldLevelEncryptionId", "LambdaFunctionAssociations", "SmoothStreaming"),
)
_REQUIRED_OF_ORIGINS = ("CustomHeaders", "OriginPath")
_REQUIRED_OF_CUSTOM_ORIGINS = ("OriginKeepaliveTimeout", "OriginReadTimeout", "OriginSslProtocols")


def _check_update(config: dict[str, Any], before: dict[str, Any]) -> None:
    """An update has to say more than a creation, and cannot change what identifies the request that created it."""
    origins = config["Origins"]["Items"]
    custom = [origin["CustomOriginConfig"] for origin in origins if "CustomOriginConfig" in origin]
    missing = [
        name
        for part, required in (
            (config, _REQUIRED_FOR_UPDATES),
            *((behavior, _REQUIRED_OF_BEHAVIORS) for behavior in _behaviors(config)),
            *((origin, _REQUIRED_OF_ORIGINS) for origin in origins),
            *((origin, _REQUIRED_OF_CUSTOM_ORIGINS) for origin in custom),
        )
        for name in required
        if name not in part
    ]
    if missing:
        raise ServiceError("IllegalUpdate", f"{missing[0]} is required for updates.")
    if config["CallerReference"] != before["CallerReference"]:
        raise ServiceError("IllegalUpdate", "The caller reference cannot be changed.")


# The operations


def _create(request: Request, config: dict[str, Any], tags: list[dict[str, str]]) -> dict[str, Any]:
    for found in _distributions(request).values():
        if found.config["CallerReference"] == config["CallerReference"]:
            message = (
                "The caller reference that you are using to create a distribution is associated with another "
                f"distribution. Already exists: {found.id}"
            )
            raise ServiceError("DistributionAlreadyExists", message)
    _check(request, config)
    distribution = _Distribution(_completed(config), request.account, request.partition)
    _distributions(request)[distribution.id] = distribution
    request.backend.tagger.tag_resource(distribution.arn, tags)
    return {**_described(distribution), "Location": distribution.location}


def _described(distribution: _Distribution) -> dict[str, Any]:
    nobody = {"Enabled": False, "Quantity": 0}
    return {
        "ETag": distribution.etag,
        "Distribution": {
            **_identified(distribution),
            "InProgressInvalidationBatches": 0,
            "ActiveTrustedSigners": nobody,
            "ActiveTrustedKeyGroups": nobody,
            "DistributionConfig": distribution.config,
        },
    }


def _identified(distribution: _Distribution) -> dict[str, Any]:
    return {
        "Id": distribution.id,
        "ARN": distribution.arn,
        "Status": distribution.status,
        "LastModifiedTime": distribution.last_modified_time,
        "DomainName": distribution.domain_name,
    }


@operation("cloudfront", "CreateDistribution", instead_of_moto="It drops what it does not know.")
def create_distribution(request: Request) -> dict[str, Any]:
    return _create(request, request.params["DistributionConfig"], [])


@operation("cloudfront", "CreateDistributionWithTags", instead_of_moto="It drops what it does not know.")
def create_distribution_with_tags(request: Request) -> dict[str, Any]:
    given = request.params["DistributionConfigWithTags"]
    return _create(request, given["DistributionConfig"], _items(given["Tags"]))


@operation("cloudfront", "GetDistribution", instead_of_moto="Ours are not its own.")
def get_distribution(request: Request) -> dict[str, Any]:
    return _described(_distribution(request))


@operation("cloudfront", "GetDistributionConfig", instead_of_moto="Ours are not its own.")
def get_distribution_config(request: Request) -> dict[str, Any]:
    distribution = _distribution(request)
    return {"DistributionConfig": distribution.config, "ETag": distribution.etag}


@operation("cloudfront", "UpdateDistribution", instead_of_moto="It drops what it does not know, and takes any version.")
def update_distribution(request: Request) -> dict[str, Any]:
    distribution, config = _distribution(request), request.params["DistributionConfig"]
    _check_version(request, distribution.etag)
    _check_update(config, distribution.config)
    _check(request, config, distribution.id)
    distribution.replace(_completed(config))
    return _described(distribution)


@operation("cloudfront", "DeleteDistribution", instead_of_moto="It deletes one that is enabled, and takes any version.")
def delete_distribution(request: Request) -> None:
    distribution = _distribution(request)
    _check_version(request, distribution.etag)
    if distribution.config["Enabled"] or distribution.status != "Deployed":
        message = "The distribution you are trying to delete has not been disabled."
        raise ServiceError("DistributionNotDisabled", message)
    del _distributions(request)[distribution.id]
    request.backend.tagger.delete_all_tags_for_resource(distribution.arn)


# What a list tells of a configuration.
_SUMMARISED = (
    *("Aliases", "CacheBehaviors", "Comment", "CustomErrorResponses", "DefaultCacheBehavior", "Enabled", "HttpVersion"),
    *("IsIPV6Enabled", "OriginGroups", "Origins", "PriceClass", "Restrictions", "Staging", "ViewerCertificate"),
    "WebACLId",
)


@operation("cloudfront", "ListDistributions", instead_of_moto="Ours are not its own.")
def list_distributions(request: Request) -> dict[str, Any]:
    found = [
        {**_identified(distribution), **{name: distribution.config[name] for name in _SUMMARISED}}
        for distribution in _distributions(request).values()
    ]
    return {"DistributionList": _whole_page(request, found)}
