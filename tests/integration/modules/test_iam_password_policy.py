# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from .conftest import Story


def test_story(modules):
    modules.tell(
        Story(
            module="iam_password_policy",
            returns="password_policy",
            present={"minimum_password_length": 14, "require_symbols": True, "max_password_age": 90},
            changes=(
                {"password_reuse_prevention": 24, "allow_users_to_change_password": True},
                {"require_symbols": False, "hard_expiry": True},
                {"max_password_age": 0, "password_reuse_prevention": 0},
            ),
            drift=lambda sandbox: sandbox.client("iam").update_account_password_policy(MinimumPasswordLength=8),
        )
    )


def test_drift_to_no_policy(modules, sandbox):
    given = {"minimum_password_length": 14}
    modules.run("iam_password_policy", **given)
    sandbox.client("iam").delete_account_password_policy()
    assert modules.run("iam_password_policy", **given)["changed"]


def test_what_is_not_given_stays(modules):
    before = modules.run(
        "iam_password_policy",
        minimum_password_length=14,
        require_numbers=True,
        require_uppercase_characters=True,
        require_lowercase_characters=True,
        password_reuse_prevention=24,
    )["password_policy"]
    after = modules.run("iam_password_policy", max_password_age=90)["password_policy"]
    assert after == {**before, "max_password_age": 90}
