# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils import elbv2
from ansible_collections.wellarchitected.aws.plugins.modules import elbv2_listener_rule

CONDITIONS = {
    "host_header": ["example.com"],
    "http_header": [{"name": "x-origin", "values": ["a", "b"]}],
    "query_string": [{"key": None, "value": "c"}, {"key": "k", "value": "v"}],
}
WRITTEN = [
    {"Field": "host-header", "HostHeaderConfig": {"Values": ["example.com"]}},
    {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "x-origin", "Values": ["a", "b"]}},
    {"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": "c"}, {"Key": "k", "Value": "v"}]}},
]


def test_conditions_are_read_as_they_are_written():
    assert elbv2_listener_rule.write_conditions(CONDITIONS) == WRITTEN
    assert elbv2_listener_rule.read_conditions(WRITTEN) == CONDITIONS


@pytest.mark.parametrize(
    ("conditions", "read"),
    [
        ([{"Field": "path-pattern", "Values": ["/b", "/a"]}], {"path_pattern": ["/a", "/b"]}),
        ([{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["x"]}}], {"other": True}),
        ([{"Field": "unheard-of", "Values": ["x"]}], {"other": True}),
        ([{"Field": "source-ip", "Values": ["x"]}] * 2, {"source_ip": ["x"], "other": True}),
        ([WRITTEN[2]] * 2, {"query_string": CONDITIONS["query_string"], "other": True}),
    ],
)
def test_read_conditions(conditions, read):
    assert elbv2_listener_rule.read_conditions(conditions) == read


def test_normalise_conditions():
    headers = [{"name": "X-Origin", "values": ["b", "a", "b"]}]
    normal = elbv2_listener_rule.normalise_conditions({"http_header": headers, "source_ip": []})
    assert normal == {"http_header": CONDITIONS["http_header"]}


def test_hide():
    hidden = elbv2_listener_rule.hide(CONDITIONS)
    assert hidden["host_header"] == ["example.com"]
    assert hidden["http_header"] == [
        {"name": "x-origin", "values": ["sha256:3e23e8160039594a", "sha256:ca978112ca1bbdca"]}
    ]
    assert elbv2_listener_rule.hide({"source_ip": ["x"]}) == {"source_ip": ["x"]}


FORWARD = {"forward": {"target_groups": [{"arn": "a", "weight": 1}], "stickiness_seconds": 0}}
REDIRECT = {
    "redirect": {
        "protocol": "HTTPS",
        "host": "#{host}",
        "port": "443",
        "path": "/#{path}",
        "query": "#{query}",
        "status_code": "HTTP_301",
    }
}
FIXED = {"fixed_response": {"status_code": "403", "content_type": "text/plain", "message_body": ""}}


@pytest.mark.parametrize(
    "action",
    [FORWARD, {"forward": {**FORWARD["forward"], "stickiness_seconds": 60}}, REDIRECT, FIXED],
)
def test_an_action_is_read_as_it_is_written(action):
    assert elbv2.read_action(elbv2.write_action(action)) == action


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        ([{"Type": "forward", "TargetGroupArn": "a"}], FORWARD),
        ([{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443"}}], REDIRECT),
        ([{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}], FIXED),
        ([{"Type": "authenticate-oidc"}, {"Type": "forward", "TargetGroupArn": "a"}], {}),
        ([{"Type": "jwt-validation"}], {}),
    ],
)
def test_read_action(actions, action):
    assert elbv2.read_action(actions) == action


def test_target_groups_have_one_order():
    groups = [{"arn": "b", "weight": 1}, {"arn": "a", "weight": 2}]
    action = elbv2.normalise_action({"forward": {"target_groups": groups, "stickiness_seconds": 0}})
    assert [group["arn"] for group in action["forward"]["target_groups"]] == ["a", "b"]
