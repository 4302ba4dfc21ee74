# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest

from .conftest import Story

ARN = "arn:aws:iam::123456789012:policy/shop/web"
NAMES = {"name": "web", "path": "/shop/"}


def saying(*actions):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def let_everything(sandbox):
    sandbox.client("iam").create_policy_version(
        PolicyArn=ARN, PolicyDocument=json.dumps(saying("*")), SetAsDefault=True
    )


def test_story(modules):
    modules.tell(
        Story(
            module="iam_managed_policy",
            returns="policy",
            identity=NAMES,
            present={"description": "For the web tier", "policy": saying("s3:GetObject"), "tags": {"Owner": "ops"}},
            changes=(
                {"policy": saying("s3:GetObject", "s3:PutObject")},
                {"tags": {"Owner": "web", "Project": "shop"}},
                {"tags": {}},
            ),
            drift=let_everything,
        )
    )


def test_few_calls_however_many_policies_there_are(modules, sandbox):
    wanted = {**NAMES, "policy": saying("s3:GetObject")}
    modules.run("iam_managed_policy", **wanted)
    before = len(sandbox.requests())
    modules.run("iam_managed_policy", **wanted)
    assert len(sandbox.requests()) - before == 3


def test_the_oldest_of_five_versions_goes(modules, sandbox):
    for number in range(8):
        modules.run("iam_managed_policy", **NAMES, policy=saying(f"s3:Get{number}"))
    versions = sandbox.client("iam").list_policy_versions(PolicyArn=ARN)["Versions"]
    assert sorted(version["VersionId"] for version in versions) == ["v4", "v5", "v6", "v7", "v8"]
    assert [version["VersionId"] for version in versions if version["IsDefaultVersion"]] == ["v8"]


def test_an_attached_policy_is_detached_and_deleted(modules, sandbox):
    iam = sandbox.client("iam")
    modules.run("iam_managed_policy", **NAMES, policy=saying("s3:GetObject"))
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    iam.create_role(
        RoleName="web", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    iam.attach_role_policy(RoleName="web", PolicyArn=ARN)
    assert modules.run("iam_managed_policy", **NAMES, state="absent")["changed"]
    assert iam.list_attached_role_policies(RoleName="web")["AttachedPolicies"] == []
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_policy(PolicyArn=ARN)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"name": "web"}, "a new one needs the option policy"),
        ({"name": "web", "path": "shop", "policy": saying("*")}, "must begin and end with a slash"),
        ({"name": "web", "policy": "["}, "policy is not valid JSON"),
    ],
)
def test_what_cannot_be_done_is_said(modules, arguments, said):
    assert said in modules.attempt("iam_managed_policy", **arguments)["msg"]
