# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import threading

import pytest
from ansible_collections.wellarchitected.aws.plugins.module_utils.estate.discovery import (
    DiscoveryError,
    Kind,
    Kinds,
    Scope,
    discover,
    look_up,
    missing,
    put,
    resources_by_layer,
    unready,
)

SCOPE = Scope("shop", "production", "123456789012", "aws", "ap-northeast-1")
ESTATE = {
    "network": {
        "vpc": {"layer": "network", "component": "vpc", "tags": {"layer": 1}},
        "subnets": {"public-a": {"layer": "network", "component": "public-a"}},
        "flow_log": None,
    },
    "keys": {"logs": {"layer": "encryption", "component": "logs"}},
    "zones": ["ap-northeast-1a"],
    "listed": [{"layer": "network"}],
}


@pytest.fixture
def kinds():
    kinds = Kinds()
    for name, flags in (
        ("network.vpc", {}),
        ("network.subnets", {}),
        ("keys", {}),
        ("roles", {"worldwide": True}),
        ("full", {"on_request": True}),
    ):
        kinds.register(name, "ec2", "layer", lambda scope, path: None, **flags)(lambda client, scope: None)
    return kinds


def test_scope():
    assert SCOPE.prefix == "shop-production"
    assert {"Name": "tag:Estate", "Values": ["shop"]} in SCOPE.tag_filters
    assert {"Name": "tag:Environment", "Values": ["production"]} in SCOPE.tag_filters
    assert SCOPE.name_filter == [{"Name": "tag:Name", "Values": ["shop-production-*"]}]
    assert SCOPE.arn("kms", "key/1") == "arn:aws:kms:ap-northeast-1:123456789012:key/1"
    assert SCOPE.arn("iam", "role/a", region="") == "arn:aws:iam::123456789012:role/a"
    assert SCOPE.arn("s3", "a", region="", account_id="") == "arn:aws:s3:::a"


@pytest.mark.parametrize(
    ("wanted", "selected"),
    [
        (["network"], ["network.subnets", "network.vpc"]),
        (["network.vpc"], ["network.vpc"]),
        (["full", "keys", "keys"], ["full", "keys"]),
        ([], []),
    ],
)
def test_select(kinds, wanted, selected):
    assert [kind.name for kind in kinds.select(wanted)] == selected


def test_everything_but_what_is_found_on_request(kinds):
    assert kinds.names == ["full", "keys", "network.subnets", "network.vpc", "roles"]
    assert kinds.everything(worldwide=False) == ["keys", "network.subnets", "network.vpc"]
    assert kinds.everything(worldwide=True) == ["keys", "network.subnets", "network.vpc", "roles"]


@pytest.mark.parametrize("name", ["net", "network.vp", "network.vpc.id", "keys.logs"])
def test_select_what_is_no_kind(kinds, name):
    with pytest.raises(DiscoveryError, match=f"no kind '{name}' to discover. There are: full, keys"):
        kinds.select([name])


@pytest.mark.parametrize(
    ("path", "name", "rest"),
    [
        ("network.vpc", "network.vpc", []),
        ("network.subnets.public-a", "network.subnets", ["public-a"]),
        ("keys.logs.arn", "keys", ["logs", "arn"]),
    ],
)
def test_kind_of_a_path(kinds, path, name, rest):
    kind, below = kinds.of_path(path)
    assert (kind.name, below) == (name, rest)


@pytest.mark.parametrize("path", ["network", "network.vpcs", "keyss.logs"])
def test_path_that_leads_nowhere(kinds, path):
    with pytest.raises(DiscoveryError, match=f"stands at '{path}'"):
        kinds.of_path(path)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("keys.logs.layer", "encryption"),
        ("keys.audit", None),
        ("network.flow_log.id", None),
        ("zones.a", None),
    ],
)
def test_look_up(path, found):
    assert look_up(ESTATE, path.split(".")) == found


def test_put():
    structure = {"keys": {"logs": 1}}
    put(structure, ["keys", "audit"], 2)
    put(structure, ["network", "subnets", "public-a"], 3)
    assert structure == {"keys": {"logs": 1, "audit": 2}, "network": {"subnets": {"public-a": 3}}}


def test_missing():
    needs = ["network.vpc", "network.flow_log", "keys.logs", "keys.audit", "buckets.logs"]
    assert missing(ESTATE, needs) == ["network.flow_log", "keys.audit", "buckets.logs"]


@pytest.mark.parametrize(
    ("needs", "waited_for"),
    [
        (["gateways.a"], []),
        (["gateways.b"], ["gateways.b"]),
        (["gateways"], ["gateways"]),
        (["gateways.b.id", "gateways.a", "keys.logs"], ["gateways.b.id"]),
    ],
)
def test_unready(needs, waited_for):
    kinds = Kinds()
    kinds.register("gateways", "ec2", "network", placeholder=None, ready_state="available")(None)
    kinds.register("keys", "kms", "encryption", placeholder=None)(None)
    gateways = {
        name: {"layer": "network", "id": name, "state": state} for name, state in (("a", "Available"), ("b", "x"))
    }
    assert unready({"gateways": gateways, "keys": {"logs": {"layer": "encryption"}}}, needs, kinds) == waited_for


def test_resources_by_layer():
    assert resources_by_layer(ESTATE) == {"network": 3, "encryption": 1}
    assert resources_by_layer({"network": {"vpc": None}, "zones": []}) == {}


class TestDiscover:
    @staticmethod
    def kind(name, service, find):
        return Kind(name, service, "layer", find, lambda scope, path: None)

    def test_each_kind_is_asked_of_its_service(self):
        def tell(client, scope):
            return f"{client} in {scope.region}"

        kinds = [self.kind("network.vpc", "ec2", tell), self.kind("keys", "kms", tell)]
        assert discover(kinds, SCOPE, {"ec2": "EC2", "kms": "KMS"}) == {
            "network": {"vpc": "EC2 in ap-northeast-1"},
            "keys": "KMS in ap-northeast-1",
        }

    def test_side_by_side(self):
        # Each waits until the other is there, which never happens when they come one after the other.
        both = threading.Barrier(2, timeout=10)
        kinds = [self.kind(name, "ec2", lambda client, scope: both.wait() is not None) for name in ("a", "b")]
        assert discover(kinds, SCOPE, {"ec2": None}) == {"a": True, "b": True}

    def test_errors_are_raised(self):
        def fail(client, scope):
            raise PermissionError("no")

        with pytest.raises(PermissionError):
            discover([self.kind("a", "ec2", fail)], SCOPE, {"ec2": None})
