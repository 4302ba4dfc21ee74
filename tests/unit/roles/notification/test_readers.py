# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Events in the shapes that AWS documents, and what a person is told of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from slack.console import Arn, resource
from slack.function import unpack
from slack.notice import Severity, moment, second
from slack.readers import Frame, read

SAMPLES = Path(__file__).resolve().parents[4] / "sandbox" / "events"
CONSOLE = "https://ap-northeast-1.console.aws.amazon.com"
INSTANCE = f"{CONSOLE}/ec2/home?region=ap-northeast-1#InstanceDetails:instanceId=i-0123456789abcdef0"
VOLUME = f"{CONSOLE}/ec2/home?region=ap-northeast-1#VolumeDetails:volumeId=vol-0123456789abcdef0"
DATABASE = f"{CONSOLE}/rds/home?region=ap-northeast-1#database:id=main;is-cluster=false"
ALARMS = f"{CONSOLE}/cloudwatch/home?region=ap-northeast-1#alarmsV2:alarm"

# What is installed has no sandbox.
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples belong to the sandbox")


def sample(kind):
    return json.loads((SAMPLES / f"{kind}.json").read_text(encoding="utf-8"))


def notice_of(event):
    (record,) = unpack(event)
    (notice,), stumbled = read(record.payload, record.frame)
    assert stumbled == ""
    return notice


def changed(kind, **detail):
    event = sample(kind)
    event["detail"].update(detail)
    return notice_of(event)


@needs_samples
@pytest.mark.parametrize(
    ("kind", "severity", "title", "resource", "link"),
    [
        ("alarm", "high", "Alarm: main-web-5xx", "main-web-5xx", f"{ALARMS}/main-web-5xx"),
        ("alarm_ok", "resolved", "OK again: main-web-5xx", "main-web-5xx", f"{ALARMS}/main-web-5xx"),
        ("alarm_composite", "critical", "Alarm: main-web-down", "main-web-down", f"{ALARMS}/main-web-down"),
        (
            "guardduty",
            "high",
            "The EC2 instance i-0123456789abcdef0 queries a domain name of cryptocurrency mining.",
            "i-0123456789abcdef0 (ec2 instance)",
            INSTANCE,
        ),
        (
            "security_hub",
            "high",
            "S3 general purpose buckets should block public access",
            "main-uploads-example (s3 bucket)",
            f"{CONSOLE}/s3/buckets/main-uploads-example",
        ),
        ("inspector", "critical", "CVE-2026-12345 - nginx", "i-0123456789abcdef0 (ec2 instance)", INSTANCE),
        (
            "health",
            "medium",
            "EC2: Instance retirement scheduled",
            "i-0123456789abcdef0",
            "https://health.aws.amazon.com/health/home#/account/event-log?eventID=arn%3Aaws%3Ahealth%3Aap-northeast-1"
            "%3A%3Aevent%2FEC2%2FAWS_EC2_INSTANCE_RETIREMENT_SCHEDULED%2FAWS_EC2_INSTANCE_RETIREMENT_SCHEDULED_"
            "90353408594353980",
        ),
        (
            "backup",
            "high",
            "Backup job failed: vol-0123456789abcdef0 (ec2 volume)",
            "vol-0123456789abcdef0 (ec2 volume)",
            VOLUME,
        ),
        (
            "backup_sns",
            "high",
            "Backup job failed: vol-0123456789abcdef0 (ec2 volume)",
            "vol-0123456789abcdef0 (ec2 volume)",
            VOLUME,
        ),
        ("rds", "high", "main: A Multi-AZ failover has started.", "main (db instance)", DATABASE),
        (
            "rds_sns",
            "high",
            "main: The free storage capacity for DB instance main is low at 8% of the allocated storage",
            "main (db instance)",
            DATABASE,
        ),
        (
            "budget",
            "high",
            "main-monthly is $1,043.17, of $1,000.00",
            "main-monthly",
            "https://console.aws.amazon.com/costmanagement/home#/budgets",
        ),
        (
            "trusted_advisor",
            "high",
            "Security Groups - Specific Ports Unrestricted",
            "sg-0123456789abcdef0 (ec2 security-group)",
            f"{CONSOLE}/ec2/home?region=ap-northeast-1#SecurityGroup:groupId=sg-0123456789abcdef0",
        ),
        (
            "codepipeline",
            "high",
            "main-web (Build / Compile): failed",
            "main-web",
            f"{CONSOLE}/codesuite/codepipeline/pipelines/main-web/executions/01234567-0123-0123-0123-012345678901"
            "/timeline?region=ap-northeast-1",
        ),
        (
            "config",
            "medium",
            "sg-0123456789abcdef0 is non-compliant with main-restricted-ssh",
            "sg-0123456789abcdef0 (AWS::EC2::SecurityGroup)",
            f"{CONSOLE}/config/home?region=ap-northeast-1#/resources/timeline?resourceId=sg-0123456789abcdef0"
            "&resourceType=AWS%3A%3AEC2%3A%3ASecurityGroup",
        ),
        ("unknown", "information", "Order Rejected", "", ""),
    ],
)
def test_what_a_person_is_told(kind, severity, title, resource, link):
    notice = notice_of(sample(kind))
    assert (notice.severity.word, notice.title, notice.resource, notice.link) == (severity, title, resource, link)
    assert notice.account == "123456789012"
    assert notice.region == {"budget": ""}.get(kind, "ap-northeast-1")
    assert moment(notice.since)
    assert notice.advice


@needs_samples
def test_every_sample_is_known_but_one():
    assert {path.stem for path in SAMPLES.glob("*.json") if notice_of(sample(path.stem)).verbatim} == {"unknown"}


@needs_samples
@pytest.mark.parametrize("kind", ["guardduty", "rds", "config", "health"])
def test_an_event_that_went_through_sns_or_a_queue_is_the_same(kind):
    event = sample(kind)
    sns = {"Type": "Notification", "MessageId": "m-1", "TopicArn": "arn:aws:sns:us-east-1:123456789012:x-critical"}
    sns["Message"] = json.dumps(event)
    ways = [
        {"Records": [{"EventSource": "aws:sns", "Sns": sns}]},
        {"Records": [{"eventSource": "aws:sqs", "messageId": "q-1", "body": json.dumps(sns)}]},
        {"Records": [{"eventSource": "aws:sqs", "messageId": "q-1", "body": json.dumps(event)}]},
        {"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": event},
    ]
    for way in ways:
        assert notice_of(way) == notice_of(event)


@needs_samples
def test_both_ways_of_a_backup_job_are_one_thing():
    first, second_one = notice_of(sample("backup")), notice_of(sample("backup_sns"))
    assert (first.identity, first.state) == (second_one.identity, second_one.state)


@needs_samples
def test_security_hub_passes_on_what_guardduty_found():
    found = notice_of(sample("guardduty"))
    event = sample("security_hub")
    arn = sample("guardduty")["detail"]["arn"]
    event["detail"]["findings"][0].update(Id=arn, ProductName="GuardDuty", Compliance=None)
    passed_on = notice_of(event)
    assert (passed_on.identity, passed_on.state) == (found.identity, found.state)


@needs_samples
@pytest.mark.parametrize(
    ("score", "severity"), [(9.5, "critical"), (9, "critical"), (8.9, "high"), (7, "high"), (4, "medium"), (2, "low")]
)
def test_the_scores_of_guardduty(score, severity):
    assert changed("guardduty", severity=score).severity.word == severity


@needs_samples
@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ({"resourceType": "S3Bucket", "s3BucketDetails": [{"name": "main-x"}]}, "main-x (s3 bucket)"),
        ({"resourceType": "AccessKey", "accessKeyDetails": {"userName": "carol"}}, "carol"),
        ({"resourceType": "Lambda", "lambdaDetails": {"functionName": "f"}}, "f (lambda function)"),
        ({"resourceType": "EKSCluster", "eksClusterDetails": {"name": "c"}}, "c"),
        ({"resourceType": "Container"}, "Container"),
    ],
)
def test_what_guardduty_looks_at(resource, name):
    notice = changed("guardduty", resource=resource)
    assert notice.resource == name
    assert notice.link


@needs_samples
@pytest.mark.parametrize(
    ("change", "severity"),
    [
        ({"Compliance": {"Status": "PASSED"}}, "resolved"),
        ({"Workflow": {"Status": "RESOLVED"}}, "resolved"),
        ({"RecordState": "ARCHIVED"}, "resolved"),
        ({"Workflow": {"Status": "SUPPRESSED"}}, "information"),
        ({"Severity": {"Label": "INFORMATIONAL"}}, "information"),
        ({"Severity": {"Label": "CRITICAL"}}, "critical"),
    ],
)
def test_what_security_hub_says_of_a_finding(change, severity):
    event = sample("security_hub")
    event["detail"]["findings"][0].update(change)
    assert notice_of(event).severity.word == severity


@needs_samples
@pytest.mark.parametrize(
    ("kind", "change", "severity"),
    [
        ("inspector", {"status": "CLOSED"}, "resolved"),
        ("inspector", {"status": "SUPPRESSED"}, "information"),
        ("inspector", {"severity": "UNTRIAGED"}, "medium"),
        ("health", {"eventTypeCategory": "issue"}, "high"),
        ("health", {"eventTypeCategory": "accountNotification"}, "low"),
        ("health", {"statusCode": "closed"}, "resolved"),
        ("backup", {"state": "COMPLETED", "statusMessage": None}, "information"),
        ("backup", {"state": "ABORTED"}, "medium"),
        ("trusted_advisor", {"status": "WARN"}, "medium"),
        ("trusted_advisor", {"status": "OK"}, "resolved"),
        ("codepipeline", {"state": "SUCCEEDED"}, "information"),
        ("codepipeline", {"state": "CANCELED"}, "low"),
        ("rds", {"Message": "Multi-AZ instance failover completed"}, "information"),
        ("rds", {"EventCategories": ["availability"], "Message": "DB instance restarted"}, "medium"),
        ("rds", {"EventCategories": ["failure"], "Message": "Incompatible network."}, "high"),
        ("rds", {"EventCategories": ["backup"], "Message": "Finished DB Instance backup"}, "information"),
    ],
)
def test_how_bad_it_is(kind, change, severity):
    assert changed(kind, **change).severity.word == severity


@needs_samples
def test_an_inspector_finding_says_what_to_update():
    assert notice_of(sample("inspector")).advice == "Update to nginx 0:1.26.4-1.amzn2023."


@needs_samples
def test_an_image_of_inspector():
    image = {
        "type": "AWS_ECR_CONTAINER_IMAGE",
        "id": "arn:aws:ecr:eu-west-1:123456789012:repository/shop/web/sha256:98c0",
    }
    notice = changed("inspector", resources=[image])
    assert notice.resource == "shop/web/sha256:98c0 (ecr repository)"
    assert notice.link == (
        "https://eu-west-1.console.aws.amazon.com/ecr/repositories/private/123456789012/shop/web?region=eu-west-1"
    )


@needs_samples
def test_an_abuse_report_is_critical():
    event = {**sample("health"), "detail-type": "AWS Health Abuse Event"}
    assert notice_of(event).severity == Severity.CRITICAL


@needs_samples
def test_a_pipeline_by_a_notification_rule():
    event = sample("codepipeline")
    event.update(detailType="CodePipeline Pipeline Execution State Change")
    event.update(additionalAttributes={"failedActions": [{"action": "Compile", "additionalInformation": "No space"}]})
    for member in ("detail-type", "id", "version"):
        del event[member]
    for member in ("stage", "action", "execution-result", "type"):
        del event["detail"][member]
    notice = notice_of(event)
    assert (notice.title, notice.what, notice.severity) == ("main-web: failed", "Compile: No space", Severity.HIGH)


@needs_samples
def test_a_budget_below_its_limit_and_a_forecast():
    event = sample("budget")
    text = event["Records"][0]["Sns"]["Message"]
    event["Records"][0]["Sns"]["Message"] = text.replace("$1,043.17", "$812.50")
    assert notice_of(event).severity == Severity.MEDIUM
    event["Records"][0]["Sns"]["Message"] = text.replace("ACTUAL", "FORECASTED")
    assert notice_of(event).title == "main-monthly is forecast to be $1,043.17, of $1,000.00"
    assert notice_of(event).severity == Severity.MEDIUM


@needs_samples
def test_an_alarm_by_eventbridge_is_the_one_by_sns():
    message = json.loads(sample("alarm")["Records"][0]["Sns"]["Message"])
    event = {
        "version": "0",
        "id": "e-1",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "123456789012",
        "time": "2026-05-04T03:12:45Z",
        "region": "ap-northeast-1",
        "resources": [message["AlarmArn"]],
        "detail": {
            "alarmName": "main-web-5xx",
            "state": {"value": "ALARM", "reason": "Threshold Crossed", "timestamp": message["StateChangeTime"]},
            "previousState": {"value": "OK"},
            "configuration": {"metrics": [{"id": "m", "metricStat": {"metric": {"namespace": "N", "name": "M"}}}]},
        },
    }
    notice, by_sns = notice_of(event), notice_of(sample("alarm"))
    assert (notice.identity, notice.state, notice.link) == (by_sns.identity, by_sns.state, by_sns.link)
    assert ("Metric", "N M") in notice.facts
    # An alarm may call the function itself, too.
    action = {"source": "aws.cloudwatch", "alarmArn": message["AlarmArn"], "accountId": "123456789012"}
    assert notice_of({**action, "alarmData": event["detail"]}) == notice


@needs_samples
def test_what_config_sends_to_its_topic_is_the_event():
    event = sample("config")
    alone = notice_of(event["detail"])
    assert (alone.identity, alone.state) == (notice_of(event).identity, notice_of(event).state)


def test_a_text_that_nobody_knows_is_shown():
    frame = Frame("m-1", "arn:aws:sns:eu-west-1:123456789012:alerts-low", "Mind this", "2026-05-04T03:12:45Z")
    (notice,), stumbled = read("The first line\nand the second", frame)
    assert (notice.severity, notice.title, notice.region) == (Severity.LOW, "Mind this", "eu-west-1")
    assert notice.what == "The first line\nand the second"
    assert stumbled == ""


@pytest.mark.parametrize("payload", ["", {}, {"detail": 3, "source": "aws.guardduty"}, [1], None, {"resources": "x"}])
def test_nothing_is_dropped(payload):
    (notice,) = read(payload, Frame("m-1"))[0]
    assert notice.title == "An event"


def test_a_reader_that_stumbles_leaves_the_event_as_it_is():
    event = {"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "id": "e-1", "detail": {"severity": "8"}}
    (notice,), stumbled = read(event, Frame("e-1"))
    assert (notice.source, notice.severity, notice.verbatim) == ("GuardDuty", Severity.MEDIUM, True)
    assert '"severity": "8"' in notice.what
    assert stumbled.startswith("GuardDuty: KeyError")


@pytest.mark.parametrize(
    ("topic", "severity"),
    [("alerts-high", Severity.HIGH), ("alerts_low.fifo", Severity.LOW), ("alerts", None), ("", None)],
)
def test_the_severity_of_a_topic(topic, severity):
    assert Frame(topic=topic).severity == severity


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-04T03:12:44.905+0000", "2026-05-04T03:12:44Z"),
        ("2026-05-04T12:12:44+09:00", "2026-05-04T03:12:44Z"),
        ("2026-05-04 03:12:44.292", "2026-05-04T03:12:44Z"),
        ("Mon, 04 May 2026 03:12:44 GMT", "2026-05-04T03:12:44Z"),
        ("May 4, 2026, 3:12:44\u202fAM", "2026-05-04T03:12:44Z"),
        ("some day", "some day"),
    ],
)
def test_the_times_of_aws(text, expected):
    assert second(text) == expected


@pytest.mark.parametrize(
    ("arn", "name", "link"),
    [
        ("arn:aws:iam::123456789012:role/team/web", "team/web (iam role)", "iam/home#/roles/details/web"),
        ("arn:aws:s3:::main/a/key", "main (s3 bucket)", "s3/buckets/main"),
        ("arn:aws:sqs:eu-west-1:123456789012:jobs", "arn:aws:sqs:eu-west-1:123456789012:jobs", ""),
        ("anything", "anything", ""),
    ],
)
def test_the_names_and_pages_of_resources(arn, name, link):
    assert resource(arn) == (name, f"https://console.aws.amazon.com/{link}" if link else "")


def test_the_console_of_another_partition():
    arn = Arn("arn:aws-cn:ec2:cn-north-1:123456789012:vpc/vpc-1")
    assert arn.page().startswith("https://cn-north-1.console.amazonaws.cn/vpcconsole/")
