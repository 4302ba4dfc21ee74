# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules.secretsmanager_generated_secret import (
    CHARACTERS,
    new_value,
    read,
    same_key,
    stages_after,
)

ARN = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:example-a1b2c3"


@pytest.mark.parametrize(
    ("rotation", "before", "after"),
    [
        ("begin", ["current"], ["current", "pending"]),
        ("begin", ["current", "pending"], ["current", "pending"]),
        # A rotation that was switched is finished before the next one begins.
        ("begin", ["current", "previous"], ["current", "previous"]),
        ("switch", ["current", "pending"], ["current", "previous"]),
        ("switch", ["current", "previous"], ["current", "previous"]),
        ("switch", ["current"], ["current"]),
        ("finish", ["current", "previous"], ["current"]),
        ("finish", ["current", "pending"], ["current", "pending"]),
    ],
)
def test_stages(rotation, before, after):
    assert stages_after(rotation, before) == after


def test_new_values():
    value = new_value(41, None)
    assert len(value) == 41
    assert set(value) <= set(CHARACTERS)
    assert value != new_value(41, None)
    read = json.loads(new_value(16, "owner"))
    assert (read["username"], len(read["password"])) == ("owner", 16)


def test_a_key_by_its_id_or_its_arn():
    assert same_key("arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd", "1234abcd")
    assert not same_key(None, "1234abcd")


def test_read():
    secret = {
        "ARN": ARN,
        "Name": "example",
        "Tags": [{"Key": "Environment", "Value": "test"}],
        "VersionIdsToStages": {"1": ["AWSPREVIOUS"], "2": ["AWSCURRENT", "mine"], "3": []},
    }
    assert read(secret) == {
        "name": "example",
        "arn": ARN,
        "description": "",
        "kms_key_id": None,
        "stages": ["current", "previous"],
        "tags": {"Environment": "test"},
    }
