# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether a value fits a JSON schema, in sentences for people.

It knows the words of draft 4 that the schema of the CloudWatch Agent uses. The package jsonschema, which knows all of
them, would have to be on every control node.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

TYPES: dict[str, tuple[str, tuple[type, ...]]] = {
    "object": ("a dictionary", (dict,)),
    "array": ("a list", (list,)),
    "string": ("a text", (str,)),
    "integer": ("a whole number", (int,)),
    "number": ("a number", (int, float)),
    "boolean": ("true or false", (bool,)),
}
SIZES = {
    "minLength": (str, "has {} characters, and needs {} at least", 1),
    "maxLength": (str, "has {} characters, and may have {} at most", -1),
    "minItems": (list, "has {} items, and needs {} at least", 1),
    "maxItems": (list, "has {} items, and may have {} at most", -1),
    "minProperties": (dict, "has {} entries, and needs {} at least", 1),
    "maxProperties": (dict, "has {} entries, and may have {} at most", -1),
}


def violations(value: Any, schema: dict, root: dict | None = None, path: str = "") -> Iterator[tuple[str, str]]:
    """What does not fit: each time the path (``.logs.files[0]``), and the rest of the sentence."""
    root = root or schema
    if "$ref" in schema:
        # Beside a reference nothing else counts in draft 4.
        yield from violations(value, _resolved(schema["$ref"], root), root, path)
        return
    if "type" in schema and not _is(value, schema["type"]):
        yield path, f"is {value!r}, and must be {TYPES[schema['type']][0]}"
        return
    for word, demand in schema.items():
        if word in SIZES:
            yield from _sizes(value, word, demand, path)
        elif word in WORDS:
            yield from WORDS[word](value, demand, root, path)
    if isinstance(value, dict):
        yield from _additional(value, schema, root, path)


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind][1]) and (kind == "boolean" or not isinstance(value, bool))


def _resolved(reference: str, root: dict) -> dict:
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def _sizes(value: Any, word: str, demand: int, path: str) -> Iterator[tuple[str, str]]:
    kind, sentence, sign = SIZES[word]
    if isinstance(value, kind) and len(value) * sign < demand * sign:
        yield path, sentence.format(len(value), demand)


def _enum(value: Any, demand: list, _root: dict, path: str) -> Iterator[tuple[str, str]]:
    if value not in demand:
        yield path, f"is {value!r}, and must be one of: {', '.join(map(str, demand))}"


def _pattern(value: Any, demand: str, _root: dict, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and not re.search(demand, value):
        yield path, f"is {value!r}, and must match {demand}"


def _not(value: Any, demand: dict, root: dict, path: str) -> Iterator[tuple[str, str]]:
    if not any(violations(value, demand, root, path)):
        names = " with ".join(demand.get("required", []))
        yield path, f"may not have {names}" if names else "has what it may not have"


def _minimum(value: Any, demand: float, _root: dict, path: str) -> Iterator[tuple[str, str]]:
    if _is(value, "number") and value < demand:
        yield path, f"is {value}, and must be {demand} or more"


def _maximum(value: Any, demand: float, _root: dict, path: str) -> Iterator[tuple[str, str]]:
    if _is(value, "number") and value > demand:
        yield path, f"is {value}, and must be {demand} or less"


def _unique(value: Any, demand: bool, _root: dict, path: str) -> Iterator[tuple[str, str]]:
    if demand and isinstance(value, list) and any(item in value[:number] for number, item in enumerate(value)):
        yield path, "has an item twice"


def _required(value: Any, demand: list[str], _root: dict, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name in demand:
            if name not in value:
                yield f"{path}.{name}", "is missing"


def _properties(value: Any, demand: dict, root: dict, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, schema in demand.items():
            if name in value:
                yield from violations(value[name], schema, root, f"{path}.{name}")


def _additional(value: dict, schema: dict, root: dict, path: str) -> Iterator[tuple[str, str]]:
    allowed = schema.get("additionalProperties", True)
    if allowed is True:
        return
    known = schema.get("properties", {})
    for name in value.keys() - known.keys():
        if allowed is False:
            yield f"{path}.{name}", f"is not known there. There are: {', '.join(known)}"
        else:
            yield from violations(value[name], allowed, root, f"{path}.{name}")


def _items(value: Any, demand: dict, root: dict, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from violations(item, demand, root, f"{path}[{number}]")


def _all_of(value: Any, demand: list[dict], root: dict, path: str) -> Iterator[tuple[str, str]]:
    for schema in demand:
        yield from violations(value, schema, root, path)


def _any_of(value: Any, demand: list[dict], root: dict, path: str) -> Iterator[tuple[str, str]]:
    found = [list(violations(value, schema, root, path)) for schema in demand]
    if all(found):
        names = [schema["required"] for schema in demand if set(schema) == {"required"}]
        if len(names) == len(demand):
            yield path, f"needs one of: {', '.join(' with '.join(name) for name in names)}"
        else:
            # The alternative that the value is nearest to is the one that was meant.
            yield from min(found, key=len)


def _one_of(value: Any, demand: list[dict], root: dict, path: str) -> Iterator[tuple[str, str]]:
    found = [list(violations(value, schema, root, path)) for schema in demand]
    if all(found):
        # Of alternatives of other types than the value's nothing has to be said.
        near = [problems for problems, schema in zip(found, demand, strict=True) if _may_be(value, schema)]
        yield from min(near or found, key=len)
    elif sum(not problems for problems in found) > 1:
        yield path, "can be read in two ways"


def _may_be(value: Any, schema: dict) -> bool:
    return "type" not in schema or _is(value, schema["type"])


WORDS = {
    "enum": _enum,
    "not": _not,
    "pattern": _pattern,
    "minimum": _minimum,
    "maximum": _maximum,
    "uniqueItems": _unique,
    "required": _required,
    "properties": _properties,
    "items": _items,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
}
