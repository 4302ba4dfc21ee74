# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import elasticache_parameter_group as module

KNOWN = {
    "timeout": {"ParameterValue": "0", "Source": "system"},
    "activedefrag": {"ParameterValue": "yes", "Source": "user"},
    "notify-keyspace-events": {"Source": "system"},
    "maxclients": {"ParameterValue": "65000", "IsModifiable": False},
}
GROUP = {
    "CacheParameterGroupName": "example",
    "ARN": "arn",
    "CacheParameterGroupFamily": "valkey8",
    "Description": "d",
}


def test_as_parameters():
    assert module.as_parameters({"a": True, "b": False, "c": 1, "d": "x"}) == {
        "a": "yes",
        "b": "no",
        "c": "1",
        "d": "x",
    }


def test_read_only_what_has_been_set():
    assert module.read(GROUP, KNOWN, {})["parameters"] == {"activedefrag": "yes"}


@pytest.mark.parametrize(
    ("wanted", "purge", "after"),
    [
        ({"timeout": "0"}, True, {}),
        ({"timeout": "5"}, True, {"timeout": "5"}),
        ({"timeout": "5"}, False, {"timeout": "5", "activedefrag": "yes"}),
        ({"activedefrag": "yes"}, True, {"activedefrag": "yes"}),
        ({"notify-keyspace-events": ""}, False, {"activedefrag": "yes"}),
        ({}, True, {}),
    ],
)
def test_parameters_after(wanted, purge, after):
    assert module.parameters_after({"activedefrag": "yes"}, wanted, KNOWN, purge) == after


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"timeot": "1"}, "valkey8 has no parameter timeot. Did you mean timeout?"),
        ({"zzz": "1"}, "valkey8 has no parameter zzz."),
        ({"maxclients": "1"}, "AWS does not let the parameter maxclients be changed; it is 65000."),
        ({"maxclients": "65000", "timeout": "1"}, None),
    ],
)
def test_refused_parameters(wanted, said):
    assert module.refused_parameters("valkey8", wanted, KNOWN) == said


def test_batches():
    names = [f"{number:02}" for number in range(45)]
    assert [len(batch) for batch in module.batches(names)] == [20, 20, 5]
    assert module.batches([]) == []
