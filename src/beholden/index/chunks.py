"""Up to 65,536 references of one shelf, without order: their codes, their face numbers, and their rows or a sealed copy.

What a pass reads (the places in use) changes only at the gate. Places that are not in use yet may be written while a pass
runs, and everything that is given back is overwritten.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from beholden.index.frames import Segment
from beholden.index.scanning import Numbers, Places, Rows, Scanner

MOST_ROWS = 65_536  # so that a place in one takes two bytes
LEAST_ROWS = 64


def capacity_for(count: int) -> int:
    """Powers of two, so that growing costs a constant for each row."""
    capacity = LEAST_ROWS
    while capacity < min(count, MOST_ROWS):
        capacity *= 2
    return capacity


class Chunk:
    def __init__(self, scanner: Scanner, dimension: int, capacity: int, *, with_rows: bool = True) -> None:
        self.dimension, self.capacity = dimension, capacity
        self.codes = scanner.codes(dimension, capacity)
        self.face_nos: Numbers = np.zeros(capacity, dtype=np.int64)
        self.rows: Rows | None = np.zeros((capacity, dimension), dtype=np.float32) if with_rows else None
        self.segment: Segment | None = None  # the sealed copy
        self.kept = False  # whether the sealed copy has just these rows, each at its place
        self.changes = 0  # counted, so that who wrote a copy sees whether it is still one
        self._scanner = scanner
        self._sealed_at: NDArray[np.int32] | None = None  # where each row lies in the segment; None: at its own place
        self._order: NDArray[np.uint16] | None = None  # the places by face number; None: to be made again
        self._least, self._greatest = np.iinfo(np.int64).max, np.iinfo(np.int64).min

    @property
    def count(self) -> int:
        return self.codes.count

    @property
    def nbytes(self) -> int:
        held = (self.face_nos, self.rows, self._sealed_at, self._order)
        return self.codes.nbytes + sum(one.nbytes for one in held if one is not None)

    def find(self, numbers: Numbers) -> tuple[Places, Places]:
        """Which of these ascending face numbers are here (by their place in `numbers`), and where."""
        first, end = np.searchsorted(numbers, self._least), np.searchsorted(numbers, self._greatest, side="right")
        if not self.count or first >= end:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        if self._order is None:
            # Numbers come almost in order, and a merge sort is quick where they do.
            self._order = np.argsort(self.face_nos[: self.count], kind="stable").astype(np.uint16)
        some = numbers[first:end]
        near = np.searchsorted(self.face_nos[: self.count], some, sorter=self._order)
        places = self._order[np.minimum(near, self.count - 1)].astype(np.int64)
        here = self.face_nos[places] == some
        return first + np.flatnonzero(here), places[here]

    def rows_at(self, places: Places) -> Rows:
        """A copy. Raises `SegmentBroken` where a row is only in a sealed copy that cannot be read."""
        if self.rows is not None:
            return self.rows[places]
        assert self.segment is not None
        return self.segment.rows(places if self._sealed_at is None else self._sealed_at[places].astype(np.int64))

    def write(self, face_nos: Numbers, rows: Rows) -> None:
        """Put them behind those in use, which they are not themselves before `admit`."""
        assert self.rows is not None, "rows are added to a chunk that has its rows in memory"
        start, end = self.count, self.count + len(rows)
        self.codes.put(start, rows)
        self.rows[start:end], self.face_nos[start:end] = rows, face_nos

    def admit(self, count: int) -> None:
        """At the gate: the next `count` that were written are in use."""
        new = self.face_nos[self.count : self.count + count]
        self._least, self._greatest = min(self._least, int(new.min())), max(self._greatest, int(new.max()))
        self.codes.count += count
        self._changed()

    def take_back(self, count: int) -> None:
        """At the gate: of what was written behind those in use, nothing stays."""
        self.codes.count += count
        self._cut(self.count - count)

    def remove(self, places: Places) -> None:
        """At the gate: the last rows come to the places of those that go, whose bytes are overwritten."""
        left = self.count - len(places)
        stays = np.ones(self.count - left, dtype=bool)
        stays[places[places >= left] - left] = False
        sources, targets = left + np.flatnonzero(stays), places[places < left]
        if self.rows is not None:
            self._sealed_at = None
        elif self._sealed_at is None:
            self._sealed_at = np.arange(self.capacity, dtype=np.int32)
        if len(sources):
            self.codes.move(sources, targets)
            for held in (self.face_nos, self.rows, self._sealed_at):
                if held is not None:
                    held[targets] = held[sources]
        self._cut(left)
        self._changed()

    def resized(self, capacity: int, without: Places | None = None) -> Chunk:
        """Another one with the same rows in the same order, or without those at some places; all of them in memory.

        This one is to be wiped when no pass can read it any more.
        """
        other = Chunk(self._scanner, self.dimension, capacity)
        stays = np.ones(self.count, dtype=bool)
        if without is not None:
            stays[without] = False
        if stays.any():
            places = np.flatnonzero(stays)
            rows = self.rows_at(places)
            other.write(self.face_nos[places], rows)
            rows.fill(0)
            other.admit(len(places))
        return other

    @classmethod
    def loaded(cls, scanner: Scanner, segment: Segment, *, with_rows: bool) -> Chunk:
        """What a segment holds. Raises `SegmentBroken` for one that is not as it was written."""
        chunk = cls(scanner, segment.dimension, capacity_for(segment.count), with_rows=with_rows)
        for first, rows in segment.each(chunk.rows):
            chunk.codes.put(first, rows)
            if chunk.rows is None:
                rows.fill(0)
        chunk.face_nos[: segment.count] = segment.face_nos
        chunk.admit(segment.count)
        chunk.back(segment)
        return chunk

    def with_rows(self) -> Rows:
        """The rows of a chunk that has them in a sealed copy alone, for `hold_rows`."""
        rows: Rows = np.zeros((self.capacity, self.dimension), dtype=np.float32)
        rows[: self.count] = self.rows_at(np.arange(self.count))
        return rows

    def hold_rows(self, rows: Rows) -> None:
        """From now on they are in memory: a pass reads the same numbers there as in the sealed copy."""
        self.rows = rows

    def let_rows_go(self) -> None:
        """At the gate: from now on they are read from the sealed copy."""
        assert self.kept, "rows that no segment has would be lost"
        assert self.rows is not None
        self.rows.fill(0)
        self.rows = None

    def back(self, segment: Segment) -> None:
        """At the gate: this segment has just the rows of this chunk, each at its place."""
        self.segment, self._sealed_at, self.kept = segment, None, True

    def wipe(self) -> None:
        """When no pass can read it any more."""
        self._cut(0)

    def _cut(self, count: int) -> None:
        used = self.count
        self.codes.cut(count)
        self.face_nos[count:used] = 0
        if self.rows is not None:
            self.rows[count:used] = 0

    def _changed(self) -> None:
        self.kept, self._order = False, None
        self.changes += 1
