# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import boto3
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils.s3_bucket import ASPECTS
from ansible_collections.wellarchitected.aws.plugins.modules.s3_bucket import FIELDS, Bucket, expect_owner
from botocore.stub import Stubber

ACCOUNT = "123456789012"
OURS = {"Bucket": "example", "ExpectedBucketOwner": ACCOUNT}
PARAMS = {
    **dict.fromkeys(FIELDS),
    "name": "example",
    "purge_tags": True,
    "force": True,
    "bypass_governance_retention": False,
}


@pytest.fixture
def stubber():
    """S3 as the module talks to it, which answers what a test foresees and nothing else."""
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="id", aws_secret_access_key="key")
    with Stubber(expect_owner(s3, ACCOUNT)) as stubber:
        yield stubber


@pytest.fixture
def bucket(stubber):
    return Bucket(stubber.client, PARAMS, "us-east-1", ACCOUNT)


def test_a_bucket_of_another_account_is_refused(bucket, stubber):
    stubber.add_client_error("head_bucket", "403", http_status_code=403, expected_params=OURS)
    with pytest.raises(AnsibleAWSError, match=f"Either another account than {ACCOUNT} has it"):
        bucket.find()


def test_reading_expects_the_owner(bucket, stubber):
    for aspect in ASPECTS:
        stubber.add_client_error(aspect.get, aspect.missing or "AccessDenied", expected_params=OURS)
        if aspect.missing:
            bucket._read(aspect)
        else:
            with pytest.raises(AnsibleAWSError):
                bucket._read(aspect)
    stubber.assert_no_pending_responses()


def test_emptying_and_deleting_expect_the_owner(bucket, stubber):
    version = {"Key": "a", "VersionId": "1"}
    listing = {**OURS, "MaxKeys": 1000}
    stubber.add_response("list_object_versions", {"Versions": [version]}, listing)
    stubber.add_response("delete_objects", {}, {**OURS, "Delete": {"Objects": [version], "Quiet": True}})
    stubber.add_response("list_object_versions", {}, listing)
    stubber.add_response("list_multipart_uploads", {"Uploads": [{"Key": "a", "UploadId": "u"}]}, OURS)
    stubber.add_response("abort_multipart_upload", {}, {**OURS, "Key": "a", "UploadId": "u"})
    stubber.add_response("delete_bucket", {}, OURS)
    stubber.add_client_error("head_bucket", "404", http_status_code=404, expected_params=OURS)
    bucket.delete({})
    stubber.assert_no_pending_responses()


def test_a_bucket_that_is_created_has_no_owner_yet(bucket, stubber):
    stubber.add_response("create_bucket", {}, {"Bucket": "example"})
    stubber.add_response("head_bucket", {"ResponseMetadata": {"HTTPStatusCode": 200}}, OURS)
    bucket.create()
    stubber.assert_no_pending_responses()
