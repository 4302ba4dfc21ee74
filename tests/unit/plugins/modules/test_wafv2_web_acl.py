# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import botocore.session
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import wafv2_web_acl
from botocore.exceptions import ClientError

MODEL = botocore.session.get_session().get_service_model("wafv2")
SHAPES = MODEL.operation_model("UpdateWebACL").input_shape.members
VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "test"}
RATE = {
    "Name": "rate",
    "Priority": 0,
    "Action": {"Block": {}},
    "Statement": {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP", "EvaluationWindowSec": 300}},
    "VisibilityConfig": {**VISIBILITY, "MetricName": "rate"},
}
WEB_ACL = {
    "Name": "test",
    "Id": "1",
    "ARN": "arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/test/1",
    "DefaultAction": {"Allow": {}},
    "Description": "",
    "Rules": [RATE],
    "VisibilityConfig": VISIBILITY,
    "Capacity": 2,
    "LabelNamespace": "awswaf:123456789012:webacl:test:",
    # What the module knows nothing of.
    "DataProtectionConfig": {"DataProtections": [{"Field": {"FieldType": "BODY"}, "Action": "HASH"}]},
}
RATE_STATE = {
    "name": "rate",
    "priority": 0,
    "action": {"block": {}},
    "statement": {"rate_based_statement": {"limit": 100, "aggregate_key_type": "IP"}},
    "visibility_config": wafv2_web_acl.visibility("rate"),
}


def fields(**given):
    return wafv2_web_acl.given_fields({**dict.fromkeys(wafv2_web_acl.FIELDS), **given}, SHAPES)


def test_read():
    assert wafv2_web_acl.read(WEB_ACL, "REGIONAL", {"a": "b"}, SHAPES) == {
        "name": "test",
        "scope": "REGIONAL",
        "id": "1",
        "arn": WEB_ACL["ARN"],
        "label_namespace": "awswaf:123456789012:webacl:test:",
        "capacity": 2,
        "managed_by_firewall_manager": False,
        "description": "",
        "default_action": {"allow": {}},
        "rules": [RATE_STATE],
        "visibility_config": wafv2_web_acl.visibility("test"),
        "custom_response_bodies": {},
        "captcha_immunity_time": 300,
        "challenge_immunity_time": 300,
        "token_domains": [],
        "association_config": {},
        "tags": {"a": "b"},
    }


def test_given_as_it_is_read():
    statement = RATE_STATE["statement"]
    given = fields(default_action="allow", rules=[{"name": "rate", "action": "block", "statement": statement}])
    assert given == {"default_action": {"allow": {}}, "rules": [RATE_STATE]}
    assert fields(rules=[RATE]) == {"rules": [RATE_STATE]}


def test_rules_are_ordered_by_priority():
    rules = fields(rules=[{**RATE_STATE, "priority": 7}, {**RATE_STATE, "name": "other", "priority": 3}])["rules"]
    assert [rule["name"] for rule in rules] == ["other", "rate"]


@pytest.mark.parametrize(
    ("shape", "value", "normal"),
    [
        ("RateBasedStatement", {"Limit": 1, "EvaluationWindowSec": 300}, {"Limit": 1}),
        ("RateBasedStatement", {"Limit": 1, "EvaluationWindowSec": 60}, {"Limit": 1, "EvaluationWindowSec": 60}),
        ("FieldToMatch", {"Body": {"OversizeHandling": "CONTINUE"}}, {"Body": {}}),
        ("RuleAction", {"Block": {}}, {"Block": {}}),
        ("GeoMatchStatement", {"CountryCodes": ["US", "JP"]}, {"CountryCodes": ["JP", "US"]}),
        (
            "ManagedRuleGroupStatement",
            {"Name": "x", "ExcludedRules": [], "RuleActionOverrides": [{"Name": "b"}, {"Name": "a"}]},
            {"Name": "x", "RuleActionOverrides": [{"Name": "a"}, {"Name": "b"}]},
        ),
        (
            "AndStatement",
            {"Statements": [{"GeoMatchStatement": {"CountryCodes": ["b", "a"]}}, {"LabelMatchStatement": {}}]},
            {"Statements": [{"GeoMatchStatement": {"CountryCodes": ["a", "b"]}}, {"LabelMatchStatement": {}}]},
        ),
        ("CustomResponseBodies", {"b": {"Content": "x"}}, {"b": {"Content": "x"}}),
    ],
)
def test_normalise(shape, value, normal):
    assert wafv2_web_acl.normalise(MODEL.shape_for(shape), value) == normal


def test_what_is_sorted_and_has_a_default_is_in_the_model():
    for name in wafv2_web_acl.SORT_KEYS:
        assert MODEL.shape_for(name).type_name == "list"
    for name, defaults in wafv2_web_acl.DEFAULTS.items():
        assert defaults.keys() <= MODEL.shape_for(name).members.keys()


def test_write():
    written = wafv2_web_acl.write(
        {
            "description": "",
            "default_action": {"allow": {}},
            "rules": [],
            "captcha_immunity_time": 60,
            "token_domains": ["example.com"],
            "tags": {"a": "b"},
        },
        SHAPES,
    )
    assert written == {
        "Description": None,
        "DefaultAction": {"Allow": {}},
        "Rules": None,
        "CaptchaConfig": {"ImmunityTimeProperty": {"ImmunityTime": 60}},
        "TokenDomains": ["example.com"],
    }


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([RATE_STATE, {**RATE_STATE, "priority": 1}], "the name rate"),
        ([RATE_STATE, {**RATE_STATE, "name": "other"}], "the priority 0"),
    ],
)
def test_doubles(rules, said):
    with pytest.raises(AnsibleAWSError, match=f"Several rules have {said}"):
        fields(rules=rules)


class Waf:
    """WAF with one web ACL, which somebody else changes the moment before its first update or deletion."""

    def __init__(self, error=None):
        self.meta = type("Meta", (), {"service_model": MODEL, "region_name": "ap-northeast-1"})
        self.error = error
        self.token = 1
        self.calls = []

    def list_web_acls(self, **arguments):
        return {"WebACLs": [{"Name": "test", "Id": "1"}]}

    def get_web_acl(self, **arguments):
        return {"WebACL": WEB_ACL, "LockToken": str(self.token)}

    def _write(self, **arguments):
        self.calls.append(arguments)
        if self.error:
            raise ClientError({"Error": {"Code": self.error}}, "UpdateWebACL")
        if self.token == 1:
            self.token = 2
            raise ClientError({"Error": {"Code": "WAFOptimisticLockException"}}, "UpdateWebACL")

    update_web_acl = delete_web_acl = _write


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def web_acl(waf, **given):
    options = dict.fromkeys(wafv2_web_acl.FIELDS)
    params = {"name": "test", "scope": "REGIONAL", "purge_tags": True, **options, **given}
    return wafv2_web_acl.build(params, waf)


def test_an_update_tells_the_rest_again_and_comes_again_with_a_new_token():
    waf = Waf()
    web_acl(waf).update({}, {"rules": []})
    assert [call["LockToken"] for call in waf.calls] == ["1", "2"]
    assert waf.calls[-1] == {
        "Name": "test",
        "Scope": "REGIONAL",
        "Id": "1",
        "LockToken": "2",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": VISIBILITY,
        "DataProtectionConfig": WEB_ACL["DataProtectionConfig"],
    }


def test_a_deletion_comes_again_with_a_new_token():
    waf = Waf()
    web_acl(waf).delete({})
    assert [call["LockToken"] for call in waf.calls] == ["1", "2"]


def test_what_cloudfront_still_uses():
    with pytest.raises(AnsibleAWSError, match="The web ACL test still protects something"):
        web_acl(Waf("WAFAssociatedItemException")).delete({})


def test_what_firewall_manager_manages_is_left_to_it():
    assert "managed by AWS Firewall Manager" in web_acl(Waf()).deletion_refusal({"managed_by_firewall_manager": True})
