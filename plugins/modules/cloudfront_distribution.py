#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cloudfront_distribution
version_added: "0.1.0"
short_description: Manage a distribution of CloudFront
description:
  - Creates, changes and deletes a distribution, by which CloudFront delivers what origins have.
  - M(community.aws.cloudfront_distribution) (11.2) knows no origin access control, has no check mode, and changes a
    distribution on every run.
  - A distribution is identified by O(name), which is its tag C(Name), as in the CloudFront console; or by
    O(distribution_id). Staging distributions do not count.
  - What is not given stays as it is, and so does what this module has no option for, such as Lambda functions. That
    holds within an origin, which is known by its O(origins[].id), and within a cache behavior, known by its
    O(cache_behaviors[].path_pattern), too. The lists themselves are whole, so what they leave out is removed.
  - CloudFront takes some minutes to bring a change to all its locations. Other changes can be made meanwhile.
  - Follows U(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-working-with.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the distribution exist as described.
      - V(absent) disables it, waits until that has reached all locations, and deletes it, which takes some minutes.
    type: str
    choices: [present, absent]
    default: present
  distribution_id:
    description:
      - The id of a distribution that exists.
    type: str
  name:
    description:
      - The name of the distribution, which is the value of its tag C(Name), whatever O(tags) say. Required, except with
        O(distribution_id).
    type: str
  enabled:
    description:
      - Whether it answers viewers. A new one does when not given.
    type: bool
  comment:
    description:
      - What it is for, in 128 characters at most.
    type: str
  aliases:
    description:
      - The other domain names that it answers to. The certificate of O(viewer_certificate) has to cover them, and their
        DNS records to lead to the distribution. A name can belong to one distribution only.
    type: list
    elements: str
  default_root_object:
    description:
      - The object that answers a request for C(/), such as V(index.html); an empty string for none.
    type: str
  price_class:
    description:
      - Whose locations are used, which decides the price. A new one has V(PriceClass_All) when not given.
    type: str
    choices: [PriceClass_100, PriceClass_200, PriceClass_All]
  http_version:
    description:
      - The newest versions of HTTP that viewers may use. A new one has V(http2) when not given.
    type: str
    choices: [http1.1, http2, http3, http2and3]
  ipv6_enabled:
    description:
      - Whether viewers reach it over IPv6, too. A new one is when not given.
    type: bool
  web_acl_id:
    description:
      - ARN of the web ACL of WAF that guards it, which is of scope C(CLOUDFRONT); an empty string for none.
    type: str
  origins:
    description:
      - Where it gets from what it delivers. A new distribution needs at least one.
    type: list
    elements: dict
    suboptions:
      id:
        description: What behaviors and groups call the origin.
        type: str
        required: true
      domain_name:
        description:
          - The origin's domain name; of a bucket such as V(example-assets.s3.ap-northeast-1.amazonaws.com). A new
            origin needs it.
        type: str
      origin_path:
        description: What comes before the path of each request to the origin, such as V(/production).
        type: str
      custom_origin:
        description:
          - How to talk to an origin that is not a bucket; V({}) with the values below. A new origin without it is a
            bucket, which needs an origin access control to be private.
        type: dict
        suboptions:
          protocol_policy:
            description: Whether CloudFront uses HTTP or HTTPS. V(https-only) for a new origin when not given.
            type: str
            choices: [http-only, https-only, match-viewer]
          http_port:
            description: The port for HTTP. V(80) for a new origin when not given.
            type: int
          https_port:
            description: The port for HTTPS. V(443) for a new origin when not given.
            type: int
          ssl_protocols:
            description: The versions of TLS that may be used. V([TLSv1.2]) for a new origin when not given.
            type: list
            elements: str
            choices: [SSLv3, TLSv1, TLSv1.1, TLSv1.2]
          read_timeout:
            description: The seconds to wait for an answer, and between its packets; V(30) when not given.
            type: int
          keepalive_timeout:
            description: The seconds that an idle connection is kept; V(5) when not given.
            type: int
      origin_access_control_id:
        description:
          - Id of the origin access control that signs the requests, an empty string for none. See
            M(wellarchitected.aws.cloudfront_origin_access_control).
        type: str
      custom_headers:
        description:
          - The headers that CloudFront adds to each request to the origin, none but these. A secret among them shows
            the origin that a request has come through the distribution.
        type: list
        elements: dict
        suboptions:
          name:
            description: The header's name, whose letter case does not matter.
            type: str
            required: true
          value:
            description: Its value, which is never shown.
            type: str
            required: true
      origin_shield_region:
        description: The region of the additional cache before the origin (Origin Shield); an empty string for none.
        type: str
      connection_attempts:
        description: How often CloudFront tries to connect, 1 to 3 times; V(3) when not given.
        type: int
      connection_timeout:
        description: The seconds that it tries each time, 1 to 10; V(10) when not given.
        type: int
  origin_groups:
    description:
      - Pairs of origins, of which the second one steps in for the first one. Each is given as a whole.
    type: list
    elements: dict
    suboptions:
      id:
        description: What behaviors call the group.
        type: str
        required: true
      origin_ids:
        description: The ids of two origins, the one to ask first before the other.
        type: list
        elements: str
        required: true
      status_codes:
        description: The status codes of the first one that make CloudFront ask the other, such as 502, 503 and 504.
        type: list
        elements: int
        required: true
  default_cache_behavior:
    description:
      - How requests are answered that none of O(cache_behaviors) is for. A new distribution needs it.
    type: dict
    suboptions: &behavior
      target_origin_id:
        description: Id of the origin, or of the group, that is asked. A new behavior needs it.
        type: str
      viewer_protocol_policy:
        description: Whether viewers may use HTTP. V(redirect-to-https) for a new behavior when not given.
        type: str
        choices: [allow-all, https-only, redirect-to-https]
      allowed_methods:
        description:
          - The methods that CloudFront passes on, either GET and HEAD, as in a new behavior when not given; or these
            and OPTIONS; or all.
        type: list
        elements: str
        choices: [GET, HEAD, OPTIONS, PUT, PATCH, POST, DELETE]
      cached_methods:
        description:
          - The methods whose answers it keeps, either GET and HEAD, as in a new behavior when not given; or these and
            OPTIONS.
        type: list
        elements: str
        choices: [GET, HEAD, OPTIONS]
      cache_policy:
        description:
          - Id of the cache policy, or the name of one of AWS's own, such as V(CachingOptimized) or V(CachingDisabled).
            A new behavior needs one. See
            U(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html).
        type: str
      origin_request_policy:
        description:
          - Id of the origin request policy, or the name of one of AWS's own, such as V(AllViewer); an empty string for
            none. See
            U(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html).
        type: str
      response_headers_policy:
        description:
          - Id of the response headers policy, or the name of one of AWS's own, such as V(SecurityHeadersPolicy); an
            empty string for none. See M(wellarchitected.aws.cloudfront_response_headers_policy).
        type: str
      compress:
        description: Whether CloudFront compresses answers, as far as the cache policy lets it; V(true) when not given.
        type: bool
      function_associations:
        description: The CloudFront Functions that are run, one at most for each event.
        type: list
        elements: dict
        suboptions:
          event_type:
            description: When it is run.
            type: str
            choices: [viewer-request, viewer-response]
            required: true
          function_arn:
            description: ARN of the function, of its published stage.
            type: str
            required: true
  cache_behaviors:
    description:
      - How requests for certain paths are answered. The first one whose pattern fits is taken, so their order matters.
    type: list
    elements: dict
    suboptions:
      path_pattern:
        description: The paths that it is for, such as V(/api/*).
        type: str
        required: true
      <<: *behavior
  custom_error_responses:
    description:
      - What viewers get for errors of the origin. Each is given as a whole.
    type: list
    elements: dict
    suboptions:
      error_code:
        description: The origin's status code.
        type: int
        required: true
      response_page_path:
        description: The path of the page that viewers get in its place. Needs a C(response_code).
        type: str
      response_code:
        description: The status code that viewers get with that page. Needs a C(response_page_path).
        type: int
      error_caching_min_ttl:
        description: The seconds after which the origin is asked again.
        type: int
        default: 10
  geo_restriction:
    description:
      - The countries whose viewers are let in or kept out.
    type: dict
    suboptions:
      restriction_type:
        description: V(whitelist) lets in only O(geo_restriction.locations), V(blacklist) all others.
        type: str
        choices: [none, whitelist, blacklist]
        required: true
      locations:
        description: The countries, by their codes of two letters (ISO 3166-1).
        type: list
        elements: str
        default: []
  viewer_certificate:
    description:
      - The certificate that viewers are shown.
    type: dict
    suboptions:
      acm_certificate_arn:
        description: ARN of an issued certificate of Certificate Manager in C(us-east-1).
        type: str
      cloudfront_default_certificate:
        description: V(true) for CloudFront's own certificate, which covers no O(aliases).
        type: bool
      minimum_protocol_version:
        description:
          - The oldest version of TLS, and the ciphers, that viewers may use; V(TLSv1.2_2021) for the first certificate
            of a distribution when not given. CloudFront's own certificate allows V(TLSv1).
        type: str
        choices:
          - TLSv1
          - TLSv1_2016
          - TLSv1.1_2016
          - TLSv1.2_2018
          - TLSv1.2_2019
          - TLSv1.2_2021
          - TLSv1.2_2025
          - TLSv1.3_2025
      ssl_support_method:
        description:
          - V(sni-only) is for all viewers of today, and what the first certificate of a distribution has when not
            given. V(vip) is for viewers without server name indication as well, and costs extra each month.
        type: str
        choices: [sni-only, vip]
  logging:
    description:
      - Whether requests are logged in a bucket of S3 (standard logging, legacy). The bucket's object ownership has to
        allow access control lists.
    type: dict
    suboptions:
      enabled:
        description: Whether requests are logged.
        type: bool
        default: true
      bucket:
        description: The bucket, by its name or its domain name.
        type: str
      prefix:
        description: What the names of the log files begin with.
        type: str
      include_cookies:
        description: Whether cookies are logged, too.
        type: bool
  wait:
    description:
      - Whether to wait until the distribution, changed or not, is the same in all locations. It is not by default, so
        that other things can be done meanwhile.
      - With O(state=absent) it is always waited for, because AWS deletes nothing before.
    type: bool
    default: false
  wait_timeout:
    description:
      - The seconds to wait at most.
    type: int
    default: 1800
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Deliver a web application and its static assets
  wellarchitected.aws.cloudfront_distribution:
    name: example-production
    aliases:
      - www.example.com
    http_version: http2and3
    web_acl_id: arn:aws:wafv2:us-east-1:123456789012:global/webacl/example/12345678-1234-1234-1234-123456789012
    origins:
      - id: application
        domain_name: origin.example.com
        custom_origin:
          protocol_policy: https-only
        custom_headers:
          - name: X-Origin-Verify
            value: "{{ origin_secret }}"
      - id: assets
        domain_name: example-assets.s3.ap-northeast-1.amazonaws.com
        origin_access_control_id: E1EXAMPLE12345
      - id: assets-copy
        domain_name: example-assets-copy.s3.us-west-2.amazonaws.com
        origin_access_control_id: E1EXAMPLE12345
    origin_groups:
      - id: assets-with-failover
        origin_ids: [assets, assets-copy]
        status_codes: [500, 502, 503, 504]
    default_cache_behavior:
      target_origin_id: application
      allowed_methods: [GET, HEAD, OPTIONS, PUT, PATCH, POST, DELETE]
      cache_policy: CachingDisabled
      origin_request_policy: AllViewer
      response_headers_policy: SecurityHeadersPolicy
    cache_behaviors:
      - path_pattern: /assets/*
        target_origin_id: assets-with-failover
        cache_policy: CachingOptimized
    custom_error_responses:
      - error_code: 503
        response_code: 503
        response_page_path: /assets/sorry.html
    geo_restriction:
      restriction_type: whitelist
      locations: [JP, US]
    viewer_certificate:
      acm_certificate_arn: arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012
    logging:
      bucket: example-logs
      prefix: cloudfront/
    tags:
      Environment: production

- name: Wait until it is the same everywhere
  wellarchitected.aws.cloudfront_distribution:
    name: example-production
    wait: true

- name: Delete it
  wellarchitected.aws.cloudfront_distribution:
    name: example-production
    state: absent
"""

RETURN = r"""
distribution:
  description:
    - The distribution as it is, or in check mode as it would be; empty when it is absent.
    - Values that AWS chooses have none in check mode for a distribution that would be created.
  returned: success
  type: dict
  contains:
    id:
      description: Its id.
      type: str
      sample: E1EXAMPLE12345
    arn:
      description: Its ARN.
      type: str
      sample: arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE12345
    domain_name:
      description: Its own domain name.
      type: str
      sample: d111111abcdef8.cloudfront.net
    hosted_zone_id:
      description: The hosted zone that an alias record of Route 53 names together with RV(distribution.domain_name).
      type: str
      sample: Z2FDTNDATAQYW2
    status:
      description: V(Deployed) when it is the same in all locations, V(InProgress) before.
      type: str
      sample: Deployed
    enabled:
      description: Whether it answers viewers.
      type: bool
      sample: true
    comment:
      description: What it is for.
      type: str
      sample: The example site
    aliases:
      description: The other domain names that it answers to, sorted.
      type: list
      elements: str
      sample: [www.example.com]
    default_root_object:
      description: The object that answers a request for C(/).
      type: str
      sample: index.html
    price_class:
      description: Whose locations are used.
      type: str
      sample: PriceClass_All
    http_version:
      description: The newest versions of HTTP that viewers may use.
      type: str
      sample: http2and3
    ipv6_enabled:
      description: Whether viewers reach it over IPv6, too.
      type: bool
      sample: true
    web_acl_id:
      description: ARN of the web ACL that guards it; empty when there is none.
      type: str
      sample: ""
    origins:
      description:
        - Where it gets from what it delivers, with the options of O(origins), sorted by id. C(custom_origin) is empty
          for a bucket.
        - Custom headers have their names in lower case, and in place of a value a fingerprint that changes with it.
      type: list
      elements: dict
      sample:
        - id: assets
          domain_name: example-assets.s3.ap-northeast-1.amazonaws.com
          origin_path: ""
          custom_origin: {}
          custom_headers: []
          origin_access_control_id: E1EXAMPLE12345
          origin_shield_region: ""
          connection_attempts: 3
          connection_timeout: 10
    origin_groups:
      description: The pairs of origins, with the options of O(origin_groups), sorted by id.
      type: list
      elements: dict
      sample: []
    default_cache_behavior:
      description: How all other requests are answered, with the options of O(default_cache_behavior); policies by id.
      type: dict
      sample:
        target_origin_id: assets
        viewer_protocol_policy: redirect-to-https
        allowed_methods: [GET, HEAD]
        cached_methods: [GET, HEAD]
        cache_policy: 658327ea-f89d-4fab-a63d-7e88639e58f6
        origin_request_policy: ""
        response_headers_policy: ""
        compress: true
        function_associations: []
    cache_behaviors:
      description: How requests for certain paths are answered, in their order, with the options of O(cache_behaviors).
      type: list
      elements: dict
      sample: []
    custom_error_responses:
      description: What viewers get for errors, with the options of O(custom_error_responses), sorted by code.
      type: list
      elements: dict
      sample: []
    geo_restriction:
      description: The countries whose viewers are let in or kept out.
      type: dict
      sample:
        restriction_type: whitelist
        locations: [JP, US]
    viewer_certificate:
      description: The certificate that viewers are shown, with the options of O(viewer_certificate).
      type: dict
      sample:
        cloudfront_default_certificate: false
        acm_certificate_arn: arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012
        minimum_protocol_version: TLSv1.2_2021
        ssl_support_method: sni-only
    logging:
      description: Where requests are logged, with the options of O(logging) and the bucket's domain name.
      type: dict
      sample:
        enabled: true
        bucket: example-logs.s3.amazonaws.com
        prefix: cloudfront/
        include_cookies: false
    tags:
      description: Its tags.
      type: dict
      sample:
        Name: example-production
        Environment: production
"""

import re
import uuid

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)
from ansible_collections.amazon.aws.plugins.module_utils.waiter import custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils.cloudfront import (
    CloudFrontErrorHandler,
    items,
    retry_on_newer_version,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.cloudfront_distribution import (
    DEFAULT_CERTIFICATE,
    FIELDS,
    HOSTED_ZONE_ID,
    MERGES,
    NO_LOGGING,
    POLICIES,
    normalise,
    read,
    write,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_CERTIFICATE, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# The operations that list policies.
LISTS = {
    "cache_policy": "list_cache_policies",
    "origin_request_policy": "list_origin_request_policies",
    "response_headers_policy": "list_response_headers_policies",
}
POLICY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Distribution(Resource):
    def __init__(self, params, cloudfront, wait=False):
        """wait says whether find() waits until the distribution is the same in all locations."""
        self.id = params["distribution_id"]
        self.name = params["name"]
        self.wait = wait
        self.wait_timeout = params["wait_timeout"]
        self.cloudfront = cloudfront
        # The values of the given custom headers, by their fingerprints.
        self.secrets = {}
        fields = given(params, FIELDS) if params["state"] == "present" else {}
        super().__init__(normalise(fields, self.secrets, self._policy_id), params["purge_tags"])

    def find(self):
        if not self.id:
            self.id = self._search()
        state = self._get() if self.id else None
        if state and self.wait and state["status"] != "Deployed":
            self._wait()
            state = self._get()
        return state

    def blank(self):
        if self.id:
            raise AnsibleAWSError(
                message=f"There is no distribution {self.id} (distribution_id). To create one, give name instead."
            )
        return {
            "id": None,
            "arn": None,
            "domain_name": None,
            "hosted_zone_id": HOSTED_ZONE_ID,
            "status": "Deployed" if self.wait else "InProgress",
            "enabled": True,
            "comment": "",
            "aliases": [],
            "default_root_object": "",
            "price_class": "PriceClass_All",
            "http_version": "http2",
            "ipv6_enabled": True,
            "web_acl_id": "",
            "origins": [],
            "origin_groups": [],
            "default_cache_behavior": {},
            "cache_behaviors": [],
            "custom_error_responses": [],
            "geo_restriction": {"restriction_type": "none", "locations": []},
            "viewer_certificate": DEFAULT_CERTIFICATE,
            "logging": NO_LOGGING,
            "tags": {},
        }

    def wanted(self, current):
        fields = super().wanted(current)
        fields |= {field: MERGES[field](current[field], fields[field]) for field in MERGES.keys() & fields.keys()}
        if self.name:
            fields["tags"] = {**fields.get("tags", current["tags"]), "Name": self.name}
        return fields

    def refusal(self, current, changes):
        after = {**current, **changes}
        for field in ("origins", "default_cache_behavior"):
            if not after[field]:
                return f"{field} is missing, without which the distribution {self.name} cannot be created."
        for origin in after["origins"]:
            if not origin["domain_name"]:
                return f"origins has the new origin {origin['id']} without its domain_name."
        origins = {origin["id"] for origin in after["origins"]}
        for group in after["origin_groups"]:
            if len(group["origin_ids"]) != 2 or not origins.issuperset(group["origin_ids"]):
                return f"origin_groups.{group['id']}.origin_ids has to name two of the origins {listed(origins)}."
        targets = origins | {group["id"] for group in after["origin_groups"]}
        known = behaviors(current)
        for place, behavior in behaviors(after).items():
            if behavior["target_origin_id"] not in targets:
                return (
                    f"{place}.target_origin_id is {behavior['target_origin_id'] or 'missing'}; give one of the origins "
                    f"and groups {listed(targets)}."
                )
            # One that is older than cache policies goes on without.
            if not behavior["cache_policy"] and (place not in known or known[place]["cache_policy"]):
                return f"{place}.cache_policy is missing; give one, such as CachingOptimized or CachingDisabled."
        if "logging" in changes and after["logging"]["enabled"] and not after["logging"]["bucket"]:
            return "logging.bucket is missing, in which the log is to be stored."
        return None

    @CloudFrontErrorHandler.common_error_handler("create the distribution {self.name}")
    @retry_on(UNKNOWN_CERTIFICATE)
    def create(self):
        blank = self.blank()
        state = {**blank, **self.wanted(blank)}
        tags = ansible_dict_to_boto3_tag_list(state["tags"])
        config = write({"CallerReference": uuid.uuid4().hex}, {field: state[field] for field in FIELDS}, self.secrets)
        try:
            answer = self.cloudfront.create_distribution_with_tags(
                DistributionConfigWithTags={"DistributionConfig": config, "Tags": {"Items": tags}}
            )
        except is_boto3_error_code("DistributionAlreadyExists"):
            # The answer to the first request was lost, and botocore made another one. It is found by its name.
            return
        self.id = answer["Distribution"]["Id"]

    def update(self, current, changes):
        if changes.keys() - {"tags"}:
            self._update(changes)
        if "tags" in changes:
            self._set_tags(current["arn"], current["tags"], changes["tags"])

    def delete(self, current):
        if current["enabled"]:
            self._update({"enabled": False})
        self._wait()
        self._delete()

    def _search(self):
        """The id of the distribution of this name, None where there is none."""
        found = [item["Id"] for item in self._list() if self._list_tags(item["ARN"]).get("Name") == self.name]
        if len(found) > 1:
            raise AnsibleAWSError(
                message=f"There are several distributions with the name {self.name}: {listed(found)}. Give the "
                "distribution_id of one, or another name."
            )
        return found[0] if found else None

    @CloudFrontErrorHandler.common_error_handler("list the distributions")
    def _list(self):
        distributions = items(self.cloudfront.list_distributions, "DistributionList")
        return [item for item in distributions if not item["Staging"]]

    @CloudFrontErrorHandler.list_error_handler("find the distribution {self.id}")
    def _get(self):
        distribution = self.cloudfront.get_distribution(Id=self.id)["Distribution"]
        return read(distribution, self._list_tags(distribution["ARN"]))

    @CloudFrontErrorHandler.list_error_handler("list the tags of {arn}", {})
    def _list_tags(self, arn):
        return boto3_tag_list_to_ansible_dict(
            self.cloudfront.list_tags_for_resource(Resource=arn)["Tags"].get("Items", [])
        )

    @CloudFrontErrorHandler.common_error_handler("find the managed policies of CloudFront")
    def _policy_id(self, option, value, place):
        """The id of a policy, which may be given by the name that it has among AWS's own."""
        if not value or POLICY_ID.fullmatch(value):
            return value
        kind = POLICIES[option]
        policies = items(getattr(self.cloudfront, LISTS[option]), f"{kind}List", Type="managed")
        # The API begins their names with Managed-, the documentation and the console do not.
        ids = {
            policy[kind][f"{kind}Config"]["Name"].removeprefix("Managed-"): policy[kind]["Id"] for policy in policies
        }
        name = value.removeprefix("Managed-")
        if name not in ids:
            raise AnsibleAWSError(
                message=f"{place}.{option} is {value}, which is neither the id of a policy nor the name of one of "
                f"AWS's own: {listed(ids)}."
            )
        return ids[name]

    @CloudFrontErrorHandler.common_error_handler("change the distribution {self.id}")
    @retry_on(UNKNOWN_CERTIFICATE)
    @retry_on_newer_version
    def _update(self, changes):
        found = self.cloudfront.get_distribution_config(Id=self.id)
        config = write(found["DistributionConfig"], changes, self.secrets)
        self.cloudfront.update_distribution(Id=self.id, IfMatch=found["ETag"], DistributionConfig=config)

    @CloudFrontErrorHandler.common_error_handler("tag the distribution {self.id}")
    def _set_tags(self, arn, current, wanted):
        to_set, to_remove = compare_aws_tags(current, wanted)
        if to_remove:
            self.cloudfront.untag_resource(Resource=arn, TagKeys={"Items": to_remove})
        if to_set:
            self.cloudfront.tag_resource(Resource=arn, Tags={"Items": ansible_dict_to_boto3_tag_list(to_set)})

    @CloudFrontErrorHandler.common_error_handler("see the distribution {self.id} deployed")
    def _wait(self):
        waiter = self.cloudfront.get_waiter("distribution_deployed")
        waiter.wait(Id=self.id, WaiterConfig=custom_waiter_config(self.wait_timeout, default_pause=15))

    @CloudFrontErrorHandler.deletion_error_handler("delete the distribution {self.id}")
    @retry_on_newer_version
    def _delete(self):
        version = self.cloudfront.get_distribution_config(Id=self.id)["ETag"]
        self.cloudfront.delete_distribution(Id=self.id, IfMatch=version)


def listed(names):
    return ", ".join(sorted(names))


def behaviors(state):
    """The behaviors of a state, by where their options stand."""
    ordered = {f"cache_behaviors.{behavior['path_pattern']}": behavior for behavior in state["cache_behaviors"]}
    default = state["default_cache_behavior"]
    return {**({"default_cache_behavior": default} if default else {}), **ordered}


def main():
    text, number, flag = {"type": "str"}, {"type": "int"}, {"type": "bool"}
    strings = {"type": "list", "elements": "str"}
    identifier = {"type": "str", "required": True}
    behavior = {
        "target_origin_id": text,
        "viewer_protocol_policy": {**text, "choices": ["allow-all", "https-only", "redirect-to-https"]},
        "allowed_methods": {**strings, "choices": ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]},
        "cached_methods": {**strings, "choices": ["GET", "HEAD", "OPTIONS"]},
        **dict.fromkeys(POLICIES, text),
        "compress": flag,
        "function_associations": {
            "type": "list",
            "elements": "dict",
            "options": {
                "event_type": {**identifier, "choices": ["viewer-request", "viewer-response"]},
                "function_arn": identifier,
            },
        },
    }
    origin = {
        "id": identifier,
        "domain_name": text,
        "origin_path": text,
        "custom_origin": {
            "type": "dict",
            "options": {
                "protocol_policy": {**text, "choices": ["http-only", "https-only", "match-viewer"]},
                "http_port": number,
                "https_port": number,
                "ssl_protocols": {**strings, "choices": ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"]},
                "read_timeout": number,
                "keepalive_timeout": number,
            },
        },
        "origin_access_control_id": text,
        "custom_headers": {
            "type": "list",
            "elements": "dict",
            "options": {"name": identifier, "value": {**identifier, "no_log": True}},
        },
        "origin_shield_region": text,
        "connection_attempts": number,
        "connection_timeout": number,
    }
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "distribution_id": text,
            "name": text,
            "enabled": flag,
            "comment": text,
            "aliases": strings,
            "default_root_object": text,
            "price_class": {**text, "choices": ["PriceClass_100", "PriceClass_200", "PriceClass_All"]},
            "http_version": {**text, "choices": ["http1.1", "http2", "http3", "http2and3"]},
            "ipv6_enabled": flag,
            "web_acl_id": text,
            "origins": {"type": "list", "elements": "dict", "options": origin},
            "origin_groups": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "id": identifier,
                    "origin_ids": {**strings, "required": True},
                    "status_codes": {"type": "list", "elements": "int", "required": True},
                },
            },
            "default_cache_behavior": {"type": "dict", "options": behavior},
            "cache_behaviors": {
                "type": "list",
                "elements": "dict",
                "options": {"path_pattern": identifier, **behavior},
            },
            "custom_error_responses": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "error_code": {"type": "int", "required": True},
                    "response_page_path": text,
                    "response_code": number,
                    "error_caching_min_ttl": {"type": "int", "default": 10},
                },
                "required_together": [("response_page_path", "response_code")],
            },
            "geo_restriction": {
                "type": "dict",
                "options": {
                    "restriction_type": {**identifier, "choices": ["none", "whitelist", "blacklist"]},
                    "locations": {**strings, "default": []},
                },
            },
            "viewer_certificate": {
                "type": "dict",
                "options": {
                    "acm_certificate_arn": text,
                    "cloudfront_default_certificate": flag,
                    "minimum_protocol_version": {
                        **text,
                        "choices": [
                            "TLSv1",
                            "TLSv1_2016",
                            "TLSv1.1_2016",
                            "TLSv1.2_2018",
                            "TLSv1.2_2019",
                            "TLSv1.2_2021",
                            "TLSv1.2_2025",
                            "TLSv1.3_2025",
                        ],
                    },
                    "ssl_support_method": {**text, "choices": ["sni-only", "vip"]},
                },
            },
            "logging": {
                "type": "dict",
                "options": {
                    "enabled": {"type": "bool", "default": True},
                    "bucket": text,
                    "prefix": text,
                    "include_cookies": flag,
                },
            },
            "wait": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 1800},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        required_one_of=[("distribution_id", "name")],
        supports_check_mode=True,
    )
    wait = module.params["wait"] and module.params["state"] == "present" and not module.check_mode
    run(module, "distribution", lambda: Distribution(module.params, client(module, "cloudfront"), wait))


if __name__ == "__main__":
    main()
