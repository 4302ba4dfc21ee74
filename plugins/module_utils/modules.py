# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The few lines between a module's main() and the mechanism in reconcile.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

try:
    import botocore.config
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule reports it

from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .reconcile import Resource, Setting, ensure_absent, ensure_present

if TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

# botocore's standard mode knows every throttling code of every service, server errors and broken connections, and
# retries them under paginators and waiters too, which a decorator around a call cannot.
RETRIES = {"mode": "standard", "total_max_attempts": 10}


def client(module: AnsibleAWSModule, service: str, **options: Any) -> Any:
    """A boto3 client of the service that retries what is worth retrying; the user's aws_config has the last word.

    ``options`` are further ones of the client, such as the ``region`` of a service that is in one alone.
    """
    return module.client(service, config=botocore.config.Config(retries=RETRIES), **options)


@AWSErrorHandler.common_error_handler("find out whose the credentials are")
def own_arn(sts: Any) -> str:
    """The ARN of the user, role or root whose credentials the sts client has."""
    return sts.get_caller_identity()["Arn"]


def own_account(sts: Any) -> str:
    """The 12 digits of the account whose credentials the sts client has."""
    return own_arn(sts).split(":")[4]


@contextmanager
def aws_errors(module: AnsibleAWSModule) -> Iterator[None]:
    """Turn what AWS functions raise into the module's failure."""
    try:
        yield
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        module.fail_json_aws(error)


def run(module: AnsibleAWSModule, name: str, build: Callable[[], Setting]) -> NoReturn:
    """Bring what build() describes to the module's `state`, and exit with it under name.

    A setting cannot be deleted: for its `state: absent`, build() gives it AWS's own defaults.
    """
    with aws_errors(module):
        resource = build()
        if module.params.get("state") == "absent" and isinstance(resource, Resource):
            outcome = ensure_absent(resource, module.check_mode)
        else:
            outcome = ensure_present(resource, module.check_mode)
        beside = resource.beside(outcome, module.check_mode)
    for warning in filter(None, (*outcome.warnings, *resource.remarks(outcome))):
        module.warn(warning)
    module.exit_json(**outcome.result(name), **beside)
