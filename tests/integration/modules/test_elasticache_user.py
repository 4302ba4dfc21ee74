# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils import elasticache

from .conftest import REGION, Story, Teller

MODULE = "elasticache_user"
PASSWORD = "a-secret-that-nobody-may-see"
ACCESS = "on ~shop:* -@all +@read"


def test_story(modules):
    def drift(sandbox):
        sandbox.client("elasticache", REGION).modify_user(UserId="shop", AppendAccessString="+@write")

    modules.tell(
        Story(
            module=MODULE,
            returns="user",
            identity={"user_id": "Shop"},
            present={"access_string": ACCESS, "authentication_type": "iam", "tags": {"Number": 1}},
            changes=(
                {"tags": {"Environment": "test"}},
                {"access_string": "on ~shop:* +@all -@dangerous"},
                {"authentication_type": "password", "passwords": [PASSWORD, PASSWORD[::-1]]},
                {"engine": "redis", "authentication_type": "no-password-required", "passwords": None},
            ),
            drift=drift,
            unpredictable=frozenset({"arn"}),
        )
    )


def test_passwords(modules, sandbox):
    arguments = {"user_id": "shop-default", "user_name": "default", "access_string": "off -@all"}
    answer = modules.run(MODULE, **arguments, passwords=[PASSWORD])
    assert answer["user"]["authentication_type"] == "password"
    assert PASSWORD not in json.dumps(answer)
    assert not modules.run(MODULE, **arguments, passwords=[PASSWORD[::-1]])["changed"]
    renewed = modules.run(MODULE, **arguments, passwords=[PASSWORD, PASSWORD[::-1]], update_password="always")
    assert renewed["changed"]
    assert PASSWORD not in json.dumps(renewed)
    user = sandbox.client("elasticache", REGION).describe_users(UserId="shop-default")["Users"][0]
    assert user["Authentication"] == {"Type": "password", "PasswordCount": 2}
    # Words that mean the same.
    assert not modules.run(MODULE, **{**arguments, "access_string": "nocommands off"})["changed"]


def test_password_of_a_secret(modules, sandbox):
    arguments = {"user_id": "kept", "access_string": ACCESS, "password_secret_id": "kept"}
    assert modules.run(MODULE, True, **arguments)["changed"]
    assert "There is no secret kept" in modules.attempt(MODULE, **arguments)["msg"]
    sandbox.client("secretsmanager", REGION).create_secret(Name="kept", SecretString=PASSWORD)
    answer = modules.run(MODULE, **arguments)
    assert (answer["changed"], answer["user"]["authentication_type"]) == (True, "password")
    assert PASSWORD not in json.dumps(answer)
    assert not modules.run(MODULE, **arguments)["changed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "needs access_string and authentication_type"),
        ({"user_id": "default", "access_string": "off"}, "AWS's own user default cannot be changed"),
        ({"access_string": ACCESS, "authentication_type": "password"}, "needs passwords"),
        ({"access_string": ACCESS, "passwords": ["short"]}, "must be one or two, of 16 to 128 characters"),
        ({"access_string": ACCESS, "passwords": [PASSWORD], "authentication_type": "iam"}, "do not go with"),
        ({"access_string": ACCESS, "authentication_type": "iam", "user_name": "other"}, "called as its user_id, shop"),
        ({"access_string": ACCESS, "authentication_type": "no-password-required"}, "only with a password or IAM"),
    ],
)
def test_refused(modules, arguments, said):
    assert said in modules.attempt(MODULE, check=True, **{"user_id": "shop", **arguments})["msg"]


def test_default_user_of_a_group(modules, sandbox):
    arguments = {"user_id": "shop-default", "access_string": "off", "passwords": [PASSWORD]}
    modules.run(MODULE, **arguments, user_name="default")
    assert "AWS cannot make it shop" in modules.attempt(MODULE, **arguments, user_name="shop")["msg"]
    cache = sandbox.client("elasticache", REGION)
    cache.create_user_group(UserGroupId="shop", Engine="redis", UserIds=["shop-default"])
    refused = modules.attempt(MODULE, user_id="shop-default", state="absent")
    assert "is the default user of shop. Give that group another user" in refused["msg"]


def test_it_takes_its_time(sandbox, monkeypatch):
    monkeypatch.setattr(elasticache, "PAUSE", 0.1)
    modules = Teller(sandbox, hurry=60)
    arguments = {"user_id": "shop", "authentication_type": "iam"}
    modules.run(MODULE, **arguments, access_string=ACCESS)
    begun = modules.run(MODULE, **arguments, access_string="off", wait=False)
    assert begun["user"]["status"] == "modifying"
    assert modules.run(MODULE, **arguments, access_string="on ~* +@all")["user"]["status"] == "active"
    modules.run(MODULE, user_id="shop", state="absent", wait=False)
    assert "is being deleted" in modules.attempt(MODULE, **arguments, access_string="off")["msg"]
    modules.run(MODULE, user_id="shop", state="absent")
    assert len(sandbox.client("elasticache", REGION).describe_users()["Users"]) == 1
