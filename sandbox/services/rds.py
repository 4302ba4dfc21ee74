# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""RDS: instances take their time to become available, to change, and to go; clusters are in rds_clusters.py.

What can be done in which state:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.rds.models import DBInstance, DBInstanceClustered, RDSBackend

from sandbox.clock import CLOCK
from sandbox.errors import ServiceError
from sandbox.operations import mend

_UNREADY = ("creating", "modifying", "deleting")

# Changes for which RDS moves or restarts the instance.
_SLOW_CHANGES = {"allocated_storage", "db_instance_class", "engine_version", "iops", "multi_az", "storage_type"}


def _kind(instance: DBInstance) -> str:
    return "aurora_instance" if isinstance(instance, DBInstanceClustered) else "rds_instance"


def _refuse_unready_instance(backend: Any, name: str, *states: str) -> None:
    instance = backend.databases.get(name)
    if instance and instance.status in states:
        message = f"Instance {name} is {instance.status}, so that this cannot be done with it."
        raise ServiceError("InvalidDBInstanceState", message)


@mend(DBInstance, "endpoint")
def endpoint(original: Callable, self: DBInstance) -> dict[str, Any] | None:
    """An instance that is being created has no address yet."""
    return None if self.status == "creating" else original(self)


@mend(RDSBackend, "create_db_instance")
def create_db_instance(original: Callable, self: Any, db_kwargs: dict[str, Any]) -> DBInstance:
    instance = original(self, db_kwargs)
    CLOCK.turn(instance, "status", "creating", "available", f"{_kind(instance)}.creation")
    return instance


@mend(RDSBackend, "create_db_instance_read_replica")
def create_db_instance_read_replica(original: Callable, self: Any, db_kwargs: dict[str, Any]) -> DBInstance:
    source = self.find_db_from_id(db_kwargs["source_db_instance_identifier"])
    _refuse_unready_instance(source.backend, source.db_instance_identifier, *_UNREADY)
    replica = original(self, db_kwargs)
    CLOCK.turn(replica, "status", "creating", "available", f"{_kind(replica)}.creation")
    return replica


@mend(RDSBackend, "modify_db_instance")
def modify_db_instance(
    original: Callable, self: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]
) -> DBInstance:
    """Only an instance that is ready can be changed, and larger changes keep it busy when they are made at once."""
    _refuse_unready_instance(self, db_instance_identifier, *_UNREADY)
    instance = self.databases.get(db_instance_identifier)
    before = {name: getattr(instance, name, None) for name in _SLOW_CHANGES}
    changed = {name for name in _SLOW_CHANGES if db_kwargs.get(name) not in (None, before[name])}
    instance = original(self, db_instance_identifier, db_kwargs)
    if db_kwargs.get("apply_immediately") and changed and instance.status == "available":
        CLOCK.turn(instance, "status", "modifying", "available", "rds_instance.modification")
    return instance


@mend(RDSBackend, "create_db_snapshot")
def create_db_snapshot(original: Callable, self: Any, db_instance_identifier: str, *args: Any, **kwargs: Any) -> Any:
    _refuse_unready_instance(self, db_instance_identifier, *_UNREADY)
    return original(self, db_instance_identifier, *args, **kwargs)


@mend(RDSBackend, "reboot_db_instance")
def reboot_db_instance(original: Callable, self: Any, db_instance_identifier: str) -> DBInstance:
    _refuse_unready_instance(self, db_instance_identifier, *_UNREADY)
    return original(self, db_instance_identifier)


@mend(RDSBackend, "delete_db_instance")
def delete_db_instance(original: Callable, self: Any, db_instance_identifier: str, **options: Any) -> DBInstance:
    _refuse_unready_instance(self, db_instance_identifier, "deleting")
    instance = original(self, db_instance_identifier, **options)
    CLOCK.linger(self.databases, db_instance_identifier, instance, f"{_kind(instance)}.deletion")
    return instance
