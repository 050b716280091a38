"""What was made of a file a moment ago: whoever turns a page back, or takes the next pair, does not wait for it to be made again.

It is found by the file's own bytes alone. Of a photograph whose key was destroyed nobody has them any more, so what was made
of it is given to nobody, and is let go once its time is over or something newer takes its room.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from threading import Lock

MOST_BYTES = 32 * 1024 * 1024
KEPT_FOR = 1800.0  # seconds; an examiner takes many minutes for a pair


class Recent:
    """Byte strings by what they were made from, the oldest first to go."""

    def __init__(
        self, most: int = MOST_BYTES, lasts: float = KEPT_FOR, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._lasts, self._now = most, lasts, now
        self._kept: dict[Hashable, tuple[float, tuple[bytes, ...]]] = {}
        self._size = 0
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Sequence[bytes]]) -> tuple[bytes, ...]:
        """What is kept under this key, else what `make` gives now; where that raises, nothing is kept."""
        with self._lock:
            self._let_go(self._now())
            kept = self._kept.get(key)
        if kept is not None:
            return kept[1]
        made = tuple(make())
        with self._lock:
            if key not in self._kept:  # another thread may have made it too
                self._kept[key] = (self._now() + self._lasts, made)
                self._size += _size(made)
            self._let_go(self._now())
        return made

    def _let_go(self, now: float) -> None:
        for key in list(self._kept):
            ends_at, made = self._kept[key]
            if now < ends_at and self._size <= self._most:
                break
            del self._kept[key]
            self._size -= _size(made)


def _size(made: Sequence[bytes]) -> int:
    return sum(len(one) for one in made)
