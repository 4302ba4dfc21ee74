#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_default_vpc
version_added: "0.1.0"
short_description: Remove or restore a region's default VPC
description:
  - Removes the VPC that AWS makes in every region of a new account, with its subnets and its internet gateway, so that
    nothing is launched there by mistake; or makes it again.
  - Follows U(https://docs.aws.amazon.com/vpc/latest/userguide/work-with-default-vpc.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(absent) removes the default VPC. It is refused while a network interface is in it, with a list of these.
      - V(present) makes the default VPC with AWS's own settings, if there is none.
    type: str
    choices: [present, absent]
    required: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Remove the region's default VPC
  wellarchitected.aws.ec2_default_vpc:
    state: absent
"""

RETURN = r"""
vpc:
  description: The default VPC as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    vpc_id:
      description: Its id; in check mode without a value where it would be created.
      type: str
      sample: vpc-0123456789abcdef0
    cidr_block:
      description: Its addresses.
      type: str
      sample: 172.31.0.0/16
    subnet_ids:
      description: Its subnets, sorted.
      type: list
      elements: str
      sample: [subnet-0123456789abcdef0]
    internet_gateway_ids:
      description: Its internet gateways, sorted.
      type: list
      elements: str
      sample: [igw-0123456789abcdef0]
    tags:
      description: The tags of the VPC itself.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.amazon.aws.plugins.module_utils.transformation import ansible_dict_to_boto3_filter_list
from ansible_collections.wellarchitected.aws.plugins.module_utils.ec2 import change_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given


class VpcErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(
            [
                "InvalidVpcID.NotFound",
                "InvalidSubnetID.NotFound",
                "InvalidInternetGatewayID.NotFound",
                "Gateway.NotAttached",
            ]
        )


class DefaultVpc(Resource):
    def __init__(self, params, ec2):
        super().__init__(given(params, ("tags",)), params["purge_tags"])
        self.ec2 = ec2

    def find(self):
        vpcs = self._list("describe_vpcs", "Vpcs", {"is-default": True})
        if not vpcs:
            return None
        vpc_id = vpcs[0]["VpcId"]
        subnets = self._list("describe_subnets", "Subnets", {"vpc-id": vpc_id})
        gateways = self._list("describe_internet_gateways", "InternetGateways", {"attachment.vpc-id": vpc_id})
        return {
            "vpc_id": vpc_id,
            "cidr_block": vpcs[0]["CidrBlock"],
            "subnet_ids": sorted(subnet["SubnetId"] for subnet in subnets),
            "internet_gateway_ids": sorted(gateway["InternetGatewayId"] for gateway in gateways),
            "tags": boto3_tag_list_to_ansible_dict(vpcs[0].get("Tags", [])),
        }

    def blank(self):
        return {"vpc_id": None, "cidr_block": "172.31.0.0/16", "subnet_ids": [], "internet_gateway_ids": [], "tags": {}}

    def update(self, current, changes):
        change_tags(self.ec2, current["vpc_id"], current["tags"], changes["tags"])

    def deletion_refusal(self, current):
        interfaces = self._list("describe_network_interfaces", "NetworkInterfaces", {"vpc-id": current["vpc_id"]})
        if not interfaces:
            return None
        return (
            f"The default VPC {current['vpc_id']} is in use. Delete first what has these network interfaces: "
            f"{', '.join(sorted(map(describe_interface, interfaces)))}."
        )

    def delete(self, current):
        for gateway_id in current["internet_gateway_ids"]:
            self._detach_gateway(gateway_id, current["vpc_id"])
            self._delete_gateway(gateway_id)
        for subnet_id in current["subnet_ids"]:
            self._delete_subnet(subnet_id)
        self._delete_vpc(current["vpc_id"])

    @VpcErrorHandler.common_error_handler("look at the default VPC: {operation}")
    def _list(self, operation, key, filters):
        pages = self.ec2.get_paginator(operation).paginate(Filters=ansible_dict_to_boto3_filter_list(filters))
        return [item for page in pages for item in page[key]]

    @VpcErrorHandler.common_error_handler("create the default VPC")
    def create(self):
        vpc_id = self.ec2.create_default_vpc()["Vpc"]["VpcId"]
        self.ec2.get_waiter("vpc_available").wait(VpcIds=[vpc_id], WaiterConfig={"Delay": 3, "MaxAttempts": 40})

    @VpcErrorHandler.deletion_error_handler("detach the internet gateway {gateway_id} from the default VPC")
    def _detach_gateway(self, gateway_id, vpc_id):
        self.ec2.detach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)

    @VpcErrorHandler.deletion_error_handler("delete the internet gateway {gateway_id} of the default VPC")
    def _delete_gateway(self, gateway_id):
        self.ec2.delete_internet_gateway(InternetGatewayId=gateway_id)

    @VpcErrorHandler.deletion_error_handler("delete the subnet {subnet_id} of the default VPC")
    def _delete_subnet(self, subnet_id):
        self.ec2.delete_subnet(SubnetId=subnet_id)

    @VpcErrorHandler.deletion_error_handler("delete the default VPC {vpc_id}")
    def _delete_vpc(self, vpc_id):
        self.ec2.delete_vpc(VpcId=vpc_id)


def describe_interface(interface):
    """A network interface in a sentence: its id, and what it is for where that is known."""
    description = interface.get("Description")
    return f"{interface['NetworkInterfaceId']} ({description})" if description else interface["NetworkInterfaceId"]


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "required": True},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "vpc", lambda: DefaultVpc(module.params, client(module, "ec2")))


if __name__ == "__main__":
    main()
