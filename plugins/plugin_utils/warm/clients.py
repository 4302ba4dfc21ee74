# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the connections to hosts do again in the process of every task, done once before the first one."""

from __future__ import annotations

from ansible.plugins.loader import connection_loader

KEEPS_SESSIONS = "wellarchitected.aws.session_manager"
CONNECTIONS = frozenset({"amazon.aws.aws_ssm", "community.aws.aws_ssm", "aws_ssm", KEEPS_SESSIONS})
SERVICES = ("s3", "ssm")

_ready = False


def get_ready(play):
    """Read AWS's models of what the connection talks to, if the play's hosts are reached by Session Manager.

    The processes of all tasks are forked from this one, and have them, then. One host is asked for all of them.
    """
    global _ready
    connection = _connection_of(play)
    if _ready or connection not in CONNECTIONS:
        return
    _ready = True
    try:
        import boto3
    except ImportError:
        # The connection says so, in better words.
        return
    from ansible_collections.wellarchitected.aws.plugins.plugin_utils.warm.server import ModelCache

    connection_loader.get(connection, class_only=True)
    if connection == KEEPS_SESSIONS:
        # One process makes all of its clients.
        return
    ModelCache().install()
    # No request is made, and nothing of it is kept: what stays is what botocore has read and imported for it.
    session = boto3.session.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="us-east-1")
    for service in SERVICES:
        session.client(service)


def _connection_of(play):
    manager = play.get_variable_manager()
    hosts = manager._inventory.get_hosts(play.hosts) if manager and manager._inventory else []
    if not hosts:
        return None
    return manager.get_vars(play=play, host=hosts[0]).get("ansible_connection", play.connection)
