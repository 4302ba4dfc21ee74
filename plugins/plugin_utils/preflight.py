# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can be wrong with the description of an estate, found before anything is touched.

Pure functions: they are given the inputs of the layers, what each cell's variables say, and what AWS said about the
cell, and answer sentences for people. Reading variables and asking AWS is the action plugin's work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

from ansible_collections.wellarchitected.aws.plugins.plugin_utils import (
    cloudwatch_agent,
    command_documents,
    findings,
)
from ansible_collections.wellarchitected.aws.plugins.plugin_utils import compute as servers
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.addresses import (
    SMALLEST_SUBNET,
    AddressError,
    network,
    subnet_plan,
)
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.flows import (
    FlowError,
    check_flows,
    is_range,
    ports_of,
)
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.inputs import did_you_mean, wrong_values
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.policies import BUCKET_DELIVERIES, KEY_SERVICES

# Known, and not among the inputs of a layer: it holds credentials, and plays hand it to modules, not to roles.
OTHER_VARIABLES = frozenset({"cell_connection"})
LONGEST_BUCKET_NAME = 63  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
LARGEST_BLOCK = 16  # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
# https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html: of the first name of a certificate.
LONGEST_DOMAIN = 64
# https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
LONGEST_HEALTH_TEXT = 255
LONGEST_LIFE = 825  # days, of an imported certificate that clients accept
MOST_NAMES = 10  # https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
# https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html
AMAZONS_AUTHORITIES = frozenset({"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"})
CERTIFICATE_ARN = re.compile(r"arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate/[\w-]+")
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"({LABEL}\.)+{LABEL}")
LONGEST_TTL = 2**31 - 1  # https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
LONGEST_ROLE_NAME = 64  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_LOAD_BALANCER_NAME = (
    32  # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
)
MOST_REQUESTS = 2_000_000_000  # https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html


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
    ``uncomputed`` says of each input whose value could not be computed why.
    """

    name: str
    values: dict
    layers: list[str]
    origins: dict[str, str] = field(default_factory=dict)
    account_id: str | None = None
    zones: list[str] = field(default_factory=list)
    refusal: str | None = None
    uncomputed: dict[str, str] = field(default_factory=dict)

    def runs(self, layer: str) -> bool:
        """Whether this layer runs on the cell and its inputs have the right types."""
        return layer in self.layers


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


def entries(options: dict) -> dict:
    """The specification of a dictionary, each value of which has these options."""
    return {"entries": {"type": "dict", "options": options}}


TEXT, FLAG, TEXTS = {"type": "str"}, {"type": "bool"}, {"type": "list", "elements": "str"}
KEYS = entries(
    {
        "description": TEXT,
        "via": TEXTS,
        "services": {**TEXTS, "choices": sorted(KEY_SERVICES)},
        "callers": {**TEXT, "choices": ["iam", "account"]},
        "contexts": TEXTS,
    }
)
BUCKETS = entries(
    {
        "access_logs": FLAG,
        "archive": FLAG,
        "deliveries": {**TEXTS, "choices": sorted(BUCKET_DELIVERIES)},
        "encryption_key": TEXT,
        "object_lock": {
            "type": "dict",
            "options": {
                "mode": {**TEXT, "choices": ["GOVERNANCE", "COMPLIANCE"], "required": True},
                "days": {"type": "int"},
                "years": {"type": "int"},
            },
        },
        "replicate_to": TEXT,
        "retention_days": {"type": "int"},
        "versioning": FLAG,
    }
)
ROLES = entries(
    {
        "description": {**TEXT, "required": True},
        "trust": {
            "type": "dict",
            "options": {"service": TEXT, "principals": TEXTS, "conditions": {"type": "dict"}},
            "required": True,
        },
        "statements": {"type": "list", "elements": "dict"},
        "managed_policies": TEXTS,
        "instance_profile": FLAG,
    }
)
SERVERS = entries(
    {
        "zone": {**TEXT, "required": True},
        "instance_type": TEXT,
        "image": {
            "type": "dict",
            "options": {**dict.fromkeys(("id", "name", "owner", "parameter"), TEXT), "golden": FLAG},
        },
        "volume": {"type": "dict", "options": {name: {"type": "int"} for name in servers.GP3}},
        "user_data": TEXT,
        "security_group": TEXT,
        "instance_profile": TEXT,
        "patch_group": TEXT,
        "reboot": FLAG,
    }
)
RULES = entries(
    {
        "description": {**TEXT, "required": True},
        "identifier": {**TEXT, "required": True},
        "parameters": {"type": "dict"},
        "resource_types": TEXTS,
        "frequency": {**TEXT, "choices": ["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"]},
        "global_resources": FLAG,
        "close_ports": {"type": "list", "elements": "int"},
        "remediation": {
            "type": "dict",
            "options": {
                **{key: {**TEXT, "required": True} for key in ("document", "resource_parameter", "role")},
                "parameters": {"type": "dict"},
                "automatic": FLAG,
            },
        },
    }
)
COMPLIANCE_LEVEL = {**TEXT, "choices": ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNSPECIFIED"]}
BASELINES = entries(
    {
        "approval_rules": {
            "type": "list",
            "elements": "dict",
            "options": {
                "filters": {"type": "dict", "required": True},
                "approve_after_days": {"type": "int"},
                "compliance_level": COMPLIANCE_LEVEL,
                "enable_non_security": FLAG,
            },
        },
        "approved_patches": TEXTS,
        "approved_patches_compliance_level": COMPLIANCE_LEVEL,
        "rejected_patches": TEXTS,
        "rejected_patches_action": {**TEXT, "choices": ["ALLOW_AS_DEPENDENCY", "BLOCK"]},
    }
)
DOCUMENTS = entries(
    {
        "description": {**TEXT, "required": True},
        "parameters": {
            "type": "dict",
            **entries(
                {
                    "type": {**TEXT, "choices": list(command_documents.TYPES)},
                    "description": TEXT,
                    "default": TEXT,
                    "allowed_values": TEXTS,
                    "allowed_pattern": TEXT,
                }
            ),
        },
        "lines": {**TEXTS, "required": True},
        "timeout": {"type": "int"},
    }
)
GROUPS = {"entries": TEXT}
PEERS = entries({"cidr": TEXT, "prefix_list": TEXT, "group": TEXT})
ENDPOINTS = entries(
    {"instances": {"type": "list", "elements": "int"}, "type": {"type": "str", "choices": ["READER", "ANY"]}}
)
EVENTS = entries(
    {
        "pattern": {"type": "dict", "required": True},
        "topic": {**TEXT, "choices": ["critical", "warning", "information"], "required": True},
        "regions": TEXTS,
        "description": TEXT,
    }
)
# What argument specifications cannot say: what stands below names that the user chooses.
ENTRIES = {
    "encryption_keys": KEYS,
    "encryption_extra_keys": KEYS,
    "storage_buckets": BUCKETS,
    "storage_extra_buckets": BUCKETS,
    "identity_roles": ROLES,
    "identity_extra_roles": ROLES,
    "identity_policies": entries(
        {
            "description": {**TEXT, "required": True},
            "statements": {"type": "list", "elements": "dict", "required": True},
        }
    ),
    "notification_events": EVENTS,
    "notification_extra_events": EVENTS,
    "compliance_rules": RULES,
    "compliance_extra_rules": RULES,
    "compute_instances": SERVERS,
    "patching_baselines": BASELINES,
    "patching_extra_baselines": BASELINES,
    "maintenance_documents": DOCUMENTS,
    "maintenance_extra_documents": DOCUMENTS,
    "database_endpoints": ENDPOINTS,
    "security_groups_groups": GROUPS,
    "security_groups_extra_groups": GROUPS,
    "security_groups_peers": PEERS,
    "security_groups_extra_peers": PEERS,
}


def has_gaps(cell: Cell, layer: Layer) -> bool:
    """Whether an input lacks the value that it should have, because it could not be computed."""
    return any(
        name not in cell.values and (name in cell.origins or "default" in option or option.get("required"))
        for name, option in layer.options.items()
    )


def check_types(cell: Cell, layer: Layer) -> list[str]:
    """Inputs of a layer that are missing, of a wrong type or of a value that is not allowed.

    A default is wrong only where it is made of an input that is, which is said of that one.
    """
    problems = []
    for name, option in layer.options.items():
        if name in cell.values and name in cell.origins:
            where = f" ({cell.origins[name]})" if cell.origins.get(name) else ""
            wrong = list(wrong_values(cell.values[name], {**option, **ENTRIES.get(name, {})}))
            if option.get("no_log") and wrong:
                # What is wrong of a secret would show it.
                wrong = [("", f"is a secret that is not of the type {option.get('type', 'str')}.")]
            problems += [f"{name}{path}{where} {what}" for path, what in wrong]
        elif option.get("required") and not {name} & (cell.values.keys() | cell.origins.keys()):
            problems.append(f"{name} is missing.")
    return problems


# Cross-references, a function for each layer


def check_estate(cell: Cell) -> list[str]:
    """The names from which all others are made."""
    problems = []
    for name, longest in (("estate_name", 20), ("estate_environment", 12)):
        value = str(cell.values[name])
        # A hyphen parts the two in every name: with one inside, an estate could take another's resources for its own.
        if not re.fullmatch(rf"[a-z][a-z0-9]{{1,{longest - 1}}}", value):
            rule = f"2 to {longest} lower-case letters and digits, and begin with a letter"
            problems.append(f"{name} is {value!r}; it must be {rule}.")
    if not re.fullmatch(r"\d{12}", str(cell.values["cell_account_id"])):
        problems.append(f"cell_account_id is {cell.values['cell_account_id']!r}; an AWS account has twelve digits.")
    domain = str(cell.values["estate_domain"])
    if not DOMAIN.fullmatch(domain):
        problems.append(
            f"estate_domain is {domain!r}, which is no domain name such as shop.example.com, in lower case and without "
            "a dot at its end."
        )
    elif len(domain) > LONGEST_DOMAIN:
        problems.append(f"estate_domain has {len(domain)} characters; a certificate takes {LONGEST_DOMAIN}.")
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions
    if not re.fullmatch(r"/[A-Za-z0-9_.$/~\"'@:+&()!,;=-]{0,127}", str(cell.values["estate_health_path"])):
        problems.append(
            f"estate_health_path is {cell.values['estate_health_path']!r}; it must begin with a slash, have 128 "
            "characters at the most, and neither a query nor a pattern."
        )
    if len(str(cell.values["estate_health_text"])) > LONGEST_HEALTH_TEXT:
        problems.append(
            f"estate_health_text has {len(str(cell.values['estate_health_text']))} characters; Route 53 looks for "
            f"{LONGEST_HEALTH_TEXT} at the most."
        )
    for name in ("Name", "Estate", "Environment", "Layer", "Component", "Owner", "CostCenter", "ManagedBy"):
        if name in cell.values["estate_tags"]:
            problems.append(f"estate_tags sets {name}, which is a tag of the estate's own.")
    for name in cell.values["estate_tags"]:
        if str(name).lower().startswith("aws:"):
            problems.append(f"estate_tags sets {name}; AWS keeps names that begin with aws: for itself.")
    return problems


def check_account(cell: Cell) -> list[str]:
    """Whether the credentials lead to the account that the inventory says."""
    if cell.refusal and not cell.uncomputed:  # What could not be computed is said, and is why AWS was not asked.
        return [f"AWS cannot be asked about the cell {cell.name}: {cell.refusal}"]
    stated = cell.values.get("cell_account_id")
    if None not in (stated, cell.account_id) and cell.account_id != str(stated):
        return [
            f"The credentials of the cell {cell.name} lead to the account {cell.account_id}, and cell_account_id says "
            f"{stated}. Nothing is done in an account that the inventory does not name."
        ]
    return []


def both(cell: Cell, layer: str, what: str) -> dict[str, Any]:
    """An input with what the input beside it adds: ``storage_buckets`` with ``storage_extra_buckets``."""
    return {**cell.values[f"{layer}_{what}"], **cell.values[f"{layer}_extra_{what}"]}


def written(cell: Cell, layer: str, what: str) -> Iterator[tuple[str, str, Any]]:
    """The entries of both these inputs: where each is written, its name, and what it is."""
    for name, entry in both(cell, layer, what).items():
        extra = "extra_" if name in cell.values[f"{layer}_extra_{what}"] else ""
        yield f"{layer}_{extra}{what}.{name}", name, entry


def check_encryption(cell: Cell) -> list[str]:
    """A time to take keys back that KMS refuses."""
    if 7 <= cell.values["encryption_deletion_window"] <= 30:
        return []
    return [f"encryption_deletion_window is {cell.values['encryption_deletion_window']}; KMS allows 7 to 30 days."]


def check_storage(cell: Cell) -> list[str]:
    """Buckets that name a key that is not there, contradict themselves, or whose name is too long."""
    problems = []
    buckets, keys = both(cell, "storage", "buckets"), both(cell, "encryption", "keys")
    prefix = f"{cell.values['estate_name']}-{cell.values['estate_environment']}"
    for where, name, bucket in written(cell, "storage", "buckets"):
        full_name = f"{prefix}-{name}-{cell.values['cell_account_id']}-{cell.values['cell_region']}"
        if name == "static":
            problems.append(f"{where} has the name of the bucket of the layer static_content; call it otherwise.")
        if not re.fullmatch(r"[a-z0-9-]+", str(name)):
            problems.append(f"{where}: the name of a bucket has lower-case letters, digits and hyphens only.")
        if len(full_name) > LONGEST_BUCKET_NAME:
            problems.append(
                f"{where} makes the name {full_name}, which has {len(full_name)} characters; S3 allows "
                f"{LONGEST_BUCKET_NAME}."
            )
        if "encryption_key" in bucket and bucket["encryption_key"] not in keys:
            problems.append(
                f"{where}.encryption_key is {bucket['encryption_key']!r}, and encryption_keys has no such key. "
                f"There are: {', '.join(sorted(keys))}.{did_you_mean(bucket['encryption_key'], keys)}"
            )
        if bucket.get("deliveries") and "encryption_key" in bucket:
            problems.append(f"{where} takes deliveries, which needs S3's own key: leave encryption_key out.")
        if bucket.get("access_logs") and "logs" not in buckets:
            problems.append(f"{where}.access_logs needs a bucket called logs.")
        if "object_lock" in bucket and ("days" in bucket["object_lock"]) == ("years" in bucket["object_lock"]):
            problems.append(f"{where}.object_lock needs either days or years.")
    return problems


def check_identity(cell: Cell) -> list[str]:
    """Roles whose trust or name cannot be made."""
    problems = []
    prefix = f"{cell.values['estate_name']}-{cell.values['estate_environment']}"
    for where, name, role in written(cell, "identity", "roles"):
        trust = role["trust"]
        if bool(trust.get("service")) == bool(trust.get("principals")):
            problems.append(f"{where}.trust needs either service or principals.")
        if role.get("instance_profile") and trust.get("service") != "ec2":
            problems.append(f"{where} has an instance_profile, and its trust is not for the service ec2.")
        if len(f"{prefix}-{name}") > LONGEST_ROLE_NAME:
            problems.append(f"{where} makes the name {prefix}-{name}; IAM allows {LONGEST_ROLE_NAME} characters.")
    return problems


def check_account_baseline(cell: Cell) -> list[str]:
    """A password policy that IAM refuses."""
    ranges = {"minimum_length": (6, 128), "maximum_age_days": (1, 1095), "remembered_passwords": (1, 24)}
    policy = cell.values["account_baseline_password_policy"]
    return [
        f"account_baseline_password_policy.{name} is {policy[name]}; IAM allows {least} to {most}."
        for name, (least, most) in ranges.items()
        if name in policy and not least <= policy[name] <= most
    ]


def check_dns(cell: Cell) -> list[str]:
    """Zones whose names are none, or of which one hides the other; records that Route 53 refuses."""
    problems = []
    private, domain = str(cell.values["dns_private_zone"]), str(cell.values["estate_domain"])
    if private and not DOMAIN.fullmatch(private):
        problems.append(
            f"dns_private_zone is {private!r}, which is no domain name such as production.internal, in lower case and "
            "without a dot at its end."
        )
    if private and f".{domain}".endswith(f".{private}"):
        problems.append(
            f"dns_private_zone is {private!r}, which would hide {domain} (estate_domain) from everything in the VPC."
        )
    problems += [
        f"dns_certificate_authorities[{number}] is {name!r}, which is no domain name such as amazon.com."
        for number, name in enumerate(cell.values["dns_certificate_authorities"])
        if not DOMAIN.fullmatch(str(name))
    ]
    if not 0 <= cell.values["dns_ttl"] <= LONGEST_TTL:
        problems.append(f"dns_ttl is {cell.values['dns_ttl']}; Route 53 allows 0 to {LONGEST_TTL} seconds.")
    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html
    if cell.values["dns_public"] and cell.values["dns_query_logs"] and cell.values["cell_region"] != "us-east-1":
        problems.append(
            f"dns_query_logs is true, and the cell that keeps the public zone is in {cell.values['cell_region']}; "
            "Route 53 logs queries in us-east-1 only. Move the cell of the group global there, or set it to false."
        )
    return problems


def check_certificates(cell: Cell) -> list[str]:
    """Certificates that AWS would not issue, or that are not where they are said to be."""
    problems = []
    domain, names = str(cell.values["estate_domain"]), list(map(str, cell.values["certificates_extra_names"]))
    problems += [
        f"certificates_extra_names[{number}] is {name!r}, which is no name below {domain} (estate_domain)."
        for number, name in enumerate(names)
        if not DOMAIN.fullmatch(name.removeprefix("*.")) or not name.endswith(f".{domain}")
    ]
    if len(names) > MOST_NAMES - 2:
        problems.append(
            f"certificates_extra_names has {len(names)} names; AWS allows {MOST_NAMES} to a certificate, and two are "
            "there already."
        )
    if not 1 <= cell.values["certificates_expiry_days"] <= LONGEST_LIFE:
        problems.append(
            f"certificates_expiry_days is {cell.values['certificates_expiry_days']}; it must be 1 to {LONGEST_LIFE}."
        )
    imported = cell.values["certificates_imported_arns"]
    for region, arn in imported.items():
        match = CERTIFICATE_ARN.fullmatch(str(arn))
        if not match:
            problems.append(f"certificates_imported_arns.{region} is {arn!r}, which is no ARN of a certificate.")
        elif match[1] != region:
            problems.append(f"certificates_imported_arns.{region} is a certificate in {match[1]}: {arn}.")
    authorities = cell.values["dns_certificate_authorities"]
    if authorities and AMAZONS_AUTHORITIES.isdisjoint(authorities) and cell.values["cell_region"] not in imported:
        problems.append(
            "dns_certificate_authorities has none of Amazon's, so AWS could not issue the certificate. Add amazon.com, "
            "or say in certificates_imported_arns which one to use."
        )
    return problems


def check_static_content(cell: Cell) -> list[str]:
    """A bucket that cannot be made as it is described, and pages that lead nowhere."""
    problems = []
    values, keys = cell.values, both(cell, "encryption", "keys")
    where = ("estate_name", "estate_environment", "cell_account_id", "cell_region")
    estate, environment, account, region = (values[name] for name in where)
    bucket = f"{estate}-{environment}-static-{account}-{region}"
    if len(bucket) > LONGEST_BUCKET_NAME:
        problems.append(
            f"estate_name and estate_environment make the name {bucket}, which has {len(bucket)} characters; S3 "
            f"allows {LONGEST_BUCKET_NAME}."
        )
    key = values["static_content_encryption_key"]
    if key and key not in keys:
        problems.append(
            f"static_content_encryption_key is {key!r}, and encryption_keys has no such key. There are: "
            f"{', '.join(sorted(keys))}.{did_you_mean(key, keys)}"
        )
    elif key and "cloudfront" not in keys[key].get("services", []):
        problems.append(
            f"static_content_encryption_key is {key!r}, whose policy does not let CloudFront read. Name a key that has "
            "cloudfront among its services, such as encryption_extra_keys: {static: {description: Static files, "
            "via: [s3], services: [cloudfront]}}."
        )
    if values["static_content_access_logs"] and "logs" not in both(cell, "storage", "buckets"):
        problems.append("static_content_access_logs needs a bucket called logs.")
    if values["static_content_noncurrent_days"] < 1:
        problems.append(
            f"static_content_noncurrent_days is {values['static_content_noncurrent_days']}; S3 keeps versions for one "
            "day at least."
        )
    url = str(values["static_content_status_url"])
    if url and not re.fullmatch(r"https://\S+", url):
        problems.append(f"static_content_status_url is {url!r}, which is no address that begins with https://.")
    contact = str(values["static_content_contact"])
    if contact and not re.fullmatch(r"[^@\s]+@[^@\s]+", contact):
        problems.append(f"static_content_contact is {contact!r}, which is no mail address.")
    prefix = str(values["static_content_prefix"])
    if not re.fullmatch(r"([\w.-]+/)+", prefix) or prefix.startswith("errors/"):
        problems.append(
            f"static_content_prefix is {prefix!r}; it must be the path of a folder, such as static/, and not errors/, "
            "where the pages of this layer are."
        )
    return problems


def blocks_of(cell: Cell) -> list[tuple[str, str]]:
    """All blocks of addresses of a cell's VPC: the input, and what is written there."""
    secondary = [("network_secondary_cidrs", str(cidr)) for cidr in cell.values["network_secondary_cidrs"]]
    return [("network_cidr", str(cell.values["network_cidr"])), *secondary]


def check_network(cell: Cell) -> list[str]:
    """Addresses that do not fit, and zones that are not there."""
    problems = []
    zones, region = list(map(str, cell.values["network_zones"])), cell.values["cell_region"]
    if not zones:
        problems.append("network_zones is empty; a network needs at least one zone.")
    if len(set(zones)) < len(zones):
        problems.append(f"network_zones names a zone twice: {', '.join(zones)}.")
    there = [name.removeprefix(region) for name in cell.zones]
    problems += [
        f"network_zones names {zone!r}, which is none of the zones of {region}: {', '.join(there)}."
        for zone in zones
        if there and zone not in there
    ]
    own = []
    for where, cidr in blocks_of(cell):
        try:
            block = network(cidr)
        except AddressError as error:
            problems.append(f"{where}: {error}")
            continue
        own.append(block)
        if not LARGEST_BLOCK <= block.prefixlen <= SMALLEST_SUBNET:
            size = "large" if block.prefixlen < LARGEST_BLOCK else "small"
            problems.append(
                f"{where}: {block} is too {size} for a VPC, which takes /{LARGEST_BLOCK} to /{SMALLEST_SUBNET}."
            )
    problems += [
        f"The blocks {one} and {other} of network_cidr and network_secondary_cidrs overlap."
        for one, other in combinations(own, 2)
        if one.overlaps(other)
    ]
    if len(own) < len(blocks_of(cell)):
        return problems
    try:
        plan = subnet_plan(str(cell.values["network_cidr"]), zones, cell.values["network_subnet_cidrs"])
    except AddressError as error:
        return [*problems, f"network_cidr and network_subnet_cidrs: {error}"]
    subnets = [(subnet["component"], network(subnet["cidr"])) for subnet in plan]
    problems += [
        f"network_subnet_cidrs makes {component} ({block}) too small: AWS wants /{SMALLEST_SUBNET} or larger."
        for component, block in subnets
        if block.prefixlen > SMALLEST_SUBNET
    ]
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
    groups, peers = both(cell, "security_groups", "groups"), both(cell, "security_groups", "peers")
    problems = []
    for where, name, peer in written(cell, "security_groups", "peers"):
        if len(peer) != 1:
            problems.append(f"{where} needs one of cidr, prefix_list and group, and nothing else.")
        if "cidr" in peer and not is_range(peer["cidr"]):
            problems.append(f"{where}.cidr is {peer['cidr']!r}, which is no range of addresses such as 10.0.0.0/16.")
        if name in groups:
            problems.append(f"{where} has the name of a group; call one of them otherwise.")
    for where in ("security_groups_flows", "security_groups_extra_flows"):
        problems += [f"{where}: {problem}" for problem in check_flows(cell.values[where], groups, peers)]
    return problems


def check_waf(cell: Cell) -> list[str]:
    """Rules that AWS WAF refuses."""
    problems, rules = [], cell.values["waf_rules"]
    for name in ("allowed_addresses", "blocked_addresses"):
        problems += [
            f"waf_rules.{name}.addresses has {address!r}, which is no range of addresses such as 192.0.2.0/24."
            for address in rules.get(name, {}).get("addresses", [])
            # WAF takes every length but this one:
            # https://docs.aws.amazon.com/waf/latest/APIReference/API_IPSet.html
            if not is_range(address) or str(address).endswith("/0")
        ]
    countries = rules.get("countries", {})
    if countries.get("only") and countries.get("never"):
        problems.append("waf_rules.countries has both only and never; clients are elsewhere, too, with one of them.")
    problems += [
        f"waf_rules.countries.{name} has {code!r}; a country has a code of two capital letters, such as JP."
        for name in ("only", "never")
        for code in countries.get(name, [])
        if not re.fullmatch("[A-Z]{2}", str(code))
    ]
    requests = rules.get("rate_limit", {}).get("requests")
    if requests is not None and not 10 <= requests <= MOST_REQUESTS:
        problems.append(f"waf_rules.rate_limit.requests is {requests}; AWS WAF allows 10 to {MOST_REQUESTS}.")
    return problems


NOTIFICATION_RANGES = {
    "repeat_hours": (1, 720),
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    "gather_seconds": (1, 300),
}
# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
LONGEST_EVENT_RULE_NAME = 64
LEAST_CALLS = 2  # that Lambda takes from a queue at a time


def check_notification(cell: Cell) -> list[str]:
    """Where nothing would arrive. The webhook's URL is a secret, and is not said."""
    problems = []
    webhook = cell.values["notification_slack_webhook"].strip()
    # Without TLS only on this machine, where the sandbox is.
    if webhook and not re.fullmatch(r"https://[!-~]+|http://127\.0\.0\.1(:\d+)?/[!-~]+", webhook):
        problems.append(
            "notification_slack_webhook is not the URL of a webhook, which begins with https://hooks.slack.com/services/."
        )
    problems += [
        f"notification_emails.{severity} has {address!r}, which is no e-mail address."
        for severity, addresses in cell.values["notification_emails"].items()
        for address in addresses
        if not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", str(address))
    ]
    problems += [
        f"notification_{option} is {cell.values[f'notification_{option}']}; it has to be {least} to {most}."
        for option, (least, most) in NOTIFICATION_RANGES.items()
        if not least <= cell.values[f"notification_{option}"] <= most
    ]
    prefix = f"{cell.values['estate_name']}-{cell.values['estate_environment']}-notification"
    for where, name, event in written(cell, "notification", "events"):
        if not re.fullmatch(r"[A-Za-z0-9._-]+", str(name)):
            problems.append(f"{where}: the name of an event has letters, digits, dots, hyphens and underscores only.")
        if len(f"{prefix}-{name}") > LONGEST_EVENT_RULE_NAME:
            problems.append(
                f"{where} makes the name {prefix}-{name}; EventBridge allows {LONGEST_EVENT_RULE_NAME} characters."
            )
        if not event["pattern"]:
            problems.append(f"{where}.pattern is empty; say which events match.")
        if event.get("regions") == []:
            problems.append(f"{where}.regions is empty; leave it out for every region, or the event for none.")
    reserved = cell.values["notification_reserved_concurrency"]
    if reserved != -1 and reserved < LEAST_CALLS:
        problems.append(
            f"notification_reserved_concurrency is {reserved}; it has to be {LEAST_CALLS} or more, or -1 for none."
        )
    return problems


# https://docs.aws.amazon.com/config/latest/APIReference/API_RemediationConfiguration.html
REMEDIATION_RANGES = {
    "attempts": (1, 25),
    "attempts_seconds": (1, 2678000),
    "concurrent_percent": (1, 100),
    "error_percent": (1, 100),
}
LONGEST_CONFIG_RULE_NAME = 128
LONGEST_CONFIG_RULE_DESCRIPTION = 256
SECURITY_GROUP = "AWS::EC2::SecurityGroup"


def check_compliance(cell: Cell) -> list[str]:
    """Rules and remediations that AWS Config would refuse, and ports that there are not."""
    problems = []
    prefix = f"{cell.values['estate_name']}-{cell.values['estate_environment']}"
    roles = both(cell, "identity", "roles")
    for where, name, rule in written(cell, "compliance", "rules"):
        if not re.fullmatch(r"[a-z0-9-]+", str(name)):
            problems.append(f"{where}: the name of a rule has lower-case letters, digits and hyphens only.")
        if len(f"{prefix}-{name}") > LONGEST_CONFIG_RULE_NAME:
            problems.append(
                f"{where} makes the name {prefix}-{name}; AWS Config allows {LONGEST_CONFIG_RULE_NAME} characters."
            )
        if len(rule["description"]) > LONGEST_CONFIG_RULE_DESCRIPTION:
            problems.append(
                f"{where}.description has {len(rule['description'])} characters; AWS Config allows "
                f"{LONGEST_CONFIG_RULE_DESCRIPTION}."
            )
        problems += [
            f"{where}.close_ports has {port}, which is no port."
            for port in rule.get("close_ports", [])
            if not 1 <= port <= 65535
        ]
        if rule.get("close_ports") and rule.get("resource_types") != [SECURITY_GROUP]:
            problems.append(f"{where}.close_ports closes security groups: its resource_types are [{SECURITY_GROUP}].")
        if rule.get("close_ports") and rule.get("remediation"):
            problems.append(f"{where} has close_ports and remediation; a rule of AWS Config has one remediation.")
        if rule.get("remediation") and rule["remediation"]["role"] not in roles:
            problems.append(
                f"{where}.remediation.role is {rule['remediation']['role']}, which is no role of the layer identity."
                f"{did_you_mean(rule['remediation']['role'], roles)}"
            )
    problems += [
        f"compliance_{option} is {cell.values[f'compliance_{option}']}; AWS Config allows {least} to {most}."
        for option, (least, most) in REMEDIATION_RANGES.items()
        if not least <= cell.values[f"compliance_{option}"] <= most
    ]
    if not re.fullmatch(r"(?!aws:)[\w .:/=+@-]{1,128}", str(cell.values["compliance_exception_tag"]), re.IGNORECASE):
        problems.append(
            f"compliance_exception_tag is {cell.values['compliance_exception_tag']!r}, which is no key of a tag."
        )
    return problems


# https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
GUARDDUTY_SEVERITIES = (1, 10)


# https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html
SESSION_CONTEXT = "aws:ssm:SessionId"
SESSION_MINUTES = {"idle_minutes": (1, 60), "maximum_minutes": (1, 1440), "ansible_idle_minutes": (1, 60)}


def check_session_access(cell: Cell) -> list[str]:
    """Times that Session Manager refuses, and a user that cannot be one."""
    problems = [
        f"session_access_{option} is {cell.values[f'session_access_{option}']}; it has to be {least} to {most}."
        for option, (least, most) in SESSION_MINUTES.items()
        if not least <= cell.values[f"session_access_{option}"] <= most
    ]
    user = cell.values["session_access_run_as"]
    if user and not re.fullmatch(r"[a-z_][a-z0-9_-]{0,31}", user):
        problems.append(f"session_access_run_as is {user!r}, which is no name of a user of Linux.")
    key = both(cell, "encryption", "keys").get("sessions", {})
    if cell.values["session_access_encrypted"] and key and SESSION_CONTEXT not in (key.get("contexts") or []):
        problems.append(f"session_access_encrypted needs {SESSION_CONTEXT} in encryption_keys.sessions.contexts.")
    return problems


def check_threat_detection(cell: Cell) -> list[str]:
    """Topics that would get what is less grave than what the topic below them gets, or nothing at all."""
    problems = []
    least, most = GUARDDUTY_SEVERITIES
    problems += [
        f"threat_detection_guardduty_topics.{topic} is {severity}; GuardDuty's severities are {least} to {most}."
        for topic, severity in cell.values["threat_detection_guardduty_topics"].items()
        if severity is not None and not least <= float(severity) <= most
    ]
    if cell.values["threat_detection_guardduty"] and cell.values["threat_detection_guardduty_export"]:
        # Where there is no such bucket or key, another check or the run itself says so.
        problems += [
            f"threat_detection_guardduty_export needs guardduty in {layer}_{what}.logs.{option}."
            for layer, what, option in (("storage", "buckets", "deliveries"), ("encryption", "keys", "services"))
            if "guardduty" not in (both(cell, layer, what).get("logs", {option: ["guardduty"]}).get(option) or [])
        ]
    scans = cell.values["threat_detection_inspector_scans"]
    if "lambda_code" in scans and "lambda" not in scans:
        problems.append("threat_detection_inspector_scans has lambda_code, which needs lambda, too.")
    for source in findings.SOURCES:
        name = f"threat_detection_{source}_topics"
        problems += [
            f"{name}: the topic {graver} has to begin at a higher severity than the topic {topic}."
            for topic, graver in findings.out_of_order(source, cell.values[name])
        ]
    return problems


# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreatePatchBaseline.html
PATCHED_SYSTEMS = (
    "alma_linux",
    "amazon_linux",
    "amazon_linux_2",
    "amazon_linux_2022",
    "amazon_linux_2023",
    "centos",
    "debian",
    "macos",
    "oracle_linux",
    "raspbian",
    "redhat_enterprise_linux",
    "rocky_linux",
    "suse",
    "ubuntu",
    "windows",
)
# Their repositories do not tell when a patch was released.
WITHOUT_RELEASE_DATES = ("debian", "raspbian", "ubuntu")
MOST_APPROVAL_RULES = 10
LATEST_APPROVAL = 360  # days
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RegisterPatchBaselineForPatchGroup.html
PATCH_GROUP = r"[^\W_][\w .:/=+@-]{0,255}"
# https://docs.aws.amazon.com/systems-manager/latest/userguide/reference-cron-and-rate-expressions.html
WINDOW_SCHEDULE = r"cron\(\S+( \S+){5}\)|rate\([1-9]\d* (minute|hour|day)s?\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)"
# A number of hosts, or a part of them. https://docs.aws.amazon.com/systems-manager/latest/APIReference/
# API_RegisterTaskWithMaintenanceWindow.html
CONCURRENCY = r"[1-9]\d{0,6}|([1-9]\d?|100)%"
ERRORS = r"(0|[1-9]\d{0,6})|(0|[1-9]\d?|100)%"
LONGEST_WINDOW = 24  # hours


def check_patching(cell: Cell) -> list[str]:
    """Baselines and windows that Systems Manager refuses, and what would patch nothing."""
    problems = []
    if not cell.values["patching_groups"]:
        problems.append("patching_groups is empty, so that no host would be patched.")
    problems += [
        f"patching_groups[{number}] is {group!r}, which is no value of a tag that Patch Manager takes."
        for number, group in enumerate(cell.values["patching_groups"])
        if not re.fullmatch(PATCH_GROUP, str(group))
    ]
    for where, system, baseline in written(cell, "patching", "baselines"):
        problems += _wrong_baseline(where, system, baseline)
    for name in ("patching_scan", "patching_install"):
        problems += _wrong_window(name, cell.values[name])
    return problems


# The document by which hosts are restarted by a schedule.
RESTARTING = "restart-host"


def check_maintenance(cell: Cell) -> list[str]:
    """Associations that Systems Manager refuses."""
    problems = []
    schedules = {
        f"maintenance_{what}_schedule": cell.values[f"maintenance_{what}_schedule"]
        for what in ("ssm_agent", "inventory", "cloudwatch_agent", "restart")
    }
    playbooks = cell.values["maintenance_playbooks"]
    if "schedule" in playbooks:
        schedules["maintenance_playbooks.schedule"] = playbooks["schedule"]
    for name, schedule in schedules.items():
        if schedule:
            problems += _unlike(name, schedule, WINDOW_SCHEDULE, "cron(0 3 ? * SUN *) or rate(1 day)")
    if str(cell.values["maintenance_restart_schedule"]).startswith("rate("):
        problems.append("maintenance_restart_schedule has to be cron(); AWS would restart the hosts at once otherwise.")
    for name, pattern in (("concurrency", CONCURRENCY), ("errors", ERRORS)):
        option = f"maintenance_max_{name}"
        problems += _unlike(option, cell.values[option], pattern, "10%, or a number of hosts")
    if playbooks.get("uploaded") and "path" in playbooks:
        problems.append("maintenance_playbooks has uploaded and path, and only one of them can be where they are.")
    elif playbooks and not playbooks.get("uploaded") and not re.match(r"https://s3", str(playbooks.get("path"))):
        problems.append(
            f"maintenance_playbooks.path is {playbooks.get('path')!r}; it has to be an https:// address of S3."
        )
    prefix = f"{cell.values['estate_name']}-{cell.values['estate_environment']}"
    for where, name, document in written(cell, "maintenance", "documents"):
        problems += command_documents.problems(where, name, document, prefix)
    if cell.values["maintenance_restart_schedule"] and RESTARTING not in both(cell, "maintenance", "documents"):
        problems.append(f"maintenance_restart_schedule needs the document {RESTARTING} in maintenance_documents.")
    return problems


def _unlike(name: str, value: object, pattern: str, example: str) -> list[str]:
    """That a value does not have the form of an example, if so."""
    return [] if re.fullmatch(pattern, str(value)) else [f"{name} is {value!r}; it has to be like {example}."]


def _wrong_baseline(where: str, system: str, baseline: dict) -> list[str]:
    if system not in PATCHED_SYSTEMS:
        return [f"{where}: Patch Manager knows no {system!r}.{did_you_mean(system, PATCHED_SYSTEMS)}"]
    rules = baseline.get("approval_rules") or []
    problems = []
    if not rules and not baseline.get("approved_patches"):
        problems.append(f"{where} has neither approval_rules nor approved_patches, so that nothing would be installed.")
    if len(rules) > MOST_APPROVAL_RULES:
        problems.append(f"{where}.approval_rules has {len(rules)} rules; AWS allows {MOST_APPROVAL_RULES}.")
    for number, rule in enumerate(rules):
        days = rule.get("approve_after_days", 0)
        place = f"{where}.approval_rules[{number}].approve_after_days is {days}"
        if days and system in WITHOUT_RELEASE_DATES:
            problems.append(f"{place}; the repositories of {system} do not tell when a patch was released. Omit it.")
        elif not 0 <= days <= LATEST_APPROVAL:
            problems.append(f"{place}; AWS allows 0 to {LATEST_APPROVAL}.")
    return problems


def _wrong_window(name: str, window: dict) -> list[str]:
    """What is wrong with what is given of a window; what is left out has a default that is right."""
    problems = []
    for option, pattern, example in (
        ("schedule", WINDOW_SCHEDULE, "cron(0 3 ? * SUN *)"),
        ("max_concurrency", CONCURRENCY, "25%, or a number of hosts"),
        ("max_errors", ERRORS, "10%, or a number of hosts"),
    ):
        if option in window:
            problems += _unlike(f"{name}.{option}", window[option], pattern, example)
    hours = window.get("duration_hours")
    if hours is not None and not 1 <= hours <= LONGEST_WINDOW:
        problems.append(f"{name}.duration_hours is {hours}; AWS allows 1 to {LONGEST_WINDOW}.")
    default = 2 if name == "patching_scan" else 4
    cutoff = window.get("cutoff_hours", 1)
    longest = default if hours is None else hours
    if not 0 <= cutoff < longest:
        problems.append(f"{name}.cutoff_hours is {cutoff}; it has to be less than the {longest} hours of the window.")
    return problems


# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html and its neighbours
LOAD_BALANCER_RANGES = {
    "idle_timeout_seconds": (1, 4000),
    "target_port": (1, 65535),
    "deregistration_delay_seconds": (0, 3600),
    "stickiness_seconds": (0, 604800),
}
HEALTH_CHECK_RANGES = {
    "interval_seconds": (5, 300),
    "timeout_seconds": (2, 120),
    "healthy_after": (2, 10),
    "unhealthy_after": (2, 10),
}


def _wrong_zones(cell: Cell, layer: str) -> list[str]:
    """Zones of a layer in which the network has no subnets."""
    return [
        f"{layer}_zones names {zone!r}, and network_zones has only {', '.join(cell.values['network_zones'])}."
        for zone in cell.values[f"{layer}_zones"]
        if zone not in cell.values["network_zones"]
    ]


def check_load_balancer(cell: Cell) -> list[str]:
    """What ELB refuses, and what would let in more than it should."""
    values = {name: cell.values[f"load_balancer_{name}"] for name in ("zones", "tls_policy", "certificate_arn")}
    check = cell.values["load_balancer_health_check"]
    name = f"{cell.values['estate_name']}-{cell.values['estate_environment']}-web"
    problems = []
    if len(name) > LONGEST_LOAD_BALANCER_NAME:
        problems.append(
            f"estate_name and estate_environment make the name {name} of a load balancer, which has {len(name)} "
            f"characters; ELB allows {LONGEST_LOAD_BALANCER_NAME}."
        )
    if len(set(values["zones"])) < 2:
        problems.append("load_balancer_zones needs two zones or more; ELB makes no load balancer in fewer.")
    problems += _wrong_zones(cell, "load_balancer")
    groups = both(cell, "security_groups", "groups")
    problems += [
        f"load_balancer_security_groups names {group!r}, which is no group of security_groups_groups. There are: "
        f"{', '.join(sorted(groups))}."
        for group in cell.values["load_balancer_security_groups"]
        if group not in groups
    ]
    if not re.fullmatch(r"ELBSecurityPolicy-TLS13-1-[23]-[A-Za-z0-9-]+", str(values["tls_policy"])):
        problems.append(
            f"load_balancer_tls_policy is {values['tls_policy']!r}; it must be one of ELB's policies with TLS 1.2 and "
            "1.3 only, whose names begin with ELBSecurityPolicy-TLS13-1-2- or ELBSecurityPolicy-TLS13-1-3-."
        )
    if values["certificate_arn"] and f":acm:{cell.values['cell_region']}:" not in str(values["certificate_arn"]):
        problems.append(
            f"load_balancer_certificate_arn is {values['certificate_arn']!r}, which is no certificate of ACM in "
            f"{cell.values['cell_region']}."
        )
    slow_start = cell.values["load_balancer_slow_start_seconds"]
    if slow_start and not 30 <= slow_start <= 900:
        problems.append(f"load_balancer_slow_start_seconds is {slow_start}; ELB allows 30 to 900, or 0 for none.")
    problems += [
        f"load_balancer_{option} is {cell.values[f'load_balancer_{option}']}; ELB allows {least} to {most}."
        for option, (least, most) in LOAD_BALANCER_RANGES.items()
        if not least <= cell.values[f"load_balancer_{option}"] <= most
    ]
    problems += [
        f"load_balancer_health_check.{option} is {check[option]}; ELB allows {least} to {most}."
        for option, (least, most) in HEALTH_CHECK_RANGES.items()
        if option in check and not least <= check[option] <= most
    ]
    if not str(check.get("path", "/")).startswith("/"):
        problems.append(f"load_balancer_health_check.path is {check['path']!r}; a path begins with a slash.")
    # Either has the default of the argument specification when only the other one is said.
    timeout, interval = check.get("timeout_seconds", 5), check.get("interval_seconds", 15)
    if timeout >= interval:
        problems.append(
            f"load_balancer_health_check.timeout_seconds is {timeout}, which has to be less than interval_seconds, "
            f"{interval}."
        )
    return problems


def check_routing(cell: Cell) -> list[str]:
    """Health checks that Route 53 refuses."""
    regions, failures = cell.values["routing_check_regions"], cell.values["routing_unhealthy_after"]
    problems = []
    if regions and len(set(regions)) < 3:
        problems.append(
            f"routing_check_regions names {len(set(regions))} regions; Route 53 needs three at least, or an empty list "
            "for all of them."
        )
    if not 1 <= failures <= 10:
        problems.append(f"routing_unhealthy_after is {failures}; Route 53 allows 1 to 10.")
    return problems


# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html and its neighbours
COMPUTE_RANGES = {
    "metadata_hop_limit": (1, 64),
    "health_check_grace_seconds": (0, 172800),
    "warmup_seconds": (0, 172800),
    "cpu_target_percent": (0, 100),
    "requests_target": (0, 2**31 - 1),
    "maximum_lifetime_days": (0, 365),
    # A failed refresh goes back to the version before.
    "keep_versions": (1, 4999),
}


def check_compute(cell: Cell) -> list[str]:
    """What EC2 and Auto Scaling refuse, and servers that are to stand where there is nothing."""
    values = {name.removeprefix("compute_"): value for name, value in cell.values.items()}
    architecture = values["architecture"]
    problems = _wrong_zones(cell, "compute")
    if cell.values["network_zones"] and not values["zones"]:
        problems.append("compute_zones is empty; servers need a zone.")
    for name, (least, most) in COMPUTE_RANGES.items():
        problems += servers.out_of_range(f"compute_{name}", values[name], least, most, "AWS")
    problems += [
        *servers.wrong_type("compute_instance_type", values["instance_type"], architecture),
        *servers.wrong_image("compute_image", values["image"]),
        *servers.wrong_volume("compute_volume", values["volume"]),
        *servers.wrong_user_data("compute_user_data", values["user_data"]),
        *servers.wrong_sizes("compute_sizes", values["sizes"]),
        *servers.wrong_sizes("compute_standby_sizes", values["standby_sizes"]),
        *servers.wrong_schedules("compute_schedules", values["schedules"]),
        *servers.wrong_mixed_instances("compute_mixed_instances", values["mixed_instances"], architecture),
        *servers.wrong_refresh("compute_refresh", values["refresh"]),
        *servers.twice("compute_lifecycle_hooks", values["lifecycle_hooks"]),
    ]
    for hook in values["lifecycle_hooks"]:
        where = f"compute_lifecycle_hooks {hook['name']}: heartbeat_timeout"
        problems += servers.out_of_range(where, hook.get("heartbeat_timeout"), 30, 7200, "Auto Scaling")
    for name, least in (("min_size", 0), ("max_group_prepared_capacity", -1)):
        if values["warm_pool"].get(name, least) < least:
            problems.append(f"compute_warm_pool.{name} is {values['warm_pool'][name]}; it cannot be less than {least}.")
    return problems + check_servers(cell, architecture)


def check_servers(cell: Cell, architecture: str) -> list[str]:
    """Servers that stand alone: what they are, and what they refer to."""
    problems = []
    groups = both(cell, "security_groups", "groups")
    profiles = [name for name, role in both(cell, "identity", "roles").items() if role.get("instance_profile")]
    for name, server in cell.values["compute_instances"].items():
        where = f"compute_instances.{name}"
        if name == "web":
            problems.append(f"{where} has the name of the web servers; call it otherwise.")
        if not re.fullmatch(r"[a-z0-9-]+", str(name)):
            problems.append(f"{where}: the name of a server has lower-case letters, digits and hyphens only.")
        if "instance_type" in server:
            problems += servers.wrong_type(f"{where}.instance_type", server["instance_type"], architecture)
        problems += servers.wrong_image(f"{where}.image", server.get("image", {}))
        problems += servers.wrong_volume(f"{where}.volume", server.get("volume", {}))
        problems += servers.wrong_user_data(f"{where}.user_data", server.get("user_data", ""))
        for option, known, source in (
            ("zone", cell.values["network_zones"], "network_zones"),
            ("security_group", groups, "security_groups_groups"),
            ("instance_profile", profiles, "identity_roles"),
        ):
            if option in server and server[option] not in known:
                problems.append(
                    f"{where}.{option} is {server[option]!r}, and {source} has no such one. There are: "
                    f"{', '.join(sorted(known))}.{did_you_mean(server[option], known)}"
                )
    return problems


# 50,000 is how many private images an account can have in a region:
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-quotas.html
GOLDEN_IMAGE_RANGES = {
    "volume_size_gib": (0, servers.GP3["size_gib"][1]),
    "keep": (1, 50000),
    "keep_days": (0, 36500),
    "connect_seconds": (60, 7200),
    "wait_seconds": (60, 86400),
}


def check_golden_image(cell: Cell) -> list[str]:
    """A builder that could not be launched, and images that would be made of themselves for ever."""
    values = {name.removeprefix("golden_image_"): value for name, value in cell.values.items()}
    prefix = f"{cell.values['estate_name']}-{cell.values['estate_environment']}"
    base, size = values["base"], values["volume_size_gib"]
    problems = [
        problem
        for name, (least, most) in GOLDEN_IMAGE_RANGES.items()
        for problem in servers.out_of_range(f"golden_image_{name}", values[name], least, most, "the role")
    ]
    built, served = (
        [cell.values[f"{layer}_{name}"] for name in ("instance_type", "architecture")]
        for layer in ("golden_image", "compute")
    )
    if built != served:  # Else it is said of that one.
        problems += servers.wrong_type("golden_image_instance_type", *built)
    problems += servers.wrong_image("golden_image_base", base)
    if values["zone"] and values["zone"] not in cell.values["network_zones"]:
        listed = ", ".join(cell.values["network_zones"])
        problems.append(f"golden_image_zone is {values['zone']!r}, and network_zones has only {listed}.")
    if base.get("parameter") == f"/{prefix}/golden-image/web":
        problems.append(
            "golden_image_base.parameter is the one that holds the golden image itself, of which each run would make "
            "another one. Name what it is made from."
        )
    if base.get("owner") == "self" and str(base.get("name", "")).startswith(f"{prefix}-web"):
        problems.append(
            f"golden_image_base.name is {base['name']!r}, as golden images are called themselves, of which each run "
            "would make another one. Name what it is made from."
        )
    smallest = {**servers.GP3_DEFAULTS, **cell.values["compute_volume"]}["size_gib"]
    if size > smallest:
        problems.append(
            f"golden_image_volume_size_gib is {size}, and the volumes of servers have {smallest} GiB (compute_volume); "
            "they cannot be smaller than that of their image."
        )
    if "Name" in values["builder_tags"]:
        problems.append("golden_image_builder_tags sets Name, by which the builder is found.")
    return problems


CDN_REGION = "us-east-1"
# ISO 3166-1 alpha-2, as https://docs.aws.amazon.com/waf/latest/APIReference/API_GeoMatchStatement.html lists them.
COUNTRY_CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA "
    "CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA "
    "GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP "
    "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS "
    "MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS "
    "RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW "
    "TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
COUNTRIES = frozenset(COUNTRY_CODES.split())
# https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CacheBehavior.html
BEHAVIOR_PATH = re.compile(r"[/*][A-Za-z0-9_.*$/~\"'@:+&?-]{0,254}")
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
MOST_ALIASES, MOST_BEHAVIORS = 100, 75
LEAST_PRELOADED = 31536000  # seconds, https://hstspreload.org
# https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CustomOriginConfig.html
CDN_RANGES = {
    "origin_read_timeout_seconds": (1, 120),
    "origin_keepalive_seconds": (1, 120),
    "sorry_seconds": (0, 31536000),
    "hsts_seconds": (0, 63072000),
    "log_retention_days": (1, 36500),
}


def check_cdn(cell: Cell) -> list[str]:
    """What CloudFront refuses, and what would shut out viewers who should not be."""
    values, problems = cell.values, []
    if values["cell_region"] != CDN_REGION:
        problems.append(
            f"cell_region is {values['cell_region']!r}, and the cell is of the group global: certificates and web ACLs "
            f"of CloudFront are in {CDN_REGION} only."
        )
    problems += [
        f"cdn_{option} is {values[f'cdn_{option}']}; it has to be {least} to {most}."
        for option, (least, most) in CDN_RANGES.items()
        if not least <= values[f"cdn_{option}"] <= most
    ]
    countries = values["cdn_countries"]
    if countries.get("allowed") and countries.get("blocked"):
        problems.append("cdn_countries has both allowed and blocked; CloudFront takes one of them.")
    problems += [
        f"cdn_countries.{name} has {code!r}, which is no code of a country (ISO 3166-1), such as JP or GB."
        for name in ("allowed", "blocked")
        for code in countries.get(name, [])
        if code not in COUNTRIES
    ]
    if values["cdn_hsts_preload"] and (
        values["cdn_hsts_seconds"] < LEAST_PRELOADED or not values["cdn_hsts_subdomains"]
    ):
        problems.append(
            f"cdn_hsts_preload needs cdn_hsts_subdomains, and cdn_hsts_seconds of {LEAST_PRELOADED} at least: browsers "
            "take no other domains in."
        )
    bucket = f"{values['estate_name']}-{values['estate_environment']}-cdn-logs-{values['cell_account_id']}-{CDN_REGION}"
    if values["cdn_access_logs"] and len(bucket) > LONGEST_BUCKET_NAME:
        problems.append(
            f"estate_name and estate_environment make the name {bucket}, which has {len(bucket)} characters; S3 "
            f"allows {LONGEST_BUCKET_NAME}."
        )
    return [*problems, *_check_aliases(cell), *_check_behaviors(values["cdn_behaviors"], values["cdn_static_paths"])]


def _check_aliases(cell: Cell) -> list[str]:
    """Names that the distribution cannot have, or cannot show a certificate for."""
    aliases, problems = [str(alias) for alias in cell.values["cdn_aliases"]], []
    if len(aliases) > MOST_ALIASES:
        problems.append(f"cdn_aliases has {len(aliases)} names; CloudFront allows {MOST_ALIASES}.")
    domain = cell.values["estate_domain"]
    # What is wrong with the domain itself is said by check_estate.
    problems += [
        f"cdn_aliases has {alias!r}, which is no domain name in lower case."
        for alias in aliases
        if not DOMAIN.fullmatch(alias.removeprefix("*.")) and alias.removeprefix("www.") != domain
    ]
    if cell.values["cell_region"] in cell.values["certificates_imported_arns"]:
        return problems  # Nobody knows here what an imported certificate covers.
    names = {domain, f"*.{domain}", *cell.values["certificates_extra_names"]}
    problems += [
        f"cdn_aliases has {alias!r}, which the certificate does not cover. Add it to certificates_extra_names."
        for alias in aliases
        if DOMAIN.fullmatch(alias.removeprefix("*."))
        and alias not in names
        and f"*.{alias.partition('.')[2]}" not in names
    ]
    return problems


def _check_behaviors(behaviors: list[dict], static_paths: list[str]) -> list[str]:
    """Paths that CloudFront refuses, and behaviors that another one hides."""
    described = [("cdn_behaviors", str(behavior["path"])) for behavior in behaviors]
    described += [("cdn_static_paths", str(path)) for path in static_paths]
    paths, problems = [path for _where, path in described], []
    if not static_paths:
        problems.append("cdn_static_paths is empty; it has to name the paths of the static files, such as /static/*.")
    for number, (where, path) in enumerate(described):
        if not BEHAVIOR_PATH.fullmatch(path):
            problems.append(f"{where} has the path {path!r}; a path begins with a slash, such as /api/*.")
        elif path in ("*", "/*"):
            problems.append(
                f"{where} has the path {path!r}, which hides all others; see cdn_methods and its neighbours."
            )
        elif path in paths[:number]:
            problems.append(f"{where} has the path {path!r}, which is described before.")
    problems += [
        f"cdn_behaviors has methods: all for the path {str(behavior['path'])!r}, and buckets are only read."
        for behavior in behaviors
        if behavior.get("origin") == "static" and behavior.get("methods") == "all"
    ]
    # One more is that of the error pages.
    if len(paths) + 1 > MOST_BEHAVIORS:
        problems.append(
            f"cdn_behaviors and cdn_static_paths have {len(paths)} paths; CloudFront allows {MOST_BEHAVIORS - 1} "
            "besides that of the error pages."
        )
    return problems


# Of Aurora, and of MySQL: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_MySQL.Replication.ReadReplicas.html
MOST_READERS = 15
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html
LONGEST_DATABASE_NAME = 63
DATABASE_RANGES = {
    "readers": (0, MOST_READERS),
    "port": (1150, 65535),
    "backup_retention_days": (1, 35),
    "backtrack_hours": (0, 72),
}
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ConnectionPoolConfiguration.html and API_DBProxy.html
DATABASE_PROXY_RANGES = {
    "connections_percent": (1, 100),
    "idle_connections_percent": (0, 100),
    "borrow_seconds": (0, 300),
    "idle_client_seconds": (1, 28800),
}
# Whatever the database's is: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.html
DATABASE_PROXY_PORT = 3306
DATABASE_VERSIONS = {"aurora-mysql": r"8\.0\.mysql_aurora\.3(\.\d+){0,2}|8\.0", "mysql": r"8\.[04](\.\d+)?"}
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.Engines.html
UNWATCHED_CLASSES = {
    "aurora-mysql": r"db\.(t[23]\..*|t4g\.(micro|small))",
    "mysql": r"db\.(t[23]|t4g)\.(micro|small)",
}
TOPIC_ARN = r"arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+"
CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = f"({'|'.join(DAYS)}):"
DAY_MINUTES = 24 * 60
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
MOST_CAPACITY_UNITS = 256


def check_database(cell: Cell) -> list[str]:
    """What RDS refuses, and what would not be there when it is needed."""
    values = {
        name.removeprefix("database_"): value for name, value in cell.values.items() if name.startswith("database_")
    }
    aurora = values["engine"] == "aurora-mysql"
    longest = f"{cell.values['estate_name']}-{cell.values['estate_environment']}-database-cluster-snapshots"
    problems = []
    if len(longest) > LONGEST_DATABASE_NAME:
        problems.append(
            f"estate_name and estate_environment make the name {longest}, which has {len(longest)} characters; RDS "
            f"allows {LONGEST_DATABASE_NAME}."
        )
    if len(set(values["zones"])) < 2:
        problems.append("database_zones needs two zones or more; RDS puts no database into fewer.")
    problems += _wrong_zones(cell, "database")
    if "database" not in both(cell, "security_groups", "groups"):
        problems.append("The database needs a group called database in security_groups_groups.")
    problems += [
        f"database_{option} is {values[option]}; it has to be {least} to {most}."
        for option, (least, most) in DATABASE_RANGES.items()
        if not least <= values[option] <= most
    ]
    version = str(values["version"])
    if version and not re.fullmatch(DATABASE_VERSIONS[values["engine"]], version):
        problems.append(
            f"database_version is {version!r}, which is no version of {values['engine']} that is supported here, such "
            f"as {'8.0.mysql_aurora.3' if aurora else '8.4'}."
        )
    # What is wrong with the estate's name has been said.
    derived = values["name"] == cell.values["estate_name"]
    if not derived and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", str(values["name"])):
        problems.append(
            f"database_name is {values['name']!r}; it has to begin with a letter, and have letters, digits and _ only, "
            "64 at the most."
        )
    user = str(values["master_username"])
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,15}", user) or user.lower() in ("admin", "rdsadmin", "root"):
        problems.append(
            f"database_master_username is {user!r}; it has to begin with a letter, have letters, digits and _ only, 16 "
            "at the most, and not be a name that MySQL or RDS uses or that everybody guesses."
        )
    if not str(values["instance_class"]).startswith("db."):
        problems.append(
            f"database_instance_class is {values['instance_class']!r}, which is no class of RDS, such as db.r7g.large."
        )
    days = values["performance_insights_days"]
    if days not in (0, 7, 731) and not (0 < days < 731 and days % 31 == 0):
        problems.append(
            f"database_performance_insights_days is {days}; it has to be 7, a multiple of 31, 731, or 0 for none."
        )
    if days and re.fullmatch(UNWATCHED_CLASSES[values["engine"]], str(values["instance_class"])):
        problems.append(
            f"database_performance_insights_days is {days}, and instances of {values['instance_class']} have no "
            "performance data: say 0, or take a larger class."
        )
    topic = str(values["events_topic_arn"])
    if topic and not re.fullmatch(TOPIC_ARN, topic):
        problems.append(f"database_events_topic_arn is {topic!r}, which is no ARN of a topic that is no FIFO topic.")
    special = _check_aurora(values) if aurora else _check_mysql(values)
    return [*problems, *_check_windows(values), *special, *_check_proxy(cell, values)]


def _check_proxy(cell: Cell, values: dict) -> list[str]:
    """What RDS Proxy refuses, and what keeps it from the database, which only its health would show."""
    proxy = values["proxy"]
    if not proxy:
        return []
    problems = [
        f"database_proxy.{option} is {proxy[option]}; it has to be {least} to {most}."
        for option, (least, most) in DATABASE_PROXY_RANGES.items()
        if proxy.get(option) is not None and not least <= proxy[option] <= most
    ]
    most = proxy.get("connections_percent", 100)
    if (proxy.get("idle_connections_percent") or 0) > most:
        problems.append(
            f"database_proxy.idle_connections_percent is {proxy['idle_connections_percent']}, which is more than its "
            f"connections_percent of {most}."
        )
    if values["engine"] == "mysql" and values["readers"] and values["port"] != DATABASE_PROXY_PORT:
        problems.append(
            f"database_proxy listens on port {DATABASE_PROXY_PORT}, and the readers, which it does not lead to, on "
            f"database_port, {values['port']}; the application is told one port, so they have to be the same."
        )
    if "database-proxy" not in both(cell, "security_groups", "groups"):
        problems.append("database_proxy needs a group called database-proxy in security_groups_extra_groups.")
        return problems
    flows = [*cell.values["security_groups_flows"], *cell.values["security_groups_extra_flows"]]
    to_it = [flow for flow in flows if flow.get("to") == "database-proxy" and _flow_has(flow, DATABASE_PROXY_PORT)]
    if not to_it:
        problems.append(
            "database_proxy needs a flow to database-proxy from who uses the database, on port "
            f"{DATABASE_PROXY_PORT}, in security_groups_extra_flows: a proxy listens on no other."
        )
    ends = ("database-proxy", "database")
    if not any((flow.get("from"), flow.get("to")) == ends and _flow_has(flow, values["port"]) for flow in flows):
        problems.append(
            f"database_proxy needs a flow from database-proxy to database on port {values['port']} in "
            "security_groups_extra_flows."
        )
    return problems


def _flow_has(flow: dict, port: int) -> bool:
    """Whether a flow is of this port, among others perhaps; what is wrong with its port is said elsewhere."""
    try:
        first, last = ports_of(flow)
    except FlowError:
        return True
    return first <= port <= last


def _check_aurora(values: dict) -> list[str]:
    problems = []
    serverless = {"min_capacity": 0.5, "max_capacity": 4, **values["serverless"]}
    least, most = serverless["min_capacity"], serverless["max_capacity"]
    if least * 2 % 1 or most * 2 % 1 or not 0 <= least <= most or not 1 <= most <= MOST_CAPACITY_UNITS:
        problems.append(
            f"database_serverless has {least} to {most} capacity units; they go in steps of one half, from 0 or more "
            f"to 1 to {MOST_CAPACITY_UNITS}."
        )
    if values["serverless"] and values["instance_class"] != "db.serverless":
        problems.append(
            f"database_serverless is given, and database_instance_class is {values['instance_class']}; only the "
            "instances of db.serverless scale so."
        )
    scaling = {"min": 0, "max": 4, "cpu_percent": 60, "connections": 0, **values["reader_scaling"]}
    if values["reader_scaling"]:
        if not 0 <= scaling["min"] <= scaling["max"] <= MOST_READERS:
            problems.append(
                f"database_reader_scaling has {scaling['min']} to {scaling['max']} readers; Aurora allows 0 to "
                f"{MOST_READERS}."
            )
        if scaling["max"] < values["readers"]:
            problems.append(
                f"database_reader_scaling.max is {scaling['max']}, and database_readers already are "
                f"{values['readers']}, which count."
            )
        if not scaling["cpu_percent"] and not scaling["connections"]:
            problems.append("database_reader_scaling needs cpu_percent or connections to go by.")
    for name, endpoint in values["endpoints"].items():
        where = f"database_endpoints.{name}"
        if not re.fullmatch(r"[a-z][a-z0-9]*", str(name)):
            problems.append(f"{where}: the word has to be of small letters and digits.")
        numbers = range(1, values["readers"] + 2)
        problems += [
            f"{where}.instances has {number!r}; the instances are {numbers[0]} to {numbers[-1]}."
            for number in endpoint.get("instances", [])
            if number not in numbers
        ]
    return problems


def _check_mysql(values: dict) -> list[str]:
    problems = [
        f"database_{option} is for database_engine: aurora-mysql."
        for option in ("serverless", "reader_scaling", "endpoints", "backtrack_hours")
        if values[option]
    ]
    if values["readers"] and values["password"] == "managed":
        problems.append(
            f"database_readers is {values['readers']}, and AWS makes no read replicas of an instance whose password "
            "RDS manages. Say database_password: generated, or database_readers: 0."
        )
    storage = {"size_gib": 20, "max_size_gib": 100, **values["storage"]}
    least, most = storage["size_gib"], storage["max_size_gib"]
    if not 20 <= least <= 65536 or (most and not least * 1.1 <= most <= 65536):
        problems.append(
            f"database_storage has {least} GiB, up to {most}; RDS allows 20 to 65536, and a most that is a tenth more "
            "at least, or 0."
        )
    return problems


def _check_windows(values: dict) -> list[str]:
    """Windows that are none, are too short, or overlap, which RDS refuses."""
    backup, maintenance = str(values["backup_window"]), str(values["maintenance_window"]).lower()
    problems = []
    if not re.fullmatch(f"{CLOCK}-{CLOCK}", backup):
        problems.append(f"database_backup_window is {backup!r}; it is written like 17:00-17:30.")
    if not re.fullmatch(f"{DAY}{CLOCK}-{DAY}{CLOCK}", maintenance):
        problems.append(f"database_maintenance_window is {maintenance!r}; it is written like sun:18:00-sun:18:30.")
    if problems:
        return problems
    (start, length), (begin, duration) = (_window(*window.split("-")) for window in (backup, maintenance))
    problems += [
        f"database_{name} is {minutes} minutes long; RDS wants 30 at least."
        for name, minutes in (("backup_window", length % DAY_MINUTES), ("maintenance_window", duration))
        if minutes < 30
    ]
    # The same time of each day, as far as the days of the maintenance go.
    apart = (start - begin) % DAY_MINUTES
    if apart < duration or DAY_MINUTES - apart < length % DAY_MINUTES:
        problems.append(
            f"database_backup_window {backup} and database_maintenance_window {maintenance} overlap, which RDS refuses."
        )
    return problems


def _window(start: str, end: str) -> tuple[int, int]:
    """The minute of the week at which a window begins, and how many minutes it is long."""
    first, last = (
        DAYS.index(clock[:3]) * DAY_MINUTES + _minute(clock[4:]) if clock[:3] in DAYS else _minute(clock)
        for clock in (start, end)
    )
    return first, (last - first) % (7 * DAY_MINUTES)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


# https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
LEAST_CACHE_WINDOW = 60  # minutes
CACHE_RANGES = {
    "replicas": (0, 5),
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.NodeGroups.html
    "shards": (0, 500),
    "port": (1, 65535),
    "slow_command_milliseconds": (0, 3600000),
    "snapshot_retention_days": (0, 35),
}
# Versions 7 of both have users that log in with IAM, and logs.
CACHE_VERSIONS = {"redis": r"7(\.\d+){0,2}", "valkey": r"([7-9])(\.\d+){0,2}"}


def check_cache(cell: Cell) -> list[str]:
    """What ElastiCache refuses, and what would not be there when it is needed."""
    values = {name.removeprefix("cache_"): value for name, value in cell.values.items() if name.startswith("cache_")}
    engine, problems = values["engine"], []
    if len(set(values["zones"])) < 2 and values["replicas"]:
        problems.append("cache_zones needs two zones or more; replicas are put into other ones than the primary.")
    problems += _wrong_zones(cell, "cache")
    if "cache" not in both(cell, "security_groups", "groups"):
        problems.append("The cache needs a group called cache in security_groups_groups.")
    problems += [
        f"cache_{option} is {values[option]}; it has to be {least} to {most}."
        for option, (least, most) in CACHE_RANGES.items()
        if not least <= values[option] <= most
    ]
    version = str(values["version"])
    if version and not re.fullmatch(CACHE_VERSIONS[engine], version):
        problems.append(
            f"cache_version is {version!r}, which is no version of {engine} that is supported here, such as "
            f"{'8' if engine == 'valkey' else '7.1'}."
        )
    if not str(values["node_type"]).startswith("cache."):
        problems.append(
            f"cache_node_type is {values['node_type']!r}, which is no type of ElastiCache, such as cache.t4g.small."
        )
    words = str(values["access"]).split()
    if not {"on", "off"} & set(words) or any(word[0] in "<>#!" or word in ("nopass", "reset") for word in words):
        problems.append(
            "cache_access has to say on, and nothing of passwords, which ElastiCache keeps itself, such as "
            "on ~* -@all +@read."
        )
    topic = str(values["events_topic_arn"])
    if topic and not re.fullmatch(TOPIC_ARN, topic):
        problems.append(f"cache_events_topic_arn is {topic!r}, which is no ARN of a topic that is no FIFO topic.")
    windows = {
        "cache_snapshot_window": (str(values["snapshot_window"]), "", "16:00-17:00"),
        "cache_maintenance_window": (str(values["maintenance_window"]).lower(), DAY, "sun:18:00-sun:19:00"),
    }
    for name, (window, day, example) in windows.items():
        if not re.fullmatch(f"{day}{CLOCK}-{day}{CLOCK}", window):
            problems.append(f"{name} is {window!r}; it is written like {example}.")
            continue
        minutes = _window(*window.split("-"))[1]
        minutes = minutes if day else minutes % DAY_MINUTES
        if minutes < LEAST_CACHE_WINDOW:
            problems.append(f"{name} is {minutes} minutes long; ElastiCache wants {LEAST_CACHE_WINDOW} at least.")
    return problems


CHECKS: dict[str, Callable[[Cell], list[str]]] = {
    "estate": check_estate,
    "encryption": check_encryption,
    "storage": check_storage,
    "identity": check_identity,
    "account_baseline": check_account_baseline,
    "network": check_network,
    "dns": check_dns,
    "certificates": check_certificates,
    "static_content": check_static_content,
    "security_groups": check_security_groups,
    "load_balancer": check_load_balancer,
    "routing": check_routing,
    "database": check_database,
    "cache": check_cache,
    "compute": check_compute,
    "golden_image": check_golden_image,
    "notification": check_notification,
    "compliance": check_compliance,
    "session_access": check_session_access,
    "threat_detection": check_threat_detection,
    "patching": check_patching,
    "maintenance": check_maintenance,
    "waf": check_waf,
    "cdn": check_cdn,
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
        for (where, mine), (_where, theirs) in product(blocks_of(one), blocks_of(other)):
            try:
                overlap = network(mine).overlaps(network(theirs))
            except AddressError:
                continue  # Said by check_network already.
            if overlap:
                problems.append(
                    f"{where}: {mine} of the cell {one.name} and {theirs} of {other.name} overlap, so the two could "
                    "never be joined."
                )
    regions = {cell.values.get("cell_region") for cell in cells}
    for cell in cells:
        if cell.runs("certificates"):
            problems += [
                f"certificates_imported_arns has one for {region!r}, and no cell is in that region. "
                f"There are: {', '.join(sorted(regions))}."
                for region in cell.values["certificates_imported_arns"]
                if region not in regions
            ]
        if cell.runs("storage"):
            for where, _name, bucket in written(cell, "storage", "buckets"):
                target = bucket.get("replicate_to")
                if target and target not in regions:
                    problems.append(
                        f"{where}.replicate_to is {target!r}, and no cell is in that region. "
                        f"There are: {', '.join(sorted(regions))}."
                    )
    return problems


# All of it

# Layers whose inputs a layer's check looks at besides its own and the estate's.
REFERS_TO = {
    "storage": ["encryption"],
    "certificates": ["dns"],
    "static_content": ["encryption", "storage"],
    "session_access": ["encryption"],
    "threat_detection": ["encryption", "storage"],
    "load_balancer": ["network", "security_groups"],
    "database": ["network", "security_groups"],
    "cache": ["network", "security_groups"],
    "compute": ["network", "security_groups", "identity"],
    "golden_image": ["compute", "network"],
    "cdn": ["certificates"],
}


def check_host_baseline(host: Cell) -> list[str]:
    """Times and sizes that systemd and apt would not understand."""
    problems = []
    for option, pattern, example in (
        ("host_baseline_reboot", r"([01]\d|2[0-3]):[0-5]\d|", "04:00, or nothing"),
        ("host_baseline_journal_size", r"\d+[KMGT]?", "500M"),
        ("host_baseline_time_zone", r"[A-Za-z]+([/_+-][A-Za-z0-9_+-]+)*", "Asia/Tokyo"),
    ):
        if not re.fullmatch(pattern, str(host.values[option])):
            problems.append(f"{option} is {host.values[option]!r}; it has to be like {example}.")
    return problems


def check_host_time_sync(host: Cell) -> list[str]:
    """Sources that chrony would not understand."""
    return [
        f"host_time_sync_extra_sources[{number}] is {source!r}; it has to begin with server, pool, peer or refclock."
        for number, source in enumerate(host.values["host_time_sync_extra_sources"])
        if not re.match(r"(server|pool|peer|refclock)\s+\S", str(source))
    ]


def check_host_ssm_agent(host: Cell) -> list[str]:
    """Versions and fingerprints that are none."""
    return _check_agent(host, "host_ssm_agent")


def check_host_cloudwatch_agent(host: Cell) -> list[str]:
    """A configuration that the agent would refuse, or of which it would take no notice."""
    prefix = "host_cloudwatch_agent_"
    inputs = {name.removeprefix(prefix): value for name, value in host.values.items() if name.startswith(prefix)}
    problems = _check_agent(host, "host_cloudwatch_agent")
    parameter = inputs["parameter"]
    if parameter and not re.fullmatch(r"[A-Za-z0-9_.\-/]+", str(parameter)):
        problems.append(f"{prefix}parameter is {parameter!r}, which is no name of a parameter.")
    try:
        made = cloudwatch_agent.configuration(inputs, prefix)
    except cloudwatch_agent.ConfigurationError as error:
        return problems + error.problems
    size = len(json.dumps(made).encode())
    if parameter and size > cloudwatch_agent.LARGEST_PARAMETER:
        problems.append(
            f"The configuration of the CloudWatch Agent has {size} bytes, and a parameter takes "
            f"{cloudwatch_agent.LARGEST_PARAMETER}. Leave out {prefix}parameter, or some of it."
        )
    return problems


def _check_agent(host: Cell, role: str) -> list[str]:
    version = str(host.values[f"{role}_version"])
    problems = []
    if version != "latest" and not re.fullmatch(r"\d[\w.]*", version):
        problems.append(f"{role}_version is {version!r}; it has to be latest, or a version such as 3.3.4624.0.")
    problems += [
        f"{role}_fingerprints[{number}] is {fingerprint!r}, which has not 40 hexadecimal digits."
        for number, fingerprint in enumerate(host.values[f"{role}_fingerprints"])
        if not re.fullmatch(r"[0-9A-Fa-f]{40}", re.sub(r"\s", "", str(fingerprint)))
    ]
    return problems


HOST_CHECKS: dict[str, Callable[[Cell], list[str]]] = {
    "host_baseline": check_host_baseline,
    "host_time_sync": check_host_time_sync,
    "host_ssm_agent": check_host_ssm_agent,
    "host_cloudwatch_agent": check_host_cloudwatch_agent,
}


def check_hosts(layers: list[Layer], hosts: list[Cell]) -> list[str]:
    """Everything that is wrong with the inputs of the host roles, each once, with a host that it is wrong for.

    Of their variables only those that begin with ``host_`` are looked at: a dynamic inventory gives them many others.
    """
    found: dict[str, list[str]] = {}
    for host in hosts:
        host.origins = {name: origin for name, origin in host.origins.items() if name.startswith("host_")}
        problems = check_names(host, layers)
        problems += [f"{name} cannot be computed: {why}" for name, why in host.uncomputed.items()]
        for layer in (layer for layer in layers if host.runs(layer.name)):
            wrong = check_types(host, layer)
            places = {problem.split(" ")[0] for problem in wrong}
            problems += wrong
            # What is wrong inside of an input does not keep the rest of it from being looked at.
            if places.isdisjoint(layer.options) and not has_gaps(host, layer):
                problems += [it for it in HOST_CHECKS[layer.name](host) if it.split(" ")[0] not in places]
        for problem in problems:
            found.setdefault(problem, []).append(host.name)
    everywhere = len(hosts)
    return [
        problem if len(names) == everywhere else f"{problem} [{', '.join(names)}]" for problem, names in found.items()
    ]


def check_description(layers: list[Layer], cells: list[Cell], known: list[Layer] | None = None) -> list[str]:
    """Everything that is wrong with a description, each once, with the cells it is wrong in.

    A layer is looked into only as far as its own inputs and those that it refers to have values of the right types.
    ``known`` are all that have inputs, when roles of other playbooks have, too.
    """
    everywhere = len(cells)
    found: dict[str, list[str]] = {}
    of_cells = []
    for cell in cells:
        wrong = {layer.name: check_types(cell, layer) for layer in layers}
        unsound = {layer.name for layer in layers if wrong[layer.name] or has_gaps(cell, layer)}
        problems = check_names(cell, known or layers)
        problems += [f"{name} cannot be computed: {why}" for name, why in cell.uncomputed.items()]
        for name in cell.layers:
            problems += wrong[name]
        of_cells += check_account(cell)
        cell.layers = [name for name in cell.layers if unsound.isdisjoint({"estate", name})]
        for name, check in CHECKS.items():
            if cell.runs(name) and unsound.isdisjoint(REFERS_TO.get(name, ())):
                problems += check(cell)
        for problem in problems:
            found.setdefault(problem, []).append(cell.name)
    said = [
        problem if len(names) == everywhere else f"{problem} [{', '.join(names)}]" for problem, names in found.items()
    ]
    return [*of_cells, *said, *dict.fromkeys(check_cells([cell for cell in cells if cell.runs("estate")]))]
