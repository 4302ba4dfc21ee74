#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: iam_managed_policy
version_added: "0.1.0"
short_description: Manage a customer managed policy of IAM
description:
  - Creates, changes and deletes a managed policy of the account.
  - M(amazon.aws.iam_managed_policy) looks a policy up by its name in the list of all policies, those of AWS included.
    That is fourteen calls and more for every policy. Here it is looked up by its ARN, in one.
  - IAM keeps five versions of a policy at most. When there are five, the oldest goes, but never the one in force.
  - Follows U(https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  state:
    description:
      - V(present) makes the policy exist as described. V(absent) detaches it from all users, groups and roles, and
        deletes it.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The name of the policy.
    type: str
    required: true
  path:
    description:
      - The path of the policy, which begins and ends with a slash. With the name it makes the ARN, so a policy under
        another path is another policy. But no two policies of an account may have the same name.
    type: str
    default: /
  description:
    description:
      - What the policy is for. It is set when the policy is created; IAM cannot change it later.
    type: str
  policy:
    description:
      - What the policy says, as a policy document. It is compared by meaning. Required for a new policy.
    type: json
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
seealso:
  - module: amazon.aws.iam_managed_policy
"""

EXAMPLES = r"""
- name: Let web servers read their own parameters
  wellarchitected.aws.iam_managed_policy:
    name: shop-production-web
    path: /shop-production/
    description: What the web servers may do
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: ssm:GetParametersByPath
          Resource: arn:aws:ssm:ap-northeast-1:123456789012:parameter/shop/production/*
    tags:
      Environment: production

- name: Delete a policy, whoever it is attached to
  wellarchitected.aws.iam_managed_policy:
    name: shop-production-web
    path: /shop-production/
    state: absent
"""

RETURN = r"""
policy:
  description: The policy as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    arn:
      description: ARN of the policy.
      type: str
      sample: arn:aws:iam::123456789012:policy/shop-production/shop-production-web
    name:
      description: The name of the policy.
      type: str
      sample: shop-production-web
    path:
      description: The path of the policy.
      type: str
      sample: /shop-production/
    description:
      description: What the policy is for; empty when nobody said.
      type: str
      sample: What the web servers may do
    policy:
      description: What the version that is in force says.
      type: dict
      sample:
        Version: "2012-10-17"
        Statement: []
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import json
from types import MappingProxyType

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import parse_policy, same_policy
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, own_arn, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
VERSIONS = 5
ENTITIES = (
    ("PolicyRoles", "RoleName", "detach_role_policy"),
    ("PolicyGroups", "GroupName", "detach_group_policy"),
    ("PolicyUsers", "UserName", "detach_user_policy"),
)


class PolicyErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("NoSuchEntity")


class ManagedPolicy(Resource):
    same = MappingProxyType({"policy": same_policy})

    def __init__(self, params, caller_arn, iam):
        super().__init__(given(params, ("policy", "tags")), params["purge_tags"])
        if "policy" in self.given:
            self.given["policy"] = parse_policy(self.given["policy"], "policy")
        self.iam = iam
        self.name = params["name"]
        self.path = params["path"]
        self.description = params["description"] or ""
        self.arn = policy_arn(caller_arn, self.path, self.name)

    def find(self):
        found = self._get()
        if found is None:
            return None
        return {
            "arn": self.arn,
            "name": self.name,
            "path": self.path,
            "description": found.get("Description", ""),
            "policy": self._document(found["DefaultVersionId"]),
            "tags": boto3_tag_list_to_ansible_dict(found.get("Tags", [])),
        }

    def blank(self):
        if "policy" not in self.given:
            raise AnsibleAWSError(message=f"There is no policy {self.arn}, and a new one needs the option policy.")
        return {
            "arn": self.arn,
            "name": self.name,
            "path": self.path,
            "description": self.description,
            "policy": {},
            "tags": {},
        }

    def update(self, current, changes):
        if "policy" in changes:
            self._make_room()
            self._put(changes["policy"])
        if "tags" in changes:
            self._tag(*compare_aws_tags(current["tags"], changes["tags"], purge_tags=True))

    def delete(self, current):
        self._detach()
        for version in self._other_versions():
            self._delete_version(version)
        self._delete()

    @PolicyErrorHandler.list_error_handler("read the policy {self.arn}")
    def _get(self):
        return self.iam.get_policy(PolicyArn=self.arn)["Policy"]

    @PolicyErrorHandler.common_error_handler("read what the policy {self.arn} says")
    def _document(self, version):
        return self.iam.get_policy_version(PolicyArn=self.arn, VersionId=version)["PolicyVersion"]["Document"]

    @PolicyErrorHandler.common_error_handler("create the policy {self.arn}")
    def create(self):
        tags = self.wanted(self.blank()).get("tags", {})
        optional = {"Description": self.description, "Tags": ansible_dict_to_boto3_tag_list(tags)}
        self.iam.create_policy(
            PolicyName=self.name,
            Path=self.path,
            PolicyDocument=json.dumps(self.given["policy"]),
            **{name: value for name, value in optional.items() if value},
        )

    @PolicyErrorHandler.common_error_handler("change the policy {self.arn}")
    def _put(self, document):
        self.iam.create_policy_version(PolicyArn=self.arn, PolicyDocument=json.dumps(document), SetAsDefault=True)

    def _make_room(self):
        others = self._other_versions()
        if len(others) >= VERSIONS - 1:
            self._delete_version(others[0])

    @PolicyErrorHandler.list_error_handler("list the versions of the policy {self.arn}", [])
    def _other_versions(self):
        """The versions that are not in force, the oldest first."""
        pages = self.iam.get_paginator("list_policy_versions").paginate(PolicyArn=self.arn)
        versions = [version for page in pages for version in page["Versions"] if not version["IsDefaultVersion"]]
        return [version["VersionId"] for version in sorted(versions, key=lambda version: version["CreateDate"])]

    @PolicyErrorHandler.deletion_error_handler("delete the version {version} of the policy {self.arn}")
    def _delete_version(self, version):
        self.iam.delete_policy_version(PolicyArn=self.arn, VersionId=version)

    @PolicyErrorHandler.common_error_handler("tag the policy {self.arn}")
    def _tag(self, to_set, to_remove):
        if to_remove:
            self.iam.untag_policy(PolicyArn=self.arn, TagKeys=to_remove)
        if to_set:
            self.iam.tag_policy(PolicyArn=self.arn, Tags=ansible_dict_to_boto3_tag_list(to_set))

    @PolicyErrorHandler.deletion_error_handler("detach the policy {self.arn}")
    def _detach(self):
        attached = self.iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=self.arn).build_full_result()
        for kind, name, operation in ENTITIES:
            for entity in attached.get(kind, []):
                getattr(self.iam, operation)(PolicyArn=self.arn, **{name: entity[name]})

    @PolicyErrorHandler.deletion_error_handler("delete the policy {self.arn}")
    def _delete(self):
        self.iam.delete_policy(PolicyArn=self.arn)


def policy_arn(caller_arn, path, name):
    """The ARN of a policy in the account and partition that the caller, known by its ARN, is in.

    Raises AnsibleAWSError for a path that is none.
    """
    if not (path.startswith("/") and path.endswith("/")):
        raise AnsibleAWSError(message=f"path is {path!r}, but must begin and end with a slash, such as /shop/.")
    _arn, partition, _service, _region, account, _resource = caller_arn.split(":", 5)
    return f"arn:{partition}:iam::{account}:policy{path}{name}"


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "path": {"type": "str", "default": "/"},
            "description": {"type": "str"},
            "policy": {"type": "json"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    run(
        module,
        "policy",
        lambda: ManagedPolicy(module.params, own_arn(client(module, "sts")), client(module, "iam")),
    )


if __name__ == "__main__":
    main()
