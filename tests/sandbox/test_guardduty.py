# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""GuardDuty: what moto has wrong in detectors, and what it lacks."""

import json

import pytest


@pytest.fixture
def guardduty(client):
    return client("guardduty")


def test_a_region_has_one_detector(guardduty, refused):
    identifier = guardduty.create_detector(Enable=True)["DetectorId"]
    with refused("BadRequestException"):
        guardduty.create_detector(Enable=True)
    guardduty.delete_detector(DetectorId=identifier)
    with refused("BadRequestException"):
        guardduty.delete_detector(DetectorId=identifier)


def test_features_that_are_not_told_of_stay(guardduty, refused):
    identifier = guardduty.create_detector(
        Enable=True, Features=[{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}], Tags={"Owner": "platform"}
    )["DetectorId"]
    more = [{"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}]
    runtime = {"Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": more}
    guardduty.update_detector(DetectorId=identifier, Features=[runtime])
    found = {each["Name"]: each for each in guardduty.get_detector(DetectorId=identifier)["Features"]}
    assert found["S3_DATA_EVENTS"]["Status"] == "DISABLED"
    assert found["LAMBDA_NETWORK_LOGS"]["Status"] == "ENABLED"
    agents = {each["Name"]: each["Status"] for each in found["RUNTIME_MONITORING"]["AdditionalConfiguration"]}
    assert agents["EC2_AGENT_MANAGEMENT"] == "ENABLED" and agents["EKS_ADDON_MANAGEMENT"] == "DISABLED"
    both = [runtime, {"Name": "EKS_RUNTIME_MONITORING", "Status": "ENABLED"}]
    with refused("BadRequestException"):
        guardduty.update_detector(DetectorId=identifier, Features=both)


def test_tags(client, guardduty, refused):
    identifier = guardduty.create_detector(Enable=True)["DetectorId"]
    arn = f"arn:aws:guardduty:ap-northeast-1:{client.account}:detector/{identifier}"
    guardduty.tag_resource(ResourceArn=arn, Tags={"Owner": "platform", "Project": "shop"})
    guardduty.untag_resource(ResourceArn=arn, TagKeys=["Owner"])
    tags = {"Project": "shop"}
    assert guardduty.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    assert guardduty.get_detector(DetectorId=identifier)["Tags"] == tags
    with refused("BadRequestException"):
        guardduty.list_tags_for_resource(ResourceArn=f"{arn}0")


def test_findings_go_where_the_bucket_and_the_key_let_them(client, guardduty, refused):
    identifier = guardduty.create_detector(Enable=True)["DetectorId"]
    source = f"arn:aws:guardduty:ap-northeast-1:{client.account}:detector/{identifier}"

    def policy(actions, resources):
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "guardduty.amazonaws.com"},
            "Action": actions,
            "Condition": {"StringEquals": {"aws:SourceAccount": client.account, "aws:SourceArn": source}},
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": resources}]})

    bucket = f"findings-{client.account}"
    arns = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    s3, kms = client("s3"), client("kms")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    key = kms.create_key()["KeyMetadata"]

    def publish(arn=f"arn:aws:s3:::{bucket}"):
        properties = {"DestinationArn": arn, "KmsKeyArn": key["Arn"]}
        return guardduty.create_publishing_destination(
            DetectorId=identifier, DestinationType="S3", DestinationProperties=properties
        )["DestinationId"]

    with refused("BadRequestException") as error:
        publish()
    assert "does not have permission" in str(error.value)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(["s3:GetBucketLocation", "s3:PutObject"], arns))
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=policy(["kms:GenerateDataKey"], "*"))
    with refused("BadRequestException") as error:
        publish(f"arn:aws:s3:::{bucket}/guardduty")
    assert "folder does not exist" in str(error.value)
    destination = {"DetectorId": identifier, "DestinationId": publish()}
    assert guardduty.describe_publishing_destination(**destination)["Status"] == "PUBLISHING"
    s3.put_object(Bucket=bucket, Key="guardduty/")
    elsewhere = {"DestinationArn": f"arn:aws:s3:::{bucket}/guardduty"}
    guardduty.update_publishing_destination(**destination, DestinationProperties=elsewhere)
    found = guardduty.describe_publishing_destination(**destination)["DestinationProperties"]
    assert found == {**elsewhere, "KmsKeyArn": key["Arn"]}
    guardduty.delete_publishing_destination(**destination)
    assert guardduty.list_publishing_destinations(DetectorId=identifier)["Destinations"] == []
