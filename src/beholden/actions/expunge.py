"""Take references out of the index for good: of memory, and of its sealed copy on disk."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.errors import Locked, SegmentBroken, StoreNotClean
from beholden.ports.database import OneOf
from beholden.ports.system import System
from beholden.records.faces import Face
from beholden.records.upgrades import SideTemplate

STORES = ("index", "segments")  # in memory, and on disk, where the scan of the data folder reads them


def numbers_of(system: System, face_ids: Sequence[str]) -> list[int]:
    """How the index knows these references: by the template in force, and by one of another model that lies beside."""
    ids = OneOf(face_ids)
    with system.database.look() as look:
        found = [*look.values(Face, ["face_no"], id=ids), *look.values(SideTemplate, ["face_no"], face_id=ids)]
    return [number for (number,) in found]


def expunge(system: System, face_ids: Sequence[str]) -> Sequence[bytes]:
    """After their keys are destroyed: no start can then make them anew. What a byte scan must no longer find.

    Raises `StoreNotClean` where another process holds the sealed copy and does nothing.
    """
    return expunge_numbers(system, numbers_of(system, face_ids))


def expunge_numbers(system: System, numbers: Sequence[int]) -> Sequence[bytes]:
    """As `expunge`, by what the index knows them by: after the records hold their templates no more."""
    try:
        return system.index.expunge(numbers)
    except SegmentBroken:  # what cannot be read cannot be rewritten: all of the copy goes, and is made from the records
        system.index.forget()
        return ()
    except Locked as error:
        raise StoreNotClean(
            f"the sealed copy of the index could not be rewritten. {error} What was to go is out of use, "
            "and there is no receipt; then run `beholden worker --once`"
        ) from error
