#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: route53_records
version_added: "0.1.0"
short_description: Manage records of a hosted zone of Route 53
description:
  - Creates, changes and deletes records, all of them in one change, so that names that belong together, such as the two
    of a failover, never contradict each other.
  - What has one name and one type is stated whole. When a name is to have two records with O(records[].set_identifier),
    a single one that it had goes in the same change. All other records of the zone stay.
  - C(amazon.aws.route53) takes one record at a time, shows no diff, and cannot plan records of a zone that is only
    planned itself.
  - Follows U(https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the names have these records, V(absent) makes them have none of these types.
    type: str
    choices: [present, absent]
    default: present
  hosted_zone_id:
    description:
      - The id of the hosted zone, with or without C(/hostedzone/) in front. In check mode it may not be there yet.
    type: str
    required: true
  records:
    description:
      - The records. One has O(records[].values) and O(records[].ttl), or O(records[].alias).
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The whole name, with or without a dot at its end.
        type: str
        required: true
      type:
        description: The type.
        type: str
        required: true
        choices: [A, AAAA, CAA, CNAME, DS, HTTPS, MX, NAPTR, NS, PTR, SOA, SPF, SRV, SSHFP, SVCB, TLSA, TXT]
      values:
        description: The values, as a zone file has them; the text of a TXT record in double quotes.
        type: list
        elements: str
      ttl:
        description: For how many seconds resolvers may keep it.
        type: int
        default: 300
      alias:
        description: What AWS resource it leads to, instead of values.
        type: dict
        suboptions:
          dns_name:
            description: The domain name of the resource.
            type: str
            required: true
          hosted_zone_id:
            description: The hosted zone of the resource, such as V(Z2FDTNDATAQYW2) for CloudFront.
            type: str
            required: true
          evaluate_target_health:
            description: Whether it counts as unhealthy when its target does. AWS allows no V(true) for CloudFront.
            type: bool
            default: false
      set_identifier:
        description: What tells it from other records of the same name and type; required with a routing policy.
        type: str
      failover:
        description: Which of two records it is, the one to answer while it is healthy, or the other.
        type: str
        choices: [PRIMARY, SECONDARY]
      weight:
        description: Its share of the answers, 0 to 255.
        type: int
      health_check_id:
        description: The health check that says whether it is healthy.
        type: str
  wait:
    description:
      - Whether to wait until all name servers of Route 53 know the change, which takes AWS about a minute.
    type: bool
    default: false
  wait_timeout:
    description:
      - For how many seconds to wait.
    type: int
    default: 300
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Say who may issue certificates
  wellarchitected.aws.route53_records:
    hosted_zone_id: Z0123456789ABCDEFGHIJ
    records:
      - name: example.com
        type: CAA
        values: ['0 issue "amazon.com"']

- name: Lead to the site that is well
  wellarchitected.aws.route53_records:
    hosted_zone_id: Z0123456789ABCDEFGHIJ
    records:
      - name: origin.example.com
        type: A
        set_identifier: primary
        failover: PRIMARY
        health_check_id: 01234567-89ab-cdef-0123-456789abcdef
        alias: &load_balancer
          dns_name: primary-0123456789.ap-northeast-1.elb.amazonaws.com
          hosted_zone_id: Z14GRHDCWA56QT
          evaluate_target_health: true
      - name: origin.example.com
        type: A
        set_identifier: recovery
        failover: SECONDARY
        alias:
          dns_name: recovery-0123456789.ap-northeast-3.elb.amazonaws.com
          hosted_zone_id: Z5LXEXXYW11ES
          evaluate_target_health: true

- name: Take the address of an old name away
  wellarchitected.aws.route53_records:
    hosted_zone_id: Z0123456789ABCDEFGHIJ
    records:
      - {name: old.example.com, type: A}
    state: absent
"""

RETURN = r"""
zone:
  description: What the zone has of these names and types, or in check mode would have.
  returned: success
  type: dict
  contains:
    hosted_zone_id:
      description: Its id.
      type: str
      sample: Z0123456789ABCDEFGHIJ
    records:
      description: The records, sorted; each as in O(records), without what it has not.
      type: list
      elements: dict
      sample:
        - name: example.com
          type: CAA
          values: ['0 issue "amazon.com"']
          ttl: 300
"""

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Setting
from ansible_collections.wellarchitected.aws.plugins.module_utils.route53 import (
    Route53ErrorHandler,
    retry_on_prior_request,
)

TYPES = [
    *("A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB"),
    *("TLSA", "TXT"),
]
# The options that are written as they are, and what Route 53 calls them.
MEMBERS = {
    "set_identifier": "SetIdentifier",
    "failover": "Failover",
    "weight": "Weight",
    "health_check_id": "HealthCheckId",
}
WAIT_SECONDS = 5


class Records(Setting):
    def __init__(self, params, route53):
        named = [normalised(record) for record in params["records"]]
        wanted = [] if params["state"] == "absent" else sorted(named, key=order)
        super().__init__({"records": wanted})
        self.names = {(record["name"], record["type"]) for record in named}
        self.zone_id = params["hosted_zone_id"].rpartition("/")[2]
        self.wait_seconds = params["wait_timeout"] if params["wait"] else 0
        self.route53 = route53

    def find(self):
        records = self._list()
        if records is None:
            # Of a zone that is not there, nothing has to be taken away.
            return None if self.given["records"] else self.blank()
        found = [record for record in map(read, records) if (record["name"], record["type"]) in self.names]
        return {"hosted_zone_id": self.zone_id, "records": sorted(found, key=order)}

    def blank(self):
        return {"hosted_zone_id": self.zone_id, "records": []}

    def refusal(self, current, changes):
        return next(filter(None, map(fault, changes["records"])), None)

    def create(self):
        raise AnsibleAWSError(message=f"There is no hosted zone {self.zone_id} (hosted_zone_id).")

    def update(self, current, changes):
        change_id = self._change(batch(current["records"], changes["records"]))
        if self.wait_seconds:
            self._wait(change_id)

    @Route53ErrorHandler.list_error_handler("list the records of the hosted zone {self.zone_id}")
    def _list(self):
        pages = self.route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=self.zone_id)
        return [record for page in pages for record in page["ResourceRecordSets"]]

    @Route53ErrorHandler.common_error_handler("change the records of the hosted zone {self.zone_id}")
    @retry_on_prior_request
    def _change(self, changes):
        answer = self.route53.change_resource_record_sets(HostedZoneId=self.zone_id, ChangeBatch={"Changes": changes})
        return answer["ChangeInfo"]["Id"]

    @Route53ErrorHandler.common_error_handler("wait until all name servers know the change {change_id}")
    def _wait(self, change_id):
        config = {"Delay": WAIT_SECONDS, "MaxAttempts": -(-self.wait_seconds // WAIT_SECONDS)}
        self.route53.get_waiter("resource_record_sets_changed").wait(Id=change_id, WaiterConfig=config)


def order(record):
    """What a record is known by, which is also what records are sorted by."""
    return record["name"], record["type"], record.get("set_identifier", "")


def plain(name):
    """A domain name without a dot at its end, in lower case; Route 53 answers an asterisk as its octal number."""
    return name.rstrip(".").lower().replace("\\052", "*")


def normalised(given):
    """A record that the user gave, without what it has not."""
    record = {name: value for name, value in given.items() if value is not None}
    record["name"] = plain(record["name"])
    if "alias" in record:
        del record["ttl"]
        record["alias"] = {**record["alias"], "dns_name": plain(record["alias"]["dns_name"])}
    if "values" in record:
        record["values"] = sorted(record["values"])
    return record


def read(found):
    """A record set, as Route 53 lists it, as a record of the option `records`."""
    record = {"name": plain(found["Name"]), "type": found["Type"]}
    if "AliasTarget" in found:
        target = found["AliasTarget"]
        record["alias"] = {
            "dns_name": plain(target["DNSName"]),
            "hosted_zone_id": target["HostedZoneId"],
            "evaluate_target_health": target["EvaluateTargetHealth"],
        }
    else:
        record["values"] = sorted(value["Value"] for value in found.get("ResourceRecords", []))
        record["ttl"] = found.get("TTL")
    # A record by which latency or place decides is none that can be described here; it differs from all that can.
    other = {name: found[name] for name in ("Region", "GeoLocation", "MultiValueAnswer") if name in found}
    return {**record, **{name: found[member] for name, member in MEMBERS.items() if member in found}, **other}


def record_set(record):
    """A record, as Route 53 wants it."""
    written = {"Name": record["name"], "Type": record["type"]}
    if "alias" in record:
        written["AliasTarget"] = {
            "DNSName": record["alias"]["dns_name"],
            "HostedZoneId": record["alias"]["hosted_zone_id"],
            "EvaluateTargetHealth": record["alias"]["evaluate_target_health"],
        }
    else:
        written["ResourceRecords"] = [{"Value": value} for value in record["values"]]
        written["TTL"] = record["ttl"]
    members = {member: record[name] for name, member in MEMBERS.items() if name in record}
    return {**written, **members, **{name: record[name] for name in record if name[0].isupper()}}


def batch(current, wanted):
    """The changes that turn the current records into the wanted ones, deletions first."""
    kept = {order(record) for record in wanted}
    doomed = [record for record in current if order(record) not in kept]
    return [
        *({"Action": "DELETE", "ResourceRecordSet": record_set(record)} for record in doomed),
        *({"Action": "UPSERT", "ResourceRecordSet": record_set(record)} for record in wanted if record not in current),
    ]


def fault(record):
    """What is wrong with a record, as a sentence for the user, or None."""
    if ("alias" in record) == bool(record.get("values")):
        return f"The record {record['type']} {record['name']} needs either values or an alias."
    if ("failover" in record or "weight" in record) and "set_identifier" not in record:
        return f"The record {record['type']} {record['name']} needs a set_identifier, since others share its name."
    return None


def main():
    record = {
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "required": True, "choices": TYPES},
        "values": {"type": "list", "elements": "str"},
        "ttl": {"type": "int", "default": 300},
        "alias": {
            "type": "dict",
            "options": {
                "dns_name": {"type": "str", "required": True},
                "hosted_zone_id": {"type": "str", "required": True},
                "evaluate_target_health": {"type": "bool", "default": False},
            },
        },
        "set_identifier": {"type": "str"},
        "failover": {"type": "str", "choices": ["PRIMARY", "SECONDARY"]},
        "weight": {"type": "int"},
        "health_check_id": {"type": "str"},
    }
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "hosted_zone_id": {"type": "str", "required": True},
            "records": {"type": "list", "elements": "dict", "required": True, "options": record},
            "wait": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    run(module, "zone", lambda: Records(module.params, client(module, "route53")))


if __name__ == "__main__":
    main()
