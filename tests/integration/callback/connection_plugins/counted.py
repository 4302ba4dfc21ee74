# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = """
name: counted
author: wellarchitected.aws contributors (@wellarchitected)
short_description: Local, and notes three API calls for each module, as the connection plugin warm notes real ones
description: For tests.
extends_documentation_fragment: [connection_pipelining]
"""

from pathlib import Path

from ansible import constants as C
from ansible.plugins.connection.local import Connection as Local


class Connection(Local):
    transport = "counted"

    def __init__(self, *args, task_uuid="", **kwargs):
        super().__init__(*args, **kwargs)
        self._task_uuid = task_uuid

    def exec_command(self, cmd, in_data=None, sudoable=True):
        if in_data:
            with open(Path(C.DEFAULT_LOCAL_TMP, "warm-calls"), "a", encoding="ascii") as calls:
                calls.write(f"{self._task_uuid} 3\n")
        return super().exec_command(cmd, in_data, sudoable)
