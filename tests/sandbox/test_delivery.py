# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Topics, rules and alarms deliver to queues, topics and functions, as far as policies and keys let them."""

import io
import json
import zipfile
from pathlib import Path

import pytest

REGION = "ap-northeast-1"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
LOGS = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def policy(service, action, resource, source=None, effect="Allow"):
    statement = {"Effect": effect, "Principal": {"Service": service}, "Action": action, "Resource": resource}
    if source:
        statement["Condition"] = {"ArnEquals": {"aws:SourceArn": source}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Estate:
    """What one account has, and what arrived there."""

    def __init__(self, sandbox, client):
        self.sandbox = sandbox
        self.client = client
        self.account = client.account

    def arn(self, service, name):
        return f"arn:aws:{service}:{REGION}:{self.account}:{name}"

    def topic(self, name="main", **attributes):
        return self.client("sns").create_topic(Name=name, Attributes=attributes)["TopicArn"]

    def queue(self, name="queue", allow=None, source=None, **attributes):
        """A queue, which a service may send to."""
        arn = self.arn("sqs", name)
        if allow:
            attributes["Policy"] = policy(allow, "sqs:SendMessage", arn, source)
        self.client("sqs").create_queue(QueueName=name, Attributes=attributes)
        return arn

    def got(self, queue="queue"):
        """The messages of a queue: bodies and attributes; they are taken out."""
        self.sandbox.settle()
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        found = []
        while True:
            batch = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
            if "Messages" not in batch:
                return found
            for message in batch["Messages"]:
                attributes = message.get("MessageAttributes", {})
                found.append((message["Body"], {name: value["StringValue"] for name, value in attributes.items()}))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def function(self, code="def handler(event, context):\n    print(__import__('json').dumps(event))", **settings):
        """A function that logs its event."""
        iam = self.client("iam")
        role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        iam.attach_role_policy(RoleName="function", PolicyArn=LOGS)
        archive = code
        if isinstance(code, str):
            stream = io.BytesIO()
            with zipfile.ZipFile(stream, "w") as file:
                file.writestr("index.py", code)
            archive = stream.getvalue()
        settings = {"Runtime": "python3.13", "Handler": "index.handler", "Timeout": 20, "MemorySize": 256, **settings}
        functions = self.client("lambda")
        return functions.create_function(FunctionName="function", Role=role, Code={"ZipFile": archive}, **settings)[
            "FunctionArn"
        ]

    def permit(self, service, source):
        self.client("lambda").add_permission(
            FunctionName="function",
            StatementId=service.partition(".")[0],
            Action="lambda:InvokeFunction",
            Principal=service,
            SourceArn=source,
        )

    def events(self):
        """What the function was called with."""
        self.sandbox.settle()
        logs = self.client("logs")
        if not logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/function")["logGroups"]:
            return []
        lines = [event["message"] for event in logs.filter_log_events(logGroupName="/aws/lambda/function")["events"]]
        return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.fixture
def estate(sandbox, client):
    return Estate(sandbox, client)


# Topics


def test_a_topic_delivers_to_a_function(estate):
    sns, topic, function = estate.client("sns"), estate.topic(), estate.function()
    subscription = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="lost, as the function does not let the topic")
    assert estate.events() == []
    estate.permit("sns.amazonaws.com", topic)
    attributes = {"kind": {"DataType": "String", "StringValue": "test"}}
    sent = sns.publish(TopicArn=topic, Message="text", Subject="subject", MessageAttributes=attributes)
    sns.publish(TopicArn=topic, Message="second")
    first, second = estate.events()
    [record] = first["Records"]
    assert (record["EventSource"], record["EventVersion"]) == ("aws:sns", "1.0")
    assert record["EventSubscriptionArn"] == subscription
    sns = record["Sns"]
    assert (sns["Type"], sns["MessageId"], sns["TopicArn"]) == ("Notification", sent["MessageId"], topic)
    assert (sns["Message"], sns["Subject"]) == ("text", "subject")
    assert sns["MessageAttributes"] == {"kind": {"Type": "String", "Value": "test"}}
    assert {"SigningCertUrl", "UnsubscribeUrl", "Signature", "SignatureVersion", "Timestamp"} < sns.keys()
    assert subscription in sns["UnsubscribeUrl"]
    assert (second["Records"][0]["Sns"]["Subject"], second["Records"][0]["Sns"]["MessageAttributes"]) == (None, {})


def test_a_topic_delivers_to_queues(estate):
    sns, topic = estate.client("sns"), estate.topic()
    for name, allow, settings in [
        ("wrapped", "sns.amazonaws.com", {}),
        ("raw", "sns.amazonaws.com", {"RawMessageDelivery": "true"}),
        ("filtered", "sns.amazonaws.com", {"FilterPolicy": json.dumps({"kind": ["other"]})}),
        ("closed", None, {}),
    ]:
        queue = estate.queue(name, allow, topic)
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes=settings)
    sns.publish(
        TopicArn=topic, Message="text", MessageAttributes={"kind": {"DataType": "String", "StringValue": "test"}}
    )
    [(body, attributes)] = estate.got("wrapped")
    assert json.loads(body)["Message"] == "text"
    assert json.loads(body)["MessageAttributes"] == {"kind": {"Type": "String", "Value": "test"}}
    assert attributes == {}
    assert estate.got("raw") == [("text", {"kind": "test"})]
    assert estate.got("filtered") == estate.got("closed") == []


@pytest.mark.parametrize("protocol", ["lambda", "sqs"])
def test_what_a_topic_cannot_deliver_goes_to_the_dead_letters(estate, protocol):
    sns, topic = estate.client("sns"), estate.topic()
    dead = estate.queue("dead", "sns.amazonaws.com", topic)
    endpoint = estate.arn("lambda", "function:gone") if protocol == "lambda" else estate.queue("closed")
    sns.subscribe(
        TopicArn=topic,
        Protocol=protocol,
        Endpoint=endpoint,
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})},
    )
    sns.publish(TopicArn=topic, Message="text")
    [(body, attributes)] = estate.got("dead")
    assert (json.loads(body)["Type"], json.loads(body)["Message"]) == ("Notification", "text")
    assert attributes["ErrorCode"] == {"lambda": "404", "sqs": "403"}[protocol]


def test_an_encrypted_queue_needs_a_key_that_lets_the_topic(estate):
    sns, kms, topic = estate.client("sns"), estate.client("kms"), estate.topic()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    queue = estate.queue("queue", "sns.amazonaws.com", topic, KmsMasterKeyId=key)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    sns.publish(TopicArn=topic, Message="lost")
    assert estate.got() == []
    statements = [json.loads(policy("sns.amazonaws.com", ["kms:GenerateDataKey*", "kms:Decrypt"], "*"))["Statement"][0]]
    own = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    own["Principal"] = {"AWS": f"arn:aws:iam::{estate.account}:root"}
    kms.put_key_policy(KeyId=key, Policy=json.dumps({"Version": "2012-10-17", "Statement": [own, *statements]}))
    sns.publish(TopicArn=topic, Message="text")
    assert len(estate.got()) == 1
