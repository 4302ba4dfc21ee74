#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: inspector2_enabler
version_added: "0.1.0"
short_description: Manage what Amazon Inspector scans
description:
  - Switches the scans of Inspector on and off, in the account and the region of the credentials.
  - Follows U(https://docs.aws.amazon.com/inspector/latest/user/getting_started_tutorial.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the scans as described. V(absent) switches all four off, which is how an account begins.
    type: str
    choices: [present, absent]
    default: present
  scans:
    description:
      - What is scanned. What is not given stays as it is. Required unless O(state=absent).
    type: dict
    suboptions:
      ec2:
        description: Whether EC2 instances are scanned.
        type: bool
      ecr:
        description: Whether container images in ECR are scanned.
        type: bool
      lambda:
        description: Whether Lambda functions, and what they are packaged with, are scanned.
        type: bool
      lambda_code:
        description: Whether the code of Lambda functions is scanned. Needs O(scans.lambda). Not every region has it.
        type: bool
  wait:
    description:
      - Whether to wait until the scans are on or off. What is still on its way from an earlier change is waited for in
        any case before it is changed.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most, each time.
    type: int
    default: 600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Scan instances, images and functions
  wellarchitected.aws.inspector2_enabler:
    scans:
      ec2: true
      ecr: true
      lambda: true

- name: Scan nothing
  wellarchitected.aws.inspector2_enabler:
    state: absent
"""

RETURN = r"""
inspector:
  description: What is scanned, or in check mode would be.
  returned: success
  type: dict
  contains:
    scans:
      description: Whether each scan is on, or being switched on.
      type: dict
      contains:
        ec2:
          description: Whether EC2 instances are scanned.
          type: bool
          sample: true
        ecr:
          description: Whether container images in ECR are scanned.
          type: bool
          sample: true
        lambda:
          description: Whether Lambda functions are scanned.
          type: bool
          sample: true
        lambda_code:
          description: Whether the code of Lambda functions is scanned.
          type: bool
          sample: false
"""

from contextlib import suppress

from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Setting, given

with suppress(ImportError):  # AnsibleAWSModule says so.
    from botocore.exceptions import ClientError

# What is scanned: as an answer's member.
SCANS = {"ec2": "ec2", "ecr": "ecr", "lambda": "lambda", "lambda_code": "lambdaCode"}
ON = ("ENABLED", "ENABLING")
ON_ITS_WAY = ("ENABLING", "DISABLING", "SUSPENDING")
# What only time mends, of what the answer says of an account.
PASSING = (
    "ENABLE_IN_PROGRESS",
    "DISABLE_IN_PROGRESS",
    "SUSPEND_IN_PROGRESS",
    "SSM_THROTTLED",
    "SSM_UNAVAILABLE",
    "EVENTBRIDGE_THROTTLED",
    "EVENTBRIDGE_UNAVAILABLE",
)


class InspectorWaiters(BaseWaiterFactory):
    @property
    def _waiter_model_data(self):
        members = [f"resourceState.{member}.status" for member in SCANS.values()]
        paths = [f"accounts[0].{path}" for path in ("state.status", *members)]
        return {
            "settled": {
                "operation": "BatchGetAccountStatus",
                "delay": 5,
                "maxAttempts": 120,
                "acceptors": [
                    {"state": "retry", "matcher": "path", "argument": path, "expected": status}
                    for path in paths
                    for status in ON_ITS_WAY
                ]
                + [{"state": "success", "matcher": "status", "expected": 200}],
            }
        }


class Scans(Setting):
    partial = frozenset({"scans"})

    def __init__(self, params, client):
        fields = {"scans": dict.fromkeys(SCANS, False)} if params["state"] == "absent" else given(params, ("scans",))
        super().__init__(fields)
        self.client = client
        self.wait = params["wait"]
        self.wait_timeout = params["wait_timeout"]
        self.is_busy = False

    @AWSErrorHandler.common_error_handler("find out what Inspector scans")
    def find(self):
        # Without an account, it is the own one. One that never had Inspector may not be told of.
        found = self.client.batch_get_account_status().get("accounts") or [{"resourceState": {}}]
        self.is_busy = busy(found[0])
        return read(found[0])

    def refusal(self, current, changes):
        scans = changes.get("scans", current["scans"])
        if scans["lambda_code"] and not scans["lambda"]:
            return "scans.lambda_code needs scans.lambda, which is off."
        return None

    def update(self, current, changes):
        if self.is_busy:
            self._settle()
        changed = [name for name, value in changes["scans"].items() if value != current["scans"][name]]
        on = [name.upper() for name in changed if changes["scans"][name]]
        off = [name.upper() for name in changed if not changes["scans"][name]]
        if on:
            self._enable(on)
            if off:
                self._settle()
        if off:
            self._disable(off)
        if self.wait:
            self._settle()

    @AWSErrorHandler.common_error_handler("switch on that Inspector scans {scans}")
    @retry_on(*PASSING)
    def _enable(self, scans):
        raise_failure(self.client.enable(resourceTypes=scans), "Enable")

    @AWSErrorHandler.common_error_handler("switch off that Inspector scans {scans}")
    @retry_on(*PASSING)
    def _disable(self, scans):
        raise_failure(self.client.disable(resourceTypes=scans), "Disable")

    @AWSErrorHandler.common_error_handler("see Inspector switch its scans on and off")
    def _settle(self):
        waiter = InspectorWaiters().get_waiter(self.client, "settled")
        waiter.wait(WaiterConfig=custom_waiter_config(self.wait_timeout))


def read(account):
    """The status of an account, as Inspector tells it, as a state."""
    states = account["resourceState"]
    return {"scans": {name: states.get(member, {}).get("status") in ON for name, member in SCANS.items()}}


def busy(account):
    """Whether a scan is being switched on or off."""
    return any(scan.get("status") in ON_ITS_WAY for scan in account["resourceState"].values())


def raise_failure(answer, operation):
    """Raise what an answer says of the own account, which AWS tells without an error, as an error."""
    for account in answer.get("failedAccounts") or []:
        error = {"Code": account["errorCode"], "Message": account["errorMessage"]}
        raise ClientError({"Error": error}, operation)


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "scans": {"type": "dict", "options": {name: {"type": "bool"} for name in SCANS}},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 600},
        },
        required_if=[("state", "present", ["scans"])],
        supports_check_mode=True,
    )
    run(module, "inspector", lambda: Scans(module.params, client(module, "inspector2")))


if __name__ == "__main__":
    main()
