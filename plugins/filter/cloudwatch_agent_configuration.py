# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: cloudwatch_agent_configuration
short_description: The configuration of the CloudWatch Agent on Linux, checked
version_added: 0.1.0
description:
  - Makes the configuration that inputs describe, and checks it against the agent's own schema, and against lists of its
    sections, options and metrics, of which the schema takes no notice.
  - What is wrong is said at once, all of it, with what may have been meant.
options:
  _input:
    description:
      - The inputs of the role P(wellarchitected.aws.host_cloudwatch_agent#role), without C(host_cloudwatch_agent_) in
        front, C(metrics), C(log_files) and so on.
    type: dict
    required: true
  prefix:
    description: What stands before the names of the inputs in messages.
    type: str
    default: ""
seealso:
  - name: Create or edit the CloudWatch agent configuration file
    description: What the sections mean.
    link: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
"""

EXAMPLES = r"""
- name: Keep the agent running with this configuration
  wellarchitected.aws.cloudwatch_agent_configuration:
    configuration: "{{ agent | wellarchitected.aws.cloudwatch_agent_configuration }}"
  vars:
    agent:
      metrics:
        mem: {measurement: [used_percent]}
        disk: {measurement: [used_percent], resources: [/]}
      log_group: /hosts
      log_files:
        - file_path: /var/log/messages
"""

RETURN = r"""
_value:
  description: The configuration.
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.cloudwatch_agent import (
    ConfigurationError,
    configuration,
)


def cloudwatch_agent_configuration(inputs, prefix=""):
    """The configuration, or an error that Ansible shows."""
    try:
        return configuration(inputs, prefix)
    except ConfigurationError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Registers the filter."""

    def filters(self):
        return {"cloudwatch_agent_configuration": cloudwatch_agent_configuration}
