# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can be wrong with the description of an estate, found before anything is touched.

Pure functions: they are given the inputs of the layers, what each cell's variables say, and what AWS said about the
cell, and answer sentences for people. Reading variables and asking AWS is the action plugin's work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import combinations

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.addresses import AddressError, network, subnet_plan
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.flows import check_flows
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.policies import BUCKET_DELIVERIES, KEY_SERVICES

CLOSE_ENOUGH = 0.8
# Known, and not among the inputs of a layer: it holds credentials, and plays hand it to modules, not to roles.
OTHER_VARIABLES = frozenset({"cell_connection"})
LONGEST_BUCKET_NAME = 63  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
LONGEST_ROLE_NAME = 64  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html


@dataclass(frozen=True)
class Layer:
    """A role that has inputs: ``options`` as in its argument specification, ``renamed`` old names to new ones."""

    name: str
    options: dict
    renamed: dict = field(default_factory=dict)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the names of its inputs begin with. Those of the cells are described with the estate's."""
        return (f"{self.name}_", "cell_") if self.name == "estate" else (f"{self.name}_",)


@dataclass
class Cell:
    """One cell as it is described: ``values`` of all inputs, the ``layers`` that run on it, and what AWS said.

    ``origins`` are the variables that somebody set, with where (``file:line``, or an empty string).
    ``account_id`` and ``zones`` are AWS's answer, ``refusal`` its error message when there is no answer.
    """

    name: str
    values: dict
    layers: list[str]
    origins: dict[str, str] = field(default_factory=dict)
    account_id: str | None = None
    zones: list[str] = field(default_factory=list)
    refusal: str | None = None

    def runs(self, layer: str) -> bool:
        """Whether this layer runs on the cell and its inputs have the right types."""
        return layer in self.layers


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that suggests the known name closest to a wrong one; empty when none is close."""
    close = get_close_matches(name, list(known), n=1, cutoff=CLOSE_ENOUGH)
    return f" Did you mean {close[0]}?" if close else ""


# Names


def check_names(cell: Cell, layers: list[Layer]) -> list[str]:
    """Variables that look like inputs of a layer and are not."""
    known = OTHER_VARIABLES.union(*(layer.options for layer in layers))
    renamed = {old: new for layer in layers for old, new in layer.renamed.items()}
    prefixes = {prefix: layer.name for layer in layers for prefix in layer.prefixes}
    problems = []
    for name, origin in cell.origins.items():
        if name in known:
            continue
        where = f" ({origin})" if origin else ""
        if name in renamed:
            problems.append(f"{name}{where} is now called {renamed[name]}. Rename it.")
            continue
        owner = next((layer for prefix, layer in prefixes.items() if name.startswith(prefix)), None)
        suggestion = did_you_mean(name, known)
        if owner:
            problems.append(f"{name}{where} is not an input of the layer {owner}.{suggestion}")
        elif suggestion:
            problems.append(f"{name}{where} is not an input of any layer.{suggestion}")
    return problems


def check_types(cell: Cell, layer: Layer) -> list[str]:
    """Inputs of a layer that are missing, of a wrong type or of a value that is not allowed."""
    values = {name: cell.values[name] for name in layer.options if cell.values.get(name) is not None}
    messages = ArgumentSpecValidator(layer.options).validate(values).error_messages
    return [f"The layer {layer.name} cannot use what it is given: {message}." for message in messages]


# Cross-references, a function for each layer


def check_estate(cell: Cell) -> list[str]:
    """The names from which all others are made."""
    problems = []
    for name, longest in (("estate_name", 20), ("estate_environment", 12)):
        if not re.fullmatch(rf"[a-z][a-z0-9-]{{1,{longest - 1}}}", cell.values[name]) or cell.values[name].endswith("-"):
            problems.append(
                f"{name} is {cell.values[name]!r}; it must be 2 to {longest} lower-case letters, digits and hyphens, "
                "begin with a letter and not end with a hyphen."
            )
    if not re.fullmatch(r"\d{12}", str(cell.values["cell_account_id"])):
        problems.append(f"cell_account_id is {cell.values['cell_account_id']!r}; an AWS account has twelve digits.")
    for name in ("Name", "Estate", "Environment", "Layer", "Component", "Owner", "CostCenter", "ManagedBy"):
        if name in cell.values["estate_tags"]:
            problems.append(f"estate_tags sets {name}, which is a tag of the estate's own.")
    for name in cell.values["estate_tags"]:
        if str(name).lower().startswith("aws:"):
            problems.append(f"estate_tags sets {name}; AWS keeps names that begin with aws: for itself.")
    return problems


def check_account(cell: Cell) -> list[str]:
    """Whether the credentials lead to the account that the inventory says."""
    if cell.refusal:
        return [f"AWS cannot be asked about the cell {cell.name}: {cell.refusal}"]
    stated = str(cell.values["cell_account_id"])
    if cell.account_id is not None and cell.account_id != stated:
        return [
            f"The credentials of the cell {cell.name} lead to the account {cell.account_id}, and cell_account_id says "
            f"{stated}. Nothing is done in an account that the inventory does not name."
        ]
    return []


def check_encryption(cell: Cell) -> list[str]:
    """Keys whose policy cannot be made."""
    problems = []
    for name, key in {**cell.values["encryption_keys"], **cell.values["encryption_extra_keys"]}.items():
        for service in key.get("services") or []:
            if service not in KEY_SERVICES:
                problems.append(
                    f"encryption_keys.{name}.services names {service!r}, which cannot use a key on its own. "
                    f"There are: {', '.join(sorted(KEY_SERVICES))}.{did_you_mean(service, KEY_SERVICES)}"
                )
        if key.get("callers") not in (None, "iam", "account"):
            problems.append(f"encryption_keys.{name}.callers is {key['callers']!r}; it is iam or account.")
        for unknown in set(key) - {"description", "via", "services", "callers"}:
            problems.append(
                f"encryption_keys.{name} has {unknown!r}, which no key has."
                + did_you_mean(unknown, ("description", "via", "services", "callers"))
            )
    if not 7 <= cell.values["encryption_deletion_window"] <= 30:
        problems.append(
            f"encryption_deletion_window is {cell.values['encryption_deletion_window']}; KMS allows 7 to 30 days."
        )
    return problems


BUCKET_OPTIONS = (
    "access_logs",
    "archive",
    "deliveries",
    "encryption_key",
    "object_lock",
    "replicate_to",
    "retention_days",
)


def check_storage(cell: Cell) -> list[str]:
    """Buckets that name a key, a delivery or a region that is not there, or whose name is too long."""
    problems = []
    buckets = {**cell.values["storage_buckets"], **cell.values["storage_extra_buckets"]}
    keys = {**cell.values["encryption_keys"], **cell.values["encryption_extra_keys"]}
    prefix = f"{cell.values['estate_name']}-{cell.values['estate_environment']}"
    for name, bucket in buckets.items():
        where = f"storage_buckets.{name}"
        full_name = f"{prefix}-{name}-{cell.values['cell_account_id']}-{cell.values['cell_region']}"
        if len(full_name) > LONGEST_BUCKET_NAME or not re.fullmatch(r"[a-z0-9][a-z0-9-]*[a-z0-9]", full_name):
            problems.append(
                f"{where} makes the bucket name {full_name!r}; a name has at most {LONGEST_BUCKET_NAME} characters, "
                "all of them lower-case letters, digits and hyphens."
            )
        if bucket.get("encryption_key") not in (None, *keys):
            problems.append(
                f"{where}.encryption_key is {bucket['encryption_key']!r}, and encryption_keys has no such key. "
                f"There are: {', '.join(sorted(keys))}.{did_you_mean(bucket['encryption_key'], keys)}"
            )
        for delivery in bucket.get("deliveries") or []:
            if delivery not in BUCKET_DELIVERIES:
                problems.append(
                    f"{where}.deliveries names {delivery!r}. There are: {', '.join(sorted(BUCKET_DELIVERIES))}."
                    + did_you_mean(delivery, BUCKET_DELIVERIES)
                )
        if bucket.get("deliveries") and bucket.get("encryption_key"):
            problems.append(f"{where} takes deliveries, which needs S3's own key: leave encryption_key out.")
        if bucket.get("access_logs") and "logs" not in buckets:
            problems.append(f"{where}.access_logs needs a bucket called logs.")
        for unknown in set(bucket) - set(BUCKET_OPTIONS):
            problems.append(f"{where} has {unknown!r}, which no bucket has.{did_you_mean(unknown, BUCKET_OPTIONS)}")
    return problems


def check_identity(cell: Cell) -> list[str]:
    """Roles whose trust or name cannot be made."""
    problems = []
    prefix = f"{cell.values['estate_name']}-{cell.values['estate_environment']}"
    for name, role in {**cell.values["identity_roles"], **cell.values["identity_extra_roles"]}.items():
        where = f"identity_roles.{name}"
        trust = role.get("trust") or {}
        if bool(trust.get("service")) == bool(trust.get("principals")):
            problems.append(f"{where}.trust needs either service or principals.")
        if role.get("instance_profile") and trust.get("service") != "ec2":
            problems.append(f"{where} has an instance_profile, and its trust is not for the service ec2.")
        if len(f"{prefix}-{name}") > LONGEST_ROLE_NAME:
            problems.append(f"{where} makes a name of more than {LONGEST_ROLE_NAME} characters: {prefix}-{name}.")
        if not role.get("description"):
            problems.append(f"{where} has no description: say what the role is for.")
    return problems


def check_account_baseline(cell: Cell) -> list[str]:
    """A password policy that IAM refuses."""
    ranges = {"minimum_length": (6, 128), "maximum_age_days": (1, 1095), "remembered_passwords": (1, 24)}
    policy = cell.values["account_baseline_password_policy"]
    return [
        f"account_baseline_password_policy.{name} is {policy[name]}; IAM allows {least} to {most}."
        for name, (least, most) in ranges.items()
        if name in policy and not least <= int(policy[name]) <= most
    ]


def check_network(cell: Cell) -> list[str]:
    """Addresses that do not fit, and zones that are not there."""
    problems = []
    zones, region = cell.values["network_zones"], cell.values["cell_region"]
    if not zones:
        problems.append("network_zones is empty; a network needs at least one zone.")
    if len(set(zones)) < len(zones):
        problems.append(f"network_zones names a zone twice: {', '.join(zones)}.")
    for zone in zones:
        if cell.zones and f"{region}{zone}" not in cell.zones:
            problems.append(
                f"network_zones names {zone!r}, and {region} has no zone {region}{zone}. "
                f"There are: {', '.join(name.removeprefix(region) for name in cell.zones)}."
            )
    try:
        own = [network(cidr) for cidr in (cell.values["network_cidr"], *cell.values["network_secondary_cidrs"])]
        for block in own:
            if not 16 <= block.prefixlen <= 28:
                problems.append(f"network_cidr {block} is too {'large' if block.prefixlen < 16 else 'small'} for a VPC.")
        problems += [
            f"The blocks {one} and {other} of network_cidr and network_secondary_cidrs overlap."
            for one, other in combinations(own, 2)
            if one.overlaps(other)
        ]
        plan = subnet_plan(cell.values["network_cidr"], zones, cell.values["network_subnet_cidrs"])
    except AddressError as error:
        return [*problems, f"network_cidr, network_secondary_cidrs and network_subnet_cidrs: {error}"]
    subnets = [(subnet["component"], network(subnet["cidr"])) for subnet in plan]
    problems += [
        f"network_subnet_cidrs puts {component} into {block}, which is outside the VPC."
        for component, block in subnets
        if not any(block.subnet_of(outer) for outer in own)
    ]
    problems += [
        f"network_subnet_cidrs makes {one[0]} ({one[1]}) and {other[0]} ({other[1]}) overlap."
        for one, other in combinations(subnets, 2)
        if one[1].overlaps(other[1])
    ]
    return problems


def check_security_groups(cell: Cell) -> list[str]:
    """Flows whose ends are not there, or that open a group to the world without saying so."""
    groups = {**cell.values["security_groups_groups"], **cell.values["security_groups_extra_groups"]}
    peers = {**cell.values["security_groups_peers"], **cell.values["security_groups_extra_peers"]}
    problems = []
    for name, peer in peers.items():
        if len(set(peer) & {"cidr", "prefix_list", "group"}) != 1 or len(peer) != 1:
            problems.append(f"security_groups_peers.{name} needs one of cidr, prefix_list and group, and nothing else.")
        if name in groups:
            problems.append(f"security_groups_peers.{name} has the name of a group; call one of them otherwise.")
    flows = [*cell.values["security_groups_flows"], *cell.values["security_groups_extra_flows"]]
    return problems + [f"security_groups_flows: {problem}" for problem in check_flows(flows, groups, peers)]


CHECKS: dict[str, Callable[[Cell], list[str]]] = {
    "estate": check_estate,
    "encryption": check_encryption,
    "storage": check_storage,
    "identity": check_identity,
    "account_baseline": check_account_baseline,
    "network": check_network,
    "security_groups": check_security_groups,
}


# Between cells


def check_cells(cells: list[Cell]) -> list[str]:
    """What does not hold between the cells of an estate: places that are taken twice, networks that overlap."""
    problems = []
    for one, other in combinations(cells, 2):
        if all(one.values.get(name) == other.values.get(name) for name in ("cell_account_id", "cell_region")):
            problems.append(
                f"The cells {one.name} and {other.name} are the same account and region: "
                f"{one.values['cell_account_id']} in {one.values['cell_region']}."
            )
    networked = [cell for cell in cells if cell.runs("network")]
    for one, other in combinations(networked, 2):
        blocks = [[c.values["network_cidr"], *c.values["network_secondary_cidrs"]] for c in (one, other)]
        for mine in blocks[0]:
            for theirs in blocks[1]:
                try:
                    overlap = network(mine).overlaps(network(theirs))
                except AddressError:
                    continue  # Said by check_network already.
                if overlap:
                    problems.append(
                        f"network_cidr: {mine} of the cell {one.name} and {theirs} of {other.name} overlap, "
                        "so the two could never be joined."
                    )
    regions = {cell.values.get("cell_region") for cell in cells}
    for cell in cells:
        if cell.runs("storage"):
            buckets = {**cell.values["storage_buckets"], **cell.values["storage_extra_buckets"]}
            for name, bucket in buckets.items():
                target = bucket.get("replicate_to")
                if target and target not in regions:
                    problems.append(
                        f"storage_buckets.{name}.replicate_to is {target!r}, and no cell is in that region. "
                        f"There are: {', '.join(sorted(regions))}."
                    )
    return problems


# All of it


def check_description(layers: list[Layer], cells: list[Cell]) -> list[str]:
    """Everything that is wrong with a description, each once, with the cells it is wrong in.

    A layer whose inputs have wrong types is not looked into further, since its cross-references mean nothing then.
    """
    found: dict[str, list[str]] = {}

    def report(cell: Cell, problems: list[str]) -> bool:
        for problem in problems:
            found.setdefault(problem, []).append(cell.name)
        return bool(problems)

    for cell in cells:
        report(cell, check_names(cell, layers))
        sound = {
            layer.name for layer in layers if layer.name in cell.layers and not report(cell, check_types(cell, layer))
        }
        cell.layers = [name for name in cell.layers if name in sound]
        if "estate" in sound:
            report(cell, check_account(cell))
        needs_keys = {"storage": "encryption"}
        for name, check in CHECKS.items():
            if name in sound and "estate" in sound and needs_keys.get(name, name) in sound:
                report(cell, check(cell))
    problems = [
        problem if len(names) == len(cells) or any(name in problem for name in names) else f"{problem} [{', '.join(names)}]"
        for problem, names in found.items()
    ]
    return problems + list(dict.fromkeys(check_cells([cell for cell in cells if cell.runs("estate")])))
