# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A few lines that stay at the bottom of the terminal, below all that Ansible prints.

They begin with an empty line, and the cursor rests on that one. So what anybody prints, this class asked or not, lands
above the lines and never under them, and there is nothing to restore on a terminal that is left in the middle of a run.

The lines are drawn anew by a thread, since no event comes while a task is waiting. Ansible forks its workers from this
process: all that the thread does, it does holding the lock that Ansible holds when it forks (its own thread for results
relies on that, too), and nothing that it could have locked is ever copied in that state. An alarm signal would need no
thread, but it would come in the middle of somebody's write to the same stream.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable

REFRESH_SECONDS = 0.2
ERASE_LINE = "\x1b[K"
ERASE_BELOW = "\x1b[J"


def fits(stream) -> bool:
    """Whether a stream is a terminal where lines can be drawn anew."""
    return stream.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb")


class LiveView:
    """Shows what ``lines(columns, rows)`` answers, between :meth:`show` and :meth:`hide`."""

    def __init__(self, display, lines: Callable[[int, int], list[str]]) -> None:
        self._display = display
        self._lines = lines
        self._lock = display._lock
        self._stream = sys.stdout
        self._wanted = False
        self._drawn: list[str] = []
        self._line_is_open = False  # something was printed that has no line end yet
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        # A worker's output goes through the main process.
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.close)

    def show(self) -> None:
        """Show the lines from now on."""
        with self._lock:
            self._wanted = True
            if self._thread is None:
                # Everything that is printed makes room for itself first.
                self._print, self._display.display = self._display.display, self._make_room
                self._ask, self._display.prompt_until = self._display.prompt_until, self._make_way
                self._stopping.clear()
                self._thread = threading.Thread(target=self._refresh, name="live view", daemon=True)
                self._thread.start()
            self._draw()

    def hide(self) -> None:
        """Take the lines away, until they are to be shown again."""
        with self._lock:
            self._erase()
            self._wanted = False

    def close(self) -> None:
        """Take the lines away, and leave everything as it was."""
        self.hide()
        if self._thread is not None:
            self._stopping.set()
            self._thread.join()
            self._thread = None
            del self._display.display, self._display.prompt_until

    def _make_room(self, *args, **kwargs) -> None:
        if not self._wanted:
            self._print(*args, **kwargs)
            return
        with self._lock:
            self._erase()
            self._print(*args, **kwargs)
            self._line_is_open = not kwargs.get("newline", True)
            self._draw()

    def _make_way(self, *args, **kwargs):
        shown = self._wanted
        self.hide()
        try:
            return self._ask(*args, **kwargs)
        finally:
            if shown:
                self.show()

    def _refresh(self) -> None:
        while not self._stopping.wait(REFRESH_SECONDS):
            with self._lock:
                if self._wanted:
                    self._draw()

    def _draw(self) -> None:
        if self._line_is_open or self._in_background():
            return
        size = os.get_terminal_size(self._stream.fileno())
        # Neither the last column is used nor the last row: both could make the terminal move what it shows.
        lines = self._lines((size.columns or 80) - 1, (size.lines or 24) - 2)
        if lines and lines != self._drawn:
            below = "".join(f"\n{line}{ERASE_LINE}" for line in lines)
            # In one piece, and nothing is erased before it is written anew: so nothing flickers.
            self._write(f"\r{ERASE_LINE}{below}{ERASE_BELOW}\x1b[{len(lines)}A\r")
            self._drawn = lines

    def _erase(self) -> None:
        if self._drawn:
            self._write(f"\r{ERASE_BELOW}")
            self._drawn = []

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()

    def _in_background(self) -> bool:
        try:
            return os.tcgetpgrp(self._stream.fileno()) != os.getpgrp()
        except OSError:  # not the terminal that this process was started from
            return False

    def _forget(self) -> None:
        self._wanted, self._drawn = False, []
