"""The exact index: a first pass that proves what it leaves out, and float64 sums in a fixed order of the rest. It misses nothing.

Whatever the machine, the scanner, the batch or the number of threads, the list is that of a comparison with every row in
float64.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np

from beholden.errors import Fault, SegmentBroken
from beholden.index.calls import Calls
from beholden.index.choosing import best_scanner
from beholden.index.chunks import Chunk
from beholden.index.copies import Copies
from beholden.index.gathering import Gate, Gathering
from beholden.index.passes import Ask, Passes, other_dimension
from beholden.index.room import free_bytes
from beholden.index.scanning import UNIT, Numbers, Rows, Scanner
from beholden.index.segments import Segments
from beholden.index.shelves import Held, Shelves
from beholden.index.turning import Matrix, turn_of, turned
from beholden.ports.index import Neighbours, Shelf, Size
from beholden.ports.model import Template

# Float32 rows that are kept in memory, where there are segments to read the others from [512 MB at 128 dimensions].
RESIDENT_ROWS = 1_000_000
AT_ONCE = 4  # rows turned at a time, for each dimension: fewer are slower a row at 512, and more at 128


class ExactIndex:
    """Implements `ports.index.Index`, in memory, with a sealed copy on disk if it is given segments. Safe in many threads.

    Searches that wait for each other share one pass. A change is prepared beside them, and enters between two passes.
    """

    def __init__(
        self,
        address: str = "exact:",
        segments: Segments | None = None,
        *,
        scanner: Scanner | None = None,
        resident: int = RESIDENT_ROWS,
        free: Callable[[], int] = free_bytes,
    ) -> None:
        """`resident`: float32 rows that stay in memory where segments hold the others; `free`: bytes that may be taken."""
        scheme, _, path = address.partition(":")
        if scheme != "exact" or (path and not Path(path).is_absolute()):
            raise Fault(f"{address!r} is no address of the exact index: write `exact:`, or `exact:` and a whole path.")
        self._calls = Calls(Path(path) if path else None)
        self._scanner = scanner if scanner is not None else best_scanner()
        self._free = free
        self._changing = threading.RLock()
        self._gate = gate = Gate()
        self._store = Shelves(self._scanner, gate, self._check_room)
        self._copies = None
        if segments is not None:
            self._copies = Copies(self._store, segments, self._scanner, self._changing, gate, resident)
        self._gathering: Gathering[Ask, Neighbours] = Gathering(
            gate, Passes(self._store, self._scanner, self._turned, self._found_broken).answer_all
        )
        self._turning = threading.Lock()
        self._turns: dict[tuple[bytes, int], Matrix] = {}
        self._applied = -1

    @property
    def applied(self) -> int:
        return self._applied

    def hold(self, shelf: Shelf, secret: bytes, face_nos: Sequence[int], templates: Sequence[Template]) -> None:
        """All of the batch is kept or, with a `Fault`, none: if a template is no unit vector of the shelf's dimension, if
        the secret is not the one that the shelf's rows are turned by, or if there is too little memory."""
        if len(face_nos) != len(templates):
            raise Fault(f"{len(face_nos)} face numbers came with {len(templates)} templates: give one for each.")
        if not len(face_nos):
            return
        given = _unit_vectors(templates)
        numbers, first = np.unique(np.asarray(face_nos, dtype=np.int64)[::-1], return_index=True)
        last = len(given) - 1 - first  # of a face that comes twice, the last is kept
        mark = _mark(secret)
        turn = self._turn(mark, secret, given.shape[1])
        rows: Rows = np.empty((len(numbers), given.shape[1]), dtype=np.float32)
        step = AT_ONCE * given.shape[1]
        for start in range(0, len(numbers), step):
            if start:
                with self._gate.entered():  # who searches goes first: all cores are theirs until their pass ends
                    pass
            rows[start : start + step] = turned(turn, given[last[start : start + step]])
        try:
            with self._changing:
                held = self._store.held.get(shelf, Held(mark, given.shape[1]))
                if held.mark != mark:
                    raise Fault(
                        f"The secret of gallery {shelf.gallery_id!r} has changed since its references were indexed: "
                        "start again to rebuild it from the records."
                    )
                if held.dimension != given.shape[1]:
                    raise Fault(other_dimension(given.shape[1], held.dimension))
                self._turns.setdefault((mark, held.dimension), turn)
                self._store.hold(shelf, held, numbers, rows)
        finally:
            rows.fill(0)
            given.fill(0)

    def begin_anew(self, shelf: Shelf, secret: bytes) -> None:
        mark = _mark(secret)
        with self._changing:
            held = self._store.held.get(shelf)
            if held is None:
                return
            if held.mark != mark:
                self._store.empty([shelf])
                if all(held.mark != other.mark for other in self._store.held.values()):
                    self._turns.pop((held.mark, held.dimension), None)
            else:
                self._turn(mark, secret, held.dimension)  # of a shelf that was restored: its segment has no secret

    def drop(self, face_nos: Sequence[int]) -> None:
        with self._changing:
            self._store.drop(np.unique(np.asarray(face_nos, dtype=np.int64)))

    def reached(self, change_no: int) -> None:
        with self._changing:
            self._applied = max(self._applied, change_no)

    def rows(self, shelves: Sequence[Shelf]) -> int:
        counts = self._store.counts
        return sum(counts.get(shelf, 0) for shelf in dict.fromkeys(shelves))

    def calls(self) -> Sequence[int]:
        return self._calls.entries()

    def nearest(
        self, templates: Sequence[Template], limit: int, shelves: Sequence[Shelf], *, entry: int = -1
    ) -> Neighbours:
        """Raises `Fault` for a negative limit, and for a probe that is no unit vector of the shelves' dimension; and
        `IndexIncomplete` where a row cannot be read, or the secret of a shelf was not told since it was restored."""
        if limit < 0:
            raise Fault(f"A list of {limit} candidates cannot be made: ask for none or more.")
        ask = Ask(_unit_vectors(templates), limit, tuple(sorted(set(shelves))))
        self._calls.add(entry)
        try:
            for shelf in ask.shelves:
                held = self._store.held.get(shelf)
                if held is not None and held.dimension == ask.probes.shape[1]:
                    self._turned(ask, held)  # before its pass, so that a pass does little else than compare
            return self._gathering.ask(ask)
        finally:
            ask.wipe()

    def restore(self) -> int:
        if self._copies is None:
            return 0
        with self._changing:
            self._applied = -1
            rows, self._applied = self._copies.restore(self._check_room)
            return rows

    @property
    def stale(self) -> bool:
        return self._copies is not None and self._copies.stale

    @property
    def stamp(self) -> str:
        return "" if self._copies is None else self._copies.stamp

    def writing(self, *, wait: bool = True) -> AbstractContextManager[bool]:
        return nullcontext(True) if self._copies is None else self._copies.segments.writing(wait=wait)

    def write(self) -> int:
        return 0 if self._copies is None else self._copies.write()

    def keep(self, stamp: Callable[[], str] = str) -> int:
        return 0 if self._copies is None else self._copies.keep(lambda: self._applied, stamp)

    def expunge(self, face_nos: Sequence[int]) -> Sequence[bytes]:
        if self._copies is None:
            self.drop(face_nos)
            return ()
        return self._copies.expunge(face_nos)

    def tidy(self) -> set[str]:
        return set() if self._copies is None else self._copies.segments.tidy()

    def forget(self, *, copy: bool = True, wait: bool = True) -> None:
        with self.writing(wait=wait) if copy else nullcontext(), self._changing:
            self._applied = -1
            if self._copies is None:
                self._store.empty(list(self._store.held))
            else:
                self._copies.forget(copy=copy, wait=wait)

    def numbers(self, shelf: Shelf) -> Numbers:
        with self._changing:
            held = self._store.held.get(shelf)
            return held.numbers if held is not None else np.zeros(0, dtype=np.int64)

    def shelves(self) -> list[Shelf]:
        return sorted(self._store.counts)

    def size(self) -> Size:
        with self._changing:
            memory = sum(chunk.nbytes for held in self._store.held.values() for chunk in held.chunks)
            rows = sum(self._store.counts.values())
        if self._copies is None:
            return Size(rows, memory, 0, 0, self._free(), self._scanner.name)
        listed, _ = self._copies.segments.listed()
        sealed = sum(one.count for one in listed)
        return Size(rows, memory, sealed, self._copies.segments.size, self._free(), self._scanner.name)

    def expected_bytes(self, rows: int, dimension: int, *, sealed: bool = True) -> int:
        resident = self._copies.resident_of(rows) if sealed and self._copies is not None else rows
        return self._store.bytes_of(rows, dimension, with_rows=False) + 4 * dimension * resident

    def check_room(self, rows: int, dimension: int, *, sealed: bool = True) -> None:
        self._check_room(self.expected_bytes(rows, dimension, sealed=sealed))

    def check_copy(self) -> int:
        return 0 if self._copies is None else self._copies.segments.check()

    def _check_room(self, needed: int) -> None:
        free = self._free()
        if needed > free:
            raise Fault(
                f"The index needs {needed / 2**20:,.0f} MiB more memory and {free / 2**20:,.0f} MiB are free: nothing more was "
                "loaded, and what is not whole is not searched. Give the machine more memory (`beholden index size`)."
            )

    def _turned(self, ask: Ask, held: Held) -> None:
        turn = self._turns.get((held.mark, held.dimension))
        if turn is not None and held.mark not in ask.turned:
            ask.turned[held.mark] = list(turned(turn, ask.probes))

    def _turn(self, mark: bytes, secret: bytes, dimension: int) -> Matrix:
        with self._turning:
            if (mark, dimension) not in self._turns:
                self._turns[mark, dimension] = turn_of(secret, dimension)
            return self._turns[mark, dimension]

    def _found_broken(self, chunk: Chunk, error: SegmentBroken) -> None:
        if self._copies is not None:
            self._copies.note(chunk, error)


def _mark(secret: bytes) -> bytes:
    return hashlib.sha256(b"beholden turn\0" + secret).digest()


def _unit_vectors(templates: Sequence[Template]) -> Rows:
    """A copy, one template a row. Raises `Fault` unless all are unit vectors of one dimension."""
    dimensions = {np.shape(template) for template in templates}
    if len(dimensions) != 1 or len(next(iter(dimensions))) != 1:
        raise Fault(f"Templates of one dimension were expected, not of {sorted(dimensions)}: give those of one model.")
    rows: Rows = np.array(templates, dtype=np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    wrong = np.flatnonzero(~(np.abs(lengths - 1) <= UNIT))  # so written that what is not a number is wrong too
    if len(wrong):
        raise Fault(
            f"Template {wrong[0]} of {len(rows)} has the length {lengths[wrong[0]]:.6g} and not 1: its face was not "
            "embedded well. Check the model pack with `beholden check`."
        )
    return rows
