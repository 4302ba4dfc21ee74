# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.policies import (
    BUCKET_DELIVERIES,
    KEY_SERVICES,
    Cell,
    PolicyError,
    bucket_policy,
    key_policy,
    queue_policy,
    topic_policy,
    trust_policy,
)

ACCOUNT = "123456789012"
CELL = Cell(ACCOUNT, "ap-northeast-1")
BUCKET = "shop-production-logs"
# What keeps a confused deputy out: the statement is for the account, or for resources of the account.
GUARDS = ("aws:SourceAccount", "aws:SourceArn", "kms:EncryptionContext:aws:logs:arn")


def by_sid(policy):
    assert policy["Version"] == "2012-10-17"
    statements = {statement["Sid"]: statement for statement in policy["Statement"]}
    assert len(statements) == len(policy["Statement"]), "two statements have the same Sid"
    return statements


def guards(statement):
    """The values of the conditions that keep a confused deputy out."""
    return [
        value
        for conditions in statement.get("Condition", {}).values()
        for key, value in conditions.items()
        if key in GUARDS
    ]


class TestKeys:
    def test_the_account_administers_and_does_not_use(self):
        (statement,) = by_sid(key_policy(CELL, [], [])).values()
        assert statement["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        assert "kms:PutKeyPolicy" in statement["Action"]
        assert not {"kms:*", "kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"} & set(statement["Action"])

    def test_use_through_services(self):
        statements = by_sid(key_policy(CELL, ["sqs", "rds"], []))
        through = {
            "kms:CallerAccount": ACCOUNT,
            "kms:ViaService": ["rds.ap-northeast-1.amazonaws.com", "sqs.ap-northeast-1.amazonaws.com"],
        }
        assert statements["UseThroughServices"]["Condition"] == {"StringEquals": through}
        assert statements["GrantsToServices"]["Condition"] == {
            "StringEquals": through,
            "Bool": {"kms:GrantIsForAWSResource": "true"},
        }

    @pytest.mark.parametrize(("callers", "principal"), [("iam", f"arn:aws:iam::{ACCOUNT}:root"), ("account", "*")])
    def test_callers(self, callers, principal):
        statement = by_sid(key_policy(CELL, ["ec2"], [], callers))["UseThroughServices"]
        assert statement["Principal"] == {"AWS": principal}
        assert statement["Condition"]["StringEquals"]["kms:CallerAccount"] == ACCOUNT

    def test_contexts_are_for_principals_whom_iam_lets(self):
        statement = by_sid(key_policy(CELL, [], [], contexts=["aws:ssm:SessionId"]))["UseWithContext1"]
        assert statement["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
        assert statement["Condition"] == {"Null": {"kms:EncryptionContext:aws:ssm:SessionId": "false"}}

    # EventBridge does not say for whom.
    @pytest.mark.parametrize("service", sorted(KEY_SERVICES.keys() - {"events"}))
    def test_services_act_for_this_account_alone(self, service):
        statements = by_sid(key_policy(CELL, [], [service]))
        own = [statement for sid, statement in statements.items() if sid.startswith("UseBy")]
        assert own
        for statement in own:
            assert statement["Principal"]["Service"].endswith(".amazonaws.com")
            assert guards(statement)
            assert all(ACCOUNT in guard for guard in guards(statement))

    def test_logs_are_of_the_region(self):
        statement = by_sid(key_policy(CELL, [], ["logs"]))["UseByLogs1"]
        assert statement["Principal"] == {"Service": "logs.ap-northeast-1.amazonaws.com"}
        assert guards(statement) == [f"arn:aws:logs:ap-northeast-1:{ACCOUNT}:*"]

    def test_unknown_service(self):
        with pytest.raises(PolicyError, match=r"called 'sqs'\. There are: backup, budgets"):
            key_policy(CELL, [], ["sqs"])


class TestBuckets:
    def test_tls_alone(self):
        statements = by_sid(bucket_policy(CELL, BUCKET, "shop-production", []))
        assert statements.keys() == {"DenyPlainHttp", "DenyOldTls"}
        for statement in statements.values():
            assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
            assert statement["Resource"] == [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
        assert statements["DenyPlainHttp"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert statements["DenyOldTls"]["Condition"] == {"NumericLessThan": {"s3:TlsVersion": "1.2"}}

    @pytest.mark.parametrize("delivery", sorted(BUCKET_DELIVERIES))
    def test_deliveries_are_of_this_account_and_into_one_folder(self, delivery):
        statements = by_sid(bucket_policy(CELL, BUCKET, "shop-production", [delivery]))
        own = [statement for statement in statements.values() if statement["Effect"] == "Allow"]
        assert any(statement["Action"] == ["s3:PutObject"] for statement in own)
        for statement in own:
            assert guards(statement)
            assert any(ACCOUNT in guard or "shop-production" in guard for guard in guards(statement))
            if "s3:PutObject" in statement["Action"]:
                (resource,) = statement["Resource"]
                assert resource.startswith(f"arn:aws:s3:::{BUCKET}/")
                # GuardDuty wants to try beside its folder.
                assert resource.count("/") > 1 or delivery == "guardduty"

    def test_flow_logs_go_where_hive_partitions_begin(self):
        statement = by_sid(bucket_policy(CELL, BUCKET, "shop-production", ["flow_logs"]))["DeliverFlowLogs1"]
        assert statement["Resource"] == [f"arn:aws:s3:::{BUCKET}/flow-logs/AWSLogs/aws-account-id={ACCOUNT}/*"]
        assert statement["Condition"]["StringEquals"] == {
            "aws:SourceAccount": ACCOUNT,
            "s3:x-amz-acl": "bucket-owner-full-control",
        }

    def test_cloudtrail_is_let_in_for_its_trail(self):
        statements = by_sid(bucket_policy(CELL, BUCKET, "shop-production", ["cloudtrail"]))
        trail = f"arn:aws:cloudtrail:ap-northeast-1:{ACCOUNT}:trail/shop-production"
        assert guards(statements["DeliverCloudtrail1"]) == [trail]
        assert guards(statements["DeliverCloudtrail2"]) == [trail]

    def test_config_is_let_in_for_the_account(self):
        statements = by_sid(bucket_policy(CELL, BUCKET, "shop-production", ["config"]))
        assert statements["DeliverConfig1"]["Action"] == ["s3:GetBucketAcl", "s3:ListBucket"]
        delivery = statements["DeliverConfig2"]
        assert delivery["Resource"] == [f"arn:aws:s3:::{BUCKET}/config/AWSLogs/{ACCOUNT}/Config/*"]
        assert delivery["Condition"]["StringEquals"] == {
            "aws:SourceAccount": ACCOUNT,
            "s3:x-amz-acl": "bucket-owner-full-control",
        }

    def test_other_partitions(self):
        policy = bucket_policy(Cell(ACCOUNT, "cn-north-1", "aws-cn"), BUCKET, "shop-production", ["flow_logs"])
        assert "arn:aws:" not in str(policy)

    def test_one_distribution_may_read(self):
        arn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/EXAMPLE"
        statement = by_sid(bucket_policy(CELL, BUCKET, "shop-production", [], arn))["ReadByDistribution"]
        assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert statement["Action"] == ["s3:GetObject"]
        assert guards(statement) == [arn]

    def test_unknown_delivery(self):
        with pytest.raises(PolicyError, match="no delivery of logs called 'waf'"):
            bucket_policy(CELL, BUCKET, "shop-production", ["waf"])


class TestTrust:
    def test_service(self):
        (statement,) = trust_policy(CELL, service="ec2")["Statement"]
        assert statement == {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }

    def test_principals_under_conditions(self):
        other = "arn:aws:iam::111122223333:role/example"
        conditions = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        (statement,) = trust_policy(CELL, principals=["root", other], conditions=conditions)["Statement"]
        assert statement["Principal"] == {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", other]}
        assert statement["Condition"] == conditions

    @pytest.mark.parametrize("trust", [{}, {"service": "ec2", "principals": ["root"]}])
    def test_one_of_the_two(self, trust):
        with pytest.raises(PolicyError, match="either to a service or to principals"):
            trust_policy(CELL, **trust)


class TestTopicsAndQueues:
    def test_services_publish_for_this_account_alone(self):
        statements = by_sid(topic_policy(CELL, "shop-production-critical", ["events", "cloudwatch"]))
        allow = statements["PublishForThisAccount"]
        assert allow["Principal"] == {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]}
        assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": CELL.account_id}}
        assert allow["Resource"] == CELL.arn("sns", "shop-production-critical")

    def test_named_topics_alone_deliver(self):
        statements = by_sid(queue_policy(CELL, "example", ["critical"], []))
        assert guards(statements["DeliverFromTopics"])
        assert statements["DenyPlainHttp"]["Effect"] == "Deny"
        assert by_sid(queue_policy(CELL, "example", [], [])).keys() == {"DenyPlainHttp"}

    def test_named_rules_alone_deliver(self):
        statement = by_sid(queue_policy(CELL, "example", [], ["shop-*"]))["DeliverFromRules"]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert statement["Condition"] == {"ArnLike": {"aws:SourceArn": [CELL.arn("events", "rule/shop-*")]}}

    def test_an_unknown_publisher_is_refused(self):
        with pytest.raises(PolicyError, match="publishes to topics called 'sms'"):
            topic_policy(CELL, "example", ["sms"])
