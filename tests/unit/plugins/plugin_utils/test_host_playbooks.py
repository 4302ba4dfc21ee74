# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import io
import json
import zipfile

import pytest
from ansible_collections.wellarchitected.aws.plugins.plugin_utils import host_playbooks

IMPORT = "from ansible_collections.wellarchitected.aws.plugins."
COLLECTION = {
    "meta/runtime.yml": b"requires_ansible: '>=2.19'",
    "playbooks/tasks/host_roles.yml": b"""\
- name: First
  ansible.builtin.import_role:
    name: wellarchitected.aws.host_first
- name: Second
  ansible.builtin.import_role:
    name: wellarchitected.aws.host_second
""",
    "roles/host_first/tasks/main.yml": b"- wellarchitected.aws.used: {}",
    "roles/host_first/README.md": b"wellarchitected.aws.unused",
    "roles/host_first/.hidden": b"wellarchitected.aws.unused",
    "roles/host_second/templates/a.j2": b"{{ x | wellarchitected.aws.shaped }}",
    "roles/network/tasks/main.yml": b"- wellarchitected.aws.unused: {}",
    "plugins/modules/used.py": f"{IMPORT}module_utils.deep import (\n    parts,\n    other,\n)\n".encode(),
    "plugins/modules/unused.py": b"import boto3",
    "plugins/filter/shaped.py": f"def shaped():\n    {IMPORT}plugin_utils.shapes import shape".encode(),
    "plugins/module_utils/deep/__init__.py": b"",
    "plugins/module_utils/deep/parts.py": f"{IMPORT}module_utils.hints import hint\nimport os\n".encode(),
    "plugins/module_utils/deep/left.py": b"",
    "plugins/module_utils/hints.py": b"",
    "plugins/plugin_utils/shapes.py": b"",
    "plugins/plugin_utils/aws.py": b"",
}


def test_the_same_contents_are_the_same_bytes():
    files = {"b.txt": b"b", "a/c.txt": b"c"}
    made = host_playbooks.archive(files)
    assert made == host_playbooks.archive(dict(reversed(files.items())))
    assert made != host_playbooks.archive({**files, "b.txt": b"B"})
    with zipfile.ZipFile(io.BytesIO(made)) as read:
        assert {entry.filename: read.read(entry) for entry in read.infolist()} == files
        assert {entry.external_attr >> 16 for entry in read.infolist()} == {0o100644}


def test_nothing_but_what_the_roles_need():
    assert host_playbooks.needed(COLLECTION, ["host_first", "host_second"]) == {
        "roles/host_first/tasks/main.yml",
        "roles/host_second/templates/a.j2",
        "plugins/modules/used.py",
        "plugins/filter/shaped.py",
        "plugins/module_utils/deep/__init__.py",
        "plugins/module_utils/deep/parts.py",
        "plugins/module_utils/hints.py",
        "plugins/plugin_utils/shapes.py",
    }


def test_there_is_one_list_of_roles():
    files = host_playbooks.files(COLLECTION, {"host_first_size": 3})
    assert files["host_roles.yml"] == COLLECTION["playbooks/tasks/host_roles.yml"]
    assert json.loads(files["group_vars/all.yml"]) == {"host_first_size": 3}
    assert files[f"{host_playbooks.COLLECTION}/meta/runtime.yml"] == COLLECTION["meta/runtime.yml"]
    assert f"{host_playbooks.COLLECTION}/roles/network/tasks/main.yml" not in files
    assert "is version('2.19', '>=')" in files["site.yml"].decode()
    with pytest.raises(ValueError, match=r"meta/runtime\.yml does not say requires_ansible"):
        host_playbooks.files({**COLLECTION, "meta/runtime.yml": b""}, {})
    with pytest.raises(ValueError, match=r"playbooks/tasks/host_roles\.yml imports no role"):
        host_playbooks.files({**COLLECTION, "playbooks/tasks/host_roles.yml": b"[]"}, {})
