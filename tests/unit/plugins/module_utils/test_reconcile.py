# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import copy

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.module_utils import reconcile
from ansible_collections.wellarchitected.aws.plugins.module_utils.reconcile import (
    Resource,
    Setting,
    ensure_absent,
    ensure_present,
    given,
    tags_after,
)


class Thing(Resource):
    """A resource whose AWS is a dictionary, and shows what is written only after `delay` reads."""

    partial = frozenset({"switches"})

    def __init__(self, fields, state=None, delay=0, deaf=(), **options):
        super().__init__(fields, **options)
        self.seen = self.stored = state
        self.delay = delay
        self.reads_left = 0
        self.deaf = deaf
        self.same = {"name": lambda current, wanted: current.lower() == wanted.lower()}
        self.calls = []

    def find(self):
        if self.reads_left:
            self.reads_left -= 1
        else:
            self.seen = self.stored
        return copy.deepcopy(self.seen)

    def blank(self):
        return {"name": "", "size": 1, "switches": {"a": True, "b": True}, "tags": {}}

    def create(self):
        self.calls.append("create")
        self._store(self.blank())

    def update(self, current, changes):
        self.calls.append(f"update {', '.join(sorted(changes))}")
        self._store({**current, **{key: value for key, value in changes.items() if key not in self.deaf}})

    def delete(self, current):
        self.calls.append("delete")
        self._store(None)

    def refusal(self, current, changes):
        return "Size is 13 at most." if changes.get("size", 0) > 13 else None

    def deletion_refusal(self, current):
        return "It is in use." if current["size"] == 13 else None

    def _store(self, state):
        self.stored = state
        self.reads_left = self.delay


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    pauses = []
    monkeypatch.setattr(reconcile.time, "sleep", pauses.append)
    return pauses


EXISTING = {"name": "Web", "size": 3, "switches": {"a": True, "b": False}, "tags": {"Owner": "web", "aws:x": "y"}}


def test_create_and_set_what_creating_does_not():
    thing = Thing({"name": "web", "size": 5})
    outcome = ensure_present(thing)
    assert outcome.changed
    assert outcome.before is None
    assert outcome.after == {**thing.blank(), "name": "web", "size": 5}
    assert thing.calls == ["create", "update name, size"]


def test_check_mode_foretells_and_writes_nothing():
    thing = Thing({"name": "web", "size": 5})
    foretold = ensure_present(thing, check_mode=True)
    assert thing.calls == []
    assert foretold == ensure_present(thing)


def test_creating_can_be_enough():
    thing = Thing({"size": 1})
    assert ensure_present(thing).changed
    assert thing.calls == ["create"]


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({}, None),
        ({"size": 3}, None),
        ({"name": "WEB"}, None),
        ({"switches": {"a": True}}, None),
        ({"tags": {"Owner": "web"}}, None),
        ({"size": 4, "name": "web"}, "size"),
        ({"switches": {"a": False}}, "switches"),
        ({"tags": {}}, "tags"),
        ({"tags": {"Owner": "data"}, "size": 2}, "size, tags"),
    ],
)
def test_only_what_is_given_is_compared(fields, changes):
    thing = Thing(fields, EXISTING)
    outcome = ensure_present(thing)
    assert outcome.changed == bool(changes)
    assert thing.calls == ([f"update {changes}"] if changes else [])
    assert outcome.before == EXISTING


def test_the_rest_of_a_partial_field_stays():
    assert ensure_present(Thing({"switches": {"a": False}}, EXISTING)).after["switches"] == {"a": False, "b": False}


@pytest.mark.parametrize("check", [True, False])
def test_refused_before_anything_is_written(check):
    thing = Thing({"size": 14}, EXISTING)
    with pytest.raises(AnsibleAWSError, match="Size is 13 at most"):
        ensure_present(thing, check)
    assert thing.calls == []


def test_reads_until_the_change_shows(pauses):
    thing = Thing({"size": 4}, EXISTING, delay=2)
    outcome = ensure_present(thing)
    assert outcome.after["size"] == 4
    assert outcome.warnings == ()
    assert pauses == [0, 1, 2]


def test_warns_when_the_change_never_shows(pauses):
    outcome = ensure_present(Thing({"size": 4, "name": "db"}, EXISTING, deaf=("size",)))
    assert outcome.after == {**EXISTING, "name": "db"}
    assert outcome.warnings == ("AWS accepted the change, but 30 s later still shows another value of: size.",)
    assert sum(pauses) == 30


def test_fails_when_what_was_created_never_shows():
    with pytest.raises(AnsibleAWSError, match="shows nothing 30 s later"):
        ensure_present(Thing({}, delay=100))


def test_delete_and_delete_again():
    thing = Thing({}, EXISTING)
    assert ensure_absent(thing, check_mode=True).changed
    assert thing.calls == []
    outcome = ensure_absent(thing)
    assert (outcome.changed, outcome.before, outcome.after) == (True, EXISTING, None)
    assert not ensure_absent(thing).changed
    assert thing.calls == ["delete"]


@pytest.mark.parametrize("check", [True, False])
def test_deletion_refused(check):
    thing = Thing({}, {**EXISTING, "size": 13})
    with pytest.raises(AnsibleAWSError, match="in use"):
        ensure_absent(thing, check)
    assert thing.calls == []


def test_result():
    thing = Thing({"size": 4}, EXISTING)
    after = {**EXISTING, "size": 4}
    assert ensure_present(thing).result("thing") == {
        "changed": True,
        "thing": after,
        "diff": {"before": EXISTING, "after": after},
    }
    assert ensure_absent(thing).result("thing") == {
        "changed": True,
        "thing": {},
        "diff": {"before": after, "after": {}},
    }


def test_a_setting_of_nothing():
    class Part(Setting):
        def find(self):
            return None

        def update(self, current, changes):
            raise AssertionError

    assert ensure_present(Part({"size": 4}), check_mode=True).after == {"size": 4}
    with pytest.raises(AnsibleAWSError, match="nothing yet to set size of"):
        ensure_present(Part({"size": 4}))


def test_given():
    params = {"a": None, "b": {}, "c": [], "d": {"x": None, "y": False}, "e": [{"z": None}], "f": 1}
    assert given(params, "abcde") == {"b": {}, "c": [], "d": {"y": False}, "e": [{}]}


@pytest.mark.parametrize(
    ("wanted", "purge", "after"),
    [
        ({"a": "1"}, True, {"a": "1", "aws:x": "y"}),
        ({"a": 2}, True, {"a": "2", "aws:x": "y"}),
        ({"c": "3"}, False, {"a": "1", "b": "2", "c": "3", "aws:x": "y"}),
        ({}, True, {"aws:x": "y"}),
        ({}, False, {"a": "1", "b": "2", "aws:x": "y"}),
    ],
)
def test_tags_after(wanted, purge, after):
    assert tags_after({"a": "1", "b": "2", "aws:x": "y"}, wanted, purge) == after
