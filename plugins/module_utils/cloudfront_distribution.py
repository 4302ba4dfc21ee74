# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A distribution of CloudFront in the vocabulary of its module, and in CloudFront's own.

States are complete and in one order. A configuration of CloudFront's is only written into, so what states do not tell
of stays as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from .cloudfront import quantified

Value = dict[str, Any]

# https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
HOSTED_ZONE_ID = "Z2FDTNDATAQYW2"
# Fields that are one value in the API, too.
SINGLE = {
    "enabled": "Enabled",
    "comment": "Comment",
    "default_root_object": "DefaultRootObject",
    "price_class": "PriceClass",
    "http_version": "HttpVersion",
    "ipv6_enabled": "IsIPV6Enabled",
    "web_acl_id": "WebACLId",
}
FIELDS = (
    *SINGLE,
    "aliases",
    "origins",
    "origin_groups",
    "default_cache_behavior",
    "cache_behaviors",
    "custom_error_responses",
    "geo_restriction",
    "viewer_certificate",
    "logging",
    "tags",
)
CUSTOM_ORIGIN = {
    "protocol_policy": "OriginProtocolPolicy",
    "http_port": "HTTPPort",
    "https_port": "HTTPSPort",
    "read_timeout": "OriginReadTimeout",
    "keepalive_timeout": "OriginKeepaliveTimeout",
}
NEW_CUSTOM_ORIGIN = {
    "protocol_policy": "https-only",
    "http_port": 80,
    "https_port": 443,
    "ssl_protocols": ["TLSv1.2"],
    "read_timeout": 30,
    "keepalive_timeout": 5,
}
NEW_ORIGIN = {
    "domain_name": "",
    "origin_path": "",
    "custom_origin": {},
    "origin_access_control_id": "",
    "custom_headers": [],
    "origin_shield_region": "",
    "connection_attempts": 3,
    "connection_timeout": 10,
}
# The policies of a behavior, and what the API calls their kinds.
POLICIES = {
    "cache_policy": "CachePolicy",
    "origin_request_policy": "OriginRequestPolicy",
    "response_headers_policy": "ResponseHeadersPolicy",
}
NEW_BEHAVIOR = {
    "target_origin_id": "",
    "viewer_protocol_policy": "redirect-to-https",
    "allowed_methods": ["GET", "HEAD"],
    "cached_methods": ["GET", "HEAD"],
    **dict.fromkeys(POLICIES, ""),
    "compress": True,
    "function_associations": [],
}
# What a behavior has to say in an update, though this module has no options for it.
UNSAID_OF_BEHAVIOR = {
    "SmoothStreaming": False,
    "LambdaFunctionAssociations": {"Quantity": 0},
    "FieldLevelEncryptionId": "",
}
# What a cache policy takes the place of.
REPLACED_BY_CACHE_POLICY = ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL")
DEFAULT_CERTIFICATE = {
    "cloudfront_default_certificate": True,
    "acm_certificate_arn": "",
    "minimum_protocol_version": "TLSv1",
    "ssl_support_method": "",
}
NEW_CERTIFICATE = {
    "cloudfront_default_certificate": False,
    "acm_certificate_arn": "",
    "minimum_protocol_version": "TLSv1.2_2021",
    "ssl_support_method": "sni-only",
}
NO_LOGGING = {"enabled": False, "bucket": "", "prefix": "", "include_cookies": False}


# What the user gave, in the form in which states are read


def normalise(fields: Value, secrets: dict[str, str], policy_id: Callable[[str, str, str], str]) -> Value:
    """The given fields with lists in one order, secrets and names of policies replaced; secrets gets the former.

    policy_id answers the id for an option, its value and the place where it stands.
    """

    def normalise_behavior(behavior: Value, place: str) -> Value:
        methods = {"allowed_methods", "cached_methods"} & behavior.keys()
        ordered = {option: sorted(set(behavior[option])) for option in methods}
        if "function_associations" in behavior:
            ordered["function_associations"] = by("event_type", behavior["function_associations"])
        policies = {option: policy_id(option, behavior[option], place) for option in POLICIES if option in behavior}
        return {**behavior, **ordered, **policies}

    def normalise_origin(origin: Value) -> Value:
        changed = {}
        if "domain_name" in origin:
            changed["domain_name"] = origin["domain_name"].lower()
        if "ssl_protocols" in origin.get("custom_origin", {}):
            protocols = sorted(origin["custom_origin"]["ssl_protocols"])
            changed["custom_origin"] = {**origin["custom_origin"], "ssl_protocols": protocols}
        if "custom_headers" in origin:
            headers = [sealed(origin["id"], header["name"], header["value"]) for header in origin["custom_headers"]]
            secrets.update(
                {seal["value"]: header["value"] for seal, header in zip(headers, origin["custom_headers"], strict=True)}
            )
            changed["custom_headers"] = by("name", headers)
        return {**origin, **changed}

    normal = {
        "aliases": lambda aliases: sorted({alias.lower() for alias in aliases}),
        "origins": lambda origins: by("id", map(normalise_origin, origins)),
        "origin_groups": lambda groups: by(
            "id", ({**group, "status_codes": sorted(group["status_codes"])} for group in groups)
        ),
        "default_cache_behavior": lambda behavior: normalise_behavior(behavior, "default_cache_behavior"),
        "cache_behaviors": lambda given_behaviors: [
            normalise_behavior(behavior, f"cache_behaviors.{behavior['path_pattern']}") for behavior in given_behaviors
        ],
        "custom_error_responses": lambda responses: by(
            "error_code", ({"response_page_path": "", "response_code": None, **response} for response in responses)
        ),
        "geo_restriction": lambda restriction: {
            **restriction,
            "locations": sorted(location.upper() for location in restriction["locations"]),
        },
        "logging": lambda logging: {
            **logging,
            **({"bucket": bucket_domain_name(logging["bucket"])} if "bucket" in logging else {}),
        },
    }
    return {field: normal[field](value) if field in normal else value for field, value in fields.items()}


def by(option: str, values: Iterable[Value]) -> list[Value]:
    return sorted(values, key=lambda value: value[option])


def bucket_domain_name(bucket: str) -> str:
    """What CloudFront calls the bucket, which may be given by its name."""
    return bucket if not bucket or ".amazonaws.com" in bucket else f"{bucket}.s3.amazonaws.com"


def sealed(origin_id: str, name: str, value: str) -> Value:
    """A custom header as states have it: with a fingerprint, which tells no secret, but whether it is another one."""
    name = name.lower()
    digest = hashlib.sha256("\0".join((origin_id, name, value)).encode()).hexdigest()
    return {"name": name, "value": f"sha256:{digest[:16]}"}


# What is wanted, from what is given and what is there


def merge_origins(current: list[Value], wanted: list[Value]) -> list[Value]:
    found = {origin["id"]: origin for origin in current}

    def merge(origin: Value) -> Value:
        merged = {**found.get(origin["id"], NEW_ORIGIN), **origin}
        if "custom_origin" in origin:
            before = found.get(origin["id"], NEW_ORIGIN)["custom_origin"] or NEW_CUSTOM_ORIGIN
            merged["custom_origin"] = {**before, **origin["custom_origin"]}
        return merged

    return [merge(origin) for origin in wanted]


def merge_default_behavior(current: Value | None, wanted: Value) -> Value:
    return {**(current or NEW_BEHAVIOR), **wanted}


def merge_behaviors(current: list[Value], wanted: list[Value]) -> list[Value]:
    found = {behavior["path_pattern"]: behavior for behavior in current}
    return [merge_default_behavior(found.get(behavior["path_pattern"]), behavior) for behavior in wanted]


def merge_certificate(current: Value, wanted: Value) -> Value:
    if not wanted:
        return current
    if wanted.get("cloudfront_default_certificate"):
        return DEFAULT_CERTIFICATE
    before = NEW_CERTIFICATE if current["cloudfront_default_certificate"] else current
    return {**before, **wanted}


def merge_logging(current: Value, wanted: Value) -> Value:
    return {**current, **wanted} if wanted["enabled"] else NO_LOGGING


MERGES = {
    "origins": merge_origins,
    "default_cache_behavior": merge_default_behavior,
    "cache_behaviors": merge_behaviors,
    "viewer_certificate": merge_certificate,
    "logging": merge_logging,
}


# From the API's form to states


def read(distribution: Value, tags: dict[str, str]) -> Value:
    """A distribution, as CloudFront has it, and its tags, as a state."""
    config = distribution["DistributionConfig"]
    return {
        "id": distribution["Id"],
        "arn": distribution["ARN"],
        "domain_name": distribution["DomainName"],
        "hosted_zone_id": HOSTED_ZONE_ID,
        "status": distribution["Status"],
        **{field: config.get(member, "") for field, member in SINGLE.items()},
        "aliases": sorted(alias.lower() for alias in listed_items(config, "Aliases")),
        "origins": by("id", map(read_origin, listed_items(config, "Origins"))),
        "origin_groups": by("id", map(read_origin_group, listed_items(config, "OriginGroups"))),
        "default_cache_behavior": read_behavior(config["DefaultCacheBehavior"]),
        "cache_behaviors": [
            {"path_pattern": behavior["PathPattern"], **read_behavior(behavior)}
            for behavior in listed_items(config, "CacheBehaviors")
        ],
        "custom_error_responses": by(
            "error_code", map(read_error_response, listed_items(config, "CustomErrorResponses"))
        ),
        "geo_restriction": read_geo_restriction(config.get("Restrictions", {}).get("GeoRestriction", {})),
        "viewer_certificate": read_certificate(config.get("ViewerCertificate", {})),
        "logging": read_logging(config.get("Logging", {})),
        "tags": tags,
    }


def listed_items(parent: Value, member: str) -> list[Any]:
    return parent.get(member, {}).get("Items", [])


def read_origin(origin: Value) -> Value:
    custom = origin.get("CustomOriginConfig")
    shield = origin.get("OriginShield", {})
    return {
        "id": origin["Id"],
        "domain_name": origin["DomainName"].lower(),
        "origin_path": origin.get("OriginPath", ""),
        "custom_origin": {
            **{option: custom[member] for option, member in CUSTOM_ORIGIN.items() if member in custom},
            "ssl_protocols": sorted(listed_items(custom, "OriginSslProtocols")),
        }
        if custom
        else {},
        "origin_access_control_id": origin.get("OriginAccessControlId", ""),
        "custom_headers": by(
            "name",
            (
                sealed(origin["Id"], header["HeaderName"], header["HeaderValue"])
                for header in listed_items(origin, "CustomHeaders")
            ),
        ),
        "origin_shield_region": shield.get("OriginShieldRegion", "") if shield.get("Enabled") else "",
        "connection_attempts": origin.get("ConnectionAttempts", NEW_ORIGIN["connection_attempts"]),
        "connection_timeout": origin.get("ConnectionTimeout", NEW_ORIGIN["connection_timeout"]),
    }


def read_origin_group(group: Value) -> Value:
    return {
        "id": group["Id"],
        "origin_ids": [member["OriginId"] for member in group["Members"]["Items"]],
        "status_codes": sorted(group["FailoverCriteria"]["StatusCodes"]["Items"]),
    }


def read_behavior(behavior: Value) -> Value:
    methods = behavior.get("AllowedMethods", {})
    return {
        "target_origin_id": behavior["TargetOriginId"],
        "viewer_protocol_policy": behavior["ViewerProtocolPolicy"],
        "allowed_methods": sorted(methods.get("Items", NEW_BEHAVIOR["allowed_methods"])),
        "cached_methods": sorted(methods.get("CachedMethods", {}).get("Items", NEW_BEHAVIOR["cached_methods"])),
        **{option: behavior.get(f"{kind}Id", "") for option, kind in POLICIES.items()},
        "compress": behavior.get("Compress", False),
        "function_associations": by(
            "event_type",
            (
                {"event_type": association["EventType"], "function_arn": association["FunctionARN"]}
                for association in listed_items(behavior, "FunctionAssociations")
            ),
        ),
    }


def read_error_response(response: Value) -> Value:
    code = response.get("ResponseCode")
    return {
        "error_code": response["ErrorCode"],
        "response_page_path": response.get("ResponsePagePath", ""),
        "response_code": int(code) if code else None,
        "error_caching_min_ttl": response.get("ErrorCachingMinTTL", 10),
    }


def read_geo_restriction(restriction: Value) -> Value:
    return {
        "restriction_type": restriction.get("RestrictionType", "none"),
        "locations": sorted(restriction.get("Items", [])),
    }


def read_certificate(certificate: Value) -> Value:
    if certificate.get("CloudFrontDefaultCertificate", not certificate):
        return DEFAULT_CERTIFICATE
    return {
        "cloudfront_default_certificate": False,
        "acm_certificate_arn": certificate.get("ACMCertificateArn", ""),
        "minimum_protocol_version": certificate.get("MinimumProtocolVersion", ""),
        "ssl_support_method": certificate.get("SSLSupportMethod", ""),
    }


def read_logging(logging: Value) -> Value:
    if not logging.get("Enabled"):
        return NO_LOGGING
    return {
        "enabled": True,
        "bucket": logging["Bucket"],
        "prefix": logging.get("Prefix", ""),
        "include_cookies": logging.get("IncludeCookies", False),
    }


# From states to the API's form. Whatever a configuration has that states do not tell of is kept.


def write(config: Value, fields: Value, secrets: dict[str, str]) -> Value:
    """A configuration, as CloudFront has it, with these fields written into it."""
    writers = {
        "aliases": ("Aliases", quantified),
        "origins": ("Origins", lambda origins: write_origins(listed_items(config, "Origins"), origins, secrets)),
        "origin_groups": (
            "OriginGroups",
            lambda groups: write_origin_groups(listed_items(config, "OriginGroups"), groups),
        ),
        "default_cache_behavior": (
            "DefaultCacheBehavior",
            lambda behavior: write_behavior(config.get("DefaultCacheBehavior", {}), behavior),
        ),
        "cache_behaviors": (
            "CacheBehaviors",
            lambda ordered: write_behaviors(listed_items(config, "CacheBehaviors"), ordered),
        ),
        "custom_error_responses": (
            "CustomErrorResponses",
            lambda responses: quantified(map(write_error_response, responses)),
        ),
        "geo_restriction": ("Restrictions", write_geo_restriction),
        "viewer_certificate": (
            "ViewerCertificate",
            lambda certificate: write_certificate(config.get("ViewerCertificate", {}), certificate),
        ),
        "logging": ("Logging", write_logging),
    }
    written = dict(config)
    for field, value in fields.items():
        if field in SINGLE:
            written[SINGLE[field]] = value
        elif field in writers:
            member, write_field = writers[field]
            written[member] = write_field(value)
    return written


def write_origins(current: list[Value], origins: list[Value], secrets: dict[str, str]) -> Value:
    found = {origin["Id"]: origin for origin in current}
    return quantified(write_origin(found.get(origin["id"], {}), origin, secrets) for origin in origins)


def write_origin(current: Value, origin: Value, secrets: dict[str, str]) -> Value:
    # A header's value is known from the user, or else from CloudFront, which tells it.
    known = {
        sealed(origin["id"], header["HeaderName"], header["HeaderValue"])["value"]: header["HeaderValue"]
        for header in listed_items(current, "CustomHeaders")
    } | secrets
    region = origin["origin_shield_region"]
    written = {
        **current,
        "Id": origin["id"],
        "DomainName": origin["domain_name"],
        "OriginPath": origin["origin_path"],
        "CustomHeaders": quantified(
            {"HeaderName": header["name"], "HeaderValue": known[header["value"]]} for header in origin["custom_headers"]
        ),
        "ConnectionAttempts": origin["connection_attempts"],
        "ConnectionTimeout": origin["connection_timeout"],
        "OriginShield": {"Enabled": True, "OriginShieldRegion": region} if region else {"Enabled": False},
        "OriginAccessControlId": origin["origin_access_control_id"],
    }
    custom = origin["custom_origin"]
    if custom:
        written["CustomOriginConfig"] = {
            **current.get("CustomOriginConfig", {}),
            **{member: custom[option] for option, member in CUSTOM_ORIGIN.items() if option in custom},
            "OriginSslProtocols": quantified(custom["ssl_protocols"]),
        }
        return {name: value for name, value in written.items() if name not in ("S3OriginConfig", "VpcOriginConfig")}
    if "VpcOriginConfig" not in current:
        bucket = current.get("S3OriginConfig", {"OriginAccessIdentity": ""})
        # An origin access control takes the place of an origin access identity.
        identity = {"OriginAccessIdentity": ""} if origin["origin_access_control_id"] else {}
        written["S3OriginConfig"] = {**bucket, **identity}
    return written


def write_origin_groups(current: list[Value], groups: list[Value]) -> Value:
    found = {group["Id"]: group for group in current}
    return quantified(
        {
            **found.get(group["id"], {}),
            "Id": group["id"],
            "FailoverCriteria": {"StatusCodes": quantified(group["status_codes"])},
            "Members": quantified({"OriginId": origin_id} for origin_id in group["origin_ids"]),
        }
        for group in groups
    )


def write_behaviors(current: list[Value], ordered: list[Value]) -> Value:
    found = {behavior["PathPattern"]: behavior for behavior in current}
    return quantified(
        {
            **write_behavior(found.get(behavior["path_pattern"], {}), behavior),
            "PathPattern": behavior["path_pattern"],
        }
        for behavior in ordered
    )


def write_behavior(current: Value, behavior: Value) -> Value:
    policies = {f"{kind}Id": behavior[option] for option, kind in POLICIES.items()}
    replaced = REPLACED_BY_CACHE_POLICY if behavior["cache_policy"] else ()
    kept = {name: value for name, value in current.items() if name not in (*policies, *replaced)}
    return {
        **UNSAID_OF_BEHAVIOR,
        **kept,
        **{member: policy for member, policy in policies.items() if policy},
        "TargetOriginId": behavior["target_origin_id"],
        "ViewerProtocolPolicy": behavior["viewer_protocol_policy"],
        "AllowedMethods": {
            **quantified(behavior["allowed_methods"]),
            "CachedMethods": quantified(behavior["cached_methods"]),
        },
        "Compress": behavior["compress"],
        "FunctionAssociations": quantified(
            {"EventType": association["event_type"], "FunctionARN": association["function_arn"]}
            for association in behavior["function_associations"]
        ),
    }


def write_error_response(response: Value) -> Value:
    code = response["response_code"]
    return {
        "ErrorCode": response["error_code"],
        "ResponsePagePath": response["response_page_path"],
        "ResponseCode": str(code) if code else "",
        "ErrorCachingMinTTL": response["error_caching_min_ttl"],
    }


def write_geo_restriction(restriction: Value) -> Value:
    return {
        "GeoRestriction": {
            "RestrictionType": restriction["restriction_type"],
            **quantified(restriction["locations"]),
        }
    }


def write_certificate(current: Value, certificate: Value) -> Value:
    if certificate["cloudfront_default_certificate"]:
        return {"CloudFrontDefaultCertificate": True}
    arn = certificate["acm_certificate_arn"]
    identity = {"CloudFrontDefaultCertificate": False, "ACMCertificateArn": arn} if arn else current
    return {
        **identity,
        "MinimumProtocolVersion": certificate["minimum_protocol_version"],
        "SSLSupportMethod": certificate["ssl_support_method"],
    }


def write_logging(logging: Value) -> Value:
    return {
        "Enabled": logging["enabled"],
        "Bucket": logging["bucket"],
        "Prefix": logging["prefix"],
        "IncludeCookies": logging["include_cookies"],
    }
