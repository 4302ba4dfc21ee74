#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A module that behaves badly on request."""

from __future__ import annotations

import os
import sys
import time

from ansible.module_utils.basic import AnsibleModule

BEHAVIOURS = {
    "answer": lambda module: module.exit_json(
        cwd=os.getcwd(), colour=os.environ.get("COLOUR"), text="ä 日本 \U0001f600"
    ),
    "fail": lambda module: module.fail_json(msg="no"),
    "raise": lambda module: {}["missing"],
    "garbage around": lambda module: (print("garbage {"), module.exit_json(a=1)),
    "garbage": lambda module: (os.write(1, bytes(range(256))), sys.exit(0)),
    "nothing": lambda module: sys.exit(0),
    "10 MB": lambda module: module.exit_json(text="0123456789" * 1048576),
    "signal": lambda module: os.kill(os.getpid(), 9),
    "sleep": lambda module: time.sleep(30),
    "files": lambda module: module.exit_json(
        temporary=os.path.isdir(module.tmpdir), runs=module.run_command(["sh", "-c", "echo $COLOUR; umask"])
    ),
    "warn": lambda module: (module.warn("careful"), module.deprecate("old", version="9.0.0"), module.exit_json()),
}


def main():
    module = AnsibleModule({"how": {"choices": list(BEHAVIOURS)}}, supports_check_mode=True)
    BEHAVIOURS[module.params["how"]](module)


if __name__ == "__main__":
    main()
