#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cloudwatch_metric_info
version_added: "0.1.0"
short_description: Read a metric of Amazon CloudWatch
description:
  - Answers what a metric has been lately, as the datapoints of one statistic, the latest one apart.
  - Repeated with C(until), it waits for a metric. With P(wellarchitected.aws.progress#callback) each try shows it.
  - Follows U(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  namespace:
    description: The namespace of the metric, such as V(AWS/RDS).
    type: str
    required: true
  metric_name:
    description: The name of the metric.
    type: str
    required: true
  dimensions:
    description: All the dimensions of the metric, and no others. AWS answers nothing for a part of them.
    type: dict
    default: {}
  statistic:
    description: What is made of the values that fall into one period.
    type: str
    choices: [Average, Maximum, Minimum, SampleCount, Sum]
    default: Average
  period:
    description: For how many seconds one datapoint stands, a multiple of V(60), or V(1), V(5), V(10), V(20) or V(30).
    type: int
    default: 60
  seconds:
    description:
      - How far to look back. Datapoints that began earlier are not answered.
      - AWS's services take some minutes until a datapoint can be read.
    type: int
    default: 300
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Changes nothing.
    support: full
"""

EXAMPLES = r"""
- name: Wait until the replica has received everything
  wellarchitected.aws.cloudwatch_metric_info:
    namespace: AWS/RDS
    metric_name: AuroraBinlogReplicaLag
    dimensions:
      DBClusterIdentifier: shop
    statistic: Maximum
  register: lag
  until: lag.latest is not none and lag.latest.value == 0
  retries: 240
  delay: 15
"""

RETURN = r"""
datapoints:
  description: The datapoints, the oldest one first.
  returned: success
  type: list
  elements: dict
  contains:
    timestamp:
      description: When its period began, in UTC.
      type: str
      sample: "2026-11-28T16:00:00+00:00"
    unit:
      description: What the value counts, as CloudWatch calls it.
      type: str
      sample: Seconds
    value:
      description: The statistic of the period.
      type: float
      sample: 12.0
latest:
  description: The last one of them; without a value when there is none.
  returned: success
  type: dict
  contains:
    timestamp:
      description: When its period began, in UTC.
      type: str
      sample: "2026-11-28T16:00:00+00:00"
    unit:
      description: What the value counts, as CloudWatch calls it.
      type: str
      sample: Seconds
    value:
      description: The statistic of the period.
      type: float
      sample: 12.0
msg:
  description: The last one in words.
  returned: success
  type: str
  sample: AuroraBinlogReplicaLag of shop is 12 Seconds
"""

import datetime

from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import aws_errors, client


@AWSErrorHandler.common_error_handler("read the metric {MetricName}")
def read(cloudwatch, **request):
    return cloudwatch.get_metric_statistics(**request)["Datapoints"]


def request(params, now):
    """The arguments of the call."""
    return {
        "Namespace": params["namespace"],
        "MetricName": params["metric_name"],
        "Dimensions": [{"Name": name, "Value": str(value)} for name, value in sorted(params["dimensions"].items())],
        "Statistics": [params["statistic"]],
        "Period": params["period"],
        "StartTime": now - datetime.timedelta(seconds=params["seconds"]),
        "EndTime": now,
    }


def normal(datapoints, statistic, since):
    """The datapoints that began at this time or later, the oldest one first; AWS answers them in any order."""
    return [
        {"timestamp": point["Timestamp"].isoformat(), "unit": point["Unit"], "value": point[statistic]}
        for point in sorted(datapoints, key=lambda point: point["Timestamp"])
        if point["Timestamp"] >= since
    ]


def sentence(params, latest):
    """The last datapoint in words."""
    of = " of " + ", ".join(str(value) for value in params["dimensions"].values()) if params["dimensions"] else ""
    if latest is None:
        return f"{params['metric_name']}{of} is not known of the last {params['seconds']} seconds"
    return f"{params['metric_name']}{of} is {latest['value']:g} {latest['unit']}"


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "namespace": {"type": "str", "required": True},
            "metric_name": {"type": "str", "required": True},
            "dimensions": {"type": "dict", "default": {}},
            "statistic": {
                "type": "str",
                "choices": ["Average", "Maximum", "Minimum", "SampleCount", "Sum"],
                "default": "Average",
            },
            "period": {"type": "int", "default": 60},
            "seconds": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    params = module.params
    with aws_errors(module):
        wanted = request(params, datetime.datetime.now(datetime.UTC))
        found = normal(read(client(module, "cloudwatch"), **wanted), params["statistic"], wanted["StartTime"])
    latest = found[-1] if found else None
    module.exit_json(changed=False, datapoints=found, latest=latest, msg=sentence(params, latest))


if __name__ == "__main__":
    main()
