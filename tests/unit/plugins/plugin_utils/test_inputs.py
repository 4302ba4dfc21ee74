# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.inputs import did_you_mean, wrong_values

FLOW = {
    "from": {"type": "str", "required": True},
    "public": {"type": "bool"},
    "protocol": {"type": "str", "choices": ["tcp", "udp"]},
}


@pytest.mark.parametrize(
    ("value", "spec"),
    [
        ("10.0.0.0/16", {"type": "str"}),
        (443, {"type": "str"}),
        (0, {"type": "int"}),
        (False, {"type": "bool"}),
        (["a"], {"type": "list", "elements": "str"}),
        (["s3"], {"type": "list", "elements": "str", "choices": ["s3", "dynamodb"]}),
        ({"anything": None}, {"type": "dict"}),
        ([{"from": "web", "public": True, "protocol": "tcp"}], {"type": "list", "elements": "dict", "options": FLOW}),
        ({"web": {"from": "here"}}, {"type": "dict", "entries": {"type": "dict", "options": FLOW}}),
    ],
)
def test_right(value, spec):
    assert list(wrong_values(value, spec)) == []


@pytest.mark.parametrize(
    ("value", "spec", "path", "what"),
    [
        (None, {"type": "str"}, "", "has no value. Give it one, or leave it out."),
        (None, {"type": "str", "required": True}, "", "has no value. Give it one."),
        (["a"], {"type": "str"}, "", "is ['a'], and must be a text."),
        (True, {"type": "str"}, "", "is True, and must be a text."),
        ("7", {"type": "int"}, "", "is the text '7', and must be a whole number."),
        (True, {"type": "int"}, "", "is True, and must be a whole number."),
        ("no", {"type": "bool"}, "", "is the text 'no', and must be true or false."),
        (0, {"type": "bool"}, "", "is 0, and must be true or false."),
        ("a,c", {"type": "list", "elements": "str"}, "", "is the text 'a,c', and must be a list."),
        (["a", None], {"type": "list", "elements": "str"}, "[1]", "has no value. Give it one, or leave it out."),
        ([], {"type": "dict"}, "", "is [], and must be a dictionary."),
        (61, {"type": "int", "choices": [60, 600]}, "", "is 61, and must be one of: 60, 600."),
        (
            [{"from": "web", "protocol": "tpc"}],
            {"type": "list", "elements": "dict", "options": FLOW},
            "[0].protocol",
            "is 'tpc', and must be one of: tcp, udp.",
        ),
        ([{}], {"type": "list", "elements": "dict", "options": FLOW}, "[0].from", "is missing."),
        (
            {"from": "web", "pubic": True},
            {"type": "dict", "options": FLOW},
            ".pubic",
            "is not an option. There are: from, public, protocol. Did you mean public?",
        ),
        ({"web": {}}, {"type": "dict", "entries": {"type": "dict", "options": FLOW}}, ".web.from", "is missing."),
        ({"web": 1.5}, {"type": "dict", "entries": {"type": "int"}}, ".web", "is 1.5, and must be a whole number."),
    ],
)
def test_wrong(value, spec, path, what):
    assert list(wrong_values(value, spec)) == [(path, what)]


def test_did_you_mean():
    assert did_you_mean("network_cidrr", ["network_nat", "network_cidr"]) == " Did you mean network_cidr?"
    assert did_you_mean("colour", ["network_nat", "network_cidr"]) == ""
    assert did_you_mean(443, [80, 8443]) == " Did you mean 8443?"
