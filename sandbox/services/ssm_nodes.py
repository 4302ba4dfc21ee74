# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Managed nodes: machines of `sandbox.hosts` whose agent runs, and whose role lets it tell of itself. No others.

https://docs.aws.amazon.com/systems-manager/latest/userguide/fleet-manager-managed-nodes.html
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from moto.ec2.models import ec2_backends

from sandbox import hosts
from sandbox.errors import ServiceError
from sandbox.hosts.metadata import may
from sandbox.operations import Request, operation, states

_APPLICATIONS = r"dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${Maintainer}\n'"


def nodes(account: str, region: str) -> dict[str, Any]:
    """The machines that are managed nodes, by their IDs."""
    return {
        machine.instance_id: machine
        for machine in hosts.HOSTS.all(account, region)
        if machine.has_agent and may(machine, "ssm:UpdateInstanceInformation")
    }


def tags(account: str, region: str, instance_id: str) -> dict[str, str]:
    return {each["key"]: each["value"] for each in ec2_backends[account][region].get_instance(instance_id).get_tags()}


def matching(account: str, region: str, targets: list[dict[str, Any]]) -> list[str]:
    """The IDs of the managed nodes for which all conditions hold; the sandbox knows no resource groups."""

    def holds(instance_id: str, key: str, values: list[str]) -> bool:
        if key == "InstanceIds":
            return "*" in values or instance_id in values
        own = tags(account, region, instance_id)
        if key == "tag-key":
            return any(value in own for value in values)
        return key.startswith("tag:") and own.get(key.removeprefix("tag:")) in values

    return [each for each in nodes(account, region) if all(holds(each, one["Key"], one["Values"]) for one in targets)]


@operation("ssm", "DescribeInstanceInformation")
def describe_instance_information(request: Request) -> dict[str, Any]:
    account, region = request.account, request.region
    described = [_described(request, machine) for machine in nodes(account, region).values()]
    names: dict[str, Callable[[dict[str, Any], list[str]], bool]] = {
        "InstanceIds": lambda each, values: each["InstanceId"] in values,
        "PingStatus": lambda each, values: each["PingStatus"] in values,
        "PlatformTypes": lambda each, values: each["PlatformType"] in values,
        "AgentVersion": lambda each, values: each["AgentVersion"] in values,
        "ResourceType": lambda each, values: each["ResourceType"] in values,
        "IamRole": lambda each, values: False,
        "ActivationIds": lambda each, values: False,
        "AssociationStatus": lambda each, values: each.get("AssociationStatus") in values,
        "tag-key": lambda each, values: bool(tags(account, region, each["InstanceId"]).keys() & set(values)),
    }
    given = [(each["Key"], each["Values"]) for each in request.params.get("Filters", [])]
    given += [(each["key"], each["valueSet"]) for each in request.params.get("InstanceInformationFilterList", [])]
    for key, values in given:
        if key.startswith("tag:"):
            name = key.removeprefix("tag:")
            described = [each for each in described if tags(account, region, each["InstanceId"]).get(name) in values]
        elif key in names:
            described = [each for each in described if names[key](each, values)]
        else:
            raise ServiceError("InvalidFilterKey", f"{key} is not a valid filter key.")
    return {"InstanceInformationList": described}


def _described(request: Request, machine: Any) -> dict[str, Any]:
    # Asking the machine takes longer than all the rest, and the version changes with the agent's process alone.
    versions = request.state.setdefault("agent_versions", {})
    if machine.instance_id not in versions:
        versions[machine.instance_id] = machine.agent_version()
    known = {
        "InstanceId": machine.instance_id,
        "PingStatus": "Online",
        "LastPingDateTime": datetime.datetime.now(datetime.UTC),
        "AgentVersion": versions[machine.instance_id] or "3.0.0.0",
        "ResourceType": "EC2Instance",
        **machine.platform,
    }
    status = request.state.get("association_statuses", {}).get(machine.instance_id)
    return {**known, "AssociationStatus": status} if status else known


def forget_agent(account: str, region: str, instance_id: str) -> None:
    """Ask for the version of an agent anew, after something may have changed it."""
    states("ssm")[account][region].values.get("agent_versions", {}).pop(instance_id, None)


# Inventory


def gather(account: str, region: str, machine: Any) -> None:
    """What AWS-GatherSoftwareInventory puts there: the packages that are installed. Called without the lock."""
    lines = machine.run(_APPLICATIONS, 60).stdout.splitlines()
    entries = [
        dict(zip(("Name", "Version", "Architecture", "Publisher"), line.split("\t"), strict=False)) for line in lines
    ]
    states("ssm")[account][region].values.setdefault("applications", {})[machine.instance_id] = entries


@operation("ssm", "ListInventoryEntries")
def list_inventory_entries(request: Request) -> dict[str, Any]:
    """Of the inventory there is what AWS-GatherSoftwareInventory found of applications."""
    instance_id, kind = request.params["InstanceId"], request.params["TypeName"]
    found = request.state.get("applications", {}).get(instance_id, []) if kind == "AWS:Application" else []
    now = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
    known = {"TypeName": kind, "InstanceId": instance_id, "SchemaVersion": "1.1", "CaptureTime": now}
    return {**known, "Entries": found}
