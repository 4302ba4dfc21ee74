#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: route53_zone
version_added: "0.1.0"
short_description: Manage a hosted zone of Route 53
description:
  - Creates, changes and deletes a public hosted zone, or a private one for VPCs.
  - C(amazon.aws.route53_zone) makes a second zone when the VPC of a private one changes, takes the comment away from a
    zone when none is given, deletes no zone that has records, and shows no diff.
  - A zone is identified by O(hosted_zone_id), or by O(name) and whether it is private, which it is with O(vpcs). Of
    several private zones of one name it is the one that has one of O(vpcs).
  - Follows U(https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-working-with.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the zone exist as described, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The domain name, with or without a dot at its end. AWS cannot change it. Either this or O(hosted_zone_id) is
        required.
    type: str
    aliases: [zone]
  hosted_zone_id:
    description:
      - The id of a zone that exists, with or without C(/hostedzone/) in front.
    type: str
  vpcs:
    description:
      - The VPCs that resolve the names of a private zone, at least one. All others are taken off it.
      - A public zone cannot become a private one, nor the reverse.
    type: list
    elements: dict
    suboptions:
      id:
        description: The id of the VPC.
        type: str
        required: true
      region:
        description: The region that it is in.
        type: str
        required: true
  comment:
    description:
      - What is said about the zone, 256 characters at the most. An empty text takes it away.
    type: str
  force:
    description:
      - Whether O(state=absent) deletes the records of the zone, too. When not, AWS keeps a zone that has any beyond
        those that it made itself.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Keep a public zone
  wellarchitected.aws.route53_zone:
    name: example.com
    comment: The shop
    tags:
      Owner: platform

- name: Keep a zone for the names inside two VPCs
  wellarchitected.aws.route53_zone:
    name: production.internal
    vpcs:
      - id: vpc-0123456789abcdef0
        region: ap-northeast-1
      - id: vpc-1123456789abcdef0
        region: ap-northeast-3

- name: Delete a zone with all its records
  wellarchitected.aws.route53_zone:
    hosted_zone_id: Z0123456789ABCDEFGHIJ
    state: absent
    force: true
"""

RETURN = r"""
zone:
  description: The zone as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    hosted_zone_id:
      description: Its id; without a value in check mode where it would be created.
      type: str
      sample: Z0123456789ABCDEFGHIJ
    name:
      description: The domain name, without a dot at its end.
      type: str
      sample: example.com
    private:
      description: Whether only VPCs see it.
      type: bool
      sample: false
    vpcs:
      description: The VPCs that see it, sorted by id.
      type: list
      elements: dict
      sample: []
    comment:
      description: What is said about it.
      type: str
      sample: The shop
    name_servers:
      description: The name servers that the domain has to be delegated to, sorted; none of a private zone.
      type: list
      elements: str
      sample: [ns-1.example.net, ns-2.example.org]
    record_count:
      description: The number of its records; a new zone has two.
      type: int
      sample: 2
    tags:
      description: Its tags.
      type: dict
      sample:
        Owner: platform
"""

import uuid

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.route53 import (
    Route53ErrorHandler,
    change_tags,
    retry_on_prior_request,
    tags_of,
)

# AWS makes these, and deletes them with the zone.
OWN_RECORDS = ("NS", "SOA")
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
CHANGES_AT_ONCE = 500


class Zone(Resource):
    def __init__(self, params, route53):
        super().__init__(given(params, ("comment", "vpcs", "tags")), params["purge_tags"])
        if "vpcs" in self.given:
            self.given["vpcs"] = sorted(self.given["vpcs"], key=lambda vpc: vpc["id"])
        self.name = params["name"] and params["name"].rstrip(".").lower()
        self.zone_id = params["hosted_zone_id"] and short_id(params["hosted_zone_id"])
        self.force = params["force"]
        self.route53 = route53

    @property
    def is_private(self):
        return bool(self.given.get("vpcs"))

    def find(self):
        zone_id = self.zone_id or self._search()
        answer = zone_id and self._get(zone_id)
        return read(answer, tags_of(self.route53, "hostedzone", [zone_id])[zone_id]) if answer else None

    def blank(self):
        if self.zone_id:
            raise AnsibleAWSError(
                message=f"There is no hosted zone {self.zone_id} (hosted_zone_id). To create one, give name instead."
            )
        return {
            "hosted_zone_id": None,
            "name": self.name,
            "private": self.is_private,
            "vpcs": [],
            "comment": "",
            "name_servers": [],
            "record_count": len(OWN_RECORDS),
            "tags": {},
        }

    def refusal(self, current, changes):
        if self.name and self.name != current["name"]:
            return (
                f"name is {self.name}, but the hosted zone {current['hosted_zone_id']} is {current['name']}, which AWS "
                "cannot change. Create another zone, and delete this one."
            )
        if "vpcs" in changes and not current["private"]:
            return f"vpcs are given, but {current['name']} is a public zone, which cannot become a private one."
        if "vpcs" in changes and not changes["vpcs"]:
            return f"vpcs is empty, but the private zone {current['name']} needs one VPC at least."
        return None

    def deletion_refusal(self, current):
        more = current["record_count"] - len(OWN_RECORDS)
        if more > 0 and not self.force:
            return (
                f"The zone {current['name']} has {more} records besides its own. Delete them first, or set force to "
                "delete them with the zone."
            )
        return None

    def create(self):
        private = {"VPC": aws_vpc(self.given["vpcs"][0])} if self.is_private else {}
        answer = self._create(
            Name=self.name,
            # A reference is used up by a deletion, so that it cannot be made of the name.
            CallerReference=str(uuid.uuid4()),
            HostedZoneConfig={"Comment": self.given.get("comment", ""), "PrivateZone": self.is_private},
            **private,
        )
        # Another zone may have the same name.
        self.zone_id = short_id(answer["HostedZone"]["Id"])

    def update(self, current, changes):
        zone_id = current["hosted_zone_id"]
        if "comment" in changes:
            self._comment(zone_id, changes["comment"])
        if "vpcs" in changes:
            # The new ones first, since a private zone has always one.
            for vpc in changes["vpcs"]:
                if vpc not in current["vpcs"]:
                    self._associate(zone_id, vpc)
            for vpc in current["vpcs"]:
                if vpc not in changes["vpcs"]:
                    self._disassociate(zone_id, vpc)
        if "tags" in changes:
            change_tags(self.route53, "hostedzone", zone_id, current["tags"], changes["tags"])

    def delete(self, current):
        records = deletable(self._records(current["hosted_zone_id"]), current["name"]) if self.force else []
        for start in range(0, len(records), CHANGES_AT_ONCE):
            self._delete_records(current["hosted_zone_id"], records[start : start + CHANGES_AT_ONCE])
        self._delete(current["hosted_zone_id"])

    def _search(self):
        """The id of the zone that is meant, or None. Raises AnsibleAWSError when it may be one of several."""
        found = [short_id(zone["Id"]) for zone in self._list() if zone["Config"]["PrivateZone"] == self.is_private]
        if len(found) > 1 and self.is_private:
            ids = {vpc["id"] for vpc in self.given["vpcs"]}
            found = [zone_id for zone_id in found if ids & {vpc["VPCId"] for vpc in self._get(zone_id).get("VPCs", [])}]
        if len(found) > 1:
            raise AnsibleAWSError(
                message=f"There are {len(found)} hosted zones {self.name}: {', '.join(sorted(found))}. Say by "
                "hosted_zone_id which one is meant."
            )
        return found[0] if found else None

    @Route53ErrorHandler.common_error_handler("list the hosted zones")
    def _list(self):
        # ListHostedZonesByName would begin with this name, but not end with it.
        pages = self.route53.get_paginator("list_hosted_zones").paginate()
        return [zone for page in pages for zone in page["HostedZones"] if zone["Name"].rstrip(".") == self.name]

    @Route53ErrorHandler.list_error_handler("find the hosted zone {zone_id}")
    def _get(self, zone_id):
        return self.route53.get_hosted_zone(Id=zone_id)

    @Route53ErrorHandler.common_error_handler("create the hosted zone {self.name}")
    def _create(self, **arguments):
        return self.route53.create_hosted_zone(**arguments)

    @Route53ErrorHandler.common_error_handler("comment on the hosted zone {zone_id}")
    @retry_on_prior_request
    def _comment(self, zone_id, comment):
        # Without the argument the comment is taken away.
        self.route53.update_hosted_zone_comment(Id=zone_id, **({"Comment": comment} if comment else {}))

    @Route53ErrorHandler.common_error_handler("let the VPC {vpc[id]} see the hosted zone {zone_id}")
    @retry_on_prior_request
    def _associate(self, zone_id, vpc):
        self.route53.associate_vpc_with_hosted_zone(HostedZoneId=zone_id, VPC=aws_vpc(vpc))

    @Route53ErrorHandler.common_error_handler("hide the hosted zone {zone_id} from the VPC {vpc[id]}")
    @retry_on_prior_request
    def _disassociate(self, zone_id, vpc):
        self.route53.disassociate_vpc_from_hosted_zone(HostedZoneId=zone_id, VPC=aws_vpc(vpc))

    @Route53ErrorHandler.common_error_handler("list the records of the hosted zone {zone_id}")
    def _records(self, zone_id):
        pages = self.route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id)
        return [record for page in pages for record in page["ResourceRecordSets"]]

    @Route53ErrorHandler.common_error_handler("delete the records of the hosted zone {zone_id}")
    @retry_on_prior_request
    def _delete_records(self, zone_id, records):
        changes = [{"Action": "DELETE", "ResourceRecordSet": record} for record in records]
        self.route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})

    @Route53ErrorHandler.deletion_error_handler("delete the hosted zone {zone_id}")
    @retry_on_prior_request
    def _delete(self, zone_id):
        self.route53.delete_hosted_zone(Id=zone_id)


def short_id(zone_id):
    """The id of a zone, without what Route 53 writes in front of it in some answers."""
    return zone_id.rpartition("/")[2]


def aws_vpc(vpc):
    """A VPC, as Route 53 names it."""
    return {"VPCId": vpc["id"], "VPCRegion": vpc["region"]}


def read(answer, tags):
    """The answer of GetHostedZone, and the tags of the zone, as a state."""
    zone = answer["HostedZone"]
    vpcs = [{"id": vpc["VPCId"], "region": vpc["VPCRegion"]} for vpc in answer.get("VPCs", [])]
    return {
        "hosted_zone_id": short_id(zone["Id"]),
        "name": zone["Name"].rstrip("."),
        "private": zone["Config"]["PrivateZone"],
        "vpcs": sorted(vpcs, key=lambda vpc: vpc["id"]),
        "comment": zone["Config"].get("Comment", ""),
        "name_servers": sorted(answer.get("DelegationSet", {}).get("NameServers", [])),
        "record_count": zone["ResourceRecordSetCount"],
        "tags": tags,
    }


def deletable(records, zone_name):
    """The records that have to go before the zone can, which are all but those that AWS made of the zone itself."""
    return [
        record for record in records if not (record["Name"].rstrip(".") == zone_name and record["Type"] in OWN_RECORDS)
    ]


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "name": {"type": "str", "aliases": ["zone"]},
            "hosted_zone_id": {"type": "str"},
            "vpcs": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "id": {"type": "str", "required": True},
                    "region": {"type": "str", "required": True},
                },
            },
            "comment": {"type": "str"},
            "force": {"type": "bool", "default": False},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        required_one_of=[("name", "hosted_zone_id")],
        supports_check_mode=True,
    )
    run(module, "zone", lambda: Zone(module.params, client(module, "route53")))


if __name__ == "__main__":
    main()
