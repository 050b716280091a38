"""Look after the index: make it again from the records, check it against them, and say how much memory it takes."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.actions import audit
from beholden.actions.follow import Progress, check_whole, follow, make_anew
from beholden.errors import BadInput, BeholdenError
from beholden.ports.database import Look
from beholden.ports.index import Shelf
from beholden.ports.system import System
from beholden.records.faces import Face, FaceState
from beholden.records.people import Officer

MOST_ROWS = 10**10  # what may be asked of in advance
MOST_DIMENSION = 4096


@dataclass(frozen=True, slots=True)
class Sized:
    """What the index takes now, and what so many references of so many dimensions would take."""

    rows: int
    dimension: int
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

    Raises `BadInput` for numbers that no index has.
    """
    if not 0 <= rows <= MOST_ROWS or not 0 <= dimension <= MOST_DIMENSION:
        raise BadInput(f"give from 1 to {MOST_ROWS:,} references, of 1 to {MOST_DIMENSION:,} dimensions")
    with audit.act(system, "index.checked", officer) as act:
        with act.look() as look:
            act.permit()
            asked = rows or look.count(Face, state=FaceState.LIVE)
            of = dimension or system.model.card.dimension
        now = system.index.size()
        with act.begin():
            act.tell("references", asked, audit.SYSTEM)
    return Sized(
        rows=asked,
        dimension=of,
        expected_bytes=system.index.expected_bytes(asked, of),
        unsealed_bytes=system.index.expected_bytes(asked, of, sealed=False),
        held_rows=now.rows,
        held_bytes=now.memory,
        sealed_rows=now.sealed_rows,
        sealed_bytes=now.disk,
        free_bytes=now.free,
        engine=now.engine,
    )


def live_shelves(look: Look) -> list[Shelf]:
    """Those that hold a live reference, by the records."""
    return sorted(
        Shelf(*names) for names in look.distinct(Face, ["gallery_id", "source_id", "space_id"], state=FaceState.LIVE)
    )


def agrees(system: System, look: Look) -> str:
    """What was seen, in words. Raises `IndexIncomplete` or `SegmentBroken` where the index, or its copy, is not whole."""
    sealed = (
        system.index.check_copy()
    )  # first: whoever follows throws away what is broken, and makes it from the records
    follow(system, look)
    shelves = live_shelves(look)
    rows = check_whole(system, look, shelves)
    of = "1 source in a gallery" if len(shelves) == 1 else f"{len(shelves)} sources in galleries"
    words = f"{rows:,} reference{'s' if rows != 1 else ''} of {of}, as the records have it"
    return f"{words}; {sealed:,} lie in sealed segments, every byte as it was written" if sealed else words
