# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

ROLE = "arn:aws:iam::123456789012:role/example-flow-logs"


@pytest.fixture
def vpc_id(sandbox):
    return sandbox.client("ec2", REGION).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


@pytest.fixture
def bucket(modules):
    return modules.run("s3_bucket", name="example-logs")["bucket"]["arn"]


def test_story_to_s3(modules, vpc_id, bucket):
    def drift(sandbox):
        ec2 = sandbox.client("ec2", REGION)
        found = ec2.describe_flow_logs()["FlowLogs"]
        assert len(found) == 1
        ec2.create_tags(Resources=[found[0]["FlowLogId"]], Tags=[{"Key": "Environment", "Value": "other"}])

    modules.tell(
        Story(
            module="ec2_flow_log",
            returns="flow_log",
            identity={"resource_id": vpc_id, "log_destination": f"{bucket}/flow/"},
            present={
                "destination_options": {
                    "file_format": "parquet",
                    "hive_compatible_partitions": True,
                    "per_hour_partition": True,
                },
                "tags": {"Environment": "test"},
            },
            changes=(
                {"tags": {"Environment": "changed", "Number": 1}},
                {"max_aggregation_interval": 60},
                {"destination_options": {"per_hour_partition": False}},
                {"traffic_type": "REJECT", "log_format": "${version} ${vpc-id} ${srcaddr}"},
            ),
            drift=drift,
            unpredictable=frozenset({"flow_log_id"}),
        )
    )


def test_story_to_a_log_group(modules, vpc_id):
    arn = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/example/flow"

    def drift(sandbox):
        ec2 = sandbox.client("ec2", REGION)
        ec2.delete_flow_logs(FlowLogIds=[flow_log["FlowLogId"] for flow_log in ec2.describe_flow_logs()["FlowLogs"]])

    modules.tell(
        Story(
            module="ec2_flow_log",
            returns="flow_log",
            identity={"resource_id": vpc_id, "log_destination": arn},
            present={"deliver_logs_permission_arn": ROLE},
            changes=({"traffic_type": "ACCEPT"},),
            drift=drift,
            unpredictable=frozenset({"flow_log_id"}),
        )
    )


def test_another_destination_is_another_flow_log(modules, vpc_id, bucket):
    first = modules.run("ec2_flow_log", resource_id=vpc_id, log_destination=f"{bucket}/a/")["flow_log"]
    second = modules.run("ec2_flow_log", resource_id=vpc_id, log_destination=f"{bucket}/b/")["flow_log"]
    assert first["flow_log_id"] != second["flow_log_id"]
    assert not modules.run("ec2_flow_log", resource_id=vpc_id, log_destination=f"{bucket}/a/")["changed"]


def test_by_id(modules, vpc_id, bucket):
    created = modules.run("ec2_flow_log", resource_id=vpc_id, log_destination=f"{bucket}/a/")["flow_log"]
    moved = modules.run("ec2_flow_log", flow_log_id=created["flow_log_id"], log_destination=f"{bucket}/b/")
    assert moved["flow_log"]["log_destination"] == f"{bucket}/b/"
    assert moved["flow_log"]["flow_log_id"] != created["flow_log_id"]
    gone = modules.attempt("ec2_flow_log", flow_log_id=created["flow_log_id"], traffic_type="ALL")
    assert created["flow_log_id"] in gone["msg"]
    modules.run("ec2_flow_log", flow_log_id=moved["flow_log"]["flow_log_id"], state="absent")
    assert not modules.sandbox.client("ec2", REGION).describe_flow_logs()["FlowLogs"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"resource_id": "i-1"}, "resource_id is i-1"),
        ({"log_destination": "example-logs"}, "log_destination is example-logs"),
        (
            {
                "log_destination": "arn:aws:logs:ap-northeast-1:123456789012:log-group:a",
                "destination_options": {"file_format": "parquet"},
            },
            "destination_options are for S3",
        ),
    ],
)
def test_refused(modules, bucket, arguments, said):
    answer = modules.attempt(
        "ec2_flow_log", **{"resource_id": "vpc-0123456789abcdef0", "log_destination": bucket, **arguments}
    )
    assert said in answer["msg"]
