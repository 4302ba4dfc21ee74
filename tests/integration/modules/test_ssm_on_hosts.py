# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Commands, associations and patches on hosts: here each host is this machine, whose apt says what the test wants."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import Sandbox

from .conftest import REGION, Teller

TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
RIGHTS = {"Effect": "Allow", "Action": ["ssm:UpdateInstanceInformation", "s3:PutObject", "logs:*"], "Resource": "*"}
TARGETS = {"tag:Environment": ["production"]}
ROOT = Path(__file__).resolve().parents[3]


class WithHosts(Sandbox):
    """A sandbox with hosts of ours in place of machines."""

    def start(self) -> None:
        self._server._prepare_home()
        program = [sys.executable, "-m", "tests.integration.modules.hosts_that_are_this_machine"]
        with open(self._server.log, "w") as log:
            self.process = subprocess.Popen([*program, str(self.port), self.home], cwd=ROOT, stdout=log, stderr=log)
        self._server._wait_until_up(self.process.pid)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def with_hosts():
    with WithHosts() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(with_hosts):
    with_hosts.reset()
    with_hosts.clock(0)
    return with_hosts


@pytest.fixture
def modules(sandbox):
    return Teller(sandbox)


@pytest.fixture
def ids(sandbox):
    """Two hosts of production."""
    iam, ec2 = sandbox.client("iam"), sandbox.client("ec2", REGION)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    iam.create_role(RoleName="host", AssumeRolePolicyDocument=policy)
    rights = json.dumps({"Version": "2012-10-17", "Statement": [RIGHTS]})
    iam.put_role_policy(RoleName="host", PolicyName="host", PolicyDocument=rights)
    iam.create_instance_profile(InstanceProfileName="host")
    iam.add_role_to_instance_profile(InstanceProfileName="host", RoleName="host")
    tags = [{"Key": "Environment", "Value": "production"}, {"Key": "PatchGroup", "Value": "production"}]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    # moto gives the profile to the first one of a request alone.
    answers = [
        ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            InstanceType="t3.micro",
            IamInstanceProfile={"Name": "host"},
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )
        for _ in range(2)
    ]
    return sorted(answer["Instances"][0]["InstanceId"] for answer in answers)


def test_a_command(modules, sandbox, ids):
    s3 = sandbox.client("s3", REGION)
    s3.create_bucket(Bucket="example-hosts", CreateBucketConfiguration={"LocationConstraint": REGION})
    arguments = {"commands": ["cd /", "echo here: $PWD"], "targets": TARGETS, "output_s3_bucket_name": "example-hosts"}
    foretold = modules.run("ssm_command", check=True, **arguments)
    assert [each["instance_id"] for each in foretold["hosts"]] == ids
    assert foretold["changed"]
    assert not sandbox.client("ssm", REGION).list_commands()["Commands"]

    done = modules.run("ssm_command", **arguments)
    assert done["changed"]
    assert [(each["status"], each["response_code"]) for each in done["hosts"]] == [("Success", 0)] * 2
    assert done["hosts"][0]["standard_output"] == "here: /\n"
    assert len(s3.list_objects_v2(Bucket="example-hosts")["Contents"]) == 2
    assert not modules.run("ssm_command", commands=["id"], instance_ids=ids, read_only=True)["changed"]


def test_a_command_that_fails(modules, ids):
    failed = modules.attempt("ssm_command", commands=["echo it is broken >&2", "exit 3"], instance_ids=ids[:1])
    assert failed["failed"]
    assert f"failed on 1 of 1 hosts. {ids[0]} (Failed, exit code 3): it is broken" in failed["msg"]
    assert failed["hosts"][0]["response_code"] == 3
    slow = modules.attempt("ssm_command", commands=["sleep 5"], instance_ids=ids[:1], execution_timeout=1)
    assert slow["hosts"][0]["status_details"] == "ExecutionTimedOut"
    nobody = {"commands": ["id"], "targets": {"tag:Environment": ["none"]}}
    assert "No host is sent" in modules.attempt("ssm_command", **nobody)["msg"]
    assert "No host is sent" in modules.attempt("ssm_command", check=True, **nobody)["msg"]
    assert not modules.run("ssm_command", allow_no_hosts=True, **nobody)["changed"]
    missing = modules.attempt("ssm_command", check=True, commands=["id"], instance_ids=[ids[0], "i-12345678"])
    assert "no managed nodes now: i-12345678" in missing["msg"]
    refused = modules.attempt("ssm_command", document_name="AWS-UpdateSSMAgent", instance_ids=ids)
    assert "The sandbox does not run aws:updateSsmAgent" in refused["msg"]


def test_an_association(modules, sandbox, ids):
    arguments = {
        "association_name": "example",
        "document_name": "AWS-RunShellScript",
        "targets": TARGETS,
        "wait": True,
    }
    done = modules.run("ssm_association", parameters={"commands": "echo fine"}, **arguments)
    assert done["status"] == "Success"
    assert not modules.run("ssm_association", parameters={"commands": "echo fine"}, **arguments)["changed"]
    failed = modules.attempt("ssm_association", parameters={"commands": ["echo broken >&2; exit 1"]}, **arguments)
    assert f"{ids[0]} (Failed): broken" in failed["msg"]
    inventory = {**arguments, "document_name": "AWS-GatherSoftwareInventory", "association_name": "inventory"}
    modules.run("ssm_association", **inventory)
    answer = modules.run("ssm_instance_info", instance_ids=ids[:1], applications=True)
    (host,) = answer["instances"]
    assert (host["platform_name"], host["association_status"]) == ("Debian GNU/Linux", "Success")
    assert [each["name"] for each in host["applications"]]
    assert not modules.run("ssm_instance_info", filters={"tag:Environment": ["none"]})["instances"]


def test_patches(modules, ids):
    assert not modules.run("ssm_patch_state_info")["instances"][0]["scanned"]
    modules.run(
        "ssm_patch_baseline",
        name="example",
        operating_system="DEBIAN",
        approval_rules=[{"filters": {"PRIORITY": ["Important"]}, "compliance_level": "CRITICAL"}],
        patch_groups=["production"],
    )
    patching = {"document_name": "AWS-RunPatchBaseline", "instance_ids": ids[:1]}
    modules.run("ssm_command", parameters={"Operation": "Scan"}, **patching)
    (state,) = modules.run("ssm_patch_state_info", patch_group="production", patches=True)["instances"]
    assert (state["compliant"], state["missing_count"], state["installed_other_count"]) == (False, 1, 1)
    assert state["critical_non_compliant_count"] == 1
    assert state["severities"] == {"Important": 1}
    assert [each["title"] for each in state["patches"]] == ["openssl.amd64:2"]
    modules.run("ssm_command", parameters={"Operation": "Install"}, **patching)
    (state,) = modules.run("ssm_patch_state_info", instance_ids=ids[:1])["instances"]
    assert (state["compliant"], state["operation"], state["installed_count"]) == (True, "Install", 1)
    assert "cannot be Look" in modules.attempt("ssm_command", parameters={"Operation": "Look"}, **patching)["msg"]


def test_a_window(modules, sandbox, ids):
    """Its command goes to the hosts of its target, and who wants to know is told."""
    sns, sqs = sandbox.client("sns", REGION), sandbox.client("sqs", REGION)
    topic, queue = sns.create_topic(Name="hosts")["TopicArn"], sqs.create_queue(QueueName="hosts")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    events = sandbox.client("events", REGION)
    pattern = {"source": ["aws.ssm"], "detail-type": ["EC2 Command Status-change Notification"]}
    events.put_rule(Name="commands", EventPattern=json.dumps({**pattern, "detail": {"status": ["Failed"]}}))
    events.put_targets(Rule="commands", Targets=[{"Id": "queue", "Arn": arn}])
    iam = sandbox.client("iam")
    iam.put_role_policy(
        RoleName="host",
        PolicyName="notify",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}]}
        ),
    )
    command = {
        "parameters": {"commands": ["echo broken >&2; exit 1"]},
        "notification_arn": topic,
        "notification_events": ["Failed"],
        "notification_type": "Invocation",
        "service_role_arn": iam.get_role(RoleName="host")["Role"]["Arn"],
    }
    window = modules.run(
        "ssm_maintenance_window",
        name="example",
        schedule="rate(1 hour)",
        duration=2,
        targets=[{"name": "production", "targets": TARGETS}],
        tasks=[
            {
                "name": "fail",
                "task_arn": "AWS-RunShellScript",
                "target_names": ["production"],
                "max_concurrency": "1",
                "max_errors": "5",
                "run_command": command,
            }
        ],
    )["maintenance_window"]["window_id"]
    execution = sandbox.open_window(window, REGION)
    sandbox.settle()
    ssm = sandbox.client("ssm", REGION)
    (task,) = ssm.describe_maintenance_window_execution_tasks(WindowExecutionId=execution)[
        "WindowExecutionTaskIdentities"
    ]
    assert task["Status"] == "FAILED"
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    bodies = [json.loads(each["Body"]) for each in messages]
    told = sorted(json.loads(each["Message"])["instanceId"] for each in bodies if "Message" in each)
    assert told == ids
    assert [each["detail"]["document-name"] for each in bodies if "detail" in each] == ["AWS-RunShellScript"]

    # By its schedule, an hour later.
    sandbox.clock(7200)
    opened = ssm.describe_maintenance_window_executions(WindowId=window)["WindowExecutions"]
    while len(opened) < 2:
        opened = ssm.describe_maintenance_window_executions(WindowId=window)["WindowExecutions"]
    sandbox.clock(0)
    sandbox.settle()
