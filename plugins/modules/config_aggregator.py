#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: config_aggregator
version_added: "0.1.0"
short_description: Manage an aggregator of AWS Config
description:
  - Creates, changes and deletes an aggregator, which shows in one place what AWS Config has recorded and found in other
    accounts and regions. Those that are named one by one have to let it, each of them and each region, its own too
    (M(wellarchitected.aws.config_aggregation_authorization)); those of an organization do so anyway.
  - Follows U(https://docs.aws.amazon.com/config/latest/developerguide/aggregate-data.html).
  - M(community.aws.config_aggregator) (11.2) demands an organization, and does nothing in check mode.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The aggregator's name.
    type: str
    required: true
  state:
    description:
      - V(present) makes the aggregator exist as described; what is not given stays as it is.
      - V(absent) deletes it. What it has shown stays where it is from.
    type: str
    choices: [present, absent]
    default: present
  account_source:
    description:
      - The accounts that it shows, stated whole. A new aggregator needs this or O(organization_source), and giving one
        of them takes the place of the other.
    type: dict
    suboptions:
      account_ids:
        description:
          - The accounts, in any order.
        type: list
        elements: str
        required: true
      aws_regions:
        description:
          - The regions of all of these, in any order; empty for all regions, those to come too.
        type: list
        elements: str
        default: []
  organization_source:
    description:
      - The organization whose accounts it shows, stated whole.
    type: dict
    suboptions:
      role_arn:
        description:
          - ARN of the role with which AWS Config looks up the organization's accounts.
        type: str
        required: true
      aws_regions:
        description:
          - The regions of all of these, in any order; empty for all regions, those to come too.
        type: list
        elements: str
        default: []
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: See both regions in one place
  wellarchitected.aws.config_aggregator:
    name: example
    account_source:
      account_ids: ["123456789012"]
      aws_regions: [ap-northeast-1, ap-northeast-3]
    tags:
      Environment: production

- name: Delete the aggregator
  wellarchitected.aws.config_aggregator:
    name: example
    state: absent
"""

RETURN = r"""
aggregator:
  description: The aggregator as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example
    arn:
      description: Its ARN; V(null) in check mode for an aggregator that would be created.
      type: str
      sample: arn:aws:config:ap-northeast-1:123456789012:config-aggregator/config-aggregator-abc123
    account_source:
      description: The accounts that it shows; empty when it shows an organization.
      type: dict
      contains:
        account_ids:
          description: The accounts.
          type: list
          elements: str
          sample: ["123456789012"]
        aws_regions:
          description: The regions; empty for all.
          type: list
          elements: str
          sample: [ap-northeast-1, ap-northeast-3]
    organization_source:
      description: The organization that it shows; empty when it shows accounts.
      type: dict
      contains:
        role_arn:
          description: The role with which AWS Config looks up the accounts.
          type: str
          sample: arn:aws:iam::123456789012:role/example
        aws_regions:
          description: The regions; empty for all.
          type: list
          elements: str
          sample: []
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.config import ConfigErrorHandler, ConfigResource
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import given

SOURCES = ("account_source", "organization_source")


class Aggregator(ConfigResource):
    what = "aggregator"
    put = SOURCES

    def __init__(self, params, config):
        super().__init__(normal(given(params, (*SOURCES, "tags"))), params, config)

    def find(self):
        aggregator = self._describe()
        if aggregator is None:
            return None
        return read(aggregator, self._list_tags(aggregator["ConfigurationAggregatorArn"]))

    def blank(self):
        return {"name": self.name, "arn": None, "account_source": {}, "organization_source": {}, "tags": {}}

    def refusal(self, current, changes):
        if any({**current, **changes}[source] for source in SOURCES):
            return None
        return f"The new aggregator {self.name} needs account_source or organization_source, which it is to show."

    @ConfigErrorHandler.deletion_error_handler("delete the aggregator {self.name}")
    def delete(self, current):
        self.config.delete_configuration_aggregator(ConfigurationAggregatorName=self.name)

    @ConfigErrorHandler.list_error_handler("find the aggregator {self.name}")
    def _describe(self):
        found = self.config.describe_configuration_aggregators(ConfigurationAggregatorNames=[self.name])
        return found["ConfigurationAggregators"][0]

    # AWS Config knows a new role only after some seconds.
    @ConfigErrorHandler.common_error_handler("set the aggregator {self.name}")
    @retry_on("InvalidRoleException")
    def _put(self, state, **more):
        self.config.put_configuration_aggregator(**request(state), **more)


def normal(fields):
    """What is given, in order. One source takes the place of the other."""
    for source, other in (SOURCES, SOURCES[::-1]):
        if source in fields:
            fields[source] = {
                name: sorted(value) if isinstance(value, list) else value for name, value in fields[source].items()
            }
            fields[other] = {}
            break
    return fields


def request(state):
    """A state as the API takes it."""
    accounts, organization = state["account_source"], state["organization_source"]
    if accounts:
        source = {"AccountIds": accounts["account_ids"], **regions(accounts)}
        sources = {"AccountAggregationSources": [source]}
    else:
        sources = {"OrganizationAggregationSource": {"RoleArn": organization["role_arn"], **regions(organization)}}
    return {"ConfigurationAggregatorName": state["name"], **sources}


def regions(source):
    return {"AwsRegions": source["aws_regions"]} if source["aws_regions"] else {"AllAwsRegions": True}


def read(aggregator, tags):
    """An aggregator as AWS Config describes it, as a state."""
    accounts = next(iter(aggregator.get("AccountAggregationSources", [])), None)
    organization = aggregator.get("OrganizationAggregationSource")
    return {
        "name": aggregator["ConfigurationAggregatorName"],
        "arn": aggregator["ConfigurationAggregatorArn"],
        "account_source": (
            {"account_ids": sorted(accounts["AccountIds"]), "aws_regions": sorted(accounts.get("AwsRegions") or [])}
            if accounts
            else {}
        ),
        "organization_source": (
            {"role_arn": organization["RoleArn"], "aws_regions": sorted(organization.get("AwsRegions") or [])}
            if organization
            else {}
        ),
        "tags": tags,
    }


def main():
    texts = {"type": "list", "elements": "str"}
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "account_source": {
                "type": "dict",
                "options": {"account_ids": {**texts, "required": True}, "aws_regions": {**texts, "default": []}},
            },
            "organization_source": {
                "type": "dict",
                "options": {
                    "role_arn": {"type": "str", "required": True},
                    "aws_regions": {**texts, "default": []},
                },
            },
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        mutually_exclusive=[SOURCES],
        supports_check_mode=True,
    )
    run(module, "aggregator", lambda: Aggregator(module.params, client(module, "config")))


if __name__ == "__main__":
    main()
