#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_ebs_encryption_default
version_added: "0.1.0"
short_description: Manage a region's default encryption of EBS volumes
description:
  - Sets whether new EBS volumes and snapshot copies in a region are encrypted though nobody asks for it, and with which
    key. Volumes that exist already stay as they are.
  - Follows U(https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) applies the options. V(absent) is AWS's own default, encryption off with the key that AWS manages.
    type: str
    choices: [present, absent]
    default: present
  enabled:
    description:
      - Whether new volumes are encrypted by default.
    type: bool
  kms_key_id:
    description:
      - The symmetric KMS key to use where none is named, as an ARN, an id or an alias. V(alias/aws/ebs) is the key that
        AWS manages.
      - When an alias is given, the identity needs the permission C(kms:DescribeKey).
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Encrypt every new volume with the estate's key
  wellarchitected.aws.ec2_ebs_encryption_default:
    enabled: true
    kms_key_id: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab

- name: Go back to AWS's own default
  wellarchitected.aws.ec2_ebs_encryption_default:
    state: absent
"""

RETURN = r"""
encryption_default:
  description: The region's default as it is, or in check mode as it would be.
  returned: success
  type: dict
  contains:
    enabled:
      description: Whether new volumes are encrypted by default.
      type: bool
      sample: true
    kms_key_id:
      description: The default key, usually its ARN; V(alias/aws/ebs) where AWS manages it.
      type: str
      sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import same_kms_key
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Setting, given

AWS_MANAGED_KEY = "alias/aws/ebs"
AWS_DEFAULT = {"enabled": False, "kms_key_id": AWS_MANAGED_KEY}


class EncryptionDefault(Setting):
    def __init__(self, fields, ec2, kms):
        super().__init__(fields)
        self.ec2 = ec2
        self.kms = kms
        self.same = {"kms_key_id": self._same_key}

    @AWSErrorHandler.common_error_handler("read the default encryption of EBS volumes")
    def find(self):
        return {
            "enabled": self.ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"],
            "kms_key_id": self.ec2.get_ebs_default_kms_key_id()["KmsKeyId"],
        }

    @AWSErrorHandler.common_error_handler("set the default encryption of EBS volumes")
    def update(self, current, changes):
        # The key first, so that no volume is encrypted with another one in between.
        if changes.get("kms_key_id") == AWS_MANAGED_KEY:
            self.ec2.reset_ebs_default_kms_key_id()
        elif "kms_key_id" in changes:
            self.ec2.modify_ebs_default_kms_key_id(KmsKeyId=changes["kms_key_id"])
        if changes.get("enabled"):
            self.ec2.enable_ebs_encryption_by_default()
        elif "enabled" in changes:
            self.ec2.disable_ebs_encryption_by_default()

    def _same_key(self, current, wanted):
        if same_kms_key(current, wanted):
            return True
        # EC2 answers with the ARN of the key that an alias pointed to.
        return "alias/" in wanted and same_kms_key(current, self._key_behind(wanted))

    @AWSErrorHandler.common_error_handler("find the key behind {alias}, which the option kms_key_id names")
    def _key_behind(self, alias):
        try:
            return self.kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
        except is_boto3_error_code("NotFoundException"):
            # AWS makes its own key at the first use. Another alias that does not exist is refused when it is set.
            return None


def build(params, ec2, kms):
    fields = AWS_DEFAULT if params["state"] == "absent" else given(params, ("enabled", "kms_key_id"))
    return EncryptionDefault(fields, ec2, kms)


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "enabled": {"type": "bool"},
            "kms_key_id": {"type": "str"},
        },
        supports_check_mode=True,
    )
    run(module, "encryption_default", lambda: build(module.params, client(module, "ec2"), client(module, "kms")))


if __name__ == "__main__":
    main()
