"""How a template is compared: at one moment of the records, and deep enough for the people that a list has room for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeVar

from beholden.actions.alike import alike_of, images_of
from beholden.errors import Changed, IndexIncomplete
from beholden.ports.database import Look, OneOf
from beholden.ports.index import Neighbours
from beholden.ports.system import System
from beholden.records.candidates import Stack, rank
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image

# Who reads while somebody enrols may find the index ahead of their own snapshot; they then take a new one.
TRIES = 5
# Whoever has so many references that a list is not full by now is asked for with all that the shelves hold; so a search at
# one moment is so many passes over them at the most, each of them a call that the engine counts.
PASSES = 8

R = TypeVar("R")


def compare_at_one_moment(system: System, compare: Callable[[Look], R]) -> R:
    """What `compare` gives for a snapshot with which the index agrees. Raises `IndexIncomplete` after five that it does not."""
    tries = 1
    while True:
        try:
            with system.database.look() as look:
                return compare(look)
        except IndexIncomplete:
            if tries == TRIES:
                raise
            tries += 1


class Overtaken(Exception):  # an answer between these modules, and never told to anybody
    """What was found may be shown no more, and the list has room for others that were not asked for."""


def list_of_the_same_moment(compare_and_list: Callable[[], R]) -> R:
    """A list made of a comparison, compared again when some of what was found was erased or closed before it was listed.

    Raises `Changed` after five that were.
    """
    for _ in range(TRIES):
        with suppress(Overtaken):
            return compare_and_list()
    raise Changed(
        f"references were erased, or their source or gallery closed, each of {TRIES} times that they were compared; "
        "nothing was listed; search again"
    )


def check_not_overtaken(nearest: Neighbours, allowed: Mapping[int, Face], people: int, limit: int) -> None:
    """Raises `Overtaken` where fewer people are listed than asked for, others were not asked for, and some are gone."""
    still = sum(face.state is FaceState.LIVE for face in allowed.values())
    if people < limit and still < len(nearest.face_nos) < nearest.rows:
        raise Overtaken


@dataclass(frozen=True, slots=True)
class Found:
    """The nearest references, with what the records say of them at the moment of the comparison."""

    nearest: Neighbours
    faces: tuple[Face, ...]
    images: tuple[Image, ...]


def nearest_people(system: System, look: Look, ask: Callable[[int], Neighbours], limit: int) -> Found:
    """Ask deeper until there are `limit` people or the shelves are exhausted: thirty photographs of one take one place.

    `ask` is the caller's own call of the index, for so many references: the index is reached from few places, which a test
    names.
    """
    read: tuple[dict[int, Face], Sequence[Image]] = ({}, ())

    def people(nearest: Neighbours) -> int:
        nonlocal read
        faces = faces_of(look, nearest)
        read = (faces, images_of(look, faces.values()))
        return len(people_of(system, look, nearest, faces, limit, read[1]))

    nearest = deep_enough(ask, limit, people)
    return Found(nearest, tuple(read[0].values()), tuple(read[1]))


def deep_enough(ask: Callable[[int], Neighbours], limit: int, people: Callable[[Neighbours], int]) -> Neighbours:
    """The answer that gives `limit` people, as `people` counts them of each, or has all that the shelves hold."""
    depth, rescored = max(limit, 1) * 2, 0
    for asked in count(1):
        nearest = ask(depth)
        rescored += nearest.coverage.rescored
        # By the rows of this very answer: a reference erased since they were counted would be waited for without end.
        if people(nearest) >= limit or len(nearest.face_nos) >= nearest.rows:
            break
        depth = min(depth * 4, nearest.rows) if asked < PASSES - 1 else nearest.rows
    return replace(nearest, coverage=replace(nearest.coverage, rescored=rescored))


def people_of(
    system: System,
    look: Look,
    nearest: Neighbours,
    faces: Mapping[int, Face],
    limit: int,
    images: Sequence[Image] | None = None,
) -> list[Stack]:
    """The list that these neighbours give of the faces that may be on it: one place a person, and one a picture.

    `images`: those of the faces, where they are read already.
    """
    shown = images_of(look, faces.values()) if images is None else images
    return rank(pairs_of(nearest), faces, limit, alike_of(system, look, list(faces.values()), shown))


def faces_of(look: Look, nearest: Neighbours) -> dict[int, Face]:
    return {face.face_no: face for face in look.find(Face, face_no=OneOf(nearest.face_nos))}


def pairs_of(nearest: Neighbours) -> list[tuple[int, float]]:
    return list(zip(nearest.face_nos, nearest.scores, strict=True))
