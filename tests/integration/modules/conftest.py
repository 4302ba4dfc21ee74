# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Running modules against a sandbox, one by one or as a story.

A story is data: the arguments that create a resource, those that change it, and how somebody changes it behind our
back. What has to hold at each step is written once, in `Teller.tell`.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import pytest
from ansible.module_utils.testing import patch_module_args

from sandbox import Sandbox

REGION = "ap-northeast-1"

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Story:
    """What a module is to go through.

    module: its name; returns: the key of its answer that holds the resource.
    identity: the arguments of every step. present: those that create the resource. changes: for each change, the
    arguments that differ from the step before. drift: changes something in AWS behind the module's back.
    absent: the arguments of the deletion, or None for a setting, which cannot be deleted.
    unpredictable: the fields that AWS chooses, so that check mode cannot foretell them.
    """

    module: str
    returns: str
    present: Arguments
    changes: tuple[Arguments, ...]
    drift: Callable[[Sandbox], None]
    identity: Arguments = field(default_factory=dict)
    absent: Arguments | None = field(default_factory=dict)
    unpredictable: frozenset[str] = frozenset()


class Teller:
    """Runs modules. With ``hurry``, AWS takes its time: the clock runs so many times faster while a module waits.

    At all other times it runs as slowly as on AWS, so that what is on its way stays there while a test looks.
    """

    def __init__(self, sandbox: Sandbox, hurry: float = 0) -> None:
        self.sandbox = sandbox
        self.hurry = hurry
        if hurry:
            sandbox.clock(1)

    def run(
        self, module: str, check: bool = False, region: str = REGION, waits: bool | None = None, **arguments: Any
    ) -> Arguments:
        """Run a module in a process of its own and return its answer, which must not be a failure.

        ``waits`` is whether it has to wait for something, which is so unless it gets ``wait=False``.
        """
        hurries = self.hurry and (arguments.get("wait", True) if waits is None else waits)
        if hurries:
            self.sandbox.clock(self.hurry)
        answer = self.attempt(module, check, region, **arguments)
        if hurries:
            self.sandbox.clock(1)
        assert not answer.get("failed"), answer["msg"]
        return answer

    def attempt(self, module: str, check: bool = False, region: str = REGION, **arguments: Any) -> Arguments:
        """Like run(), but the answer may be a failure. An argument of None is not given."""
        given = {name: value for name, value in arguments.items() if value is not None}
        # The sandbox is its own proxy, for the hosts whose names S3 Control begins with the account.
        config = {"proxies": {"http": self.sandbox.endpoint}, **given.pop("aws_config", {})}
        given |= {"region": region, "aws_config": config, "_ansible_check_mode": check, "_ansible_diff": True}
        _read_service_model(module.partition("_")[0])
        main = importlib.import_module(f"ansible_collections.wellarchitected.aws.plugins.modules.{module}").main
        reader, writer = os.pipe()
        with warnings.catch_warnings():
            # pytest-xdist's threads only talk to its main process, and hold nothing that a module waits for.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if not child:
            os.close(reader)
            _run_in_child(main, given, self.sandbox.environment, writer)
        os.close(writer)
        with os.fdopen(reader) as stream:
            output = stream.read()
        os.waitpid(child, 0)
        assert output.startswith("{") or "\n{" in output, f"{module} crashed: {output}"
        answer = json.loads(output.strip().splitlines()[-1])
        if "warnings" in answer:
            # Ansible tells them as texts or as events, by what was imported before.
            answer["warnings"] = [
                each if isinstance(each, str) else each["event"]["msg"] for each in answer["warnings"]
            ]
        return answer

    def tell(self, story: Story) -> None:
        """Check, apply, repeat; each change likewise; put drift back; delete, and delete again."""
        arguments = {**story.identity, **story.present}
        self._step(story, arguments)
        for change in story.changes:
            arguments = {**arguments, **change}
            self._step(story, arguments)

        before = self.run(story.module, check=True, **arguments)
        assert not before["changed"], before["diff"]
        story.drift(self.sandbox)
        self._step(story, arguments)

        if story.absent is not None:
            arguments = {**story.identity, **story.absent, "state": "absent"}
            self._step(story, arguments)

    def _step(self, story: Story, arguments: Arguments) -> None:
        """Something is to be changed by these arguments: foretold by check mode, done once, and done only once."""
        writes = self._writes()
        foretold = self.run(story.module, check=True, **arguments)
        assert foretold["changed"]
        assert foretold["diff"]["before"] != foretold["diff"]["after"]
        assert self._writes() == writes, "check mode wrote something"

        done = self.run(story.module, **arguments)
        assert done["changed"]
        assert self._writes() > writes
        assert done["diff"]["before"] == foretold["diff"]["before"]
        predicted, found = (
            {key: value for key, value in answer["diff"]["after"].items() if key not in story.unpredictable}
            for answer in (foretold, done)
        )
        assert predicted == found
        assert done[story.returns] == done["diff"]["after"]
        assert "warnings" not in done

        for check in (True, False):
            writes = self._writes()
            repeated = self.run(story.module, check=check, **arguments)
            assert not repeated["changed"], repeated["diff"]
            assert repeated[story.returns] == done[story.returns]
            assert self._writes() == writes, "something was written though nothing changed"

    def _writes(self) -> int:
        return sum(request["write"] for request in self.sandbox.requests())


def _run_in_child(main: Callable[[], None], arguments: Arguments, environment: dict[str, str], writer: int) -> None:
    """Run main() with its output going to writer, and end this process whatever happens."""
    try:
        os.dup2(writer, 1)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        os.environ.update(environment)
        with patch_module_args(arguments):
            main()
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc(file=sys.stdout)
    finally:
        sys.stdout.flush()
        os._exit(0)


@functools.cache
def _read_service_model(service: str) -> None:
    """Let the processes that run modules inherit a service's model: reading it takes longer than the calls."""
    session = boto3.session.Session()
    if service in session.get_available_services():
        client = session.client(service, region_name=REGION)
        # Read when the first one is asked for.
        client.can_paginate(next(iter(client.meta.method_to_api_mapping)))
        assert client.waiter_names is not None


@pytest.fixture(scope="session", autouse=True)
def service_models_are_kept() -> None:
    """As for people, whose modules run in processes of a warm server."""
    server = importlib.import_module("ansible_collections.wellarchitected.aws.plugins.plugin_utils.warm.server")
    server.ModelCache().install()
    server.HookMemory().install()


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """An empty sandbox, where everything is ready at once unless the test lets its clock run."""
    running_sandbox.reset()
    running_sandbox.clock(0)
    return running_sandbox


@pytest.fixture
def modules(sandbox: Sandbox) -> Teller:
    return Teller(sandbox)


@pytest.fixture
def told_passwords(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], list[str]]:
    """Answers the master passwords that RDS was told, in their order, which it tells nobody."""
    told = tmp_path / "told"
    told.touch()
    call = botocore.client.BaseClient._make_api_call

    def listen(self: Any, operation: str, arguments: Arguments) -> Any:
        with told.open("a") as stream:
            stream.writelines(f"{value}\n" for name, value in arguments.items() if name == "MasterUserPassword")
        return call(self, operation, arguments)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", listen)
    return lambda: told.read_text().split()


def role_of(sandbox: Sandbox, name: str, service: str) -> str:
    """The ARN of a new role that a service may assume."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return sandbox.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy)["Role"]["Arn"]


@pytest.fixture
def function_role(sandbox: Sandbox) -> str:
    """The ARN of a role that Lambda may assume, called example."""
    return role_of(sandbox, "example", "lambda.amazonaws.com")


@pytest.fixture
def config_role(sandbox: Sandbox) -> str:
    """The ARN of a role that AWS Config may assume, called config."""
    return role_of(sandbox, "config", "config.amazonaws.com")


@pytest.fixture
def config_bucket(sandbox: Sandbox) -> str:
    """The name of a bucket to which AWS Config may deliver."""
    s3, bucket = sandbox.client("s3", REGION), "example-config"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "config.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return bucket


@pytest.fixture
def function_source(tmp_path: Path) -> Path:
    """The folder of a function, whose handler is report.main.handler."""
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "main.py").write_text("def handler(event, context):\n    return event\n")
    return folder
