# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How long a resource takes to become ready: AWS's usual time, scaled.

SANDBOX_CLOCK is the scale: 1 is as slow as AWS, 0.01 a hundred times faster, 0 (the default) at once.
"""

from __future__ import annotations

import os
import time


class Transition:
    """A state that becomes another one after a while."""

    def __init__(self, before: str, after: str, seconds: float):
        """Start now; ``seconds`` is what AWS usually takes."""
        self._before = before
        self._after = after
        self._until = time.monotonic() + seconds * float(os.environ.get("SANDBOX_CLOCK", "0"))

    @property
    def state(self) -> str:
        return self._before if time.monotonic() < self._until else self._after
