#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ssm_service_setting
version_added: "0.1.0"
short_description: Manage a service setting of AWS Systems Manager
description:
  - Gives one of the settings that Systems Manager has for an account in a region a value, or its default again.
  - Follows U(https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UpdateServiceSetting.html).
  - Neither amazon.aws nor community.aws has a module for it.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  setting_id:
    description:
      - Which setting it is. C(/ssm/managed-instance/default-ec2-instance-management-role) is the role, by its path and
        name and without C(role/), that makes every instance a managed node.
        C(/ssm/documents/console/public-sharing-permission) (V(Enable), V(Disable)) is whether documents can be shared
        with everyone. C(/ssm/parameter-store/high-throughput-enabled) (V(true), V(false)),
        C(/ssm/parameter-store/default-parameter-tier) (V(Standard), V(Advanced), V(Intelligent-Tiering)),
        C(/ssm/managed-instance/activation-tier) (V(standard), V(advanced)),
        C(/ssm/automation/customer-script-log-destination) (V(CloudWatch)),
        C(/ssm/automation/customer-script-log-group-name), C(/ssm/opsinsights/opscenter) and
        C(/ssm/appmanager/appmanager-enabled) are others.
    type: str
    required: true
  setting_value:
    description:
      - The value that it is to have, which O(state=present) needs.
    type: str
  state:
    description:
      - V(present) gives the setting the value.
      - V(absent) gives it AWS's default again.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let nobody share a document with everyone
  wellarchitected.aws.ssm_service_setting:
    setting_id: /ssm/documents/console/public-sharing-permission
    setting_value: Disable

- name: Make every instance a managed node
  wellarchitected.aws.ssm_service_setting:
    setting_id: /ssm/managed-instance/default-ec2-instance-management-role
    setting_value: service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole

- name: Give the throughput of Parameter Store its default again
  wellarchitected.aws.ssm_service_setting:
    setting_id: /ssm/parameter-store/high-throughput-enabled
    state: absent
"""

RETURN = r"""
service_setting:
  description: The setting as it is, or in check mode as it would be.
  returned: success
  type: dict
  contains:
    setting_id:
      description: Which setting it is.
      type: str
      sample: /ssm/documents/console/public-sharing-permission
    setting_value:
      description: Its value; V(null) in check mode for AWS's default, which is not known before.
      type: str
      sample: Disable
    customized:
      description: Whether it has been given a value, and not AWS's default.
      type: bool
      sample: true
    arn:
      description: Its ARN.
      type: str
      sample: arn:aws:ssm:ap-northeast-1:123456789012:servicesetting/ssm/documents/console/public-sharing-permission
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Setting
from ansible_collections.wellarchitected.aws.plugins.module_utils.ssm import SsmErrorHandler


class ServiceSetting(Setting):
    def __init__(self, params, ssm):
        # AWS's default is known of a setting that has it alone, so that what is wanted is that it has it.
        wanted = {"customized": False} if params["state"] == "absent" else {"setting_value": params["setting_value"]}
        super().__init__(wanted)
        self.ssm = ssm
        self.setting_id = params["setting_id"]

    @SsmErrorHandler.common_error_handler("read the service setting {self.setting_id}")
    def find(self):
        return read(self.ssm.get_service_setting(SettingId=self.setting_id)["ServiceSetting"])

    def wanted(self, current):
        fields = super().wanted(current)
        if fields.get("customized") is False and current["customized"]:
            return {**fields, "setting_value": None}
        if "setting_value" in fields and fields["setting_value"] != current["setting_value"]:
            return {**fields, "customized": True}
        return fields

    @SsmErrorHandler.common_error_handler("change the service setting {self.setting_id}")
    @retry_on("TooManyUpdates")
    def update(self, current, changes):
        if changes.get("customized") is False:
            self.ssm.reset_service_setting(SettingId=self.setting_id)
        else:
            self.ssm.update_service_setting(SettingId=self.setting_id, SettingValue=changes["setting_value"])


def read(setting):
    """A setting as Systems Manager answers it, as a state."""
    return {
        "setting_id": setting["SettingId"],
        "setting_value": setting["SettingValue"],
        # It may still be on its way (PendingUpdate).
        "customized": setting["Status"] != "Default",
        "arn": setting["ARN"],
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "setting_id": {"type": "str", "required": True},
            "setting_value": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    if module.params["state"] == "present" and module.params["setting_value"] is None:
        module.fail_json(msg="setting_value is not given, which state=present needs.")
    run(module, "service_setting", lambda: ServiceSetting(module.params, client(module, "ssm")))


if __name__ == "__main__":
    main()
