# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import REGION, Story, Teller

MODULE = "guardduty_detector"
BUCKET = "arn:aws:s3:::example-findings"


@pytest.fixture
def guardduty(sandbox):
    return sandbox.client("guardduty", REGION)


def allowed(action, resource="*"):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "guardduty.amazonaws.com"},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:guardduty:{REGION}:123456789012:detector/*"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def destination(sandbox):
    """A bucket and a key that let GuardDuty use them."""
    s3 = sandbox.client("s3", REGION)
    s3.create_bucket(Bucket="example-findings", CreateBucketConfiguration={"LocationConstraint": REGION})
    policy = allowed(["s3:GetBucketLocation", "s3:PutObject"], [BUCKET, f"{BUCKET}/*"])
    s3.put_bucket_policy(Bucket="example-findings", Policy=policy)
    s3.put_object(Bucket="example-findings", Key="guardduty/")
    key = sandbox.client("kms", REGION).create_key(Policy=allowed("kms:GenerateDataKey"))["KeyMetadata"]["Arn"]
    return {"destination_arn": BUCKET, "kms_key_arn": key}


def detector_of(guardduty):
    (identifier,) = guardduty.list_detectors()["DetectorIds"]
    return {"DetectorId": identifier, **guardduty.get_detector(DetectorId=identifier)}


def features_of(guardduty):
    return {feature["Name"]: feature["Status"] for feature in detector_of(guardduty)["Features"]}


def test_story(modules, guardduty, destination):
    def drift(_sandbox):
        guardduty.update_detector(
            DetectorId=detector_of(guardduty)["DetectorId"],
            FindingPublishingFrequency="ONE_HOUR",
            Features=[{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}],
        )

    modules.tell(
        Story(
            module=MODULE,
            returns="detector",
            present={
                "finding_publishing_frequency": "FIFTEEN_MINUTES",
                "features": {"s3_data_events": False, "runtime_monitoring": True, "ec2_agent_management": True},
                "publishing_destination": destination,
                "tags": {"Number": 1},
            },
            changes=(
                {"tags": {"Environment": "test"}, "publishing_destination": {}},
                {"publishing_destination": {**destination, "destination_arn": f"{BUCKET}/guardduty"}},
                {"publishing_destination": destination, "enabled": False},
                {"enabled": True, "features": {"s3_data_events": False, "ec2_agent_management": False}},
            ),
            drift=drift,
            unpredictable=frozenset({"id", "arn"}),
        )
    )


def test_what_is_not_given_stays(modules, guardduty):
    modules.run(MODULE, features={"eks_audit_logs": False}, tags={"Owner": "platform"})
    assert features_of(guardduty) == {
        "CLOUD_TRAIL": "ENABLED",
        "DNS_LOGS": "ENABLED",
        "FLOW_LOGS": "ENABLED",
        "S3_DATA_EVENTS": "ENABLED",
        "EKS_AUDIT_LOGS": "DISABLED",
        "EBS_MALWARE_PROTECTION": "ENABLED",
        "RDS_LOGIN_EVENTS": "ENABLED",
        "LAMBDA_NETWORK_LOGS": "ENABLED",
        "EKS_RUNTIME_MONITORING": "DISABLED",
        "RUNTIME_MONITORING": "DISABLED",
    }
    done = modules.run(MODULE, features={"lambda_network_logs": False}, tags={"Project": "shop"}, purge_tags=False)
    assert features_of(guardduty)["EKS_AUDIT_LOGS"] == features_of(guardduty)["LAMBDA_NETWORK_LOGS"] == "DISABLED"
    assert detector_of(guardduty)["Tags"] == {"Owner": "platform", "Project": "shop"}
    assert done["detector"]["finding_publishing_frequency"] == "SIX_HOURS"
    assert guardduty.list_tags_for_resource(ResourceArn=done["detector"]["arn"])["Tags"]


def test_a_destination_is_waited_for(sandbox, guardduty, destination):
    modules = Teller(sandbox, hurry=600)
    modules.run(MODULE, publishing_destination=destination)
    identifier = detector_of(guardduty)["DetectorId"]
    (found,) = guardduty.list_publishing_destinations(DetectorId=identifier)["Destinations"]
    assert found["Status"] == "PUBLISHING"
    modules.run(MODULE, publishing_destination={})
    modules.run(MODULE, publishing_destination=destination, wait=False)
    (found,) = guardduty.list_publishing_destinations(DetectorId=identifier)["Destinations"]
    assert found["Status"] == "PENDING_VERIFICATION"


def test_what_cannot_be_is_refused(modules, guardduty, destination):
    for check in (True, False):
        half = {"destination_arn": BUCKET}
        refused = modules.attempt(MODULE, check=check, publishing_destination=half)
        assert refused["msg"] == "publishing_destination needs kms_key_arn, too."
        refused = modules.attempt(MODULE, check=check, features={"ec2_agent_management": True})
        assert refused["msg"] == "features.ec2_agent_management needs features.runtime_monitoring, which is off."
    assert guardduty.list_detectors()["DetectorIds"] == []
    elsewhere = {**destination, "destination_arn": "arn:aws:s3:::elsewhere"}
    refused = modules.attempt(MODULE, publishing_destination=elsewhere)
    assert "set where findings are exported to" in refused["msg"] and "does not exist" in refused["msg"]
