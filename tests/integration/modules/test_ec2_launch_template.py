# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import base64

import pytest

from .conftest import REGION, Story

NAME = "example-web"
USER_DATA = "#!/bin/sh\necho ready\n"
VOLUME = {
    "volume_type": "gp3",
    "volume_size_gib": 20,
    "iops": 3000,
    "throughput_mib_s": 125,
    "encrypted": True,
    "kms_key_id": "arn:aws:kms:ap-northeast-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef",
    "delete_on_termination": True,
}
EVERYTHING = {
    "description": "First",
    "image_id": "resolve:ssm:/example/image",
    "instance_type": "t3.micro",
    "instance_profile": "arn:aws:iam::123456789012:instance-profile/example/example-web",
    "security_group_ids": ["sg-0123456789abcdef1", "sg-0123456789abcdef0"],
    "key_name": "example",
    "user_data": USER_DATA,
    "monitoring": True,
    "ebs_optimized": True,
    "metadata_options": {
        "http_endpoint": "enabled",
        "http_tokens": "required",
        "http_put_response_hop_limit": 1,
        "http_protocol_ipv6": "disabled",
        "instance_metadata_tags": "enabled",
    },
    "block_device_mappings": [
        {"device_name": "/dev/xvdb", "ebs": VOLUME},
        {"device_name": "/dev/xvda", "ebs": {"volume_size_gib": 10}},
    ],
    "cpu_credits": "standard",
    "instance_initiated_shutdown_behavior": "terminate",
    "disable_api_termination": True,
    "auto_recovery": "disabled",
    "private_dns_name_options": {
        "hostname_type": "resource-name",
        "enable_resource_name_dns_a_record": True,
        "enable_resource_name_dns_aaaa_record": False,
    },
    "tag_specifications": {"instance": {"Name": NAME, "Number": 1}, "volume": {"Name": NAME}},
    "tags": {"Environment": "test"},
}


@pytest.fixture
def ec2(sandbox):
    return sandbox.client("ec2", REGION)


def default_of(ec2):
    """The default version of the template, and the numbers of all that there are."""
    versions = ec2.describe_launch_template_versions(LaunchTemplateName=NAME)["LaunchTemplateVersions"]
    (default,) = (version for version in versions if version["DefaultVersion"])
    return default, sorted(version["VersionNumber"] for version in versions)


def test_story(modules):
    def drift(sandbox):
        ec2 = sandbox.client("ec2", REGION)
        placement = {"Placement": {"Tenancy": "dedicated"}, "InstanceType": "t3.large"}
        made = ec2.create_launch_template_version(
            LaunchTemplateName=NAME, SourceVersion="$Latest", LaunchTemplateData=placement
        )["LaunchTemplateVersion"]
        ec2.modify_launch_template(LaunchTemplateName=NAME, DefaultVersion=str(made["VersionNumber"]))
        ec2.create_tags(
            Resources=[made["LaunchTemplateId"]],
            Tags=[{"Key": "Environment", "Value": "other"}],
        )

    modules.tell(
        Story(
            module="ec2_launch_template",
            returns="launch_template",
            identity={"name": NAME},
            present=EVERYTHING,
            changes=(
                {"instance_type": "t3.small"},
                {"tags": {"Environment": "changed", "Number": 1}},
                {"description": "Second"},
                {"block_device_mappings": [{"device_name": "/dev/xvda", "ebs": {**VOLUME, "volume_size_gib": 30}}]},
                # What is not given any more is gone.
                {option: None for option in EVERYTHING if option not in ("instance_type", "tags")},
                {"metadata_options": {"http_tokens": "required"}, "user_data": USER_DATA},
            ),
            drift=drift,
            unpredictable=frozenset({"id"}),
        )
    )


def test_what_is_given_is_what_the_default_version_says(modules, ec2):
    answer = modules.run("ec2_launch_template", name=NAME, **EVERYTHING)["launch_template"]
    default, numbers = default_of(ec2)
    assert (answer["id"], answer["default_version"], numbers) == (default["LaunchTemplateId"], 1, [1])
    assert default["VersionDescription"] == "First"
    data = default["LaunchTemplateData"]
    assert base64.b64decode(data["UserData"]).decode() == USER_DATA
    assert data["IamInstanceProfile"] == {"Arn": EVERYTHING["instance_profile"]}
    assert data["Monitoring"] == {"Enabled": True}
    assert data["MetadataOptions"] == {
        "HttpEndpoint": "enabled",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
        "HttpProtocolIpv6": "disabled",
        "InstanceMetadataTags": "enabled",
    }
    assert data["BlockDeviceMappings"] == [
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 10}},
        {
            "DeviceName": "/dev/xvdb",
            "Ebs": {
                "VolumeType": "gp3",
                "VolumeSize": 20,
                "Iops": 3000,
                "Throughput": 125,
                "Encrypted": True,
                "KmsKeyId": VOLUME["kms_key_id"],
                "DeleteOnTermination": True,
            },
        },
    ]
    tags = {item["ResourceType"]: item["Tags"] for item in data["TagSpecifications"]}
    assert tags["instance"] == [{"Key": "Name", "Value": NAME}, {"Key": "Number", "Value": "1"}]

    modules.run("ec2_launch_template", name=NAME, instance_type="t3.micro")
    default, numbers = default_of(ec2)
    assert (default["VersionNumber"], numbers) == (2, [1, 2])
    assert default["LaunchTemplateData"] == {"InstanceType": "t3.micro"}


def test_only_so_many_versions_are_kept(modules, ec2):
    for size in ("nano", "micro", "small", "medium", "large"):
        answer = modules.run("ec2_launch_template", name=NAME, instance_type=f"t3.{size}", keep_versions=2)
    default, numbers = default_of(ec2)
    assert (default["VersionNumber"], numbers) == (5, [3, 4, 5])
    assert (answer["launch_template"]["default_version"], answer["launch_template"]["latest_version"]) == (5, 5)
    # A version that is the default behind our back is made anew from what is described.
    ec2.modify_launch_template(LaunchTemplateName=NAME, DefaultVersion="3")
    modules.run("ec2_launch_template", name=NAME, instance_type="t3.large", keep_versions=0)
    default, numbers = default_of(ec2)
    assert (default["VersionNumber"], numbers) == (6, [6])


def test_tags_that_are_not_given_stay(modules):
    modules.run("ec2_launch_template", name=NAME, instance_type="t3.micro", tags={"Environment": "test"})
    answer = modules.run("ec2_launch_template", name=NAME, instance_type="t3.small")
    assert answer["launch_template"]["tags"] == {"Environment": "test"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "would say nothing"),
        ({"instance_type": "t3.micro", "keep_versions": -1}, "keep_versions is -1"),
        ({"tag_specifications": {"vpc": {"a": "b"}}}, "tag_specifications has vpc"),
        ({"tag_specifications": {"instance": "b"}}, "tag_specifications has instance: b"),
    ],
)
def test_refused(modules, arguments, said):
    assert said in modules.attempt("ec2_launch_template", name=NAME, **arguments)["msg"]
