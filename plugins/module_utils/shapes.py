# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Options in the structure of an AWS API, which nests deeper than an argument spec can say.

botocore's model of the service tells what there is. Members may be named as AWS does (IPSetReferenceStatement) or as
Ansible does (ip_set_reference_statement).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

try:
    from botocore import xform_name as snake_name
except ImportError:
    snake_name = str.lower  # AnsibleAWSModule reports it

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .hints import did_you_mean


def to_api(shape: Any, value: Any, path: str) -> Any:
    """A value as the API takes it, of a botocore shape; what is null in it is left out.

    A structure of which one member is given, without anything in it, may be written as that member's name alone.
    Raises AnsibleAWSError, naming the path (rules[0].statement), where the value does not fit.
    """
    kind = shape.type_name
    if kind == "structure":
        return _structure_to_api(shape, value, path)
    if kind == "list":
        items = _require(value, list, path, "a list")
        return [to_api(shape.member, item, f"{path}[{index}]") for index, item in enumerate(items)]
    if kind == "map":
        entries = _require(value, dict, path, "a dictionary")
        return {key: to_api(shape.value, entry, f"{path}.{key}") for key, entry in entries.items()}
    return _SCALARS[kind](value, path)


def _structure_to_api(shape: Any, value: Any, path: str) -> dict[str, Any]:
    names = {**{name: name for name in shape.members}, **{snake_name(name): name for name in shape.members}}
    if isinstance(value, str):
        value = {value: {}}
    members = {}
    for key, given in _require(value, dict, path, "a dictionary").items():
        if key not in names:
            raise AnsibleAWSError(message=f"{path} has no member {key}.{did_you_mean(key, names)}")
        if given is not None:
            members[names[key]] = to_api(shape.members[names[key]], given, f"{path}.{key}")
    missing = [snake_name(name) for name in shape.required_members if name not in members]
    if missing:
        raise AnsibleAWSError(message=f"{path} needs {' and '.join(missing)}.")
    return members


def from_api(shape: Any, value: Any) -> Any:
    """A value that the API answered, with Ansible's names for its members."""
    kind = shape.type_name
    if kind == "structure":
        return {
            snake_name(name): from_api(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if kind == "list":
        return [from_api(shape.member, item) for item in value]
    if kind == "map":
        return {key: from_api(shape.value, entry) for key, entry in value.items()}
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else value


def _require(value: Any, kind: type, path: str, name: str) -> Any:
    if not isinstance(value, kind):
        raise AnsibleAWSError(message=f"{path} is {value!r}, but must be {name}.")
    return value


def _converted(convert: Callable[[Any], Any], name: str) -> Callable[[Any, str], Any]:
    def to_scalar(value: Any, path: str) -> Any:
        try:
            return convert(value)
        except (TypeError, ValueError):
            raise AnsibleAWSError(message=f"{path} is {value!r}, but must be {name}.") from None

    return to_scalar


def _text(value: Any) -> str:
    if isinstance(value, (dict, list, bool)):
        raise TypeError
    return str(value)


_integer = _converted(int, "a whole number")
_SCALARS = {
    "string": _converted(_text, "a text"),
    "blob": _converted(lambda value: _text(value).encode(), "a text"),
    "integer": _integer,
    "long": _integer,
    "float": _converted(float, "a number"),
    "double": _converted(float, "a number"),
    "boolean": _converted(boolean, "true or false"),
}
