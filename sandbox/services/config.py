# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS Config: what a recorder and a channel need, and rules that find open security groups and have them closed.

Of the managed rules ``INCOMING_SSH_DISABLED`` and ``RESTRICTED_INCOMING_TRAFFIC`` are evaluated: when a security group
changes while a recorder records, when the rule is new or other, and when somebody asks. What changes goes to
EventBridge, and a rule with an automatic remediation starts its document. Every other rule has no data.

https://docs.aws.amazon.com/config/latest/developerguide/remediation.html
"""

from __future__ import annotations

import datetime
import functools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from moto.config.models import ConfigBackend, ConfigRule, Scope, config_backends
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends

from sandbox import policies
from sandbox.clock import CLOCK
from sandbox.delivery import DELIVERIES
from sandbox.errors import ServiceError
from sandbox.operations import Request, after_moto, mend, operation, states
from sandbox.services import ssm_automation
from sandbox.services.events import emit
from sandbox.services.iam import role_allows

_SERVICE = "config.amazonaws.com"
_GROUP = "AWS::EC2::SecurityGroup"
_EVERYWHERE = ("0.0.0.0/0", "::/0")


# Recorders, of which moto keeps neither mode nor tags


class _Tagged:
    """What moto tags: it looks for something with ``tags``."""

    def __init__(self, tags: dict[str, str]):
        self.tags = tags


@mend(ConfigBackend, "put_configuration_recorder")
def put_configuration_recorder(original: Callable, self: ConfigBackend, config_recorder: dict[str, Any]) -> None:
    """The role has to be there. https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigurationRecorder.html"""
    roles = iam_backends[self.account_id][self.partition].roles.values()
    if not any(role.arn == config_recorder.get("roleARN") for role in roles):
        raise ServiceError("InvalidRoleException", "You have provided a null or empty Amazon Resource Name (ARN).")
    original(self, config_recorder)


@after_moto("config", "PutConfigurationRecorder")
def keep_recorder(request: Request) -> None:
    recorder = request.params["ConfigurationRecorder"]
    known = request.state.setdefault("recorders", {})
    if recorder["name"] not in known:
        tags = {tag["Key"]: tag["Value"] for tag in request.params.get("Tags", [])}
        end = mock_random.get_random_string(length=16, lower_case=True)
        arn = f"configuration-recorder/{recorder['name']}/{end}"
        arn = f"arn:{request.partition}:config:{request.region}:{request.account}:{arn}"
        known[recorder["name"]] = {"arn": arn, "tagged": _Tagged(tags)}
    # AWS Config adds what is not said.
    known[recorder["name"]]["mode"] = recorder.get("recordingMode") or {"recordingFrequency": "CONTINUOUS"}


@after_moto("config", "DeleteConfigurationRecorder")
def forget_recorder(request: Request) -> None:
    request.state["recorders"].pop(request.params["ConfigurationRecorderName"])


@operation("config", "DescribeConfigurationRecorders", instead_of_moto="moto has no ARN and no mode")
def describe_configuration_recorders(request: Request) -> dict[str, Any]:
    recorders = request.backend.describe_configuration_recorders(request.params.get("ConfigurationRecorderNames"))
    return {"ConfigurationRecorders": [_recorder(request, recorder) for recorder in recorders]}


def _recorder(request: Request, recorder: dict[str, Any]) -> dict[str, Any]:
    known = request.state["recorders"][recorder["name"]]
    members = {name: value for name, value in recorder.items() if name != "status"}
    return {**members, "arn": known["arn"], "recordingMode": known["mode"], "recordingScope": "PAID"}


@mend(ConfigBackend, "_match_arn")
def match_arn(original: Callable, self: ConfigBackend, resource_arn: str) -> Any:
    """A recorder has tags, too."""
    recorders = states("config")[self.account_id][self.region_name].values.get("recorders", {})
    for recorder in recorders.values():
        if recorder["arn"] == resource_arn:
            return recorder["tagged"]
    return original(self, resource_arn)


@mend(ConfigBackend, "put_configuration_aggregator")
def put_configuration_aggregator(
    original: Callable, self: ConfigBackend, config_aggregator: dict[str, Any]
) -> dict[str, Any]:
    """The tags that one has already stay as they are."""
    known = self.config_aggregators.get(config_aggregator["ConfigurationAggregatorName"])
    kept = [{"Key": key, "Value": value} for key, value in known.tags.items()] if known else None
    return original(self, config_aggregator if kept is None else {**config_aggregator, "Tags": kept})


def _records(account: str, region: str) -> bool:
    return any(recorder.status.recording for recorder in config_backends[account][region].recorders.values())


# Delivery


@mend(ConfigBackend, "put_delivery_channel")
def put_delivery_channel(original: Callable, self: ConfigBackend, delivery_channel: dict[str, Any]) -> None:
    """The bucket is there, and its policy or the recorder's role lets AWS Config write there.

    https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
    """
    buckets = s3_backends[self.account_id][self.partition].buckets
    bucket = buckets.get(delivery_channel.get("s3BucketName"))
    if self.recorders and bucket is None:
        raise ServiceError(
            "NoSuchBucketException", f"Cannot find a S3 bucket with name {delivery_channel.get('s3BucketName')}."
        )
    if self.recorders and not _may_deliver(self, bucket, delivery_channel.get("s3KeyPrefix")):
        message = f"Insufficient delivery policy to s3 bucket: {bucket.name}, unable to write to bucket"
        raise ServiceError("InsufficientDeliveryPolicyException", message)
    original(self, delivery_channel)


def _may_deliver(backend: ConfigBackend, bucket: Any, prefix: str | None) -> bool:
    folder = f"{bucket.arn}/{prefix}" if prefix else bucket.arn
    needed = {
        "s3:GetBucketAcl": bucket.arn,
        "s3:PutObject": f"{folder}/AWSLogs/{backend.account_id}/Config/ConfigWritabilityCheckFile",
    }
    context = {"aws:SourceAccount": backend.account_id, "s3:x-amz-acl": "bucket-owner-full-control"}
    role = next(iter(backend.recorders.values())).role_arn
    return all(role_allows(role, action, arn) for action, arn in needed.items()) or all(
        policies.allows(bucket.policy, _SERVICE, action, arn, context) for action, arn in needed.items()
    )


# Rules


@mend(Scope, "to_dict")
def scope_to_dict(original: Callable, self: Scope) -> dict[str, Any]:
    """moto has a tag under a name of its own."""
    members = original(self)
    for key, value in members.pop("Tags", {}).items():
        members |= {"TagKey": key, **({"TagValue": value} if value else {})}
    return members


@mend(ConfigBackend, "put_config_rule")
def put_config_rule(
    original: Callable, self: ConfigBackend, config_rule: dict[str, Any], tags: list[dict[str, str]] | None = None
) -> str:
    """A recorder is there; the tags that a rule has already stay as they are; a new or other rule is evaluated.

    https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigRule.html
    """
    if not self.recorders:
        message = "NoAvailableConfigurationRecorder: A configuration recorder must be created first."
        raise ServiceError("NoAvailableConfigurationRecorderException", message)
    known = self.config_rules.get(config_rule.get("ConfigRuleName"))
    kept = [{"Key": key, "Value": value} for key, value in known.tags.items()] if known else tags
    answer = original(self, config_rule, kept)
    _evaluate_later(self.account_id, self.region_name, [config_rule["ConfigRuleName"]])
    return answer


@mend(ConfigBackend, "describe_config_rules")
def describe_config_rules(
    original: Callable, self: ConfigBackend, config_rule_names: list[str] | None, next_token: str | None
) -> dict[str, Any]:
    """One that is asked for by name is missing, also where there is none at all."""
    for name in config_rule_names or []:
        _rule(self, name)
    return original(self, config_rule_names, next_token)


@mend(ConfigBackend, "delete_config_rule")
def delete_config_rule(original: Callable, self: ConfigBackend, rule_name: str) -> None:
    """One with a remediation stays, and what was found goes with it.

    https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteConfigRule.html
    """
    known = states("config")[self.account_id][self.region_name].values
    if rule_name in known.get("remediations", {}):
        message = f"The ConfigRule {rule_name} has an associated RemediationConfiguration. Delete that first."
        raise ServiceError("ResourceInUseException", message)
    original(self, rule_name)
    # moto leaves a rule that is as good as gone.
    self.config_rules.pop(rule_name, None)
    known.get("results", {}).pop(rule_name, None)


def _rule(backend: ConfigBackend, name: str) -> ConfigRule:
    rule = backend.config_rules.get(name)
    if rule is None:
        message = f"The ConfigRule '{name}' provided in the request is invalid. Please check the configRule name"
        raise ServiceError("NoSuchConfigRuleException", message)
    return rule


# Evaluation


@operation("config", "StartConfigRulesEvaluation")
def start_config_rules_evaluation(request: Request) -> dict[str, Any]:
    names = request.params.get("ConfigRuleNames") or list(request.backend.config_rules)
    for name in names:
        _rule(request.backend, name)
    _evaluate_later(request.account, request.region, names)
    return {}


for _change in (
    "AuthorizeSecurityGroupIngress",
    "CreateSecurityGroup",
    "CreateTags",
    "DeleteSecurityGroup",
    "DeleteTags",
    "ModifySecurityGroupRules",
    "RevokeSecurityGroupIngress",
):

    @after_moto("ec2", _change)
    def evaluate_groups(request: Request) -> None:
        backend = config_backends[request.account][request.region]
        tagged = [name for name in request.params.get("Resources", []) if name.startswith("sg-")]
        named = [request.params[name] for name in ("GroupId", "GroupName") if name in request.params]
        if backend.config_rules and (tagged or named):
            _evaluate_later(request.account, request.region, list(backend.config_rules), [*tagged, *named])


def _evaluate_later(account: str, region: str, names: list[str], changed: list[str] | None = None) -> None:
    if _records(account, region):
        job = functools.partial(_evaluate, account, region, names, changed)
        CLOCK.later("config_rule.evaluation", functools.partial(DELIVERIES.add, job))


def _evaluate(account: str, region: str, names: list[str], changed: list[str] | None) -> None:
    """Evaluate these rules for all groups or, when some have changed, for these and those that are new."""
    backend = config_backends[account][region]
    groups = {group.id: group for by_id in ec2_backends[account][region].groups.values() for group in by_id.values()}
    for rule in [backend.config_rules[name] for name in names if name in backend.config_rules]:
        ports = _ports(rule)
        known = _results(account, region).setdefault(rule.config_rule_name, {})
        # Of what is gone there are no results any more.
        for gone in known.keys() - (groups.keys() if ports else set()):
            del known[gone]
        for name, group in groups.items() if ports else ():
            if changed and not {name, group.name} & set(changed) and name in known:
                continue
            found = "NON_COMPLIANT" if any(_opens(each, ports) for each in group.ingress_rules) else "COMPLIANT"
            _conclude(account, region, rule, name, found)


def _ports(rule: ConfigRule) -> set[int]:
    """The ports that must not be open to the world; none when the sandbox cannot evaluate the rule.

    https://docs.aws.amazon.com/config/latest/developerguide/restricted-ssh.html and
    https://docs.aws.amazon.com/config/latest/developerguide/restricted-common-ports.html
    """
    if rule.source.source_identifier == "INCOMING_SSH_DISABLED":
        return {22}
    if rule.source.source_identifier != "RESTRICTED_INCOMING_TRAFFIC":
        return set()
    given = rule.input_parameters_dict
    single = [
        given.get(f"blockedPort{number}", default) for number, default in enumerate((20, 21, 3389, 3306, 4333), 1)
    ]
    return {int(port) for port in [*single, *str(given.get("blockedPorts", "")).split(",")] if str(port).strip()}


def _opens(rule: Any, ports: set[int]) -> bool:
    """Whether a security group's rule lets the world connect to one of the ports."""
    if (rule.cidr_ipv4 or rule.cidr_ipv6) not in _EVERYWHERE or rule.ip_protocol not in ("tcp", "-1"):
        return False
    return rule.ip_protocol == "-1" or any(rule.from_port <= port <= rule.to_port for port in ports)


def _results(account: str, region: str) -> dict[str, dict[str, dict[str, Any]]]:
    return states("config")[account][region].values.setdefault("results", {})


def _result(rule: str, resource: str, compliance: str) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC)
    return {
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": {
                "ConfigRuleName": rule,
                "ResourceType": _GROUP,
                "ResourceId": resource,
                "EvaluationMode": "DETECTIVE",
            },
            "OrderingTimestamp": now,
        },
        "ComplianceType": compliance,
        "ResultRecordedTime": now,
        "ConfigRuleInvokedTime": now,
    }


def _conclude(account: str, region: str, rule: ConfigRule, resource: str, compliance: str) -> None:
    """Keep a result, tell of it if it is another one, and have the resource mended."""
    known = _results(account, region)[rule.config_rule_name]
    before, known[resource] = known.get(resource), _result(rule.config_rule_name, resource, compliance)
    if before is None or before["ComplianceType"] != compliance:
        emit(account, region, _event(account, region, rule, before, known[resource]))
    values = states("config")[account][region].values
    key = (rule.config_rule_name, resource)
    if compliance == "COMPLIANT":
        values.get("failures", {}).pop(key, None)
    elif values.get("remediations", {}).get(rule.config_rule_name, {}).get("Automatic"):
        _remediate(account, region, key)


def _event(
    account: str, region: str, rule: ConfigRule, before: dict[str, Any] | None, after: dict[str, Any]
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html"""
    qualifier = after["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
    detail = {
        "resourceId": qualifier["ResourceId"],
        "awsRegion": region,
        "awsAccountId": account,
        "configRuleName": rule.config_rule_name,
        "recordVersion": "1.0",
        "configRuleARN": rule.config_rule_arn,
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": _told(after),
        "notificationCreationTime": _time(after["ResultRecordedTime"]),
        "resourceType": qualifier["ResourceType"],
    }
    if before:
        detail["oldEvaluationResult"] = _told(before)
    return {"detail-type": "Config Rules Compliance Change", "source": "aws.config", "detail": detail}


def _told(value: Any) -> Any:
    """A result as an event tells it."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _told(each) for name, each in value.items() if name != "EvaluationMode"}
    return _time(value) if isinstance(value, datetime.datetime) else value


def _time(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


@operation("config", "DescribeComplianceByConfigRule")
def describe_compliance_by_config_rule(request: Request) -> dict[str, Any]:
    names = request.params.get("ConfigRuleNames") or list(request.backend.config_rules)
    wanted = request.params.get("ComplianceTypes")
    answers = [_compliance(request, _rule(request.backend, name).config_rule_name) for name in names]
    return {
        "ComplianceByConfigRules": [
            answer for answer in answers if not wanted or answer["Compliance"]["ComplianceType"] in wanted
        ]
    }


def _compliance(request: Request, name: str) -> dict[str, Any]:
    """A rule is as good as the worst that it has found; how many do not comply is counted to 25."""
    found = [result["ComplianceType"] for result in _found(request, name)]
    bad = found.count("NON_COMPLIANT")
    compliance: dict[str, Any] = {"ComplianceType": "COMPLIANT" if found else "INSUFFICIENT_DATA"}
    if bad:
        count = {"CappedCount": min(bad, 25), "CapExceeded": bad > 25}
        compliance = {"ComplianceType": "NON_COMPLIANT", "ComplianceContributorCount": count}
    return {"ConfigRuleName": name, "Compliance": compliance}


def _found(request: Request, name: str) -> Iterator[dict[str, Any]]:
    yield from _results(request.account, request.region).get(name, {}).values()


@operation("config", "GetComplianceDetailsByConfigRule")
def get_compliance_details_by_config_rule(request: Request) -> dict[str, Any]:
    name = _rule(request.backend, request.params["ConfigRuleName"]).config_rule_name
    wanted = request.params.get("ComplianceTypes")
    results = _found(request, name)
    return {"EvaluationResults": [each for each in results if not wanted or each["ComplianceType"] in wanted]}


# Remediation


@operation("config", "PutRemediationConfigurations")
def put_remediation_configurations(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutRemediationConfigurations.html"""
    known = request.state.setdefault("remediations", {})
    documents = request.backend_of("ssm")._documents
    for given in request.params["RemediationConfigurations"]:
        name = given["ConfigRuleName"]
        if name not in request.backend.config_rules:
            raise ServiceError("InvalidParameterValueException", f"There is no ConfigRule {name}.")
        # Those of AWS are not in the sandbox.
        if given["TargetId"] not in documents and not given["TargetId"].startswith("AWS"):
            raise ServiceError("InvalidParameterValueException", f"The document {given['TargetId']} is not there.")
        automatic = {}
        if given.get("Automatic"):
            if "AutomationAssumeRole" not in given.get("Parameters", {}):
                message = "AutomationAssumeRole is a required parameter of an automatic remediation."
                raise ServiceError("InvalidParameterValueException", message)
            automatic = {"MaximumAutomaticAttempts": 5, "RetryAttemptSeconds": 60}
        resource = f"remediation-configuration/{name}/{uuid.uuid4()}"
        arn = f"arn:{request.partition}:config:{request.region}:{request.account}:{resource}"
        known[name] = {**automatic, **given, "Arn": known.get(name, {}).get("Arn", arn)}
    return {"FailedBatches": []}


@operation("config", "DescribeRemediationConfigurations")
def describe_remediation_configurations(request: Request) -> dict[str, Any]:
    known = request.state.get("remediations", {})
    found = [known[name] for name in request.params["ConfigRuleNames"] if name in known]
    return {"RemediationConfigurations": found}


@operation("config", "DeleteRemediationConfiguration")
def delete_remediation_configuration(request: Request) -> dict[str, Any]:
    name = request.params["ConfigRuleName"]
    if request.state.get("remediations", {}).pop(name, None) is None:
        message = f"There is no RemediationConfiguration for the ConfigRule {name}."
        raise ServiceError("NoSuchRemediationConfigurationException", message)
    return {}


@operation("config", "StartRemediationExecution")
def start_remediation_execution(request: Request) -> dict[str, Any]:
    name = request.params["ConfigRuleName"]
    _remediation(request, name)
    for key in request.params["ResourceKeys"]:
        _remediate(request.account, request.region, (name, key["resourceId"]))
    return {"FailedItems": []}


@operation("config", "DescribeRemediationExecutionStatus")
def describe_remediation_execution_status(request: Request) -> dict[str, Any]:
    name = request.params["ConfigRuleName"]
    _remediation(request, name)
    wanted = [key["resourceId"] for key in request.params.get("ResourceKeys", [])]
    executions = request.state.get("executions", {})
    return {
        "RemediationExecutionStatuses": [
            _status(resource, execution)
            for (rule, resource), execution in executions.items()
            if rule == name and (not wanted or resource in wanted)
        ]
    }


def _remediation(request: Request, name: str) -> dict[str, Any]:
    remediation = request.state.get("remediations", {}).get(name)
    if remediation is None:
        message = f"There is no RemediationConfiguration for the ConfigRule {name}."
        raise ServiceError("NoSuchRemediationConfigurationException", message)
    return remediation


def _remediate(account: str, region: str, key: tuple[str, str]) -> None:
    """Start the document of a rule for a resource, unless that is being done, or has failed too often."""
    values = states("config")[account][region].values
    remediation = values.get("remediations", {}).get(key[0])
    running = values.setdefault("executions", {}).get(key)
    if remediation is None or (running and running.status in ("Pending", "InProgress")):
        return
    if values.setdefault("failures", {}).get(key, 0) >= remediation.get("MaximumAutomaticAttempts", 5):
        return
    parameters = {
        name: value["StaticValue"]["Values"] if "StaticValue" in value else [key[1]]
        for name, value in remediation.get("Parameters", {}).items()
    }
    told = functools.partial(_remediated, account, region, key)
    try:
        values["executions"][key] = ssm_automation.start(
            account, region, remediation["TargetId"], parameters, remediation.get("TargetVersion", ""), told
        )
    except ServiceError as error:
        print(f"{key[0]} cannot mend {key[1]}: {error}", flush=True)


def _remediated(account: str, region: str, key: tuple[str, str], execution: ssm_automation.Execution) -> None:
    """What failed is tried again, within the time in which failures are counted, which here is at once."""
    if execution.status == "Failed":
        failures = states("config")[account][region].values["failures"]
        failures[key] = failures.get(key, 0) + 1
        _remediate(account, region, key)


def _status(resource: str, execution: ssm_automation.Execution) -> dict[str, Any]:
    named = {"Success": "SUCCEEDED", "Failed": "FAILED", "InProgress": "IN_PROGRESS", "Pending": "QUEUED"}
    steps = [
        {
            "Name": step["StepName"],
            "State": named[step["StepStatus"]],
            "StartTime": step["ExecutionStartTime"],
            "StopTime": step["ExecutionEndTime"],
            **({"ErrorMessage": step["FailureMessage"]} if "FailureMessage" in step else {}),
        }
        for step in execution.steps
        if "ExecutionEndTime" in step
    ]
    return {
        "ResourceKey": {"resourceType": _GROUP, "resourceId": resource},
        "State": named[execution.status],
        "StepDetails": steps,
        "InvocationTime": execution.started,
        "LastUpdatedTime": execution.ended or execution.started,
    }
