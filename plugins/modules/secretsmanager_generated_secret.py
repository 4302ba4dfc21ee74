#!/usr/bin/python

# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: secretsmanager_generated_secret
version_added: "0.1.0"
short_description: Manage a secret of AWS Secrets Manager whose value nobody chooses
description:
  - Creates a secret with a random value, which one side sends and another one checks, changes and deletes it, and takes
    it through a rotation during which the two agree at every moment.
  - A rotation has three steps, by Secrets Manager's own staging labels. O(rotation=begin) makes a new value,
    C(AWSPENDING); now the side that checks has to accept it, too. O(rotation=switch) makes it C(AWSCURRENT), and the
    last one C(AWSPREVIOUS); now the other side has to send the new one. O(rotation=finish) takes the label from the
    last one, which need not be accepted any longer.
  - The answer holds the values, so a task that uses this module needs C(no_log). The diff never holds them.
  - Follows U(https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The secret's name.
    type: str
    required: true
  state:
    description:
      - V(present) makes the secret exist as described, V(absent) deletes it. One that is scheduled for deletion counts
        as absent, and is taken back by V(present), with its value.
    type: str
    choices: [present, absent]
    default: present
  description:
    description:
      - What it is for; an empty text for none.
    type: str
  kms_key_id:
    description:
      - ID or ARN of the KMS key that encrypts it; of a new secret AWS's own when not given.
    type: str
  length:
    description:
      - How many characters a value has that is made, V(16) to V(4096), of letters, digits, hyphens and underlines. The
        values that are there already are left alone.
    type: int
    default: 43
  username:
    description:
      - With it, a value that is made is the password of this user, and the secret's text an object of JSON with
        C(username) and C(password), as RDS writes the secrets that it manages. The values that are there already are
        left alone.
    type: str
  rotation:
    description:
      - The step of a rotation that is to be done by now. Repeated, it changes nothing, and V(begin) leaves a rotation
        alone that was switched and not finished.
    type: str
    choices: [begin, switch, finish]
  recovery_window_days:
    description:
      - For how many days, V(7) to V(30), a deleted secret can be taken back; V(0) deletes it for good.
    type: int
    default: 30
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Keep the value that a distribution shows to the load balancer
  wellarchitected.aws.secretsmanager_generated_secret:
    name: example-origin-header
    description: What CloudFront shows to the load balancer
    kms_key_id: 1234abcd-12ab-34cd-56ef-1234567890ab
  register: origin_header
  no_log: true

- name: Keep the password of a database's master user
  wellarchitected.aws.secretsmanager_generated_secret:
    name: example-database
    username: owner
    length: 41  # MySQL on RDS takes no longer one
  no_log: true

- name: Make another value that is accepted, too
  wellarchitected.aws.secretsmanager_generated_secret:
    name: example-origin-header
    rotation: begin
  register: origin_header
  no_log: true

- name: Delete the secret for good
  wellarchitected.aws.secretsmanager_generated_secret:
    name: example-origin-header
    state: absent
    recovery_window_days: 0
"""

RETURN = r"""
secret:
  description: The secret as it is, or in check mode as it would be, without values; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-origin-header
    arn:
      description: Its ARN; in check mode without a value for a secret that would be created.
      type: str
      sample: arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:example-origin-header-a1b2c3
    description:
      description: What it is for; empty for nothing.
      type: str
      sample: What CloudFront shows to the load balancer
    kms_key_id:
      description: The key that encrypts it; without a value for AWS's own.
      type: str
      sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    stages:
      description: Which values there are, of V(current), V(pending) and V(previous).
      type: list
      elements: str
      sample: [current]
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
secret_values:
  description:
    - The values by their stages. In check mode, one that would be made is C(not made yet).
  returned: success
  type: dict
  sample:
    current: not made yet
"""

import json
import secrets
import string

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.secretsmanager import (
    NOT_MADE_YET,
    SecretErrorHandler,
    find_value,
)

FIELDS = ("description", "kms_key_id", "tags")
LABELS = {"current": "AWSCURRENT", "pending": "AWSPENDING", "previous": "AWSPREVIOUS"}
# Nothing that a header, a pattern or a command would read as something else, and nothing that a database refuses.
CHARACTERS = string.ascii_letters + string.digits + "-_"


class GeneratedSecret(Resource):
    def __init__(self, params, secretsmanager):
        super().__init__(given(params, FIELDS), params["purge_tags"])
        self.secretsmanager = secretsmanager
        self.name = params["name"]
        self.length = params["length"]
        self.username = params["username"]
        self.rotation = params["rotation"]
        self.recovery_window_days = params["recovery_window_days"]

    @property
    def same(self):
        return {"kms_key_id": same_key}

    def beside(self, outcome, check_mode):
        return {"secret_values": values_of(self, outcome, check_mode)}

    def find(self):
        secret = self._describe()
        return read(secret) if secret and "DeletedDate" not in secret else None

    def blank(self):
        return {
            "name": self.name,
            "arn": None,
            "description": "",
            "kms_key_id": None,
            "stages": ["current"],
            "tags": {},
        }

    def wanted(self, current):
        fields = super().wanted(current)
        if self.rotation:
            fields["stages"] = stages_after(self.rotation, current["stages"])
        return fields

    def create(self):
        state = {**self.blank(), **self.wanted(self.blank())}
        secret = self._describe()
        if secret:
            self._restore()
        else:
            self._create(state)

    def update(self, current, changes):
        members = {}
        if "description" in changes:
            members["Description"] = changes["description"]
        if "kms_key_id" in changes:
            members["KmsKeyId"] = changes["kms_key_id"]
        if members:
            self._update(members)
        if "tags" in changes:
            self._change_tags(current["tags"], changes["tags"])
        if "stages" in changes:
            self._rotate()

    def values(self, stages):
        """The values of these stages."""
        return {stage: self._value(stage) for stage in stages}

    @SecretErrorHandler.list_error_handler("find the secret {self.name}")
    def _describe(self):
        return self.secretsmanager.describe_secret(SecretId=self.name)

    def _value(self, stage):
        value = find_value(self.secretsmanager, self.name, LABELS[stage])
        if value is None:
            raise AnsibleAWSError(message=f"The secret {self.name} has no {stage} value any more. Run this again.")
        return value.text

    @SecretErrorHandler.common_error_handler("create the secret {self.name}")
    def _create(self, state):
        arguments = {"Name": self.name, "SecretString": new_value(self.length, self.username)}
        for field, member in (("description", "Description"), ("kms_key_id", "KmsKeyId")):
            if state[field]:
                arguments[member] = state[field]
        if state["tags"]:
            arguments["Tags"] = ansible_dict_to_boto3_tag_list(state["tags"])
        self.secretsmanager.create_secret(**arguments)

    @SecretErrorHandler.common_error_handler("take the secret {self.name} back")
    def _restore(self):
        self.secretsmanager.restore_secret(SecretId=self.name)

    @SecretErrorHandler.common_error_handler("change the secret {self.name}")
    def _update(self, members):
        self.secretsmanager.update_secret(SecretId=self.name, **members)

    @SecretErrorHandler.common_error_handler("tag the secret {self.name}")
    def _change_tags(self, current, wanted):
        change_resource_tags(self.secretsmanager, current, wanted, SecretId=self.name)

    @SecretErrorHandler.common_error_handler("rotate the secret {self.name}")
    def _rotate(self):
        if self.rotation == "begin":
            self.secretsmanager.put_secret_value(
                SecretId=self.name,
                SecretString=new_value(self.length, self.username),
                VersionStages=[LABELS["pending"]],
            )
            return
        versions = versions_by_stage(self._describe())
        if self.rotation == "finish":
            self._move("previous", versions["previous"])
        else:
            # Secrets Manager moves the label AWSPREVIOUS along with AWSCURRENT.
            self._move("current", versions["current"], versions["pending"])
            self._move("pending", versions["pending"])

    def _move(self, stage, version, to=None):
        arguments = {"MoveToVersionId": to} if to else {}
        self.secretsmanager.update_secret_version_stage(
            SecretId=self.name, VersionStage=LABELS[stage], RemoveFromVersionId=version, **arguments
        )

    @SecretErrorHandler.deletion_error_handler("delete the secret {self.name}")
    def delete(self, current):
        days = self.recovery_window_days
        how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        self.secretsmanager.delete_secret(SecretId=self.name, **how)


def new_value(length, username):
    """A value that nobody knows; with a user's name an object of JSON, as RDS writes it."""
    value = "".join(map(secrets.choice, [CHARACTERS] * length))
    return json.dumps({"username": username, "password": value}) if username else value


def same_key(current, wanted):
    """Whether both are the same key, be it by its ID or by its ARN."""
    return (current or "").rpartition("/")[2] == (wanted or "").rpartition("/")[2]


def stages_after(rotation, stages):
    """The stages that there are once a step of a rotation is done."""
    if rotation == "begin":
        return stages if "previous" in stages else sorted({*stages, "pending"})
    if rotation == "finish":
        return [stage for stage in stages if stage != "previous"]
    return ["current", "previous"] if "pending" in stages else stages


def versions_by_stage(secret):
    """The ids of the versions of a secret, by the stages that it is known for here."""
    return {
        stage: version
        for version, labels in secret.get("VersionIdsToStages", {}).items()
        for stage, label in LABELS.items()
        if label in labels
    }


def read(secret):
    """A secret as Secrets Manager describes it, as a state."""
    return {
        "name": secret["Name"],
        "arn": secret["ARN"],
        "description": secret.get("Description", ""),
        "kms_key_id": secret.get("KmsKeyId"),
        "stages": sorted(versions_by_stage(secret)),
        "tags": boto3_tag_list_to_ansible_dict(secret.get("Tags", [])),
    }


def values_of(secret, outcome, check_mode):
    """The values that the secret has after this run, or in check mode would have."""
    if outcome.after is None:
        return {}
    if not (check_mode and outcome.changed):
        return secret.values(outcome.after["stages"])
    there = outcome.before["stages"] if outcome.before else []
    known = secret.values(there)
    if "pending" in there and "pending" not in outcome.after["stages"]:
        return {"current": known["pending"], "previous": known["current"]}
    return {stage: known.get(stage, NOT_MADE_YET) for stage in outcome.after["stages"]}


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": {"type": "str"},
            "kms_key_id": {"type": "str"},
            "length": {"type": "int", "default": 43},
            "username": {"type": "str"},
            "rotation": {"type": "str", "choices": ["begin", "switch", "finish"]},
            "recovery_window_days": {"type": "int", "default": 30},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    if not 16 <= module.params["length"] <= 4096:
        module.fail_json(msg=f"length is {module.params['length']}; it has to be 16 to 4096.")
    run(module, "secret", lambda: GeneratedSecret(module.params, client(module, "secretsmanager")))


if __name__ == "__main__":
    main()
