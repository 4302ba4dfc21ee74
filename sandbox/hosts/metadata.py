# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The instance metadata service, at 169.254.169.254 for every machine: which one asks, its address says.

Version 1 answers only where the instance's options let it, which an estate's never do.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
"""

from __future__ import annotations

import datetime
import http.server
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from moto.ec2.models.instances import Instance
from moto.kms.models import kms_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from sandbox.delivery import LOCK
from sandbox.services.iam import role_allows

_LONGEST = 21600
_FORM = "%Y-%m-%dT%H:%M:%SZ"


class Metadata(http.server.BaseHTTPRequestHandler):
    """Answers for one connection."""

    protocol_version = "HTTP/1.1"
    # From a token to the address it was given to, and when it ends.
    _tokens: ClassVar[dict[str, tuple[str, float]]] = {}

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with LOCK:
            instance = self._instance()
            seconds = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds") or ""
            # Who asks for somebody else is no machine.
            forwarded = "X-Forwarded-For" in self.headers
            if instance is None or instance.metadata_options.http_endpoint != "enabled" or forwarded:
                self._answer(403)
            elif self.path != "/latest/api/token":
                self._answer(404)
            elif not (seconds.isdigit() and 1 <= int(seconds) <= _LONGEST):
                self._answer(400)
            else:
                token = secrets.token_urlsafe(40)
                self._tokens[token] = (self.client_address[0], time.monotonic() + int(seconds))
                self._answer(200, token, {"X-aws-ec2-metadata-token-ttl-seconds": seconds})

    def do_GET(self) -> None:
        with LOCK:
            instance = self._instance()
            if instance is None or instance.metadata_options.http_endpoint != "enabled":
                self._answer(403)
            elif not self._may(instance):
                self._answer(401)
            else:
                found = _at(_tree(instance), self.path)
                self._answer(200 if found is not None else 404, found or "")

    def _instance(self) -> Instance | None:
        from sandbox.hosts import HOSTS

        machine = HOSTS.at(self.client_address[0])
        return machine.instance if machine else None

    def _may(self, instance: Instance) -> bool:
        token = self.headers.get("X-aws-ec2-metadata-token")
        if token is None:
            return instance.metadata_options.http_tokens == "optional"
        address, end = self._tokens.get(token, ("", 0.0))
        return address == self.client_address[0] and time.monotonic() < end

    def _answer(self, status: int, text: str = "", headers: dict[str, str] | None = None) -> None:
        content = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": "text/plain", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


def role_of(instance: Instance) -> Any:
    """The role that an instance has by its profile, or None."""
    association = next(
        (
            each
            for each in instance.ec2_backend.iam_instance_profile_associations.values()
            if each.instance.id == instance.id
        ),
        None,
    )
    return next(iter(association.iam_instance_profile.roles), None) if association else None


def alias_of(machine: Any, key: str) -> str:
    """The alias of a key, by its ID or ARN, as policies name it; a second one is not looked at."""
    aliases = kms_backends[machine.account][machine.region].list_aliases(key.rpartition("/")[2])
    return next((alias.alias_name for alias in aliases), "")


def may(machine: Any, action: str, resource: str = "*", context: Mapping[str, str] | None = None) -> bool:
    """Whether the role that a machine's instance has by its profile lets it do something in its own account."""
    role = role_of(machine.instance)
    known = {"s3:ResourceAccount": machine.instance.owner_id, **(context or {})}
    return bool(role) and role_allows(role.arn, action, resource, known)


def user_data(instance: Instance) -> str:
    """What the instance was told at its launch, or nothing."""
    return instance.user_data.decode("utf-8") if instance.user_data else ""


def _tree(instance: Instance) -> dict[str, Any]:
    interface = instance.nics[0]
    name = instance.private_dns_name
    mac = interface.mac_address
    meta: dict[str, Any] = {
        "ami-id": instance.image_id,
        "hostname": name,
        "instance-id": instance.id,
        "instance-type": instance.instance_type,
        "local-hostname": name,
        "local-ipv4": instance.private_ip,
        "mac": mac,
        "network": {"interfaces": {"macs": {mac: {"subnet-id": instance.subnet_id, "vpc-id": instance.vpc_id}}}},
        "placement": {
            "availability-zone": instance.placement.zone,
            "instance-id": instance.id,
            "region": instance.region_name,
        },
        "security-groups": "\n".join(group.name for group in interface.group_set),
        "services": {"domain": "amazonaws.com", "partition": get_partition(instance.region_name)},
    }
    role = role_of(instance)
    if role:
        meta["iam"] = {"security-credentials": {role.name: lambda: _credentials(instance, role)}}
    if instance.metadata_options.instance_metadata_tags == "enabled":
        meta["tags"] = {"instance": {tag["key"]: tag["value"] for tag in instance.get_tags()}}
    identity = {
        "accountId": instance.owner_id,
        "architecture": instance.architecture,
        "availabilityZone": instance.placement.zone,
        "imageId": instance.image_id,
        "instanceId": instance.id,
        "instanceType": instance.instance_type,
        "pendingTime": instance.launch_time.strftime(_FORM),
        "privateIp": instance.private_ip,
        "region": instance.region_name,
        "version": "2017-09-30",
    }
    latest: dict[str, Any] = {
        "dynamic": {"instance-identity": {"document": json.dumps(identity, indent=2)}},
        "meta-data": meta,
    }
    said = user_data(instance)
    return {"latest": {**latest, "user-data": said} if said else latest}


def _credentials(instance: Instance, role: Any) -> str:
    partition = get_partition(instance.region_name)
    session = sts_backends[instance.owner_id][partition].assume_role(
        instance.region_name, instance.id, role.arn, None, _LONGEST, None
    )
    return json.dumps(
        {
            "Code": "Success",
            "LastUpdated": datetime.datetime.now(datetime.UTC).strftime(_FORM),
            "Type": "AWS-HMAC",
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "Token": session.session_token,
            "Expiration": session.expiration.strftime(_FORM),
        },
        indent=2,
    )


def _at(tree: dict[str, Any], path: str) -> str | None:
    """A value, or the names in a directory; None where nothing is."""
    found: Any = tree
    for step in filter(None, path.partition("?")[0].split("/")):
        if not isinstance(found, dict) or step not in found:
            return None
        found = found[step]
    if isinstance(found, dict):
        return "\n".join(f"{name}/" if isinstance(each, dict) else name for name, each in found.items())
    return found() if callable(found) else str(found)
