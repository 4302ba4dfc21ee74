#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_instance_metadata_defaults
version_added: "0.1.0"
short_description: Manage a region's defaults of the instance metadata service
description:
  - Sets how the instance metadata service (IMDS) of new instances behaves where neither their launch nor their image
    says it. Instances that exist already stay as they are.
  - Follows U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) applies the options that are given. V(absent) clears all of the account's preferences.
    type: str
    choices: [present, absent]
    default: present
  http_tokens:
    description:
      - V(required) allows version 2 of the service alone (IMDSv2), V(optional) version 1 too.
    type: str
    choices: [required, optional, no-preference]
  http_put_response_hop_limit:
    description:
      - How many network hops a token may travel, 1 to 64; a container on the instance is one hop further.
      - V(-1) is no preference.
    type: int
  http_endpoint:
    description:
      - Whether there is a metadata service at all.
    type: str
    choices: [enabled, disabled, no-preference]
  instance_metadata_tags:
    description:
      - Whether an instance can read its own tags from the metadata.
    type: str
    choices: [enabled, disabled, no-preference]
  http_tokens_enforced:
    description:
      - Whether an instance that does not require version 2 is refused at its launch.
    type: str
    choices: [enabled, disabled, no-preference]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Require version 2 of the metadata service
  wellarchitected.aws.ec2_instance_metadata_defaults:
    http_tokens: required
    http_put_response_hop_limit: 2

- name: Clear the account's preferences
  wellarchitected.aws.ec2_instance_metadata_defaults:
    state: absent
"""

RETURN = r"""
instance_metadata_defaults:
  description: The region's defaults as they are, or in check mode as they would be.
  returned: success
  type: dict
  contains:
    http_tokens:
      description: V(required), V(optional) or V(no-preference).
      type: str
      sample: required
    http_put_response_hop_limit:
      description: The hop limit, V(-1) where there is no preference.
      type: int
      sample: 2
    http_endpoint:
      description: V(enabled), V(disabled) or V(no-preference).
      type: str
      sample: no-preference
    instance_metadata_tags:
      description: V(enabled), V(disabled) or V(no-preference).
      type: str
      sample: no-preference
    http_tokens_enforced:
      description: V(enabled), V(disabled) or V(no-preference).
      type: str
      sample: no-preference
    managed_by:
      description: Who decides it, V(account) or V(declarative-policy).
      type: str
      sample: account
"""

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict, snake_dict_to_camel_dict
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.ec2_account import AccountSetting
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import given

NO_PREFERENCE = {
    "http_tokens": "no-preference",
    "http_put_response_hop_limit": -1,
    "http_endpoint": "no-preference",
    "instance_metadata_tags": "no-preference",
    "http_tokens_enforced": "no-preference",
}


class InstanceMetadataDefaults(AccountSetting):
    title = "the defaults of the instance metadata service"

    def read(self):
        answer = camel_dict_to_snake_dict(self.ec2.get_instance_metadata_defaults().get("AccountLevel", {}))
        preferences = {field: answer.get(field, value) for field, value in NO_PREFERENCE.items()}
        return {**preferences, "managed_by": answer.get("managed_by", "account")}

    def write(self, changes):
        self.ec2.modify_instance_metadata_defaults(**snake_dict_to_camel_dict(changes, capitalize_first=True))


def build(params, ec2):
    fields = NO_PREFERENCE if params["state"] == "absent" else given(params, NO_PREFERENCE)
    return InstanceMetadataDefaults(fields, ec2)


def main():
    switch = {"type": "str", "choices": ["enabled", "disabled", "no-preference"]}
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "http_tokens": {"type": "str", "choices": ["required", "optional", "no-preference"]},
            "http_put_response_hop_limit": {"type": "int"},
            "http_endpoint": switch,
            "instance_metadata_tags": switch,
            "http_tokens_enforced": switch,
        },
        supports_check_mode=True,
    )
    run(module, "instance_metadata_defaults", lambda: build(module.params, client(module, "ec2")))


if __name__ == "__main__":
    main()
