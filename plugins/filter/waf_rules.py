# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: waf_rules
short_description: The rules of a web ACL of the estate
version_added: 0.1.0
description:
  - Answers the rules of a web ACL as M(wellarchitected.aws.wafv2_web_acl) takes them, from what the description of the
    estate says of each.
  - Each keeps its priority when another one is turned off.
options:
  _input:
    description:
      - The input C(waf_rules) of the role C(waf), with all its options. Each rule has a C(mode), of which C(none)
        leaves it out.
    type: dict
    required: true
  ip_sets:
    description: The ARNs of the IP sets, by name, V(allowed-ipv4), V(allowed-ipv6), V(blocked-ipv4), V(blocked-ipv6).
    type: dict
    required: true
  behind_cloudfront:
    description:
      - Whether requests come through CloudFront. Then the client's address is read from the header C(X-Forwarded-For),
        and the managed rule groups that look at the address of the connection are left out.
    type: bool
    default: false
seealso:
  - name: Using forwarded IP addresses in AWS WAF
    description: Where the client's address is behind a proxy.
    link: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-forwarded-ip-address.html
"""

EXAMPLES = r"""
- name: Keep the web ACL of the load balancers
  wellarchitected.aws.wafv2_web_acl:
    name: shop-production-regional
    default_action: allow
    rules: "{{ waf_rules | wellarchitected.aws.waf_rules(ip_sets=ip_set_arns, behind_cloudfront=true) }}"
"""

RETURN = r"""
_value:
  description: The rules, with their priorities.
  type: list
  elements: dict
"""

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.waf import web_acl_rules


def waf_rules(rules, ip_sets, behind_cloudfront=False):
    """Answers the rules of a web ACL."""
    return web_acl_rules(rules, ip_sets, behind_cloudfront)


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"waf_rules": waf_rules}
