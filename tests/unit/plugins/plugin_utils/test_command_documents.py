# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.command_documents import content, problems

SERVICE = {"description": "The unit", "allowed_pattern": "^[a-z.-]+$"}
RESTART = {"description": "Restart", "parameters": {"Service": SERVICE}, "lines": ['systemctl restart "$SSM_Service"']}


def test_a_parameter_is_a_variable_of_the_shell():
    built = content({**RESTART, "timeout": 60})
    assert built["parameters"] == {
        "Service": {"type": "String", "description": "The unit", "allowedPattern": "^[a-z.-]+$"}
    }
    [step] = built["mainSteps"]
    assert step["inputs"] == {
        "timeoutSeconds": "60",
        "runCommand": ["export SSM_Service='{{ Service }}'", 'systemctl restart "$SSM_Service"'],
    }


def test_values_have_the_type_of_their_parameter():
    parameters = {
        "Count": {"type": "Integer", "default": "2", "allowed_values": ["1", "2"]},
        "Force": {"type": "Boolean", "default": "false"},
    }
    built = content({**RESTART, "parameters": parameters})["parameters"]
    assert built == {
        "Count": {"type": "Integer", "default": 2, "allowedValues": [1, 2]},
        "Force": {"type": "Boolean", "default": False},
    }


def test_without_parameters_there_are_none():
    built = content({"description": "Say who it is", "lines": ["id"]})
    assert "parameters" not in built
    assert built["mainSteps"][0]["inputs"] == {"timeoutSeconds": "3600", "runCommand": ["id"]}


def wrong(name="restart", parameters=None, **changes):
    document = {**RESTART, **({"parameters": parameters} if parameters is not None else {}), **changes}
    return problems("here", name, document, "shop-test")


def test_what_is_right():
    assert wrong() == []
    assert wrong(parameters={"Count": {"type": "Integer"}, "How": {"allowed_values": ["fast", "slow"]}}) == []
    assert wrong(parameters={"Service": {**SERVICE, "default": "web"}}) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "Restart it"}, "lower-case letters"),
        ({"name": "r" * 120}, "has 130 characters"),
        ({"lines": []}, "would do nothing"),
        ({"timeout": 0}, "AWS allows 1 to 172800 seconds"),
        ({"parameters": {"a-b": SERVICE}}, "here.parameters.a-b: the name of a parameter"),
        ({"parameters": {"Count": {"type": "Integer", "default": "two"}}}, "'two', which is no Integer"),
        ({"parameters": {"Service": {}}}, "neither allowed_pattern nor allowed_values"),
        ({"parameters": {"Service": {"allowed_values": ["it's"]}}}, "quotation mark"),
        ({"parameters": {"Service": {"allowed_pattern": "^[a-z$"}}}, "no regular expression"),
        ({"parameters": {"Service": {"allowed_pattern": "[a-z]+"}}}, "has to begin with ^"),
        ({"parameters": {"Service": {"allowed_pattern": "^.*$"}}}, "quotation mark"),
        ({"parameters": {"Service": {"allowed_pattern": "^[^;]+$"}}}, "quotation mark"),
        ({"parameters": {"Service": {"allowed_pattern": r"^[a-z\s]+$"}}}, "line feed"),
        ({"parameters": {"Service": {**SERVICE, "default": "A B"}}}, "default is 'A B'"),
    ],
)
def test_what_is_wrong(changes, said):
    [problem] = wrong(**changes)
    assert problem.startswith("here") and said in problem
