#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_vpc_endpoint
version_added: "0.1.0"
short_description: Manage a VPC endpoint
description:
  - Creates, changes and deletes a VPC endpoint, through which a VPC reaches a service without the internet.
  - M(amazon.aws.ec2_vpc_endpoint) changes nothing but the tags of an endpoint that exists. This module also adds and
    removes subnets, security groups and route tables, and puts back a policy or private DNS that was changed.
  - An endpoint is identified by O(vpc_id), O(service) and, where the VPC has endpoints of several types for a service,
    O(type); or by O(vpc_endpoint_id). Endpoints that are being deleted do not count.
  - An option that is not given is left as it is in AWS. A list that is given is the whole list.
  - Follows U(https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the endpoint exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  vpc_endpoint_id:
    description:
      - The id of an endpoint that exists. Then all other options are what to change.
    type: str
  vpc_id:
    description:
      - The VPC that the endpoint is in. Required, except with O(vpc_endpoint_id). It cannot be changed.
    type: str
  service:
    description:
      - The service's full name, such as C(com.amazonaws.ap-northeast-1.s3). Required, except with O(vpc_endpoint_id).
        It cannot be changed.
    type: str
  type:
    description:
      - V(Gateway) is a route to S3 or DynamoDB, V(Interface) a network interface in each of the subnets, and
        V(GatewayLoadBalancer) a target for routes to virtual appliances. It cannot be changed.
      - A new endpoint is a V(Gateway) when not given.
    type: str
    choices: [Gateway, Interface, GatewayLoadBalancer]
  route_table_ids:
    description:
      - The route tables that send the service's traffic to the endpoint. Only for V(Gateway).
    type: list
    elements: str
  subnet_ids:
    description:
      - The subnets in which the endpoint has a network interface, one at most in each availability zone. Not for
        V(Gateway).
      - V(GatewayLoadBalancer) has just one, which cannot be changed.
    type: list
    elements: str
  security_group_ids:
    description:
      - The security groups of the endpoint's network interfaces, at least one. Only for V(Interface).
      - A new endpoint has the VPC's default security group when not given.
    type: list
    elements: str
  private_dns_enabled:
    description:
      - Whether the service's usual name resolves to the endpoint inside the VPC, which must have DNS support and DNS
        hostnames enabled. Only for V(Interface).
      - V(false) for a new endpoint when not given.
    type: bool
  ip_address_type:
    description:
      - Which addresses the endpoint has; its subnets must have them too. V(ipv4) for a new endpoint when not given.
    type: str
    choices: [ipv4, dualstack, ipv6]
  policy:
    description:
      - Who may do what through the endpoint. Not for V(GatewayLoadBalancer).
      - It is compared by meaning, so the order of statements and actions does not matter.
      - V({}) is AWS's default, full access, which a new endpoint has when not given.
    type: json
  wait:
    description:
      - Whether to wait until a new or changed endpoint is available, or its acceptance is up to the service's owner;
        and until a deleted one is gone, whose network interfaces keep subnets and security groups from being deleted.
    type: bool
    default: true
  wait_timeout:
    description:
      - The seconds to wait at most.
    type: int
    default: 600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Route two subnets' traffic to S3 past the internet
  wellarchitected.aws.ec2_vpc_endpoint:
    vpc_id: vpc-0123456789abcdef0
    service: com.amazonaws.ap-northeast-1.s3
    type: Gateway
    route_table_ids:
      - rtb-0123456789abcdef0
      - rtb-0123456789abcdef1
    tags:
      Environment: production

- name: Let a VPC reach Systems Manager, by its usual name, with the account's own identities only
  wellarchitected.aws.ec2_vpc_endpoint:
    vpc_id: vpc-0123456789abcdef0
    service: com.amazonaws.ap-northeast-1.ssm
    type: Interface
    subnet_ids:
      - subnet-0123456789abcdef0
      - subnet-0123456789abcdef1
    security_group_ids:
      - sg-0123456789abcdef0
    private_dns_enabled: true
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: "*"
          Action: "*"
          Resource: "*"
          Condition:
            StringEquals:
              aws:PrincipalAccount: "123456789012"

- name: Give an endpoint AWS's default policy
  wellarchitected.aws.ec2_vpc_endpoint:
    vpc_endpoint_id: vpce-0123456789abcdef0
    policy: {}

- name: Delete an endpoint
  wellarchitected.aws.ec2_vpc_endpoint:
    vpc_endpoint_id: vpce-0123456789abcdef0
    state: absent
"""

RETURN = r"""
vpc_endpoint:
  description:
    - The endpoint as it is, or in check mode as it would be; empty when it is absent.
    - Its network interfaces and DNS names are told by M(amazon.aws.ec2_vpc_endpoint_info).
  returned: success
  type: dict
  contains:
    id:
      description: Its id; in check mode without a value where it would be created.
      type: str
      sample: vpce-0123456789abcdef0
    vpc_id:
      description: The VPC that it is in.
      type: str
      sample: vpc-0123456789abcdef0
    service:
      description: The service's full name.
      type: str
      sample: com.amazonaws.ap-northeast-1.ssm
    type:
      description: The endpoint's type.
      type: str
      sample: Interface
    state:
      description: V(available), or while that is not yet so V(pending) or V(pendingAcceptance).
      type: str
      sample: available
    route_table_ids:
      description: The route tables of a gateway endpoint, sorted.
      type: list
      elements: str
      sample: []
    subnet_ids:
      description: The subnets in which it has a network interface, sorted.
      type: list
      elements: str
      sample: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    security_group_ids:
      description: The security groups of its network interfaces, sorted.
      type: list
      elements: str
      sample: [sg-0123456789abcdef0]
    private_dns_enabled:
      description: Whether the service's usual name resolves to it.
      type: bool
      sample: true
    ip_address_type:
      description: Which addresses it has.
      type: str
      sample: ipv4
    policy:
      description: Who may do what through it; empty for an endpoint that has no policy.
      type: dict
      sample: {"Version": "2008-10-17", "Statement": []}
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import json
from types import MappingProxyType

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    boto3_tag_list_to_ansible_dict,
    boto3_tag_specifications,
)
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import parse_policy, same_policy
from ansible_collections.wellarchitected.aws.plugins.module_utils.ec2 import change_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

TYPES = ["Gateway", "Interface", "GatewayLoadBalancer"]
# Options that identify an endpoint and cannot be changed, with the filters that look for them.
IDENTITY = {"vpc_id": "vpc-id", "service": "service-name", "type": "vpc-endpoint-type"}
# Options that are lists of ids, with the word for them in the names of the API's parameters.
LISTS = {"route_table_ids": "RouteTableIds", "subnet_ids": "SubnetIds", "security_group_ids": "SecurityGroupIds"}
SETTINGS = {"private_dns_enabled": "PrivateDnsEnabled", "ip_address_type": "IpAddressType"}
FIELDS = (*IDENTITY, *LISTS, *SETTINGS, "policy", "tags")
# The options that make sense for one or two types only.
TYPES_OF_OPTION = {
    "route_table_ids": ["Gateway"],
    "subnet_ids": ["Interface", "GatewayLoadBalancer"],
    "security_group_ids": ["Interface"],
    "private_dns_enabled": ["Interface"],
    "policy": ["Gateway", "Interface"],
}
# What AWS attaches when it is given no policy.
DEFAULT_POLICY = {
    "Version": "2008-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
GONE = ("deleting", "deleted")
BROKEN = ("failed", "rejected", "expired")
MISSING = ["InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"]


class EndpointErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(MISSING)


class EndpointWaiters(BaseWaiterFactory):
    @property
    def _waiter_model_data(self):
        # EC2 answers states in camel case, though its model lists them in Pascal case.
        ends = {
            "settled": ("length(VpcEndpoints[?!contains(['pending', 'Pending'], State)]) > `0`", "retry"),
            "deleted": ("length(VpcEndpoints[?!contains(['deleted', 'Deleted'], State)]) == `0`", "success"),
        }
        return {
            name: {
                "operation": "DescribeVpcEndpoints",
                "delay": 5,
                "maxAttempts": 120,
                "acceptors": [
                    {"state": "success", "matcher": "path", "argument": reached, "expected": True},
                    *({"state": when_missing, "matcher": "error", "expected": code} for code in MISSING),
                ],
            }
            for name, (reached, when_missing) in ends.items()
        }


class Endpoint(Resource):
    same = MappingProxyType({"policy": same_policy})

    def __init__(self, params, ec2):
        super().__init__(given_fields(params), params["purge_tags"])
        self.id = params["vpc_endpoint_id"]
        self.wait_timeout = params["wait_timeout"] if params["wait"] else None
        self.ec2 = ec2

    def find(self):
        if self.id:
            found = self._describe({"VpcEndpointIds": [self.id]})
        else:
            filters = [
                {"Name": IDENTITY[field], "Values": [self.given[field]]} for field in IDENTITY if field in self.given
            ]
            found = self._describe({"Filters": filters})
        if len(found) > 1:
            listed = ", ".join(f"{state['id']} ({state['type']})" for state in found)
            raise AnsibleAWSError(
                message=f"{self.given['vpc_id']} has several endpoints of {self.given['service']}: {listed}. Give "
                "vpc_endpoint_id, or type if that tells them apart."
            )
        return found[0] if found else None

    def blank(self):
        if self.id:
            raise AnsibleAWSError(
                message=f"There is no VPC endpoint {self.id} (vpc_endpoint_id) in this region. To create one, give "
                "vpc_id and service instead."
            )
        kind = self.given.get("type", "Gateway")
        return {
            "id": None,
            "vpc_id": self.given["vpc_id"],
            "service": self.given["service"],
            "type": kind,
            "state": "available",
            **{field: [] for field in LISTS},
            # An interface wears the VPC's default group when it is given none, and that one's id is not known here.
            "security_group_ids": None if kind == "Interface" else [],
            "private_dns_enabled": False,
            "ip_address_type": "ipv4",
            "policy": DEFAULT_POLICY if kind in TYPES_OF_OPTION["policy"] else {},
            "tags": {},
        }

    def changes(self, current):
        changes = super().changes(current)
        if current["state"] in BROKEN:
            changes["state"] = "available"
        return changes

    def refusal(self, current, changes):
        if "state" in changes:
            return broken(current)
        for field in IDENTITY:
            if field in changes:
                return (
                    f"{field} is {changes[field]}, but the endpoint {current['id']} has {current[field]}, which AWS "
                    "cannot change. Delete it first, or leave vpc_endpoint_id out to create another one."
                )
        for field, types in TYPES_OF_OPTION.items():
            if field in changes and current["type"] not in types:
                return (
                    f"{field} is not for an endpoint of type {current['type']} ({current['service']}), only for "
                    f"{' and '.join(types)}."
                )
        if changes.get("security_group_ids") == []:
            return "security_group_ids is empty, but an endpoint of type Interface has at least one security group."
        if current["id"] and current["type"] == "GatewayLoadBalancer" and "subnet_ids" in changes:
            return (
                f"subnet_ids of the endpoint {current['id']} cannot be changed, because it is of type "
                "GatewayLoadBalancer. Delete it first, to create another one."
            )
        return None

    def create(self):
        blank = self.blank()
        # Said outright: EC2 enables the private DNS of an interface endpoint when it is not told.
        self.id = self._create({"private_dns_enabled": blank["private_dns_enabled"], **self.wanted(blank)})
        self._settle()

    def update(self, current, changes):
        self.id = current["id"]
        arguments = modification(current, changes)
        if arguments:
            self._modify(arguments)
            self._settle()
        if "tags" in changes:
            change_tags(self.ec2, self.id, current["tags"], changes["tags"])

    def delete(self, current):
        self.id = current["id"]
        self._delete()
        if self.wait_timeout is not None:
            self._wait("deleted")

    def _settle(self):
        if self.wait_timeout is None:
            return
        self._wait("settled")
        state = self.find()
        if state and state["state"] in BROKEN:
            raise AnsibleAWSError(message=broken(state))

    @EndpointErrorHandler.list_error_handler("find the VPC endpoint", [])
    def _describe(self, arguments):
        pages = self.ec2.get_paginator("describe_vpc_endpoints").paginate(**arguments)
        states = [read(endpoint) for page in pages for endpoint in page["VpcEndpoints"]]
        return [state for state in states if state["state"] not in GONE]

    @EndpointErrorHandler.common_error_handler("create the VPC endpoint of {fields[service]}")
    def _create(self, fields):
        return self.ec2.create_vpc_endpoint(**creation(fields))["VpcEndpoint"]["VpcEndpointId"]

    @EndpointErrorHandler.common_error_handler("change the VPC endpoint {self.id}")
    def _modify(self, arguments):
        self.ec2.modify_vpc_endpoint(**arguments)

    @EndpointErrorHandler.common_error_handler("see the VPC endpoint {self.id} become {end}")
    def _wait(self, end):
        waiter = EndpointWaiters().get_waiter(self.ec2, end)
        config = custom_waiter_config(self.wait_timeout, default_pause=5)
        waiter.wait(VpcEndpointIds=[self.id], WaiterConfig=config)

    @EndpointErrorHandler.deletion_error_handler("delete the VPC endpoint {self.id}")
    def _delete(self):
        raise_undeleted(self.ec2.delete_vpc_endpoints(VpcEndpointIds=[self.id]))


def broken(state):
    """Why an endpoint that AWS has given up cannot be put right."""
    return f"The endpoint {state['id']} of {state['service']} is {state['state']}. Delete it first, to create it anew."


def raise_undeleted(answer):
    """Raise when the answer tells of an endpoint that was not deleted, other than because it is not there."""
    for item in answer.get("Unsuccessful", []):
        error = item["Error"]
        if error["Code"] not in MISSING:
            raise AnsibleAWSError(
                message=f"Failed to delete the VPC endpoint {item['ResourceId']}: {error['Message']} ({error['Code']})"
            )


def given_fields(params):
    """The options that the user gave, in the form in which Endpoint.find answers them."""
    fields = given(params, FIELDS)
    for field in LISTS.keys() & fields.keys():
        fields[field] = sorted(set(fields[field]))
    if "policy" in fields:
        fields["policy"] = parse_policy(fields["policy"], "policy") or DEFAULT_POLICY
    return fields


def read(endpoint):
    """An endpoint as EC2 describes it, as a state."""
    return {
        "id": endpoint["VpcEndpointId"],
        "vpc_id": endpoint["VpcId"],
        "service": endpoint["ServiceName"],
        "type": endpoint["VpcEndpointType"],
        "state": endpoint["State"][0].lower() + endpoint["State"][1:],
        "route_table_ids": sorted(endpoint.get("RouteTableIds", [])),
        "subnet_ids": sorted(endpoint.get("SubnetIds", [])),
        "security_group_ids": sorted(group["GroupId"] for group in endpoint.get("Groups", [])),
        "private_dns_enabled": endpoint.get("PrivateDnsEnabled", False),
        "ip_address_type": endpoint.get("IpAddressType", "ipv4"),
        "policy": json.loads(endpoint.get("PolicyDocument") or "{}"),
        "tags": boto3_tag_list_to_ansible_dict(endpoint.get("Tags", [])),
    }


def creation(fields):
    """The arguments that create an endpoint with these fields."""
    names = {"vpc_id": "VpcId", "service": "ServiceName", "type": "VpcEndpointType", **LISTS, **SETTINGS}
    # An empty list is what a new endpoint has anyway.
    arguments = {name: fields[field] for field, name in names.items() if fields.get(field) not in (None, [])}
    if "policy" in fields:
        arguments["PolicyDocument"] = json.dumps(fields["policy"])
    if fields.get("tags"):
        arguments["TagSpecifications"] = boto3_tag_specifications(fields["tags"], "vpc-endpoint")
    return arguments


def modification(current, changes):
    """The arguments that make the changes, all but tags; empty when there are no others."""
    arguments = {SETTINGS[field]: value for field, value in changes.items() if field in SETTINGS}
    for field, name in LISTS.items():
        if field in changes:
            before, after = set(current[field]), set(changes[field])
            differences = {f"Add{name}": after - before, f"Remove{name}": before - after}
            arguments |= {argument: sorted(ids) for argument, ids in differences.items() if ids}
    if "policy" in changes:
        arguments["PolicyDocument"] = json.dumps(changes["policy"])
    return {"VpcEndpointId": current["id"], **arguments} if arguments else {}


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "vpc_endpoint_id": {"type": "str"},
            "vpc_id": {"type": "str"},
            "service": {"type": "str"},
            "type": {"type": "str", "choices": TYPES},
            **{field: {"type": "list", "elements": "str"} for field in LISTS},
            "private_dns_enabled": {"type": "bool"},
            "ip_address_type": {"type": "str", "choices": ["ipv4", "dualstack", "ipv6"]},
            "policy": {"type": "json"},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 600},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        required_one_of=[("vpc_endpoint_id", "vpc_id"), ("vpc_endpoint_id", "service")],
        supports_check_mode=True,
    )
    run(module, "vpc_endpoint", lambda: Endpoint(module.params, client(module, "ec2")))


if __name__ == "__main__":
    main()
