# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documents of Run Command that run lines of shell, and what is wrong with how they are described. Pure functions.

https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-syntax-data-elements-parameters.html
"""

from __future__ import annotations

import re
from typing import Any

# By Systems Manager's rules for names, and for an option of ours the member of a parameter.
NAME = r"[a-z0-9][a-z0-9-]*"
LONGEST_NAME = 128
PARAMETER = r"[A-Za-z][A-Za-z0-9]*"
TYPES = ("String", "Integer", "Boolean")
_MEMBERS = {
    "type": "type",
    "description": "description",
    "default": "default",
    "allowed_values": "allowedValues",
    "allowed_pattern": "allowedPattern",
}
DEFAULT_TIMEOUT = 3600
# AWS's range of timeoutSeconds of aws:runShellScript.
TIMEOUTS = (1, 172800)
# What a pattern must not let through, because it would end the text in the script that it is written into.
_HARMFUL = ("'", "a'", "'a", "a'a", "1'", "a'; id; 'a", "a\n'a", "a\n")


def content(document: dict[str, Any]) -> dict[str, Any]:
    """The content of a document, in the members of the schema 2.2.

    A document has ``description``, ``lines`` of shell, and may have ``timeout`` in seconds and ``parameters``, by their
    names: ``type`` (one of TYPES), ``description``, ``default``, ``allowed_values``, ``allowed_pattern``. In the lines,
    each is a variable of the shell, whose name begins with ``SSM_``.
    """
    parameters = document.get("parameters") or {}
    variables = [f"export SSM_{name}='{{{{ {name} }}}}'" for name in parameters]
    known = {"parameters": {name: _parameter(each) for name, each in parameters.items()}} if parameters else {}
    return {
        "schemaVersion": "2.2",
        "description": document["description"],
        **known,
        "mainSteps": [
            {
                "action": "aws:runShellScript",
                # Who asks how it went names it, in four characters at the least.
                "name": "runShellScript",
                "precondition": {"StringEquals": ["platformType", "Linux"]},
                "inputs": {
                    "timeoutSeconds": str(document.get("timeout", DEFAULT_TIMEOUT)),
                    "runCommand": [*variables, *document["lines"]],
                },
            }
        ],
    }


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    given = {member: parameter[option] for option, member in _MEMBERS.items() if option in parameter}
    read = {"Integer": int, "Boolean": lambda text: text.lower() == "true"}.get(given.get("type"), str)
    if "default" in given:
        given["default"] = read(given["default"])
    if "allowedValues" in given:
        given["allowedValues"] = [read(value) for value in given["allowedValues"]]
    return {"type": "String", **given}


def problems(where: str, name: str, document: dict[str, Any], prefix: str) -> list[str]:
    """What is wrong with a document, as sentences that begin with where it is written.

    ``prefix`` is what the estate puts before the name.
    """
    found = []
    full_name = f"{prefix}-{name}"
    if not re.fullmatch(NAME, str(name)):
        found.append(f"{where}: the name of a document has lower-case letters, digits and hyphens only.")
    elif len(full_name) > LONGEST_NAME:
        found.append(f"{where}: {full_name} has {len(full_name)} characters; AWS allows {LONGEST_NAME}.")
    if not document["lines"]:
        found.append(f"{where}.lines is empty, so that the document would do nothing.")
    seconds = document.get("timeout", DEFAULT_TIMEOUT)
    if not TIMEOUTS[0] <= seconds <= TIMEOUTS[1]:
        found.append(f"{where}.timeout is {seconds}; AWS allows {TIMEOUTS[0]} to {TIMEOUTS[1]} seconds.")
    for parameter, each in (document.get("parameters") or {}).items():
        found += _wrong_parameter(f"{where}.parameters.{parameter}", str(parameter), each)
    return found


def _wrong_parameter(where: str, name: str, parameter: dict[str, Any]) -> list[str]:
    if not re.fullmatch(PARAMETER, name):
        return [f"{where}: the name of a parameter has letters and digits only, and begins with a letter."]
    kind = parameter.get("type", "String")
    pattern, values = parameter.get("allowed_pattern"), parameter.get("allowed_values")
    if kind != "String":
        given = [*(values or []), *([parameter["default"]] if "default" in parameter else [])]
        form = {"Integer": r"-?\d+", "Boolean": "true|false"}[kind]
        return [f"{where} has {value!r}, which is no {kind}." for value in given if not re.fullmatch(form, str(value))]
    if pattern is None and not values:
        return [f"{where} has neither allowed_pattern nor allowed_values, so that anything could be run with it."]
    if pattern is None:
        return [
            f"{where}.allowed_values has {value!r}; it cannot have a quotation mark ' or a line feed."
            for value in values
            if "'" in str(value) or "\n" in str(value)
        ]
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        return [f"{where}.allowed_pattern is {pattern!r}, which is no regular expression: {error}."]
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return [f"{where}.allowed_pattern is {pattern!r}; it has to begin with ^ and to end with $."]
    # At its end, a $ of Python's lets a line feed pass, which a $ of AWS's does not.
    if any(re.fullmatch(compiled, text) or re.fullmatch(pattern[:-1], text) for text in _HARMFUL):
        return [f"{where}.allowed_pattern is {pattern!r}; it cannot allow a quotation mark ' or a line feed."]
    default = parameter.get("default")
    if default is not None and not re.fullmatch(pattern[:-1], str(default)):
        return [f"{where}.default is {default!r}, which its allowed_pattern does not allow."]
    return []
