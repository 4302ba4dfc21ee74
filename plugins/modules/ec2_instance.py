#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_instance
version_added: "0.1.0"
short_description: Manage one EC2 instance that is launched from a launch template
description:
  - Launches an instance from a launch template into a subnet, keeps it running, and ends it.
  - An instance is identified by its tag C(Name), O(name), which no other one of the region may have.
  - What a launch template says holds when an instance is launched. An instance that is there is not replaced when its
    launch template changes.
  - amazon.aws has a module of this name, which takes no notice of the subnet where there is a launch template, looks up
    what is only planned in check mode, and has no diff.
  - Follows U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/LaunchingAndUsingInstances.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the instance exist and run; V(absent) ends it, with the volumes that are deleted with it, and
        waits until it is gone.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The tag C(Name) of the instance.
    type: str
    required: true
  launch_template:
    description:
      - What the instance is launched from. Required of a new instance; of another one not looked at.
    type: dict
    suboptions:
      launch_template_name:
        description: The name of the launch template.
        type: str
        required: true
      version:
        description: The number of its version, V($Latest) or V($Default).
        type: str
        default: $Default
  subnet_id:
    description:
      - The subnet that the instance is in, which cannot be changed. Required of a new instance.
    type: str
  instance_type:
    description:
      - The type; of a new instance the launch template's when not given. An instance is stopped and started to change
        it.
    type: str
  security_group_ids:
    description:
      - The security groups of the instance; of a new one the launch template's when not given.
    type: list
    elements: str
  wait_timeout:
    description:
      - How many seconds to wait at most until the instance has stopped, or is gone.
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
- name: Run a server that stands alone
  wellarchitected.aws.ec2_instance:
    name: example-jobs
    launch_template:
      launch_template_name: example-jobs
      version: "3"
    subnet_id: subnet-0123456789abcdef0
    tags:
      Environment: production

- name: Give it more memory, which takes a restart
  wellarchitected.aws.ec2_instance:
    name: example-jobs
    instance_type: r7g.large

- name: End it
  wellarchitected.aws.ec2_instance:
    name: example-jobs
    state: absent
"""

RETURN = r"""
instance:
  description: The instance as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    instance_id:
      description: Its id; without a value in check mode where it would be launched.
      type: str
      sample: i-0123456789abcdef0
    name:
      description: Its tag C(Name).
      type: str
      sample: example-jobs
    running:
      description: Whether it runs, or is about to.
      type: bool
      sample: true
    image_id:
      description: The image that it was launched from; without a value in check mode where it would be launched.
      type: str
      sample: ami-0123456789abcdef0
    instance_type:
      description: Its type.
      type: str
      sample: t3.micro
    subnet_id:
      description: Its subnet.
      type: str
      sample: subnet-0123456789abcdef0
    private_ip_address:
      description: Its private address; without a value in check mode where it would be launched.
      type: str
      sample: 192.0.2.10
    security_group_ids:
      description: Its security groups, sorted.
      type: list
      elements: str
      sample: [sg-0123456789abcdef0]
    tags:
      description: Its tags, also those that the launch template gives it, without AWS's own (C(aws:...)).
      type: dict
      sample:
        Name: example-jobs
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    boto3_tag_list_to_ansible_dict,
    boto3_tag_specifications,
)
from ansible_collections.amazon.aws.plugins.module_utils.waiter import custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_INSTANCE_PROFILE, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.ec2 import change_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

FIELDS = ("subnet_id", "instance_type", "security_group_ids", "tags")
# An instance in any other state is on its way out.
STATES = ["pending", "running", "stopping", "stopped"]


class InstanceErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("InvalidInstanceID.NotFound")


class Instance(Resource):
    def __init__(self, name, fields, launch_template, purge_tags, wait_timeout, ec2):
        super().__init__(fields, purge_tags)
        self.name = name
        self.launch_template = launch_template
        self.wait_timeout = wait_timeout
        self.ec2 = ec2

    def find(self):
        instances = self._describe()
        if len(instances) > 1:
            ids = ", ".join(sorted(instance["InstanceId"] for instance in instances))
            raise AnsibleAWSError(
                message=f"The instances {ids} all have the name {self.name} (name). Rename those that are not meant."
            )
        return read(instances[0]) if instances else None

    def blank(self):
        return {
            "instance_id": None,
            "name": self.name,
            "running": False,
            "image_id": None,
            "instance_type": None,
            "subnet_id": None,
            "private_ip_address": None,
            "security_group_ids": [],
            "tags": {},
        }

    def wanted(self, current):
        fields = super().wanted(current)
        if "tags" in fields:
            fields["tags"]["Name"] = self.name
        return {**fields, "running": True}

    def refusal(self, current, changes):
        if current["instance_id"] is None:
            missing = [
                option
                for option, value in (
                    ("launch_template", self.launch_template),
                    ("subnet_id", self.given.get("subnet_id")),
                )
                if not value
            ]
            if missing:
                return (
                    f"There is no instance {self.name} (name) in this region. To launch it, give {', '.join(missing)}."
                )
        elif "subnet_id" in changes:
            return (
                f"The instance {self.name} is in the subnet {current['subnet_id']}, and subnet_id is "
                f"{changes['subnet_id']}. AWS moves no instance: end this one first, or launch one of another name."
            )
        return None

    @InstanceErrorHandler.common_error_handler("launch the instance {self.name}")
    @retry_on(UNKNOWN_INSTANCE_PROFILE)
    def create(self):
        arguments = {
            "SubnetId": self.given["subnet_id"],
            "InstanceType": self.given.get("instance_type"),
            "SecurityGroupIds": self.given.get("security_group_ids"),
        }
        self.ec2.run_instances(
            MinCount=1,
            MaxCount=1,
            LaunchTemplate={
                "LaunchTemplateName": self.launch_template["launch_template_name"],
                "Version": self.launch_template["version"],
            },
            TagSpecifications=boto3_tag_specifications({**self.given.get("tags", {}), "Name": self.name}, "instance"),
            **{name: value for name, value in arguments.items() if value},
        )

    def update(self, current, changes):
        instance_id = current["instance_id"]
        if "tags" in changes:
            change_tags(self.ec2, instance_id, current["tags"], changes["tags"])
        if "security_group_ids" in changes:
            self._set(instance_id, Groups=changes["security_group_ids"])
        if "instance_type" in changes:
            self._stop(instance_id)
            self._set(instance_id, InstanceType={"Value": changes["instance_type"]})
        if changes.keys() & {"instance_type", "running"}:
            self._start(instance_id)

    @InstanceErrorHandler.deletion_error_handler("end the instance {self.name}")
    def delete(self, current):
        self.ec2.terminate_instances(InstanceIds=[current["instance_id"]])
        self._wait("instance_terminated", current["instance_id"])

    @InstanceErrorHandler.list_error_handler("find the instance {self.name}", [])
    def _describe(self):
        filters = [{"Name": "tag:Name", "Values": [self.name]}, {"Name": "instance-state-name", "Values": STATES}]
        pages = self.ec2.get_paginator("describe_instances").paginate(Filters=filters)
        return [
            instance for page in pages for reservation in page["Reservations"] for instance in reservation["Instances"]
        ]

    @InstanceErrorHandler.common_error_handler("change the instance {self.name}")
    def _set(self, instance_id, **attribute):
        self.ec2.modify_instance_attribute(InstanceId=instance_id, **attribute)

    @InstanceErrorHandler.common_error_handler("stop the instance {self.name}")
    def _stop(self, instance_id):
        self.ec2.stop_instances(InstanceIds=[instance_id])
        self._wait("instance_stopped", instance_id)

    @InstanceErrorHandler.common_error_handler("start the instance {self.name}")
    @retry_on("IncorrectInstanceState")
    def _start(self, instance_id):
        self.ec2.start_instances(InstanceIds=[instance_id])

    def _wait(self, end, instance_id):
        self.ec2.get_waiter(end).wait(
            InstanceIds=[instance_id], WaiterConfig=custom_waiter_config(self.wait_timeout, default_pause=5)
        )


def read(instance):
    """An instance as EC2 describes it, as a state. The tags that AWS adds say what it was launched from."""
    tags = boto3_tag_list_to_ansible_dict(instance.get("Tags", []))
    tags = {key: value for key, value in tags.items() if not key.startswith("aws:")}
    return {
        "instance_id": instance["InstanceId"],
        "name": tags.get("Name"),
        "running": instance["State"]["Name"] in ("pending", "running"),
        "image_id": instance["ImageId"],
        "instance_type": instance["InstanceType"],
        "subnet_id": instance.get("SubnetId"),
        "private_ip_address": instance.get("PrivateIpAddress"),
        "security_group_ids": sorted(group["GroupId"] for group in instance.get("SecurityGroups", [])),
        "tags": tags,
    }


def build(params, ec2):
    fields = given(params, FIELDS)
    if "security_group_ids" in fields:
        fields["security_group_ids"] = sorted(set(fields["security_group_ids"]))
    return Instance(
        params["name"], fields, params["launch_template"], params["purge_tags"], params["wait_timeout"], ec2
    )


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "name": {"type": "str", "required": True},
            "launch_template": {
                "type": "dict",
                "options": {
                    "launch_template_name": {"type": "str", "required": True},
                    "version": {"type": "str", "default": "$Default"},
                },
            },
            "subnet_id": {"type": "str"},
            "instance_type": {"type": "str"},
            "security_group_ids": {"type": "list", "elements": "str"},
            "wait_timeout": {"type": "int", "default": 600},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "instance", lambda: build(module.params, client(module, "ec2")))


if __name__ == "__main__":
    main()
