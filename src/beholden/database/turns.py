"""Writers of one process take turns, in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from beholden.errors import Locked


class Turns:
    """A fair lock. `threading.Lock` lets whoever is running take it again, so that a busy loop starves the others."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._holder: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn. Raises `Locked` when it does not come, RuntimeError when this thread has it already."""
        self._take()
        try:
            yield
        finally:
            self._pass_on()

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for a turn at this moment."""
        with self._guard:
            return bool(self._waiting)

    def _take(self) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._holder == me:
                raise RuntimeError("this thread is in a write transaction already: hand that one on, or end it first")
            if self._holder is None:
                self._holder = me
                return
            called = threading.Event()
            self._waiting.append(called)
        try:
            came = called.wait(self._patience)
        except BaseException:  # Ctrl-C while waiting: neither stay in the queue nor keep a turn that just came
            if not self._give_up(called):
                self._pass_on()
            raise
        if not came and self._give_up(called):
            raise Locked(
                f"another task of this process has been writing for {self._patience:g} seconds: "
                "try again when it has ended"
            )
        with self._guard:
            self._holder = me

    def _give_up(self, called: threading.Event) -> bool:
        """Leave the queue; False if the turn came in the very moment (the caller has it then)."""
        with self._guard:
            if called in self._waiting:
                self._waiting.remove(called)
                return True
            return False

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._holder = 0  # nobody yet, but not free: it belongs to the one who is called
                self._waiting.popleft().set()
            else:
                self._holder = None
