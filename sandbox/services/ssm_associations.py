# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""State Manager: an association runs its document when it is created or changed, when a node
appears, and by its schedule.

https://docs.aws.amazon.com/systems-manager/latest/userguide/state-manager-about.html
"""

from __future__ import annotations

import datetime
import functools
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.ssm.models import ssm_backends

from sandbox.delivery import DELIVERIES
from sandbox.errors import ServiceError
from sandbox.operations import Request, operation, states
from sandbox.schedules import arm
from sandbox.services import ssm_automation, ssm_commands, ssm_nodes

_MEMBERS = (
    "Name",
    "DocumentVersion",
    "Parameters",
    "Targets",
    "ScheduleExpression",
    "OutputLocation",
    "AssociationName",
    "AutomationTargetParameterName",
    "MaxErrors",
    "MaxConcurrency",
    "ComplianceSeverity",
    "SyncCompliance",
    "ApplyOnlyAtCronInterval",
    "CalendarNames",
    "ScheduleOffset",
    "Duration",
)
_LISTED = (
    "Name",
    "DocumentVersion",
    "Targets",
    "ScheduleExpression",
    "AssociationName",
    "ScheduleOffset",
    "Duration",
)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclass
class Association:
    """An association, and how it ran, the latest last."""

    members: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    version: int = 1
    created: datetime.datetime = field(default_factory=_now)
    updated: datetime.datetime = field(default_factory=_now)
    status: str = "Pending"
    executions: list[dict[str, Any]] = field(default_factory=list)
    # The nodes of each execution, by the execution's ID.
    targets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        last = self.executions[-1] if self.executions else None
        return {
            "AssociationId": self.id,
            "AssociationVersion": str(self.version),
            "Date": self.created,
            "LastUpdateAssociationDate": self.updated,
            "Overview": {"Status": self.status, "DetailedStatus": self.status},
            "ScheduleOffset": 0,
            **self.members,
            **({"LastExecutionDate": last["CreatedTime"]} if last else {}),
        }


def _all(account: str, region: str) -> dict[str, Association]:
    return states("ssm")[account][region].values.setdefault("associations", {})


def _find(request: Request) -> Association:
    found = _all(request.account, request.region).get(request.params.get("AssociationId", ""))
    if found is None:
        raise ServiceError("AssociationDoesNotExist", "The specified association does not exist.")
    return found


def _members(request: Request) -> dict[str, Any]:
    members = {
        "DocumentVersion": "$DEFAULT",
        "ComplianceSeverity": "UNSPECIFIED",
        "SyncCompliance": "AUTO",
        "ApplyOnlyAtCronInterval": False,
        **{name: request.params[name] for name in _MEMBERS if name in request.params},
    }
    document = request.backend._get_documents(members["Name"]).get_default_version()
    if document.document_type == "Command":
        if not members.get("Targets"):
            raise ServiceError("InvalidTarget", "Targets have to be given.")
        ssm_commands.check_parameters(document, members.get("Parameters", {}))
    schedule = members.get("ScheduleExpression", "")
    if schedule and not schedule.startswith(("rate(", "cron(", "at(")):
        raise ServiceError("InvalidSchedule", f"{schedule} is no schedule.")
    if members["ApplyOnlyAtCronInterval"] and not schedule.startswith(("cron(", "at(")):
        raise ServiceError("InvalidSchedule", "ApplyOnlyAtCronInterval needs a cron expression.")
    return members


@operation("ssm", "CreateAssociation")
def create_association(request: Request) -> dict[str, Any]:
    association = Association(_members(request))
    _all(request.account, request.region)[association.id] = association
    tags = {each["Key"]: each["Value"] for each in request.params.get("Tags", [])}
    request.backend.add_tags_to_resource("Association", association.id, tags)
    _apply(request.account, request.region, association)
    return {"AssociationDescription": association.described()}


@operation("ssm", "UpdateAssociation")
def update_association(request: Request) -> dict[str, Any]:
    """What is not given is taken away.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UpdateAssociation.html
    """
    association = _find(request)
    request.params.setdefault("Name", association.members["Name"])
    association.members = _members(request)
    association.version += 1
    association.updated, association.status = _now(), "Pending"
    _apply(request.account, request.region, association)
    return {"AssociationDescription": association.described()}


@operation("ssm", "DescribeAssociation")
def describe_association(request: Request) -> dict[str, Any]:
    return {"AssociationDescription": _find(request).described()}


@operation("ssm", "ListAssociations")
def list_associations(request: Request) -> dict[str, Any]:
    """Of the filters those on the name, the document and the ID are understood."""
    found = list(_all(request.account, request.region).values())
    for wanted in request.params.get("AssociationFilterList", []):
        key, value = wanted["key"], wanted["value"]
        if key == "AssociationId":
            found = [each for each in found if each.id == value]
        elif key in ("AssociationName", "Name"):
            found = [each for each in found if each.members.get(key) == value]
        else:
            raise ServiceError("InternalServerError", f"The sandbox cannot filter by {key}.", 500)
    shown = ("AssociationId", "AssociationVersion", "Overview", "LastExecutionDate", *_LISTED)
    described = [each.described() for each in found]
    return {"Associations": [{name: each[name] for name in shown if name in each} for each in described]}


@operation("ssm", "DeleteAssociation")
def delete_association(request: Request) -> dict[str, Any]:
    del _all(request.account, request.region)[_find(request).id]
    return {}


@operation("ssm", "StartAssociationsOnce")
def start_associations_once(request: Request) -> dict[str, Any]:
    known = _all(request.account, request.region)
    for association_id in request.params["AssociationIds"]:
        if association_id not in known:
            raise ServiceError("AssociationDoesNotExist", "The specified association does not exist.")
        _later(request.account, request.region, known[association_id])
    return {}


@operation("ssm", "DescribeAssociationExecutions")
def describe_association_executions(request: Request) -> dict[str, Any]:
    """The latest one comes first."""
    return {"AssociationExecutions": list(reversed(_find(request).executions))}


@operation("ssm", "DescribeAssociationExecutionTargets")
def describe_association_execution_targets(request: Request) -> dict[str, Any]:
    found = _find(request).targets.get(request.params["ExecutionId"])
    if found is None:
        raise ServiceError("AssociationExecutionDoesNotExist", "The specified execution does not exist.")
    return {"AssociationExecutionTargets": found}


# Running


def _apply(account: str, region: str, association: Association) -> None:
    if not association.members["ApplyOnlyAtCronInterval"]:
        _later(account, region, association)
    version = association.version

    def run() -> bool:
        """By the schedule, unless the association has become another one, or none."""
        if _all(account, region).get(association.id) is not association or association.version != version:
            return False
        _later(account, region, association)
        return True

    if association.members.get("ScheduleExpression"):
        arm(association.members["ScheduleExpression"], run, offset=association.members.get("ScheduleOffset", 0))


def _later(account: str, region: str, association: Association, instance_ids: list[str] | None = None) -> None:
    DELIVERIES.add(functools.partial(_run, account, region, association.id, association.version, instance_ids))


def node_appeared(account: str, region: str, instance_id: str) -> None:
    """Run what is for a node that has just become one; whoever makes it one calls this, with the lock."""
    for association in _all(account, region).values():
        targets = association.members.get("Targets", [])
        once = not association.members["ApplyOnlyAtCronInterval"]
        if once and targets and instance_id in ssm_nodes.matching(account, region, targets):
            _later(account, region, association, [instance_id])


def _run(account: str, region: str, association_id: str, version: int, instance_ids: list[str] | None) -> None:
    association = _all(account, region).get(association_id)
    if association is None or association.version != version:
        return
    members = association.members
    kind = ssm_backends[account][region]._get_documents(members["Name"]).get_default_version().document_type
    if kind == "Automation":
        _run_automation(account, region, association)
        return
    ids = instance_ids or ssm_nodes.matching(account, region, members["Targets"])
    if not ids:
        # It stays pending until a node appears.
        return
    location = members.get("OutputLocation", {}).get("S3Location", {})
    copied = ("DocumentVersion", "Parameters", "MaxErrors", "MaxConcurrency")
    given = {
        "DocumentName": members["Name"],
        "InstanceIds": ids,
        **{name: members[name] for name in copied if name in members},
        **{name: location[name] for name in ("OutputS3BucketName", "OutputS3KeyPrefix") if name in location},
    }
    execution = _execution(association)

    def told(command: ssm_commands.Command) -> None:
        association.targets[execution["ExecutionId"]] = [
            _target(association, execution, each.instance_id, each.status, ("RunCommand", command.id))
            for each in command.invocations.values()
        ]
        _conclude(account, region, association, execution, command.status)

    try:
        ssm_commands.start(account, region, given, told)
    except ServiceError as error:
        # A node has gone in the meantime.
        execution["DetailedStatus"] = str(error)
        _conclude(account, region, association, execution, "Failed")


def _run_automation(account: str, region: str, association: Association) -> None:
    members, name = association.members, association.members.get("AutomationTargetParameterName")
    parameters = dict(members.get("Parameters", {}))
    values = [value for each in members.get("Targets", []) for value in each["Values"]]
    if name and values:
        parameters[name] = values[:1]
    execution = _execution(association)

    def told(run: ssm_automation.Execution) -> None:
        status = "Success" if run.status == "Success" else "Failed"
        association.targets[execution["ExecutionId"]] = [
            _target(association, execution, (values or [run.id])[0], status, ("Automation", run.id))
        ]
        _conclude(account, region, association, execution, status)

    ssm_automation.start(account, region, members["Name"], parameters, told=told)


def _execution(association: Association) -> dict[str, Any]:
    execution = {
        "AssociationId": association.id,
        "AssociationVersion": str(association.version),
        "ExecutionId": str(uuid.uuid4()),
        "Status": "InProgress",
        "DetailedStatus": "InProgress",
        "CreatedTime": _now(),
    }
    association.executions.append(execution)
    association.targets[execution["ExecutionId"]] = []
    association.status = "InProgress"
    return execution


def _target(
    association: Association, execution: dict[str, Any], resource: str, status: str, source: tuple[str, str]
) -> dict[str, Any]:
    return {
        "AssociationId": association.id,
        "AssociationVersion": execution["AssociationVersion"],
        "ExecutionId": execution["ExecutionId"],
        "ResourceId": resource,
        "ResourceType": "ManagedInstance",
        "Status": status,
        "DetailedStatus": status,
        "LastExecutionDate": _now(),
        "OutputSource": {"OutputSourceType": source[0], "OutputSourceId": source[1]},
    }


def _conclude(account: str, region: str, association: Association, execution: dict[str, Any], status: str) -> None:
    execution["Status"] = association.status = status
    execution["DetailedStatus"] = status
    execution["LastExecutionDate"] = _now()
    told = states("ssm")[account][region].values.setdefault("association_statuses", {})
    for target in association.targets[execution["ExecutionId"]]:
        told[target["ResourceId"]] = target["Status"]
