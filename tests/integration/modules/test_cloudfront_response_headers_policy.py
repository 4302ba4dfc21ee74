# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import Story

SECURITY = {
    "strict_transport_security": {"access_control_max_age_sec": 31536000, "include_subdomains": True},
    "content_type_options": {"override": True},
    "frame_options": {"frame_option": "DENY"},
    "referrer_policy": {"referrer_policy": "same-origin", "override": False},
    "xss_protection": {"protection": True, "report_uri": "https://example.com/xss"},
    "content_security_policy": {"content_security_policy": "default-src 'self'"},
}
CORS = {
    "access_control_allow_origins": ["https://www.example.com", "https://example.com"],
    "access_control_allow_methods": ["POST", "GET"],
    "access_control_allow_headers": ["*"],
    "access_control_expose_headers": ["X-Trace"],
    "access_control_max_age_sec": 60,
}


def change(sandbox, **members):
    cloudfront = sandbox.client("cloudfront", "us-east-1")
    (item,) = cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]["Items"]
    found = cloudfront.get_response_headers_policy(Id=item["ResponseHeadersPolicy"]["Id"])
    config = {**found["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"], **members}
    cloudfront.update_response_headers_policy(
        Id=item["ResponseHeadersPolicy"]["Id"], IfMatch=found["ETag"], ResponseHeadersPolicyConfig=config
    )


def test_story(modules):
    modules.tell(
        Story(
            module="cloudfront_response_headers_policy",
            returns="response_headers_policy",
            identity={"name": "example"},
            present={
                "comment": "Security",
                "security_headers": SECURITY,
                "cors": CORS,
                "custom_headers": [{"header": "X-B", "value": "2"}, {"header": "x-a", "value": "1", "override": False}],
                "remove_headers": ["X-Powered-By", "Server"],
                "server_timing": {"enabled": True, "sampling_rate": 0.5},
            },
            changes=(
                {"security_headers": {"frame_options": {"frame_option": "SAMEORIGIN"}}},
                {"cors": {**CORS, "access_control_expose_headers": [], "access_control_allow_credentials": True}},
                {"custom_headers": [], "remove_headers": ["Server"], "comment": ""},
                {"security_headers": {}, "cors": {}, "server_timing": {"enabled": False}},
            ),
            drift=lambda sandbox: change(sandbox, RemoveHeadersConfig={"Quantity": 0}),
            unpredictable=frozenset({"id"}),
        )
    )


def test_what_is_not_given_stays(modules):
    before = modules.run(
        "cloudfront_response_headers_policy", name="example", security_headers=SECURITY, remove_headers=["Server"]
    )["response_headers_policy"]
    after = modules.run("cloudfront_response_headers_policy", name="example", cors=CORS)["response_headers_policy"]
    assert after == {**before, "cors": after["cors"]}
    assert after["cors"]["access_control_allow_origins"] == ["https://example.com", "https://www.example.com"]


def test_letter_case_and_order_do_not_matter(modules):
    given = {"custom_headers": [{"header": "X-A", "value": "1"}], "remove_headers": ["Server", "X-Powered-By"]}
    modules.run("cloudfront_response_headers_policy", name="example", **given)
    given = {"custom_headers": [{"header": "x-a", "value": "1"}], "remove_headers": ["x-powered-by", "server"]}
    assert not modules.run("cloudfront_response_headers_policy", name="example", **given)["changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"cors": {"access_control_allow_origins": ["*"]}}, "cors lacks access_control_allow_methods and access"),
        (
            {"security_headers": {"xss_protection": {"protection": True, "mode_block": True, "report_uri": "x"}}},
            "both mode_block and report_uri",
        ),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_refused(modules, arguments, said, check):
    answer = modules.attempt("cloudfront_response_headers_policy", check=check, name="example", **arguments)
    assert said in answer["msg"]
