# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Systems Manager: sessions in the machines of `sandbox.hosts`.

https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.errors import ServiceError
from sandbox.functions import FUNCTIONS
from sandbox.hosts import HOSTS
from sandbox.hosts.sessions import SESSIONS, Session, may_start, session_of
from sandbox.operations import Request, operation

_ACTIVE = ("Connecting", "Connected")
_FILTERS: dict[str, Callable[[Session], str]] = {
    "Owner": lambda session: session.owner,
    "SessionId": lambda session: session.id,
    "Status": lambda session: session.status,
    "Target": lambda session: session.machine.instance_id,
}


@operation("ssm", "StartSession")
def start_session(request: Request) -> dict[str, Any]:
    """What the stand-in of the plugin connects to is not AWS's; it gets that from here as the real one does."""
    target = request.params["Target"]
    machine = HOSTS.find(request.account, request.region, target)
    if machine is None or not may_start(machine):
        raise ServiceError("TargetNotConnected", f"{target} is not connected.")
    name, owner = request.params.get("DocumentName"), f"arn:{request.partition}:iam::{request.account}:root"
    try:
        session = session_of(machine, name, request.backend._documents, owner, request.params.get("Reason", ""))
    except LookupError as error:
        raise ServiceError("InvalidDocument", f"Document with name {name} does not exist.") from error
    return _connection(session)


@operation("ssm", "ResumeSession")
def resume_session(request: Request) -> dict[str, Any]:
    session = SESSIONS.all.get(request.params["SessionId"])
    if session is None or session.status not in _ACTIVE:
        raise ServiceError("DoesNotExistException", f"There is no active session {request.params['SessionId']}.")
    return _connection(session)


@operation("ssm", "TerminateSession")
def terminate_session(request: Request) -> dict[str, Any]:
    """One that has ended, or never was, is terminated just as well."""
    session = SESSIONS.all.get(request.params["SessionId"])
    if session:
        session.end()
        session.status = "Terminated"
    return {"SessionId": request.params["SessionId"]}


@operation("ssm", "DescribeSessions")
def describe_sessions(request: Request) -> dict[str, Any]:
    """The latest one comes first."""
    wanted = [
        session
        for session in reversed(SESSIONS.all.values())
        if (session.status in _ACTIVE) == (request.params["State"] == "Active")
        and (session.machine.account, session.machine.region) == (request.account, request.region)
    ]
    for given in request.params.get("Filters", []):
        value = _FILTERS.get(given["key"])
        if value is None:
            raise ServiceError("InvalidFilterKey", f"The sandbox cannot filter by {given['key']}.")
        wanted = [session for session in wanted if value(session) == given["value"]]
    return {"Sessions": [_described(session) for session in wanted]}


@operation("ssm", "GetConnectionStatus")
def get_connection_status(request: Request) -> dict[str, Any]:
    target = request.params["Target"]
    machine = HOSTS.find(request.account, request.region, target)
    return {"Target": target, "Status": "connected" if machine and may_start(machine) else "notconnected"}


def _connection(session: Session) -> dict[str, Any]:
    stream = FUNCTIONS.endpoint.replace("http:", "ws:") + f"/_sandbox/sessions/{session.id}"
    return {"SessionId": session.id, "TokenValue": session.token, "StreamUrl": stream}


def _described(session: Session) -> dict[str, Any]:
    known = {
        "SessionId": session.id,
        "Target": session.machine.instance_id,
        "Status": session.status,
        "StartDate": session.started,
        "DocumentName": session.document,
        "Owner": session.owner,
    }
    if session.ended:
        known["EndDate"] = session.ended
    return {**known, "Reason": session.reason} if session.reason else known
