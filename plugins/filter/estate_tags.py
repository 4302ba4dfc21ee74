# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: estate_tags
short_description: The tags of one resource of an estate
version_added: 0.1.0
description:
  - Makes the tags that discovery, cost allocation and people rely on, the same way for every resource.
  - These are C(Name), C(Estate), C(Environment), C(Layer), C(Component), C(Owner), C(CostCenter) and C(ManagedBy),
    and then the estate's own further tags.
positional: _input, layer, component
options:
  _input:
    description: The estate's context, with C(name), C(environment), C(owner), C(cost_center) and C(tags).
    type: dict
    required: true
  layer:
    description: The layer (role) that owns the resource.
    type: str
    required: true
  component:
    description: What the resource is within its layer and unique there, such as C(database) for a key or C(public-a)
      for a subnet. It ends the tag C(Name).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: The tags of a public subnet in zone a
  ansible.builtin.debug:
    msg: "{{ __estate_context | wellarchitected.aws.estate_tags('network', 'public-a') }}"
  # => Name: shop-production-public-a, Estate: shop, Environment: production, Layer: network, Component: public-a, …
"""

RETURN = r"""
_value:
  description: Tag names and values.
  type: dict
"""


def estate_tags(context, layer, component):
    """Answers the tags of one resource as a dict of strings; the estate's own tags win over the user's."""
    return {
        **{str(key): str(value) for key, value in (context.get("tags") or {}).items()},
        "Name": f"{context['name']}-{context['environment']}-{component}",
        "Estate": context["name"],
        "Environment": context["environment"],
        "Layer": layer,
        "Component": component,
        "Owner": context["owner"],
        "CostCenter": str(context["cost_center"]),
        "ManagedBy": "wellarchitected.aws",
    }


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"estate_tags": estate_tags}
