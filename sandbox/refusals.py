# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The error that AWS answers to a request that its model does not allow, by protocol and service."""

from __future__ import annotations

from sandbox.catalogue import Call
from sandbox.errors import ServiceError
from sandbox.validation import Problem

# Services of the query protocol that answer as EC2 does, with one error for the first fault; the others count the
# faults in a ValidationError. From the "Common Errors" of their API references.
_ONE_FAULT_SERVICES = {"docdb", "elasticache", "neptune", "rds", "redshift"}

# How a service of JSON may call a value that is out of bounds, if its model lists one of these for the operation.
_VALIDATION_CODES = (
    "ValidationException",
    "InvalidParameterException",
    "InvalidParameterValueException",
    "InvalidInputException",
    "InvalidRequestException",
    "BadRequestException",
)


def refusal(call: Call, problems: list[Problem]) -> ServiceError:
    """Word the problems of a call, of which there is at least one, as its service would."""
    if call.service == "s3":
        return _s3(problems[0])
    if call.protocol == "ec2" or call.service in _ONE_FAULT_SERVICES:
        return _one_fault(problems[0])
    if call.protocol == "query":
        return ServiceError("ValidationError", _all_faults(problems))
    if call.protocol == "rest-xml":
        code = "InvalidInput" if call.service == "route53" else "InvalidArgument"
        return ServiceError(code, _all_faults(problems))
    wrong_types = [problem for problem in problems if problem.kind == "type"]
    if wrong_types:
        return ServiceError("SerializationException", f"{wrong_types[0].constraint} at '{_path(wrong_types[0])}'")
    listed = {shape.name for shape in call.operation.error_shapes}
    code = next((code for code in _VALIDATION_CODES if code in listed), "ValidationException")
    return ServiceError(code, _all_faults(problems))


def malformed(call: Call, reason: str) -> ServiceError:
    """The error for a body that cannot be parsed at all."""
    if call.protocol in ("json", "rest-json"):
        return ServiceError("SerializationException", reason)
    return ServiceError("MalformedXML", reason)


def _s3(problem: Problem) -> ServiceError:
    if problem.kind == "unknown" or len(problem.path) > 1:
        return ServiceError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema"
            f" ({_sentence(problem)})",
        )
    return ServiceError("InvalidArgument", _sentence(problem))


def _one_fault(problem: Problem) -> ServiceError:
    path = ".".join(map(str, problem.path))
    if problem.kind == "missing":
        return ServiceError("MissingParameter", f"The request must contain the parameter {path}")
    if problem.kind == "unknown":
        return ServiceError("UnknownParameter", f"The parameter {path} is not recognized")
    return ServiceError(
        "InvalidParameterValue",
        f"Value ({problem.value}) for parameter {path} is invalid. It must {problem.constraint}",
    )


def _all_faults(problems: list[Problem]) -> str:
    noun = "error" if len(problems) == 1 else "errors"
    return f"{len(problems)} validation {noun} detected: " + "; ".join(map(_sentence, problems))


def _sentence(problem: Problem) -> str:
    value = "null" if problem.value is None else f"'{problem.value}'"
    return f"Value {value} at '{_path(problem)}' failed to satisfy constraint: Member must {problem.constraint}"


def _path(problem: Problem) -> str:
    """A path as AWS writes it: ``tags.1.member.key``."""
    parts = []
    for part in problem.path:
        parts.append(f"{part}.member" if isinstance(part, int) else part[:1].lower() + part[1:])
    return ".".join(parts)
