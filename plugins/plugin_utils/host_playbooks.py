# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The archive by which hosts configure themselves: the host roles, what of the collection they need, and variables.

AWS-ApplyAnsiblePlaybooks extracts it in a folder of its own and runs ``ansible-playbook -i localhost, -c local`` there,
with nothing but ansible-core on the host.
https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-state-manager-ansible.html
"""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

COLLECTION = "collections/ansible_collections/wellarchitected/aws"
# The one list of the host roles, which playbooks/hosts.yml runs, too.
ROLE_LIST = "playbooks/tasks/host_roles.yml"
# By it Ansible knows which ansible-core the collection needs.
REQUIREMENTS = "meta/runtime.yml"
# Of what a run says Run Command keeps 24,000 characters, which are those of what has changed.
CONFIGURATION = """\
[defaults]
collections_path = collections
display_ok_hosts = false
display_skipped_hosts = false
"""
# The roles are included, as an older Ansible would fail at what it cannot read before it says that it is too old.
PLAYBOOK = """\
---
- name: Configure this host
  hosts: all
  gather_facts: false
  tasks:
    - name: Refuse an older Ansible than the roles need
      ansible.builtin.assert:
        that: ansible_version.full is version('{version}', '>=')
        fail_msg: >-
          Nothing was done: the host roles need ansible-core {version} or newer, and this host has
          {{{{ ansible_version.full }}}}. Have a newer one in its image; what AWS-ApplyAnsiblePlaybooks installs depends
          on the distribution.
        quiet: true

    - name: Run all host roles
      ansible.builtin.include_tasks: host_roles.yml
"""
_VERSION = re.compile(r"^requires_ansible: *[\"']?>=([\d.]+)", re.MULTILINE)
_ROLE = re.compile(r"^ +name: wellarchitected\.aws\.(\w+)$", re.MULTILINE)
_NAMED = re.compile(r"wellarchitected\.aws\.(\w+)")
_PLUGIN = re.compile(r"plugins/(?:action|filter|lookup|modules|test)/(\w+)\.py")
_PLUGINS = "ansible_collections.wellarchitected.aws.plugins."
# Of a role what is not run.
_NOT_RUN = re.compile(r"(^|/)(README\.md|\..*|__pycache__|tests)(/|$)")
# The oldest time that a ZIP file can tell.
_TIME = (1980, 1, 1, 0, 0, 0)


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP file of files by their paths, whose bytes depend on nothing else.

    Nothing is compressed, as versions of zlib differ in what they make of the same input.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as written:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = 3  # Unix, on whatever machine it is made
            entry.external_attr = 0o100644 << 16
            written.writestr(entry, files[name])
    return target.getvalue()


def roles_of(role_list: str) -> list[str]:
    """The names of the collection's roles that a list of tasks imports, in its order."""
    return _ROLE.findall(role_list)


def needed(collection: Mapping[str, bytes], roles: Iterable[str]) -> set[str]:
    """The paths of those files of the collection that roles need: their own, and the plugins that these name or import.

    ``collection`` has the contents of its files by their paths in it, such as ``plugins/filter/waf_rules.py``.
    """
    found: set[str] = set()
    ahead = {
        path for path in collection for role in roles if path.startswith(f"roles/{role}/") and not _NOT_RUN.search(path)
    }
    while ahead:
        found |= ahead
        ahead = {each for path in ahead for each in _used(path, collection[path], collection)} - found
    return found


def _used(path: str, content: bytes, collection: Mapping[str, bytes]) -> set[str]:
    """What a file uses of the collection's plugins: a role's file by their names, a plugin by its imports."""
    if not path.startswith("plugins/"):
        named = set(_NAMED.findall(content.decode(errors="replace")))
        return {each for each in collection if (plugin := _PLUGIN.fullmatch(each)) and plugin[1] in named}
    used = set()
    for statement in ast.walk(ast.parse(content)):
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(_PLUGINS):
            base = "plugins/" + statement.module.removeprefix(_PLUGINS).replace(".", "/")
            candidates = [base, *(f"{base}/{name.name}" for name in statement.names)]
            used |= {f"{each}{end}" for each in candidates for end in (".py", "/__init__.py")}
    return used & collection.keys()


def files(collection: Mapping[str, bytes], variables: Mapping[str, Any]) -> dict[str, bytes]:
    """All that is in the archive, by path.

    ``collection`` is as in `needed`; ``variables`` are what all hosts have in common, as JSON can say it. Raises
    ValueError when the list of roles has none of the collection's, or it is not said which ansible-core they need.
    """
    role_list = collection[ROLE_LIST]
    roles = roles_of(role_list.decode())
    if not roles:
        raise ValueError(f"{ROLE_LIST} imports no role of wellarchitected.aws.")
    version = _VERSION.search(collection[REQUIREMENTS].decode())
    if not version:
        raise ValueError(f"{REQUIREMENTS} does not say requires_ansible as >= and a version.")
    kept = sorted({*needed(collection, roles), REQUIREMENTS})
    return {
        "ansible.cfg": CONFIGURATION.encode(),
        "site.yml": PLAYBOOK.format(version=version[1]).encode(),
        "host_roles.yml": role_list,
        # JSON is YAML.
        "group_vars/all.yml": (json.dumps(variables, indent=2, sort_keys=True) + "\n").encode(),
        **{f"{COLLECTION}/{path}": collection[path] for path in kept},
    }
