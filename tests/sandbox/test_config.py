# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Rules of AWS Config find open security groups, and Automation closes them, as far as its role may."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GROUP = "AWS::EC2::SecurityGroup"
WORLD = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
WORLD6 = {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
RIGHTS = {
    "Effect": "Allow",
    "Action": ["ec2:DescribeTags", "ec2:DescribeSecurityGroupRules", "ec2:RevokeSecurityGroupIngress"],
    "Resource": "*",
}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def tcp(first, last=None, **where):
    return {"IpProtocol": "tcp", "FromPort": first, "ToPort": last or first, **where}


class Account:
    """An account that records, and has the rules and the runbook of the role `compliance`."""

    def __init__(self, sandbox, client, *rights):
        self.sandbox, self.client = sandbox, client
        self.config, self.ec2, self.ssm = client("config"), client("ec2"), client("ssm")
        trust = {"Effect": "Allow", "Principal": {"Service": "ssm.amazonaws.com"}, "Action": "sts:AssumeRole"}
        iam = client("iam")
        self.role = iam.create_role(RoleName="mender", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName="mender", PolicyName="mender", PolicyDocument=document(*rights))
        bucket = f"config-{client.account}"
        s3 = client("s3", "us-east-1")
        s3.create_bucket(Bucket=bucket)
        let = {
            "Effect": "Allow",
            "Principal": {"Service": "config.amazonaws.com"},
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        }
        s3.put_bucket_policy(Bucket=bucket, Policy=document(let))
        self.config.put_configuration_recorder(ConfigurationRecorder={"name": "example", "roleARN": self.role})
        self.config.put_delivery_channel(DeliveryChannel={"name": "example", "s3BucketName": bucket})
        self.config.start_configuration_recorder(ConfigurationRecorderName="example")
        content = (ROOT / "roles/compliance/files/close_ports.yml").read_text()
        self.ssm.create_document(Name="close", DocumentType="Automation", DocumentFormat="YAML", Content=content)

    def rule(self, name, identifier, ports, **parameters):
        rule = {"ConfigRuleName": name, "Source": {"Owner": "AWS", "SourceIdentifier": identifier}}
        if parameters:
            rule["InputParameters"] = json.dumps(parameters)
        self.config.put_config_rule(ConfigRule=rule)
        static = {"AutomationAssumeRole": [self.role], "Ports": ports, "ExceptionTag": ["Exception"]}
        self.config.put_remediation_configurations(
            RemediationConfigurations=[
                {
                    "ConfigRuleName": name,
                    "TargetType": "SSM_DOCUMENT",
                    "TargetId": "close",
                    "Automatic": True,
                    "MaximumAutomaticAttempts": 3,
                    "RetryAttemptSeconds": 60,
                    "Parameters": {
                        "SecurityGroupId": {"ResourceValue": {"Value": "RESOURCE_ID"}},
                        **{key: {"StaticValue": {"Values": value}} for key, value in static.items()},
                    },
                }
            ]
        )

    def group(self, name, *permissions, **tags):
        specification = [{"ResourceType": "security-group", "Tags": [{"Key": key, "Value": tags[key]} for key in tags]}]
        group = self.ec2.create_security_group(
            GroupName=name, Description=name, TagSpecifications=specification if tags else []
        )["GroupId"]
        # It is looked at before anything is open, and afterwards again.
        self.sandbox.settle()
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(permissions))
        self.sandbox.settle()
        return group

    def open_ports(self, group):
        rules = self.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
        return sorted(
            (rule["IpProtocol"], rule["FromPort"], rule.get("CidrIpv4") or rule.get("CidrIpv6"))
            for rule in rules["SecurityGroupRules"]
            if not rule["IsEgress"]
        )

    def compliance(self, rule, group):
        results = self.config.get_compliance_details_by_config_rule(ConfigRuleName=rule)["EvaluationResults"]
        return {
            each["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"]: each["ComplianceType"]
            for each in results
        }.get(group)


@pytest.fixture
def account(sandbox, client):
    return Account(sandbox, client, RIGHTS)


def test_what_opens_a_port_to_the_world_is_removed_and_nothing_else(account):
    account.rule("ssh", "INCOMING_SSH_DISABLED", ["22"])
    account.rule("ports", "RESTRICTED_INCOMING_TRAFFIC", ["3389"], blockedPort3="3389")
    kept = (tcp(443, **WORLD, **WORLD6), tcp(22, IpRanges=[{"CidrIp": "192.0.2.0/24"}]), tcp(1024, 2048, **WORLD))
    group = account.group("web", tcp(22, **WORLD, **WORLD6), tcp(3000, 4000, **WORLD6), tcp(3389, **WORLD), *kept)
    assert account.open_ports(group) == [
        ("tcp", 22, "192.0.2.0/24"),
        ("tcp", 443, "0.0.0.0/0"),
        ("tcp", 443, "::/0"),
        ("tcp", 1024, "0.0.0.0/0"),
    ]
    assert [account.compliance(rule, group) for rule in ("ssh", "ports")] == ["COMPLIANT", "COMPLIANT"]
    (status,) = account.config.describe_remediation_execution_status(ConfigRuleName="ssh")[
        "RemediationExecutionStatuses"
    ]
    assert (status["State"], status["ResourceKey"]["resourceId"]) == ("SUCCEEDED", group)
    all_of_it = account.group(
        "all", {"IpProtocol": "-1", **WORLD}, {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1}
    )
    assert account.open_ports(all_of_it) == []


def test_an_exception_is_left_alone(account):
    account.rule("ssh", "INCOMING_SSH_DISABLED", ["22"])
    group = account.group("bastion", tcp(22, **WORLD), Exception="Everybody may try")
    assert account.open_ports(group) == [("tcp", 22, "0.0.0.0/0")]
    assert account.compliance("ssh", group) == "NON_COMPLIANT"
    (execution,) = account.ssm.describe_automation_executions()["AutomationExecutionMetadataList"]
    assert execution["AutomationExecutionStatus"] == "Success"
    execution = account.ssm.get_automation_execution(AutomationExecutionId=execution["AutomationExecutionId"])
    steps = [step["StepName"] for step in execution["AutomationExecution"]["StepExecutions"]]
    assert steps == ["ReadTags", "ReadRules", "ChooseRules", "IsThereAny", "NothingToRemove"]


def test_without_the_right_it_fails_as_often_as_it_may(sandbox, client):
    account = Account(sandbox, client, {**RIGHTS, "Action": RIGHTS["Action"][:2]})
    account.rule("ssh", "INCOMING_SSH_DISABLED", ["22"])
    group = account.group("web", tcp(22, **WORLD))
    assert account.open_ports(group) == [("tcp", 22, "0.0.0.0/0")]
    failed = account.ssm.describe_automation_executions(Filters=[{"Key": "ExecutionStatus", "Values": ["Failed"]}])
    executions = failed["AutomationExecutionMetadataList"]
    assert len(executions) == 3
    assert "is not authorized to perform: ec2:RevokeSecurityGroupIngress" in executions[0]["FailureMessage"]


def test_what_others_did_before_is_found_when_somebody_asks(account, refused):
    group = account.group("web", tcp(22, **WORLD))
    account.config.stop_configuration_recorder(ConfigurationRecorderName="example")
    account.rule("ssh", "INCOMING_SSH_DISABLED", ["22"])
    account.sandbox.settle()
    (compliance,) = account.config.describe_compliance_by_config_rule()["ComplianceByConfigRules"]
    assert compliance["Compliance"] == {"ComplianceType": "INSUFFICIENT_DATA"}
    account.config.start_configuration_recorder(ConfigurationRecorderName="example")
    account.config.start_config_rules_evaluation(ConfigRuleNames=["ssh"])
    account.sandbox.settle()
    assert account.open_ports(group) == []
    with refused("NoSuchConfigRuleException"):
        account.config.start_config_rules_evaluation(ConfigRuleNames=["none"])
    with refused("ResourceInUseException"):
        account.config.delete_config_rule(ConfigRuleName="ssh")


def test_changes_are_told_to_eventbridge(account):
    sqs, events = account.client("sqs"), account.client("events")
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = f"arn:aws:sqs:ap-northeast-1:{account.client.account}:told"
    let = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:*", "Resource": arn}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(let)})
    detail = {"newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]}}
    pattern = {"source": ["aws.config"], "detail-type": ["Config Rules Compliance Change"], "detail": detail}
    events.put_rule(Name="told", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="told", Targets=[{"Id": "told", "Arn": arn}])
    account.rule("ssh", "INCOMING_SSH_DISABLED", ["22"])
    group = account.group("web", tcp(22, **WORLD))
    (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    told = json.loads(message["Body"])["detail"]
    assert (told["resourceId"], told["configRuleName"], told["resourceType"]) == (group, "ssh", GROUP)
    assert told["oldEvaluationResult"]["complianceType"] == "COMPLIANT"
    sample = json.loads((ROOT / "sandbox/events/config.json").read_text())["detail"]
    assert told.keys() == sample.keys()
    assert told["newEvaluationResult"].keys() == sample["newEvaluationResult"].keys()


def test_what_cannot_be_started(account, refused):
    with refused("AutomationDefinitionNotFoundException"):
        account.ssm.start_automation_execution(DocumentName="none")
    with refused("AutomationDefinitionVersionNotFoundException"):
        account.ssm.start_automation_execution(DocumentName="close", DocumentVersion="7")
    with refused("InvalidAutomationExecutionParametersException"):
        account.ssm.start_automation_execution(DocumentName="close", Parameters={"Prots": ["22"]})
    with refused("AutomationExecutionNotFoundException"):
        account.ssm.get_automation_execution(AutomationExecutionId="12345678-1234-1234-1234-123456789012")


def test_recorders_and_channels_need_one_another(client, refused):
    config = client("config")
    with refused("InvalidRoleException"):
        config.put_configuration_recorder(
            ConfigurationRecorder={"name": "x", "roleARN": f"arn:aws:iam::{client.account}:role/none"}
        )
    with refused("NoAvailableConfigurationRecorderException"):
        config.put_config_rule(
            ConfigRule={
                "ConfigRuleName": "ssh",
                "Source": {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"},
            }
        )
    with refused("NoSuchConfigRuleException"):
        config.describe_config_rules(ConfigRuleNames=["ssh"])
