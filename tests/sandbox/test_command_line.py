# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""python -m sandbox, as one types it."""

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def run(tmp_path):
    """Run a command of a sandbox that no other test uses, and stop that sandbox afterwards."""
    environment = {**os.environ, "SANDBOX_PORT": str(_free_port()), "SANDBOX_HOME": str(tmp_path / "home")}

    def command(*arguments, **more):
        return subprocess.run(
            [sys.executable, "-m", "sandbox", *arguments],
            cwd=ROOT,
            env={**environment, **more},
            capture_output=True,
            text=True,
            timeout=90,
        )

    command.port = environment["SANDBOX_PORT"]
    command.home = Path(environment["SANDBOX_HOME"])
    yield command
    command("down")


def test_a_day_in_the_life(run):
    assert run("status").returncode == 1
    assert run("down").stdout == f"No sandbox was up on port {run.port}.\n"
    up = run("up")
    assert (up.returncode, up.stdout) == (0, f"The sandbox is up: http://127.0.0.1:{run.port}\n")
    assert stat.S_IMODE(run.home.stat().st_mode) == 0o700
    pid = json.loads(run("status", "--json").stdout)["pid"]
    again = run("up")
    assert (again.returncode, again.stdout) == (0, f"The sandbox is up already: http://127.0.0.1:{run.port}\n")
    assert json.loads(run("status", "--json").stdout)["pid"] == pid

    # The export lines are enough for any tool of AWS's, whatever stands in the environment.
    script = 'eval "$("$0" -m sandbox env)"; "$0" -c "$1"'
    calls = """
import boto3
print(boto3.client('sts').get_caller_identity()['Account'], boto3.client('ec2').meta.region_name)
try:
    boto3.client('kms').describe_key(KeyId='x' * 3000)
except Exception as error:
    print(type(error).__name__)
"""
    shell = subprocess.run(
        ["sh", "-c", script, sys.executable, calls],
        cwd=ROOT,
        env={
            **os.environ,
            "SANDBOX_PORT": run.port,
            "SANDBOX_HOME": str(run.home),
            "AWS_PROFILE": "of-someone",
            "http_proxy": "http://192.0.2.1:9",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert shell.stdout.split() == ["123456789012", "us-east-1", "ClientError"], shell.stderr

    text = run("status").stdout
    assert "2 calls: 1 ok, 1 refused, 0 error, 0 fault" in text
    assert "GetCallerIdentity: 1" in text
    assert "1 x kms:DescribeKey ValidationException: 1 validation error detected" in text
    assert run("faults", "throttle", "--every", "3", "--service", "ec2").stdout.startswith(
        "Fault: throttle every 3, ec2"
    )
    assert run("faults", "error").returncode == 1
    assert run("reset").stdout == "The sandbox is empty.\n"
    assert run("faults").stdout == "No faults.\n"
    assert "0 calls" in run("status").stdout
    assert run("down").stdout == "The sandbox is down.\n"
    assert not run.home.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_taken_port(run):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(run.port)))
        other.listen()
        up = run("up")
    assert up.returncode == 1
    assert up.stderr.startswith(f"Port {run.port} is taken by another program.")


def test_the_port_of_another_sandbox(run, tmp_path):
    run("up")
    up = run("up", SANDBOX_HOME=str(tmp_path / "other"))
    assert up.returncode == 1
    assert up.stderr.startswith(f"Port {run.port} is taken by another sandbox, the one of {run.home}.")


def test_a_directory_that_cannot_be_made(run, tmp_path):
    (tmp_path / "file").write_text("")
    up = run("up", SANDBOX_HOME=str(tmp_path / "file" / "home"))
    assert up.returncode == 1
    assert up.stderr.startswith(f"The directory {tmp_path}/file/home cannot be made: ")
    assert "SANDBOX_HOME" in up.stderr


def test_packages_that_are_missing(run):
    up = subprocess.run(
        # -S leaves the environment's packages out.
        [sys.executable, "-S", "-m", "sandbox", "up", "--port", run.port],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
    )
    assert up.returncode == 1
    assert "lacks boto3, moto[server], regex. Run 'make setup'" in up.stderr


def test_a_server_that_dies_at_once(run, tmp_path):
    (tmp_path / "flask.py").write_text("raise RuntimeError('a broken flask')")
    up = run("up", PYTHONPATH=str(tmp_path))
    assert up.returncode == 1
    assert up.stderr.startswith("The server died at start-up. Its last words:\n")
    assert "RuntimeError: a broken flask" in up.stderr
    assert not run.home.exists()


def test_the_clock(run):
    refusal = "The clock cannot run at '-1'. Give how many times faster than AWS it runs"
    up = run("up", "--clock", "-1")
    assert up.returncode == 1
    assert up.stderr.startswith(refusal)
    assert run("clock").stderr.startswith("No sandbox answers")

    run("up", "--clock", "60")
    lines = run("clock").stdout.splitlines()
    assert lines[0] == "The clock runs 60 times as fast as on AWS."
    assert lines[1].split() == ["change", "on", "AWS", "here"]
    assert ["nat_gateway.creation", "120", "s", "2", "s"] in [line.split() for line in lines]
    assert "The clock runs 60 times as fast as on AWS." in run("status").stdout
    assert run("reset").returncode == 0
    assert json.loads(run("status", "--json").stdout)["clock"] == 60

    assert run("clock", "2.5").stdout == "The clock runs 2.5 times as fast as on AWS.\n"
    refused = run("clock", "soon")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("The clock cannot run at 'soon'.")
    assert run("up", "--clock", "0").returncode == 0
    assert "clock" not in run("status").stdout
    lines = [line.split() for line in run("clock").stdout.splitlines()]
    assert ["nat_gateway.creation", "120", "s", "at", "once"] in lines


def test_a_change_is_tried_on_a_copy(run):
    run("up")
    port = str(_free_port())
    copied = run("copy", port)
    assert (copied.returncode, copied.stdout) == (0, f"A copy of the sandbox is up: http://127.0.0.1:{port}\n")
    again = run("copy", port)
    assert (again.returncode, f"Port {port} is taken" in again.stderr) == (1, True)
    home = str(run.home.with_name(port))
    assert run("down", SANDBOX_PORT=port, SANDBOX_HOME=home).stdout == "The sandbox is down.\n"
    assert run("status").returncode == 0
    assert "No sandbox answers" in run("copy", port, SANDBOX_PORT=str(_free_port())).stderr
