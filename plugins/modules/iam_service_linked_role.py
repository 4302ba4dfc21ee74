#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: iam_service_linked_role
version_added: "0.1.0"
short_description: Manage a service-linked role
description:
  - Creates and deletes the role that an AWS service takes to act in the account, and changes its description. Many
    services create theirs by themselves at the first use; this module is for when it has to be there before.
  - IAM does not take tags of most service-linked roles, nor does this module.
  - Follows U(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  service_name:
    description:
      - The service's principal, such as V(autoscaling.amazonaws.com).
    type: str
    required: true
  custom_suffix:
    description:
      - What is added to the role's name after an underscore, so that there can be several. Few services accept it.
    type: str
  description:
    description:
      - What the role is for.
    type: str
  state:
    description:
      - V(present) makes the role exist, V(absent) deletes it. IAM refuses that while the service uses it.
    type: str
    choices: [present, absent]
    default: present
  wait:
    description:
      - Whether to wait until a role is deleted. Without it, a deletion that the service refuses is not noticed.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most.
    type: int
    default: 300
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: The role of Auto Scaling, so that a KMS key's policy can name it
  wellarchitected.aws.iam_service_linked_role:
    service_name: autoscaling.amazonaws.com

- name: Delete the role of a service that is not used any more
  wellarchitected.aws.iam_service_linked_role:
    service_name: elasticbeanstalk.amazonaws.com
    state: absent
"""

RETURN = r"""
role:
  description: The role as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    role_name:
      description: Its name, which the service chooses; in check mode without a value for one that would be created.
      type: str
      sample: AWSServiceRoleForAutoScaling
    arn:
      description: Its ARN; in check mode without a value for one that would be created.
      type: str
      sample: arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling
    service_name:
      description: The service's principal.
      type: str
      sample: autoscaling.amazonaws.com
    description:
      description: What it is for.
      type: str
      sample: Default service-linked role of Auto Scaling
"""

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory, custom_waiter_config
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given


class RoleErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("NoSuchEntity")


class RoleWaiters(BaseWaiterFactory):
    @property
    def _waiter_model_data(self):
        return {
            "role_deleted": {
                "operation": "GetServiceLinkedRoleDeletionStatus",
                "delay": 5,
                "maxAttempts": 60,
                "acceptors": [
                    {"state": state, "matcher": "path", "argument": "Status", "expected": status}
                    for state, status in (
                        ("success", "SUCCEEDED"),
                        ("failure", "FAILED"),
                        ("retry", "IN_PROGRESS"),
                        ("retry", "NOT_STARTED"),
                    )
                ],
            }
        }


class ServiceLinkedRole(Resource):
    def __init__(self, params, client):
        super().__init__(given(params, ("description",)))
        self.client = client
        self.service_name = params["service_name"]
        self.custom_suffix = params["custom_suffix"]
        self.wait_timeout = params["wait_timeout"] if params["wait"] else None

    def find(self):
        for role in self._list():
            if has_suffix(role["RoleName"], self.service_name, self.custom_suffix):
                # ListRoles leaves out the description.
                return self._get(role["RoleName"])
        return None

    def blank(self):
        return {"role_name": None, "arn": None, "service_name": self.service_name, "description": ""}

    def update(self, current, changes):
        self._describe(current["role_name"], changes["description"])

    def delete(self, current):
        task = self._delete(current["role_name"])
        if not task or self.wait_timeout is None:
            return
        try:
            self._wait(task, current["role_name"])
        except AnsibleAWSError as error:
            status = getattr(error.exception, "last_response", {})
            if status.get("Status") != "FAILED":
                raise
            raise AnsibleAWSError(message=still_used(current["role_name"], status.get("Reason", {}))) from error

    @RoleErrorHandler.common_error_handler("list the roles of {self.service_name}")
    def _list(self):
        path = f"/aws-service-role/{self.service_name}/"
        pages = self.client.get_paginator("list_roles").paginate(PathPrefix=path)
        return [role for page in pages for role in page["Roles"]]

    @RoleErrorHandler.list_error_handler("read the role {name}")
    def _get(self, name):
        role = self.client.get_role(RoleName=name)["Role"]
        return {
            "role_name": name,
            "arn": role["Arn"],
            "service_name": self.service_name,
            "description": role.get("Description", ""),
        }

    @RoleErrorHandler.common_error_handler("create the service-linked role of {self.service_name}")
    def create(self):
        optional = {"Description": self.given.get("description"), "CustomSuffix": self.custom_suffix}
        self.client.create_service_linked_role(
            AWSServiceName=self.service_name, **{name: value for name, value in optional.items() if value}
        )

    @RoleErrorHandler.common_error_handler("describe the role {name}")
    def _describe(self, name, description):
        self.client.update_role(RoleName=name, Description=description)

    @RoleErrorHandler.deletion_error_handler("delete the role {name}")
    def _delete(self, name):
        return self.client.delete_service_linked_role(RoleName=name)["DeletionTaskId"]

    @RoleErrorHandler.deletion_error_handler("see the role {name} deleted")
    def _wait(self, task, name):
        waiter = RoleWaiters().get_waiter(self.client, "role_deleted")
        waiter.wait(DeletionTaskId=task, WaiterConfig=custom_waiter_config(self.wait_timeout))


def has_suffix(role_name, service_name, suffix):
    """Whether a role is the one with this custom suffix, or with None the one without.

    The roles of Application Auto Scaling have an underscore of their own, and take no suffix:
    AWSServiceRoleForApplicationAutoScaling_RDSCluster.
    """
    if suffix:
        return role_name.endswith(f"_{suffix}")
    return "_" not in role_name or service_name.endswith(".application-autoscaling.amazonaws.com")


def still_used(name, reason):
    """A sentence on why IAM did not delete a role, from the status of its deletion task."""
    resources = [resource for usage in reason.get("RoleUsageList", []) for resource in usage.get("Resources", [])]
    used_by = f" It is used by {', '.join(resources)}." if resources else ""
    return f"IAM could not delete the role {name}: {reason.get('Reason', 'it gives no reason')}.{used_by}"


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "service_name": {"type": "str", "required": True},
            "custom_suffix": {"type": "str"},
            "description": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    run(module, "role", lambda: ServiceLinkedRole(module.params, client(module, "iam")))


if __name__ == "__main__":
    main()
