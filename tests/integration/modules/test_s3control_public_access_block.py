# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from .conftest import REGION, Story


def test_story(modules):
    modules.tell(
        Story(
            module="s3control_public_access_block",
            returns="public_access_block",
            present={"block_public_acls": True, "ignore_public_acls": True},
            changes=({"block_public_policy": True, "restrict_public_buckets": True}, {"ignore_public_acls": False}),
            drift=lambda sandbox: sandbox.client("s3control", REGION).delete_public_access_block(
                AccountId="123456789012"
            ),
        )
    )


def test_what_is_not_given_stays(modules):
    modules.run("s3control_public_access_block", block_public_acls=True, restrict_public_buckets=True)
    answer = modules.run("s3control_public_access_block", restrict_public_buckets=False)
    assert answer["public_access_block"] == {
        "account_id": "123456789012",
        "block_public_acls": True,
        "ignore_public_acls": False,
        "block_public_policy": False,
        "restrict_public_buckets": False,
    }
