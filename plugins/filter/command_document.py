# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: command_document
short_description: The content of a document of Run Command that runs lines of shell
version_added: 0.1.0
description:
  - Answers the content in the members of the schema 2.2. In the lines, each parameter is a variable of the shell, whose
    name begins with C(SSM_).
options:
  _input:
    description:
      - The document, with C(description), C(lines), C(timeout) in seconds and C(parameters), by their names, with
        C(type) (V(String), V(Integer) or V(Boolean)), C(description), C(default), C(allowed_values) and
        C(allowed_pattern).
    type: dict
    required: true
seealso:
  - name: Data elements and parameters
    description: What a document has.
    link: https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-syntax-data-elements-parameters.html
"""

EXAMPLES = r"""
- name: A document that says how full a disk is
  wellarchitected.aws.ssm_document:
    name: shop-production-disk-usage
    content: >-
      {{ {'description': 'Say how full a disk is',
          'parameters': {'Path': {'allowed_pattern': '^/[a-z/]*$', 'default': '/'}},
          'lines': ['df -h "$SSM_Path"']} | wellarchitected.aws.command_document }}
"""

RETURN = r"""
_value:
  description: The content.
  type: dict
"""

from ansible_collections.wellarchitected.aws.plugins.plugin_utils.command_documents import content


def command_document(document):
    """Answers the content of a document."""
    return content(document)


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"command_document": command_document}
