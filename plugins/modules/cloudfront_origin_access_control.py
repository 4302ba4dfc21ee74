#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cloudfront_origin_access_control
version_added: "0.1.0"
short_description: Manage an origin access control of CloudFront
description:
  - Creates, changes and deletes an origin access control, with which CloudFront signs what it asks an origin for, so
    that a bucket or function can refuse everybody else. M(wellarchitected.aws.cloudfront_distribution) uses it.
  - The origin has to let CloudFront in. For a bucket, its policy allows the service C(cloudfront.amazonaws.com) to do
    C(s3:GetObject) where C(aws:SourceArn) is the distribution's ARN.
  - Follows
    U(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  name:
    description:
      - Its name, unique in the account, of 64 characters at most.
    type: str
    required: true
  state:
    description:
      - V(present) makes the origin access control exist as described; what is not given stays as it is.
      - V(absent) deletes it. AWS refuses that while a distribution uses it.
    type: str
    choices: [present, absent]
    default: present
  description:
    description:
      - What it is for, in 256 characters at most. Empty for a new one when not given.
    type: str
  origin_type:
    description:
      - The kind of origin that it is for. A new one is for V(s3) when not given.
    type: str
    choices: [s3, lambda, mediapackagev2, mediastore]
  signing_behavior:
    description:
      - Which requests CloudFront signs. V(always) is what AWS recommends, and a new one has when not given.
        V(no-override) leaves requests alone that the viewer has signed, and V(never) switches it off in all
        distributions at once.
    type: str
    choices: [always, no-override, never]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - wellarchitected.aws.reconciled
"""

EXAMPLES = r"""
- name: Let CloudFront sign what it asks a bucket for
  wellarchitected.aws.cloudfront_origin_access_control:
    name: example-assets
    description: Assets of the example site

- name: Delete an origin access control that no distribution uses any more
  wellarchitected.aws.cloudfront_origin_access_control:
    name: example-assets
    state: absent
"""

RETURN = r"""
origin_access_control:
  description: The origin access control as it is, or in check mode as it would be; empty when it is absent.
  returned: success
  type: dict
  contains:
    id:
      description: Its id; in check mode without a value where it would be created.
      type: str
      sample: E1EXAMPLE12345
    name:
      description: Its name.
      type: str
      sample: example-assets
    description:
      description: What it is for.
      type: str
      sample: Assets of the example site
    origin_type:
      description: The kind of origin that it is for.
      type: str
      sample: s3
    signing_behavior:
      description: Which requests CloudFront signs.
      type: str
      sample: always
    signing_protocol:
      description: How it signs them.
      type: str
      sample: sigv4
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.cloudfront import (
    CloudFrontErrorHandler,
    items,
    retry_on_newer_version,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import client, run
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Resource, given

# The members of a configuration, by their fields.
MEMBERS = {
    "name": "Name",
    "description": "Description",
    "origin_type": "OriginAccessControlOriginType",
    "signing_behavior": "SigningBehavior",
    "signing_protocol": "SigningProtocol",
}


class OriginAccessControl(Resource):
    def __init__(self, params, cloudfront):
        super().__init__(given(params, ("description", "origin_type", "signing_behavior")))
        self.name = params["name"]
        self.cloudfront = cloudfront

    @CloudFrontErrorHandler.common_error_handler("find the origin access control {self.name}")
    def find(self):
        controls = items(self.cloudfront.list_origin_access_controls, "OriginAccessControlList")
        return next((read(control) for control in controls if control["Name"] == self.name), None)

    def blank(self):
        return {
            "id": None,
            "name": self.name,
            "description": "",
            "origin_type": "s3",
            "signing_behavior": "always",
            "signing_protocol": "sigv4",
        }

    @CloudFrontErrorHandler.common_error_handler("create the origin access control {self.name}")
    def create(self):
        state = {**self.blank(), **self.given}
        self.cloudfront.create_origin_access_control(OriginAccessControlConfig=write(state))

    @CloudFrontErrorHandler.common_error_handler("change the origin access control {self.name}")
    @retry_on_newer_version
    def update(self, current, changes):
        self.cloudfront.update_origin_access_control(
            Id=current["id"], IfMatch=self._version(current), OriginAccessControlConfig=write({**current, **changes})
        )

    @CloudFrontErrorHandler.deletion_error_handler("delete the origin access control {self.name}")
    @retry_on_newer_version
    def delete(self, current):
        self.cloudfront.delete_origin_access_control(Id=current["id"], IfMatch=self._version(current))

    def _version(self, current):
        return self.cloudfront.get_origin_access_control(Id=current["id"])["ETag"]


def read(control):
    """An origin access control, as CloudFront lists it, as a state."""
    return {"id": control["Id"], **{field: control.get(member, "") for field, member in MEMBERS.items()}}


def write(state):
    return {member: state[field] for field, member in MEMBERS.items()}


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": {"type": "str"},
            "origin_type": {"type": "str", "choices": ["s3", "lambda", "mediapackagev2", "mediastore"]},
            "signing_behavior": {"type": "str", "choices": ["always", "no-override", "never"]},
        },
        supports_check_mode=True,
    )
    run(module, "origin_access_control", lambda: OriginAccessControl(module.params, client(module, "cloudfront")))


if __name__ == "__main__":
    main()
