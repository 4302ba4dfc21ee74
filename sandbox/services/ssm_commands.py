# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Run Command: documents run on the machines of `sandbox.hosts`, shell scripts and a few things more.

Of the plug-ins there are ``aws:runShellScript``, ``aws:downloadContent`` of what is in S3, ``aws:softwareInventory``
for what is installed, and what AWS-RunPatchBaseline does; a step with any other one fails, and says so.

https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
"""

from __future__ import annotations

import datetime
import functools
import json
import math
import re
import shlex
import urllib.parse
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.kms.models import kms_backends
from moto.logs.models import logs_backends
from moto.s3.models import FakeKey, s3_backends
from moto.ssm.models import Document, ssm_backends
from moto.utilities.utils import get_partition

from sandbox.delivery import DELIVERIES, Forgotten, Message, Sender, send
from sandbox.errors import ServiceError
from sandbox.hosts.metadata import alias_of, may
from sandbox.operations import Request, operation, states
from sandbox.services import ssm_nodes, ssm_patches
from sandbox.services.events import emit
from sandbox.services.ssm_automation import Failed, _filled, _parameters

_NOT_MOTO = "moto runs no command"
_OUTPUT, _ERROR, _PLUGIN_OUTPUT = 24000, 8000, 2500
_DEFAULT_TIMEOUT = 3600
# With this code a script has the agent restart the machine, and run it again.
_RESTART = 194
_ENDED = ("Success", "Failed", "TimedOut", "Cancelled")
_DETAILS = {"TimedOut": "ExecutionTimedOut"}
_COMMAND_MEMBERS = (
    "Comment",
    "Parameters",
    "InstanceIds",
    "Targets",
    "OutputS3BucketName",
    "OutputS3KeyPrefix",
    "OutputS3Region",
    "NotificationConfig",
    "CloudWatchOutputConfig",
)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclass
class Step:
    """How a step of a document went on a node."""

    name: str
    action: str
    status: str = "Pending"
    code: int = -1
    output: str = ""
    error: str = ""
    started: datetime.datetime = field(default_factory=_now)
    ended: datetime.datetime = field(default_factory=_now)


@dataclass
class Invocation:
    """A command on one node."""

    instance_id: str
    status: str = "Pending"
    steps: list[Step] = field(default_factory=list)


@dataclass
class Command:
    """A command; ``told`` is called when it has ended."""

    account: str
    region: str
    document: Document
    given: dict[str, Any]
    instance_ids: list[str]
    told: Callable[[Command], None] | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "Pending"
    details: str = ""
    requested: datetime.datetime = field(default_factory=_now)
    invocations: dict[str, Invocation] = field(default_factory=dict)

    def answer(self) -> dict[str, Any]:
        ended = [each for each in self.invocations.values() if each.status in _ENDED]
        timeout = self.given.get("TimeoutSeconds", _DEFAULT_TIMEOUT)
        return {
            "CommandId": self.id,
            "DocumentName": self.document.name,
            "DocumentVersion": self.given.get("DocumentVersion", "$DEFAULT"),
            "ExpiresAfter": self.requested + datetime.timedelta(seconds=timeout),
            "RequestedDateTime": self.requested,
            "Status": self.status,
            "StatusDetails": self.details or _DETAILS.get(self.status, self.status),
            "MaxConcurrency": self.given.get("MaxConcurrency", "50"),
            "MaxErrors": self.given.get("MaxErrors", "0"),
            "TargetCount": len(self.instance_ids),
            "CompletedCount": len(ended),
            "ErrorCount": sum(each.status in ("Failed", "TimedOut") for each in ended),
            "DeliveryTimedOutCount": 0,
            "ServiceRole": self.given.get("ServiceRoleArn", ""),
            "TimeoutSeconds": timeout,
            **{name: self.given[name] for name in _COMMAND_MEMBERS if name in self.given},
        }


def _commands(account: str, region: str) -> dict[str, Command]:
    return states("ssm")[account][region].values.setdefault("commands", {})


def start(account: str, region: str, given: dict[str, Any], told: Callable[[Command], None] | None = None) -> Command:
    """Start a command, in the members of SendCommand, which runs later; `ServiceError` when that cannot be."""
    document = (
        ssm_backends[account][region]
        ._get_documents(given["DocumentName"])
        .find(None if given.get("DocumentVersion", "$DEFAULT") == "$DEFAULT" else given["DocumentVersion"])
    )
    if document.document_type != "Command":
        raise ServiceError("InvalidDocument", f"{document.name} is no document of the type Command.")
    check_parameters(document, given.get("Parameters", {}))
    known = ssm_nodes.nodes(account, region)
    wrong = [each for each in given.get("InstanceIds", []) if each not in known]
    if wrong:
        message = f"Instances [[{', '.join(wrong)}]] not in a valid state for account {account}"
        raise ServiceError("InvalidInstanceId", message)
    ids = list(given.get("InstanceIds", []))
    if given.get("Targets"):
        ids += [each for each in ssm_nodes.matching(account, region, given["Targets"]) if each not in ids]
    command = Command(account, region, document, given, ids, told)
    command.invocations = {each: Invocation(each) for each in ids}
    _commands(account, region)[command.id] = command
    DELIVERIES.add(functools.partial(_run, command))
    return command


def check_parameters(document: Document, given: dict[str, list[str]]) -> None:
    declared = document.content_json.get("parameters") or {}
    wrong = [f"{name} is no parameter of {document.name}" for name in given if name not in declared]
    wrong += [f"{name} is missing" for name, each in declared.items() if "default" not in each and name not in given]
    for name, values in given.items():
        allowed = [
            each if isinstance(each, str) else json.dumps(each)
            for each in declared.get(name, {}).get("allowedValues") or []
        ]
        wrong += [f"{name} cannot be {value}" for value in values if allowed and value not in allowed]
        pattern = declared.get(name, {}).get("allowedPattern")
        wrong += [
            f"{name} {value!r} is not like {pattern}" for value in values if pattern and not _like(pattern, value)
        ]
    if wrong:
        raise ServiceError("InvalidParameters", f"{'; '.join(wrong)}.")


def _like(pattern: str, value: str) -> bool:
    # In Python, a $ lets a line feed pass.
    return re.search(re.sub(r"(?<!\\)\$$", r"\\Z", pattern), value) is not None


# Running


def _limit(text: str, count: int) -> int:
    """A number, or a percentage of a count, as the limits of a command are."""
    return math.ceil(int(text[:-1]) * count / 100) if text.endswith("%") else int(text)


def _run(command: Command) -> None:
    if not command.instance_ids:
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
        command.status, command.details = "Success", "NoInstancesInTag"
        _tell(command)
        return
    command.status = "InProgress"
    _tell(command)
    most = _limit(command.given.get("MaxErrors", "0"), len(command.instance_ids))
    for position, invocation in enumerate(command.invocations.values()):
        failures = sum(each.status in ("Failed", "TimedOut") for each in command.invocations.values())
        if failures > most and position >= _limit(command.given.get("MaxConcurrency", "50"), len(command.instance_ids)):
            invocation.status = "Cancelled"
        else:
            _invoke(command, invocation)
        _tell(command, invocation)
    statuses = [each.status for each in command.invocations.values()]
    command.status = next((each for each in ("Failed", "TimedOut", "Cancelled") if each in statuses), "Success")
    _tell(command)


def _invoke(command: Command, invocation: Invocation) -> None:
    invocation.status = "InProgress"
    content = command.document.content_json
    machine = ssm_nodes.nodes(command.account, command.region).get(invocation.instance_id)
    # Of the schema 1.2, each plug-in is a step of its own.
    old = [
        {"name": name, "action": name, "inputs": inputs}
        for name, plugin in (content.get("runtimeConfig") or {}).items()
        for inputs in plugin["properties"]
    ]
    for step in content.get("mainSteps") or old:
        done = Step(step["name"], step["action"])
        invocation.steps.append(done)
        if machine is None:
            done.status, done.error = "Failed", f"{invocation.instance_id} is not connected.\n"
        else:
            _step(command, machine, step, done)
        done.ended = _now()
        if machine is not None:
            _keep(command, machine, done)
        if done.status != "Success" and step.get("inputs", {}).get("onFailure", step.get("onFailure")) == "exit":
            break
    statuses = [each.status for each in invocation.steps]
    invocation.status = next((each for each in ("Failed", "TimedOut") if each in statuses), "Success")
    ssm_nodes.forget_agent(command.account, command.region, invocation.instance_id)


def _step(command: Command, machine: Any, step: dict[str, Any], done: Step) -> None:
    condition = step.get("precondition", {}).get("StringEquals")
    if condition and machine.platform["PlatformType"] not in condition:
        done.status, done.code = "Success", 0
        done.output = "Step execution skipped due to unsatisfied preconditions\n"
        return
    try:
        known = _parameters(command.document.content_json.get("parameters") or {}, command.given.get("Parameters", {}))
        inputs = _filled(step.get("inputs", {}), known)
        act = _PLUGINS.get(step["action"])
        if act is None:
            raise Failed(f"The sandbox does not run {step['action']}.")
        act(command, machine, inputs, done)
    except Forgotten:
        raise
    except Failed as failed:
        done.status, done.code, done.error = "Failed", 1, f"{failed}\n"


def _shell(command: Command, machine: Any, inputs: dict[str, Any], done: Step) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html"""
    lines = inputs["runCommand"] if isinstance(inputs["runCommand"], list) else [inputs["runCommand"]]
    # A variable in a list may stand for a list itself.
    flat = [str(one) for line in lines for one in (line if isinstance(line, list) else [line])]
    before = [f"export AWS_SSM_INSTANCE_ID={machine.instance_id} AWS_SSM_REGION_NAME={command.region}"]
    if inputs.get("workingDirectory"):
        before.append(f"cd {shlex.quote(inputs['workingDirectory'])} || exit 1")
    elif any(each["action"] == "aws:downloadContent" for each in command.document.content_json.get("mainSteps", [])):
        before.append(f"cd {_downloads(command, machine)} || exit 1")
    timeout = float(inputs.get("timeoutSeconds") or _DEFAULT_TIMEOUT)
    with DELIVERIES.unlocked():
        completed = machine.run("\n".join([*before, *flat]), timeout)
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/send-commands-reboot.html
        while completed.returncode == _RESTART:
            try:
                machine.reboot_and_wait()
            except TimeoutError as error:
                raise Failed(str(error)) from error
            completed = machine.run("\n".join([*before, *flat]), timeout)
    done.output, done.error, done.code = completed.stdout, completed.stderr, completed.returncode
    if completed.returncode == 124 and "took longer than" in completed.stderr:
        done.status = "TimedOut"
    else:
        done.status = "Failed" if completed.returncode else "Success"


def _inventory(command: Command, machine: Any, inputs: dict[str, Any], done: Step) -> None:
    if command.given.get("Parameters", {}).get("applications", ["Enabled"]) == ["Enabled"]:
        with DELIVERIES.unlocked():
            ssm_nodes.gather(command.account, command.region, machine)
    done.status, done.code, done.output = "Success", 0, "Inventory policy has been successfully applied.\n"


def _patch(command: Command, machine: Any, inputs: dict[str, Any], done: Step) -> None:
    done.code, done.output, done.error = ssm_patches.patch(
        command.account, command.region, machine, inputs["operation"], inputs["rebootOption"]
    )
    done.status = "Failed" if done.code else "Success"


def _downloads(command: Command, machine: Any) -> str:
    """Where a command's downloads are, and where its scripts run."""
    return f"/var/lib/amazon/ssm/{machine.instance_id}/document/orchestration/{command.id}/downloads"


def _download(command: Command, machine: Any, inputs: dict[str, Any], done: Step) -> None:
    """Fetch an object, or all below a prefix, with the rights of the instance's role.

    The agent lists what is below the path first, for which it needs that right, too.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html
    https://github.com/aws/amazon-ssm-agent/blob/mainline/agent/plugins/downloadcontent/s3resource/s3resource.go
    """
    # The names of inputs are written as one likes; AWS's own documents begin them in both ways.
    given = {name.lower(): value for name, value in inputs.items()}
    if given["sourcetype"] != "S3":
        raise Failed(f"The sandbox downloads nothing from {given['sourcetype']}.")
    source = given["sourceinfo"]
    path = (json.loads(source) if isinstance(source, str) else source).get("path", "").strip()
    if not path:
        raise Failed("S3 source path in SourceInfo must be specified")
    bucket, prefix = _place_in_s3(path)
    contents = _objects(command, machine, bucket, prefix)
    folder = given.get("destinationpath") or _downloads(command, machine)
    with DELIVERIES.unlocked():
        for name, content in contents.items():
            completed = machine.write(f"{folder}/{name}", content)
            if completed.returncode:
                raise Failed(completed.stderr)
    done.status, done.code, done.output = "Success", 0, f"Content downloaded to {folder}\n"


def _place_in_s3(url: str) -> tuple[str, str]:
    """The bucket and the key of a URL, in both of its forms."""
    found = urllib.parse.urlsplit(url)
    path = urllib.parse.unquote(found.path.lstrip("/"))
    host = re.fullmatch(r"(?:(?P<bucket>.+)\.)?s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?", found.hostname or "")
    if found.scheme != "https" or not host:
        raise Failed(f"{url} is no address of S3.")
    if host["bucket"]:
        return host["bucket"], path
    bucket, _, key = path.partition("/")
    return bucket, key


def _objects(command: Command, machine: Any, bucket: str, key: str) -> dict[str, bytes]:
    """The contents that a path of S3 stands for, by where they are to be: an object, or those below a prefix."""
    partition = get_partition(command.region)
    below = key if key.endswith("/") or not key else f"{key}/"
    denied = "AccessDenied: Access Denied\n\tstatus code: 403"
    found = s3_backends[command.account][partition].buckets.get(bucket)
    if found is None or not may(machine, "s3:ListBucket", f"arn:{partition}:s3:::{bucket}", {"s3:prefix": below}):
        raise Failed(denied)
    there = {name: kept for name, kept in found.keys.items() if isinstance(kept, FakeKey)}
    contents = {}
    for each in [name for name in there if name.startswith(below) and not name.endswith("/")] or [key]:
        kept = there.get(each)
        if not may(machine, "s3:GetObject", f"arn:{partition}:s3:::{bucket}/{each}"):
            raise Failed(denied)
        if kept is None:
            raise Failed("NoSuchKey: The specified key does not exist.\n\tstatus code: 404")
        if kept.kms_key_id and not _may_decrypt(machine, kept.kms_key_id):
            raise Failed(denied)
        contents[each.removeprefix(below) if each != key else key.rpartition("/")[2]] = kept.value
    return contents


def _may_decrypt(machine: Any, key: str) -> bool:
    known = kms_backends[machine.account][machine.region]
    arn = known.keys[known.get_key_id(key)].arn
    context = {"kms:ResourceAliases": alias_of(machine, arn), "kms:ViaService": f"s3.{machine.region}.amazonaws.com"}
    return may(machine, "kms:Decrypt", arn, context)


_PLUGINS: dict[str, Callable[[Command, Any, dict[str, Any], Step], None]] = {
    "aws:runShellScript": _shell,
    "aws:downloadContent": _download,
    "aws:softwareInventory": _inventory,
    "sandbox:patch": _patch,
}


# Telling of it


def _keep(command: Command, machine: Any, step: Step) -> None:
    """Put what was said where the command wants it, as far as the role of the instance may."""
    said = {name: text for name, text in (("stdout", step.output), ("stderr", step.error)) if text}
    bucket, partition = command.given.get("OutputS3BucketName"), get_partition(command.region)
    key = _key(command, machine.instance_id, step)
    if bucket and may(machine, "s3:PutObject", f"arn:{partition}:s3:::{bucket}/{key}"):
        s3 = s3_backends[command.account][partition]
        if bucket in s3.buckets:
            for name, text in said.items():
                s3.put_object(bucket, f"{key}/{name}", text.encode())
    wanted = command.given.get("CloudWatchOutputConfig", {})
    if wanted.get("CloudWatchOutputEnabled") and may(machine, "logs:PutLogEvents"):
        group = wanted.get("CloudWatchLogGroupName") or f"/aws/ssm/{command.document.name}"
        logs = logs_backends[command.account][command.region]
        logs.ensure_log_group(group)
        for name, text in said.items():
            stream = f"{command.id}/{machine.instance_id}/{_plain(step.action)}/{name}"
            logs.create_log_stream(group, stream)
            logs.put_log_events(group, stream, [{"timestamp": int(_now().timestamp() * 1000), "message": text}])


def _plain(name: str) -> str:
    return name.replace(":", "")


def _key(command: Command, instance_id: str, step: Step) -> str:
    """Where in its bucket a command puts what a step said on a node."""
    path = f"{command.id}/{instance_id}/{_plain(step.action)}/{_plain(step.name)}"
    prefix = command.given.get("OutputS3KeyPrefix", "")
    return f"{prefix}/{path}" if prefix else path


def _tell(command: Command, invocation: Invocation | None = None) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html"""
    status = invocation.status if invocation else command.status
    answer = command.answer()
    detail = {
        "command-id": command.id,
        "document-name": command.document.name,
        "requested-date-time": _time(command.requested),
        "status": status,
    }
    if invocation:
        detail |= {"instance-id": invocation.instance_id}
        kind = "EC2 Command Invocation Status-change Notification"
    else:
        detail |= {
            "expire-after": _time(answer["ExpiresAfter"]),
            "parameters": command.given.get("Parameters", {}),
        }
        kind = "EC2 Command Status-change Notification"
    arns = [
        f"arn:{get_partition(command.region)}:ec2:{command.region}:{command.account}:instance/{each}"
        for each in ([invocation.instance_id] if invocation else command.instance_ids)
    ]
    event = {"detail-type": kind, "source": "aws.ssm", "resources": arns, "detail": detail}
    emit(command.account, command.region, event)
    wanted = command.given.get("NotificationConfig", {})
    concerned = wanted.get("NotificationType", "Command") == ("Invocation" if invocation else "Command")
    events = wanted.get("NotificationEvents", ["All"])
    if wanted.get("NotificationArn") and concerned and ("All" in events or status in events):
        text = {
            "commandId": command.id,
            "documentName": command.document.name,
            "requestedDateTime": _time(command.requested),
            "eventTime": _time(_now()),
            "status": status,
            "detailedStatus": _DETAILS.get(status, status),
            **({"instanceId": invocation.instance_id} if invocation else {"instanceIds": command.instance_ids}),
        }
        arn = f"arn:{get_partition(command.region)}:ssm:{command.region}:{command.account}:command/{command.id}"
        sender = Sender(arn, command.account, role=command.given.get("ServiceRoleArn", ""))
        subject = f"EC2 Run Command Notification {command.region}"
        send(sender, wanted["NotificationArn"], Message(json.dumps(text), subject))
    if command.told and invocation is None and command.status in _ENDED:
        command.told(command)


def _time(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


# The operations


@operation("ssm", "SendCommand", instead_of_moto=_NOT_MOTO)
def send_command(request: Request) -> dict[str, Any]:
    given = request.params
    if not given.get("InstanceIds") and not given.get("Targets"):
        raise ServiceError("InvalidParameters", "Either InstanceIds or Targets has to be given.")
    if given.get("NotificationConfig", {}).get("NotificationArn") and not given.get("ServiceRoleArn"):
        raise ServiceError("InvalidRole", "ServiceRoleArn is needed for notifications.")
    return {"Command": start(request.account, request.region, given).answer()}


def _command(request: Request) -> Command:
    found = _commands(request.account, request.region).get(request.params["CommandId"])
    if found is None:
        raise ServiceError("InvalidCommandId", "Invalid command id.")
    return found


@operation("ssm", "ListCommands", instead_of_moto=_NOT_MOTO)
def list_commands(request: Request) -> dict[str, Any]:
    """The latest one comes first."""
    if "CommandId" in request.params:
        return {"Commands": [_command(request).answer()]}
    instance_id = request.params.get("InstanceId")
    found = reversed(_commands(request.account, request.region).values())
    return {"Commands": [each.answer() for each in found if not instance_id or instance_id in each.instance_ids]}


@operation("ssm", "ListCommandInvocations")
def list_command_invocations(request: Request) -> dict[str, Any]:
    given = request.params
    commands = [_command(request)] if "CommandId" in given else _commands(request.account, request.region).values()
    known = ssm_nodes.nodes(request.account, request.region)
    found = []
    for command in commands:
        for each in command.invocations.values():
            if given.get("InstanceId", each.instance_id) != each.instance_id:
                continue
            machine = known.get(each.instance_id)
            found.append(
                {
                    "CommandId": command.id,
                    "InstanceId": each.instance_id,
                    "InstanceName": machine.platform.get("ComputerName", "") if machine else "",
                    "DocumentName": command.document.name,
                    "DocumentVersion": command.given.get("DocumentVersion", "$DEFAULT"),
                    "Comment": command.given.get("Comment", ""),
                    "RequestedDateTime": command.requested,
                    "Status": each.status,
                    "StatusDetails": _DETAILS.get(each.status, each.status),
                    "CommandPlugins": [_plugin(step) for step in each.steps] if given.get("Details") else [],
                }
            )
    return {"CommandInvocations": found}


def _plugin(step: Step) -> dict[str, Any]:
    said = step.output + (f"\n----------ERROR-------\n{step.error}" if step.error else "")
    return {
        "Name": step.name,
        "Status": step.status,
        "StatusDetails": _DETAILS.get(step.status, step.status),
        "ResponseCode": step.code,
        "ResponseStartDateTime": step.started,
        "ResponseFinishDateTime": step.ended,
        "Output": said[:_PLUGIN_OUTPUT],
    }


@operation("ssm", "GetCommandInvocation", instead_of_moto=_NOT_MOTO)
def get_command_invocation(request: Request) -> dict[str, Any]:
    """Of more than one step, the one has to be named.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html
    """
    command, wanted = _command(request), request.params.get("PluginName")
    invocation = command.invocations.get(request.params["InstanceId"])
    if invocation is None:
        raise ServiceError("InvocationDoesNotExist", "The command was not sent to this node.")
    steps = [each for each in invocation.steps if wanted in (None, each.name)]
    if len(steps) > 1 or (wanted and not steps):
        raise ServiceError("InvalidPluginName", "The plugin name isn't valid.")
    step = steps[0] if steps else Step("", "")
    bucket = command.given.get("OutputS3BucketName")
    url = ""
    if bucket:
        url = f"https://s3.{command.region}.amazonaws.com/{bucket}/{_key(command, invocation.instance_id, step)}"
    status = invocation.status if invocation.status not in _ENDED or not steps else step.status
    return {
        "CommandId": command.id,
        "InstanceId": invocation.instance_id,
        "DocumentName": command.document.name,
        "DocumentVersion": command.given.get("DocumentVersion", "$DEFAULT"),
        **({"PluginName": step.name} if step.name else {}),
        "ResponseCode": step.code,
        "Status": status,
        "StatusDetails": _DETAILS.get(status, status),
        "StandardOutputContent": step.output[:_OUTPUT],
        "StandardErrorContent": step.error[:_ERROR],
        "StandardOutputUrl": f"{url}/stdout" if url else "",
        "StandardErrorUrl": f"{url}/stderr" if url else "",
    }
