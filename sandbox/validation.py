# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Holds a value on the wire against the shape that botocore's model has for it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import regex
from moto.core.model import ListShape, MapShape, Shape, StructureShape

from sandbox.model_exceptions import allowed
from sandbox.wire import Node


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a value.

    ``kind`` is ``missing``, ``unknown``, ``type``, ``enum``, ``pattern``, ``length``, ``range`` or ``union``; ``path``
    holds names of members and, for items of a list, their position from 1; ``value`` is what was sent, None where there
    is nothing; ``constraint`` ends the sentence "Member must …".
    """

    kind: str
    path: tuple[str | int, ...]
    value: Any
    constraint: str


class Checker:
    """Converts nodes to Python values and collects every problem on the way.

    With ``strict`` false only names, required members and types are checked, as for an answer.
    """

    def __init__(self, service: str, operation: str, strict: bool = True):
        self.problems: list[Problem] = []
        self._service = service
        self._operation = operation
        self._strict = strict

    def value(self, shape: Shape, node: Node, path: tuple[str | int, ...] = ()) -> Any:
        """Convert a node to a dict, list or scalar; where it does not fit, note the problem and answer None."""
        try:
            if isinstance(shape, StructureShape):
                return node.document() if shape.is_document_type else self._structure(shape, node, path)
            if isinstance(shape, ListShape):
                return self._list(shape, node, path)
            if isinstance(shape, MapShape):
                return self._map(shape, node, path)
            value = node.scalar(shape)
        except (ValueError, OverflowError) as error:
            self._note("type", shape, path, node.value, str(error))
            return None
        if self._strict:
            self._scalar(shape, value, path)
        return value

    def _structure(self, shape: StructureShape, node: Node, path: tuple[str | int, ...]) -> dict[str, Any]:
        members, unknown = node.members(shape)
        for name in unknown:
            self._note("unknown", shape, (*path, name), None, "be a member that the model knows")
        for name in shape.required_members:
            if name not in members:
                self._note("missing", shape.members[name], (*path, name), None, "not be null")
        if self._strict and shape.is_tagged_union and len(members) != 1:
            self._note("union", shape, path, ", ".join(members), "have exactly one of " + ", ".join(shape.members))
        return {name: self.value(shape.members[name], member, (*path, name)) for name, member in members.items()}

    def _list(self, shape: ListShape, node: Node, path: tuple[str | int, ...]) -> list[Any]:
        items = node.items(shape)
        self._length(shape, items, path, items)
        return [self.value(shape.member, item, (*path, number)) for number, item in enumerate(items, 1)]

    def _map(self, shape: MapShape, node: Node, path: tuple[str | int, ...]) -> dict[str, Any]:
        pairs = node.pairs(shape)
        self._length(shape, pairs, path, pairs)
        return {
            (name := self.value(shape.key, key, (*path, "key"))): self.value(shape.value, value, (*path, str(name)))
            for key, value in pairs
        }

    def _scalar(self, shape: Shape, value: Any, path: tuple[str | int, ...]) -> None:
        metadata = shape.metadata
        if isinstance(value, str):
            allowed = metadata.get("enum")
            if allowed and value not in allowed:
                self._note("enum", shape, path, value, f"satisfy enum value set: [{', '.join(allowed)}]")
            pattern = metadata.get("pattern")
            if pattern and not compiled(pattern).fullmatch(value):
                self._note("pattern", shape, path, value, f"satisfy regular expression pattern: {pattern}")
        if isinstance(value, (str, bytes)):
            self._length(shape, value, path, value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if value < metadata.get("min", value):
                self._note("range", shape, path, value, f"have value greater than or equal to {metadata['min']}")
            if value > metadata.get("max", value):
                self._note("range", shape, path, value, f"have value less than or equal to {metadata['max']}")

    def _length(self, shape: Shape, sized: Any, path: tuple[str | int, ...], value: Any) -> None:
        if not self._strict:
            return
        shortest, longest = shape.metadata.get("min"), shape.metadata.get("max")
        if shortest is not None and len(sized) < shortest:
            self._note("length", shape, path, value, f"have length greater than or equal to {shortest}")
        if longest is not None and len(sized) > longest:
            self._note("length", shape, path, value, f"have length less than or equal to {longest}")

    def _note(self, kind: str, shape: Shape, path: tuple[str | int, ...], value: Any, constraint: str) -> None:
        if allowed(self._service, shape.name, kind, value):
            return
        if isinstance(value, list):
            value = f"[{len(value)} items]"
        self.problems.append(Problem(kind, path, value, constraint))


@functools.cache
def compiled(pattern: str) -> regex.Pattern:
    """Compile a pattern of the models, which are written for Java; the whole value has to match it."""
    for java, python in _JAVA_TO_PYTHON.items():
        pattern = pattern.replace(java, python)
    pattern = regex.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda found: rf"\u{found[1]:0>4}", pattern)
    return regex.compile(pattern)


_JAVA_TO_PYTHON = {
    # Java reads a pair of surrogates as the character that they encode in UTF-16.
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
    r"\ud800\udc00-\udbff\udfff": r"\U00010000-\U0010FFFF",
    r"\p{all}": r"\p{Any}",
    r"\p{LD}": r"[\p{L}\p{Nd}]",
    # A quantifier of a quantifier, in the ARN of a Recycle Bin rule, whose identifier has 11 characters.
    "{11}{0,1011}": "{11}",
}
