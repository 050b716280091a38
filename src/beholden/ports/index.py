"""The index: compares a probe with every reference of the shelves it is asked for. A copy of the records, never the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from beholden.ports.model import Template


@dataclass(frozen=True, slots=True, order=True)
class Shelf:
    """Templates that are searched together or not at all."""

    gallery_id: str
    source_id: str
    space_id: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a list was made from. How it was found (`rescored`, `engine`) makes no difference between two lists."""

    shelves: int  # how many were asked for, empty ones too
    rows: int  # how many references were compared
    proven: bool  # whether every reference of the shelves was compared, so that none left out scores higher
    rescored: int = field(default=0, compare=False)  # how many the first pass could not rule out
    engine: str = field(default="", compare=False)  # what made the first pass


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest references: `face_nos[i]` has the cosine `scores[i]`, the greatest first, ties by the lesser `face_no`."""

    face_nos: tuple[int, ...]
    scores: tuple[float, ...]
    coverage: Coverage

    @property
    def rows(self) -> int:
        return self.coverage.rows

    @property
    def proven(self) -> bool:
        return self.coverage.proven


@dataclass(frozen=True, slots=True)
class Size:
    """What an index holds and takes."""

    rows: int
    memory: int  # bytes, resident
    sealed_rows: int  # in its sealed copy on disk
    disk: int  # bytes of that copy
    free: int  # bytes of memory that may still be taken
    engine: str  # what makes the first pass


class Index(Protocol):
    @property
    def applied(self) -> int:
        """The last `change_no` of the records that it holds; -1 when it is new."""

    def hold(self, shelf: Shelf, secret: bytes, face_nos: Sequence[int], templates: Sequence[Template]) -> None:
        """Remember templates, turned by the gallery's secret before they are kept. A known `face_no` is replaced."""

    def begin_anew(self, shelf: Shelf, secret: bytes) -> None:
        """Forget what the shelf holds, as `drop` does, if it is turned by another secret than this one."""

    def drop(self, face_nos: Sequence[int]) -> None:
        """Forget at once, and overwrite the memory; unknown numbers are ignored."""

    def reached(self, change_no: int) -> None:
        """All changes up to this one are held."""

    def rows(self, shelves: Sequence[Shelf]) -> int:
        """How many references these shelves hold; an unknown shelf holds none."""

    def nearest(
        self, templates: Sequence[Template], limit: int, shelves: Sequence[Shelf], *, entry: int = -1
    ) -> Neighbours:
        """The `limit` best by cosine in float64, summed in the order of the dimensions so that every kernel agrees.

        Of several templates of one person, the greatest cosine of a reference counts: that is for measuring. A search gives one.
        """

    def calls(self) -> Sequence[int]:
        """For each comparison that was ever asked for, the log entry under which it was; -1 where none was named.

        Kept by the engine itself, across restarts, and before it compares.
        """

    def restore(self) -> int:
        """Hold what the sealed copy on disk holds, in place of what is held now; how many rows, 0 where there is none.

        What is held already just as it lies there is not read again.
        `applied` is then what the copy says, or -1. Rows that could not be read are not held: whoever calls this compares
        `numbers` with the records. Raises `Fault` that says how much memory is needed where there is too little. Waits for
        nobody who writes the copy: what is in force meanwhile is the copy before.
        """

    @property
    def stamp(self) -> str:
        """What was told to the `keep` that made the copy which was restored last; empty where nothing was."""

    @property
    def stale(self) -> bool:
        """Whether another process changed the sealed copy since this index read or wrote it, or a row of it could not be read."""

    def writing(self, *, wait: bool = True) -> AbstractContextManager[bool]:
        """Nobody else changes the sealed copy meanwhile, in whatever process. `keep` is called inside, after the index was
        brought up to the records: what was erased is then not kept, or the erasure finds it in the copy.

        Gives True; or, to one who does not `wait`, False where somebody else is changing it. Raises `Locked` where another
        process holds it and does nothing: then it is not waited for any longer.
        """

    def write(self) -> int:
        """As `keep`, beside the copy that is in force and stays so. To be called in the same `writing` as the next `keep`."""

    def keep(self, stamp: Callable[[], str] = str) -> int:
        """Write what the sealed copy lacks; how many rows were written. Raises `NoRoom`: then the copy is what it was.

        `stamp` is asked for when nothing more will come into this copy, and is put beside it.
        """

    def expunge(self, face_nos: Sequence[int]) -> Sequence[bytes]:
        """As `drop`, and rewrite the sealed copy without them under new keys, whether or not it was restored.

        Returns what lay on disk of the keys that were destroyed: the needles of a byte scan.
        """

    def tidy(self) -> set[str]:
        """Remove what a crash left of the sealed copy and nothing names. The names of the keys of what is in force."""

    def forget(self, *, copy: bool = True, wait: bool = True) -> None:
        """Hold nothing, as when it was new, and destroy the sealed `copy`; not where another one writes it and we do not
        `wait`: the next `keep` replaces it."""

    def numbers(self, shelf: Shelf) -> NDArray[np.int64]:
        """The face numbers that it holds of a shelf, ascending."""

    def shelves(self) -> list[Shelf]:
        """Those of which it holds anything, in their order."""

    def size(self) -> Size:
        """What it holds now."""

    def expected_bytes(self, rows: int, dimension: int, *, sealed: bool = True) -> int:
        """How much memory that many rows on one shelf would take, once they are in the sealed copy, or without one."""

    def check_room(self, rows: int, dimension: int, *, sealed: bool = True) -> None:
        """Raises `Fault`, saying how much memory is needed and how much is free, where so many more rows would not fit."""

    def check_copy(self) -> int:
        """Read every byte of the sealed copy; how many rows it has. Raises `SegmentBroken` for one that was changed."""
