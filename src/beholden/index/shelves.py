"""All that is held, shelf by shelf in chunks, and how a change of it is prepared aside and comes into use at the gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from beholden.errors import SegmentBroken
from beholden.index.chunks import LEAST_ROWS, MOST_ROWS, Chunk, capacity_for
from beholden.index.gathering import Gate
from beholden.index.scanning import Numbers, Places, Rows, Scanner
from beholden.ports.index import Shelf


class Held:
    """The references of one shelf."""

    def __init__(self, mark: bytes, dimension: int) -> None:
        self.mark = mark  # of the secret by which they are turned, which itself is not kept
        self.dimension = dimension
        self.chunks: list[Chunk] = []

    @property
    def count(self) -> int:
        return sum(chunk.count for chunk in self.chunks)

    @property
    def numbers(self) -> Numbers:
        """Ascending."""
        every = [chunk.face_nos[: chunk.count] for chunk in self.chunks]
        return np.sort(np.concatenate(every), kind="stable") if every else np.zeros(0, dtype=np.int64)


@dataclass(slots=True)
class _Change:
    """What was prepared and is not in use yet."""

    written: list[tuple[Chunk, int]] = field(default_factory=list)  # so many behind those in use
    larger: dict[int, Chunk] = field(default_factory=dict)  # in the place of the chunk with this id
    new: list[Chunk] = field(default_factory=list)


class Shelves:
    """Changes come one at a time: whoever calls `hold`, `drop`, `replace` or `find` has the index's lock for changes."""

    def __init__(self, scanner: Scanner, gate: Gate, check_room: Callable[[int], None]) -> None:
        self.held: dict[Shelf, Held] = {}
        self.counts: dict[Shelf, int] = {}  # never changed, only replaced: to be read at any time
        self._scanner = scanner
        self._gate = gate
        self._check_room = check_room  # raises `Fault` if so many bytes more are too many

    def asked(self, shelves: Sequence[Shelf]) -> list[Held]:
        """At the gate: what is held of these, each once, empty ones left out."""
        known = (self.held.get(shelf) for shelf in dict.fromkeys(shelves))
        return [held for held in known if held is not None and held.count]

    def find(self, numbers: Numbers) -> list[tuple[Shelf, Chunk, Places, Places]]:
        """Where these ascending face numbers are: shelf, chunk, places in `numbers`, places in the chunk."""
        found = [
            (shelf, chunk, *chunk.find(numbers)) for shelf, held in self.held.items() for chunk in list(held.chunks)
        ]
        return [one for one in found if len(one[2])]

    def hold(self, shelf: Shelf, held: Held, numbers: Numbers, rows: Rows) -> None:
        """Put these on the shelf, ascending and each once, and take them from wherever they are: both at one moment."""
        numbers, rows, gone = self._differing(shelf, numbers, rows)
        if not len(numbers):
            return
        change = _Change()
        try:
            self._write(change, held, numbers, rows)
        except BaseException:
            self._undo(change)
            raise
        with self._gate.entered():
            self.held[shelf] = held
            smaller = [chunk for chunk in held.chunks if id(chunk) in change.larger]
            held.chunks = [change.larger.get(id(chunk), chunk) for chunk in held.chunks] + change.new
            for chunk, count in change.written:
                chunk.admit(count)
            emptied = self._remove([(where, change.larger.get(id(chunk), chunk), at) for where, chunk, at in gone])
            self._count({shelf, *(where for where, _, _ in gone)})
        self._wipe([*smaller, *emptied])

    def drop(self, numbers: Numbers) -> None:
        gone = [(shelf, chunk, places) for shelf, chunk, _, places in self.find(numbers)]
        with self._gate.entered():
            emptied = self._remove(gone)
            self._count({shelf for shelf, _, _ in gone})
        self._wipe(emptied)
        for shelf, chunk, _ in gone:
            if chunk.rows is not None and chunk.capacity > LEAST_ROWS and 0 < chunk.count < chunk.capacity // 4:
                self.replace([(shelf, chunk, chunk.resized(capacity_for(2 * chunk.count)))])

    def replace(self, others: Sequence[tuple[Shelf, Chunk, Chunk]]) -> None:
        """Each second chunk in the place of the first, all at one moment; one without rows is left out."""
        with self._gate.entered():
            for shelf, chunk, other in others:
                held = self.held[shelf]
                at = held.chunks.index(chunk)
                held.chunks[at : at + 1] = [other] if other.count else []
            self._count({shelf for shelf, _, _ in others})
        self._wipe([chunk for _, chunk, _ in others])

    def empty(self, shelves: Sequence[Shelf], *, but: Sequence[Chunk] = ()) -> None:
        """Nothing is held of them; some chunks go whole to who calls this, and the others are overwritten."""
        with self._gate.entered():
            gone = [self.held.pop(shelf) for shelf in shelves if shelf in self.held]
            self._count(set(shelves))
        whole = set(map(id, but))
        self._wipe([chunk for held in gone for chunk in held.chunks if id(chunk) not in whole])

    def put(self, shelf: Shelf, held: Held) -> None:
        """A shelf that was filled aside, at once."""
        with self._gate.entered():
            self.held[shelf] = held
            self._count({shelf})

    def _differing(
        self, shelf: Shelf, numbers: Numbers, rows: Rows
    ) -> tuple[Numbers, Rows, list[tuple[Shelf, Chunk, Places]]]:
        """Without what is held already as it would be; with it, what must go for the rest."""
        differs = np.ones(len(numbers), dtype=bool)
        gone = []
        for where, chunk, which, places in self.find(numbers):
            if where == shelf:
                same = self._same(chunk, places, rows[which])
                differs[which[same]] = False
                places = places[~same]
            if len(places):
                gone.append((where, chunk, places))
        return (numbers, rows, gone) if differs.all() else (numbers[differs], rows[differs], gone)

    def _same(self, chunk: Chunk, places: Places, rows: Rows) -> NDArray[np.bool_]:
        """Which of them are as they would be; where that cannot be read, none."""
        try:
            held = chunk.rows_at(places)
        except SegmentBroken:
            return np.zeros(len(places), dtype=bool)
        same: NDArray[np.bool_] = (held == rows).all(axis=1)
        held.fill(0)
        return same

    def _write(self, change: _Change, held: Held, numbers: Numbers, rows: Rows) -> None:
        done = 0
        for at, chunk in enumerate(held.chunks):
            last = at + 1 == len(held.chunks)
            count = min(len(numbers) - done, MOST_ROWS - chunk.count)
            # Rows that are on disk alone are read back for the last chunk only, or many would be for a few holes.
            if not count or (chunk.rows is None and not last):
                continue
            try:
                chunk = self._with_room(change, chunk, count)
            except SegmentBroken:  # what is there can be told by a search alone; these go elsewhere
                continue
            self._write_to(change, chunk, numbers[done : done + count], rows[done : done + count])
            done += count
        while done < len(numbers):
            count = min(len(numbers) - done, MOST_ROWS)
            capacity = capacity_for(count) if not (held.chunks or change.new) else MOST_ROWS
            self._check_room(self.bytes_of(capacity, held.dimension))
            chunk = Chunk(self._scanner, held.dimension, capacity)
            change.new.append(chunk)
            self._write_to(change, chunk, numbers[done : done + count], rows[done : done + count])
            done += count

    def _write_to(self, change: _Change, chunk: Chunk, numbers: Numbers, rows: Rows) -> None:
        change.written.append((chunk, len(numbers)))
        chunk.write(numbers, rows)

    def _with_room(self, change: _Change, chunk: Chunk, count: int) -> Chunk:
        """This one, or a larger one in its place, with its rows in memory and room for so many more."""
        if chunk.count + count > chunk.capacity:
            capacity = capacity_for(chunk.count + count)
            self._check_room(self.bytes_of(capacity, chunk.dimension))
            larger = change.larger[id(chunk)] = chunk.resized(capacity)
            return larger
        if chunk.rows is None:
            self._check_room(4 * chunk.dimension * chunk.capacity)
            chunk.hold_rows(chunk.with_rows())
        return chunk

    def bytes_of(self, rows: int, dimension: int, *, with_rows: bool = True) -> int:
        """What so many rows take: codes, face number, order, and the rows themselves in memory."""
        return int(rows * (self._scanner.row_bytes(dimension) + 8 + 2 + (4 * dimension if with_rows else 0)))

    def _undo(self, change: _Change) -> None:
        aside = [*change.larger.values(), *change.new]
        with self._gate.entered():
            for chunk, count in change.written:
                chunk.take_back(count)
        self._wipe(aside)

    def _remove(self, gone: Sequence[tuple[Shelf, Chunk, Places]]) -> list[Chunk]:
        """At the gate. The chunks that are empty now, which nothing holds any more."""
        emptied = []
        for shelf, chunk, places in gone:
            chunk.remove(places)
            if not chunk.count:
                emptied.append(chunk)
                self.held[shelf].chunks.remove(chunk)
        return emptied

    def _count(self, shelves: set[Shelf]) -> None:
        counts = dict(self.counts)
        for shelf in shelves:
            held = self.held.get(shelf)
            if held is not None and not held.chunks:
                del self.held[shelf]
                held = None
            counts.pop(shelf, None)
            if held is not None:
                counts[shelf] = held.count
        self.counts = counts

    def _wipe(self, chunks: Sequence[Chunk]) -> None:
        for chunk in chunks:
            chunk.wipe()
