# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import botocore.exceptions
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils import modules
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import Setting


class Exit(Exception):
    pass


class Module:
    """As much of AnsibleAWSModule as run() needs."""

    def __init__(self, **params):
        self.params = params
        self.check_mode = False
        self.warnings = []
        self.warn = self.warnings.append

    def exit_json(self, **answer):
        raise Exit(answer)

    def fail_json_aws_error(self, error):
        raise Exit(f"sentence: {error.message}")

    def fail_json_aws(self, error):
        raise Exit(f"AWS: {error}")


class Size(Setting):
    def find(self):
        return {"size": 1}

    def update(self, current, changes):
        raise changes["size"]


def test_run_answers_the_resource():
    with pytest.raises(Exit) as exit:
        modules.run(Module(), "size", lambda: Size({"size": 1}))
    assert exit.value.args[0] == {
        "changed": False,
        "size": {"size": 1},
        "diff": {"before": {"size": 1}, "after": {"size": 1}},
    }


def test_run_never_deletes_a_setting():
    with pytest.raises(Exit) as exit:
        modules.run(Module(state="absent"), "size", lambda: Size({}))
    assert not exit.value.args[0]["changed"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AnsibleAWSError(message="No."), "sentence: No."),
        (botocore.exceptions.EndpointConnectionError(endpoint_url="http://192.0.2.1"), "AWS: Could not connect"),
    ],
)
def test_run_fails_with_what_is_raised(error, said):
    with pytest.raises(Exit, match=said):
        modules.run(Module(), "size", lambda: Size({"size": error}))


def test_every_throttling_code_is_retried():
    """botocore's standard mode is relied on for this list."""
    from botocore.retries.standard import ThrottledRetryableChecker

    assert modules.RETRIES["mode"] == "standard"
    assert {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    } <= set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
