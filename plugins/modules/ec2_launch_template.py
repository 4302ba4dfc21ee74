#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_launch_template
version_added: "0.1.0"
short_description: Manage an EC2 launch template, whose default version is what you describe
description:
  - Creates, changes and deletes a launch template, which says what instances are launched from.
  - The options are compared with the template's default version. Where they differ, a new version is made of them alone
    and becomes the default one; what is not given any more is gone from it.
  - Older versions are kept, as many as O(keep_versions), for instances and groups that still refer to them.
  - amazon.aws has a module of this name, which has no diff, copies what is no longer given from the version before, and
    answers nothing about a template in check mode.
  - Follows U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html) and
    U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-launch-template-versions.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the template's default version be as described. V(absent) deletes the template with all its
        versions. Instances stay; an Auto Scaling group that launches from it can then launch no more.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The name of the template, 3 to 128 letters, digits and characters of C(-_./(\)).
    type: str
    required: true
  description:
    description:
      - A description of the version, up to 255 characters. Another one makes a new version. When it is not given, it is
        not compared, and a new version has none.
    type: str
  keep_versions:
    description:
      - How many versions are kept besides the default one when a new version is made; the oldest are deleted.
    type: int
    default: 5
  image_id:
    description:
      - The id of the AMI, or V(resolve:ssm:) and the name of a parameter of Systems Manager that holds one.
    type: str
  instance_type:
    description:
      - The type of the instances.
    type: str
  instance_profile:
    description:
      - The name or the ARN of the instance profile, which gives the instances a role.
    type: str
  security_group_ids:
    description:
      - The ids of the security groups.
    type: list
    elements: str
    default: []
  key_name:
    description:
      - The name of a key pair for SSH. Systems Manager needs none.
    type: str
  user_data:
    description:
      - What an instance runs when it starts, as plain text of up to 16 KiB; the module encodes it. Anybody on the
        instance, and everybody who may describe the template, can read it, so it must not hold secrets.
    type: str
  monitoring:
    description:
      - Whether CloudWatch gets the instances' metrics every minute, not only every five, which AWS charges for.
    type: bool
  ebs_optimized:
    description:
      - Whether there is dedicated bandwidth for volumes, on old types where it is an option.
    type: bool
  metadata_options:
    description:
      - How the instance metadata service answers.
    type: dict
    default: {}
    suboptions:
      http_endpoint:
        description: Whether it answers at all.
        type: str
        choices: [enabled, disabled]
      http_tokens:
        description: V(required) allows IMDSv2 only.
        type: str
        choices: [optional, required]
      http_put_response_hop_limit:
        description: How many network hops, 1 to 64, a token may travel; a container needs 2.
        type: int
      http_protocol_ipv6:
        description: Whether it answers on IPv6, too.
        type: str
        choices: [enabled, disabled]
      instance_metadata_tags:
        description: Whether it tells the instance's tags.
        type: str
        choices: [enabled, disabled]
  block_device_mappings:
    description:
      - The volumes. One with the device name of the image's root volume changes that.
    type: list
    elements: dict
    default: []
    suboptions:
      device_name:
        description: The device's name, such as V(/dev/xvda).
        type: str
        required: true
      ebs:
        description: The volume of Amazon EBS.
        type: dict
        default: {}
        suboptions:
          volume_type:
            description: The type.
            type: str
            choices: [gp2, gp3, io1, io2, sc1, st1, standard]
          volume_size_gib:
            description: The size in GiB.
            type: int
          iops:
            description: The operations in a second, of V(gp3), V(io1) and V(io2).
            type: int
          throughput_mib_s:
            description: The throughput in MiB in a second, of V(gp3).
            type: int
          encrypted:
            description: Whether it is encrypted.
            type: bool
          kms_key_id:
            description: The id or ARN of a KMS key, or a name or ARN of an alias; EBS's default key when not given.
            type: str
          delete_on_termination:
            description: Whether it is deleted with the instance.
            type: bool
  cpu_credits:
    description:
      - What happens when a burstable instance (C(t3) and so on) has used its credits up. V(unlimited) costs more then.
    type: str
    choices: [standard, unlimited]
  instance_initiated_shutdown_behavior:
    description:
      - What becomes of an instance that shuts itself down.
    type: str
    choices: [stop, terminate]
  disable_api_termination:
    description:
      - Whether AWS refuses to terminate the instances.
    type: bool
  auto_recovery:
    description:
      - Whether AWS recovers instances by itself when their hardware fails.
    type: str
    choices: [default, disabled]
  private_dns_name_options:
    description:
      - The instances' names in the VPC.
    type: dict
    default: {}
    suboptions:
      hostname_type:
        description: Whether a name is made of the IPv4 address, or of the instance's id.
        type: str
        choices: [ip-name, resource-name]
      enable_resource_name_dns_a_record:
        description: Whether the instance's id has an A record.
        type: bool
      enable_resource_name_dns_aaaa_record:
        description: Whether the instance's id has an AAAA record.
        type: bool
  tag_specifications:
    description:
      - The tags of what is launched, by the type of the resource, which is V(instance), V(volume),
        V(network-interface) or V(spot-instances-request).
    type: dict
    default: {}
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Describe web servers that are managed through Systems Manager
  wellarchitected.aws.ec2_launch_template:
    name: example-web
    image_id: ami-0123456789abcdef0
    instance_type: t3.micro
    instance_profile: example-web
    security_group_ids: [sg-0123456789abcdef0]
    monitoring: true
    metadata_options:
      http_tokens: required
      http_put_response_hop_limit: 1
    block_device_mappings:
      - device_name: /dev/xvda
        ebs:
          volume_type: gp3
          volume_size_gib: 20
          encrypted: true
          kms_key_id: alias/example-storage
          delete_on_termination: true
    tag_specifications:
      instance:
        Name: example-web
      volume:
        Name: example-web
    tags:
      Environment: production
  register: template

- name: Launch a group from that version, which can be rolled back to the one before
  wellarchitected.aws.autoscaling_group:
    name: example-web
    launch_template:
      launch_template_name: example-web
      version: "{{ template.launch_template.default_version }}"
    instance_refresh:
      auto_rollback: true

- name: Delete the template with all its versions
  wellarchitected.aws.ec2_launch_template:
    name: example-web
    state: absent
"""

RETURN = r"""
launch_template:
  description:
    - The template with what its default version says, or in check mode as it would be; empty when it is absent.
    - What an option can say stands under the option's name, in the shape of the option, and null or empty where nothing
      is said.
  returned: success
  type: dict
  contains:
    id:
      description: Its id; without a value in check mode where it would be created.
      type: str
      sample: lt-0123456789abcdef0
    name:
      description: Its name.
      type: str
      sample: example-web
    default_version:
      description: The number of the default version.
      type: int
      sample: 3
    latest_version:
      description: The number of the newest version.
      type: int
      sample: 3
    description:
      description: The description of the default version.
      type: str
      sample: Servers with more memory
    image_id:
      description: The AMI.
      type: str
      sample: ami-0123456789abcdef0
    instance_type:
      description: The type of the instances.
      type: str
      sample: t3.micro
    instance_profile:
      description: The name or the ARN of the instance profile, as it was given.
      type: str
      sample: example-web
    security_group_ids:
      description: The security groups, sorted.
      type: list
      elements: str
      sample: [sg-0123456789abcdef0]
    key_name:
      description: The key pair.
      type: str
      sample: null
    user_data:
      description: What an instance runs when it starts, as text; as Base64 where it is no text.
      type: str
      sample: "#!/bin/sh\n"
    monitoring:
      description: Whether CloudWatch gets metrics every minute.
      type: bool
      sample: true
    ebs_optimized:
      description: Whether there is dedicated bandwidth for volumes.
      type: bool
      sample: null
    metadata_options:
      description: How the instance metadata service answers.
      type: dict
      sample:
        http_tokens: required
        http_put_response_hop_limit: 1
    block_device_mappings:
      description: The volumes, by device name; what the option cannot say is named as AWS does.
      type: list
      elements: dict
      sample:
        - device_name: /dev/xvda
          ebs:
            volume_type: gp3
            volume_size_gib: 20
            encrypted: true
    cpu_credits:
      description: What happens when the credits are used up.
      type: str
      sample: standard
    instance_initiated_shutdown_behavior:
      description: What becomes of an instance that shuts itself down.
      type: str
      sample: terminate
    disable_api_termination:
      description: Whether AWS refuses to terminate the instances.
      type: bool
      sample: null
    auto_recovery:
      description: Whether AWS recovers instances by itself.
      type: str
      sample: default
    private_dns_name_options:
      description: The instances' names in the VPC.
      type: dict
      sample: {}
    tag_specifications:
      description: The tags of what is launched, by the type of the resource.
      type: dict
      sample:
        instance:
          Name: example-web
    other:
      description:
        - What somebody else said in the default version that this module has no option for, named as AWS does. The next
          run makes a version without it.
      type: dict
      sample: {}
    tags:
      description: The tags of the template itself.
      type: dict
      sample:
        Environment: production
"""

import base64
import binascii
import copy

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    boto3_tag_specifications,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import same_kms_key
from ansible_collections.wellarchitected.aws.plugins.module_utils.ec2 import change_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# Options, and the members of LaunchTemplateData that they are:
VALUES = {
    "image_id": "ImageId",
    "instance_type": "InstanceType",
    "key_name": "KeyName",
    "ebs_optimized": "EbsOptimized",
    "instance_initiated_shutdown_behavior": "InstanceInitiatedShutdownBehavior",
    "disable_api_termination": "DisableApiTermination",
}
# values that AWS has in a structure,
WRAPPED = {
    "monitoring": ("Monitoring", "Enabled"),
    "cpu_credits": ("CreditSpecification", "CpuCredits"),
    "auto_recovery": ("MaintenanceOptions", "AutoRecovery"),
}
# and structures.
STRUCTURES = {
    "metadata_options": (
        "MetadataOptions",
        {
            "http_endpoint": "HttpEndpoint",
            "http_tokens": "HttpTokens",
            "http_put_response_hop_limit": "HttpPutResponseHopLimit",
            "http_protocol_ipv6": "HttpProtocolIpv6",
            "instance_metadata_tags": "InstanceMetadataTags",
        },
    ),
    "private_dns_name_options": (
        "PrivateDnsNameOptions",
        {
            "hostname_type": "HostnameType",
            "enable_resource_name_dns_a_record": "EnableResourceNameDnsARecord",
            "enable_resource_name_dns_aaaa_record": "EnableResourceNameDnsAAAARecord",
        },
    ),
}
EBS = {
    "volume_type": "VolumeType",
    "volume_size_gib": "VolumeSize",
    "iops": "Iops",
    "throughput_mib_s": "Throughput",
    "encrypted": "Encrypted",
    "kms_key_id": "KmsKeyId",
    "delete_on_termination": "DeleteOnTermination",
}
# What a version says of which nothing is said. `other` is what there is no option for.
NOTHING = {
    **dict.fromkeys((*VALUES, *WRAPPED, "instance_profile", "user_data")),
    **{option: {} for option in (*STRUCTURES, "tag_specifications", "other")},
    "security_group_ids": [],
    "block_device_mappings": [],
}
DATA = [option for option in NOTHING if option != "other"]
# What AWS means by values that are not given. It makes no difference whether it shows them.
DEFAULTS = {
    "monitoring": False,
    "ebs_optimized": False,
    "disable_api_termination": False,
    "instance_initiated_shutdown_behavior": "stop",
    "auto_recovery": "default",
    "metadata_options": {
        "http_endpoint": "enabled",
        "http_protocol_ipv6": "disabled",
        "instance_metadata_tags": "disabled",
    },
    "private_dns_name_options": {
        "hostname_type": "ip-name",
        "enable_resource_name_dns_a_record": False,
        "enable_resource_name_dns_aaaa_record": False,
    },
}
EBS_DEFAULTS = {"encrypted": False}
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateTagSpecificationRequest.html
TAGGED = ("instance", "network-interface", "spot-instances-request", "volume")
# The versions that one call deletes.
VERSIONS_AT_ONCE = 200
GONE = "launchTemplateVersionDoesNotExist"


class LaunchTemplateErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound"])


class LaunchTemplate(Resource):
    def __init__(self, name, fields, keep_versions, purge_tags, ec2, warn):
        super().__init__(fields, purge_tags)
        self.name = name
        self.keep_versions = keep_versions
        self.ec2 = ec2
        self.warn = warn
        self.same = {
            **{option: same_value(option) for option in (*VALUES, *WRAPPED)},
            **{option: same_members(DEFAULTS[option]) for option in STRUCTURES},
            "instance_profile": same_instance_profile,
            "block_device_mappings": same_devices,
        }

    def find(self):
        template = self._describe()
        version = self._describe_default(template["LaunchTemplateId"]) if template else None
        return version and {
            "id": template["LaunchTemplateId"],
            "name": self.name,
            "default_version": template["DefaultVersionNumber"],
            "latest_version": template["LatestVersionNumber"],
            "description": version.get("VersionDescription") or "",
            **read_data(version["LaunchTemplateData"]),
            "tags": boto3_tag_list_to_ansible_dict(template.get("Tags", [])),
        }

    def blank(self):
        return {
            "id": None,
            "name": self.name,
            "default_version": 0,
            "latest_version": 0,
            "description": "",
            **NOTHING,
            "tags": {},
        }

    def changes(self, current):
        changes = super().changes(current)
        if changes.keys() - {"tags"}:
            if "description" not in self.given:
                changes["description"] = ""
            changes["default_version"] = changes["latest_version"] = current["latest_version"] + 1
        return changes

    def refusal(self, current, changes):
        if not write_data(self.given):
            return (
                f"The launch template {self.name} (name) would say nothing. Give at least one option of what is to be "
                "launched, such as image_id or instance_type."
            )
        return None

    @LaunchTemplateErrorHandler.common_error_handler("create the launch template {self.name}")
    def create(self):
        arguments = self._version()
        if self.given.get("tags"):
            arguments["TagSpecifications"] = boto3_tag_specifications(self.given["tags"], "launch-template")
        self._heed(self.ec2.create_launch_template(LaunchTemplateName=self.name, **arguments))

    def update(self, current, changes):
        if "default_version" in changes:
            number = self._create_version(current["id"])
            self._make_default(current["id"], number)
            self._delete_old_versions(current["id"], number)
        if "tags" in changes:
            change_tags(self.ec2, current["id"], current["tags"], changes["tags"])

    @LaunchTemplateErrorHandler.deletion_error_handler("delete the launch template {self.name}")
    def delete(self, current):
        self.ec2.delete_launch_template(LaunchTemplateId=current["id"])

    def _version(self):
        """The arguments that make a version of what is given."""
        arguments = {"LaunchTemplateData": write_data(self.given)}
        if self.given.get("description"):
            arguments["VersionDescription"] = self.given["description"]
        return arguments

    def _heed(self, answer):
        """Pass on what AWS finds wrong in a version that it has made all the same."""
        for error in answer.get("Warning", {}).get("Errors", []):
            self.warn(f"AWS says of the launch template {self.name}: {error.get('Message')} ({error.get('Code')})")

    @LaunchTemplateErrorHandler.list_error_handler("find the launch template {self.name}", None)
    def _describe(self):
        return self.ec2.describe_launch_templates(LaunchTemplateNames=[self.name])["LaunchTemplates"][0]

    @LaunchTemplateErrorHandler.list_error_handler("read the launch template {self.name}", None)
    def _describe_default(self, template_id):
        answer = self.ec2.describe_launch_template_versions(LaunchTemplateId=template_id, Versions=["$Default"])
        return answer["LaunchTemplateVersions"][0]

    @LaunchTemplateErrorHandler.common_error_handler("make a version of the launch template {self.name}")
    def _create_version(self, template_id):
        answer = self.ec2.create_launch_template_version(LaunchTemplateId=template_id, **self._version())
        self._heed(answer)
        return answer["LaunchTemplateVersion"]["VersionNumber"]

    @LaunchTemplateErrorHandler.common_error_handler("make a version the default of the launch template {self.name}")
    def _make_default(self, template_id, number):
        self.ec2.modify_launch_template(LaunchTemplateId=template_id, DefaultVersion=str(number))

    @LaunchTemplateErrorHandler.common_error_handler("delete versions of the launch template {self.name}")
    def _delete_old_versions(self, template_id, default):
        pages = self.ec2.get_paginator("describe_launch_template_versions").paginate(LaunchTemplateId=template_id)
        numbers = [version["VersionNumber"] for page in pages for version in page["LaunchTemplateVersions"]]
        old = old_versions(numbers, default, self.keep_versions)
        for start in range(0, len(old), VERSIONS_AT_ONCE):
            answer = self.ec2.delete_launch_template_versions(
                LaunchTemplateId=template_id, Versions=[str(number) for number in old[start : start + VERSIONS_AT_ONCE]]
            )
            for item in answer.get("UnsuccessfullyDeletedLaunchTemplateVersions", []):
                error = item["ResponseError"]
                if error["Code"] != GONE:
                    raise AnsibleAWSError(
                        message=f"Version {item['VersionNumber']} of the launch template {self.name} cannot be deleted:"
                        f" {error.get('Message')} ({error['Code']})"
                    )


def old_versions(numbers, default, keep):
    """The versions to delete when so many are kept besides the default one."""
    return sorted((number for number in numbers if number != default), reverse=True)[keep:]


# What AWS and the user say


def read_data(data):
    """What a version says, by option. What AWS adds to answers is left out."""
    rest = copy.deepcopy(data)
    rest.pop("Operator", None)
    rest.get("MetadataOptions", {}).pop("State", None)
    profile = rest.pop("IamInstanceProfile", {})
    return {
        **{option: rest.pop(member, None) for option, member in VALUES.items()},
        **{option: rest.get(member, {}).pop(inner, None) for option, (member, inner) in WRAPPED.items()},
        **{option: _pop(rest.get(member, {}), names) for option, (member, names) in STRUCTURES.items()},
        "instance_profile": profile.get("Arn") or profile.get("Name"),
        "user_data": decoded(rest.pop("UserData", None)),
        "security_group_ids": sorted(rest.pop("SecurityGroupIds", [])),
        "block_device_mappings": _by_name(map(_read_device, rest.pop("BlockDeviceMappings", []))),
        "tag_specifications": {
            item["ResourceType"]: boto3_tag_list_to_ansible_dict(item.get("Tags", []))
            for item in rest.pop("TagSpecifications", [])
        },
        "other": {member: value for member, value in rest.items() if _says_something(value)},
    }


def write_data(state):
    """The members of LaunchTemplateData that say what the options do; what says nothing is left out."""
    members = {member: state[option] for option, member in VALUES.items()}
    for option, (member, inner) in WRAPPED.items():
        members[member] = {} if state[option] is None else {inner: state[option]}
    for option, (member, names) in STRUCTURES.items():
        members[member] = _renamed(state[option], names)
    profile = state["instance_profile"]
    members |= {
        "IamInstanceProfile": {"Arn" if profile.startswith("arn:") else "Name": profile} if profile else {},
        "UserData": base64.b64encode(state["user_data"].encode()).decode() if state["user_data"] else None,
        "SecurityGroupIds": state["security_group_ids"],
        "BlockDeviceMappings": [
            {"DeviceName": device["device_name"], "Ebs": _renamed(device["ebs"], EBS)}
            for device in state["block_device_mappings"]
        ],
        "TagSpecifications": [
            {"ResourceType": kind, "Tags": ansible_dict_to_boto3_tag_list(tags)}
            for kind, tags in state["tag_specifications"].items()
        ],
    }
    return {member: value for member, value in members.items() if value not in (None, {}, [])}


def normalised(params):
    """The options that say what is launched, in the form in which read_data answers them.

    Raises AnsibleAWSError when tag_specifications has something that no tags can be of.
    """
    fields = {**NOTHING, **given(params, DATA)}
    # An empty text says nothing.
    fields |= {option: None for option in (*VALUES, "instance_profile", "user_data") if fields[option] == ""}
    fields["security_group_ids"] = sorted(set(fields["security_group_ids"]))
    fields["block_device_mappings"] = _by_name(fields["block_device_mappings"])
    for kind, tags in fields["tag_specifications"].items():
        if kind not in TAGGED or not isinstance(tags, dict):
            raise AnsibleAWSError(
                message=f"tag_specifications has {kind}: {tags}, but must have the tags, as a dictionary, of "
                f"{', '.join(TAGGED[:-1])} or {TAGGED[-1]}."
            )
    fields["tag_specifications"] = {
        kind: {key: str(value) for key, value in tags.items()}
        for kind, tags in fields["tag_specifications"].items()
        if tags
    }
    return fields


def decoded(user_data):
    """User data as text, or as it is where it is none."""
    if not user_data:
        return None
    try:
        return base64.b64decode(user_data).decode()
    except (binascii.Error, UnicodeDecodeError):
        return user_data


def _read_device(mapping):
    """A volume; what there is no option for is kept as AWS writes it."""
    rest = copy.deepcopy(mapping)
    ebs = rest.pop("Ebs", {})
    return {"device_name": rest.pop("DeviceName", ""), "ebs": {**_pop(ebs, EBS), **ebs}, **rest}


def _by_name(devices):
    return sorted(devices, key=lambda device: device["device_name"])


def _pop(members, names):
    return {option: members.pop(member) for option, member in names.items() if member in members}


def _renamed(options, names):
    return {names[option]: value for option, value in options.items()}


def _says_something(value):
    if isinstance(value, dict):
        return any(map(_says_something, value.values()))
    return value not in (None, False, "", [])


# Comparing


def same_value(option):
    """A comparison that takes AWS's default for nothing where nothing is wanted."""

    def same(current, wanted):
        return current == wanted or (wanted is None and current == DEFAULTS.get(option))

    return same


def same_members(defaults):
    """A comparison of dictionaries that takes these values for nothing where nothing is wanted."""

    def same(current, wanted):
        added = {key for key in current if key not in wanted and current[key] == defaults.get(key)}
        return {key: value for key, value in current.items() if key not in added} == wanted

    return same


def same_instance_profile(current, wanted):
    """Whether two names or ARNs mean the same instance profile, whose name is its own in the whole account."""
    return (current or "").rpartition("/")[2] == (wanted or "").rpartition("/")[2]


def same_devices(current, wanted):
    return len(current) == len(wanted) and all(map(_same_device, current, wanted))


def _same_device(current, wanted):
    before, after = dict(current["ebs"]), dict(wanted["ebs"])
    if not same_kms_key(before.pop("kms_key_id", None), after.pop("kms_key_id", None)):
        return False
    return same_members(EBS_DEFAULTS)(before, after) and {**current, "ebs": {}} == {**wanted, "ebs": {}}


def build(params, ec2, warn):
    fields = {**normalised(params), **given(params, ["description", "tags"])}
    return LaunchTemplate(params["name"], fields, params["keep_versions"], params["purge_tags"], ec2, warn)


def main():
    switch = {"type": "str", "choices": ["enabled", "disabled"]}
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "name": {"type": "str", "required": True},
            "description": {"type": "str"},
            "keep_versions": {"type": "int", "default": 5},
            "image_id": {"type": "str"},
            "instance_type": {"type": "str"},
            "instance_profile": {"type": "str"},
            "security_group_ids": {"type": "list", "elements": "str", "default": []},
            # A name, not a key
            "key_name": {"type": "str", "no_log": False},
            "user_data": {"type": "str"},
            "monitoring": {"type": "bool"},
            "ebs_optimized": {"type": "bool"},
            "metadata_options": {
                "type": "dict",
                "default": {},
                "options": {
                    "http_endpoint": switch,
                    "http_tokens": {"type": "str", "choices": ["optional", "required"], "no_log": False},
                    "http_put_response_hop_limit": {"type": "int"},
                    "http_protocol_ipv6": switch,
                    "instance_metadata_tags": switch,
                },
            },
            "block_device_mappings": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "device_name": {"type": "str", "required": True},
                    "ebs": {
                        "type": "dict",
                        "default": {},
                        "options": {
                            "volume_type": {
                                "type": "str",
                                "choices": ["gp2", "gp3", "io1", "io2", "sc1", "st1", "standard"],
                            },
                            "volume_size_gib": {"type": "int"},
                            "iops": {"type": "int"},
                            "throughput_mib_s": {"type": "int"},
                            "encrypted": {"type": "bool"},
                            "kms_key_id": {"type": "str"},
                            "delete_on_termination": {"type": "bool"},
                        },
                    },
                },
            },
            "cpu_credits": {"type": "str", "choices": ["standard", "unlimited"]},
            "instance_initiated_shutdown_behavior": {"type": "str", "choices": ["stop", "terminate"]},
            "disable_api_termination": {"type": "bool"},
            "auto_recovery": {"type": "str", "choices": ["default", "disabled"]},
            "private_dns_name_options": {
                "type": "dict",
                "default": {},
                "options": {
                    "hostname_type": {"type": "str", "choices": ["ip-name", "resource-name"]},
                    "enable_resource_name_dns_a_record": {"type": "bool"},
                    "enable_resource_name_dns_aaaa_record": {"type": "bool"},
                },
            },
            "tag_specifications": {"type": "dict", "default": {}},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    if module.params["keep_versions"] < 0:
        module.fail_json(msg=f"keep_versions is {module.params['keep_versions']}, but must be 0 or more.")
    run(module, "launch_template", lambda: build(module.params, client(module, "ec2"), module.warn))


if __name__ == "__main__":
    main()
