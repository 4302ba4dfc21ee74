# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What AWS Config records and checks, and how a security group that is open to the world is closed again.

The tests of this module follow one another on one estate, which has only the layers that compliance stands on.
"""

from __future__ import annotations

import json

import pytest

from .conftest import BOTH_WORDS, TOKYO, client

LAYERS = "encryption,identity,storage,notification,compliance"
CELLS = ("--limit", "virginia,tokyo")
ALONE = ("--tags", "compliance", "--skip-tags", "always", "--limit", "tokyo")
NAME = "shop-sandbox"
RULES = (f"{NAME}-restricted-common-ports", f"{NAME}-restricted-ssh")
GROUP = "AWS::EC2::SecurityGroup"
WORLD = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
OFFICE = {"IpRanges": [{"CidrIp": "192.0.2.0/24"}]}


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it."""
    if "build" not in estate.memory:
        webhook = described(notification_slack_webhook=estate.sandbox.slack_webhook)
        estate.memory["build"] = estate.run("--tags", LAYERS, *CELLS, webhook)
    return estate


def recorder_of(estate, region: str = TOKYO) -> dict:
    config = client(estate, "config", region)
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    return {**recorder, "recording": status["recording"]}


def rules_of(estate, region: str = TOKYO) -> dict[str, dict]:
    rules = client(estate, "config", region).describe_config_rules()["ConfigRules"]
    return {rule["ConfigRuleName"]: rule for rule in rules}


def remediation_of(estate, rule: str) -> dict:
    found = client(estate, "config").describe_remediation_configurations(ConfigRuleNames=[rule])
    return next(iter(found["RemediationConfigurations"]), {})


def tcp(port: int, where: dict, last: int | None = None) -> dict:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": last or port, **where}


def group_of(estate, name: str, *permissions: dict, **tags: str) -> str:
    """A security group that somebody makes, after all that follows from it."""
    ec2 = client(estate, "ec2")
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    tagged = {"TagSpecifications": [{"ResourceType": "security-group", "Tags": listed}]} if tags else {}
    group = ec2.create_security_group(GroupName=name, Description="A test makes it", **tagged)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(permissions))
    estate.sandbox.settle()
    return group


def let_in(estate, group: str) -> set[tuple[int, str]]:
    """Which first ports a group lets whom connect to."""
    inside = [{"Name": "group-id", "Values": [group]}]
    rules = client(estate, "ec2").describe_security_group_rules(Filters=inside)["SecurityGroupRules"]
    return {(rule["FromPort"], rule.get("CidrIpv4") or rule.get("CidrIpv6")) for rule in rules if not rule["IsEgress"]}


def told_of(estate) -> list[str]:
    """What Slack's stand-in has received since the last time."""
    estate.sandbox.settle()
    received = [json.dumps(entry) for entry in estate.sandbox.slack_received()]
    news = received[estate.memory.get("told", 0) :]
    estate.memory["told"] = len(received)
    return news


def test_everything_is_recorded_and_delivered(built, described):
    for region, everywhere in (("us-east-1", True), (TOKYO, False)):
        recorder = recorder_of(built, region)
        assert (recorder["name"], recorder["recording"]) == (NAME, True)
        assert recorder["roleARN"].endswith(f"/{NAME}-config")
        assert recorder["recordingGroup"]["allSupported"]
        # Those of IAM in one cell alone.
        assert recorder["recordingGroup"]["includeGlobalResourceTypes"] is everywhere
        config = client(built, "config", region)
        tags = config.list_tags_for_resource(ResourceArn=recorder["arn"])["Tags"]
        assert {"Key": "Layer", "Value": "compliance"} in tags
        (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
        assert (channel["s3BucketName"], channel["s3KeyPrefix"]) == (f"{NAME}-logs-123456789012-{region}", "config")
        assert rules_of(built, region).keys() == set(RULES)
        (authorized,) = config.describe_aggregation_authorizations()["AggregationAuthorizations"]
        assert (authorized["AuthorizedAccountId"], authorized["AuthorizedAwsRegion"]) == ("123456789012", TOKYO)
        aggregators = config.describe_configuration_aggregators()["ConfigurationAggregators"]
        assert [aggregator["ConfigurationAggregatorName"] for aggregator in aggregators] == [NAME] * (region == TOKYO)
    (source,) = aggregators[0]["AccountAggregationSources"]
    assert source["AwsRegions"] == [TOKYO, "ap-northeast-3", "us-east-1"]
    remediation = remediation_of(built, f"{NAME}-restricted-ssh")
    assert (remediation["Automatic"], remediation["TargetId"]) == (True, f"{NAME}-close-ports")
    assert remediation["MaximumAutomaticAttempts"] == 5
    assert remediation["ExecutionControls"]["SsmControls"] == {
        "ConcurrentExecutionRatePercentage": 25,
        "ErrorPercentage": 20,
    }
    assert built.run("--tags", "compliance", *CELLS, described()).changes == set()
    assert built.run("--check", *ALONE, described()).changes == set()


def test_what_is_open_to_the_world_is_closed_and_told_of_and_nothing_else_is(built):
    told_of(built)
    open_group = group_of(
        built, "web", tcp(22, WORLD), tcp(3389, WORLD), tcp(3000, WORLD, 4000), tcp(443, WORLD), tcp(22, OFFICE)
    )
    assert let_in(built, open_group) == {(443, "0.0.0.0/0"), (443, "::/0"), (22, "192.0.2.0/24")}
    for rule in RULES:
        (state,) = client(built, "config").describe_compliance_by_config_rule(ConfigRuleNames=[rule])[
            "ComplianceByConfigRules"
        ]
        assert state["Compliance"]["ComplianceType"] == "COMPLIANT"
    executions = client(built, "ssm").describe_automation_executions()["AutomationExecutionMetadataList"]
    assert {execution["AutomationExecutionStatus"] for execution in executions} == {"Success"}
    news = "".join(told_of(built))
    assert open_group in news
    assert all(rule in news for rule in RULES)
    # Nothing is open, and nothing is told, when it is looked at again.
    client(built, "config").start_config_rules_evaluation(ConfigRuleNames=list(RULES))
    assert told_of(built) == []


def test_an_exception_is_left_alone(built):
    group = group_of(built, "bastion", tcp(22, WORLD), tcp(3389, WORLD), ComplianceException="Everybody may try")
    assert let_in(built, group) == {(port, where) for port in (22, 3389) for where in ("0.0.0.0/0", "::/0")}
    client(built, "ec2").delete_tags(Resources=[group], Tags=[{"Key": "ComplianceException"}])
    built.sandbox.settle()
    assert let_in(built, group) == set()


def test_drift_is_put_back(built, described):
    config, ssm, events = (client(built, service) for service in ("config", "ssm", "events"))
    config.stop_configuration_recorder(ConfigurationRecorderName=NAME)
    config.delete_remediation_configuration(ConfigRuleName=RULES[1])
    config.put_config_rule(
        ConfigRule={
            "ConfigRuleName": RULES[0],
            "Source": {"Owner": "AWS", "SourceIdentifier": "RESTRICTED_INCOMING_TRAFFIC"},
        }
    )
    content = {"schemaVersion": "0.3", "mainSteps": [{"name": "x", "action": "aws:sleep", "inputs": {}}]}
    document = ssm.update_document(Name=f"{NAME}-close-ports", Content=json.dumps(content), DocumentVersion="$LATEST")
    version = document["DocumentDescription"]["DocumentVersion"]
    ssm.update_document_default_version(Name=f"{NAME}-close-ports", DocumentVersion=version)
    events.disable_rule(Name=f"{NAME}-compliance")
    expected = {
        ("Start the recorder", ""),
        ("Have mended what does not comply", "restricted-ssh"),
        ("Keep the rules", "restricted-common-ports"),
        ("Keep the runbook that closes ports to the world", ""),
        ("Tell of what does not comply", ""),
    }
    assert built.run(*ALONE, described()).touched == expected
    assert recorder_of(built)["recording"]
    assert ssm.describe_document(Name=f"{NAME}-close-ports")["Document"]["DefaultVersion"] == "1"


def test_described_otherwise_it_changes_that_and_nothing_else(built, described):
    changed = (
        *ALONE,
        described(
            compliance_recording_frequency="DAILY",
            compliance_aggregate=False,
            compliance_rules={
                "restricted-ssh": {
                    "description": "Nobody on the Internet logs in by SSH",
                    "identifier": "INCOMING_SSH_DISABLED",
                    "resource_types": [GROUP],
                }
            },
            compliance_extra_rules={
                "root-mfa": {
                    "description": "Root has a second factor",
                    "identifier": "ROOT_ACCOUNT_MFA_ENABLED",
                    "global_resources": True,
                },
                "volumes": {
                    "description": "Encrypted",
                    "identifier": "ENCRYPTED_VOLUMES",
                    "remediation": {
                        "document": "AWS-DeleteEbsVolume",
                        "resource_parameter": "VolumeId",
                        "role": "remediation",
                        "automatic": False,
                    },
                },
            },
        ),
    )
    expected = {
        ("Keep the aggregator", ""),
        ("Keep the recorder", ""),
        ("Keep the rules", "volumes"),
        ("Have mended what does not comply", "volumes"),
        ("Let the aggregator show what is recorded here", ""),
        ("Mend no more of what is not to be mended", "restricted-ssh"),
        ("Mend no more of what is not to be mended", "restricted-common-ports"),
        ("Delete rules that are not listed any more", "restricted-common-ports"),
    }
    assert built.run("--check", *changed).touched == expected
    assert built.run(*changed).touched == expected
    assert rules_of(built).keys() == {f"{NAME}-restricted-ssh", f"{NAME}-volumes"}
    remediation = remediation_of(built, f"{NAME}-volumes")
    assert (remediation["Automatic"], remediation["TargetId"]) == (False, "AWS-DeleteEbsVolume")
    assert remediation["Parameters"]["VolumeId"] == {"ResourceValue": {"Value": "RESOURCE_ID"}}
    (override,) = recorder_of(built)["recordingMode"]["recordingModeOverrides"]
    assert (override["resourceTypes"], override["recordingFrequency"]) == ([GROUP], "CONTINUOUS")
    group = group_of(built, "later", tcp(22, WORLD))
    assert let_in(built, group) == {(22, "0.0.0.0/0"), (22, "::/0")}


def test_it_is_taken_away_and_nothing_else_is(built, described):
    run = built.attempt("--tags", "storage", *CELLS, *BOTH_WORDS, described(), playbook="playbooks/destroy.yml")
    assert "The layer compliance stands on" in run.output
    built.run("--tags", "compliance", *CELLS, *BOTH_WORDS[:2], described(), playbook="playbooks/destroy.yml")
    for region in ("us-east-1", TOKYO):
        config = client(built, "config", region)
        assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []
        assert config.describe_delivery_channels()["DeliveryChannels"] == []
        assert config.describe_config_rules()["ConfigRules"] == []
        assert config.describe_configuration_aggregators()["ConfigurationAggregators"] == []
        assert config.describe_aggregation_authorizations()["AggregationAuthorizations"] == []
        assert client(built, "events", region).list_rules(NamePrefix=f"{NAME}-compliance")["Rules"] == []
        owned = [{"Key": "Owner", "Values": ["Self"]}]
        assert client(built, "ssm", region).list_documents(Filters=owned)["DocumentIdentifiers"] == []


def test_somebody_elses_recorder_is_used_when_that_is_said_and_stays(built, described):
    config = client(built, "config")
    role = client(built, "iam").get_role(RoleName=f"{NAME}-config")["Role"]["Arn"]
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    bucket = {"s3BucketName": f"{NAME}-logs-123456789012-{TOKYO}", "s3KeyPrefix": "config"}
    config.put_delivery_channel(DeliveryChannel={"name": "default", **bucket})
    run = built.attempt(*ALONE, described())
    assert run.returncode != 0
    assert "AWS Config has the recorder default in ap-northeast-1" in run.output
    shared = described(compliance_existing_recorder="use")
    built.run(*ALONE, shared)
    assert rules_of(built).keys() == set(RULES)
    assert recorder_of(built)["recording"] is False
    tokyo = ("--tags", "compliance", "--limit", "tokyo")
    built.run(*tokyo, *BOTH_WORDS[:2], shared, playbook="playbooks/destroy.yml")
    assert recorder_of(built)["name"] == "default"
    assert config.describe_delivery_channels()["DeliveryChannels"]
    assert rules_of(built) == {}
