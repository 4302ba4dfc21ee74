# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import firehose_delivery_stream
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/example"
BUCKET = "arn:aws:s3:::example-logs"
KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
DESTINATION = {
    "bucket_arn": BUCKET,
    "role_arn": ROLE,
    "prefix": "waf/",
    "error_output_prefix": "",
    "buffering_size_in_mbs": 64,
    "buffering_interval_in_seconds": 300,
    "compression_format": "GZIP",
    "kms_key_arn": KEY,
    "file_extension": "",
    "custom_time_zone": "UTC",
    "cloudwatch_logging": {"log_group_name": "firehose", "log_stream_name": "waf"},
}
MEMBERS = {
    "BucketARN": BUCKET,
    "RoleARN": ROLE,
    "Prefix": "waf/",
    "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 300},
    "CompressionFormat": "GZIP",
    "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": KEY}},
    "CloudWatchLoggingOptions": {"Enabled": True, "LogGroupName": "firehose", "LogStreamName": "waf"},
}
DESCRIPTION = {
    "DeliveryStreamName": "waf",
    "DeliveryStreamARN": "arn:aws:firehose:ap-northeast-1:123456789012:deliverystream/waf",
    "DeliveryStreamStatus": "ACTIVE",
    "DeliveryStreamType": "DirectPut",
    "VersionId": "1",
    "Destinations": [{"DestinationId": "destinationId-1", "ExtendedS3DestinationDescription": MEMBERS}],
}


def test_read_what_was_written():
    assert firehose_delivery_stream.read_destination(MEMBERS) == DESTINATION
    state = firehose_delivery_stream.read(DESCRIPTION, {"a": "b"})
    assert state == {
        "name": "waf",
        "arn": DESCRIPTION["DeliveryStreamARN"],
        "status": "ACTIVE",
        "source": "DirectPut",
        "s3_destination": DESTINATION,
        "server_side_encryption": "none",
        "tags": {"a": "b"},
    }
    assert firehose_delivery_stream.creation({**state, "server_side_encryption": "aws_owned"}) == {
        "DeliveryStreamType": "DirectPut",
        "ExtendedS3DestinationConfiguration": MEMBERS,
        "DeliveryStreamEncryptionConfigurationInput": {"KeyType": "AWS_OWNED_CMK"},
        "Tags": [{"Key": "a", "Value": "b"}],
    }


def test_read_another_destination():
    description = {**DESCRIPTION, "Destinations": [{"DestinationId": "1", "SplunkDestinationDescription": {}}]}
    assert firehose_delivery_stream.read(description, {})["s3_destination"] == {}


@pytest.mark.parametrize(
    ("encryption", "read"),
    [
        ({}, "none"),
        ({"Status": "DISABLED"}, "none"),
        ({"Status": "DISABLING", "KeyType": "AWS_OWNED_CMK"}, "none"),
        ({"Status": "ENABLING_FAILED", "KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": KEY}, "none"),
        ({"Status": "ENABLING", "KeyType": "AWS_OWNED_CMK"}, "aws_owned"),
        ({"Status": "ENABLED", "KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": KEY}, KEY),
        ({"Status": "DISABLING_FAILED", "KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": KEY}, KEY),
    ],
)
def test_read_encryption(encryption, read):
    assert firehose_delivery_stream.read_encryption(encryption) == read


@pytest.mark.parametrize(
    ("changes", "members"),
    [
        ({}, {}),
        ({"prefix": ""}, {"Prefix": ""}),
        (
            {"buffering_interval_in_seconds": 60},
            {"BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60}},
        ),
        ({"kms_key_arn": ""}, {"EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"}}),
        ({"cloudwatch_logging": {}}, {"CloudWatchLoggingOptions": {"Enabled": False}}),
    ],
)
def test_only_what_differs_is_written(changes, members):
    assert firehose_delivery_stream.write_destination(DESTINATION, {**DESTINATION, **changes}) == members


def test_write_encryption():
    assert firehose_delivery_stream.write_encryption(KEY) == {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": KEY}


REASON = {"Type": "KMS_ACCESS_DENIED", "Details": "No access"}


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        ({}, None),
        ({"DeliveryStreamStatus": "ACTIVE"}, None),
        ({"DeliveryStreamStatus": "DELETING_FAILED"}, "DELETING_FAILED"),
        (
            {"DeliveryStreamStatus": "CREATING_FAILED", "FailureDescription": REASON},
            "CREATING_FAILED, No access (KMS_ACCESS_DENIED)",
        ),
        (
            {"DeliveryStreamEncryptionConfiguration": {"Status": "ENABLING_FAILED", "FailureDescription": REASON}},
            "ENABLING_FAILED, No access (KMS_ACCESS_DENIED)",
        ),
    ],
)
def test_failure(description, reason):
    assert firehose_delivery_stream.failure(description) == reason


class Firehose:
    """Firehose with one stream, which somebody else changes the moment before its first update."""

    def __init__(self, **description):
        self.description = {**DESCRIPTION, **description}
        self.calls = []
        self.meta = None

    def describe_delivery_stream(self, DeliveryStreamName):
        return {"DeliveryStreamDescription": self.description}

    def update_destination(self, CurrentDeliveryStreamVersionId, ExtendedS3DestinationUpdate, **arguments):
        self.calls.append((CurrentDeliveryStreamVersionId, ExtendedS3DestinationUpdate))
        if CurrentDeliveryStreamVersionId == "1":
            self.description = {**self.description, "VersionId": "2"}
            raise ClientError({"Error": {"Code": "ConcurrentModificationException"}}, "UpdateDestination")

    def delete_delivery_stream(self, DeliveryStreamName, AllowForceDelete):
        self.calls.append(AllowForceDelete)


def stream(client, **given):
    params = {"name": "waf", "purge_tags": True, "wait": False, "wait_timeout": 1, "tags": None}
    options = {"s3_destination": None, "server_side_encryption": None}
    return firehose_delivery_stream.DeliveryStream({**params, **options, **given}, client)


def test_a_change_by_somebody_else(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    client = Firehose()
    current = firehose_delivery_stream.read(client.description, {})
    stream(client).update(current, {"s3_destination": {**DESTINATION, "prefix": "a/"}})
    assert client.calls == [("1", {"Prefix": "a/"}), ("2", {"Prefix": "a/"})]


@pytest.mark.parametrize(("status", "force"), [("ACTIVE", False), ("DELETING_FAILED", True)])
def test_force_only_what_failed(status, force):
    client = Firehose(DeliveryStreamStatus=status)
    stream(client).delete(firehose_delivery_stream.read(client.description, {}))
    assert client.calls == [force]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"status": "CREATING_FAILED"}, "is CREATING_FAILED, which AWS does not mend. Delete it first"),
        ({"status": "DELETING"}, "is being deleted"),
        ({"source": "KinesisStreamAsSource"}, "takes its records from KinesisStreamAsSource"),
    ],
)
def test_refusal(state, said):
    current = {**firehose_delivery_stream.read(DESCRIPTION, {}), **state}
    resource = stream(Firehose(), server_side_encryption="aws_owned")
    assert said in resource.refusal(current, resource.changes(current))


def test_a_wait_that_ends_badly(monkeypatch):
    class Waiter:
        def wait(self, **arguments):
            assert arguments["DeliveryStreamName"] == "waf"

    monkeypatch.setattr(firehose_delivery_stream.StreamWaiters, "get_waiter", lambda *arguments: Waiter())
    client = Firehose(DeliveryStreamStatus="CREATING_FAILED", FailureDescription=REASON)
    with pytest.raises(AnsibleAWSError, match="waf cannot be active: CREATING_FAILED, No access"):
        stream(client)._wait("active")


def test_waiters_are_waiters():
    assert set(firehose_delivery_stream.StreamWaiters()._model.waiter_names) == {"active", "encrypted", "gone"}
