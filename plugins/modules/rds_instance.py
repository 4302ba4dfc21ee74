#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rds_instance
version_added: "0.1.0"
short_description: Manage an instance of Amazon RDS or of an Aurora cluster
description:
  - Creates, changes and deletes a database instance, which is one of the following.
  - An instance of an Aurora cluster, with O(db_cluster_identifier). What belongs to the cluster, such as storage,
    backups and the master user, is refused here; the module C(rds_cluster) manages it.
  - A read replica, with O(source_db_instance_identifier).
  - An instance of its own.
  - What AWS keeps for the maintenance window is in RV(instance.pending_modified_values) until then; it is not asked for
    again, and a warning tells what waits.
  - Another class for the writer of an Aurora cluster makes the cluster fail over when it is applied, if there is a
    reader; without one the cluster is down meanwhile.
  - amazon.aws has a module of this name, which cannot let AWS manage the master user's password, and shows no diff.
  - Follows U(https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  db_instance_identifier:
    description:
      - The name of the instance, unique in the region. RDS stores it in lower case.
    type: str
    required: true
    aliases: [instance_id, id]
  state:
    description:
      - V(present) makes the instance exist as described. V(absent) deletes it, unless O(deletion_protection) is on.
    type: str
    choices: [present, absent]
    default: present
  engine:
    description:
      - The database engine, such as V(mysql) or V(aurora-mysql). Required for a new instance that is no read replica.
    type: str
  engine_version:
    description:
      - The engine's version (V(8.0.42)), or how it begins (V(8.0)).
      - Of a beginning, the newest version that AWS offers is taken when the instance is created or has to be upgraded.
        An instance that runs any version that begins so is left as it is. With automatic minor upgrades, so is one that
        they have taken beyond a whole version.
      - An upgrade stops the database for a while. It waits for the maintenance window unless O(apply_immediately=true).
    type: str
  allow_major_version_upgrade:
    description:
      - Whether O(engine_version) may lead to another major version. Such a change is refused otherwise.
    type: bool
    default: false
  db_instance_class:
    description:
      - The class, such as V(db.r7g.large). Required for a new instance; a read replica has its source's unless given.
    type: str
    aliases: [instance_type]
  db_cluster_identifier:
    description:
      - The Aurora cluster that the instance is part of. It is told of at creation and cannot be changed.
    type: str
    aliases: [cluster_id]
  promotion_tier:
    description:
      - How early the instance of a cluster becomes its writer when the writer fails, from V(0), the first, to V(15).
    type: int
  source_db_instance_identifier:
    description:
      - The instance that this one is a read replica of; its ARN when it is in another region.
      - The source must have backups (O(backup_retention_period)), and AWS makes no replicas of one whose password RDS
        manages (O(manage_master_user_password)), except of SQL Server.
    type: str
    aliases: [replication_source_db_instance_identifier]
  source_region:
    description:
      - The region of an encrypted source in another region. It counts when the replica is created.
    type: str
  replica_mode:
    description:
      - Whether a replica of Oracle or Db2 can be read (V(open-read-only)) or not (V(mounted)).
    type: str
    choices: [mounted, open-read-only]
  allocated_storage:
    description:
      - The storage in GiB. Required for a new instance of its own.
      - It can grow, by a tenth at least, and never shrink. With O(max_allocated_storage), more storage than this, to
        which autoscaling has grown it, is no difference.
    type: int
  max_allocated_storage:
    description:
      - Up to how many GiB RDS lets the storage grow by itself when it runs low; V(0) for not at all.
    type: int
  storage_type:
    description:
      - The kind of storage.
    type: str
    choices: [standard, gp2, gp3, io1, io2]
  iops:
    description:
      - The I/O operations per second of the storage types V(io1), V(io2), and of large V(gp3) (from 400 GiB for most
        engines; less has 3000).
    type: int
  storage_throughput:
    description:
      - The throughput of large V(gp3) storage in MiB per second.
    type: int
  storage_encrypted:
    description:
      - Whether the storage is encrypted. It cannot be changed.
    type: bool
  kms_key_id:
    description:
      - The KMS key of the storage, by its ARN, id or alias. It cannot be changed. Which key an alias means is not
        compared.
    type: str
  multi_az:
    description:
      - Whether there is a standby in another zone.
    type: bool
    aliases: [multi_zone]
  availability_zone:
    description:
      - The zone. It cannot be changed, and not be told for O(multi_az).
    type: str
    aliases: [az, zone]
  db_name:
    description:
      - The database that is created with the instance. It cannot be changed.
    type: str
  master_username:
    description:
      - The master user. Required for a new instance of its own. It cannot be changed.
    type: str
    aliases: [username]
  manage_master_user_password:
    description:
      - Whether RDS makes the master user's password, keeps it in Secrets Manager, and rotates it. Such an instance can
        have no read replicas, except of SQL Server.
      - To end it, give O(master_user_password) or O(master_user_password_secret_id); the secret is deleted then.
    type: bool
  master_user_secret_kms_key_id:
    description:
      - The KMS key that encrypts the secret. It is told when RDS begins to manage the password, and cannot be changed.
    type: str
  master_user_password:
    description:
      - The master user's password for a new instance, or for one whose password RDS no longer manages. It is never
        compared, and not changed later.
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
      - With it O(manage_master_user_password) is V(false). It is refused for read replicas, which have the passwords of
        their source.
    type: str
  db_subnet_group_name:
    description:
      - The subnet group. A read replica in the region of its source is in its source's unless given.
    type: str
    aliases: [subnet_group]
  vpc_security_group_ids:
    description:
      - Ids of the security groups. Stated whole.
    type: list
    elements: str
  publicly_accessible:
    description:
      - Whether the instance's name leads to a public address outside of its VPC.
    type: bool
  port:
    description:
      - The port. A change restarts the instance, even if it is not to be applied immediately.
    type: int
  ca_certificate_identifier:
    description:
      - The certificate authority of the instance's certificate, such as V(rds-ca-rsa2048-g1). Another one restarts the
        instance when it is applied, unless the engine can do without.
    type: str
  db_parameter_group_name:
    description:
      - The parameter group. Another one takes effect when the instance is rebooted; see O(reboot_if_pending).
      - A read replica in the region of its source is made with its source's, and gets another one afterwards.
    type: str
  option_group_name:
    description:
      - The option group.
    type: str
  enable_iam_database_authentication:
    description:
      - Whether users may sign in to the database with IAM.
    type: bool
  backup_retention_period:
    description:
      - For how many days automated backups are kept; V(0) for no backups, with which there can be no replicas.
    type: int
  preferred_backup_window:
    description:
      - When backups are made, every day, in UTC, such as V(17:00-17:30).
    type: str
    aliases: [backup_window]
  preferred_maintenance_window:
    description:
      - When maintenance is done, every week, in UTC, such as V(sun:18:00-sun:18:30).
    type: str
    aliases: [maintenance_window]
  auto_minor_version_upgrade:
    description:
      - Whether newer minor versions of the engine are installed in the maintenance window.
    type: bool
  copy_tags_to_snapshot:
    description:
      - Whether snapshots get the instance's tags. Snapshots of a cluster follow the cluster's own setting.
    type: bool
  deletion_protection:
    description:
      - Whether nobody can delete the instance.
    type: bool
  monitoring_interval:
    description:
      - Every how many seconds Enhanced Monitoring looks at the operating system; V(0) for not at all.
    type: int
    choices: [0, 1, 5, 10, 15, 30, 60]
  monitoring_role_arn:
    description:
      - ARN of the role by which it writes to CloudWatch Logs. Required unless O(monitoring_interval) is V(0). A role
        that is only seconds old is tried again for half a minute.
    type: str
  enable_performance_insights:
    description:
      - Whether Performance Insights is on.
    type: bool
  performance_insights_kms_key_id:
    description:
      - The KMS key of its data, by its ARN, id or alias. Which key an alias means is not compared.
      - It is told when Performance Insights is switched on, and cannot be changed.
    type: str
  performance_insights_retention_period:
    description:
      - For how many days its data are kept, V(7), a multiple of 31, or V(731).
    type: int
  enabled_cloudwatch_logs_exports:
    description:
      - The logs that are exported to CloudWatch Logs, such as V(error), V(general) and V(slowquery). Stated whole.
    type: list
    elements: str
    aliases: [enable_cloudwatch_logs_exports]
  apply_immediately:
    description:
      - Whether changes that need not wait for the maintenance window are made at once, those that wait there already
        included, and with whatever downtime they take.
    type: bool
    default: false
  reboot_if_pending:
    description:
      - Whether the instance is rebooted, once, when parameters wait for a reboot, its cluster's included.
      - The change that makes it needed is waited for in any case then.
    type: bool
    default: false
  skip_final_snapshot:
    description:
      - Whether an instance of its own is deleted without a last snapshot.
    type: bool
    default: false
  final_db_snapshot_identifier:
    description:
      - The name of the last snapshot that is made when an instance of its own is deleted. Required then, unless
        O(skip_final_snapshot). There is none of replicas and of a cluster's instances.
    type: str
    aliases: [final_snapshot_identifier]
  delete_automated_backups:
    description:
      - Whether the automated backups are deleted with the instance.
    type: bool
    default: true
  wait:
    description:
      - Whether to wait until the instance is available, also when it is not changed, or until it is gone.
      - One that is busy is waited for in any case before it is changed or deleted. What the creation of a replica does
        not take, such as its backups, is left to the next run without O(wait).
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most, each time.
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
- name: Have a writer and a reader in an Aurora cluster
  wellarchitected.aws.rds_instance:
    db_instance_identifier: "example-{{ item }}"
    db_cluster_identifier: example
    engine: aurora-mysql
    db_instance_class: db.r7g.large
    promotion_tier: "{{ item }}"
    publicly_accessible: false
    db_parameter_group_name: example-instance
    monitoring_interval: 60
    monitoring_role_arn: arn:aws:iam::123456789012:role/example-monitoring
    enable_performance_insights: true
    performance_insights_retention_period: 7
    wait: false
  loop: [0, 1]

- name: Have a MySQL database of its own, whose storage grows and whose password RDS manages
  wellarchitected.aws.rds_instance:
    db_instance_identifier: example-mysql
    engine: mysql
    engine_version: "8.0"
    db_instance_class: db.t4g.medium
    allocated_storage: 100
    max_allocated_storage: 500
    storage_type: gp3
    storage_encrypted: true
    multi_az: true
    master_username: admin
    manage_master_user_password: true
    db_subnet_group_name: example-data
    vpc_security_group_ids: [sg-0123456789abcdef0]
    backup_retention_period: 14
    deletion_protection: true
    enabled_cloudwatch_logs_exports: [error, slowquery]

- name: Have a password that RDS does not manage, and that nobody knows either, so that there can be read replicas
  wellarchitected.aws.rds_instance:
    db_instance_identifier: example-legacy
    master_user_password_secret_id: example-database

- name: Have a read replica of it
  wellarchitected.aws.rds_instance:
    db_instance_identifier: example-mysql-replica
    source_db_instance_identifier: example-legacy
    db_instance_class: db.t4g.medium

- name: Take a larger class now, and reboot if parameters wait for it
  wellarchitected.aws.rds_instance:
    db_instance_identifier: example-mysql
    db_instance_class: db.r7g.large
    apply_immediately: true
    reboot_if_pending: true

- name: Delete the replica
  wellarchitected.aws.rds_instance:
    db_instance_identifier: example-mysql-replica
    state: absent
"""

RETURN = r"""
instance:
  description: The instance as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    db_instance_identifier:
      description: Its name.
      type: str
      sample: example-mysql
    arn:
      description: Its ARN; in check mode without a value for an instance that would be created.
      type: str
      sample: arn:aws:rds:ap-northeast-1:123456789012:db:example-mysql
    dbi_resource_id:
      description: What it is called in IAM policies and in CloudWatch Logs, whatever its name.
      type: str
      sample: db-ABCDEFGHIJKLMNOPQRSTUVWXYZ
    status:
      description: Its status.
      type: str
      sample: available
    endpoint:
      description: Where it can be reached; empty while it is being created.
      type: dict
      contains:
        address:
          description: The name of the host.
          type: str
          sample: example-mysql.abcdefghijkl.ap-northeast-1.rds.amazonaws.com
        port:
          description: The port.
          type: int
          sample: 3306
        hosted_zone_id:
          description: The hosted zone for alias records to it.
          type: str
          sample: Z24O6O9L7SGTNB
    pending_modified_values:
      description: What has been asked for and waits for the maintenance window, or is being done, by option.
      type: dict
      sample:
        db_instance_class: db.r7g.large
    pending_reboot:
      description: Whether parameters wait for a reboot; a warning says so, too.
      type: bool
      sample: false
    master_user_secret:
      description: The secret with the master user's password; empty when RDS does not manage it.
      type: dict
      contains:
        secret_arn:
          description: Its ARN.
          type: str
          sample: arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:rds!db-0123-abcdef
        secret_status:
          description: V(creating), V(active), V(rotating) or V(impaired).
          type: str
          sample: active
        kms_key_id:
          description: ARN of the KMS key that encrypts it.
          type: str
          sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    read_replica_identifiers:
      description: Its read replicas, those in other regions by ARN, and replica clusters.
      type: list
      elements: str
      sample: [example-mysql-replica]
    allocated_storage:
      description: The storage in GiB.
      type: int
      sample: 100
    auto_minor_version_upgrade:
      description: Whether newer minor versions are installed.
      type: bool
      sample: true
    availability_zone:
      description: The zone.
      type: str
      sample: ap-northeast-1a
    backup_retention_period:
      description: For how many days backups are kept.
      type: int
      sample: 14
    ca_certificate_identifier:
      description: The certificate authority.
      type: str
      sample: rds-ca-rsa2048-g1
    copy_tags_to_snapshot:
      description: Whether snapshots get the tags.
      type: bool
      sample: true
    db_cluster_identifier:
      description: Its Aurora cluster; empty when it has none.
      type: str
      sample: ""
    db_instance_class:
      description: The class.
      type: str
      sample: db.t4g.medium
    db_name:
      description: The database that was created with it.
      type: str
      sample: shop
    db_parameter_group_name:
      description: The parameter group.
      type: str
      sample: example-instance
    db_subnet_group_name:
      description: The subnet group.
      type: str
      sample: example-data
    deletion_protection:
      description: Whether nobody can delete it.
      type: bool
      sample: true
    enable_iam_database_authentication:
      description: Whether users may sign in with IAM.
      type: bool
      sample: false
    enable_performance_insights:
      description: Whether Performance Insights is on.
      type: bool
      sample: true
    enabled_cloudwatch_logs_exports:
      description: The exported logs, sorted.
      type: list
      elements: str
      sample: [error, slowquery]
    engine:
      description: The engine.
      type: str
      sample: mysql
    engine_version:
      description: The whole version.
      type: str
      sample: 8.0.42
    iops:
      description: I/O operations per second; null where they are not told.
      type: int
      sample: 3000
    kms_key_id:
      description: ARN of the KMS key of the storage; null when it is not encrypted.
      type: str
      sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    manage_master_user_password:
      description: Whether RDS manages the password of the instance's master user; false for a cluster's instance.
      type: bool
      sample: true
    master_user_secret_kms_key_id:
      description: ARN of the KMS key of the secret; null when there is none.
      type: str
      sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    master_username:
      description: The master user.
      type: str
      sample: admin
    max_allocated_storage:
      description: Up to how many GiB the storage grows by itself; V(0) for not at all.
      type: int
      sample: 500
    monitoring_interval:
      description: Every how many seconds Enhanced Monitoring looks.
      type: int
      sample: 60
    monitoring_role_arn:
      description: ARN of its role; null when there is none.
      type: str
      sample: arn:aws:iam::123456789012:role/example-monitoring
    multi_az:
      description: Whether there is a standby in another zone.
      type: bool
      sample: true
    option_group_name:
      description: The option group.
      type: str
      sample: default:mysql-8-0
    performance_insights_kms_key_id:
      description: ARN of the KMS key of Performance Insights; null when it is off.
      type: str
      sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    performance_insights_retention_period:
      description: For how many days its data are kept; null when it is off.
      type: int
      sample: 7
    port:
      description: The port; null while the instance is being created.
      type: int
      sample: 3306
    preferred_backup_window:
      description: When backups are made.
      type: str
      sample: 17:00-17:30
    preferred_maintenance_window:
      description: When maintenance is done.
      type: str
      sample: sun:18:00-sun:18:30
    promotion_tier:
      description: How early it becomes its cluster's writer; null without a cluster.
      type: int
      sample: 1
    publicly_accessible:
      description: Whether its name leads to a public address.
      type: bool
      sample: false
    replica_mode:
      description: The mode of a replica of Oracle or Db2; null for others.
      type: str
      sample: open-read-only
    source_db_instance_identifier:
      description: What it is a read replica of; empty when it is none.
      type: str
      sample: ""
    storage_encrypted:
      description: Whether the storage is encrypted.
      type: bool
      sample: true
    storage_throughput:
      description: The throughput in MiB per second; null where it is not told.
      type: int
      sample: 125
    storage_type:
      description: The kind of storage.
      type: str
      sample: gp3
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
    vpc_security_group_ids:
      description: The security groups, sorted.
      type: list
      elements: str
      sample: [sg-0123456789abcdef0]
"""

import time
from types import MappingProxyType

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import same_kms_key
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_ROLE, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.rds import (
    FAILED,
    PASSWORD_TAG,
    RdsErrorHandler,
    change_tags,
    is_another_password,
    log_exports_change,
    major_version,
    newest_version,
    patiently,
    pending_warning,
    read_pending,
    read_status,
    read_tags,
    same_set,
    same_version,
    same_window,
    secret_password,
    version_number,
    wait_until,
    write_tags,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# What ModifyDBInstance changes, and what the calls that create an instance call it, unless RENAMED.
CHANGEABLE = {
    "allocated_storage": "AllocatedStorage",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
    "backup_retention_period": "BackupRetentionPeriod",
    "ca_certificate_identifier": "CACertificateIdentifier",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
    "db_instance_class": "DBInstanceClass",
    "db_parameter_group_name": "DBParameterGroupName",
    "db_subnet_group_name": "DBSubnetGroupName",
    "deletion_protection": "DeletionProtection",
    "enable_iam_database_authentication": "EnableIAMDatabaseAuthentication",
    "enable_performance_insights": "EnablePerformanceInsights",
    "engine_version": "EngineVersion",
    "iops": "Iops",
    "manage_master_user_password": "ManageMasterUserPassword",
    "master_user_secret_kms_key_id": "MasterUserSecretKmsKeyId",
    "max_allocated_storage": "MaxAllocatedStorage",
    "monitoring_interval": "MonitoringInterval",
    "monitoring_role_arn": "MonitoringRoleArn",
    "multi_az": "MultiAZ",
    "option_group_name": "OptionGroupName",
    "performance_insights_kms_key_id": "PerformanceInsightsKMSKeyId",
    "performance_insights_retention_period": "PerformanceInsightsRetentionPeriod",
    "port": "DBPortNumber",
    "preferred_backup_window": "PreferredBackupWindow",
    "preferred_maintenance_window": "PreferredMaintenanceWindow",
    "promotion_tier": "PromotionTier",
    "publicly_accessible": "PubliclyAccessible",
    "replica_mode": "ReplicaMode",
    "storage_throughput": "StorageThroughput",
    "storage_type": "StorageType",
    "vpc_security_group_ids": "VpcSecurityGroupIds",
}
# What is told at creation alone.
FIXED = {
    "availability_zone": "AvailabilityZone",
    "db_cluster_identifier": "DBClusterIdentifier",
    "db_name": "DBName",
    "engine": "Engine",
    "kms_key_id": "KmsKeyId",
    "master_username": "MasterUsername",
    "source_db_instance_identifier": "SourceDBInstanceIdentifier",
    "storage_encrypted": "StorageEncrypted",
}
RENAMED = {"port": "Port"}
# What the description calls otherwise than the calls that write it.
DESCRIBED = {
    "enable_iam_database_authentication": "IAMDatabaseAuthenticationEnabled",
    "enable_performance_insights": "PerformanceInsightsEnabled",
    "source_db_instance_identifier": "ReadReplicaSourceDBInstanceIdentifier",
}
FIELDS = (*CHANGEABLE, *FIXED, "enabled_cloudwatch_logs_exports", "tags")
# What RDS stores in lower case.
LOWER = (
    "db_cluster_identifier",
    "db_parameter_group_name",
    "db_subnet_group_name",
    "option_group_name",
    "preferred_backup_window",
    "preferred_maintenance_window",
)
# What an instance of a cluster has from its cluster.
OF_THE_CLUSTER = (
    "allocated_storage",
    "backup_retention_period",
    "db_name",
    "db_subnet_group_name",
    "deletion_protection",
    "enable_iam_database_authentication",
    "enabled_cloudwatch_logs_exports",
    "engine_version",
    "iops",
    "kms_key_id",
    "manage_master_user_password",
    "master_user_secret_kms_key_id",
    "master_username",
    "max_allocated_storage",
    "multi_az",
    "option_group_name",
    "port",
    "preferred_backup_window",
    "storage_encrypted",
    "storage_throughput",
    "storage_type",
    "vpc_security_group_ids",
)
# What AWS wants to be told together.
TOGETHER = (
    ("monitoring_interval", "monitoring_role_arn"),
    ("enable_performance_insights", "performance_insights_retention_period"),
)
STORAGE = ("allocated_storage", "iops", "storage_throughput", "storage_type")
# An instance in one of these states can be used, and does not leave it soon by itself.
SETTLED = ("available", "stopped", "storage-optimization", "storage-config-upgrade", "storage-initialization")
# For so many seconds after a change was accepted, AWS may still show the instance as it was.
LAG = 90
# Of gp3 storage of fewer GiB, IOPS and throughput cannot be told; of SQL Server's they always can:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage
GP3_THRESHOLDS = {"oracle": 200, "sqlserver": 0}
GP3_THRESHOLD = 400


def same_key(current, wanted):
    """Whether a key is the one wanted; which key an alias means, KMS alone knows, so that it passes for any."""
    return same_kms_key(current, wanted) or bool(current and "alias/" in wanted)


def same_source(current, wanted):
    """Whether two names, each a plain one or an ARN, are of one instance."""
    return (current or "").rpartition(":")[2] == wanted.rpartition(":")[2].lower()


class Instance(Resource):
    same = MappingProxyType(
        {
            "enabled_cloudwatch_logs_exports": same_set,
            "kms_key_id": same_key,
            "master_user_secret_kms_key_id": same_key,
            "performance_insights_kms_key_id": same_key,
            "preferred_backup_window": same_window,
            "preferred_maintenance_window": same_window,
            "source_db_instance_identifier": same_source,
            "vpc_security_group_ids": same_set,
        }
    )

    def __init__(self, params, client, check_mode, password=None):
        fields = given(params, FIELDS)
        fields |= {field: fields[field].lower() for field in LOWER if field in fields}
        fields |= {
            field: sorted(set(fields[field]))
            for field in ("enabled_cloudwatch_logs_exports", "vpc_security_group_ids")
            if field in fields
        }
        super().__init__(fields, params["purge_tags"])
        if password and params["manage_master_user_password"]:
            message = "Give either manage_master_user_password: true or master_user_password_secret_id, not both."
            raise AnsibleAWSError(message=message)
        if password:
            self.given.setdefault("manage_master_user_password", False)
            params = {**params, "master_user_password": password.text}
        self.password = password
        self.client = client
        self.params = params
        self.name = params["db_instance_identifier"].lower()
        self.title = f"The instance {self.name}"
        self.apply_immediately = params["apply_immediately"]
        self.wait = params["wait"]
        self.wait_timeout = params["wait_timeout"]
        self.waits_first = self.wait and params["state"] == "present" and not check_mode
        self._written = False
        self._newest = None

    def find(self):
        state = self._look()
        if state and self.waits_first and state["status"] not in (*SETTLED, *FAILED, "deleting"):
            return self._wait_for(is_settled)
        return state

    def blank(self):
        return {
            **dict.fromkeys(FIELDS),
            "db_instance_identifier": self.name,
            "arn": None,
            "dbi_resource_id": None,
            "status": "available",
            "endpoint": {},
            "pending_modified_values": {},
            "pending_reboot": False,
            "master_user_secret": {},
            "read_replica_identifiers": [],
            "db_cluster_identifier": "",
            "source_db_instance_identifier": "",
            "manage_master_user_password": False,
            "max_allocated_storage": 0,
            "enabled_cloudwatch_logs_exports": [],
            "vpc_security_group_ids": [],
            "tags": {},
        }

    def wanted(self, current):
        fields = super().wanted(current)
        if "engine_version" in fields:
            fields["engine_version"] = self._version(current, fields["engine_version"])
        if self.password:
            fields["tags"] = {**fields.get("tags", current["tags"]), PASSWORD_TAG: self.password.version}
        return fields

    def _version(self, current, wanted):
        """The whole version that a version, or the beginning of one, stands for, seen from the current state."""
        if fulfils_version(current, wanted):
            return current["engine_version"]
        engine = self.given.get("engine") or current["engine"]
        if not engine:
            return wanted
        if self._newest is None:
            self._newest = newest_version(self.client, engine, wanted)
        return self._newest

    def changes(self, current):
        seen = current
        if not self.apply_immediately or self._written or current["status"] not in SETTLED:
            seen = {**current, **current["pending_modified_values"]}
        changes = super().changes(seen)
        if "allocated_storage" in changes and has_grown(seen, self.given):
            del changes["allocated_storage"]
        if current["status"] == "creating" and not self.wait:
            # What the creation did not take would have to wait for its end, and so would another password.
            waits = self.password and is_another_password(current, changes)
            return {field: value for field, value in changes.items() if field == "tags" and not waits}
        ignored = idle({**seen, **changes})
        if current["status"] == "creating":
            # It is not told yet.
            ignored.add("port")
        changes = {field: value for field, value in changes.items() if field not in ignored}
        if self.params["reboot_if_pending"] and current["pending_reboot"]:
            changes["pending_reboot"] = False
        return changes

    def refusal(self, current, changes):
        if current["status"] == "deleting":
            return f"{self.title} is being deleted. Run this again when it is gone, in some minutes."
        of_cluster = [field for field in OF_THE_CLUSTER if field in self.given]
        if {**current, **self.given}["db_cluster_identifier"] and of_cluster:
            return (
                f"{self.title} is part of a cluster, to which {', '.join(of_cluster)} belongs. Give it to the module "
                "rds_cluster."
            )
        if self.password and {**current, **self.given}["source_db_instance_identifier"]:
            return f"{self.title} is a read replica, whose passwords are its source's. Set master_user_password there."
        return refused_creation(self.params) if not current["arn"] else refused_change(current, changes, self.params)

    def remarks(self, outcome):
        # A repeated run has nothing to do with what waits.
        waiting = pending_warning(self.title, outcome.after if outcome.changed else None)
        return waiting, reboot_warning(self.title, outcome.after)

    def deletion_refusal(self, current):
        if current["deletion_protection"]:
            return (
                f"{self.title} is protected from deletion. Set deletion_protection: false with state: present first, "
                "if it is really to go."
            )
        alone = not (current["db_cluster_identifier"] or current["source_db_instance_identifier"])
        snapshot = self.params["final_db_snapshot_identifier"]
        if alone and current["status"] != "deleting" and bool(snapshot) == self.params["skip_final_snapshot"]:
            return (
                f"{self.title} is deleted either with a last snapshot, which final_db_snapshot_identifier names, or "
                "without one, with skip_final_snapshot: true. Give one of them."
            )
        return None

    def create(self):
        if "source_db_instance_identifier" in self.given:
            self._create("CreateDBInstanceReadReplica", self.client.create_db_instance_read_replica)
        else:
            self._create("CreateDBInstance", self.client.create_db_instance)

    def update(self, current, changes):
        modification = self.modification(current, changes)
        reboots = self.params["reboot_if_pending"]
        state = current
        if modification:
            self._modify(modification)
        if "tags" in changes:
            change_tags(self.client, current["arn"], current["tags"], changes["tags"])
        if modification and (self.wait or reboots):
            late = time.monotonic() + LAG
            must_reboot = reboots and "db_parameter_group_name" in changes
            state = self._wait_for(
                lambda state: (
                    is_settled(state)
                    and (time.monotonic() > late or (self._is_done(state) and state["pending_reboot"] >= must_reboot))
                ),
                despite=current["status"],
            )
        if reboots and state["pending_reboot"]:
            self._reboot()
            if self.wait:
                self._wait_for(lambda state: is_settled(state) and not state["pending_reboot"])
        self._written = True

    def _is_done(self, state):
        return not self.changes(state).keys() - {"pending_reboot"}

    def modification(self, current, changes):
        """The arguments of ModifyDBInstance that make these changes."""
        arguments = {CHANGEABLE[field]: value for field, value in changes.items() if field in CHANGEABLE}
        if "enabled_cloudwatch_logs_exports" in changes:
            exports = log_exports_change(
                current["enabled_cloudwatch_logs_exports"], changes["enabled_cloudwatch_logs_exports"]
            )
            arguments["CloudwatchLogsExportConfiguration"] = exports
        if changes.get("manage_master_user_password") is False or (
            self.password and is_another_password(current, changes)
        ):
            arguments["MasterUserPassword"] = self.params["master_user_password"]
        if not arguments:
            return {}
        after = {**current, **changes}
        for together in TOGETHER:
            if changes.keys() & set(together):
                # AWS takes the one only with the others.
                arguments |= {CHANGEABLE[field]: after[field] for field in told(after, together)}
        if changes.keys() & set(STORAGE):
            arguments |= storage_arguments(after, changes)
        if changes.get("max_allocated_storage") == 0:
            # There is no value for "not at all": https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/
            # API_ModifyDBInstance.html
            arguments["MaxAllocatedStorage"] = after["allocated_storage"]
        if "engine_version" in changes:
            arguments["AllowMajorVersionUpgrade"] = self.params["allow_major_version_upgrade"]
        return {**arguments, "ApplyImmediately": self.apply_immediately}

    def delete(self, current):
        if current["status"] != "deleting":
            self._delete(deletion(current, self.params))
        if self.wait:
            wait_until(
                self._look, lambda state: state is None, self.wait_timeout, f"the instance {self.name} to be gone"
            )

    def _look(self):
        description = self._describe()
        if not description:
            return None
        cluster = description.get("DBClusterIdentifier")
        return read(description, self._cluster_parameters_wait(cluster) if cluster else False)

    def _wait_for(self, done, despite=None):
        """The state of the instance once done says so; despite is a failed status that a change has just mended."""

        def look():
            state = self._look()
            mended = state and state["status"] == despite and despite in FAILED
            return {**state, "status": "modifying"} if mended else state

        return wait_until(
            look, lambda state: state and done(state), self.wait_timeout, f"the instance {self.name} to be available"
        )

    @RdsErrorHandler.list_error_handler("find the instance {self.name}")
    def _describe(self):
        pages = self.client.get_paginator("describe_db_instances").paginate(DBInstanceIdentifier=self.name)
        return next(iter(pages.build_full_result()["DBInstances"]), None)

    @RdsErrorHandler.list_error_handler("find the cluster {cluster} of the instance {self.name}", False)
    def _cluster_parameters_wait(self, cluster):
        pages = self.client.get_paginator("describe_db_clusters").paginate(DBClusterIdentifier=cluster)
        return any(
            member["DBInstanceIdentifier"] == self.name
            and member.get("DBClusterParameterGroupStatus") == "pending-reboot"
            for found in pages.build_full_result()["DBClusters"]
            for member in found["DBClusterMembers"]
        )

    @RdsErrorHandler.common_error_handler("create the instance {self.name}")
    @retry_on(UNKNOWN_ROLE)
    def _create(self, operation, call):
        # A replica takes less than others at its creation: the rest it has from its source, or is changed afterwards.
        takes = self.client.meta.service_model.operation_model(operation).input_shape.members
        arguments = creation(self.wanted(self.blank()), self.params)
        arguments = {member: value for member, value in arguments.items() if member in takes}
        if is_local_replica(self.given, self.client.meta.region_name):
            # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html
            arguments.pop("DBParameterGroupName", None)
        patiently(lambda: call(DBInstanceIdentifier=self.name, **arguments), self.wait_timeout)

    @RdsErrorHandler.common_error_handler("change the instance {self.name}")
    @retry_on(UNKNOWN_ROLE)
    def _modify(self, arguments):
        patiently(
            lambda: self.client.modify_db_instance(DBInstanceIdentifier=self.name, **arguments), self.wait_timeout
        )

    @RdsErrorHandler.common_error_handler("reboot the instance {self.name}")
    def _reboot(self):
        patiently(lambda: self.client.reboot_db_instance(DBInstanceIdentifier=self.name), self.wait_timeout)

    @RdsErrorHandler.deletion_error_handler("delete the instance {self.name}")
    def _delete(self, arguments):
        patiently(
            lambda: self.client.delete_db_instance(DBInstanceIdentifier=self.name, **arguments), self.wait_timeout
        )


def read(description, cluster_parameters_wait=False):
    """An instance as RDS describes it, as a state."""
    groups = description.get("DBParameterGroups", [])
    endpoint = description.get("Endpoint") or {}
    secret = description.get("MasterUserSecret") or {}
    state = {
        field: description.get(DESCRIBED.get(field, member))
        for field, member in (CHANGEABLE | FIXED).items()
        if field not in ("port", "manage_master_user_password", "master_user_secret_kms_key_id")
    }
    replicas = ("ReadReplicaDBInstanceIdentifiers", "ReadReplicaDBClusterIdentifiers")
    return {
        **state,
        "db_instance_identifier": description["DBInstanceIdentifier"],
        "arn": description["DBInstanceArn"],
        "dbi_resource_id": description.get("DbiResourceId"),
        "status": read_status(description, "DBInstanceStatus"),
        "endpoint": {
            field: endpoint[member]
            for field, member in (("address", "Address"), ("port", "Port"), ("hosted_zone_id", "HostedZoneId"))
            if member in endpoint
        },
        "pending_modified_values": read_pending(description),
        "pending_reboot": cluster_parameters_wait
        or any(group.get("ParameterApplyStatus") == "pending-reboot" for group in groups),
        "master_user_secret": {
            field: secret[member]
            for field, member in (
                ("secret_arn", "SecretArn"),
                ("secret_status", "SecretStatus"),
                ("kms_key_id", "KmsKeyId"),
            )
            if member in secret
        },
        "read_replica_identifiers": [name for member in replicas for name in description.get(member, [])],
        "db_cluster_identifier": description.get("DBClusterIdentifier") or "",
        "db_parameter_group_name": groups[0]["DBParameterGroupName"] if groups else None,
        "db_subnet_group_name": (description.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
        "enabled_cloudwatch_logs_exports": sorted(description.get("EnabledCloudwatchLogsExports", [])),
        "manage_master_user_password": bool(secret),
        "master_user_secret_kms_key_id": secret.get("KmsKeyId"),
        "max_allocated_storage": description.get("MaxAllocatedStorage") or 0,
        "option_group_name": read_option_group(description.get("OptionGroupMemberships", [])),
        "port": endpoint.get("Port"),
        "source_db_instance_identifier": description.get("ReadReplicaSourceDBInstanceIdentifier") or "",
        "tags": read_tags(description),
        "vpc_security_group_ids": sorted(
            group["VpcSecurityGroupId"]
            for group in description.get("VpcSecurityGroups", [])
            if group.get("Status") != "removing"
        ),
    }


def read_option_group(memberships):
    """The option group that an instance has, or will have once what was asked for is done."""
    coming = [entry for entry in memberships if entry.get("Status") in ("pending-apply", "pending-maintenance-apply")]
    return next((entry["OptionGroupName"] for entry in [*coming, *memberships]), None)


def idle(state):
    """The fields that mean nothing as things are: AWS does not tell them, and may refuse to be told them."""
    fields = set()
    if not state.get("enable_performance_insights"):
        fields |= {"performance_insights_kms_key_id", "performance_insights_retention_period"}
    if not state.get("monitoring_interval"):
        fields.add("monitoring_role_arn")
    if not state.get("manage_master_user_password"):
        fields.add("master_user_secret_kms_key_id")
    return fields


def is_local_replica(given, region):
    """Whether what is given is a replica of an instance in this region, whose parameter group it begins with."""
    source = given.get("source_db_instance_identifier")
    return bool(source) and (not source.startswith("arn:") or source.split(":")[3] == region)


def told(state, fields):
    return [field for field in fields if state[field] is not None and field not in idle(state)]


def creation(fields, params):
    """The arguments, besides the name, that create an instance; some are for replicas, some for others."""
    names = {**CHANGEABLE, **FIXED, **RENAMED}
    arguments = {names[field]: fields[field] for field in told(fields, fields) if field in names}
    if not fields.get("max_allocated_storage"):
        arguments.pop("MaxAllocatedStorage", None)
    if fields.get("enabled_cloudwatch_logs_exports"):
        arguments["EnableCloudwatchLogsExports"] = fields["enabled_cloudwatch_logs_exports"]
    if params["source_region"]:
        arguments["SourceRegion"] = params["source_region"]
    if params["master_user_password"] and not fields.get("manage_master_user_password"):
        arguments["MasterUserPassword"] = params["master_user_password"]
    return {**arguments, "Tags": write_tags(fields.get("tags", {}))}


def deletion(state, params):
    """The arguments of DeleteDBInstance, besides the name."""
    if state["db_cluster_identifier"]:
        return {"SkipFinalSnapshot": True}
    arguments = {"DeleteAutomatedBackups": params["delete_automated_backups"]}
    if state["source_db_instance_identifier"] or params["skip_final_snapshot"]:
        return {**arguments, "SkipFinalSnapshot": True}
    return {
        **arguments,
        "SkipFinalSnapshot": False,
        "FinalDBSnapshotIdentifier": params["final_db_snapshot_identifier"],
    }


def is_settled(state):
    return state["status"] in SETTLED


def fulfils_version(state, wanted):
    """Whether the version of an instance is the one wanted, or one that automatic upgrades have made of it."""
    current = state["engine_version"]
    if not current or same_version(current, wanted):
        return bool(current)
    # The number after the last dot is the one that automatic upgrades change.
    same_minor = current.rpartition(".")[0] == wanted.rpartition(".")[0] != ""
    newer = same_minor and version_number(current) > version_number(wanted)
    return newer and bool(state["auto_minor_version_upgrade"])


def has_grown(state, given):
    """Whether autoscaling may have grown the storage beyond what is given."""
    limit = given.get("max_allocated_storage", state["max_allocated_storage"])
    return bool(limit) and given["allocated_storage"] < (state["allocated_storage"] or 0)


def storage_arguments(after, changes):
    """How ModifyDBInstance is told of the storage that an instance shall have.

    Size, IOPS and throughput go together where there are any to be told:
    https://github.com/hashicorp/terraform-provider-aws/issues/33512
    """
    engine = (after["engine"] or "").partition("-")[0]
    small = after["allocated_storage"] < GP3_THRESHOLDS.get(engine, GP3_THRESHOLD)
    kind = after["storage_type"]
    if kind not in ("gp3", "io1", "io2") or (kind == "gp3" and small):
        fields = {"allocated_storage"}
    else:
        fields = {"allocated_storage", "iops"} | ({"storage_throughput"} if kind == "gp3" else set())
    fields |= changes.keys() & set(STORAGE)
    return {CHANGEABLE[field]: after[field] for field in fields if after[field] is not None}


def refused_creation(params):
    """Why an instance cannot be created of these options, as a sentence; None when it can."""
    source = params["source_db_instance_identifier"]
    if source:
        if params["source_region"] and not source.startswith("arn:"):
            return f"source_db_instance_identifier is {source}, but must be an ARN, as it is in another region."
        return None
    needed = ["engine", "db_instance_class"]
    if not params["db_cluster_identifier"]:
        needed += ["allocated_storage", "master_username"]
    missing = [field for field in needed if not params[field]]
    if missing:
        return f"A new instance needs {' and '.join(missing)}."
    if not (params["db_cluster_identifier"] or params["manage_master_user_password"] or params["master_user_password"]):
        return "A new instance needs manage_master_user_password: true, or a master_user_password."
    return None


def refused_change(current, changes, params):
    """Why an instance cannot be changed like this, as a sentence; None when it can."""
    name = f"The instance {current['db_instance_identifier']}"
    source = changes.get("source_db_instance_identifier")
    if source and not current["source_db_instance_identifier"]:
        return f"{name} is no read replica, or no longer. Take source_db_instance_identifier out."
    for field in FIXED:
        if field in changes:
            return (
                f"{name} has {current[field] or 'none'} as {field}, and AWS cannot change it to "
                f"{changes[field] or 'none'}. Create another instance, or delete this one first (state: absent)."
            )
    storage = changes.get("allocated_storage")
    if storage and storage < current["allocated_storage"]:
        return (
            f"{name} has {current['allocated_storage']} GiB of storage, and AWS cannot shrink it to {storage}. Give "
            f"allocated_storage: {current['allocated_storage']}."
        )
    least = -(-current["allocated_storage"] * 11 // 10) if storage else 0
    if storage and storage < least and not (current["engine"] or "").startswith("sqlserver"):
        return (
            f"{name} has {current['allocated_storage']} GiB of storage, which grows by a tenth at least. Give "
            f"allocated_storage: {least} or more."
        )
    version, running = changes.get("engine_version"), current["engine_version"]
    if version and version_number(version) < version_number(running):
        return (
            f"{name} runs {running}, and AWS does not go back to {version}. State engine_version as {running}, or how "
            f"it begins ({major_version(running)})."
        )
    if version and major_version(version) != major_version(running) and not params["allow_major_version_upgrade"]:
        return (
            f"{name} runs {running}, from which {version} is a major upgrade. If it and its users are ready for it, "
            "give allow_major_version_upgrade: true."
        )
    if changes.get("manage_master_user_password") is False and not params["master_user_password"]:
        return f"{name} needs a master_user_password, as RDS shall no longer manage it."
    if "master_user_secret_kms_key_id" in changes and current["manage_master_user_password"]:
        return (
            f"{name} has a secret that {current['master_user_secret_kms_key_id']} encrypts, and AWS cannot change it. "
            "Let the password be managed anew (manage_master_user_password: false, then true)."
        )
    if "performance_insights_kms_key_id" in changes and current["enable_performance_insights"]:
        return (
            f"{name} has data of Performance Insights that {current['performance_insights_kms_key_id']} encrypts, and "
            "AWS cannot change it. Take performance_insights_kms_key_id out."
        )
    return None


def reboot_warning(title, state):
    """A sentence on parameters that wait for a reboot; None when none do."""
    if not (state or {}).get("pending_reboot"):
        return None
    return (
        f"{title} has parameters that take effect only when it is rebooted, for which AWS does not use the maintenance "
        "window. Run this with reboot_if_pending: true when it may be down for some minutes."
    )


def main():
    text, flag, number = {"type": "str"}, {"type": "bool"}, {"type": "int"}
    off = {"type": "bool", "default": False}
    module = AnsibleAWSModule(
        argument_spec={
            "db_instance_identifier": {"type": "str", "required": True, "aliases": ["instance_id", "id"]},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            **dict.fromkeys(("engine", "engine_version"), text),
            "allow_major_version_upgrade": off,
            "db_instance_class": {"type": "str", "aliases": ["instance_type"]},
            "db_cluster_identifier": {"type": "str", "aliases": ["cluster_id"]},
            "promotion_tier": number,
            "source_db_instance_identifier": {"type": "str", "aliases": ["replication_source_db_instance_identifier"]},
            "source_region": text,
            "replica_mode": {"type": "str", "choices": ["mounted", "open-read-only"]},
            **dict.fromkeys(("allocated_storage", "max_allocated_storage"), number),
            "storage_type": {"type": "str", "choices": ["standard", "gp2", "gp3", "io1", "io2"]},
            **dict.fromkeys(("iops", "storage_throughput"), number),
            "storage_encrypted": flag,
            "kms_key_id": {"type": "str", "no_log": False},
            "multi_az": {"type": "bool", "aliases": ["multi_zone"]},
            "availability_zone": {"type": "str", "aliases": ["az", "zone"]},
            "db_name": text,
            "master_username": {"type": "str", "aliases": ["username"]},
            "manage_master_user_password": {"type": "bool", "no_log": False},
            "master_user_secret_kms_key_id": {"type": "str", "no_log": False},
            "master_user_password": {"type": "str", "no_log": True, "aliases": ["password"]},
            "master_user_password_secret_id": {"type": "str", "no_log": False},
            "db_subnet_group_name": {"type": "str", "aliases": ["subnet_group"]},
            "vpc_security_group_ids": {"type": "list", "elements": "str"},
            "publicly_accessible": flag,
            "port": number,
            **dict.fromkeys(("ca_certificate_identifier", "db_parameter_group_name", "option_group_name"), text),
            "enable_iam_database_authentication": flag,
            "backup_retention_period": number,
            "preferred_backup_window": {"type": "str", "aliases": ["backup_window"]},
            "preferred_maintenance_window": {"type": "str", "aliases": ["maintenance_window"]},
            **dict.fromkeys(("auto_minor_version_upgrade", "copy_tags_to_snapshot", "deletion_protection"), flag),
            "monitoring_interval": {"type": "int", "choices": [0, 1, 5, 10, 15, 30, 60]},
            "monitoring_role_arn": text,
            "enable_performance_insights": flag,
            "performance_insights_kms_key_id": {"type": "str", "no_log": False},
            "performance_insights_retention_period": number,
            "enabled_cloudwatch_logs_exports": {
                "type": "list",
                "elements": "str",
                "aliases": ["enable_cloudwatch_logs_exports"],
            },
            **dict.fromkeys(("apply_immediately", "reboot_if_pending", "skip_final_snapshot"), off),
            "final_db_snapshot_identifier": {"type": "str", "aliases": ["final_snapshot_identifier"]},
            "delete_automated_backups": {"type": "bool", "default": True},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 2400},
        },
        mutually_exclusive=[
            ("db_cluster_identifier", "source_db_instance_identifier"),
            ("master_user_password", "master_user_password_secret_id"),
        ],
        supports_check_mode=True,
    )

    def instance():
        params, password = module.params, None
        if params["master_user_password_secret_id"] and params["state"] == "present":
            password = secret_password(
                client(module, "secretsmanager"),
                params["master_user_password_secret_id"],
                params["engine"],
                module.check_mode,
            )
        return Instance(params, client(module, "rds"), module.check_mode, password)

    run(module, "instance", instance)


if __name__ == "__main__":
    main()
