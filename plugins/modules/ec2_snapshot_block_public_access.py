#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_snapshot_block_public_access
version_added: "0.1.0"
short_description: Block the public sharing of a region's EBS snapshots
description:
  - Sets whether the account can share its EBS snapshots with everybody in a region.
  - Follows U(https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(block-all-sharing) also makes the snapshots private that are public now, as long as it lasts.
      - V(block-new-sharing) lets nobody make another snapshot public, V(unblocked) does.
    type: str
    choices: [block-all-sharing, block-new-sharing, unblocked]
    default: block-all-sharing
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let no snapshot be public
  wellarchitected.aws.ec2_snapshot_block_public_access:
    state: block-all-sharing
"""

RETURN = r"""
snapshot_block_public_access:
  description: The setting as it is, or in check mode as it would be.
  returned: success
  type: dict
  contains:
    state:
      description: One of the values of O(state).
      type: str
      sample: block-all-sharing
    managed_by:
      description: Who decides it, V(account) or V(declarative-policy).
      type: str
      sample: account
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.ec2_account import AccountSetting
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run


class SnapshotBlockPublicAccess(AccountSetting):
    title = "block public access for snapshots"

    def read(self):
        answer = self.ec2.get_snapshot_block_public_access_state()
        return {"state": answer["State"], "managed_by": answer.get("ManagedBy", "account")}

    def write(self, changes):
        if changes["state"] == "unblocked":
            self.ec2.disable_snapshot_block_public_access()
        else:
            self.ec2.enable_snapshot_block_public_access(State=changes["state"])


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {
                "type": "str",
                "choices": ["block-all-sharing", "block-new-sharing", "unblocked"],
                "default": "block-all-sharing",
            },
        },
        supports_check_mode=True,
    )
    run(
        module,
        "snapshot_block_public_access",
        lambda: SnapshotBlockPublicAccess({"state": module.params["state"]}, client(module, "ec2")),
    )


if __name__ == "__main__":
    main()
