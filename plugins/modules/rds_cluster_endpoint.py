#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rds_cluster_endpoint
version_added: "0.1.0"
short_description: Manage a custom endpoint of an Amazon Aurora DB cluster
description:
  - Creates, changes and deletes an address that leads to some of a cluster's instances, beside the addresses of the
    writer and of the readers that every cluster has.
  - Follows U(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Endpoints.Custom.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  db_cluster_endpoint_identifier:
    description:
      - The endpoint's name, with which its address begins. AWS keeps it in lower case.
    type: str
    required: true
    aliases: [endpoint_id]
  state:
    description:
      - V(present) makes the endpoint exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  db_cluster_identifier:
    description: The cluster's name. Required for a new endpoint, and never changed.
    type: str
    aliases: [cluster_id]
  endpoint_type:
    description:
      - V(READER) leads to instances that only read; an instance that becomes the writer is left out. V(ANY) leads to
        the writer, too. Required for a new endpoint.
    type: str
    choices: [READER, ANY]
  static_members:
    description:
      - Names of all the instances that it leads to. Instances that are added to the cluster later are left out.
      - Takes the place of O(excluded_members), as that takes its place. With neither, a new endpoint leads to all
        instances; an empty list makes it so again.
    type: list
    elements: str
  excluded_members:
    description:
      - Names of the instances that it does not lead to. It leads to all others, and to those that are added later.
    type: list
    elements: str
  wait:
    description:
      - Whether to wait until the endpoint can be used with all its changes, or until it is gone.
      - A cluster or an endpoint that is busy with something else is waited for in any case.
    type: bool
    default: true
  wait_timeout:
    description: How many seconds to wait at most, each time.
    type: int
    default: 600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Give the reports an instance of their own
  wellarchitected.aws.rds_cluster_endpoint:
    db_cluster_endpoint_identifier: shop-reports
    db_cluster_identifier: shop
    endpoint_type: ANY
    static_members: [shop-3]

- name: Let the application read from all the other readers, however many there are
  wellarchitected.aws.rds_cluster_endpoint:
    db_cluster_endpoint_identifier: shop-reads
    db_cluster_identifier: shop
    endpoint_type: READER
    excluded_members: [shop-3]

- name: Delete an endpoint
  wellarchitected.aws.rds_cluster_endpoint:
    db_cluster_endpoint_identifier: shop-reports
    state: absent
"""

RETURN = r"""
endpoint:
  description: The endpoint as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    address:
      description: Its address; in check mode without a value for an endpoint that would be created.
      type: str
      sample: shop-reports.cluster-custom-abcdefghijkl.ap-northeast-1.rds.amazonaws.com
    arn:
      description: Its ARN; in check mode without a value for an endpoint that would be created.
      type: str
      sample: arn:aws:rds:ap-northeast-1:123456789012:cluster-endpoint:shop-reports
    db_cluster_endpoint_identifier:
      description: Its name.
      type: str
      sample: shop-reports
    db_cluster_endpoint_resource_identifier:
      description: An id that it keeps all its life; in check mode without a value for one that would be created.
      type: str
      sample: cluster-endpoint-ABCDEFGHIJKLMNOPQRSTUVWXYZ
    db_cluster_identifier:
      description: The cluster's name.
      type: str
      sample: shop
    endpoint_type:
      description: V(READER) or V(ANY).
      type: str
      sample: ANY
    excluded_members:
      description: Names of the instances that it does not lead to.
      type: list
      elements: str
      sample: []
    static_members:
      description: Names of the instances that it leads to; empty for all that are not excluded.
      type: list
      elements: str
      sample: [shop-3]
    status:
      description: V(available), V(creating), V(modifying), V(deleting), or V(inactive) when the cluster cannot use it.
      type: str
      sample: available
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import list_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.rds import (
    RdsErrorHandler,
    SlowResource,
    change_tags,
    patiently,
    write_tags,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import given

MEMBERS = {"static_members": "StaticMembers", "excluded_members": "ExcludedMembers"}
FIELDS = ("db_cluster_identifier", "endpoint_type", *MEMBERS, "tags")


class ClusterEndpoint(SlowResource):
    what = "endpoint"
    settled = frozenset({"available", "inactive"})

    def __init__(self, params, rds):
        super().__init__(given_fields(params), params, rds, params["db_cluster_endpoint_identifier"])

    def find(self):
        endpoint = self._describe()
        return read(endpoint, self._list_tags(endpoint["DBClusterEndpointArn"])) if self.is_there(endpoint) else None

    def blank(self):
        return {
            "db_cluster_endpoint_identifier": self.name,
            "db_cluster_endpoint_resource_identifier": None,
            "arn": None,
            "address": None,
            "status": "available",
            "db_cluster_identifier": None,
            "endpoint_type": None,
            "static_members": [],
            "excluded_members": [],
            "tags": {},
        }

    def refusal(self, current, changes):
        if "status" in changes:
            return f"The endpoint {self.name} is being deleted. Run this again when it is gone, in a minute."
        if current["arn"] is None:
            missing = [field for field in ("db_cluster_identifier", "endpoint_type") if field not in changes]
            return f"The new endpoint {self.name} needs {' and '.join(missing)}." if missing else None
        if "db_cluster_identifier" in changes:
            return (
                f"The endpoint {self.name} is one of the cluster {current['db_cluster_identifier']}, and cannot move "
                f"to {changes['db_cluster_identifier']}. Choose another name, or delete it first (state: absent)."
            )
        return None

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})
        self._wait_if_asked()

    def update(self, current, changes):
        if "tags" in changes:
            change_tags(self.rds, current["arn"], current["tags"], changes["tags"])
        arguments = modification(current, changes)
        if arguments:
            self._modify(arguments)
            self._wait_if_asked()

    @RdsErrorHandler.list_error_handler("find the endpoint {self.name}")
    def _describe(self):
        pages = self.rds.get_paginator("describe_db_cluster_endpoints").paginate(DBClusterEndpointIdentifier=self.name)
        found = [endpoint for page in pages for endpoint in page["DBClusterEndpoints"]]
        return next((endpoint for endpoint in found if endpoint["EndpointType"] == "CUSTOM"), None)

    @RdsErrorHandler.list_error_handler("list the tags of the endpoint {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.rds, arn)

    @RdsErrorHandler.common_error_handler("create the endpoint {self.name}")
    def _create(self, state):
        arguments = creation(state)
        patiently(
            lambda: self.rds.create_db_cluster_endpoint(DBClusterEndpointIdentifier=self.name, **arguments),
            self.wait_timeout,
        )

    @RdsErrorHandler.common_error_handler("change the endpoint {self.name}")
    def _modify(self, arguments):
        patiently(
            lambda: self.rds.modify_db_cluster_endpoint(DBClusterEndpointIdentifier=self.name, **arguments),
            self.wait_timeout,
        )

    @RdsErrorHandler.deletion_error_handler("delete the endpoint {self.name}")
    def _delete(self):
        patiently(lambda: self.rds.delete_db_cluster_endpoint(DBClusterEndpointIdentifier=self.name), self.wait_timeout)


def given_fields(params):
    """The options that the user gave, as RDS answers them; a list of members takes the place of the other one."""
    fields = given(params, FIELDS)
    if "db_cluster_identifier" in fields:
        fields["db_cluster_identifier"] = fields["db_cluster_identifier"].lower()
    members = {field: sorted({name.lower() for name in fields.get(field, [])}) for field in MEMBERS}
    return {**fields, **members} if MEMBERS.keys() & fields.keys() else fields


def read(endpoint, tags):
    """An endpoint as RDS describes it, and its tags, as a state."""
    return {
        "db_cluster_endpoint_identifier": endpoint["DBClusterEndpointIdentifier"],
        "db_cluster_endpoint_resource_identifier": endpoint["DBClusterEndpointResourceIdentifier"],
        "arn": endpoint["DBClusterEndpointArn"],
        "address": endpoint.get("Endpoint"),
        "status": endpoint["Status"],
        "db_cluster_identifier": endpoint["DBClusterIdentifier"],
        "endpoint_type": endpoint["CustomEndpointType"],
        **{field: sorted(endpoint.get(member, [])) for field, member in MEMBERS.items()},
        "tags": tags,
    }


def creation(state):
    """The arguments, besides the name, that create an endpoint."""
    arguments = {"DBClusterIdentifier": state["db_cluster_identifier"], "EndpointType": state["endpoint_type"]}
    arguments |= {member: state[field] for field, member in MEMBERS.items() if state[field]}
    return {**arguments, "Tags": write_tags(state["tags"])} if state["tags"] else arguments


def modification(current, changes):
    """The arguments, besides the name, that make the changes; none when there is nothing to modify.

    Both lists are told when one changes: the one that is left out would stay.
    """
    arguments = {"EndpointType": changes["endpoint_type"]} if "endpoint_type" in changes else {}
    if MEMBERS.keys() & changes.keys():
        arguments |= {member: changes.get(field, current[field]) for field, member in MEMBERS.items()}
    return arguments


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "db_cluster_endpoint_identifier": {"type": "str", "required": True, "aliases": ["endpoint_id"]},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "db_cluster_identifier": {"type": "str", "aliases": ["cluster_id"]},
            "endpoint_type": {"type": "str", "choices": ["READER", "ANY"]},
            "static_members": {"type": "list", "elements": "str"},
            "excluded_members": {"type": "list", "elements": "str"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 600},
        },
        mutually_exclusive=[("static_members", "excluded_members")],
        supports_check_mode=True,
    )
    run(module, "endpoint", lambda: ClusterEndpoint(module.params, client(module, "rds")))


if __name__ == "__main__":
    main()
