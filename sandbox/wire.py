# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How each protocol writes a value of the model: nodes that know what stands on the wire, before any check.

A node is one value of a request or an answer. Given the shape that the model has for it, it lists the members, items or
pairs that are really there (and the names that the shape lacks), or converts itself to a Python value, with ValueError
where the text is not of that type.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import datetime
import json
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

from botocore.utils import parse_timestamp
from moto.core.model import ListShape, MapShape, Shape, StructureShape

from sandbox.catalogue import Call


class Node:
    """A value on the wire; every protocol has its own."""

    def __init__(self, value: Any):
        self.value = value

    def members(self, shape: StructureShape) -> tuple[dict[str, Node], list[str]]:
        """List the members that are present, by the model's names, and the names that the shape lacks."""
        raise ValueError("Expected a structure")

    def items(self, shape: ListShape) -> list[Node]:
        raise ValueError("Expected a list")

    def pairs(self, shape: MapShape) -> list[tuple[Node, Node]]:
        raise ValueError("Expected a map")

    def scalar(self, shape: Shape) -> Any:
        """Convert to str, int, float, bool, bytes or datetime as the shape demands."""
        return _from_text(self.text(), shape)

    def text(self) -> str:
        raise ValueError("Expected a single value")

    def document(self) -> Any:
        """The value of a free-form document, which no model describes."""
        raise ValueError("Expected a document")


def _from_text(text: str, shape: Shape) -> Any:
    kind = shape.type_name
    if kind in ("string", "character"):
        return text
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise ValueError("Expected true or false")
        return text.lower() == "true"
    if kind in ("integer", "long", "short", "byte"):
        return int(text)
    if kind in ("float", "double"):
        return float(text)
    if kind == "timestamp":
        return _timestamp(text)
    if kind == "blob":
        return _from_base64(text)
    raise ValueError(f"Expected a {kind}")


def _timestamp(value: Any) -> datetime.datetime:
    if isinstance(value, str) and value.endswith("Z"):
        # What nearly all timestamps look like; botocore's parser takes a hundred times longer.
        with contextlib.suppress(ValueError):
            return datetime.datetime.fromisoformat(value)
    try:
        return parse_timestamp(value)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError("Expected a timestamp") from error


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("Expected base64 text") from error


class Text(Node):
    """A value in a header, in the path, or in the query string."""

    def text(self) -> str:
        return self.value

    def items(self, shape: ListShape) -> list[Node]:
        return [Text(item.strip()) for item in self.value.split(",")]


class TextList(Node):
    """The values of a query string's name that may be repeated."""

    def items(self, shape: ListShape) -> list[Node]:
        return [Text(item) for item in self.value]


class TextMap(Node):
    """Headers with a common prefix, or the rest of a query string."""

    def pairs(self, shape: MapShape) -> list[tuple[Node, Node]]:
        return [(Text(key), Text(value)) for key, value in self.value]


class Blob(Node):
    """The body itself, where the model says that it is the payload."""

    def scalar(self, shape: Shape) -> Any:
        return self.value.decode("utf-8") if shape.type_name == "string" else self.value


class Json(Node):
    """A decoded JSON value."""

    def members(self, shape: StructureShape) -> tuple[dict[str, Node], list[str]]:
        if not isinstance(self.value, dict):
            raise ValueError("Expected a structure")
        names = {member.serialization.get("name", name): name for name, member in _in_body(shape)}
        present = {name: value for name, value in self.value.items() if value is not None}
        members = {names[name]: Json(value) for name, value in present.items() if name in names}
        return members, [name for name in present if name not in names and name != "__type"]

    def items(self, shape: ListShape) -> list[Node]:
        if not isinstance(self.value, list):
            raise ValueError("Expected a list")
        return [Json(value) for value in self.value]

    def pairs(self, shape: MapShape) -> list[tuple[Node, Node]]:
        if not isinstance(self.value, dict):
            raise ValueError("Expected a map")
        return [(Json(key), Json(value)) for key, value in self.value.items()]

    def scalar(self, shape: Shape) -> Any:
        kind, value = shape.type_name, self.value
        if kind in ("string", "character", "blob"):
            if not isinstance(value, str):
                raise ValueError("Expected a string")
            return _from_base64(value) if kind == "blob" else value
        if kind == "boolean":
            if not isinstance(value, bool):
                raise ValueError("Expected true or false")
            return value
        if kind == "timestamp":
            if isinstance(value, bool) or not isinstance(value, (int, float, str)):
                raise ValueError("Expected a timestamp")
            return _timestamp(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            if kind in ("float", "double") and value in ("NaN", "Infinity", "-Infinity"):
                return float(value)
            raise ValueError("Expected a number")
        if kind in ("integer", "long", "short", "byte"):
            if value != int(value):
                raise ValueError("Expected an integer")
            return int(value)
        return float(value)

    def document(self) -> Any:
        return self.value


class Form(Node):
    """A value of the query protocol: the text of a name, or all that begins with it, as a tree."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Form:
        """Make a tree of ``Filter.1.Name=x`` pairs."""
        root: dict[str, Any] = {}
        for name, value in pairs:
            branch = root
            *parents, leaf = name.split(".")
            for parent in parents:
                below = branch.setdefault(parent, {})
                if not isinstance(below, dict):
                    below = branch[parent] = {}
                branch = below
            branch[leaf] = value
        return cls(root)

    def members(self, shape: StructureShape) -> tuple[dict[str, Node], list[str]]:
        if not isinstance(self.value, dict):
            raise ValueError("Expected a structure")
        names = {self.member_name(name, member): name for name, member in shape.members.items()}
        members = {names[name]: type(self)(value) for name, value in self.value.items() if name in names}
        return members, [name for name in self.value if name not in names]

    def items(self, shape: ListShape) -> list[Node]:
        if self.value == "":
            return []
        return self._numbered(self.below(shape))

    def pairs(self, shape: MapShape) -> list[tuple[Node, Node]]:
        if self.value == "":
            return []
        entries = self.value if shape.is_flattened else self._branch("entry")
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        pairs = []
        for entry in self._numbered(entries):
            if not isinstance(entry.value, dict) or set(entry.value) - {key_name, value_name}:
                raise ValueError("Expected a map")
            pairs.append((type(self)(entry.value.get(key_name, "")), type(self)(entry.value.get(value_name, ""))))
        return pairs

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise ValueError("Expected a single value")
        return self.value

    def member_name(self, name: str, member: Shape) -> str:
        """The name under which a member of a structure is written."""
        if isinstance(member, ListShape) and member.is_flattened:
            name = member.member.serialization.get("name", name)
        return member.serialization.get("name", name)

    def below(self, shape: ListShape) -> Any:
        """The numbered branches of a list."""
        return self.value if shape.is_flattened else self._branch(shape.member.serialization.get("name", "member"))

    def _branch(self, name: str) -> Any:
        if not isinstance(self.value, dict) or set(self.value) != {name}:
            raise ValueError("Expected a list")
        return self.value[name]

    def _numbered(self, branches: Any) -> list[Form]:
        if not isinstance(branches, dict) or not all(number.isdigit() for number in branches):
            raise ValueError("Expected a list")
        return [type(self)(branches[number]) for number in sorted(branches, key=int)]


class Ec2Form(Form):
    """The ec2 protocol: capitalised names, and lists without a level of their own."""

    def member_name(self, name: str, member: Shape) -> str:
        if "queryName" in member.serialization:
            return member.serialization["queryName"]
        name = member.serialization.get("name", name)
        return name[0].upper() + name[1:]

    def below(self, shape: ListShape) -> Any:
        return self.value


class Xml(Node):
    """An XML element, or the elements of a flattened list."""

    def members(self, shape: StructureShape) -> tuple[dict[str, Node], list[str]]:
        found: dict[str, list[ElementTree.Element]] = {}
        for child in self.value:
            found.setdefault(_tag(child), []).append(child)
        members: dict[str, Node] = {}
        for name, member in _in_body(shape):
            written = self.member_name(name, member)
            if member.serialization.get("xmlAttribute"):
                for attribute, value in self.value.attrib.items():
                    if attribute.rpartition("}")[2] == written.rpartition(":")[2]:
                        members[name] = Text(value)
            elif written in found:
                elements = found.pop(written)
                members[name] = Xml(elements if _flattened(member) else elements[-1])
        return members, list(found)

    def member_name(self, name: str, member: Shape) -> str:
        if isinstance(member, ListShape) and member.is_flattened:
            name = member.member.serialization.get("name", name)
        return member.serialization.get("name", name)

    def items(self, shape: ListShape) -> list[Node]:
        if shape.is_flattened:
            return [Xml(element) for element in self.value]
        name = shape.member.serialization.get("name", "member")
        if any(_tag(element) != name for element in self.value):
            raise ValueError(f"Expected a list of {name}")
        return [Xml(element) for element in self.value]

    def pairs(self, shape: MapShape) -> list[tuple[Node, Node]]:
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        pairs = []
        for entry in self.value:
            parts = {_tag(part): Xml(part) for part in entry}
            if set(parts) != {key_name, value_name}:
                raise ValueError("Expected a map")
            pairs.append((parts[key_name], parts[value_name]))
        return pairs

    def text(self) -> str:
        if isinstance(self.value, list) or len(self.value):
            raise ValueError("Expected a single value")
        return self.value.text or ""


def _flattened(shape: Shape) -> bool:
    return isinstance(shape, (ListShape, MapShape)) and shape.is_flattened


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _in_body(shape: StructureShape) -> Iterable[tuple[str, Shape]]:
    return ((name, member) for name, member in shape.members.items() if "location" not in member.serialization)


class Http(Node):
    """The whole input of a REST operation: path, query string, headers and body."""

    def __init__(self, call: Call, body_of: type[Node]):
        super().__init__(call)
        self.body_of = body_of

    def members(self, shape: StructureShape) -> tuple[dict[str, Node], list[str]]:
        members = {name: node for name, member in shape.members.items() if (node := self._outside_body(name, member))}
        unknown = self._unknown_in_query(shape) if not _takes_whole_query(shape) else []
        body = self.value.body
        payload = shape.serialization.get("payload")
        if payload:
            member = shape.members[payload]
            if member.type_name in ("blob", "string"):
                if body:
                    members[payload] = Blob(body)
            elif body:
                members[payload] = parse_body(body, self.body_of)
        elif body and any(True for _ in _in_body(shape)):
            in_body, unknown_in_body = parse_body(body, self.body_of).members(shape)
            members.update(in_body)
            unknown += unknown_in_body
        return members, unknown

    def _outside_body(self, name: str, member: Shape) -> Node | None:
        request, call = self.value.request, self.value
        written = member.serialization.get("name", name)
        location = member.serialization.get("location")
        if member.serialization.get("hostLabel") and name in call.labels:
            return Text(call.labels[name])
        if location == "uri" and written in call.labels:
            return Text(call.labels[written])
        if location == "header" and written in request.headers:
            return Text(request.headers[written])
        if location == "headers":
            prefix = written.lower()
            headers = [(key.lower(), value) for key, value in request.headers]
            pairs = [(key[len(prefix) :], value) for key, value in headers if key.startswith(prefix)]
            return TextMap(pairs) if pairs else None
        if location == "querystring":
            if isinstance(member, MapShape):
                return TextMap(list(request.args.items(multi=True)))
            if isinstance(member, ListShape):
                return TextList(request.args.getlist(written)) if written in request.args else None
            return Text(request.args[written]) if written in request.args else None
        return None

    def _unknown_in_query(self, shape: StructureShape) -> list[str]:
        known = set(self.value.operation.http_trait.query_args)
        for name, member in shape.members.items():
            if member.serialization.get("location") == "querystring":
                known.add(member.serialization.get("name", name))
        return [
            name
            for name in self.value.request.args
            if name not in known and not name.lower().startswith("x-amz-") and name not in _SIGNATURE_V2 | {"x-id"}
        ]


_SIGNATURE_V2 = {"AWSAccessKeyId", "Signature", "Expires"}


def _takes_whole_query(shape: StructureShape) -> bool:
    return any(
        isinstance(member, MapShape) and member.serialization.get("location") == "querystring"
        for member in shape.members.values()
    )


def parse_body(body: bytes, kind: type[Node]) -> Node:
    """Parse a body of JSON or XML; ValueError when it is neither."""
    if kind is Json:
        return Json(json.loads(body) if body else {})
    try:
        return Xml(ElementTree.fromstring(body))
    except ElementTree.ParseError as error:
        raise ValueError(f"The XML is not well-formed: {error}") from error


def read_input(call: Call) -> Node:
    """The input of a recognised call as a node; ValueError when its body cannot be parsed."""
    if call.protocol == "ec2":
        return Ec2Form.of(pair for pair in call.form if pair[0] not in ("Action", "Version"))
    if call.protocol == "query":
        return Form.of(pair for pair in call.form if pair[0] not in ("Action", "Version", "ContentType"))
    if call.protocol == "json":
        return parse_body(call.body, Json)
    return Http(call, Json if call.protocol == "rest-json" else Xml)
