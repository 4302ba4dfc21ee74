#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: config_delivery_channel
version_added: "0.1.0"
short_description: Manage the delivery channel of AWS Config
description:
  - Creates, changes and deletes the channel by which AWS Config delivers what its recorder has recorded. An account
    has one in a region. Where there is one of another name, this module refuses, and says which. A recorder
    (M(wellarchitected.aws.config_recorder)) has to be there first.
  - Follows U(https://docs.aws.amazon.com/config/latest/developerguide/manage-delivery-channel.html).
  - M(community.aws.config_delivery_channel) (11.2) does nothing in check mode, and shows no difference.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The channel's name, which cannot be changed. The console calls it V(default).
    type: str
    required: true
  state:
    description:
      - V(present) makes the channel exist as described; what is not given stays as it is.
      - V(absent) deletes it. The recorder has to be stopped, or deleted, before.
    type: str
    choices: [present, absent]
    default: present
  s3_bucket_name:
    description:
      - The bucket that is delivered to. Its policy, or the recorder's role, has to let AWS Config write there. AWS
        Config does not deliver to a bucket with a default retention of Object Lock. A new channel needs a bucket.
    type: str
  s3_key_prefix:
    description:
      - What the keys of delivered objects begin with, before C(/AWSLogs/); an empty text for nothing.
    type: str
  s3_kms_key_arn:
    description:
      - ARN of the KMS key, of the bucket's region, that encrypts what is delivered; an empty text for what the bucket
        encrypts with by itself.
    type: str
  sns_topic_arn:
    description:
      - ARN of the topic to which every recorded change is told; an empty text for none.
    type: str
  delivery_frequency:
    description:
      - How often a snapshot of everything is delivered. For rules that AWS Config evaluates periodically, it is also
        the least time between two evaluations. When it is not given for a new channel, there are no snapshots.
    type: str
    choices: [One_Hour, Three_Hours, Six_Hours, Twelve_Hours, TwentyFour_Hours]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Deliver what is recorded to a bucket, and a snapshot each day
  wellarchitected.aws.config_delivery_channel:
    name: example
    s3_bucket_name: example-logs
    s3_key_prefix: config
    delivery_frequency: TwentyFour_Hours

- name: Delete the channel
  wellarchitected.aws.config_delivery_channel:
    name: example
    state: absent
"""

RETURN = r"""
delivery_channel:
  description: The channel as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example
    s3_bucket_name:
      description: The bucket that is delivered to.
      type: str
      sample: example-logs
    s3_key_prefix:
      description: What the keys begin with; empty for nothing.
      type: str
      sample: config
    s3_kms_key_arn:
      description: The key that encrypts what is delivered; empty for what the bucket encrypts with.
      type: str
      sample: ""
    sns_topic_arn:
      description: The topic to which changes are told; empty for none.
      type: str
      sample: ""
    delivery_frequency:
      description: How often a snapshot is delivered; empty for never.
      type: str
      sample: TwentyFour_Hours
"""

from typing import ClassVar

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import same_kms_key
from ansible_collections.wellarchitected.aws.plugins.module_utils.config import (
    FREQUENCIES,
    ConfigErrorHandler,
    taken_refusal,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# As the API calls them.
MEMBERS = {
    "s3_bucket_name": "s3BucketName",
    "s3_key_prefix": "s3KeyPrefix",
    "s3_kms_key_arn": "s3KmsKeyArn",
    "sns_topic_arn": "snsTopicARN",
}


class DeliveryChannel(Resource):
    same: ClassVar = {"s3_kms_key_arn": same_kms_key}

    def __init__(self, params, config):
        super().__init__(given(params, (*MEMBERS, "delivery_frequency")))
        self.config = config
        self.name = params["name"]
        self.others = []

    def find(self):
        channels = self._describe()
        self.others = [channel["name"] for channel in channels if channel["name"] != self.name]
        return next((read(channel) for channel in channels if channel["name"] == self.name), None)

    def blank(self):
        return read({"name": self.name})

    def refusal(self, current, changes):
        if not current["s3_bucket_name"]:
            taken = taken_refusal("delivery channel", self.name, self.others, self.config.meta.region_name)
            if taken:
                return taken
        if not {**current, **changes}["s3_bucket_name"]:
            return f"s3_bucket_name is not given, but the delivery channel {self.name} needs a bucket to deliver to."
        return None

    def create(self):
        self._put({**self.blank(), **self.given})

    def update(self, current, changes):
        self._put({**current, **changes})

    @ConfigErrorHandler.deletion_error_handler("delete the delivery channel {self.name}")
    def delete(self, current):
        # Check mode does not come here: the recorder may well have stopped by the time.
        running = self._running()
        if running:
            raise AnsibleAWSError(
                message=f"The configuration recorder {running[0]} delivers by the channel {self.name}. Stop it first, "
                "by config_recorder with recording: false."
            )
        self.config.delete_delivery_channel(DeliveryChannelName=self.name)

    @ConfigErrorHandler.list_error_handler("find the delivery channel {self.name}")
    def _describe(self):
        return self.config.describe_delivery_channels()["DeliveryChannels"]

    @ConfigErrorHandler.list_error_handler("find out which configuration recorder records")
    def _running(self):
        recorders = self.config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        return [recorder["name"] for recorder in recorders if recorder["recording"]]

    # What a new role may do, or a bucket's new policy lets AWS Config do, it knows only after some seconds.
    @ConfigErrorHandler.common_error_handler("set the delivery channel {self.name}")
    @retry_on("InsufficientDeliveryPolicyException")
    def _put(self, state):
        self.config.put_delivery_channel(DeliveryChannel=request(state))


def request(state):
    """A state as the API takes it, which has no empty texts."""
    channel = {member: state[field] for field, member in MEMBERS.items() if state[field]}
    if state["delivery_frequency"]:
        channel["configSnapshotDeliveryProperties"] = {"deliveryFrequency": state["delivery_frequency"]}
    return {"name": state["name"], **channel}


def read(channel):
    """A channel as AWS Config describes it, as a state."""
    snapshots = channel.get("configSnapshotDeliveryProperties", {})
    return {
        "name": channel["name"],
        **{field: channel.get(member, "") for field, member in MEMBERS.items()},
        "delivery_frequency": snapshots.get("deliveryFrequency", ""),
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "s3_bucket_name": {"type": "str"},
            "s3_key_prefix": {"type": "str", "no_log": False},
            "s3_kms_key_arn": {"type": "str", "no_log": False},
            "sns_topic_arn": {"type": "str"},
            "delivery_frequency": {"type": "str", "choices": FREQUENCIES},
        },
        supports_check_mode=True,
    )
    run(module, "delivery_channel", lambda: DeliveryChannel(module.params, client(module, "config")))


if __name__ == "__main__":
    main()
