# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: cell_connection
short_description: What the AWS modules of a cell are given to reach its account and region
version_added: 0.1.0
description:
  - Answers the options that every AWS module understands, for use as C(module_defaults) of the action group
    C(wellarchitected.aws.aws). They make the modules patient with an AWS that throttles.
  - With O(role_arn) the role is assumed, and its short-lived credentials are kept in the cache that the AWS CLI uses
    (C(~/.aws/cli/cache)) until they expire, so that a run assumes each role once and not once a task.
options:
  region:
    description: The cell's region.
    type: str
    required: true
  profile:
    description: A profile of the AWS configuration. The environment's credentials are used when not given.
    type: str
  role_arn:
    description: A role to assume with the credentials of O(profile) or of the environment.
    type: str
  endpoint_url:
    description: Where STS is reached, when that is not AWS's own address.
    type: str
requirements:
  - botocore
seealso:
  - name: Switching to an IAM role
    description: How the AWS CLI assumes a role and caches its credentials.
    link: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html
"""

EXAMPLES = r"""
- name: Build the network with an assumed role
  hosts: primary
  module_defaults:
    group/wellarchitected.aws.aws: >-
      {{ lookup('wellarchitected.aws.cell_connection', region='ap-northeast-1',
                role_arn='arn:aws:iam::123456789012:role/example-deployer') }}
"""

RETURN = r"""
_raw:
  description:
    - A list of one dict with C(region) and C(aws_config), and C(profile) or C(access_key), C(secret_key) and
      C(session_token).
  type: list
  elements: dict
"""

import os

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

try:
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.session import Session
    from botocore.utils import JSONFileCache
except ImportError as error:
    BOTOCORE_IMPORT_ERROR = error
else:
    BOTOCORE_IMPORT_ERROR = None


# Modules give up after a few throttled calls otherwise, and an estate makes many.
RETRIES = {"mode": "standard", "max_attempts": 6}


def assume_role(region, role_arn, profile=None, endpoint_url=None):
    """Answers the credentials of a role as ``access_key``, ``secret_key`` and ``session_token``.

    Raises botocore's errors: no credentials, access denied, the profile is not there.
    """
    session = Session(profile=profile)

    def create_client(service, **settings):
        return session.create_client(service, region_name=region, endpoint_url=endpoint_url, **settings)

    fetcher = AssumeRoleCredentialFetcher(
        client_creator=create_client,
        source_credentials=session.get_credentials(),
        role_arn=role_arn,
        extra_args={"RoleSessionName": "wellarchitected.aws"},
        cache=JSONFileCache(os.path.expanduser("~/.aws/cli/cache")),
    )
    credentials = DeferredRefreshableCredentials(
        method="assume-role", refresh_using=fetcher.fetch_credentials
    ).get_frozen_credentials()
    return {
        "access_key": credentials.access_key,
        "secret_key": credentials.secret_key,
        "session_token": credentials.token,
    }


class LookupModule(LookupBase):
    """Answers the connection of one cell."""

    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        region, profile, role_arn = (self.get_option(name) for name in ("region", "profile", "role_arn"))
        connection = {"region": region, "aws_config": {"retries": RETRIES}}
        if not role_arn:
            return [connection | ({"profile": profile} if profile else {})]
        if BOTOCORE_IMPORT_ERROR:
            raise AnsibleLookupError(
                f"cell_role_arn needs the Python package botocore on the control node: {BOTOCORE_IMPORT_ERROR}"
            )
        try:
            credentials = assume_role(region, role_arn, profile, self.get_option("endpoint_url"))
        except (BotoCoreError, ClientError) as error:
            raise AnsibleLookupError(
                f"The role {role_arn} (cell_role_arn) cannot be assumed"
                + (f" with the profile {profile} (cell_profile)" if profile else " with the environment's credentials")
                + f": {error}"
            ) from error
        return [connection | credentials]
