#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sns_topic
version_added: "0.1.0"
short_description: Manage a standard topic of Amazon SNS
description:
  - Creates, changes and deletes a topic, with its policy and its encryption. Who is subscribed to it is the matter of
    M(wellarchitected.aws.sns_subscription).
  - Follows U(https://docs.aws.amazon.com/sns/latest/dg/sns-create-topic.html).
  - M(community.aws.sns_topic) (11.2) cannot encrypt a topic, and shows no difference.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - The topic's name. FIFO topics, whose names end with C(.fifo), are not managed here.
    type: str
    required: true
  state:
    description:
      - V(present) makes the topic exist as described; what is not given stays as it is.
      - V(absent) deletes it with all its subscriptions.
    type: str
    choices: [present, absent]
    default: present
  display_name:
    description:
      - What e-mails are sent as; an empty text for none.
    type: str
  kms_master_key_id:
    description:
      - ARN or ID of the symmetric KMS key, or its alias (C(alias/example)), that encrypts what is published from now
        on; an empty text for no encryption. The policy of the key has to let all services use it that publish.
    type: str
  policy:
    description:
      - Who may do what with the topic, a policy document, stated whole. A new topic for which it is not given has one
        by AWS, which lets the account do everything.
    type: dict
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let alarms of this account publish to an encrypted topic
  wellarchitected.aws.sns_topic:
    name: example-critical
    display_name: Example, critical
    kms_master_key_id: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal:
            Service: cloudwatch.amazonaws.com
          Action: sns:Publish
          Resource: arn:aws:sns:ap-northeast-1:123456789012:example-critical
          Condition:
            StringEquals:
              aws:SourceAccount: "123456789012"
    tags:
      Environment: production

- name: Delete the topic
  wellarchitected.aws.sns_topic:
    name: example-critical
    state: absent
"""

RETURN = r"""
topic:
  description: The topic as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: example-critical
    topic_arn:
      description: Its ARN.
      type: str
      sample: arn:aws:sns:ap-northeast-1:123456789012:example-critical
    display_name:
      description: What e-mails are sent as; empty for none.
      type: str
      sample: Example, critical
    kms_master_key_id:
      description: The key that encrypts, as it was given to AWS; empty for none.
      type: str
      sample: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    policy:
      description: Its policy; in check mode empty for a topic that would be created with the one of AWS.
      type: dict
      sample:
        Version: "2012-10-17"
        Statement: []
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

import json
from typing import ClassVar

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.arn_tags import change_resource_tags
from ansible_collections.wellarchitected.aws.plugins.module_utils.compare import same_kms_key, same_policy
from ansible_collections.wellarchitected.aws.plugins.module_utils.consistency import UNKNOWN_KEY, retry_on
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, own_account, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given
from ansible_collections.wellarchitected.aws.plugins.module_utils.sns import SnsErrorHandler

# As the API calls them.
ATTRIBUTES = {"display_name": "DisplayName", "kms_master_key_id": "KmsMasterKeyId", "policy": "Policy"}


class Topic(Resource):
    same: ClassVar = {"kms_master_key_id": same_kms_key, "policy": same_policy}

    def __init__(self, params, sns, account):
        super().__init__(given(params, (*ATTRIBUTES, "tags")), params["purge_tags"])
        if params["policy"] is not None:
            # given() leaves out what is null, but a condition may well be about nothing.
            self.given["policy"] = params["policy"]
        self.sns = sns
        self.name = params["name"]
        self.arn = f"arn:{sns.meta.partition}:sns:{sns.meta.region_name}:{account}:{self.name}"

    def find(self):
        attributes = self._attributes()
        return read(self.name, attributes, self._list_tags()) if attributes else None

    def blank(self):
        return {
            "name": self.name,
            "topic_arn": self.arn,
            "display_name": "",
            "kms_master_key_id": "",
            "policy": {},
            "tags": {},
        }

    def refusal(self, current, changes):
        if self.name.endswith(".fifo"):
            return f"{self.name} is the name of a FIFO topic, which this module does not manage."
        if changes.get("policy") == {}:
            return f"policy is empty, but a topic always has one. Say who may do what with {self.name}."
        return None

    @SnsErrorHandler.common_error_handler("create the topic {self.name}")
    @retry_on(UNKNOWN_KEY)
    def create(self):
        wanted = self.wanted(self.blank())
        attributes = {ATTRIBUTES[field]: text(wanted[field]) for field in ATTRIBUTES if wanted.get(field)}
        tags = ansible_dict_to_boto3_tag_list(wanted.get("tags", {}))
        self.sns.create_topic(Name=self.name, Attributes=attributes, Tags=tags)

    def update(self, current, changes):
        for field in ATTRIBUTES.keys() & changes.keys():
            self._set(ATTRIBUTES[field], text(changes[field]))
        if "tags" in changes:
            self._change_tags(current["tags"], changes["tags"])

    @SnsErrorHandler.deletion_error_handler("delete the topic {self.name}")
    def delete(self, current):
        self.sns.delete_topic(TopicArn=self.arn)

    @SnsErrorHandler.list_error_handler("find the topic {self.name}")
    def _attributes(self):
        return self.sns.get_topic_attributes(TopicArn=self.arn)["Attributes"]

    @SnsErrorHandler.list_error_handler("list the tags of the topic {self.name}", {})
    def _list_tags(self):
        return boto3_tag_list_to_ansible_dict(self.sns.list_tags_for_resource(ResourceArn=self.arn)["Tags"])

    @SnsErrorHandler.common_error_handler("set {attribute} of the topic {self.name}")
    @retry_on(UNKNOWN_KEY)
    def _set(self, attribute, value):
        self.sns.set_topic_attributes(TopicArn=self.arn, AttributeName=attribute, AttributeValue=value)

    @SnsErrorHandler.common_error_handler("tag the topic {self.name}")
    def _change_tags(self, current, wanted):
        change_resource_tags(self.sns, current, wanted, ResourceArn=self.arn)


def text(value):
    """An attribute's value as SNS takes it: a policy is JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def read(name, attributes, tags):
    """A topic as SNS describes it, and its tags, as a state."""
    return {
        "name": name,
        "topic_arn": attributes["TopicArn"],
        "display_name": attributes.get("DisplayName", ""),
        "kms_master_key_id": attributes.get("KmsMasterKeyId", ""),
        "policy": json.loads(attributes.get("Policy") or "{}"),
        "tags": tags,
    }


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "display_name": {"type": "str"},
            "kms_master_key_id": {"type": "str"},
            "policy": {"type": "dict"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "topic", lambda: Topic(module.params, client(module, "sns"), own_account(client(module, "sts"))))


if __name__ == "__main__":
    main()
