# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a role says of its inputs, and what it does with them, agree."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
NAMES = sorted(path.parents[1].name for path in ROLES.glob("*/meta/argument_specs.yml"))


def options_of(role: str) -> dict:
    specification = yaml.safe_load((ROLES / role / "meta/argument_specs.yml").read_text(encoding="utf-8"))
    return specification["argument_specs"]["main"]["options"]


def defaults_of(role: str) -> dict:
    return yaml.safe_load((ROLES / role / "defaults/main.yml").read_text(encoding="utf-8"))


def leaves(options: dict, path: str = "") -> list[tuple[str, dict]]:
    """All options with their paths, nested ones too."""
    found = []
    for name, option in options.items():
        found += [(f"{path}{name}", option), *leaves(option.get("options", {}), f"{path}{name}.")]
    return found


def test_every_role_has_its_specification():
    assert {path.parent.name for path in ROLES.glob("*/tasks")} <= set(NAMES)
    assert "network" in NAMES


@pytest.mark.parametrize("role", NAMES)
def test_every_input_has_its_default_and_every_default_is_an_input(role):
    options, defaults = options_of(role), defaults_of(role)
    optional = {name for name, option in options.items() if not option.get("required")}
    # A profile and a role to assume are left out by those who need neither.
    assert optional - {"cell_profile", "cell_role_arn"} == set(defaults)


@pytest.mark.parametrize("role", NAMES)
def test_the_defaults_are_those_that_are_documented(role):
    defaults = defaults_of(role)
    documented = {name: option["default"] for name, option in options_of(role).items() if "default" in option}
    assert {name: defaults[name] for name in documented} == documented


@pytest.mark.parametrize("role", NAMES)
def test_every_input_says_its_type_and_what_it_is_for(role):
    for path, option in leaves(options_of(role)):
        assert option.get("type"), path
        assert option.get("description"), path
        assert option["type"] != "list" or option.get("elements"), path


@pytest.mark.parametrize("role", [name for name in NAMES if name != "estate" and not name.startswith("host_")])
def test_every_layer_can_be_taken_away(role):
    assert (ROLES / role / "tasks/destroy.yml").exists()
    specification = yaml.safe_load((ROLES / role / "meta/argument_specs.yml").read_text(encoding="utf-8"))
    assert specification["argument_specs"]["destroy"]["options"] == options_of(role)
