# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import ensure_present
from ansible_collections.wellarchitected.aws.plugins.modules.iam_password_policy import DEFAULTS, PasswordPolicy


class Iam:
    """An account with a policy; every update is kept in `updates`."""

    def __init__(self, **policy: Any) -> None:
        self.policy = policy
        self.updates: list[dict[str, Any]] = []

    def get_account_password_policy(self):
        return {"PasswordPolicy": {**self.policy, "ExpirePasswords": "MaxPasswordAge" in self.policy}}

    def update_account_password_policy(self, **policy):
        self.policy = policy
        self.updates.append(policy)


def test_what_aws_does_not_say_is_its_default():
    state = PasswordPolicy({}, Iam(MinimumPasswordLength=14, RequireSymbols=True)).find()
    assert state == {**DEFAULTS, "minimum_password_length": 14, "require_symbols": True}


def test_an_update_says_again_what_is_not_given():
    iam = Iam(MinimumPasswordLength=14, RequireSymbols=True, MaxPasswordAge=90)
    ensure_present(PasswordPolicy({"password_reuse_prevention": 24}, iam))
    assert iam.updates == [
        {"MinimumPasswordLength": 14, "RequireSymbols": True, "MaxPasswordAge": 90, "PasswordReusePrevention": 24}
    ]


def test_never_and_none_are_left_out():
    iam = Iam(MinimumPasswordLength=14, MaxPasswordAge=90, PasswordReusePrevention=24)
    outcome = ensure_present(PasswordPolicy({"max_password_age": 0, "password_reuse_prevention": 0}, iam))
    assert iam.updates == [{"MinimumPasswordLength": 14}]
    assert outcome.after == {**DEFAULTS, "minimum_password_length": 14}
