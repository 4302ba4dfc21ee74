# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import guardduty_detector

DESTINATION = {"DestinationArn": "arn:aws:s3:::example", "KmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/1234"}
DETECTOR = {
    "Status": "ENABLED",
    "ServiceRole": "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForGuardDuty",
    "Features": [
        {"Name": "CLOUD_TRAIL", "Status": "ENABLED"},
        {"Name": "S3_DATA_EVENTS", "Status": "DISABLED"},
        {
            "Name": "EKS_RUNTIME_MONITORING",
            "Status": "ENABLED",
            "AdditionalConfiguration": [{"Name": "EKS_ADDON_MANAGEMENT", "Status": "ENABLED"}],
        },
        {
            "Name": "RUNTIME_MONITORING",
            "Status": "ENABLED",
            "AdditionalConfiguration": [{"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}],
        },
    ],
}


def test_read():
    assert guardduty_detector.read("12ab", "eu-west-1", DETECTOR, DESTINATION) == {
        "id": "12ab",
        "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab",
        "enabled": True,
        "finding_publishing_frequency": "SIX_HOURS",
        # What is configured of the older plan is not mistaken for this one's.
        "features": {"s3_data_events": False, "runtime_monitoring": True, "ec2_agent_management": True},
        "publishing_destination": {
            "destination_arn": "arn:aws:s3:::example",
            "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/1234",
        },
        "tags": {},
    }


@pytest.mark.parametrize(
    ("changed", "after", "written"),
    [
        ({}, {"s3_data_events": True}, []),
        (
            {"s3_data_events": False},
            {"s3_data_events": False, "eks_audit_logs": True},
            [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}],
        ),
        (
            {"runtime_monitoring": True},
            {"runtime_monitoring": True},
            [{"Name": "RUNTIME_MONITORING", "Status": "ENABLED"}],
        ),
        (
            {"ec2_agent_management": False},
            {"runtime_monitoring": True, "ec2_agent_management": False, "eks_addon_management": True},
            [
                {
                    "Name": "RUNTIME_MONITORING",
                    "Status": "ENABLED",
                    "AdditionalConfiguration": [{"Name": "EC2_AGENT_MANAGEMENT", "Status": "DISABLED"}],
                }
            ],
        ),
        (
            {"runtime_monitoring": True, "eks_addon_management": True},
            {"runtime_monitoring": True, "eks_addon_management": True},
            [
                {
                    "Name": "RUNTIME_MONITORING",
                    "Status": "ENABLED",
                    "AdditionalConfiguration": [{"Name": "EKS_ADDON_MANAGEMENT", "Status": "ENABLED"}],
                }
            ],
        ),
    ],
)
def test_only_what_changes_is_written(changed, after, written):
    assert guardduty_detector.write_features(changed, after) == written


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        ({"s3_data_events": True}, {"s3_data_events": True}, True),
        ({"s3_data_events": True}, {"s3_data_events": False}, False),
        # A region that does not have it.
        ({}, {"lambda_network_logs": False}, True),
        ({}, {"lambda_network_logs": True}, False),
    ],
)
def test_what_a_region_does_not_have_is_off(current, wanted, same):
    assert guardduty_detector.same_features(current, wanted) is same
