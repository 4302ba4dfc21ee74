# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What S3 and S3 Control answer, where moto lacks it or has it wrong."""

import datetime
import json

import pytest
from botocore.exceptions import ClientError

REGION = "ap-northeast-1"
PUBLIC_ACCESS_BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@pytest.fixture
def s3(client):
    return client("s3", REGION)


def create(s3, name, **given):
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}, **given)
    return name


@pytest.fixture
def bucket(s3, client):
    return create(s3, f"bucket-{client.account}")


def test_a_new_bucket_has_the_defaults_of_2023(s3, bucket):
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert rule["BucketKeyEnabled"] is False
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == PUBLIC_ACCESS_BLOCK
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == REGION


NOT_CONFIGURED = {
    "get_bucket_policy": "NoSuchBucketPolicy",
    "get_bucket_policy_status": "NoSuchBucketPolicy",
    "get_bucket_tagging": "NoSuchTagSet",
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "get_bucket_cors": "NoSuchCORSConfiguration",
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
}


@pytest.mark.parametrize("operation", NOT_CONFIGURED)
def test_what_is_not_configured_has_its_error(s3, bucket, operation, refused):
    with refused(NOT_CONFIGURED[operation]) as error:
        getattr(s3, operation)(Bucket=bucket)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("operation", sorted({*NOT_CONFIGURED, "get_bucket_encryption", "get_public_access_block"}))
def test_a_bucket_that_is_not_there(s3, operation, refused):
    with refused("NoSuchBucket"):
        getattr(s3, operation)(Bucket="there-is-no-such-bucket")


def test_encryption_returns_to_the_default(s3, bucket):
    wanted = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"arn:aws:kms:{REGION}:123456789012:key/x"}
    rule = {"ApplyServerSideEncryptionByDefault": wanted, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    (read,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert {name: read[name] for name in rule} == rule
    s3.delete_bucket_encryption(Bucket=bucket)
    (read,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert read["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_public_access_block_and_ownership_can_be_removed(s3, bucket, refused):
    s3.delete_public_access_block(Bucket=bucket)
    with refused("NoSuchPublicAccessBlockConfiguration"):
        s3.get_public_access_block(Bucket=bucket)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    with refused("OwnershipControlsNotFoundError"):
        s3.get_bucket_ownership_controls(Bucket=bucket)


def test_acls_are_off_where_the_bucket_owner_owns_all(s3, bucket, refused):
    with refused("AccessControlListNotSupported"):
        s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    controls = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == controls
    s3.put_bucket_acl(Bucket=bucket, ACL="log-delivery-write")
    assert len(s3.get_bucket_acl(Bucket=bucket)["Grants"]) > 1


def _policy(bucket, principal, **more):
    statement = {
        "Sid": "one",
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_policy_is_kept_as_given_and_a_public_one_is_blocked(s3, bucket, refused):
    policy = _policy(bucket, {"Service": "logging.s3.amazonaws.com"})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(policy)
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is False
    with refused("AccessDenied"):
        s3.put_bucket_policy(Bucket=bucket, Policy=_policy(bucket, "*"))
    tls_only = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(Bucket=bucket, Policy=_policy(bucket, "*", **tls_only))
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=_policy(bucket, "*"))
    s3.delete_bucket_policy(Bucket=bucket)
    with refused("NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=bucket)
    with refused("MalformedPolicy"):
        s3.put_bucket_policy(Bucket=bucket, Policy="{")


def test_a_policy_of_another_bucket_is_malformed(s3, bucket, refused):
    with refused("MalformedPolicy"):
        s3.put_bucket_policy(Bucket=bucket, Policy=_policy("another", {"AWS": "123456789012"}))


def test_lifecycle(s3, bucket):
    rules = [
        {
            "ID": "logs",
            "Status": "Enabled",
            "Filter": {"Prefix": "AWSLogs/"},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER_IR"}],
            "Expiration": {"Days": 365},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 2},
            "NoncurrentVersionTransitions": [
                {"NoncurrentDays": 7, "StorageClass": "STANDARD_IA", "NewerNoncurrentVersions": 1}
            ],
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {
            "ID": "sizes and tags",
            "Status": "Disabled",
            "Filter": {
                "And": {
                    "Prefix": "x/",
                    "Tags": [{"Key": "a", "Value": "b"}],
                    "ObjectSizeGreaterThan": 1,
                    "ObjectSizeLessThan": 1000,
                }
            },
            "Expiration": {"Date": datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)},
        },
        {"ID": "all", "Status": "Enabled", "Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
    ]
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={"Rules": rules},
        TransitionDefaultMinimumObjectSize="varies_by_storage_class",
    )
    read = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert read["Rules"] == rules
    assert read["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules[:1]})
    read = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert read["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)


@pytest.mark.parametrize("retention", [{"Days": 30}, {"Years": 2}])
def test_object_lock(s3, client, retention):
    name = create(s3, f"lock-{client.account}", ObjectLockEnabledForBucket=True)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", **retention}}}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    assert s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"] == lock
    s3.put_object(Bucket=name, Key="x", Body=b"x")
    until = s3.head_object(Bucket=name, Key="x")["ObjectLockRetainUntilDate"]
    days = (until - datetime.datetime.now(datetime.UTC)).days
    assert days in ((29, 30) if "Days" in retention else (729, 730, 731))


def test_object_lock_needs_versions(s3, bucket, refused):
    lock = {"ObjectLockEnabled": "Enabled"}
    with refused("InvalidBucketState"):
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)
    assert s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"] == lock
    with refused("InvalidBucketState"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def test_replication(s3, bucket, client, refused):
    replica = create(s3, f"replica-{client.account}")
    configuration = {
        "Role": "arn:aws:iam::123456789012:role/replication",
        "Rules": [
            {
                "ID": "all",
                "Priority": 1,
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "DeleteMarkerReplication": {"Status": "Enabled"},
                "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
                "Destination": {
                    "Bucket": f"arn:aws:s3:::{replica}",
                    "StorageClass": "STANDARD_IA",
                    "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:ap-northeast-3:123456789012:key/x"},
                    "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
                    "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
                },
            }
        ],
    }
    with refused("InvalidRequest"):
        s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)
    for name in (bucket, replica):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)
    assert s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"] == configuration
    s3.delete_bucket_replication(Bucket=bucket)
    with refused("ReplicationConfigurationNotFoundError"):
        s3.get_bucket_replication(Bucket=bucket)


def test_notifications_keep_their_filters(s3, bucket, client):
    topic = client("sns", REGION).create_topic(Name="events")["TopicArn"]
    queues = client("sqs", REGION)
    url = queues.create_queue(QueueName="events")["QueueUrl"]
    queue = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}]
    configuration = {
        "TopicConfigurations": [
            {
                "Id": "topic",
                "TopicArn": topic,
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": rules}},
            }
        ],
        "QueueConfigurations": [{"Id": "queue", "QueueArn": queue, "Events": ["s3:ObjectRemoved:*"]}],
        "EventBridgeConfiguration": {},
    }
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    read = s3.get_bucket_notification_configuration(Bucket=bucket)
    read.pop("ResponseMetadata")
    assert read == configuration
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    read = s3.get_bucket_notification_configuration(Bucket=bucket)
    read.pop("ResponseMetadata")
    assert read == {}


def test_logging(s3, bucket, client, refused):
    logs = create(s3, f"logs-{client.account}")
    statements = [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{logs}", f"arn:aws:s3:::{logs}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{logs}/access/*",
            "Condition": {"StringEquals": {"aws:SourceAccount": client.account}},
        },
    ]
    wanted = {
        "TargetBucket": logs,
        "TargetPrefix": "access/",
        "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
    }
    with refused("InvalidTargetBucketForLogging"):
        elsewhere = {"LoggingEnabled": {**wanted, "TargetBucket": "there-is-no-such-bucket"}}
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=elsewhere)
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    s3.put_bucket_policy(Bucket=logs, Policy=policy)
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": wanted})
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == wanted
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_inventory(s3, bucket, client, refused):
    with refused("NoSuchConfiguration"):
        s3.get_bucket_inventory_configuration(Bucket=bucket, Id="weekly")
    configuration = {
        "Id": "weekly",
        "IsEnabled": True,
        "IncludedObjectVersions": "Current",
        "Schedule": {"Frequency": "Weekly"},
        "OptionalFields": ["Size", "EncryptionStatus"],
        "Destination": {
            "S3BucketDestination": {"Bucket": f"arn:aws:s3:::{bucket}", "Format": "Parquet", "Prefix": "inventory"}
        },
    }
    s3.put_bucket_inventory_configuration(Bucket=bucket, Id="weekly", InventoryConfiguration=configuration)
    read = s3.get_bucket_inventory_configuration(Bucket=bucket, Id="weekly")
    assert read["InventoryConfiguration"] == configuration
    listed = s3.list_bucket_inventory_configurations(Bucket=bucket)
    assert listed["InventoryConfigurationList"] == [configuration]
    s3.delete_bucket_inventory_configuration(Bucket=bucket, Id="weekly")
    assert "InventoryConfigurationList" not in s3.list_bucket_inventory_configurations(Bucket=bucket)


def test_metrics(s3, bucket, refused):
    with refused("NoSuchConfiguration"):
        s3.get_bucket_metrics_configuration(Bucket=bucket, Id="all")
    configuration = {"Id": "all", "Filter": {"Prefix": "x/"}}
    s3.put_bucket_metrics_configuration(Bucket=bucket, Id="all", MetricsConfiguration=configuration)
    read = s3.get_bucket_metrics_configuration(Bucket=bucket, Id="all")["MetricsConfiguration"]
    assert read == configuration
    assert s3.list_bucket_metrics_configurations(Bucket=bucket)["MetricsConfigurationList"] == [configuration]
    s3.delete_bucket_metrics_configuration(Bucket=bucket, Id="all")
    with refused("NoSuchConfiguration"):
        s3.delete_bucket_metrics_configuration(Bucket=bucket, Id="all")


def test_request_payment(s3, bucket):
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"


def test_a_bucket_with_objects_stays(s3, bucket, refused):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="a b/ä", Body=b"x", Metadata={"with_underscore": "1"})
    assert s3.head_object(Bucket=bucket, Key="a b/ä")["Metadata"] == {"with_underscore": "1"}
    s3.delete_object(Bucket=bucket, Key="a b/ä")
    with refused("BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    versions = s3.list_object_versions(Bucket=bucket)
    for item in (*versions["Versions"], *versions["DeleteMarkers"]):
        s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
    s3.delete_bucket(Bucket=bucket)
    with refused("404"):
        s3.head_bucket(Bucket=bucket)


def test_a_name_is_taken_once(s3, bucket, sandbox, refused):
    with refused("BucketAlreadyOwnedByYou"):
        create(s3, bucket)
    with refused("BucketAlreadyExists"):
        create(sandbox.client("s3", REGION, "299999999999"), bucket)
    with refused("IllegalLocationConstraintException"):
        s3.create_bucket(Bucket="without-a-place")


def test_an_expected_owner(s3, bucket, client, refused):
    ours = {"Bucket": bucket, "ExpectedBucketOwner": client.account}
    theirs = {"Bucket": bucket, "ExpectedBucketOwner": "299999999999"}
    s3.head_bucket(**ours)
    s3.get_bucket_logging(**ours)
    s3.put_object(**ours, Key="a")
    with refused("403"):
        s3.head_bucket(**theirs)
    with refused("404"):
        s3.head_bucket(**{**theirs, "Bucket": "nobody-has-this-one"})
    for refuses, arguments in (
        (s3.get_bucket_versioning, {}),
        (s3.get_bucket_logging, {}),
        (s3.put_bucket_tagging, {"Tagging": {"TagSet": []}}),
        (s3.put_object, {"Key": "a"}),
        (s3.delete_objects, {"Delete": {"Objects": [{"Key": "a"}]}}),
        (s3.delete_bucket, {}),
    ):
        with refused("AccessDenied"):
            refuses(**theirs, **arguments)


def test_account_public_access_block(client, refused):
    s3control = client("s3control", "us-east-1")
    with refused("NoSuchPublicAccessBlockConfiguration"):
        s3control.get_public_access_block(AccountId=client.account)
    s3control.put_public_access_block(AccountId=client.account, PublicAccessBlockConfiguration=PUBLIC_ACCESS_BLOCK)
    read = client("s3control", REGION).get_public_access_block(AccountId=client.account)
    assert read["PublicAccessBlockConfiguration"] == PUBLIC_ACCESS_BLOCK
    s3control.delete_public_access_block(AccountId=client.account)
    with refused("NoSuchPublicAccessBlockConfiguration"):
        s3control.get_public_access_block(AccountId=client.account)
