# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible_collections.wellarchitected.aws.plugins.lookup.role_checksums import LookupModule


@pytest.fixture
def look_up(tmp_path):
    loader = DataLoader()
    loader.set_basedir(str(tmp_path))
    lookup = LookupModule(loader=loader)
    return lambda *names: lookup.run(list(names), {})


def write(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_what_is_run_counts_and_what_is_read_does_not(look_up, tmp_path):
    role = tmp_path / "roles" / "shop"
    write(role, tasks__main_yml="[]", README_md="# Shop", _hidden="x")
    (before,) = look_up("shop")
    assert before["role"] == "shop"
    assert list(before["files"]) == ["tasks/main.yml"]
    write(role, README_md="# The shop")
    assert look_up("shop") == [before]
    write(role, tasks__main_yml="[ ]")
    assert look_up("shop") != [before]


def test_a_role_that_is_not_there(look_up, tmp_path):
    with pytest.raises(AnsibleLookupError, match=f"no role missing, neither in a collection nor in: {tmp_path}/roles"):
        look_up("missing")
