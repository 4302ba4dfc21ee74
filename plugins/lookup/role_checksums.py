# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: role_checksums
short_description: The checksums of the files of roles
version_added: 0.1.0
description:
  - Answers for each role what its files are, so that a change in any of them can be seen.
  - A role is found as Ansible finds it, in its collection, or by its name in C(roles/) beside the playbook and in the
    paths of Ansible's configuration. What is not run, its C(README.md) and what is hidden, does not count.
options:
  _terms:
    description: The names of the roles.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show what the files of a role are
  ansible.builtin.debug:
    msg: "{{ lookup('wellarchitected.aws.role_checksums', 'wellarchitected.aws.host_baseline') }}"
"""

RETURN = r"""
_raw:
  description: For each role its name (C(role)) and the SHA-256 of its files by their paths in it (C(files)).
  type: list
  elements: dict
"""

import hashlib
from pathlib import Path

from ansible import constants as C
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.collection_loader._collection_finder import _get_collection_role_path


def checksums(folder):
    """The SHA-256 of each file of a role that is run, by its path in the role."""
    files = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        str(name): hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in files.items()
        if name.name != "README.md" and not any(part.startswith((".", "__pycache__")) for part in name.parts)
    }


class LookupModule(LookupBase):
    """Answers a dict for each role."""

    def run(self, terms, variables=None, **kwargs):
        return [{"role": name, "files": checksums(self._folder(name))} for name in terms]

    def _folder(self, name):
        found = _get_collection_role_path(name) if name.count(".") >= 2 else None
        if found:
            return Path(found[1])
        beside = self._loader.get_basedir()
        places = [Path(beside, "roles"), *map(Path, C.DEFAULT_ROLES_PATH or []), Path(beside)]
        for place in places:
            if (place / name).is_dir():
                return place / name
        listed = ", ".join(str(place) for place in places)
        raise AnsibleLookupError(f"There is no role {name}, neither in a collection nor in: {listed}.")
