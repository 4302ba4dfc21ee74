# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Lambda: functions run (see `sandbox.functions`), called by a client or by what is allowed to; and what moto drops.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html and
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import base64
import datetime
import functools
import json
import uuid
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import EventInvokeConfig, LambdaBackend, LambdaFunction, lambda_backends
from moto.logs.models import logs_backends
from moto.sts.models import sts_backends

from sandbox.clock import CLOCK
from sandbox.delivery import DELIVERIES, Message, Sender, Undelivered, send, target
from sandbox.errors import ServiceError
from sandbox.functions import FUNCTIONS, Function, Outcome
from sandbox.operations import Request, mend, operation
from sandbox.services.iam import check_permission, role_allows

# The tail of the log that an answer may carry, and what a dead-letter queue is told of an error.
_TAIL = 4096
_ERROR_CHARACTERS = 1024
# Attempts after the first one, unless a function has other settings, and at most.
_RETRIES = 2


# What moto drops of a function's settings


def _keep(function: LambdaFunction, settings: dict[str, Any]) -> None:
    if "DeadLetterConfig" in settings:
        arn = (settings["DeadLetterConfig"] or {}).get("TargetArn")
        _check_dead_letters(settings.get("Role", function.role), arn)
        function.dead_letter_arn = arn
    if "LoggingConfig" in settings:
        function.logging_config = settings["LoggingConfig"] or {}


def _check_dead_letters(role: str, arn: str | None) -> None:
    """The role has to be allowed to send there when that is set.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
    """
    needed, service = ("Publish", "SNS") if arn and ":sns:" in arn else ("SendMessage", "SQS")
    if arn and not role_allows(role, f"{service.lower()}:{needed}", arn):
        message = f"The provided execution role does not have permissions to call {needed} on {service}"
        raise ServiceError("InvalidParameterValueException", message)


@mend(LambdaFunction, "__init__")
def keep_settings(original: Callable, self: LambdaFunction, account_id: str, spec: dict[str, Any], **more: Any) -> None:
    self.dead_letter_arn, self.logging_config = None, {}
    original(self, account_id, spec, **more)
    _keep(self, spec)


@mend(LambdaFunction, "update_configuration")
def update_configuration(original: Callable, self: LambdaFunction, updates: dict[str, Any]) -> dict[str, Any]:
    _keep(self, updates)
    if "TracingConfig" in updates:
        self.tracing_config = updates["TracingConfig"]
    if "KMSKeyArn" in updates:
        self.kms_key_arn = updates["KMSKeyArn"]
    if "EphemeralStorage" in updates:
        self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
    return original(self, updates)


@mend(LambdaFunction, "get_configuration")
def get_configuration(original: Callable, self: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
    known = original(self, on_create)
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}", **self.logging_config}
    known["LoggingConfig"] = logging
    if self.dead_letter_arn:
        known["DeadLetterConfig"] = {"TargetArn": self.dead_letter_arn}
    return known


@mend(LambdaBackend, "put_function_event_invoke_config")
def put_function_event_invoke_config(
    original: Callable, self: LambdaBackend, name: str, config: dict[str, Any]
) -> dict[str, Any]:
    """A second configuration takes the place of the first."""
    self.get_function(name).event_invoke_config.clear()
    return original(self, name, config)


@mend(LambdaBackend, "update_function_event_invoke_config")
def update_function_event_invoke_config(
    original: Callable, self: LambdaBackend, name: str, config: dict[str, Any]
) -> dict[str, Any]:
    """What is not given stays."""
    known: list[EventInvokeConfig] = self.get_function(name).event_invoke_config
    return self.put_function_event_invoke_config(name, {**(known[0].config if known else {}), **config})


# Invoke


@operation("lambda", "Invoke", instead_of_moto="It needs a container engine.")
def invoke(request: Request) -> dict[str, Any]:
    params = request.params
    function = request.backend.get_function(params["FunctionName"], params.get("Qualifier"))
    payload = params.get("Payload") or b""
    try:
        json.loads(payload or b"{}")
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise ServiceError("InvalidRequestContentException", message) from error
    _refuse_what_cannot_run(function)
    kind = params.get("InvocationType", "RequestResponse")
    if kind == "DryRun":
        return {"StatusCode": 204, "Payload": b""}
    if kind == "Event":
        _invoke_later(function, payload)
        return {"StatusCode": 202, "Payload": b""}
    if _is_throttled(function):
        raise ServiceError("TooManyRequestsException", "Rate Exceeded.", 429)
    outcome, log = run(function, payload, str(uuid.uuid4()))
    answer = {"StatusCode": 200, "Payload": outcome.payload.encode(), "ExecutedVersion": str(function.version)}
    if outcome.error:
        answer["FunctionError"] = outcome.error
    if params.get("LogType") == "Tail":
        answer["LogResult"] = base64.b64encode(log.encode()[-_TAIL:]).decode()
    return answer


@target("lambda")
def invoke_for(sender: Sender, arn: str, message: Message) -> None:
    """Call a function asynchronously, if its policy lets the service, or the role's policies the role."""
    _, _, _, region, account, _, name, *qualifier = arn.split(":")
    try:
        function = lambda_backends[account][region].get_function(name, *qualifier)
    except UnknownFunctionException as error:
        raise Undelivered("NO_RESOURCE", f"There is no function {arn}.") from error
    policy = json.dumps({"Statement": function.policy.statements})
    check_permission(sender, "lambda:InvokeFunction", arn, policy, "invoke")
    _invoke_later(function, message.text.encode())


@mend(LambdaFunction, "invoke")
def invoke_from_within(original: Callable, self: LambdaFunction, body: str, *headers: Any) -> str:
    """Whoever calls it within moto, a bucket or a log group, does so asynchronously."""
    _invoke_later(self, body.encode())
    return ""


def _refuse_what_cannot_run(function: LambdaFunction) -> None:
    if function.package_type != "Zip" or not str(function.run_time).startswith("python"):
        message = f"The sandbox runs zipped functions of Python alone; {function.function_name} is none."
        raise ServiceError("InvalidRuntimeException", message, 502)


def _is_throttled(function: LambdaFunction) -> bool:
    return function.reserved_concurrency is not None and int(function.reserved_concurrency) == 0


# Asynchronous calls


def _invoke_later(function: LambdaFunction, payload: bytes) -> None:
    DELIVERIES.add(functools.partial(_attempt, function, payload, str(uuid.uuid4()), 1))


def _attempt(function: LambdaFunction, payload: bytes, request_id: str, number: int) -> None:
    settings = function.event_invoke_config[0].config if function.event_invoke_config else {}
    if _is_throttled(function):
        _conclude(function, settings, payload, request_id, number, None)
        return
    outcome, _ = run(function, payload, request_id)
    if outcome.error and number <= settings.get("MaximumRetryAttempts", _RETRIES):
        attempt = functools.partial(_attempt, function, payload, request_id, number + 1)
        again = functools.partial(DELIVERIES.add, attempt)
        if number == 1:
            CLOCK.later("function.first_retry", again)
        else:
            CLOCK.later("function.second_retry", again)
    else:
        _conclude(function, settings, payload, request_id, number, outcome)


def _conclude(
    function: LambdaFunction,
    settings: dict[str, Any],
    payload: bytes,
    request_id: str,
    attempts: int,
    outcome: Outcome | None,
) -> None:
    """Tell the destination, and the dead-letter queue; there is no outcome when there is no concurrency to run it."""
    failed = outcome is None or bool(outcome.error)
    sender = Sender(arn=function.function_arn, account=function.account_id, role=function.role)
    destination = settings.get("DestinationConfig", {}).get("OnFailure" if failed else "OnSuccess", {})
    if destination.get("Destination"):
        record = _record(function, payload, request_id, attempts, outcome)
        result = "Failure" if failed else "Success"
        subject = f"Lambda Function Invocation Result - {result}"
        if ":event-bus/" in destination["Destination"]:
            resources = [destination["Destination"], _qualified(function)]
            record = {"source": "lambda", "detail-type": subject, "resources": resources, "detail": record}
        send(sender, destination["Destination"], Message(json.dumps(record), subject))
    if failed and function.dead_letter_arn:
        error = json.loads(outcome.payload).get("errorMessage", "") if outcome else "Rate Exceeded."
        attributes = {
            "RequestID": ("String", request_id),
            "ErrorCode": ("Number", "200" if outcome else "429"),
            "ErrorMessage": ("String", error[:_ERROR_CHARACTERS] or "Unhandled"),
        }
        send(sender, function.dead_letter_arn, Message(payload.decode(), None, attributes))


def _record(
    function: LambdaFunction, payload: bytes, request_id: str, attempts: int, outcome: Outcome | None
) -> dict[str, Any]:
    if outcome is None:
        condition, response, result = "ZeroReservedConcurrency", None, None
    else:
        condition = "RetriesExhausted" if outcome.error else "Success"
        response = {"statusCode": 200, "executedVersion": str(function.version)}
        if outcome.error:
            response["functionError"] = outcome.error
        result = json.loads(outcome.payload)
    context = {
        "requestId": request_id,
        "functionArn": _qualified(function),
        "condition": condition,
        "approximateInvokeCount": attempts,
    }
    record = {
        "version": "1.0",
        "timestamp": _now(),
        "requestContext": context,
        "requestPayload": json.loads(payload or b"{}"),
    }
    return {**record, "responseContext": response, "responsePayload": result} if outcome else record


def _qualified(function: LambdaFunction) -> str:
    arn = function.function_arn
    return arn if arn.count(":") > 6 else f"{arn}:{function.version}"


def _now() -> str:
    return f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


# Running


def run(function: LambdaFunction, payload: bytes, request_id: str) -> tuple[Outcome, str]:
    """Run it, while others go on, and log what it said; `Forgotten` if there has been a reset by then."""
    _refuse_what_cannot_run(function)
    version = str(function.version)
    group = function.logging_config.get("LogGroup") or f"/aws/lambda/{function.function_name}"
    stream = f"{datetime.datetime.now(datetime.UTC):%Y/%m/%d}/[{version}]{uuid.uuid4().hex}"
    backend = lambda_backends[function.account_id][function.region]
    layers = [backend.layers_versions_by_arn(layer["Arn"]) for layer in function.layers]
    runnable = Function(
        code=function.code_bytes,
        layers=tuple(layer.code_bytes for layer in layers if layer),
        handler=function.handler,
        environment={**function.environment_vars, **_environment(function, version, group, stream)},
        timeout=float(function.timeout),
        memory=int(function.memory_size),
        context={
            "aws_request_id": request_id,
            "function_name": function.function_name,
            "function_version": version,
            "invoked_function_arn": function.function_arn,
            "memory_limit_in_mb": str(function.memory_size),
            "log_group_name": group,
            "log_stream_name": stream,
        },
    )
    with DELIVERIES.unlocked():
        outcome = FUNCTIONS.run(runnable, payload)
    lines = [
        f"START RequestId: {request_id} Version: {version}",
        *outcome.printed.splitlines(),
        f"END RequestId: {request_id}",
        f"REPORT RequestId: {request_id}\tDuration: {outcome.duration:.2f} ms\t"
        f"Billed Duration: {int(outcome.duration) + 1} ms\tMemory Size: {function.memory_size} MB\t"
        f"Max Memory Used: {outcome.memory} MB\tInit Duration: {outcome.init_duration:.2f} ms\t",
    ]
    _log(function, group, stream, lines)
    return outcome, "\n".join(lines) + "\n"


def _environment(function: LambdaFunction, version: str, group: str, stream: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime"""
    session = sts_backends[function.account_id][function.partition].assume_role(
        function.region, function.function_name, function.role, None, 3600, None
    )
    return {
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
    }


def _log(function: LambdaFunction, group: str, stream: str, lines: list[str]) -> None:
    """Write to the log, as far as the role may; without the right there is no log, and nobody is told."""
    arn = f"arn:{function.partition}:logs:{function.region}:{function.account_id}:log-group:{group}"
    if not role_allows(function.role, "logs:PutLogEvents", f"{arn}:log-stream:{stream}"):
        return
    logs = logs_backends[function.account_id][function.region]
    if group not in logs.groups:
        if not role_allows(function.role, "logs:CreateLogGroup", f"{arn}:*"):
            return
        logs.ensure_log_group(group)
    if role_allows(function.role, "logs:CreateLogStream", f"{arn}:log-stream:{stream}"):
        logs.create_log_stream(group, stream)
        now = int(datetime.datetime.now(datetime.UTC).timestamp() * 1000)
        logs.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines if line])
