# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: cdn_plan
short_description: The origins and behaviors of the distribution of the estate
version_added: 0.1.0
description:
  - Answers the options of M(wellarchitected.aws.cloudfront_distribution) that depend on which sites there are.
  - The application is the origin C(site), and the recovery site C(recovery-site). Behaviors that only read ask the
    group of the two, others only C(site), since CloudFront lets no behavior write to a group.
  - Static files are in the origins C(static-primary) and C(static-recovery).
options:
  _input:
    description:
      - C(site_domain), the domain name of the application; C(recovery_domain), that of the recovery site, empty without
        one; C(headers), what is shown to the load balancers, each with C(cell), C(name) and C(value);
        C(recovery_cells), the names of the cells that the recovery site is shown the headers of; C(static_domains),
        the domain names of one or two buckets; C(static_paths), the paths of what is in them;
        C(origin_access_control_id) and C(response_headers_policy), by their ids; and of the role C(cdn) the inputs
        C(methods), C(cache_policy), C(origin_request_policy), C(behaviors), C(sorry_seconds), C(error_pages) and
        C(countries), and as C(read_timeout) and C(keepalive_timeout) those for the seconds.
    type: dict
    required: true
seealso:
  - name: Optimizing high availability with CloudFront origin failover
    description: What origin groups can do.
    link: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
"""

EXAMPLES = r"""
- name: Plan a distribution without a recovery site
  ansible.builtin.debug:
    msg: "{{ inputs | wellarchitected.aws.cdn_plan }}"
  vars:
    inputs:
      site_domain: origin.example.com
      recovery_domain: ""
      headers: []
      recovery_cells: []
      static_domains: [example-static.s3.ap-northeast-1.amazonaws.com]
      static_paths: [/static/*]
      origin_access_control_id: E1EXAMPLE12345
      response_headers_policy: 12345678-1234-1234-1234-123456789012
      methods: all
      cache_policy: CachingDisabled
      origin_request_policy: AllViewer
      read_timeout: 30
      keepalive_timeout: 5
      behaviors: []
      sorry_seconds: 10
      error_pages: []
      countries: {}
"""

RETURN = r"""
_value:
  description:
    - The options C(origins), C(origin_groups), C(default_cache_behavior), C(cache_behaviors), C(custom_error_responses)
      and C(geo_restriction).
  type: dict
"""

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.cdn import cdn_plan


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"cdn_plan": cdn_plan}
