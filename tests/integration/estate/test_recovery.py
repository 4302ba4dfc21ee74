# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An estate that meets trouble: throttled, failing, gone in the middle; destroyed, interrupted, built again.

Those that build follow one another on one estate, and those that destroy on a copy of the whole.
"""

from __future__ import annotations

import time

import pytest

from .conftest import BOTH_WORDS
from .content import everything

FOUNDATION = ("--tags", "encryption,identity,storage,account_baseline")
NETWORKS = ("--tags", "network,security_groups")


def test_throttling_is_waited_out(estate):
    estate.sandbox.faults("throttle", every=3)
    run = estate.run("--tags", "encryption", "--limit", "osaka", "--skip-tags", "always")
    estate.sandbox.faults()
    assert any(request["outcome"] == "fault" for request in estate.sandbox.requests())
    assert run.changes


def wait_for(estate, process, operation: str) -> None:
    """Wait until a run has asked AWS for an operation."""
    deadline = time.monotonic() + 300
    while not any(request["operation"] == operation for request in estate.sandbox.requests()):
        if process.poll() is not None or time.monotonic() > deadline:
            # What goes on running would be in the way of other tests.
            process.kill()
            pytest.fail(f"{operation} was not asked for:\n{process.communicate()[0]}")
        time.sleep(0.1)


def test_an_aws_that_is_gone_is_said(estate, tmp_path):
    estate.sandbox.reset()
    # Few keys, for each is tried for a quarter of a minute; and not one, for that may be done before AWS is gone.
    keys = {name: {"description": name, "via": ["rds"]} for name in ("first", "second", "third")}
    few_keys = estate.described(tmp_path, encryption_keys=keys)
    process = estate.start("--tags", "encryption", "--limit", "osaka", "--skip-tags", "always", few_keys)
    wait_for(estate, process, "CreateKey")
    estate.sandbox.stop()
    output, _ = process.communicate(timeout=300)
    estate.sandbox.start()
    assert process.returncode != 0
    assert "Failed to connect to proxy URL" in output  # which the sandbox is of its own requests


def test_an_internal_error_is_retried_or_said_and_the_next_run_completes(estate):
    estate.sandbox.faults("error", at=10)
    run = estate.attempt(*FOUNDATION)
    estate.sandbox.faults()
    assert run.returncode == 0 or "InternalError" in run.output, run.output
    estate.run(*FOUNDATION)


def test_an_interrupted_build_is_completed_by_the_next_run(estate):
    process = estate.start(*NETWORKS)
    wait_for(estate, process, "CreateSubnet")
    process.terminate()
    process.communicate()
    assert {change.layer for change in estate.run(*NETWORKS).changes} == {"network", "security_groups"}
    assert estate.run(*NETWORKS).changes == set()


def test_nothing_is_destroyed_without_both_words(built):
    before = everything(built.sandbox)
    run = built.attempt(playbook="playbooks/destroy.yml")
    assert run.returncode != 0
    assert "Nothing was touched. To destroy the estate say its name: -e destroy_estate=shop-sandbox" in run.output
    run = built.attempt("-e", "destroy_estate=shop-sandbox", playbook="playbooks/destroy.yml")
    assert run.returncode != 0
    assert "this would delete data:" in run.output and "the key database" in run.output
    run = built.attempt(*BOTH_WORDS, "--tags", "network", playbook="playbooks/destroy.yml")
    assert run.returncode != 0
    assert "The layer security_groups stands on network" in run.output
    assert everything(built.sandbox) == before


def test_an_interrupted_destruction_is_completed_by_the_next_run(built, empty):
    bucket = "shop-sandbox-artifacts-123456789012-us-east-1"
    built.sandbox.client("s3", region="us-east-1").put_object(Bucket=bucket, Key="release.zip", Body=b"release")
    process = built.start(*BOTH_WORDS, playbook="playbooks/destroy.yml")
    wait_for(built, process, "DeleteSubnet")
    process.terminate()
    process.communicate()
    run = built.attempt(*BOTH_WORDS, playbook="playbooks/destroy.yml")
    assert run.returncode == 0, run.output
    assert everything(built.sandbox) == empty


def test_what_was_destroyed_can_be_built_again(built):
    built.run()
