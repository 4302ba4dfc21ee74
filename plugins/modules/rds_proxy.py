#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rds_proxy
version_added: "0.1.0"
short_description: Manage an RDS Proxy, its connection pool and its target
description:
  - Creates, changes and deletes a proxy that keeps connections to a cluster or an instance of RDS, and shares them
    among its clients.
  - A proxy has one target group, called V(default). Its connection pool and its target are a part of the proxy here.
  - Follows U(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  db_proxy_name:
    description:
      - The proxy's name, with which its address begins. It is taken in lower case.
    type: str
    required: true
    aliases: [name]
  state:
    description:
      - V(present) makes the proxy exist as described, V(absent) deletes it. What it leads to stays.
    type: str
    choices: [present, absent]
    default: present
  engine_family:
    description:
      - What the proxy speaks; V(MYSQL) is for Aurora MySQL, MySQL and MariaDB. Required for a new proxy. Never changed.
    type: str
    choices: [MYSQL, POSTGRESQL, SQLSERVER]
  auth:
    description:
      - All the secrets by which the proxy logs in to the database, one for each of its users. Required for a new proxy.
      - What is not given of a secret stays as it is.
    type: list
    elements: dict
    suboptions:
      secret_arn:
        description: ARN of the secret in Secrets Manager.
        type: str
        required: true
      description:
        description: What it is for.
        type: str
      iam_auth:
        description:
          - Whether clients log in to the proxy by IAM, and not by the password; of a new secret V(DISABLED).
          - V(ENABLED) is for V(SQLSERVER) alone.
        type: str
        choices: [DISABLED, REQUIRED, ENABLED]
      client_password_auth_type:
        description: How clients give their password to the proxy. AWS chooses by the engine unless it is given.
        type: str
        choices:
          - MYSQL_NATIVE_PASSWORD
          - MYSQL_CACHING_SHA2_PASSWORD
          - POSTGRES_SCRAM_SHA_256
          - POSTGRES_MD5
          - SQL_SERVER_AUTHENTICATION
  role_arn:
    description: ARN of the role that may read the secrets. Required for a new proxy.
    type: str
  vpc_subnet_ids:
    description:
      - IDs of the subnets that the proxy is in, of two zones at least. Required for a new proxy. Never changed.
      - AWS leaves out, without a word, subnets of zones that have no proxies. So a proxy that is in some of these
        subnets only is left as it is.
    type: list
    elements: str
  vpc_security_group_ids:
    description:
      - IDs of all the proxy's security groups, that both let its clients in and let it out to the database. The
        default one of the VPC for a new proxy unless given.
    type: list
    elements: str
  require_tls:
    description: Whether clients have to use TLS; of a new proxy V(false).
    type: bool
  idle_client_timeout:
    description: After how many idle seconds a client is disconnected, V(1) to V(28800); of a new proxy V(1800).
    type: int
  debug_logging:
    description:
      - Whether to log statements and connections in detail. It slows the proxy down, and may log what is confidential.
        Of a new proxy V(false).
    type: bool
  connection_pool_config:
    description: How connections to the database are kept. What is not given stays as it is.
    type: dict
    suboptions:
      max_connections_percent:
        description:
          - How many connections each target may have at most, in percent of the database's C(max_connections), V(1)
            to V(100). Of a new proxy V(100), of V(SQLSERVER) V(10).
        type: int
      max_idle_connections_percent:
        description:
          - How many of them may be idle, in percent of the database's C(max_connections), V(0) to
            O(connection_pool_config.max_connections_percent).
          - Half of that in a new proxy, and where it would be more than that.
        type: int
      connection_borrow_timeout:
        description:
          - For how many seconds a client waits for a connection while all of them are used, V(0) to V(300). Of a new
            proxy V(120).
        type: int
      session_pinning_filters:
        description:
          - What does not bind a client to its connection though it otherwise would; V(EXCLUDE_VARIABLE_SETS), and only
            for V(MYSQL).
        type: list
        elements: str
      init_query:
        description:
          - Statements that set a new connection up, such as V(SET time_zone='UTC'). Empty for none.
          - Everybody can read them who can see the proxy.
        type: str
  db_cluster_identifier:
    description:
      - Name of the cluster that the proxy leads to, in place of any other target. Empty for no target.
    type: str
    aliases: [cluster_id]
  db_instance_identifier:
    description:
      - Name of the instance that the proxy leads to, in place of any other target. Empty for no target.
    type: str
    aliases: [instance_id]
  wait:
    description:
      - Whether to wait until the proxy is available with all its changes, and reaches a new target, or until it is
        gone.
      - A proxy, a cluster or an instance that is busy with something else is waited for in any case before a change. A
        run that changes nothing does not wait.
    type: bool
    default: true
  wait_timeout:
    description: How many seconds to wait at most, each time. AWS needs minutes for a new proxy, and up to an hour to
      delete one.
    type: int
    default: 3600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Share connections to a cluster whose password RDS manages
  wellarchitected.aws.rds_proxy:
    db_proxy_name: shop
    engine_family: MYSQL
    auth:
      - secret_arn: "{{ cluster.master_user_secret.secret_arn }}"
    role_arn: arn:aws:iam::123456789012:role/shop-proxy
    vpc_subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    vpc_security_group_ids: [sg-0123456789abcdef0]
    require_tls: true
    connection_pool_config:
      max_connections_percent: 90
    db_cluster_identifier: shop
    tags:
      Environment: production

- name: Let the application log in by IAM
  wellarchitected.aws.rds_proxy:
    db_proxy_name: shop
    auth:
      - secret_arn: "{{ cluster.master_user_secret.secret_arn }}"
        iam_auth: REQUIRED

- name: Delete a proxy
  wellarchitected.aws.rds_proxy:
    db_proxy_name: shop
    state: absent
"""

RETURN = r"""
proxy:
  description: The proxy as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    auth:
      description: The secrets by which it logs in to the database.
      type: list
      elements: dict
      contains:
        client_password_auth_type:
          description: How clients give their password; in check mode without a value where AWS would choose.
          type: str
          sample: MYSQL_NATIVE_PASSWORD
        description:
          description: What the secret is for.
          type: str
          sample: the master user
        iam_auth:
          description: Whether clients log in by IAM.
          type: str
          sample: DISABLED
        secret_arn:
          description: ARN of the secret.
          type: str
          sample: arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:rds!cluster-1234abcd-abcdef
    connection_pool_config:
      description: How connections to the database are kept.
      type: dict
      contains:
        connection_borrow_timeout:
          description: For how many seconds a client waits for a connection.
          type: int
          sample: 120
        init_query:
          description: The statements that set a new connection up.
          type: str
          sample: ""
        max_connections_percent:
          description: How many connections there may be, in percent of those that the database allows.
          type: int
          sample: 90
        max_idle_connections_percent:
          description: How many of them may be idle, in percent of those that the database allows.
          type: int
          sample: 45
        session_pinning_filters:
          description: What does not bind a client to its connection.
          type: list
          elements: str
          sample: []
    created_date:
      description: When it was created, in UTC; in check mode without a value for a proxy that would be created.
      type: str
      sample: "2026-11-28T16:00:00+00:00"
    db_cluster_identifier:
      description: Name of the cluster that it leads to; empty when it leads to none.
      type: str
      sample: shop
    db_instance_identifier:
      description: Name of the instance that it leads to; empty when it leads to none, or to a cluster.
      type: str
      sample: ""
    db_proxy_arn:
      description: Its ARN; in check mode without a value for a proxy that would be created.
      type: str
      sample: arn:aws:rds:ap-northeast-1:123456789012:db-proxy:prx-0123456789abcdef0
    db_proxy_name:
      description: Its name.
      type: str
      sample: shop
    debug_logging:
      description: Whether it logs in detail.
      type: bool
      sample: false
    endpoint:
      description: Its address; in check mode without a value for a proxy that would be created.
      type: str
      sample: shop.proxy-abcdefghijkl.ap-northeast-1.rds.amazonaws.com
    engine_family:
      description: V(MYSQL), V(POSTGRESQL) or V(SQLSERVER).
      type: str
      sample: MYSQL
    idle_client_timeout:
      description: After how many idle seconds a client is disconnected.
      type: int
      sample: 1800
    require_tls:
      description: Whether clients have to use TLS.
      type: bool
      sample: true
    role_arn:
      description: ARN of the role that reads the secrets.
      type: str
      sample: arn:aws:iam::123456789012:role/shop-proxy
    status:
      description: V(available), V(creating), V(modifying), V(deleting), or another state.
      type: str
      sample: available
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
    vpc_id:
      description: Its VPC; in check mode without a value for a proxy that would be created.
      type: str
      sample: vpc-0123456789abcdef0
    vpc_security_group_ids:
      description: Its security groups.
      type: list
      elements: str
      sample: [sg-0123456789abcdef0]
    vpc_subnet_ids:
      description: Its subnets.
      type: list
      elements: str
      sample: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
"""

from typing import ClassVar

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import list_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.rds import (
    RdsErrorHandler,
    SlowResource,
    change_tags,
    fixed_refusal,
    patiently,
    same_proxy_subnets,
    wait_until,
    write_tags,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import given

# The options by what the API calls them; ModifyDBProxy calls the security groups otherwise.
FIXED = {"engine_family": "EngineFamily", "vpc_subnet_ids": "VpcSubnetIds"}
CHANGEABLE = {
    "role_arn": "RoleArn",
    "require_tls": "RequireTLS",
    "idle_client_timeout": "IdleClientTimeout",
    "debug_logging": "DebugLogging",
}
AUTH = {
    "secret_arn": "SecretArn",
    "description": "Description",
    "iam_auth": "IAMAuth",
    "client_password_auth_type": "ClientPasswordAuthType",
}
POOL = {
    "max_connections_percent": "MaxConnectionsPercent",
    "max_idle_connections_percent": "MaxIdleConnectionsPercent",
    "connection_borrow_timeout": "ConnectionBorrowTimeout",
    "session_pinning_filters": "SessionPinningFilters",
    "init_query": "InitQuery",
}
# A target is one of these: the member that registers it, and its type in answers.
TARGETS = {"db_cluster_identifier": "DBClusterIdentifiers", "db_instance_identifier": "DBInstanceIdentifiers"}
TARGET_TYPES = {"db_cluster_identifier": "TRACKED_CLUSTER", "db_instance_identifier": "RDS_INSTANCE"}
FIELDS = (
    *FIXED,
    *CHANGEABLE,
    "auth",
    "vpc_security_group_ids",
    "connection_pool_config",
    *TARGETS,
    "tags",
)
NEEDED = ("engine_family", "auth", "role_arn", "vpc_subnet_ids")
RANGES = {
    "idle_client_timeout": (1, 28800),
    "max_connections_percent": (1, 100),
    "max_idle_connections_percent": (0, 100),
    "connection_borrow_timeout": (0, 300),
}
GROUP = "default"


def if_settled(ask):
    """What RDS answers; nothing of a proxy in a state in which RDS does not tell, as while it is made or deleted."""
    try:
        return ask()
    except is_boto3_error_code("InvalidDBProxyStateFault"):
        return []


class Proxy(SlowResource):
    what = "proxy"
    same: ClassVar = {"vpc_subnet_ids": same_proxy_subnets}
    partial = frozenset({"connection_pool_config"})

    def __init__(self, params, rds):
        super().__init__(given_fields(params), params, rds, params["db_proxy_name"])
        message = wrong_number(self.given)
        if message:
            raise AnsibleAWSError(message=message)

    def find(self):
        proxy = self._describe()
        if not self.is_there(proxy):
            return None
        return read(proxy, self._describe_pool(), self._list_targets(), self._list_tags(proxy["DBProxyArn"]))

    def blank(self):
        return {
            "db_proxy_name": self.name,
            "db_proxy_arn": None,
            "created_date": None,
            "status": "available",
            "endpoint": None,
            "vpc_id": None,
            "engine_family": None,
            "auth": [],
            "role_arn": None,
            "vpc_subnet_ids": [],
            "vpc_security_group_ids": [],
            "require_tls": False,
            "idle_client_timeout": 1800,
            "debug_logging": False,
            "connection_pool_config": new_pool(self.given),
            **dict.fromkeys(TARGETS, ""),
            "tags": {},
        }

    def wanted(self, current):
        fields = super().wanted(current)
        if "auth" in fields:
            fields["auth"] = whole_auth(current["auth"], fields["auth"])
        if "connection_pool_config" in fields:
            fields["connection_pool_config"] = whole_pool(
                fields["connection_pool_config"], self.given["connection_pool_config"]
            )
        return fields

    def refusal(self, current, changes):
        if "status" in changes:
            return f"The proxy {self.name} is being deleted. Run this again when it is gone, in some minutes."
        if current["db_proxy_arn"] is None:
            missing = [field for field in NEEDED if not self.given.get(field)]
            return f"The new proxy {self.name} needs {' and '.join(missing)}." if missing else None
        advice = "Make another proxy, under another name, or delete this one first (state: absent)."
        refused = fixed_refusal(f"The proxy {self.name}", current, changes, FIXED, advice)
        if refused is None and "auth" in changes and not changes["auth"]:
            return f"The proxy {self.name} needs a secret to log in by: auth cannot be empty."
        return refused

    def create(self):
        self._create(creation(self.wanted(self.blank())))
        self._wait_if_asked()

    def update(self, current, changes):
        if "tags" in changes:
            change_tags(self.rds, current["db_proxy_arn"], current["tags"], changes["tags"])
        arguments = modification(changes)
        if arguments:
            self._modify(arguments)
            self._wait_if_asked()
        if "connection_pool_config" in changes:
            self._modify_pool(write_pool(changes["connection_pool_config"]))
        if TARGETS.keys() & changes.keys():
            self._turn_to({**current, **changes}, current)
        self._wait_if_asked()

    def _turn_to(self, wanted, current):
        for field, member in TARGETS.items():
            if current[field] and current[field] != wanted[field]:
                self._deregister({member: [current[field]]})
        for field, member in TARGETS.items():
            if wanted[field] and current[field] != wanted[field]:
                self._register({member: [wanted[field]]})
                if self.wait:
                    self._wait_for_target(wanted[field])

    def _wait_for_target(self, target):
        seen = []

        def look():
            seen[:] = self._list_targets()
            return seen

        try:
            wait_until(look, is_reached, self.wait_timeout, f"the proxy {self.name} to reach {target}")
        except AnsibleAWSError as error:
            raise AnsibleAWSError(message=f"{error.message}{why_unreached(seen)}") from error

    @RdsErrorHandler.list_error_handler("find the proxy {self.name}")
    def _describe(self):
        pages = self.rds.get_paginator("describe_db_proxies").paginate(DBProxyName=self.name)
        return next((proxy for page in pages for proxy in page["DBProxies"]), None)

    @RdsErrorHandler.list_error_handler("find the connection pool of the proxy {self.name}", {})
    def _describe_pool(self):
        pages = self.rds.get_paginator("describe_db_proxy_target_groups").paginate(DBProxyName=self.name)
        groups = if_settled(lambda: [group for page in pages for group in page["TargetGroups"]])
        return next((group["ConnectionPoolConfig"] for group in groups if group["TargetGroupName"] == GROUP), {})

    @RdsErrorHandler.list_error_handler("list the targets of the proxy {self.name}", [])
    def _list_targets(self):
        pages = self.rds.get_paginator("describe_db_proxy_targets").paginate(DBProxyName=self.name)
        return if_settled(lambda: [target for page in pages for target in page["Targets"]])

    @RdsErrorHandler.list_error_handler("list the tags of the proxy {self.name}", {})
    def _list_tags(self, arn):
        return list_tags(self.rds, arn)

    @RdsErrorHandler.common_error_handler("create the proxy {self.name}")
    def _create(self, arguments):
        self.rds.create_db_proxy(DBProxyName=self.name, **arguments)

    @RdsErrorHandler.common_error_handler("change the proxy {self.name}")
    def _modify(self, arguments):
        patiently(lambda: self.rds.modify_db_proxy(DBProxyName=self.name, **arguments), self.wait_timeout)

    @RdsErrorHandler.common_error_handler("change the connection pool of the proxy {self.name}")
    def _modify_pool(self, config):
        group = {"DBProxyName": self.name, "TargetGroupName": GROUP}
        patiently(
            lambda: self.rds.modify_db_proxy_target_group(**group, ConnectionPoolConfig=config), self.wait_timeout
        )

    @RdsErrorHandler.common_error_handler("lead the proxy {self.name} to its target")
    def _register(self, target):
        group = {"DBProxyName": self.name, "TargetGroupName": GROUP}
        patiently(lambda: self.rds.register_db_proxy_targets(**group, **target), self.wait_timeout)

    @RdsErrorHandler.deletion_error_handler("turn the proxy {self.name} away from its target")
    def _deregister(self, target):
        group = {"DBProxyName": self.name, "TargetGroupName": GROUP}
        patiently(lambda: self.rds.deregister_db_proxy_targets(**group, **target), self.wait_timeout)

    @RdsErrorHandler.deletion_error_handler("delete the proxy {self.name}")
    def _delete(self):
        patiently(lambda: self.rds.delete_db_proxy(DBProxyName=self.name), self.wait_timeout)


def given_fields(params):
    """The options that the user gave, as RDS answers them; one target takes the place of the other one."""
    fields = given(params, FIELDS)
    for field in ("vpc_subnet_ids", "vpc_security_group_ids"):
        if field in fields:
            fields[field] = sorted(set(fields[field]))
    pool = fields.get("connection_pool_config", {})
    if "session_pinning_filters" in pool:
        fields["connection_pool_config"] = {
            **pool,
            "session_pinning_filters": sorted(set(pool["session_pinning_filters"])),
        }
    targets = {field: fields.get(field, "").lower() for field in TARGETS}
    return {**fields, **targets} if TARGETS.keys() & fields.keys() else fields


def wrong_number(fields):
    """What of the given fields is out of AWS's range, as a sentence; None when nothing is."""
    numbers = {**fields, **fields.get("connection_pool_config", {})}
    for field, (least, most) in RANGES.items():
        if field in numbers and not least <= numbers[field] <= most:
            return f"{field} is {numbers[field]}; it has to be {least} to {most}."
    most = numbers.get("max_connections_percent", 100)
    if numbers.get("max_idle_connections_percent", 0) > most:
        return (
            f"max_idle_connections_percent is {numbers['max_idle_connections_percent']}, which is more than the "
            f"max_connections_percent of {most}."
        )
    return None


def new_pool(fields):
    """The connection pool of a new proxy that is told no other."""
    most = 10 if fields.get("engine_family") == "SQLSERVER" else 100
    return {
        "max_connections_percent": most,
        "max_idle_connections_percent": most // 2,
        "connection_borrow_timeout": 120,
        "session_pinning_filters": [],
        "init_query": "",
    }


def whole_pool(pool, fields):
    """A pool of which some fields are given: what may be idle is no more than there may be."""
    if "max_idle_connections_percent" in fields or not pool.get("max_connections_percent"):
        return pool
    most = pool["max_connections_percent"]
    idle = pool.get("max_idle_connections_percent")
    return {**pool, "max_idle_connections_percent": most // 2 if idle is None or idle > most else idle}


def whole_auth(current, wanted):
    """The secrets wanted, each with what is not given as it is, or as it is in a new one."""
    known = {secret["secret_arn"]: secret for secret in current}
    new = {"description": "", "iam_auth": "DISABLED", "client_password_auth_type": None}
    return sorted(
        ({**known.get(secret["secret_arn"], new), **secret} for secret in wanted),
        key=lambda secret: secret["secret_arn"],
    )


def read(proxy, pool, targets, tags):
    """A proxy as RDS describes it, its connection pool, its targets and its tags, as a state."""
    return {
        "db_proxy_name": proxy["DBProxyName"],
        "db_proxy_arn": proxy["DBProxyArn"],
        "created_date": proxy["CreatedDate"].isoformat() if "CreatedDate" in proxy else None,
        "status": proxy["Status"],
        "endpoint": proxy.get("Endpoint"),
        "vpc_id": proxy.get("VpcId"),
        "engine_family": proxy["EngineFamily"],
        "auth": sorted(
            (
                {
                    "secret_arn": secret.get("SecretArn"),
                    "description": secret.get("Description", ""),
                    "iam_auth": secret.get("IAMAuth", "DISABLED"),
                    "client_password_auth_type": secret.get("ClientPasswordAuthType"),
                }
                for secret in proxy.get("Auth", [])
            ),
            key=lambda secret: secret["secret_arn"] or "",
        ),
        "role_arn": proxy.get("RoleArn"),
        "vpc_subnet_ids": sorted(proxy.get("VpcSubnetIds", [])),
        "vpc_security_group_ids": sorted(proxy.get("VpcSecurityGroupIds", [])),
        "require_tls": proxy.get("RequireTLS", False),
        "idle_client_timeout": proxy.get("IdleClientTimeout"),
        "debug_logging": proxy.get("DebugLogging", False),
        "connection_pool_config": {
            "max_connections_percent": pool.get("MaxConnectionsPercent"),
            "max_idle_connections_percent": pool.get("MaxIdleConnectionsPercent"),
            "connection_borrow_timeout": pool.get("ConnectionBorrowTimeout"),
            "session_pinning_filters": sorted(pool.get("SessionPinningFilters", [])),
            "init_query": pool.get("InitQuery", ""),
        },
        **{field: target_of(targets, kind) for field, kind in TARGET_TYPES.items()},
        "tags": tags,
    }


def target_of(targets, kind):
    """The name of the target of a type; the instances of a cluster, which AWS lists with it, are none."""
    names = [
        target["RdsResourceId"]
        for target in targets
        if target.get("Type") == kind and (kind == "TRACKED_CLUSTER" or not target.get("TrackedClusterId"))
    ]
    return names[0] if names else ""


def is_reached(targets):
    """Whether the proxy has connections to where it can write."""
    return any(
        target.get("TargetHealth", {}).get("State") == "AVAILABLE" and target.get("Role") != "READ_ONLY"
        for target in targets
    )


def why_unreached(targets):
    """What AWS says of the targets that the proxy does not reach, as sentences."""
    reasons = []
    for target in targets:
        health = target.get("TargetHealth", {})
        if health.get("State", "AVAILABLE") != "AVAILABLE":
            words = filter(None, (health["State"], health.get("Reason"), health.get("Description")))
            reasons.append(f" {target['RdsResourceId']}: {', '.join(words)}.")
    hint = " Look at the security groups, and at whether role_arn may read the secrets and decrypt with their key."
    return "".join(reasons) + (hint if reasons else "")


def write_auth(auth):
    return [
        {
            "AuthScheme": "SECRETS",
            **{member: secret[field] for field, member in AUTH.items() if secret.get(field) not in (None, "")},
        }
        for secret in auth
    ]


def write_pool(pool):
    return {member: pool[field] for field, member in POOL.items() if pool.get(field) is not None}


def creation(wanted):
    """The arguments, besides the name, that create a proxy; its pool and its target are told afterwards."""
    arguments = {member: wanted[field] for field, member in (FIXED | CHANGEABLE).items() if field in wanted}
    arguments["Auth"] = write_auth(wanted["auth"])
    if wanted.get("vpc_security_group_ids"):
        arguments["VpcSecurityGroupIds"] = wanted["vpc_security_group_ids"]
    return {**arguments, "Tags": write_tags(wanted["tags"])} if wanted.get("tags") else arguments


def modification(changes):
    """The arguments, besides the name, that make the changes of the proxy itself; none when there are none."""
    arguments = {member: changes[field] for field, member in CHANGEABLE.items() if field in changes}
    if "auth" in changes:
        arguments["Auth"] = write_auth(changes["auth"])
    if "vpc_security_group_ids" in changes:
        arguments["SecurityGroups"] = changes["vpc_security_group_ids"]
    return arguments


def main():
    text, number, truth = {"type": "str"}, {"type": "int"}, {"type": "bool"}
    texts = {"type": "list", "elements": "str"}
    module = AnsibleAWSModule(
        argument_spec={
            "db_proxy_name": {"type": "str", "required": True, "aliases": ["name"]},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "engine_family": {"type": "str", "choices": ["MYSQL", "POSTGRESQL", "SQLSERVER"]},
            "auth": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "secret_arn": {"type": "str", "required": True, "no_log": False},
                    "description": text,
                    "iam_auth": {"type": "str", "choices": ["DISABLED", "REQUIRED", "ENABLED"]},
                    "client_password_auth_type": {
                        "type": "str",
                        "no_log": False,
                        "choices": [
                            "MYSQL_NATIVE_PASSWORD",
                            "MYSQL_CACHING_SHA2_PASSWORD",
                            "POSTGRES_SCRAM_SHA_256",
                            "POSTGRES_MD5",
                            "SQL_SERVER_AUTHENTICATION",
                        ],
                    },
                },
            },
            "role_arn": text,
            "vpc_subnet_ids": texts,
            "vpc_security_group_ids": texts,
            "require_tls": truth,
            "idle_client_timeout": number,
            "debug_logging": truth,
            "connection_pool_config": {
                "type": "dict",
                "options": {
                    "max_connections_percent": number,
                    "max_idle_connections_percent": number,
                    "connection_borrow_timeout": number,
                    "session_pinning_filters": texts,
                    "init_query": text,
                },
            },
            "db_cluster_identifier": {"type": "str", "aliases": ["cluster_id"]},
            "db_instance_identifier": {"type": "str", "aliases": ["instance_id"]},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 3600},
        },
        mutually_exclusive=[("db_cluster_identifier", "db_instance_identifier")],
        supports_check_mode=True,
    )
    run(module, "proxy", lambda: Proxy(module.params, client(module, "rds")))


if __name__ == "__main__":
    main()
