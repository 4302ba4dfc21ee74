# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How every module of this collection brings one AWS resource to the state that its user describes.

A module tells the mechanism about its resource by subclassing Setting (it always exists: an account's or a region's
setting) or Resource (it is created and deleted). States are plain dictionaries in the user's vocabulary: the module's
option names and values. `given` holds only what the user gave, and only that is compared.

Check mode is the same path as a real run; it stops before the first call that writes and answers the predicted state.
"""

from __future__ import annotations

import operator
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags
from ansible_collections.amazon.aws.plugins.module_utils.transformation import scrub_none_parameters

State = dict[str, Any]

# Most AWS APIs answer a read with what was just written, some only after a while: seconds to pause before each read.
READ_BACK_PAUSES = (0, 1, 2, 4, 8, 15)


@dataclass(frozen=True)
class Outcome:
    """What was done, or in check mode what would be done.

    before and after are the resource's states, None where it does not exist; warnings are sentences for the user.
    """

    before: State | None
    after: State | None
    changed: bool
    warnings: tuple[str, ...] = ()

    def result(self, name: str) -> dict[str, Any]:
        """The module's answer, with the resource under its name; an absent one is an empty dictionary."""
        diff = {"before": self.before or {}, "after": self.after or {}}
        return {"changed": self.changed, name: self.after or {}, "diff": diff}


class Setting(ABC):
    """A resource that is there as long as what it belongs to: it can be read and changed, never created or deleted."""

    # Dictionary fields of which the user may give a part; the rest stays as it is. Other fields are stated whole.
    partial: ClassVar[frozenset[str]] = frozenset()
    # Fields whose values can be written in several ways: field -> function(current, wanted) -> are they the same.
    same: ClassVar[Mapping[str, Callable[[Any, Any], bool]]] = {}

    def __init__(self, given: State, purge_tags: bool = True) -> None:
        self.given = given
        self.purge_tags = purge_tags

    @abstractmethod
    def find(self) -> State | None:
        """The state in AWS, normalised; None when the resource, or what the setting belongs to, does not exist."""

    @abstractmethod
    def update(self, current: State, changes: State) -> None:
        """Write the fields of changes, which hold their wanted values, over those of current."""

    def blank(self) -> State:
        """The state to compare with while find() answers None."""
        return {}

    def create(self) -> None:
        """Called when find() answers None: says that there is nothing yet to set."""
        raise AnsibleAWSError(message=f"There is nothing yet to set {', '.join(sorted(self.given))} of.")

    def refusal(self, current: State, changes: State) -> str | None:
        """Why these changes cannot be made, as a sentence for the user; None when they can."""
        return None

    def remarks(self, outcome: Outcome) -> Iterable[str | None]:
        """Sentences on what was found or done that the user should know, as warnings; None is none."""
        return ()

    def beside(self, outcome: Outcome, check_mode: bool) -> dict[str, Any]:
        """What the module answers beside the resource itself."""
        return {}

    def wanted(self, current: State) -> State:
        """The values that the given fields shall have, seen from the current state."""
        fields = {
            field: {**(current.get(field) or {}), **value} if field in self.partial else value
            for field, value in self.given.items()
        }
        if "tags" in fields:
            fields["tags"] = tags_after(current["tags"], fields["tags"], self.purge_tags)
        return fields

    def changes(self, current: State) -> State:
        """The wanted fields that differ from the current ones."""
        return {
            field: value
            for field, value in self.wanted(current).items()
            if not self.same.get(field, operator.eq)(current.get(field), value)
        }


class Resource(Setting):
    """A resource that can be created and deleted."""

    @abstractmethod
    def blank(self) -> State:
        """The state of a new resource before what is given applies, as far as it can be foretold."""

    @abstractmethod
    def create(self) -> None:
        """Create the resource. Given fields that the creating call does not take are left to update()."""

    @abstractmethod
    def delete(self, current: State) -> None:
        """Delete the resource and wait until it is gone."""

    def deletion_refusal(self, current: State) -> str | None:
        """Why the resource cannot be deleted, as a sentence for the user; None when it can."""
        return None


def ensure_present(resource: Setting, check_mode: bool = False) -> Outcome:
    """Make the resource exist, with every given field as given.

    Raises AnsibleAWSError when the change is refused, or when what was created cannot be read back.
    """
    before = resource.find()
    current = resource.blank() if before is None else before
    changes = resource.changes(current)
    if before is not None and not changes:
        return Outcome(before, before, changed=False)
    _raise_if(resource.refusal(current, changes))
    if check_mode:
        return Outcome(before, {**current, **changes}, changed=True)

    if before is None:
        resource.create()
        current = _read_back(resource, lambda state: state is not None)
        changes = resource.changes(current)
    if changes:
        resource.update(current, changes)
        current = _read_back(resource, lambda state: state is not None and not resource.changes(state))
    return Outcome(before, current, changed=True, warnings=_unsettled(resource.changes(current)))


def ensure_absent(resource: Resource, check_mode: bool = False) -> Outcome:
    """Make the resource not exist. Raises AnsibleAWSError when its deletion is refused."""
    before = resource.find()
    if before is None:
        return Outcome(None, None, changed=False)
    _raise_if(resource.deletion_refusal(before))
    if not check_mode:
        resource.delete(before)
    return Outcome(before, None, changed=True)


def given(params: Mapping[str, Any], names: Iterable[str]) -> State:
    """The named options that the user gave, without what is null in them. Empty values are kept: they mean "none"."""
    return scrub_none_parameters({name: params[name] for name in names})


def tags_after(current: Mapping[str, str], wanted: Mapping[str, Any], purge: bool) -> dict[str, str]:
    """The tags that a resource has once wanted is applied to current; AWS's own (aws:...) always stay."""
    to_set, to_remove = compare_aws_tags(current, wanted, purge)
    kept = {key: value for key, value in current.items() if key not in to_remove}
    return {**kept, **{key: str(value) for key, value in to_set.items()}}


def _raise_if(refusal: str | None) -> None:
    if refusal:
        raise AnsibleAWSError(message=refusal)


def _read_back(resource: Setting, done: Callable[[State | None], bool]) -> State:
    state = None
    for pause in READ_BACK_PAUSES:
        time.sleep(pause)
        state = resource.find()
        if done(state):
            break
    if state is None:
        raise AnsibleAWSError(message=f"AWS accepted the request, but shows nothing {sum(READ_BACK_PAUSES)} s later.")
    return state


def _unsettled(changes: State) -> tuple[str, ...]:
    if not changes:
        return ()
    fields = ", ".join(sorted(changes))
    return (f"AWS accepted the change, but {sum(READ_BACK_PAUSES)} s later still shows another value of: {fields}.",)
