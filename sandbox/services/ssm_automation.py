# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Systems Manager Automation: executions run their documents on the sandbox itself, as far as their role may.

Of the actions there are ``aws:executeAwsApi``, ``aws:executeScript`` in Python, ``aws:branch``, ``aws:sleep``, which
does not, and ``aws:assertAwsResourceProperty``; a document with any other one fails there. A script runs in a process
of its own, on this machine and with the rights of this user.

What a role may do is asked for the security group that is called ``GroupId`` or, of any other resource, for all.

https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
"""

from __future__ import annotations

import datetime
import functools
import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from moto.ssm.models import Document, ssm_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from sandbox.delivery import DELIVERIES, Forgotten
from sandbox.errors import ServiceError
from sandbox.functions import FUNCTIONS
from sandbox.operations import Request, operation, states
from sandbox.services.events import at_path
from sandbox.services.iam import role_allows

_VARIABLE = re.compile(r"\{\{\s*([\w.:-]+)\s*\}\}")
# https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html
_SCRIPT_SECONDS = 600
_SCRIPT = """
import json, sys
given = json.load(sys.stdin)
names = {"__name__": "script"}
output, sys.stdout = sys.stdout, sys.stderr
exec(compile(given["script"], "script", "exec"), names)
json.dump(names[given["handler"]](given["events"], {}), output)
"""
# As many steps are enough for any document, and end one whose steps go round in circles.
_MOST_STEPS = 100


# Documents


@operation("ssm", "ListDocumentVersions")
def list_document_versions(request: Request) -> dict[str, Any]:
    """The latest one comes first."""
    documents = request.backend._get_documents(request.params["Name"])
    versions = [
        {
            "Name": document.name,
            "DocumentVersion": version,
            **({"VersionName": document.version_name} if document.version_name else {}),
            "CreatedDate": document.created_date,
            "IsDefaultVersion": version == documents.default_version,
            "DocumentFormat": document.document_format,
            "Status": document.status,
        }
        for version, document in documents.versions.items()
    ]
    return {"DocumentVersions": sorted(versions, key=lambda version: -int(version["DocumentVersion"]))}


# Executions


class Failed(Exception):
    """Why a step failed."""


@dataclass
class Execution:
    """An execution of a document; ``told`` is called when it has ended."""

    account: str
    region: str
    document: Document
    parameters: dict[str, list[str]]
    told: Callable[[Execution], None] | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "Pending"
    message: str = ""
    started: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    ended: datetime.datetime | None = None
    steps: list[dict[str, Any]] = field(default_factory=list)

    def answer(self) -> dict[str, Any]:
        known = {
            "AutomationExecutionId": self.id,
            "DocumentName": self.document.name,
            "DocumentVersion": self.document.document_version,
            "AutomationExecutionStatus": self.status,
            "ExecutionStartTime": self.started,
            "Mode": "Auto",
        }
        if self.message:
            known["FailureMessage"] = self.message
        return {**known, "ExecutionEndTime": self.ended} if self.ended else known


def start(
    account: str,
    region: str,
    name: str,
    parameters: dict[str, list[str]],
    version: str = "",
    told: Callable[[Execution], None] | None = None,
) -> Execution:
    """Start an execution, which runs later; `ServiceError` when there is no such document, or a parameter is wrong."""
    documents = ssm_backends[account][region]._documents.get(name)
    if documents is None or documents.get_default_version().document_type != "Automation":
        raise ServiceError("AutomationDefinitionNotFoundException", f"There is no automation document {name}.")
    document = documents.find(None if version in ("", "$DEFAULT") else version, strict=False)
    if document is None:
        message = f"The automation document {name} has no version {version}."
        raise ServiceError("AutomationDefinitionVersionNotFoundException", message)
    declared = document.content_json.get("parameters", {})
    wrong = [f"Unknown parameter: {each}" for each in parameters if each not in declared]
    wrong += [
        f"Parameter {each} is missing"
        for each, known in declared.items()
        if "default" not in known and each not in parameters
    ]
    if wrong:
        raise ServiceError("InvalidAutomationExecutionParametersException", f"{'; '.join(wrong)}.")
    execution = Execution(account, region, document, parameters, told)
    _executions(account, region)[execution.id] = execution
    DELIVERIES.add(functools.partial(_run, execution))
    return execution


@operation("ssm", "StartAutomationExecution")
def start_automation_execution(request: Request) -> dict[str, Any]:
    given = request.params
    version = given.get("DocumentVersion", "")
    execution = start(request.account, request.region, given["DocumentName"], given.get("Parameters", {}), version)
    return {"AutomationExecutionId": execution.id}


@operation("ssm", "GetAutomationExecution")
def get_automation_execution(request: Request) -> dict[str, Any]:
    execution = _execution(request)
    known = {"StepExecutions": execution.steps, "Parameters": execution.parameters}
    return {"AutomationExecution": {**execution.answer(), **known}}


@operation("ssm", "DescribeAutomationStepExecutions")
def describe_automation_step_executions(request: Request) -> dict[str, Any]:
    return {"StepExecutions": _execution(request).steps}


@operation("ssm", "DescribeAutomationExecutions")
def describe_automation_executions(request: Request) -> dict[str, Any]:
    """The latest one comes first. Of the filters those on the document's name, the status and the ID are understood."""
    names = {
        "DocumentNamePrefix": lambda each, value: each["DocumentName"].startswith(value),
        "ExecutionStatus": lambda each, value: each["AutomationExecutionStatus"] == value,
        "ExecutionId": lambda each, value: each["AutomationExecutionId"] == value,
    }
    found = [each.answer() for each in reversed(_executions(request.account, request.region).values())]
    for wanted in request.params.get("Filters", []):
        holds = names.get(wanted["Key"])
        if holds is None:
            raise ServiceError("InvalidFilterKey", f"The sandbox cannot filter by {wanted['Key']}.")
        found = [each for each in found if any(holds(each, value) for value in wanted["Values"])]
    return {"AutomationExecutionMetadataList": found}


def _executions(account: str, region: str) -> dict[str, Execution]:
    return states("ssm")[account][region].values.setdefault("executions", {})


def _execution(request: Request) -> Execution:
    execution = _executions(request.account, request.region).get(request.params["AutomationExecutionId"])
    if execution is None:
        message = f"There is no automation execution {request.params['AutomationExecutionId']}."
        raise ServiceError("AutomationExecutionNotFoundException", message)
    return execution


# Running


def _run(execution: Execution) -> None:
    execution.status = "InProgress"
    content = execution.document.content_json
    known = _parameters(content.get("parameters", {}), execution.parameters)
    steps = {step["name"]: step for step in content["mainSteps"]}
    order = list(steps)
    name: str | None = order[0]
    try:
        role = str(_filled(content.get("assumeRole", ""), known))
        for _ in range(_MOST_STEPS):
            if name is None:
                break
            name = _step(execution, steps[name], order, known, role)
        execution.status = "Success"
    except Forgotten:
        raise
    except Failed as failed:
        execution.status = "Failed"
        execution.message = f"Step fails when it is Execute/Cancelling action. {failed}"
    execution.ended = datetime.datetime.now(datetime.UTC)
    if execution.told:
        execution.told(execution)


def _step(execution: Execution, step: dict[str, Any], order: list[str], known: dict[str, Any], role: str) -> str | None:
    """Run a step, keep its outputs, and answer the name of the next one."""
    record = {
        "StepName": step["name"],
        "Action": step["action"],
        "StepExecutionId": str(uuid.uuid4()),
        "ExecutionStartTime": datetime.datetime.now(datetime.UTC),
        "StepStatus": "InProgress",
    }
    execution.steps.append(record)
    following = order[order.index(step["name"]) + 1 :]
    chosen: str | None = step.get("nextStep") or next(iter(following), None)
    try:
        inputs = step.get("inputs", {})
        if step["action"] == "aws:branch":
            chosen = _branch(inputs, known) or chosen
        else:
            act = _ACTIONS.get(step["action"])
            if act is None:
                raise Failed(f"The sandbox does not run {step['action']}.")
            answer = act(execution, _filled(inputs, known), role)
            for output in step.get("outputs", []):
                known[f"{step['name']}.{output['Name']}"] = _output(answer, output)
            chosen = None if step.get("isEnd") else chosen
    except Failed as failed:
        record |= {"StepStatus": "Failed", "FailureMessage": str(failed)}
        if step.get("onFailure") != "Continue":
            raise
    else:
        record["StepStatus"] = "Success"
    finally:
        record["ExecutionEndTime"] = datetime.datetime.now(datetime.UTC)
    return chosen


def _parameters(declared: dict[str, Any], given: dict[str, list[str]]) -> dict[str, Any]:
    """Texts by the names of the parameters, or lists of texts where they are declared so."""
    known: dict[str, Any] = {"global:DATE": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"}
    for name, declaration in declared.items():
        if name not in given:
            known[name] = declaration["default"]
        elif declaration["type"].startswith(("StringList", "List<")):
            known[name] = given[name]
        else:
            known[name] = ",".join(given[name])
    return known


def _filled(value: Any, known: dict[str, Any]) -> Any:
    """A value with its variables replaced; one that is nothing but a variable gets the type of what that stands for."""
    if isinstance(value, dict):
        return {name: _filled(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, known) for each in value]
    if not isinstance(value, str):
        return value
    whole = _VARIABLE.fullmatch(value.strip())
    if whole:
        return _known(whole, known)
    return _VARIABLE.sub(lambda match: str(_known(match, known)), value)


def _known(match: re.Match[str], known: dict[str, Any]) -> Any:
    if match.group(1) not in known:
        raise Failed(f"{match.group()} stands for nothing.")
    return known[match.group(1)]


def _output(answer: Any, output: dict[str, Any]) -> Any:
    found = at_path(answer, output["Selector"])
    kinds = {"String": str, "Integer": int, "Boolean": bool, "StringMap": dict, "StringList": list, "MapList": list}
    if found is None and output["Type"] in ("StringList", "MapList"):
        # What an API leaves out of its answer.
        return []
    if not isinstance(found, kinds[output["Type"]]):
        raise Failed(f"The output {output['Name']} is no {output['Type']}: {json.dumps(found, default=str)}.")
    return found


def _branch(inputs: dict[str, Any], known: dict[str, Any]) -> str | None:
    """The step of the first choice that is true, or the default one.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-branch.html
    """
    for choice in inputs["Choices"]:
        value = _filled(choice["Variable"], known)
        compared = {name: wanted for name, wanted in choice.items() if name not in ("Variable", "NextStep")}
        [(operator, wanted)] = compared.items()
        if operator not in ("BooleanEquals", "StringEquals", "NumericEquals"):
            raise Failed(f"The sandbox does not know {operator}.")
        if value == _filled(wanted, known):
            return choice["NextStep"]
    return inputs.get("Default")


def _call(execution: Execution, inputs: dict[str, Any], role: str) -> Any:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeAwsApi.html"""
    arguments = dict(inputs)
    service, api = arguments.pop("Service"), arguments.pop("Api")
    action = f"{service}:{''.join(word[:1].upper() + word[1:] for word in api.split('_'))}"
    partition = get_partition(execution.region)
    group = arguments.get("GroupId")
    arn = f"arn:{partition}:ec2:{execution.region}:{execution.account}:security-group/{group}" if group else "*"
    if role and not role_allows(role, action, arn):
        raise Failed(f"AccessDenied: {role} is not authorized to perform: {action} on resource: {arn}")
    session = sts_backends[execution.account][partition].assume_role(
        execution.region, f"Automation-{execution.id}"[:64], role, None, 3600, None
    )
    with DELIVERIES.unlocked():
        try:
            client = _session().create_client(
                service,
                execution.region,
                endpoint_url=FUNCTIONS.endpoint,
                aws_access_key_id=session.access_key_id,
                aws_secret_access_key=session.secret_access_key,
                aws_session_token=session.session_token,
            )
            answer = getattr(client, xform_name(action.partition(":")[2]))(**arguments)
        except (BotoCoreError, ClientError, AttributeError) as error:
            raise Failed(str(error)) from error
    return json.loads(json.dumps(answer, default=str))


@functools.cache
def _session() -> botocore.session.Session:
    """It keeps the models that it has read, which takes longest; executions run one at a time."""
    return botocore.session.Session()


def _assert_property(execution: Execution, inputs: dict[str, Any], role: str) -> Any:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-assertAwsResourceProperty.html"""
    arguments = dict(inputs)
    selector, wanted = arguments.pop("PropertySelector"), arguments.pop("DesiredValues")
    answer = _call(execution, arguments, role)
    found = at_path(answer, selector)
    if str(found) not in map(str, wanted):
        raise Failed(f"{selector} is {found}, and not one of {', '.join(map(str, wanted))}.")
    return answer


def _script(execution: Execution, inputs: dict[str, Any], role: str) -> Any:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html"""
    if not inputs["Runtime"].startswith("python"):
        raise Failed(f"The sandbox does not run scripts in {inputs['Runtime']}.")
    given = {"script": inputs["Script"], "handler": inputs["Handler"], "events": inputs.get("InputPayload", {})}
    with DELIVERIES.unlocked():
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-c", _SCRIPT],
                input=json.dumps(given),
                capture_output=True,
                text=True,
                timeout=_SCRIPT_SECONDS,
                env={"PATH": os.environ.get("PATH", os.defpath)},
                check=True,
            )
        except subprocess.TimeoutExpired as error:
            raise Failed(f"The script took longer than {_SCRIPT_SECONDS} s.") from error
        except subprocess.CalledProcessError as error:
            raise Failed(error.stderr.strip().rpartition("\n")[2] or "The script failed.") from error
    return {"Payload": json.loads(done.stdout)}


_ACTIONS: dict[str, Callable[[Execution, dict[str, Any], str], Any]] = {
    "aws:assertAwsResourceProperty": _assert_property,
    "aws:executeAwsApi": _call,
    "aws:executeScript": _script,
    "aws:sleep": lambda execution, inputs, role: {},
}
