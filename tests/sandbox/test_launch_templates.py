# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What EC2 answers about launch templates, where moto has it wrong."""

import pytest


@pytest.fixture
def ec2(client):
    return client("ec2")


def data(ec2, number=1):
    versions = ec2.describe_launch_template_versions(LaunchTemplateName="example", Versions=[str(number)])
    return versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]


@pytest.mark.parametrize(
    ("argument", "value", "code"),
    [
        ("LaunchTemplateIds", "lt-00000000000000000", "InvalidLaunchTemplateId.NotFound"),
        ("LaunchTemplateNames", "other", "InvalidLaunchTemplateName.NotFoundException"),
    ],
)
def test_an_unknown_template(ec2, refused, argument, value, code):
    with refused(code):
        ec2.describe_launch_templates(**{argument: [value]})


def test_tags_of_the_template_are_not_those_of_what_it_launches(ec2):
    own = {"ResourceType": "launch-template", "Tags": [{"Key": "Name", "Value": "template"}]}
    instance = {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}
    for name, given in (("plain", {}), ("example", {"TagSpecifications": [instance]})):
        template = ec2.create_launch_template(
            LaunchTemplateName=name,
            LaunchTemplateData={"InstanceType": "t3.micro", **given},
            TagSpecifications=[own],
        )["LaunchTemplate"]
        assert template["Tags"] == own["Tags"]
    assert data(ec2) == {"InstanceType": "t3.micro", "TagSpecifications": [instance]}
    versions = ec2.describe_launch_template_versions(LaunchTemplateName="plain", Versions=["1"])
    assert versions["LaunchTemplateVersions"][0]["LaunchTemplateData"] == {"InstanceType": "t3.micro"}
