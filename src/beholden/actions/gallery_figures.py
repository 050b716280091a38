"""What the references of a gallery are like, in numbers: quality, pose, and when their photographs were taken."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from beholden.actions.desk import REGISTER, at_desk, is_one_of, owes_opinion
from beholden.actions.enrol import PROVENANCE
from beholden.actions.lot import drawn_by_lot, sizes_in, sources_in
from beholden.errors import Missing
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.faces import Face, FaceState, Quality
from beholden.records.galleries import Gallery
from beholden.records.images import Image, is_capture_date
from beholden.records.people import Officer, Person, Role
from beholden.records.small_cells import LEAST, withheld
from beholden.records.sources import Source

MOST_READ = 2_000  # references whose quality is read; with the dates it takes 50 ms, of 100,000 (two busy cores)
MOST_OPENED = 200  # photographs whose dates are opened, for they are sealed one by one
BANDS = 10  # of quality and of pose
MOST_YEARS = 24  # that are told one by one; of more, five are put together
NO_GALLERY = "there is no such gallery for you"
WHOLE = (Role.STEWARD, Role.PRIVACY_OFFICER, Role.AUDITOR)  # who keep the register, or look it over


@dataclass(frozen=True, slots=True)
class GalleryFigures:
    """Of references that may be compared. None in place of a count: too small to be told to who reads.

    `quality`: by unified quality in tens, 0–9 first and 90–100 last. `pose`: by how far the head looks at the camera, in
    tenths, 0 in profile first. `years`: of capture, by what sources say, the earliest first: first, last, how many.
    """

    at: datetime
    holds: tuple[int, ...]  # faces of the gallery by state, when it was drawn
    references: int
    read: int  # drawn by lot for quality and pose; as many as `references` where all of them were read
    quality: tuple[int | None, ...]
    pose: tuple[int | None, ...]
    opened: int  # drawn by lot for the years
    years: tuple[tuple[int, int, int | None], ...]
    undated: int | None


@dataclass(frozen=True, slots=True)
class Supply:
    """How many references of a gallery come from one source, and may be compared."""

    source: Source
    references: int


def size(system: System, officer: Officer, *, gallery_id: str) -> int:
    """How many references it holds that may be compared. Raises `Missing` to whom the register is not shown."""
    with at_desk(system, officer) as (look, person):
        _gallery(look, person, gallery_id)
        return look.count(Face, gallery_id=gallery_id, state=FaceState.LIVE)


def holds(system: System, officer: Officer, *, gallery_id: str) -> tuple[int, ...]:
    """How many faces it has in each state, which tells figures of before from figures of now.

    Raises `Missing` to whom the register is not shown.
    """
    with at_desk(system, officer) as (look, person):
        return _holds(look, _gallery(look, person, gallery_id))


def _holds(look: Look, gallery: Gallery) -> tuple[int, ...]:
    return tuple(look.count(Face, gallery_id=gallery.id, state=state) for state in FaceState)


def sizes(system: System, officer: Officer, *, gallery_ids: Sequence[str]) -> dict[str, int]:
    """The same of several. Raises `Missing` to whom the register is not shown."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, *REGISTER):
            raise Missing(NO_GALLERY)
        return {id: look.count(Face, gallery_id=id, state=FaceState.LIVE) for id in gallery_ids}


def held_in(system: System, officer: Officer, *, source_id: str) -> tuple[tuple[Gallery, int], ...]:
    """The galleries that have references of a source which may be compared, and how many, by name.

    Raises `Missing` to whom the register of sources is not shown.
    """
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, *REGISTER) or owes_opinion(look, person):
            raise Missing("there is no such source for you")
        found = [
            (gallery, look.count(Face, gallery_id=gallery.id, source_id=source_id, state=FaceState.LIVE))
            for gallery in look.find(Gallery, order="name")
        ]
        return tuple((gallery, references) for gallery, references in found if references)


def supplies(system: System, officer: Officer, *, gallery_id: str) -> tuple[Supply, ...]:
    """By source, the largest first; to who owes a blind opinion, as the register of sources, none."""
    with at_desk(system, officer) as (look, person):
        _gallery(look, person, gallery_id)
        if owes_opinion(look, person):
            return ()
        sizes = sizes_in(look, gallery_id, sources_in(look, gallery_id))
        there = [Supply(source, sizes[source.id]) for source in look.find(Source, id=OneOf(sorted(sizes)))]
        return tuple(sorted(there, key=lambda one: (-one.references, one.source.name)))


def gallery_figures(system: System, officer: Officer, *, gallery_id: str) -> GalleryFigures:
    """All of it, drawn anew each time, whoever reads; `as_told` leaves out what a reader is not told.

    Raises `Missing` to whom the register is not shown, and to who owes a blind opinion.
    """
    now = system.clock.now()
    with at_desk(system, officer) as (look, person):
        gallery = _gallery(look, person, gallery_id)
        _check_not_blind(look, person)
        holds = _holds(look, gallery)
        sizes = sizes_in(look, gallery.id, sources_in(look, gallery.id))
        qualities: list[Quality] = [one for (one,) in drawn_by_lot(look, gallery.id, sizes, ("quality",), MOST_READ)]
        images = [id for (id,) in drawn_by_lot(look, gallery.id, sizes, ("image_id",), MOST_OPENED)]
        years = _years(system, look, Counter(images))
    by_quality = Counter(min(one.unified // 10, BANDS - 1) for one in qualities if one.unified is not None)
    by_pose = Counter(min(max(int(one.frontality * 10), 0), BANDS - 1) for one in qualities)
    dated = Counter(year for year in years if year)
    return GalleryFigures(
        at=now,
        holds=holds,
        references=sum(sizes.values()),
        read=len(qualities),
        quality=tuple(by_quality[band] for band in range(BANDS)),
        pose=tuple(by_pose[band] for band in range(BANDS)),
        opened=len(images),
        years=_spans(dated),
        undated=len(years) - sum(dated.values()),
    )


def is_told_all(system: System, officer: Officer) -> bool:
    """Whether this person keeps or oversees the register, so that no count is too small for them."""
    with at_desk(system, officer) as (_, person):
        return is_one_of(person, *WHOLE)


def as_told(system: System, officer: Officer, figures: GalleryFigures) -> GalleryFigures | None:
    """As this person is told it: whole to who keeps or oversees the register, to others without cells below five.

    None where so few references are there that each figure would be of single photographs, and to who owes a blind opinion.
    """
    with at_desk(system, officer) as (look, person):
        if owes_opinion(look, person) or not is_one_of(person, *REGISTER):
            return None
        if is_one_of(person, *WHOLE):
            return figures
    if figures.references < LEAST:
        return None
    *years, undated = withheld([*(count or 0 for _, _, count in figures.years), figures.undated or 0])
    return replace(
        figures,
        quality=withheld([count or 0 for count in figures.quality]),
        pose=withheld([count or 0 for count in figures.pose]),
        years=tuple((first, last, told) for (first, last, _), told in zip(figures.years, years, strict=True)),
        undated=undated,
    )


def _gallery(look: Look, person: Person, gallery_id: str) -> Gallery:
    if not is_one_of(person, *REGISTER):
        raise Missing(NO_GALLERY)
    return look.get(Gallery, gallery_id)


def _check_not_blind(look: Look, person: Person) -> None:
    if owes_opinion(look, person):
        raise Missing("there are no figures for you now: lock the opinion that you owe first")


def _spans(dated: Counter[int]) -> tuple[tuple[int, int, int], ...]:
    if not dated:
        return ()
    first, last = min(dated), max(dated)
    each = 1 if last - first < MOST_YEARS else 5
    begins = range(first - first % each, last + 1, each)
    return tuple((year, year + each - 1, sum(dated[one] for one in range(year, year + each))) for year in begins)


def _years(system: System, look: Look, images: Mapping[str, int]) -> list[int]:
    """One for each reference; 0 where its source does not say when the photograph was taken."""
    years: list[int] = []
    for image in look.find(Image, id=OneOf(sorted(images))):
        told = str(json.loads(system.keys.open(image.id, image.provenance, PROVENANCE))["captured_at"])
        years += [int(told[:4]) if told and is_capture_date(told) else 0] * images[image.id]
    return years
