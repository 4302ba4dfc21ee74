#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_flow_log
version_added: "0.1.0"
short_description: Manage a flow log of a VPC, a subnet or a network interface
description:
  - Creates, changes and deletes a flow log, which records the IP traffic of a VPC, a subnet or a network interface.
  - A flow log is identified by O(resource_id) and O(log_destination), or by O(flow_log_id). Another destination is
    another flow log, which leaves the first as it is; give O(flow_log_id) to move one.
  - AWS lets nothing but the tags of a flow log be changed. Any other change replaces it by a new flow log, created
    before the old one is deleted so that no traffic is missed, unless AWS takes the two for one.
  - Follows U(https://docs.aws.amazon.com/vpc/latest/userguide/working-with-flow-logs.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the flow log exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  flow_log_id:
    description:
      - The id of a flow log that exists. Then all other options are what to change.
    type: str
  resource_id:
    description:
      - The VPC (C(vpc-...)), subnet (C(subnet-...)) or network interface (C(eni-...)) whose traffic is recorded.
      - Required, except with O(flow_log_id).
    type: str
  log_destination:
    description:
      - ARN of the S3 bucket, with a folder if you like (C(arn:aws:s3:::example-logs/flow/)), of the CloudWatch Logs log
        group, or of the Firehose stream.
      - Required, except with O(flow_log_id).
    type: str
  deliver_logs_permission_arn:
    description:
      - ARN of the IAM role that delivers the records. Required for a log group, and for a Firehose stream of another
        account.
    type: str
  deliver_cross_account_role:
    description:
      - ARN of the role in the Firehose stream's account, where it is another one.
    type: str
  traffic_type:
    description:
      - Which traffic is recorded; of a new flow log V(ALL) when not given.
    type: str
    choices: [ALL, ACCEPT, REJECT]
  log_format:
    description:
      - The fields of a record, in order, each as V(${field}). AWS's default format (version 2) when not given.
    type: str
  max_aggregation_interval:
    description:
      - The seconds that one record covers at most; of a new flow log V(600) when not given.
    type: int
    choices: [60, 600]
  destination_options:
    description:
      - How the records are stored in S3; not for other destinations. What is not given stays as it is.
    type: dict
    suboptions:
      file_format:
        description: V(parquet) is compressed, and about ten times faster for Athena to query.
        type: str
        choices: [plain-text, parquet]
      hive_compatible_partitions:
        description: Whether the folders are named as Hive names partitions (C(year=2030/month=01)).
        type: bool
      per_hour_partition:
        description: Whether there is a folder for each hour, not only for each day.
        type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Record a VPC's traffic in S3, ready for Athena
  wellarchitected.aws.ec2_flow_log:
    resource_id: vpc-0123456789abcdef0
    log_destination: arn:aws:s3:::example-logs/flow/
    destination_options:
      file_format: parquet
      hive_compatible_partitions: true
      per_hour_partition: true
    tags:
      Environment: production

- name: Record what a subnet rejects in CloudWatch Logs, minute by minute
  wellarchitected.aws.ec2_flow_log:
    resource_id: subnet-0123456789abcdef0
    log_destination: arn:aws:logs:ap-northeast-1:123456789012:log-group:/example/flow
    deliver_logs_permission_arn: arn:aws:iam::123456789012:role/example-flow-logs
    traffic_type: REJECT
    max_aggregation_interval: 60

- name: Delete a flow log
  wellarchitected.aws.ec2_flow_log:
    flow_log_id: fl-0123456789abcdef0
    state: absent
"""

RETURN = r"""
flow_log:
  description: The flow log as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    flow_log_id:
      description: Its id; in check mode without a value where a new flow log would be created.
      type: str
      sample: fl-0123456789abcdef0
    resource_id:
      description: The resource whose traffic is recorded.
      type: str
      sample: vpc-0123456789abcdef0
    log_destination_type:
      description: V(s3), V(cloud-watch-logs) or V(kinesis-data-firehose).
      type: str
      sample: s3
    log_destination:
      description: ARN of the destination.
      type: str
      sample: arn:aws:s3:::example-logs/flow/
    deliver_logs_permission_arn:
      description: ARN of the role that delivers the records, if one does.
      type: str
      sample: arn:aws:iam::123456789012:role/example-flow-logs
    deliver_cross_account_role:
      description: ARN of the role in the destination's account, if there is one.
      type: str
      sample: arn:aws:iam::123456789012:role/example-delivery
    traffic_type:
      description: Which traffic is recorded.
      type: str
      sample: ALL
    log_format:
      description: The fields of a record.
      type: str
      sample: ${version} ${account-id} ${interface-id}
    max_aggregation_interval:
      description: The seconds that one record covers at most.
      type: int
      sample: 600
    destination_options:
      description: How the records are stored in S3; empty for other destinations.
      type: dict
      sample:
        file_format: parquet
        hive_compatible_partitions: true
        per_hour_partition: true
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict, snake_dict_to_camel_dict
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    boto3_tag_list_to_ansible_dict,
    boto3_tag_specifications,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_ROLE, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.ec2 import change_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

RESOURCE_TYPES = {"vpc": "VPC", "subnet": "Subnet", "eni": "NetworkInterface"}
DESTINATION_TYPES = {"s3": "s3", "logs": "cloud-watch-logs", "firehose": "kinesis-data-firehose"}
# What AWS gives a flow log of which nothing else is said.
DEFAULT_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} "
    "${bytes} ${start} ${end} ${action} ${log-status}"
)
DEFAULT_OPTIONS = {"file_format": "plain-text", "hive_compatible_partitions": False, "per_hour_partition": False}
FIELDS = (
    "resource_id",
    "log_destination",
    "deliver_logs_permission_arn",
    "deliver_cross_account_role",
    "traffic_type",
    "log_format",
    "max_aggregation_interval",
    "destination_options",
    "tags",
)


class FlowLogErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("InvalidFlowLogId.NotFound")


class FlowLog(Resource):
    partial = frozenset({"destination_options"})

    def __init__(self, fields, flow_log_id, purge_tags, ec2):
        super().__init__(fields, purge_tags)
        self.flow_log_id = flow_log_id
        self.ec2 = ec2
        self.same = {"log_destination": same_destination}

    def find(self):
        if self.flow_log_id:
            states = self._describe({"FlowLogIds": [self.flow_log_id]})
        else:
            of_resource = self._describe({"Filter": [{"Name": "resource-id", "Values": [self.given["resource_id"]]}]})
            wanted = self.given["log_destination"]
            states = [state for state in of_resource if same_destination(state["log_destination"], wanted)]
        return states[0] if states else None

    def blank(self):
        if self.flow_log_id:
            raise AnsibleAWSError(
                message=f"There is no flow log {self.flow_log_id} (flow_log_id) in this region. To create one, give "
                "resource_id and log_destination instead."
            )
        kind = destination_type(self.given["log_destination"])
        return {
            "flow_log_id": None,
            "resource_id": self.given["resource_id"],
            "log_destination": self.given["log_destination"],
            "log_destination_type": kind,
            "deliver_logs_permission_arn": None,
            "deliver_cross_account_role": None,
            "traffic_type": "ALL",
            "log_format": DEFAULT_FORMAT,
            "max_aggregation_interval": 600,
            "destination_options": DEFAULT_OPTIONS if kind == "s3" else {},
            "tags": {},
        }

    def changes(self, current):
        changes = super().changes(current)
        if current["flow_log_id"] and changes.keys() - {"tags"}:
            # The diff says by it that the flow log will be another one.
            changes["flow_log_id"] = None
            if "log_destination" in changes:
                changes["log_destination_type"] = destination_type(changes["log_destination"])
        return changes

    def refusal(self, current, changes):
        after = {**current, **changes}
        if after["destination_options"] and after["log_destination_type"] != "s3":
            return f"destination_options are for S3, but log_destination is {after['log_destination']}."
        return None

    def create(self):
        state = {**self.blank(), **self.wanted(self.blank())}
        self.flow_log_id = self._create(state)
        if not self.flow_log_id:
            raise AnsibleAWSError(
                message=f"AWS has a flow log of {state['resource_id']} to {state['log_destination']} already, but does "
                "not list it yet. Run this again in a minute."
            )

    def update(self, current, changes):
        if "flow_log_id" not in changes:
            change_tags(self.ec2, current["flow_log_id"], current["tags"], changes["tags"])
            return
        state = {**current, **changes}
        created = self._create(state)
        self._delete(current["flow_log_id"])
        # Where AWS takes the new flow log for the old one, there is a gap between them.
        self.flow_log_id = created or self._create(state)

    def delete(self, current):
        self._delete(current["flow_log_id"])

    @FlowLogErrorHandler.list_error_handler("find flow logs", [])
    def _describe(self, arguments):
        pages = self.ec2.get_paginator("describe_flow_logs").paginate(**arguments)
        return [read(flow_log) for page in pages for flow_log in page["FlowLogs"]]

    @FlowLogErrorHandler.common_error_handler("create the flow log")
    @retry_on(UNKNOWN_ROLE)
    def _create(self, state):
        """The id of the new flow log; None when AWS takes it for one that exists."""
        try:
            answer = self.ec2.create_flow_logs(**write(state))
        except is_boto3_error_code("FlowLogAlreadyExists"):
            return None
        if unsuccessful(answer, "create the flow log"):
            return None
        return answer["FlowLogIds"][0]

    @FlowLogErrorHandler.deletion_error_handler("delete the flow log {flow_log_id}")
    def _delete(self, flow_log_id):
        unsuccessful(self.ec2.delete_flow_logs(FlowLogIds=[flow_log_id]), f"delete the flow log {flow_log_id}")


def unsuccessful(answer, action):
    """Whether the answer says that the flow log exists already. Raises for any other failure that it tells of."""
    for item in answer.get("Unsuccessful", []):
        error = item["Error"]
        if error["Code"] != "FlowLogAlreadyExists":
            message = f"Failed to {action} of {item['ResourceId']}: {error['Message']} ({error['Code']})"
            raise AnsibleAWSError(message=message)
        return True
    return False


def destination_type(arn):
    """What EC2 calls the kind of a destination. Raises AnsibleAWSError when it is none that a flow log can have."""
    service = arn.split(":")[2] if arn.count(":") >= 5 else None
    if service not in DESTINATION_TYPES:
        raise AnsibleAWSError(
            message=f"log_destination is {arn}, but must be the ARN of an S3 bucket, a CloudWatch Logs log group or a "
            "Firehose stream."
        )
    return DESTINATION_TYPES[service]


def same_destination(current, wanted):
    """Whether two destinations are the same; EC2 may name a log group without its ARN, and logs ends it in :*."""
    return _bare(current) == _bare(wanted)


def _bare(destination):
    return destination.removesuffix(":*").rpartition(":log-group:")[2]


def resource_type(resource_id):
    """What EC2 calls the kind of a resource. Raises AnsibleAWSError when it has no flow logs."""
    kind = RESOURCE_TYPES.get(resource_id.partition("-")[0])
    if not kind:
        raise AnsibleAWSError(
            message=f"resource_id is {resource_id}, but must be the id of a VPC (vpc-...), a subnet (subnet-...) or a "
            "network interface (eni-...)."
        )
    return kind


def build(params, ec2):
    fields = given(params, FIELDS)
    if "resource_id" in fields:
        resource_type(fields["resource_id"])
    if "log_destination" in fields:
        destination_type(fields["log_destination"])
    return FlowLog(fields, params["flow_log_id"], params["purge_tags"], ec2)


def read(flow_log):
    """A flow log as EC2 describes it, as a state."""
    state = camel_dict_to_snake_dict(flow_log, ignore_list=["Tags"])
    kind = state["log_destination_type"]
    return {
        "flow_log_id": state["flow_log_id"],
        "resource_id": state["resource_id"],
        "log_destination_type": kind,
        "log_destination": state.get("log_destination") or state["log_group_name"],
        "deliver_logs_permission_arn": state.get("deliver_logs_permission_arn"),
        "deliver_cross_account_role": state.get("deliver_cross_account_role"),
        "traffic_type": state["traffic_type"],
        "log_format": state.get("log_format", DEFAULT_FORMAT),
        "max_aggregation_interval": state.get("max_aggregation_interval", 600),
        "destination_options": {**DEFAULT_OPTIONS, **state.get("destination_options", {})} if kind == "s3" else {},
        "tags": boto3_tag_list_to_ansible_dict(flow_log.get("Tags", [])),
    }


def write(state):
    """The arguments that create a flow log of this state."""
    names = ("deliver_logs_permission_arn", "deliver_cross_account_role", "destination_options")
    optional = snake_dict_to_camel_dict({name: state[name] for name in names if state[name]}, capitalize_first=True)
    if state["tags"]:
        optional["TagSpecifications"] = boto3_tag_specifications(state["tags"], "vpc-flow-log")
    return {
        "ResourceIds": [state["resource_id"]],
        "ResourceType": resource_type(state["resource_id"]),
        "LogDestinationType": state["log_destination_type"],
        "LogDestination": state["log_destination"],
        "TrafficType": state["traffic_type"],
        "LogFormat": state["log_format"],
        "MaxAggregationInterval": state["max_aggregation_interval"],
        **optional,
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "flow_log_id": {"type": "str"},
            "resource_id": {"type": "str"},
            "log_destination": {"type": "str"},
            "deliver_logs_permission_arn": {"type": "str"},
            "deliver_cross_account_role": {"type": "str"},
            "traffic_type": {"type": "str", "choices": ["ALL", "ACCEPT", "REJECT"]},
            "log_format": {"type": "str"},
            "max_aggregation_interval": {"type": "int", "choices": [60, 600]},
            "destination_options": {
                "type": "dict",
                "options": {
                    "file_format": {"type": "str", "choices": ["plain-text", "parquet"]},
                    "hive_compatible_partitions": {"type": "bool"},
                    "per_hour_partition": {"type": "bool"},
                },
            },
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        required_one_of=[("flow_log_id", "resource_id"), ("flow_log_id", "log_destination")],
        supports_check_mode=True,
    )
    run(module, "flow_log", lambda: build(module.params, client(module, "ec2")))


if __name__ == "__main__":
    main()
