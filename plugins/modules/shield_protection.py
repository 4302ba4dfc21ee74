#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: shield_protection
version_added: "0.1.0"
short_description: Manage what AWS Shield Advanced protects
description:
  - Puts one resource under the protection of Shield Advanced, and takes it out again.
  - The account has to have subscribed to Shield Advanced. This module never subscribes, since that costs thousands of
    dollars a month for a year; without a subscription it says so and changes nothing.
  - Follows U(https://docs.aws.amazon.com/waf/latest/developerguide/configure-new-protection.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) protects the resource, V(absent) ends that.
    type: str
    choices: [present, absent]
    default: present
  resource_arn:
    description:
      - ARN of the distribution, hosted zone, Elastic IP address, load balancer or accelerator.
    type: str
    required: true
  name:
    description:
      - What the protection is called, for a resource that is not protected yet. Shield cannot rename a protection.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - amazon.aws.tags
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Protect a distribution
  wellarchitected.aws.shield_protection:
    resource_arn: arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE12345
    name: example-site
    tags:
      Owner: platform

- name: Protect it no more
  wellarchitected.aws.shield_protection:
    resource_arn: arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE12345
    state: absent
"""

RETURN = r"""
protection:
  description: The protection as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    id:
      description: Its id; in check mode without a value where it would be created.
      type: str
      sample: 01234567-89ab-cdef-0123-456789abcdef
    arn:
      description: Its ARN; in check mode without a value where it would be created.
      type: str
      sample: arn:aws:shield::123456789012:protection/01234567-89ab-cdef-0123-456789abcdef
    name:
      description: Its name.
      type: str
      sample: example-site
    resource_arn:
      description: ARN of what is protected.
      type: str
      sample: arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE12345
    tags:
      description: Its tags.
      type: dict
      sample: {Owner: platform}
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given


class ShieldErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        # What an account without a subscription is answered, too.
        return is_boto3_error_code("ResourceNotFoundException")


class Protection(Resource):
    def __init__(self, params, shield):
        super().__init__(given(params, ("tags",)), params["purge_tags"])
        self.resource_arn = params["resource_arn"]
        self.name = params["name"]
        self.shield = shield

    @ShieldErrorHandler.list_error_handler("find the protection of {self.resource_arn}")
    def find(self):
        found = self.shield.list_protections(InclusionFilters={"ResourceArns": [self.resource_arn]})["Protections"]
        if not found:
            return None
        tags = self.shield.list_tags_for_resource(ResourceARN=found[0]["ProtectionArn"])["Tags"]
        return read(found[0], tags)

    def blank(self):
        return {"id": None, "arn": None, "name": self.name, "resource_arn": self.resource_arn, "tags": {}}

    def refusal(self, current, changes):
        if current["id"] is not None or self._is_subscribed():
            return None
        return (
            f"This account has no subscription to Shield Advanced, so that {self.resource_arn} cannot be protected. "
            "Subscribe in the console of Shield, at a price for a year, or do not ask for the protection."
        )

    @ShieldErrorHandler.common_error_handler("protect {self.resource_arn}")
    @retry_on("OptimisticLockException")
    def create(self):
        tags = ansible_dict_to_boto3_tag_list(self.given.get("tags", {}))
        self.shield.create_protection(Name=self.name, ResourceArn=self.resource_arn, Tags=tags)

    @ShieldErrorHandler.common_error_handler("tag the protection of {self.resource_arn}")
    def update(self, current, changes):
        change_resource_tags(self.shield, current["tags"], changes["tags"], ResourceARN=current["arn"])

    @ShieldErrorHandler.deletion_error_handler("end the protection of {self.resource_arn}")
    @retry_on("OptimisticLockException")
    def delete(self, current):
        self.shield.delete_protection(ProtectionId=current["id"])

    @ShieldErrorHandler.common_error_handler("ask for the subscription to Shield Advanced")
    def _is_subscribed(self):
        return self.shield.get_subscription_state()["SubscriptionState"] == "ACTIVE"


def read(protection, tags):
    """A protection as Shield lists it, with its tags, as a state."""
    return {
        "id": protection["Id"],
        "arn": protection["ProtectionArn"],
        "name": protection["Name"],
        "resource_arn": protection["ResourceArn"],
        "tags": boto3_tag_list_to_ansible_dict(tags),
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "resource_arn": {"type": "str", "required": True},
            "name": {"type": "str"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        required_if=[("state", "present", ["name"])],
        supports_check_mode=True,
    )
    run(module, "protection", lambda: Protection(module.params, client(module, "shield")))


if __name__ == "__main__":
    main()
