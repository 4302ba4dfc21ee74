#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_image_block_public_access
version_added: "0.1.0"
short_description: Block the public sharing of a region's AMIs
description:
  - Sets whether the account can share its machine images with everybody in a region. What is public already stays so.
  - Follows U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(block-new-sharing) lets nobody make an image public, V(unblocked) does.
      - AWS may take up to ten minutes to apply a change.
    type: str
    choices: [block-new-sharing, unblocked]
    default: block-new-sharing
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let nobody make an image public
  wellarchitected.aws.ec2_image_block_public_access:
    state: block-new-sharing
"""

RETURN = r"""
image_block_public_access:
  description: The setting as it is, or in check mode as it would be.
  returned: success
  type: dict
  contains:
    state:
      description: One of the values of O(state).
      type: str
      sample: block-new-sharing
    managed_by:
      description: Who decides it, V(account) or V(declarative-policy).
      type: str
      sample: account
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.ec2_account import AccountSetting
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run


class ImageBlockPublicAccess(AccountSetting):
    title = "block public access for images"

    def read(self):
        answer = self.ec2.get_image_block_public_access_state()
        return {"state": answer["ImageBlockPublicAccessState"], "managed_by": answer.get("ManagedBy", "account")}

    def write(self, changes):
        if changes["state"] == "unblocked":
            self.ec2.disable_image_block_public_access()
        else:
            self.ec2.enable_image_block_public_access(ImageBlockPublicAccessState=changes["state"])


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {
                "type": "str",
                "choices": ["block-new-sharing", "unblocked"],
                "default": "block-new-sharing",
            },
        },
        supports_check_mode=True,
    )
    run(
        module,
        "image_block_public_access",
        lambda: ImageBlockPublicAccess({"state": module.params["state"]}, client(module, "ec2")),
    )


if __name__ == "__main__":
    main()
