#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elasticache_user
version_added: "0.1.0"
short_description: Manage an ElastiCache user
description:
  - Creates, changes and deletes a user of Valkey or Redis OSS, for role-based access control. Users get to a cache by
    their user groups, see M(wellarchitected.aws.elasticache_user_group).
  - Follows U(https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  user_id:
    description:
      - The user's id. AWS makes it lowercase.
      - V(default) is AWS's own user, who may do everything without a password, and cannot be changed. To replace it in
        a user group, make a user of another id whose O(user_name) is V(default).
    type: str
    required: true
  state:
    description: V(present) makes the user exist as described, V(absent) deletes it, and takes it out of its groups.
    type: str
    choices: [present, absent]
    default: present
  user_name:
    description:
      - The name that the user logs in with; of a new user its id. With IAM it must be its id. It cannot be changed.
    type: str
  engine:
    description: The engine; of a new user V(valkey).
    type: str
    choices: [valkey, redis]
  access_string:
    description:
      - What the user may do, in the words of Valkey's ACL, such as V(on ~shop:* -@all +@read +@write). Required for a
        new user.
      - Words that mean the same, and the order of those whose order means nothing, are no difference.
    type: str
  authentication_type:
    description:
      - How the user logs in; of a new user V(password) where there are O(passwords) or O(password_secret_id). Users of
        V(valkey) cannot do without. Required for a new user without either.
    type: str
    choices: [password, iam, no-password-required]
  passwords:
    description:
      - One or two passwords of 16 to 128 characters. They are never compared, as AWS does not tell them, and never
        answered.
    type: list
    elements: str
  password_secret_id:
    description:
      - The name or the ARN of a secret of Secrets Manager whose text is the password, in place of O(passwords).
      - While M(wellarchitected.aws.secretsmanager_generated_secret) rotates it, the user has both values.
      - Nobody but this module reads it, so it is in no argument, variable or temporary file.
    type: str
  update_password:
    description:
      - Whether the passwords are set at every run, which is then a change (V(always)), or only when the user is new or
        comes to log in with a password (V(on_create)).
    type: str
    choices: [always, on_create]
    default: on_create
  wait:
    description: Whether to wait until the user is active, or gone.
    type: bool
    default: true
  wait_timeout:
    description: How many seconds to wait at most, each time.
    type: int
    default: 600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let an application log in by its IAM role
  wellarchitected.aws.elasticache_user:
    user_id: shop
    access_string: on ~shop:* -@all +@read +@write
    authentication_type: iam
    tags:
      Environment: production

- name: Let an application log in with a password that nobody else knows
  wellarchitected.aws.elasticache_user:
    user_id: shop
    access_string: on ~shop:* -@all +@read +@write
    password_secret_id: shop-cache

- name: Let nobody do anything as the user who needs no name
  wellarchitected.aws.elasticache_user:
    user_id: shop-default
    user_name: default
    access_string: "off -@all"
    passwords: ["{{ lookup('ansible.builtin.password', '/dev/null', length=64) }}"]

- name: Delete the user
  wellarchitected.aws.elasticache_user:
    user_id: shop
    state: absent
"""

RETURN = r"""
user:
  description: The user as it is, or in check mode as it would be, without passwords; empty when it is absent.
  returned: success
  type: dict
  contains:
    user_id:
      description: Its id.
      type: str
      sample: shop
    arn:
      description: Its ARN; in check mode without a value for a user that would be created.
      type: str
      sample: arn:aws:elasticache:ap-northeast-1:123456789012:user:shop
    status:
      description: V(active), V(modifying) or V(deleting).
      type: str
      sample: active
    user_name:
      description: The name that it logs in with.
      type: str
      sample: shop
    engine:
      description: Its engine.
      type: str
      sample: valkey
    access_string:
      description: What it may do.
      type: str
      sample: on ~shop:* -@all +@read +@write
    authentication_type:
      description: How it logs in.
      type: str
      sample: iam
    user_group_ids:
      description: Its groups.
      type: list
      elements: str
      sample: [shop]
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from types import MappingProxyType

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_tags, list_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.elasticache import (
    ElastiCacheErrorHandler,
    call_once_free,
    wait_until,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.secretsmanager import (
    NOT_MADE_YET,
    find_value,
    no_value,
)

FIELDS = ("user_name", "engine", "access_string", "authentication_type", "tags")
# The labels of the values of a secret that open something: now, after a rotation, and before it.
LABELS = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")
# What stands for a secret that is only planned, and is long enough.
NOT_MADE_YET_PASSWORD = f"a password that is {NOT_MADE_YET}"
# Words of an access string that have another spelling.
SYNONYMS = {"allkeys": "~*", "allchannels": "&*", "allcommands": "+@all", "nocommands": "-@all"}


def same_access(current, wanted):
    """Whether two access strings allow the same, as far as their words say it."""
    if current is None:
        return False
    current, wanted = access_rules(current), access_rules(wanted)
    if not wanted["channels"]:
        # AWS may add which channels are allowed, where nothing was said of them.
        current["channels"] = wanted["channels"]
    return current == wanted


def access_rules(access):
    """What an access string says: whether it is on, keys and channels, and the rules for commands in their order."""
    words = [SYNONYMS.get(word.lower(), word) for word in access.split()]
    commands = [word.lower() for word in words if word.startswith(("+", "-"))]
    # Users begin without any command.
    while commands[:1] == ["-@all"]:
        del commands[0]
    return {
        "on": "on" in words and "off" not in words,
        "keys": {word for word in words if word.startswith(("~", "%", "resetkeys"))},
        "channels": {word for word in words if word.startswith(("&", "resetchannels"))},
        "commands": commands,
    }


class User(Resource):
    same = MappingProxyType({"access_string": same_access})

    def __init__(self, params, elasticache):
        super().__init__(given(params, FIELDS), params["purge_tags"])
        self.elasticache = elasticache
        self.user_id = params["user_id"].lower()
        self.passwords = params["passwords"]
        self.renew = params["update_password"] == "always" and bool(self.passwords)
        self.wait = params["wait"]
        self.wait_timeout = params["wait_timeout"]
        if self.passwords:
            self.given.setdefault("authentication_type", "password")

    def find(self):
        user = self._describe()
        return read(user, self._list_tags(user["ARN"])) if user else None

    def blank(self):
        return {
            "user_id": self.user_id,
            "arn": None,
            "status": "active",
            "user_name": self.user_id,
            "engine": "valkey",
            "access_string": None,
            "authentication_type": None,
            "user_group_ids": [],
            "tags": {},
        }

    def changes(self, current):
        changes = super().changes(current)
        if self.renew and current["arn"]:
            changes["passwords"] = "renewed"
        return changes

    def refusal(self, current, changes):
        after = {**current, **changes}
        if self.user_id == "default":
            return "AWS's own user default cannot be changed. Make a user of another id whose user_name is default."
        if current["status"] == "deleting":
            return f"The user {self.user_id} is being deleted. Run this again when it is gone, in a minute or two."
        if current["arn"] is None:
            missing = [field for field in ("access_string", "authentication_type") if not after[field]]
            if missing:
                return f"A new user needs {' and '.join(missing)}."
        elif "user_name" in changes:
            return (
                f"user_name of the user {self.user_id} is {current['user_name']}, and AWS cannot make it "
                f"{changes['user_name']}. Choose another user_id, or delete it first."
            )
        return refused_authentication(after, changes, self.passwords)

    def create(self):
        self._create({**self.blank(), **self.wanted(self.blank())})
        self.renew = False
        if self.wait:
            self._wait_for("active", lambda user: user and user["Status"] == "active")

    def update(self, current, changes):
        arguments = modification(changes, self.passwords)
        if arguments:
            self._modify(arguments)
            self.renew = False
            if self.wait:
                self._wait_for("changed", lambda user: user["Status"] == "active")
        if "tags" in changes:
            self._change_tags(current["arn"], current["tags"], changes["tags"])

    def deletion_refusal(self, current):
        return "AWS's own user default cannot be deleted." if self.user_id == "default" else None

    @ElastiCacheErrorHandler.deletion_error_handler("delete the user {self.user_id}")
    def delete(self, current):
        try:
            if current["status"] != "deleting":
                call_once_free(lambda: self.elasticache.delete_user(UserId=self.user_id), self.wait_timeout)
        except is_boto3_error_code("DefaultUserAssociatedToUserGroup") as error:
            message = (
                f"The user {self.user_id} is the default user of {', '.join(current['user_group_ids'])}. Give that "
                "group another user whose user_name is default first."
            )
            raise AnsibleAWSError(message=message) from error
        if self.wait:
            self._wait_for("gone", lambda user: user is None)

    def _wait_for(self, end, done):
        wait_until(self._describe, done, self.wait_timeout, f"the user {self.user_id} is not yet {end}")

    @ElastiCacheErrorHandler.list_error_handler("find the user {self.user_id}")
    def _describe(self):
        return self.elasticache.describe_users(UserId=self.user_id)["Users"][0]

    @ElastiCacheErrorHandler.list_error_handler("list the tags of the user {self.user_id}", {})
    def _list_tags(self, arn):
        return list_tags(self.elasticache, arn)

    @ElastiCacheErrorHandler.common_error_handler("create the user {self.user_id}")
    def _create(self, state):
        tags = {"Tags": ansible_dict_to_boto3_tag_list(state["tags"])} if state["tags"] else {}
        self.elasticache.create_user(
            UserId=self.user_id,
            UserName=state["user_name"],
            Engine=state["engine"],
            AccessString=state["access_string"],
            AuthenticationMode=write_authentication(state["authentication_type"], self.passwords),
            **tags,
        )

    @ElastiCacheErrorHandler.common_error_handler("change the user {self.user_id}")
    def _modify(self, arguments):
        call_once_free(lambda: self.elasticache.modify_user(UserId=self.user_id, **arguments), self.wait_timeout)

    @ElastiCacheErrorHandler.common_error_handler("tag the user {self.user_id}")
    def _change_tags(self, arn, current, wanted):
        change_tags(self.elasticache, arn, current, wanted)


def read(user, tags):
    """A user as ElastiCache describes it, and its tags, as a state."""
    kind = user["Authentication"]["Type"]
    return {
        "user_id": user["UserId"],
        "arn": user["ARN"],
        "status": user["Status"],
        "user_name": user["UserName"],
        "engine": user["Engine"].lower(),
        "access_string": user["AccessString"],
        # AWS answers another word than it takes.
        "authentication_type": "no-password-required" if kind == "no-password" else kind,
        "user_group_ids": sorted(user.get("UserGroupIds", [])),
        "tags": tags,
    }


def refused_authentication(after, changes, passwords):
    kind = after["authentication_type"]
    if kind == "password" and "authentication_type" in changes and not passwords:
        return "A user who logs in with a password needs passwords."
    if kind != "password" and passwords:
        return f"passwords do not go with authentication_type: {kind}."
    if passwords and (len(passwords) > 2 or any(not 16 <= len(password) <= 128 for password in passwords)):
        return "passwords must be one or two, of 16 to 128 characters each."
    if kind == "iam" and after["user_name"] != after["user_id"]:
        return f"A user who logs in with IAM is called as its user_id, {after['user_id']}, by user_name, too."
    if kind == "no-password-required" and after["engine"] == "valkey":
        return "AWS lets users of the engine valkey log in only with a password or IAM."
    return None


def write_authentication(kind, passwords):
    return {"Type": kind, **({"Passwords": passwords} if kind == "password" else {})}


def modification(changes, passwords):
    """The arguments of ModifyUser that bring the changes; tags go another way."""
    arguments = {}
    if "engine" in changes:
        arguments["Engine"] = changes["engine"]
    if "access_string" in changes:
        arguments["AccessString"] = changes["access_string"]
    if "authentication_type" in changes or "passwords" in changes:
        arguments["AuthenticationMode"] = write_authentication(
            changes.get("authentication_type", "password"), passwords
        )
    return arguments


def secret_passwords(secretsmanager, secret_id, check_mode):
    """The values of a secret that are passwords now, each once; in check mode it may be still to be made."""
    values = [find_value(secretsmanager, secret_id, label) for label in LABELS]
    passwords = dict.fromkeys(value.text for value in values if value)
    if not passwords and check_mode:
        return [NOT_MADE_YET_PASSWORD]
    if not passwords:
        raise no_value(secret_id)
    return list(passwords)


def main():
    text = {"type": "str"}
    module = AnsibleAWSModule(
        argument_spec={
            "user_id": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "user_name": text,
            "engine": {"type": "str", "choices": ["valkey", "redis"]},
            "access_string": text,
            "authentication_type": {"type": "str", "choices": ["password", "iam", "no-password-required"]},
            "passwords": {"type": "list", "elements": "str", "no_log": True},
            "password_secret_id": {"type": "str", "no_log": False},
            "update_password": {
                "type": "str",
                "choices": ["always", "on_create"],
                "default": "on_create",
                "no_log": False,
            },
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 600},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        mutually_exclusive=[("passwords", "password_secret_id")],
        supports_check_mode=True,
    )

    def user():
        params, secret_id = module.params, module.params["password_secret_id"]
        if secret_id:
            found = secret_passwords(client(module, "secretsmanager"), secret_id, module.check_mode)
            params = {**params, "passwords": found}
        return User(params, client(module, "elasticache"))

    run(module, "user", user)


if __name__ == "__main__":
    main()
