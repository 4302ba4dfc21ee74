#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elbv2_listener
version_added: "0.1.0"
short_description: Manage a listener of an Application Load Balancer
description:
  - Creates, changes and deletes a listener, and says what becomes of the requests that none of its rules is about.
  - Its rules are managed by M(wellarchitected.aws.elbv2_listener_rule).
  - Follows U(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  load_balancer_arn:
    description:
      - ARN of the load balancer.
    type: str
    required: true
  port:
    description:
      - The port that it listens to, which is what it is known by.
    type: int
    required: true
  state:
    description:
      - V(present) makes the listener exist as described, V(absent) deletes it, with its rules.
    type: str
    choices: [present, absent]
    default: present
  protocol:
    description:
      - How clients speak to it. Required for a new listener.
    type: str
    choices: [HTTP, HTTPS]
  certificate_arn:
    description:
      - ARN of the certificate that it shows unless a client asks for a name that another one is for. Required for
        V(HTTPS). Further certificates stay as they are.
    type: str
  ssl_policy:
    description:
      - The security policy, which says what ciphers and versions of TLS there are, such as
        V(ELBSecurityPolicy-TLS13-1-2-2021-06). Only for V(HTTPS); AWS's default for a new listener when not given.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - wellarchitected.aws.elbv2_action
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Send clients to HTTPS
  wellarchitected.aws.elbv2_listener:
    load_balancer_arn: "{{ load_balancer_arn }}"
    port: 80
    protocol: HTTP
    action:
      redirect:
        protocol: HTTPS
        port: "443"

- name: Let in nobody, unless a rule says so
  wellarchitected.aws.elbv2_listener:
    load_balancer_arn: "{{ load_balancer_arn }}"
    port: 443
    protocol: HTTPS
    certificate_arn: "{{ certificate_arn }}"
    ssl_policy: ELBSecurityPolicy-TLS13-1-2-2021-06
    action:
      fixed_response:
        status_code: "403"
        message_body: Forbidden

- name: Delete a listener
  wellarchitected.aws.elbv2_listener:
    load_balancer_arn: "{{ load_balancer_arn }}"
    port: 80
    state: absent
"""

RETURN = r"""
listener:
  description: The listener as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    arn:
      description: Its ARN; in check mode without a value for a listener that would be created.
      type: str
      sample: >-
        arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener/app/example/1234567890abcdef/1234567890abcdef
    load_balancer_arn:
      description: ARN of its load balancer.
      type: str
      sample: arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/example/1234567890abcdef
    port:
      description: The port that it listens to.
      type: int
      sample: 443
    protocol:
      description: How clients speak to it.
      type: str
      sample: HTTPS
    certificate_arn:
      description: ARN of its certificate; without a value for HTTP.
      type: str
      sample: arn:aws:acm:ap-northeast-1:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab
    ssl_policy:
      description: The security policy; without a value for HTTP, and in check mode where AWS would choose it.
      type: str
      sample: ELBSecurityPolicy-TLS13-1-2-2021-06
    action:
      description: What becomes of requests that no rule is about; empty for what cannot be described here.
      type: dict
      sample:
        fixed_response:
          status_code: "403"
          content_type: text/plain
          message_body: Forbidden
    tags:
      description: Its tags.
      type: dict
      sample:
        Environment: production
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.wellarchitected.aws.plugins.module_utils.elbv2 import (
    ACTION_OPTION,
    ElbErrorHandler,
    change_tags,
    list_tags,
    normalise_action,
    read_action,
    write_action,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

FIELDS = ("protocol", "certificate_arn", "ssl_policy", "action", "tags")


class Listener(Resource):
    def __init__(self, params, elb):
        fields = given(params, FIELDS)
        if "action" in fields:
            fields["action"] = normalise_action(fields["action"])
        super().__init__(fields, params["purge_tags"])
        self.elb = elb
        self.load_balancer_arn = params["load_balancer_arn"]
        self.port = params["port"]

    def find(self):
        listener = self._describe()
        return read(listener, self._list_tags(listener["ListenerArn"])) if listener else None

    def blank(self):
        return {
            "arn": None,
            "load_balancer_arn": self.load_balancer_arn,
            "port": self.port,
            "protocol": None,
            "certificate_arn": None,
            "ssl_policy": None,
            "action": {},
            "tags": {},
        }

    def changes(self, current):
        changes = super().changes(current)
        if changes.get("protocol") == "HTTP":
            # They go with HTTPS.
            changes |= {field: None for field in ("certificate_arn", "ssl_policy") if current[field]}
        return changes

    def refusal(self, current, changes):
        after = {**current, **changes}
        missing = [field for field in ("protocol", "action") if current["arn"] is None and field not in changes]
        if missing:
            return f"Nothing listens to port {self.port} yet, and a new listener needs {' and '.join(missing)}."
        if after["protocol"] == "HTTPS" and not after["certificate_arn"]:
            return f"The listener of port {self.port} needs a certificate_arn, because its protocol is HTTPS."
        for field in ("certificate_arn", "ssl_policy"):
            if after["protocol"] == "HTTP" and after[field]:
                return f"{field} is for the protocol HTTPS, but that of the listener of port {self.port} is HTTP."
        return None

    def create(self):
        state = {**self.blank(), **self.wanted(self.blank())}
        self._create(state)

    def update(self, current, changes):
        members = {field: value for field, value in changes.items() if field != "tags"}
        if members:
            self._modify(current["arn"], members)
        if "tags" in changes:
            change_tags(self.elb, current["arn"], current["tags"], changes["tags"])

    @ElbErrorHandler.list_error_handler("find the listener of port {self.port} of {self.load_balancer_arn}")
    def _describe(self):
        pages = self.elb.get_paginator("describe_listeners").paginate(LoadBalancerArn=self.load_balancer_arn)
        listeners = (listener for page in pages for listener in page["Listeners"])
        return next((listener for listener in listeners if listener["Port"] == self.port), None)

    @ElbErrorHandler.list_error_handler("list the tags of the listener {arn}", {})
    def _list_tags(self, arn):
        return list_tags(self.elb, arn)

    @ElbErrorHandler.common_error_handler("create the listener of port {self.port} of {self.load_balancer_arn}")
    def _create(self, state):
        tags = {"Tags": ansible_dict_to_boto3_tag_list(state["tags"])} if state["tags"] else {}
        self.elb.create_listener(LoadBalancerArn=self.load_balancer_arn, Port=self.port, **write(state), **tags)

    @ElbErrorHandler.common_error_handler("change the listener {arn}")
    def _modify(self, arn, members):
        self.elb.modify_listener(ListenerArn=arn, **write(members))

    @ElbErrorHandler.deletion_error_handler("delete the listener {current[arn]}")
    def delete(self, current):
        self.elb.delete_listener(ListenerArn=current["arn"])


def read(listener, tags):
    """A listener as ELB describes it, and its tags, as a state."""
    certificates = listener.get("Certificates") or [{}]
    return {
        "arn": listener["ListenerArn"],
        "load_balancer_arn": listener["LoadBalancerArn"],
        "port": listener["Port"],
        "protocol": listener["Protocol"],
        "certificate_arn": certificates[0].get("CertificateArn"),
        "ssl_policy": listener.get("SslPolicy"),
        "action": read_action(listener["DefaultActions"]),
        "tags": tags,
    }


def write(fields):
    """The members that say these fields, of those that creation and modification take."""
    members = {}
    if fields.get("protocol"):
        members["Protocol"] = fields["protocol"]
    if fields.get("certificate_arn"):
        members["Certificates"] = [{"CertificateArn": fields["certificate_arn"]}]
    if fields.get("ssl_policy"):
        members["SslPolicy"] = fields["ssl_policy"]
    if fields.get("action"):
        members["DefaultActions"] = write_action(fields["action"])
    return members


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "load_balancer_arn": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "protocol": {"type": "str", "choices": ["HTTP", "HTTPS"]},
            "certificate_arn": {"type": "str"},
            "ssl_policy": {"type": "str"},
            "action": ACTION_OPTION,
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    run(module, "listener", lambda: Listener(module.params, client(module, "elbv2")))


if __name__ == "__main__":
    main()
