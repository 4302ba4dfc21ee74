# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from pathlib import Path

import yaml

ROLE = Path(__file__).resolve().parents[3] / "roles" / "load_balancer"


def test_the_health_check_is_the_documented_one_unless_told_otherwise():
    specification = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text(encoding="utf-8"))
    documented = specification["argument_specs"]["main"]["options"]["load_balancer_health_check"]["options"]
    variables = yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8"))
    assert variables["__load_balancer_default_health_check"] == {
        name: option.get("default", "{{ estate_health_path }}") for name, option in documented.items()
    }
