# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story

MODULE = "ec2_instance"
NAME = "example-jobs"


@pytest.fixture
def ec2(sandbox):
    return sandbox.client("ec2", REGION)


@pytest.fixture
def place(ec2):
    """A subnet, two security groups and a launch template: the arguments that launch an instance there."""
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"] for number in (1, 2)
    ]
    groups = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc_id)["GroupId"] for name in ("a", "b")
    ]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.create_launch_template(
        LaunchTemplateName=NAME,
        LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro", "SecurityGroupIds": groups[:1]},
    )
    return {"subnets": subnets, "groups": groups, "image": image}


def of(place):
    return {"launch_template": {"launch_template_name": NAME}, "subnet_id": place["subnets"][0]}


def test_story(modules, place):
    def drift(sandbox):
        ec2 = sandbox.client("ec2", REGION)
        (reservation,) = ec2.describe_instances()["Reservations"]
        instance_id = reservation["Instances"][0]["InstanceId"]
        ec2.stop_instances(InstanceIds=[instance_id])
        ec2.modify_instance_attribute(InstanceId=instance_id, Groups=[place["groups"][0]])

    modules.tell(
        Story(
            module=MODULE,
            returns="instance",
            identity={"name": NAME},
            present={
                **of(place),
                "instance_type": "t3.micro",
                "security_group_ids": place["groups"],
                "tags": {"Environment": "test"},
            },
            changes=(
                {"tags": {"Environment": "changed", "Number": 1}},
                {"instance_type": "t3.small"},
                {"security_group_ids": place["groups"][1:]},
            ),
            drift=drift,
            unpredictable=frozenset({"instance_id", "image_id", "private_ip_address"}),
        )
    )


def test_what_is_not_given_is_the_launch_templates(modules, place):
    instance = modules.run(MODULE, name=NAME, **of(place))["instance"]
    assert (instance["image_id"], instance["instance_type"]) == (place["image"], "t3.micro")
    assert (instance["subnet_id"], instance["security_group_ids"]) == (place["subnets"][0], place["groups"][:1])
    assert instance["tags"] == {"Name": NAME}
    assert instance["running"]
    assert not modules.run(MODULE, name=NAME, tags={})["changed"]


def test_one_that_is_ending_does_not_count(modules, ec2, place):
    first = modules.run(MODULE, name=NAME, **of(place))["instance"]["instance_id"]
    ec2.terminate_instances(InstanceIds=[first])
    assert modules.run(MODULE, name=NAME, **of(place))["instance"]["instance_id"] != first


def test_refused(modules, ec2, place):
    missing = modules.attempt(MODULE, name=NAME)["msg"]
    assert missing.endswith("To launch it, give launch_template, subnet_id.")
    modules.run(MODULE, name=NAME, **of(place))
    moved = modules.attempt(MODULE, name=NAME, subnet_id=place["subnets"][1])["msg"]
    assert "AWS moves no instance" in moved
    ec2.run_instances(
        MinCount=1,
        MaxCount=1,
        ImageId=place["image"],
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": NAME}]}],
    )
    assert f"all have the name {NAME} (name)" in modules.attempt(MODULE, name=NAME)["msg"]
