#!/usr/bin/python

# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: estate_info
version_added: 0.1.0
short_description: Discover what an estate has in one account and region
description:
  - Asks AWS what an estate consists of, side by side in one process, and answers one plain structure.
  - Nothing but AWS remembers an estate. EC2's resources are found by their tags C(Estate) and C(Environment) or by a
    C(Name)
    that begins with V(<estate>-<environment>-); keys, buckets, IAM's entities and log groups by their names, which
    cannot change.
  - In check mode, what is needed and not there yet is answered by a placeholder, so that a plan can be made of an
    estate of which nothing is built.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  estate:
    description: The name of the estate.
    type: str
    required: true
  environment:
    description: The environment of the estate.
    type: str
    required: true
  gather:
    description:
      - Which kinds to look for. The name of a branch (V(network)) stands for all kinds below it.
      - When neither O(gather) nor O(needs) is given, everything is looked for, but V(filled_buckets) only when named.
    type: list
    elements: str
    default: []
  needs:
    description:
      - What must be there, as dotted paths into the answer, such as V(keys.logs) or V(network.vpc).
      - The kinds that they lead into are looked for, too.
      - What takes AWS minutes to make (V(network.nat_gateways), V(network.endpoints)) is waited for until it is ready.
      - The module fails with the layer to run first when something is missing, except in check mode.
    type: list
    elements: str
    default: []
  worldwide:
    description:
      - Whether everything includes what is the same in every region of the account, such as IAM's entities.
      - Has no effect when O(gather) or O(needs) is given.
    type: bool
    default: true
  wait_timeout:
    description:
      - For how many seconds to look again for what is needed and not there yet.
      - AWS shows some resources only a moment after they were made.
    type: int
    default: 5
  ready_timeout:
    description:
      - For how many seconds to wait for what is needed, and there, but not ready yet. In check mode nothing is waited
        for.
    type: int
    default: 1200
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Answers placeholders for what is needed and not there.
    support: full
  diff_mode:
    description: Changes nothing.
    support: none
seealso:
  - name: Filtering resources by tag
    description: How EC2 finds what carries a tag.
    link: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
"""

EXAMPLES = r"""
- name: Discover the VPC and the key of the logs
  wellarchitected.aws.estate_info:
    estate: shop
    environment: production
    needs:
      - network.vpc
      - keys.logs
  register: discovery

- name: Discover all there is
  wellarchitected.aws.estate_info:
    estate: shop
    environment: production
  register: discovery
"""

RETURN = r"""
account_id:
  description: The account of the credentials.
  returned: always
  type: str
  sample: "123456789012"
partition:
  description: The partition of the account, such as C(aws).
  returned: always
  type: str
  sample: aws
estate:
  description:
    - What was found, as a nested structure, each resource with C(layer), C(component), C(name), and C(id) or C(arn).
    - What can be repeated is a dict by component, such as C(network.subnets.public-a). What an estate has one of is the
      resource itself, or null.
  returned: always
  type: dict
  sample:
    keys:
      logs:
        layer: encryption
        component: logs
        name: logs
        id: 1234abcd-12ab-34cd-56ef-1234567890ab
        arn: arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
        alias: alias/shop-production-logs
        state: Enabled
planned:
  description: The needed paths at which a placeholder stands, because check mode found nothing there.
  returned: always
  type: list
  elements: str
  sample: [network.vpc]
resources_by_layer:
  description: How many resources were found, by the layer that owns them.
  returned: always
  type: dict
  sample: {network: 27, encryption: 7}
"""

import itertools
import time
from contextlib import suppress

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.wellarchitected.aws.plugins.module_utils.estate.discovery import (
    DiscoveryError,
    Scope,
    discover,
    missing,
    put,
    resources_by_layer,
    unready,
)
from ansible_collections.wellarchitected.aws.plugins.module_utils.estate.kinds import KINDS

with suppress(ImportError):  # AnsibleAWSModule says so.
    from botocore.exceptions import BotoCoreError, ClientError

# What is made in minutes is not asked for every second; what AWS shows a moment late is.
PAUSES = (1, 1, 1, 1, 1, 2, 2, 3, 5, 10)


def layer_of(path, scope):
    """The layer that makes what is needed. A kind may have resources of several, as buckets are."""
    kind, rest = KINDS.of_path(path)
    planned = kind.placeholder(scope, rest)
    return planned["layer"] if isinstance(planned, dict) else kind.layer


def explain_missing(paths, scope):
    """The sentence that says what is missing and which layers to run first."""
    layers = sorted({layer_of(path, scope) for path in paths})
    return (
        f"The estate {scope.prefix} has no {' and no '.join(paths)} in {scope.region} yet. "
        f"Run first: ansible-playbook site.yml --tags {','.join(layers)}"
    )


def explain_pending(paths, region, seconds):
    """The sentence that says what is not ready, and what to do."""
    return (
        f"AWS is still making {', '.join(paths)} in {region}, {seconds} seconds after they were first looked for. "
        "Run the same again to go on waiting, or give ready_timeout more seconds."
    )


def with_placeholders(found, paths, scope):
    """Puts what stands for a planned resource at each of the paths of the found structure."""
    for path in paths:
        kind, rest = KINDS.of_path(path)
        put(found, path.split("."), kind.placeholder(scope, rest))


def find_until(kinds, scope, clients, needs, seconds, ready_seconds):
    """Looks again until what is needed is there and ready, or its time is up.

    Answers what is there, the needed paths at which nothing is, and those at which something is not ready.
    """
    started = time.monotonic()
    for pause in itertools.chain(PAUSES, itertools.repeat(PAUSES[-1])):
        found = discover(kinds, scope, clients)
        lacking = missing(found, needs)
        pending = unready(found, [path for path in needs if path not in lacking], KINDS)
        limit = seconds if lacking else ready_seconds
        passed = time.monotonic() - started
        if not (lacking or pending) or passed >= limit:
            return found, lacking, pending
        time.sleep(min(pause, limit - passed))


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "estate": {"type": "str", "required": True},
            "environment": {"type": "str", "required": True},
            "gather": {"type": "list", "elements": "str", "default": []},
            "needs": {"type": "list", "elements": "str", "default": []},
            "worldwide": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 5},
            "ready_timeout": {"type": "int", "default": 1200},
        },
        supports_check_mode=True,
    )
    gather, needs = module.params["gather"], module.params["needs"]
    try:
        wanted = [*gather, *(KINDS.of_path(path)[0].name for path in needs)] or KINDS.everything(
            module.params["worldwide"]
        )
        kinds = KINDS.select(wanted)
        identity = module.client("sts", retry_decorator=AWSRetry.jittered_backoff()).get_caller_identity(aws_retry=True)
        scope = Scope(
            estate=module.params["estate"],
            environment=module.params["environment"],
            account_id=identity["Account"],
            partition=identity["Arn"].split(":")[1],
            region=module.region,
        )
        # boto3 sessions are not safe to share between threads, so every client is made before the first one starts.
        clients = {service: module.client(service) for service in sorted({kind.service for kind in kinds})}
        patience = [0, 0] if module.check_mode else [module.params["wait_timeout"], module.params["ready_timeout"]]
        found, lacking, pending = find_until(kinds, scope, clients, needs, *patience)
    except DiscoveryError as error:
        module.fail_json(msg=str(error))
    except (BotoCoreError, ClientError) as error:
        module.fail_json_aws(error, msg="Failed to discover the estate")

    counts = resources_by_layer(found)
    if lacking and not module.check_mode:
        module.fail_json(msg=explain_missing(lacking, scope), missing=lacking)
    if pending and not module.check_mode:
        module.fail_json(msg=explain_pending(pending, scope.region, module.params["ready_timeout"]), pending=pending)
    with_placeholders(found, lacking, scope)
    module.exit_json(
        changed=False,
        account_id=scope.account_id,
        partition=scope.partition,
        estate=found,
        planned=lacking,
        resources_by_layer=counts,
    )


if __name__ == "__main__":
    main()
