# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A task that does what its arguments say: change, warn, wait, fail. No Python is started for it, so it is fast."""

from __future__ import annotations

import time

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        time.sleep(float(self._task.args.get("seconds", 0)))
        change, failure = self._task.args.get("change"), self._task.args.get("fail")
        answer = {"changed": bool(change)}
        if self._task.args.get("warn"):
            answer["warnings"] = [self._task.args["warn"]]
        if failure:
            return answer | {"failed": True, "msg": failure}
        return answer | ({"diff": {"before": "nothing\n", "after": f"{change}\n"}} if change else {})
