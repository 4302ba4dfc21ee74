# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How people and Ansible log in to hosts, and where that is logged: read back, described otherwise, taken away.

The tests follow one another on one estate, which has only the layers that sessions stand on. The last ones log in to a
machine of another one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox import Sandbox
from sandbox.hosts import requirements

from .conftest import BOTH_WORDS, ROOT, TOKYO, Estate, client, key_of

LAYERS = "encryption,identity,storage,session_access"
CELLS = ("--limit", "virginia,tokyo")
ALONE = ("--tags", "session_access", "--skip-tags", "always", "--limit", "tokyo")
PREFERENCES, ANSIBLES = "SSM-SessionManagerRunShell", "shop-sandbox-ansible"
BUCKET, GROUP = f"shop-sandbox-logs-123456789012-{TOKYO}", "/shop-sandbox/sessions"
LOGS = {
    "s3BucketName": BUCKET,
    "s3KeyPrefix": "sessions",
    "s3EncryptionEnabled": True,
    "cloudWatchLogGroupName": GROUP,
    "cloudWatchEncryptionEnabled": True,
}


@pytest.fixture
def built(estate, described):
    """The estate, built by the first test that needs it where somebody else's preferences have been before."""
    if "build" not in estate.memory:
        content = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {"runAsEnabled": True}}
        client(estate, "ssm").create_document(Name=PREFERENCES, DocumentType="Session", Content=json.dumps(content))
        estate.memory["refused"] = estate.attempt("--tags", LAYERS, *CELLS, described())
        estate.memory["build"] = estate.run(*ALONE, described(session_access_existing_preferences="take_over"))
    return estate


def inputs_of(estate, name: str) -> dict:
    """What a document says of sessions."""
    content = json.loads(client(estate, "ssm").get_document(Name=name)["Content"])
    assert (content["schemaVersion"], content["sessionType"]) == ("1.0", "Standard_Stream")
    return content["inputs"]


def names_of_documents(estate) -> set[str]:
    filters = [{"Key": "DocumentType", "Values": ["Session"]}, {"Key": "Owner", "Values": ["Self"]}]
    return {each["Name"] for each in client(estate, "ssm").list_documents(Filters=filters)["DocumentIdentifiers"]}


def test_preferences_of_somebody_else_are_not_overwritten_unasked(built):
    refused = built.memory["refused"]
    assert refused.returncode != 0
    assert "session_access_existing_preferences: take_over" in refused.output
    assert not any(change.layer == "session_access" for change in refused.changes)
    assert built.memory["build"].touched == {
        ("Keep the log group of sessions", ""),
        ("Keep what sessions are like", "ansible"),
        ("Keep what sessions are like", "preferences"),
    }


def test_sessions_of_people_are_encrypted_logged_and_end(built):
    assert inputs_of(built, PREFERENCES) == {
        **LOGS,
        "kmsKeyId": key_of(built, "sessions"),
        "cloudWatchStreamingEnabled": True,
        "runAsEnabled": False,
        "runAsDefaultUser": "",
        "idleSessionTimeout": "15",
        "maxSessionDuration": "480",
        "shellProfile": {"linux": "", "windows": ""},
    }
    (group,) = client(built, "logs").describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    assert (group["kmsKeyId"], group["retentionInDays"]) == (key_of(built, "logs"), 400)
    assert client(built, "s3").get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    policy = json.loads(client(built, "kms").get_key_policy(KeyId=key_of(built, "sessions"))["Policy"])
    (statement,) = [each for each in policy["Statement"] if each["Sid"] == "UseWithContext1"]
    assert statement["Condition"] == {"Null": {"kms:EncryptionContext:aws:ssm:SessionId": "false"}}


def test_sessions_of_ansible_are_logged_in_the_same_places(built):
    inputs = inputs_of(built, ANSIBLES)
    assert inputs.items() >= LOGS.items()
    assert (inputs["kmsKeyId"], inputs["runAsEnabled"], inputs["shellProfile"]["linux"]) == ("", False, "")
    assert inputs["idleSessionTimeout"] == "60"


def test_operators_log_in_to_hosts_of_the_estate_and_forward_no_ports(built):
    iam = client(built, "iam", "us-east-1")
    arn = "arn:aws:iam::123456789012:policy/shop-sandbox/shop-sandbox-operators"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    statements = {each["Sid"]: each for each in document["Statement"]}
    starts = [each for each in statements.values() if "ssm:StartSession" in each["Action"]]
    assert len(starts) == 2
    # AWS wants it in every one of them.
    assert all(each["Condition"]["BoolIfExists"] == {"ssm:SessionDocumentAccessCheck": "true"} for each in starts)
    assert statements["LogInToTheEstatesHosts"]["Condition"]["StringEquals"] == {
        "ssm:resourceTag/Estate": "shop",
        "ssm:resourceTag/Environment": "sandbox",
    }
    begin = "arn:aws:ssm:*:123456789012:document/"
    assert statements["UseTheseDocuments"]["Resource"] == [begin + PREFERENCES, begin + ANSIBLES]
    assert statements["EndAndResumeTheirOwnSessions"]["Condition"] == {
        "StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": ["${aws:userid}"]}
    }


def test_what_was_changed_by_hand_is_put_back_and_the_description_is_followed(built, described):
    ssm = client(built, "ssm")
    content = json.dumps({"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {"s3BucketName": ""}})
    ssm.update_document(Name=PREFERENCES, Content=content, DocumentVersion="$LATEST")
    ssm.update_document_default_version(Name=PREFERENCES, DocumentVersion="3")
    wanted = described(session_access_run_as="operator", session_access_encrypted=False)
    planned = built.run("--check", *ALONE, wanted)
    assert planned.touched == {("Keep what sessions are like", "preferences")}
    assert built.run(*ALONE, wanted).touched == planned.touched
    inputs = inputs_of(built, PREFERENCES)
    assert (inputs["runAsEnabled"], inputs["runAsDefaultUser"], inputs["kmsKeyId"]) == (True, "operator", "")
    assert inputs["s3BucketName"] == BUCKET
    assert built.run(*ALONE, wanted).changes == set()


def test_preferences_that_became_somebody_elses_are_kept_and_not_destroyed(built, described):
    tags = [{"Key": "Environment", "Value": "staging"}]
    client(built, "ssm").add_tags_to_resource(ResourceType="Document", ResourceId=PREFERENCES, Tags=tags)
    assert built.run(*ALONE, described(session_access_existing_preferences="keep")).changes == set()
    # Only the log group and Ansible's document have been the estate's since.
    arguments = ("--tags", "session_access", "--limit", "tokyo", *BOTH_WORDS, described())
    built.run(*arguments, playbook="playbooks/destroy.yml")
    assert names_of_documents(built) == {PREFERENCES}
    assert client(built, "logs").describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"] == []


# With machines


@pytest.fixture(scope="module")
def with_a_host(tmp_path_factory):
    """An estate with a host that has its role and tags, and its network from elsewhere."""
    reason = requirements.unavailable()
    if reason:
        pytest.skip(f"not run: {reason}")
    with Sandbox(clock=0, hosts=True) as sandbox:
        estate = Estate(sandbox)
        estate.run("--tags", LAYERS, *CELLS)
        ec2 = client(estate, "ec2")
        vpc = ec2.create_vpc(CidrBlock="192.0.2.0/24")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="192.0.2.0/25")["Subnet"]["SubnetId"]
        tags = {"Name": "shop-sandbox-web", "Estate": "shop", "Environment": "sandbox", "Component": "web"}
        (instance,) = ec2.run_instances(
            ImageId="ami-0123456789abcdef0",
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet,
            IamInstanceProfile={"Name": "shop-sandbox-web"},
            MetadataOptions={"HttpTokens": "required"},
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": key, "Value": tags[key]} for key in tags]}
            ],
        )["Instances"]
        estate.memory["host"] = instance["InstanceId"]
        until(lambda: status_of(estate) == "connected")
        yield estate


def status_of(estate) -> str:
    return client(estate, "ssm").get_connection_status(Target=estate.memory["host"])["Status"]


def until(question, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, f"{question} did not become true in {seconds} s."
        time.sleep(0.2)


def logged(estate, session: str) -> tuple[str, list[dict]]:
    """What there is of a session in the bucket and in the log group."""
    kept = client(estate, "s3").get_object(Bucket=BUCKET, Key=f"sessions/{session}.log")["Body"].read().decode()
    events = client(estate, "logs").get_log_events(logGroupName=GROUP, logStreamName=session)["events"]
    return kept, [json.loads(event["message"]) for event in events]


def test_what_a_person_types_is_logged(with_a_host):
    ssm, host = client(with_a_host, "ssm"), with_a_host.memory["host"]
    answer = ssm.start_session(Target=host)
    answer.pop("ResponseMetadata")
    plugin = Path(requirements.__file__).with_name("session-manager-plugin")
    given = [json.dumps(answer), TOKYO, "StartSession", "", json.dumps({"Target": host}), with_a_host.sandbox.endpoint]
    done = subprocess.run(
        [plugin, *given], input="echo what-$((40 + 2))\nexit\n", capture_output=True, text=True, timeout=30, check=True
    )
    assert "what-42" in done.stdout
    kept, events = logged(with_a_host, answer["SessionId"])
    assert "what-42" in kept
    assert any("what-42" in line for event in events for line in event["sessionData"])
    assert {event["target"]["id"] for event in events} == {host}
    assert {event["userIdentity"]["arn"] for event in events} == {"arn:aws:iam::123456789012:root"}


def test_ansible_logs_in_with_its_own_document_and_is_logged(with_a_host):
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible"), "-i", "inventories/sandbox", "hosts", "-m", "ping"],
        cwd=ROOT,
        env={**os.environ, "SANDBOX_PORT": with_a_host.sandbox.endpoint.rpartition(":")[2], "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{with_a_host.memory['host']} | SUCCESS" in done.stdout
    # Its session is kept until the run ends, and ended then.
    deadline = time.monotonic() + 30
    sessions = []
    while not sessions and time.monotonic() < deadline:
        history = client(with_a_host, "ssm").describe_sessions(State="History")["Sessions"]
        sessions = [each["SessionId"] for each in history if each["DocumentName"] == ANSIBLES]
        time.sleep(0.2)
    kept, events = logged(with_a_host, sessions[0])
    assert kept
    assert events
