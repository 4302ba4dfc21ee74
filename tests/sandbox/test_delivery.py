# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Topics, rules and alarms deliver to queues, topics and functions, as far as policies and keys let them."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from sandbox import Sandbox, SandboxError
from sandbox.process import SLACK_SECRET

REGION = "ap-northeast-1"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
LOGGING = "import json\ndef handler(event, context):\n    print(json.dumps(event))"
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

    def function(self, code=LOGGING, may=None, **settings):
        """A function; this one logs its event."""
        iam = self.client("iam")
        role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        iam.attach_role_policy(RoleName="function", PolicyArn=LOGS)
        if may:
            document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
            iam.put_role_policy(RoleName="function", PolicyName="function", PolicyDocument=document)
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


# Rules

EVENTS = "events.amazonaws.com"


def rule(estate, *targets, pattern=None, **settings):
    """A rule for all that the shop reports, with these targets; its ARN."""
    events = estate.client("events")
    pattern = pattern or {"source": ["com.example.shop"]}
    arn = events.put_rule(Name="rule", EventPattern=json.dumps(pattern), **settings)["RuleArn"]
    answer = events.put_targets(
        Rule="rule", Targets=[{"Id": str(number), **target} for number, target in enumerate(targets)]
    )
    assert answer["FailedEntryCount"] == 0
    return arn


def put(estate, detail=None, source="com.example.shop", **more):
    entry = {"Source": source, "DetailType": "Order", "Detail": json.dumps(detail or {"order": 1}), **more}
    return estate.client("events").put_events(Entries=[entry])["Entries"][0]


def test_a_rule_delivers_to_a_queue_a_topic_and_a_function(estate):
    source = estate.arn("events", "rule/rule")
    queue, closed = estate.queue("queue", EVENTS, source), estate.queue("closed")
    topic, function = estate.topic(), estate.function()
    rule(estate, *({"Arn": arn} for arn in (queue, closed, topic, function, estate.arn("sqs", "gone"))))
    behind = estate.queue("behind", "sns.amazonaws.com", topic)
    sns = estate.client("sns")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=behind, Attributes={"RawMessageDelivery": "true"})
    put(estate)
    [(body, _)] = estate.got()
    # A topic's default policy lets its owner and CloudWatch, but no rule.
    assert estate.got("behind") == estate.got("closed") == estate.events() == []
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=policy(EVENTS, "sns:Publish", topic, source)
    )
    estate.permit(EVENTS, source)
    sent = put(estate, Time="2026-05-04T03:12:40Z", Resources=["arn:aws:s3:::main"])
    [(body, _)] = estate.got()
    event = json.loads(body)
    assert event == {
        "version": "0",
        "id": sent["EventId"],
        "detail-type": "Order",
        "source": "com.example.shop",
        "account": estate.account,
        "time": "2026-05-04T03:12:40Z",
        "region": REGION,
        "resources": ["arn:aws:s3:::main"],
        "detail": {"order": 1},
    }
    assert [json.loads(body) for body, _ in estate.got("behind")] == [event]
    assert estate.events() == [event]


def test_what_a_rule_cannot_deliver_goes_to_the_dead_letters(estate):
    source = estate.arn("events", "rule/rule")
    dead = estate.queue("dead", EVENTS, source)
    closed, gone = estate.queue("closed"), estate.arn("lambda", "function:gone")
    rule(estate, *({"Arn": arn, "DeadLetterConfig": {"Arn": dead}, "Input": '"other"'} for arn in (closed, gone)))
    put(estate)
    first, second = estate.got("dead")
    assert json.loads(first[0])["detail"] == {"order": 1}
    assert first[1].pop("ERROR_MESSAGE").startswith(f"The policy of {closed} does not let events.amazonaws.com")
    assert first[1] == {"RULE_ARN": source, "TARGET_ARN": closed, "ERROR_CODE": "NO_PERMISSIONS"}
    assert second[1]["ERROR_CODE"] == "NO_RESOURCE"


@pytest.mark.parametrize(
    ("input", "expected"),
    [
        ({"Input": '{"fixed": true}'}, '{"fixed": true}'),
        ({"InputPath": "$.detail.lines[1]"}, '{"name": "b \\"c\\""}'),
        (
            {
                "InputPathsMap": {
                    "order": "$.detail.order",
                    "names": "$.detail.lines[*].name",
                    "none": "$.detail.none",
                },
                "InputTemplate": '{"order": <order>, "names": <names>, "text": "order <order>:<none>"}',
            },
            '{"order": 7, "names": ["a", "b \\"c\\""], "text": "order 7:"}',
        ),
        (
            {
                "InputPathsMap": {"type": "$.detail-type", "line": "$.detail.lines[1].name"},
                "InputTemplate": '"<type> of <line>"',
            },
            '"Order of b \\"c\\""',
        ),
        ({"InputTemplate": '{"rule": <aws.events.rule-name>, "x": "<unknown>"}'}, '{"rule": "rule", "x": "<unknown>"}'),
    ],
)
def test_input(estate, input, expected):
    queue = estate.queue("queue", EVENTS)
    target = {"Arn": queue, **({"InputTransformer": input} if "InputTemplate" in input else input)}
    rule(estate, target)
    put(estate, {"order": 7, "lines": [{"name": "a"}, {"name": 'b "c"'}]})
    assert [body for body, _ in estate.got()] == [expected]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ({"detail-type": [{"prefix": "Ord"}]}, True),
        ({"detail-type": [{"prefix": "ord"}]}, False),
        ({"detail": {"state": [{"anything-but": ["closed"]}]}}, True),
        ({"detail": {"state": [{"anything-but": {"prefix": "op"}}]}}, False),
        ({"detail": {"severity": [{"numeric": [">=", 7, "<", 9]}]}}, True),
        ({"detail": {"severity": [{"numeric": [">", 8]}]}}, False),
        ({"detail": {"gone": [{"exists": False}], "state": [{"exists": True}]}}, True),
        ({"detail": {"state": [{"exists": False}]}}, False),
        ({"detail": {"findings": {"severity": {"label": ["HIGH", "CRITICAL"]}, "state": ["NEW"]}}}, True),
        ({"detail": {"findings": {"severity": {"label": ["HIGH"]}, "state": ["OLD"]}}}, False),
        ({"detail": {"$or": [{"state": ["closed"]}, {"severity": [8]}]}}, True),
        ({"detail": {"tags": ["b"]}}, True),
    ],
)
def test_patterns(estate, pattern, matches):
    rule(estate, {"Arn": estate.queue("queue", EVENTS)}, pattern=pattern)
    findings = [
        {"severity": {"label": "LOW"}, "state": "OLD"},
        {"severity": {"label": "HIGH"}, "state": "NEW"},
    ]
    put(estate, {"state": "open", "severity": 8, "findings": findings, "tags": ["a", "b"]})
    assert len(estate.got()) == matches


def test_a_rule_that_is_off_or_has_a_schedule_gets_no_event(estate):
    target = {"Arn": estate.queue("queue", EVENTS)}
    rule(estate, target, State="DISABLED")
    events = estate.client("events")
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="nightly", Targets=[{"Id": "1", **target}])
    put(estate)
    assert estate.got() == []


def test_nobody_but_aws_is_a_source_of_aws(estate):
    assert put(estate, source="aws.guardduty")["ErrorCode"] == "NotAuthorizedForSourceException"
    assert "EventId" in put(estate)


def test_a_bus_passes_on_to_another(estate):
    events = estate.client("events")
    bus = events.create_event_bus(Name="other")["EventBusArn"]
    rule(estate, {"Arn": bus})
    queue = estate.queue("queue", EVENTS)
    events.put_rule(Name="rule", EventBusName="other", EventPattern=json.dumps({"account": [estate.account]}))
    events.put_targets(Rule="rule", EventBusName="other", Targets=[{"Id": "1", "Arn": queue}])
    sent = put(estate)
    assert [json.loads(body)["id"] for body, _ in estate.got()] == [sent["EventId"]]


# Alarms


def alarm(estate, **settings):
    """An alarm on the errors of the main load balancer."""
    settings = {
        "AlarmName": "main-5xx",
        "AlarmDescription": "Errors.",
        "MetricName": "HTTPCode_Target_5XX_Count",
        "Namespace": "AWS/ApplicationELB",
        "Statistic": "Sum",
        "Dimensions": [{"Name": "LoadBalancer", "Value": "app/main/1"}],
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 10,
        "ComparisonOperator": "GreaterThanThreshold",
        **settings,
    }
    estate.client("cloudwatch").put_metric_alarm(**settings)


def turn(estate, state, reason="Threshold Crossed"):
    estate.client("cloudwatch").set_alarm_state(AlarmName="main-5xx", StateValue=state, StateReason=reason)


def published(estate, topic):
    """A queue behind a topic; what was published there, since this was last asked."""
    queue = estate.queue("published", "sns.amazonaws.com", topic)
    estate.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    return lambda: [json.loads(body) for body, _ in estate.got("published")]


def test_an_alarm_tells_its_topic_when_its_state_changes(estate):
    topic = estate.topic()
    got = published(estate, topic)
    alarm(estate, AlarmActions=[topic], OKActions=[topic])
    cloudwatch = estate.client("cloudwatch")
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "INSUFFICIENT_DATA"
    turn(estate, "ALARM", "3 of 3")
    turn(estate, "ALARM", "still")
    [notification] = got()
    assert notification["Subject"] == 'ALARM: "main-5xx" in Asia Pacific (Tokyo)'
    message = json.loads(notification["Message"])
    for name in ("AlarmConfigurationUpdatedTimestamp", "StateChangeTime"):
        assert message.pop(name).endswith("+0000")
    assert message == {
        "AlarmName": "main-5xx",
        "AlarmDescription": "Errors.",
        "AWSAccountId": estate.account,
        "NewStateValue": "ALARM",
        "NewStateReason": "3 of 3",
        "Region": "Asia Pacific (Tokyo)",
        "AlarmArn": estate.arn("cloudwatch", "alarm:main-5xx"),
        "OldStateValue": "INSUFFICIENT_DATA",
        "OKActions": [topic],
        "AlarmActions": [topic],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "HTTPCode_Target_5XX_Count",
            "Namespace": "AWS/ApplicationELB",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [{"value": "app/main/1", "name": "LoadBalancer"}],
            "Period": 60,
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 3,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 10.0,
            "TreatMissingData": "missing",
            "EvaluateLowSampleCountPercentile": "",
        },
    }
    # An alarm that is written anew keeps its state.
    alarm(estate, AlarmActions=[topic], OKActions=[topic], Threshold=20)
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "ALARM"
    turn(estate, "OK")
    assert [json.loads(each["Message"])["OldStateValue"] for each in got()] == ["ALARM"]
    turn(estate, "INSUFFICIENT_DATA")
    cloudwatch.disable_alarm_actions(AlarmNames=["main-5xx"])
    turn(estate, "ALARM")
    assert got() == []


def test_an_alarm_on_an_expression(estate):
    topic = estate.topic()
    got = published(estate, topic)
    metric = {
        "Namespace": "AWS/SQS",
        "MetricName": "NumberOfMessagesSent",
        "Dimensions": [{"Name": "QueueName", "Value": "dead"}],
    }
    estate.client("cloudwatch").put_metric_alarm(
        AlarmName="main-5xx",
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
        Metrics=[
            {"Id": "all", "Expression": "sent * 2", "Label": "Twice", "ReturnData": True},
            {"Id": "sent", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
        ],
    )
    turn(estate, "ALARM")
    [notification] = got()
    trigger = json.loads(notification["Message"])["Trigger"]
    assert trigger["Metrics"] == [
        {"Id": "all", "Expression": "sent * 2", "Label": "Twice", "ReturnData": True},
        {
            "Id": "sent",
            "MetricStat": {
                "Metric": {
                    "Dimensions": [{"value": "dead", "name": "QueueName"}],
                    "MetricName": "NumberOfMessagesSent",
                    "Namespace": "AWS/SQS",
                },
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": False,
        },
    ]
    assert "MetricName" not in trigger


def test_an_alarm_needs_the_policy_of_the_topic_and_of_its_key(estate):
    sns, kms = estate.client("sns"), estate.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    topic = estate.topic(KmsMasterKeyId=key)
    got = published(estate, topic)
    alarm(estate, AlarmActions=[topic], OKActions=[topic])

    def told():
        turn(estate, "ALARM")
        turn(estate, "OK")
        return len(got())

    assert told() == 0
    own = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{estate.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    cloudwatch = json.loads(policy("cloudwatch.amazonaws.com", ["kms:GenerateDataKey*"], "*"))["Statement"][0]
    kms.put_key_policy(KeyId=key, Policy=json.dumps({"Version": "2012-10-17", "Statement": [own, cloudwatch]}))
    assert told() == 0
    cloudwatch["Action"].append("kms:Decrypt")
    kms.put_key_policy(KeyId=key, Policy=json.dumps({"Version": "2012-10-17", "Statement": [own, cloudwatch]}))
    assert told() == 2
    other = policy("cloudwatch.amazonaws.com", "sns:Publish", topic, estate.arn("cloudwatch", "alarm:other"))
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=other)
    assert told() == 0
    # AWS's own key lets no other service in.
    sns.set_topic_attributes(
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=policy("cloudwatch.amazonaws.com", "sns:Publish", topic),
    )
    assert told() == 2
    sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns")
    assert told() == 0


def test_an_alarm_is_an_event(estate):
    queue = estate.queue("queue", EVENTS)
    rule(estate, {"Arn": queue}, pattern={"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}})
    alarm(estate)
    turn(estate, "ALARM", "3 of 3")
    turn(estate, "OK")
    [(body, _)] = estate.got()
    event = json.loads(body)
    arn = estate.arn("cloudwatch", "alarm:main-5xx")
    assert (event["detail-type"], event["resources"]) == ("CloudWatch Alarm State Change", [arn])
    detail = event["detail"]
    assert (detail["alarmName"], detail["previousState"]["value"]) == ("main-5xx", "INSUFFICIENT_DATA")
    assert (detail["state"]["value"], detail["state"]["reason"]) == ("ALARM", "3 of 3")
    [metric] = detail["configuration"]["metrics"]
    assert metric["metricStat"] == {
        "metric": {
            "dimensions": {"LoadBalancer": "app/main/1"},
            "name": "HTTPCode_Target_5XX_Count",
            "namespace": "AWS/ApplicationELB",
        },
        "period": 60,
        "stat": "Sum",
    }


# Samples, and the function of the role `notification`

ROOT = Path(__file__).resolve().parents[2]
# Trusted Advisor tells another region than the one of these tests.
KINDS = sorted({path.stem for path in (ROOT / "sandbox" / "events").glob("*.json")} - {"trusted_advisor"})


def test_a_sample_is_published_by_its_service(estate):
    topic = estate.topic("main-high")
    got = published(estate, topic)

    def send(kind, **where):
        return estate.sandbox.send_event(kind, estate.account, REGION, **where)

    assert send("alarm") == send("rds_sns") == {"topic": topic}
    for kind, service in [("budget", "budgets.amazonaws.com"), ("backup_sns", "backup.amazonaws.com")]:
        with pytest.raises(SandboxError, match=f"The policy of {topic} does not let {service}"):
            send(kind, topic="main-high")
    service = "budgets.amazonaws.com"
    estate.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=policy(service, "sns:Publish", topic)
    )
    assert send("budget") == {"topic": topic}
    subjects = [notification["Subject"] for notification in got()]
    assert [subject.partition(" ")[0] for subject in subjects] == ["ALARM:", "RDS", "AWS"]
    estate.topic("main-critical")
    estate.topic("main-medium")
    with pytest.raises(SandboxError, match=r"There is no topic gone in ap-northeast-1. There are: main-high, main-c"):
        send("alarm", topic="gone")
    estate.client("sns").delete_topic(TopicArn=topic)
    with pytest.raises(SandboxError, match=r"Say with --topic .* There are: main-critical, main-medium."):
        send("alarm")


def test_a_sample_is_on_the_bus_of_its_region(estate):
    rule(estate, {"Arn": estate.queue("queue", EVENTS)}, pattern={"source": ["aws.guardduty"]})
    sent = [estate.sandbox.send_event("guardduty", estate.account, REGION) for _ in range(2)]
    assert sent == [{"region": REGION, "rules": ["rule"]}] * 2
    first, second = (json.loads(body) for body, _ in estate.got())
    assert (first["account"], first["detail"]["accountId"]) == (estate.account, estate.account)
    assert first.pop("id") != second.pop("id")
    assert estate.sandbox.send_event("trusted_advisor", estate.account, REGION) == {"region": "us-east-1", "rules": []}


class Notification:
    """The function with its topic, dead-letter queue and rule, on a sandbox whose Slack is nobody else's."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

        def client(service):
            return sandbox.client(service, REGION)

        client.account = "123456789012"
        estate = self.estate = Estate(sandbox, client)
        archive = io.BytesIO()
        files = ROOT / "roles" / "notification" / "files"
        with zipfile.ZipFile(archive, "w") as file:
            for path in sorted((files / "slack").glob("*.py")):
                file.write(path, path.relative_to(files))
        client("ssm").put_parameter(Name="/main/slack", Value=sandbox.slack_webhook, Type="SecureString")
        self.topic = estate.topic("main-high")
        source = estate.arn("events", "rule/rule")
        policies = [
            client("sns").get_topic_attributes(TopicArn=self.topic)["Attributes"]["Policy"],
            policy(EVENTS, "sns:Publish", self.topic, source),
            policy(["budgets.amazonaws.com", "backup.amazonaws.com"], "sns:Publish", self.topic),
        ]
        statements = [statement for each in policies for statement in json.loads(each)["Statement"]]
        estate.client("sns").set_topic_attributes(
            TopicArn=self.topic,
            AttributeName="Policy",
            AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        )
        self.dead = estate.queue("dead")
        function = estate.function(
            archive.getvalue(),
            may={"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": self.dead},
            Handler="slack.function.handler",
            Timeout=60,
            Environment={"Variables": {"WEBHOOK_PARAMETER": "/main/slack"}},
            DeadLetterConfig={"TargetArn": self.dead},
        )
        estate.permit("sns.amazonaws.com", self.topic)
        client("sns").subscribe(TopicArn=self.topic, Protocol="lambda", Endpoint=function)
        rule(estate, {"Arn": self.topic}, pattern={"source": [{"prefix": ""}]})

    def said(self):
        """What Slack was told, in a line each; the last ones, since this was last asked."""
        self.sandbox.settle()
        received = self.sandbox.slack_received()
        new, self._seen = received[getattr(self, "_seen", 0) :], len(received)
        return [(entry["status"], entry["message"]["attachments"][0]["fallback"]) for entry in new]


@pytest.fixture(scope="module")
def notification():
    with Sandbox() as sandbox:
        yield Notification(sandbox)


@pytest.mark.parametrize("kind", KINDS)
def test_each_sample_reaches_slack(notification, kind):
    notification.sandbox.send_event(kind, region=REGION)
    [(status, _)] = notification.said()
    assert status == 200


def test_an_alarm_that_goes_on_and_off_reaches_slack(notification):
    estate, topic = notification.estate, notification.topic
    # Its event goes another way, which is not to tell the same again.
    estate.client("events").disable_rule(Name="rule")
    alarm(estate, AlarmActions=[topic], OKActions=[topic])
    turn(estate, "ALARM")
    turn(estate, "OK")
    on, off = notification.said()
    estate.client("events").enable_rule(Name="rule")
    assert on[0] == off[0] == 200
    assert on[1].startswith("HIGH: ")
    assert off[1].startswith("RESOLVED: ")
    assert "main-5xx" in on[1]


def test_trouble_at_slack_and_the_dead_letters(notification):
    sandbox, estate = notification.sandbox, notification.estate
    sandbox.slack_orders("throttle", times=3, retry_after=0)
    sandbox.slack_orders("error")
    sandbox.send_event("guardduty", region=REGION)
    assert [status for status, _ in notification.said()] == [429, 429, 429, 500, 200]
    assert estate.got("dead") == []
    # It never answers.
    functions = estate.client("lambda")
    functions.update_function_configuration(FunctionName="function", Timeout=12)
    functions.put_function_event_invoke_config(FunctionName="function", MaximumRetryAttempts=0)
    sandbox.slack_orders("silence", times=100)
    sandbox.send_event("guardduty", region=REGION)
    assert {status for status, _ in notification.said()} == {0}
    sandbox.slack_orders()
    [(body, attributes)] = estate.got("dead")
    event = json.loads(json.loads(body)["Records"][0]["Sns"]["Message"])
    assert event["source"] == "aws.guardduty"
    assert "not delivered" in attributes["ErrorMessage"]
    # Nowhere is the secret part of the webhook.
    logged = str(estate.client("logs").filter_log_events(logGroupName="/aws/lambda/function")["events"])
    assert "delivered" in logged
    assert SLACK_SECRET not in logged + body + str(attributes)
    # What waits in the queue is replayed: the function takes what failed as it is.
    functions.invoke(FunctionName="function", InvocationType="Event", Payload=body)
    assert [status for status, _ in notification.said()] == [200]
