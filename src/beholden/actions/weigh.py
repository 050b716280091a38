"""What a supervisor weighs before giving authority: how many references would be compared, and what is expected of the list."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from beholden.actions import desk
from beholden.actions.calibrate import quoted
from beholden.actions.enrol import PROVENANCE
from beholden.actions.lot import drawn_by_lot, sizes_in, sources_in
from beholden.actions.review import capture_dates
from beholden.actions.stops import searchable
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.calibration import words
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.images import Image, is_capture_date
from beholden.records.people import Officer
from beholden.records.searches import NOT_MEASURED
from beholden.records.sought import Sought


@dataclass(frozen=True, slots=True)
class Scope:
    """How many references each gallery holds that may be compared, and how many unrelated people a list would show."""

    sizes: tuple[tuple[Gallery, int], ...]
    expected: tuple[str, ...]


MOST_DRAWN = 200  # references of a gallery whose dates are opened, for they are sealed one by one


@dataclass(frozen=True, slots=True)
class CaptureYears:
    """When photographs of a gallery were taken, by a draw of its references. Of photographs: nothing tells anybody's age."""

    gallery: Gallery
    of: int  # references that would be compared
    drawn: int
    years: tuple[int, ...]  # of those drawn whose source says one, the earliest first

    def middle(self) -> tuple[int, int]:
        """The years between which the middle half lies. Raises IndexError where none has a year."""
        last = len(self.years) - 1
        return self.years[last // 4], self.years[last - last // 4]


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


def probe_dates(system: System, officer: Officer, *, authority_id: str) -> tuple[str, ...]:
    """When each photograph that it is to search with was taken (YYYY, YYYY-MM or YYYY-MM-DD); empty where nobody knows."""
    asked = desk.authority(system, officer, authority_id=authority_id)
    with system.database.look() as look:
        return tuple(capture_dates(system, look, look.get(Sought, asked.sought_id)))


def capture_years(system: System, officer: Officer, *, authority_id: str) -> tuple[CaptureYears, ...]:
    """Of each gallery that was asked for; of a larger one than `MOST_DRAWN`, by that many of it, drawn anew each time.

    Raises `Missing` outside the cases that one sees.
    """
    asked = desk.authority(system, officer, authority_id=authority_id)
    now = system.clock.now()
    with system.database.look() as look:
        return tuple(
            _capture_years(system, look, gallery, _sources(look, gallery, asked.purpose, now))
            for gallery in look.find(Gallery, id=OneOf(asked.gallery_ids), order="name")
        )


def _capture_years(system: System, look: Look, gallery: Gallery, sources: list[str]) -> CaptureYears:
    sizes = sizes_in(look, gallery.id, sources)
    images = [id for (id,) in drawn_by_lot(look, gallery.id, sizes, ("image_id",), MOST_DRAWN)]
    years = []
    for image in look.find(Image, id=OneOf(sorted(set(images)))):
        told = str(json.loads(system.keys.open(image.id, image.provenance, PROVENANCE))["captured_at"])
        years += [int(told[:4])] * images.count(image.id) if told and is_capture_date(told) else []
    return CaptureYears(gallery, sum(sizes.values()), len(images), tuple(sorted(years)))


def _size(look: Look, gallery: Gallery, purpose: str, now: datetime) -> int:
    return look.count(
        Face, gallery_id=gallery.id, source_id=OneOf(_sources(look, gallery, purpose, now)), state=FaceState.LIVE
    )


def _sources(look: Look, gallery: Gallery, purpose: str, now: datetime) -> list[str]:
    """Those that the gallery has references from and that may be searched."""
    there = sources_in(look, gallery.id)
    return [one.id for one in searchable(look, purpose, now) if one.id in there]
