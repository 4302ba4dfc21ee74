# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from .conftest import REGION, Story

NAME = "example-artifacts"
TLS_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}


LOG_DELIVERY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::example-logs/*",
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    ],
}


def test_story(modules):
    modules.run("s3_bucket", name="example-logs", policy=LOG_DELIVERY)

    def drift(sandbox):
        s3 = sandbox.client("s3", REGION)
        s3.put_public_access_block(
            Bucket=NAME, PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True}
        )
        s3.delete_bucket_policy(Bucket=NAME)
        s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Suspended"})
        s3.delete_bucket_tagging(Bucket=NAME)

    modules.tell(
        Story(
            module="s3_bucket",
            returns="bucket",
            identity={"name": NAME},
            present={
                "versioning": "enabled",
                "encryption": {"type": "sse-kms", "kms_key_id": "alias/example"},
                "object_ownership": "BucketOwnerEnforced",
                "public_access_block": {
                    "block_public_acls": True,
                    "ignore_public_acls": True,
                    "block_public_policy": True,
                    "restrict_public_buckets": True,
                },
                "policy": TLS_ONLY,
                "lifecycle_rules": [
                    {
                        "id": "all",
                        "transitions": [
                            {"days": 90, "storage_class": "GLACIER"},
                            {"days": 30, "storage_class": "STANDARD_IA"},
                        ],
                        "expiration": {"days": 365},
                        "noncurrent_version_transitions": [{"noncurrent_days": 30, "storage_class": "STANDARD_IA"}],
                        "noncurrent_version_expiration": {"noncurrent_days": 90, "newer_noncurrent_versions": 3},
                        "abort_incomplete_multipart_upload_days": 7,
                    },
                    {"id": "a", "status": "disabled", "prefix": "tmp/", "tags": {"a": "b"}, "expiration": {"days": 1}},
                ],
                "logging": {
                    "target_bucket": "example-logs",
                    "target_prefix": "s3/",
                    "partition_date_source": "EventTime",
                },
                "event_bridge": True,
                "tags": {"Environment": "test", "Number": 1},
            },
            changes=(
                {"encryption": {"type": "sse-s3"}},
                {"lifecycle_rules": [], "tags": {"Environment": "changed"}},
                {"logging": {}, "event_bridge": False},
                {"tags": {}},
                {"tags": {"Environment": "again"}},
            ),
            drift=drift,
        )
    )
