# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The image that web servers start from: made when there is anything new, copied, published, retired, taken away.

Its builder really runs, so that this needs root and namespaces; where those are not to be had, nothing here is run.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from .conftest import BOTH_WORDS, SMALL_NETWORK, TOKYO, Estate, client
from .test_hosts import HOSTS, on, recap, running

OSAKA = "ap-northeast-3"
LAYERS = "encryption,identity,storage,network,security_groups,session_access"
PLAYBOOK = "playbooks/golden_image.yml"
PARAMETER = "/shop-sandbox/golden-image/web"
# What must not be in an image.
COMMANDS = ["touch /etc/ssh/ssh_host_test_key", "echo history > /root/.bash_history"]
ROLE = """
- name: Be the shop
  ansible.builtin.copy:
    content: "{word}"
    dest: /etc/shop
    mode: "0644"
"""


@pytest.fixture(scope="module")
def role(tmp_path_factory) -> Path:
    """The tasks of a role of somebody's own, which is in the image."""
    tasks = tmp_path_factory.mktemp("roles") / "shop" / "tasks" / "main.yml"
    tasks.parent.mkdir(parents=True)
    tasks.write_text(ROLE.format(word="made"))
    return tasks


@pytest.fixture
def describe(machines, role, tmp_path, monkeypatch):
    """The argument that describes the image; what the first one stands on is built when it is first asked for."""
    monkeypatch.setenv("ANSIBLE_ROLES_PATH", str(role.parents[2]))

    def argument(**variables):
        image = {
            "golden_image_commands": COMMANDS,
            "golden_image_roles": ["shop"],
            "golden_image_tests": ["grep made /etc/shop"],
        }
        return machines.described(tmp_path, **SMALL_NETWORK, **{**image, **variables})

    if "built" not in machines.memory:
        machines.run("--tags", LAYERS, "--limit", "virginia,tokyo", argument())
        machines.run("--tags", "encryption", "--limit", "osaka", argument())
        machines.memory["built"] = True
    return argument


def images(estate: Estate, region: str = TOKYO) -> list[dict]:
    """The images that the account has made in a region, with their tags as a dict, oldest first."""
    found = client(estate, "ec2", region).describe_images(Owners=["self"])["Images"]
    for image in found:
        image["Tags"] = {tag["Key"]: tag["Value"] for tag in image.get("Tags", [])}
    return sorted(found, key=lambda image: image["Name"])


def snapshot(estate: Estate, image: dict, region: str = TOKYO) -> dict:
    """The snapshot of an image."""
    (mapping,) = image["BlockDeviceMappings"]
    ids = [mapping["Ebs"]["SnapshotId"]]
    return client(estate, "ec2", region).describe_snapshots(SnapshotIds=ids)["Snapshots"][0]


def published(estate: Estate, region: str = TOKYO) -> str:
    return client(estate, "ssm", region).get_parameter(Name=PARAMETER)["Parameter"]["Value"]


def builders(estate: Estate) -> list[dict]:
    """All instances that were ever launched as builders."""
    filters = [{"Name": "tag:Layer", "Values": ["golden_image"]}]
    reservations = client(estate, "ec2").describe_instances(Filters=filters)["Reservations"]
    return [instance for reservation in reservations for instance in reservation["Instances"]]


def key(estate: Estate, region: str) -> str:
    return client(estate, "kms", region).describe_key(KeyId="alias/shop-sandbox-storage")["KeyMetadata"]["Arn"]


def killed_while_it_configures(estate: Estate, description: str) -> None:
    """A run that leaves its builder behind."""
    process = estate.start(description, playbook=PLAYBOOK)
    for line in process.stdout:
        if "host_baseline" in line:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert [builder["State"]["Name"] for builder in builders(estate)] == ["running"]


def test_an_image_is_made_and_copied_and_then_not_again(machines, describe):
    foreseen = machines.run("--check", describe(), playbook=PLAYBOOK)
    assert "an image would be made" in foreseen.output
    assert images(machines) == builders(machines) == []
    killed_while_it_configures(machines, describe())
    machines.run(describe(), playbook=PLAYBOOK)
    (image,), (copy,) = images(machines), images(machines, OSAKA)
    assert image["Name"] == copy["Name"]
    assert image["Name"].startswith("shop-sandbox-web-")
    assert image["Tags"] == copy["Tags"]
    assert {"Estate", "Environment", "CostCenter", "InputHash", "BaseImage"} <= image["Tags"].keys()
    for each, region in ((image, TOKYO), (copy, OSAKA)):
        assert each["State"] == "available"
        found = snapshot(machines, each, region)
        assert (found["Encrypted"], found["KmsKeyId"]) == (True, key(machines, region))
        assert {tag["Key"]: tag["Value"] for tag in found["Tags"]} == image["Tags"]
        assert published(machines, region) == each["ImageId"]
    launched = builders(machines)
    assert len(launched) == 2
    for builder in launched:
        assert builder["State"]["Name"] == "terminated"
        tags = {tag["Key"]: tag["Value"] for tag in builder["Tags"]}
        assert (tags["Component"], tags["Environment"]) == ("golden-image", "sandbox-golden-image")
    again = machines.run(describe(), playbook=PLAYBOOK)
    assert again.changes == set()
    assert "no image is made" in again.output


def test_a_server_that_starts_from_it_has_it_all(machines, describe):
    (image,) = images(machines)
    ec2 = client(machines, "ec2")
    owned = {"Name": "shop-sandbox-jobs", "Estate": "shop", "Environment": "sandbox", "Component": "jobs"}
    (subnet,) = ec2.describe_subnets(Filters=[{"Name": "tag:Component", "Values": ["private-a"]}])["Subnets"]
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["shop-sandbox-web"]}])[
        "SecurityGroups"
    ]
    ec2.run_instances(
        ImageId=image["ImageId"],
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet["SubnetId"],
        SecurityGroupIds=[group["GroupId"]],
        IamInstanceProfile={"Name": "shop-sandbox-web"},
        MetadataOptions={"HttpTokens": "required"},
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in owned.items()]}
        ],
    )
    (server,) = running(machines)
    assert on(machines, server, "systemctl is-active amazon-cloudwatch-agent") == "active"
    assert on(machines, server, "cat /etc/shop") == "made"
    assert on(machines, server, "find /etc/ssh -name 'ssh_host_*'; cat /root/.bash_history; true") == ""
    assert len(on(machines, server, "cat /etc/machine-id")) == 32
    names = " ".join(f"-e {builder['InstanceId']}" for builder in builders(machines))
    assert on(machines, server, f"grep -rl {names} /etc /home /opt /root /tmp /var; true") == ""
    assert recap(machines.run(playbook=HOSTS).output) == {server: (0, 0)}


def test_what_fails_its_test_becomes_no_image(machines, describe):
    before = images(machines)
    run = machines.attempt(describe(golden_image_tests=["true", "ls /nowhere"]), playbook=PLAYBOOK)
    assert run.returncode != 0
    assert "No image was made. The builder i-" in run.output
    assert "was ended. Test what the description says" in run.output
    assert "[ls /nowhere] ls: cannot access '/nowhere'" in run.output
    assert images(machines) == before
    assert {builder["State"]["Name"] for builder in builders(machines)} == {"terminated"}


def test_something_new_makes_another_one_and_the_old_one_goes_unless_it_is_used(machines, describe, role):
    """The server of the test before uses it in its region; in the other one nothing does."""
    (old,), (old_copy,) = images(machines), images(machines, OSAKA)
    time.sleep(1)  # One that is of the same second is not older than no day.
    role.write_text(ROLE.format(word="made again"))
    few = describe(golden_image_keep=1, golden_image_keep_days=0)
    run = machines.run(few, playbook=PLAYBOOK)
    kept, new = images(machines)
    assert kept == old
    assert f"{old['Name']} ({old['ImageId']}) is kept, because the instance i-" in run.output
    assert new["Tags"]["InputHash"] != old["Tags"]["InputHash"]
    assert published(machines) == new["ImageId"]
    (copy,) = images(machines, OSAKA)
    assert published(machines, OSAKA) == copy["ImageId"] != old_copy["ImageId"]
    left = client(machines, "ec2", OSAKA).describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert old_copy["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"] not in str(left)
    assert machines.run(few, playbook=PLAYBOOK).changes == set()


def test_it_is_taken_away(machines, describe):
    machines.run("--tags", "golden_image", describe(), *BOTH_WORDS, playbook="playbooks/destroy.yml")
    for region in (TOKYO, OSAKA):
        assert images(machines, region) == []
        assert client(machines, "ssm", region).get_parameters(Names=[PARAMETER])["Parameters"] == []
        owned = [{"Name": "tag:Layer", "Values": ["golden_image"]}]
        assert client(machines, "ec2", region).describe_snapshots(Filters=owned)["Snapshots"] == []
