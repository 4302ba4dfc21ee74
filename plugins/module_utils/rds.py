# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules of RDS have in common: errors, patience, tags, windows, log exports, and what waits for a window."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from . import arn_tags
from .reconcile import Resource
from .secretsmanager import NOT_MADE_YET, Value, find_password

State = dict[str, Any]

# Seconds between two looks at something that takes minutes: soon at first, for what is quick.
PAUSES = (1, 2, 4, 8, 15)

# For how many seconds a refusal by what does not look busy may still be because of its state.
IDLE_PATIENCE = 120

# What a resource answers while it, or what it belongs to, is busy with something else.
BUSY = (
    "InvalidDBClusterEndpointStateFault",
    "InvalidDBClusterStateFault",
    "InvalidDBInstanceState",
    "InvalidDBParameterGroupState",
    "InvalidDBProxyEndpointStateFault",
    "InvalidDBProxyStateFault",
)

# States in which a database serves, whatever RDS does with it besides; its storage may be optimised for hours.
USABLE = frozenset(
    {"available", "backing-up", "storage-config-upgrade", "storage-initialization", "storage-optimization"}
)

# States that a cluster or an instance does not leave without help, so that waiting is in vain.
FAILED = frozenset(
    {
        "cloning-failed",
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-create",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-capacity",
        "insufficient-resource-limits",
        "migration-failed",
        "restore-error",
        "storage-full",
    }
)

# The members of PendingModifiedValues by the options that they are values of. A password that waits is never told.
PENDING = {
    "allocated_storage": "AllocatedStorage",
    "backup_retention_period": "BackupRetentionPeriod",
    "ca_certificate_identifier": "CACertificateIdentifier",
    "db_instance_class": "DBInstanceClass",
    "db_subnet_group_name": "DBSubnetGroupName",
    "dedicated_log_volume": "DedicatedLogVolume",
    "enable_iam_database_authentication": "IAMDatabaseAuthenticationEnabled",
    "engine": "Engine",
    "engine_version": "EngineVersion",
    "iops": "Iops",
    "license_model": "LicenseModel",
    "multi_az": "MultiAZ",
    "port": "Port",
    "storage_throughput": "StorageThroughput",
    "storage_type": "StorageType",
}


# The tag that says which version of its secret the master password is: RDS tells no password, so it is remembered so.
PASSWORD_TAG = "MasterPasswordVersion"

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
LONGEST_PASSWORDS = {"aurora": 41, "mariadb": 41, "mysql": 41, "oracle": 30}
LONGEST_PASSWORD = 255
NOT_IN_PASSWORDS = '/"@ '


class RdsErrorHandler(AWSErrorHandler):
    """Decorators for the functions that call RDS; what is not there is not an error of a read or a deletion."""

    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(
            [
                "DBClusterEndpointNotFoundFault",
                "DBClusterNotFoundFault",
                "DBClusterParameterGroupNotFound",
                "DBClusterSnapshotNotFoundFault",
                "DBInstanceNotFound",
                "DBParameterGroupNotFound",
                "DBProxyEndpointNotFoundFault",
                "DBProxyNotFoundFault",
                "DBProxyTargetGroupNotFoundFault",
                "DBProxyTargetNotFoundFault",
                "DBSnapshotNotFound",
                "DBSubnetGroupNotFoundFault",
                "SubscriptionNotFound",
            ]
        )


def patiently(
    call: Callable[[], Any],
    timeout: float,
    codes: Iterable[str] = BUSY,
    is_idle: Callable[[], bool] = lambda: False,
) -> Any:
    """Call until RDS is no longer busy, for at most so many seconds; then its last error is raised.

    is_idle says whether nothing is to be seen that could end, as RDS answers the same to what is never possible.
    """
    codes = list(codes)
    end = time.monotonic() + timeout
    idle_since = None
    for pause in _pauses():
        try:
            return call()
        except is_boto3_error_code(codes):
            now = time.monotonic()
            if not is_idle():
                idle_since = None
            elif idle_since is None:
                idle_since = now
            limit = end if idle_since is None else min(end, idle_since + IDLE_PATIENCE)
            if now + pause > limit:
                raise
        time.sleep(pause)
    return None


def wait_until(look: Callable[[], Any], done: Callable[[Any], bool], timeout: float, goal: str) -> Any:
    """Look until what is seen is done with, and answer it.

    goal completes a sentence: "the cluster data to be available". Raises AnsibleAWSError after so many seconds, or as
    soon as the status is one of FAILED; a dictionary's status is its "status".
    """
    end = time.monotonic() + timeout
    for pause in _pauses():
        seen = look()
        if done(seen):
            return seen
        status = seen.get("status") if isinstance(seen, dict) else None
        if status in FAILED:
            raise AnsibleAWSError(message=f"Waited in vain for {goal}: its status is {status}.")
        if time.monotonic() + pause > end:
            now = f" Its status is {status}." if status else ""
            raise AnsibleAWSError(message=f"Waited {timeout} seconds for {goal}, which was not enough.{now}")
        time.sleep(pause)
    return None


def _pauses() -> Iterable[float]:
    yield from PAUSES
    while True:
        yield PAUSES[-1]


class SlowResource(Resource):
    """What RDS makes, changes and deletes in its own time, and that has a status which says so.

    what: what it is called in sentences, such as "proxy". settled: the states in which RDS has nothing to do with it.
    """

    what: str
    settled = frozenset({"available"})

    def __init__(self, fields: State, params: State, rds: Any, name: str) -> None:
        super().__init__(fields, params["purge_tags"])
        self.rds = rds
        self.name = name.lower()
        self.absent = params["state"] == "absent"
        self.wait = params["wait"]
        self.wait_timeout = params["wait_timeout"]

    def is_there(self, description: State | None) -> bool:
        """Whether what RDS describes counts: what is being deleted does not when nobody waits for it to be gone."""
        return bool(description) and not (description["Status"] == "deleting" and self.absent and not self.wait)

    def changes(self, current: State) -> State:
        changes = super().changes(current)
        return {**changes, "status": "available"} if current["status"] == "deleting" else changes

    def delete(self, current: State) -> None:
        if current["status"] != "deleting":
            self._delete()
        if self.wait:
            self._wait_for("gone", lambda state: state is None)

    def _delete(self) -> None:
        """Ask RDS to delete it."""
        raise NotImplementedError

    def _wait_if_asked(self) -> None:
        if self.wait:
            self._wait_for("available", lambda state: state is not None and state["status"] in self.settled)

    def _wait_for(self, end: str, done: Callable[[State | None], bool]) -> None:
        wait_until(self.find, done, self.wait_timeout, f"the {self.what} {self.name} to be {end}")


def fixed_refusal(title: str, current: State, changes: State, fixed: Iterable[str], advice: str) -> str | None:
    """The sentences that refuse to change one of the fields that AWS does not change; None when none changes."""
    for field in fixed:
        if field in changes:
            before, after = (_told(state[field]) for state in (current, changes))
            return f"{title} has the {field} {before}, which AWS does not change to {after}. {advice}"
    return None


def _told(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) else value


def read_tags(description: State) -> dict[str, str]:
    """The tags of what RDS describes together with its tags: clusters, instances, snapshots."""
    return boto3_tag_list_to_ansible_dict(description.get("TagList", []))


def write_tags(tags: Mapping[str, str]) -> list[State]:
    return ansible_dict_to_boto3_tag_list(tags)


change_tags = RdsErrorHandler.common_error_handler("tag {arn}")(arn_tags.change_tags)


def read_status(description: State, member: str) -> str:
    """The status of a cluster or an instance, which is still available just after a password was sent to it."""
    waits = description.get("PendingModifiedValues", {}).get("MasterUserPassword")
    status = description[member]
    return "resetting-master-credentials" if waits and status == "available" else status


def secret_password(secretsmanager: Any, secret_id: str, engine: str | None, check_mode: bool) -> Value:
    """The password in a secret. Raises AnsibleAWSError when there is none, or one that RDS would not take."""
    password = find_password(secretsmanager, secret_id, check_mode)
    wrong = None if password.version == NOT_MADE_YET else refused_password(password.text, engine or "")
    if wrong:
        raise AnsibleAWSError(message=f"The password in the secret {secret_id} {wrong}.")
    return password


def refused_password(password: str, engine: str) -> str | None:
    """Why RDS does not take a password, as the end of a sentence; None when it does."""
    longest = LONGEST_PASSWORDS.get(engine.partition("-")[0], LONGEST_PASSWORD)
    if not 8 <= len(password) <= longest:
        return f"has {len(password)} characters; RDS takes 8 to {longest}"
    if not (password.isascii() and password.isprintable()) or set(password) & set(NOT_IN_PASSWORDS):
        return 'has a character that RDS does not take: it takes those of ASCII that can be seen, without /, " and @'
    return None


def is_another_password(current: State, changes: State) -> bool:
    """Whether changes of the tags say that the password is to be another version of its secret."""
    wanted = changes.get("tags", {}).get(PASSWORD_TAG)
    return wanted is not None and wanted != current["tags"].get(PASSWORD_TAG)


def normal_window(window: str) -> str:
    """A maintenance or backup window as RDS answers it: Sun:18:00-Sun:19:00 is sun:18:00-sun:19:00."""
    return window.strip().lower()


def same_window(current: str | None, wanted: str) -> bool:
    return normal_window(current or "") == normal_window(wanted)


def same_set(current: Iterable[str] | None, wanted: Iterable[str]) -> bool:
    """Whether two lists, whose order says nothing, have the same in them: security groups, log types."""
    return set(current or ()) == set(wanted)


def same_proxy_subnets(current: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether a proxy is where it is wanted: AWS leaves out subnets of zones without proxies, and does not say so.

    https://github.com/hashicorp/terraform-provider-aws/issues/17781
    """
    return bool(current) and set(current) <= set(wanted)


def same_version(current: str | None, wanted: str) -> bool:
    """Whether a version is the one wanted, or a newer minor one of what is wanted by its beginning, such as 8.0."""
    return current is not None and f"{current}.".startswith(f"{wanted}.")


def version_number(version: str) -> tuple[int, ...]:
    """A version by which versions can be put in order: of 8.0.mysql_aurora.3.08.2 (8, 0, 3, 8, 2)."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def major_version(version: str) -> str:
    """The part of a version that only changes by a major upgrade: 8.0 of MySQL's, 16 of PostgreSQL's."""
    first, *rest = version.split(".")
    return first if first.isdigit() and int(first) >= 10 else ".".join([first, *rest[:1]])


@RdsErrorHandler.common_error_handler("list the versions of {engine}")
def newest_version(rds: Any, engine: str, beginning: str) -> str:
    """The newest version that AWS offers and that begins so. Raises AnsibleAWSError when there is none."""
    pages = rds.get_paginator("describe_db_engine_versions").paginate(Engine=engine)
    offered = [version["EngineVersion"] for page in pages for version in page["DBEngineVersions"]]
    if beginning in offered:
        return beginning
    # What has a hyphen is another product under the engine's name, such as 16.4-limitless.
    matching = [version for version in offered if same_version(version, beginning) and "-" not in version]
    if not matching:
        newest = ", ".join(sorted(offered, key=version_number)[-3:]) or "none at all"
        raise AnsibleAWSError(
            message=f"AWS offers no version {beginning} of {engine}; the newest are {newest}. Change engine_version."
        )
    return max(matching, key=version_number)


def log_exports_change(current: Iterable[str], wanted: Iterable[str]) -> dict[str, list[str]]:
    """The CloudwatchLogsExportConfiguration that makes the current exports those wanted; what is empty is left out."""
    change = {
        "EnableLogTypes": sorted(set(wanted) - set(current)),
        "DisableLogTypes": sorted(set(current) - set(wanted)),
    }
    return {member: types for member, types in change.items() if types}


def read_pending(description: State) -> State:
    """What has been asked for, but waits for the maintenance window or is under way, by the options' names."""
    pending = description.get("PendingModifiedValues", {})
    values = {field: pending[member] for field, member in PENDING.items() if pending.get(member) is not None}
    logs = pending.get("PendingCloudwatchLogsExports", {})
    if logs.get("LogTypesToEnable") or logs.get("LogTypesToDisable"):
        exports = set(description.get("EnabledCloudwatchLogsExports", []))
        exports = (exports | set(logs.get("LogTypesToEnable", []))) - set(logs.get("LogTypesToDisable", []))
        values["enabled_cloudwatch_logs_exports"] = sorted(exports)
    return values


def pending_warning(what: str, state: State | None) -> str | None:
    """A sentence on what waits for the maintenance window; None when nothing does."""
    pending = (state or {}).get("pending_modified_values")
    if not pending:
        return None
    values = ", ".join(f"{field} {value}" for field, value in sorted(pending.items()))
    window = state.get("preferred_maintenance_window") or "its next one"
    return (
        f"{what} has pending changes: {values}. What waits for the maintenance window ({window}) is applied then, or "
        "now by a change with apply_immediately: true."
    )
