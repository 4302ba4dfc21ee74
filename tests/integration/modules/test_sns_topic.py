# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

from .conftest import REGION, Story

ARN = f"arn:aws:sns:{REGION}:123456789012:example-critical"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": ARN,
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    ],
}
WIDER = {**POLICY, "Statement": [{**POLICY["Statement"][0], "Action": ["sns:Publish", "sns:GetTopicAttributes"]}]}


def change_behind_its_back(sandbox):
    sns = sandbox.client("sns", REGION)
    sns.set_topic_attributes(TopicArn=ARN, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns")
    sns.set_topic_attributes(TopicArn=ARN, AttributeName="Policy", AttributeValue=json.dumps(WIDER))
    sns.untag_resource(ResourceArn=ARN, TagKeys=["Environment"])


def test_story(modules, sandbox):
    key = sandbox.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
    modules.tell(
        Story(
            module="sns_topic",
            returns="topic",
            identity={"name": "example-critical"},
            present={
                "display_name": "Example",
                "kms_master_key_id": key,
                "policy": POLICY,
                "tags": {"Environment": "test", "Owner": "web"},
            },
            changes=(
                {"display_name": "Another", "policy": WIDER},
                {"kms_master_key_id": "", "tags": {"Environment": "changed"}},
                {"kms_master_key_id": key, "policy": POLICY},
            ),
            drift=change_behind_its_back,
        )
    )


def test_it_is_read_back_and_what_is_not_given_stays(modules, sandbox):
    modules.run("sns_topic", name="example-critical", display_name="Example", kms_master_key_id="alias/aws/sns")
    assert not modules.run("sns_topic", name="example-critical", tags={})["changed"]
    attributes = sandbox.client("sns", REGION).get_topic_attributes(TopicArn=ARN)["Attributes"]
    assert (attributes["DisplayName"], attributes["KmsMasterKeyId"]) == ("Example", "alias/aws/sns")
    assert "AWS:SourceOwner" in attributes["Policy"]
    refused = modules.attempt("sns_topic", name="example-critical", policy={})
    assert "a topic always has one" in refused["msg"]
    assert "FIFO" in modules.attempt("sns_topic", name="example.fifo")["msg"]
