# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: session_manager
author: wellarchitected.aws contributors (@wellarchitected)
short_description: Reach hosts by Session Manager, with one session for many tasks
version_added: 0.1.0
description:
  - Does what P(amazon.aws.aws_ssm#connection) does, which it is derived from, several times as fast, and takes the same
    variables.
  - A session is kept when a task has ended, and the next task for the host goes on in it.
    P(amazon.aws.aws_ssm#connection) starts one for every task, which takes AWS a second or more.
  - A module is run by one command, for which the host fetches it from the bucket (C(pipelining)). Otherwise it takes
    five commands to make a folder on the host, put the module there, allow it to run, run it, and take it away.
  - One process has the clients of AWS, which are otherwise made again for every task, and their credentials asked for.
  - Sessions end with the C(ansible-playbook) run, with C(meta=reset_connection), and when a task is cut off.
  - A download that fails, fails. P(amazon.aws.aws_ssm#connection) would run what S3 answers in place of the file.
  - Kept sessions need Linux 5.3 or newer on the control node, and a host with a POSIX shell. Elsewhere, and on Windows
    hosts, this plugin is P(amazon.aws.aws_ssm#connection).
requirements:
  - the Session Manager plugin of AWS on the control node
  - the SSM Agent and curl on the host
  - C(s3:GetObject), C(s3:PutObject), C(s3:DeleteObject) and C(s3:ListBucket) for the bucket, C(ssm:StartSession) for
    the host and the document, and C(ssm:TerminateSession) for one's own sessions
options:
  access_key:
    description: The access key. The default chain of boto3 when not given.
    aliases: [access_key_id, aws_access_key_id]
    vars:
      - name: ansible_aws_ssm_access_key_id
    env:
      - name: AWS_ACCESS_KEY_ID
      - name: AWS_ACCESS_KEY
  secret_key:
    description: The secret key.
    aliases: [secret_access_key, aws_secret_access_key]
    vars:
      - name: ansible_aws_ssm_secret_access_key
    env:
      - name: AWS_SECRET_ACCESS_KEY
      - name: AWS_SECRET_KEY
  session_token:
    description: The token of temporary credentials.
    aliases: [aws_session_token]
    vars:
      - name: ansible_aws_ssm_session_token
    env:
      - name: AWS_SESSION_TOKEN
  profile:
    description: The profile of credentials to use.
    aliases: [aws_profile]
    vars:
      - name: ansible_aws_ssm_profile
    env:
      - name: AWS_PROFILE
      - name: AWS_DEFAULT_PROFILE
  region:
    description: The region of the host.
    default: us-east-1
    vars:
      - name: ansible_aws_ssm_region
    env:
      - name: AWS_REGION
      - name: AWS_DEFAULT_REGION
  endpoint_url:
    description: Where to reach AWS, when not at its own endpoints.
    aliases: [aws_endpoint_url]
    vars:
      - name: ansible_aws_ssm_endpoint_url
  instance_id:
    description: The id of the instance. The name of the host when not given.
    vars:
      - name: ansible_aws_ssm_instance_id
  bucket_name:
    description: The bucket by which modules and files go. What goes there is deleted at once.
    vars:
      - name: ansible_aws_ssm_bucket_name
  bucket_endpoint_url:
    description: Where to reach the bucket, when not at an endpoint of AWS.
    vars:
      - name: ansible_aws_ssm_bucket_endpoint_url
  bucket_sse_mode:
    description: How objects are encrypted, when not as the bucket is set.
    choices: [AES256, 'aws:kms']
    vars:
      - name: ansible_aws_ssm_bucket_sse_mode
  bucket_sse_kms_key_id:
    description: The key that they are encrypted with, for V(aws:kms).
    vars:
      - name: ansible_aws_ssm_bucket_sse_kms_key_id
  s3_addressing_style:
    description: How URLs name the bucket.
    choices: [path, virtual, auto]
    default: auto
    vars:
      - name: ansible_aws_ssm_s3_addressing_style
  plugin:
    description: Where the Session Manager plugin is. In C(/usr/local/bin) or in C(PATH) when not given.
    vars:
      - name: ansible_aws_ssm_plugin
    env:
      - name: AWS_SESSION_MANAGER_PLUGIN
  ssm_document:
    description: The document that says how sessions are. The preferences of the account when not given.
    vars:
      - name: ansible_aws_ssm_document
  ssm_timeout:
    description: How long a command may take, in seconds. See O(reconnection_retries), too.
    default: 60
    type: integer
    vars:
      - name: ansible_aws_ssm_timeout
  reconnection_retries:
    description: How many times a command is run again that did not come to an end. V(0) runs nothing twice.
    default: 3
    type: integer
    vars:
      - name: ansible_aws_ssm_retries
  session_idle_seconds:
    description:
      - How long a session is kept that no task uses, in seconds. It has to be shorter than the idle timeout in the
        document of sessions, which is 20 minutes when the document says nothing.
    default: 240
    type: integer
    vars:
      - name: ansible_session_idle_seconds
  session_keep:
    description:
      - How many sessions are kept that no task uses, the oldest of which end first. Each is a process on the control
        node. A play over more hosts than that gains nothing from them, and is better run in batches by C(serial).
    default: 200
    type: integer
    vars:
      - name: ansible_session_keep
  pipelining:
    description: Whether a module is run by one command.
    type: bool
    default: true
    env:
      - name: ANSIBLE_PIPELINING
    ini:
      - section: defaults
        key: pipelining
      - section: connection
        key: pipelining
    vars:
      - name: ansible_pipelining
notes:
  - The remote user is who the document of sessions says, C(ssm-user) otherwise. Use C(become) for another one.
seealso:
  - plugin: amazon.aws.aws_ssm
    plugin_type: connection
  - name: How Session Manager works
    description: What a session needs, and how it is logged.
    link: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html
"""

EXAMPLES = r"""
# In group_vars of the group of hosts:
# ansible_connection: wellarchitected.aws.session_manager
# ansible_aws_ssm_region: eu-west-1
# ansible_aws_ssm_bucket_name: example-transfer
# ansible_aws_ssm_timeout: 3600
# ansible_aws_ssm_retries: 0

- name: Look at a host by Session Manager
  hosts: i-0123456789abcdef0
  gather_facts: false
  vars:
    ansible_connection: wellarchitected.aws.session_manager
    ansible_aws_ssm_region: eu-west-1
    ansible_aws_ssm_bucket_name: example-transfer
    ansible_python_interpreter: /usr/bin/python3
  tasks:
    - name: Ask how long it has been up
      ansible.builtin.command: uptime
      changed_when: false
"""

import contextlib
import os
import shlex
import sys
import time
import uuid

import ansible.constants as C
from ansible.errors import AnsibleConnectionFailure, AnsibleError, AnsibleFileNotFound
from ansible.module_utils.common.text.converters import to_text
from ansible_collections.amazon.aws.plugins.connection.aws_ssm import Connection as SSMConnection
from ansible_collections.amazon.aws.plugins.plugin_utils.s3 import generate_encryption_settings
from ansible_collections.amazon.aws.plugins.plugin_utils.ssm.common import generate_mark
from ansible_collections.amazon.aws.plugins.plugin_utils.ssm.sessionmanager import ProcessManager

from ..plugin_utils.run_server import Unavailable
from ..plugin_utils.session_manager.client import Keeping, SessionKeeper

CLIENT_OPTIONS = (
    *("access_key", "secret_key", "session_token", "profile"),
    *("region", "endpoint_url", "bucket_endpoint_url", "s3_addressing_style"),
)
# In seconds: how long a session may take to begin, and its shell to answer.
BEGIN_SECONDS = 60
ANSWER_SECONDS = 10
CURL = "curl --silent --show-error --fail --retry 3"


class Connection(SSMConnection):
    """Runs commands in a session that is kept for the next task, where the control node and the host allow for that."""

    transport = "wellarchitected.aws.session_manager"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_plain = self.is_windows or sys.platform != "linux"
        self.has_pipelining = not self.is_plain
        self.keeping = None
        self.is_busy = False

    def start_session(self):
        """Takes a session that an earlier task has left, or starts one."""
        if self.is_plain:
            super().start_session()
            return
        executable = self.get_executable()
        for reuse in (True, False):
            self.keeping = self._reach_keeper()
            process = self.keeping.session(executable, reuse)
            self.verbosity_display(2, f"{'KEPT' if process.is_kept else 'NEW'} SSM SESSION: {process.id}")
            self.session_manager = ProcessManager(
                self.instance_id, process, process.stdout, BEGIN_SECONDS, self.verbosity_display
            )
            self.session_manager._session_id = process.id
            self.is_busy = True
            if not process.is_kept:
                self.terminal_manager.prepare_terminal()
                # With job control a pipeline has the terminal in turns, and dash may say amid what a command
                # prints that it cannot. Without, what a session runs is one group, which ends with it.
                self.session_manager.stdin_write("set +m\n")
            if self._answers():
                break
            self.close()
        else:
            raise AnsibleConnectionFailure(f"The shell of {self.instance_id} does not answer.")
        self.is_busy = False
        self.session_manager._timeout = self.get_option("ssm_timeout")

    def _reach_keeper(self):
        keeper = SessionKeeper(
            C.DEFAULT_LOCAL_TMP, self.get_option("session_idle_seconds"), self.get_option("session_keep")
        )
        wanted = {
            "target": self.instance_id,
            "document": self.get_option("ssm_document"),
            "bucket": self.get_option("bucket_name"),
            "sse": self._encryption[0],
            "options": {name: self.get_option(name) or None for name in CLIENT_OPTIONS},
        }
        try:
            return Keeping(keeper.connect(wanted))
        except Unavailable as reason:
            raise AnsibleConnectionFailure(f"Sessions cannot be kept: {reason}") from reason

    @property
    def _encryption(self):
        """What objects are to be encrypted with: the arguments of PutObject, and the headers of its request."""
        return generate_encryption_settings(
            self.get_option("bucket_sse_mode"), self.get_option("bucket_sse_kms_key_id")
        )

    def _answers(self):
        """Whether the shell of a session is there, and still is: the host may have been restarted since."""
        mark = generate_mark()
        deadline = time.monotonic() + ANSWER_SECONDS
        try:
            self.session_manager.stdin_write(f"printf '%s\\n' {mark}\n")
            while time.monotonic() < deadline and self.session_manager._session.poll() is None:
                if self.session_manager.poll_stdout(200) and mark in self.session_manager.stdout_readline():
                    return True
        except OSError:
            pass
        return False

    def exec_command(self, cmd, in_data=None, sudoable=True):
        """Runs a command on the host; answers exit status, output, and nothing: a terminal has only one output."""
        if self.is_plain:
            return super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        if not in_data:
            return self._execute(cmd, sudoable)
        with self._object() as name, open(os.memfd_create("input"), "w+b") as file:
            file.write(in_data)
            file.flush()
            return self._execute(fed(cmd, self.keeping.upload(name, file)), sudoable)

    def put_file(self, in_path, out_path):
        """Puts a file on the host."""
        if self.is_plain:
            super().put_file(in_path, out_path)
            return
        if not os.path.exists(in_path):
            raise AnsibleFileNotFound(f"There is no file {in_path} to put on {self.instance_id}.")
        with self._object() as name, open(in_path, "rb") as file:
            url = self.keeping.upload(name, file)
            self._transfer(
                f"{CURL} --output {shlex.quote(out_path)} {shlex.quote(url)} && touch {shlex.quote(out_path)}"
            )

    def fetch_file(self, in_path, out_path):
        """Gets a file from the host."""
        if self.is_plain:
            super().fetch_file(in_path, out_path)
            return
        with self._object() as name:
            url = self.keeping.promise(name)
            headers = " ".join(
                f"--header {shlex.quote(f'{name}: {value}')}" for name, value in self._encryption[1].items()
            )
            self._transfer(f"{CURL} {headers} --upload-file {shlex.quote(in_path)} {shlex.quote(url)}")
            with open(out_path, "wb") as file:
                self.keeping.download(name, file)

    def _transfer(self, command):
        status, output, _errors = self._execute(command)
        if status:
            raise AnsibleError(f"{self.instance_id} could not transfer the file: {to_text(output).strip()}")

    def _execute(self, command, sudoable=False):
        # What is cut off, by an error or the end of this process, leaves a session that nobody can use.
        self.is_busy = True
        try:
            # In a shell of its own, as it may exit.
            answer = super().exec_command(f"( {command} )", sudoable=sudoable)
        except IndexError as error:
            raise AnsibleConnectionFailure("The session ended before the command did.") from error
        self.is_busy = False
        return answer

    @contextlib.contextmanager
    def _object(self):
        """The name of an object in the bucket, which is deleted at the end."""
        if not self._connected:
            self._connect()
        name = str(uuid.uuid4())
        try:
            yield name
        finally:
            # A command that failed has closed the connection.
            (self.keeping or self._reach_keeper()).forget(name)

    def reset(self):
        """Ends all sessions to the host: what they are may have changed, such as the groups of a user."""
        if self.is_plain:
            super().reset()
            return
        self.is_busy = True
        self.close()
        keeping = self._reach_keeper()
        keeping.drop()
        keeping.close()

    def close(self):
        """Leaves the session to the next task, or ends it if a command was cut off."""
        if self.is_plain:
            super().close()
            return
        process = self.session_manager and self.session_manager._session
        if process:
            if not self.is_busy and process.poll() is None:
                with contextlib.suppress(AnsibleConnectionFailure):
                    self.keeping.keep()
            process.close()
        if self.keeping:
            self.keeping.close()
        self.session_manager = self.keeping = None
        self._connected = False


def fed(command, url):
    """A command line that runs a command with what is at the URL as its input, or fails when that cannot be had."""
    fetch = f'f=$(mktemp) && {CURL} --output "$f" {shlex.quote(url)}'
    return f'{fetch} && ( {command} ) < "$f"; s=$?; rm -f "$f"; exit $s'
