#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: s3control_public_access_block
version_added: "0.1.0"
short_description: Block public access to all S3 buckets of an account
description:
  - Sets the four barriers against public access for all buckets and access points of an account, in every region. The
    stricter of the account's and a bucket's own setting holds.
  - Follows U(https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) applies the options that are given.
      - V(absent) takes the account's barriers down; the buckets keep their own.
    type: str
    choices: [present, absent]
    default: present
  account_id:
    description:
      - The account's 12 digits, in quotes where they begin with a zero; the account of the credentials when not given.
    type: str
  block_public_acls:
    description:
      - Refuse access control lists that make a bucket or an object public.
    type: bool
  ignore_public_acls:
    description:
      - Disregard the access control lists that already make something public.
    type: bool
  block_public_policy:
    description:
      - Refuse bucket policies that make a bucket public.
    type: bool
  restrict_public_buckets:
    description:
      - While a policy makes a bucket public, let in AWS services and the bucket's own account only.
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let nothing in the account's buckets be public
  wellarchitected.aws.s3control_public_access_block:
    block_public_acls: true
    ignore_public_acls: true
    block_public_policy: true
    restrict_public_buckets: true
"""

RETURN = r"""
public_access_block:
  description: The account's setting as it is, or in check mode as it would be.
  returned: success
  type: dict
  contains:
    account_id:
      description: The account.
      type: str
      sample: "123456789012"
    block_public_acls:
      description: Whether access control lists that make something public are refused.
      type: bool
      sample: true
    ignore_public_acls:
      description: Whether access control lists that make something public are disregarded.
      type: bool
      sample: true
    block_public_policy:
      description: Whether bucket policies that make a bucket public are refused.
      type: bool
      sample: true
    restrict_public_buckets:
      description: Whether public buckets are open to AWS services and the bucket's own account only.
      type: bool
      sample: true
"""

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, own_account, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Setting, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.s3_bucket import (
    PUBLIC_ACCESS_BLOCKS,
    read_public_access_block,
)


class PublicAccessBlock(Setting):
    def __init__(self, fields, account_id, s3control):
        super().__init__(fields)
        self.account_id = account_id
        self.s3control = s3control

    @AWSErrorHandler.common_error_handler("read the public access block of account {self.account_id}")
    def find(self):
        try:
            answer = self.s3control.get_public_access_block(AccountId=self.account_id)
        except is_boto3_error_code("NoSuchPublicAccessBlockConfiguration"):
            answer = {}
        return {"account_id": self.account_id, **read_public_access_block(answer)}

    @AWSErrorHandler.common_error_handler("set the public access block of account {self.account_id}")
    def update(self, current, changes):
        blocks = {name: changes.get(name, current[name]) for name in PUBLIC_ACCESS_BLOCKS}
        if any(blocks.values()):
            configuration = snake_dict_to_camel_dict(blocks, capitalize_first=True)
            self.s3control.put_public_access_block(
                AccountId=self.account_id, PublicAccessBlockConfiguration=configuration
            )
        else:
            self.s3control.delete_public_access_block(AccountId=self.account_id)


def fields(params):
    if params["state"] == "absent":
        return dict.fromkeys(PUBLIC_ACCESS_BLOCKS, False)
    return given(params, PUBLIC_ACCESS_BLOCKS)


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "account_id": {"type": "str"},
            **{name: {"type": "bool"} for name in PUBLIC_ACCESS_BLOCKS},
        },
        supports_check_mode=True,
    )

    def build():
        account_id = module.params["account_id"] or own_account(client(module, "sts"))
        return PublicAccessBlock(fields(module.params), account_id, client(module, "s3control"))

    run(module, "public_access_block", build)


if __name__ == "__main__":
    main()
