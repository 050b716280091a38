"""What a supervisor weighs before giving authority: how many references would be compared, and what is expected of the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from beholden.actions import desk
from beholden.actions.calibrate import quoted
from beholden.actions.stops import searchable
from beholden.ports.database import Above, Look, OneOf
from beholden.ports.system import System
from beholden.records.calibration import words
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.people import Officer
from beholden.records.searches import NOT_MEASURED
from beholden.records.sought import Sought


@dataclass(frozen=True, slots=True)
class Scope:
    """How many references each gallery holds that may be compared, and how many unrelated people a list would show."""

    sizes: tuple[tuple[Gallery, int], ...]
    expected: tuple[str, ...]


def scope(system: System, officer: Officer, *, authority_id: str) -> Scope:
    """By the records as they stand now. Raises `Missing` outside the cases that one sees."""
    asked = desk.authority(system, officer, authority_id=authority_id)
    now = system.clock.now()
    with system.database.look() as look:
        sizes = tuple(
            (gallery, _size(look, gallery, asked.purpose, now))
            for gallery in look.find(Gallery, id=OneOf(asked.gallery_ids), order="name")
        )
        faces = len(look.get(Sought, asked.sought_id).face_ids)
        calibration_id, measured = quoted(system, look)
    if measured is None:
        return Scope(sizes, (NOT_MEASURED,))
    told = words(
        measured,
        quality=(0,) * faces,
        references=sum(size for _, size in sizes),
        limit=system.rules.candidates,
        own=bool(calibration_id),
    )
    return Scope(sizes, told[:2])  # the third tells of the probe's quality, which is not known before the search


def _size(look: Look, gallery: Gallery, purpose: str, now: datetime) -> int:
    """Of the sources that the gallery has references from, however many others the register has."""
    ids: list[str] = []
    while there := look.find(
        Face, gallery_id=gallery.id, source_id=Above(ids[-1] if ids else ""), order="source_id", limit=1
    ):
        ids.append(there[0].source_id)
    sources = [one.id for one in searchable(look, purpose, now) if one.id in ids]
    return look.count(Face, gallery_id=gallery.id, source_id=OneOf(sources), state=FaceState.LIVE)
