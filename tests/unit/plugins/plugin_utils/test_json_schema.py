# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The checker of JSON schemas says what jsonschema says, where there is jsonschema."""

from __future__ import annotations

import json

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.cloudwatch_agent import SCHEMA
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.json_schema import SIZES, WORDS, violations

SILENT = {"$ref", "$schema", "additionalProperties", "definitions", "description", "descriptions", "type"}
# Two slips of the agent's schema: options that stand where words of the schema belong. They demand nothing.
SLIPS = {"metrics_collection_interval", "tls"}


def words(schema, names=False):
    """The words that a schema uses."""
    if isinstance(schema, list):
        return set().union(*map(words, schema))
    if not isinstance(schema, dict):
        return set()
    below = [words(value, not names and key in ("properties", "definitions")) for key, value in schema.items()]
    return (set() if names else set(schema)).union(*below)


def test_every_word_of_the_agents_schema_is_known():
    assert words(json.loads(SCHEMA.read_text())) - SILENT - SLIPS == (
        words(json.loads(SCHEMA.read_text())) & (WORDS.keys() | SIZES.keys())
    )


@pytest.mark.parametrize(
    ("value", "schema", "said"),
    [
        ("x", {"type": "integer"}, [("", "is 'x', and must be a whole number")]),
        (True, {"type": "integer"}, [("", "is True, and must be a whole number")]),
        (3, {"type": "number"}, []),
        (42, {"enum": [1, 3]}, [("", "is 42, and must be one of: 1, 3")]),
        (0, {"minimum": 1, "maximum": 5}, [("", "is 0, and must be 1 or more")]),
        (9, {"minimum": 1, "maximum": 5}, [("", "is 9, and must be 5 or less")]),
        ("", {"minLength": 1}, [("", "has 0 characters, and needs 1 at least")]),
        ([1, 2], {"maxItems": 1}, [("", "has 2 items, and may have 1 at most")]),
        ({}, {"minProperties": 1}, [("", "has 0 entries, and needs 1 at least")]),
        ([1, 1], {"uniqueItems": True}, [("", "has an item twice")]),
        ({}, {"required": ["a"]}, [(".a", "is missing")]),
        (
            {"a": [1, "b"]},
            {"properties": {"a": {"items": {"type": "string"}}}},
            [(".a[0]", "is 1, and must be a text")],
        ),
        (
            {"b": 1},
            {"properties": {"a": {}}, "additionalProperties": False},
            [(".b", "is not known there. There are: a")],
        ),
        ({"b": 1}, {"additionalProperties": {"type": "string"}}, [(".b", "is 1, and must be a text")]),
        ({}, {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, [("", "needs one of: a, b")]),
        (1, {"oneOf": [{"type": "string"}, {"type": "integer", "minimum": 2}]}, [("", "is 1, and must be 2 or more")]),
        (1, {"oneOf": [{"type": "number"}, {"type": "integer"}]}, [("", "can be read in two ways")]),
        ({"a": 1}, {"not": {"required": ["a"]}}, [("", "may not have a")]),
        ("x", {"pattern": "^y"}, [("", "is 'x', and must match ^y")]),
        (
            1,
            {"$ref": "#/definitions/text", "definitions": {"text": {"type": "string"}}},
            [("", "is 1, and must be a text")],
        ),
    ],
)
def test_violations(value, schema, said):
    assert list(violations(value, schema)) == said


@pytest.mark.parametrize(
    "configuration",
    [
        {"metrics": {"metrics_collected": {"mem": {"measurement": ["used_percent"]}}}},
        {"metrics": {"metrics_collected": {}}},
        {"metrics": {"metrics_collected": {"cpu": {"measurement": ["a"], "resources": ["cpu0"]}}}},
        {"metrics": {"metrics_collected": {"procstat": [{"measurement": ["pid_count"]}]}}},
        {"metrics": {"metrics_collected": {"disk": {"measurement": [{"name": 3}]}}}},
        {"logs": {"logs_collected": {"files": {"collect_list": [{"file_path": "/a", "retention_in_days": 42}]}}}},
        {"logs": {"logs_collected": {"files": {"collect_list": []}}}},
        {"logs": {}},
        {"agent": {"region": ""}, "metrics": {"metrics_collected": {"net": {"measurement": [], "x": 1}}, "y": 1}},
        {"traces": {"traces_collected": {"xray": {"bind_address": 3}}}},
    ],
)
def test_it_agrees_with_jsonschema(configuration):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(SCHEMA.read_text())
    valid = jsonschema.Draft4Validator(schema).is_valid(configuration)
    assert (not list(violations(configuration, schema))) == valid
