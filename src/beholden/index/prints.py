"""Fingerprints in memory: 32 bytes a picture, each compared with every other by counting bits. It misses nothing."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WORDS = 4  # of 64 bits
LEAST_ROWS = 64


class MemoryPrints:
    """The rows in no order; safe in many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._applied = -1
        self._rows: NDArray[np.uint64] = np.zeros((LEAST_ROWS, WORDS), dtype=np.uint64)
        self._ids: list[str] = []
        self._places: dict[str, int] = {}

    @property
    def applied(self) -> int:
        return self._applied

    def hold(self, ids: Sequence[str], bits: Sequence[bytes]) -> None:
        rows = [_row(one) for one in bits]
        with self._lock:
            for id, row in zip(ids, rows, strict=True):
                place = self._places.get(id)
                if place is None:
                    if len(self._ids) == len(self._rows):
                        self._resize(2 * len(self._rows))
                    place = self._places[id] = len(self._ids)
                    self._ids.append(id)
                self._rows[place] = row

    def drop(self, ids: Sequence[str]) -> None:
        with self._lock:
            for id in ids:
                place = self._places.pop(id, None)
                if place is None:
                    continue
                last = len(self._ids) - 1
                moved = self._ids.pop()
                if place != last:
                    self._rows[place], self._ids[place] = self._rows[last], moved
                    self._places[moved] = place
                self._rows[last] = 0

    def reached(self, print_no: int) -> None:
        self._applied = max(self._applied, print_no)

    def near(self, bits: bytes, within: int) -> list[tuple[str, int]]:
        asked = _row(bits)
        with self._lock:
            apart = np.bitwise_count(self._rows[: len(self._ids)] ^ asked).sum(axis=1)
            found = [(self._ids[place], int(apart[place])) for place in np.flatnonzero(apart <= within)]
        return sorted(found, key=lambda one: (one[1], one[0]))

    def _resize(self, rows: int) -> None:
        wider = np.zeros((rows, WORDS), dtype=np.uint64)
        wider[: len(self._ids)] = self._rows[: len(self._ids)]
        self._rows[:] = 0  # what was copied does not stay behind in memory
        self._rows = wider


def _row(bits: bytes) -> NDArray[np.uint64]:
    if len(bits) != 8 * WORDS:
        raise ValueError(f"a fingerprint is {8 * WORDS} bytes, not {len(bits)}")
    return np.frombuffer(bits, dtype=np.uint64)
