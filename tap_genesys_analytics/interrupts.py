"""Signals that end the run: held while something must come to its end."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _Interrupts:
    """What the main thread must not be interrupted in, and what waits for its end.

    Only the main thread is interrupted by signals: others hold nothing.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._waiting: Callable[[], None] | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let interrupts wait until the block has ended; blocks nest."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth and (waiting := self._waiting):
                self._waiting = None
                waiting()

    def interrupt(self, action: Callable[[], None]) -> None:
        """Call the action, which ends the run: now, or once nothing is held any more.

        For signal handlers.
        """
        if self._depth:
            self._waiting = action
        else:
            action()


_interrupts = _Interrupts()
held, interrupt = _interrupts.held, _interrupts.interrupt
