#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: route53_health_check
version_added: "0.1.0"
short_description: Manage a health check of Route 53
description:
  - Creates, changes and deletes a health check, which DNS failover goes by. It watches an endpoint from several
    regions, a CloudWatch alarm, or other health checks.
  - A health check is identified by its tag C(Name), which is O(name), or by O(health_check_id).
  - The options are those of C(amazon.aws.route53_health_check), which knows neither the regions of the checkers, nor
    server name indication, nor inverted checks, nor those of an alarm, and shows no diff.
  - AWS does not say which records use a health check, and deletes it all the same. Take it away from them first.
  - Follows U(https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the health check exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The value of its tag C(Name). Either this or O(health_check_id) is required; with both, it is the name to give.
    type: str
    aliases: [health_check_name]
  health_check_id:
    description:
      - The id of a health check that exists. Then all other options are what to change.
    type: str
    aliases: [id]
  type:
    description:
      - What is checked; AWS cannot change it. Required of a new health check.
    type: str
    choices: [HTTP, HTTPS, HTTP_STR_MATCH, HTTPS_STR_MATCH, TCP, CALCULATED, CLOUDWATCH_METRIC]
  ip_address:
    description:
      - The public IPv4 or IPv6 address of the endpoint. An endpoint needs this or O(fqdn).
    type: str
  fqdn:
    description:
      - The domain name of the endpoint; with O(ip_address) only the name of the host that is asked for.
      - An empty text takes it away.
    type: str
  port:
    description:
      - The port of the endpoint. Of a new check V(80) for HTTP and V(443) for HTTPS when not given; required for TCP.
    type: int
  resource_path:
    description:
      - The path that is asked for, with its query, beginning with a slash. An empty text takes it away.
    type: str
  string_match:
    description:
      - The text that has to be within the first 5120 bytes of the answer. Required of a new check of V(HTTP_STR_MATCH)
        or V(HTTPS_STR_MATCH).
    type: str
  request_interval:
    description:
      - The seconds between two requests of one checker; V(10) costs more. AWS cannot change it. Of a new check V(30)
        when not given.
    type: int
    choices: [10, 30]
  failure_threshold:
    description:
      - How many checks in a row, from 1 to 10, have to fail or succeed to change the status; of a new check V(3) when
        not given.
    type: int
  measure_latency:
    description:
      - Whether CloudWatch gets the latency, too. AWS cannot change it. Of a new check V(false) when not given.
    type: bool
  enable_sni:
    description:
      - Whether the name in O(fqdn) is sent when TLS is negotiated; of a new HTTPS check V(true) when not given.
    type: bool
  regions:
    description:
      - The regions of the checkers, at least three; an empty list for all of them.
    type: list
    elements: str
    choices:
      - ap-northeast-1
      - ap-southeast-1
      - ap-southeast-2
      - eu-west-1
      - sa-east-1
      - us-east-1
      - us-west-1
      - us-west-2
  child_health_checks:
    description:
      - The ids of the health checks that one of type V(CALCULATED) counts.
    type: list
    elements: str
  health_threshold:
    description:
      - How many of O(child_health_checks) have to be healthy; of a new check V(1) when not given.
    type: int
  alarm_identifier:
    description:
      - The CloudWatch alarm whose metric a health check of type V(CLOUDWATCH_METRIC) watches.
    type: dict
    suboptions:
      region:
        description: The region of the alarm.
        type: str
        required: true
      name:
        description: The name of the alarm.
        type: str
        required: true
  insufficient_data_health_status:
    description:
      - What the health check says while the metric has too few data; of a new check V(LastKnownStatus) when not given.
    type: str
    choices: [Healthy, LastKnownStatus, Unhealthy]
  inverted:
    description:
      - Whether healthy means unhealthy, and the reverse.
    type: bool
  disabled:
    description:
      - Whether nothing is checked; the status then is healthy, or with O(inverted) unhealthy.
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Watch a site from three regions
  wellarchitected.aws.route53_health_check:
    name: example-primary
    type: HTTPS_STR_MATCH
    fqdn: www.example.com
    resource_path: /health
    string_match: '"status": "ok"'
    request_interval: 10
    failure_threshold: 3
    measure_latency: true
    regions: [ap-northeast-1, us-west-2, eu-west-1]

- name: Watch what is not reached from outside by an alarm
  wellarchitected.aws.route53_health_check:
    name: example-database
    type: CLOUDWATCH_METRIC
    alarm_identifier:
      region: ap-northeast-1
      name: example-database-connections
    insufficient_data_health_status: Unhealthy

- name: Be healthy while both are
  wellarchitected.aws.route53_health_check:
    name: example
    type: CALCULATED
    child_health_checks:
      - 01234567-89ab-cdef-0123-456789abcdef
      - 12345678-9abc-def0-1234-56789abcdef0
    health_threshold: 2

- name: Delete a health check
  wellarchitected.aws.route53_health_check:
    name: example
    state: absent
"""

RETURN = r"""
health_check:
  description:
    - The health check as it is, or in check mode as it would be; empty when it is absent. What its type does not have
      is null or empty.
  returned: success
  type: dict
  contains:
    health_check_id:
      description: Its id; without a value in check mode where it would be created.
      type: str
      sample: 01234567-89ab-cdef-0123-456789abcdef
    type:
      description: What is checked.
      type: str
      sample: HTTPS_STR_MATCH
    ip_address:
      description: The address of the endpoint.
      type: str
      sample: 192.0.2.1
    fqdn:
      description: The domain name of the endpoint.
      type: str
      sample: www.example.com
    port:
      description: The port of the endpoint.
      type: int
      sample: 443
    resource_path:
      description: The path that is asked for.
      type: str
      sample: /health
    string_match:
      description: The text that has to be in the answer.
      type: str
      sample: ok
    request_interval:
      description: The seconds between two requests of one checker.
      type: int
      sample: 30
    failure_threshold:
      description: How many checks in a row change the status.
      type: int
      sample: 3
    measure_latency:
      description: Whether CloudWatch gets the latency.
      type: bool
      sample: true
    enable_sni:
      description: Whether the name is sent when TLS is negotiated.
      type: bool
      sample: true
    regions:
      description: The regions of the checkers, sorted; empty for all of them.
      type: list
      elements: str
      sample: [ap-northeast-1, eu-west-1, us-west-2]
    child_health_checks:
      description: The ids of the health checks that it counts, sorted.
      type: list
      elements: str
      sample: []
    health_threshold:
      description: How many of them have to be healthy.
      type: int
      sample: 1
    alarm_identifier:
      description: Region and name of the alarm.
      type: dict
      sample:
        region: ap-northeast-1
        name: example
    insufficient_data_health_status:
      description: What it says while the metric has too few data.
      type: str
      sample: LastKnownStatus
    inverted:
      description: Whether healthy means unhealthy.
      type: bool
      sample: false
    disabled:
      description: Whether nothing is checked.
      type: bool
      sample: false
    tags:
      description: Its tags.
      type: dict
      sample:
        Name: example-primary
"""

import uuid

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.route53 import (
    Route53ErrorHandler,
    change_tags,
    tags_of,
)

ENDPOINTS = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP")
PORTS = {"HTTP": 80, "HTTP_STR_MATCH": 80, "HTTPS": 443, "HTTPS_STR_MATCH": 443}
REGIONS = [
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-west-1",
    "sa-east-1",
    "us-east-1",
    "us-west-1",
    "us-west-2",
]
# The options, and what AWS calls them.
MEMBERS = {
    "type": "Type",
    "ip_address": "IPAddress",
    "fqdn": "FullyQualifiedDomainName",
    "port": "Port",
    "resource_path": "ResourcePath",
    "string_match": "SearchString",
    "request_interval": "RequestInterval",
    "failure_threshold": "FailureThreshold",
    "measure_latency": "MeasureLatency",
    "enable_sni": "EnableSNI",
    "regions": "Regions",
    "child_health_checks": "ChildHealthChecks",
    "health_threshold": "HealthThreshold",
    "alarm_identifier": "AlarmIdentifier",
    "insufficient_data_health_status": "InsufficientDataHealthStatus",
    "inverted": "Inverted",
    "disabled": "Disabled",
}
OF_CALCULATIONS = ("child_health_checks", "health_threshold")
OF_METRICS = ("alarm_identifier", "insufficient_data_health_status")
OF_ALL = ("type", "inverted", "disabled")
FIXED = ("type", "request_interval", "measure_latency")
# What is taken away not by an empty value, but by its name.
RESETTABLE = ("fqdn", "resource_path", "regions", "child_health_checks")


class HealthCheck(Resource):
    def __init__(self, params, route53):
        super().__init__(normalised(given(params, (*MEMBERS, "tags"))), params["purge_tags"])
        self.name = params["name"]
        self.health_check_id = params["health_check_id"]
        self.route53 = route53
        if self.name:
            if "tags" not in self.given:
                self.purge_tags = False
            self.given["tags"] = {**self.given.get("tags", {}), "Name": self.name}

    def find(self):
        if not self.health_check_id:
            return self._search()
        config = self._get()
        return config and read(self.health_check_id, config, self._tags([self.health_check_id]))

    def blank(self):
        if self.health_check_id:
            raise AnsibleAWSError(
                message=f"There is no health check {self.health_check_id} (health_check_id). To create one, give name "
                "instead."
            )
        return new_health_check(self.given.get("type"))

    def refusal(self, current, changes):
        kind = current["type"] or self.given.get("type")
        if not kind:
            return f"There is no health check with the tag Name {self.name} yet. To create it, give its type."
        if current["health_check_id"]:
            for field in FIXED:
                if field in changes:
                    return (
                        f"{field} is {changes[field]}, but the health check {current['health_check_id']} has "
                        f"{current[field]}, which AWS cannot change. Give the new one another name, let the records "
                        "use it, and delete this one."
                    )
        foreign = sorted(set(self.given) - options_of(kind) - {"tags"})
        if foreign:
            return f"A health check of type {kind} has no {', '.join(foreign)}."
        missing = lacking(kind, {**current, **changes})
        if missing:
            return f"A health check of type {kind} needs {', '.join(missing)}."
        return None

    @Route53ErrorHandler.common_error_handler("create the health check {self.name}")
    def create(self):
        state = {**self.blank(), **self.wanted(self.blank())}
        config = {member: state[field] for field, member in MEMBERS.items() if state[field] not in (None, "", [], {})}
        answer = self.route53.create_health_check(
            # A reference is used up by a deletion, so that it cannot be made of the name.
            CallerReference=str(uuid.uuid4()),
            HealthCheckConfig={**config, **_alarm(config)},
        )
        # It has no name yet by which it could be found.
        self.health_check_id = answer["HealthCheck"]["Id"]

    def update(self, current, changes):
        arguments = update_arguments(changes)
        if arguments:
            self._update(current["health_check_id"], arguments)
        if "tags" in changes:
            change_tags(self.route53, "healthcheck", current["health_check_id"], current["tags"], changes["tags"])

    def delete(self, current):
        self._delete(current["health_check_id"])

    def _search(self):
        """The health check of this name. Raises AnsibleAWSError when there are several."""
        configs = self._list()
        tags = self._tags(configs)
        named = [check_id for check_id in configs if tags.get(check_id, {}).get("Name") == self.name]
        if len(named) > 1:
            raise AnsibleAWSError(
                message=f"{len(named)} health checks have the tag Name {self.name}: {', '.join(sorted(named))}. Say "
                "which one is meant by health_check_id, and rename or delete the others."
            )
        return read(named[0], configs[named[0]], tags) if named else None

    @Route53ErrorHandler.common_error_handler("list the health checks")
    def _list(self):
        """The configurations of all health checks, by id."""
        pages = self.route53.get_paginator("list_health_checks").paginate()
        return {check["Id"]: check["HealthCheckConfig"] for page in pages for check in page["HealthChecks"]}

    @Route53ErrorHandler.list_error_handler("find the health check {self.health_check_id}")
    def _get(self):
        return self.route53.get_health_check(HealthCheckId=self.health_check_id)["HealthCheck"]["HealthCheckConfig"]

    def _tags(self, ids):
        return tags_of(self.route53, "healthcheck", ids)

    @Route53ErrorHandler.common_error_handler("change the health check {health_check_id}")
    def _update(self, health_check_id, arguments):
        self.route53.update_health_check(HealthCheckId=health_check_id, **arguments)

    @Route53ErrorHandler.deletion_error_handler("delete the health check {health_check_id}")
    def _delete(self, health_check_id):
        self.route53.delete_health_check(HealthCheckId=health_check_id)


def normalised(fields):
    """The given options in the form in which read() answers them."""
    fields = dict(fields)
    if "regions" in fields:
        fields["regions"] = some_regions(fields["regions"])
    if "child_health_checks" in fields:
        fields["child_health_checks"] = sorted(set(fields["child_health_checks"]))
    if "fqdn" in fields:
        fields["fqdn"] = fields["fqdn"].lower()
    return fields


def some_regions(regions):
    """The regions in one order; all of them are none in particular."""
    return [] if set(regions) == set(REGIONS) else sorted(set(regions))


def options_of(kind):
    """The options that a health check of this type can have."""
    if kind == "CALCULATED":
        return {*OF_ALL, *OF_CALCULATIONS}
    if kind == "CLOUDWATCH_METRIC":
        return {*OF_ALL, *OF_METRICS}
    return set(MEMBERS) - {*OF_CALCULATIONS, *OF_METRICS}


def lacking(kind, state):
    """The options without which there is no health check of this type."""
    if kind == "CALCULATED":
        needed = ["child_health_checks"]
    elif kind == "CLOUDWATCH_METRIC":
        needed = ["alarm_identifier"]
    else:
        needed = ["port", *(["string_match"] if kind.endswith("_STR_MATCH") else [])]
    missing = [name for name in needed if not state[name]]
    if kind in ENDPOINTS and not (state["ip_address"] or state["fqdn"]):
        missing.append("ip_address or fqdn")
    return missing


def new_health_check(kind):
    """The state of a new health check of this type of which nothing more is said."""
    endpoint = kind in ENDPOINTS
    return {
        "health_check_id": None,
        "type": None,
        "ip_address": None,
        "fqdn": "",
        "port": PORTS.get(kind),
        "resource_path": "",
        "string_match": "",
        "request_interval": 30 if endpoint else None,
        "failure_threshold": 3 if endpoint else None,
        "measure_latency": False if endpoint else None,
        "enable_sni": kind.startswith("HTTPS") if endpoint else None,
        "regions": [],
        "child_health_checks": [],
        "health_threshold": 1 if kind == "CALCULATED" else None,
        "alarm_identifier": {},
        "insufficient_data_health_status": "LastKnownStatus" if kind == "CLOUDWATCH_METRIC" else None,
        "inverted": False,
        "disabled": False,
        "tags": {},
    }


def read(health_check_id, config, tags):
    """A health check's configuration, and the tags of it and others by id, as a state."""
    # AWS shows members of other types, too, which mean nothing.
    own = options_of(config["Type"])
    shown = {field: config[member] for field, member in MEMBERS.items() if field in own and member in config}
    state = {
        **new_health_check(None),
        **shown,
        "health_check_id": health_check_id,
        "tags": tags.get(health_check_id, {}),
    }
    alarm = state["alarm_identifier"]
    return {
        **state,
        "regions": some_regions(state["regions"]),
        "child_health_checks": sorted(state["child_health_checks"]),
        "alarm_identifier": {"region": alarm["Region"], "name": alarm["Name"]} if alarm else {},
    }


def update_arguments(changes):
    """The arguments of UpdateHealthCheck for these changes; none when there is nothing to say to it."""
    fields = {field: value for field, value in changes.items() if field in MEMBERS}
    reset = [MEMBERS[field] for field in fields if field in RESETTABLE and not fields[field]]
    arguments = {MEMBERS[field]: value for field, value in fields.items() if MEMBERS[field] not in reset}
    return {**arguments, **_alarm(arguments), **({"ResetElements": reset} if reset else {})}


def _alarm(members):
    alarm = members.get("AlarmIdentifier")
    return {"AlarmIdentifier": {"Region": alarm["region"], "Name": alarm["name"]}} if alarm else {}


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "name": {"type": "str", "aliases": ["health_check_name"]},
            "health_check_id": {"type": "str", "aliases": ["id"]},
            "type": {"type": "str", "choices": [*ENDPOINTS, "CALCULATED", "CLOUDWATCH_METRIC"]},
            "ip_address": {"type": "str"},
            "fqdn": {"type": "str"},
            "port": {"type": "int"},
            "resource_path": {"type": "str"},
            "string_match": {"type": "str"},
            "request_interval": {"type": "int", "choices": [10, 30]},
            "failure_threshold": {"type": "int"},
            "measure_latency": {"type": "bool"},
            "enable_sni": {"type": "bool"},
            "regions": {"type": "list", "elements": "str", "choices": REGIONS},
            "child_health_checks": {"type": "list", "elements": "str"},
            "health_threshold": {"type": "int"},
            "alarm_identifier": {
                "type": "dict",
                "options": {
                    "region": {"type": "str", "required": True},
                    "name": {"type": "str", "required": True},
                },
            },
            "insufficient_data_health_status": {"type": "str", "choices": ["Healthy", "LastKnownStatus", "Unhealthy"]},
            "inverted": {"type": "bool"},
            "disabled": {"type": "bool"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        required_one_of=[("name", "health_check_id")],
        supports_check_mode=True,
    )
    run(module, "health_check", lambda: HealthCheck(module.params, client(module, "route53")))


if __name__ == "__main__":
    main()
