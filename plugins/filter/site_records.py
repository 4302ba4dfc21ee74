# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: site_records
short_description: The records that lead to the sites of the estate, and visitors to its distribution
version_added: 0.1.0
description:
  - Answers records as M(wellarchitected.aws.route53_records) takes them.
  - With two sites, the name of the origin leads to the load balancer of the primary one while its health check says
    that it is well, and else to that of the recovery one.
options:
  _input:
    description:
      - The load balancers, by site (C(primary), C(recovery)), each with C(dns_name) and C(zone_id).
    type: dict
    required: true
  origin:
    description: The name of the origin, that is of the site that is well.
    type: str
    required: true
  sites:
    description: The names of the sites, by site.
    type: dict
    required: true
  health_checks:
    description: The ids of the health checks, by site; without a value where one is only planned.
    type: dict
    required: true
  distribution:
    description: The distribution, with C(domain_name) and C(aliases).
    type: dict
    required: true
seealso:
  - name: Active-active and active-passive failover
    description: How Route 53 decides which record to answer.
    link: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html
"""

EXAMPLES = r"""
- name: Lead the names to the sites
  wellarchitected.aws.route53_records:
    hosted_zone_id: Z0123456789ABCDEFGHIJ
    records: >-
      {{ load_balancers | wellarchitected.aws.site_records(origin='origin.example.com', sites=site_names,
                                                           health_checks=health_check_ids, distribution=distribution) }}
"""

RETURN = r"""
_value:
  description: The records.
  type: list
  elements: dict
"""

# The hosted zone of all distributions:
# https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"


def site_records(balancers, origin, sites, health_checks, distribution):
    """Answers the records."""
    has_failover = len(balancers) > 1
    records = [
        {"name": sites[site], "type": "A", "alias": _to_balancer(balancer, False)}
        for site, balancer in balancers.items()
    ]
    for site, balancer in balancers.items():
        failover = {
            "set_identifier": site,
            "failover": "PRIMARY" if site == "primary" else "SECONDARY",
            "health_check_id": health_checks[site],
        }
        alias = _to_balancer(balancer, has_failover)
        records.append({"name": origin, "type": "A", "alias": alias, **(failover if has_failover else {})})
    to_distribution = {
        "dns_name": distribution["domain_name"],
        "hosted_zone_id": CLOUDFRONT_ZONE,
        "evaluate_target_health": False,
    }
    return records + [
        {"name": alias, "type": kind, "alias": to_distribution}
        for alias in distribution["aliases"]
        for kind in ("A", "AAAA")
    ]


def _to_balancer(balancer, evaluate_target_health):
    return {
        "dns_name": balancer["dns_name"],
        "hosted_zone_id": balancer["zone_id"],
        "evaluate_target_health": evaluate_target_health,
    }


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"site_records": site_records}
