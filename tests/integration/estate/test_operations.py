# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How hosts are patched and kept: read back, described otherwise, run on machines where there are some, taken away.

The tests of this module follow one another on one estate, which has only the layers that these stand on.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from sandbox.hosts import requirements

from .conftest import BOTH_WORDS, TOKYO, Estate, client

LAYERS = "encryption,identity,notification,patching,maintenance"
CELLS = ("--limit", "virginia,tokyo")
ALONE = ("--tags", "patching,maintenance", "--skip-tags", "always", "--limit", "tokyo")
GROUP = "shop-sandbox"
# Images of Debian and Ubuntu.
IMAGES = ("ami-0123456789abcdef0", "ami-785db401")
SECONDS = 60


@pytest.fixture(scope="module")
def machines() -> Iterator[Sandbox]:
    """A sandbox whose instances are machines."""
    reason = requirements.unavailable()
    if reason:
        pytest.skip(reason)
    with Sandbox(clock=0, hosts=True) as sandbox:
        yield sandbox


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it."""
    if "build" not in estate.memory:
        estate.memory["build"] = estate.run("--tags", LAYERS, *CELLS, described())
    return estate


def baselines_of(estate) -> dict[str, dict]:
    ssm = client(estate, "ssm")
    found = ssm.describe_patch_baselines(Filters=[{"Key": "OWNER", "Values": ["Self"]}])["BaselineIdentities"]
    return {each["BaselineName"]: ssm.get_patch_baseline(BaselineId=each["BaselineId"]) for each in found}


def windows_of(estate) -> dict[str, dict]:
    ssm = client(estate, "ssm")
    found = ssm.describe_maintenance_windows()["WindowIdentities"]
    return {each["Name"]: ssm.get_maintenance_window(WindowId=each["WindowId"]) for each in found}


def task_of(estate, window: dict) -> dict:
    ssm, where = client(estate, "ssm"), {"WindowId": window["WindowId"]}
    (target,) = ssm.describe_maintenance_window_targets(**where)["Targets"]
    assert target["Targets"] == [{"Key": "tag:PatchGroup", "Values": [GROUP]}]
    (task,) = ssm.describe_maintenance_window_tasks(**where)["Tasks"]
    return ssm.get_maintenance_window_task(**where, WindowTaskId=task["WindowTaskId"])


def parameters_of(task: dict) -> dict[str, list[str]]:
    return task["TaskInvocationParameters"]["RunCommand"]["Parameters"]


def test_the_second_run_changes_nothing(built, described):
    assert built.run(*ALONE, described()).changes == set()


def test_each_operating_system_has_a_baseline_of_the_patch_group(built):
    baselines = baselines_of(built)
    assert baselines.keys() == {f"shop-sandbox-patching-{each}" for each in ("amazon_linux_2023", "debian", "ubuntu")}
    assert all(each["PatchGroups"] == [GROUP] for each in baselines.values())
    rules = baselines["shop-sandbox-patching-amazon_linux_2023"]["ApprovalRules"]["PatchRules"]
    assert [(each["ApproveAfterDays"], each["ComplianceLevel"]) for each in rules] == [
        (1, "CRITICAL"),
        (7, "MEDIUM"),
        (14, "LOW"),
    ]
    ssm = client(built, "ssm")
    baseline = baselines["shop-sandbox-patching-debian"]["BaselineId"]
    tags = ssm.list_tags_for_resource(ResourceType="PatchBaseline", ResourceId=baseline)["TagList"]
    assert {"Key": "Layer", "Value": "patching"} in tags


def test_there_is_a_window_to_scan_and_one_to_install(built):
    windows = windows_of(built)
    scan, install = (windows[f"shop-sandbox-patching-{each}"] for each in ("scan", "install"))
    assert (scan["Schedule"], scan["ScheduleTimezone"]) == ("cron(0 1 ? * * *)", "UTC")
    assert (install["Schedule"], install["Duration"], install["Cutoff"]) == ("cron(0 3 ? * SUN *)", 4, 1)
    assert scan["Enabled"] and install["Enabled"] and not install["AllowUnassociatedTargets"]
    assert parameters_of(task_of(built, scan)) == {"Operation": ["Scan"]}
    task = task_of(built, install)
    assert parameters_of(task) == {"Operation": ["Install"], "RebootOption": ["RebootIfNeeded"]}
    assert (task["TaskArn"], task["MaxConcurrency"], task["MaxErrors"]) == ("AWS-RunPatchBaseline", "25%", "10%")
    output = task["TaskInvocationParameters"]["RunCommand"]["CloudWatchOutputConfig"]
    assert output == {"CloudWatchLogGroupName": "/shop-sandbox/patching", "CloudWatchOutputEnabled": True}


def associations_of(estate) -> dict[str, dict]:
    ssm = client(estate, "ssm")
    found = ssm.list_associations()["Associations"]
    described = (ssm.describe_association(AssociationId=each["AssociationId"]) for each in found)
    return {each["AssociationDescription"]["AssociationName"]: each["AssociationDescription"] for each in described}


def test_what_is_done_on_hosts_by_schedules(built):
    associations = associations_of(built)
    wanted = {"ssm-agent": "AWS-UpdateSSMAgent", "inventory": "AWS-GatherSoftwareInventory"}
    assert {name: each["Name"] for name, each in associations.items()} == {
        f"shop-sandbox-maintenance-{name}": document for name, document in wanted.items()
    }
    agent = associations["shop-sandbox-maintenance-ssm-agent"]
    assert agent["ScheduleExpression"] == "cron(0 2 ? * TUE *)"
    targets = {each["Key"]: each["Values"] for each in agent["Targets"]}
    assert targets == {"tag:Estate": ["shop"], "tag:Environment": ["sandbox"]}


def test_what_is_described_otherwise_is_so_and_what_is_not_is_taken_away(built, described):
    ssm = client(built, "ssm")
    ssm.update_maintenance_window(WindowId=windows_of(built)["shop-sandbox-patching-scan"]["WindowId"], Duration=9)
    changed = described(
        patching_baselines={
            "debian": {
                "approval_rules": [{"filters": {"PRODUCT": ["*"], "PRIORITY": ["Required"]}}],
                "rejected_patches": ["example"],
                "rejected_patches_action": "BLOCK",
            }
        },
        patching_install={"enabled": False, "reboot": False},
        patching_notify=False,
        maintenance_inventory_schedule="",
        maintenance_cloudwatch_agent_parameter="AmazonCloudWatch-shop-sandbox",
        maintenance_restart_schedule="cron(0 4 ? * SUN *)",
        maintenance_playbooks={"path": "https://s3.amazonaws.com/example/hosts.zip", "check": True},
        maintenance_extra_documents={"disk-usage": {"description": "Say how full the disks are", "lines": ["df -h"]}},
    )
    foretold = built.run("--check", *ALONE, changed).changes
    assert built.run(*ALONE, changed).changes == foretold
    (name, baseline), *others = baselines_of(built).items()
    assert (name, others) == ("shop-sandbox-patching-debian", [])
    assert (baseline["RejectedPatches"], baseline["RejectedPatchesAction"]) == (["example"], "BLOCK")
    windows = windows_of(built)
    assert windows["shop-sandbox-patching-scan"]["Duration"] == 2
    install = windows["shop-sandbox-patching-install"]
    assert not install["Enabled"]
    assert parameters_of(task_of(built, install))["RebootOption"] == ["NoReboot"]
    assert client(built, "events").list_rules(NamePrefix="shop-sandbox-patching")["Rules"] == []
    associations = associations_of(built)
    assert associations.keys() == {
        f"shop-sandbox-maintenance-{each}" for each in ("ssm-agent", "cloudwatch-agent", "restart", "playbooks")
    }
    restart = associations["shop-sandbox-maintenance-restart"]
    assert restart["Name"] == "shop-sandbox-restart-host"
    assert restart["ApplyOnlyAtCronInterval"]
    assert (restart["MaxConcurrency"], restart["MaxErrors"]) == ("1", "0")
    parameters = associations["shop-sandbox-maintenance-playbooks"]["Parameters"]
    assert json.loads(parameters["SourceInfo"][0]) == {"path": "https://s3.amazonaws.com/example/hosts.zip"}
    assert parameters["Check"] == ["True"]
    parameters = associations["shop-sandbox-maintenance-cloudwatch-agent"]["Parameters"]
    assert parameters["optionalConfigurationLocation"] == ["AmazonCloudWatch-shop-sandbox"]


def documents_of(estate) -> dict[str, dict]:
    ssm = client(estate, "ssm")
    filters = [{"Key": "Owner", "Values": ["Self"]}, {"Key": "DocumentType", "Values": ["Command"]}]
    names = [each["Name"] for each in ssm.list_documents(Filters=filters)["DocumentIdentifiers"]]
    return {name: json.loads(ssm.get_document(Name=name)["Content"]) for name in names}


def test_documents_are_kept_as_long_as_they_are_described(built, described):
    ours = {"shop-sandbox-restart-service", "shop-sandbox-restart-host"}
    documents = documents_of(built)
    assert documents.keys() == {*ours, "shop-sandbox-disk-usage"}
    restart = documents["shop-sandbox-restart-service"]
    assert restart["parameters"]["Service"]["allowedPattern"].startswith("^[A-Za-z0-9]")
    assert restart["mainSteps"][0]["inputs"]["runCommand"][0] == "export SSM_Service='{{ Service }}'"
    run = built.run(*ALONE, described())
    assert ("Keep no other documents", "disk-usage") in run.touched
    assert documents_of(built).keys() == ours
    assert built.run(*ALONE, described()).changes == set()


def test_what_is_destroyed_is_gone(built, described):
    run = built.run(
        *BOTH_WORDS, "--tags", "patching,maintenance", *CELLS, described(), playbook="playbooks/destroy.yml"
    )
    assert {change.layer for change in run.changes} == {"patching", "maintenance"}
    assert baselines_of(built) == windows_of(built) == associations_of(built) == documents_of(built) == {}
    logs = client(built, "logs").describe_log_groups(logGroupNamePrefix="/shop-sandbox/patching")
    assert logs["logGroups"] == []


# On machines


@pytest.fixture(scope="module")
def site(machines, tmp_path_factory) -> Estate:
    """The estate on machines: one of Debian, and one of Ubuntu. What cannot be patched is written to Slack."""
    estate = Estate(machines)
    webhook = estate.described(tmp_path_factory.mktemp("site"), notification_slack_webhook=machines.slack_webhook)
    estate.run("--tags", LAYERS, *CELLS, webhook)
    ec2 = client(estate, "ec2")
    vpc = ec2.create_vpc(CidrBlock="192.0.2.0/24")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="192.0.2.0/25")["Subnet"]["SubnetId"]
    estate.memory["hosts"] = [launch(estate, image, subnet, name) for image, name in zip(IMAGES, "ab", strict=True)]
    ssm = client(estate, "ssm")
    deadline = time.monotonic() + SECONDS
    while len(ssm.describe_instance_information()["InstanceInformationList"]) < len(IMAGES):
        assert time.monotonic() < deadline, "The machines are no managed nodes."
        time.sleep(0.2)
    return estate


def launch(estate: Estate, image: str, subnet: str, name: str) -> str:
    tags = {"Name": f"shop-sandbox-{name}", "Estate": "shop", "Environment": "sandbox", "PatchGroup": GROUP}
    (instance,) = client(estate, "ec2").run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        IamInstanceProfile={"Name": "shop-sandbox-web"},
        MetadataOptions={"HttpTokens": "required"},
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        ],
    )["Instances"]
    return instance["InstanceId"]


def report(site: Estate) -> str:
    return site.run(*CELLS, playbook="playbooks/report_patches.yml").output


def open_window(site: Estate, name: str) -> list[dict]:
    """Open a window now, and answer the commands by which hosts were scanned or patched so far."""
    window = windows_of(site)[f"shop-sandbox-patching-{name}"]["WindowId"]
    execution = site.sandbox.open_window(window, TOKYO)
    site.sandbox.settle()
    ssm = client(site, "ssm")
    tasks = ssm.describe_maintenance_window_execution_tasks(WindowExecutionId=execution)
    assert [each["TaskArn"] for each in tasks["WindowExecutionTaskIdentities"]] == ["AWS-RunPatchBaseline"]
    return [each for each in ssm.list_commands()["Commands"] if each["DocumentName"] == "AWS-RunPatchBaseline"]


def test_hosts_are_scanned_and_reported(site):
    assert "Of 2 hosts 0 have all patches; 2 were never scanned." in report(site)
    (command,) = open_window(site, "scan")
    assert (command["Status"], command["TargetCount"]) == ("Success", 2)
    said = report(site)
    assert "never" not in said
    assert "Of 2 hosts 0 have all patches." in said
    streams = client(site, "logs").describe_log_streams(logGroupName="/shop-sandbox/patching")["logStreams"]
    assert all(any(host in stream["logStreamName"] for stream in streams) for host in site.memory["hosts"])


def test_a_host_that_cannot_be_patched_is_said(site):
    """What is broken is the place where the machine's packages come from."""
    ssm, host = client(site, "ssm"), site.memory["hosts"][0]
    before = len(site.sandbox.slack_received())
    broken = "mkdir -p /root/kept && mv /etc/apt/sources.list* /root/kept/ && echo broken > /etc/apt/sources.list"
    run_on(ssm, site, host, broken)
    open_window(site, "scan")
    run_on(ssm, site, host, "rm /etc/apt/sources.list && mv /root/kept/* /etc/apt/")
    (entry,) = site.sandbox.slack_received()[before:]
    said = json.dumps(entry["message"])
    assert (entry["status"], entry["problems"]) == (200, [])
    assert host in said and "AWS-RunPatchBaseline" in said and "Failed" in said


def run_on(ssm, site: Estate, host: str, line: str) -> None:
    sent = ssm.send_command(DocumentName="AWS-RunShellScript", InstanceIds=[host], Parameters={"commands": [line]})
    site.sandbox.settle()
    (command,) = ssm.list_commands(CommandId=sent["Command"]["CommandId"])["Commands"]
    assert command["Status"] == "Success"


def test_a_command_is_run_on_hosts_and_what_they_said_is_shown(site):
    def run(line: str, *arguments: str, name: str | None = None):
        given = {"run_lines": [line], **({"run_tags": {"Name": name}} if name else {})}
        return site.attempt(*CELLS, *arguments, "-e", json.dumps(given), playbook="playbooks/run_command.yml")

    first, second = site.memory["hosts"]
    both = run("echo I am $(id -un)")
    assert both.returncode == 0
    assert both.output.count("I am root") == 2
    assert first in both.output and second in both.output
    failed = run("echo broken >&2; exit 3", name="shop-sandbox-b")
    assert failed.returncode != 0
    assert first not in failed.output and f"{second} " in failed.output and "broken" in failed.output
    assert "would be run" in run("exit 1", "--check").output


def test_a_document_is_run_on_hosts(site):
    ssm, (first, second) = client(site, "ssm"), site.memory["hosts"]
    unit = "[Service]\\nExecStart=/bin/sleep infinity\\n"
    run_on(ssm, site, first, f"printf '{unit}' > /etc/systemd/system/example.service && systemctl start example")

    def run(document: str, *arguments: str, name: str = "shop-sandbox-a", **parameters: str):
        given = {"run_document": document, "run_parameters": parameters, "run_tags": {"Name": name}}
        return site.attempt(*CELLS, *arguments, "-e", json.dumps(given), playbook="playbooks/run_command.yml")

    def process() -> str:
        return said_by(ssm, site, first, "systemctl show --property=MainPID example")

    before = process()
    assert "would be run" in run("restart-service", "--check", Service="example").output
    assert process() == before
    restarted = run("restart-service", Service="example")
    assert restarted.returncode == 0, restarted.output
    assert process() != before
    missing = run("restart-service", Service="missing")
    assert missing.returncode != 0 and "missing.service" in missing.output
    harmful = run("restart-service", Service="example; reboot")
    assert harmful.returncode != 0 and "InvalidParameters" in harmful.output
    unknown = run("restart-servise", Service="example")
    assert "There is no restart-servise (run_document); there are: restart-host, restart-service." in unknown.output

    # The host is restarted once, and the command ends when it is up again; each time.
    since, other = started(ssm, site, first), started(ssm, site, second)
    for _ in range(2):
        again = run("restart-host")
        assert again.returncode == 0, again.output
        assert started(ssm, site, first) != since
        since = started(ssm, site, first)
    assert started(ssm, site, second) == other
    assert said_by(ssm, site, first, "ls /var/lib/*.note || true") == ""


def said_by(ssm, site: Estate, host: str, line: str) -> str:
    sent = ssm.send_command(DocumentName="AWS-RunShellScript", InstanceIds=[host], Parameters={"commands": [line]})
    site.sandbox.settle()
    answer = ssm.get_command_invocation(CommandId=sent["Command"]["CommandId"], InstanceId=host)
    return answer["StandardOutputContent"].strip()


def started(ssm, site: Estate, host: str) -> str:
    return said_by(ssm, site, host, "cut -d' ' -f22 /proc/1/stat")
