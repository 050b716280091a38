"""The exact index: float32 at the speed of BLAS to choose, float64 in a fixed order to score. It misses nothing.

Whatever the machine, the batch or the number of threads, the list is that of a comparison with every row in float64.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault
from beholden.index.calls import Calls
from beholden.index.turning import Matrix, Rows, summed, turn_of, turned
from beholden.ports.index import Neighbours, Shelf
from beholden.ports.model import Template

U32 = 2.0**-24  # unit roundoff of float32
TINY32 = 2.0**-126  # the least normal float32: what a product may lose where a machine flushes to zero
LEAST_ROWS = 64
BLOCK = 64  # rows whose best stands for all in the first cut
UNIT = 1e-3  # how far a template's length may be from 1: float32 keeps it to 1e-6, and a cosine needs it
AT_ONCE = 4096  # rows rescored or turned at a time: 16 MB of float64 at 512 dimensions


class _Held:
    """The rows of one shelf, without order. Everything is called under the index's lock."""

    def __init__(self, mark: bytes, turn: Matrix) -> None:
        self.mark = mark  # of the secret, which itself is not kept
        self.turn = turn
        self.dimension = turn.shape[0]
        self.count = 0
        self.rows: Rows = np.zeros((LEAST_ROWS, self.dimension), dtype=np.float32)
        self.face_nos: NDArray[np.int64] = np.zeros(LEAST_ROWS, dtype=np.int64)
        self.places: dict[int, int] = {}

    def put(self, face_no: int, row: Rows) -> None:
        place = self.places.get(face_no)
        if place is None:
            if self.count == len(self.rows):
                self._resize(2 * self.count)
            place = self.places[face_no] = self.count
            self.count += 1
        self.rows[place] = row
        self.face_nos[place] = face_no

    def take(self, face_no: int) -> None:
        place, last = self.places.pop(face_no), self.count - 1
        if place != last:
            moved = int(self.face_nos[last])
            self.rows[place], self.face_nos[place] = self.rows[last], moved
            self.places[moved] = place
        self.rows[last], self.face_nos[last] = 0, 0
        self.count = last
        if len(self.rows) > LEAST_ROWS and self.count < len(self.rows) // 4:
            self._resize(max(LEAST_ROWS, len(self.rows) // 2))

    def _resize(self, capacity: int) -> None:
        rows: Rows = np.zeros((capacity, self.dimension), dtype=np.float32)
        face_nos: NDArray[np.int64] = np.zeros(capacity, dtype=np.int64)
        rows[: self.count], face_nos[: self.count] = self.rows[: self.count], self.face_nos[: self.count]
        self.rows.fill(0)  # freed memory keeps its bytes
        self.rows, self.face_nos = rows, face_nos


class ExactIndex:
    """Implements `ports.index.Index`, in memory. A search, and a change of the rows, each wait for the other to end."""

    def __init__(self, address: str = "exact:") -> None:
        scheme, _, path = address.partition(":")
        if scheme != "exact" or (path and not Path(path).is_absolute()):
            raise Fault(f"{address!r} is no address of the exact index: write `exact:`, or `exact:` and a whole path.")
        self._calls = Calls(Path(path) if path else None)
        self._lock = threading.Lock()
        self._shelves: dict[Shelf, _Held] = {}
        self._shelf_of: dict[int, Shelf] = {}
        self._turns: dict[tuple[bytes, int], Matrix] = {}
        self._applied = -1

    @property
    def applied(self) -> int:
        return self._applied

    def hold(self, shelf: Shelf, secret: bytes, face_nos: Sequence[int], templates: Sequence[Template]) -> None:
        """All of the batch is kept or, with a `Fault`, none: if a template is no unit vector of the shelf's dimension, or
        if the secret is not the one that the shelf's rows are turned by."""
        if len(face_nos) != len(templates):
            raise Fault(f"{len(face_nos)} face numbers came with {len(templates)} templates: give one for each.")
        if not len(face_nos):
            return
        given = _unit_vectors(templates)
        mark = hashlib.sha256(b"beholden turn\0" + secret).digest()
        with self._lock:
            turn = self._turn(mark, secret, given.shape[1])
            held = self._shelves.get(shelf)
            if held is None or held.count == 0:
                held = _Held(mark, turn)
            elif held.mark != mark:
                raise Fault(
                    f"The secret of gallery {shelf.gallery_id!r} has changed since its references were indexed: "
                    "start again to rebuild it from the records."
                )
            elif held.dimension != given.shape[1]:
                raise Fault(_other_dimension(given.shape[1], held.dimension))
            rows = np.vstack([turned(turn, given[start : start + AT_ONCE]) for start in range(0, len(given), AT_ONCE)])
            self._shelves[shelf] = held
            for face_no, row in zip(face_nos, rows, strict=True):
                if self._shelf_of.get(face_no, shelf) != shelf:
                    self._drop(face_no)
                held.put(face_no, row)
                self._shelf_of[face_no] = shelf
        rows.fill(0)
        given.fill(0)

    def begin_anew(self, shelf: Shelf, secret: bytes) -> None:
        mark = hashlib.sha256(b"beholden turn\0" + secret).digest()
        with self._lock:
            held = self._shelves.get(shelf)
            if held is not None and held.mark != mark:
                for face_no in list(held.places):
                    self._drop(face_no)

    def drop(self, face_nos: Sequence[int]) -> None:
        with self._lock:
            for face_no in face_nos:
                if face_no in self._shelf_of:
                    self._drop(face_no)

    def reached(self, change_no: int) -> None:
        with self._lock:
            self._applied = max(self._applied, change_no)

    def rows(self, shelves: Sequence[Shelf]) -> int:
        with self._lock:
            return sum(held.count for held in self._asked(shelves))

    def calls(self) -> Sequence[int]:
        return self._calls.entries()

    def nearest(self, template: Template, limit: int, shelves: Sequence[Shelf], *, entry: int = -1) -> Neighbours:
        """Raises `Fault` for a negative limit, and for a probe that is no unit vector of the shelves' dimension."""
        if limit < 0:
            raise Fault(f"A list of {limit} candidates cannot be made: ask for none or more.")
        probe = _unit_vectors([template])
        self._calls.add(entry)
        with self._lock:
            asked = self._asked(shelves)
            for held in asked:
                if held.dimension != probe.shape[1]:
                    raise Fault(_other_dimension(probe.shape[1], held.dimension))
            compared = sum(held.count for held in asked)
            face_nos, scores = self._best(probe, min(limit, compared), asked)
        probe.fill(0)  # the sought person's template is in nobody's memory longer than the search
        return Neighbours(tuple(face_nos.tolist()), tuple(scores.tolist()), compared, proven=True)

    def _best(self, probe: Rows, wanted: int, asked: list[_Held]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The `wanted` best of at least as many rows.

        Let s be a row's float32 sum, in whatever order BLAS took, and t its float64 sum in order. With p, x the turned
        probe and row, both differ from the true product by at most γ_d(u)·Σ|p_i·x_i|, γ_d(u) = d·u/(1−d·u) (Higham 3.1,
        for every order), and Σ|p_i·x_i| ≤ ‖p‖·‖x‖ (Cauchy–Schwarz); underflow takes at most 2⁻¹²⁶ of each product.
        So |s − t| ≤ slack = (γ_d(u32) + γ_d(u64))·‖p‖·‖x‖ + d·2⁻¹²⁶. If `wanted` rows have s ≥ cut, they have
        t ≥ cut − slack, so the wanted-th best t is no less; a row that reaches that t has s ≥ cut − 2·slack. Rescoring
        all of those is enough, whatever the ties. At 128 dimensions slack is 8e-6: few rows more than wanted.
        """
        if wanted == 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        probes = [turned(held.turn, probe)[0] for held in asked]
        first = np.concatenate([held.rows[: held.count] @ turn for held, turn in zip(asked, probes, strict=True)])
        dimension = probe.shape[1]
        gamma = dimension * U32 / (1 - dimension * U32) + dimension * 2.0**-53
        # A turned row has the length of its template (1 ± UNIT) up to rounding to float32; so has the probe.
        slack = gamma * (1 + 2 * UNIT) ** 2 + dimension * TINY32
        enough = first >= _below(_low_cut(first, wanted) - 2 * slack)
        among = np.flatnonzero(enough)
        if len(among) > wanted:
            cut = float(np.partition(first[among], len(among) - wanted)[len(among) - wanted])
            among = among[first[among] >= _below(cut - 2 * slack)]
        face_nos, scores = [], []
        start = 0
        for held, turn in zip(asked, probes, strict=True):
            places = among[(among >= start) & (among < start + held.count)] - start
            start += held.count
            for at in range(0, len(places), AT_ONCE):
                some = places[at : at + AT_ONCE]
                scores.append(summed(held.rows[some].astype(np.float64) * turn.astype(np.float64)))
                face_nos.append(held.face_nos[some])
            turn.fill(0)
        numbers, marks = np.concatenate(face_nos), np.concatenate(scores)
        order = np.lexsort((numbers, -marks))[:wanted]
        return numbers[order], marks[order]

    def _asked(self, shelves: Sequence[Shelf]) -> list[_Held]:
        """What is held of these shelves, each once, empty ones left out."""
        known = (self._shelves.get(shelf) for shelf in dict.fromkeys(shelves))
        return [held for held in known if held is not None and held.count]

    def _drop(self, face_no: int) -> None:
        shelf = self._shelf_of.pop(face_no)
        held = self._shelves[shelf]
        held.take(face_no)
        if held.count == 0:
            del self._shelves[shelf]

    def _turn(self, mark: bytes, secret: bytes, dimension: int) -> Matrix:
        if (mark, dimension) not in self._turns:
            used = {(held.mark, held.dimension) for held in self._shelves.values()}
            self._turns = {key: turn for key, turn in self._turns.items() if key in used}
            self._turns[mark, dimension] = turn_of(secret, dimension)
        return self._turns[mark, dimension]


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


def _low_cut(first: Rows, wanted: int) -> float:
    """A number that at least `wanted` of the sums reach, and not many more: the wanted-th best of blocks of sums."""
    blocks = len(first) // BLOCK
    if blocks < 2 * wanted:
        return float(np.partition(first, len(first) - wanted)[len(first) - wanted])
    best = first[: blocks * BLOCK].reshape(blocks, BLOCK).max(axis=1)
    return float(np.partition(best, blocks - wanted)[blocks - wanted])


def _below(cut: float) -> np.float32:
    """A float32 that is no greater: numpy compares float32 rows with float32, and rounding up would lose a row."""
    rounded = np.float32(cut)
    return rounded if math.isinf(rounded) or float(rounded) <= cut else np.nextafter(rounded, np.float32(-np.inf))


def _other_dimension(given: int, held: int) -> str:
    return f"A template of {given} dimensions came to a shelf of {held}: they are of two models and cannot be compared."
