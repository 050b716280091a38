"""Look after the index: make it again from the records, check it against them, and say how much memory it takes."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.actions import audit
from beholden.actions.desk import at_desk, is_one_of
from beholden.actions.follow import Progress, check_whole, dimension_beside, follow, live_shelves, make_anew
from beholden.errors import BadInput, BeholdenError, Missing
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.faces import Face, FaceState
from beholden.records.people import Officer, Role
from beholden.records.upgrades import SideTemplate

MOST_ROWS = 10**10  # what may be asked of in advance
MOST_DIMENSION = 4096


@dataclass(frozen=True, slots=True)
class Sized:
    """What the index takes now, and what so many references of so many dimensions would take."""

    rows: int
    dimension: int
    beside_rows: int  # of these, templates of another model that lie beside
    beside_dimension: int
    expected_bytes: int
    unsealed_bytes: int  # that they take in a process which makes them from the records and writes no sealed copy
    held_rows: int
    held_bytes: int
    sealed_rows: int
    sealed_bytes: int
    free_bytes: int  # that this process may still take
    engine: str

    @property
    def fits(self) -> bool:
        return self.expected_bytes <= self.free_bytes + self.held_bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether index and records agree, and what was seen."""

    holds: bool
    words: str


def rebuild(system: System, officer: Officer, *, told: Progress | None = None) -> int:
    """Make the index and its sealed copy again from the records; how many references it holds.

    Searches in other processes go on by the copy before, which is destroyed when the new one is whole; erasures wait.
    Raises `Fault` where the memory is too little, `NoRoom` where the copy could not be written: the index in memory is
    then whole, and the copy what it was.
    """
    with audit.act(system, "index.rebuilt", officer) as act:
        with act.look():
            act.permit()
        make_anew(system, told)
        with act.begin() as tx:
            tx.count_anew(Face)
            rows = check_whole(system, tx, live_shelves(tx))
            act.tell("references", rows, audit.SYSTEM)
    return rows


def check_index(system: System, officer: Officer) -> Checked:
    """Compare the index with the records, and read its whole sealed copy. What of the copy was changed is thrown away."""
    with audit.act(system, "index.checked", officer) as act:
        with act.look() as look:
            act.permit()
            try:
                holds, words = True, agrees(system, look)
            except BeholdenError as error:
                holds, words = False, str(error)
        with act.begin():
            act.tell("holds", holds, audit.SYSTEM)
    return Checked(holds, words)


def size_of_index(system: System, officer: Officer, *, rows: int = 0, dimension: int = 0) -> Sized:
    """How much memory the index takes, and what so many references would take; without `rows`, those that are live now.

    Numbers only, for an administrator or auditor, and nothing of anybody: as little is on record as of `vital`.
    Raises `BadInput` for numbers that no index has, `Missing` for everybody else.
    """
    if not 0 <= rows <= MOST_ROWS or not 0 <= dimension <= MOST_DIMENSION:
        raise BadInput(f"give from 1 to {MOST_ROWS:,} references, of 1 to {MOST_DIMENSION:,} dimensions")
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.ADMINISTRATOR, Role.AUDITOR):
            raise Missing("there is nothing about the index for you; an administrator or an auditor is told its size")
        asked = rows or look.count(Face, state=FaceState.LIVE)
        beside = 0 if rows else look.count(SideTemplate, state=FaceState.LIVE)
        of_beside = dimension or dimension_beside(system, look)
    of = dimension or system.model.card.dimension

    def expected(*, sealed: bool) -> int:
        there = system.index.expected_bytes(asked, of, sealed=sealed)
        return there + (system.index.expected_bytes(beside, of_beside, sealed=sealed) if beside else 0)

    now = system.index.size()
    return Sized(
        rows=asked + beside,
        dimension=of,
        beside_rows=beside,
        beside_dimension=of_beside,
        expected_bytes=expected(sealed=True),
        unsealed_bytes=expected(sealed=False),
        held_rows=now.rows,
        held_bytes=now.memory,
        sealed_rows=now.sealed_rows,
        sealed_bytes=now.disk,
        free_bytes=now.free,
        engine=now.engine,
    )


def agrees(system: System, look: Look) -> str:
    """What was seen, in words. Raises `IndexIncomplete` or `SegmentBroken` where the index, or its copy, is not whole."""
    # First: whoever follows throws away what is broken, and makes it from the records.
    sealed = system.index.check_copy()
    follow(system, look)
    shelves = live_shelves(look)
    rows = check_whole(system, look, shelves)
    # While two models are side by side, each pair has two shelves.
    pairs = {(shelf.gallery_id, shelf.source_id) for shelf in shelves}
    of = "1 source in a gallery" if len(pairs) == 1 else f"{len(pairs)} sources in galleries"
    words = f"{rows:,} reference{'s' if rows != 1 else ''} of {of}, as the records have it"
    return f"{words}; {sealed:,} lie in sealed segments, every byte as it was written" if sealed else words
