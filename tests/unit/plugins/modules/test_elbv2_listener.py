# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import elbv2_listener

ACTION = {"fixed_response": {"status_code": "403", "content_type": "text/plain", "message_body": ""}}
STATE = {
    "arn": "listener",
    "load_balancer_arn": "balancer",
    "port": 443,
    "protocol": "HTTPS",
    "certificate_arn": "certificate",
    "ssl_policy": "policy",
    "action": ACTION,
    "tags": {"a": "b"},
}
MEMBERS = {
    "Protocol": "HTTPS",
    "Certificates": [{"CertificateArn": "certificate"}],
    "SslPolicy": "policy",
    "DefaultActions": [
        {
            "Type": "fixed-response",
            "FixedResponseConfig": {"StatusCode": "403", "ContentType": "text/plain", "MessageBody": ""},
        }
    ],
}


def test_read():
    listener = {"ListenerArn": "listener", "LoadBalancerArn": "balancer", "Port": 443, **MEMBERS}
    assert elbv2_listener.read(listener, {"a": "b"}) == STATE


def test_read_http():
    listener = {"ListenerArn": "l", "LoadBalancerArn": "b", "Port": 80, "Protocol": "HTTP", "DefaultActions": []}
    state = elbv2_listener.read(listener, {})
    assert (state["certificate_arn"], state["ssl_policy"], state["action"]) == (None, None, {})


@pytest.mark.parametrize(
    ("fields", "members"),
    [(STATE, MEMBERS), ({}, {}), ({"protocol": "HTTP", "certificate_arn": None}, {"Protocol": "HTTP"})],
)
def test_write(fields, members):
    assert elbv2_listener.write(fields) == members


def test_what_goes_with_https():
    params = {"load_balancer_arn": "b", "port": 443, "purge_tags": True, **dict.fromkeys(elbv2_listener.FIELDS)}
    listener = elbv2_listener.Listener({**params, "protocol": "HTTP"}, None)
    changes = listener.changes(STATE)
    assert changes == {"protocol": "HTTP", "certificate_arn": None, "ssl_policy": None}
    assert listener.refusal(STATE, changes) is None
