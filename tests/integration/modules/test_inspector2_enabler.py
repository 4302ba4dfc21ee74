# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from .conftest import REGION, Story, Teller

MODULE = "inspector2_enabler"


@pytest.fixture
def inspector(sandbox):
    return sandbox.client("inspector2", REGION)


def states_of(inspector):
    (account,) = inspector.batch_get_account_status()["accounts"]
    return {name: state["status"] for name, state in account["resourceState"].items()}


def test_story(modules, inspector):
    modules.tell(
        Story(
            module=MODULE,
            returns="inspector",
            present={"scans": {"ec2": True, "lambda": True}},
            changes=(
                {"scans": {"lambda_code": True}},
                {"scans": {"ecr": True, "ec2": False, "lambda_code": False}},
            ),
            drift=lambda _sandbox: inspector.disable(resourceTypes=["ECR"]),
            absent={"scans": None},
        )
    )
    assert set(states_of(inspector).values()) == {"DISABLED"}


def test_what_is_on_its_way_is_waited_for(sandbox, inspector):
    modules = Teller(sandbox, hurry=600)
    modules.run(MODULE, scans={"ec2": True}, wait=False, waits=False)
    assert states_of(inspector)["ec2"] == "ENABLING"
    # That is as good as on.
    assert not modules.run(MODULE, scans={"ec2": True}, waits=False)["changed"]
    modules.run(MODULE, scans={"ecr": True, "ec2": False}, wait=False, waits=True)
    assert states_of(inspector)["ecr"] == "ENABLED" and states_of(inspector)["ec2"] in ("DISABLING", "DISABLED")
    modules.run(MODULE, scans={"ec2": True})
    assert states_of(inspector) == {"ec2": "ENABLED", "ecr": "ENABLED", "lambda": "DISABLED", "lambdaCode": "DISABLED"}


def test_code_is_scanned_only_of_functions_that_are(modules, inspector):
    for check in (True, False):
        refused = modules.attempt(MODULE, check=check, scans={"lambda_code": True})
        assert refused["msg"] == "scans.lambda_code needs scans.lambda, which is off."
    assert set(states_of(inspector).values()) == {"DISABLED"}
