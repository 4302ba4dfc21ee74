# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Wrong descriptions, and what preflight says of each.

A file of tests/fixtures/descriptions is one description, by what differs from a good one:

why: one sentence on what is wrong
set: variables of all cells
cells: variables of single cells, by cell
answers: what estate_info answers about single cells, by cell, beyond their account and zones
renamed: old names of inputs and their new ones, by layer
tags: those of the run
expect: the sentences that preflight must give, in any order; a single one may stand alone
"""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import trust_as_template
from ansible_collections.wellarchitected.aws.plugins.action.preflight import ActionModule

FIXTURES = Path(__file__).parents[3] / "fixtures" / "descriptions"
CELLS = {
    "virginia": {"cell_region": "us-east-1"},
    "tokyo": {"cell_region": "ap-northeast-1", "network_cidr": "10.10.0.0/16", "network_zones": ["a", "c"]},
    "osaka": {"cell_region": "ap-northeast-3", "network_cidr": "10.20.0.0/16", "network_zones": ["a", "b"]},
}
GROUPS = {"global": ["virginia"], "primary": ["tokyo"], "recovery": ["osaka"]}
ACCOUNT = "123456789012"
ZONES = {"virginia": "abcdef", "tokyo": "acd", "osaka": "abc"}


class Preflight(ActionModule):
    """The action plugin, without the connection that it has no use for."""

    def __init__(self):
        self._task = SimpleNamespace(args={}, action="preflight", async_val=0, check_mode=False)
        super().__init__(
            self._task, SimpleNamespace(_shell=SimpleNamespace(tmpdir=None)), None, DataLoader(), None, None
        )
        self.renamed = {}

    # The files stay the same from one description to the next.
    _load = functools.cache(ActionModule._load)

    def _layers(self, names):
        return [replace(layer, renamed=self.renamed.get(layer.name, {})) for layer in super()._layers(names)]


@pytest.fixture(scope="module")
def templates_are_compiled_once():
    """Descriptions differ in little, and compiling their templates takes more time than all the rest."""
    compile_template, compiled = jinja2.Environment.compile, {}

    def compile_once(environment, *template):
        if template not in compiled:
            compiled[template] = compile_template(environment, *template)
        return compiled[template]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "compile", compile_once)
        yield


@pytest.fixture(scope="module")
def preflight(templates_are_compiled_once):
    action = Preflight()

    def problems(description):
        given = {
            cell: {
                name: trust_as_template(value) if isinstance(value, str) else value
                for name, value in {
                    "cell_account_id": ACCOUNT,
                    "group_names": [group for group, members in GROUPS.items() if cell in members],
                    **variables,
                    **description.get("set", {}),
                    **description.get("cells", {}).get(cell, {}),
                }.items()
            }
            for cell, variables in CELLS.items()
        }
        action.renamed = description.get("renamed", {})
        action._task.args["answers"] = {
            cell: {
                "account_id": ACCOUNT,
                "estate": {"zones": [f"{variables['cell_region']}{letter}" for letter in ZONES[cell]]},
                **description.get("answers", {}).get(cell, {}),
            }
            for cell, variables in CELLS.items()
        }
        result = action.run(
            task_vars={
                "groups": GROUPS,
                "ansible_play_hosts_all": list(CELLS),
                "hostvars": SimpleNamespace(raw_get=given.get),
                "ansible_run_tags": description.get("tags", ["all"]),
            }
        )
        assert result.get("failed", False) == bool(result["problems"])
        return result["problems"]

    return problems


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.yml")), ids=lambda path: path.stem)
def test_description(preflight, path):
    description = yaml.safe_load(path.read_text(encoding="utf-8"))
    expected = description["expect"]
    assert sorted(preflight(description)) == sorted([expected] if isinstance(expected, str) else expected)
