#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ssm_document
version_added: "0.1.0"
short_description: Manage a document of AWS Systems Manager
description:
  - Creates, changes and deletes a document, such as a runbook of Automation, a command, or preferences of Session
    Manager. Other content becomes a new version, and that one the default. Content that an earlier version has makes
    the earlier one the default again, as Systems Manager refuses to keep it twice.
  - Follows U(https://docs.aws.amazon.com/systems-manager/latest/userguide/documents.html).
  - Neither amazon.aws nor community.aws has a module for it.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The document's name, which begins with none of the prefixes that AWS keeps for itself, such as C(aws) and
        C(amazon).
    type: str
    required: true
  state:
    description:
      - V(present) makes the document exist as described; what is not given stays as it is.
      - V(absent) deletes it with all its versions. One that is shared, or that an association uses, is refused by AWS.
    type: str
    choices: [present, absent]
    default: present
  document_type:
    description:
      - What kind of document it is, which cannot be changed. A new document for which it is not given is a V(Command).
    type: str
    choices:
      - ApplicationConfiguration
      - ApplicationConfigurationSchema
      - Automation
      - Automation.ChangeTemplate
      - ChangeCalendar
      - Command
      - DeploymentStrategy
      - Policy
      - Session
  content:
    description:
      - The document's content, stated whole, in the members that its schema has. A new document needs it. In a
        playbook, the variables of a document look like those of Ansible; read it from a file, or mark texts as
        C(!unsafe).
    type: dict
  document_format:
    description:
      - How the content is written for those who read it in the console. It is only looked at when content is written,
        so that this alone makes no new version. V(YAML) needs PyYAML on the managed host.
    type: str
    choices: [JSON, YAML]
    default: JSON
  version_name:
    description:
      - A name for the version that new content becomes. It is only looked at then, and each version needs one of its
        own.
    type: str
  target_type:
    description:
      - The type of resources that the document runs on, such as V(/AWS::EC2::Instance), or V(/) for all.
    type: str
  wait:
    description:
      - Whether to wait until new content can be used. Without it, new content does not become the default as long as
        it cannot be used, and the next run makes it so.
    type: bool
    default: true
  wait_timeout:
    description:
      - For how many seconds to wait at most.
    type: int
    default: 120
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Keep a runbook
  wellarchitected.aws.ssm_document:
    name: example-close-ports
    document_type: Automation
    content: "{{ lookup('ansible.builtin.file', 'close_ports.yml') | from_yaml }}"
    document_format: YAML
    target_type: /AWS::EC2::SecurityGroup
    tags:
      Environment: production

- name: Keep a command
  wellarchitected.aws.ssm_document:
    name: example-disk-usage
    content:
      schemaVersion: "2.2"
      description: Say how full the disks are
      mainSteps:
        - name: diskUsage
          action: aws:runShellScript
          inputs:
            runCommand: ["df -h"]

- name: Delete the document
  wellarchitected.aws.ssm_document:
    name: example-disk-usage
    state: absent
"""

RETURN = r"""
document:
  description: The document as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-close-ports
    document_type:
      description: What kind of document it is.
      type: str
      sample: Automation
    content:
      description: The content of its default version.
      type: dict
      sample:
        schemaVersion: "0.3"
    document_format:
      description: How the content of its default version is written.
      type: str
      sample: YAML
    target_type:
      description: The type of resources that it runs on; empty for none.
      type: str
      sample: /AWS::EC2::SecurityGroup
    default_version:
      description: Its default version; V(null) in check mode for one that AWS would choose.
      type: str
      sample: "2"
    latest_version:
      description: Its latest version; V(null) in check mode for one that AWS would choose.
      type: str
      sample: "2"
    status:
      description: The state of its default version.
      type: str
      sample: Active
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import json
import time

from ansible.module_utils.common.yaml import HAS_YAML, yaml_dump
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

FIELDS = ("document_type", "content", "target_type", "tags")
TYPES = [
    "ApplicationConfiguration",
    "ApplicationConfigurationSchema",
    "Automation",
    "Automation.ChangeTemplate",
    "ChangeCalendar",
    "Command",
    "DeploymentStrategy",
    "Policy",
    "Session",
]
POLL_SECONDS = 2


class DocumentErrorHandler(AWSErrorHandler):
    """Decorators for the functions that call Systems Manager about documents."""

    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["InvalidDocument", "InvalidResourceId"])


class Document(Resource):
    def __init__(self, params, ssm):
        super().__init__(normal(given(params, FIELDS), params["content"]), params["purge_tags"])
        self.ssm = ssm
        self.name = params["name"]
        self.format = params["document_format"]
        self.version = {"VersionName": params["version_name"]} if params["version_name"] else {}
        self.wait_timeout = params["wait_timeout"] if params["wait"] else 0

    def find(self):
        document = self._describe()
        if document is None or document["Status"] == "Deleting":
            return None
        return read(document, self._content(), self._list_tags())

    def blank(self):
        return {
            "name": self.name,
            "document_type": "Command",
            "content": {},
            "document_format": self.format,
            "target_type": "",
            "default_version": None,
            "latest_version": None,
            "status": "Active",
            "tags": {},
        }

    def refusal(self, current, changes):
        if current["default_version"] is None:
            if not changes.get("content"):
                return f"content is not given, but the new document {self.name} needs some."
        elif "document_type" in changes:
            return (
                f"The document {self.name} is of the type {current['document_type']}, and AWS cannot make it a "
                f"{changes['document_type']}. Choose another name, or delete it first."
            )
        elif changes.get("content") == {}:
            return "content is empty, but a document needs some."
        return None

    @DocumentErrorHandler.common_error_handler("create the document {self.name}")
    def create(self):
        wanted = {**self.blank(), **self.wanted(self.blank())}
        self.ssm.create_document(
            Name=self.name,
            DocumentType=wanted["document_type"],
            Content=write(wanted["content"], self.format),
            DocumentFormat=self.format,
            Tags=ansible_dict_to_boto3_tag_list(wanted["tags"]),
            **target(wanted["target_type"]),
            **self.version,
        )
        self._wait_for("1")

    def update(self, current, changes):
        if "content" in changes or "target_type" in changes:
            after = {**current, **changes}
            version = self._new_version(after)
            # None is an earlier one that has this content.
            if version is None:
                version = self._version_of(after["content"])
            if self._wait_for(version):
                self._make_default(version)
        if "tags" in changes:
            self._change_tags(current["tags"], changes["tags"])

    @DocumentErrorHandler.deletion_error_handler("delete the document {self.name}")
    def delete(self, current):
        # A schema of configurations wants to be told that it is meant.
        force = {"Force": True} if current["document_type"] == "ApplicationConfigurationSchema" else {}
        self.ssm.delete_document(Name=self.name, **force)

    @DocumentErrorHandler.list_error_handler("find the document {self.name}")
    def _describe(self, **version):
        return self.ssm.describe_document(Name=self.name, **version)["Document"]

    @DocumentErrorHandler.list_error_handler("read the document {self.name}", {})
    def _content(self, **version):
        answer = self.ssm.get_document(Name=self.name, DocumentFormat="JSON", **version)
        return json.loads(answer["Content"])

    @DocumentErrorHandler.list_error_handler("list the tags of the document {self.name}", {})
    def _list_tags(self):
        tags = self.ssm.list_tags_for_resource(ResourceType="Document", ResourceId=self.name)["TagList"]
        return boto3_tag_list_to_ansible_dict(tags)

    @DocumentErrorHandler.common_error_handler("change the document {self.name}")
    def _new_version(self, state):
        try:
            answer = self.ssm.update_document(
                Name=self.name,
                DocumentVersion="$LATEST",
                Content=write(state["content"], self.format),
                DocumentFormat=self.format,
                **target(state["target_type"]),
                **self.version,
            )
        except is_boto3_error_code("DuplicateDocumentContent"):
            return None
        return answer["DocumentDescription"]["DocumentVersion"]

    @DocumentErrorHandler.common_error_handler("list the versions of the document {self.name}")
    def _version_of(self, content):
        pages = self.ssm.get_paginator("list_document_versions").paginate(Name=self.name)
        for version in (version["DocumentVersion"] for page in pages for version in page["DocumentVersions"]):
            if self._content(DocumentVersion=version) == content:
                return version
        raise AnsibleAWSError(
            message=f"A version of the document {self.name} is said to have this content, but none has."
        )

    def _wait_for(self, version):
        """Whether a version can be used, after a while."""
        deadline = time.monotonic() + self.wait_timeout
        while True:
            document = self._describe(DocumentVersion=version) or {"Status": "Creating"}
            if document["Status"] == "Failed":
                raise AnsibleAWSError(
                    message=f"Version {version} of the document {self.name} cannot be used: "
                    f"{document.get('StatusInformation', 'AWS does not say why')}"
                )
            if document["Status"] == "Active" or not self.wait_timeout:
                return document["Status"] == "Active"
            if time.monotonic() >= deadline:
                raise AnsibleAWSError(
                    message=f"Version {version} of the document {self.name} is still {document['Status']} after "
                    f"{self.wait_timeout} s."
                )
            time.sleep(POLL_SECONDS)

    @DocumentErrorHandler.common_error_handler("set the default version of the document {self.name}")
    @retry_on("InvalidDocumentVersion")
    def _make_default(self, version):
        self.ssm.update_document_default_version(Name=self.name, DocumentVersion=version)

    @DocumentErrorHandler.common_error_handler("tag the document {self.name}")
    def _change_tags(self, current, wanted):
        resource = {"ResourceType": "Document", "ResourceId": self.name}
        to_set, to_remove = compare_aws_tags(current, wanted)
        if to_remove:
            self.ssm.remove_tags_from_resource(**resource, TagKeys=to_remove)
        if to_set:
            self.ssm.add_tags_to_resource(**resource, Tags=ansible_dict_to_boto3_tag_list(to_set))


def normal(fields, content):
    """What is given. given() leaves out what is null, which in content may well mean something."""
    if content is not None:
        fields["content"] = json.loads(json.dumps(content))
    return fields


def target(target_type):
    return {"TargetType": target_type} if target_type else {}


def write(content, document_format):
    """Content as a text of this format."""
    if document_format == "YAML":
        return yaml_dump(content, sort_keys=False, allow_unicode=True)
    return json.dumps(content, indent=2)


def read(document, content, tags):
    """A document as Systems Manager describes it, and its content and tags, as a state."""
    return {
        "name": document["Name"],
        "document_type": document["DocumentType"],
        "content": content,
        "document_format": document["DocumentFormat"],
        "target_type": document.get("TargetType", ""),
        "default_version": document["DefaultVersion"],
        "latest_version": document["LatestVersion"],
        "status": document["Status"],
        "tags": tags,
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "document_type": {"type": "str", "choices": TYPES},
            "content": {"type": "dict"},
            "document_format": {"type": "str", "choices": ["JSON", "YAML"], "default": "JSON"},
            "version_name": {"type": "str"},
            "target_type": {"type": "str"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 120},
        },
        supports_check_mode=True,
    )
    if module.params["document_format"] == "YAML" and not HAS_YAML:
        module.fail_json(msg="document_format is YAML, for which the managed host needs PyYAML.")
    run(module, "document", lambda: Document(module.params, client(module, "ssm")))


if __name__ == "__main__":
    main()
