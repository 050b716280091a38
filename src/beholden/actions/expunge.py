"""Take references out of the index for good: of memory, and of its sealed copy on disk."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.errors import SegmentBroken
from beholden.ports.database import OneOf
from beholden.ports.system import System
from beholden.records.faces import Face

STORES = ("index", "segments")  # in memory, and on disk, where the scan of the data folder reads them


def numbers_of(system: System, face_ids: Sequence[str]) -> list[int]:
    """How the index knows these references."""
    with system.database.look() as look:
        return [number for (number,) in look.values(Face, ["face_no"], id=OneOf(face_ids))]


def expunge(system: System, face_ids: Sequence[str]) -> Sequence[bytes]:
    """After their keys are destroyed: no start can then make them anew. What a byte scan must no longer find."""
    try:
        return system.index.expunge(numbers_of(system, face_ids))
    except SegmentBroken:  # what cannot be read cannot be rewritten: all of the copy goes, and is made from the records
        system.index.forget()
        return ()
