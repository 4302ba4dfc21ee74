# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import ec2_launch_template
from ansible_collections.wellarchitected.aws.plugins.modules.ec2_launch_template import NOTHING

KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"


def template(**options):
    """A launch template of which these options are given, without a client; it warns with a list's append."""
    params = {**dict.fromkeys(ec2_launch_template.DATA), "description": None, "tags": None, **options}
    warnings = []
    params |= {"name": "example", "keep_versions": 5, "purge_tags": True}
    built = ec2_launch_template.build(params, None, warnings.append)
    built.warnings = warnings
    return built


def state(**data):
    """The state of a template whose third version is the default one, and has this data."""
    return {**template().blank(), "id": "lt-1", "latest_version": 3, **ec2_launch_template.read_data(data)}


def test_no_data_says_nothing():
    assert ec2_launch_template.read_data({}) == NOTHING
    assert ec2_launch_template.write_data(NOTHING) == {}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"metadata_options": {"http_tokens": "required"}}, {"MetadataOptions": {"HttpTokens": "required"}}),
        (
            {"metadata_options": {"http_tokens": "required"}},
            {
                "MetadataOptions": {
                    "State": "applied",
                    "HttpTokens": "required",
                    "HttpEndpoint": "enabled",
                    "InstanceMetadataTags": "disabled",
                }
            },
        ),
        ({}, {"EbsOptimized": False, "Monitoring": {"Enabled": False}, "EnclaveOptions": {"Enabled": False}}),
        ({}, {"Operator": {"Managed": True, "Principal": "example.com"}, "NetworkInterfaces": []}),
        ({"instance_profile": "web"}, {"IamInstanceProfile": {"Arn": "arn:aws:iam::1:instance-profile/p/web"}}),
        ({"instance_profile": "arn:aws:iam::1:instance-profile/web"}, {"IamInstanceProfile": {"Name": "web"}}),
        ({"security_group_ids": ["sg-2", "sg-1", "sg-2"]}, {"SecurityGroupIds": ["sg-1", "sg-2"]}),
        ({"image_id": "", "user_data": ""}, {}),
        (
            {"block_device_mappings": [{"device_name": "b"}, {"device_name": "a", "ebs": {"kms_key_id": KEY[-36:]}}]},
            {
                "BlockDeviceMappings": [
                    {"DeviceName": "a", "Ebs": {"KmsKeyId": KEY, "Encrypted": False}},
                    {"DeviceName": "b"},
                ]
            },
        ),
    ],
)
def test_what_means_the_same_is_no_change(given, shown):
    given = {
        **given,
        **(
            {"block_device_mappings": [{"ebs": {}, **device} for device in given["block_device_mappings"]]}
            if "block_device_mappings" in given
            else {}
        ),
    }
    assert template(**given).changes(state(**shown)) == {}


@pytest.mark.parametrize(
    ("given", "shown", "fields"),
    [
        ({}, {"MetadataOptions": {"HttpTokens": "required"}}, {"metadata_options"}),
        ({}, {"MetadataOptions": {"HttpEndpoint": "disabled"}}, {"metadata_options"}),
        ({"monitoring": True}, {"Monitoring": {"Enabled": False}}, {"monitoring"}),
        ({}, {"KeyName": "theirs"}, {"key_name"}),
        ({}, {"Placement": {"Tenancy": "host"}}, {"other"}),
        ({}, {"Monitoring": {"Enabled": False, "MetricCategoryIds": ["a"]}}, {"other"}),
        ({}, {"BlockDeviceMappings": [{"DeviceName": "a"}]}, {"block_device_mappings"}),
        (
            {"block_device_mappings": [{"device_name": "a", "ebs": {}}]},
            {"BlockDeviceMappings": [{"DeviceName": "a", "Ebs": {"SnapshotId": "snap-1"}}]},
            {"block_device_mappings"},
        ),
        (
            {"block_device_mappings": [{"device_name": "a", "ebs": {}}]},
            {"BlockDeviceMappings": [{"DeviceName": "a", "NoDevice": ""}]},
            {"block_device_mappings"},
        ),
        (
            {"block_device_mappings": [{"device_name": "a", "ebs": {"kms_key_id": KEY}}]},
            {"BlockDeviceMappings": [{"DeviceName": "a", "Ebs": {"KmsKeyId": "alias/other"}}]},
            {"block_device_mappings"},
        ),
    ],
)
def test_what_differs_makes_a_version(given, shown, fields):
    changes = template(**given).changes(state(**shown))
    assert changes.keys() - {"description"} == fields | {"default_version", "latest_version"}
    assert changes["default_version"] == 4


def test_a_description_that_is_not_given_does_not_stay():
    current = {**state(InstanceType="t3.micro"), "description": "The first"}
    assert template(instance_type="t3.micro").changes(current) == {}
    assert template(instance_type="t3.small").changes(current)["description"] == ""


def test_tags_alone_make_no_version():
    assert template(tags={"a": 1}).changes(state()) == {"tags": {"a": "1"}}


def test_user_data_that_is_no_text_stays_as_it_is():
    assert ec2_launch_template.decoded("H4sIAP8=") == "H4sIAP8="
    assert ec2_launch_template.decoded("no base 64") == "no base 64"


@pytest.mark.parametrize(("keep", "old"), [(0, [4, 2, 1]), (2, [1]), (3, [])])
def test_the_oldest_versions_are_deleted(keep, old):
    assert ec2_launch_template.old_versions([1, 2, 3, 4], 3, keep) == old


def test_what_aws_finds_wrong_is_passed_on():
    made = template(image_id="ami-1")
    made._heed({"Warning": {"Errors": [{"Code": "InvalidAMIID.NotFound", "Message": "There is no ami-1"}]}})
    assert made.warnings == ["AWS says of the launch template example: There is no ami-1 (InvalidAMIID.NotFound)"]
