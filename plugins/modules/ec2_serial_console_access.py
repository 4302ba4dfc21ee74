#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_serial_console_access
version_added: "0.1.0"
short_description: Manage a region's access to the EC2 serial console
description:
  - Sets whether the account's instances in a region can be reached through the serial console at all. Who may use it is
    for IAM to say.
  - Follows U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configure-access-to-serial-console.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(disabled), which is also what AWS begins with, closes the serial console of every instance.
    type: str
    choices: [enabled, disabled]
    default: disabled
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Close the serial console of every instance
  wellarchitected.aws.ec2_serial_console_access:
    state: disabled
"""

RETURN = r"""
serial_console_access:
  description: The setting as it is, or in check mode as it would be.
  returned: success
  type: dict
  contains:
    state:
      description: One of the values of O(state).
      type: str
      sample: disabled
    managed_by:
      description: Who decides it, V(account) or V(declarative-policy).
      type: str
      sample: account
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.ec2_account import AccountSetting
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run


class SerialConsoleAccess(AccountSetting):
    title = "access to the serial console"

    def read(self):
        answer = self.ec2.get_serial_console_access_status()
        state = "enabled" if answer["SerialConsoleAccessEnabled"] else "disabled"
        return {"state": state, "managed_by": answer.get("ManagedBy", "account")}

    def write(self, changes):
        if changes["state"] == "enabled":
            self.ec2.enable_serial_console_access()
        else:
            self.ec2.disable_serial_console_access()


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {
                "type": "str",
                "choices": ["enabled", "disabled"],
                "default": "disabled",
            },
        },
        supports_check_mode=True,
    )
    run(
        module,
        "serial_console_access",
        lambda: SerialConsoleAccess({"state": module.params["state"]}, client(module, "ec2")),
    )


if __name__ == "__main__":
    main()
