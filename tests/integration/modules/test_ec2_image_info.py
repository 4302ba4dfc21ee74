# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION

MODULE = "ec2_image_info"
PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"


@pytest.fixture
def ec2(sandbox):
    return sandbox.client("ec2", REGION)


@pytest.fixture
def golden(ec2):
    """The ids of two images of our own, the older one first."""
    template = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    return [
        ec2.copy_image(Name=name, SourceImageId=template, SourceRegion=REGION)["ImageId"]
        for name in ("example-web-1", "example-web-2")
    ]


def test_by_a_public_parameter(modules, sandbox):
    answer = modules.run(MODULE, check=True, parameter=PARAMETER, architecture="arm64")
    assert not answer["changed"]
    image = answer["image"]
    held = sandbox.client("ssm", REGION).get_parameter(Name=PARAMETER)["Parameter"]["Value"]
    assert (image["image_id"], image["architecture"]) == (held, "arm64")
    assert (image["root_device_name"], image["root_volume_size_gib"]) == ("/dev/xvda", 15)
    assert image["name"].startswith("al2023-ami-")


def test_the_newest_by_its_name(modules, golden):
    assert modules.run(MODULE, name="example-web-*", owner="self")["image"]["image_id"] == golden[1]


def test_by_its_id(modules, golden):
    assert modules.run(MODULE, image_id=golden[0])["image"]["name"] == "example-web-1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"parameter": "/example/none"}, "There is no parameter /example/none (parameter)"),
        ({"parameter": PARAMETER, "architecture": "x86_64"}, "which is for arm64, but architecture is x86_64"),
        ({"image_id": "ami-0123456789abcdef0"}, "image_id is ami-0123456789abcdef0, which is no available image"),
        ({"image_id": "example"}, "image_id is example, which is no available image"),
        ({"name": "example-*", "owner": "self"}, "self (owner) has no available image called example-* (name)"),
        (
            {"name": "example-*", "owner": "self", "architecture": "arm64"},
            "no available image for arm64 (architecture) called",
        ),
        ({"name": "example-*"}, "parameters are required together: name, owner"),
    ],
)
def test_there_is_none(modules, sandbox, arguments, said):
    assert said in modules.attempt(MODULE, **arguments)["msg"]
