#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wafv2_ip_set
version_added: "0.1.0"
short_description: Manage an AWS WAF IP set
description:
  - Creates, changes and deletes a set of address ranges, which the rules of web ACLs refer to.
  - Follows U(https://docs.aws.amazon.com/waf/latest/developerguide/waf-ip-set-managing.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The IP set's name, unique within its scope.
    type: str
    required: true
  scope:
    description:
      - V(REGIONAL) or V(CLOUDFRONT), as that of the web ACLs that refer to it. One for CloudFront is managed in the
        region V(us-east-1).
    type: str
    choices: [REGIONAL, CLOUDFRONT]
    default: REGIONAL
  state:
    description:
      - V(present) makes the IP set exist as described, V(absent) deletes it. One that a web ACL refers to is not
        deleted.
    type: str
    choices: [present, absent]
    default: present
  description:
    description:
      - What it is for, of three characters or more; an empty text for none.
    type: str
  ip_address_version:
    description:
      - Which addresses it holds; of a new IP set V(IPV4). It cannot be changed afterwards.
    type: str
    choices: [IPV4, IPV6]
  addresses:
    description:
      - The ranges in CIDR notation, such as V(192.0.2.0/24) or V(2001:db8::/32); an address alone is a range of one.
        Stated whole; V([]) for none.
    type: list
    elements: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Know the office
  wellarchitected.aws.wafv2_ip_set:
    name: example-office
    addresses:
      - 192.0.2.0/24
      - 198.51.100.7
    tags:
      Environment: production

- name: Delete the set
  wellarchitected.aws.wafv2_ip_set:
    name: example-office
    state: absent
"""

RETURN = r"""
ip_set:
  description: The IP set as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-office
    scope:
      description: V(REGIONAL) or V(CLOUDFRONT).
      type: str
      sample: REGIONAL
    id:
      description: Its id; in check mode without a value for an IP set that would be created.
      type: str
      sample: 1234abcd-12ab-34cd-56ef-1234567890ab
    arn:
      description: Its ARN; in check mode without a value for an IP set that would be created.
      type: str
      sample: >-
        arn:aws:wafv2:ap-northeast-1:123456789012:regional/ipset/example-office/1234abcd-12ab-34cd-56ef-1234567890ab
    description:
      description: What it is for; empty for nothing.
      type: str
      sample: ""
    ip_address_version:
      description: V(IPV4) or V(IPV6).
      type: str
      sample: IPV4
    addresses:
      description: The ranges, in order.
      type: list
      elements: str
      sample: [192.0.2.0/24, 198.51.100.7/32]
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import ipaddress

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.wafv2 import (
    ASSOCIATED,
    CHANGED_MEANWHILE,
    WafErrorHandler,
    change_tags,
    find_by_name,
    list_tags,
    require_region_of_cloudfront,
)

FIELDS = ("description", "ip_address_version", "addresses", "tags")


class IPSet(Resource):
    def __init__(self, params, waf):
        super().__init__(given_fields(params), params["purge_tags"])
        self.waf = waf
        self.name = params["name"]
        self.scope = params["scope"]

    def find(self):
        answer = self._get()
        if answer is None:
            return None
        return read(answer["IPSet"], self.scope, self._list_tags(answer["IPSet"]["ARN"]))

    def blank(self):
        return {
            "name": self.name,
            "scope": self.scope,
            "id": None,
            "arn": None,
            "description": "",
            "ip_address_version": "IPV4",
            "addresses": [],
            "tags": {},
        }

    def refusal(self, current, changes):
        after = {**current, **changes}
        version = after["ip_address_version"]
        if current["id"] and "ip_address_version" in changes:
            return (
                f"The IP set {self.name} holds {current['ip_address_version']}, and AWS cannot make it hold {version}. "
                "Choose another name, or delete it first."
            )
        for address in after["addresses"]:
            if f"IPV{ipaddress.ip_network(address).version}" != version:
                return f"{address} (addresses) does not belong into the IP set {self.name}, which holds {version}."
        return None

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})

    def update(self, current, changes):
        members = {field: changes[field] for field in ("description", "addresses") if field in changes}
        if members:
            self._update(members)
        if "tags" in changes:
            change_tags(self.waf, current["arn"], current["tags"], changes["tags"])

    @WafErrorHandler.deletion_error_handler("delete the IP set {self.name}")
    def delete(self, current):
        try:
            self._delete()
        except is_boto3_error_code(ASSOCIATED) as error:
            message = f"Rules still refer to the IP set {self.name}. Change them first: AWS does not delete it before."
            raise AnsibleAWSError(message=message) from error

    @WafErrorHandler.list_error_handler("find the IP set {self.name}")
    def _get(self):
        summary = find_by_name(self.waf.list_ip_sets, "IPSets", self.name, self.scope)
        return self.waf.get_ip_set(Name=self.name, Scope=self.scope, Id=summary["Id"]) if summary else None

    @WafErrorHandler.list_error_handler("list the tags of the IP set {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.waf, arn)

    @WafErrorHandler.common_error_handler("create the IP set {self.name}")
    def _create(self, state):
        tags = {"Tags": ansible_dict_to_boto3_tag_list(state["tags"])} if state["tags"] else {}
        version = state["ip_address_version"]
        self.waf.create_ip_set(Name=self.name, Scope=self.scope, IPAddressVersion=version, **write(state), **tags)

    @WafErrorHandler.common_error_handler("change the IP set {self.name}")
    @retry_on(CHANGED_MEANWHILE)
    def _update(self, members):
        # UpdateIPSet replaces all that there is: what is not to be changed is told again, as it is at this moment.
        answer = self._get()
        state = {**read(answer["IPSet"], self.scope, {}), **members}
        self.waf.update_ip_set(**self._identity(answer), **write(state))

    @retry_on(CHANGED_MEANWHILE, ASSOCIATED)
    def _delete(self):
        # A rule that has just been changed, or deleted, counts for some seconds more.
        answer = self._get()
        if answer:
            self.waf.delete_ip_set(**self._identity(answer))

    def _identity(self, answer):
        identifier = answer["IPSet"]["Id"]
        return {"Name": self.name, "Scope": self.scope, "Id": identifier, "LockToken": answer["LockToken"]}


def given_fields(params):
    """The options that the user gave, in the form in which IPSet.find answers them."""
    fields = given(params, FIELDS)
    if "addresses" in fields:
        fields["addresses"] = normalise(fields["addresses"])
    return fields


def normalise(addresses):
    """Ranges in their shortest form and in order. WAF writes out the zeros of IPv6."""

    def network(address):
        try:
            return ipaddress.ip_network(address)
        except ValueError as error:
            raise AnsibleAWSError(message=f"addresses: {error}.") from error

    networks = {network(address) for address in addresses}
    return [str(found) for found in sorted(networks, key=lambda item: (item.version, item))]


def read(ip_set, scope, tags):
    """An IP set as WAF has it, and its tags, as a state."""
    return {
        "name": ip_set["Name"],
        "scope": scope,
        "id": ip_set["Id"],
        "arn": ip_set["ARN"],
        "description": ip_set.get("Description", ""),
        "ip_address_version": ip_set["IPAddressVersion"],
        "addresses": normalise(ip_set["Addresses"]),
        "tags": tags,
    }


def write(state):
    """The members that both creation and update take."""
    described = {"Description": state["description"]} if state["description"] else {}
    return {"Addresses": state["addresses"], **described}


def build(params, waf):
    if params["scope"] == "CLOUDFRONT":
        require_region_of_cloudfront(waf, f"The IP set {params['name']}")
    return IPSet(params, waf)


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "scope": {"type": "str", "choices": ["REGIONAL", "CLOUDFRONT"], "default": "REGIONAL"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": {"type": "str"},
            "ip_address_version": {"type": "str", "choices": ["IPV4", "IPV6"]},
            "addresses": {"type": "list", "elements": "str"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "ip_set", lambda: build(module.params, client(module, "wafv2")))


if __name__ == "__main__":
    main()
