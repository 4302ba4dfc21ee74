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


def test_the_template_shows_its_tags_of_now(ec2):
    template = ec2.create_launch_template(LaunchTemplateName="example", LaunchTemplateData={"InstanceType": "t3.micro"})
    template_id = template["LaunchTemplate"]["LaunchTemplateId"]
    tags = [{"Key": "Name", "Value": "template"}]
    ec2.create_tags(Resources=[template_id], Tags=tags)
    assert ec2.describe_launch_templates()["LaunchTemplates"][0]["Tags"] == tags
    ec2.delete_tags(Resources=[template_id], Tags=tags)
    assert not ec2.describe_launch_templates()["LaunchTemplates"][0].get("Tags")


@pytest.fixture
def change(ec2):
    """Makes a new version of a template, and answers its number."""

    def change(source=None, **given):
        based = {"SourceVersion": source} if source else {}
        answer = ec2.create_launch_template_version(LaunchTemplateName="example", LaunchTemplateData=given, **based)
        return answer["LaunchTemplateVersion"]["VersionNumber"]

    ec2.create_launch_template(
        LaunchTemplateName="example", LaunchTemplateData={"InstanceType": "t3.micro", "EbsOptimized": True}
    )
    return change


def test_a_new_version_has_what_its_source_has(ec2, change):
    assert data(ec2, change(InstanceType="t3.small")) == {"InstanceType": "t3.small"}
    assert data(ec2, change("1", InstanceType="t3.large")) == {"InstanceType": "t3.large", "EbsOptimized": True}
    assert data(ec2, change("$Latest", KeyName="example")) == {
        "InstanceType": "t3.large",
        "EbsOptimized": True,
        "KeyName": "example",
    }


def test_instances_are_launched_with_the_user_data_of_a_later_version(ec2, change):
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    number = change("1", ImageId=image, UserData="IyEvYmluL3NoCg==")
    launched = ec2.run_instances(
        MinCount=1, MaxCount=1, LaunchTemplate={"LaunchTemplateName": "example", "Version": str(number)}
    )
    attribute = ec2.describe_instance_attribute(InstanceId=launched["Instances"][0]["InstanceId"], Attribute="userData")
    assert attribute["UserData"]["Value"] == "IyEvYmluL3NoCg=="


def test_versions_are_deleted_but_for_the_default_one(ec2, change, refused):
    for _ in range(2):
        change(InstanceType="t3.small")
    answer = ec2.delete_launch_template_versions(LaunchTemplateName="example", Versions=["1", "3", "9"])
    assert [item["VersionNumber"] for item in answer["SuccessfullyDeletedLaunchTemplateVersions"]] == [3]
    failed = {
        item["VersionNumber"]: item["ResponseError"]["Code"]
        for item in answer["UnsuccessfullyDeletedLaunchTemplateVersions"]
    }
    assert failed == {1: "unexpectedError", 9: "launchTemplateVersionDoesNotExist"}
    left = ec2.describe_launch_template_versions(LaunchTemplateName="example")["LaunchTemplateVersions"]
    assert [version["VersionNumber"] for version in left] == [1, 2]
    with refused("InvalidLaunchTemplateId.VersionNotFound"):
        data(ec2, 3)
    template = ec2.describe_launch_templates(LaunchTemplateNames=["example"])["LaunchTemplates"][0]
    assert template["LatestVersionNumber"] == 2
    assert change(InstanceType="t3.large") == 4
