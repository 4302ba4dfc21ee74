#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rds_proxy_endpoint
version_added: "0.1.0"
short_description: Manage an endpoint of an RDS Proxy
description:
  - Creates, changes and deletes an address of a proxy beside the one that every proxy has; one that only reads leads to
    the readers of an Aurora cluster.
  - Follows U(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-endpoints.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  db_proxy_endpoint_name:
    description:
      - The endpoint's name, with which its address begins. It is taken in lower case.
    type: str
    required: true
    aliases: [name]
  state:
    description:
      - V(present) makes the endpoint exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  db_proxy_name:
    description: The proxy's name (M(wellarchitected.aws.rds_proxy)). Required for a new endpoint, and never changed.
    type: str
  target_role:
    description:
      - V(READ_ONLY) leads to the readers of the proxy's cluster, V(READ_WRITE) to its writer. Never changed; of a new
        endpoint V(READ_WRITE).
      - Without a reader, an address that only reads leads nowhere.
    type: str
    choices: [READ_WRITE, READ_ONLY]
  vpc_subnet_ids:
    description:
      - IDs of the subnets that the endpoint is in, of two zones at least. Required for a new endpoint. Never changed.
      - AWS leaves out, without a word, subnets of zones that have no proxies. So an endpoint that is in some of these
        subnets only is left as it is.
    type: list
    elements: str
  vpc_security_group_ids:
    description: IDs of all its security groups; the default one of the VPC for a new endpoint unless given.
    type: list
    elements: str
  wait:
    description:
      - Whether to wait until the endpoint can be used with all its changes, or until it is gone.
      - A proxy or an endpoint that is busy with something else is waited for in any case.
    type: bool
    default: true
  wait_timeout:
    description: How many seconds to wait at most, each time.
    type: int
    default: 3600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let the application read from the readers through the proxy
  wellarchitected.aws.rds_proxy_endpoint:
    db_proxy_endpoint_name: shop-reads
    db_proxy_name: shop
    target_role: READ_ONLY
    vpc_subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    vpc_security_group_ids: [sg-0123456789abcdef0]

- name: Delete an endpoint
  wellarchitected.aws.rds_proxy_endpoint:
    db_proxy_endpoint_name: shop-reads
    state: absent
"""

RETURN = r"""
endpoint:
  description: The endpoint as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    address:
      description: Its address; in check mode without a value for an endpoint that would be created.
      type: str
      sample: shop-reads.endpoint.proxy-abcdefghijkl.ap-northeast-1.rds.amazonaws.com
    arn:
      description: Its ARN; in check mode without a value for an endpoint that would be created.
      type: str
      sample: arn:aws:rds:ap-northeast-1:123456789012:db-proxy-endpoint:prx-endpoint-0123456789abcdef0
    db_proxy_endpoint_name:
      description: Its name.
      type: str
      sample: shop-reads
    db_proxy_name:
      description: The proxy's name.
      type: str
      sample: shop
    status:
      description: V(available), V(creating), V(modifying), V(deleting), or another state.
      type: str
      sample: available
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
    target_role:
      description: V(READ_WRITE) or V(READ_ONLY).
      type: str
      sample: READ_ONLY
    vpc_id:
      description: Its VPC; in check mode without a value for an endpoint that would be created.
      type: str
      sample: vpc-0123456789abcdef0
    vpc_security_group_ids:
      description: Its security groups.
      type: list
      elements: str
      sample: [sg-0123456789abcdef0]
    vpc_subnet_ids:
      description: Its subnets.
      type: list
      elements: str
      sample: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
"""

from typing import ClassVar

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import list_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.rds import (
    RdsErrorHandler,
    SlowResource,
    change_tags,
    fixed_refusal,
    patiently,
    same_proxy_subnets,
    write_tags,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import given

FIXED = {"db_proxy_name": "DBProxyName", "target_role": "TargetRole", "vpc_subnet_ids": "VpcSubnetIds"}
GROUPS = {"vpc_security_group_ids": "VpcSecurityGroupIds"}
FIELDS = (*FIXED, *GROUPS, "tags")
NEEDED = ("db_proxy_name", "vpc_subnet_ids")


class ProxyEndpoint(SlowResource):
    what = "endpoint"
    same: ClassVar = {"vpc_subnet_ids": same_proxy_subnets}

    def __init__(self, params, rds):
        super().__init__(given_fields(params), params, rds, params["db_proxy_endpoint_name"])

    def find(self):
        endpoint = self._describe()
        return read(endpoint, self._list_tags(endpoint["DBProxyEndpointArn"])) if self.is_there(endpoint) else None

    def blank(self):
        return {
            "db_proxy_endpoint_name": self.name,
            "arn": None,
            "address": None,
            "status": "available",
            "vpc_id": None,
            "db_proxy_name": None,
            "target_role": "READ_WRITE",
            "vpc_subnet_ids": [],
            "vpc_security_group_ids": [],
            "tags": {},
        }

    def refusal(self, current, changes):
        if "status" in changes:
            return f"The endpoint {self.name} is being deleted. Run this again when it is gone, in some minutes."
        if current["arn"] is None:
            missing = [field for field in NEEDED if not self.given.get(field)]
            return f"The new endpoint {self.name} needs {' and '.join(missing)}." if missing else None
        advice = "Choose another name, or delete it first (state: absent)."
        return fixed_refusal(f"The endpoint {self.name}", current, changes, FIXED, advice)

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})
        self._wait_if_asked()

    def update(self, current, changes):
        if "tags" in changes:
            change_tags(self.rds, current["arn"], current["tags"], changes["tags"])
        if "vpc_security_group_ids" in changes:
            self._modify(changes["vpc_security_group_ids"])
            self._wait_if_asked()

    @RdsErrorHandler.list_error_handler("find the endpoint {self.name}")
    def _describe(self):
        pages = self.rds.get_paginator("describe_db_proxy_endpoints").paginate(DBProxyEndpointName=self.name)
        return next((endpoint for page in pages for endpoint in page["DBProxyEndpoints"]), None)

    @RdsErrorHandler.list_error_handler("list the tags of the endpoint {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.rds, arn)

    @RdsErrorHandler.common_error_handler("create the endpoint {self.name}")
    def _create(self, state):
        arguments = creation(state)
        patiently(
            lambda: self.rds.create_db_proxy_endpoint(DBProxyEndpointName=self.name, **arguments), self.wait_timeout
        )

    @RdsErrorHandler.common_error_handler("change the endpoint {self.name}")
    def _modify(self, groups):
        patiently(
            lambda: self.rds.modify_db_proxy_endpoint(DBProxyEndpointName=self.name, VpcSecurityGroupIds=groups),
            self.wait_timeout,
        )

    @RdsErrorHandler.deletion_error_handler("delete the endpoint {self.name}")
    def _delete(self):
        patiently(lambda: self.rds.delete_db_proxy_endpoint(DBProxyEndpointName=self.name), self.wait_timeout)


def given_fields(params):
    """The options that the user gave, as RDS answers them."""
    fields = given(params, FIELDS)
    if "db_proxy_name" in fields:
        fields["db_proxy_name"] = fields["db_proxy_name"].lower()
    for field in ("vpc_subnet_ids", "vpc_security_group_ids"):
        if field in fields:
            fields[field] = sorted(set(fields[field]))
    return fields


def read(endpoint, tags):
    """An endpoint as RDS describes it, and its tags, as a state."""
    return {
        "db_proxy_endpoint_name": endpoint["DBProxyEndpointName"],
        "arn": endpoint["DBProxyEndpointArn"],
        "address": endpoint.get("Endpoint"),
        "status": endpoint["Status"],
        "vpc_id": endpoint.get("VpcId"),
        "db_proxy_name": endpoint["DBProxyName"],
        "target_role": endpoint.get("TargetRole", "READ_WRITE"),
        "vpc_subnet_ids": sorted(endpoint.get("VpcSubnetIds", [])),
        "vpc_security_group_ids": sorted(endpoint.get("VpcSecurityGroupIds", [])),
        "tags": tags,
    }


def creation(state):
    """The arguments, besides the name, that create an endpoint."""
    arguments = {member: state[field] for field, member in (FIXED | GROUPS).items() if state[field]}
    return {**arguments, "Tags": write_tags(state["tags"])} if state["tags"] else arguments


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "db_proxy_endpoint_name": {"type": "str", "required": True, "aliases": ["name"]},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "db_proxy_name": {"type": "str"},
            "target_role": {"type": "str", "choices": ["READ_WRITE", "READ_ONLY"]},
            "vpc_subnet_ids": {"type": "list", "elements": "str"},
            "vpc_security_group_ids": {"type": "list", "elements": "str"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 3600},
        },
        supports_check_mode=True,
    )
    run(module, "endpoint", lambda: ProxyEndpoint(module.params, client(module, "rds")))


if __name__ == "__main__":
    main()
