# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The process in which a Lambda function runs; `functions.py` starts it. It needs nothing but the standard library.

``function_process.py DIRECTORY PIPE``: reads request.json there, imports the handler from task/, closes the pipe when
that is done, calls the handler, and writes result.json.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_MIB = 1 << 20


class Failure(Exception):
    """An error of the runtime's, not the function's: its type and its message."""


class Context(SimpleNamespace):
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message: str) -> None:
        sys.stdout.write(str(message))


def main(home: Path, pipe: int) -> None:
    request = json.loads((home / "request.json").read_text())
    _limit(request["address_space"])
    sys.path[0:0] = [str(home / "task"), str(home / "opt" / "python")]
    try:
        try:
            handler = _imported(request["handler"])
        finally:
            os.close(pipe)
        deadline = time.monotonic() + request["timeout"]
        known = {"client_context": None, "identity": SimpleNamespace(cognito_identity_id=None)}
        payload = _payload(handler(request["event"], Context(**known, **request["context"], _deadline=deadline)))
        error = ""
    except Exception as raised:
        payload, error = json.dumps(_told(raised, request["context"]["aws_request_id"])), "Unhandled"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    (home / "result.json").write_text(json.dumps({"payload": payload, "error": error, "memory": memory}))


def _limit(address_space: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = address_space if most == resource.RLIM_INFINITY else min(address_space, most)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


def _imported(handler: str) -> Callable[[Any, Any], Any]:
    module, dot, name = handler.rpartition(".")
    if not dot:
        raise Failure("Runtime.MalformedHandlerName", f"Bad handler '{handler}': not enough values to unpack")
    try:
        found = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}") from error
    except SyntaxError as error:
        raise Failure("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error}") from error
    if not hasattr(found, name):
        raise Failure("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'")
    return getattr(found, name)


def _payload(result: Any) -> str:
    try:
        return json.dumps(result)
    except (TypeError, ValueError) as error:
        raise Failure("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def _told(raised: Exception, request_id: str) -> dict[str, Any]:
    """The error object of Python functions; it is printed, too.

    https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """
    if isinstance(raised, Failure):
        (kind, message), lines = raised.args, []
    else:
        kind, message = type(raised).__name__, str(raised)
        # Without the line of this file.
        lines = traceback.format_list(traceback.extract_tb(raised.__traceback__)[1:])
    print(f"[ERROR] {kind}: {message}")
    if lines:
        print("Traceback (most recent call last):\n" + "".join(lines).rstrip())
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": lines}


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
