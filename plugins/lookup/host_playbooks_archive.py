# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: host_playbooks_archive
short_description: The archive by which hosts configure themselves
version_added: 0.1.0
description:
  - Makes a ZIP file of the host roles, of what they need of this collection, and of variables. On a host with
    ansible-core C(site.yml) in it runs them, with nothing else installed; C(AWS-ApplyAnsiblePlaybooks) does so.
  - It has the same bytes for the same contents, so that it is seen whether it is new.
options:
  _terms:
    description:
      - For each archive the variables of its hosts, a dict. A value that Ansible Vault has encrypted is refused; one in
        a file that is encrypted as a whole cannot be told from any other.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Upload what hosts are to do by themselves
  wellarchitected.aws.s3_objects:
    bucket: example-artifacts
    prefix: hosts/
    objects:
      site.zip: "{{ lookup('wellarchitected.aws.host_playbooks_archive', {'host_baseline_time_zone': 'UTC'}) }}"
    objects_are_base64: true
"""

RETURN = r"""
_raw:
  description: Each archive, in base64.
  type: list
  elements: str
"""

import base64
from pathlib import Path

from ansible.errors import AnsibleLookupError
from ansible.parsing.vault import VaultHelper
from ansible.plugins.lookup import LookupBase
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.host_playbooks import archive, files

COLLECTION = Path(__file__).resolve().parents[2]
# What of the collection can be in it.
PARTS = ("meta/runtime.yml", "playbooks/tasks/*", "plugins/**/*", "roles/**/*")


def contents(collection):
    """The contents of a collection's files, by their paths in it."""
    paths = {path for pattern in PARTS for path in collection.glob(pattern)}
    return {
        path.relative_to(collection).as_posix(): path.read_bytes()
        for path in sorted(paths)
        if path.is_file() and "__pycache__" not in path.parts
    }


def encrypted(value):
    """Whether a value, or one in it, was encrypted by Ansible Vault; a text does not tell what it was made of."""
    if isinstance(value, dict):
        return any(map(encrypted, value.values()))
    if isinstance(value, list):
        return any(map(encrypted, value))
    return VaultHelper.get_ciphertext(value, with_tags=False) is not None


class LookupModule(LookupBase):
    """Answers an archive for each dict of variables."""

    def run(self, terms, variables=None, **kwargs):
        known = contents(COLLECTION)
        return [self._archive(known, term) for term in terms]

    def _archive(self, known, variables):
        if not isinstance(variables, dict):
            raise AnsibleLookupError(f"host_playbooks_archive takes dicts of variables, not {variables!r}.")
        secret = sorted(name for name, value in variables.items() if encrypted(value))
        if secret:
            raise AnsibleLookupError(
                f"{', '.join(secret)}: what Ansible Vault has encrypted would be in the archive in plain text, where "
                "every host can read it. Keep it in Parameter Store or Secrets Manager, or configure such hosts by "
                "playbooks/hosts.yml alone."
            )
        try:
            return base64.b64encode(archive(files(known, variables))).decode()
        except (TypeError, ValueError) as error:
            raise AnsibleLookupError(f"No archive can be made: {error}") from error
