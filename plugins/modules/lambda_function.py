#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lambda_function
version_added: "0.1.0"
short_description: Manage a function of AWS Lambda whose code is in files here
description:
  - Creates, changes and deletes a function. Its code is taken from files and folders, not from an archive, and is
    packed so that the same files make the same archive anywhere and at any time, so that a function changes when its
    code does, and only then.
  - Container images, layers, networks and published versions are not managed here. What exists of them stays.
  - Follows U(https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html).
  - M(amazon.aws.lambda) (11.4) wants an archive, whose bytes other tools make anew at each run, and shows no
    difference.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The function's name.
    type: str
    required: true
  state:
    description:
      - V(present) makes the function exist as described; what is not given stays as it is.
      - V(absent) deletes it with all its versions. Its log group stays.
    type: str
    choices: [present, absent]
    default: present
  source_paths:
    description:
      - Files and folders, on the machine where the module runs, that are the code. Each stands at the top of the
        archive under its own name. What Python keeps of compiled modules is left out.
      - Required for a new function.
    type: list
    elements: path
  runtime:
    description:
      - Which language runs the code, such as V(python3.13). Required for a new function.
    type: str
  handler:
    description:
      - What is called, such as V(package.module.function). Required for a new function.
    type: str
  role:
    description:
      - ARN of the IAM role that the function has. Required for a new function.
      - A role that Lambda does not know yet is tried again for half a minute.
    type: str
  description:
    description:
      - What it is for; an empty text for none.
    type: str
  architecture:
    description:
      - On which processors it runs; a new function on V(x86_64) when not given.
    type: str
    choices: [arm64, x86_64]
  timeout:
    description:
      - After how many seconds a call ends, 1 to 900; of a new function 3 when not given.
    type: int
  memory_size:
    description:
      - How many MB it has, 128 to 10240; a new function 128 when not given. It has processors in proportion.
    type: int
  environment_variables:
    description:
      - Its environment, stated whole. Everybody who may look at the function reads it; secrets belong elsewhere.
    type: dict
  reserved_concurrent_executions:
    description:
      - How many calls may run at a time, which are kept for this function alone, 0 to stop it; V(-1) for no such limit,
        as a new function has it. AWS wants a hundred to be left to the account's other functions.
    type: int
  wait_timeout:
    description:
      - How many seconds to wait, each time, until Lambda is ready with what was created or changed.
    type: int
    default: 300
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Keep a function
  wellarchitected.aws.lambda_function:
    name: example-report
    source_paths: ["{{ playbook_dir }}/files/report"]
    runtime: python3.13
    handler: report.main.handler
    architecture: arm64
    role: arn:aws:iam::123456789012:role/example-report
    timeout: 60
    memory_size: 256
    environment_variables:
      BUCKET: example-reports
    tags:
      Environment: production

- name: Stop it
  wellarchitected.aws.lambda_function:
    name: example-report
    reserved_concurrent_executions: 0

- name: Delete it
  wellarchitected.aws.lambda_function:
    name: example-report
    state: absent
"""

RETURN = r"""
function:
  description: The function as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-report
    function_arn:
      description: Its ARN, without a version; in check mode without a value for one that would be created.
      type: str
      sample: arn:aws:lambda:ap-northeast-1:123456789012:function:example-report
    code_sha256:
      description: The SHA-256 of the archive, in Base64.
      type: str
      sample: n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=
    runtime:
      description: Which language runs the code.
      type: str
      sample: python3.13
    handler:
      description: What is called.
      type: str
      sample: report.main.handler
    role:
      description: ARN of the role that it has.
      type: str
      sample: arn:aws:iam::123456789012:role/example-report
    description:
      description: What it is for; empty for none.
      type: str
      sample: ""
    architecture:
      description: On which processors it runs.
      type: str
      sample: arm64
    timeout:
      description: After how many seconds a call ends.
      type: int
      sample: 60
    memory_size:
      description: How many MB it has.
      type: int
      sample: 256
    environment_variables:
      description: Its environment.
      type: dict
      sample:
        BUCKET: example-reports
    reserved_concurrent_executions:
      description: How many calls may run at a time, kept for it alone; V(-1) for no such limit.
      type: int
      sample: -1
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import base64
import hashlib
import io
import zipfile
from pathlib import Path

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.awslambda import LambdaErrorHandler
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_ROLE, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# What UpdateFunctionConfiguration takes, as the API calls it.
CONFIGURATION = {
    "runtime": "Runtime",
    "handler": "Handler",
    "role": "Role",
    "description": "Description",
    "timeout": "Timeout",
    "memory_size": "MemorySize",
    "environment_variables": "Environment",
}
FIELDS = (*CONFIGURATION, "architecture", "reserved_concurrent_executions", "tags")
REQUIRED = ("runtime", "handler", "role")
UNLIMITED = -1
# The first moment that the format knows: an archive says nothing of when it was made.
MOMENT = (1980, 1, 1, 0, 0, 0)
UNIX = 3
DELAY = 2


class Function(Resource):
    def __init__(self, params, awslambda):
        super().__init__(given(params, FIELDS), params["purge_tags"])
        self.awslambda = awslambda
        self.name = params["name"]
        self.wait_timeout = params["wait_timeout"]
        self.code = None
        if "environment_variables" in self.given:
            texts = {name: str(value) for name, value in self.given["environment_variables"].items()}
            self.given["environment_variables"] = texts
        if params["source_paths"] and params["state"] == "present":
            self.code = archive(params["source_paths"])
            self.given["code_sha256"] = digest(self.code)

    def find(self):
        function = self._get()
        return read(function) if function else None

    def blank(self):
        return {
            "name": self.name,
            "function_arn": None,
            "code_sha256": None,
            "runtime": None,
            "handler": None,
            "role": None,
            "description": "",
            "architecture": "x86_64",
            "timeout": 3,
            "memory_size": 128,
            "environment_variables": {},
            "reserved_concurrent_executions": UNLIMITED,
            "tags": {},
        }

    def refusal(self, current, changes):
        after = {**current, **changes}
        missing = [name for name in REQUIRED if not after[name]]
        missing += [] if after["code_sha256"] else ["source_paths"]
        if missing:
            return f"There is no function {self.name} yet. To create it, give {' and '.join(missing)}."
        if "architecture" in changes and not self.code and current["code_sha256"]:
            return "For another architecture the code has to be given again, by source_paths."
        return None

    def create(self):
        state = {**self.blank(), **self.wanted(self.blank())}
        self._create(state)
        self._wait("function_active_v2")

    def update(self, current, changes):
        members = {CONFIGURATION[field]: changes[field] for field in CONFIGURATION if field in changes}
        if "Environment" in members:
            members["Environment"] = {"Variables": members["Environment"]}
        if members:
            self._update_configuration(members)
            self._wait("function_updated_v2")
        if {"code_sha256", "architecture"} & changes.keys():
            architecture = changes.get("architecture", current["architecture"])
            self._update_code(architecture)
            self._wait("function_updated_v2")
        if "reserved_concurrent_executions" in changes:
            self._set_concurrency(changes["reserved_concurrent_executions"])
        if "tags" in changes:
            self._change_tags(current["function_arn"], current["tags"], changes["tags"])

    @LambdaErrorHandler.deletion_error_handler("delete the function {self.name}")
    @retry_on("ResourceConflictException")
    def delete(self, current):
        self.awslambda.delete_function(FunctionName=self.name)

    @LambdaErrorHandler.list_error_handler("find the function {self.name}")
    def _get(self):
        return self.awslambda.get_function(FunctionName=self.name)

    @LambdaErrorHandler.common_error_handler("create the function {self.name}")
    @retry_on(UNKNOWN_ROLE)
    def _create(self, state):
        members = {member: state[field] for field, member in CONFIGURATION.items()}
        members["Environment"] = {"Variables": state["environment_variables"]}
        self.awslambda.create_function(
            FunctionName=self.name,
            Code={"ZipFile": self.code},
            Architectures=[state["architecture"]],
            Tags=state["tags"],
            **members,
        )

    @LambdaErrorHandler.common_error_handler("change the function {self.name}")
    @retry_on(UNKNOWN_ROLE, "ResourceConflictException")
    def _update_configuration(self, members):
        self.awslambda.update_function_configuration(FunctionName=self.name, **members)

    @LambdaErrorHandler.common_error_handler("change the code of the function {self.name}")
    @retry_on("ResourceConflictException")
    def _update_code(self, architecture):
        self.awslambda.update_function_code(FunctionName=self.name, ZipFile=self.code, Architectures=[architecture])

    @LambdaErrorHandler.common_error_handler("wait for the function {self.name}")
    def _wait(self, waiter):
        attempts = max(1, self.wait_timeout // DELAY)
        config = {"Delay": DELAY, "MaxAttempts": attempts}
        self.awslambda.get_waiter(waiter).wait(FunctionName=self.name, WaiterConfig=config)

    @LambdaErrorHandler.common_error_handler("set how many calls of the function {self.name} run at a time")
    @retry_on("ResourceConflictException")
    def _set_concurrency(self, number):
        if number == UNLIMITED:
            self.awslambda.delete_function_concurrency(FunctionName=self.name)
        else:
            self.awslambda.put_function_concurrency(FunctionName=self.name, ReservedConcurrentExecutions=number)

    @LambdaErrorHandler.common_error_handler("tag the function {self.name}")
    def _change_tags(self, arn, current, wanted):
        change_resource_tags(self.awslambda, current, wanted, Resource=arn)


def archive(paths):
    """A zip archive of files and folders whose bytes depend on nothing but their names and content.

    It is not compressed: implementations of zlib differ in what they make of the same bytes.
    """
    entries = {}
    for path in map(Path, paths):
        if not path.exists():
            raise AnsibleAWSError(message=f"source_paths has {path}, which does not exist.")
        files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
        for file in files:
            name = file.relative_to(path.parent)
            if "__pycache__" not in name.parts and name.suffix != ".pyc":
                entries[name.as_posix()] = file
    if not entries:
        raise AnsibleAWSError(message=f"source_paths has no files: {', '.join(map(str, paths))}.")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as made:
        for name, file in sorted(entries.items()):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.create_system = UNIX
            # Only who may execute a file is kept, as git does it: the rest is the matter of a person's umask.
            entry.external_attr = (0o100755 if file.stat().st_mode & 0o100 else 0o100644) << 16
            made.writestr(entry, file.read_bytes())
    return stream.getvalue()


def digest(code):
    """The hash of an archive as Lambda tells it."""
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


def read(function):
    """A function as Lambda describes it, as a state."""
    configuration = function["Configuration"]
    return {
        "name": configuration["FunctionName"],
        "function_arn": configuration["FunctionArn"],
        "code_sha256": configuration["CodeSha256"],
        "runtime": configuration.get("Runtime"),
        "handler": configuration.get("Handler"),
        "role": configuration["Role"],
        "description": configuration.get("Description", ""),
        "architecture": configuration.get("Architectures", ["x86_64"])[0],
        "timeout": configuration["Timeout"],
        "memory_size": configuration["MemorySize"],
        "environment_variables": configuration.get("Environment", {}).get("Variables", {}),
        "reserved_concurrent_executions": function.get("Concurrency", {}).get(
            "ReservedConcurrentExecutions", UNLIMITED
        ),
        "tags": function.get("Tags", {}),
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "source_paths": {"type": "list", "elements": "path"},
            "runtime": {"type": "str"},
            "handler": {"type": "str"},
            "role": {"type": "str"},
            "description": {"type": "str"},
            "architecture": {"type": "str", "choices": ["arm64", "x86_64"]},
            "timeout": {"type": "int"},
            "memory_size": {"type": "int"},
            "environment_variables": {"type": "dict"},
            "reserved_concurrent_executions": {"type": "int"},
            "wait_timeout": {"type": "int", "default": 300},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "function", lambda: Function(module.params, client(module, "lambda")))


if __name__ == "__main__":
    main()
