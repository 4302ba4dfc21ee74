# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Firehose: what moto lets through or loses."""

import json

import pytest

NAME = {"DeliveryStreamName": "aws-waf-logs-test"}
BUCKET = "arn:aws:s3:::logs"


@pytest.fixture
def firehose(client):
    return client("firehose")


@pytest.fixture
def role(client):
    def create(name="firehose", service="firehose.amazonaws.com"):
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]

    return create


@pytest.fixture
def stream(firehose, role):
    """Create a stream; what is given is added to its destination."""

    def create(**told):
        destination = {"RoleARN": role(), "BucketARN": BUCKET, **told}
        firehose.create_delivery_stream(**NAME, ExtendedS3DestinationConfiguration=destination)

    return create


@pytest.fixture
def describe(firehose):
    return lambda: firehose.describe_delivery_stream(**NAME)["DeliveryStreamDescription"]


def test_a_role_must_be_there_and_trust_firehose(client, firehose, role, refused):
    missing = f"arn:aws:iam::{client.account}:role/missing"
    for arn in (missing, role("other", "lambda.amazonaws.com")):
        with refused("InvalidArgumentException") as error:
            firehose.create_delivery_stream(
                **NAME, ExtendedS3DestinationConfiguration={"RoleARN": arn, "BucketARN": BUCKET}
            )
        assert "Firehose is unable to assume role" in str(error.value)
    assert firehose.list_delivery_streams()["DeliveryStreamNames"] == []


def test_an_update_is_checked_too(client, firehose, stream, describe, refused):
    stream()
    for told in (
        {"RoleARN": f"arn:aws:iam::{client.account}:role/missing"},
        {"BufferingHints": {"SizeInMBs": 1}},
    ):
        with refused("InvalidArgumentException"):
            firehose.update_destination(
                **NAME,
                CurrentDeliveryStreamVersionId="1",
                DestinationId=describe()["Destinations"][0]["DestinationId"],
                ExtendedS3DestinationUpdate=told,
            )


def test_what_is_not_told_has_its_default_and_stays(firehose, stream, describe):
    stream(Prefix="logs/", CustomTimeZone="Asia/Tokyo")
    (destination,) = describe()["Destinations"]
    extended = destination["ExtendedS3DestinationDescription"]
    assert extended["BufferingHints"] == {"SizeInMBs": 5, "IntervalInSeconds": 300}
    assert extended["CloudWatchLoggingOptions"] == {"Enabled": False}
    assert extended["S3BackupMode"] == "Disabled"
    assert "CustomTimeZone" not in destination["S3DestinationDescription"]
    firehose.update_destination(
        **NAME,
        CurrentDeliveryStreamVersionId="1",
        DestinationId=destination["DestinationId"],
        ExtendedS3DestinationUpdate={"CompressionFormat": "GZIP"},
    )
    (updated,) = describe()["Destinations"]
    assert updated["ExtendedS3DestinationDescription"] == {**extended, "CompressionFormat": "GZIP"}
    assert updated["S3DestinationDescription"]["RoleARN"] == extended["RoleARN"]
    assert updated["S3DestinationDescription"]["CompressionFormat"] == "GZIP"


def test_encryption(client, firehose, stream, describe, refused):
    def encryption():
        return describe()["DeliveryStreamEncryptionConfiguration"]

    stream()
    assert encryption() == {"Status": "DISABLED"}
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    own = {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key}
    firehose.start_delivery_stream_encryption(**NAME, DeliveryStreamEncryptionConfigurationInput=own)
    assert encryption() == {**own, "Status": "ENABLED"}
    for code, wrong in (
        ("InvalidArgumentException", {"KeyType": "CUSTOMER_MANAGED_CMK"}),
        ("InvalidKMSResourceException", {**own, "KeyARN": f"{key[:-1]}x"}),
    ):
        with refused(code):
            firehose.start_delivery_stream_encryption(**NAME, DeliveryStreamEncryptionConfigurationInput=wrong)
    firehose.start_delivery_stream_encryption(**NAME)
    assert encryption() == {"KeyType": "AWS_OWNED_CMK", "Status": "ENABLED"}
    firehose.stop_delivery_stream_encryption(**NAME)
    assert encryption() == {"Status": "DISABLED"}


def test_encryption_from_the_start(client, firehose, role, describe, refused):
    destination = {"RoleARN": role(), "BucketARN": BUCKET}
    wrong = {"KeyType": "CUSTOMER_MANAGED_CMK"}
    with refused("InvalidArgumentException"):
        firehose.create_delivery_stream(
            **NAME,
            ExtendedS3DestinationConfiguration=destination,
            DeliveryStreamEncryptionConfigurationInput=wrong,
        )
    assert firehose.list_delivery_streams()["DeliveryStreamNames"] == []
    owned = {"KeyType": "AWS_OWNED_CMK"}
    firehose.create_delivery_stream(
        **NAME, ExtendedS3DestinationConfiguration=destination, DeliveryStreamEncryptionConfigurationInput=owned
    )
    assert describe()["DeliveryStreamEncryptionConfiguration"] == {**owned, "Status": "ENABLED"}


def test_a_stream_that_is_not_there(firehose, refused):
    with refused("ResourceNotFoundException"):
        firehose.stop_delivery_stream_encryption(**NAME)
    with refused("ResourceNotFoundException"):
        firehose.start_delivery_stream_encryption(**NAME)
    with refused("ResourceNotFoundException"):
        firehose.update_destination(
            **NAME, CurrentDeliveryStreamVersionId="1", DestinationId="x", ExtendedS3DestinationUpdate={"Prefix": "x"}
        )
