#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: firehose_delivery_stream
version_added: "0.1.0"
short_description: Manage an Amazon Data Firehose stream that delivers to S3
description:
  - Creates, changes and deletes a stream that takes records directly (Direct PUT), as from AWS WAF or from CloudWatch
    Logs, and delivers them to an S3 bucket.
  - Streams with another source or another destination are left alone. What such a stream has besides, such as
    processors, dynamic partitioning, format conversion or a backup, stays as it is.
  - Follows U(https://docs.aws.amazon.com/firehose/latest/dev/basic-create.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The stream's name. AWS WAF delivers only to streams whose names begin with V(aws-waf-logs-).
    type: str
    required: true
  state:
    description:
      - V(present) makes the stream exist as described, V(absent) deletes it, with what it has not delivered yet.
      - A stream whose deletion failed is deleted by force, even if its grant for the KMS key cannot be retired.
    type: str
    choices: [present, absent]
    default: present
  s3_destination:
    description:
      - Where and how the records are delivered. What is not given stays as it is.
    type: dict
    suboptions:
      bucket_arn:
        description: ARN of the bucket. Required for a new stream.
        type: str
      role_arn:
        description:
          - ARN of the role that delivers. Required for a new stream.
          - It must trust V(firehose.amazonaws.com), and be allowed to write to the bucket and to use the keys. A role
            that is only seconds old is tried again for half a minute.
        type: str
      prefix:
        description:
          - The objects' folder, with expressions such as V(!{timestamp:yyyy}) if you like; an empty text for Firehose's
            own, which is the hour. With expressions, O(s3_destination.error_output_prefix) is required.
        type: str
      error_output_prefix:
        description: The folder of records that could not be delivered; an empty text for none.
        type: str
      buffering_size_in_mbs:
        description: An object is written once so many MiB have come, V(1) to V(128); of a new stream V(5).
        type: int
      buffering_interval_in_seconds:
        description: An object is written after so many seconds at the latest, V(0) to V(900); of a new stream V(300).
        type: int
      compression_format:
        description: How objects are compressed; of a new stream V(UNCOMPRESSED).
        type: str
        choices: [UNCOMPRESSED, GZIP, ZIP, Snappy, HADOOP_SNAPPY]
      kms_key_arn:
        description:
          - ARN of the KMS key, or of its alias, that the objects are encrypted with; an empty text leaves it to the
            bucket how they are encrypted.
        type: str
      file_extension:
        description: What the objects' names end with, with its dot (V(.json.gz)); an empty text for Firehose's own.
        type: str
      custom_time_zone:
        description: The time zone of the timestamps in the prefixes, such as V(Asia/Tokyo); of a new stream V(UTC).
        type: str
      cloudwatch_logging:
        description: Where failed deliveries are logged. Stated whole; V({}) for nowhere.
        type: dict
        suboptions:
          log_group_name:
            description: The log group. Firehose does not create it.
            type: str
          log_stream_name:
            description: The log stream in it, which Firehose does not create either.
            type: str
  server_side_encryption:
    description:
      - How records are encrypted while they are in the stream. V(none), V(aws_owned) for a key that AWS owns, or the
        ARN of a KMS key of your own (not of an alias), for which Firehose makes itself a grant.
      - Of a new stream V(none). AWS lets it be changed 25 times in 24 hours.
    type: str
  wait:
    description:
      - Whether to wait until a new stream is active, changed encryption is in force, or a deleted stream is gone.
      - A stream that is still being created is waited for in any case before it is changed or deleted.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most, each time.
    type: int
    default: 900
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Deliver the logs of AWS WAF to S3, a folder for each hour
  wellarchitected.aws.firehose_delivery_stream:
    name: aws-waf-logs-example
    s3_destination:
      bucket_arn: arn:aws:s3:::example-logs
      role_arn: arn:aws:iam::123456789012:role/example-firehose
      prefix: waf/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/
      error_output_prefix: waf-errors/!{firehose:error-output-type}/
      compression_format: GZIP
      buffering_size_in_mbs: 64
      cloudwatch_logging:
        log_group_name: /example/firehose
        log_stream_name: waf
    server_side_encryption: aws_owned
    tags:
      Environment: production

- name: Encrypt the records in the stream with a key of one's own
  wellarchitected.aws.firehose_delivery_stream:
    name: aws-waf-logs-example
    server_side_encryption: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab

- name: Delete the stream
  wellarchitected.aws.firehose_delivery_stream:
    name: aws-waf-logs-example
    state: absent
"""

RETURN = r"""
delivery_stream:
  description: The stream as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: aws-waf-logs-example
    arn:
      description: Its ARN; in check mode without a value for a stream that would be created.
      type: str
      sample: arn:aws:firehose:ap-northeast-1:123456789012:deliverystream/aws-waf-logs-example
    status:
      description: V(ACTIVE), V(CREATING), V(CREATING_FAILED), V(DELETING) or V(DELETING_FAILED).
      type: str
      sample: ACTIVE
    source:
      description: V(DirectPut), or where else the records come from.
      type: str
      sample: DirectPut
    s3_destination:
      description: Where and how the records are delivered, with all suboptions; empty for another destination.
      type: dict
      sample:
        bucket_arn: arn:aws:s3:::example-logs
        role_arn: arn:aws:iam::123456789012:role/example-firehose
        prefix: waf/
        error_output_prefix: waf-errors/
        buffering_size_in_mbs: 64
        buffering_interval_in_seconds: 300
        compression_format: GZIP
        kms_key_arn: ""
        file_extension: ""
        custom_time_zone: UTC
        cloudwatch_logging: {}
    server_side_encryption:
      description: V(none), V(aws_owned), or the ARN of the KMS key.
      type: str
      sample: aws_owned
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_ROLE, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# The suboptions that are plain values: what the API calls them, and what AWS gives a new stream.
PLAIN = {
    "bucket_arn": ("BucketARN", None),
    "role_arn": ("RoleARN", None),
    "prefix": ("Prefix", ""),
    "error_output_prefix": ("ErrorOutputPrefix", ""),
    "compression_format": ("CompressionFormat", "UNCOMPRESSED"),
    "file_extension": ("FileExtension", ""),
    "custom_time_zone": ("CustomTimeZone", "UTC"),
}
BUFFERING = {
    "buffering_size_in_mbs": ("SizeInMBs", 5),
    "buffering_interval_in_seconds": ("IntervalInSeconds", 300),
}
DESTINATION_DEFAULTS = {
    **{field: default for field, (member, default) in (PLAIN | BUFFERING).items()},
    "kms_key_arn": "",
    "cloudwatch_logging": {},
}
FAILED = ("CREATING_FAILED", "DELETING_FAILED", "ENABLING_FAILED", "DISABLING_FAILED")
FIELDS = ("s3_destination", "server_side_encryption", "tags")


class FirehoseErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("ResourceNotFoundException")


class StreamWaiters(BaseWaiterFactory):
    # What failed has settled, too: only the description says why.
    @property
    def _waiter_model_data(self):
        def waiter(argument, *values):
            return {
                "operation": "DescribeDeliveryStream",
                "delay": 5,
                "maxAttempts": 180,
                "acceptors": [
                    {"state": "success", "matcher": "path", "argument": argument, "expected": value} for value in values
                ],
            }

        def missing(state):
            return {"state": state, "matcher": "error", "expected": "ResourceNotFoundException"}

        status = "DeliveryStreamDescription.DeliveryStreamStatus"
        encryption = "DeliveryStreamDescription.DeliveryStreamEncryptionConfiguration.Status"
        active = waiter(status, "ACTIVE", *FAILED)
        # What was created a moment ago may not be shown yet.
        active["acceptors"].append(missing("retry"))
        gone = waiter(status, *FAILED)
        gone["acceptors"].append(missing("success"))
        return {"active": active, "gone": gone, "encrypted": waiter(encryption, "ENABLED", "DISABLED", *FAILED)}


class DeliveryStream(Resource):
    partial = frozenset({"s3_destination"})

    def __init__(self, params, client):
        super().__init__(given(params, FIELDS), params["purge_tags"])
        self.client = client
        self.name = params["name"]
        self.wait = params["wait"]
        self.wait_timeout = params["wait_timeout"]

    def find(self):
        description = self._describe()
        return read(description, self._list_tags()) if description else None

    def blank(self):
        return {
            "name": self.name,
            "arn": None,
            "status": "ACTIVE",
            "source": "DirectPut",
            "s3_destination": DESTINATION_DEFAULTS,
            "server_side_encryption": "none",
            "tags": {},
        }

    def changes(self, current):
        changes = super().changes(current)
        if current["status"] not in ("ACTIVE", "CREATING"):
            changes["status"] = "ACTIVE"
        return changes

    def refusal(self, current, changes):
        after = {**current, **changes}
        if current["status"] == "DELETING":
            return f"The Firehose stream {self.name} is being deleted. Run this again when it is gone, in some minutes."
        if "status" in changes:
            return (
                f"The Firehose stream {self.name} is {current['status']}, which AWS does not mend. Delete it first "
                "(state: absent), to create it anew."
            )
        if current["source"] != "DirectPut":
            return f"The Firehose stream {self.name} takes its records from {current['source']}. Choose another name."
        if not current["s3_destination"]:
            return f"The Firehose stream {self.name} delivers to something other than S3. Choose another name."
        missing = [f"s3_destination.{name}" for name in ("bucket_arn", "role_arn") if not after["s3_destination"][name]]
        if missing:
            return f"A new Firehose stream needs {' and '.join(missing)}."
        encryption = after["server_side_encryption"]
        if encryption not in ("none", "aws_owned") and ":key/" not in encryption:
            return (
                f"server_side_encryption is {encryption}, but must be none, aws_owned or the ARN of a KMS key itself, "
                "not of an alias."
            )
        return None

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})
        if self.wait:
            self._wait("active")

    def update(self, current, changes):
        if current["status"] == "CREATING" and changes.keys() - {"tags"}:
            self._wait("active")
        if "s3_destination" in changes:
            self._set_destination(current["s3_destination"], changes["s3_destination"])
        if "server_side_encryption" in changes:
            self._set_encryption(changes["server_side_encryption"])
            if self.wait:
                self._wait("encrypted")
        if "tags" in changes:
            self._set_tags(current["tags"], changes["tags"])

    def delete(self, current):
        if current["status"] == "CREATING":
            self._wait("active")
        self._delete(force=current["status"] == "DELETING_FAILED")
        if self.wait:
            self._wait("gone")

    @FirehoseErrorHandler.list_error_handler("find the Firehose stream {self.name}")
    def _describe(self):
        return self.client.describe_delivery_stream(DeliveryStreamName=self.name)["DeliveryStreamDescription"]

    @FirehoseErrorHandler.list_error_handler("list the tags of the Firehose stream {self.name}", {})
    def _list_tags(self):
        # botocore has no paginator for it.
        tags, arguments = [], {}
        while True:
            page = self.client.list_tags_for_delivery_stream(DeliveryStreamName=self.name, **arguments)
            tags += page["Tags"]
            if not page["HasMoreTags"]:
                return boto3_tag_list_to_ansible_dict(tags)
            arguments = {"ExclusiveStartTagKey": tags[-1]["Key"]}

    @FirehoseErrorHandler.common_error_handler("create the Firehose stream {self.name}")
    @retry_on(UNKNOWN_ROLE)
    def _create(self, state):
        self.client.create_delivery_stream(DeliveryStreamName=self.name, **creation(state))

    @FirehoseErrorHandler.common_error_handler("change the destination of the Firehose stream {self.name}")
    @retry_on(UNKNOWN_ROLE, "ConcurrentModificationException")
    def _set_destination(self, current, wanted):
        # Described at each try: when somebody else changes the stream meanwhile, AWS merges their change and this one.
        description = self.client.describe_delivery_stream(DeliveryStreamName=self.name)["DeliveryStreamDescription"]
        self.client.update_destination(
            DeliveryStreamName=self.name,
            CurrentDeliveryStreamVersionId=description["VersionId"],
            DestinationId=description["Destinations"][0]["DestinationId"],
            ExtendedS3DestinationUpdate=write_destination(current, wanted),
        )

    @FirehoseErrorHandler.common_error_handler("set the encryption of the Firehose stream {self.name}")
    @retry_on("ResourceInUseException")
    def _set_encryption(self, encryption):
        # It is in use while it changes to the encryption that it was told before.
        if encryption == "none":
            self.client.stop_delivery_stream_encryption(DeliveryStreamName=self.name)
        else:
            self.client.start_delivery_stream_encryption(
                DeliveryStreamName=self.name, DeliveryStreamEncryptionConfigurationInput=write_encryption(encryption)
            )

    @FirehoseErrorHandler.common_error_handler("tag the Firehose stream {self.name}")
    def _set_tags(self, current, wanted):
        to_set, to_remove = compare_aws_tags(current, wanted)
        if to_remove:
            self.client.untag_delivery_stream(DeliveryStreamName=self.name, TagKeys=to_remove)
        if to_set:
            self.client.tag_delivery_stream(DeliveryStreamName=self.name, Tags=ansible_dict_to_boto3_tag_list(to_set))

    @FirehoseErrorHandler.deletion_error_handler("delete the Firehose stream {self.name}")
    def _delete(self, force):
        self.client.delete_delivery_stream(DeliveryStreamName=self.name, AllowForceDelete=force)

    @FirehoseErrorHandler.common_error_handler("see the Firehose stream {self.name} {end}")
    def _wait(self, end):
        waiter = StreamWaiters().get_waiter(self.client, end)
        config = custom_waiter_config(self.wait_timeout, default_pause=5)
        waiter.wait(DeliveryStreamName=self.name, WaiterConfig=config)
        reason = failure(self._describe() or {})
        if reason:
            raise AnsibleAWSError(message=f"The Firehose stream {self.name} cannot be {end}: {reason}.")


def failure(description):
    """What of a stream has failed, and why as far as AWS says it; None when nothing has."""
    encryption = description.get("DeliveryStreamEncryptionConfiguration", {})
    for status, part in (
        (description.get("DeliveryStreamStatus"), description),
        (encryption.get("Status"), encryption),
    ):
        if status in FAILED:
            reason = part.get("FailureDescription")
            return f"{status}, {reason['Details']} ({reason['Type']})" if reason else status
    return None


def read(description, tags):
    """A stream as Firehose describes it, and its tags, as a state."""
    destination = description["Destinations"][0] if description["Destinations"] else {}
    return {
        "name": description["DeliveryStreamName"],
        "arn": description["DeliveryStreamARN"],
        "status": description["DeliveryStreamStatus"],
        "source": description["DeliveryStreamType"],
        "s3_destination": read_destination(destination.get("ExtendedS3DestinationDescription")),
        "server_side_encryption": read_encryption(description.get("DeliveryStreamEncryptionConfiguration", {})),
        "tags": tags,
    }


def read_destination(destination):
    if not destination:
        return {}
    hints = destination.get("BufferingHints", {})
    logging = destination.get("CloudWatchLoggingOptions", {})
    key = destination.get("EncryptionConfiguration", {}).get("KMSEncryptionConfig", {})
    return {
        **{field: destination.get(member) or default for field, (member, default) in PLAIN.items()},
        **{field: hints.get(member, default) for field, (member, default) in BUFFERING.items()},
        "kms_key_arn": key.get("AWSKMSKeyARN", ""),
        "cloudwatch_logging": (
            {"log_group_name": logging["LogGroupName"], "log_stream_name": logging["LogStreamName"]}
            if logging.get("Enabled")
            else {}
        ),
    }


def read_encryption(encryption):
    # What failed to be enabled is to be enabled again.
    if encryption.get("Status", "DISABLED") in ("DISABLED", "DISABLING", "ENABLING_FAILED"):
        return "none"
    return encryption["KeyARN"] if encryption["KeyType"] == "CUSTOMER_MANAGED_CMK" else "aws_owned"


def write_destination(current, wanted):
    """The members that make a destination of the current values one of the wanted values."""
    changed = {field: value for field, value in wanted.items() if value != current.get(field)}
    members = {member: changed[field] for field, (member, default) in PLAIN.items() if field in changed}
    if changed.keys() & BUFFERING.keys():
        # The one does not go without the other.
        members["BufferingHints"] = {member: wanted[field] for field, (member, default) in BUFFERING.items()}
    if "kms_key_arn" in changed:
        key = changed["kms_key_arn"]
        members["EncryptionConfiguration"] = (
            {"KMSEncryptionConfig": {"AWSKMSKeyARN": key}} if key else {"NoEncryptionConfig": "NoEncryption"}
        )
    if "cloudwatch_logging" in changed:
        logging = changed["cloudwatch_logging"]
        members["CloudWatchLoggingOptions"] = (
            {"Enabled": True, "LogGroupName": logging["log_group_name"], "LogStreamName": logging["log_stream_name"]}
            if logging
            else {"Enabled": False}
        )
    return members


def write_encryption(encryption):
    if encryption == "aws_owned":
        return {"KeyType": "AWS_OWNED_CMK"}
    return {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": encryption}


def creation(state):
    """The arguments, besides the name, that create a stream of this state."""
    arguments = {
        "DeliveryStreamType": state["source"],
        "ExtendedS3DestinationConfiguration": write_destination(DESTINATION_DEFAULTS, state["s3_destination"]),
    }
    if state["server_side_encryption"] != "none":
        encryption = write_encryption(state["server_side_encryption"])
        arguments["DeliveryStreamEncryptionConfigurationInput"] = encryption
    if state["tags"]:
        arguments["Tags"] = ansible_dict_to_boto3_tag_list(state["tags"])
    return arguments


def main():
    text = {"type": "str"}
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "s3_destination": {
                "type": "dict",
                "options": {
                    **dict.fromkeys(("bucket_arn", "role_arn", "prefix", "error_output_prefix"), text),
                    "buffering_size_in_mbs": {"type": "int"},
                    "buffering_interval_in_seconds": {"type": "int"},
                    "compression_format": {
                        "type": "str",
                        "choices": ["UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"],
                    },
                    "kms_key_arn": {"type": "str", "no_log": False},
                    **dict.fromkeys(("file_extension", "custom_time_zone"), text),
                    "cloudwatch_logging": {
                        "type": "dict",
                        "options": {"log_group_name": text, "log_stream_name": text},
                        "required_together": [("log_group_name", "log_stream_name")],
                    },
                },
            },
            "server_side_encryption": text,
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 900},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "delivery_stream", lambda: DeliveryStream(module.params, client(module, "firehose")))


if __name__ == "__main__":
    main()
