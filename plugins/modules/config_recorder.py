#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: config_recorder
version_added: "0.1.0"
short_description: Manage the configuration recorder of AWS Config
description:
  - Creates, changes, starts, stops and deletes the recorder that follows how resources are configured. An account has
    one in a region. Where there is one of another name, this module refuses, and says which.
  - Follows U(https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html).
  - M(community.aws.config_recorder) (11.2) neither starts nor stops it, always reports a change, and does nothing in
    check mode.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The recorder's name, which cannot be changed. The console calls it V(default).
    type: str
    required: true
  state:
    description:
      - V(present) makes the recorder exist as described; what is not given stays as it is.
      - V(absent) stops and deletes it. What it has recorded stays.
    type: str
    choices: [present, absent]
    default: present
  role_arn:
    description:
      - The ARN of the role with which AWS Config looks at resources. A new recorder needs one.
    type: str
  recording_group:
    description:
      - What is recorded, stated whole. A new recorder for which it is not given records all types but the global ones.
    type: dict
    suboptions:
      recording_strategy:
        description:
          - Whether all types of resources that AWS Config knows, now and later, are recorded, or
            O(recording_group.resource_types) alone, or all but those.
        type: str
        choices: [ALL_SUPPORTED_RESOURCE_TYPES, INCLUSION_BY_RESOURCE_TYPES, EXCLUSION_BY_RESOURCE_TYPES]
        default: ALL_SUPPORTED_RESOURCE_TYPES
      resource_types:
        description:
          - The types that are recorded, or are not, such as V(AWS::EC2::SecurityGroup); in any order.
        type: list
        elements: str
        default: []
      include_global_resource_types:
        description:
          - Whether users, groups, roles and policies of IAM are recorded, too, when all types are. They are the same in
            all regions, so that one recorder of the account is enough.
        type: bool
        default: false
  recording_mode:
    description:
      - How often is recorded, stated whole. A new recorder for which it is not given records continuously.
    type: dict
    suboptions:
      recording_frequency:
        description:
          - Whether each change is recorded when it happens, or once a day what has changed by then.
        type: str
        choices: [CONTINUOUS, DAILY]
        required: true
      recording_mode_overrides:
        description:
          - What is recorded otherwise; AWS Config takes one such exception at most.
        type: list
        elements: dict
        default: []
        suboptions:
          description:
            description:
              - Why.
            type: str
            default: ""
          resource_types:
            description:
              - The types of resources that it is about; in any order.
            type: list
            elements: str
            required: true
          recording_frequency:
            description:
              - How often these are recorded.
            type: str
            choices: [CONTINUOUS, DAILY]
            required: true
  recording:
    description:
      - Whether it records. It only can when there is a delivery channel
        (M(wellarchitected.aws.config_delivery_channel)), which in turn wants a recorder to be there. So make the
        recorder, then the channel, then start the recorder.
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Record all types of resources, and those of IAM
  wellarchitected.aws.config_recorder:
    name: example
    role_arn: arn:aws:iam::123456789012:role/example-config
    recording_group:
      include_global_resource_types: true
    tags:
      Environment: production

- name: Start recording, now that there is a delivery channel
  wellarchitected.aws.config_recorder:
    name: example
    recording: true

- name: Record once a day, but security groups continuously
  wellarchitected.aws.config_recorder:
    name: example
    recording_mode:
      recording_frequency: DAILY
      recording_mode_overrides:
        - description: What opens ports is not to wait
          resource_types: ["AWS::EC2::SecurityGroup"]
          recording_frequency: CONTINUOUS

- name: Delete the recorder
  wellarchitected.aws.config_recorder:
    name: example
    state: absent
"""

RETURN = r"""
recorder:
  description: The recorder as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example
    arn:
      description: Its ARN; V(null) in check mode for a recorder that would be created.
      type: str
      sample: arn:aws:config:ap-northeast-1:123456789012:configuration-recorder/example/abcdefgh12345678
    role_arn:
      description: The role with which AWS Config looks at resources.
      type: str
      sample: arn:aws:iam::123456789012:role/example-config
    recording_group:
      description: What is recorded.
      type: dict
      contains:
        recording_strategy:
          description: Whether all types are, only some, or all but some.
          type: str
          sample: ALL_SUPPORTED_RESOURCE_TYPES
        resource_types:
          description: The types that are recorded, or are not.
          type: list
          elements: str
          sample: []
        include_global_resource_types:
          description: Whether those of IAM are recorded, too.
          type: bool
          sample: true
    recording_mode:
      description: How often is recorded.
      type: dict
      contains:
        recording_frequency:
          description: C(CONTINUOUS) or C(DAILY).
          type: str
          sample: CONTINUOUS
        recording_mode_overrides:
          description: What is recorded otherwise.
          type: list
          elements: dict
          contains:
            description:
              description: Why; empty for no reason given.
              type: str
              sample: What opens ports is not to wait
            resource_types:
              description: The types of resources that it is about.
              type: list
              elements: str
              sample: ["AWS::EC2::SecurityGroup"]
            recording_frequency:
              description: How often these are recorded.
              type: str
              sample: CONTINUOUS
    recording:
      description: Whether it records.
      type: bool
      sample: true
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.config import (
    ConfigErrorHandler,
    ConfigResource,
    taken_refusal,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import given

ALL = "ALL_SUPPORTED_RESOURCE_TYPES"
ONLY = "INCLUSION_BY_RESOURCE_TYPES"
BUT = "EXCLUSION_BY_RESOURCE_TYPES"
PUT = ("role_arn", "recording_group", "recording_mode")


class Recorder(ConfigResource):
    what = "configuration recorder"
    put = PUT

    def __init__(self, params, config):
        super().__init__(normal(given(params, (*PUT, "recording", "tags"))), params, config)
        self.others = []

    def find(self):
        recorders = self._describe()
        self.others = [recorder["name"] for recorder in recorders if recorder["name"] != self.name]
        recorder = next((recorder for recorder in recorders if recorder["name"] == self.name), None)
        if recorder is None:
            return None
        return read(recorder, self._records(), self._list_tags(recorder["arn"]))

    def blank(self):
        return {
            "name": self.name,
            "arn": None,
            "role_arn": "",
            "recording_group": read_group({}),
            "recording_mode": read_mode({}),
            "recording": False,
            "tags": {},
        }

    def refusal(self, current, changes):
        if current["arn"] is None:
            taken = taken_refusal("configuration recorder", self.name, self.others, self.config.meta.region_name)
            if taken:
                return taken
            if not changes.get("role_arn"):
                return f"role_arn is not given, but the new recorder {self.name} needs a role to look at resources."
        group = changes.get("recording_group", {})
        strategy, types = group.get("recording_strategy"), group.get("resource_types")
        if strategy == ALL and types:
            return f"recording_group has resource_types, but its recording_strategy is {ALL}. Choose {ONLY} or {BUT}."
        if strategy in (ONLY, BUT) and not types:
            return f"recording_group has the recording_strategy {strategy}, but no resource_types."
        if strategy in (ONLY, BUT) and group["include_global_resource_types"]:
            return (
                "recording_group has include_global_resource_types, which is for all types alone. With the "
                f"recording_strategy {strategy}, say in resource_types which of IAM's are meant."
            )
        return None

    def update(self, current, changes):
        super().update(current, changes)
        if "recording" in changes:
            self._record(changes["recording"])

    @ConfigErrorHandler.deletion_error_handler("delete the configuration recorder {self.name}")
    def delete(self, current):
        if current["recording"]:
            self._record(False)
        self.config.delete_configuration_recorder(ConfigurationRecorderName=self.name)

    @ConfigErrorHandler.list_error_handler("find the configuration recorder {self.name}")
    def _describe(self):
        return self.config.describe_configuration_recorders()["ConfigurationRecorders"]

    @ConfigErrorHandler.list_error_handler("find out whether the configuration recorder {self.name} records", False)
    def _records(self):
        status = self.config.describe_configuration_recorder_status(ConfigurationRecorderNames=[self.name])
        return status["ConfigurationRecordersStatus"][0]["recording"]

    # AWS Config knows a new role only after some seconds.
    @ConfigErrorHandler.common_error_handler("set the configuration recorder {self.name}")
    @retry_on("InvalidRoleException")
    def _put(self, state, **more):
        self.config.put_configuration_recorder(ConfigurationRecorder=request(state), **more)

    @ConfigErrorHandler.common_error_handler("start or stop the configuration recorder {self.name}")
    def _record(self, recording):
        switch = self.config.start_configuration_recorder if recording else self.config.stop_configuration_recorder
        switch(ConfigurationRecorderName=self.name)


def normal(fields):
    """What is given, with types of resources in order."""
    group, mode = fields.get("recording_group"), fields.get("recording_mode")
    if group:
        group["resource_types"] = sorted(group["resource_types"])
    if mode:
        for override in mode["recording_mode_overrides"]:
            override["resource_types"] = sorted(override["resource_types"])
    return fields


def request(state):
    """A state as the API takes it."""
    group, mode = state["recording_group"], state["recording_mode"]
    strategy, types = group["recording_strategy"], group["resource_types"]
    recorded = {"allSupported": strategy == ALL, "recordingStrategy": {"useOnly": strategy}}
    if strategy == ALL:
        recorded["includeGlobalResourceTypes"] = group["include_global_resource_types"]
    elif strategy == ONLY:
        recorded["resourceTypes"] = types
    else:
        recorded["exclusionByResourceTypes"] = {"resourceTypes": types}
    overrides = [
        {
            **({"description": override["description"]} if override["description"] else {}),
            "resourceTypes": override["resource_types"],
            "recordingFrequency": override["recording_frequency"],
        }
        for override in mode["recording_mode_overrides"]
    ]
    return {
        "name": state["name"],
        "roleARN": state["role_arn"],
        "recordingGroup": recorded,
        "recordingMode": {"recordingFrequency": mode["recording_frequency"], "recordingModeOverrides": overrides},
    }


def read(recorder, recording, tags):
    """A recorder as AWS Config describes it, as a state."""
    return {
        "name": recorder["name"],
        "arn": recorder["arn"],
        "role_arn": recorder["roleARN"],
        "recording_group": read_group(recorder.get("recordingGroup", {})),
        "recording_mode": read_mode(recorder.get("recordingMode", {})),
        "recording": recording,
        "tags": tags,
    }


def read_group(group):
    """What is recorded; a recorder from before there were strategies says it without one."""
    only = group.get("resourceTypes") or []
    excluded = group.get("exclusionByResourceTypes", {}).get("resourceTypes") or []
    strategy = group.get("recordingStrategy", {}).get("useOnly") or (ONLY if only else BUT if excluded else ALL)
    return {
        "recording_strategy": strategy,
        "resource_types": sorted({ALL: [], ONLY: only, BUT: excluded}[strategy]),
        "include_global_resource_types": group.get("includeGlobalResourceTypes", False),
    }


def read_mode(mode):
    """How often is recorded; a recorder from before there was a choice records continuously."""
    return {
        "recording_frequency": mode.get("recordingFrequency", "CONTINUOUS"),
        "recording_mode_overrides": [
            {
                "description": override.get("description", ""),
                "resource_types": sorted(override["resourceTypes"]),
                "recording_frequency": override["recordingFrequency"],
            }
            for override in mode.get("recordingModeOverrides", [])
        ],
    }


def main():
    frequency = {"type": "str", "choices": ["CONTINUOUS", "DAILY"], "required": True}
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "role_arn": {"type": "str"},
            "recording_group": {
                "type": "dict",
                "options": {
                    "recording_strategy": {"type": "str", "choices": [ALL, ONLY, BUT], "default": ALL},
                    "resource_types": {"type": "list", "elements": "str", "default": []},
                    "include_global_resource_types": {"type": "bool", "default": False},
                },
            },
            "recording_mode": {
                "type": "dict",
                "options": {
                    "recording_frequency": frequency,
                    "recording_mode_overrides": {
                        "type": "list",
                        "elements": "dict",
                        "default": [],
                        "options": {
                            "description": {"type": "str", "default": ""},
                            "resource_types": {"type": "list", "elements": "str", "required": True},
                            "recording_frequency": frequency,
                        },
                    },
                },
            },
            "recording": {"type": "bool"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "recorder", lambda: Recorder(module.params, client(module, "config")))


if __name__ == "__main__":
    main()
