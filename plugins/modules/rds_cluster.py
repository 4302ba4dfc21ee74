#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rds_cluster
version_added: "0.1.0"
short_description: Manage an Amazon Aurora DB cluster
description:
  - Creates, changes and deletes an Aurora cluster, without its instances; new, as a read replica of an RDS instance or
    of another cluster, or from a snapshot.
  - In contrast to M(amazon.aws.rds_cluster), a repeated run with IAM authentication or with security groups changes
    nothing, the password of the master user can be managed by RDS, what waits for the maintenance window is told, and
    states that forbid a change are waited out.
  - Follows U(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Aurora.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  db_cluster_identifier:
    description:
      - The cluster's name. AWS keeps it in lower case.
    type: str
    required: true
    aliases: [cluster_id, id, cluster_name]
  state:
    description:
      - V(present) makes the cluster exist as described, V(absent) deletes it.
      - A cluster with deletion protection, or with instances, is not deleted. The last instance of a replica, AWS
        deletes only once the cluster is promoted (M(wellarchitected.aws.rds_promotion)).
    type: str
    choices: [present, absent]
    default: present
  engine:
    description:
      - The database engine, such as V(aurora-mysql) or V(aurora-postgresql). Required for a new cluster. Never changed.
    type: str
  engine_version:
    description:
      - The engine's version, such as V(8.0.mysql_aurora.3.08.2), or how it begins (V(8.0.mysql_aurora.3), V(8.0)).
      - Of a beginning, the newest version that AWS offers is taken when the cluster is created or has to be upgraded. A
        cluster that runs any version that begins so is left as it is, so that minor upgrades by AWS are no difference.
      - An upgrade stops the database for a while. It waits for the maintenance window unless O(apply_immediately=true).
    type: str
  allow_major_version_upgrade:
    description:
      - Whether O(engine_version) may lead to another major version, such as from 5.7 to 8.0. Such a change is refused
        otherwise.
    type: bool
    default: false
  database_name:
    description:
      - The name of the database that a new cluster gets. Never changed, and not compared where RDS tells none, as it
        may of a cluster that was a replica or a snapshot once.
    type: str
    aliases: [db_name]
  master_username:
    description:
      - The name of the master user. Required for a new cluster that is neither a replica nor restored. Never changed.
    type: str
    aliases: [username]
  manage_master_user_password:
    description:
      - Whether RDS makes the master user's password, keeps it in Secrets Manager, and rotates it.
      - To turn it off, O(master_user_password) or O(master_user_password_secret_id) is required; RDS then deletes its
        secret.
      - While the cluster is a read replica, whose users are those of its source, this says nothing.
    type: bool
  master_user_secret_kms_key_id:
    description:
      - The KMS key (its ARN, id or alias) of the secret that RDS manages; the account's own for Secrets Manager unless
        given. It can be given only when O(manage_master_user_password) is turned on, and is not changed afterwards.
      - An alias is not compared with the key of a secret that exists.
    type: str
  master_user_password:
    description:
      - The master user's password, 8 to 41 characters. It is set when the cluster is created or restored, and when
        O(manage_master_user_password) is turned off; at other times only with O(force_update_password).
      - With O(manage_master_user_password), no password needs to be known to anybody.
    type: str
    aliases: [password]
  master_user_password_secret_id:
    description:
      - The name or the ARN of a secret of Secrets Manager that holds the master user's password, in place of
        O(master_user_password). Its text is the password, or an object of JSON with a C(password), as RDS writes it
        and M(wellarchitected.aws.secretsmanager_generated_secret) does with a C(username).
      - Nobody but this module reads it, so it is in no argument, variable or temporary file.
      - As RDS tells no password, the tag C(MasterPasswordVersion) remembers the version of the secret that was set
        last. The password is set again when the secret has another version, when that tag is gone, or when RDS managed
        the password until now. One that somebody else has set meanwhile is not noticed.
      - With it O(manage_master_user_password) is V(false). While the cluster is a read replica it says nothing.
    type: str
  force_update_password:
    description:
      - Whether to set O(master_user_password) in any case, which counts as a change each time.
    type: bool
    default: false
  db_subnet_group_name:
    description: The group of subnets in which the cluster's instances are. Never changed.
    type: str
  vpc_security_group_ids:
    description: IDs of all the security groups of the cluster.
    type: list
    elements: str
  storage_encrypted:
    description: Whether the storage is encrypted. Never changed.
    type: bool
  kms_key_id:
    description:
      - The KMS key (its ARN, id or alias) that encrypts the storage. Never changed.
      - An alias is not compared with the key of a cluster that exists.
    type: str
  storage_type:
    description:
      - V(aurora) is the usual storage, V(aurora-iopt1) the one whose input and output cost nothing extra.
      - AWS lets it be changed to V(aurora-iopt1) once in 30 days.
    type: str
  port:
    description: The port of the database, V(1150) to V(65535). A change interrupts connections.
    type: int
  db_cluster_parameter_group_name:
    description:
      - The cluster's parameter group. Static parameters of another group apply once the instances are restarted; until
        then RV(cluster.members[].db_cluster_parameter_group_status) is V(pending-reboot).
    type: str
  backup_retention_period:
    description: For how many days automated backups are kept, V(1) to V(35); of a new cluster V(1).
    type: int
  preferred_backup_window:
    description: When backups are made each day, in UTC, such as V(17:00-18:00). At least 30 minutes.
    type: str
    aliases: [backup_window]
  preferred_maintenance_window:
    description: When what waits is applied each week, in UTC, such as V(sun:18:00-sun:19:00). At least 30 minutes.
    type: str
    aliases: [maintenance_window]
  backtrack_window:
    description:
      - For how many seconds back a cluster of Aurora MySQL can be rewound, up to V(259200); V(0) for not at all.
      - It can be turned on only when a cluster is created or restored.
    type: int
  deletion_protection:
    description: Whether nobody can delete the cluster. It must be turned off by a run of its own before a deletion.
    type: bool
  copy_tags_to_snapshot:
    description: Whether snapshots get the tags of the cluster.
    type: bool
  enable_iam_database_authentication:
    description:
      - Whether database users can be authenticated by IAM.
      - A change waits for the maintenance window unless O(apply_immediately=true).
    type: bool
  enabled_cloudwatch_logs_exports:
    description:
      - All the logs that are published to CloudWatch Logs; of Aurora MySQL V(audit), V(error), V(general),
        V(iam-db-auth-error), V(instance) and V(slowquery).
    type: list
    elements: str
    aliases: [enable_cloudwatch_logs_exports]
  serverless_v2_scaling_configuration:
    description:
      - Between how many Aurora capacity units each instance of the class V(db.serverless) scales. What is not given
        stays as it is; a cluster that has none yet needs both ends.
    type: dict
    suboptions:
      min_capacity:
        description: The least, in steps of one half; V(0) lets instances pause.
        type: float
      max_capacity:
        description: The most, in steps of one half, V(1) to V(256).
        type: float
      seconds_until_auto_pause:
        description: After how many idle seconds an instance pauses, V(300) to V(86400). Only for a minimum of V(0).
        type: int
  replication_source_identifier:
    description:
      - ARN of the RDS instance or of the cluster of which a new cluster is made a read replica.
      - It has no effect on a cluster that exists, so that it may stay after the promotion
        (M(wellarchitected.aws.rds_promotion)). A cluster that replicates another source is refused.
      - The users, and the name of the database, are those of the source. AWS replicates no source whose master password
        RDS manages.
    type: str
    aliases: [replication_src_id]
  source_region:
    description:
      - The region of O(replication_source_identifier) where it is another one and the source is encrypted. boto3 then
        signs the request that AWS needs there. Give O(kms_key_id), a key of this region, with it.
    type: str
  snapshot_identifier:
    description:
      - Name or ARN of the cluster's snapshot, or ARN of the RDS instance's snapshot, from which a new cluster is
        restored. It has no effect on a cluster that exists.
      - The master user, and the name of the database, are those of the snapshot.
    type: str
  apply_immediately:
    description:
      - Whether changes are made at once that would otherwise wait for the maintenance window, as a change of
        O(engine_version) and of O(enable_iam_database_authentication) does. AWS makes most others at once in any case.
      - What waits is in RV(cluster.pending_modified_values), and a warning tells of it. It counts as done when a run is
        repeated, until one with O(apply_immediately=true) has it applied.
    type: bool
    default: false
  skip_final_snapshot:
    description: Whether to delete the cluster without a last snapshot.
    type: bool
    default: false
  final_snapshot_identifier:
    description: The name of the last snapshot. Required for a deletion unless O(skip_final_snapshot=true).
    type: str
  wait:
    description:
      - Whether to wait until the cluster is available with all changes made that do not wait for the window, or until
        it is gone.
      - A cluster that is busy with something else is waited for in any case before it is changed or deleted. A run that
        changes nothing does not wait.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most, each time. A replica of a large instance takes hours.
    type: int
    default: 1800
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Run an Aurora MySQL cluster whose master password nobody knows
  wellarchitected.aws.rds_cluster:
    db_cluster_identifier: shop
    engine: aurora-mysql
    engine_version: 8.0.mysql_aurora.3
    database_name: shop
    master_username: owner
    manage_master_user_password: true
    master_user_secret_kms_key_id: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    db_subnet_group_name: shop
    vpc_security_group_ids: [sg-0123456789abcdef0]
    storage_encrypted: true
    kms_key_id: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    db_cluster_parameter_group_name: shop
    backup_retention_period: 14
    preferred_backup_window: 17:00-18:00
    preferred_maintenance_window: sun:18:00-sun:19:00
    deletion_protection: true
    copy_tags_to_snapshot: true
    enable_iam_database_authentication: true
    enabled_cloudwatch_logs_exports: [audit, error, slowquery]
    serverless_v2_scaling_configuration:
      min_capacity: 0.5
      max_capacity: 8
    tags:
      Environment: production

- name: Let its password be one that RDS does not manage, and that nobody knows either
  wellarchitected.aws.rds_cluster:
    db_cluster_identifier: shop
    master_user_password_secret_id: shop-database

- name: Upgrade it now, and not in the maintenance window
  wellarchitected.aws.rds_cluster:
    db_cluster_identifier: shop
    engine_version: 8.0.mysql_aurora.3.10
    apply_immediately: true

- name: Let a cluster replicate an RDS instance, to move to Aurora
  wellarchitected.aws.rds_cluster:
    db_cluster_identifier: shop
    engine: aurora-mysql
    replication_source_identifier: arn:aws:rds:ap-northeast-1:123456789012:db:shop-mysql
    db_subnet_group_name: shop
    vpc_security_group_ids: [sg-0123456789abcdef0]
    wait_timeout: 21600

- name: Delete a cluster that is no longer protected
  wellarchitected.aws.rds_cluster:
    db_cluster_identifier: shop
    state: absent
    final_snapshot_identifier: shop-last
"""

RETURN = r"""
cluster:
  description: The cluster as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    availability_zones:
      description: The zones in which its storage is.
      type: list
      elements: str
      sample: [ap-northeast-1a, ap-northeast-1c, ap-northeast-1d]
    backtrack_window:
      description: For how many seconds it can be rewound.
      type: int
      sample: 0
    backup_retention_period:
      description: For how many days backups are kept.
      type: int
      sample: 14
    cluster_create_time:
      description: When it was created, in UTC.
      type: str
      sample: "2026-11-28T16:00:00+00:00"
    copy_tags_to_snapshot:
      description: Whether snapshots get its tags.
      type: bool
      sample: true
    custom_endpoints:
      description: The addresses of its custom endpoints.
      type: list
      elements: str
      sample: []
    database_name:
      description: The database that it was created with, if any.
      type: str
      sample: shop
    db_cluster_arn:
      description: Its ARN; in check mode without a value for a cluster that would be created.
      type: str
      sample: arn:aws:rds:ap-northeast-1:123456789012:cluster:shop
    db_cluster_identifier:
      description: Its name.
      type: str
      sample: shop
    db_cluster_parameter_group_name:
      description: Its parameter group.
      type: str
      sample: shop
    db_cluster_resource_id:
      description: An id that it keeps all its life, and that policies for IAM authentication name.
      type: str
      sample: cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ
    db_subnet_group_name:
      description: Its group of subnets.
      type: str
      sample: shop
    deletion_protection:
      description: Whether nobody can delete it.
      type: bool
      sample: true
    enable_iam_database_authentication:
      description: Whether database users can be authenticated by IAM.
      type: bool
      sample: true
    enabled_cloudwatch_logs_exports:
      description: The logs that are published to CloudWatch Logs.
      type: list
      elements: str
      sample: [audit, error, slowquery]
    endpoint:
      description: The address of the writer.
      type: str
      sample: shop.cluster-abcdefghijkl.ap-northeast-1.rds.amazonaws.com
    engine:
      description: Its engine.
      type: str
      sample: aurora-mysql
    engine_version:
      description: The version that it runs.
      type: str
      sample: 8.0.mysql_aurora.3.08.2
    hosted_zone_id:
      description: The hosted zone of its addresses, as an alias record in Route 53 needs it.
      type: str
      sample: Z24O6O9L7SGTNB
    kms_key_id:
      description: ARN of the key that encrypts its storage; without a value when it is not encrypted by one.
      type: str
      sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    manage_master_user_password:
      description: Whether RDS manages the master user's password.
      type: bool
      sample: true
    master_user_password:
      description: There only when this run has set it anew; it says so, and nothing else.
      type: str
      returned: when the password of a cluster that exists, or was restored, was set
      sample: set anew
    master_user_secret:
      description: The secret that RDS manages; empty without one.
      type: dict
      contains:
        secret_arn:
          description: Its ARN.
          type: str
          sample: arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:rds!cluster-1a2b3c4d-5e6f-a1b2c3
        kms_key_id:
          description: ARN of the key that encrypts it.
          type: str
          sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
        secret_status:
          description: V(creating), V(active), V(rotating) or V(impaired).
          type: str
          sample: active
    master_username:
      description: The name of the master user.
      type: str
      sample: owner
    members:
      description: Its instances, by their names.
      type: list
      elements: dict
      contains:
        db_instance_identifier:
          description: The instance's name.
          type: str
          sample: shop-1
        is_cluster_writer:
          description: Whether it is the writer.
          type: bool
          sample: true
        promotion_tier:
          description: The lower, the sooner it becomes the writer when that fails, V(0) to V(15).
          type: int
          sample: 1
        db_cluster_parameter_group_status:
          description: V(in-sync), or V(pending-reboot) while a parameter waits for a restart of the instance.
          type: str
          sample: in-sync
    multi_az:
      description: Whether it has instances in several zones.
      type: bool
      sample: true
    pending_modified_values:
      description:
        - What has been asked for and is not yet so, by the names of the options, such as C(engine_version). A password
          that waits is not told.
      type: dict
      sample:
        engine_version: 8.0.mysql_aurora.3.10.1
    port:
      description: The port of the database.
      type: int
      sample: 3306
    preferred_backup_window:
      description: When backups are made each day, in UTC.
      type: str
      sample: 17:00-18:00
    preferred_maintenance_window:
      description: When what waits is applied, in UTC.
      type: str
      sample: sun:18:00-sun:19:00
    read_replica_identifiers:
      description: ARNs of the clusters that replicate it.
      type: list
      elements: str
      sample: []
    reader_endpoint:
      description: The address of its readers.
      type: str
      sample: shop.cluster-ro-abcdefghijkl.ap-northeast-1.rds.amazonaws.com
    replication_source_identifier:
      description: ARN of what it replicates; without a value when it is no replica.
      type: str
      sample: arn:aws:rds:ap-northeast-1:123456789012:db:shop-mysql
    serverless_v2_scaling_configuration:
      description: Between how many capacity units serverless instances scale; empty when that is not set.
      type: dict
      contains:
        min_capacity:
          description: The least.
          type: float
          sample: 0.5
        max_capacity:
          description: The most.
          type: float
          sample: 8.0
        seconds_until_auto_pause:
          description: After how many idle seconds an instance pauses; only for a minimum of V(0).
          type: int
          sample: 300
    status:
      description: V(available), V(creating), V(modifying), V(upgrading), V(promoting), V(deleting), or another state.
      type: str
      sample: available
    storage_encrypted:
      description: Whether its storage is encrypted.
      type: bool
      sample: true
    storage_type:
      description: V(aurora) or V(aurora-iopt1).
      type: str
      sample: aurora
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
    vpc_security_group_ids:
      description: Its security groups.
      type: list
      elements: str
      sample: [sg-0123456789abcdef0]
"""

import time

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import same_kms_key
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.rds import (
    PASSWORD_TAG,
    RdsErrorHandler,
    change_tags,
    is_another_password,
    log_exports_change,
    major_version,
    newest_version,
    normal_window,
    patiently,
    pending_warning,
    read_pending,
    read_status,
    read_tags,
    same_version,
    secret_password,
    version_number,
    wait_until,
    write_tags,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# The options by what the API calls them, to begin with those that are never changed.
FIXED = {
    "engine": "Engine",
    "database_name": "DatabaseName",
    "master_username": "MasterUsername",
    "db_subnet_group_name": "DBSubnetGroupName",
    "kms_key_id": "KmsKeyId",
    "storage_encrypted": "StorageEncrypted",
}
CHANGEABLE = {
    "engine_version": "EngineVersion",
    "vpc_security_group_ids": "VpcSecurityGroupIds",
    "storage_type": "StorageType",
    "port": "Port",
    "db_cluster_parameter_group_name": "DBClusterParameterGroupName",
    "backup_retention_period": "BackupRetentionPeriod",
    "preferred_backup_window": "PreferredBackupWindow",
    "preferred_maintenance_window": "PreferredMaintenanceWindow",
    "backtrack_window": "BacktrackWindow",
    "deletion_protection": "DeletionProtection",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
    "enable_iam_database_authentication": "EnableIAMDatabaseAuthentication",
}
SCALING = {
    "min_capacity": "MinCapacity",
    "max_capacity": "MaxCapacity",
    "seconds_until_auto_pause": "SecondsUntilAutoPause",
}
FIELDS = (
    *FIXED,
    *CHANGEABLE,
    "enabled_cloudwatch_logs_exports",
    "serverless_v2_scaling_configuration",
    "manage_master_user_password",
    "tags",
)
# What a replica or a restored cluster has of its source.
OF_SOURCE = {"database_name", "master_username", "manage_master_user_password"}
# What RestoreDBClusterFromSnapshot does not take, in botocore 1.40 at least. Set afterwards, as far as it can be.
NOT_RESTORED = {
    "backup_retention_period",
    "preferred_backup_window",
    "preferred_maintenance_window",
    "storage_encrypted",
}
# What waits for the maintenance window, by API_ModifyDBCluster of AWS's API reference, now and as it was in 2022.
WAITING = ("engine_version", "enable_iam_database_authentication")
# For how many seconds a cluster that is available again may take to show a change.
GRACE = 60
SET_ANEW = "set anew"


def same_key(current, wanted):
    """Whether a key is the one wanted; an alias, which only KMS could look up, is taken for it."""
    return ("alias/" in wanted and current is not None) or same_kms_key(current, wanted)


class Cluster(Resource):
    partial = frozenset({"serverless_v2_scaling_configuration"})

    def __init__(self, params, rds, password=None):
        super().__init__(given_fields(params), params["purge_tags"])
        if password:
            self.given.setdefault("manage_master_user_password", False)
            params = {**params, "master_user_password": password.text}
        if params["manage_master_user_password"] and params["master_user_password"]:
            message = "Give either manage_master_user_password: true or master_user_password, not both."
            raise AnsibleAWSError(message=message)
        self.same = {"kms_key_id": same_key}
        self.rds = rds
        self.params = params
        self.password = password
        self.name = params["db_cluster_identifier"].lower()
        self.title = f"The cluster {self.name}"
        self.wait = params["wait"]
        self.wait_timeout = params["wait_timeout"]
        self.password_is_due = params["force_update_password"]
        self.password_was_set = False
        self.resolved = None

    def find(self):
        cluster = self._describe()
        # When nobody waits for it, what is being deleted counts as gone.
        if cluster and cluster["Status"] == "deleting" and self.params["state"] == "absent" and not self.wait:
            return None
        state = read(cluster) if cluster else None
        return {**state, "master_user_password": SET_ANEW} if state and self.password_was_set else state

    def blank(self):
        engine = self.given.get("engine") or ""
        return {
            "db_cluster_identifier": self.name,
            "db_cluster_arn": None,
            "db_cluster_resource_id": None,
            "cluster_create_time": None,
            "status": "available",
            "endpoint": None,
            "reader_endpoint": None,
            "custom_endpoints": [],
            "hosted_zone_id": None,
            "availability_zones": [],
            "multi_az": False,
            "members": [],
            **dict.fromkeys(FIXED),
            **dict.fromkeys(CHANGEABLE),
            "storage_encrypted": False,
            "storage_type": "aurora" if engine.startswith("aurora") else None,
            "port": 5432 if "postgres" in engine else 3306,
            "backup_retention_period": 1,
            "backtrack_window": 0,
            "deletion_protection": False,
            "copy_tags_to_snapshot": False,
            "enable_iam_database_authentication": False,
            "enabled_cloudwatch_logs_exports": [],
            "serverless_v2_scaling_configuration": {},
            "manage_master_user_password": False,
            "master_user_secret": {},
            "replication_source_identifier": self.params["replication_source_identifier"],
            "read_replica_identifiers": [],
            "pending_modified_values": {},
            "vpc_security_group_ids": [],
            "tags": {},
        }

    def wanted(self, current):
        fields = super().wanted(current)
        if current["replication_source_identifier"]:
            fields = {field: value for field, value in fields.items() if field not in OF_SOURCE}
        elif self.password:
            fields["tags"] = {**fields.get("tags", current["tags"]), PASSWORD_TAG: self.password.version}
        if current["db_cluster_arn"] is not None and current["database_name"] is None:
            # RDS need not know the name of what was a replica or a snapshot once.
            fields.pop("database_name", None)
        scaling = fields.get("serverless_v2_scaling_configuration")
        if scaling and scaling.get("min_capacity"):
            told = self.given["serverless_v2_scaling_configuration"]
            fields["serverless_v2_scaling_configuration"] = {
                field: value for field, value in scaling.items() if field != "seconds_until_auto_pause" or field in told
            }
        version = fields.get("engine_version")
        # What waits comes first: with apply_immediately it is to wait no longer.
        known = (current["pending_modified_values"].get("engine_version"), current["engine_version"])
        fitting = [running for running in known if running and version and same_version(running, version)]
        if fitting:
            fields["engine_version"] = fitting[0]
        elif version:
            fields["engine_version"] = self._resolve(fields.get("engine") or current["engine"], version)
        return fields

    def changes(self, current):
        """What differs, with what will wait for the window among what waits."""
        changes = self._differences(current)
        if current["db_cluster_arn"] is None:
            return changes
        pending = dict(current["pending_modified_values"])
        if self.params["apply_immediately"]:
            after = {field: value for field, value in pending.items() if field not in changes}
        else:
            after = {**pending, **{field: changes.pop(field) for field in WAITING if field in changes}}
            after = {field: value for field, value in after.items() if value != current[field]}
        return {**changes, "pending_modified_values": after} if after != pending else changes

    def _differences(self, current):
        # What waits is as good as done, and so is what is being done.
        waits = not self.params["apply_immediately"] or current["status"] != "available"
        changes = super().changes({**current, **(current["pending_modified_values"] if waits else {})})
        if current["db_cluster_arn"] is not None:
            changes |= differences_beside(current, self.params)
            if self.password_is_due or (self.password and is_another_password(current, changes)):
                changes["master_user_password"] = SET_ANEW
        return changes

    def refusal(self, current, changes):
        if current["db_cluster_arn"] is None:
            return new_refusal(self.name, self.given, self.params)
        return change_refusal(self.title, current, self._differences(current), self.params)

    def remarks(self, outcome):
        # A repeated run has nothing to do with what waits.
        return (pending_warning(self.title, outcome.after if outcome.changed else None),)

    def deletion_refusal(self, current):
        if current["status"] == "deleting":
            return None
        if current["deletion_protection"]:
            return (
                f"{self.title} is protected from deletion. If it is to go with all its data, run this with "
                "deletion_protection: false first, and delete it then."
            )
        members = self._living_members() if current["members"] else []
        if members:
            last = " AWS deletes the last one of a replica only once that is promoted (rds_promotion)."
            replica = last if current["replication_source_identifier"] else ""
            return f"{self.title} still has instances: {', '.join(members)}. Delete them first.{replica}"
        if not self.params["skip_final_snapshot"] and not self.params["final_snapshot_identifier"]:
            return (
                f"{self.title} is deleted with a last snapshot: name it with final_snapshot_identifier. Only "
                "skip_final_snapshot: true deletes it, and all its data, without one."
            )
        return None

    def create(self):
        wanted = self.wanted(self.blank())
        self._create(wanted)
        # A snapshot brings the password of its own time.
        self.password_is_due = bool(self.params["snapshot_identifier"] and self.params["master_user_password"])
        if self.wait:
            wait_until(self.find, is_ready, self.wait_timeout, f"the cluster {self.name} to be available")

    def update(self, current, changes):
        differences = self._differences(current)
        refusal = change_refusal(self.title, current, differences, self.params)
        if refusal:
            # A restored cluster has something that it cannot be told.
            raise AnsibleAWSError(message=refusal)
        members = modification(current, differences, self.params)
        if members:
            self._modify(members)
        if "master_user_password" in differences:
            self.password_is_due, self.password_was_set = False, True
        # The password is remembered once it is set.
        if "tags" in differences:
            change_tags(self.rds, current["db_cluster_arn"], current["tags"], differences["tags"])
        if members and self.wait:
            end = time.monotonic() + GRACE

            def is_done(state):
                left = state is None or self.changes(state)
                return is_made(state, differences, self.params["apply_immediately"]) and (
                    not left or time.monotonic() > end
                )

            wait_until(self.find, is_done, self.wait_timeout, f"the change of the cluster {self.name} to be made")

    def delete(self, current):
        if current["status"] != "deleting":
            self._delete()
        if self.wait:
            wait_until(self.find, lambda state: state is None, self.wait_timeout, f"the cluster {self.name} to be gone")

    def _resolve(self, engine, version):
        # Asked for once, as the state is compared several times.
        if self.resolved is None:
            self.resolved = newest_version(self.rds, engine, version) if engine else version
        return self.resolved

    @RdsErrorHandler.list_error_handler("find the cluster {self.name}")
    def _describe(self):
        clusters = self.rds.describe_db_clusters(DBClusterIdentifier=self.name)["DBClusters"]
        return clusters[0] if clusters else None

    @RdsErrorHandler.common_error_handler("list the instances of the cluster {self.name}")
    def _living_members(self):
        filters = [{"Name": "db-cluster-id", "Values": [self.name]}]
        pages = self.rds.get_paginator("describe_db_instances").paginate(Filters=filters)
        instances = [instance for page in pages for instance in page["DBInstances"]]
        return sorted(
            instance["DBInstanceIdentifier"] for instance in instances if instance["DBInstanceStatus"] != "deleting"
        )

    # A key that was made a moment ago may be unknown to RDS.
    @RdsErrorHandler.common_error_handler("create the cluster {self.name}")
    @retry_on("KMSKeyNotAccessibleFault")
    def _create(self, wanted):
        call, arguments = creation(wanted, self.params)
        create = getattr(self.rds, call)
        patiently(
            lambda: create(DBClusterIdentifier=self.name, **arguments), self.wait_timeout, is_idle=self._source_is_idle
        )

    @RdsErrorHandler.common_error_handler("change the cluster {self.name}")
    def _modify(self, members):
        patiently(
            lambda: self.rds.modify_db_cluster(
                DBClusterIdentifier=self.name, ApplyImmediately=self.params["apply_immediately"], **members
            ),
            self.wait_timeout,
            is_idle=self._is_idle,
        )

    @RdsErrorHandler.deletion_error_handler("delete the cluster {self.name}")
    def _delete(self):
        skip, snapshot = self.params["skip_final_snapshot"], self.params["final_snapshot_identifier"]
        last = {"SkipFinalSnapshot": True} if skip else {"FinalDBSnapshotIdentifier": snapshot}
        patiently(
            lambda: self.rds.delete_db_cluster(DBClusterIdentifier=self.name, **last),
            self.wait_timeout,
            is_idle=self._is_idle,
        )

    def _is_idle(self):
        cluster = self._describe()
        return cluster is None or cluster["Status"] == "available"

    @RdsErrorHandler.list_error_handler("find the source of the cluster {self.name}", False)
    def _source_is_idle(self):
        """Whether nothing is seen to keep the source busy; one in another region is not seen."""
        source = (self.params["replication_source_identifier"] or "").split(":")
        if len(source) < 7 or source[3] != self.rds.meta.region_name:
            return len(source) < 7
        if source[5] == "cluster":
            (cluster,) = self.rds.describe_db_clusters(DBClusterIdentifier=source[6])["DBClusters"]
            return cluster["Status"] == "available"
        (instance,) = self.rds.describe_db_instances(DBInstanceIdentifier=source[6])["DBInstances"]
        return instance["DBInstanceStatus"] == "available"


def given_fields(params):
    """The options that the user gave, as RDS answers them: lower case and lists in one order."""
    fields = given(params, FIELDS)
    for field in ("preferred_backup_window", "preferred_maintenance_window"):
        if field in fields:
            fields[field] = normal_window(fields[field])
    for field in ("db_subnet_group_name", "db_cluster_parameter_group_name"):
        if field in fields:
            fields[field] = fields[field].lower()
    for field in ("vpc_security_group_ids", "enabled_cloudwatch_logs_exports"):
        if field in fields:
            fields[field] = sorted(set(fields[field]))
    return fields


def differences_beside(current, params):
    """What a cluster that exists has otherwise than it is told by options that a new one alone obeys."""
    differences = {}
    if current["status"] == "deleting":
        differences["status"] = "available"
    source, wanted = current["replication_source_identifier"], params["replication_source_identifier"]
    # A replica that was promoted has no source any more, which is as it should be.
    if source and wanted and source.rpartition(":")[2] != wanted.rpartition(":")[2]:
        differences["replication_source_identifier"] = wanted
    secret, key = current["master_user_secret"], params["master_user_secret_kms_key_id"]
    if secret and key and not same_key(secret["kms_key_id"], key):
        differences["master_user_secret"] = {**secret, "kms_key_id": key}
    return differences


def read(cluster):
    """A cluster as RDS describes it, as a state."""
    secret = cluster.get("MasterUserSecret", {})
    scaling = cluster.get("ServerlessV2ScalingConfiguration", {})
    groups = cluster.get("VpcSecurityGroups", [])
    engine = cluster["Engine"]
    return {
        "db_cluster_identifier": cluster["DBClusterIdentifier"],
        "db_cluster_arn": cluster["DBClusterArn"],
        "db_cluster_resource_id": cluster.get("DbClusterResourceId"),
        "cluster_create_time": cluster["ClusterCreateTime"].isoformat() if "ClusterCreateTime" in cluster else None,
        "status": read_status(cluster, "Status"),
        "endpoint": cluster.get("Endpoint"),
        "reader_endpoint": cluster.get("ReaderEndpoint"),
        "custom_endpoints": sorted(cluster.get("CustomEndpoints", [])),
        "hosted_zone_id": cluster.get("HostedZoneId"),
        "availability_zones": sorted(cluster.get("AvailabilityZones", [])),
        "multi_az": cluster.get("MultiAZ", False),
        "members": [
            {
                "db_instance_identifier": member["DBInstanceIdentifier"],
                "is_cluster_writer": member["IsClusterWriter"],
                "promotion_tier": member.get("PromotionTier"),
                "db_cluster_parameter_group_status": member.get("DBClusterParameterGroupStatus"),
            }
            for member in sorted(cluster.get("DBClusterMembers", []), key=lambda member: member["DBInstanceIdentifier"])
        ],
        "engine": engine,
        "engine_version": cluster.get("EngineVersion"),
        "database_name": cluster.get("DatabaseName"),
        "master_username": cluster.get("MasterUsername"),
        "manage_master_user_password": bool(secret),
        "master_user_secret": {
            field: secret.get(member)
            for field, member in (
                ("secret_arn", "SecretArn"),
                ("kms_key_id", "KmsKeyId"),
                ("secret_status", "SecretStatus"),
            )
            if secret
        },
        "db_subnet_group_name": cluster.get("DBSubnetGroup"),
        "vpc_security_group_ids": sorted(
            group["VpcSecurityGroupId"] for group in groups if group.get("Status") != "removing"
        ),
        "storage_encrypted": cluster.get("StorageEncrypted", False),
        "kms_key_id": cluster.get("KmsKeyId"),
        # AWS does not tell the usual one of Aurora.
        "storage_type": cluster.get("StorageType") or ("aurora" if engine.startswith("aurora") else None),
        "port": cluster.get("Port"),
        "db_cluster_parameter_group_name": cluster.get("DBClusterParameterGroup"),
        "backup_retention_period": cluster.get("BackupRetentionPeriod"),
        "preferred_backup_window": cluster.get("PreferredBackupWindow"),
        "preferred_maintenance_window": cluster.get("PreferredMaintenanceWindow"),
        "backtrack_window": cluster.get("BacktrackWindow", 0),
        "deletion_protection": cluster.get("DeletionProtection", False),
        "copy_tags_to_snapshot": cluster.get("CopyTagsToSnapshot", False),
        "enable_iam_database_authentication": cluster.get("IAMDatabaseAuthenticationEnabled", False),
        "enabled_cloudwatch_logs_exports": sorted(cluster.get("EnabledCloudwatchLogsExports", [])),
        "serverless_v2_scaling_configuration": {
            field: scaling[member] for field, member in SCALING.items() if scaling.get(member) is not None
        },
        "replication_source_identifier": cluster.get("ReplicationSourceIdentifier"),
        "read_replica_identifiers": sorted(cluster.get("ReadReplicaIdentifiers", [])),
        "pending_modified_values": read_pending(cluster),
        "tags": read_tags(cluster),
    }


def is_ready(state):
    """Whether the cluster can be used, and changed."""
    secret = state["master_user_secret"] if state else {}
    return bool(state) and state["status"] == "available" and secret.get("secret_status") != "creating"


def is_made(state, differences, apply_immediately):
    """Whether the cluster is ready again, and none of the differences is to be made at once and still waits."""
    at_once = differences.keys() - (set() if apply_immediately else set(WAITING))
    return is_ready(state) and not at_once & state["pending_modified_values"].keys()


def new_refusal(name, fields, params):
    """Why there can be no such new cluster; None when there can."""
    if "engine" not in fields:
        return f"There is no cluster {name} yet, and a new one needs engine."
    if params["master_user_secret_kms_key_id"] and not fields.get("manage_master_user_password"):
        return "master_user_secret_kms_key_id goes with manage_master_user_password: true."
    if not params["replication_source_identifier"] and not params["snapshot_identifier"]:
        if "master_username" not in fields:
            return f"A new cluster needs master_username, but none is given for {name}."
        if not fields.get("manage_master_user_password") and not params["master_user_password"]:
            return f"The new cluster {name} needs manage_master_user_password: true, or a master_user_password."
    return _scaling_refusal(fields.get("serverless_v2_scaling_configuration"))


def change_refusal(title, current, differences, params):
    """Why a cluster cannot be changed so; None when it can."""
    if "status" in differences:
        return f"{title} is being deleted. Run this again when it is gone, in some minutes."
    for field in FIXED:
        if field in differences:
            return (
                f"{title} has the {field} {current[field]}, which cannot be changed to {differences[field]}. Restore a "
                "snapshot of it to a new cluster (snapshot_identifier), or state it as it is."
            )
    if "replication_source_identifier" in differences:
        source, wanted = current["replication_source_identifier"], differences["replication_source_identifier"]
        return f"{title} replicates {source} already, and cannot turn to {wanted}. Choose another name."
    return (
        _password_refusal(title, current, differences, params)
        or _version_refusal(title, current, differences, params)
        or _scaling_refusal(differences.get("serverless_v2_scaling_configuration"))
    )


def _password_refusal(title, current, differences, params):
    managed = differences.get("manage_master_user_password", current["manage_master_user_password"])
    if "manage_master_user_password" in differences and not managed and not params["master_user_password"]:
        return f"{title} needs a master_user_password when RDS is no longer to manage one."
    if "master_user_password" in differences and not params["master_user_password"]:
        return "force_update_password needs a master_user_password."
    if "master_user_password" in differences and managed:
        return f"{title} has a password that RDS manages. To set one, give manage_master_user_password: false, too."
    if "master_user_secret" in differences:
        key = current["master_user_secret"]["kms_key_id"]
        return (
            f"{title} has a secret encrypted with {key}, which AWS does not change. To have another key, turn "
            "manage_master_user_password off, with a master_user_password, and on again."
        )
    return None


def _version_refusal(title, current, differences, params):
    version, running = differences.get("engine_version"), current["engine_version"]
    if not version or version == running:
        return None
    if version_number(version) < version_number(running):
        return (
            f"{title} runs {running}, and AWS does not go back to {version}. State engine_version as {running}, or how "
            f"it begins ({major_version(running)}), to leave minor upgrades to AWS."
        )
    if major_version(version) != major_version(running) and not params["allow_major_version_upgrade"]:
        return (
            f"From {running} to {version} is a major upgrade. If {title[0].lower()}{title[1:]} and its users are ready "
            "for it, give allow_major_version_upgrade: true."
        )
    return None


def _scaling_refusal(scaling):
    if scaling is None:
        return None
    missing = [field for field in ("min_capacity", "max_capacity") if field not in scaling]
    if missing:
        return f"serverless_v2_scaling_configuration needs {' and '.join(missing)}."
    if scaling["min_capacity"] and "seconds_until_auto_pause" in scaling:
        return "seconds_until_auto_pause goes with a min_capacity of 0, as other instances do not pause."
    return None


def creation(wanted, params):
    """The call, and its arguments besides the name, that make a new cluster."""
    source, snapshot = params["replication_source_identifier"], params["snapshot_identifier"]
    fields = {**wanted}
    if source or snapshot:
        fields = {field: value for field, value in fields.items() if field not in OF_SOURCE}
    if snapshot:
        fields = {field: value for field, value in fields.items() if field not in NOT_RESTORED}
    arguments = {member: fields[field] for field, member in (FIXED | CHANGEABLE).items() if field in fields}
    if fields.get("enabled_cloudwatch_logs_exports"):
        arguments["EnableCloudwatchLogsExports"] = fields["enabled_cloudwatch_logs_exports"]
    if fields.get("serverless_v2_scaling_configuration"):
        arguments["ServerlessV2ScalingConfiguration"] = write_scaling(fields["serverless_v2_scaling_configuration"])
    tags = {key: value for key, value in fields.get("tags", {}).items() if key != PASSWORD_TAG or not snapshot}
    if tags:
        arguments["Tags"] = write_tags(tags)
    if snapshot:
        return "restore_db_cluster_from_snapshot", {**arguments, "SnapshotIdentifier": snapshot}
    if source:
        arguments["ReplicationSourceIdentifier"] = source
        if params["source_region"]:
            arguments["SourceRegion"] = params["source_region"]
    elif fields.get("manage_master_user_password"):
        arguments |= managed_password(params)
    else:
        arguments["MasterUserPassword"] = params["master_user_password"]
    return "create_db_cluster", arguments


def modification(current, differences, params):
    """The members, besides the name, that make these differences; none when there is nothing to modify."""
    members = {member: differences[field] for field, member in CHANGEABLE.items() if field in differences}
    if "engine_version" in differences:
        major = major_version(differences["engine_version"]) != major_version(current["engine_version"])
        members |= {"AllowMajorVersionUpgrade": True} if major else {}
    if "enabled_cloudwatch_logs_exports" in differences:
        members["CloudwatchLogsExportConfiguration"] = log_exports_change(
            current["enabled_cloudwatch_logs_exports"], differences["enabled_cloudwatch_logs_exports"]
        )
    if "serverless_v2_scaling_configuration" in differences:
        members["ServerlessV2ScalingConfiguration"] = write_scaling(differences["serverless_v2_scaling_configuration"])
    if differences.get("manage_master_user_password"):
        members |= managed_password(params)
    elif "manage_master_user_password" in differences:
        members["ManageMasterUserPassword"] = False
        members["MasterUserPassword"] = params["master_user_password"]
    elif "master_user_password" in differences:
        members["MasterUserPassword"] = params["master_user_password"]
    return members


def managed_password(params):
    key = params["master_user_secret_kms_key_id"]
    return {"ManageMasterUserPassword": True, **({"MasterUserSecretKmsKeyId": key} if key else {})}


def write_scaling(scaling):
    return {member: scaling[field] for field, member in SCALING.items() if field in scaling}


def main():
    text, number, truth = {"type": "str"}, {"type": "int"}, {"type": "bool"}
    module = AnsibleAWSModule(
        argument_spec={
            "db_cluster_identifier": {
                "type": "str",
                "required": True,
                "aliases": ["cluster_id", "id", "cluster_name"],
            },
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "engine": text,
            "engine_version": text,
            "allow_major_version_upgrade": {"type": "bool", "default": False},
            "database_name": {"type": "str", "aliases": ["db_name"]},
            "master_username": {"type": "str", "aliases": ["username"]},
            "manage_master_user_password": {"type": "bool", "no_log": False},
            "master_user_secret_kms_key_id": {"type": "str", "no_log": False},
            "master_user_password": {"type": "str", "aliases": ["password"], "no_log": True},
            "master_user_password_secret_id": {"type": "str", "no_log": False},
            "force_update_password": {"type": "bool", "default": False, "no_log": False},
            "db_subnet_group_name": text,
            "vpc_security_group_ids": {"type": "list", "elements": "str"},
            "storage_encrypted": truth,
            "kms_key_id": text,
            "storage_type": text,
            "port": number,
            "db_cluster_parameter_group_name": text,
            "backup_retention_period": number,
            "preferred_backup_window": {"type": "str", "aliases": ["backup_window"]},
            "preferred_maintenance_window": {"type": "str", "aliases": ["maintenance_window"]},
            "backtrack_window": number,
            "deletion_protection": truth,
            "copy_tags_to_snapshot": truth,
            "enable_iam_database_authentication": truth,
            "enabled_cloudwatch_logs_exports": {
                "type": "list",
                "elements": "str",
                "aliases": ["enable_cloudwatch_logs_exports"],
            },
            "serverless_v2_scaling_configuration": {
                "type": "dict",
                "options": {
                    "min_capacity": {"type": "float"},
                    "max_capacity": {"type": "float"},
                    "seconds_until_auto_pause": number,
                },
            },
            "replication_source_identifier": {"type": "str", "aliases": ["replication_src_id"]},
            "source_region": text,
            "snapshot_identifier": text,
            "apply_immediately": {"type": "bool", "default": False},
            "skip_final_snapshot": {"type": "bool", "default": False},
            "final_snapshot_identifier": text,
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 1800},
        },
        mutually_exclusive=[
            ("replication_source_identifier", "snapshot_identifier"),
            ("master_user_password", "master_user_password_secret_id"),
        ],
        required_by={"source_region": ["replication_source_identifier"]},
        supports_check_mode=True,
    )

    def cluster():
        params, password = module.params, None
        if params["master_user_password_secret_id"] and params["state"] == "present":
            password = secret_password(
                client(module, "secretsmanager"),
                params["master_user_password_secret_id"],
                params["engine"],
                module.check_mode,
            )
        return Cluster(params, client(module, "rds"), password)

    run(module, "cluster", cluster)


if __name__ == "__main__":
    main()
