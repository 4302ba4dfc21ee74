# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import cloudfront_response_headers_policy as policy

CONFIG = {
    "Name": "example",
    "Comment": "Security",
    "SecurityHeadersConfig": {
        "StrictTransportSecurity": {"AccessControlMaxAgeSec": 60, "Override": True},
        "XSSProtection": {"Protection": True, "Override": True},
    },
    "CorsConfig": {
        "AccessControlAllowOrigins": {"Quantity": 2, "Items": ["b", "a"]},
        "AccessControlAllowMethods": {"Quantity": 1, "Items": ["GET"]},
        "AccessControlAllowHeaders": {"Quantity": 1, "Items": ["*"]},
        "AccessControlAllowCredentials": False,
        "AccessControlMaxAgeSec": 600,
        "OriginOverride": True,
    },
    "CustomHeadersConfig": {"Quantity": 1, "Items": [{"Header": "X-A", "Value": "1", "Override": False}]},
    "RemoveHeadersConfig": {"Quantity": 2, "Items": [{"Header": "Server"}, {"Header": "etag"}]},
}
STATE = {
    "id": "1",
    "name": "example",
    "comment": "Security",
    "security_headers": {
        "strict_transport_security": {
            "access_control_max_age_sec": 60,
            "include_subdomains": False,
            "preload": False,
            "override": True,
        },
        "xss_protection": {"protection": True, "mode_block": False, "override": True},
    },
    "cors": {
        "access_control_allow_origins": ["a", "b"],
        "access_control_allow_methods": ["GET"],
        "access_control_allow_headers": ["*"],
        "access_control_expose_headers": [],
        "access_control_allow_credentials": False,
        "access_control_max_age_sec": 600,
        "origin_override": True,
    },
    "custom_headers": [{"header": "X-A", "value": "1", "override": False}],
    "remove_headers": ["etag", "Server"],
    "server_timing": {"enabled": False, "sampling_rate": 0.0},
}


def test_read():
    assert policy.read({"Id": "1", "ResponseHeadersPolicyConfig": CONFIG}) == STATE


def test_write_changes_only_what_is_to_be_changed():
    written = policy.write(CONFIG, {"remove_headers": [], "comment": "", "custom_headers": STATE["custom_headers"]})
    rest = {name: value for name, value in CONFIG.items() if name != "RemoveHeadersConfig"}
    assert written == {**rest, "Comment": ""}


@pytest.mark.parametrize("field", ["security_headers", "cors", "custom_headers", "remove_headers"])
def test_written_as_it_is_read(field):
    written = policy.write({"Name": "example"}, {field: STATE[field]})
    assert policy.read({"Id": "1", "ResponseHeadersPolicyConfig": written})[field] == STATE[field]


def test_nothing_is_empty_in_what_is_written():
    assert policy.write({"Name": "example"}, {"security_headers": {}, "cors": {}, "custom_headers": []}) == {
        "Name": "example"
    }


@pytest.mark.parametrize(
    ("wanted", "same"),
    [
        (STATE["cors"], True),
        ({name: value for name, value in STATE["cors"].items() if name != "access_control_max_age_sec"}, True),
        ({**STATE["cors"], "access_control_max_age_sec": 60}, False),
        ({}, False),
    ],
)
def test_same_cors(wanted, same):
    assert policy.same_cors(STATE["cors"], wanted) is same
    assert policy.same_cors({}, wanted) is (wanted == {})
