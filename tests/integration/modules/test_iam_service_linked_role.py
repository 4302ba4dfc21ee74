# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from .conftest import Story

NAME = "AWSServiceRoleForAutoScaling"


def test_story(modules):
    modules.tell(
        Story(
            module="iam_service_linked_role",
            returns="role",
            identity={"service_name": "autoscaling.amazonaws.com"},
            present={"description": "For the web tier"},
            changes=({"description": "For all tiers"},),
            drift=lambda sandbox: sandbox.client("iam").update_role(RoleName=NAME, Description="For nobody"),
            unpredictable=frozenset({"role_name", "arn"}),
        )
    )


def test_suffix(modules):
    service = {"service_name": "autoscaling.amazonaws.com"}
    suffixed = modules.run("iam_service_linked_role", **service, custom_suffix="web")["role"]
    assert suffixed["role_name"] == f"{NAME}_web"
    plain = modules.run("iam_service_linked_role", **service)
    assert plain["changed"]
    assert plain["role"]["role_name"] == NAME
    assert not modules.run("iam_service_linked_role", **service, custom_suffix="web")["changed"]


def test_a_name_with_an_underscore_of_its_own(modules):
    service = {"service_name": "rds.application-autoscaling.amazonaws.com"}
    assert "_" in modules.run("iam_service_linked_role", **service)["role"]["role_name"]
    assert not modules.run("iam_service_linked_role", **service)["changed"]
