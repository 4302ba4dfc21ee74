# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import REGION, Story, Teller

NAME = "aws-waf-logs-test"
BUCKET = "arn:aws:s3:::example-logs"


def create_role(sandbox, name="example-firehose"):
    statement = {"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = sandbox.client("iam", REGION)
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]


@pytest.fixture
def role(sandbox):
    return create_role(sandbox)


@pytest.fixture
def firehose(sandbox):
    return sandbox.client("firehose", REGION)


def describe(firehose):
    return firehose.describe_delivery_stream(DeliveryStreamName=NAME)["DeliveryStreamDescription"]


def test_story(modules, sandbox, role):
    key = sandbox.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]

    def drift(sandbox):
        firehose = sandbox.client("firehose", REGION)
        stream = describe(firehose)
        firehose.update_destination(
            DeliveryStreamName=NAME,
            CurrentDeliveryStreamVersionId=stream["VersionId"],
            DestinationId=stream["Destinations"][0]["DestinationId"],
            ExtendedS3DestinationUpdate={"Prefix": "elsewhere/", "CloudWatchLoggingOptions": {"Enabled": False}},
        )

    logging = {"log_group_name": "/example/firehose", "log_stream_name": "waf"}
    destination = {
        "bucket_arn": BUCKET,
        "role_arn": role,
        "prefix": "waf/",
        "compression_format": "GZIP",
        "cloudwatch_logging": logging,
    }
    modules.tell(
        Story(
            module="firehose_delivery_stream",
            returns="delivery_stream",
            identity={"name": NAME},
            present={"s3_destination": destination, "server_side_encryption": "aws_owned", "tags": {"Number": 1}},
            changes=(
                {"tags": {"Environment": "test"}},
                {"server_side_encryption": key},
                {"server_side_encryption": "none"},
                {"s3_destination": {"buffering_size_in_mbs": 64, "kms_key_arn": key, "cloudwatch_logging": {}}},
                {
                    "s3_destination": {
                        **destination,
                        "role_arn": create_role(sandbox, "other"),
                        "kms_key_arn": "",
                        "custom_time_zone": "Asia/Tokyo",
                        "file_extension": ".json.gz",
                    }
                },
            ),
            drift=drift,
            unpredictable=frozenset({"arn"}),
        )
    )


def test_what_others_have_set_stays(modules, firehose, role):
    """A processor that the module knows nothing of, and a tag that is not to be purged."""
    processor = {"Type": "AppendDelimiterToRecord"}
    firehose.create_delivery_stream(
        DeliveryStreamName=NAME,
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": BUCKET,
            "ProcessingConfiguration": {"Enabled": True, "Processors": [processor]},
        },
        Tags=[{"Key": "Theirs", "Value": "kept"}],
    )
    answer = modules.run(
        "firehose_delivery_stream",
        name=NAME,
        s3_destination={"compression_format": "GZIP"},
        tags={"Ours": "added"},
        purge_tags=False,
    )
    destination = describe(firehose)["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert destination["ProcessingConfiguration"]["Processors"] == [processor]
    assert destination["CompressionFormat"] == "GZIP"
    assert answer["delivery_stream"]["tags"] == {"Theirs": "kept", "Ours": "added"}


def test_many_tags(modules, role):
    tags = {f"Tag{number:02}": str(number) for number in range(50)}
    arguments = {"name": NAME, "s3_destination": {"bucket_arn": BUCKET, "role_arn": role}, "tags": tags}
    assert modules.run("firehose_delivery_stream", **arguments)["delivery_stream"]["tags"] == tags
    assert not modules.run("firehose_delivery_stream", **arguments)["changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "needs s3_destination.bucket_arn and s3_destination.role_arn"),
        ({"s3_destination": {"bucket_arn": BUCKET}}, "needs s3_destination.role_arn"),
        (
            {
                "s3_destination": {"bucket_arn": BUCKET, "role_arn": "arn:aws:iam::123456789012:role/example"},
                "server_side_encryption": "alias/example",
            },
            "server_side_encryption is alias/example, but must be none, aws_owned or the ARN of a KMS key",
        ),
        ({"s3_destination": {"cloudwatch_logging": {"log_group_name": "a"}}}, "log_group_name, log_stream_name"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_refused(modules, arguments, said, check):
    assert said in modules.attempt("firehose_delivery_stream", check, name=NAME, **arguments)["msg"]


def test_another_destination_is_left_alone(modules, firehose):
    firehose.create_delivery_stream(
        DeliveryStreamName=NAME,
        HttpEndpointDestinationConfiguration={
            "EndpointConfiguration": {"Url": "https://example.com"},
            "S3Configuration": {"RoleARN": "arn:aws:iam::123456789012:role/example", "BucketARN": BUCKET},
        },
    )
    answer = modules.attempt("firehose_delivery_stream", name=NAME, s3_destination={"prefix": "a/"})
    assert "delivers to something other than S3" in answer["msg"]


def test_it_takes_its_time(sandbox):
    """A stream that is on its way is waited for before it is changed, and gone when the module says so."""
    modules, firehose = Teller(sandbox, hurry=60), sandbox.client("firehose", REGION)
    destination = {"bucket_arn": BUCKET, "role_arn": create_role(sandbox)}
    arguments = {"name": NAME, "s3_destination": destination}
    created = modules.run("firehose_delivery_stream", **arguments, wait=False)
    assert created["delivery_stream"]["status"] == "CREATING"
    assert not modules.run("firehose_delivery_stream", **arguments)["changed"]
    changed = modules.run("firehose_delivery_stream", **arguments, server_side_encryption="aws_owned")
    assert changed["delivery_stream"]["status"] == "ACTIVE"
    assert describe(firehose)["DeliveryStreamEncryptionConfiguration"]["Status"] == "ENABLED"
    modules.run("firehose_delivery_stream", name=NAME, state="absent", wait=False)
    assert describe(firehose)["DeliveryStreamStatus"] == "DELETING"
    refused = modules.attempt("firehose_delivery_stream", **arguments)
    assert "is being deleted. Run this again when it is gone" in refused["msg"]
    modules.run("firehose_delivery_stream", name=NAME, state="absent")
    assert firehose.list_delivery_streams()["DeliveryStreamNames"] == []
