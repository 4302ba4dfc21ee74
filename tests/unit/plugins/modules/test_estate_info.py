# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils.estate.discovery import Kind, Scope
from ansible_collections.wellarchitected.aws.plugins.modules import estate_info

SCOPE = Scope("shop", "production", "123456789012", "aws", "ap-northeast-1")


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (
            ["network.vpc"],
            "The estate shop-production has no network.vpc in ap-northeast-1 yet. "
            "Run first: ansible-playbook site.yml --tags network",
        ),
        (
            ["roles.web", "keys.logs", "keys.database"],
            "The estate shop-production has no roles.web and no keys.logs and no keys.database in ap-northeast-1 yet. "
            "Run first: ansible-playbook site.yml --tags encryption,identity",
        ),
        (
            ["buckets.static", "zones"],
            "The estate shop-production has no buckets.static and no zones in ap-northeast-1 yet. "
            "Run first: ansible-playbook site.yml --tags network,static_content",
        ),
    ],
)
def test_what_is_missing_is_said_with_the_layer_to_run(paths, said):
    assert estate_info.explain_missing(paths, SCOPE) == said


def test_placeholders_stand_where_something_is_planned():
    found = {"keys": {"logs": {"id": "found"}}, "network": {"vpc": None}}
    estate_info.with_placeholders(found, ["keys.database", "network.vpc", "roles.web"], SCOPE)
    assert found["keys"]["logs"] == {"id": "found"}
    assert found["keys"]["database"]["component"] == "database"
    assert found["network"]["vpc"]["id"] == "vpc-00000000000000000"
    assert found["roles"]["web"]["name"] == "shop-production-web"


class TestLookingAgain:
    @staticmethod
    def kind_that_appears(looks):
        """A kind that is there when it is looked for as often as this."""
        seen = []

        def find(client, scope):
            seen.append(1)
            return {"logs": 1} if len(seen) >= looks else {}

        return Kind("keys", "kms", "encryption", find, lambda scope, path: None), seen

    @pytest.fixture(autouse=True)
    def clock(self, monkeypatch):
        now = [0.0]
        monkeypatch.setattr(estate_info.time, "monotonic", lambda: now[0])
        monkeypatch.setattr(estate_info.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))

    @pytest.mark.parametrize(
        ("appears_at_look", "seconds", "looks", "lacking"),
        [
            (1, 5, 1, []),
            (3, 5, 3, []),
            (99, 5, 6, ["keys.logs"]),
            (2, 0, 1, ["keys.logs"]),
        ],
    )
    def test_until_it_is_there_or_the_time_is_up(self, appears_at_look, seconds, looks, lacking):
        kind, seen = self.kind_that_appears(appears_at_look)
        found, missing, pending = estate_info.find_until([kind], SCOPE, {"kms": None}, ["keys.logs"], seconds, 1200)
        assert (len(seen), missing, pending) == (looks, lacking, [])
        assert found == {"keys": {} if lacking else {"logs": 1}}

    @pytest.mark.parametrize(
        ("ready_at_second", "ready_seconds", "waited", "pending"),
        [
            (0, 1200, 0, []),
            (120, 1200, 127, []),
            (9999, 60, 60, ["network.nat_gateways.nat-a"]),
            (9999, 0, 0, ["network.nat_gateways.nat-a"]),
        ],
    )
    def test_until_it_is_ready_or_the_time_is_up(self, ready_at_second, ready_seconds, waited, pending):
        now = estate_info.time.monotonic

        def find(client, scope):
            state = "available" if now() >= ready_at_second else "pending"
            return {"nat-a": {"layer": "network", "state": state}}

        kind = Kind("network.nat_gateways", "ec2", "network", find, lambda scope, path: None)
        needs = ["network.nat_gateways.nat-a"]
        answer = estate_info.find_until([kind], SCOPE, {"ec2": None}, needs, 5, ready_seconds)
        assert answer[1:] == ([], pending)
        assert now() == waited


def test_what_is_not_ready_is_said():
    said = estate_info.explain_pending(["network.nat_gateways.nat-a"], "ap-northeast-1", 60)
    assert said.startswith("AWS is still making network.nat_gateways.nat-a in ap-northeast-1, 60 seconds after")
