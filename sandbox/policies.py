# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether a resource's policy lets a service of AWS act, which AWS checks when one resource is to use another.

Of the conditions those on strings, ARNs and booleans are understood:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Mapping
from typing import Any

_OPERATORS = {
    "stringequals": lambda pattern, value: pattern == value,
    "stringequalsignorecase": lambda pattern, value: pattern.lower() == value.lower(),
    "stringlike": lambda pattern, value: _like(pattern, value),
    "arnequals": lambda pattern, value: _like(pattern, value),
    "arnlike": lambda pattern, value: _like(pattern, value),
    "bool": lambda pattern, value: str(pattern).lower() == value.lower(),
}
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}


def allows(policy: str | bytes | None, service: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Whether a statement allows the service (``logs.amazonaws.com``) the action, and none denies it.

    ``context`` holds the condition keys that the service would send, such as aws:SourceArn.
    """
    about = [statement for statement in _statements(policy) if _is_about(statement, service)]
    return _effects(about, action, resource, context) == {"Allow"}


def role_allows(documents: Iterable[str], action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
    """Whether a statement of a role's own policies allows it the action, and none denies it."""
    statements = [statement for policy in documents for statement in _statements(policy)]
    return _effects(statements, action, resource, context or {}) == {"Allow"}


def _statements(policy: str | bytes | None) -> list[Any]:
    return _list(json.loads(policy).get("Statement", [])) if policy else []


def _effects(statements: list[Any], action: str, resource: str, context: Mapping[str, str]) -> set[str]:
    """What the statements say that are about the action on the resource."""
    lowered = {"aws:securetransport": "true", **{key.lower(): value for key, value in context.items()}}
    return {
        statement["Effect"]
        for statement in statements
        if _is_on(statement, action)
        and ("Resource" not in statement or _matches(statement, "Resource", resource))
        and _conditions_hold(statement.get("Condition", {}), lowered)
    }


def _is_about(statement: Mapping[str, Any], service: str) -> bool:
    principal = statement.get("Principal", {})
    if isinstance(principal, str):
        return principal == "*"
    return any(name in ("*", service) for kind in ("Service", "AWS") for name in _list(principal.get(kind, [])))


def _is_on(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not _matches(statement, "NotAction", action, lowered=True)
    return _matches(statement, "Action", action, lowered=True)


def _matches(statement: Mapping[str, Any], element: str, value: str, lowered: bool = False) -> bool:
    patterns = _list(statement.get(element, []))
    if lowered:
        patterns, value = [pattern.lower() for pattern in patterns], value.lower()
    return any(_like(pattern, value) for pattern in patterns)


def _conditions_hold(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    return all(
        _condition_holds(operator.lower().rpartition(":")[2], key.lower(), _list(values), context)
        for operator, keys in conditions.items()
        for key, values in keys.items()
    )


def _condition_holds(operator: str, key: str, values: list[Any], context: Mapping[str, str]) -> bool:
    if_exists = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    negated = operator in _NEGATED
    if key not in context:
        return negated or if_exists
    compare = _OPERATORS.get(_NEGATED.get(operator, operator))
    return compare is not None and negated != any(compare(value, context[key]) for value in values)


def _like(pattern: str, value: str) -> bool:
    # Square brackets mean themselves in a policy.
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
