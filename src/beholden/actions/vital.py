"""How a system is, in numbers: what a server tells of itself to whoever watches it. Nobody is named, and nothing is logged."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.actions import witnessing
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.audit import Checkpoint, Entry
from beholden.records.faces import Face, FaceState
from beholden.records.searches import Search, SearchState


@dataclass(frozen=True, slots=True)
class Vital:
    references: int  # that a search compares with
    waiting: int  # faces that have no template yet
    searches: tuple[tuple[str, int], ...]  # state → how many
    entries: int
    unsealed: int  # entries of the log that no signed checkpoint covers yet
    witnesses: int
    unwitnessed: int  # entries that no witness has seen yet; all of them where there is none
    unwitnessed_s: int  # age of the oldest of those; 0 where there is no witness that could see it
    free_bytes: int
    low: bool  # less room than the rules want: nothing more is taken in


def vital(system: System) -> Vital:
    """Raises `Fault` and its kin when the records cannot be read."""
    free = system.stores.room()
    with system.database.look() as look:
        entries, sealed = _counted(look)
        tail = witnessing.tail(system, look)
        return Vital(
            references=look.count(Face, state=FaceState.LIVE),
            waiting=look.count(Face, state=FaceState.WAITING),
            searches=tuple((str(state), look.count(Search, state=state)) for state in SearchState),
            entries=entries,
            unsealed=entries - sealed,
            witnesses=len(tail.seen),
            unwitnessed=tail.entries,
            unwitnessed_s=tail.seconds if tail.seen else 0,
            free_bytes=free,
            low=free < system.rules.min_room_bytes,
        )


def unsealed(system: System) -> int:
    """How many entries no signed checkpoint covers yet."""
    with system.database.look() as look:
        entries, sealed = _counted(look)
    return entries - sealed


def _counted(look: Look) -> tuple[int, int]:
    """Entries, and those that the last checkpoint covers: numbers have no gap, so the last one tells how many."""
    last = look.find(Entry, order="-n", limit=1)
    signed = look.find(Checkpoint, order="-size", limit=1)
    return (last[0].n + 1 if last else 0), (signed[0].size if signed else 0)
