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
  - Neither amazon.aws nor community.aws has a module for it.
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


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "instance_ids": {"type": "list", "elements": "str"},
            "filters": {"type": "dict", "default": {}},
            "applications": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    module.fail_json(msg="Only the documentation of this module is here so far.")


if __name__ == "__main__":
    main()
