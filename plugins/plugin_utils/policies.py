# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The policy documents of the estate: of keys, of buckets, of topics and queues, of the roles' trust.

Pure functions that answer IAM policy documents as dicts. Each statement for a service follows the page of the AWS
documentation that is named beside it, and carries the conditions that keep a confused deputy out, where it can.
"""

from __future__ import annotations

from dataclasses import dataclass


class PolicyError(ValueError):
    """A policy was asked for something that is not known; the message is a sentence for people."""


@dataclass(frozen=True)
class Cell:
    """Where a policy stands: ``account_id`` (twelve digits), ``region``, ``partition`` (``aws``)."""

    account_id: str
    region: str
    partition: str = "aws"

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        """An ARN in this account, and in this region unless another one is given."""
        return (
            f"arn:{self.partition}:{service}:{self.region if region is None else region}:{self.account_id}:{resource}"
        )

    @property
    def root(self) -> str:
        """The ARN that stands for the account, to whose IAM a statement leaves the decision."""
        return self.arn("iam", "root", region="")


def document(statements: list[dict]) -> dict:
    """A policy document of the given statements."""
    return {"Version": "2012-10-17", "Statement": statements}


def _deny_plain_http(action: str, resource: str | list[str]) -> dict:
    """The statement by which nobody comes without TLS."""
    return {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def pick(table: dict, name: str, what: str):
    """The entry of a table, or an error that lists what there is."""
    if name not in table:
        raise PolicyError(f"There is no {what} {name!r}. There are: {', '.join(sorted(table))}.")
    return table[name]


# KMS keys

KEY_USE_ACTIONS = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
KEY_ADMINISTRATION_ACTIONS = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:Describe*",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:DisableKeyRotation",
    "kms:Get*",
    "kms:List*",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]


def _publisher(principal: str):
    """A service that sends to encrypted topics and queues.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """

    def statements(cell: Cell) -> list[dict]:
        return [
            {
                "Principal": {"Service": principal},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Condition": {"StringEquals": {"aws:SourceAccount": cell.account_id}},
            }
        ]

    return statements


def _events(cell: Cell) -> list[dict]:
    """EventBridge does not say for whom it uses the key of a topic: with a condition, its events would get lost.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    """
    return [{"Principal": {"Service": "events.amazonaws.com"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"]}]


def _topics(cell: Cell) -> list[dict]:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html"""
    return [
        {
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Condition": {"ArnLike": {"aws:SourceArn": cell.arn("sns", "*")}},
        }
    ]


def _cloudwatch_logs(cell: Cell) -> list[dict]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""
    return [
        {
            "Principal": {"Service": f"logs.{cell.region}.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": cell.arn("logs", "*")}},
        }
    ]


def _cloudfront(cell: Cell) -> list[dict]:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"""
    return [
        {
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": ["kms:Decrypt"],
            "Condition": {"ArnLike": {"aws:SourceArn": cell.arn("cloudfront", "distribution/*", region="")}},
        }
    ]


def _cloudtrail(cell: Cell) -> list[dict]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"""
    trails = cell.arn("cloudtrail", "trail/*", region="*")
    principal = {"Service": "cloudtrail.amazonaws.com"}
    from_our_trails = {"ArnLike": {"aws:SourceArn": trails}}
    return [
        {
            "Principal": principal,
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
            "Condition": from_our_trails | {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails}},
        },
        {"Principal": principal, "Action": ["kms:DescribeKey"], "Condition": from_our_trails},
    ]


def _guardduty(cell: Cell) -> dict:
    """The conditions by which GuardDuty acts for the detector of this account and region alone."""
    return {
        "StringEquals": {"aws:SourceAccount": cell.account_id},
        "ArnLike": {"aws:SourceArn": cell.arn("guardduty", "detector/*")},
    }


def _exported_findings(cell: Cell) -> list[dict]:
    """https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html"""
    return [
        {
            "Principal": {"Service": "guardduty.amazonaws.com"},
            "Action": ["kms:GenerateDataKey"],
            "Condition": _guardduty(cell),
        }
    ]


KEY_SERVICES = {
    "backup": _publisher("backup.amazonaws.com"),
    "budgets": _publisher("budgets.amazonaws.com"),
    "cloudfront": _cloudfront,
    "cloudtrail": _cloudtrail,
    "cloudwatch": _publisher("cloudwatch.amazonaws.com"),
    "events": _events,
    "guardduty": _exported_findings,
    "logs": _cloudwatch_logs,
    "rds_events": _publisher("events.rds.amazonaws.com"),
    "s3": _publisher("s3.amazonaws.com"),
    "sns": _topics,
}


def key_policy(
    cell: Cell, via: list[str], services: list[str], callers: str = "iam", contexts: list[str] | None = None
) -> dict:
    """The policy of a KMS key.

    The account administers the key and may not use it directly. ``via`` are the services (``rds``, ``ec2``) through
    which the account's principals may use it: those whom IAM lets, or with ``callers="account"`` all of them, which is
    what Auto Scaling's service-linked role needs of a key for volumes. ``services`` are the keys of
    :data:`KEY_SERVICES`, which act on their own. ``contexts`` are keys of an encryption context, each of which lets the
    account's principals whom IAM lets use the key themselves, for what has that context.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    """
    statements = [
        {
            "Sid": "AdministrationByTheAccount",
            "Principal": {"AWS": cell.root},
            "Action": KEY_ADMINISTRATION_ACTIONS,
        }
    ]
    if via:
        through = {
            "StringEquals": {
                "kms:CallerAccount": cell.account_id,
                "kms:ViaService": [f"{service}.{cell.region}.amazonaws.com" for service in sorted(via)],
            }
        }
        principal = {"AWS": "*" if callers == "account" else cell.root}
        statements += [
            {"Sid": "UseThroughServices", "Principal": principal, "Action": KEY_USE_ACTIONS, "Condition": through},
            {
                "Sid": "GrantsToServices",
                "Principal": principal,
                "Action": ["kms:CreateGrant"],
                "Condition": through | {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ]
    for number, context in enumerate(sorted(contexts or []), 1):
        # Both ends of what is encrypted between them call KMS themselves, through no service.
        statements.append(
            {
                "Sid": f"UseWithContext{number}",
                "Principal": {"AWS": cell.root},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Condition": {"Null": {f"kms:EncryptionContext:{context}": "false"}},
            }
        )
    for service in sorted(services):
        made = pick(KEY_SERVICES, service, "service that a key's policy can name called")(cell)
        name = "".join(word.capitalize() for word in service.split("_"))
        statements += [{"Sid": f"UseBy{name}{number}", **statement} for number, statement in enumerate(made, 1)]
    return document([{"Effect": "Allow", "Resource": "*", **statement} for statement in statements])


# Buckets


def _delivery_of_flow_logs(cell: Cell, bucket: str, estate: str) -> list[dict]:
    """https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html"""
    principal = {"Service": "delivery.logs.amazonaws.com"}
    ours = {
        "StringEquals": {"aws:SourceAccount": cell.account_id},
        "ArnLike": {"aws:SourceArn": cell.arn("logs", "*")},
    }
    owned = {"StringEquals": {**ours["StringEquals"], "s3:x-amz-acl": "bucket-owner-full-control"}}
    return [
        {
            "Principal": principal,
            "Action": ["s3:PutObject"],
            "Resource": [f"{bucket}/flow-logs/AWSLogs/aws-account-id={cell.account_id}/*"],
            "Condition": ours | owned,
        },
        {
            "Principal": principal,
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": [bucket],
            "Condition": ours,
        },
    ]


def _delivery_of_cloudtrail(cell: Cell, bucket: str, estate: str) -> list[dict]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"""
    principal = {"Service": "cloudtrail.amazonaws.com"}
    source = {"aws:SourceArn": cell.arn("cloudtrail", f"trail/{estate}")}
    return [
        {
            "Principal": principal,
            "Action": ["s3:GetBucketAcl"],
            "Resource": [bucket],
            "Condition": {"StringEquals": source},
        },
        {
            "Principal": principal,
            "Action": ["s3:PutObject"],
            "Resource": [f"{bucket}/cloudtrail/AWSLogs/{cell.account_id}/*"],
            "Condition": {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ]


def _delivery_of_config(cell: Cell, bucket: str, estate: str) -> list[dict]:
    """https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html"""
    principal = {"Service": "config.amazonaws.com"}
    source = {"aws:SourceAccount": cell.account_id}
    return [
        {
            "Principal": principal,
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": [bucket],
            "Condition": {"StringEquals": source},
        },
        {
            "Principal": principal,
            "Action": ["s3:PutObject"],
            "Resource": [f"{bucket}/config/AWSLogs/{cell.account_id}/Config/*"],
            "Condition": {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ]


def _delivery_of_load_balancer_logs(cell: Cell, bucket: str, estate: str) -> list[dict]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"""
    return [
        {
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": [f"{bucket}/load-balancer/AWSLogs/{cell.account_id}/*"],
            "Condition": {"ArnLike": {"aws:SourceArn": cell.arn("elasticloadbalancing", "loadbalancer/*")}},
        }
    ]


def _delivery_of_bucket_access_logs(cell: Cell, bucket: str, estate: str) -> list[dict]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html"""
    return [
        {
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": [f"{bucket}/bucket-access/*"],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": cell.account_id},
                "ArnLike": {"aws:SourceArn": f"arn:{cell.partition}:s3:::{estate}-*"},
            },
        }
    ]


def _delivery_of_findings(cell: Cell, bucket: str, estate: str) -> list[dict]:
    """GuardDuty first tries with an object of its own beside its folder, AWSLogs, so that all of the bucket is open.

    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html
    """
    principal = {"Service": "guardduty.amazonaws.com"}
    return [
        {
            "Principal": principal,
            "Action": ["s3:PutObject"],
            "Resource": [f"{bucket}/*"],
            "Condition": _guardduty(cell),
        },
        {
            "Principal": principal,
            "Action": ["s3:GetBucketLocation"],
            "Resource": [bucket],
            "Condition": _guardduty(cell),
        },
    ]


BUCKET_DELIVERIES = {
    "bucket_access": _delivery_of_bucket_access_logs,
    "cloudtrail": _delivery_of_cloudtrail,
    "config": _delivery_of_config,
    "flow_logs": _delivery_of_flow_logs,
    "guardduty": _delivery_of_findings,
    "load_balancer": _delivery_of_load_balancer_logs,
}


def bucket_policy(cell: Cell, bucket: str, estate: str, deliveries: list[str], distribution: str | None = None) -> dict:
    """The policy of a bucket: TLS 1.2 or newer alone, and the services that may deliver logs to it.

    ``bucket`` is its name, ``estate`` the prefix of the estate's names, ``deliveries`` keys of
    :data:`BUCKET_DELIVERIES`, ``distribution`` the ARN of the one distribution of CloudFront that may
    read what is in it.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    arn = f"arn:{cell.partition}:s3:::{bucket}"
    plain = _deny_plain_http("s3:*", [arn, f"{arn}/*"])
    old_tls = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    statements = [plain, {**plain, "Sid": "DenyOldTls", "Condition": old_tls}]
    for delivery in sorted(deliveries):
        made = pick(BUCKET_DELIVERIES, delivery, "delivery of logs called")(cell, arn, estate)
        name = "".join(word.capitalize() for word in delivery.split("_"))
        statements += [
            {"Sid": f"Deliver{name}{number}", "Effect": "Allow", **statement}
            for number, statement in enumerate(made, 1)
        ]
    if distribution:
        statements.append(
            {
                "Sid": "ReadByDistribution",
                "Effect": "Allow",
                "Principal": {"Service": "cloudfront.amazonaws.com"},
                "Action": ["s3:GetObject"],
                "Resource": [f"{arn}/*"],
                "Condition": {"StringEquals": {"aws:SourceArn": distribution}},
            }
        )
    return document(statements)


# Topics and queues

TOPIC_PUBLISHERS = {
    "backup": "backup.amazonaws.com",
    "budgets": "budgets.amazonaws.com",
    "cloudwatch": "cloudwatch.amazonaws.com",
    "events": "events.amazonaws.com",
    "rds_events": "events.rds.amazonaws.com",
}


def topic_policy(cell: Cell, topic: str, publishers: list[str]) -> dict:
    """The policy of a topic: TLS alone, and the services that may publish to it for this account.

    ``topic`` is its name, ``publishers`` keys of :data:`TOPIC_PUBLISHERS`. Principals of the account may publish as far
    as IAM lets them.

    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    """
    arn = cell.arn("sns", topic)
    principals = [
        pick(TOPIC_PUBLISHERS, publisher, "service that publishes to topics called") for publisher in sorted(publishers)
    ]
    return document(
        [
            _deny_plain_http("sns:Publish", arn),
            {
                "Sid": "PublishForThisAccount",
                "Effect": "Allow",
                "Principal": {"Service": principals},
                "Action": "sns:Publish",
                "Resource": arn,
                "Condition": {"StringEquals": {"aws:SourceAccount": cell.account_id}},
            },
        ]
    )


def queue_policy(cell: Cell, queue: str, topics: list[str], rules: list[str]) -> dict:
    """The policy of a queue: TLS alone, and the topics and rules of this account, by their names, that may deliver.

    The names of ``rules`` of EventBridge may have wildcards.

    https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html and
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    arn = cell.arn("sqs", queue)
    statements = [_deny_plain_http("sqs:*", arn)]
    if topics:
        statements.append(
            {
                "Sid": "DeliverFromTopics",
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": [cell.arn("sns", topic) for topic in topics]}},
            }
        )
    if rules:
        statements.append(
            {
                "Sid": "DeliverFromRules",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnLike": {"aws:SourceArn": [cell.arn("events", f"rule/{rule}") for rule in rules]}},
            }
        )
    return document(statements)


# Trust


def trust_policy(
    cell: Cell, service: str | None = None, principals: list[str] | None = None, conditions: dict | None = None
) -> dict:
    """Who may assume a role: a service (``ec2`` for ``ec2.amazonaws.com``), or principals by their ARNs.

    Among ``principals``, ``root`` stands for the account. ``conditions`` are further conditions by operator, such as
    ``{"StringEquals": {"aws:SourceAccount": "123456789012"}}``.
    """
    if bool(service) == bool(principals):
        raise PolicyError("A role is trusted either to a service or to principals: give one of the two.")
    principal = (
        {"Service": f"{service}.amazonaws.com"}
        if service
        else {"AWS": [cell.root if name == "root" else name for name in principals]}
    )
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return document([statement | ({"Condition": conditions} if conditions else {})])
