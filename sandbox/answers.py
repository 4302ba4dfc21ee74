# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Checks an answer, moto's or ours, against the output shape of the model."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from moto.core.model import ListShape, MapShape, Shape, StructureShape

from sandbox.catalogue import Call
from sandbox.validation import Checker, Problem
from sandbox.wire import Json, Node, Xml, parse_body

# The protocols' own elements beside the members of the output.
_ENVELOPE = {"requestId", "ResponseMetadata"}


def questions(call: Call, body: bytes) -> list[str]:
    """Say what is wrong with the body of a successful answer: one sentence for each member, whatever its position."""
    shape = call.operation.output_shape
    if shape is None or call.operation.has_event_stream_output:
        return []
    payload = shape.serialization.get("payload")
    if payload:
        shape = shape.members[payload]
        if shape.type_name in ("blob", "string"):
            return []
    checker = Checker(call.service, call.operation_name, strict=False)
    try:
        checker.value(shape, _node(call, body))
    except ValueError as error:
        return [f"The body cannot be parsed: {error}"]
    # A member of the headers or of the status is not missing in the body.
    elsewhere = {name for name, member in shape.members.items() if member.serialization.get("location")}
    problems = [problem for problem in checker.problems if elsewhere.isdisjoint(problem.path[:1])]
    return list(dict.fromkeys(map(_sentence, problems)))


def unknown_members(shape: Shape | None, value: Any, path: str = "") -> list[str]:
    """The members of an answer of ours that its shape lacks, which the serializer would leave out without a word."""
    if isinstance(shape, StructureShape) and isinstance(value, dict) and not shape.is_document_type:
        unknown = [f"{path}{name}" for name in value if name not in shape.members]
        known = [
            (shape.members[name], member, f"{path}{name}.") for name, member in value.items() if name in shape.members
        ]
    elif isinstance(shape, ListShape) and value:
        unknown, known = [], [(shape.member, item, path) for item in value]
    elif isinstance(shape, MapShape) and value:
        unknown, known = [], [(shape.value, item, f"{path}{key}.") for key, item in value.items()]
    else:
        return [f"{path}{name}" for name in value or {}] if shape is None else []
    return unknown + [name for below in known for name in unknown_members(*below)]


def _node(call: Call, body: bytes) -> Node:
    if call.protocol in ("json", "rest-json"):
        return parse_body(body, Json)
    if not body:
        return Xml(ElementTree.Element("Empty"))
    root = parse_body(body, Xml).value
    wrapper = call.operation.output_shape.serialization.get("resultWrapper")
    if wrapper:
        found = [child for child in root if child.tag.rpartition("}")[2] == wrapper]
        return Xml(found[0] if found else root)
    for child in [child for child in root if child.tag.rpartition("}")[2] in _ENVELOPE]:
        root.remove(child)
    return Xml(root)


def _sentence(problem: Problem) -> str:
    path = ".".join(part for part in problem.path if isinstance(part, str)) or "The whole answer"
    if problem.kind == "unknown":
        return f"{path}: the model has no such member"
    if problem.kind == "missing":
        return f"{path}: the model requires it"
    return f"{path}: {problem.constraint[0].lower()}{problem.constraint[1:]}"
