#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: securityhub_finding_aggregator
version_added: "0.1.0"
short_description: Manage to which region Security Hub aggregates findings
description:
  - Aggregates the findings of other regions in this one, its home region, of which an account has one. Security Hub has
    to be on here, and in the regions whose findings are to come.
  - Follows U(https://docs.aws.amazon.com/securityhub/latest/userguide/finding-aggregation-enable.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) aggregates findings as described, V(absent) ends that. What has come stays.
    type: str
    choices: [present, absent]
    default: present
  region_linking_mode:
    description:
      - Which regions' findings come; V(ALL_REGIONS_EXCEPT_SPECIFIED) and V(SPECIFIED_REGIONS) go by O(regions). With
        the two that begin with V(ALL_REGIONS), those of regions that AWS opens later come, too.
      - Of a new one V(SPECIFIED_REGIONS) when O(regions) is given, and else V(ALL_REGIONS).
    type: str
    choices: [ALL_REGIONS, ALL_REGIONS_EXCEPT_SPECIFIED, SPECIFIED_REGIONS, NO_REGIONS]
  regions:
    description:
      - The regions that O(region_linking_mode) speaks of; not the home region.
    type: list
    elements: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Aggregate the findings of two other regions
  wellarchitected.aws.securityhub_finding_aggregator:
    region_linking_mode: SPECIFIED_REGIONS
    regions: [ap-northeast-3, us-east-1]

- name: Aggregate nothing any more
  wellarchitected.aws.securityhub_finding_aggregator:
    state: absent
"""

RETURN = r"""
finding_aggregator:
  description: The aggregation as it is, or in check mode as it would be; empty when there is none.
  returned: success
  type: dict
  contains:
    arn:
      description: Its ARN; in check mode without a value where it would be created.
      type: str
      sample: arn:aws:securityhub:ap-northeast-1:123456789012:finding-aggregator/123e4567-e89b-12d3-a456-426652340000
    home_region:
      description: The region that findings are aggregated in.
      type: str
      sample: ap-northeast-1
    region_linking_mode:
      description: Which regions' findings come, one of the values of O(region_linking_mode).
      type: str
      sample: SPECIFIED_REGIONS
    regions:
      description: The regions that RV(finding_aggregator.region_linking_mode) speaks of, sorted.
      type: list
      elements: str
      sample: [ap-northeast-3, us-east-1]
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.securityhub import SecurityHubErrorHandler

NAMED = ("SPECIFIED_REGIONS", "ALL_REGIONS_EXCEPT_SPECIFIED")


class Aggregator(Resource):
    def __init__(self, params, client):
        fields = given(params, ("region_linking_mode", "regions"))
        if "regions" in fields:
            fields["regions"] = sorted(set(fields["regions"]))
        super().__init__(fields)
        self.client = client
        self.region = client.meta.region_name

    def find(self):
        arn = self._find_arn()
        found = self._get(arn) if arn else None
        return read(found) if found else None

    def blank(self):
        return {
            "arn": None,
            "home_region": self.region,
            "region_linking_mode": NAMED[0] if self.given.get("regions") else "ALL_REGIONS",
            "regions": [],
        }

    def refusal(self, current, changes):
        if current["home_region"] != self.region:
            return (
                f"Security Hub aggregates this account's findings in {current['home_region']} already, and an account "
                f"has one such region. End that first (state: absent, region: {current['home_region']})."
            )
        after = {**current, **changes}
        mode, regions = after["region_linking_mode"], after["regions"]
        if mode in NAMED and not regions:
            return f"region_linking_mode: {mode} needs regions."
        if mode not in NAMED and regions and "regions" in self.given:
            return f"regions has no meaning with region_linking_mode: {mode}."
        if self.region in regions:
            return f"regions has {self.region}, which is the home region itself."
        return None

    def changes(self, current):
        changes = super().changes(current)
        if changes.get("region_linking_mode", NAMED[0]) not in NAMED and "regions" not in self.given:
            # They go with the mode that spoke of them.
            changes["regions"] = []
        return changes

    def deletion_refusal(self, current):
        if current["home_region"] == self.region:
            return None
        home = current["home_region"]
        return f"Security Hub aggregates this account's findings in {home}, and only there that can be ended."

    @SecurityHubErrorHandler.common_error_handler("aggregate findings in {self.region}")
    def create(self):
        self.client.create_finding_aggregator(**linking({**self.blank(), **self.given}))

    @SecurityHubErrorHandler.common_error_handler("change which regions' findings come to {self.region}")
    def update(self, current, changes):
        self.client.update_finding_aggregator(FindingAggregatorArn=current["arn"], **linking({**current, **changes}))

    @SecurityHubErrorHandler.deletion_error_handler("aggregate findings no more in {self.region}")
    def delete(self, current):
        self.client.delete_finding_aggregator(FindingAggregatorArn=current["arn"])

    @SecurityHubErrorHandler.list_error_handler("find out where findings are aggregated")
    def _find_arn(self):
        pages = self.client.get_paginator("list_finding_aggregators").paginate()
        return next((each["FindingAggregatorArn"] for page in pages for each in page["FindingAggregators"]), None)

    @SecurityHubErrorHandler.list_error_handler("find out which findings are aggregated")
    def _get(self, arn):
        return self.client.get_finding_aggregator(FindingAggregatorArn=arn)


def read(aggregator):
    """An aggregator as Security Hub answers it, as a state."""
    return {
        "arn": aggregator["FindingAggregatorArn"],
        "home_region": aggregator["FindingAggregationRegion"],
        "region_linking_mode": aggregator["RegionLinkingMode"],
        "regions": sorted(aggregator.get("Regions") or []),
    }


def linking(state):
    """The members that say which regions' findings come."""
    mode = {"RegionLinkingMode": state["region_linking_mode"]}
    return {**mode, "Regions": state["regions"]} if state["region_linking_mode"] in NAMED else mode


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "region_linking_mode": {"type": "str", "choices": ["ALL_REGIONS", *reversed(NAMED), "NO_REGIONS"]},
            "regions": {"type": "list", "elements": "str"},
        },
        supports_check_mode=True,
    )
    run(module, "finding_aggregator", lambda: Aggregator(module.params, client(module, "securityhub")))


if __name__ == "__main__":
    main()
