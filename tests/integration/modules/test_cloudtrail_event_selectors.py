# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

MANAGEMENT = {"field_selectors": [{"field": "eventCategory", "equals": ["Management"]}]}
OBJECTS = {"type": "AWS::S3::Object", "values": ["arn:aws:s3:::example-a/", "arn:aws:s3:::example-b/"]}


@pytest.fixture
def trail(modules, sandbox):
    arn = f"arn:aws:cloudtrail:{REGION}:123456789012:trail/example"
    delivery = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    source = {"aws:SourceArn": arn}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                **delivery,
                "Action": "s3:GetBucketAcl",
                "Resource": "arn:aws:s3:::example-trail",
                "Condition": {"StringEquals": source},
            },
            {
                **delivery,
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::example-trail/AWSLogs/123456789012/*",
                "Condition": {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}},
            },
        ],
    }
    modules.run("s3_bucket", name="example-trail", policy=policy)
    sandbox.client("cloudtrail", REGION).create_trail(Name="example", S3BucketName="example-trail")
    return "example"


def test_story(modules, trail):
    modules.tell(
        Story(
            module="cloudtrail_event_selectors",
            returns="selectors",
            identity={"trail": trail},
            present={
                "event_selectors": [{"data_resources": [OBJECTS]}, {"read_write_type": "WriteOnly"}],
                "insight_selectors": [{"insight_type": "ApiCallRateInsight"}, {"insight_type": "ApiErrorRateInsight"}],
            },
            changes=(
                {"event_selectors": None, "advanced_event_selectors": [MANAGEMENT]},
                {"insight_selectors": [{"insight_type": "ApiErrorRateInsight"}]},
                {"insight_selectors": []},
                {"advanced_event_selectors": [{**MANAGEMENT, "name": "All"}]},
            ),
            drift=lambda sandbox: sandbox.client("cloudtrail", REGION).put_event_selectors(
                TrailName=trail, EventSelectors=[{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]
            ),
            absent=None,
        )
    )


def test_order_means_nothing(modules, trail):
    selector = {"data_resources": [OBJECTS]}
    modules.run("cloudtrail_event_selectors", trail=trail, event_selectors=[selector])
    turned = {"data_resources": [{**OBJECTS, "values": OBJECTS["values"][::-1]}]}
    assert not modules.run("cloudtrail_event_selectors", trail=trail, event_selectors=[turned])["changed"]


def test_no_trail(modules):
    arguments = {"trail": "example", "event_selectors": [{"read_write_type": "WriteOnly"}]}
    assert modules.run("cloudtrail_event_selectors", check=True, **arguments)["changed"]
    assert "no trail example" in modules.attempt("cloudtrail_event_selectors", **arguments)["msg"]


def test_no_selectors(modules):
    answer = modules.attempt("cloudtrail_event_selectors", trail="example", event_selectors=[])
    assert "event_selectors is empty" in answer["msg"]
