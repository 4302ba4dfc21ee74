# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Machines of the sandbox: what they are made of, what they meet, and how they come and go."""

import json
import subprocess

import pytest

from sandbox import Sandbox
from sandbox.hosts import requirements
from sandbox.process import SandboxError, Server
from tests.machines import IMAGES, PLUGIN, REGION, Site, eventually


@pytest.fixture(scope="module")
def site():
    reason = requirements.unavailable()
    if reason:
        pytest.skip(f"not run: {reason}")
    with Sandbox(clock=0, hosts=True) as sandbox:
        yield Site(sandbox)


@pytest.fixture(scope="module")
def machines(site):
    """A machine of each distribution."""
    return {name: site.launch(image) for name, image in IMAGES.items()}


def metadata(
    path, token='"$(curl -sX PUT -H X-aws-ec2-metadata-token-ttl-seconds:60 169.254.169.254/latest/api/token)"'
):
    return f"curl -s -H X-aws-ec2-metadata-token:{token} 169.254.169.254/latest/{path}"


@pytest.mark.parametrize("name", IMAGES)
def test_a_machine_is_a_system_that_is_up(site, machines, name):
    machine = machines[name]
    assert site.run(machine, "systemctl is-system-running --wait") == "running"
    assert name in site.run(machine, "cat /etc/os-release")
    [reservation] = site.ec2.describe_instances(InstanceIds=[machine])["Reservations"]
    address = reservation["Instances"][0]["PrivateIpAddress"]
    assert site.run(machine, "hostname") == f"ip-{address.replace('.', '-')}"
    assert f"{address}/25" in site.run(machine, "ip -brief address show eth0")
    assert site.run(machine, "amazon-ssm-agent -version").startswith("SSM Agent version: ")


def test_its_metadata_are_its_own_and_want_a_token(site, machines):
    machine, other = machines.values()
    assert site.run(machine, metadata("meta-data/instance-id")) == machine
    assert site.run(other, metadata("meta-data/instance-id")) == other
    assert site.run(machine, metadata("meta-data/placement/region")) == REGION
    assert site.run(machine, metadata("meta-data/tags/instance/Name")) == "example"
    code = "curl -so /dev/null -w %{http_code} "
    assert site.run(machine, f"{code} 169.254.169.254/latest/meta-data/") == "401"
    assert site.run(machine, f"{code} 169.254.169.254/latest/api/token -X PUT") == "400"
    token = site.run(machine, metadata("api/token -X PUT -H X-aws-ec2-metadata-token-ttl-seconds:60", "none"))
    assert site.run(machine, metadata("meta-data/instance-id", token)) == machine
    assert site.run(other, f"{code} -H X-aws-ec2-metadata-token:{token} 169.254.169.254/latest/meta-data/") == "401"
    document = json.loads(site.run(machine, metadata("dynamic/instance-identity/document")))
    assert document["instanceId"] == machine and document["accountId"] == "123456789012"
    assert json.loads(site.run(machine, metadata("meta-data/iam/security-credentials/host")))["Code"] == "Success"


def test_aws_answers_it_over_tls_and_there_is_no_other_world(site, machines):
    for machine in machines.values():
        place = "https://s3.ap-northeast-1.amazonaws.com/amazon-ssm-ap-northeast-1/latest/VERSION"
        assert site.run(machine, f"curl -sS {place}").count(".") == 3
        assert "Could not resolve" in site.run(machine, "curl -sS https://example.com 2>&1")


def test_it_is_told_the_time(site, machines):
    for machine in machines.values():
        asks = (
            "import socket,struct,time; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(5); "
            's.sendto(bytes([35])+bytes(47),("169.254.169.123",123)); '
            'print(abs(struct.unpack("!I",s.recv(99)[40:44])[0]-2208988800-time.time())<2)'
        )
        path = site.run(machine, "mktemp")
        site.type(machine, "cat > /tmp/asks <<'END'", asks, "END", f"sudo cp /tmp/asks {path}; exit")
        assert site.run(machine, f"python3 {path}") == "True"


def test_sessions_are_logged_where_the_preferences_say(site, machines):
    machine = machines["debian"]
    site.s3.create_bucket(Bucket="example-sessions", CreateBucketConfiguration={"LocationConstraint": REGION})
    site.logs.create_log_group(logGroupName="sessions")
    inputs = {
        "s3BucketName": "example-sessions",
        "s3KeyPrefix": "shells",
        "s3EncryptionEnabled": False,
        "cloudWatchLogGroupName": "sessions",
        "cloudWatchEncryptionEnabled": False,
        "idleSessionTimeout": "5",
    }
    content = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs}
    site.ssm.create_document(Name="SSM-SessionManagerRunShell", Content=json.dumps(content), DocumentType="Session")
    try:
        shown, session = site.type(machine, "id -un", "echo $((6 * 7))")
    finally:
        site.ssm.delete_document(Name="SSM-SessionManagerRunShell")
    assert "ssm-user\n42\n" in shown
    ended = eventually(lambda: [each for each in sessions(site, "History") if each["SessionId"] == session])
    assert ended[0]["Status"] == "Terminated" and ended[0]["Target"] == machine
    logged = site.s3.get_object(Bucket="example-sessions", Key=f"shells/{session}.log")["Body"].read().decode()
    assert "ssm-user\n42\n" in logged
    events = site.logs.get_log_events(logGroupName="sessions", logStreamName=session)["events"]
    assert ["42"] in [json.loads(event["message"])["sessionData"] for event in events]


def sessions(site, state):
    return site.ssm.describe_sessions(State=state)["Sessions"]


def test_a_log_that_has_to_be_encrypted_and_is_not_ends_the_session(site, machines):
    site.logs.create_log_group(logGroupName="plain")
    content = {
        "schemaVersion": "1.0",
        "sessionType": "Standard_Stream",
        "inputs": {"cloudWatchLogGroupName": "plain", "cloudWatchEncryptionEnabled": True},
    }
    site.ssm.create_document(Name="encrypted", Content=json.dumps(content), DocumentType="Session")
    shown, _ = site.type(machines["debian"], "id -un", document="encrypted")
    assert "not encrypted" in shown and "ssm-user" not in shown


def test_a_session_needs_its_token(site, machines):
    answer = site.ssm.start_session(Target=machines["ubuntu"])
    answer.pop("ResponseMetadata")
    stolen = {**answer, "TokenValue": "guessed"}
    command = [PLUGIN, json.dumps(stolen), REGION, "StartSession", "", "{}", site.sandbox.endpoint]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert refused.returncode == 1 and "403" in refused.stderr


@pytest.mark.parametrize("has_shell", [True, False])
def test_a_session_can_be_terminated_also_before_its_shell_has_begun(site, machines, has_shell):
    answer = site.ssm.start_session(Target=machines["ubuntu"])
    answer.pop("ResponseMetadata")
    process = subprocess.Popen([PLUGIN, json.dumps(answer)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    eventually(lambda: "Starting session" in process.stdout.readline())
    assert answer["SessionId"] in [each["SessionId"] for each in sessions(site, "Active")]
    if has_shell:
        eventually(lambda: process.stdout.read(1) == "$")
    site.ssm.terminate_session(SessionId=answer["SessionId"])
    assert process.wait(20) == 0


def test_without_its_agent_or_its_role_nobody_gets_in(site, machines, refused):
    machine = site.launch()
    site.run(machine, "systemctl stop --no-block amazon-ssm-agent")
    eventually(lambda: not site.connected(machine))
    with refused("TargetNotConnected"):
        site.ssm.start_session(Target=machine)
    site.ec2.terminate_instances(InstanceIds=[machine])
    arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    site.iam.detach_role_policy(RoleName="host", PolicyArn=arn)
    assert not site.connected(machines["debian"])
    site.iam.attach_role_policy(RoleName="host", PolicyArn=arn)
    assert site.connected(machines["debian"])


def test_it_reboots_and_stops_and_starts_with_what_was_written(site):
    machine = site.launch(UserData="#!/bin/sh\necho told >> /root/said\n")
    assert eventually(lambda: site.run(machine, "cat /root/said 2>/dev/null")) == "told"
    started = site.run(machine, "stat -c %y /run/systemd/units")
    site.ec2.reboot_instances(InstanceIds=[machine])
    eventually(lambda: site.connected(machine) and site.run(machine, "stat -c %y /run/systemd/units") != started)
    site.ec2.stop_instances(InstanceIds=[machine])
    eventually(lambda: site.state(machine) == "stopped")
    assert not site.connected(machine)
    site.ec2.start_instances(InstanceIds=[machine])
    site.wait(machine)
    assert site.run(machine, "cat /root/said") == "told"
    site.run(machine, "systemctl poweroff --no-block")
    eventually(lambda: site.state(machine) == "stopped")


def test_a_script_restarts_its_machine_and_is_run_again(site, machines):
    machine = machines["debian"]
    started = 'cut -d" " -f22 /proc/1/stat'
    before = site.run(machine, started)
    lines = ["echo again >> /root/runs", "[ $(wc -l < /root/runs) -gt 1 ] || exit 194", "cat /root/runs"]
    command = site.ssm.send_command(
        InstanceIds=[machine], DocumentName="AWS-RunShellScript", Parameters={"commands": lines}
    )["Command"]["CommandId"]
    site.sandbox.settle()
    answer = site.ssm.get_command_invocation(CommandId=command, InstanceId=machine)
    assert (answer["Status"], answer["StandardOutputContent"].split()) == ("Success", ["again", "again"])
    assert site.connected(machine)
    assert site.run(machine, started) != before


def test_an_image_has_what_was_written_and_what_was_removed(site, machines):
    machine = site.launch(IMAGES["ubuntu"])
    site.run(machine, "echo golden > /root/kind; rm /etc/debian_version")
    image = site.ec2.create_image(InstanceId=machine, Name="example")["ImageId"]
    elsewhere = site.sandbox.client("ec2", "ap-northeast-3")
    copy = elsewhere.copy_image(SourceImageId=image, SourceRegion=REGION, Name="example")["ImageId"]
    assert elsewhere.describe_images(ImageIds=[copy])["Images"][0]["State"] == "available"
    second = site.launch(image)
    assert site.run(second, "cat /root/kind; ls /etc/debian_version 2>&1; id -un").splitlines()[::2] == [
        "golden",
        "root",
    ]
    assert "Ubuntu" in site.run(second, "cat /etc/os-release")


def test_a_target_is_as_healthy_as_it_answers(site, machines):
    elbv2 = site.sandbox.client("elbv2", REGION)
    machine = machines["debian"]
    group = elbv2.create_target_group(Name="web", Protocol="HTTP", Port=8080, VpcId=site.vpc, HealthCheckPath="/")
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": machine}])

    def health():
        [known] = elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return known["TargetHealth"]["State"]

    assert health() == "unhealthy"
    site.run(machine, "systemd-run --unit=web python3 -m http.server 8080")
    eventually(lambda: health() == "healthy")


def test_a_reset_ends_them(site, machines):
    """The last one: nothing is left for others."""
    assert sessions(site, "History")
    site.sandbox.reset()
    assert sessions(site, "Active") == sessions(site, "History") == []
    assert not site.connected(machines["debian"])
    assert not list((site.sandbox.home / "hosts").glob("i-*"))


def test_who_has_no_machines_is_told_so(tmp_path, monkeypatch, client):
    assert client("ssm").get_connection_status(Target="i-0123456789abcdef0")["Status"] == "notconnected"
    monkeypatch.setattr(requirements.os, "geteuid", lambda: 1000)
    with pytest.raises(SandboxError, match="need root"):
        Server(1, tmp_path).start(hosts=True)


@pytest.mark.parametrize("missing, named", [("ip", "iproute2"), ("nsenter", "util-linux"), ("perl", "perl")])
def test_what_is_not_installed_is_named(monkeypatch, missing, named):
    monkeypatch.setattr(requirements.os, "geteuid", lambda: 0)
    gone = (missing, "mmdebstrap")
    monkeypatch.setattr(requirements.shutil, "which", lambda command, path: None if command in gone else command)
    assert f"the packages {named}, which" in requirements.unavailable()
