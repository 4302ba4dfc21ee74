# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import config_delivery_channel as module

LEAST = {"name": "example", "s3BucketName": "example-logs"}


@pytest.mark.parametrize(
    "channel",
    [
        LEAST,
        {**LEAST, "s3KeyPrefix": "config", "s3KmsKeyArn": "arn:aws:kms:example", "snsTopicARN": "arn:aws:sns:example"},
        {**LEAST, "configSnapshotDeliveryProperties": {"deliveryFrequency": "One_Hour"}},
    ],
)
def test_what_is_read_is_requested(channel):
    assert module.request(module.read(channel)) == channel


def test_what_is_not_there_is_empty():
    assert module.read(LEAST) == {
        "name": "example",
        "s3_bucket_name": "example-logs",
        "s3_key_prefix": "",
        "s3_kms_key_arn": "",
        "sns_topic_arn": "",
        "delivery_frequency": "",
    }
