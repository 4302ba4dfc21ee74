#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: iam_password_policy
version_added: "0.1.0"
short_description: Manage an account's password policy for IAM users
description:
  - Sets what an account demands of the passwords of its IAM users.
  - Follows U(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html).
  - The module of the same name in amazon.aws (11.4) writes in check mode too, shows no difference, and resets
    every option that is not given.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) applies the options that are given; what is not given stays as it is. An account without a policy
        gets one with AWS's value for each of them, which can demand less than AWS does without a policy.
      - V(absent) deletes the policy, so that AWS's own rules for passwords hold.
    type: str
    choices: [present, absent]
    default: present
  minimum_password_length:
    description:
      - How many characters a password has at least, 6 to 128. A new policy has 6 when not given.
    type: int
  require_symbols:
    description:
      - Demand a character that is neither a letter nor a digit.
    type: bool
  require_numbers:
    description:
      - Demand a digit.
    type: bool
  require_uppercase_characters:
    description:
      - Demand an uppercase letter, A to Z.
    type: bool
  require_lowercase_characters:
    description:
      - Demand a lowercase letter, a to z.
    type: bool
  allow_users_to_change_password:
    description:
      - Let every IAM user change their own password.
    type: bool
  max_password_age:
    description:
      - After how many days a password expires, up to 1095; V(0) is never.
    type: int
  password_reuse_prevention:
    description:
      - How many earlier passwords cannot be used again, up to 24; V(0) is none.
    type: int
  hard_expiry:
    description:
      - Whether only an administrator can replace a password that has expired.
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Demand long passwords, and new ones every 90 days
  wellarchitected.aws.iam_password_policy:
    minimum_password_length: 14
    require_symbols: true
    require_numbers: true
    require_uppercase_characters: true
    require_lowercase_characters: true
    allow_users_to_change_password: true
    max_password_age: 90
    password_reuse_prevention: 24

- name: Let passwords last, and leave the rest of the policy as it is
  wellarchitected.aws.iam_password_policy:
    max_password_age: 0

- name: Go back to AWS's own rules
  wellarchitected.aws.iam_password_policy:
    state: absent
"""

RETURN = r"""
password_policy:
  description: The policy as it is, or in check mode as it would be; empty when there is none.
  returned: success
  type: dict
  contains:
    minimum_password_length:
      description: How many characters a password has at least.
      type: int
      sample: 14
    require_symbols:
      description: Whether a character is demanded that is neither a letter nor a digit.
      type: bool
      sample: true
    require_numbers:
      description: Whether a digit is demanded.
      type: bool
      sample: true
    require_uppercase_characters:
      description: Whether an uppercase letter is demanded.
      type: bool
      sample: true
    require_lowercase_characters:
      description: Whether a lowercase letter is demanded.
      type: bool
      sample: true
    allow_users_to_change_password:
      description: Whether every IAM user can change their own password.
      type: bool
      sample: true
    max_password_age:
      description: After how many days a password expires; 0 is never.
      type: int
      sample: 90
    password_reuse_prevention:
      description: How many earlier passwords cannot be used again.
      type: int
      sample: 24
    hard_expiry:
      description: Whether only an administrator can replace a password that has expired.
      type: bool
      sample: false
"""

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict, snake_dict_to_camel_dict
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# What UpdateAccountPasswordPolicy makes of a parameter that it is not given.
DEFAULTS = {
    "minimum_password_length": 6,
    "require_symbols": False,
    "require_numbers": False,
    "require_uppercase_characters": False,
    "require_lowercase_characters": False,
    "allow_users_to_change_password": False,
    "max_password_age": 0,
    "password_reuse_prevention": 0,
    "hard_expiry": False,
}


class PolicyErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("NoSuchEntity")


class PasswordPolicy(Resource):
    def __init__(self, fields, iam):
        super().__init__(fields)
        self.iam = iam

    @PolicyErrorHandler.list_error_handler("read the account's password policy")
    def find(self):
        policy = camel_dict_to_snake_dict(self.iam.get_account_password_policy()["PasswordPolicy"])
        return {field: policy.get(field, default) for field, default in DEFAULTS.items()}

    def blank(self):
        return dict(DEFAULTS)

    def create(self):
        self._put({**DEFAULTS, **self.given})

    def update(self, current, changes):
        self._put({**current, **changes})

    @PolicyErrorHandler.common_error_handler("set the account's password policy")
    def _put(self, policy):
        # The call replaces the whole policy. It takes no 0 for "never" and "none": that is said by leaving them out.
        parameters = snake_dict_to_camel_dict({field: value for field, value in policy.items() if value}, True)
        self.iam.update_account_password_policy(**parameters)

    @PolicyErrorHandler.deletion_error_handler("delete the account's password policy")
    def delete(self, current):
        self.iam.delete_account_password_policy()


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            # Rules about passwords, which are no secrets: Ansible suspects them for their names.
            **{field: {"type": type(default).__name__, "no_log": False} for field, default in DEFAULTS.items()},
        },
        supports_check_mode=True,
    )
    run(module, "password_policy", lambda: PasswordPolicy(given(module.params, DEFAULTS), client(module, "iam")))


if __name__ == "__main__":
    main()
