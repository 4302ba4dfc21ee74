#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cloudfront_response_headers_policy
version_added: "0.1.0"
short_description: Manage a response headers policy of CloudFront
description:
  - Creates, changes and deletes a response headers policy, which says what headers CloudFront adds to answers and takes
    from them. Cache behaviors of M(wellarchitected.aws.cloudfront_distribution) use it.
  - M(community.aws.cloudfront_response_headers_policy) (11.2) writes on every run, always foretells a change, misses
    policies beyond the first page, resets what is not given, and removes no headers.
  - Each of O(security_headers), O(cors), O(custom_headers), O(remove_headers) and O(server_timing) is given as a whole;
    those that are not given stay as they are.
  - Follows
    U(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - Its name, unique in the account, of 128 characters at most.
    type: str
    required: true
  state:
    description:
      - V(present) makes the policy exist as described. V(absent) deletes it, which AWS refuses while a distribution
        uses it.
    type: str
    choices: [present, absent]
    default: present
  comment:
    description:
      - What it is for, in 128 characters at most.
    type: str
  security_headers:
    description:
      - The security headers that CloudFront adds, none but these; V({}) for none at all.
    type: dict
    suboptions:
      strict_transport_security:
        description: The header C(Strict-Transport-Security), by which browsers stay with HTTPS.
        type: dict
        suboptions:
          access_control_max_age_sec:
            description: For how many seconds browsers remember it.
            type: int
            required: true
          include_subdomains:
            description: Whether it holds for all subdomains, too.
            type: bool
            default: false
          preload:
            description: Whether browsers may have it built in. That is hard to take back.
            type: bool
            default: false
          override:
            description: Whether it takes the place of what the origin says.
            type: bool
            default: true
      content_type_options:
        description: The header C(X-Content-Type-Options) with the value C(nosniff).
        type: dict
        suboptions:
          override:
            description: Whether it takes the place of what the origin says.
            type: bool
            default: true
      frame_options:
        description: The header C(X-Frame-Options), which says who may show a page in a frame.
        type: dict
        suboptions:
          frame_option:
            description: Nobody, or pages of the same origin.
            type: str
            choices: [DENY, SAMEORIGIN]
            required: true
          override:
            description: Whether it takes the place of what the origin says.
            type: bool
            default: true
      referrer_policy:
        description: The header C(Referrer-Policy), which says what other sites hear about where a visitor came from.
        type: dict
        suboptions:
          referrer_policy:
            description: The header's value.
            type: str
            choices:
              - no-referrer
              - no-referrer-when-downgrade
              - origin
              - origin-when-cross-origin
              - same-origin
              - strict-origin
              - strict-origin-when-cross-origin
              - unsafe-url
            required: true
          override:
            description: Whether it takes the place of what the origin says.
            type: bool
            default: true
      xss_protection:
        description: The header C(X-XSS-Protection), which only old browsers heed.
        type: dict
        suboptions:
          protection:
            description: Whether the protection is on.
            type: bool
            required: true
          mode_block:
            description: Whether a page under attack is not shown at all. Then there can be no C(report_uri).
            type: bool
            default: false
          report_uri:
            description: The URL that attacks are reported to.
            type: str
          override:
            description: Whether it takes the place of what the origin says.
            type: bool
            default: true
      content_security_policy:
        description: The header C(Content-Security-Policy), which says what a page may load and from where.
        type: dict
        suboptions:
          content_security_policy:
            description: The header's value.
            type: str
            required: true
          override:
            description: Whether it takes the place of what the origin says.
            type: bool
            default: true
  cors:
    description:
      - The headers that let pages of other origins read the answers (CORS); V({}) for none.
      - Origins, methods and request headers have to be given, except with V({}).
    type: dict
    suboptions:
      access_control_allow_origins:
        description: The origins that may read, such as V(https://www.example.com), or V(*) for all.
        type: list
        elements: str
      access_control_allow_methods:
        description: The methods that they may use.
        type: list
        elements: str
        choices: [GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, ALL]
      access_control_allow_headers:
        description: The request headers that they may send, or V(*) for all.
        type: list
        elements: str
      access_control_expose_headers:
        description: The headers of the answer that they may read, or V(*) for all.
        type: list
        elements: str
      access_control_allow_credentials:
        description: Whether cookies and the like may be sent along. V(false) when not given.
        type: bool
      access_control_max_age_sec:
        description: For how many seconds browsers remember the permission; AWS's default when not given.
        type: int
      origin_override:
        description: Whether they take the place of what the origin says. V(true) when not given.
        type: bool
  custom_headers:
    description:
      - All other headers that CloudFront adds; V([]) for none.
    type: list
    elements: dict
    suboptions:
      header:
        description: The header's name, whose letter case does not matter.
        type: str
        required: true
      value:
        description: Its value.
        type: str
        required: true
      override:
        description: Whether it takes the place of what the origin says.
        type: bool
        default: true
  remove_headers:
    description:
      - The names of the headers of the origin that CloudFront takes away; V([]) for none.
    type: list
    elements: str
  server_timing:
    description:
      - The header C(Server-Timing), by which CloudFront tells how it came to an answer.
    type: dict
    suboptions:
      enabled:
        description: Whether there is such a header.
        type: bool
        required: true
      sampling_rate:
        description: In how many of 100 answers.
        type: float
        default: 0
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Add what browsers need to protect visitors, and do not tell what the origin runs on
  wellarchitected.aws.cloudfront_response_headers_policy:
    name: example-security
    security_headers:
      strict_transport_security:
        access_control_max_age_sec: 31536000
        include_subdomains: true
      content_type_options:
        override: true
      frame_options:
        frame_option: DENY
      referrer_policy:
        referrer_policy: strict-origin-when-cross-origin
      content_security_policy:
        content_security_policy: default-src 'self'
    custom_headers:
      - header: Permissions-Policy
        value: camera=(), microphone=()
    remove_headers:
      - Server
      - X-Powered-By

- name: Let the pages of another site read the answers
  wellarchitected.aws.cloudfront_response_headers_policy:
    name: example-api
    cors:
      access_control_allow_origins: [https://www.example.com]
      access_control_allow_methods: [GET, POST]
      access_control_allow_headers: [Authorization, Content-Type]
      access_control_max_age_sec: 600

- name: Delete a policy that no distribution uses any more
  wellarchitected.aws.cloudfront_response_headers_policy:
    name: example-api
    state: absent
"""

RETURN = r"""
response_headers_policy:
  description: The policy as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    id:
      description: Its id; in check mode without a value where it would be created.
      type: str
      sample: 12345678-1234-1234-1234-123456789012
    name:
      description: Its name.
      type: str
      sample: example-security
    comment:
      description: What it is for.
      type: str
      sample: Security headers of the example site
    security_headers:
      description: The security headers that CloudFront adds, with the options of O(security_headers).
      type: dict
      sample:
        frame_options:
          frame_option: DENY
          override: true
    cors:
      description: The headers for pages of other origins, with the options of O(cors); empty when there are none.
      type: dict
      sample: {}
    custom_headers:
      description: All other headers that CloudFront adds, sorted by name.
      type: list
      elements: dict
      sample:
        - header: Permissions-Policy
          value: camera=(), microphone=()
          override: true
    remove_headers:
      description: The headers that CloudFront takes away, sorted.
      type: list
      elements: str
      sample: [Server, X-Powered-By]
    server_timing:
      description: Whether, and in how many of 100 answers, CloudFront tells how it came to them.
      type: dict
      sample:
        enabled: false
        sampling_rate: 0.0
"""

from types import MappingProxyType

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict, snake_dict_to_camel_dict
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.cloudfront import (
    CloudFrontErrorHandler,
    items,
    quantified,
    retry_on_newer_version,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

FIELDS = ("comment", "security_headers", "cors", "custom_headers", "remove_headers", "server_timing")
SECURITY_HEADERS = {
    "strict_transport_security": "StrictTransportSecurity",
    "content_type_options": "ContentTypeOptions",
    "frame_options": "FrameOptions",
    "referrer_policy": "ReferrerPolicy",
    "xss_protection": "XSSProtection",
    "content_security_policy": "ContentSecurityPolicy",
}
# What a header has that was made without saying so.
UNSAID = {
    "strict_transport_security": {"include_subdomains": False, "preload": False},
    "xss_protection": {"mode_block": False},
}
CORS_LISTS = {
    "access_control_allow_origins": "AccessControlAllowOrigins",
    "access_control_allow_methods": "AccessControlAllowMethods",
    "access_control_allow_headers": "AccessControlAllowHeaders",
    "access_control_expose_headers": "AccessControlExposeHeaders",
}
CORS_NEEDED = ("access_control_allow_origins", "access_control_allow_methods", "access_control_allow_headers")
CORS_DEFAULTS = {
    "access_control_expose_headers": [],
    "access_control_allow_credentials": False,
    "origin_override": True,
}
NO_SERVER_TIMING = {"enabled": False, "sampling_rate": 0.0}


def same_cors(current, wanted):
    """Whether all that is wanted is so; AWS itself says how long browsers remember it, when it is not told."""
    return wanted.items() <= current.items() if current and wanted else current == wanted


def same_custom_headers(current, wanted):
    def by_name(headers):
        return [{**header, "header": header["header"].lower()} for header in headers]

    return by_name(current) == by_name(wanted)


def same_names(current, wanted):
    return [name.lower() for name in current] == [name.lower() for name in wanted]


class ResponseHeadersPolicy(Resource):
    same = MappingProxyType(
        {"cors": same_cors, "custom_headers": same_custom_headers, "remove_headers": same_names},
    )

    def __init__(self, params, cloudfront):
        super().__init__(given_fields(params))
        self.name = params["name"]
        self.cloudfront = cloudfront

    @CloudFrontErrorHandler.common_error_handler("find the response headers policy {self.name}")
    def find(self):
        listed = items(self.cloudfront.list_response_headers_policies, "ResponseHeadersPolicyList", Type="custom")
        policies = (item["ResponseHeadersPolicy"] for item in listed)
        return next((read(policy) for policy in policies if configuration(policy)["Name"] == self.name), None)

    def blank(self):
        return read({"Id": None, "ResponseHeadersPolicyConfig": {"Name": self.name}})

    def refusal(self, current, changes):
        cors = changes.get("cors")
        missing = [option for option in CORS_NEEDED if option not in cors] if cors else []
        if missing:
            return f"cors lacks {' and '.join(missing)}, without which pages of other origins cannot be let in."
        protection = changes.get("security_headers", {}).get("xss_protection", {})
        if protection.get("mode_block") and "report_uri" in protection:
            return "security_headers.xss_protection has both mode_block and report_uri, of which AWS takes only one."
        return None

    @CloudFrontErrorHandler.common_error_handler("create the response headers policy {self.name}")
    def create(self):
        config = write({"Name": self.name, "Comment": ""}, self.given)
        self.cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=config)

    @CloudFrontErrorHandler.common_error_handler("change the response headers policy {self.name}")
    @retry_on_newer_version
    def update(self, current, changes):
        found = self.cloudfront.get_response_headers_policy(Id=current["id"])
        config = write(configuration(found["ResponseHeadersPolicy"]), changes)
        self.cloudfront.update_response_headers_policy(
            Id=current["id"], IfMatch=found["ETag"], ResponseHeadersPolicyConfig=config
        )

    @CloudFrontErrorHandler.deletion_error_handler("delete the response headers policy {self.name}")
    @retry_on_newer_version
    def delete(self, current):
        version = self.cloudfront.get_response_headers_policy(Id=current["id"])["ETag"]
        self.cloudfront.delete_response_headers_policy(Id=current["id"], IfMatch=version)


def configuration(policy):
    return policy["ResponseHeadersPolicyConfig"]


def given_fields(params):
    """The options that the user gave, in the form in which ResponseHeadersPolicy.find answers them."""
    fields = given(params, FIELDS)
    if fields.get("cors"):
        fields["cors"] = {**CORS_DEFAULTS, **fields["cors"]}
        for option in CORS_LISTS.keys() & fields["cors"].keys():
            fields["cors"][option] = sorted(fields["cors"][option])
    if "custom_headers" in fields:
        fields["custom_headers"] = sorted(fields["custom_headers"], key=lambda header: header["header"].lower())
    if "remove_headers" in fields:
        fields["remove_headers"] = sorted(fields["remove_headers"], key=str.lower)
    return fields


def read(policy):
    """A response headers policy, as CloudFront has it, as a state."""
    config = configuration(policy)
    security = config.get("SecurityHeadersConfig", {})
    cors = config.get("CorsConfig")
    custom = config.get("CustomHeadersConfig", {}).get("Items", [])
    removed = config.get("RemoveHeadersConfig", {}).get("Items", [])
    return {
        "id": policy["Id"],
        "name": config["Name"],
        "comment": config.get("Comment", ""),
        "security_headers": {
            option: {**UNSAID.get(option, {}), **camel_dict_to_snake_dict(security[member])}
            for option, member in SECURITY_HEADERS.items()
            if member in security
        },
        "cors": read_cors(cors) if cors else {},
        "custom_headers": sorted(map(camel_dict_to_snake_dict, custom), key=lambda header: header["header"].lower()),
        "remove_headers": sorted((item["Header"] for item in removed), key=str.lower),
        "server_timing": {
            **NO_SERVER_TIMING,
            **camel_dict_to_snake_dict(config.get("ServerTimingHeadersConfig", {})),
        },
    }


def read_cors(config):
    lists = {option: sorted(config.get(member, {}).get("Items", [])) for option, member in CORS_LISTS.items()}
    others = {name: value for name, value in config.items() if name not in CORS_LISTS.values()}
    return {**lists, **camel_dict_to_snake_dict(others)}


def write(config, changes):
    """A configuration, as CloudFront has it, with these fields changed. What is empty is left out."""
    members = {
        "comment": ("Comment", lambda comment: comment),
        "security_headers": ("SecurityHeadersConfig", write_security_headers),
        "cors": ("CorsConfig", write_cors),
        "custom_headers": ("CustomHeadersConfig", lambda headers: quantified(map(camel, headers))),
        "remove_headers": ("RemoveHeadersConfig", lambda names: quantified({"Header": name} for name in names)),
        "server_timing": ("ServerTimingHeadersConfig", camel),
    }
    written = dict(config)
    for field, value in changes.items():
        member, write_field = members[field]
        if value or field == "comment":
            written[member] = write_field(value)
        else:
            written.pop(member, None)
    return written


def write_security_headers(headers):
    return {SECURITY_HEADERS[option]: camel(header) for option, header in headers.items()}


def write_cors(cors):
    # An empty list of exposed headers is left out.
    lists = {
        CORS_LISTS[option]: quantified(values) for option, values in cors.items() if option in CORS_LISTS and values
    }
    return {**lists, **camel({option: value for option, value in cors.items() if option not in CORS_LISTS})}


def camel(value):
    return snake_dict_to_camel_dict(value, capitalize_first=True)


def main():
    override = {"type": "bool", "default": True}
    flag = {"type": "bool", "default": False}
    strings = {"type": "list", "elements": "str"}
    security_headers = {
        "strict_transport_security": {
            "access_control_max_age_sec": {"type": "int", "required": True},
            "include_subdomains": flag,
            "preload": flag,
        },
        "content_type_options": {},
        "frame_options": {"frame_option": {"type": "str", "choices": ["DENY", "SAMEORIGIN"], "required": True}},
        "referrer_policy": {
            "referrer_policy": {
                "type": "str",
                "choices": [
                    "no-referrer",
                    "no-referrer-when-downgrade",
                    "origin",
                    "origin-when-cross-origin",
                    "same-origin",
                    "strict-origin",
                    "strict-origin-when-cross-origin",
                    "unsafe-url",
                ],
                "required": True,
            }
        },
        "xss_protection": {
            "protection": {"type": "bool", "required": True},
            "mode_block": flag,
            "report_uri": {"type": "str"},
        },
        "content_security_policy": {"content_security_policy": {"type": "str", "required": True}},
    }
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "comment": {"type": "str"},
            "security_headers": {
                "type": "dict",
                "options": {
                    option: {"type": "dict", "options": {**options, "override": override}}
                    for option, options in security_headers.items()
                },
            },
            "cors": {
                "type": "dict",
                "options": {
                    **dict.fromkeys(CORS_LISTS, strings),
                    "access_control_allow_methods": {
                        **strings,
                        "choices": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ALL"],
                    },
                    "access_control_allow_credentials": {"type": "bool"},
                    "access_control_max_age_sec": {"type": "int"},
                    "origin_override": {"type": "bool"},
                },
            },
            "custom_headers": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "header": {"type": "str", "required": True},
                    "value": {"type": "str", "required": True},
                    "override": override,
                },
            },
            "remove_headers": strings,
            "server_timing": {
                "type": "dict",
                "options": {
                    "enabled": {"type": "bool", "required": True},
                    "sampling_rate": {"type": "float", "default": 0},
                },
            },
        },
        supports_check_mode=True,
    )
    run(module, "response_headers_policy", lambda: ResponseHeadersPolicy(module.params, client(module, "cloudfront")))


if __name__ == "__main__":
    main()
