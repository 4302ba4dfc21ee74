# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Where everything important is said: topics, and the function behind them, read back, described otherwise, taken away.

The tests of this module follow one another on one estate, which has only the layers that notifications stand on.
"""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import pytest

from .conftest import BOTH_WORDS, TOKYO, client, key_of

LAYERS = "encryption,identity,notification"
NAME = "shop-sandbox-notification"
CELLS = ("--limit", "virginia,tokyo")
ALONE = ("--tags", "notification", "--skip-tags", "always", "--limit", "tokyo")
SEVERITIES = ("critical", "warning", "information")
RULES = {
    "backup-failure": "warning",
    "health-account": "information",
    "health-change": "warning",
    "health-issue": "critical",
    "pipeline-failure": "warning",
}
TOPICS = {severity: f"arn:aws:sns:{TOKYO}:123456789012:shop-sandbox-{severity}" for severity in SEVERITIES}
QUEUE = f"arn:aws:sqs:{TOKYO}:123456789012:{NAME}"
PARAMETER = "/shop-sandbox/notification/webhook"
# Another one in each run: Ansible may have kept files of an earlier one.
WEBHOOK = f"https://hooks.slack.com/services/T00000000/B00000000/{uuid.uuid4().hex}"


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it, without a webhook."""
    if "build" not in estate.memory:
        estate.memory["build"] = estate.run("--tags", LAYERS, *CELLS, described())
    return estate


def subscriptions_of(estate) -> set[tuple[str, str, str]]:
    """Everybody who is subscribed: to which topic, how and where."""
    found = client(estate, "sns").list_subscriptions()["Subscriptions"]
    return {(each["TopicArn"].rpartition("-")[2], each["Protocol"], each["Endpoint"]) for each in found}


def events_of(estate, region: str = TOKYO) -> dict[str, list[dict]]:
    """The rules that pass events on, without what their names begin with, and the targets of each."""
    events = client(estate, "events", region)
    names = [rule["Name"] for rule in events.list_rules()["Rules"]]
    return {name.removeprefix(f"{NAME}-"): events.list_targets_by_rule(Rule=name)["Targets"] for name in names}


def waiting(estate, name: str) -> int:
    """How many messages a queue has, seen or not."""
    attributes = queue_of(estate, name)
    return sum(int(attributes[f"ApproximateNumberOfMessages{which}"]) for which in ("", "NotVisible", "Delayed"))


def alarm_state_of(estate) -> str:
    (alarm,) = client(estate, "cloudwatch").describe_alarms(AlarmNames=[f"{NAME}-undelivered"])["MetricAlarms"]
    return alarm["StateValue"]


def queue_of(estate, name: str) -> dict[str, str]:
    sqs = client(estate, "sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def function_of(estate) -> dict:
    return client(estate, "lambda").get_function(FunctionName=NAME)


def test_without_a_webhook_all_of_it_stands_and_the_run_says_what_is_missing(built, described):
    run = built.memory["build"]
    assert "Nothing is written to Slack yet." in run.output
    assert subscriptions_of(built) == set()
    assert built.run("--tags", LAYERS, *CELLS, described()).changes == set()
    assert built.run("--check", *ALONE, described()).changes == set()


def test_the_topics_are_encrypted_and_services_of_this_account_alone_publish(built):
    sns = client(built, "sns")
    for severity, arn in TOPICS.items():
        attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        assert attributes["KmsMasterKeyId"] == key_of(built, "notification")
        deny, allow = json.loads(attributes["Policy"])["Statement"]
        assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
        assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
        assert "cloudwatch.amazonaws.com" in allow["Principal"]["Service"]
        tags = {tag["Key"]: tag["Value"] for tag in sns.list_tags_for_resource(ResourceArn=arn)["Tags"]}
        assert (tags["Layer"], tags["Component"]) == ("notification", severity)
    policy = client(built, "kms").get_key_policy(KeyId=key_of(built, "notification"))["Policy"]
    for service in ("backup", "budgets", "cloudwatch", "events", "events.rds", "sns"):
        assert f'"{service}.amazonaws.com"' in policy


def test_what_fails_is_tried_again_and_then_set_aside_with_an_alarm(built):
    queue, undelivered = queue_of(built, NAME), queue_of(built, f"{NAME}-undelivered")
    assert queue["KmsMasterKeyId"] == undelivered["KmsMasterKeyId"] == key_of(built, "notification")
    assert json.loads(queue["RedrivePolicy"]) == {"deadLetterTargetArn": undelivered["QueueArn"], "maxReceiveCount": 5}
    assert undelivered["MessageRetentionPeriod"] == str(14 * 86400)
    statements = {each["Sid"]: each for each in json.loads(queue["Policy"])["Statement"]}
    assert set(statements["DeliverFromTopics"]["Condition"]["ArnEquals"]["aws:SourceArn"]) == set(TOPICS.values())
    (alarm,) = client(built, "cloudwatch").describe_alarms(AlarmNamePrefix=NAME)["MetricAlarms"]
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": f"{NAME}-undelivered"}]
    assert alarm["AlarmActions"] == [TOPICS["critical"]]


def test_what_services_say_is_passed_on_to_the_topic_of_its_severity(built):
    undelivered = queue_of(built, f"{NAME}-undelivered")
    assert events_of(built) == {
        name: [
            {"Id": "topic", "Arn": TOPICS[severity], "DeadLetterConfig": {"Arn": undelivered["QueueArn"]}},
        ]
        for name, severity in RULES.items()
    }
    # Trusted Advisor speaks there alone.
    assert set(events_of(built, "us-east-1")) == {*RULES, "advice"}
    statements = {each["Sid"]: each for each in json.loads(undelivered["Policy"])["Statement"]}
    rules = statements["DeliverFromRules"]["Condition"]["ArnLike"]["aws:SourceArn"]
    assert rules == [f"arn:aws:events:{TOKYO}:123456789012:rule/shop-sandbox-*"]


def test_the_function_reads_the_queue_remembers_and_is_logged(built):
    function = function_of(built)["Configuration"]
    assert (function["Runtime"], function["Architectures"], function["Timeout"]) == ("python3.13", ["arm64"], 60)
    assert function["Role"].endswith(f":role/shop-sandbox/{NAME}")
    assert function["Environment"]["Variables"] == {
        "MEMORY_TABLE": NAME,
        "WEBHOOK_PARAMETER": PARAMETER,
        "WINDOW_SECONDS": "86400",
    }
    (mapping,) = client(built, "lambda").list_event_source_mappings(FunctionName=NAME)["EventSourceMappings"]
    assert (mapping["EventSourceArn"], mapping["FunctionResponseTypes"]) == (QUEUE, ["ReportBatchItemFailures"])
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (100, 5)
    # Lambda refuses a queue that shows a message again before its function has had the time.
    assert int(queue_of(built, NAME)["VisibilityTimeout"]) >= 6 * function["Timeout"]
    dynamodb = client(built, "dynamodb")
    table = dynamodb.describe_table(TableName=NAME)["Table"]
    assert table["SSEDescription"]["KMSMasterKeyArn"] == key_of(built, "notification")
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    expiry = dynamodb.describe_time_to_live(TableName=NAME)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "until"}
    (group,) = client(built, "logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]
    assert (group["retentionInDays"], group["kmsKeyId"]) == (90, key_of(built, "logs"))


def test_the_webhooks_url_is_nowhere_but_in_its_parameter(built, described, watched):
    given = described(notification_slack_webhook=WEBHOOK)
    # It is an argument of one module, whose files Ansible would keep.
    told = watched(*ALONE, "-vvv", given, keep=False)
    assert any(NAME in text for text in told)
    vault = Path(given.removeprefix("-e@")).read_text()
    assert [text for text in told if WEBHOOK in text] == [vault]
    parameter = client(built, "ssm").get_parameter(Name=PARAMETER, WithDecryption=True)["Parameter"]
    assert (parameter["Type"], parameter["Value"]) == ("SecureString", WEBHOOK)
    assert WEBHOOK not in json.dumps(function_of(built), default=str)
    assert subscriptions_of(built) == {(severity, "sqs", QUEUE) for severity in SEVERITIES}


def test_once_it_is_there_it_need_not_be_given(built, described):
    run = built.run(*ALONE, described())
    assert run.changes == set()
    assert "Nothing is written to Slack yet." not in run.output


@pytest.fixture
def speaking(built, described):
    """The estate, which writes to Slack's stand-in from both cells; answers the texts of what came since a number."""
    if "speaking" not in built.memory:
        given = described(notification_slack_webhook=built.sandbox.slack_webhook)
        built.memory["speaking"] = built.run("--tags", "notification", "--skip-tags", "always", *CELLS, given)

    def said(since: int = 0, status: int = 200) -> list[str]:
        built.sandbox.settle(300)
        return [
            json.dumps(entry["message"], ensure_ascii=False)
            for entry in built.sandbox.slack_received()[since:]
            if entry["status"] == status
        ]

    return said


# Each a sample of `python -m sandbox event`, the topic of what is no event, and what the message is to have.
SOURCES = [
    ("health", "", "MEDIUM", "i-0123456789abcdef0", "https://health.aws.amazon.com/health/home#/account/event-log"),
    ("rds_sns", "warning", "HIGH", "main (db instance)", f"https://{TOKYO}.console.aws.amazon.com/rds/home"),
    ("backup", "", "HIGH", "vol-0123456789abcdef0", f"https://{TOKYO}.console.aws.amazon.com/ec2/home"),
    ("budget", "warning", "HIGH", "main-monthly", "https://console.aws.amazon.com/costmanagement/home#/budgets"),
    ("trusted_advisor", "", "HIGH", "sg-0123456789abcdef0", f"https://{TOKYO}.console.aws.amazon.com/ec2/home"),
]


@pytest.mark.parametrize(("kind", "topic", "severity", "resource", "link"), SOURCES)
def test_each_source_arrives_once(built, speaking, kind, topic, severity, resource, link):
    before = len(built.sandbox.slack_received())
    for _ in range(2):
        built.sandbox.send_event(kind, region=TOKYO, topic=f"shop-sandbox-{topic}" if topic else None)
    (text,) = speaking(before)
    assert severity in text.upper()
    assert resource in text and link in text


def test_slack_asks_for_patience_and_fails_and_the_message_arrives_once(built, speaking):
    before = len(built.sandbox.slack_received())
    built.sandbox.slack_orders("throttle", times=3, retry_after=1)
    built.sandbox.slack_orders("error", times=1)
    key = {"AlarmName": f"{NAME}-undelivered", "StateReason": "A test says so"}
    client(built, "cloudwatch").set_alarm_state(**key, StateValue="ALARM")
    assert len(speaking(before)) == 1
    statuses = [entry["status"] for entry in built.sandbox.slack_received()[before:]]
    assert statuses == [429, 429, 429, 500, 200]
    client(built, "cloudwatch").set_alarm_state(**key, StateValue="OK")
    assert len(speaking(before)) == 2
    assert waiting(built, NAME) == waiting(built, f"{NAME}-undelivered") == 0


def test_what_slack_never_takes_is_set_aside_and_given_back_by_the_playbook(built, speaking):
    replay = "playbooks/replay_notifications.yml"
    before = len(built.sandbox.slack_received())
    # It would go on for five minutes.
    client(built, "lambda").update_function_configuration(FunctionName=NAME, Timeout=4)
    built.sandbox.slack_orders("silence", times=1000)
    built.sandbox.send_event("alarm_composite", region=TOKYO, topic="shop-sandbox-warning")
    # And what EventBridge cannot even publish.
    events = client(built, "events")
    rule = {"Rule": f"{NAME}-pipeline-failure"}
    targets = events.list_targets_by_rule(**rule)["Targets"]
    events.put_targets(**rule, Targets=[{**targets[0], "Arn": f"{TOPICS['warning']}-missing"}])
    built.sandbox.send_event("codepipeline_execution", region=TOKYO)
    events.put_targets(**rule, Targets=targets)
    assert speaking(before) == []
    assert alarm_state_of(built) == "ALARM"
    # With these two, what the alarm says of them.
    assert waiting(built, f"{NAME}-undelivered") == 3
    foretold = built.run("--check", *CELLS, playbook=replay)
    assert "3 messages would be given back." in foretold.output
    assert waiting(built, f"{NAME}-undelivered") == 3

    built.sandbox.slack_orders()
    client(built, "lambda").update_function_configuration(FunctionName=NAME, Timeout=60)
    done = built.run(*CELLS, playbook=replay)
    assert "3 messages were given back" in done.output
    assert done.touched == {("Give back what could not be delivered", "")}
    texts = speaking(before)
    # The alarm speaks twice: that it went on, and, when the queue was empty, that it went off.
    assert sorted(json.loads(text)["attachments"][0]["fallback"].partition(" (")[0] for text in texts) == [
        f"CRITICAL: Alarm: {NAME}-undelivered",
        "HIGH: Alarm: main-web-down",
        "HIGH: main-web: failed",
        f"RESOLVED: OK again: {NAME}-undelivered",
    ]
    assert alarm_state_of(built) == "OK"
    assert waiting(built, NAME) == waiting(built, f"{NAME}-undelivered") == 0
    again = built.run(*CELLS, playbook=replay)
    assert again.changes == set()
    assert "Nothing waits to be delivered again." in again.output


def test_advice_is_reported_and_its_short_form_sent(built, speaking):
    before = len(built.sandbox.slack_received())
    volume = {"AvailabilityZone": f"{TOKYO}a", "Size": 500, "VolumeType": "gp3"}
    name = client(built, "ec2").create_volume(**volume)["VolumeId"]
    run = built.run("-e", "advice_send=true", playbook="playbooks/report_advice.yml")
    assert re.search(rf"Underutilized Amazon EBS Volumes +{TOKYO} +{name} +\$40\.00", run.output)
    assert re.search(r"together +\$40\.00", run.output)
    (text,) = speaking(before)
    assert "1 idle or underused resource, which costs $40.00 a month" in text
    assert "INFORMATION" in text


def test_an_alarm_is_written_to_slack_when_it_goes_on_and_off(built, speaking):
    before = len(built.sandbox.slack_received())
    for state in ("ALARM", "ALARM", "OK"):
        client(built, "cloudwatch").set_alarm_state(
            AlarmName=f"{NAME}-undelivered", StateValue=state, StateReason="A test says so"
        )
        built.sandbox.settle()
    received = speaking(before)
    assert len(received) == 2, received
    for text, severity in zip(received, ("CRITICAL", "RESOLVED"), strict=True):
        assert severity in text.upper()
        assert f"{NAME}-undelivered" in text and TOKYO in text


def test_described_otherwise_it_changes_that_and_nothing_else(built, described):
    changed = (
        *ALONE,
        described(
            notification_emails={"critical": ["operators@example.com"], "warning": ["team@example.com"]},
            notification_gather_seconds=30,
            notification_repeat_hours=1,
            notification_extra_events={"builds": {"pattern": {"source": ["aws.codebuild"]}, "topic": "information"}},
        ),
    )
    expected = {
        ("Tell who is to be told by e-mail", "critical operators@example.com"),
        ("Tell who is to be told by e-mail", "warning team@example.com"),
        ("Keep the queue behind the topics", ""),
        ("Keep the function", ""),
        ("Let the function read the queue", ""),
        ("Pass on events", "builds"),
    }
    assert built.run("--check", *changed).touched == expected
    assert built.run(*changed).touched == expected
    assert built.run(*changed).touched == set()
    assert ("critical", "email", "operators@example.com") in subscriptions_of(built)
    one = described(
        notification_emails={"critical": ["operators@example.com"]},
        notification_gather_seconds=30,
        notification_repeat_hours=1,
    )
    assert built.run(*ALONE, one).touched == {
        ("Tell nobody else by e-mail", "warning team@example.com"),
        ("Pass on no other events", "builds"),
    }


def test_it_is_taken_away_and_nothing_else_is(built, described):
    run = built.attempt("--tags", "identity", *CELLS, *BOTH_WORDS, described(), playbook="playbooks/destroy.yml")
    assert "The layer notification stands on" in run.output
    built.run("--tags", "notification", *CELLS, *BOTH_WORDS[:2], described(), playbook="playbooks/destroy.yml")
    assert subscriptions_of(built) == set()
    assert events_of(built) == events_of(built, "us-east-1") == {}
    assert client(built, "sns").list_topics()["Topics"] == []
    assert "QueueUrls" not in client(built, "sqs").list_queues()
    awslambda = client(built, "lambda")
    assert awslambda.list_functions()["Functions"] == []
    assert awslambda.list_event_source_mappings()["EventSourceMappings"] == []
    assert client(built, "dynamodb").list_tables()["TableNames"] == []
    assert client(built, "ssm").get_parameters(Names=[PARAMETER])["InvalidParameters"] == [PARAMETER]
    assert client(built, "cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert client(built, "logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"] == []
    assert key_of(built, "notification")
