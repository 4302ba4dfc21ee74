# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: route_table_plan
short_description: The route tables of a VPC and where they lead
version_added: 0.1.0
description:
  - The public and the data tier have one table each. Every private subnet has its own, so that it can use the NAT
    gateway of its zone, or the only one there is.
options:
  _input:
    description: The subnets of the VPC, as P(wellarchitected.aws.subnet_plan#filter) answers them.
    type: list
    elements: dict
    required: true
  internet_gateway:
    description: The id of the internet gateway, where the public tier leads.
    type: str
    required: true
  nat_gateways:
    description: The ids of the NAT gateways by the letter of their zone; private subnets lead nowhere when there are
      none.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: The route tables of two zones with one NAT gateway
  ansible.builtin.debug:
    msg: >-
      {{ '10.10.0.0/16' | wellarchitected.aws.subnet_plan(zones=['a', 'c'])
         | wellarchitected.aws.route_table_plan(internet_gateway='igw-0123456789abcdef0',
                                                nat_gateways={'a': 'nat-0123456789abcdef0'}) }}
"""

RETURN = r"""
_value:
  description:
    - The route tables, each with C(component), C(subnets) (the components of its subnets) and C(routes) for
      M(amazon.aws.ec2_vpc_route_table).
  type: list
  elements: dict
"""

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.addresses import ANYWHERE


def route_table_plan(subnets, internet_gateway, nat_gateways):
    """Answers the route tables of a VPC."""

    def table(component, members, gateway=None):
        routes = [{"dest": ANYWHERE, "gateway_id": gateway}] if gateway else []
        return {"component": component, "subnets": [subnet["component"] for subnet in members], "routes": routes}

    tiers = {tier: [subnet for subnet in subnets if subnet["tier"] == tier] for tier in ("public", "private", "data")}
    only_one = next(iter(nat_gateways.values()), None)
    return [
        table("public", tiers["public"], internet_gateway),
        table("data", tiers["data"]),
        *(
            table(subnet["component"], [subnet], nat_gateways.get(subnet["zone"], only_one))
            for subnet in tiers["private"]
        ),
    ]


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"route_table_plan": route_table_plan}
