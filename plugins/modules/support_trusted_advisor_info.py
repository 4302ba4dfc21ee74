#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: support_trusted_advisor_info
version_added: "0.1.0"
short_description: Read what AWS Trusted Advisor has found
description:
  - Answers the checks of Trusted Advisor with their results, and the resources that each flags.
  - AWS answers only accounts with a support plan of Business or more. Of other accounts the module says so, without
    failing.
  - Trusted Advisor is in one region of a partition alone, us-east-1 of the standard one. It is asked there, whatever
    the region.
  - Follows U(https://docs.aws.amazon.com/awssupport/latest/user/trusted-advisor.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  categories:
    description:
      - Which checks are read, by their category.
    type: list
    elements: str
    choices: [cost_optimizing, security, fault_tolerance, performance, service_limits, operational_excellence]
    default: [cost_optimizing, security]
  refresh:
    description:
      - Whether to have the checks made anew, and to wait for that. AWS makes each anew at most every few minutes or
        hours, and some when it likes; of those the last result is answered.
    type: bool
    default: false
  wait_timeout:
    description:
      - How many seconds to wait for the checks that are made anew.
    type: int
    default: 900
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Changes nothing. Nothing is made anew then.
    support: full
"""

EXAMPLES = r"""
- name: Read what costs money for nothing
  wellarchitected.aws.support_trusted_advisor_info:
    categories: [cost_optimizing]
  register: advice

- name: Say what it is
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.estimated_monthly_savings }} USD a month"
  loop: "{{ advice.checks | selectattr('flagged_resources') }}"

- name: Read everything, as it is now
  wellarchitected.aws.support_trusted_advisor_info:
    categories:
      - cost_optimizing
      - security
      - fault_tolerance
      - performance
      - service_limits
      - operational_excellence
    refresh: true
"""

RETURN = r"""
subscribed:
  description: Whether the account has a support plan with which AWS answers.
  returned: success
  type: bool
  sample: true
reason:
  description: Why nothing is answered, as a sentence; an empty text otherwise.
  returned: success
  type: str
  sample: ""
checks:
  description: The checks, by category and name; none when the account has no such support plan.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the check.
      type: str
      sample: hjLMh88uM8
    name:
      description: Its name.
      type: str
      sample: Idle Load Balancers
    category:
      description: Its category.
      type: str
      sample: cost_optimizing
    status:
      description: V(ok), V(warning), V(error), or V(not_available) when it has not been made yet.
      type: str
      sample: warning
    timestamp:
      description: When it was made, in UTC; an empty text when it has not been.
      type: str
      sample: "2026-05-04T03:12:40Z"
    estimated_monthly_savings:
      description: What could be saved in a month, in US dollars; 0 of a check that is not about costs.
      type: float
      sample: 18.0
    flagged_resources:
      description: What the check is about, but for what somebody has excluded.
      type: list
      elements: dict
      contains:
        resource_id:
          description: Trusted Advisor's own ID of it.
          type: str
          sample: 12345678-abcd
        status:
          description: V(warning) or V(error).
          type: str
          sample: warning
        region:
          description: Its region; an empty text when it has none.
          type: str
          sample: ap-northeast-1
        monthly_cost:
          description: What it costs for nothing in a month, in US dollars; no value when the check does not say.
          type: float
          sample: 18.0
        details:
          description: What the check says of it, by the check's own columns.
          type: dict
          sample:
            Load Balancer Name: example
            Reason: No active back-end instances
"""

import itertools
import re
import time

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import aws_errors, client

CATEGORIES = (
    "cost_optimizing",
    "security",
    "fault_tolerance",
    "performance",
    "service_limits",
    "operational_excellence",
)
NOT_SUBSCRIBED = (
    "AWS tells what Trusted Advisor found only accounts with a support plan of Business or more, and this account has "
    "none. Its console shows a few checks without one."
)
UNSUBSCRIBED_CODE = "SubscriptionRequiredException"
# Of a check that cannot be made anew on request, or not yet.
NOT_REFRESHABLE = "InvalidParameterValueException"
# https://docs.aws.amazon.com/awssupport/latest/APIReference/API_TrustedAdvisorCheckRefreshStatus.html
GOING_ON = ("enqueued", "processing")
DELAY = 10
BATCH = 100
# Columns that say what a resource costs, such as "Estimated Monthly Savings (On Demand)".
COST_COLUMN = re.compile(r"^(Estimated Monthly Savings|Monthly Storage Cost)")


class Advisor:
    def __init__(self, support):
        self.support = support

    @AWSErrorHandler.common_error_handler("list the checks of Trusted Advisor")
    def _list_checks(self):
        return self.support.describe_trusted_advisor_checks(language="en")["checks"]

    def checks(self, categories):
        """The checks of these categories, or None for an account that is not answered."""
        try:
            every = self._list_checks()
        except AnsibleAWSError as error:
            code = getattr(error.exception, "response", {}).get("Error", {}).get("Code")
            if code == UNSUBSCRIBED_CODE:
                return None
            raise
        known = [check for check in every if check["category"] in categories]
        return sorted(known, key=lambda check: (check["category"], check["name"]))

    def refresh(self, ids, wait_timeout):
        """Have checks made anew, and wait until none is being made any more."""
        begun = [check_id for check_id in ids if self._refresh(check_id)]
        until = time.monotonic() + wait_timeout
        while begun:
            begun = [check_id for check_id, status in self._refresh_statuses(begun).items() if status in GOING_ON]
            if begun and time.monotonic() >= until:
                raise AnsibleAWSError(
                    message=f"Trusted Advisor is still making {len(begun)} checks anew after {wait_timeout} s. It goes "
                    "on; run this again without refresh in a while."
                )
            if begun:
                time.sleep(DELAY)

    def results(self, checks):
        """What came of checks; of those that flag nothing, no more than that is asked."""
        summaries = self._summaries([check["id"] for check in checks])
        return [self._result(check, summaries.get(check["id"])) for check in checks]

    def _result(self, check, summary):
        flagged = self._flagged(check["id"]) if summary and summary.get("hasFlaggedResources") else []
        return read(check, summary or {}, flagged)

    @AWSErrorHandler.common_error_handler("have the check {check_id} made anew")
    def _refresh(self, check_id):
        try:
            self.support.refresh_trusted_advisor_check(checkId=check_id)
        except is_boto3_error_code(NOT_REFRESHABLE):
            return False
        return True

    @AWSErrorHandler.common_error_handler("see which checks are being made anew")
    def _refresh_statuses(self, ids):
        statuses = [
            status
            for batch in itertools.batched(ids, BATCH)
            for status in self.support.describe_trusted_advisor_check_refresh_statuses(checkIds=batch)["statuses"]
        ]
        return {status["checkId"]: status["status"] for status in statuses}

    @AWSErrorHandler.common_error_handler("read what came of the checks of Trusted Advisor")
    def _summaries(self, ids):
        summaries = [
            summary
            for batch in itertools.batched(ids, BATCH)
            for summary in self.support.describe_trusted_advisor_check_summaries(checkIds=batch)["summaries"]
        ]
        return {summary["checkId"]: summary for summary in summaries}

    @AWSErrorHandler.common_error_handler("read what the check {check_id} flags")
    def _flagged(self, check_id):
        answer = self.support.describe_trusted_advisor_check_result(checkId=check_id, language="en")
        return answer["result"]["flaggedResources"]


def read(check, summary, flagged):
    """A check with its summary, {} when there is none, and the resources that it flags, as it is answered."""
    savings = summary.get("categorySpecificSummary", {}).get("costOptimizing", {})
    return {
        "id": check["id"],
        "name": check["name"],
        "category": check["category"],
        "status": summary.get("status", "not_available"),
        "timestamp": summary.get("timestamp", ""),
        "estimated_monthly_savings": round(savings.get("estimatedMonthlySavings", 0.0), 2),
        "flagged_resources": [
            read_resource(check["metadata"], resource)
            for resource in flagged
            if not resource.get("isSuppressed") and resource["status"] != "ok"
        ],
    }


def read_resource(columns, resource):
    """A resource that a check with these columns flags; what it does not say of one is null."""
    values = zip(columns, resource.get("metadata") or [], strict=False)
    details = {column: value for column, value in values if value is not None}
    cost = next((value for column, value in details.items() if COST_COLUMN.match(column)), None)
    return {
        "resource_id": resource["resourceId"],
        "status": resource["status"],
        "region": resource.get("region") or details.get("Region") or details.get("Region/AZ") or "",
        "monthly_cost": dollars(cost),
        "details": details,
    }


def dollars(text):
    """The number in a text such as $1,234.50; None when there is none."""
    digits = re.sub(r"[^0-9.]", "", text or "")
    return float(digits) if re.fullmatch(r"\d+(\.\d*)?|\.\d+", digits) else None


def region_of(partitioned):
    """Where Trusted Advisor is, for who works in this region.

    https://docs.aws.amazon.com/general/latest/gr/awssupport.html
    """
    if partitioned and partitioned.startswith("cn-"):
        return "cn-north-1"
    return "us-gov-west-1" if partitioned and partitioned.startswith("us-gov-") else "us-east-1"


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "categories": {
                "type": "list",
                "elements": "str",
                "choices": list(CATEGORIES),
                "default": ["cost_optimizing", "security"],
            },
            "refresh": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 900},
        },
        supports_check_mode=True,
    )
    with aws_errors(module):
        advisor = Advisor(client(module, "support", region=region_of(module.region)))
        checks = advisor.checks(module.params["categories"])
        if checks is None:
            module.exit_json(changed=False, subscribed=False, reason=NOT_SUBSCRIBED, checks=[])
        if module.params["refresh"] and not module.check_mode:
            advisor.refresh([check["id"] for check in checks], module.params["wait_timeout"])
        results = advisor.results(checks)
    module.exit_json(changed=False, subscribed=True, reason="", checks=results)


if __name__ == "__main__":
    main()
