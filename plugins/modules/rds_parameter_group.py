#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rds_parameter_group
version_added: "0.1.0"
short_description: Manage a parameter group of Amazon RDS or Aurora
description:
  - Creates, changes and deletes a parameter group, of instances or of clusters.
  - Parameters that apply at once (dynamic ones) are set at once. Those that need a reboot (static ones) are set to wait
    for it; RV(needs_reboot) names those among the changed ones.
  - amazon.aws has modules for either kind of group. In check mode they foretell no change of a parameter, they pass
    over unknown parameters, never reset one, and know but one way of applying for dynamic and static ones together.
  - Follows U(https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The group's name, unique among the groups of its type in the region. RDS stores it in lower case.
    type: str
    required: true
    aliases: [db_parameter_group_name, db_cluster_parameter_group_name]
  type:
    description:
      - Whether it is a group of clusters (Aurora's, and those of several zones) or of instances. Clusters have
        parameters that instances do not have.
    type: str
    choices: [cluster, instance]
    required: true
  state:
    description:
      - V(present) makes the group exist as described, V(absent) deletes it. One that has just ceased to be used is
        waited for, one that is in use is not deleted.
    type: str
    choices: [present, absent]
    default: present
  family:
    description:
      - The engine and its version, such as V(aurora-mysql8.0). Required for a new group, and never changed.
    type: str
    aliases: [db_parameter_group_family]
  description:
    description:
      - What the group is for; of a new group its name. AWS cannot change it.
    type: str
  parameters:
    description:
      - The values of parameters by their names.
      - Numbers, V(true) and V(false), and lists may be written as such, and become what the parameter takes, such as
        V(1) or V(ON). Expressions such as V({DBInstanceClassMemory*3/4}) stay as they are.
      - A parameter that has the wanted value by default is not set.
      - An unknown parameter, one that cannot be changed, and a value that is not in a parameter's list are refused.
    type: dict
  purge_parameters:
    description:
      - Whether parameters that are set, but not in O(parameters), are reset to the engine's default. Nothing is reset
        when O(parameters) is not given.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most for a group that is still in use, or busy with another change.
      - Wait some minutes before you create a database with a new group, if it sets what counts only then, such as
        a character set; AWS says five.
    type: int
    default: 180
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Have the clusters take encrypted connections only, and keep an audit log
  wellarchitected.aws.rds_parameter_group:
    name: example-cluster
    type: cluster
    family: aurora-mysql8.0
    description: Parameters of the clusters of the example
    parameters:
      require_secure_transport: true
      character_set_server: utf8mb4
      server_audit_logging: true
      server_audit_events: [CONNECT, QUERY_DCL, QUERY_DDL]
    tags:
      Environment: production

- name: Log slow queries, and leave alone what others have set
  wellarchitected.aws.rds_parameter_group:
    name: example-instance
    type: instance
    family: aurora-mysql8.0
    parameters:
      slow_query_log: true
      long_query_time: 0.5
      max_connections: "{DBInstanceClassMemory/12582880}"
    purge_parameters: false
  register: group

- name: Say what waits for a reboot
  ansible.builtin.debug:
    msg: "{{ group.needs_reboot }}"

- name: Delete the group
  wellarchitected.aws.rds_parameter_group:
    name: example-cluster
    type: cluster
    state: absent
"""

RETURN = r"""
needs_reboot:
  description:
    - The parameters among those that were changed, or would be, that take effect only when the instances that use the
      group are rebooted. Empty for a new group, which nothing uses yet.
  returned: success
  type: list
  elements: str
  sample: [performance_schema]
parameter_group:
  description: The group as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-cluster
    type:
      description: V(cluster) or V(instance).
      type: str
      sample: cluster
    arn:
      description: Its ARN; in check mode without a value for a group that would be created.
      type: str
      sample: arn:aws:rds:ap-northeast-1:123456789012:cluster-pg:example-cluster
    family:
      description: The engine and its version.
      type: str
      sample: aurora-mysql8.0
    description:
      description: What it is for.
      type: str
      sample: Parameters of the clusters of the example
    parameters:
      description: The parameters that are set, by name, with their values as RDS answers them.
      type: dict
      sample:
        require_secure_transport: "ON"
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import re

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import list_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.hints import did_you_mean
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.rds import (
    RdsErrorHandler,
    change_tags,
    patiently,
    write_tags,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

FIELDS = ("family", "description", "parameters", "tags")
# AWS takes no more parameters in one request.
PARAMETERS_PER_REQUEST = 20
# How engines write yes and no.
YES = ("1", "on", "true", "yes")
NO = ("0", "off", "false", "no")


class ParameterGroup(Resource):
    def __init__(self, params, client):
        super().__init__(given(params, FIELDS), params["purge_tags"])
        self.client = client
        self.name = params["name"].lower()
        self.type = params["type"]
        self.purge_parameters = params["purge_parameters"]
        self.wait_timeout = params["wait_timeout"]
        # What the calls and their members are called, for a group of this type.
        self.group = "DBClusterParameterGroup" if self.type == "cluster" else "DBParameterGroup"
        self.prefix = "db_cluster" if self.type == "cluster" else "db"
        self.identity = {f"{self.group}Name": self.name}
        self._known = None

    def find(self):
        description = self._describe()
        if not description:
            return None
        arn = description[f"{self.group}Arn"]
        return {
            "name": self.name,
            "type": self.type,
            "arn": arn,
            "family": description["DBParameterGroupFamily"],
            "description": description["Description"],
            "parameters": self._list_set_parameters(),
            "tags": self._list_tags(arn),
        }

    def blank(self):
        return {
            "name": self.name,
            "type": self.type,
            "arn": None,
            "family": self.given.get("family"),
            "description": self.given.get("description") or self.name,
            "parameters": {},
            "tags": {},
        }

    def wanted(self, current):
        fields = super().wanted(current)
        if "parameters" in fields and current["family"]:
            fields["parameters"] = self._wanted_parameters(current, fields["parameters"])
        return fields

    def _wanted_parameters(self, current, parameters):
        before = current["parameters"]
        kept = {} if self.purge_parameters else before
        if all(name in before and plainly_same(before[name], value) for name, value in parameters.items()):
            return {**kept, **{name: before[name] for name in parameters}}
        return {**kept, **merge(before, parameters, self.known(current), current)}

    def refusal(self, current, changes):
        if not current["family"]:
            return "A new parameter group needs family, such as aurora-mysql8.0."
        if self.name.startswith("default.") and changes.keys() - {"tags"}:
            return f"{self.name} is a parameter group of AWS's own, which cannot be changed. Choose another name."
        for field in ("family", "description"):
            if field in changes:
                return (
                    f"The {field} of the parameter group {self.name} is {current[field]!r}, and AWS cannot change it. "
                    "Give another name to create another group, or delete this one first (state: absent)."
                )
        if "parameters" in changes:
            known = self.known(current)
            for name in changed_parameters(current["parameters"], changes["parameters"]):
                if not known[name]["IsModifiable"]:
                    return f"parameters: {name} cannot be changed, AWS sets it for {current['family']}."
        return None

    def deletion_refusal(self, current):
        if self.name.startswith("default."):
            return f"{self.name} is a parameter group of AWS's own, which cannot be deleted."
        return None

    def create(self):
        self._create({**self.blank(), **super().wanted(self.blank())})

    def update(self, current, changes):
        if "parameters" in changes:
            known = self.known(current)
            before, after = current["parameters"], changes["parameters"]
            names = changed_parameters(before, after)
            to_set = [parameter(known[name], after[name]) for name in names if name in after]
            to_reset = [parameter(known[name]) for name in names if name not in after]
            for batch in batches(to_set):
                self._write("modify", batch)
            for batch in batches(to_reset):
                self._write("reset", batch)
        if "tags" in changes:
            change_tags(self.client, current["arn"], current["tags"], changes["tags"])

    def delete(self, current):
        self._delete()

    def known(self, current):
        """What AWS knows of the parameters that a group of this type and family can have, by their names."""
        if self._known is None:
            self._known = {entry["ParameterName"]: entry for entry in self._list_parameters(current)}
        return self._known

    def beside(self, outcome, check_mode):
        return {"needs_reboot": self.needs_reboot(outcome.before, outcome.after)}

    def needs_reboot(self, before, after):
        """The parameters that differ between two states of the group, and need a reboot."""
        if not before or not after:
            return []
        names = changed_parameters(before["parameters"], after["parameters"])
        return [name for name in names if self.known(before)[name]["ApplyType"] == "static"]

    @RdsErrorHandler.list_error_handler("find the parameter group {self.name}")
    def _describe(self):
        pages = self.client.get_paginator(f"describe_{self.prefix}_parameter_groups").paginate(**self.identity)
        return next(iter(pages.build_full_result()[f"{self.group}s"]), None)

    @RdsErrorHandler.list_error_handler("list the tags of the parameter group {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.client, arn)

    @RdsErrorHandler.list_error_handler("list the parameters of the parameter group {self.name}", {})
    def _list_set_parameters(self):
        pages = self.client.get_paginator(f"describe_{self.prefix}_parameters").paginate(**self.identity, Source="user")
        found = pages.build_full_result()["Parameters"]
        return {entry["ParameterName"]: entry["ParameterValue"] for entry in found if "ParameterValue" in entry}

    @RdsErrorHandler.common_error_handler("list the parameters that a group can have")
    def _list_parameters(self, current):
        if current["arn"]:
            pages = self.client.get_paginator(f"describe_{self.prefix}_parameters").paginate(**self.identity)
            return pages.build_full_result()["Parameters"]
        # Not every botocore has a paginator for both of these.
        kind = "cluster_" if self.type == "cluster" else ""
        describe = getattr(self.client, f"describe_engine_default_{kind}parameters")
        found, arguments = [], {"DBParameterGroupFamily": current["family"]}
        while True:
            page = describe(**arguments)["EngineDefaults"]
            found += page["Parameters"]
            if not page.get("Marker"):
                return found
            arguments["Marker"] = page["Marker"]

    @RdsErrorHandler.common_error_handler("create the parameter group {self.name}")
    def _create(self, state):
        getattr(self.client, f"create_{self.prefix}_parameter_group")(
            **self.identity,
            DBParameterGroupFamily=state["family"],
            Description=state["description"],
            Tags=write_tags(state["tags"]),
        )

    @RdsErrorHandler.common_error_handler("{verb} parameters of the parameter group {self.name}")
    def _write(self, verb, parameters):
        call = getattr(self.client, f"{verb}_{self.prefix}_parameter_group")
        patiently(lambda: call(**self.identity, Parameters=parameters), self.wait_timeout)

    @RdsErrorHandler.deletion_error_handler("delete the parameter group {self.name}")
    def _delete(self):
        call = getattr(self.client, f"delete_{self.prefix}_parameter_group")
        patiently(lambda: call(**self.identity), self.wait_timeout)


def as_text(value):
    """A value as a text, without knowing what it is the value of."""
    if isinstance(value, (list, tuple)):
        return ",".join(map(as_text, value))
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def plainly_same(current, value):
    """Whether a value means the one that is set, as far as one can say without knowing the parameter."""
    text = as_text(value)
    if isinstance(value, bool):
        return current.lower() in (YES if value else NO)
    return current == text or same_number(current, text)


def same_number(one, other):
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def allowed_values(entry):
    """The list of values that a parameter takes; empty when it takes others than listed ones."""
    allowed = entry.get("AllowedValues", "")
    if entry["DataType"] == "list" or not re.fullmatch(r"[\w./+-]+(,[\w./+-]+)+", allowed):
        return []
    values = allowed.split(",")
    is_range = any(re.fullmatch(r"-?\d+(\.\d+)?--?\d+(\.\d+)?", value) for value in values)
    return [] if is_range else values


def normalised(entry, value):
    """A value as the parameter that an entry of AWS's list describes takes it.

    Raises AnsibleAWSError when the parameter does not take it.
    """
    text, allowed = as_text(value), allowed_values(entry)
    if text.startswith("{") or not allowed:
        return text
    meanings = next((words for words in (YES, NO) if text.lower() in words), ())
    candidates = [candidate for candidate in allowed if candidate == text]
    candidates += [candidate for candidate in allowed if candidate.lower() == text.lower()]
    candidates += [candidate for candidate in allowed if candidate.lower() in meanings]
    if not candidates:
        hint = did_you_mean(text, allowed) or f" It takes: {', '.join(allowed)}."
        raise AnsibleAWSError(message=f"parameters: {entry['ParameterName']} does not take {value!r}.{hint}")
    return candidates[0]


def merge(before, parameters, known, group):
    """The given parameters that shall be set, with their values as RDS answers them.

    before: what is set; known: AWS's entries by name; group: the state of the group, for messages.
    """
    merged = {}
    for name, value in parameters.items():
        if name not in known:
            raise AnsibleAWSError(message=unknown_parameter(name, known, group))
        entry = known[name]
        text = normalised(entry, value)
        if name in before:
            merged[name] = before[name] if same_value(before[name], text) else text
        elif not same_value(entry.get("ParameterValue"), text):
            merged[name] = text
    return merged


def same_value(current, wanted):
    return current is not None and (current == wanted or same_number(current, wanted))


def unknown_parameter(name, known, group):
    hint = did_you_mean(name, known)
    if not hint and "aurora" in group["family"] and group["type"] == "instance":
        hint = " Groups of the type cluster have more parameters."
    return f"parameters: a parameter group of the type {group['type']} and {group['family']} has no {name}.{hint}"


def changed_parameters(before, after):
    """The names of the parameters whose values differ, sorted."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def parameter(entry, value=None):
    """What Modify and Reset take to set a parameter to a value, or to reset it."""
    method = "immediate" if entry["ApplyType"] == "dynamic" else "pending-reboot"
    members = {"ParameterName": entry["ParameterName"], "ApplyMethod": method}
    return members if value is None else {**members, "ParameterValue": value}


def batches(parameters):
    return [
        parameters[start : start + PARAMETERS_PER_REQUEST]
        for start in range(0, len(parameters), PARAMETERS_PER_REQUEST)
    ]


def main():
    text = {"type": "str"}
    module = AnsibleAWSModule(
        argument_spec={
            "name": {
                "type": "str",
                "required": True,
                "aliases": ["db_parameter_group_name", "db_cluster_parameter_group_name"],
            },
            "type": {"type": "str", "choices": ["cluster", "instance"], "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "family": {"type": "str", "aliases": ["db_parameter_group_family"]},
            "description": text,
            "parameters": {"type": "dict"},
            "purge_parameters": {"type": "bool", "default": True},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 180},
        },
        supports_check_mode=True,
    )
    run(module, "parameter_group", lambda: ParameterGroup(module.params, client(module, "rds")))


if __name__ == "__main__":
    main()
