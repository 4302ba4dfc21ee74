#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ssm_instance_info
version_added: "0.1.0"
short_description: Read which hosts AWS Systems Manager manages
description:
  - Answers the managed nodes of Systems Manager, with their agents, their operating systems, and whether they answer.
  - Follows U(https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeInstanceInformation.html).
  - M(community.aws.ssm_inventory_info) answers the inventory of one host that is known already.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  instance_ids:
    description:
      - The hosts that are read, by the IDs of managed nodes. Those that are none are left out. All when not given.
    type: list
    elements: str
  filters:
    description:
      - Only hosts that pass all of these, lists of values by AWS's names, such as C(PingStatus) (V(Online),
        V(ConnectionLost), V(Inactive)), C(PlatformTypes), C(AgentVersion), C(IamRole), C(ResourceType),
        C(AssociationStatus), C(tag-key) and C(tag:Environment).
    type: dict
    default: {}
  applications:
    description:
      - Whether to read what is installed on each host, as its inventory has it, with a request for every host.
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
- name: Read which hosts of production answer
  wellarchitected.aws.ssm_instance_info:
    filters:
      tag:Environment: [production]
      PingStatus: [Online]
  register: online

- name: Read what is installed on a host
  wellarchitected.aws.ssm_instance_info:
    instance_ids: [i-0123456789abcdef0]
    applications: true
"""

RETURN = r"""
instances:
  description: The hosts, by their IDs.
  returned: success
  type: list
  elements: dict
  contains:
    instance_id:
      description: ID of the managed node.
      type: str
      sample: i-0123456789abcdef0
    ping_status:
      description: Whether its agent answers, V(Online), V(ConnectionLost) or V(Inactive).
      type: str
      sample: Online
    last_ping_date_time:
      description: When it last did, in UTC.
      type: str
      sample: "2026-05-04T03:12:40+00:00"
    agent_version:
      description: Version of its agent.
      type: str
      sample: 3.3.1611.0
    is_latest_version:
      description: Whether that is the latest one; V(null) where AWS does not say.
      type: bool
      sample: true
    platform_type:
      description: V(Linux), V(Windows) or V(MacOS).
      type: str
      sample: Linux
    platform_name:
      description: Its operating system.
      type: str
      sample: Debian GNU/Linux
    platform_version:
      description: The version of that.
      type: str
      sample: "12"
    resource_type:
      description: V(EC2Instance), or V(ManagedInstance) for a host elsewhere.
      type: str
      sample: EC2Instance
    iam_role:
      description: Its role, where it was registered with one; an empty text otherwise, as for instances of EC2.
      type: str
      sample: ""
    ip_address:
      description: Its address.
      type: str
      sample: 192.0.2.5
    computer_name:
      description: What it calls itself.
      type: str
      sample: ip-192-0-2-5.ap-northeast-1.compute.internal
    association_status:
      description: How its associations went at last; an empty text without any.
      type: str
      sample: Success
    applications:
      description: What is installed on it, by name. Only with O(applications).
      type: list
      elements: dict
      contains:
        name:
          description: The package's name.
          type: str
          sample: chrony
        version:
          description: Its version.
          type: str
          sample: 4.3-2+deb12u1
        architecture:
          description: What processors it is for; an empty text where the inventory does not say.
          type: str
          sample: amd64
        publisher:
          description: Who made it; an empty text where the inventory does not say.
          type: str
          sample: Debian
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import aws_errors, client
from ansible_collections.wellarchitected.aws.plugins.module_utils.ssm import SsmErrorHandler, texts, to_conditions

# As many values as a filter takes.
MOST_VALUES = 100
MEMBERS = {
    "ping_status": "PingStatus",
    "agent_version": "AgentVersion",
    "platform_type": "PlatformType",
    "platform_name": "PlatformName",
    "platform_version": "PlatformVersion",
    "resource_type": "ResourceType",
    "iam_role": "IamRole",
    "ip_address": "IPAddress",
    "computer_name": "ComputerName",
    "association_status": "AssociationStatus",
}


class Reader:
    def __init__(self, ssm):
        self.ssm = ssm

    def instances(self, ids, filters):
        """The managed nodes that pass the filters; of these IDs, unless that is None."""
        if ids is None:
            found = self._describe(filters)
        else:
            batches = [ids[start : start + MOST_VALUES] for start in range(0, len(ids), MOST_VALUES)]
            found = [each for batch in batches for each in self._describe({**filters, "InstanceIds": batch})]
        return sorted(map(read, found), key=lambda each: each["instance_id"])

    @SsmErrorHandler.common_error_handler("list the managed nodes")
    def _describe(self, filters):
        pages = self.ssm.get_paginator("describe_instance_information").paginate(Filters=to_conditions(filters))
        return [each for page in pages for each in page["InstanceInformationList"]]

    @SsmErrorHandler.common_error_handler("read the inventory of {instance_id}")
    def applications(self, instance_id):
        found, token = [], {}
        while True:
            # botocore has no paginator for it.
            answer = self.ssm.list_inventory_entries(InstanceId=instance_id, TypeName="AWS:Application", **token)
            found += answer.get("Entries", [])
            if not answer.get("NextToken"):
                return sorted(map(read_application, found), key=lambda each: each["name"])
            token = {"NextToken": answer["NextToken"]}


def read(instance):
    latest, seen = instance.get("IsLatestVersion"), instance.get("LastPingDateTime")
    return {
        "instance_id": instance["InstanceId"],
        **{name: instance.get(member, "") for name, member in MEMBERS.items()},
        "is_latest_version": latest,
        "last_ping_date_time": seen.isoformat() if seen else "",
    }


def read_application(entry):
    names = ("Name", "Version", "Architecture", "Publisher")
    return {name.lower(): entry.get(name, "") for name in names}


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "instance_ids": {"type": "list", "elements": "str"},
            "filters": {"type": "dict", "default": {}},
            "applications": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    with aws_errors(module):
        reader = Reader(client(module, "ssm"))
        instances = reader.instances(module.params["instance_ids"], texts(module.params["filters"], "filters"))
        if module.params["applications"]:
            for instance in instances:
                instance["applications"] = reader.applications(instance["instance_id"])
    module.exit_json(changed=False, instances=instances)


if __name__ == "__main__":
    main()
