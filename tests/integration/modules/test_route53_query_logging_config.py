# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import Story

MODULE = "route53_query_logging_config"
ARN = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/"


@pytest.fixture
def zone_id(sandbox):
    zone = sandbox.client("route53").create_hosted_zone(Name="example.com", CallerReference="example")["HostedZone"]
    return zone["Id"]


@pytest.fixture
def log_groups(sandbox):
    logs = sandbox.client("logs", "us-east-1")
    for name in ("first", "second"):
        logs.create_log_group(logGroupName=f"/aws/route53/{name}")


@pytest.fixture
def policy(modules):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "route53.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{ARN}*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    modules.run("logs_resource_policy", region="us-east-1", policy_name="route53", policy_document=document)


def test_story(modules, zone_id, log_groups, policy):
    def drift(sandbox):
        route53 = sandbox.client("route53")
        (config,) = route53.list_query_logging_configs()["QueryLoggingConfigs"]
        route53.delete_query_logging_config(Id=config["Id"])

    modules.tell(
        Story(
            module=MODULE,
            returns="query_logging_config",
            identity={"hosted_zone_id": zone_id},
            present={"log_group_arn": f"{ARN}first"},
            changes=({"log_group_arn": f"{ARN}second:*"},),
            drift=drift,
            unpredictable=frozenset({"query_logging_config_id"}),
        )
    )


def test_without_a_policy(modules, zone_id, log_groups):
    answer = modules.attempt(MODULE, hosted_zone_id=zone_id, log_group_arn=f"{ARN}first")
    assert f"Route 53 may not write to {ARN}first (log_group_arn)" in answer["msg"]


def test_of_a_zone_that_is_not_there_yet(modules):
    given = {"hosted_zone_id": "Z00000000000000000000"}
    assert modules.run(MODULE, check=True, **given, log_group_arn=f"{ARN}first")["changed"]
    assert not modules.run(MODULE, **given, state="absent")["changed"]


@pytest.mark.parametrize("arn", ["/aws/route53/first", ARN.replace("us-east-1", "ap-northeast-1")])
def test_refused(modules, zone_id, arn):
    answer = modules.attempt(MODULE, hosted_zone_id=zone_id, log_group_arn=arn)
    assert f"log_group_arn is {arn}, but must be the ARN of a log group in us-east-1" in answer["msg"]
