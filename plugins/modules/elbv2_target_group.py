#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elbv2_target_group
version_added: "0.1.0"
short_description: Manage a target group of a load balancer
description:
  - Creates, changes and deletes a target group, to which a load balancer (Application, Network or Gateway) sends
    requests.
  - Its targets are left alone; Auto Scaling, ECS or another task registers them.
  - Follows U(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The target group's name, unique in the region. 32 letters, digits or hyphens at most.
    type: str
    required: true
  state:
    description:
      - V(present) makes the target group exist as described, V(absent) deletes it. One that a listener has just ceased
        to use is waited for, one that is in use is not deleted.
    type: str
    choices: [present, absent]
    default: present
  protocol:
    description:
      - How the targets are spoken to. Required for a new target group, except of Lambda functions. It cannot be
        changed.
    type: str
    choices: [HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, GENEVE, QUIC, TCP_QUIC]
  protocol_version:
    description:
      - Which HTTP the targets speak; of a new target group for HTTP or HTTPS V(HTTP1). It cannot be changed.
    type: str
    choices: [HTTP1, HTTP2, GRPC]
  port:
    description:
      - The port that the targets listen to, unless one is registered with another. Required for a new target group,
        except of Lambda functions. It cannot be changed.
    type: int
  vpc_id:
    description:
      - The targets' VPC. Required for a new target group, except of Lambda functions. It cannot be changed.
    type: str
  target_type:
    description:
      - What the targets are; of a new target group V(instance). It cannot be changed.
    type: str
    choices: [instance, ip, lambda, alb]
  ip_address_type:
    description:
      - Which addresses the targets have; of a new target group V(ipv4). It cannot be changed.
    type: str
    choices: [ipv4, ipv6]
  health_check:
    description:
      - How it is found out whether a target is healthy. What is not given stays as it is, or is AWS's default.
    type: dict
    suboptions:
      enabled:
        description: Whether there is a health check. Only targets that are Lambda functions can do without.
        type: bool
      protocol:
        description: How a target is asked.
        type: str
        choices: [HTTP, HTTPS, TCP]
      port:
        description: The port at which it is asked, or V(traffic-port) for that of the requests.
        type: str
      path:
        description: The path that it is asked for, or the method of gRPC.
        type: str
      interval_seconds:
        description: How many seconds lie between two questions, V(5) to V(300).
        type: int
      timeout_seconds:
        description: How many seconds it may take to answer, V(2) to V(120).
        type: int
      healthy_threshold:
        description: After how many good answers it counts as healthy, V(2) to V(10).
        type: int
      unhealthy_threshold:
        description: After how many bad answers it counts as unhealthy, V(2) to V(10).
        type: int
      matcher:
        description: The status codes of good answers, such as V(200,204) or V(200-299).
        type: str
  attributes:
    description:
      - Attributes by AWS's names, such as C(deregistration_delay.timeout_seconds), C(slow_start.duration_seconds),
        C(stickiness.enabled), C(stickiness.type), C(load_balancing.algorithm.type),
        C(load_balancing.algorithm.anomaly_mitigation) or C(load_balancing.cross_zone.enabled). What is not given stays
        as it is.
      - See U(https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html).
    type: dict
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Send requests to the application's instances
  wellarchitected.aws.elbv2_target_group:
    name: example
    protocol: HTTP
    port: 8080
    vpc_id: vpc-0123456789abcdef0
    health_check:
      path: /health
      interval_seconds: 15
      healthy_threshold: 3
    attributes:
      deregistration_delay.timeout_seconds: 60
      stickiness.enabled: true
      stickiness.type: app_cookie
      stickiness.app_cookie.cookie_name: SESSION
    tags:
      Environment: production

- name: Send most requests to the targets that do best
  wellarchitected.aws.elbv2_target_group:
    name: example
    attributes:
      load_balancing.algorithm.type: weighted_random
      load_balancing.algorithm.anomaly_mitigation: "on"

- name: Delete the target group
  wellarchitected.aws.elbv2_target_group:
    name: example
    state: absent
"""

RETURN = r"""
target_group:
  description: The target group as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example
    arn:
      description: Its ARN; in check mode without a value for a target group that would be created.
      type: str
      sample: arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/example/1234567890abcdef
    protocol:
      description: How the targets are spoken to; without a value for Lambda functions.
      type: str
      sample: HTTP
    protocol_version:
      description: Which HTTP the targets speak; without a value for other protocols.
      type: str
      sample: HTTP1
    port:
      description: The port that the targets listen to; without a value for Lambda functions.
      type: int
      sample: 8080
    vpc_id:
      description: The targets' VPC; without a value for Lambda functions.
      type: str
      sample: vpc-0123456789abcdef0
    target_type:
      description: What the targets are.
      type: str
      sample: instance
    ip_address_type:
      description: Which addresses the targets have; without a value where that does not apply.
      type: str
      sample: ipv4
    health_check:
      description: How it is found out whether a target is healthy; what does not apply has no value.
      type: dict
      sample:
        enabled: true
        protocol: HTTP
        port: traffic-port
        path: /health
        interval_seconds: 15
        timeout_seconds: 5
        healthy_threshold: 3
        unhealthy_threshold: 2
        matcher: "200"
    attributes:
      description: All attributes by AWS's names; of a target group that check mode would create, those that are given.
      type: dict
      sample:
        deregistration_delay.timeout_seconds: "60"
        stickiness.enabled: "false"
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
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

# What only a new target group can be given, as the API calls it.
FIXED = {
    "protocol": "Protocol",
    "protocol_version": "ProtocolVersion",
    "port": "Port",
    "vpc_id": "VpcId",
    "target_type": "TargetType",
    "ip_address_type": "IpAddressType",
}
# The suboptions of health_check, but for matcher.
HEALTH_CHECK = {
    "enabled": "HealthCheckEnabled",
    "protocol": "HealthCheckProtocol",
    "port": "HealthCheckPort",
    "path": "HealthCheckPath",
    "interval_seconds": "HealthCheckIntervalSeconds",
    "timeout_seconds": "HealthCheckTimeoutSeconds",
    "healthy_threshold": "HealthyThresholdCount",
    "unhealthy_threshold": "UnhealthyThresholdCount",
}
# What AWS gives a new target group for HTTP or HTTPS.
HTTP_DEFAULTS = {
    "enabled": True,
    "protocol": "HTTP",
    "port": "traffic-port",
    "path": "/",
    "interval_seconds": 30,
    "timeout_seconds": 5,
    "healthy_threshold": 5,
    "unhealthy_threshold": 2,
    "matcher": "200",
}
GRPC_DEFAULTS = {**HTTP_DEFAULTS, "path": "/AWS.ALB/healthcheck", "matcher": "12"}
FIELDS = (*FIXED, "health_check", "attributes", "tags")
IN_USE = "ResourceInUse"


class TargetGroup(Resource):
    partial = frozenset({"health_check", "attributes"})

    def __init__(self, params, elb):
        super().__init__(given_fields(params), params["purge_tags"])
        self.elb = elb
        self.name = params["name"]

    def find(self):
        group = self._describe()
        if group is None:
            return None
        arn = group["TargetGroupArn"]
        return read(group, self._list_attributes(arn), self._list_tags(arn))

    def blank(self):
        http = self.given.get("protocol") in ("HTTP", "HTTPS")
        version = self.given.get("protocol_version", "HTTP1") if http else None
        defaults = GRPC_DEFAULTS if version == "GRPC" else HTTP_DEFAULTS
        return {
            "name": self.name,
            "arn": None,
            **dict.fromkeys(FIXED),
            "protocol_version": version,
            "target_type": "instance",
            "ip_address_type": "ipv4",
            "health_check": defaults if http else {},
            "attributes": {},
            "tags": {},
        }

    def refusal(self, current, changes):
        after = {**current, **changes}
        if current["arn"] is None:
            needed = () if after["target_type"] == "lambda" else ("protocol", "port", "vpc_id")
            missing = [field for field in needed if after[field] is None]
            return f"A new target group needs {', '.join(missing)}." if missing else None
        for field in FIXED:
            if field in changes:
                return (
                    f"{field} of the target group {self.name} is {current[field]}, and AWS cannot make it "
                    f"{changes[field]}. Choose another name, or delete it first."
                )
        return unknown_attribute(f"The target group {self.name}", current["attributes"], after["attributes"])

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})

    def update(self, current, changes):
        arn = current["arn"]
        if "health_check" in changes:
            self._set_health_check(arn, differences(current["health_check"], changes["health_check"]), current)
        if "attributes" in changes:
            self._set_attributes(arn, differences(current["attributes"], changes["attributes"]))
        if "tags" in changes:
            change_tags(self.elb, arn, current["tags"], changes["tags"])

    @ElbErrorHandler.deletion_error_handler("delete the target group {self.name}")
    def delete(self, current):
        try:
            self._delete(current["arn"])
        except is_boto3_error_code(IN_USE) as error:
            message = (
                f"A listener still sends requests to the target group {self.name}. Change or delete its rule first: "
                "AWS does not delete the target group before."
            )
            raise AnsibleAWSError(message=message) from error

    @ElbErrorHandler.list_error_handler("find the target group {self.name}")
    def _describe(self):
        return self.elb.describe_target_groups(Names=[self.name])["TargetGroups"][0]

    @ElbErrorHandler.list_error_handler("list the attributes of the target group {self.name}", {})
    def _list_attributes(self, arn):
        return read_attributes(self.elb.describe_target_group_attributes(TargetGroupArn=arn))

    @ElbErrorHandler.list_error_handler("list the tags of the target group {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.elb, arn)

    @ElbErrorHandler.common_error_handler("create the target group {self.name}")
    def _create(self, state):
        self.elb.create_target_group(Name=self.name, **creation(state, self.given))

    @ElbErrorHandler.common_error_handler("change the health check of the target group {self.name}")
    def _set_health_check(self, arn, changes, current):
        self.elb.modify_target_group(TargetGroupArn=arn, **write_health_check(changes, current["protocol_version"]))

    @ElbErrorHandler.common_error_handler("change the attributes of the target group {self.name}")
    def _set_attributes(self, arn, changes):
        self.elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=write_attributes(changes))

    @retry_on(IN_USE)
    def _delete(self, arn):
        # A listener that has just been changed, or deleted, counts for some seconds more.
        self.elb.delete_target_group(TargetGroupArn=arn)


def given_fields(params):
    """The options that the user gave, in the form in which TargetGroup.find answers them."""
    fields = given(params, FIELDS)
    if "attributes" in fields:
        fields["attributes"] = as_attributes(fields["attributes"])
    return fields


def read(group, attributes, tags):
    """A target group as ELB describes it, its attributes and its tags, as a state."""
    matcher = group.get("Matcher", {})
    return {
        "name": group["TargetGroupName"],
        "arn": group["TargetGroupArn"],
        **{field: group.get(member) for field, member in FIXED.items()},
        "health_check": {
            **{field: group.get(member) for field, member in HEALTH_CHECK.items()},
            "matcher": matcher.get("GrpcCode") or matcher.get("HttpCode"),
        },
        "attributes": attributes,
        "tags": tags,
    }


def write_health_check(health_check, protocol_version):
    """The members that say these values."""
    members = {member: health_check[field] for field, member in HEALTH_CHECK.items() if field in health_check}
    if "matcher" in health_check:
        kind = "GrpcCode" if protocol_version == "GRPC" else "HttpCode"
        members["Matcher"] = {kind: health_check["matcher"]}
    return members


def creation(state, given):
    """The arguments, besides the name, that create a target group; AWS fills in what is not given."""
    arguments = {member: given[field] for field, member in FIXED.items() if field in given}
    arguments |= write_health_check(given.get("health_check", {}), state["protocol_version"])
    if state["tags"]:
        arguments["Tags"] = ansible_dict_to_boto3_tag_list(state["tags"])
    return arguments


def main():
    text, number = {"type": "str"}, {"type": "int"}
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "protocol": {
                "type": "str",
                "choices": ["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"],
            },
            "protocol_version": {"type": "str", "choices": ["HTTP1", "HTTP2", "GRPC"]},
            "port": number,
            "vpc_id": text,
            "target_type": {"type": "str", "choices": ["instance", "ip", "lambda", "alb"]},
            "ip_address_type": {"type": "str", "choices": ["ipv4", "ipv6"]},
            "health_check": {
                "type": "dict",
                "options": {
                    "enabled": {"type": "bool"},
                    "protocol": {"type": "str", "choices": ["HTTP", "HTTPS", "TCP"]},
                    "port": text,
                    "path": text,
                    "interval_seconds": number,
                    "timeout_seconds": number,
                    "healthy_threshold": number,
                    "unhealthy_threshold": number,
                    "matcher": text,
                },
            },
            "attributes": {"type": "dict"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "target_group", lambda: TargetGroup(module.params, client(module, "elbv2")))


if __name__ == "__main__":
    main()
