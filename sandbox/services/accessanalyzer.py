# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM Access Analyzer, which moto lacks as a whole. It analyses nothing: there are never findings."""

from __future__ import annotations

import datetime
import json
from typing import Any

from sandbox.errors import ServiceError
from sandbox.operations import Request, operation

# Unused access analyzers look back this many days unless told otherwise.
_DEFAULT_UNUSED_ACCESS_AGE = 90

# One external access analyzer for the account in each region; of the other kinds one as well.
_QUOTA = 1


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _analyzers(request: Request) -> dict[str, dict[str, Any]]:
    return request.state.setdefault("analyzers", {})


def _not_found(kind: str, name: str) -> ServiceError:
    message = f"{kind} {name} was not found"
    return ServiceError("ResourceNotFoundException", message, resourceId=name, resourceType=kind)


def _conflict(kind: str, name: str) -> ServiceError:
    message = f"{kind} {name} already exists"
    return ServiceError("ConflictException", message, resourceId=name, resourceType=kind)


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message, reason="fieldValidationFailed")


def _analyzer(request: Request) -> dict[str, Any]:
    name = request.params["analyzerName"]
    try:
        return _analyzers(request)[name]
    except KeyError:
        raise _not_found("Analyzer", name) from None


def _analyzer_by_arn(request: Request, arn: str) -> dict[str, Any]:
    for analyzer in _analyzers(request).values():
        if analyzer["arn"] == arn:
            return analyzer
    raise _not_found("Analyzer", arn)


def _summary(analyzer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in analyzer.items() if name != "archiveRules"}


def _configuration(kind: str, given: dict[str, Any] | None) -> dict[str, Any] | None:
    given = given or {}
    expected = {"UNUSED_ACCESS": "unusedAccess", "INTERNAL_ACCESS": "internalAccess"}
    member = next((member for suffix, member in expected.items() if kind.endswith(suffix)), None)
    if set(given) - {member}:
        raise _invalid(f"The configuration does not fit an analyzer of type {kind}")
    if member == "unusedAccess":
        return {member: {"unusedAccessAge": _DEFAULT_UNUSED_ACCESS_AGE, **given.get(member, {})}}
    return given or None


@operation("accessanalyzer", "CreateAnalyzer")
def create_analyzer(request: Request) -> dict[str, Any]:
    params, analyzers = request.params, _analyzers(request)
    name, kind = params["analyzerName"], params["type"]
    if name in analyzers:
        raise _conflict("Analyzer", name)
    if sum(analyzer["type"] == kind for analyzer in analyzers.values()) >= _QUOTA:
        message = f"You have reached the quota of analyzers of type {kind}"
        raise ServiceError("ServiceQuotaExceededException", message, resourceId=name, resourceType="Analyzer")
    rules = [_archive_rule(rule["ruleName"], rule["filter"]) for rule in params.get("archiveRules", [])]
    analyzers[name] = {
        "arn": f"arn:{request.partition}:access-analyzer:{request.region}:{request.account}:analyzer/{name}",
        "name": name,
        "type": kind,
        "createdAt": _now(),
        "tags": params.get("tags", {}),
        "status": "ACTIVE",
        "configuration": _configuration(kind, params.get("configuration")),
        "archiveRules": {rule["ruleName"]: rule for rule in rules},
    }
    return {"arn": analyzers[name]["arn"]}


@operation("accessanalyzer", "GetAnalyzer")
def get_analyzer(request: Request) -> dict[str, Any]:
    return {"analyzer": _summary(_analyzer(request))}


@operation("accessanalyzer", "ListAnalyzers")
def list_analyzers(request: Request) -> dict[str, Any]:
    kind = request.params.get("type")
    analyzers = _analyzers(request).values()
    return {"analyzers": [_summary(analyzer) for analyzer in analyzers if kind in (None, analyzer["type"])]}


@operation("accessanalyzer", "UpdateAnalyzer")
def update_analyzer(request: Request) -> dict[str, Any]:
    analyzer = _analyzer(request)
    if analyzer["configuration"] is None and not analyzer["type"].endswith("INTERNAL_ACCESS"):
        raise _invalid(f"An analyzer of type {analyzer['type']} cannot be updated")
    analyzer["configuration"] = _configuration(analyzer["type"], request.params.get("configuration"))
    return {"configuration": analyzer["configuration"]}


@operation("accessanalyzer", "DeleteAnalyzer")
def delete_analyzer(request: Request) -> None:
    del _analyzers(request)[_analyzer(request)["name"]]


@operation("accessanalyzer", "TagResource")
def tag_resource(request: Request) -> dict[str, Any]:
    _analyzer_by_arn(request, request.params["resourceArn"])["tags"].update(request.params["tags"])
    return {}


@operation("accessanalyzer", "UntagResource")
def untag_resource(request: Request) -> dict[str, Any]:
    tags = _analyzer_by_arn(request, request.params["resourceArn"])["tags"]
    for key in request.params["tagKeys"]:
        tags.pop(key, None)
    return {}


@operation("accessanalyzer", "ListTagsForResource")
def list_tags_for_resource(request: Request) -> dict[str, Any]:
    return {"tags": _analyzer_by_arn(request, request.params["resourceArn"])["tags"]}


def _archive_rule(name: str, criteria: dict[str, Any]) -> dict[str, Any]:
    now = _now()
    return {"ruleName": name, "filter": criteria, "createdAt": now, "updatedAt": now}


def _rule(request: Request) -> dict[str, Any]:
    name = request.params["ruleName"]
    try:
        return _analyzer(request)["archiveRules"][name]
    except KeyError:
        raise _not_found("ArchiveRule", name) from None


@operation("accessanalyzer", "CreateArchiveRule")
def create_archive_rule(request: Request) -> None:
    rules, name = _analyzer(request)["archiveRules"], request.params["ruleName"]
    if name in rules:
        raise _conflict("ArchiveRule", name)
    rules[name] = _archive_rule(name, request.params["filter"])


@operation("accessanalyzer", "GetArchiveRule")
def get_archive_rule(request: Request) -> dict[str, Any]:
    return {"archiveRule": _rule(request)}


@operation("accessanalyzer", "ListArchiveRules")
def list_archive_rules(request: Request) -> dict[str, Any]:
    return {"archiveRules": list(_analyzer(request)["archiveRules"].values())}


@operation("accessanalyzer", "UpdateArchiveRule")
def update_archive_rule(request: Request) -> None:
    _rule(request).update(filter=request.params["filter"], updatedAt=_now())


@operation("accessanalyzer", "DeleteArchiveRule")
def delete_archive_rule(request: Request) -> None:
    del _analyzer(request)["archiveRules"][_rule(request)["ruleName"]]


@operation("accessanalyzer", "ListFindingsV2")
def list_findings_v2(request: Request) -> dict[str, Any]:
    _analyzer_by_arn(request, request.params["analyzerArn"])
    return {"findings": []}


@operation("accessanalyzer", "ValidatePolicy")
def validate_policy(request: Request) -> dict[str, Any]:
    try:
        document = json.loads(request.params["policyDocument"])
    except ValueError as error:
        raise ServiceError("ValidationException", f"The policy is not JSON: {error}", reason="cannotParse") from error
    if not isinstance(document, dict) or "Statement" not in document:
        return {"findings": [_missing_statement()]}
    return {"findings": []}


def _missing_statement() -> dict[str, Any]:
    start = {"line": 1, "column": 0, "offset": 0}
    return {
        "findingDetails": "Add a Statement element to the policy.",
        "findingType": "ERROR",
        "issueCode": "MISSING_STATEMENT",
        "learnMoreLink": "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
        "locations": [{"path": [], "span": {"start": start, "end": start}}],
    }
