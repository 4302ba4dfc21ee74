# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The modules of AWS Config, which stand on one another: a recorder, its channel, a rule, a remediation."""

from __future__ import annotations

import json

import pytest

from .conftest import REGION, Story

ACCOUNT = "123456789012"
GROUP = "AWS::EC2::SecurityGroup"
DOCUMENT = {
    "schemaVersion": "0.3",
    "assumeRole": "{{ AutomationAssumeRole }}",
    "parameters": {
        "AutomationAssumeRole": {"type": "String"},
        "SecurityGroupId": {"type": "String"},
        "Ports": {"type": "StringList", "default": ["22"]},
    },
    "mainSteps": [{"name": "wait", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}],
}


@pytest.fixture
def recorder(sandbox, config_role):
    config = sandbox.client("config", REGION)
    config.put_configuration_recorder(ConfigurationRecorder={"name": "example", "roleARN": config_role})
    return config


def test_story_of_a_recorder(modules, sandbox, config_role, config_bucket):
    config = sandbox.client("config", REGION)

    def change_behind_its_back(sandbox):
        config.put_delivery_channel(DeliveryChannel={"name": "example", "s3BucketName": config_bucket})
        config.put_configuration_recorder(
            ConfigurationRecorder={
                "name": "example",
                "roleARN": config_role,
                "recordingGroup": {"resourceTypes": [GROUP]},
            }
        )
        config.start_configuration_recorder(ConfigurationRecorderName="example")

    override = {"resource_types": [GROUP, "AWS::EC2::VPC"], "recording_frequency": "CONTINUOUS"}
    modules.tell(
        Story(
            module="config_recorder",
            returns="recorder",
            identity={"name": "example"},
            present={
                "role_arn": config_role,
                "recording_group": {"include_global_resource_types": True},
                "tags": {"Environment": "test"},
            },
            changes=(
                {"recording_mode": {"recording_frequency": "DAILY", "recording_mode_overrides": [override]}},
                {"recording_group": {"recording_strategy": "EXCLUSION_BY_RESOURCE_TYPES", "resource_types": [GROUP]}},
                {"tags": {"Environment": "changed"}, "recording": False, "recording_group": {}},
            ),
            drift=change_behind_its_back,
            unpredictable=frozenset({"arn"}),
        )
    )


def test_a_recorder_starts_and_stops_and_there_is_one(modules, config_role, recorder, config_bucket):
    refused = modules.attempt("config_recorder", name="example", recording=True)
    assert "elivery channel" in refused["msg"]
    modules.run("config_delivery_channel", name="example", s3_bucket_name=config_bucket)
    for recording in (True, False, True):
        assert modules.run("config_recorder", name="example", recording=recording)["changed"]
        assert not modules.run("config_recorder", name="example", recording=recording)["changed"]
        (status,) = recorder.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        assert status["recording"] is recording
    refused = modules.attempt("config_recorder", name="another", role_arn=config_role)
    assert f"in {REGION} that is example" in refused["msg"]
    refused = modules.attempt("config_delivery_channel", name="another", s3_bucket_name=config_bucket)
    assert f"in {REGION} that is example" in refused["msg"]
    assert "records" not in modules.attempt("config_recorder", name="example", state="absent").get("msg", "")
    assert recorder.describe_configuration_recorders()["ConfigurationRecorders"] == []


def test_what_a_recorder_refuses(modules, config_role):
    for group, why in (
        ({"resource_types": [GROUP]}, "Choose INCLUSION_BY_RESOURCE_TYPES"),
        ({"recording_strategy": "INCLUSION_BY_RESOURCE_TYPES"}, "but no resource_types"),
        (
            {
                "recording_strategy": "INCLUSION_BY_RESOURCE_TYPES",
                "resource_types": [GROUP],
                "include_global_resource_types": True,
            },
            "which is for all types alone",
        ),
    ):
        refused = modules.attempt("config_recorder", name="example", role_arn=config_role, recording_group=group)
        assert why in refused["msg"]
    assert "role_arn is not given" in modules.attempt("config_recorder", name="example")["msg"]


def test_story_of_a_delivery_channel(modules, sandbox, recorder, config_bucket):
    key = sandbox.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
    assert "s3_bucket_name is not given" in modules.attempt("config_delivery_channel", name="example")["msg"]
    modules.tell(
        Story(
            module="config_delivery_channel",
            returns="delivery_channel",
            identity={"name": "example"},
            present={"s3_bucket_name": config_bucket, "s3_key_prefix": "config", "delivery_frequency": "One_Hour"},
            changes=(
                {"s3_kms_key_arn": key, "sns_topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:example"},
                {"s3_key_prefix": "other", "sns_topic_arn": ""},
                {"delivery_frequency": "TwentyFour_Hours"},
            ),
            drift=lambda sandbox: recorder.put_delivery_channel(
                DeliveryChannel={"name": "example", "s3BucketName": config_bucket}
            ),
        )
    )
    modules.run("config_delivery_channel", name="example", s3_bucket_name=config_bucket)
    recorder.start_configuration_recorder(ConfigurationRecorderName="example")
    refused = modules.attempt("config_delivery_channel", name="example", state="absent")
    assert "Stop it first" in refused["msg"]


def test_a_channel_wants_a_bucket(modules, recorder):
    refused = modules.attempt("config_delivery_channel", name="example", s3_bucket_name="there-is-none")
    assert "Cannot find a S3 bucket" in refused["msg"]


def test_story_of_a_rule(modules, sandbox, recorder):
    def change_behind_its_back(sandbox):
        recorder.put_config_rule(
            ConfigRule={
                "ConfigRuleName": "ports",
                "Source": {"Owner": "AWS", "SourceIdentifier": "RESTRICTED_INCOMING_TRAFFIC"},
            }
        )

    modules.tell(
        Story(
            module="config_rule",
            returns="rule",
            identity={"name": "ports"},
            present={
                "description": "Closed",
                "source": {"identifier": "RESTRICTED_INCOMING_TRAFFIC"},
                "scope": {"compliance_resource_types": [GROUP]},
                "input_parameters": {"blockedPort1": 3389, "blockedPorts": [22, 23]},
                "tags": {"Environment": "test", "Owner": "web"},
            },
            changes=(
                {"input_parameters": {"blockedPort1": "3306"}, "description": "Really"},
                {"scope": {"tag_key": "Web", "tag_value": "yes"}, "maximum_execution_frequency": "Six_Hours"},
                {"scope": {}, "tags": {"Environment": "changed"}},
            ),
            drift=change_behind_its_back,
            unpredictable=frozenset({"arn"}),
        )
    )


def test_what_a_rule_refuses(modules, recorder):
    source = {"identifier": "INCOMING_SSH_DISABLED"}
    assert "source is not given" in modules.attempt("config_rule", name="ssh")["msg"]
    for scope, why in (
        ({"compliance_resource_id": "sg-1"}, "has to be the one type"),
        ({"tag_value": "x"}, "but no tag_key"),
        ({"tag_key": "x", "compliance_resource_types": [GROUP]}, "one or the other"),
    ):
        assert why in modules.attempt("config_rule", name="ssh", source=source, scope=scope)["msg"]


def test_story_of_a_remediation(modules, sandbox, recorder, config_role):
    ssm = sandbox.client("ssm", REGION)
    ssm.create_document(Name="close", DocumentType="Automation", Content=json.dumps(DOCUMENT), DocumentFormat="JSON")
    modules.run("config_rule", name="ssh", source={"identifier": "INCOMING_SSH_DISABLED"})

    def change_behind_its_back(sandbox):
        recorder.put_remediation_configurations(
            RemediationConfigurations=[
                {"ConfigRuleName": "ssh", "TargetType": "SSM_DOCUMENT", "TargetId": "close", "Parameters": {}}
            ]
        )

    modules.tell(
        Story(
            module="config_remediation",
            returns="remediation",
            identity={"config_rule_name": "ssh"},
            present={
                "target_id": "close",
                "resource_type": GROUP,
                "resource_id_parameter": "SecurityGroupId",
                "static_parameters": {"AutomationAssumeRole": config_role, "Ports": [22]},
                "automatic": True,
            },
            changes=(
                {"maximum_automatic_attempts": 3, "retry_attempt_seconds": 600},
                {"concurrent_execution_rate_percentage": 25, "error_percentage": 10},
                {"static_parameters": {"AutomationAssumeRole": config_role}, "automatic": False, "target_version": "1"},
            ),
            drift=change_behind_its_back,
            unpredictable=frozenset({"arn"}),
        )
    )
    keep = {"config_rule_name": "ssh", "target_id": "close"}
    assert "has to have AutomationAssumeRole" in modules.attempt("config_remediation", **keep, automatic=True)["msg"]
    assert "1 to 100" in modules.attempt("config_remediation", **keep, error_percentage=0)["msg"]
    assert "target_id is not given" in modules.attempt("config_remediation", config_rule_name="ssh")["msg"]
    refused = modules.attempt("config_remediation", config_rule_name="ssh", target_id="none")
    assert "The document none is not there" in refused["msg"]
    modules.run("config_remediation", **keep)
    assert "has a remediation" in modules.attempt("config_rule", name="ssh", state="absent")["msg"]


def test_story_of_an_aggregator(modules, sandbox):
    config = sandbox.client("config", REGION)
    source = {"AccountIds": [ACCOUNT], "AllAwsRegions": True}
    accounts = {"account_ids": [ACCOUNT, "123456789013"], "aws_regions": ["us-east-1", REGION]}
    assert "needs account_source" in modules.attempt("config_aggregator", name="example")["msg"]
    modules.tell(
        Story(
            module="config_aggregator",
            returns="aggregator",
            identity={"name": "example"},
            present={"account_source": accounts, "tags": {"Environment": "test"}},
            changes=(
                {"account_source": {"account_ids": [ACCOUNT], "aws_regions": ["us-east-1"]}},
                {"tags": {"Environment": "changed"}},
                {"account_source": None, "organization_source": {"role_arn": f"arn:aws:iam::{ACCOUNT}:role/example"}},
            ),
            drift=lambda sandbox: config.put_configuration_aggregator(
                ConfigurationAggregatorName="example", AccountAggregationSources=[source]
            ),
            unpredictable=frozenset({"arn"}),
        )
    )


def test_story_of_an_authorization(modules, sandbox):
    config = sandbox.client("config", REGION)
    arn = f"arn:aws:config:{REGION}:{ACCOUNT}:aggregation-authorization/{ACCOUNT}/us-east-1"
    modules.tell(
        Story(
            module="config_aggregation_authorization",
            returns="authorization",
            identity={"authorized_account_id": ACCOUNT, "authorized_aws_region": "us-east-1"},
            present={"tags": {"Environment": "test"}},
            changes=({"tags": {"Environment": "changed", "Owner": "web"}},),
            drift=lambda sandbox: config.untag_resource(ResourceArn=arn, TagKeys=["Owner"]),
            unpredictable=frozenset({"arn"}),
        )
    )
