# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Maintenance windows, with their targets and tasks. moto changes none, and answers no task by itself.

https://docs.aws.amazon.com/systems-manager/latest/userguide/maintenance-windows.html
"""

from __future__ import annotations

import datetime
import functools
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.utilities.utils import get_partition

from sandbox.delivery import DELIVERIES, Message, Sender, Undelivered, deliver
from sandbox.errors import ServiceError
from sandbox.operations import Request, operation, states
from sandbox.schedules import arm, next_after, now
from sandbox.services import ssm_automation, ssm_commands, ssm_nodes
from sandbox.services.iam import role_allows

_NOT_MOTO = "moto's windows cannot be changed"
_MEMBERS = (
    "Name",
    "Description",
    "StartDate",
    "EndDate",
    "Schedule",
    "ScheduleTimezone",
    "ScheduleOffset",
    "Duration",
    "Cutoff",
    "AllowUnassociatedTargets",
    "Enabled",
)
_TARGET_MEMBERS = ("Name", "Description", "OwnerInformation", "Targets", "ResourceType")
_TASK_MEMBERS = (
    "Name",
    "Description",
    "Targets",
    "TaskArn",
    "TaskType",
    "ServiceRoleArn",
    "TaskParameters",
    "TaskInvocationParameters",
    "Priority",
    "MaxConcurrency",
    "MaxErrors",
    "LoggingInfo",
    "CutoffBehavior",
    "AlarmConfiguration",
)


@dataclass
class Execution:
    """How a window ran: its tasks by their IDs in it, and what each started."""

    window_id: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    invocations: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def status(self) -> str:
        statuses = [each["Status"] for each in self.tasks.values()]
        return next((each for each in ("IN_PROGRESS", "FAILED", "TIMED_OUT") if each in statuses), "SUCCESS")


@dataclass
class Window:
    """A window, what it has by IDs, and how it ran, the latest last."""

    members: dict[str, Any]
    created: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)


def windows(account: str, region: str) -> dict[str, Window]:
    return states("ssm")[account][region].values.setdefault("windows", {})


def _missing(kind: str, identity: str) -> ServiceError:
    return ServiceError("DoesNotExistException", f"{kind} {identity} doesn't exist.")


def _window(request: Request) -> Window:
    window_id = request.params["WindowId"]
    found = windows(request.account, request.region).get(window_id)
    if found is None:
        raise _missing("Maintenance window", window_id)
    return found


def _check(members: dict[str, Any]) -> None:
    if members["Cutoff"] >= members["Duration"]:
        raise ServiceError("ValidationException", "Cutoff must be less than Duration.")


def _given(params: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: params[name] for name in names if name in params}


@operation("ssm", "CreateMaintenanceWindow", instead_of_moto=_NOT_MOTO)
def create_maintenance_window(request: Request) -> dict[str, Any]:
    members = {"Enabled": True, **_given(request.params, _MEMBERS)}
    _check(members)
    window_id = f"mw-0{secrets.token_hex(8)}"
    window = windows(request.account, request.region)[window_id] = Window(members)
    _arm(request.account, request.region, window_id, window)
    tags = {each["Key"]: each["Value"] for each in request.params.get("Tags", [])}
    request.backend.add_tags_to_resource("MaintenanceWindow", window_id, tags)
    return {"WindowId": window_id}


@operation("ssm", "UpdateMaintenanceWindow")
def update_maintenance_window(request: Request) -> dict[str, Any]:
    """What is not given stays; with ``Replace`` it is taken away.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UpdateMaintenanceWindow.html
    """
    window, given = _window(request), _given(request.params, _MEMBERS)
    members = {"Enabled": True, **given} if request.params.get("Replace") else {**window.members, **given}
    needed = ("Name", "Schedule", "Duration", "Cutoff", "AllowUnassociatedTargets")
    missing = [name for name in needed if name not in members]
    if missing:
        raise ServiceError("ValidationException", f"A replaced maintenance window needs {', '.join(missing)}.")
    _check(members)
    window.members = members
    _arm(request.account, request.region, request.params["WindowId"], window)
    return {"WindowId": request.params["WindowId"], **members}


@operation("ssm", "GetMaintenanceWindow", instead_of_moto=_NOT_MOTO)
def get_maintenance_window(request: Request) -> dict[str, Any]:
    window = _window(request)
    times = {"CreatedDate": window.created, "ModifiedDate": window.created, **_next(window)}
    return {"WindowId": request.params["WindowId"], **window.members, **times}


@operation("ssm", "DescribeMaintenanceWindows", instead_of_moto=_NOT_MOTO)
def describe_maintenance_windows(request: Request) -> dict[str, Any]:
    wanted = {each["Key"]: each["Values"] for each in request.params.get("Filters", [])}
    enabled = [each.lower() for each in wanted.get("Enabled", ["true", "false"])]
    hidden = ("AllowUnassociatedTargets",)
    found = [
        {
            "WindowId": window_id,
            **{name: value for name, value in window.members.items() if name not in hidden},
            **_next(window),
        }
        for window_id, window in windows(request.account, request.region).items()
        if window.members["Name"] in wanted.get("Name", [window.members["Name"]])
        and str(window.members["Enabled"]).lower() in enabled
    ]
    return {"WindowIdentities": found}


@operation("ssm", "DeleteMaintenanceWindow", instead_of_moto=_NOT_MOTO)
def delete_maintenance_window(request: Request) -> dict[str, Any]:
    windows(request.account, request.region).pop(request.params["WindowId"], None)
    return {"WindowId": request.params["WindowId"]}


def _next(window: Window) -> dict[str, str]:
    """When a window opens next, if it does."""
    members = window.members
    if not members["Enabled"]:
        return {}
    zone, offset = members.get("ScheduleTimezone", "UTC"), members.get("ScheduleOffset", 0)
    try:
        moment = next_after(members["Schedule"], now(), zone, offset)
    except (KeyError, ValueError):
        return {}
    return {"NextExecutionTime": f"{moment.astimezone(datetime.UTC):%Y-%m-%dT%H:%MZ}"} if moment else {}


# Targets


def _target(request: Request) -> dict[str, Any]:
    target_id = request.params["WindowTargetId"]
    found = _window(request).targets.get(target_id)
    if found is None:
        raise _missing("Target", target_id)
    return found


@operation("ssm", "RegisterTargetWithMaintenanceWindow", instead_of_moto=_NOT_MOTO)
def register_target(request: Request) -> dict[str, Any]:
    target_id = str(uuid.uuid4())
    _window(request).targets[target_id] = _given(request.params, _TARGET_MEMBERS)
    return {"WindowTargetId": target_id}


@operation("ssm", "UpdateMaintenanceWindowTarget")
def update_target(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UpdateMaintenanceWindowTarget.html"""
    target = _target(request)
    kept = {"ResourceType": target["ResourceType"]} if request.params.get("Replace") else dict(target)
    target.clear()
    target.update({**kept, **_given(request.params, _TARGET_MEMBERS)})
    answered = {name: value for name, value in target.items() if name != "ResourceType"}
    return {**_given(request.params, ("WindowId", "WindowTargetId")), **answered}


@operation("ssm", "DescribeMaintenanceWindowTargets", instead_of_moto=_NOT_MOTO)
def describe_targets(request: Request) -> dict[str, Any]:
    window_id = request.params["WindowId"]
    targets = _window(request).targets
    return {"Targets": [{"WindowId": window_id, "WindowTargetId": each, **targets[each]} for each in targets]}


@operation("ssm", "DeregisterTargetFromMaintenanceWindow", instead_of_moto=_NOT_MOTO)
def deregister_target(request: Request) -> dict[str, Any]:
    target_id, window = request.params["WindowTargetId"], _window(request)
    if request.params.get("Safe") and any(target_id in _target_ids(task) for task in window.tasks.values()):
        raise ServiceError("TargetInUseException", f"Target {target_id} is used by a task.")
    window.targets.pop(target_id, None)
    return _given(request.params, ("WindowId", "WindowTargetId"))


def _target_ids(task: dict[str, Any]) -> list[str]:
    named = (each["Values"] for each in task.get("Targets", []) if each["Key"] == "WindowTargetIds")
    return [target_id for values in named for target_id in values]


# Tasks


def _task(request: Request) -> dict[str, Any]:
    task_id = request.params["WindowTaskId"]
    found = _window(request).tasks.get(task_id)
    if found is None:
        raise _missing("Task", task_id)
    return found


def _check_task(window: Window, task: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RegisterTaskWithMaintenanceWindow.html"""
    unknown = [target_id for target_id in _target_ids(task) if target_id not in window.targets]
    if unknown:
        raise _missing("Target", unknown[0])
    if task.get("Targets") and not ("MaxConcurrency" in task and "MaxErrors" in task):
        raise ServiceError("ValidationException", "A task with targets needs MaxConcurrency and MaxErrors.")
    if task["TaskType"] == "RUN_COMMAND" and not task.get("Targets"):
        raise ServiceError("ValidationException", "A task of the type RUN_COMMAND needs targets.")


@operation("ssm", "RegisterTaskWithMaintenanceWindow", instead_of_moto=_NOT_MOTO)
def register_task(request: Request) -> dict[str, Any]:
    task = {"Priority": 0, "CutoffBehavior": "CONTINUE_TASK", **_given(request.params, _TASK_MEMBERS)}
    window, task_id = _window(request), str(uuid.uuid4())
    _check_task(window, task)
    window.tasks[task_id] = task
    return {"WindowTaskId": task_id}


@operation("ssm", "UpdateMaintenanceWindowTask")
def update_task(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UpdateMaintenanceWindowTask.html"""
    task = _task(request)
    blank = {"TaskType": task["TaskType"], "Priority": 0, "CutoffBehavior": "CONTINUE_TASK"}
    kept = blank if request.params.get("Replace") else dict(task)
    changed = {**kept, **_given(request.params, _TASK_MEMBERS)}
    _check_task(_window(request), changed)
    task.clear()
    task.update(changed)
    answered = {name: value for name, value in task.items() if name != "TaskType"}
    return {**_given(request.params, ("WindowId", "WindowTaskId")), **answered}


@operation("ssm", "GetMaintenanceWindowTask")
def get_task(request: Request) -> dict[str, Any]:
    return {**_given(request.params, ("WindowId", "WindowTaskId")), **_task(request)}


@operation("ssm", "DescribeMaintenanceWindowTasks", instead_of_moto=_NOT_MOTO)
def describe_tasks(request: Request) -> dict[str, Any]:
    """How a task is run is not told here.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_MaintenanceWindowTask.html
    """
    names = {
        "TaskType": "Type",
        **{name: name for name in _TASK_MEMBERS if name not in ("TaskType", "TaskInvocationParameters")},
    }
    tasks = [
        {
            "WindowId": request.params["WindowId"],
            "WindowTaskId": task_id,
            **{names[name]: value for name, value in task.items() if name in names},
        }
        for task_id, task in _window(request).tasks.items()
    ]
    return {"Tasks": tasks}


@operation("ssm", "DeregisterTaskFromMaintenanceWindow", instead_of_moto=_NOT_MOTO)
def deregister_task(request: Request) -> dict[str, Any]:
    _window(request).tasks.pop(request.params["WindowTaskId"], None)
    return _given(request.params, ("WindowId", "WindowTaskId"))


# Running


def _arm(account: str, region: str, window_id: str, window: Window) -> None:
    """Open the window by its schedule, until it has another one, or is no more."""
    members = window.members

    def run() -> bool:
        if windows(account, region).get(window_id) is not window or window.members is not members:
            return False
        open_window(account, region, window_id)
        return True

    if members["Enabled"]:
        zone, offset = members.get("ScheduleTimezone", "UTC"), members.get("ScheduleOffset", 0)
        arm(members["Schedule"], run, zone, offset)


def open_window(account: str, region: str, window_id: str) -> str:
    """Run the tasks of a window now, those of the lowest priority first; the ID of the execution."""
    window = windows(account, region)[window_id]
    execution = Execution(window_id)
    window.executions.append(execution)
    for task in sorted(window.tasks.values(), key=lambda each: each["Priority"]):
        task_id = str(uuid.uuid4())
        execution.tasks[task_id] = {
            "TaskArn": task["TaskArn"],
            "TaskType": task["TaskType"],
            "Status": "IN_PROGRESS",
            "StartTime": datetime.datetime.now(datetime.UTC),
        }
        DELIVERIES.add(functools.partial(_run_task, account, region, window, execution, task_id, dict(task)))
    return execution.id


def _run_task(
    account: str, region: str, window: Window, execution: Execution, task_id: str, task: dict[str, Any]
) -> None:
    record = execution.tasks[task_id]

    def conclude(status: str, why: str = "") -> None:
        record["Status"] = {"Success": "SUCCESS", "TimedOut": "TIMED_OUT"}.get(status, "FAILED")
        record["EndTime"] = datetime.datetime.now(datetime.UTC)
        if why:
            record["StatusDetails"] = why[:250]

    role, how = task.get("ServiceRoleArn", ""), task.get("TaskInvocationParameters", {})
    ids = _hosts(account, region, window, task)
    try:
        if task["TaskType"] == "RUN_COMMAND":
            if role and not role_allows(role, "ssm:SendCommand", "*"):
                conclude("Failed", f"{role} is not authorized to perform: ssm:SendCommand")
            elif not ids:
                conclude("Success", "No targets")
            else:
                limits = {name: task[name] for name in ("MaxConcurrency", "MaxErrors") if name in task}
                given = {**how.get("RunCommand", {}), **limits, "DocumentName": task["TaskArn"], "InstanceIds": ids}
                command = ssm_commands.start(account, region, given, lambda command: conclude(command.status))
                execution.invocations[task_id] = {"ExecutionId": command.id}
        elif task["TaskType"] == "AUTOMATION":
            given = how.get("Automation", {})
            parameters = {
                name: [value.replace("{{ RESOURCE_ID }}", (ids or [""])[0]) for value in values]
                for name, values in given.get("Parameters", {}).items()
            }
            run = ssm_automation.start(
                account, region, task["TaskArn"], parameters, told=lambda run: conclude(run.status, run.message)
            )
            execution.invocations[task_id] = {"ExecutionId": run.id}
        elif task["TaskType"] == "LAMBDA":
            payload = how.get("Lambda", {}).get("Payload", b"{}")
            text = payload.decode() if isinstance(payload, bytes) else payload
            arn = f"arn:{get_partition(region)}:ssm:{region}:{account}:maintenancewindow/{execution.window_id}"
            deliver(Sender(arn, account, role=role), task["TaskArn"], Message(text))
            conclude("Success")
        else:
            conclude("Failed", "The sandbox does not run state machines.")
    except (ServiceError, Undelivered) as error:
        conclude("Failed", str(error))


def _hosts(account: str, region: str, window: Window, task: dict[str, Any]) -> list[str]:
    own = [each for each in task.get("Targets", []) if each["Key"] != "WindowTargetIds"]
    sets = [window.targets[each]["Targets"] for each in _target_ids(task) if each in window.targets]
    sets += [own] if own else []
    return list(dict.fromkeys(each for one in sets for each in ssm_nodes.matching(account, region, one)))


def _execution(request: Request) -> Execution:
    wanted = request.params["WindowExecutionId"]
    for window in windows(request.account, request.region).values():
        for execution in window.executions:
            if execution.id == wanted:
                return execution
    raise _missing("Maintenance window execution", wanted)


@operation("ssm", "DescribeMaintenanceWindowExecutions")
def describe_executions(request: Request) -> dict[str, Any]:
    """The latest one comes first."""
    found = [
        {
            "WindowId": each.window_id,
            "WindowExecutionId": each.id,
            "Status": each.status,
            "StartTime": each.started,
        }
        for each in reversed(_window(request).executions)
    ]
    return {"WindowExecutions": found}


@operation("ssm", "DescribeMaintenanceWindowExecutionTasks")
def describe_execution_tasks(request: Request) -> dict[str, Any]:
    execution = _execution(request)
    found = [
        {"WindowExecutionId": execution.id, "TaskExecutionId": task_id, **task}
        for task_id, task in execution.tasks.items()
    ]
    return {"WindowExecutionTaskIdentities": found}


@operation("ssm", "DescribeMaintenanceWindowExecutionTaskInvocations")
def describe_execution_task_invocations(request: Request) -> dict[str, Any]:
    execution, task_id = _execution(request), request.params["TaskId"]
    task, invocation = execution.tasks.get(task_id), execution.invocations.get(task_id)
    if task is None or invocation is None:
        return {"WindowExecutionTaskInvocationIdentities": []}
    known = {"WindowExecutionId": execution.id, "TaskExecutionId": task_id, "InvocationId": invocation["ExecutionId"]}
    shown = {name: task[name] for name in ("TaskType", "Status", "StartTime", "EndTime") if name in task}
    return {"WindowExecutionTaskInvocationIdentities": [{**known, **invocation, **shown}]}
