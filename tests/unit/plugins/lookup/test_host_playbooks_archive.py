# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import base64
import io
import json
import re
import zipfile

import pytest
import yaml
from ansible.errors import AnsibleLookupError
from ansible.parsing.vault import EncryptedString
from ansible_collections.wellarchitected.aws.plugins.lookup.host_playbooks_archive import (
    COLLECTION,
    LookupModule,
    contents,
)

BELOW = "collections/ansible_collections/wellarchitected/aws/"


@pytest.fixture
def read():
    """The contents of the archive with given variables, by path."""

    def read(variables):
        (archive,) = LookupModule().run([variables])
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(archive))) as opened:
            return {name: opened.read(name).decode() for name in opened.namelist()}

    return read


def test_all_that_the_host_roles_need_is_in_it(read):
    files = read({"host_baseline_time_zone": "Asia/Tokyo"})
    roles = [
        task["ansible.builtin.import_role"]["name"].rpartition(".")[2]
        for task in yaml.safe_load((COLLECTION / "playbooks/tasks/host_roles.yml").read_text())
    ]
    ours = {name.removeprefix(BELOW): text for name, text in files.items() if name.startswith(BELOW)}
    assert {name.split("/")[1] for name in ours if name.startswith("roles/")} == set(roles)
    plugins = {name: text for name, text in ours.items() if name.startswith("plugins/")}
    for text in plugins.values():
        imported = re.findall(r"^from ansible_collections\.wellarchitected\.aws\.([\w.]+)", text, re.MULTILINE)
        assert {f"{name.replace('.', '/')}.py" for name in imported} <= plugins.keys()
    named = re.findall(r"^ +wellarchitected\.aws\.(\w+):$", "\n".join(ours.values()), re.MULTILINE)
    assert {f"plugins/modules/{name}.py" for name in named} <= plugins.keys()
    assert json.loads(files["group_vars/all.yml"]) == {"host_baseline_time_zone": "Asia/Tokyo"}


def test_nothing_of_aws_is_in_it(read):
    """A host has ansible-core alone, and neither boto3 nor another collection."""
    for name, text in read({}).items():
        assert "boto" not in text or name.endswith(("argument_specs.yml", ".json")), name
        # A module is looked for as soon as a file of tasks is read; this one is only where a parameter is kept.
        if "/tasks/" in name and not name.endswith("host_cloudwatch_agent/tasks/parameter.yml"):
            assert not re.search(r"(amazon|community)\.aws\.", text), name
    assert not [name for name in read({}) if "README" in name or "__pycache__" in name]


def test_what_is_encrypted_is_refused(read):
    secret = EncryptedString(ciphertext="$ANSIBLE_VAULT;1.1;AES256\n6162")
    for value in (secret, {"deep": [secret]}):
        with pytest.raises(AnsibleLookupError, match=r"^host_secret: what Ansible Vault has encrypted"):
            read({"host_name": "a", "host_secret": value})


def test_what_is_no_variables(read):
    with pytest.raises(AnsibleLookupError, match=r"takes dicts of variables, not 'x'"):
        read("x")
    with pytest.raises(AnsibleLookupError, match="No archive can be made: Object of type"):
        read({"host_x": object()})


def test_of_the_collection_only_its_parts_are_read():
    found = contents(COLLECTION)
    assert not [name for name in found if name.startswith((".", "tests", "sandbox"))]
    assert "meta/runtime.yml" in found
