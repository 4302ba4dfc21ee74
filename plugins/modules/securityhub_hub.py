#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: securityhub_hub
version_added: "0.1.0"
short_description: Manage AWS Security Hub CSPM in a region
description:
  - Switches Security Hub on and off in a region, subscribes to its standards, and switches controls off, each with a
    reason.
  - What is not given stays as it is. Most controls need AWS Config to record; where it does not, the module warns.
  - Follows U(https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-settingup.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) switches Security Hub on, as described. V(absent) switches it off, with its standards and settings;
        AWS deletes its findings after 90 days.
    type: str
    choices: [present, absent]
    default: present
  enable_default_standards:
    description:
      - Whether a hub that is switched on now is subscribed to the standards that AWS has chosen. Has no effect when
        O(standards) is given, nor on a hub that is on already.
    type: bool
    default: true
  auto_enable_controls:
    description:
      - Whether controls that AWS adds to a standard are on; of a new hub V(true).
    type: bool
  control_finding_generator:
    description:
      - Whether a check makes one finding for all standards (V(SECURITY_CONTROL)) or one for each
        (V(STANDARD_CONTROL)); of a new hub V(SECURITY_CONTROL).
    type: str
    choices: [SECURITY_CONTROL, STANDARD_CONTROL]
  standards:
    description:
      - The standards to be subscribed to, each by its ARN or by what stands behind C(standards/) in it, such as
        V(aws-foundational-security-best-practices/v/1.0.0) or V(cis-aws-foundations-benchmark/v/5.0.0).
      - Subscriptions to others are ended, with what was set of their controls.
    type: list
    elements: str
  disabled_controls:
    description:
      - The controls that are off, in all standards that are subscribed to and have them. All others are on.
    type: list
    elements: dict
    suboptions:
      id:
        description: The control's id, such as V(IAM.6).
        type: str
        required: true
      reason:
        description: Why it is off, which AWS keeps with it.
        type: str
        required: true
  wait:
    description:
      - Whether to wait until subscriptions have begun and ended.
      - Controls can only be set when they have, so that for O(disabled_controls) it is waited in any case.
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
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Switch Security Hub on, with two standards
  wellarchitected.aws.securityhub_hub:
    standards:
      - aws-foundational-security-best-practices/v/1.0.0
      - cis-aws-foundations-benchmark/v/5.0.0
    disabled_controls:
      - id: IAM.6
        reason: The root user of this account has no password, as the organization has taken it away.
    tags:
      Environment: production

- name: Switch it off
  wellarchitected.aws.securityhub_hub:
    state: absent
"""

RETURN = r"""
hub:
  description: The hub as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    arn:
      description: Its ARN; in check mode without a value for a hub that would be switched on.
      type: str
      sample: arn:aws:securityhub:ap-northeast-1:123456789012:hub/default
    auto_enable_controls:
      description: Whether controls that AWS adds to a standard are on.
      type: bool
      sample: true
    control_finding_generator:
      description: V(SECURITY_CONTROL) or V(STANDARD_CONTROL).
      type: str
      sample: SECURITY_CONTROL
    standards:
      description: The standards that are subscribed to, sorted.
      type: list
      elements: str
      sample: [aws-foundational-security-best-practices/v/1.0.0]
    disabled_controls:
      description: The controls that are off in a standard, sorted by their ids.
      returned: when O(disabled_controls) is given
      type: list
      elements: dict
      contains:
        id:
          description: The control's id.
          type: str
          sample: IAM.6
        reason:
          description: Why it is off; null where it is on in one of the standards, or where their reasons differ.
          type: str
          sample: The root user of this account has no password.
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from itertools import batched, groupby

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.hints import did_you_mean
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.securityhub import SecurityHubErrorHandler

FIELDS = (
    "auto_enable_controls",
    "control_finding_generator",
    "standards",
    "disabled_controls",
    "tags",
)
SETTINGS = {"auto_enable_controls": "AutoEnableControls", "control_finding_generator": "ControlFindingGenerator"}
# The one standard that has an ARN of another form.
RULESET = "cis-aws-foundations-benchmark/v/1.2.0"
LARGEST_BATCH = 100
MOST_STANDARDS = 25
# https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_StandardsStatusReason.html
REASONS = {
    "NO_AVAILABLE_CONFIGURATION_RECORDER": "AWS Config does not record here",
    "MAXIMUM_NUMBER_OF_CONFIG_RULES_EXCEEDED": "AWS Config has as many rules as it may have",
}


class HubWaiters(BaseWaiterFactory):
    @property
    def _waiter_model_data(self):
        busy = (
            "length(StandardsSubscriptions[?StandardsStatus=='PENDING' || StandardsStatus=='DELETING'"
            " || StandardsControlsUpdatable=='NOT_READY_FOR_UPDATES']) > `0`"
        )
        return {
            "settled": {
                "operation": "GetEnabledStandards",
                "delay": 5,
                "maxAttempts": 120,
                "acceptors": [
                    {"state": "retry", "matcher": "path", "argument": busy, "expected": True},
                    {"state": "success", "matcher": "status", "expected": 200},
                ],
            }
        }


class Hub(Resource):
    def __init__(self, params, client):
        super().__init__(given_fields(params), params["purge_tags"])
        self.client = client
        self.default_standards = params["enable_default_standards"] and "standards" not in self.given
        self.wait = params["wait"]
        self.wait_timeout = params["wait_timeout"]
        self.subscriptions = []
        # (the control's id, the standard's ARN) -> its association as Security Hub has it
        self.associations = {}

    def find(self):
        hub = self._describe()
        if hub is None:
            return None
        self.subscriptions = self._list_subscriptions()
        if "disabled_controls" in self.given:
            self.associations = self._get_associations(map_of_arns(self.subscriptions).values())
        return self._read(hub, self._list_tags(hub["HubArn"]))

    def blank(self):
        state = {
            "arn": None,
            "auto_enable_controls": True,
            "control_finding_generator": "SECURITY_CONTROL",
            "standards": [],
            "tags": {},
        }
        return {**state, "disabled_controls": []} if "disabled_controls" in self.given else state

    def refusal(self, current, changes):
        if "disabled_controls" not in changes or "standards" in changes or current["arn"] is None:
            return None
        return self._unknown_control()

    @SecurityHubErrorHandler.common_error_handler("switch Security Hub on")
    def create(self):
        more = {"Tags": self.wanted(self.blank()).get("tags")}
        if "control_finding_generator" in self.given:
            more["ControlFindingGenerator"] = self.given["control_finding_generator"]
        self.client.enable_security_hub(
            EnableDefaultStandards=self.default_standards, **{name: value for name, value in more.items() if value}
        )

    def update(self, current, changes):
        settings = {SETTINGS[name]: changes[name] for name in SETTINGS if name in changes}
        if settings:
            self._set(settings)
        if "standards" in changes:
            self._set_standards(current["arn"], changes["standards"])
        if changes.keys() & {"standards", "disabled_controls"} and "disabled_controls" in self.given:
            self._set_controls()
        if "tags" in changes:
            self._set_tags(current["arn"], current["tags"], changes["tags"])

    def remarks(self, outcome):
        for subscription in self.subscriptions if outcome.after else ():
            if subscription["StandardsStatus"] in ("INCOMPLETE", "FAILED"):
                code = subscription.get("StandardsStatusReason", {}).get("StatusReasonCode", "")
                yield (
                    f"Security Hub cannot check all controls of {standard_name(subscription['StandardsArn'])}: "
                    f"{REASONS.get(code, code or 'it does not say why')}."
                )

    @SecurityHubErrorHandler.deletion_error_handler("switch Security Hub off")
    def delete(self, current):
        self.client.disable_security_hub()

    def _read(self, hub, tags):
        state = {
            "arn": hub["HubArn"],
            **{name: hub.get(member) for name, member in SETTINGS.items()},
            "standards": sorted(map_of_arns(self.subscriptions)),
            "tags": tags,
        }
        if "disabled_controls" in self.given:
            state["disabled_controls"] = read_controls(self.associations.values())
        return state

    @SecurityHubErrorHandler.list_error_handler("find out whether Security Hub is on")
    def _describe(self):
        return self.client.describe_hub()

    @SecurityHubErrorHandler.common_error_handler("list the tags of the hub")
    def _list_tags(self, arn):
        return self.client.list_tags_for_resource(ResourceArn=arn)["Tags"]

    @SecurityHubErrorHandler.common_error_handler("list the standards that are subscribed to")
    def _list_subscriptions(self):
        pages = self.client.get_paginator("get_enabled_standards").paginate()
        return [each for page in pages for each in page["StandardsSubscriptions"]]

    @SecurityHubErrorHandler.common_error_handler("find out which controls are off")
    def _get_associations(self, standard_arns):
        lister = self.client.get_paginator("list_security_control_definitions")
        ids = [
            {"SecurityControlId": control["SecurityControlId"], "StandardsArn": arn}
            for arn in standard_arns
            for page in lister.paginate(StandardsArn=arn)
            for control in page["SecurityControlDefinitions"]
        ]
        found = [
            each
            for batch in batched(ids, LARGEST_BATCH)
            for each in self.client.batch_get_standards_control_associations(
                StandardsControlAssociationIds=list(batch)
            )["StandardsControlAssociationDetails"]
        ]
        return {(each["SecurityControlId"], each["StandardsArn"]): each for each in found}

    @SecurityHubErrorHandler.common_error_handler("change the settings of Security Hub")
    def _set(self, settings):
        self.client.update_security_hub_configuration(**settings)

    @SecurityHubErrorHandler.common_error_handler("change the standards that are subscribed to")
    def _set_standards(self, hub_arn, wanted):
        current = {standard_name(each["StandardsArn"]): each for each in self.subscriptions}
        leaving = {name for name, each in current.items() if each["StandardsStatus"] == "DELETING"}
        ended = [each["StandardsSubscriptionArn"] for name, each in current.items() if name not in {*wanted, *leaving}]
        for batch in batched(ended, MOST_STANDARDS):
            self.client.batch_disable_standards(StandardsSubscriptionArns=list(batch))
        if leaving & set(wanted):
            # AWS takes nobody back who is still leaving.
            self._settle()
        begun = [name for name in wanted if name not in current or name in leaving]
        requests = [{"StandardsArn": standard_arn(hub_arn, name)} for name in begun]
        for batch in batched(requests, MOST_STANDARDS):
            self.client.batch_enable_standards(StandardsSubscriptionRequests=list(batch))
        if self.wait:
            self._settle()

    def _settle(self):
        waiter = HubWaiters().get_waiter(self.client, "settled")
        waiter.wait(WaiterConfig=custom_waiter_config(self.wait_timeout))

    def _unknown_control(self):
        known = {control for control, _standard in self.associations}
        unknown = next((each["id"] for each in self.given["disabled_controls"] if each["id"] not in known), None)
        if unknown is None:
            return None
        suggestion = did_you_mean(unknown, known)
        return f"disabled_controls has {unknown}, which no standard has that is subscribed to.{suggestion}"

    def _set_controls(self):
        """Once all standards have settled, which may have changed a moment ago."""
        self._await_controls()
        self.subscriptions = self._list_subscriptions()
        self.associations = self._get_associations(map_of_arns(self.subscriptions).values())
        unknown = self._unknown_control()
        if unknown:
            raise AnsibleAWSError(message=unknown)
        self._write_controls(write_controls(self.associations.values(), self.given["disabled_controls"]))

    @SecurityHubErrorHandler.common_error_handler("see the standards settle")
    def _await_controls(self):
        self._settle()

    @SecurityHubErrorHandler.common_error_handler("switch controls on and off")
    def _write_controls(self, updates):
        for batch in batched(updates, LARGEST_BATCH):
            refused = self.client.batch_update_standards_control_associations(
                StandardsControlAssociationUpdates=list(batch)
            ).get("UnprocessedAssociationUpdates", [])
            if refused:
                update = refused[0]["StandardsControlAssociationUpdate"]
                raise AnsibleAWSError(
                    message=f"Security Hub refuses to set {update['SecurityControlId']} of "
                    f"{standard_name(update['StandardsArn'])}: {refused[0]['ErrorCode']} "
                    f"{refused[0].get('ErrorReason', '')}"
                )

    @SecurityHubErrorHandler.common_error_handler("tag the hub")
    def _set_tags(self, arn, current, wanted):
        change_resource_tags(self.client, current, wanted, ResourceArn=arn)


def given_fields(params):
    """The options that the user gave, in the form in which Hub.find answers them."""
    fields = given(params, FIELDS)
    if "standards" in fields:
        fields["standards"] = sorted({standard_name(each) for each in fields["standards"]})
    if "disabled_controls" in fields:
        fields["disabled_controls"] = sorted(fields["disabled_controls"], key=lambda control: control["id"])
    return fields


def standard_name(name_or_arn):
    """A standard without what an ARN has in front: aws-foundational-security-best-practices/v/1.0.0."""
    resource = name_or_arn.split(":", 5)[-1] if name_or_arn.startswith("arn:") else name_or_arn
    return resource.removeprefix("standards/").removeprefix("ruleset/")


def standard_arn(hub_arn, name):
    """The ARN of a standard in the region of the hub."""
    _arn, partition, service, region, _rest = hub_arn.split(":", 4)
    if name == RULESET:
        return f"arn:{partition}:{service}:::ruleset/{name}"
    return f"arn:{partition}:{service}:{region}::standards/{name}"


def map_of_arns(subscriptions):
    """The ARNs of the standards that are subscribed to, by their names; not of those that are being left."""
    return {
        standard_name(each["StandardsArn"]): each["StandardsArn"]
        for each in subscriptions
        if each["StandardsStatus"] != "DELETING"
    }


def read_controls(associations):
    """The controls that are off in a standard, with the reason where it is the same in all."""
    controls = []
    in_order = sorted(associations, key=lambda each: each["SecurityControlId"])
    for control, each_standard in groupby(in_order, key=lambda each: each["SecurityControlId"]):
        found = {(each["AssociationStatus"], each.get("UpdatedReason")) for each in each_standard}
        if any(status == "DISABLED" for status, _reason in found):
            reason = next(iter(found))[1] if len(found) == 1 else None
            controls.append({"id": control, "reason": reason})
    return controls


def write_controls(associations, disabled_controls):
    """What has to be updated, so that only these controls are off, in every standard and each with its reason."""
    reasons = {control["id"]: control["reason"] for control in disabled_controls}
    updates = []
    for each in associations:
        reason = reasons.get(each["SecurityControlId"])
        status = "DISABLED" if reason else "ENABLED"
        if each["AssociationStatus"] != status or (reason and each.get("UpdatedReason") != reason):
            update = {name: each[name] for name in ("SecurityControlId", "StandardsArn")}
            update["AssociationStatus"] = status
            updates.append({**update, "UpdatedReason": reason} if reason else update)
    return updates


def main():
    control = {"id": {"type": "str", "required": True}, "reason": {"type": "str", "required": True}}
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "enable_default_standards": {"type": "bool", "default": True},
            "auto_enable_controls": {"type": "bool"},
            "control_finding_generator": {"type": "str", "choices": ["SECURITY_CONTROL", "STANDARD_CONTROL"]},
            "standards": {"type": "list", "elements": "str"},
            "disabled_controls": {"type": "list", "elements": "dict", "options": control},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 600},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "hub", lambda: Hub(module.params, client(module, "securityhub")))


if __name__ == "__main__":
    main()
