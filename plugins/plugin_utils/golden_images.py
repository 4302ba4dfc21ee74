# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""When a golden image is to be made anew, and which of those that there are can go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

AVAILABLE = "available"


def input_hash(inputs: Mapping[str, Any]) -> str:
    """64 hexadecimal digits that are the same as long as all that goes into an image is.

    ``inputs`` may hold whatever JSON can say; the order of keys does not count, that of lists does.
    """
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def retirement(
    images: Iterable[Mapping[str, Any]], keep: int, keep_days: int, now: str, in_use: Mapping[str, str] | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Which images go, and which would, if nothing used them: ``{"retired": [...], "in_use": [...]}``, newest first.

    ``images`` have ``id``, ``state`` and ``created`` (ISO 8601, as EC2 says it). Of those that are available one goes
    only when it is neither among the newest ``keep`` nor younger than ``keep_days`` days at the time ``now`` (ISO 8601,
    with its offset). ``in_use`` are the images that something uses, by id, with what does; each of those that stay for
    it is answered with ``used_by``.
    """
    in_use = in_use or {}
    made = sorted(
        (image for image in images if image["state"] == AVAILABLE),
        key=lambda image: (_time(image["created"]), image["id"]),
        reverse=True,
    )
    oldest = _time(now) - timedelta(days=keep_days)
    old = [dict(image) for image in made[keep:] if _time(image["created"]) <= oldest]
    return {
        "retired": [image for image in old if image["id"] not in in_use],
        "in_use": [{**image, "used_by": in_use[image["id"]]} for image in old if image["id"] in in_use],
    }


def uses(
    launch_templates: Iterable[Mapping[str, Any]] = (),
    instances: Iterable[Mapping[str, Any]] = (),
    launch_configurations: Iterable[Mapping[str, Any]] = (),
    parameters: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """What uses an image, by the image's id, in words; of several uses the last that is looked at.

    The first three are what the modules ec2_launch_template_info, ec2_instance_info and autoscaling_launch_config_info
    answer; ``parameters`` are names of parameters of Systems Manager with the ids that they hold.
    """
    found = {}
    for instance in instances:
        found[instance["image_id"]] = f"the instance {instance['instance_id']}"
    for configuration in launch_configurations:
        name = configuration.get("launch_configuration_name") or configuration.get("name")
        found[configuration["image_id"]] = f"the launch configuration {name}"
    for template in launch_templates:
        for version in template.get("versions", []):
            image_id = version.get("launch_template_data", {}).get("image_id")
            if image_id:
                name = template["launch_template_name"]
                found[image_id] = f"version {version['version_number']} of the launch template {name}"
    for name, image_id in (parameters or {}).items():
        found[image_id] = f"the parameter {name}"
    return found


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
