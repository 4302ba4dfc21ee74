#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: config_remediation
version_added: "0.1.0"
short_description: Manage how resources are mended that do not comply with a rule of AWS Config
description:
  - Creates, changes and deletes the remediation of a rule. It runs a document of Systems Manager Automation for each
    resource that does not comply, by itself or when somebody asks for it.
  - Follows U(https://docs.aws.amazon.com/config/latest/developerguide/remediation.html).
  - Neither amazon.aws nor community.aws has a module for it.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  config_rule_name:
    description:
      - The name of the rule (M(wellarchitected.aws.config_rule)).
    type: str
    required: true
  state:
    description:
      - V(present) makes the remediation exist as described; what is not given stays as it is.
      - V(absent) deletes it. While it runs, this waits for half a minute.
    type: str
    choices: [present, absent]
    default: present
  target_id:
    description:
      - The name of the document, or its ARN if it is somebody else's. A new remediation needs one.
    type: str
  target_version:
    description:
      - The version of the document; an empty text for the one that is its default at the time.
    type: str
  resource_type:
    description:
      - The one type of resources that is mended, such as V(AWS::EC2::SecurityGroup); an empty text for all of the rule.
    type: str
  resource_id_parameter:
    description:
      - The name of the document's parameter that gets the ID of the resource.
    type: str
  static_parameters:
    description:
      - The other parameters of the document by their names, stated whole. Each is a text or a list of texts. Where
        O(automatic) is true, C(AutomationAssumeRole) has to be among them, with the ARN of the role that mends.
    type: dict
  automatic:
    description:
      - Whether resources are mended as soon as they are found. When not given for a new remediation, they are not.
    type: bool
  maximum_automatic_attempts:
    description:
      - After how many failures within O(retry_attempt_seconds) a resource is left alone, 1 to 25. A new remediation for
        which it is not given has 5.
    type: int
  retry_attempt_seconds:
    description:
      - Within how many seconds failures are counted, 1 to 2678000. A new remediation for which it is not given has 60.
    type: int
  concurrent_execution_rate_percentage:
    description:
      - How many percent of the resources are mended at the same time, 1 to 100. When not given for a new remediation,
        AWS has a default of its own.
    type: int
  error_percentage:
    description:
      - After how many percent of failures AWS mends no more resources, 1 to 100. When not given for a new remediation,
        AWS has a default of its own.
    type: int
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Close what is open to the world
  wellarchitected.aws.config_remediation:
    config_rule_name: example-restricted-ssh
    target_id: example-close-ports
    resource_type: AWS::EC2::SecurityGroup
    resource_id_parameter: SecurityGroupId
    static_parameters:
      AutomationAssumeRole: arn:aws:iam::123456789012:role/example-remediation
      Ports: ["22"]
    automatic: true
    maximum_automatic_attempts: 5
    retry_attempt_seconds: 300
    concurrent_execution_rate_percentage: 25
    error_percentage: 20

- name: Mend nothing any more
  wellarchitected.aws.config_remediation:
    config_rule_name: example-restricted-ssh
    state: absent
"""

RETURN = r"""
remediation:
  description: The remediation as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    config_rule_name:
      description: The rule's name.
      type: str
      sample: example-restricted-ssh
    arn:
      description: Its ARN; V(null) in check mode for a remediation that would be created.
      type: str
      sample: arn:aws:config:ap-northeast-1:123456789012:remediation-configuration/example-restricted-ssh/12345678
    target_id:
      description: The document.
      type: str
      sample: example-close-ports
    target_version:
      description: The version of the document; empty for its default.
      type: str
      sample: ""
    resource_type:
      description: The one type of resources that is mended; empty for all of the rule.
      type: str
      sample: AWS::EC2::SecurityGroup
    resource_id_parameter:
      description: The parameter that gets the ID of the resource; empty for none.
      type: str
      sample: SecurityGroupId
    static_parameters:
      description: The other parameters, each a list of texts.
      type: dict
      sample:
        Ports: ["22"]
    automatic:
      description: Whether resources are mended as soon as they are found.
      type: bool
      sample: true
    maximum_automatic_attempts:
      description: After how many failures a resource is left alone.
      type: int
      sample: 5
    retry_attempt_seconds:
      description: Within how many seconds failures are counted.
      type: int
      sample: 300
    concurrent_execution_rate_percentage:
      description: How many percent are mended at the same time; V(null) for AWS's default.
      type: int
      sample: 25
    error_percentage:
      description: After how many percent of failures no more are mended; V(null) for AWS's default.
      type: int
      sample: 20
"""

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.config import ConfigErrorHandler
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# As the API calls them; an empty text means none.
TEXTS = {"target_id": "TargetId", "target_version": "TargetVersion", "resource_type": "ResourceType"}
NUMBERS = {"maximum_automatic_attempts": "MaximumAutomaticAttempts", "retry_attempt_seconds": "RetryAttemptSeconds"}
CONTROLS = {
    "concurrent_execution_rate_percentage": "ConcurrentExecutionRatePercentage",
    "error_percentage": "ErrorPercentage",
}
RANGES = {
    "maximum_automatic_attempts": (1, 25),
    "retry_attempt_seconds": (1, 2678000),
    "concurrent_execution_rate_percentage": (1, 100),
    "error_percentage": (1, 100),
}
FIELDS = (*TEXTS, "resource_id_parameter", "static_parameters", "automatic", *NUMBERS, *CONTROLS)
ROLE = "AutomationAssumeRole"


class Remediation(Resource):
    def __init__(self, params, config):
        super().__init__(normal(given(params, FIELDS)))
        self.config = config
        self.rule = params["config_rule_name"]

    def find(self):
        found = self._describe()
        return read(found[0]) if found else None

    def blank(self):
        return read({"ConfigRuleName": self.rule})

    def refusal(self, current, changes):
        after = {**current, **changes}
        if not after["target_id"]:
            return f"target_id is not given, but a remediation of the rule {self.rule} needs a document to run."
        for name, (least, most) in RANGES.items():
            if name in changes and not least <= changes[name] <= most:
                return f"{name} is {changes[name]}; it has to be {least} to {most}."
        if after["automatic"] and ROLE not in after["static_parameters"]:
            return f"automatic is true, so that static_parameters has to have {ROLE}, the role that mends."
        return None

    def create(self):
        self._put({**self.blank(), **self.given})

    def update(self, current, changes):
        self._put({**current, **changes})

    @ConfigErrorHandler.deletion_error_handler("delete the remediation of the rule {self.rule}")
    @retry_on("RemediationInProgressException")
    def delete(self, current):
        one_type = {"ResourceType": current["resource_type"]} if current["resource_type"] else {}
        self.config.delete_remediation_configuration(ConfigRuleName=self.rule, **one_type)

    @ConfigErrorHandler.list_error_handler("find the remediation of the rule {self.rule}")
    def _describe(self):
        found = self.config.describe_remediation_configurations(ConfigRuleNames=[self.rule])
        return found["RemediationConfigurations"]

    @ConfigErrorHandler.common_error_handler("set the remediation of the rule {self.rule}")
    def _put(self, state):
        answer = self.config.put_remediation_configurations(RemediationConfigurations=[request(state)])
        # It says so with a status of 200.
        failures = [batch.get("FailureMessage", "no reason given") for batch in answer.get("FailedBatches", [])]
        if failures:
            raise AnsibleAWSError(
                message=f"AWS Config did not set the remediation of the rule {self.rule}: {' '.join(failures)}"
            )


def normal(fields):
    """What is given, with each parameter as a list of texts."""
    if "static_parameters" in fields:
        fields["static_parameters"] = {
            name: [str(each) for each in (value if isinstance(value, list) else [value])]
            for name, value in fields["static_parameters"].items()
        }
    return fields


def request(state):
    """A state as the API takes it."""
    parameters = {name: {"StaticValue": {"Values": values}} for name, values in state["static_parameters"].items()}
    if state["resource_id_parameter"]:
        parameters[state["resource_id_parameter"]] = {"ResourceValue": {"Value": "RESOURCE_ID"}}
    controls = {member: state[field] for field, member in CONTROLS.items() if state[field] is not None}
    return {
        "ConfigRuleName": state["config_rule_name"],
        "TargetType": "SSM_DOCUMENT",
        **{member: state[field] for field, member in TEXTS.items() if state[field]},
        "Parameters": parameters,
        "Automatic": state["automatic"],
        **{member: state[field] for field, member in NUMBERS.items()},
        **({"ExecutionControls": {"SsmControls": controls}} if controls else {}),
    }


def read(remediation):
    """A remediation as AWS Config describes it, as a state."""
    parameters = remediation.get("Parameters", {})
    controls = remediation.get("ExecutionControls", {}).get("SsmControls", {})
    return {
        "config_rule_name": remediation["ConfigRuleName"],
        "arn": remediation.get("Arn"),
        **{field: remediation.get(member, "") for field, member in TEXTS.items()},
        "resource_id_parameter": next((name for name, value in parameters.items() if "ResourceValue" in value), ""),
        "static_parameters": {
            name: value["StaticValue"]["Values"] for name, value in parameters.items() if "StaticValue" in value
        },
        "automatic": remediation.get("Automatic", False),
        # One that is not automatic may have neither.
        "maximum_automatic_attempts": remediation.get("MaximumAutomaticAttempts", 5),
        "retry_attempt_seconds": remediation.get("RetryAttemptSeconds", 60),
        **{field: controls.get(member) for field, member in CONTROLS.items()},
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "config_rule_name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            **{name: {"type": "str"} for name in TEXTS},
            "resource_id_parameter": {"type": "str"},
            "static_parameters": {"type": "dict"},
            "automatic": {"type": "bool"},
            **{name: {"type": "int"} for name in RANGES},
        },
        supports_check_mode=True,
    )
    run(module, "remediation", lambda: Remediation(module.params, client(module, "config")))


if __name__ == "__main__":
    main()
