# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: s3_bucket_policy
short_description: The policy of a bucket of the estate
version_added: 0.1.0
description:
  - Refuses plain HTTP and TLS before 1.2, lets the named services deliver their logs, each to a folder of its own, and
    one distribution of CloudFront read.
options:
  _input:
    description: The name of the bucket.
    type: str
    required: true
  estate:
    description: What the names of the estate's resources begin with, such as V(shop-production).
    type: str
    required: true
  deliveries:
    description:
      - Which logs are delivered to the bucket, of C(bucket_access), C(cloudtrail), C(config), C(flow_logs),
        C(guardduty), C(load_balancer).
    type: list
    elements: str
    default: []
  distribution:
    description: ARN of the distribution of CloudFront that may read the bucket's objects; none when not given.
    type: str
extends_documentation_fragment:
  - wellarchitected.aws.policy
seealso:
  - name: Security best practices for Amazon S3
    description: Why a bucket refuses requests without TLS.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
"""

EXAMPLES = r"""
- name: A bucket for flow logs
  wellarchitected.aws.s3_bucket:
    name: shop-production-logs-123456789012-ap-northeast-1
    policy: >-
      {{ 'shop-production-logs-123456789012-ap-northeast-1'
         | wellarchitected.aws.s3_bucket_policy(estate='shop-production', deliveries=['flow_logs'],
                                                account_id='123456789012', region='ap-northeast-1') }}
"""

RETURN = r"""
_value:
  description: The policy document.
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.policies import Cell, PolicyError, bucket_policy


def s3_bucket_policy(bucket, estate, account_id, region, deliveries=None, distribution=None, partition="aws"):
    """Answers the policy document of a bucket."""
    try:
        return bucket_policy(Cell(account_id, region, partition), bucket, estate, deliveries or [], distribution)
    except PolicyError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"s3_bucket_policy": s3_bucket_policy}
