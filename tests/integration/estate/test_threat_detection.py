# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What finds threats and weaknesses, and where it is said: read back, raised, described otherwise, taken away.

The tests of this module follow one another on one estate, which has only the layers that threat detection stands on.
"""

from __future__ import annotations

import json

import pytest

from sandbox import sample_event

from .conftest import BOTH_WORDS, TOKYO, client, key_of

LAYERS = "encryption,identity,storage,notification,threat_detection"
CELLS = ("--limit", "virginia,tokyo")
ALONE = ("--tags", "threat_detection", "--skip-tags", "always", "--limit", "tokyo")
REGIONS = ("us-east-1", TOKYO)
FSBP = "aws-foundational-security-best-practices/v/1.0.0"
CIS = "cis-aws-foundations-benchmark/v/5.0.0"
RULES = {
    f"shop-sandbox-findings-{source}-{topic}"
    for source in ("guardduty", "inspector", "security-hub")
    for topic in ("warning", "critical")
}


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it; it writes to Slack's stand-in."""
    if "build" not in estate.memory:
        webhook = estate.sandbox.slack_webhook
        estate.memory["build"] = estate.run("--tags", LAYERS, *CELLS, described(notification_slack_webhook=webhook))
    return estate


def detector_of(estate, region: str = TOKYO) -> dict:
    guardduty = client(estate, "guardduty", region)
    (identifier,) = guardduty.list_detectors()["DetectorIds"]
    return {"DetectorId": identifier, **guardduty.get_detector(DetectorId=identifier)}


def standards_of(estate, region: str = TOKYO) -> set[str]:
    found = client(estate, "securityhub", region).get_enabled_standards()["StandardsSubscriptions"]
    return {each["StandardsArn"].partition("standards/")[2] for each in found}


def scans_of(estate, region: str = TOKYO) -> set[str]:
    (account,) = client(estate, "inspector2", region).batch_get_account_status()["accounts"]
    return {scan for scan, state in account["resourceState"].items() if state["status"] == "ENABLED"}


def rules_of(estate, region: str = TOKYO) -> set[str]:
    found = client(estate, "events", region).list_rules(NamePrefix="shop-sandbox-findings-")["Rules"]
    return {rule["Name"] for rule in found}


def test_the_second_run_changes_nothing(built, described):
    assert built.run(*ALONE, described()).changes == set()
    assert built.run("--check", *ALONE, described()).changes == set()


@pytest.mark.parametrize("region", REGIONS)
def test_guardduty_watches_in_every_cell_and_exports_what_it_finds(built, region):
    detector = detector_of(built, region)
    assert (detector["Status"], detector["FindingPublishingFrequency"]) == ("ENABLED", "FIFTEEN_MINUTES")
    assert {"Estate": "shop", "Environment": "sandbox", "Layer": "threat_detection"}.items() <= detector["Tags"].items()
    features = {each["Name"]: each["Status"] for each in detector["Features"]}
    watched = ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "EBS_MALWARE_PROTECTION")
    assert {features[name] for name in watched} == {"ENABLED"}
    assert features["EKS_AUDIT_LOGS"] == features["RUNTIME_MONITORING"] == "DISABLED"
    guardduty, identifier = client(built, "guardduty", region), detector["DetectorId"]
    (found,) = guardduty.list_publishing_destinations(DetectorId=identifier)["Destinations"]
    destination = guardduty.describe_publishing_destination(
        DetectorId=identifier, DestinationId=found["DestinationId"]
    )["DestinationProperties"]
    assert destination["DestinationArn"] == f"arn:aws:s3:::shop-sandbox-logs-123456789012-{region}"
    kms = client(built, "kms", region)
    assert destination["KmsKeyArn"] == kms.describe_key(KeyId="alias/shop-sandbox-logs")["KeyMetadata"]["Arn"]


@pytest.mark.parametrize("region", REGIONS)
def test_security_hub_checks_by_its_standards_and_inspector_scans(built, region):
    assert standards_of(built, region) == {FSBP, CIS}
    assert scans_of(built, region) == {"ec2", "ecr", "lambda"}
    securityhub = client(built, "securityhub", region)
    tags = securityhub.list_tags_for_resource(ResourceArn=securityhub.describe_hub()["HubArn"])["Tags"]
    assert (tags["Estate"], tags["Layer"]) == ("shop", "threat_detection")
    # What both cells find comes together in the primary one.
    (found,) = securityhub.list_finding_aggregators()["FindingAggregators"]
    aggregator = securityhub.get_finding_aggregator(**found)
    assert aggregator["FindingAggregationRegion"] == TOKYO
    assert set(aggregator["Regions"]) == {"us-east-1", "ap-northeast-3"}


@pytest.mark.parametrize(
    ("kind", "severity", "link", "topic"),
    [
        ("guardduty", "HIGH", "InstanceDetails:instanceId=i-0123456789abcdef0", "critical"),
        ("security_hub", "HIGH", "s3/buckets/main-uploads-example", "warning"),
        ("inspector", "CRITICAL", "InstanceDetails:instanceId=i-0123456789abcdef0", "critical"),
    ],
)
def test_a_finding_is_written_to_slack_once_with_its_severity_and_link(built, kind, severity, link, topic):
    before = len(built.sandbox.slack_received())
    for _time in ("found", "found again"):
        rules = built.sandbox.send_event(kind, region=TOKYO)["rules"]
        assert rules == [f"shop-sandbox-findings-{kind.replace('_', '-')}-{topic}"]
        built.sandbox.settle()
    (entry,) = built.sandbox.slack_received()[before:]
    assert (entry["status"], entry["problems"]) == (200, [])
    text = json.dumps(entry["message"])
    assert severity in text.upper()
    assert link in text


def guardduty_finding(severity):
    event = sample_event("guardduty")
    event["detail"]["severity"] = severity
    return event


def inspector_finding(**changes):
    event = sample_event("inspector")
    event["detail"] |= changes
    return event


def security_hub_finding(without=None, **changes):
    event = sample_event("security_hub")
    finding = event["detail"]["findings"][0] | changes
    finding.pop(without, None)
    return event | {"detail": {"findings": [finding]}}


def product(name):
    return f"arn:aws:securityhub:{TOKYO}::product/aws/{name}"


@pytest.mark.parametrize(
    ("event", "topic"),
    [
        (guardduty_finding(10), "critical"),
        (guardduty_finding(7), "critical"),
        (guardduty_finding(6.9), "warning"),
        (guardduty_finding(4), "warning"),
        (guardduty_finding(3.9), None),
        (inspector_finding(severity="HIGH"), "warning"),
        (inspector_finding(severity="MEDIUM"), None),
        (inspector_finding(severity="UNTRIAGED"), None),
        (inspector_finding(status="CLOSED"), None),
        (security_hub_finding(Severity={"Label": "CRITICAL"}), "critical"),
        (security_hub_finding(Severity={"Label": "MEDIUM"}), None),
        (security_hub_finding(RecordState="ARCHIVED"), None),
        (security_hub_finding(Workflow={"Status": "NOTIFIED"}), None),
        (security_hub_finding(Compliance={"Status": "PASSED"}), None),
        (security_hub_finding(ProductArn=product("macie"), without="Compliance"), "warning"),
        # What GuardDuty and Inspector say themselves.
        (security_hub_finding(ProductArn=product("guardduty"), without="Compliance"), None),
        (security_hub_finding(ProductArn=product("inspector"), without="Compliance"), None),
        # What is aggregated here is said in its own cell.
        (security_hub_finding(Region="us-east-1"), None),
    ],
)
def test_a_finding_is_said_on_one_topic_at_the_most(built, event, topic):
    source = {"aws.guardduty": "guardduty", "aws.inspector2": "inspector", "aws.securityhub": "security-hub"}
    rules = built.sandbox.send_event(event, region=TOKYO)["rules"]
    assert rules == ([f"shop-sandbox-findings-{source[event['source']]}-{topic}"] if topic else [])


def test_what_is_below_the_severity_is_not_written_to_slack(built):
    built.sandbox.settle()
    before = built.sandbox.slack_received()
    for event in (
        guardduty_finding(3.9),
        inspector_finding(severity="MEDIUM"),
        security_hub_finding(RecordState="ARCHIVED"),
    ):
        built.sandbox.send_event(event, region=TOKYO)
    built.sandbox.settle()
    assert built.sandbox.slack_received() == before


def test_described_otherwise_it_changes_that_and_nothing_else(built, described):
    # Somebody has changed something, too.
    guardduty = client(built, "guardduty")
    off = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    guardduty.update_detector(DetectorId=detector_of(built)["DetectorId"], Features=off)
    client(built, "events").disable_rule(Name="shop-sandbox-findings-guardduty-critical")
    control = {"id": "IAM.6", "reason": "The root user has no password"}
    changed = (
        *ALONE,
        described(
            threat_detection_disabled_controls=[control],
            threat_detection_guardduty_topics={"critical": 7},
            threat_detection_inspector_scans=["ec2"],
            threat_detection_standards=[FSBP],
        ),
    )
    expected = {
        ("Let GuardDuty watch", ""),
        ("Let Security Hub check", ""),
        ("Pass on what is found", "findings-guardduty-critical"),
        ("Pass nothing else on", "findings-guardduty-warning"),
        ("Let Inspector scan", ""),
    }
    assert built.run("--check", *changed).touched == expected
    assert built.run(*changed).touched == expected
    assert built.run(*changed).touched == set()
    assert rules_of(built) == RULES - {"shop-sandbox-findings-guardduty-warning"}
    assert scans_of(built) == {"ec2"}
    assert standards_of(built) == {FSBP}
    arn = f"arn:aws:securityhub:{TOKYO}::standards/{FSBP}"
    (found,) = client(built, "securityhub").batch_get_standards_control_associations(
        StandardsControlAssociationIds=[{"SecurityControlId": "IAM.6", "StandardsArn": arn}]
    )["StandardsControlAssociationDetails"]
    assert (found["AssociationStatus"], found["UpdatedReason"]) == ("DISABLED", control["reason"])


def test_what_is_switched_off_goes_and_security_hub_says_what_others_find(built, described):
    # Somebody else has it scan something that the estate does not.
    client(built, "inspector2").enable(resourceTypes=["LAMBDA"])
    off = described(threat_detection_guardduty=False, threat_detection_inspector=False)
    built.run(*ALONE, off)
    assert client(built, "guardduty").list_detectors()["DetectorIds"] == []
    assert rules_of(built) == {name for name in RULES if "security-hub" in name}
    rules = built.sandbox.send_event(security_hub_finding(ProductArn=product("guardduty")), region=TOKYO)["rules"]
    assert rules == ["shop-sandbox-findings-security-hub-warning"]
    assert built.run(*ALONE, off).changes == set()


def test_it_is_taken_away_but_what_was_on_before_stays(built, described):
    run = built.attempt(
        "--tags", "notification", *CELLS, *BOTH_WORDS[:2], described(), playbook="playbooks/destroy.yml"
    )
    assert "The layer threat_detection stands on" in run.output
    # In Tokyo it is off by now, and somebody else switches it on.
    guardduty = client(built, "guardduty")
    identifier = guardduty.create_detector(Enable=True, Tags={"Owner": "security"})["DetectorId"]
    client(built, "inspector2").enable(resourceTypes=["EC2"])
    built.run(*ALONE, described())
    assert detector_of(built)["Tags"] == {"Owner": "security"}
    assert scans_of(built) == {"ec2", "ecr", "lambda"}
    built.run("--tags", "threat_detection", *CELLS, *BOTH_WORDS[:2], described(), playbook="playbooks/destroy.yml")
    assert guardduty.list_detectors()["DetectorIds"] == [identifier]
    assert "ec2" in scans_of(built) and "ecr" not in scans_of(built)
    assert scans_of(built, "us-east-1") == set()
    for region in REGIONS:
        assert rules_of(built, region) == set()
        with pytest.raises(Exception, match="is not subscribed to AWS Security Hub"):
            client(built, "securityhub", region).describe_hub()
    assert client(built, "guardduty", "us-east-1").list_detectors()["DetectorIds"] == []
    assert key_of(built, "notification")
