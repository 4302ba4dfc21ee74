#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wafv2_web_acl_association
version_added: "0.1.0"
short_description: Protect a resource with an AWS WAF web ACL
description:
  - Says which web ACL protects a load balancer, an API or another resource of a region, of which each has one at most.
  - A CloudFront distribution names its web ACL itself.
  - Follows U(https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  resource_arn:
    description:
      - ARN of the resource.
    type: str
    required: true
  web_acl_arn:
    description:
      - ARN of the web ACL. It takes the place of another one.
      - Required for O(state=present). With O(state=absent) the resource is left alone if another web ACL protects it.
    type: str
  state:
    description:
      - V(present) makes the web ACL protect the resource, V(absent) takes it off.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Protect the load balancer
  wellarchitected.aws.wafv2_web_acl_association:
    resource_arn: "{{ load_balancer_arn }}"
    web_acl_arn: "{{ web_acl_arn }}"

- name: Take off whatever web ACL protects it
  wellarchitected.aws.wafv2_web_acl_association:
    resource_arn: "{{ load_balancer_arn }}"
    state: absent
"""

RETURN = r"""
association:
  description: What protects the resource, or in check mode what would; empty when nothing does.
  returned: success
  type: dict
  contains:
    resource_arn:
      description: ARN of the resource.
      type: str
      sample: >-
        arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/example/1234567890abcdef
    web_acl_arn:
      description: ARN of the web ACL.
      type: str
      sample: >-
        arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/example/1234abcd-12ab-34cd-56ef-1234567890ab
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.wafv2 import NOT_YET_KNOWN, WafErrorHandler


class Association(Resource):
    def __init__(self, params, waf):
        super().__init__(given(params, ("web_acl_arn",)))
        self.waf = waf
        self.resource_arn = params["resource_arn"]
        self.absent = params["state"] == "absent"

    def find(self):
        arn = self._get().get("WebACL", {}).get("ARN")
        if arn is None or (self.absent and arn != self.given.get("web_acl_arn", arn)):
            return None
        return {"resource_arn": self.resource_arn, "web_acl_arn": arn}

    def blank(self):
        return {"resource_arn": self.resource_arn, "web_acl_arn": None}

    def create(self):
        self._associate(self.given["web_acl_arn"])

    def update(self, current, changes):
        self._associate(changes["web_acl_arn"])

    # A resource that is not there, or not yet in check mode, is not protected.
    @WafErrorHandler.list_error_handler("find what protects {self.resource_arn}", {})
    def _get(self):
        return self.waf.get_web_acl_for_resource(ResourceArn=self.resource_arn)

    @WafErrorHandler.common_error_handler("protect {self.resource_arn}")
    @retry_on(*NOT_YET_KNOWN)
    def _associate(self, web_acl_arn):
        self.waf.associate_web_acl(WebACLArn=web_acl_arn, ResourceArn=self.resource_arn)

    @WafErrorHandler.deletion_error_handler("take the web ACL off {self.resource_arn}")
    def delete(self, current):
        self.waf.disassociate_web_acl(ResourceArn=self.resource_arn)


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "resource_arn": {"type": "str", "required": True},
            "web_acl_arn": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ["web_acl_arn"])],
        supports_check_mode=True,
    )
    run(module, "association", lambda: Association(module.params, client(module, "wafv2")))


if __name__ == "__main__":
    main()
