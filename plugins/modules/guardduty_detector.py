#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: guardduty_detector
version_added: "0.1.0"
short_description: Manage Amazon GuardDuty in a region
description:
  - Creates, changes and deletes the detector, of which an account has one in a region, with its protection plans, and
    says where its findings are exported to.
  - What is not given stays as it is. A new detector has all plans that the region has but Runtime Monitoring, unless
    O(features) says otherwise. The older EKS Runtime Monitoring is left alone.
  - Follows U(https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the detector exist as described. V(absent) deletes it, with its findings and its settings.
    type: str
    choices: [present, absent]
    default: present
  enabled:
    description:
      - Whether it watches. When V(false), it is suspended and keeps its findings. A new detector watches.
    type: bool
  finding_publishing_frequency:
    description:
      - How often it tells of a finding again that has occurred again, to EventBridge and to the bucket; a new finding
        is told of at once. Of a new detector V(SIX_HOURS).
    type: str
    choices: [FIFTEEN_MINUTES, ONE_HOUR, SIX_HOURS]
  features:
    description:
      - The protection plans, each of which costs extra. What is not given stays as it is.
    type: dict
    suboptions:
      s3_data_events:
        description: Whether requests for objects in S3 are watched.
        type: bool
      eks_audit_logs:
        description: Whether the audit logs of EKS are watched.
        type: bool
      ebs_malware_protection:
        description: Whether the volumes of instances are scanned for malware when something is suspected.
        type: bool
      rds_login_events:
        description: Whether logins to the databases that GuardDuty supports, such as Aurora, are watched.
        type: bool
      lambda_network_logs:
        description: Whether the network traffic of Lambda functions is watched.
        type: bool
      runtime_monitoring:
        description: Whether what runs on EC2, EKS and ECS is watched by an agent.
        type: bool
      eks_addon_management:
        description: Whether GuardDuty keeps the agent of EKS clusters. Needs O(features.runtime_monitoring).
        type: bool
      ecs_fargate_agent_management:
        description: Whether GuardDuty keeps the agent of tasks on Fargate. Needs O(features.runtime_monitoring).
        type: bool
      ec2_agent_management:
        description: Whether GuardDuty keeps the agent of instances, by SSM. Needs O(features.runtime_monitoring).
        type: bool
  publishing_destination:
    description:
      - Where findings are exported to; V({}) for nowhere. Stated whole.
      - The policies of the bucket and of the key have to let C(guardduty.amazonaws.com). Those that have done so only
        for seconds are tried again for half a minute. See
        U(https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html).
    type: dict
    suboptions:
      destination_arn:
        description:
          - ARN of the bucket, with a prefix after it if you like, of which GuardDuty wants that an object of that name,
            with a slash at its end, is in the bucket.
        type: str
      kms_key_arn:
        description: ARN of the KMS key that the objects are encrypted with, which has to be in the bucket's region.
        type: str
  wait:
    description:
      - Whether to wait until GuardDuty has tried a new destination.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most.
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
- name: Let GuardDuty watch, and export what it finds
  wellarchitected.aws.guardduty_detector:
    finding_publishing_frequency: FIFTEEN_MINUTES
    features:
      s3_data_events: true
      rds_login_events: true
      lambda_network_logs: true
      ebs_malware_protection: true
      eks_audit_logs: false
    publishing_destination:
      destination_arn: arn:aws:s3:::example-findings
      kms_key_arn: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    tags:
      Environment: production

- name: Watch what runs on instances, too
  wellarchitected.aws.guardduty_detector:
    features:
      runtime_monitoring: true
      ec2_agent_management: true

- name: Export nothing any more
  wellarchitected.aws.guardduty_detector:
    publishing_destination: {}

- name: Switch GuardDuty off
  wellarchitected.aws.guardduty_detector:
    state: absent
"""

RETURN = r"""
detector:
  description: The detector as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    id:
      description: Its id; in check mode without a value for a detector that would be created.
      type: str
      sample: 12abc34d567e8fa901bc2d34e56789f0
    arn:
      description: Its ARN; in check mode without a value for a detector that would be created.
      type: str
      sample: arn:aws:guardduty:ap-northeast-1:123456789012:detector/12abc34d567e8fa901bc2d34e56789f0
    enabled:
      description: Whether it watches.
      type: bool
      sample: true
    finding_publishing_frequency:
      description: How often it tells of a finding again, one of the values of O(finding_publishing_frequency).
      type: str
      sample: FIFTEEN_MINUTES
    features:
      description:
        - Whether each protection plan is on, by the names of the suboptions of O(features). What the region does not
          have is not among them.
      type: dict
      sample:
        s3_data_events: true
        eks_audit_logs: false
        ebs_malware_protection: true
        rds_login_events: true
        lambda_network_logs: true
        runtime_monitoring: false
        eks_addon_management: false
        ecs_fargate_agent_management: false
        ec2_agent_management: false
    publishing_destination:
      description: Where findings are exported to; empty for nowhere.
      type: dict
      contains:
        destination_arn:
          description: ARN of the bucket, with the prefix.
          type: str
          sample: arn:aws:s3:::example-findings
        kms_key_arn:
          description: ARN of the KMS key that the objects are encrypted with.
          type: str
          sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from types import MappingProxyType

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_POLICY, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

FIELDS = ("enabled", "finding_publishing_frequency", "features", "publishing_destination", "tags")
# The protection plans of a new detector, and what can be configured of one.
PLANS = {
    "s3_data_events": True,
    "eks_audit_logs": True,
    "ebs_malware_protection": True,
    "rds_login_events": True,
    "lambda_network_logs": True,
    "runtime_monitoring": False,
}
AGENTS = ("eks_addon_management", "ecs_fargate_agent_management", "ec2_agent_management")
DESTINATION = {"destination_arn": "DestinationArn", "kms_key_arn": "KmsKeyArn"}


class GuardDutyErrorHandler(AWSErrorHandler):
    # It answers a bad request for what is not there, as for much else, so that a detector is looked for in the list.
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("ResourceNotFoundException")


class DestinationWaiters(BaseWaiterFactory):
    # A destination that GuardDuty cannot write to has settled, too.
    @property
    def _waiter_model_data(self):
        return {
            "verified": {
                "operation": "DescribePublishingDestination",
                "delay": 5,
                "maxAttempts": 60,
                "acceptors": [
                    {"state": "retry", "matcher": "path", "argument": "Status", "expected": "PENDING_VERIFICATION"},
                    {"state": "success", "matcher": "status", "expected": 200},
                ],
            }
        }


def same_features(current, wanted):
    """Whether they are on and off alike; what a region does not have is off there."""
    return all(current.get(name, False) == value for name, value in wanted.items())


class Detector(Resource):
    partial = frozenset({"features"})
    same = MappingProxyType({"features": same_features})

    def __init__(self, params, client):
        super().__init__(given(params, FIELDS), params["purge_tags"])
        self.client = client
        self.wait_timeout = params["wait_timeout"] if params["wait"] else None
        self.destination_id = None
        self.unable = False

    def find(self):
        detector_id = self._find_id()
        if detector_id is None:
            return None
        region, detector = self.client.meta.region_name, self._get(detector_id)
        return read(detector_id, region, detector, self._get_destination(detector_id))

    def blank(self):
        return {
            "id": None,
            "arn": None,
            "enabled": True,
            "finding_publishing_frequency": "SIX_HOURS",
            "features": {**PLANS, **dict.fromkeys(AGENTS, False)},
            "publishing_destination": {},
            "tags": {},
        }

    def refusal(self, current, changes):
        after = {**current, **changes}
        destination, features = after["publishing_destination"], after["features"]
        missing = [name for name in DESTINATION if destination and not destination.get(name)]
        if missing:
            return f"publishing_destination needs {missing[0]}, too."
        agents = [name for name in AGENTS if self.given.get("features", {}).get(name)]
        if agents and not features.get("runtime_monitoring"):
            return f"features.{agents[0]} needs features.runtime_monitoring, which is off."
        return None

    @GuardDutyErrorHandler.common_error_handler("create the detector")
    def create(self):
        after = {**self.blank(), **self.wanted(self.blank())}
        more = {"Features": write_features(self.given.get("features", {}), after["features"]), "Tags": after["tags"]}
        self.client.create_detector(
            Enable=after["enabled"],
            FindingPublishingFrequency=after["finding_publishing_frequency"],
            **{member: value for member, value in more.items() if value},
        )

    def update(self, current, changes):
        self._update({**current, **changes}, changes, current)
        if "publishing_destination" in changes:
            self._set_destination(current["id"], current["publishing_destination"], changes["publishing_destination"])
        if "tags" in changes:
            self._set_tags(current["arn"], current["tags"], changes["tags"])

    @GuardDutyErrorHandler.deletion_error_handler("delete the detector")
    def delete(self, current):
        self.client.delete_detector(DetectorId=current["id"])

    def remarks(self, outcome):
        if self.unable and outcome.after and outcome.after["publishing_destination"]:
            arn = outcome.after["publishing_destination"]["destination_arn"]
            yield (
                f"GuardDuty cannot export its findings to {arn}. See that the policies of the bucket and of the key "
                "let guardduty.amazonaws.com."
            )

    @GuardDutyErrorHandler.list_error_handler("find the detector")
    def _find_id(self):
        pages = self.client.get_paginator("list_detectors").paginate()
        return next((each for page in pages for each in page["DetectorIds"]), None)

    @GuardDutyErrorHandler.common_error_handler("read the detector")
    def _get(self, detector_id):
        return self.client.get_detector(DetectorId=detector_id)

    @GuardDutyErrorHandler.common_error_handler("find out where findings are exported to")
    def _get_destination(self, detector_id):
        # Older versions of botocore have no paginator for it; there is one destination at most.
        found = self.client.list_publishing_destinations(DetectorId=detector_id)["Destinations"]
        if not found:
            return {}
        self.destination_id = found[0]["DestinationId"]
        self.unable = found[0]["Status"] in ("UNABLE_TO_PUBLISH_FIX_DESTINATION_PROPERTY", "STOPPED")
        return self.client.describe_publishing_destination(DetectorId=detector_id, DestinationId=self.destination_id)[
            "DestinationProperties"
        ]

    @GuardDutyErrorHandler.common_error_handler("change the detector")
    def _update(self, after, changes, current):
        arguments = {}
        if "enabled" in changes:
            arguments["Enable"] = after["enabled"]
        if "finding_publishing_frequency" in changes:
            arguments["FindingPublishingFrequency"] = after["finding_publishing_frequency"]
        if "features" in changes:
            changed = {
                name: value
                for name, value in after["features"].items()
                if value != current["features"].get(name, False)
            }
            arguments["Features"] = write_features(changed, after["features"])
        if arguments:
            self.client.update_detector(DetectorId=current["id"], **arguments)

    @GuardDutyErrorHandler.common_error_handler("set where findings are exported to")
    def _set_destination(self, detector_id, current, wanted):
        destination = {"DetectorId": detector_id, "DestinationId": self.destination_id}
        if not wanted:
            self.client.delete_publishing_destination(**destination)
            return
        properties = {member: wanted[name] for name, member in DESTINATION.items()}
        if current:
            self._publish(self.client.update_publishing_destination, **destination, DestinationProperties=properties)
        else:
            destination["DestinationId"] = self._publish(
                self.client.create_publishing_destination,
                DetectorId=detector_id,
                DestinationType="S3",
                DestinationProperties=properties,
            )["DestinationId"]
        if self.wait_timeout is not None:
            waiter = DestinationWaiters().get_waiter(self.client, "verified")
            waiter.wait(**destination, WaiterConfig=custom_waiter_config(self.wait_timeout))

    @retry_on(UNKNOWN_POLICY)
    def _publish(self, call, **arguments):
        return call(**arguments)

    @GuardDutyErrorHandler.common_error_handler("tag the detector")
    def _set_tags(self, arn, current, wanted):
        change_resource_tags(self.client, current, wanted, ResourceArn=arn)


def read(detector_id, region, detector, destination):
    """A detector as GuardDuty describes it, and its destination's properties, as a state."""
    features = {}
    for feature in detector.get("Features", []):
        name = feature["Name"].lower()
        if name in PLANS:
            features[name] = feature["Status"] == "ENABLED"
        if name == "runtime_monitoring":
            for more in feature.get("AdditionalConfiguration", []):
                features[more["Name"].lower()] = more["Status"] == "ENABLED"
    # The ARN of its role is the only one that tells of the account: arn:aws:iam::123456789012:role/...
    _arn, partition, _iam, _region, account, _role = detector["ServiceRole"].split(":", 5)
    return {
        "id": detector_id,
        "arn": f"arn:{partition}:guardduty:{region}:{account}:detector/{detector_id}",
        "enabled": detector["Status"] == "ENABLED",
        "finding_publishing_frequency": detector.get("FindingPublishingFrequency", "SIX_HOURS"),
        "features": features,
        "publishing_destination": {
            name: destination[member] for name, member in DESTINATION.items() if destination.get(member)
        },
        "tags": detector.get("Tags", {}),
    }


def write_features(changed, after):
    """What the API is told to change these features, of which ``after`` has all that are wanted."""

    def status(name):
        return "ENABLED" if after.get(name) else "DISABLED"

    features = [{"Name": name.upper(), "Status": status(name)} for name in PLANS if name in changed]
    agents = [{"Name": name.upper(), "Status": status(name)} for name in AGENTS if name in changed]
    if agents:
        # They are told with what they belong to.
        features = [feature for feature in features if feature["Name"] != "RUNTIME_MONITORING"]
        features.append(
            {
                "Name": "RUNTIME_MONITORING",
                "Status": status("runtime_monitoring"),
                "AdditionalConfiguration": agents,
            }
        )
    return features


def main():
    flag = {"type": "bool"}
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "enabled": flag,
            "finding_publishing_frequency": {"type": "str", "choices": ["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"]},
            "features": {"type": "dict", "options": dict.fromkeys((*PLANS, *AGENTS), flag)},
            "publishing_destination": {
                "type": "dict",
                "options": {
                    "destination_arn": {"type": "str"},
                    "kms_key_arn": {"type": "str", "no_log": False},
                },
            },
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 300},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "detector", lambda: Detector(module.params, client(module, "guardduty")))


if __name__ == "__main__":
    main()
