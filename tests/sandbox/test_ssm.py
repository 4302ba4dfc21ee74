# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Systems Manager for hosts: baselines, windows, associations, documents of Amazon, and schedules.

What runs on hosts is in tests/integration/modules/test_ssm_on_hosts.py.
"""

import datetime
import json

import pytest

from sandbox import schedules
from sandbox.services import ssm_associations, ssm_commands, ssm_patches
from sandbox.services.ssm_automation import Failed
from sandbox.services.ssm_patching import _complete

UTC = datetime.UTC
RULE = {
    "PatchFilterGroup": {"PatchFilters": [{"Key": "PRIORITY", "Values": ["Important"]}]},
    "ComplianceLevel": "HIGH",
    "EnableNonSecurity": False,
}
TARGETS = [{"Key": "tag:Environment", "Values": ["production"]}]


def test_a_default_baseline_and_a_group(client, refused):
    ssm = client("ssm")
    aws = ssm.get_default_patch_baseline(OperatingSystem="DEBIAN")["BaselineId"]
    own = ssm.create_patch_baseline(Name="example", OperatingSystem="DEBIAN")["BaselineId"]
    ssm.register_default_patch_baseline(BaselineId=own)
    ssm.register_patch_baseline_for_patch_group(BaselineId=own, PatchGroup="web")
    assert ssm.get_patch_baseline_for_patch_group(PatchGroup="web", OperatingSystem="DEBIAN")["BaselineId"] == own
    with refused("ResourceInUseException"):
        ssm.delete_patch_baseline(BaselineId=own)
    other = ssm.create_patch_baseline(Name="other", OperatingSystem="DEBIAN")["BaselineId"]
    with refused("AlreadyExistsException"):
        ssm.register_patch_baseline_for_patch_group(BaselineId=other, PatchGroup="web")
    ssm.deregister_patch_baseline_for_patch_group(BaselineId=own, PatchGroup="web")
    with refused("ResourceInUseException"):
        ssm.delete_patch_baseline(BaselineId=own)
    ssm.register_default_patch_baseline(BaselineId=aws)
    ssm.delete_patch_baseline(BaselineId=own)
    filters = [{"Key": "OWNER", "Values": ["Self"]}]
    assert len(ssm.describe_patch_baselines(Filters=filters)["BaselineIdentities"]) == 1
    with refused("DoesNotExistException"):
        ssm.get_patch_baseline(BaselineId=own)


def test_a_window_keeps_its_rules(client, refused):
    ssm = client("ssm")
    window = {"Schedule": "rate(1 day)", "Cutoff": 2, "AllowUnassociatedTargets": False, "Name": "example"}
    with refused("ValidationException"):
        ssm.create_maintenance_window(**window, Duration=2)
    window_id = ssm.create_maintenance_window(**window, Duration=3, ScheduleTimezone="Asia/Tokyo")["WindowId"]
    ssm.update_maintenance_window(WindowId=window_id, **window, Duration=3, Replace=True)
    assert "ScheduleTimezone" not in ssm.get_maintenance_window(WindowId=window_id)
    task = {"WindowId": window_id, "TaskType": "RUN_COMMAND", "TaskArn": "AWS-RunShellScript"}
    with refused("ValidationException"):
        ssm.register_task_with_maintenance_window(**task)
    with refused("ValidationException"):
        ssm.register_task_with_maintenance_window(**task, Targets=TARGETS)
    target = ssm.register_target_with_maintenance_window(WindowId=window_id, ResourceType="INSTANCE", Targets=TARGETS)[
        "WindowTargetId"
    ]
    named = [{"Key": "WindowTargetIds", "Values": [target]}]
    ssm.register_task_with_maintenance_window(**task, Targets=named, MaxConcurrency="1", MaxErrors="1")
    with refused("TargetInUseException"):
        ssm.deregister_target_from_maintenance_window(WindowId=window_id, WindowTargetId=target, Safe=True)
    (listed,) = ssm.describe_maintenance_window_tasks(WindowId=window_id)["Tasks"]
    assert "TaskInvocationParameters" not in listed


def test_an_association_is_replaced_whole(client, refused):
    ssm = client("ssm")
    with refused("InvalidParameters"):
        ssm.create_association(Name="AWS-RunShellScript", Targets=TARGETS)
    with refused("InvalidDocument"):
        ssm.create_association(Name="example-none", Targets=TARGETS)
    document = {"Name": "AWS-GatherSoftwareInventory", "Targets": TARGETS}
    with refused("InvalidSchedule"):
        ssm.create_association(**document, ApplyOnlyAtCronInterval=True, ScheduleExpression="rate(1 day)")
    made = ssm.create_association(**document, ScheduleExpression="rate(1 day)", AssociationName="example")
    association_id = made["AssociationDescription"]["AssociationId"]
    ssm.update_association(AssociationId=association_id, Targets=TARGETS)
    described = ssm.describe_association(AssociationId=association_id)["AssociationDescription"]
    assert "ScheduleExpression" not in described
    assert (described["AssociationVersion"], described["Overview"]["Status"]) == ("2", "Pending")
    assert not ssm.describe_association_executions(AssociationId=association_id)["AssociationExecutions"]


def test_without_machines_nobody_is_managed(client, refused):
    ssm, ec2 = client("ssm"), client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    assert not ssm.describe_instance_information()["InstanceInformationList"]
    command = {"DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["id"]}}
    with refused("InvalidInstanceId"):
        ssm.send_command(**command, InstanceIds=[instance])


@pytest.mark.parametrize(
    "name",
    [
        "AWS-ApplyAnsiblePlaybooks",
        "AWS-ConfigureAWSPackage",
        "AWS-GatherSoftwareInventory",
        "AWS-RunPatchBaseline",
        "AWS-RunShellScript",
        "AWS-UpdateSSMAgent",
        "AmazonCloudWatch-ManageAgent",
    ],
)
def test_documents_of_amazon(client, name):
    ssm = client("ssm")
    assert ssm.describe_document(Name=name)["Document"]["Owner"] == "Amazon"
    assert json.loads(ssm.get_document(Name=name)["Content"])["mainSteps"]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://s3.amazonaws.com/example/hosts/site.zip", ("example", "hosts/site.zip")),
        ("https://s3.ap-northeast-1.amazonaws.com/example/a%20b.zip", ("example", "a b.zip")),
        ("https://s3-eu-west-1.amazonaws.com/example/folder/", ("example", "folder/")),
        ("https://example.s3.cn-north-1.amazonaws.com.cn/site.zip", ("example", "site.zip")),
        ("https://www.example.s3.amazonaws.com/site.zip", ("www.example", "site.zip")),
    ],
)
def test_where_a_document_downloads_from(url, place):
    assert ssm_commands._place_in_s3(url) == place


@pytest.mark.parametrize("url", ["s3://example/site.zip", "http://s3.amazonaws.com/example/a", "https://example.com/a"])
def test_what_is_no_address_of_s3(url):
    with pytest.raises(Failed, match="is no address of S3"):
        ssm_commands._place_in_s3(url)


def test_a_setting(client, refused):
    ssm = client("ssm")
    with refused("ServiceSettingNotFound"):
        ssm.get_service_setting(SettingId="/ssm/example")
    setting = "/ssm/parameter-store/high-throughput-enabled"
    ssm.update_service_setting(SettingId=setting, SettingValue="true")
    assert ssm.get_service_setting(SettingId=setting)["ServiceSetting"]["Status"] == "Customized"
    assert ssm.reset_service_setting(SettingId=setting)["ServiceSetting"]["SettingValue"] == "false"


@pytest.mark.parametrize(
    ("expression", "zone", "offset", "comes"),
    [
        ("rate(30 minutes)", "UTC", 0, "2026-12-01T10:30:00+00:00"),
        ("cron(15 10 ? * * *)", "UTC", 0, "2026-12-01T10:15:00+00:00"),
        ("cron(0 2 ? * SUN *)", "UTC", 0, "2026-12-06T02:00:00+00:00"),
        ("cron(0 2 ? * THU#2 *)", "UTC", 0, "2026-12-10T02:00:00+00:00"),
        ("cron(0 2 ? * THU#2 *)", "UTC", 3, "2026-12-13T02:00:00+00:00"),
        ("cron(0 2 ? * 6L *)", "UTC", 0, "2026-12-25T02:00:00+00:00"),
        ("cron(0 0/8 * * ? *)", "UTC", 0, "2026-12-01T16:00:00+00:00"),
        ("cron(0 12 L JAN ? *)", "UTC", 0, "2027-01-31T12:00:00+00:00"),
        ("cron(0 2 * * ? *)", "Asia/Tokyo", 0, "2026-12-02T02:00:00+09:00"),
        ("at(2026-12-24T18:00:00)", "UTC", 0, "2026-12-24T18:00:00+00:00"),
        ("at(2026-11-24T18:00:00)", "UTC", 0, None),
        ("cron(0 2 30 FEB ? *)", "UTC", 0, None),
    ],
)
def test_when_a_schedule_comes(expression, zone, offset, comes):
    found = schedules.next_after(expression, datetime.datetime(2026, 12, 1, 10, tzinfo=UTC), zone, offset)
    assert (found and found.isoformat()) == comes


def package(name, priority):
    return {"Package": name, "Version": "1", "Architecture": "amd64", "Priority": priority, "Section": "utils"}


@pytest.mark.parametrize(
    ("settings", "priority", "archive", "state"),
    [
        ({}, "important", "Debian-Security:12/stable-security", "MISSING"),
        ({}, "important", "Debian:12/stable", "INSTALLED_OTHER"),
        ({}, "optional", "Debian-Security:12/stable-security", "INSTALLED_OTHER"),
        ({}, "important", None, "INSTALLED"),
        ({"ApprovedPatches": ["example*"]}, "optional", "Debian:12/stable", "MISSING"),
        ({"RejectedPatches": ["example"]}, "important", "Debian-Security:12/stable-security", "INSTALLED_OTHER"),
        ({"RejectedPatches": ["example"], "RejectedPatchesAction": "BLOCK"}, "important", None, "INSTALLED_REJECTED"),
        (
            {"ApprovalRules": {"PatchRules": [{**RULE, "EnableNonSecurity": True}]}},
            "important",
            "Debian:12/stable",
            "MISSING",
        ),
    ],
)
def test_a_package_is_held_against_a_baseline(settings, priority, archive, state):
    baseline = _complete({"ApprovalRules": {"PatchRules": [RULE]}, **settings})
    simulated = f"Inst example [1] (2 {archive} [amd64])\n" if archive else ""
    (found,) = ssm_patches._judged(baseline, {"example": package("example", priority)}, simulated)
    assert found["State"] == state


def test_who_runs_on_a_node_that_appears(monkeypatch):
    """Associations that are for it, and not by their schedule alone."""
    ran = []
    known = {
        name: ssm_associations.Association(
            {"AssociationName": name, "Targets": targets, "ApplyOnlyAtCronInterval": only}
        )
        for name, targets, only in (("all", TARGETS, False), ("scheduled", TARGETS, True), ("other", [], False))
    }
    monkeypatch.setattr(ssm_associations, "_all", lambda account, region: known)
    monkeypatch.setattr(ssm_associations.ssm_nodes, "matching", lambda account, region, targets: ["i-1"])
    monkeypatch.setattr(
        ssm_associations,
        "_later",
        lambda account, region, each, ids: ran.append((each.members["AssociationName"], ids)),
    )
    ssm_associations.node_appeared("123456789012", "ap-northeast-1", "i-1")
    assert ran == [("all", ["i-1"])]
