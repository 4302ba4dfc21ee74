# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2: the account's regional settings, which moto lacks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from sandbox.errors import ServiceError
from sandbox.operations import Request, operation

Function = Callable[[Request], dict[str, Any]]


def ec2_operation(name: str) -> Callable[[Function], Function]:
    """Register an EC2 operation, which answers a dry run as EC2 does."""

    def register(function: Function) -> Function:
        @functools.wraps(function)
        def run(request: Request) -> dict[str, Any]:
            if request.params.get("DryRun"):
                message = "Request would have succeeded, but DryRun flag is set."
                raise ServiceError("DryRunOperation", message)
            return function(request)

        return operation("ec2", name)(run)

    return register


# EBS encryption by default. moto has the switch and ModifyEbsDefaultKmsKeyId.


@ec2_operation("GetEbsDefaultKmsKeyId")
def get_ebs_default_kms_key_id(request: Request) -> dict[str, Any]:
    backend = request.backend
    return {"KmsKeyId": backend.default_kms_key_id or backend._create_default_encryption_key()}


@ec2_operation("ResetEbsDefaultKmsKeyId")
def reset_ebs_default_kms_key_id(request: Request) -> dict[str, Any]:
    return {"KmsKeyId": request.backend._create_default_encryption_key()}


# Instance metadata defaults. Nothing is set in a new account; no-preference, or -1 hops, clears a setting.


@ec2_operation("ModifyInstanceMetadataDefaults")
def modify_instance_metadata_defaults(request: Request) -> dict[str, Any]:
    given = {name: value for name, value in request.params.items() if name != "DryRun"}
    hops = given.get("HttpPutResponseHopLimit")
    if hops is not None and hops != -1 and not 1 <= hops <= 64:
        message = f"Value ({hops}) for parameter HttpPutResponseHopLimit is invalid. It must be -1, or from 1 to 64."
        raise ServiceError("InvalidParameterValue", message)
    defaults = request.state.setdefault("instance_metadata_defaults", {})
    for name, value in given.items():
        if value in ("no-preference", -1):
            defaults.pop(name, None)
        else:
            defaults[name] = value
    return {"Return": True}


@ec2_operation("GetInstanceMetadataDefaults")
def get_instance_metadata_defaults(request: Request) -> dict[str, Any]:
    return {"AccountLevel": {**request.state.get("instance_metadata_defaults", {}), "ManagedBy": "account"}}


# Block public access for images: on in every account that had no public image in July 2023, so in a new one.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html


@ec2_operation("EnableImageBlockPublicAccess")
def enable_image_block_public_access(request: Request) -> dict[str, Any]:
    request.state["image_block_public_access"] = request.params["ImageBlockPublicAccessState"]
    return {"ImageBlockPublicAccessState": request.state["image_block_public_access"]}


@ec2_operation("DisableImageBlockPublicAccess")
def disable_image_block_public_access(request: Request) -> dict[str, Any]:
    request.state["image_block_public_access"] = "unblocked"
    return {"ImageBlockPublicAccessState": "unblocked"}


@ec2_operation("GetImageBlockPublicAccessState")
def get_image_block_public_access_state(request: Request) -> dict[str, Any]:
    state = request.state.get("image_block_public_access", "block-new-sharing")
    return {"ImageBlockPublicAccessState": state, "ManagedBy": "account"}


# Block public access for snapshots: off until somebody switches it on.


@ec2_operation("EnableSnapshotBlockPublicAccess")
def enable_snapshot_block_public_access(request: Request) -> dict[str, Any]:
    state = request.params["State"]
    if state == "unblocked":
        raise ServiceError("InvalidParameterValue", "Value (unblocked) for parameter State is invalid.")
    request.state["snapshot_block_public_access"] = state
    return {"State": state}


@ec2_operation("DisableSnapshotBlockPublicAccess")
def disable_snapshot_block_public_access(request: Request) -> dict[str, Any]:
    request.state["snapshot_block_public_access"] = "unblocked"
    return {"State": "unblocked"}


@ec2_operation("GetSnapshotBlockPublicAccessState")
def get_snapshot_block_public_access_state(request: Request) -> dict[str, Any]:
    state = request.state.get("snapshot_block_public_access", "unblocked")
    return {"State": state, "ManagedBy": "account"}


# Access to the serial console: off until somebody switches it on.


def _set_serial_console_access(request: Request, enabled: bool) -> dict[str, Any]:
    request.state["serial_console_access"] = enabled
    return {"SerialConsoleAccessEnabled": enabled}


@ec2_operation("EnableSerialConsoleAccess")
def enable_serial_console_access(request: Request) -> dict[str, Any]:
    return _set_serial_console_access(request, True)


@ec2_operation("DisableSerialConsoleAccess")
def disable_serial_console_access(request: Request) -> dict[str, Any]:
    return _set_serial_console_access(request, False)


@ec2_operation("GetSerialConsoleAccessStatus")
def get_serial_console_access_status(request: Request) -> dict[str, Any]:
    enabled = request.state.get("serial_console_access", False)
    return {"SerialConsoleAccessEnabled": enabled, "ManagedBy": "account"}
