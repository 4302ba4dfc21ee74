# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ElastiCache: users and user groups.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
"""

from __future__ import annotations

from typing import Any

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import Request, operation
from sandbox.services.elasticache import page

_NO_GROUPS = "moto has no user groups, and its users know nothing of them."


class Described(dict):
    """What AWS tells of a user or a user group; the clock changes its status."""

    @property
    def status(self) -> str:
        return self["Status"]

    @status.setter
    def status(self, status: str) -> None:
        self["Status"] = status


def _users(request: Request) -> dict[str, Described]:
    """Users by their ids; every account has the user default."""
    users = request.state.setdefault("users", {})
    if "default" not in users:
        authentication = {"Type": "no-password"}
        users["default"] = _user(request, "default", "default", "redis", "on ~* +@all", authentication)
    return users


def _groups(request: Request) -> dict[str, Described]:
    return request.state.setdefault("user_groups", {})


def _arn(request: Request, kind: str, name: str) -> str:
    return f"arn:{request.partition}:elasticache:{request.region}:{request.account}:{kind}:{name}"


def _user(request: Request, name: str, user_name: str, engine: str, access: str, authentication: Any) -> Described:
    return Described(
        UserId=name,
        UserName=user_name,
        Status="active",
        Engine=engine,
        MinimumEngineVersion="7.2" if engine == "valkey" else "6.0",
        AccessString=access,
        UserGroupIds=[],
        Authentication=authentication,
        ARN=_arn(request, "user", name),
    )


def _find_user(request: Request, name: str) -> Described:
    user = _users(request).get(name.lower())
    if user is None:
        raise ServiceError("UserNotFound", f"User {name} not found.")
    return user


def _find_changeable_user(request: Request) -> Described:
    user = _find_user(request, request.params["UserId"])
    if user["UserId"] == "default":
        raise ServiceError("InvalidParameterValue", "The user default cannot be changed or deleted.")
    if user["Status"] != "active":
        raise ServiceError("InvalidUserState", f"The user {user['UserId']} is {user['Status']}.")
    return user


def _authentication(params: dict[str, Any]) -> dict[str, Any] | None:
    """How a user shall authenticate, in the form in which that is described; None where nothing is said."""
    mode = params.get("AuthenticationMode", {})
    passwords = mode.get("Passwords") or params.get("Passwords") or []
    kind = mode.get("Type") or ("password" if passwords else None)
    if params.get("NoPasswordRequired"):
        kind = "no-password-required"
    if kind is None:
        return None
    if (kind == "password") != bool(passwords):
        raise ServiceError("InvalidParameterCombination", f"Authentication of type {kind} and passwords do not fit.")
    if len(passwords) > 2 or any(not 16 <= len(password) <= 128 for password in passwords):
        raise ServiceError("InvalidParameterValue", "A user has one or two passwords of 16 to 128 characters.")
    if kind == "password":
        return {"Type": "password", "PasswordCount": len(passwords)}
    return {"Type": "no-password" if kind == "no-password-required" else kind}


def _check(user: Described) -> None:
    kind = user["Authentication"]["Type"]
    if kind == "no-password" and user["Engine"] == "valkey":
        raise ServiceError("InvalidParameterCombination", "Users of the engine valkey need a password or IAM.")
    if kind == "iam" and user["UserId"] != user["UserName"]:
        message = "User Id and User name must be same for authentication type: iam"
        raise ServiceError("InvalidParameterCombination", message)
    if any(word.startswith((">", "<", "#", "!")) or word == "reset" for word in user["AccessString"].split()):
        raise ServiceError("InvalidParameterValue", "An access string holds no passwords and no reset.")


@operation("elasticache", "CreateUser", instead_of_moto=_NO_GROUPS)
def create_user(request: Request) -> dict[str, Any]:
    params = request.params
    name = params["UserId"].lower()
    if name in _users(request):
        raise ServiceError("UserAlreadyExists", f"User {name} already exists.")
    authentication = _authentication(params)
    if authentication is None:
        message = "Give passwords, an authentication mode, or NoPasswordRequired."
        raise ServiceError("InvalidParameterCombination", message)
    engine = params["Engine"].lower()
    user = _user(request, name, params["UserName"], engine, params["AccessString"], authentication)
    _check(user)
    _users(request)[name] = user
    request.backend.tagging_service.tag_resource(user["ARN"], params.get("Tags", []))
    return dict(user)


@operation("elasticache", "ModifyUser")
def modify_user(request: Request) -> dict[str, Any]:
    params = request.params
    user = _find_changeable_user(request)
    changed = Described(user)
    changed["AccessString"] = params.get("AccessString", user["AccessString"])
    if "AppendAccessString" in params:
        changed["AccessString"] += f" {params['AppendAccessString']}"
    changed["Authentication"] = _authentication(params) or user["Authentication"]
    changed["Engine"] = params.get("Engine", user["Engine"]).lower()
    _check(changed)
    user.update(changed)
    CLOCK.turn(user, "status", "modifying", "active", "cache_user.change")
    return dict(user)


@operation("elasticache", "DescribeUsers", instead_of_moto=_NO_GROUPS)
def describe_users(request: Request) -> dict[str, Any]:
    params = request.params
    users = [_find_user(request, params["UserId"])] if params.get("UserId") else list(_users(request).values())
    return page(request, [dict(user) for user in users if params.get("Engine") in (None, user["Engine"])], "Users")


@operation("elasticache", "DeleteUser", instead_of_moto=_NO_GROUPS)
def delete_user(request: Request) -> dict[str, Any]:
    """A deleted user leaves its groups, unless it is their default user."""
    user = _find_changeable_user(request)
    name = user["UserId"]
    groups = [_groups(request)[group] for group in user["UserGroupIds"]]
    if user["UserName"] == "default" and groups:
        message = f"The user {name} is the default user of a user group."
        raise ServiceError("DefaultUserAssociatedToUserGroup", message)
    for group in groups:
        group["UserIds"].remove(name)
    request.backend.tagging_service.delete_all_tags_for_resource(user["ARN"])
    user.status = "deleting"
    CLOCK.linger(_users(request), name, user, "cache_user.change")
    return dict(user)


# Groups


def _find_group(request: Request) -> Described:
    name = request.params["UserGroupId"].lower()
    group = _groups(request).get(name)
    if group is None:
        raise ServiceError("UserGroupNotFound", f"User group {name} not found.")
    return group


def _find_active_group(request: Request) -> Described:
    group = _find_group(request)
    if group["Status"] != "active":
        raise ServiceError("InvalidUserGroupState", f"The user group {group['UserGroupId']} is {group['Status']}.")
    return group


def _group_answer(request: Request, group: Described) -> dict[str, Any]:
    users = [
        name
        for name, user in request.backend.replication_groups.items()
        if group["UserGroupId"] in user.told["UserGroupIds"]
    ]
    return {**group, "ReplicationGroups": users}


def _check_members(request: Request, engine: str, names: list[str]) -> None:
    """User names are unique in a group; one of redis has a user whose name is default, one of valkey needs none."""
    users = [_find_user(request, name) for name in names]
    user_names = [user["UserName"] for user in users]
    if len(set(user_names)) < len(user_names):
        raise ServiceError("DuplicateUserName", "A user group cannot have two users of the same name.")
    if engine == "redis" and "default" not in user_names:
        message = "User group needs to contain a user with the user name default."
        raise ServiceError("DefaultUserRequired", message)
    if engine == "valkey" and any(user["Authentication"]["Type"] == "no-password" for user in users):
        message = "A user group of the engine valkey cannot have users without a password."
        raise ServiceError("InvalidParameterValue", message)


def _set_members(request: Request, group: Described, names: list[str]) -> None:
    for name, user in _users(request).items():
        groups = [each for each in user["UserGroupIds"] if each != group["UserGroupId"]]
        user["UserGroupIds"] = groups + [group["UserGroupId"]] * (name in names)
    group["UserIds"] = names


@operation("elasticache", "CreateUserGroup")
def create_user_group(request: Request) -> dict[str, Any]:
    params = request.params
    name, engine = params["UserGroupId"].lower(), params["Engine"].lower()
    if name in _groups(request):
        raise ServiceError("UserGroupAlreadyExists", f"User group {name} already exists.")
    members = [member.lower() for member in params.get("UserIds", [])]
    _check_members(request, engine, members)
    group = Described(
        UserGroupId=name,
        Status="active",
        Engine=engine,
        UserIds=[],
        MinimumEngineVersion="7.2" if engine == "valkey" else "6.0",
        ARN=_arn(request, "usergroup", name),
    )
    _groups(request)[name] = group
    _set_members(request, group, members)
    request.backend.tagging_service.tag_resource(group["ARN"], params.get("Tags", []))
    CLOCK.turn(group, "status", "creating", "active", "cache_user_group.change")
    return _group_answer(request, group)


@operation("elasticache", "ModifyUserGroup")
def modify_user_group(request: Request) -> dict[str, Any]:
    """Members come and go while it is modifying."""
    params = request.params
    group = _find_active_group(request)
    added, removed = params.get("UserIdsToAdd", []), params.get("UserIdsToRemove", [])
    if not added and not removed and "Engine" not in params:
        raise ServiceError("InvalidParameterCombination", "No modifications were requested.")
    members = [name for name in group["UserIds"] if name not in removed]
    members += [name.lower() for name in added if name.lower() not in members]
    engine = params.get("Engine", group["Engine"]).lower()
    _check_members(request, engine, members)
    group["Engine"] = engine

    def finish() -> None:
        group.pop("PendingChanges", None)
        if group["UserGroupId"] in _groups(request):
            _set_members(request, group, members)

    group["PendingChanges"] = {"UserIdsToAdd": added, "UserIdsToRemove": removed}
    CLOCK.later("cache_user_group.change", finish)
    CLOCK.turn(group, "status", "modifying", "active", "cache_user_group.change")
    return _group_answer(request, group)


@operation("elasticache", "DescribeUserGroups")
def describe_user_groups(request: Request) -> dict[str, Any]:
    named = request.params.get("UserGroupId")
    groups = [_find_group(request)] if named else list(_groups(request).values())
    return page(request, [_group_answer(request, group) for group in groups], "UserGroups")


@operation("elasticache", "DeleteUserGroup")
def delete_user_group(request: Request) -> dict[str, Any]:
    """A group that a replication group has cannot be deleted."""
    group = _find_active_group(request)
    if _group_answer(request, group)["ReplicationGroups"]:
        message = f"The user group {group['UserGroupId']} is associated with a replication group."
        raise ServiceError("InvalidUserGroupState", message)
    _set_members(request, group, [])
    request.backend.tagging_service.delete_all_tags_for_resource(group["ARN"])
    group.status = "deleting"
    CLOCK.linger(_groups(request), group["UserGroupId"], group, "cache_user_group.change")
    return _group_answer(request, group)
