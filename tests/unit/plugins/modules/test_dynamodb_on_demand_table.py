# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules.dynamodb_on_demand_table import (
    encryption,
    is_ready,
    read,
)

KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TABLE = {
    "TableName": "example",
    "TableArn": "arn:aws:dynamodb:ap-northeast-1:123456789012:table/example",
    "TableStatus": "ACTIVE",
    "KeySchema": [{"AttributeName": "at", "KeyType": "RANGE"}, {"AttributeName": "key", "KeyType": "HASH"}],
}


@pytest.mark.parametrize(("status", "key"), [("ENABLED", KEY), ("UPDATING", KEY), ("DISABLED", ""), ("DISABLING", "")])
def test_read(status, key):
    state = read({**TABLE, "SSEDescription": {"Status": status, "KMSMasterKeyArn": KEY}})
    assert (state["kms_key_arn"], state["hash_key_name"], state["deletion_protection_enabled"]) == (key, "key", False)
    assert read(TABLE)["kms_key_arn"] == ""


@pytest.mark.parametrize(
    ("table", "ready"),
    [
        (None, False),
        (TABLE, True),
        ({**TABLE, "TableStatus": "UPDATING"}, False),
        ({**TABLE, "SSEDescription": {"Status": "UPDATING"}}, False),
        ({**TABLE, "SSEDescription": {"Status": "ENABLED"}}, True),
    ],
)
def test_is_ready(table, ready):
    assert is_ready(table) is ready


def test_encryption():
    assert encryption(KEY) == {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    assert encryption("") == {"Enabled": False}
