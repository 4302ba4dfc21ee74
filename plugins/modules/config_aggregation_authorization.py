#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: config_aggregation_authorization
version_added: "0.1.0"
short_description: Let an aggregator of AWS Config show what is recorded here
description:
  - Lets the aggregators of an account and region (M(wellarchitected.aws.config_aggregator)) collect what AWS Config has
    recorded and found in this account and region. Within an organization that is not needed.
  - Follows U(https://docs.aws.amazon.com/config/latest/developerguide/aggregated-add-authorization.html).
  - M(community.aws.config_aggregation_authorization) (11.2) does nothing in check mode, and has no tags.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  authorized_account_id:
    description:
      - The account of the aggregator, twelve digits in quotation marks.
    type: str
    required: true
  authorized_aws_region:
    description:
      - The region of the aggregator.
    type: str
    required: true
  state:
    description:
      - V(present) lets it. V(absent) does so no more, and what has been collected goes.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let the primary region show what is recorded here
  wellarchitected.aws.config_aggregation_authorization:
    authorized_account_id: "123456789012"
    authorized_aws_region: ap-northeast-1
    tags:
      Environment: production

- name: Do so no more
  wellarchitected.aws.config_aggregation_authorization:
    authorized_account_id: "123456789012"
    authorized_aws_region: ap-northeast-1
    state: absent
"""

RETURN = r"""
authorization:
  description: The authorization as it is, or in check mode as it would be; empty when there is none.
  returned: success
  type: dict
  contains:
    authorized_account_id:
      description: The account of the aggregator.
      type: str
      sample: "123456789012"
    authorized_aws_region:
      description: The region of the aggregator.
      type: str
      sample: ap-northeast-1
    arn:
      description: Its ARN; V(null) in check mode for one that would be created.
      type: str
      sample: arn:aws:config:ap-northeast-3:123456789012:aggregation-authorization/123456789012/ap-northeast-1
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.config import ConfigErrorHandler, ConfigResource
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import given


class Authorization(ConfigResource):
    what = "authorization of"
    put = ()

    def __init__(self, params, config):
        self.account, self.region = params["authorized_account_id"], params["authorized_aws_region"]
        super().__init__(given(params, ("tags",)), params, config, f"{self.account} in {self.region}")

    def find(self):
        found = next(
            (
                each
                for each in self._describe()
                if (each["AuthorizedAccountId"], each["AuthorizedAwsRegion"]) == (self.account, self.region)
            ),
            None,
        )
        if found is None:
            return None
        arn = found["AggregationAuthorizationArn"]
        return {**self.blank(), "arn": arn, "tags": self._list_tags(arn)}

    def blank(self):
        return {
            "authorized_account_id": self.account,
            "authorized_aws_region": self.region,
            "arn": None,
            "tags": {},
        }

    @ConfigErrorHandler.common_error_handler("let {self.account} collect in {self.region} what is recorded here")
    def _put(self, state, **more):
        self.config.put_aggregation_authorization(
            AuthorizedAccountId=self.account, AuthorizedAwsRegion=self.region, **more
        )

    @ConfigErrorHandler.deletion_error_handler("delete the authorization of {self.account} in {self.region}")
    def delete(self, current):
        self.config.delete_aggregation_authorization(AuthorizedAccountId=self.account, AuthorizedAwsRegion=self.region)

    @ConfigErrorHandler.list_error_handler("find the authorization of {self.account} in {self.region}", [])
    def _describe(self):
        pages = self.config.get_paginator("describe_aggregation_authorizations").paginate()
        return [each for page in pages for each in page["AggregationAuthorizations"]]


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "authorized_account_id": {"type": "str", "required": True},
            "authorized_aws_region": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "authorization", lambda: Authorization(module.params, client(module, "config")))


if __name__ == "__main__":
    main()
