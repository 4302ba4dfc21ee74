# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = (HERE.parents[2] / "plugins" / "modules").glob("[!_]*.py")
# The others do not talk to AWS.
NAMES = sorted(path.stem for path in MODULES if "AnsibleAWSModule" in path.read_text())


@pytest.mark.parametrize("name", NAMES)
def test_tested_against_the_sandbox(name):
    assert any(f'"{name}"' in test.read_text() for test in HERE.glob("test_*.py"))
