#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_managed_prefix_list_info
version_added: "0.1.0"
short_description: Find managed prefix lists
description:
  - Answers the managed prefix lists of a region, AWS's own and the account's. Security groups and route tables can name
    them instead of CIDR blocks.
  - Follows U(https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The prefix list's name; V(com.amazonaws.global.cloudfront.origin-facing) is where CloudFront connects from.
    type: str
  owner_id:
    description:
      - The account that owns it; V(AWS) for AWS's own.
    type: str
  tags:
    description:
      - Tags that it has, among others.
    type: dict
  entries:
    description:
      - Whether to answer the CIDR blocks too, which takes a call for each prefix list.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Changes nothing.
    support: full
"""

EXAMPLES = r"""
- name: Find where CloudFront connects from
  wellarchitected.aws.ec2_managed_prefix_list_info:
    name: com.amazonaws.global.cloudfront.origin-facing
  register: cloudfront

- name: Let in CloudFront alone
  amazon.aws.ec2_security_group:
    name: example-alb
    description: Application Load Balancer
    vpc_id: vpc-0123456789abcdef0
    rules:
      - proto: tcp
        ports: 443
        ip_prefix: "{{ cloudfront.prefix_lists[0].prefix_list_id }}"
"""

RETURN = r"""
prefix_lists:
  description: The prefix lists that were found, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    prefix_list_id:
      description: The id.
      type: str
      sample: pl-0123456789abcdef0
    prefix_list_name:
      description: The name.
      type: str
      sample: com.amazonaws.global.cloudfront.origin-facing
    prefix_list_arn:
      description: The ARN.
      type: str
      sample: arn:aws:ec2:ap-northeast-1:aws:prefix-list/pl-0123456789abcdef0
    address_family:
      description: V(IPv4) or V(IPv6).
      type: str
      sample: IPv4
    owner_id:
      description: The account that owns it, or V(AWS).
      type: str
      sample: AWS
    max_entries:
      description: How many entries it can have, and so how many rules it counts for in a security group.
      type: int
      sample: 55
    state:
      description: What is being done to it, as EC2 says it.
      type: str
      sample: create-complete
    version:
      description: The number of its version.
      type: int
      sample: 1
    tags:
      description: Its tags.
      type: dict
      sample: {}
    entries:
      description: Its CIDR blocks.
      returned: O(entries=true)
      type: list
      elements: dict
      sample:
        - cidr: 192.0.2.0/24
          description: Office
"""

from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.transformation import (
    ansible_dict_to_boto3_filter_list,
    boto3_resource_to_ansible_dict,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import aws_errors, client

ENTRIES_PER_PAGE = 100


@AWSErrorHandler.common_error_handler("find managed prefix lists")
def find(ec2, name, owner_id, tags):
    """The prefix lists with this name, owner and tags, each None when it does not matter, sorted by name."""
    filters = {"prefix-list-name": name, "owner-id": owner_id}
    wanted = ansible_dict_to_boto3_filter_list({key: value for key, value in filters.items() if value})
    pages = ec2.get_paginator("describe_managed_prefix_lists").paginate(Filters=wanted)
    found = [boto3_resource_to_ansible_dict(item) for page in pages for item in page["PrefixLists"]]
    # EC2 has no filter for the tags of prefix lists.
    matching = [item for item in found if (tags or {}).items() <= item["tags"].items()]
    return sorted(matching, key=lambda item: item["prefix_list_name"])


@AWSErrorHandler.common_error_handler("read the entries of the prefix list {prefix_list_id}")
def entries(ec2, prefix_list_id):
    pages = ec2.get_paginator("get_managed_prefix_list_entries").paginate(
        PrefixListId=prefix_list_id, PaginationConfig={"PageSize": ENTRIES_PER_PAGE}
    )
    return [boto3_resource_to_ansible_dict(entry, force_tags=False) for page in pages for entry in page["Entries"]]


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str"},
            "owner_id": {"type": "str"},
            "tags": {"type": "dict"},
            "entries": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    params = module.params
    with aws_errors(module):
        ec2 = client(module, "ec2")
        prefix_lists = find(ec2, params["name"], params["owner_id"], params["tags"])
        if params["entries"]:
            prefix_lists = [{**item, "entries": entries(ec2, item["prefix_list_id"])} for item in prefix_lists]
    module.exit_json(changed=False, prefix_lists=prefix_lists)


if __name__ == "__main__":
    main()
