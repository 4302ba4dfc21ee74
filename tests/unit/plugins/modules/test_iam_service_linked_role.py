# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.modules import iam_service_linked_role as role

SCALING = "autoscaling.amazonaws.com"


@pytest.mark.parametrize(
    ("name", "service", "suffix", "found"),
    [
        ("AWSServiceRoleForAutoScaling", SCALING, None, True),
        ("AWSServiceRoleForAutoScaling_web", SCALING, None, False),
        ("AWSServiceRoleForAutoScaling_web", SCALING, "web", True),
        ("AWSServiceRoleForAutoScaling", SCALING, "web", False),
        (
            "AWSServiceRoleForApplicationAutoScaling_RDSCluster",
            "rds.application-autoscaling.amazonaws.com",
            None,
            True,
        ),
    ],
)
def test_has_suffix(name, service, suffix, found):
    assert role.has_suffix(name, service, suffix) is found


def test_still_used():
    reason = {"Reason": "It is in use", "RoleUsageList": [{"Region": "eu-west-1", "Resources": ["asg/a", "asg/b"]}]}
    assert role.still_used("Role", reason).endswith("Role: It is in use. It is used by asg/a, asg/b.")
    assert role.still_used("Role", {}).endswith("it gives no reason.")


def test_waiter():
    waiter = role.RoleWaiters()._waiter_model_data["role_deleted"]
    states = {acceptor["expected"]: acceptor["state"] for acceptor in waiter["acceptors"]}
    assert states == {"SUCCEEDED": "success", "FAILED": "failure", "IN_PROGRESS": "retry", "NOT_STARTED": "retry"}
