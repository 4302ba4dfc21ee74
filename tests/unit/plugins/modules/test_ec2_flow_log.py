# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules import ec2_flow_log

STATE = {
    "flow_log_id": None,
    "resource_id": "vpc-1",
    "log_destination_type": "s3",
    "log_destination": "arn:aws:s3:::logs",
    "deliver_logs_permission_arn": None,
    "deliver_cross_account_role": None,
    "traffic_type": "ALL",
    "log_format": "${version}",
    "max_aggregation_interval": 600,
    "destination_options": {"file_format": "parquet", "hive_compatible_partitions": True, "per_hour_partition": True},
    "tags": {"a": "b"},
}


def test_write():
    assert ec2_flow_log.write(STATE) == {
        "ResourceIds": ["vpc-1"],
        "ResourceType": "VPC",
        "LogDestinationType": "s3",
        "LogDestination": "arn:aws:s3:::logs",
        "TrafficType": "ALL",
        "LogFormat": "${version}",
        "MaxAggregationInterval": 600,
        "DestinationOptions": {
            "FileFormat": "parquet",
            "HiveCompatiblePartitions": True,
            "PerHourPartition": True,
        },
        "TagSpecifications": [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "a", "Value": "b"}]}],
    }


def test_read_a_log_group_by_its_name():
    flow_log = {
        "FlowLogId": "fl-1",
        "ResourceId": "vpc-1",
        "LogDestinationType": "cloud-watch-logs",
        "LogGroupName": "flow",
        "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/r",
        "TrafficType": "ALL",
        "LogFormat": "${version}",
        "MaxAggregationInterval": 60,
    }
    state = ec2_flow_log.read(flow_log)
    assert state["log_destination"] == "flow"
    assert state["destination_options"] == {}
    assert state["tags"] == {}


LOG_GROUP = "arn:aws:logs:ap-northeast-1:123456789012:log-group:flow"


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        (LOG_GROUP, LOG_GROUP, True),
        (f"{LOG_GROUP}:*", LOG_GROUP, True),
        ("flow", LOG_GROUP, True),
        ("flow2", LOG_GROUP, False),
        ("arn:aws:s3:::logs/a/", "arn:aws:s3:::logs/b/", False),
    ],
)
def test_same_destination(current, wanted, same):
    assert ec2_flow_log.same_destination(current, wanted) is same


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        ("arn:aws:s3:::logs/flow/", "s3"),
        (LOG_GROUP, "cloud-watch-logs"),
        ("arn:aws-cn:firehose:cn-north-1:123456789012:deliverystream/flow", "kinesis-data-firehose"),
    ],
)
def test_destination_type(arn, kind):
    assert ec2_flow_log.destination_type(arn) == kind


@pytest.mark.parametrize("arn", ["logs", "arn:aws:sns:ap-northeast-1:123456789012:topic", ""])
def test_no_destination(arn):
    with pytest.raises(AnsibleAWSError, match="log_destination is"):
        ec2_flow_log.destination_type(arn)


def test_unsuccessful():
    def item(code):
        return {"Unsuccessful": [{"ResourceId": "vpc-1", "Error": {"Code": code, "Message": "No access"}}]}

    assert ec2_flow_log.unsuccessful({}, "create") is False
    assert ec2_flow_log.unsuccessful(item("FlowLogAlreadyExists"), "create") is True
    with pytest.raises(AnsibleAWSError, match="Failed to create the flow log of vpc-1: No access"):
        ec2_flow_log.unsuccessful(item("400"), "create the flow log")


class Ec2:
    """EC2 with one flow log, which it takes for the same as any other of its resource."""

    def __init__(self):
        self.calls = []
        self.exists = True

    def create_flow_logs(self, **arguments):
        self.calls.append("create")
        if self.exists:
            return ec2_unsuccessful("FlowLogAlreadyExists")
        return {"FlowLogIds": ["fl-2"]}

    def delete_flow_logs(self, FlowLogIds):
        self.calls.append("delete")
        self.exists = False
        return {}


def ec2_unsuccessful(code):
    return {"FlowLogIds": [], "Unsuccessful": [{"ResourceId": "vpc-1", "Error": {"Code": code, "Message": ""}}]}


def test_replaced_the_other_way_round_where_there_can_be_only_one():
    ec2 = Ec2()
    flow_log = ec2_flow_log.FlowLog({}, None, True, ec2)
    flow_log.update({**STATE, "flow_log_id": "fl-1"}, {"flow_log_id": None, "traffic_type": "ACCEPT"})
    assert ec2.calls == ["create", "delete", "create"]
    assert flow_log.flow_log_id == "fl-2"
