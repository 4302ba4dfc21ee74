# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs the code of a Lambda function as a process of its own, with no container engine.

What is as on AWS: the handler, its event and context, the environment, the credentials of its role, the timeout, what
it prints, and the errors. What is not:

- It runs on this machine with the rights of this user, on the Python and the packages of the sandbox, whatever Python
  the function asks for. Run only what you would run yourself.
- Every call is a cold start. What it takes to import the code is no part of the timeout, as on AWS.
- Memory is limited by address space (RLIMIT_AS), of which Python and its threads take much that they never touch. The
  function gets `ADDRESS_SPACE` on top of its memory, so that it only stops what runs away, with a MemoryError.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# MiB.
ADDRESS_SPACE = 1024
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
INIT_SECONDS = 10.0

_PROCESS = Path(__file__).with_name("function_process.py")


@dataclass(frozen=True)
class Function:
    """What is run: zipped code and layers, and the settings that the process has to know."""

    code: bytes
    layers: tuple[bytes, ...]
    handler: str
    environment: dict[str, str]
    timeout: float
    memory: int
    # The members of the context object.
    context: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What came of it: the payload is JSON, ``error`` is the FunctionError or empty; times in ms, memory in MB."""

    payload: str
    error: str
    printed: str
    duration: float
    init_duration: float
    memory: int


class Functions:
    """The functions that are running."""

    # Where the sandbox itself listens.
    endpoint = ""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Have none: those of the process that forked are not ours."""
        self._running: set[subprocess.Popen[bytes]] = set()

    def end(self) -> None:
        """End all of them."""
        for process in list(self._running):
            _end(process)

    def run(self, function: Function, event: bytes) -> Outcome:
        with tempfile.TemporaryDirectory(prefix="sandbox-function-") as directory:
            home = Path(directory)
            for place, archives in (("task", [function.code]), ("opt", function.layers), ("tmp", [])):
                (home / place).mkdir()
                for archive in archives:
                    zipfile.ZipFile(io.BytesIO(archive)).extractall(home / place)
            request = {"handler": function.handler, "context": function.context, "event": json.loads(event or b"{}")}
            limits = {"timeout": function.timeout, "address_space": (function.memory + ADDRESS_SPACE) << 20}
            (home / "request.json").write_text(json.dumps({**request, **limits}))
            return self._run(function, home)

    def _run(self, function: Function, home: Path) -> Outcome:
        ready, told = os.pipe()
        started = time.monotonic()
        with (home / "printed").open("wb") as printed:
            process = subprocess.Popen(
                # -P: what lies beside the file is the sandbox's, and no module of the function.
                [sys.executable, "-P", str(_PROCESS), str(home), str(told)],
                cwd=home / "task",
                env=self._environment(function, home),
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                pass_fds=[told],
                start_new_session=True,
            )
        os.close(told)
        self._running.add(process)
        try:
            select.select([ready], [], [], INIT_SECONDS)
            begun = time.monotonic()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(function.timeout)
            ended = time.monotonic()
        finally:
            os.close(ready)
            status = process.poll()
            # With all that it has started.
            _end(process)
            process.wait()
            self._running.discard(process)
        result = home / "result.json"
        known = json.loads(result.read_text()) if status == 0 and result.exists() else _cut_short(function, status)
        return Outcome(
            payload=known["payload"],
            error=known["error"],
            printed=(home / "printed").read_text(errors="replace") + known.get("said", ""),
            duration=(ended - begun) * 1000,
            init_duration=(begun - started) * 1000,
            memory=known.get("memory", function.memory),
        )

    def _environment(self, function: Function, home: Path) -> dict[str, str]:
        nowhere = str(home / "no-aws-configuration")
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(home / "tmp"),
            "LAMBDA_TASK_ROOT": str(home / "task"),
            "_HANDLER": function.handler,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_CONFIG_FILE": nowhere,
            "AWS_SHARED_CREDENTIALS_FILE": nowhere,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            **function.environment,
        }


FUNCTIONS = Functions()


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _cut_short(function: Function, status: int | None) -> dict[str, str]:
    """The result of a process that did not live to tell one; the status is None when it had to be ended."""
    request_id = function.context["aws_request_id"]
    if status is None:
        kind, message = "Sandbox.Timedout", f"Task timed out after {function.timeout:.2f} seconds"
        said = f"{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime())} {request_id} {message}\n\n"
        message = f"RequestId: {request_id} Error: {message}"
    else:
        how = f"exit status {status}" if status >= 0 else f"signal: {signal.Signals(-status).name}"
        kind, message = "Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: {how}"
        said = f"{message}\n{kind}\n"
    payload = json.dumps({"errorType": kind, "errorMessage": message})
    return {"payload": payload, "error": "Unhandled", "said": said}
