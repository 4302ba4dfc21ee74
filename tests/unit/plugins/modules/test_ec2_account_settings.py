# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The account's settings of EC2 in a region."""

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import ensure_present
from ansible_collections.wellarchitected.aws.plugins.modules.ec2_instance_metadata_defaults import (
    NO_PREFERENCE,
    InstanceMetadataDefaults,
    build,
)
from ansible_collections.wellarchitected.aws.plugins.modules.ec2_serial_console_access import SerialConsoleAccess


class Ec2:
    def get_instance_metadata_defaults(self):
        return {"AccountLevel": {"HttpTokens": "required", "ManagedBy": "declarative-policy"}}

    def get_serial_console_access_status(self):
        return {"SerialConsoleAccessEnabled": True}


def test_what_is_not_set_is_no_preference():
    state = InstanceMetadataDefaults({}, Ec2()).find()
    assert state == {**NO_PREFERENCE, "http_tokens": "required", "managed_by": "declarative-policy"}


def test_absent_is_no_preference():
    assert build({"state": "absent"}, None).given == NO_PREFERENCE


def test_a_declarative_policy_has_the_last_word():
    with pytest.raises(AnsibleAWSError, match="http_tokens cannot be changed here, because a declarative policy"):
        ensure_present(InstanceMetadataDefaults({"http_tokens": "optional"}, Ec2()))
    assert not ensure_present(InstanceMetadataDefaults({"http_tokens": "required"}, Ec2())).changed


def test_an_api_that_does_not_say_who_manages():
    assert SerialConsoleAccess({}, Ec2()).find() == {"state": "enabled", "managed_by": "account"}
