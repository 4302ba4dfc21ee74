# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Hosts that configure themselves: the host roles are uploaded, and a machine fetches and runs them.

The machine really runs, so that this needs root and namespaces; where those are not to be had, nothing here is run. The
tests of this module follow one another on one estate.
"""

from __future__ import annotations

import io
import json
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import ansible
import pytest

from sandbox import Sandbox
from sandbox.hosts import requirements

from .conftest import SMALL_NETWORK, Estate, client, refuse_nothing

LAYERS = "encryption,identity,storage,session_access,maintenance"
CELLS = ("--limit", "virginia,tokyo")
DESCRIBED = ("--limit", "tokyo,host_playbooks_described")
UPLOAD = "playbooks/upload_host_playbooks.yml"
BUCKET = "shop-sandbox-artifacts-123456789012-ap-northeast-1"
KEY = "hosts/site.zip"
URL = f"https://s3.ap-northeast-1.amazonaws.com/{BUCKET}/{KEY}"
UBUNTU = "ami-785db401"
SECONDS = 60
# What ansible-core is made of here runs there, too, as far as Ubuntu has what it needs.
PACKAGES = "unzip python3-jinja2 python3-yaml python3-cryptography python3-packaging python3-resolvelib"
COMMAND = "#!/usr/bin/python3\\nfrom ansible.cli.playbook import main\\nmain()\\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Estate]:
    """The estate, in which one host runs; it has no Ansible."""
    reason = requirements.unavailable()
    if reason:
        pytest.skip(f"not run: {reason}")
    with Sandbox(clock=0, hosts=True) as sandbox:
        estate = Estate(sandbox)
        wanted = {"uploaded": True, "install_dependencies": False}
        small = estate.described(tmp_path_factory.mktemp("site"), maintenance_playbooks=wanted, **SMALL_NETWORK)
        estate.run("--tags", LAYERS, *CELLS, small)
        estate.memory["description"] = small
        ec2 = client(estate, "ec2")
        vpc = ec2.create_vpc(CidrBlock="192.0.2.0/24")["Vpc"]["VpcId"]
        (instance,) = ec2.run_instances(
            ImageId=UBUNTU,
            MinCount=1,
            MaxCount=1,
            SubnetId=ec2.create_subnet(VpcId=vpc, CidrBlock="192.0.2.0/25")["Subnet"]["SubnetId"],
            IamInstanceProfile={"Name": "shop-sandbox-web"},
            MetadataOptions={"HttpTokens": "required"},
            TagSpecifications=[
                {
                    "ResourceType": "instance",
                    "Tags": [{"Key": "Estate", "Value": "shop"}, {"Key": "Environment", "Value": "sandbox"}],
                }
            ],
        )["Instances"]
        estate.memory["host"] = instance["InstanceId"]
        ssm, deadline = client(estate, "ssm"), time.monotonic() + SECONDS
        while not ssm.describe_instance_information()["InstanceInformationList"]:
            assert time.monotonic() < deadline, "The machine is no managed node."
            time.sleep(0.2)
        yield estate
        refuse_nothing(sandbox)


def upload(site: Estate, *arguments: str, limit: tuple[str, ...] = DESCRIBED):
    return site.attempt(*limit, site.memory["description"], *arguments, playbook=UPLOAD)


def run(site: Estate, document: str, **parameters: str | list[str]) -> tuple[str, str]:
    """How a document went on the host, and all that was said."""
    ssm, host = client(site, "ssm"), site.memory["host"]
    given = {name: [value] if isinstance(value, str) else value for name, value in parameters.items()}
    sent = ssm.send_command(InstanceIds=[host], DocumentName=document, Parameters=given)["Command"]["CommandId"]
    site.sandbox.settle()
    return said(site, sent)


def said(site: Estate, command: str) -> tuple[str, str]:
    ssm, host = client(site, "ssm"), site.memory["host"]
    (invocation,) = ssm.list_command_invocations(CommandId=command, InstanceId=host, Details=True)["CommandInvocations"]
    steps = [
        ssm.get_command_invocation(CommandId=command, InstanceId=host, PluginName=each["Name"])
        for each in invocation["CommandPlugins"]
    ]
    texts = [text for each in steps for text in (each["StandardOutputContent"], each["StandardErrorContent"])]
    return invocation["Status"], "\n".join(texts)


def configure(site: Estate) -> tuple[str, str]:
    """Let the association be applied now, and answer how that went on the host."""
    ssm = client(site, "ssm")
    (found,) = [
        each
        for each in ssm.list_associations()["Associations"]
        if each["AssociationName"] == "shop-sandbox-maintenance-playbooks"
    ]
    ssm.start_associations_once(AssociationIds=[found["AssociationId"]])
    site.sandbox.settle()
    commands = [each for each in ssm.list_commands()["Commands"] if each["DocumentName"] == "AWS-ApplyAnsiblePlaybooks"]
    return said(site, max(commands, key=lambda each: each["RequestedDateTime"])["CommandId"])


def test_the_hosts_are_told_where_their_archive_is(site):
    ssm = client(site, "ssm")
    (found,) = [
        ssm.describe_association(AssociationId=each["AssociationId"])["AssociationDescription"]
        for each in ssm.list_associations()["Associations"]
        if each["AssociationName"] == "shop-sandbox-maintenance-playbooks"
    ]
    assert json.loads(found["Parameters"]["SourceInfo"][0]) == {"path": URL}
    assert found["Parameters"]["PlaybookFile"] == ["site.yml"]
    assert found["Parameters"]["InstallDependencies"] == ["False"]
    status, text = configure(site)
    assert status == "Failed" and "NoSuchKey" in text


def test_a_limit_cannot_keep_what_is_uploaded_from_being_checked(site):
    refused = upload(site, limit=("--limit", "tokyo"))
    assert refused.returncode != 0
    assert "--limit tokyo,host_playbooks_described" in refused.output
    wrong = upload(site, "-e", "host_baseline_security_updates=sometimes")
    assert wrong.returncode != 0
    assert "host_baseline_security_updates is" in wrong.output, wrong.output


def test_they_are_uploaded_when_anything_is_new(site):
    foretold = upload(site, "--check")
    assert foretold.returncode == 0 and len(foretold.changes) == 1, foretold.output
    assert upload(site).changes == foretold.changes
    assert upload(site).changes == set()
    zone = ("-e", "host_baseline_time_zone=Asia/Tokyo", "-e", "host_cloudwatch_agent_parameter=AmazonCloudWatch-x")
    assert upload(site, *zone).changes == foretold.changes
    s3 = client(site, "s3")
    found = s3.get_object(Bucket=BUCKET, Key=KEY)
    assert found["ServerSideEncryption"] == "aws:kms"
    with zipfile.ZipFile(io.BytesIO(found["Body"].read())) as archive:
        variables = json.loads(archive.read("group_vars/all.yml"))
    assert variables["host_baseline_time_zone"] == "Asia/Tokyo"
    assert variables["host_cloudwatch_agent_namespace"] == "shop-sandbox"
    assert variables["ansible_aws_ssm_region"] == "ap-northeast-1"
    assert "host_cloudwatch_agent_parameter" not in variables
    others = {"ansible_aws_ssm_region", "ansible_python_interpreter"}
    assert all(name.startswith("host_") for name in variables.keys() - others)


def test_a_host_without_ansible_says_so(site):
    status, text = configure(site)
    assert status == "Failed"
    assert "Content downloaded" in text and "unzip: not found" in text


def test_what_its_role_does_not_let_a_host_list_is_not_downloaded(site):
    client(site, "s3").put_object(Bucket=BUCKET, Key="other/site.zip", Body=b"x")
    source = json.dumps({"path": f"https://{BUCKET}.s3.ap-northeast-1.amazonaws.com/other/site.zip"})
    status, text = run(site, "AWS-ApplyAnsiblePlaybooks", SourceInfo=source, InstallDependencies="False")
    assert status == "Failed"
    assert "AccessDenied" in text


def test_a_host_configures_itself(site):
    """By the document and the archive alone; and playbooks/hosts.yml finds nothing left to do."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as target:
        code = Path(ansible.__file__).parent
        target.add(code, "ansible", filter=lambda entry: None if "__pycache__" in entry.name else entry)
    s3 = client(site, "s3")
    s3.put_object(Bucket=BUCKET, Key="hosts/ansible.tgz", Body=packed.getvalue())
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "hosts/ansible.tgz"})
    lines = [
        "set -e",
        "apt-get -qq update",
        f"DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends {PACKAGES}",
        f"curl -sSf '{url}' | tar -xz -C /usr/lib/python3/dist-packages",
        f"printf '{COMMAND}' > /usr/local/bin/ansible-playbook",
        "chmod 755 /usr/local/bin/ansible-playbook",
    ]
    assert run(site, "AWS-RunShellScript", commands=lines)[0] == "Success"
    status, text = configure(site)
    assert status == "Success", text
    assert "failed=0" in text and "changed=0" not in text
    status, text = configure(site)
    assert status == "Success", text
    assert "changed=0" in text
    state = "readlink /etc/localtime; systemctl is-active amazon-cloudwatch-agent"
    assert run(site, "AWS-RunShellScript", commands=state) == ("Success", "/usr/share/zoneinfo/Asia/Tokyo\nactive\n\n")
    pushed = site.run(
        "--limit", site.memory["host"], "-e", "host_baseline_time_zone=Asia/Tokyo", playbook="playbooks/hosts.yml"
    )
    assert "changed=0" in pushed.output


def test_the_agents_configuration_is_kept_in_parameter_store_from_the_control_node(site):
    push = (
        *("--limit", site.memory["host"], "--tags", "host_cloudwatch_agent"),
        *("-e", "host_cloudwatch_agent_parameter=AmazonCloudWatch-shop-sandbox"),
    )
    first = site.run(*push, playbook="playbooks/hosts.yml").changes
    assert ("host_cloudwatch_agent", "Keep the configuration in Parameter Store") in {
        (change.layer, change.task) for change in first
    }
    kept = client(site, "ssm").get_parameter(Name="AmazonCloudWatch-shop-sandbox")["Parameter"]["Value"]
    assert json.loads(kept)["metrics"]["namespace"] == "shop-sandbox"
    assert "changed=0" in site.run(*push, playbook="playbooks/hosts.yml").output
