# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Queues keep what is not said, give back what failed, and are watched by alarms."""

import json

import pytest


def test_a_queue_keeps_its_policy_when_something_else_is_set(client):
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="example")["QueueUrl"]
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert json.loads(attributes["Policy"]) == json.loads(policy)
    assert attributes["VisibilityTimeout"] == "60"


@pytest.fixture
def queues(client):
    """A queue and its dead-letter queue: the client, and the URL and the ARN of each."""
    sqs = client("sqs")

    def create(name, **attributes):
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    dead = create("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead[1], "maxReceiveCount": 1})
    return sqs, create("example", RedrivePolicy=redrive), dead


def test_messages_are_moved_back_from_a_dead_letter_queue(queues):
    sqs, (url, _), (dead_url, dead_arn) = queues
    sqs.send_message(QueueUrl=dead_url, MessageBody="one")
    sqs.start_message_move_task(SourceArn=dead_arn)
    (task,) = sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"]
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 1)
    assert "TaskHandle" not in task
    assert [each["Body"] for each in sqs.receive_message(QueueUrl=url)["Messages"]] == ["one"]
    assert "Messages" not in sqs.receive_message(QueueUrl=dead_url)


def test_what_is_no_dead_letter_queue_gives_nothing_back(queues, refused):
    sqs, (_, arn), _ = queues
    with refused("InvalidParameterValue"):
        sqs.start_message_move_task(SourceArn=arn)
    with refused("ResourceNotFoundException"):
        sqs.start_message_move_task(SourceArn=f"{arn}-missing")


def test_an_alarm_sees_how_many_messages_wait(client):
    sqs, cloudwatch = client("sqs"), client("cloudwatch")
    url = sqs.create_queue(QueueName="example")["QueueUrl"]
    cloudwatch.put_metric_alarm(
        AlarmName="example",
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "example"}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0,
    )

    def state():
        return cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"]

    assert state() == "INSUFFICIENT_DATA"
    sqs.send_message(QueueUrl=url, MessageBody="one")
    assert state() == "ALARM"
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert state() == "OK"
