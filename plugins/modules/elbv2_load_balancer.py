#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elbv2_load_balancer
version_added: "0.1.0"
short_description: Manage an Application Load Balancer
description:
  - Creates, changes and deletes an Application Load Balancer.
  - Its listeners are managed by M(wellarchitected.aws.elbv2_listener), their rules by
    M(wellarchitected.aws.elbv2_listener_rule).
  - Follows U(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The load balancer's name, unique in the region. 32 letters, digits or hyphens at most.
    type: str
    required: true
  state:
    description:
      - V(present) makes the load balancer exist as described, V(absent) deletes it, with its listeners. One that is
        protected against deletion is not deleted.
    type: str
    choices: [present, absent]
    default: present
  scheme:
    description:
      - Whether it has public addresses; of a new load balancer V(internet-facing). It cannot be changed.
    type: str
    choices: [internet-facing, internal]
  subnet_ids:
    description:
      - The subnets that it stands in, one of each zone and of two zones at least. Stated whole. Required for a new
        load balancer.
    type: list
    elements: str
  security_group_ids:
    description:
      - The security groups that it wears; of a new load balancer the VPC's default one. Stated whole.
    type: list
    elements: str
  ip_address_type:
    description:
      - Which addresses it has; of a new load balancer V(ipv4).
    type: str
    choices: [ipv4, dualstack, dualstack-without-public-ipv4]
  attributes:
    description:
      - Attributes by AWS's names, such as C(deletion_protection.enabled), C(access_logs.s3.enabled),
        C(connection_logs.s3.enabled), C(idle_timeout.timeout_seconds), C(routing.http2.enabled),
        C(routing.http.drop_invalid_header_fields.enabled) or C(routing.http.desync_mitigation_mode). What is not given
        stays as it is.
      - See U(https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html).
    type: dict
  wait:
    description:
      - Whether to wait until a new load balancer is active, or a deleted one is gone.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most.
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
- name: Balance the load of a web site
  wellarchitected.aws.elbv2_load_balancer:
    name: example
    subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    security_group_ids: [sg-0123456789abcdef0]
    attributes:
      deletion_protection.enabled: true
      routing.http.drop_invalid_header_fields.enabled: true
      access_logs.s3.enabled: true
      access_logs.s3.bucket: example-logs
      access_logs.s3.prefix: alb
    tags:
      Environment: production

- name: Give the protection up
  wellarchitected.aws.elbv2_load_balancer:
    name: example
    attributes:
      deletion_protection.enabled: false

- name: Delete the load balancer
  wellarchitected.aws.elbv2_load_balancer:
    name: example
    state: absent
"""

RETURN = r"""
load_balancer:
  description: The load balancer as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example
    arn:
      description: Its ARN; in check mode without a value for a load balancer that would be created.
      type: str
      sample: arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/example/1234567890abcdef
    dns_name:
      description: The name by which it is reached; in check mode without a value for a new one.
      type: str
      sample: example-1234567890.ap-northeast-1.elb.amazonaws.com
    canonical_hosted_zone_id:
      description: What an alias record in Route 53 names as its zone; in check mode without a value for a new one.
      type: str
      sample: Z14GRHDCWA56QT
    vpc_id:
      description: Its VPC; in check mode without a value for a new one.
      type: str
      sample: vpc-0123456789abcdef0
    state:
      description: V(active), V(provisioning), V(active_impaired) or V(failed).
      type: str
      sample: active
    type:
      description: V(application), or what else has the name.
      type: str
      sample: application
    scheme:
      description: V(internet-facing) or V(internal).
      type: str
      sample: internet-facing
    subnet_ids:
      description: The subnets that it stands in, in order.
      type: list
      elements: str
      sample: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    security_group_ids:
      description: The security groups that it wears, in order; in check mode without a value where AWS would choose.
      type: list
      elements: str
      sample: [sg-0123456789abcdef0]
    ip_address_type:
      description: Which addresses it has.
      type: str
      sample: ipv4
    attributes:
      description: All attributes by AWS's names; of a load balancer that check mode would create, those that are given.
      type: dict
      sample:
        deletion_protection.enabled: "true"
        idle_timeout.timeout_seconds: "60"
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.waiter import custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_POLICY, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.elbv2 import (
    ElbErrorHandler,
    as_attributes,
    change_tags,
    differences,
    list_tags,
    read_attributes,
    unknown_attribute,
    write_attributes,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# What a new load balancer can be given, as the API calls it.
MEMBERS = {
    "scheme": "Scheme",
    "subnet_ids": "Subnets",
    "security_group_ids": "SecurityGroups",
    "ip_address_type": "IpAddressType",
}
FIELDS = (*MEMBERS, "attributes", "tags")
PROTECTION = "deletion_protection.enabled"


class LoadBalancer(Resource):
    partial = frozenset({"attributes"})

    def __init__(self, params, elb):
        super().__init__(given_fields(params), params["purge_tags"])
        self.elb = elb
        self.name = params["name"]
        self.wait_timeout = params["wait_timeout"] if params["wait"] else None

    def find(self):
        balancer = self._describe()
        if balancer is None:
            return None
        arn = balancer["LoadBalancerArn"]
        return read(balancer, self._list_attributes(arn), self._list_tags(arn))

    def blank(self):
        return {
            "name": self.name,
            "arn": None,
            "dns_name": None,
            "canonical_hosted_zone_id": None,
            "vpc_id": None,
            "state": "active",
            "type": "application",
            "scheme": "internet-facing",
            "subnet_ids": [],
            # It wears the VPC's default group when it is given none, and that one's id is not known here.
            "security_group_ids": None,
            "ip_address_type": "ipv4",
            "attributes": {},
            "tags": {},
        }

    def refusal(self, current, changes):
        if current["type"] != "application":
            return f"The load balancer {self.name} is of type {current['type']}. Choose another name."
        if current["state"] == "failed":
            return f"The load balancer {self.name} could not be set up by AWS. Delete it first, to create it anew."
        if current["arn"] is None:
            return None if changes.get("subnet_ids") else "A new load balancer needs subnet_ids."
        if "scheme" in changes:
            return (
                f"The load balancer {self.name} is {current['scheme']}, and AWS cannot make it {changes['scheme']}. "
                "Choose another name, or delete it first."
            )
        return unknown_attribute(f"The load balancer {self.name}", current["attributes"], changes.get("attributes", {}))

    def deletion_refusal(self, current):
        if current["attributes"].get(PROTECTION) != "true":
            return None
        return (
            f"The load balancer {self.name} is protected against deletion. If it is to go, first set its attribute "
            f"{PROTECTION} to false."
        )

    def create(self):
        arn = self._create({**self.blank(), **self.wanted(self.blank())})
        if self.wait_timeout is not None:
            self._wait("load_balancer_available", arn)

    def update(self, current, changes):
        arn = current["arn"]
        for field, method in (
            ("subnet_ids", self.elb.set_subnets),
            ("security_group_ids", self.elb.set_security_groups),
            ("ip_address_type", self.elb.set_ip_address_type),
        ):
            if field in changes:
                self._set(method, field, arn, changes[field])
        if "attributes" in changes:
            self._set_attributes(arn, differences(current["attributes"], changes["attributes"]))
        if "tags" in changes:
            change_tags(self.elb, arn, current["tags"], changes["tags"])

    def delete(self, current):
        self._delete(current["arn"])
        if self.wait_timeout is not None:
            self._wait("load_balancers_deleted", current["arn"])

    @ElbErrorHandler.list_error_handler("find the load balancer {self.name}")
    def _describe(self):
        return self.elb.describe_load_balancers(Names=[self.name])["LoadBalancers"][0]

    @ElbErrorHandler.list_error_handler("list the attributes of the load balancer {self.name}", {})
    def _list_attributes(self, arn):
        return read_attributes(self.elb.describe_load_balancer_attributes(LoadBalancerArn=arn))

    @ElbErrorHandler.list_error_handler("list the tags of the load balancer {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.elb, arn)

    @ElbErrorHandler.common_error_handler("create the load balancer {self.name}")
    def _create(self, state):
        arguments = {member: state[field] for field, member in MEMBERS.items() if state[field]}
        if state["tags"]:
            arguments["Tags"] = ansible_dict_to_boto3_tag_list(state["tags"])
        answer = self.elb.create_load_balancer(Name=self.name, Type="application", **arguments)
        return answer["LoadBalancers"][0]["LoadBalancerArn"]

    @ElbErrorHandler.common_error_handler("see the load balancer {self.name} as it shall be")
    def _wait(self, waiter, arn):
        config = custom_waiter_config(self.wait_timeout, default_pause=10)
        self.elb.get_waiter(waiter).wait(LoadBalancerArns=[arn], WaiterConfig=config)

    @ElbErrorHandler.common_error_handler("set {field} of the load balancer {self.name}")
    def _set(self, method, field, arn, value):
        method(LoadBalancerArn=arn, **{MEMBERS[field]: value})

    @ElbErrorHandler.common_error_handler("change the attributes of the load balancer {self.name}")
    @retry_on(UNKNOWN_POLICY)
    def _set_attributes(self, arn, changes):
        self.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=write_attributes(changes))

    @ElbErrorHandler.deletion_error_handler("delete the load balancer {self.name}")
    def _delete(self, arn):
        self.elb.delete_load_balancer(LoadBalancerArn=arn)


def given_fields(params):
    """The options that the user gave, in the form in which LoadBalancer.find answers them."""
    fields = given(params, FIELDS)
    for field in ("subnet_ids", "security_group_ids"):
        if field in fields:
            fields[field] = sorted(set(fields[field]))
    if "attributes" in fields:
        fields["attributes"] = as_attributes(fields["attributes"])
    return fields


def read(balancer, attributes, tags):
    """A load balancer as ELB describes it, its attributes and its tags, as a state."""
    return {
        "name": balancer["LoadBalancerName"],
        "arn": balancer["LoadBalancerArn"],
        "dns_name": balancer.get("DNSName"),
        "canonical_hosted_zone_id": balancer.get("CanonicalHostedZoneId"),
        "vpc_id": balancer.get("VpcId"),
        "state": balancer["State"]["Code"],
        "type": balancer["Type"],
        "scheme": balancer.get("Scheme"),
        "subnet_ids": sorted(zone["SubnetId"] for zone in balancer["AvailabilityZones"]),
        "security_group_ids": sorted(balancer.get("SecurityGroups", [])),
        "ip_address_type": balancer["IpAddressType"],
        "attributes": attributes,
        "tags": tags,
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "scheme": {"type": "str", "choices": ["internet-facing", "internal"]},
            "subnet_ids": {"type": "list", "elements": "str"},
            "security_group_ids": {"type": "list", "elements": "str"},
            "ip_address_type": {"type": "str", "choices": ["ipv4", "dualstack", "dualstack-without-public-ipv4"]},
            "attributes": {"type": "dict"},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 600},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "load_balancer", lambda: LoadBalancer(module.params, client(module, "elbv2")))


if __name__ == "__main__":
    main()
