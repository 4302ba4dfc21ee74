# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an independent judge says of an estate: cfn-lint, which knows AWS's schemas, and the actions of every service.

What the APIs answer is written as a CloudFormation template, which cfn-lint reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from cfnlint.api import ManualArgs, lint

# A resource of a template: its type and its properties.
Resource = tuple[str, dict]


def faults(resources: list[Resource]) -> list[str]:
    """What cfn-lint finds in these resources, as lines of text."""
    numbered = {
        f"Resource{number}": {"Type": kind, "Properties": properties}
        for number, (kind, properties) in enumerate(resources)
    }
    template = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": numbered})
    return [f"{match.rule.id} {match.message} {match.path}" for match in lint(template, ManualArgs())]


def policies_of_iam(iam) -> Iterator[Resource]:
    """The account's own managed policies, and whom its roles trust."""
    for policy in iam.list_policies(Scope="Local")["Policies"]:
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        yield "AWS::IAM::ManagedPolicy", {"PolicyDocument": version["PolicyVersion"]["Document"]}
    for role in iam.list_roles()["Roles"]:
        yield "AWS::IAM::Role", {"AssumeRolePolicyDocument": role["AssumeRolePolicyDocument"]}


def policies_of_resources(client: Callable, region: str) -> Iterator[Resource]:
    """The policies of a region's buckets, keys, topics and queues, and those by which services write to logs."""
    s3, kms, logs, sns, sqs = (client(service, region=region) for service in ("s3", "kms", "logs", "sns", "sqs"))
    for bucket in s3.list_buckets()["Buckets"]:
        if bucket["Name"].endswith(f"-{region}"):
            policy = json.loads(s3.get_bucket_policy(Bucket=bucket["Name"])["Policy"])
            yield "AWS::S3::BucketPolicy", {"Bucket": bucket["Name"], "PolicyDocument": policy}
    for alias in kms.list_aliases()["Aliases"]:
        if not alias["AliasName"].startswith("alias/aws/"):
            policy = json.loads(kms.get_key_policy(KeyId=alias["TargetKeyId"], PolicyName="default")["Policy"])
            yield "AWS::KMS::Key", {"KeyPolicy": policy}
    for topic in sns.list_topics()["Topics"]:
        policy = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]["Policy"]
        yield "AWS::SNS::TopicPolicy", {"Topics": [topic["TopicArn"]], "PolicyDocument": json.loads(policy)}
    for url in sqs.list_queues().get("QueueUrls", []):
        policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
        yield "AWS::SQS::QueuePolicy", {"Queues": [url], "PolicyDocument": json.loads(policy)}
    for policy in logs.describe_resource_policies()["resourcePolicies"]:
        yield (
            "AWS::Logs::ResourcePolicy",
            {"PolicyName": policy["policyName"], "PolicyDocument": policy["policyDocument"]},
        )


def security_groups(ec2) -> Iterator[Resource]:
    """The security groups of a region with all their rules."""
    for group in ec2.describe_security_groups()["SecurityGroups"]:
        yield (
            "AWS::EC2::SecurityGroup",
            {
                "GroupDescription": group["Description"],
                "VpcId": group["VpcId"],
                "SecurityGroupIngress": [*_rules(group["IpPermissions"], "Source")],
                "SecurityGroupEgress": [*_rules(group["IpPermissionsEgress"], "Destination")],
            },
        )


def _rules(permissions: list[dict], end: str) -> Iterator[dict]:
    """Each rule by itself, as CloudFormation has them; end is what it calls who is at the other one."""
    names = (
        ("IpRanges", "CidrIp", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
        ("PrefixListIds", "PrefixListId", f"{end}PrefixListId"),
        ("UserIdGroupPairs", "GroupId", f"{end}SecurityGroupId"),
    )
    for permission in permissions:
        ports = {name: permission[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in permission}
        for ends, member, name in names:
            for other in permission.get(ends, []):
                description = {"Description": other["Description"]} if "Description" in other else {}
                yield {**ports, name: other[member], **description}


def event_rules(events) -> Iterator[Resource]:
    """The rules of the default bus with their targets."""
    for rule in events.list_rules()["Rules"]:
        properties = {name: rule[name] for name in ("Name", "Description", "State")}
        targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        pattern = json.loads(rule["EventPattern"])
        yield "AWS::Events::Rule", {**properties, "EventPattern": pattern, "Targets": targets}


def web_acls(wafv2, scope: str) -> Iterator[Resource]:
    """The web ACLs of a scope with all their rules."""
    for summary in wafv2.list_web_acls(Scope=scope)["WebACLs"]:
        found = wafv2.get_web_acl(Name=summary["Name"], Scope=scope, Id=summary["Id"])["WebACL"]
        members = ("Name", "Description", "DefaultAction", "Rules", "VisibilityConfig")
        yield "AWS::WAFv2::WebACL", {"Scope": scope, **{name: _in_template(found[name]) for name in members}}


def _in_template(value):
    """The same with ARNs called as CloudFormation calls them."""
    if isinstance(value, dict):
        return {"Arn" if name == "ARN" else name: _in_template(inner) for name, inner in value.items()}
    return [_in_template(inner) for inner in value] if isinstance(value, list) else value
