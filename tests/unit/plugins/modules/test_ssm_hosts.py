# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Pure functions of the modules that run something on hosts, or read how they stand."""

import datetime

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils import ssm
from ansible_collections.wellarchitected.aws.plugins.modules import (
    ssm_association,
    ssm_command,
    ssm_instance_info,
    ssm_patch_state_info,
)

OPTIONS = (
    *ssm_command.MEMBERS,
    "commands",
    "working_directory",
    "execution_timeout",
    "targets",
    "parameters",
    "cloud_watch_log_group_name",
    "notification",
)
WHEN = datetime.datetime(2026, 5, 4, 3, 12, 40, tzinfo=datetime.UTC)


def params(**given):
    return {**dict.fromkeys(OPTIONS), "document_name": "AWS-RunShellScript", **given}


def host(status, code, output="", error="", instance_id="i-1"):
    return {
        "instance_id": instance_id,
        "status": status,
        "status_details": status,
        "response_code": code,
        "standard_output": output,
        "standard_error": error,
    }


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"a": "b", "c": ["d", "e"]}, {"a": ["b"], "c": ["d", "e"]}),
        ({"a": True, "b": 5, "c": None}, {"a": ["true"], "b": ["5"]}),
        (None, {}),
    ],
)
def test_texts(given, found):
    assert ssm.texts(given, "parameters") == found


@pytest.mark.parametrize("wrong", [{"a": {"b": "c"}}, {"a": [["b"]]}, {"a": [None]}])
def test_what_is_no_text(wrong):
    with pytest.raises(AnsibleAWSError, match=r"parameters\.a holds"):
        ssm.texts(wrong, "parameters")


def test_a_command_is_asked_for():
    request = ssm_command.request_of(
        params(
            commands=["id"],
            execution_timeout=60,
            targets={"tag:a": "b"},
            cloud_watch_log_group_name="example",
            notification={
                "notification_arn": "topic",
                "notification_events": ["Failed"],
                "notification_type": "Command",
                "service_role_arn": "role",
            },
        )
    )
    assert request == {
        "DocumentName": "AWS-RunShellScript",
        "Targets": [{"Key": "tag:a", "Values": ["b"]}],
        "Parameters": {"commands": ["id"], "executionTimeout": ["60"]},
        "CloudWatchOutputConfig": {"CloudWatchOutputEnabled": True, "CloudWatchLogGroupName": "example"},
        "ServiceRoleArn": "role",
        "NotificationConfig": {
            "NotificationArn": "topic",
            "NotificationEvents": ["Failed"],
            "NotificationType": "Command",
        },
    }


def test_a_parameter_is_given_once():
    with pytest.raises(AnsibleAWSError, match=r"commands and parameters\.commands are the same"):
        ssm_command.request_of(params(commands=["id"], parameters={"commands": "id"}))


@pytest.mark.parametrize(
    ("status", "hosts", "says"),
    [
        ("Success", [host("Success", 0)], None),
        ("Failed", [host("Failed", 3, "a\n", "b\nc\n\n")], "i-1 (Failed, exit code 3): c"),
        ("Failed", [host("Failed", 3, "a\n")], "(Failed, exit code 3): a"),
        ("Failed", [host("Cancelled", -1)], "it said nothing"),
        ("Failed", [host("Failed", 1)] * 12, "and 2 more"),
    ],
)
def test_what_is_said_of_a_failure(status, hosts, says):
    command = {"command_id": "1", "status": status, "status_details": status, "target_count": len(hosts)}
    complaint = ssm_command.complaint(command, hosts)
    assert complaint is None if says is None else says in complaint


def test_the_step_that_failed_tells():
    steps = [
        {"ResponseCode": 2, "StandardOutputContent": "a", "StandardErrorContent": "b"},
        {"ResponseCode": 0, "StandardOutputContent": "c", "StandardErrorContent": ""},
    ]
    found = ssm_command.read_host({"InstanceId": "i-1", "Status": "Failed"}, steps)
    assert (found["response_code"], found["standard_output"], found["standard_error"]) == (2, "ac", "b")
    assert ssm_command.read_host({"InstanceId": "i-1", "Status": "Pending"}, [])["response_code"] == -1


def test_an_association_is_read_as_it_is_written():
    state = {
        "association_id": "1",
        "association_name": "example",
        "document_name": "AWS-RunShellScript",
        "document_version": "2",
        "schedule_expression": "cron(0 2 ? * SUN#2 *)",
        "schedule_offset": 2,
        "apply_only_at_cron_interval": True,
        "max_concurrency": "10%",
        "max_errors": "0",
        "compliance_severity": "HIGH",
        "sync_compliance": "MANUAL",
        "calendar_names": ["a"],
        "automation_target_parameter_name": "InstanceId",
        "parameters": {"commands": ["id"]},
        "targets": {"tag:a": ["b"]},
        "output_location": {"output_s3_bucket_name": "example"},
        "tags": {},
    }
    answered = {"AssociationId": "1", "AssociationName": "example", **ssm_association.write(state)}
    assert ssm_association.read(answered, {}) == state


def test_a_managed_node_is_read():
    found = ssm_instance_info.read({"InstanceId": "i-1", "PingStatus": "Online", "LastPingDateTime": WHEN})
    assert found["last_ping_date_time"] == "2026-05-04T03:12:40+00:00"
    assert (found["ping_status"], found["iam_role"], found["is_latest_version"]) == ("Online", "", None)


@pytest.mark.parametrize(
    ("state", "scanned", "compliant"),
    [
        ({}, False, False),
        ({"Operation": "Scan", "InstalledCount": 5}, True, True),
        ({"Operation": "Scan", "MissingCount": 1}, True, False),
        ({"Operation": "Install", "InstalledPendingRebootCount": 1}, True, False),
    ],
)
def test_a_patch_state_is_read(state, scanned, compliant):
    found = ssm_patch_state_info.read({"InstanceId": "i-1", **state})
    assert (found["scanned"], found["compliant"]) == (scanned, compliant)


def test_a_patch_is_read():
    patch = {"Title": "a", "KBId": "a.amd64", "Classification": "", "Severity": "High", "State": "MISSING"}
    assert ssm_patch_state_info.read_patch({**patch, "CVEIds": "CVE-1, CVE-2"})["cve_ids"] == ["CVE-1", "CVE-2"]
    assert ssm_patch_state_info.read_patch(patch)["cve_ids"] == []
