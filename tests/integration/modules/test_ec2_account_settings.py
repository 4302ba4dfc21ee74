# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The account's settings of EC2 in a region."""

from __future__ import annotations

import pytest

from .conftest import REGION, Story

STORIES = [
    Story(
        module="ec2_image_block_public_access",
        returns="image_block_public_access",
        present={"state": "unblocked"},
        changes=({"state": "block-new-sharing"},),
        drift=lambda sandbox: sandbox.client("ec2", REGION).disable_image_block_public_access(),
        absent=None,
    ),
    Story(
        module="ec2_snapshot_block_public_access",
        returns="snapshot_block_public_access",
        present={"state": "block-new-sharing"},
        changes=({"state": "unblocked"}, {"state": "block-all-sharing"}),
        drift=lambda sandbox: sandbox.client("ec2", REGION).disable_snapshot_block_public_access(),
        absent=None,
    ),
    Story(
        module="ec2_serial_console_access",
        returns="serial_console_access",
        present={"state": "enabled"},
        changes=({"state": "disabled"},),
        drift=lambda sandbox: sandbox.client("ec2", REGION).enable_serial_console_access(),
        absent=None,
    ),
    Story(
        module="ec2_instance_metadata_defaults",
        returns="instance_metadata_defaults",
        present={"http_tokens": "required", "http_put_response_hop_limit": 2},
        changes=({"instance_metadata_tags": "enabled"}, {"http_put_response_hop_limit": -1}),
        drift=lambda sandbox: sandbox.client("ec2", REGION).modify_instance_metadata_defaults(HttpTokens="optional"),
    ),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.module)
def test_story(modules, story):
    modules.tell(story)


def test_ebs_encryption_default(modules, sandbox):
    kms, ec2 = sandbox.client("kms", REGION), sandbox.client("ec2", REGION)
    first, second = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    kms.create_alias(AliasName="alias/example", TargetKeyId=second)

    def drift(_):
        ec2.disable_ebs_encryption_by_default()
        ec2.modify_ebs_default_kms_key_id(KmsKeyId=first)

    modules.tell(
        Story(
            module="ec2_ebs_encryption_default",
            returns="encryption_default",
            present={"enabled": True, "kms_key_id": first},
            changes=({"kms_key_id": "alias/example"}, {"enabled": False}, {"enabled": True}),
            drift=drift,
            # EC2 answers with the key behind the alias.
            unpredictable=frozenset({"kms_key_id"}),
        )
    )


def test_ebs_encryption_default_names_the_key_it_has(modules, sandbox):
    key = sandbox.client("kms", REGION).create_key()["KeyMetadata"]
    modules.run("ec2_ebs_encryption_default", kms_key_id=key["Arn"])
    answer = modules.run("ec2_ebs_encryption_default", kms_key_id=key["KeyId"])
    assert not answer["changed"]
    assert answer["encryption_default"]["kms_key_id"] == key["Arn"]
