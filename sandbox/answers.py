# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Checks an answer, moto's or ours, against the output shape of the model."""

from __future__ import annotations

from xml.etree import ElementTree

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
    return list(dict.fromkeys(map(_sentence, checker.problems)))


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
