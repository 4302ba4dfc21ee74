#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_image_info
version_added: "0.1.0"
short_description: Find the one image (AMI) that instances are to be launched from
description:
  - Finds an image by its id, by a parameter of Systems Manager that holds its id, or by its name, of which the newest
    that is available is taken.
  - Fails where there is none, so that nothing is launched from the wrong image.
  - amazon.aws has ec2_ami_info, which lists images, and no module that reads a parameter.
  - Follows U(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/finding-an-ami.html) and
    U(https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  image_id:
    description:
      - The id of the image.
    type: str
  parameter:
    description:
      - The name of the parameter that holds the id, one of the account or a public one of AWS.
    type: str
  name:
    description:
      - The name of the image, in which C(*) stands for anything. Give O(owner), too.
    type: str
  owner:
    description:
      - Whose image it is, which keeps out images of the same name that somebody else publishes. An account's 12 digits,
        V(self), V(amazon) or V(aws-marketplace).
    type: str
  architecture:
    description:
      - The processor architecture that the image has to be for. Any when not given.
    type: str
    choices: [arm64, x86_64]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: It writes nothing, and works the same in check mode.
    support: full
  diff_mode:
    description: It changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Find the newest Amazon Linux 2023
  wellarchitected.aws.ec2_image_info:
    parameter: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64

- name: Find the newest image that we have made ourselves
  wellarchitected.aws.ec2_image_info:
    name: example-web-*
    owner: self
    architecture: arm64
  register: found

- name: Show its id
  ansible.builtin.debug:
    var: found.image.image_id
"""

RETURN = r"""
image:
  description: The image.
  returned: success
  type: dict
  contains:
    image_id:
      description: The id.
      type: str
      sample: ami-0123456789abcdef0
    name:
      description: The name.
      type: str
      sample: al2023-ami-2023.8.20250707.0-kernel-6.1-x86_64
    owner_id:
      description: The account that owns it.
      type: str
      sample: "123456789012"
    architecture:
      description: The processor architecture that it is for.
      type: str
      sample: x86_64
    creation_date:
      description: When it was made.
      type: str
      sample: "2030-01-01T00:00:00.000Z"
    root_device_name:
      description: The device name of its root volume.
      type: str
      sample: /dev/xvda
    root_volume_size_gib:
      description: The size of its root volume in GiB, which a launch template can only enlarge; null where it has none.
      type: int
      sample: 8
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import aws_errors, client


class ImageErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"])


class ParameterErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["ParameterNotFound", "ParameterVersionNotFound"])


@ParameterErrorHandler.list_error_handler("read the parameter {name}", None)
def parameter_value(ssm, name):
    """What a parameter holds; None when there is no such one."""
    return ssm.get_parameter(Name=name)["Parameter"]["Value"]


@ImageErrorHandler.list_error_handler("find the image", [])
def find(ec2, arguments):
    pages = ec2.get_paginator("describe_images").paginate(**arguments)
    return [image for page in pages for image in page["Images"]]


def by_name(name, owner, architecture):
    """The arguments that find the available images of a name."""
    wanted = {"name": name, "state": "available", "architecture": architecture}
    filters = [{"Name": key, "Values": [value]} for key, value in wanted.items() if value]
    return {"Owners": [owner], "Filters": filters}


def newest(images):
    """The image that was made last, or None; of several at once the one whose name comes last."""
    return max(images, key=lambda image: (image["CreationDate"], image.get("Name", "")), default=None)


def read(image):
    sizes = {
        mapping["DeviceName"]: mapping["Ebs"].get("VolumeSize")
        for mapping in image.get("BlockDeviceMappings", [])
        if "Ebs" in mapping
    }
    return {
        "image_id": image["ImageId"],
        "name": image.get("Name", ""),
        "owner_id": image.get("OwnerId"),
        "architecture": image["Architecture"],
        "creation_date": image["CreationDate"],
        "root_device_name": image.get("RootDeviceName"),
        "root_volume_size_gib": sizes.get(image.get("RootDeviceName")),
    }


def choose(params, ec2, get_ssm):
    """The one image that is meant. Raises AnsibleAWSError, in a sentence that names the option, when there is none."""
    image_id, said = params["image_id"], f"image_id is {params['image_id']}"
    if params["parameter"]:
        image_id = parameter_value(get_ssm(), params["parameter"])
        if image_id is None:
            raise AnsibleAWSError(message=f"There is no parameter {params['parameter']} (parameter) in this region.")
        said = f"The parameter {params['parameter']} (parameter) holds {image_id}"
    if params["name"]:
        image = newest(find(ec2, by_name(params["name"], params["owner"], params["architecture"])))
        if image is None:
            kind = f" for {params['architecture']} (architecture)" if params["architecture"] else ""
            raise AnsibleAWSError(
                message=f"{params['owner']} (owner) has no available image{kind} called {params['name']} (name) in "
                "this region."
            )
        return read(image)
    # EC2 finds a malformed id to be a mistake in the request.
    image = next(iter(find(ec2, {"ImageIds": [image_id]})), None) if image_id.startswith("ami-") else None
    if image is None or image["State"] != "available":
        raise AnsibleAWSError(message=f"{said}, which is no available image in this region.")
    if params["architecture"] not in (None, image["Architecture"]):
        raise AnsibleAWSError(
            message=f"{said}, which is for {image['Architecture']}, but architecture is {params['architecture']}."
        )
    return read(image)


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "image_id": {"type": "str"},
            "parameter": {"type": "str"},
            "name": {"type": "str"},
            "owner": {"type": "str"},
            "architecture": {"type": "str", "choices": ["arm64", "x86_64"]},
        },
        mutually_exclusive=[("image_id", "parameter", "name")],
        required_one_of=[("image_id", "parameter", "name")],
        required_together=[("name", "owner")],
        supports_check_mode=True,
    )
    with aws_errors(module):
        image = choose(module.params, client(module, "ec2"), lambda: client(module, "ssm"))
    module.exit_json(changed=False, image=image)


if __name__ == "__main__":
    main()
