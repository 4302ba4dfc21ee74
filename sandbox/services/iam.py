# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM: what moto has wrong in accounts, roles and policies."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam import models
from moto.iam.exceptions import EntityAlreadyExists
from moto.iam.policy_validation import IAMTrustPolicyDocumentValidator

from sandbox import policies
from sandbox.delivery import Sender, Undelivered
from sandbox.errors import ServiceError
from sandbox.operations import mend


@mend(models, "get_account_id_from")
def get_account_id_from(original: Callable, access_key: str) -> str:
    """Look the key up where there is something; moto makes an IAM of every account in every partition to look there."""
    for account_id, backends in list(models.iam_backends.items()):
        if any(access_key in backend.access_keys for backend in list(backends.values())):
            return account_id
    return DEFAULT_ACCOUNT_ID


# Policies


@mend(models.IAMBackend, "delete_policy")
def delete_policy(original: Callable, self: models.IAMBackend, policy_arn: str) -> None:
    """A policy that something uses, or that has more than one version, stays."""
    policy = self.get_policy(policy_arn)
    holders = [*self.roles.values(), *self.users.values(), *self.groups.values()]
    attached = any(policy_arn in holder.managed_policies for holder in holders)
    if attached or any(role.permissions_boundary_arn == policy_arn for role in self.roles.values()):
        raise ServiceError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    if len(policy.versions) > 1:
        message = (
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions."
            " The default version is deleted with the policy."
        )
        raise ServiceError("DeleteConflict", message, 409)
    original(self, policy_arn)


@mend(IAMTrustPolicyDocumentValidator, "_validate_trust_policy_action")
def validate_trust_policy_action(original: Callable, action: str) -> None:
    """A trust policy may let a session be tagged, too."""
    if action not in ("sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"):
        original(action)


# Roles


def _check_boundary(backend: models.IAMBackend, policy_arn: str | None) -> None:
    if policy_arn and policy_arn not in backend.managed_policies:
        raise ServiceError("NoSuchEntity", f"Scope ARN: {policy_arn} does not exist or is not attachable.", 404)


@mend(models.IAMBackend, "create_role")
def create_role(original: Callable, self: models.IAMBackend, role_name: str, document: str, *args: Any, **kwargs: Any):
    """The trust policy has to be well-formed, and the boundary to exist."""
    IAMTrustPolicyDocumentValidator(document).validate()
    _check_boundary(self, kwargs.get("permissions_boundary") or (args[1] if len(args) > 1 else None))
    return original(self, role_name, document, *args, **kwargs)


@mend(models.IAMBackend, "put_role_permissions_boundary")
def put_role_permissions_boundary(
    original: Callable, self: models.IAMBackend, role_name: str, permissions_boundary: str
) -> None:
    _check_boundary(self, permissions_boundary)
    original(self, role_name, permissions_boundary)


@mend(models.IAMBackend, "delete_role")
def delete_role(original: Callable, self: models.IAMBackend, role_name: str) -> None:
    """The role of a service goes by DeleteServiceLinkedRole alone."""
    if self.get_role(role_name).path.startswith("/aws-service-role/"):
        message = f"Cannot perform the operation on the protected role '{role_name}'."
        raise ServiceError("UnmodifiableEntity", message)
    original(self, role_name)


@mend(models.IAMBackend, "delete_service_linked_role")
def delete_service_linked_role(original: Callable, self: models.IAMBackend, role_name: str) -> str:
    role = self.get_role(role_name)
    del self.roles[role.id]
    return f"task{role.path}{role_name}/{uuid.uuid4()}"


@mend(models.IAMBackend, "create_service_linked_role")
def create_service_linked_role(original: Callable, self: models.IAMBackend, *args: Any) -> models.Role:
    """A service has its role once."""
    try:
        return original(self, *args)
    except EntityAlreadyExists as error:
        message = "Service role name has been taken in this account, please try a different suffix."
        raise ServiceError("InvalidInput", message) from error


# Names of service-linked roles that are not the service's own name, as the services' guides have them.
models.SERVICE_NAME_CONVERSION.update(
    {
        "access-analyzer": "AccessAnalyzer",
        "backup": "Backup",
        "config": "Config",
        "elasticache": "ElastiCache",
        "elasticloadbalancing": "ElasticLoadBalancing",
        "guardduty": "AmazonGuardDuty",
        "inspector2": "AmazonInspector2",
        "rds": "RDS",
        "securityhub": "SecurityHub",
        "spot": "EC2Spot",
        "ssm": "AmazonSSM",
    }
)


# Who may do what


def role_allows(role_arn: str, action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
    """Whether the policies of a role, by itself and attached, let it do something.

    ``context`` holds the condition keys that are known of the request, such as s3:ResourceAccount.
    """
    partition, account = role_arn.split(":")[1], role_arn.split(":")[4]
    roles = [role for role in models.iam_backends[account][partition].get_roles() if role.arn == role_arn]
    if not roles:
        return False
    attached = [
        version.document
        for policy in roles[0].managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    ]
    return policies.role_allows([*roles[0].policies.values(), *attached], action, resource, context)


def check_permission(sender: Sender, action: str, arn: str, policy: str | bytes | None, verb: str) -> None:
    """`Undelivered` if a role may not do something with a target, or the target's policy does not let a service."""
    if sender.role:
        allowed = role_allows(sender.role, action, arn)
    else:
        allowed = policies.allows(policy, sender.service, action, arn, sender.conditions)
    if not allowed:
        who = sender.role or sender.service
        raise Undelivered("NO_PERMISSIONS", f"The policy of {arn} does not let {who} for {sender.arn} {verb} it.")
