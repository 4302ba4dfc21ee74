# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2: images take their time, and have what was written in the machine that they are made of.

An image is made of a machine as it is, as with NoReboot; stop the instance first for one that is consistent. Its
snapshot is as large as the machine's volume, and encrypted by the same key; a copy's by the key that is said.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/creating-an-ami-ebs.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMIEncryption.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.amis import Ami
from moto.ec2.models.instances import Instance
from moto.ec2.responses.instances import InstanceResponse

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.hosts import HOSTS
from sandbox.operations import Request, mend, operation


@mend(EC2Backend, "create_image")
def create_image(
    original: Callable, self: Any, instance_id: str, name: str, description: str, tag_specifications: list[dict]
) -> Ami:
    """Its snapshot has tags, too, and is like the volume; moto knows no tags of snapshots, and has its own volume.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
    """
    for other in self.amis.values():
        if other.name == name and other.owner_id == self.account_id:
            raise ServiceError("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {other.id}")
    of_image = [one for one in tag_specifications if one["ResourceType"] != "snapshot"]
    image = original(self, instance_id, name, description, tag_specifications=of_image)
    _tag(image.ebs_snapshot, tag_specifications, "snapshot")
    instance = self.get_instance(instance_id)
    source = self.amis.get(instance.image_id)
    image.root_device_name = instance.root_device_name or (source.root_device_name if source else "/dev/sda1")
    image.root_device_type = "ebs"
    device = instance.block_device_mapping.get(image.root_device_name)
    volume = self.volumes.get(device.volume_id) if device else None
    if volume:
        _resemble(image, volume.size, volume.volume_type, volume.encrypted, volume.kms_key_id)
    HOSTS.keep(instance_id, image.id)
    for part, *change in _parts(image):
        CLOCK.turn(part, *change, "image.creation")
    return image


@mend(EC2Backend, "run_instances")
def run_instances(original: Callable, self: Any, image_id: str, *args: Any, **kwargs: Any) -> Any:
    """An image that is not available, or not any more, launches nothing.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    """
    image = self.amis.get(image_id)
    if image_id in self.deleted_amis or (image and image.state != "available"):
        raise ServiceError("InvalidAMIID.Unavailable", f"The image id '[{image_id}]' is not available")
    return original(self, image_id, *args, **kwargs)


@mend(Instance, "add_block_device")
def add_block_device(
    original: Callable,
    self: Instance,
    size: int | None,
    device_path: str,
    snapshot_id: str | None = None,
    encrypted: bool = False,
    delete_on_termination: bool = False,
    kms_key_id: str | None = None,
    volume_type: str | None = None,
) -> None:
    """What is not said of the root volume is as the image says; it is never smaller than the image's snapshot.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-device-mapping-concepts.html
    """
    image = self.ec2_backend.amis.get(self.image_id)
    if image and not snapshot_id and device_path == image.root_device_name:
        snapshot = image.ebs_snapshot
        least = snapshot.volume.size
        size = size or least
        if image.owner_id == self.ec2_backend.account_id and int(size) < least:
            raise ServiceError(
                "InvalidBlockDeviceMapping",
                f"Volume of size {size}GB is smaller than snapshot '{snapshot.id}', expect size >= {least}GB",
            )
        if snapshot.encrypted and not kms_key_id:
            encrypted, kms_key_id = True, snapshot.kms_key_id
    original(
        self, size, device_path, snapshot_id, encrypted, delete_on_termination, kms_key_id, volume_type=volume_type
    )


@mend(InstanceResponse, "_validate_block_device_mapping")
def validate_block_device_mapping(original: Callable, device_mapping: dict[str, Any]) -> None:
    """Without a size a volume has that of its image's, see above; where there is none, it is missed later."""
    ebs = device_mapping.get("Ebs")
    original(device_mapping if ebs is None else {**device_mapping, "Ebs": {"VolumeSize": 1, **ebs}})


@operation("ec2", "CopyImage", instead_of_moto="It takes no notice of encryption and tags, and forgets the devices.")
def copy_image(request: Request) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyImage.html"""
    params, backend = request.params, request.backend
    elsewhere = ec2_backends[backend.account_id][params["SourceRegion"]]
    source = elsewhere.describe_images(ami_ids=[params["SourceImageId"]])[0]
    key = params.get("KmsKeyId")
    if key and not params.get("Encrypted") and not source.ebs_snapshot.encrypted:
        raise ServiceError(
            "InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set."
        )
    image = backend.copy_image(source.id, params["SourceRegion"], params["Name"], params.get("Description"))
    encrypted = bool(params.get("Encrypted") or source.ebs_snapshot.encrypted)
    if encrypted and not key:
        key = _default_key(backend)
    image.root_device_name, image.root_device_type = source.root_device_name, source.root_device_type
    _resemble(image, source.ebs_snapshot.volume.size, _volume_type(source), encrypted, key if encrypted else None)
    specifications = params.get("TagSpecifications") or []
    if params.get("CopyImageTags"):
        own = [tag for tag in source.get_tags() if not tag["key"].startswith("aws:")]
        image.add_tags({tag["key"]: tag["value"] for tag in own})
    _tag(image, specifications, "image")
    _tag(image.ebs_snapshot, specifications, "snapshot")
    HOSTS.copy_image(source.id, image.id)
    for part, *change in _parts(image):
        CLOCK.turn(part, *change, "image.copying")
    return {"ImageId": image.id}


@operation("ec2", "DeregisterImage", instead_of_moto="It deletes no snapshots with the image.")
def deregister_image(request: Request) -> dict[str, Any]:
    """What runs goes on. Snapshots stay unless it is said, and until then could not be deleted alone.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html
    """
    backend, image_id = request.backend, request.params["ImageId"]
    image = backend.amis.get(image_id)
    backend.deregister_image(image_id)
    answer: dict[str, Any] = {"Return": True}
    if request.params.get("DeleteAssociatedSnapshots") and image:
        backend.delete_snapshot(image.ebs_snapshot.id)
        answer["DeleteSnapshotResults"] = [{"SnapshotId": image.ebs_snapshot.id, "ReturnCode": "success"}]
    return answer


@mend(Ami, "block_device_mappings")
def block_device_mappings(original: Callable, self: Ami) -> list[dict[str, Any]]:
    """Whether a volume is encrypted is said of every image, and its size is that of its snapshot.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsBlockDevice.html
    """
    (mapping,) = original(self)
    snapshot = self.ebs_snapshot
    ebs = {"VolumeSize": snapshot.volume.size, "VolumeType": _volume_type(self), "Encrypted": bool(snapshot.encrypted)}
    return [{**mapping, "Ebs": {**mapping["Ebs"], **ebs, "DeleteOnTermination": True}}]


def _volume_type(image: Ami) -> str:
    return str(getattr(image, "_volume_type", "gp2"))


def _resemble(image: Ami, size: int, kind: str, encrypted: bool, key: str | None) -> None:
    """Let the snapshot of an image be like a volume."""
    snapshot = image.ebs_snapshot
    snapshot.volume.size, image._volume_type = size, kind or "gp2"
    snapshot.encrypted, snapshot.kms_key_id = bool(encrypted), key


def _default_key(backend: Any) -> str:
    if not backend.default_kms_key_id:
        backend._create_default_encryption_key()
    return str(backend.default_kms_key_id)


def _tag(resource: Any, specifications: list[dict], kind: str) -> None:
    for one in specifications:
        if one["ResourceType"] == kind:
            resource.add_tags({tag["Key"]: tag["Value"] for tag in one["Tags"]})


def _parts(image: Ami) -> Iterator[tuple[Any, str, str, str]]:
    """What of an image takes its time, with how it changes."""
    yield image, "state", "pending", "available"
    yield image.ebs_snapshot, "status", "pending", "completed"
