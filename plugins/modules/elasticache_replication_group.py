#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elasticache_replication_group
version_added: "0.1.0"
short_description: Manage an ElastiCache replication group of Valkey or Redis OSS
description:
  - Creates, changes and deletes a replication group, with its replicas and, with cluster mode, its shards.
  - What is not given stays as it is. What AWS cannot change is refused before anything is changed.
  - A group that is busy with another change is waited for before it is changed or deleted.
  - While a group is not available, AWS does not tell its tags. They are waited for where O(tags) are given and O(wait)
    is true; otherwise they are left as they are.
  - Follows U(https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  replication_group_id:
    description: The group's name. AWS makes it lowercase.
    type: str
    required: true
  state:
    description: V(present) makes the group exist as described, V(absent) deletes it with its nodes.
    type: str
    choices: [present, absent]
    default: present
  description:
    description: What it is for. Required for a new group.
    type: str
  engine:
    description: The engine; of a new group V(valkey). AWS can make V(valkey) of V(redis), not the other way round.
    type: str
    choices: [valkey, redis]
  engine_version:
    description:
      - The version, or its beginning such as V(8) or V(7.2). A newer version within it is no difference. A new group,
        or one that is upgraded, gets the newest that ElastiCache offers within it.
      - AWS cannot go back to an older version.
    type: str
  cache_node_type:
    description: The type of the nodes, such as V(cache.t4g.small). Required for a new group.
    type: str
  cluster_mode:
    description:
      - Whether the data is spread over shards.
      - An existing group becomes V(enabled) by way of V(compatible), in which clients can connect in both ways.
    type: str
    choices: [enabled, disabled, compatible]
  num_cache_clusters:
    description:
      - Without cluster mode, how many nodes there are, the primary and its replicas, V(1) to V(6); of a new group V(1).
      - Replicas come and go at once, whatever O(apply_immediately) says.
    type: int
  num_node_groups:
    description:
      - With cluster mode, how many shards there are; of a new group V(1).
      - Shards come and go at once, whatever O(apply_immediately) says; the newest go first.
    type: int
  replicas_per_node_group:
    description: With cluster mode, how many replicas each shard has, V(0) to V(5); of a new group V(0).
    type: int
  automatic_failover_enabled:
    description: Whether a replica takes over when the primary fails. It needs a replica; cluster mode needs it.
    type: bool
  multi_az_enabled:
    description: Whether the nodes are in several zones. It needs O(automatic_failover_enabled).
    type: bool
  preferred_cache_cluster_azs:
    description: The zones of a new group's nodes without cluster mode, the primary's first. Of no use afterwards.
    type: list
    elements: str
  cache_parameter_group_name:
    description: The parameter group; of a new group the default one of the engine's version.
    type: str
  cache_subnet_group_name:
    description: The subnet group. It cannot be changed.
    type: str
  security_group_ids:
    description: The ids of the security groups. Stated whole.
    type: list
    elements: str
  port:
    description: The port; of a new group V(6379). It cannot be changed.
    type: int
  transit_encryption_enabled:
    description: Whether connections are encrypted. Turned on and off by way of O(transit_encryption_mode=preferred).
    type: bool
  transit_encryption_mode:
    description: Whether connections may be encrypted, or must be. Of a new, encrypted group V(required).
    type: str
    choices: [preferred, required]
  at_rest_encryption_enabled:
    description: Whether what is on disks is encrypted; of a new group of Valkey V(true). It cannot be changed.
    type: bool
  kms_key_id:
    description: The id or the ARN of the KMS key of the encryption at rest, not an alias. It cannot be changed.
    type: str
  auth_token:
    description:
      - The password of the AUTH command, of 16 to 128 characters. It needs O(transit_encryption_enabled).
      - A new group gets it. It is never compared, as AWS does not tell it, and never answered.
    type: str
  auth_token_update_strategy:
    description:
      - How an existing group gets O(auth_token). V(ROTATE) adds it to the one that there is, and V(SET) makes it the
        only one. Both are a change at every run.
      - V(DELETE) takes the token away, which AWS allows where user groups take its place.
    type: str
    choices: [ROTATE, SET, DELETE]
  user_group_ids:
    description: The id of the user group, as a list of one; an empty list for none. Stated whole.
    type: list
    elements: str
  snapshot_retention_limit:
    description: For how many days automatic snapshots are kept; V(0) for none.
    type: int
  snapshot_window:
    description: When the daily snapshot begins, in UTC, such as V(05:00-06:00).
    type: str
  preferred_maintenance_window:
    description: When AWS may maintain the nodes, in UTC, such as V(sun:23:00-mon:01:30).
    type: str
  auto_minor_version_upgrade:
    description: Whether minor versions are upgraded in the maintenance window.
    type: bool
  log_delivery_configurations:
    description: Where logs go, at most one entry for each O(log_delivery_configurations[].log_type). Stated whole.
    type: list
    elements: dict
    suboptions:
      log_type:
        description: Which log.
        type: str
        choices: [slow-log, engine-log]
        required: true
      destination_type:
        description: What it goes to.
        type: str
        choices: [cloudwatch-logs, kinesis-firehose]
        default: cloudwatch-logs
      destination:
        description: The name of the log group or of the Firehose stream.
        type: str
        required: true
      log_format:
        description: In which form.
        type: str
        choices: [json, text]
        default: json
  notification_topic_arn:
    description: ARN of the SNS topic that is told of events; an empty text to tell none.
    type: str
  apply_immediately:
    description:
      - Whether a change of the engine's version or of the node type is made at once, which may interrupt connections,
        and not in the maintenance window. What waits for the window is no difference any more; it is told in
        RV(replication_group.pending_modified_values).
    type: bool
    default: false
  final_snapshot_identifier:
    description: The name of a snapshot that is made before the group is deleted. None is made unless given.
    type: str
  wait:
    description:
      - Whether to wait until the group is available, with every change made, or gone.
      - Of changes that AWS takes only one after the other, all but the last are waited for in any case.
    type: bool
    default: true
  wait_timeout:
    description: How many seconds to wait at most, each time.
    type: int
    default: 2400
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Make a cache of two nodes in two zones, encrypted, with its slow log in CloudWatch Logs
  wellarchitected.aws.elasticache_replication_group:
    replication_group_id: example
    description: Query results of the shop
    engine_version: "8"
    cache_node_type: cache.t4g.small
    num_cache_clusters: 2
    automatic_failover_enabled: true
    multi_az_enabled: true
    cache_subnet_group_name: example
    security_group_ids: [sg-0123456789abcdef0]
    transit_encryption_enabled: true
    user_group_ids: [example]
    snapshot_retention_limit: 7
    log_delivery_configurations:
      - log_type: slow-log
        destination: /example/cache/slow
    tags:
      Environment: production

- name: Add a replica
  wellarchitected.aws.elasticache_replication_group:
    replication_group_id: example
    num_cache_clusters: 3

- name: Change the node type at once
  wellarchitected.aws.elasticache_replication_group:
    replication_group_id: example
    cache_node_type: cache.m7g.large
    apply_immediately: true

- name: Make a cache of three shards, each with a replica
  wellarchitected.aws.elasticache_replication_group:
    replication_group_id: example-sharded
    description: Sessions of the shop
    cache_node_type: cache.m7g.large
    cluster_mode: enabled
    num_node_groups: 3
    replicas_per_node_group: 1
    cache_subnet_group_name: example

- name: Delete the cache, and keep a last snapshot
  wellarchitected.aws.elasticache_replication_group:
    replication_group_id: example
    state: absent
    final_snapshot_identifier: example-final
"""

RETURN = r"""
replication_group:
  description:
    - The group as it is, or in check mode as it would be; empty when it is absent.
    - What AWS chooses, or tells only once the nodes are there, has no value before.
  returned: success
  type: dict
  contains:
    replication_group_id:
      description: Its name.
      type: str
      sample: example
    arn:
      description: Its ARN.
      type: str
      sample: arn:aws:elasticache:ap-northeast-1:123456789012:replicationgroup:example
    status:
      description: V(available), V(creating), V(modifying), V(deleting), V(create-failed) or V(snapshotting).
      type: str
      sample: available
    description:
      description: What it is for.
      type: str
      sample: Query results of the shop
    engine:
      description: Its engine.
      type: str
      sample: valkey
    engine_version:
      description: The version that runs.
      type: str
      sample: 8.0.1
    cache_node_type:
      description: The type of its nodes.
      type: str
      sample: cache.t4g.small
    cluster_mode:
      description: V(enabled), V(disabled) or V(compatible).
      type: str
      sample: disabled
    num_cache_clusters:
      description: How many nodes it has.
      type: int
      sample: 2
    num_node_groups:
      description: How many shards it has.
      type: int
      sample: 1
    replicas_per_node_group:
      description: How many replicas a shard has; without a value where they differ.
      type: int
      sample: 1
    automatic_failover_enabled:
      description: Whether a replica takes over.
      type: bool
      sample: true
    multi_az_enabled:
      description: Whether its nodes are in several zones.
      type: bool
      sample: true
    cache_parameter_group_name:
      description: Its parameter group.
      type: str
      sample: default.valkey8
    cache_subnet_group_name:
      description: Its subnet group.
      type: str
      sample: example
    security_group_ids:
      description: Its security groups.
      type: list
      elements: str
      sample: [sg-0123456789abcdef0]
    port:
      description: Its port.
      type: int
      sample: 6379
    transit_encryption_enabled:
      description: Whether connections are encrypted.
      type: bool
      sample: true
    transit_encryption_mode:
      description: Whether they may be or must be; without a value where they are not.
      type: str
      sample: required
    at_rest_encryption_enabled:
      description: Whether what is on disks is encrypted.
      type: bool
      sample: true
    kms_key_id:
      description: The KMS key of that; without a value for AWS's own.
      type: str
      sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    auth_token_enabled:
      description: Whether it has an AUTH token.
      type: bool
      sample: false
    user_group_ids:
      description: Its user groups.
      type: list
      elements: str
      sample: [example]
    snapshot_retention_limit:
      description: For how many days snapshots are kept.
      type: int
      sample: 7
    snapshot_window:
      description: When they are made.
      type: str
      sample: 05:00-06:00
    preferred_maintenance_window:
      description: When its nodes are maintained.
      type: str
      sample: sun:23:00-mon:01:30
    auto_minor_version_upgrade:
      description: Whether minor versions are upgraded.
      type: bool
      sample: true
    log_delivery_configurations:
      description: Where its logs go, as in the option.
      type: list
      elements: dict
      contains:
        log_type:
          description: Which log.
          type: str
          sample: slow-log
        destination_type:
          description: What it goes to.
          type: str
          sample: cloudwatch-logs
        destination:
          description: The name of that.
          type: str
          sample: /example/cache/slow
        log_format:
          description: In which form.
          type: str
          sample: json
    notification_topic_arn:
      description: The topic that is told of events; an empty text for none.
      type: str
      sample: arn:aws:sns:ap-northeast-1:123456789012:example
    primary_endpoint:
      description: Where to write; empty with cluster mode.
      type: dict
      contains:
        address:
          description: The host.
          type: str
          sample: master.example.a1b2c3.apne1.cache.amazonaws.com
        port:
          description: The port.
          type: int
          sample: 6379
    reader_endpoint:
      description: Where to read; empty with cluster mode.
      type: dict
      contains:
        address:
          description: The host.
          type: str
          sample: replica.example.a1b2c3.apne1.cache.amazonaws.com
        port:
          description: The port.
          type: int
          sample: 6379
    configuration_endpoint:
      description: Where clients begin with cluster mode; empty without it.
      type: dict
      contains:
        address:
          description: The host.
          type: str
          sample: clustercfg.example.a1b2c3.apne1.cache.amazonaws.com
        port:
          description: The port.
          type: int
          sample: 6379
    members:
      description: Its nodes.
      type: list
      elements: dict
      contains:
        cache_cluster_id:
          description: The node's name.
          type: str
          sample: example-001
        node_group_id:
          description: Its shard.
          type: str
          sample: "0001"
        availability_zone:
          description: Its zone.
          type: str
          sample: ap-northeast-1a
        role:
          description: V(primary) or V(replica); AWS does not tell it with cluster mode.
          type: str
          sample: primary
    pending_modified_values:
      description:
        - What is being changed, or waits for the maintenance window, by the names of the values above.
        - Besides these, V(auth_token_status) and V(resharding_percentage).
      type: dict
      sample:
        cache_node_type: cache.m7g.large
    tags:
      description: Its tags; without a value while AWS does not tell them.
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
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import same_kms_key
from ansible_collections.wellarchitected.aws.plugins.module_utils.elasticache import (
    BUSY,
    ElastiCacheErrorHandler,
    call_once_free,
    wait_until,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# What only a new group can be given, as CreateReplicationGroup calls it.
FIXED = {
    "cache_subnet_group_name": "CacheSubnetGroupName",
    "port": "Port",
    "at_rest_encryption_enabled": "AtRestEncryptionEnabled",
    "kms_key_id": "KmsKeyId",
}
# What can be changed, as both CreateReplicationGroup and ModifyReplicationGroup call it.
CHANGEABLE = {
    "description": "ReplicationGroupDescription",
    "engine": "Engine",
    "engine_version": "EngineVersion",
    "cache_node_type": "CacheNodeType",
    "cluster_mode": "ClusterMode",
    "automatic_failover_enabled": "AutomaticFailoverEnabled",
    "multi_az_enabled": "MultiAZEnabled",
    "cache_parameter_group_name": "CacheParameterGroupName",
    "security_group_ids": "SecurityGroupIds",
    "transit_encryption_enabled": "TransitEncryptionEnabled",
    "transit_encryption_mode": "TransitEncryptionMode",
    "snapshot_retention_limit": "SnapshotRetentionLimit",
    "snapshot_window": "SnapshotWindow",
    "preferred_maintenance_window": "PreferredMaintenanceWindow",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
}
SIZES = {
    "num_cache_clusters": "NumCacheClusters",
    "num_node_groups": "NumNodeGroups",
    "replicas_per_node_group": "ReplicasPerNodeGroup",
}
# What a group does not tell while it is being created; all but the port is told by its members.
UNTOLD = (
    "engine_version",
    "cache_parameter_group_name",
    "cache_subnet_group_name",
    "security_group_ids",
    "preferred_maintenance_window",
    "notification_topic_arn",
    "port",
)
OTHERS = ("user_group_ids", "log_delivery_configurations", "notification_topic_arn", "tags")
FIELDS = (*FIXED, *CHANGEABLE, *SIZES, *OTHERS)


def within(current, wanted):
    """Whether a version is the wanted one, or one within it: 7.2.6 is within 7.2 and 7."""
    return current is not None and f"{current}.".startswith(f"{wanted}.")


class ReplicationGroup(Resource):
    same = MappingProxyType({"engine_version": within, "kms_key_id": same_kms_key})

    def __init__(self, params, elasticache, check_mode=False):
        super().__init__(given_fields(params), params["purge_tags"])
        self.elasticache = elasticache
        self.name = params["replication_group_id"].lower()
        self.zones = params["preferred_cache_cluster_azs"]
        self.token = params["auth_token"]
        self.token_strategy = params["auth_token_update_strategy"]
        self.immediately = params["apply_immediately"]
        self.final_snapshot = params["final_snapshot_identifier"]
        self.wait = params["wait"]
        self.wait_for_tags = params["wait"] and not check_mode and "tags" in self.given
        self.wait_timeout = params["wait_timeout"]
        # What has been sent and is not waited for: AWS shows it later.
        self.sent = set()

    def find(self):
        state = self._find()
        return {**state, "tags": self._list_tags(state["arn"])} if state else None

    def _find(self):
        """The state without tags."""
        group = self._describe()
        if group is None:
            return None
        members = group.get("MemberClusters")
        return read(group, (self._describe_member(members[0]) if members else None) or {})

    def blank(self):
        return new_group(self.name, self.given)

    def wanted(self, current):
        fields = super().wanted({**current, "tags": current["tags"] or {}})
        if current["tags"] is None:
            fields.pop("tags", None)
        return {**fields, **implied_sizes({**current, **fields}, fields)}

    def changes(self, current):
        changes = super().changes(expected(current, self.immediately))
        if current["status"] != "available":
            changes = {
                field: value for field, value in changes.items() if field not in UNTOLD or current[field] is not None
            }
        if self.token and not current["auth_token_enabled"]:
            changes["auth_token_enabled"] = True
        if (
            self.token_strategy
            and current["arn"]
            and (self.token_strategy != "DELETE" or current["auth_token_enabled"])
        ):
            changes["auth_token_update_strategy"] = self.token_strategy
        return {field: value for field, value in changes.items() if field not in self.sent}

    def refusal(self, current, changes):
        return (
            refused_state(self.name, current)
            or refused_token(self.name, current, {**current, **changes}, self.token, self.token_strategy)
            or (refused_creation(self.given) if current["arn"] is None else refused_change(self.name, current, changes))
            or refused_values({**current, **changes}, self.given)
        )

    def create(self):
        state = {**self.blank(), **super().wanted(self.blank())}
        version = self._newest(state["engine"], state["engine_version"])
        self._create(creation(state, self.given, version, self.zones, self.token))
        self.token_strategy = None
        if self.wait:
            self._wait_for("available", lambda state: state and state["status"] == "available")
        else:
            self.sent = {field for field in self.given if field != "cluster_mode" or self.given[field] != "compatible"}

    def update(self, current, changes):
        if current["status"] != "available":
            self._wait_for("available", lambda state: state and state["status"] == "available")
            current = self.find()
            changes = self.changes(current)
        # Before the group is busy.
        if "tags" in changes:
            self._change_tags(current["arn"], current["tags"], changes["tags"])
        steps = self._steps(current, changes)
        for number, (step, fields) in enumerate(steps, 1):
            step()
            if self.wait or number < len(steps):
                self._wait_for("changed", lambda state, fields=fields: state and self._is_settled(state, fields))
            else:
                self.sent = set(fields)

    def _is_settled(self, state, fields):
        """Whether these fields are as they shall be; at first a group looks as if nothing had been asked of it."""
        return (
            state["status"] == "available"
            and "auth_token_status" not in state["pending_modified_values"]
            and not fields & self.changes(state).keys()
        )

    def _steps(self, current, changes):
        """What to call in which order, and what it changes: replicas come before what needs them, and go after it."""
        sharded = current["cluster_mode"] == "enabled"
        size = "replicas_per_node_group" if sharded else "num_cache_clusters"
        grow, shrink = [], []
        if size in changes:
            wanted = changes[size] if sharded else changes[size] - 1
            more, less = replica_counts(current["members"], wanted)
            if more:
                # Where others lose some, only both together bring what is wanted.
                fields = set() if less else {size}
                grow.append((lambda: self._scale("increase", resized(more, sharded)), fields))
            if less:
                shrink.append((lambda: self._scale("decrease", resized(less, sharded)), {size}))
        if "num_node_groups" in changes:
            step = (lambda: self._reshard(shards(current["members"], changes["num_node_groups"])), {"num_node_groups"})
            shrink.append(step)
        steps = []
        changed = modification(current, changes)
        if changed:
            fields = changes.keys() - {*SIZES, "tags", "auth_token_enabled", "auth_token_update_strategy"}
            steps.append((lambda: self._modify(changed), fields))
        if "auth_token_update_strategy" in changes:
            steps.append((self._set_token, {"auth_token_enabled"}))
        return grow + steps + shrink

    def delete(self, current):
        if current["status"] != "deleting":
            self._delete()
        if self.wait:
            self._wait_for("gone", lambda state: state is None)

    def _wait_for(self, end, done):
        def settled(state):
            if state and state["status"] == "create-failed":
                raise AnsibleAWSError(message=refused_state(self.name, state))
            return done(state)

        what = f"the replication group {self.name} is not yet {end}"
        return wait_until(self._find, settled, self.wait_timeout, what)

    def _call(self, operation, **arguments):
        return call_once_free(
            lambda: getattr(self.elasticache, operation)(ReplicationGroupId=self.name, **arguments), self.wait_timeout
        )

    @ElastiCacheErrorHandler.list_error_handler("find the replication group {self.name}")
    def _describe(self):
        return self.elasticache.describe_replication_groups(ReplicationGroupId=self.name)["ReplicationGroups"][0]

    @ElastiCacheErrorHandler.list_error_handler("find the node {name}")
    def _describe_member(self, name):
        return self.elasticache.describe_cache_clusters(CacheClusterId=name)["CacheClusters"][0]

    @ElastiCacheErrorHandler.common_error_handler("list the tags of the replication group {self.name}")
    def _list_tags(self, arn):
        try:
            if self.wait_for_tags:
                return call_once_free(lambda: list_tags(self.elasticache, arn), self.wait_timeout)
            return list_tags(self.elasticache, arn)
        except is_boto3_error_code((*BUSY, "ReplicationGroupNotFoundFault")):
            return None

    @ElastiCacheErrorHandler.common_error_handler("list the versions of {engine}")
    def _newest(self, engine, wanted):
        if wanted is None:
            return None
        pages = self.elasticache.get_paginator("describe_cache_engine_versions").paginate(Engine=engine)
        return newest([version["EngineVersion"] for page in pages for version in page["CacheEngineVersions"]], wanted)

    @ElastiCacheErrorHandler.common_error_handler("create the replication group {self.name}")
    def _create(self, arguments):
        self._call("create_replication_group", **arguments)

    @ElastiCacheErrorHandler.common_error_handler("change the replication group {self.name}")
    def _modify(self, arguments):
        if "EngineVersion" in arguments:
            engine = arguments.get("Engine") or self._describe()["Engine"]
            arguments = {**arguments, "EngineVersion": self._newest(engine, arguments["EngineVersion"])}
        self._call("modify_replication_group", ApplyImmediately=self.immediately, **arguments)

    @ElastiCacheErrorHandler.common_error_handler("change the AUTH token of the replication group {self.name}")
    def _set_token(self):
        token = {} if self.token_strategy == "DELETE" else {"AuthToken": self.token}
        # AWS takes it only so: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
        self._call(
            "modify_replication_group",
            ApplyImmediately=True,
            AuthTokenUpdateStrategy=self.token_strategy,
            **token,
        )
        self.token_strategy = None

    @ElastiCacheErrorHandler.common_error_handler("{way} the replicas of the replication group {self.name}")
    def _scale(self, way, arguments):
        # AWS takes it only immediately, and so it does shards.
        self._call(f"{way}_replica_count", ApplyImmediately=True, **arguments)

    @ElastiCacheErrorHandler.common_error_handler("change the shards of the replication group {self.name}")
    def _reshard(self, arguments):
        self._call("modify_replication_group_shard_configuration", ApplyImmediately=True, **arguments)

    @ElastiCacheErrorHandler.common_error_handler("tag the replication group {self.name}")
    def _change_tags(self, arn, current, wanted):
        call_once_free(lambda: change_tags(self.elasticache, arn, current, wanted), self.wait_timeout)

    @ElastiCacheErrorHandler.deletion_error_handler("delete the replication group {self.name}")
    def _delete(self):
        final = {"FinalSnapshotIdentifier": self.final_snapshot} if self.final_snapshot else {}
        self._call("delete_replication_group", **final)


def given_fields(params):
    """The options that the user gave, in the form in which ReplicationGroup.find answers them."""
    fields = given(params, FIELDS)
    for name in ("security_group_ids", "user_group_ids"):
        if name in fields:
            fields[name] = sorted(fields[name])
    for name in ("preferred_maintenance_window", "cache_parameter_group_name", "cache_subnet_group_name"):
        if name in fields:
            fields[name] = fields[name].lower()
    if "log_delivery_configurations" in fields:
        fields["log_delivery_configurations"] = sorted(
            fields["log_delivery_configurations"], key=lambda delivery: delivery["log_type"]
        )
    return fields


def numbers(version):
    return [int(part) for part in version.split(".") if part.isdigit()]


def newest(offered, wanted):
    """The newest of the versions that are within the wanted one; that one itself where nothing is."""
    return max((version for version in offered if within(version, wanted)), key=numbers, default=wanted)


def is_sharded(fields):
    """Whether a new group that is described so will be in cluster mode."""
    return (
        fields.get("cluster_mode") == "enabled"
        or fields.get("num_node_groups", 1) > 1
        or fields.get("cache_parameter_group_name", "").endswith(".cluster.on")
    )


def implied_sizes(after, fields):
    """The sizes that follow from those that are wanted."""
    if after["cluster_mode"] != "enabled":
        return {"replicas_per_node_group": fields["num_cache_clusters"] - 1} if "num_cache_clusters" in fields else {}
    groups, replicas = after["num_node_groups"], after["replicas_per_node_group"]
    if replicas is None or not fields.keys() & SIZES.keys():
        return {}
    return {"num_cache_clusters": groups * (replicas + 1)}


def new_group(name, fields):
    """A new group before what is given applies, as far as AWS's choices for it can be foretold."""
    sharded = is_sharded(fields)
    shards = fields.get("num_node_groups", 1)
    replicas = fields.get("replicas_per_node_group", 0) if sharded else fields.get("num_cache_clusters", 1) - 1
    return {
        "replication_group_id": name,
        "arn": None,
        "status": "available",
        **dict.fromkeys((*FIXED, *CHANGEABLE)),
        "engine": "valkey",
        "cluster_mode": "enabled" if sharded else "disabled",
        "num_cache_clusters": shards * (replicas + 1),
        "num_node_groups": shards,
        "replicas_per_node_group": replicas,
        "automatic_failover_enabled": sharded,
        "multi_az_enabled": False,
        "port": 6379,
        "transit_encryption_enabled": False,
        "transit_encryption_mode": "required" if fields.get("transit_encryption_enabled") else None,
        "at_rest_encryption_enabled": fields.get("engine", "valkey") == "valkey",
        "auth_token_enabled": False,
        "security_group_ids": [],
        "user_group_ids": [],
        "snapshot_retention_limit": 0,
        "auto_minor_version_upgrade": True,
        "log_delivery_configurations": [],
        "notification_topic_arn": "",
        "primary_endpoint": {},
        "reader_endpoint": {},
        "configuration_endpoint": {},
        "members": [],
        "pending_modified_values": {},
        "tags": {},
    }


def read(group, member):
    """A group and its first member as ElastiCache describes them, without tags, as a state."""
    shards = group.get("NodeGroups", [])
    sharded = group.get("ClusterEnabled", False)
    replicas = {len(shard.get("NodeGroupMembers", [])) - 1 for shard in shards}
    first = shards[0] if shards and not sharded else {}
    endpoint = group.get("ConfigurationEndpoint") or first.get("PrimaryEndpoint") or {}
    topic = member.get("NotificationConfiguration", {})
    security_groups = member.get("SecurityGroups", [] if member else None)
    state = {
        "replication_group_id": group["ReplicationGroupId"],
        "arn": group["ARN"],
        "status": group["Status"],
        "description": group.get("Description"),
        "engine": group.get("Engine", member.get("Engine")),
        "engine_version": member.get("EngineVersion"),
        "cache_node_type": group.get("CacheNodeType"),
        # Groups that are older than this member of the answer are told apart by the other one.
        "cluster_mode": group.get("ClusterMode", "enabled" if sharded else "disabled"),
        "num_cache_clusters": len(group.get("MemberClusters", [])),
        "num_node_groups": len(shards),
        "replicas_per_node_group": replicas.pop() if len(replicas) == 1 else None,
        "automatic_failover_enabled": group.get("AutomaticFailover") in ("enabled", "enabling"),
        "multi_az_enabled": group.get("MultiAZ") == "enabled",
        "cache_parameter_group_name": member.get("CacheParameterGroup", {}).get("CacheParameterGroupName"),
        "cache_subnet_group_name": member.get("CacheSubnetGroupName"),
        "security_group_ids": security_groups
        if security_groups is None
        else sorted(security_group["SecurityGroupId"] for security_group in security_groups),
        "port": endpoint.get("Port"),
        "transit_encryption_enabled": group.get("TransitEncryptionEnabled", False),
        "transit_encryption_mode": group.get("TransitEncryptionMode"),
        "at_rest_encryption_enabled": group.get("AtRestEncryptionEnabled", False),
        "kms_key_id": group.get("KmsKeyId"),
        "auth_token_enabled": group.get("AuthTokenEnabled", False),
        "user_group_ids": sorted(group.get("UserGroupIds", [])),
        "snapshot_retention_limit": group.get("SnapshotRetentionLimit", 0),
        "snapshot_window": group.get("SnapshotWindow"),
        "preferred_maintenance_window": member.get("PreferredMaintenanceWindow"),
        "auto_minor_version_upgrade": group.get("AutoMinorVersionUpgrade", member.get("AutoMinorVersionUpgrade")),
        "log_delivery_configurations": read_logs(group.get("LogDeliveryConfigurations", [])),
        "notification_topic_arn": None
        if not member
        else topic["TopicArn"]
        if topic.get("TopicStatus", "active") == "active" and topic.get("TopicArn")
        else "",
        "primary_endpoint": read_endpoint(first.get("PrimaryEndpoint")),
        "reader_endpoint": read_endpoint(first.get("ReaderEndpoint")),
        "configuration_endpoint": read_endpoint(group.get("ConfigurationEndpoint")),
        "members": [
            {
                "cache_cluster_id": node["CacheClusterId"],
                "node_group_id": shard["NodeGroupId"],
                "availability_zone": node.get("PreferredAvailabilityZone"),
                "role": node.get("CurrentRole"),
            }
            for shard in shards
            for node in shard.get("NodeGroupMembers", [])
        ],
        "tags": None,
    }
    return {**state, "pending_modified_values": read_pending(group, member)}


def read_endpoint(endpoint):
    return {"address": endpoint["Address"], "port": endpoint["Port"]} if endpoint else {}


def read_logs(deliveries):
    logs = []
    for delivery in deliveries:
        # What goes away is no longer there.
        if delivery.get("Status") != "disabling":
            details = delivery["DestinationDetails"]
            logs.append(
                {
                    "log_type": delivery["LogType"],
                    "destination_type": delivery["DestinationType"],
                    "destination": details["CloudWatchLogsDetails"]["LogGroup"]
                    if delivery["DestinationType"] == "cloudwatch-logs"
                    else details["KinesisFirehoseDetails"]["DeliveryStream"],
                    "log_format": delivery["LogFormat"],
                }
            )
    return sorted(logs, key=lambda log: log["log_type"])


def read_pending(group, member):
    """What is on its way, by the names of the state's fields."""
    pending = group.get("PendingModifiedValues", {})
    values = {
        "engine_version": member.get("PendingModifiedValues", {}).get("EngineVersion"),
        "cache_node_type": member.get("PendingModifiedValues", {}).get("CacheNodeType"),
        "transit_encryption_enabled": pending.get("TransitEncryptionEnabled"),
        "transit_encryption_mode": pending.get("TransitEncryptionMode"),
        "cluster_mode": pending.get("ClusterMode"),
        "auth_token_status": pending.get("AuthTokenStatus"),
        "resharding_percentage": pending.get("Resharding", {}).get("SlotMigration", {}).get("ProgressPercentage"),
    }
    if "AutomaticFailoverStatus" in pending:
        values["automatic_failover_enabled"] = pending["AutomaticFailoverStatus"] == "enabled"
    users = pending.get("UserGroups")
    if users:
        kept = set(group.get("UserGroupIds", [])) - set(users.get("UserGroupIdsToRemove", []))
        values["user_group_ids"] = sorted(kept | set(users.get("UserGroupIdsToAdd", [])))
    if pending.get("LogDeliveryConfigurations"):
        logs = {log["log_type"]: log for log in read_logs(group.get("LogDeliveryConfigurations", []))}
        logs |= {log["log_type"]: log for log in read_logs(pending["LogDeliveryConfigurations"])}
        values["log_delivery_configurations"] = [logs[log_type] for log_type in sorted(logs)]
    return {field: value for field, value in values.items() if value is not None}


def expected(current, immediately):
    """The state once what is on its way has arrived; what waits for the window counts unless it is wanted at once."""
    if immediately and current["status"] == "available":
        return current
    return {**current, **current["pending_modified_values"]}


def refused_state(name, current):
    if current["status"] == "deleting":
        return f"The replication group {name} is being deleted. Run this again when it is gone, in some minutes."
    if current["status"] == "create-failed":
        return f"The replication group {name} could not be created. Delete it (state: absent), to create it anew."
    return None


def refused_token(name, current, after, token, strategy):
    if token is not None and not 16 <= len(token) <= 128:
        return f"auth_token must have 16 to 128 characters; it has {len(token)}."
    if strategy in ("ROTATE", "SET") and token is None:
        return f"auth_token_update_strategy: {strategy} needs auth_token."
    if token is not None and not after["transit_encryption_enabled"]:
        return "auth_token needs transit_encryption_enabled."
    if token is not None and after["user_group_ids"] and strategy != "DELETE":
        return "A replication group has either an auth_token or user_group_ids, not both."
    if current["arn"] and token is not None and not current["auth_token_enabled"] and strategy is None:
        return (
            f"The replication group {name} has no AUTH token. To add one, give auth_token_update_strategy: ROTATE, and "
            "once all clients use it, SET."
        )
    return None


def refused_values(after, fields):
    """What does not go together, whether the group is new or not."""
    if after["cluster_mode"] == "enabled" and "num_cache_clusters" in fields:
        return "With cluster mode, give num_node_groups and replicas_per_node_group instead of num_cache_clusters."
    if after["cluster_mode"] == "enabled" and not after["automatic_failover_enabled"]:
        return "With cluster mode, automatic_failover_enabled cannot be false."
    misplaced = [name for name in ("num_node_groups", "replicas_per_node_group") if name in fields]
    if after["cluster_mode"] == "disabled" and misplaced:
        return f"{misplaced[0]} needs cluster_mode: enabled. Without it, give num_cache_clusters."
    failover = after["automatic_failover_enabled"]
    if failover and after["cluster_mode"] == "disabled" and after["num_cache_clusters"] < 2:
        return "automatic_failover_enabled needs a replica: num_cache_clusters must be 2 at least."
    if after["multi_az_enabled"] and not failover:
        return "multi_az_enabled needs automatic_failover_enabled."
    return None


def refused_creation(fields):
    missing = [name for name in ("description", "cache_node_type") if name not in fields]
    if missing:
        return f"A new replication group needs {' and '.join(missing)}."
    key = fields.get("kms_key_id", "")
    if "alias/" in key:
        return f"kms_key_id is {key}, but must be the id or the ARN of the key itself, not of an alias."
    if key and fields.get("at_rest_encryption_enabled") is False:
        return "kms_key_id needs at_rest_encryption_enabled."
    return None


def refused_change(name, current, changes):
    for field in FIXED:
        if field in changes:
            return (
                f"{field} of the replication group {name} is {current[field]}, and AWS cannot make it "
                f"{changes[field]}. Choose another name, or delete it first; a snapshot can be taken along."
            )
    mode = changes.get("cluster_mode")
    if mode == "enabled" and current["cluster_mode"] == "disabled":
        return "AWS turns cluster mode on in two steps. Give cluster_mode: compatible first."
    if mode and current["cluster_mode"] == "enabled":
        return f"AWS cannot turn the cluster mode of the replication group {name} off."
    if changes.get("engine") == "redis":
        return f"AWS cannot make Redis OSS of Valkey. The replication group {name} stays with the engine valkey."
    if "engine" in changes and "engine_version" not in changes:
        return "A change of the engine needs engine_version."
    version = changes.get("engine_version")
    if version and current["engine_version"] and "engine" not in changes and older(version, current["engine_version"]):
        return f"The replication group {name} runs {current['engine_version']}, and AWS cannot go back to {version}."
    encrypted, how = changes.get("transit_encryption_enabled"), current["transit_encryption_mode"]
    if encrypted and changes.get("transit_encryption_mode") != "preferred":
        return (
            "AWS turns encryption in transit on in two steps. Give transit_encryption_mode: preferred first, and "
            "required once all clients use TLS."
        )
    if encrypted is False and how != "preferred":
        return "AWS turns encryption in transit off in two steps. Give transit_encryption_mode: preferred first."
    return None


def older(wanted, current):
    wanted = numbers(wanted)
    return wanted < numbers(current)[: len(wanted)]


def creation(state, fields, version, zones, token):
    """The arguments, besides the name, that create a group; AWS fills in what is not given."""
    arguments = {member: fields[field] for field, member in {**CHANGEABLE, **FIXED, **SIZES}.items() if field in fields}
    arguments["Engine"] = state["engine"]
    if version:
        arguments["EngineVersion"] = version
    if fields.get("cluster_mode") == "compatible":
        # Only an existing group can be made so.
        del arguments["ClusterMode"]
    if state["cluster_mode"] == "enabled":
        arguments["AutomaticFailoverEnabled"] = True
    if fields.get("kms_key_id"):
        arguments["AtRestEncryptionEnabled"] = True
    if fields.get("notification_topic_arn"):
        arguments["NotificationTopicArn"] = fields["notification_topic_arn"]
    if fields.get("user_group_ids"):
        arguments["UserGroupIds"] = fields["user_group_ids"]
    if fields.get("log_delivery_configurations"):
        arguments["LogDeliveryConfigurations"] = write_logs([], fields["log_delivery_configurations"])
    if state["tags"]:
        arguments["Tags"] = ansible_dict_to_boto3_tag_list(state["tags"])
    if zones:
        arguments["PreferredCacheClusterAZs"] = zones
    if token:
        arguments["AuthToken"] = token
    return arguments


def modification(current, changes):
    """The arguments of ModifyReplicationGroup that bring the changes; sizes, tags and the token go other ways."""
    arguments = {member: changes[field] for field, member in CHANGEABLE.items() if field in changes}
    if "engine" in changes:
        arguments["EngineVersion"] = changes["engine_version"]
    topic = changes.get("notification_topic_arn")
    if topic:
        arguments |= {"NotificationTopicArn": topic, "NotificationTopicStatus": "active"}
    elif topic is not None:
        arguments["NotificationTopicStatus"] = "inactive"
    if "user_group_ids" in changes:
        before, after = set(current["user_group_ids"]), set(changes["user_group_ids"])
        if after - before:
            arguments["UserGroupIdsToAdd"] = sorted(after - before)
        if before - after:
            arguments |= {"UserGroupIdsToRemove": sorted(before - after)} if after else {"RemoveUserGroups": True}
    if "log_delivery_configurations" in changes:
        arguments["LogDeliveryConfigurations"] = write_logs(
            current["log_delivery_configurations"], changes["log_delivery_configurations"]
        )
    return arguments


def write_logs(current, wanted):
    """What brings the wanted log deliveries; those that are not wanted are disabled."""
    requests = []
    for log in wanted:
        if log not in current:
            details = (
                {"CloudWatchLogsDetails": {"LogGroup": log["destination"]}}
                if log["destination_type"] == "cloudwatch-logs"
                else {"KinesisFirehoseDetails": {"DeliveryStream": log["destination"]}}
            )
            requests.append(
                {
                    "LogType": log["log_type"],
                    "DestinationType": log["destination_type"],
                    "DestinationDetails": details,
                    "LogFormat": log["log_format"],
                    "Enabled": True,
                }
            )
    kept = {log["log_type"] for log in wanted}
    requests += [{"LogType": log["log_type"], "Enabled": False} for log in current if log["log_type"] not in kept]
    return requests


def replica_counts(members, wanted):
    """The shards that get replicas and those that lose some, each with the wanted number."""
    nodes = {}
    for member in members:
        nodes.setdefault(member["node_group_id"], []).append(member)
    more = {shard: wanted for shard, members in sorted(nodes.items()) if len(members) - 1 < wanted}
    less = {shard: wanted for shard, members in sorted(nodes.items()) if len(members) - 1 > wanted}
    return more, less


def resized(counts, sharded):
    """The arguments that give shards so many replicas."""
    if not sharded:
        return {"NewReplicaCount": next(iter(counts.values()))}
    return {
        "ReplicaConfiguration": [{"NodeGroupId": shard, "NewReplicaCount": count} for shard, count in counts.items()]
    }


def shards(members, wanted):
    """The arguments that bring so many shards; the first ones stay."""
    present = sorted({member["node_group_id"] for member in members})
    arguments = {"NodeGroupCount": wanted}
    if wanted < len(present):
        arguments["NodeGroupsToRetain"] = present[:wanted]
    return arguments


def main():
    text, number, flag = {"type": "str"}, {"type": "int"}, {"type": "bool"}
    texts = {"type": "list", "elements": "str"}
    module = AnsibleAWSModule(
        argument_spec={
            "replication_group_id": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": text,
            "engine": {"type": "str", "choices": ["valkey", "redis"]},
            "engine_version": text,
            "cache_node_type": text,
            "cluster_mode": {"type": "str", "choices": ["enabled", "disabled", "compatible"]},
            **dict.fromkeys(SIZES, number),
            "automatic_failover_enabled": flag,
            "multi_az_enabled": flag,
            "preferred_cache_cluster_azs": texts,
            "cache_parameter_group_name": text,
            "cache_subnet_group_name": text,
            "security_group_ids": texts,
            "port": number,
            "transit_encryption_enabled": flag,
            "transit_encryption_mode": {"type": "str", "choices": ["preferred", "required"]},
            "at_rest_encryption_enabled": flag,
            "kms_key_id": text,
            "auth_token": {"type": "str", "no_log": True},
            "auth_token_update_strategy": {"type": "str", "choices": ["ROTATE", "SET", "DELETE"], "no_log": False},
            "user_group_ids": texts,
            "snapshot_retention_limit": number,
            "snapshot_window": text,
            "preferred_maintenance_window": text,
            "auto_minor_version_upgrade": flag,
            "log_delivery_configurations": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "log_type": {"type": "str", "choices": ["slow-log", "engine-log"], "required": True},
                    "destination_type": {
                        "type": "str",
                        "choices": ["cloudwatch-logs", "kinesis-firehose"],
                        "default": "cloudwatch-logs",
                    },
                    "destination": {"type": "str", "required": True},
                    "log_format": {"type": "str", "choices": ["json", "text"], "default": "json"},
                },
            },
            "notification_topic_arn": text,
            "apply_immediately": {"type": "bool", "default": False},
            "final_snapshot_identifier": text,
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 2400},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(
        module,
        "replication_group",
        lambda: ReplicationGroup(module.params, client(module, "elasticache"), module.check_mode),
    )


if __name__ == "__main__":
    main()
