# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import botocore.session
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils.shapes import from_api, to_api

WAF = botocore.session.get_session().get_service_model("wafv2")


@pytest.mark.parametrize(
    ("shape", "value", "of_the_api"),
    [
        ("RuleAction", "block", {"Block": {}}),
        ("RuleAction", {"Block": {}}, {"Block": {}}),
        ("FieldToMatch", "ja3_fingerprint", "ja3_fingerprint needs fallback_behavior"),
        (
            "Statement",
            {"ip_set_reference_statement": {"arn": "arn:aws:wafv2:::ipset/x", "ip_set_forwarded_ip_config": None}},
            {"IPSetReferenceStatement": {"ARN": "arn:aws:wafv2:::ipset/x"}},
        ),
        (
            "RateBasedStatement",
            {"limit": "100", "aggregate_key_type": "IP"},
            {"Limit": 100, "AggregateKeyType": "IP"},
        ),
        (
            "VisibilityConfig",
            {"sampled_requests_enabled": "no", "CloudWatchMetricsEnabled": True, "metric_name": 1},
            {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": True, "MetricName": "1"},
        ),
        (
            "CustomResponseBodies",
            {"some_key": {"content_type": "TEXT_PLAIN", "content": "x"}},
            {"some_key": {"ContentType": "TEXT_PLAIN", "Content": "x"}},
        ),
        ("SearchString", "bad", b"bad"),
        ("CountryCodes", "JP", "value is 'JP', but must be a list"),
        ("CustomResponseBodies", [], "value is [], but must be a dictionary"),
        ("RuleAction", ["block"], "value is ['block'], but must be a dictionary"),
        ("RuleAction", "blok", "value has no member blok. Did you mean block?"),
        ("RuleAction", {"zzz": {}}, "value has no member zzz."),
        ("VisibilityConfig", {"metric_name": "x"}, "sampled_requests_enabled and cloud_watch_metrics_enabled"),
        ("Boolean", "perhaps", "value is 'perhaps', but must be true or false"),
        ("RateLimit", [], "value is [], but must be a whole number"),
        ("EntityName", True, "value is True, but must be a text"),
        ("CountryCodes", ["JP", {}], "value[1] is {}, but must be a text"),
    ],
)
def test_to_api(shape, value, of_the_api):
    if isinstance(of_the_api, str):
        with pytest.raises(AnsibleAWSError) as error:
            to_api(WAF.shape_for(shape), value, "value")
        assert of_the_api in str(error.value.message)
    else:
        assert to_api(WAF.shape_for(shape), value, "value") == of_the_api


def test_from_api():
    statement = {
        "ByteMatchStatement": {
            "SearchString": b"bad\xff",
            "FieldToMatch": {"UriPath": {}, "Body": None},
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
            "Unheard": "of",
        }
    }
    assert from_api(WAF.shape_for("Statement"), statement) == {
        "byte_match_statement": {
            "search_string": "bad\\xff",
            "field_to_match": {"uri_path": {}},
            "text_transformations": [{"priority": 0, "type": "NONE"}],
        }
    }
    bodies = {"some_Key": {"ContentType": "TEXT_PLAIN", "Content": "x"}}
    assert from_api(WAF.shape_for("CustomResponseBodies"), bodies) == {
        "some_Key": {"content_type": "TEXT_PLAIN", "content": "x"}
    }
