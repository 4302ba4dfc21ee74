# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2: images take their time, and have what was written in the machine that they are made of.

An image is made of a machine as it is, as with NoReboot; stop the instance first for one that is consistent.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/creating-an-ami-ebs.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import Ami

from sandbox.clock import CLOCK
from sandbox.hosts import HOSTS
from sandbox.operations import mend


@mend(EC2Backend, "create_image")
def create_image(original: Callable, self: Any, instance_id: str, *args: Any, **kwargs: Any) -> Ami:
    image = original(self, instance_id, *args, **kwargs)
    HOSTS.keep(instance_id, image.id)
    CLOCK.turn(image, "state", "pending", "available", "image.creation")
    return image


@mend(EC2Backend, "copy_image")
def copy_image(original: Callable, self: Any, source_image_id: str, *args: Any, **kwargs: Any) -> Ami:
    image = original(self, source_image_id, *args, **kwargs)
    HOSTS.copy_image(source_image_id, image.id)
    CLOCK.turn(image, "state", "pending", "available", "image.copying")
    return image
