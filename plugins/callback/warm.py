# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: warm
type: aggregate
author: wellarchitected.aws contributors (@wellarchitected)
short_description: Do once what Ansible does again for every task
version_added: 0.1.0
description:
  - Ansible runs every task in a process of its own, which compiles the templates of the task, and loads the plugins
    that it needs. With this callback a template is compiled once, for this run and later ones, and what nearly every
    task needs is loaded before the first one. It prints nothing, and tasks do what they do without it.
  - For hosts that are reached by P(amazon.aws.aws_ssm#connection), boto3 is imported and AWS's service models are read
    once; each task makes its clients from them. P(wellarchitected.aws.session_manager#connection) makes them once.
  - It helps all plays, whatever their connection; P(wellarchitected.aws.warm#connection) makes modules faster.
  - Compiled templates are kept on disk when they come from files that are not encrypted. Others are not, as they may
    have secrets in them.
  - Where ansible-core compiles templates in another way than this callback knows, it leaves them alone.
requirements:
  - set in C(callbacks_enabled) in the configuration
options:
  warm_cache_dir:
    description:
      - Where compiled templates are kept for later runs. Nobody else may be able to write there, or it is not used.
      - It is that of P(wellarchitected.aws.warm#connection), which keeps it from growing.
    type: path
    default: ~/.ansible/warm
    env:
      - name: ANSIBLE_WARM_CACHE_DIR
    ini:
      - section: warm_connection
        key: cache_dir
seealso:
  - plugin: wellarchitected.aws.warm
    plugin_type: connection
"""

from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import action_loader, connection_loader, filter_loader, lookup_loader, test_loader
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.warm.clients import get_ready
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.warm.templates import remember

# One filter, and one test, brings all of Ansible's own.
NEEDED = (
    (connection_loader, "wellarchitected.aws.warm"),
    (action_loader, "ansible.legacy.normal"),
    (lookup_loader, "ansible.builtin.env"),
    (filter_loader, "ansible.builtin.combine"),
    (test_loader, "ansible.builtin.match"),
)


class CallbackModule(CallbackBase):
    """Works in the process that all others are forked from."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "wellarchitected.aws.warm"
    CALLBACK_NEEDS_ENABLED = True

    def set_options(self, *args, **kwargs):
        """Gets ready; called once in a run, however many playbooks it has."""
        super().set_options(*args, **kwargs)
        remember(self.get_option("warm_cache_dir"))
        for loader, name in NEEDED:
            loader.get(name, class_only=True)

    def v2_playbook_on_play_start(self, play):
        """Gets ready for hosts that are reached by Session Manager."""
        get_ready(play)
