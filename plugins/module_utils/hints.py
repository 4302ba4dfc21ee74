# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Suggesting what somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: object, known: Iterable[object], cutoff: float = 0.6) -> str:
    """The end of a sentence, with a space in front, that suggests the closest known name; empty when none is close.

    cutoff is how close it has to be, from 0 to 1, the same.
    """
    close = get_close_matches(str(name), list(map(str, known)), n=1, cutoff=cutoff)
    return f" Did you mean {close[0]}?" if close else ""
