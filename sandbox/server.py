# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The server process: every request is recognised, held against its model, answered by us or by moto, and logged."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import socket
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from moto.backends import get_backend
from moto.core.exceptions import ServiceException, _RESTError
from moto.core.request import Request
from moto.iam import models as iam_models
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Response as WerkzeugResponse

from sandbox import answers, operations
from sandbox.catalogue import Call, recognise
from sandbox.clock import CLOCK, speed_of
from sandbox.delivery import DELIVERIES, LOCK
from sandbox.errors import Response, ServiceError, serialized
from sandbox.faults import Faults
from sandbox.functions import FUNCTIONS
from sandbox.hosts import HOSTS
from sandbox.journal import Journal
from sandbox.refusals import malformed, refusal
from sandbox.slack import Slack
from sandbox.validation import Checker
from sandbox.wire import read_input

CONTROL_PATH = "/_sandbox/"

# How long, in seconds, a copy waits for what is being delivered.
COPY_PATIENCE = 20.0

# Operations during which moto sleeps or calls itself: they must not hold up all the others.
_WAITING = {("sqs", "ReceiveMessage"), ("cloudformation", "CreateStack")}


class Application:
    """The WSGI application."""

    # What it is served by.
    server: BaseWSGIServer

    def __init__(self, home: Path):
        self._begin(home)
        self._moto = DomainDispatcherApplication(create_backend_app)

    def _begin(self, home: Path) -> None:
        """Have asked nothing so far, and no faults."""
        self.home = home
        self.journal = Journal(home / "requests.jsonl")
        self.faults = Faults()
        self.slack = Slack()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        body = _read_body(environ)
        if environ["PATH_INFO"].startswith(CONTROL_PATH):
            action = environ["PATH_INFO"][len(CONTROL_PATH) :]
            if (environ["REQUEST_METHOD"], action) == ("POST", "copy"):
                response = self._copy(environ["werkzeug.socket"], **json.loads(body))
            elif action.startswith("sessions/"):
                # It needs the services, which are loaded by now, after what makes them quick.
                from sandbox.hosts.sessions import SESSIONS

                return SESSIONS.attach(environ, action[len("sessions/") :])
            else:
                response = self._control(environ["REQUEST_METHOD"], action, body)
        elif HOSTS.enabled and (download := HOSTS.download(environ.get("HTTP_HOST", ""), environ["PATH_INFO"])):
            response = 200, {"Content-Type": "application/octet-stream"}, download.read_bytes()
        elif environ["PATH_INFO"].startswith("/moto-api/"):
            response = self._ask_moto(environ)
        else:
            response = self._answer(environ, body)
        status, headers, content = response
        return WerkzeugResponse(content, status, headers)(environ, start_response)

    def _control(self, method: str, action: str, body: bytes) -> Response:
        """The control API: GET status, POST reset, settle, and events, GET or POST clock, GET, POST or DELETE faults.

        And Slack, POST maintenance-window, which opens one now, and POST copy, which is `_copy`.
        """
        try:
            if action == "slack" or action.startswith("slack/"):
                answer = self.slack.control(method, action[len("slack/") :], body)
                return answer or _json(404, {"error": f"The sandbox has no {method} {CONTROL_PATH}{action}."})
            if (method, action) == ("GET", "status"):
                known = {
                    "pid": os.getpid(),
                    "home": str(self.home),
                    "clock": CLOCK.speed,
                    "faults": self.faults.listed(),
                    "hosts": HOSTS.enabled,
                }
                return _json(200, {**known, **self.journal.summary()})
            if (method, action) == ("POST", "reset"):
                with LOCK:
                    moto_api_backend.reset()
                    CLOCK.forget()
                    DELIVERIES.forget()
                    FUNCTIONS.end()
                    HOSTS.forget()
                self.faults.clear()
                self.slack.reset()
                self.journal.reset()
                return _json(200, {})
            if action == "clock" and method in ("GET", "POST"):
                if method == "POST":
                    speed = speed_of(json.loads(body).get("speed"))
                    with LOCK:
                        CLOCK.speed = speed
                return _json(200, {"speed": CLOCK.speed})
            if (method, action) == ("POST", "events"):
                # It needs the services, which are loaded by now, after what makes them quick.
                from sandbox import samples

                with LOCK:
                    return _json(200, samples.send(**json.loads(body)))
            if (method, action) == ("POST", "maintenance-window"):
                # As for events.
                from sandbox.services import ssm_windows

                with LOCK:
                    return _json(200, {"execution": ssm_windows.open_window(**json.loads(body))})
            if (method, action) == ("POST", "settle"):
                with LOCK:
                    CLOCK.run()
                    return _json(200, {"settled": DELIVERIES.settle(json.loads(body)["timeout"])})
            if (method, action) == ("POST", "faults"):
                self.faults.add(**json.loads(body))
            elif (method, action) == ("DELETE", "faults"):
                self.faults.clear()
            elif (method, action) != ("GET", "faults"):
                return _json(404, {"error": f"The sandbox has no {method} {CONTROL_PATH}{action}."})
            return _json(200, self.faults.listed())
        except (KeyError, ValueError, TypeError) as error:
            return _json(400, {"error": str(error)})

    def _copy(self, connection: socket.socket, port: int, home: str) -> Response:
        """Go on as two processes, each with all there is: this one, and one on another port.

        The other one begins with a log of its own in the directory ``home``, which is there, and without faults.
        Nothing but a fork copies all of moto's memory, which holds locks, generators and functions of its own.
        What is being delivered arrives first, or else is left to this process.
        """
        with LOCK:
            DELIVERIES.settle(COPY_PATIENCE)
            copy = os.fork()
            if copy:
                # Nobody else collects it when it has ended.
                threading.Thread(target=os.waitpid, args=(copy, 0), daemon=True).start()
                return _json(200, {"pid": copy})
            # The port that the other process listens on is its own, and so is who asked.
            os.close(self.server.socket.detach())
            os.close(connection.detach())
            with Path(home, "server.log").open("wb") as log:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            os.setsid()
            DELIVERIES.begin()
            FUNCTIONS.begin()
            HOSTS.begin()
            self._begin(Path(home))
        try:
            _listen(port, self)
        finally:
            # Not into what the other process does after a request.
            os._exit(1)

    def _answer(self, environ: dict[str, Any], body: bytes) -> Response:
        started = time.perf_counter()
        request = Request(environ)
        call = recognise(request, body)
        call.account = request.headers.get("x-moto-account-id") or iam_models.get_account_id_from(call.access_key)
        entry: dict[str, Any] = {
            "account": call.account,
            "region": call.region,
            "service": call.service,
            "operation": call.operation_name,
        }
        response = self._decide(call, environ, entry)
        entry["status"] = response[0]
        entry["duration_ms"] = round((time.perf_counter() - started) * 1000, 1)
        self.journal.add(entry)
        return response

    def _decide(self, call: Call, environ: dict[str, Any], entry: dict[str, Any]) -> Response:
        """Answer a call, and note in the journal's entry how it went."""
        if call.operation is None:
            try:
                response = self._ask_moto(environ)
            except Exception as error:
                traceback.print_exc()
                response = _json(500, {"message": f"moto stumbled over a request that fits no model: {error!r}"})
            entry["outcome"] = "ok" if response[0] < 400 else "error"
            return response
        fault = self.faults.strike(call)
        if fault:
            entry.update(outcome="fault", error=fault.code)
            return serialized(call, fault)
        try:
            params = _checked_parameters(call)
        except ServiceError as error:
            entry.update(outcome="refused", error=error.code, message=error.message)
            return serialized(call, error)
        response = self._perform(call, params, environ)
        status, headers, content = response
        if status < 400:
            entry["outcome"] = "ok"
            found = answers.questions(call, content) if call.request.method != "HEAD" else []
            if found:
                entry["questionable"] = found
        else:
            entry.update(outcome="error", error=_error_code(call, headers, content, status))
        return response

    def _perform(self, call: Call, params: dict[str, Any], environ: dict[str, Any]) -> Response:
        key = (call.service, call.operation_name)
        request = operations.Request(*key, params, call.account, call.region)
        function = operations.find(*key)
        try:
            if function is None and operations.moto_lacks(*key):
                raise NotImplementedError
            if key in _WAITING:
                return self._ask_moto(environ)
            with LOCK:
                CLOCK.run()
                answer = function(request) if function else operations.LET_MOTO_ANSWER
                if answer is not operations.LET_MOTO_ANSWER:
                    unknown = answers.unknown_members(call.operation.output_shape, answer)
                    if unknown:
                        raise ValueError(f"the model of {call.operation_name} has no {', '.join(unknown)}")
                    return serialized(call, answer)
                response = self._ask_moto(environ)
                follow_up = operations.follow_up(*key)
                if follow_up and response[0] < 400:
                    follow_up(request)
                return response
        except ServiceException as error:
            return serialized(call, error)
        except _RESTError as error:
            return serialized(call, ServiceError(error.error_type, error.message, error.code))
        except NotImplementedError:
            message = f"The sandbox lacks {call.service}:{call.operation_name} so far; add it in sandbox/services/."
            return serialized(call, ServiceError("NotImplemented", message, 501))
        except Exception as error:
            traceback.print_exc()
            return serialized(call, ServiceError("InternalError", f"The sandbox stumbled: {error!r}", 500))

    def _ask_moto(self, environ: dict[str, Any]) -> Response:
        answer = WerkzeugResponse.from_app(self._moto, environ, buffered=True)
        return answer.status_code, dict(answer.headers), answer.get_data()


def _read_body(environ: dict[str, Any]) -> bytes:
    """Take the body from the stream, and put it back for those who read it after us."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body = stream.read()
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    if environ.get("HTTP_CONTENT_ENCODING") == "gzip" and "HTTP_AUTHORIZATION" in environ:
        return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    return body


def _checked_parameters(call: Call) -> dict[str, Any]:
    """The typed parameters of a call; ServiceError when the model refuses them."""
    shape = call.operation.input_shape
    if shape is None:
        return {}
    checker = Checker(call.service, call.operation_name)
    try:
        params = checker.value(shape, read_input(call))
    except ValueError as error:
        raise malformed(call, str(error)) from error
    if checker.problems:
        raise refusal(call, checker.problems)
    return params


def _error_code(call: Call, headers: dict[str, str], content: bytes, status: int) -> str:
    """The code in an error of moto's."""
    if call.protocol in ("json", "rest-json"):
        code = headers.get("x-amzn-errortype") or headers.get("X-Amzn-Errortype")
        if not code:
            try:
                code = json.loads(content).get("__type")
            except (ValueError, AttributeError):
                code = None
    else:
        text = content.decode("utf-8", "replace")
        code = text.partition("<Code>")[2].partition("</Code>")[0]
    return (code or str(status)).rpartition("#")[2]


def _json(status: int, value: Any) -> Response:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


class _QuietHandler(MotoRequestHandler):
    """Leaves the log to the journal."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def serve(port: int, home: Path) -> None:
    """Serve until SIGTERM."""
    operations.load()
    CLOCK.speed = speed_of(os.environ.get("SANDBOX_CLOCK") or 0)
    application = Application(home)
    # Building what the first call would have to wait for.
    get_backend("iam")["123456789012"]["aws"]
    if os.environ.get("SANDBOX_HOSTS"):
        HOSTS.start(port, home, lambda *connection: application.server.process_request(*connection))
    _listen(port, application)


def _listen(port: int, application: Application) -> None:
    """Answer on a port until SIGTERM."""
    application.server = make_server("127.0.0.1", port, application, threaded=True, request_handler=_QuietHandler)
    (application.home / "pid").write_text(str(os.getpid()))
    FUNCTIONS.endpoint = f"http://127.0.0.1:{port}"

    def stop(*_: Any) -> None:
        # There is nothing to save, and an orderly exit of moto takes a second.
        FUNCTIONS.end()
        HOSTS.forget()
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    application.server.serve_forever()
